// SPDX-License-Identifier: GPL-2.0-only
/* One entry on the stack, as mtd/nand/raw/marvell_nand has. */

#include <linux/dmaengine.h>
#include <linux/scatterlist.h>

#include "idiom.h"

static int transfer(struct idiom_env *env, void (*done)(struct idiom_env *env))
{
	struct dma_async_tx_descriptor *tx;
	struct scatterlist sg;
	unsigned int n;

	sg_init_one(&sg, env->linear, env->size);
	n = dma_map_sg(env->dev, &sg, 1, DMA_BIDIRECTIONAL);
	if (n == 0)
		return -EIO;
	tx = dmaengine_prep_slave_sg(env->chan, &sg, n, DMA_MEM_TO_DEV,
				     DMA_PREP_INTERRUPT);
	if (!tx) {
		dma_unmap_sg(env->dev, &sg, 1, DMA_BIDIRECTIONAL);
		return -ENXIO;
	}
	done(env);
	dma_unmap_sg(env->dev, &sg, 1, DMA_BIDIRECTIONAL);
	return 0;
}

IDIOM = {
	.whole		= transfer,
	.buffer		= IDIOM_BUFFER_LINEAR,
};
