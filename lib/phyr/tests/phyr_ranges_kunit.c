// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of physical-range lists: pinned parts of large folios, mapped page by
 * page.
 */

#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/module.h>

#include "phyr_model.h"

MODULE_IMPORT_NS("EXPORTED_FOR_KUNIT_TESTING");

#define FOLIO_ORDER	4
#define FOLIO_PAGES	BIT(FOLIO_ORDER)
#define NR_FOLIOS	3
#define MAX_PAGES	1300

/* Pages of a folio that are mapped next to each other. */
struct piece {
	u8	folio;
	u8	first;
	u8	nr;
};

struct ranges_test {
	struct phyr	phyr;
	struct page	*folios[NR_FOLIOS];	/* the last is one page */
	struct page	*pages[MAX_PAGES];	/* mapped at @addr, in order */
	size_t		nr_pages;
	unsigned long	addr;
};

static void free_folios(void *arg)
{
	struct ranges_test *t = arg;

	for (unsigned int i = 0; i < NR_FOLIOS; i++)
		if (t->folios[i])
			put_page(t->folios[i]);
}

/* Map pieces, all of them @times in succession, and one page more that is a hole. */
static void map_pieces(struct kunit *test, const struct piece *pieces, size_t nr,
		       unsigned int times)
{
	struct ranges_test *t = test->priv;

	t->nr_pages = 0;
	for (size_t i = 0; i < nr * times; i++) {
		const struct piece *piece = &pieces[i % nr];

		KUNIT_ASSERT_LE(test, t->nr_pages + piece->nr, MAX_PAGES);
		for (unsigned int k = 0; k < piece->nr; k++)
			t->pages[t->nr_pages++] = t->folios[piece->folio] +
						  piece->first + k;
	}
	t->addr = phyr_map_pages(test, t->pages, t->nr_pages);
}

static int ranges_init(struct kunit *test)
{
	struct ranges_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	test->priv = t;
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, free_folios, t));
	for (unsigned int i = 0; i < NR_FOLIOS; i++) {
		unsigned int order = i == NR_FOLIOS - 1 ? 0 : FOLIO_ORDER;

		t->folios[i] = alloc_pages(GFP_KERNEL | __GFP_COMP, order);
		KUNIT_ASSERT_NOT_NULL(test, t->folios[i]);
	}
	KUNIT_ASSERT_EQ(test, 0, kunit_attach_mm());
	return 0;
}

static void ranges_exit(struct kunit *test)
{
	struct ranges_test *t = test->priv;

	phyr_test_fail_end();
	if (t)
		phyr_destroy(&t->phyr);
}

/* As many pins as pages from @first on are mapped: @per of each. */
static void expect_pins(struct kunit *test, size_t first, size_t nr,
			unsigned int per)
{
	struct ranges_test *t = test->priv;

	for (unsigned int i = 0; i < NR_FOLIOS; i++) {
		struct folio *folio = page_folio(t->folios[i]);
		unsigned int want = 0;

		for (size_t k = first; k < first + nr; k++)
			want += page_folio(t->pages[k]) == folio;
		KUNIT_ASSERT_EQ_MSG(test, phyr_page_pins(t->folios[i]),
				    want * per, "folio %u", i);
	}
}

static void expect_pages(struct kunit *test, size_t first, size_t nr)
{
	struct ranges_test *t = test->priv;
	size_t i = first;
	struct page *page;

	phyr_for_each_page(&t->phyr, page)
		KUNIT_ASSERT_PTR_EQ(test, page, t->pages[i++]);
	KUNIT_EXPECT_EQ(test, i, first + nr);
	expect_pins(test, first, nr, 1);
}

static int pin(struct ranges_test *t, size_t first, size_t nr,
	       unsigned int gup_flags, gfp_t gfp)
{
	return phyr_pin_user(&t->phyr, t->addr + first * PAGE_SIZE,
			     nr * PAGE_SIZE, gup_flags, gfp);
}

/* Whole folios and parts, one that goes on elsewhere, and pages on their own. */
static const struct piece pieces[] = {
	{ 0, 0, 16 }, { 2, 0, 1 }, { 0, 3, 5 }, { 0, 8, 8 }, { 1, 1, 2 },
	{ 2, 0, 1 }, { 2, 0, 1 }, { 1, 15, 1 }, { 0, 0, 1 }, { 1, 4, 3 },
	{ 1, 4, 3 }, { 0, 15, 1 }, { 1, 0, 16 },
};

/* Any part of the mapping, to be read and to be written. */
static void parts(struct kunit *test)
{
	struct ranges_test *t = test->priv;

	map_pieces(test, pieces, ARRAY_SIZE(pieces), 1);
	for (size_t first = 0; first < t->nr_pages; first++) {
		for (size_t nr = 1; nr <= t->nr_pages - first; nr++) {
			unsigned int flags = nr & 1 ? FOLL_WRITE : 0;

			KUNIT_ASSERT_EQ(test, 0, pin(t, first, nr, flags,
						     GFP_KERNEL));
			expect_pages(test, first, nr);
			phyr_destroy_dirty(&t->phyr, false);
			expect_pins(test, 0, 0, 0);
		}
	}
}

/* A part of a folio that was pinned at once is unpinned. */
static void cut_folio(struct kunit *test)
{
	struct ranges_test *t = test->priv;

	map_pieces(test, pieces, ARRAY_SIZE(pieces), 1);
	for (size_t keep = t->nr_pages; keep--;) {
		KUNIT_ASSERT_EQ(test, 0, pin(t, 0, t->nr_pages, 0, GFP_KERNEL));
		phyr_truncate(&t->phyr, keep * PAGE_SIZE);
		expect_pages(test, 0, keep);
		phyr_destroy(&t->phyr);
	}
	expect_pins(test, 0, 0, 0);
}

/* More ranges than are pinned at a time. */
static void many(struct kunit *test)
{
	static const struct piece few[] = { { 0, 2, 3 }, { 2, 0, 1 }, { 1, 9, 2 } };
	struct ranges_test *t = test->priv;

	map_pieces(test, few, ARRAY_SIZE(few), 210);
	KUNIT_ASSERT_EQ(test, 0, pin(t, 1, t->nr_pages - 1, 0, GFP_KERNEL));
	expect_pages(test, 1, t->nr_pages - 1);
	KUNIT_ASSERT_EQ(test, 0, pin(t, 0, t->nr_pages, FOLL_WRITE, GFP_KERNEL));
	phyr_destroy_dirty(&t->phyr, true);
	expect_pins(test, 0, 0, 0);
}

static void dirty_folios(struct kunit *test)
{
	struct ranges_test *t = test->priv;

	map_pieces(test, pieces, ARRAY_SIZE(pieces), 1);
	KUNIT_ASSERT_EQ(test, 0, pin(t, 20, 6, FOLL_WRITE, GFP_KERNEL));
	folio_clear_dirty(page_folio(t->folios[0]));
	phyr_destroy_dirty(&t->phyr, true);
	KUNIT_EXPECT_TRUE(test, folio_test_dirty(page_folio(t->folios[0])));
	KUNIT_EXPECT_FALSE(test, folio_test_dirty(page_folio(t->folios[1])));

	KUNIT_ASSERT_EQ(test, 0, pin(t, 20, 6, FOLL_WRITE, GFP_KERNEL));
	folio_clear_dirty(page_folio(t->folios[0]));
	phyr_destroy_dirty(&t->phyr, false);
	KUNIT_EXPECT_FALSE(test, folio_test_dirty(page_folio(t->folios[0])));
}

static void hole_at_the_end(struct kunit *test)
{
	struct ranges_test *t = test->priv;

	map_pieces(test, pieces, ARRAY_SIZE(pieces), 20);
	KUNIT_EXPECT_EQ(test, -EFAULT, pin(t, 0, t->nr_pages + 1, 0, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, -EFAULT, pin(t, t->nr_pages - 5, 6, FOLL_WRITE,
					   GFP_KERNEL));
	KUNIT_EXPECT_TRUE(test, phyr_empty(&t->phyr));
	expect_pins(test, 0, 0, 0);
}

/* Wherever memory runs out: what is pinned and not in the list yet is unpinned. */
static void allocation_failures(struct kunit *test)
{
	static const struct piece few[] = { { 0, 2, 3 }, { 2, 0, 1 }, { 1, 9, 2 } };
	struct ranges_test *t = test->priv;
	unsigned int nth, left;
	int ret;

	map_pieces(test, few, ARRAY_SIZE(few), 210);
	for (nth = 1; ; nth++) {
		phyr_test_fail_nth(test, nth);
		ret = pin(t, 0, t->nr_pages, FOLL_WRITE, PHYR_TEST_GFP);
		left = phyr_test_fail_end();
		if (!ret)
			break;
		KUNIT_ASSERT_EQ(test, -ENOMEM, ret);
		KUNIT_ASSERT_EQ(test, left, 0);
		KUNIT_ASSERT_TRUE(test, phyr_empty(&t->phyr));
		expect_pins(test, 0, 0, 0);
	}
	KUNIT_EXPECT_GE(test, nth, 3);
	expect_pages(test, 0, t->nr_pages);
}

static struct kunit_case ranges_cases[] = {
	KUNIT_CASE(parts),
	KUNIT_CASE(cut_folio),
	KUNIT_CASE(many),
	KUNIT_CASE(dirty_folios),
	KUNIT_CASE(hole_at_the_end),
	KUNIT_CASE(allocation_failures),
	{ }
};

static struct kunit_suite ranges_suite = {
	.name = "phyr_ranges",
	.init = ranges_init,
	.exit = ranges_exit,
	.test_cases = ranges_cases,
};

kunit_test_suite(ranges_suite);
