// SPDX-License-Identifier: GPL-2.0-only
/*
 * A list that no device gets: it is lent, by a pointer in a struct, to who looks at its
 * memory in a loop that tests for its end last, as firmware/arm_ffa has.
 */

#include <linux/scatterlist.h>

#include "idiom.h"

struct lend_args {
	unsigned int nr;
	struct scatterlist *sg;
};

static size_t lend_total(struct scatterlist *sg)
{
	size_t total = 0;

	do {
		total += sg->length;
	} while ((sg = sg_next(sg)));

	return total;
}

/* What is mapped here is the memory that the list tells of, one by one. */
static int lend(struct idiom_env *env, struct lend_args *args)
{
	unsigned int nr = sg_nents(args->sg);
	dma_addr_t addr;

	args->nr = 0;
	do {
		addr = dma_map_page(env->dev, sg_page(args->sg),
				    args->sg->offset, args->sg->length,
				    DMA_BIDIRECTIONAL);
		if (dma_mapping_error(env->dev, addr))
			return -EIO;
		idiom_desc(env, addr, args->sg->length);
		args->nr++;
	} while ((args->sg = sg_next(args->sg)));

	return args->nr == nr ? 0 : -EINVAL;
}

static void lend_stop(struct idiom_env *env)
{
	for (unsigned int i = 0; i < env->nr_descs; i++)
		dma_unmap_page(env->dev, env->descs[i].addr, env->descs[i].len,
			       DMA_BIDIRECTIONAL);
}

static int lend_start(struct idiom_env *env)
{
	struct lend_args args = {};
	struct sg_table table;
	int ret;

	ret = sg_alloc_table_from_pages(&table, env->pages, env->nr_pages,
					env->offset, env->size, GFP_KERNEL);
	if (ret)
		return ret;
	if (lend_total(table.sgl) != env->size)
		ret = -EINVAL;
	args.sg = table.sgl;
	if (!ret)
		ret = lend(env, &args);
	if (ret)
		lend_stop(env);
	sg_free_table(&table);
	return ret;
}

IDIOM = {
	.start		= lend_start,
	.stop		= lend_stop,
	.buffer		= IDIOM_BUFFER_PAGES,
};
