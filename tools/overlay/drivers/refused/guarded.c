// SPDX-License-Identifier: GPL-2.0-only
// refused: 15: spatch can not parse scoped_guard()
// explained: 16: a1, .*; stays, unparsed
#include <linux/dma-mapping.h>

struct buffer {
	struct mutex lock;	/* of the table */
	struct sg_table table;
};

static int buffer_map(struct device *dev, struct buffer *buf)
{
	int ret = 0;

	scoped_guard(mutex, &buf->lock) {
		ret = dma_map_sgtable(dev, &buf->table, DMA_TO_DEVICE, 0);
	}
	return ret;
}

static int buffer_make(struct buffer *buf, struct page **pages, int nr)
{
	return sg_alloc_table_from_pages(&buf->table, pages, nr, 0, nr * PAGE_SIZE, GFP_KERNEL);
}
