// SPDX-License-Identifier: GPL-2.0-only
/* A table from pages with a limit for its segments. */

#include <linux/scatterlist.h>

#include "idiom.h"

struct xfer {
	struct sg_table *sgt;
	unsigned int nents;
};

static int xfer_start(struct idiom_env *env)
{
	struct scatterlist *sg;
	struct sg_table *sgt;
	struct xfer *xfer;
	int ret, i;

	xfer = kzalloc_obj(*xfer);
	if (!xfer)
		return -ENOMEM;
	sgt = kmalloc_obj(*sgt);
	if (!sgt) {
		ret = -ENOMEM;
		goto free_xfer;
	}

	ret = sg_alloc_table_from_pages_segment(sgt, env->pages,
						env->nr_pages, env->offset,
						env->size,
						dma_get_max_seg_size(env->dev),
						GFP_KERNEL);
	if (ret)
		goto free_sgt;

	ret = dma_map_sgtable(env->dev, sgt, DMA_BIDIRECTIONAL, 0);
	if (ret)
		goto free_table;

	xfer->sgt = sgt;
	xfer->nents = sgt->nents;
	env->priv = xfer;
	for_each_sgtable_dma_sg(sgt, sg, i)
		idiom_desc(env, sg_dma_address(sg), sg_dma_len(sg));
	return 0;

free_table:
	sg_free_table(sgt);
free_sgt:
	kfree(sgt);
free_xfer:
	kfree(xfer);
	return ret;
}

static void xfer_stop(struct idiom_env *env)
{
	struct xfer *xfer = env->priv;

	dma_unmap_sgtable(env->dev, xfer->sgt, DMA_BIDIRECTIONAL, 0);
	sg_free_table(xfer->sgt);
	kfree(xfer->sgt);
	kfree(xfer);
}

IDIOM = {
	.start		= xfer_start,
	.stop		= xfer_stop,
	.buffer		= IDIOM_BUFFER_PAGES,
};
