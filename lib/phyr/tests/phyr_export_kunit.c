// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of physical-range lists: presenting a list as something else.
 */

#include <linux/bvec.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/uio.h>

#include "phyr_model.h"

#define POOL_PAGES	8
#define POOL_BYTES	(POOL_PAGES * PAGE_SIZE)

struct export_test {
	struct phyr		phyr;
	struct phyr_model	*model;
	struct phyr_pool	*pool;
	u8			*flat;	/* the bytes of the list, in order */
	u8			*buf;
	u8			*saved;	/* the pool as it should be */
	struct sg_table		sgt;
};

static int export_init(struct kunit *test)
{
	struct export_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	test->priv = t;
	t->model = phyr_model_new(test, 800);
	t->pool = phyr_pool_new(test, POOL_PAGES);
	t->flat = kunit_kzalloc(test, POOL_BYTES, GFP_KERNEL);
	t->buf = kunit_kzalloc(test, POOL_BYTES, GFP_KERNEL);
	t->saved = kunit_kzalloc(test, POOL_BYTES, GFP_KERNEL);
	KUNIT_ASSERT_TRUE(test, t->flat && t->buf && t->saved);

	for (size_t i = 0; i < POOL_BYTES; i++)
		t->saved[i] = i * 31 + i / PAGE_SIZE + 1;
	memcpy(t->pool->addr, t->saved, POOL_BYTES);
	return 0;
}

static void export_exit(struct kunit *test)
{
	struct export_test *t = test->priv;

	phyr_test_fail_end();
	if (t)
		phyr_destroy(&t->phyr);
}

static void append(struct kunit *test, phys_addr_t phys, u64 len,
		   unsigned int flags)
{
	struct export_test *t = test->priv;
	const struct phyr_range range = {
		.phys = phys,
		.len = len,
		.flags = flags,
	};

	KUNIT_ASSERT_EQ(test, 0,
			phyr_append_range(&t->phyr, &range, GFP_KERNEL));
	phyr_model_append(test, t->model, &range);
}

static void append_pool(struct kunit *test, size_t offset, u64 len)
{
	struct export_test *t = test->priv;

	memcpy(t->flat + t->model->bytes, t->saved + offset, len);
	append(test, t->pool->phys + offset, len, 0);
}

/* Backwards, inside a page, across pages: no byte twice. */
static void append_scattered(struct kunit *test)
{
	append_pool(test, 6 * PAGE_SIZE + 13, PAGE_SIZE - 13);
	append_pool(test, 7 * PAGE_SIZE, 1000);
	append_pool(test, 2 * PAGE_SIZE - 1, 2);
	append_pool(test, PAGE_SIZE + 40, 8);
	append_pool(test, 3 * PAGE_SIZE, 2 * PAGE_SIZE + 3);
	append_pool(test, 0, PAGE_SIZE);
}

static void expect_pool(struct kunit *test)
{
	struct export_test *t = test->priv;

	KUNIT_ASSERT_MEMEQ(test, t->pool->addr, t->saved, POOL_BYTES);
}

/* Write @len bytes of @flat from @pos on to @saved, where the list says so. */
static void scatter(struct export_test *t, u64 pos, size_t len)
{
	while (len--) {
		struct phyr_range at = phyr_model_at(t->model, pos);

		t->saved[at.phys - t->pool->phys] = t->flat[pos++];
	}
}

static void zero(struct kunit *test)
{
	struct export_test *t = test->priv;
	u64 bytes;

	append_scattered(test);
	bytes = t->model->bytes;
	for (u64 pos = 0; pos <= bytes; pos += 1 + pos / 4) {
		for (u64 len = 0; len <= bytes - pos; len += 1 + 3 * len) {
			KUNIT_ASSERT_EQ(test, 0, phyr_zero(&t->phyr, pos, len));
			memset(t->flat + pos, 0, len);
			scatter(t, pos, len);
			expect_pool(test);
		}
	}
	KUNIT_ASSERT_EQ(test, 0, phyr_zero(&t->phyr, 0, bytes));
	memset(t->flat, 0, bytes);
	scatter(t, 0, bytes);
	expect_pool(test);
}

static const u64 outside[][2] = {
	{ 0, 1001 }, { 1, 1000 }, { 999, 2 }, { 1000, 1 }, { 1001, 0 },
	{ U64_MAX, 0 }, { U64_MAX, 1 }, { 1, U64_MAX }, { U64_MAX, U64_MAX },
};

static void zero_refused(struct kunit *test)
{
	struct export_test *t = test->priv;

	KUNIT_EXPECT_EQ(test, -ERANGE, phyr_zero(&t->phyr, 0, 1));
	KUNIT_EXPECT_EQ(test, 0, phyr_zero(&t->phyr, 0, 0));
	append_pool(test, 77, 1000);
	for (size_t i = 0; i < ARRAY_SIZE(outside); i++)
		KUNIT_EXPECT_EQ(test, -ERANGE, phyr_zero(&t->phyr, outside[i][0],
							 outside[i][1]));
	expect_pool(test);
}

/* 100 bytes of memory, 50 of a device, 100 bytes of memory. */
static void append_sandwich(struct kunit *test)
{
	append_pool(test, 0, 100);
	append(test, SZ_1G, 50, PHYR_MMIO);
	append_pool(test, PAGE_SIZE, 100);
}

static void zero_spares_mmio(struct kunit *test)
{
	struct export_test *t = test->priv;

	append_sandwich(test);
	for (u64 pos = 0; pos < 250; pos++) {
		for (u64 len = 1; len <= 250 - pos; len += 7) {
			int want = pos < 150 && pos + len > 100 ?
				   -EOPNOTSUPP : 0;

			memcpy(t->pool->addr, t->saved, POOL_BYTES);
			KUNIT_ASSERT_EQ(test, want,
					phyr_zero(&t->phyr, pos, len));
			if (want)
				expect_pool(test);
		}
	}
}

static void iov_iter_reads(struct kunit *test)
{
	struct export_test *t = test->priv;
	struct bio_vec *bvecs;
	struct iov_iter iter;
	u64 bytes;

	append_scattered(test);
	bytes = t->model->bytes;
	for (u64 pos = 0; pos <= bytes; pos += pos % 64 ? 1 : 31) {
		for (size_t len = 0; len <= bytes - pos; len += 1 + 2 * len) {
			bvecs = phyr_iov_iter(&t->phyr, pos, len, ITER_SOURCE,
					      &iter, GFP_KERNEL);
			KUNIT_ASSERT_FALSE(test, IS_ERR(bvecs));
			KUNIT_ASSERT_EQ(test, len, iov_iter_count(&iter));
			KUNIT_ASSERT_EQ(test, len,
					copy_from_iter(t->buf, POOL_BYTES,
						       &iter));
			KUNIT_ASSERT_MEMEQ(test, t->buf, t->flat + pos, len);
			kvfree(bvecs);
		}
	}
}

static void iov_iter_writes(struct kunit *test)
{
	struct export_test *t = test->priv;
	struct bio_vec *bvecs;
	struct iov_iter iter;
	u64 bytes;

	append_scattered(test);
	bytes = t->model->bytes;
	for (u64 pos = 0; pos < bytes; pos += 1 + pos / 4) {
		size_t len = bytes - pos;

		bvecs = phyr_iov_iter(&t->phyr, pos, len, ITER_DEST, &iter,
				      GFP_KERNEL);
		KUNIT_ASSERT_FALSE(test, IS_ERR(bvecs));
		for (size_t i = pos; i < bytes; i++)
			t->flat[i] += 1 + i % 3;
		KUNIT_ASSERT_EQ(test, len, copy_to_iter(t->flat + pos, len,
							&iter));
		scatter(t, pos, len);
		expect_pool(test);
		kvfree(bvecs);
	}
}

static void expect_no_iov_iter(struct kunit *test, int err, u64 pos, size_t len)
{
	struct export_test *t = test->priv;
	struct iov_iter iter = { .count = 55 };
	struct bio_vec *bvecs;

	bvecs = phyr_iov_iter(&t->phyr, pos, len, ITER_SOURCE, &iter,
			      PHYR_TEST_GFP);
	KUNIT_EXPECT_EQ(test, err, PTR_ERR_OR_ZERO(bvecs));
	KUNIT_EXPECT_EQ(test, iter.count, 55);
}

static void iov_iter_refused(struct kunit *test)
{
	struct export_test *t = test->priv;

	expect_no_iov_iter(test, -ERANGE, 0, 1);
	append_pool(test, 77, 1000);
	for (size_t i = 0; i < ARRAY_SIZE(outside); i++)
		expect_no_iov_iter(test, -ERANGE, outside[i][0], outside[i][1]);

	phyr_test_fail_nth(test, 1);
	expect_no_iov_iter(test, -ENOMEM, 0, 1000);
	KUNIT_EXPECT_EQ(test, 0, phyr_test_fail_end());

	phyr_destroy(&t->phyr);
	t->model->bytes = 0;
	append_sandwich(test);
	expect_no_iov_iter(test, -EOPNOTSUPP, 0, 101);
	expect_no_iov_iter(test, -EOPNOTSUPP, 149, 1);
	expect_no_iov_iter(test, -EOPNOTSUPP, 120, 130);
}

/* There need not be such memory to have an array of it. */
static void skip_unless_flat(struct kunit *test)
{
	if (IS_ENABLED(CONFIG_SPARSEMEM) &&
	    !IS_ENABLED(CONFIG_SPARSEMEM_VMEMMAP))
		kunit_skip(test, "needs a struct page for any address");
	if (!IS_ENABLED(CONFIG_64BIT))
		kunit_skip(test, "needs 64 bits");
}

/* A range that is too long for &bio_vec.bv_len is in several. */
static void iov_iter_of_long_range(struct kunit *test)
{
	const u64 pos = SZ_1M + 5, len = SZ_8G + SZ_4G - 8;
	struct export_test *t = test->priv;
	struct bio_vec *bvecs;
	struct iov_iter iter;
	phys_addr_t next = SZ_64K + pos;
	u64 bytes = 0;

	skip_unless_flat(test);
	append(test, SZ_64K, len + 2 * pos, 0);
	bvecs = phyr_iov_iter(&t->phyr, pos, (size_t)len, ITER_DEST,
			      &iter, GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, bvecs);
	KUNIT_EXPECT_EQ(test, iov_iter_count(&iter), len);
	KUNIT_EXPECT_EQ(test, iter.nr_segs, 4);
	for (size_t i = 0; i < iter.nr_segs; i++) {
		KUNIT_EXPECT_EQ(test, next,
				PFN_PHYS(page_to_pfn(bvecs[i].bv_page)) +
				bvecs[i].bv_offset);
		KUNIT_EXPECT_EQ(test, bvecs[i].bv_offset, i ? 0 : 5);
		next += bvecs[i].bv_len;
		bytes += bvecs[i].bv_len;
	}
	KUNIT_EXPECT_EQ(test, bytes, len);
	kvfree(bvecs);
}

/* The table is the list, in entries as long as they may be. */
static void check_sgtable(struct kunit *test, unsigned int max)
{
	struct export_test *t = test->priv;
	struct scatterlist *sg;
	unsigned int i;
	u64 pos = 0;

	for_each_sgtable_sg(&t->sgt, sg, i) {
		struct phyr_range rest;
		u64 room;

		KUNIT_ASSERT_LT(test, pos, t->model->bytes);
		rest = phyr_model_at(t->model, pos);
		room = max - offset_in_page(rest.phys);
		KUNIT_ASSERT_EQ(test, sg_phys(sg), rest.phys);
		KUNIT_ASSERT_LT(test, sg->offset, PAGE_SIZE);
		KUNIT_ASSERT_EQ(test, sg->length, min(room, rest.len));
		pos += sg->length;
	}
	KUNIT_ASSERT_EQ(test, pos, t->model->bytes);
	KUNIT_ASSERT_EQ(test, t->sgt.orig_nents, i);
}

static void sgtable(struct kunit *test)
{
	static const unsigned int max[] = {
		PAGE_SIZE, 2 * PAGE_SIZE - 1, 2 * PAGE_SIZE, 3 * PAGE_SIZE,
		SZ_1M + 7, UINT_MAX,
	};
	struct export_test *t = test->priv;

	append_scattered(test);
	for (unsigned int nr = 0; nr < 2; nr++) {
		for (size_t i = 0; i < ARRAY_SIZE(max); i++) {
			KUNIT_ASSERT_EQ(test, 0,
					phyr_to_sgtable(&t->phyr, &t->sgt,
							max[i], GFP_KERNEL));
			check_sgtable(test, ALIGN_DOWN(max[i], PAGE_SIZE));
			sg_free_table(&t->sgt);
		}
		/* Enough for several arrays, chained. */
		for (unsigned int i = 0; i < 300; i++)
			append(test, t->pool->phys + i % 5 * PAGE_SIZE, 9, 0);
	}
}

static void sgtable_of_long_range(struct kunit *test)
{
	struct export_test *t = test->priv;

	skip_unless_flat(test);
	append(test, SZ_1M + 17, SZ_8G, 0);
	append(test, SZ_64K, SZ_4G, 0);
	KUNIT_ASSERT_EQ(test, 0, phyr_to_sgtable(&t->phyr, &t->sgt, UINT_MAX,
						 GFP_KERNEL));
	check_sgtable(test, ALIGN_DOWN(UINT_MAX, PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, t->sgt.orig_nents, 5);
	sg_free_table(&t->sgt);
}

static int to_sgtable(struct export_test *t, unsigned int max)
{
	return phyr_to_sgtable(&t->phyr, &t->sgt, max, PHYR_TEST_GFP);
}

static void sgtable_refused(struct kunit *test)
{
	struct export_test *t = test->priv;

	KUNIT_EXPECT_EQ(test, -EINVAL, to_sgtable(t, UINT_MAX));
	append_scattered(test);
	KUNIT_EXPECT_EQ(test, -EINVAL, to_sgtable(t, 0));
	KUNIT_EXPECT_EQ(test, -EINVAL, to_sgtable(t, PAGE_SIZE - 1));

	phyr_test_fail_nth(test, 1);
	KUNIT_EXPECT_EQ(test, -ENOMEM, to_sgtable(t, UINT_MAX));
	KUNIT_EXPECT_EQ(test, 0, phyr_test_fail_end());
	KUNIT_EXPECT_NULL(test, t->sgt.sgl);

	append(test, SZ_1G, 1, PHYR_MMIO);
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, to_sgtable(t, UINT_MAX));
}

static struct kunit_case export_cases[] = {
	KUNIT_CASE(zero),
	KUNIT_CASE(zero_refused),
	KUNIT_CASE(zero_spares_mmio),
	KUNIT_CASE(iov_iter_reads),
	KUNIT_CASE(iov_iter_writes),
	KUNIT_CASE(iov_iter_refused),
	KUNIT_CASE(iov_iter_of_long_range),
	KUNIT_CASE(sgtable),
	KUNIT_CASE(sgtable_of_long_range),
	KUNIT_CASE(sgtable_refused),
	{ }
};

static struct kunit_suite export_suite = {
	.name = "phyr_export",
	.init = export_init,
	.exit = export_exit,
	.test_cases = export_cases,
};

kunit_test_suite(export_suite);
