// SPDX-License-Identifier: GPL-2.0-only
// refused: 20: sg_split() has no replacement
// explained: 18: a1, .*; stays, chained:
/* A list that is cut into two. */

#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

struct halves {
	struct sg_table table;
	struct scatterlist *parts[2];
};

static int halves_make(struct halves *h, struct page **pages, size_t *sizes, int *nents)
{
	int ret;

	ret = sg_alloc_table_from_pages(&h->table, pages, 2, 0, 2 * PAGE_SIZE, GFP_KERNEL);
	if (!ret)
		ret = sg_split(h->table.sgl, 0, 0, 2, sizes, h->parts, nents, GFP_KERNEL);
	return ret;
}
