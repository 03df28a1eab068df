// SPDX-License-Identifier: GPL-2.0-only
/* An array that is a part of a larger allocation, as raspberrypi/vchiq has. */

#include <linux/scatterlist.h>

#include "idiom.h"

struct pagelist {
	struct scatterlist *list;
	unsigned int nr_pages;
	bool mapped;
};

static void pagelist_cleanup(struct idiom_env *env, struct pagelist *info)
{
	if (info->mapped)
		dma_unmap_sg(env->dev, info->list, info->nr_pages,
			     DMA_BIDIRECTIONAL);
	kfree(env->priv);
}

static int pagelist_start(struct idiom_env *env)
{
	unsigned int nr = env->nr_pages, offset = env->offset, i;
	struct scatterlist *list, *sg;
	struct pagelist *info;
	struct page **pages;
	size_t left = env->size;
	int nents;

	pages = kzalloc(nr * sizeof(*pages) + (nr * sizeof(struct scatterlist)) +
			sizeof(struct pagelist), GFP_KERNEL);
	if (!pages)
		return -ENOMEM;
	env->priv = pages;
	list = (struct scatterlist *)(pages + nr);
	info = (struct pagelist *)(list + nr);
	info->list = list;
	info->nr_pages = nr;

	sg_init_table(list, nr);
	for (i = 0; i < nr; i++) {
		unsigned int len = min_t(size_t, left, PAGE_SIZE - offset);

		pages[i] = env->pages[i];
		sg_set_page(list + i, pages[i], len, offset);
		offset = 0;
		left -= len;
	}
	nents = dma_map_sg(env->dev, list, nr, DMA_BIDIRECTIONAL);
	if (nents == 0) {
		pagelist_cleanup(env, info);
		return -EIO;
	}
	info->mapped = true;
	for_each_sg(list, sg, nents, i) {
		unsigned int len = sg_dma_len(sg);
		dma_addr_t addr = sg_dma_address(sg);

		idiom_desc(env, addr, len);
	}
	env->own[0] = info;
	return 0;
}

static void pagelist_stop(struct idiom_env *env)
{
	pagelist_cleanup(env, env->own[0]);
}

IDIOM = {
	.start		= pagelist_start,
	.stop		= pagelist_stop,
	.buffer		= IDIOM_BUFFER_PAGES,
};
