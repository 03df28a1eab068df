// SPDX-License-Identifier: GPL-2.0-only
/*
 * Walks over the DMA addresses of a mapped physical-range list.
 */

#include <linux/bits.h>
#include <linux/dma-iova-vecs.h>
#include <linux/export.h>
#include <linux/log2.h>

#include "phyr_map.h"

static const struct phyr_dma_part *
phyr_dmas_part(const struct phyr_dma_state *ds)
{
	return &phyr_dma_parts(ds->dma)[ds->part - 1];
}

/* Have @ds->list yield what is from @pos on, up to the end of the part or walk. */
static void phyr_dmas_seek_list(struct phyr_dma_state *ds, u64 pos)
{
	struct phyr_range *rest = &ds->list.range;

	ds->list = phyr_dma_read_part(ds->dma, pos,
				      min(ds->end, ds->stop) - pos);
	if (!ds->computed)
		return;
	/* phyr_dmas_next() reads whole ranges. */
	ds->range = (struct dma_range){ rest->phys + ds->delta, rest->len };
	ds->pos = pos + rest->len;
	rest->len = 0;
}

/* Go to the start of the next part. */
static bool phyr_dmas_next_part(struct phyr_dma_state *ds)
{
	const struct phyr_dma_part *part;

	if (ds->part == ds->dma->nr_parts)
		return false;
	part = &phyr_dma_parts(ds->dma)[ds->part++];
	ds->end += part->len;
	ds->stored = phyr_dma_stored(part);
	ds->last = ds->stored;
	/* Where the walk ends in a part, all its ranges have to be looked at. */
	if (part->nr && ds->stop >= ds->end)
		ds->last += part->nr;
	ds->delta = part->nr ? 0 : part->delta;
	ds->computed = !part->nr && part->mode < PHYR_DMA_IOVA;
	if (ds->computed || part->padded)
		phyr_dmas_seek_list(ds, ds->pos);
	return true;
}

/* What is next in the current part, no more than @max bytes. */
static void phyr_dmas_take(struct phyr_dma_state *ds, u64 max,
			   struct dma_range *range)
{
	const struct phyr_dma_part *part = phyr_dmas_part(ds);
	phys_addr_t phys;

	if (part->nr) {
		*range = *ds->stored++;
		ds->last = ds->stored;
		range->len = min(range->len, max);
		return;
	}
	range->len = max;
	range->addr = part->addr + (part->len - (ds->end - ds->pos));
	if (!part->padded)
		return;

	range->len = phyrs_piece(&ds->list, max, &phys);
	/* The first range is where the part's IOVA starts. */
	if (ds->iova != part->addr)
		ds->iova = dma_iova_next_addr(ds->iova, phys,
					      phyr_dma_granule(ds->dma));
	range->addr = ds->iova;
	ds->iova += range->len;
}

/* May more come than what phyr_dmas_next() reads or computes by itself? */
static bool phyr_dmas_has_rest(const struct phyr_dma_state *ds)
{
	bool all = ds->computed || ds->stored != ds->last;

	return !all || (ds->part < ds->dma->nr_parts && ds->stop > ds->end);
}

/*
 * phyr_dmas_next() of what isn't just read or computed: have the next range in
 * @ds->range, which is empty at the end.  Returns whether that may have to be done
 * again.
 */
bool phyr_dmas_go_on(struct phyr_dma_state *ds)
{
	struct dma_range range = { };
	u64 left;

	if (ds->pos == ds->end && ds->pos < ds->stop)
		phyr_dmas_next_part(ds);
	left = min(ds->end, ds->stop) - ds->pos;
	if (ds->range.len || (left && (ds->computed || ds->stored != ds->last))) {
		ds->rest = false;
		phyr_dmas_next(ds, &range);
	} else if (left) {
		phyr_dmas_take(ds, left, &range);
		ds->pos += range.len;
	}
	ds->range = range;
	return phyr_dmas_has_rest(ds);
}
EXPORT_SYMBOL_GPL(phyr_dmas_go_on);

/* Go from a position before @pos to it. */
static void phyr_dmas_skip(struct phyr_dma_state *ds, u64 pos)
{
	struct dma_range range;

	do {
		phyr_dmas_next(ds, &range);
	} while (ds->pos <= pos);
	ds->range.len = ds->pos - pos;
	ds->range.addr = range.addr + (range.len - ds->range.len);
}

/* Go to the last mark that isn't after @pos, counted from the part's start. */
static void phyr_dmas_seek_mark(struct phyr_dma_state *ds, u64 pos)
{
	const struct phyr_dma_part *part = phyr_dmas_part(ds);
	const struct phyr_dma_mark *mark = part->marks;
	u32 nr = part->nr_marks;

	if (!nr || mark->pos > pos)
		return;
	while (nr > 1) {
		u32 half = nr / 2;

		if (mark[half].pos <= pos)
			mark += half;
		nr -= half;
	}
	ds->pos += mark->pos;
	if (part->nr) {
		if (ds->last == ds->stored)
			ds->last += mark->at;
		ds->stored += mark->at;
	} else {
		phyr_dmas_seek_list(ds, ds->pos);
		ds->iova = part->addr + mark->at;
	}
}

/* Move @ds from the start of the mapping to @pos, which is in the list. */
static void phyr_dmas_move(struct phyr_dma_state *ds, u64 pos)
{
	const struct phyr_dma_part *part;

	while (phyr_dmas_next_part(ds) && ds->end <= pos)
		ds->pos = ds->end;
	ds->range.len = 0;
	part = phyr_dmas_part(ds);
	if (part->nr || part->padded) {
		phyr_dmas_seek_mark(ds, pos - ds->pos);
		phyr_dmas_skip(ds, pos);
		return;
	}
	ds->pos = pos;
	if (ds->computed)
		phyr_dmas_seek_list(ds, pos);
}

/* Does the device see all of the list as one range? */
static bool phyr_dma_is_window(const struct phyr_dma *dma)
{
	const struct phyr_dma_part *part = phyr_dma_parts(dma);

	return dma->nr_parts == 1 && part->mode >= PHYR_DMA_IOVA &&
	       !part->nr && !part->padded;
}

/**
 * phyr_dmas_slice() - Walk a part of a mapped list
 * @ds: State, of a mapping.
 * @pos: Position of the first byte in the list, in bytes.
 * @len: Length in bytes.
 *
 * The next range that @ds yields starts at @pos, and the walk ends after @len
 * bytes.  For those who use less than all of a mapping, such as importers:
 * neither the list nor the mapping changes.
 *
 * O(log n) for a list that is mapped in one part, see phyr_dma_nr_ranges().
 *
 * Context: Any.
 * Return: 0, or a negative errno with @ds as it was: -EINVAL if @len is zero,
 * -ERANGE if not all of the slice is in the list, or no list is mapped.
 */
int phyr_dmas_slice(struct phyr_dma_state *ds, u64 pos, u64 len)
{
	u64 bytes = phyr_dma_bytes(ds->dma);

	if (!len)
		return -EINVAL;
	if (pos >= bytes || len > bytes - pos)
		return -ERANGE;

	*ds = phyr_dma_before(ds->dma);
	ds->stop = pos + len;
	if (phyr_dma_is_window(ds->dma)) {
		ds->range.addr = phyr_dma_parts(ds->dma)->addr + pos;
		ds->range.len = len;
		ds->pos = ds->stop;
		ds->rest = false;
	} else if (pos) {
		phyr_dmas_move(ds, pos);
	}
	return 0;
}
EXPORT_SYMBOL_GPL(phyr_dmas_slice);

/* The sizes among @sizes that divide all addresses whose OR is @addrs. */
static u64 phyr_dma_divisors(u64 sizes, u64 addrs)
{
	return sizes & (addrs ^ (addrs - 1));
}

/* The addresses of all boundaries inside a slice, ORed together, by a walk. */
static u64 phyr_dma_walk_seams(const struct phyr_dma *dma, u64 pos, u64 len)
{
	u64 seams = 0, end = 0;
	struct dma_range range;
	bool inner = false;

	phyr_dma_for_each_slice_range(dma, pos, len, range) {
		if (inner)
			seams |= end | range.addr;
		end = range.addr + range.len;
		inner = true;
	}
	return seams;
}

/*
 * The same without a walk, for all of a mapping that is one part.  What is
 * known of boundaries in the list is true of their DMA addresses only if the
 * distance between the two, @part->delta, is a multiple of all of @sizes.
 */
static bool phyr_dma_known_seams(const struct phyr_dma *dma, u64 sizes,
				 u64 *seams)
{
	const struct phyr_dma_part *part = phyr_dma_parts(dma);

	*seams = 0;
	if (phyr_dma_is_window(dma))
		return true;
	if (dma->nr_parts != 1 || part->nr || part->padded)
		return false;
	*seams = phyr_summary(dma->phyr).seams;
	return phyr_dma_divisors(sizes, part->delta) == sizes;
}

/*
 * Does a slice of a mapping that is one part start in its first range and end
 * in its last one, so that it has all boundaries?  That is usual: users
 * register bytes, and the list has all of the pages that hold them.
 */
static bool phyr_dma_has_all_seams(const struct phyr_dma *dma, u64 pos, u64 len)
{
	struct phyr_state ps = phyr_start(dma->phyr);
	u64 left = phyr_bytes(dma->phyr) - pos - len;

	phyrs_load(&ps);
	return pos < ps.range.len && left < phyr_newest_len(dma->phyr);
}

/* Leave out sizes that are larger than what one block needs for the slice. */
static u64 phyr_dma_useful_sizes(u64 sizes, u64 virt, u64 len)
{
	u64 spread = (virt + (len - 1)) ^ virt;
	u64 enough = spread ? sizes & ~GENMASK_ULL(ilog2(spread), 0) : sizes;

	return phyr_dma_divisors(sizes, enough);
}

/**
 * phyr_dma_slice_block_size() - The best size of aligned blocks for a slice
 * @dma: Mapping.
 * @pos: Position of the first byte in the list, in bytes.
 * @len: Length in bytes.
 * @sizes: The sizes that the hardware has: powers of 2, ORed together.
 * @virt: The address by which the device's users refer to the first byte.
 *
 * Blocks of a size fit if each boundary between ranges is a multiple of it, and
 * the first byte has the same offset into its block as @virt.
 *
 * Usually O(log n) for a list that is mapped in one part, if the slice starts
 * in its first range and ends in its last one; else it may take a walk.
 *
 * Context: Any.
 * Return: The largest of @sizes that fits, but none larger than the smallest
 * one that holds all of the slice; 0 if none fits, or the slice is empty or not
 * in the list.
 */
u64 phyr_dma_slice_block_size(const struct phyr_dma *dma, u64 pos, u64 len,
			      u64 sizes, u64 virt)
{
	struct phyr_dma_state ds __uninitialized;
	u64 seams, fits;
	bool known;

	ds.dma = dma;
	if (phyr_dmas_slice(&ds, pos, len) || !phyr_dmas_load(&ds))
		return 0;

	sizes = phyr_dma_useful_sizes(sizes, virt, len);
	sizes = phyr_dma_divisors(sizes, ds.range.addr ^ virt);

	/* What fits all boundaries of the list fits those of a slice. */
	known = phyr_dma_known_seams(dma, sizes, &seams);
	fits = phyr_dma_divisors(sizes, seams);
	if (!known || (fits != sizes && !phyr_dma_has_all_seams(dma, pos, len)))
		fits = phyr_dma_divisors(sizes,
					 phyr_dma_walk_seams(dma, pos, len));
	return fits ? BIT_ULL(ilog2(fits)) : 0;
}
EXPORT_SYMBOL_GPL(phyr_dma_slice_block_size);

/**
 * phyr_dma_nr_ranges() - How many ranges of DMA addresses are there?
 * @dma: Mapping.
 *
 * O(1) for a list that is mapped in one part: all of one kind and, behind an
 * IOMMU, with inner boundaries that are multiples of its granule.
 *
 * Context: Any.
 * Return: How often the body of phyr_dma_for_each_range() runs.
 */
u64 phyr_dma_nr_ranges(const struct phyr_dma *dma)
{
	const struct phyr_dma_part *part = phyr_dma_parts(dma);
	struct dma_range range;
	u64 nr = 0;

	if (phyr_dma_is_window(dma))
		return 1;
	if (dma->nr_parts == 1)
		return part->nr ?: phyr_nr_ranges(dma->phyr);

	phyr_dma_for_each_range(dma, range)
		nr++;
	return nr;
}
EXPORT_SYMBOL_GPL(phyr_dma_nr_ranges);

/**
 * phyr_dma_mode_name() - How is a list mapped?
 * @dma: Mapping.
 *
 * For people to read: no driver needs to know.
 *
 * Context: Any.
 * Return: "identity", "bus", "iova", "ranges", "mixed", "imported" or
 * "unmapped".
 */
const char *phyr_dma_mode_name(const struct phyr_dma *dma)
{
	static const char * const names[] = {
		[PHYR_DMA_OFFSET]	= "identity",
		[PHYR_DMA_BUS]		= "bus",
		[PHYR_DMA_IOVA]		= "iova",
		[PHYR_DMA_RANGES]	= "ranges",
		[PHYR_DMA_IMPORTED]	= "imported",
	};
	const struct phyr_dma_part *parts = phyr_dma_parts(dma);

	if (!phyr_dma_mapped(dma))
		return "unmapped";
	for (unsigned int i = 1; i < dma->nr_parts; i++) {
		if (parts[i].mode != parts[0].mode)
			return "mixed";
	}
	return names[parts[0].mode];
}
EXPORT_SYMBOL_GPL(phyr_dma_mode_name);
