// SPDX-License-Identifier: GPL-2.0-only
/*
 * Physical-range list: the index of a list, which holds its chunks.
 *
 * Each chunk's words are an allocation of their own.  All are of one size but for
 * the last one's, which grow up to that.
 */

#include <linux/log2.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "internal.h"
#include "pack.h"

#define PHYR_WORDS_MIN_BYTES	256
#define PHYR_CHUNK_WORDS	(PHYR_CHUNK_BYTES / sizeof(u32))

static size_t phyr_index_bytes(u32 max)
{
	struct phyr_index *index;

	return kmalloc_size_roundup(struct_size(index, chunks, max));
}

/* Of the last chunk that has ranges: the others have PHYR_CHUNK_BYTES. */
static size_t phyr_tail_bytes(const struct phyr_index *index)
{
	return array_size(index->room, sizeof(u32));
}

size_t phyr_index_memory(const struct phyr_index *index)
{
	return phyr_index_bytes(index->max) + phyr_tail_bytes(index) +
	       array_size(index->nr + index->spare - 1, PHYR_CHUNK_BYTES);
}

static void phyr_init_chunk(struct phyr_chunk *chunk, u32 *words, u64 start)
{
	memset(words, 0, array_size(PHYR_FIRST_WORD, sizeof(u32)));
	*chunk = (struct phyr_chunk) {
		.start = start,
		.words = words,
		.nr = PHYR_FIRST_WORD,
	};
}

static u32 *phyr_alloc_words(size_t bytes, gfp_t gfp)
{
	u32 *words = kmalloc(bytes, gfp);

	if (words)
		phyr_account_memory(bytes);
	return words;
}

/* Have an index, and a chunk with room for @words if there may be so many. */
int phyr_index_create(struct phyr *phyr, size_t words, gfp_t gfp)
{
	struct phyr_index *index;
	size_t bytes;
	u32 *first;

	bytes = array_size(size_add(words, PHYR_FIRST_WORD), sizeof(u32));
	bytes = clamp(bytes, PHYR_WORDS_MIN_BYTES, PHYR_CHUNK_BYTES);
	bytes = roundup_pow_of_two(bytes);
	index = kmalloc(phyr_index_bytes(1), gfp);
	first = phyr_alloc_words(bytes, gfp);
	if (!index || !first) {
		if (first)
			phyr_account_memory(-(ssize_t)bytes);
		kfree(first);
		kfree(index);
		return -ENOMEM;
	}

	*index = (struct phyr_index) {
		.lowest = PHYS_ADDR_MAX,
		.nr = 1,
		.max = 1,
		.room = bytes / sizeof(u32),
	};
	phyr_init_chunk(index->chunks, first, 0);
	phyr->index = index;
	phyr_account_memory(phyr_index_bytes(1));
	return 0;
}

/*
 * Put the index to where there is room for @max chunks.  vmalloc() is out of reach
 * for those who must not sleep, but they may have to free what it gave to others.
 */
static int phyr_index_resize(struct phyr *phyr, u32 max, gfp_t gfp)
{
	struct phyr_index *before = phyr->index, *index;
	size_t bytes = phyr_index_bytes(max);

	index = gfpflags_allow_blocking(gfp) ? kvmalloc(bytes, gfp) :
					       kmalloc(bytes, gfp);
	if (!index)
		return -ENOMEM;
	memcpy(index, before, struct_size(index, chunks,
					  before->nr + before->spare));
	phyr_account_memory(bytes - phyr_index_bytes(before->max));
	index->max = max;
	phyr->index = index;
	kvfree_atomic(before);
	return 0;
}

/* Put the last chunk's words to where there is room for @bytes of them. */
static int phyr_resize_tail(struct phyr_index *index, size_t bytes, gfp_t gfp)
{
	struct phyr_chunk *tail = phyr_tail(index);
	u32 *words = phyr_alloc_words(bytes, gfp);

	if (!words)
		return -ENOMEM;
	memcpy(words, tail->words, array_size(tail->nr, sizeof(u32)));
	phyr_account_memory(-(ssize_t)phyr_tail_bytes(index));
	kfree(tail->words);
	tail->words = words;
	index->room = bytes / sizeof(u32);
	return 0;
}

/* Let the last chunk be as large as those before it have to be. */
int phyr_fill_out(struct phyr_index *index, gfp_t gfp)
{
	if (index->room == PHYR_CHUNK_WORDS)
		return 0;
	return phyr_resize_tail(index, PHYR_CHUNK_BYTES, gfp);
}

/* Have room for @nr chunks in the index. */
int phyr_index_room(struct phyr *phyr, u32 nr, gfp_t gfp)
{
	if (nr <= phyr->index->max)
		return 0;
	return phyr_index_resize(phyr, max(nr, 2 * phyr->index->max), gfp);
}

/* Have one more chunk that is empty. */
static int phyr_add_spare(struct phyr *phyr, gfp_t gfp)
{
	u32 nr = phyr->index->nr + phyr->index->spare;
	u32 *words;

	if (phyr_fill_out(phyr->index, gfp) ||
	    phyr_index_room(phyr, nr + 1, gfp))
		return -ENOMEM;

	words = phyr_alloc_words(PHYR_CHUNK_BYTES, gfp);
	if (!words)
		return -ENOMEM;
	phyr->index->chunks[nr].words = words;
	phyr->index->spare++;
	return 0;
}

static void phyr_next_spare(struct phyr_index *index)
{
	struct phyr_chunk *chunk = &index->chunks[index->nr++];

	phyr_init_chunk(chunk, chunk->words, index->bytes);
	index->spare--;
	index->room = PHYR_CHUNK_WORDS;
}

/* The last chunk is full: have room in it, or in another. */
int phyr_more_room(struct phyr *phyr, gfp_t gfp)
{
	struct phyr_index *index = phyr->index;
	size_t bytes = roundup_pow_of_two(2 * phyr_tail_bytes(index));
	int ret = 0;

	if (index->room < PHYR_CHUNK_WORDS)
		return phyr_resize_tail(index, min(bytes, PHYR_CHUNK_BYTES),
					gfp);
	if (!index->spare)
		ret = phyr_add_spare(phyr, gfp);
	if (!ret)
		phyr_next_spare(phyr->index);
	return ret;
}

/* How many ranges of one kind are sure to fit, whatever they look like. */
static u64 phyr_words_room(u32 words)
{
	if (words < PHYR_KIND_WORDS)
		return 0;
	return (words - PHYR_KIND_WORDS) / PHYR_RANGE_WORDS;
}

/* How many ranges of one kind are sure to fit into the chunks that there are? */
static u64 phyr_index_ranges(const struct phyr_index *index)
{
	const struct phyr_chunk *tail = phyr_tail(index);

	return phyr_words_room(index->room - tail->nr) +
	       index->spare * phyr_words_room(PHYR_CHUNK_WORDS -
					      PHYR_FIRST_WORD);
}

/* Have room for @nr ranges of one kind. */
int phyr_index_reserve(struct phyr *phyr, u64 nr, gfp_t gfp)
{
	while (phyr_index_ranges(phyr->index) < nr) {
		if (phyr_add_spare(phyr, gfp))
			return -ENOMEM;
		if (gfpflags_allow_blocking(gfp))
			cond_resched();
	}
	return 0;
}

/* Drop all chunks but the first @nr, of which there is at least one. */
void phyr_free_chunks(struct phyr_index *index, u32 nr)
{
	while (index->nr + index->spare > nr) {
		u32 last = index->nr + index->spare - 1;
		size_t bytes = PHYR_CHUNK_BYTES;

		if (index->spare) {
			index->spare--;
		} else {
			bytes = phyr_tail_bytes(index);
			index->nr--;
			index->room = PHYR_CHUNK_WORDS;
		}
		kfree(index->chunks[last].words);
		phyr_account_memory(-(ssize_t)bytes);
	}
}

void phyr_index_free(struct phyr_index *index, bool may_sleep)
{
	u32 nr = index->nr + index->spare;

	if (IS_ENABLED(CONFIG_PHYR_DEBUGFS))
		phyr_account_memory(-(ssize_t)phyr_index_memory(index));
	for (u32 i = 0; i < nr; i++) {
		kfree(index->chunks[i].words);
		if (may_sleep)
			cond_resched();
	}
	kvfree_atomic(index);
}

/* Have no ranges in chunks after the first @nr. */
void phyr_index_cut(struct phyr_index *index, u32 nr)
{
	if (nr == index->nr)
		return;
	/* A spare chunk is a large one. */
	if (index->room < PHYR_CHUNK_WORDS)
		phyr_free_chunks(index, index->nr - 1);
	index->spare += index->nr - nr;
	index->nr = nr;
	index->room = PHYR_CHUNK_WORDS;
}

/* Know nothing of ranges in chunks, to be told of them by phyr_note(). */
void phyr_index_forget(struct phyr_index *index)
{
	index->bytes = 0;
	index->seams = 0;
	index->lowest = PHYS_ADDR_MAX;
	index->highest = 0;
	index->kind = 0;
	index->flags = 0;
	index->mixed = false;
}

/* Note that a range of the kind comes next in chunks. */
void phyr_note_kind(struct phyr_index *index, unsigned long kind)
{
	index->mixed |= index->bytes && kind != index->kind;
	index->flags |= kind & (PHYR_MMIO | PHYR_PINNED);
	index->kind = kind;
}

void phyr_note(struct phyr_index *index, phys_addr_t phys, u64 len)
{
	u64 seam = (u64)phys + len;

	if (index->bytes)
		seam |= phys;
	index->seams |= seam;
	index->lowest = min(index->lowest, phys);
	index->highest = max(index->highest, phys + (len - 1));
	index->bytes += len;
}

/* Put the last chunk, and an index without spare chunks, where they fit. */
void phyr_index_trim(struct phyr *phyr, gfp_t gfp)
{
	struct phyr_index *index = phyr->index;
	size_t used = array_size(phyr_tail(index)->nr, sizeof(u32));
	size_t bytes = kmalloc_size_roundup(used);

	gfp |= __GFP_NOWARN;
	if (bytes < phyr_tail_bytes(index))
		phyr_resize_tail(index, bytes, gfp);
	if (phyr_index_bytes(index->nr) < phyr_index_bytes(index->max))
		phyr_index_resize(phyr, index->nr, gfp);
}

/* The chunk that holds the byte at @pos, which is before the plain ranges. */
const struct phyr_chunk *phyr_find_chunk(const struct phyr_index *index, u64 pos)
{
	const struct phyr_chunk *chunk = index->chunks;
	u32 nr = index->nr;

	/* Of @nr chunks from @chunk on, one holds it. */
	while (nr > 1) {
		u32 half = nr / 2;

		if (chunk[half].start <= pos)
			chunk += half;
		nr -= half;
	}
	return chunk;
}
