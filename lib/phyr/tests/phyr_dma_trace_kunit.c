// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the mapping of physical-range lists: tracepoints.
 */

#include <linux/device.h>
#include <linux/string.h>
#include <linux/tracepoint.h>
#include <trace/events/phyr.h>

#include "phyr_dma_test.h"

/* What the probes saw last, and how often. */
static struct dma_trace {
	unsigned int		maps;
	unsigned int		unmaps;
	const struct phyr	*phyr;
	char			device[32];
	char			mode[16];
	u64			ranges;
	int			error;
} seen;

static void probe_map(void *data, const struct phyr_dma *dma,
		      const struct phyr *phyr, int error)
{
	seen.maps++;
	seen.phyr = phyr;
	strscpy(seen.device, dev_name(dma->dev));
	strscpy(seen.mode, phyr_dma_mode_name(dma));
	seen.ranges = phyr_dma_nr_ranges(dma);
	seen.error = error;
}

static void probe_unmap(void *data, const struct phyr_dma *dma)
{
	seen.unmaps++;
	seen.phyr = dma->phyr;
	strscpy(seen.device, dev_name(dma->dev));
}

static void remove_probes(void *unused)
{
	unregister_trace_phyr_dma_map(probe_map, NULL);
	unregister_trace_phyr_dma_unmap(probe_unmap, NULL);
	tracepoint_synchronize_unregister();
}

static int trace_test_init(struct kunit *test)
{
	seen = (struct dma_trace){ };
	KUNIT_ASSERT_EQ(test, 0, register_trace_phyr_dma_map(probe_map, NULL));
	KUNIT_ASSERT_EQ(test, 0,
			register_trace_phyr_dma_unmap(probe_unmap, NULL));
	return kunit_add_action_or_reset(test, remove_probes, NULL);
}

/* The probes ran that often since the last call, and for this list and device. */
static void expect_seen(struct dma_test *t, unsigned int maps,
			unsigned int unmaps)
{
	KUNIT_EXPECT_EQ(t->test, seen.maps, maps);
	KUNIT_EXPECT_EQ(t->test, seen.unmaps, unmaps);
	KUNIT_EXPECT_PTR_EQ(t->test, seen.phyr, &t->list);
	KUNIT_EXPECT_STREQ(t->test, seen.device, dev_name(t->dev));
	seen.maps = 0;
	seen.unmaps = 0;
	seen.phyr = NULL;
}

static void test_trace_map(struct kunit *test)
{
	struct dma_test *t = dma_test_of_case(test);

	dma_test_map(t, DMA_TO_DEVICE);
	expect_seen(t, 1, 0);
	KUNIT_EXPECT_EQ(test, seen.ranges, phyr_dma_nr_ranges(&t->dma));
	KUNIT_EXPECT_STREQ(test, seen.mode, phyr_dma_mode_name(&t->dma));
	KUNIT_EXPECT_EQ(test, seen.error, 0);
	phyr_dma_unmap(&t->dma);
	expect_seen(t, 0, 1);
	phyr_dma_unmap(&t->dma);
	KUNIT_EXPECT_EQ(test, seen.unmaps, 0);
}

static void test_trace_reserved(struct kunit *test)
{
	struct dma_test *t = dma_test_of_way(test);

	dma_test_fill(t, "user buffer");
	KUNIT_ASSERT_EQ(test, 0,
			phyr_dma_reserve(&t->dma, t->dev, t->model->bytes));
	KUNIT_EXPECT_EQ(test, seen.maps, 0);
	KUNIT_ASSERT_EQ(test, 0,
			phyr_dma_link(&t->dma, &t->list, DMA_TO_DEVICE, 0,
				      GFP_KERNEL));
	expect_seen(t, 1, 0);
	phyr_dma_unlink(&t->dma);
	expect_seen(t, 0, 1);
	phyr_dma_release(&t->dma);
	KUNIT_EXPECT_EQ(test, seen.unmaps, 0);
}

/* What never was mapped isn't unmapped, for who looks at the trace. */
static void test_trace_failure(struct kunit *test)
{
	struct dma_test *t = dma_test_of_case(test);

	dma_test_fail_map(t, t->model->nr > 1 ? 2 : 1);
	KUNIT_ASSERT_LT(test, dma_test_try_map(t, DMA_TO_DEVICE), 0);
	expect_seen(t, 1, 0);
	KUNIT_EXPECT_LT(test, seen.error, 0);
	KUNIT_EXPECT_EQ(test, seen.ranges, 0);
	KUNIT_EXPECT_STREQ(test, seen.mode, "unmapped");
}

static void test_trace_bad_argument(struct kunit *test)
{
	struct dma_test *t = dma_test_of_way(test);

	dma_test_fill(t, "page");
	KUNIT_ASSERT_EQ(test, -EINVAL, dma_test_try_map(t, DMA_NONE));
	expect_seen(t, 1, 0);
	KUNIT_EXPECT_EQ(test, seen.error, -EINVAL);
	KUNIT_ASSERT_EQ(test, -EINVAL,
			phyr_dma_link(&t->dma, &t->list, DMA_TO_DEVICE, 0,
				      GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, seen.maps, 0);
}

static struct kunit_case phyr_dma_trace_cases[] = {
	KUNIT_CASE_PARAM(test_trace_map, dma_case_gen_params),
	KUNIT_CASE_PARAM(test_trace_reserved, dma_way_gen_params),
	KUNIT_CASE_PARAM(test_trace_failure, dma_failing_case_gen_params),
	KUNIT_CASE_PARAM(test_trace_bad_argument, dma_way_gen_params),
	{ }
};

static struct kunit_suite phyr_dma_trace_suite = {
	.name		= "phyr_dma_trace",
	.suite_init	= phyr_test_devices_add,
	.suite_exit	= phyr_test_devices_del,
	.init		= trace_test_init,
	.exit		= dma_test_exit,
	.test_cases	= phyr_dma_trace_cases,
};

kunit_test_suite(phyr_dma_trace_suite);
