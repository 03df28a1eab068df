// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the mapping of physical-range lists: a part of a mapped list
 * is passed between the device and the CPU, and nothing else.
 */

#include <linux/mm.h>

#include "phyr_dma_test.h"

#define POOL_BYTES	(DMA_TEST_PAGES * PAGE_SIZE)
#define TRIES		50

/**
 * struct slice_test - What is in memory while parts of a list are synced
 * @t: The list, and its mapping.
 * @cpu: What should be in the pool.
 * @dev: What the device should see in the list, one byte after the other.
 * @in_pool: Where each byte of the list is in the pool.
 * @bounced: The device has other memory than the CPU, for all of the list.
 */
struct slice_test {
	struct dma_test	*t;
	u8		*cpu;
	u8		*dev;
	u32		*in_pool;
	bool		bounced;
};

static void free_buffer(void *addr)
{
	kvfree(addr);
}

/* As many items as the pool has bytes. */
static void *buffer(struct kunit *test, size_t item)
{
	void *addr = kvcalloc(POOL_BYTES, item, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, addr);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, free_buffer, addr));
	return addr;
}

/* The bytes of the list, of all that is in @pool. */
static void gather(struct slice_test *s, u8 *list, const u8 *pool)
{
	for (size_t i = 0; i < s->t->model->nr; i++) {
		const struct phyr_range *r = &s->t->model->ranges[i];

		memcpy(list, pool + (r->phys - s->t->pool->phys), r->len);
		list += r->len;
	}
}

static void locate(struct slice_test *s)
{
	u32 *at = s->in_pool;

	for (size_t i = 0; i < s->t->model->nr; i++) {
		const struct phyr_range *r = &s->t->model->ranges[i];

		for (u64 k = 0; k < r->len; k++)
			*at++ = r->phys - s->t->pool->phys + k;
	}
}

static struct slice_test *slice_test_new(struct dma_test *t,
					 enum dma_data_direction dir)
{
	struct slice_test *s;

	s = kunit_kzalloc(t->test, sizeof(*s), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(t->test, s);
	s->t = t;
	s->cpu = buffer(t->test, sizeof(*s->cpu));
	s->dev = buffer(t->test, sizeof(*s->dev));
	s->in_pool = buffer(t->test, sizeof(*s->in_pool));
	s->bounced = t->way == PHYR_TEST_BOUNCE;
	memcpy(s->cpu, t->pool->addr, POOL_BYTES);
	locate(s);
	gather(s, s->dev, s->cpu);
	dma_test_map(t, dir);
	return s;
}

static struct slice_test *slice_test_of_case(struct kunit *test,
					     enum dma_data_direction dir)
{
	return slice_test_new(dma_test_of_case(test), dir);
}

static u64 bytes(const struct slice_test *s)
{
	return s->t->model->bytes;
}

static u64 below(struct slice_test *s, u64 max)
{
	return phyr_test_rem(prandom_u32_state(&s->t->rnd), max);
}

/* --- for the CPU --- */

/* The device has written to all of the list: what the CPU sees of that. */
static void check_cpu(struct slice_test *s, u64 pos, u64 len)
{
	const u8 *pool = s->t->pool->addr;

	for (u64 end = pos + len; pos < end; pos++) {
		size_t at = s->in_pool[pos];

		s->cpu[at] = s->t->image[at];
		KUNIT_ASSERT_EQ_MSG(s->t->test, pool[at], s->cpu[at],
				    "position %llu", pos);
	}
	if (s->bounced)
		KUNIT_ASSERT_TRUE_MSG(s->t->test,
				      !memcmp(pool, s->cpu, POOL_BYTES),
				      "other bytes moved");
}

static void sync_for_cpu(struct slice_test *s, u64 pos, u64 len)
{
	if (pos >= bytes(s))
		return;
	len = min(len, bytes(s) - pos);
	phyr_dma_sync_slice_for_cpu(&s->t->dma, pos, len);
	check_cpu(s, pos, len);
}

/* --- for the device --- */

/* The CPU has written to all of the list: what the device sees of that. */
static void check_dev(struct slice_test *s, u64 pos, u64 len)
{
	struct dma_range range;
	u8 *at = s->t->seen;

	phyr_dma_for_each_range(&s->t->dma, range) {
		KUNIT_ASSERT_EQ(s->t->test, 0,
				phyr_test_dev_read(s->t->dev, range.addr, at,
						   range.len));
		at += range.len;
	}
	for (u64 end = pos + len; pos < end; pos++) {
		s->dev[pos] = s->t->image[s->in_pool[pos]];
		KUNIT_ASSERT_EQ_MSG(s->t->test, s->t->seen[pos], s->dev[pos],
				    "position %llu", pos);
	}
	if (s->bounced)
		KUNIT_ASSERT_TRUE_MSG(s->t->test,
				      !memcmp(s->t->seen, s->dev, bytes(s)),
				      "other bytes moved");
}

static void sync_for_device(struct slice_test *s, u64 pos, u64 len)
{
	if (pos >= bytes(s))
		return;
	len = min(len, bytes(s) - pos);
	phyr_dma_sync_slice_for_device(&s->t->dma, pos, len);
	check_dev(s, pos, len);
}

/* --- each list for each device --- */

/* Both ends of each range, what is on either side, and any other part. */
static void sync_slices(struct slice_test *s,
			void (*sync)(struct slice_test *s, u64 pos, u64 len))
{
	u64 pos = 0;

	for (size_t i = 0; i < s->t->model->nr; i += 1 + i / 4) {
		pos = 0;
		for (size_t j = 0; j < i; j++)
			pos += s->t->model->ranges[j].len;
		sync(s, pos, 1);
		sync(s, pos + s->t->model->ranges[i].len - 1, 2);
	}
	for (unsigned int i = 0; i < TRIES; i++) {
		pos = below(s, bytes(s));
		sync(s, pos, 1 + below(s, 3 * PAGE_SIZE));
	}
	pos = below(s, bytes(s));
	sync(s, pos, 1 + below(s, bytes(s) - pos));
	sync(s, 0, bytes(s));
}

static void test_slices_for_cpu(struct kunit *test)
{
	struct slice_test *s = slice_test_of_case(test, DMA_FROM_DEVICE);

	dma_test_dev_scramble(s->t);
	sync_slices(s, sync_for_cpu);
	dma_test_check_cpu(s->t);
}

static void test_slices_for_device(struct kunit *test)
{
	struct slice_test *s = slice_test_of_case(test, DMA_TO_DEVICE);

	dma_test_scramble(s->t);
	sync_slices(s, sync_for_device);
	dma_test_check_dev(s->t);
	phyr_dma_unmap(&s->t->dma);
	dma_test_check_cpu(s->t);
}

/* The device writes a part, and the CPU answers in another one. */
static void test_slices_both_ways(struct kunit *test)
{
	struct slice_test *s = slice_test_of_case(test, DMA_BIDIRECTIONAL);

	dma_test_dev_scramble(s->t);
	gather(s, s->dev, s->t->image);
	for (unsigned int i = 0; i < TRIES; i++) {
		u64 pos = below(s, bytes(s));
		u64 len = 1 + below(s, min(bytes(s) - pos, 2 * PAGE_SIZE));

		phyr_dma_sync_slice_for_cpu(&s->t->dma, pos, len);
		check_cpu(s, pos, len);
		for (u64 at = pos; at < pos + len; at++) {
			u8 value = prandom_u32_state(&s->t->rnd);
			size_t byte = s->in_pool[at];

			((u8 *)s->t->pool->addr)[byte] = value;
			s->t->image[byte] = value;
			s->cpu[byte] = value;
		}
		phyr_dma_sync_slice_for_device(&s->t->dma, pos, len);
		check_dev(s, pos, len);
	}
	phyr_dma_unmap(&s->t->dma);
	dma_test_check_cpu(s->t);
}

/* --- what isn't a part of the list --- */

static void sync_nothing(struct slice_test *s, u64 pos, u64 len)
{
	phyr_dma_sync_slice_for_cpu(&s->t->dma, pos, len);
	phyr_dma_sync_slice_for_device(&s->t->dma, pos, len);
}

static void test_no_slices(struct kunit *test)
{
	struct slice_test *s = slice_test_of_case(test, DMA_BIDIRECTIONAL);
	u64 all = bytes(s);

	dma_test_dev_scramble(s->t);
	if (!s->bounced)
		memcpy(s->cpu, s->t->pool->addr, POOL_BYTES);
	sync_nothing(s, 0, 0);
	sync_nothing(s, all - 1, 0);
	sync_nothing(s, 0, all + 1);
	sync_nothing(s, all, 1);
	sync_nothing(s, all - 1, 2);
	sync_nothing(s, all - 1, U64_MAX);
	sync_nothing(s, U64_MAX, 1);
	sync_nothing(s, U64_MAX, U64_MAX);
	KUNIT_EXPECT_TRUE(test,
			  !memcmp(s->t->pool->addr, s->cpu, POOL_BYTES));

	phyr_dma_unmap(&s->t->dma);
	dma_test_check_cpu(s->t);
	sync_nothing(s, 0, 1);
	dma_test_check_cpu(s->t);
}

/* --- a device whose caches have to be looked after --- */

/* How often each byte of page memory was synced. */
static void check_marks(struct slice_test *s, u64 pos, u64 len)
{
	struct phyr_test_ops_state *ops = phyr_test_ops_state();
	u64 nr = 0;

	for (u64 at = pos; at < pos + len; at++) {
		struct phyr_range r = phyr_model_at(s->t->model, at);

		if (r.flags & PHYR_MMIO)
			continue;
		KUNIT_ASSERT_EQ_MSG(s->t->test, 1,
				    ops->marks[r.phys - s->t->pool->phys],
				    "position %llu", at);
		nr++;
	}
	KUNIT_ASSERT_EQ(s->t->test, nr, ops->synced);
	KUNIT_ASSERT_EQ(s->t->test, 0, ops->errors);
	memset(ops->marks, 0, POOL_BYTES);
	ops->synced = 0;
}

static void sync_and_check_marks(struct slice_test *s, u64 pos, u64 len)
{
	if (pos >= bytes(s))
		return;
	len = min(len, bytes(s) - pos);
	phyr_dma_sync_slice_for_cpu(&s->t->dma, pos, len);
	check_marks(s, pos, len);
	phyr_dma_sync_slice_for_device(&s->t->dma, pos, len);
	check_marks(s, pos, len);
}

/* No byte in a slice is synced twice, and none that isn't in it. */
static void check_synced_bytes(struct kunit *test, unsigned int gap)
{
	static const char * const lists[] = {
		"page", "long odd", "shuffled", "odd seams", "kinds",
		"odd kinds", "mmio",
	};
	struct phyr_test_ops_state *ops = phyr_test_ops_state();
	struct dma_test *t = dma_test_new(test, PHYR_TEST_OPS);
	u8 *marks = buffer(test, sizeof(*marks));

	for (unsigned int i = 0; i < ARRAY_SIZE(lists); i++) {
		struct slice_test *s;

		ops->gap = gap;
		dma_test_empty(t);
		dma_test_fill(t, lists[i]);
		s = slice_test_new(t, DMA_BIDIRECTIONAL);
		ops->marks = marks;
		ops->marks_phys = t->pool->phys;
		sync_slices(s, sync_and_check_marks);
		phyr_dma_unmap(&t->dma);
	}
}

static void test_synced_bytes(struct kunit *test)
{
	check_synced_bytes(test, 64);
}

/* Addresses that are neighbours are one range, and still many mappings. */
static void test_synced_bytes_of_neighbours(struct kunit *test)
{
	check_synced_bytes(test, 0);
}

static struct kunit_case phyr_dma_slice_cases[] = {
	KUNIT_CASE_PARAM(test_slices_for_cpu, dma_case_gen_params),
	KUNIT_CASE_PARAM(test_slices_for_device, dma_case_gen_params),
	KUNIT_CASE_PARAM(test_slices_both_ways, dma_case_gen_params),
	KUNIT_CASE_PARAM(test_no_slices, dma_case_gen_params),
	KUNIT_CASE(test_synced_bytes),
	KUNIT_CASE(test_synced_bytes_of_neighbours),
	{ }
};

static struct kunit_suite phyr_dma_slice_suite = {
	.name		= "phyr_dma_slice",
	.suite_init	= phyr_test_devices_add,
	.suite_exit	= phyr_test_devices_del,
	.exit		= dma_test_exit,
	.test_cases	= phyr_dma_slice_cases,
};

kunit_test_suite(phyr_dma_slice_suite);

