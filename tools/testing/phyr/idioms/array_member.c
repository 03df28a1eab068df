// SPDX-License-Identifier: GPL-2.0-only
/* An array of entries in a structure, filled anew for each transfer. */

#include <linux/scatterlist.h>

#include "idiom.h"

struct user_dma {
	struct scatterlist list[IDIOM_PAGES];
	int length;
};

static int user_dma_fill(struct user_dma *dma, struct idiom_env *env)
{
	unsigned int offset = env->offset;
	size_t left = env->size;
	int i;

	for (i = 0; i < env->nr_pages; i++) {
		unsigned int len = min_t(size_t, left, PAGE_SIZE - offset);

		if (!env->pages[i])
			return -1;
		sg_set_page(&dma->list[i], env->pages[i], len, offset);
		left -= len;
		offset = 0;
	}
	return i;
}

static int user_dma_start(struct idiom_env *env)
{
	struct user_dma *dma = kzalloc_obj(*dma);
	struct scatterlist *sg;
	int i, nr;

	if (!dma)
		return -ENOMEM;
	sg_init_table(dma->list, env->nr_pages);
	nr = user_dma_fill(dma, env);
	if (nr < 0) {
		kfree(dma);
		return -EFAULT;
	}
	dma->length = dma_map_sg(env->dev, dma->list, nr, DMA_BIDIRECTIONAL);
	if (!dma->length) {
		kfree(dma);
		return -EIO;
	}
	env->priv = dma;
	for_each_sg(dma->list, sg, dma->length, i) {
		idiom_desc(env, sg_dma_address(sg), sg_dma_len(sg));
	}
	return 0;
}

static void user_dma_stop(struct idiom_env *env)
{
	struct user_dma *dma = env->priv;

	dma_unmap_sg(env->dev, dma->list, env->nr_pages, DMA_BIDIRECTIONAL);
	kfree(dma);
}

IDIOM = {
	.start		= user_dma_start,
	.stop		= user_dma_stop,
	.buffer		= IDIOM_BUFFER_PAGES,
};
