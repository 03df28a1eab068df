/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PHYR_IDIOM_IB_H
#define _PHYR_IDIOM_IB_H
/*
 * As much of RDMA as a driver sees that makes memory regions, in place of
 * rdma/ib_verbs.h.  A device's page table is the descriptors.
 */

#define IB_VERBS_H

#include <linux/dma-mapping.h>
#include <linux/err.h>
#include <linux/scatterlist.h>

#include "idiom.h"

struct ib_device {
	struct device		*dma_device;
	struct device		dev;
	struct idiom_env	*env;
};

struct ib_pd {
	struct ib_device	*device;
};

struct ib_mr {
	struct ib_device	*device;
	unsigned int		max_pages;
};

enum ib_mr_type {
	IB_MR_TYPE_MEM_REG,
};

static inline bool ib_uses_virt_dma(struct ib_device *dev)
{
	return false;
}

static inline int ib_dma_virt_map_sg(struct ib_device *dev,
				     struct scatterlist *sg, int nents)
{
	return 0;
}

static inline int ib_dma_map_sg(struct ib_device *dev, struct scatterlist *sg,
				int nents, enum dma_data_direction dir)
{
	return dma_map_sg(dev->dma_device, sg, nents, dir);
}

static inline void ib_dma_unmap_sg(struct ib_device *dev,
				   struct scatterlist *sg, int nents,
				   enum dma_data_direction dir)
{
	dma_unmap_sg(dev->dma_device, sg, nents, dir);
}

static inline struct ib_mr *ib_alloc_mr(struct ib_pd *pd, enum ib_mr_type type,
					u32 max_pages)
{
	struct ib_mr *mr = kzalloc_obj(*mr);

	if (!mr)
		return ERR_PTR(-ENOMEM);
	mr->device = pd->device;
	mr->max_pages = max_pages;
	return mr;
}

static inline void ib_dereg_mr(struct ib_mr *mr)
{
	kfree(mr);
}

/*
 * Only whole pages, of which there is room for as many as were asked for.  An IOMMU
 * merges a scatterlist's entries, too, whose drivers count these and not pages.
 */
static inline int ib_map_mr_sg(struct ib_mr *mr, struct scatterlist *sgl,
			       int nents, unsigned int *offset,
			       unsigned int page_size)
{
	unsigned int pages = 0;
	struct scatterlist *sg;
	int i;

	for_each_sg(sgl, sg, nents, i) {
		if ((sg_dma_address(sg) | sg_dma_len(sg)) & (page_size - 1))
			return i;
		pages += sg_dma_len(sg) / page_size;
		if (pages > mr->max_pages &&
		    !device_iommu_mapped(mr->device->dma_device))
			return i;
		idiom_desc(mr->device->env, sg_dma_address(sg), sg_dma_len(sg));
	}
	return nents;
}

#endif /* _PHYR_IDIOM_IB_H */
