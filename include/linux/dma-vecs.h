/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _LINUX_DMA_VECS_H
#define _LINUX_DMA_VECS_H
/*
 * Mapping of many ranges of physical memory for DMA by one call.
 */

#include <linux/dma-mapping.h>

/**
 * struct dma_range - A range of DMA addresses
 * @addr: Address to give to the device.
 * @len: Length in bytes.
 */
struct dma_range {
	dma_addr_t	addr;
	u64		len;
};

bool dma_map_is_offset(struct device *dev, phys_addr_t lowest,
		       phys_addr_t highest, unsigned long attrs, u64 *delta);
u64 dma_vec_room(struct device *dev, phys_addr_t phys);
int dma_map_vecs(struct device *dev, const struct phys_vec *vecs,
		 unsigned int nr, struct dma_range *ranges,
		 enum dma_data_direction dir, unsigned long attrs);
void dma_unmap_vecs(struct device *dev, const struct dma_range *ranges,
		    unsigned int nr, enum dma_data_direction dir,
		    unsigned long attrs);

/**
 * dma_iova_addr() - Where does a window of IOVA start?
 * @state: IOVA state, after dma_iova_try_alloc().
 *
 * Context: Any.
 * Return: The DMA address.
 */
static inline dma_addr_t dma_iova_addr(const struct dma_iova_state *state)
{
	return state->addr;
}

/**
 * dma_iova_reset() - Note that nothing is linked in a window of IOVA any more
 * @state: IOVA state, after dma_iova_try_alloc().
 *
 * For IOVA that is used again: whether what was linked had to be bounced says nothing
 * about what comes next.
 *
 * Context: Any.
 */
static inline void dma_iova_reset(struct dma_iova_state *state)
{
	state->__size = dma_iova_size(state);
}

#ifdef CONFIG_DMA_API_DEBUG
void debug_dma_map_offset(struct device *dev, phys_addr_t phys, dma_addr_t addr,
			  u64 size, enum dma_data_direction dir,
			  unsigned long attrs);
void debug_dma_unmap_offset(struct device *dev, dma_addr_t addr, u64 size,
			    enum dma_data_direction dir, unsigned long attrs);
#else
static inline void
debug_dma_map_offset(struct device *dev, phys_addr_t phys, dma_addr_t addr,
		     u64 size, enum dma_data_direction dir, unsigned long attrs)
{
}

static inline void
debug_dma_unmap_offset(struct device *dev, dma_addr_t addr, u64 size,
		       enum dma_data_direction dir, unsigned long attrs)
{
}
#endif

/* What mapping.c calls where there is no IOMMU: not for drivers. */
bool dma_direct_is_offset(struct device *dev, phys_addr_t lowest,
			  phys_addr_t highest, unsigned long attrs, u64 *delta);
u64 dma_direct_window_left(struct device *dev, phys_addr_t phys);
int dma_direct_map_vecs(struct device *dev, const struct phys_vec *vecs,
			unsigned int nr, struct dma_range *ranges,
			enum dma_data_direction dir, unsigned long attrs);
void dma_direct_unmap_vecs(struct device *dev, const struct dma_range *ranges,
			   unsigned int nr, enum dma_data_direction dir,
			   unsigned long attrs);

#endif /* _LINUX_DMA_VECS_H */
