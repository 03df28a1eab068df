// SPDX-License-Identifier: GPL-2.0-only
// refused: 21: sg_nents() counts what is mapped
/* Descriptors are for as many entries as the CPU sees. */

#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

struct buffer {
	struct sg_table table;
	unsigned int descs;
};

static int buffer_map(struct device *dev, struct buffer *buffer, struct page **pages,
		      unsigned int nr)
{
	int ret = sg_alloc_table_from_pages(&buffer->table, pages, nr, 0, nr * PAGE_SIZE,
					    GFP_KERNEL);

	if (ret)
		return ret;
	buffer->descs = sg_nents(buffer->table.sgl);
	return dma_map_sgtable(dev, &buffer->table, DMA_BIDIRECTIONAL, 0);
}
