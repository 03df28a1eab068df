// SPDX-License-Identifier: GPL-2.0-only
// refused: 33: dma_buf_map_attachment() has no replacement
// explained: 26: a1
// explained: 33: e
/* A member of a struct without a name is another's namesake, and has imported tables. */

#include <linux/dma-buf.h>
#include <linux/scatterlist.h>

struct namesake_buffer {
	union {
		struct {
			struct sg_table *sgt;
			struct dma_buf_attachment *attach;
		} imp;
		int exported;
	} u;
};

struct namesake {
	struct sg_table *sgt;
};

static int namesake_make(struct namesake *n)
{
	return sg_alloc_table(n->sgt, 4, GFP_KERNEL);
}

static int namesake_import(struct namesake_buffer *b)
{
	struct sg_table *sgt;

	sgt = dma_buf_map_attachment(b->u.imp.attach, DMA_BIDIRECTIONAL);
	if (IS_ERR(sgt))
		return PTR_ERR(sgt);
	b->u.imp.sgt = sgt;
	return 0;
}

static void namesake_drop(struct namesake_buffer *b)
{
	dma_buf_unmap_attachment(b->u.imp.attach, b->u.imp.sgt, DMA_BIDIRECTIONAL);
}
