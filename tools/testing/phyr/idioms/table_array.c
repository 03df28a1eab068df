// SPDX-License-Identifier: GPL-2.0-only
/* An array of tables, a part of the buffer in each. */

#include <linux/scatterlist.h>

#include "idiom.h"

#define NR_PLANES	3

struct frame {
	struct sg_table planes[NR_PLANES];
	unsigned int nr;
};

static void frame_unmap(struct idiom_env *env, struct frame *frame)
{
	unsigned int i;

	for (i = 0; i < frame->nr; i++) {
		dma_unmap_sgtable(env->dev, &frame->planes[i],
				  DMA_BIDIRECTIONAL, 0);
		sg_free_table(&frame->planes[i]);
	}
	kfree(frame);
}

static int frame_start(struct idiom_env *env)
{
	unsigned int nr_pages = env->nr_pages / NR_PLANES;
	struct frame *frame = kzalloc_obj(*frame);
	struct scatterlist *sg;
	int ret, i, j;

	if (!frame)
		return -ENOMEM;
	for (i = 0; i < NR_PLANES; i++) {
		struct sg_table *sgt = &frame->planes[i];

		ret = sg_alloc_table_from_pages(sgt, env->pages + i * nr_pages,
						nr_pages, 0,
						nr_pages * PAGE_SIZE,
						GFP_KERNEL);
		if (ret)
			goto err_unmap;
		ret = dma_map_sgtable(env->dev, sgt, DMA_BIDIRECTIONAL, 0);
		if (ret) {
			sg_free_table(sgt);
			goto err_unmap;
		}
		frame->nr++;
		for_each_sgtable_dma_sg(sgt, sg, j)
			idiom_desc(env, sg_dma_address(sg), sg_dma_len(sg));
	}
	env->priv = frame;
	return 0;

err_unmap:
	frame_unmap(env, frame);
	return ret;
}

static void frame_stop(struct idiom_env *env)
{
	frame_unmap(env, env->priv);
}

IDIOM = {
	.start		= frame_start,
	.stop		= frame_stop,
	.buffer		= IDIOM_BUFFER_WHOLE_PAGES,
};
