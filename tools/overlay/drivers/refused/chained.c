// SPDX-License-Identifier: GPL-2.0-only
// refused: 15: sg_chain() has no replacement
// explained: 13: a1, .*; stays, chained:
#include <linux/dma-mapping.h>

struct buffer {
	struct sg_table table;
	struct sg_table next;
};

static int buffer_make(struct buffer *buf, unsigned int nr)
{
	if (sg_alloc_table(&buf->table, nr + 1, GFP_KERNEL))
		return -ENOMEM;
	sg_chain(buf->table.sgl, nr + 1, buf->next.sgl);
	return 0;
}
