// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the mapping of physical-range lists: what a device can't do.
 * It has limits on segments, windows of the bus with gaps between them, bounce
 * buffers that are short or scattered, and memory that it never reaches.
 *
 * Where a list is only mapped and walked, its memory needn't exist.
 */

#include <linux/dma-direct.h>
#include <linux/dma-map-ops.h>
#include <linux/sizes.h>
#include <linux/swiotlb.h>

#include "phyr_dma_test.h"

#define POOL_BYTES	(DMA_TEST_PAGES * PAGE_SIZE)

#define GIB(nr)		((u64)(nr) * SZ_1G)

/* What phyr_dma_test.c does with memory of its own, for any other. */
static void add_phys(struct dma_test *t, u64 phys, u64 len, unsigned int flags)
{
	struct phyr_range range = {
		.phys = phys,
		.len = len,
		.flags = flags,
	};

	if (range.phys != phys || IS_ENABLED(CONFIG_KMSAN))
		kunit_skip(t->test, "no such memory can be mapped");
	if (flags & PHYR_MMIO)
		dma_test_skip_untranslated(t, phys);
	KUNIT_ASSERT_EQ(t->test, 0,
			phyr_append_range(&t->list, &range, GFP_KERNEL));
	phyr_model_append(t->test, t->model, &range);
}

static void check_works(struct dma_test *t)
{
	dma_test_map(t, DMA_BIDIRECTIONAL);
	dma_test_check_dev(t);
	dma_test_dev_scramble(t);
	phyr_dma_sync_for_cpu(&t->dma);
	dma_test_check_cpu(t);
	dma_test_scramble(t);
	phyr_dma_sync_for_device(&t->dma);
	dma_test_check_dev(t);
	dma_test_dev_scramble(t);
	phyr_dma_unmap(&t->dma);
	dma_test_check_unmapped(t);
	dma_test_check_cpu(t);
}

/* What is mapped already moves both ways, and leaves nothing behind. */
static void check_transfer(struct dma_test *t)
{
	dma_test_check_ranges(t);
	dma_test_check_dev(t);
	dma_test_dev_scramble(t);
	phyr_dma_unmap(&t->dma);
	dma_test_check_unmapped(t);
	dma_test_check_cpu(t);
}

static int try_map(struct dma_test *t, unsigned long attrs)
{
	return phyr_dma_map(&t->dma, t->dev, &t->list, DMA_BIDIRECTIONAL, attrs,
			    GFP_KERNEL);
}

/* --- limits on segments, see dma_test_segment_room() --- */

static void default_limits(void *data)
{
	struct device *dev = data;

	dma_set_max_seg_size(dev, 0);
	dma_set_seg_boundary(dev, 0);
	dma_set_min_align_mask(dev, 0);
}

/* A device with a boundary of 4 GiB, as PCI devices have it by default. */
static struct dma_test *limits_test_new(struct kunit *test,
					enum phyr_test_way way,
					unsigned int max)
{
	struct dma_test *t = dma_test_new(test, way);

	if (!t->dev->dma_parms)
		kunit_skip(test, "this device has no limits");
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action(test, default_limits, t->dev));
	dma_set_max_seg_size(t->dev, max);
	dma_set_seg_boundary(t->dev, U32_MAX);
	return t;
}

/* A range at 4 GiB, for a device that gets physical addresses. */
static struct dma_test *limits_test_of_range(struct kunit *test,
					     unsigned int max, u64 len)
{
	struct dma_test *t = limits_test_new(test, PHYR_TEST_IDENTITY, max);

	add_phys(t, GIB(4), len, 0);
	dma_test_map(t, DMA_TO_DEVICE);
	return t;
}

/* One segment of what is @left of a range. */
static void check_segment(struct dma_test *t, struct dma_range *left,
			  const struct dma_range *segment)
{
	u64 boundary = dma_get_seg_boundary(t->dev);
	u64 max = dma_get_max_seg_size(t->dev);
	u64 last = segment->addr + (segment->len - 1);
	u64 room;

	KUNIT_ASSERT_EQ(t->test, segment->addr, left->addr);
	KUNIT_ASSERT_GT(t->test, segment->len, 0);
	KUNIT_ASSERT_LE(t->test, segment->len, left->len);
	KUNIT_ASSERT_LE(t->test, segment->len, max);
	KUNIT_ASSERT_EQ(t->test, segment->addr & ~boundary, last & ~boundary);

	/* Nor is it cut before it has to be. */
	room = dma_test_segment_room(left, max);
	room = min(room - 1, boundary - (segment->addr & boundary)) + 1;
	KUNIT_ASSERT_EQ(t->test, segment->len, room);

	left->addr += segment->len;
	left->len -= segment->len;
	if (left->len && max >= PAGE_SIZE && ((last + 1) & boundary))
		KUNIT_ASSERT_EQ(t->test, 0, offset_in_page(last + 1));
}

static void check_segments(struct dma_test *t)
{
	struct dma_range segment;
	struct dma_range left = { };
	u64 nr = 0, bytes = 0;

	PHYR_DMA_STATE(ranges, &t->dma);
	phyr_dma_for_each_segment(&t->dma, segment) {
		if (!left.len) {
			KUNIT_ASSERT_TRUE(t->test,
					  phyr_dmas_next(&ranges, &left));
		}
		check_segment(t, &left, &segment);
		bytes += segment.len;
		nr++;
	}
	KUNIT_EXPECT_EQ(t->test, bytes, t->model->bytes);
	KUNIT_EXPECT_EQ(t->test, nr, phyr_dma_nr_segments(&t->dma));
}

/* The segments are as long as this, and no more. */
static void expect_lengths(struct dma_test *t, const u64 *lens, unsigned int nr)
{
	struct dma_range segment;
	unsigned int i = 0;

	phyr_dma_for_each_segment(&t->dma, segment) {
		KUNIT_ASSERT_LT(t->test, i, nr);
		KUNIT_ASSERT_EQ_MSG(t->test, segment.len, lens[i],
				    "segment %u", i);
		i++;
	}
	KUNIT_EXPECT_EQ(t->test, i, nr);
	KUNIT_EXPECT_EQ(t->test, nr, phyr_dma_nr_segments(&t->dma));
}

#define EXPECT_LENGTHS(t, ...) do {					\
	const u64 __lens[] = { __VA_ARGS__ };				\
									\
	expect_lengths(t, __lens, ARRAY_SIZE(__lens));			\
} while (0)

/* A segment of all bytes but one of 4 GiB would leave a segment of one byte. */
static void test_limit_of_all_ones(struct kunit *test)
{
	struct dma_test *t = limits_test_of_range(test, UINT_MAX,
						  GIB(4) + 2 * PAGE_SIZE);

	EXPECT_LENGTHS(t, GIB(4) - PAGE_SIZE, PAGE_SIZE, 2 * PAGE_SIZE);
	check_segments(t);
}

/* The same, and nothing but the limit cuts. */
static void test_limit_without_boundary(struct kunit *test)
{
	struct dma_test *t = limits_test_of_range(test, UINT_MAX,
						  GIB(4) + 2 * PAGE_SIZE);

	dma_set_seg_boundary(t->dev, ULONG_MAX);
	EXPECT_LENGTHS(t, GIB(4) - PAGE_SIZE, 3 * PAGE_SIZE);
	check_segments(t);
}

static void test_limit_64k_less_a_byte(struct kunit *test)
{
	struct dma_test *t = limits_test_of_range(test, SZ_64K - 1,
						  SZ_64K + SZ_8K);

	if (PAGE_SIZE > SZ_4K)
		kunit_skip(test, "needs pages of 4 KiB");
	EXPECT_LENGTHS(t, SZ_64K - SZ_4K, SZ_8K + SZ_4K);
	check_segments(t);
}

/* Where the whole range is allowed, it doesn't matter where in a page it starts. */
static void test_limit_is_not_passed(struct kunit *test)
{
	struct dma_test *t = limits_test_new(test, PHYR_TEST_IDENTITY, SZ_64K);

	add_phys(t, GIB(4) + SZ_2K, SZ_64K, 0);
	add_phys(t, GIB(5) + SZ_2K, SZ_64K + 1, 0);
	dma_test_map(t, DMA_TO_DEVICE);
	EXPECT_LENGTHS(t, SZ_64K, SZ_64K - SZ_2K, SZ_2K + 1);
	check_segments(t);
}

static void test_limit_256m_less_a_byte(struct kunit *test)
{
	struct dma_test *t = limits_test_of_range(test, SZ_256M - 1,
						  SZ_256M + 2 * PAGE_SIZE);

	EXPECT_LENGTHS(t, SZ_256M - PAGE_SIZE, 3 * PAGE_SIZE);
	check_segments(t);
}

static void test_limit_page_and_a_byte(struct kunit *test)
{
	struct dma_test *t = limits_test_of_range(test, PAGE_SIZE + 1,
						  2 * PAGE_SIZE);

	EXPECT_LENGTHS(t, PAGE_SIZE, PAGE_SIZE);
	check_segments(t);
}

static void test_limit_below_page(struct kunit *test)
{
	struct dma_test *t = limits_test_of_range(test, PAGE_SIZE - 1,
						  2 * PAGE_SIZE);

	EXPECT_LENGTHS(t, PAGE_SIZE - 1, PAGE_SIZE - 1, 2);
	check_segments(t);
}

/* The nearer of both, and the limit counts from there. */
static void test_limit_and_boundary(struct kunit *test)
{
	struct dma_test *t = limits_test_of_range(test, 4 * PAGE_SIZE - 1,
						  9 * PAGE_SIZE);

	dma_set_seg_boundary(t->dev, 4 * PAGE_SIZE - 1);
	EXPECT_LENGTHS(t, 3 * PAGE_SIZE, PAGE_SIZE, 3 * PAGE_SIZE, PAGE_SIZE,
		       PAGE_SIZE);
	check_segments(t);
}

/* What starts inside a page is cut where the scatterlist's is. */
static void test_limit_odd_start(struct kunit *test)
{
	struct dma_test *t = limits_test_new(test, PHYR_TEST_IDENTITY,
					     4 * PAGE_SIZE - 1);

	add_phys(t, GIB(4) + 100, 6 * PAGE_SIZE, 0);
	dma_test_map(t, DMA_TO_DEVICE);
	EXPECT_LENGTHS(t, 3 * PAGE_SIZE - 100, 3 * PAGE_SIZE, 100);
	check_segments(t);

	dma_set_max_seg_size(t->dev, PAGE_SIZE);
	EXPECT_LENGTHS(t, PAGE_SIZE - 100, PAGE_SIZE, PAGE_SIZE, PAGE_SIZE,
		       PAGE_SIZE, PAGE_SIZE, 100);
	check_segments(t);
}

/* Hardware with several sets of limits, in a part of a list. */
static void test_limit_of_walk(struct kunit *test)
{
	struct dma_test *t = limits_test_of_range(test, SZ_64K,
						  4 * PAGE_SIZE);
	struct dma_range segment;
	u64 pos = 1;

	PHYR_DMA_STATE(ds, &t->dma);
	KUNIT_ASSERT_EQ(test, 0, phyr_dmas_slice(&ds, 1, 3 * PAGE_SIZE));
	while (phyr_dmas_next_segment(&ds, &segment, 2 * PAGE_SIZE - 1,
				      U32_MAX)) {
		u64 len = min(PAGE_SIZE - (pos & (PAGE_SIZE - 1)),
			      3 * PAGE_SIZE + 1 - pos);

		KUNIT_ASSERT_EQ(test, segment.addr, GIB(4) + pos);
		KUNIT_ASSERT_EQ(test, segment.len, len);
		pos += len;
	}
	KUNIT_EXPECT_EQ(test, pos, 3 * PAGE_SIZE + 1);
}

static const unsigned int odd_limits[] = {
	UINT_MAX, SZ_256M - 1, SZ_64K - 1, 12345, PAGE_SIZE + 1, PAGE_SIZE,
	PAGE_SIZE - 1, 4097, 512,
};

/* Each list for each device, whichever way its addresses are found. */
static void test_limits(struct kunit *test)
{
	const struct dma_case *c = test->param_value;
	struct dma_test *t = limits_test_new(test, c->way, 0);

	c->list->fill(t);
	dma_test_map(t, DMA_TO_DEVICE);
	for (unsigned int i = 0; i < ARRAY_SIZE(odd_limits); i++) {
		dma_set_max_seg_size(t->dev, odd_limits[i]);
		dma_set_seg_boundary(t->dev, U32_MAX);
		check_segments(t);
		dma_set_seg_boundary(t->dev, SZ_16K - 1);
		check_segments(t);
	}
	phyr_dma_unmap(&t->dma);
}

/* --- windows of the bus --- */

#define MAX_WINDOWS	4

static struct bus_dma_region windows[MAX_WINDOWS + 1];
static unsigned int nr_windows;

/* A device without bounce buffers that reaches nothing yet. */
static struct dma_test *windows_test_new(struct kunit *test)
{
	struct dma_test *t = dma_test_limited(test, DMA_TEST_PAGES);

	if (IS_ENABLED(CONFIG_ARCH_HAS_PHYS_TO_DMA))
		kunit_skip(test, "this architecture has no windows");
	memset(windows, 0, sizeof(windows));
	nr_windows = 0;
	t->dev->dma_range_map = windows;
	t->dev->bus_dma_limit = 0;
	return t;
}

static void add_window(struct dma_test *t, u64 phys, u64 addr, u64 size)
{
	KUNIT_ASSERT_LT(t->test, nr_windows, MAX_WINDOWS);
	windows[nr_windows++] = (struct bus_dma_region) {
		.cpu_start = phys,
		.dma_start = addr,
		.size = size,
	};
}

/* The device reaches its bounce buffers. */
static void add_bounce_window(struct dma_test *t, u64 addr)
{
	const struct io_tlb_mem *mem = t->dev->dma_io_tlb_mem;

	add_window(t, mem->defpool.start, addr,
		   mem->defpool.end - mem->defpool.start);
}

static void use_bounce_buffers(struct dma_test *t)
{
	swiotlb_dev_init(t->dev);
	if (!is_swiotlb_active(t->dev))
		kunit_skip(t->test, "no bounce buffers");
}

/* Two windows that meet at 1 GiB for the CPU, and are far apart on the bus. */
static struct dma_test *windows_test_of_two(struct kunit *test)
{
	struct dma_test *t = windows_test_new(test);

	add_window(t, 0, GIB(3), GIB(1));
	add_window(t, GIB(1), GIB(16), GIB(1));
	return t;
}

/* Map, and compare with what the ranges should be. */
static void expect_ranges(struct dma_test *t,
			  const struct dma_range *ranges, unsigned int nr)
{
	struct dma_range range;
	unsigned int i = 0;

	dma_test_map(t, DMA_TO_DEVICE);
	phyr_dma_for_each_range(&t->dma, range) {
		KUNIT_ASSERT_LT(t->test, i, nr);
		KUNIT_ASSERT_EQ_MSG(t->test, range.addr, ranges[i].addr,
				    "range %u", i);
		KUNIT_ASSERT_EQ_MSG(t->test, range.len, ranges[i].len,
				    "range %u", i);
		i++;
	}
	KUNIT_EXPECT_EQ(t->test, i, nr);
	KUNIT_EXPECT_EQ(t->test, nr, phyr_dma_nr_ranges(&t->dma));
	phyr_dma_unmap(&t->dma);
	dma_test_check_unmapped(t);
}

#define EXPECT_RANGES(t, ...) do {					\
	const struct dma_range __ranges[] = { __VA_ARGS__ };	\
									\
	expect_ranges(t, __ranges, ARRAY_SIZE(__ranges));		\
} while (0)

/* Refused as what never works, and without a warning. */
static void expect_refused(struct dma_test *t, unsigned long attrs, int error)
{
	bool warned = test_taint(TAINT_WARN);

	KUNIT_EXPECT_EQ(t->test, error, try_map(t, attrs));
	phyr_dma_unmap(&t->dma);
	dma_test_check_unmapped(t);
	KUNIT_EXPECT_EQ_MSG(t->test, warned, test_taint(TAINT_WARN),
			    "the kernel warned");
}

/* The list merges two pages that aren't neighbours for the device. */
static void test_two_windows(struct kunit *test)
{
	struct dma_test *t = windows_test_of_two(test);

	add_phys(t, GIB(1) - PAGE_SIZE, PAGE_SIZE, 0);
	add_phys(t, GIB(1), PAGE_SIZE, 0);
	KUNIT_ASSERT_EQ(test, 1, phyr_nr_ranges(&t->list));
	EXPECT_RANGES(t, { GIB(4) - PAGE_SIZE, PAGE_SIZE },
		      { GIB(16), PAGE_SIZE });
}

static void test_two_windows_long(struct kunit *test)
{
	struct dma_test *t = windows_test_of_two(test);

	add_phys(t, 0, GIB(2), 0);
	EXPECT_RANGES(t, { GIB(3), GIB(1) }, { GIB(16), GIB(1) });
}

static void test_two_windows_odd(struct kunit *test)
{
	struct dma_test *t = windows_test_of_two(test);

	add_phys(t, GIB(1) - 100, 301, 0);
	EXPECT_RANGES(t, { GIB(4) - 100, 100 }, { GIB(16), 201 });
}

/* Each range is cut by itself, and some aren't at all. */
static void test_two_windows_many_ranges(struct kunit *test)
{
	struct dma_test *t = windows_test_of_two(test);

	add_phys(t, GIB(1) + SZ_1M, PAGE_SIZE, 0);
	add_phys(t, GIB(1) - PAGE_SIZE, 2 * PAGE_SIZE, 0);
	add_phys(t, SZ_2M, PAGE_SIZE, 0);
	add_phys(t, GIB(1) - 1, 2, 0);
	EXPECT_RANGES(t, { GIB(16) + SZ_1M, PAGE_SIZE },
		      { GIB(4) - PAGE_SIZE, PAGE_SIZE },
		      { GIB(16), PAGE_SIZE },
		      { GIB(3) + SZ_2M, PAGE_SIZE },
		      { GIB(4) - 1, 1 }, { GIB(16), 1 });
}

static void test_two_windows_mmio(struct kunit *test)
{
	struct dma_test *t = windows_test_new(test);

	/* Where no machine of a test has memory: DMA debugging looks. */
	add_window(t, GIB(64), GIB(3), GIB(1));
	add_window(t, GIB(65), GIB(16), GIB(1));
	add_phys(t, GIB(65) - PAGE_SIZE, 2 * PAGE_SIZE, PHYR_MMIO);
	EXPECT_RANGES(t, { GIB(4) - PAGE_SIZE, PAGE_SIZE },
		      { GIB(16), PAGE_SIZE });
}

/* The pool, in windows that are in another order on the bus and in the table. */
static struct dma_test *windows_test_of_pool(struct kunit *test)
{
	struct dma_test *t = windows_test_new(test);
	u64 phys = t->pool->phys;

	add_window(t, phys + 50 * PAGE_SIZE, GIB(2),
		   (DMA_TEST_PAGES - 50) * PAGE_SIZE);
	add_window(t, phys + 7 * PAGE_SIZE, GIB(16), 43 * PAGE_SIZE);
	add_window(t, phys, GIB(8), 7 * PAGE_SIZE);
	return t;
}

/* The same bytes for the device, whatever windows they are in. */
static void test_windows_bytes(struct kunit *test)
{
	struct dma_test *t = windows_test_of_pool(test);

	dma_test_fill(t, "long odd");
	check_works(t);
	dma_test_empty(t);
	dma_test_fill(t, "runs");
	check_works(t);
	dma_test_empty(t);
	dma_test_fill(t, "odd seams");
	check_works(t);
	dma_test_empty(t);
	dma_test_fill(t, "odd kinds");
	check_works(t);
}

/* A position is where it is in the list, however many windows come before. */
static void test_windows_seek(struct kunit *test)
{
	struct dma_test *t = windows_test_of_pool(test);
	u64 pos[] = { 0, 1, 7, 49, 50, 51, DMA_TEST_PAGES - 1 };

	dma_test_fill(t, "long");
	dma_test_map(t, DMA_TO_DEVICE);
	KUNIT_ASSERT_EQ(test, 3, phyr_dma_nr_ranges(&t->dma));
	PHYR_DMA_STATE(ds, &t->dma);
	struct dma_range range;

	for (unsigned int i = 0; i < ARRAY_SIZE(pos); i++) {
		u64 at = pos[i] * PAGE_SIZE + 3;
		dma_addr_t addr;

		KUNIT_ASSERT_EQ(test, 0, phyr_dmas_slice(&ds, at, 5));
		KUNIT_ASSERT_EQ(test, 5, phyr_dmas_piece(&ds, U64_MAX, &addr));
		KUNIT_ASSERT_EQ(test, addr,
				phys_to_dma(t->dev, t->pool->phys + at));
	}
	KUNIT_ASSERT_EQ(test, 0, phyr_dmas_seek(&ds, 50 * PAGE_SIZE - 1));
	KUNIT_ASSERT_TRUE(test, phyr_dmas_next(&ds, &range));
	KUNIT_EXPECT_EQ(test, range.len, 1);
	KUNIT_ASSERT_TRUE(test, phyr_dmas_next(&ds, &range));
	KUNIT_EXPECT_EQ(test, range.addr, GIB(2));
	KUNIT_EXPECT_FALSE(test, phyr_dmas_next(&ds, &range));
}

/* The window ends before the range does. */
static void test_gap_behind_window(struct kunit *test)
{
	struct dma_test *t = windows_test_new(test);

	add_window(t, 0, GIB(3), GIB(1));
	add_phys(t, GIB(1) - PAGE_SIZE, 2 * PAGE_SIZE, 0);
	expect_refused(t, 0, -ERANGE);

	dma_test_empty(t);
	add_phys(t, GIB(1) - 1, 2, 0);
	expect_refused(t, 0, -ERANGE);
}

static void test_gap_between_windows(struct kunit *test)
{
	struct dma_test *t = windows_test_new(test);

	add_window(t, 0, GIB(3), GIB(1));
	add_window(t, GIB(1) + PAGE_SIZE, GIB(16), GIB(1));
	add_phys(t, GIB(1) - PAGE_SIZE, 3 * PAGE_SIZE, 0);
	expect_refused(t, 0, -ERANGE);

	/* Also after what is in a window. */
	dma_test_empty(t);
	add_phys(t, SZ_64K, PAGE_SIZE, 0);
	add_phys(t, GIB(1) - PAGE_SIZE, 3 * PAGE_SIZE, 0);
	expect_refused(t, 0, -ERANGE);
}

static void test_gap_behind_window_mmio(struct kunit *test)
{
	struct dma_test *t = windows_test_new(test);

	add_window(t, GIB(64), GIB(3), GIB(1));
	add_phys(t, GIB(65) - PAGE_SIZE, 2 * PAGE_SIZE, PHYR_MMIO);
	expect_refused(t, 0, -ERANGE);
}

/* The second window is there, but beyond what the device has address bits for. */
static void test_window_out_of_mask(struct kunit *test)
{
	struct dma_test *t = windows_test_new(test);

	add_window(t, 0, GIB(3), GIB(1));
	add_window(t, GIB(1), *t->dev->dma_mask + 1, GIB(1));
	add_phys(t, GIB(1) - PAGE_SIZE, 2 * PAGE_SIZE, 0);
	expect_refused(t, 0, -ERANGE);
}

/* Of one range, what is in a window is mapped and the rest is bounced. */
static void test_gap_is_bounced(struct kunit *test)
{
	struct dma_test *t = windows_test_new(test);

	use_bounce_buffers(t);
	add_bounce_window(t, GIB(2));
	add_window(t, t->pool->phys, GIB(16), 3 * PAGE_SIZE);

	dma_test_fill(t, "long");
	dma_test_map(t, DMA_TO_DEVICE);
	PHYR_DMA_STATE(ds, &t->dma);
	struct dma_range range;

	KUNIT_ASSERT_TRUE(test, phyr_dmas_next(&ds, &range));
	KUNIT_EXPECT_EQ(test, range.addr, GIB(16));
	KUNIT_EXPECT_EQ(test, range.len, 3 * PAGE_SIZE);
	phyr_dma_unmap(&t->dma);
	check_works(t);

	dma_test_empty(t);
	dma_test_fill(t, "long odd");
	check_works(t);
}

/* The bounced part is in the middle. */
static void test_gap_between_windows_is_bounced(struct kunit *test)
{
	struct dma_test *t = windows_test_new(test);
	dma_addr_t addr;

	use_bounce_buffers(t);
	add_window(t, t->pool->phys, GIB(16), 50 * PAGE_SIZE);
	add_window(t, t->pool->phys + 60 * PAGE_SIZE, GIB(8),
		   (DMA_TEST_PAGES - 60) * PAGE_SIZE);
	add_bounce_window(t, GIB(2));
	dma_test_fill(t, "long");
	check_works(t);

	/* And no more than that is bounced. */
	dma_test_map(t, DMA_TO_DEVICE);
	PHYR_DMA_STATE(ds, &t->dma);
	KUNIT_ASSERT_EQ(test, 0, phyr_dmas_seek(&ds, 60 * PAGE_SIZE));
	KUNIT_ASSERT_EQ(test, 1, phyr_dmas_piece(&ds, 1, &addr));
	KUNIT_EXPECT_EQ(test, addr, GIB(8));
	phyr_dma_unmap(&t->dma);

	dma_test_empty(t);
	dma_test_fill(t, "long odd");
	check_works(t);
	dma_test_empty(t);
	dma_test_fill(t, "runs");
	check_works(t);
}

/* --- bounce buffers and boundaries --- */

static void check_bounced(struct dma_test *t)
{
	dma_test_map(t, DMA_TO_DEVICE);
	check_segments(t);
	phyr_dma_unmap(&t->dma);
	check_works(t);
}

/* No bounce buffer is longer than what lies between two boundaries. */
static void test_bounce_boundary(struct kunit *test)
{
	struct dma_test *t = limits_test_new(test, PHYR_TEST_BOUNCE, 0);

	dma_set_seg_boundary(t->dev, SZ_64K - 1);
	dma_test_add(t, 0, SZ_64K + 1, 0);
	check_bounced(t);
}

static void test_bounce_boundary_odd(struct kunit *test)
{
	struct dma_test *t = limits_test_new(test, PHYR_TEST_BOUNCE, 0);

	dma_set_seg_boundary(t->dev, SZ_64K - 1);
	dma_test_fill(t, "long odd");
	check_bounced(t);
}

static void test_bounce_boundary_page(struct kunit *test)
{
	struct dma_test *t = limits_test_new(test, PHYR_TEST_BOUNCE, 0);

	dma_set_seg_boundary(t->dev, PAGE_SIZE - 1);
	dma_test_fill(t, "long odd");
	check_bounced(t);
}

/* As NVMe has it: buffers keep their offset into a page. */
static void test_bounce_boundary_aligned(struct kunit *test)
{
	struct dma_test *t = limits_test_new(test, PHYR_TEST_BOUNCE, 0);
	struct dma_range range;

	dma_set_seg_boundary(t->dev, SZ_64K - 1);
	dma_set_min_align_mask(t->dev, SZ_4K - 1);
	dma_test_fill(t, "long odd");
	dma_test_map(t, DMA_TO_DEVICE);
	phyr_dma_for_each_range(&t->dma, range) {
		KUNIT_EXPECT_EQ(test, range.addr & (SZ_4K - 1), 1001);
		break;
	}
	phyr_dma_unmap(&t->dma);
	check_bounced(t);
}

/* No boundary at all is one whose length is zero in an unsigned long. */
static void test_bounce_no_boundary(struct kunit *test)
{
	struct dma_test *t = limits_test_new(test, PHYR_TEST_BOUNCE, 0);
	size_t longest = dma_max_mapping_size(t->dev);

	dma_set_seg_boundary(t->dev, ULONG_MAX);
	dma_test_fill(t, "long odd");
	check_bounced(t);
	KUNIT_ASSERT_EQ(test, 0, try_map(t, 0));
	KUNIT_EXPECT_LE(test, phyr_dma_nr_ranges(&t->dma),
			DMA_TEST_PAGES * PAGE_SIZE / longest + 2);
}

/* --- bounce buffers that are scattered --- */

/* Bounce buffers that others use, of a slot each. */
struct others {
	struct dma_test	*t;
	dma_addr_t	*slots;
	unsigned int	nr;
	unsigned int	room;
};

static void let_go(struct others *o, unsigned int nr)
{
	dma_unmap_phys(o->t->dev, o->slots[nr], IO_TLB_SIZE, DMA_TO_DEVICE, 0);
	o->slots[nr] = o->slots[--o->nr];
	dma_test_count_slots(o->t);
}

static void let_all_go(void *data)
{
	struct others *o = data;

	while (o->nr)
		let_go(o, o->nr - 1);
}

static struct others *others_new(struct dma_test *t)
{
	struct others *o = kunit_kzalloc(t->test, sizeof(*o), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(t->test, o);
	o->t = t;
	o->room = t->dev->dma_io_tlb_mem->nslabs;
	o->slots = kunit_kcalloc(t->test, o->room, sizeof(*o->slots),
				 GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(t->test, o->slots);
	KUNIT_ASSERT_EQ(t->test, 0,
			kunit_add_action(t->test, let_all_go, o));
	return o;
}

/* Use every slot that is free. */
static void take_all(struct others *o)
{
	while (o->nr < o->room) {
		dma_addr_t addr;

		addr = dma_map_phys(o->t->dev, o->t->pool->phys, IO_TLB_SIZE,
				    DMA_TO_DEVICE, DMA_ATTR_NO_WARN);
		if (dma_mapping_error(o->t->dev, addr))
			break;
		o->slots[o->nr++] = addr;
	}
	dma_test_count_slots(o->t);
}

/* Where a slot is among each @of of them. */
static unsigned int slot_of(const struct others *o, unsigned int nr,
			    unsigned int of)
{
	return (o->slots[nr] >> IO_TLB_SHIFT) & (of - 1);
}

/* Use only each @nth slot, a power of 2. */
static void take_each(struct others *o, unsigned int nth)
{
	take_all(o);
	for (unsigned int i = o->nr; i--; )
		if (slot_of(o, i, nth))
			let_go(o, i);
}

/* Leave only each @nth slot free. */
static void leave_each(struct others *o, unsigned int nth)
{
	take_all(o);
	for (unsigned int i = o->nr; i--; )
		if (!slot_of(o, i, nth))
			let_go(o, i);
}

static unsigned int free_slots(struct dma_test *t)
{
	struct others *o = others_new(t);
	unsigned int nr;

	take_all(o);
	nr = o->nr;
	let_all_go(o);
	return nr;
}

static void check_shreds(struct dma_test *t)
{
	unsigned int nr = free_slots(t);

	for (unsigned int i = 0; i < 3; i++) {
		check_works(t);
		KUNIT_ASSERT_EQ(t->test, nr, free_slots(t));
	}
}

/* There is room for 126 KiB in one piece, many times. */
static void test_bounce_in_halves(struct kunit *test)
{
	struct dma_test *t = dma_test_new(test, PHYR_TEST_BOUNCE);
	struct others *o = others_new(t);

	take_each(o, SZ_128K >> IO_TLB_SHIFT);
	dma_test_add(t, 0, SZ_128K, 0);
	check_shreds(t);
}

static void test_bounce_in_halves_odd(struct kunit *test)
{
	struct dma_test *t = dma_test_new(test, PHYR_TEST_BOUNCE);
	struct others *o = others_new(t);

	take_each(o, SZ_128K >> IO_TLB_SHIFT);
	dma_test_fill(t, "long odd");
	check_shreds(t);
}

/* Some ranges go as they are, and others don't. */
static void test_bounce_in_halves_many_ranges(struct kunit *test)
{
	struct dma_test *t = dma_test_new(test, PHYR_TEST_BOUNCE);
	struct others *o = others_new(t);

	take_each(o, SZ_128K >> IO_TLB_SHIFT);
	dma_test_add(t, 140 * PAGE_SIZE, PAGE_SIZE, 0);
	dma_test_add(t, 5, SZ_128K + SZ_16K, 0);
	dma_test_add(t, 80 * PAGE_SIZE + 100, 3, 0);
	dma_test_add(t, 90 * PAGE_SIZE, SZ_128K, 0);
	check_shreds(t);
}

/* No more than a page is free in one piece. */
static void test_bounce_in_pages(struct kunit *test)
{
	struct dma_test *t = dma_test_new(test, PHYR_TEST_BOUNCE);
	struct others *o = others_new(t);

	if (2 * PAGE_SIZE > SZ_64K)
		kunit_skip(test, "pages are too large");
	take_each(o, 2 * PAGE_SIZE >> IO_TLB_SHIFT);
	dma_test_fill(t, "long odd");
	check_shreds(t);
}

/* And the boundary holds for halves, too. */
static void test_bounce_in_halves_boundary(struct kunit *test)
{
	struct dma_test *t = limits_test_new(test, PHYR_TEST_BOUNCE, 0);
	struct others *o = others_new(t);

	if (2 * PAGE_SIZE > SZ_64K)
		kunit_skip(test, "pages are too large");
	take_each(o, SZ_64K >> IO_TLB_SHIFT);
	dma_set_seg_boundary(t->dev, SZ_64K - 1);
	dma_test_fill(t, "long odd");
	check_bounced(t);
}

/* It may work later: there is less free than what it takes, in any pieces. */
static void check_later(struct dma_test *t, struct others *o)
{
	unsigned int nr = free_slots(t);

	for (unsigned int i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(t->test, -ENOMEM,
				try_map(t, DMA_ATTR_NO_WARN));
		dma_test_check_unmapped(t);
		KUNIT_ASSERT_EQ(t->test, nr, free_slots(t));
	}
	let_all_go(o);
	check_works(t);
}

static void test_bounce_full(struct kunit *test)
{
	struct dma_test *t = dma_test_new(test, PHYR_TEST_BOUNCE);
	struct others *o = others_new(t);

	take_all(o);
	dma_test_fill(t, "one byte");
	check_later(t, o);
}

/* What was mapped in halves, and then in less, is undone. */
static void test_bounce_halves_undone(struct kunit *test)
{
	struct dma_test *t = dma_test_new(test, PHYR_TEST_BOUNCE);
	struct others *o = others_new(t);
	unsigned int left = SZ_256K >> IO_TLB_SHIFT;

	take_all(o);
	for (unsigned int i = o->nr; i-- && left; ) {
		if (slot_of(o, i, SZ_128K >> IO_TLB_SHIFT)) {
			let_go(o, i);
			left--;
		}
	}
	dma_test_fill(t, "long odd");
	check_later(t, o);
}

static void test_bounce_shreds_undone(struct kunit *test)
{
	struct dma_test *t = dma_test_new(test, PHYR_TEST_BOUNCE);
	struct others *o = others_new(t);

	leave_each(o, SZ_128K >> IO_TLB_SHIFT);
	dma_test_fill(t, "long");
	check_later(t, o);
}

/*
 * However many slots are free, what was bounced before is undone; @least ranges
 * have one.
 */
static void check_each_bounce_fails(struct kunit *test, enum phyr_test_way way,
				    unsigned int least)
{
	struct dma_test *t = dma_test_new(test, way);
	struct others *o = others_new(t), *again = others_new(t);
	unsigned int nr = 0;
	int ret;

	dma_test_fill(t, "odd seams");
	take_all(o);
	while ((ret = try_map(t, DMA_ATTR_NO_WARN))) {
		KUNIT_ASSERT_EQ(test, ret, -ENOMEM);
		dma_test_check_unmapped(t);
		take_all(again);
		KUNIT_ASSERT_EQ(test, again->nr, nr++);
		let_all_go(again);
		KUNIT_ASSERT_GT(test, o->nr, 0);
		let_go(o, o->nr - 1);
	}
	KUNIT_EXPECT_GE(test, nr, least);
	phyr_dma_unmap(&t->dma);
	let_all_go(o);
	check_works(t);
}

static void test_each_bounce_fails(struct kunit *test)
{
	check_each_bounce_fails(test, PHYR_TEST_BOUNCE, 11);
}

/*
 * In a window of an IOMMU, some of a range can be bounced and the rest not.  Seven of
 * the ranges are no whole pages.
 */
static void test_each_bounce_fails_in_window(struct kunit *test)
{
	check_each_bounce_fails(test, PHYR_TEST_UNTRUSTED, 7);
}

/* --- what never works --- */

/*
 * The test IOMMU has 51 bits of physical addresses.  That a range starts below
 * their end and goes on beyond isn't tried: iommu_map() takes it.
 */
#define IOMMU_END	BIT_ULL(51)

static struct dma_test *high_test_new(struct kunit *test)
{
	return dma_test_new(test, PHYR_TEST_IOMMU);
}

static void expect_too_high(struct dma_test *t)
{
	expect_refused(t, 0, -ERANGE);
	dma_test_empty(t);
	dma_test_fill(t, "user buffer");
	check_works(t);
}

static void test_iommu_page_too_high(struct kunit *test)
{
	struct dma_test *t = high_test_new(test);

	add_phys(t, BIT_ULL(53), PAGE_SIZE, 0);
	expect_too_high(t);
}

static void test_iommu_bytes_too_high(struct kunit *test)
{
	struct dma_test *t = high_test_new(test);

	add_phys(t, BIT_ULL(53) + 100, 200, 0);
	expect_too_high(t);
}

static void test_iommu_pages_too_high(struct kunit *test)
{
	struct dma_test *t = high_test_new(test);

	add_phys(t, BIT_ULL(53), 2 * PAGE_SIZE, 0);
	expect_too_high(t);
}

static void test_iommu_scattered_too_high(struct kunit *test)
{
	struct dma_test *t = high_test_new(test);

	add_phys(t, BIT_ULL(53) + 2 * PAGE_SIZE, PAGE_SIZE, 0);
	add_phys(t, BIT_ULL(53), PAGE_SIZE, 0);
	expect_too_high(t);
}

/* No window of IOVA holds these: they are mapped one by one. */
static void test_iommu_odd_too_high(struct kunit *test)
{
	struct dma_test *t = high_test_new(test);

	add_phys(t, BIT_ULL(53) + 100, 200, 0);
	add_phys(t, BIT_ULL(53) + 1000, 200, 0);
	expect_too_high(t);
}

/* The last page that there can be. */
static void test_iommu_before_end(struct kunit *test)
{
	struct dma_test *t = high_test_new(test);

	add_phys(t, IOMMU_END - PAGE_SIZE, PAGE_SIZE, 0);
	KUNIT_EXPECT_EQ(test, 0, try_map(t, 0));
	phyr_dma_unmap(&t->dma);
	dma_test_check_unmapped(t);
}

/* What was mapped before is undone. */
static void test_iommu_last_too_high(struct kunit *test)
{
	struct dma_test *t = high_test_new(test);

	dma_test_fill(t, "user buffer");
	add_phys(t, BIT_ULL(53), PAGE_SIZE, 0);
	expect_too_high(t);
}

static void test_iommu_last_too_high_odd(struct kunit *test)
{
	struct dma_test *t = high_test_new(test);

	dma_test_fill(t, "odd seams");
	add_phys(t, BIT_ULL(53) + 100, 200, 0);
	expect_too_high(t);
}

static void test_iommu_mmio_too_high(struct kunit *test)
{
	struct dma_test *t = high_test_new(test);

	add_phys(t, BIT_ULL(53), PAGE_SIZE, PHYR_MMIO);
	expect_too_high(t);
}

static void test_iommu_reserved_too_high(struct kunit *test)
{
	struct dma_test *t = high_test_new(test);

	KUNIT_ASSERT_EQ(test, 0, phyr_dma_reserve(&t->dma, t->dev, SZ_64K));
	add_phys(t, BIT_ULL(53), PAGE_SIZE, 0);
	KUNIT_EXPECT_EQ(test, -ERANGE,
			phyr_dma_link(&t->dma, &t->list, DMA_TO_DEVICE, 0,
				      GFP_KERNEL));
	KUNIT_EXPECT_FALSE(test, phyr_dma_mapped(&t->dma));
	phyr_dma_release(&t->dma);
	expect_too_high(t);
}

static void expect_unreachable(struct dma_test *t)
{
	bool warned = test_taint(TAINT_WARN);

	expect_refused(t, 0, -ERANGE);
	KUNIT_EXPECT_EQ_MSG(t->test, warned, test_taint(TAINT_WARN),
			    "the kernel warned");
}

/* A device with bounce buffers that it reaches no more than other memory. */
static void test_bounce_pool_out_of_reach(struct kunit *test)
{
	struct dma_test *t = dma_test_limited(test, 0);

	use_bounce_buffers(t);
	t->dev->bus_dma_limit = PAGE_SIZE - 1;
	dma_test_fill(t, "page");
	expect_unreachable(t);

	dma_test_empty(t);
	dma_test_fill(t, "long odd");
	expect_unreachable(t);
	dma_test_unlimit(t->dev);
	check_works(t);
}

static void test_bounce_pool_in_no_window(struct kunit *test)
{
	struct dma_test *t = windows_test_new(test);

	use_bounce_buffers(t);
	add_window(t, t->pool->phys, GIB(16), 7 * PAGE_SIZE);
	dma_test_add(t, 0, PAGE_SIZE, 0);
	check_works(t);
	dma_test_add(t, 9 * PAGE_SIZE, PAGE_SIZE, 0);
	expect_unreachable(t);
}

static void reach_all(void *data)
{
	struct device *dev = data;

	dev->bus_dma_limit = 0;
	dev->dma_range_map = NULL;
}

static struct dma_test *forced_test_new(struct kunit *test)
{
	struct dma_test *t = dma_test_new(test, PHYR_TEST_BOUNCE);

	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action(test, reach_all, t->dev));
	dma_test_fill(t, "page");
	return t;
}

/* All has to be bounced, which takes memory that is out of reach. */
static void test_forced_pool_out_of_reach(struct kunit *test)
{
	struct dma_test *t = forced_test_new(test);

	t->dev->bus_dma_limit = PAGE_SIZE - 1;
	expect_unreachable(t);
	reach_all(t->dev);
	check_works(t);
}

/* That the memory itself is within reach doesn't help. */
static void test_forced_pool_in_no_window(struct kunit *test)
{
	struct dma_test *t = forced_test_new(test);

	if (IS_ENABLED(CONFIG_ARCH_HAS_PHYS_TO_DMA))
		kunit_skip(test, "this architecture has no windows");
	memset(windows, 0, sizeof(windows));
	nr_windows = 0;
	add_window(t, t->pool->phys, GIB(16), POOL_BYTES);
	t->dev->dma_range_map = windows;
	expect_unreachable(t);
	reach_all(t->dev);
	check_works(t);
}

/* --- what has to stay coherent --- */

static void expect_incoherent(struct dma_test *t)
{
	expect_refused(t, DMA_ATTR_REQUIRE_COHERENT, -EOPNOTSUPP);
	check_works(t);
}

static void test_coherent_forced_bounce(struct kunit *test)
{
	struct dma_test *t = dma_test_new(test, PHYR_TEST_BOUNCE);

	dma_test_fill(t, "page");
	expect_incoherent(t);
	dma_test_empty(t);
	dma_test_fill(t, "shuffled");
	expect_incoherent(t);
}

/* All or some of it is in no window. */
static void test_coherent_in_no_window(struct kunit *test)
{
	struct dma_test *t = windows_test_new(test);

	use_bounce_buffers(t);
	add_bounce_window(t, GIB(2));
	dma_test_fill(t, "page");
	expect_incoherent(t);

	add_window(t, t->pool->phys, GIB(16), 7 * PAGE_SIZE);
	dma_test_empty(t);
	dma_test_fill(t, "long");
	expect_incoherent(t);
}

/* Parts of pages are bounced, and they may be on either end or in between. */
static void test_coherent_untrusted(struct kunit *test)
{
	static const char * const lists[] = {
		"one byte", "odd buffer", "user buffer", "odd seams",
	};
	struct dma_test *t = dma_test_new(test, PHYR_TEST_UNTRUSTED);

	for (unsigned int i = 0; i < ARRAY_SIZE(lists); i++) {
		dma_test_empty(t);
		dma_test_fill(t, lists[i]);
		expect_incoherent(t);
	}
}

/* Where nothing is bounced, the attribute changes nothing. */
static void test_coherent_anyway(struct kunit *test)
{
	struct dma_test *t = dma_test_of_way(test);

	if (t->way == PHYR_TEST_BOUNCE)
		kunit_skip(test, "everything is bounced");
	dma_test_fill(t, "shuffled");
	KUNIT_ASSERT_EQ(test, 0, try_map(t, DMA_ATTR_REQUIRE_COHERENT));
	check_transfer(t);
}

/* --- devices that aren't coherent --- */

#ifdef CONFIG_ARCH_HAS_SYNC_DMA_FOR_DEVICE
static void make_coherent(void *dev)
{
	phyr_test_set_coherent(dev, true);
}

static void make_noncoherent(struct dma_test *t)
{
	if (dev_is_dma_coherent(t->dev))
		KUNIT_ASSERT_EQ(t->test, 0, kunit_add_action(t->test, make_coherent,
							     t->dev));
	phyr_test_set_coherent(t->dev, false);
}

static void test_noncoherent(struct kunit *test)
{
	static const char * const lists[] = { "page", "runs", "shuffled" };
	struct dma_test *t = dma_test_of_way(test);

	make_noncoherent(t);
	for (unsigned int i = 0; i < ARRAY_SIZE(lists); i++) {
		dma_test_empty(t);
		dma_test_fill(t, lists[i]);
		KUNIT_ASSERT_EQ(test, 0, try_map(t, 0));
		check_transfer(t);
	}
}
#endif

#ifdef CONFIG_DMA_BOUNCE_UNALIGNED_KMALLOC
/* What shares cache lines is bounced, and what doesn't is not. */
static void test_short(struct kunit *test)
{
	struct dma_test *t = dma_test_new(test, PHYR_TEST_IDENTITY);
	struct phyr_range range;
	struct dma_range mapped;
	struct phyr_dma_state ds;

	make_noncoherent(t);
	if (!is_swiotlb_active(t->dev) ||
	    !dma_kmalloc_needs_bounce(t->dev, 4, DMA_FROM_DEVICE))
		kunit_skip(test, "nothing has to be bounced");
	dma_test_add(t, PAGE_SIZE, PAGE_SIZE, 0);
	dma_test_add(t, 5 * PAGE_SIZE + 64, 4, 0);
	KUNIT_ASSERT_EQ(test, 0, dma_test_try_map(t, DMA_FROM_DEVICE));
	ds = phyr_dma_start(&t->dma);
	for (u64 i = 0; i < 2; i++) {
		KUNIT_ASSERT_EQ(test, 0, phyr_at(&t->list, i * PAGE_SIZE, &range));
		KUNIT_ASSERT_TRUE(test, phyr_dmas_next(&ds, &mapped));
		KUNIT_EXPECT_EQ(test, i == 1, mapped.addr != range.phys);
	}
	phyr_dma_unmap(&t->dma);
	dma_test_check_unmapped(t);
}

/* But device memory isn't cached. */
static void test_short_mmio(struct kunit *test)
{
	struct dma_test *t = dma_test_new(test, PHYR_TEST_IOMMU);

	make_noncoherent(t);
	dma_test_add(t, 5 * PAGE_SIZE + 64, 4, PHYR_MMIO);
	KUNIT_EXPECT_EQ(test, 0, dma_test_try_map(t, DMA_FROM_DEVICE));
	phyr_dma_unmap(&t->dma);
}
#endif

static struct kunit_case phyr_dma_limits_cases[] = {
	KUNIT_CASE(test_limit_of_all_ones),
	KUNIT_CASE(test_limit_without_boundary),
	KUNIT_CASE(test_limit_64k_less_a_byte),
	KUNIT_CASE(test_limit_is_not_passed),
	KUNIT_CASE(test_limit_256m_less_a_byte),
	KUNIT_CASE(test_limit_page_and_a_byte),
	KUNIT_CASE(test_limit_below_page),
	KUNIT_CASE(test_limit_and_boundary),
	KUNIT_CASE(test_limit_odd_start),
	KUNIT_CASE(test_limit_of_walk),
	KUNIT_CASE_PARAM(test_limits, dma_case_gen_params),
	KUNIT_CASE(test_two_windows),
	KUNIT_CASE(test_two_windows_long),
	KUNIT_CASE(test_two_windows_odd),
	KUNIT_CASE(test_two_windows_many_ranges),
	KUNIT_CASE(test_two_windows_mmio),
	KUNIT_CASE(test_windows_bytes),
	KUNIT_CASE(test_windows_seek),
	KUNIT_CASE(test_gap_behind_window),
	KUNIT_CASE(test_gap_between_windows),
	KUNIT_CASE(test_gap_behind_window_mmio),
	KUNIT_CASE(test_window_out_of_mask),
	KUNIT_CASE(test_gap_is_bounced),
	KUNIT_CASE(test_gap_between_windows_is_bounced),
	KUNIT_CASE(test_bounce_boundary),
	KUNIT_CASE(test_bounce_boundary_odd),
	KUNIT_CASE(test_bounce_boundary_page),
	KUNIT_CASE(test_bounce_boundary_aligned),
	KUNIT_CASE(test_bounce_no_boundary),
	KUNIT_CASE(test_bounce_in_halves),
	KUNIT_CASE(test_bounce_in_halves_odd),
	KUNIT_CASE(test_bounce_in_halves_many_ranges),
	KUNIT_CASE(test_bounce_in_pages),
	KUNIT_CASE(test_bounce_in_halves_boundary),
	KUNIT_CASE(test_bounce_full),
	KUNIT_CASE(test_bounce_halves_undone),
	KUNIT_CASE(test_bounce_shreds_undone),
	KUNIT_CASE(test_each_bounce_fails),
	KUNIT_CASE(test_each_bounce_fails_in_window),
	KUNIT_CASE(test_iommu_page_too_high),
	KUNIT_CASE(test_iommu_bytes_too_high),
	KUNIT_CASE(test_iommu_pages_too_high),
	KUNIT_CASE(test_iommu_scattered_too_high),
	KUNIT_CASE(test_iommu_odd_too_high),
	KUNIT_CASE(test_iommu_before_end),
	KUNIT_CASE(test_iommu_last_too_high),
	KUNIT_CASE(test_iommu_last_too_high_odd),
	KUNIT_CASE(test_iommu_mmio_too_high),
	KUNIT_CASE(test_iommu_reserved_too_high),
	KUNIT_CASE(test_bounce_pool_out_of_reach),
	KUNIT_CASE(test_bounce_pool_in_no_window),
	KUNIT_CASE(test_forced_pool_out_of_reach),
	KUNIT_CASE(test_forced_pool_in_no_window),
	KUNIT_CASE(test_coherent_forced_bounce),
	KUNIT_CASE(test_coherent_in_no_window),
	KUNIT_CASE(test_coherent_untrusted),
	KUNIT_CASE_PARAM(test_coherent_anyway, dma_way_gen_params),
#ifdef CONFIG_ARCH_HAS_SYNC_DMA_FOR_DEVICE
	KUNIT_CASE_PARAM(test_noncoherent, dma_way_gen_params),
#endif
#ifdef CONFIG_DMA_BOUNCE_UNALIGNED_KMALLOC
	KUNIT_CASE(test_short),
	KUNIT_CASE(test_short_mmio),
#endif
	{ }
};

static struct kunit_suite phyr_dma_limits_suite = {
	.name		= "phyr_dma_limits",
	.suite_init	= phyr_test_devices_add,
	.suite_exit	= phyr_test_devices_del,
	.exit		= dma_test_exit,
	.test_cases	= phyr_dma_limits_cases,
};

kunit_test_suite(phyr_dma_limits_suite);
