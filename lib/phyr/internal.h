/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef __PHYR_INTERNAL_H
#define __PHYR_INTERNAL_H

#include <linux/phyr.h>
#include <linux/sizes.h>

/* As many ranges are plain at most, before they are packed. */
#define PHYR_PLAIN_MAX		16

/* Of the words of a chunk, unless it is the last one. */
#define PHYR_CHUNK_BYTES	SZ_4K

static inline u64 phyr_page_offset(u64 addr)
{
	return addr & (PAGE_SIZE - 1);
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

/* --- the index --- */

static inline struct phyr_chunk *phyr_tail(const struct phyr_index *index)
{
	return (struct phyr_chunk *)&index->chunks[index->nr - 1];
}

int phyr_index_create(struct phyr *phyr, size_t words, gfp_t gfp);
void phyr_index_free(struct phyr_index *index, bool may_sleep);
void phyr_index_trim(struct phyr *phyr, gfp_t gfp);
size_t phyr_index_memory(const struct phyr_index *index);
int phyr_index_room(struct phyr *phyr, u32 nr, gfp_t gfp);
int phyr_index_reserve(struct phyr *phyr, u64 nr, gfp_t gfp);
int phyr_more_room(struct phyr *phyr, gfp_t gfp);
int phyr_fill_out(struct phyr_index *index, gfp_t gfp);
void phyr_free_chunks(struct phyr_index *index, u32 nr);
void phyr_index_cut(struct phyr_index *index, u32 nr);
void phyr_index_forget(struct phyr_index *index);
void phyr_note_kind(struct phyr_index *index, unsigned long kind);
void phyr_note(struct phyr_index *index, phys_addr_t phys, u64 len);
const struct phyr_chunk *phyr_find_chunk(const struct phyr_index *index,
					 u64 pos);

/* Has it no ranges? */
static inline bool phyr_chunk_is_empty(const struct phyr_chunk *chunk)
{
	return chunk->nr == PHYR_FIRST_WORD;
}

/*
 * In @chunk, from the entry at @word on, pass the ranges that are before a byte,
 * which is @left from there.  Returns that byte's entry, and in @left how far the
 * byte is in its range.
 */
const u32 *phyr_find_word(const struct phyr_chunk *chunk, const u32 *word,
			  u64 *left, unsigned long *kind);

/* --- the list --- */

/* What a list was like before appends that may have to be undone. */
struct phyr_before {
	u64	nr;
	u64	bytes;
	bool	plain;		/* there was an array for plain ranges */
	u32	chunks;		/* spare ones included */
};

struct phyr_before phyr_before(const struct phyr *phyr);
void phyr_undo(struct phyr *phyr, const struct phyr_before *before);

/* Pack all plain ranges.  After a failure some of them are. */
int phyr_pack(struct phyr *phyr, gfp_t gfp);

/* Append a range that phyr_append_range() would accept. */
int phyr_append_checked(struct phyr *phyr, const struct phyr_range *range,
			gfp_t gfp);

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

/* Free what the list uses, whatever is pinned.  What @phyr says is wrong then. */
void phyr_free(struct phyr *phyr, bool may_sleep);
void phyr_free_plain(struct phyr *phyr);

/* Free what no range is in, but for plain ranges. */
void phyr_give_back(struct phyr *phyr);

/* Drop all but the first @len bytes, and no pins. */
void phyr_cut(struct phyr *phyr, u64 len);

/* phyrs_piece() that doesn't cross from one page to the next. */
u64 phyrs_page_piece(struct phyr_state *ps, u64 max, phys_addr_t *phys);

/*
 * Go to @pos, if the next @len bytes are page memory: else -ERANGE or, for
 * device memory, -EOPNOTSUPP.
 */
int phyr_find_pages(const struct phyr *phyr, u64 pos, u64 len,
		    struct phyr_state *ps);

/* Undo all appends since @before, of pinned memory among others. */
void phyr_undo_pins(struct phyr *phyr, const struct phyr_before *before);

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
	PHYR_TOTAL_MEMORY,	/* bytes that lists use */
	PHYR_NR_TOTALS
};

#ifdef CONFIG_PHYR_DEBUGFS
/*
 * A public function has changed a list that had @nr ranges and @bytes bytes
 * when it was called.
 */
void phyr_account(const struct phyr *phyr, u64 nr, u64 bytes);

/* @bytes bytes were allocated or, if that is negative, freed. */
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
