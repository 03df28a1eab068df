// SPDX-License-Identifier: GPL-2.0-only
/*
 * Physical-range list: walks by pages, folios and blocks, and many ranges at a time;
 * appending what has pages, whatever it is.
 */

#include <kunit/visibility.h>
#include <linux/export.h>
#include <linux/log2.h>
#include <linux/memremap-special.h>
#include <linux/mm.h>
#include <linux/pci-p2pdma.h>

#include "internal.h"

/* Ranges that are unpacked at a time. */
#define PHYR_VISIT_VECS		64

static_assert(sizeof(size_t) < sizeof(u64) ||
	      (sizeof(struct phyr_plain) == sizeof(struct phys_vec) &&
	       offsetof(struct phyr_plain, len) == offsetof(struct phys_vec, len)),
	      "phyr_visit() gives plain ranges away as vectors");

/* phyr_visit() of a list that isn't plain throughout. */
void phyr_visit_packed(const struct phyr *phyr,
		       void (*fn)(const struct phys_vec *vecs, unsigned int nr,
				  void *arg), void *arg)
{
	PHYR_STATE(ps, phyr);
	struct phys_vec vecs[PHYR_VISIT_VECS] __uninitialized;
	unsigned int nr;

	while ((nr = phyrs_next_vecs(&ps, vecs, ARRAY_SIZE(vecs))))
		fn(vecs, nr, arg);
}
EXPORT_SYMBOL_GPL(phyr_visit_packed);

/**
 * phyr_best_block_size() - In how large blocks can a list be given away?
 * @phyr: List.
 * @sizes: The sizes that hardware has, powers of two ORed together, in bytes.
 * @virt: The address at which the hardware shall show the list's first byte.
 *
 * In blocks of a size that fits, all bytes of the list are as far from the start
 * of their block as they are in the hardware's address space.  O(1).
 *
 * Context: Any.
 * Return: The largest of @sizes that fits, or 0 if none does.
 */
u64 phyr_best_block_size(const struct phyr *phyr, u64 sizes, u64 virt)
{
	PHYR_STATE(ps, phyr);
	u64 bits;

	if (!phyrs_load(&ps))
		return 0;
	bits = phyr_summary(phyr).seams | (ps.range.phys ^ virt);

	/* No size above the lowest bit of those. */
	sizes &= bits ^ (bits - 1);
	return sizes ? BIT_ULL(ilog2(sizes)) : 0;
}
EXPORT_SYMBOL_IF_KUNIT(phyr_best_block_size);

/**
 * phyr_nr_pages() - How many pages is the listed memory in?
 * @phyr: List.
 *
 * Counts, for each range, the pages of the CPU that it touches, wholly or partly.  A
 * page that two ranges touch counts for both of them.  So it is how often the body of
 * phyr_for_each_pfn() runs and, in a list of pinned memory, how many pins there are:
 * what to uncharge from RLIMIT_MEMLOCK after the list is destroyed.  To be charged
 * before phyr_pin_user(), whose result nobody knows then, it is PFN_UP(
 * offset_in_page(addr) + len) for each call.
 *
 * O(1) if all inner boundaries are multiples of a page, else O(n).
 *
 * Context: Any.
 * Return: The number of pages.
 */
u64 phyr_nr_pages(const struct phyr *phyr)
{
	struct phyr_range range;
	u64 nr = 0;

	if (phyr_at(phyr, 0, &range))
		return 0;
	if (!offset_in_page(phyr_summary(phyr).seams))
		return PFN_UP(offset_in_page(range.phys) + phyr_bytes(phyr));

	phyr_for_each_range(phyr, range)
		nr += PFN_UP(offset_in_page(range.phys) + range.len);
	return nr;
}
EXPORT_SYMBOL_GPL(phyr_nr_pages);

u64 phyrs_page_piece(struct phyr_state *ps, u64 max, phys_addr_t *phys)
{
	u64 offset;

	if (!phyrs_load(ps))
		return 0;
	offset = offset_in_page(ps->range.phys);
	return phyrs_piece(ps, min(max, PAGE_SIZE - offset), phys);
}

/**
 * phyrs_next_block() - Go to the next aligned block
 * @ps: State.
 * @size: Size and alignment of the blocks in bytes, a power of two.
 * @block: Set to the address of the block's start.
 *
 * Context: Any.
 * Return: %false at the end of the list.
 */
bool phyrs_next_block(struct phyr_state *ps, u64 size, phys_addr_t *block)
{
	u64 offset;

	if (!phyrs_load(ps))
		return false;
	offset = (ps->range.phys) & (size - 1);
	phyrs_piece(ps, size - offset, block);
	*block -= offset;
	return true;
}
EXPORT_SYMBOL_IF_KUNIT(phyrs_next_block);

/**
 * phyrs_next_page() - Go to the next page
 * @ps: State.
 *
 * Context: Any.
 * Return: The page, or NULL at the end of the list or where it has no pages:
 * the latter is a bug of the caller.
 */
struct page *phyrs_next_page(struct phyr_state *ps)
{
	unsigned long pfn;

	if (!phyrs_next_pfn(ps, &pfn) ||
	    WARN_ON_ONCE(ps->range.flags & PHYR_MMIO))
		return NULL;
	return pfn_to_page(pfn);
}
EXPORT_SYMBOL_GPL(phyrs_next_page);

/**
 * phyrs_next_folio() - Go to the next folio
 * @ps: State.
 * @part: Set to the part of the folio that is listed next.
 *
 * Context: Any.  The caller keeps the memory from being split or freed.
 * Return: %false at the end of the list or where it has no folios: the latter
 * is a bug of the caller.
 */
bool phyrs_next_folio(struct phyr_state *ps, struct phyr_folio *part)
{
	phys_addr_t phys;

	if (!phyrs_load(ps) ||
	    WARN_ON_ONCE(ps->range.flags & PHYR_MMIO))
		return false;

	phys = ps->range.phys;
	part->folio = pfn_folio(PHYS_PFN(phys));
	part->offset = phys - PFN_PHYS(folio_pfn(part->folio));
	part->len = phyrs_piece(ps, folio_size(part->folio) - part->offset,
				&phys);
	return true;
}
EXPORT_SYMBOL_GPL(phyrs_next_folio);

bool phyr_is_special(phys_addr_t phys)
{
	struct dev_pagemap *pgmap = get_dev_pagemap(PHYS_PFN(phys));
	bool special = pgmap && pgmap_is_special(pgmap);

	put_dev_pagemap(pgmap);
	return special;
}

/*
 * Peer-to-peer pages are mapped by their provider, and not touched otherwise.  What
 * is private to a device has no address at all.
 */
int phyr_append_part(struct phyr *phyr, struct page *page, size_t offset,
		     size_t len, gfp_t gfp)
{
	struct phyr_range range = { .len = len };

	if (!page)
		return -EINVAL;
	if (is_device_private_page(page))
		return -EOPNOTSUPP;
	if (is_pci_p2pdma_page(page)) {
		range.flags = PHYR_MMIO;
		range.provider = pci_p2pdma_page_provider(page);
	}
	range.phys = PFN_PHYS(page_to_pfn(page)) + offset;
	return phyr_append_one(phyr, &range, gfp);
}

/* phyr_append_runs() of pages that may be a device's. */
static int phyr_append_any_pages(struct phyr *phyr, struct page **pages,
				 unsigned int offset, u64 size, gfp_t gfp)
{
	int ret = 0;

	while (size && !ret) {
		size_t nr = PFN_UP(offset + size), run = 0;
		u64 len;

		while (run < nr && !is_zone_device_page(pages[run]))
			run++;
		len = min(size, ((u64)max(run, 1) << PAGE_SHIFT) - offset);
		if (run)
			ret = phyr_append_runs(phyr, pages, offset, len, 0, gfp);
		else
			ret = phyr_append_part(phyr, *pages, offset, len, gfp);
		pages += max(run, 1);
		size -= len;
		offset = 0;
	}
	return ret;
}

/**
 * phyr_append_pages() - Append an array of pages
 * @phyr: List.
 * @pages: Pages, in order.
 * @nr_pages: Number of elements of @pages.
 * @offset: Offset of the first byte in the first page.
 * @size: Length in bytes.
 * @gfp: For the list's own memory.
 *
 * The list keeps neither the array nor references to the pages: they must
 * outlive it.
 *
 * Context: As @gfp allows.
 * Return: 0, or a negative errno with the list as it was: -EINVAL if @offset is
 * not in the first page, @size is zero or @pages holds less than that, -EOPNOTSUPP
 * if a page is private to a device, else as phyr_append_range().
 */
int phyr_append_pages(struct phyr *phyr, struct page **pages,
		      unsigned long nr_pages, unsigned int offset, u64 size,
		      gfp_t gfp)
{
	struct phyr_before before = phyr_before(phyr);
	u64 old_nr = phyr_nr_ranges(phyr);
	int ret;

	if (!size || offset >= PAGE_SIZE ||
	    size > ((u64)nr_pages << PAGE_SHIFT) - offset || !nr_pages)
		return -EINVAL;

	/* Look at pages only where some may be a device's. */
	if (IS_ENABLED(CONFIG_ZONE_DEVICE) &&
	    unlikely(READ_ONCE(memremap_special)))
		ret = phyr_append_any_pages(phyr, pages, offset, size, gfp);
	else
		ret = phyr_append_runs(phyr, pages, offset, size, 0, gfp);
	if (ret)
		phyr_undo(phyr, &before);
	phyr_account(phyr, old_nr, before.bytes);
	return ret;
}
EXPORT_SYMBOL_GPL(phyr_append_pages);

/**
 * phyr_append_folio() - Append a part of a folio
 * @phyr: List.
 * @folio: The folio; the list takes no reference to it.
 * @offset: Offset of the first byte in @folio.
 * @len: Length in bytes.
 * @gfp: For the list's own memory.
 *
 * Context: As @gfp allows.
 * Return: 0, or a negative errno with the list as it was: -EINVAL if the part
 * is empty or not inside @folio, -EOPNOTSUPP if @folio is private to a device,
 * else as phyr_append_range().
 */
int phyr_append_folio(struct phyr *phyr, struct folio *folio, size_t offset,
		      size_t len, gfp_t gfp)
{
	u64 nr = phyr_nr_ranges(phyr), bytes = phyr->bytes;
	size_t size = folio_size(folio);
	int ret;

	if (offset >= size || len > size - offset)
		return -EINVAL;
	ret = phyr_append_part(phyr, folio_page(folio, 0), offset, len, gfp);
	phyr_account(phyr, nr, bytes);
	return ret;
}
EXPORT_SYMBOL_IF_KUNIT(phyr_append_folio);
