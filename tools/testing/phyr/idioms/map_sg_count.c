// SPDX-License-Identifier: GPL-2.0-only
/* dma_map_sg() with its count, and a table that is filled in a loop. */

#include <linux/scatterlist.h>

#include "idiom.h"

struct window {
	struct sg_table sgt;
	int nents;
};

static int window_start(struct idiom_env *env)
{
	struct window *win = kzalloc_obj(*win);
	struct scatterlist *sg;
	unsigned int i;
	int ret;

	if (!win)
		return -ENOMEM;
	ret = sg_alloc_table(&win->sgt, env->nr_pages, GFP_KERNEL);
	if (ret)
		goto free_window;
	for_each_sgtable_sg(&win->sgt, sg, i)
		sg_set_page(sg, env->pages[i], PAGE_SIZE, 0);

	win->nents = dma_map_sg(env->dev, win->sgt.sgl, win->sgt.orig_nents,
				DMA_BIDIRECTIONAL);
	if (!win->nents) {
		ret = -EIO;
		goto free_table;
	}
	env->priv = win;
	for_each_sg(win->sgt.sgl, sg, win->nents, i)
		idiom_desc(env, sg_dma_address(sg), sg_dma_len(sg));
	return 0;

free_table:
	sg_free_table(&win->sgt);
free_window:
	kfree(win);
	return ret;
}

static void window_stop(struct idiom_env *env)
{
	struct window *win = env->priv;

	dma_unmap_sg(env->dev, win->sgt.sgl, win->sgt.orig_nents,
		     DMA_BIDIRECTIONAL);
	sg_free_table(&win->sgt);
	kfree(win);
}

IDIOM = {
	.start		= window_start,
	.stop		= window_stop,
	.buffer		= IDIOM_BUFFER_WHOLE_PAGES,
};
