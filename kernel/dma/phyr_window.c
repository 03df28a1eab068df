// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mapping of physical-range lists behind an IOMMU: one window of IOVA for each part.
 */

#include <linux/dma-iova-vecs.h>
#include <linux/iommu-dma.h>
#include <linux/log2.h>

#include "phyr_map.h"

/* May what is linked be unlinked at once, whoever's memory is between ranges? */
static bool phyr_dma_unlinks_whole(const struct phyr_dma *dma,
				   const struct phyr_dma_part *part)
{
	return !part->padded ||
	       dma_iova_can_unlink_whole(dma->dev, &part->iova,
					 phyr_dma_part_attrs(dma, part));
}

/*
 * How long a window is in which ranges that don't meet at whole granules are padded,
 * and where in it some of them are.
 */
static int phyr_dma_measure(const struct phyr_dma *dma,
			    struct phyr_dma_part *part,
			    const struct phyr_dma_span *span, u64 *size,
			    gfp_t gfp)
{
	struct phys_vec vecs[PHYR_DMA_BATCH] __uninitialized;
	struct phyr_state ps = phyr_dma_span_start(dma, span);
	u64 granule = phyr_dma_granule(dma), end = 0, first;
	struct phyr_dma_store store;
	unsigned int nr;

	if (phyr_dma_store_start(&store, span->nr, gfp))
		return -ENOMEM;
	first = span->first.phys & (granule - 1);
	while ((nr = phyrs_next_vecs(&ps, vecs, ARRAY_SIZE(vecs)))) {
		end = dma_iova_vecs_end(end, vecs, nr, granule);
		phyr_dma_store_mark(&store, nr, ps.pos - span->pos, end - first);
		phyr_dma_resched(gfp);
	}
	phyr_dma_store_finish(&store, part);
	*size = end - first;
	return 0;
}

/* Link what @ps has left; @linked bytes of IOVA from @part->addr on are linked. */
static int phyr_dma_link_span(const struct phyr_dma *dma,
			      struct phyr_dma_part *part,
			      const struct phyr_dma_span *span, u64 *linked,
			      gfp_t gfp)
{
	unsigned long attrs = phyr_dma_part_attrs(dma, part);
	struct phys_vec vecs[PHYR_DMA_BATCH] __uninitialized;
	struct phyr_state ps = phyr_dma_span_start(dma, span);
	u64 start = part->addr - dma_iova_addr(&part->iova);
	size_t offset = start & ~(phyr_dma_granule(dma) - 1), more;
	unsigned int nr;
	int ret = 0;

	while (!ret && (nr = phyrs_next_vecs(&ps, vecs, ARRAY_SIZE(vecs)))) {
		ret = dma_iova_link_vecs(dma->dev, &part->iova, offset, vecs,
					 nr, &more, dma->dir, attrs, gfp);
		offset += more;
		phyr_dma_resched(gfp);
	}
	*linked = offset > start ? offset - start : 0;
	return ret ?: dma_iova_sync(dma->dev, &part->iova, start, *linked);
}

/*
 * Unlink the first @linked bytes of IOVA: range by range where somebody else's memory
 * between them matters.
 */
static void phyr_dma_unlink_span(const struct phyr_dma *dma,
				 struct phyr_dma_part *part, u64 pos, u64 linked)
{
	unsigned long attrs = phyr_dma_part_attrs(dma, part);
	size_t offset = part->addr - dma_iova_addr(&part->iova);
	size_t end = offset + linked;
	struct phyr_range range;

	if (phyr_dma_unlinks_whole(dma, part)) {
		dma_iova_unlink(dma->dev, &part->iova, offset, linked, dma->dir,
				attrs);
		return;
	}
	phyr_for_each_slice_range(dma->phyr, pos, part->len, range) {
		struct phys_vec vec = { range.phys, range.len };

		if (offset >= end)
			break;
		offset += dma_iova_unlink_vecs(dma->dev, &part->iova, offset,
					       &vec, 1, dma->dir, attrs);
	}
}

void phyr_dma_unmap_window(const struct phyr_dma *dma,
			   struct phyr_dma_part *part, u64 pos)
{
	unsigned long attrs = phyr_dma_part_attrs(dma, part);
	u64 linked = part->reserved ? part->len : dma_iova_size(&part->iova);

	if (!part->reserved && phyr_dma_unlinks_whole(dma, part)) {
		dma_iova_destroy(dma->dev, &part->iova, linked, dma->dir, attrs);
		return;
	}
	phyr_dma_unlink_span(dma, part, pos, linked);
	if (!part->reserved)
		dma_iova_free(dma->dev, &part->iova);
}

/* The largest IOMMU page that the span can use if it is placed for that. */
static u64 phyr_dma_best_page(const struct phyr_dma *dma,
			      const struct phyr_dma_span *span)
{
	u64 align = BIT_ULL(ilog2(min(span->len, PMD_SIZE)));

	if (span->sum.seams)
		align = min(align, BIT_ULL(__ffs64(span->sum.seams)));
	return max(align, phyr_dma_granule(dma));
}

/*
 * Where in the IOVA that phyr_dma_reserve() allocated a span could be: zero if that
 * isn't for it, because it isn't all of the list, or needs padding.
 */
dma_addr_t phyr_dma_reserved_addr(const struct phyr_dma *dma,
				  const struct phyr_dma_span *span)
{
	struct dma_iova_state iova = dma->first.iova;
	u64 granule, align, skip;

	if (!dma->first.reserved || span->len != phyr_bytes(dma->phyr))
		return 0;
	granule = phyr_dma_granule(dma);
	if (span->sum.seams & (granule - 1))
		return 0;
	align = phyr_dma_best_page(dma, span);
	skip = (span->first.phys - dma_iova_addr(&iova)) & (align - 1) &
	       ~(granule - 1);
	if (skip + (span->first.phys & (granule - 1)) + span->len >
	    dma_iova_size(&iova))
		return 0;
	return dma_iova_first_addr(&iova, skip, span->first.phys, granule);
}

/* Find IOVA for a span.  -EOPNOTSUPP if there is none: ranges may still fit. */
static int phyr_dma_find_window(const struct phyr_dma *dma,
				struct phyr_dma_part *part,
				const struct phyr_dma_span *span, gfp_t gfp)
{
	u64 size = span->len;
	int ret = 0;

	/* Then phyr_dma_add_part() has found where. */
	if (part->reserved)
		return 0;
	if (!use_dma_iommu(dma->dev))
		return -EOPNOTSUPP;
	part->padded = span->sum.seams & (phyr_dma_granule(dma) - 1);
	if (part->padded)
		ret = phyr_dma_measure(dma, part, span, &size, gfp);
	if (ret)
		return ret;
	if (size > SIZE_MAX ||
	    !dma_iova_try_alloc(dma->dev, &part->iova, span->first.phys, size))
		return -EOPNOTSUPP;
	part->addr = dma_iova_addr(&part->iova);
	return 0;
}

int phyr_dma_map_window(const struct phyr_dma *dma, struct phyr_dma_part *part,
			const struct phyr_dma_span *span, gfp_t gfp)
{
	int ret = phyr_dma_find_window(dma, part, span, gfp);
	u64 linked;

	if (ret)
		return ret;
	part->mode = PHYR_DMA_IOVA;
	ret = phyr_dma_link_span(dma, part, span, &linked, gfp);
	if (!ret)
		return 0;
	if (linked)
		phyr_dma_unlink_span(dma, part, span->pos, linked);
	if (!part->reserved)
		dma_iova_free(dma->dev, &part->iova);
	return ret;
}

/*
 * The padding lets a list start at any offset into a large IOMMU page, so that
 * such pages can be used.  It is limited to PMD_SIZE, in order to save IOVA.
 */
bool phyr_dma_reserve_window(struct phyr_dma *dma, struct device *dev, u64 size)
{
	u64 pad = max(rounddown_pow_of_two(min(size, PMD_SIZE)), PAGE_SIZE);

	dma->first.reserved =
		size <= min(SIZE_MAX, PHYR_BYTES_MAX) - pad &&
		dma_iova_try_alloc(dev, &dma->first.iova, 0, size + pad);
	return dma->first.reserved;
}
