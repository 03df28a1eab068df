// SPDX-License-Identifier: GPL-2.0-only
/*
 * DMA without an IOMMU: mapping of many ranges by one call.
 */

#include <linux/dma-map-ops.h>
#include <linux/dma-vecs.h>
#include <linux/swiotlb.h>

#include "direct.h"

/*
 * Is where memory in the device's reach is for it no more than a matter of its bus?  What
 * an architecture's own phys_to_dma() does isn't known for a range.
 */
static __always_inline bool dma_direct_is_plain(struct device *dev,
						unsigned long attrs)
{
	return !IS_ENABLED(CONFIG_ARCH_HAS_PHYS_TO_DMA) &&
	       !is_swiotlb_force_bounce(dev) &&
	       !(attrs & (DMA_ATTR_MMIO | DMA_ATTR_CC_SHARED)) &&
	       !force_dma_unencrypted(dev);
}

/* The last address that the device reaches. */
static __always_inline u64 dma_direct_limit(struct device *dev)
{
	u64 limit = min_not_zero(*dev->dma_mask, dev->bus_dma_limit);

	return min(limit, DMA_MAPPING_ERROR - 1);
}

/*
 * Where memory is for the device, if it reaches all of it through one bus window.  In 64
 * bits nothing wraps, which dma_capable() would tell by an address below all memory.
 */
static __always_inline bool
dma_direct_find(const struct bus_dma_region *map, u64 limit, u64 phys, u64 more,
		u64 *addr)
{
	u64 offset;

	*addr = phys;
	if (map) {
		while ((offset = phys - map->cpu_start) >= map->size)
			if (!map++->size)
				return false;
		if (more >= map->size - offset)
			return false;
		*addr = map->dma_start + offset;
	}
	*addr = dma_addr_encrypted(*addr);
	return *addr <= limit && more <= limit - *addr;
}

bool dma_direct_is_offset(struct device *dev, phys_addr_t lowest,
			  phys_addr_t highest, unsigned long attrs, u64 *delta)
{
	u64 addr;

	if (!dev_is_dma_coherent(dev) || !dma_direct_is_plain(dev, attrs) ||
	    !dma_direct_find(dev->dma_range_map, dma_direct_limit(dev), lowest,
			     highest - lowest, &addr))
		return false;
	*delta = addr - lowest;
	return true;
}

/* How many bytes from @phys on are in the same bus window, or in the same gap? */
u64 dma_direct_window_left(struct device *dev, phys_addr_t phys)
{
	const struct bus_dma_region *map = dev->dma_range_map;
	u64 left = U64_MAX;

	for (; map && map->size; map++) {
		u64 offset = phys - map->cpu_start;

		if (phys < map->cpu_start)
			left = min(left, map->cpu_start - phys);
		else if (offset < map->size)
			return map->size - offset;
	}
	return left;
}

/*
 * Can the device reach bounce buffers?  More may come where that is possible.  Those of a
 * confidential guest are shared with its host.
 */
static bool dma_direct_reaches_pool(struct device *dev)
{
#if defined(CONFIG_SWIOTLB) && !defined(CONFIG_SWIOTLB_DYNAMIC)
	phys_addr_t start = dev->dma_io_tlb_mem->defpool.start;

	return phys_to_dma_unencrypted(dev, start) <= dma_direct_limit(dev);
#else
	return true;
#endif
}

/* Why a range can't be mapped that isn't too long to be bounced. */
static int dma_direct_map_error(struct device *dev, unsigned long attrs)
{
	if (!is_swiotlb_active(dev) || attrs & DMA_ATTR_MMIO ||
	    !dma_direct_reaches_pool(dev))
		return -ERANGE;
	return attrs & DMA_ATTR_REQUIRE_COHERENT ? -EOPNOTSUPP : -ENOMEM;
}

/* Map a range that may be out of reach or has to be bounced. */
static noinline int
dma_direct_map_vec(struct device *dev, const struct phys_vec *vec,
		   dma_addr_t *addr, enum dma_data_direction dir,
		   unsigned long attrs)
{
	if (vec->len > dma_direct_window_left(dev, vec->paddr))
		return -ERANGE;
	*addr = dma_direct_map_phys(dev, vec->paddr, vec->len, dir,
				    attrs | DMA_ATTR_NO_WARN, false);
	if (*addr != DMA_MAPPING_ERROR)
		return 0;
	if (vec->len > dma_direct_max_mapping_size(dev))
		return -ERANGE;
	return dma_direct_map_error(dev, attrs);
}

/* For a device that isn't coherent, unless what shares cache lines is to be bounced. */
static bool dma_direct_flush_vec(struct device *dev, const struct phys_vec *vec,
				 enum dma_data_direction dir, unsigned long attrs)
{
	if (dma_kmalloc_needs_bounce(dev, vec->len, dir))
		return false;
	if (!(attrs & DMA_ATTR_SKIP_CPU_SYNC))
		arch_sync_dma_for_device(vec->paddr, vec->len, dir);
	return true;
}

int dma_direct_map_vecs(struct device *dev, const struct phys_vec *vecs,
			unsigned int nr, struct dma_range *ranges,
			enum dma_data_direction dir, unsigned long attrs)
{
	const struct bus_dma_region *map = dev->dma_range_map;
	bool plain = dma_direct_is_plain(dev, attrs);
	bool coherent = dev_is_dma_coherent(dev);
	u64 limit = dma_direct_limit(dev), addr;
	unsigned int i;
	int ret = 0;

	for (i = 0; i < nr; i++) {
		const struct phys_vec *vec = &vecs[i];

		if (plain && dma_direct_find(map, limit, vec->paddr,
					     vec->len - 1, &addr) &&
		    (coherent || dma_direct_flush_vec(dev, vec, dir, attrs)))
			ranges[i].addr = addr;
		else
			ret = dma_direct_map_vec(dev, vec, &ranges[i].addr, dir,
						 attrs);
		if (ret)
			break;
		ranges[i].len = vec->len;
	}
	if (i && !coherent)
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
