/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KERNEL_DMA_PHYR_MAP_H
#define _KERNEL_DMA_PHYR_MAP_H
/*
 * What the files of the mapper share.
 */

#include <linux/phyr_dma.h>

/*
 * Neighbouring ranges that may be mapped as one part.  The lowest bit that is
 * set in @seams is the alignment of all boundaries between them; higher bits
 * mean nothing.  Without any boundary it is zero.
 */
struct phyr_dma_span {
	struct phyr_range	first;
	u64			len;
	u64			seams;
	phys_addr_t		lowest;
	phys_addr_t		highest;
};

static inline struct phyr_dma_part *phyr_dma_parts(const struct phyr_dma *dma)
{
	return dma->parts ?: (struct phyr_dma_part *)&dma->first;
}

/* Imported addresses are unmapped and synced by whoever mapped them. */
static inline bool phyr_dma_is_imported(const struct phyr_dma *dma)
{
	return dma->phyr == &dma->ranges;
}

static inline unsigned long
phyr_dma_part_attrs(const struct phyr_dma *dma,
		    const struct phyr_dma_part *part)
{
	return dma->attrs | (part->mmio ? DMA_ATTR_MMIO : 0);
}

int phyr_dma_check(const struct phyr_dma *dma, const struct phyr *phyr,
		   enum dma_data_direction dir, unsigned long attrs);
void phyr_dma_whole_span(const struct phyr *phyr, struct phyr_dma_span *span);
void phyr_dma_choose(const struct phyr_dma *dma, struct phyr_dma_part *part,
		     const struct phyr_dma_span *span);

int phyr_dma_map_iova(const struct phyr_dma *dma, struct phyr_dma_part *part,
		      struct phyr_state *ps, u64 len, gfp_t gfp);
void phyr_dma_unmap_iova(const struct phyr_dma *dma,
			 struct phyr_dma_part *part);

u64 phyr_dma_max_len(struct device *dev);
size_t phyr_dma_piece(const struct phyr_dma *dma, struct phyr_state *ps,
		      u64 left, phys_addr_t *phys);
int phyr_dma_map_phys(const struct phyr_dma *dma, phys_addr_t phys, size_t size,
		      unsigned long attrs, dma_addr_t *addr);
bool phyr_dma_must_unmap(struct device *dev);

#endif /* _KERNEL_DMA_PHYR_MAP_H */
