// SPDX-License-Identifier: GPL-2.0-only
// refused: 23: a descriptor has to end where an entry does
// explained: 18: a1
#include <linux/dma-mapping.h>

struct buffer {
	struct sg_table table;
	dma_addr_t at[4];
};

static int buffer_map(struct device *dev, struct buffer *buf, struct page **pages,
		      u32 split)
{
	struct scatterlist *sg;
	int i, ret;

	ret = sg_alloc_table_from_pages(&buf->table, pages, 4, 0, 4 * PAGE_SIZE, GFP_KERNEL) ?:
		dma_map_sgtable(dev, &buf->table, DMA_TO_DEVICE, 0);

	for_each_sgtable_dma_sg(&buf->table, sg, i) {
		buf->at[i] = sg_dma_address(sg);
		split -= sg_dma_len(sg);
		if (split == 0)
			return i;
	}
	return ret;
}
