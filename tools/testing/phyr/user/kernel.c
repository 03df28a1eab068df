// SPDX-License-Identifier: GPL-2.0-only
/*
 * What stands in for the kernel around lib/phyr/.
 */

#include <stdio.h>
#include <stdlib.h>
#include <linux/highmem.h>
#include <linux/pfn.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "kernel.h"

struct user_kernel kernel;
unsigned int user_signal_after;

/* Before each allocation. */
union heap_head {
	size_t		size;
	max_align_t	align;
};

void user_die(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: not true: %s\n", file, line, what);
	abort();
}

static bool allocation_fails(void)
{
	if (!kernel.fail_nth || --kernel.fail_nth)
		return false;
	kernel.failed = true;
	return true;
}

void *kmalloc(size_t size, gfp_t gfp)
{
	union heap_head *head;

	check(size && size <= SZ_1M);
	check(!kernel.reserved);
	check(!(kernel.atomic && gfp & __GFP_DIRECT_RECLAIM));
	if (allocation_fails())
		return NULL;

	head = malloc(sizeof(*head) + size);
	check(head);
	head->size = size;
	kernel.heap += kmalloc_size_roundup(size);
	return head + 1;
}

void kfree(const void *addr)
{
	union heap_head *head;

	if (!addr)
		return;
	head = (union heap_head *)addr - 1;
	kernel.heap -= kmalloc_size_roundup(head->size);
	free(head);
}

/* The sizes of slab caches. */
size_t kmalloc_size_roundup(size_t size)
{
	size_t bucket = 8;

	if (size > 64 && size <= 96)
		return 96;
	if (size > 128 && size <= 192)
		return 192;
	while (bucket < size)
		bucket *= 2;
	return bucket;
}

size_t ksize(const void *addr)
{
	return kmalloc_size_roundup(((union heap_head *)addr - 1)->size);
}

/* Folios of all sizes up to 4 MiB, by where they are. */
unsigned int user_folio_order(unsigned long pfn)
{
	return ((u32)(pfn >> 10) * 0x9e3779b1U >> 28) % 11;
}

static void pin_pfn(unsigned long pfn, int pins)
{
	unsigned int *count = &kernel.pins[pfn - POOL_PFN];

	check(pfn - POOL_PFN < POOL_PAGES);
	check(pins > 0 || *count);
	*count += pins;
}

void user_pin_range(const struct phyr_range *range, int pins)
{
	unsigned long end = PFN_UP(range->phys + range->len);

	for (unsigned long pfn = PFN_DOWN(range->phys); pfn < end; pfn++)
		pin_pfn(pfn, pins);
}

/* Eight adjacent pages, then somewhere else. */
unsigned long user_mapped_pfn(unsigned long vpn)
{
	return POOL_PFN + ((vpn & ~7UL) * 37 + (vpn & 7)) % POOL_PAGES;
}

int pin_user_pages_fast(unsigned long start, int nr_pages,
			unsigned int gup_flags, struct page **pages)
{
	int nr;

	check(!offset_in_page(start));
	check(nr_pages > 0);
	check(gup_flags & FOLL_LONGTERM);
	for (nr = 0; nr < nr_pages && kernel.mapped; nr++) {
		unsigned long pfn = user_mapped_pfn((start >> PAGE_SHIFT) + nr);

		kernel.mapped--;
		pin_pfn(pfn, 1);
		pages[nr] = pfn_to_page(pfn);
	}
	return nr ?: -EFAULT;
}

void unpin_user_pages(struct page **pages, unsigned long npages)
{
	for (unsigned long i = 0; i < npages; i++)
		pin_pfn(page_to_pfn(pages[i]), -1);
}

void unpin_user_page_range_dirty_lock(struct page *page, unsigned long npages,
				      bool make_dirty)
{
	unsigned long pfn = page_to_pfn(page);

	for (unsigned long i = 0; i < npages; i++)
		pin_pfn(pfn + i, -1);
	if (make_dirty)
		kernel.unpinned_dirty += npages;
}

void unpin_user_pages_dirty_lock(struct page **pages, unsigned long npages,
				 bool make_dirty)
{
	for (unsigned long i = 0; i < npages; i++)
		unpin_user_page_range_dirty_lock(pages[i], 1, make_dirty);
}

void memcpy_from_page(char *to, struct page *page, size_t offset, size_t len)
{
	phys_addr_t phys = PFN_PHYS(page_to_pfn(page)) + offset;

	check(len && offset < PAGE_SIZE && len <= PAGE_SIZE - offset);
	for (size_t i = 0; i < len; i++)
		to[i] = user_byte_at(phys + i);
}

/* All that may be written is what is there. */
void memcpy_to_page(struct page *page, size_t offset, const char *from,
		    size_t len)
{
	phys_addr_t phys = PFN_PHYS(page_to_pfn(page)) + offset;

	check(len && offset < PAGE_SIZE && len <= PAGE_SIZE - offset);
	for (size_t i = 0; i < len; i++)
		check((u8)from[i] == user_byte_at(phys + i));
}

void memzero_page(struct page *page, size_t offset, size_t len)
{
	phys_addr_t phys = PFN_PHYS(page_to_pfn(page)) + offset;

	check(len && offset < PAGE_SIZE && len <= PAGE_SIZE - offset);
	kernel.zeroed += user_sum(phys, len);
}
