/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PHYR_DMA_TEST_H
#define _PHYR_DMA_TEST_H
/*
 * What all tests of the mapping share: lists of memory to map, and the checks
 * that a device and the CPU see the same in it.
 */

#include <kunit/test.h>
#include <linux/phyr_dma.h>
#include <linux/prandom.h>

#include "phyr_model.h"
#include "test_devices.h"
#include "test_iommu.h"

/* Enough for a range that no bounce buffer holds in one piece. */
#define DMA_TEST_PAGES		160

/**
 * struct dma_test - One list and its mapping for one device
 * @test: The test that it belongs to.
 * @way: How the device reaches memory.
 * @dev: The device.
 * @pool: Memory to list.
 * @image: What should be in @pool.
 * @seen: What the device read from the list, one byte after the other.
 * @model: What should be in @list.
 * @list: The list.
 * @dma: Its mapping.
 * @rnd: Random numbers, the same in each run unless a test seeds them.
 * @room: phyr_test_iova_room() before the test.
 * @slots: Bounce buffers in use before the test.
 * @warned: Whether the kernel had warned of anything before the test.
 */
struct dma_test {
	struct kunit		*test;
	enum phyr_test_way	way;
	struct device		*dev;
	struct phyr_pool	*pool;
	u8			*image;
	u8			*seen;
	struct phyr_model	*model;
	struct phyr		list;
	struct phyr_dma		dma;
	struct rnd_state	rnd;
	unsigned int		room;
	long			slots;
	bool			warned;
};

/**
 * struct dma_list - A way to fill a list
 * @name: For the test's log.
 * @fill: Appends to the empty list of a test.
 * @mmio: Some of it is %PHYR_MMIO.
 * @odd_mmio: And some of that isn't whole pages.
 */
struct dma_list {
	const char	*name;
	void		(*fill)(struct dma_test *t);
	bool		mmio;
	bool		odd_mmio;
};

/**
 * struct dma_case - Parameter of a test: what to map, and for which device
 * @way: The device.
 * @list: What to map.
 */
struct dma_case {
	enum phyr_test_way	way;
	const struct dma_list	*list;
};

const void *dma_case_gen_params(struct kunit *test, const void *prev,
				char *desc);
const void *dma_iommu_case_gen_params(struct kunit *test, const void *prev,
				      char *desc);
const void *dma_failing_case_gen_params(struct kunit *test, const void *prev,
					char *desc);
const void *dma_iommu_way_gen_params(struct kunit *test, const void *prev,
				     char *desc);
const void *dma_way_gen_params(struct kunit *test, const void *prev,
			       char *desc);

struct dma_test *dma_test_new(struct kunit *test, enum phyr_test_way way);
struct dma_test *dma_test_of_case(struct kunit *test);
struct dma_test *dma_test_of_way(struct kunit *test);
struct dma_test *dma_test_limited(struct kunit *test, unsigned int limit);
void dma_test_unlimit(void *dev);
void dma_test_exit(struct kunit *test);

void dma_test_count_slots(struct dma_test *t);
void dma_test_skip_untranslated(struct dma_test *t, phys_addr_t phys);
void dma_test_add(struct dma_test *t, u64 offset, u64 len, unsigned int flags);
void dma_test_fill(struct dma_test *t, const char *name);
void dma_test_fill_random(struct dma_test *t);
void dma_test_empty(struct dma_test *t);

bool dma_test_can_map(const struct dma_test *t);
bool dma_test_has_iommu(const struct dma_test *t);
void dma_test_wait_for_iova(const struct dma_test *t);
int dma_test_try_map(struct dma_test *t, enum dma_data_direction dir);
void dma_test_map(struct dma_test *t, enum dma_data_direction dir);
void dma_test_fail_map(struct dma_test *t, unsigned int nth);

/*
 * How much a segment may hold of what is left of a range, where segments of up to @max
 * bytes are allowed.  The rule is that of sg_alloc_table_from_pages_segment(): a limit
 * of at least a page is rounded down to whole pages, and where it is passed, counts from
 * the start of the page that the segment starts in, so that this ends with a page.
 * A limit below a page stays as it is.
 */
static inline u64 dma_test_segment_room(const struct dma_range *left, u64 max)
{
	if (max < PAGE_SIZE)
		return min(left->len, max);
	max = ALIGN_DOWN(max, PAGE_SIZE);
	return left->len <= max ? left->len : max - offset_in_page(left->addr);
}

void dma_test_scramble(struct dma_test *t);
void dma_test_plan_dev_scramble(struct dma_test *t);
void dma_test_dev_scramble(struct dma_test *t);
void dma_test_check_seen(struct dma_test *t);
void dma_test_check_dev(struct dma_test *t);
void dma_test_check_cpu(struct dma_test *t);
void dma_test_check_ranges(struct dma_test *t);
void dma_test_check_unmapped(struct dma_test *t);
bool dma_test_stores_nothing(const struct dma_test *t);
bool dma_test_has_no_memory(const struct dma_test *t);

#endif /* _PHYR_DMA_TEST_H */
