/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef __PHYR_INTERNAL_H
#define __PHYR_INTERNAL_H

#include <linux/phyr.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "stats.h"

/* As many ranges are plain at most: those of a chunk to be. */
#define PHYR_PLAIN_MAX		256

/* Enough for any chunk of them, and for the largest one of single pages. */
#define PHYR_CHUNK_BYTES	SZ_4K
static_assert(PHYR_PLAIN_MAX * sizeof(struct phyr_plain) <= PHYR_CHUNK_BYTES,
	      "a reserved chunk must be enough");

static inline bool phyr_is_page(phys_addr_t phys, u64 len)
{
	return len == PAGE_SIZE && !offset_in_page(phys);
}

/* The newest range, of a list that isn't empty. */
static inline struct phyr_plain *phyr_newest(const struct phyr *phyr)
{
	return phyr_plain_ranges(phyr) + phyr->nr_plain - 1;
}

/* Where the plain ranges start in the list. */
static inline u64 phyr_packed_bytes(const struct phyr *phyr)
{
	return phyr->index ? phyr->index->bytes : 0;
}

/* --- chunks and their index --- */

static inline struct phyr_chunk *phyr_tail(struct phyr_index *index)
{
	return &index->chunks[index->nr - 1];
}

static inline u32 phyr_nr_chunks(const struct phyr *phyr)
{
	return phyr->index ? phyr->index->nr : 0;
}

/* How many plain ranges need no array? */
static inline unsigned int phyr_few(const struct phyr *phyr)
{
	return phyr_nr_chunks(phyr) ? 1 : PHYR_FEW;
}

/* For how many more is there memory? */
static inline u32 phyr_nr_spare(const struct phyr *phyr)
{
	return phyr->index ? phyr->index->spare : 0;
}

/* kmalloc() and kfree() for what phyr_memory_used() counts. */
static inline void *phyr_alloc(size_t bytes, gfp_t gfp)
{
	void *mem = kmalloc(bytes, gfp);

	if (IS_ENABLED(CONFIG_PHYR_DEBUGFS) && mem)
		phyr_account_memory(ksize(mem));
	return mem;
}

static inline void phyr_release(const void *mem)
{
	if (IS_ENABLED(CONFIG_PHYR_DEBUGFS))
		phyr_account_memory(-(ssize_t)ksize(mem));
	kfree(mem);
}

/* Have an index, and room for @nr chunks in it. */
int phyr_index_room(struct phyr *phyr, u32 nr, gfp_t gfp);

/* Have an index, and memory for the next @nr chunks.  After a failure it has less. */
int phyr_index_reserve(struct phyr *phyr, u32 nr, gfp_t gfp);

/* Have no ranges in chunks after the first @nr. */
void phyr_index_cut(struct phyr_index *index, u32 nr);

/* Free the memory for all but @keep chunks to come, and an index without any. */
void phyr_drop_spare(struct phyr *phyr, u32 keep);

void phyr_index_free(struct phyr_index *index, bool may_sleep);
void phyr_index_trim(struct phyr *phyr, gfp_t gfp);
size_t phyr_index_memory(const struct phyr_index *index);
const struct phyr_chunk *phyr_find_chunk(const struct phyr_index *index,
					 u64 pos);

/* Some plain ranges together. */
struct phyr_extent {
	struct phyr_summary	sum;
	u64			bits;	/* of all addresses and lengths, ORed */
	u64			lens;	/* of all lengths, ORed */
};

/* Add up ranges that others come after; is one of them the @first of the list? */
struct phyr_extent phyr_add_up(const struct phyr_plain *plain, unsigned int nr,
			       bool first);

static inline void phyr_merge_summary(struct phyr_summary *sum,
				      const struct phyr_summary *other)
{
	sum->seams |= other->seams;
	sum->lowest = min(sum->lowest, other->lowest);
	sum->highest = max(sum->highest, other->highest);
}

/* Know nothing of ranges in chunks, and then note those that come next. */
void phyr_index_forget(struct phyr_index *index);
void phyr_index_note(struct phyr_index *index, const struct phyr_summary *sum,
		     unsigned long kind, u64 bytes);

/* Make a chunk of the first @nr plain ranges: of all, or all but the newest. */
int phyr_pack_plain(struct phyr *phyr, unsigned int nr, gfp_t gfp);

/*
 * Append single pages to a chunk of such, without their being plain before.  Returns
 * how many: others may be possible later.
 */
size_t phyr_pack_pages(struct phyr *phyr, struct page **pages, size_t nr,
		       gfp_t gfp);

/* phyr_skip_entries() of those that can't be counted off. */
unsigned int phyr_skip_by_length(const struct phyr_chunk *chunk,
				 const void **at, u64 *left);

/*
 * From the entry at *@at on, pass those of ranges that are before a byte, *@left from
 * there; returns how many.  *@at is that byte's entry then, and *@left how far the
 * byte is in its range.
 */
static __always_inline unsigned int
phyr_skip_entries(const struct phyr_chunk *chunk, const void **at, u64 *left)
{
	const void *next = *at;
	u64 pos = *left;
	unsigned int nr;

	if (phyr_is_uniform(chunk)) {
		nr = pos >> chunk->form;
		*at = next + nr * sizeof(u32);
		*left = pos & (BIT_ULL(chunk->form) - 1);
		return nr;
	}
	nr = phyr_skip_by_length(chunk, &next, &pos);
	*at = next;
	*left = pos;
	return nr;
}

/* --- the list --- */

/* What a list was like before appends that may have to be undone. */
struct phyr_before {
	u64		bytes;
	u32		spare;	/* chunks that there was memory for */
	bool		array;	/* there was one for plain ranges */
};

struct phyr_before phyr_before(const struct phyr *phyr);
void phyr_undo(struct phyr *phyr, const struct phyr_before *before);

/* Append one that is all right to a list that is empty. */
static __always_inline void phyr_push_first(struct phyr *phyr,
					    phys_addr_t phys, u64 len,
					    unsigned long kind)
{
	struct phyr_plain *first = phyr_plain_ranges(phyr);

	first->phys = phys;
	first->len = len;
	phyr->kind = kind;
	phyr->single = phyr_is_page(phys, len);
	phyr->nr_plain = 1;
	phyr->bytes = len;
}

/* Append a range that phyr_append_range() would accept. */
int phyr_append_checked(struct phyr *phyr, const struct phyr_range *range,
			gfp_t gfp);

/* The same of a %PHYR_PINNED one. */
int phyr_append_pinned(struct phyr *phyr, phys_addr_t phys, u64 len, gfp_t gfp);

/* phyr_append_range() for calls that append several, and account once. */
int phyr_append_one(struct phyr *phyr, const struct phyr_range *range,
		    gfp_t gfp);

/*
 * Append pages to a list that is empty: no more than there is room for in its array, or
 * than %PHYR_PLAIN_MAX without one.  0, or -ENOMEM with nothing appended.
 */
int phyr_append_first(struct phyr *phyr, struct page **pages,
		      unsigned int offset, u64 size, unsigned long kind,
		      gfp_t gfp);

/* phyr_append_pages(), but that a failure may leave some of the ranges, each wholly. */
int phyr_append_runs(struct phyr *phyr, struct page **pages,
		     unsigned int offset, u64 size, unsigned int flags,
		     gfp_t gfp);

/* Append a part of a page, or of pages that come after it, whosever they are. */
int phyr_append_part(struct phyr *phyr, struct page *page, size_t offset,
		     size_t len, gfp_t gfp);

/* Is there a page at @phys, and that a device's? */
bool phyr_is_special(phys_addr_t phys);

/* Free what the list uses, whatever is pinned.  What @phyr says is wrong then. */
static __always_inline void phyr_free(struct phyr *phyr, bool may_sleep)
{
	if (phyr->max_plain)
		phyr_release(phyr->plain);
	if (phyr->index)
		phyr_index_free(phyr->index, may_sleep);
}

void phyr_free_array(struct phyr *phyr);

/* Free all memory that no range is in, except for room in the array. */
void phyr_give_back(struct phyr *phyr);

/* Drop all but the first @len bytes, and no pins. */
void phyr_cut(struct phyr *phyr, u64 len, bool may_sleep);

/* phyrs_piece() that doesn't cross from one page to the next. */
u64 phyrs_page_piece(struct phyr_state *ps, u64 max, phys_addr_t *phys);

/* Go to @pos, if @len bytes are pages: else -ERANGE or, for a device's, -EOPNOTSUPP. */
int phyr_find_pages(const struct phyr *phyr, u64 pos, u64 len,
		    struct phyr_state *ps);

#endif /* __PHYR_INTERNAL_H */
