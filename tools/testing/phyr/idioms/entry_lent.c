// SPDX-License-Identifier: GPL-2.0-only
/* A list of one entry on the stack, which is lent as tee/optee does it. */

#include <linux/scatterlist.h>

#include "idiom.h"

struct lend_args {
	struct scatterlist *sg;
};

static int lend(struct idiom_env *env, struct lend_args *args)
{
	dma_addr_t addr;

	do {
		addr = dma_map_page(env->dev, sg_page(args->sg),
				    args->sg->offset, args->sg->length,
				    DMA_BIDIRECTIONAL);
		if (dma_mapping_error(env->dev, addr))
			return -EIO;
		idiom_desc(env, addr, args->sg->length);
	} while ((args->sg = sg_next(args->sg)));

	return 0;
}

static int lend_start(struct idiom_env *env)
{
	struct lend_args args = {};
	struct scatterlist sgl;

	sg_init_table(&sgl, 1);
	sg_set_page(&sgl, virt_to_page(env->linear), env->size,
		    offset_in_page(env->linear));

	args.sg = &sgl;
	return lend(env, &args);
}

static void lend_stop(struct idiom_env *env)
{
	for (unsigned int i = 0; i < env->nr_descs; i++)
		dma_unmap_page(env->dev, env->descs[i].addr, env->descs[i].len,
			       DMA_BIDIRECTIONAL);
}

IDIOM = {
	.start		= lend_start,
	.stop		= lend_stop,
	.buffer		= IDIOM_BUFFER_LINEAR,
};
