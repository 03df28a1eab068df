// SPDX-License-Identifier: GPL-2.0-only
/* Pages that are allocated for the list, and copied to, as hid/intel-thc-hid has. */

#include <linux/scatterlist.h>

#include "idiom.h"

struct prd {
	struct scatterlist *sgls[2];
	u8 pages[2];
	u8 nents[2];
};

static int prd_start(struct idiom_env *env)
{
	struct prd *prd = kzalloc_obj(*prd);
	size_t len = 3 * PAGE_SIZE, ret;
	struct scatterlist *sg;
	unsigned int nent;
	int i, j;

	if (!prd)
		return -ENOMEM;
	for (i = 0; i < 2; i++) {
		prd->sgls[i] = sgl_alloc(len, GFP_KERNEL, &nent);
		if (!prd->sgls[i])
			return -ENOMEM;
		prd->pages[i] = nent;
		sg = prd->sgls[i];
		ret = sg_copy_from_buffer(sg, nent, env->vmalloc + i * len, len);
		if (ret != len)
			return -EIO;
		prd->nents[i] = dma_map_sg(env->dev, prd->sgls[i], nent,
					   DMA_BIDIRECTIONAL);
		if (!prd->nents[i])
			return -EIO;
		for_each_sg(prd->sgls[i], sg, prd->nents[i], j) {
			idiom_desc(env, sg_dma_address(sg), sg_dma_len(sg));
		}
		idiom_memory(env, env->vmalloc + i * len, len);
	}
	env->priv = prd;
	return 0;
}

static void prd_stop(struct idiom_env *env)
{
	struct prd *prd = env->priv;
	size_t len = 3 * PAGE_SIZE, ret;
	struct scatterlist *sg;
	int i;

	for (i = 0; i < 2; i++) {
		if (!prd->sgls[i] || !prd->nents[i])
			continue;
		dma_unmap_sg(env->dev, prd->sgls[i], prd->pages[i],
			     DMA_BIDIRECTIONAL);
		sg = prd->sgls[i];
		ret = sg_copy_to_buffer(sg, prd->pages[i],
					env->vmalloc + i * len, len);
		WARN_ON(ret != len);
		sgl_free(prd->sgls[i]);
		prd->sgls[i] = NULL;
	}
	kfree(prd);
}

IDIOM = {
	.start		= prd_start,
	.stop		= prd_stop,
	.buffer		= IDIOM_BUFFER_OWN,
};
