// SPDX-License-Identifier: GPL-2.0-only
/* Coherent memory that is synced, as media/platform/ti/omap3isp has. */

#include <linux/scatterlist.h>

#include "idiom.h"

struct statistics {
	struct sg_table sgt;
	void *addr;
	dma_addr_t dma;
};

static int statistics_start(struct idiom_env *env)
{
	struct statistics *stat = kzalloc_obj(*stat);
	size_t size = 2 * PAGE_SIZE;
	int ret;

	if (!stat)
		return -ENOMEM;
	stat->addr = dma_alloc_coherent(env->dev, size, &stat->dma, GFP_KERNEL);
	if (!stat->addr) {
		kfree(stat);
		return -ENOMEM;
	}
	ret = dma_get_sgtable(env->dev, &stat->sgt, stat->addr, stat->dma, size);
	if (ret < 0) {
		dma_free_coherent(env->dev, size, stat->addr, stat->dma);
		kfree(stat);
		return ret;
	}
	dma_sync_sgtable_for_cpu(env->dev, &stat->sgt, DMA_TO_DEVICE);
	memcpy(stat->addr, env->vmalloc, size);
	dma_sync_sgtable_for_device(env->dev, &stat->sgt, DMA_TO_DEVICE);
	idiom_desc(env, stat->dma, size);
	idiom_memory(env, env->vmalloc, size);
	env->priv = stat;
	return 0;
}

static void statistics_stop(struct idiom_env *env)
{
	struct statistics *stat = env->priv;
	size_t size = 2 * PAGE_SIZE;

	memcpy(env->vmalloc, stat->addr, size);
	sg_free_table(&stat->sgt);
	dma_free_coherent(env->dev, size, stat->addr, stat->dma);
	kfree(stat);
}

IDIOM = {
	.start		= statistics_start,
	.stop		= statistics_stop,
	.buffer		= IDIOM_BUFFER_OWN,
};
