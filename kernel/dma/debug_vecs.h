/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Part of debug.c: mappings that are nothing but an addition.
 */

#include <linux/dma-vecs.h>

/**
 * debug_dma_map_offset() - Note that memory is mapped as dma_map_is_offset() tells
 * @dev: Device.
 * @phys: Physical address of the first byte.
 * @addr: Its DMA address.
 * @size: All that is mapped, in bytes: not necessarily one range.
 * @dir: Direction of the transfers.
 * @attrs: DMA_ATTR_* flags.
 *
 * There is one entry for all of it.  The memory may be mapped for several devices, as
 * no cache has to be looked after.
 *
 * Context: Any.
 */
void debug_dma_map_offset(struct device *dev, phys_addr_t phys, dma_addr_t addr,
			  u64 size, enum dma_data_direction dir,
			  unsigned long attrs)
{
	struct dma_debug_entry *entry;

	if (unlikely(dma_debug_disabled()))
		return;
	entry = dma_entry_alloc();
	if (!entry)
		return;

	entry->dev = dev;
	entry->type = dma_debug_phy;
	entry->paddr = phys;
	entry->dev_addr = addr;
	entry->size = size;
	entry->direction = dir;
	entry->attrs = attrs | DMA_ATTR_DEBUGGING_IGNORE_CACHELINES;
	check_for_stack(dev, phys);
	add_dma_entry(entry);
}
EXPORT_SYMBOL_GPL(debug_dma_map_offset);

/**
 * debug_dma_unmap_offset() - Note that memory isn't mapped any more
 * @dev: Device.
 * @addr: DMA address of the first byte, as given to debug_dma_map_offset().
 * @size: Bytes, as given there.
 * @dir: Direction, as given there.
 * @attrs: DMA_ATTR_* flags, as given there.
 *
 * Context: Any.
 */
void debug_dma_unmap_offset(struct device *dev, dma_addr_t addr, u64 size,
			    enum dma_data_direction dir, unsigned long attrs)
{
	struct dma_debug_entry ref = {
		.type		= dma_debug_phy,
		.dev		= dev,
		.dev_addr	= addr,
		.size		= size,
		.direction	= dir,
		.attrs		= attrs,
	};

	if (!dma_debug_disabled())
		check_unmap(&ref);
}
EXPORT_SYMBOL_GPL(debug_dma_unmap_offset);
