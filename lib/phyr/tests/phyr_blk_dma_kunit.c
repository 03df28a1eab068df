// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of a request's mapping into IOVA, whose segments are linked many at a
 * time.
 */

#include <linux/bio.h>
#include <linux/blk-mq.h>
#include <linux/blk-mq-dma.h>
#include <linux/blkdev.h>

#include "phyr_dma_test.h"

#define MAX_SEGMENTS	(DMA_TEST_PAGES / 2)

/**
 * struct blk_shape - What a request reads
 * @name: For the test's log.
 * @nr: Number of segments, each in a page of its own.
 * @first: How many of them are in the first of two bios; all, if there is one.
 * @head: Where in its page the first segment starts.
 * @tail: How much the last segment lacks of its page.
 */
struct blk_shape {
	const char	*name;
	unsigned int	nr;
	unsigned int	first;
	unsigned int	head;
	unsigned int	tail;
};

static const struct blk_shape blk_shapes[] = {
	{ "one", 1, 1 },
	{ "two", 2, 2 },
	{ "a bio each", 2, 1 },
	{ "31", 31, 31 },
	{ "32", 32, 32 },
	{ "33", 33, 33 },
	{ "64", 64, 32 },
	{ "65", 65, 64 },
	{ "most", MAX_SEGMENTS, 7 },
	{ "starts inside", 40, 40, 512, 0 },
	{ "ends inside", 40, 1, 0, 1024 },
	{ "both", 70, 33, PAGE_SIZE - 512, PAGE_SIZE - 512 },
};

/**
 * struct blk_case - Parameter of a test
 * @way: The device.
 * @shape: The request.
 */
struct blk_case {
	enum phyr_test_way	way;
	const struct blk_shape	*shape;
};

/**
 * struct blk_test - A request and its mapping
 * @t: The test.
 * @q: Nothing but limits.
 * @rq: The request.
 * @bio: What it consists of.
 * @bvec: Its segments.
 * @nr: Number of @bvec.
 * @state: The mapping's IOVA.
 * @iter: What mapping says.
 */
struct blk_test {
	struct dma_test		*t;
	struct request_queue	q;
	struct request		rq;
	struct bio		bio[2];
	struct bio_vec		bvec[MAX_SEGMENTS];
	unsigned int		nr;
	struct dma_iova_state	state;
	struct blk_dma_iter	iter;
};

static const void *blk_gen_params(struct kunit *test, const void *prev,
				  char *desc)
{
	static const enum phyr_test_way ways[] = {
		PHYR_TEST_IOMMU, PHYR_TEST_PCI, PHYR_TEST_UNTRUSTED,
	};
	static struct blk_case all[ARRAY_SIZE(ways) * ARRAY_SIZE(blk_shapes)];
	const struct blk_case *last = prev;

	for (size_t i = last ? last - all + 1 : 0; i < ARRAY_SIZE(all); i++) {
		all[i].way = ways[i / ARRAY_SIZE(blk_shapes)];
		all[i].shape = &blk_shapes[i % ARRAY_SIZE(blk_shapes)];
		if (!phyr_test_device(all[i].way))
			continue;
		snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s: %s",
			 phyr_test_way_name(all[i].way), all[i].shape->name);
		return &all[i];
	}
	return NULL;
}

/* --- requests --- */

static void add_bio(struct blk_test *b, unsigned int i, unsigned int first,
		    unsigned int nr)
{
	bio_init(&b->bio[i], NULL, b->bvec + first, nr, REQ_OP_READ);
	b->bio[i].bi_vcnt = nr;
	for (unsigned int j = first; j < first + nr; j++)
		b->bio[i].bi_iter.bi_size += b->bvec[j].bv_len;
	b->rq.__data_len += b->bio[i].bi_iter.bi_size;
}

/* Every other page, from the last one on: none is the next one's neighbour. */
static void add_segments(struct blk_test *b, const struct blk_shape *shape)
{
	struct bio_vec *last = &b->bvec[shape->nr - 1];

	for (unsigned int i = 0; i < shape->nr; i++) {
		phys_addr_t phys = b->t->pool->phys +
				   (DMA_TEST_PAGES - 1 - 2 * i) * PAGE_SIZE;

		bvec_set_page(&b->bvec[i], phys_to_page(phys), PAGE_SIZE, 0);
	}
	b->bvec[0].bv_offset = shape->head;
	b->bvec[0].bv_len -= shape->head;
	last->bv_len -= shape->tail;
	b->nr = shape->nr;
}

static struct blk_test *blk_test_new(struct kunit *test)
{
	const struct blk_case *c = test->param_value;
	struct blk_test *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, b);
	b->t = dma_test_new(test, c->way);
	blk_set_stacking_limits(&b->q.limits);
	b->rq.q = &b->q;
	b->rq.cmd_flags = REQ_OP_READ;
	b->rq.phys_gap_bit = PAGE_SHIFT + 1;
	add_segments(b, c->shape);
	add_bio(b, 0, 0, c->shape->first);
	b->rq.bio = &b->bio[0];
	if (c->shape->nr > c->shape->first) {
		add_bio(b, 1, c->shape->first, c->shape->nr - c->shape->first);
		b->bio[0].bi_next = &b->bio[1];
	}
	return b;
}

static void reset_min_align(void *dev)
{
	dma_set_min_align_mask(dev, 0);
}

/* What NVMe says of its devices. */
static void keep_offsets(struct blk_test *b)
{
	dma_set_min_align_mask(b->t->dev, PAGE_SIZE - 1);
	KUNIT_ASSERT_EQ(b->t->test, 0,
			kunit_add_action(b->t->test, reset_min_align,
					 b->t->dev));
}

static bool blk_test_map(struct blk_test *b)
{
	return blk_rq_dma_map_iter_start(&b->rq, b->t->dev, &b->state,
					 &b->iter);
}

static void blk_test_unmap(struct blk_test *b)
{
	KUNIT_EXPECT_TRUE(b->t->test,
			  blk_rq_dma_unmap(&b->rq, b->t->dev, &b->state,
					   b->rq.__data_len,
					   b->iter.p2pdma.map));
}

/* --- what the device sees --- */

static u8 *in_image(struct blk_test *b, unsigned int i)
{
	return b->t->image + (bvec_phys(&b->bvec[i]) - b->t->pool->phys);
}

static void dev_writes(struct blk_test *b)
{
	dma_addr_t addr = b->iter.addr;

	for (unsigned int i = 0; i < b->nr; i++) {
		size_t len = b->bvec[i].bv_len;

		prandom_bytes_state(&b->t->rnd, in_image(b, i), len);
		KUNIT_ASSERT_EQ(b->t->test, 0,
				phyr_test_dev_write(b->t->dev, addr,
						    in_image(b, i), len));
		addr += len;
	}
}

static void check_nothing_mapped(struct blk_test *b)
{
	struct phyr_test_iommu_state *iommu = phyr_test_iommu_state(b->t->dev);

	if (iommu)
		KUNIT_EXPECT_EQ(b->t->test, 0, iommu->mapped);
}

/* --- tests --- */

static void test_request(struct kunit *test)
{
	struct blk_test *b = blk_test_new(test);

	keep_offsets(b);
	KUNIT_ASSERT_TRUE(test, blk_test_map(b));
	KUNIT_EXPECT_EQ(test, 0, blk_status_to_errno(b->iter.status));
	KUNIT_ASSERT_TRUE(test, blk_rq_dma_map_coalesce(&b->state));
	KUNIT_EXPECT_EQ(test, b->rq.__data_len, b->iter.len);
	KUNIT_EXPECT_FALSE(test, blk_rq_dma_map_iter_next(&b->rq, b->t->dev,
							  &b->iter));
	dev_writes(b);
	blk_test_unmap(b);
	dma_test_check_cpu(b->t);
	check_nothing_mapped(b);
}

/* Whichever segment it is whose page table there is no memory for. */
static void test_failure(struct kunit *test)
{
	struct blk_test *b = blk_test_new(test);
	struct phyr_test_iommu_state *iommu = phyr_test_iommu_state(b->t->dev);

	if (!iommu)
		kunit_skip(test, "it can't be made fail");
	for (unsigned int nth = 1; nth <= b->nr; nth++) {
		dma_test_fail_map(b->t, nth);
		KUNIT_ASSERT_FALSE(test, blk_test_map(b));
		KUNIT_ASSERT_EQ(test, -ENOMEM,
				blk_status_to_errno(b->iter.status));
		KUNIT_ASSERT_EQ(test, 0, iommu->fail_map);
		check_nothing_mapped(b);
	}
	KUNIT_ASSERT_TRUE(test, blk_test_map(b));
	blk_test_unmap(b);
}

static void test_sync_failure(struct kunit *test)
{
	struct blk_test *b = blk_test_new(test);
	struct phyr_test_iommu_state *iommu = phyr_test_iommu_state(b->t->dev);

	if (!iommu)
		kunit_skip(test, "it can't be made fail");
	iommu->fail_sync = 1;
	KUNIT_EXPECT_FALSE(test, blk_test_map(b));
	KUNIT_EXPECT_EQ(test, -EIO, blk_status_to_errno(b->iter.status));
	check_nothing_mapped(b);
}

/* Pages without a gap only if they are next to each other: one by one, as ever. */
static void test_gaps(struct kunit *test)
{
	struct blk_test *b = blk_test_new(test);
	unsigned int nr = 0;

	b->rq.phys_gap_bit = 1;
	if (!blk_test_map(b))
		KUNIT_FAIL(test, "the first segment can't be mapped");
	KUNIT_EXPECT_FALSE(test, blk_rq_dma_map_coalesce(&b->state));
	do {
		KUNIT_EXPECT_EQ(test, b->bvec[nr++].bv_len, b->iter.len);
		dma_unmap_phys(b->t->dev, b->iter.addr, b->iter.len,
			       DMA_FROM_DEVICE, 0);
	} while (blk_rq_dma_map_iter_next(&b->rq, b->t->dev, &b->iter));
	KUNIT_EXPECT_EQ(test, nr, b->nr);
	check_nothing_mapped(b);
}

static struct kunit_case phyr_blk_dma_cases[] = {
	KUNIT_CASE_PARAM(test_request, blk_gen_params),
	KUNIT_CASE_PARAM(test_failure, blk_gen_params),
	KUNIT_CASE_PARAM(test_sync_failure, blk_gen_params),
	KUNIT_CASE_PARAM(test_gaps, blk_gen_params),
	{ }
};

static struct kunit_suite phyr_blk_dma_suite = {
	.name		= "phyr_blk_dma",
	.suite_init	= phyr_test_devices_add,
	.suite_exit	= phyr_test_devices_del,
	.exit		= dma_test_exit,
	.test_cases	= phyr_blk_dma_cases,
};

kunit_test_suite(phyr_blk_dma_suite);
