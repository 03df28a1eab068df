/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
#ifndef IB_UMEM_CURSOR_H
#define IB_UMEM_CURSOR_H
/*
 * Access to the pages of registered memory, for drivers that move the data in
 * software.
 */

#include <linux/phyr.h>

struct ib_umem;

/**
 * struct ib_umem_cursor - Where registered memory was accessed last
 *
 * Embedded by the driver in what it has for a memory region.  An access that
 * goes on where the last one ended, as those of a large transfer do, starts
 * there instead of seeking its page in the whole list.  Any number of contexts
 * may use it at once, and none waits for another.
 */
struct ib_umem_cursor {
	/* private: */
	const struct phyr	*pages;
	unsigned long		busy;	/* bit 0: @last is being copied */
	struct phyr_state	last;
};

/**
 * struct ib_umem_walk - One access to registered memory
 *
 * On the stack of the function that accesses it.  All zeroes before the first
 * use.
 */
struct ib_umem_walk {
	/* private: */
	struct ib_umem_cursor	*cursor;
	struct phyr_state	ps;
};

#ifdef CONFIG_INFINIBAND_USER_MEM

void ib_umem_cursor_init(struct ib_umem_cursor *cursor,
			 const struct ib_umem *umem);
struct page *ib_umem_walk_page(struct ib_umem_walk *walk,
			       struct ib_umem_cursor *cursor, u64 pos);
void ib_umem_walk_end(const struct ib_umem_walk *walk);

#else

static inline void ib_umem_cursor_init(struct ib_umem_cursor *cursor,
				       const struct ib_umem *umem)
{
}

static inline struct page *ib_umem_walk_page(struct ib_umem_walk *walk,
					     struct ib_umem_cursor *cursor,
					     u64 pos)
{
	return NULL;
}

static inline void ib_umem_walk_end(const struct ib_umem_walk *walk)
{
}

#endif

#endif /* IB_UMEM_CURSOR_H */
