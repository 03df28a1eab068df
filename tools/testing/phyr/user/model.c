// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a list should hold, in a plain array.
 */

#include <linux/mm.h>

#include "kernel.h"
#include "model.h"

static struct model_entry *model_last(struct model *model)
{
	return model->entries + model->nr - 1;
}

struct model_mark model_save(const struct model *model)
{
	struct model_mark mark = { .nr = model->nr };

	if (model->nr)
		mark.last = model->entries[model->nr - 1];
	return mark;
}

void model_restore(struct model *model, const struct model_mark *mark)
{
	model->nr = mark->nr;
	if (mark->nr)
		*model_last(model) = mark->last;
}

u64 model_bytes(const struct model *model)
{
	const struct model_entry *last = model->entries + model->nr - 1;

	return model->nr ? last->pos + last->range.len : 0;
}

static int model_refuses(const struct model *model,
			 const struct phyr_range *range)
{
	u64 end = range_end(range) - 1;

	if (!range->len || end < range->phys)
		return -EINVAL;
	if (range->provider ? range->flags != PHYR_MMIO :
	    range->flags > PHYR_PINNED)
		return -EINVAL;
	if (end > PHYS_ADDR_MAX || range->len > PHYR_RANGE_MAX ||
	    range->len > PHYR_BYTES_MAX - model_bytes(model))
		return -ERANGE;
	return 0;
}

static bool same_kind(const struct phyr_range *a, const struct phyr_range *b)
{
	return a->flags == b->flags && a->provider == b->provider;
}

bool model_merges(const struct phyr_range *a, const struct phyr_range *b)
{
	if (!same_kind(a, b) || range_end(a) != b->phys || b->phys < a->phys)
		return false;
	/* Both own a reference on a page that they share. */
	if (a->flags & PHYR_PINNED && offset_in_page(b->phys))
		return false;
	return a->len + b->len <= PHYR_RANGE_MAX;
}

/* The entry after @last. */
static struct model_entry model_next(const struct model_entry *last,
				     const struct phyr_range *range)
{
	const struct phyr_range *before = &last->range;

	return (struct model_entry) {
		.range = *range,
		.pos = last->pos + before->len,
		.seams = last->seams | range_end(before) | range->phys,
		.lowest = min(last->lowest, before->phys),
		.highest = max(last->highest, range_end(before) - 1),
		.seen = last->seen | before->flags,
		.mixed = last->mixed || !same_kind(before, range),
	};
}

/* Returns what phyr_append_range() should. */
int model_append(struct model *model, const struct phyr_range *range)
{
	struct model_entry *last = model_last(model);
	int ret = model_refuses(model, range);

	if (ret)
		return ret;
	if (model->nr && model_merges(&last->range, range)) {
		last->range.len += range->len;
		return 0;
	}
	check(model->nr < MODEL_ROOM);
	if (model->nr)
		last[1] = model_next(last, range);
	else
		last[1] = (struct model_entry) {
			.range = *range,
			.lowest = PHYS_ADDR_MAX,
		};
	model->nr++;
	return 0;
}

void model_truncate(struct model *model, u64 len)
{
	while (model->nr && model_last(model)->pos >= len)
		model->nr--;
	if (model->nr && model_bytes(model) > len)
		model_last(model)->range.len = len - model_last(model)->pos;
}

static size_t model_find(const struct model *model, u64 pos)
{
	size_t first = 0, nr = model->nr;

	while (nr > 1) {
		size_t half = nr / 2;

		if (model->entries[first + half].pos <= pos)
			first += half;
		nr -= half;
	}
	return first;
}

struct phyr_range model_at(const struct model *model, u64 pos)
{
	const struct model_entry *entry;
	struct phyr_range rest;

	check(pos < model_bytes(model));
	entry = &model->entries[model_find(model, pos)];
	rest = entry->range;
	rest.phys += pos - entry->pos;
	rest.len -= pos - entry->pos;
	return rest;
}

void model_check_range(const struct phyr_range *range,
		       const struct phyr_range *want)
{
	check(range->phys == want->phys);
	check(range->len == want->len);
	check(same_kind(range, want));
}

static u64 lowest_bit(u64 seams)
{
	seams &= PHYS_ADDR_MAX;
	return seams & -seams;
}

/* What is said of plain ranges has to be so. */
static void check_single(const struct phyr *phyr)
{
	const struct phyr_plain *plain = phyr_plain_ranges(phyr);

	for (unsigned int i = 0; phyr->single && i < phyr->nr_plain; i++)
		check(plain[i].len == PAGE_SIZE &&
		      !offset_in_page(plain[i].phys));
}

void model_check_summaries(const struct model *model, const struct phyr *phyr)
{
	const struct model_entry *last = model->entries + model->nr - 1;
	const struct phyr_range *range = &last->range;
	struct phyr_summary sum = phyr_summary(phyr);

	check(phyr_empty(phyr) == !model->nr);
	check(phyr_nr_ranges(phyr) == model->nr);
	check(phyr_bytes(phyr) == model_bytes(model));
	check_single(phyr);
	if (!model->nr)
		return;

	check(sum.lowest == min(last->lowest, range->phys));
	check(sum.highest == max(last->highest, range_end(range) - 1));
	/* The end of all addresses may count as one, or not. */
	check(lowest_bit(sum.seams) == lowest_bit(last->seams));
	check(phyr_flags(phyr) == (last->seen | range->flags));
	check(phyr_is_mixed(phyr) == last->mixed);
}

void model_check(const struct model *model, const struct phyr *phyr)
{
	struct phyr_range range;
	u64 pages = 0;
	size_t nr = 0;

	model_check_summaries(model, phyr);
	phyr_for_each_range(phyr, range) {
		check(nr < model->nr);
		model_check_range(&range, &model->entries[nr].range);
		pages += PFN_UP(offset_in_page(range.phys) + range.len);
		nr++;
	}
	check(nr == model->nr);
	check(phyr_nr_pages(phyr) == pages);
}
