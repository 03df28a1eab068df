/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KERNEL_DMA_PHYR_MAP_H
#define _KERNEL_DMA_PHYR_MAP_H
/*
 * What the files of the mapper share.
 */

#include <linux/phyr_dma.h>
#include <linux/sched.h>

/* An array, or the one in @dma, unless that keeps what is reserved. */
static inline struct phyr_dma_part *phyr_dma_parts(const struct phyr_dma *dma)
{
	return dma->parts ?: (struct phyr_dma_part *)&dma->first;
}

/* Of an IOMMU: ranges don't share one. */
static inline u64 phyr_dma_granule(const struct phyr_dma *dma)
{
	return dma_get_merge_boundary(dma->dev) + 1;
}

/* Ranges that are read from the list and mapped at a time. */
#define PHYR_DMA_BATCH		64

/* A part of a list that is of one kind. */
struct phyr_dma_span {
	struct phyr_range	first;
	u64			pos;	/* in the list, in bytes */
	u64			len;
	u64			nr;	/* ranges */
	struct phyr_summary	sum;	/* unless it is all of the list */
};

static inline unsigned long
phyr_dma_part_attrs(const struct phyr_dma *dma,
		    const struct phyr_dma_part *part)
{
	return dma->attrs | (part->mmio ? DMA_ATTR_MMIO : 0);
}

/* The addresses of all boundaries inside of a span, ORed together. */
static inline u64 phyr_dma_span_seams(const struct phyr_dma *dma,
				      const struct phyr_dma_span *span)
{
	if (span->len == phyr_bytes(dma->phyr))
		return phyr_summary(dma->phyr).seams;
	return span->sum.seams;
}

/* The start of a part: what is read from there on comes in the same batches. */
static inline struct phyr_state phyr_dma_read_part(const struct phyr_dma *dma,
						   u64 pos, u64 len)
{
	if (len == phyr_bytes(dma->phyr))
		return phyr_start(dma->phyr);
	return phyr_start_slice(dma->phyr, pos, len);
}

/* All ranges, if they are an array and so few that they need no marks: most lists. */
static inline const struct phys_vec *
phyr_dma_span_array(const struct phyr_dma *dma, const struct phyr_dma_span *span)
{
	if (span->nr > PHYR_DMA_BATCH || span->len != phyr_bytes(dma->phyr))
		return NULL;
	return phyr_array(dma->phyr);
}

/* A list may have millions of ranges: let other tasks run meanwhile. */
static inline void phyr_dma_resched(gfp_t gfp)
{
	if (gfpflags_allow_blocking(gfp))
		cond_resched();
}

/* A part whose ranges, or some of their marks, are being stored. */
struct phyr_dma_store {
	struct phyr_dma_part	*part;
	u32			max;	/* ranges that there is room for */
	u32			unmarked;	/* ranges of the list since the last mark */
};

int phyr_dma_store_start(struct phyr_dma_store *store,
			 struct phyr_dma_part *part, u64 nr, gfp_t gfp);
int phyr_dma_store_grow(struct phyr_dma_store *store, size_t nr, gfp_t gfp);
void phyr_dma_store_mark(struct phyr_dma_store *store, unsigned int nr, u64 pos,
			 u64 at);
void phyr_dma_forget_stored(struct phyr_dma_part *part);

/* Have room for @nr more ranges. */
static __always_inline int phyr_dma_store_room(struct phyr_dma_store *store,
					       size_t nr, gfp_t gfp)
{
	if (nr <= store->max - store->part->nr)
		return 0;
	return phyr_dma_store_grow(store, nr, gfp);
}

/* For a device behind an IOMMU.  -EOPNOTSUPP if this isn't for a window of IOVA. */
int phyr_dma_map_window(const struct phyr_dma *dma, struct phyr_dma_part *part,
			const struct phyr_dma_span *span, gfp_t gfp);
void phyr_dma_unmap_window(const struct phyr_dma *dma,
			   struct phyr_dma_part *part, u64 pos);
dma_addr_t phyr_dma_reserved_addr(const struct phyr_dma *dma,
				  const struct phyr_dma_span *span);
bool phyr_dma_reserve_window(struct phyr_dma *dma, struct device *dev, u64 size);

#endif /* _KERNEL_DMA_PHYR_MAP_H */
