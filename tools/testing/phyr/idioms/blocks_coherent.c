// SPDX-License-Identifier: GPL-2.0-only
/*
 * A table of coherent memory, whose addresses are written into it, and of which a place
 * is kept, as hwtracing/intel_th has.
 */

#include <linux/mm.h>
#include <linux/scatterlist.h>

#include "idiom.h"

#define NR_BLOCKS	4

struct trace {
	struct sg_table		_sgt;
	struct sg_table		*sgt;
	struct scatterlist	*block;
	unsigned int		nr;
};

struct trace_ops {
	int	(*alloc)(struct idiom_env *env, struct sg_table **sgt);
	void	(*free)(struct idiom_env *env, struct sg_table *sgt);
};

static int blocks_alloc(struct idiom_env *env, struct sg_table **sgt)
{
	struct scatterlist *sg_ptr;
	void *block;
	int i, ret;

	ret = sg_alloc_table(*sgt, NR_BLOCKS, GFP_KERNEL);
	if (ret)
		return -ENOMEM;
	for_each_sg((*sgt)->sgl, sg_ptr, NR_BLOCKS, i) {
		block = dma_alloc_coherent(env->dev, PAGE_SIZE,
					   &sg_dma_address(sg_ptr), GFP_KERNEL);
		if (!block)
			goto err_nomem;
		sg_set_buf(sg_ptr, block, PAGE_SIZE);
		sg_dma_len(sg_ptr) = PAGE_SIZE;
		memcpy(block, env->vmalloc + i * PAGE_SIZE, PAGE_SIZE);
	}
	return NR_BLOCKS;

err_nomem:
	for_each_sg((*sgt)->sgl, sg_ptr, i, ret)
		dma_free_coherent(env->dev, PAGE_SIZE, sg_virt(sg_ptr),
				  sg_dma_address(sg_ptr));
	sg_free_table(*sgt);
	return -ENOMEM;
}

static void blocks_free(struct idiom_env *env, struct sg_table *sgt)
{
	struct scatterlist *sg_ptr;
	int i;

	for_each_sg(sgt->sgl, sg_ptr, sgt->nents, i) {
		memcpy(env->vmalloc + i * PAGE_SIZE, sg_virt(sg_ptr),
		       sg_ptr->length);
		dma_free_coherent(env->dev, PAGE_SIZE, sg_virt(sg_ptr),
				  sg_dma_address(sg_ptr));
	}
	sg_free_table(sgt);
}

static const struct trace_ops ops = {
	.alloc	= blocks_alloc,
	.free	= blocks_free,
};

static struct scatterlist *trace_base(struct trace *trace)
{
	return trace->sgt->sgl;
}

/* Round and round. */
static void trace_advance(struct trace *trace)
{
	if (sg_is_last(trace->block))
		trace->block = trace_base(trace);
	else
		trace->block = sg_next(trace->block);
}

static int trace_start(struct idiom_env *env)
{
	struct trace *trace = kzalloc_obj(*trace);
	unsigned int i;
	int ret;

	if (!trace)
		return -ENOMEM;
	trace->sgt = &trace->_sgt;
	ret = ops.alloc(env, &trace->sgt);
	if (ret < 0) {
		kfree(trace);
		return ret;
	}
	trace->nr = ret;
	trace->block = trace_base(trace);
	for (i = 0; i < trace->nr; i++) {
		idiom_desc(env, sg_dma_address(trace->block), PAGE_SIZE);
		trace_advance(trace);
	}
	WARN_ON(trace->block != trace_base(trace));
	idiom_memory(env, env->vmalloc, NR_BLOCKS * PAGE_SIZE);
	env->priv = trace;
	return 0;
}

/* What the device wrote is where the CPU sees it. */
static void trace_for_cpu(struct idiom_env *env)
{
	struct trace *trace = env->priv;
	struct scatterlist *sg;
	unsigned int i;

	for_each_sg(trace->sgt->sgl, sg, trace->nr, i)
		memcpy(env->vmalloc + i * PAGE_SIZE, sg_virt(sg), PAGE_SIZE);
}

static void trace_stop(struct idiom_env *env)
{
	struct trace *trace = env->priv;

	ops.free(env, trace->sgt);
	kfree(trace);
}

IDIOM = {
	.start		= trace_start,
	.for_cpu	= trace_for_cpu,
	.stop		= trace_stop,
	.buffer		= IDIOM_BUFFER_OWN,
};
