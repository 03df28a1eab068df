// SPDX-License-Identifier: GPL-2.0-only
// refused: 24: what sg_dma_len() says is changed
// refused: 25: what sg_dma_address() says is changed
// refused: 26: what sg_dma_len() says is changed
// refused: 27: the member length of an entry is written
/* Entries that stay apart, of which the device is told of less than there is. */

#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>

struct blocks {
	struct scatterlist sg[4];
	int nr;
};

static int blocks_map(struct blocks *b, struct device *dev, unsigned int skip)
{
	struct scatterlist *sg = &b->sg[0];

	b->nr = dma_map_sg(dev, sg, 4, DMA_TO_DEVICE);
	if (!b->nr)
		return -ENOMEM;
	sg_dma_len(sg) -= skip;
	sg_dma_address(sg) += skip;
	sg_dma_len(sg)--;
	sg->length--;
	return 0;
}

static void blocks_free(struct blocks *b)
{
	for (int i = 0; i < 4; i++)
		__free_pages(sg_page(&b->sg[i]), 2);
}
