// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the mapping of physical-range lists: what can't be mapped is
 * refused, and what goes wrong half-way leaves nothing behind.
 */

#include <linux/delay.h>
#include <linux/dma-direct.h>
#include <linux/pci.h>
#include <linux/pci-p2pdma.h>
#include <linux/swiotlb.h>
#include <linux/vmstat.h>

#include "phyr_dma_test.h"

/* --- failures half-way --- */

static void check_works(struct dma_test *t)
{
	dma_test_map(t, DMA_BIDIRECTIONAL);
	dma_test_check_dev(t);
	dma_test_dev_scramble(t);
	phyr_dma_unmap(&t->dma);
	dma_test_check_unmapped(t);
	dma_test_check_cpu(t);
}

static void test_each_map_fails(struct kunit *test)
{
	struct dma_test *t = dma_test_of_case(test);
	unsigned int nth = 1;

	for (;; nth++) {
		int ret;

		dma_test_fail_map(t, nth);
		ret = dma_test_try_map(t, DMA_BIDIRECTIONAL);
		if (!ret)
			break;
		KUNIT_ASSERT_EQ(test, ret, -ENOMEM);
		dma_test_check_unmapped(t);
		dma_test_check_cpu(t);
	}

	KUNIT_EXPECT_GT(test, nth, t->model->nr);
	dma_test_fail_map(t, 0);
	phyr_dma_unmap(&t->dma);
	check_works(t);
}

/* What is linked can't be made known to the IOMMU. */
static void test_each_sync_fails(struct kunit *test)
{
	struct dma_test *t = dma_test_of_case(test);
	struct phyr_test_iommu_state *iommu = phyr_test_iommu_state(t->dev);
	unsigned int nth = 1;

	if (!iommu)
		kunit_skip(test, "there is nothing to sync");
	for (;; nth++) {
		int ret;

		iommu->fail_sync = nth;
		ret = dma_test_try_map(t, DMA_BIDIRECTIONAL);
		if (!ret)
			break;
		KUNIT_ASSERT_EQ(test, ret, -EIO);
		dma_test_check_unmapped(t);
		dma_test_check_cpu(t);
	}

	KUNIT_EXPECT_GT(test, nth, 1);
	iommu->fail_sync = 0;
	phyr_dma_unmap(&t->dma);
	check_works(t);
}

/*
 * DMA debugging is over for good once an allocation of its own fails.  It makes none
 * for what a device only reads.
 */
#define FAILING_DIR	(IS_ENABLED(CONFIG_DMA_API_DEBUG) ? DMA_TO_DEVICE :	\
							    DMA_BIDIRECTIONAL)

#define MANY	1000

/**
 * struct api_allocs - How often the DMA API allocates, without phyr
 * @map: To map a page.
 * @unmap: To unmap it.
 */
struct api_allocs {
	unsigned int	map;
	unsigned int	unmap;
};

static struct api_allocs count_api_allocs(struct dma_test *t, size_t len)
{
	struct api_allocs nr;
	dma_addr_t addr;

	phyr_test_fail_nth(t->test, MANY);
	addr = dma_map_phys(t->dev, t->pool->phys, len, FAILING_DIR, 0);
	nr.map = MANY - phyr_test_fail_end();
	KUNIT_ASSERT_FALSE(t->test, dma_mapping_error(t->dev, addr));
	phyr_test_fail_nth(t->test, MANY);
	dma_unmap_phys(t->dev, addr, len, FAILING_DIR, 0);
	nr.unmap = MANY - phyr_test_fail_end();
	return nr;
}

/* Sometimes there are others to fill the caches of IOVA. */
static bool unmapping_always_allocates(struct dma_test *t)
{
	for (unsigned int i = 0; i < 4; i++) {
		if (!count_api_allocs(t, PAGE_SIZE).unmap)
			return false;
	}
	return true;
}

/* Map while the @nth allocation fails; true if it was made at all. */
static bool map_with_failure(struct dma_test *t, unsigned int nth)
{
	int ret;

	phyr_test_fail_nth(t->test, nth);
	ret = phyr_dma_map(&t->dma, t->dev, &t->list, FAILING_DIR, 0,
			   PHYR_TEST_GFP);
	if (phyr_test_fail_end()) {
		KUNIT_ASSERT_EQ(t->test, 0, ret);
		return false;
	}

	/* For want of one window of IOVA, many may have been found. */
	if (ret != -ENOMEM)
		KUNIT_ASSERT_EQ(t->test, 0, ret);
	return true;
}

static void test_each_alloc_fails(struct kunit *test)
{
	struct dma_test *t = dma_test_of_case(test);

	/* So does virtio's.  The DMA API warns then, whatever it unmaps. */
	if (unmapping_always_allocates(t))
		kunit_skip(test, "the IOMMU's driver needs memory to unmap");
	for (unsigned int nth = 1; map_with_failure(t, nth); nth++) {
		if (phyr_dma_mapped(&t->dma)) {
			dma_test_check_ranges(t);
			dma_test_check_dev(t);
			phyr_dma_unmap(&t->dma);
		}
		dma_test_check_unmapped(t);
		dma_test_check_cpu(t);
	}
	phyr_dma_unmap(&t->dma);
	check_works(t);
}

static void test_bounce_buffers_run_out(struct kunit *test)
{
	struct dma_test *t = dma_test_new(test, PHYR_TEST_BOUNCE);
	struct phyr many = PHYR_INIT;
	u64 bytes = 0;

#ifdef CONFIG_SWIOTLB
	bytes = (u64)t->dev->dma_io_tlb_mem->nslabs << IO_TLB_SHIFT;
#endif
	while (phyr_bytes(&many) <= bytes)
		KUNIT_ASSERT_EQ(test, 0,
				phyr_append(&many, t->pool->phys,
					    20 * PAGE_SIZE + 1, GFP_KERNEL));
	dma_test_fill(t, "long");

	for (unsigned int i = 0; i < 5; i++) {
		KUNIT_EXPECT_EQ(test, -ENOMEM,
				phyr_dma_map(&t->dma, t->dev, &many,
					     DMA_TO_DEVICE, DMA_ATTR_NO_WARN,
					     GFP_KERNEL));
		dma_test_check_unmapped(t);
		check_works(t);
	}
	phyr_destroy(&many);
}

/* Who maps ranges one by one learns which of them have to be cut. */
static void test_too_long_to_bounce(struct kunit *test)
{
	struct dma_test *t = dma_test_new(test, PHYR_TEST_BOUNCE);
	struct phys_vec vec = {
		.paddr = t->pool->phys,
		.len = dma_max_mapping_size(t->dev) + 1,
	};
	struct dma_range range;

	KUNIT_EXPECT_EQ(test, -ERANGE,
			dma_map_vecs(t->dev, &vec, 1, &range, DMA_TO_DEVICE, 0));
	vec.len = PAGE_SIZE;
	KUNIT_ASSERT_EQ(test, 1,
			dma_map_vecs(t->dev, &vec, 1, &range, DMA_TO_DEVICE, 0));
	dma_unmap_vecs(t->dev, &range, 1, DMA_TO_DEVICE, 0);
}

/*
 * Behind an IOMMU, parts of pages are bounced for a device that isn't trusted: some
 * way into a window there is nothing left for that.  What comes first in the list isn't
 * bounced.
 */
static void test_bounce_buffers_run_out_in_window(struct kunit *test)
{
	struct dma_test *t = dma_test_new(test, PHYR_TEST_UNTRUSTED);
	u64 odd = 3 * PAGE_SIZE + 10, bytes = 0;
	struct phyr many = PHYR_INIT;

#ifdef CONFIG_SWIOTLB
	bytes = (u64)t->dev->dma_io_tlb_mem->nslabs << IO_TLB_SHIFT;
#endif
	/* One page is mapped again and again, which is right if it is only read. */
	for (unsigned int i = 0; i < 70; i++)
		KUNIT_ASSERT_EQ(test, 0, phyr_append(&many, t->pool->phys,
						     PAGE_SIZE, GFP_KERNEL));
	for (unsigned long i = 0; i < bytes; i += 2 * PAGE_SIZE)
		KUNIT_ASSERT_EQ(test, 0,
				phyr_append(&many, t->pool->phys + i % 999 + 5,
					    odd, GFP_KERNEL));
	for (unsigned int i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, -ENOMEM,
				phyr_dma_map(&t->dma, t->dev, &many,
					     DMA_TO_DEVICE, DMA_ATTR_NO_WARN,
					     GFP_KERNEL));
		dma_test_check_unmapped(t);
	}
	phyr_destroy(&many);
	dma_test_fill(t, "odd seams");
	check_works(t);
}

static long pages_lost(unsigned long before)
{
	return before - global_zone_page_state(NR_FREE_PAGES);
}

/* What there was to be stored in is freed, if not even one range could be mapped. */
static void test_failure_frees_memory(struct kunit *test)
{
	struct dma_test *t = dma_test_new(test, PHYR_TEST_OPS);
	const unsigned long nr = SZ_1M;
	const long pages = nr * sizeof(struct dma_range) / PAGE_SIZE;
	struct phyr many = PHYR_INIT;
	unsigned long before;
	int ret = 0;

	for (u64 i = 0; i < nr && !ret; i++)
		ret = phyr_append(&many, SZ_1G + i * 2 * PAGE_SIZE, PAGE_SIZE,
				  GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, 0, ret);

	before = global_zone_page_state(NR_FREE_PAGES);
	dma_test_fail_map(t, 1);
	for (int i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, -ENOMEM,
				phyr_dma_map(&t->dma, t->dev, &many,
					     DMA_TO_DEVICE, 0, GFP_KERNEL));
	dma_test_fail_map(t, 0);
	/* Who must not sleep leaves that to a worker. */
	for (int i = 0; i < 100 && pages_lost(before) > pages; i++)
		msleep(20);
	KUNIT_EXPECT_LE(test, pages_lost(before), pages);
	phyr_destroy(&many);
}

/* --- no allocations --- */

/*
 * Memory of the IOMMU layer isn't the mapping's own: with the IOVA of the first
 * map still in its caches it needs none, if it caches as much.  A driver that
 * allocates for each mapping does so for a page as without phyr, and makes an
 * unknown number of others.
 */
static void check_map_allocates_nothing(struct dma_test *t)
{
	size_t len = max(PAGE_SIZE, phyr_bytes(&t->list));
	unsigned int api, nr;
	int ret;

	KUNIT_ASSERT_EQ(t->test, 0, dma_test_try_map(t, DMA_BIDIRECTIONAL));
	phyr_dma_unmap(&t->dma);
	count_api_allocs(t, len);
	dma_test_wait_for_iova(t);
	api = count_api_allocs(t, len).map;
	dma_test_wait_for_iova(t);

	phyr_test_fail_nth(t->test, MANY);
	ret = phyr_dma_map(&t->dma, t->dev, &t->list, FAILING_DIR, 0,
			   PHYR_TEST_GFP);
	phyr_dma_sync_for_cpu(&t->dma);
	phyr_dma_sync_for_device(&t->dma);
	nr = MANY - phyr_test_fail_end();
	if (!api || phyr_bytes(&t->list) == PAGE_SIZE)
		KUNIT_EXPECT_EQ(t->test, nr, api);

	KUNIT_ASSERT_EQ(t->test, 0, ret);
	KUNIT_EXPECT_TRUE(t->test, dma_test_has_no_memory(t));
	dma_test_check_dev(t);
	phyr_dma_unmap(&t->dma);
	dma_test_empty(t);
}

static void test_few_ranges_allocate_nothing(struct kunit *test)
{
	struct dma_test *t = dma_test_of_way(test);

	dma_test_fill(t, "page");
	check_map_allocates_nothing(t);
	dma_test_fill(t, "odd buffer");
	check_map_allocates_nothing(t);
	dma_test_fill(t, "one byte");
	check_map_allocates_nothing(t);
	dma_test_fill(t, "two ranges");
	check_map_allocates_nothing(t);
}

/* Nor does a list of any length where all addresses are computed. */
static void test_computed_allocates_nothing(struct kunit *test)
{
	struct dma_test *t = dma_test_new(test, PHYR_TEST_IDENTITY);

	if (IS_ENABLED(CONFIG_KMSAN))
		kunit_skip(test, "no address can be computed");
	dma_test_fill(t, "shuffled");
	check_map_allocates_nothing(t);
	dma_test_fill(t, "odd seams");
	check_map_allocates_nothing(t);
}

/* --- arguments --- */

static int try_map(struct dma_test *t, enum dma_data_direction dir)
{
	return phyr_dma_map(&t->dma, t->dev, &t->list, dir, 0, GFP_KERNEL);
}

static void test_mapped_is_busy(struct kunit *test)
{
	struct dma_test *t = dma_test_of_way(test);
	struct phyr empty = PHYR_INIT;

	dma_test_fill(t, "user buffer");
	dma_test_map(t, DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_EQ(test, -EBUSY, try_map(t, DMA_BIDIRECTIONAL));
	KUNIT_EXPECT_EQ(test, -EBUSY, try_map(t, DMA_TO_DEVICE));
	KUNIT_EXPECT_EQ(test, -EBUSY,
			phyr_dma_map(&t->dma, t->dev, &empty, DMA_TO_DEVICE, 0,
				     GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, -EBUSY,
			phyr_dma_link(&t->dma, &t->list, DMA_TO_DEVICE, 0,
				      GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, -EBUSY,
			phyr_dma_reserve(&t->dma, t->dev, PAGE_SIZE));

	dma_test_check_ranges(t);
	dma_test_check_dev(t);
	phyr_dma_unmap(&t->dma);
	dma_test_check_unmapped(t);
}

static void test_bad_arguments(struct kunit *test)
{
	struct dma_test *t = dma_test_of_way(test);
	u64 *mask = t->dev->dma_mask;

	KUNIT_EXPECT_EQ(test, -EINVAL, try_map(t, DMA_TO_DEVICE));

	dma_test_fill(t, "page");
	KUNIT_EXPECT_EQ(test, -EINVAL, try_map(t, DMA_NONE));
	KUNIT_EXPECT_EQ(test, -EINVAL, try_map(t, DMA_NONE + 1));
	KUNIT_EXPECT_EQ(test, -EINVAL, try_map(t, -1));

	t->dev->dma_mask = NULL;
	KUNIT_EXPECT_EQ(test, -EINVAL, try_map(t, DMA_TO_DEVICE));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			phyr_dma_reserve(&t->dma, t->dev, PAGE_SIZE));
	t->dev->dma_mask = mask;

	dma_test_check_unmapped(t);
	check_works(t);
}

static void test_unmap_unmapped(struct kunit *test)
{
	struct dma_test *t = dma_test_of_way(test);

	phyr_dma_unmap(&t->dma);
	phyr_dma_unlink(&t->dma);
	phyr_dma_release(&t->dma);
	phyr_dma_sync_for_cpu(&t->dma);
	phyr_dma_sync_for_device(&t->dma);
	dma_test_check_unmapped(t);

	dma_test_fill(t, "user buffer");
	check_works(t);
	phyr_dma_unmap(&t->dma);
	phyr_dma_sync_for_cpu(&t->dma);
	check_works(t);
}

/* --- out of reach --- */

static void check_refused(struct dma_test *t, unsigned long attrs, int err)
{
	bool warned = test_taint(TAINT_WARN);

	KUNIT_EXPECT_EQ(t->test, err,
			phyr_dma_map(&t->dma, t->dev, &t->list, DMA_TO_DEVICE,
				     attrs, GFP_KERNEL));
	dma_test_check_unmapped(t);
	KUNIT_EXPECT_EQ(t->test, warned, test_taint(TAINT_WARN));
}

static void check_out_of_reach(struct dma_test *t)
{
	check_refused(t, 0, -ERANGE);
}

static void test_out_of_reach(struct kunit *test)
{
	struct dma_test *t = dma_test_limited(test, 10);

	dma_test_add(t, 4 * PAGE_SIZE, PAGE_SIZE, 0);
	dma_test_add(t, 8 * PAGE_SIZE, 2 * PAGE_SIZE, 0);
	dma_test_add(t, 0, PAGE_SIZE, 0);
	check_works(t);

	dma_test_add(t, 10 * PAGE_SIZE, 1, 0);
	check_out_of_reach(t);

	dma_test_empty(t);
	dma_test_add(t, 9 * PAGE_SIZE, PAGE_SIZE + 1, 0);
	dma_test_add(t, 0, PAGE_SIZE, 0);
	check_out_of_reach(t);

	dma_test_unlimit(t->dev);
	check_works(t);
}

/* Device memory is never bounced. */
static void test_mmio_out_of_reach(struct kunit *test)
{
	struct dma_test *t = dma_test_limited(test, 10);

#ifdef CONFIG_SWIOTLB
	swiotlb_dev_init(t->dev);
#endif
	dma_test_add(t, 0, PAGE_SIZE, 0);
	dma_test_add(t, 10 * PAGE_SIZE, PAGE_SIZE, PHYR_MMIO);
	check_out_of_reach(t);

	dma_test_empty(t);
	dma_test_add(t, 9 * PAGE_SIZE, PAGE_SIZE, PHYR_MMIO);
	check_works(t);
}

static void test_mmio_not_bounced(struct kunit *test)
{
	struct dma_test *t = dma_test_new(test, PHYR_TEST_BOUNCE);

	dma_test_add(t, 9 * PAGE_SIZE, PAGE_SIZE, 0);
	dma_test_add(t, 5 * PAGE_SIZE, PAGE_SIZE, PHYR_MMIO);
	dma_test_add(t, 3 * PAGE_SIZE, PAGE_SIZE, 0);
	check_out_of_reach(t);
}

/* Of page memory, this IOMMU's driver bounces what isn't whole pages. */
static void test_odd_mmio_not_bounced(struct kunit *test)
{
	struct dma_test *t = dma_test_new(test, PHYR_TEST_UNTRUSTED);

	dma_test_add(t, 9 * PAGE_SIZE, PAGE_SIZE, 0);
	dma_test_add(t, 5 * PAGE_SIZE, 1000, PHYR_MMIO);
	dma_test_add(t, 3 * PAGE_SIZE, PAGE_SIZE, 0);
	KUNIT_EXPECT_EQ(test, -EPERM, try_map(t, DMA_TO_DEVICE));
	dma_test_check_unmapped(t);
}

static void test_no_region(struct kunit *test)
{
	static const struct bus_dma_region map[] = {
		{ 0, PHYR_TEST_OFFSET_DELTA, PAGE_SIZE },
		{ },
	};
	struct dma_test *t = dma_test_limited(test, DMA_TEST_PAGES);

	dma_test_fill(t, "shuffled");
	t->dev->dma_range_map = map;
	t->dev->bus_dma_limit = 0;
	check_out_of_reach(t);
	t->dev->dma_range_map = NULL;
	check_works(t);
}

/* The bounce buffers come first in the device's memory, then all the rest. */
static bool put_bounce_buffers_first(struct dma_test *t, u64 start)
{
#ifdef CONFIG_SWIOTLB
	static struct bus_dma_region map[3];
	const struct io_tlb_mem *mem;

	swiotlb_dev_init(t->dev);
	mem = t->dev->dma_io_tlb_mem;
	map[0].cpu_start = mem->defpool.start;
	map[0].size = mem->defpool.end - mem->defpool.start;
	map[1].dma_start = start;
	map[1].size = BIT_ULL(46);
	t->dev->dma_range_map = map;
	return is_swiotlb_active(t->dev) && map[0].size < start;
#else
	return false;
#endif
}

/* Some ranges are bounced and others aren't, in one list. */
static void test_bounce_what_must_be(struct kunit *test)
{
	struct dma_test *t = dma_test_limited(test, 10);

	if (!put_bounce_buffers_first(t, SZ_1G))
		kunit_skip(test, "no bounce buffers");
	t->dev->bus_dma_limit += SZ_1G;

	dma_test_fill(t, "odd seams");
	dma_test_map(t, DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_STREQ(test, "ranges", phyr_dma_mode_name(&t->dma));
	phyr_dma_unmap(&t->dma);
	check_works(t);

	dma_test_empty(t);
	dma_test_fill(t, "shuffled");
	check_works(t);
}

/* What has to stay coherent can't be bounced. */
static void test_coherent_not_bounced(struct kunit *test)
{
	struct dma_test *t = dma_test_limited(test, 10);

	if (!put_bounce_buffers_first(t, SZ_1G))
		kunit_skip(test, "no bounce buffers");
	t->dev->bus_dma_limit += SZ_1G;

	dma_test_fill(t, "shuffled");
	check_refused(t, DMA_ATTR_REQUIRE_COHERENT, -EOPNOTSUPP);
	check_works(t);
}

/* --- peer-to-peer memory --- */

static void add_p2p(struct dma_test *t, phys_addr_t phys,
		    struct p2pdma_provider *provider)
{
	struct phyr_range range = {
		.phys = phys,
		.len = PAGE_SIZE,
		.provider = provider,
		.flags = PHYR_MMIO,
	};

	KUNIT_ASSERT_EQ(t->test, 0,
			phyr_append_range(&t->list, &range, GFP_KERNEL));
	phyr_model_append(t->test, t->model, &range);
}

/* A PCI function that doesn't share its memory with anyone. */
static void test_peer_out_of_reach(struct kunit *test)
{
	struct dma_test *t = dma_test_of_way(test);
	struct pci_dev *owner = kunit_kzalloc(test, sizeof(*owner), GFP_KERNEL);
	struct p2pdma_provider provider = { };

	KUNIT_ASSERT_NOT_NULL(test, owner);
	provider.owner = &owner->dev;
	dma_test_fill(t, "user buffer");
	add_p2p(t, t->pool->phys, &provider);
	add_p2p(t, t->pool->phys + 2 * PAGE_SIZE, NULL);

	KUNIT_EXPECT_EQ(test, -EREMOTEIO, try_map(t, DMA_BIDIRECTIONAL));
	dma_test_check_unmapped(t);
}

static struct p2pdma_provider *pci_provider(struct dma_test *t)
{
	struct pci_dev *pdev = to_pci_dev(t->dev);

	if (!IS_ENABLED(CONFIG_PCI_P2PDMA))
		kunit_skip(t->test, "needs PCI_P2PDMA");
	KUNIT_ASSERT_EQ(t->test, 0, pcim_p2pdma_init(pdev));
	return pcim_p2pdma_provider(pdev, 0);
}

/* A function reaches its own memory at its bus address. */
static void test_peer_bus_address(struct kunit *test)
{
	struct dma_test *t = dma_test_new(test, PHYR_TEST_PCI);
	struct p2pdma_provider *provider = pci_provider(t);
	struct pci_dev *pdev = to_pci_dev(t->dev);
	struct dma_range range;
	unsigned int nr = 0;

	KUNIT_ASSERT_NOT_NULL(test, provider);
	add_p2p(t, pci_resource_start(pdev, 0) + 2 * PAGE_SIZE, provider);
	add_p2p(t, pci_resource_start(pdev, 0), provider);
	dma_test_map(t, DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_STREQ(test, "bus", phyr_dma_mode_name(&t->dma));
	KUNIT_EXPECT_TRUE(test, dma_test_stores_nothing(t));
	phyr_dma_for_each_range(&t->dma, range)
		KUNIT_EXPECT_EQ(test, range.addr,
				pci_bus_address(pdev, 0) +
				(nr++ ? 0 : 2 * PAGE_SIZE));
	phyr_dma_sync_for_cpu(&t->dma);
	phyr_dma_sync_for_device(&t->dma);
	phyr_dma_unmap(&t->dma);
	dma_test_check_unmapped(t);
}

/* Another function is behind the host bridge, or out of reach. */
static void test_peer_host_bridge(struct kunit *test)
{
	struct dma_test *t = dma_test_new(test, PHYR_TEST_PCI);
	struct device *other = phyr_test_device(PHYR_TEST_UNTRUSTED);
	struct p2pdma_provider *provider = pci_provider(t);
	int expected = -EREMOTEIO;

	if (!other)
		kunit_skip(test, "needs two PCI devices");
	add_p2p(t, pci_resource_start(to_pci_dev(t->dev), 0), provider);
	if (pci_p2pdma_map_type(provider, other) ==
	    PCI_P2PDMA_MAP_THRU_HOST_BRIDGE)
		expected = 0;

	t->dev = other;
	KUNIT_ASSERT_EQ(test, expected, try_map(t, DMA_BIDIRECTIONAL));
	if (!expected)
		KUNIT_EXPECT_STREQ(test, "iova", phyr_dma_mode_name(&t->dma));
	phyr_dma_unmap(&t->dma);
	dma_test_check_unmapped(t);
}

static struct kunit_case phyr_dma_errors_cases[] = {
	KUNIT_CASE_PARAM(test_each_map_fails, dma_failing_case_gen_params),
	KUNIT_CASE_PARAM(test_each_sync_fails, dma_failing_case_gen_params),
	KUNIT_CASE(test_failure_frees_memory),
	KUNIT_CASE_PARAM(test_each_alloc_fails, dma_case_gen_params),
	KUNIT_CASE(test_bounce_buffers_run_out),
	KUNIT_CASE(test_bounce_buffers_run_out_in_window),
	KUNIT_CASE(test_too_long_to_bounce),
	KUNIT_CASE_PARAM(test_few_ranges_allocate_nothing, dma_way_gen_params),
	KUNIT_CASE(test_computed_allocates_nothing),
	KUNIT_CASE_PARAM(test_mapped_is_busy, dma_way_gen_params),
	KUNIT_CASE_PARAM(test_bad_arguments, dma_way_gen_params),
	KUNIT_CASE_PARAM(test_unmap_unmapped, dma_way_gen_params),
	KUNIT_CASE(test_out_of_reach),
	KUNIT_CASE(test_mmio_out_of_reach),
	KUNIT_CASE(test_mmio_not_bounced),
	KUNIT_CASE(test_odd_mmio_not_bounced),
	KUNIT_CASE(test_no_region),
	KUNIT_CASE(test_bounce_what_must_be),
	KUNIT_CASE(test_coherent_not_bounced),
	KUNIT_CASE_PARAM(test_peer_out_of_reach, dma_way_gen_params),
	KUNIT_CASE(test_peer_bus_address),
	KUNIT_CASE(test_peer_host_bridge),
	{ }
};

static struct kunit_suite phyr_dma_errors_suite = {
	.name		= "phyr_dma_errors",
	.suite_init	= phyr_test_devices_add,
	.suite_exit	= phyr_test_devices_del,
	.exit		= dma_test_exit,
	.test_cases	= phyr_dma_errors_cases,
};

kunit_test_suite(phyr_dma_errors_suite);
