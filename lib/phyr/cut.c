// SPDX-License-Identifier: GPL-2.0-only
/*
 * Physical-range list: parts of lists, and lists made of lists.
 */

#include <kunit/visibility.h>
#include <linux/sched.h>

#include "internal.h"

/* Find out anew what is kept of all ranges in chunks together. */
static void phyr_recount(struct phyr *phyr, bool may_sleep)
{
	struct phyr_index *index = phyr->index;
	struct phyr_extent one;
	struct phyr_plain range;
	u64 nr = 0;

	phyr_index_forget(index);
	for (u32 i = 0; i < index->nr; i++) {
		const struct phyr_chunk *chunk = &index->chunks[i];
		const void *at = chunk->entries;

		for (unsigned int k = 0; k < chunk->nr; k++) {
			at = phyr_unpack(chunk, chunk->form, at, &range.phys,
					 &range.len);
			one = phyr_add_up(&range, 1, !index->bytes);
			phyr_index_note(index, &one.sum, chunk->kind, range.len);
		}
		nr += chunk->nr;
		if (may_sleep)
			cond_resched();
	}
	if (index->nr)
		phyr->nr_packed = nr;
}

/* Keep @len bytes of the plain ranges. */
static void phyr_cut_plain(struct phyr *phyr, u64 len)
{
	struct phyr_plain *plain = phyr_plain_ranges(phyr);
	unsigned int keep = 1;

	for (; plain->len < len; plain++, keep++)
		len -= plain->len;
	plain->len = len;
	phyr->single &= len == PAGE_SIZE;
	phyr->nr_plain = keep;
}

/*
 * Keep @len bytes of the packed ranges.  The last chunk becomes plain again if there
 * is room for it, or else its last range.
 */
static void phyr_cut_packed(struct phyr *phyr, u64 len, bool may_sleep)
{
	struct phyr_plain *plain = phyr_plain_ranges(phyr);
	struct phyr_index *index = phyr->index;
	struct phyr_chunk *chunk =
		(struct phyr_chunk *)phyr_find_chunk(index, len - 1);
	u64 before = len - 1 - chunk->start;
	const void *at = chunk->entries;
	unsigned int keep = phyr_skip_entries(chunk, &at, &before) + 1;
	unsigned int room = chunk == index->chunks ? PHYR_FEW : 1;

	room = max(room, phyr->max_plain);
	phyr->kind = chunk->kind;
	phyr->nr_plain = keep <= room ? keep : 1;
	chunk->nr = keep - phyr->nr_plain;
	at = chunk->entries + chunk->nr * phyr_width(chunk);
	for (unsigned int i = 0; i < phyr->nr_plain; i++) {
		at = phyr_unpack(chunk, chunk->form, at, &plain[i].phys,
				 &plain[i].len);
	}
	plain[phyr->nr_plain - 1].len = before + 1;
	phyr->single = phyr_is_single(chunk) && before + 1 == PAGE_SIZE;

	phyr_index_cut(index, chunk - index->chunks + !!chunk->nr);
	phyr_recount(phyr, may_sleep);
}

static void phyr_cut_all(struct phyr *phyr)
{
	phyr->nr_plain = 0;
	phyr->single = false;
	phyr->kind = 0;
	phyr->few[0] = (struct phyr_plain){ };
	if (phyr->max_plain)
		phyr->nr_packed = 0;
	else
		phyr->few[1] = (struct phyr_plain){ };
	if (phyr->index) {
		phyr_index_cut(phyr->index, 0);
		phyr_index_forget(phyr->index);
	}
}

void phyr_cut(struct phyr *phyr, u64 len, bool may_sleep)
{
	u64 packed = phyr_packed_bytes(phyr);

	if (len >= phyr->bytes)
		return;
	phyr->bytes = len;
	if (!len)
		phyr_cut_all(phyr);
	else if (len > packed)
		phyr_cut_plain(phyr, len - packed);
	else
		phyr_cut_packed(phyr, len, may_sleep);
}

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
	struct phyr_before before = phyr_before(phyr);
	u64 old_nr = phyr_nr_ranges(phyr);
	struct phyr_range range;
	int ret = 0;

	if (phyr == from)
		return -EINVAL;
	if (pos > from->bytes || len > from->bytes - pos ||
	    len > PHYR_BYTES_MAX - phyr->bytes)
		return -ERANGE;

	phyr_for_each_slice_range(from, pos, len, range) {
		range.flags &= ~PHYR_PINNED;
		ret = phyr_append_checked(phyr, &range, gfp);
		if (ret)
			break;
	}
	if (ret)
		phyr_undo(phyr, &before);
	phyr_account(phyr, old_nr, before.bytes);
	return ret;
}
EXPORT_SYMBOL_IF_KUNIT(phyr_append_slice);

/* Append all that @ps has left, as it is. */
static int phyr_append_rest(struct phyr *phyr, struct phyr_state ps, gfp_t gfp)
{
	struct phyr_range range;
	int ret = 0;

	while (!ret && phyrs_next(&ps, &range))
		ret = phyr_append_checked(phyr, &range, gfp);
	return ret;
}

/* Take all chunks of @other but the first one, whose ranges were appended. */
static void phyr_take_chunks(struct phyr_index *index, struct phyr_index *other,
			     u64 pos)
{
	struct phyr_chunk *chunk = &index->chunks[index->nr];

	memcpy(chunk, &other->chunks[1],
	       (other->nr - 1) * sizeof(*chunk));
	for (u32 i = 1; i < other->nr; i++, chunk++) {
		chunk->start += pos;
		index->mixed |= chunk->kind != index->chunks[0].kind;
	}
	index->nr += other->nr - 1;
	other->nr = 1;
	phyr_merge_summary(&index->sum, &other->sum);
	index->flags |= other->flags;
	index->bytes = pos + other->bytes;
}

/* The first chunk of @other is copied, as its first range may merge. */
static int phyr_join_chunks(struct phyr *phyr, struct phyr *other, gfp_t gfp)
{
	const struct phyr_chunk *first = other->index->chunks;
	u64 pos = phyr->bytes, nr = other->nr_packed - first->nr;
	struct phyr_index *index;
	int ret;

	ret = phyr_append_rest(phyr, phyr_start_slice(other, 0, first[1].start),
			       gfp);
	if (!ret)
		ret = phyr_pack_plain(phyr, phyr->nr_plain, gfp);
	if (!ret)
		ret = phyr_index_room(phyr, phyr->index->nr +
					    other->index->nr - 1, gfp);
	if (ret)
		return ret;

	phyr_give_back(phyr);
	phyr_drop_spare(other, 0);
	index = phyr->index;
	phyr_take_chunks(index, other->index, pos);
	nr += phyr->nr_packed;
	*phyr = *other;
	phyr->index = index;
	phyr->nr_packed = nr;
	phyr->bytes += pos;
	other->max_plain = 0;
	return 0;
}

static int phyr_join_lists(struct phyr *phyr, struct phyr *other, gfp_t gfp)
{
	struct phyr_before before = phyr_before(phyr);
	int ret;

	if (phyr_nr_chunks(other) > 1)
		ret = phyr_join_chunks(phyr, other, gfp);
	else
		ret = phyr_append_rest(phyr, phyr_start(other), gfp);
	if (ret)
		phyr_undo(phyr, &before);
	else
		phyr_free(other, false);
	return ret;
}

/* @phyr may have memory reserved. */
static void phyr_move(struct phyr *phyr, struct phyr *other)
{
	phyr_free(phyr, false);
	*phyr = *other;
}

/**
 * phyr_join() - Move a list to the end of another
 * @phyr: List to append to, not mapped for any device.
 * @other: List to move, another one and not mapped either.  It is empty
 *	afterwards.
 * @gfp: For the list's own memory, at the junction and for the index.
 *
 * Ranges that meet at the junction merge as if they had been appended.  Pins
 * move along with their ranges.  @other has no memory afterwards, and what
 * phyr_reserve() allocated for @phyr may be given back.
 *
 * All but the start of @other is taken over as it is: the cost is that of copying
 * its index, 40 bytes a chunk.
 *
 * Context: As @gfp allows.
 * Return: 0, or a negative errno with both lists as they were: -EINVAL if they
 * are the same, -ERANGE if the sum is longer than %PHYR_BYTES_MAX, -ENOMEM.
 */
int phyr_join(struct phyr *phyr, struct phyr *other, gfp_t gfp)
{
	u64 nr = phyr_nr_ranges(phyr), bytes = phyr->bytes;
	u64 other_nr = phyr_nr_ranges(other), other_bytes = other->bytes;
	int ret = 0;

	if (phyr == other)
		return -EINVAL;
	if (other->bytes > PHYR_BYTES_MAX - phyr->bytes)
		return -ERANGE;
	if (phyr_empty(other)) {
		phyr_give_back(other);
		return 0;
	}

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
EXPORT_SYMBOL_IF_KUNIT(phyr_join);

/* Would two lists have a part each of a page that is pinned once? */
static bool phyr_splits_pin(const struct phyr *phyr, u64 pos)
{
	struct phyr_range range;

	return !phyr_at(phyr, pos - 1, &range) && range.len > 1 &&
	       range.flags & PHYR_PINNED && offset_in_page(range.phys + 1);
}

/* The ranges are copied, and what they were copied from is dropped. */
static int phyr_split_lists(struct phyr *phyr, u64 pos, struct phyr *rest,
			    gfp_t gfp)
{
	struct phyr_before before = phyr_before(rest);
	int ret;

	ret = phyr_append_rest(rest, phyr_start_slice(phyr, pos,
						      phyr->bytes - pos), gfp);
	if (ret) {
		phyr_undo(rest, &before);
		return ret;
	}
	phyr_cut(phyr, pos, gfpflags_allow_blocking(gfp));
	phyr_give_back(phyr);
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
	u64 nr = phyr_nr_ranges(phyr), bytes = phyr->bytes;
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
EXPORT_SYMBOL_IF_KUNIT(phyr_split);
