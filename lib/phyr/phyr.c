// SPDX-License-Identifier: GPL-2.0-only
/*
 * Physical-range list: the container.
 *
 * The newest ranges of a list are plain: an array of addresses and lengths, or
 * the head itself for a single one.  When there are too many, or one of another
 * kind comes, they are packed: written to the end of a chunk, where they stay as
 * they are.  Neighbours merge while the older one is the newest of the list.
 */

#include <kunit/visibility.h>
#include <linux/export.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include "internal.h"
#include "pack.h"

/* An array of plain ranges has room for as many at least. */
#define PHYR_PLAIN_MIN		4

/* What an array of @nr plain ranges takes. */
static size_t phyr_plain_bytes(unsigned int nr)
{
	size_t bytes = array_size(nr, sizeof(struct phyr_plain));

	return nr ? kmalloc_size_roundup(bytes) : 0;
}

static int phyr_resize_plain(struct phyr *phyr, unsigned int max, gfp_t gfp)
{
	size_t bytes = phyr_plain_bytes(max);
	struct phyr_plain *plain = kmalloc(bytes, gfp);

	if (!plain)
		return -ENOMEM;
	if (phyr->plain) {
		memcpy(plain, phyr->plain,
		       array_size(phyr->nr_plain, sizeof(*plain)));
		kfree(phyr->plain);
	} else {
		*plain = phyr->one;
	}
	if (IS_ENABLED(CONFIG_PHYR_DEBUGFS))
		phyr_account_memory(bytes - phyr_plain_bytes(phyr->max_plain));
	phyr->plain = plain;
	phyr->max_plain = min(bytes / sizeof(*plain), PHYR_PLAIN_MAX);
	return 0;
}

/* Have room for @nr more plain ranges, if there may be so many. */
static int phyr_grow_plain(struct phyr *phyr, size_t nr, gfp_t gfp)
{
	unsigned int max = max3(phyr->nr_plain + nr, 2 * phyr->max_plain,
				PHYR_PLAIN_MIN);

	return phyr_resize_plain(phyr, min(max, PHYR_PLAIN_MAX), gfp);
}

void phyr_free_plain(struct phyr *phyr)
{
	if (!phyr->plain)
		return;
	if (IS_ENABLED(CONFIG_PHYR_DEBUGFS))
		phyr_account_memory(-(ssize_t)phyr_plain_bytes(phyr->max_plain));
	kfree(phyr->plain);
	phyr->plain = NULL;
	phyr->max_plain = 0;
}

/* Add the plain ranges to what is known of those in chunks. */
struct phyr_summary phyr_summary(const struct phyr *phyr)
{
	const struct phyr_plain *plain = phyr_plain_ranges(phyr);
	const struct phyr_index *index = phyr->index;
	struct phyr_summary sum = { .lowest = PHYS_ADDR_MAX };
	bool first = !phyr_packed_bytes(phyr);

	if (!first) {
		sum.seams = index->seams;
		sum.lowest = index->lowest;
		sum.highest = index->highest;
	}
	for (unsigned int left = phyr->nr_plain; left--; plain++) {
		if (!first)
			sum.seams |= plain->phys;
		if (left)
			sum.seams |= (u64)plain->phys + plain->len;
		sum.lowest = min(sum.lowest, plain->phys);
		sum.highest = max(sum.highest,
				  plain->phys + (plain->len - 1));
		first = false;
	}
	return sum;
}
EXPORT_SYMBOL_IF_KUNIT(phyr_summary);

/*
 * Short runs are told apart by their distance from a base.  Let them be
 * anywhere in twice the span that the list has had so far, and use the bits
 * that this leaves for longer runs.
 */
static void phyr_open_chunk(const struct phyr *phyr, struct phyr_chunk *chunk)
{
	struct phyr_summary sum = phyr_summary(phyr);
	u64 lowest = (u64)sum.lowest >> PAGE_SHIFT;
	u64 span = ((u64)sum.highest >> PAGE_SHIFT) - lowest;
	unsigned int bits = clamp(fls64(span) + 1, PHYR_DISTANCE_MIN,
				  PHYR_DISTANCE_MAX);
	u64 middle = lowest + span / 2;
	u64 base = middle - min(middle, BIT_ULL(bits - 1));

	phyr_write_u64(chunk->words, PFN_PHYS(base));
	chunk->distance = BIT_ULL(bits + 1) - 2;
	chunk->shift = bits + 1;
	chunk->single = true;
	chunk->kinds = false;
}

/*
 * Have the last chunk know what ranges of the list's kind are told by.  False if
 * it is too full for that.
 */
static bool phyr_set_kind_in_chunk(const struct phyr *phyr)
{
	struct phyr_index *index = phyr->index;
	struct phyr_chunk *tail = phyr_tail(index);
	bool empty = phyr_chunk_is_empty(tail);

	if (index->room - tail->nr < PHYR_KIND_WORDS + PHYR_RANGE_WORDS)
		return false;
	if (empty)
		phyr_open_chunk(phyr, tail);
	if (phyr->kind != (empty ? 0 : index->kind)) {
		tail->nr += phyr_write_kind(tail->words + tail->nr, phyr->kind);
		if (!empty) {
			tail->single = false;
			tail->kinds = true;
		}
	}
	phyr_note_kind(index, phyr->kind);
	return true;
}

/* Write ranges to the last chunk until that is full; returns how many. */
static unsigned int phyr_pack_some(const struct phyr *phyr,
				   const struct phyr_plain *plain,
				   unsigned int nr)
{
	struct phyr_index *index = phyr->index;
	struct phyr_chunk *tail = phyr_tail(index);
	struct phyr_packer packer;
	unsigned int i, words;
	u32 *word, *last;

	if ((phyr_chunk_is_empty(tail) || phyr->kind != index->kind) &&
	    !phyr_set_kind_in_chunk(phyr))
		return 0;

	packer = phyr_packer(tail);
	word = tail->words + tail->nr;
	last = tail->words + index->room - PHYR_RANGE_WORDS;
	for (i = 0; i < nr && word <= last; i++) {
		const struct phyr_plain *range = &plain[i];

		phyr_set_mark(tail, word - tail->words,
			      index->bytes - tail->start);
		words = phyr_write_range(&packer, word, range->phys,
					 range->len);
		word += words;
		if (words != 1 || range->len != PAGE_SIZE)
			tail->single = false;
		phyr_note(index, range->phys, range->len);
	}
	tail->nr = word - tail->words;
	return i;
}

/* The first @nr plain ranges are in chunks. */
static void phyr_drop_packed(struct phyr *phyr, unsigned int nr)
{
	struct phyr_plain *plain = phyr_plain_ranges(phyr);

	phyr->nr_plain -= nr;
	memmove(plain, plain + nr, array_size(phyr->nr_plain, sizeof(*plain)));
}

/* How many words are @nr ranges like the newest likely to take? */
static size_t phyr_guess_words(const struct phyr *phyr, size_t nr)
{
	const struct phyr_plain *newest = phyr_newest(phyr);

	return phyr_page_offset(newest->phys | newest->len) ? 3 * nr : nr;
}

/* Pack all plain ranges, after which @more come at once. */
static int phyr_pack_hint(struct phyr *phyr, size_t more, gfp_t gfp)
{
	struct phyr_plain *plain = phyr_plain_ranges(phyr);
	unsigned int nr = phyr->nr_plain, done = 0;
	int ret = 0;

	if (nr && !phyr->index)
		ret = phyr_index_create(phyr, phyr_guess_words(phyr, nr + more),
					gfp);

	while (nr && !ret) {
		done += phyr_pack_some(phyr, plain + done, nr - done);
		if (done == nr)
			break;
		ret = phyr_more_room(phyr, gfp);
	}
	phyr_drop_packed(phyr, done);
	return ret;
}

int phyr_pack(struct phyr *phyr, gfp_t gfp)
{
	return phyr_pack_hint(phyr, 0, gfp);
}

/*
 * Have room for one more plain range of the kind.  Where @nr come at a time that
 * are more than may be plain, they aren't to be plain at all.
 */
static noinline int phyr_make_room(struct phyr *phyr, unsigned long kind,
				   size_t nr, gfp_t gfp)
{
	if (phyr->kind == kind && nr <= PHYR_PLAIN_MAX &&
	    phyr->max_plain < PHYR_PLAIN_MAX && (phyr->plain || !phyr->index))
		return phyr_grow_plain(phyr, nr, gfp);
	return phyr_pack_hint(phyr, nr, gfp);
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
static __always_inline bool phyr_merges(const struct phyr *phyr,
					const struct phyr_plain *newest,
					phys_addr_t phys, u64 len,
					unsigned long kind)
{
	return (u64)newest->phys + newest->len == phys && phys &&
	       phyr->kind == kind && len <= PHYR_RANGE_MAX - newest->len &&
	       !(kind & PHYR_PINNED && phyr_page_offset(phys));
}

/* Append a range that is all right, one of @nr that come at a time. */
static __always_inline int phyr_push(struct phyr *phyr, phys_addr_t phys,
				     u64 len, unsigned long kind, size_t nr,
				     gfp_t gfp)
{
	struct phyr_plain *newest = phyr_plain_ranges(phyr);
	int ret;

	if (phyr->nr) {
		newest += phyr->nr_plain - 1;
		if (phyr_merges(phyr, newest, phys, len, kind)) {
			newest->len += len;
			phyr->bytes += len;
			return 0;
		}
		if (phyr->kind != kind || phyr->nr_plain >= phyr->max_plain ||
		    (nr > PHYR_PLAIN_MAX && phyr->index)) {
			ret = phyr_make_room(phyr, kind, nr, gfp);
			if (ret)
				return ret;
			newest = phyr_plain_ranges(phyr) + phyr->nr_plain - 1;
		}
		newest++;
	}

	newest->phys = phys;
	newest->len = len;
	phyr->kind = kind;
	phyr->nr_plain++;
	phyr->nr++;
	phyr->bytes += len;
	return 0;
}

int phyr_append_checked(struct phyr *phyr, const struct phyr_range *range,
			gfp_t gfp)
{
	return phyr_push(phyr, range->phys, range->len, phyr_kind(range), 1,
			 gfp);
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
 * starts; else memory may be needed, unless phyr_reserve() allocated it.
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

struct phyr_before phyr_before(const struct phyr *phyr)
{
	return (struct phyr_before) {
		.nr = phyr->nr,
		.bytes = phyr->bytes,
		.plain = phyr->plain,
		.chunks = phyr->index ? phyr->index->nr + phyr->index->spare : 0,
	};
}

/* The only plain range that there is, if any, is in the head. */
static void phyr_drop_plain(struct phyr *phyr)
{
	if (phyr->nr_plain)
		phyr->one = *phyr_plain_ranges(phyr);
	phyr_free_plain(phyr);
}

/* Free chunks, and an index, that no range is in. */
static void phyr_give_back_chunks(struct phyr *phyr)
{
	struct phyr_index *index = phyr->index;

	if (!index)
		return;
	if (index->bytes) {
		phyr_free_chunks(index, index->nr);
	} else {
		phyr_index_free(index, false);
		phyr->index = NULL;
	}
}

/*
 * Undo all appends since @before; chunks that were reserved then stay so.  A list
 * that had no memory has none again: its owner may well forget it.
 */
void phyr_undo(struct phyr *phyr, const struct phyr_before *before)
{
	phyr_cut(phyr, before->bytes);
	if (!before->plain)
		phyr_drop_plain(phyr);
	if (before->chunks)
		phyr_free_chunks(phyr->index,
				 max(before->chunks, phyr->index->nr));
	else
		phyr_give_back_chunks(phyr);
}

/*
 * Is all that would be packed next one range, in a chunk that has others of that
 * kind?  Then those after it can be packed without being plain before.
 */
static bool phyr_can_pack_on(const struct phyr *phyr)
{
	const struct phyr_index *index = phyr->index;

	return index && index->bytes && phyr->nr_plain == 1 &&
	       phyr->kind == index->kind &&
	       !phyr_chunk_is_empty(phyr_tail(index));
}

/* Where the stretch ends that @word is in: a mark may have to be set there. */
static u32 *phyr_stretch_end(const struct phyr_chunk *chunk, const u32 *word)
{
	return chunk->words + round_up(word - chunk->words + 1, PHYR_STRETCH);
}

/* Longer ranges, and lists, have to be looked at more closely. */
#define PHYR_FAST_LEN		BIT_ULL(PHYR_GENERAL_LOW_BITS)
#define PHYR_FAST_BYTES		BIT_ULL(61)
#define PHYR_FAST_NR		BIT(30)

/* Is that a range that phyr_append_range() would take, and not at @after? */
static __always_inline bool phyr_is_fast(phys_addr_t phys, u64 len, u64 after)
{
	return len - 1 < PHYR_FAST_LEN - 1 && phys != after &&
	       phys <= PHYS_ADDR_MAX - PHYR_FAST_LEN;
}

/* Append ranges to the plain ones for as long as that is simple; returns how many. */
static size_t phyr_push_vecs(struct phyr *phyr, const struct phys_vec *vec,
			     size_t nr)
{
	struct phyr_plain *plain = phyr_newest(phyr);
	u64 after = (u64)plain->phys + plain->len, bytes = 0;
	size_t i;

	for (i = 0; i < nr && phyr->nr_plain + i < phyr->max_plain; i++) {
		phys_addr_t phys = vec[i].paddr;
		u64 len = vec[i].len;

		if (!phyr_is_fast(phys, len, after))
			break;
		plain++;
		plain->phys = phys;
		plain->len = len;
		after = (u64)phys + len;
		bytes += len;
	}
	phyr->nr_plain += i;
	phyr->nr += i;
	phyr->bytes += bytes;
	return i;
}

/* What is in registers while ranges are packed that weren't plain before. */
struct phyr_packing {
	phys_addr_t	phys;	/* the newest range */
	u64		len;
	phys_addr_t	lowest;
	phys_addr_t	highest;
	u64		seams;
	u64		bytes;	/* of all that were appended */
	u32		*word;
};

static __always_inline struct phyr_packing phyr_packing_start(struct phyr *phyr)
{
	const struct phyr_plain *newest = phyr_plain_ranges(phyr);
	const struct phyr_index *index = phyr->index;
	const struct phyr_chunk *tail = phyr_tail(index);

	return (struct phyr_packing) {
		.phys = newest->phys,
		.len = newest->len,
		.lowest = index->lowest,
		.highest = index->highest,
		.seams = index->seams,
		.word = tail->words + tail->nr,
	};
}

/* The newest range was written, and @next came after it. */
static __always_inline void phyr_packing_on(struct phyr_packing *st,
					    phys_addr_t next, u64 len)
{
	st->seams |= st->phys | st->len;
	st->lowest = min(st->lowest, st->phys);
	st->highest = max(st->highest, st->phys + (phys_addr_t)(st->len - 1));
	st->bytes += len;
	st->phys = next;
	st->len = len;
}

/* Set the mark that is due where the newest range is about to be written. */
static void phyr_packing_mark(const struct phyr *phyr,
			      const struct phyr_packing *st)
{
	const struct phyr_index *index = phyr->index;
	const struct phyr_chunk *tail = phyr_tail(index);

	phyr_set_mark(tail, st->word - tail->words,
		      phyr->bytes + st->bytes - st->len - tail->start);
}

static __always_inline void phyr_packing_stop(struct phyr *phyr,
					      const struct phyr_packing *st,
					      size_t nr)
{
	struct phyr_plain *newest = phyr_plain_ranges(phyr);
	struct phyr_index *index = phyr->index;
	struct phyr_chunk *tail = phyr_tail(index);

	newest->phys = st->phys;
	newest->len = st->len;
	phyr->nr += nr;
	phyr->bytes += st->bytes;
	index->bytes = phyr->bytes - st->len;
	index->lowest = st->lowest;
	index->highest = st->highest;
	index->seams = st->seams;
	tail->nr = st->word - tail->words;
}

/*
 * Append ranges to the last chunk for as long as those written are whole pages, or
 * for as long as none is; returns how many.
 */
static __always_inline size_t phyr_pack_vecs(struct phyr *phyr,
					     const struct phys_vec *vec,
					     size_t nr, bool whole)
{
	struct phyr_chunk *tail = phyr_tail(phyr->index);
	const struct phyr_packer packer = phyr_packer(tail);
	u32 *last = tail->words + phyr->index->room - PHYR_RANGE_WORDS, *end;
	const struct phys_vec *start = vec, *stop = vec + nr;
	struct phyr_packing st = phyr_packing_start(phyr);

	while (vec != stop && st.word <= last) {
		phyr_packing_mark(phyr, &st);
		end = min(last + 1, phyr_stretch_end(tail, st.word));
		for (; st.word < end && vec != stop; vec++) {
			phys_addr_t next = vec->paddr;
			u64 len = vec->len;
			unsigned int words;

			if (!phyr_is_fast(next, len, (u64)st.phys + st.len) ||
			    !phyr_page_offset(st.phys | st.len) != whole)
				goto out;
			words = whole ?
				phyr_write_pages(&packer, st.word, st.phys,
						 st.len) :
				phyr_write_odd(st.word, st.phys, st.len);
			if (whole && !words)
				goto out;
			if (whole && (words != 1 || st.len != PAGE_SIZE))
				tail->single = false;
			st.word += words;
			phyr_packing_on(&st, next, len);
		}
	}
out:
	if (!whole && vec != start)
		tail->single = false;
	phyr_packing_stop(phyr, &st, vec - start);
	return vec - start;
}

static noinline size_t phyr_pack_whole(struct phyr *phyr,
				       const struct phys_vec *vec, size_t nr)
{
	return phyr_pack_vecs(phyr, vec, nr, true);
}

static noinline size_t phyr_pack_odd(struct phyr *phyr,
				     const struct phys_vec *vec, size_t nr)
{
	return phyr_pack_vecs(phyr, vec, nr, false);
}

/* Append the ranges that follow one that was, for as long as that is simple. */
static size_t phyr_append_fast(struct phyr *phyr, const struct phys_vec *vec,
			       size_t nr)
{
	const struct phyr_plain *newest = phyr_newest(phyr);

	if (phyr->bytes >= PHYR_FAST_BYTES || nr >= PHYR_FAST_NR ||
	    newest->len >= PHYR_FAST_LEN)
		return 0;
	if (!phyr_can_pack_on(phyr))
		return phyr_push_vecs(phyr, vec, nr);
	if (phyr_page_offset(newest->phys | newest->len))
		return phyr_pack_odd(phyr, vec, nr);
	return phyr_pack_whole(phyr, vec, nr);
}

static int phyr_append_vecs(struct phyr *phyr, const struct phys_vec *vec,
			    size_t nr, struct phyr_range *range, gfp_t gfp)
{
	while (nr) {
		size_t done = 1;
		int ret;

		range->phys = vec->paddr;
		range->len = vec->len;
		ret = phyr_check(phyr, range);
		if (!ret)
			ret = phyr_push(phyr, range->phys, range->len,
					phyr_kind(range), nr, gfp);
		if (ret)
			return ret;
		if (nr > 1)
			done += phyr_append_fast(phyr, vec + 1, nr - 1);
		vec += done;
		nr -= done;
	}
	return 0;
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
	struct phyr_before before = phyr_before(phyr);
	int ret = phyr_append_vecs(phyr, vec, nr, &range, gfp);

	if (ret)
		phyr_undo(phyr, &before);
	phyr_account(phyr, before.nr, before.bytes);
	return ret;
}
EXPORT_SYMBOL_GPL(phyr_append_phys_vec);

/*
 * Append pages for as long as what is written are single pages near the others:
 * the loop that has to be fastest.  Returns how many.
 */
static noinline size_t phyr_pack_pages(struct phyr *phyr, struct page **pages,
				       size_t nr)
{
	struct phyr_chunk *tail = phyr_tail(phyr->index);
	const struct phyr_packer packer = phyr_packer(tail);
	struct phyr_packing st = phyr_packing_start(phyr);
	phys_addr_t lowest = st.phys, highest = 0, phys = st.phys;
	u32 *start = st.word, *word = start, *last, *end;

	if (!nr || tail->nr == phyr->index->room || st.len != PAGE_SIZE ||
	    phyr_page_offset(phys))
		return 0;
	last = word + min_t(size_t, nr, phyr->index->room - tail->nr);
	do {
		st.word = word;
		st.bytes = (u64)(word - start) << PAGE_SHIFT;
		phyr_packing_mark(phyr, &st);
		end = min(last, phyr_stretch_end(tail, word));
		while (word != end) {
			phys_addr_t next = PFN_PHYS(page_to_pfn(*pages++));
			u64 distance = phys - packer.base;

			if (next == phys + PAGE_SIZE || distance >= packer.span)
				goto stop;
			*word++ = distance >> PHYR_SHORT_SHIFT;
			lowest = min(lowest, phys);
			highest = max(highest, phys);
			phys = next;
		}
	} while (word != last);
stop:
	nr = word - start;
	if (nr) {
		st.word = word;
		st.bytes = (u64)nr << PAGE_SHIFT;
		st.phys = phys;
		st.seams |= PAGE_SIZE;
		st.lowest = min(st.lowest, lowest);
		st.highest = max(st.highest, highest + (PAGE_SIZE - 1));
		phyr_packing_stop(phyr, &st, nr);
	}
	return nr;
}

/* The number of adjacent pages at the start of @pages, at most @max. */
static __always_inline size_t phyr_count_run(struct page **pages, size_t max)
{
	unsigned long pfn = page_to_pfn(pages[0]);
	size_t nr = 1;

	while (nr < max && page_to_pfn(pages[nr]) == pfn + nr)
		nr++;
	return nr;
}

int phyr_append_runs(struct phyr *phyr, struct page **pages,
		     unsigned int offset, u64 size, unsigned int flags,
		     gfp_t gfp)
{
	size_t left = PFN_UP(offset + size);

	if (size > PHYR_BYTES_MAX - phyr->bytes)
		return -ERANGE;

	while (left) {
		size_t run = phyr_count_run(pages, left);
		u64 len = min(size, ((u64)run << PAGE_SHIFT) - offset);
		int ret;

		/* Others are likely to be as long. */
		ret = phyr_push(phyr, PFN_PHYS(page_to_pfn(*pages)) + offset,
				len, flags, left / run, gfp);
		if (ret)
			return ret;
		offset = 0;

		if (left > run && phyr_can_pack_on(phyr)) {
			size_t more = phyr_pack_pages(phyr, pages + run,
							(size - len) >> PAGE_SHIFT);

			run += more;
			len += (u64)more << PAGE_SHIFT;
		}
		pages += run;
		left -= run;
		size -= len;
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
	struct phyr_before before = phyr_before(phyr);
	int ret;

	if (!size || offset >= PAGE_SIZE ||
	    size > ((u64)nr_pages << PAGE_SHIFT) - offset || !nr_pages)
		return -EINVAL;

	ret = phyr_append_runs(phyr, pages, offset, size, 0, gfp);
	if (ret)
		phyr_undo(phyr, &before);
	phyr_account(phyr, before.nr, before.bytes);
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

void phyr_free(struct phyr *phyr, bool may_sleep)
{
	phyr_free_plain(phyr);
	if (phyr->index)
		phyr_index_free(phyr->index, may_sleep);
}

/* As many plain ranges at a time as there can be, and chunks for all others. */
static int phyr_reserve_more(struct phyr *phyr, u64 nr, gfp_t gfp)
{
	int ret = 0;

	if (!phyr->index)
		ret = phyr_index_create(phyr, 0, gfp);
	if (!ret)
		ret = phyr_index_reserve(phyr, nr, gfp);
	if (!ret && phyr->max_plain < PHYR_PLAIN_MAX)
		ret = phyr_resize_plain(phyr, PHYR_PLAIN_MAX, gfp);
	return ret;
}

/**
 * phyr_reserve() - Allocate ahead what the next appends need
 * @phyr: List.
 * @nr: Number of ranges of one kind, at most 2^34.
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
	struct phyr_before before = phyr_before(phyr);
	int ret = 0;

	if (nr > BIT_ULL(34))
		return -EINVAL;

	/* What is plain now may be of another kind. */
	if (!phyr_empty(phyr) ? nr : nr > 1)
		ret = phyr_reserve_more(phyr, phyr->nr_plain + nr, gfp);
	if (ret)
		phyr_undo(phyr, &before);
	return ret;
}
EXPORT_SYMBOL_GPL(phyr_reserve);

/* Free the memory that no range is in, but for the rest of an array. */
void phyr_give_back(struct phyr *phyr)
{
	if (phyr->nr_plain <= 1)
		phyr_drop_plain(phyr);
	phyr_give_back_chunks(phyr);
}

/* Give back the room that plain ranges don't need. */
static void phyr_trim_plain(struct phyr *phyr, gfp_t gfp)
{
	unsigned int max = max(phyr->nr_plain, PHYR_PLAIN_MIN);

	if (phyr_plain_bytes(max) < phyr_plain_bytes(phyr->max_plain))
		phyr_resize_plain(phyr, max, gfp | __GFP_NOWARN);
}

/**
 * phyr_trim() - Give back what a finished list does not use
 * @phyr: List.
 * @gfp: For the list's own memory: trimming copies what is at the end of it to a
 *	place that fits.
 *
 * Does what it can: without memory for the copy the list stays larger.  More
 * can be appended later.
 *
 * Context: As @gfp allows.
 */
void phyr_trim(struct phyr *phyr, gfp_t gfp)
{
	if (phyr_packed_bytes(phyr) && phyr->nr_plain > 1)
		phyr_drop_packed(phyr, phyr_pack_some(phyr, phyr_plain_ranges(phyr),
						      phyr->nr_plain - 1));
	phyr_give_back(phyr);
	if (phyr->plain)
		phyr_trim_plain(phyr, gfp);
	if (phyr->index)
		phyr_index_trim(phyr, gfp);
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
	size_t bytes = phyr_plain_bytes(phyr->max_plain);

	if (phyr->index)
		bytes += phyr_index_memory(phyr->index);
	return bytes;
}
EXPORT_SYMBOL_GPL(phyr_memory_used);
