// SPDX-License-Identifier: GPL-2.0-only
/*
 * Physical-range list: presenting a list as something else.
 */

#include <linux/bvec.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/uio.h>

#include "internal.h"

/* The longest piece that &bio_vec.bv_len can hold, in whole pages. */
#define PHYR_BVEC_MAX	ALIGN_DOWN(UINT_MAX, PAGE_SIZE)

/* How many bytes from @phys on have their struct pages next to each other. */
static u64 phyr_memmap_rest(phys_addr_t phys)
{
#if defined(CONFIG_SPARSEMEM) && !defined(CONFIG_SPARSEMEM_VMEMMAP)
	u64 section = BIT_ULL(PA_SECTION_SHIFT);

	return section - (phys & (section - 1));
#else
	return U64_MAX;
#endif
}

/*
 * Take what fits into one entry of an array that describes pages: at most @len
 * bytes, and no more than @max from the start of the first page on.
 */
static u64 phyrs_entry(struct phyr_state *ps, u64 len, u64 max,
		       phys_addr_t *phys)
{
	phys_addr_t next;

	if (!phyrs_load(ps))
		return 0;
	next = ps->range.phys;
	len = min3(len, max - offset_in_page(next), phyr_memmap_rest(next));
	return phyrs_piece(ps, len, phys);
}

/* How many entries of at most @max bytes the next @len bytes take. */
static u64 phyr_count_entries(struct phyr_state ps, u64 len, u64 max)
{
	phys_addr_t phys;
	u64 nr;

	for (nr = 0; len; nr++)
		len -= phyrs_entry(&ps, len, max, &phys);
	return nr;
}

/**
 * phyr_iov_iter() - Have an iterator over a part of the listed memory
 * @phyr: List of page memory.
 * @pos: Position of the part in the list, in bytes.
 * @len: Length of the part, in bytes.
 * @direction: %ITER_SOURCE if the memory is read through @iter, %ITER_DEST if it
 *	is written.
 * @iter: Iterator to initialise.
 * @gfp: For the array that @iter walks.
 *
 * The caller frees the array with kvfree() when @iter is no longer used.  The
 * list can be changed before that, but its memory must stay.
 *
 * Context: As @gfp allows.
 * Return: The array, or an ERR_PTR() with @iter as it was: -ERANGE if the part
 * isn't inside the list, -EOPNOTSUPP if there is device memory in it, -ENOMEM.
 */
struct bio_vec *phyr_iov_iter(const struct phyr *phyr, u64 pos, size_t len,
			      unsigned int direction, struct iov_iter *iter,
			      gfp_t gfp)
{
	struct bio_vec *bvecs;
	struct phyr_state ps;
	size_t left = len;
	size_t nr;
	int ret;

	ret = phyr_find_pages(phyr, pos, len, &ps);
	if (ret)
		return ERR_PTR(ret);

	nr = phyr_count_entries(ps, len, PHYR_BVEC_MAX);
	bvecs = kvmalloc_array(nr, sizeof(*bvecs), gfp);
	if (!bvecs)
		return ERR_PTR(-ENOMEM);

	for (size_t i = 0; left; i++) {
		phys_addr_t phys;
		u64 bytes = phyrs_entry(&ps, left, PHYR_BVEC_MAX, &phys);

		bvec_set_page(&bvecs[i], pfn_to_page(PHYS_PFN(phys)), bytes,
			      offset_in_page(phys));
		left -= bytes;
	}
	iov_iter_bvec(iter, direction, bvecs, nr, len);
	return bvecs;
}
EXPORT_SYMBOL_GPL(phyr_iov_iter);

/**
 * phyr_to_sgtable() - Make a scatterlist of the listed memory
 * @phyr: List of page memory.
 * @sgt: Table to initialise.
 * @max_segment: The longest entry, in bytes; rounded down to whole pages.  Take
 *	%UINT_MAX if it doesn't matter.
 * @gfp: For the table.
 *
 * For users of interfaces that have nothing better.  The table doesn't own the
 * memory, which stays pinned by the list if it was: the list has to be destroyed
 * after the table.  Free it with sg_free_table().
 *
 * Context: As @gfp allows.
 * Return: 0, or a negative errno with nothing allocated: -EINVAL if the list is
 * empty or @max_segment is less than a page, -EOPNOTSUPP if there is device
 * memory in the list, -ERANGE if a table can't have so many entries, -ENOMEM.
 */
int phyr_to_sgtable(const struct phyr *phyr, struct sg_table *sgt,
		    unsigned int max_segment, gfp_t gfp)
{
	struct scatterlist *sg;
	struct phyr_state ps;
	unsigned int i;
	u64 nr;
	int ret;

	max_segment = ALIGN_DOWN(max_segment, PAGE_SIZE);
	if (!max_segment)
		return -EINVAL;
	ret = phyr_find_pages(phyr, 0, phyr_bytes(phyr), &ps);
	if (ret)
		return ret;

	nr = phyr_count_entries(ps, phyr_bytes(phyr), max_segment);
	if (nr > UINT_MAX)
		return -ERANGE;
	ret = sg_alloc_table(sgt, nr, gfp);
	if (ret)
		return ret;

	for_each_sgtable_sg(sgt, sg, i) {
		phys_addr_t phys;
		u64 bytes = phyrs_entry(&ps, max_segment, max_segment, &phys);

		sg_set_page(sg, pfn_to_page(PHYS_PFN(phys)), bytes,
			    offset_in_page(phys));
	}
	return 0;
}
EXPORT_SYMBOL_GPL(phyr_to_sgtable);
