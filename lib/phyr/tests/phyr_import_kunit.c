// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of physical-range lists: appending what others have listed.
 */

#include <linux/bvec.h>
#include <linux/folio_batch.h>
#include <linux/ioport.h>
#include <linux/memremap.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/sizes.h>
#include <linux/xarray.h>

#include "phyr_model.h"

#define POOL_PAGES	256
#define ENTRIES		300	/* several pages of a scatterlist */

struct import_test {
	struct phyr		phyr;
	struct phyr_model	*model;
	struct phyr_pool	*pool;
	struct folio_batch	batch;
	struct bio_vec		bvecs[ENTRIES];
	struct sg_table		sgt;
};

/* Ranges in no order: inside a page, a page, across pages. */
static struct phyr_range nth_range(struct import_test *t, unsigned int i)
{
	static const unsigned int lens[] = { PAGE_SIZE, 1, 3 * PAGE_SIZE - 7,
					     PAGE_SIZE, 100 };

	return (struct phyr_range) {
		.phys = t->pool->phys + i * 97 % (POOL_PAGES - 4) * PAGE_SIZE +
			(i % 3 ? 0 : i % 11),
		.len = lens[i % ARRAY_SIZE(lens)],
	};
}

static void free_sgt(void *sgt)
{
	sg_free_table(sgt);
}

static void fill_tables(struct kunit *test)
{
	struct import_test *t = test->priv;
	struct scatterlist *sg;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, 0, sg_alloc_table(&t->sgt, ENTRIES, GFP_KERNEL));
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, free_sgt, &t->sgt));
	for_each_sgtable_sg(&t->sgt, sg, i) {
		struct phyr_range range = nth_range(t, i);
		struct page *page = pfn_to_page(PHYS_PFN(range.phys));

		bvec_set_page(&t->bvecs[i], page, range.len,
			      offset_in_page(range.phys));
		sg_set_page(sg, page, range.len, offset_in_page(range.phys));
	}
}

static void put_folio(void *folio)
{
	folio_put(folio);
}

/* Large and small ones. */
static void fill_batch(struct kunit *test)
{
	struct import_test *t = test->priv;

	folio_batch_init(&t->batch);
	for (unsigned int i = 0; i < FOLIO_BATCH_SIZE; i++) {
		struct folio *folio = folio_alloc(GFP_KERNEL | __GFP_COMP,
						  i % 4);

		KUNIT_ASSERT_NOT_NULL(test, folio);
		KUNIT_ASSERT_EQ(test, 0,
				kunit_add_action_or_reset(test, put_folio,
							  folio));
		folio_batch_add(&t->batch, folio);
	}
}

static int import_init(struct kunit *test)
{
	struct import_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	test->priv = t;
	t->model = phyr_model_new(test, 3 * ENTRIES);
	t->pool = phyr_pool_new(test, POOL_PAGES);
	fill_tables(test);
	fill_batch(test);
	return 0;
}

static void import_exit(struct kunit *test)
{
	struct import_test *t = test->priv;

	phyr_test_fail_end();
	if (t)
		phyr_destroy(&t->phyr);
}

static void model_append_entries(struct kunit *test, unsigned int nr)
{
	struct import_test *t = test->priv;

	for (unsigned int i = 0; i < nr; i++) {
		struct phyr_range range = nth_range(t, i);

		phyr_model_append(test, t->model, &range);
	}
}

static void model_append_batch(struct kunit *test)
{
	struct import_test *t = test->priv;

	for (unsigned int i = 0; i < folio_batch_count(&t->batch); i++) {
		struct folio *folio = t->batch.folios[i];
		const struct phyr_range range = {
			.phys = PFN_PHYS(folio_pfn(folio)),
			.len = folio_size(folio),
		};

		phyr_model_append(test, t->model, &range);
	}
}

static int op_batch(struct import_test *t, gfp_t gfp)
{
	return phyr_append_folio_batch(&t->phyr, &t->batch, gfp);
}

static int op_bvecs(struct import_test *t, gfp_t gfp)
{
	return phyr_append_bvecs(&t->phyr, t->bvecs, ENTRIES, gfp);
}

static int op_sgtable(struct import_test *t, gfp_t gfp)
{
	return phyr_append_sgtable(&t->phyr, &t->sgt, gfp);
}

struct import_op {
	const char	*name;
	int		(*run)(struct import_test *t, gfp_t gfp);
};

static const struct import_op import_ops[] = {
	{ "folio_batch", op_batch },
	{ "bvecs", op_bvecs },
	{ "sgtable", op_sgtable },
};

KUNIT_ARRAY_PARAM_DESC(import_op, import_ops, name);

/* To an empty list, and again to what is there. */
static void imports(struct kunit *test)
{
	const struct import_op *op = test->param_value;
	struct import_test *t = test->priv;

	for (unsigned int i = 0; i < 3; i++) {
		KUNIT_ASSERT_EQ(test, 0, op->run(t, GFP_KERNEL));
		if (op->run == op_batch)
			model_append_batch(test);
		else
			model_append_entries(test, ENTRIES);
		phyr_model_check(test, t->model, &t->phyr);
	}
}

static void import_allocation_failures(struct kunit *test)
{
	const struct import_op *op = test->param_value;
	struct import_test *t = test->priv;
	unsigned int left, nth;
	size_t used;
	int ret;

	KUNIT_ASSERT_EQ(test, 0, phyr_append_bvecs(&t->phyr, t->bvecs, 5,
						   GFP_KERNEL));
	model_append_entries(test, 5);
	used = phyr_memory_used(&t->phyr);
	for (nth = 1; ; nth++) {
		phyr_test_fail_nth(test, nth);
		ret = op->run(t, PHYR_TEST_GFP);
		left = phyr_test_fail_end();
		if (!ret)
			break;
		KUNIT_ASSERT_EQ(test, -ENOMEM, ret);
		KUNIT_ASSERT_EQ(test, left, 0);
		KUNIT_ASSERT_LE(test, phyr_memory_used(&t->phyr),
				used + PHYR_TEST_KEPT);
		phyr_model_check(test, t->model, &t->phyr);
	}
	KUNIT_EXPECT_GT(test, nth, 1);
}

static void import_nothing(struct kunit *test)
{
	struct import_test *t = test->priv;
	struct sg_table sgt = { };

	folio_batch_init(&t->batch);
	KUNIT_EXPECT_EQ(test, 0, op_batch(t, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, 0, phyr_append_bvecs(&t->phyr, NULL, 0,
						   GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, 0, phyr_append_sgtable(&t->phyr, &sgt,
						     GFP_KERNEL));
	phyr_model_check(test, t->model, &t->phyr);
}

static struct scatterlist *nth_sg(struct sg_table *sgt, unsigned int nth)
{
	struct scatterlist *sg = sgt->sgl;

	while (nth--)
		sg = sg_next(sg);
	return sg;
}

/* Both tables with @page for @len bytes as entry @i; then as they were. */
static void expect_refused(struct kunit *test, int err, unsigned int i,
			   struct page *page, unsigned int len)
{
	struct import_test *t = test->priv;
	struct scatterlist *sg = nth_sg(&t->sgt, i), entry = *sg;
	struct bio_vec bvec = t->bvecs[i];

	bvec_set_page(&t->bvecs[i], page, len, 0);
	KUNIT_EXPECT_EQ(test, err, op_bvecs(t, GFP_KERNEL));
	t->bvecs[i] = bvec;
	phyr_model_check(test, t->model, &t->phyr);

	sg_set_page(sg, page, len, 0);
	KUNIT_EXPECT_EQ(test, err, op_sgtable(t, GFP_KERNEL));
	*sg = entry;
	phyr_model_check(test, t->model, &t->phyr);
}

static void expect_batch_refused(struct kunit *test, int err, unsigned int i,
				 struct folio *folio)
{
	struct import_test *t = test->priv;
	struct folio *old = t->batch.folios[i];

	t->batch.folios[i] = folio;
	KUNIT_EXPECT_EQ(test, err, op_batch(t, GFP_KERNEL));
	t->batch.folios[i] = old;
	phyr_model_check(test, t->model, &t->phyr);
}

/* The first entry is bad, or the last one; the list is empty, or not. */
static void import_refused(struct kunit *test)
{
	struct import_test *t = test->priv;
	struct page *page = virt_to_page(t->pool->addr);

	for (unsigned int i = 0; i < 2; i++) {
		expect_refused(test, -EINVAL, 0, page, 0);
		expect_refused(test, -EINVAL, 0, NULL, 1);
		expect_refused(test, -EINVAL, ENTRIES - 1, page, 0);
		expect_refused(test, -EINVAL, ENTRIES - 1, NULL, 1);
		expect_batch_refused(test, -EINVAL, 0, xa_mk_value(5));
		expect_batch_refused(test, -EINVAL, 7, xa_mk_value(0));

		KUNIT_ASSERT_EQ(test, 0, op_bvecs(t, GFP_KERNEL));
		model_append_entries(test, ENTRIES);
	}
}

#ifdef CONFIG_DEVICE_PRIVATE
static void private_free(struct folio *folio)
{
}

static vm_fault_t private_to_ram(struct vm_fault *vmf)
{
	return VM_FAULT_SIGBUS;
}

static const struct dev_pagemap_ops private_ops = {
	.folio_free	= private_free,
	.migrate_to_ram	= private_to_ram,
};

static void private_unmap(void *pgmap)
{
	memunmap_pages(pgmap);
}

static void private_release(void *start)
{
	release_mem_region((resource_size_t)(unsigned long)start,
			   SUBSECTION_SIZE);
}

/* Memory that is private to a device that nobody has. */
static struct page *private_pages(struct kunit *test)
{
	struct dev_pagemap *pgmap = kunit_kzalloc(test, sizeof(*pgmap),
						  GFP_KERNEL);
	struct resource *res = request_free_mem_region(&iomem_resource,
						       SUBSECTION_SIZE,
						       "phyr_import");

	KUNIT_ASSERT_NOT_NULL(test, pgmap);
	KUNIT_ASSERT_FALSE(test, IS_ERR(res));
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, private_release,
						  (void *)(unsigned long)res->start));
	pgmap->type = MEMORY_DEVICE_PRIVATE;
	pgmap->range = (struct range){ .start = res->start, .end = res->end };
	pgmap->nr_range = 1;
	pgmap->ops = &private_ops;
	pgmap->owner = test;
	KUNIT_ASSERT_FALSE(test, IS_ERR(memremap_pages(pgmap, 0)));
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, private_unmap, pgmap));
	return pfn_to_page(PHYS_PFN(res->start));
}

/* An array of pages with one or two of them at @i. */
static void expect_pages_refused(struct kunit *test, unsigned int i,
				 struct page *page)
{
	struct import_test *t = test->priv;
	struct page *pages[16];

	for (unsigned int nr = 1; nr <= 2; nr++) {
		for (unsigned int j = 0; j < ARRAY_SIZE(pages); j++)
			pages[j] = virt_to_page(t->pool->addr + j * PAGE_SIZE);
		for (unsigned int j = 0; j < nr; j++)
			pages[i + j] = page + j;
		KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
				phyr_append_pages(&t->phyr, pages,
						  ARRAY_SIZE(pages), 7,
						  ARRAY_SIZE(pages) * PAGE_SIZE -
						  9, GFP_KERNEL));
		phyr_model_check(test, t->model, &t->phyr);
	}
}

/* Pages of peers take real devices: see tools/testing/phyr/p2p. */
static void import_device_pages(struct kunit *test)
{
	struct import_test *t = test->priv;
	struct page *page = private_pages(test);

	KUNIT_ASSERT_TRUE(test, is_device_private_page(page));
	expect_refused(test, -EOPNOTSUPP, 0, page, PAGE_SIZE);
	expect_refused(test, -EOPNOTSUPP, ENTRIES - 1, page, 1);
	expect_batch_refused(test, -EOPNOTSUPP, 3, page_folio(page));
	expect_pages_refused(test, 0, page);
	expect_pages_refused(test, 5, page);
	expect_pages_refused(test, 14, page);
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
			phyr_append_folio(&t->phyr, page_folio(page), 0, 1,
					  GFP_KERNEL));
	phyr_model_check(test, t->model, &t->phyr);
}

/* Once there was such memory, pages are looked at, and go into the list as before. */
static void import_pages_after_devices(struct kunit *test)
{
	struct import_test *t = test->priv;
	struct phyr_range range = { t->pool->phys + 5, 15 * PAGE_SIZE - 5 };
	struct page *pages[16];

	private_pages(test);
	for (unsigned int i = 0; i < ARRAY_SIZE(pages); i++)
		pages[i] = virt_to_page(t->pool->addr + i * PAGE_SIZE);
	pages[15] = virt_to_page(t->pool->addr + 70 * PAGE_SIZE);
	for (unsigned int i = 0; i < 2; i++) {
		KUNIT_EXPECT_EQ(test, 0,
				phyr_append_pages(&t->phyr, pages,
						  ARRAY_SIZE(pages), 5,
						  16 * PAGE_SIZE - 9,
						  GFP_KERNEL));
		phyr_model_append(test, t->model, &range);
		phyr_model_append(test, t->model, &(struct phyr_range) {
			.phys = t->pool->phys + 70 * PAGE_SIZE,
			.len = PAGE_SIZE - 4,
		});
		phyr_model_check(test, t->model, &t->phyr);
	}
}

#ifdef kunit_warning_suppress
/* Addresses don't tell: that is found in debug kernels only. */
static void import_warns(struct kunit *test)
{
	struct import_test *t = test->priv;
	struct kunit_suppressed_warning *warnings;
	phys_addr_t phys = page_to_phys(private_pages(test));

	if (!IS_ENABLED(CONFIG_DEBUG_VM))
		kunit_skip(test, "needs DEBUG_VM");
	warnings = kunit_start_suppress_warning(test);
	KUNIT_EXPECT_EQ(test, 0, phyr_append(&t->phyr, t->pool->phys, PAGE_SIZE,
					     GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, 0, phyr_append_mmio(&t->phyr, phys, PAGE_SIZE,
						  NULL, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, 0, kunit_suppressed_warning_count(warnings));
	KUNIT_EXPECT_EQ(test, 0, phyr_append(&t->phyr, phys, PAGE_SIZE,
					     GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, 1, kunit_suppressed_warning_count(warnings));
	kunit_end_suppress_warning(test, warnings);
}
#endif
#else
static void import_device_pages(struct kunit *test)
{
	kunit_skip(test, "needs DEVICE_PRIVATE");
}
#endif

static struct kunit_case import_cases[] = {
	KUNIT_CASE_PARAM(imports, import_op_gen_params),
	KUNIT_CASE_PARAM(import_allocation_failures, import_op_gen_params),
	KUNIT_CASE(import_nothing),
	KUNIT_CASE(import_refused),
	KUNIT_CASE(import_device_pages),
#ifdef CONFIG_DEVICE_PRIVATE
	KUNIT_CASE(import_pages_after_devices),
#ifdef kunit_warning_suppress
	KUNIT_CASE(import_warns),
#endif
#endif
	{ }
};

static struct kunit_suite import_suite = {
	.name = "phyr_import",
	.init = import_init,
	.exit = import_exit,
	.test_cases = import_cases,
};

kunit_test_suite(import_suite);
