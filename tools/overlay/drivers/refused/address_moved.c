// SPDX-License-Identifier: GPL-2.0-only
// refused: 20: the member dma_address of an entry is used
// explained: 16: a1, .*; stays, address-written: in address_moved.c:20
#include <linux/dma-mapping.h>

struct buffer {
	struct sg_table table;
};

static int buffer_map(struct device *dev, struct buffer *buf, struct page **pages,
		      unsigned int nr, dma_addr_t base)
{
	struct scatterlist *sg;
	int i;

	if (sg_alloc_table_from_pages(&buf->table, pages, nr, 0, nr * PAGE_SIZE, GFP_KERNEL) ||
	    dma_map_sgtable(dev, &buf->table, DMA_TO_DEVICE, 0))
		return -ENOMEM;
	for_each_sgtable_dma_sg(&buf->table, sg, i)
		sg->dma_address += base;
	return 0;
}
