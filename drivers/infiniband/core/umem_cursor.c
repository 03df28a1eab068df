// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Access to the pages of registered memory.
 *
 * An access works on a position of its own, which it takes from the cursor at
 * first and leaves there in the end.  The cursor is locked for as long as that
 * takes, by a bit: whoever finds it set does without the cursor, so that it
 * doesn't matter who that is and whom it has interrupted.
 */

#include <linux/bitops.h>
#include <linux/export.h>
#include <linux/mm.h>
#include <rdma/ib_umem.h>
#include <rdma/ib_umem_cursor.h>

/* In a single range there is nothing to seek, and so nothing to remember. */
static bool ib_umem_cursor_trylock(struct ib_umem_cursor *cursor)
{
	return phyr_nr_ranges(cursor->pages) > 1 &&
	       !test_and_set_bit_lock(0, &cursor->busy);
}

static void ib_umem_cursor_unlock(struct ib_umem_cursor *cursor)
{
	clear_bit_unlock(0, &cursor->busy);
}

/**
 * ib_umem_cursor_init() - Set a cursor to the start of registered memory
 * @cursor: Cursor to initialise.
 * @umem: The memory: pinned pages, that stay the same for as long as @cursor is
 *	used.
 *
 * The cursor needs no clean-up.
 *
 * Context: Any.
 */
void ib_umem_cursor_init(struct ib_umem_cursor *cursor,
			 const struct ib_umem *umem)
{
	*cursor = (struct ib_umem_cursor) {
		.pages = &umem->phyr,
		.last = phyr_start(&umem->phyr),
	};
}
EXPORT_SYMBOL_GPL(ib_umem_cursor_init);

static void ib_umem_walk_start(struct ib_umem_walk *walk,
			       struct ib_umem_cursor *cursor)
{
	walk->cursor = cursor;
	if (ib_umem_cursor_trylock(cursor)) {
		walk->ps = cursor->last;
		ib_umem_cursor_unlock(cursor);
	} else {
		walk->ps = phyr_start(cursor->pages);
	}
}

/**
 * ib_umem_walk_page() - The page at a position in registered memory
 * @walk: The access.  It may go on to the cursor of other memory.
 * @cursor: Cursor of the memory.
 * @pos: Position in bytes, from the start of the memory's first page.
 *
 * O(1) at or close behind the page before it, of this access or of the last one;
 * else O(log n).
 *
 * Context: Any.  The caller keeps the memory registered.
 * Return: The page, or NULL if @pos is not before the end of the last page or
 * the memory there has no pages.
 */
struct page *ib_umem_walk_page(struct ib_umem_walk *walk,
			       struct ib_umem_cursor *cursor, u64 pos)
{
	const struct phyr_range *range = &walk->ps.range;
	u64 start;

	if (walk->cursor != cursor) {
		ib_umem_walk_end(walk);
		ib_umem_walk_start(walk, cursor);
	}

	/* Seeking cuts off what is before @pos: stay in the range, if it fits. */
	start = phyrs_tell(&walk->ps);
	if (pos - start >= range->len) {
		start = round_down(pos, PAGE_SIZE);
		if (phyrs_seek(&walk->ps, start))
			return NULL;
	}
	if (WARN_ON_ONCE(range->flags & PHYR_MMIO))
		return NULL;
	return phys_to_page(range->phys + (pos - start));
}
EXPORT_SYMBOL_GPL(ib_umem_walk_page);

/**
 * ib_umem_walk_end() - Let the next access go on where one ended
 * @walk: The access, which may be forgotten afterwards.
 *
 * Nothing has to be undone: an access that failed may as well be forgotten
 * without.
 *
 * Context: Any.  The caller keeps the memory registered.
 */
void ib_umem_walk_end(const struct ib_umem_walk *walk)
{
	struct ib_umem_cursor *cursor = walk->cursor;

	if (cursor && ib_umem_cursor_trylock(cursor)) {
		cursor->last = walk->ps;
		ib_umem_cursor_unlock(cursor);
	}
}
EXPORT_SYMBOL_GPL(ib_umem_walk_end);
