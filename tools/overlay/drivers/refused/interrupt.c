// SPDX-License-Identifier: GPL-2.0-only
// refused: 14: a list is mapped by an interrupt handler
#include <linux/interrupt.h>

struct buffer {
	struct device *dev;
	struct sg_table table;
};

static irqreturn_t buffer_irq(int irq, void *data)
{
	struct buffer *buf = data;

	if (dma_map_sgtable(buf->dev, &buf->table, DMA_TO_DEVICE, 0))
		return IRQ_NONE;
	return IRQ_HANDLED;
}

static int buffer_make(struct buffer *buf, struct page **pages, int nr)
{
	return sg_alloc_table_from_pages(&buf->table, pages, nr, 0, nr * PAGE_SIZE, GFP_KERNEL);
}
