// SPDX-License-Identifier: GPL-2.0-only
/* A buffer that stays mapped while the CPU looks at it. */

#include <linux/scatterlist.h>

#include "idiom.h"

struct statbuf {
	struct sg_table table;
};

static int stat_start(struct idiom_env *env)
{
	struct statbuf *buf = kzalloc_obj(*buf);
	struct scatterlist *sg;
	int ret, i;

	if (!buf)
		return -ENOMEM;
	ret = sg_alloc_table_from_pages(&buf->table, env->pages, env->nr_pages,
					env->offset, env->size, GFP_KERNEL);
	if (ret)
		goto err_free;
	ret = dma_map_sgtable(env->dev, &buf->table, DMA_BIDIRECTIONAL, 0);
	if (ret)
		goto err_table;
	dma_sync_sgtable_for_device(env->dev, &buf->table, DMA_BIDIRECTIONAL);
	for_each_sgtable_dma_sg(&buf->table, sg, i)
		idiom_desc(env, sg_dma_address(sg), sg_dma_len(sg));
	env->priv = buf;
	return 0;

err_table:
	sg_free_table(&buf->table);
err_free:
	kfree(buf);
	return ret;
}

static void stat_for_cpu(struct idiom_env *env)
{
	struct statbuf *buf = env->priv;

	dma_sync_sgtable_for_cpu(env->dev, &buf->table, DMA_BIDIRECTIONAL);
}

static void stat_stop(struct idiom_env *env)
{
	struct statbuf *buf = env->priv;

	dma_unmap_sgtable(env->dev, &buf->table, DMA_BIDIRECTIONAL, 0);
	sg_free_table(&buf->table);
	kfree(buf);
}

IDIOM = {
	.start		= stat_start,
	.for_cpu	= stat_for_cpu,
	.stop		= stat_stop,
	.buffer		= IDIOM_BUFFER_PAGES,
};
