// SPDX-License-Identifier: GPL-2.0-only
// refused: 25: the body of a walk moves i
/* A walk that leaves some entries out. */

#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

struct buffer {
	struct sg_table table;
};

void tell(dma_addr_t addr, unsigned int len);

static int buffer_map(struct device *dev, struct buffer *buf, struct page **pages, int nr)
{
	struct scatterlist *sg;
	int i, ret;

	ret = sg_alloc_table_from_pages(&buf->table, pages, nr, 0, nr * PAGE_SIZE, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_sgtable(dev, &buf->table, DMA_TO_DEVICE, 0);
	if (ret)
		return ret;
	for_each_sgtable_dma_sg(&buf->table, sg, i) {
		tell(sg_dma_address(sg), sg_dma_len(sg));
		i++;
	}
	return 0;
}
