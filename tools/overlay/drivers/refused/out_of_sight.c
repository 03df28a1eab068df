// SPDX-License-Identifier: GPL-2.0-only
// refused: 9: the structure that table is in is in none of the files
// explained: 9: a1
#include <linux/dma-mapping.h>
#include "elsewhere.h"

static int buffer_make(struct buffer *buf, struct page **pages, int nr)
{
	return sg_alloc_table_from_pages(&buf->table, pages, nr, 0, nr * PAGE_SIZE, GFP_KERNEL);
}
