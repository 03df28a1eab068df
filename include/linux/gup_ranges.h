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

/* Pages of one node that its statistics don't know yet. */
struct gup_count {
	int		nid;
	unsigned long	nr_pages;
};

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
	/* private: where a range of any kind has room at last, for the fast way */
	struct page	**last;
	struct gup_count	count;
	/* private: how many the slow way may pin beyond, and pinned */
	unsigned long	nr_wanted;
	unsigned long	nr_more;
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

static inline struct page *gup_range_page(const struct page *entry)
{
	return (struct page *)((unsigned long)entry & ~GUP_RANGE_LONG);
}

/**
 * gup_ranges_is_one() - Is what was pinned a single range?
 * @found: What was pinned, which is not nothing.
 *
 * Context: Any.
 * Return: %true if there is no other range after the first one.
 */
static inline bool gup_ranges_is_one(const struct gup_ranges *found)
{
	return gup_ranges_nr(found) == 1 + found->nr_long;
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
	return gup_range_page(page);
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
