// SPDX-License-Identifier: GPL-2.0-only
/* Only the first address, of a buffer that is one range for the device. */

#include <linux/scatterlist.h>

#include "idiom.h"

struct userptr {
	struct sg_table *sgt;
	dma_addr_t addr;
};

static int userptr_start(struct idiom_env *env)
{
	struct page *page = virt_to_page(env->linear);
	struct userptr *userptr;
	int ret;

	userptr = kzalloc_obj(*userptr);
	if (!userptr)
		return -ENOMEM;
	userptr->sgt = kzalloc_obj(*userptr->sgt);
	if (!userptr->sgt) {
		ret = -ENOMEM;
		goto err_free;
	}
	ret = sg_alloc_table_from_pages(userptr->sgt, &page, 1,
					offset_in_page(env->linear),
					PAGE_SIZE - offset_in_page(env->linear),
					GFP_KERNEL);
	if (ret < 0)
		goto err_free_sgt;
	ret = dma_map_sgtable(env->dev, userptr->sgt, DMA_BIDIRECTIONAL, 0);
	if (ret)
		goto err_free_table;
	userptr->addr = userptr->sgt->sgl[0].dma_address;
	if (userptr->addr != sg_dma_address(userptr->sgt->sgl))
		WARN_ON(1);
	env->priv = userptr;
	idiom_desc(env, userptr->addr, PAGE_SIZE - offset_in_page(env->linear));
	return 0;

err_free_table:
	sg_free_table(userptr->sgt);
err_free_sgt:
	kfree(userptr->sgt);
err_free:
	kfree(userptr);
	return ret;
}

static void userptr_stop(struct idiom_env *env)
{
	struct userptr *userptr = env->priv;

	dma_unmap_sgtable(env->dev, userptr->sgt, DMA_BIDIRECTIONAL, 0);
	sg_free_table(userptr->sgt);
	kfree(userptr->sgt);
	kfree(userptr);
}

IDIOM = {
	.start		= userptr_start,
	.stop		= userptr_stop,
	.buffer		= IDIOM_BUFFER_LINEAR,
};
