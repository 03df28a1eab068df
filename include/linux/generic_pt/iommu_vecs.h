/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef __GENERIC_PT_IOMMU_VECS_H
#define __GENERIC_PT_IOMMU_VECS_H
/*
 * Mapping of many physical ranges by one call.
 */

#include <linux/gfp_types.h>
#include <linux/types.h>

struct phys_vec;

/**
 * struct pt_iommu_vecs - Ranges to map next to each other
 * @iova: IO virtual address of the first range.
 * @vec: Ranges, all of multiples of the smallest page size.
 * @nr: Number of elements of @vec, not zero.
 * @prot: A bitmap of IOMMU_READ/WRITE/CACHE/NOEXEC/MMIO.
 * @gfp: For page tables.
 *
 * The argument of the operation map_vecs, which does for all ranges what map_range
 * does for one, under the same rules.  It adds the number of bytes mapped to
 * *mapped, and returns 0 or, with less than all of them mapped, a negative errno.
 */
struct pt_iommu_vecs {
	dma_addr_t		iova;
	const struct phys_vec	*vec;
	unsigned int		nr;
	unsigned int		prot;
	gfp_t			gfp;
};

#endif /* __GENERIC_PT_IOMMU_VECS_H */
