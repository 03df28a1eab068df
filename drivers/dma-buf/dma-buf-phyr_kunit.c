// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of DMABUFs without scatterlists.
 *
 * Each test exports a list of pages to the devices of the mapping's tests, and has
 * the CPU and the device look at all bytes.
 */

#include <linux/debugfs.h>
#include <linux/dma-buf-phyr.h>
#include <linux/dma-resv.h>
#include <linux/file.h>
#include <linux/iommu.h>
#include <linux/mman.h>
#include <linux/pci-p2pdma.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

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
 * @dma: What an importer has that gives it back when it is told to.
 * @held: What one into domains has, likewise.
 * @domains: Where that is mapped.
 */
struct buf_test {
	struct dma_test		*t;
	struct dma_buf		*dmabuf;
	const struct phyr	*list;
	int			error;
	unsigned long		attrs;
	unsigned int		users;
	unsigned int		pins;
	const struct phyr_dma	*dma;
	const struct dma_buf_mapping *held;
	struct iommu_domain	*domains[2];
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

static int test_pin(struct dma_buf_attachment *at)
{
	struct buf_test *b = at->dmabuf->priv;

	b->pins++;
	return 0;
}

static void test_unpin(struct dma_buf_attachment *at)
{
	struct buf_test *b = at->dmabuf->priv;

	b->pins--;
}

#define TEST_PHYR_OPS(kind)						\
	(&(const struct dma_buf_phyr_ops) {				\
		.map_phyr	= test_map_phyr,			\
		.unmap_phyr	= test_unmap_phyr,			\
		.memory		= kind,					\
	})

/* What all exporters of a list have. */
#define TEST_OPS(kind, ...) {						\
		.map_dma_buf		= dma_buf_phyr_map_sgt,		\
		.unmap_dma_buf		= dma_buf_phyr_unmap_sgt,	\
		.release		= test_release,			\
		.begin_cpu_access	= dma_buf_phyr_begin_cpu_access, \
		.end_cpu_access		= dma_buf_phyr_end_cpu_access,	\
		.mmap			= dma_buf_phyr_mmap,		\
		.vmap			= dma_buf_phyr_vmap,		\
		.vunmap			= dma_buf_phyr_vunmap,		\
		.phyr			= TEST_PHYR_OPS(kind),		\
		__VA_ARGS__						\
	}

static const struct dma_buf_ops static_ops =
	TEST_OPS(DMA_BUF_PHYR_STATIC, .attach = dma_buf_phyr_attach);

/* One that refuses nobody, as only exporters of static page memory may. */
static const struct dma_buf_ops simple_ops = TEST_OPS(DMA_BUF_PHYR_STATIC);

static const struct dma_buf_ops pinned_ops =
	TEST_OPS(DMA_BUF_PHYR_PINNED, .pin = test_pin, .unpin = test_unpin);

static const struct dma_buf_ops revocable_ops =
	TEST_OPS(DMA_BUF_PHYR_REVOCABLE, .attach = dma_buf_phyr_attach);

static const struct dma_buf_ops rash_ops = TEST_OPS(DMA_BUF_PHYR_REVOCABLE);

/* An exporter as most are: of a table for each mapping. */
static struct sg_table *old_map(struct dma_buf_attachment *at,
				enum dma_data_direction dir)
{
	size_t max = min(dma_max_mapping_size(at->dev),
			 dma_get_max_seg_size(at->dev));
	struct buf_test *b = at->dmabuf->priv;
	struct sg_table *sgt = kzalloc_obj(*sgt);
	int ret;

	if (!sgt)
		return ERR_PTR(-ENOMEM);
	ret = phyr_to_sgtable(b->list, sgt, max, GFP_KERNEL);
	if (ret)
		goto free;
	ret = dma_map_sgtable(at->dev, sgt, dir, 0);
	if (ret)
		goto free_table;
	b->users++;
	return sgt;
free_table:
	sg_free_table(sgt);
free:
	kfree(sgt);
	return ERR_PTR(ret);
}

static void old_unmap(struct dma_buf_attachment *at, struct sg_table *sgt,
		      enum dma_data_direction dir)
{
	struct buf_test *b = at->dmabuf->priv;

	dma_unmap_sgtable(at->dev, sgt, dir, 0);
	sg_free_table(sgt);
	kfree(sgt);
	b->users--;
}

/* dma_map_ops may have it or not. */
static bool has_map_sg(const struct dma_test *t)
{
	return t->way != PHYR_TEST_OPS;
}

static const struct dma_buf_ops old_ops = {
	.map_dma_buf	= old_map,
	.unmap_dma_buf	= old_unmap,
	.release	= test_release,
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

static struct buf_test *buf_of_size(struct dma_test *t,
				    const struct dma_buf_ops *ops, u64 size)
{
	struct buf_test *b = kunit_kzalloc(t->test, sizeof(*b), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(t->test, b);
	b->t = t;
	b->list = &t->list;
	export_size(b, ops, size);
	return b;
}

static struct buf_test *buf_new(struct dma_test *t, const struct dma_buf_ops *ops)
{
	return buf_of_size(t, ops, phyr_bytes(&t->list));
}

/* A buffer for any device that isn't behind bounce buffers. */
static struct buf_test *identity_buf(struct kunit *test,
				     const struct dma_buf_ops *ops)
{
	struct dma_test *t = dma_test_new(test, PHYR_TEST_IDENTITY);

	dma_test_fill(t, "shuffled");
	return buf_new(t, ops);
}

/* --- importers --- */

static const struct dma_buf_attach_ops peer_importer = {
	.allow_peer2peer = true,
};

/* For any device, of the newer or the older kind of importers. */
static struct dma_buf_attachment *
attach_for(struct buf_test *b, struct device *dev,
	   enum dma_buf_mapping_type type,
	   const struct dma_buf_attach_ops *importer)
{
	struct kunit *test = b->t->test;
	struct dma_buf_attachment *at;

	at = dma_buf_mapping_attach(b->dmabuf, type, dev, importer, b);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, at);
	return at;
}

static struct dma_buf_attachment *attach(struct buf_test *b)
{
	return attach_for(b, b->t->dev, DMA_BUF_MAPPING_DMA, &peer_importer);
}

static const struct phyr_dma *map(struct buf_test *b,
				  struct dma_buf_attachment *at)
{
	const struct phyr_dma *dma;

	dma = dma_buf_map_dma_unlocked(at, DMA_BIDIRECTIONAL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(b->t->test, dma);
	return dma;
}

static void unmap_and_detach(struct buf_test *b, struct dma_buf_attachment *at,
			     const struct phyr_dma *dma)
{
	dma_buf_unmap_dma_unlocked(at, dma);
	dma_buf_detach(b->dmabuf, at);
	dma_test_check_unmapped(b->t);
	dma_test_check_cpu(b->t);
	KUNIT_EXPECT_EQ(b->t->test, 0, b->users);
}

static void begin_cpu_access(struct buf_test *b, enum dma_data_direction dir)
{
	KUNIT_EXPECT_EQ(b->t->test, 0, dma_buf_begin_cpu_access(b->dmabuf, dir));
}

static void end_cpu_access(struct buf_test *b, enum dma_data_direction dir)
{
	KUNIT_EXPECT_EQ(b->t->test, 0, dma_buf_end_cpu_access(b->dmabuf, dir));
}

/*
 * The device sees what the CPU wrote, and the other way round once the mapping is
 * gone.  The checks are of a mapping of the test's own, so let that be a copy.
 */
static void check_dma(struct buf_test *b, const struct phyr_dma *dma)
{
	struct dma_test *t = b->t;

	t->dma = *dma;
	dma_test_check_ranges(t);
	dma_test_check_dev(t);
	dma_test_dev_scramble(t);
	phyr_dma_init(&t->dma);
}

/* --- who gets what --- */

static bool list_is_whole_pages(const struct phyr *list)
{
	struct phyr_range range;

	phyr_for_each_range(list, range) {
		if (offset_in_page(range.phys | range.len))
			return false;
	}
	return true;
}

static void check_new_importer(struct buf_test *b)
{
	struct dma_buf_attachment *at = attach(b);
	struct kunit *test = b->t->test;
	const struct phyr_dma *dma;

	KUNIT_EXPECT_EQ(test, 0, b->users);
	dma = map(b, at);
	KUNIT_EXPECT_EQ(test, 1, b->users);
	KUNIT_EXPECT_EQ(test, phyr_dma_bytes(dma), b->dmabuf->size);
	check_dma(b, dma);
	unmap_and_detach(b, at, dma);
}

/* The table has the list's pages, or none. */
static void check_pages(struct buf_test *b, struct sg_table *sgt)
{
	struct kunit *test = b->t->test;
	struct sg_page_iter iter;
	struct page *page;

	if (IS_ENABLED(CONFIG_DMABUF_DEBUG)) {
		KUNIT_EXPECT_NULL(test, sg_page(sgt->sgl));
		return;
	}
	if (phyr_flags(b->list) & PHYR_MMIO) {
		KUNIT_EXPECT_EQ(test, 0, sgt->orig_nents);
		return;
	}
	if (!sgt->orig_nents)
		return;
	__sg_page_iter_start(&iter, sgt->sgl, sgt->orig_nents, 0);
	phyr_for_each_page(b->list, page) {
		KUNIT_ASSERT_TRUE(test, __sg_page_iter_next(&iter));
		KUNIT_ASSERT_PTR_EQ(test, page, sg_page_iter_page(&iter));
	}
	KUNIT_EXPECT_FALSE(test, __sg_page_iter_next(&iter));
}

/* 64 KiB by default is a limit for joining entries, not for having them. */
static unsigned int longest_entry(struct device *dev)
{
	if (dev->dma_parms && dev->dma_parms->max_segment_size)
		return max(dev->dma_parms->max_segment_size, PAGE_SIZE);
	return UINT_MAX;
}

static void check_table(struct buf_test *b, struct sg_table *sgt)
{
	struct dma_test *t = b->t;
	struct phyr_dma dma = PHYR_DMA_INIT;
	struct scatterlist *sg;
	unsigned int i;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(t->test, sgt);
	check_pages(b, sgt);
	for_each_sgtable_dma_sg(sgt, sg, i) {
		KUNIT_EXPECT_LE(t->test, sg_dma_len(sg), longest_entry(t->dev));
		KUNIT_EXPECT_TRUE(t->test, PAGE_ALIGNED(sg_dma_len(sg)));
	}
	KUNIT_ASSERT_EQ(t->test, 0,
			phyr_dma_import_sgtable(&dma, t->dev, sgt, 0,
						b->dmabuf->size, GFP_KERNEL));
	check_dma(b, &dma);
	phyr_dma_unmap(&dma);
}

static void check_old_importer(struct buf_test *b)
{
	struct dma_buf_attachment *at;
	struct sg_table *sgt;

	at = attach_for(b, b->t->dev, DMA_BUF_MAPPING_SGT, &peer_importer);
	sgt = dma_buf_map_attachment_unlocked(at, DMA_BIDIRECTIONAL);
	check_table(b, sgt);
	KUNIT_EXPECT_EQ(b->t->test, 1, b->users);
	dma_buf_unmap_attachment_unlocked(at, sgt, DMA_BIDIRECTIONAL);
	dma_buf_detach(b->dmabuf, at);
	dma_test_check_unmapped(b->t);
	dma_test_check_cpu(b->t);
}

static void expect_no_attachment(struct buf_test *b, struct device *dev,
				 const struct dma_buf_attach_ops *importer,
				 int error)
{
	struct kunit *test = b->t->test;

	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(error),
			    dma_buf_mapping_attach(b->dmabuf, DMA_BUF_MAPPING_DMA,
						   dev, importer, b));
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(error),
			    dma_buf_dynamic_attach(b->dmabuf, dev, importer, b));
	KUNIT_EXPECT_EQ(test, 0, b->users);
}

static void test_importers(struct kunit *test)
{
	struct dma_test *t = dma_test_of_case(test);
	struct buf_test *b = buf_new(t, &static_ops);

	if (list_is_whole_pages(&t->list)) {
		check_new_importer(b);
		check_old_importer(b);
	} else {
		expect_no_attachment(b, t->dev, &peer_importer, -EINVAL);
	}
}

/* There may be more entries for the device than for the CPU, or shorter ones. */
static void test_map_sgt_limited(struct kunit *test)
{
	struct dma_test *t = dma_test_of_way(test);
	unsigned int max = t->dev->dma_parms->max_segment_size;
	unsigned long boundary = dma_get_seg_boundary(t->dev);
	struct buf_test *b;

	dma_test_fill(t, "runs");
	b = buf_new(t, &static_ops);
	dma_set_seg_boundary(t->dev, 2 * PAGE_SIZE - 1);
	check_old_importer(b);
	dma_set_seg_boundary(t->dev, boundary);
	dma_set_max_seg_size(t->dev, 3 * PAGE_SIZE);
	check_old_importer(b);
	dma_set_max_seg_size(t->dev, PAGE_SIZE - 1);
	check_old_importer(b);
	dma_set_max_seg_size(t->dev, max);
}

/* Without a limit that the driver set, each range is an entry, however long it is. */
static void test_map_sgt_uncut(struct kunit *test)
{
	struct dma_test *t = dma_test_of_way(test);
	unsigned int max = t->dev->dma_parms->max_segment_size;
	struct phyr_dma dma = PHYR_DMA_INIT;
	struct dma_buf_attachment *at;
	struct sg_table *sgt;
	struct buf_test *b;

	dma_test_fill(t, "long");
	b = buf_new(t, &static_ops);
	KUNIT_ASSERT_EQ(test, 0, phyr_dma_map(&dma, t->dev, b->list,
					      DMA_TO_DEVICE, 0, GFP_KERNEL));
	dma_set_max_seg_size(t->dev, 0);
	at = attach_for(b, t->dev, DMA_BUF_MAPPING_SGT, &peer_importer);
	sgt = dma_buf_map_attachment_unlocked(at, DMA_TO_DEVICE);
	dma_set_max_seg_size(t->dev, max);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, sgt);
	KUNIT_EXPECT_EQ(test, phyr_dma_nr_ranges(&dma), sgt->nents);
	dma_buf_unmap_attachment_unlocked(at, sgt, DMA_TO_DEVICE);
	dma_buf_detach(b->dmabuf, at);
	phyr_dma_unmap(&dma);
}

static void test_old_exporter(struct kunit *test)
{
	struct dma_test *t = dma_test_of_way(test);
	struct dma_buf_attachment *at;
	const struct phyr_dma *dma;
	struct buf_test *b;

	if (!has_map_sg(t))
		kunit_skip(test, "has no map_sg()");
	dma_test_fill(t, "runs");
	b = buf_new(t, &old_ops);
	at = attach(b);
	dma = map(b, at);
	KUNIT_EXPECT_EQ(test, 1, b->users);
	KUNIT_EXPECT_STREQ(test, "imported", phyr_dma_mode_name(dma));
	check_dma(b, dma);
	unmap_and_detach(b, at, dma);
}

/* An importer may map more than once, and give back in any order. */
static void test_map_twice(struct kunit *test)
{
	struct buf_test *b = identity_buf(test, &static_ops);
	struct dma_buf_attachment *at = attach(b);
	const struct phyr_dma *dma[3];

	for (unsigned int i = 0; i < 3; i++)
		dma[i] = map(b, at);
	KUNIT_EXPECT_EQ(test, 3, b->users);
	dma_buf_unmap_dma_unlocked(at, dma[1]);
	dma_buf_unmap_dma_unlocked(at, dma[2]);
	check_dma(b, dma[0]);
	unmap_and_detach(b, at, dma[0]);
}

/* Only importers that aren't told of moves need what they map pinned. */
static void test_pins(struct kunit *test)
{
	struct buf_test *b = identity_buf(test, &pinned_ops);
	struct dma_buf_attachment *at = attach(b);
	const struct phyr_dma *dma = map(b, at);

	KUNIT_EXPECT_EQ(test, 0, b->pins);
	unmap_and_detach(b, at, dma);

	at = attach_for(b, b->t->dev, DMA_BUF_MAPPING_DMA, NULL);
	KUNIT_EXPECT_EQ(test, 0, b->pins);
	dma = map(b, at);
	KUNIT_EXPECT_EQ(test, 1, b->pins);
	check_dma(b, dma);
	unmap_and_detach(b, at, dma);
	KUNIT_EXPECT_EQ(test, 0, b->pins);

	at = attach_for(b, b->t->dev, DMA_BUF_MAPPING_DMA, NULL);
	b->error = -EIO;
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EIO),
			    dma_buf_map_dma_unlocked(at, DMA_TO_DEVICE));
	KUNIT_EXPECT_EQ(test, 0, b->pins);
	dma_buf_detach(b->dmabuf, at);
}

/* Identity and bus addresses take no memory by the length of the list. */
static void test_attachment_is_small(struct kunit *test)
{
	struct buf_test *b = identity_buf(test, &static_ops);
	struct dma_buf_attachment *at = attach(b);
	const struct phyr_dma *dma = map(b, at);

	KUNIT_EXPECT_EQ(test, 0, phyr_dma_nr_ranges(dma) - phyr_nr_ranges(b->list));
	KUNIT_EXPECT_LE(test, ksize(at) + ksize(dma), 256);
	b->t->dma = *dma;
	KUNIT_EXPECT_TRUE(test, dma_test_stores_nothing(b->t));
	phyr_dma_init(&b->t->dma);
	unmap_and_detach(b, at, dma);
}

/* --- what is refused --- */

static void fill_nothing(struct dma_test *t)
{
}

static void fill_odd_start(struct dma_test *t)
{
	dma_test_add(t, SZ_512, PAGE_SIZE, 0);
	dma_test_add(t, 2 * PAGE_SIZE, PAGE_SIZE, 0);
}

static void fill_odd_end(struct dma_test *t)
{
	dma_test_add(t, 0, PAGE_SIZE, 0);
	dma_test_add(t, 2 * PAGE_SIZE, PAGE_SIZE - SZ_512, 0);
}

/* Two halves are no page. */
static void fill_odd_seam(struct dma_test *t)
{
	dma_test_add(t, 0, PAGE_SIZE / 2, 0);
	dma_test_add(t, 2 * PAGE_SIZE, PAGE_SIZE / 2, 0);
	dma_test_add(t, 4 * PAGE_SIZE, PAGE_SIZE, 0);
}

static void fill_one_page(struct dma_test *t)
{
	dma_test_add(t, 3 * PAGE_SIZE, PAGE_SIZE, 0);
}

static void fill_three_pages(struct dma_test *t)
{
	dma_test_add(t, 5 * PAGE_SIZE, 2 * PAGE_SIZE, 0);
	dma_test_add(t, 3 * PAGE_SIZE, PAGE_SIZE, 0);
}

/* Lists for buffers of two pages. */
static const struct bad_list {
	const char	*name;
	void		(*fill)(struct dma_test *t);
	int		error;
} bad_lists[] = {
	{ "empty", fill_nothing, -EINVAL },
	{ "odd start", fill_odd_start, -EINVAL },
	{ "odd end", fill_odd_end, -EINVAL },
	{ "odd seam", fill_odd_seam, -EINVAL },
	{ "too short", fill_one_page, -ERANGE },
	{ "too long", fill_three_pages, -ERANGE },
};

KUNIT_ARRAY_PARAM_DESC(bad_list, bad_lists, name);

/* Nothing is to be had in any way, and the exporter gets its list back. */
static void expect_no_mapping(struct buf_test *b, int error)
{
	struct kunit *test = b->t->test;
	struct dma_buf_attachment *at;

	at = attach_for(b, b->t->dev, DMA_BUF_MAPPING_DMA, NULL);
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(error),
			    dma_buf_map_dma_unlocked(at, DMA_TO_DEVICE));
	KUNIT_EXPECT_EQ(test, 0, b->users);
	dma_buf_detach(b->dmabuf, at);

	at = dma_buf_attach(b->dmabuf, b->t->dev);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, at);
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(error),
			    dma_buf_map_attachment_unlocked(at, DMA_TO_DEVICE));
	KUNIT_EXPECT_EQ(test, 0, b->users);
	dma_buf_detach(b->dmabuf, at);
}

static void test_bad_list(struct kunit *test)
{
	const struct bad_list *bad = test->param_value;
	struct dma_test *t = dma_test_new(test, PHYR_TEST_IDENTITY);
	struct iosys_map map;
	struct buf_test *b;

	bad->fill(t);
	b = buf_of_size(t, &static_ops, 2 * PAGE_SIZE);
	expect_no_attachment(b, t->dev, &peer_importer, bad->error);
	b = buf_of_size(t, &simple_ops, 2 * PAGE_SIZE);
	expect_no_mapping(b, bad->error);
	KUNIT_EXPECT_EQ(test, bad->error, dma_buf_phyr_mmap(b->dmabuf, NULL));
	dma_resv_lock(b->dmabuf->resv, NULL);
	KUNIT_EXPECT_EQ(test, bad->error, dma_buf_phyr_vmap(b->dmabuf, &map));
	dma_resv_unlock(b->dmabuf->resv);
	KUNIT_EXPECT_EQ(test, 0, b->users);
}

/* A table that is too short. */
static void test_short_table(struct kunit *test)
{
	struct dma_test *t = dma_test_new(test, PHYR_TEST_IDENTITY);
	struct dma_buf_attachment *at;
	struct buf_test *b;

	dma_test_fill(t, "runs");
	b = buf_of_size(t, &old_ops, phyr_bytes(&t->list) + PAGE_SIZE);
	at = attach(b);
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-ERANGE),
			    dma_buf_map_dma_unlocked(at, DMA_TO_DEVICE));
	KUNIT_EXPECT_EQ(test, 0, b->users);
	dma_buf_detach(b->dmabuf, at);
}

static void test_wrong_direction(struct kunit *test)
{
	struct buf_test *b = identity_buf(test, &static_ops);
	struct buf_test *old = buf_new(b->t, &old_ops);

	for (int dir = DMA_NONE; dir < DMA_NONE + 2; dir++) {
		struct dma_buf_attachment *at = attach(b);

		KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EINVAL),
				    dma_buf_map_dma_unlocked(at, dir));
		dma_buf_detach(b->dmabuf, at);
		at = attach_for(b, b->t->dev, DMA_BUF_MAPPING_SGT,
				&peer_importer);
		KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EINVAL),
				    dma_buf_map_attachment_unlocked(at, dir));
		dma_buf_detach(b->dmabuf, at);
		at = attach(old);
		KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EINVAL),
				    dma_buf_map_dma_unlocked(at, dir));
		dma_buf_detach(old->dmabuf, at);
	}
	KUNIT_EXPECT_EQ(test, 0, b->users + old->users);
}

static void test_slice_past_end(struct kunit *test)
{
	struct buf_test *b = identity_buf(test, &static_ops);
	struct dma_buf_attachment *at = attach(b);
	const struct phyr_dma *dma = map(b, at);
	struct phyr_dma_state ds = phyr_dma_start(dma);
	u64 bytes = b->dmabuf->size;
	struct dma_range range;

	KUNIT_EXPECT_EQ(test, 0, phyr_dmas_slice(&ds, bytes - PAGE_SIZE,
						 PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, -ERANGE,
			phyr_dmas_slice(&ds, bytes - PAGE_SIZE, PAGE_SIZE + 1));
	KUNIT_EXPECT_EQ(test, -ERANGE, phyr_dmas_seek(&ds, bytes));
	phyr_dma_for_each_slice_range(dma, PAGE_SIZE, bytes, range)
		KUNIT_FAIL(test, "a range past the end");
	unmap_and_detach(b, at, dma);
}

static void test_not_peer(struct kunit *test)
{
	struct dma_test *t = dma_test_new(test, PHYR_TEST_IDENTITY);
	struct dma_buf_attachment *at;
	struct buf_test *b;

	dma_test_fill(t, "kinds");
	b = buf_new(t, &static_ops);
	expect_no_attachment(b, t->dev, NULL, -EOPNOTSUPP);
	/* An exporter should say so when an importer attaches, but if it doesn't: */
	expect_no_mapping(buf_new(t, &simple_ops), -EOPNOTSUPP);
	at = attach(b);
	unmap_and_detach(b, at, map(b, at));
}

static void add_peer(struct dma_test *t, phys_addr_t phys,
		     struct p2pdma_provider *provider)
{
	struct phyr_range range = {
		.phys = phys,
		.len = PAGE_SIZE,
		.provider = provider,
		.flags = PHYR_MMIO,
	};

	KUNIT_ASSERT_EQ(t->test, 0,
			phyr_append_range(&t->list, &range, GFP_KERNEL));
	phyr_model_append(t->test, t->model, &range);
}

/* A PCI function that doesn't share its memory with anyone. */
static void test_peer_out_of_reach(struct kunit *test)
{
	struct dma_test *t = dma_test_of_way(test);
	struct pci_dev *owner = kunit_kzalloc(test, sizeof(*owner), GFP_KERNEL);
	struct p2pdma_provider provider = { };

	KUNIT_ASSERT_NOT_NULL(test, owner);
	provider.owner = &owner->dev;
	dma_test_fill(t, "page");
	add_peer(t, t->pool->phys, &provider);
	expect_no_attachment(buf_new(t, &static_ops), t->dev, &peer_importer,
			     -EREMOTEIO);
}

/* A function reaches its own memory at its bus address. */
static void test_peer(struct kunit *test)
{
	struct dma_test *t = dma_test_new(test, PHYR_TEST_PCI);
	struct pci_dev *pdev = to_pci_dev(t->dev);
	struct dma_buf_attachment *at;
	const struct phyr_dma *dma;
	struct dma_range range;
	struct buf_test *b;

	if (!IS_ENABLED(CONFIG_PCI_P2PDMA))
		kunit_skip(test, "needs PCI_P2PDMA");
	KUNIT_ASSERT_EQ(test, 0, pcim_p2pdma_init(pdev));
	add_peer(t, pci_resource_start(pdev, 0), pcim_p2pdma_provider(pdev, 0));
	b = buf_new(t, &static_ops);
	at = attach(b);
	dma = map(b, at);
	KUNIT_EXPECT_STREQ(test, "bus", phyr_dma_mode_name(dma));
	KUNIT_EXPECT_LE(test, ksize(at) + ksize(dma), 256);
	phyr_dma_for_each_range(dma, range)
		KUNIT_EXPECT_EQ(test, range.addr, pci_bus_address(pdev, 0));
	begin_cpu_access(b, DMA_FROM_DEVICE);
	unmap_and_detach(b, at, dma);
}

#ifdef kunit_warning_suppress
/* A driver's bug is told, and nothing is freed a second time. */
static void test_unmap_twice(struct kunit *test)
{
	struct buf_test *b = identity_buf(test, &static_ops);
	struct dma_buf_attachment *at = attach(b);
	const struct phyr_dma *dma = map(b, at), *other = map(b, at);
	struct kunit_suppressed_warning *warnings;

	dma_buf_unmap_dma_unlocked(at, dma);
	warnings = kunit_start_suppress_warning(test);
	dma_buf_unmap_dma_unlocked(at, dma);
	KUNIT_EXPECT_EQ(test, 1, kunit_suppressed_warning_count(warnings));
	kunit_end_suppress_warning(test, warnings);
	KUNIT_EXPECT_EQ(test, 1, b->users);
	check_dma(b, other);
	unmap_and_detach(b, at, other);
}

static void unmap_table(struct dma_buf_attachment *at, struct sg_table *sgt)
{
	dma_resv_lock(at->dmabuf->resv, NULL);
	dma_buf_phyr_unmap_sgt(at, sgt, DMA_BIDIRECTIONAL);
	dma_resv_unlock(at->dmabuf->resv);
}

static void test_unmap_table_twice(struct kunit *test)
{
	struct buf_test *b = identity_buf(test, &static_ops);
	struct dma_buf_attachment *at;
	struct kunit_suppressed_warning *warnings;
	struct sg_table *sgt, *other;

	at = attach_for(b, b->t->dev, DMA_BUF_MAPPING_SGT, &peer_importer);
	dma_resv_lock(b->dmabuf->resv, NULL);
	sgt = dma_buf_phyr_map_sgt(at, DMA_BIDIRECTIONAL);
	other = dma_buf_phyr_map_sgt(at, DMA_BIDIRECTIONAL);
	dma_resv_unlock(b->dmabuf->resv);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, sgt);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, other);
	unmap_table(at, sgt);
	warnings = kunit_start_suppress_warning(test);
	unmap_table(at, sgt);
	kunit_end_suppress_warning(test, warnings);
	KUNIT_EXPECT_EQ(test, 1, b->users);
	check_table(b, other);
	unmap_table(at, other);
	dma_buf_detach(b->dmabuf, at);
}

static void test_list_changes(struct kunit *test)
{
	struct buf_test *b = identity_buf(test, &static_ops);
	struct dma_buf_attachment *at = attach(b);
	const struct phyr_dma *dma = map(b, at);
	struct kunit_suppressed_warning *warnings;

	dma_test_add(b->t, 0, PAGE_SIZE, 0);
	warnings = kunit_start_suppress_warning(test);
	dma_buf_unmap_dma_unlocked(at, dma);
	KUNIT_EXPECT_EQ(test, 1, kunit_suppressed_warning_count(warnings));
	kunit_end_suppress_warning(test, warnings);
	KUNIT_EXPECT_EQ(test, 0, b->users);
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-ERANGE),
			    dma_buf_map_dma_unlocked(at, DMA_TO_DEVICE));
	dma_buf_detach(b->dmabuf, at);
}

/* What was attached for a table gets no mapping. */
static void test_wrong_type(struct kunit *test)
{
	struct buf_test *b = identity_buf(test, &static_ops);
	struct dma_buf_attachment *at = dma_buf_attach(b->dmabuf, b->t->dev);
	struct kunit_suppressed_warning *warnings;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, at);
	warnings = kunit_start_suppress_warning(test);
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EINVAL),
			    dma_buf_map_dma_unlocked(at, DMA_TO_DEVICE));
	dma_buf_detach(b->dmabuf, at);
	at = attach(b);
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EINVAL),
			    dma_buf_map_attachment_unlocked(at, DMA_TO_DEVICE));
	dma_resv_lock(b->dmabuf->resv, NULL);
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EINVAL), dma_buf_hold_memory(at));
	dma_resv_unlock(b->dmabuf->resv);
	dma_buf_detach(b->dmabuf, at);
	KUNIT_EXPECT_EQ(test, 3, kunit_suppressed_warning_count(warnings));

	/* Whether a function's second warning counts depends on the architecture. */
	at = attach_for(b, b->t->dev, DMA_BUF_MAPPING_IOMMU, &peer_importer);
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EINVAL),
			    dma_buf_map_dma_unlocked(at, DMA_TO_DEVICE));
	kunit_end_suppress_warning(test, warnings);
	dma_buf_detach(b->dmabuf, at);
}
#endif

/* --- revocation --- */

static void test_invalidate(struct dma_buf_attachment *at)
{
	struct buf_test *b = at->importer_priv;

	dma_buf_unmap_dma(at, b->dma);
	b->dma = NULL;
}

static const struct dma_buf_attach_ops revocable_importer = {
	.invalidate_mappings = test_invalidate,
};

static void test_not_revocable(struct kunit *test)
{
	struct buf_test *b = identity_buf(test, &revocable_ops);

	expect_no_attachment(b, b->t->dev, NULL, -EOPNOTSUPP);
	expect_no_attachment(b, b->t->dev, &peer_importer, -EOPNOTSUPP);
	expect_no_mapping(buf_new(b->t, &rash_ops), -EOPNOTSUPP);
}

static void test_revoke(struct kunit *test)
{
	struct dma_test *t = dma_test_of_way(test);
	struct dma_buf_attachment *at;
	struct buf_test *b;

	dma_test_fill(t, "runs");
	b = buf_new(t, &revocable_ops);
	at = attach_for(b, t->dev, DMA_BUF_MAPPING_DMA, &revocable_importer);
	b->dma = map(b, at);
	check_dma(b, b->dma);

	dma_resv_lock(b->dmabuf->resv, NULL);
	b->error = -ENODEV;
	dma_buf_invalidate_mappings(b->dmabuf);
	dma_resv_unlock(b->dmabuf->resv);
	KUNIT_EXPECT_NULL(test, b->dma);
	KUNIT_EXPECT_EQ(test, 0, b->users);
	dma_test_check_unmapped(t);
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-ENODEV),
			    dma_buf_map_dma_unlocked(at, DMA_TO_DEVICE));
	expect_no_attachment(b, t->dev, &revocable_importer, -ENODEV);

	/* The memory is back. */
	b->error = 0;
	b->dma = map(b, at);
	check_dma(b, b->dma);
	unmap_and_detach(b, at, b->dma);
}

/* --- IOMMU domains --- */

#define TEST_IOVA	SZ_1G
#define TEST_PROT	(IOMMU_READ | IOMMU_WRITE | IOMMU_CACHE)

static void free_domain(void *domain)
{
	iommu_domain_free(domain);
}

static void add_domains(struct buf_test *b)
{
	struct device *dev = phyr_test_device(PHYR_TEST_IOMMU);
	struct kunit *test = b->t->test;

	for (unsigned int i = 0; i < ARRAY_SIZE(b->domains); i++) {
		struct iommu_domain *domain = iommu_paging_domain_alloc(dev);

		KUNIT_ASSERT_FALSE(test, IS_ERR(domain));
		KUNIT_ASSERT_EQ(test, 0,
				kunit_add_action_or_reset(test, free_domain,
							  domain));
		b->domains[i] = domain;
	}
}

static u64 bytes_in_domains(struct buf_test *b)
{
	return phyr_test_domain_state(b->domains[0])->mapped +
	       phyr_test_domain_state(b->domains[1])->mapped;
}

static void unmap_domains(struct buf_test *b)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(b->domains); i++)
		KUNIT_EXPECT_EQ(b->t->test, b->dmabuf->size,
				iommu_unmap(b->domains[i], TEST_IOVA,
					    b->dmabuf->size));
}

static void test_invalidate_domains(struct dma_buf_attachment *at)
{
	struct buf_test *b = at->importer_priv;

	unmap_domains(b);
	dma_buf_drop_memory(at, b->held);
	b->held = NULL;
}

/* As iommufd is. */
static const struct dma_buf_attach_ops domains_importer = {
	.allow_peer2peer = true,
	.invalidate_mappings = test_invalidate_domains,
};

static const struct dma_buf_mapping *hold(struct buf_test *b,
					  struct dma_buf_attachment *at)
{
	const struct dma_buf_mapping *held;

	dma_resv_lock(b->dmabuf->resv, NULL);
	held = dma_buf_hold_memory(at);
	dma_resv_unlock(b->dmabuf->resv);
	return held;
}

static void drop(struct buf_test *b, struct dma_buf_attachment *at)
{
	dma_resv_lock(b->dmabuf->resv, NULL);
	dma_buf_drop_memory(at, b->held);
	dma_resv_unlock(b->dmabuf->resv);
}

static int map_domain(struct buf_test *b, struct iommu_domain *domain, u64 pos,
		      u64 len)
{
	return dma_buf_map_iommu(b->held, domain, TEST_IOVA, pos, len,
				 TEST_PROT, GFP_KERNEL);
}

/* A domain has what is in the list from a position on, and nothing else. */
static void check_domain(struct buf_test *b, struct iommu_domain *domain,
			 u64 pos, u64 len)
{
	struct kunit *test = b->t->test;

	KUNIT_ASSERT_EQ(test, len, phyr_test_domain_state(domain)->mapped);
	for (u64 at = 0; at < len; at += PAGE_SIZE)
		KUNIT_ASSERT_EQ(test,
				iommu_iova_to_phys(domain, TEST_IOVA + at),
				phyr_model_at(b->t->model, pos + at).phys);
}

static struct dma_buf_attachment *
attach_for_domains(struct buf_test *b, const struct dma_buf_attach_ops *importer)
{
	return attach_for(b, b->t->dev, DMA_BUF_MAPPING_IOMMU, importer);
}

/* Until it is revoked, and again when it is back; the lock isn't needed to map. */
static void test_domains(struct kunit *test)
{
	struct buf_test *b = identity_buf(test, &revocable_ops);
	struct dma_buf_attachment *at;
	u64 size = b->dmabuf->size;

	add_domains(b);
	at = attach_for_domains(b, &domains_importer);
	for (unsigned int round = 0; round < 2; round++) {
		b->held = hold(b, at);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, b->held);
		KUNIT_EXPECT_EQ(test, 1, b->users);
		for (unsigned int i = 0; i < ARRAY_SIZE(b->domains); i++) {
			KUNIT_ASSERT_EQ(test, 0, map_domain(b, b->domains[i], 0,
							    size));
			check_domain(b, b->domains[i], 0, size);
		}
		dma_resv_lock(b->dmabuf->resv, NULL);
		b->error = -ENODEV;
		dma_buf_invalidate_mappings(b->dmabuf);
		dma_resv_unlock(b->dmabuf->resv);
		KUNIT_EXPECT_NULL(test, b->held);
		KUNIT_EXPECT_EQ(test, 0, b->users);
		KUNIT_EXPECT_EQ(test, 0, bytes_in_domains(b));
		KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-ENODEV), hold(b, at));
		b->error = 0;
	}
	dma_buf_detach(b->dmabuf, at);
}

static void test_parts_in_domain(struct kunit *test)
{
	struct buf_test *b = identity_buf(test, &static_ops);
	struct dma_buf_attachment *at;
	u64 size = b->dmabuf->size;

	add_domains(b);
	at = attach_for_domains(b, &peer_importer);
	b->held = hold(b, at);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, b->held);
	for (u64 pos = 0; pos < size; pos += 7 * PAGE_SIZE) {
		u64 len = min(5 * PAGE_SIZE, size - pos);

		KUNIT_ASSERT_EQ(test, 0, map_domain(b, b->domains[0], pos, len));
		check_domain(b, b->domains[0], pos, len);
		iommu_unmap(b->domains[0], TEST_IOVA, len);
	}
	KUNIT_EXPECT_EQ(test, -ERANGE,
			map_domain(b, b->domains[0], PAGE_SIZE, size));
	KUNIT_EXPECT_EQ(test, -ERANGE,
			map_domain(b, b->domains[0], size, PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			map_domain(b, b->domains[0], 0, PAGE_SIZE + 1));
	KUNIT_EXPECT_EQ(test, 0, bytes_in_domains(b));

	/* Held memory is nothing that the CPU's accesses have to be synced for. */
	begin_cpu_access(b, DMA_BIDIRECTIONAL);
	end_cpu_access(b, DMA_BIDIRECTIONAL);
	drop(b, at);
	KUNIT_EXPECT_EQ(test, 0, b->users);
	dma_buf_detach(b->dmabuf, at);
}

static void expect_not_held(struct buf_test *b, int error)
{
	struct dma_buf_attachment *at = attach_for_domains(b, NULL);

	KUNIT_EXPECT_PTR_EQ(b->t->test, ERR_PTR(error), hold(b, at));
	KUNIT_EXPECT_EQ(b->t->test, 0, b->users);
	dma_buf_detach(b->dmabuf, at);
}

static void test_not_for_domains(struct kunit *test)
{
	struct buf_test *b = identity_buf(test, &static_ops);
	struct buf_test *old = buf_new(b->t, &old_ops);

	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EOPNOTSUPP),
			    dma_buf_mapping_attach(old->dmabuf,
						   DMA_BUF_MAPPING_IOMMU,
						   b->t->dev, &domains_importer,
						   old));
	expect_not_held(buf_new(b->t, &rash_ops), -EOPNOTSUPP);
	b->attrs = DMA_ATTR_CC_SHARED;
	expect_not_held(b, -EOPNOTSUPP);
}

static void test_bad_list_for_domains(struct kunit *test)
{
	const struct bad_list *bad = test->param_value;
	struct dma_test *t = dma_test_new(test, PHYR_TEST_IDENTITY);

	bad->fill(t);
	expect_not_held(buf_of_size(t, &simple_ops, 2 * PAGE_SIZE), bad->error);
}

#ifdef kunit_warning_suppress
/* All that is given back is looked for in the same place, which warns once. */
static void test_drop_twice(struct kunit *test)
{
	struct buf_test *b = identity_buf(test, &static_ops);
	struct dma_buf_attachment *at = attach_for_domains(b, &peer_importer);
	struct kunit_suppressed_warning *warnings;
	const struct dma_buf_mapping *other;

	b->held = hold(b, at);
	other = hold(b, at);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, b->held);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, other);
	drop(b, at);
	warnings = kunit_start_suppress_warning(test);
	drop(b, at);
	kunit_end_suppress_warning(test, warnings);
	KUNIT_EXPECT_EQ(test, 1, b->users);
	b->held = other;
	drop(b, at);
	dma_buf_detach(b->dmabuf, at);
}

/* What may be in a domain must not change either. */
static void test_held_list_changes(struct kunit *test)
{
	struct buf_test *b = identity_buf(test, &static_ops);
	struct dma_buf_attachment *at = attach_for_domains(b, &peer_importer);
	struct kunit_suppressed_warning *warnings;

	b->held = hold(b, at);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, b->held);
	dma_test_add(b->t, 0, PAGE_SIZE, 0);
	warnings = kunit_start_suppress_warning(test);
	drop(b, at);
	KUNIT_EXPECT_EQ(test, 1, kunit_suppressed_warning_count(warnings));
	kunit_end_suppress_warning(test, warnings);
	KUNIT_EXPECT_EQ(test, 0, b->users);
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-ERANGE), hold(b, at));
	dma_buf_detach(b->dmabuf, at);
}
#endif

/* --- access by the CPU --- */

static void test_cpu_access(struct kunit *test)
{
	struct dma_test *t = dma_test_new(test, PHYR_TEST_BOUNCE);
	struct device *ops_dev = phyr_test_device(PHYR_TEST_OPS);
	struct dma_buf_attachment *at, *ops_at;
	const struct phyr_dma *dma;
	struct sg_table *sgt;
	struct buf_test *b;

	dma_test_fill(t, "runs");
	b = buf_new(t, &static_ops);
	at = attach(b);
	ops_at = attach_for(b, ops_dev, DMA_BUF_MAPPING_SGT, &peer_importer);
	dma = map(b, at);
	sgt = dma_buf_map_attachment_unlocked(ops_at, DMA_BIDIRECTIONAL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, sgt);

	/* The device wrote to its bounce buffers. */
	check_dma(b, dma);
	begin_cpu_access(b, DMA_BIDIRECTIONAL);
	dma_test_check_cpu(t);
	KUNIT_EXPECT_EQ(test, b->dmabuf->size, phyr_test_ops_state()->synced);

	dma_test_scramble(t);
	end_cpu_access(b, DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_EQ(test, 2 * b->dmabuf->size,
			phyr_test_ops_state()->synced);
	check_dma(b, dma);

	/* A CPU that only reads leaves alone what the device writes meanwhile. */
	begin_cpu_access(b, DMA_FROM_DEVICE);
	check_dma(b, dma);
	end_cpu_access(b, DMA_FROM_DEVICE);
	begin_cpu_access(b, DMA_FROM_DEVICE);
	dma_test_check_cpu(t);

	dma_buf_unmap_attachment_unlocked(ops_at, sgt, DMA_BIDIRECTIONAL);
	dma_buf_detach(b->dmabuf, ops_at);
	unmap_and_detach(b, at, dma);
}

/* What a device only writes to, the CPU may write to as well. */
static void test_cpu_writes(struct kunit *test)
{
	struct dma_test *t = dma_test_of_way(test);
	struct dma_buf_attachment *at;
	const struct phyr_dma *dma;
	struct buf_test *b;

	dma_test_fill(t, "runs");
	b = buf_new(t, &static_ops);
	at = attach(b);
	dma = dma_buf_map_dma_unlocked(at, DMA_FROM_DEVICE);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dma);
	/* Whom an IOMMU can keep from reading, it does. */
	if (t->way == PHYR_TEST_IOMMU)
		KUNIT_EXPECT_EQ(test, (unsigned int)IOMMU_WRITE,
				phyr_test_iommu_state(t->dev)->prot & ~IOMMU_CACHE);

	begin_cpu_access(b, DMA_BIDIRECTIONAL);
	dma_test_scramble(t);
	end_cpu_access(b, DMA_BIDIRECTIONAL);
	begin_cpu_access(b, DMA_FROM_DEVICE);
	dma_test_check_cpu(t);
	unmap_and_detach(b, at, dma);
}

static void test_vmap(struct kunit *test)
{
	struct buf_test *b = identity_buf(test, &pinned_ops);
	u64 bytes = b->dmabuf->size;
	struct iosys_map map;

	KUNIT_ASSERT_EQ(test, 0, dma_buf_vmap_unlocked(b->dmabuf, &map));
	KUNIT_EXPECT_EQ(test, 1, b->users);
	memcpy(b->t->seen, map.vaddr, bytes);
	dma_test_check_seen(b->t);
	begin_cpu_access(b, DMA_BIDIRECTIONAL);
	dma_test_plan_dev_scramble(b->t);
	memcpy(map.vaddr, b->t->seen, bytes);
	end_cpu_access(b, DMA_BIDIRECTIONAL);
	dma_test_check_cpu(b->t);
	dma_buf_vunmap_unlocked(b->dmabuf, &map);
	KUNIT_EXPECT_EQ(test, 0, b->users);
}

static unsigned long mmap_buf(struct buf_test *b)
{
	KUNIT_ASSERT_EQ(b->t->test, 0, kunit_attach_mm());
	return vm_mmap(b->dmabuf->file, 0, b->dmabuf->size,
		       PROT_READ | PROT_WRITE, MAP_SHARED, 0);
}

static void test_cpu_maps_mmio(struct kunit *test)
{
	struct dma_test *t = dma_test_new(test, PHYR_TEST_IDENTITY);
	struct iosys_map map;
	struct buf_test *b;

	dma_test_fill(t, "mmio");
	b = buf_new(t, &static_ops);
	dma_resv_lock(b->dmabuf->resv, NULL);
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, dma_buf_phyr_vmap(b->dmabuf, &map));
	dma_resv_unlock(b->dmabuf->resv);
	KUNIT_EXPECT_EQ(test, (unsigned long)-EOPNOTSUPP, mmap_buf(b));
	KUNIT_EXPECT_EQ(test, 0, b->users);
}

static void test_mmap(struct kunit *test)
{
	struct buf_test *b = identity_buf(test, &static_ops);
	u64 bytes = b->dmabuf->size;
	unsigned long addr = mmap_buf(b);

	KUNIT_ASSERT_FALSE(test, IS_ERR_VALUE(addr));
	KUNIT_EXPECT_EQ(test, 0, b->users);
	KUNIT_EXPECT_EQ(test, 0, copy_from_user(b->t->seen,
						(void __user *)addr, bytes));
	dma_test_check_seen(b->t);
	dma_test_plan_dev_scramble(b->t);
	KUNIT_EXPECT_EQ(test, 0, copy_to_user((void __user *)addr, b->t->seen,
					      bytes));
	dma_test_check_cpu(b->t);
	KUNIT_EXPECT_EQ(test, 0, vm_munmap(addr, bytes));
}

/* Pages that may go can't stay in a process. */
static void test_mmap_pinned(struct kunit *test)
{
	struct buf_test *b = identity_buf(test, &pinned_ops);

	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, (long)mmap_buf(b));
	KUNIT_EXPECT_EQ(test, 0, b->users);
}

/* --- failures --- */

#if defined(CONFIG_FAILSLAB) && defined(CONFIG_FAULT_INJECTION_DEBUG_FS)
/* Allocations that may sleep are spared unless one asks: here is where. */
static bool *spare_sleepers(struct kunit *test)
{
	struct dentry *dir = debugfs_lookup("failslab", NULL), *file;
	bool *spare;

	KUNIT_ASSERT_NOT_NULL(test, dir);
	file = debugfs_lookup("ignore-gfp-wait", dir);
	dput(dir);
	KUNIT_ASSERT_NOT_NULL(test, file);
	spare = d_inode(file)->i_private;
	dput(file);
	return spare;
}

static void use_dma(struct buf_test *b)
{
	struct dma_buf_attachment *at;
	const struct phyr_dma *dma;

	at = dma_buf_mapping_attach(b->dmabuf, DMA_BUF_MAPPING_DMA, b->t->dev,
				    &peer_importer, b);
	if (IS_ERR(at))
		return;
	dma = dma_buf_map_dma_unlocked(at, DMA_TO_DEVICE);
	if (!IS_ERR(dma))
		dma_buf_unmap_dma_unlocked(at, dma);
	dma_buf_detach(b->dmabuf, at);
}

static void use_sgt(struct buf_test *b)
{
	struct dma_buf_attachment *at;
	struct sg_table *sgt;

	at = dma_buf_dynamic_attach(b->dmabuf, b->t->dev, &peer_importer, b);
	if (IS_ERR(at))
		return;
	sgt = dma_buf_map_attachment_unlocked(at, DMA_TO_DEVICE);
	if (!IS_ERR(sgt))
		dma_buf_unmap_attachment_unlocked(at, sgt, DMA_TO_DEVICE);
	dma_buf_detach(b->dmabuf, at);
}

static void use_domain(struct buf_test *b)
{
	struct dma_buf_attachment *at;

	at = dma_buf_mapping_attach(b->dmabuf, DMA_BUF_MAPPING_IOMMU, b->t->dev,
				    &peer_importer, b);
	if (IS_ERR(at))
		return;
	b->held = hold(b, at);
	if (!IS_ERR(b->held)) {
		if (!map_domain(b, b->domains[0], 0, b->dmabuf->size))
			iommu_unmap(b->domains[0], TEST_IOVA, b->dmabuf->size);
		KUNIT_EXPECT_EQ(b->t->test, 0, bytes_in_domains(b));
		drop(b, at);
	}
	dma_buf_detach(b->dmabuf, at);
}

/* Let each allocation fail in turn, and nothing be left behind. */
static void fail_each(struct buf_test *b, void (*use)(struct buf_test *b))
{
	bool *spare = spare_sleepers(b->t->test);
	unsigned int left, nth = 1;

	do {
		*spare = false;
		phyr_test_fail_nth(b->t->test, nth++);
		use(b);
		left = phyr_test_fail_end();
		*spare = true;
		KUNIT_EXPECT_EQ(b->t->test, 0, b->users);
		dma_test_check_unmapped(b->t);
	} while (!left);
	KUNIT_EXPECT_GT(b->t->test, nth, 3);
}

static void test_each_alloc_fails(struct kunit *test)
{
	struct dma_test *t = dma_test_of_way(test);
	struct buf_test *b;

	dma_test_fill(t, "shuffled");
	b = buf_new(t, &static_ops);
	fail_each(b, use_dma);
	fail_each(b, use_sgt);
	add_domains(b);
	fail_each(b, use_domain);
	if (has_map_sg(t))
		fail_each(buf_new(t, &old_ops), use_dma);
	check_old_importer(b);
}
#else
static void test_each_alloc_fails(struct kunit *test)
{
	kunit_skip(test, "needs FAILSLAB and FAULT_INJECTION_DEBUG_FS");
}
#endif

static struct kunit_case dma_buf_phyr_cases[] = {
	KUNIT_CASE_PARAM(test_importers, dma_case_gen_params),
	KUNIT_CASE_PARAM(test_map_sgt_limited, dma_way_gen_params),
	KUNIT_CASE_PARAM(test_map_sgt_uncut, dma_way_gen_params),
	KUNIT_CASE_PARAM(test_old_exporter, dma_way_gen_params),
	KUNIT_CASE(test_map_twice),
	KUNIT_CASE(test_pins),
	KUNIT_CASE(test_attachment_is_small),
	KUNIT_CASE_PARAM(test_bad_list, bad_list_gen_params),
	KUNIT_CASE(test_short_table),
	KUNIT_CASE(test_wrong_direction),
	KUNIT_CASE(test_slice_past_end),
	KUNIT_CASE(test_not_peer),
	KUNIT_CASE_PARAM(test_peer_out_of_reach, dma_way_gen_params),
	KUNIT_CASE(test_peer),
#ifdef kunit_warning_suppress
	KUNIT_CASE(test_unmap_twice),
	KUNIT_CASE(test_unmap_table_twice),
	KUNIT_CASE(test_drop_twice),
	KUNIT_CASE(test_held_list_changes),
	KUNIT_CASE(test_list_changes),
	KUNIT_CASE(test_wrong_type),
#endif
	KUNIT_CASE(test_not_revocable),
	KUNIT_CASE_PARAM(test_revoke, dma_way_gen_params),
	KUNIT_CASE(test_domains),
	KUNIT_CASE(test_parts_in_domain),
	KUNIT_CASE(test_not_for_domains),
	KUNIT_CASE_PARAM(test_bad_list_for_domains, bad_list_gen_params),
	KUNIT_CASE(test_cpu_access),
	KUNIT_CASE_PARAM(test_cpu_writes, dma_way_gen_params),
	KUNIT_CASE(test_vmap),
	KUNIT_CASE(test_cpu_maps_mmio),
	KUNIT_CASE(test_mmap),
	KUNIT_CASE(test_mmap_pinned),
	KUNIT_CASE_PARAM(test_each_alloc_fails, dma_way_gen_params),
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
