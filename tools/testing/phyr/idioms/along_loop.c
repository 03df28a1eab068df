// SPDX-License-Identifier: GPL-2.0-only
/* A cursor that goes along with a loop of the driver, as vdpa/mlx5 has. */

#include <linux/scatterlist.h>

#include "idiom.h"

struct region {
	struct sg_table head;
	int nsg;
	int nent;
};

static int region_start(struct idiom_env *env)
{
	struct region *mr = kzalloc_obj(*mr);
	unsigned int nsg = env->nr_pages;
	struct scatterlist *sg;
	unsigned int page = 0;
	int err, i;

	if (!mr)
		return -ENOMEM;
	err = sg_alloc_table(&mr->head, nsg, GFP_KERNEL);
	if (err)
		goto err_alloc;

	sg = mr->head.sgl;
	while (page < env->nr_pages) {
		if (!sg) {
			err = -ENOMEM;
			goto err_map;
		}
		sg_set_page(sg, env->pages[page++], PAGE_SIZE, 0);
		sg = sg_next(sg);
		if (!sg)
			break;
	}

	mr->nsg = nsg;
	mr->nent = dma_map_sg_attrs(env->dev, mr->head.sgl, mr->nsg,
				    DMA_BIDIRECTIONAL, DMA_ATTR_WEAK_ORDERING);
	if (!mr->nent) {
		err = -ENOMEM;
		goto err_map;
	}
	env->priv = mr;
	for_each_sg(mr->head.sgl, sg, mr->nent, i) {
		u64 addr, len;

		for (addr = sg_dma_address(sg), len = sg_dma_len(sg); len;
		     addr += PAGE_SIZE, len -= PAGE_SIZE)
			idiom_desc(env, addr, PAGE_SIZE);
	}
	return 0;

err_map:
	sg_free_table(&mr->head);
err_alloc:
	kfree(mr);
	return err;
}

static void region_stop(struct idiom_env *env)
{
	struct region *mr = env->priv;

	dma_unmap_sg_attrs(env->dev, mr->head.sgl, mr->nsg, DMA_BIDIRECTIONAL,
			   DMA_ATTR_WEAK_ORDERING);
	sg_free_table(&mr->head);
	kfree(mr);
}

IDIOM = {
	.start		= region_start,
	.stop		= region_stop,
	.buffer		= IDIOM_BUFFER_WHOLE_PAGES,
};
