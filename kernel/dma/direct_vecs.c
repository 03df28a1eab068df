// SPDX-License-Identifier: GPL-2.0-only
/*
 * DMA without an IOMMU: mapping of many ranges by one call.
 */

#include <linux/dma-map-ops.h>
#include <linux/dma-vecs.h>
#include <linux/swiotlb.h>

#include "direct.h"

/* Memory that a device finds at its physical address plus a constant. */
struct dma_direct_window {
	u64	first;	/* physical address, after @last if no memory is known */
	u64	last;	/* of the last byte */
	u64	delta;	/* DMA minus physical address */
};

static const struct dma_direct_window dma_direct_no_window = { .first = 1 };

/*
 * Is mapping memory in the device's reach no more than computing its address?  What
 * an architecture's own phys_to_dma() does isn't known for a range.
 */
static bool dma_direct_is_plain(struct device *dev, unsigned long attrs)
{
	return !IS_ENABLED(CONFIG_ARCH_HAS_PHYS_TO_DMA) &&
	       dev_is_dma_coherent(dev) && !is_swiotlb_force_bounce(dev) &&
	       !(attrs & (DMA_ATTR_MMIO | DMA_ATTR_CC_SHARED));
}

/*
 * How many bytes from @phys on are in the same bus window, or in the same gap?  @before
 * is set to how many of a window are before it.
 */
static __always_inline u64 dma_direct_find_window(struct device *dev,
						  phys_addr_t phys, u64 *before)
{
	const struct bus_dma_region *map = dev->dma_range_map;
	u64 left = U64_MAX;

	*before = map ? 0 : phys;
	for (; map && map->size; map++) {
		u64 offset = phys - map->cpu_start;

		if (phys < map->cpu_start) {
			left = min(left, map->cpu_start - phys);
		} else if (offset < map->size) {
			*before = offset;
			return map->size - offset;
		}
	}
	return left;
}

u64 dma_direct_window_left(struct device *dev, phys_addr_t phys)
{
	u64 before;

	return dma_direct_find_window(dev, phys, &before);
}

/* The window that has @phys, as far as the device reaches. */
static struct dma_direct_window
dma_direct_window(struct device *dev, phys_addr_t phys, unsigned long attrs)
{
	u64 limit = min_not_zero(*dev->dma_mask, dev->bus_dma_limit);
	dma_addr_t addr = phys_to_dma(dev, phys);
	u64 before, left;

	if (!dma_direct_is_plain(dev, attrs) ||
	    !dma_capable(dev, addr, 1, true, attrs))
		return dma_direct_no_window;
	left = dma_direct_find_window(dev, phys, &before);
	return (struct dma_direct_window) {
		.first = phys - before,
		.last = phys + min3(left - 1, limit - addr, ~(u64)phys),
		.delta = addr - phys,
	};
}

static __always_inline bool
dma_direct_window_has(const struct dma_direct_window *window,
		      const struct phys_vec *vec)
{
	return vec->paddr >= window->first &&
	       vec->paddr + (u64)(vec->len - 1) <= window->last;
}

bool dma_direct_is_offset(struct device *dev, phys_addr_t lowest,
			  phys_addr_t highest, unsigned long attrs, u64 *delta)
{
	u64 more = highest - lowest;
	dma_addr_t addr, last;

	if (!dma_direct_is_plain(dev, attrs) ||
	    more >= dma_direct_window_left(dev, lowest))
		return false;
	addr = phys_to_dma(dev, lowest);
	last = addr + more;
	*delta = addr - lowest;
	/* What reaches the last byte reaches those before it. */
	return last >= addr && dma_capable(dev, last, 1, true, attrs);
}

/* Can the device reach bounce buffers?  More may come where that is possible. */
static bool dma_direct_reaches_pool(struct device *dev)
{
#if defined(CONFIG_SWIOTLB) && !defined(CONFIG_SWIOTLB_DYNAMIC)
	const struct io_tlb_mem *mem = dev->dma_io_tlb_mem;
	phys_addr_t start = mem->defpool.start;
	dma_addr_t addr = mem->cc_shared ? phys_to_dma_unencrypted(dev, start) :
					   phys_to_dma(dev, start);

	return dma_capable(dev, addr, 1, true, 0);
#else
	return true;
#endif
}

/* Why a range that isn't longer than a page can't be mapped. */
static int dma_direct_map_error(struct device *dev, unsigned long attrs)
{
	if (!is_swiotlb_active(dev) || attrs & DMA_ATTR_MMIO ||
	    !dma_direct_reaches_pool(dev))
		return -ERANGE;
	return attrs & DMA_ATTR_REQUIRE_COHERENT ? -EOPNOTSUPP : -ENOMEM;
}

/* Map a range that may be out of reach or has to be bounced. */
static int dma_direct_map_vec(struct device *dev, const struct phys_vec *vec,
			      dma_addr_t *addr, enum dma_data_direction dir,
			      unsigned long attrs)
{
	if (vec->len > dma_direct_window_left(dev, vec->paddr))
		return -ERANGE;
	*addr = dma_direct_map_phys(dev, vec->paddr, vec->len, dir,
				    attrs | DMA_ATTR_NO_WARN, false);
	if (*addr == DMA_MAPPING_ERROR)
		return dma_direct_map_error(dev, attrs);
	return 0;
}

/* The other window, which @vec is in if it is in any. */
static struct dma_direct_window *
dma_direct_other_window(struct device *dev, struct dma_direct_window *windows,
			struct dma_direct_window *window,
			const struct phys_vec *vec, unsigned long attrs)
{
	window = &windows[window == windows];
	if (!dma_direct_window_has(window, vec))
		*window = dma_direct_window(dev, vec->paddr, attrs);
	return window;
}

int dma_direct_map_vecs(struct device *dev, const struct phys_vec *vecs,
			unsigned int nr, struct dma_range *ranges,
			enum dma_data_direction dir, unsigned long attrs)
{
	/* Few buses have more than two. */
	struct dma_direct_window windows[2] = {
		dma_direct_no_window, dma_direct_no_window,
	}, *window = windows;
	unsigned int i;
	int ret = 0;

	for (i = 0; i < nr; i++) {
		const struct phys_vec *vec = &vecs[i];

		if (!dma_direct_window_has(window, vec))
			window = dma_direct_other_window(dev, windows, window,
							 vec, attrs);
		if (dma_direct_window_has(window, vec))
			ranges[i].addr = vec->paddr + window->delta;
		else
			ret = dma_direct_map_vec(dev, vec, &ranges[i].addr, dir,
						 attrs);
		if (ret)
			break;
		ranges[i].len = vec->len;
	}
	if (i && !dev_is_dma_coherent(dev))
		arch_sync_dma_flush();
	return i ?: ret;
}

void dma_direct_unmap_vecs(struct device *dev, const struct dma_range *ranges,
			   unsigned int nr, enum dma_data_direction dir,
			   unsigned long attrs)
{
	for (unsigned int i = 0; i < nr; i++)
		dma_direct_unmap_phys(dev, ranges[i].addr, ranges[i].len, dir,
				      attrs, false);
	if (nr && !dev_is_dma_coherent(dev))
		arch_sync_dma_flush();
}
