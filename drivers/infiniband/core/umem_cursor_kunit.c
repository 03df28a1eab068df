// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * KUnit tests of access to the pages of registered memory, against an array of
 * them.  The pages are made up: nobody touches them.
 */

#include <kunit/run-in-irq-context.h>
#include <kunit/test.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/prandom.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/vmalloc.h>
#include <rdma/ib_umem.h>
#include <rdma/ib_umem_cursor.h>

#define PAGES		20000
#define SPEED_PAGES	(SZ_1G >> PAGE_SHIFT)
#define SPEED_ACCESSES	(4 * SPEED_PAGES)
#define FIRST_PFN	0x1000UL

struct cursor_test {
	struct ib_umem		umem;
	struct ib_umem_cursor	cursor;
	unsigned long		*pfns;
	u64			bytes;
	struct rnd_state	rnd;
	atomic_t		seed;	/* of each interrupt's positions */
};

static u32 below(struct rnd_state *rnd, u32 max)
{
	return prandom_u32_state(rnd) % max;
}

static void append(struct kunit *test, u64 at, unsigned long pfn, u64 nr)
{
	struct cursor_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, 0, phyr_append(&t->umem.phyr, PFN_PHYS(pfn),
					     nr * PAGE_SIZE, GFP_KERNEL));
	for (u64 i = 0; i < nr; i++)
		t->pfns[at + i] = pfn + i;
	t->bytes += nr * PAGE_SIZE;
}

/* Memory of @nr pages, none next to the one before it but within a range. */
static void fill(struct kunit *test, u64 nr, unsigned int longest)
{
	struct cursor_test *t = test->priv;
	unsigned long pfn = FIRST_PFN;
	u64 at = 0, len;

	t->pfns = vmalloc_array(nr, sizeof(*t->pfns));
	KUNIT_ASSERT_NOT_NULL(test, t->pfns);
	for (; at < nr; at += len) {
		len = 1 + below(&t->rnd, below(&t->rnd, 4) ? 3 : longest);
		len = min(len, nr - at);
		append(test, at, pfn, len);
		pfn += len + 1 + below(&t->rnd, 20);
	}
	ib_umem_cursor_init(&t->cursor, &t->umem);
}

static struct page *page_at(struct cursor_test *t, u64 pos)
{
	return pfn_to_page(t->pfns[pos >> PAGE_SHIFT]);
}

static int cursor_init(struct kunit *test)
{
	struct cursor_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	test->priv = t;
	prandom_seed_state(&t->rnd, 3);
	return 0;
}

static void cursor_exit(struct kunit *test)
{
	struct cursor_test *t = test->priv;

	if (!t)
		return;
	phyr_destroy(&t->umem.phyr);
	vfree(t->pfns);
}

/* Access @len bytes at @pos, as a driver does: false if a page was wrong. */
static bool reads_right(struct cursor_test *t, u64 pos, u64 len)
{
	struct ib_umem_walk walk = {};
	u64 end = min(pos + len, t->bytes);

	for (; pos < end; pos = ALIGN(pos + 1, PAGE_SIZE)) {
		if (ib_umem_walk_page(&walk, &t->cursor, pos) != page_at(t, pos))
			return false;
	}
	ib_umem_walk_end(&walk);
	return true;
}

static void umem_cursor_random(struct kunit *test)
{
	struct cursor_test *t = test->priv;

	fill(test, PAGES, 600);
	for (int i = 0; i < 20000; i++) {
		u64 pos = below(&t->rnd, t->bytes);

		KUNIT_ASSERT_TRUE_MSG(test,
				      reads_right(t, pos, 1 + below(&t->rnd, SZ_32K)),
				      "at %llx", pos);
	}
}

static void umem_cursor_sequential(struct kunit *test)
{
	struct cursor_test *t = test->priv;
	u64 len;

	fill(test, PAGES, 600);
	for (u64 pos = 0; pos < t->bytes; pos += len) {
		len = 1 + below(&t->rnd, SZ_16K);
		KUNIT_ASSERT_TRUE_MSG(test, reads_right(t, pos, len), "at %llx", pos);
	}
}

static void umem_cursor_backwards(struct kunit *test)
{
	struct cursor_test *t = test->priv;

	fill(test, PAGES, 600);
	for (u64 pos = t->bytes; pos >= SZ_4K; pos -= 1 + below(&t->rnd, SZ_4K))
		KUNIT_ASSERT_TRUE_MSG(test, reads_right(t, pos - 1, 1), "at %llx", pos);
}

/* One access goes on where the last one ended. */
static void umem_cursor_kept(struct kunit *test)
{
	struct cursor_test *t = test->priv;
	u64 half;

	fill(test, PAGES, 1);
	half = t->bytes / 2;
	KUNIT_EXPECT_TRUE(test, reads_right(t, half, SZ_16K));
	KUNIT_EXPECT_EQ(test, phyrs_tell(&t->cursor.last),
			half + SZ_16K - PAGE_SIZE);
}

/* One that failed is forgotten. */
static void umem_cursor_not_kept(struct kunit *test)
{
	struct cursor_test *t = test->priv;
	struct ib_umem_walk walk = {};

	fill(test, PAGES, 1);
	KUNIT_EXPECT_NOT_NULL(test, ib_umem_walk_page(&walk, &t->cursor, SZ_1M));
	KUNIT_EXPECT_EQ(test, phyrs_tell(&t->cursor.last), 0);
	KUNIT_EXPECT_TRUE(test, reads_right(t, SZ_1M, 1));
	KUNIT_EXPECT_EQ(test, phyrs_tell(&t->cursor.last), SZ_1M);
}

/* An access that never began leaves the cursor alone. */
static void umem_cursor_walk_unused(struct kunit *test)
{
	struct ib_umem_walk walk = {};

	ib_umem_walk_end(&walk);
	KUNIT_SUCCEED(test);
}

static void umem_cursor_end_of_memory(struct kunit *test)
{
	struct cursor_test *t = test->priv;
	struct ib_umem_walk walk = {};
	struct page *page;

	fill(test, 3, 1);
	page = ib_umem_walk_page(&walk, &t->cursor, t->bytes);
	KUNIT_EXPECT_NULL(test, page);
	page = ib_umem_walk_page(&walk, &t->cursor, U64_MAX);
	KUNIT_EXPECT_NULL(test, page);
	page = ib_umem_walk_page(&walk, &t->cursor, t->bytes - 1);
	KUNIT_EXPECT_PTR_EQ(test, page, page_at(t, t->bytes - 1));
	page = ib_umem_walk_page(&walk, &t->cursor, t->bytes);
	KUNIT_EXPECT_NULL(test, page);
	ib_umem_walk_end(&walk);
	KUNIT_EXPECT_TRUE(test, reads_right(t, 0, t->bytes));
}

static void umem_cursor_no_memory(struct kunit *test)
{
	struct cursor_test *t = test->priv;
	struct ib_umem_walk walk = {};

	ib_umem_cursor_init(&t->cursor, &t->umem);
	KUNIT_EXPECT_NULL(test, ib_umem_walk_page(&walk, &t->cursor, 0));
}

/* While somebody holds the cursor, all is as ever, and the cursor stays. */
static void umem_cursor_contended(struct kunit *test)
{
	struct cursor_test *t = test->priv;
	struct ib_umem_cursor before;

	fill(test, PAGES, 600);
	KUNIT_EXPECT_TRUE(test, reads_right(t, SZ_8M, SZ_8K));
	t->cursor.busy = 1;
	before = t->cursor;
	for (int i = 0; i < 100; i++)
		KUNIT_EXPECT_TRUE(test, reads_right(t, below(&t->rnd, t->bytes), SZ_8K));
	KUNIT_EXPECT_MEMEQ(test, &before, &t->cursor, sizeof(before));
	t->cursor.busy = 0;
	KUNIT_EXPECT_TRUE(test, reads_right(t, 0, SZ_8K));
	KUNIT_EXPECT_EQ(test, t->cursor.busy, 0);
	KUNIT_EXPECT_EQ(test, phyrs_tell(&t->cursor.last), SZ_4K);
}

/* Whoever comes late doesn't use a half of what another writes. */
static void umem_cursor_stale(struct kunit *test)
{
	struct cursor_test *t = test->priv;

	fill(test, PAGES, 600);
	t->cursor.busy = 1;
	memset(&t->cursor.last, 0x5a, sizeof(t->cursor.last));
	KUNIT_EXPECT_TRUE(test, reads_right(t, SZ_1M, SZ_64K));
}

/* One access to several memories, as a message of several parts is. */
static void umem_cursor_several(struct kunit *test)
{
	struct cursor_test *t = test->priv;
	struct ib_umem_cursor other;
	struct ib_umem_walk walk = {};

	fill(test, PAGES, 600);
	ib_umem_cursor_init(&other, &t->umem);
	for (int i = 0; i < 1000; i++) {
		struct ib_umem_cursor *cursor = i & 1 ? &other : &t->cursor;
		u64 pos = below(&t->rnd, t->bytes);

		KUNIT_ASSERT_PTR_EQ(test, page_at(t, pos),
				    ib_umem_walk_page(&walk, cursor, pos));
	}
	ib_umem_walk_end(&walk);
	KUNIT_EXPECT_NE(test, phyrs_tell(&other.last), 0);
	KUNIT_EXPECT_NE(test, phyrs_tell(&t->cursor.last), 0);
}

static bool access_somewhere(void *data)
{
	struct cursor_test *t = data;
	struct rnd_state rnd;

	prandom_seed_state(&rnd, atomic_inc_return(&t->seed));
	return reads_right(t, below(&rnd, t->bytes), 1 + below(&rnd, SZ_64K));
}

static void umem_cursor_interrupted(struct kunit *test)
{
	struct cursor_test *t = test->priv;

	fill(test, PAGES, 8);
	kunit_run_irq_test(test, access_somewhere, 100000, t);
	KUNIT_EXPECT_EQ(test, t->cursor.busy, 0);
}

/* --- speed ------------------------------------------------------------------ */

/* What an entry of an array of pages would be. */
struct table_entry {
	struct page	*page;
	unsigned int	offset;
};

struct speed_test {
	struct cursor_test	*t;
	struct table_entry	*table;
	u32			*order;	/* of the pages that are accessed */
	unsigned long		sum;	/* so that no access is left out */
};

static void access_by_table(struct speed_test *s, u32 page)
{
	s->sum += (unsigned long)READ_ONCE(s->table[page].page);
}

static void access_by_cursor(struct speed_test *s, u32 page)
{
	struct ib_umem_walk walk = {};

	s->sum += (unsigned long)ib_umem_walk_page(&walk, &s->t->cursor,
						   (u64)page << PAGE_SHIFT);
	ib_umem_walk_end(&walk);
}

/* In tenths of a nanosecond. */
static u64 time_accesses(struct speed_test *s,
			 void (*access_page)(struct speed_test *s, u32 page),
			 unsigned int mask)
{
	u64 best = U64_MAX;

	for (int round = 0; round < 5; round++) {
		u64 start = ktime_get_ns();

		for (u32 i = 0; i < SPEED_ACCESSES; i++)
			access_page(s, s->order[i & mask]);
		best = min(best, ktime_get_ns() - start);
		cond_resched();
	}
	return div_u64(best * 10, SPEED_ACCESSES);
}

static u64 time_one_walk(struct speed_test *s)
{
	struct ib_umem_walk walk = {};
	u64 start = ktime_get_ns();

	for (u64 pos = 0; pos < s->t->bytes; pos += PAGE_SIZE)
		s->sum += (unsigned long)ib_umem_walk_page(&walk, &s->t->cursor,
							   pos);
	return div_u64((ktime_get_ns() - start) * 10, SPEED_PAGES);
}

static void print_time(struct kunit *test, const char *what, u64 tenths)
{
	kunit_info(test, "%s: %llu.%llu ns", what, tenths / 10, tenths % 10);
}

static void time_order(struct kunit *test, struct speed_test *s,
		       const char *table, const char *cursor)
{
	unsigned int mask = SPEED_PAGES - 1;

	print_time(test, table, time_accesses(s, access_by_table, mask));
	print_time(test, cursor, time_accesses(s, access_by_cursor, mask));
}

/* 1 GiB of pages of which hardly any are adjacent, page by page. */
static void umem_cursor_speed(struct kunit *test)
{
	struct cursor_test *t = test->priv;
	struct speed_test s = { .t = t };

	fill(test, SPEED_PAGES, 1);
	s.table = kvcalloc(SPEED_PAGES, sizeof(*s.table), GFP_KERNEL);
	s.order = kvcalloc(SPEED_PAGES, sizeof(*s.order), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, s.table);
	KUNIT_ASSERT_NOT_NULL(test, s.order);
	for (u32 i = 0; i < SPEED_PAGES; i++) {
		s.table[i].page = pfn_to_page(t->pfns[i]);
		s.order[i] = i;
	}
	time_order(test, &s, "table, in order", "cursor, in order");
	print_time(test, "one walk", time_one_walk(&s));
	for (u32 i = 0; i < SPEED_PAGES; i++)
		swap(s.order[i], s.order[below(&t->rnd, SPEED_PAGES)]);
	time_order(test, &s, "table, at random", "cursor, at random");
	kvfree(s.table);
	kvfree(s.order);
	KUNIT_EXPECT_NE(test, s.sum, 0);
}

static struct kunit_case umem_cursor_cases[] = {
	KUNIT_CASE(umem_cursor_random),
	KUNIT_CASE(umem_cursor_sequential),
	KUNIT_CASE(umem_cursor_backwards),
	KUNIT_CASE(umem_cursor_kept),
	KUNIT_CASE(umem_cursor_not_kept),
	KUNIT_CASE(umem_cursor_walk_unused),
	KUNIT_CASE(umem_cursor_end_of_memory),
	KUNIT_CASE(umem_cursor_no_memory),
	KUNIT_CASE(umem_cursor_contended),
	KUNIT_CASE(umem_cursor_stale),
	KUNIT_CASE(umem_cursor_several),
	KUNIT_CASE_SLOW(umem_cursor_interrupted),
	KUNIT_CASE_SLOW(umem_cursor_speed),
	{ }
};

static struct kunit_suite umem_cursor_suite = {
	.name = "umem_cursor",
	.init = cursor_init,
	.exit = cursor_exit,
	.test_cases = umem_cursor_cases,
};

kunit_test_suite(umem_cursor_suite);

MODULE_DESCRIPTION("KUnit tests of access to the pages of RDMA memory");
MODULE_LICENSE("Dual BSD/GPL");
