/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef __LINUX_IOMMU_VECS_H
#define __LINUX_IOMMU_VECS_H
/*
 * Mapping of many physical ranges into an IOMMU domain by one call.
 */

#include <linux/gfp_types.h>
#include <linux/types.h>

struct iommu_domain;

/* Without the flags that choose a zone, which iommu_map_nosync() warns about and fails. */
static inline gfp_t iommu_map_gfp(gfp_t gfp)
{
	return gfp & ~(__GFP_COMP | __GFP_DMA | __GFP_DMA32 | __GFP_HIGHMEM);
}

int iommu_map_vecs_nosync(struct iommu_domain *domain, unsigned long iova,
			  const struct phys_vec *vecs, unsigned int nr,
			  int prot, gfp_t gfp, size_t *mapped);

#endif /* __LINUX_IOMMU_VECS_H */
