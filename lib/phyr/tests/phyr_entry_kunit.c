// SPDX-License-Identifier: GPL-2.0-only
/* KUnit tests of entries that stay apart: each is mapped by itself, for any device. */

#include <linux/phyr_entry.h>

#include "phyr_dma_test.h"

#define NR_ENTRIES	6
#define OFFSET		100

/* Neighbours, which begin in their pages. */
static struct dma_test *fill(struct kunit *test, struct phyr_entry *entries)
{
	struct dma_test *t = dma_test_of_way(test);
	struct page *first = virt_to_page(t->pool->addr);

	phyr_entry_init(entries, NR_ENTRIES);
	for (unsigned int i = 0; i < NR_ENTRIES; i++)
		phyr_entry_set(&entries[i], first + i, PAGE_SIZE - OFFSET,
			       OFFSET);
	return t;
}

static void stay_apart(struct kunit *test)
{
	struct phyr_entry entries[NR_ENTRIES], *entry;
	struct dma_test *t = fill(test, entries);
	unsigned int i;

	dma_test_scramble(t);
	KUNIT_ASSERT_EQ(test, NR_ENTRIES,
			phyr_entry_map(t->dev, entries, NR_ENTRIES,
				       DMA_TO_DEVICE));
	phyr_for_each_entry(entries, entry, NR_ENTRIES, i) {
		KUNIT_EXPECT_PTR_EQ(test, &entries[i], entry);
		KUNIT_EXPECT_EQ(test, i == NR_ENTRIES - 1, !!entry->last);
		KUNIT_EXPECT_EQ(test, 0,
				phyr_test_dev_read(t->dev, entry->addr, t->seen,
						   entry->length));
		KUNIT_EXPECT_MEMEQ(test, t->seen, phyr_entry_virt(entry),
				   entry->length);
		if (t->way == PHYR_TEST_IDENTITY)
			KUNIT_EXPECT_EQ(test, entry->addr,
					page_to_phys(entry->page) + OFFSET);
	}
	KUNIT_EXPECT_EQ(test, i, NR_ENTRIES);
	phyr_entry_unmap(t->dev, entries, NR_ENTRIES, DMA_TO_DEVICE);
}

/* Nothing stays mapped of what came before: the suite's exit looks. */
static void fail_in_the_middle(struct kunit *test)
{
	struct phyr_entry entries[NR_ENTRIES];
	struct dma_test *t = fill(test, entries);

	if (t->way != PHYR_TEST_OPS && t->way != PHYR_TEST_IOMMU)
		kunit_skip(test, "no mapping fails");
	for (unsigned int nth = 1; nth <= NR_ENTRIES; nth++) {
		dma_test_fail_map(t, nth);
		KUNIT_EXPECT_EQ(test, 0, phyr_entry_map(t->dev, entries,
							NR_ENTRIES,
							DMA_FROM_DEVICE));
		/* As after dma_map_sg(), that does nothing. */
		phyr_entry_unmap(t->dev, entries, NR_ENTRIES, DMA_FROM_DEVICE);
	}
	dma_test_fail_map(t, 0);
}

/* What is set later leaves the address, and the end. */
static void set_again(struct kunit *test)
{
	struct phyr_entry entries[2];

	phyr_entry_init(entries, 2);
	entries[1].addr = 0x1000;
	phyr_entry_set(&entries[1], ZERO_PAGE(0), 1, 2);
	KUNIT_EXPECT_EQ(test, 0x1000, entries[1].addr);
	KUNIT_EXPECT_EQ(test, 1, entries[1].length);
	KUNIT_EXPECT_TRUE(test, entries[1].offset == 2);
	KUNIT_EXPECT_NULL(test, entries[0].page);
	KUNIT_EXPECT_PTR_EQ(test, &entries[1], phyr_entry_next(&entries[0]));
	KUNIT_EXPECT_NULL(test, phyr_entry_next(&entries[1]));
}

static void allocated(struct kunit *test)
{
	struct phyr_entries entries = { .nents = 7 };

	KUNIT_EXPECT_EQ(test, -EINVAL,
			phyr_entries_alloc(&entries, 0, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, 0, entries.nents);
	phyr_entries_free(&entries);

	KUNIT_ASSERT_EQ(test, 0, phyr_entries_alloc(&entries, 3, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, 3, entries.nents);
	KUNIT_EXPECT_EQ(test, 3, entries.orig_nents);
	for (unsigned int i = 0; i < 3; i++)
		KUNIT_EXPECT_NULL(test, entries.sgl[i].page);
	KUNIT_EXPECT_TRUE(test, entries.sgl[2].last);
	phyr_entries_free(&entries);
	KUNIT_EXPECT_NULL(test, entries.sgl);
	KUNIT_EXPECT_EQ(test, 0, entries.orig_nents);
}

static struct kunit_case phyr_entry_cases[] = {
	KUNIT_CASE_PARAM(stay_apart, dma_way_gen_params),
	KUNIT_CASE_PARAM(fail_in_the_middle, dma_way_gen_params),
	KUNIT_CASE(set_again),
	KUNIT_CASE(allocated),
	{ }
};

static struct kunit_suite phyr_entry_suite = {
	.name		= "phyr_entry",
	.suite_init	= phyr_test_devices_add,
	.suite_exit	= phyr_test_devices_del,
	.exit		= dma_test_exit,
	.test_cases	= phyr_entry_cases,
};

kunit_test_suite(phyr_entry_suite);

MODULE_DESCRIPTION("KUnit tests of entries that stay apart");
MODULE_LICENSE("GPL");
