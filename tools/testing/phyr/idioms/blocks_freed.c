// SPDX-License-Identifier: GPL-2.0-only
/*
 * Blocks of several pages, of which the device is told each, and which are freed one by
 * one, as net/ethernet/chelsio/cxgb4 has.
 */

#include <linux/mm.h>
#include <linux/scatterlist.h>

#include "idiom.h"

#define NR_BLOCKS	3
#define BLOCK_ORDER	1

struct memory {
	struct sg_table *sgt;
	bool mapped;
};

static void memory_free(struct idiom_env *env, struct memory *mem)
{
	struct scatterlist *iter;
	struct page *page;
	int i;

	if (mem->mapped)
		dma_unmap_sg(env->dev, mem->sgt->sgl, mem->sgt->nents,
			     DMA_BIDIRECTIONAL);
	for_each_sg(mem->sgt->sgl, iter, mem->sgt->orig_nents, i) {
		page = sg_page(iter);
		if (page) {
			memcpy(env->vmalloc + i * (PAGE_SIZE << BLOCK_ORDER),
			       page_address(page), PAGE_SIZE << BLOCK_ORDER);
			__free_pages(page, BLOCK_ORDER);
		}
	}
	sg_free_table(mem->sgt);
	kfree(mem->sgt);
	kfree(mem);
}

static int memory_fill(struct idiom_env *env, struct sg_table *sgt)
{
	size_t size = PAGE_SIZE << BLOCK_ORDER;
	struct scatterlist *sgl, *iter;
	struct page *page;
	unsigned int i;

	sgl = sgt->sgl;
	for_each_sg(sgl, iter, sgt->orig_nents, i) {
		page = alloc_pages(GFP_KERNEL, BLOCK_ORDER);
		if (!page)
			return -ENOMEM;
		memcpy(page_address(page), env->vmalloc + i * size, size);
		sg_set_page(iter, page, size, 0);
	}
	sgt->nents = dma_map_sg(env->dev, sgl, sgt->orig_nents,
				DMA_BIDIRECTIONAL);
	return sgt->nents ? 0 : -ENOMEM;
}

static int memory_start(struct idiom_env *env)
{
	struct memory *mem = kzalloc_obj(*mem);
	struct scatterlist *iter;
	struct sg_table *sgt;
	unsigned int i;
	int ret;

	if (!mem)
		return -ENOMEM;
	mem->sgt = kzalloc_obj(*mem->sgt);
	if (!mem->sgt) {
		kfree(mem);
		return -ENOMEM;
	}
	sgt = mem->sgt;
	sgt->orig_nents = NR_BLOCKS;
	if (sg_alloc_table(sgt, sgt->orig_nents, GFP_KERNEL)) {
		kfree(mem->sgt);
		kfree(mem);
		return -ENOMEM;
	}
	ret = memory_fill(env, sgt);
	if (ret) {
		memory_free(env, mem);
		return ret;
	}
	mem->mapped = true;
	for_each_sg(sgt->sgl, iter, sgt->nents, i)
		idiom_desc(env, sg_dma_address(iter), sg_dma_len(iter));
	idiom_memory(env, env->vmalloc, NR_BLOCKS * (PAGE_SIZE << BLOCK_ORDER));
	env->priv = mem;
	return 0;
}

static void memory_stop(struct idiom_env *env)
{
	memory_free(env, env->priv);
}

IDIOM = {
	.start		= memory_start,
	.stop		= memory_stop,
	.buffer		= IDIOM_BUFFER_OWN,
};
