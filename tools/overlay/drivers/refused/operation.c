// SPDX-License-Identifier: GPL-2.0-only
// refused: 12: host_map() is called by others
// explained: 8: c, .*ops.map.*; stays, handed-over
#include <linux/dma-mapping.h>

static int host_map(struct device *dev, struct scatterlist *list, int nr)
{
	return dma_map_sg(dev, list, nr, DMA_TO_DEVICE);
}

static const struct host_ops ops = {
	.map = host_map,
};
