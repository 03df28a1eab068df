/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef __PHYR_INTERNAL_H
#define __PHYR_INTERNAL_H

#include <linux/phyr.h>

#include "words.h"

/* What it takes to undo appends. */
struct phyr_mark {
	struct phyr	head;
	phyr_word_t	word;	/* the last one of the tail */
	u32		half;	/* and what else changes there */
	u16		nr;
	u16		attr;
};

static inline bool phyr_same_kind(const struct phyr_range *a,
				  const struct phyr_range *b)
{
	return a->flags == b->flags && a->provider == b->provider;
}

static inline u64 phyr_next_phys(const struct phyr_range *range)
{
	return (u64)range->phys + range->len;
}

static inline u64 phyr_page_offset(u64 addr)
{
	return addr & (PAGE_SIZE - 1);
}

/*
 * Two pins of one page must stay two ranges, or the page would be unpinned
 * once only: pinned ranges merge between pages, never inside one.
 */
static inline bool phyr_can_merge(const struct phyr_range *last,
				  const struct phyr_range *range)
{
	return phyr_next_phys(last) == range->phys &&
	       range->phys > last->phys &&
	       phyr_same_kind(last, range) &&
	       range->len <= PHYR_RANGE_MAX - last->len &&
	       !(range->flags & PHYR_PINNED && phyr_page_offset(range->phys));
}

/* Where the pointer to the chunk after @chunk is, or to the first for NULL. */
static inline struct phyr_chunk **phyr_link(struct phyr *phyr,
					    struct phyr_chunk *chunk)
{
	return chunk ? &chunk->next : &phyr->chunks;
}

/* Does the index of its group belong to @chunk? */
static inline bool phyr_owns_index(const struct phyr_chunk *chunk)
{
	return chunk->index && !chunk->slot;
}

/* Let the index of @tail, which may be NULL, forget what was behind that. */
static inline void phyr_cut_index(struct phyr_chunk *tail)
{
	if (tail && tail->index)
		tail->index->nr = tail->slot + 1;
}

void phyr_group(struct phyr_chunk *chunk, const struct phyr_chunk *prev);
void phyr_chunk_free(struct phyr_chunk *chunk);
void phyr_free_chunks(struct phyr_chunk *chunk);

static inline void phyr_free_after(struct phyr *phyr, struct phyr_chunk *chunk)
{
	struct phyr_chunk **link = phyr_link(phyr, chunk);

	phyr_free_chunks(*link);
	*link = NULL;
}

void phyr_link_back(struct phyr_chunk *chunk, struct phyr_chunk *prev,
		    u64 prev_bytes);

/* Write the newest range to a chunk, to make room for the one after it. */
int phyr_flush(struct phyr *phyr, gfp_t gfp);

/* Append a range that phyr_append_range() would accept. */
int phyr_append_checked(struct phyr *phyr, const struct phyr_range *range,
			gfp_t gfp);

/* Count @range in the head, as the newest one and nothing else. */
void phyr_add(struct phyr *phyr, const struct phyr_range *range);

void phyr_save(const struct phyr *phyr, struct phyr_mark *mark);
void phyr_restore(struct phyr *phyr, const struct phyr_mark *mark);

/* phyr_append_range() for calls that append several, and account once. */
int phyr_append_one(struct phyr *phyr, const struct phyr_range *range,
		    gfp_t gfp);

/*
 * Append @size bytes of @pages, from @offset in the first one on.  After a failure
 * some of the ranges that they are may be in the list, each wholly.
 */
int phyr_append_runs(struct phyr *phyr, struct page **pages,
		     unsigned int offset, u64 size, unsigned int flags,
		     gfp_t gfp);

/* phyrs_piece() that doesn't cross from one page to the next. */
u64 phyrs_page_piece(struct phyr_state *ps, u64 max, phys_addr_t *phys);

/*
 * Go to @pos, if the next @len bytes are page memory: else -ERANGE or, for
 * device memory, -EOPNOTSUPP.
 */
int phyr_find_pages(const struct phyr *phyr, u64 pos, u64 len,
		    struct phyr_state *ps);

/* Drop the pins of all pages of which no byte is among the first @keep. */
void phyr_drop_pins(const struct phyr *phyr, u64 keep, bool make_dirty);

/* Undo all appends since @mark, of pinned memory among others. */
void phyr_undo_pins(struct phyr *phyr, const struct phyr_mark *mark);

/* Between two batches: -EINTR if the process is being killed. */
int phyr_pin_pause(void);

#if IS_ENABLED(CONFIG_KUNIT)
int phyr_append_pinned_folio(struct phyr *phyr, struct folio *folio,
			     size_t offset, size_t len, gfp_t gfp);
#endif

enum phyr_total {
	PHYR_TOTAL_LISTS,	/* that aren't empty */
	PHYR_TOTAL_RANGES,
	PHYR_TOTAL_BYTES,	/* described */
	PHYR_TOTAL_MEMORY,	/* bytes of chunks */
	PHYR_NR_TOTALS
};

#ifdef CONFIG_PHYR_DEBUGFS
/*
 * A public function has changed a list that had @nr ranges and @bytes bytes
 * when it was called.
 */
void phyr_account(const struct phyr *phyr, u64 nr, u64 bytes);

/* A chunk of @bytes bytes was allocated or, if that is negative, freed. */
void phyr_account_memory(ssize_t bytes);

#if IS_ENABLED(CONFIG_KUNIT)
s64 phyr_total(enum phyr_total which);
#endif
#else
static inline void phyr_account(const struct phyr *phyr, u64 nr, u64 bytes)
{
}

static inline void phyr_account_memory(ssize_t bytes)
{
}
#endif

#endif /* __PHYR_INTERNAL_H */
