// SPDX-License-Identifier: GPL-2.0-only
/*
 * Physical-range list: presenting a list as something else.
 */

#include <kunit/visibility.h>
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
 * Take from a range what fits into one entry of an array that describes pages: no more
 * than @max bytes from the start of the first page on.
 */
static u64 phyr_cut_entry(struct phyr_range *range, u64 max)
{
	u64 len = min3(range->len, max - offset_in_page(range->phys),
		       phyr_memmap_rest(range->phys));

	range->phys += len;
	range->len -= len;
	return len;
}

/* How many entries of at most @max bytes there are up to the end of a walk. */
static u64 phyr_count_entries(struct phyr_state ps, u64 max)
{
	struct phyr_range range;
	u64 nr = 0;

	while (phyrs_next(&ps, &range))
		for (; range.len; nr++)
			phyr_cut_entry(&range, max);
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
	struct bio_vec *bvecs, *bvec;
	struct phyr_range range;
	struct phyr_state ps;
	size_t nr;
	int ret;

	ret = phyr_find_pages(phyr, pos, len, &ps);
	if (ret)
		return ERR_PTR(ret);

	ps = phyr_start_slice(phyr, pos, len);
	nr = phyr_count_entries(ps, PHYR_BVEC_MAX);
	if (nr > INT_MAX / sizeof(*bvecs))
		return ERR_PTR(-ENOMEM);
	bvecs = kvmalloc_array(nr, sizeof(*bvecs), gfp);
	if (!bvecs)
		return ERR_PTR(-ENOMEM);

	bvec = bvecs;
	while (phyrs_next(&ps, &range)) {
		while (range.len) {
			phys_addr_t phys = range.phys;

			bvec_set_page(bvec++, pfn_to_page(PHYS_PFN(phys)),
				      phyr_cut_entry(&range, PHYR_BVEC_MAX),
				      offset_in_page(phys));
		}
	}
	iov_iter_bvec(iter, direction, bvecs, nr, len);
	return bvecs;
}
EXPORT_SYMBOL_IF_KUNIT(phyr_iov_iter);

/*
 * How many entries a table of the list has: as many as there are ranges, unless one
 * may be too long for an entry.
 */
static u64 phyr_nr_entries(const struct phyr *phyr, u64 max_segment)
{
	if (phyr_memmap_rest(0) == U64_MAX &&
	    phyr_bytes(phyr) <= max_segment - (PAGE_SIZE - 1))
		return phyr_nr_ranges(phyr);
	return phyr_count_entries(phyr_start(phyr), max_segment);
}

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
	struct phyr_range range;
	struct scatterlist *sg;
	struct phyr_state ps;
	u64 nr;
	int ret;

	max_segment = ALIGN_DOWN(max_segment, PAGE_SIZE);
	if (!max_segment)
		return -EINVAL;
	ret = phyr_find_pages(phyr, 0, phyr_bytes(phyr), &ps);
	if (ret)
		return ret;

	nr = phyr_nr_entries(phyr, max_segment);
	if (nr > UINT_MAX)
		return -ERANGE;
	ret = sg_alloc_table(sgt, nr, gfp);
	if (ret)
		return ret;

	sg = sgt->sgl;
	phyr_for_each_range(phyr, range) {
		while (range.len) {
			phys_addr_t phys = range.phys;

			sg_set_page(sg, pfn_to_page(PHYS_PFN(phys)),
				    phyr_cut_entry(&range, max_segment),
				    offset_in_page(phys));
			sg = sg_next(sg);
		}
	}
	return 0;
}
EXPORT_SYMBOL_GPL(phyr_to_sgtable);
