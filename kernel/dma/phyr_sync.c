// SPDX-License-Identifier: GPL-2.0-only
/*
 * Passing mapped memory between the CPU and the device.
 */

#include <linux/dma-iova-vecs.h>
#include <linux/export.h>

#include "phyr_map.h"

/* What is one range for the device may be many for the CPU. */
static void phyr_dma_sync_window(const struct phyr_dma *dma,
				 const struct phyr_dma_part *part, u64 pos,
				 const struct dma_range *range, bool for_cpu)
{
	dma_addr_t addr = range->addr;
	struct phyr_range cpu;

	phyr_for_each_slice_range(dma->phyr, pos, range->len, cpu) {
		const struct phys_vec vec = { cpu.phys, cpu.len };

		dma_iova_sync_vecs(dma->dev, &part->iova, addr, &vec, 1,
				   dma->dir, for_cpu);
		addr += cpu.len;
	}
}

/* Device memory is never cached, and what is computed is coherent. */
static bool phyr_dma_needs_sync(const struct phyr_dma *dma,
				const struct phyr_dma_part *part)
{
	unsigned long attrs = dma->attrs & ~DMA_ATTR_SKIP_CPU_SYNC;

	if (part->mode == PHYR_DMA_IOVA)
		return !part->mmio &&
		       !dma_iova_can_unlink_whole(dma->dev, &part->iova, attrs);
	return part->mode == PHYR_DMA_RANGES && !part->mmio;
}

static void phyr_dma_sync_part(const struct phyr_dma *dma,
			       const struct phyr_dma_part *part, u64 pos,
			       u64 len, bool for_cpu)
{
	struct dma_range range;

	phyr_dma_for_each_slice_range(dma, pos, len, range) {
		if (part->mode == PHYR_DMA_IOVA)
			phyr_dma_sync_window(dma, part, pos, &range, for_cpu);
		else if (for_cpu)
			dma_sync_single_for_cpu(dma->dev, range.addr, range.len,
						dma->dir);
		else
			dma_sync_single_for_device(dma->dev, range.addr,
						   range.len, dma->dir);
		pos += range.len;
	}
}

void phyr_dma_sync_slice(const struct phyr_dma *dma, u64 pos, u64 len,
			 bool for_cpu)
{
	const struct phyr_dma_part *parts = phyr_dma_parts(dma);
	u64 bytes = phyr_dma_bytes(dma), start = 0;

	if (pos >= bytes || len > bytes - pos || !dma_dev_need_sync(dma->dev))
		return;
	for (unsigned int i = 0; i < dma->nr_parts; i++) {
		u64 end = min(pos + len, start + parts[i].len);
		u64 from = max(pos, start);

		if (from < end && phyr_dma_needs_sync(dma, &parts[i]))
			phyr_dma_sync_part(dma, &parts[i], from, end - from,
					   for_cpu);
		start += parts[i].len;
	}
}
EXPORT_SYMBOL_GPL(phyr_dma_sync_slice);
