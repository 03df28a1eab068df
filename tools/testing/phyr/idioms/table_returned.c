// SPDX-License-Identifier: GPL-2.0-only
/* A table that a function returns, or an errno in its place. */

#include <linux/err.h>
#include <linux/scatterlist.h>

#include "idiom.h"

struct bo {
	struct sg_table *sgt;
};

static struct sg_table *bo_get_pages(struct idiom_env *env)
{
	struct sg_table *sgt;
	int ret;

	sgt = kzalloc_obj(*sgt);
	if (!sgt)
		return ERR_PTR(-ENOMEM);
	ret = sg_alloc_table_from_pages(sgt, env->pages, env->nr_pages,
					env->offset, env->size, GFP_KERNEL);
	if (ret)
		goto err_free;
	ret = dma_map_sgtable(env->dev, sgt, DMA_BIDIRECTIONAL, 0);
	if (ret)
		goto err_table;
	return sgt;

err_table:
	sg_free_table(sgt);
err_free:
	kfree(sgt);
	return ERR_PTR(ret);
}

static void bo_put_pages(struct device *dev, struct sg_table *sgt)
{
	dma_unmap_sgtable(dev, sgt, DMA_BIDIRECTIONAL, 0);
	sg_free_table(sgt);
	kfree(sgt);
}

static int bo_start(struct idiom_env *env)
{
	struct bo *bo = kzalloc_obj(*bo);
	struct scatterlist *sg;
	unsigned int i;

	if (!bo)
		return -ENOMEM;
	bo->sgt = bo_get_pages(env);
	if (IS_ERR(bo->sgt)) {
		int ret = PTR_ERR(bo->sgt);

		kfree(bo);
		return ret;
	}
	for_each_sgtable_dma_sg(bo->sgt, sg, i) {
		idiom_desc(env, sg_dma_address(sg), sg_dma_len(sg));
	}
	env->priv = bo;
	return 0;
}

static void bo_stop(struct idiom_env *env)
{
	struct bo *bo = env->priv;

	bo_put_pages(env->dev, bo->sgt);
	kfree(bo);
}

IDIOM = {
	.start		= bo_start,
	.stop		= bo_stop,
	.buffer		= IDIOM_BUFFER_PAGES,
};
