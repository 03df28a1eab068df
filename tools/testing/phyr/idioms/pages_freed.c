// SPDX-License-Identifier: GPL-2.0-only
/* Pages that are allocated and freed one by one, as gpu/drm/nouveau has. */

#include <linux/mm.h>
#include <linux/scatterlist.h>

#include "idiom.h"

#define NR_PAGES	5

struct memory {
	struct sg_table sgt;
};

static void memory_free(struct idiom_env *env, struct memory *mem)
{
	struct scatterlist *sgl;
	int i;

	dma_unmap_sgtable(env->dev, &mem->sgt, DMA_BIDIRECTIONAL, 0);
	for_each_sgtable_sg(&mem->sgt, sgl, i) {
		struct page *page = sg_page(sgl);

		memcpy(env->vmalloc + i * PAGE_SIZE, page_address(page),
		       PAGE_SIZE);
		__free_page(page);
	}
	sg_free_table(&mem->sgt);
	kfree(mem);
}

static int memory_start(struct idiom_env *env)
{
	struct memory *mem = kzalloc_obj(*mem);
	unsigned int pages = NR_PAGES;
	struct scatterlist *sgl;
	int ret, i;

	if (!mem)
		return -ENOMEM;
	ret = sg_alloc_table(&mem->sgt, pages, GFP_KERNEL);
	if (ret)
		return ret;
	for_each_sgtable_sg(&mem->sgt, sgl, i) {
		struct page *page = alloc_page(GFP_KERNEL);

		if (!page)
			return -ENOMEM;
		memcpy(page_address(page), env->vmalloc + i * PAGE_SIZE,
		       PAGE_SIZE);
		sg_set_page(sgl, page, PAGE_SIZE, 0);
	}
	ret = dma_map_sgtable(env->dev, &mem->sgt, DMA_BIDIRECTIONAL, 0);
	if (ret)
		return ret;
	for_each_sgtable_dma_sg(&mem->sgt, sgl, i)
		idiom_desc(env, sg_dma_address(sgl), sg_dma_len(sgl));
	idiom_memory(env, env->vmalloc, pages * PAGE_SIZE);
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
