// SPDX-License-Identifier: GPL-2.0-only
/* Error paths that unmap and free what was done by then. */

#include <linux/scatterlist.h>

#include "idiom.h"

struct job {
	struct sg_table *in;
	struct sg_table *out;
	bool mapped;
};

static int job_map(struct idiom_env *env, struct job *job)
{
	int ret;

	ret = dma_map_sgtable(env->dev, job->in, DMA_TO_DEVICE, 0);
	if (ret)
		return ret;
	ret = dma_map_sgtable(env->dev, job->out, DMA_BIDIRECTIONAL, 0);
	if (ret)
		goto unmap_in;
	if (!job->mapped) {
		ret = -EAGAIN;
		goto unmap_out;
	}
	return 0;

unmap_out:
	dma_unmap_sgtable(env->dev, job->out, DMA_BIDIRECTIONAL, 0);
unmap_in:
	dma_unmap_sgtable(env->dev, job->in, DMA_TO_DEVICE, 0);
	return ret;
}

static struct sg_table *job_table(struct idiom_env *env)
{
	struct sg_table *sgt = kmalloc_obj(*sgt);

	if (!sgt)
		return NULL;
	if (sg_alloc_table_from_pages(sgt, env->pages, env->nr_pages,
				      env->offset, env->size, GFP_KERNEL)) {
		kfree(sgt);
		return NULL;
	}
	return sgt;
}

static int job_start(struct idiom_env *env)
{
	struct job *job = kzalloc_obj(*job);
	struct scatterlist *sg;
	int ret = -ENOMEM, i;

	if (!job)
		return -ENOMEM;
	job->in = job_table(env);
	if (!job->in)
		goto free_job;
	job->out = job_table(env);
	if (!job->out)
		goto free_in;
	ret = job_map(env, job);
	if (ret != -EAGAIN)
		goto free_out;
	job->mapped = true;
	ret = job_map(env, job);
	if (ret)
		goto free_out;
	/* The device is to see what comes from it, so unmap the other one. */
	dma_unmap_sgtable(env->dev, job->in, DMA_TO_DEVICE, 0);
	for_each_sgtable_dma_sg(job->out, sg, i)
		idiom_desc(env, sg_dma_address(sg), sg_dma_len(sg));
	env->priv = job;
	return 0;

free_out:
	sg_free_table(job->out);
	kfree(job->out);
free_in:
	sg_free_table(job->in);
	kfree(job->in);
free_job:
	kfree(job);
	return ret;
}

static void job_stop(struct idiom_env *env)
{
	struct job *job = env->priv;

	dma_unmap_sgtable(env->dev, job->out, DMA_BIDIRECTIONAL, 0);
	sg_free_table(job->out);
	kfree(job->out);
	sg_free_table(job->in);
	kfree(job->in);
	kfree(job);
}

IDIOM = {
	.start		= job_start,
	.stop		= job_stop,
	.buffer		= IDIOM_BUFFER_PAGES,
};
