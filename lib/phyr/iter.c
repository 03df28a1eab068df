// SPDX-License-Identifier: GPL-2.0-only
/*
 * Physical-range list: memory given by an iterator.
 */

#include <kunit/visibility.h>
#include <linux/mm.h>
#include <linux/uio.h>

#include "pin.h"

/* Pages of the kernel's that are looked up at a time. */
#define PHYR_ITER_PAGES		16

/* What is next in the iterator, up to @max bytes, pinned if it is a user's. */
static ssize_t phyr_pin_segment(struct phyr *phyr, struct iov_iter *iter,
				size_t max, gfp_t gfp)
{
	unsigned long addr = (unsigned long)iter_iov_addr(iter);
	size_t len = min(max, iter_iov_len(iter));
	unsigned int gup_flags = 0;
	int ret;

	if (iov_iter_rw(iter) == READ)
		gup_flags |= FOLL_WRITE;
	if (iter->nofault)
		gup_flags |= FOLL_NOFAULT;
	ret = len ? phyr_pin_user(phyr, addr, len, gup_flags, gfp) : 0;
	if (ret)
		return ret;
	/* By nothing, too: that is how an empty segment is left behind. */
	iov_iter_advance(iter, len);
	return len;
}

/* Nothing may come of empty segments, but that they are left behind. */
static ssize_t phyr_extract_pages(struct iov_iter *iter, struct page **pages,
				  size_t max, size_t *offset)
{
	unsigned long nr_segs;
	ssize_t len;

	do {
		nr_segs = iter->nr_segs;
		len = iov_iter_extract_pages(iter, &pages, max, PHYR_ITER_PAGES,
					     ITER_ALLOW_P2PDMA, offset);
	} while (!len && iter->nr_segs != nr_segs);
	return len ?: -EFAULT;
}

/* The pages of a kvec are looked up, whether they are there or not. */
static bool phyr_pages_there(struct page **pages, unsigned int nr)
{
	while (nr--)
		if (!pages[nr])
			return false;
	return true;
}

static ssize_t phyr_append_segment(struct phyr *phyr, struct iov_iter *iter,
				   size_t max, gfp_t gfp)
{
	struct page *pages[PHYR_ITER_PAGES] __uninitialized;
	size_t offset;
	ssize_t len;
	int ret;

	len = phyr_extract_pages(iter, pages, max, &offset);
	if (len < 0)
		return len;
	if (iov_iter_is_kvec(iter) &&
	    !phyr_pages_there(pages, PFN_UP(offset + len)))
		return -EFAULT;
	ret = phyr_append_pages(phyr, pages, PHYR_ITER_PAGES, offset, len, gfp);
	return ret ?: len;
}

/**
 * phyr_pin_iter() - Append the memory of an iterator, pinned if it is a user's
 * @phyr: List.
 * @iter: Iterator of any kind.  It is advanced by what was appended.
 * @max: The most bytes to append.
 * @gfp: For the list's own memory.
 *
 * Memory of the current process is pinned, as by phyr_pin_user(): to be written if
 * the iterator is a destination, and without faulting it in if the iterator says so.
 * As it is pinned for long, files are refused that iov_iter_extract_pages() takes.
 * Other memory is neither pinned nor referenced, and has to outlive the list, as
 * with iov_iter_extract_pages().
 *
 * Context: Process context.  May sleep, whatever @gfp is.  Takes the mmap_lock if
 * the memory is a user's.
 * Return: How many bytes were appended: all that the iterator has, or @max, and 0 if
 * that is nothing.  Else a negative errno with the list and the iterator as they were
 * and nothing pinned: as phyr_pin_user(), iov_iter_extract_pages() or
 * phyr_append_pages(); -EFAULT if there is no memory, as in one that discards.
 */
ssize_t phyr_pin_iter(struct phyr *phyr, struct iov_iter *iter, size_t max,
		      gfp_t gfp)
{
	size_t left = min(max, iov_iter_count(iter));
	struct phyr_before before = phyr_before(phyr);
	struct iov_iter start = *iter;
	ssize_t len = 0;

	for (; left; left -= len) {
		if (user_backed_iter(iter))
			len = phyr_pin_segment(phyr, iter, left, gfp);
		else
			len = phyr_append_segment(phyr, iter, left, gfp);
		if (len < 0)
			break;
	}
	if (left) {
		u64 nr = phyr_nr_ranges(phyr), bytes = phyr->bytes;

		phyr_undo_pins(phyr, &before);
		phyr_account(phyr, nr, bytes);
		*iter = start;
		return len;
	}
	return phyr->bytes - before.bytes;
}
EXPORT_SYMBOL_IF_KUNIT(phyr_pin_iter);
