// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of physical-range lists: random lists against a plain array.
 */

#include <linux/mm.h>
#include <linux/module.h>
#include <linux/prandom.h>
#include <linux/random.h>

#include "phyr_model.h"

#define POOL_PAGES	256
#define BATCH		24
#define PHYS_BITS	BITS_PER_TYPE(phys_addr_t)

static unsigned long long seed;
module_param(seed, ullong, 0444);
MODULE_PARM_DESC(seed, "Of the random lists; 0 for a new one each time");

static unsigned int lists = 3000;
module_param(lists, uint, 0444);
MODULE_PARM_DESC(lists, "How many random lists to try");

struct random_test {
	struct phyr		phyr;
	struct phyr_model	*model;
	struct phyr_pool	*pool;
	struct rnd_state	rnd;
	/* What this list is like: */
	unsigned int		adjacent;	/* of 8 */
	unsigned int		same_kind;	/* of 8 */
	unsigned int		whole_pages;	/* of 8 */
	unsigned int		failing;	/* of 8 */
	unsigned int		size_bits;
	unsigned int		kind;
};

static u32 below(struct random_test *r, u32 max)
{
	return prandom_u32_state(&r->rnd) % max;
}

static bool chance(struct random_test *r, unsigned int of_8)
{
	return below(r, 8) < of_8;
}

static u64 random_bits(struct random_test *r, unsigned int bits)
{
	u64 hi = prandom_u32_state(&r->rnd);

	return (hi << 32 | prandom_u32_state(&r->rnd)) & GENMASK_ULL(bits - 1, 0);
}

static u64 random_len(struct random_test *r, u64 max)
{
	u64 len = random_bits(r, 1 + below(r, r->size_bits));

	if (chance(r, r->whole_pages))
		len = (len & PAGE_MASK) + PAGE_SIZE;
	return clamp(len, 1, max);
}

static void random_kind(struct random_test *r, struct phyr_range *range)
{
	if (!chance(r, r->same_kind))
		r->kind = below(r, 5);

	switch (r->kind) {
	case 0:
	case 1:
		range->flags = r->kind ? PHYR_PINNED : 0;
		break;
	case 2:
		range->flags = PHYR_MMIO;
		break;
	default:
		range->flags = PHYR_MMIO;
		range->provider = phyr_test_provider(r->kind);
	}
}

static const struct phyr_range *newest(struct random_test *r)
{
	return r->model->nr ? &r->model->ranges[r->model->nr - 1] : NULL;
}

/* Only real pages can be unpinned again. */
static void random_in_pool(struct random_test *r, struct phyr_range *range)
{
	u64 end = r->pool->phys + r->pool->nr * PAGE_SIZE;
	const struct phyr_range *last = newest(r);

	range->phys = r->pool->phys + below(r, POOL_PAGES) * PAGE_SIZE;
	if (last && chance(r, r->adjacent))
		range->phys = phyr_range_end(last);
	else if (!chance(r, r->whole_pages))
		range->phys += below(r, PAGE_SIZE);
	if (range->phys < r->pool->phys || range->phys >= end)
		range->phys = r->pool->phys;
	range->len = random_len(r, end - range->phys);
}

/* Anywhere at all, or at @next. */
static void random_anywhere(struct random_test *r, struct phyr_range *range,
			    u64 next)
{
	unsigned int bits = 13 + below(r, PHYS_BITS - 13);

	range->phys = random_bits(r, bits);
	if (chance(r, r->whole_pages))
		range->phys = ALIGN_DOWN(range->phys, PAGE_SIZE);
	if (next && next < PHYS_ADDR_MAX && chance(r, r->adjacent))
		range->phys = next;
	range->len = random_len(r, max(PHYS_ADDR_MAX - range->phys, 1));
}

static u64 next_address(struct random_test *r)
{
	return r->model->nr ? phyr_range_end(newest(r)) : 0;
}

static struct phyr_range random_range(struct random_test *r)
{
	struct phyr_range range = { };

	random_kind(r, &range);
	if (range.flags & PHYR_PINNED)
		random_in_pool(r, &range);
	else
		random_anywhere(r, &range, next_address(r));
	return range;
}

/* Sometimes an allocation fails: then nothing may have changed. */
static gfp_t random_gfp(struct kunit *test)
{
	struct random_test *r = test->priv;

	if (!IS_ENABLED(CONFIG_FAILSLAB) || !chance(r, r->failing))
		return GFP_KERNEL;
	phyr_test_fail_nth(test, 1 + below(r, 3));
	return PHYR_TEST_GFP;
}

static bool appended(struct kunit *test, int ret)
{
	phyr_test_fail_end();
	if (ret)
		KUNIT_ASSERT_EQ(test, -ENOMEM, ret);
	return !ret;
}

static void append_one(struct kunit *test)
{
	struct random_test *r = test->priv;
	struct phyr_range range = random_range(r);
	gfp_t gfp = random_gfp(test);
	int ret = phyr_append_range(&r->phyr, &range, gfp);

	if (!appended(test, ret))
		return;
	if (range.flags & PHYR_PINNED)
		phyr_pool_pin(&range);
	phyr_model_append(test, r->model, &range);
}

static void append_vec(struct kunit *test)
{
	struct random_test *r = test->priv;
	size_t nr = 1 + below(r, BATCH);
	struct phys_vec vec[BATCH];
	struct phyr_range range = { };
	gfp_t gfp;

	random_kind(r, &range);
	if (range.flags & PHYR_PINNED)
		return;
	for (size_t i = 0; i < nr; i++) {
		random_anywhere(r, &range, i ? phyr_range_end(&range) :
				next_address(r));
		vec[i].paddr = range.phys;
		vec[i].len = range.len;
	}

	gfp = random_gfp(test);
	if (!appended(test, phyr_append_phys_vec(&r->phyr, vec, nr, range.flags,
						 range.provider, gfp)))
		return;
	for (size_t i = 0; i < nr; i++) {
		range.phys = vec[i].paddr;
		range.len = vec[i].len;
		phyr_model_append(test, r->model, &range);
	}
}

/* The first page from @offset on, whole pages, and @size in all. */
static void model_append_pages(struct kunit *test, struct page **pages,
			       unsigned int offset, u64 size)
{
	struct random_test *r = test->priv;

	for (; size; pages++) {
		struct phyr_range range = {
			.phys = page_to_phys(*pages) + offset,
			.len = min(size, PAGE_SIZE - offset),
		};

		phyr_model_append(test, r->model, &range);
		size -= range.len;
		offset = 0;
	}
}

static void append_pages(struct kunit *test)
{
	struct random_test *r = test->priv;
	unsigned long nr = 1 + below(r, BATCH);
	unsigned int at = below(r, POOL_PAGES);
	struct page *pages[BATCH];
	unsigned int offset;
	u64 size;
	gfp_t gfp;

	for (unsigned long i = 0; i < nr; i++) {
		pages[i] = virt_to_page(r->pool->addr) + at;
		at = chance(r, r->adjacent) ? at + 1 : below(r, POOL_PAGES);
		at %= POOL_PAGES;
	}
	offset = chance(r, r->whole_pages) ? 0 : below(r, PAGE_SIZE);
	size = nr * PAGE_SIZE - offset;
	if (!chance(r, r->whole_pages))
		size = 1 + below(r, size);

	gfp = random_gfp(test);
	if (appended(test, phyr_append_pages(&r->phyr, pages, nr, offset, size,
					     gfp)))
		model_append_pages(test, pages, offset, size);
}

static u64 random_pos(struct random_test *r)
{
	u64 pos = random_bits(r, 63);

	return r->model->bytes ? phyr_test_rem(pos, r->model->bytes) : 0;
}

static void truncate_somewhere(struct random_test *r)
{
	u64 len = random_pos(r);

	/* Mostly near the end, where something is left to go on with. */
	if (chance(r, 6) && r->model->nr)
		len = r->model->bytes -
		      phyr_test_rem(random_pos(r), newest(r)->len + 9);
	if (len > r->model->bytes)
		len = 0;
	phyr_truncate(&r->phyr, len);
	phyr_model_truncate(r->model, len);
}

static void reserve_some(struct kunit *test)
{
	struct random_test *r = test->priv;
	unsigned int nr = below(r, 200);
	gfp_t gfp = random_gfp(test);

	appended(test, phyr_reserve(&r->phyr, nr, gfp));
}

static void change(struct kunit *test)
{
	struct random_test *r = test->priv;

	switch (below(r, 64)) {
	case 0:
		truncate_somewhere(r);
		break;
	case 1:
		phyr_trim(&r->phyr, random_gfp(test));
		phyr_test_fail_end();
		break;
	case 2:
		reserve_some(test);
		break;
	case 3 ... 5:
		append_vec(test);
		break;
	case 6 ... 8:
		append_pages(test);
		break;
	default:
		append_one(test);
	}
}

/* Compare up to @max pieces from @pos on. */
static void check_pieces(struct kunit *test, struct phyr_state *ps, u64 pos,
			 unsigned int max)
{
	struct random_test *r = test->priv;

	while (max-- && pos < r->model->bytes) {
		struct phyr_range want = phyr_model_at(r->model, pos);
		u64 most = 1 + random_bits(r, 1 + below(r, 48));
		phys_addr_t phys = 0;
		u64 len;

		len = phyrs_piece(ps, most, &phys);
		KUNIT_ASSERT_EQ(test, phys, want.phys);
		KUNIT_ASSERT_EQ(test, len, min(most, want.len));
		KUNIT_ASSERT_EQ(test, ps->range.flags, want.flags);
		KUNIT_ASSERT_PTR_EQ(test, ps->range.provider, want.provider);
		pos += len;
	}
}

/* Compare up to @max pages from @pos on. */
static void check_pfns(struct kunit *test, struct phyr_state *ps, u64 pos,
		       unsigned int max)
{
	struct random_test *r = test->priv;
	unsigned long pfn;

	while (max-- && pos < r->model->bytes) {
		struct phyr_range want = phyr_model_at(r->model, pos);

		KUNIT_ASSERT_TRUE(test, phyrs_next_pfn(ps, &pfn));
		KUNIT_ASSERT_EQ(test, pfn, PHYS_PFN(want.phys));
		pos += min(want.len, PAGE_SIZE - want.phys % PAGE_SIZE);
	}
	if (pos == r->model->bytes)
		KUNIT_ASSERT_FALSE(test, phyrs_next_pfn(ps, &pfn));
}

/* What is too long for a size_t comes in pieces that end with a page. */
static void check_piece(struct kunit *test, const struct phys_vec *vec, u64 len)
{
	u64 end = (u64)vec->paddr + vec->len;

	KUNIT_ASSERT_GT(test, len, SIZE_MAX - 2 * PAGE_SIZE);
	KUNIT_ASSERT_GT(test, vec->len, SIZE_MAX - 2 * PAGE_SIZE);
	KUNIT_ASSERT_LT(test, vec->len, len);
	KUNIT_ASSERT_TRUE(test, PAGE_ALIGNED(end));
}

/* Compare up to @max calls from @pos on. */
static void check_vecs(struct kunit *test, struct phyr_state *ps, u64 pos,
		       unsigned int max)
{
	struct random_test *r = test->priv;
	struct phys_vec vec[BATCH];

	while (max-- && pos < r->model->bytes) {
		unsigned int most = 1 + below(r, BATCH);
		unsigned int nr = phyrs_next_vecs(ps, vec, most);

		KUNIT_ASSERT_GE(test, nr, 1);
		KUNIT_ASSERT_LE(test, nr, most);
		for (unsigned int i = 0; i < nr; i++) {
			struct phyr_range want = phyr_model_at(r->model, pos);

			KUNIT_ASSERT_EQ(test, vec[i].paddr, want.phys);
			if (vec[i].len != want.len)
				check_piece(test, &vec[i], want.len);
			KUNIT_ASSERT_EQ(test, ps->range.flags, want.flags);
			KUNIT_ASSERT_PTR_EQ(test, ps->range.provider,
					    want.provider);
			pos += vec[i].len;
		}
	}
	if (pos == r->model->bytes)
		KUNIT_ASSERT_EQ(test, phyrs_next_vecs(ps, vec, BATCH), 0);
}

static void check_seeks(struct kunit *test)
{
	struct random_test *r = test->priv;
	struct phyr_state ps = phyr_start(&r->phyr);
	phys_addr_t phys;

	for (unsigned int i = 0; i < 6 && r->model->nr; i++) {
		u64 pos = random_pos(r);

		KUNIT_ASSERT_EQ(test, 0, phyrs_seek(&ps, pos));
		check_pieces(test, &ps, pos, below(r, 8));
		KUNIT_ASSERT_EQ(test, 0, phyrs_seek(&ps, pos));
		check_pfns(test, &ps, pos, below(r, 8));
		KUNIT_ASSERT_EQ(test, 0, phyrs_seek(&ps, pos));
		check_vecs(test, &ps, pos, below(r, 4));
		/* Each way to go on takes over from any other. */
		pos = min(random_pos(r), random_pos(r));
		KUNIT_ASSERT_EQ(test, 0, phyrs_seek(&ps, pos));
		KUNIT_ASSERT_EQ(test, 1, phyrs_piece(&ps, 1, &phys));
		check_vecs(test, &ps, pos + 1, below(r, 4));
	}
	KUNIT_ASSERT_EQ(test, -ERANGE, phyrs_seek(&ps, r->model->bytes));
}

static void check_walks(struct kunit *test)
{
	struct random_test *r = test->priv;
	struct phyr_state pieces = phyr_start(&r->phyr);
	struct phyr_state pfns = phyr_start(&r->phyr);
	struct phyr_state vecs = phyr_start(&r->phyr);

	phyr_model_check(test, r->model, &r->phyr);
	phyr_pool_check(test, r->pool, r->model);
	check_pieces(test, &pieces, 0, 100);
	check_pfns(test, &pfns, 0, 100);
	check_vecs(test, &vecs, 0, 20);
	check_seeks(test);
}

/* Some lists are long and dull, others short and wild. */
static void random_character(struct random_test *r)
{
	r->adjacent = below(r, 8);
	r->same_kind = below(r, 9);
	r->whole_pages = below(r, 9);
	r->failing = below(r, 4);
	r->size_bits = 1 + below(r, min(PHYS_BITS - 1, 47));
	r->kind = below(r, 5);
}

static void random_list(struct kunit *test)
{
	struct random_test *r = test->priv;
	unsigned int changes;

	random_character(r);
	changes = 1 + random_bits(r, 1 + below(r, 10));
	while (changes--) {
		change(test);
		if (!below(r, 50))
			check_walks(test);
	}
	check_walks(test);

	phyr_destroy(&r->phyr);
	phyr_model_truncate(r->model, 0);
	phyr_pool_check(test, r->pool, r->model);
}

static void random_lists(struct kunit *test)
{
	struct random_test *r = test->priv;
	u64 first = seed ?: get_random_u64();

	kunit_info(test, "%u lists, seed=%llu\n", lists, first);
	for (unsigned int i = 0; i < lists; i++) {
		prandom_seed_state(&r->rnd, first + i);
		random_list(test);
	}
}

static int random_lists_init(struct kunit *test)
{
	struct random_test *r = kunit_kzalloc(test, sizeof(*r), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, r);
	r->model = phyr_model_new(test, 32768);
	r->pool = phyr_pool_new(test, POOL_PAGES);
	test->priv = r;
	return 0;
}

static void random_lists_exit(struct kunit *test)
{
	struct random_test *r = test->priv;

	phyr_test_fail_end();
	if (r)
		phyr_destroy(&r->phyr);
}

static struct kunit_case random_cases[] = {
	KUNIT_CASE_SLOW(random_lists),
	{ }
};

static struct kunit_suite random_suite = {
	.name = "phyr_random",
	.init = random_lists_init,
	.exit = random_lists_exit,
	.test_cases = random_cases,
};

kunit_test_suite(random_suite);
