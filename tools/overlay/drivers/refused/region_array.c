// SPDX-License-Identifier: GPL-2.0-only
// explained: 19: a2
// refused: 15: a list is allocated by kcalloc_node()
/* A memory region of an array that isn't a table. */

#include <linux/scatterlist.h>
#include <rdma/ib_verbs.h>

struct region_array {
	struct scatterlist *entries;
};

static int region_array_make(struct region_array *a, unsigned int nr, int node)
{
	a->entries = kcalloc_node(nr, sizeof(*a->entries), GFP_KERNEL, node);
	if (!a->entries)
		return -ENOMEM;
	sg_init_table(a->entries, nr);
	return ib_dma_map_sg(NULL, a->entries, nr, DMA_BIDIRECTIONAL);
}

static int region_array_use(struct region_array *a, struct ib_mr *mr, unsigned int nr)
{
	return ib_map_mr_sg(mr, a->entries, nr, NULL, PAGE_SIZE);
}
