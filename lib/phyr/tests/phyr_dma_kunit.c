// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the mapping of physical-range lists: the same bytes for the
 * device and the CPU, whatever the list and the device are like.
 */

#include <linux/mm.h>
#include <linux/module.h>
#include <linux/random.h>

#include "phyr_dma_test.h"

static unsigned long long seed;
module_param(seed, ullong, 0444);
MODULE_PARM_DESC(seed, "Of the random lists; 0 for a new one each time");

static unsigned int lists = 400;
module_param(lists, uint, 0444);
MODULE_PARM_DESC(lists, "How many random lists to try for each device");

/* --- each list for each device --- */

static void test_to_device(struct kunit *test)
{
	struct dma_test *t = dma_test_of_case(test);

	dma_test_map(t, DMA_TO_DEVICE);
	dma_test_check_dev(t);
	phyr_dma_unmap(&t->dma);
	dma_test_check_unmapped(t);
	dma_test_check_cpu(t);
}

static void test_from_device(struct kunit *test)
{
	struct dma_test *t = dma_test_of_case(test);

	dma_test_map(t, DMA_FROM_DEVICE);
	dma_test_dev_scramble(t);
	phyr_dma_unmap(&t->dma);
	dma_test_check_unmapped(t);
	dma_test_check_cpu(t);
}

static void test_both_ways(struct kunit *test)
{
	struct dma_test *t = dma_test_of_case(test);

	for (unsigned int i = 0; i < 3; i++) {
		dma_test_map(t, DMA_BIDIRECTIONAL);
		dma_test_check_dev(t);
		dma_test_dev_scramble(t);
		phyr_dma_unmap(&t->dma);
		dma_test_check_unmapped(t);
		dma_test_check_cpu(t);
		dma_test_scramble(t);
	}
}

/* Pass the memory from the CPU to the device and back while it is mapped. */
static void sync_both_ways(struct dma_test *t)
{
	dma_test_dev_scramble(t);
	phyr_dma_sync_for_cpu(&t->dma);
	dma_test_check_cpu(t);
	dma_test_scramble(t);
	phyr_dma_sync_for_device(&t->dma);
	dma_test_check_dev(t);
}

static void test_sync(struct kunit *test)
{
	struct dma_test *t = dma_test_of_case(test);

	dma_test_map(t, DMA_BIDIRECTIONAL);
	sync_both_ways(t);
	sync_both_ways(t);
	phyr_dma_unmap(&t->dma);
	dma_test_check_unmapped(t);
	dma_test_check_cpu(t);
}

static void test_sync_one_way(struct kunit *test)
{
	struct dma_test *t = dma_test_of_case(test);

	dma_test_map(t, DMA_TO_DEVICE);
	dma_test_scramble(t);
	phyr_dma_sync_for_device(&t->dma);
	dma_test_check_dev(t);
	phyr_dma_unmap(&t->dma);
	dma_test_check_cpu(t);

	dma_test_map(t, DMA_FROM_DEVICE);
	dma_test_dev_scramble(t);
	phyr_dma_sync_for_cpu(&t->dma);
	dma_test_check_cpu(t);
	phyr_dma_unmap(&t->dma);
	dma_test_check_unmapped(t);
	dma_test_check_cpu(t);
}

/* Nothing sleeps where it mustn't: DEBUG_ATOMIC_SLEEP tells. */
static void test_atomic(struct kunit *test)
{
	struct dma_test *t = dma_test_of_case(test);
	int ret;

	preempt_disable();
	ret = phyr_dma_map(&t->dma, t->dev, &t->list, DMA_BIDIRECTIONAL, 0,
			   GFP_NOWAIT);
	phyr_dma_sync_for_cpu(&t->dma);
	phyr_dma_sync_for_device(&t->dma);
	phyr_dma_unmap(&t->dma);
	preempt_enable();
	KUNIT_EXPECT_EQ(test, 0, ret);
	dma_test_check_unmapped(t);
}

/* Each of two walks keeps its place, and a copy of one goes on from there. */
static void test_walks(struct kunit *test)
{
	struct dma_test *t = dma_test_of_case(test);
	struct phyr_dma_state copy = { };
	struct dma_range range, last = { }, other;
	u64 nr = 0;

	dma_test_map(t, DMA_TO_DEVICE);
	PHYR_DMA_STATE(ds, &t->dma);
	PHYR_DMA_STATE(behind, &t->dma);
	for (; phyr_dmas_next(&ds, &range); nr++) {
		last = range;
		if (nr == 1)
			copy = ds;
		if (!nr)
			continue;
		KUNIT_ASSERT_TRUE(test, phyr_dmas_next(&behind, &other));
	}

	KUNIT_EXPECT_TRUE(test, phyr_dmas_next(&behind, &other));
	KUNIT_EXPECT_EQ(test, other.addr, last.addr);
	KUNIT_EXPECT_EQ(test, other.len, last.len);
	KUNIT_EXPECT_FALSE(test, phyr_dmas_next(&behind, &other));
	KUNIT_EXPECT_FALSE(test, phyr_dmas_next(&ds, &other));
	if (nr < 3)
		return;
	for (u64 i = 2; i < nr; i++)
		KUNIT_ASSERT_TRUE(test, phyr_dmas_next(&copy, &other));
	KUNIT_EXPECT_EQ(test, other.addr, last.addr);
	KUNIT_EXPECT_FALSE(test, phyr_dmas_next(&copy, &other));
}

/* --- each device --- */

static enum dma_data_direction random_dir(struct dma_test *t)
{
	static const enum dma_data_direction dirs[] = {
		DMA_TO_DEVICE, DMA_FROM_DEVICE, DMA_BIDIRECTIONAL,
	};

	return dirs[prandom_u32_state(&t->rnd) % ARRAY_SIZE(dirs)];
}

static void try_random_list(struct dma_test *t)
{
	enum dma_data_direction dir = random_dir(t);

	dma_test_fill_random(t);
	if (!dma_test_can_map(t)) {
		KUNIT_ASSERT_LT(t->test, dma_test_try_map(t, dir), 0);
		dma_test_check_unmapped(t);
		return;
	}

	dma_test_map(t, dir);
	if (dir != DMA_FROM_DEVICE)
		dma_test_check_dev(t);
	if (dir != DMA_TO_DEVICE)
		dma_test_dev_scramble(t);
	if (dir == DMA_BIDIRECTIONAL)
		sync_both_ways(t);
	phyr_dma_unmap(&t->dma);
	dma_test_check_unmapped(t);
	dma_test_check_cpu(t);
}

static void test_random(struct kunit *test)
{
	struct dma_test *t = dma_test_of_way(test);
	u64 s = seed ?: get_random_u64();

	kunit_info(test, "seed %llu", s);
	prandom_seed_state(&t->rnd, s);
	for (unsigned int i = 0; i < lists; i++)
		try_random_list(t);
}

static void test_many_cycles(struct kunit *test)
{
	struct dma_test *t = dma_test_of_way(test);

	dma_test_fill(t, "odd seams");
	dma_test_fill(t, "long");
	for (unsigned int i = 0; i < 3000; i++) {
		KUNIT_ASSERT_EQ(test, 0, dma_test_try_map(t, DMA_TO_DEVICE));
		phyr_dma_unmap(&t->dma);
	}
	dma_test_check_unmapped(t);
}

/* One list is mapped for all devices at a time, as DMABUF exporters do it. */
static void test_all_devices(struct kunit *test)
{
	struct dma_test *t = dma_test_new(test, PHYR_TEST_IDENTITY);
	struct phyr_dma *dmas = kunit_kcalloc(test, PHYR_TEST_NR_WAYS,
					      sizeof(*dmas), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, dmas);
	dma_test_fill(t, "user buffer");
	for (int way = 0; way < PHYR_TEST_NR_WAYS; way++) {
		struct device *dev = phyr_test_device(way);

		if (dev)
			KUNIT_EXPECT_EQ(test, 0,
					phyr_dma_map(&dmas[way], dev, &t->list,
						     DMA_TO_DEVICE, 0,
						     GFP_KERNEL));
	}

	for (int way = 0; way < PHYR_TEST_NR_WAYS; way++) {
		if (!phyr_dma_mapped(&dmas[way]))
			continue;
		t->dma = dmas[way];
		t->dev = phyr_test_device(way);
		dma_test_check_dev(t);
		phyr_dma_unmap(&t->dma);
	}
	t->dev = phyr_test_device(PHYR_TEST_IDENTITY);
	dma_test_check_unmapped(t);
}

/* --- how it is mapped --- */

/* Without these, physical addresses can be DMA addresses as they are. */
static bool can_compute(void)
{
	return !IS_ENABLED(CONFIG_KMSAN) &&
	       !IS_ENABLED(CONFIG_ARCH_HAS_PHYS_TO_DMA);
}

static const char *expected_mode(enum phyr_test_way way)
{
	switch (way) {
	case PHYR_TEST_IDENTITY:
	case PHYR_TEST_OFFSET:
	case PHYR_TEST_REGIONS:
		return can_compute() ? "identity" : "ranges";
	case PHYR_TEST_BOUNCE:
	case PHYR_TEST_OPS:
		return "ranges";
	default:
		return "iova";
	}
}

static void test_mode(struct kunit *test)
{
	struct dma_test *t = dma_test_of_way(test);

	KUNIT_EXPECT_STREQ(test, "unmapped", phyr_dma_mode_name(&t->dma));
	dma_test_fill(t, "shuffled");
	dma_test_map(t, DMA_TO_DEVICE);
	KUNIT_EXPECT_STREQ(test, expected_mode(t->way),
			   phyr_dma_mode_name(&t->dma));
	phyr_dma_unmap(&t->dma);
	KUNIT_EXPECT_STREQ(test, "unmapped", phyr_dma_mode_name(&t->dma));
}

static void test_mixed_mode(struct kunit *test)
{
	struct dma_test *t = dma_test_new(test, PHYR_TEST_IDENTITY);

	if (!can_compute())
		kunit_skip(test, "no address can be computed");
	dma_test_fill(t, "kinds");
	dma_test_map(t, DMA_TO_DEVICE);
	KUNIT_EXPECT_STREQ(test, "mixed", phyr_dma_mode_name(&t->dma));
}

/* The list itself says what the DMA addresses are: nothing is stored. */
static void check_computed(struct dma_test *t, u64 delta)
{
	struct dma_range range;
	size_t i = 0;

	if (!can_compute())
		kunit_skip(t->test, "no address can be computed");

	dma_test_fill(t, "shuffled");
	dma_test_map(t, DMA_TO_DEVICE);
	KUNIT_EXPECT_TRUE(t->test, dma_test_stores_nothing(t));
	phyr_dma_for_each_range(&t->dma, range) {
		KUNIT_ASSERT_EQ(t->test, range.addr,
				t->model->ranges[i].phys + delta);
		KUNIT_ASSERT_EQ(t->test, range.len, t->model->ranges[i].len);
		i++;
	}
	KUNIT_EXPECT_EQ(t->test, i, t->model->nr);
}

static void test_identity_stores_nothing(struct kunit *test)
{
	check_computed(dma_test_new(test, PHYR_TEST_IDENTITY), 0);
}

static void test_offset_stores_nothing(struct kunit *test)
{
	check_computed(dma_test_new(test, PHYR_TEST_OFFSET),
		       PHYR_TEST_OFFSET_DELTA);
}

/* --- stored addresses --- */

static void test_results_apart(struct kunit *test)
{
	struct dma_test *t = dma_test_new(test, PHYR_TEST_OPS);

	phyr_test_ops_state()->gap = 64;
	dma_test_fill(t, "odd seams");
	dma_test_map(t, DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_EQ(test, t->model->nr, phyr_dma_nr_ranges(&t->dma));
	dma_test_check_dev(t);
	phyr_dma_unmap(&t->dma);
	dma_test_check_unmapped(t);
}

/* A range that is longer than the device's limit is mapped in pieces. */
static void test_long_range_in_pieces(struct kunit *test)
{
	struct dma_test *t = dma_test_new(test, PHYR_TEST_OPS);
	unsigned int pieces;

	phyr_test_ops_state()->gap = PAGE_SIZE;
	dma_test_fill(t, "long");
	dma_test_map(t, DMA_BIDIRECTIONAL);
	pieces = DIV_ROUND_UP(t->model->bytes, PHYR_TEST_OPS_MAX);
	KUNIT_EXPECT_EQ(test, pieces, phyr_test_ops_state()->live);
	KUNIT_EXPECT_EQ(test, pieces, phyr_dma_nr_ranges(&t->dma));
	phyr_dma_unmap(&t->dma);
	dma_test_check_unmapped(t);
}

/* Every byte of page memory is synced once, and no other. */
static void test_sync_everything(struct kunit *test)
{
	struct phyr_test_ops_state *ops = phyr_test_ops_state();
	struct dma_test *t = dma_test_new(test, PHYR_TEST_OPS);
	u64 bytes = 0;

	dma_test_fill(t, "odd kinds");
	for (size_t i = 0; i < t->model->nr; i++)
		if (!(t->model->ranges[i].flags & PHYR_MMIO))
			bytes += t->model->ranges[i].len;

	dma_test_map(t, DMA_BIDIRECTIONAL);
	phyr_dma_sync_for_cpu(&t->dma);
	KUNIT_EXPECT_EQ(test, bytes, ops->synced);
	phyr_dma_sync_for_device(&t->dma);
	KUNIT_EXPECT_EQ(test, 2 * bytes, ops->synced);
}

static struct kunit_case phyr_dma_cases[] = {
	KUNIT_CASE_PARAM(test_to_device, dma_case_gen_params),
	KUNIT_CASE_PARAM(test_from_device, dma_case_gen_params),
	KUNIT_CASE_PARAM(test_both_ways, dma_case_gen_params),
	KUNIT_CASE_PARAM(test_sync, dma_case_gen_params),
	KUNIT_CASE_PARAM(test_sync_one_way, dma_case_gen_params),
	KUNIT_CASE_PARAM(test_atomic, dma_case_gen_params),
	KUNIT_CASE_PARAM(test_walks, dma_case_gen_params),
	KUNIT_CASE_PARAM(test_random, dma_way_gen_params),
	KUNIT_CASE_PARAM(test_many_cycles, dma_way_gen_params),
	KUNIT_CASE_PARAM(test_mode, dma_way_gen_params),
	KUNIT_CASE(test_all_devices),
	KUNIT_CASE(test_mixed_mode),
	KUNIT_CASE(test_identity_stores_nothing),
	KUNIT_CASE(test_offset_stores_nothing),
	KUNIT_CASE(test_results_apart),
	KUNIT_CASE(test_long_range_in_pieces),
	KUNIT_CASE(test_sync_everything),
	{ }
};

static struct kunit_suite phyr_dma_suite = {
	.name		= "phyr_dma",
	.suite_init	= phyr_test_devices_add,
	.suite_exit	= phyr_test_devices_del,
	.exit		= dma_test_exit,
	.test_cases	= phyr_dma_cases,
};

kunit_test_suite(phyr_dma_suite);
