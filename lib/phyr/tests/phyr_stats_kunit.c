// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of physical-range lists: totals over all lists.
 *
 * Each step is tested against what the lists say themselves; lists of others,
 * which don't change meanwhile, don't matter.
 */

#include <linux/bvec.h>
#include <linux/debugfs.h>
#include <linux/file.h>
#include <linux/folio_batch.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/module.h>
#include <linux/scatterlist.h>
#include <linux/shmem_fs.h>
#include <linux/sizes.h>

#include "../internal.h"
#include "phyr_model.h"

MODULE_IMPORT_NS("EXPORTED_FOR_KUNIT_TESTING");

#define POOL_PAGES	200
#define NR_LISTS	3

struct stats_test {
	struct phyr		lists[NR_LISTS];
	struct phyr_pool	*pool;
	struct page		*pages[POOL_PAGES];	/* no two adjacent */
	s64			before[PHYR_NR_TOTALS];
};

static int stats_init(struct kunit *test)
{
	struct stats_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	test->priv = t;
	t->pool = phyr_pool_new(test, POOL_PAGES);
	for (unsigned int i = 0; i < POOL_PAGES; i++)
		t->pages[i] = virt_to_page(t->pool->addr) + i * 7 % POOL_PAGES;
	for (unsigned int i = 0; i < PHYR_NR_TOTALS; i++)
		t->before[i] = phyr_total(i);
	return 0;
}

static void stats_exit(struct kunit *test)
{
	struct stats_test *t = test->priv;

	phyr_test_fail_end();
	for (unsigned int i = 0; t && i < NR_LISTS; i++)
		phyr_destroy(&t->lists[i]);
}

/* The totals are what the lists have. */
static void check(struct kunit *test)
{
	struct stats_test *t = test->priv;
	s64 want[PHYR_NR_TOTALS];

	memcpy(want, t->before, sizeof(want));
	for (unsigned int i = 0; i < NR_LISTS; i++) {
		const struct phyr *phyr = &t->lists[i];

		want[PHYR_TOTAL_LISTS] += !phyr_empty(phyr);
		want[PHYR_TOTAL_RANGES] += phyr_nr_ranges(phyr);
		want[PHYR_TOTAL_BYTES] += phyr_bytes(phyr);
		want[PHYR_TOTAL_MEMORY] += phyr_memory_used(phyr);
	}
	for (unsigned int i = 0; i < PHYR_NR_TOTALS; i++)
		KUNIT_EXPECT_EQ(test, phyr_total(i), want[i]);
}

static int op_append(struct stats_test *t, struct phyr *phyr)
{
	return phyr_append(phyr, SZ_1M - 5, 9, PHYR_TEST_GFP);
}

static int op_append_mmio(struct stats_test *t, struct phyr *phyr)
{
	return phyr_append_mmio(phyr, SZ_1M, SZ_1M, NULL, PHYR_TEST_GFP);
}

static int op_append_pages(struct stats_test *t, struct phyr *phyr)
{
	return phyr_append_pages(phyr, t->pages, POOL_PAGES, 3, SZ_64K,
				 PHYR_TEST_GFP);
}

static int op_append_phys_vec(struct stats_test *t, struct phyr *phyr)
{
	struct phys_vec vec[40];

	for (unsigned int i = 0; i < ARRAY_SIZE(vec); i++)
		vec[i] = (struct phys_vec){ .paddr = i * SZ_1M, .len = i + 1 };
	return phyr_append_phys_vec(phyr, vec, ARRAY_SIZE(vec), 0, NULL,
				    PHYR_TEST_GFP);
}

static int op_append_bvecs(struct stats_test *t, struct phyr *phyr)
{
	struct bio_vec bvecs[40];

	for (unsigned int i = 0; i < ARRAY_SIZE(bvecs); i++)
		bvec_set_page(&bvecs[i], t->pages[i], 100 + i, 4);
	return phyr_append_bvecs(phyr, bvecs, ARRAY_SIZE(bvecs), PHYR_TEST_GFP);
}

static int op_append_sgtable(struct stats_test *t, struct phyr *phyr)
{
	struct scatterlist sgl[40];
	struct sg_table sgt = {
		.sgl = sgl,
		.orig_nents = ARRAY_SIZE(sgl),
	};

	sg_init_table(sgl, ARRAY_SIZE(sgl));
	for (unsigned int i = 0; i < ARRAY_SIZE(sgl); i++)
		sg_set_page(&sgl[i], t->pages[i], 100 + i, 4);
	return phyr_append_sgtable(phyr, &sgt, PHYR_TEST_GFP);
}

static int op_append_folio_batch(struct stats_test *t, struct phyr *phyr)
{
	struct folio_batch batch;

	folio_batch_init(&batch);
	for (unsigned int i = 0; i < FOLIO_BATCH_SIZE; i++)
		folio_batch_add(&batch, page_folio(t->pages[i]));
	return phyr_append_folio_batch(phyr, &batch, PHYR_TEST_GFP);
}

static int op_reserve(struct stats_test *t, struct phyr *phyr)
{
	return phyr_reserve(phyr, 1000, PHYR_TEST_GFP);
}

static int op_trim(struct stats_test *t, struct phyr *phyr)
{
	phyr_trim(phyr, PHYR_TEST_GFP);
	return 0;
}

static int op_truncate(struct stats_test *t, struct phyr *phyr)
{
	phyr_truncate(phyr, phyr_bytes(phyr) / 4 * 3);
	return 0;
}

static int op_append_slice(struct stats_test *t, struct phyr *phyr)
{
	const struct phyr *from = &t->lists[phyr == t->lists];
	u64 bytes = phyr_bytes(from);

	return phyr_append_slice(phyr, from, bytes / 4, bytes / 2,
				 PHYR_TEST_GFP);
}

static int op_join(struct stats_test *t, struct phyr *phyr)
{
	return phyr_join(phyr, &t->lists[phyr == t->lists], PHYR_TEST_GFP);
}

static int op_split(struct stats_test *t, struct phyr *phyr)
{
	struct phyr *rest = &t->lists[phyr == t->lists];

	phyr_destroy(rest);
	return phyr_split(phyr, phyr_bytes(phyr) / 2, rest, PHYR_TEST_GFP);
}

static int op_split_all(struct stats_test *t, struct phyr *phyr)
{
	struct phyr *rest = &t->lists[phyr == t->lists];

	phyr_destroy(rest);
	return phyr_split(phyr, 0, rest, PHYR_TEST_GFP);
}

static int op_destroy(struct stats_test *t, struct phyr *phyr)
{
	phyr_destroy(phyr);
	return 0;
}

static int (*const stats_ops[])(struct stats_test *t, struct phyr *phyr) = {
	op_append, op_append_mmio, op_append_pages, op_append_phys_vec,
	op_append_bvecs, op_append_sgtable, op_append_folio_batch, op_reserve,
	op_trim, op_append_slice, op_join, op_split, op_truncate, op_split_all,
	op_destroy,
};

/* Each after each other, on several lists in turn. */
static void totals(struct kunit *test)
{
	const size_t nr = ARRAY_SIZE(stats_ops);
	struct stats_test *t = test->priv;

	for (size_t i = 0; i < nr * nr; i++) {
		KUNIT_ASSERT_EQ(test, 0, stats_ops[i / nr](t, &t->lists[0]));
		KUNIT_ASSERT_EQ(test, 0, stats_ops[i % nr](t, &t->lists[0]));
		check(test);
		KUNIT_ASSERT_EQ(test, 0, stats_ops[i % nr](t, &t->lists[i % 2 + 1]));
		check(test);
	}
	for (unsigned int i = 0; i < NR_LISTS; i++) {
		phyr_destroy(&t->lists[i]);
		check(test);
	}
}

/* What is undone doesn't count. */
static void totals_after_failures(struct kunit *test)
{
	struct stats_test *t = test->priv;
	unsigned int left, nth;

	for (size_t i = 0; i < ARRAY_SIZE(stats_ops); i++) {
		nth = 0;
		do {
			phyr_test_fail_nth(test, ++nth);
			stats_ops[i](t, &t->lists[i % NR_LISTS]);
			left = phyr_test_fail_end();
			check(test);
		} while (!left);
	}
}

static void totals_of_pins(struct kunit *test)
{
	struct stats_test *t = test->priv;
	unsigned long addr;

	KUNIT_ASSERT_EQ(test, 0, kunit_attach_mm());
	addr = kunit_vm_mmap(test, NULL, 0, SZ_64K, PROT_READ | PROT_WRITE,
			     MAP_ANONYMOUS | MAP_PRIVATE, 0);
	KUNIT_ASSERT_NE(test, addr, 0);
	for (unsigned int i = 0; i < 5; i++) {
		KUNIT_ASSERT_EQ(test, 0, phyr_pin_user(&t->lists[i % 2],
						       addr + i, SZ_16K,
						       FOLL_WRITE, GFP_KERNEL));
		check(test);
	}
	KUNIT_ASSERT_NE(test, 0, phyr_pin_user(&t->lists[0], addr, SZ_64K + 1,
					       FOLL_WRITE, GFP_KERNEL));
	check(test);
	phyr_truncate(&t->lists[0], SZ_16K + 1);
	check(test);
	phyr_destroy_dirty(&t->lists[0], true);
	check(test);
}

static void put_file(void *file)
{
	fput(file);
}

static void totals_of_memfd(struct kunit *test)
{
	struct file *file = shmem_file_setup("phyr", SZ_64K, EMPTY_VMA_FLAGS);
	struct stats_test *t = test->priv;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, put_file, file));
	for (unsigned int i = 0; i < 5; i++) {
		if (phyr_pin_memfd(&t->lists[i % 2], file, i, SZ_16K,
				   GFP_KERNEL))
			kunit_skip(test, "needs MEMFD_CREATE");
		check(test);
	}
	KUNIT_ASSERT_NE(test, 0, phyr_pin_memfd(&t->lists[0], file, 0,
						SZ_64K + 1, GFP_KERNEL));
	check(test);
	phyr_destroy(&t->lists[0]);
	check(test);
}

static void totals_in_debugfs(struct kunit *test)
{
	static const char * const names[] = {
		"lists", "ranges", "bytes", "memory_used",
	};
	struct dentry *dir = debugfs_lookup("phyr", NULL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dir);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct dentry *file = debugfs_lookup(names[i], dir);

		KUNIT_EXPECT_NOT_NULL_MSG(test, file, "no %s", names[i]);
		dput(file);
	}
	dput(dir);
}

/* What an empty list had reserved goes when another is moved into it. */
static void join_into_reserved(struct kunit *test)
{
	struct stats_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, 0, op_reserve(t, &t->lists[0]));
	KUNIT_ASSERT_EQ(test, 0, op_append_pages(t, &t->lists[1]));
	KUNIT_ASSERT_EQ(test, 0, phyr_join(&t->lists[0], &t->lists[1],
					   PHYR_TEST_GFP));
	check(test);
	KUNIT_EXPECT_LT(test, phyr_memory_used(&t->lists[0]),
			1000 * sizeof(u32));
}

static struct kunit_case stats_cases[] = {
	KUNIT_CASE(totals),
	KUNIT_CASE(totals_after_failures),
	KUNIT_CASE(totals_of_pins),
	KUNIT_CASE(totals_of_memfd),
	KUNIT_CASE(totals_in_debugfs),
	KUNIT_CASE(join_into_reserved),
	{ }
};

static struct kunit_suite stats_suite = {
	.name = "phyr_stats",
	.init = stats_init,
	.exit = stats_exit,
	.test_cases = stats_cases,
};

kunit_test_suite(stats_suite);
