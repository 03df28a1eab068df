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

/* So few pages need no array to be allocated. */
#define PHYR_PIN_FEW		16

/*
 * Pages unpinned between two points where others may run.  A batch stays inside
 * a memory section, where the pages' structures are next to each other if they
 * aren't everywhere, or inside a folio, which is unpinned at once.
 */
#define PHYR_UNPIN_BATCH \
	(IS_ENABLED(CONFIG_SPARSEMEM_VMEMMAP) ? 32768UL : 4096UL)

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

	nr = min_t(size_t, PFN_UP(offset + len), PHYR_PIN_BATCH);
	nr = pin_user_pages_fast(addr - offset, nr, gup_flags, pages);
	if (nr <= 0)
		return nr ?: -EFAULT;

	size = min_t(size_t, len, (nr << PAGE_SHIFT) - offset);
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
	struct phyr_mark mark __uninitialized;

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

/* What was unpinned. */
struct phyr_unpinned {
	u64	pages;
	u64	ranges;
};

static __always_inline void phyr_unpin_pfns(unsigned long pfn, unsigned long nr,
					    bool make_dirty,
					    struct phyr_unpinned *done)
{
	if (nr <= PHYR_UNPIN_SHORT) {
		unpin_user_page_range_dirty_lock(pfn_to_page(pfn), nr,
						 make_dirty);
		cond_resched();
	} else {
		phyr_unpin_long(pfn, nr, make_dirty);
	}
	done->pages += nr;
	done->ranges++;
}

/* Unpin what a range has past the first @keep bytes. */
static __always_inline void phyr_unpin_range(const struct phyr_range *range,
					     u64 keep, bool make_dirty,
					     struct phyr_unpinned *done)
{
	unsigned long first = PFN_DOWN(range->phys);
	unsigned long end = PFN_UP(range->phys + range->len);

	if (!(range->flags & PHYR_PINNED) || keep >= range->len)
		return;
	if (keep)
		first = PFN_UP(range->phys + keep);
	if (first < end)
		phyr_unpin_pfns(first, end - first, make_dirty, done);
}

static void phyr_unpin_ranges(const struct phyr *phyr, u64 keep,
			      bool make_dirty, struct phyr_unpinned *done)
{
	PHYR_STATE(ps, phyr);

	/* The newest one is in the head. */
	ps.end -= phyr->last.len;
	while (phyrs_next(&ps)) {
		phyr_unpin_range(&ps.range, keep, make_dirty, done);
		keep -= min(keep, ps.range.len);
	}
	phyr_unpin_range(&phyr->last, keep, make_dirty, done);
}

static bool phyr_vec_is_page(const struct phys_vec *vec)
{
	return vec->len == PAGE_SIZE && !(vec->paddr & ~PAGE_MASK);
}

/*
 * Unpin single pages by an array: a call for each would take longer than the
 * rest.  Moves the others to the start of @vec, and returns how many they are.
 */
static unsigned int phyr_unpin_singles(struct phys_vec *vec, unsigned int nr,
				       bool make_dirty)
{
	struct page *pages[PHYR_UNPIN_VECS] __uninitialized;
	unsigned int single = 0, others = 0;

	for (unsigned int i = 0; i < nr; i++) {
		if (phyr_vec_is_page(&vec[i]))
			pages[single++] = phys_to_page(vec[i].paddr);
		else
			vec[others++] = vec[i];
	}
	if (single)
		unpin_user_pages_dirty_lock(pages, single, make_dirty);
	return others;
}

static void phyr_unpin_vecs(struct phys_vec *vec, unsigned int nr,
			    bool make_dirty, struct phyr_unpinned *done)
{
	unsigned int others = phyr_unpin_singles(vec, nr, make_dirty);

	done->pages += nr - others;
	done->ranges += nr - others;
	for (; others; others--, vec++) {
		unsigned long first = PFN_DOWN(vec->paddr);
		unsigned long end = PFN_UP((u64)vec->paddr + vec->len);

		phyr_unpin_pfns(first, end - first, make_dirty, done);
	}
}

/* All of a list that is pinned throughout. */
static void phyr_unpin_all(const struct phyr *phyr, bool make_dirty,
			   struct phyr_unpinned *done)
{
	PHYR_STATE(ps, phyr);
	struct phys_vec vec[PHYR_UNPIN_VECS] __uninitialized;
	unsigned int nr;

	while ((nr = phyrs_next_vecs(&ps, vec, ARRAY_SIZE(vec)))) {
		phyr_unpin_vecs(vec, nr, make_dirty, done);
		cond_resched();
	}
}

/* The common cases are one range, which needs no walk, and all that is pinned. */
void phyr_drop_pins(const struct phyr *phyr, u64 keep, bool make_dirty)
{
	struct phyr_unpinned done = { };

	if (!(phyr->seen & PHYR_PINNED))
		return;

	if (phyr->nr == 1)
		phyr_unpin_range(&phyr->last, keep, make_dirty, &done);
	else if (phyr->nr <= PHYR_UNPIN_FEW || phyr->mixed || keep)
		phyr_unpin_ranges(phyr, keep, make_dirty, &done);
	else
		phyr_unpin_all(phyr, make_dirty, &done);
	if (done.pages)
		trace_phyr_unpin(phyr, done.pages, done.ranges, make_dirty);
}

void phyr_undo_pins(struct phyr *phyr, const struct phyr_mark *mark)
{
	phyr_drop_pins(phyr, mark->head.bytes, false);
	phyr_restore(phyr, mark);
}
