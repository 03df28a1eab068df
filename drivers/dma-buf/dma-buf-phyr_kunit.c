// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of DMABUFs without scatterlists.
 *
 * Each test exports a list of pages to the devices of the mapping's tests, and has
 * the CPU and the device look at all bytes.
 */

#include <kunit/test-bug.h>
#include <linux/dma-buf-phyr.h>
#include <linux/dma-resv.h>
#include <linux/file.h>
#include <linux/slab.h>

#include "phyr_dma_test.h"

/**
 * struct buf_test - A buffer of the list of a &struct dma_test
 * @t: The list, its memory, and a device.
 * @dmabuf: The buffer.
 * @list: What its exporter gives to the core, if @error is zero.
 * @error: What it says instead.
 * @attrs: Its DMA attributes.
 * @users: How many have the list.
 * @pins: How many have pinned the buffer.
 */
struct buf_test {
	struct dma_test		*t;
	struct dma_buf		*dmabuf;
	const struct phyr	*list;
	int			error;
	unsigned long		attrs;
	unsigned int		users;
	unsigned int		pins;
};

/* --- exporters --- */

static const struct phyr *test_map_phyr(struct dma_buf *dmabuf,
					unsigned long *attrs)
{
	struct buf_test *b = dmabuf->priv;

	dma_resv_assert_held(dmabuf->resv);
	if (b->error)
		return ERR_PTR(b->error);
	*attrs = b->attrs;
	b->users++;
	return b->list;
}

static void test_unmap_phyr(struct dma_buf *dmabuf)
{
	struct buf_test *b = dmabuf->priv;

	dma_resv_assert_held(dmabuf->resv);
	b->users--;
}

static void test_release(struct dma_buf *dmabuf)
{
}

static const struct dma_buf_phyr_ops static_phyr_ops = {
	.map_phyr	= test_map_phyr,
	.unmap_phyr	= test_unmap_phyr,
	.memory		= DMA_BUF_PHYR_STATIC,
};

static const struct dma_buf_ops static_ops = {
	.attach		= dma_buf_phyr_attach,
	.map_dma_buf	= dma_buf_phyr_map_sgt,
	.unmap_dma_buf	= dma_buf_phyr_unmap_sgt,
	.release	= test_release,
	.begin_cpu_access = dma_buf_phyr_begin_cpu_access,
	.end_cpu_access	= dma_buf_phyr_end_cpu_access,
	.mmap		= dma_buf_phyr_mmap,
	.vmap		= dma_buf_phyr_vmap,
	.vunmap		= dma_buf_phyr_vunmap,
	.phyr		= &static_phyr_ops,
};

/* Files of kernel threads are closed later. */
static void put_buf(void *data)
{
	struct buf_test *b = data;

	dma_buf_put(b->dmabuf);
	flush_delayed_fput();
	KUNIT_EXPECT_EQ(b->t->test, 0, b->users);
	KUNIT_EXPECT_EQ(b->t->test, 0, b->pins);
}

static void export_size(struct buf_test *b, const struct dma_buf_ops *ops,
			u64 size)
{
	DEFINE_DMA_BUF_EXPORT_INFO(info);
	struct kunit *test = b->t->test;

	info.ops = ops;
	info.size = size;
	info.flags = O_RDWR;
	info.priv = b;
	b->dmabuf = dma_buf_export(&info);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, b->dmabuf);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, put_buf, b));
}

static struct buf_test *buf_new(struct dma_test *t, const struct dma_buf_ops *ops)
{
	struct buf_test *b = kunit_kzalloc(t->test, sizeof(*b), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(t->test, b);
	b->t = t;
	b->list = &t->list;
	export_size(b, ops, phyr_bytes(&t->list));
	return b;
}

/* --- importers --- */

static const struct dma_buf_attach_ops peer_importer = {
	.allow_peer2peer = true,
};

static struct dma_buf_attachment *attach(struct buf_test *b)
{
	return dma_buf_mapping_attach(b->dmabuf, DMA_BUF_MAPPING_DMA, b->t->dev,
				      &peer_importer, b);
}

static bool list_is_whole_pages(const struct phyr *list)
{
	struct phyr_range range;

	phyr_for_each_range(list, range) {
		if (offset_in_page(range.phys | range.len))
			return false;
	}
	return true;
}

/* The device sees what the CPU wrote, and the other way round. */
static void check_dma(struct buf_test *b, struct dma_buf_attachment *at,
		      const struct phyr_dma *dma)
{
	struct dma_test *t = b->t;

	t->dma = *dma;
	dma_test_check_ranges(t);
	dma_test_check_dev(t);
	dma_test_dev_scramble(t);
	phyr_dma_init(&t->dma);
}

static void test_map_dma(struct kunit *test)
{
	struct dma_test *t = dma_test_of_case(test);
	struct buf_test *b = buf_new(t, &static_ops);
	struct dma_buf_attachment *at = attach(b);
	const struct phyr_dma *dma;

	if (!list_is_whole_pages(&t->list)) {
		KUNIT_EXPECT_PTR_EQ(test, at, ERR_PTR(-EINVAL));
		return;
	}
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, at);
	dma = dma_buf_map_dma_unlocked(at, DMA_BIDIRECTIONAL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dma);
	KUNIT_EXPECT_EQ(test, 1, b->users);
	check_dma(b, at, dma);
	dma_buf_unmap_dma_unlocked(at, dma);
	dma_test_check_unmapped(t);
	dma_test_check_cpu(t);
	dma_buf_detach(b->dmabuf, at);
}

static struct kunit_case dma_buf_phyr_cases[] = {
	KUNIT_CASE_PARAM(test_map_dma, dma_case_gen_params),
	{ }
};

static struct kunit_suite dma_buf_phyr_suite = {
	.name		= "dma_buf_phyr",
	.suite_init	= phyr_test_devices_add,
	.suite_exit	= phyr_test_devices_del,
	.exit		= dma_test_exit,
	.test_cases	= dma_buf_phyr_cases,
};

kunit_test_suite(dma_buf_phyr_suite);
