/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PHYR_USER_SCATTERLIST_H
#define _PHYR_USER_SCATTERLIST_H
/* The kernel's own, and what it needs. */

#include <linux/err.h>
#include <linux/mm.h>
#include <linux/slab.h>

#define dma_addr_t			u64

#define VM_WARN_ON_ONCE(condition)	((void)sizeof(condition))
#define kmalloc_objs(type, nr, gfp)	kmalloc(array_size(nr, sizeof(type)), gfp)
#define __get_free_page(gfp)		((unsigned long)kmalloc(PAGE_SIZE, gfp))
#define free_page(addr)			kfree((void *)(addr))

static inline bool page_range_contiguous(const struct page *page, size_t nr)
{
	return true;
}

/* The kernel has to look at both to see that they aren't device memory. */
static inline bool zone_device_pages_have_same_pgmap(const struct page *a,
						     const struct page *b)
{
	return true;
}

static inline void kmemleak_alloc(const void *addr, size_t size, int min_count,
				  gfp_t gfp)
{
}

static inline void kmemleak_free(const void *addr)
{
}

/* Compiled, but not linked. */
struct page *alloc_pages(gfp_t gfp, unsigned int order);
void __free_pages(struct page *page, unsigned int order);
struct page *virt_to_page(const void *addr);
void *page_address(const struct page *page);

#include "../../../../../include/linux/scatterlist.h"

#endif /* _PHYR_USER_SCATTERLIST_H */
