// SPDX-License-Identifier: GPL-2.0-only
/*
 * Physical-range list: the container.
 *
 * The newest ranges of a list are plain: an array of addresses and lengths, or
 * in the head itself for one or two.  When the array is full, or a range of another
 * kind comes, they are packed: a chunk is made of them, see index.c.  Single pages
 * that come after such a chunk are added to it without being plain before.
 * Neighbours merge while the older one is the newest of the list.
 */

#include <kunit/visibility.h>
#include <linux/export.h>
#include <linux/math64.h>
#include <linux/overflow.h>
#include <linux/unroll.h>

#include "internal.h"

/* --- plain ranges --- */

static noinline void phyr_leave_array(struct phyr *phyr,
				      const struct phyr_plain *old)
{
	memcpy(phyr->plain, old, phyr->nr_plain * sizeof(*old));
	phyr_release(old);
}

static int phyr_resize_array(struct phyr *phyr, unsigned int max, gfp_t gfp)
{
	struct phyr_plain *plain = phyr_alloc(max * sizeof(*plain), gfp);
	const struct phyr_plain *old = phyr->plain;
	bool array = phyr->max_plain;

	if (!plain)
		return -ENOMEM;
	memcpy(plain, phyr->few, sizeof(phyr->few));
	phyr->plain = plain;
	phyr->max_plain = max;
	if (array)
		phyr_leave_array(phyr, old);
	return 0;
}

void phyr_free_array(struct phyr *phyr)
{
	const struct phyr_plain *plain = phyr->plain;

	if (!phyr->max_plain)
		return;
	phyr->max_plain = 0;
	phyr->plain = NULL;
	memcpy(phyr->few, plain, phyr->nr_plain * sizeof(*plain));
	phyr_release(plain);
}

/* Add the plain ranges to what is known of those in chunks. */
struct phyr_summary phyr_summary(const struct phyr *phyr)
{
	const struct phyr_plain *plain = phyr_plain_ranges(phyr);
	const struct phyr_plain *end = plain + phyr->nr_plain;
	struct phyr_summary sum = { .lowest = PHYS_ADDR_MAX };

	if (phyr_packed_bytes(phyr)) {
		sum = phyr->index->sum;
		sum.seams |= phyr->nr_plain ? plain->phys : 0;
	}
	for (const struct phyr_plain *p = plain; p < end; p++) {
		sum.lowest = min(sum.lowest, p->phys);
		sum.highest = max(sum.highest, p->phys + (p->len - 1));
	}
	while (++plain < end)
		sum.seams |= ((u64)plain[-1].phys + plain[-1].len) | plain->phys;
	return sum;
}
EXPORT_SYMBOL_IF_KUNIT(phyr_summary);

/* --- appending --- */

static bool phyr_has_kind(const struct phyr_range *range)
{
	if (!range->flags || range->flags == PHYR_PINNED)
		return !range->provider;
	return range->flags == PHYR_MMIO;
}

static int phyr_check(const struct phyr *phyr, phys_addr_t phys, u64 len)
{
	u64 end;

	if (!len || check_add_overflow((u64)phys, len - 1, &end))
		return -EINVAL;
	if (end > PHYS_ADDR_MAX || len > PHYR_RANGE_MAX ||
	    len > PHYR_BYTES_MAX - phyr->bytes)
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
	       !(kind & PHYR_PINNED && offset_in_page(phys));
}

/* How many more ranges can become plain where the others are? */
static __always_inline unsigned int phyr_plain_left(const struct phyr *phyr)
{
	return (phyr->max_plain ?: phyr_few(phyr)) - phyr->nr_plain;
}

/* Have room for one more plain range of the kind; @nr of it are to come. */
static noinline int phyr_make_room(struct phyr *phyr, unsigned long kind,
				   size_t nr, gfp_t gfp)
{
	size_t max = max3(phyr->nr_plain + nr, 2 * phyr->max_plain, 2 * PHYR_FEW);

	if (phyr->kind != kind || phyr->max_plain == PHYR_PLAIN_MAX)
		return phyr_pack_plain(phyr, phyr->nr_plain, gfp);
	if (phyr_plain_left(phyr))
		return 0;
	return phyr_resize_array(phyr, min(max, PHYR_PLAIN_MAX), gfp);
}

/* Append a range that is all right, one of about @nr that come at a time. */
static __always_inline int phyr_push(struct phyr *phyr, phys_addr_t phys,
				     u64 len, unsigned long kind, size_t nr,
				     gfp_t gfp)
{
	struct phyr_plain *newest;
	int ret;

	if (phyr_empty(phyr)) {
		phyr_push_first(phyr, phys, len, kind);
		return 0;
	}
	newest = phyr_newest(phyr);
	if (phyr_merges(phyr, newest, phys, len, kind)) {
		newest->len += len;
		phyr->bytes += len;
		phyr->single = false;
		return 0;
	}
	if (phyr->kind != kind || phyr->nr_plain >= phyr->max_plain) {
		ret = phyr_make_room(phyr, kind, nr, gfp);
		if (ret)
			return ret;
		newest = phyr_newest(phyr);
	}

	newest++;
	newest->phys = phys;
	newest->len = len;
	phyr->kind = kind;
	phyr->single = (phyr->single || !phyr->nr_plain) &&
		       phyr_is_page(phys, len);
	phyr->nr_plain++;
	phyr->bytes += len;
	return 0;
}

int phyr_append_checked(struct phyr *phyr, const struct phyr_range *range,
			gfp_t gfp)
{
	return phyr_push(phyr, range->phys, range->len, phyr_kind(range), 1,
			 gfp);
}

int phyr_append_pinned(struct phyr *phyr, phys_addr_t phys, u64 len, gfp_t gfp)
{
	return phyr_push(phyr, phys, len, PHYR_PINNED, 1, gfp);
}

int phyr_append_one(struct phyr *phyr, const struct phyr_range *range,
		    gfp_t gfp)
{
	int ret = phyr_check(phyr, range->phys, range->len);

	if (!phyr_has_kind(range))
		ret = -EINVAL;
	return ret ?: phyr_append_checked(phyr, range, gfp);
}

/**
 * phyr_append_range() - Append a range of any kind
 * @phyr: List.
 * @range: Range to copy into the list.
 * @gfp: For the list's own memory.
 *
 * Merges with the last range if that is of the same kind and ends where @range
 * starts, between pages if they are %PHYR_PINNED; else memory may be needed, unless
 * phyr_reserve() allocated it.  The list takes no references: a %PHYR_PINNED range
 * hands over those that the caller holds, unless the call fails.
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
	u64 nr = phyr_nr_ranges(phyr), bytes = phyr->bytes;
	int ret = phyr_append_one(phyr, range, gfp);

	if (IS_ENABLED(CONFIG_DEBUG_VM) && !(range->flags & PHYR_MMIO))
		WARN_ON_ONCE(phyr_is_special(range->phys));
	phyr_account(phyr, nr, bytes);
	return ret;
}
EXPORT_SYMBOL_GPL(phyr_append_range);

struct phyr_before phyr_before(const struct phyr *phyr)
{
	return (struct phyr_before) {
		.bytes = phyr->bytes,
		.spare = phyr_nr_spare(phyr),
		.array = phyr->max_plain,
	};
}

/*
 * Undo all appends since @before; memory that was reserved then stays so.  A list
 * that had no memory has none again: its owner may well forget it.
 */
void phyr_undo(struct phyr *phyr, const struct phyr_before *before)
{
	phyr_cut(phyr, before->bytes, false);
	if (!before->array && phyr->nr_plain <= phyr_few(phyr))
		phyr_free_array(phyr);
	phyr_drop_spare(phyr, before->spare);
}

/* What ends further up, or is longer, has to be looked at more closely. */
#define PHYR_FAST_BITS		(sizeof(phys_addr_t) > 4 ? 50 : 31)

static __always_inline bool phyr_is_fast(phys_addr_t phys, u64 len)
{
	return !((phys | (len - 1)) >> PHYR_FAST_BITS);
}

/*
 * Append ranges to those that are plain, for as long as that is simple; returns how
 * many.
 */
static size_t phyr_push_vecs(struct phyr *phyr, const struct phys_vec *vec,
			     size_t nr, unsigned long kind)
{
	const struct phys_vec *start = vec, *stop;
	struct phyr_plain *first, *plain;
	u64 end = U64_MAX, bytes = 0;

	if (phyr->nr_plain >= phyr->max_plain || kind & PHYR_PINNED ||
	    phyr->bytes >> 62)
		return 0;
	first = phyr_plain_ranges(phyr) + phyr->nr_plain;
	plain = first;
	if (phyr->nr_plain) {
		if (phyr->kind != kind ||
		    !phyr_is_fast(plain[-1].phys, plain[-1].len))
			return 0;
		end = plain[-1].phys + plain[-1].len;
	}

	stop = vec + min(nr, phyr_plain_left(phyr));
	unrolled_count(4)
	for (; vec != stop; vec++) {
		phys_addr_t phys = vec->paddr;
		u64 len = vec->len;

		if (!phyr_is_fast(phys, len))
			break;
		if (phys == end) {
			plain[-1].len += len;
		} else {
			plain->phys = phys;
			plain->len = len;
			plain++;
		}
		end = phys + len;
		bytes += len;
	}
	if (vec != start) {
		phyr->kind = kind;
		phyr->single = false;
	}
	phyr->nr_plain += plain - first;
	phyr->bytes += bytes;
	return vec - start;
}

static int phyr_append_vecs(struct phyr *phyr, const struct phys_vec *vec,
			    size_t nr, unsigned long kind, gfp_t gfp)
{
	int ret = 0;

	/* A list that is built at once has an array that fits, if any. */
	if (nr > PHYR_FEW && phyr_empty(phyr) && !phyr->max_plain &&
	    (u64)vec[0].paddr + vec[0].len != vec[1].paddr)
		ret = phyr_resize_array(phyr, min(nr, PHYR_PLAIN_MAX), gfp);

	while (!ret && nr) {
		size_t done = phyr_push_vecs(phyr, vec, nr, kind);

		if (!done) {
			ret = phyr_check(phyr, vec->paddr, vec->len) ?:
			      phyr_push(phyr, vec->paddr, vec->len, kind, nr,
					gfp);
			done = 1;
		}
		vec += done;
		nr -= done;
	}
	return ret;
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
	u64 old_nr = phyr_nr_ranges(phyr);
	int ret = -EINVAL;

	if (!nr)
		return 0;
	if (phyr_has_kind(&range))
		ret = phyr_append_vecs(phyr, vec, nr, phyr_kind(&range), gfp);
	if (ret)
		phyr_undo(phyr, &before);
	phyr_account(phyr, old_nr, before.bytes);
	return ret;
}
EXPORT_SYMBOL_GPL(phyr_append_phys_vec);

/* Pages from @plain on, but that page @next makes the range before longer: its end. */
static __always_inline struct phyr_plain *
phyr_write_pages(struct phyr_plain *plain, struct page **pages, size_t nr,
		 unsigned long next)
{
	for (struct page **stop = pages + nr; pages != stop; pages++) {
		unsigned long pfn = page_to_pfn(*pages);

		if (pfn == next) {
			plain[-1].len += PAGE_SIZE;
		} else {
			plain->phys = PFN_PHYS(pfn);
			plain->len = PAGE_SIZE;
			plain++;
		}
		next = pfn + 1;
	}
	return plain;
}

/* phyr_push_vecs() of whole pages. */
static noinline size_t phyr_push_pages(struct phyr *phyr, struct page **pages,
				       size_t nr, unsigned long kind)
{
	struct phyr_plain *first = phyr_plain_ranges(phyr) + phyr->nr_plain;
	unsigned long next = ULONG_MAX;
	struct phyr_plain *plain;

	if (phyr->nr_plain) {
		u64 end = (u64)first[-1].phys + first[-1].len;

		if (!phyr_is_fast(first[-1].phys, first[-1].len))
			return 0;
		if (!offset_in_page(end))
			next = PHYS_PFN(end);
	}
	nr = min(nr, phyr_plain_left(phyr));
	plain = phyr_write_pages(first, pages, nr, next);
	phyr->kind = kind;
	phyr->single = (phyr->single || !phyr->nr_plain) && plain - first == nr;
	phyr->nr_plain += plain - first;
	phyr->bytes += (u64)nr << PAGE_SHIFT;
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

static noinline int phyr_append_more(struct phyr *phyr, struct page **pages,
				     unsigned int offset, u64 size,
				     unsigned int flags, gfp_t gfp)
{
	size_t left = PFN_UP(offset + size);

	while (left) {
		size_t run = 0, more = 0;
		u64 len;
		int ret;

		if (phyr->index && phyr->kind == flags && !offset)
			more = phyr_pack_pages(phyr, pages, size >> PAGE_SHIFT,
					       gfp);
		len = (u64)more << PAGE_SHIFT;
		if (!more) {
			run = phyr_count_run(pages, left);
			len = min(size, ((u64)run << PAGE_SHIFT) - offset);
			/* Others are likely to be as long. */
			ret = phyr_push(phyr, page_to_phys(*pages) + offset,
					len, flags, left / run, gfp);
			if (ret)
				return ret;
			/* What comes after a single plain range may be packed at once. */
			if (phyr->nr_plain < phyr->max_plain &&
			    (!phyr->index || phyr->nr_plain > 1))
				more = phyr_push_pages(phyr, pages + run,
						       (size - len) >> PAGE_SHIFT,
						       flags);
			len += (u64)more << PAGE_SHIFT;
		}
		offset = 0;
		pages += run + more;
		left -= run + more;
		size -= len;
	}
	return 0;
}

int phyr_append_first(struct phyr *phyr, struct page **pages,
		      unsigned int offset, u64 size, unsigned long kind,
		      gfp_t gfp)
{
	size_t nr = PFN_UP(offset + size);
	struct phyr_plain *first, *plain;
	u64 tail = ((u64)nr << PAGE_SHIFT) - offset - size;

	first = phyr_plain_ranges(phyr);
	/* A list that is built at once has an array that fits, if any. */
	if (nr > PHYR_FEW && !phyr->max_plain) {
		first = phyr_alloc(nr * sizeof(*first), gfp);
		if (!first)
			return -ENOMEM;
		phyr->plain = first;
		phyr->max_plain = nr;
	}
	plain = phyr_write_pages(first, pages, nr, ULONG_MAX);
	first->phys += offset;
	first->len -= offset;
	plain[-1].len -= tail;
	phyr->kind = kind;
	phyr->nr_plain = plain - first;
	phyr->single = !offset && !tail && plain - first == nr;
	phyr->bytes = size;
	return 0;
}

/* So many pages that a chunk has to be made of some, or of an array that was reserved. */
static noinline int phyr_append_many(struct phyr *phyr, struct page **pages,
				     unsigned int offset, u64 size,
				     unsigned int flags, size_t room, gfp_t gfp)
{
	u64 len = ((u64)room << PAGE_SHIFT) - offset;

	if (phyr_append_first(phyr, pages, offset, len, flags, gfp))
		return -ENOMEM;
	return phyr_append_more(phyr, pages + room, 0, size - len, flags, gfp);
}

int phyr_append_runs(struct phyr *phyr, struct page **pages,
		     unsigned int offset, u64 size, unsigned int flags,
		     gfp_t gfp)
{
	size_t room = phyr->max_plain ?: PHYR_PLAIN_MAX;

	if (size > PHYR_BYTES_MAX - phyr->bytes)
		return -ERANGE;
	/* A long run of pages is counted, not added one by one. */
	if (!phyr_empty(phyr) ||
	    (size > PHYR_FEW * PAGE_SIZE &&
	     page_to_pfn(pages[0]) + 1 == page_to_pfn(pages[1])))
		return phyr_append_more(phyr, pages, offset, size, flags, gfp);
	if (unlikely(offset + size > (u64)room << PAGE_SHIFT))
		return phyr_append_many(phyr, pages, offset, size, flags, room,
					gfp);
	return phyr_append_first(phyr, pages, offset, size, flags, gfp);
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
	unsigned int max = min(phyr->nr_plain + nr, PHYR_PLAIN_MAX);
	u32 chunks;
	int ret;

	if (nr > BIT_ULL(34))
		return -EINVAL;
	if (!nr)
		return 0;

	/* A chunk may be made of all plain ranges but one, or of another kind. */
	chunks = div_u64(nr - 1, PHYR_PLAIN_MAX - 1) + !phyr_empty(phyr);
	ret = phyr_index_reserve(phyr, chunks, gfp);
	if (!ret && max > max(phyr->max_plain, phyr_few(phyr)))
		ret = phyr_resize_array(phyr, max, gfp);
	if (ret)
		phyr_undo(phyr, &before);
	return ret;
}
EXPORT_SYMBOL_GPL(phyr_reserve);

/* Free all memory that no range is in, except for room in the array. */
void phyr_give_back(struct phyr *phyr)
{
	if (phyr->nr_plain <= phyr_few(phyr))
		phyr_free_array(phyr);
	phyr_drop_spare(phyr, 0);
}

/* Chunks of so few would make the index longer than all others are. */
#define PHYR_TRIM_MIN		16

void __phyr_trim(struct phyr *phyr, bool pack, gfp_t gfp)
{
	size_t bytes = phyr->nr_plain * sizeof(struct phyr_plain);

	gfp |= __GFP_NOWARN;
	if ((pack || phyr_nr_chunks(phyr)) && phyr->nr_plain > PHYR_TRIM_MIN)
		phyr_pack_plain(phyr, phyr->nr_plain - 1, gfp);
	phyr_give_back(phyr);
	if (phyr->max_plain && kmalloc_size_roundup(bytes) < ksize(phyr->plain))
		phyr_resize_array(phyr, phyr->nr_plain, gfp);
	if (phyr->index)
		phyr_index_trim(phyr, gfp);
}
EXPORT_SYMBOL_GPL(__phyr_trim);

/**
 * phyr_memory_used() - How much memory does the list use?
 * @phyr: List.
 *
 * Context: Any.
 * Return: Bytes allocated, without the &struct phyr itself.
 */
size_t phyr_memory_used(const struct phyr *phyr)
{
	size_t bytes = phyr->max_plain ? ksize(phyr->plain) : 0;

	if (phyr->index)
		bytes += phyr_index_memory(phyr->index);
	return bytes;
}
EXPORT_SYMBOL_GPL(phyr_memory_used);
