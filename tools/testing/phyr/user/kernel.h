/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PHYR_USER_KERNEL_H
#define _PHYR_USER_KERNEL_H
/*
 * What stands in for the kernel around lib/phyr/: a heap that counts and fails
 * on demand, pages that count their pins, and memory whose bytes are a function
 * of their address.
 */

#include <linux/mm.h>
#include <linux/phyr.h>
#include <linux/types.h>

/* The pages that can be pinned. */
#define POOL_PFN	0x40000UL
#define POOL_PAGES	512UL

struct user_kernel {
	size_t		heap;		/* bytes taken from slab caches */
	unsigned int	fail_nth;	/* the allocation to fail; 0 for none */
	bool		failed;		/* it did */
	bool		reserved;	/* nobody may allocate any more */
	bool		atomic;		/* nobody may sleep to allocate */
	bool		warned;
	unsigned int	mapped;		/* user pages before one that isn't */
	unsigned long	unpinned_dirty;
	u64		zeroed;		/* see user_sum() */
	unsigned int	pins[POOL_PAGES];
};

extern struct user_kernel kernel;

/* Stops the program, which is what a fuzzer takes for a finding. */
#define check(condition)						\
	do {								\
		if (!(condition))					\
			user_die(__FILE__, __LINE__, #condition);	\
	} while (0)

void __attribute__((__noreturn__)) user_die(const char *file, int line,
					    const char *what);

/* Count @pins more on each page of @range. */
void user_pin_range(const struct phyr_range *range, int pins);

/* Which page is mapped at a virtual page number. */
unsigned long user_mapped_pfn(unsigned long vpn);

static inline u8 user_byte_at(phys_addr_t phys)
{
	return (u64)phys * 0x9e3779b97f4a7c15ULL >> 56;
}

/* That tells which bytes were meant, whatever their order. */
static inline u64 user_sum(phys_addr_t phys, u64 len)
{
	return len * (phys + 1) * 0x9e3779b97f4a7c15ULL + len * len;
}

/* The address as it is once it went through a struct page pointer. */
static inline phys_addr_t user_page_phys(phys_addr_t phys)
{
	return page_to_phys(phys_to_page(phys)) | offset_in_page(phys);
}

#endif /* _PHYR_USER_KERNEL_H */
