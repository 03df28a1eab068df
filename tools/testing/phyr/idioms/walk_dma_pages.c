// SPDX-License-Identifier: GPL-2.0-only
/* A walk by the pages of a mapped table. */

#include <linux/scatterlist.h>

#include "idiom.h"

struct buffer {
	struct sg_table table;
};

static int buffer_start(struct idiom_env *env)
{
	struct buffer *buffer = kzalloc_obj(*buffer);
	struct sg_dma_page_iter iter;
	int ret;

	if (!buffer)
		return -ENOMEM;
	ret = sg_alloc_table_from_pages(&buffer->table, env->pages,
					env->nr_pages, 0, env->size, GFP_KERNEL);
	if (ret)
		goto err_free;
	ret = dma_map_sgtable(env->dev, &buffer->table, DMA_BIDIRECTIONAL, 0);
	if (ret)
		goto err_table;
	for_each_sgtable_dma_page(&buffer->table, &iter, 0)
		idiom_desc(env, sg_page_iter_dma_address(&iter), PAGE_SIZE);
	env->priv = buffer;
	return 0;

err_table:
	sg_free_table(&buffer->table);
err_free:
	kfree(buffer);
	return ret;
}

static void buffer_stop(struct idiom_env *env)
{
	struct buffer *buffer = env->priv;

	dma_unmap_sgtable(env->dev, &buffer->table, DMA_BIDIRECTIONAL, 0);
	sg_free_table(&buffer->table);
	kfree(buffer);
}

IDIOM = {
	.start		= buffer_start,
	.stop		= buffer_stop,
	.buffer		= IDIOM_BUFFER_WHOLE_PAGES,
};
