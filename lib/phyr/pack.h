/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef __PHYR_PACK_H
#define __PHYR_PACK_H
/*
 * How entries are written in chunks: see linux/phyr_packed.h for what they are.
 */

#include <linux/bitfield.h>
#include <linux/mm.h>
#include <linux/phyr.h>

/* The most words that a range takes, and a kind. */
#define PHYR_RANGE_WORDS	4
#define PHYR_KIND_WORDS		3

/* Bits of a short run's distance: fewer leave more for its length. */
#define PHYR_DISTANCE_MIN	22
#define PHYR_DISTANCE_MAX	31

static inline void phyr_write_u64(u32 *word, u64 value)
{
	word[0] = lower_32_bits(value);
	word[1] = upper_32_bits(value);
}

/*
 * Seeking need not read all of a chunk: of every so many words, a mark says
 * where the first entry is that starts there, and its position.
 */
#define PHYR_STRETCH		128
#define PHYR_NR_MARKS		(PHYR_FIRST_WORD / 2 - 1)
#define PHYR_MARK_OFFSET	GENMASK_ULL(1, 0)	/* in the stretch */
#define PHYR_MARK_POS		GENMASK_ULL(63, 2)	/* in the chunk, in bytes */

static inline u32 *phyr_mark_of(const struct phyr_chunk *chunk,
				unsigned int stretch)
{
	return chunk->words + 2 * stretch;
}

/* The word that the mark of a stretch is about, if it is set. */
static inline unsigned int phyr_mark_word(const struct phyr_chunk *chunk,
					  unsigned int stretch)
{
	return stretch * PHYR_STRETCH +
	       FIELD_GET(PHYR_MARK_OFFSET,
			 phyr_read_u64(phyr_mark_of(chunk, stretch)));
}

/* An entry is about to be written, at that word and position in the chunk. */
static inline void phyr_set_mark(const struct phyr_chunk *chunk,
				 unsigned int word, u64 pos)
{
	unsigned int stretch = word / PHYR_STRETCH;
	u32 *mark = phyr_mark_of(chunk, stretch);

	if (stretch && !phyr_read_u64(mark))
		phyr_write_u64(mark,
			       FIELD_PREP(PHYR_MARK_OFFSET, word % PHYR_STRETCH) |
			       FIELD_PREP(PHYR_MARK_POS, pos));
}

/* What it takes to tell a short run, in bytes. */
struct phyr_packer {
	u64	base;
	u64	span;	/* of addresses from there on */
	u64	most;	/* beyond a run's first page */
	u8	shift;
};

static inline struct phyr_packer phyr_packer(const struct phyr_chunk *chunk)
{
	return (struct phyr_packer) {
		.base = phyr_chunk_base(chunk),
		.span = 1ULL << (chunk->shift - 1 + PAGE_SHIFT),
		.most = (BIT_ULL(32 - chunk->shift) - 1) << PAGE_SHIFT,
		.shift = chunk->shift,
	};
}

/*
 * Write whole pages, as short as they can be told; returns how many words that
 * takes, or zero if only a general entry can.
 */
static inline unsigned int phyr_write_pages(const struct phyr_packer *packer,
					    u32 *word, phys_addr_t phys,
					    u64 len)
{
	u64 distance = phys - packer->base;
	u64 more = len - PAGE_SIZE;

	if (distance < packer->span && more <= packer->most) {
		*word = distance >> PHYR_SHORT_SHIFT |
			more >> PAGE_SHIFT << packer->shift;
		return 1;
	}
	if (distance >> PAGE_SHIFT > U32_MAX ||
	    len >> PAGE_SHIFT > FIELD_MAX(PHYR_RUN_PAGES))
		return 0;
	word[0] = PHYR_WORD_TAG_RUN | len >> PHYR_RUN_SHIFT;
	word[1] = distance >> PAGE_SHIFT;
	return 2;
}

/* Of a range whose length needs no word of its own. */
static inline unsigned int phyr_write_odd(u32 *word, phys_addr_t phys, u64 len)
{
	word[0] = PHYR_WORD_TAG_GENERAL | len << PHYR_VALUE_SHIFT;
	phyr_write_u64(word + 1, phys);
	return 3;
}

static inline unsigned int phyr_write_general(u32 *word, phys_addr_t phys,
					      u64 len)
{
	unsigned int nr = phyr_write_odd(word, phys, len);

	if (len >> PHYR_GENERAL_LOW_BITS) {
		word[0] |= PHYR_WORD_MORE;
		word[nr++] = len >> PHYR_GENERAL_LOW_BITS;
	}
	return nr;
}

/* Write a range to where there is room for any; returns how many words it took. */
static __always_inline unsigned int
phyr_write_range(const struct phyr_packer *packer, u32 *word, phys_addr_t phys,
		 u64 len)
{
	unsigned int nr = 0;

	if (!offset_in_page(phys | len))
		nr = phyr_write_pages(packer, word, phys, len);
	return nr ?: phyr_write_general(word, phys, len);
}

static inline unsigned int phyr_write_kind(u32 *word, unsigned long kind)
{
	unsigned long flags = kind & (PHYR_MMIO | PHYR_PINNED);

	word[0] = PHYR_WORD_TAG_KIND | flags << PHYR_VALUE_SHIFT;
	if (kind == flags)
		return 1;
	word[0] |= PHYR_WORD_MORE;
	phyr_write_u64(word + 1, kind - flags);
	return PHYR_KIND_WORDS;
}

#endif /* __PHYR_PACK_H */
