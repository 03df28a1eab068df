// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of physical-range lists: memory allocated for them, and its pages.
 */

#include <kunit/static_stub.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>

#include "../alloc.h"
#include "phyr_model.h"

MODULE_IMPORT_NS("EXPORTED_FOR_KUNIT_TESTING");

#define MAX_FOLIOS	64
#define NEVER		MAX_FOLIOS

struct pages_test {
	struct phyr	phyr;
	struct folio	*folios[MAX_FOLIOS];	/* each with a reference of ours */
	unsigned int	nr_folios;
	int		tried[MAX_FOLIOS];	/* orders, in the order of trying */
	unsigned int	nr_tried;
	unsigned int	largest;	/* order that there is memory of */
	unsigned int	fail_at;	/* from how many folios on there is none */
	gfp_t		gfp;		/* of the last allocation */
};

/* Memory as scarce as the test wants it. */
static struct folio *scarce_folio(gfp_t gfp, unsigned int order)
{
	struct pages_test *t = kunit_get_current_test()->priv;
	struct page *page;

	t->gfp = gfp;
	if (t->nr_tried < MAX_FOLIOS)
		t->tried[t->nr_tried++] = order;
	if (order > t->largest || t->nr_folios >= t->fail_at)
		return NULL;

	page = alloc_pages(gfp | __GFP_COMP, order);
	if (!page)
		return NULL;
	folio_get(page_folio(page));
	t->folios[t->nr_folios++] = page_folio(page);
	return page_folio(page);
}

static int pages_init(struct kunit *test)
{
	struct pages_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	t->largest = MAX_PAGE_ORDER;
	t->fail_at = NEVER;
	test->priv = t;
	kunit_activate_static_stub(test, phyr_alloc_folio, scarce_folio);
	return 0;
}

static void pages_exit(struct kunit *test)
{
	struct pages_test *t = test->priv;

	phyr_test_fail_end();
	if (!t)
		return;
	phyr_destroy(&t->phyr);
	for (unsigned int i = 0; i < t->nr_folios; i++)
		folio_put(t->folios[i]);
}

/* References to each folio from @first on, the test's own among them. */
static void expect_refs(struct kunit *test, unsigned int first, int refs)
{
	struct pages_test *t = test->priv;

	for (unsigned int i = first; i < t->nr_folios; i++)
		KUNIT_EXPECT_EQ(test, folio_ref_count(t->folios[i]), refs);
}

/* The list is the folios from the first to the last, and ends after @len bytes. */
static void expect_folios(struct kunit *test, u64 len)
{
	struct pages_test *t = test->priv;
	struct phyr_folio part;
	unsigned int i = 0;

	KUNIT_EXPECT_EQ(test, phyr_bytes(&t->phyr), len);
	KUNIT_EXPECT_EQ(test, phyr_flags(&t->phyr), 0);
	phyr_for_each_folio(&t->phyr, part) {
		KUNIT_ASSERT_LT(test, i, t->nr_folios);
		KUNIT_EXPECT_PTR_EQ(test, part.folio, t->folios[i]);
		KUNIT_EXPECT_EQ(test, part.offset, 0);
		KUNIT_EXPECT_EQ(test, part.len,
				min(len, folio_size(part.folio)));
		len -= part.len;
		i++;
	}
	KUNIT_EXPECT_EQ(test, i, t->nr_folios);
	KUNIT_EXPECT_EQ(test, len, 0);
}

struct alloc_shape {
	const char	*name;
	u64		pages;
	u64		bytes;		/* besides */
	unsigned int	max;
	unsigned int	largest;
	int		tried[10];	/* orders, up to a negative one */
};

static const struct alloc_shape alloc_shapes[] = {
	{ "a byte", 0, 1, 9, 9, { 0, -1 } },
	{ "a page", 1, 0, 9, 9, { 0, -1 } },
	{ "a page and a byte", 1, 1, 9, 9, { 0, 0, -1 } },
	{ "a power of two", 8, 0, 9, 9, { 3, -1 } },
	{ "no power of two", 7, 100, 9, 9, { 2, 1, 0, 0, -1 } },
	{ "a limit", 7, 0, 1, 9, { 1, 1, 1, 0, -1 } },
	{ "single pages", 3, 0, 0, 9, { 0, 0, 0, -1 } },
	{ "scarce", 14, 0, 3, 2, { 3, 2, 2, 2, 1, -1 } },
	{ "very scarce", 5, 0, 9, 0, { 2, 1, 0, 0, 0, 0, 0, -1 } },
};

KUNIT_ARRAY_PARAM_DESC(alloc_shape, alloc_shapes, name);

static void alloc_and_free(struct kunit *test)
{
	const struct alloc_shape *shape = test->param_value;
	u64 len = shape->pages * PAGE_SIZE + shape->bytes;
	struct pages_test *t = test->priv;
	unsigned int i;

	t->largest = shape->largest;
	KUNIT_ASSERT_EQ(test, 0, phyr_alloc_pages(&t->phyr, len, shape->max,
						  GFP_KERNEL));
	for (i = 0; shape->tried[i] >= 0 && i < t->nr_tried; i++)
		KUNIT_EXPECT_EQ(test, t->tried[i], shape->tried[i]);
	KUNIT_EXPECT_LT(test, shape->tried[i], 0);
	KUNIT_EXPECT_EQ(test, t->nr_tried, i);
	expect_folios(test, len);
	expect_refs(test, 0, 2);

	phyr_free_pages(&t->phyr);
	KUNIT_EXPECT_TRUE(test, mem_is_zero(&t->phyr, sizeof(t->phyr)));
	expect_refs(test, 0, 1);

	/* Twice does no harm. */
	phyr_free_pages(&t->phyr);
	expect_refs(test, 0, 1);
}

/* The allocator itself, without anything in between. */
static void really_alloc(struct kunit *test)
{
	struct pages_test *t = test->priv;
	const u64 len = 37 * PAGE_SIZE + 5;
	struct phyr_folio part;
	u64 pages = 0;

	kunit_deactivate_static_stub(test, phyr_alloc_folio);
	KUNIT_ASSERT_EQ(test, 0, phyr_alloc_pages(&t->phyr, len, 3,
						  GFP_KERNEL | __GFP_ZERO));
	phyr_for_each_folio(&t->phyr, part) {
		KUNIT_EXPECT_EQ(test, part.offset, 0);
		KUNIT_EXPECT_LE(test, folio_order(part.folio), 3);
		KUNIT_EXPECT_EQ(test, folio_ref_count(part.folio), 1);
		pages += folio_nr_pages(part.folio);
	}
	KUNIT_EXPECT_EQ(test, pages, 38);
	KUNIT_EXPECT_EQ(test, phyr_bytes(&t->phyr), len);
	phyr_free_pages(&t->phyr);
}

/* For what finds mistakes in the use of memory: walks don't look at what is freed. */
static void free_while_walking(struct kunit *test)
{
	struct pages_test *t = test->priv;
	struct page *page;
	u64 freed = 0;

	kunit_deactivate_static_stub(test, phyr_alloc_folio);
	KUNIT_ASSERT_EQ(test, 0, phyr_alloc_pages(&t->phyr, 600 * PAGE_SIZE, 0,
						  GFP_KERNEL));
	phyr_for_each_page(&t->phyr, page) {
		KUNIT_EXPECT_EQ(test, page_ref_count(page), 1);
		__free_page(page);
		freed++;
	}
	KUNIT_EXPECT_EQ(test, freed, 600);
}

/* What was there stays, and what is appended is a folio each, even if adjacent. */
static void alloc_goes_on(struct kunit *test)
{
	struct pages_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, 0, phyr_alloc_pages(&t->phyr, 4 * PAGE_SIZE, 0,
						  GFP_KERNEL));
	KUNIT_ASSERT_EQ(test, 0, phyr_alloc_pages(&t->phyr, 5 * PAGE_SIZE, 1,
						  GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, t->nr_folios, 7);
	expect_folios(test, 9 * PAGE_SIZE);
	phyr_free_pages(&t->phyr);
	expect_refs(test, 0, 1);
}

/* Two pages in turn, which aren't next to each other. */
static struct folio *same_folios(gfp_t gfp, unsigned int order)
{
	struct pages_test *t = kunit_get_current_test()->priv;
	struct folio *folio = t->folios[t->nr_tried++ % 2 * 2];

	folio_get(folio);
	return folio;
}

/* What is said of the pages isn't for the list's own memory, vmalloc()'s here. */
static void pages_of_long_list(struct kunit *test)
{
	/* No more than there can be, of large pages. */
	const unsigned long nr = min(100000UL, totalram_pages());
	struct pages_test *t = test->priv;
	struct page *page = alloc_pages(GFP_KERNEL, 2);

	KUNIT_ASSERT_NOT_NULL(test, page);
	split_page(page, 2);
	while (t->nr_folios < 4)
		t->folios[t->nr_folios++] = page_folio(page++);

	kunit_activate_static_stub(test, phyr_alloc_folio, same_folios);
	KUNIT_EXPECT_EQ(test, 0, phyr_alloc_pages(&t->phyr, (u64)nr * PAGE_SIZE, 0,
						  GFP_KERNEL | __GFP_COMP |
						  __GFP_NOMEMALLOC |
						  __GFP_THISNODE));
	KUNIT_EXPECT_EQ(test, phyr_nr_ranges(&t->phyr), nr);
	phyr_free_pages(&t->phyr);
	for (unsigned int i = 0; i < t->nr_folios; i++)
		KUNIT_EXPECT_EQ(test, folio_ref_count(t->folios[i]), 1);
}

/* All orders that there are, and none that the page allocator would warn of. */
static void no_memory_at_all(struct kunit *test)
{
	const u64 len = (u64)PAGE_SIZE << (MAX_PAGE_ORDER + 1);
	struct pages_test *t = test->priv;

	t->fail_at = 0;
	KUNIT_EXPECT_EQ(test, -ENOMEM, phyr_alloc_pages(&t->phyr, len, 99,
							GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, t->tried[0], MAX_PAGE_ORDER);
	KUNIT_EXPECT_EQ(test, t->nr_tried, MAX_PAGE_ORDER + 1);
	KUNIT_EXPECT_TRUE(test, phyr_empty(&t->phyr));
}

/* Whichever allocation fails: one folio of ours before it, and the list as it was. */
static void no_memory(struct kunit *test)
{
	struct pages_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, 0, phyr_alloc_pages(&t->phyr, 10, 0, GFP_KERNEL));
	for (unsigned int had = 0; had < 6; had++) {
		unsigned int before = t->nr_folios;

		t->fail_at = before + had;
		KUNIT_EXPECT_EQ(test, -ENOMEM,
				phyr_alloc_pages(&t->phyr, 12 * PAGE_SIZE, 1,
						 GFP_KERNEL));
		KUNIT_EXPECT_EQ(test, t->nr_folios, before + had);
		KUNIT_EXPECT_EQ(test, phyr_bytes(&t->phyr), 10);
		expect_refs(test, before, 1);
		KUNIT_EXPECT_EQ(test, folio_ref_count(t->folios[0]), 2);
	}
	phyr_free_pages(&t->phyr);
	expect_refs(test, 0, 1);
}

/* Whichever allocation of the list's own fails. */
static void no_memory_for_the_list(struct kunit *test)
{
	struct pages_test *t = test->priv;
	unsigned int left, nth;
	int ret;

	/* Pages next to each other are one range, but for those after an odd end. */
	KUNIT_ASSERT_EQ(test, 0, phyr_alloc_pages(&t->phyr, 1, 0, GFP_KERNEL));
	for (nth = 1; ; nth++) {
		unsigned int before = t->nr_folios;

		phyr_test_fail_nth(test, nth);
		ret = phyr_alloc_pages(&t->phyr, 5 * PAGE_SIZE, 0,
				       PHYR_TEST_GFP);
		left = phyr_test_fail_end();
		if (!ret)
			break;
		KUNIT_ASSERT_EQ(test, -ENOMEM, ret);
		KUNIT_ASSERT_EQ(test, left, 0);
		KUNIT_EXPECT_EQ(test, phyr_bytes(&t->phyr), 1);
		KUNIT_EXPECT_EQ(test, phyr_nr_ranges(&t->phyr), 1);
		expect_refs(test, before, 1);
	}
	KUNIT_EXPECT_GT(test, nth, 1);
	phyr_free_pages(&t->phyr);
}

static void bad_lengths(struct kunit *test)
{
	struct pages_test *t = test->priv;

	KUNIT_EXPECT_EQ(test, -EINVAL,
			phyr_alloc_pages(&t->phyr, 0, 0, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, -ENOMEM, phyr_alloc_pages(&t->phyr, PHYR_BYTES_MAX,
							0, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, -ERANGE, phyr_alloc_pages(&t->phyr, U64_MAX, 0,
							GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, t->nr_tried, 0);
	KUNIT_EXPECT_TRUE(test, phyr_empty(&t->phyr));

	KUNIT_ASSERT_EQ(test, 0, phyr_append(&t->phyr, 0, 1, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, -ERANGE,
			phyr_alloc_pages(&t->phyr, PHYR_BYTES_MAX, 0,
					 GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, phyr_bytes(&t->phyr), 1);
}

/* Such as only pages can have: with them the list's memory would draw a warning. */
static void flags_of_pages(struct kunit *test)
{
	const gfp_t gfp = GFP_HIGHUSER | __GFP_ZERO;
	struct pages_test *t = test->priv;
	u8 bytes[64];

	KUNIT_ASSERT_EQ(test, 0, phyr_alloc_pages(&t->phyr, 20 * PAGE_SIZE, 0,
						  gfp));
	KUNIT_EXPECT_EQ(test, (__force u32)t->gfp, (__force u32)gfp);
	for (u64 pos = 0; pos < phyr_bytes(&t->phyr); pos += sizeof(bytes)) {
		phyr_copy_to_buffer(&t->phyr, bytes, sizeof(bytes), pos);
		KUNIT_ASSERT_TRUE(test, mem_is_zero(bytes, sizeof(bytes)));
	}
	phyr_free_pages(&t->phyr);
}

/* What a killed process does: it allocates no more. */
static void killed_while_allocating(struct kunit *test)
{
	struct pages_test *t = test->priv;
	int ret;

	sigaddset(&current->pending.signal, SIGKILL);
	set_thread_flag(TIF_SIGPENDING);
	ret = phyr_alloc_pages(&t->phyr, PAGE_SIZE, 0, GFP_KERNEL);
	sigdelset(&current->pending.signal, SIGKILL);
	clear_thread_flag(TIF_SIGPENDING);

	KUNIT_EXPECT_EQ(test, -EINTR, ret);
	KUNIT_EXPECT_TRUE(test, phyr_empty(&t->phyr));
	KUNIT_EXPECT_EQ(test, t->nr_tried, 0);
}

/* Lists whose pages are counted by hand, and by a walk. */
static void expect_pages(struct kunit *test, u64 pages)
{
	struct pages_test *t = test->priv;
	unsigned long pfn;
	u64 nr = 0;

	phyr_for_each_pfn(&t->phyr, pfn)
		nr++;
	KUNIT_EXPECT_EQ(test, nr, pages);
	KUNIT_EXPECT_EQ(test, phyr_nr_pages(&t->phyr), pages);
}

static void append(struct kunit *test, u64 pages, u64 offset, u64 len)
{
	struct pages_test *t = test->priv;
	phys_addr_t phys = pages * PAGE_SIZE + offset;

	KUNIT_ASSERT_EQ(test, 0, phyr_append(&t->phyr, phys, len, GFP_KERNEL));
}

static void nr_pages(struct kunit *test)
{
	struct pages_test *t = test->priv;

	expect_pages(test, 0);
	append(test, 10, 0, 1);
	expect_pages(test, 1);
	append(test, 10, 1, PAGE_SIZE - 1);
	expect_pages(test, 1);
	append(test, 11, 0, 1);
	expect_pages(test, 2);
	phyr_destroy(&t->phyr);

	/* Boundaries between pages, with parts of pages at both ends. */
	append(test, 3, PAGE_SIZE - 1, 1);
	append(test, 8, 0, 3 * PAGE_SIZE);
	append(test, 5, 0, 2 * PAGE_SIZE);
	expect_pages(test, 6);
	append(test, 20, 0, PAGE_SIZE + 1);
	expect_pages(test, 8);

	/* And one inside a page: that counts twice. */
	append(test, 21, 5, 1);
	expect_pages(test, 9);
	append(test, 2, PAGE_SIZE - 1, 2);
	expect_pages(test, 11);
}

/* Pages of device memory are as good as others, and lists may be in chunks. */
static void nr_pages_of_many(struct kunit *test)
{
	struct pages_test *t = test->priv;

	for (unsigned int i = 0; i < 600; i++)
		append(test, 3 * i, 0, PAGE_SIZE);
	expect_pages(test, 600);
	for (unsigned int i = 0; i < 600; i++)
		append(test, 3 * i, 100, PAGE_SIZE);
	expect_pages(test, 1800);
	KUNIT_ASSERT_EQ(test, 0, phyr_append_mmio(&t->phyr, SZ_1M, PAGE_SIZE,
						  NULL, GFP_KERNEL));
	expect_pages(test, 1801);
}

static struct kunit_case pages_cases[] = {
	KUNIT_CASE_PARAM(alloc_and_free, alloc_shape_gen_params),
	KUNIT_CASE(really_alloc),
	KUNIT_CASE(free_while_walking),
	KUNIT_CASE(alloc_goes_on),
	KUNIT_CASE(pages_of_long_list),
	KUNIT_CASE(no_memory_at_all),
	KUNIT_CASE(no_memory),
	KUNIT_CASE(no_memory_for_the_list),
	KUNIT_CASE(bad_lengths),
	KUNIT_CASE(flags_of_pages),
	KUNIT_CASE(killed_while_allocating),
	KUNIT_CASE(nr_pages),
	KUNIT_CASE(nr_pages_of_many),
	{ }
};

static struct kunit_suite pages_suite = {
	.name = "phyr_pages",
	.init = pages_init,
	.exit = pages_exit,
	.test_cases = pages_cases,
};

kunit_test_suite(pages_suite);
