/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _LINUX_PHYR_PACKED_H
#define _LINUX_PHYR_PACKED_H
/*
 * How a list's ranges are packed, for the walks in linux/phyr.h that are in
 * line.  Nobody else has to know.
 *
 * A chunk is an array of 32-bit words: two of an address, the chunk's base, marks
 * for seeking, and then entries.  The lowest bits of an entry's first word say what it is:
 *
 *   ...0	short run: whole pages; a distance in pages from the base, and above
 *		that the number of pages less one.  The chunk says how many bits
 *		the distance has.
 *   ..01	run: whole pages; 30 bits of page count, and a word of distance in
 *		pages from the base
 *   .011	general: any range; 28 bits of length, and two words of address
 *   1011	the same, and a fourth word with the upper bits of the length
 *   .111	kind: of all that follows in the chunk; 28 bits of flags
 *   1111	the same, and two words of pointer to the provider
 *
 * A number of two words has its lower half in the first one.  Each chunk starts
 * out with page memory that isn't pinned, so that it can be read without the
 * others.
 */

#include <linux/bitfield.h>
#include <linux/bits.h>
#include <linux/compiler.h>
#include <linux/pfn.h>
#include <linux/types.h>

#define PHYR_WORD_NOT_SHORT	BIT(0)
#define PHYR_WORD_NOT_RUN	BIT(1)
#define PHYR_WORD_KIND		BIT(2)
#define PHYR_WORD_MORE		BIT(3)
#define PHYR_VALUE_SHIFT	4

#define PHYR_WORD_TAG_RUN	PHYR_WORD_NOT_SHORT
#define PHYR_WORD_TAG_GENERAL	(PHYR_WORD_NOT_SHORT | PHYR_WORD_NOT_RUN)
#define PHYR_WORD_TAG_KIND	(PHYR_WORD_TAG_GENERAL | PHYR_WORD_KIND)

#define PHYR_RUN_PAGES		GENMASK(31, 2)
#define PHYR_RUN_SHIFT		(PAGE_SHIFT - 2)
#define PHYR_GENERAL_LOW_BITS	28

/* The distance of a short run, where it is in a word, to bytes. */
#define PHYR_SHORT_SHIFT	(PAGE_SHIFT - 1)

/* Where the entries start, after the base and the marks. */
#define PHYR_FIRST_WORD		16

/* Ranges that are next to each other in a list. */
struct phyr_chunk {
	u64		start;	/* of its first range in the list, in bytes */
	u32		*words;
	u32		distance;	/* mask of a short run's, in its word */
	u16		nr;		/* words in use */
	u8		shift;		/* of the page count of short runs */
	u8		single:1;	/* single pages only, after the kind */
	u8		kinds:1;	/* more than one: marks mean nothing */
};

/*
 * The chunks of a list, in order, so that seeking is a binary search.
 */
struct phyr_index {
	u64			bytes;	/* in chunks: where plain ranges start */
	u64			seams;	/* lowest bit: of all inner boundaries */
	phys_addr_t		lowest;
	phys_addr_t		highest;	/* of the last byte */
	unsigned long		kind;	/* of the last range in a chunk */
	u32			nr;
	u32			spare;	/* empty chunks with words after those */
	u32			max;	/* chunks that there is room for */
	u16			room;	/* words that the last chunk has room for */
	u8			flags;	/* of all ranges in chunks ORed together */
	bool			mixed;	/* ranges of more than one kind */
	struct phyr_chunk	chunks[];
};

/* The number that takes the two words from @word on. */
static inline u64 phyr_read_u64(const u32 *word)
{
	return word[0] | (u64)word[1] << 32;
}

static inline bool phyr_is_short(u32 word)
{
	return !(word & PHYR_WORD_NOT_SHORT);
}

static inline bool phyr_is_run(u32 word)
{
	return (word & PHYR_WORD_TAG_GENERAL) == PHYR_WORD_TAG_RUN;
}

static inline u64 phyr_run_len(u64 word)
{
	return (word & PHYR_RUN_PAGES) << PHYR_RUN_SHIFT;
}

/* Is that a general entry without a fourth word? */
static inline bool phyr_is_general(u32 word)
{
	return (word & (PHYR_WORD_TAG_KIND | PHYR_WORD_MORE)) ==
	       PHYR_WORD_TAG_GENERAL;
}

static inline bool phyr_is_kind(u32 word)
{
	return (word & PHYR_WORD_TAG_KIND) == PHYR_WORD_TAG_KIND;
}

static inline const u32 *phyr_chunk_start(const struct phyr_chunk *chunk)
{
	return chunk->words + PHYR_FIRST_WORD;
}

static inline u64 phyr_chunk_base(const struct phyr_chunk *chunk)
{
	return phyr_read_u64(chunk->words);
}

static inline u64 phyr_short_len(const struct phyr_chunk *chunk, u64 word)
{
	return ((word >> chunk->shift) + 1) << PAGE_SHIFT;
}

/*
 * Read the range whose entry starts with *@word, in a chunk with that @base, and go
 * to the next entry.  False if it is a kind.
 */
static __always_inline bool
phyr_read_range(const struct phyr_chunk *chunk, u64 base, const u32 **word,
		phys_addr_t *phys, u64 *len)
{
	u64 first = **word;

	if (likely(phyr_is_short(first))) {
		*phys = base + ((first & chunk->distance) << PHYR_SHORT_SHIFT);
		*len = phyr_short_len(chunk, first);
		*word += 1;
		return true;
	}
	if (!(first & PHYR_WORD_NOT_RUN)) {
		*phys = base + ((u64)(*word)[1] << PAGE_SHIFT);
		*len = phyr_run_len(first);
		*word += 2;
		return true;
	}
	if (first & PHYR_WORD_KIND)
		return false;

	*phys = phyr_read_u64(*word + 1);
	*len = first >> PHYR_VALUE_SHIFT;
	if (unlikely(first & PHYR_WORD_MORE)) {
		*len |= (u64)(*word)[3] << PHYR_GENERAL_LOW_BITS;
		*word += 1;
	}
	*word += 3;
	return true;
}

/* Read the kind whose entry starts with @word.  Returns the entry's end. */
static inline const u32 *phyr_read_kind(const u32 *word, unsigned long *kind)
{
	*kind = *word >> PHYR_VALUE_SHIFT;
	if (!(*word & PHYR_WORD_MORE))
		return word + 1;
	*kind |= (unsigned long)phyr_read_u64(word + 1);
	return word + 3;
}

#endif /* _LINUX_PHYR_PACKED_H */
