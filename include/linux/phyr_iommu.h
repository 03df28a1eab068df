/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _LINUX_PHYR_IOMMU_H
#define _LINUX_PHYR_IOMMU_H
/*
 * Mapping of physical-range lists into IOMMU domains.
 *
 * For those who manage a domain and its IOVA themselves, as iommufd does.
 * Drivers that do DMA use include/linux/phyr_dma.h.
 */

#include <linux/phyr.h>

struct iommu_domain;

int __must_check phyr_iommu_map(struct iommu_domain *domain, unsigned long iova,
				const struct phyr *phyr, u64 pos, u64 len,
				int prot, gfp_t gfp);
int __must_check phyrs_iommu_map_nosync(struct phyr_state *ps,
					struct iommu_domain *domain,
					unsigned long iova, u64 len, int prot,
					gfp_t gfp);

#endif /* _LINUX_PHYR_IOMMU_H */
