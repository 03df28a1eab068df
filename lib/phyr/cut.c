// SPDX-License-Identifier: GPL-2.0-only
/*
 * Physical-range list: parts of lists, and lists made of lists.
 */

#include <linux/export.h>
#include <linux/slab.h>

#include "internal.h"

/* Cut a chunk where @ps is. */
static void phyr_chunk_cut(struct phyr_chunk *chunk,
			   const struct phyr_state *ps)
{
	phyr_word_t *word = &chunk->words[ps->at / 2];
	struct phyr_range first;

	phyr_cut_index(chunk);
	chunk->nr = ps->at / 2;
	chunk->half = PHYR_HALF_NONE;
	if (ps->at & 1) {
		chunk->half = phyr_pair_half(*word, false);
		first.phys = phyr_short_phys(&chunk->window, phyr_raw(*word));
		first.len = phyr_short_len(&chunk->window, phyr_raw(*word));
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

/* Where a chunk of the list starts, by way of those after it. */
static u64 phyr_chunk_pos(const struct phyr *phyr,
			  const struct phyr_chunk *chunk)
{
	const struct phyr_chunk *later = phyr->tail;
	u64 pos = phyr->tail_pos;

	for (; later != chunk; later = later->prev)
		pos -= later->prev_bytes;
	return pos;
}

/* Drop all but the first @len bytes, of which there are some, and no pins. */
static void phyr_cut(struct phyr *phyr, u64 len)
{
	struct phyr head = { .chunks = phyr->chunks };
	struct phyr_state ps = phyr_start_slice(phyr, 0, len);
	const struct phyr_range *range;
	struct phyr_state cut = ps;

	/* The last one goes to the head, and @cut stays before it. */
	while ((range = phyrs_next(&ps))) {
		phyr_add(&head, range);
		if (head.bytes < len)
			cut = ps;
	}

	if (head.nr > 1) {
		head.tail = (struct phyr_chunk *)cut.chunk;
		head.tail_pos = phyr_chunk_pos(phyr, head.tail);
		head.offset = phyr->offset;
		phyr_chunk_cut(head.tail, &cut);
	}
	phyr_free_after(&head, head.tail);
	*phyr = head;
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
	u64 nr = phyr->nr, bytes = phyr->bytes;

	if (len >= phyr->bytes)
		return;
	if (!len) {
		phyr_destroy(phyr);
		return;
	}
	phyr_drop_pins(phyr, len, false);
	phyr_cut(phyr, len);
	phyr_account(phyr, nr, bytes);
}
EXPORT_SYMBOL_GPL(phyr_truncate);

/**
 * phyr_append_slice() - Append a part of another list
 * @phyr: List to append to.
 * @from: List to copy from, another than @phyr.
 * @pos: Where the part starts in @from, in bytes.
 * @len: Its length in bytes; nothing is appended if that is zero.
 * @gfp: For the list's own memory.
 *
 * The copy owns no pins: memory that is %PHYR_PINNED in @from has to stay so
 * for as long as the copy is used, and is plain page memory in @phyr.
 *
 * Context: As @gfp allows.
 * Return: 0, or a negative errno with @phyr as it was: -EINVAL if both lists are
 * the same, -ERANGE if the part is not inside @from or makes @phyr longer than
 * %PHYR_BYTES_MAX, -ENOMEM.
 */
int phyr_append_slice(struct phyr *phyr, const struct phyr *from, u64 pos,
		      u64 len, gfp_t gfp)
{
	const struct phyr_range *range;
	struct phyr_mark mark;
	int ret = 0;

	if (phyr == from)
		return -EINVAL;
	if (pos > from->bytes || len > from->bytes - pos ||
	    len > PHYR_BYTES_MAX - phyr->bytes)
		return -ERANGE;

	phyr_save(phyr, &mark);
	phyr_for_each_slice_range(from, pos, len, range) {
		struct phyr_range copy = *range;

		copy.flags &= ~PHYR_PINNED;
		ret = phyr_append_checked(phyr, &copy, gfp);
		if (ret)
			break;
	}
	if (ret)
		phyr_restore(phyr, &mark);
	phyr_account(phyr, mark.head.nr, mark.head.bytes);
	return ret;
}
EXPORT_SYMBOL_GPL(phyr_append_slice);

/* Append all that @ps has left in the chunk that it is in. */
static int phyr_append_chunk(struct phyr *phyr, struct phyr_state *ps,
			     gfp_t gfp)
{
	const struct phyr_chunk *chunk = ps->chunk;
	struct phyr_state ahead = *ps;
	const struct phyr_range *range;
	int ret = 0;

	while (!ret && (range = phyrs_next(&ahead)) && ahead.chunk == chunk) {
		*ps = ahead;
		ret = phyr_append_checked(phyr, range, gfp);
	}
	return ret;
}

/*
 * Append what follows in the list of @ps up to where a chunk of it can be taken
 * as it is, or all if there is none.  The newest range is in a chunk then.
 */
static int phyr_append_odd(struct phyr *phyr, struct phyr_state *ps, gfp_t gfp)
{
	int ret = phyr_append_chunk(phyr, ps, gfp);

	if (ret || ps->pos == ps->end)
		return ret;
	if (ps->pos < ps->end - ps->phyr->last.len)
		return phyr_flush(phyr, gfp);
	ps->chunk = NULL;
	ps->at = 0;
	return phyr_append_chunk(phyr, ps, gfp);
}

/*
 * Take the chunks of @other, whose first one has been appended.  It stays where
 * it is, for others may jump there, and is empty.
 */
static void phyr_splice(struct phyr *phyr, struct phyr *other, u64 pos)
{
	struct phyr_chunk *first = other->chunks;

	first->nr = 0;
	first->prev = phyr->tail;
	first->prev_bytes = pos - phyr->tail_pos;

	phyr_free_after(phyr, phyr->tail);
	phyr->tail->next = first;
	phyr->tail = other->tail;
	phyr->tail_pos = pos + other->tail_pos;
	phyr->spare = other->spare;
}

/* Count all of @other in the head, as the end of a list that was @before. */
static void phyr_add_list(struct phyr *phyr, const struct phyr *before,
			  const struct phyr *other)
{
	PHYR_STATE(ps, other);
	bool merged = phyr_can_merge(&before->last, phyrs_next(&ps));

	phyr->bytes = before->bytes + other->bytes;
	phyr->nr = before->nr + other->nr - merged;
	phyr->last = other->last;
	phyr->seams |= other->seams;
	phyr->lowest = min(phyr->lowest, other->lowest);
	phyr->highest = max(phyr->highest, other->highest);
	phyr->seen |= other->seen;
	phyr->mixed |= other->mixed;
}

static int phyr_join_lists(struct phyr *phyr, struct phyr *other, gfp_t gfp)
{
	PHYR_STATE(ps, other);
	struct phyr_mark mark;
	int ret;

	phyr_save(phyr, &mark);
	ret = phyr_append_odd(phyr, &ps, gfp);
	if (ret) {
		phyr_restore(phyr, &mark);
		return ret;
	}

	if (ps.pos == ps.end) {
		phyr_free_chunks(other->chunks);
		return 0;
	}
	phyr_add_list(phyr, &mark.head, other);
	phyr_splice(phyr, other, mark.head.bytes);
	return 0;
}

/* @phyr may have memory reserved. */
static void phyr_move(struct phyr *phyr, struct phyr *other)
{
	phyr_free_chunks(phyr->chunks);
	*phyr = *other;
}

/**
 * phyr_join() - Move a list to the end of another
 * @phyr: List to append to, not mapped for any device.
 * @other: List to move, another one and not mapped either.  It is empty
 *	afterwards.
 * @gfp: For the list's own memory: a chunk may be needed at the junction.
 *
 * Ranges that meet at the junction merge as if they had been appended.  Pins
 * move along with their ranges.
 *
 * O(1): all but the start of @other is taken over as it is.
 *
 * Context: As @gfp allows.
 * Return: 0, or a negative errno with both lists as they were: -EINVAL if they
 * are the same, -ERANGE if the sum is longer than %PHYR_BYTES_MAX, -ENOMEM.
 */
int phyr_join(struct phyr *phyr, struct phyr *other, gfp_t gfp)
{
	u64 nr = phyr->nr, bytes = phyr->bytes;
	u64 other_nr = other->nr, other_bytes = other->bytes;
	int ret = 0;

	if (phyr == other)
		return -EINVAL;
	if (other->bytes > PHYR_BYTES_MAX - phyr->bytes)
		return -ERANGE;
	if (phyr_empty(other))
		return 0;

	if (phyr_empty(phyr))
		phyr_move(phyr, other);
	else
		ret = phyr_join_lists(phyr, other, gfp);
	if (!ret)
		phyr_init(other);
	phyr_account(phyr, nr, bytes);
	phyr_account(other, other_nr, other_bytes);
	return ret;
}
EXPORT_SYMBOL_GPL(phyr_join);

/* The first of the group may have stayed behind, and its index with it. */
static void phyr_regroup(struct phyr_chunk *chunk,
			 const struct phyr_chunk *prev)
{
	if (!phyr_owns_index(chunk))
		phyr_group(chunk, prev);
}

/* Link the chunks from @chunk, which starts at @pos, to @last behind @rest. */
static void phyr_relink(struct phyr *rest, struct phyr_chunk *chunk, u64 pos,
			const struct phyr_chunk *last)
{
	for (bool done = false; !done; ) {
		struct phyr_chunk *next = chunk->next;

		done = chunk == last;
		if (chunk->nr) {
			rest->tail->next = chunk;
			phyr_regroup(chunk, rest->tail);
			phyr_link_back(chunk, rest->tail, pos - rest->tail_pos);
			rest->tail = chunk;
			rest->tail_pos = pos;
		} else {
			phyr_chunk_free(chunk);
		}
		if (!done)
			pos += next->prev_bytes;
		chunk = next;
	}

	/* Those that are reserved. */
	for (chunk = rest->tail; chunk->next; chunk = chunk->next)
		phyr_regroup(chunk->next, chunk);
}

/* Set what is kept of all ranges together, after they have changed. */
static void phyr_recount(struct phyr *phyr)
{
	const struct phyr_range *range;
	struct phyr head = { };

	phyr_for_each_range(phyr, range)
		phyr_add(&head, range);

	head.chunks = phyr->chunks;
	head.tail = phyr->tail;
	head.tail_pos = phyr->tail_pos;
	head.offset = phyr->offset;
	head.spare = phyr->spare;
	*phyr = head;
}

/* Cut @phyr at @pos in @chunk, and move the chunks behind that to @rest. */
static void phyr_take_rest(struct phyr *rest, struct phyr *phyr,
			   struct phyr_chunk *chunk, u64 pos)
{
	struct phyr_chunk *next = chunk->next;
	u64 next_pos = phyr_chunk_pos(phyr, next);
	struct phyr before = *phyr;

	chunk->next = NULL;
	phyr_cut(phyr, pos);

	phyr_free_after(rest, rest->tail);
	phyr_relink(rest, next, next_pos - pos, before.tail);
	rest->bytes = before.bytes - pos;
	rest->last = before.last;
	rest->spare = before.spare;
	phyr_recount(rest);
}

/* Would two lists have a part each of a page that is pinned once? */
static bool phyr_splits_pin(const struct phyr *phyr, u64 pos)
{
	struct phyr_range range;

	return !phyr_at(phyr, pos - 1, &range) && range.len > 1 &&
	       range.flags & PHYR_PINNED && phyr_page_offset(range.phys + 1);
}

static int phyr_split_lists(struct phyr *phyr, u64 pos, struct phyr *rest,
			    gfp_t gfp)
{
	PHYR_STATE(ps, phyr);
	struct phyr_chunk *chunk;
	struct phyr_mark mark;
	int ret;

	phyrs_seek(&ps, pos);
	chunk = (struct phyr_chunk *)ps.chunk;

	phyr_save(rest, &mark);
	ret = phyr_append_odd(rest, &ps, gfp);
	if (ret) {
		phyr_restore(rest, &mark);
		return ret;
	}

	if (ps.pos == ps.end)
		phyr_cut(phyr, pos);
	else
		phyr_take_rest(rest, phyr, chunk, pos);
	return 0;
}

/**
 * phyr_split() - Move the end of a list to another
 * @phyr: List to split, not mapped for any device.
 * @pos: Where to split it: how many bytes it keeps.
 * @rest: List to move the others to, empty.
 * @gfp: For the lists' own memory.
 *
 * A range that @pos is inside of is in both lists afterwards, a part in each.
 * Pins move along with their pages.  Memory from phyr_reserve() stays with
 * neither list for sure.
 *
 * Walks both lists: O(n).
 *
 * Context: As @gfp allows.
 * Return: 0, or a negative errno with both lists as they were: -EINVAL if @rest
 * is @phyr or isn't empty, or if @pos is inside of a pinned page, -ERANGE if it
 * is past the end, -ENOMEM.
 */
int phyr_split(struct phyr *phyr, u64 pos, struct phyr *rest, gfp_t gfp)
{
	u64 nr = phyr->nr, bytes = phyr->bytes;
	int ret = 0;

	if (phyr == rest || !phyr_empty(rest))
		return -EINVAL;
	if (pos > phyr->bytes)
		return -ERANGE;
	if (pos == phyr->bytes)
		return 0;

	if (!pos) {
		phyr_move(rest, phyr);
		phyr_init(phyr);
	} else if (phyr_splits_pin(phyr, pos)) {
		ret = -EINVAL;
	} else {
		ret = phyr_split_lists(phyr, pos, rest, gfp);
	}
	phyr_account(phyr, nr, bytes);
	phyr_account(rest, 0, 0);
	return ret;
}
EXPORT_SYMBOL_GPL(phyr_split);
