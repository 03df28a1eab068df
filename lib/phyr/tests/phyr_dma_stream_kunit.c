// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the streaming mapping of physical-range lists.
 */

#include <linux/iommu.h>
#include <linux/mm.h>
#include <linux/sizes.h>

#include "phyr_dma_test.h"

/* What a driver has in its descriptors. */
struct stream_test {
	struct dma_test		*t;
	struct phyr_dma_stream	stream;
	struct phyr_dma_range	*descs;
	size_t			nr;
};

/* As many as there can be: every page in pieces of its own. */
#define MAX_DESCS	(4 * DMA_TEST_PAGES)

static struct stream_test *stream_test_new(struct dma_test *t)
{
	struct stream_test *s;

	s = kunit_kzalloc(t->test, sizeof(*s), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(t->test, s);
	s->t = t;
	s->descs = kunit_kcalloc(t->test, MAX_DESCS, sizeof(*s->descs),
				 GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(t->test, s->descs);
	return s;
}

static bool is_mixed(const struct dma_test *t)
{
	return phyr_is_mixed(&t->list) && phyr_flags(&t->list) & PHYR_MMIO;
}

static struct stream_test *stream_test_of_case(struct kunit *test)
{
	struct dma_test *t = dma_test_of_case(test);

	if (is_mixed(t))
		kunit_skip(test, "not of one kind");
	return stream_test_new(t);
}

static int start(struct stream_test *s, enum dma_data_direction dir)
{
	return phyr_dma_stream_start(&s->stream, s->t->dev, &s->t->list, dir,
				     DMA_ATTR_WEAK_ORDERING, GFP_KERNEL);
}

/* Fill descriptors until there is no more range, or an error. */
static void fill_descs(struct stream_test *s)
{
	s->nr = 0;
	while (phyr_dma_stream_next(&s->stream)) {
		KUNIT_ASSERT_LT(s->t->test, s->nr, MAX_DESCS);
		s->descs[s->nr++] = s->stream.range;
	}
	KUNIT_ASSERT_FALSE(s->t->test, phyr_dma_stream_next(&s->stream));
}

static void start_and_fill(struct stream_test *s, enum dma_data_direction dir)
{
	u64 bytes = 0;

	KUNIT_ASSERT_EQ(s->t->test, 0, start(s, dir));
	fill_descs(s);
	KUNIT_ASSERT_EQ(s->t->test, 0, s->stream.error);
	for (size_t i = 0; i < s->nr; i++)
		bytes += s->descs[i].len;
	KUNIT_ASSERT_EQ(s->t->test, bytes, s->t->model->bytes);
}

static void put_all_and_end(struct stream_test *s)
{
	static const struct phyr_dma_stream ended;

	/* In any order. */
	while (s->nr--)
		phyr_dma_stream_put(&s->stream, s->descs[s->nr].addr,
				    s->descs[s->nr].len);
	phyr_dma_stream_end(&s->stream);
	KUNIT_ASSERT_TRUE(s->t->test,
			  !memcmp(&s->stream, &ended, sizeof(ended)));
	dma_test_check_unmapped(s->t);
}

static void dev_reads(struct stream_test *s)
{
	u8 *at = s->t->seen;

	for (size_t i = 0; i < s->nr; i++) {
		KUNIT_ASSERT_EQ(s->t->test, 0,
				phyr_test_dev_read(s->t->dev, s->descs[i].addr,
						   at, s->descs[i].len));
		at += s->descs[i].len;
	}
	dma_test_check_seen(s->t);
}

static void dev_writes(struct stream_test *s)
{
	u8 *at = s->t->seen;

	dma_test_plan_dev_scramble(s->t);
	for (size_t i = 0; i < s->nr; i++) {
		KUNIT_ASSERT_EQ(s->t->test, 0,
				phyr_test_dev_write(s->t->dev, s->descs[i].addr,
						    at, s->descs[i].len));
		at += s->descs[i].len;
	}
}

static void test_stream_to_device(struct kunit *test)
{
	struct stream_test *s = stream_test_of_case(test);

	start_and_fill(s, DMA_TO_DEVICE);
	dev_reads(s);
	put_all_and_end(s);
	dma_test_check_cpu(s->t);
}

static void test_stream_both_ways(struct kunit *test)
{
	struct stream_test *s = stream_test_of_case(test);

	for (unsigned int i = 0; i < 3; i++) {
		start_and_fill(s, DMA_BIDIRECTIONAL);
		dev_reads(s);
		dev_writes(s);
		put_all_and_end(s);
		dma_test_check_cpu(s->t);
		dma_test_scramble(s->t);
	}
}

/* The same ranges as phyr_dma_map() has, but those that happen to merge. */
static void test_stream_as_mapped(struct kunit *test)
{
	struct stream_test *s = stream_test_of_case(test);
	struct dma_test *t = s->t;
	u64 nr;

	dma_test_map(t, DMA_TO_DEVICE);
	nr = phyr_dma_nr_ranges(&t->dma);
	KUNIT_EXPECT_EQ(test, t->dma.first.mode == PHYR_DMA_RANGES,
			!strcmp(phyr_dma_mode_name(&t->dma), "ranges"));
	if (t->dma.nr_parts > 1)
		nr = t->model->nr;
	phyr_dma_unmap(&t->dma);

	start_and_fill(s, DMA_TO_DEVICE);
	KUNIT_EXPECT_GE(test, s->nr, nr);
	if (s->stream.dma.first.mode != PHYR_DMA_RANGES) {
		KUNIT_EXPECT_EQ(test, s->nr, nr);
		KUNIT_EXPECT_FALSE(test, phyr_dma_stream_need_put(&s->stream));
	}
	put_all_and_end(s);
}

/* Mapping takes memory of the IOMMU layer only, which has it from before. */
static void test_stream_stores_nothing(struct kunit *test)
{
	struct stream_test *s = stream_test_of_case(test);
	bool per_range;

	start_and_fill(s, DMA_TO_DEVICE);
	per_range = s->stream.dma.first.mode == PHYR_DMA_RANGES;
	put_all_and_end(s);

	/* The caches of IOVA hold short windows, and not many. */
	if (dma_test_has_iommu(s->t) &&
	    (per_range || s->t->model->bytes > 16 * PAGE_SIZE))
		kunit_skip(test, "takes memory for IOVA");
	dma_test_wait_for_iova(s->t);
	phyr_test_fail_nth(test, 1000);
	KUNIT_EXPECT_EQ(test, 0,
			phyr_dma_stream_start(&s->stream, s->t->dev,
					      &s->t->list, DMA_TO_DEVICE, 0,
					      PHYR_TEST_GFP));
	fill_descs(s);
	KUNIT_EXPECT_EQ(test, phyr_test_fail_end(), 1000);
	put_all_and_end(s);
}

static void test_stream_atomic(struct kunit *test)
{
	struct stream_test *s = stream_test_of_case(test);
	int ret;

	preempt_disable();
	ret = phyr_dma_stream_start(&s->stream, s->t->dev, &s->t->list,
				    DMA_TO_DEVICE, 0, GFP_NOWAIT);
	fill_descs(s);
	put_all_and_end(s);
	preempt_enable();
	KUNIT_EXPECT_EQ(test, 0, ret);
}

/* Whatever call fails, the driver knows what it has to put. */
static void test_stream_each_map_fails(struct kunit *test)
{
	struct stream_test *s = stream_test_of_case(test);
	unsigned int nth = 1;

	for (;; nth++) {
		int ret;

		dma_test_fail_map(s->t, nth);
		ret = start(s, DMA_TO_DEVICE);
		fill_descs(s);
		ret = ret ?: s->stream.error;
		put_all_and_end(s);
		if (!ret)
			break;
		KUNIT_ASSERT_EQ(test, ret, -ENOMEM);
	}
	KUNIT_EXPECT_GT(test, nth, s->t->model->nr);
	dma_test_fail_map(s->t, 0);
	start_and_fill(s, DMA_TO_DEVICE);
	dev_reads(s);
	put_all_and_end(s);
}

static void test_stream_protection(struct kunit *test)
{
	struct dma_test *t = dma_test_new(test, PHYR_TEST_IOMMU);
	struct stream_test *s = stream_test_new(t);

	dma_test_fill(t, "page");
	KUNIT_ASSERT_EQ(test, 0,
			phyr_dma_stream_start(&s->stream, t->dev, &t->list,
					      DMA_TO_DEVICE,
					      DMA_ATTR_PRIVILEGED, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, phyr_test_iommu_state(t->dev)->prot,
			IOMMU_READ | IOMMU_CACHE | IOMMU_PRIV);
	put_all_and_end(s);
}

/* No window is left allocated, where phyr_test_iova_room() looks for it. */
static void test_stream_failure_frees_iova(struct kunit *test)
{
	struct dma_test *t = dma_test_new(test, PHYR_TEST_IOMMU);
	struct stream_test *s = stream_test_new(t);
	u64 mask = *t->dev->dma_mask;

	dma_test_fill(t, "shuffled");
	*t->dev->dma_mask = SZ_64M - 1;
	for (unsigned int nth = 1; nth <= t->model->nr; nth++) {
		dma_test_fail_map(t, nth);
		KUNIT_EXPECT_EQ(test, -ENOMEM, start(s, DMA_TO_DEVICE));
	}
	*t->dev->dma_mask = mask;
	dma_test_check_unmapped(t);
}

static void test_stream_out_of_reach(struct kunit *test)
{
	struct dma_test *t = dma_test_limited(test, 2);
	struct stream_test *s = stream_test_new(t);

	dma_test_add(t, 0, PAGE_SIZE, 0);
	dma_test_add(t, 2 * PAGE_SIZE, PAGE_SIZE, 0);
	dma_test_add(t, PAGE_SIZE, PAGE_SIZE, 0);
	KUNIT_ASSERT_EQ(test, 0, start(s, DMA_TO_DEVICE));
	fill_descs(s);
	KUNIT_EXPECT_EQ(test, s->nr, 1);
	KUNIT_EXPECT_EQ(test, s->stream.error, -ERANGE);
	put_all_and_end(s);
}

static void expect_refused(struct stream_test *s, int error)
{
	fill_descs(s);
	KUNIT_EXPECT_EQ(s->t->test, s->nr, 0);
	phyr_dma_stream_end(&s->stream);
	dma_test_check_unmapped(s->t);
}

static void test_stream_bad_arguments(struct kunit *test)
{
	struct dma_test *t = dma_test_of_way(test);
	struct stream_test *s = stream_test_new(t);

	memset(&s->stream, 0xa5, sizeof(s->stream));
	KUNIT_EXPECT_EQ(test, -EINVAL, start(s, DMA_TO_DEVICE));
	expect_refused(s, -EINVAL);
	dma_test_fill(t, "page");
	KUNIT_EXPECT_EQ(test, -EINVAL, start(s, DMA_NONE));
	expect_refused(s, -EINVAL);
	KUNIT_EXPECT_EQ(test, -EINVAL,
			phyr_dma_stream_start(&s->stream, t->dev, &t->list,
					      DMA_TO_DEVICE, DMA_ATTR_MMIO,
					      GFP_KERNEL));
	expect_refused(s, -EINVAL);

	dma_test_empty(t);
	dma_test_fill(t, "kinds");
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, start(s, DMA_TO_DEVICE));
	expect_refused(s, -EOPNOTSUPP);
}

static void test_stream_many_cycles(struct kunit *test)
{
	struct dma_test *t = dma_test_of_way(test);
	struct stream_test *s = stream_test_new(t);

	dma_test_fill(t, "user buffer");
	for (unsigned int i = 0; i < 2000; i++) {
		KUNIT_ASSERT_EQ(test, 0, start(s, DMA_TO_DEVICE));
		fill_descs(s);
		put_all_and_end(s);
	}
}

static struct kunit_case phyr_dma_stream_cases[] = {
	KUNIT_CASE_PARAM(test_stream_to_device, dma_case_gen_params),
	KUNIT_CASE_PARAM(test_stream_both_ways, dma_case_gen_params),
	KUNIT_CASE_PARAM(test_stream_as_mapped, dma_case_gen_params),
	KUNIT_CASE_PARAM(test_stream_stores_nothing, dma_case_gen_params),
	KUNIT_CASE_PARAM(test_stream_atomic, dma_case_gen_params),
	KUNIT_CASE_PARAM(test_stream_each_map_fails,
			 dma_failing_case_gen_params),
	KUNIT_CASE(test_stream_protection),
	KUNIT_CASE(test_stream_failure_frees_iova),
	KUNIT_CASE(test_stream_out_of_reach),
	KUNIT_CASE_PARAM(test_stream_bad_arguments, dma_way_gen_params),
	KUNIT_CASE_PARAM(test_stream_many_cycles, dma_way_gen_params),
	{ }
};

static struct kunit_suite phyr_dma_stream_suite = {
	.name		= "phyr_dma_stream",
	.suite_init	= phyr_test_devices_add,
	.suite_exit	= phyr_test_devices_del,
	.exit		= dma_test_exit,
	.test_cases	= phyr_dma_stream_cases,
};

kunit_test_suite(phyr_dma_stream_suite);
