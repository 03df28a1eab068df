// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of physical-range lists: parts of lists, and lists made of lists.
 */

#include <linux/mm.h>
#include <linux/module.h>
#include <linux/prandom.h>

#include "phyr_model.h"

#define LISTS		3
#define ROOM		20000
#define POOL_PAGES	64

struct one_list {
	struct phyr		phyr;
	struct phyr_model	*model;
};

struct cut_test {
	struct one_list		lists[LISTS];
	struct phyr_model	*scratch;
	struct phyr_pool	*pool;
	struct rnd_state	rnd;
};

static u32 below(struct cut_test *t, u32 max)
{
	return prandom_u32_state(&t->rnd) % max;
}

static void append(struct kunit *test, struct one_list *list,
		   const struct phyr_range *range)
{
	KUNIT_ASSERT_EQ(test, 0, phyr_append_range(&list->phyr, range,
						   GFP_KERNEL));
	phyr_model_append(test, list->model, range);
}

static void check_range(struct kunit *test, const struct phyr_range *want,
			const struct phyr_range *range)
{
	KUNIT_ASSERT_EQ(test, want->phys, range->phys);
	KUNIT_ASSERT_EQ(test, want->len, range->len);
	KUNIT_ASSERT_EQ(test, want->flags, range->flags);
	KUNIT_ASSERT_PTR_EQ(test, want->provider, range->provider);
}

static void model_clear(struct phyr_model *model)
{
	model->nr = 0;
	model->bytes = 0;
}

static void model_add_slice(struct kunit *test, struct phyr_model *to,
			    const struct phyr_model *from, u64 pos, u64 len,
			    unsigned int drop_flags)
{
	while (len) {
		struct phyr_range range = phyr_model_at(from, pos);

		range.len = min(range.len, len);
		pos += range.len;
		len -= range.len;
		range.flags &= ~drop_flags;
		phyr_model_append(test, to, &range);
	}
}

static void check_list(struct kunit *test, const struct one_list *list)
{
	phyr_model_check(test, list->model, &list->phyr);
}

/* Of each entry there is, mostly runs, and at times next to the last. */
static struct phyr_range random_range(struct cut_test *t,
				      const struct one_list *list)
{
	const struct phyr_model *model = list->model;
	struct phyr_range range = { };

	range.phys = (1 + below(t, WIDE_PHYS ? 1 << 20 : 1 << 19)) * (u64)PAGE_SIZE;
	range.len = (1 + below(t, 3)) * PAGE_SIZE;
	switch (below(t, 24)) {
	case 0:
		range.len = (1 + below(t, 1 << 18)) * (u64)PAGE_SIZE;
		break;
	case 5:
		/* Far away, and of the widest form. */
		if (!WIDE_PHYS)
			break;
		range.phys = 1 + below(t, SZ_1G) * (u64)SZ_1G;
		range.len = SZ_256M + below(t, SZ_1G);
		break;
	case 1:
		range.phys += below(t, PAGE_SIZE);
		range.len = 1 + below(t, 4 * PAGE_SIZE);
		break;
	case 2:
		range.flags = PHYR_MMIO;
		break;
	case 3:
		range.flags = PHYR_MMIO;
		range.provider = phyr_test_provider(below(t, 2));
		break;
	case 4:
		if (model->nr)
			range.phys = phyr_range_end(&model->ranges[model->nr - 1]);
		break;
	}
	return range;
}

static void add_random(struct kunit *test, struct one_list *list,
		       unsigned int nr)
{
	while (nr--) {
		struct phyr_range range = random_range(test->priv, list);

		append(test, list, &range);
	}
}

static void empty_list(struct one_list *list)
{
	phyr_destroy(&list->phyr);
	model_clear(list->model);
}

/* All positions that matter, in no order, with one state and with new ones. */
static void check_seeks(struct kunit *test, const struct one_list *list,
			unsigned int nr)
{
	struct cut_test *t = test->priv;
	struct phyr_state ps = phyr_start(&list->phyr);
	u64 pos = 0;

	if (!list->model->nr)
		return;
	while (nr--) {
		struct phyr_range want, range;

		if (below(t, 3))
			pos = prandom_u32_state(&t->rnd) * 4096ULL + below(t, 4096);
		else
			pos += below(t, SZ_32K);
		pos = phyr_test_rem(pos, list->model->bytes);
		want = phyr_model_at(list->model, pos);
		KUNIT_ASSERT_EQ(test, 0, phyr_at(&list->phyr, pos, &range));
		check_range(test, &want, &range);
		KUNIT_ASSERT_EQ(test, 0, phyrs_seek(&ps, pos));
		KUNIT_ASSERT_EQ(test, pos, phyrs_tell(&ps));
		if (below(t, 2))
			continue;
		KUNIT_ASSERT_TRUE(test, phyrs_next(&ps, &range));
		check_range(test, &want, &range);
	}
}

/* The first list holds what the second one had; both go on as before. */
static void check_joined(struct kunit *test)
{
	struct cut_test *t = test->priv;
	struct one_list *a = &t->lists[0], *b = &t->lists[1];

	check_list(test, a);
	check_list(test, b);
	check_seeks(test, a, 20);

	add_random(test, a, 40);
	add_random(test, b, 2);
	check_list(test, a);
	check_list(test, b);
	check_seeks(test, a, 20);
	empty_list(a);
	empty_list(b);
}

static void check_join(struct kunit *test, unsigned int nr_a, unsigned int nr_b)
{
	struct cut_test *t = test->priv;
	struct one_list *a = &t->lists[0], *b = &t->lists[1];

	add_random(test, a, nr_a);
	add_random(test, b, nr_b);
	model_add_slice(test, a->model, b->model, 0, b->model->bytes, 0);
	model_clear(b->model);

	KUNIT_ASSERT_EQ(test, 0, phyr_join(&a->phyr, &b->phyr, GFP_KERNEL));
	if (nr_b)
		KUNIT_ASSERT_TRUE(test, mem_is_zero(&b->phyr, sizeof(b->phyr)));
	check_joined(test);
}

static void join_lists_of_any_length(struct kunit *test)
{
	static const unsigned int lengths[] = {
		0, 1, 2, 15, 16, 17, 18, 33, 60, 230, 250, 254, 270, 550, 1200,
		5000,
	};

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++)
		for (size_t j = 0; j < ARRAY_SIZE(lengths); j++)
			check_join(test, lengths[i], lengths[j]);
}

/* What meets at the junction is one range, be the lists short or long. */
static void join_merges(struct kunit *test)
{
	struct cut_test *t = test->priv;
	struct one_list *a = &t->lists[0], *b = &t->lists[1];

	for (unsigned int nr = 1; nr < 3000; nr += nr) {
		for (unsigned int other = 1; other < 3000; other *= 3) {
			struct phyr_range range = { .phys = SZ_1G, .len = SZ_4K };
			u64 ranges;

			add_random(test, a, nr);
			append(test, a, &range);
			range.phys += range.len;
			append(test, b, &range);
			range.phys += SZ_1M;
			append(test, b, &range);
			add_random(test, b, other);
			ranges = a->model->nr + b->model->nr - 1;
			model_add_slice(test, a->model, b->model, 0,
					b->model->bytes, 0);
			model_clear(b->model);
			KUNIT_ASSERT_EQ(test, ranges, a->model->nr);
			KUNIT_ASSERT_EQ(test, 0, phyr_join(&a->phyr, &b->phyr,
							   GFP_KERNEL));
			check_joined(test);
		}
	}
}

/* All combinations of two kinds on both sides, in short lists and long. */
static void join_kinds(struct kunit *test)
{
	static const unsigned int lengths[] = { 1, 3, 20, 300, 700 };
	const struct phyr_range kinds[] = {
		{ },
		{ .flags = PHYR_MMIO },
		{ .flags = PHYR_MMIO, .provider = phyr_test_provider(0) },
	};
	struct cut_test *t = test->priv;

	for (unsigned int i = 0; i < 5 * 5 * 81; i++) {
		unsigned int kind = i % 81;

		for (unsigned int l = 0; l < 2; l++) {
			unsigned int nr = lengths[(l ? i / 81 / 5 : i / 81) % 5];
			struct one_list *list = &t->lists[l];

			for (unsigned int k = 0; k < nr; k++) {
				struct phyr_range range =
					kinds[(k < nr / 2 ? kind : kind / 3) % 3];

				range.phys = (2 * k + 1) * PAGE_SIZE;
				range.len = k % 50 ? PAGE_SIZE : 77;
				append(test, list, &range);
			}
			kind /= 9;
		}
		check_join(test, 0, 0);
	}
}

/* Of a kind there is no range but in chunks that are taken over. */
static void join_hidden_kind(struct kunit *test)
{
	struct cut_test *t = test->priv;

	for (unsigned int at = 0; at < 1000; at += 50) {
		for (unsigned int k = 0; k < 1020; k++) {
			struct phyr_range range = {
				.phys = (2 * k + 1) * PAGE_SIZE,
				.len = PAGE_SIZE,
				.flags = k - 20 - at < 30 ? PHYR_MMIO : 0,
			};

			append(test, &t->lists[k >= 20], &range);
		}
		check_join(test, 0, 0);
	}
}

/* One after the other, and each new one in front of the others. */
static void join_many_lists(struct kunit *test)
{
	struct cut_test *t = test->priv;
	struct one_list *a = &t->lists[0], *b = &t->lists[1];

	for (unsigned int i = 0; i < 60; i++) {
		add_random(test, b, 1 + below(t, 120));
		if (i & 1) {
			swap(a->phyr, b->phyr);
			swap(a->model, b->model);
		}
		model_add_slice(test, a->model, b->model, 0, b->model->bytes, 0);
		model_clear(b->model);
		KUNIT_ASSERT_EQ(test, 0, phyr_join(&a->phyr, &b->phyr,
						   GFP_KERNEL));
		check_list(test, a);
		check_seeks(test, a, 20);
	}
}

/* Of a long list nothing is copied but its start. */
static void join_takes_chunks_over(struct kunit *test)
{
	struct cut_test *t = test->priv;
	struct one_list *a = &t->lists[0], *b = &t->lists[1];
	const void *entries;
	size_t before;
	u32 nr;

	add_random(test, a, 3);
	add_random(test, b, ROOM / 2);
	nr = b->phyr.index->nr;
	entries = b->phyr.index->chunks[nr - 1].entries;
	before = phyr_memory_used(&a->phyr) + phyr_memory_used(&b->phyr);
	KUNIT_ASSERT_EQ(test, 0, phyr_join(&a->phyr, &b->phyr, GFP_KERNEL));
	/* Two chunks at the junction, and an index that is larger than needed. */
	KUNIT_EXPECT_LE(test, phyr_memory_used(&a->phyr),
			before + SZ_4K + 2 * (nr + 2) * sizeof(struct phyr_chunk));
	KUNIT_EXPECT_EQ(test, phyr_memory_used(&b->phyr), 0);
	nr = a->phyr.index->nr;
	KUNIT_EXPECT_PTR_EQ(test, entries,
			    a->phyr.index->chunks[nr - 1].entries);
}

static void fill_and_reserve(struct kunit *test, struct one_list *list, u64 nr)
{
	add_random(test, list, 200);
	KUNIT_ASSERT_EQ(test, 0, phyr_reserve(&list->phyr, nr, GFP_KERNEL));
}

static void join_keeps_reserved_memory_apart(struct kunit *test)
{
	struct cut_test *t = test->priv;
	struct one_list *a = &t->lists[0], *b = &t->lists[1];

	for (unsigned int nr = 0; nr < 40; nr++) {
		KUNIT_ASSERT_EQ(test, 0, phyr_reserve(&a->phyr, 100, GFP_KERNEL));
		KUNIT_ASSERT_EQ(test, 0, phyr_reserve(&b->phyr, 2000, GFP_KERNEL));
		check_join(test, nr % 4, nr);
	}
}

/* What a list without ranges has reserved goes too. */
static void join_reserved_and_empty(struct kunit *test)
{
	struct phyr phyr, other;

	phyr_init(&phyr);
	phyr_init(&other);
	KUNIT_ASSERT_EQ(test, 0, phyr_reserve(&other, 100, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, 0, phyr_join(&phyr, &other, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, phyr_memory_used(&other), 0);
	phyr_destroy(&other);
}

/* What is undone after joining leaves alone what was reserved before. */
static void undo_after_join(struct kunit *test)
{
	const struct phys_vec vec[] = { { SZ_4K, SZ_4K }, { } };
	struct cut_test *t = test->priv;
	struct one_list *a = &t->lists[0], *b = &t->lists[1];
	size_t used;

	for (unsigned int i = 0; i < 4; i++) {
		fill_and_reserve(test, a, i & 1 ? 2000 : 0);
		fill_and_reserve(test, b, i & 2 ? 2000 : 0);
		KUNIT_ASSERT_EQ(test, 0, phyr_join(&a->phyr, &b->phyr,
						   GFP_KERNEL));
		used = phyr_memory_used(&a->phyr);
		KUNIT_ASSERT_EQ(test, -EINVAL,
				phyr_append_phys_vec(&a->phyr, vec,
						     ARRAY_SIZE(vec), 0, NULL,
						     GFP_KERNEL));
		KUNIT_EXPECT_LE(test, phyr_memory_used(&a->phyr),
				used + PHYR_TEST_KEPT);
		empty_list(a);
		empty_list(b);
	}
}

static void join_refused(struct kunit *test)
{
	struct cut_test *t = test->priv;
	struct one_list *a = &t->lists[0], *b = &t->lists[1];
	struct phyr_range range = { .phys = SZ_1G, .len = PHYR_RANGE_MAX };

	add_random(test, a, 10);
	KUNIT_EXPECT_EQ(test, -EINVAL, phyr_join(&a->phyr, &a->phyr, GFP_KERNEL));
	if (sizeof(phys_addr_t) < 8)
		return;

	for (unsigned int i = 0; i < 8; i++)
		append(test, b, &range);
	KUNIT_EXPECT_EQ(test, -ERANGE, phyr_join(&a->phyr, &b->phyr, GFP_KERNEL));
	check_list(test, a);
	check_list(test, b);
}

/* What was reserved must be there after a failure, too. */
static void expect_reserved(struct kunit *test, struct one_list *list,
			    unsigned int nr)
{
	struct phyr_range range = { .len = 1, .flags = PHYR_MMIO };

	phyr_test_fail_nth(test, 1);
	for (unsigned int i = 0; i < nr; i++) {
		range.phys = 3 + i * PAGE_SIZE;
		KUNIT_ASSERT_EQ(test, 0, phyr_append_range(&list->phyr, &range,
							   PHYR_TEST_GFP));
		phyr_model_append(test, list->model, &range);
	}
	KUNIT_ASSERT_EQ(test, 1, phyr_test_fail_end());
}

/* Wherever memory runs out, both lists are as they were. */
static unsigned int join_without_memory(struct kunit *test, unsigned int nr_a,
					unsigned int nr_b, unsigned int reserved)
{
	struct cut_test *t = test->priv;
	struct one_list *a = &t->lists[0], *b = &t->lists[1];
	unsigned int nth;
	bool failed;
	int ret = 1;

	for (nth = 1; ret; nth++) {
		empty_list(a);
		empty_list(b);
		add_random(test, a, nr_a);
		add_random(test, b, nr_b);
		KUNIT_ASSERT_EQ(test, 0, phyr_reserve(&a->phyr, reserved,
						      GFP_KERNEL));
		phyr_test_fail_nth(test, nth);
		ret = phyr_join(&a->phyr, &b->phyr, PHYR_TEST_GFP);
		failed = !phyr_test_fail_end();
		KUNIT_ASSERT_EQ(test, failed, !!ret);
		if (!ret)
			break;
		KUNIT_ASSERT_EQ(test, -ENOMEM, ret);
		check_list(test, a);
		check_list(test, b);
		check_seeks(test, a, 5);
		expect_reserved(test, a, reserved);
		check_list(test, a);
	}

	model_add_slice(test, a->model, b->model, 0, b->model->bytes, 0);
	model_clear(b->model);
	check_joined(test);
	return nth - 1;
}

static void join_without_memory_at_all(struct kunit *test)
{
	static const unsigned int lengths[] = { 1, 8, 16, 40, 100, 300, 3000 };
	unsigned int failures = 0;

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++)
		for (size_t j = 0; j < ARRAY_SIZE(lengths); j++)
			for (unsigned int k = 0; k < 3; k++)
				failures += join_without_memory(test, lengths[i],
								lengths[j],
								k * 100);
	KUNIT_EXPECT_GT(test, failures, 50);
}

static void split_without_memory(struct kunit *test)
{
	static const unsigned int lengths[] = { 2, 8, 40, 100, 300, 3000 };
	struct cut_test *t = test->priv;
	struct one_list *a = &t->lists[0], *b = &t->lists[1];
	bool failed;
	int ret;

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		u64 pos;

		add_random(test, a, lengths[i]);
		pos = div_u64(a->model->bytes, 3);
		for (unsigned int nth = 1; ; nth++) {
			phyr_test_fail_nth(test, nth);
			ret = phyr_split(&a->phyr, pos, &b->phyr, PHYR_TEST_GFP);
			failed = !phyr_test_fail_end();
			KUNIT_ASSERT_EQ(test, failed, !!ret);
			if (!ret)
				break;
			KUNIT_ASSERT_EQ(test, -ENOMEM, ret);
			check_list(test, a);
			KUNIT_ASSERT_TRUE(test, mem_is_zero(&b->phyr,
							    sizeof(b->phyr)));
		}
		model_add_slice(test, b->model, a->model, pos,
				a->model->bytes - pos, 0);
		phyr_model_truncate(a->model, pos);
		check_list(test, a);
		check_list(test, b);
		empty_list(a);
		empty_list(b);
	}
}

static void check_split(struct kunit *test, struct one_list *a, u64 pos,
			struct one_list *b)
{
	model_add_slice(test, b->model, a->model, pos, a->model->bytes - pos, 0);
	phyr_model_truncate(a->model, pos);
	KUNIT_ASSERT_EQ(test, 0, phyr_split(&a->phyr, pos, &b->phyr, GFP_KERNEL));
	check_list(test, a);
	check_list(test, b);
}

/* A list keeps no memory for what it doesn't hold any more. */
static void split_gives_back(struct kunit *test)
{
	struct cut_test *t = test->priv;
	struct one_list *a = &t->lists[0], *b = &t->lists[1];
	size_t before;

	add_random(test, a, ROOM / 2);
	before = phyr_memory_used(&a->phyr);
	check_split(test, a, a->model->ranges[20].len, b);
	KUNIT_EXPECT_LE(test, phyr_memory_used(&b->phyr), before + SZ_1K);
	/* Its index is as large as it was, and plain ranges have an array. */
	KUNIT_EXPECT_LE(test, phyr_memory_used(&a->phyr), before / 8 + SZ_4K);
}

/* Both lists can be used as if they had never been one. */
static void check_split_goes_on(struct kunit *test, struct one_list *a, u64 pos,
				struct one_list *b)
{
	check_split(test, a, pos, b);
	check_seeks(test, a, 20);
	check_seeks(test, b, 20);
	add_random(test, a, 10);
	add_random(test, b, 10);
	check_list(test, a);
	check_list(test, b);
	check_seeks(test, b, 20);
}

static void split_anywhere(struct kunit *test)
{
	struct cut_test *t = test->priv;
	struct one_list *a = &t->lists[0], *b = &t->lists[1];

	for (unsigned int i = 0; i < 200; i++) {
		u64 pos;

		add_random(test, a, 1 + below(t, 5) * below(t, 800));
		if (below(t, 2)) {
			add_random(test, b, 1 + below(t, 100));
			model_add_slice(test, a->model, b->model, 0,
					b->model->bytes, 0);
			model_clear(b->model);
			KUNIT_ASSERT_EQ(test, 0,
					phyr_join(&a->phyr, &b->phyr, GFP_KERNEL));
		}
		pos = prandom_u32_state(&t->rnd) * 4096ULL + below(t, 4096);
		check_split_goes_on(test, a,
				    phyr_test_rem(pos, a->model->bytes + 1), b);
		empty_list(a);
		empty_list(b);
	}
}

static void split_refused(struct kunit *test)
{
	struct cut_test *t = test->priv;
	struct one_list *a = &t->lists[0], *b = &t->lists[1];

	add_random(test, a, 20);
	KUNIT_EXPECT_EQ(test, -EINVAL, phyr_split(&a->phyr, 1, &a->phyr, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, -ERANGE,
			phyr_split(&a->phyr, a->model->bytes + 1, &b->phyr,
				   GFP_KERNEL));
	add_random(test, b, 1);
	KUNIT_EXPECT_EQ(test, -EINVAL, phyr_split(&a->phyr, 1, &b->phyr, GFP_KERNEL));
	check_list(test, a);
	check_list(test, b);
}

static struct phyr_range pinned(struct cut_test *t, unsigned int page, u64 offset,
				u64 len)
{
	return (struct phyr_range) {
		.phys = t->pool->phys + page * PAGE_SIZE + offset,
		.len = len,
		.flags = PHYR_PINNED,
	};
}

/* Every second page, so that nothing merges, the first one from byte 100 on. */
static void add_pinned(struct kunit *test, struct one_list *list)
{
	struct cut_test *t = test->priv;

	for (unsigned int i = 0; i < POOL_PAGES; i += 2) {
		unsigned int offset = i ? 0 : 100;
		struct phyr_range range = pinned(t, i, offset, PAGE_SIZE - offset);

		phyr_pool_pin(&range);
		append(test, list, &range);
	}
}

static void pins_move_along(struct kunit *test)
{
	struct cut_test *t = test->priv;
	struct one_list *a = &t->lists[0], *b = &t->lists[1];
	u64 pos = 5 * PAGE_SIZE - 100;

	add_pinned(test, a);
	check_split(test, a, pos, b);
	phyr_destroy_dirty(&b->phyr, false);
	model_clear(b->model);
	phyr_pool_check(test, t->pool, a->model);

	add_pinned(test, b);
	model_add_slice(test, a->model, b->model, 0, b->model->bytes, 0);
	model_clear(b->model);
	KUNIT_ASSERT_EQ(test, 0, phyr_join(&a->phyr, &b->phyr, GFP_KERNEL));
	check_list(test, a);
	phyr_pool_check(test, t->pool, a->model);
	empty_list(a);
	phyr_pool_check(test, t->pool, a->model);
}

/* A page that is pinned once can't be in two lists, a page pinned twice can. */
static void split_between_pins_only(struct kunit *test)
{
	struct cut_test *t = test->priv;
	struct one_list *a = &t->lists[0], *b = &t->lists[1];
	struct phyr_range range = pinned(t, 3, 0, 100);

	add_pinned(test, a);
	phyr_pool_pin(&range);
	append(test, a, &range);
	range.phys += 100;
	range.len = 200;
	phyr_pool_pin(&range);
	append(test, a, &range);

	for (u64 pos = 1; pos < 3 * PAGE_SIZE; pos++) {
		if ((pos + 100) % PAGE_SIZE == 0)
			continue;
		KUNIT_ASSERT_EQ(test, -EINVAL, phyr_split(&a->phyr, pos, &b->phyr,
							  GFP_KERNEL));
	}
	check_list(test, a);
	check_split(test, a, a->model->bytes - 200, b);
	phyr_destroy_dirty(&b->phyr, false);
	model_clear(b->model);
	phyr_pool_check(test, t->pool, a->model);
}

static void copies_own_no_pins(struct kunit *test)
{
	struct cut_test *t = test->priv;
	struct one_list *a = &t->lists[0], *b = &t->lists[1];
	struct phyr_range range = pinned(t, 5, 0, 100);

	add_pinned(test, a);
	/* The parts of one page merge where they aren't pinned. */
	phyr_pool_pin(&range);
	append(test, a, &range);
	range.phys += 100;
	phyr_pool_pin(&range);
	append(test, a, &range);

	model_add_slice(test, b->model, a->model, 0, a->model->bytes, PHYR_PINNED);
	KUNIT_ASSERT_EQ(test, 0, phyr_clone(&b->phyr, &a->phyr, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, phyr_nr_ranges(&b->phyr) + 1, phyr_nr_ranges(&a->phyr));
	check_list(test, b);
	empty_list(b);
	phyr_pool_check(test, t->pool, a->model);
}

static void check_slice(struct kunit *test, const struct one_list *list, u64 pos,
			u64 len)
{
	struct cut_test *t = test->priv;
	struct phyr_range range;
	size_t i = 0;

	model_clear(t->scratch);
	model_add_slice(test, t->scratch, list->model, pos, len, 0);
	phyr_for_each_slice_range(&list->phyr, pos, len, range) {
		KUNIT_ASSERT_LT(test, i, t->scratch->nr);
		check_range(test, &t->scratch->ranges[i++], &range);
	}
	KUNIT_ASSERT_EQ(test, i, t->scratch->nr);
}

static void check_slice_vecs(struct kunit *test, const struct one_list *list,
			     u64 pos, u64 len, unsigned int max)
{
	struct cut_test *t = test->priv;
	struct phyr_state ps = phyr_start_slice(&list->phyr, pos, len);
	struct phyr_range range;
	struct phys_vec vec[9];
	unsigned int nr;

	model_clear(t->scratch);
	while ((nr = phyrs_next_vecs(&ps, vec, max))) {
		KUNIT_ASSERT_LE(test, nr, max);
		for (unsigned int i = 0; i < nr; i++) {
			range = ps.range;
			range.phys = vec[i].paddr;
			range.len = vec[i].len;
			phyr_model_append(test, t->scratch, &range);
		}
	}
	KUNIT_ASSERT_EQ(test, t->scratch->bytes, len);
	check_slice(test, list, pos, len);
}

/* Of a slice, in batches and one by one, at random and a byte off the seams. */
static void slice_anywhere(struct kunit *test)
{
	struct cut_test *t = test->priv;
	struct one_list *list = &t->lists[0];

	add_random(test, list, 1500);
	for (unsigned int i = 0; i < 4000; i++) {
		u64 bytes = list->model->bytes;
		u64 pos = phyr_test_rem(prandom_u32_state(&t->rnd) * 4096ULL +
					below(t, 3), bytes);
		u64 len = phyr_test_rem(below(t, 400) * 4096ULL + below(t, 3),
					bytes - pos) + 1;

		check_slice(test, list, pos, len);
		check_slice_vecs(test, list, pos, len, 1 + below(t, 9));
	}
	check_slice(test, list, 0, list->model->bytes);
}

static void slice_refused(struct kunit *test)
{
	struct cut_test *t = test->priv;
	struct one_list *list = &t->lists[0];
	struct phyr_state ps = phyr_start(&list->phyr);
	struct phyr_range range;
	u64 bytes;

	KUNIT_EXPECT_EQ(test, -ERANGE, phyrs_slice(&ps, 0, 1));
	add_random(test, list, 30);
	bytes = list->model->bytes;
	ps = phyr_start(&list->phyr);
	KUNIT_EXPECT_EQ(test, -ERANGE, phyrs_slice(&ps, 0, 0));
	KUNIT_EXPECT_EQ(test, -ERANGE, phyrs_slice(&ps, bytes, 1));
	KUNIT_EXPECT_EQ(test, -ERANGE, phyrs_slice(&ps, 1, bytes));
	KUNIT_EXPECT_EQ(test, -ERANGE, phyrs_slice(&ps, bytes - 1, U64_MAX));
	KUNIT_EXPECT_EQ(test, 0, phyrs_tell(&ps));

	/* A seek stays inside; a new slice may be anywhere. */
	KUNIT_EXPECT_EQ(test, 0, phyrs_slice(&ps, SZ_4K, SZ_4K));
	KUNIT_EXPECT_EQ(test, -ERANGE, phyrs_seek(&ps, SZ_8K));
	KUNIT_EXPECT_EQ(test, 0, phyrs_seek(&ps, SZ_8K - 1));
	KUNIT_ASSERT_TRUE(test, phyrs_next(&ps, &range));
	KUNIT_EXPECT_EQ(test, 1, range.len);
	KUNIT_EXPECT_FALSE(test, phyrs_next(&ps, &range));
	KUNIT_EXPECT_EQ(test, 0, phyrs_seek(&ps, 0));
	KUNIT_EXPECT_EQ(test, 0, phyrs_slice(&ps, 0, bytes));

	ps = phyr_start_slice(&list->phyr, bytes, 1);
	KUNIT_EXPECT_FALSE(test, phyrs_next(&ps, &range));
}

static void append_slices(struct kunit *test)
{
	struct cut_test *t = test->priv;
	struct one_list *a = &t->lists[0], *b = &t->lists[1];

	add_random(test, a, 700);
	for (unsigned int i = 0; i < 200; i++) {
		u64 pos = phyr_test_rem(prandom_u32_state(&t->rnd),
					a->model->bytes);
		u64 len = phyr_test_rem(below(t, SZ_1M),
					a->model->bytes - pos + 1);

		model_add_slice(test, b->model, a->model, pos, len, 0);
		KUNIT_ASSERT_EQ(test, 0, phyr_append_slice(&b->phyr, &a->phyr, pos,
							   len, GFP_KERNEL));
		check_list(test, b);
	}
	check_list(test, a);
	KUNIT_EXPECT_EQ(test, -EINVAL, phyr_clone(&a->phyr, &a->phyr, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, -ERANGE,
			phyr_append_slice(&b->phyr, &a->phyr, 1, a->model->bytes,
					  GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, -ERANGE,
			phyr_append_slice(&b->phyr, &a->phyr, U64_MAX, 2, GFP_KERNEL));
	check_list(test, b);
}

static void append_slice_without_memory(struct kunit *test)
{
	struct cut_test *t = test->priv;
	struct one_list *a = &t->lists[0], *b = &t->lists[1];
	int ret = -ENOMEM;

	add_random(test, a, 700);
	for (unsigned int i = 0; i < 40; i++) {
		add_random(test, b, i);
		ret = -ENOMEM;
		for (unsigned int nth = 1; ret; nth++) {
			phyr_test_fail_nth(test, nth);
			ret = phyr_clone(&b->phyr, &a->phyr, PHYR_TEST_GFP);
			KUNIT_ASSERT_EQ(test, !phyr_test_fail_end(), !!ret);
			if (!ret)
				break;
			check_list(test, b);
			if (!i)
				KUNIT_ASSERT_TRUE(test,
						  mem_is_zero(&b->phyr,
							      sizeof(b->phyr)));
		}
		model_add_slice(test, b->model, a->model, 0, a->model->bytes, 0);
		check_list(test, b);
		empty_list(b);
	}
}

/* Whatever is done to lists, they hold what the arrays hold. */
static void random_operation(struct kunit *test)
{
	struct cut_test *t = test->priv;
	struct one_list *a = &t->lists[below(t, LISTS)];
	struct one_list *b = &t->lists[below(t, LISTS)];
	u64 pos = phyr_test_rem(prandom_u32_state(&t->rnd) * 256ULL,
				a->model->bytes + 1);

	if (a->model->nr > ROOM / 8)
		empty_list(a);
	switch (a == b ? 0 : below(t, 8)) {
	case 0:
	case 1:
		add_random(test, a, below(t, 10) * below(t, 20));
		break;
	case 2:
	case 3:
		model_add_slice(test, a->model, b->model, 0, b->model->bytes, 0);
		model_clear(b->model);
		KUNIT_ASSERT_EQ(test, 0, phyr_join(&a->phyr, &b->phyr, GFP_KERNEL));
		break;
	case 4:
		empty_list(b);
		check_split_goes_on(test, a, pos, b);
		break;
	case 5:
		phyr_truncate(&a->phyr, pos);
		phyr_model_truncate(a->model, pos);
		break;
	case 6:
		KUNIT_ASSERT_EQ(test, 0, phyr_reserve(&a->phyr, below(t, 3000),
						      GFP_KERNEL));
		break;
	case 7:
		phyr_trim(&a->phyr, GFP_KERNEL);
		break;
	}
	check_list(test, a);
	check_list(test, b);
	check_seeks(test, a, 8);
}

static void random_operations(struct kunit *test)
{
	for (unsigned int i = 0; i < 3000; i++)
		random_operation(test);
}

/* Every block by itself, as a driver without phyr_best_block_size() would. */
static bool size_fits(const struct phyr_model *model, u64 size, u64 virt)
{
	for (size_t i = 0; i < model->nr; i++) {
		const struct phyr_range *range = &model->ranges[i];
		u64 end = phyr_range_end(range);

		if ((range->phys ^ virt) & (size - 1))
			return false;
		if (i + 1 < model->nr && end & (size - 1))
			return false;
		virt += range->len;
	}
	return true;
}

static void check_best_size(struct kunit *test, const struct one_list *list,
			    u64 virt)
{
	u64 sizes = SZ_4K | SZ_64K | SZ_1M | 256, best = 0;

	for (unsigned int bit = 0; bit < 64; bit++) {
		if (sizes & BIT_ULL(bit) &&
		    size_fits(list->model, BIT_ULL(bit), virt))
			best = BIT_ULL(bit);
	}
	KUNIT_ASSERT_EQ(test, best,
			phyr_best_block_size(&list->phyr, sizes, virt));
}

static void best_block_size(struct kunit *test)
{
	struct cut_test *t = test->priv;
	struct one_list *list = &t->lists[0];

	KUNIT_EXPECT_EQ(test, 0, phyr_best_block_size(&list->phyr, U64_MAX, 0));
	for (unsigned int i = 0; i < 500; i++) {
		u64 unit = 64ULL << below(t, 16);
		u64 head = below(t, 2) * 64 * below(t, 1000) & (unit - 1);

		for (unsigned int nr = 1 + below(t, 4); nr; nr--) {
			struct phyr_range range = {
				.phys = unit * (1 + below(t, 1 << 10)),
				.len = unit * (1 + below(t, 3)),
			};

			if (!list->model->nr) {
				range.phys += head;
				range.len -= head;
			}
			append(test, list, &range);
		}
		check_best_size(test, list, list->model->ranges[0].phys);
		check_best_size(test, list, list->model->ranges[0].phys + SZ_64K);
		check_best_size(test, list, head);
		check_best_size(test, list, 1);
		empty_list(list);
	}
	KUNIT_EXPECT_EQ(test, 0, phyr_append(&list->phyr, SZ_1M, SZ_1M, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, BIT_ULL(63),
			phyr_best_block_size(&list->phyr, U64_MAX, SZ_1M));
	KUNIT_EXPECT_EQ(test, 0, phyr_best_block_size(&list->phyr, 0, SZ_1M));
}

static void blocks(struct kunit *test)
{
	struct cut_test *t = test->priv;
	struct one_list *list = &t->lists[0];
	phys_addr_t block;

	add_random(test, list, 300);
	for (u64 size = 1 << 8; size <= SZ_1G; size *= 8) {
		struct phyr_state ps = phyr_start(&list->phyr);

		for (size_t i = 0; i < list->model->nr; i++) {
			const struct phyr_range *range = &list->model->ranges[i];
			u64 at = ALIGN_DOWN(range->phys, size);

			for (; at < phyr_range_end(range); at += size) {
				KUNIT_ASSERT_TRUE(test,
						  phyrs_next_block(&ps, size, &block));
				KUNIT_ASSERT_EQ(test, at, block);
			}
		}
		KUNIT_ASSERT_FALSE(test, phyrs_next_block(&ps, size, &block));
	}
}

static int cut_init(struct kunit *test)
{
	struct cut_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	for (size_t i = 0; i < LISTS; i++)
		t->lists[i].model = phyr_model_new(test, ROOM);
	t->scratch = phyr_model_new(test, ROOM);
	t->pool = phyr_pool_new(test, POOL_PAGES);
	prandom_seed_state(&t->rnd, 1);
	test->priv = t;
	return 0;
}

static void cut_exit(struct kunit *test)
{
	struct cut_test *t = test->priv;

	for (size_t i = 0; t && i < LISTS; i++)
		phyr_destroy(&t->lists[i].phyr);
}

static struct kunit_case cut_cases[] = {
	KUNIT_CASE(join_lists_of_any_length),
	KUNIT_CASE(join_merges),
	KUNIT_CASE(join_kinds),
	KUNIT_CASE(join_hidden_kind),
	KUNIT_CASE(join_many_lists),
	KUNIT_CASE(join_takes_chunks_over),
	KUNIT_CASE(join_keeps_reserved_memory_apart),
	KUNIT_CASE(join_reserved_and_empty),
	KUNIT_CASE(undo_after_join),
	KUNIT_CASE(join_refused),
	KUNIT_CASE(join_without_memory_at_all),
	KUNIT_CASE(split_without_memory),
	KUNIT_CASE(split_gives_back),
	KUNIT_CASE(split_anywhere),
	KUNIT_CASE(split_refused),
	KUNIT_CASE(pins_move_along),
	KUNIT_CASE(split_between_pins_only),
	KUNIT_CASE(copies_own_no_pins),
	KUNIT_CASE(slice_anywhere),
	KUNIT_CASE(slice_refused),
	KUNIT_CASE(append_slices),
	KUNIT_CASE(append_slice_without_memory),
	KUNIT_CASE(random_operations),
	KUNIT_CASE(best_block_size),
	KUNIT_CASE(blocks),
	{ }
};

static struct kunit_suite cut_suite = {
	.name = "phyr_cut",
	.init = cut_init,
	.exit = cut_exit,
	.test_cases = cut_cases,
};

kunit_test_suite(cut_suite);

MODULE_DESCRIPTION("KUnit tests of parts of physical-range lists");
MODULE_LICENSE("GPL");
