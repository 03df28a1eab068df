// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mapping of physical-range lists behind an IOMMU: one window of IOVA for each part.
 */

#include <linux/dma-iova-vecs.h>
#include <linux/iommu-dma.h>
#include <linux/log2.h>
#include <linux/sizes.h>

#include "phyr_map.h"

/* May what is linked be unlinked at once, whoever's memory is between ranges? */
static bool phyr_dma_unlinks_whole(const struct phyr_dma *dma,
				   const struct phyr_dma_part *part)
{
	return !part->padded ||
	       dma_iova_can_unlink_whole(dma->dev, &part->iova,
					 phyr_dma_part_attrs(dma, part));
}

/* How much IOVA ranges need that are padded to granules, and where some of them are. */
static int phyr_dma_measure(const struct phyr_dma *dma,
			    struct phyr_dma_part *part,
			    const struct phyr_dma_span *span, u64 granule,
			    u64 *end, gfp_t gfp)
{
	u64 first = span->first.phys & (granule - 1);
	struct phyr_state ps = phyr_dma_read_part(dma, span->pos, span->len);
	struct phyr_dma_store store;
	struct phyr_range range;

	if (phyr_dma_store_start(&store, part, span->nr, gfp))
		return -ENOMEM;
	*end = 0;
	while (phyrs_next(&ps, &range)) {
		*end = dma_iova_next_addr(*end, range.phys, granule) + range.len;
		phyr_dma_store_mark(&store, 1, ps.pos - span->pos, *end - first);
		if (!store.unmarked)
			phyr_dma_resched(gfp);
	}
	return 0;
}

/* Unlink @linked bytes: by batches as they were linked, if others' memory is between. */
static noinline_for_stack void
phyr_dma_unlink_span(const struct phyr_dma *dma, struct phyr_dma_part *part,
		     u64 pos, size_t linked)
{
	unsigned long attrs = phyr_dma_part_attrs(dma, part);
	size_t offset = part->addr - dma_iova_addr(&part->iova);
	struct phys_vec vecs[PHYR_DMA_BATCH] __uninitialized;
	struct phyr_state ps __uninitialized;
	size_t end = offset + linked;
	unsigned int nr;

	if (phyr_dma_unlinks_whole(dma, part)) {
		dma_iova_unlink(dma->dev, &part->iova, offset, linked, dma->dir,
				attrs);
		return;
	}
	ps = phyr_dma_read_part(dma, pos, part->len);
	while (offset < end &&
	       (nr = phyrs_next_vecs(&ps, vecs, ARRAY_SIZE(vecs))))
		offset += dma_iova_unlink_vecs(dma->dev, &part->iova, offset,
					       vecs, nr, dma->dir, attrs);
}

/* The same, and the IOVA is given back unless it is reserved. */
static __always_inline void
phyr_dma_undo_window(const struct phyr_dma *dma, struct phyr_dma_part *part,
		     u64 pos, size_t linked)
{
	if (!part->reserved && phyr_dma_unlinks_whole(dma, part)) {
		dma_iova_destroy(dma->dev, &part->iova, linked, dma->dir,
				 phyr_dma_part_attrs(dma, part));
		return;
	}
	if (linked)
		phyr_dma_unlink_span(dma, part, pos, linked);
	if (!part->reserved)
		dma_iova_free(dma->dev, &part->iova);
}

void phyr_dma_unmap_window(const struct phyr_dma *dma,
			   struct phyr_dma_part *part, u64 pos)
{
	phyr_dma_undo_window(dma, part, pos, part->reserved ? part->len :
			     dma_iova_size(&part->iova));
}

/*
 * Where in the IOVA that phyr_dma_reserve() allocated a span could be: zero if that
 * isn't for it, because it isn't all of the list, or needs padding.
 */
dma_addr_t phyr_dma_reserved_addr(const struct phyr_dma *dma,
				  const struct phyr_dma_span *span)
{
	struct dma_iova_state iova = dma->first.iova;
	u64 granule = phyr_dma_granule(dma);
	phys_addr_t phys = span->first.phys;
	u64 pad = dma_iova_size(&iova) - dma->size;

	if (span->len != phyr_bytes(dma->phyr) ||
	    phyr_dma_span_seams(dma, span) & (granule - 1))
		return 0;
	/* As far into a large IOMMU page as the memory is, or into one of @pad. */
	return dma_iova_first_addr(&iova, (phys - dma_iova_addr(&iova)) &
				   (pad - granule), phys, granule);
}

/* -EOPNOTSUPP if there is no IOVA: ranges may still fit. */
static int phyr_dma_find_iova(const struct phyr_dma *dma,
			      struct phyr_dma_part *part,
			      const struct phyr_dma_span *span, gfp_t gfp)
{
	u64 granule = phyr_dma_granule(dma);
	u64 pad = span->first.phys & (granule - 1), end = span->len + pad;
	const struct phys_vec first = { span->first.phys, span->first.len };
	phys_addr_t phase = first.paddr;
	struct phyr_range next;
	int ret = 0;

	if (phyr_dma_span_seams(dma, span) & (granule - 1))
		ret = phyr_dma_measure(dma, part, span, granule, &end, gfp);
	if (ret)
		return ret;
	if (end - pad > SIZE_MAX)
		return -EOPNOTSUPP;
	if (span->nr > 1 &&
	    !phyr_at(dma->phyr, span->pos + span->first.len, &next))
		phase = dma_iova_phase(&first, next.phys);
	return dma_iova_try_alloc(dma->dev, &part->iova, phase, end - pad) ?
	       0 : -EOPNOTSUPP;
}

/* Note where a window is that was allocated for the part. */
static void phyr_dma_set_window(struct phyr_dma_part *part)
{
	part->addr = dma_iova_addr(&part->iova);
	part->padded = dma_iova_size(&part->iova) != part->len;
}

static noinline_for_stack int
phyr_dma_map_many(const struct phyr_dma *dma, struct phyr_dma_part *part,
		  const struct phyr_dma_span *span, gfp_t gfp)
{
	unsigned long attrs = phyr_dma_part_attrs(dma, part);
	struct phys_vec vecs[PHYR_DMA_BATCH] __uninitialized;
	struct phyr_state ps = phyr_dma_read_part(dma, span->pos, span->len);
	size_t start, offset, more;
	unsigned int nr;
	int ret = 0;

	if (!part->reserved) {
		ret = phyr_dma_find_iova(dma, part, span, gfp);
		if (ret)
			return ret;
		phyr_dma_set_window(part);
	}
	start = part->addr - dma_iova_addr(&part->iova);
	offset = start & ~(phyr_dma_granule(dma) - 1);
	while (!ret && (nr = phyrs_next_vecs(&ps, vecs, ARRAY_SIZE(vecs)))) {
		ret = dma_iova_link_vecs(dma->dev, &part->iova, offset, vecs,
					 nr, &more, dma->dir, attrs, gfp);
		offset += more;
		phyr_dma_resched(gfp);
	}
	ret = ret ?: dma_iova_sync(dma->dev, &part->iova, start, offset - start);
	if (ret)
		phyr_dma_undo_window(dma, part, span->pos,
				     max(offset, start) - start);
	return ret;
}

int phyr_dma_map_window(const struct phyr_dma *dma, struct phyr_dma_part *part,
			const struct phyr_dma_span *span, gfp_t gfp)
{
	const struct phys_vec one = { span->first.phys, span->first.len };
	const struct phys_vec *vecs = &one;
	int ret;

	part->mode = PHYR_DMA_IOVA;
	if (span->nr > 1)
		vecs = phyr_dma_span_array(dma, span);
	if (!vecs || part->reserved || one.len != span->first.len)
		return phyr_dma_map_many(dma, part, span, gfp);
	ret = dma_iova_map_vecs(dma->dev, &part->iova, vecs, span->nr, dma->dir,
				phyr_dma_part_attrs(dma, part), gfp);
	if (!ret)
		phyr_dma_set_window(part);
	return ret;
}

/* Padding lets a list start anywhere in a page of up to PMD_SIZE; more would waste IOVA. */
bool phyr_dma_reserve_window(struct phyr_dma *dma, struct device *dev, u64 size)
{
	u64 pad = max(rounddown_pow_of_two(min(size, PMD_SIZE)), PAGE_SIZE);

	dma->first.reserved =
		size <= min(SIZE_MAX, PHYR_BYTES_MAX) - pad &&
		dma_iova_try_alloc(dev, &dma->first.iova, 0, size + pad);
	return dma->first.reserved;
}
