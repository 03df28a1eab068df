// SPDX-License-Identifier: GPL-2.0-only
/* A table in a structure, which functions get a pointer to. */

#include <linux/scatterlist.h>

#include "idiom.h"

struct buffer {
	struct sg_table sgt;
};

static int buffer_build(struct idiom_env *env, struct sg_table *sgt)
{
	return sg_alloc_table_from_pages(sgt, env->pages, env->nr_pages,
					 env->offset, env->size, GFP_KERNEL);
}

static void buffer_write(struct idiom_env *env, struct sg_table *sgt)
{
	struct scatterlist *sg;
	unsigned int i;

	for_each_sg(sgt->sgl, sg, sgt->nents, i) {
		dma_addr_t addr = sg_dma_address(sg);

		idiom_desc(env, addr, sg_dma_len(sg));
	}
}

static int buffer_start(struct idiom_env *env)
{
	struct buffer *buffer = kzalloc_obj(*buffer);
	int ret;

	if (!buffer)
		return -ENOMEM;
	ret = buffer_build(env, &buffer->sgt);
	if (ret)
		goto free_buffer;
	ret = dma_map_sgtable(env->dev, &buffer->sgt, DMA_BIDIRECTIONAL, 0);
	if (ret)
		goto free_table;
	env->priv = buffer;
	buffer_write(env, &buffer->sgt);
	return 0;

free_table:
	sg_free_table(&buffer->sgt);
free_buffer:
	kfree(buffer);
	return ret;
}

static void buffer_stop(struct idiom_env *env)
{
	struct buffer *buffer = env->priv;

	dma_unmap_sgtable(env->dev, &buffer->sgt, DMA_BIDIRECTIONAL, 0);
	sg_free_table(&buffer->sgt);
	kfree(buffer);
}

IDIOM = {
	.start		= buffer_start,
	.stop		= buffer_stop,
	.buffer		= IDIOM_BUFFER_PAGES,
};
