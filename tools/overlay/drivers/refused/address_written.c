// SPDX-License-Identifier: GPL-2.0-only
// refused: 16: a DMA address is written into the list
// explained: 12: a1, .*; stays, address-written:
#include <linux/dma-mapping.h>

struct buffer {
	struct sg_table table;
};

static int buffer_make(struct buffer *buf, dma_addr_t addr, unsigned int len)
{
	int ret = sg_alloc_table(&buf->table, 1, GFP_KERNEL);

	if (ret)
		return ret;
	sg_dma_address(buf->table.sgl) = addr;
	sg_dma_len(buf->table.sgl) = len;
	return 0;
}
