// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of physical-range lists: positions in lists of many chunks.  The
 * walk from the start, which needs no index, says what is right.
 */

#include <linux/mm.h>
#include <linux/prandom.h>
#include <linux/sizes.h>

#include "phyr_model.h"

/* Ranges of lists whose index is less than a page, and more. */
#define SHORT_INDEX	SZ_8K
#define LONG_INDEX	SZ_64K

/* As many ranges are in a chunk, unless it is cut off or they are of more kinds. */
#define CHUNK_RANGES	256

struct seek_test {
	struct phyr	phyr;
	struct phyr	other;
	struct rnd_state rnd;
};

/* A list by the size and kind of its ranges, which never merge. */
struct shape {
	const char	*name;
	void		(*set)(struct phyr_range *range, unsigned int i);
};

static void set_page(struct phyr_range *range, unsigned int i)
{
}

static void set_run(struct phyr_range *range, unsigned int i)
{
	range->len *= 1 + i % 7;
}

/* A page now and then that is none, or more than one, or far away. */
static void set_mostly_page(struct phyr_range *range, unsigned int i)
{
	if (i % 150 == 100)
		range->len *= 5;
	if (i % 310 == 200)
		range->len -= 50;
	if (i % 1700 == 1000)
		range->phys += BIT_ULL(43);
}

/* The only run that isn't a page is the first of each chunk. */
static void set_run_first(struct phyr_range *range, unsigned int i)
{
	if (i % CHUNK_RANGES == 0)
		range->len *= 5;
}

/* Or the last one. */
static void set_run_last(struct phyr_range *range, unsigned int i)
{
	if (i % CHUNK_RANGES == CHUNK_RANGES - 1)
		range->len *= 5;
}

/* Every second chunk is of pages only. */
static void set_pages_in_turn(struct phyr_range *range, unsigned int i)
{
	if (i / CHUNK_RANGES % 2)
		range->len *= 1 + i % 3;
}

static void set_odd(struct phyr_range *range, unsigned int i)
{
	range->phys += 10;
	range->len -= 100 + i % 9;
}

/* Of all widths. */
static void set_all_sizes(struct phyr_range *range, unsigned int i)
{
	range->phys = (i % 1000 + 1) * (u64)SZ_2M;
	switch (i % 5) {
	case 0:
		range->len = 600 * PAGE_SIZE;
		break;
	case 1:
		range->phys += 3;
		break;
	case 2:
		range->len = SZ_256M + 1;
		break;
	case 3:
		range->len *= 7;
	}
}

/* Positions beyond 4 GiB in one chunk. */
static void set_huge(struct phyr_range *range, unsigned int i)
{
	range->phys = (i + 1) * (u64)SZ_4M;
	range->len = i % 3 ? SZ_4M - PAGE_SIZE : SZ_2M;
	if (i % 40 == 30)
		range->len = SZ_1G;
}

/* All of one size, and not pages. */
static void set_uniform(struct phyr_range *range, unsigned int i)
{
	range->phys = (i * 77 % 1000 + 1) * (u64)SZ_2M;
	range->len = SZ_2M;
}

static void set_mmio(struct phyr_range *range, unsigned int i)
{
	range->flags = PHYR_MMIO;
}

static void set_p2p(struct phyr_range *range, unsigned int i)
{
	range->flags = PHYR_MMIO;
	range->provider = phyr_test_provider(0);
}

static void set_kinds(struct phyr_range *range, unsigned int i)
{
	switch (i / 90 % 4) {
	case 1:
		range->flags = PHYR_MMIO;
		break;
	case 2:
		range->flags = PHYR_MMIO;
		range->provider = phyr_test_provider(i / 90 % 3);
		break;
	}
}

static const struct shape shapes[] = {
	{ "pages", set_page },
	{ "runs", set_run },
	{ "mostly pages", set_mostly_page },
	{ "run first", set_run_first },
	{ "run last", set_run_last },
	{ "pages in turn", set_pages_in_turn },
	{ "odd", set_odd },
	{ "all sizes", set_all_sizes },
	{ "huge", set_huge },
	{ "uniform", set_uniform },
	{ "mmio", set_mmio },
	{ "p2p", set_p2p },
	{ "kinds", set_kinds },
};

KUNIT_ARRAY_PARAM_DESC(shape, shapes, name);

static u32 below(struct kunit *test, u32 max)
{
	struct seek_test *t = test->priv;

	return prandom_u32_state(&t->rnd) % max;
}

static void fill(struct kunit *test, struct phyr *phyr,
		 const struct shape *shape, unsigned int nr)
{
	/* That needs 64 bits of physical address. */
	if (!WIDE_PHYS && shape->set == set_huge)
		shape = &shapes[1];

	for (unsigned int i = 0; i < nr; i++) {
		struct phyr_range range = {
			.phys = (2 * i + 1) * 8 * (u64)PAGE_SIZE,
			.len = PAGE_SIZE,
		};

		shape->set(&range, i);
		KUNIT_ASSERT_EQ(test, 0, phyr_append_range(phyr, &range,
							   GFP_KERNEL));
	}
}

static void check_same(struct kunit *test, const struct phyr_range *want,
		       const struct phyr_range *range)
{
	KUNIT_ASSERT_EQ(test, want->phys, range->phys);
	KUNIT_ASSERT_EQ(test, want->len, range->len);
	KUNIT_ASSERT_EQ(test, want->flags, range->flags);
	KUNIT_ASSERT_PTR_EQ(test, want->provider, range->provider);
}

static void check_at(struct kunit *test, const struct phyr *phyr, u64 pos,
		     const struct phyr_range *whole, u64 skip)
{
	struct phyr_range want = *whole, range;

	want.phys += skip;
	want.len -= skip;
	KUNIT_ASSERT_EQ(test, 0, phyr_at(phyr, pos + skip, &range));
	check_same(test, &want, &range);
}

/* Seek to the first and the last byte of every range. */
static void check_all(struct kunit *test, const struct phyr *phyr)
{
	struct phyr_range range;
	u64 pos = 0, nr = 0;

	phyr_for_each_range(phyr, range) {
		check_at(test, phyr, pos, &range, 0);
		check_at(test, phyr, pos, &range, range.len - 1);
		pos += range.len;
		nr++;
	}
	KUNIT_ASSERT_EQ(test, pos, phyr_bytes(phyr));
	KUNIT_ASSERT_EQ(test, nr, phyr_nr_ranges(phyr));
}

static void seek_to_all(struct kunit *test)
{
	static const unsigned int lengths[] = {
		2, 16, 130, 1000, 3000, SHORT_INDEX, LONG_INDEX,
	};
	struct seek_test *t = test->priv;

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		fill(test, &t->phyr, test->param_value, lengths[i]);
		check_all(test, &t->phyr);
		phyr_destroy(&t->phyr);
	}
}

/* Appended by arrays of pages, whose loop makes notes of its own. */
static void seek_in_page_arrays(struct kunit *test)
{
	struct seek_test *t = test->priv;
	struct page *pages[150];
	unsigned long pfn = PHYS_PFN(SZ_1G);
	size_t nr;

	for (unsigned int i = 0; i < 500; i++) {
		nr = 1 + below(test, ARRAY_SIZE(pages));
		for (size_t j = 0; j < nr; j++) {
			/* At times adjacent, and for a while never. */
			pfn += i % 40 < 30 || below(test, 30) ? 3 : 1;
			pages[j] = pfn_to_page(pfn);
		}
		KUNIT_ASSERT_EQ(test, 0,
				phyr_append_pages(&t->phyr, pages, nr, 0,
						  nr * PAGE_SIZE, GFP_KERNEL));
	}
	check_all(test, &t->phyr);
}

/* --- from wherever a state is --- */

/* A position that is near @pos in one of the ways that matter, or far away. */
static u64 pick(struct kunit *test, const struct phyr *phyr, u64 pos, u64 len)
{
	static const u64 steps[] = {
		1, PAGE_SIZE, 2 * PAGE_SIZE, 16 * PAGE_SIZE - 1, 16 * PAGE_SIZE,
		16 * PAGE_SIZE + 1, 64 * PAGE_SIZE, 1024 * PAGE_SIZE,
	};
	u64 step = steps[below(test, ARRAY_SIZE(steps))];

	switch (below(test, 8)) {
	case 0:
		return pos + below(test, min(len, U32_MAX) ?: 1);
	case 1:
		return pos + len;
	case 2:
		return pos + len - 1;
	case 3:
		return pos - min(step, pos);
	case 4:
		return phyr_bytes(phyr) - 1 + below(test, 2) -
		       min(step, phyr_bytes(phyr) - 1);
	case 5:
		return div_u64(phyr_bytes(phyr), 1000) * below(test, 1000) +
		       below(test, PAGE_SIZE);
	case 6:
		return phyr_bytes(phyr) + below(test, 3);
	default:
		return pos + step;
	}
}

static void go_on(struct kunit *test, struct phyr_state *ps)
{
	struct phyr_range range;
	struct phys_vec vec[20];
	phys_addr_t phys;

	switch (below(test, 6)) {
	case 0:
		phyrs_next(ps, &range);
		break;
	case 1:
		phyrs_piece(ps, 1 + below(test, 2 * PAGE_SIZE), &phys);
		break;
	case 2:
		phyrs_next_vecs(ps, vec, 1 + below(test, ARRAY_SIZE(vec)));
		break;
	}
}

static void check_seek(struct kunit *test, struct phyr_state *ps, u64 pos)
{
	struct phyr_range want, next;
	struct phyr_state copy;

	if (pos >= phyr_bytes(ps->phyr)) {
		copy = *ps;
		KUNIT_ASSERT_EQ(test, -ERANGE, phyrs_seek(ps, pos));
		KUNIT_ASSERT_MEMEQ(test, &copy, ps, sizeof(copy));
		return;
	}

	KUNIT_ASSERT_EQ(test, 0, phyr_at(ps->phyr, pos, &want));
	KUNIT_ASSERT_EQ(test, 0, phyrs_seek(ps, pos));
	KUNIT_ASSERT_EQ(test, pos, phyrs_tell(ps));

	copy = *ps;
	KUNIT_ASSERT_TRUE(test, phyrs_next(&copy, &next));
	check_same(test, &want, &next);
	if (pos + want.len == phyr_bytes(ps->phyr))
		return;
	pos += want.len;
	KUNIT_ASSERT_EQ(test, 0, phyr_at(ps->phyr, pos, &want));
	KUNIT_ASSERT_TRUE(test, phyrs_next(&copy, &next));
	check_same(test, &want, &next);
}

static void seek_from_anywhere(struct kunit *test)
{
	struct seek_test *t = test->priv;
	struct phyr_state ps;

	fill(test, &t->phyr, test->param_value, SHORT_INDEX);
	ps = phyr_start(&t->phyr);
	for (unsigned int i = 0; i < 20000; i++) {
		u64 pos = pick(test, &t->phyr, phyrs_tell(&ps),
			       ps.range.len);

		check_seek(test, &ps, pos);
		go_on(test, &ps);
	}
}

/* Page after page: the state never leaves the walk. */
static void seek_page_by_page(struct kunit *test)
{
	struct seek_test *t = test->priv;
	struct phyr_state ps, walk;
	phys_addr_t phys;

	fill(test, &t->phyr, &shapes[1], SHORT_INDEX);
	ps = phyr_start(&t->phyr);
	walk = ps;
	for (u64 pos = 0; pos < phyr_bytes(&t->phyr); pos += PAGE_SIZE) {
		KUNIT_ASSERT_EQ(test, 0, phyrs_seek(&ps, pos));
		KUNIT_ASSERT_EQ(test, PAGE_SIZE,
				phyrs_piece(&walk, PAGE_SIZE, &phys));
		KUNIT_ASSERT_EQ(test, phys, ps.range.phys);
	}
}

/* --- after the index has changed --- */

/* Cut wherever it hits, and go on with something else. */
static void seek_after_cuts(struct kunit *test)
{
	struct seek_test *t = test->priv;

	fill(test, &t->phyr, test->param_value, 3000);
	for (unsigned int i = 0; i < 100; i++) {
		u64 bytes = phyr_bytes(&t->phyr);

		phyr_truncate(&t->phyr, bytes - below(test, min(bytes / 4, U32_MAX)));
		fill(test, &t->phyr, &shapes[i % ARRAY_SIZE(shapes)],
		     1 + below(test, 700));
		if (i % 8 == 7)
			check_all(test, &t->phyr);
	}
}

/* Appends that fail leave nothing behind. */
static void seek_after_undo(struct kunit *test)
{
	struct seek_test *t = test->priv;
	struct phys_vec vec[90] = { };

	for (size_t i = 0; i + 1 < ARRAY_SIZE(vec); i++) {
		vec[i].paddr = SZ_1G + i * SZ_64K;
		vec[i].len = i % 3 ? SZ_4K : 100;
	}
	for (unsigned int i = 0; i < 250; i++) {
		size_t skip = below(test, ARRAY_SIZE(vec) - 1);

		KUNIT_ASSERT_EQ(test, -EINVAL,
				phyr_append_phys_vec(&t->phyr, vec + skip,
						     ARRAY_SIZE(vec) - skip, 0,
						     NULL, GFP_KERNEL));
		fill(test, &t->phyr, test->param_value, 1 + below(test, 90));
	}
	check_all(test, &t->phyr);
}

static u64 start_of_range(struct kunit *test, unsigned int nr)
{
	struct seek_test *t = test->priv;
	struct phyr_range range;
	u64 pos = 0;

	phyr_for_each_range(&t->phyr, range) {
		if (!nr--)
			break;
		pos += range.len;
	}
	return pos;
}

/* Lists are split, joined, and grow into what was reserved. */
static void seek_in_parts(struct kunit *test)
{
	static const struct shape odd = { "odd", set_odd };
	const unsigned int nr = 9000;
	struct seek_test *t = test->priv;

	for (unsigned int i = 1; i < nr; i += 1 + below(test, 3000)) {
		fill(test, &t->phyr, &odd, nr);
		KUNIT_ASSERT_EQ(test, 0, phyr_reserve(&t->phyr, 5000,
						      GFP_KERNEL));
		KUNIT_ASSERT_EQ(test, 0,
				phyr_split(&t->phyr, start_of_range(test, i),
					   &t->other, GFP_KERNEL));
		fill(test, &t->other, test->param_value, below(test, 5000));
		check_all(test, &t->other);
		fill(test, &t->phyr, test->param_value, below(test, 5000));
		KUNIT_ASSERT_EQ(test, 0, phyr_join(&t->phyr, &t->other,
						   GFP_KERNEL));
		fill(test, &t->phyr, test->param_value, below(test, 5000));
		check_all(test, &t->phyr);
		phyr_destroy(&t->phyr);
	}
}

/* Many lists joined, some of which were trimmed before: any chunk may be short. */
static void seek_in_joined(struct kunit *test)
{
	struct seek_test *t = test->priv;

	for (unsigned int i = 0; i < 120; i++) {
		fill(test, &t->other, i % 3 ? test->param_value :
		     &shapes[i % ARRAY_SIZE(shapes)], 1 + below(test, 900));
		if (below(test, 2))
			phyr_trim(&t->other, GFP_KERNEL);
		if (below(test, 8) == 0)
			phyr_truncate(&t->other, phyr_bytes(&t->other) / 2 + 1);
		if (below(test, 4) == 0)
			swap(t->phyr, t->other);
		KUNIT_ASSERT_EQ(test, 0, phyr_join(&t->phyr, &t->other,
						   GFP_KERNEL));
		if (below(test, 16) == 0)
			phyr_trim(&t->phyr, GFP_KERNEL);
		if (i % 20 == 19)
			check_all(test, &t->phyr);
	}
}

static int seek_init(struct kunit *test)
{
	struct seek_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	prandom_seed_state(&t->rnd, 1);
	test->priv = t;
	return 0;
}

static void seek_exit(struct kunit *test)
{
	struct seek_test *t = test->priv;

	if (!t)
		return;
	phyr_destroy(&t->phyr);
	phyr_destroy(&t->other);
}

/* One slice after the other, the first of which ends inside a range. */
static void slice_again(struct kunit *test)
{
	struct seek_test *t = test->priv;
	const u64 part = 5 * PAGE_SIZE;
	struct phyr_state ps;

	for (unsigned int i = 0; i < 100; i++)
		KUNIT_ASSERT_EQ(test, 0, phyr_append(&t->phyr,
						     20 * i * PAGE_SIZE,
						     2 * part, GFP_KERNEL));
	ps = phyr_start(&t->phyr);
	for (u64 pos = 0; pos < 200 * part; pos += part) {
		struct phyr_range range, want;
		unsigned int nr = 0;

		KUNIT_ASSERT_EQ(test, 0, phyrs_slice(&ps, pos, part));
		KUNIT_ASSERT_EQ(test, 0, phyr_at(&t->phyr, pos, &want));
		while (phyrs_next(&ps, &range)) {
			KUNIT_ASSERT_EQ(test, range.phys, want.phys);
			KUNIT_ASSERT_EQ(test, range.len, part);
			nr++;
		}
		KUNIT_ASSERT_EQ(test, nr, 1);
	}
}

static struct kunit_case seek_cases[] = {
	KUNIT_CASE(slice_again),
	KUNIT_CASE_PARAM(seek_to_all, shape_gen_params),
	KUNIT_CASE(seek_in_page_arrays),
	KUNIT_CASE_PARAM(seek_from_anywhere, shape_gen_params),
	KUNIT_CASE(seek_page_by_page),
	KUNIT_CASE_PARAM(seek_after_cuts, shape_gen_params),
	KUNIT_CASE_PARAM(seek_after_undo, shape_gen_params),
	KUNIT_CASE_PARAM(seek_in_parts, shape_gen_params),
	KUNIT_CASE_PARAM(seek_in_joined, shape_gen_params),
	{ }
};

static struct kunit_suite seek_suite = {
	.name = "phyr_seek",
	.init = seek_init,
	.exit = seek_exit,
	.test_cases = seek_cases,
};

kunit_test_suite(seek_suite);
