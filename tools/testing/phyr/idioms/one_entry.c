// SPDX-License-Identifier: GPL-2.0-only
/* One entry that is passed to a DMA controller, as mtd/nand/raw/lpc32xx_mlc has. */

#include <linux/dmaengine.h>
#include <linux/scatterlist.h>

#include "idiom.h"

struct host {
	struct scatterlist sgl;
	struct dma_chan *chan;
};

static int host_start(struct idiom_env *env)
{
	struct dma_async_tx_descriptor *desc;
	struct host *host;
	int res;

	host = kzalloc_obj(*host);
	if (!host)
		return -ENOMEM;
	host->chan = env->chan;
	sg_init_one(&host->sgl, env->linear, env->size);

	res = dma_map_sg(host->chan->device->dev, &host->sgl, 1,
			 DMA_BIDIRECTIONAL);
	if (res != 1) {
		kfree(host);
		return -ENXIO;
	}
	desc = dmaengine_prep_slave_sg(host->chan, &host->sgl, 1,
				       DMA_DEV_TO_MEM, DMA_CTRL_ACK);
	if (!desc) {
		res = -ENXIO;
		goto out;
	}
	env->priv = host;
	return 0;

out:
	dma_unmap_sg(host->chan->device->dev, &host->sgl, 1, DMA_BIDIRECTIONAL);
	kfree(host);
	return res;
}

static void host_for_cpu(struct idiom_env *env)
{
	struct host *host = env->priv;

	dma_sync_sg_for_cpu(host->chan->device->dev, &host->sgl, 1,
			    DMA_BIDIRECTIONAL);
}

static void host_stop(struct idiom_env *env)
{
	struct host *host = env->priv;

	dma_unmap_sg(host->chan->device->dev, &host->sgl, 1, DMA_BIDIRECTIONAL);
	kfree(host);
}

IDIOM = {
	.start		= host_start,
	.for_cpu	= host_for_cpu,
	.stop		= host_stop,
	.buffer		= IDIOM_BUFFER_LINEAR,
};
