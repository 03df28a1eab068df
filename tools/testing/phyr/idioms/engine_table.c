// SPDX-License-Identifier: GPL-2.0-only
/*
 * A table for dmaengine, which is allocated anew only if the next transfer has another
 * number of entries, as spi-ep93xx has.
 */

#include <linux/dmaengine.h>
#include <linux/scatterlist.h>

#include "idiom.h"

struct engine {
	struct sg_table table;
};

static int engine_prepare(struct idiom_env *env, struct engine *engine)
{
	struct sg_table *sgt = &engine->table;
	struct dma_async_tx_descriptor *txd;
	struct dma_chan *chan = env->chan;
	struct scatterlist *sg;
	int i, ret, nents;

	nents = env->nr_pages;
	if (nents != sgt->nents) {
		sg_free_table(sgt);

		ret = sg_alloc_table(sgt, nents, GFP_KERNEL);
		if (ret)
			return ret;
	}

	for_each_sg(sgt->sgl, sg, sgt->nents, i)
		sg_set_page(sg, env->pages[i], PAGE_SIZE, 0);

	nents = dma_map_sg(chan->device->dev, sgt->sgl, sgt->nents,
			   DMA_BIDIRECTIONAL);
	if (!nents)
		return -ENOMEM;

	txd = dmaengine_prep_slave_sg(chan, sgt->sgl, nents, DMA_MEM_TO_DEV,
				      DMA_CTRL_ACK);
	if (!txd) {
		dma_unmap_sg(chan->device->dev, sgt->sgl, sgt->nents,
			     DMA_BIDIRECTIONAL);
		return -ENOMEM;
	}
	return 0;
}

static void engine_finish(struct idiom_env *env, struct engine *engine)
{
	struct dma_chan *chan = env->chan;
	struct sg_table *sgt = &engine->table;

	dma_unmap_sg(chan->device->dev, sgt->sgl, sgt->nents,
		     DMA_BIDIRECTIONAL);
}

/* Twice, so that the second transfer finds a table. */
static int engine_start(struct idiom_env *env)
{
	struct engine *engine = kzalloc_obj(*engine);
	int ret;

	if (!engine)
		return -ENOMEM;
	env->priv = engine;
	ret = engine_prepare(env, engine);
	if (!ret) {
		engine_finish(env, engine);
		env->nr_descs = 0;
		ret = engine_prepare(env, engine);
	}
	if (ret) {
		sg_free_table(&engine->table);
		kfree(engine);
	}
	return ret;
}

static void engine_stop(struct idiom_env *env)
{
	struct engine *engine = env->priv;

	engine_finish(env, engine);
	sg_free_table(&engine->table);
	kfree(engine);
}

IDIOM = {
	.start		= engine_start,
	.stop		= engine_stop,
	.buffer		= IDIOM_BUFFER_WHOLE_PAGES,
};
