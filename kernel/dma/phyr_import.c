// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mappings of what somebody else, such as the exporter of a DMABUF, has mapped.
 */

#include <linux/export.h>
#include <linux/scatterlist.h>

#include "phyr_map.h"

/* Append at most @len bytes of @sg, without the first @skip bytes. */
static int phyr_dma_import_sg(struct phyr_dma *dma, struct scatterlist *sg,
			      u64 skip, u64 len, gfp_t gfp)
{
	u64 have = sg_dma_len(sg);

	if (skip >= have)
		return 0;
	return phyr_append(&dma->ranges, sg_dma_address(sg) + skip,
			   min(have - skip, len), gfp);
}

static int phyr_dma_import_slice(struct phyr_dma *dma,
				 const struct sg_table *sgt, u64 pos, u64 len,
				 gfp_t gfp)
{
	struct phyr *ranges = &dma->ranges;
	struct scatterlist *sg;
	int i, ret = 0;
	u64 at = 0;

	for_each_sgtable_dma_sg(sgt, sg, i) {
		u64 next = pos + phyr_bytes(ranges);

		ret = phyr_dma_import_sg(dma, sg, next - at,
					 len - phyr_bytes(ranges), gfp);
		if (ret || phyr_bytes(ranges) == len)
			break;
		at += sg_dma_len(sg);
	}
	if (!ret && phyr_bytes(ranges) < len)
		ret = -ERANGE;
	return ret;
}

/**
 * phyr_dma_import_sgtable() - Take the DMA addresses of a mapped table
 * @dma: Mapping to set up, all zeroes.  It must not be moved afterwards,
 *	because it points into itself.
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

	ret = phyr_dma_import_slice(dma, sgt, pos, len, gfp);
	if (ret) {
		phyr_destroy_atomic(&dma->ranges);
		return ret;
	}

	dma->dev = dev;
	dma->phyr = &dma->ranges;
	dma->dir = DMA_NONE;
	dma->nr_parts = 1;
	dma->first.mode = PHYR_DMA_RANGES;
	dma->first.len = len;
	return 0;
}
EXPORT_SYMBOL_GPL(phyr_dma_import_sgtable);
