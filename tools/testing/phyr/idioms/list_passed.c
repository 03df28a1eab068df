// SPDX-License-Identifier: GPL-2.0-only
/* A list that functions are passed, without its table. */

#include <linux/scatterlist.h>

#include "idiom.h"

struct mem {
	struct sg_table sgt;
	int nents;
};

static int ram_map(struct device *dev, struct scatterlist *sgl, int nents)
{
	return dma_map_sg(dev, sgl, nents, DMA_BIDIRECTIONAL);
}

static void ram_write(struct idiom_env *env, struct scatterlist *list, int nents)
{
	struct scatterlist *sg;
	int i;

	for_each_sg(list, sg, nents, i) {
		idiom_desc(env, sg_dma_address(sg), sg_dma_len(sg));
	}
}

static void ram_unmap(struct device *dev, struct scatterlist *sgl, int nents)
{
	dma_unmap_sg(dev, sgl, nents, DMA_BIDIRECTIONAL);
}

static int ram_start(struct idiom_env *env)
{
	struct mem *mem = kzalloc_obj(*mem);
	int ret;

	if (!mem)
		return -ENOMEM;
	ret = sg_alloc_table_from_pages(&mem->sgt, env->pages, env->nr_pages,
					env->offset, env->size, GFP_KERNEL);
	if (ret)
		goto err_free;
	mem->nents = ram_map(env->dev, mem->sgt.sgl, mem->sgt.orig_nents);
	if (!mem->nents) {
		ret = -EIO;
		goto err_table;
	}
	ram_write(env, mem->sgt.sgl, mem->nents);
	env->priv = mem;
	return 0;

err_table:
	sg_free_table(&mem->sgt);
err_free:
	kfree(mem);
	return ret;
}

static void ram_stop(struct idiom_env *env)
{
	struct mem *mem = env->priv;

	ram_unmap(env->dev, mem->sgt.sgl, mem->sgt.orig_nents);
	sg_free_table(&mem->sgt);
	kfree(mem);
}

IDIOM = {
	.start		= ram_start,
	.stop		= ram_stop,
	.buffer		= IDIOM_BUFFER_PAGES,
};
