// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of what the two-step DMA API gained: many ranges linked by one
 * call, IOVA in phase with the memory, and destroying that leaves the flush to the
 * queue.
 */

#include <linux/dma-iova-vecs.h>
#include <linux/iommu.h>

#include "phyr_dma_test.h"

#define MAX_VECS	150

/**
 * struct shape - What ranges to link
 * @name: For the test's log.
 * @nr: Number of ranges; each is in a page of its own, or starts in one.
 * @step: Distance of the ranges in pages, modulo the number of pages.
 * @head: Offset of each range into its page.
 * @len: Length of each range.
 */
struct shape {
	const char	*name;
	unsigned int	nr;
	unsigned int	step;
	size_t		head;
	size_t		len;
};

static const struct shape shapes[] = {
	{ "one page", 1, 1, 0, PAGE_SIZE },
	{ "one byte", 1, 1, 0, 1 },
	{ "pages", MAX_VECS, 3, 0, PAGE_SIZE },
	{ "runs", 20, 7, 0, 5 * PAGE_SIZE },
	{ "ends inside", 1, 1, 0, 3 * PAGE_SIZE - 5 },
	{ "all end inside", 70, 3, 0, PAGE_SIZE / 2 },
	{ "starts inside", 1, 1, 100, PAGE_SIZE - 100 },
	{ "middles", MAX_VECS, 7, 1024, 2048 },
	{ "long middles", 31, 5, 777, 3 * PAGE_SIZE },
};

/**
 * struct vecs_case - Parameter of a test
 * @way: The device.
 * @shape: What to link.
 */
struct vecs_case {
	enum phyr_test_way	way;
	const struct shape	*shape;
};

/**
 * struct linked - Ranges and where they are linked
 * @t: The test.
 * @iova: IOVA for all of them.
 * @vecs: The ranges.
 * @nr: Their number.
 * @bytes: Bytes of IOVA that are linked.
 * @attrs: What to link with.
 */
struct linked {
	struct dma_test		*t;
	struct dma_iova_state	iova;
	struct phys_vec		vecs[MAX_VECS];
	unsigned int		nr;
	size_t			bytes;
	unsigned long		attrs;
};

static const void *vecs_gen_params(struct kunit *test, const void *prev,
				   char *desc)
{
	static const enum phyr_test_way ways[] = {
		PHYR_TEST_IOMMU, PHYR_TEST_PCI, PHYR_TEST_UNTRUSTED,
	};
	static struct vecs_case all[ARRAY_SIZE(ways) * ARRAY_SIZE(shapes)];
	const struct vecs_case *last = prev;

	for (size_t i = last ? last - all + 1 : 0; i < ARRAY_SIZE(all); i++) {
		all[i].way = ways[i / ARRAY_SIZE(shapes)];
		all[i].shape = &shapes[i % ARRAY_SIZE(shapes)];
		if (!phyr_test_device(all[i].way))
			continue;
		snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s: %s",
			 phyr_test_way_name(all[i].way), all[i].shape->name);
		return &all[i];
	}
	return NULL;
}

/* --- ranges --- */

static u64 granule(const struct linked *l)
{
	return dma_get_merge_boundary(l->t->dev) + 1;
}

static bool is_untrusted(const struct linked *l)
{
	return l->t->way == PHYR_TEST_UNTRUSTED;
}

/* The ranges of a shape, in an order that isn't theirs in memory. */
static void add_shape(struct linked *l, const struct shape *shape)
{
	unsigned int pages = DIV_ROUND_UP(shape->head + shape->len, PAGE_SIZE);
	unsigned int slots = DMA_TEST_PAGES / pages;

	l->nr = min(shape->nr, slots);
	for (unsigned int i = 0; i < l->nr; i++) {
		unsigned int slot = i * shape->step % slots;

		if (slots % shape->step == 0)
			slot = (slots - 1 - i);
		l->vecs[i].paddr = l->t->pool->phys + shape->head +
				   slot * pages * PAGE_SIZE;
		l->vecs[i].len = shape->len;
	}
}

static size_t vecs_size(const struct linked *l)
{
	return dma_iova_vecs_end(0, l->vecs, l->nr, granule(l)) -
	       (l->vecs[0].paddr & (granule(l) - 1));
}

static void reset_min_align(void *dev)
{
	dma_set_min_align_mask(dev, 0);
}

/* Let bounce buffers keep offsets, which is what a list of such ranges needs. */
static void keep_offsets(const struct linked *l)
{
	if (!is_untrusted(l))
		return;
	dma_set_min_align_mask(l->t->dev, granule(l) - 1);
	KUNIT_ASSERT_EQ(l->t->test, 0,
			kunit_add_action(l->t->test, reset_min_align,
					 l->t->dev));
}

static struct linked *new_linked(struct kunit *test, enum phyr_test_way way)
{
	struct linked *l = kunit_kzalloc(test, sizeof(*l), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, l);
	l->t = dma_test_new(test, way);
	return l;
}

static void alloc_iova(struct linked *l)
{
	KUNIT_ASSERT_TRUE(l->t->test,
			  dma_iova_try_alloc(l->t->dev, &l->iova,
					     l->vecs[0].paddr, vecs_size(l)));
}

static struct linked *linked_of_shape(struct kunit *test,
				      enum phyr_test_way way,
				      const struct shape *shape)
{
	struct linked *l = new_linked(test, way);

	add_shape(l, shape);
	alloc_iova(l);
	return l;
}

static struct linked *linked_of_case(struct kunit *test)
{
	const struct vecs_case *c = test->param_value;

	return linked_of_shape(test, c->way, c->shape);
}

static int try_link(struct linked *l, unsigned int first, unsigned int nr,
		    gfp_t gfp)
{
	size_t linked = 1;
	int ret;

	ret = dma_iova_link_vecs(l->t->dev, &l->iova, l->bytes,
				 l->vecs + first, nr, &linked,
				 DMA_BIDIRECTIONAL, l->attrs, gfp);
	if (ret)
		KUNIT_EXPECT_EQ(l->t->test, 0, linked);
	l->bytes += linked;
	return ret;
}

/* Link @batch ranges by each call. */
static void link_all(struct linked *l, unsigned int batch)
{
	for (unsigned int i = 0; i < l->nr; i += batch)
		KUNIT_ASSERT_EQ(l->t->test, 0,
				try_link(l, i, min(batch, l->nr - i),
					 GFP_KERNEL));
	KUNIT_ASSERT_EQ(l->t->test, vecs_size(l), l->bytes);
	KUNIT_ASSERT_EQ(l->t->test, 0,
			dma_iova_sync(l->t->dev, &l->iova, 0, l->bytes));
}

static void unlink_all(struct linked *l, unsigned int batch)
{
	size_t bytes = 0;

	for (unsigned int i = 0; i < l->nr; i += batch)
		bytes += dma_iova_unlink_vecs(l->t->dev, &l->iova, bytes,
					      l->vecs + i,
					      min(batch, l->nr - i),
					      DMA_BIDIRECTIONAL, l->attrs);
	KUNIT_EXPECT_EQ(l->t->test, bytes, l->bytes);
	l->bytes = 0;
}

static void free_iova(struct linked *l)
{
	dma_iova_free(l->t->dev, &l->iova);
}

/* --- what the device sees --- */

static dma_addr_t vec_addr(const struct linked *l, unsigned int i)
{
	dma_addr_t addr = dma_iova_first_addr(&l->iova, 0, l->vecs[0].paddr,
					      granule(l));

	for (unsigned int j = 0; j < i; j++)
		addr = dma_iova_next_addr(addr + l->vecs[j].len,
					  l->vecs[j + 1].paddr, granule(l));
	return addr;
}

static u8 *in_image(const struct linked *l, unsigned int i)
{
	return l->t->image + (l->vecs[i].paddr - l->t->pool->phys);
}

static void check_dev_reads(struct linked *l)
{
	for (unsigned int i = 0; i < l->nr; i++) {
		size_t len = l->vecs[i].len;

		KUNIT_ASSERT_EQ(l->t->test, 0,
				phyr_test_dev_read(l->t->dev, vec_addr(l, i),
						   l->t->seen, len));
		KUNIT_ASSERT_TRUE_MSG(l->t->test,
				      !memcmp(l->t->seen, in_image(l, i), len),
				      "range %u reads wrong", i);
	}
}

static void dev_writes(struct linked *l)
{
	for (unsigned int i = 0; i < l->nr; i++) {
		size_t len = l->vecs[i].len;

		prandom_bytes_state(&l->t->rnd, in_image(l, i), len);
		KUNIT_ASSERT_EQ(l->t->test, 0,
				phyr_test_dev_write(l->t->dev, vec_addr(l, i),
						    in_image(l, i), len));
	}
}

/* For an untrusted device what is in a granule beside a range is zero. */
static void check_dev_sees_nothing_else(struct linked *l)
{
	u8 byte = 0;

	for (unsigned int i = 0; i < l->nr; i++) {
		dma_addr_t end = vec_addr(l, i) + l->vecs[i].len;

		if (!(end & (granule(l) - 1)))
			continue;
		KUNIT_ASSERT_EQ(l->t->test, 0,
				phyr_test_dev_read(l->t->dev, end, &byte, 1));
		KUNIT_ASSERT_EQ(l->t->test, 0, byte);
	}
}

static void check_nothing_mapped(struct linked *l)
{
	struct phyr_test_iommu_state *iommu = phyr_test_iommu_state(l->t->dev);
	u8 byte;

	if (iommu)
		KUNIT_EXPECT_EQ(l->t->test, 0, iommu->mapped);
	for (unsigned int i = 0; i < l->nr; i++)
		KUNIT_ASSERT_EQ(l->t->test, -EFAULT,
				phyr_test_dev_read(l->t->dev, vec_addr(l, i),
						   &byte, 1));
}

/* --- linking --- */

static void check_batches(struct linked *l, unsigned int batch)
{
	link_all(l, batch);
	check_dev_reads(l);
	if (is_untrusted(l))
		check_dev_sees_nothing_else(l);
	dev_writes(l);
	unlink_all(l, batch);
	dma_test_check_cpu(l->t);
	check_nothing_mapped(l);
	dma_test_scramble(l->t);
}

static void test_link(struct kunit *test)
{
	struct linked *l = linked_of_case(test);

	keep_offsets(l);
	check_batches(l, MAX_VECS);
	check_batches(l, 64);
	check_batches(l, 7);
	check_batches(l, 1);
	free_iova(l);
}

static void sync_for_cpu(struct linked *l)
{
	dma_iova_sync_vecs(l->t->dev, &l->iova, vec_addr(l, 0), l->vecs, l->nr,
			   DMA_BIDIRECTIONAL, true);
}

static void sync_for_device(struct linked *l)
{
	dma_iova_sync_vecs(l->t->dev, &l->iova, vec_addr(l, 0), l->vecs, l->nr,
			   DMA_BIDIRECTIONAL, false);
}

/* Sync range @i without its first and last @cut bytes. */
static void sync_part_for_device(struct linked *l, unsigned int i, size_t cut)
{
	struct phys_vec vec = {
		.paddr = l->vecs[i].paddr + cut,
		.len = l->vecs[i].len - 2 * cut,
	};

	dma_iova_sync_vecs(l->t->dev, &l->iova, vec_addr(l, i) + cut, &vec, 1,
			   DMA_BIDIRECTIONAL, false);
}

static void test_sync(struct kunit *test)
{
	struct linked *l = linked_of_case(test);
	size_t cut = l->vecs[0].len / 8;
	unsigned int last = l->nr - 1;

	keep_offsets(l);
	link_all(l, MAX_VECS);
	dev_writes(l);
	sync_for_cpu(l);
	dma_test_check_cpu(l->t);

	dma_test_scramble(l->t);
	sync_for_device(l);
	check_dev_reads(l);

	dma_test_scramble(l->t);
	sync_part_for_device(l, last, cut);
	KUNIT_ASSERT_EQ(test, 0,
			phyr_test_dev_read(l->t->dev, vec_addr(l, last) + cut,
					   l->t->seen,
					   l->vecs[last].len - 2 * cut));
	KUNIT_EXPECT_TRUE(test, !memcmp(l->t->seen, in_image(l, last) + cut,
					l->vecs[last].len - 2 * cut));
	sync_for_device(l);
	unlink_all(l, MAX_VECS);
	dma_test_check_cpu(l->t);
	free_iova(l);
}

/* Where nothing is bounced, one call destroys it all. */
static void test_destroy(struct kunit *test)
{
	struct linked *l = linked_of_case(test);

	keep_offsets(l);
	link_all(l, MAX_VECS);
	dev_writes(l);
	if (l->nr > 1 &&
	    !dma_iova_can_unlink_whole(l->t->dev, &l->iova, l->attrs)) {
		unlink_all(l, MAX_VECS);
		free_iova(l);
	} else {
		dma_iova_destroy(l->t->dev, &l->iova, l->bytes,
				 DMA_BIDIRECTIONAL, l->attrs);
	}
	dma_test_check_cpu(l->t);
	check_nothing_mapped(l);
}

/* IOVA that was allocated for no address in particular will do as well. */
static void test_link_at_offset(struct kunit *test)
{
	struct linked *l = linked_of_case(test);

	free_iova(l);
	keep_offsets(l);
	KUNIT_ASSERT_TRUE(test, dma_iova_try_alloc(l->t->dev, &l->iova, 0,
						   vecs_size(l) + PAGE_SIZE));
	KUNIT_ASSERT_EQ(test, 0, try_link(l, 0, l->nr, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, l->bytes,
			vec_addr(l, l->nr - 1) + l->vecs[l->nr - 1].len -
			l->iova.addr);
	check_dev_reads(l);
	unlink_all(l, MAX_VECS);
	check_nothing_mapped(l);
	free_iova(l);
}

/* One walk, or one call of the page table for each range. */
static void test_calls(struct kunit *test)
{
	struct linked *l = linked_of_case(test);
	struct phyr_test_iommu_state *iommu = phyr_test_iommu_state(l->t->dev);
	unsigned long maps, flushes;

	if (!iommu)
		kunit_skip(test, "its calls can't be counted");
	maps = iommu->maps;
	flushes = iommu->flushes;
	link_all(l, MAX_VECS);
	KUNIT_EXPECT_EQ(test, l->nr, iommu->maps - maps);
	KUNIT_EXPECT_EQ(test, 0, iommu->flushes - flushes);
	unlink_all(l, MAX_VECS);
	KUNIT_EXPECT_EQ(test, 1, iommu->flushes - flushes);
	free_iova(l);
}

static void test_failure(struct kunit *test)
{
	struct linked *l = linked_of_case(test);
	struct phyr_test_iommu_state *iommu = phyr_test_iommu_state(l->t->dev);

	if (!iommu)
		kunit_skip(test, "it can't be made fail");
	for (unsigned int nth = 1; nth <= l->nr; nth++) {
		dma_test_fail_map(l->t, nth);
		KUNIT_ASSERT_EQ(test, -ENOMEM,
				try_link(l, 0, l->nr, GFP_KERNEL));
		KUNIT_ASSERT_EQ(test, 0, iommu->mapped);
		KUNIT_ASSERT_EQ(test, 0, iommu->fail_map);
	}
	check_batches(l, MAX_VECS);
	free_iova(l);
}

/* What another call linked stays. */
static void test_failure_keeps_others(struct kunit *test)
{
	struct linked *l = linked_of_shape(test, PHYR_TEST_IOMMU, &shapes[7]);
	size_t before;

	KUNIT_ASSERT_EQ(test, 0, try_link(l, 0, 10, GFP_KERNEL));
	before = l->bytes;
	dma_test_fail_map(l->t, 5);
	KUNIT_ASSERT_EQ(test, -ENOMEM, try_link(l, 10, l->nr - 10, GFP_KERNEL));
	KUNIT_ASSERT_EQ(test, 10 * granule(l),
			phyr_test_iommu_state(l->t->dev)->mapped);
	KUNIT_ASSERT_EQ(test, before, l->bytes);
	KUNIT_ASSERT_EQ(test, 0, try_link(l, 10, l->nr - 10, GFP_KERNEL));
	check_dev_reads(l);
	unlink_all(l, MAX_VECS);
	free_iova(l);
}

static void test_gfp(struct kunit *test)
{
	struct linked *l = linked_of_case(test);
	struct phyr_test_iommu_state *iommu = phyr_test_iommu_state(l->t->dev);

	if (!iommu)
		kunit_skip(test, "it doesn't tell");
	KUNIT_ASSERT_EQ(test, 0,
			try_link(l, 0, l->nr, GFP_KERNEL | __GFP_HIGHMEM));
	KUNIT_EXPECT_TRUE(test, iommu->gfp == GFP_KERNEL);
	unlink_all(l, MAX_VECS);
	KUNIT_ASSERT_EQ(test, 0, try_link(l, 0, l->nr, GFP_NOWAIT));
	KUNIT_EXPECT_TRUE(test, iommu->gfp == GFP_NOWAIT);
	unlink_all(l, MAX_VECS);
	free_iova(l);
}

static void test_protection(struct kunit *test)
{
	struct linked *l = linked_of_case(test);
	struct phyr_test_iommu_state *iommu = phyr_test_iommu_state(l->t->dev);

	if (!iommu)
		kunit_skip(test, "it doesn't tell");
	link_all(l, MAX_VECS);
	KUNIT_EXPECT_EQ(test, iommu->prot,
			IOMMU_READ | IOMMU_WRITE | IOMMU_CACHE);
	unlink_all(l, MAX_VECS);
	l->attrs = DMA_ATTR_MMIO;
	link_all(l, MAX_VECS);
	KUNIT_EXPECT_EQ(test, iommu->prot,
			IOMMU_READ | IOMMU_WRITE | IOMMU_MMIO);
	unlink_all(l, MAX_VECS);
	free_iova(l);
}

static void expect_error(struct linked *l, int error)
{
	KUNIT_EXPECT_EQ(l->t->test, error, try_link(l, 0, l->nr, GFP_KERNEL));
	check_nothing_mapped(l);
}

static void test_errors(struct kunit *test)
{
	struct linked *l = linked_of_case(test);

	l->vecs[l->nr - 1].len++;
	expect_error(l, -ERANGE);
	l->vecs[l->nr - 1].len = 0;
	expect_error(l, -EINVAL);
	l->nr = 0;
	expect_error(l, 0);
	free_iova(l);
}

/* The first range starts so far in its granule that this is after all of the IOVA. */
static void test_starts_after_end(struct kunit *test)
{
	struct linked *l = linked_of_shape(test, PHYR_TEST_IOMMU, &shapes[1]);

	l->vecs[0].paddr += 100;
	expect_error(l, -ERANGE);
	l->vecs[1] = l->vecs[0];
	l->nr = 2;
	expect_error(l, -ERANGE);
	free_iova(l);
}

/* --- bounce buffers --- */

static bool is_odd(const struct linked *l, unsigned int i)
{
	return (l->vecs[i].paddr | l->vecs[i].len) & (granule(l) - 1);
}

/* Device memory can't be bounced, and what isn't coherent may not be. */
static void test_must_not_bounce(struct kunit *test)
{
	struct linked *l = linked_of_case(test);

	if (!is_untrusted(l) || !is_odd(l, 0))
		kunit_skip(test, "isn't bounced");
	l->attrs = DMA_ATTR_MMIO;
	expect_error(l, -EPERM);
	l->attrs = DMA_ATTR_REQUIRE_COHERENT;
	expect_error(l, -EPERM);
	l->attrs = 0;
	KUNIT_EXPECT_TRUE(test, dma_iova_can_unlink_whole(l->t->dev, &l->iova,
							  0));
	free_iova(l);
}

/* The last of the ranges can't be bounced, so that the others are undone. */
static void test_bounce_moves_head(struct kunit *test)
{
	struct linked *l = new_linked(test, PHYR_TEST_UNTRUSTED);

	add_shape(l, &shapes[5]);
	l->vecs[l->nr - 1].paddr += 512;
	alloc_iova(l);
	expect_error(l, -EOPNOTSUPP);
	KUNIT_EXPECT_TRUE(test, dma_iova_can_unlink_whole(l->t->dev, &l->iova,
							  0));
	keep_offsets(l);
	check_batches(l, MAX_VECS);
	KUNIT_EXPECT_FALSE(test, dma_iova_can_unlink_whole(l->t->dev, &l->iova,
							   0));
	free_iova(l);
}

/* --- phase --- */

/* No page has these addresses: they are mapped, but never used. */
#define NOWHERE		(16ULL * SZ_4G)

static unsigned long count_leaves(struct linked *l)
{
	unsigned long leaves;

	l->nr = 1;
	link_all(l, 1);
	leaves = phyr_test_iommu_leaves(l->t->dev, l->iova.addr, l->bytes);
	dma_iova_destroy(l->t->dev, &l->iova, l->bytes, DMA_BIDIRECTIONAL, 0);
	l->bytes = 0;
	return leaves;
}

static void check_phase(struct linked *l, phys_addr_t phys, size_t len,
			u64 page, unsigned long leaves)
{
	l->vecs[0] = (struct phys_vec){ phys, len };
	KUNIT_ASSERT_TRUE(l->t->test,
			  dma_iova_try_alloc(l->t->dev, &l->iova, phys, len));
	KUNIT_EXPECT_EQ(l->t->test, phys & (page - 1),
			l->iova.addr & (page - 1));
	KUNIT_EXPECT_EQ(l->t->test, len, dma_iova_size(&l->iova));
	KUNIT_EXPECT_LE(l->t->test, count_leaves(l), leaves);
}

/* The test IOMMU has pages of any power of 2. */
static void test_phase(struct kunit *test)
{
	struct linked *l = new_linked(test, PHYR_TEST_IOMMU);

	check_phase(l, NOWHERE, SZ_2M, SZ_2M, 1);
	check_phase(l, NOWHERE + SZ_1M, SZ_4M, SZ_2M, 3);
	check_phase(l, NOWHERE + SZ_2M - SZ_4K, SZ_2M + SZ_8K, SZ_2M, 3);
	check_phase(l, NOWHERE - SZ_4K - 1, SZ_2M + SZ_8K, SZ_2M, 4);
	check_phase(l, NOWHERE + SZ_1G - SZ_2M, SZ_1G + SZ_4M, SZ_1G, 3);
	check_phase(l, NOWHERE + 12345, SZ_1G, SZ_256M, 30);
	check_phase(l, NOWHERE + SZ_4K, SZ_128K, SZ_4K, 33);
	check_phase(l, 0, SZ_2M + 5, SZ_2M, 2);
}

static void free_windows(struct device *dev, struct dma_iova_state *windows,
			 unsigned int nr)
{
	while (nr--)
		dma_iova_free(dev, &windows[nr]);
}

/* As many windows fit as there would be if nothing were lost between them. */
static void test_phase_wastes_nothing(struct kunit *test)
{
	struct linked *l = new_linked(test, PHYR_TEST_IOMMU);
	static struct dma_iova_state windows[16];
	u64 mask = *l->t->dev->dma_mask;
	unsigned int nr = 0;

	*l->t->dev->dma_mask = SZ_64M - 1;
	while (nr < ARRAY_SIZE(windows) &&
	       dma_iova_try_alloc(l->t->dev, &windows[nr],
				  NOWHERE + SZ_1M, SZ_4M))
		nr++;
	*l->t->dev->dma_mask = mask;
	KUNIT_EXPECT_EQ(test, 15, nr);
	free_windows(l->t->dev, windows, nr);
}

/* All but 4 to 7 MiB is in use: there is room, but not in phase. */
static void test_phase_is_no_must(struct kunit *test)
{
	struct linked *l = new_linked(test, PHYR_TEST_IOMMU);
	struct device *dev = l->t->dev;
	struct dma_iova_state windows[7];
	u64 mask = *dev->dma_mask;

	*dev->dma_mask = SZ_8M - 1;
	for (unsigned int i = 0; i < ARRAY_SIZE(windows); i++)
		KUNIT_EXPECT_TRUE(test, dma_iova_try_alloc(dev, &windows[i], 0,
							   SZ_1M));
	free_windows(dev, windows + 1, 3);
	KUNIT_EXPECT_TRUE(test,
			  dma_iova_try_alloc(dev, &l->iova,
					     NOWHERE + SZ_2M - SZ_32K,
					     SZ_2M + SZ_64K));
	KUNIT_EXPECT_EQ(test, SZ_4M, l->iova.addr);
	free_iova(l);
	free_windows(dev, windows + 4, 3);
	free_windows(dev, windows, 1);
	*dev->dma_mask = mask;
}

static bool in_one_segment(struct device *dev,
			   const struct dma_iova_state *iova, size_t len)
{
	u64 boundary = dma_get_seg_boundary(dev);

	return (iova->addr & ~boundary) == ((iova->addr + len - 1) & ~boundary);
}

static void test_phase_keeps_boundary(struct kunit *test)
{
	struct linked *l = new_linked(test, PHYR_TEST_IOMMU);
	static struct dma_iova_state windows[8];
	size_t len = 3 * (size_t)SZ_1G;

	dma_set_seg_boundary(l->t->dev, DMA_BIT_MASK(32));
	for (unsigned int i = 0; i < ARRAY_SIZE(windows); i++) {
		struct dma_iova_state *window = &windows[i];

		KUNIT_ASSERT_TRUE(test,
				  dma_iova_try_alloc(l->t->dev, window,
						     NOWHERE + SZ_1M, len));
		KUNIT_EXPECT_TRUE(test,
				  in_one_segment(l->t->dev, window, len));
		KUNIT_EXPECT_EQ(test, SZ_1M, window->addr & (SZ_1G - 1));
	}
	free_windows(l->t->dev, windows, ARRAY_SIZE(windows));
	dma_set_seg_boundary(l->t->dev, 0);
}

static bool overlap(const struct dma_iova_state *a,
		    const struct dma_iova_state *b)
{
	u64 mask = SZ_4K - 1;
	u64 a_end = (a->addr + a->__size + mask) & ~mask;
	u64 b_end = (b->addr + b->__size + mask) & ~mask;

	return a->__size && b->__size && (a->addr & ~mask) < b_end &&
	       (b->addr & ~mask) < a_end;
}

static void check_no_overlap(struct kunit *test, struct dma_iova_state *windows,
			     unsigned int nr, unsigned int i)
{
	KUNIT_ASSERT_LT(test, windows[i].addr + windows[i].__size, SZ_64M);
	for (unsigned int j = 0; j < nr; j++)
		if (j != i)
			KUNIT_ASSERT_FALSE(test, overlap(&windows[i],
							 &windows[j]));
}

/* Windows come and go in a space that is nearly full. */
static void test_random_windows(struct kunit *test)
{
	struct linked *l = new_linked(test, PHYR_TEST_IOMMU);
	static struct dma_iova_state windows[32];
	struct device *dev = l->t->dev;
	u64 mask = *dev->dma_mask;

	memset(windows, 0, sizeof(windows));
	*dev->dma_mask = SZ_64M - 1;
	for (unsigned int n = 0; n < 5000; n++) {
		u32 rnd = prandom_u32_state(&l->t->rnd);
		unsigned int i = rnd % ARRAY_SIZE(windows);
		phys_addr_t phys = NOWHERE + prandom_u32_state(&l->t->rnd);
		size_t len = 1 + (prandom_u32_state(&l->t->rnd) >> (rnd >> 28)) %
			     SZ_8M;

		if (windows[i].__size)
			dma_iova_free(dev, &windows[i]);
		windows[i].__size = 0;
		if (dma_iova_try_alloc(dev, &windows[i], phys, len))
			check_no_overlap(test, windows, ARRAY_SIZE(windows), i);
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(windows); i++)
		if (windows[i].__size)
			dma_iova_free(dev, &windows[i]);
	*dev->dma_mask = mask;
}

/* --- the flush queue --- */

/* From here on the device is in lazy mode, so this test is the last one. */
static void test_destroy_lazily(struct kunit *test)
{
	struct linked *l = new_linked(test, PHYR_TEST_IOMMU);
	struct phyr_test_iommu_state *iommu = phyr_test_iommu_state(l->t->dev);
	unsigned long flushes;

	add_shape(l, &shapes[7]);
	KUNIT_ASSERT_EQ(test, 0, phyr_test_iommu_be_lazy(l->t->dev));

	alloc_iova(l);
	link_all(l, MAX_VECS);
	dev_writes(l);
	flushes = iommu->flushes;
	dma_iova_destroy(l->t->dev, &l->iova, l->bytes, DMA_BIDIRECTIONAL, 0);
	KUNIT_EXPECT_EQ(test, flushes, iommu->flushes);
	check_nothing_mapped(l);
	dma_test_check_cpu(l->t);

	l->bytes = 0;
	alloc_iova(l);
	l->attrs = DMA_ATTR_MMIO;
	link_all(l, MAX_VECS);
	flushes = iommu->flushes;
	dma_iova_destroy(l->t->dev, &l->iova, l->bytes, DMA_BIDIRECTIONAL,
			 DMA_ATTR_MMIO);
	KUNIT_EXPECT_LT(test, flushes, iommu->flushes);
	check_nothing_mapped(l);

	l->bytes = 0;
	alloc_iova(l);
	dma_iova_destroy(l->t->dev, &l->iova, 0, DMA_BIDIRECTIONAL, 0);
}

static struct kunit_case phyr_dma_iova_vecs_cases[] = {
	KUNIT_CASE_PARAM(test_link, vecs_gen_params),
	KUNIT_CASE_PARAM(test_sync, vecs_gen_params),
	KUNIT_CASE_PARAM(test_destroy, vecs_gen_params),
	KUNIT_CASE_PARAM(test_link_at_offset, vecs_gen_params),
	KUNIT_CASE_PARAM(test_calls, vecs_gen_params),
	KUNIT_CASE_PARAM(test_failure, vecs_gen_params),
	KUNIT_CASE(test_failure_keeps_others),
	KUNIT_CASE_PARAM(test_gfp, vecs_gen_params),
	KUNIT_CASE_PARAM(test_protection, vecs_gen_params),
	KUNIT_CASE_PARAM(test_errors, vecs_gen_params),
	KUNIT_CASE(test_starts_after_end),
	KUNIT_CASE_PARAM(test_must_not_bounce, vecs_gen_params),
	KUNIT_CASE(test_bounce_moves_head),
	KUNIT_CASE(test_phase),
	KUNIT_CASE(test_phase_wastes_nothing),
	KUNIT_CASE(test_phase_is_no_must),
	KUNIT_CASE(test_phase_keeps_boundary),
	KUNIT_CASE(test_random_windows),
	KUNIT_CASE(test_destroy_lazily),
	{ }
};

static struct kunit_suite phyr_dma_iova_vecs_suite = {
	.name		= "phyr_dma_iova_vecs",
	.suite_init	= phyr_test_devices_add,
	.suite_exit	= phyr_test_devices_del,
	.exit		= dma_test_exit,
	.test_cases	= phyr_dma_iova_vecs_cases,
};

kunit_test_suite(phyr_dma_iova_vecs_suite);
