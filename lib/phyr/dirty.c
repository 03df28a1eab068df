// SPDX-License-Identifier: GPL-2.0-only
/*
 * Physical-range list: pinned memory that a device has written.
 */

#include <linux/export.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched.h>

#include "internal.h"

/* The lock keeps the folio in its file until that knows. */
static void phyr_dirty_folio(struct folio *folio)
{
	if (folio_test_dirty(folio))
		return;
	folio_lock(folio);
	folio_mark_dirty(folio);
	folio_unlock(folio);
}

/* Take what is left of a range, or of a folio in it that the list has pinned. */
static void phyr_dirty_next(struct phyr_state *ps)
{
	struct phyr_folio part;
	phys_addr_t phys;

	if (!(ps->range.flags & PHYR_PINNED))
		phyrs_piece(ps, ps->range.len, &phys);
	else if (phyrs_next_folio(ps, &part))
		phyr_dirty_folio(part.folio);
}

/**
 * phyr_mark_dirty() - Mark pinned pages of a part dirty
 * @phyr: List.
 * @pos: Where the part starts in the list, in bytes.
 * @len: Its length in bytes.
 *
 * For what a device wrote, if that isn't all of the list: phyr_destroy() unpins the
 * memory then, and leaves the rest of it clean.  Call it each time after the device
 * has written, and phyr_dma_sync_slice_for_cpu(): what was marked before may have been
 * written back meanwhile.  Folios get dirty as a whole.  Nothing is done to the memory
 * of ranges that aren't %PHYR_PINNED.
 *
 * O(log n), and O(1) for each folio of the part.
 *
 * Context: May sleep.  Takes the folio lock of pages that get dirty.
 * Return: 0, or -ERANGE with nothing marked if not all of the part is in the list.
 */
int phyr_mark_dirty(const struct phyr *phyr, u64 pos, u64 len)
{
	struct phyr_state ps = phyr_start_slice(phyr, pos, len);

	might_sleep();
	if (pos > phyr_bytes(phyr) || len > phyr_bytes(phyr) - pos)
		return -ERANGE;
	while (phyrs_load(&ps)) {
		phyr_dirty_next(&ps);
		cond_resched();
	}
	return 0;
}
EXPORT_SYMBOL_GPL(phyr_mark_dirty);
