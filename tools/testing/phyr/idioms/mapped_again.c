// SPDX-License-Identifier: GPL-2.0-only
/* A table that is mapped for each of many transfers. */

#include <linux/scatterlist.h>

#include "idiom.h"

struct queue {
	struct sg_table table;
};

static int queue_transfer(struct idiom_env *env, struct queue *queue)
{
	struct scatterlist *sg;
	int ret, i;

	ret = dma_map_sgtable(env->dev, &queue->table, DMA_BIDIRECTIONAL, 0);
	if (ret)
		return ret;
	env->nr_descs = 0;
	for_each_sgtable_dma_sg(&queue->table, sg, i)
		idiom_desc(env, sg_dma_address(sg), sg_dma_len(sg));
	return 0;
}

static void queue_done(struct idiom_env *env, struct queue *queue)
{
	dma_unmap_sgtable(env->dev, &queue->table, DMA_BIDIRECTIONAL, 0);
}

static int queue_start(struct idiom_env *env)
{
	struct queue *queue = kzalloc_obj(*queue);
	int ret, tries;

	if (!queue)
		return -ENOMEM;
	ret = sg_alloc_table_from_pages(&queue->table, env->pages,
					env->nr_pages, env->offset, env->size,
					GFP_KERNEL);
	if (ret)
		goto free_queue;
	for (tries = 0; tries < 3; tries++) {
		ret = queue_transfer(env, queue);
		if (ret)
			goto free_table;
		queue_done(env, queue);
	}
	ret = queue_transfer(env, queue);
	if (ret)
		goto free_table;
	env->priv = queue;
	return 0;

free_table:
	sg_free_table(&queue->table);
free_queue:
	kfree(queue);
	return ret;
}

static void queue_stop(struct idiom_env *env)
{
	struct queue *queue = env->priv;

	queue_done(env, queue);
	sg_free_table(&queue->table);
	kfree(queue);
}

IDIOM = {
	.start		= queue_start,
	.stop		= queue_stop,
	.buffer		= IDIOM_BUFFER_PAGES,
};
