// SPDX-License-Identifier: GPL-2.0-only
/*
 * Blocks of several sizes in an array that shares its place with another, asked for by
 * their index and freed by their length, as net/ethernet/mellanox/mlx4 has.
 */

#include <linux/mm.h>
#include <linux/scatterlist.h>

#include "idiom.h"

#define CHUNK_LEN	(128 / sizeof(struct scatterlist))
#define NR_PAGES	6

struct block {
	void		*addr;
	dma_addr_t	dma_addr;
};

struct chunk {
	int	npages;
	int	nsg;
	union {
		struct scatterlist	sg[CHUNK_LEN];
		struct block		buf[CHUNK_LEN];
	};
};

static int chunk_add(struct idiom_env *env, struct scatterlist *mem, int order,
		     unsigned int from)
{
	struct page *page = alloc_pages(GFP_KERNEL, order);

	if (!page)
		return -ENOMEM;
	memcpy(page_address(page), env->vmalloc + from * PAGE_SIZE,
	       PAGE_SIZE << order);
	sg_set_page(mem, page, PAGE_SIZE << order, 0);
	return 0;
}

static void chunk_free(struct idiom_env *env, struct chunk *chunk)
{
	u8 *to = env->vmalloc;
	int i;

	if (chunk->nsg > 0)
		dma_unmap_sg(env->dev, chunk->sg, chunk->npages,
			     DMA_BIDIRECTIONAL);
	for (i = 0; i < chunk->npages; ++i) {
		memcpy(to, page_address(sg_page(&chunk->sg[i])),
		       chunk->sg[i].length);
		to += chunk->sg[i].length;
		__free_pages(sg_page(&chunk->sg[i]),
			     get_order(chunk->sg[i].length));
	}
	kfree(chunk);
}

static struct chunk *chunk_alloc(struct idiom_env *env)
{
	struct chunk *chunk = kzalloc_obj(*chunk);
	int order = 2, left = NR_PAGES;

	if (!chunk)
		return NULL;
	sg_init_table(chunk->sg, CHUNK_LEN);
	while (left > 0) {
		while (1 << order > left)
			--order;
		if (chunk_add(env, &chunk->sg[chunk->npages], order,
			      NR_PAGES - left))
			goto fail;
		++chunk->npages;
		left -= 1 << order;
	}
	chunk->nsg = dma_map_sg(env->dev, chunk->sg, chunk->npages,
				DMA_BIDIRECTIONAL);
	if (chunk->nsg <= 0)
		goto fail;
	return chunk;

fail:
	chunk_free(env, chunk);
	return NULL;
}

static int chunk_start(struct idiom_env *env)
{
	struct chunk *chunk = chunk_alloc(env);
	int i;

	if (!chunk)
		return -ENOMEM;
	for (i = 0; i < chunk->nsg; i++)
		idiom_desc(env, sg_dma_address(&chunk->sg[i]),
			   sg_dma_len(&chunk->sg[i]));
	idiom_memory(env, env->vmalloc, NR_PAGES * PAGE_SIZE);
	env->priv = chunk;
	return 0;
}

static void chunk_stop(struct idiom_env *env)
{
	chunk_free(env, env->priv);
}

IDIOM = {
	.start		= chunk_start,
	.stop		= chunk_stop,
	.buffer		= IDIOM_BUFFER_OWN,
};
