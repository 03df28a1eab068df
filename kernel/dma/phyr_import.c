// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mappings of what somebody else, such as the exporter of a DMABUF, has mapped.
 */

#include <linux/export.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

#include "phyr_map.h"

/* A table of one or two entries needs no other memory. */
static int phyr_dma_import_slice(struct phyr_dma_part *part,
				 const struct sg_table *sgt, u64 pos, u64 len,
				 gfp_t gfp)
{
	struct dma_range *last = NULL;
	struct phyr_dma_store store;
	struct scatterlist *sg;
	u64 left = len;
	int i;

	if (sgt->nents > 1 &&
	    (phyr_dma_store_start(&store, part, sgt->nents, gfp) ||
	     phyr_dma_store_room(&store, sgt->nents, gfp)))
		return -ENOMEM;
	for_each_sgtable_dma_sg(sgt, sg, i) {
		struct dma_range range = { sg_dma_address(sg), sg_dma_len(sg) };

		if (pos >= range.len) {
			pos -= range.len;
			continue;
		}
		if ((dma_addr_t)(range.addr + range.len - 1) < range.addr)
			return -EINVAL;
		range.addr += pos;
		range.len = min(range.len - pos, left);
		pos = 0;
		/* Nothing goes on at zero with what ended where the addresses do. */
		if (last && range.addr && last->addr + last->len == range.addr) {
			last->len += range.len;
		} else if (sgt->nents == 1) {
			part->addr = range.addr;
		} else {
			last = phyr_dma_stored(part) + part->nr;
			*last = range;
			phyr_dma_store_mark(&store, 1, len - left, part->nr++);
		}
		left -= range.len;
		if (!left)
			return 0;
	}
	return -ERANGE;
}

/**
 * phyr_dma_import_sgtable() - Take the DMA addresses of a mapped table
 * @dma: Mapping to set up, all zeroes.
 * @dev: Device that the table was mapped for.
 * @sgt: Table, which isn't changed.
 * @pos: Where to start in the mapped memory, in bytes.
 * @len: How much to take, in bytes.
 * @gfp: For the mapping's own memory.
 *
 * For importers of memory that an exporter maps, as with DMABUFs: the part that
 * they use can be walked by range, segment and block like any other mapping.
 * The exporter's mapping has to stay as long as @dma does, and it is the
 * exporter who unmaps and syncs; phyr_dma_unmap() only forgets the addresses.
 *
 * Context: As @gfp allows.
 * Return: 0, or a negative errno with @dma as it was: -EBUSY if @dma is in use,
 * -EINVAL if @len is zero or the addresses wrap around, -ERANGE if the table
 * ends before @pos + @len, -ENOMEM.
 */
int phyr_dma_import_sgtable(struct phyr_dma *dma, struct device *dev,
			    const struct sg_table *sgt, u64 pos, u64 len,
			    gfp_t gfp)
{
	int ret;

	if (dma->dev)
		return -EBUSY;
	if (!len)
		return -EINVAL;

	ret = phyr_dma_import_slice(&dma->first, sgt, pos, len, gfp);
	if (ret) {
		phyr_dma_forget_stored(&dma->first);
		phyr_dma_init(dma);
		return ret;
	}

	dma->dev = dev;
	dma->dir = DMA_NONE;
	dma->nr_parts = 1;
	dma->first.mode = PHYR_DMA_IMPORTED;
	dma->first.len = len;
	return 0;
}
EXPORT_SYMBOL_GPL(phyr_dma_import_sgtable);
