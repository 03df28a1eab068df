// SPDX-License-Identifier: GPL-2.0-only
/* A table on the stack, for as long as a command takes, as vfio/pci/pds has. */

#include <linux/scatterlist.h>

#include "idiom.h"

static int command(struct idiom_env *env, void (*done)(struct idiom_env *env))
{
	struct scatterlist *sg;
	struct sg_table sgt;
	u16 num;
	int err, i;

	err = sg_alloc_table_from_pages(&sgt, env->pages, env->nr_pages,
					env->offset, env->size, GFP_KERNEL);
	if (err)
		return err;
	err = dma_map_sgtable(env->dev, &sgt, DMA_BIDIRECTIONAL, 0);
	if (err)
		goto out_free;

	for_each_sgtable_dma_sg(&sgt, sg, i)
		idiom_desc(env, sg_dma_address(sg), sg_dma_len(sg));
	num = sgt.nents;
	if (num == env->nr_descs)
		done(env);

	dma_unmap_sgtable(env->dev, &sgt, DMA_BIDIRECTIONAL, 0);
out_free:
	sg_free_table(&sgt);
	return err;
}

IDIOM = {
	.whole		= command,
	.buffer		= IDIOM_BUFFER_PAGES,
};
