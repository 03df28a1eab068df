// SPDX-License-Identifier: GPL-2.0-only
// refused: 18: the list sgs shares its place in a union
// explained: 18: b
#include <linux/dma-mapping.h>

struct buffer {
	int nents;
	union {
		struct scatterlist sgs[4];
		dma_addr_t coherent[4];
	};
};

static int buffer_map(struct device *dev, struct buffer *buf, struct page *page)
{
	sg_init_table(buf->sgs, 2);
	sg_set_page(&buf->sgs[0], page, PAGE_SIZE, 0);
	buf->nents = dma_map_sg(dev, buf->sgs, 2, DMA_TO_DEVICE);
	return buf->nents ? 0 : -ENOMEM;
}
