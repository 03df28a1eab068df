// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of mapping physical-range lists into IOMMU domains.
 */

#include <linux/err.h>
#include <linux/iommu.h>
#include <linux/phyr_iommu.h>
#include <linux/sizes.h>

#include "phyr_dma_test.h"

#define TEST_IOVA	SZ_1G
#define TEST_PROT	(IOMMU_READ | IOMMU_WRITE | IOMMU_CACHE)

/* The shortest page of the test IOMMU, also where the processor's are longer. */
#define IOMMU_PAGE	SZ_4K

struct domain_test {
	struct kunit			*test;
	struct phyr_model		*model;
	struct phyr			list;
	struct iommu_domain		*domain;
	struct phyr_test_iommu_state	*state;
};

static void list_range(struct domain_test *t, u64 phys, u64 len,
		       unsigned int flags)
{
	struct phyr_range range = {
		.phys = phys,
		.len = len,
		.flags = flags,
	};

	KUNIT_ASSERT_EQ(t->test, 0,
			phyr_append_range(&t->list, &range, GFP_KERNEL));
	phyr_model_append(t->test, t->model, &range);
}

/* Runs of up to 3 pages, in reverse, of which every third is device memory. */
static void add_runs(struct domain_test *t, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++)
		list_range(t, SZ_4G + (2 * nr - i) * SZ_64K,
			   (1 + i % 3) * PAGE_SIZE, i % 3 ? 0 : PHYR_MMIO);
}

static int map_part(struct domain_test *t, u64 pos, u64 len)
{
	return phyr_iommu_map(t->domain, TEST_IOVA, &t->list, pos, len,
			      TEST_PROT, GFP_KERNEL);
}

/* All of the part is mapped where it should be, and nothing else. */
static void check_mapped(struct domain_test *t, u64 pos, u64 len)
{
	KUNIT_ASSERT_EQ(t->test, t->state->mapped, len);
	for (u64 at = 0; at < len; at += IOMMU_PAGE)
		KUNIT_ASSERT_EQ(t->test,
				iommu_iova_to_phys(t->domain, TEST_IOVA + at),
				phyr_model_at(t->model, pos + at).phys);
}

static void unmap_part(struct domain_test *t, u64 len)
{
	KUNIT_EXPECT_EQ(t->test, len,
			iommu_unmap(t->domain, TEST_IOVA, len));
	KUNIT_EXPECT_EQ(t->test, 0, t->state->mapped);
}

static void test_map_all(struct kunit *test)
{
	struct domain_test *t = test->priv;

	add_runs(t, 300);
	KUNIT_ASSERT_EQ(test, 0, map_part(t, 0, t->model->bytes));
	check_mapped(t, 0, t->model->bytes);
	KUNIT_EXPECT_EQ(test, t->state->maps, phyr_nr_ranges(&t->list));
	KUNIT_EXPECT_EQ(test, t->state->syncs, 1);
	unmap_part(t, t->model->bytes);
}

/* Parts start and end between ranges and inside of them. */
static void test_map_parts(struct kunit *test)
{
	struct domain_test *t = test->priv;

	add_runs(t, 25);
	for (u64 pos = 0; pos < t->model->bytes; pos += PAGE_SIZE) {
		for (u64 len = PAGE_SIZE; len <= t->model->bytes - pos;
		     len += 3 * PAGE_SIZE) {
			KUNIT_ASSERT_EQ(test, 0, map_part(t, pos, len));
			check_mapped(t, pos, len);
			unmap_part(t, len);
		}
	}
}

/* Where addresses agree, the IOMMU gets pages as large as there are. */
static void test_large_pages(struct kunit *test)
{
	struct domain_test *t = test->priv;

	list_range(t, 3ULL * SZ_1G, SZ_1G, 0);
	list_range(t, SZ_4G + SZ_2M, SZ_2M, 0);
	KUNIT_ASSERT_EQ(test, 0, map_part(t, 0, t->model->bytes));
	KUNIT_EXPECT_EQ(test, 2,
			phyr_test_domain_leaves(t->domain, TEST_IOVA,
						t->model->bytes));
	unmap_part(t, t->model->bytes);
}

/* How the last range of a part is mapped. */
static void check_prot(struct domain_test *t, u64 pos, u64 len,
		       unsigned int prot)
{
	KUNIT_ASSERT_EQ(t->test, 0, map_part(t, pos, len));
	KUNIT_EXPECT_EQ(t->test, t->state->prot, prot);
	unmap_part(t, len);
}

static void test_protection(struct kunit *test)
{
	unsigned int mmio = IOMMU_READ | IOMMU_WRITE | IOMMU_MMIO;
	struct domain_test *t = test->priv;

	list_range(t, SZ_4G, PAGE_SIZE, 0);
	list_range(t, SZ_1G, PAGE_SIZE, PHYR_MMIO);
	list_range(t, SZ_2G, PAGE_SIZE, 0);
	check_prot(t, 0, PAGE_SIZE, TEST_PROT);
	check_prot(t, PAGE_SIZE, PAGE_SIZE, mmio);
	check_prot(t, 2 * PAGE_SIZE, PAGE_SIZE, TEST_PROT);
	check_prot(t, 0, 2 * PAGE_SIZE, mmio);
	check_prot(t, 0, 3 * PAGE_SIZE, TEST_PROT);
}

/* Page tables can't be had with all flags, and take those that they can. */
static void test_gfp(struct kunit *test)
{
	struct domain_test *t = test->priv;
	gfp_t gfp = GFP_KERNEL | __GFP_NORETRY;

	add_runs(t, 1);
	KUNIT_ASSERT_EQ(test, 0,
			phyr_iommu_map(t->domain, TEST_IOVA, &t->list, 0,
				       PAGE_SIZE, TEST_PROT,
				       gfp | __GFP_COMP | __GFP_DMA |
				       __GFP_DMA32 | __GFP_HIGHMEM));
	KUNIT_EXPECT_TRUE(test, t->state->gfp == gfp);
	unmap_part(t, PAGE_SIZE);
}

static void check_error(struct domain_test *t, int error, unsigned long iova,
			u64 pos, u64 len)
{
	KUNIT_EXPECT_EQ(t->test, error,
			phyr_iommu_map(t->domain, iova, &t->list, pos, len,
				       TEST_PROT, GFP_KERNEL));
	KUNIT_EXPECT_EQ(t->test, 0, t->state->mapped);
}

static void test_bad_arguments(struct kunit *test)
{
	struct domain_test *t = test->priv;
	unsigned long top = ULONG_MAX - PAGE_SIZE + 1;

	check_error(t, -EINVAL, TEST_IOVA, 0, 0);
	check_error(t, -ERANGE, TEST_IOVA, 0, PAGE_SIZE);
	add_runs(t, 9);
	check_error(t, -EINVAL, TEST_IOVA, 0, 0);
	check_error(t, -EINVAL, TEST_IOVA + 1, 0, PAGE_SIZE);
	check_error(t, -EINVAL, TEST_IOVA, 0, PAGE_SIZE + 8);
	check_error(t, -EINVAL, TEST_IOVA, 8, PAGE_SIZE);
	check_error(t, -ERANGE, TEST_IOVA, t->model->bytes, PAGE_SIZE);
	check_error(t, -ERANGE, TEST_IOVA, 0, t->model->bytes + PAGE_SIZE);
	check_error(t, -ERANGE, TEST_IOVA, U64_MAX, PAGE_SIZE);
	check_error(t, -ERANGE, TEST_IOVA, PAGE_SIZE, PAGE_ALIGN_DOWN(U64_MAX));
	check_error(t, -ERANGE, top, 0, 2 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, t->state->syncs, 0);
}

/* No part with such a boundary inside can be mapped; what is around it can. */
static void test_odd_boundaries(struct kunit *test)
{
	struct domain_test *t = test->priv;

	list_range(t, SZ_4G, 2 * IOMMU_PAGE, 0);
	list_range(t, SZ_2G, IOMMU_PAGE / 2, 0);
	list_range(t, SZ_1G, IOMMU_PAGE / 2, 0);
	list_range(t, 3ULL * SZ_1G, 2 * IOMMU_PAGE, 0);
	check_error(t, -EINVAL, TEST_IOVA, 0, 5 * IOMMU_PAGE);
	check_error(t, -EINVAL, TEST_IOVA, 2 * IOMMU_PAGE, IOMMU_PAGE);
	check_error(t, -EINVAL, TEST_IOVA, IOMMU_PAGE, 2 * IOMMU_PAGE);

	KUNIT_ASSERT_EQ(test, 0, map_part(t, 0, 2 * IOMMU_PAGE));
	check_mapped(t, 0, 2 * IOMMU_PAGE);
	unmap_part(t, 2 * IOMMU_PAGE);
	KUNIT_ASSERT_EQ(test, 0, map_part(t, 3 * IOMMU_PAGE, 2 * IOMMU_PAGE));
	check_mapped(t, 3 * IOMMU_PAGE, 2 * IOMMU_PAGE);
	unmap_part(t, 2 * IOMMU_PAGE);
}

/* Not even where what comes next has the offset that it would need. */
static void test_halves_of_pages(struct kunit *test)
{
	struct domain_test *t = test->priv;

	list_range(t, SZ_4G, IOMMU_PAGE / 2, 0);
	list_range(t, SZ_1G + IOMMU_PAGE / 2, IOMMU_PAGE / 2, 0);
	check_error(t, -EINVAL, TEST_IOVA, 0, IOMMU_PAGE);
}

/* Two odd ranges that together make up whole pages, at odd places. */
static void test_odd_places(struct kunit *test)
{
	struct domain_test *t = test->priv;

	list_range(t, SZ_4G + 512, IOMMU_PAGE - 512, 0);
	list_range(t, SZ_2G, IOMMU_PAGE + 512, 0);
	check_error(t, -EINVAL, TEST_IOVA, 0, 2 * IOMMU_PAGE);
	check_error(t, -EINVAL, TEST_IOVA, 0, IOMMU_PAGE);
	KUNIT_ASSERT_EQ(test, 0, map_part(t, IOMMU_PAGE - 512, IOMMU_PAGE));
	unmap_part(t, IOMMU_PAGE);
}

/* The caller of this one may have an odd start and end. */
static void test_odd_ends_nosync(struct kunit *test)
{
	struct domain_test *t = test->priv;
	struct phyr_state ps;

	list_range(t, SZ_4G + 512, IOMMU_PAGE - 512, 0);
	list_range(t, SZ_2G, IOMMU_PAGE + 512, 0);
	ps = phyr_start(&t->list);
	KUNIT_EXPECT_EQ(test, -EINVAL,
			phyrs_iommu_map_nosync(&ps, t->domain, TEST_IOVA,
					       2 * IOMMU_PAGE, TEST_PROT,
					       GFP_KERNEL));
	ps = phyr_start(&t->list);
	KUNIT_ASSERT_EQ(test, 0,
			phyrs_iommu_map_nosync(&ps, t->domain, TEST_IOVA + 512,
					       2 * IOMMU_PAGE, TEST_PROT,
					       GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, t->state->syncs, 0);
	KUNIT_EXPECT_EQ(test, iommu_iova_to_phys(t->domain, TEST_IOVA + 512),
			SZ_4G + 512);
	KUNIT_EXPECT_EQ(test,
			iommu_iova_to_phys(t->domain, TEST_IOVA + 2 * IOMMU_PAGE),
			SZ_2G + IOMMU_PAGE);
	unmap_part(t, 3 * IOMMU_PAGE);
}

/* Whichever call to map fails, what was mapped before is undone. */
static void test_out_of_memory(struct kunit *test)
{
	struct domain_test *t = test->priv;

	add_runs(t, 60);
	for (unsigned int nth = 1; nth <= phyr_nr_ranges(&t->list); nth++) {
		t->state->fail_map = nth;
		check_error(t, -ENOMEM, TEST_IOVA, 0, t->model->bytes);
	}
	KUNIT_ASSERT_EQ(test, 0, map_part(t, 0, t->model->bytes));
	unmap_part(t, t->model->bytes);
}

static void test_sync_fails(struct kunit *test)
{
	struct domain_test *t = test->priv;

	add_runs(t, 5);
	t->state->fail_sync = 1;
	check_error(t, -EIO, TEST_IOVA, 0, t->model->bytes);
}

/* What is there already stays. */
static void test_occupied(struct kunit *test)
{
	struct domain_test *t = test->priv;

	add_runs(t, 5);
	KUNIT_ASSERT_EQ(test, 0,
			phyr_iommu_map(t->domain, TEST_IOVA + 4 * PAGE_SIZE,
				       &t->list, 0, PAGE_SIZE, TEST_PROT,
				       GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, -EADDRINUSE, map_part(t, 0, 6 * PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, t->state->mapped, PAGE_SIZE);
	iommu_unmap(t->domain, TEST_IOVA + 4 * PAGE_SIZE, PAGE_SIZE);
}

static void free_domain(void *domain)
{
	iommu_domain_free(domain);
}

static int domain_test_init(struct kunit *test)
{
	struct device *dev = phyr_test_device(PHYR_TEST_IOMMU);
	struct domain_test *t;

	KUNIT_ASSERT_NOT_NULL(test, dev);
	t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, t);
	t->test = test;
	t->model = phyr_model_new(test, 400);
	t->domain = iommu_paging_domain_alloc(dev);
	KUNIT_ASSERT_FALSE(test, IS_ERR(t->domain));
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, free_domain, t->domain));
	t->state = phyr_test_domain_state(t->domain);
	test->priv = t;
	return 0;
}

static void domain_test_exit(struct kunit *test)
{
	struct domain_test *t = test->priv;

	if (!t)
		return;
	KUNIT_EXPECT_EQ(test, 0, t->state->mapped);
	phyr_model_check(test, t->model, &t->list);
	phyr_destroy(&t->list);
}

static struct kunit_case phyr_iommu_cases[] = {
	KUNIT_CASE(test_map_all),
	KUNIT_CASE(test_map_parts),
	KUNIT_CASE(test_large_pages),
	KUNIT_CASE(test_protection),
	KUNIT_CASE(test_gfp),
	KUNIT_CASE(test_bad_arguments),
	KUNIT_CASE(test_odd_boundaries),
	KUNIT_CASE(test_halves_of_pages),
	KUNIT_CASE(test_odd_places),
	KUNIT_CASE(test_odd_ends_nosync),
	KUNIT_CASE(test_out_of_memory),
	KUNIT_CASE(test_sync_fails),
	KUNIT_CASE(test_occupied),
	{ }
};

static struct kunit_suite phyr_iommu_suite = {
	.name		= "phyr_iommu",
	.suite_init	= phyr_test_devices_add,
	.suite_exit	= phyr_test_devices_del,
	.init		= domain_test_init,
	.exit		= domain_test_exit,
	.test_cases	= phyr_iommu_cases,
};

kunit_test_suite(phyr_iommu_suite);
