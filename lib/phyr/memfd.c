// SPDX-License-Identifier: GPL-2.0-only
/*
 * Physical-range list: pinned memory of a memfd.
 */

#include <kunit/visibility.h>
#include <linux/cleanup.h>
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <trace/events/phyr.h>

#include "pin.h"

/* Folios pinned at a time: their array is one page on 64 bits. */
#define PHYR_MEMFD_BATCH	512

/*
 * Append a part of a folio that is pinned once, while a list owns a pin for each
 * page.  If that fails, the folio is unpinned.
 */
VISIBLE_IF_KUNIT int phyr_append_pinned_folio(struct phyr *phyr,
					      struct folio *folio,
					      size_t offset, size_t len,
					      gfp_t gfp)
{
	const struct phyr_range range = {
		.phys = PFN_PHYS(folio_pfn(folio)) + offset,
		.len = len,
		.flags = PHYR_PINNED,
	};
	unsigned long first = PFN_DOWN(offset);
	unsigned long nr = PFN_UP(offset + len) - first;
	int ret = 0;

	if (nr > 1)
		ret = folio_add_pins(folio, nr - 1);
	if (ret) {
		unpin_folio(folio);
		return ret;
	}

	ret = phyr_append_one(phyr, &range, gfp);
	if (ret)
		unpin_user_page_range_dirty_lock(folio_page(folio, first), nr,
						 false);
	return ret;
}
EXPORT_SYMBOL_IF_KUNIT(phyr_append_pinned_folio);

/* How many folios of a single page are first? */
static long phyr_count_small(struct folio **folios, long nr)
{
	long i = 0;

	while (i < nr && !folio_test_large(folios[i]))
		i++;
	return i;
}

/*
 * Append them, which are their pages: many at once takes less.  If that fails, those
 * that are not in the list are unpinned.
 */
static int phyr_append_small(struct phyr *phyr, struct folio **folios, long nr,
			     size_t offset, u64 len, gfp_t gfp)
{
	u64 bytes = phyr->bytes;
	int ret = phyr_append_runs(phyr, (struct page **)folios, offset, len,
				   PHYR_PINNED, gfp);
	long kept = (offset + phyr->bytes - bytes) >> PAGE_SHIFT;

	if (ret)
		unpin_folios(folios + kept, nr - kept);
	return ret;
}

/* Append what is pinned once in each folio, or unpin it. */
static s64 phyr_append_folios(struct phyr *phyr, struct folio **folios, long nr,
			      size_t offset, u64 len, gfp_t gfp)
{
	u64 left = len;

	while (nr) {
		long n = phyr_count_small(folios, nr);
		u64 part;
		int ret;

		if (n) {
			part = min(left, ((u64)n << PAGE_SHIFT) - offset);
			ret = phyr_append_small(phyr, folios, n, offset, part,
						gfp);
		} else {
			n = 1;
			part = min(left, folio_size(*folios) - offset);
			ret = phyr_append_pinned_folio(phyr, *folios, offset,
						       part, gfp);
		}
		folios += n;
		nr -= n;
		if (ret) {
			unpin_folios(folios, nr);
			return ret;
		}
		left -= part;
		offset = 0;
	}
	return len - left;
}

/* Pin and append up to a batch of folios; return how many bytes that is. */
static s64 phyr_memfd_batch(struct phyr *phyr, struct file *file, loff_t start,
			    u64 len, struct folio **folios, gfp_t gfp)
{
	pgoff_t offset;
	long nr;

	nr = memfd_pin_folios(file, start, start + len - 1, folios,
			      PHYR_MEMFD_BATCH, &offset);
	if (nr <= 0)
		return nr ?: -EINVAL;
	return phyr_append_folios(phyr, folios, nr, offset, len, gfp);
}

static int phyr_memfd_all(struct phyr *phyr, struct file *file, loff_t start,
			  u64 len, gfp_t gfp)
{
	struct phyr_before before = phyr_before(phyr);

	struct folio **folios __free(kfree) =
		kmalloc_array(PHYR_MEMFD_BATCH, sizeof(*folios), gfp);
	if (!folios)
		return -ENOMEM;

	while (len) {
		s64 ret = phyr_pin_pause();

		if (!ret)
			ret = phyr_memfd_batch(phyr, file, start, len, folios,
					       gfp);
		if (ret < 0) {
			phyr_undo_pins(phyr, &before);
			return ret;
		}
		start += ret;
		len -= ret;
	}
	return 0;
}

/**
 * phyr_pin_memfd() - Pin memory of a memfd and append it
 * @phyr: List.
 * @file: A file of shmem or hugetlbfs, as from memfd_create().
 * @start: Position of the first byte in @file.
 * @len: Length in bytes.
 * @gfp: For the list's own memory.
 *
 * Memory is allocated for holes in the file.  The list owns the pins, which
 * outlive @file and whatever truncates it: what is pinned stays pinned, but is
 * the file's no more.  Neither RLIMIT_MEMLOCK nor the file's seals are looked
 * at: if a device is to write the memory, it is up to the caller that @file may
 * be written.
 *
 * Context: Process context.  May sleep, whatever @gfp is.
 * Return: 0, or a negative errno with the list as it was and nothing pinned:
 * -EINVAL if @file is no such file, @len is zero or the file ends before that,
 * -EINTR if the process is being killed, -ENOMEM, else as phyr_append_range() or
 * memfd_pin_folios().
 */
int phyr_pin_memfd(struct phyr *phyr, struct file *file, loff_t start, u64 len,
		   gfp_t gfp)
{
	u64 nr = phyr_nr_ranges(phyr), bytes = phyr->bytes;
	loff_t last;
	int ret;

	if (!len || check_add_overflow(start, len - 1, &last))
		return -EINVAL;

	ret = phyr_memfd_all(phyr, file, start, len, gfp);
	phyr_account(phyr, nr, bytes);
	trace_phyr_pin_memfd(phyr, start, len, phyr_nr_ranges(phyr) - nr, ret);
	return ret;
}
EXPORT_SYMBOL_GPL(phyr_pin_memfd);
