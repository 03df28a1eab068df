// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the mapping of physical-range lists: DMA addresses that somebody
 * else mapped.
 */

#include <kunit/device.h>
#include <linux/phyr_dma.h>
#include <linux/prandom.h>
#include <linux/scatterlist.h>
#include <linux/sizes.h>

#include "phyr_model.h"

#define ENTRIES	200

struct import_test {
	struct device		*dev;
	struct sg_table		sgt;
	struct scatterlist	*saved;
	struct phyr_dma		dma;
	u64			bytes;
	struct rnd_state	rnd;
};

/* A table of which only the device's half is of use, as exporters may have. */
static void fill_table(struct kunit *test, unsigned int nents)
{
	struct import_test *t = test->priv;
	dma_addr_t addr = SZ_16M;
	struct scatterlist *sg;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, 0, sg_alloc_table(&t->sgt, nents, GFP_KERNEL));
	t->bytes = 0;
	for_each_sgtable_dma_sg(&t->sgt, sg, i) {
		if (i % 3)
			addr += SZ_1M * (1 + i % 5);
		sg_dma_address(sg) = addr;
		sg_dma_len(sg) = PAGE_SIZE * (1 + i % 4);
		addr += sg_dma_len(sg);
		t->bytes += sg_dma_len(sg);
	}
	for_each_sgtable_dma_sg(&t->sgt, sg, i)
		t->saved[i] = *sg;
}

static int import_init(struct kunit *test)
{
	struct import_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	test->priv = t;
	t->saved = kunit_kcalloc(test, ENTRIES, sizeof(*t->saved), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, t->saved);
	t->dev = kunit_device_register(test, "phyr-import");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t->dev);
	prandom_seed_state(&t->rnd, 1);
	fill_table(test, ENTRIES);
	return 0;
}

static void import_exit(struct kunit *test)
{
	struct import_test *t = test->priv;

	phyr_test_fail_end();
	if (!t)
		return;
	phyr_dma_unmap(&t->dma);
	sg_free_table(&t->sgt);
}

static int import(struct kunit *test, u64 pos, u64 len)
{
	struct import_test *t = test->priv;

	return phyr_dma_import_sgtable(&t->dma, t->dev, &t->sgt, pos, len,
				       PHYR_TEST_GFP);
}

/* The DMA address of a byte, by a walk over what the table was at first. */
static dma_addr_t addr_at(const struct import_test *t, u64 pos)
{
	const struct scatterlist *sg = t->saved;

	for (; pos >= sg_dma_len(sg); sg++)
		pos -= sg_dma_len(sg);
	return sg_dma_address(sg) + pos;
}

static void expect_imported(struct kunit *test, u64 pos, u64 len)
{
	struct import_test *t = test->priv;
	struct dma_range range;
	u64 done = 0, nr = 0;
	dma_addr_t end = 0;

	phyr_dma_for_each_range(&t->dma, range) {
		KUNIT_ASSERT_NE(test, range.addr, end);
		for (u64 at = 0; at < range.len; at += 512)
			KUNIT_ASSERT_EQ(test, range.addr + at,
					addr_at(t, pos + done + at));
		end = range.addr + range.len;
		done += range.len;
		nr++;
		KUNIT_ASSERT_EQ(test, end - 1, addr_at(t, pos + done - 1));
	}
	KUNIT_EXPECT_EQ(test, done, len);
	KUNIT_EXPECT_EQ(test, nr, phyr_dma_nr_ranges(&t->dma));
}

static void expect_table_unchanged(struct kunit *test)
{
	struct import_test *t = test->priv;
	struct scatterlist *sg;
	unsigned int i;

	for_each_sgtable_dma_sg(&t->sgt, sg, i) {
		KUNIT_EXPECT_EQ(test, sg_dma_address(sg),
				sg_dma_address(&t->saved[i]));
		KUNIT_EXPECT_EQ(test, sg_dma_len(sg), sg_dma_len(&t->saved[i]));
	}
}

static void expect_unmapped(struct kunit *test)
{
	static const struct phyr_dma zeroes;
	struct import_test *t = test->priv;

	KUNIT_EXPECT_MEMEQ(test, &t->dma, &zeroes, sizeof(zeroes));
}

static void import_and_check(struct kunit *test, u64 pos, u64 len)
{
	struct import_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, 0, import(test, pos, len));
	KUNIT_EXPECT_STREQ(test, "imported", phyr_dma_mode_name(&t->dma));
	KUNIT_EXPECT_TRUE(test, phyr_dma_mapped(&t->dma));
	expect_imported(test, pos, len);
	phyr_dma_unmap(&t->dma);
	expect_unmapped(test);
}

static void test_all(struct kunit *test)
{
	struct import_test *t = test->priv;

	import_and_check(test, 0, t->bytes);
	expect_table_unchanged(test);
}

static void test_slices(struct kunit *test)
{
	struct import_test *t = test->priv;

	for (unsigned int i = 0; i < 300; i++) {
		u64 pos = prandom_u32_state(&t->rnd) % t->bytes;
		u64 len = 1 + prandom_u32_state(&t->rnd) % (t->bytes - pos);

		import_and_check(test, pos, len);
	}
	expect_table_unchanged(test);
}

/* At every boundary of the table, and a byte to each side. */
static void test_boundaries(struct kunit *test)
{
	struct import_test *t = test->priv;
	u64 pos = 0;

	for (unsigned int i = 0; i < ENTRIES - 2; i++) {
		u64 len = sg_dma_len(&t->saved[i]);

		import_and_check(test, pos, len);
		import_and_check(test, pos + 1, len);
		import_and_check(test, pos + len - 1, 2);
		pos += len;
	}
}

static void test_blocks(struct kunit *test)
{
	struct import_test *t = test->priv;
	dma_addr_t block;
	u64 pos = 0;

	KUNIT_ASSERT_EQ(test, 0, import(test, PAGE_SIZE, t->bytes - PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, PAGE_SIZE,
			phyr_dma_best_block_size(&t->dma, PAGE_SIZE | SZ_2M, 0));
	phyr_dma_for_each_block(&t->dma, PAGE_SIZE, block) {
		pos += PAGE_SIZE;
		KUNIT_ASSERT_EQ(test, block, addr_at(t, pos));
	}
	KUNIT_EXPECT_EQ(test, pos + PAGE_SIZE, t->bytes);
}

/* There is nothing of the importer's to sync, and the CPU can't tell where. */
static void test_sync(struct kunit *test)
{
	struct import_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, 0, import(test, 0, t->bytes));
	phyr_dma_sync_for_cpu(&t->dma);
	phyr_dma_sync_for_device(&t->dma);
	expect_imported(test, 0, t->bytes);
}

static void test_refused(struct kunit *test)
{
	struct import_test *t = test->priv;

	KUNIT_EXPECT_EQ(test, -EINVAL, import(test, 0, 0));
	KUNIT_EXPECT_EQ(test, -ERANGE, import(test, 0, t->bytes + 1));
	KUNIT_EXPECT_EQ(test, -ERANGE, import(test, t->bytes, 1));
	KUNIT_EXPECT_EQ(test, -ERANGE, import(test, 1, t->bytes));
	KUNIT_EXPECT_EQ(test, -ERANGE, import(test, U64_MAX, 1));
	KUNIT_EXPECT_EQ(test, -ERANGE, import(test, 1, U64_MAX));
	sg_dma_address(t->sgt.sgl) = DMA_MAPPING_ERROR;
	KUNIT_EXPECT_EQ(test, -EINVAL, import(test, 0, t->bytes));
	expect_unmapped(test);
}

/* What is at address zero doesn't go on with what ends before the addresses do. */
static void test_ends(struct kunit *test)
{
	struct import_test *t = test->priv;
	u64 len = sg_dma_len(t->sgt.sgl);

	sg_dma_address(t->sgt.sgl) = -len;
	sg_dma_address(sg_next(t->sgt.sgl)) = 0;
	KUNIT_ASSERT_EQ(test, 0,
			import(test, 0, len + sg_dma_len(sg_next(t->sgt.sgl))));
	KUNIT_EXPECT_EQ(test, 2, phyr_dma_nr_ranges(&t->dma));
}

static void test_busy(struct kunit *test)
{
	struct import_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, 0, import(test, 7, 1000));
	KUNIT_EXPECT_EQ(test, -EBUSY, import(test, 0, t->bytes));
	expect_imported(test, 7, 1000);
}

static void test_allocations_fail(struct kunit *test)
{
	struct import_test *t = test->priv;
	unsigned int left, nth;
	int ret;

	for (nth = 1; ; nth++) {
		phyr_test_fail_nth(test, nth);
		ret = import(test, 5, t->bytes - 9);
		left = phyr_test_fail_end();
		if (!ret)
			break;
		KUNIT_ASSERT_EQ(test, -ENOMEM, ret);
		KUNIT_ASSERT_EQ(test, left, 0);
		expect_unmapped(test);
	}
	KUNIT_EXPECT_GT(test, nth, 1);
	expect_imported(test, 5, t->bytes - 9);
}

static void expect_few(struct kunit *test, u64 pos, u64 len, unsigned int nr)
{
	struct import_test *t = test->priv;

	phyr_test_fail_nth(test, 1);
	KUNIT_ASSERT_EQ(test, 0, import(test, pos, len));
	KUNIT_EXPECT_EQ(test, 1, phyr_test_fail_end());
	expect_imported(test, pos, len);
	KUNIT_EXPECT_EQ(test, nr, phyr_dma_nr_ranges(&t->dma));
	KUNIT_EXPECT_STREQ(test, "imported", phyr_dma_mode_name(&t->dma));
	phyr_dma_unmap(&t->dma);
	expect_unmapped(test);
}

/* What is one entry, as behind most IOMMUs, takes no memory of its own. */
static void test_one_entry(struct kunit *test)
{
	struct import_test *t = test->priv;

	sg_free_table(&t->sgt);
	fill_table(test, 1);
	expect_few(test, 0, t->bytes, 1);
	expect_few(test, 5, t->bytes - 9, 1);
	expect_few(test, t->bytes - 1, 1, 1);
	KUNIT_EXPECT_EQ(test, -ERANGE, import(test, 1, t->bytes));
	expect_unmapped(test);
	KUNIT_EXPECT_EQ(test, -ERANGE, import(test, t->bytes, 1));
	expect_unmapped(test);
	sg_dma_address(t->sgt.sgl) = (dma_addr_t)0 - t->bytes + 1;
	KUNIT_EXPECT_EQ(test, -EINVAL, import(test, 0, 1));
	expect_unmapped(test);
}

/* Nor do two need other memory. */
static void test_two_entries(struct kunit *test)
{
	struct import_test *t = test->priv;

	sg_free_table(&t->sgt);
	fill_table(test, 2);
	expect_few(test, 0, t->bytes, 2);
	expect_few(test, 5, t->bytes - 9, 2);
	expect_few(test, t->bytes - 1, 1, 1);
	KUNIT_EXPECT_EQ(test, -ERANGE, import(test, 1, t->bytes));
	expect_unmapped(test);
}

static struct kunit_case phyr_dma_import_cases[] = {
	KUNIT_CASE(test_all),
	KUNIT_CASE(test_slices),
	KUNIT_CASE(test_boundaries),
	KUNIT_CASE(test_blocks),
	KUNIT_CASE(test_sync),
	KUNIT_CASE(test_refused),
	KUNIT_CASE(test_ends),
	KUNIT_CASE(test_busy),
	KUNIT_CASE(test_allocations_fail),
	KUNIT_CASE(test_one_entry),
	KUNIT_CASE(test_two_entries),
	{ }
};

static struct kunit_suite phyr_dma_import_suite = {
	.name		= "phyr_dma_import",
	.init		= import_init,
	.exit		= import_exit,
	.test_cases	= phyr_dma_import_cases,
};

kunit_test_suite(phyr_dma_import_suite);
