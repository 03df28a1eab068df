// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of physical-range lists: the memory that a list uses itself.
 */

#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/vmstat.h>

#include "../words.h"
#include "phyr_model.h"

#define POOL_PAGES	64
#define VECS		200

struct alloc_test {
	struct phyr		phyr;
	struct phyr_model	*model;
	struct phyr_pool	*pool;
	struct phys_vec		vec[VECS];
	struct page		*pages[VECS];
};

static int alloc_init(struct kunit *test)
{
	struct alloc_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	t->model = phyr_model_new(test, 2048);
	t->pool = phyr_pool_new(test, POOL_PAGES);
	for (unsigned int i = 0; i < VECS; i++) {
		t->vec[i].paddr = SZ_1M + i * SZ_8K;
		t->vec[i].len = i % 5 ? SZ_4K : 99;
		t->pages[i] = virt_to_page(t->pool->addr) + i * 7 % POOL_PAGES;
	}
	test->priv = t;
	return 0;
}

static void alloc_exit(struct kunit *test)
{
	struct alloc_test *t = test->priv;

	phyr_test_fail_end();
	if (t)
		phyr_destroy(&t->phyr);
}

static void append(struct kunit *test, const struct phyr_range *range)
{
	struct alloc_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, 0,
			phyr_append_range(&t->phyr, range, PHYR_TEST_GFP));
	phyr_model_append(test, t->model, range);
}

/* @nr ranges that do not merge, then one of kind @last. */
static void fill(struct kunit *test, unsigned int nr,
		 const struct phyr_range *last)
{
	struct alloc_test *t = test->priv;
	struct phyr_range range = { .len = SZ_4K };

	phyr_destroy(&t->phyr);
	t->model->nr = 0;
	t->model->bytes = 0;
	for (unsigned int i = 0; i < nr; i++) {
		range.phys = SZ_1M - i * SZ_8K;
		append(test, &range);
	}
	if (last)
		append(test, last);
}

static int op_append(struct alloc_test *t)
{
	return phyr_append(&t->phyr, SZ_4K, SZ_4K, PHYR_TEST_GFP);
}

static int op_append_mmio(struct alloc_test *t)
{
	return phyr_append_mmio(&t->phyr, SZ_4K, SZ_4K, phyr_test_provider(0),
				PHYR_TEST_GFP);
}

static int op_append_phys_vec(struct alloc_test *t)
{
	return phyr_append_phys_vec(&t->phyr, t->vec, VECS, 0, NULL,
				    PHYR_TEST_GFP);
}

static int op_append_phys_vec_p2p(struct alloc_test *t)
{
	return phyr_append_phys_vec(&t->phyr, t->vec, VECS, PHYR_MMIO,
				    phyr_test_provider(1), PHYR_TEST_GFP);
}

static int op_append_pages(struct alloc_test *t)
{
	return phyr_append_pages(&t->phyr, t->pages, VECS, 9,
				 VECS * PAGE_SIZE - 99, PHYR_TEST_GFP);
}

static int op_append_folio(struct alloc_test *t)
{
	return phyr_append_folio(&t->phyr, page_folio(t->pages[0]), 1, 8,
				 PHYR_TEST_GFP);
}

static int op_reserve(struct alloc_test *t)
{
	return phyr_reserve(&t->phyr, 1000, PHYR_TEST_GFP);
}

struct alloc_op {
	const char	*name;
	int		(*run)(struct alloc_test *t);
};

static const struct alloc_op alloc_ops[] = {
	{ "append", op_append },
	{ "append_mmio", op_append_mmio },
	{ "append_phys_vec", op_append_phys_vec },
	{ "append_phys_vec_p2p", op_append_phys_vec_p2p },
	{ "append_pages", op_append_pages },
	{ "append_folio", op_append_folio },
	{ "reserve", op_reserve },
};

KUNIT_ARRAY_PARAM_DESC(alloc_op, alloc_ops, name);

/* Fail each allocation of @op in turn; return how many there were. */
static unsigned int fail_each(struct kunit *test, const struct alloc_op *op)
{
	struct alloc_test *t = test->priv;
	size_t used = phyr_memory_used(&t->phyr);
	unsigned int left, nth;
	int ret;

	for (nth = 1; ; nth++) {
		phyr_test_fail_nth(test, nth);
		ret = op->run(t);
		left = phyr_test_fail_end();
		if (!ret)
			break;

		KUNIT_ASSERT_EQ(test, -ENOMEM, ret);
		KUNIT_ASSERT_EQ(test, left, 0);
		KUNIT_ASSERT_EQ(test, used, phyr_memory_used(&t->phyr));
		phyr_model_check(test, t->model, &t->phyr);
	}
	KUNIT_ASSERT_EQ(test, left, 1);
	return nth - 1;
}

static void failures_leave_the_list(struct kunit *test)
{
	const struct phyr_range p2p = {
		.phys = SZ_2M,
		.len = 1,
		.flags = PHYR_MMIO,
		.provider = phyr_test_provider(0),
	};
	const struct alloc_op *op = test->param_value;
	unsigned int failures = 0;

	for (unsigned int nr = 0; nr < 120; nr++) {
		fill(test, nr, NULL);
		failures += fail_each(test, op);
		fill(test, nr, &p2p);
		failures += fail_each(test, op);
	}
	KUNIT_EXPECT_GT(test, failures, 4);
}

static void failures_leave_what_was_reserved(struct kunit *test)
{
	struct alloc_test *t = test->priv;

	for (unsigned int nr = 0; nr < 64; nr++) {
		for (unsigned int spare = 0; spare < 150; spare += 9) {
			fill(test, nr, NULL);
			KUNIT_ASSERT_EQ(test, 0, phyr_reserve(&t->phyr, spare,
							      GFP_KERNEL));
			fail_each(test, test->param_value);
		}
	}
}

static unsigned long slab_bytes(void)
{
	return global_node_page_state_pages(NR_SLAB_UNRECLAIMABLE_B) * PAGE_SIZE;
}

/* One chunk that is lost each time would be several times what is allowed. */
static void failures_leak_nothing(struct kunit *test)
{
	const struct alloc_op *op = test->param_value;
	unsigned long before;

	if (IS_ENABLED(CONFIG_KASAN_GENERIC))
		kunit_skip(test, "KASAN keeps what is freed for a while");

	for (unsigned int i = 0; i < 8100; i++) {
		if (i == 100)
			before = slab_bytes();
		fill(test, i % 3, NULL);
		fail_each(test, op);
	}
	fill(test, 0, NULL);
	KUNIT_EXPECT_LT(test, slab_bytes(), before + SZ_256K);
}

static void expect_no_allocation(struct kunit *test,
				 const struct phyr_range *range)
{
	struct alloc_test *t = test->priv;

	fill(test, 0, NULL);
	phyr_test_fail_nth(test, 1);
	append(test, range);
	KUNIT_EXPECT_EQ(test, 1, phyr_test_fail_end());
	phyr_model_check(test, t->model, &t->phyr);
	KUNIT_EXPECT_EQ(test, phyr_nr_ranges(&t->phyr), 1);
	KUNIT_EXPECT_EQ(test, phyr_memory_used(&t->phyr), 0);
}

static void one_range_allocates_nothing(struct kunit *test)
{
	struct alloc_test *t = test->priv;
	phys_addr_t phys = t->pool->phys;
	const struct phyr_range ranges[] = {
		{ .phys = SZ_1M, .len = SZ_4K },
		{ .phys = SZ_1M, .len = SZ_1G },
		{ .phys = SZ_1M + 77, .len = 12345 },
		{ .phys = PHYS_ADDR_MAX, .len = 1 },
		{ .phys = SZ_1M, .len = SZ_4K, .flags = PHYR_MMIO },
		{ .phys = SZ_1M + 4, .len = 4, .flags = PHYR_MMIO,
		  .provider = phyr_test_provider(0) },
		{ .phys = phys, .len = 8 * PAGE_SIZE, .flags = PHYR_PINNED },
		{ .phys = phys + 5, .len = 6, .flags = PHYR_PINNED },
	};

	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
		if (ranges[i].flags & PHYR_PINNED)
			phyr_pool_pin(&ranges[i]);
		expect_no_allocation(test, &ranges[i]);
	}
	fill(test, 0, NULL);
	phyr_pool_check(test, t->pool, t->model);
}

static void one_range_of_many_pages(struct kunit *test)
{
	struct alloc_test *t = test->priv;

	for (unsigned int i = 0; i < POOL_PAGES; i++)
		t->pages[i] = virt_to_page(t->pool->addr) + i;

	phyr_test_fail_nth(test, 1);
	KUNIT_EXPECT_EQ(test, 0,
			phyr_append_pages(&t->phyr, t->pages, POOL_PAGES, 100,
					  POOL_PAGES * PAGE_SIZE - 200,
					  PHYR_TEST_GFP));
	KUNIT_EXPECT_EQ(test, 1, phyr_test_fail_end());
	KUNIT_EXPECT_EQ(test, phyr_nr_ranges(&t->phyr), 1);
	KUNIT_EXPECT_EQ(test, phyr_memory_used(&t->phyr), 0);
}

/* After phyr_reserve() the worst that fits what was asked for. */
static void append_reserved(struct kunit *test, unsigned int nr)
{
	struct alloc_test *t = test->priv;
	struct phyr_range range = {
		.len = 1,
		.flags = PHYR_MMIO,
		.provider = phyr_test_provider(7),
	};
	size_t used;

	KUNIT_ASSERT_EQ(test, 0, phyr_reserve(&t->phyr, nr, GFP_KERNEL));
	used = phyr_memory_used(&t->phyr);
	phyr_model_check(test, t->model, &t->phyr);

	phyr_test_fail_nth(test, 1);
	for (unsigned int i = 0; i < nr; i++) {
		range.phys = 3 + i * SZ_4K;
		append(test, &range);
	}
	KUNIT_ASSERT_EQ(test, 1, phyr_test_fail_end());
	KUNIT_ASSERT_EQ(test, used, phyr_memory_used(&t->phyr));
	phyr_model_check(test, t->model, &t->phyr);
}

static void reserved_is_enough(struct kunit *test)
{
	static const unsigned int more[] = { 1, 2, 3, 4, 5, 6, 7, 12, 29, 1000 };
	const struct phyr_range last[] = {
		{ .phys = 1, .len = 1 },
		{ .phys = 1, .len = 1, .flags = PHYR_MMIO },
		{ .phys = 1, .len = 1, .flags = PHYR_MMIO,
		  .provider = phyr_test_provider(0) },
	};

	for (unsigned int nr = 0; nr < 80; nr++) {
		for (size_t i = 0; i < ARRAY_SIZE(more); i++) {
			fill(test, nr, NULL);
			append_reserved(test, more[i]);
			for (size_t k = 0; k < ARRAY_SIZE(last); k++) {
				fill(test, nr, &last[k]);
				append_reserved(test, more[i]);
			}
		}
	}
}

/* What is reserved twice isn't reserved for two. */
static void reserve_again(struct kunit *test)
{
	struct alloc_test *t = test->priv;
	size_t used;

	fill(test, 20, NULL);
	KUNIT_ASSERT_EQ(test, 0, phyr_reserve(&t->phyr, 500, GFP_KERNEL));
	used = phyr_memory_used(&t->phyr);
	KUNIT_EXPECT_GE(test, used, 500 * sizeof(u64));
	KUNIT_EXPECT_EQ(test, 0, phyr_reserve(&t->phyr, 500, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, 0, phyr_reserve(&t->phyr, 3, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, 0, phyr_reserve(&t->phyr, 0, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, used, phyr_memory_used(&t->phyr));
	KUNIT_EXPECT_EQ(test, 0, phyr_reserve(&t->phyr, 5000, GFP_KERNEL));
	KUNIT_EXPECT_GT(test, phyr_memory_used(&t->phyr), used);
	phyr_model_check(test, t->model, &t->phyr);
}

static void reserve_too_much(struct kunit *test)
{
	struct alloc_test *t = test->priv;

	fill(test, 3, NULL);
	KUNIT_EXPECT_EQ(test, -EINVAL, phyr_reserve(&t->phyr,
						    BIT_ULL(40) + 1,
						    GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, -EINVAL, phyr_reserve(&t->phyr, U64_MAX,
						    GFP_KERNEL));
	phyr_model_check(test, t->model, &t->phyr);
}

/* A chunk but for its words: a checkpoint every 512 bytes of them, or one. */
static size_t header_size(size_t bytes)
{
	size_t size = sizeof(struct phyr_chunk) +
		      max((bytes - 1) / 512, 1) * sizeof(u32);

	return kmalloc_size_roundup(size);
}

/*
 * What @words words take: a chunk of 192 bytes with its own, others that grow,
 * and a last one that fits.
 */
static size_t trimmed_size(size_t words)
{
	size_t first = kmalloc_size_roundup(192) - sizeof(struct phyr_chunk);
	size_t bytes = words * sizeof(u64), chunk, used;
	unsigned int nr = 1;

	if (!bytes)
		return 0;
	bytes -= min(bytes, first);
	used = sizeof(struct phyr_chunk) + first;
	chunk = kmalloc_size_roundup(2 * first);

	for (; bytes > chunk; chunk = min(2 * chunk, SZ_4K), nr++) {
		bytes -= chunk;
		used += header_size(chunk) + chunk;
	}
	if (bytes) {
		used += header_size(chunk) + kmalloc_size_roundup(bytes);
		nr++;
	}
	/* The ninth chunk has the index of a group. */
	return nr > 8 ? used + 256 : used;
}

static void trim_gives_back(struct kunit *test)
{
	struct alloc_test *t = test->priv;

	for (unsigned int nr = 1; nr < 1600; nr++) {
		fill(test, nr, NULL);
		KUNIT_ASSERT_EQ(test, 0, phyr_reserve(&t->phyr, 700,
						      GFP_KERNEL));
		phyr_trim(&t->phyr, GFP_KERNEL);
		KUNIT_ASSERT_EQ(test, phyr_memory_used(&t->phyr),
				trimmed_size(DIV_ROUND_UP(nr - 1, 2)));
		phyr_model_check(test, t->model, &t->phyr);

		/* A trimmed list can be trimmed again, and it can grow. */
		phyr_trim(&t->phyr, GFP_KERNEL);
		append_reserved(test, 30);
	}
}

/* What was trimmed grows by what the allocator gives, and all of that is used. */
static void trim_and_go_on(struct kunit *test)
{
	struct alloc_test *t = test->priv;

	for (unsigned int nr = 1; nr < 300; nr++) {
		struct phyr_range range = { .phys = SZ_2M, .len = SZ_4K };

		fill(test, nr, NULL);
		phyr_trim(&t->phyr, GFP_KERNEL);
		for (unsigned int i = 0; i < 500; i++) {
			append(test, &range);
			range.phys += SZ_8K;
		}
		for (struct phyr_chunk *chunk = t->phyr.chunks->next; chunk;
		     chunk = chunk->next) {
			size_t bytes = chunk->size * sizeof(*chunk->words);

			KUNIT_ASSERT_EQ(test, bytes, kmalloc_size_roundup(bytes));
			/* Or another's words could be taken for its own. */
			KUNIT_ASSERT_GT(test, chunk->nr_checkpoints, 0);
		}
		phyr_model_check(test, t->model, &t->phyr);
	}
}

static void trim_gives_back_all(struct kunit *test)
{
	struct alloc_test *t = test->priv;

	for (unsigned int nr = 0; nr < 2; nr++) {
		fill(test, nr, NULL);
		KUNIT_ASSERT_EQ(test, 0, phyr_reserve(&t->phyr, 70,
						      GFP_KERNEL));
		phyr_trim(&t->phyr, GFP_KERNEL);
		KUNIT_EXPECT_EQ(test, phyr_memory_used(&t->phyr), 0);
		phyr_model_check(test, t->model, &t->phyr);
		append_reserved(test, 30);
	}
}

static void trim_without_memory(struct kunit *test)
{
	struct alloc_test *t = test->priv;

	for (unsigned int nr = 0; nr < 100; nr++) {
		fill(test, nr, NULL);
		phyr_test_fail_nth(test, 1);
		phyr_trim(&t->phyr, PHYR_TEST_GFP);
		phyr_test_fail_end();
		phyr_model_check(test, t->model, &t->phyr);
		append_reserved(test, 30);
	}
}

/* Truncating to one range leaves nothing that an empty list would not have. */
static void truncate_gives_back(struct kunit *test)
{
	struct alloc_test *t = test->priv;

	for (unsigned int nr = 2; nr < 100; nr++) {
		fill(test, nr, NULL);
		phyr_truncate(&t->phyr, SZ_4K);
		phyr_model_truncate(t->model, SZ_4K);
		phyr_model_check(test, t->model, &t->phyr);
		KUNIT_ASSERT_EQ(test, phyr_memory_used(&t->phyr), 0);
		append_reserved(test, 30);
	}
}

static void eight_bytes_an_entry(struct kunit *test)
{
	const u64 nr = 262144;
	struct alloc_test *t = test->priv;

	for (u64 i = 0; i < nr; i++)
		KUNIT_ASSERT_EQ(test, 0,
				phyr_append(&t->phyr, SZ_1M + i * SZ_8K, SZ_4K,
					    GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, phyr_nr_ranges(&t->phyr), nr);
	KUNIT_EXPECT_LE(test, phyr_memory_used(&t->phyr) + sizeof(t->phyr),
			nr * 82 / 10);
}

static struct kunit_case alloc_cases[] = {
	KUNIT_CASE_PARAM(failures_leave_the_list, alloc_op_gen_params),
	KUNIT_CASE_PARAM(failures_leave_what_was_reserved, alloc_op_gen_params),
	KUNIT_CASE_PARAM(failures_leak_nothing, alloc_op_gen_params),
	KUNIT_CASE(one_range_allocates_nothing),
	KUNIT_CASE(one_range_of_many_pages),
	KUNIT_CASE(reserved_is_enough),
	KUNIT_CASE(reserve_again),
	KUNIT_CASE(reserve_too_much),
	KUNIT_CASE(trim_gives_back),
	KUNIT_CASE(trim_and_go_on),
	KUNIT_CASE(trim_gives_back_all),
	KUNIT_CASE(trim_without_memory),
	KUNIT_CASE(truncate_gives_back),
	KUNIT_CASE(eight_bytes_an_entry),
	{ }
};

static struct kunit_suite alloc_suite = {
	.name = "phyr_alloc",
	.init = alloc_init,
	.exit = alloc_exit,
	.test_cases = alloc_cases,
};

kunit_test_suite(alloc_suite);
