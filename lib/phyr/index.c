// SPDX-License-Identifier: GPL-2.0-only
/*
 * Physical-range list: chunks of packed ranges, and the index of a list, which
 * holds them.
 */

#include <linux/bitops.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/unroll.h>
#include <linux/vmalloc.h>

#include "internal.h"

/* An index has room for as many chunks at least: then it takes 128 bytes. */
#define PHYR_INDEX_MIN		2

/* A larger one is put together from pages: kmalloc() would round it up by much. */
#define PHYR_INDEX_KMALLOC	(2 * PAGE_SIZE)

/* --- memory --- */

static size_t phyr_index_bytes(const struct phyr_index *index)
{
	if (is_vmalloc_addr(index))
		return PAGE_ALIGN(struct_size(index, chunks, index->max));
	return ksize(index);
}

size_t phyr_index_memory(const struct phyr_index *index)
{
	size_t bytes = phyr_index_bytes(index);

	for (u32 i = 0; i < index->nr + index->spare; i++)
		bytes += ksize(index->chunks[i].entries);
	return bytes;
}

/* Those who must not sleep free what vmalloc() gave to others, too. */
static void phyr_index_release(struct phyr_index *index)
{
	if (IS_ENABLED(CONFIG_PHYR_DEBUGFS))
		phyr_account_memory(-(ssize_t)phyr_index_bytes(index));
	kvfree_atomic(index);
}

static struct phyr_index *phyr_alloc_index(u32 max, gfp_t gfp)
{
	struct phyr_index *index;
	size_t bytes = struct_size(index, chunks, max);

	if (bytes > PHYR_INDEX_KMALLOC && gfpflags_allow_blocking(gfp))
		index = __vmalloc(bytes, gfp);
	else
		index = kmalloc(bytes, gfp | __GFP_NOWARN);
	if (!index)
		return NULL;

	index->max = max;
	if (IS_ENABLED(CONFIG_PHYR_DEBUGFS))
		phyr_account_memory(phyr_index_bytes(index));
	return index;
}

/* Have an index that has room for @max chunks, and as it was for the rest. */
static int phyr_index_resize(struct phyr *phyr, u32 max, gfp_t gfp)
{
	struct phyr_index *index = phyr_alloc_index(max, gfp);
	struct phyr_index *before = phyr->index;

	if (!index)
		return -ENOMEM;
	phyr->index = index;
	if (!before) {
		*index = (struct phyr_index) { .max = max };
		phyr_index_forget(index);
		index->chunks[0] = (struct phyr_chunk){ };
		return 0;
	}

	/* A first chunk without ranges may be looked at. */
	memcpy(index, before,
	       struct_size(index, chunks, max(before->nr + before->spare, 1)));
	index->max = max;
	phyr_index_release(before);
	return 0;
}

int phyr_index_room(struct phyr *phyr, u32 nr, gfp_t gfp)
{
	u32 max = phyr->index ? phyr->index->max : 0;

	if (nr <= max)
		return 0;
	return phyr_index_resize(phyr, max3(nr, 2 * max, PHYR_INDEX_MIN), gfp);
}

/* Have memory for one chunk more. */
static int phyr_add_spare(struct phyr *phyr, u32 nr, gfp_t gfp)
{
	void *entries;

	if (phyr_index_room(phyr, nr + 1, gfp))
		return -ENOMEM;
	entries = phyr_alloc(PHYR_CHUNK_BYTES, gfp);
	if (!entries)
		return -ENOMEM;
	phyr->index->chunks[nr].entries = entries;
	phyr->index->spare++;
	return 0;
}

int phyr_index_reserve(struct phyr *phyr, u32 nr, gfp_t gfp)
{
	u32 used = phyr_nr_chunks(phyr);
	u32 next = used + phyr_nr_spare(phyr);

	for (; next < used + nr; next++) {
		if (phyr_add_spare(phyr, next, gfp))
			return -ENOMEM;
		if (gfpflags_allow_blocking(gfp))
			cond_resched();
	}
	return 0;
}

void phyr_drop_spare(struct phyr *phyr, u32 keep)
{
	struct phyr_index *index = phyr->index;

	if (!index)
		return;
	while (index->spare > keep)
		phyr_release(index->chunks[index->nr + --index->spare].entries);
	if (index->nr || index->spare)
		return;
	phyr_index_release(index);
	phyr->index = NULL;
}

/* Have one chunk less.  Its memory is spare if it is enough for any other. */
static void phyr_drop_chunk(struct phyr_index *index)
{
	void *entries = index->chunks[--index->nr].entries;

	if (ksize(entries) >= PHYR_CHUNK_BYTES) {
		index->spare++;
		return;
	}
	phyr_release(entries);
	index->chunks[index->nr].entries =
		index->chunks[index->nr + index->spare].entries;
}

void phyr_index_cut(struct phyr_index *index, u32 nr)
{
	while (index->nr > nr)
		phyr_drop_chunk(index);
	if (!nr)
		index->chunks[0].nr = 0;
}

void phyr_index_free(struct phyr_index *index, bool may_sleep)
{
	for (u32 i = 0; i < index->nr + index->spare; i++) {
		phyr_release(index->chunks[i].entries);
		if (may_sleep)
			cond_resched();
	}
	phyr_index_release(index);
}

static void phyr_chunk_trim(struct phyr_chunk *chunk, gfp_t gfp)
{
	size_t bytes = chunk->nr * phyr_width(chunk);
	size_t fits = kmalloc_size_roundup(bytes);
	void *entries;

	if (fits >= ksize(chunk->entries))
		return;
	entries = phyr_alloc(fits, gfp);
	if (!entries)
		return;
	memcpy(entries, chunk->entries, bytes);
	phyr_release(chunk->entries);
	chunk->entries = entries;
}

void phyr_index_trim(struct phyr *phyr, gfp_t gfp)
{
	struct phyr_index *index = phyr->index;

	for (u32 i = 0; i < index->nr; i++) {
		phyr_chunk_trim(&index->chunks[i], gfp);
		if (gfpflags_allow_blocking(gfp))
			cond_resched();
	}
	if (index->nr < index->max && index->max > PHYR_INDEX_MIN)
		phyr_index_resize(phyr, max(index->nr, PHYR_INDEX_MIN), gfp);
}

/* --- what is known of all ranges in chunks --- */

void phyr_index_forget(struct phyr_index *index)
{
	index->bytes = 0;
	index->sum = (struct phyr_summary) { .lowest = PHYS_ADDR_MAX };
	index->flags = 0;
	index->mixed = false;
}

void phyr_index_note(struct phyr_index *index, const struct phyr_summary *sum,
		     unsigned long kind, u64 bytes)
{
	index->mixed |= index->bytes && kind != index->chunks[0].kind;
	index->flags |= kind & (PHYR_MMIO | PHYR_PINNED);
	phyr_merge_summary(&index->sum, sum);
	index->bytes += bytes;
}

struct phyr_extent phyr_add_up(const struct phyr_plain *plain, unsigned int nr,
			       bool first)
{
	const struct phyr_plain *end = plain + nr;
	struct phyr_extent all = {
		.sum.lowest = plain->phys,
		.sum.highest = plain->phys + (plain->len - 1),
		.sum.seams = first ? (u64)plain->phys + plain->len :
				     plain->phys | plain->len,
		.bits = plain->phys,
		.lens = plain->len,
	};
	u64 addrs = 0, lens = 0;

	unrolled_count(4)
	while (++plain != end) {
		phys_addr_t phys = plain->phys;

		addrs |= phys;
		lens |= plain->len;
		all.sum.lowest = min(all.sum.lowest, phys);
		all.sum.highest = max(all.sum.highest, phys + (plain->len - 1));
	}
	all.sum.seams |= addrs | lens;
	all.lens |= lens;
	all.bits |= addrs | all.lens;
	return all;
}

/* --- packing --- */

/* The chunk that is to be made of those ranges, but for where it is. */
static struct phyr_chunk phyr_plan_chunk(const struct phyr_extent *all)
{
	unsigned int unit = __ffs64(all->bits);
	u64 span = all->sum.highest - all->sum.lowest;
	unsigned int len = fls64(all->lens >> unit);
	unsigned int bits = len + fls64(span >> unit);
	bool plain = len + unit > 32 || bits + unit > 64;

	return (struct phyr_chunk) {
		.base = all->sum.lowest,
		.mask = (BIT_ULL(len) - 1) << unit,
		.form = plain ? PHYR_FORM_PLAIN :
			unit | (bits > 32 ? PHYR_FORM_WIDE : 0),
		.shift = len,
	};
}

/* Both are a whole number of units. */
static __always_inline u64 phyr_entry(const struct phyr_plain *plain, u64 base,
				      unsigned int shift, unsigned int unit)
{
	return ((plain->phys - base) << shift | plain->len) >> unit;
}

static void phyr_write_chunk(const struct phyr_chunk *chunk,
			     const struct phyr_plain *plain)
{
	unsigned int unit = chunk->form & PHYR_FORM_UNIT, shift = chunk->shift;
	unsigned int nr = chunk->nr;
	u64 base = chunk->base;

	if (chunk->form & PHYR_FORM_PLAIN) {
		memcpy(chunk->entries, plain, nr * sizeof(*plain));
	} else if (chunk->form & PHYR_FORM_WIDE) {
		u64 *entry = chunk->entries;

		unrolled_count(4)
		for (unsigned int i = 0; i < nr; i++)
			entry[i] = phyr_entry(&plain[i], base, shift, unit);
	} else {
		u32 *entry = chunk->entries;

		unrolled_count(4)
		for (unsigned int i = 0; i < nr; i++)
			entry[i] = phyr_entry(&plain[i], base, shift, unit);
	}
}

/* Have a chunk like @chunk next, with memory for that many bytes of entries. */
static struct phyr_chunk *phyr_add_chunk(struct phyr *phyr,
					 struct phyr_chunk chunk, size_t bytes,
					 gfp_t gfp)
{
	struct phyr_index *index;

	if (phyr_index_room(phyr, phyr_nr_chunks(phyr) + 1, gfp))
		return NULL;
	index = phyr->index;
	chunk.entries = index->spare ? index->chunks[index->nr].entries :
			phyr_alloc(kmalloc_size_roundup(bytes), gfp);
	if (!chunk.entries) {
		/* An index that was made for it isn't needed. */
		phyr_drop_spare(phyr, 0);
		return NULL;
	}
	index->spare -= !!index->spare;
	chunk.start = index->bytes;
	chunk.kind = phyr->kind;
	index->chunks[index->nr] = chunk;
	return &index->chunks[index->nr++];
}

int phyr_pack_plain(struct phyr *phyr, unsigned int nr, gfp_t gfp)
{
	struct phyr_plain *plain = phyr_plain_ranges(phyr);
	u64 packed = phyr_packed_bytes(phyr), bytes = phyr->bytes - packed;
	u64 nr_packed = packed ? phyr->nr_packed : 0;
	struct phyr_extent all = phyr_add_up(plain, nr, !packed);
	struct phyr_chunk plan = phyr_plan_chunk(&all), *chunk;

	chunk = phyr_add_chunk(phyr, plan, nr * phyr_width(&plan), gfp);
	if (!chunk)
		return -ENOMEM;
	chunk->nr = nr;
	phyr_write_chunk(chunk, plain);
	if (nr < phyr->nr_plain)
		bytes -= phyr_newest(phyr)->len;
	phyr_index_note(phyr->index, &all.sum, phyr->kind, bytes);

	phyr->nr_plain -= nr;
	if (phyr->nr_plain)
		plain[0] = plain[nr];
	phyr->nr_packed = nr_packed + nr;
	phyr->single = phyr->nr_plain && phyr_is_page(plain->phys, plain->len);
	return 0;
}

/* Single pages that are written at a time. */
#define PHYR_BLOCK		PHYR_PLAIN_MAX

/* Their distances have a bit less than the entries that they are in. */
#define PHYR_SINGLE_PFNS	BIT_ULL(31)

/* Have another chunk, for single pages around the newest one. */
static int phyr_open_single(struct phyr *phyr, gfp_t gfp)
{
	u64 phys = phyr_newest(phyr)->phys;
	const struct phyr_chunk plan = {
		.base = phys - min(phys, PHYR_SINGLE_PFNS / 2 << PAGE_SHIFT),
		.mask = PAGE_SIZE,
		.form = PAGE_SHIFT,
		.shift = 1,
	};

	return phyr_add_chunk(phyr, plan, PHYR_CHUNK_BYTES, gfp) ? 0 : -ENOMEM;
}

/*
 * Write the newest range, which is a page, to a chunk of such, and then each of
 * @pages but the last, which becomes the newest: the loop that has to be fastest.
 */
static noinline bool phyr_write_block(struct phyr *phyr, struct page **pages)
{
	struct phyr_chunk *tail = phyr_tail(phyr->index);
	unsigned long pfn = PHYS_PFN(phyr_newest(phyr)->phys);
	unsigned long lowest = pfn, highest = pfn;
	u32 *entry = tail->entries + tail->nr * sizeof(u32);
	u64 base = PHYS_PFN(tail->base);
	struct phyr_summary sum = { .seams = PAGE_SIZE };

	for (u32 *end = entry + PHYR_BLOCK; entry != end; entry++) {
		unsigned long next = page_to_pfn(*pages++);
		u64 distance = pfn - base;

		if (next == pfn + 1 || distance >= PHYR_SINGLE_PFNS)
			return false;
		*entry = distance << 1 | 1;
		lowest = min(lowest, pfn);
		highest = max(highest, pfn);
		pfn = next;
	}

	sum.lowest = PFN_PHYS(lowest);
	sum.highest = PFN_PHYS(highest) + (PAGE_SIZE - 1);
	phyr_index_note(phyr->index, &sum, phyr->kind,
			(u64)PHYR_BLOCK << PAGE_SHIFT);
	tail->nr += PHYR_BLOCK;
	phyr_newest(phyr)->phys = PFN_PHYS(pfn);
	phyr->nr_packed += PHYR_BLOCK;
	phyr->bytes += (u64)PHYR_BLOCK << PAGE_SHIFT;
	return true;
}

/* Does the list end with single pages, in a chunk and after that? */
static bool phyr_ends_single(const struct phyr *phyr)
{
	const struct phyr_chunk *tail = phyr_tail(phyr->index);

	return phyr->nr_plain == 1 && phyr->single &&
	       tail->kind == phyr->kind && phyr_is_single(tail);
}

size_t phyr_pack_pages(struct phyr *phyr, struct page **pages, size_t nr,
		       gfp_t gfp)
{
	const struct phyr_chunk *tail;
	size_t done = 0, room;

	if (nr < PHYR_BLOCK)
		return 0;
	/* A full array has to be packed anyway: do so before, but for the newest. */
	if (phyr->single && phyr->nr_plain == PHYR_PLAIN_MAX &&
	    phyr_pack_plain(phyr, phyr->nr_plain - 1, gfp))
		return 0;
	if (!phyr->index->nr || !phyr_ends_single(phyr))
		return 0;

	tail = phyr_tail(phyr->index);
	room = ksize(tail->entries) / sizeof(u32) - tail->nr;
	if (phyr_newest(phyr)->phys < tail->base)
		room = 0;
	for (; nr - done >= PHYR_BLOCK; done += PHYR_BLOCK, room -= PHYR_BLOCK) {
		if (room < PHYR_BLOCK) {
			if (phyr_open_single(phyr, gfp | __GFP_NOWARN))
				break;
			room = PHYR_CHUNK_BYTES / sizeof(u32);
		}
		if (!phyr_write_block(phyr, pages + done))
			break;
	}
	if (!phyr_tail(phyr->index)->nr)
		phyr_index_cut(phyr->index, phyr->index->nr - 1);
	return done;
}
