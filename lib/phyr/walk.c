// SPDX-License-Identifier: GPL-2.0-only
/*
 * Physical-range list: walks and positions.
 */

#include <kunit/visibility.h>
#include <linux/export.h>
#include <linux/unroll.h>

#include "internal.h"

/* The longest piece that a &struct phys_vec can hold, in whole pages. */
#define PHYR_VEC_MAX	(sizeof(size_t) < sizeof(u64) ? \
			 (u64)(SIZE_MAX & PAGE_MASK) : U64_MAX)

/**
 * phyrs_load() - Have something left of the current range
 * @ps: State.
 *
 * Goes to the next range if nothing is left of the current one: then as much of
 * the list as phyrs_piece() could take is in @ps->range.
 *
 * Context: Any.
 * Return: %false at the end of the list or slice.
 */
bool phyrs_load(struct phyr_state *ps)
{
	return ps->range.len || phyrs_next(ps, &ps->range);
}
EXPORT_SYMBOL_GPL(phyrs_load);

/*
 * Read up to @max entries of a chunk, or plain ranges, that are that wide, but none
 * too long for a vector.  Returns how many those were.
 */
static __always_inline unsigned int
phyrs_read_form(struct phyr_state *ps, struct phys_vec *vec, unsigned int max,
		unsigned int form)
{
	const struct phyr_chunk *chunk = ps->chunk;
	const void *at = ps->at;
	u64 bytes = 0;
	unsigned int i;

	max = min_t(unsigned int, max, ps->left);
	for (i = 0; i < max; i++) {
		phys_addr_t phys;
		const void *next;
		u64 len;

		next = phyr_unpack(chunk, form, at, &phys, &len);
		if (len > PHYR_VEC_MAX)
			break;
		vec[i].paddr = phys;
		vec[i].len = len;
		bytes += len;
		at = next;
	}
	ps->at = at;
	ps->left -= i;
	ps->pos += bytes;
	return i;
}

static unsigned int phyrs_read_uniform(struct phyr_state *ps,
				       struct phys_vec *vec, unsigned int max)
{
	unsigned int nr = min_t(unsigned int, max, ps->left);
	unsigned int shift = ps->chunk->form - 1;
	u64 len = 2ULL << shift, base = ps->chunk->base - len / 2;
	const u32 *entry = ps->at;

	for (unsigned int i = 0; i < nr; i++) {
		/* The distance comes after one bit, of a length that is 1. */
		vec[i].paddr = base + ((u64)entry[i] << shift);
		vec[i].len = len;
	}
	ps->at = entry + nr;
	ps->left -= nr;
	ps->pos += nr * len;
	return nr;
}

/* What is to be read next, as long as that is in one chunk, or plain. */
static unsigned int phyrs_read_vecs(struct phyr_state *ps,
				    struct phys_vec *vec, unsigned int max)
{
	unsigned int form = ps->chunk ? ps->chunk->form : PHYR_FORM_PLAIN;

	/* Loops that know which of them they are for. */
	if (form & PHYR_FORM_PLAIN)
		return phyrs_read_form(ps, vec, max, PHYR_FORM_PLAIN);
	if (form & PHYR_FORM_WIDE)
		return phyrs_read_form(ps, vec, max, form | PHYR_FORM_WIDE);
	if (phyr_is_uniform(ps->chunk) && form)
		return phyrs_read_uniform(ps, vec, max);
	return phyrs_read_form(ps, vec, max, form & PHYR_FORM_UNIT);
}

/* Take back what is behind the end of the walk. */
static unsigned int phyrs_cut_vecs(struct phyr_state *ps, struct phys_vec *vec,
				   unsigned int nr)
{
	while (ps->pos - vec[nr - 1].len >= ps->stop)
		ps->pos -= vec[--nr].len;
	if (ps->pos > ps->stop)
		vec[nr - 1].len -= ps->pos - ps->stop;
	ps->pos = ps->stop;
	return nr;
}

/**
 * phyrs_next_vecs() - Go over the next ranges, several at a time
 * @ps: State.
 * @vec: Array to fill.
 * @max: Its length, not zero.
 *
 * The ranges are of one kind, which is in @ps->range.  A range too long for
 * &phys_vec.len comes in pieces, of which all but the last end with a page.
 *
 * Context: Any.
 * Return: How many elements of @vec were set: often less than @max, but zero
 * only at the end of the list or slice.
 */
unsigned int phyrs_next_vecs(struct phyr_state *ps, struct phys_vec *vec,
			     unsigned int max)
{
	unsigned int nr = 0;

	if (!ps->range.len && ps->pos != ps->stop) {
		phyr_set_kind(&ps->range, ps->kind);
		nr = phyrs_read_vecs(ps, vec, max);
	}
	if (nr)
		return ps->pos > ps->stop ? phyrs_cut_vecs(ps, vec, nr) : nr;

	if (!phyrs_load(ps))
		return 0;
	vec->len = phyrs_piece(ps, PHYR_VEC_MAX -
				   offset_in_page(ps->range.phys),
			       &vec->paddr);
	return 1;
}
EXPORT_SYMBOL_GPL(phyrs_next_vecs);

unsigned int phyr_skip_by_length(const struct phyr_chunk *chunk,
				 const void **at, u64 *left)
{
	const void *next = *at;
	phys_addr_t phys;
	unsigned int nr;
	u64 len;

	for (nr = 0;; nr++) {
		*at = next;
		next = phyr_unpack(chunk, chunk->form, next, &phys, &len);
		if (*left < len)
			return nr;
		*left -= len;
	}
}

/* The chunk that holds the byte at @pos, if all but the first are equally long. */
static const struct phyr_chunk *
phyr_count_chunks(const struct phyr_index *index, u64 pos)
{
	const struct phyr_chunk *last = &index->chunks[index->nr - 1];
	const struct phyr_chunk *mid = &index->chunks[index->nr / 2];
	u64 len = last[0].start - last[-1].start;
	u64 back = (last->start - pos - 1) >> __ffs64(len);

	if (mid[0].start - mid[-1].start != len || len & (len - 1) ||
	    back >= index->nr - 1)
		return NULL;
	last -= back + 1;
	return last[0].start <= pos && pos < last[1].start ? last : NULL;
}

/* The chunk that holds the byte at @pos, which is before the plain ranges. */
const struct phyr_chunk *phyr_find_chunk(const struct phyr_index *index, u64 pos)
{
	/* What 32 bits are enough for is divided fast everywhere. */
	int shift = max(fls64(index->bytes) - 16, 0);
	const struct phyr_chunk *chunk = index->chunks, *found;
	u32 nr = index->nr, next = 0, from, to;

	if (nr > 7 && nr < SZ_64K) {
		found = phyr_count_chunks(index, pos);
		if (found)
			return found;
		/* It is near where it would be if all were equally long, or anywhere. */
		to = (u32)(pos >> shift) * nr / (u32)(index->bytes >> shift);
		to = min(to + 2, nr - 1);
		from = max(to, 4) - 4;
		if (chunk[from].start <= pos && pos < chunk[to].start) {
			chunk += from;
			nr = to - from;
		}
	}

	/* Of @nr chunks from @chunk on, one holds it: look at three at a time. */
	while (nr > 7) {
		const struct phyr_chunk *first = chunk;
		u32 part = nr / 4;

		unrolled_count(3)
		for (u32 i = 1; i < 4; i++) {
			if (first[i * part].start <= pos)
				chunk = first + i * part;
		}
		nr -= 3 * part;
	}
	for (u32 i = 1; i < nr; i++)
		next += chunk[i].start <= pos;
	return chunk + next;
}

/* Is the byte at @pos in the chunk that is being read, and not read yet? */
static bool phyrs_is_ahead(const struct phyr_state *ps, u64 pos)
{
	const struct phyr_index *index = ps->phyr->index;
	u64 end = index->bytes;

	if (!ps->chunk || pos < ps->pos)
		return false;
	if (ps->chunk + 1 < index->chunks + index->nr)
		end = ps->chunk[1].start;
	return pos < end;
}

static void phyrs_seek_packed(struct phyr_state *ps, u64 pos)
{
	u64 left;

	if (!phyrs_is_ahead(ps, pos)) {
		phyrs_enter(ps, phyr_find_chunk(ps->phyr->index, pos));
		ps->pos = ps->chunk->start;
	}
	left = pos - ps->pos;
	ps->left -= phyr_skip_entries(ps->chunk, &ps->at, &left);
	ps->pos = pos - left;
}

static void phyrs_seek_plain(struct phyr_state *ps, u64 pos)
{
	const struct phyr_plain *first = phyr_plain_ranges(ps->phyr), *plain;
	u64 left = pos - phyr_packed_bytes(ps->phyr);

	phyrs_enter_plain(ps);
	plain = phyr_find_plain(ps->phyr, &left);
	ps->at = plain;
	ps->left -= plain - first;
	ps->pos = pos - left;
}

/**
 * phyrs_seek() - Go to a position
 * @ps: State.
 * @pos: Position in the list, in bytes.
 *
 * The next range that @ps yields is the rest of the one that @pos is in.  Where
 * that is in @ps->range nothing is searched for, and little where it is after that
 * in the same chunk; else it takes O(log n).  What phyrs_slice() has limited stays so.
 *
 * Context: Any.
 * Return: 0, or -ERANGE with @ps as it was if @pos is not before the end of the
 * list or slice.
 */
int phyrs_seek(struct phyr_state *ps, u64 pos)
{
	u64 skip = pos - phyrs_tell(ps);

	if (pos >= min(ps->stop, ps->phyr->bytes))
		return -ERANGE;

	if (skip >= ps->range.len) {
		ps->range.len = 0;
		if (pos < phyr_packed_bytes(ps->phyr))
			phyrs_seek_packed(ps, pos);
		else
			phyrs_seek_plain(ps, pos);
		skip = pos - ps->pos;
		phyrs_load(ps);
	}
	ps->range.phys += skip;
	ps->range.len -= skip;
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
	u64 bytes = ps->phyr->bytes;

	if (!len || pos >= bytes || len > bytes - pos)
		return -ERANGE;

	/* Where an old slice ended may be before or inside of what was read last. */
	ps->chunk = NULL;
	ps->range.len = 0;
	ps->stop = pos + len;
	return phyrs_seek(ps, pos);
}
EXPORT_SYMBOL_IF_KUNIT(phyrs_slice);

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
		ps.stop = 0;
	return ps;
}
EXPORT_SYMBOL_GPL(phyr_start_slice);

/* phyr_at() of a list with an index. */
int phyr_look_up(const struct phyr *phyr, u64 pos, struct phyr_range *range)
{
	const struct phyr_chunk *chunk;
	const void *at;
	u64 left;

	if (pos >= phyr->bytes)
		return -ERANGE;
	if (pos >= phyr->index->bytes) {
		phyr_at_plain(phyr, pos - phyr->index->bytes, range);
		return 0;
	}

	chunk = phyr_find_chunk(phyr->index, pos);
	left = pos - chunk->start;
	at = chunk->entries;
	phyr_skip_entries(chunk, &at, &left);
	phyr_unpack(chunk, chunk->form, at, &range->phys, &range->len);
	range->phys += left;
	range->len -= left;
	phyr_set_kind(range, chunk->kind);
	return 0;
}
EXPORT_SYMBOL_GPL(phyr_look_up);
