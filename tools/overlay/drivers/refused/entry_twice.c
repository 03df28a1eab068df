// SPDX-License-Identifier: GPL-2.0-only
// refused: 24: the buffer of sg_set_buf() is asked for twice
// refused: 25: the buffer of sg_set_buf() is asked for twice
// refused: 26: an argument of dma_map_sg() changes something
/* Entries that stay apart, set to what is another buffer each time that it is asked for. */

#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>

struct blocks {
	struct scatterlist sg[4];
	int nr;
};

void *blocks_get(struct blocks *b);

static void blocks_map(struct blocks *b, struct device *dev, void **buf)
{
	int i = 0, n = 3;

	sg_init_table(b->sg, 4);
	for (i = 0; i < 3; i++)
		sg_set_buf(&b->sg[i], *buf++, PAGE_SIZE);
	sg_set_buf(&b->sg[i], blocks_get(b), PAGE_SIZE);
	b->nr = dma_map_sg(dev, b->sg, ++n, DMA_TO_DEVICE);
}

static void blocks_free(struct blocks *b)
{
	for (int i = 0; i < 4; i++)
		__free_pages(sg_page(&b->sg[i]), 2);
}
