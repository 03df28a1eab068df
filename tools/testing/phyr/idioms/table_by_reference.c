// SPDX-License-Identifier: GPL-2.0-only
/* A table that a function allocates for its caller. */

#include <linux/scatterlist.h>

#include "idiom.h"

struct window {
	struct sg_table *sgt;
	unsigned int nr_segs;
};

static int window_alloc(struct idiom_env *env, struct sg_table **sgtp)
{
	struct sg_table *sgt = kzalloc_obj(*sgt);
	int ret;

	if (!sgt)
		return -ENOMEM;
	ret = sg_alloc_table_from_pages(sgt, env->pages, env->nr_pages,
					env->offset, env->size, GFP_KERNEL);
	if (ret) {
		kfree(sgt);
		return ret;
	}
	*sgtp = sgt;
	return 0;
}

static void window_free(struct sg_table **sgtp)
{
	sg_free_table(*sgtp);
	kfree(*sgtp);
	*sgtp = NULL;
}

static int window_start(struct idiom_env *env)
{
	struct window *win = kzalloc_obj(*win);
	struct scatterlist *sg;
	unsigned int i;
	int ret;

	if (!win)
		return -ENOMEM;
	ret = window_alloc(env, &win->sgt);
	if (ret)
		goto free_win;
	ret = dma_map_sgtable(env->dev, win->sgt, DMA_BIDIRECTIONAL, 0);
	if (ret)
		goto free_sgt;
	win->nr_segs = win->sgt->nents;
	for_each_sg(win->sgt->sgl, sg, win->nr_segs, i) {
		idiom_desc(env, sg_dma_address(sg), sg_dma_len(sg));
	}
	env->priv = win;
	return 0;

free_sgt:
	window_free(&win->sgt);
free_win:
	kfree(win);
	return ret;
}

static void window_stop(struct idiom_env *env)
{
	struct window *win = env->priv;

	dma_unmap_sgtable(env->dev, win->sgt, DMA_BIDIRECTIONAL, 0);
	window_free(&win->sgt);
	kfree(win);
}

IDIOM = {
	.start		= window_start,
	.stop		= window_stop,
	.buffer		= IDIOM_BUFFER_PAGES,
};
