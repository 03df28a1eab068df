// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two buffers one after the other in an array: where the second one starts, the device
 * writes elsewhere, so that an entry has to start there, as media/pci/ivtv has.
 */

#include <linux/scatterlist.h>

#include "idiom.h"

#define FIRST_PAGES	3

struct user_dma {
	struct scatterlist list[IDIOM_PAGES];
	int length;
	u32 to[IDIOM_PAGES];
};

static int user_dma_fill(struct user_dma *dma, struct idiom_env *env,
			 int first, int last)
{
	int i;

	for (i = first; i < last; i++)
		sg_set_page(&dma->list[i], env->pages[i], PAGE_SIZE, 0);
	return i;
}

/* The device's own addresses change after a number of bytes. */
static void user_dma_describe(struct user_dma *dma, struct idiom_env *env,
			      u32 to, u32 second, u32 split)
{
	struct scatterlist *sg;
	int i;

	for_each_sg(dma->list, sg, dma->length, i) {
		idiom_desc(env, sg_dma_address(sg), sg_dma_len(sg));
		dma->to[i] = to;
		to += sg_dma_len(sg);

		split -= sg_dma_len(sg);
		if (split == 0)
			to = second;
	}
}

static int user_dma_start(struct idiom_env *env)
{
	struct user_dma *dma = kzalloc_obj(*dma);
	int nr;

	if (!dma)
		return -ENOMEM;
	sg_init_table(dma->list, env->nr_pages);
	nr = user_dma_fill(dma, env, 0, FIRST_PAGES);
	nr = user_dma_fill(dma, env, nr, env->nr_pages);
	dma->length = dma_map_sg(env->dev, dma->list, nr, DMA_BIDIRECTIONAL);
	if (!dma->length) {
		kfree(dma);
		return -EIO;
	}
	user_dma_describe(dma, env, 0, 0x80000000, FIRST_PAGES * PAGE_SIZE);
	/* Where the list was merged, nothing is known. */
	if (dma->length == nr)
		WARN_ON(dma->to[FIRST_PAGES] != 0x80000000);
	env->priv = dma;
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
	.buffer		= IDIOM_BUFFER_WHOLE_PAGES,
	.apart		= true,
};
