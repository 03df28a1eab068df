/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef __LINUX_IOMMU_VECS_H
#define __LINUX_IOMMU_VECS_H
/*
 * Mapping of many physical ranges into an IOMMU domain by one call.
 */

#include <linux/types.h>

struct iommu_domain;

int iommu_map_vecs_nosync(struct iommu_domain *domain, unsigned long iova,
			  const struct phys_vec *vecs, unsigned int nr,
			  int prot, gfp_t gfp, size_t *mapped);

#endif /* __LINUX_IOMMU_VECS_H */
