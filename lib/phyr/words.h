/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef __PHYR_WORDS_H
#define __PHYR_WORDS_H
/*
 * How ranges are written in chunks.
 *
 * A chunk is an array of 64-bit words.  The two lowest bits of the first word
 * of each entry say what the entry is:
 *
 * run		whole pages: 44 bits of PFN, 18 bits of page count less one
 * pair		two short runs, 31 bits each: the page count less one, and in
 *		the lowest bits the distance in pages from the chunk's base;
 *		the chunk's window says which bits are which
 * general	any range: 62 bits of length; the address is the next word
 * attribute	the kind of all that follows in this chunk; the provider, where
 *		there is one, is the next word
 *
 * A chunk starts out with page memory that isn't pinned and can be read
 * without knowing what came before it.
 */

#include <linux/bitfield.h>
#include <linux/mm.h>
#include <linux/phyr.h>

typedef u64 __bitwise phyr_word_t;

enum phyr_tag {
	PHYR_TAG_ATTR		= 0,
	PHYR_TAG_RUN		= 1,
	PHYR_TAG_PAIR		= 2,
	PHYR_TAG_GENERAL	= 3,
};

#define PHYR_WORD_TAG		GENMASK_ULL(1, 0)
#define PHYR_RUN_PAGES		GENMASK_ULL(19, 2)
#define PHYR_RUN_PFN		GENMASK_ULL(63, 20)
#define PHYR_PAIR_FIRST		GENMASK_ULL(32, 2)
#define PHYR_PAIR_SECOND	GENMASK_ULL(63, 33)
#define PHYR_GENERAL_LEN	GENMASK_ULL(63, 2)
#define PHYR_ATTR_FLAGS		GENMASK_ULL(9, 2)
#define PHYR_ATTR_PROVIDER	BIT_ULL(10)

#define PHYR_RUN_PAGES_MAX	(FIELD_MAX(PHYR_RUN_PAGES) + 1)

/* An attribute with its provider, and a general entry. */
#define PHYR_WORDS_MAX		4

/* A short run takes 31 bits; this is none. */
#define PHYR_HALF_BITS		31
#define PHYR_HALF_NONE		U32_MAX

/* The least distance that a pair's PFNs are from each other, if they can. */
#define PHYR_WINDOW_BITS	22

/* From where the distance of a pair's first run is in a word, to bytes. */
#define PHYR_WINDOW_SHIFT	(PAGE_SHIFT - __bf_shf(PHYR_PAIR_FIRST))

/*
 * What short runs count from, and which bits of one say what where it is the
 * first of a pair.
 */
struct phyr_window {
	phys_addr_t	base;
	u64		distance;	/* mask */
	u64		pages;		/* mask, of the page count less one */
	unsigned int	shift;		/* of @pages, to bytes */
};

static inline struct phyr_window phyr_mk_window(phys_addr_t base,
						unsigned int bits)
{
	u64 distance = GENMASK_ULL(bits - 1, 0) << __bf_shf(PHYR_PAIR_FIRST);

	return (struct phyr_window) {
		.base = base,
		.distance = distance,
		.pages = PHYR_PAIR_FIRST ^ distance,
		.shift = __bf_shf(PHYR_PAIR_FIRST) + bits - PAGE_SHIFT,
	};
}

/* How many words a checkpoint is behind the one before. */
#define PHYR_STRETCH		64

/* Too far from the chunk's start, or inside of an entry. */
#define PHYR_NO_CHECKPOINT	U32_MAX

/*
 * Distances between chunks are kept, and not positions, so that lists can be
 * joined without touching their chunks.
 *
 * The first chunk has room for the words of a short list.  Those of others are
 * elsewhere, so that they don't share their page with anything and fill it.
 */
struct phyr_chunk {
	struct phyr_chunk	*next;
	struct phyr_chunk	*prev;
	u64			prev_bytes;	/* from the start of @prev */
	struct phyr_index	*index;	/* of the group that it is in, or NULL */
	phyr_word_t		*words;
	struct phyr_window	window;	/* of short runs */
	u32			half;	/* the last word, if it can be paired */
	u16			slot;	/* in @index; without, see phyr_group() */
	u16			size;	/* in words */
	u16			nr;	/* words in use */
	u16			attr;	/* one past the last attribute word, or 0 */
	u16			odd;	/* single pages only from this word on */
	u16			nr_checkpoints;
	union {
		/* Bytes before each stretch. */
		DECLARE_FLEX_ARRAY(u32, checkpoints);
		/* Of the first chunk, which is no longer than a stretch. */
		DECLARE_FLEX_ARRAY(phyr_word_t, own);
	};
} __aligned(sizeof(phyr_word_t));

/*
 * A group of neighbouring chunks, which belongs to the first of them: where they
 * start, for seeking.
 */
struct phyr_index {
	struct phyr_index	*prev;	/* the group before, or NULL */
	struct phyr_index	*jump;	/* to one further back, see phyr_find() */
	u64			prev_bytes;	/* from the start of @prev */
	u64			jump_bytes;	/* from the start of @jump */
	u64			step;	/* from one chunk to the next, as a rule */
	u32			depth;	/* number of groups before */
	u16			size;	/* in entries */
	u16			nr;	/* entries in use */
	struct phyr_index_entry {
		u64			start;	/* in the group */
		struct phyr_chunk	*chunk;
	}			entries[];
};

static inline phyr_word_t phyr_mk_word(enum phyr_tag tag, u64 bits)
{
	return (__force phyr_word_t)(FIELD_PREP(PHYR_WORD_TAG, tag) | bits);
}

static inline enum phyr_tag phyr_word_tag(phyr_word_t word)
{
	return FIELD_GET(PHYR_WORD_TAG, (__force u64)word);
}

static inline phyr_word_t phyr_mk_run(const struct phyr_range *range)
{
	u64 pages = range->len >> PAGE_SHIFT;

	return phyr_mk_word(PHYR_TAG_RUN,
			    FIELD_PREP(PHYR_RUN_PFN, range->phys >> PAGE_SHIFT) |
			    FIELD_PREP(PHYR_RUN_PAGES, pages - 1));
}

static inline phyr_word_t phyr_mk_pair(u32 first, u32 second)
{
	return phyr_mk_word(PHYR_TAG_PAIR, FIELD_PREP(PHYR_PAIR_FIRST, first) |
			    FIELD_PREP(PHYR_PAIR_SECOND, second));
}

/* A run as half of a pair, or PHYR_HALF_NONE if it doesn't fit. */
static inline u32 phyr_mk_half(const struct phyr_window *window,
			       phys_addr_t phys, u64 len)
{
	u64 distance = (u64)(phys - window->base) >> PHYR_WINDOW_SHIFT;
	u64 more = len - PAGE_SIZE;

	if (distance & ~window->distance ||
	    more > window->pages >> window->shift)
		return PHYR_HALF_NONE;
	return FIELD_GET(PHYR_PAIR_FIRST, distance | more << window->shift);
}

static inline phys_addr_t phyr_short_phys(const struct phyr_window *window,
					  u64 bits)
{
	return window->base +
	       ((phys_addr_t)(bits & window->distance) << PHYR_WINDOW_SHIFT);
}

static inline u64 phyr_short_len(const struct phyr_window *window, u64 bits)
{
	return ((bits & window->pages) >> window->shift) + PAGE_SIZE;
}

/* The bits of a pair's short run, where those of the first one are. */
static inline u64 phyr_pair_bits(phyr_word_t word, bool second)
{
	return (__force u64)word >> (second ? PHYR_HALF_BITS : 0);
}

static inline u32 phyr_pair_half(phyr_word_t word, bool second)
{
	return FIELD_GET(PHYR_PAIR_FIRST, phyr_pair_bits(word, second));
}

static inline void phyr_read_run(phyr_word_t word, struct phyr_range *range)
{
	range->phys = (phys_addr_t)FIELD_GET(PHYR_RUN_PFN, (__force u64)word) <<
		PAGE_SHIFT;
	range->len = (FIELD_GET(PHYR_RUN_PAGES, (__force u64)word) + 1) <<
		PAGE_SHIFT;
}

static inline phyr_word_t phyr_mk_general(const struct phyr_range *range)
{
	return phyr_mk_word(PHYR_TAG_GENERAL,
			    FIELD_PREP(PHYR_GENERAL_LEN, range->len));
}

static inline u64 phyr_general_len(phyr_word_t word)
{
	return FIELD_GET(PHYR_GENERAL_LEN, (__force u64)word);
}

/* The second word of an entry has no tag: an address or a pointer. */
static inline phyr_word_t phyr_mk_address(const struct phyr_range *range)
{
	return (__force phyr_word_t)(u64)range->phys;
}

static inline phyr_word_t phyr_mk_provider(const struct phyr_range *range)
{
	return (__force phyr_word_t)(u64)(unsigned long)range->provider;
}

static inline u64 phyr_raw(phyr_word_t word)
{
	return (__force u64)word;
}

static inline phyr_word_t phyr_mk_attr(const struct phyr_range *kind)
{
	return phyr_mk_word(PHYR_TAG_ATTR,
			    FIELD_PREP(PHYR_ATTR_FLAGS, kind->flags) |
			    (kind->provider ? PHYR_ATTR_PROVIDER : 0));
}

static inline bool phyr_attr_has_provider(phyr_word_t word)
{
	return phyr_raw(word) & PHYR_ATTR_PROVIDER;
}

/* Set the kind of @range from the attribute whose first word is @words. */
static inline void phyr_read_attr(const phyr_word_t *words,
				  struct phyr_range *range)
{
	phyr_word_t word = words[0];

	range->flags = FIELD_GET(PHYR_ATTR_FLAGS, phyr_raw(word));
	range->provider = phyr_attr_has_provider(word) ?
		(void *)(unsigned long)phyr_raw(words[1]) : NULL;
}

/* How many words the entry has that starts with @word. */
static inline unsigned int phyr_entry_words(phyr_word_t word)
{
	switch (phyr_word_tag(word)) {
	case PHYR_TAG_RUN:
	case PHYR_TAG_PAIR:
		return 1;
	case PHYR_TAG_ATTR:
		return phyr_attr_has_provider(word) ? 2 : 1;
	default:
		return 2;
	}
}

#endif /* __PHYR_WORDS_H */
