/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef __LINUX_GUP_RANGES_H
#define __LINUX_GUP_RANGES_H
/*
 * Pinned user memory as ranges of pages: what a large folio costs does not depend
 * on how many pages it has.
 */

#include <linux/types.h>

struct mm_struct;
struct page;
struct phys_vec;

/* Marks an entry whose number of pages is in the next one. */
#define GUP_RANGE_LONG		1UL

/**
 * struct gup_ranges - What pin_user_ranges_fast() pinned
 * @entries: Room that the caller gives.  A page, or pages of one folio: then
 *	%GUP_RANGE_LONG is added to the first, and their number follows.
 * @max: How many entries there is room for, two at least.
 * @nr_long: Ranges of more than one page among them.
 * @next: The entry after those in use.
 */
struct gup_ranges {
	struct page	**entries;
	unsigned int	max;
	unsigned int	nr_long;
	struct page	**next;
	/* private: where a range of any kind has room at last */
	struct page	**last;
};

/**
 * gup_ranges_nr() - How many entries are in use?
 * @found: What was pinned.
 *
 * Context: Any.
 * Return: The number of entries, of which ranges take one or two.
 */
static inline unsigned int gup_ranges_nr(const struct gup_ranges *found)
{
	return found->next - found->entries;
}

static inline bool gup_range_is_long(const struct page *entry)
{
	return (unsigned long)entry & GUP_RANGE_LONG;
}

/**
 * gup_next_range() - Read the next one of the ranges
 * @found: What was pinned.
 * @i: Index of the entry that it starts at, 0 for the first one.  Moved behind it.
 * @nr: Set to its number of pages.
 *
 * Context: Any.
 * Return: The first page, or NULL after the last range.
 */
static inline struct page *gup_next_range(const struct gup_ranges *found,
					  unsigned int *i, unsigned long *nr)
{
	struct page *page;

	if (*i == gup_ranges_nr(found))
		return NULL;
	page = found->entries[(*i)++];
	*nr = 1;
	if (!gup_range_is_long(page))
		return page;
	*nr = (unsigned long)found->entries[(*i)++];
	return (struct page *)((unsigned long)page - GUP_RANGE_LONG);
}

long pin_user_ranges_fast(unsigned long start, unsigned long nr_pages,
			  unsigned int gup_flags, struct gup_ranges *found);
long pin_user_ranges_remote(struct mm_struct *mm, unsigned long start,
			    unsigned long nr_pages, unsigned int gup_flags,
			    struct gup_ranges *found);
void unpin_user_ranges(const struct gup_ranges *found, unsigned long keep);
void unpin_user_vecs(const struct phys_vec *vecs, unsigned int nr,
		     bool make_dirty);

#endif /* __LINUX_GUP_RANGES_H */
