/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _LINUX_PHYR_PACKED_H
#define _LINUX_PHYR_PACKED_H
/*
 * How a list's older ranges are packed, for the walks in linux/phyr.h that are in
 * line.  Nobody else has to know.
 *
 * A chunk is an array of entries of one form.  Ranges take four bytes each if that is
 * enough, or eight: a number with the length in its lower bits and the distance from the
 * chunk's base above, both in units of the chunk, such as pages.  If some of a chunk's
 * ranges are too long or too far apart for that, all are as they were when they were
 * plain.  A chunk's ranges are of one kind.  What is written doesn't change.
 */

#include <linux/bits.h>
#include <linux/mm_types.h>
#include <linux/types.h>

/* A range whose kind is known; it has the form of a &struct phys_vec. */
struct phyr_plain {
	phys_addr_t		phys;
	u64			len;
};

/* So many of them are in the head of a list. */
#define PHYR_FEW		2

/* Ranges that are next to each other in a list. */
struct phyr_chunk {
	u64		start;	/* of its first range in the list, in bytes */
	u64		base;	/* the lowest address */
	void		*entries;
	unsigned long	kind;	/* see phyr_kind() */
	u32		mask;	/* of the length, once that is in bytes */
	u16		nr;	/* entries */
	u8		form;	/* of entries: the unit, and what else is below */
	u8		shift;	/* of the distance in an entry */
};

/* The unit is two to the power of that, in bytes. */
#define PHYR_FORM_UNIT		GENMASK(5, 0)
#define PHYR_FORM_PLAIN		BIT(6)
#define PHYR_FORM_WIDE		BIT(7)	/* eight bytes */

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
	u32			spare;	/* chunks after these that only have memory */
	u32			max;	/* chunks that there is room for */
	u8			flags;	/* of all ranges in chunks ORed together */
	bool			mixed;	/* ranges of more than one kind */
	struct phyr_chunk	chunks[];
};

static inline unsigned int phyr_width(const struct phyr_chunk *chunk)
{
	if (chunk->form & PHYR_FORM_PLAIN)
		return sizeof(struct phyr_plain);
	return chunk->form & PHYR_FORM_WIDE ? sizeof(u64) : sizeof(u32);
}

/* Are all ranges a unit long, each in four bytes?  Then they can be counted off. */
static inline bool phyr_is_uniform(const struct phyr_chunk *chunk)
{
	return chunk->form <= PHYR_FORM_UNIT && chunk->shift == 1;
}

/* Are all ranges single pages, in four bytes each? */
static inline bool phyr_is_single(const struct phyr_chunk *chunk)
{
	return chunk->form == PAGE_SHIFT && chunk->shift == 1;
}

/* The range in the entry at @at, in a chunk of that form.  Returns the entry's end. */
static __always_inline const void *
phyr_unpack(const struct phyr_chunk *chunk, unsigned int form, const void *at,
	    phys_addr_t *phys, u64 *len)
{
	const struct phyr_plain *plain = at;
	u64 entry;

	if (likely(form <= PHYR_FORM_UNIT)) {
		entry = *(const u32 *)at;
		at += sizeof(u32);
	} else if (form & PHYR_FORM_WIDE) {
		entry = *(const u64 *)at;
		at += sizeof(u64);
	} else {
		*phys = plain->phys;
		*len = plain->len;
		return plain + 1;
	}
	entry <<= form & PHYR_FORM_UNIT;
	*len = entry & chunk->mask;
	*phys = chunk->base + ((entry - *len) >> chunk->shift);
	return at;
}

#endif /* _LINUX_PHYR_PACKED_H */
