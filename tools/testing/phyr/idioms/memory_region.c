// SPDX-License-Identifier: GPL-2.0-only
/* A table that becomes a memory region of an RDMA device, as ulp/rtrs has. */

#include <linux/scatterlist.h>
#include <rdma/ib_verbs.h>

#include "idiom.h"

struct region {
	struct ib_device dev;
	struct ib_pd pd;
	struct sg_table sgt;
	struct ib_mr *mr;
	u64 *addr;
};

/* Where each page is for the device, as it is told to somebody else. */
static void region_addresses(struct region *region, int nr_sgt)
{
	struct sg_table *sgt = &region->sgt;
	struct scatterlist *s;
	int i, ind = 0;

	for_each_sg(sgt->sgl, s, nr_sgt, i) {
		unsigned int dma_len = sg_dma_len(s);
		u64 dma_addr = sg_dma_address(s);
		u64 dma_addr_end = dma_addr + dma_len;

		do {
			region->addr[ind++] = dma_addr;
			dma_addr += PAGE_SIZE;
		} while (dma_addr < dma_addr_end);
	}
}

static int region_map(struct idiom_env *env, struct region *region)
{
	struct sg_table *sgt = &region->sgt;
	int nr, nr_sgt, i, err;
	struct scatterlist *s;
	struct ib_mr *mr;

	err = sg_alloc_table(sgt, env->nr_pages, GFP_KERNEL);
	if (err)
		return err;

	for_each_sg(sgt->sgl, s, env->nr_pages, i)
		sg_set_page(s, env->pages[i], PAGE_SIZE, 0);

	nr_sgt = ib_dma_map_sg(&region->dev, sgt->sgl, sgt->nents,
			       DMA_BIDIRECTIONAL);
	if (!nr_sgt) {
		err = -EINVAL;
		goto free_sg;
	}

	mr = ib_alloc_mr(&region->pd, IB_MR_TYPE_MEM_REG, nr_sgt);
	if (IS_ERR(mr)) {
		err = PTR_ERR(mr);
		goto unmap_sg;
	}
	nr = ib_map_mr_sg(mr, sgt->sgl, nr_sgt, NULL, PAGE_SIZE);
	if (nr < nr_sgt) {
		err = nr < 0 ? nr : -EINVAL;
		goto dereg_mr;
	}
	region_addresses(region, nr_sgt);
	region->mr = mr;
	return 0;

dereg_mr:
	ib_dereg_mr(mr);
unmap_sg:
	ib_dma_unmap_sg(&region->dev, sgt->sgl, sgt->nents, DMA_BIDIRECTIONAL);
free_sg:
	sg_free_table(sgt);
	return err;
}

static void region_free(struct region *region)
{
	kfree(region->addr);
	kfree(region);
}

static int region_start(struct idiom_env *env)
{
	struct region *region = kzalloc_obj(*region);
	int ret;

	if (!region)
		return -ENOMEM;
	region->dev.dma_device = env->dev;
	region->dev.env = env;
	region->pd.device = &region->dev;
	region->addr = kzalloc_objs(*region->addr, env->nr_pages);
	ret = region->addr ? region_map(env, region) : -ENOMEM;
	if (ret) {
		region_free(region);
		return ret;
	}
	WARN_ON(region->addr[0] != env->descs[0].addr);
	env->priv = region;
	return 0;
}

static void region_stop(struct idiom_env *env)
{
	struct region *region = env->priv;

	ib_dereg_mr(region->mr);
	ib_dma_unmap_sg(&region->dev, region->sgt.sgl, region->sgt.nents,
			DMA_BIDIRECTIONAL);
	sg_free_table(&region->sgt);
	region_free(region);
}

IDIOM = {
	.start		= region_start,
	.stop		= region_stop,
	.buffer		= IDIOM_BUFFER_WHOLE_PAGES,
};
