/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PHYR_TEST_IOMMU_H
#define _PHYR_TEST_IOMMU_H
/*
 * An IOMMU in software: real AMD v1 page tables that nothing walks but
 * iommu_iova_to_phys() and the functions here.
 */

#include <linux/types.h>

struct device;
struct iommu_domain;

/**
 * struct phyr_test_iommu_state - What a test sees and sets of a domain
 * @mapped: Bytes that are mapped now.
 * @maps: Number of calls to map a physically contiguous range.
 * @syncs: Number of calls to make new mappings known to the IOMMU.
 * @flushes: Number of calls to make it forget old ones.
 * @prot: IOMMU_READ and so on, of the newest mapping.
 * @gfp: For its page tables.
 * @fail_map: Let this call to map fail, counted from 1 for the next; 0 for none.
 * @fail_sync: Let this call to make new mappings known fail, counted likewise.
 *
 * Not locked: one test at a time uses the device.
 */
struct phyr_test_iommu_state {
	u64		mapped;
	unsigned long	maps;
	unsigned long	syncs;
	unsigned long	flushes;
	unsigned int	prot;
	gfp_t		gfp;
	unsigned int	fail_map;
	unsigned int	fail_sync;
};

int phyr_test_iommu_register(void);
void phyr_test_iommu_unregister(void);
int phyr_test_iommu_claim(struct device *dev);
struct phyr_test_iommu_state *phyr_test_iommu_state(struct device *dev);
struct phyr_test_iommu_state *
phyr_test_domain_state(struct iommu_domain *domain);
int phyr_test_iommu_be_lazy(struct device *dev);
void phyr_test_iommu_dont_count(struct device *dev);
unsigned long phyr_test_iommu_leaves(struct device *dev, dma_addr_t addr,
				     u64 len);
unsigned long phyr_test_domain_leaves(struct iommu_domain *domain,
				      dma_addr_t addr, u64 len);

#endif /* _PHYR_TEST_IOMMU_H */
