// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of physical-range lists: what a list holds.
 */

#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "phyr_model.h"

/* Of linux/phyr_packed.h and lib/phyr, on purpose not taken from there. */
#define PLAIN_MAX		16
#define RUN_DISTANCE_BITS	32
#define RUN_PAGES_MAX		(BIT_ULL(30) - 1)
#define GENERAL_SHORT_BITS	28
#define WINDOW_BITS_MIN		22
#define WINDOW_BITS_MAX		31
#define FIRST_WORD		16
#define CHUNK_WORDS		1024
#define RANGE_WORDS_MAX		4

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

static void add(struct kunit *test, u64 phys, u64 len)
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
	struct phyr_range range;
	phys_addr_t phys;
	unsigned long pfn;

	KUNIT_EXPECT_TRUE(test, phyr_empty(&phyr));
	KUNIT_EXPECT_EQ(test, phyr_bytes(&phyr), 0);
	KUNIT_EXPECT_EQ(test, phyr_nr_ranges(&phyr), 0);
	KUNIT_EXPECT_EQ(test, phyr_memory_used(&phyr), 0);
	KUNIT_EXPECT_EQ(test, phyr_flags(&phyr), 0);
	KUNIT_EXPECT_FALSE(test, phyr_is_mixed(&phyr));
	KUNIT_EXPECT_FALSE(test, phyrs_next(&ps, &range));
	KUNIT_EXPECT_FALSE(test, phyrs_load(&ps));
	KUNIT_EXPECT_EQ(test, phyrs_piece(&ps, 1, &phys), 0);
	KUNIT_EXPECT_FALSE(test, phyrs_next_pfn(&ps, &pfn));
	KUNIT_EXPECT_EQ(test, -ERANGE, phyrs_seek(&ps, 0));

	phyr_truncate(&phyr, 0);
	phyr_trim(&phyr, GFP_KERNEL);
	phyr_destroy_dirty(&phyr, true);
	phyr_destroy_atomic(&phyr);
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

	for (unsigned int i = 0; i < 8; i++)
		add(test, 0, PHYR_RANGE_MAX);
	/* A byte may come. */
	add(test, 0, PHYR_BYTES_MAX - 8 * PHYR_RANGE_MAX - 1);
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

/* --- words --- */

static u64 pages_len(u64 nr)
{
	return nr * PAGE_SIZE;
}

static unsigned int words_used(const struct phyr *phyr)
{
	unsigned int nr = 0;

	for (u32 i = 0; phyr->index && i < phyr->index->nr; i++)
		nr += phyr->index->chunks[i].nr - FIRST_WORD;
	return nr;
}

/*
 * How many words as many of @a and @b in turn take as are packed at once.  The
 * ranges that are plain now are packed along with them, before that.
 */
static unsigned int words_of_two(struct kunit *test, const struct phyr_range *a,
				 const struct phyr_range *b)
{
	struct list_test *t = test->priv;
	unsigned int before;

	while (t->phyr.nr_plain % PLAIN_MAX)
		append(test, a);
	append(test, a);
	before = words_used(&t->phyr);
	for (unsigned int i = 1; i <= PLAIN_MAX; i++)
		append(test, i % 2 ? b : a);
	check(test);
	KUNIT_EXPECT_EQ(test, t->phyr.nr_plain, 1);
	return words_used(&t->phyr) - before;
}

/* The same in a chunk that these are the first ranges of. */
static unsigned int first_words_of_two(struct kunit *test,
				       const struct phyr_range *a,
				       const struct phyr_range *b)
{
	struct list_test *t = test->priv;

	reset(test);
	for (unsigned int i = 0; i <= PLAIN_MAX; i++)
		append(test, i % 2 ? b : a);
	check(test);
	KUNIT_EXPECT_EQ(test, t->phyr.nr_plain, 1);
	KUNIT_EXPECT_EQ(test, t->phyr.index->nr, 1);
	return words_used(&t->phyr);
}

/* That each range takes @words words. */
static void expect_words(struct kunit *test, unsigned int words, u64 phys,
			 u64 len)
{
	const struct phyr_range range = { .phys = phys, .len = len };

	KUNIT_EXPECT_EQ_MSG(test, words * PLAIN_MAX,
			    first_words_of_two(test, &range, &range),
			    "phys %#llx len %#llx", phys, len);
}

static void plain_ranges(struct kunit *test)
{
	struct list_test *t = test->priv;

	for (unsigned int i = 0; i < PLAIN_MAX; i++) {
		KUNIT_EXPECT_NULL(test, t->phyr.index);
		add(test, pages_len(2 * i), PAGE_SIZE);
		KUNIT_EXPECT_EQ(test, t->phyr.nr_plain, i + 1);
		check(test);
	}
	KUNIT_EXPECT_NULL(test, t->phyr.index);
	add(test, pages_len(100), PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, t->phyr.nr_plain, 1);
	KUNIT_EXPECT_EQ(test, words_used(&t->phyr), PLAIN_MAX);
	check(test);
	/* One of another kind has those before it packed, however few. */
	KUNIT_EXPECT_EQ(test, 0, phyr_append_mmio(&t->phyr, 5, 5, NULL,
						  GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, t->phyr.nr_plain, 1);
	KUNIT_EXPECT_EQ(test, words_used(&t->phyr), PLAIN_MAX + 1);
}

static void short_run(struct kunit *test)
{
	u64 most = BIT_ULL(WINDOW_BITS_MAX - WINDOW_BITS_MIN);

	expect_words(test, 1, 0, PAGE_SIZE);
	expect_words(test, 1, PAGE_SIZE, PAGE_SIZE);
	expect_words(test, 1, PAGE_SIZE, pages_len(3));
	expect_words(test, 1, 0, pages_len(most));
	expect_words(test, 1, PAGE_SIZE, pages_len(most));
	expect_words(test, 2, PAGE_SIZE, pages_len(most + 1));
}

/* The longest run that is short in a list that takes up @span pages in all. */
static void expect_longest(struct kunit *test, u64 span, u64 longest)
{
	struct phyr_range a = { .phys = pages_len(BIT_ULL(WINDOW_BITS_MAX)) };
	struct phyr_range b = { .len = PAGE_SIZE };

	b.phys = a.phys + pages_len(span);
	a.len = pages_len(longest);
	KUNIT_EXPECT_EQ_MSG(test, PLAIN_MAX, first_words_of_two(test, &a, &b),
			    "span %llu", span);
	a.len = pages_len(longest + 1);
	KUNIT_EXPECT_EQ_MSG(test, PLAIN_MAX / 2 * 3,
			    first_words_of_two(test, &a, &b), "span %llu", span);
}

/* Each bit that the distance doesn't need is one for the page count. */
static void short_run_bits(struct kunit *test)
{
	if (!WIDE_PHYS)
		kunit_skip(test, "needs 64-bit addresses");

	expect_longest(test, 1000, BIT_ULL(WINDOW_BITS_MAX - WINDOW_BITS_MIN));
	for (unsigned int bits = WINDOW_BITS_MIN; bits < WINDOW_BITS_MAX; bits++) {
		u64 longest = BIT_ULL(WINDOW_BITS_MAX - bits);

		expect_longest(test, BIT_ULL(bits - 2), longest);
		expect_longest(test, BIT_ULL(bits - 1) - 1, longest);
	}
	expect_longest(test, BIT_ULL(WINDOW_BITS_MAX - 2), 1);
	expect_longest(test, BIT_ULL(WINDOW_BITS_MAX - 1) - 1, 1);
}

/* With a list of more pages than a distance can say, some aren't short. */
static void widest_window(struct kunit *test)
{
	struct phyr_range a = { .len = PAGE_SIZE }, b = { .len = PAGE_SIZE };

	if (!WIDE_PHYS)
		kunit_skip(test, "needs 64-bit addresses");

	b.phys = pages_len(BIT_ULL(WINDOW_BITS_MAX) - 1);
	KUNIT_EXPECT_EQ(test, PLAIN_MAX, first_words_of_two(test, &a, &b));
	b.phys += PAGE_SIZE;
	KUNIT_EXPECT_EQ(test, PLAIN_MAX / 2 * 3,
			first_words_of_two(test, &a, &b));
	/* In the middle of both is neither of them. */
	b.phys = pages_len(BIT_ULL(WINDOW_BITS_MAX + 2));
	KUNIT_EXPECT_EQ(test, PLAIN_MAX * 3, first_words_of_two(test, &a, &b));
	if (PAGE_SHIFT > 12)
		return;
	/* The highest base that there is. */
	a.phys = PHYS_ADDR_MAX - PAGE_SIZE + 1;
	KUNIT_EXPECT_EQ(test, PLAIN_MAX, first_words_of_two(test, &a, &a));
	b.phys = a.phys - pages_len(BIT_ULL(WINDOW_BITS_MIN - 1) - 1);
	KUNIT_EXPECT_EQ(test, PLAIN_MAX, first_words_of_two(test, &a, &b));
	b.phys = a.phys - pages_len(BIT_ULL(WINDOW_BITS_MAX + 1));
	KUNIT_EXPECT_EQ(test, PLAIN_MAX / 2 * 5, first_words_of_two(test, &b, &a));
}

/* A chunk that starts with ranges at @at has a window from @base on. */
static void expect_window(struct kunit *test, u64 at, u64 base)
{
	const struct phyr_range first = { .phys = pages_len(at), .len = PAGE_SIZE };
	const u64 end = base + BIT_ULL(WINDOW_BITS_MIN);
	const struct {
		u64		page;
		unsigned int	words;
	} places[] = {
		{ base, 1 }, { end - 1, 1 }, { end, 2 }, { base + 1, 1 },
		{ end - 2, 1 },
		/* Nothing but a general entry tells what is below the base. */
		{ base ? base - 1 : 0, base ? 3 : 1 }, { 0, base ? 3 : 1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		struct phyr_range range = {
			.phys = pages_len(places[i].page),
			.len = PAGE_SIZE,
		};

		first_words_of_two(test, &first, &first);
		KUNIT_EXPECT_EQ_MSG(test, places[i].words * PLAIN_MAX / 2 +
					  PLAIN_MAX / 2,
				    words_of_two(test, &range, &first),
				    "at %llu page %llu", at, places[i].page);
		/* Its end may be outside. */
		range.len = pages_len(3);
		first_words_of_two(test, &first, &first);
		KUNIT_EXPECT_EQ_MSG(test, places[i].words * PLAIN_MAX / 2 +
					  PLAIN_MAX / 2,
				    words_of_two(test, &range, &first),
				    "at %llu pages %llu", at, places[i].page);
	}
}

/* The window has the first ranges in its middle. */
static void window(struct kunit *test)
{
	const u64 half = BIT_ULL(WINDOW_BITS_MIN - 1);

	if (!WIDE_PHYS)
		kunit_skip(test, "needs 64-bit addresses");

	expect_window(test, 2 * half, half);
	expect_window(test, 2 * half + 1, half + 1);
	expect_window(test, half + 1, 1);
	expect_window(test, half, 0);
	expect_window(test, 999 * half + 5, 998 * half + 5);
}

/* No base is below zero. */
static void window_at_zero(struct kunit *test)
{
	struct phyr_range a = { .len = PAGE_SIZE }, b = { .len = PAGE_SIZE };

	b.phys = pages_len(WIDE_PHYS ? BIT_ULL(WINDOW_BITS_MIN) - 1 : 1 << 15);
	first_words_of_two(test, &a, &a);
	KUNIT_EXPECT_EQ(test, PLAIN_MAX, words_of_two(test, &b, &a));
	if (!WIDE_PHYS)
		return;
	b.phys += PAGE_SIZE;
	first_words_of_two(test, &a, &a);
	KUNIT_EXPECT_EQ(test, PLAIN_MAX / 2 * 3, words_of_two(test, &b, &a));
}

/* Later chunks are set up for what the list was like until then. */
static void window_widens(struct kunit *test)
{
	struct list_test *t = test->priv;
	const struct phyr_index *index;

	if (!WIDE_PHYS)
		kunit_skip(test, "needs 64-bit addresses");

	for (unsigned int i = 0; i < 3500; i++)
		add(test, pages_len((i % 2 ? 37ULL : i % 3) * BIT_ULL(WINDOW_BITS_MIN) +
				i * 16), PAGE_SIZE);
	check(test);
	index = t->phyr.index;
	KUNIT_ASSERT_GT(test, index->nr, 3);
	for (u32 i = 1; i < index->nr; i++) {
		const struct phyr_chunk *chunk = &index->chunks[i];
		u64 end = i + 1 < index->nr ? chunk[1].start : index->bytes;

		KUNIT_EXPECT_EQ(test, pages_len(chunk->nr - FIRST_WORD),
				end - chunk->start);
		KUNIT_EXPECT_TRUE(test, chunk->single);
	}
}

static void run(struct kunit *test)
{
	u64 len = pages_len(BIT_ULL(WINDOW_BITS_MAX - WINDOW_BITS_MIN) + 1);
	u64 most = WIDE_PHYS ? RUN_PAGES_MAX : BIT_ULL(17);

	expect_words(test, 2, 0, len);
	expect_words(test, 2, PAGE_SIZE, len);
	expect_words(test, 2, 0, pages_len(most));
	expect_words(test, 2, PAGE_SIZE, pages_len(most));
	/* All bits of the length, one by one. */
	for (u64 nr = 512; 2 * nr < most; nr *= 2) {
		expect_words(test, 2, PAGE_SIZE, pages_len(nr + 1));
		expect_words(test, 2, PAGE_SIZE, pages_len(2 * nr - 1));
	}
	if (!WIDE_PHYS)
		return;
	expect_words(test, 4, 0, pages_len(RUN_PAGES_MAX + 1));
	expect_words(test, 4, PAGE_SIZE, pages_len(RUN_PAGES_MAX + 1));
	expect_words(test, 4, PAGE_SIZE, pages_len(RUN_PAGES_MAX * 2));
}

/* A run says how far it is from the chunk's base, which is that of the first one. */
static void run_of_largest_distance(struct kunit *test)
{
	const u64 half = BIT_ULL(WINDOW_BITS_MIN - 1), base = 5;
	const struct phyr_range first = {
		.phys = pages_len(base + half),
		.len = PAGE_SIZE,
	};
	struct phyr_range range = {
		.phys = pages_len(base + BIT_ULL(RUN_DISTANCE_BITS) - 1),
		.len = PAGE_SIZE,
	};

	if (!WIDE_PHYS)
		kunit_skip(test, "needs 64-bit addresses");

	first_words_of_two(test, &first, &first);
	KUNIT_EXPECT_EQ(test, PLAIN_MAX / 2 * 3,
			words_of_two(test, &range, &first));
	range.phys += PAGE_SIZE;
	first_words_of_two(test, &first, &first);
	KUNIT_EXPECT_EQ(test, PLAIN_MAX / 2 * 4,
			words_of_two(test, &range, &first));
	/* All bits of the distance, one by one. */
	for (unsigned int bit = WINDOW_BITS_MIN; bit < RUN_DISTANCE_BITS; bit++) {
		range.phys = pages_len(base + BIT_ULL(bit));
		first_words_of_two(test, &first, &first);
		KUNIT_EXPECT_EQ(test, PLAIN_MAX / 2 * 3,
				words_of_two(test, &range, &first));
	}
}

static void general(struct kunit *test)
{
	const u64 more = BIT_ULL(GENERAL_SHORT_BITS);
	struct list_test *t = test->priv;

	expect_words(test, 3, PAGE_SIZE, PAGE_SIZE - 1);
	expect_words(test, 3, PAGE_SIZE, PAGE_SIZE + 1);
	expect_words(test, 3, PAGE_SIZE, 1);
	expect_words(test, 3, 1, PAGE_SIZE);
	expect_words(test, 3, 1, PAGE_SIZE - 1);
	expect_words(test, 3, 2 * PAGE_SIZE - 1, 1);
	expect_words(test, 3, 0, 1);
	expect_words(test, 3, 1, more - 1);
	expect_words(test, 4, 1, more);
	expect_words(test, 4, 0, more + 1);
	expect_words(test, 4, 1, 2 * more - 1);
	expect_words(test, 4, 1, 2 * more);
	expect_words(test, 3, PHYS_ADDR_MAX, 1);
	expect_words(test, 3, PHYS_ADDR_MAX - PAGE_SIZE, PAGE_SIZE);
	if (!WIDE_PHYS)
		return;
	/* All bits of address and length, one by one. */
	for (unsigned int bit = 0; bit < 64; bit++)
		expect_words(test, 3, BIT_ULL(bit), 99);
	for (unsigned int bit = 0; bit < 58; bit++) {
		expect_words(test, bit < GENERAL_SHORT_BITS ? 3 : 4, 3,
			     BIT_ULL(bit));
		expect_words(test, bit < GENERAL_SHORT_BITS ? 3 : 4, 7,
			     BIT_ULL(bit + 1) - 1);
	}
	/* So long that there can't be many. */
	reset(test);
	for (unsigned int i = 0; i < 6; i++)
		add(test, i, PHYR_RANGE_MAX - i % 2);
	append(test, &(struct phyr_range){ .len = 1, .flags = PHYR_MMIO });
	check(test);
	KUNIT_EXPECT_EQ(test, 4 * 6, words_used(&t->phyr));
}

static void kind(struct kunit *test)
{
	struct phyr_pool *pool = phyr_pool_new(test, 1);
	struct phyr_range range = { .phys = SZ_1M, .len = PAGE_SIZE };

	range.flags = PHYR_MMIO;
	KUNIT_EXPECT_EQ(test, PLAIN_MAX + 1,
			first_words_of_two(test, &range, &range));
	range.provider = phyr_test_provider(0);
	KUNIT_EXPECT_EQ(test, PLAIN_MAX + 3,
			first_words_of_two(test, &range, &range));
	range.len = 1;
	KUNIT_EXPECT_EQ(test, 3 * PLAIN_MAX + 3,
			first_words_of_two(test, &range, &range));

	range = (struct phyr_range) {
		.phys = pool->phys,
		.len = PAGE_SIZE,
		.flags = PHYR_PINNED,
	};
	for (int i = 0; i <= PLAIN_MAX; i++)
		phyr_pool_pin(&range);
	KUNIT_EXPECT_EQ(test, PLAIN_MAX + 1,
			first_words_of_two(test, &range, &range));
	reset(test);
	phyr_pool_check(test, pool, ((struct list_test *)test->priv)->model);
}

/* The kind is said once, and again where it changes or a chunk starts. */
static void kind_changes(struct kunit *test)
{
	struct phyr_range a = { .phys = SZ_1M, .len = PAGE_SIZE }, b = a;
	struct list_test *t = test->priv;

	/* There and back again, each range by itself. */
	b.flags = PHYR_MMIO;
	b.provider = phyr_test_provider(1);
	KUNIT_EXPECT_EQ(test, PLAIN_MAX / 2 * (1 + 1 + 1 + 3) - 1,
			first_words_of_two(test, &a, &b));
	KUNIT_EXPECT_FALSE(test, t->phyr.index->chunks[0].single);

	/* All ranges of one, which need no word for it any more. */
	reset(test);
	KUNIT_EXPECT_EQ(test, PLAIN_MAX + 3, first_words_of_two(test, &b, &b));
	KUNIT_EXPECT_EQ(test, PLAIN_MAX, words_of_two(test, &b, &b));
	KUNIT_EXPECT_TRUE(test, t->phyr.index->chunks[0].single);
	while (t->phyr.index->nr < 3)
		append(test, &b);
	for (unsigned int i = 0; i < 3; i++)
		KUNIT_EXPECT_TRUE(test, t->phyr.index->chunks[i].single);
	check(test);
}

/* --- chunks --- */

/* The words of the last chunk grow up to 4 KiB, and then there is another. */
static void chunks_grow(struct kunit *test)
{
	static const struct phyr_range ranges[] = {
		{ .phys = SZ_64M, .len = PAGE_SIZE },
		{ .phys = SZ_64M, .len = 1000 * PAGE_SIZE },
		{ .phys = SZ_64M, .len = 7 },
		{ .phys = 9, .len = SZ_1G },
	};
	struct list_test *t = test->priv;
	const struct phyr_index *index;

	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
		unsigned int room = SZ_256 / sizeof(u32);

		reset(test);
		do {
			append(test, &ranges[i]);
			index = t->phyr.index;
			if (!index)
				continue;
			if (room < CHUNK_WORDS && index->room > room)
				room *= 2;
			KUNIT_ASSERT_EQ(test, index->room, room);
			KUNIT_ASSERT_LE(test, index->chunks[index->nr - 1].nr,
					room);
		} while (!index || index->nr < 3);
		check(test);

		for (u32 k = 0; k + 1 < index->nr; k++)
			KUNIT_EXPECT_GT(test, index->chunks[k].nr,
					CHUNK_WORDS - RANGE_WORDS_MAX);
	}
}

/* All of an array at once: the loop has to stop where the chunk does. */
static void page_array_fills_chunks(struct kunit *test)
{
	struct phyr_pool *pool = phyr_pool_new(test, 4);
	struct phyr_range range = { .len = PAGE_SIZE };
	struct list_test *t = test->priv;
	const unsigned int most = 3 * CHUNK_WORDS;
	struct page **pages = kunit_kcalloc(test, most, sizeof(*pages),
					    GFP_KERNEL);
	bool first = false, others = false;

	KUNIT_ASSERT_NOT_NULL(test, pages);
	for (unsigned int i = 0; i < most; i++)
		pages[i] = virt_to_page(pool->addr) + (i % 2 ? 0 : 2);
	/* The first two are one range. */
	pages[1] = pages[0] + 1;

	for (unsigned int nr = 1; nr <= most; nr += 1 + nr / 300) {
		/* The first range may be the one that has others packed. */
		unsigned int offset = nr % 3 ? 0 : 100;
		const struct phyr_index *index;
		u64 cut = 5 + nr % 7 * 99;

		/* At every place in a chunk where it may start. */
		reset(test);
		for (unsigned int i = 0; i < nr % 37; i++)
			add(test, SZ_64K * i, i % 3 ? PAGE_SIZE : 1 + i);
		KUNIT_ASSERT_EQ(test, 0,
				phyr_append_pages(&t->phyr, pages, nr, offset,
						  nr * PAGE_SIZE - offset,
						  GFP_KERNEL));
		for (unsigned int i = 0; i < nr; i++) {
			range.phys = page_to_phys(pages[i]) + (i ? 0 : offset);
			range.len = PAGE_SIZE - (i ? 0 : offset);
			phyr_model_append(test, t->model, &range);
		}
		check(test);

		index = t->phyr.index;
		if (index)
			first |= index->chunks[0].nr == CHUNK_WORDS;
		if (index && index->nr > 1)
			others |= index->chunks[1].nr == CHUNK_WORDS;

		/* What comes then must not be where the last words are. */
		add(test, 5, 5);
		phyr_truncate(&t->phyr, t->model->bytes - cut);
		phyr_model_truncate(t->model, t->model->bytes - cut);
		check(test);
		add(test, SZ_1M, SZ_1M);
		for (unsigned int i = 0; i < 20; i++)
			add(test, SZ_64M + i, 1 + i);
		check(test);
	}
	KUNIT_EXPECT_TRUE(test, first);
	KUNIT_EXPECT_TRUE(test, others);
}

/* Single pages after runs of two, which all start and end at an even page. */
static void seams_of_page_arrays(struct kunit *test)
{
	struct phyr_pool *pool = phyr_pool_new(test, 8);
	struct list_test *t = test->priv;
	struct phyr_range range = { .len = PAGE_SIZE };
	/* Until the last chunk has room for many, which aren't plain before. */
	const unsigned int runs = 140;
	static struct page *pages[160];

	for (unsigned int first = 0; first < 2; first++) {
		reset(test);
		for (unsigned int i = 0; i < ARRAY_SIZE(pages); i++) {
			unsigned int at = i < runs ? i / 2 % 2 * 4 + i % 2 :
					  i % 2 * 4 + first;

			pages[i] = virt_to_page(pool->addr) + at;
			range.phys = page_to_phys(pages[i]);
			phyr_model_append(test, t->model, &range);
		}
		KUNIT_ASSERT_EQ(test, 0,
				phyr_append_pages(&t->phyr, pages,
						  ARRAY_SIZE(pages), 0,
						  ARRAY_SIZE(pages) * PAGE_SIZE, GFP_KERNEL));
		check(test);
	}
}

/* What follows a chunk that is full to the last word must not be written to it. */
static void full_chunk_goes_on(struct kunit *test)
{
	/* As many as fill the first chunk, and the newest, which is plain. */
	const unsigned int nr = CHUNK_WORDS - FIRST_WORD + 1, half = PAGE_SIZE / 2;
	struct page **pages = kunit_kcalloc(test, nr, sizeof(*pages), GFP_KERNEL);
	struct phyr_range range = { .len = PAGE_SIZE };
	struct list_test *t = test->priv;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, pages);
	/* The first words say nothing but zero. */
	for (i = 0; i < nr; i++)
		pages[i] = pfn_to_page(i < 40 ? 0 : i % 2 * 2);

	KUNIT_ASSERT_EQ(test, 0, phyr_append_pages(&t->phyr, pages, nr, 0,
						   nr * PAGE_SIZE, GFP_KERNEL));
	for (i = 0; i < nr; i++) {
		range.phys = page_to_phys(pages[i]);
		phyr_model_append(test, t->model, &range);
	}
	check(test);
	KUNIT_ASSERT_EQ(test, t->phyr.index->nr, 1);
	KUNIT_ASSERT_EQ(test, t->phyr.index->chunks[0].nr, CHUNK_WORDS);

	phyr_truncate(&t->phyr, t->model->bytes - half);
	phyr_model_truncate(t->model, t->model->bytes - half);
	/* The rest of that page makes it whole, and others follow at once. */
	pages[0] = pfn_to_page(PHYS_PFN(range.phys));
	pages[1] = pfn_to_page(5);
	KUNIT_ASSERT_EQ(test, 0, phyr_append_pages(&t->phyr, pages, 2, half,
						   half + PAGE_SIZE, GFP_KERNEL));
	range.phys += half;
	range.len = half;
	phyr_model_append(test, t->model, &range);
	range.phys = pages_len(5);
	range.len = PAGE_SIZE;
	phyr_model_append(test, t->model, &range);
	check(test);
}

/* Every kind after every other, at every place in the first two chunks. */
static void kinds_across_chunks(struct kunit *test)
{
	const struct phyr_range kinds[] = {
		{ },
		{ .flags = PHYR_MMIO },
		{ .flags = PHYR_MMIO, .provider = phyr_test_provider(0) },
		{ .flags = PHYR_MMIO, .provider = phyr_test_provider(1) },
	};

	for (unsigned int at = 0; at < 300; at++) {
		const unsigned int nr = at < 48 ? 64 : 330;

		/* In long lists in turn. */
		for (unsigned int k = at < 48 ? 0 : at % 16; k < 16;
		     k += at < 48 ? 1 : 16) {
			reset(test);
			for (unsigned int i = 0; i < nr; i++) {
				struct phyr_range range =
					kinds[i < at ? k / 4 : k % 4];

				range.phys = i * 2 * PAGE_SIZE;
				range.len = i % 2 && at % 2 ? 100 : PAGE_SIZE;
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
		{ PAGE_SIZE, 1 }, { PAGE_SIZE, 1 }, { 100, 1 }, { 200, 2 },
		{ PAGE_SIZE - 300, 3 }, { PAGE_SIZE, 3 }, { 1, 3 },
		{ PAGE_SIZE - 1, 4 }, { PAGE_SIZE, 4 },
	};
	struct phyr_range range = { .phys = pool->phys, .flags = PHYR_PINNED };
	struct list_test *t = test->priv;

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
	size_t used = 0;

	for (size_t i = 0; i < ARRAY_SIZE(vec); i++)
		vec[i] = (struct phys_vec) { SZ_64K * (i + 1), SZ_4K + (i & 1) };
	vec[63].len = 0;

	for (unsigned int i = 0; i < 40; i++) {
		KUNIT_ASSERT_EQ(test, -EINVAL,
				phyr_append_phys_vec(&t->phyr, vec, 64,
						     PHYR_MMIO, NULL,
						     GFP_KERNEL));
		check(test);
		if (!i)
			KUNIT_ASSERT_TRUE(test, mem_is_zero(&t->phyr,
							    sizeof(t->phyr)));
		else
			KUNIT_ASSERT_LE(test, phyr_memory_used(&t->phyr),
					used + PHYR_TEST_KEPT);
		used = max(used, phyr_memory_used(&t->phyr));
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
	KUNIT_EXPECT_TRUE(test, mem_is_zero(&t->phyr, sizeof(t->phyr)));
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
		struct phyr_range range;
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
		KUNIT_ASSERT_TRUE(test, phyrs_next(&ps, &range));
		KUNIT_ASSERT_EQ(test, want.phys, range.phys);
		KUNIT_ASSERT_EQ(test, want.len, range.len);
		KUNIT_ASSERT_EQ(test, want.flags, range.flags);
		KUNIT_ASSERT_PTR_EQ(test, want.provider, range.provider);
	}
}

/* Chunks in the hundreds, of which each has its own length in bytes. */
static void seek_in_long_list(struct kunit *test)
{
	struct list_test *t = test->priv;
	struct phyr_state ps;
	struct phyr_range range;
	const u64 nr = WIDE_PHYS ? 200000 : 30000;

	/* The range at i has 1 + i % 7 pages; 28 pages make a round. */
	for (u64 i = 0; i < nr; i++)
		KUNIT_ASSERT_EQ(test, 0,
				phyr_append(&t->phyr, 16 * PAGE_SIZE * (2 * i + 1),
					    (1 + i % 7) * PAGE_SIZE, GFP_KERNEL));
	KUNIT_ASSERT_EQ(test, phyr_nr_ranges(&t->phyr), nr);

	ps = phyr_start(&t->phyr);
	for (u64 i = 3; i < nr; i += 7 * (1 + i % 23)) {
		u64 pos = (i / 7 * 28 + 6) * PAGE_SIZE;

		KUNIT_ASSERT_EQ(test, 0, phyrs_seek(&ps, pos + 5));
		KUNIT_ASSERT_TRUE(test, phyrs_next(&ps, &range));
		KUNIT_ASSERT_EQ(test, range.phys,
				16 * PAGE_SIZE * (2 * i + 1) + 5);
		KUNIT_ASSERT_EQ(test, range.len, 4 * PAGE_SIZE - 5);
		KUNIT_ASSERT_EQ(test, 0, phyrs_seek(&ps, pos - 1));
		KUNIT_ASSERT_TRUE(test, phyrs_next(&ps, &range));
		KUNIT_ASSERT_EQ(test, range.phys,
				16 * PAGE_SIZE * (2 * i - 1) + 3 * PAGE_SIZE - 1);
		KUNIT_ASSERT_EQ(test, range.len, 1);
	}
}

static void seek_past_the_end(struct kunit *test)
{
	struct list_test *t = test->priv;
	struct phyr_state ps = phyr_start(&t->phyr);
	struct phyr_range range;
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
	while (phyrs_next(&ps, &range))
		;
	KUNIT_EXPECT_EQ(test, 0, phyrs_seek(&ps, 1));
	KUNIT_EXPECT_EQ(test, SZ_4K - 1, phyrs_piece(&ps, SZ_1M, &phys));
	KUNIT_EXPECT_EQ(test, SZ_4K + 1, phys);
}

static void end_of_walk_stays(struct kunit *test)
{
	struct list_test *t = test->priv;
	struct phyr_state ps = phyr_start(&t->phyr);
	struct phyr_range range;
	struct phys_vec vec;
	phys_addr_t phys;
	unsigned long pfn;

	for (unsigned int i = 0; i < 30; i++)
		add(test, SZ_64K * i, SZ_4K);
	ps = phyr_start(&t->phyr);
	while (phyrs_next(&ps, &range))
		;
	for (unsigned int i = 0; i < 3; i++) {
		KUNIT_EXPECT_FALSE(test, phyrs_next(&ps, &range));
		KUNIT_EXPECT_FALSE(test, phyrs_load(&ps));
		KUNIT_EXPECT_EQ(test, 0, phyrs_piece(&ps, 1, &phys));
		KUNIT_EXPECT_EQ(test, 0, phyrs_next_vecs(&ps, &vec, 1));
		KUNIT_EXPECT_FALSE(test, phyrs_next_pfn(&ps, &pfn));
		KUNIT_EXPECT_NULL(test, phyrs_next_page(&ps));
		KUNIT_EXPECT_EQ(test, phyrs_tell(&ps), t->model->bytes);
	}
}

/* Pieces leave what the next range is then, and all of it if there are none. */
static void next_after_piece(struct kunit *test)
{
	struct list_test *t = test->priv;
	struct phyr_state ps, copy;
	struct phyr_range range;
	phys_addr_t phys = 0;

	for (unsigned int i = 0; i < 30; i++)
		add(test, SZ_64K * i, SZ_4K);
	ps = phyr_start(&t->phyr);
	for (unsigned int i = 0; i < 30; i += 3) {
		KUNIT_EXPECT_EQ(test, 5, phyrs_piece(&ps, 5, &phys));
		KUNIT_EXPECT_EQ(test, phys, SZ_64K * i);
		copy = ps;
		KUNIT_ASSERT_TRUE(test, phyrs_next(&ps, &range));
		KUNIT_EXPECT_EQ(test, range.phys, SZ_64K * i + 5);
		KUNIT_EXPECT_EQ(test, range.len, SZ_4K - 5);
		KUNIT_EXPECT_EQ(test, SZ_4K, phyrs_piece(&ps, U64_MAX, &phys));
		KUNIT_EXPECT_EQ(test, phys, SZ_64K * (i + 1));
		/* Nothing is left of that one. */
		KUNIT_ASSERT_TRUE(test, phyrs_next(&ps, &range));
		KUNIT_EXPECT_EQ(test, range.phys, SZ_64K * (i + 2));
		KUNIT_EXPECT_EQ(test, range.len, SZ_4K);
		/* A copy goes on from where it was made. */
		KUNIT_EXPECT_EQ(test, 7, phyrs_piece(&copy, 7, &phys));
		KUNIT_EXPECT_EQ(test, phys, SZ_64K * i + 5);
		/* What is loaded isn't lost. */
		KUNIT_EXPECT_TRUE(test, phyrs_load(&copy));
		KUNIT_EXPECT_TRUE(test, phyrs_load(&copy));
		KUNIT_EXPECT_EQ(test, copy.range.phys, SZ_64K * i + 12);
		KUNIT_EXPECT_EQ(test, copy.range.len, SZ_4K - 12);
	}
	KUNIT_EXPECT_FALSE(test, phyrs_next(&ps, &range));
}

static void check_found(struct kunit *test, const struct phyr_range *range,
			unsigned int i)
{
	KUNIT_EXPECT_EQ(test, range->phys, SZ_64K * i);
	KUNIT_EXPECT_EQ(test, range->len, SZ_4K + i);
	KUNIT_EXPECT_EQ(test, range->flags, PHYR_MMIO);
	KUNIT_EXPECT_PTR_EQ(test, range->provider, phyr_test_provider(i / 20));
}

/* What a loop has found can be used after it, even without the list. */
static void range_outlives_the_loop(struct kunit *test)
{
	struct list_test *t = test->priv;
	struct phyr_range range, slice;

	for (unsigned int at = 0; at < 80; at++) {
		for (unsigned int i = 0; i < 80; i++)
			append(test, &(struct phyr_range) {
				.phys = SZ_64K * i,
				.len = SZ_4K + i,
				.flags = PHYR_MMIO,
				.provider = phyr_test_provider(i / 20),
			});
		phyr_for_each_range(&t->phyr, range) {
			if (range.phys == SZ_64K * at)
				break;
		}
		phyr_for_each_slice_range(&t->phyr, 0, t->model->bytes, slice) {
			if (slice.phys == SZ_64K * at)
				break;
		}
		check_found(test, &range, at);
		check_found(test, &slice, at);
		reset(test);
		check_found(test, &range, at);
		check_found(test, &slice, at);
	}
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

static u64 pages_touched(u64 phys, u64 len)
{
	return PFN_UP(phys + len) - PFN_DOWN(phys);
}

/*
 * What is too long for a size_t comes in pieces, and no page in two of them: who
 * unpins piece by piece unpins each page once.
 */
static void next_vecs_of_long_ranges(struct kunit *test)
{
	static const struct phyr_range ranges[] = {
		{ .phys = PAGE_SIZE, .len = 6 * (u64)SZ_1G },
		{ .phys = 0, .len = 4 * (u64)SZ_1G },
		{ .phys = 1, .len = 4 * (u64)SZ_1G },
		{ .phys = PAGE_SIZE - 1, .len = 4 * (u64)SZ_1G + 2 },
		{ .phys = 5, .len = U32_MAX },
		{ .phys = 5, .len = 77 * (u64)SZ_1G + 123 },
		{ .phys = PAGE_SIZE + 9, .len = 1 },
	};
	struct list_test *t = test->priv;

	if (!WIDE_PHYS)
		kunit_skip(test, "needs 64-bit addresses");

	for (unsigned int i = 0; i < 10 * ARRAY_SIZE(ranges); i++)
		append(test, &ranges[i % ARRAY_SIZE(ranges)]);

	for (unsigned int max = 1; max < 9; max++) {
		struct phyr_state ps = phyr_start(&t->phyr);
		u64 pos = 0, touched = 0;
		struct phys_vec vec[8];
		unsigned int nr;
		size_t i = 0;

		while ((nr = phyrs_next_vecs(&ps, vec, max))) {
			for (unsigned int k = 0; k < nr; k++) {
				const struct phyr_range *want = &t->model->ranges[i];

				KUNIT_ASSERT_EQ(test, vec[k].paddr, want->phys + pos);
				pos += vec[k].len;
				touched += pages_touched(vec[k].paddr, vec[k].len);
				if (pos < want->len)
					continue;
				KUNIT_ASSERT_EQ(test, pos, want->len);
				KUNIT_ASSERT_EQ(test, touched,
						pages_touched(want->phys, want->len));
				pos = 0;
				touched = 0;
				i++;
			}
		}
		KUNIT_ASSERT_EQ(test, i, t->model->nr);
	}
}

static struct kunit_case list_cases[] = {
	KUNIT_CASE(empty_list),
	KUNIT_CASE(refuses_bad_ranges),
	KUNIT_CASE(refuses_bad_kinds),
	KUNIT_CASE(longest_range),
	KUNIT_CASE(merges_up_to_longest_range),
	KUNIT_CASE(longest_list),
	KUNIT_CASE(highest_address),
	KUNIT_CASE(plain_ranges),
	KUNIT_CASE(short_run),
	KUNIT_CASE(short_run_bits),
	KUNIT_CASE(widest_window),
	KUNIT_CASE(window),
	KUNIT_CASE(window_at_zero),
	KUNIT_CASE(window_widens),
	KUNIT_CASE(run),
	KUNIT_CASE(run_of_largest_distance),
	KUNIT_CASE(general),
	KUNIT_CASE(kind),
	KUNIT_CASE(kind_changes),
	KUNIT_CASE(chunks_grow),
	KUNIT_CASE(page_array_fills_chunks),
	KUNIT_CASE(full_chunk_goes_on),
	KUNIT_CASE(seams_of_page_arrays),
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
	KUNIT_CASE(range_outlives_the_loop),
	KUNIT_CASE(next_vecs),
	KUNIT_CASE(next_vecs_of_long_ranges),
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
