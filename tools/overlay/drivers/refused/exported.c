// SPDX-License-Identifier: GPL-2.0-only
// refused: 11: buffer_free() is called by other modules
// explained: 8: c, .*; stays, handed-over: by the callers of buffer_free()
#include <linux/dma-mapping.h>

void buffer_free(struct device *dev, struct sg_table *table)
{
	dma_unmap_sgtable(dev, table, DMA_TO_DEVICE, 0);
	sg_free_table(table);
}
EXPORT_SYMBOL_GPL(buffer_free);
