// SPDX-License-Identifier: GPL-2.0-only
/*
 * Times physical-range lists and scatterlists side by side.
 *
 * Prints the samples as they are; tools/testing/phyr/bench makes a table of
 * them.
 */

#include <kunit/test.h>
#include <linux/dma-mapping.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/phyr_dma.h>
#include <linux/prandom.h>
#include <linux/scatterlist.h>
#include <linux/sizes.h>
#include <linux/vmalloc.h>

#include "test_devices.h"

/* Nothing touches the pages, so that they need not exist. */
#define BENCH_PFN	PHYS_PFN(SZ_4G)
#define BENCH_PAGES	(SZ_1G / PAGE_SIZE)

/* Pages in each call that appends, as when pinning. */
#define BENCH_BATCH	512

/* The first round warms up and isn't counted. */
#define BENCH_ROUNDS	11

struct bench {
	struct page		**pages;
	struct device		*dev;
	struct phyr		phyr;
	struct phyr_dma		dma;
	struct sg_append_table	sg;
	u64			start;
	unsigned int		round;
};

static void bench_start(struct bench *b)
{
	b->start = ktime_get_ns();
}

/* A sample: nanoseconds, and for how many entries. */
static void bench_stop(struct bench *b, const char *name, const char *who)
{
	u64 ns = ktime_get_ns() - b->start;

	if (b->round)
		pr_info("phyr_bench: ns %s %s %llu %lu\n", name, who, ns,
			BENCH_PAGES);
}

static void build_phyr(struct kunit *test, struct bench *b)
{
	int ret = 0;

	bench_start(b);
	for (size_t i = 0; i < BENCH_PAGES && !ret; i += BENCH_BATCH)
		ret = phyr_append_pages(&b->phyr, b->pages + i, BENCH_BATCH, 0,
					BENCH_BATCH * PAGE_SIZE, GFP_KERNEL);
	bench_stop(b, "build/shuffled-1g", "phyr");
	KUNIT_ASSERT_EQ(test, ret, 0);
}

static void build_sg(struct kunit *test, struct bench *b)
{
	int ret = 0;

	bench_start(b);
	for (size_t i = 0; i < BENCH_PAGES && !ret; i += BENCH_BATCH)
		ret = sg_alloc_append_table_from_pages(&b->sg, b->pages + i,
						       BENCH_BATCH, 0,
						       BENCH_BATCH * PAGE_SIZE,
						       UINT_MAX,
						       BENCH_PAGES - i -
						       BENCH_BATCH,
						       GFP_KERNEL);
	bench_stop(b, "build/shuffled-1g", "sg_table");
	KUNIT_ASSERT_EQ(test, ret, 0);
}

/* What a driver does with a list at the least: look at all of it. */
static void walk_phyr(struct kunit *test, struct bench *b)
{
	const struct phyr_range *range;
	u64 phys = 0, len = 0;

	bench_start(b);
	phyr_for_each_range(&b->phyr, range) {
		phys += range->phys;
		len += range->len;
	}
	bench_stop(b, "walk_state/shuffled-1g", "phyr");
	KUNIT_EXPECT_EQ(test, len, SZ_1G);
	KUNIT_EXPECT_NE(test, phys, 0);
}

static void walk_sg(struct kunit *test, struct bench *b)
{
	struct scatterlist *sg;
	u64 phys = 0, len = 0;
	unsigned int i;

	bench_start(b);
	for_each_sgtable_sg(&b->sg.sgt, sg, i) {
		phys += sg_phys(sg);
		len += sg->length;
	}
	bench_stop(b, "walk_state/shuffled-1g", "sg_table");
	KUNIT_EXPECT_EQ(test, len, SZ_1G);
	KUNIT_EXPECT_NE(test, phys, 0);
}

static void map_phyr(struct kunit *test, struct bench *b)
{
	int ret;

	bench_start(b);
	ret = phyr_dma_map(&b->dma, b->dev, &b->phyr, DMA_BIDIRECTIONAL, 0,
			   GFP_KERNEL);
	bench_stop(b, "map_iova/shuffled-1g", "phyr");
	KUNIT_ASSERT_EQ(test, ret, 0);
	KUNIT_EXPECT_EQ(test, phyr_dma_nr_ranges(&b->dma), 1);

	bench_start(b);
	phyr_dma_unmap(&b->dma);
	bench_stop(b, "unmap_iova/shuffled-1g", "phyr");
}

static void map_sg(struct kunit *test, struct bench *b)
{
	int ret;

	bench_start(b);
	ret = dma_map_sgtable(b->dev, &b->sg.sgt, DMA_BIDIRECTIONAL, 0);
	bench_stop(b, "map_iova/shuffled-1g", "sg_table");
	KUNIT_ASSERT_EQ(test, ret, 0);
	KUNIT_EXPECT_EQ(test, b->sg.sgt.nents, 1);

	bench_start(b);
	dma_unmap_sgtable(b->dev, &b->sg.sgt, DMA_BIDIRECTIONAL, 0);
	bench_stop(b, "unmap_iova/shuffled-1g", "sg_table");
}

/* Entries to use, entries that link to the next array, and the head. */
static u64 sg_bytes(const struct sg_append_table *table)
{
	u64 entries = table->total_nents;

	for (struct scatterlist *sg = table->sgt.sgl; !sg_is_last(sg); ) {
		if (sg_is_chain(sg)) {
			entries++;
			sg = sg_chain_ptr(sg);
		} else {
			sg++;
		}
	}
	return entries * sizeof(struct scatterlist) + sizeof(table->sgt);
}

static void print_bytes(struct bench *b)
{
	pr_info("phyr_bench: bytes bytes_per_entry/shuffled-1g phyr %zu %llu\n",
		phyr_memory_used(&b->phyr) + sizeof(b->phyr),
		phyr_nr_ranges(&b->phyr));
	pr_info("phyr_bench: bytes bytes_per_entry/shuffled-1g sg_table %llu %u\n",
		sg_bytes(&b->sg), b->sg.sgt.orig_nents);
}

static void free_lists(struct bench *b)
{
	phyr_destroy(&b->phyr);
	sg_free_append_table(&b->sg);
	b->sg = (struct sg_append_table) { };
}

typedef void (*bench_step)(struct kunit *test, struct bench *b);

/* Neither is always first. */
static void run_both(struct kunit *test, struct bench *b, bench_step phyr,
		     bench_step sg)
{
	if (b->round & 1) {
		phyr(test, b);
		sg(test, b);
	} else {
		sg(test, b);
		phyr(test, b);
	}
}

static void shuffled_1g(struct kunit *test)
{
	struct bench *b = test->priv;

	for (; b->round < BENCH_ROUNDS; b->round++) {
		run_both(test, b, build_phyr, build_sg);
		KUNIT_ASSERT_EQ(test, phyr_nr_ranges(&b->phyr),
				b->sg.sgt.orig_nents);
		run_both(test, b, walk_phyr, walk_sg);
		run_both(test, b, map_phyr, map_sg);
		if (!b->round)
			print_bytes(b);
		free_lists(b);
	}
}

/* Fisher-Yates, with the same seed each time. */
static void shuffle(struct page **pages, size_t nr)
{
	struct rnd_state rnd;

	prandom_seed_state(&rnd, 1);
	for (size_t i = nr - 1; i > 0; i--)
		swap(pages[i], pages[prandom_u32_state(&rnd) % (i + 1)]);
}

static void free_pages_array(void *pages)
{
	vfree(pages);
}

static int bench_init(struct kunit *test)
{
	struct bench *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, b);
	b->dev = phyr_test_device(PHYR_TEST_IOMMU);
	KUNIT_ASSERT_NOT_NULL(test, b->dev);
	dma_set_max_seg_size(b->dev, UINT_MAX);

	b->pages = vmalloc_array(BENCH_PAGES, sizeof(*b->pages));
	KUNIT_ASSERT_NOT_NULL(test, b->pages);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, free_pages_array,
						  b->pages));
	for (size_t i = 0; i < BENCH_PAGES; i++)
		b->pages[i] = pfn_to_page(BENCH_PFN + i);
	shuffle(b->pages, BENCH_PAGES);
	test->priv = b;
	return 0;
}

static void bench_exit(struct kunit *test)
{
	struct bench *b = test->priv;

	if (!b)
		return;
	phyr_dma_unmap(&b->dma);
	free_lists(b);
}

static struct kunit_case bench_cases[] = {
	KUNIT_CASE_SLOW(shuffled_1g),
	{ }
};

static struct kunit_suite bench_suite = {
	.name = "phyr_bench",
	.suite_init = phyr_test_devices_add,
	.suite_exit = phyr_test_devices_del,
	.init = bench_init,
	.exit = bench_exit,
	.test_cases = bench_cases,
};

kunit_test_suite(bench_suite);

MODULE_DESCRIPTION("Benchmarks of physical-range lists");
MODULE_LICENSE("GPL");
