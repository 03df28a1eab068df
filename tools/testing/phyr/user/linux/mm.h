/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PHYR_USER_MM_H
#define _PHYR_USER_MM_H
#include <errno.h>
#include <linux/align.h>
#include <linux/bitops.h>
#include <linux/bug.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/sizes.h>
#include <linux/stddef.h>
#include <linux/types.h>

static inline unsigned long __ffs64(u64 word)
{
	return __builtin_ctzll(word);
}

#define PAGE_SHIFT	12
#define PAGE_SIZE	BIT(PAGE_SHIFT)
#define PAGE_MASK	(~(PAGE_SIZE - 1))

#define PAGE_ALIGN(addr)	ALIGN(addr, PAGE_SIZE)
#define offset_in_page(p)	((unsigned long)(p) & ~PAGE_MASK)

#define FOLL_WRITE		BIT(0)
#define FOLL_LONGTERM		BIT(8)
#define FOLL_PCI_P2PDMA		BIT(10)

/*
 * Pages and folios that nobody can look into: a pointer is the page frame
 * number, plus one as page zero isn't NULL, and even as all pointers to such.
 */
struct page;
struct folio;

static inline struct page *pfn_to_page(unsigned long pfn)
{
	return (struct page *)((pfn + 1) << 1);
}

static inline unsigned long page_to_pfn(const struct page *page)
{
	return ((unsigned long)page - 2) >> 1;
}

static inline phys_addr_t page_to_phys(const struct page *page)
{
	return (phys_addr_t)page_to_pfn(page) << PAGE_SHIFT;
}

unsigned int user_folio_order(unsigned long pfn);

static inline struct folio *pfn_folio(unsigned long pfn)
{
	return (struct folio *)pfn_to_page(pfn & -BIT(user_folio_order(pfn)));
}

static inline unsigned long folio_pfn(const struct folio *folio)
{
	return page_to_pfn((const struct page *)folio);
}

static inline size_t folio_size(const struct folio *folio)
{
	return PAGE_SIZE << user_folio_order(folio_pfn(folio));
}

static inline struct folio *page_folio(const struct page *page)
{
	return pfn_folio(page_to_pfn(page));
}

static inline struct page *folio_page(const struct folio *folio, unsigned long n)
{
	return pfn_to_page(folio_pfn(folio) + n);
}

static inline bool folio_test_large(const struct folio *folio)
{
	return user_folio_order(folio_pfn(folio));
}

static inline unsigned long folio_nr_pages(const struct folio *folio)
{
	return BIT(user_folio_order(folio_pfn(folio)));
}

static inline unsigned long folio_page_idx(const struct folio *folio,
					   const struct page *page)
{
	return page_to_pfn(page) - folio_pfn(folio);
}

static inline struct page *phys_to_page(phys_addr_t phys)
{
	return pfn_to_page(phys >> PAGE_SHIFT);
}

#endif /* _PHYR_USER_MM_H */
