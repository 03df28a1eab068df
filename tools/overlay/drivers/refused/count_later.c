// SPDX-License-Identifier: GPL-2.0-only
// refused: 21: the number of entries that were mapped is used
// explained: 17: b
#include <linux/dmaengine.h>

struct buffer {
	struct scatterlist list;
};

static int buffer_send(struct dma_chan *chan, struct device *dev, struct buffer *buf,
		       void *data, size_t len)
{
	struct dma_async_tx_descriptor *desc;
	int ret;

	sg_init_one(&buf->list, data, len);
	ret = dma_map_sg(dev, &buf->list, 1, DMA_TO_DEVICE);
	if (ret == 0)
		return -ENOMEM;
	desc = dmaengine_prep_slave_sg(chan, &buf->list, 1, DMA_MEM_TO_DEV, 0);
	if (ret)
		dev_dbg(dev, "mapped\n");
	return desc ? 0 : -EIO;
}
