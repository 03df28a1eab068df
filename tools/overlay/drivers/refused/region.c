// SPDX-License-Identifier: GPL-2.0-only
// refused: 23: ib_map_mr_sg() of what is not a table that was mapped there
/* A memory region of as many entries as there were before they were mapped. */

#include <linux/scatterlist.h>
#include <rdma/ib_verbs.h>

struct buffer {
	struct sg_table table;
	struct ib_mr *mr;
};

static int buffer_map(struct ib_device *dev, struct buffer *buffer, struct page **pages,
		      unsigned int nr)
{
	int ret = sg_alloc_table_from_pages(&buffer->table, pages, nr, 0, nr * PAGE_SIZE,
					    GFP_KERNEL);

	if (ret)
		return ret;
	if (!ib_dma_map_sg(dev, buffer->table.sgl, buffer->table.orig_nents, DMA_BIDIRECTIONAL))
		return -EIO;
	return ib_map_mr_sg(buffer->mr, buffer->table.sgl, buffer->table.orig_nents, NULL,
			    PAGE_SIZE);
}
