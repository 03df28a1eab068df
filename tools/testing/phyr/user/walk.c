// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzzing of physical-range lists: all the ways to go over one, in any order.
 */

#include <linux/pfn.h>

#include "fuzz.h"
#include "input.h"
#include "kernel.h"

#define VECS_MAX	40

/* A state, and where it should be. */
struct walk {
	struct phyr_state	ps;
	const struct model	*model;
	u64			pos;	/* of the next byte */
	u64			limit;	/* of the walk */
};

static bool at_end(const struct walk *walk)
{
	return walk->pos == walk->limit;
}

static void check_kind(const struct walk *walk, const struct phyr_range *want)
{
	check(walk->ps.range.flags == want->flags);
	check(walk->ps.range.provider == want->provider);
}

/* The memory that comes next; false at the end. */
static bool expect(struct walk *walk, struct phyr_range *want)
{
	if (at_end(walk))
		return false;
	*want = model_at(walk->model, walk->pos);
	want->len = min(want->len, walk->limit - walk->pos);
	return true;
}

/* Device memory has no pages, and one number of a page is NULL's. */
static bool page_is_next(const struct walk *walk)
{
	struct phyr_range want;

	if (at_end(walk))
		return true;
	want = model_at(walk->model, walk->pos);
	return !(want.flags & PHYR_MMIO) && PHYS_PFN(want.phys) != ULONG_MAX;
}

static void step_next(struct walk *walk)
{
	struct phyr_range range, want;
	bool more = phyrs_next(&walk->ps, &range);

	check(expect(walk, &want) == more);
	if (!more)
		return;
	model_check_range(&range, &want);
	walk->pos += range.len;
}

static void step_piece(struct walk *walk)
{
	u64 max = take_below(4) ? 1 + take(2) : take(8) ?: 1;
	struct phyr_range want;
	phys_addr_t phys = 0;
	u64 len;

	len = phyrs_piece(&walk->ps, max, &phys);
	if (!expect(walk, &want)) {
		check(!len);
		return;
	}
	check(phys == want.phys);
	check(len == min(max, want.len));
	check_kind(walk, &want);
	walk->pos += len;
}

static void step_vecs(struct walk *walk)
{
	struct phys_vec vec[VECS_MAX];
	unsigned int max = 1 + take_below(VECS_MAX);
	unsigned int nr = phyrs_next_vecs(&walk->ps, vec, max);
	struct phyr_range want;

	check(nr <= max);
	check(!nr == at_end(walk));
	for (unsigned int i = 0; i < nr; i++) {
		check(expect(walk, &want));
		check(vec[i].paddr == want.phys);
		check(vec[i].len == min(want.len, (SIZE_MAX & PAGE_MASK) -
						 offset_in_page(want.phys)));
		check_kind(walk, &want);
		walk->pos += vec[i].len;
	}
}

static u64 page_rest(const struct phyr_range *range)
{
	return min(range->len, PAGE_SIZE - offset_in_page(range->phys));
}

static void step_pfn(struct walk *walk)
{
	struct phyr_range want;
	unsigned long pfn;
	bool more = phyrs_next_pfn(&walk->ps, &pfn);

	check(more == expect(walk, &want));
	if (!more)
		return;
	check(pfn == PHYS_PFN(want.phys));
	check_kind(walk, &want);
	walk->pos += page_rest(&want);
}

static void step_page(struct walk *walk)
{
	struct phyr_range want;
	struct page *page;

	if (!page_is_next(walk))
		return;
	page = phyrs_next_page(&walk->ps);
	check(!!page == expect(walk, &want));
	if (!page)
		return;
	check(page_to_pfn(page) == PHYS_PFN(want.phys));
	walk->pos += page_rest(&want);
}

static void step_folio(struct walk *walk)
{
	struct phyr_folio part;
	struct phyr_range want;
	unsigned long pfn;
	bool more;

	if (!page_is_next(walk))
		return;
	more = phyrs_next_folio(&walk->ps, &part);
	check(more == expect(walk, &want));
	if (!more)
		return;
	pfn = PHYS_PFN(want.phys);
	check(part.folio == pfn_folio(pfn));
	check(part.offset == ((pfn - folio_pfn(part.folio)) << PAGE_SHIFT) +
			     offset_in_page(want.phys));
	check(part.len == min(want.len, folio_size(part.folio) - part.offset));
	walk->pos += part.len;
}

static u64 take_target(const struct walk *walk)
{
	u64 bytes = model_bytes(walk->model);

	switch (take_below(4)) {
	case 0:
		return bytes - take_below(256);
	case 1:
		return take(8) % (bytes + 1);
	case 2:
		return take(2);
	default:
		return !walk->model->nr ? 0 : take_below(4) - 1 +
			walk->model->entries[take(2) % walk->model->nr].pos;
	}
}

static void step_seek(struct walk *walk)
{
	u64 pos = take_target(walk);
	int ret = phyrs_seek(&walk->ps, pos);
	struct phyr_range want;

	check(ret == (pos < walk->limit ? 0 : -ERANGE));
	if (ret)
		return;
	/* A search from the end of the list comes to the same. */
	check(!phyr_at(walk->ps.phyr, pos, &want));
	want.len = min(want.len, walk->limit - pos);
	model_check_range(&walk->ps.range, &want);
	walk->pos = pos;
}

static void step_slice(struct walk *walk)
{
	u64 bytes = model_bytes(walk->model), pos = take_target(walk);
	u64 len = take_below(2) ? take_target(walk) - pos : take(4);
	int ret = phyrs_slice(&walk->ps, pos, len);

	check(ret == (len && pos < bytes && len <= bytes - pos ? 0 : -ERANGE));
	if (ret)
		return;
	walk->pos = pos;
	walk->limit = pos + len;
}

static void step_block(struct walk *walk)
{
	u64 size = BIT_ULL(take_below(2) ? PAGE_SHIFT : take_below(64));
	struct phyr_range want;
	phys_addr_t block;
	u64 offset;
	bool more = phyrs_next_block(&walk->ps, size, &block);

	check(more == expect(walk, &want));
	if (!more)
		return;
	offset = want.phys & (size - 1);
	check(block == want.phys - offset);
	check_kind(walk, &want);
	walk->pos += min(want.len, size - offset);
}

static void (*const steps[])(struct walk *) = {
	step_next,
	step_piece,
	step_vecs,
	step_pfn,
	step_page,
	step_folio,
	step_seek,
	step_slice,
	step_block,
};

/* One kind of step many times, or a few of all kinds. */
static void take_steps(struct walk *walk)
{
	unsigned int kind = take(1), nr = 1 + take_below(256);

	input.work -= nr;
	while (nr--) {
		steps[kind % ARRAY_SIZE(steps)](walk);
		check(phyrs_tell(&walk->ps) == walk->pos);
		if (kind & BIT(7))
			kind = take(1) | BIT(7);
	}
}

void op_walk(struct list *list)
{
	struct walk walk = {
		.ps = phyr_start(&list->phyr),
		.model = &list->model,
		.limit = model_bytes(&list->model),
	};
	struct walk copy;

	take_steps(&walk);
	copy = walk;
	take_steps(&walk);
	if (take_below(2))
		take_steps(&copy);
	input.work -= 16;
}
