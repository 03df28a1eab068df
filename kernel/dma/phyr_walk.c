// SPDX-License-Identifier: GPL-2.0-only
/*
 * Walks over the DMA addresses of a mapped physical-range list: by range, by
 * hardware segment and by aligned block.
 */

#include <linux/bits.h>
#include <linux/export.h>
#include <linux/log2.h>

#include "phyr_map.h"

/*
 * Move to a position in the list that holds the addresses.  There is no search
 * if a part starts in the same list where the one before it ended.
 */
static void phyr_dmas_go_to(struct phyr_dma_state *ds, const struct phyr *list,
			    u64 pos)
{
	if (ds->list.phyr != list)
		ds->list = phyr_start(list);
	if (phyrs_tell(&ds->list) != pos)
		phyrs_seek(&ds->list, pos);
}

static void phyr_dmas_enter(struct phyr_dma_state *ds,
			    const struct phyr_dma_part *part, u64 skip)
{
	const struct phyr_dma *dma = ds->dma;

	switch (part->mode) {
	case PHYR_DMA_IOVA:
		break;
	case PHYR_DMA_RANGES:
		phyr_dmas_go_to(ds, &dma->ranges, ds->stored + skip);
		ds->stored += part->len;
		break;
	default:
		phyr_dmas_go_to(ds, dma->phyr, ds->pos + skip);
	}
	ds->left = part->len - skip;
	ds->pos += part->len;
}

static bool phyr_dmas_next_part(struct phyr_dma_state *ds)
{
	const struct phyr_dma *dma = ds->dma;

	if (ds->part == dma->nr_parts)
		return false;
	phyr_dmas_enter(ds, &phyr_dma_parts(dma)[ds->part++], 0);
	return true;
}

/* Take up to @max bytes of the current part, adjacent for the device. */
static u64 phyr_dmas_take(struct phyr_dma_state *ds, u64 max, phys_addr_t *addr)
{
	const struct phyr_dma_part *part;
	u64 len;

	part = &phyr_dma_parts(ds->dma)[ds->part - 1];
	switch (part->mode) {
	case PHYR_DMA_IOVA:
		*addr = part->addr + (part->len - ds->left);
		return max;
	case PHYR_DMA_RANGES:
		return phyrs_piece(&ds->list, max, addr);
	default:
		len = phyrs_piece(&ds->list, max, addr);
		*addr += part->delta;
		return len;
	}
}

/* Go to the next range, if there is one. */
static noinline const struct phyr_dma_range *
phyr_dmas_load(struct phyr_dma_state *ds)
{
	phys_addr_t addr;
	u64 len;

	if (!ds->left && !phyr_dmas_next_part(ds))
		return NULL;

	len = phyr_dmas_take(ds, min(ds->left, ds->bound), &addr);
	ds->left -= len;
	ds->bound -= len;
	ds->range.addr = addr;
	ds->range.len = len;
	ds->used = len;
	return &ds->range;
}

/**
 * phyr_dmas_next() - Go to the next range of DMA addresses
 * @ds: State.
 *
 * What phyr_dmas_piece() and the like left of the current range is skipped.
 *
 * Context: Any.
 * Return: The range, valid until @ds is used again, or NULL at the end.
 */
const struct phyr_dma_range *phyr_dmas_next(struct phyr_dma_state *ds)
{
	ds->used = ds->range.len;
	return ds->bound ? phyr_dmas_load(ds) : NULL;
}
EXPORT_SYMBOL_GPL(phyr_dmas_next);

/* Move @ds from the start of the mapping to @pos, which is in the list. */
static void phyr_dmas_move(struct phyr_dma_state *ds, u64 pos)
{
	const struct phyr_dma_part *part = phyr_dma_parts(ds->dma);

	for (; pos - ds->pos >= part->len; part++) {
		if (part->mode == PHYR_DMA_RANGES)
			ds->stored += part->len;
		ds->pos += part->len;
		ds->part++;
	}
	ds->part++;
	phyr_dmas_enter(ds, part, pos - ds->pos);
}

/*
 * Go to the start of the mapping, for a walk of @len bytes.  @ds->list is set
 * by phyr_dmas_go_to(), and not before: a walk of IOVA doesn't need it.
 */
static void phyr_dmas_restart(struct phyr_dma_state *ds, u64 len)
{
	ds->bound = len;
	ds->range.len = 0;
	ds->used = 0;
	ds->part = 0;
	ds->pos = 0;
	ds->stored = 0;
	ds->left = 0;
	ds->list.phyr = NULL;
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
	const struct phyr_dma *dma = ds->dma;
	u64 bytes = phyr_dma_mapped(dma) ? phyr_bytes(dma->phyr) : 0;

	if (!len)
		return -EINVAL;
	if (pos >= bytes || len > bytes - pos)
		return -ERANGE;

	phyr_dmas_restart(ds, len);
	if (pos)
		phyr_dmas_move(ds, pos);
	return 0;
}
EXPORT_SYMBOL_GPL(phyr_dmas_slice);

/**
 * phyr_dmas_seek() - Go to a position in a mapped list
 * @ds: State, of a mapping.
 * @pos: Position in the list, in bytes.
 *
 * The next range that @ds yields is the rest of the one that @pos is in; the
 * walk ends at the end of the list.  As fast as phyr_dmas_slice().
 *
 * Context: Any.
 * Return: 0, or -ERANGE with @ds as it was if @pos is not inside the list, or
 * no list is mapped.
 */
int phyr_dmas_seek(struct phyr_dma_state *ds, u64 pos)
{
	const struct phyr_dma *dma = ds->dma;
	u64 bytes = phyr_dma_mapped(dma) ? phyr_bytes(dma->phyr) : 0;

	return pos < bytes ? phyr_dmas_slice(ds, pos, bytes - pos) : -ERANGE;
}
EXPORT_SYMBOL_GPL(phyr_dmas_seek);

/**
 * phyr_dmas_next_segment() - Go to the next segment that hardware can take
 * @ds: State.
 * @max: The most bytes of a segment, not zero.
 * @boundary: A mask: no segment crosses a multiple of @boundary + 1.
 *
 * For hardware with several sets of limits; phyr_dma_for_each_segment() obeys
 * those that are set for the device.
 *
 * Context: Any.
 * Return: The segment, valid until @ds is used again, or NULL at the end.
 */
const struct phyr_dma_range *
phyr_dmas_next_segment(struct phyr_dma_state *ds, u64 max, u64 boundary)
{
	u64 room;

	if (!phyr_dmas_more(ds))
		return NULL;

	/* The bytes up to the boundary may be 2^64: count one less. */
	room = boundary - ((ds->range.addr + ds->used) & boundary);
	max = min(max - 1, room) + 1;
	ds->segment.len = phyr_dmas_piece(ds, max, &ds->segment.addr);
	return &ds->segment;
}
EXPORT_SYMBOL_GPL(phyr_dmas_next_segment);

/**
 * phyr_dma_nr_segments() - How many segments does the device get?
 * @dma: Mapping.
 *
 * For drivers that have to allocate an array of them.  Takes a walk.
 *
 * Context: Any.
 * Return: How often the body of phyr_dma_for_each_segment() runs.
 */
u64 phyr_dma_nr_segments(const struct phyr_dma *dma)
{
	const struct phyr_dma_range *segment;
	u64 nr = 0;

	phyr_dma_for_each_segment(dma, segment)
		nr++;
	return nr;
}
EXPORT_SYMBOL_GPL(phyr_dma_nr_segments);

/* The addresses of all boundaries inside a slice, ORed together, by a walk. */
static u64 phyr_dma_walk_seams(const struct phyr_dma *dma, u64 pos, u64 len)
{
	struct phyr_dma_state ds = phyr_dma_start(dma);
	const struct phyr_dma_range *range;
	u64 seams = 0, end = 0;

	phyr_dmas_slice(&ds, pos, len);
	for (bool inner = false; (range = phyr_dmas_next(&ds)); inner = true) {
		if (inner)
			seams |= end | range->addr;
		end = range->addr + range->len;
	}
	return seams;
}

/*
 * The same without a walk, for all of a mapping that is one part.  What is
 * known of boundaries in the list is true of their DMA addresses only if the
 * distance between the two, @part->delta, is a multiple of the largest of
 * @sizes.
 */
static bool phyr_dma_known_seams(const struct phyr_dma *dma, u64 sizes,
				 u64 *seams)
{
	const struct phyr_dma_part *part = &dma->first;

	if (dma->nr_parts != 1)
		return false;

	switch (part->mode) {
	case PHYR_DMA_IOVA:
		*seams = 0;
		return true;
	case PHYR_DMA_RANGES:
		*seams = phyr_summary(&dma->ranges).seams;
		return true;
	default:
		*seams = phyr_summary(dma->phyr).seams;
		return !*seams ||
		       !(part->delta & (BIT_ULL(ilog2(sizes)) - 1));
	}
}

/*
 * Does a slice of a mapping that is one part start in its first range and end
 * in its last one, so that it has all boundaries?  That is usual: users
 * register bytes, and the list has all of the pages that hold them.
 */
static bool phyr_dma_has_all_seams(const struct phyr_dma *dma, u64 pos, u64 len)
{
	const struct phyr *phyr = dma->phyr;
	struct phyr_state ps;
	u64 left = phyr_bytes(phyr) - pos - len;

	if (dma->first.mode == PHYR_DMA_RANGES)
		phyr = &dma->ranges;
	ps = phyr_start(phyr);
	phyrs_load(&ps);
	return pos < ps.range.len && left < phyr_newest_len(phyr);
}

/* The sizes among @sizes that divide all addresses whose OR is @addrs. */
static u64 phyr_dma_divisors(u64 sizes, u64 addrs)
{
	return addrs ? sizes & GENMASK_ULL(__ffs64(addrs), 0) : sizes;
}

/* Leave out sizes that are larger than what one block needs for the slice. */
static u64 phyr_dma_useful_sizes(u64 sizes, u64 virt, u64 len)
{
	u64 spread = (virt + (len - 1)) ^ virt;
	u64 enough = spread ? sizes & ~GENMASK_ULL(ilog2(spread), 0) : sizes;

	return enough ? sizes & GENMASK_ULL(__ffs64(enough), 0) : sizes;
}

/* The DMA address of a slice; false if that is empty or not in the list. */
static bool phyr_dma_addr_of(const struct phyr_dma *dma, u64 pos, u64 len,
			     dma_addr_t *addr)
{
	const struct phyr_dma_part *part = &dma->first;
	struct phyr_dma_state ds __uninitialized;

	if (dma->nr_parts == 1 && part->mode == PHYR_DMA_IOVA) {
		*addr = part->addr + pos;
		return len && pos < part->len && len <= part->len - pos;
	}

	ds.dma = dma;
	if (phyr_dmas_slice(&ds, pos, len))
		return false;
	*addr = phyr_dmas_next(&ds)->addr;
	return true;
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
	u64 seams = U64_MAX, best;
	dma_addr_t addr;
	bool known;

	if (!phyr_dma_addr_of(dma, pos, len, &addr))
		return 0;

	sizes = phyr_dma_useful_sizes(sizes, virt, len);
	sizes = phyr_dma_divisors(sizes, addr ^ virt);
	if (!sizes)
		return 0;
	best = BIT_ULL(ilog2(sizes));

	/* What fits all boundaries of the list fits those of a slice. */
	known = phyr_dma_known_seams(dma, sizes, &seams);
	if (known && !(seams & (best - 1)))
		return best;
	if (!known || !phyr_dma_has_all_seams(dma, pos, len))
		seams = phyr_dma_walk_seams(dma, pos, len);
	sizes = phyr_dma_divisors(sizes, seams);
	return sizes ? BIT_ULL(ilog2(sizes)) : 0;
}
EXPORT_SYMBOL_GPL(phyr_dma_slice_block_size);

/**
 * phyr_dma_nr_blocks() - How many aligned blocks does a mapping take?
 * @dma: Mapping.
 * @size: Size of a block in bytes, as for phyr_dmas_next_block().
 *
 * For drivers that have to allocate an array of them.  O(1).
 *
 * Context: Any.
 * Return: How often the body of phyr_dma_for_each_block() runs.
 */
u64 phyr_dma_nr_blocks(const struct phyr_dma *dma, u64 size)
{
	struct phyr_dma_state ds = phyr_dma_start(dma);
	const struct phyr_dma_range *first = phyr_dmas_next(&ds);
	u64 offset;

	if (!first)
		return 0;
	offset = first->addr & (size - 1);
	return ((phyr_bytes(dma->phyr) + offset - 1) >> ilog2(size)) + 1;
}
EXPORT_SYMBOL_GPL(phyr_dma_nr_blocks);

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
	const struct phyr_dma_range *range;
	u64 nr = 0;

	if (dma->nr_parts == 1) {
		switch (dma->first.mode) {
		case PHYR_DMA_IOVA:
			return 1;
		case PHYR_DMA_RANGES:
			return phyr_nr_ranges(&dma->ranges);
		default:
			return phyr_nr_ranges(dma->phyr);
		}
	}

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
		[PHYR_DMA_IDENTITY]	= "identity",
		[PHYR_DMA_BUS]		= "bus",
		[PHYR_DMA_IOVA]		= "iova",
		[PHYR_DMA_RANGES]	= "ranges",
	};
	const struct phyr_dma_part *parts = phyr_dma_parts(dma);

	if (!phyr_dma_mapped(dma))
		return "unmapped";
	if (phyr_dma_is_imported(dma))
		return "imported";
	for (unsigned int i = 1; i < dma->nr_parts; i++) {
		if (parts[i].mode != parts[0].mode)
			return "mixed";
	}
	return names[parts[0].mode];
}
EXPORT_SYMBOL_GPL(phyr_dma_mode_name);
