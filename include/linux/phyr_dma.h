/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _LINUX_PHYR_DMA_H
#define _LINUX_PHYR_DMA_H
/*
 * Mapping of a physical-range list for DMA.
 *
 * See Documentation/core-api/phyr.rst.
 */

#include <linux/dma-vecs.h>
#include <linux/log2.h>
#include <linux/phyr.h>

/* How a part of a list is mapped. */
enum phyr_dma_mode {
	PHYR_DMA_OFFSET,	/* physical address plus a constant */
	PHYR_DMA_BUS,		/* PCI peer's bus address, computed likewise */
	PHYR_DMA_RANGES,	/* each range by itself */
	/* One contiguous window, if no ranges are stored: */
	PHYR_DMA_IOVA,		/* of the device's own */
	PHYR_DMA_IMPORTED,	/* by somebody else, who unmaps and syncs */
};

/* Where a range is that others come after, so that it needn't be searched for. */
struct phyr_dma_mark {
	u64			pos;	/* where it starts in the part, in bytes */
	u64			at;	/* its index in @ranges, or where in @iova one ends */
};

/*
 * Neighbouring ranges of a list that are mapped in the same way: of a list of one
 * kind of memory, all.
 */
struct phyr_dma_part {
	u64			len;	/* bytes mapped */
	union {
		struct {
			struct dma_iova_state iova;	/* of this part, or reserved */
			union {
				u64	delta;	/* DMA minus physical address */
				dma_addr_t addr;	/* of a window's first byte */
				struct dma_range *ranges;	/* if @array */
			};
			struct phyr_dma_mark *marks;
		};
		struct dma_range few[2];	/* the ranges, if not @array */
	};
	u32			nr;	/* ranges stored; without any, @delta tells */
	u32			nr_marks;
	u8			mode;
	bool			mmio;
	bool			padded;	/* ranges in @iova, to whole granules */
	bool			reserved;	/* @iova outlasts the list */
	bool			array;	/* stored ranges are in one of their own */
};

/**
 * struct phyr_dma - A list that is mapped for a device
 *
 * Embedded by the caller, who may move it; all zeroes means unmapped.  It holds
 * everything that unmapping needs.  A list of one or two ranges of one kind needs no
 * other memory for its mapping, unless they have to be mapped in more pieces, or IOVA is
 * reserved that isn't for them.
 */
struct phyr_dma {
	/* private: use the functions below */
	struct device		*dev;
	const struct phyr	*phyr;	/* the list, or NULL if imported */
	struct phyr_dma_part	*parts;	/* an array, or NULL: only @first */
	u64			size;	/* bytes, by phyr_dma_reserve() */
	unsigned int		nr_parts;
	unsigned int		attrs : 24;
	unsigned int		dir : 8;	/* enum dma_data_direction */
	struct phyr_dma_part	first;
};

/**
 * define PHYR_DMA_INIT - Initialiser of an unmapped &struct phyr_dma
 */
#define PHYR_DMA_INIT		{ }

/**
 * phyr_dma_init() - Initialise a mapping as unmapped
 * @dma: Mapping to initialise.
 *
 * Context: Any.
 */
static inline void phyr_dma_init(struct phyr_dma *dma)
{
	*dma = (struct phyr_dma)PHYR_DMA_INIT;
}

int __must_check phyr_dma_map(struct phyr_dma *dma, struct device *dev,
			      const struct phyr *phyr,
			      enum dma_data_direction dir, unsigned long attrs,
			      gfp_t gfp);

int __must_check phyr_dma_import_sgtable(struct phyr_dma *dma,
					 struct device *dev,
					 const struct sg_table *sgt, u64 pos,
					 u64 len, gfp_t gfp);

int __must_check phyr_dma_reserve(struct phyr_dma *dma, struct device *dev,
				  u64 size);
int __must_check phyr_dma_link(struct phyr_dma *dma, const struct phyr *phyr,
			       enum dma_data_direction dir, unsigned long attrs,
			       gfp_t gfp);
void phyr_dma_unlink(struct phyr_dma *dma);
void phyr_dma_release(struct phyr_dma *dma);

/* What phyr_dma_sync_slice_for_cpu() and _for_device() have in common. */
void phyr_dma_sync_slice(const struct phyr_dma *dma, u64 pos, u64 len,
			 bool for_cpu);

u64 phyr_dma_nr_ranges(const struct phyr_dma *dma);
const char *phyr_dma_mode_name(const struct phyr_dma *dma);

/**
 * phyr_dma_unmap() - Undo phyr_dma_map() or phyr_dma_import_sgtable()
 * @dma: Mapping.  Nothing happens if it is all zeroes.
 *
 * The memory belongs to the CPU again, unless it was imported, and @dma is all
 * zeroes.  An IOMMU in lazy mode may keep page memory within the device's
 * reach, and the IOVA in use, for a while, as after dma_unmap_sgtable().
 *
 * Context: Any.
 */
static inline void phyr_dma_unmap(struct phyr_dma *dma)
{
	phyr_dma_release(dma);
}

/**
 * phyr_dma_mapped() - Is a list mapped?
 * @dma: Mapping.
 *
 * Context: Any.
 * Return: %true between a successful phyr_dma_map(), phyr_dma_link() or
 * phyr_dma_import_sgtable() and the call that undoes it.
 */
static inline bool phyr_dma_mapped(const struct phyr_dma *dma)
{
	return dma->nr_parts;
}

/**
 * phyr_dma_bytes() - How long is what is mapped?
 * @dma: Mapping.
 *
 * Context: Any.
 * Return: Bytes; zero if nothing is mapped.
 */
static inline u64 phyr_dma_bytes(const struct phyr_dma *dma)
{
	if (!phyr_dma_mapped(dma))
		return 0;
	return dma->phyr ? phyr_bytes(dma->phyr) : dma->first.len;
}

/**
 * phyr_dma_sync_slice_for_cpu() - Let the CPU see a part of what the device wrote
 * @dma: Mapping.
 * @pos: Where the part starts in the list, in bytes.
 * @len: Its length in bytes; nothing happens if not all of it is in the list.
 *
 * For devices that write one buffer of many, or say how much they wrote.  The part
 * stays mapped, and belongs to the CPU until it is given back by
 * phyr_dma_sync_slice_for_device().  dma_sync_single_for_cpu() won't do: what is one
 * range for the device may be many for the CPU.
 *
 * Context: Any.
 */
static inline void phyr_dma_sync_slice_for_cpu(const struct phyr_dma *dma,
					       u64 pos, u64 len)
{
	phyr_dma_sync_slice(dma, pos, len, true);
}

/**
 * phyr_dma_sync_slice_for_device() - Let the device see a part of what the CPU wrote
 * @dma: Mapping.
 * @pos: Where the part starts in the list, in bytes.
 * @len: Its length in bytes; nothing happens if not all of it is in the list.
 *
 * Context: Any.
 */
static inline void phyr_dma_sync_slice_for_device(const struct phyr_dma *dma,
						  u64 pos, u64 len)
{
	phyr_dma_sync_slice(dma, pos, len, false);
}

/**
 * phyr_dma_sync_for_cpu() - Let the CPU see what the device wrote
 * @dma: Mapping.
 *
 * The memory stays mapped and belongs to the CPU until it is given back by
 * phyr_dma_sync_for_device().
 *
 * Context: Any.
 */
static inline void phyr_dma_sync_for_cpu(const struct phyr_dma *dma)
{
	phyr_dma_sync_slice_for_cpu(dma, 0, phyr_dma_bytes(dma));
}

/**
 * phyr_dma_sync_for_device() - Let the device see what the CPU wrote
 * @dma: Mapping.
 *
 * Context: Any.
 */
static inline void phyr_dma_sync_for_device(const struct phyr_dma *dma)
{
	phyr_dma_sync_slice_for_device(dma, 0, phyr_dma_bytes(dma));
}

/**
 * struct phyr_dma_state - Position in a mapped list
 * @range: What phyr_dmas_piece() and the like left of the current range.
 *
 * The advanced API: a walk that can be paused, copied, moved with
 * phyr_dmas_seek(), limited with phyr_dmas_slice() and taken in pieces.  Any
 * number of states may walk the same mapping.  A state allocates nothing, and is of no
 * use any more once the mapping is moved in memory.
 */
struct phyr_dma_state {
	struct dma_range	range;
	/* private: */
	const struct phyr_dma	*dma;
	const struct dma_range	*stored;	/* the next one, less @delta */
	const struct dma_range	*last;	/* all before it can be taken as they are */
	u64			pos;	/* of the byte after @range, in the mapping */
	u64			end;	/* of the current part */
	u64			stop;	/* of the walk */
	unsigned int		part;	/* index of the next part */
	bool			computed;	/* addresses differ by @delta from @list's */
	bool			rest;	/* there may be more after these, or those stored */
	union {
		u64		delta;	/* zero if DMA addresses are stored */
		dma_addr_t	iova;	/* where ranges that are padded go on */
	};
	struct phyr_state	list;	/* of what is next in @dma->phyr */
};

static_assert(sizeof(size_t) < sizeof(u64) ||
	      (sizeof(struct dma_range) == sizeof(struct phys_vec) &&
	       offsetof(struct dma_range, len) == offsetof(struct phys_vec, len)),
	      "what phyr_array() returns is walked as if it were stored");

/* The ranges that are stored. */
static inline struct dma_range *phyr_dma_stored(const struct phyr_dma_part *part)
{
	return part->array ? part->ranges : (struct dma_range *)part->few;
}

/* The state before the first part. */
static __always_inline struct phyr_dma_state
phyr_dma_before(const struct phyr_dma *dma)
{
	struct phyr_dma_state ds __uninitialized;

	ds.range.len = 0;
	ds.dma = dma;
	ds.stored = NULL;
	ds.last = NULL;
	ds.pos = 0;
	ds.end = 0;
	ds.stop = U64_MAX;
	ds.part = 0;
	ds.computed = false;
	ds.rest = true;
	return ds;
}

/**
 * phyr_dma_start() - The state before the first range of a mapping
 * @dma: Mapping.
 *
 * Context: Any.
 * Return: The state.  It yields no range if @dma isn't mapped.
 */
static __always_inline struct phyr_dma_state
phyr_dma_start(const struct phyr_dma *dma)
{
	struct phyr_dma_state ds = phyr_dma_before(dma);
	const struct phyr_dma_part *part = &dma->first;

	/* Most mappings are of one of three forms, and need no more than this. */
	if (dma->nr_parts != 1 || dma->parts || part->padded)
		return ds;
	ds.end = part->len;
	ds.part = 1;
	ds.rest = false;
	ds.delta = 0;
	if (part->nr) {
		ds.stored = phyr_dma_stored(part);
		ds.last = ds.stored + part->nr;
		return ds;
	}
	if (part->mode >= PHYR_DMA_IOVA) {
		ds.range.addr = part->addr;
		ds.range.len = part->len;
		ds.pos = part->len;
		return ds;
	}
	ds.delta = part->delta;
	/* A short list is an array, too, if of physical addresses. */
	ds.stored = (const struct dma_range *)phyr_array(dma->phyr);
	if (ds.stored) {
		ds.last = ds.stored + phyr_nr_ranges(dma->phyr);
		return ds;
	}
	ds.list = phyr_start(dma->phyr);
	ds.computed = true;
	return ds;
}

/**
 * PHYR_DMA_STATE() - Declare a state before the first range of a mapping
 * @name: Name of the variable.
 * @dma: Mapping.
 */
#define PHYR_DMA_STATE(name, dma)					\
	struct phyr_dma_state name = phyr_dma_start(dma)

bool phyr_dmas_go_on(struct phyr_dma_state *ds);
int phyr_dmas_slice(struct phyr_dma_state *ds, u64 pos, u64 len);

/**
 * phyr_dmas_next() - Go to the next range of DMA addresses
 * @ds: State.
 * @range: Set to the range, or to what phyr_dmas_piece() and the like left of it.
 *
 * Context: Any.
 * Return: %false at the end of the mapping or slice, with nothing in @range that
 * means anything.
 */
static __always_inline bool phyr_dmas_next(struct phyr_dma_state *ds,
					   struct dma_range *range)
{
	struct phyr_dma_state copy __uninitialized;
	struct phyr_range cpu __uninitialized;

	if (ds->range.len) {
		*range = ds->range;
		ds->range.len = 0;
		return true;
	}
	if (ds->stored != ds->last) {
		range->addr = ds->stored->addr + ds->delta;
		range->len = ds->stored->len;
		ds->stored++;
	} else if (likely(ds->computed) && phyrs_next_whole(&ds->list, &cpu)) {
		range->addr = cpu.phys + ds->delta;
		range->len = cpu.len;
	} else if (ds->rest) {
		/* A copy, so that the state itself can be in registers. */
		copy = *ds;
		copy.rest = phyr_dmas_go_on(&copy);
		*ds = copy;
		ds->range.len = 0;
		*range = copy.range;
		return range->len;
	} else {
		return false;
	}
	ds->pos += range->len;
	return true;
}

/* Have something in @ds->range to take. */
static inline bool phyr_dmas_load(struct phyr_dma_state *ds)
{
	return ds->range.len || phyr_dmas_next(ds, &ds->range);
}

/**
 * phyr_dmas_tell() - Where is a state in its mapping?
 * @ds: State.
 *
 * Context: Any.
 * Return: The position of the byte that phyr_dmas_piece() takes next, in bytes.
 */
static inline u64 phyr_dmas_tell(const struct phyr_dma_state *ds)
{
	return ds->pos - ds->range.len;
}

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
static inline int phyr_dmas_seek(struct phyr_dma_state *ds, u64 pos)
{
	u64 bytes = phyr_dma_bytes(ds->dma);

	return pos < bytes ? phyr_dmas_slice(ds, pos, bytes - pos) : -ERANGE;
}

/**
 * phyr_dmas_piece() - Take the next bytes of a mapping
 * @ds: State.
 * @max: The most bytes to take, not zero.
 * @addr: Set to the DMA address of the first byte taken.
 *
 * A piece never crosses from one range to the next.
 *
 * Context: Any.
 * Return: The number of bytes taken, or zero at the end of the walk.
 */
static inline u64 phyr_dmas_piece(struct phyr_dma_state *ds, u64 max,
				  dma_addr_t *addr)
{
	u64 len;

	if (!phyr_dmas_load(ds))
		return 0;

	len = min(max, ds->range.len);
	*addr = ds->range.addr;
	ds->range.addr += len;
	ds->range.len -= len;
	return len;
}

/**
 * phyr_dma_for_each_range() - Walk the DMA addresses of a mapping
 * @dma: Mapping.
 * @range: A &struct dma_range, set to each range in turn.
 *
 * Neighbours that are adjacent for the device usually come as one range,
 * however long: see phyr_dma_for_each_segment() for hardware with a limit.
 */
#define phyr_dma_for_each_range(dma, range)				\
	for (struct phyr_dma_state __ds = phyr_dma_start(dma);		\
	     phyr_dmas_next(&__ds, &(range));)

/**
 * phyr_dma_start_slice() - The state before the first range of a part of a mapping
 * @dma: Mapping.
 * @pos: Where the part starts in the list, in bytes.
 * @len: Its length in bytes.
 *
 * Context: Any.
 * Return: The state.  There is no range in a part that is empty or not inside the
 * mapping.
 */
static inline struct phyr_dma_state
phyr_dma_start_slice(const struct phyr_dma *dma, u64 pos, u64 len)
{
	struct phyr_dma_state ds __uninitialized;

	ds.dma = dma;
	if (phyr_dmas_slice(&ds, pos, len)) {
		ds = phyr_dma_before(dma);
		ds.rest = false;
	}
	return ds;
}

/**
 * phyr_dma_for_each_slice_range() - Walk the DMA addresses of a part of a mapping
 * @dma: Mapping.
 * @pos: Where the part starts in the list, in bytes.
 * @len: Its length in bytes.
 * @range: A &struct dma_range, set to each range in turn.
 *
 * The first and the last range are cut to what is in the part.  The body never runs
 * for a part that is empty or not inside the mapping.
 */
#define phyr_dma_for_each_slice_range(dma, pos, len, range)		\
	for (struct phyr_dma_state __ds = phyr_dma_start_slice(dma, pos, len); \
	     phyr_dmas_next(&__ds, &(range));)

/**
 * phyr_dma_segment_len() - The length of a segment that hardware can take
 * @range: What is to be cut, not empty.
 * @max: The most bytes of a segment, not zero.
 * @boundary: A mask: no segment crosses a multiple of @boundary + 1.
 *
 * Context: Any.
 * Return: How many bytes of @range, from its start on, phyr_dmas_next_segment() takes.
 */
static inline u64 phyr_dma_segment_len(const struct dma_range *range, u64 max,
				       u64 boundary)
{
	/* What a scatterlist does with limits that aren't whole pages. */
	if (max >= PAGE_SIZE) {
		max = ALIGN_DOWN(max, PAGE_SIZE);
		if (range->len > max)
			max -= offset_in_page(range->addr);
	}
	/* The bytes up to the boundary may be 2^64: count one less. */
	max = min(max - 1, boundary - (range->addr & boundary)) + 1;
	return min(range->len, max);
}

/**
 * phyr_dmas_next_segment() - Go to the next segment that hardware can take
 * @ds: State.
 * @segment: Set to the segment.
 * @max: The most bytes of a segment, not zero.
 * @boundary: A mask: no segment crosses a multiple of @boundary + 1.
 *
 * For hardware with several sets of limits; phyr_dma_for_each_segment() obeys
 * those that are set for the device.  Unless @max is less than a page, it is rounded
 * down to whole pages, and what is longer is cut at the end of a page.
 *
 * Context: Any.
 * Return: %false at the end of the walk.
 */
static inline bool phyr_dmas_next_segment(struct phyr_dma_state *ds,
					  struct dma_range *segment,
					  u64 max, u64 boundary)
{
	if (!phyr_dmas_load(ds))
		return false;
	max = phyr_dma_segment_len(&ds->range, max, boundary);
	segment->len = phyr_dmas_piece(ds, max, &segment->addr);
	return true;
}

/**
 * phyr_dmas_next_device_segment() - Go to the next segment that the device can take
 * @ds: State.
 * @segment: Set to the segment.
 *
 * phyr_dmas_next_segment() with the limits that are set for the device.  A driver that
 * refills a ring of descriptors keeps @ds, and takes a segment only if there is room
 * for it: the walk goes on from there the next time.
 *
 * Context: Any.
 * Return: %false at the end of the walk.
 */
static inline bool
phyr_dmas_next_device_segment(struct phyr_dma_state *ds,
			      struct dma_range *segment)
{
	struct device *dev = ds->dma->dev;

	/* There is no device to ask if nothing is mapped. */
	return phyr_dma_mapped(ds->dma) &&
	       phyr_dmas_next_segment(ds, segment, dma_get_max_seg_size(dev),
				      dma_get_seg_boundary(dev));
}

/**
 * phyr_dma_for_each_segment() - Walk a mapping by what the device can take
 * @dma: Mapping.
 * @segment: A &struct dma_range, set to each segment in turn.
 *
 * No segment is longer than dma_get_max_seg_size(), or crosses a boundary that
 * dma_get_seg_boundary() describes.
 */
#define phyr_dma_for_each_segment(dma, segment)				\
	for (struct phyr_dma_state __ds = phyr_dma_start(dma);		\
	     phyr_dmas_next_device_segment(&__ds, &(segment));)

/**
 * phyr_dma_nr_segments() - How many segments does the device get?
 * @dma: Mapping.
 *
 * For drivers that have to allocate an array of them.  Takes a walk.
 *
 * Context: Any.
 * Return: How often the body of phyr_dma_for_each_segment() runs.
 */
static inline u64 phyr_dma_nr_segments(const struct phyr_dma *dma)
{
	struct dma_range segment;
	u64 nr = 0;

	phyr_dma_for_each_segment(dma, segment)
		nr++;
	return nr;
}

u64 phyr_dma_slice_block_size(const struct phyr_dma *dma, u64 pos, u64 len,
			      u64 sizes, u64 virt);

/**
 * phyr_dma_best_block_size() - The best size of aligned blocks for a mapping
 * @dma: Mapping.
 * @sizes: The sizes that the hardware has: powers of 2, ORed together.
 * @virt: The address by which the device's users refer to the first byte.
 *
 * Context: Any.
 * Return: As phyr_dma_slice_block_size(), for all of the list.
 */
static inline u64 phyr_dma_best_block_size(const struct phyr_dma *dma,
					   u64 sizes, u64 virt)
{
	if (!phyr_dma_mapped(dma))
		return 0;
	return phyr_dma_slice_block_size(dma, 0, phyr_dma_bytes(dma), sizes,
					 virt);
}

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
static inline u64 phyr_dma_nr_blocks(const struct phyr_dma *dma, u64 size)
{
	PHYR_DMA_STATE(ds, dma);
	u64 offset;

	if (!phyr_dmas_load(&ds))
		return 0;
	offset = ds.range.addr & (size - 1);
	return ((phyr_dma_bytes(dma) + offset - 1) >> ilog2(size)) + 1;
}

/**
 * phyr_dmas_next_block() - Go to the next aligned block
 * @ds: State.
 * @size: Size of a block in bytes: a power of 2 that fits the mapping, such as
 *	phyr_dma_best_block_size() returns.
 * @addr: Set to the DMA address of the block, a multiple of @size.
 *
 * The first block may start before the first byte of the walk, and the last one
 * end after the last byte.
 *
 * Context: Any.
 * Return: %false at the end of the walk.
 */
static inline bool phyr_dmas_next_block(struct phyr_dma_state *ds, u64 size,
					dma_addr_t *addr)
{
	u64 offset;

	if (!phyr_dmas_load(ds))
		return false;

	offset = ds->range.addr & (size - 1);
	phyr_dmas_piece(ds, size - offset, addr);
	*addr -= offset;
	return true;
}

/**
 * phyr_dma_for_each_block() - Walk a mapping by aligned blocks
 * @dma: Mapping.
 * @size: Size of a block in bytes, as for phyr_dmas_next_block().
 * @addr: A dma_addr_t, set to the address of each block in turn.
 */
#define phyr_dma_for_each_block(dma, size, addr)			\
	for (struct phyr_dma_state __ds = phyr_dma_start(dma);		\
	     phyr_dmas_next_block(&__ds, size, &(addr));)

#endif /* _LINUX_PHYR_DMA_H */
