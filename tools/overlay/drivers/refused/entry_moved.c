// SPDX-License-Identifier: GPL-2.0-only
// refused: 25: the body of a walk moves sg
// refused: 29: the body of a walk moves i
/* Entries that stay apart, some of which the body of a walk passes over. */

#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>

struct blocks {
	struct scatterlist sg[8];
	int nr;
};

void tell(dma_addr_t addr, unsigned int len);

static void blocks_map(struct blocks *b, struct device *dev)
{
	struct scatterlist *sg;
	int i;

	b->nr = dma_map_sg(dev, b->sg, 8, DMA_TO_DEVICE);
	for_each_sg(b->sg, sg, b->nr, i)
		tell(sg_dma_address(sg), sg_dma_len(sg));
	for_each_sg(b->sg, sg, b->nr, i) {
		tell(sg_dma_address(sg), sg_dma_len(sg));
		sg = sg_next(sg);
	}
	for_each_sg(b->sg, sg, b->nr, i) {
		tell(sg_dma_address(sg), sg_dma_len(sg));
		i += 2;
	}
}

static void blocks_free(struct blocks *b)
{
	for (int i = 0; i < 8; i++)
		__free_pages(sg_page(&b->sg[i]), 2);
}
