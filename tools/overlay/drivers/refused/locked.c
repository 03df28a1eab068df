// SPDX-License-Identifier: GPL-2.0-only
// refused: 16: dma_map_sg() is called with a lock held
// explained: 16: b
#include <linux/dma-mapping.h>

struct buffer {
	struct scatterlist list[4];
	int nents;
};

static int buffer_map(struct device *dev, struct buffer *buf, struct page *page, spinlock_t *lock)
{
	sg_init_table(buf->list, 2);
	sg_set_page(&buf->list[0], page, PAGE_SIZE, 0);
	spin_lock(lock);
	buf->nents = dma_map_sg(dev, buf->list, 2, DMA_TO_DEVICE);
	spin_unlock(lock);
	return buf->nents ? 0 : -ENOMEM;
}
