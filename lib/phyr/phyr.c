// SPDX-License-Identifier: GPL-2.0-only
/*
 * Physical-range list: the container.
 *
 * The newest range is kept as it is in the head, where neighbours merge into
 * it; the next range that doesn't merge writes it to the tail chunk.  So a list
 * of one range has no chunk, nothing in a chunk ever changes, and undoing an
 * append is putting back the head.
 */

#include <linux/export.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include "internal.h"

#define PHYR_CHUNK_MIN		128
#define PHYR_CHUNK_MAX		SZ_4K

static bool phyr_same_kind(const struct phyr_range *a,
			   const struct phyr_range *b)
{
	return a->flags == b->flags && a->provider == b->provider;
}

static u64 phyr_range_end(const struct phyr_range *range)
{
	return (u64)range->phys + range->len;
}

static struct phys_vec phyr_range_vec(const struct phyr_range *range)
{
	return (struct phys_vec){ .paddr = range->phys, .len = range->len };
}

static u64 phyr_page_offset(u64 addr)
{
	return addr & (PAGE_SIZE - 1);
}

static struct phyr_chunk *phyr_chunk_alloc(size_t bytes, gfp_t gfp)
{
	struct phyr_chunk *chunk;

	bytes = kmalloc_size_roundup(bytes);
	chunk = kmalloc(bytes, gfp);
	if (!chunk)
		return NULL;

	chunk->size = (bytes - sizeof(*chunk)) / sizeof(phyr_word_t);
	chunk->next = NULL;
	chunk->nr = 0;
	return chunk;
}

static size_t phyr_chunk_bytes(const struct phyr_chunk *chunk)
{
	return struct_size(chunk, words, chunk->size);
}

static void phyr_free_chunks(struct phyr_chunk *chunk)
{
	while (chunk) {
		struct phyr_chunk *next = chunk->next;

		kfree(chunk);
		chunk = next;
	}
}

/* Where the pointer to the chunk after @chunk is, or to the first for NULL. */
static struct phyr_chunk **phyr_link(struct phyr *phyr,
				     struct phyr_chunk *chunk)
{
	return chunk ? &chunk->next : &phyr->chunks;
}

static struct phyr_chunk *phyr_add_chunk(struct phyr *phyr,
					 struct phyr_chunk *prev, gfp_t gfp)
{
	size_t bytes = PHYR_CHUNK_MIN;
	struct phyr_chunk *chunk;

	if (prev)
		bytes = clamp(2 * phyr_chunk_bytes(prev), PHYR_CHUNK_MIN,
			      PHYR_CHUNK_MAX);

	chunk = phyr_chunk_alloc(bytes, gfp);
	if (chunk)
		*phyr_link(phyr, prev) = chunk;
	return chunk;
}

/*
 * Short runs are told apart by their distance from a base.  Let them be
 * anywhere in twice the span that the list has had so far, and use the bits
 * that this leaves for longer runs.
 */
static void phyr_set_window(const struct phyr *phyr, struct phyr_chunk *chunk)
{
	u64 lowest = phyr->lowest >> PAGE_SHIFT;
	u64 span = (phyr->highest >> PAGE_SHIFT) - lowest;
	unsigned int bits = clamp(fls64(span) + 1, PHYR_WINDOW_BITS,
				  PHYR_HALF_BITS);
	u64 middle = lowest + span / 2;

	chunk->base = middle - min(middle, BIT_ULL(bits - 1));
	chunk->count_bits = PHYR_HALF_BITS - bits;
}

/*
 * Jump pointers make a search from the tail O(log n): each chunk points to the
 * one before it or, where the last two jumps were of the same length, past both.
 */
static void phyr_link_back(struct phyr_chunk *chunk, struct phyr_chunk *prev)
{
	struct phyr_chunk *jump;

	chunk->prev = prev;
	chunk->jump = prev ?: chunk;
	chunk->depth = prev ? prev->depth + 1 : 0;
	if (!prev)
		return;

	jump = prev->jump;
	if (prev->depth - jump->depth == jump->depth - jump->jump->depth)
		chunk->jump = jump->jump;
}

static struct phyr_chunk *phyr_next_chunk(struct phyr *phyr, gfp_t gfp)
{
	struct phyr_chunk *chunk = *phyr_link(phyr, phyr->tail);

	if (chunk)
		phyr->spare--;
	else
		chunk = phyr_add_chunk(phyr, phyr->tail, gfp);
	if (!chunk)
		return NULL;

	chunk->attr = 0;
	chunk->half = PHYR_HALF_NONE;
	chunk->pos = phyr->bytes - phyr->last.len;
	phyr_set_window(phyr, chunk);
	phyr_link_back(chunk, phyr->tail);
	phyr->tail = chunk;
	return chunk;
}

static inline bool phyr_chunk_has_kind(const struct phyr_chunk *chunk,
				       const struct phyr_range *range)
{
	const phyr_word_t *words;

	if (!chunk->attr)
		return !range->flags;
	words = &chunk->words[chunk->attr];
	return words[-1] == phyr_mk_attr(range) &&
	       (!range->provider || words[0] == phyr_mk_provider(range));
}

static bool phyr_is_run(const struct phyr_range *range)
{
	return !phyr_page_offset(range->phys | range->len) &&
	       range->phys >> PAGE_SHIFT <= FIELD_MAX(PHYR_RUN_PFN) &&
	       range->len >> PAGE_SHIFT <= PHYR_RUN_PAGES_MAX;
}

/*
 * The first range without its offset into its first page, which is in the head:
 * so it can be a run as well.
 */
static struct phyr_range phyr_whole_pages(const struct phyr *phyr)
{
	struct phyr_range range = phyr->last;
	u64 offset = phyr_page_offset(range.phys);

	if (phyr->nr == 1) {
		range.phys -= offset;
		range.len += offset;
	}
	return range;
}

static unsigned int phyr_encode_last(const struct phyr *phyr,
				     phyr_word_t *words)
{
	struct phyr_range range = phyr_whole_pages(phyr);
	unsigned int nr = 0;

	if (!phyr_chunk_has_kind(phyr->tail, &range)) {
		words[nr++] = phyr_mk_attr(&range);
		if (range.provider)
			words[nr++] = phyr_mk_provider(&range);
	}

	if (phyr_is_run(&range)) {
		words[nr++] = phyr_mk_run(&range);
	} else {
		words[nr++] = phyr_mk_general(&phyr->last);
		words[nr++] = phyr_mk_address(&phyr->last);
	}
	return nr;
}

static void phyr_push(struct phyr_chunk *chunk, const phyr_word_t *words,
		      unsigned int nr)
{
	if (phyr_word_tag(words[0]) == PHYR_TAG_ATTR)
		chunk->attr = chunk->nr + 1;
	chunk->half = PHYR_HALF_NONE;
	for (unsigned int i = 0; i < nr; i++)
		chunk->words[chunk->nr++] = words[i];
}

static noinline int phyr_flush_slow(struct phyr *phyr, gfp_t gfp)
{
	struct phyr_range whole = phyr_whole_pages(phyr);
	phyr_word_t words[PHYR_WORDS_MAX];
	unsigned int nr = PHYR_WORDS_MAX;

	if (phyr->tail)
		nr = phyr_encode_last(phyr, words);

	if (!phyr->tail || nr > phyr->tail->size - phyr->tail->nr) {
		if (!phyr_next_chunk(phyr, gfp))
			return -ENOMEM;
		nr = phyr_encode_last(phyr, words);
	}

	phyr_push(phyr->tail, words, nr);
	if (phyr_is_run(&whole)) {
		phyr->tail->half = phyr_mk_half(phyr->tail, &whole);
		if (phyr->nr == 1)
			phyr->offset = phyr_page_offset(phyr->last.phys);
	}
	return 0;
}

/* Write the newest range to a chunk, to make room for the one after it. */
static __always_inline int phyr_flush(struct phyr *phyr, gfp_t gfp)
{
	const struct phyr_range *last = &phyr->last;
	struct phyr_chunk *tail = phyr->tail;
	u32 half;

	if (!tail || !phyr_is_run(last) || !phyr_chunk_has_kind(tail, last))
		return phyr_flush_slow(phyr, gfp);

	half = phyr_mk_half(tail, last);
	if (half != PHYR_HALF_NONE && tail->half != PHYR_HALF_NONE) {
		tail->words[tail->nr - 1] = phyr_mk_pair(tail->half, half);
		tail->half = PHYR_HALF_NONE;
		return 0;
	}
	if (tail->nr == tail->size)
		return phyr_flush_slow(phyr, gfp);

	tail->words[tail->nr++] = phyr_mk_run(last);
	tail->half = half;
	return 0;
}

static int phyr_check(const struct phyr *phyr, const struct phyr_range *range)
{
	bool mmio = range->flags & PHYR_MMIO;
	u64 end;

	if (!range->len || range->flags & ~(PHYR_MMIO | PHYR_PINNED) ||
	    (range->provider && !mmio) ||
	    (mmio && range->flags & PHYR_PINNED) ||
	    check_add_overflow((u64)range->phys, range->len - 1, &end))
		return -EINVAL;

	if (end > PHYS_ADDR_MAX || range->len > PHYR_RANGE_MAX ||
	    range->len > PHYR_BYTES_MAX - phyr->bytes)
		return -ERANGE;
	return 0;
}

/*
 * Two pins of one page must stay two ranges, or the page would be unpinned
 * once only: pinned ranges merge between pages, never inside one.
 */
static inline bool phyr_can_merge(const struct phyr_range *last,
				  const struct phyr_range *range)
{
	return phyr_range_end(last) == range->phys &&
	       range->phys > last->phys &&
	       phyr_same_kind(last, range) &&
	       range->len <= PHYR_RANGE_MAX - last->len &&
	       !(range->flags & PHYR_PINNED && phyr_page_offset(range->phys));
}

/* Make @range the newest one; the one before it is in a chunk already. */
static inline void phyr_add(struct phyr *phyr, const struct phyr_range *range)
{
	phys_addr_t highest = range->phys + (range->len - 1);

	if (phyr->nr) {
		phyr->seams |= phyr_range_end(&phyr->last) | range->phys;
		phyr->mixed |= !phyr_same_kind(&phyr->last, range);
		phyr->lowest = min(phyr->lowest, range->phys);
	} else {
		phyr->lowest = range->phys;
	}
	phyr->highest = max(phyr->highest, highest);
	phyr->seen |= range->flags;
	phyr->last = *range;
	phyr->bytes += range->len;
	phyr->nr++;
}

static void phyr_merge(struct phyr *phyr, const struct phyr_range *range)
{
	phys_addr_t highest = range->phys + (range->len - 1);

	phyr->highest = max(phyr->highest, highest);
	phyr->last.len += range->len;
	phyr->bytes += range->len;
}

static __always_inline int
phyr_append_checked(struct phyr *phyr, const struct phyr_range *range,
		    gfp_t gfp)
{
	int ret;

	if (phyr->nr) {
		if (phyr_can_merge(&phyr->last, range)) {
			phyr_merge(phyr, range);
			return 0;
		}
		ret = phyr_flush(phyr, gfp);
		if (ret)
			return ret;
	}
	phyr_add(phyr, range);
	return 0;
}

/**
 * phyr_append_range() - Append a range of any kind
 * @phyr: List.
 * @range: Range to copy into the list.
 * @gfp: For the list's own memory.
 *
 * Merges with the last range if that is of the same kind and ends where @range
 * starts; else one allocation may be needed, unless phyr_reserve() made it.
 * The list takes no references: a %PHYR_PINNED range hands over those that the
 * caller holds, unless the call fails.
 *
 * Context: As @gfp allows.
 * Return: 0, or a negative errno with the list as it was: -EINVAL if @range is
 * empty, wraps around or has flags that don't go together, -ERANGE if it ends
 * past what a phys_addr_t can hold, is longer than %PHYR_RANGE_MAX or makes the
 * list longer than %PHYR_BYTES_MAX, -ENOMEM.
 */
int phyr_append_range(struct phyr *phyr, const struct phyr_range *range,
		      gfp_t gfp)
{
	int ret = phyr_check(phyr, range);

	return ret ?: phyr_append_checked(phyr, range, gfp);
}
EXPORT_SYMBOL_GPL(phyr_append_range);

void phyr_save(const struct phyr *phyr, struct phyr_mark *mark)
{
	const struct phyr_chunk *tail = phyr->tail;

	mark->head = *phyr;
	if (tail) {
		mark->word = tail->words[tail->nr - 1];
		mark->half = tail->half;
		mark->nr = tail->nr;
		mark->attr = tail->attr;
	}
}

/* Undo all appends since @mark; chunks that were reserved then stay so. */
void phyr_restore(struct phyr *phyr, const struct phyr_mark *mark)
{
	struct phyr_chunk *chunks = phyr->chunks;
	struct phyr_chunk *tail = mark->head.tail;
	struct phyr_chunk **link;

	*phyr = mark->head;
	phyr->chunks = chunks;
	if (tail) {
		tail->half = mark->half;
		tail->nr = mark->nr;
		tail->attr = mark->attr;
		tail->words[tail->nr - 1] = mark->word;
	}

	link = phyr_link(phyr, tail);
	for (u32 i = 0; i < phyr->spare; i++) {
		(*link)->nr = 0;
		link = &(*link)->next;
	}
	phyr_free_chunks(*link);
	*link = NULL;
}

/**
 * phyr_append_phys_vec() - Append an array of ranges of one kind
 * @phyr: List.
 * @vec: Array of ranges.
 * @nr: Number of elements of @vec.
 * @flags: Of each range, see &phyr_range.flags.
 * @provider: Of each range, or NULL.
 * @gfp: For the list's own memory.
 *
 * Context: As @gfp allows.
 * Return: 0, or a negative errno as of phyr_append_range(), with the list as it
 * was before the first range.
 */
int phyr_append_phys_vec(struct phyr *phyr, const struct phys_vec *vec,
			 size_t nr, unsigned int flags,
			 struct p2pdma_provider *provider, gfp_t gfp)
{
	struct phyr_range range = { .flags = flags, .provider = provider };
	struct phyr_mark mark;
	int ret = 0;

	phyr_save(phyr, &mark);
	for (size_t i = 0; i < nr && !ret; i++) {
		range.phys = vec[i].paddr;
		range.len = vec[i].len;
		ret = phyr_append_range(phyr, &range, gfp);
	}
	if (ret)
		phyr_restore(phyr, &mark);
	return ret;
}
EXPORT_SYMBOL_GPL(phyr_append_phys_vec);

/* The number of adjacent pages at the start of @pages, at most @max. */
static u64 phyr_count_run(struct page **pages, u64 max)
{
	unsigned long pfn = page_to_pfn(pages[0]);
	u64 nr = 1;

	while (nr < max && page_to_pfn(pages[nr]) == pfn + nr)
		nr++;
	return nr;
}

int phyr_append_runs(struct phyr *phyr, struct page **pages,
		     unsigned int offset, u64 size, unsigned int flags,
		     gfp_t gfp)
{
	struct phyr_range range = { .flags = flags };
	struct phyr_mark mark;
	int ret;

	if (size > PHYR_BYTES_MAX - phyr->bytes)
		return -ERANGE;

	phyr_save(phyr, &mark);
	while (size) {
		u64 nr = phyr_count_run(pages, PFN_UP(offset + size));

		range.phys = PFN_PHYS(page_to_pfn(*pages)) + offset;
		range.len = min(size, (nr << PAGE_SHIFT) - offset);
		ret = phyr_append_checked(phyr, &range, gfp);
		if (ret) {
			phyr_restore(phyr, &mark);
			return ret;
		}
		size -= range.len;
		pages += nr;
		offset = 0;
	}
	return 0;
}

/**
 * phyr_append_pages() - Append an array of pages
 * @phyr: List.
 * @pages: Pages of ordinary memory, in order.
 * @nr_pages: Number of elements of @pages.
 * @offset: Offset of the first byte in the first page.
 * @size: Length in bytes.
 * @gfp: For the list's own memory.
 *
 * The list keeps neither the array nor references to the pages: they must
 * outlive it.
 *
 * Context: As @gfp allows.
 * Return: 0, or a negative errno with the list as it was: -EINVAL if @offset is
 * not in the first page, @size is zero or @pages holds less than that, else as
 * phyr_append_range().
 */
int phyr_append_pages(struct phyr *phyr, struct page **pages,
		      unsigned long nr_pages, unsigned int offset, u64 size,
		      gfp_t gfp)
{
	if (!size || offset >= PAGE_SIZE ||
	    size > ((u64)nr_pages << PAGE_SHIFT) - offset || !nr_pages)
		return -EINVAL;
	return phyr_append_runs(phyr, pages, offset, size, 0, gfp);
}
EXPORT_SYMBOL_GPL(phyr_append_pages);

/**
 * phyr_append_folio() - Append a part of a folio
 * @phyr: List.
 * @folio: The folio; the list takes no reference to it.
 * @offset: Offset of the first byte in @folio.
 * @len: Length in bytes.
 * @gfp: For the list's own memory.
 *
 * Context: As @gfp allows.
 * Return: 0, or a negative errno with the list as it was: -EINVAL if the part
 * is empty or not inside @folio, else as phyr_append_range().
 */
int phyr_append_folio(struct phyr *phyr, struct folio *folio, size_t offset,
		      size_t len, gfp_t gfp)
{
	size_t size = folio_size(folio);

	if (offset >= size || len > size - offset)
		return -EINVAL;
	return phyr_append(phyr, PFN_PHYS(folio_pfn(folio)) + offset, len, gfp);
}
EXPORT_SYMBOL_GPL(phyr_append_folio);

/**
 * phyr_destroy() - Free what the list uses and make it empty
 * @phyr: List, not mapped for any device.
 *
 * Pages that are still pinned are unpinned, without being marked dirty: see
 * phyr_unpin() for those that a device wrote.  The list can be used again.
 *
 * Context: Any, if no range is %PHYR_PINNED; else as phyr_unpin().
 */
void phyr_destroy(struct phyr *phyr)
{
	phyr_unpin(phyr, false);
}
EXPORT_SYMBOL_GPL(phyr_destroy);

/**
 * phyr_unpin() - Unpin all pinned pages and make the list empty
 * @phyr: List, not mapped for any device.
 * @make_dirty: Whether the pages were written.
 *
 * Ranges that aren't %PHYR_PINNED are dropped from the list too, with nothing
 * done to their memory.
 *
 * Context: May sleep if any range is %PHYR_PINNED.  Takes the folio lock of
 * pages that get dirty.
 */
void phyr_unpin(struct phyr *phyr, bool make_dirty)
{
	phyr_drop_pins(phyr, 0, make_dirty);
	phyr_free_chunks(phyr->chunks);
	phyr_init(phyr);
}
EXPORT_SYMBOL_GPL(phyr_unpin);

/* Cut a chunk where @ps is. */
static void phyr_chunk_cut(struct phyr_chunk *chunk,
			   const struct phyr_state *ps)
{
	phyr_word_t *word = &chunk->words[ps->word];
	struct phyr_range first;

	chunk->nr = ps->word;
	chunk->half = PHYR_HALF_NONE;
	if (ps->second) {
		chunk->half = phyr_pair_first(*word);
		phyr_read_half(chunk, chunk->half, &first);
		*word = phyr_mk_run(&first);
		chunk->nr++;
	}

	chunk->attr = 0;
	for (unsigned int i = 0; i < chunk->nr;
	     i += phyr_entry_words(chunk->words[i])) {
		if (phyr_word_tag(chunk->words[i]) == PHYR_TAG_ATTR)
			chunk->attr = i + 1;
	}
}

/**
 * phyr_truncate() - Drop the end of a list
 * @phyr: List, not mapped for any device.
 * @len: How many bytes to keep.
 *
 * Pinned pages that no longer have a byte in the list are unpinned without
 * being marked dirty.  Memory from phyr_reserve() is given back.  Nothing
 * happens if the list has no more than @len bytes.
 *
 * Walks what is kept: O(n).
 *
 * Context: Any, if no range is %PHYR_PINNED; else as phyr_unpin().
 */
void phyr_truncate(struct phyr *phyr, u64 len)
{
	PHYR_STATE(ps, phyr);
	struct phyr head = { .chunks = phyr->chunks };
	struct phyr_state cut;

	if (len >= phyr->bytes)
		return;
	if (!len) {
		phyr_destroy(phyr);
		return;
	}

	phyr_drop_pins(phyr, len, false);
	while (head.bytes < len) {
		struct phyr_range range;

		cut = ps;
		range = *phyrs_next(&ps);
		range.len = min(range.len, len - head.bytes);
		phyr_add(&head, &range);
	}

	if (head.nr > 1) {
		head.tail = (struct phyr_chunk *)cut.chunk;
		head.offset = phyr->offset;
		phyr_chunk_cut(head.tail, &cut);
	}
	phyr_free_chunks(*phyr_link(&head, head.tail));
	*phyr_link(&head, head.tail) = NULL;
	*phyr = head;
}
EXPORT_SYMBOL_GPL(phyr_truncate);

/* How many ranges of one kind are sure to fit, whatever they look like. */
static u64 phyr_room(const struct phyr_chunk *chunk)
{
	unsigned int words = chunk->size - chunk->nr;

	return words < PHYR_WORDS_MAX ? 0 : (words - 2) / 2;
}

/**
 * phyr_reserve() - Allocate ahead what the next appends need
 * @phyr: List.
 * @nr: Number of ranges of one kind, at most 2^40.
 * @gfp: For the list's own memory.
 *
 * Afterwards @nr ranges can be appended without an allocation, which then
 * can't fail for want of memory.  phyr_trim() gives back what wasn't used.
 *
 * Context: As @gfp allows.
 * Return: 0, or a negative errno with the list as it was: -EINVAL if @nr is
 * past the limit, -ENOMEM.
 */
int phyr_reserve(struct phyr *phyr, u64 nr, gfp_t gfp)
{
	struct phyr_chunk *chunk = phyr->tail;
	u64 room = chunk ? phyr_room(chunk) : 0;
	struct phyr_mark mark;

	if (nr > BIT_ULL(40))
		return -EINVAL;

	/* The newest range may be of another kind, and isn't in a chunk yet. */
	if (nr && !phyr_empty(phyr))
		nr++;

	phyr_save(phyr, &mark);
	for (u32 spare = 0; room < nr; room += phyr_room(chunk), spare++) {
		if (spare < phyr->spare) {
			chunk = *phyr_link(phyr, chunk);
			continue;
		}
		chunk = phyr_add_chunk(phyr, chunk, gfp);
		if (!chunk) {
			phyr_restore(phyr, &mark);
			return -ENOMEM;
		}
		phyr->spare++;
	}
	return 0;
}
EXPORT_SYMBOL_GPL(phyr_reserve);

/* Put the tail's words into a smaller chunk, if there is a smaller one. */
static void phyr_shrink_tail(struct phyr *phyr, gfp_t gfp)
{
	struct phyr_chunk *old = phyr->tail, *new;
	size_t bytes = struct_size(old, words, old->nr);
	u16 size;

	if (kmalloc_size_roundup(bytes) >= phyr_chunk_bytes(old))
		return;
	new = phyr_chunk_alloc(bytes, gfp);
	if (!new)
		return;

	size = new->size;
	memcpy(new, old, bytes);
	new->size = size;
	if (old->jump == old)
		new->jump = new;
	*phyr_link(phyr, old->prev) = new;
	phyr->tail = new;
	kfree(old);
}

/**
 * phyr_trim() - Give back what a finished list does not use
 * @phyr: List.
 * @gfp: For the list's own memory: trimming copies the last entries to a place
 *	that fits them.
 *
 * Does what it can: without memory for the copy the list stays larger.  More
 * can be appended later.
 *
 * Context: As @gfp allows.
 */
void phyr_trim(struct phyr *phyr, gfp_t gfp)
{
	struct phyr_chunk **link = phyr_link(phyr, phyr->tail);

	phyr_free_chunks(*link);
	*link = NULL;
	phyr->spare = 0;

	if (phyr->tail)
		phyr_shrink_tail(phyr, gfp);
}
EXPORT_SYMBOL_GPL(phyr_trim);

/**
 * phyr_memory_used() - How much memory does the list use?
 * @phyr: List.
 *
 * Context: Any.
 * Return: Bytes allocated, without the &struct phyr itself.
 */
size_t phyr_memory_used(const struct phyr *phyr)
{
	size_t bytes = 0;

	for (struct phyr_chunk *chunk = phyr->chunks; chunk; chunk = chunk->next)
		bytes += phyr_chunk_bytes(chunk);
	return bytes;
}
EXPORT_SYMBOL_GPL(phyr_memory_used);

static const struct phyr_range *phyrs_found(struct phyr_state *ps)
{
	ps->range.phys += ps->skip;
	ps->range.len -= ps->skip;
	ps->skip = 0;
	ps->used = ps->range.len;
	return &ps->range;
}

/* Read the next word or two; false if that was no range. */
static bool phyrs_read(struct phyr_state *ps)
{
	const struct phyr_chunk *chunk = ps->chunk;
	const phyr_word_t *words = &chunk->words[ps->word];

	switch (phyr_word_tag(*words)) {
	case PHYR_TAG_PAIR:
		phyr_read_half(chunk, ps->second ? phyr_pair_second(*words) :
						   phyr_pair_first(*words),
			       &ps->range);
		ps->word += ps->second;
		ps->second = !ps->second;
		return true;
	case PHYR_TAG_RUN:
		phyr_read_run(*words, &ps->range);
		ps->word++;
		return true;
	case PHYR_TAG_GENERAL:
		ps->range.phys = phyr_raw(words[1]);
		ps->range.len = phyr_general_len(*words);
		ps->word += 2;
		return true;
	case PHYR_TAG_ATTR:
		break;
	}
	phyr_read_attr(words, &ps->range);
	ps->word += phyr_entry_words(*words);
	return false;
}

static void phyrs_next_chunk(struct phyr_state *ps)
{
	ps->chunk = ps->chunk->next;
	ps->word = 0;
	ps->range.flags = 0;
	ps->range.provider = NULL;
}

static const struct phyr_range *phyrs_last(struct phyr_state *ps)
{
	if (ps->done || phyr_empty(ps->phyr)) {
		ps->used = ps->range.len;
		return NULL;
	}
	ps->done = true;
	ps->range = ps->phyr->last;
	return phyrs_found(ps);
}

/**
 * phyrs_next() - Go to the next range
 * @ps: State.
 *
 * What phyrs_piece() left of the current range is skipped.
 *
 * Context: Any.
 * Return: The range, valid until @ps is used again, or NULL at the end.
 */
const struct phyr_range *phyrs_next(struct phyr_state *ps)
{
	for (; ps->chunk; phyrs_next_chunk(ps)) {
		while (ps->word < ps->chunk->nr) {
			if (phyrs_read(ps))
				return phyrs_found(ps);
		}
	}
	return phyrs_last(ps);
}
EXPORT_SYMBOL_GPL(phyrs_next);

/* Read words of whole pages, as long as there is room for a pair in @vec. */
static unsigned int phyrs_read_runs(struct phyr_state *ps,
				    struct phys_vec *vec, unsigned int max)
{
	const struct phyr_chunk *chunk = ps->chunk;
	unsigned int word = ps->word, nr = 0;
	struct phyr_range range;

	for (; word < chunk->nr && max - nr >= 2; word++) {
		phyr_word_t bits = chunk->words[word];

		if (phyr_word_tag(bits) == PHYR_TAG_PAIR) {
			phyr_read_half(chunk, phyr_pair_first(bits), &range);
			vec[nr++] = phyr_range_vec(&range);
			phyr_read_half(chunk, phyr_pair_second(bits), &range);
		} else if (phyr_word_tag(bits) == PHYR_TAG_RUN) {
			phyr_read_run(bits, &range);
		} else {
			break;
		}
		vec[nr++] = phyr_range_vec(&range);
	}
	ps->word = word;
	return nr;
}

/**
 * phyrs_next_vecs() - Go over the next ranges, several at a time
 * @ps: State.
 * @vec: Array to fill.
 * @max: Its length, not zero.
 *
 * For loops in which the time that a call takes matters.  The ranges are of one
 * kind, which is in @ps->range.  A range too long for &phys_vec.len comes in
 * pieces.
 *
 * Context: Any.
 * Return: How many elements of @vec were set: often less than @max, but zero
 * only at the end of the list.
 */
unsigned int phyrs_next_vecs(struct phyr_state *ps, struct phys_vec *vec,
			     unsigned int max)
{
	vec->len = phyrs_piece(ps, SIZE_MAX, &vec->paddr);
	if (!vec->len)
		return 0;
	if (!ps->chunk || ps->second || ps->used < ps->range.len)
		return 1;
	return 1 + phyrs_read_runs(ps, vec + 1, max - 1);
}
EXPORT_SYMBOL_GPL(phyrs_next_vecs);

/* The chunk that holds the byte at @pos, which is before the newest range. */
static const struct phyr_chunk *phyr_find(const struct phyr *phyr, u64 pos)
{
	const struct phyr_chunk *chunk = phyr->tail;

	while (chunk->pos > pos)
		chunk = chunk->jump->pos > pos ? chunk->jump : chunk->prev;
	return chunk;
}

/**
 * phyrs_seek() - Go to a position
 * @ps: State.
 * @pos: Position in the list, in bytes.
 *
 * The next range that @ps yields is the rest of the one that @pos is in.
 * O(log n).
 *
 * Context: Any.
 * Return: 0, or -ERANGE with @ps as it was if @pos is not inside the list.
 */
int phyrs_seek(struct phyr_state *ps, u64 pos)
{
	const struct phyr *phyr = ps->phyr;
	struct phyr_state before;
	u64 start;

	if (pos >= phyr->bytes)
		return -ERANGE;

	*ps = phyr_start(phyr);
	start = phyr->bytes - phyr->last.len;
	if (pos >= start) {
		ps->chunk = NULL;
		ps->skip = pos - start;
		return 0;
	}

	ps->chunk = phyr_find(phyr, pos);
	start = ps->chunk->pos;
	if (ps->chunk != phyr->chunks)
		ps->skip = 0;

	for (before = *ps; phyrs_next(ps)->len <= pos - start; before = *ps)
		start += ps->range.len;
	*ps = before;
	ps->skip += pos - start;
	return 0;
}
EXPORT_SYMBOL_GPL(phyrs_seek);

u64 phyrs_page_piece(struct phyr_state *ps, u64 max, phys_addr_t *phys)
{
	u64 offset;

	if (!phyrs_more(ps))
		return 0;
	offset = phyr_page_offset(ps->range.phys + ps->used);
	return phyrs_piece(ps, min(max, PAGE_SIZE - offset), phys);
}

/**
 * phyrs_next_pfn() - Go to the next page, by page frame number
 * @ps: State.
 * @pfn: Set to the page's frame number.
 *
 * Context: Any.
 * Return: %false at the end of the list.
 */
bool phyrs_next_pfn(struct phyr_state *ps, unsigned long *pfn)
{
	phys_addr_t phys;

	if (!phyrs_page_piece(ps, PAGE_SIZE, &phys))
		return false;
	*pfn = PHYS_PFN(phys);
	return true;
}
EXPORT_SYMBOL_GPL(phyrs_next_pfn);

/**
 * phyrs_next_page() - Go to the next page
 * @ps: State.
 *
 * Context: Any.
 * Return: The page, or NULL at the end of the list or where it has no pages:
 * the latter is a bug of the caller.
 */
struct page *phyrs_next_page(struct phyr_state *ps)
{
	phys_addr_t phys;

	if (!phyrs_page_piece(ps, PAGE_SIZE, &phys) ||
	    WARN_ON_ONCE(ps->range.flags & PHYR_MMIO))
		return NULL;
	return pfn_to_page(PHYS_PFN(phys));
}
EXPORT_SYMBOL_GPL(phyrs_next_page);

/**
 * phyrs_next_folio() - Go to the next folio
 * @ps: State.
 * @part: Set to the part of the folio that is listed next.
 *
 * Context: Any.  The caller keeps the memory from being split or freed.
 * Return: %false at the end of the list or where it has no folios: the latter
 * is a bug of the caller.
 */
bool phyrs_next_folio(struct phyr_state *ps, struct phyr_folio *part)
{
	phys_addr_t phys;

	if (!phyrs_more(ps) ||
	    WARN_ON_ONCE(ps->range.flags & PHYR_MMIO))
		return false;

	phys = ps->range.phys + ps->used;
	part->folio = pfn_folio(PHYS_PFN(phys));
	part->offset = phys - PFN_PHYS(folio_pfn(part->folio));
	part->len = phyrs_piece(ps, folio_size(part->folio) - part->offset,
				&phys);
	return true;
}
EXPORT_SYMBOL_GPL(phyrs_next_folio);
