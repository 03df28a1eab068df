/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Allocation of IOVA that has given low bits.
 *
 * Part of iova.c.  __alloc_and_insert_iova_range() takes the bits from the range
 * that it is to set up, which is all zeroes for anybody else.
 */

/**
 * alloc_iova_phase - allocates an iova with given low bits
 * @iovad: - iova domain in question
 * @size: - size of page frames to allocate, more than is rounded up for a cache
 * @limit_pfn: - max limit address
 * @phase: - the low bits of the first page frame, less than or equal to @mask
 * @mask: - which bits those are: a power of 2, less one
 * This function allocates an iova as alloc_iova_fast() does, but not by its size
 * aligned, and without flushing the rcache. free_iova_fast() frees it.
 *
 * Return: the first page frame, or 0 if there is none or no memory.
 */
unsigned long alloc_iova_phase(struct iova_domain *iovad, unsigned long size,
			       unsigned long limit_pfn, unsigned long phase,
			       unsigned long mask)
{
	struct iova *new = alloc_iova_mem();

	if (!new)
		return 0;

	new->pfn_lo = phase;
	new->pfn_hi = mask;
	if (!__alloc_and_insert_iova_range(iovad, size, limit_pfn + 1, new,
					   false))
		return new->pfn_lo;

	free_iova_mem(new);
	return 0;
}
EXPORT_SYMBOL_GPL(alloc_iova_phase);
