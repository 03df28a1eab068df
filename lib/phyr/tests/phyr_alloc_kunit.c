// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of physical-range lists: the memory that a list uses itself.
 */

#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <linux/vmstat.h>

#include "phyr_model.h"

/* Of lib/phyr, on purpose not taken from there. */
#define PLAIN_MAX	256
#define INDEX_MIN	2
#define TRIM_MIN	16

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
		t->vec[i].paddr = SZ_1M + i * 2 * PAGE_SIZE;
		t->vec[i].len = i % 5 ? PAGE_SIZE : 99;
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
	struct phyr_range range = { .len = PAGE_SIZE };

	phyr_destroy(&t->phyr);
	t->model->nr = 0;
	t->model->bytes = 0;
	for (unsigned int i = 0; i < nr; i++) {
		range.phys = (8000 - 2 * i) * PAGE_SIZE;
		append(test, &range);
	}
	if (last)
		append(test, last);
}

static int op_append(struct alloc_test *t)
{
	return phyr_append(&t->phyr, PAGE_SIZE, PAGE_SIZE, PHYR_TEST_GFP);
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

/* A list that had nothing has nothing again; others hold what they held. */
static void check_failed(struct kunit *test, size_t used)
{
	struct alloc_test *t = test->priv;

	phyr_model_check(test, t->model, &t->phyr);
	KUNIT_ASSERT_LE(test, phyr_memory_used(&t->phyr), used + PHYR_TEST_KEPT);
	if (!t->model->nr)
		KUNIT_ASSERT_TRUE(test, mem_is_zero(&t->phyr, sizeof(t->phyr)));
}

/*
 * Fail each allocation of @op in turn, on a list as of fill(); return how many
 * there were.
 */
static unsigned int fail_each(struct kunit *test, const struct alloc_op *op,
			      unsigned int nr, const struct phyr_range *last)
{
	struct alloc_test *t = test->priv;
	unsigned int left, nth;
	size_t used;
	int ret;

	for (nth = 1; ; nth++) {
		fill(test, nr, last);
		used = phyr_memory_used(&t->phyr);
		phyr_test_fail_nth(test, nth);
		ret = op->run(t);
		left = phyr_test_fail_end();
		if (!ret)
			break;

		KUNIT_ASSERT_EQ(test, -ENOMEM, ret);
		KUNIT_ASSERT_EQ(test, left, 0);
		check_failed(test, used);
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

	for (unsigned int nr = 0; nr < 600; nr += nr < 120 ? 1 : 9) {
		failures += fail_each(test, op, nr, NULL);
		failures += fail_each(test, op, nr, &p2p);
	}
	KUNIT_EXPECT_GT(test, failures, 4);
}

/* Append the worst ranges that there are, of a kind of their own. */
static void append_without_memory(struct kunit *test, unsigned int nr)
{
	struct alloc_test *t = test->priv;
	struct phyr_range range = {
		.len = WIDE_PHYS ? SZ_2G : SZ_256M,
		.flags = PHYR_MMIO,
		.provider = phyr_test_provider(7),
	};
	size_t used = phyr_memory_used(&t->phyr);

	phyr_test_fail_nth(test, 1);
	for (unsigned int i = 0; i < nr; i++) {
		range.phys = 3 + i * PAGE_SIZE;
		append(test, &range);
	}
	KUNIT_ASSERT_EQ(test, 1, phyr_test_fail_end());
	KUNIT_ASSERT_EQ(test, used, phyr_memory_used(&t->phyr));
	phyr_model_check(test, t->model, &t->phyr);
}

/* Whatever fails, as much can be appended afterwards as was reserved. */
static void failures_leave_what_was_reserved(struct kunit *test)
{
	const struct alloc_op *op = test->param_value;
	struct alloc_test *t = test->priv;
	unsigned int left, nth;
	int ret;

	for (unsigned int nr = 0; nr < 64; nr++) {
		for (unsigned int spare = 0; spare < 150; spare += 9) {
			nth = 0;
			do {
				fill(test, nr, NULL);
				KUNIT_ASSERT_EQ(test, 0,
						phyr_reserve(&t->phyr, spare,
							     GFP_KERNEL));
				phyr_test_fail_nth(test, ++nth);
				ret = op->run(t);
				left = phyr_test_fail_end();
				KUNIT_ASSERT_EQ(test, !!ret, !left);
				if (ret)
					append_without_memory(test, spare);
			} while (ret);
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
		fail_each(test, op, i % 3, NULL);
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

#define MANY_PAGES	1280

static struct page *many_pages[MANY_PAGES];

/* That the list has @nr single pages, each of them two further up. */
static void check_every_other(struct kunit *test, unsigned int nr)
{
	struct alloc_test *t = test->priv;
	struct phyr_range range;
	unsigned long pfn = 0;

	KUNIT_ASSERT_EQ(test, phyr_nr_ranges(&t->phyr), nr);
	phyr_for_each_range(&t->phyr, range) {
		KUNIT_ASSERT_EQ(test, range.phys, PFN_PHYS(pfn));
		KUNIT_ASSERT_EQ(test, range.len, PAGE_SIZE);
		pfn += 2;
	}
	KUNIT_ASSERT_EQ(test, pfn, 2 * nr);
}

/*
 * The end of a chunk that others were cut off from becomes plain again in an array
 * that the call which fails has allocated.
 */
static void failure_after_truncating(struct kunit *test)
{
	struct alloc_test *t = test->priv;
	unsigned int nth = 0, left;
	int ret;

	do {
		fill(test, 0, NULL);
		for (unsigned int i = 0; i < MANY_PAGES; i++)
			many_pages[i] = pfn_to_page(2 * i);
		KUNIT_ASSERT_EQ(test, 0,
				phyr_append_pages(&t->phyr, many_pages, MANY_PAGES, 0,
						  MANY_PAGES * PAGE_SIZE, GFP_KERNEL));
		phyr_truncate(&t->phyr, 600 * PAGE_SIZE);
		phyr_truncate(&t->phyr, 456 * PAGE_SIZE);
		check_every_other(test, 456);

		/* Single pages, and then pairs of them. */
		for (unsigned int i = 256; i < MANY_PAGES; i++)
			many_pages[i] = pfn_to_page(9000 + 3 * (i / 2) + i % 2);
		phyr_test_fail_nth(test, ++nth);
		ret = phyr_append_pages(&t->phyr, many_pages, MANY_PAGES, 0,
					MANY_PAGES * PAGE_SIZE, PHYR_TEST_GFP);
		left = phyr_test_fail_end();
		if (ret)
			check_every_other(test, 456);
		phyr_destroy(&t->phyr);
	} while (ret || !left);
	KUNIT_EXPECT_GT(test, nth, 2);
}

/* What was reserved is enough for pages, too, whichever chunks they would like. */
static void reserved_pages(struct kunit *test)
{
	struct alloc_test *t = test->priv;

	for (unsigned int way = 0; way < 4; way++) {
		/* About as many as fit into the array, and into chunks. */
		for (unsigned int nr = 250; nr < MANY_PAGES; nr += nr % 256 == 6 ? 238 : 1) {
			for (unsigned int i = 0; i < nr; i++) {
				unsigned long pfn = way < 2 ? 2 * (nr - i) : 2 * i;

				if (way == 2 && i >= 256)
					pfn = 9000 + i;
				if (way == 3 && WIDE_PHYS)
					pfn += (i / 300 % 2) * BIT_ULL(32);
				many_pages[i] = pfn_to_page(pfn);
			}
			fill(test, way % 2, NULL);
			KUNIT_ASSERT_EQ(test, 0,
					phyr_reserve(&t->phyr, nr, GFP_KERNEL));
			phyr_test_fail_nth(test, 1);
			KUNIT_ASSERT_EQ(test, 0,
					phyr_append_pages(&t->phyr, many_pages, nr, 0,
							  nr * PAGE_SIZE, PHYR_TEST_GFP));
			KUNIT_ASSERT_EQ(test, 1, phyr_test_fail_end());
		}
	}
	phyr_destroy(&t->phyr);
}

/* Nothing is in a list that is empty again, whatever its chunks had. */
static void failure_leaves_nothing(struct kunit *test)
{
	struct alloc_test *t = test->priv;
	static struct phys_vec vecs[300];
	struct phyr_range range;

	for (unsigned int i = 0; i < ARRAY_SIZE(vecs); i++)
		vecs[i] = (struct phys_vec){ 2 * i * PAGE_SIZE, PAGE_SIZE };
	vecs[ARRAY_SIZE(vecs) - 1].len = 0;

	KUNIT_ASSERT_EQ(test, 0, phyr_reserve(&t->phyr, ARRAY_SIZE(vecs),
					      GFP_KERNEL));
	KUNIT_ASSERT_EQ(test, -EINVAL,
			phyr_append_phys_vec(&t->phyr, vecs, ARRAY_SIZE(vecs), 0,
					     NULL, GFP_KERNEL));
	phyr_for_each_range(&t->phyr, range)
		KUNIT_FAIL(test, "there is a range");
	KUNIT_EXPECT_TRUE(test, phyr_empty(&t->phyr));
}

/* The array, two chunks, and an index that has room for two. */
static void index_is_filled(struct kunit *test)
{
	struct alloc_test *t = test->priv;

	fill(test, 2 * PLAIN_MAX + 1, NULL);
	KUNIT_EXPECT_EQ(test, phyr_memory_used(&t->phyr),
			kmalloc_size_roundup(PLAIN_MAX * sizeof(struct phyr_plain)) +
			2 * PLAIN_MAX * sizeof(u32) +
			kmalloc_size_roundup(sizeof(struct phyr_index) +
					     INDEX_MIN * sizeof(struct phyr_chunk)));
}

/* After phyr_reserve() the worst that fits what was asked for. */
static void append_reserved(struct kunit *test, unsigned int nr)
{
	struct alloc_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, 0, phyr_reserve(&t->phyr, nr, GFP_KERNEL));
	phyr_model_check(test, t->model, &t->phyr);
	append_without_memory(test, nr);
}

static void reserved_is_enough(struct kunit *test)
{
	static const unsigned int more[] = {
		1, 2, 3, 4, 5, 6, 7, 12, 29, 61, 62, 63, 64, 65, 120, 200,
	};
	const struct phyr_range last[] = {
		{ .phys = 1, .len = 1 },
		{ .phys = 1, .len = 1, .flags = PHYR_MMIO },
		{ .phys = 1, .len = 1, .flags = PHYR_MMIO,
		  .provider = phyr_test_provider(0) },
	};

	for (unsigned int nr = 0; nr < 600; nr += nr < 80 ? 1 : 7) {
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
	KUNIT_EXPECT_GE(test, used, 500 * 4 * sizeof(u32));
	KUNIT_EXPECT_EQ(test, 0, phyr_reserve(&t->phyr, 500, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, 0, phyr_reserve(&t->phyr, 3, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, 0, phyr_reserve(&t->phyr, 0, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, used, phyr_memory_used(&t->phyr));
	KUNIT_EXPECT_EQ(test, 0, phyr_reserve(&t->phyr, 5000, GFP_KERNEL));
	KUNIT_EXPECT_GT(test, phyr_memory_used(&t->phyr), used);
	phyr_model_check(test, t->model, &t->phyr);
}

/* However often the list is filled, and of whichever chunks that makes. */
static void clear_keeps_reserved(struct kunit *test)
{
	static const unsigned int nr[] = { 1, 2, 70, PLAIN_MAX, PLAIN_MAX + 1, 700 };
	struct alloc_test *t = test->priv;

	for (size_t i = 0; i < ARRAY_SIZE(nr); i++) {
		fill(test, 0, NULL);
		append_reserved(test, nr[i]);
		for (unsigned int k = 0; k < 3; k++) {
			phyr_clear(&t->phyr);
			phyr_model_truncate(t->model, 0);
			phyr_model_check(test, t->model, &t->phyr);
			append_without_memory(test, nr[i]);
		}
	}
	/* And it is all given back. */
	phyr_destroy(&t->phyr);
	KUNIT_EXPECT_TRUE(test, mem_is_zero(&t->phyr, sizeof(t->phyr)));
	t->model->nr = 0;
	t->model->bytes = 0;
}

static void reserve_too_much(struct kunit *test)
{
	struct alloc_test *t = test->priv;

	fill(test, 3, NULL);
	KUNIT_EXPECT_EQ(test, -EINVAL, phyr_reserve(&t->phyr,
						    BIT_ULL(34) + 1,
						    GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, -EINVAL, phyr_reserve(&t->phyr, U64_MAX,
						    GFP_KERNEL));
	phyr_model_check(test, t->model, &t->phyr);
}

static size_t plain_size(unsigned int nr)
{
	return nr > 1 ? kmalloc_size_roundup(nr * sizeof(struct phyr_plain)) : 0;
}

/*
 * What @nr pages take in a list that is trimmed: plain, if they are few and it isn't
 * packed; else packed in four bytes each, but for few at the end.
 */
static size_t trimmed_size(unsigned int nr, bool pack)
{
	unsigned int chunks = (nr - 1) / PLAIN_MAX;
	unsigned int last = (nr - 1) % PLAIN_MAX + 1;
	size_t bytes = chunks * PLAIN_MAX * sizeof(u32);

	if (nr <= PHYR_FEW)
		return 0;
	if ((!chunks && !pack) || last <= TRIM_MIN) {
		bytes += plain_size(last);
	} else {
		bytes += kmalloc_size_roundup((last - 1) * sizeof(u32));
		chunks++;
	}
	if (chunks)
		bytes += kmalloc_size_roundup(sizeof(struct phyr_index) +
					      max(chunks, INDEX_MIN) *
					      sizeof(struct phyr_chunk));
	return bytes;
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
				trimmed_size(nr, false));
		phyr_model_check(test, t->model, &t->phyr);

		/* A trimmed list can be trimmed again, and it can grow. */
		phyr_trim(&t->phyr, GFP_KERNEL);
		KUNIT_ASSERT_EQ(test, phyr_memory_used(&t->phyr),
				trimmed_size(nr, false));
		append_reserved(test, 30);
	}
}

static void pack_gives_back(struct kunit *test)
{
	struct alloc_test *t = test->priv;

	for (unsigned int nr = 1; nr < 1600; nr++) {
		fill(test, nr, NULL);
		for (unsigned int i = 0; i < 2; i++) {
			phyr_pack(&t->phyr, GFP_KERNEL);
			KUNIT_ASSERT_EQ(test, phyr_memory_used(&t->phyr),
					trimmed_size(nr, true));
		}
		phyr_model_check(test, t->model, &t->phyr);
		append_reserved(test, 30);
	}
}

/* An index and entries that are small may be next to each other in memory. */
static void trim_many(struct kunit *test)
{
	struct phyr *lists = kunit_kcalloc(test, 128, sizeof(*lists), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, lists);
	for (unsigned int i = 0; i < 128; i++) {
		for (unsigned int k = 0; k <= PLAIN_MAX; k++)
			KUNIT_ASSERT_EQ(test, 0,
					phyr_append(&lists[i], 2 * k * PAGE_SIZE,
						    PAGE_SIZE, GFP_KERNEL));
		KUNIT_ASSERT_EQ(test, 0, phyr_reserve(&lists[i], 100, GFP_KERNEL));
		phyr_trim(&lists[i], GFP_KERNEL);
	}
	for (unsigned int i = 0; i < 128; i++) {
		struct phyr_range range;
		unsigned int k;

		for (k = PLAIN_MAX + 1; k < 400; k++)
			KUNIT_ASSERT_EQ(test, 0,
					phyr_append(&lists[i], 2 * k * PAGE_SIZE,
						    PAGE_SIZE, GFP_KERNEL));
		k = 0;
		phyr_for_each_range(&lists[i], range)
			KUNIT_ASSERT_EQ(test, range.phys, 2 * k++ * PAGE_SIZE);
		KUNIT_ASSERT_EQ(test, k, 400);
		phyr_destroy(&lists[i]);
	}
}

/* What was trimmed grows, whatever size it had. */
static void trim_and_go_on(struct kunit *test)
{
	static const struct phyr_range entries[] = {
		{ .phys = SZ_2M, .len = PAGE_SIZE },
		{ .phys = SZ_2M, .len = 999 * PAGE_SIZE },
		{ .phys = SZ_2M, .len = 1 },
		{ .phys = 1, .len = SZ_512M },
	};
	struct alloc_test *t = test->priv;

	for (unsigned int nr = 1; nr < 800; nr += nr < 300 ? 1 : 7) {
		struct phyr_range range = entries[nr % ARRAY_SIZE(entries)];

		fill(test, nr, NULL);
		phyr_trim(&t->phyr, GFP_KERNEL);
		for (unsigned int i = 0; i < 500; i++) {
			append(test, &range);
			if (i % 100 == nr % 100) {
				phyr_trim(&t->phyr, GFP_KERNEL);
				phyr_model_check(test, t->model, &t->phyr);
			}
			range.phys += 2 * PAGE_SIZE;
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

	for (unsigned int nr = 0; nr < 600; nr += nr < 100 ? 1 : 7) {
		/* The last chunk, the copy of plain ranges, that of the index. */
		for (unsigned int nth = 1; nth < 4; nth++) {
			fill(test, nr, NULL);
			phyr_test_fail_nth(test, nth);
			if (nr & 1)
				phyr_pack(&t->phyr, PHYR_TEST_GFP);
			else
				phyr_trim(&t->phyr, PHYR_TEST_GFP);
			phyr_test_fail_end();
			phyr_model_check(test, t->model, &t->phyr);
			append_reserved(test, 30);
		}
	}
}

/* Truncating to one range leaves nothing that an empty list would not have. */
static void truncate_gives_back(struct kunit *test)
{
	struct alloc_test *t = test->priv;

	for (unsigned int nr = 2; nr < 100; nr++) {
		fill(test, nr, NULL);
		phyr_truncate(&t->phyr, PAGE_SIZE);
		phyr_model_truncate(t->model, PAGE_SIZE);
		phyr_model_check(test, t->model, &t->phyr);
		KUNIT_ASSERT_EQ(test, phyr_memory_used(&t->phyr), 0);
		append_reserved(test, 30);
		phyr_truncate(&t->phyr, 0);
		KUNIT_ASSERT_TRUE(test, mem_is_zero(&t->phyr, sizeof(t->phyr)));
	}
}

static void four_bytes_an_entry(struct kunit *test)
{
	const u64 nr = 262144;
	struct alloc_test *t = test->priv;

	for (u64 i = 0; i < nr; i++)
		KUNIT_ASSERT_EQ(test, 0,
				phyr_append(&t->phyr, (i + 1) * 2 * PAGE_SIZE,
					    PAGE_SIZE, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, phyr_nr_ranges(&t->phyr), nr);
	/* A long index takes whole pages. */
	KUNIT_EXPECT_LE(test, phyr_memory_used(&t->phyr) + sizeof(t->phyr),
			nr * 42 / 10 + PAGE_SIZE - SZ_4K);
}

/* Of a scatterlist: 32 bytes an entry, of which long ones have more, and the head. */
static size_t sg_memory(unsigned int nr)
{
	return 16 + (nr <= 128 ? kmalloc_size_roundup(32 * nr) : 32 * (nr + 1));
}

/* Never more than a scatterlist's table. */
static void short_lists_are_small(struct kunit *test)
{
	struct alloc_test *t = test->priv;

	if (sizeof(long) != sizeof(u64))
		kunit_skip(test, "for 64 bits");

	KUNIT_EXPECT_LE(test, sizeof(t->phyr), 64);
	for (unsigned int nr = 1; nr < 1000; nr++) {
		fill(test, nr, NULL);
		phyr_trim(&t->phyr, GFP_KERNEL);
		KUNIT_EXPECT_LE(test, phyr_memory_used(&t->phyr) + sizeof(t->phyr),
				nr == 1 ? 64 : nr < 5 ? 144 : sg_memory(nr));
	}
}

/*
 * A long index is of vmalloc().  Let the next append that finds it full be one that
 * must not sleep.
 */
static void vmalloc_index_grows(struct kunit *test)
{
	struct alloc_test *t = test->priv;
	struct phyr_range range;
	gfp_t gfp = GFP_KERNEL;
	u32 max = U32_MAX;
	u64 i = 0;

	if (PAGE_SIZE > SZ_4K)
		kunit_skip(test, "takes a list of many millions");
	for (; !t->phyr.index || t->phyr.index->nr <= max; i++) {
		KUNIT_ASSERT_LT(test, i, SZ_1M);
		KUNIT_ASSERT_EQ(test, 0, phyr_append(&t->phyr, 2 * i * PAGE_SIZE,
						     PAGE_SIZE, gfp));
		if (max == U32_MAX && is_vmalloc_addr(t->phyr.index)) {
			max = t->phyr.index->max;
			gfp = PHYR_TEST_GFP;
		}
	}
	KUNIT_EXPECT_GT(test, t->phyr.index->max, max);
	KUNIT_EXPECT_FALSE(test, is_vmalloc_addr(t->phyr.index));
	phyr_for_each_range(&t->phyr, range)
		i -= range.len == PAGE_SIZE;
	KUNIT_EXPECT_EQ(test, i, 0);
}

static struct kunit_case alloc_cases[] = {
	KUNIT_CASE_PARAM(failures_leave_the_list, alloc_op_gen_params),
	KUNIT_CASE_PARAM(failures_leave_what_was_reserved, alloc_op_gen_params),
	KUNIT_CASE_PARAM(failures_leak_nothing, alloc_op_gen_params),
	KUNIT_CASE(one_range_allocates_nothing),
	KUNIT_CASE(one_range_of_many_pages),
	KUNIT_CASE(failure_after_truncating),
	KUNIT_CASE(reserved_pages),
	KUNIT_CASE(failure_leaves_nothing),
	KUNIT_CASE(index_is_filled),
	KUNIT_CASE(reserved_is_enough),
	KUNIT_CASE(reserve_again),
	KUNIT_CASE(clear_keeps_reserved),
	KUNIT_CASE(reserve_too_much),
	KUNIT_CASE(trim_gives_back),
	KUNIT_CASE(pack_gives_back),
	KUNIT_CASE(trim_many),
	KUNIT_CASE(trim_and_go_on),
	KUNIT_CASE(trim_gives_back_all),
	KUNIT_CASE(trim_without_memory),
	KUNIT_CASE(truncate_gives_back),
	KUNIT_CASE(four_bytes_an_entry),
	KUNIT_CASE(short_lists_are_small),
	KUNIT_CASE(vmalloc_index_grows),
	{ }
};

static struct kunit_suite alloc_suite = {
	.name = "phyr_alloc",
	.init = alloc_init,
	.exit = alloc_exit,
	.test_cases = alloc_cases,
};

kunit_test_suite(alloc_suite);
