// SPDX-License-Identifier: GPL-2.0-only
/*
 * Physical-range list: memory that is allocated for the list's owner.
 */

#include <kunit/static_stub.h>
#include <kunit/visibility.h>
#include <linux/export.h>
#include <linux/gfp.h>
#include <linux/log2.h>
#include <linux/mm.h>

#include "alloc.h"
#include "pin.h"

/* Whoever can do with smaller ones isn't worth much effort for larger ones. */
VISIBLE_IF_KUNIT struct folio *phyr_alloc_folio(gfp_t gfp, unsigned int order)
{
	struct page *page;

	KUNIT_STATIC_STUB_REDIRECT(phyr_alloc_folio, gfp, order);
	if (order)
		gfp |= __GFP_NORETRY | __GFP_NOWARN;
	page = alloc_pages(gfp | __GFP_COMP, order);
	return page ? page_folio(page) : NULL;
}
EXPORT_SYMBOL_IF_KUNIT(phyr_alloc_folio);

/* The largest that can be had; what couldn't isn't tried again, as @max tells. */
static struct folio *phyr_alloc_largest(gfp_t gfp, u64 len, unsigned int *max)
{
	unsigned int fit = ilog2(len >> PAGE_SHIFT | 1);
	unsigned int order = min(*max, fit);
	struct folio *folio;

	while (!(folio = phyr_alloc_folio(gfp, order)) && order)
		*max = --order;
	return folio;
}

/* What is said of pages, as zones are, is nothing to kmalloc() and vmalloc(). */
#define PHYR_LIST_GFP							\
	(GFP_KERNEL_ACCOUNT | __GFP_HIGH | __GFP_NOWARN | __GFP_NORETRY | \
	 __GFP_RETRY_MAYFAIL | __GFP_NOFAIL)

static int phyr_alloc_next(struct phyr *phyr, u64 len, unsigned int *max,
			   gfp_t gfp)
{
	gfp_t list_gfp = gfp & PHYR_LIST_GFP;
	struct phyr_range range = { };
	struct folio *folio;
	int ret;

	ret = phyr_pin_pause();
	if (ret)
		return ret;
	folio = phyr_alloc_largest(gfp, len, max);
	if (!folio)
		return -ENOMEM;

	range.phys = PFN_PHYS(folio_pfn(folio));
	range.len = min(len, folio_size(folio));
	ret = phyr_append_one(phyr, &range, list_gfp);
	if (ret)
		folio_put(folio);
	return ret;
}

/* The walk has read an address before the loop's body gets its page to free. */
static void phyr_put_folios(const struct phyr *phyr, u64 pos)
{
	struct phyr_state ps = phyr_start_slice(phyr, pos,
						phyr_bytes(phyr) - pos);
	struct phyr_folio part;

	while (phyrs_next_folio(&ps, &part)) {
		folio_put(part.folio);
		cond_resched();
	}
}

static int phyr_alloc_all(struct phyr *phyr, u64 len, unsigned int max,
			  gfp_t gfp)
{
	struct phyr_before before = phyr_before(phyr);
	u64 end = phyr_bytes(phyr) + len;
	int ret = 0;

	while (!ret && phyr_bytes(phyr) < end)
		ret = phyr_alloc_next(phyr, end - phyr_bytes(phyr), &max, gfp);
	if (ret) {
		phyr_put_folios(phyr, before.bytes);
		phyr_undo(phyr, &before);
	}
	return ret;
}

/**
 * phyr_alloc_pages() - Allocate memory and append it
 * @phyr: List.
 * @len: Length in bytes.  The rest of the last page is allocated, but not listed.
 * @max_order: The largest order to allocate, such as %PMD_ORDER; 0 for single pages,
 *	%MAX_PAGE_ORDER for whatever is there.
 * @gfp: For the pages, and for the list's own memory.  %__GFP_ZERO has the pages
 *	zeroed, and zones are those of the pages.
 *
 * The pages are of the largest order that is at most @max_order, no longer than
 * what is missing, and to be had without much effort; where it isn't, of the next
 * smaller one, and so on.  Each is a folio of its own with one reference, which
 * belongs to the caller: phyr_free_pages() gives all of them back.
 *
 * Context: Process context.  May sleep, whatever @gfp is.
 * Return: 0, or a negative errno with the list as it was and nothing allocated:
 * -EINVAL if @len is zero, -ERANGE if the list would get too long, -ENOMEM, -EINTR
 * if the process is being killed.
 */
int phyr_alloc_pages(struct phyr *phyr, u64 len, unsigned int max_order,
		     gfp_t gfp)
{
	u64 nr = phyr_nr_ranges(phyr), bytes = phyr->bytes;
	int ret;

	if (!len)
		return -EINVAL;
	if (len > PHYR_BYTES_MAX - bytes)
		return -ERANGE;
	/* Ever so many would be taken before it turned out that there are no more. */
	if (PFN_UP(len) > totalram_pages())
		return -ENOMEM;

	ret = phyr_alloc_all(phyr, len, min(max_order, MAX_PAGE_ORDER), gfp);
	phyr_account(phyr, nr, bytes);
	return ret;
}
EXPORT_SYMBOL_GPL(phyr_alloc_pages);

/**
 * phyr_free_pages() - Give back what phyr_alloc_pages() allocated, and free the list
 * @phyr: List of nothing else, or an empty one; not mapped for any device.
 *
 * Drops one reference of each folio: who took others keeps the memory.  What was
 * cut off the list before is not found any more, and stays allocated.  The list is
 * empty then, and can be used again.  Of two lists that phyr_split() made by cutting
 * inside of a folio only one may be given to this, as both have that folio.
 *
 * Context: May sleep.
 */
void phyr_free_pages(struct phyr *phyr)
{
	/* Pins and devices' memory aren't ours to free. */
	if (!WARN_ON_ONCE(phyr_flags(phyr)))
		phyr_put_folios(phyr, 0);
	phyr_destroy(phyr);
}
EXPORT_SYMBOL_GPL(phyr_free_pages);
