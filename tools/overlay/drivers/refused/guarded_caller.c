// SPDX-License-Identifier: GPL-2.0-only
// refused: 30: buffer_map() is called with guard(spinlock)
// explained: 21: a1, .*; becomes phyr_table_map()$
/* Mapping may sleep, and the caller's lock is one that forbids it. */

#include <linux/cleanup.h>
#include <linux/dma-mapping.h>
#include <linux/spinlock.h>

struct buffer {
	spinlock_t lock;	/* of the table */
	struct sg_table table;
};

static int buffer_map(struct device *dev, struct buffer *buf, struct page **pages, int nr)
{
	int ret = sg_alloc_table_from_pages(&buf->table, pages, nr, 0, nr * PAGE_SIZE, GFP_KERNEL);

	if (ret)
		return ret;
	return dma_map_sgtable(dev, &buf->table, DMA_TO_DEVICE, 0);
}

static int buffer_map_locked(struct device *dev, struct buffer *buf, struct page **pages, int nr)
{
	int ret;

	guard(spinlock)(&buf->lock);
	ret =
	      buffer_map(dev, buf, pages, nr);
	return ret;
}
