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
#define PLAIN_MAX		256
#define SINGLE_MAX		1024	/* in a chunk */
#define SINGLE_BITS		31	/* of distance in one */
#define FORM_PLAIN		0x40
#define FORM_WIDE		0x80
#define NARROW_BITS		32
#define WIDE_BITS		(64 - PAGE_SHIFT)

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

/* --- plain ranges and chunks of them --- */

static u64 pages_len(u64 nr)
{
	return nr * PAGE_SIZE;
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
	add(test, pages_len(1000), PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, t->phyr.nr_plain, 1);
	KUNIT_ASSERT_EQ(test, t->phyr.index->nr, 1);
	KUNIT_EXPECT_EQ(test, t->phyr.index->chunks[0].nr, PLAIN_MAX);
	check(test);
	/* One of another kind has those before it packed, however few. */
	KUNIT_EXPECT_EQ(test, 0, phyr_append_mmio(&t->phyr, 5, 5, NULL,
						  GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, t->phyr.nr_plain, 1);
	KUNIT_ASSERT_EQ(test, t->phyr.index->nr, 2);
	KUNIT_EXPECT_EQ(test, t->phyr.index->chunks[1].nr, 1);
}

/* Where two ranges are, there is no room for what is known of chunks. */
static void few_ranges(struct kunit *test)
{
	struct list_test *t = test->priv;

	add(test, pages_len(1), PAGE_SIZE);
	add(test, pages_len(3), PAGE_SIZE);
	check(test);
	KUNIT_EXPECT_EQ(test, 0, phyr_memory_used(&t->phyr));
	KUNIT_EXPECT_EQ(test, 0, phyr_append_mmio(&t->phyr, 5, 5, NULL,
						  GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, 3, phyr_nr_ranges(&t->phyr));
	KUNIT_ASSERT_EQ(test, 1, t->phyr.index->nr);
	KUNIT_EXPECT_EQ(test, 2, t->phyr.index->chunks[0].nr);

	/* Both come back out of the chunk. */
	phyr_truncate(&t->phyr, pages_len(2));
	check(test);
	KUNIT_EXPECT_EQ(test, 0, phyr_memory_used(&t->phyr));
	add(test, pages_len(5), PAGE_SIZE);
	KUNIT_EXPECT_LE(test, 3, t->phyr.max_plain);
	check(test);
	phyr_truncate(&t->phyr, 0);
	KUNIT_EXPECT_TRUE(test, mem_is_zero(&t->phyr, sizeof(t->phyr)));
}

static unsigned int chunk_width(const struct phyr_chunk *chunk)
{
	if (chunk->form & FORM_PLAIN)
		return sizeof(struct phyr_plain);
	return chunk->form & FORM_WIDE ? sizeof(u64) : sizeof(u32);
}

/* How wide the entries are that as many of @a and @b in turn get as are packed at once. */
static unsigned int width_of(struct kunit *test, const struct phyr_range *a,
			     const struct phyr_range *b)
{
	struct list_test *t = test->priv;

	reset(test);
	for (unsigned int i = 0; i <= PLAIN_MAX; i++)
		append(test, i % 2 ? b : a);
	check(test);
	KUNIT_ASSERT_EQ(test, t->phyr.nr_plain, 1);
	KUNIT_ASSERT_EQ(test, t->phyr.index->nr, 1);
	KUNIT_ASSERT_EQ(test, t->phyr.index->chunks[0].nr, PLAIN_MAX);
	return chunk_width(&t->phyr.index->chunks[0]);
}

/* That ranges of @nr pages are told so, where one starts @span pages after another. */
static void expect_width(struct kunit *test, unsigned int width, u64 at,
			 u64 span, u64 nr)
{
	struct phyr_range a = { .phys = pages_len(at), .len = pages_len(nr) };
	struct phyr_range b = { .phys = pages_len(at + span), .len = PAGE_SIZE };

	/* They would merge. */
	if (span == nr)
		return;
	/* Ranges past 4 GiB aren't packed. */
	if (a.len > U32_MAX)
		width = sizeof(struct phyr_plain);
	KUNIT_EXPECT_EQ_MSG(test, width, width_of(test, &a, &b),
			    "at %llu span %llu pages %llu", at, span, nr);
	/* The long one at the end, which the count's bits have to be enough for. */
	a.phys = pages_len(at + span);
	b.phys = pages_len(at);
	a.len = pages_len(nr);
	if (span > nr)
		width_of(test, &a, &b);
}

/* Four bytes are enough for as many bits of distance and of page count as they have. */
static void narrow_entries(struct kunit *test)
{
	expect_width(test, sizeof(u32), 0, 0, 1);
	expect_width(test, sizeof(u32), 5, 3, 1);
	expect_width(test, sizeof(u32), 5, 3, 3);
	if (!WIDE_PHYS)
		return;
	for (unsigned int bits = 1; bits < NARROW_BITS; bits++) {
		u64 span = BIT_ULL(NARROW_BITS - bits);
		u64 most = BIT_ULL(bits) - 1;

		expect_width(test, sizeof(u32), 99, span - 1, bits > 15 ? 1 : most);
		if (most >= span)
			continue;
		expect_width(test, sizeof(u64), 99, span, most);
		expect_width(test, sizeof(u64), 99, span - 1, most + 1);
	}
}

static void wide_entries(struct kunit *test)
{
	if (!WIDE_PHYS)
		kunit_skip(test, "needs 64-bit addresses");

	for (unsigned int bits = 1; bits < 20; bits++) {
		u64 span = BIT_ULL(WIDE_BITS - bits);

		/* Addresses end where a distance would with few bits of count. */
		if (WIDE_BITS - bits > 63 - PAGE_SHIFT)
			continue;
		expect_width(test, sizeof(u64), 7, span - 1, BIT_ULL(bits) - 1);
		expect_width(test, sizeof(struct phyr_plain), 7, span,
			     BIT_ULL(bits) - 1);
		expect_width(test, sizeof(struct phyr_plain), 7, span - 1,
			     BIT_ULL(bits));
	}
	/* All bits of a distance, one by one. */
	for (unsigned int bit = 0; bit < WIDE_BITS - 1; bit++)
		expect_width(test, bit < NARROW_BITS - 1 ? sizeof(u32) : sizeof(u64),
			     1, BIT_ULL(bit), 1);
}

/* Few, or the list would be too long. */
static void counts_of_all_lengths(struct kunit *test)
{
	const struct phyr_range other = { .phys = 1, .len = 1 };
	struct phyr_range range = { .flags = PHYR_MMIO };
	struct list_test *t = test->priv;

	if (!WIDE_PHYS)
		kunit_skip(test, "needs 64-bit addresses");

	for (unsigned int bits = 2; bits < 40; bits++) {
		reset(test);
		for (unsigned int i = 0; i < 4; i++) {
			range.phys = pages_len(BIT_ULL(42) * (i % 2));
			range.len = pages_len(BIT_ULL(bits) - 1 - i % 2);
			append(test, &range);
		}
		append(test, &other);
		check(test);
		KUNIT_EXPECT_EQ_MSG(test, chunk_width(&t->phyr.index->chunks[0]),
				    bits + 43 > WIDE_BITS ?
				    sizeof(struct phyr_plain) : sizeof(u64),
				    "bits %u", bits);
	}
}

/* Ranges are told in units of what all of them are multiples of, up to 4 GiB. */
static void units(struct kunit *test)
{
	struct phyr_range a = { }, b = { };
	const phys_addr_t far = (phys_addr_t)BIT_ULL(35);

	if (!WIDE_PHYS)
		kunit_skip(test, "needs 64-bit addresses");

	for (unsigned int unit = 0; unit < 32; unit++) {
		a.len = BIT_ULL(unit);
		b.len = BIT_ULL(unit);
		b.phys = BIT_ULL(unit) * (BIT_ULL(31) - 1);
		KUNIT_EXPECT_EQ(test, width_of(test, &a, &b), sizeof(u32));
		b.phys += BIT_ULL(unit);
		KUNIT_EXPECT_EQ(test, width_of(test, &a, &b), sizeof(u64));
		/* As long as can be told, and one unit more. */
		b.phys = far;
		a.len = BIT_ULL(32) - BIT_ULL(unit);
		KUNIT_EXPECT_EQ_MSG(test, width_of(test, &a, &b),
				    unit < 4 ? sizeof(struct phyr_plain) :
				    unit < 18 ? sizeof(u64) : sizeof(u32),
				    "unit %u", unit);
		a.len += BIT_ULL(unit);
		b.len = a.len + BIT_ULL(unit);
		KUNIT_EXPECT_EQ_MSG(test, width_of(test, &a, &b),
				    sizeof(struct phyr_plain), "unit %u", unit);
	}
}

/* What isn't whole pages is told as well as it can be. */
static void odd_entries(struct kunit *test)
{
	static const struct phyr_range odd[] = {
		{ .phys = PAGE_SIZE, .len = PAGE_SIZE - 1 },
		{ .phys = PAGE_SIZE, .len = PAGE_SIZE + 1 },
		{ .phys = 1, .len = PAGE_SIZE },
		{ .phys = 2 * PAGE_SIZE - 1, .len = 1 },
		{ .phys = 1, .len = SZ_1G },
		{ .phys = PHYS_ADDR_MAX, .len = 1 },
		{ .phys = PHYS_ADDR_MAX - PAGE_SIZE, .len = PAGE_SIZE },
	};
	const struct phyr_range page = { .phys = SZ_1M, .len = PAGE_SIZE };

	for (size_t i = 0; i < ARRAY_SIZE(odd); i++) {
		width_of(test, &odd[i], &page);
		width_of(test, &page, &odd[i]);
		width_of(test, &odd[i], &odd[i]);
	}
	if (!WIDE_PHYS)
		return;
	/* All bits of address and length, one by one. */
	for (unsigned int bit = 0; bit < 64; bit++) {
		struct phyr_range range = { .phys = BIT_ULL(bit), .len = 99 };

		width_of(test, &range, &page);
		if (bit > 50)
			continue;
		range.phys = 7;
		range.len = BIT_ULL(bit);
		width_of(test, &range, &page);
		range.len = BIT_ULL(bit + 1) - 1;
		width_of(test, &range, &page);
	}
}

/* The highest page that there is has a base, too. */
static void highest_pages(struct kunit *test)
{
	struct phyr_range a = { .phys = PHYS_ADDR_MAX - PAGE_SIZE + 1 };
	struct phyr_range b;

	a.len = PAGE_SIZE;
	b = a;
	KUNIT_EXPECT_EQ(test, sizeof(u32), width_of(test, &a, &a));
	b.phys -= pages_len(BIT_ULL(10));
	KUNIT_EXPECT_EQ(test, sizeof(u32), width_of(test, &a, &b));
	KUNIT_EXPECT_EQ(test, sizeof(u32), width_of(test, &b, &a));
}

/* A chunk has ranges of one kind. */
static void kind_changes(struct kunit *test)
{
	struct phyr_range a = { .phys = SZ_1M, .len = PAGE_SIZE }, b = a;
	struct list_test *t = test->priv;

	/* There and back again, each range by itself. */
	b.flags = PHYR_MMIO;
	b.provider = phyr_test_provider(1);
	for (unsigned int i = 0; i < 99; i++) {
		append(test, i % 2 ? &b : &a);
		KUNIT_EXPECT_EQ(test, i, t->phyr.index ? t->phyr.index->nr : 0);
	}
	check(test);

	reset(test);
	while (!t->phyr.index || t->phyr.index->nr < 3)
		append(test, &b);
	for (unsigned int i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, t->phyr.index->chunks[i].nr, PLAIN_MAX);
	check(test);
}

static void pinned_kind(struct kunit *test)
{
	struct phyr_pool *pool = phyr_pool_new(test, 1);
	struct phyr_range range = {
		.phys = pool->phys,
		.len = PAGE_SIZE,
		.flags = PHYR_PINNED,
	};

	for (int i = 0; i <= PLAIN_MAX; i++)
		phyr_pool_pin(&range);
	KUNIT_EXPECT_EQ(test, sizeof(u32), width_of(test, &range, &range));
	reset(test);
	phyr_pool_check(test, pool, ((struct list_test *)test->priv)->model);
}

/* All of an array at once: the loop has to stop where there is no room. */
static void page_array_fills_chunks(struct kunit *test)
{
	struct phyr_pool *pool = phyr_pool_new(test, 4);
	struct phyr_range range = { .len = PAGE_SIZE };
	struct list_test *t = test->priv;
	const unsigned int most = 2 * PLAIN_MAX + 2 * SINGLE_MAX;
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
			first |= index->chunks[0].nr == PLAIN_MAX;
		for (u32 i = 0; index && i < index->nr; i++)
			others |= index->chunks[i].nr == SINGLE_MAX;

		/* What comes then must not be where the last entries are. */
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

/*
 * Append pages one after the other as they are told, from a list that ends with a
 * chunk of single pages that others fit into.
 */
static void append_after_singles(struct kunit *test, const unsigned long *pfns,
				 unsigned int nr, unsigned int flags)
{
	const unsigned int before = 2 * PLAIN_MAX;
	struct list_test *t = test->priv;
	struct phyr_range range = { .len = PAGE_SIZE };
	static struct page *pages[3 * PLAIN_MAX];
	unsigned int i;

	reset(test);
	for (i = 0; i < before + nr; i++) {
		unsigned long pfn = i < before ? pfns[0] + 2 * (i % 99) :
						 pfns[i - before];

		pages[i] = pfn_to_page(pfn);
		range.phys = PFN_PHYS(pfn);
		range.flags = i < before ? 0 : flags;
		phyr_model_append(test, t->model, &range);
	}
	KUNIT_ASSERT_EQ(test, 0, phyr_append_pages(&t->phyr, pages, before, 0,
						   before * PAGE_SIZE, GFP_KERNEL));
	for (i = 0; flags && i < nr; i++) {
		range.phys = PFN_PHYS(pfns[i]);
		KUNIT_ASSERT_EQ(test, 0, phyr_append_range(&t->phyr, &range,
							   GFP_KERNEL));
	}
	if (!flags)
		KUNIT_ASSERT_EQ(test, 0,
				phyr_append_pages(&t->phyr, pages + before, nr, 0,
						  nr * PAGE_SIZE, GFP_KERNEL));
	check(test);
	/* The first ones are plain before, and the others are written as they come. */
	KUNIT_ASSERT_GE(test, t->phyr.index->nr, 2);
	KUNIT_EXPECT_EQ(test, t->phyr.index->chunks[0].nr, PLAIN_MAX);
}

/* A chunk of single pages has those that aren't too far from its first one. */
static void far_pages(struct kunit *test)
{
	unsigned long half = BIT(SINGLE_BITS - 1), at = half + 1000;
	static unsigned long pfns[PLAIN_MAX];

	if (!IS_ENABLED(CONFIG_64BIT))
		kunit_skip(test, "no struct page is of memory that far away");

	for (long off = -3; off < 3 + 2 * 99; off++) {
		for (unsigned int i = 0; i < PLAIN_MAX; i++)
			pfns[i] = at + 3 * (i % 50);
		pfns[100] = at - half + off;
		pfns[150] = at + half + off;
		append_after_singles(test, pfns, PLAIN_MAX, 0);
	}
	/* At the lowest and the highest address, there is less room on a side. */
	for (unsigned int i = 0; i < PLAIN_MAX; i++)
		pfns[i] = 5 * (i % 77);
	append_after_singles(test, pfns, PLAIN_MAX, 0);
	for (unsigned int i = 0; i < PLAIN_MAX; i++)
		pfns[i] = (PHYS_ADDR_MAX >> PAGE_SHIFT) - 198 - 5 * (i % 77);
	append_after_singles(test, pfns, PLAIN_MAX, 0);
}

/* What isn't a single page, or of another kind, isn't written to a chunk of them. */
static void other_after_single_pages(struct kunit *test)
{
	static unsigned long pfns[PLAIN_MAX];

	for (unsigned int at = 0; at < PLAIN_MAX; at++) {
		for (unsigned int i = 0; i < PLAIN_MAX; i++)
			pfns[i] = 7 * (i % 50) + (i > at);
		/* Two that are one, where both are in the array. */
		if (at)
			pfns[at] = pfns[at - 1] + 1;
		append_after_singles(test, pfns, PLAIN_MAX, 0);
	}
	append_after_singles(test, pfns, PLAIN_MAX, PHYR_MMIO);
}

static u64 largest_chunk(struct kunit *test)
{
	struct list_test *t = test->priv;
	u64 most = 0;

	for (u32 i = 0; t->phyr.index && i < t->phyr.index->nr; i++)
		most = max(most, t->phyr.index->chunks[i].nr);
	KUNIT_ASSERT_LE(test, most, SINGLE_MAX);
	return most;
}

/* Append pages from the last one of @pfn to the first, each two further down. */
static void append_downwards(struct kunit *test, unsigned long pfn, unsigned int nr)
{
	struct list_test *t = test->priv;
	struct phyr_range range = { .len = PAGE_SIZE };
	static struct page *pages[4 * SINGLE_MAX];

	for (unsigned int i = 0; i < nr; i++) {
		range.phys = PFN_PHYS(pfn + 2 * (nr - i));
		pages[i] = pfn_to_page(pfn + 2 * (nr - i));
		phyr_model_append(test, t->model, &range);
	}
	KUNIT_ASSERT_EQ(test, 0, phyr_append_pages(&t->phyr, pages, nr, 0,
						   nr * PAGE_SIZE, GFP_KERNEL));
	check(test);
}

/* Pages that are below all others fill chunks as well. */
static void pages_downwards(struct kunit *test)
{
	append_downwards(test, 1000, 3 * SINGLE_MAX);
	KUNIT_EXPECT_EQ(test, largest_chunk(test), SINGLE_MAX);
}

/* A chunk that was cut has less room than a block, or just enough. */
static void pages_after_cut(struct kunit *test)
{
	struct list_test *t = test->priv;

	for (unsigned int left = 250; left < 260; left++) {
		const struct phyr_chunk *tail;
		u64 end;

		reset(test);
		append_downwards(test, 9000, 3 * SINGLE_MAX);
		for (tail = t->phyr.index->chunks; tail->nr < SINGLE_MAX; tail++)
			;
		/* The newest range is the one after those that stay in the chunk. */
		end = tail->start + pages_len(SINGLE_MAX - left + 1);
		phyr_truncate(&t->phyr, pages_len(1000));
		phyr_model_truncate(t->model, pages_len(1000));
		check(test);
		append_downwards(test, 9000, 2 * SINGLE_MAX);

		reset(test);
		append_downwards(test, 9000, 3 * SINGLE_MAX);
		phyr_truncate(&t->phyr, end);
		phyr_model_truncate(t->model, end);
		append_downwards(test, 1000, SINGLE_MAX);
		largest_chunk(test);
	}
}

/* Pages aren't added to a chunk of pages of another kind. */
static void pages_after_other_pages(struct kunit *test)
{
	struct phyr_range range = { .len = PAGE_SIZE, .flags = PHYR_MMIO };
	struct list_test *t = test->priv;

	for (unsigned int others = 0; others < 3; others++) {
		reset(test);
		/* Chunks that were reserved have room for more. */
		KUNIT_ASSERT_EQ(test, 0, phyr_reserve(&t->phyr, 8 * PLAIN_MAX,
						      GFP_KERNEL));
		for (unsigned int i = 0; i < 2 * PLAIN_MAX + 1; i++) {
			range.phys = PFN_PHYS(2 * i);
			append(test, &range);
		}
		for (unsigned int i = 0; i < others; i++)
			add(test, SZ_1G + i * SZ_1M, PAGE_SIZE);
		append_downwards(test, 1000, 2 * PLAIN_MAX);
	}
}

/* The first page may be there in part only. */
static void part_after_pages(struct kunit *test)
{
	struct list_test *t = test->priv;
	struct phyr_range range = { };
	static struct page *pages[2 * PLAIN_MAX];

	append_downwards(test, 1000, 4 * PLAIN_MAX + 1);
	for (unsigned int i = 0; i < ARRAY_SIZE(pages); i++) {
		pages[i] = pfn_to_page(5 + 3 * i);
		range.phys = PFN_PHYS(5 + 3 * i) + (i ? 0 : 100);
		range.len = PAGE_SIZE - (i ? 0 : 100);
		phyr_model_append(test, t->model, &range);
	}
	KUNIT_ASSERT_EQ(test, 0,
			phyr_append_pages(&t->phyr, pages, ARRAY_SIZE(pages), 100,
					  ARRAY_SIZE(pages) * PAGE_SIZE - 100,
					  GFP_KERNEL));
	check(test);
}

/* Single pages after runs of two, which all start and end at an even page. */
static void seams_of_page_arrays(struct kunit *test)
{
	struct phyr_pool *pool = phyr_pool_new(test, 8);
	struct list_test *t = test->priv;
	struct phyr_range range = { .len = PAGE_SIZE };
	const unsigned int runs = 600;
	static struct page *pages[640];

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

/* Every kind after every other, at every place in the first two chunks. */
static void kinds_across_chunks(struct kunit *test)
{
	const struct phyr_range kinds[] = {
		{ },
		{ .flags = PHYR_MMIO },
		{ .flags = PHYR_MMIO, .provider = phyr_test_provider(0) },
		{ .flags = PHYR_MMIO, .provider = phyr_test_provider(1) },
	};

	for (unsigned int at = 0; at < 600; at += 1 + at / 300) {
		const unsigned int nr = at < 48 ? 64 : 700;

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

static void merges_pins_of_arrays(struct kunit *test)
{
	struct phyr_pool *pool = phyr_pool_new(test, 8);
	const struct phys_vec vecs[] = {
		{ pool->phys + 5 * PAGE_SIZE, PAGE_SIZE }, { pool->phys, PAGE_SIZE },
		{ pool->phys + PAGE_SIZE, 100 }, { pool->phys + PAGE_SIZE + 100, 50 },
	};
	struct list_test *t = test->priv;

	for (size_t i = 0; i < ARRAY_SIZE(vecs); i++) {
		const struct phyr_range range = {
			.phys = vecs[i].paddr,
			.len = vecs[i].len,
			.flags = PHYR_PINNED,
		};

		phyr_pool_pin(&range);
		phyr_model_append(test, t->model, &range);
	}
	KUNIT_ASSERT_EQ(test, 0,
			phyr_append_phys_vec(&t->phyr, vecs, ARRAY_SIZE(vecs),
					     PHYR_PINNED, NULL, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, phyr_nr_ranges(&t->phyr), 3);
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

/* What stays of a chunk becomes plain, if there is an array that it fits into. */
static void truncate_chunks(struct kunit *test)
{
	struct list_test *t = test->priv;

	for (unsigned int keep = 1; keep < 12; keep++) {
		for (unsigned int huge = 0; huge < 2; huge++) {
			u64 len = huge ? SZ_2M : PAGE_SIZE;
			u64 bytes = (keep - 1) * len + PAGE_SIZE;

			reset(test);
			for (unsigned int i = 0; i <= PLAIN_MAX; i++)
				add(test, 2 * i * len, len);
			phyr_trim(&t->phyr, GFP_KERNEL);
			for (unsigned int i = 0; i < 3; i++)
				add(test, (1000 + 2 * i) * len, len);
			check(test);
			phyr_truncate(&t->phyr, bytes);
			phyr_model_truncate(t->model, bytes);
			check(test);
		}
	}
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
	const unsigned int nr = WIDE_PHYS ? 200000 : 30000;

	/* The range at i has 1 + i % 7 pages; 28 pages make a round. */
	for (unsigned int i = 0; i < nr; i++)
		KUNIT_ASSERT_EQ(test, 0,
				phyr_append(&t->phyr, 16ULL * PAGE_SIZE * (2 * i + 1),
					    (1 + i % 7) * PAGE_SIZE, GFP_KERNEL));
	KUNIT_ASSERT_EQ(test, phyr_nr_ranges(&t->phyr), nr);

	ps = phyr_start(&t->phyr);
	for (unsigned int i = 3; i < nr; i += 7 * (1 + i % 23)) {
		u64 pos = (i / 7 * 28 + 6) * (u64)PAGE_SIZE;

		KUNIT_ASSERT_EQ(test, 0, phyrs_seek(&ps, pos + 5));
		KUNIT_ASSERT_TRUE(test, phyrs_next(&ps, &range));
		KUNIT_ASSERT_EQ(test, range.phys,
				16ULL * PAGE_SIZE * (2 * i + 1) + 5);
		KUNIT_ASSERT_EQ(test, range.len, 4 * PAGE_SIZE - 5);
		KUNIT_ASSERT_EQ(test, 0, phyrs_seek(&ps, pos - 1));
		KUNIT_ASSERT_TRUE(test, phyrs_next(&ps, &range));
		KUNIT_ASSERT_EQ(test, range.phys,
				16ULL * PAGE_SIZE * (2 * i - 1) + 3 * PAGE_SIZE - 1);
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
	KUNIT_CASE(few_ranges),
	KUNIT_CASE(narrow_entries),
	KUNIT_CASE(wide_entries),
	KUNIT_CASE(counts_of_all_lengths),
	KUNIT_CASE(units),
	KUNIT_CASE(odd_entries),
	KUNIT_CASE(highest_pages),
	KUNIT_CASE(kind_changes),
	KUNIT_CASE(pinned_kind),
	KUNIT_CASE(page_array_fills_chunks),
	KUNIT_CASE(far_pages),
	KUNIT_CASE(other_after_single_pages),
	KUNIT_CASE(pages_downwards),
	KUNIT_CASE(pages_after_cut),
	KUNIT_CASE(pages_after_other_pages),
	KUNIT_CASE(part_after_pages),
	KUNIT_CASE(seams_of_page_arrays),
	KUNIT_CASE(kinds_across_chunks),
	KUNIT_CASE(merges_neighbours),
	KUNIT_CASE(merges_only_the_same_kind),
	KUNIT_CASE(merges_pins_between_pages),
	KUNIT_CASE(merges_pins_of_arrays),
	KUNIT_CASE(merges_across_chunks),
	KUNIT_CASE(append_phys_vec),
	KUNIT_CASE(append_phys_vec_undone),
	KUNIT_CASE(append_pages),
	KUNIT_CASE(append_pages_refused),
	KUNIT_CASE(truncate_anywhere),
	KUNIT_CASE(truncate_chunks),
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
