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
#include <linux/math64.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include "internal.h"

/* The first chunk, with its words. */
#define PHYR_FIRST_BYTES	192

/* The words of other chunks: of the shortest, and of most in a long list. */
#define PHYR_WORDS_MIN_BYTES	64
#define PHYR_WORDS_MAX_BYTES	SZ_4K

/* The first chunks are so few that they need no index, and then it grows. */
#define PHYR_LOOSE_MAX		8
#define PHYR_INDEX_MIN_BYTES	256
#define PHYR_INDEX_MAX_BYTES	SZ_4K

static size_t phyr_words_bytes(const struct phyr_chunk *chunk)
{
	return array_size(chunk->size, sizeof(*chunk->words));
}

static size_t phyr_index_bytes(const struct phyr_index *index)
{
	return kmalloc_size_roundup(struct_size(index, entries, index->size));
}

static bool phyr_has_own_words(const struct phyr_chunk *chunk)
{
	return !chunk->nr_checkpoints;
}

static size_t phyr_chunk_bytes(const struct phyr_chunk *chunk)
{
	if (phyr_has_own_words(chunk))
		return sizeof(*chunk) + phyr_words_bytes(chunk);
	return kmalloc_size_roundup(struct_size(chunk, checkpoints,
						chunk->nr_checkpoints)) +
	       phyr_words_bytes(chunk) +
	       (phyr_owns_index(chunk) ? phyr_index_bytes(chunk->index) : 0);
}

static struct phyr_index *phyr_index_alloc(const struct phyr_index *prev,
					   gfp_t gfp)
{
	size_t bytes = PHYR_INDEX_MIN_BYTES;
	struct phyr_index *index;

	if (prev)
		bytes = min(2 * phyr_index_bytes(prev), PHYR_INDEX_MAX_BYTES);
	index = kmalloc(bytes, gfp);
	if (index)
		index->size = (bytes - sizeof(*index)) / sizeof(*index->entries);
	return index;
}

/*
 * Put a chunk in the group of the one before it.  Where there is none or it is
 * full, chunks are in no group, and @slot counts them up to PHYR_LOOSE_MAX.
 */
void phyr_group(struct phyr_chunk *chunk, const struct phyr_chunk *prev)
{
	struct phyr_index *index = prev ? prev->index : NULL;

	chunk->index = NULL;
	chunk->slot = prev ? min(prev->slot + 1, PHYR_LOOSE_MAX) : 0;
	if (!index)
		return;
	if (prev->slot + 1 < index->size) {
		chunk->index = index;
		chunk->slot = prev->slot + 1;
	} else {
		chunk->slot = PHYR_LOOSE_MAX;
	}
}

/* The same, or start a group where it is time to. */
static bool phyr_start_group(struct phyr_chunk *chunk,
			     const struct phyr_chunk *prev, gfp_t gfp)
{
	phyr_group(chunk, prev);
	if (chunk->index || chunk->slot < PHYR_LOOSE_MAX)
		return true;

	chunk->index = phyr_index_alloc(prev->index, gfp);
	chunk->slot = 0;
	return chunk->index;
}

static struct phyr_chunk *phyr_first_chunk(gfp_t gfp)
{
	size_t bytes = kmalloc_size_roundup(PHYR_FIRST_BYTES);
	struct phyr_chunk *chunk = kmalloc(bytes, gfp);

	if (!chunk)
		return NULL;
	chunk->words = chunk->own;
	chunk->size = (bytes - sizeof(*chunk)) / sizeof(*chunk->words);
	chunk->nr_checkpoints = 0;
	phyr_group(chunk, NULL);
	return chunk;
}

static struct phyr_chunk *phyr_later_chunk(const struct phyr_chunk *prev,
					   gfp_t gfp)
{
	unsigned int words, checkpoints;
	struct phyr_chunk *chunk;
	size_t bytes;

	bytes = clamp(2 * phyr_words_bytes(prev), PHYR_WORDS_MIN_BYTES,
		      PHYR_WORDS_MAX_BYTES);
	bytes = kmalloc_size_roundup(bytes);
	words = bytes / sizeof(*chunk->words);
	/* Only the first chunk, which holds its words, has none. */
	checkpoints = max((words - 1) / PHYR_STRETCH, 1);

	chunk = kmalloc(struct_size(chunk, checkpoints, checkpoints), gfp);
	if (!chunk)
		return NULL;
	chunk->words = kmalloc(bytes, gfp);
	if (!chunk->words || !phyr_start_group(chunk, prev, gfp)) {
		kfree(chunk->words);
		kfree(chunk);
		return NULL;
	}
	chunk->size = words;
	chunk->nr_checkpoints = checkpoints;
	return chunk;
}

void phyr_chunk_free(struct phyr_chunk *chunk)
{
	phyr_account_memory(-(ssize_t)phyr_chunk_bytes(chunk));
	if (phyr_owns_index(chunk))
		kfree(chunk->index);
	if (!phyr_has_own_words(chunk))
		kfree(chunk->words);
	kfree(chunk);
}

void phyr_free_chunks(struct phyr_chunk *chunk)
{
	while (chunk) {
		struct phyr_chunk *next = chunk->next;

		phyr_chunk_free(chunk);
		chunk = next;
	}
}

static struct phyr_chunk *phyr_add_chunk(struct phyr *phyr,
					 struct phyr_chunk *prev, gfp_t gfp)
{
	struct phyr_chunk *chunk = prev ? phyr_later_chunk(prev, gfp) :
					  phyr_first_chunk(gfp);

	if (!chunk)
		return NULL;
	chunk->next = NULL;
	chunk->nr = 0;
	phyr_account_memory(phyr_chunk_bytes(chunk));
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
	u64 base = middle - min(middle, BIT_ULL(bits - 1));
	u64 last = FIELD_MAX(PHYR_RUN_PFN) + 1 - BIT_ULL(bits);

	/* What is in the window is a run at first. */
	chunk->window = phyr_mk_window(PFN_PHYS(min(base, last)), bits);
}

/*
 * Jump pointers make a search from the tail O(log n): each group points to the
 * one before it or, where the last two jumps were of the same length, past both.
 */
static void phyr_link_index(struct phyr_index *index, struct phyr_index *prev,
			    u64 prev_bytes)
{
	struct phyr_index *jump;

	index->prev = prev;
	index->prev_bytes = prev_bytes;
	index->jump = prev ?: index;
	index->jump_bytes = prev_bytes;
	index->depth = prev ? prev->depth + 1 : 0;
	if (!prev)
		return;

	jump = prev->jump;
	if (prev->depth - jump->depth == jump->depth - jump->jump->depth) {
		index->jump = jump->jump;
		index->jump_bytes += prev->jump_bytes + jump->jump_bytes;
	}
}

/* Put a chunk into the index of its group. */
static void phyr_index_chunk(struct phyr_chunk *chunk)
{
	struct phyr_index *index = chunk->index, *before = NULL;
	unsigned int slot = chunk->slot;
	u64 start = chunk->prev_bytes;

	if (chunk->prev && chunk->prev->index) {
		before = chunk->prev->index;
		start += before->entries[chunk->prev->slot].start;
	}
	if (!slot) {
		phyr_link_index(index, before, before ? start : 0);
		start = 0;
	}
	index->entries[slot].start = start;
	index->entries[slot].chunk = chunk;
	index->step = div_u64(start, max(slot, 1)) ?: 1;
	index->nr = slot + 1;
}

void phyr_link_back(struct phyr_chunk *chunk, struct phyr_chunk *prev,
		    u64 prev_bytes)
{
	chunk->prev = prev;
	chunk->prev_bytes = prev_bytes;
	if (chunk->index)
		phyr_index_chunk(chunk);
}

static struct phyr_chunk *phyr_next_chunk(struct phyr *phyr, gfp_t gfp)
{
	struct phyr_chunk *chunk = *phyr_link(phyr, phyr->tail);
	u64 pos = phyr->bytes - phyr->last.len;

	if (chunk)
		phyr->spare--;
	else
		chunk = phyr_add_chunk(phyr, phyr->tail, gfp);
	if (!chunk)
		return NULL;

	chunk->attr = 0;
	chunk->odd = 0;
	chunk->half = PHYR_HALF_NONE;
	phyr_set_window(phyr, chunk);
	phyr_link_back(chunk, phyr->tail, pos - phyr->tail_pos);
	phyr->tail = chunk;
	phyr->tail_pos = pos;
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

/*
 * Note where seeking may start to read, if one of @nr words that are written
 * at @at is the first of a stretch.  The range that they say is @pos bytes
 * behind the start of the chunk.
 */
static noinline void phyr_checkpoint(struct phyr_chunk *chunk, unsigned int at,
				     unsigned int nr, u64 pos)
{
	unsigned int stretch = (at + nr - 1) / PHYR_STRETCH;

	if (!stretch || stretch * PHYR_STRETCH < at)
		return;
	if (stretch * PHYR_STRETCH > at)
		pos = PHYR_NO_CHECKPOINT;
	chunk->checkpoints[stretch - 1] = min(pos, PHYR_NO_CHECKPOINT);
}

static void phyr_push(struct phyr_chunk *chunk, const phyr_word_t *words,
		      unsigned int nr, u64 pos)
{
	phyr_checkpoint(chunk, chunk->nr, nr, pos);
	if (phyr_word_tag(words[0]) == PHYR_TAG_ATTR)
		chunk->attr = chunk->nr + 1;
	chunk->half = PHYR_HALF_NONE;
	for (unsigned int i = 0; i < nr; i++)
		chunk->words[chunk->nr++] = words[i];
	chunk->odd = chunk->nr;
}

/* A run of whole pages was pushed, which may become half of a pair. */
static void phyr_pushed_run(struct phyr_chunk *chunk,
			    const struct phyr_range *run)
{
	chunk->half = phyr_mk_half(&chunk->window, run->phys, run->len);
	if (chunk->half != PHYR_HALF_NONE && run->len == PAGE_SIZE)
		chunk->odd--;
}

/* How far behind the start of the tail is the newest range? */
static u64 phyr_last_in_tail(const struct phyr *phyr)
{
	return phyr->bytes - phyr->last.len - phyr->tail_pos;
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

	phyr_push(phyr->tail, words, nr, phyr_last_in_tail(phyr));
	if (phyr_is_run(&whole)) {
		phyr_pushed_run(phyr->tail, &whole);
		if (phyr->nr == 1)
			phyr->offset = phyr_page_offset(phyr->last.phys);
	}
	return 0;
}

/*
 * Short runs on their way into a chunk, of which it knows nothing in between:
 * all that takes is kept here, in registers.
 */
struct phyr_pack {
	struct phyr_window	window;
	u64			most;	/* bytes beyond the first page */
	phyr_word_t		*word;	/* to be written next */
	phyr_word_t		*end;
	u64			first;	/* waits for the other half of its pair */
};

#define PHYR_PACK_NONE		U64_MAX

static __always_inline struct phyr_pack
phyr_pack_start(const struct phyr_chunk *chunk, unsigned int end)
{
	struct phyr_pack pack = {
		.window = chunk->window,
		.most = chunk->window.pages >> chunk->window.shift,
		.word = chunk->words + chunk->nr,
		.end = chunk->words + end,
		.first = PHYR_PACK_NONE,
	};

	if (chunk->half != PHYR_HALF_NONE) {
		pack.first = FIELD_PREP(PHYR_PAIR_FIRST, chunk->half);
		pack.word--;
	}
	return pack;
}

/* Put a run of whole pages in; false if it isn't short or has no room. */
static __always_inline bool phyr_pack_run(struct phyr_pack *pack,
					  phys_addr_t phys, u64 len)
{
	u64 distance = (u64)(phys - pack->window.base) >> PHYR_WINDOW_SHIFT;
	u64 more = len - PAGE_SIZE;
	u64 bits = distance | more << pack->window.shift;

	if (distance & ~pack->window.distance || more > pack->most)
		return false;

	if (pack->first == PHYR_PACK_NONE) {
		if (pack->word == pack->end)
			return false;
		pack->first = bits;
		return true;
	}
	*pack->word++ = phyr_mk_word(PHYR_TAG_PAIR,
				     pack->first | bits << PHYR_HALF_BITS);
	pack->first = PHYR_PACK_NONE;
	return true;
}

/* One that still waits is a run by itself.  Were all of them single pages? */
static __always_inline void phyr_pack_stop(struct phyr_pack *pack,
					   struct phyr_chunk *chunk,
					   bool single)
{
	struct phyr_range run;

	chunk->half = PHYR_HALF_NONE;
	if (pack->first != PHYR_PACK_NONE) {
		run.phys = phyr_short_phys(&pack->window, pack->first);
		run.len = phyr_short_len(&pack->window, pack->first);
		*pack->word++ = phyr_mk_run(&run);
		chunk->half = FIELD_GET(PHYR_PAIR_FIRST, pack->first);
	}
	chunk->nr = pack->word - chunk->words;
	if (!single)
		chunk->odd = chunk->nr;
}

/*
 * How far the tail can take short runs with no more notes than this one of
 * where the newest range is.
 */
static unsigned int phyr_start_stretch(const struct phyr *phyr)
{
	struct phyr_chunk *tail = phyr->tail;
	unsigned int end = round_up(tail->nr, PHYR_STRETCH);

	if (end == tail->nr && tail->nr < tail->size &&
	    tail->half == PHYR_HALF_NONE) {
		phyr_checkpoint(tail, tail->nr, 1, phyr_last_in_tail(phyr));
		end += PHYR_STRETCH;
	}
	return min(end, tail->size);
}

/* The common case: another short run like those before it. */
static __always_inline bool phyr_push_half(const struct phyr *phyr)
{
	struct phyr_chunk *tail = phyr->tail;
	unsigned int end = phyr_start_stretch(phyr);
	struct phyr_pack pack = phyr_pack_start(tail, end);

	if (!phyr_pack_run(&pack, phyr->last.phys, phyr->last.len))
		return false;
	phyr_pack_stop(&pack, tail, phyr->last.len == PAGE_SIZE);
	return true;
}

/* May the newest range be another short run in the tail? */
static bool phyr_may_push_half(const struct phyr *phyr)
{
	return phyr->tail && phyr_chunk_has_kind(phyr->tail, &phyr->last) &&
	       !phyr_page_offset(phyr->last.phys | phyr->last.len);
}

int phyr_flush(struct phyr *phyr, gfp_t gfp)
{
	if (phyr_may_push_half(phyr) && phyr_push_half(phyr))
		return 0;
	return phyr_flush_slow(phyr, gfp);
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

static __always_inline void phyr_count(struct phyr *phyr,
				       const struct phyr_range *range)
{
	phys_addr_t highest = range->phys + (range->len - 1);

	phyr->lowest = min(phyr->lowest, range->phys);
	phyr->highest = max(phyr->highest, highest);
	phyr->bytes += range->len;
}

void phyr_add(struct phyr *phyr, const struct phyr_range *range)
{
	if (phyr->nr) {
		phyr->seams |= phyr_next_phys(&phyr->last) | range->phys;
		phyr->mixed |= !phyr_same_kind(&phyr->last, range);
	} else {
		phyr->lowest = range->phys;
	}
	phyr->seen |= range->flags;
	phyr->last = *range;
	phyr->nr++;
	phyr_count(phyr, range);
}

static __always_inline void phyr_merge(struct phyr *phyr,
				       const struct phyr_range *range)
{
	phyr->last.len += range->len;
	phyr_count(phyr, range);
}

int phyr_append_checked(struct phyr *phyr, const struct phyr_range *range,
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

int phyr_append_one(struct phyr *phyr, const struct phyr_range *range,
		    gfp_t gfp)
{
	int ret = phyr_check(phyr, range);

	return ret ?: phyr_append_checked(phyr, range, gfp);
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
	u64 nr = phyr->nr, bytes = phyr->bytes;
	int ret = phyr_append_one(phyr, range, gfp);

	phyr_account(phyr, nr, bytes);
	return ret;
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
	phyr_cut_index(tail);

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
		ret = phyr_append_one(phyr, &range, gfp);
	}
	if (ret)
		phyr_restore(phyr, &mark);
	phyr_account(phyr, mark.head.nr, mark.head.bytes);
	return ret;
}
EXPORT_SYMBOL_GPL(phyr_append_phys_vec);

/* The number of adjacent pages at the start of @pages, at most @max. */
static __always_inline u64 phyr_count_run(struct page **pages, u64 max)
{
	unsigned long pfn = page_to_pfn(pages[0]);
	u64 nr = 1;

	while (nr < max && page_to_pfn(pages[nr]) == pfn + nr)
		nr++;
	return nr;
}

/*
 * Append pages as long as a stretch of the tail takes what they make up, as
 * short runs: the loop that has to be fast.  Returns how many there were.
 */
static unsigned long phyr_append_short_runs(struct phyr *phyr,
					    struct page **pages,
					    unsigned long nr)
{
	unsigned int end = phyr_start_stretch(phyr);
	struct phyr_pack pack = phyr_pack_start(phyr->tail, end);
	phys_addr_t lowest = phyr->lowest, highest = phyr->highest;
	phys_addr_t phys = phyr->last.phys;
	u64 len = phyr->last.len, seams = phyr->seams, ranges = phyr->nr;
	u64 packed;
	unsigned long i;

	for (i = 0; i < nr; i++) {
		phys_addr_t next = PFN_PHYS(page_to_pfn(pages[i]));
		u64 after = (u64)phys + len;

		if (next == after && next) {
			len += PAGE_SIZE;
			continue;
		}
		if (!phyr_pack_run(&pack, phys, len))
			break;
		seams |= after | next;
		lowest = min(lowest, next);
		highest = max(highest, after - 1);
		phys = next;
		len = PAGE_SIZE;
		ranges++;
	}

	packed = phyr->last.len + ((u64)i << PAGE_SHIFT) - len;
	phyr_pack_stop(&pack, phyr->tail,
		       packed >> PAGE_SHIFT == ranges - phyr->nr);
	phyr->last.phys = phys;
	phyr->last.len = len;
	phyr->lowest = lowest;
	phyr->highest = max(highest, phys + (len - 1));
	phyr->seams = seams;
	phyr->nr = ranges;
	phyr->bytes += (u64)i << PAGE_SHIFT;
	return i;
}

/* Append the run that @pages start with, and return its length. */
static s64 phyr_append_first_run(struct phyr *phyr, struct page **pages,
				 unsigned int offset, u64 size,
				 unsigned int flags, gfp_t gfp)
{
	u64 nr = phyr_count_run(pages, PFN_UP(offset + size));
	struct phyr_range run = {
		.phys = PFN_PHYS(page_to_pfn(*pages)) + offset,
		.len = min(size, (nr << PAGE_SHIFT) - offset),
		.flags = flags,
	};

	return phyr_append_checked(phyr, &run, gfp) ?: run.len;
}

int phyr_append_runs(struct phyr *phyr, struct page **pages,
		     unsigned int offset, u64 size, unsigned int flags,
		     gfp_t gfp)
{
	if (size > PHYR_BYTES_MAX - phyr->bytes)
		return -ERANGE;

	while (size) {
		s64 len = phyr_append_first_run(phyr, pages, offset, size,
						flags, gfp);

		if (len < 0)
			return len;
		pages += (offset + len) >> PAGE_SHIFT;
		size -= len;
		offset = 0;

		if (!phyr_may_push_half(phyr) || !phyr_is_run(&phyr->last))
			continue;
		do {
			len = phyr_append_short_runs(phyr, pages,
						     size >> PAGE_SHIFT);
			pages += len;
			size -= len << PAGE_SHIFT;
		} while (len);
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
	struct phyr_mark mark;
	int ret;

	if (!size || offset >= PAGE_SIZE ||
	    size > ((u64)nr_pages << PAGE_SHIFT) - offset || !nr_pages)
		return -EINVAL;

	phyr_save(phyr, &mark);
	ret = phyr_append_runs(phyr, pages, offset, size, 0, gfp);
	if (ret)
		phyr_restore(phyr, &mark);
	phyr_account(phyr, mark.head.nr, mark.head.bytes);
	return ret;
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
	u64 nr = phyr->nr, bytes = phyr->bytes;

	phyr_drop_pins(phyr, 0, make_dirty);
	phyr_free_chunks(phyr->chunks);
	phyr_init(phyr);
	phyr_account(phyr, nr, bytes);
}
EXPORT_SYMBOL_GPL(phyr_unpin);

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

/* Put the tail's words where they fit, if there is such a place. */
static void phyr_shrink_tail(struct phyr *phyr, gfp_t gfp)
{
	struct phyr_chunk *tail = phyr->tail;
	size_t used = array_size(tail->nr, sizeof(*tail->words));
	size_t bytes = kmalloc_size_roundup(used);
	phyr_word_t *words;

	if (phyr_has_own_words(tail) || bytes >= phyr_words_bytes(tail))
		return;
	words = kmalloc(bytes, gfp);
	if (!words)
		return;

	memcpy(words, tail->words, used);
	kfree(tail->words);
	phyr_account_memory(bytes - phyr_words_bytes(tail));
	tail->words = words;
	tail->size = bytes / sizeof(*words);
}

static noinline void phyr_trim_chunks(struct phyr *phyr, gfp_t gfp)
{
	phyr_free_after(phyr, phyr->tail);
	phyr->spare = 0;

	if (phyr->tail)
		phyr_shrink_tail(phyr, gfp);
}

/**
 * phyr_trim() - Give back what a finished list does not use
 * @phyr: List.
 * @gfp: For the list's own memory: trimming copies the last entries to a place
 *	that fits them, unless they are in the first chunk.
 *
 * Does what it can: without memory for the copy the list stays larger.  More
 * can be appended later.
 *
 * Context: As @gfp allows.
 */
void phyr_trim(struct phyr *phyr, gfp_t gfp)
{
	if (phyr->chunks)
		phyr_trim_chunks(phyr, gfp);
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
