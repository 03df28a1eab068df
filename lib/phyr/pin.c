// SPDX-License-Identifier: GPL-2.0-only
/*
 * Physical-range list: pinned user memory.
 */

#include <linux/cleanup.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <trace/events/phyr.h>

#include "pin.h"

/* Pages pinned at a time: their array is one page on 64 bits. */
#define PHYR_PIN_BATCH		512

/* So few pages need no array to be allocated. */
#define PHYR_PIN_FEW		16

/*
 * Pages unpinned between two points where others may run.  A batch stays inside
 * a memory section, where the pages' structures are next to each other if they
 * aren't everywhere, or inside a folio, which is unpinned at once.
 */
#if defined(CONFIG_SPARSEMEM) && !defined(CONFIG_SPARSEMEM_VMEMMAP)
#define PHYR_UNPIN_BATCH	min(4096UL, PAGES_PER_SECTION)
#else
#define PHYR_UNPIN_BATCH	32768UL
#endif

/* Ranges that are read from the list at a time, and how many are too few for it. */
#define PHYR_UNPIN_VECS		32
#define PHYR_UNPIN_FEW		8

/* Pages of a range that is unpinned without a look at where sections end. */
#define PHYR_UNPIN_SHORT						\
	(IS_ENABLED(CONFIG_SPARSEMEM) &&				\
	 !IS_ENABLED(CONFIG_SPARSEMEM_VMEMMAP) ? 1UL : PHYR_UNPIN_BATCH)

/*
 * Pin up to a batch of pages at @addr and append what @len covers of them.  After
 * a failure some may be in the list.
 */
static long phyr_pin_batch(struct phyr *phyr, unsigned long addr, size_t len,
			   unsigned int gup_flags, struct page **pages,
			   gfp_t gfp)
{
	unsigned int offset = offset_in_page(addr);
	u64 bytes = phyr->bytes;
	size_t size;
	long nr;
	int ret;

	/* @len may be nearly all that can be addressed: nothing is added to it. */
	size = min_t(size_t, len, PHYR_PIN_BATCH * PAGE_SIZE - offset);
	nr = PFN_UP(offset + size);
	nr = pin_user_pages_fast(addr - offset, nr, gup_flags, pages);
	if (nr <= 0)
		return nr ?: -EFAULT;

	size = min_t(size_t, size, (nr << PAGE_SHIFT) - offset);
	ret = phyr_append_runs(phyr, pages, offset, size, PHYR_PINNED, gfp);
	if (ret) {
		unsigned long taken = (offset + phyr->bytes - bytes) >> PAGE_SHIFT;

		unpin_user_pages(pages + taken, nr - taken);
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

static int phyr_pin_by(struct page **pages, struct phyr *phyr,
		       unsigned long addr, size_t len, unsigned int gup_flags,
		       gfp_t gfp)
{
	struct phyr_before before = phyr_before(phyr);

	while (len) {
		long ret = phyr_pin_next(phyr, addr, len, gup_flags, pages, gfp);

		if (ret < 0) {
			phyr_undo_pins(phyr, &before);
			return ret;
		}
		addr += ret;
		len -= ret;
	}
	return 0;
}

static int phyr_pin_all(struct phyr *phyr, unsigned long addr, size_t len,
			unsigned int gup_flags, gfp_t gfp)
{
	struct page *few[PHYR_PIN_FEW] __uninitialized;

	if (len <= (PHYR_PIN_FEW - 1) * PAGE_SIZE)
		return phyr_pin_by(few, phyr, addr, len, gup_flags, gfp);

	struct page **pages __free(kfree) =
		kmalloc_array(PHYR_PIN_BATCH, sizeof(*pages), gfp);
	if (!pages)
		return -ENOMEM;
	return phyr_pin_by(pages, phyr, addr, len, gup_flags, gfp);
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
 * -EINVAL if @len is zero, the range wraps or %FOLL_PCI_P2PDMA is asked for,
 * -EFAULT if part of it isn't mapped, isn't writable as asked or can't be pinned
 * for long, -EOPNOTSUPP if that is because it is of a file on DAX, -EINTR if the
 * process is being killed, else as phyr_append_range() or pin_user_pages_fast().
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

static unsigned long phyr_unpin_len(unsigned long pfn, unsigned long nr)
{
	unsigned long batch = PHYR_UNPIN_BATCH - pfn % PHYR_UNPIN_BATCH;
	struct page *page = pfn_to_page(pfn);
	struct folio *folio;

	if (nr <= batch)
		return nr;
	folio = page_folio(page);
	if (folio_test_large(folio))
		batch = max(batch, folio_nr_pages(folio) -
				   folio_page_idx(folio, page));
	return min(nr, batch);
}

static noinline void phyr_unpin_long(unsigned long pfn, unsigned long nr,
				     bool make_dirty)
{
	while (nr) {
		unsigned long batch = phyr_unpin_len(pfn, nr);

		unpin_user_page_range_dirty_lock(pfn_to_page(pfn), batch,
						 make_dirty);
		pfn += batch;
		nr -= batch;
		cond_resched();
	}
}

/* How to unpin, and how much was. */
struct phyr_unpin {
	bool	make_dirty;
	u64	pages;
	u64	ranges;
};

static __always_inline void phyr_unpin_range(struct phyr_unpin *how,
					     phys_addr_t phys, u64 len)
{
	unsigned long first = PFN_DOWN(phys);
	unsigned long nr = PFN_UP((u64)phys + len) - first;

	if (nr <= PHYR_UNPIN_SHORT)
		unpin_user_page_range_dirty_lock(pfn_to_page(first), nr,
						 how->make_dirty);
	else
		phyr_unpin_long(first, nr, how->make_dirty);
	how->pages += nr;
	how->ranges++;
}

static void phyr_unpin_slice(struct phyr_unpin *how, const struct phyr *phyr,
			     u64 pos, u64 len)
{
	struct phyr_range range;

	phyr_for_each_slice_range(phyr, pos, len, range) {
		if (range.flags & PHYR_PINNED)
			phyr_unpin_range(how, range.phys, range.len);
		cond_resched();
	}
}

/* Unpin single pages by an array: a call for each would take longer than the rest. */
static void phyr_unpin_batch(struct phyr_unpin *how, const struct phys_vec *vec,
			     unsigned int nr)
{
	struct page *pages[PHYR_UNPIN_VECS] __uninitialized;
	unsigned int single = 0;

	for (; nr--; vec++) {
		if (phyr_is_page(vec->paddr, vec->len))
			pages[single++] = phys_to_page(vec->paddr);
		else
			phyr_unpin_range(how, vec->paddr, vec->len);
	}
	if (single)
		unpin_user_pages_dirty_lock(pages, single, how->make_dirty);
	how->pages += single;
	how->ranges += single;
	cond_resched();
}

static void phyr_unpin_vecs(const struct phys_vec *vec, unsigned int nr,
			    void *arg)
{
	struct phyr_unpin *how = arg;

	if (nr <= PHYR_UNPIN_FEW) {
		for (; nr--; vec++)
			phyr_unpin_range(how, vec->paddr, vec->len);
		return;
	}
	for (unsigned int batch; nr; nr -= batch, vec += batch) {
		batch = min(nr, PHYR_UNPIN_VECS);
		phyr_unpin_batch(how, vec, batch);
	}
}

static noinline void phyr_drop_all_pins(const struct phyr *phyr, bool make_dirty)
{
	struct phyr_unpin how = { .make_dirty = make_dirty };

	if (phyr_is_mixed(phyr))
		phyr_unpin_slice(&how, phyr, 0, phyr->bytes);
	else
		phyr_visit(phyr, phyr_unpin_vecs, &how);
	trace_phyr_unpin(phyr, how.pages, how.ranges, make_dirty);
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
	struct phyr_unpin how = { };
	u64 bytes = phyr_bytes(phyr);

	if (!(phyr_flags(phyr) & PHYR_PINNED) || keep == bytes)
		return;
	if (keep)
		keep += phyr_kept_bytes(phyr, keep);
	phyr_unpin_slice(&how, phyr, keep, bytes - keep);
	if (how.pages)
		trace_phyr_unpin(phyr, how.pages, how.ranges, false);
}

void phyr_undo_pins(struct phyr *phyr, const struct phyr_before *before)
{
	phyr_drop_pins(phyr, before->bytes);
	phyr_undo(phyr, before);
}

static __always_inline void phyr_free_all(struct phyr *phyr, bool may_sleep)
{
	u64 nr = phyr->nr, bytes = phyr->bytes;

	phyr_free(phyr, may_sleep);
	phyr_init(phyr);
	phyr_account(phyr, nr, bytes);
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
	might_sleep();
	if (phyr_flags(phyr) & PHYR_PINNED)
		phyr_drop_all_pins(phyr, make_dirty);
	phyr_free_all(phyr, true);
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
	phyr_destroy_dirty(phyr, false);
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
	u64 nr = phyr->nr, bytes = phyr->bytes;

	might_sleep();
	if (len >= phyr->bytes)
		return;
	phyr_drop_pins(phyr, len);
	phyr_cut(phyr, len, true);
	phyr_give_back(phyr);
	phyr_account(phyr, nr, bytes);
}
EXPORT_SYMBOL_GPL(phyr_truncate);
