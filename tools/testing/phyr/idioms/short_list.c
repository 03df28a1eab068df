// SPDX-License-Identifier: GPL-2.0-only
/* Entries for linear memory. */

#include <linux/scatterlist.h>

#include "idiom.h"

struct request {
	struct scatterlist sg[2];
	int nents;
};

static int request_start(struct idiom_env *env)
{
	struct request *req = kzalloc_obj(*req);
	struct scatterlist *sg;
	int i;

	if (!req)
		return -ENOMEM;
	sg_init_table(req->sg, 2);
	sg_set_buf(&req->sg[0], env->linear, 100);
	sg_set_buf(&req->sg[1], env->linear + 100, env->size - 100);
	req->nents = dma_map_sg(env->dev, req->sg, 2, DMA_BIDIRECTIONAL);
	if (!req->nents) {
		kfree(req);
		return -EIO;
	}
	for_each_sg(req->sg, sg, req->nents, i) {
		idiom_desc(env, sg_dma_address(sg), sg_dma_len(sg));
	}
	env->priv = req;
	return 0;
}

static void request_stop(struct idiom_env *env)
{
	struct request *req = env->priv;

	dma_unmap_sg(env->dev, req->sg, 2, DMA_BIDIRECTIONAL);
	kfree(req);
}

IDIOM = {
	.start		= request_start,
	.stop		= request_stop,
	.buffer		= IDIOM_BUFFER_LINEAR,
};
