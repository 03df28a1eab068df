// SPDX-License-Identifier: GPL-2.0-only
/* An array of entries that is allocated, of vmalloc memory, as infiniband/hw/efa has. */

#include <linux/mm.h>
#include <linux/scatterlist.h>

#include "idiom.h"

struct context {
	struct scatterlist *sgl;
	unsigned int pages;
};

static struct scatterlist *vmalloc_to_list(u8 *buf, unsigned int pages)
{
	struct scatterlist *sglist;
	struct page *page;
	unsigned int i;

	sglist = kmalloc_objs(*sglist, pages);
	if (!sglist)
		return NULL;
	sg_init_table(sglist, pages);
	for (i = 0; i < pages; i++) {
		page = vmalloc_to_page(buf);
		if (!page)
			goto err;
		sg_set_page(&sglist[i], page, PAGE_SIZE, 0);
		buf += PAGE_SIZE;
	}
	return sglist;

err:
	kfree(sglist);
	return NULL;
}

static int context_start(struct idiom_env *env)
{
	unsigned int pages = env->size / PAGE_SIZE;
	struct context *context;
	struct scatterlist *sgl, *sg;
	int nents, i;

	context = kzalloc_obj(*context);
	if (!context)
		return -ENOMEM;
	sgl = vmalloc_to_list(env->vmalloc, pages);
	if (!sgl)
		goto err_list;
	nents = dma_map_sg(env->dev, sgl, pages, DMA_BIDIRECTIONAL);
	if (!nents)
		goto err_map;

	context->sgl = sgl;
	context->pages = pages;
	env->priv = context;
	for_each_sg(sgl, sg, nents, i) {
		idiom_desc(env, sg_dma_address(sg), sg_dma_len(sg));
	}
	return 0;

err_map:
	kfree(sgl);
err_list:
	kfree(context);
	return -ENOMEM;
}

static void context_stop(struct idiom_env *env)
{
	struct context *context = env->priv;

	dma_unmap_sg(env->dev, context->sgl, context->pages, DMA_BIDIRECTIONAL);
	kfree(context->sgl);
	kfree(context);
}

IDIOM = {
	.start		= context_start,
	.stop		= context_stop,
	.buffer		= IDIOM_BUFFER_VMALLOC,
};
