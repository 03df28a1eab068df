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

/* Indices have 32 bits.  vmalloc() must not be called in interrupts. */
static void *phyr_dma_realloc(void *old, u64 nr, size_t size, gfp_t gfp)
{
	size_t bytes = array_size(nr, size);

	if (nr > U32_MAX)
		return NULL;
	if (gfpflags_allow_blocking(gfp))
		return kvrealloc(old, bytes, gfp);
	return krealloc(old, bytes, gfp);
}

/* Have room for all marks of a part that is made of @nr ranges of the list. */
int phyr_dma_store_start(struct phyr_dma_store *store,
			 struct phyr_dma_part *part, u64 nr, gfp_t gfp)
{
	u64 marks = nr / PHYR_DMA_MARK_EACH;

	*store = (struct phyr_dma_store) {
		.part = part,
		/* What is reserved has to stay. */
		.max = part->reserved ? 0 : ARRAY_SIZE(part->few),
	};
	part->marks = NULL;
	if (marks)
		part->marks = phyr_dma_realloc(NULL, marks,
					       sizeof(*part->marks), gfp);
	return marks && !part->marks ? -ENOMEM : 0;
}

/* phyr_dma_store_room() where there is too little. */
int phyr_dma_store_grow(struct phyr_dma_store *store, size_t nr, gfp_t gfp)
{
	struct phyr_dma_part *part = store->part;
	u64 room = max(part->nr + (u64)nr, 2 * (u64)store->max);
	struct dma_range *ranges = part->array ? part->ranges : NULL;

	ranges = phyr_dma_realloc(ranges, room, sizeof(*ranges), gfp);
	if (!ranges)
		return -ENOMEM;
	/* The few are where marks would be, and only so few have none. */
	if (!part->array && part->nr) {
		memcpy(ranges, part->few, sizeof(part->few));
		part->marks = NULL;
	}
	part->ranges = ranges;
	part->array = true;
	store->max = room;
	return 0;
}

/* Where nothing was stored, no more than the first of the few was written. */
void phyr_dma_forget_stored(struct phyr_dma_part *part)
{
	if (part->array)
		kvfree_atomic(part->ranges);
	else if (part->nr)
		memset(part->few, 0, sizeof(part->few));
	if (part->marks)
		kvfree_atomic(part->marks);
	part->marks = NULL;
	part->nr = 0;
	part->nr_marks = 0;
	part->padded = false;
	part->array = false;
}

/*
 * @nr more ranges of the list are done: what is at @pos in the part comes next, and
 * @at in what it is mapped to.
 */
void phyr_dma_store_mark(struct phyr_dma_store *store, unsigned int nr, u64 pos,
			 u64 at)
{
	struct phyr_dma_part *part = store->part;

	store->unmarked += nr;
	if (store->unmarked < PHYR_DMA_MARK_EACH || !part->marks)
		return;
	part->marks[part->nr_marks++] = (struct phyr_dma_mark){ pos, at };
	store->unmarked = 0;
}
