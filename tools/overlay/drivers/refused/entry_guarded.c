// SPDX-License-Identifier: GPL-2.0-only
// refused: 26: sg_alloc_table() is called with guard(spinlock_irqsave)
// refused: 34: blocks_alloc() is called with guard(raw_spinlock)
// refused: 41: blocks_alloc() allocates, with a lock held
/* Entries that stay apart, allocated where nothing may sleep, which guard() says. */

#include <linux/cleanup.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/spinlock.h>

struct blocks {
	struct sg_table table;
	spinlock_t lock;
	raw_spinlock_t raw;
};

static int blocks_alloc(struct blocks *b)
{
	return sg_alloc_table(&b->table, 1, GFP_KERNEL);
}

static int blocks_make(struct blocks *b)
{
	guard(spinlock_irqsave)(&b->lock);
	return sg_alloc_table(&b->table, 1, GFP_KERNEL);
}

static int blocks_make_both(struct blocks *b, struct blocks *other)
{
	int ret;

	guard(raw_spinlock)(&b->raw);
	ret = blocks_alloc(b);
	return ret ?: blocks_alloc(other);
}

static void blocks_make_locked(struct blocks *b)
{
	spin_lock(&b->lock);
	blocks_alloc(b);
	spin_unlock(&b->lock);
}

static void blocks_free(struct blocks *b)
{
	__free_pages(sg_page(b->table.sgl), 2);
	sg_free_table(&b->table);
}
