// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the mapping of physical-range lists: walks from a position,
 * over a slice, by hardware segment and by aligned block.
 */

#include <linux/log2.h>
#include <linux/sizes.h>

#include "phyr_dma_test.h"

#define TRIES	200

/* The DMA addresses of a mapping, in an array. */
struct walk_test {
	struct dma_test		*t;
	struct dma_range	*ranges;
	u64			*starts;	/* where each begins in the list */
	size_t			nr;
};

static u64 below(struct walk_test *w, u64 max)
{
	u64 rnd;

	prandom_bytes_state(&w->t->rnd, &rnd, sizeof(rnd));
	return rnd - div64_u64(rnd, max) * max;
}

static void read_mapping(struct walk_test *w)
{
	struct dma_range range;
	u64 pos = 0;

	w->nr = 0;
	phyr_dma_for_each_range(&w->t->dma, range) {
		w->starts[w->nr] = pos;
		w->ranges[w->nr++] = range;
		pos += range.len;
	}
}

static struct walk_test *walk_test_new(struct dma_test *t)
{
	struct walk_test *w;
	size_t nr;

	w = kunit_kzalloc(t->test, sizeof(*w), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(t->test, w);
	dma_test_map(t, DMA_TO_DEVICE);
	w->t = t;
	nr = phyr_dma_nr_ranges(&t->dma);
	w->ranges = kunit_kcalloc(t->test, nr, sizeof(*w->ranges), GFP_KERNEL);
	w->starts = kunit_kcalloc(t->test, nr, sizeof(*w->starts), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(t->test, w->ranges);
	KUNIT_ASSERT_NOT_NULL(t->test, w->starts);
	read_mapping(w);
	return w;
}

static struct walk_test *walk_test_of_case(struct kunit *test)
{
	return walk_test_new(dma_test_of_case(test));
}

static u64 bytes(const struct walk_test *w)
{
	return w->t->model->bytes;
}

/* What is at @pos: the rest of a range, at most @max bytes of it. */
static struct dma_range range_at(const struct walk_test *w, u64 pos,
				 u64 max)
{
	struct dma_range range = { };
	size_t i = 0, end = w->nr;

	while (end - i > 1) {
		size_t middle = (i + end) / 2;

		if (w->starts[middle] <= pos)
			i = middle;
		else
			end = middle;
	}
	pos -= w->starts[i];
	if (pos < w->ranges[i].len) {
		range.addr = w->ranges[i].addr + pos;
		range.len = min(max, w->ranges[i].len - pos);
	}
	return range;
}

static void expect_range(const struct walk_test *w, u64 pos, u64 max,
			 dma_addr_t addr, u64 len)
{
	struct dma_range range = range_at(w, pos, max);

	KUNIT_ASSERT_EQ(w->t->test, addr, range.addr);
	KUNIT_ASSERT_EQ(w->t->test, len, range.len);
}

/* --- seek and slice --- */

static void check_rest(const struct walk_test *w, struct phyr_dma_state *ds,
		       u64 pos, u64 end)
{
	struct dma_range range;

	while (phyr_dmas_next(ds, &range)) {
		expect_range(w, pos, end - pos, range.addr, range.len);
		pos += range.len;
	}
	KUNIT_ASSERT_EQ(w->t->test, pos, end);
	KUNIT_ASSERT_FALSE(w->t->test, phyr_dmas_next(ds, &range));
}

static void seek_to(const struct walk_test *w, struct phyr_dma_state *ds,
		    u64 pos)
{
	if (pos >= bytes(w))
		return;
	KUNIT_ASSERT_EQ(w->t->test, 0, phyr_dmas_seek(ds, pos));
	check_rest(w, ds, pos, bytes(w));
}

static void test_seek(struct kunit *test)
{
	struct walk_test *w = walk_test_of_case(test);
	u64 pos = 0;

	PHYR_DMA_STATE(ds, &w->t->dma);
	for (size_t i = 0; i < w->nr; i++) {
		seek_to(w, &ds, pos);
		seek_to(w, &ds, pos + 1);
		pos += w->ranges[i].len;
		seek_to(w, &ds, pos - 1);
	}
	for (unsigned int i = 0; i < TRIES; i++)
		seek_to(w, &ds, below(w, bytes(w)));
}

static void random_slice(struct walk_test *w, u64 *pos, u64 *len)
{
	*pos = below(w, bytes(w));
	*len = 1 + below(w, bytes(w) - *pos);
}

static void test_slice(struct kunit *test)
{
	struct walk_test *w = walk_test_of_case(test);

	PHYR_DMA_STATE(ds, &w->t->dma);
	for (unsigned int i = 0; i < TRIES; i++) {
		u64 pos, len;

		random_slice(w, &pos, &len);
		KUNIT_ASSERT_EQ(test, 0, phyr_dmas_slice(&ds, pos, len));
		check_rest(w, &ds, pos, pos + len);
	}

	/* A seek lifts the limit, and a walk may go on from where one was. */
	KUNIT_ASSERT_EQ(test, 0, phyr_dmas_slice(&ds, 0, 1));
	seek_to(w, &ds, 0);
	KUNIT_ASSERT_EQ(test, 0, phyr_dmas_slice(&ds, 0, bytes(w)));
	check_rest(w, &ds, 0, bytes(w));
}

static unsigned int nr_in_slice(struct walk_test *w, u64 pos, u64 len)
{
	struct dma_range range;
	unsigned int nr = 0;

	phyr_dma_for_each_slice_range(&w->t->dma, pos, len, range)
		nr++;
	return nr;
}

static void test_each_slice_range(struct kunit *test)
{
	struct walk_test *w = walk_test_of_case(test);
	struct dma_range range, other;
	u64 pos, len, all = bytes(w);

	PHYR_DMA_STATE(ds, &w->t->dma);
	for (unsigned int i = 0; i < TRIES; i++) {
		random_slice(w, &pos, &len);
		KUNIT_ASSERT_EQ(test, 0, phyr_dmas_slice(&ds, pos, len));
		phyr_dma_for_each_slice_range(&w->t->dma, pos, len, range) {
			KUNIT_ASSERT_TRUE(test, phyr_dmas_next(&ds, &other));
			KUNIT_ASSERT_EQ(test, range.addr, other.addr);
			KUNIT_ASSERT_EQ(test, range.len, other.len);
		}
		KUNIT_ASSERT_FALSE(test, phyr_dmas_next(&ds, &other));
	}

	KUNIT_EXPECT_EQ(test, 1, nr_in_slice(w, all - 1, 1));
	KUNIT_EXPECT_EQ(test, 0, nr_in_slice(w, 0, 0));
	KUNIT_EXPECT_EQ(test, 0, nr_in_slice(w, all - 1, 2));
	KUNIT_EXPECT_EQ(test, 0, nr_in_slice(w, all, 1));
	phyr_dma_unmap(&w->t->dma);
	KUNIT_EXPECT_EQ(test, 0, nr_in_slice(w, 0, 1));
}

static void test_pieces(struct kunit *test)
{
	struct walk_test *w = walk_test_of_case(test);
	struct dma_range range;
	dma_addr_t addr;

	PHYR_DMA_STATE(ds, &w->t->dma);
	for (unsigned int i = 0; i < TRIES; i++) {
		u64 pos, len, max, end;

		random_slice(w, &pos, &len);
		end = pos + len;
		KUNIT_ASSERT_EQ(test, 0, phyr_dmas_slice(&ds, pos, len));
		for (; pos < end; pos += len) {
			max = 1 + below(w, 3 * PAGE_SIZE);
			len = phyr_dmas_piece(&ds, max, &addr);
			expect_range(w, pos, min(max, end - pos), addr, len);
		}
		KUNIT_ASSERT_EQ(test, 0, phyr_dmas_piece(&ds, 1, &addr));
		KUNIT_ASSERT_FALSE(test, phyr_dmas_next(&ds, &range));
		KUNIT_ASSERT_EQ(test, 0, phyr_dmas_piece(&ds, 1, &addr));
	}
}

/* The next range is the rest of one of which a piece was taken. */
static void test_next_after_piece(struct kunit *test)
{
	struct walk_test *w = walk_test_of_case(test);
	struct dma_range range;
	dma_addr_t addr;

	PHYR_DMA_STATE(ds, &w->t->dma);
	KUNIT_ASSERT_EQ(test, 1, phyr_dmas_piece(&ds, 1, &addr));
	KUNIT_ASSERT_EQ(test, 1, phyr_dmas_tell(&ds));
	KUNIT_ASSERT_EQ(test, bytes(w) > 1, phyr_dmas_next(&ds, &range));
	if (bytes(w) > 1)
		expect_range(w, 1, U64_MAX, range.addr, range.len);

	/* And nothing comes after the last one. */
	while (phyr_dmas_next(&ds, &range))
		;
	KUNIT_EXPECT_EQ(test, bytes(w), phyr_dmas_tell(&ds));
	KUNIT_EXPECT_EQ(test, 0, phyr_dmas_piece(&ds, 1, &addr));
}

/* And a piece comes after the range that the walk went to. */
static void test_piece_after_next(struct kunit *test)
{
	struct walk_test *w = walk_test_of_case(test);
	struct dma_range range;
	dma_addr_t addr;
	u64 len;

	PHYR_DMA_STATE(ds, &w->t->dma);
	KUNIT_ASSERT_TRUE(test, phyr_dmas_next(&ds, &range));
	len = phyr_dmas_piece(&ds, U64_MAX, &addr);
	KUNIT_ASSERT_EQ(test, w->nr > 1, !!len);
	if (len)
		expect_range(w, w->ranges[0].len, U64_MAX, addr, len);
}

static void test_bad_positions(struct kunit *test)
{
	struct walk_test *w = walk_test_of_case(test);
	struct dma_range range;
	u64 all = bytes(w);

	PHYR_DMA_STATE(ds, &w->t->dma);
	KUNIT_EXPECT_EQ(test, -ERANGE, phyr_dmas_seek(&ds, all));
	KUNIT_EXPECT_EQ(test, -ERANGE, phyr_dmas_seek(&ds, U64_MAX));
	KUNIT_EXPECT_EQ(test, -EINVAL, phyr_dmas_slice(&ds, 0, 0));
	KUNIT_EXPECT_EQ(test, -ERANGE, phyr_dmas_slice(&ds, 0, all + 1));
	KUNIT_EXPECT_EQ(test, -ERANGE, phyr_dmas_slice(&ds, all, 1));
	KUNIT_EXPECT_EQ(test, -ERANGE, phyr_dmas_slice(&ds, all - 1, 2));
	KUNIT_EXPECT_EQ(test, -ERANGE, phyr_dmas_slice(&ds, all - 1, U64_MAX));
	KUNIT_EXPECT_EQ(test, -ERANGE, phyr_dmas_slice(&ds, U64_MAX, 1));
	check_rest(w, &ds, 0, all);

	phyr_dma_unmap(&w->t->dma);
	ds = phyr_dma_start(&w->t->dma);
	KUNIT_EXPECT_EQ(test, -ERANGE, phyr_dmas_seek(&ds, 0));
	KUNIT_EXPECT_EQ(test, -ERANGE, phyr_dmas_slice(&ds, 0, 1));
	KUNIT_EXPECT_FALSE(test, phyr_dmas_next(&ds, &range));
	KUNIT_EXPECT_FALSE(test, phyr_dmas_next_segment(&ds, &range, 1, 1));
	KUNIT_EXPECT_EQ(test, 0, phyr_dma_nr_segments(&w->t->dma));
	KUNIT_EXPECT_EQ(test, 0, phyr_dma_nr_blocks(&w->t->dma, 1));
	KUNIT_EXPECT_EQ(test, 0, phyr_dma_best_block_size(&w->t->dma, 1, 0));
}

/* --- segments --- */

/* As much as the range, the length and the boundary allow, and no more. */
static u64 expected_segment(const struct walk_test *w, u64 pos, u64 max,
			    u64 boundary)
{
	struct dma_range range = range_at(w, pos, U64_MAX);

	range.len = dma_test_segment_room(&range, max);
	for (u64 len = 1; len < range.len; len++)
		if (!((range.addr + len) & boundary))
			return len;
	return range.len;
}

static void check_segments(struct walk_test *w, u64 max, u64 boundary)
{
	struct dma_range segment;
	u64 pos = 0;

	PHYR_DMA_STATE(ds, &w->t->dma);
	while (phyr_dmas_next_segment(&ds, &segment, max, boundary)) {
		expect_range(w, pos,
			     expected_segment(w, pos, max, boundary),
			     segment.addr, segment.len);
		pos += segment.len;
	}
	KUNIT_ASSERT_EQ(w->t->test, pos, bytes(w));
}

static void test_segments(struct kunit *test)
{
	struct walk_test *w = walk_test_of_case(test);

	check_segments(w, U64_MAX, U64_MAX);
	check_segments(w, PAGE_SIZE, U64_MAX);
	check_segments(w, U64_MAX, PAGE_SIZE - 1);
	check_segments(w, 1000, 255);
	check_segments(w, 255, 1023);
	check_segments(w, SZ_64K, SZ_64K - 1);
	check_segments(w, 12345, SZ_16K - 1);
}

/* By default a device's own limits hold. */
static void test_device_segments(struct kunit *test)
{
	struct walk_test *w = walk_test_of_case(test);
	struct dma_range segment;
	struct device *dev = w->t->dev;
	u64 boundary = dma_get_seg_boundary(dev);
	unsigned int max = dma_get_max_seg_size(dev);
	u64 pos = 0, nr = 0;

	if (!dev->dma_parms)
		kunit_skip(test, "this device has no limits");
	dma_set_max_seg_size(dev, 3000);
	dma_set_seg_boundary(dev, SZ_8K - 1);
	phyr_dma_for_each_segment(&w->t->dma, segment) {
		expect_range(w, pos,
			     expected_segment(w, pos, 3000, SZ_8K - 1),
			     segment.addr, segment.len);
		pos += segment.len;
		nr++;
	}
	KUNIT_EXPECT_EQ(test, pos, bytes(w));
	KUNIT_EXPECT_EQ(test, nr, phyr_dma_nr_segments(&w->t->dma));
	dma_set_max_seg_size(dev, max);
	dma_set_seg_boundary(dev, boundary);
}

/* --- blocks --- */

/* Is a size fit for a slice?  From the definition, range by range. */
static bool block_fits(const struct walk_test *w, u64 pos, u64 len, u64 size,
		       u64 virt)
{
	u64 end = pos + len;

	for (u64 at = pos; at < end; ) {
		struct dma_range range = range_at(w, at, end - at);

		if (at == pos && (range.addr ^ virt) & (size - 1))
			return false;
		if (at != pos && range.addr & (size - 1))
			return false;
		at += range.len;
		if (at != end && (range.addr + range.len) & (size - 1))
			return false;
	}
	return true;
}

static u64 expected_block_size(const struct walk_test *w, u64 pos, u64 len,
			       u64 sizes, u64 virt)
{
	u64 best = 0;

	for (unsigned int bit = 0; bit < 64; bit++) {
		u64 size = BIT_ULL(bit);

		if (!(sizes & size))
			continue;
		if (block_fits(w, pos, len, size, virt))
			best = size;
		if ((virt & (size - 1)) + len <= size)
			break;
	}
	return best;
}

static void check_block_size(struct walk_test *w, u64 pos, u64 len, u64 sizes,
			     u64 virt)
{
	const struct phyr_dma *dma = &w->t->dma;
	u64 expected = expected_block_size(w, pos, len, sizes, virt);

	KUNIT_ASSERT_EQ(w->t->test, expected,
			phyr_dma_slice_block_size(dma, pos, len, sizes, virt));
	if (!pos && len == bytes(w))
		KUNIT_ASSERT_EQ(w->t->test, expected,
				phyr_dma_best_block_size(dma, sizes, virt));
}

/* Any sizes, and a virtual address that often suits the DMA address. */
static void try_block_size(struct walk_test *w, u64 pos, u64 len)
{
	u64 addr = range_at(w, pos, 1).addr;
	u64 odd = below(w, U64_MAX) << below(w, 64);

	check_block_size(w, pos, len, U64_MAX, addr);
	check_block_size(w, pos, len, SZ_4K | SZ_64K | SZ_2M | SZ_1G, addr ^ odd);
	check_block_size(w, pos, len, below(w, U64_MAX), addr);
	check_block_size(w, pos, len, below(w, U64_MAX), addr ^ odd);
	check_block_size(w, pos, len, BIT_ULL(below(w, 64)), addr);
	check_block_size(w, pos, len, 0, addr);
}

static void test_block_sizes(struct kunit *test)
{
	struct walk_test *w = walk_test_of_case(test);

	for (unsigned int i = 0; i < TRIES; i++) {
		u64 pos, len;

		try_block_size(w, 0, bytes(w));
		random_slice(w, &pos, &len);
		try_block_size(w, pos, len);
		/* Whole pages more often than not. */
		pos = ALIGN_DOWN(pos, PAGE_SIZE);
		try_block_size(w, pos, min(bytes(w) - pos,
					   ALIGN(len, PAGE_SIZE)));
	}
	KUNIT_EXPECT_EQ(test, 0,
			phyr_dma_slice_block_size(&w->t->dma, bytes(w), 1,
						  U64_MAX, 0));
	KUNIT_EXPECT_EQ(test, 0,
			phyr_dma_slice_block_size(&w->t->dma, 0, 0, U64_MAX, 0));
}

/* Boundaries that fit for the CPU don't for the device, or the other way round. */
static void test_block_sizes_at_odd_distance(struct kunit *test)
{
	struct walk_test *w;
	struct dma_test *t;

	t = dma_test_new(test, PHYR_TEST_IDENTITY);
	for (unsigned int i = 9; i--; )
		dma_test_add(t, 2 * i * SZ_16K + SZ_8K, SZ_16K, 0);
	w = walk_test_new(t);
	if (strcmp(phyr_dma_mode_name(&t->dma), "identity"))
		kunit_skip(test, "no address can be computed");

	for (u64 distance = 1; distance < SZ_64K; distance *= 2) {
		t->dma.first.delta = distance - w->ranges[0].addr;
		read_mapping(w);
		try_block_size(w, 0, bytes(w));
		try_block_size(w, SZ_16K, SZ_32K);
		t->dma.first.delta = 0;
		read_mapping(w);
	}
}

/* Each block once, in order. */
static void check_blocks(struct walk_test *w, u64 size)
{
	struct kunit *test = w->t->test;
	u64 pos = 0, nr = 0;
	dma_addr_t addr;

	phyr_dma_for_each_block(&w->t->dma, size, addr) {
		struct dma_range range = range_at(w, pos, U64_MAX);
		u64 offset = range.addr & (size - 1);

		KUNIT_ASSERT_EQ(test, addr, range.addr - offset);
		pos += min(size - offset, range.len);
		nr++;
	}
	KUNIT_ASSERT_EQ(test, pos, bytes(w));
	KUNIT_ASSERT_EQ(test, nr, phyr_dma_nr_blocks(&w->t->dma, size));
}

static void test_blocks(struct kunit *test)
{
	struct walk_test *w = walk_test_of_case(test);
	u64 addr = range_at(w, 0, 1).addr;
	u64 size;

	size = phyr_dma_best_block_size(&w->t->dma, U64_MAX, addr);
	KUNIT_ASSERT_NE(test, size, 0);
	/* A byte at a time is for the short ones. */
	for (; size && bytes(w) / size < 10 * DMA_TEST_PAGES; size /= 2)
		check_blocks(w, size);
}

static void test_blocks_of_slice(struct kunit *test)
{
	struct walk_test *w = walk_test_of_case(test);

	PHYR_DMA_STATE(ds, &w->t->dma);
	for (unsigned int i = 0; i < TRIES; i++) {
		u64 pos, len, end, size;
		dma_addr_t addr;

		random_slice(w, &pos, &len);
		end = pos + len;
		addr = range_at(w, pos, 1).addr;
		size = phyr_dma_slice_block_size(&w->t->dma, pos, len, U64_MAX,
						 addr);
		if (len / size > 4 * DMA_TEST_PAGES)
			continue;
		KUNIT_ASSERT_EQ(test, 0, phyr_dmas_slice(&ds, pos, len));
		while (phyr_dmas_next_block(&ds, size, &addr)) {
			struct dma_range range = range_at(w, pos, end - pos);
			u64 offset = range.addr & (size - 1);

			KUNIT_ASSERT_EQ(test, addr, range.addr - offset);
			pos += min(size - offset, range.len);
		}
		KUNIT_ASSERT_EQ(test, pos, end);
	}
}

static struct kunit_case phyr_dma_walk_cases[] = {
	KUNIT_CASE_PARAM(test_seek, dma_case_gen_params),
	KUNIT_CASE_PARAM(test_slice, dma_case_gen_params),
	KUNIT_CASE_PARAM(test_each_slice_range, dma_case_gen_params),
	KUNIT_CASE_PARAM(test_pieces, dma_case_gen_params),
	KUNIT_CASE_PARAM(test_next_after_piece, dma_case_gen_params),
	KUNIT_CASE_PARAM(test_piece_after_next, dma_case_gen_params),
	KUNIT_CASE_PARAM(test_bad_positions, dma_case_gen_params),
	KUNIT_CASE_PARAM(test_segments, dma_case_gen_params),
	KUNIT_CASE_PARAM(test_device_segments, dma_case_gen_params),
	KUNIT_CASE_PARAM(test_block_sizes, dma_case_gen_params),
	KUNIT_CASE_PARAM(test_blocks, dma_case_gen_params),
	KUNIT_CASE_PARAM(test_blocks_of_slice, dma_case_gen_params),
	KUNIT_CASE(test_block_sizes_at_odd_distance),
	{ }
};

static struct kunit_suite phyr_dma_walk_suite = {
	.name		= "phyr_dma_walk",
	.suite_init	= phyr_test_devices_add,
	.suite_exit	= phyr_test_devices_del,
	.exit		= dma_test_exit,
	.test_cases	= phyr_dma_walk_cases,
};

kunit_test_suite(phyr_dma_walk_suite);
