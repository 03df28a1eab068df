// SPDX-License-Identifier: GPL-2.0-only
/*
 * What stands in for the kernel around lib/phyr/.
 */

#include <stdio.h>
#include <stdlib.h>
#include <linux/gup_ranges.h>
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

/* How many pages at @start are next to each other, and can be pinned? */
static unsigned long user_count_run(unsigned long start, unsigned long max)
{
	unsigned long vpn = start >> PAGE_SHIFT, nr = 1;

	max = min(max, kernel.mapped);
	while (nr < max && user_mapped_pfn(vpn + nr) == user_mapped_pfn(vpn) + nr)
		nr++;
	return min(nr, max);
}

/* Runs of even length are ranges, others are single pages. */
long pin_user_ranges_fast(unsigned long start, unsigned long nr_pages,
			  unsigned int gup_flags, struct gup_ranges *found)
{
	unsigned long nr = 0, run, i;

	check(!offset_in_page(start));
	check(nr_pages > 0);
	check(gup_flags & FOLL_LONGTERM);
	found->nr_long = 0;
	found->next = found->entries;
	for (; nr < nr_pages; nr += run) {
		struct page *page = pfn_to_page(user_mapped_pfn((start >> PAGE_SHIFT) + nr));

		run = user_count_run(start + nr * PAGE_SIZE, nr_pages - nr);
		if (!run || gup_ranges_nr(found) + max(run, 2UL) > found->max)
			break;
		kernel.mapped -= run;
		for (i = 0; i < run; i++) {
			pin_pfn(page_to_pfn(page) + i, 1);
			if (run % 2)
				*found->next++ = pfn_to_page(page_to_pfn(page) + i);
		}
		if (run % 2)
			continue;
		*found->next++ = (void *)page + GUP_RANGE_LONG;
		*found->next++ = (void *)run;
		found->nr_long++;
	}
	return nr ?: -EFAULT;
}

long pin_user_ranges_remote(struct mm_struct *mm, unsigned long start,
			    unsigned long nr_pages, unsigned int gup_flags,
			    struct gup_ranges *found)
{
	check(mm);
	return pin_user_ranges_fast(start, nr_pages, gup_flags, found);
}

void unpin_user_ranges(const struct gup_ranges *found, unsigned long keep)
{
	unsigned long nr, k, had = 0;
	unsigned int i = 0;
	struct page *page;

	while ((page = gup_next_range(found, &i, &nr))) {
		for (k = 0; k < nr; k++, had++)
			if (had >= keep)
				pin_pfn(page_to_pfn(page) + k, -1);
	}
}

void unpin_user_vecs(const struct phys_vec *vecs, unsigned int nr,
		     bool make_dirty)
{
	unsigned long pages = 0;

	for (; nr; nr--, vecs++) {
		const struct phyr_range range = {
			.phys = vecs->paddr, .len = vecs->len,
		};

		user_pin_range(&range, -1);
		pages += PFN_UP(range.phys + range.len) - PFN_DOWN(range.phys);
	}
	if (make_dirty)
		kernel.unpinned_dirty += pages;
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
