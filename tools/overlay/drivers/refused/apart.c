// SPDX-License-Identifier: GPL-2.0-only
// refused: 29: a length for the device is written into the list
// refused: 30: a DMA address is written into the list
// refused: 31: the member offset of an entry is written
// refused: 42: sg_free_table() is called with a lock held
// refused: 52: entries have to stay apart, and sg_copy_from_buffer() knows none
// explained: 38: a1, .*; becomes phyr_entry_unmap()$
/* Blocks that are freed one by one have to stay apart, which isn't enough. */

#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/spinlock.h>

struct blocks {
	struct sg_table table;
	spinlock_t lock;
	int nr;
};

static int blocks_add(struct blocks *b, struct scatterlist *sg, dma_addr_t addr)
{
	struct page *page = alloc_pages(GFP_KERNEL, 2);

	if (!page)
		return -ENOMEM;
	sg_set_page(sg, page, PAGE_SIZE << 2, 0);
	if (addr) {
		sg_dma_len(sg) = PAGE_SIZE;
		sg_dma_address(sg) = addr;
		sg->offset = 64;
	}
	return 0;
}

static void blocks_free(struct blocks *b, struct device *dev)
{
	dma_unmap_sg(dev, b->table.sgl, b->nr, DMA_TO_DEVICE);
	__free_pages(sg_page(b->table.sgl), 2);

	spin_lock(&b->lock);
	sg_free_table(&b->table);
	spin_unlock(&b->lock);
}

static int blocks_map(struct blocks *b, struct device *dev, void *from, size_t size)
{
	int ret = sg_alloc_table(&b->table, 1, GFP_KERNEL);

	if (ret)
		return ret;
	sg_copy_from_buffer(b->table.sgl, 1, from, size);
	b->nr = dma_map_sg(dev, b->table.sgl, 1, DMA_TO_DEVICE);
	return b->nr ? 0 : -ENOMEM;
}
