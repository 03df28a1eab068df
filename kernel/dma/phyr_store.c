// SPDX-License-Identifier: GPL-2.0-only
/*
 * DMA addresses of a mapped list that can't be computed, and marks by which one of
 * them is found in O(log n).
 */

#include <linux/overflow.h>
#include <linux/slab.h>

#include "phyr_map.h"

/* So many ranges of the list are between two marks, or some more. */
#define PHYR_DMA_MARK_EACH	64

/* vmalloc() must not be called in interrupts. */
static void *phyr_dma_realloc(void *old, size_t nr, size_t size, gfp_t gfp)
{
	size_t bytes = array_size(nr, size);

	if (gfpflags_allow_blocking(gfp))
		return kvrealloc(old, bytes, gfp);
	return krealloc(old, bytes, gfp);
}

/* Have room for all marks of a part that is made of @nr ranges of the list. */
int phyr_dma_store_start(struct phyr_dma_store *store, u64 nr, gfp_t gfp)
{
	u64 marks = nr / PHYR_DMA_MARK_EACH;

	*store = (struct phyr_dma_store){ };
	if (!marks)
		return 0;
	if (marks > U32_MAX)
		return -ENOMEM;
	store->marks = phyr_dma_realloc(NULL, marks, sizeof(*store->marks), gfp);
	return store->marks ? 0 : -ENOMEM;
}

/* Have room for @nr more ranges. */
int phyr_dma_store_room(struct phyr_dma_store *store, size_t nr, gfp_t gfp)
{
	size_t max = max(store->nr + nr, 2 * store->max);
	struct dma_range *ranges;

	if (nr <= store->max - store->nr)
		return 0;
	if (max > U32_MAX)
		return -ENOMEM;
	ranges = phyr_dma_realloc(store->ranges, max, sizeof(*ranges), gfp);
	if (!ranges)
		return -ENOMEM;
	store->ranges = ranges;
	store->max = max;
	return 0;
}

/*
 * @nr more ranges of the list are done: what is at @pos in the part comes next, and
 * @at in what it is mapped to.
 */
void phyr_dma_store_mark(struct phyr_dma_store *store, unsigned int nr, u64 pos,
			 u64 at)
{
	store->unmarked += nr;
	if (store->unmarked < PHYR_DMA_MARK_EACH || !store->marks)
		return;
	store->marks[store->nr_marks++] = (struct phyr_dma_mark){ pos, at };
	store->unmarked = 0;
}

void phyr_dma_store_free(struct phyr_dma_store *store)
{
	kvfree_atomic(store->ranges);
	kvfree_atomic(store->marks);
}

/* Hand over what was stored. */
void phyr_dma_store_finish(struct phyr_dma_store *store,
			   struct phyr_dma_part *part)
{
	if (store->ranges)
		part->ranges = store->ranges;
	part->nr = store->nr;
	part->marks = store->marks;
	part->nr_marks = store->nr_marks;
}
