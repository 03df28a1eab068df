/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Part of mapping.c: mapping of many ranges by one call.
 */

#include <linux/dma-vecs.h>

#ifdef CONFIG_DMA_MAP_VECS

/* All that dma_map_phys() tells others about a mapping, but for many. */
static void dma_tell_mapped(struct device *dev, const struct phys_vec *vecs,
			    const struct dma_range *ranges, unsigned int nr,
			    enum dma_data_direction dir, unsigned long attrs)
{
	if (!IS_ENABLED(CONFIG_DMA_API_DEBUG) && !IS_ENABLED(CONFIG_KMSAN) &&
	    !trace_dma_map_phys_enabled())
		return;

	for (; nr; nr--, vecs++, ranges++) {
		if (!(attrs & DMA_ATTR_MMIO))
			kmsan_handle_dma(vecs->paddr, vecs->len, dir);
		trace_dma_map_phys(dev, vecs->paddr, ranges->addr, vecs->len,
				   dir, attrs);
		debug_dma_map_phys(dev, vecs->paddr, vecs->len, dir,
				   ranges->addr, attrs);
		debug_dma_mapping_error(dev, ranges->addr);
	}
}

static void dma_tell_unmapped(struct device *dev,
			      const struct dma_range *ranges, unsigned int nr,
			      enum dma_data_direction dir, unsigned long attrs)
{
	if (!IS_ENABLED(CONFIG_DMA_API_DEBUG) &&
	    !trace_dma_unmap_phys_enabled())
		return;

	for (; nr; nr--, ranges++) {
		trace_dma_unmap_phys(dev, ranges->addr, ranges->len, dir, attrs);
		debug_dma_unmap_phys(dev, ranges->addr, ranges->len, dir, attrs);
	}
}

/**
 * dma_map_is_offset() - Is mapping some memory nothing but an addition?
 * @dev: Device to map for, with a DMA mask.
 * @lowest: Physical address of the first byte of ordinary memory.
 * @highest: Physical address of the last byte, not below @lowest.
 * @attrs: DMA_ATTR_* flags.
 * @delta: Set to the distance, modulo 2^64: DMA minus physical address.
 *
 * If so, the DMA address of whatever lies between is its physical one plus @delta.  It
 * doesn't have to be synced, and is mapped already.  Answered by what dma_map_vecs()
 * goes by.  Who takes it for a mapping tells debug_dma_map_offset(), and
 * debug_dma_unmap_offset() in the end, so that DMA debugging finds what is left behind.
 *
 * Context: Any.
 * Return: %true if so.
 */
bool dma_map_is_offset(struct device *dev, phys_addr_t lowest,
		       phys_addr_t highest, unsigned long attrs, u64 *delta)
{
	/* It has to be told what of the memory devices may write to. */
	if (IS_ENABLED(CONFIG_KMSAN))
		return false;
	return dma_map_direct(dev, get_dma_ops(dev)) &&
	       dma_direct_is_offset(dev, lowest, highest, attrs, delta);
}
EXPORT_SYMBOL_GPL(dma_map_is_offset);

/**
 * dma_vec_room() - How much can be mapped as one range at most?
 * @dev: Device to map for, with a DMA mask.
 * @phys: Physical address that a range starts at.
 *
 * Where a device sees memory through windows of its bus, they needn't be next to each
 * other for it.  How much can be bounced at a time is another matter, see
 * dma_max_mapping_size().
 *
 * Context: Any.
 * Return: Bytes.
 */
u64 dma_vec_room(struct device *dev, phys_addr_t phys)
{
	if (!dma_map_direct(dev, get_dma_ops(dev)))
		return U64_MAX;
	return dma_direct_window_left(dev, phys);
}
EXPORT_SYMBOL_GPL(dma_vec_room);

/* Map ranges one by one through an IOMMU or operations of the bus. */
static int dma_map_vecs_each(struct device *dev, const struct phys_vec *vecs,
			     unsigned int nr, struct dma_range *ranges,
			     enum dma_data_direction dir, unsigned long attrs)
{
	const struct dma_map_ops *ops = get_dma_ops(dev);
	size_t max = dma_max_mapping_size(dev);
	unsigned int i;

	if (attrs & DMA_ATTR_CC_SHARED)
		return -EOPNOTSUPP;
	if (vecs->len > max)
		return -ERANGE;
	for (i = 0; i < nr && vecs[i].len <= max; i++) {
		dma_addr_t addr = DMA_MAPPING_ERROR;

		if (use_dma_iommu(dev))
			addr = iommu_dma_map_phys(dev, vecs[i].paddr,
						  vecs[i].len, dir,
						  attrs | DMA_ATTR_NO_WARN);
		else if (ops->map_phys)
			addr = ops->map_phys(dev, vecs[i].paddr, vecs[i].len,
					     dir, attrs);
		if (addr == DMA_MAPPING_ERROR)
			break;
		ranges[i].addr = addr;
		ranges[i].len = vecs[i].len;
	}
	return i ?: -ENOMEM;
}

/**
 * dma_map_vecs() - Map ranges of physical memory one by one
 * @dev: Device to map for, with a DMA mask.
 * @vecs: Ranges, none of them empty.
 * @nr: How many, not zero.
 * @ranges: Set to the DMA address of each, and its length.
 * @dir: Direction of the transfers.
 * @attrs: DMA_ATTR_* flags, the same for all ranges.
 *
 * Does for each range what dma_map_phys() does for one, but decides only once how.
 * dma_unmap_vecs() undoes it, or dma_unmap_phys() for each.  Doesn't warn of a want
 * of bounce buffers.
 *
 * Context: Any.
 * Return: How many ranges were mapped, from the first on.  If that is none, a
 * negative errno for the first: -ERANGE if all of it can't be mapped at once for the
 * device, which parts of it may be, -ENOMEM if there are not enough bounce buffers or
 * IOVA, -EOPNOTSUPP if @dev doesn't support @attrs for it.
 */
int dma_map_vecs(struct device *dev, const struct phys_vec *vecs,
		 unsigned int nr, struct dma_range *ranges,
		 enum dma_data_direction dir, unsigned long attrs)
{
	int ret;

	if (!dev_is_dma_coherent(dev) && (attrs & DMA_ATTR_REQUIRE_COHERENT))
		return -EOPNOTSUPP;
	if (dma_map_direct(dev, get_dma_ops(dev)))
		ret = dma_direct_map_vecs(dev, vecs, nr, ranges, dir, attrs);
	else
		ret = dma_map_vecs_each(dev, vecs, nr, ranges, dir, attrs);
	if (ret > 0)
		dma_tell_mapped(dev, vecs, ranges, ret, dir, attrs);
	return ret;
}
EXPORT_SYMBOL_GPL(dma_map_vecs);

static void dma_unmap_vecs_each(struct device *dev,
				const struct dma_range *ranges, unsigned int nr,
				enum dma_data_direction dir,
				unsigned long attrs)
{
	const struct dma_map_ops *ops = get_dma_ops(dev);

	for (; nr; nr--, ranges++) {
		if (use_dma_iommu(dev))
			iommu_dma_unmap_phys(dev, ranges->addr, ranges->len,
					     dir, attrs);
		else if (ops->unmap_phys)
			ops->unmap_phys(dev, ranges->addr, ranges->len, dir,
					attrs);
	}
}

/**
 * dma_unmap_vecs() - Undo dma_map_vecs()
 * @dev: Device.
 * @ranges: DMA addresses, as dma_map_vecs() set them.
 * @nr: How many.
 * @dir: Direction, as given to dma_map_vecs().
 * @attrs: DMA_ATTR_* flags, as given to dma_map_vecs().
 *
 * Context: Any.
 */
void dma_unmap_vecs(struct device *dev, const struct dma_range *ranges,
		    unsigned int nr, enum dma_data_direction dir,
		    unsigned long attrs)
{
	if (!dma_map_direct(dev, get_dma_ops(dev)))
		dma_unmap_vecs_each(dev, ranges, nr, dir, attrs);
	else if (dma_need_unmap(dev))
		dma_direct_unmap_vecs(dev, ranges, nr, dir, attrs);
	dma_tell_unmapped(dev, ranges, nr, dir, attrs);
}
EXPORT_SYMBOL_GPL(dma_unmap_vecs);

#endif /* CONFIG_DMA_MAP_VECS */
