// SPDX-License-Identifier: GPL-2.0-only
// explained: 18: a2, .*; stays, shared: imported_too_take()
/* An imported table comes to a member, too, and goes elsewhere, where the driver's doesn't. */

#include <linux/dma-buf.h>
#include <linux/scatterlist.h>

struct imported_too {
	struct sg_table *sgt;
	struct dma_buf_attachment *attach;
};

void look(struct sg_table *sgt);

/* The driver's own, which nobody looks at. */
static int imported_too_make(struct imported_too *i)
{
	return sg_alloc_table(i->sgt, 4, GFP_KERNEL);
}

static void imported_too_take(struct imported_too *i, struct sg_table *sgt)
{
	i->sgt = sgt;
}

static void imported_too_import(struct imported_too *i)
{
	struct sg_table *sgt = dma_buf_map_attachment(i->attach, DMA_BIDIRECTIONAL);

	look(sgt);
	imported_too_take(i, sgt);
}
