/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _LINUX_DMA_IOVA_VECS_H
#define _LINUX_DMA_IOVA_VECS_H
/*
 * Linking of many physical ranges into IOVA by one call.
 *
 * The ranges follow each other.  Two of them never share an IOMMU granule: where
 * one doesn't end at a multiple of the granule, or the next one doesn't start
 * there, that starts in the next granule, at its own offset into it.
 *
 * The granule is dma_get_merge_boundary() + 1, in bytes.
 */

#include <linux/align.h>
#include <linux/dma-mapping.h>
#include <linux/types.h>

/**
 * dma_iova_next_addr() - Where a range is that follows another one
 * @end: End of the range before, any address or offset modulo the granule.
 * @phys: Physical address of the range.
 * @granule: IOMMU granule in bytes.
 *
 * Context: Any.
 * Return: Its address or offset.
 */
static inline u64 dma_iova_next_addr(u64 end, phys_addr_t phys, u64 granule)
{
	return ALIGN(end, granule) + (phys & (granule - 1));
}

/**
 * dma_iova_vecs_end() - Where ranges end that follow others
 * @end: End of the ranges before, a number of bytes from the start of the granule
 *	that the first of all ranges starts in; zero if there are none.
 * @vecs: Ranges.
 * @nr: Number of ranges.
 * @granule: IOMMU granule in bytes.
 *
 * What a list of ranges takes of IOVA is the end of all, counted from zero, less
 * the first range's offset into its granule.  That many bytes are to be allocated
 * by dma_iova_try_alloc(), for the first range's physical address.
 *
 * Context: Any.
 * Return: Their end, counted like @end.
 */
static inline u64 dma_iova_vecs_end(u64 end, const struct phys_vec *vecs,
				    unsigned int nr, u64 granule)
{
	for (; nr; nr--, vecs++)
		end = dma_iova_next_addr(end, vecs->paddr, granule) + vecs->len;
	return end;
}

/**
 * dma_iova_first_addr() - Where dma_iova_link_vecs() links the first range
 * @state: IOVA state.
 * @offset: As for dma_iova_link_vecs().
 * @phys: Physical address of the range.
 * @granule: IOMMU granule in bytes.
 *
 * The start of the IOVA is used as it is if it has the offset into the granule
 * that @phys has, as after dma_iova_try_alloc() for @phys.
 *
 * Context: Any.
 * Return: Its DMA address.
 */
static inline dma_addr_t
dma_iova_first_addr(const struct dma_iova_state *state, size_t offset,
		    phys_addr_t phys, u64 granule)
{
	if (!offset && !((state->addr ^ phys) & (granule - 1)))
		return state->addr;
	return dma_iova_next_addr(state->addr + offset, phys, granule);
}

/**
 * dma_iova_phase() - For which physical address should IOVA of ranges be allocated?
 * @first: First range to link.
 * @next: Physical address of the second one.
 *
 * A large IOMMU page can only map memory that lies in it as in its IOVA.  Pages matter
 * of which there may be one in the first range, or at the start of the second; a place
 * in even larger ones only makes it harder to find room.
 *
 * Context: Any.
 * Return: The low bits of the first range's address, for dma_iova_try_alloc().
 */
static inline phys_addr_t dma_iova_phase(const struct phys_vec *first,
					 phys_addr_t next)
{
	u64 seam = (first->paddr + (u64)first->len) | next;
	u64 page = max(rounddown_pow_of_two(first->len), seam & -seam);

	return first->paddr & (max(page, PAGE_SIZE) - 1);
}

#ifdef CONFIG_IOMMU_DMA
int dma_iova_map_vecs(struct device *dev, struct dma_iova_state *state,
		      const struct phys_vec *vecs, unsigned int nr,
		      enum dma_data_direction dir, unsigned long attrs,
		      gfp_t gfp);
int dma_iova_link_vecs(struct device *dev, struct dma_iova_state *state,
		       size_t offset, const struct phys_vec *vecs,
		       unsigned int nr, size_t *linked,
		       enum dma_data_direction dir, unsigned long attrs,
		       gfp_t gfp);
size_t dma_iova_unlink_vecs(struct device *dev, struct dma_iova_state *state,
			    size_t offset, const struct phys_vec *vecs,
			    unsigned int nr, enum dma_data_direction dir,
			    unsigned long attrs);
bool dma_iova_can_unlink_whole(struct device *dev,
			       const struct dma_iova_state *state,
			       unsigned long attrs);
void dma_iova_sync_vecs(struct device *dev, const struct dma_iova_state *state,
			dma_addr_t addr, const struct phys_vec *vecs,
			unsigned int nr, enum dma_data_direction dir,
			bool for_cpu);
#else
static inline int dma_iova_map_vecs(struct device *dev,
				    struct dma_iova_state *state,
				    const struct phys_vec *vecs,
				    unsigned int nr,
				    enum dma_data_direction dir,
				    unsigned long attrs, gfp_t gfp)
{
	return -EOPNOTSUPP;
}

static inline int dma_iova_link_vecs(struct device *dev,
				     struct dma_iova_state *state,
				     size_t offset, const struct phys_vec *vecs,
				     unsigned int nr, size_t *linked,
				     enum dma_data_direction dir,
				     unsigned long attrs, gfp_t gfp)
{
	*linked = 0;
	return -EOPNOTSUPP;
}

static inline size_t dma_iova_unlink_vecs(struct device *dev,
					  struct dma_iova_state *state,
					  size_t offset,
					  const struct phys_vec *vecs,
					  unsigned int nr,
					  enum dma_data_direction dir,
					  unsigned long attrs)
{
	return 0;
}

static inline bool
dma_iova_can_unlink_whole(struct device *dev,
			  const struct dma_iova_state *state,
			  unsigned long attrs)
{
	return true;
}

static inline void
dma_iova_sync_vecs(struct device *dev, const struct dma_iova_state *state,
		   dma_addr_t addr, const struct phys_vec *vecs,
		   unsigned int nr, enum dma_data_direction dir, bool for_cpu)
{
}
#endif /* CONFIG_IOMMU_DMA */

#endif /* _LINUX_DMA_IOVA_VECS_H */
