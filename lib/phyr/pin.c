// SPDX-License-Identifier: GPL-2.0-only
/*
 * Physical-range list: pinned user memory.
 */

#include <linux/cleanup.h>
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <trace/events/phyr.h>

#include "internal.h"

/* Pages pinned at a time: their array is one page on 64 bits. */
#define PHYR_PIN_BATCH		512

/*
 * Pages unpinned between two points where others may run.  A batch stays inside
 * a memory section, where the pages' structures are next to each other.
 */
#define PHYR_UNPIN_BATCH	4096UL

/* Pin up to a batch of pages at @addr and append what @len covers of them. */
static long phyr_pin_batch(struct phyr *phyr, unsigned long addr, size_t len,
			   unsigned int gup_flags, struct page **pages,
			   gfp_t gfp)
{
	unsigned int offset = offset_in_page(addr);
	size_t size;
	long nr;
	int ret;

	nr = min_t(size_t, PFN_UP(offset + len), PHYR_PIN_BATCH);
	nr = pin_user_pages_fast(addr - offset, nr, gup_flags, pages);
	if (nr <= 0)
		return nr ?: -EFAULT;

	size = min_t(size_t, len, (nr << PAGE_SHIFT) - offset);
	ret = phyr_append_runs(phyr, pages, offset, size, PHYR_PINNED, gfp);
	if (ret) {
		unpin_user_pages(pages, nr);
		return ret;
	}
	return size;
}

int phyr_pin_pause(void)
{
	cond_resched();
	return fatal_signal_pending(current) ? -EINTR : 0;
}

static long phyr_pin_next(struct phyr *phyr, unsigned long addr, size_t len,
			  unsigned int gup_flags, struct page **pages,
			  gfp_t gfp)
{
	int ret = phyr_pin_pause();

	return ret ?: phyr_pin_batch(phyr, addr, len, gup_flags, pages, gfp);
}

static int phyr_pin_all(struct phyr *phyr, unsigned long addr, size_t len,
			unsigned int gup_flags, gfp_t gfp)
{
	struct phyr_mark mark;

	struct page **pages __free(kfree) =
		kmalloc_array(PHYR_PIN_BATCH, sizeof(*pages), gfp);
	if (!pages)
		return -ENOMEM;

	phyr_save(phyr, &mark);
	while (len) {
		long ret = phyr_pin_next(phyr, addr, len, gup_flags, pages, gfp);

		if (ret < 0) {
			phyr_undo_pins(phyr, &mark);
			return ret;
		}
		addr += ret;
		len -= ret;
	}
	return 0;
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
 * up to the caller, who knows whose they are.
 *
 * Context: Process context of the memory's owner.  May sleep, whatever @gfp is.
 * Takes the mmap_lock.
 * Return: 0, or a negative errno with the list as it was and nothing pinned:
 * -EINVAL if @len is zero, the range wraps or %FOLL_PCI_P2PDMA is asked for,
 * -EFAULT if part of it isn't mapped, isn't writable as asked or can't be pinned
 * for long, -EINTR if the process is being killed, else as phyr_append_range() or
 * pin_user_pages_fast().
 */
int phyr_pin_user(struct phyr *phyr, unsigned long addr, size_t len,
		  unsigned int gup_flags, gfp_t gfp)
{
	u64 nr = phyr->nr, bytes = phyr->bytes;
	unsigned long end;
	int ret;

	if (!len || check_add_overflow(addr, len - 1, &end) ||
	    gup_flags & FOLL_PCI_P2PDMA)
		return -EINVAL;

	ret = phyr_pin_all(phyr, addr, len, gup_flags | FOLL_LONGTERM, gfp);
	phyr_account(phyr, nr, bytes);
	trace_phyr_pin(phyr, addr, len, phyr->nr - nr, ret);
	return ret;
}
EXPORT_SYMBOL_GPL(phyr_pin_user);

static void phyr_unpin_pfns(unsigned long pfn, unsigned long nr,
			    bool make_dirty)
{
	while (nr) {
		unsigned long batch = min(nr, PHYR_UNPIN_BATCH -
					      pfn % PHYR_UNPIN_BATCH);

		unpin_user_page_range_dirty_lock(pfn_to_page(pfn), batch,
						 make_dirty);
		pfn += batch;
		nr -= batch;
		cond_resched();
	}
}

void phyr_drop_pins(const struct phyr *phyr, u64 keep, bool make_dirty)
{
	const struct phyr_range *range;
	u64 pages = 0, ranges = 0;

	if (!(phyr->seen & PHYR_PINNED))
		return;

	phyr_for_each_range(phyr, range) {
		u64 kept = min(keep, range->len);
		unsigned long first = kept ? PFN_UP(range->phys + kept) :
					     PFN_DOWN(range->phys);
		unsigned long end = PFN_UP(range->phys + range->len);

		keep -= kept;
		if (!(range->flags & PHYR_PINNED) || first >= end)
			continue;
		phyr_unpin_pfns(first, end - first, make_dirty);
		pages += end - first;
		ranges++;
	}
	if (pages)
		trace_phyr_unpin(phyr, pages, ranges, make_dirty);
}

void phyr_undo_pins(struct phyr *phyr, const struct phyr_mark *mark)
{
	phyr_drop_pins(phyr, mark->head.bytes, false);
	phyr_restore(phyr, mark);
}
