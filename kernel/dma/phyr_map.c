// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mapping of physical-range lists for DMA, in parts: each is of one kind of
 * memory, and mapped in one way.  DMA addresses are stored only if they can't
 * be computed.
 */

#include <kunit/visibility.h>
#include <linux/dma-map-ops.h>
#include <linux/export.h>
#include <linux/iommu-dma.h>
#include <linux/pci-p2pdma.h>
#include <linux/phyr_dma.h>
#include <linux/slab.h>
#include <trace/events/phyr.h>

#include "phyr_map.h"

static_assert(sizeof(struct phyr_dma) <= 96, "drivers embed many of them");

/* More than one part are in an array. */
static noinline struct phyr_dma_part *
phyr_dma_add_to_array(struct phyr_dma *dma, gfp_t gfp)
{
	unsigned int nr = dma->nr_parts;
	struct phyr_dma_part *parts;

	/* Most often there is room for it in the memory that there is. */
	parts = krealloc_array(dma->parts, nr + 1, sizeof(*parts), gfp);
	if (!parts)
		return NULL;
	if (nr && !dma->parts)
		parts[0] = dma->first;
	dma->parts = parts;
	parts[nr] = (struct phyr_dma_part){ };
	return &parts[nr];
}

/* A single part is in @dma itself, unless what is reserved there isn't for it. */
static __always_inline struct phyr_dma_part *
phyr_dma_add_part(struct phyr_dma *dma, const struct phyr_dma_span *span,
		  gfp_t gfp)
{
	struct phyr_dma_part *part = &dma->first;

	if (part->reserved && !dma->nr_parts)
		part->addr = phyr_dma_reserved_addr(dma, span);
	if (dma->nr_parts || (part->reserved && !part->addr))
		part = phyr_dma_add_to_array(dma, gfp);
	if (!part)
		return NULL;
	dma->nr_parts++;
	part->len = span->len;
	part->mmio = span->first.flags & PHYR_MMIO;
	return part;
}

/* --- range by range --- */

/* The most of what is left of a range that may be tried: whole pages. */
static size_t phyr_dma_piece_len(const struct phys_vec *left, size_t max)
{
	size_t extra;

	if (left->len <= max)
		return left->len;
	extra = offset_in_page(left->paddr + max);
	return extra < max ? max - extra : max;
}

/*
 * Map a range that can't be mapped as it is: there may be bounce buffers for parts of
 * it, or it may lie in two bus windows.
 */
static int phyr_dma_map_pieces(const struct phyr_dma *dma,
			       struct phyr_dma_store *store,
			       const struct phys_vec *vec, unsigned long attrs,
			       gfp_t gfp)
{
	size_t max = min(vec->len, dma_max_mapping_size(dma->dev));
	struct phyr_dma_part *part = store->part;
	struct phys_vec left = *vec;

	while (left.len) {
		struct phys_vec piece = {
			.paddr = left.paddr,
			.len = min(phyr_dma_piece_len(&left, max),
				   dma_vec_room(dma->dev, left.paddr)),
		};
		int ret = phyr_dma_store_room(store, 1, gfp);

		if (ret)
			return ret;
		ret = dma_map_vecs(dma->dev, &piece, 1,
				   phyr_dma_stored(part) + part->nr, dma->dir,
				   attrs);
		if (ret < 0) {
			if (piece.len <= PAGE_SIZE)
				return ret;
			max = piece.len / 2;
			continue;
		}
		part->nr++;
		left.paddr += piece.len;
		left.len -= piece.len;
	}
	return 0;
}

static int phyr_dma_map_vecs(const struct phyr_dma *dma,
			     struct phyr_dma_store *store,
			     const struct phys_vec *vec, unsigned int nr,
			     unsigned long attrs, gfp_t gfp)
{
	struct phyr_dma_part *part = store->part;

	while (nr) {
		int ret = phyr_dma_store_room(store, nr, gfp), done;

		if (ret)
			return ret;
		done = dma_map_vecs(dma->dev, vec, nr,
				    phyr_dma_stored(part) + part->nr, dma->dir,
				    attrs);
		if (done > 0) {
			part->nr += done;
		} else {
			ret = phyr_dma_map_pieces(dma, store, vec, attrs, gfp);
			if (ret)
				return ret;
			done = 1;
		}
		vec += done;
		nr -= done;
	}
	return 0;
}

static noinline_for_stack int
phyr_dma_map_batches(const struct phyr_dma *dma, struct phyr_dma_store *store,
		     const struct phyr_dma_span *span, unsigned long attrs,
		     gfp_t gfp)
{
	struct phys_vec vecs[PHYR_DMA_BATCH] __uninitialized;
	struct phyr_state ps = phyr_dma_read_part(dma, span->pos, span->len);
	int ret = phyr_dma_store_room(store, span->nr, gfp);
	unsigned int nr;

	while (!ret && (nr = phyrs_next_vecs(&ps, vecs, ARRAY_SIZE(vecs)))) {
		ret = phyr_dma_map_vecs(dma, store, vecs, nr, attrs, gfp);
		/* A range too long for a vector counts with its last piece. */
		phyr_dma_store_mark(store, ps.range.len ? 0 : nr,
				    ps.pos - span->pos, store->part->nr);
		phyr_dma_resched(gfp);
	}
	return ret;
}

static int phyr_dma_map_ranges(const struct phyr_dma *dma,
			       struct phyr_dma_part *part,
			       const struct phyr_dma_span *span, gfp_t gfp)
{
	unsigned long attrs = phyr_dma_part_attrs(dma, part);
	struct phyr_dma_store store;
	int ret = phyr_dma_store_start(&store, part, span->nr, gfp);

	if (ret)
		return ret;
	part->mode = PHYR_DMA_RANGES;
	ret = phyr_dma_map_batches(dma, &store, span, attrs, gfp);
	/* The device has written nothing that bounce buffers would have. */
	if (ret)
		dma_unmap_vecs(dma->dev, phyr_dma_stored(part), part->nr,
			       dma->dir, attrs | DMA_ATTR_SKIP_CPU_SYNC);
	return ret;
}

/* A short list is an array, which one call maps if nothing has to be cut. */
static noinline bool phyr_dma_map_array(struct phyr_dma *dma, gfp_t gfp)
{
	const struct phys_vec *vecs = phyr_array(dma->phyr);
	struct phyr_dma_part *part = &dma->first;
	u64 nr = phyr_nr_ranges(dma->phyr);
	struct dma_range *ranges = part->few;
	int done = 0;

	if (!vecs || nr > PHYR_DMA_BATCH)
		return false;
	if (nr > ARRAY_SIZE(part->few))
		ranges = kmalloc_objs(*ranges, nr, gfp);
	if (ranges)
		done = dma_map_vecs(dma->dev, vecs, nr, ranges, dma->dir,
				    dma->attrs);
	part->array = ranges != part->few;
	if (part->array)
		part->ranges = ranges;
	if (done == nr) {
		part->nr = nr;
		part->len = phyr_bytes(dma->phyr);
		part->mode = PHYR_DMA_RANGES;
		dma->nr_parts = 1;
		return true;
	}
	if (done > 0)
		dma_unmap_vecs(dma->dev, ranges, done, dma->dir,
			       dma->attrs | DMA_ATTR_SKIP_CPU_SYNC);
	kfree(part->array ? ranges : NULL);
	*part = (struct phyr_dma_part){ };
	return false;
}

/* --- parts --- */

/* Map with addresses that can't be computed from those of the list alone. */
static __always_inline int
__phyr_dma_map_stored(struct phyr_dma *dma, const struct phyr_dma_span *span,
		      gfp_t gfp)
{
	struct phyr_dma_part *part = phyr_dma_add_part(dma, span, gfp);
	int ret;

	if (!part)
		return -ENOMEM;
	ret = -EOPNOTSUPP;
	if (use_dma_iommu(dma->dev)) {
		ret = phyr_dma_map_window(dma, part, span, gfp);
		/* This isn't for a window. */
		if (ret == -EOPNOTSUPP)
			phyr_dma_forget_stored(part);
	}
	if (ret == -EOPNOTSUPP)
		ret = phyr_dma_map_ranges(dma, part, span, gfp);
	if (!ret)
		return 0;
	phyr_dma_forget_stored(part);
	dma->nr_parts--;
	/* What is refused has one error, whichever way it would have been mapped. */
	if (ret == -EPERM && dma->attrs & DMA_ATTR_REQUIRE_COHERENT)
		return -EOPNOTSUPP;
	return ret;
}

static int phyr_dma_map_stored(struct phyr_dma *dma,
			       const struct phyr_dma_span *span, gfp_t gfp)
{
	return __phyr_dma_map_stored(dma, span, gfp);
}

/* Nothing has to be undone for such a part, but DMA debugging wants to know of it. */
static void phyr_dma_unmap_offset(const struct phyr_dma *dma,
				  const struct phyr_dma_part *part, u64 pos)
{
	struct phyr_range range;

	if (IS_ENABLED(CONFIG_DMA_API_DEBUG) && !phyr_at(dma->phyr, pos, &range))
		debug_dma_unmap_offset(dma->dev, range.phys + part->delta,
				       part->len, dma->dir, dma->attrs);
}

static int phyr_dma_map_computed(struct phyr_dma *dma,
				 const struct phyr_dma_span *span,
				 enum phyr_dma_mode mode, u64 delta, gfp_t gfp)
{
	struct phyr_dma_part *part = phyr_dma_add_part(dma, span, gfp);

	if (!part)
		return -ENOMEM;
	part->mode = mode;
	part->delta = delta;
	return 0;
}

static int phyr_dma_map_memory(struct phyr_dma *dma,
			       const struct phyr_dma_span *span, gfp_t gfp)
{
	phys_addr_t first = span->first.phys;
	u64 delta;
	int ret;

	if (!dma_map_is_offset(dma->dev, span->sum.lowest, span->sum.highest,
			       dma->attrs, &delta))
		return phyr_dma_map_stored(dma, span, gfp);
	ret = phyr_dma_map_computed(dma, span, PHYR_DMA_OFFSET, delta, gfp);
	if (!ret)
		debug_dma_map_offset(dma->dev, first, first + delta, span->len,
				     dma->dir, dma->attrs);
	return ret;
}

/* Without a provider, the list's owner knows that the device reaches the memory. */
static int phyr_dma_map_mmio(struct phyr_dma *dma,
			     const struct phyr_dma_span *span, gfp_t gfp)
{
	struct p2pdma_provider *provider = span->first.provider;

	if (!provider)
		return phyr_dma_map_stored(dma, span, gfp);
	switch (pci_p2pdma_map_type(provider, dma->dev)) {
	case PCI_P2PDMA_MAP_BUS_ADDR:
		return phyr_dma_map_computed(dma, span, PHYR_DMA_BUS,
					     pci_p2pdma_bus_addr_map(provider, 0),
					     gfp);
	case PCI_P2PDMA_MAP_THRU_HOST_BRIDGE:
		return phyr_dma_map_stored(dma, span, gfp);
	default:
		return -EREMOTEIO;
	}
}

/* --- lists --- */

/* The lowest and the highest address, quickly for a short list. */
static __always_inline struct phyr_summary
phyr_dma_bounds(const struct phyr *phyr)
{
	const struct phys_vec *vec = phyr_array(phyr), *end;
	struct phyr_summary sum;

	if (!vec)
		return phyr_summary(phyr);
	sum.lowest = vec->paddr;
	sum.highest = vec->paddr + (vec->len - 1);
	for (end = vec + phyr_nr_ranges(phyr); ++vec < end;) {
		sum.lowest = min(sum.lowest, vec->paddr);
		sum.highest = max(sum.highest, vec->paddr + (vec->len - 1));
	}
	return sum;
}

/* This is all that most devices need, for a list that is all memory. */
static __always_inline bool phyr_dma_map_offset(struct phyr_dma *dma)
{
	struct phyr_summary sum;
	struct phyr_range first;

	sum = phyr_dma_bounds(dma->phyr);
	if (!dma_map_is_offset(dma->dev, sum.lowest, sum.highest, dma->attrs,
			       &dma->first.delta))
		return false;
	dma->first.mode = PHYR_DMA_OFFSET;
	dma->first.len = phyr_bytes(dma->phyr);
	dma->nr_parts = 1;
	if (IS_ENABLED(CONFIG_DMA_API_DEBUG) && !phyr_at(dma->phyr, 0, &first))
		debug_dma_map_offset(dma->dev, first.phys,
				     first.phys + dma->first.delta,
				     dma->first.len, dma->dir, dma->attrs);
	return true;
}

static noinline int phyr_dma_map_whole(struct phyr_dma *dma, gfp_t gfp)
{
	struct phyr_dma_span span __uninitialized;
	PHYR_STATE(ps, dma->phyr);

	phyrs_next(&ps, &span.first);
	span.pos = 0;
	span.len = phyr_bytes(dma->phyr);
	span.nr = phyr_nr_ranges(dma->phyr);
	return __phyr_dma_map_stored(dma, &span, gfp);
}

/* Describe the span that starts at @ps, and move @ps to its end. */
static bool phyr_dma_next_span(struct phyr_state *ps, struct phyr_dma_span *span)
{
	const struct phyr_range *range = &ps->range;
	u64 end = 0;

	*span = (struct phyr_dma_span) {
		.pos = phyrs_tell(ps),
		.sum.lowest = PHYS_ADDR_MAX,
	};
	while (phyrs_load(ps)) {
		if (!span->nr)
			span->first = *range;
		/* To a device it makes no difference who has pinned the memory. */
		if ((phyr_kind(&span->first) ^ phyr_kind(range)) & ~PHYR_PINNED)
			break;
		if (span->nr)
			span->sum.seams |= end | range->phys;
		span->sum.lowest = min(span->sum.lowest, range->phys);
		span->sum.highest = max(span->sum.highest,
					range->phys + (range->len - 1));
		span->len += range->len;
		span->nr++;
		end = (u64)range->phys + range->len;
		ps->range.len = 0;
	}
	return span->nr;
}

static int phyr_dma_map_spans(struct phyr_dma *dma, gfp_t gfp)
{
	PHYR_STATE(ps, dma->phyr);
	struct phyr_dma_span span;
	int ret = 0;

	while (!ret && phyr_dma_next_span(&ps, &span)) {
		if (span.first.flags & PHYR_MMIO)
			ret = phyr_dma_map_mmio(dma, &span, gfp);
		else
			ret = phyr_dma_map_memory(dma, &span, gfp);
	}
	return ret;
}

/*
 * Not every way of mapping looks at @attrs, so refuse here what dma_map_phys()
 * refuses.  DMA_ATTR_MMIO is set for each part by the kind of its memory.
 */
static int phyr_dma_check(struct device *dev, const struct phyr *phyr,
			  enum dma_data_direction dir, unsigned long attrs)
{
	if (!dev->dma_mask || phyr_empty(phyr) || !valid_dma_direction(dir) ||
	    attrs & DMA_ATTR_MMIO)
		return -EINVAL;
	if (attrs & DMA_ATTR_REQUIRE_COHERENT && !dev_is_dma_coherent(dev))
		return -EOPNOTSUPP;
	if (attrs & DMA_ATTR_CC_SHARED && use_dma_iommu(dev))
		return -EOPNOTSUPP;
	return 0;
}

static void phyr_dma_unmap_part(const struct phyr_dma *dma,
				struct phyr_dma_part *part, u64 pos)
{
	switch (part->mode) {
	case PHYR_DMA_OFFSET:
		phyr_dma_unmap_offset(dma, part, pos);
		break;
	case PHYR_DMA_IOVA:
		phyr_dma_unmap_window(dma, part, pos);
		break;
	case PHYR_DMA_RANGES:
		dma_unmap_vecs(dma->dev, phyr_dma_stored(part), part->nr,
			       dma->dir, phyr_dma_part_attrs(dma, part));
		break;
	}
	/* There are no marks, but the few are where they would be. */
	if (part->array || (part->marks && !part->nr))
		phyr_dma_forget_stored(part);
}

/* Unmap what is mapped: after an error that isn't all of the list. */
static void phyr_dma_unmap_parts(struct phyr_dma *dma)
{
	struct phyr_dma_part *parts = phyr_dma_parts(dma);
	u64 pos = 0;

	for (unsigned int i = 0; i < dma->nr_parts; i++) {
		phyr_dma_unmap_part(dma, &parts[i], pos);
		pos += parts[i].len;
	}
	kfree(dma->parts);
}

/* Forget the list, but not what is reserved. */
static noinline void phyr_dma_undo(struct phyr_dma *dma)
{
	phyr_dma_unmap_parts(dma);
	*dma = (struct phyr_dma) {
		.dev = dma->dev,
		.size = dma->size,
		.first.iova = dma->first.reserved ? dma->first.iova :
			      (struct dma_iova_state){ },
		.first.reserved = dma->first.reserved,
	};
	dma_iova_reset(&dma->first.iova);
}

/* After an error nothing is mapped, and @dma can be used again as if it never was. */
static int phyr_dma_map_list(struct phyr_dma *dma, const struct phyr *phyr,
			     enum dma_data_direction dir, unsigned long attrs,
			     gfp_t gfp)
{
	int ret = phyr_dma_check(dma->dev, phyr, dir, attrs);

	if (ret)
		goto out;

	dma->phyr = phyr;
	dma->dir = dir;
	dma->attrs = attrs;
	if (phyr_flags(phyr) & PHYR_MMIO)
		ret = phyr_dma_map_spans(dma, gfp);
	else if (use_dma_iommu(dma->dev) ||
		 (!phyr_dma_map_offset(dma) && !phyr_dma_map_array(dma, gfp)))
		ret = phyr_dma_map_whole(dma, gfp);
	if (ret)
		phyr_dma_undo(dma);
out:
	trace_phyr_dma_map(dma, phyr, ret);
	if (ret && !dma->size)
		dma->dev = NULL;
	return ret;
}

/**
 * phyr_dma_link() - Map a list with what was reserved for it
 * @dma: Mapping, after phyr_dma_reserve().
 * @phyr: List that must not change while it is mapped.
 * @dir: Direction of the transfers.
 * @attrs: DMA_ATTR_* flags.
 * @gfp: As for phyr_dma_map().
 *
 * The reserved IOVA is used for a list of one kind of memory whose inner
 * boundaries are multiples of the smallest IOMMU page.  Any other list is
 * mapped as phyr_dma_map() does it, and so is one that starts inside such a
 * page and has to be bounced there.
 *
 * Context: As @gfp allows.
 * Return: 0, or a negative errno with nothing mapped: -EINVAL without a
 * reservation, -ENOSPC if the list is longer than what was reserved, else as
 * phyr_dma_map().
 */
int phyr_dma_link(struct phyr_dma *dma, const struct phyr *phyr,
		  enum dma_data_direction dir, unsigned long attrs, gfp_t gfp)
{
	if (phyr_dma_mapped(dma))
		return -EBUSY;
	if (!dma->size)
		return -EINVAL;
	if (phyr_bytes(phyr) > dma->size)
		return -ENOSPC;
	return phyr_dma_map_list(dma, phyr, dir, attrs, gfp);
}
EXPORT_SYMBOL_IF_KUNIT(phyr_dma_link);

/**
 * phyr_dma_unlink() - Unmap a list and keep what was reserved
 * @dma: Mapping.  Nothing happens if no list is mapped.
 *
 * Another list can be linked afterwards.
 *
 * Context: Any.
 */
void phyr_dma_unlink(struct phyr_dma *dma)
{
	if (!phyr_dma_mapped(dma))
		return;

	trace_phyr_dma_unmap(dma);
	phyr_dma_undo(dma);
}
EXPORT_SYMBOL_IF_KUNIT(phyr_dma_unlink);

/**
 * phyr_dma_reserve() - Reserve IOVA for lists that are mapped later
 * @dma: Mapping, all zeroes.
 * @dev: Device to map for.
 * @size: Length of the longest list, in bytes.
 *
 * For drivers that map and unmap often: the IOVA is allocated once, for the
 * worst case.  A device that isn't behind an IOMMU needs none, and nothing is
 * allocated for it.
 *
 * Context: Any.
 * Return: 0, or a negative errno with @dma as it was: -EBUSY if @dma is in use,
 * -EINVAL if @size is zero or @dev can't do DMA, -ENOMEM if not enough IOVA is
 * free.
 */
int phyr_dma_reserve(struct phyr_dma *dma, struct device *dev, u64 size)
{
	if (dma->dev)
		return -EBUSY;
	if (!size || !dev->dma_mask)
		return -EINVAL;
	if (use_dma_iommu(dev) && !phyr_dma_reserve_window(dma, dev, size))
		return -ENOMEM;
	dma->dev = dev;
	dma->size = size;
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(phyr_dma_reserve);

/**
 * phyr_dma_release() - Give back what phyr_dma_reserve() reserved
 * @dma: Mapping.  Nothing happens if it is all zeroes.
 *
 * Unmaps a list that is still linked.
 *
 * Context: Any.
 */
void phyr_dma_release(struct phyr_dma *dma)
{
	if (phyr_dma_mapped(dma)) {
		trace_phyr_dma_unmap(dma);
		phyr_dma_unmap_parts(dma);
	}
	if (dma->first.reserved)
		dma_iova_free(dma->dev, &dma->first.iova);
	phyr_dma_init(dma);
}
EXPORT_SYMBOL_GPL(phyr_dma_release);

/**
 * phyr_dma_map() - Map a list for a device
 * @dma: Mapping to set up, all zeroes.
 * @dev: Device to map for.
 * @phyr: List that must not change while it is mapped.
 * @dir: Direction of the transfers.
 * @attrs: DMA_ATTR_* flags.
 * @gfp: For the mapping's own memory, and for page tables of an IOMMU.  Those of
 *	what is bounced, or in no window, come from the atomic reserves.
 *
 * Afterwards the memory belongs to the device, as after dma_map_sgtable().
 * phyr_dma_for_each_range() yields the addresses for the device.  The list can
 * be mapped for any number of devices at a time.
 *
 * Context: As @gfp allows.
 * Return: 0, or a negative errno with nothing mapped:
 *
 * * %-EBUSY - @dma is in use: mapped, or reserved.
 * * %-EINVAL - @phyr is empty, @dir is no direction, or @dev can't do DMA.
 * * %-EINVAL - @attrs has %DMA_ATTR_MMIO, which follows from the list.
 * * %-EOPNOTSUPP - @dev doesn't support @attrs.
 * * %-EREMOTEIO - @dev can't reach the peer-to-peer memory in @phyr.
 * * %-ERANGE - @dev can't address memory in @phyr, and it can't be bounced.
 * * %-ENOMEM - Out of memory, IOVA or bounce buffers: may work later.  Any
 *   failure of dma_map_phys() too, which doesn't tell why.
 * * Others from dma_iova_link_vecs(), as -EPERM for parts of pages of device memory.
 */
int phyr_dma_map(struct phyr_dma *dma, struct device *dev,
		 const struct phyr *phyr, enum dma_data_direction dir,
		 unsigned long attrs, gfp_t gfp)
{
	if (dma->dev)
		return -EBUSY;
	dma->dev = dev;
	return phyr_dma_map_list(dma, phyr, dir, attrs, gfp);
}
EXPORT_SYMBOL_GPL(phyr_dma_map);
