// SPDX-License-Identifier: GPL-2.0-only
/* Pages found by their position, by a walk that is taken up again, as vfio/pci/pds has. */

#include <linux/scatterlist.h>

#include "idiom.h"

struct file_pages {
	struct sg_table sg_table;
	struct scatterlist *last_offset_sg;
	unsigned int sg_last_entry;
	unsigned long last_offset;
};

static struct page *file_page(struct file_pages *file, unsigned long offset)
{
	unsigned long cur_offset = 0;
	struct scatterlist *sg;
	unsigned int i;

	if (offset < file->last_offset || !file->last_offset_sg) {
		file->last_offset = 0;
		file->last_offset_sg = file->sg_table.sgl;
		file->sg_last_entry = 0;
	}

	cur_offset = file->last_offset;

	for_each_sg(file->last_offset_sg, sg,
		    file->sg_table.orig_nents - file->sg_last_entry, i) {
		if (offset < sg->length + cur_offset) {
			file->last_offset_sg = sg;
			file->sg_last_entry += i;
			file->last_offset = cur_offset;
			return sg_page(sg) + (offset - cur_offset) / PAGE_SIZE;
		}
		cur_offset += sg->length;
	}
	return NULL;
}

static int file_start(struct idiom_env *env)
{
	struct file_pages *file = kzalloc_obj(*file);
	struct scatterlist *sg;
	int ret, i;

	if (!file)
		return -ENOMEM;
	ret = sg_alloc_table_from_pages(&file->sg_table, env->pages,
					env->nr_pages, 0, env->size, GFP_KERNEL);
	if (ret)
		goto err_free;
	for (i = 0; i < env->nr_pages; i++)
		WARN_ON(file_page(file, i * PAGE_SIZE) != env->pages[i]);
	WARN_ON(file_page(file, 0) != env->pages[0]);
	WARN_ON(file_page(file, env->size));
	ret = dma_map_sgtable(env->dev, &file->sg_table, DMA_BIDIRECTIONAL, 0);
	if (ret)
		goto err_table;
	for_each_sgtable_dma_sg(&file->sg_table, sg, i)
		idiom_desc(env, sg_dma_address(sg), sg_dma_len(sg));
	env->priv = file;
	return 0;

err_table:
	sg_free_table(&file->sg_table);
err_free:
	kfree(file);
	return ret;
}

static void file_stop(struct idiom_env *env)
{
	struct file_pages *file = env->priv;

	dma_unmap_sgtable(env->dev, &file->sg_table, DMA_BIDIRECTIONAL, 0);
	sg_free_table(&file->sg_table);
	kfree(file);
}

IDIOM = {
	.start		= file_start,
	.stop		= file_stop,
	.buffer		= IDIOM_BUFFER_WHOLE_PAGES,
};
