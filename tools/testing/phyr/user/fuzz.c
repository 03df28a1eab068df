// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzzing of physical-range lists: an input is a program of operations on a few
 * lists, each of which is done to a plain array as well.
 */

#include <linux/pci-p2pdma.h>
#include <linux/pfn.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>

#include "fuzz.h"
#include "input.h"
#include "kernel.h"

#define MANY		255
#define PAGES_MAX	600
#define SINGLES		800

/* The largest page frame number that there can be. */
#define PFN_MAX		min_t(u64, PHYS_ADDR_MAX >> PAGE_SHIFT, LONG_MAX)

struct input input;
static struct list lists[3];

static struct device devices[] = { { "one" }, { "two" }, { "three" } };
static struct p2pdma_provider providers[] = {
	{ &devices[0] }, { &devices[1] }, { &devices[2] },
};

static gfp_t gfp(void)
{
	return kernel.atomic ? GFP_NOWAIT : GFP_KERNEL;
}

static bool has_room(const struct list *list, size_t nr)
{
	input.work -= nr;
	return list->model.nr + nr <= MODEL_ROOM;
}

static struct phyr_range last_range(const struct list *list)
{
	const struct model *model = &list->model;

	return model->nr ? model->entries[model->nr - 1].range :
			   (struct phyr_range){ };
}

static u64 near_power(void)
{
	return BIT_ULL(take_below(64)) + take_little();
}

static u64 take_address(const struct list *list)
{
	const struct phyr_range last = last_range(list);
	u64 end = range_end(&last);

	switch (take_below(12)) {
	case 0 ... 2:
		return end;
	case 3:
		return end + take_little();
	case 4:
		return (end & PAGE_MASK) + take_little() * PAGE_SIZE;
	case 5:
		return take(2) << PAGE_SHIFT;
	case 6:
		return take(3) << PAGE_SHIFT;
	case 7:
		return take(3);
	case 8:
		return near_power();
	case 9:
		return PHYS_ADDR_MAX - take(2);
	case 10:
		return take(5) << PAGE_SHIFT;
	default:
		return take(8);
	}
}

/* Most of the limits of a list are near one of these. */
static u64 take_length(const struct list *list)
{
	switch (take_below(12)) {
	case 0 ... 3:
		return PAGE_SIZE;
	case 4:
		return (u64)take_below(64) << PAGE_SHIFT;
	case 5:
		return take(2);
	case 6:
		return take(3) << PAGE_SHIFT;
	case 7:
		return near_power();
	case 8:
		return PHYR_BYTES_MAX - model_bytes(&list->model) +
			take_little();
	case 9:
		return PHYR_RANGE_MAX - last_range(list).len + take_little();
	case 10:
		return near_power() << PAGE_SHIFT;
	default:
		return take(8);
	}
}

static u64 take_position(const struct list *list)
{
	const struct model *model = &list->model;
	u64 bytes = model_bytes(model);

	switch (take_below(4)) {
	case 0:
		return bytes + take_little();
	case 1:
		return take(2);
	case 2:
		return take(8) % (bytes + 1);
	default:
		return !model->nr ? 0 : take_little() +
			model->entries[take(2) % model->nr].pos;
	}
}

/* Mostly what the last one was. */
static void take_kind(const struct list *list, struct phyr_range *range)
{
	const struct phyr_range last = last_range(list);
	unsigned int kind = take(1);

	if (kind < 192) {
		range->flags = last.flags;
		range->provider = last.provider;
		return;
	}

	range->flags = kind & 3;
	if (kind & 4)
		range->provider = &providers[kind % 3];
	if (kind >= 252)
		range->flags = take(4);
}

/* Only pages that are there can be pinned. */
static void move_to_pool(struct phyr_range *range)
{
	u64 start = PFN_PHYS(POOL_PFN), size = POOL_PAGES << PAGE_SHIFT;

	range->phys = start + range->phys % size;
	if (range->len)
		range->len = min(range->len, start + size - range->phys);
	input.work -= PFN_UP(range->len) / 8;
}

static struct phyr_range take_range(const struct list *list)
{
	struct phyr_range range = { };

	take_kind(list, &range);
	range.phys = take_address(list);
	range.len = take_length(list);
	if (range.flags == PHYR_PINNED && !range.provider)
		move_to_pool(&range);
	return range;
}

static struct model_mark list_save(const struct list *list)
{
	struct model_mark mark = model_save(&list->model);

	mark.heap = phyr_memory_used(&list->phyr);
	return mark;
}

/*
 * The model has done it already, and said what should come back; if something
 * else had to, undo it.
 */
static bool succeeded(struct list *list, int ret, int want,
		      const struct model_mark *mark)
{
	/* What single pages could be written to at once isn't needed. */
	if (kernel.failed && ret)
		want = -ENOMEM;
	kernel.failed = false;
	check(ret == want);
	if (ret) {
		model_restore(&list->model, mark);
		/* Its owner may forget a list that had nothing. */
		if (!mark->heap && mark->nr <= 1)
			check(!phyr_memory_used(&list->phyr));
		list_check(list);
	}
	return !ret;
}

static void do_append_range(struct list *list, const struct phyr_range *range)
{
	struct model_mark mark = list_save(list);
	int want = model_append(&list->model, range);
	int ret = phyr_append_range(&list->phyr, range, gfp());

	if (succeeded(list, ret, want, &mark) && range->flags == PHYR_PINNED)
		user_pin_range(range, 1);
}

static void op_append_range(struct list *list)
{
	struct phyr_range range = take_range(list);

	if (has_room(list, 1))
		do_append_range(list, &range);
}

/* Ranges of a kind and of a character, too many to come from the input. */
struct shape {
	struct phyr_range	base;
	u32			random;
	unsigned int		span;	/* pages from the base, or adjacent */
	unsigned int		pages;	/* each, at most */
	unsigned int		odd;	/* bytes at the ends */
};

static struct shape take_shape(const struct list *list)
{
	struct shape shape = { .base = take_range(list) };

	shape.random = take(1);
	shape.span = BIT(take_below(28));
	shape.pages = 1 + take_below(20);
	shape.odd = take_below(2) ? 0 : take(1);
	return shape;
}

static u32 next_random(struct shape *shape)
{
	shape->random = shape->random * 1664525 + 1013904223;
	return shape->random >> 4;
}

static struct phyr_range next_range(struct shape *shape)
{
	struct phyr_range range = shape->base;
	u64 pages = next_random(shape) % shape->span;

	range.phys += (pages << PAGE_SHIFT) + shape->odd;
	range.len = (1 + next_random(shape) % shape->pages) << PAGE_SHIFT;
	range.len -= 2 * shape->odd;
	if (range.flags == PHYR_PINNED && !range.provider)
		move_to_pool(&range);
	return range;
}

static void op_append_many(struct list *list)
{
	struct shape shape = take_shape(list);
	unsigned int nr = take(1);

	if (!has_room(list, nr))
		return;
	while (nr--) {
		struct phyr_range range = next_range(&shape);

		do_append_range(list, &range);
	}
}

static void op_append_phys_vec(struct list *list)
{
	struct model_mark mark = list_save(list);
	struct shape shape = take_shape(list);
	struct phyr_range range = shape.base;
	struct phys_vec vec[MANY];
	size_t nr = take(1);
	int ret, want = 0;

	if (!has_room(list, nr) || range.flags == PHYR_PINNED)
		return;
	for (size_t i = 0; i < nr; i++) {
		if (i)
			range = next_range(&shape);
		vec[i].paddr = range.phys;
		vec[i].len = range.len;
		range.len = vec[i].len;
		want = want ?: model_append(&list->model, &range);
	}
	ret = phyr_append_phys_vec(&list->phyr, vec, nr, range.flags,
				   range.provider, gfp());
	succeeded(list, ret, want, &mark);
}

/* The first page from @offset on, whole pages, and @size in all. */
static int model_append_pages(struct list *list, struct page **pages,
			      unsigned int offset, u64 size)
{
	int ret = 0;

	for (; size && !ret; pages++) {
		struct phyr_range range = {
			.phys = PFN_PHYS(page_to_pfn(*pages)) + offset,
			.len = min(size, PAGE_SIZE - offset),
		};

		ret = model_append(&list->model, &range);
		size -= range.len;
		offset = 0;
	}
	return ret;
}

static u64 take_size(unsigned long nr, unsigned int offset)
{
	u64 size = ((u64)nr << PAGE_SHIFT) - offset;

	switch (take_below(4)) {
	case 0:
		return size + take_little();
	case 1:
		return size - take(2) % PAGE_SIZE;
	default:
		return size;
	}
}

static void op_append_pages(struct list *list)
{
	struct model_mark mark = list_save(list);
	unsigned int adjacent = take_below(8), offset;
	struct shape shape = take_shape(list);
	struct page *pages[MANY];
	unsigned long nr = take(1), pfn = 0;
	int ret, want;
	u64 size;

	for (unsigned long i = 0; i < nr; i++) {
		pfn++;
		if (!i || next_random(&shape) % 8 >= adjacent)
			pfn = PFN_DOWN(next_range(&shape).phys);
		pfn &= PFN_MAX;
		pages[i] = pfn_to_page(pfn);
	}
	offset = take_below(2) ? 0 : take_below(PAGE_SIZE + 2);
	size = take_size(nr, offset);
	/* Some of them may still fit into the longest range, but not all. */
	if (!has_room(list, nr) || last_range(list).len > PHYR_RANGE_MAX / 2)
		return;

	if (!nr || !size || offset >= PAGE_SIZE ||
	    size > ((u64)nr << PAGE_SHIFT) - offset)
		want = -EINVAL;
	else
		want = model_append_pages(list, pages, offset, size);
	ret = phyr_append_pages(&list->phyr, pages, nr, offset, size, gfp());
	succeeded(list, ret, want, &mark);
}

/* As many single pages as are written at a time, with few others among them. */
static void op_append_singles(struct list *list)
{
	static struct page *pages[SINGLES];
	struct model_mark mark = list_save(list);
	unsigned long nr = 200 + take_below(SINGLES - 200);
	unsigned long pfn = PFN_DOWN(take_address(list)) & PFN_MAX;
	unsigned long stride = 2 + take(1), other = take(2) % SINGLES;
	int ret, want;

	for (unsigned long i = 0; i < nr; i++) {
		pages[i] = pfn_to_page(pfn);
		pfn = (pfn + (i == other ? take(4) : stride)) & PFN_MAX;
	}
	input.work -= nr;
	if (!has_room(list, nr) || last_range(list).len > PHYR_RANGE_MAX / 2)
		return;

	want = model_append_pages(list, pages, 0, (u64)nr << PAGE_SHIFT);
	ret = phyr_append_pages(&list->phyr, pages, nr, 0, (u64)nr << PAGE_SHIFT,
				gfp());
	succeeded(list, ret, want, &mark);
}

static void op_append_folio(struct list *list)
{
	struct model_mark mark = list_save(list);
	struct folio *folio = pfn_folio(take(2) << take_below(5));
	size_t offset = take_below(2) ? 0 : take(3);
	size_t size = folio_size(folio);
	size_t len = take_below(4) ? size - offset : take(3);
	struct phyr_range range = {
		.phys = PFN_PHYS(folio_pfn(folio)) + offset,
		.len = len,
	};
	int ret, want = -EINVAL;

	if (!has_room(list, 1))
		return;
	if (offset < size && len <= size - offset)
		want = model_append(&list->model, &range);
	ret = phyr_append_folio(&list->phyr, folio, offset, len, gfp());
	succeeded(list, ret, want, &mark);
}

static int model_pin(struct list *list, unsigned long addr, size_t len)
{
	int ret = 0;

	while (len && !ret) {
		struct phyr_range range = {
			.phys = PFN_PHYS(user_mapped_pfn(addr >> PAGE_SHIFT)) +
				offset_in_page(addr),
			.len = min(len, PAGE_SIZE - offset_in_page(addr)),
			.flags = PHYR_PINNED,
		};

		ret = model_append(&list->model, &range);
		addr += range.len;
		len -= range.len;
	}
	return ret;
}

/* What can go wrong, in the order in which it may be met. */
static bool pin_failed(int ret, unsigned long pages)
{
	if (ret == -EINTR)
		return !user_signal_after;
	if (ret == -ENOMEM)
		return kernel.failed;
	return ret == -EFAULT && kernel.mapped < pages;
}

static void op_pin_user(struct list *list)
{
	struct model_mark mark = list_save(list);
	unsigned long addr = take(3);
	size_t len = take_below(4) ? take_below(PAGES_MAX) << PAGE_SHIFT :
		     take(2);
	unsigned long pages = PFN_UP(offset_in_page(addr) + len);
	unsigned int signal = take_below(8) ? 0 : 1 + take_below(3);
	bool atomic = kernel.atomic;
	int ret, want = -EINVAL;

	if (!has_room(list, pages))
		return;
	user_signal_after = signal;
	kernel.mapped = take_below(8) ? UINT_MAX : take_below(PAGES_MAX);
	if (len)
		want = model_pin(list, addr, len);
	ret = phyr_pin_user(&list->phyr, addr, len, FOLL_WRITE, gfp());
	if (ret != want || kernel.failed) {
		check(pin_failed(ret, pages));
		kernel.failed = ret == -ENOMEM;
		want = ret;
	}
	succeeded(list, ret, want, &mark);
	user_signal_after = 0;
	kernel.atomic = atomic;
}

static void op_truncate(struct list *list)
{
	u64 len = take_position(list);

	if (take_below(2))
		len = max(len, model_bytes(&list->model) / 4 * 3);
	has_room(list, list->model.nr);
	phyr_truncate(&list->phyr, len);
	model_truncate(&list->model, len);
}

static unsigned long count_pins(void)
{
	unsigned long pins = 0;

	for (unsigned long i = 0; i < POOL_PAGES; i++)
		pins += kernel.pins[i];
	return pins;
}

static void op_unpin(struct list *list)
{
	bool dirty = take_below(2);
	unsigned long pins = count_pins();

	kernel.unpinned_dirty = 0;
	phyr_destroy_dirty(&list->phyr, dirty);
	check(kernel.unpinned_dirty == (dirty ? pins - count_pins() : 0));
	list->model.nr = 0;
}

static void op_destroy(struct list *list)
{
	phyr_destroy(&list->phyr);
	list->model.nr = 0;
}

/* As many allocations as it takes must be made now, and none later. */
static void reserve_and_append(struct list *list, unsigned int nr)
{
	struct shape shape = take_shape(list);

	if (!has_room(list, nr) || shape.base.flags > PHYR_PINNED)
		return;
	kernel.fail_nth = 0;
	kernel.reserved = true;
	while (nr--) {
		struct phyr_range range = next_range(&shape);

		do_append_range(list, &range);
	}
	kernel.reserved = false;
}

static void op_reserve(struct list *list)
{
	struct model_mark mark = list_save(list);
	u64 nr = take_below(4) ? take_below(128) : take_below(2048);
	int ret, want = 0;

	switch (take_below(8)) {
	case 0:
		nr = BIT_ULL(40) + take_little();
		break;
	case 1:
		nr = take(8);
	}
	if (nr > BIT_ULL(34))
		want = -EINVAL;
	else if (nr > 2048 && !kernel.fail_nth)
		return;

	input.work -= 32;
	ret = phyr_reserve(&list->phyr, nr, gfp());
	if (succeeded(list, ret, want, &mark))
		reserve_and_append(list, nr);
}

static void op_trim(struct list *list)
{
	const struct phyr_index *index = list->phyr.index;
	size_t most = kernel.heap + SZ_4K;

	/* It may grow, and there may be no memory then to shrink it. */
	if (index)
		most += 2 * struct_size(index, chunks, index->max);
	if (phyr_nr_ranges(&list->phyr) & 1)
		phyr_pack(&list->phyr, gfp());
	else
		phyr_trim(&list->phyr, gfp());
	check(kernel.heap <= most);
	input.work -= 16;
}

static u8 model_byte(const struct model *model, u64 pos)
{
	return user_byte_at(user_page_phys(model_at(model, pos).phys));
}

static struct list *take_list(void)
{
	return &lists[take_below(ARRAY_SIZE(lists))];
}

/* What of @from is at @pos and after, but @flags, for @len bytes. */
static void model_append_slice(struct list *list, const struct list *from,
			       u64 pos, u64 len, unsigned int flags)
{
	while (len) {
		struct phyr_range range = model_at(&from->model, pos);

		range.len = min(range.len, len);
		range.flags &= ~flags;
		pos += range.len;
		len -= range.len;
		check(!model_append(&list->model, &range));
	}
}

static void op_append_slice(struct list *list)
{
	struct model_mark mark = list_save(list);
	struct list *from = take_list();
	u64 bytes = model_bytes(&from->model), room;
	u64 pos = take_below(4) ? take_position(from) : 0;
	u64 len = take_below(2) ? take_position(from) - pos : bytes - pos;
	int ret, want = -ERANGE;

	if (!has_room(list, from->model.nr))
		return;
	room = PHYR_BYTES_MAX - model_bytes(&list->model);
	if (from == list)
		want = -EINVAL;
	else if (pos <= bytes && len <= bytes - pos && len <= room)
		want = 0;
	if (!want)
		model_append_slice(list, from, pos, len, PHYR_PINNED);
	if (!pos && len == bytes)
		ret = phyr_clone(&list->phyr, &from->phyr, gfp());
	else
		ret = phyr_append_slice(&list->phyr, &from->phyr, pos, len,
					gfp());
	succeeded(list, ret, want, &mark);
}

/*
 * Neighbours that together were longer than the longest range stay two when they
 * are cut, and may or may not merge once they are moved.
 */
static bool may_merge_later(const struct list *list)
{
	const struct model *model = &list->model;

	for (size_t i = 1; i < model->nr; i++) {
		if (model_merges(&model->entries[i - 1].range,
				 &model->entries[i].range))
			return true;
	}
	return model_bytes(model) >= PHYR_RANGE_MAX / 2;
}

static void op_join(struct list *list)
{
	struct model_mark mark = list_save(list);
	struct list *other = take_list();
	u64 bytes = model_bytes(&other->model);
	int ret, want = 0;

	if (other == list)
		want = -EINVAL;
	else if (bytes > PHYR_BYTES_MAX - model_bytes(&list->model))
		want = -ERANGE;
	if (!has_room(list, other->model.nr) ||
	    (!want && may_merge_later(other)))
		return;
	if (!want)
		model_append_slice(list, other, 0, bytes, 0);
	ret = phyr_join(&list->phyr, &other->phyr, gfp());
	if (succeeded(list, ret, want, &mark))
		other->model.nr = 0;
	list_check(other);
}

static int model_splits(const struct list *list, u64 pos,
			const struct list *rest)
{
	const struct model *model = &list->model;
	struct phyr_range before;

	if (rest == list || rest->model.nr)
		return -EINVAL;
	if (pos > model_bytes(model))
		return -ERANGE;
	if (!pos)
		return 0;
	before = model_at(model, pos - 1);
	if (before.len > 1 && before.flags & PHYR_PINNED &&
	    offset_in_page(before.phys + 1))
		return -EINVAL;
	return 0;
}

static void op_split(struct list *list)
{
	struct list *rest = take_list();
	struct model_mark mark = list_save(rest);
	u64 pos = take_position(list), bytes = model_bytes(&list->model);
	int ret, want = model_splits(list, pos, rest);

	if (may_merge_later(list) || !has_room(rest, list->model.nr))
		return;
	if (!want)
		model_append_slice(rest, list, pos, bytes - pos, 0);
	ret = phyr_split(&list->phyr, pos, &rest->phyr, gfp());
	if (succeeded(rest, ret, want, &mark))
		model_truncate(&list->model, pos);
	list_check(list);
	list_check(rest);
}

static void op_at(struct list *list)
{
	struct phyr_range range, want;
	u64 pos = take_position(list);
	int ret = phyr_at(&list->phyr, pos, &range);

	check(ret == (pos < model_bytes(&list->model) ? 0 : -ERANGE));
	if (ret)
		return;
	want = model_at(&list->model, pos);
	model_check_range(&range, &want);
}

/* Each range starts and ends with a block, but the first and the last one. */
static bool model_block_fits(const struct model *model, u64 size, u64 virt)
{
	const struct model_entry *entry = model->entries;

	if ((entry->range.phys - virt) % size)
		return false;
	for (size_t i = 1; i < model->nr; i++, entry++) {
		if (range_end(&entry[0].range) % size ||
		    entry[1].range.phys % size)
			return false;
	}
	return true;
}

static void op_best_block_size(struct list *list)
{
	u64 sizes = take_below(4) ? take(5) : take(8), virt = take_address(list);
	const struct model *model = &list->model;
	u64 best = 0;

	has_room(list, 3 * model->nr);
	sizes &= PHYS_ADDR_MAX;
	for (unsigned int bit = 0; bit < 64 && model->nr; bit++) {
		if (!model_block_fits(model, BIT_ULL(bit), virt))
			break;
		if (sizes & BIT_ULL(bit))
			best = BIT_ULL(bit);
	}
	check(phyr_best_block_size(&list->phyr, sizes, virt) == best);
}

static void op_copy(struct list *list)
{
	u64 pos = take_position(list), bytes = model_bytes(&list->model);
	size_t len = take_below(4) ? take_below(64) : take_below(8192);
	static u8 buf[8192];
	ssize_t want = 0;

	input.work -= len / 16;
	for (; want < len && pos + want < bytes && pos < bytes; want++) {
		if (model_at(&list->model, pos + want).flags & PHYR_MMIO) {
			want = want ?: -EOPNOTSUPP;
			break;
		}
		buf[want] = model_byte(&list->model, pos + want);
	}
	if (pos >= bytes)
		want = -ERANGE;

	check(phyr_copy_from_buffer(&list->phyr, buf, len, pos) == want);
	memset(buf, 0, len);
	check(phyr_copy_to_buffer(&list->phyr, buf, len, pos) == want);
	for (ssize_t i = 0; i < want; i++)
		check(buf[i] == model_byte(&list->model, pos + i));
}

/* What is to be zeroed, as the shim sums it up, or an error. */
static int model_zero(const struct model *model, u64 pos, u64 len, u64 *sum)
{
	u64 bytes = model_bytes(model);

	*sum = 0;
	if (pos > bytes || len > bytes - pos)
		return -ERANGE;
	while (len) {
		struct phyr_range rest = model_at(model, pos);
		phys_addr_t phys = user_page_phys(rest.phys);

		if (rest.flags & PHYR_MMIO)
			return -EOPNOTSUPP;
		rest.len = min3(rest.len, len, PAGE_SIZE - offset_in_page(phys));
		*sum += user_sum(phys, rest.len);
		pos += rest.len;
		len -= rest.len;
		input.work--;
	}
	return 0;
}

static void op_zero(struct list *list)
{
	u64 pos = take_position(list), bytes = model_bytes(&list->model);
	u64 len = take_below(8) ? take(2) : take_length(list), sum;
	int want;

	if (len > SZ_1M && pos < bytes && len <= bytes - pos)
		return;
	want = model_zero(&list->model, pos, len, &sum);
	kernel.zeroed = 0;
	check(phyr_zero(&list->phyr, pos, len) == want);
	check(kernel.zeroed == (want ? 0 : sum));
}

static void op_show(struct list *list)
{
	struct seq_file m = { };

	if (!has_room(list, list->model.nr))
		return;
	phyr_seq_show(&m, &list->phyr);
	check(m.lines == list->model.nr);
}

static void op_check(struct list *list)
{
	list_check(list);
}

void list_check(struct list *list)
{
	input.work -= list->model.nr;
	model_check(&list->model, &list->phyr);
}

/* Each pinned page has the pins of the ranges that it is in, and no others. */
static void check_pins(void)
{
	unsigned int pins[POOL_PAGES];

	memcpy(pins, kernel.pins, sizeof(pins));
	for (struct list *list = lists; list < lists + ARRAY_SIZE(lists); list++) {
		const struct model *model = &list->model;

		for (size_t i = 0; i < model->nr; i++)
			if (model->entries[i].range.flags & PHYR_PINNED)
				user_pin_range(&model->entries[i].range, -1);
	}
	check(!count_pins());
	memcpy(kernel.pins, pins, sizeof(pins));
}

static void check_heap(void)
{
	size_t bytes = 0;

	for (struct list *list = lists; list < lists + ARRAY_SIZE(lists); list++)
		bytes += phyr_memory_used(&list->phyr);
	check(bytes == kernel.heap);
}

/* Their places are what the bytes of old inputs mean: add new ones at the end. */
static void (*const ops[])(struct list *) = {
	op_append_range,
	op_append_many,
	op_append_phys_vec,
	op_append_pages,
	op_append_folio,
	op_pin_user,
	op_truncate,
	op_unpin,
	op_destroy,
	op_reserve,
	op_trim,
	op_copy,
	op_show,
	op_check,
	op_walk,
	op_zero,
	op_append_slice,
	op_join,
	op_split,
	op_at,
	op_best_block_size,
	op_append_range,
	op_append_many,
	op_walk,
	op_append_singles,
};

static void run_op(void)
{
	unsigned int op = take(1), where = take(1);
	struct list *list = &lists[where % ARRAY_SIZE(lists)];

	kernel.atomic = where & BIT(6);
	if (where & BIT(7))
		kernel.fail_nth = 1 + take_below(8);

	ops[op % ARRAY_SIZE(ops)](list);

	kernel.fail_nth = 0;
	kernel.failed = false;
	for (list = lists; list < lists + ARRAY_SIZE(lists); list++)
		model_check_summaries(&list->model, &list->phyr);
	check_heap();
}

static void finish(void)
{
	check_pins();
	for (struct list *list = lists; list < lists + ARRAY_SIZE(lists); list++) {
		list_check(list);
		op_destroy(list);
	}
	check(!count_pins());
	check(!kernel.heap);
}

int fuzz_input(const u8 *data, size_t size)
{
	input = (struct input){ .data = data, .left = size };
	/* Few inputs are long, so that there can be many. */
	input.work = take_below(32) ? 1500 : 30000;

	while (input.left && input.work > 0)
		run_op();
	finish();
	return 0;
}
