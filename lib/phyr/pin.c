// SPDX-License-Identifier: GPL-2.0-only
/*
 * Physical-range list: pinned user memory.
 */

#include <kunit/visibility.h>
#include <linux/cleanup.h>
#include <linux/export.h>
#include <linux/gup_ranges.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <trace/events/phyr.h>

#include "pin.h"

/* Ranges of pages pinned at a time: their array is one page on 64 bits. */
#define PHYR_PIN_BATCH		512

/* So few pages need no array to be allocated. */
#define PHYR_PIN_FEW		32

/* Pages pinned between two points where others may run, and that may be killed. */
#define PHYR_PIN_PAGES		(SZ_128M >> PAGE_SHIFT)

/* How many single pages are there from entry @i on? */
static unsigned int phyr_count_single(const struct gup_ranges *found,
				      unsigned int i)
{
	unsigned int end = i;

	while (end < gup_ranges_nr(found) && !gup_range_is_long(found->entries[end]))
		end++;
	return end - i;
}

/* The range at entry *@i, and those of several pages that go on where it ends. */
static u64 phyr_next_run(const struct gup_ranges *found, unsigned int *i,
			 phys_addr_t *phys)
{
	unsigned long nr, pfn = page_to_pfn(gup_next_range(found, i, &nr));
	unsigned long end = pfn + nr;

	*phys = PFN_PHYS(pfn);
	while (*i < gup_ranges_nr(found) &&
	       gup_range_is_long(found->entries[*i]) &&
	       page_to_pfn(gup_range_page(found->entries[*i])) == end) {
		end += (unsigned long)found->entries[*i + 1];
		*i += 2;
	}
	return PFN_PHYS((u64)end - pfn);
}

/* Append @size bytes of ranges and single pages, from @offset on. */
static noinline int phyr_append_mixed(struct phyr *phyr,
				      const struct gup_ranges *found,
				      unsigned int offset, u64 size, gfp_t gfp)
{
	unsigned int i = 0;
	phys_addr_t phys;
	int ret = 0;

	if (size > PHYR_BYTES_MAX - phyr->bytes)
		return -ERANGE;

	for (u64 len; size && !ret; size -= len, offset = 0) {
		struct page **entries = found->entries + i;
		unsigned int nr = phyr_count_single(found, i);

		if (nr > 1) {
			i += nr;
			len = min(size, ((u64)nr << PAGE_SHIFT) - offset);
			ret = phyr_append_runs(phyr, entries, offset, len,
					       PHYR_PINNED, gfp);
		} else {
			len = min(size, phyr_next_run(found, &i, &phys) - offset);
			ret = phyr_append_pinned(phyr, phys + offset, len, gfp);
		}
	}
	return ret;
}

/*
 * Append @size bytes of what was pinned, from @offset on.  After a failure some may be
 * in the list, and all else is unpinned.
 */
static __always_inline int phyr_append_found(struct phyr *phyr,
					     const struct gup_ranges *found,
					     unsigned int offset, u64 size,
					     gfp_t gfp)
{
	u64 bytes = phyr->bytes;
	int ret;

	if (found->nr_long)
		ret = phyr_append_mixed(phyr, found, offset, size, gfp);
	else
		ret = phyr_append_runs(phyr, found->entries, offset, size,
				       PHYR_PINNED, gfp);
	if (ret)
		unpin_user_ranges(found,
				  (offset + phyr->bytes - bytes) >> PAGE_SHIFT);
	return ret;
}

/* How to pin, and where what was pinned goes first. */
struct phyr_pinning {
	struct mm_struct	*mm;	/* NULL for the current process's */
	unsigned int		gup_flags;
	gfp_t			gfp;
	struct gup_ranges	found;
};

static long phyr_pin_pages(struct phyr_pinning *how, unsigned long start,
			   unsigned long nr)
{
	if (how->mm)
		return pin_user_ranges_remote(how->mm, start, nr,
					      how->gup_flags, &how->found);
	return pin_user_ranges_fast(start, nr, how->gup_flags, &how->found);
}

int phyr_pin_pause(void)
{
	cond_resched();
	return fatal_signal_pending(current) ? -EINTR : 0;
}

/* Pin up to a batch of ranges at @addr.  Returns how many bytes of @len that is. */
static __always_inline long phyr_pin_batch(struct phyr_pinning *how,
					   unsigned long addr, size_t len)
{
	unsigned int offset = offset_in_page(addr);
	size_t size;
	long nr;

	nr = phyr_pin_pause();
	if (nr)
		return nr;
	/* @len may be nearly all that can be addressed: nothing is added to it. */
	size = min_t(size_t, len, PHYR_PIN_PAGES * PAGE_SIZE - offset);
	nr = phyr_pin_pages(how, addr - offset, PFN_UP(offset + size));
	if (nr <= 0)
		return nr ?: -EFAULT;
	return min_t(size_t, size, ((size_t)nr << PAGE_SHIFT) - offset);
}

static noinline int phyr_pin_more(struct phyr_pinning *how, struct phyr *phyr,
				  unsigned long addr, size_t len)
{
	while (len) {
		long size = phyr_pin_batch(how, addr, len);
		int ret;

		if (size < 0)
			return size;
		ret = phyr_append_found(phyr, &how->found, offset_in_page(addr),
					size, how->gfp);
		if (ret)
			return ret;
		addr += size;
		len -= size;
	}
	return 0;
}

/* Append the first @size bytes, which are pinned, and all else of @len. */
static noinline int phyr_pin_rest(struct phyr_pinning *how, struct phyr *phyr,
				  unsigned long addr, size_t len, long size)
{
	struct phyr_before before = phyr_before(phyr);
	int ret = phyr_append_found(phyr, &how->found, offset_in_page(addr),
				    size, how->gfp);

	if (!ret && size < len)
		ret = phyr_pin_more(how, phyr, addr + size, len - size);
	if (ret)
		phyr_undo_pins(phyr, &before);
	return ret;
}

/* What all of a list often is takes no loops, or one: a range, or single pages. */
static __always_inline int phyr_pin_by(struct phyr_pinning *how,
				       struct phyr *phyr, unsigned long addr,
				       size_t len)
{
	const struct gup_ranges *found = &how->found;
	unsigned int offset = offset_in_page(addr);
	long size = phyr_pin_batch(how, addr, len);
	phys_addr_t phys;
	int ret;

	if (size < 0)
		return size;
	if (size < len || !phyr_empty(phyr))
		return phyr_pin_rest(how, phyr, addr, len, size);

	if (gup_ranges_is_one(found)) {
		phys = page_to_phys(gup_range_page(found->entries[0]));
		phyr_push_first(phyr, phys + offset, len, PHYR_PINNED);
		return 0;
	}
	if (found->nr_long || phyr->max_plain || found->max > PHYR_PLAIN_MAX)
		return phyr_pin_rest(how, phyr, addr, len, size);

	ret = phyr_append_first(phyr, found->entries, offset, len, PHYR_PINNED,
				how->gfp);
	if (ret)
		unpin_user_ranges(found, 0);
	return ret;
}

/*
 * GUP counts whole pages, of which all that there are make none.  So to its fast way what
 * ends with the last one wraps around, unless it starts with the first one.  It would
 * be asked for less than that.
 */
static bool phyr_pin_wraps(unsigned long addr, size_t len)
{
	return addr >= PAGE_SIZE && addr + len - 1 >= PAGE_MASK;
}

static noinline int phyr_pin_many(struct phyr_pinning *how, struct phyr *phyr,
				  unsigned long addr, size_t len)
{
	if (!how->mm && phyr_pin_wraps(addr, len))
		return -EOVERFLOW;

	struct page **entries __free(kfree) =
		kmalloc_array(PHYR_PIN_BATCH, sizeof(*entries), how->gfp);
	if (!entries)
		return -ENOMEM;
	how->found.entries = entries;
	how->found.max = PHYR_PIN_BATCH;
	return phyr_pin_by(how, phyr, addr, len);
}

static __always_inline int phyr_pin_all(struct phyr_pinning *how,
					struct phyr *phyr, unsigned long addr,
					size_t len)
{
	struct page *few[PHYR_PIN_FEW] __uninitialized;

	if (len > (PHYR_PIN_FEW - 1) * PAGE_SIZE)
		return phyr_pin_many(how, phyr, addr, len);
	how->found.entries = few;
	how->found.max = PHYR_PIN_FEW;
	return phyr_pin_by(how, phyr, addr, len);
}

static noinline int phyr_pin(struct phyr *phyr, unsigned long addr, size_t len,
			     unsigned int gup_flags, gfp_t gfp,
			     struct mm_struct *mm)
{
	u64 nr = phyr_nr_ranges(phyr), bytes = phyr->bytes;
	struct phyr_pinning how __uninitialized;
	unsigned long end;
	int ret;

	if (!len || gup_flags & FOLL_PCI_P2PDMA)
		return -EINVAL;
	/* As from GUP, whose fast way looks at that, and the other one never gets there. */
	if (check_add_overflow(addr, len - 1, &end))
		return mm ? -EFAULT : -EOVERFLOW;

	how.mm = mm;
	how.gup_flags = gup_flags | FOLL_LONGTERM;
	how.gfp = gfp;
	ret = phyr_pin_all(&how, phyr, addr, len);
	phyr_account(phyr, nr, bytes);
	trace_phyr_pin(phyr, addr, len, phyr_nr_ranges(phyr) - nr, ret);
	return ret;
}

/**
 * phyr_pin_user() - Pin memory of the current process and append it
 * @phyr: List.
 * @addr: Address of the first byte in user space.
 * @len: Length in bytes.
 * @gup_flags: %FOLL_WRITE if a device will write the memory, and other flags of
 *	pin_user_pages_fast().  %FOLL_LONGTERM is implied.
 * @gfp: For the list's own memory.
 *
 * The list owns the pins.  Pages are not accounted to RLIMIT_MEMLOCK: that is
 * up to the caller, who knows whose they are.  It is PFN_UP(offset_in_page(@addr) +
 * @len) pages that are pinned, see phyr_nr_pages().
 *
 * A buffer that is pinned by several calls is better cut between pages: a page in which
 * two of them meet is pinned twice, as two ranges.  Behind an IOMMU these keep the list
 * from being one range of DMA addresses.
 *
 * Context: Process context of the memory's owner.  May sleep, whatever @gfp is.
 * Takes the mmap_lock.
 * Return: 0, or a negative errno with the list as it was and nothing pinned:
 * -EINVAL if @len is zero or %FOLL_PCI_P2PDMA is asked for, -EOVERFLOW if the range
 * wraps, -EFAULT if part of it isn't mapped, isn't writable as asked or can't be
 * pinned for long, -EOPNOTSUPP if that is because it is of a file on DAX, or for want
 * of an MMU, -EINTR if the process is being killed, else as phyr_append_range() or
 * pin_user_pages_fast().
 */
int phyr_pin_user(struct phyr *phyr, unsigned long addr, size_t len,
		  unsigned int gup_flags, gfp_t gfp)
{
	return phyr_pin(phyr, addr, len, gup_flags, gfp, NULL);
}
EXPORT_SYMBOL_GPL(phyr_pin_user);

/**
 * phyr_pin_remote() - Pin memory of any process and append it
 * @phyr: List.
 * @mm: Whose memory it is.  The caller holds a reference that keeps its address
 *	space, as from get_task_mm() or mmget_not_zero(), until this returns.
 * @addr: Address of the first byte in its user space.
 * @len: Length in bytes.
 * @gup_flags: As for phyr_pin_user().
 * @gfp: For the list's own memory.
 *
 * For those who pin for a process from elsewhere, as a worker does.  The list owns
 * the pins, and outlives @mm if need be.  Pages are not accounted to
 * RLIMIT_MEMLOCK, neither of @mm nor of the current process: whom to charge, and by
 * which counter, is up to the caller, before this is called and again after
 * phyr_destroy_dirty().
 *
 * Context: Process context.  May sleep, whatever @gfp is.  Takes @mm's mmap_lock.
 * Return: 0, or a negative errno with the list as it was and nothing pinned: as
 * phyr_pin_user(), but -EFAULT if the range wraps, -EINTR if the current process is
 * being killed.
 */
int phyr_pin_remote(struct phyr *phyr, struct mm_struct *mm, unsigned long addr,
		    size_t len, unsigned int gup_flags, gfp_t gfp)
{
	if (WARN_ON_ONCE(!mm))
		return -EINVAL;
	return phyr_pin(phyr, addr, len, gup_flags, gfp, mm);
}
EXPORT_SYMBOL_IF_KUNIT(phyr_pin_remote);

static void phyr_unpin_vecs(const struct phys_vec *vecs, unsigned int nr,
			    void *make_dirty)
{
	unpin_user_vecs(vecs, nr, *(bool *)make_dirty);
}

/* In pieces where a vector is too short for it.  Returns how many pages that were. */
static u64 phyr_unpin_range(const struct phyr_range *range, bool make_dirty)
{
	struct phys_vec vec = { .paddr = range->phys };

	for (u64 left = range->len; left; left -= vec.len) {
		vec.len = min(left, SZ_1G - offset_in_page(vec.paddr));
		unpin_user_vecs(&vec, 1, make_dirty);
		vec.paddr += vec.len;
	}
	return PFN_UP(offset_in_page(range->phys) + range->len);
}

static void phyr_unpin_slice(const struct phyr *phyr, u64 pos, u64 len,
			     bool make_dirty)
{
	u64 pages = 0, ranges = 0;
	struct phyr_range range;

	phyr_for_each_slice_range(phyr, pos, len, range) {
		if (range.flags & PHYR_PINNED) {
			pages += phyr_unpin_range(&range, make_dirty);
			ranges++;
		}
		cond_resched();
	}
	if (pages)
		trace_phyr_unpin(phyr, pages, ranges, make_dirty);
}

static noinline void phyr_drop_packed_pins(const struct phyr *phyr,
					   bool make_dirty)
{
	if (phyr_is_mixed(phyr))
		phyr_unpin_slice(phyr, 0, phyr->bytes, make_dirty);
	else
		phyr_visit_packed(phyr, phyr_unpin_vecs, &make_dirty);
}

static __always_inline void phyr_drop_all_pins(const struct phyr *phyr,
					       bool make_dirty)
{
	const struct phys_vec *vecs = phyr_array(phyr);

	if (vecs)
		unpin_user_vecs(vecs, phyr->nr_plain, make_dirty);
	else
		phyr_drop_packed_pins(phyr, make_dirty);
	if (trace_phyr_unpin_enabled() && !phyr_is_mixed(phyr))
		trace_phyr_unpin(phyr, phyr_nr_pages(phyr), phyr_nr_ranges(phyr), make_dirty);
}

/* How much of the page at @pos has the byte before @pos in it as well? */
static u64 phyr_kept_bytes(const struct phyr *phyr, u64 pos)
{
	struct phyr_range range;

	if (phyr_at(phyr, pos - 1, &range))
		return 0;
	return min(range.len - 1, ~(u64)range.phys & (PAGE_SIZE - 1));
}

/* Drop the pins of all pages of which no byte is among the first @keep. */
static void phyr_drop_pins(const struct phyr *phyr, u64 keep)
{
	u64 bytes = phyr_bytes(phyr);

	if (!(phyr_flags(phyr) & PHYR_PINNED) || keep == bytes)
		return;
	if (keep)
		keep += phyr_kept_bytes(phyr, keep);
	phyr_unpin_slice(phyr, keep, bytes - keep, false);
}

void phyr_undo_pins(struct phyr *phyr, const struct phyr_before *before)
{
	phyr_drop_pins(phyr, before->bytes);
	phyr_undo(phyr, before);
}

static __always_inline void phyr_free_all(struct phyr *phyr, bool may_sleep)
{
	u64 nr = phyr_nr_ranges(phyr), bytes = phyr->bytes;

	phyr_free(phyr, may_sleep);
	phyr_init(phyr);
	phyr_account(phyr, nr, bytes);
}

static __always_inline void phyr_unpin_and_free(struct phyr *phyr,
						bool make_dirty)
{
	might_sleep();
	if (phyr_flags(phyr) & PHYR_PINNED)
		phyr_drop_all_pins(phyr, make_dirty);
	phyr_free_all(phyr, true);
}

/**
 * phyr_destroy_dirty() - Free what the list uses, and mark pinned pages dirty
 * @phyr: List, not mapped for any device.
 * @make_dirty: Whether pinned pages were written.
 *
 * Pages that are %PHYR_PINNED are unpinned.  Nothing is done to the memory of
 * other ranges.  The list is empty then, and can be used again.
 *
 * Context: May sleep.  Takes the folio lock of pages that get dirty.
 */
void phyr_destroy_dirty(struct phyr *phyr, bool make_dirty)
{
	phyr_unpin_and_free(phyr, make_dirty);
}
EXPORT_SYMBOL_GPL(phyr_destroy_dirty);

/**
 * phyr_destroy() - Free what the list uses and make it empty
 * @phyr: List, not mapped for any device.
 *
 * Pages that are still pinned are unpinned, without being marked dirty: see
 * phyr_destroy_dirty() for those that a device wrote.  The list can be used
 * again.
 *
 * Context: May sleep.
 */
void phyr_destroy(struct phyr *phyr)
{
	phyr_unpin_and_free(phyr, false);
}
EXPORT_SYMBOL_GPL(phyr_destroy);

/**
 * phyr_destroy_atomic() - phyr_destroy() for those who must not sleep
 * @phyr: List without pinned pages, not mapped for any device.
 *
 * Context: Any.  A list of many millions of ranges takes its time.
 */
void phyr_destroy_atomic(struct phyr *phyr)
{
	WARN_ON_ONCE(phyr_flags(phyr) & PHYR_PINNED);
	phyr_free_all(phyr, false);
}
EXPORT_SYMBOL_GPL(phyr_destroy_atomic);

/**
 * phyr_clear() - Make a list empty, and keep its memory for what it lists next
 * @phyr: List without pinned pages, not mapped for any device.
 *
 * What phyr_reserve() made room for can be appended again without an allocation.
 * For lists that are filled anew for each transfer; phyr_destroy() frees the memory.
 *
 * Context: Any.
 */
void phyr_clear(struct phyr *phyr)
{
	u64 nr = phyr_nr_ranges(phyr), bytes = phyr->bytes;

	WARN_ON_ONCE(phyr_flags(phyr) & PHYR_PINNED);
	phyr_cut(phyr, 0, false);
	phyr_account(phyr, nr, bytes);
}
EXPORT_SYMBOL_GPL(phyr_clear);

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
 * Context: May sleep.
 */
void phyr_truncate(struct phyr *phyr, u64 len)
{
	u64 nr = phyr_nr_ranges(phyr), bytes = phyr->bytes;

	might_sleep();
	if (len >= phyr->bytes)
		return;
	phyr_drop_pins(phyr, len);
	phyr_cut(phyr, len, true);
	phyr_give_back(phyr);
	phyr_account(phyr, nr, bytes);
}
EXPORT_SYMBOL_IF_KUNIT(phyr_truncate);
