// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of physical-range lists: what a list holds.
 */

#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "../words.h"
#include "phyr_model.h"

/* Of lib/phyr/words.h, on purpose not taken from there. */
#define RUN_PFN_BITS		44
#define RUN_PAGES_MAX		BIT_ULL(18)
#define PAIR_PAGES_MAX		BIT_ULL(9)
#define PAIR_WINDOW		(BIT_ULL(22) * PAGE_SIZE)
#define FIRST_CHUNK_WORDS						\
	((kmalloc_size_roundup(192) - sizeof(struct phyr_chunk)) / sizeof(u64))

struct list_test {
	struct phyr		phyr;
	struct phyr_model	*model;
};

static int list_init(struct kunit *test)
{
	struct list_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	t->model = phyr_model_new(test, 4096);
	test->priv = t;
	return 0;
}

static void list_exit(struct kunit *test)
{
	struct list_test *t = test->priv;

	if (t)
		phyr_destroy(&t->phyr);
}

static void append(struct kunit *test, const struct phyr_range *range)
{
	struct list_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, 0, phyr_append_range(&t->phyr, range, GFP_KERNEL));
	phyr_model_append(test, t->model, range);
}

static void add(struct kunit *test, phys_addr_t phys, u64 len)
{
	const struct phyr_range range = { .phys = phys, .len = len };

	append(test, &range);
}

static void check(struct kunit *test)
{
	struct list_test *t = test->priv;

	phyr_model_check(test, t->model, &t->phyr);
}

static void reset(struct kunit *test)
{
	struct list_test *t = test->priv;

	phyr_destroy(&t->phyr);
	t->model->nr = 0;
	t->model->bytes = 0;
}

static void expect_refused(struct kunit *test, int err, phys_addr_t phys,
			   u64 len)
{
	struct list_test *t = test->priv;

	KUNIT_EXPECT_EQ(test, err, phyr_append(&t->phyr, phys, len, GFP_KERNEL));
	check(test);
}

static void empty_list(struct kunit *test)
{
	struct phyr phyr = PHYR_INIT;
	struct phyr_state ps = phyr_start(&phyr);
	phys_addr_t phys;
	unsigned long pfn;

	KUNIT_EXPECT_TRUE(test, phyr_empty(&phyr));
	KUNIT_EXPECT_EQ(test, phyr_bytes(&phyr), 0);
	KUNIT_EXPECT_EQ(test, phyr_nr_ranges(&phyr), 0);
	KUNIT_EXPECT_EQ(test, phyr_memory_used(&phyr), 0);
	KUNIT_EXPECT_NULL(test, phyrs_next(&ps));
	KUNIT_EXPECT_EQ(test, phyrs_piece(&ps, 1, &phys), 0);
	KUNIT_EXPECT_FALSE(test, phyrs_next_pfn(&ps, &pfn));
	KUNIT_EXPECT_EQ(test, -ERANGE, phyrs_seek(&ps, 0));

	phyr_truncate(&phyr, 0);
	phyr_trim(&phyr, GFP_KERNEL);
	phyr_unpin(&phyr, true);
	phyr_destroy(&phyr);
	KUNIT_EXPECT_TRUE(test, phyr_empty(&phyr));
}

static void refuses_bad_ranges(struct kunit *test)
{
	add(test, SZ_4K, SZ_4K);
	expect_refused(test, -EINVAL, 0, 0);
	expect_refused(test, -EINVAL, SZ_8K, 0);
	expect_refused(test, -EINVAL, SZ_4K, U64_MAX - SZ_4K + 2);
	expect_refused(test, -EINVAL, SZ_4K, U64_MAX);
	if (WIDE_PHYS) {
		expect_refused(test, -EINVAL, PHYS_ADDR_MAX, 2);
		return;
	}
	expect_refused(test, -ERANGE, PHYS_ADDR_MAX, 2);
	expect_refused(test, -ERANGE, 0, (u64)PHYS_ADDR_MAX + 2);
}

static void refuses_bad_kinds(struct kunit *test)
{
	struct p2pdma_provider *provider = phyr_test_provider(0);
	const struct phyr_range bad[] = {
		{ .flags = BIT(2) },
		{ .flags = BIT(31) },
		{ .flags = PHYR_MMIO | BIT(2) },
		{ .flags = PHYR_MMIO | PHYR_PINNED },
		{ .flags = PHYR_PINNED, .provider = provider },
		{ .provider = provider },
	};
	struct list_test *t = test->priv;

	add(test, SZ_4K, SZ_4K);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct phyr_range range = bad[i];

		range.phys = SZ_8K;
		range.len = SZ_4K;
		KUNIT_EXPECT_EQ(test, -EINVAL,
				phyr_append_range(&t->phyr, &range, GFP_KERNEL));
		check(test);
	}
}

static void longest_range(struct kunit *test)
{
	if (!WIDE_PHYS)
		kunit_skip(test, "needs 64-bit addresses");

	expect_refused(test, -ERANGE, 0, PHYR_RANGE_MAX + 1);
	add(test, 0, PHYR_RANGE_MAX);
	check(test);
	/* Adjacent, but one range would be too long. */
	add(test, PHYR_RANGE_MAX, SZ_4K);
	add(test, SZ_4K, SZ_4K);
	check(test);
	KUNIT_EXPECT_EQ(test, phyr_nr_ranges(&((struct list_test *)test->priv)->phyr), 3);
}

static void merges_up_to_longest_range(struct kunit *test)
{
	struct list_test *t = test->priv;

	if (!WIDE_PHYS)
		kunit_skip(test, "needs 64-bit addresses");

	add(test, 0, PHYR_RANGE_MAX - SZ_4K);
	add(test, PHYR_RANGE_MAX - SZ_4K, SZ_4K);
	KUNIT_EXPECT_EQ(test, phyr_nr_ranges(&t->phyr), 1);
	check(test);
	add(test, PHYR_RANGE_MAX, 1);
	KUNIT_EXPECT_EQ(test, phyr_nr_ranges(&t->phyr), 2);
	check(test);
}

static void longest_list(struct kunit *test)
{
	struct phyr_pool *pool = phyr_pool_new(test, 1);
	static const struct phys_vec vec[] = { { 0, 1 }, { 0, 1 } };
	struct page *page = virt_to_page(pool->addr);
	struct list_test *t = test->priv;

	if (!WIDE_PHYS)
		kunit_skip(test, "needs 64-bit addresses");

	add(test, 0, PHYR_RANGE_MAX);
	add(test, 0, PHYR_RANGE_MAX);
	expect_refused(test, -ERANGE, 0, 2);
	KUNIT_EXPECT_EQ(test, -ERANGE,
			phyr_append_pages(&t->phyr, &page, 1, 9, 2, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, -ERANGE,
			phyr_append_folio(&t->phyr, page_folio(page), 0, 2,
					  GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, -ERANGE,
			phyr_append_phys_vec(&t->phyr, vec, 2, 0, NULL,
					     GFP_KERNEL));
	check(test);
	add(test, 0, 1);
	check(test);
	expect_refused(test, -ERANGE, 0, 1);
	expect_refused(test, -ERANGE, 1, 1);
}

static void highest_address(struct kunit *test)
{
	struct list_test *t = test->priv;

	add(test, PHYS_ADDR_MAX, 1);
	add(test, PHYS_ADDR_MAX - SZ_4K + 1, SZ_4K);
	/* Not adjacent: addresses don't start over. */
	add(test, 0, SZ_4K);
	add(test, SZ_16K, SZ_4K);
	check(test);
	KUNIT_EXPECT_EQ(test, phyr_nr_ranges(&t->phyr), 4);
}

/* How many of @a and @b in turn it takes until the first chunk is too small. */
static unsigned int capacity_of_two(struct kunit *test,
				    const struct phyr_range *a,
				    const struct phyr_range *b)
{
	struct list_test *t = test->priv;
	size_t chunk = 0;
	unsigned int nr;

	reset(test);
	for (nr = 0; phyr_memory_used(&t->phyr) <= chunk; nr++) {
		append(test, nr % 2 ? b : a);
		if (nr == 1)
			chunk = phyr_memory_used(&t->phyr);
	}
	check(test);
	KUNIT_EXPECT_EQ(test, phyr_nr_ranges(&t->phyr), nr);
	return nr - 1;
}

static unsigned int capacity(struct kunit *test, const struct phyr_range *range)
{
	return capacity_of_two(test, range, range);
}

/* The last range isn't in a chunk. */
#define FIT_PAIRS(attr)		(2 * (FIRST_CHUNK_WORDS - (attr)) + 1)
#define FIT_RUNS(attr)		(FIRST_CHUNK_WORDS - (attr) + 1)
#define FIT_GENERAL(attr)	((FIRST_CHUNK_WORDS - (attr)) / 2 + 1)
#define FIT_OFFSET		(1 + (FIRST_CHUNK_WORDS - 1) / 2 + 1)

static void expect_fit(struct kunit *test, unsigned int nr, phys_addr_t phys,
		       u64 len)
{
	const struct phyr_range range = { .phys = phys, .len = len };

	KUNIT_EXPECT_EQ_MSG(test, nr, capacity(test, &range),
			    "phys %pa len %llu", &phys, len);
}

static void pair_word(struct kunit *test)
{
	expect_fit(test, FIT_PAIRS(0), 0, PAGE_SIZE);
	expect_fit(test, FIT_PAIRS(0), PAGE_SIZE, PAGE_SIZE);
	expect_fit(test, FIT_PAIRS(0), PAGE_SIZE, 3 * PAGE_SIZE);
	expect_fit(test, FIT_PAIRS(0), PAGE_SIZE, PAIR_PAGES_MAX * PAGE_SIZE);
	expect_fit(test, FIT_RUNS(0), PAGE_SIZE,
		   (PAIR_PAGES_MAX + 1) * PAGE_SIZE);
}

/* The first chunk's window has the first range in its middle. */
static void pair_window(struct kunit *test)
{
	struct phyr_range a = { .phys = PAIR_WINDOW, .len = PAGE_SIZE };
	struct phyr_range b = a;

	if (!WIDE_PHYS)
		kunit_skip(test, "needs 64-bit addresses");

	b.phys = a.phys + PAIR_WINDOW / 2 - PAGE_SIZE;
	KUNIT_EXPECT_EQ(test, FIT_PAIRS(0), capacity_of_two(test, &a, &b));
	b.phys += PAGE_SIZE;
	KUNIT_EXPECT_EQ(test, FIT_RUNS(0), capacity_of_two(test, &a, &b));
	b.phys = a.phys - PAIR_WINDOW / 2;
	KUNIT_EXPECT_EQ(test, FIT_PAIRS(0), capacity_of_two(test, &a, &b));
	b.phys -= PAGE_SIZE;
	KUNIT_EXPECT_EQ(test, FIT_RUNS(0), capacity_of_two(test, &a, &b));
}

/* Later chunks are set up for what the list was like until then. */
static void pair_window_widens(struct kunit *test)
{
	struct list_test *t = test->priv;
	size_t used = 0;

	if (!WIDE_PHYS)
		kunit_skip(test, "needs 64-bit addresses");

	for (unsigned int i = 0; i < 900; i++) {
		if (i == 200)
			used = phyr_memory_used(&t->phyr);
		add(test, (i % 2 ? 37ULL : i % 3) * PAIR_WINDOW + i * SZ_64K,
		    SZ_4K);
	}
	check(test);
	KUNIT_EXPECT_LT(test, phyr_memory_used(&t->phyr) - used, 700 * 6);
}

static void run_word(struct kunit *test)
{
	u64 len = (PAIR_PAGES_MAX + 1) * PAGE_SIZE;

	expect_fit(test, FIT_RUNS(0), 0, len);
	expect_fit(test, FIT_RUNS(0), 0, RUN_PAGES_MAX * PAGE_SIZE);
	expect_fit(test, FIT_GENERAL(0), 0, RUN_PAGES_MAX * PAGE_SIZE + 1);
	expect_fit(test, FIT_GENERAL(0), 0, (RUN_PAGES_MAX + 1) * PAGE_SIZE);
	expect_fit(test, FIT_GENERAL(0), PAGE_SIZE, PAGE_SIZE - 1);
	expect_fit(test, FIT_GENERAL(0), PAGE_SIZE, 1);
	expect_fit(test, FIT_GENERAL(0), 1, PAGE_SIZE);
}

static void run_word_of_largest_pfn(struct kunit *test)
{
	u64 first_beyond = BIT_ULL(RUN_PFN_BITS) * PAGE_SIZE;

	if (!WIDE_PHYS)
		kunit_skip(test, "needs 64-bit addresses");

	expect_fit(test, FIT_PAIRS(0), first_beyond - PAGE_SIZE, PAGE_SIZE);
	expect_fit(test, FIT_RUNS(0), first_beyond - PAGE_SIZE,
		   RUN_PAGES_MAX * PAGE_SIZE);
	expect_fit(test, FIT_GENERAL(0), first_beyond, PAGE_SIZE);
	expect_fit(test, FIT_GENERAL(0), PHYS_ADDR_MAX - PAGE_SIZE + 1,
		   PAGE_SIZE);
	expect_fit(test, FIT_GENERAL(0), PHYS_ADDR_MAX, 1);
}

/* Only the first range may start inside a page and still be a run. */
static void run_word_with_offset(struct kunit *test)
{
	expect_fit(test, FIT_OFFSET, 1, PAGE_SIZE - 1);
	expect_fit(test, FIT_OFFSET, 2 * PAGE_SIZE - 1, 1);
	expect_fit(test, FIT_OFFSET, PAGE_SIZE + 8,
		   RUN_PAGES_MAX * PAGE_SIZE - 8);
	expect_fit(test, FIT_GENERAL(0), PAGE_SIZE + 8,
		   (RUN_PAGES_MAX + 1) * PAGE_SIZE - 8);
}

static void attribute_word(struct kunit *test)
{
	struct phyr_pool *pool = phyr_pool_new(test, 1);
	struct phyr_range range = { .phys = SZ_1M, .len = PAGE_SIZE };

	range.flags = PHYR_MMIO;
	KUNIT_EXPECT_EQ(test, FIT_PAIRS(1), capacity(test, &range));
	range.provider = phyr_test_provider(0);
	KUNIT_EXPECT_EQ(test, FIT_PAIRS(2), capacity(test, &range));
	range.len = 1;
	KUNIT_EXPECT_EQ(test, FIT_GENERAL(2), capacity(test, &range));

	range = (struct phyr_range) {
		.phys = pool->phys,
		.len = PAGE_SIZE,
		.flags = PHYR_PINNED,
	};
	for (int i = 0; i <= FIT_PAIRS(1); i++)
		phyr_pool_pin(&range);
	KUNIT_EXPECT_EQ(test, FIT_PAIRS(1), capacity(test, &range));
	reset(test);
	phyr_pool_check(test, pool, ((struct list_test *)test->priv)->model);
}

/* Every kind after every other, at every position in the first two chunks. */
static void kinds_across_chunks(struct kunit *test)
{
	const struct phyr_range kinds[] = {
		{ },
		{ .flags = PHYR_MMIO },
		{ .flags = PHYR_MMIO, .provider = phyr_test_provider(0) },
		{ .flags = PHYR_MMIO, .provider = phyr_test_provider(1) },
	};

	for (unsigned int at = 0; at < 48; at++) {
		for (unsigned int k = 0; k < 16; k++) {
			reset(test);
			for (unsigned int i = 0; i < 64; i++) {
				struct phyr_range range =
					kinds[i < at ? k / 4 : k % 4];

				range.phys = i * SZ_64K;
				range.len = i & 1 ? SZ_4K : 100;
				append(test, &range);
			}
			check(test);
		}
	}
}

static void merges_neighbours(struct kunit *test)
{
	struct list_test *t = test->priv;

	add(test, SZ_4K, SZ_4K);
	add(test, SZ_8K, SZ_8K);
	KUNIT_EXPECT_EQ(test, phyr_nr_ranges(&t->phyr), 1);
	/* From inside a page to inside a page. */
	add(test, SZ_16K, 100);
	add(test, SZ_16K + 100, 1);
	add(test, SZ_16K + 101, SZ_1M);
	KUNIT_EXPECT_EQ(test, phyr_nr_ranges(&t->phyr), 1);
	/* Backwards, overlapping, and again. */
	add(test, 0, SZ_4K);
	add(test, 0, SZ_4K);
	add(test, SZ_4K - 1, SZ_4K);
	add(test, SZ_8K, SZ_4K);
	KUNIT_EXPECT_EQ(test, phyr_nr_ranges(&t->phyr), 5);
	KUNIT_EXPECT_EQ(test, t->model->nr, 5);
	check(test);
}

static void merges_only_the_same_kind(struct kunit *test)
{
	struct list_test *t = test->priv;
	struct phyr_range range = { .phys = SZ_1M, .len = SZ_4K };
	unsigned int nr = 0;

	for (unsigned int i = 0; i < 8; i++) {
		/* Page memory, no provider, two providers: each twice. */
		range.flags = i / 2 ? PHYR_MMIO : 0;
		range.provider = i / 2 > 1 ? phyr_test_provider(i / 2) : NULL;
		append(test, &range);
		range.phys += SZ_4K;
		nr += !(i & 1);
		KUNIT_EXPECT_EQ(test, phyr_nr_ranges(&t->phyr), nr);
	}
	check(test);
}

static void merges_pins_between_pages(struct kunit *test)
{
	struct phyr_pool *pool = phyr_pool_new(test, 8);
	static const struct {
		unsigned int	len;
		unsigned int	nr;
	} steps[] = {
		{ 4096, 1 }, { 4096, 1 }, { 100, 1 }, { 200, 2 }, { 3796, 3 },
		{ 4096, 3 }, { 1, 3 }, { 4095, 4 }, { 4096, 4 },
	};
	struct phyr_range range = { .phys = pool->phys, .flags = PHYR_PINNED };
	struct list_test *t = test->priv;

	if (PAGE_SIZE != SZ_4K)
		kunit_skip(test, "written for pages of 4 KiB");

	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		range.len = steps[i].len;
		phyr_pool_pin(&range);
		append(test, &range);
		range.phys += range.len;
		KUNIT_EXPECT_EQ(test, phyr_nr_ranges(&t->phyr), steps[i].nr);
	}
	check(test);
	phyr_pool_check(test, pool, t->model);
	reset(test);
	phyr_pool_check(test, pool, t->model);
}

/* A range may grow at any fill of the chunk before it. */
static void merges_across_chunks(struct kunit *test)
{
	struct list_test *t = test->priv;
	u64 nr = 0;

	for (phys_addr_t phys = SZ_64K; phys < SZ_64M; phys += SZ_64K) {
		unsigned int first = nr & 7 ? SZ_4K : 1000;

		add(test, phys, first);
		add(test, phys + first, 24);
		add(test, phys + first + 24, SZ_8K - first - 24);
		KUNIT_ASSERT_EQ(test, phyr_nr_ranges(&t->phyr), ++nr);
	}
	check(test);
}

static void append_phys_vec(struct kunit *test)
{
	static const struct phys_vec vec[] = {
		{ SZ_1M, SZ_4K }, { SZ_1M + SZ_4K, 50 }, { 7, 7 }, { 14, 1 },
	};
	struct p2pdma_provider *provider = phyr_test_provider(0);
	struct list_test *t = test->priv;

	KUNIT_EXPECT_EQ(test, 0, phyr_append_phys_vec(&t->phyr, vec, 0, 0, NULL,
						      GFP_KERNEL));
	KUNIT_EXPECT_TRUE(test, phyr_empty(&t->phyr));
	KUNIT_EXPECT_EQ(test, 0, phyr_append_phys_vec(&t->phyr, vec,
						      ARRAY_SIZE(vec), PHYR_MMIO,
						      provider, GFP_KERNEL));
	for (size_t i = 0; i < ARRAY_SIZE(vec); i++)
		phyr_model_append(test, t->model, &(struct phyr_range) {
			.phys = vec[i].paddr,
			.len = vec[i].len,
			.flags = PHYR_MMIO,
			.provider = provider,
		});
	KUNIT_EXPECT_EQ(test, phyr_nr_ranges(&t->phyr), 2);
	check(test);
}

/* An element that is refused takes those before it along. */
static void append_phys_vec_undone(struct kunit *test)
{
	struct list_test *t = test->priv;
	struct phys_vec vec[64];
	size_t used;

	for (size_t i = 0; i < ARRAY_SIZE(vec); i++)
		vec[i] = (struct phys_vec) { SZ_64K * (i + 1), SZ_4K + (i & 1) };
	vec[63].len = 0;

	for (unsigned int i = 0; i < 40; i++) {
		used = phyr_memory_used(&t->phyr);
		KUNIT_ASSERT_EQ(test, -EINVAL,
				phyr_append_phys_vec(&t->phyr, vec, 64,
						     PHYR_MMIO, NULL,
						     GFP_KERNEL));
		KUNIT_ASSERT_EQ(test, used, phyr_memory_used(&t->phyr));
		check(test);
		/* Also where the first element merges. */
		add(test, i & 1 ? 2 * SZ_1M : SZ_64K - SZ_4K, SZ_4K);
	}
	check(test);
}

static void append_pages(struct kunit *test)
{
	struct phyr_pool *pool = phyr_pool_new(test, 16);
	static const u8 order[] = { 3, 4, 5, 6, 2, 2, 1, 0, 8, 9, 11, 12 };
	struct page *pages[ARRAY_SIZE(order)];
	struct list_test *t = test->priv;
	const unsigned int offset = 100;
	const u64 size = ARRAY_SIZE(order) * PAGE_SIZE - offset - 11;

	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		struct phyr_range range = {
			.phys = pool->phys + order[i] * PAGE_SIZE,
			.len = PAGE_SIZE,
		};

		pages[i] = virt_to_page(pool->addr) + order[i];
		phyr_model_append(test, t->model, &range);
	}
	t->model->ranges[0].phys += offset;
	t->model->ranges[0].len -= offset;
	t->model->bytes -= offset;
	phyr_model_truncate(t->model, size);

	KUNIT_EXPECT_EQ(test, 0,
			phyr_append_pages(&t->phyr, pages, ARRAY_SIZE(pages),
					  offset, size, GFP_KERNEL));
	check(test);
	KUNIT_EXPECT_EQ(test, phyr_nr_ranges(&t->phyr), 7);
}

static void append_pages_refused(struct kunit *test)
{
	struct phyr_pool *pool = phyr_pool_new(test, 2);
	struct page *pages[] = { virt_to_page(pool->addr), NULL };
	struct list_test *t = test->priv;
	static const struct {
		unsigned long	nr;
		unsigned int	offset;
		u64		size;
	} bad[] = {
		{ 0, 0, 1 }, { 0, 1, 1 }, { 1, 0, 0 }, { 1, PAGE_SIZE, 1 },
		{ 1, UINT_MAX, 1 }, { 1, 0, PAGE_SIZE + 1 },
		{ 1, 1, PAGE_SIZE }, { 1, PAGE_SIZE - 1, 2 },
		{ 1, 1, U64_MAX }, { 1, 0, U64_MAX - PAGE_SIZE + 1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		KUNIT_EXPECT_EQ(test, -EINVAL,
				phyr_append_pages(&t->phyr, pages, bad[i].nr,
						  bad[i].offset, bad[i].size,
						  GFP_KERNEL));
		check(test);
	}
	KUNIT_EXPECT_EQ(test, 0, phyr_append_pages(&t->phyr, pages, 1,
						   PAGE_SIZE - 1, 1, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, 1, phyr_bytes(&t->phyr));
}

/* 40 ranges of all kinds and shapes, with a chunk boundary inside. */
static void add_mixed(struct kunit *test, const struct phyr_pool *pool)
{
	struct phyr_range range;

	for (unsigned int i = 0; i < 40; i++) {
		unsigned int kind = i / 5 % 4;

		range = (struct phyr_range) {
			.phys = pool->phys + (i % 8) * PAGE_SIZE + i / 9,
			.len = i % 3 ? 7 + i : PAGE_SIZE - i / 9,
			.flags = kind == 1 ? PHYR_PINNED : kind ? PHYR_MMIO : 0,
			.provider = kind == 3 ? phyr_test_provider(i) : NULL,
		};
		if (range.flags & PHYR_PINNED)
			phyr_pool_pin(&range);
		append(test, &range);
	}
}

static void truncate_anywhere(struct kunit *test)
{
	struct phyr_pool *pool = phyr_pool_new(test, 16);
	struct list_test *t = test->priv;
	u64 len = 0;

	do {
		reset(test);
		add_mixed(test, pool);
		phyr_truncate(&t->phyr, t->model->bytes);
		check(test);
		phyr_truncate(&t->phyr, U64_MAX);
		check(test);

		phyr_truncate(&t->phyr, len);
		phyr_model_truncate(t->model, len);
		check(test);
		phyr_pool_check(test, pool, t->model);

		/* It must go on from there. */
		add(test, SZ_1M, SZ_4K);
		add_mixed(test, pool);
		check(test);
		phyr_pool_check(test, pool, t->model);

		/* Dense at first, and then wherever a step of 13 hits. */
		len += len < 600 ? 1 : 13;
	} while (len <= 30000);

	reset(test);
	phyr_pool_check(test, pool, t->model);
}

static void truncate_again_and_again(struct kunit *test)
{
	struct phyr_pool *pool = phyr_pool_new(test, 16);
	struct list_test *t = test->priv;

	for (unsigned int i = 0; i < 10; i++)
		add_mixed(test, pool);
	while (t->model->bytes) {
		u64 len = t->model->bytes - min(t->model->bytes, 1777);

		phyr_truncate(&t->phyr, len);
		phyr_model_truncate(t->model, len);
		check(test);
		phyr_pool_check(test, pool, t->model);
	}
	KUNIT_EXPECT_EQ(test, phyr_memory_used(&t->phyr), 0);
}

static void use_after_destroy(struct kunit *test)
{
	struct list_test *t = test->priv;
	struct phyr_pool *pool = phyr_pool_new(test, 16);

	for (unsigned int i = 0; i < 3; i++) {
		add_mixed(test, pool);
		check(test);
		reset(test);
		check(test);
		KUNIT_EXPECT_EQ(test, phyr_memory_used(&t->phyr), 0);
		KUNIT_EXPECT_TRUE(test, mem_is_zero(&t->phyr, sizeof(t->phyr)));
	}
}

/* From every position, by every way to go on. */
static void seek_anywhere(struct kunit *test)
{
	struct phyr_pool *pool = phyr_pool_new(test, 16);
	struct list_test *t = test->priv;

	add_mixed(test, pool);
	for (u64 pos = 0; pos < t->model->bytes; pos++) {
		struct phyr_range want = phyr_model_at(t->model, pos);
		struct phyr_state ps = phyr_start(&t->phyr);
		struct phyr_state piece;
		unsigned long pfn = 0;
		phys_addr_t phys = 0;

		KUNIT_ASSERT_EQ(test, 0, phyrs_seek(&ps, pos));
		piece = ps;
		KUNIT_ASSERT_EQ(test, want.len,
				phyrs_piece(&piece, U64_MAX, &phys));
		KUNIT_ASSERT_EQ(test, want.phys, phys);
		piece = ps;
		KUNIT_ASSERT_TRUE(test, phyrs_next_pfn(&piece, &pfn));
		KUNIT_ASSERT_EQ(test, PHYS_PFN(want.phys), pfn);
		KUNIT_ASSERT_NOT_NULL(test, phyrs_next(&ps));
		KUNIT_ASSERT_EQ(test, want.phys, ps.range.phys);
		KUNIT_ASSERT_EQ(test, want.len, ps.range.len);
		KUNIT_ASSERT_EQ(test, want.flags, ps.range.flags);
		KUNIT_ASSERT_PTR_EQ(test, want.provider, ps.range.provider);
	}
}

/* Chunks in the hundreds, of which each has its own length in bytes. */
static void seek_in_long_list(struct kunit *test)
{
	struct list_test *t = test->priv;
	struct phyr_state ps;
	const u64 nr = WIDE_PHYS ? 200000 : 30000;

	/* The range at i has 1 + i % 7 pages; 28 pages make a round. */
	for (u64 i = 0; i < nr; i++)
		KUNIT_ASSERT_EQ(test, 0,
				phyr_append(&t->phyr, SZ_64K * (2 * i + 1),
					    (1 + i % 7) * SZ_4K, GFP_KERNEL));
	KUNIT_ASSERT_EQ(test, phyr_nr_ranges(&t->phyr), nr);

	ps = phyr_start(&t->phyr);
	for (u64 i = 3; i < nr; i += 7 * (1 + i % 23)) {
		u64 pos = (i / 7 * 28 + 6) * SZ_4K;

		KUNIT_ASSERT_EQ(test, 0, phyrs_seek(&ps, pos + 5));
		KUNIT_ASSERT_NOT_NULL(test, phyrs_next(&ps));
		KUNIT_ASSERT_EQ(test, ps.range.phys, SZ_64K * (2 * i + 1) + 5);
		KUNIT_ASSERT_EQ(test, ps.range.len, 4 * SZ_4K - 5);
		KUNIT_ASSERT_EQ(test, 0, phyrs_seek(&ps, pos - 1));
		KUNIT_ASSERT_NOT_NULL(test, phyrs_next(&ps));
		KUNIT_ASSERT_EQ(test, ps.range.phys,
				SZ_64K * (2 * i - 1) + 3 * SZ_4K - 1);
		KUNIT_ASSERT_EQ(test, ps.range.len, 1);
	}
}

static void seek_past_the_end(struct kunit *test)
{
	struct list_test *t = test->priv;
	struct phyr_state ps = phyr_start(&t->phyr);
	phys_addr_t phys;

	add(test, SZ_4K, SZ_4K);
	add(test, SZ_1M, 100);
	ps = phyr_start(&t->phyr);
	KUNIT_EXPECT_EQ(test, 8, phyrs_piece(&ps, 8, &phys));
	KUNIT_EXPECT_EQ(test, -ERANGE, phyrs_seek(&ps, SZ_4K + 100));
	KUNIT_EXPECT_EQ(test, -ERANGE, phyrs_seek(&ps, U64_MAX));
	KUNIT_EXPECT_EQ(test, 8, phyrs_piece(&ps, 8, &phys));
	KUNIT_EXPECT_EQ(test, SZ_4K + 8, phys);
	/* Also back from the end. */
	while (phyrs_next(&ps))
		;
	KUNIT_EXPECT_EQ(test, 0, phyrs_seek(&ps, 1));
	KUNIT_EXPECT_EQ(test, SZ_4K - 1, phyrs_piece(&ps, SZ_1M, &phys));
	KUNIT_EXPECT_EQ(test, SZ_4K + 1, phys);
}

static void end_of_walk_stays(struct kunit *test)
{
	struct list_test *t = test->priv;
	struct phyr_state ps = phyr_start(&t->phyr);
	phys_addr_t phys;
	unsigned long pfn;

	for (unsigned int i = 0; i < 30; i++)
		add(test, SZ_64K * i, SZ_4K);
	ps = phyr_start(&t->phyr);
	while (phyrs_next(&ps))
		;
	for (unsigned int i = 0; i < 3; i++) {
		KUNIT_EXPECT_NULL(test, phyrs_next(&ps));
		KUNIT_EXPECT_EQ(test, 0, phyrs_piece(&ps, 1, &phys));
		KUNIT_EXPECT_FALSE(test, phyrs_next_pfn(&ps, &pfn));
		KUNIT_EXPECT_NULL(test, phyrs_next_page(&ps));
	}
}

/* The next range is another one, whether pieces were taken or not. */
static void next_after_piece(struct kunit *test)
{
	struct list_test *t = test->priv;
	struct phyr_state ps, copy;
	phys_addr_t phys = 0;

	for (unsigned int i = 0; i < 30; i++)
		add(test, SZ_64K * i, SZ_4K);
	ps = phyr_start(&t->phyr);
	for (unsigned int i = 0; i < 30; i += 3) {
		KUNIT_EXPECT_EQ(test, 5, phyrs_piece(&ps, 5, &phys));
		KUNIT_EXPECT_EQ(test, phys, SZ_64K * i);
		copy = ps;
		KUNIT_ASSERT_NOT_NULL(test, phyrs_next(&ps));
		KUNIT_EXPECT_EQ(test, ps.range.phys, SZ_64K * (i + 1));
		KUNIT_EXPECT_EQ(test, SZ_4K, phyrs_piece(&ps, U64_MAX, &phys));
		KUNIT_EXPECT_EQ(test, phys, SZ_64K * (i + 2));
		/* A copy goes on from where it was made. */
		KUNIT_EXPECT_EQ(test, 7, phyrs_piece(&copy, 7, &phys));
		KUNIT_EXPECT_EQ(test, phys, SZ_64K * i + 5);
	}
	KUNIT_EXPECT_NULL(test, phyrs_next(&ps));
}

static void next_vecs(struct kunit *test)
{
	struct list_test *t = test->priv;
	struct phyr_state ps;
	struct phys_vec vec[8];
	u64 i = 0, bytes = 0;
	unsigned int nr;

	for (; i < 100; i++)
		add(test, SZ_64K * i, SZ_4K);
	KUNIT_ASSERT_EQ(test, 0, phyr_append_mmio(&t->phyr, SZ_1G, SZ_4K, NULL,
						  GFP_KERNEL));
	KUNIT_ASSERT_EQ(test, 0, phyr_append_mmio(&t->phyr, SZ_1M, 5, NULL,
						  GFP_KERNEL));
	i = 0;
	ps = phyr_start(&t->phyr);
	while ((nr = phyrs_next_vecs(&ps, vec, ARRAY_SIZE(vec)))) {
		KUNIT_ASSERT_LE(test, nr, ARRAY_SIZE(vec));
		for (unsigned int k = 0; k < nr; k++, i++) {
			if (i < 100)
				KUNIT_EXPECT_EQ(test, vec[k].paddr, SZ_64K * i);
			KUNIT_EXPECT_EQ(test, ps.range.flags,
					i < 100 ? 0 : PHYR_MMIO);
			bytes += vec[k].len;
		}
	}
	KUNIT_EXPECT_EQ(test, i, 102);
	KUNIT_EXPECT_EQ(test, bytes, phyr_bytes(&t->phyr));
	KUNIT_EXPECT_EQ(test, 0, phyrs_next_vecs(&ps, vec, 1));
}

static struct kunit_case list_cases[] = {
	KUNIT_CASE(empty_list),
	KUNIT_CASE(refuses_bad_ranges),
	KUNIT_CASE(refuses_bad_kinds),
	KUNIT_CASE(longest_range),
	KUNIT_CASE(merges_up_to_longest_range),
	KUNIT_CASE(longest_list),
	KUNIT_CASE(highest_address),
	KUNIT_CASE(pair_word),
	KUNIT_CASE(pair_window),
	KUNIT_CASE(pair_window_widens),
	KUNIT_CASE(run_word),
	KUNIT_CASE(run_word_of_largest_pfn),
	KUNIT_CASE(run_word_with_offset),
	KUNIT_CASE(attribute_word),
	KUNIT_CASE(kinds_across_chunks),
	KUNIT_CASE(merges_neighbours),
	KUNIT_CASE(merges_only_the_same_kind),
	KUNIT_CASE(merges_pins_between_pages),
	KUNIT_CASE(merges_across_chunks),
	KUNIT_CASE(append_phys_vec),
	KUNIT_CASE(append_phys_vec_undone),
	KUNIT_CASE(append_pages),
	KUNIT_CASE(append_pages_refused),
	KUNIT_CASE(truncate_anywhere),
	KUNIT_CASE(truncate_again_and_again),
	KUNIT_CASE(use_after_destroy),
	KUNIT_CASE(seek_anywhere),
	KUNIT_CASE(seek_in_long_list),
	KUNIT_CASE(seek_past_the_end),
	KUNIT_CASE(end_of_walk_stays),
	KUNIT_CASE(next_after_piece),
	KUNIT_CASE(next_vecs),
	{ }
};

static struct kunit_suite list_suite = {
	.name = "phyr",
	.init = list_init,
	.exit = list_exit,
	.test_cases = list_cases,
};

kunit_test_suite(list_suite);

MODULE_DESCRIPTION("KUnit tests of physical-range lists");
MODULE_LICENSE("GPL");
