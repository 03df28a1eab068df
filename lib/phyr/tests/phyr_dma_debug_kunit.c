// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the mapping of physical-range lists: what DMA debugging knows of a
 * mapping that is nothing but an addition.
 */

#include <linux/dcache.h>
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/platform_device.h>

#include "phyr_dma_test.h"

/* DMA debugging shows them to user space only. */
static u32 debug_number(struct kunit *test, const char *name)
{
	struct dentry *dir = debugfs_lookup("dma-api", NULL);
	struct dentry *file = debugfs_lookup(name, dir);
	u32 number;

	KUNIT_ASSERT_TRUE(test, dir && file);
	number = *(u32 *)d_inode(file)->i_private;
	dput(file);
	dput(dir);
	return number;
}

static u32 nr_errors(struct kunit *test)
{
	return debug_number(test, "error_count");
}

static u32 nr_entries(struct kunit *test)
{
	return debug_number(test, "nr_total_entries") -
	       debug_number(test, "num_free_entries");
}

static const enum phyr_test_way offset_ways[] = {
	PHYR_TEST_IDENTITY, PHYR_TEST_OFFSET,
};

static void way_desc(const enum phyr_test_way *way, char *desc)
{
	strscpy(desc, phyr_test_way_name(*way), KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(offset_way, offset_ways, way_desc);

/* One entry for each mapping, however many ranges it has, and however often. */
static void test_one_entry(struct kunit *test)
{
	struct dma_test *t = dma_test_of_way(test);
	u32 entries = nr_entries(test), errors = nr_errors(test);
	struct phyr_dma again[10] = { };

	dma_test_fill(t, "odd seams");
	dma_test_map(t, DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_STREQ(test, phyr_dma_mode_name(&t->dma), "identity");
	KUNIT_EXPECT_EQ(test, entries + 1, nr_entries(test));
	for (unsigned int i = 0; i < ARRAY_SIZE(again); i++)
		KUNIT_EXPECT_EQ(test, 0,
				phyr_dma_map(&again[i], t->dev, &t->list,
					     DMA_FROM_DEVICE, 0, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, entries + 11, nr_entries(test));
	for (unsigned int i = 0; i < ARRAY_SIZE(again); i++)
		phyr_dma_unmap(&again[i]);
	KUNIT_EXPECT_EQ(test, entries + 1, nr_entries(test));
	phyr_dma_unmap(&t->dma);
	KUNIT_EXPECT_EQ(test, entries, nr_entries(test));
	KUNIT_EXPECT_EQ(test, errors, nr_errors(test));
}

/* Device memory, which can't be had that easily, between two parts that can. */
static void test_one_entry_a_part(struct kunit *test)
{
	struct dma_test *t = dma_test_of_way(test);
	u32 entries = nr_entries(test), errors = nr_errors(test);
	phys_addr_t phys = t->pool->phys;
	struct phyr list = PHYR_INIT;

	KUNIT_ASSERT_EQ(test, 0, phyr_append(&list, phys, 100, GFP_KERNEL) ?:
			phyr_append(&list, phys + PAGE_SIZE, 7, GFP_KERNEL) ?:
			phyr_append_mmio(&list, BIT_ULL(40), SZ_4K, NULL,
					 GFP_KERNEL) ?:
			phyr_append(&list, phys + 9 * PAGE_SIZE, 1, GFP_KERNEL) ?:
			phyr_append(&list, phys, PAGE_SIZE, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, 0, phyr_dma_map(&t->dma, t->dev, &list,
					      DMA_TO_DEVICE, 0, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, entries + 3, nr_entries(test));
	phyr_dma_unmap(&t->dma);
	KUNIT_EXPECT_EQ(test, entries, nr_entries(test));
	KUNIT_EXPECT_EQ(test, errors, nr_errors(test));
	phyr_destroy(&list);
}

#ifdef kunit_warning_suppress
static void test_unmapped_twice(struct kunit *test)
{
	struct dma_test *t = dma_test_of_way(test);
	u32 errors = nr_errors(test);
	struct phyr_dma copy;

	dma_test_fill(t, "shuffled");
	dma_test_map(t, DMA_BIDIRECTIONAL);
	copy = t->dma;
	phyr_dma_unmap(&t->dma);
	KUNIT_EXPECT_EQ(test, errors, nr_errors(test));
	kunit_warning_suppress(test)
		phyr_dma_unmap(&copy);
	KUNIT_EXPECT_EQ(test, errors + 1, nr_errors(test));
}

/* A driver that goes, and leaves a list mapped. */
static void test_left_mapped(struct kunit *test)
{
	struct dma_test *t = dma_test_new(test, PHYR_TEST_IDENTITY);
	u32 entries = nr_entries(test), errors = nr_errors(test);
	struct platform_device *pdev =
		platform_device_register_simple("phyr-test", 99, NULL, 0);

	KUNIT_ASSERT_FALSE(test, IS_ERR(pdev));
	get_device(&pdev->dev);
	dma_test_fill(t, "user buffer");
	KUNIT_EXPECT_EQ(test, 0, phyr_dma_map(&t->dma, &pdev->dev, &t->list,
					      DMA_FROM_DEVICE, 0, GFP_KERNEL));
	kunit_warning_suppress(test)
		platform_device_unregister(pdev);
	KUNIT_EXPECT_EQ(test, errors + 1, nr_errors(test));
	phyr_dma_unmap(&t->dma);
	KUNIT_EXPECT_EQ(test, entries, nr_entries(test));
	KUNIT_EXPECT_EQ(test, errors + 1, nr_errors(test));
	put_device(&pdev->dev);
}
#endif

static struct kunit_case debug_cases[] = {
	KUNIT_CASE_PARAM(test_one_entry, offset_way_gen_params),
	KUNIT_CASE_PARAM(test_one_entry_a_part, offset_way_gen_params),
#ifdef kunit_warning_suppress
	KUNIT_CASE_PARAM(test_unmapped_twice, offset_way_gen_params),
	KUNIT_CASE(test_left_mapped),
#endif
	{ }
};

static struct kunit_suite debug_suite = {
	.name = "phyr_dma_debug",
	.suite_init = phyr_test_devices_add,
	.suite_exit = phyr_test_devices_del,
	.exit = dma_test_exit,
	.test_cases = debug_cases,
};

kunit_test_suite(debug_suite);
