// SPDX-License-Identifier: GPL-2.0-only
/* One entry that a function fills for its caller, as mtd/nand/raw/sunxi_nand has. */

#include <linux/dmaengine.h>
#include <linux/scatterlist.h>

#include "idiom.h"

struct op {
	struct scatterlist sg;
};

static int op_prepare(struct idiom_env *env, const void *buf, int len,
		      struct scatterlist *sg)
{
	struct dma_async_tx_descriptor *desc;
	dma_addr_t addr;
	int ret;

	sg_init_one(sg, buf, len);
	ret = dma_map_sg(env->dev, sg, 1, DMA_BIDIRECTIONAL);
	if (!ret)
		return -ENOMEM;
	addr = sg_dma_address(sg);
	if (!addr || sg_dma_len(sg) != len) {
		ret = -EINVAL;
		goto err_unmap;
	}
	desc = dmaengine_prep_slave_sg(env->chan, sg, 1, DMA_MEM_TO_DEV,
				       DMA_CTRL_ACK);
	if (!desc) {
		ret = -EINVAL;
		goto err_unmap;
	}
	return 0;

err_unmap:
	dma_unmap_sg(env->dev, sg, 1, DMA_BIDIRECTIONAL);
	return ret;
}

static void op_cleanup(struct idiom_env *env, struct scatterlist *sg)
{
	dma_unmap_sg(env->dev, sg, 1, DMA_BIDIRECTIONAL);
}

static int op_start(struct idiom_env *env)
{
	struct op *op = kzalloc_obj(*op);
	int ret;

	if (!op)
		return -ENOMEM;
	ret = op_prepare(env, env->linear, env->size, &op->sg);
	if (ret) {
		kfree(op);
		return ret;
	}
	env->priv = op;
	return 0;
}

static void op_stop(struct idiom_env *env)
{
	struct op *op = env->priv;

	op_cleanup(env, &op->sg);
	kfree(op);
}

IDIOM = {
	.start		= op_start,
	.stop		= op_stop,
	.buffer		= IDIOM_BUFFER_LINEAR,
};
