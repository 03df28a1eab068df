/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _LINUX_PHYR_PACKED_H
#define _LINUX_PHYR_PACKED_H
/*
 * How a list's older ranges are packed, for the walks in linux/phyr.h that are in
 * line.  Nobody else has to know.
 *
 * A chunk is an array of entries of one width.  Whole pages take four bytes each if
 * that is enough, or eight: a number with the page count in its lower bits and the
 * distance from the chunk's base, in pages, above.  All else is as it was when it was
 * plain.  A chunk's ranges are of one kind, and never change.
 */

#include <linux/mm_types.h>
#include <linux/pfn.h>
#include <linux/types.h>

/* A range whose kind is known; it has the form of a &struct phys_vec. */
struct phyr_plain {
	phys_addr_t		phys;
	u64			len;
};

/* Ranges that are next to each other in a list. */
struct phyr_chunk {
	u64		start;	/* of its first range in the list, in bytes */
	u64		base;	/* the lowest address */
	void		*entries;
	unsigned long	kind;	/* see phyr_kind() */
	u32		count;	/* mask of the page count in an entry */
	u16		nr;	/* entries */
	u8		width;	/* bytes in an entry */
	u8		shift;	/* of the distance in an entry */
};

/* What the mapper wants to know of ranges together, see phyr_summary(). */
struct phyr_summary {
	u64			seams;	/* lowest bit: of all inner boundaries */
	phys_addr_t		lowest;
	phys_addr_t		highest;	/* of the last byte */
};

/*
 * The chunks of a list, in order, so that seeking is a binary search.
 */
struct phyr_index {
	u64			bytes;	/* in chunks: where plain ranges start */
	struct phyr_summary	sum;	/* of all ranges in chunks */
	u32			nr;
	u32			spare;	/* of these after them only the memory is there */
	u32			max;	/* chunks that there is room for */
	u8			flags;	/* of all ranges in chunks ORed together */
	bool			mixed;	/* ranges of more than one kind */
	struct phyr_chunk	chunks[];
};

/* A chunk of single pages: their counts are all the one bit that they have. */
static inline bool phyr_is_single(const struct phyr_chunk *chunk)
{
	return chunk->width == sizeof(u32) && chunk->count == 1;
}

/* The range in the entry at @at, which is that wide.  Returns the entry's end. */
static __always_inline const void *
phyr_unpack(const struct phyr_chunk *chunk, unsigned int width, const void *at,
	    phys_addr_t *phys, u64 *len)
{
	const struct phyr_plain *plain = at;
	u64 entry;

	if (likely(width == sizeof(u32))) {
		entry = *(const u32 *)at;
		at += sizeof(u32);
	} else if (width == sizeof(u64)) {
		entry = *(const u64 *)at;
		at += sizeof(u64);
	} else {
		*phys = plain->phys;
		*len = plain->len;
		return plain + 1;
	}
	*phys = chunk->base + (entry >> chunk->shift << PAGE_SHIFT);
	*len = (entry & chunk->count) << PAGE_SHIFT;
	return at;
}

#endif /* _LINUX_PHYR_PACKED_H */
