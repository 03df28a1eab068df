// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of a list and its mapping in one object, for each device.
 */

#include <linux/dma-mapping.h>
#include <linux/phyr_table.h>

#include "phyr_dma_test.h"

#define NR_PAGES	12

struct table_test {
	struct dma_test		*t;
	struct phyr_table	table;
	struct page		*pages[NR_PAGES];
};

static int table_init(struct kunit *test)
{
	struct table_test *tt = kunit_kzalloc(test, sizeof(*tt), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, tt);
	if (!test->param_value)
		tt->t = dma_test_new(test, PHYR_TEST_IDENTITY);
	else
		tt->t = dma_test_of_way(test);
	/* Every second page of the pool, backwards. */
	for (unsigned int i = 0; i < NR_PAGES; i++)
		tt->pages[i] = virt_to_page(tt->t->pool->addr) +
			       2 * (NR_PAGES - i);
	test->priv = tt;
	return 0;
}

static void table_exit(struct kunit *test)
{
	struct table_test *tt = test->priv;

	if (!tt)
		return;
	phyr_table_unmap_once(&tt->table);
	test->priv = tt->t;
	dma_test_exit(test);
}

static u8 *image_of(struct table_test *tt, struct page *page)
{
	return tt->t->image +
	       PAGE_SIZE * (page - virt_to_page(tt->t->pool->addr));
}

/* What a device reads from a table is in its pages, from @offset in the first. */
static void check_dev(struct kunit *test, unsigned int offset, u64 size)
{
	struct table_test *tt = test->priv;
	struct phyr_segment seg;
	unsigned int i;
	u64 pos = offset;

	phyr_table_for_each_segment(&tt->table, seg, i) {
		u8 *buf = tt->t->seen;

		KUNIT_ASSERT_LE(test, seg.len, dma_get_max_seg_size(tt->t->dev));
		KUNIT_ASSERT_EQ(test, 0,
				phyr_test_dev_read(tt->t->dev, seg.addr, buf,
						   seg.len));
		while (seg.len) {
			unsigned int len = min(seg.len, PAGE_SIZE -
					       offset_in_page(pos));
			u8 *image = image_of(tt, tt->pages[pos >> PAGE_SHIFT]);

			KUNIT_ASSERT_TRUE(test, !memcmp(buf, image +
							offset_in_page(pos), len));
			buf += len;
			pos += len;
			seg.len -= len;
		}
	}
	KUNIT_EXPECT_EQ(test, pos, offset + size);
	KUNIT_EXPECT_EQ(test, i, phyr_table_nr_segments(&tt->table));
}

static void from_pages(struct kunit *test)
{
	struct table_test *tt = test->priv;
	u64 size = NR_PAGES * PAGE_SIZE - 500;

	KUNIT_ASSERT_EQ(test, 0,
			phyr_table_from_pages(&tt->table, tt->pages, NR_PAGES,
					      123, size, GFP_KERNEL));
	KUNIT_ASSERT_EQ(test, 0, phyr_table_map(tt->t->dev, &tt->table,
						DMA_BIDIRECTIONAL, 0));
	check_dev(test, 123, size);
	KUNIT_EXPECT_EQ(test, -EBUSY, phyr_table_map(tt->t->dev, &tt->table,
						     DMA_BIDIRECTIONAL, 0));
	phyr_table_unmap(&tt->table);
	KUNIT_EXPECT_EQ(test, 0, phyr_table_nr_segments(&tt->table));
	KUNIT_EXPECT_EQ(test, DMA_MAPPING_ERROR,
			phyr_table_first_addr(&tt->table));

	/* It can be mapped again. */
	KUNIT_EXPECT_NE(test, 0, phyr_table_map_nr(tt->t->dev, &tt->table,
						   DMA_TO_DEVICE, 0));
	check_dev(test, 123, size);
	phyr_table_unmap(&tt->table);
	phyr_table_destroy(&tt->table);
	KUNIT_EXPECT_TRUE(test, phyr_empty(&tt->table.list));
}

static void entry_by_entry(struct kunit *test)
{
	struct table_test *tt = test->priv;

	KUNIT_ASSERT_EQ(test, 0, phyr_table_reserve(&tt->table, NR_PAGES,
						    GFP_KERNEL));
	phyr_test_fail_nth(test, 1);
	for (unsigned int i = 0; i < NR_PAGES; i++)
		phyr_table_add(&tt->table, tt->pages[i], PAGE_SIZE, 0);
	KUNIT_EXPECT_EQ(test, 1, phyr_test_fail_end());
	KUNIT_EXPECT_EQ(test, 0, PTR_ERR_OR_ZERO(tt->table.dma.dev));
	KUNIT_ASSERT_NE(test, 0, phyr_table_map_nr(tt->t->dev, &tt->table,
						   DMA_TO_DEVICE, 0));
	check_dev(test, 0, NR_PAGES * PAGE_SIZE);
}

/* An entry that can't be set is told when the table is mapped. */
static void entry_without_memory(struct kunit *test)
{
	struct table_test *tt = test->priv;

	phyr_test_fail_nth(test, 1);
	for (unsigned int i = 0; i < NR_PAGES; i++)
		phyr_table_add(&tt->table, tt->pages[i], PAGE_SIZE, 0);
	KUNIT_EXPECT_EQ(test, 0, phyr_test_fail_end());
	KUNIT_EXPECT_EQ(test, -ENOMEM, PTR_ERR_OR_ZERO(tt->table.dma.dev));
	KUNIT_EXPECT_EQ(test, -ENOMEM, phyr_table_map(tt->t->dev, &tt->table,
						      DMA_TO_DEVICE, 0));
	KUNIT_EXPECT_EQ(test, 0, phyr_table_map_nr(tt->t->dev, &tt->table,
						   DMA_TO_DEVICE, 0));
	phyr_table_unmap(&tt->table);
	KUNIT_EXPECT_EQ(test, -ENOMEM, PTR_ERR_OR_ZERO(tt->table.dma.dev));

	/* Until it is filled anew. */
	for (unsigned int i = 0; i < NR_PAGES; i++)
		phyr_table_set(&tt->table, i, tt->pages[i], PAGE_SIZE, 0);
	KUNIT_EXPECT_EQ(test, 0, PTR_ERR_OR_ZERO(tt->table.dma.dev));
	KUNIT_EXPECT_NE(test, 0, phyr_table_map_nr(tt->t->dev, &tt->table,
						   DMA_TO_DEVICE, 0));
	check_dev(test, 0, NR_PAGES * PAGE_SIZE);
}

/* What was allocated for an array's entries is there when the first is set. */
static void array_entries(struct kunit *test)
{
	struct table_test *tt = test->priv;
	struct phyr_table *table = phyr_table_new(NR_PAGES, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, table);
	phyr_test_fail_nth(test, 1);
	for (unsigned int i = 0; i < NR_PAGES; i++)
		phyr_table_set(table, i, tt->pages[i], PAGE_SIZE, 0);
	KUNIT_EXPECT_EQ(test, 1, phyr_test_fail_end());
	KUNIT_EXPECT_EQ(test, 0, PTR_ERR_OR_ZERO(table->dma.dev));
	phyr_table_free(table);
}

static void bad_entries(struct kunit *test)
{
	struct table_test *tt = test->priv;

	KUNIT_EXPECT_EQ(test, -EINVAL, phyr_table_reserve(&tt->table, 0,
							  GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			phyr_table_from_pages(&tt->table, tt->pages, 1, 1,
					      PAGE_SIZE, GFP_KERNEL));
	KUNIT_EXPECT_TRUE(test, phyr_empty(&tt->table.list));
	phyr_table_add(&tt->table, tt->pages[0], 0, 0);
	KUNIT_EXPECT_EQ(test, -EINVAL, phyr_table_map(tt->t->dev, &tt->table,
						      DMA_TO_DEVICE, 0));
}

static void mapped_once(struct kunit *test)
{
	struct table_test *tt = test->priv;

	for (unsigned int tries = 0; tries < 3; tries++) {
		for (unsigned int i = 0; i < NR_PAGES - tries; i++)
			phyr_table_set(&tt->table, i, tt->pages[i], PAGE_SIZE, 0);
		KUNIT_ASSERT_NE(test, 0,
				phyr_table_map_once(tt->t->dev, &tt->table,
						    DMA_TO_DEVICE, 0));
		check_dev(test, 0, (NR_PAGES - tries) * PAGE_SIZE);
		phyr_table_unmap_once(&tt->table);
		KUNIT_EXPECT_TRUE(test, phyr_empty(&tt->table.list));
	}

	phyr_table_set(&tt->table, 0, tt->pages[0], 0, 0);
	KUNIT_EXPECT_EQ(test, 0, phyr_table_map_once(tt->t->dev, &tt->table,
						     DMA_TO_DEVICE, 0));
	KUNIT_EXPECT_EQ(test, 0, PTR_ERR_OR_ZERO(tt->table.dma.dev));
}

/* All of a walk, and no more than so many. */
static void first_segments(struct kunit *test)
{
	struct table_test *tt = test->priv;
	struct phyr_segment seg, first = { };
	unsigned int i, nr;

	KUNIT_ASSERT_EQ(test, 0,
			phyr_table_from_pages(&tt->table, tt->pages, NR_PAGES, 0,
					      NR_PAGES * PAGE_SIZE, GFP_KERNEL));
	phyr_table_for_each_segment(&tt->table, seg, i)
		KUNIT_FAIL(test, "a segment of what isn't mapped");
	nr = phyr_table_map_nr(tt->t->dev, &tt->table, DMA_TO_DEVICE, 0);
	KUNIT_ASSERT_NE(test, 0, nr);
	for (unsigned int max = 0; max < nr + 2; max++) {
		unsigned int seen = 0;

		phyr_table_for_each_segment_nr(&tt->table, seg, max, i) {
			if (!seen++)
				first = seg;
		}
		KUNIT_EXPECT_EQ(test, seen, min(max, nr));
		KUNIT_EXPECT_EQ(test, i, seen);
	}
	KUNIT_EXPECT_EQ(test, first.addr, phyr_table_first_addr(&tt->table));
}

static void page_at_position(struct kunit *test)
{
	struct table_test *tt = test->priv;
	u64 size = NR_PAGES * PAGE_SIZE - 500;

	KUNIT_EXPECT_NULL(test, phyr_table_page(&tt->table, 0));
	KUNIT_ASSERT_EQ(test, 0,
			phyr_table_from_pages(&tt->table, tt->pages, NR_PAGES, 0,
					      size, GFP_KERNEL));
	for (unsigned int i = 0; i < NR_PAGES; i++) {
		KUNIT_EXPECT_PTR_EQ(test, tt->pages[i],
				    phyr_table_page(&tt->table, i * PAGE_SIZE));
		KUNIT_EXPECT_PTR_EQ(test, tt->pages[i],
				    phyr_table_page(&tt->table,
						    i * PAGE_SIZE + 1000));
	}
	KUNIT_EXPECT_NULL(test, phyr_table_page(&tt->table, size));
}

/* Page by page, and what is one range for the CPU. */
static void walks_of_the_cpu(struct kunit *test)
{
	struct table_test *tt = test->priv;
	struct page *first = virt_to_page(tt->t->pool->addr), *page;
	struct phyr_range range;
	struct phyr_state ps;
	unsigned int i;

	phyr_table_for_each_page(&tt->table, page, i)
		KUNIT_FAIL(test, "a page of an empty table");
	KUNIT_EXPECT_EQ(test, i, 0);
	range = phyr_table_first_range(&tt->table, &ps);
	KUNIT_EXPECT_EQ(test, range.len, 0);
	KUNIT_EXPECT_FALSE(test, phyrs_next(&ps, &range));
	for (unsigned int nr = 0; nr < NR_PAGES; nr++)
		phyr_table_set(&tt->table, nr, first + nr + nr / 4, PAGE_SIZE, 0);

	phyr_table_for_each_page(&tt->table, page, i)
		KUNIT_EXPECT_PTR_EQ(test, page, first + i + i / 4);
	KUNIT_EXPECT_EQ(test, i, NR_PAGES);
	phyr_table_for_each_range(&tt->table, range, i) {
		KUNIT_EXPECT_EQ(test, range.len, 4 * PAGE_SIZE);
		KUNIT_EXPECT_EQ(test, range.phys, page_to_phys(first + 5 * i));
	}
	KUNIT_EXPECT_EQ(test, i, NR_PAGES / 4);

	range = phyr_table_first_range(&tt->table, &ps);
	for (i = 0; i < NR_PAGES / 4; i++) {
		KUNIT_EXPECT_EQ(test, range.len, 4 * PAGE_SIZE);
		KUNIT_EXPECT_EQ(test, range.phys, page_to_phys(first + 5 * i));
		KUNIT_EXPECT_EQ(test, i + 1 < NR_PAGES / 4,
				phyrs_next(&ps, &range));
	}
}

static void allocated(struct kunit *test)
{
	struct table_test *tt = test->priv;
	struct phyr_table *table;
	unsigned int nr = 0;

	table = phyr_table_alloc(3 * PAGE_SIZE + 1, GFP_KERNEL, &nr);
	KUNIT_ASSERT_NOT_NULL(test, table);
	KUNIT_EXPECT_EQ(test, 4, nr);
	KUNIT_EXPECT_EQ(test, phyr_bytes(&table->list), 3 * PAGE_SIZE + 1);
	KUNIT_EXPECT_NE(test, 0, phyr_table_map_nr(tt->t->dev, table,
						   DMA_TO_DEVICE, 0));
	phyr_table_unmap(table);
	phyr_table_free_pages(table);
	phyr_table_free_pages(NULL);

	table = kzalloc_obj(*table);
	KUNIT_ASSERT_NOT_NULL(test, table);
	for (unsigned int i = 0; i < NR_PAGES; i++)
		phyr_table_set(table, i, tt->pages[i], PAGE_SIZE, 0);
	phyr_table_free(table);
	phyr_table_free(NULL);
}

static struct kunit_case phyr_table_cases[] = {
	KUNIT_CASE_PARAM(from_pages, dma_way_gen_params),
	KUNIT_CASE_PARAM(entry_by_entry, dma_way_gen_params),
	KUNIT_CASE_PARAM(mapped_once, dma_way_gen_params),
	KUNIT_CASE_PARAM(first_segments, dma_way_gen_params),
	KUNIT_CASE(entry_without_memory),
	KUNIT_CASE(array_entries),
	KUNIT_CASE(bad_entries),
	KUNIT_CASE(page_at_position),
	KUNIT_CASE(walks_of_the_cpu),
	KUNIT_CASE(allocated),
	{ }
};

static struct kunit_suite phyr_table_suite = {
	.name		= "phyr_table",
	.suite_init	= phyr_test_devices_add,
	.suite_exit	= phyr_test_devices_del,
	.init		= table_init,
	.exit		= table_exit,
	.test_cases	= phyr_table_cases,
};

kunit_test_suite(phyr_table_suite);

MODULE_DESCRIPTION("KUnit tests of tables of physical ranges");
MODULE_LICENSE("GPL");
