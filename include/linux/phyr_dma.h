/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _LINUX_PHYR_DMA_H
#define _LINUX_PHYR_DMA_H
/*
 * Mapping of a physical-range list for DMA.
 *
 * See Documentation/core-api/phyr.rst.
 */

#include <linux/dma-mapping.h>
#include <linux/phyr.h>

/* How a part of a list is mapped. */
enum phyr_dma_mode {
	PHYR_DMA_IDENTITY,	/* physical address plus a constant */
	PHYR_DMA_BUS,		/* PCI peer's bus address, computed likewise */
	PHYR_DMA_IOVA,		/* one contiguous window of IOVA */
	PHYR_DMA_RANGES,	/* dma_map_phys() for each range */
};

/*
 * Neighbouring ranges of a list that are mapped in the same way.  A list of one
 * kind of memory is a single part, unless there is an IOMMU and ranges meet
 * inside one of its pages: a new part begins there.
 */
struct phyr_dma_part {
	u64			len;	/* bytes mapped */
	union {
		u64		delta;	/* DMA minus physical address */
		dma_addr_t	addr;	/* first byte, in @window */
	};
	struct dma_iova_state	window;
	enum phyr_dma_mode	mode;
	bool			mmio;
	bool			reserved;	/* don't free @window */
};

/**
 * struct phyr_dma_range - One range of DMA addresses
 * @addr: Address to give to the device.
 * @len: Length in bytes.
 */
struct phyr_dma_range {
	dma_addr_t	addr;
	u64		len;
};

/**
 * struct phyr_dma - A list that is mapped for a device
 *
 * Embedded by the caller; all zeroes means unmapped.  It holds everything that
 * unmapping needs.  A list of one range needs no other memory for its mapping,
 * unless the range has to be mapped in several pieces.
 */
struct phyr_dma {
	/* private: use the functions below */
	struct device		*dev;
	const struct phyr	*phyr;	/* the list, or @ranges if imported */
	struct phyr		ranges;	/* DMA addresses of PHYR_DMA_RANGES */
	struct phyr_dma_part	*parts;	/* an array, or NULL: only @first */
	unsigned int		nr_parts;
	enum dma_data_direction	dir;
	unsigned long		attrs;
	u64			max_len; /* of a single dma_map_phys() */
	u64			reserved; /* bytes, by phyr_dma_reserve() */
	struct dma_iova_state	window;	/* by phyr_dma_reserve() */
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

int phyr_dma_map(struct phyr_dma *dma, struct device *dev,
		 const struct phyr *phyr, enum dma_data_direction dir,
		 unsigned long attrs, gfp_t gfp);
void phyr_dma_unmap(struct phyr_dma *dma);

int phyr_dma_import_sgtable(struct phyr_dma *dma, struct device *dev,
			    const struct sg_table *sgt, u64 pos, u64 len,
			    gfp_t gfp);

int phyr_dma_reserve(struct phyr_dma *dma, struct device *dev, u64 size);
int phyr_dma_link(struct phyr_dma *dma, const struct phyr *phyr,
		  enum dma_data_direction dir, unsigned long attrs, gfp_t gfp);
void phyr_dma_unlink(struct phyr_dma *dma);
void phyr_dma_release(struct phyr_dma *dma);

void phyr_dma_sync_for_cpu(const struct phyr_dma *dma);
void phyr_dma_sync_for_device(const struct phyr_dma *dma);

u64 phyr_dma_nr_ranges(const struct phyr_dma *dma);
const char *phyr_dma_mode_name(const struct phyr_dma *dma);

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
	return dma->phyr;
}

/**
 * struct phyr_dma_state - Position in a mapped list
 * @range: The current range, of which phyr_dmas_piece() may have taken a part.
 *
 * The advanced API: a walk that can be paused, copied, moved with
 * phyr_dmas_seek(), limited with phyr_dmas_slice() and taken in pieces.  Any
 * number of states may walk the same mapping.  A state allocates nothing.
 */
struct phyr_dma_state {
	struct phyr_dma_range	range;
	/* private: */
	const struct phyr_dma	*dma;
	u64			used;	/* bytes taken of @range */
	u64			bound;	/* bytes to go after @range, at most */
	struct phyr_dma_range	segment;
	unsigned int		part;	/* index of the next part */
	u64			pos;	/* of the next part in the list */
	u64			stored;	/* of the next part in @dma->ranges */
	u64			left;	/* bytes to go in the current part */
	struct phyr_state	list;	/* in @dma->phyr or @dma->ranges */
};

/**
 * phyr_dma_start() - The state before the first range of a mapping
 * @dma: Mapping.
 *
 * Context: Any.
 * Return: The state.  It yields no range if @dma isn't mapped.
 */
static inline struct phyr_dma_state phyr_dma_start(const struct phyr_dma *dma)
{
	return (struct phyr_dma_state) {
		.dma = dma,
		.bound = U64_MAX,
	};
}

/**
 * PHYR_DMA_STATE() - Declare a state before the first range of a mapping
 * @name: Name of the variable.
 * @dma: Mapping.
 */
#define PHYR_DMA_STATE(name, dma)					\
	struct phyr_dma_state name = phyr_dma_start(dma)

const struct phyr_dma_range *phyr_dmas_next(struct phyr_dma_state *ds);
int phyr_dmas_seek(struct phyr_dma_state *ds, u64 pos);
int phyr_dmas_slice(struct phyr_dma_state *ds, u64 pos, u64 len);

/*
 * Have something left to take, in the current range or else in the next one.
 * phyr_dmas_next() counts all of a range as taken, which is put right here.
 */
static inline bool phyr_dmas_more(struct phyr_dma_state *ds)
{
	if (ds->used < ds->range.len)
		return true;
	if (!phyr_dmas_next(ds))
		return false;
	ds->used = 0;
	return true;
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

	if (!phyr_dmas_more(ds))
		return 0;

	*addr = ds->range.addr + ds->used;
	len = min(max, ds->range.len - ds->used);
	ds->used += len;
	return len;
}

/**
 * phyr_dma_for_each_range() - Walk the DMA addresses of a mapping
 * @dma: Mapping.
 * @range: A pointer to const &struct phyr_dma_range, valid within the loop's
 *	body.
 *
 * Neighbours that are adjacent for the device usually come as one range,
 * however long: see phyr_dma_for_each_segment() for hardware with a limit.
 */
#define phyr_dma_for_each_range(dma, range)				\
	for (struct phyr_dma_state __ds = phyr_dma_start(dma);		\
	     ((range) = phyr_dmas_next(&__ds));)

const struct phyr_dma_range *
phyr_dmas_next_segment(struct phyr_dma_state *ds, u64 max, u64 boundary);
u64 phyr_dma_nr_segments(const struct phyr_dma *dma);

/*
 * phyr_dmas_next_segment() with the limits that are set for the device.  There
 * is no device to ask if nothing is mapped.
 */
static inline const struct phyr_dma_range *
phyr_dmas_next_device_segment(struct phyr_dma_state *ds)
{
	struct device *dev = ds->dma->dev;

	if (!phyr_dma_mapped(ds->dma))
		return NULL;
	return phyr_dmas_next_segment(ds, dma_get_max_seg_size(dev),
				      dma_get_seg_boundary(dev));
}

/**
 * phyr_dma_for_each_segment() - Walk a mapping by what the device can take
 * @dma: Mapping.
 * @segment: A pointer to const &struct phyr_dma_range, valid within the loop's
 *	body.
 *
 * No segment is longer than dma_get_max_seg_size(), or crosses a boundary that
 * dma_get_seg_boundary() describes.
 */
#define phyr_dma_for_each_segment(dma, segment)				\
	for (struct phyr_dma_state __ds = phyr_dma_start(dma);		\
	     ((segment) = phyr_dmas_next_device_segment(&__ds));)

u64 phyr_dma_slice_block_size(const struct phyr_dma *dma, u64 pos, u64 len,
			      u64 sizes, u64 virt);
u64 phyr_dma_nr_blocks(const struct phyr_dma *dma, u64 size);

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
	return phyr_dma_slice_block_size(dma, 0, phyr_bytes(dma->phyr), sizes,
					 virt);
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

	if (!phyr_dmas_more(ds))
		return false;

	offset = (ds->range.addr + ds->used) & (size - 1);
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

/**
 * struct phyr_dma_stream - A list that is mapped while descriptors are written
 * @range: The range to give to the device.
 * @error: Zero, or a negative errno if phyr_dma_stream_next() failed.
 *
 * For lists that are mapped only for a short time, such as those of I/O
 * requests: it takes the same memory for a list of any length.  Embedded by the
 * caller.
 */
struct phyr_dma_stream {
	struct phyr_dma_range	range;
	int			error;
	/* private: */
	struct phyr_dma		dma;	/* always one part */
	struct phyr_state	cpu;
	u64			left;
};

int phyr_dma_stream_start(struct phyr_dma_stream *stream, struct device *dev,
			  const struct phyr *phyr, enum dma_data_direction dir,
			  unsigned long attrs, gfp_t gfp);
bool phyr_dma_stream_next(struct phyr_dma_stream *stream);
bool phyr_dma_stream_need_put(const struct phyr_dma_stream *stream);
void phyr_dma_stream_put(struct phyr_dma_stream *stream, dma_addr_t addr,
			 size_t len);
void phyr_dma_stream_end(struct phyr_dma_stream *stream);

#endif /* _LINUX_PHYR_DMA_H */
