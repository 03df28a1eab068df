// SPDX-License-Identifier: GPL-2.0-only
/* A walk that stops for want of descriptors, and one over those that there are. */

#include <linux/scatterlist.h>

#include "idiom.h"

#define ROOM	1000

struct xfer {
	struct sg_table sgt;
};

static int xfer_start(struct idiom_env *env)
{
	struct xfer *xfer = kzalloc_obj(*xfer);
	int nents, fit, ret, i;
	struct scatterlist *sg;
	unsigned int room = ROOM;

	if (!xfer)
		return -ENOMEM;
	ret = sg_alloc_table_from_pages(&xfer->sgt, env->pages, env->nr_pages,
					env->offset, env->size, GFP_KERNEL);
	if (ret)
		goto free_xfer;
	ret = dma_map_sgtable(env->dev, &xfer->sgt, DMA_BIDIRECTIONAL, 0);
	if (ret)
		goto free_table;

	nents = xfer->sgt.nents;
	fit = nents;
	for_each_sgtable_dma_sg(&xfer->sgt, sg, i) {
		room -= sizeof(struct idiom_desc);
		if (room < 500) {
			fit = i;
			break;
		}
	}
	if (fit < nents)
		fit = nents;
	for_each_sg(xfer->sgt.sgl, sg, fit, i) {
		idiom_desc(env, sg_dma_address(sg), sg_dma_len(sg));
	}
	env->priv = xfer;
	return 0;

free_table:
	sg_free_table(&xfer->sgt);
free_xfer:
	kfree(xfer);
	return ret;
}

static void xfer_stop(struct idiom_env *env)
{
	struct xfer *xfer = env->priv;

	dma_unmap_sgtable(env->dev, &xfer->sgt, DMA_BIDIRECTIONAL, 0);
	sg_free_table(&xfer->sgt);
	kfree(xfer);
}

IDIOM = {
	.start		= xfer_start,
	.stop		= xfer_stop,
	.buffer		= IDIOM_BUFFER_PAGES,
};
