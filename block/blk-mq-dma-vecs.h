/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Linking of a request's segments into IOVA, many at a time.
 *
 * Part of blk-mq-dma.c.
 */

#include <linux/dma-iova-vecs.h>

/* Half a kilobyte: file systems have used much of the stack before. */
#define BLK_DMA_LINK_BATCH	32

/*
 * Link *@vec, which the iterator has come to, and all segments after it.  *@mapped
 * counts the bytes that are linked; after an error the caller unlinks these.
 */
static noinline_for_stack int
blk_rq_dma_link_vecs(struct request *req, struct device *dma_dev,
		     struct dma_iova_state *state, struct blk_dma_iter *iter,
		     const struct phys_vec *vec, unsigned long attrs,
		     size_t *mapped)
{
	struct phys_vec vecs[BLK_DMA_LINK_BATCH] __uninitialized;
	unsigned int nr = 1;

	vecs[0] = *vec;
	do {
		size_t linked;
		int error;

		while (nr < ARRAY_SIZE(vecs) &&
		       blk_map_iter_next(req, &iter->iter, &vecs[nr]))
			nr++;
		error = dma_iova_link_vecs(dma_dev, state, *mapped, vecs, nr,
					   &linked, rq_dma_dir(req), attrs,
					   GFP_ATOMIC);
		if (error)
			return error;
		*mapped += linked;
		nr = 0;
	} while (iter->iter.iter.bi_size);
	return 0;
}
