// SPDX-License-Identifier: GPL-2.0-only
/*
 * Physical-range list: walks and positions.
 */

#include <linux/export.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/sizes.h>

#include "internal.h"

/* Seeking no further than this ahead, in bytes, is walking. */
#define PHYR_NEAR	SZ_64K

/* Words that are passed at a time, in seeking. */
#define PHYR_SKIP_BLOCK	8

static __always_inline void phyrs_read_short(struct phyr_state *ps,
					     phyr_word_t word)
{
	const struct phyr_window *window = &ps->chunk->window;
	u64 bits = phyr_pair_bits(word, ps->at & 1);

	ps->range.phys = phyr_short_phys(window, bits);
	ps->range.len = phyr_short_len(window, bits);
	ps->at++;
}

/* Read @word, the next one, if it is whole pages. */
static __always_inline bool phyrs_read_pages(struct phyr_state *ps,
					     phyr_word_t word)
{
	if (phyr_word_tag(word) == PHYR_TAG_PAIR) {
		phyrs_read_short(ps, word);
		return true;
	}
	if (phyr_word_tag(word) == PHYR_TAG_RUN) {
		phyr_read_run(word, &ps->range);
		ps->at += 2;
		return true;
	}
	return false;
}

/* Read the next entry; false if that was no range. */
static bool phyrs_read(struct phyr_state *ps)
{
	const phyr_word_t *words = &ps->chunk->words[ps->at / 2];

	if (phyrs_read_pages(ps, *words))
		return true;
	if (phyr_word_tag(*words) == PHYR_TAG_GENERAL) {
		ps->range.phys = phyr_raw(words[1]);
		ps->range.len = phyr_general_len(*words);
		ps->at += 4;
		return true;
	}
	ps->at += phyr_attr_has_provider(*words) ? 4 : 2;
	phyr_read_attr(words, &ps->range);
	return false;
}

static void phyrs_enter(struct phyr_state *ps, const struct phyr_chunk *chunk)
{
	ps->chunk = chunk;
	ps->at = 0;
	ps->range.flags = 0;
	ps->range.provider = NULL;
}

/* Read the range at @ps->pos, wherever it is. */
static noinline void phyrs_read_range(struct phyr_state *ps)
{
	for (; ps->chunk; phyrs_enter(ps, ps->chunk->next)) {
		while (ps->at < 2 * ps->chunk->nr) {
			if (!phyrs_read(ps))
				continue;
			if (!ps->pos) {
				ps->range.phys += ps->phyr->offset;
				ps->range.len -= ps->phyr->offset;
			}
			return;
		}
	}
	ps->range = ps->phyr->last;
}

/* The common case: more whole pages, not at the start of a chunk. */
static __always_inline bool phyrs_read_more(struct phyr_state *ps)
{
	const struct phyr_chunk *chunk = ps->chunk;

	if (!ps->at || ps->at >= 2 * chunk->nr)
		return false;
	return phyrs_read_pages(ps, chunk->words[ps->at / 2]);
}

/* Go to the next range, of which there is one. */
static __always_inline void phyrs_load(struct phyr_state *ps)
{
	if (!phyrs_read_more(ps))
		phyrs_read_range(ps);
	ps->range.len = min(ps->range.len, ps->end - ps->pos);
	ps->pos += ps->range.len;
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
	/* A range that seeking has read, and that nobody has seen? */
	if (ps->used || !ps->range.len) {
		if (ps->pos == ps->end) {
			ps->used = ps->range.len;
			return NULL;
		}
		phyrs_load(ps);
	}
	ps->used = ps->range.len;
	return &ps->range;
}
EXPORT_SYMBOL_GPL(phyrs_next);

static __always_inline struct phys_vec
phyr_short_vec(const struct phyr_window *window, u64 bits)
{
	return (struct phys_vec) {
		.paddr = phyr_short_phys(window, bits),
		.len = phyr_short_len(window, bits),
	};
}

static __always_inline struct phys_vec phyr_run_vec(phyr_word_t word)
{
	struct phyr_range run;

	phyr_read_run(word, &run);
	return (struct phys_vec){ .paddr = run.phys, .len = run.len };
}

/* Leave out what is behind the end of the walk. */
static unsigned int phyrs_cut_vecs(const struct phyr_state *ps,
				   struct phys_vec *vec, unsigned int nr)
{
	u64 left = ps->end - ps->pos;
	unsigned int i;

	for (i = 0; i < nr && left; i++) {
		vec[i].len = min(vec[i].len, left);
		left -= vec[i].len;
	}
	return i;
}

/* Decode words of whole pages: the loop that has to be fast. */
static unsigned int phyrs_read_vecs(struct phyr_state *ps,
				    struct phys_vec *vec, unsigned int max)
{
	const struct phyr_window window = ps->chunk->window;
	const phyr_word_t *word = &ps->chunk->words[ps->at / 2];
	const phyr_word_t *end = &ps->chunk->words[ps->chunk->nr];
	struct phys_vec *next = vec;
	u64 bytes = 0;

	for (end = min(end, word + max / 2); word < end; word++) {
		if (phyr_word_tag(*word) == PHYR_TAG_PAIR) {
			*next = phyr_short_vec(&window,
					       phyr_pair_bits(*word, false));
			bytes += next++->len;
			*next = phyr_short_vec(&window,
					       phyr_pair_bits(*word, true));
		} else if (phyr_word_tag(*word) == PHYR_TAG_RUN) {
			*next = phyr_run_vec(*word);
		} else {
			break;
		}
		bytes += next++->len;
	}

	ps->at = 2 * (word - ps->chunk->words);
	max = next - vec;
	if (bytes > ps->end - ps->pos)
		max = phyrs_cut_vecs(ps, vec, max);
	ps->pos = min(ps->pos + bytes, ps->end);
	return max;
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
	unsigned int nr = 0;

	/* At a word, and with nothing left of the range before? */
	if (ps->pos && ps->chunk && !(ps->at & 1) &&
	    ps->used == ps->range.len)
		nr = phyrs_read_vecs(ps, vec, max);
	if (nr) {
		ps->used = 0;
		ps->range.len = 0;
		return nr;
	}

	vec->len = phyrs_piece(ps, SIZE_MAX, &vec->paddr);
	return vec->len ? 1 : 0;
}
EXPORT_SYMBOL_GPL(phyrs_next_vecs);

/* The last chunk of a group that starts at or before @pos in it. */
static const struct phyr_index_entry *
phyr_find_entry(const struct phyr_index *index, u64 pos)
{
	const struct phyr_index_entry *last = &index->entries[index->nr - 1];
	u64 guess = div64_u64(pos, index->step);
	const struct phyr_index_entry *entry = last;

	if (guess < index->nr)
		entry = &index->entries[guess];

	while (entry->start > pos)
		entry--;
	while (entry < last && entry[1].start <= pos)
		entry++;
	return entry;
}

/*
 * Of the group of @chunk, which starts at @at, and those before it: the last
 * chunk that starts at or before @pos, or else the very first one.
 */
static const struct phyr_chunk *
phyr_find_group(const struct phyr_chunk *chunk, u64 pos, u64 *at)
{
	const struct phyr_index *index = chunk->index;
	const struct phyr_index_entry *entry;
	u64 start = *at - index->entries[chunk->slot].start;

	while (start > pos && index->prev) {
		if (start - index->jump_bytes > pos) {
			start -= index->jump_bytes;
			index = index->jump;
		} else {
			start -= index->prev_bytes;
			index = index->prev;
		}
	}

	entry = index->entries;
	if (start <= pos)
		entry = phyr_find_entry(index, pos - start);
	*at = start + entry->start;
	return entry->chunk;
}

/*
 * The chunk that holds the byte at @pos, which is before the newest range, and
 * where the chunk starts.  One that joining left empty counts as the end of the
 * one before it.
 */
static const struct phyr_chunk *phyr_find(const struct phyr *phyr, u64 pos,
					  u64 *start)
{
	const struct phyr_chunk *chunk = phyr->tail;
	u64 at = phyr->tail_pos;

	while (at > pos || !chunk->nr) {
		if (chunk->index)
			chunk = phyr_find_group(chunk, pos, &at);
		if (at > pos || !chunk->nr) {
			at -= chunk->prev_bytes;
			chunk = chunk->prev;
		}
	}
	*start = at;
	return chunk;
}

/*
 * The word of a chunk from which on to look for what is @left bytes behind the
 * chunk's start, and behind that word then.
 */
static unsigned int phyr_find_word(const struct phyr_chunk *chunk, u64 *left)
{
	unsigned int i = (max(chunk->attr, 1) - 1) / PHYR_STRETCH;
	u32 start = 0, most = min(*left, PHYR_NO_CHECKPOINT - 1);
	unsigned int word = 0;

	/* That of the kind of all of the chunk is before any range. */
	if (chunk->attr == 1)
		word = phyr_entry_words(chunk->words[0]);

	/* From where the kind is that of the last attribute. */
	for (; i < (chunk->nr - 1) / PHYR_STRETCH; i++) {
		if (chunk->checkpoints[i] <= most) {
			start = chunk->checkpoints[i];
			word = (i + 1) * PHYR_STRETCH;
		}
	}
	*left -= start;
	return word;
}

/* Go near the byte at @pos, in the chunk that it is in. */
static void phyrs_enter_at(struct phyr_state *ps, u64 pos)
{
	const struct phyr_chunk *chunk = ps->chunk;
	u64 left = pos - ps->pos, pages = 0;
	unsigned int word;

	/* The first one is short, and may start inside of a page. */
	if (!ps->pos)
		return;

	word = phyr_find_word(chunk, &left);
	if (word >= chunk->odd)
		pages = left >> PAGE_SHIFT;
	if (chunk->attr && word)
		phyr_read_attr(&chunk->words[chunk->attr - 1], &ps->range);
	ps->at = 2 * word + pages;
	ps->pos = pos - left + (pages << PAGE_SHIFT);
}

/* Go to the start of the chunk that holds the byte at @pos, or further. */
static void phyrs_jump(struct phyr_state *ps, u64 pos)
{
	const struct phyr *phyr = ps->phyr;
	u64 start = phyr->bytes - phyr->last.len;

	if (pos >= start) {
		phyrs_enter(ps, NULL);
		ps->pos = start;
	} else {
		phyrs_enter(ps, phyr_find(phyr, pos, &ps->pos));
		phyrs_enter_at(ps, pos);
	}
}

/* The length of whole pages in a word, or zero. */
static __always_inline u64 phyr_word_len(const struct phyr_window *window,
					 phyr_word_t word)
{
	switch (phyr_word_tag(word)) {
	case PHYR_TAG_PAIR:
		return phyr_short_len(window, phyr_pair_bits(word, false)) +
		       phyr_short_len(window, phyr_pair_bits(word, true));
	case PHYR_TAG_RUN:
		return phyr_run_vec(word).len;
	default:
		return 0;
	}
}

/* The length of a block of pairs, or zero where it has other words. */
static __always_inline u64 phyr_block_len(const struct phyr_window *window,
					  const phyr_word_t *words)
{
	u64 others = 0, pages = 0;

	for (unsigned int i = 0; i < PHYR_SKIP_BLOCK; i++) {
		phyr_word_t word = words[i];

		others |= phyr_word_tag(word) ^ PHYR_TAG_PAIR;
		pages += phyr_pair_bits(word, false) & window->pages;
		pages += phyr_pair_bits(word, true) & window->pages;
	}
	if (others)
		return 0;
	return (pages >> window->shift) + 2 * PHYR_SKIP_BLOCK * PAGE_SIZE;
}

/* Pass words of whole pages that are before @pos, many at a time at first. */
static void phyrs_skip_words(struct phyr_state *ps, u64 pos)
{
	const struct phyr_window window = ps->chunk->window;
	const phyr_word_t *word = &ps->chunk->words[ps->at / 2];
	const phyr_word_t *end = &ps->chunk->words[ps->chunk->nr];
	u64 left = pos - ps->pos, len;

	for (; end - word >= PHYR_SKIP_BLOCK; word += PHYR_SKIP_BLOCK) {
		len = phyr_block_len(&window, word);
		if (!len || len > left)
			break;
		left -= len;
	}
	for (; word < end; word++) {
		len = phyr_word_len(&window, *word);
		if (!len || len > left)
			break;
		left -= len;
	}
	ps->pos = pos - left;
	ps->at = 2 * (word - ps->chunk->words);
}

/**
 * phyrs_seek() - Go to a position
 * @ps: State.
 * @pos: Position in the list, in bytes.
 *
 * The next range that @ps yields is the rest of the one that @pos is in.  Where
 * that is the current range or close behind it nothing is searched for: who goes
 * from page to page in order keeps a state, and seeks in a few nanoseconds.  Else
 * O(log n), for each of the lists that the list was joined from.  A walk that
 * phyrs_slice() has limited stays so.
 *
 * Context: Any.
 * Return: 0, or -ERANGE with @ps as it was if @pos is not before the end of the
 * list or slice.
 */
int phyrs_seek(struct phyr_state *ps, u64 pos)
{
	u64 skip;

	if (pos >= ps->end)
		return -ERANGE;

	if (pos < ps->pos - ps->range.len || pos >= ps->pos + PHYR_NEAR)
		phyrs_jump(ps, pos);
	else if (pos < ps->pos)
		goto found;

	phyrs_load(ps);
	while (ps->pos <= pos) {
		if (ps->chunk && !(ps->at & 1))
			phyrs_skip_words(ps, pos);
		phyrs_load(ps);
	}
found:
	skip = pos - (ps->pos - ps->range.len);
	ps->range.phys += skip;
	ps->range.len -= skip;
	ps->used = 0;
	return 0;
}
EXPORT_SYMBOL_GPL(phyrs_seek);

/**
 * phyrs_slice() - Go to a part of the list, and not beyond it
 * @ps: State.
 * @pos: Where the part starts in the list, in bytes.
 * @len: Its length in bytes, not zero.
 *
 * Context: Any.
 * Return: 0, or -ERANGE with @ps as it was if that is empty or not inside the
 * list.
 */
int phyrs_slice(struct phyr_state *ps, u64 pos, u64 len)
{
	struct phyr_state slice = phyr_start(ps->phyr);

	if (!len || pos >= slice.end || len > slice.end - pos)
		return -ERANGE;

	slice.end = pos + len;
	*ps = slice;
	return phyrs_seek(ps, pos);
}
EXPORT_SYMBOL_GPL(phyrs_slice);

/**
 * phyr_start_slice() - The state before the first range of a part of a list
 * @phyr: List.
 * @pos: Where the part starts in the list, in bytes.
 * @len: Its length in bytes.
 *
 * Context: Any.
 * Return: The state.  There is no range in a part that is empty or not inside
 * the list.
 */
struct phyr_state phyr_start_slice(const struct phyr *phyr, u64 pos, u64 len)
{
	PHYR_STATE(ps, phyr);

	if (phyrs_slice(&ps, pos, len))
		ps.end = 0;
	return ps;
}
EXPORT_SYMBOL_GPL(phyr_start_slice);

/**
 * phyr_at() - What is at a position?
 * @phyr: List.
 * @pos: Position in the list, in bytes.
 * @range: Set to the rest of the range that @pos is in.
 *
 * O(log n).  Those who look up position after position keep a state and use
 * phyrs_seek().
 *
 * Context: Any.
 * Return: 0, or -ERANGE if @pos is not inside the list.
 */
int phyr_at(const struct phyr *phyr, u64 pos, struct phyr_range *range)
{
	PHYR_STATE(ps, phyr);
	int ret = phyrs_seek(&ps, pos);

	if (!ret)
		*range = ps.range;
	return ret;
}
EXPORT_SYMBOL_GPL(phyr_at);

/**
 * phyr_best_block_size() - In how large blocks can a list be given away?
 * @phyr: List.
 * @sizes: The sizes that hardware has, powers of two ORed together, in bytes.
 * @virt: The address at which the hardware shall show the list's first byte.
 *
 * In blocks of a size that fits, all bytes of the list are as far from the start
 * of their block as they are in the hardware's address space.  O(1).
 *
 * Context: Any.
 * Return: The largest of @sizes that fits, or 0 if none does.
 */
u64 phyr_best_block_size(const struct phyr *phyr, u64 sizes, u64 virt)
{
	PHYR_STATE(ps, phyr);
	const struct phyr_range *first = phyrs_next(&ps);
	u64 bits;

	if (!first)
		return 0;
	bits = phyr->seams | (first->phys ^ virt);

	/* No size above the lowest bit of those. */
	sizes &= bits ^ (bits - 1);
	return sizes ? BIT_ULL(ilog2(sizes)) : 0;
}
EXPORT_SYMBOL_GPL(phyr_best_block_size);

u64 phyrs_page_piece(struct phyr_state *ps, u64 max, phys_addr_t *phys)
{
	u64 offset;

	if (!phyrs_more(ps))
		return 0;
	offset = phyr_page_offset(ps->range.phys + ps->used);
	return phyrs_piece(ps, min(max, PAGE_SIZE - offset), phys);
}

/**
 * phyrs_next_block() - Go to the next aligned block
 * @ps: State.
 * @size: Size and alignment of the blocks in bytes, a power of two.
 * @block: Set to the address of the block's start.
 *
 * Context: Any.
 * Return: %false at the end of the list.
 */
bool phyrs_next_block(struct phyr_state *ps, u64 size, phys_addr_t *block)
{
	u64 offset;

	if (!phyrs_more(ps))
		return false;
	offset = (ps->range.phys + ps->used) & (size - 1);
	phyrs_piece(ps, size - offset, block);
	*block -= offset;
	return true;
}
EXPORT_SYMBOL_GPL(phyrs_next_block);

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

	if (!phyrs_next_block(ps, PAGE_SIZE, &phys))
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
	unsigned long pfn;

	if (!phyrs_next_pfn(ps, &pfn) ||
	    WARN_ON_ONCE(ps->range.flags & PHYR_MMIO))
		return NULL;
	return pfn_to_page(pfn);
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
