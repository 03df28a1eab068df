// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of physical-range lists: positions in lists so long that they have
 * checkpoints and indexes.  The walk from the start, which needs neither, says
 * what is right.
 */

#include <linux/mm.h>
#include <linux/prandom.h>
#include <linux/sizes.h>

#include "phyr_model.h"

/* Ranges of lists that have one index, and several. */
#define ONE_INDEX	SZ_8K
#define INDEXES		SZ_32K

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

/* The only run that isn't a page is the first of each chunk of 4 KiB. */
static void set_run_first(struct phyr_range *range, unsigned int i)
{
	if (i % 1024 == 1008)
		range->len *= 5;
}

static void set_odd(struct phyr_range *range, unsigned int i)
{
	range->phys += 10;
	range->len -= 100 + i % 9;
}

/* Too long for the checkpoints of a chunk to reach the last ones. */
static void set_huge(struct phyr_range *range, unsigned int i)
{
	range->phys = (i + 1) * (u64)SZ_2M;
	range->len = i % 3 ? SZ_2M - SZ_4K : SZ_1M;
	if (i % 40 == 30)
		range->len = SZ_1G;
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
	{ "odd", set_odd },
	{ "huge", set_huge },
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
	if (!WIDE_PHYS && shape->set == set_huge)
		kunit_skip(test, "needs 64 bits of physical address");

	for (unsigned int i = 0; i < nr; i++) {
		struct phyr_range range = {
			.phys = (2 * i + 1) * (u64)SZ_64K,
			.len = SZ_4K,
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
	const struct phyr_range *range;
	u64 pos = 0, nr = 0;

	phyr_for_each_range(phyr, range) {
		check_at(test, phyr, pos, range, 0);
		check_at(test, phyr, pos, range, range->len - 1);
		pos += range->len;
		nr++;
	}
	KUNIT_ASSERT_EQ(test, pos, phyr_bytes(phyr));
	KUNIT_ASSERT_EQ(test, nr, phyr_nr_ranges(phyr));
}

static void seek_to_all(struct kunit *test)
{
	static const unsigned int lengths[] = {
		2, 16, 130, 1000, 3000, ONE_INDEX, INDEXES,
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
		1, SZ_4K, SZ_8K, SZ_64K - 1, SZ_64K, SZ_64K + 1, SZ_256K, SZ_4M,
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
		       below(test, SZ_4K);
	case 6:
		return phyr_bytes(phyr) + below(test, 3);
	default:
		return pos + step;
	}
}

static void go_on(struct kunit *test, struct phyr_state *ps)
{
	struct phys_vec vec[20];
	phys_addr_t phys;

	switch (below(test, 6)) {
	case 0:
		phyrs_next(ps);
		break;
	case 1:
		phyrs_piece(ps, 1 + below(test, SZ_8K), &phys);
		break;
	case 2:
		phyrs_next_vecs(ps, vec, 1 + below(test, ARRAY_SIZE(vec)));
		break;
	}
}

static void check_seek(struct kunit *test, struct phyr_state *ps, u64 pos)
{
	const struct phyr_range *next;
	struct phyr_range want;
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
	next = phyrs_next(&copy);
	KUNIT_ASSERT_NOT_NULL(test, next);
	check_same(test, &want, next);
	if (pos + want.len == phyr_bytes(ps->phyr))
		return;
	pos += want.len;
	KUNIT_ASSERT_EQ(test, 0, phyr_at(ps->phyr, pos, &want));
	next = phyrs_next(&copy);
	KUNIT_ASSERT_NOT_NULL(test, next);
	check_same(test, &want, next);
}

static void seek_from_anywhere(struct kunit *test)
{
	struct seek_test *t = test->priv;
	struct phyr_state ps;

	fill(test, &t->phyr, test->param_value, ONE_INDEX);
	ps = phyr_start(&t->phyr);
	for (unsigned int i = 0; i < 20000; i++) {
		u64 pos = pick(test, &t->phyr, phyrs_tell(&ps),
			       ps.range.len - ps.used);

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

	fill(test, &t->phyr, &shapes[1], ONE_INDEX);
	ps = phyr_start(&t->phyr);
	walk = ps;
	for (u64 pos = 0; pos < phyr_bytes(&t->phyr); pos += SZ_4K) {
		KUNIT_ASSERT_EQ(test, 0, phyrs_seek(&ps, pos));
		KUNIT_ASSERT_EQ(test, SZ_4K, phyrs_piece(&walk, SZ_4K, &phys));
		KUNIT_ASSERT_EQ(test, phys, ps.range.phys);
	}
}

/* --- after what was noted for seeking has changed --- */

/* Cut at every word of a few stretches, and go on with something else. */
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

/* Appends that fail leave behind what they noted. */
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
	const struct phyr_range *range;
	u64 pos = 0;

	phyr_for_each_range(&t->phyr, range) {
		if (!nr--)
			break;
		pos += range->len;
	}
	return pos;
}

/* Groups of chunks are split, joined, and grow into what was reserved. */
static void seek_in_parts(struct kunit *test)
{
	static const struct shape odd = { "odd", set_odd };
	const unsigned int nr = 9000;	/* in the middle of a group */
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

static struct kunit_case seek_cases[] = {
	KUNIT_CASE_PARAM(seek_to_all, shape_gen_params),
	KUNIT_CASE(seek_in_page_arrays),
	KUNIT_CASE_PARAM(seek_from_anywhere, shape_gen_params),
	KUNIT_CASE(seek_page_by_page),
	KUNIT_CASE_PARAM(seek_after_cuts, shape_gen_params),
	KUNIT_CASE_PARAM(seek_after_undo, shape_gen_params),
	KUNIT_CASE_PARAM(seek_in_parts, shape_gen_params),
	{ }
};

static struct kunit_suite seek_suite = {
	.name = "phyr_seek",
	.init = seek_init,
	.exit = seek_exit,
	.test_cases = seek_cases,
};

kunit_test_suite(seek_suite);
