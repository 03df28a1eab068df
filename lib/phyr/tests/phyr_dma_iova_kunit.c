// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the mapping of physical-range lists: where IOVA is allocated,
 * what is linked into it, and the two-step API.
 */

#include <linux/iommu.h>
#include <linux/mm.h>
#include <linux/vmalloc.h>

#include "phyr_dma_test.h"

/* Are both of one kind of memory, and so in one window of IOVA? */
static bool same_window(const struct phyr_range *a, const struct phyr_range *b)
{
	return (a->flags & PHYR_MMIO) == (b->flags & PHYR_MMIO);
}

static unsigned int nr_windows(const struct dma_test *t)
{
	unsigned int nr = 1;

	for (size_t i = 1; i < t->model->nr; i++)
		nr += !same_window(&t->model->ranges[i - 1],
				   &t->model->ranges[i]);
	return nr;
}

/* Is there a window in which ranges meet inside of a page, so that they are padded? */
static bool has_padding(const struct dma_test *t)
{
	for (size_t i = 1; i < t->model->nr; i++) {
		const struct phyr_range *range = &t->model->ranges[i];

		if (same_window(range - 1, range) &&
		    !PAGE_ALIGNED(phyr_range_end(range - 1) | range->phys))
			return true;
	}
	return false;
}

static struct dma_range first_range(struct dma_test *t)
{
	PHYR_DMA_STATE(ds, &t->dma);
	struct dma_range range;

	KUNIT_ASSERT_TRUE(t->test, phyr_dmas_next(&ds, &range));
	return range;
}

/* --- windows --- */

/* One call links a range, one makes a window known, one forgets it. */
static void test_one_call_each(struct kunit *test)
{
	struct dma_test *t = dma_test_of_case(test);
	struct phyr_test_iommu_state *iommu = phyr_test_iommu_state(t->dev);
	const struct phyr_test_iommu_state before = *iommu;

	dma_test_map(t, DMA_BIDIRECTIONAL);
	if (!has_padding(t))
		KUNIT_EXPECT_EQ(test, nr_windows(t),
				phyr_dma_nr_ranges(&t->dma));
	KUNIT_EXPECT_EQ(test, t->model->nr, iommu->maps - before.maps);
	KUNIT_EXPECT_EQ(test, nr_windows(t), iommu->syncs - before.syncs);
	KUNIT_EXPECT_EQ(test, 0, iommu->flushes - before.flushes);
	if (nr_windows(t) == 1 && t->model->nr < 64)
		KUNIT_EXPECT_TRUE(test, dma_test_stores_nothing(t));
	phyr_dma_unmap(&t->dma);
	KUNIT_EXPECT_EQ(test, nr_windows(t), iommu->flushes - before.flushes);
}

static void test_iova_is_translated(struct kunit *test)
{
	struct dma_test *t = dma_test_of_case(test);
	struct dma_range range;

	dma_test_map(t, DMA_TO_DEVICE);
	phyr_dma_for_each_range(&t->dma, range)
		for (size_t i = 0; i < t->model->nr; i++)
			KUNIT_ASSERT_NE(test, range.addr,
					t->model->ranges[i].phys);
}

/* The addresses of a mapping mean nothing once it is gone. */
static void test_unmapped_iova_faults(struct kunit *test)
{
	struct dma_test *t = dma_test_of_way(test);
	struct dma_range range;
	u8 byte;

	dma_test_fill(t, "user buffer");
	dma_test_map(t, DMA_BIDIRECTIONAL);
	range = first_range(t);
	KUNIT_EXPECT_EQ(test, 0,
			phyr_test_dev_read(t->dev, range.addr, &byte, 1));
	phyr_dma_unmap(&t->dma);
	for (u64 at = 0; at < range.len; at += PAGE_SIZE)
		KUNIT_EXPECT_EQ(test, -EFAULT,
				phyr_test_dev_read(t->dev, range.addr + at,
						   &byte, 1));
}

static void check_prot(struct dma_test *t, enum dma_data_direction dir,
		       unsigned int prot)
{
	dma_test_map(t, dir);
	KUNIT_EXPECT_EQ(t->test, phyr_test_iommu_state(t->dev)->prot, prot);
	phyr_dma_unmap(&t->dma);
}

static void check_all_prots(struct dma_test *t, unsigned int more)
{
	check_prot(t, DMA_TO_DEVICE, IOMMU_READ | more);
	check_prot(t, DMA_FROM_DEVICE, IOMMU_WRITE | more);
	check_prot(t, DMA_BIDIRECTIONAL, IOMMU_READ | IOMMU_WRITE | more);
	dma_test_empty(t);
}

static void test_protection(struct kunit *test)
{
	struct dma_test *t = dma_test_new(test, PHYR_TEST_IOMMU);

	dma_test_fill(t, "user buffer");
	check_all_prots(t, IOMMU_CACHE);
	dma_test_fill(t, "page");
	check_all_prots(t, IOMMU_CACHE);
	dma_test_fill(t, "mmio");
	check_all_prots(t, IOMMU_MMIO);
	dma_test_add(t, 0, PAGE_SIZE, PHYR_MMIO);
	check_all_prots(t, IOMMU_MMIO);
}

static void check_gfp(struct dma_test *t, gfp_t gfp)
{
	dma_test_map(t, DMA_TO_DEVICE);
	KUNIT_EXPECT_TRUE(t->test, phyr_test_iommu_state(t->dev)->gfp == gfp);
	phyr_dma_unmap(&t->dma);
	dma_test_empty(t);
}

/* A long list would empty the atomic reserves with its page tables. */
static void test_page_tables_gfp(struct kunit *test)
{
	struct dma_test *t = dma_test_new(test, PHYR_TEST_IOMMU);

	dma_test_fill(t, "user buffer");
	check_gfp(t, GFP_KERNEL);
	dma_test_add(t, 0, PAGE_SIZE, PHYR_MMIO);
	check_gfp(t, GFP_KERNEL);
	dma_test_add(t, 0, PAGE_SIZE + 1, 0);
	check_gfp(t, GFP_KERNEL);
	dma_test_fill(t, "page");
	check_gfp(t, GFP_KERNEL);
}

static void check_privileged(struct dma_test *t, const char *name)
{
	dma_test_fill(t, name);
	KUNIT_ASSERT_EQ(t->test, 0,
			phyr_dma_map(&t->dma, t->dev, &t->list, DMA_TO_DEVICE,
				     DMA_ATTR_PRIVILEGED, GFP_KERNEL));
	KUNIT_EXPECT_EQ(t->test, phyr_test_iommu_state(t->dev)->prot,
			IOMMU_READ | IOMMU_CACHE | IOMMU_PRIV);
	phyr_dma_unmap(&t->dma);
	dma_test_empty(t);
}

static void test_privileged(struct kunit *test)
{
	struct dma_test *t = dma_test_new(test, PHYR_TEST_IOMMU);

	check_privileged(t, "page");
	check_privileged(t, "user buffer");
}

/* --- lack of IOVA --- */

/* Where no window is large enough there may still be room for each range. */
static void test_no_window(struct kunit *test)
{
	struct dma_test *t = dma_test_new(test, PHYR_TEST_IOMMU);
	u64 mask = *t->dev->dma_mask;
	struct dma_iova_state middle;

	dma_test_fill(t, "shuffled");
	*t->dev->dma_mask = 128 * PAGE_SIZE - 1;
	KUNIT_ASSERT_TRUE(test, dma_iova_try_alloc(t->dev, &middle, 0, 1));
	*t->dev->dma_mask = 256 * PAGE_SIZE - 1;
	dma_test_map(t, DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_STREQ(test, "ranges", phyr_dma_mode_name(&t->dma));
	dma_test_check_dev(t);
	phyr_dma_unmap(&t->dma);
	dma_iova_free(t->dev, &middle);
	*t->dev->dma_mask = mask;
	dma_test_check_unmapped(t);
}

static void test_no_iova(struct kunit *test)
{
	struct dma_test *t = dma_test_new(test, PHYR_TEST_IOMMU);
	u64 mask = *t->dev->dma_mask;

	dma_test_fill(t, "shuffled");
	*t->dev->dma_mask = 128 * PAGE_SIZE - 1;
	KUNIT_EXPECT_EQ(test, -ENOMEM, dma_test_try_map(t, DMA_BIDIRECTIONAL));
	dma_test_check_unmapped(t);
	*t->dev->dma_mask = mask;
	dma_test_map(t, DMA_BIDIRECTIONAL);
}

/* No window is left allocated, where phyr_test_iova_room() looks for it. */
static void check_failure_frees_iova(struct dma_test *t, const char *name)
{
	u64 mask = *t->dev->dma_mask;

	dma_test_fill(t, name);
	*t->dev->dma_mask = SZ_64M - 1;
	for (unsigned int nth = 1; nth <= t->model->nr; nth++) {
		dma_test_fail_map(t, nth);
		KUNIT_EXPECT_EQ(t->test, -ENOMEM,
				dma_test_try_map(t, DMA_BIDIRECTIONAL));
	}
	*t->dev->dma_mask = mask;
	dma_test_check_unmapped(t);
	dma_test_empty(t);
}

static void test_failure_frees_iova(struct kunit *test)
{
	struct dma_test *t = dma_test_new(test, PHYR_TEST_IOMMU);

	check_failure_frees_iova(t, "shuffled");
	check_failure_frees_iova(t, "page");
}

static void test_release_frees_iova(struct kunit *test)
{
	struct dma_test *t = dma_test_new(test, PHYR_TEST_IOMMU);
	u64 mask = *t->dev->dma_mask;

	*t->dev->dma_mask = SZ_64M - 1;
	KUNIT_EXPECT_EQ(test, 0, phyr_dma_reserve(&t->dma, t->dev, SZ_2M));
	phyr_dma_release(&t->dma);
	*t->dev->dma_mask = mask;
}

/* --- large IOMMU pages --- */

/* No page has these addresses: they are mapped, but never used. */
#define NOWHERE		SZ_4G

static void add_nowhere(struct dma_test *t, u64 offset, u64 len)
{
	struct phyr_range range = {
		.phys = NOWHERE * 16 + offset,
		.len = len,
	};

	KUNIT_ASSERT_EQ(t->test, 0,
			phyr_append_range(&t->list, &range, GFP_KERNEL));
	phyr_model_append(t->test, t->model, &range);
}

/* How many pages of at most @max it takes, where addresses allow the largest. */
static unsigned long nr_leaves(const struct dma_test *t, u64 max)
{
	unsigned long nr = 0;

	for (size_t i = 0; i < t->model->nr; i++) {
		u64 phys = t->model->ranges[i].phys;
		u64 end = phyr_range_end(&t->model->ranges[i]);

		for (u64 size; phys < end; phys += size, nr++) {
			size = min(max, phys & -phys);
			size = min(size, BIT_ULL(__fls(end - phys)));
		}
	}
	return nr;
}

/* IOVA and physical addresses have to agree modulo @max for that. */
static void check_leaves(struct dma_test *t, u64 max)
{
	struct dma_range range;
	u64 pos = 0;

	dma_test_map(t, DMA_TO_DEVICE);
	KUNIT_ASSERT_EQ(t->test, 1, phyr_dma_nr_ranges(&t->dma));
	range = first_range(t);
	for (size_t i = 0; i < t->model->nr; i++) {
		KUNIT_EXPECT_EQ(t->test, (range.addr + pos) & (max - 1),
				t->model->ranges[i].phys & (max - 1));
		pos += t->model->ranges[i].len;
	}
	KUNIT_EXPECT_LE(t->test,
			phyr_test_iommu_leaves(t->dev, range.addr, range.len),
			nr_leaves(t, max));
	phyr_dma_unmap(&t->dma);
	dma_test_check_unmapped(t);
}

static void test_huge_pages(struct kunit *test)
{
	struct dma_test *t = dma_test_new(test, PHYR_TEST_IOMMU);

	for (unsigned int i = 9; i--; )
		add_nowhere(t, i * SZ_2M, SZ_2M);
	check_leaves(t, SZ_2M);
}

static void test_starts_inside_huge_page(struct kunit *test)
{
	struct dma_test *t = dma_test_new(test, PHYR_TEST_IOMMU);

	add_nowhere(t, 20 * SZ_2M + 19 * PAGE_SIZE, SZ_2M - 19 * PAGE_SIZE);
	for (unsigned int i = 9; i--; )
		add_nowhere(t, i * SZ_2M, SZ_2M);
	add_nowhere(t, 30 * SZ_2M, 5 * PAGE_SIZE);
	check_leaves(t, SZ_2M);
}

static void test_starts_inside_page_of_huge_page(struct kunit *test)
{
	struct dma_test *t = dma_test_new(test, PHYR_TEST_IOMMU);

	add_nowhere(t, 20 * SZ_2M + 12345, SZ_2M - 12345);
	add_nowhere(t, 7 * SZ_2M, 3 * SZ_2M + 777);
	check_leaves(t, SZ_2M);
}

static void test_one_large_range(struct kunit *test)
{
	struct dma_test *t = dma_test_new(test, PHYR_TEST_IOMMU);

	add_nowhere(t, SZ_1G - SZ_64K, SZ_1G + SZ_128K);
	check_leaves(t, SZ_1G);
}

static void test_large_folios(struct kunit *test)
{
	struct dma_test *t = dma_test_new(test, PHYR_TEST_IOMMU);

	add_nowhere(t, SZ_1M + SZ_4K, SZ_64K - SZ_4K);
	for (unsigned int i = 30; i--; )
		add_nowhere(t, SZ_2M + 2 * i * SZ_64K, SZ_64K);
	check_leaves(t, SZ_64K);
}

/*
 * Long enough for a huge page, but holding none: to agree with the memory would
 * cost IOVA and gain nothing.
 */
static void test_no_huge_page_inside(struct kunit *test)
{
	struct dma_test *t = dma_test_new(test, PHYR_TEST_IOMMU);
	struct dma_range range;

	add_nowhere(t, SZ_1G + SZ_1M, SZ_2M + SZ_1M - PAGE_SIZE);
	dma_test_map(t, DMA_TO_DEVICE);
	range = first_range(t);
	KUNIT_EXPECT_EQ(test, dma_iova_size(&t->dma.first.iova), range.len);
	KUNIT_EXPECT_TRUE(test, IS_ALIGNED(range.addr, SZ_1M));
	phyr_dma_unmap(&t->dma);

	add_nowhere(t, SZ_1G + SZ_4M - PAGE_SIZE, PAGE_SIZE);
	check_leaves(t, SZ_2M);
}

/* Single pages neither: what is aligned by its size takes the fewest page tables. */
static void test_scattered_pages(struct kunit *test)
{
	struct dma_test *t = dma_test_new(test, PHYR_TEST_IOMMU);

	if (PAGE_SIZE >= SZ_64K)
		kunit_skip(test, "pages are as long as an IOMMU's large ones");
	for (unsigned int i = 64; i--; )
		add_nowhere(t, SZ_1G + (2 * i + 6) * PAGE_SIZE, PAGE_SIZE);
	dma_test_map(t, DMA_TO_DEVICE);
	KUNIT_EXPECT_TRUE(test, IS_ALIGNED(first_range(t).addr, 64 * PAGE_SIZE));
	phyr_dma_unmap(&t->dma);
}

/* Even larger pages can't map huge ones that aren't next to each other. */
static void test_scattered_huge_pages(struct kunit *test)
{
	struct dma_test *t = dma_test_new(test, PHYR_TEST_IOMMU);

	for (unsigned int i = 8; i--; )
		add_nowhere(t, SZ_1G + SZ_2M + i * SZ_4M, SZ_2M);
	dma_test_map(t, DMA_TO_DEVICE);
	KUNIT_EXPECT_TRUE(test, IS_ALIGNED(first_range(t).addr, SZ_16M));
	phyr_dma_unmap(&t->dma);
	check_leaves(t, SZ_2M);
}

/* Lengths that don't fit in 32 bits. */
static void test_more_than_4g(struct kunit *test)
{
	struct dma_test *t = dma_test_of_way(test);
	struct phyr_test_iommu_state *iommu = phyr_test_iommu_state(t->dev);
	struct dma_range range;

	if (t->way == PHYR_TEST_BOUNCE || t->way == PHYR_TEST_OPS)
		kunit_skip(test, "too much for this device");
	add_nowhere(t, SZ_64K, 5 * SZ_4G + SZ_64K);
	add_nowhere(t, 7 * SZ_4G, SZ_4G - SZ_64K);
	dma_test_map(t, DMA_TO_DEVICE);
	range = first_range(t);
	KUNIT_EXPECT_EQ(test, range.len, dma_test_has_iommu(t) ?
			t->model->bytes : t->model->ranges[0].len);
	if (iommu)
		KUNIT_EXPECT_EQ(test, iommu->mapped, t->model->bytes);
	phyr_dma_unmap(&t->dma);
	dma_test_check_unmapped(t);
}

/* The window that was reserved has room for that as well. */
static void test_reserved_huge_pages(struct kunit *test)
{
	struct dma_test *t = dma_test_new(test, PHYR_TEST_IOMMU);
	struct dma_range range;

	add_nowhere(t, 20 * SZ_2M + 19 * PAGE_SIZE, SZ_2M - 19 * PAGE_SIZE);
	for (unsigned int i = 9; i--; )
		add_nowhere(t, i * SZ_2M, SZ_2M);

	KUNIT_ASSERT_EQ(test, 0,
			phyr_dma_reserve(&t->dma, t->dev, t->model->bytes));
	KUNIT_ASSERT_EQ(test, 0,
			phyr_dma_link(&t->dma, &t->list, DMA_TO_DEVICE, 0,
				      GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, 1, phyr_dma_nr_ranges(&t->dma));
	range = first_range(t);
	KUNIT_EXPECT_LE(test,
			phyr_test_iommu_leaves(t->dev, range.addr, range.len),
			nr_leaves(t, SZ_2M));
}

/* --- a gigabyte in pages --- */

#define GIG_PAGES	(SZ_1G / PAGE_SIZE)

static u32 *shuffled_pfns(struct dma_test *t)
{
	u32 *pfns = vmalloc_array(GIG_PAGES, sizeof(*pfns));

	KUNIT_ASSERT_NOT_NULL(t->test, pfns);
	for (u32 i = 0; i < GIG_PAGES; i++) {
		u32 j = prandom_u32_state(&t->rnd) % (i + 1);

		pfns[i] = pfns[j];
		pfns[j] = i;
	}
	return pfns;
}

/* How many pages of the window are not where the array says. */
static unsigned long wrong_pages(struct dma_test *t, const u32 *pfns)
{
	struct iommu_domain *domain = iommu_get_dma_domain(t->dev);
	struct dma_range range = first_range(t);
	unsigned long wrong = 0;

	for (u32 i = 0; i < GIG_PAGES; i++)
		wrong += iommu_iova_to_phys(domain,
					    range.addr + i * PAGE_SIZE) !=
			 NOWHERE + pfns[i] * PAGE_SIZE;
	return wrong;
}

static void test_gigabyte_of_pages(struct kunit *test)
{
	struct dma_test *t = dma_test_new(test, PHYR_TEST_IOMMU);
	u32 *pfns = shuffled_pfns(t);
	int ret = 0;

	for (u32 i = 0; i < GIG_PAGES && !ret; i++)
		ret = phyr_append(&t->list, NOWHERE + pfns[i] * PAGE_SIZE,
				  PAGE_SIZE, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, 0, ret);
	KUNIT_EXPECT_EQ(test, 0, dma_test_try_map(t, DMA_TO_DEVICE));
	KUNIT_EXPECT_EQ(test, 1, phyr_dma_nr_ranges(&t->dma));
	KUNIT_EXPECT_EQ(test, 0, wrong_pages(t, pfns));
	KUNIT_EXPECT_EQ(test, SZ_1G, phyr_test_iommu_state(t->dev)->mapped);
	phyr_dma_unmap(&t->dma);
	vfree(pfns);
}

/* --- two steps --- */

static void link_list(struct dma_test *t, const char *name)
{
	dma_test_empty(t);
	dma_test_fill(t, name);
	KUNIT_ASSERT_EQ(t->test, 0,
			phyr_dma_link(&t->dma, &t->list, DMA_BIDIRECTIONAL, 0,
				      GFP_KERNEL));
	dma_test_check_ranges(t);
	dma_test_check_dev(t);
	dma_test_dev_scramble(t);
}

static void unlink_list(struct dma_test *t)
{
	phyr_dma_unlink(&t->dma);
	dma_test_check_unmapped(t);
	dma_test_check_cpu(t);
	dma_test_scramble(t);
}

static void test_two_steps(struct kunit *test)
{
	static const char * const names[] = {
		"shuffled", "page", "odd buffer", "long odd", "user buffer",
		"long", "pinned", "odd seams", "runs", "one byte",
	};
	struct dma_test *t = dma_test_of_way(test);

	KUNIT_ASSERT_EQ(test, 0,
			phyr_dma_reserve(&t->dma, t->dev,
					 DMA_TEST_PAGES * PAGE_SIZE));
	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++) {
		link_list(t, names[i]);
		unlink_list(t);
	}

	/* A list that is still linked. */
	link_list(t, "shuffled");
	phyr_dma_release(&t->dma);
	dma_test_check_unmapped(t);
	dma_test_check_cpu(t);

	/* It can be used for anything now. */
	dma_test_map(t, DMA_TO_DEVICE);
	dma_test_check_dev(t);
}

/* Nothing but what was reserved is used for a list that needs one window. */
static void check_inside_reserved(struct dma_test *t, const char *name)
{
	struct dma_iova_state *window = &t->dma.first.iova;
	struct dma_range range;

	link_list(t, name);
	KUNIT_ASSERT_EQ(t->test, 1, phyr_dma_nr_ranges(&t->dma));
	range = first_range(t);
	KUNIT_EXPECT_GE(t->test, range.addr, window->addr);
	KUNIT_EXPECT_LE(t->test, range.addr + range.len,
			window->addr + dma_iova_size(window));
	unlink_list(t);
}

static void test_links_inside_reserved(struct kunit *test)
{
	struct dma_test *t = dma_test_of_way(test);

	KUNIT_ASSERT_EQ(test, 0,
			phyr_dma_reserve(&t->dma, t->dev,
					 DMA_TEST_PAGES * PAGE_SIZE));
	/* The untrusted device has this mapped by range, past what was reserved. */
	link_list(t, "two ranges");
	unlink_list(t);
	check_inside_reserved(t, "shuffled");
	check_inside_reserved(t, "long");
	check_inside_reserved(t, "mmio");
	check_inside_reserved(t, "page");
	/* What is bounced at its start is mapped by itself. */
	if (t->way == PHYR_TEST_UNTRUSTED)
		return;
	check_inside_reserved(t, "long odd");
	check_inside_reserved(t, "user buffer");
	check_inside_reserved(t, "odd buffer");
}

/* The longest list at the worst place in its first page. */
static void test_reserved_is_enough(struct kunit *test)
{
	struct dma_test *t = dma_test_of_way(test);
	struct dma_iova_state *window = &t->dma.first.iova;
	struct dma_range range;

	if (t->way == PHYR_TEST_UNTRUSTED)
		kunit_skip(test, "bounced, and not in what was reserved");
	KUNIT_ASSERT_EQ(test, 0, phyr_dma_reserve(&t->dma, t->dev, 4097));
	dma_test_add(t, PAGE_SIZE - 1, 4097, 0);
	KUNIT_ASSERT_EQ(test, 0,
			phyr_dma_link(&t->dma, &t->list, DMA_TO_DEVICE, 0,
				      GFP_KERNEL));
	range = first_range(t);
	KUNIT_EXPECT_EQ(test, range.len, 4097);
	KUNIT_EXPECT_GE(test, range.addr, window->addr);
	KUNIT_EXPECT_LE(test, range.addr + range.len,
			window->addr + dma_iova_size(window));
	dma_test_check_dev(t);
}

static void test_longer_than_reserved(struct kunit *test)
{
	struct dma_test *t = dma_test_of_way(test);

	dma_test_fill(t, "user buffer");
	KUNIT_ASSERT_EQ(test, 0,
			phyr_dma_reserve(&t->dma, t->dev, t->model->bytes - 1));
	KUNIT_EXPECT_EQ(test, -ENOSPC,
			phyr_dma_link(&t->dma, &t->list, DMA_TO_DEVICE, 0,
				      GFP_KERNEL));
	dma_test_check_unmapped(t);
	phyr_dma_release(&t->dma);

	KUNIT_ASSERT_EQ(test, 0,
			phyr_dma_reserve(&t->dma, t->dev, t->model->bytes));
	link_list(t, "user buffer");
	unlink_list(t);
}

static void test_reserve_errors(struct kunit *test)
{
	struct dma_test *t = dma_test_of_way(test);
	int expected = dma_test_has_iommu(t) ? -ENOMEM : 0;

	dma_test_fill(t, "page");
	KUNIT_EXPECT_EQ(test, -EINVAL,
			phyr_dma_link(&t->dma, &t->list, DMA_TO_DEVICE, 0,
				      GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, -EINVAL, phyr_dma_reserve(&t->dma, t->dev, 0));
	KUNIT_EXPECT_EQ(test, expected,
			phyr_dma_reserve(&t->dma, t->dev, BIT_ULL(62)));
	phyr_dma_release(&t->dma);
	KUNIT_EXPECT_EQ(test, expected,
			phyr_dma_reserve(&t->dma, t->dev, U64_MAX));
	phyr_dma_release(&t->dma);

	KUNIT_EXPECT_EQ(test, 0, phyr_dma_reserve(&t->dma, t->dev, PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, -EBUSY,
			phyr_dma_reserve(&t->dma, t->dev, PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, -EBUSY,
			phyr_dma_map(&t->dma, t->dev, &t->list, DMA_TO_DEVICE,
				     0, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			phyr_dma_link(&t->dma, &t->list, DMA_NONE, 0,
				      GFP_KERNEL));
	link_list(t, "page");
	unlink_list(t);
}

/* What was reserved outlives a link that fails. */
static void test_failed_link_keeps_reserved(struct kunit *test)
{
	struct dma_test *t = dma_test_new(test, PHYR_TEST_IOMMU);
	dma_addr_t addr;

	KUNIT_ASSERT_EQ(test, 0,
			phyr_dma_reserve(&t->dma, t->dev,
					 DMA_TEST_PAGES * PAGE_SIZE));
	addr = t->dma.first.iova.addr;
	dma_test_fill(t, "shuffled");
	for (unsigned int nth = 1; nth < DMA_TEST_PAGES; nth += 9) {
		dma_test_fail_map(t, nth);
		KUNIT_ASSERT_EQ(test, -ENOMEM,
				phyr_dma_link(&t->dma, &t->list, DMA_TO_DEVICE,
					      0, GFP_KERNEL));
		dma_test_check_unmapped(t);
		KUNIT_ASSERT_EQ(test, addr, t->dma.first.iova.addr);
	}
	check_inside_reserved(t, "shuffled");
}

/* The end of one list is bounced: that says nothing about the next list. */
static void test_reserved_after_bounce(struct kunit *test)
{
	struct dma_test *t = dma_test_new(test, PHYR_TEST_UNTRUSTED);

	KUNIT_ASSERT_EQ(test, 0,
			phyr_dma_reserve(&t->dma, t->dev,
					 DMA_TEST_PAGES * PAGE_SIZE));
	dma_test_add(t, 0, 2 * PAGE_SIZE + 100, 0);
	KUNIT_ASSERT_EQ(test, 0,
			phyr_dma_link(&t->dma, &t->list, DMA_BIDIRECTIONAL, 0,
				      GFP_KERNEL));
	KUNIT_EXPECT_STREQ(test, phyr_dma_mode_name(&t->dma), "iova");
	phyr_dma_unlink(&t->dma);

	dma_test_empty(t);
	dma_test_fill(t, "shuffled");
	KUNIT_EXPECT_EQ(test, 0,
			phyr_dma_link(&t->dma, &t->list, DMA_BIDIRECTIONAL,
				      DMA_ATTR_REQUIRE_COHERENT, GFP_KERNEL));
	dma_test_check_dev(t);
}

static void test_many_links(struct kunit *test)
{
	struct dma_test *t = dma_test_of_way(test);

	dma_test_fill(t, "runs");
	KUNIT_ASSERT_EQ(test, 0,
			phyr_dma_reserve(&t->dma, t->dev, t->model->bytes));
	for (unsigned int i = 0; i < 2000; i++) {
		KUNIT_ASSERT_EQ(test, 0,
				phyr_dma_link(&t->dma, &t->list, DMA_TO_DEVICE,
					      0, GFP_KERNEL));
		phyr_dma_unlink(&t->dma);
	}
	dma_test_check_unmapped(t);
}

static struct kunit_case phyr_dma_iova_cases[] = {
	KUNIT_CASE_PARAM(test_one_call_each, dma_iommu_case_gen_params),
	KUNIT_CASE_PARAM(test_iova_is_translated, dma_iommu_case_gen_params),
	KUNIT_CASE_PARAM(test_unmapped_iova_faults, dma_iommu_way_gen_params),
	KUNIT_CASE(test_protection),
	KUNIT_CASE(test_page_tables_gfp),
	KUNIT_CASE(test_privileged),
	KUNIT_CASE(test_no_window),
	KUNIT_CASE(test_no_iova),
	KUNIT_CASE(test_failure_frees_iova),
	KUNIT_CASE(test_release_frees_iova),
	KUNIT_CASE(test_huge_pages),
	KUNIT_CASE(test_starts_inside_huge_page),
	KUNIT_CASE(test_starts_inside_page_of_huge_page),
	KUNIT_CASE(test_one_large_range),
	KUNIT_CASE(test_large_folios),
	KUNIT_CASE(test_no_huge_page_inside),
	KUNIT_CASE(test_scattered_pages),
	KUNIT_CASE(test_scattered_huge_pages),
	KUNIT_CASE_PARAM(test_more_than_4g, dma_way_gen_params),
	KUNIT_CASE(test_reserved_huge_pages),
	KUNIT_CASE(test_gigabyte_of_pages),
	KUNIT_CASE_PARAM(test_two_steps, dma_way_gen_params),
	KUNIT_CASE_PARAM(test_links_inside_reserved, dma_iommu_way_gen_params),
	KUNIT_CASE_PARAM(test_reserved_is_enough, dma_iommu_way_gen_params),
	KUNIT_CASE_PARAM(test_longer_than_reserved, dma_way_gen_params),
	KUNIT_CASE_PARAM(test_reserve_errors, dma_way_gen_params),
	KUNIT_CASE(test_failed_link_keeps_reserved),
	KUNIT_CASE(test_reserved_after_bounce),
	KUNIT_CASE_PARAM(test_many_links, dma_way_gen_params),
	{ }
};

static struct kunit_suite phyr_dma_iova_suite = {
	.name		= "phyr_dma_iova",
	.suite_init	= phyr_test_devices_add,
	.suite_exit	= phyr_test_devices_del,
	.exit		= dma_test_exit,
	.test_cases	= phyr_dma_iova_cases,
};

kunit_test_suite(phyr_dma_iova_suite);
