// SPDX-License-Identifier: GPL-2.0-only
// refused: 23: a descriptor has to end where an entry does
// explained: 19: a1
#include <linux/dma-mapping.h>

struct buffer {
	struct scatterlist list[4];
	dma_addr_t at[4];
};

static int buffer_map(struct device *dev, struct buffer *buf, struct page *page, u32 split)
{
	struct scatterlist *sg;
	int i, nr;

	sg_init_table(buf->list, split);
	sg_set_page(&buf->list[0], page, PAGE_SIZE, 0);
	sg_set_page(&buf->list[1], page + 1, PAGE_SIZE, 0);
	nr = dma_map_sg(dev, buf->list, 2, DMA_TO_DEVICE);
	for_each_sg(buf->list, sg, nr, i) {
		buf->at[i] = sg_dma_address(sg);
		split -= sg_dma_len(sg);
		if (split == 0)
			return i;
	}
	return nr;
}
