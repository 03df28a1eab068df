// SPDX-License-Identifier: GPL-2.0-only
/*
 * What all tests of the mapping share: lists of memory to map, and the checks
 * that a device and the CPU see the same in it.
 */

#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/iommu-dma.h>
#include <linux/mm.h>
#include <linux/panic.h>
#include <linux/string.h>
#include <linux/swiotlb.h>
#include <linux/vmalloc.h>

#include "phyr_dma_test.h"

#define POOL_BYTES	(DMA_TEST_PAGES * PAGE_SIZE)

/* The most ranges that a list of this file has. */
#define MAX_RANGES	(2 * DMA_TEST_PAGES)

static u32 below(struct dma_test *t, u32 max)
{
	return prandom_u32_state(&t->rnd) % max;
}

/* --- lists --- */

/* What is taken for device memory is none of the kernel's: DMA debugging looks. */
static void reserve_pages(struct dma_test *t, u64 offset, u64 len)
{
	struct page *page = virt_to_page(t->pool->addr);

	for (u64 pfn = PFN_DOWN(offset); pfn < PFN_UP(offset + len); pfn++)
		SetPageReserved(page + pfn);
}

static void unreserve_pages(struct dma_test *t)
{
	struct page *page = virt_to_page(t->pool->addr);

	for (unsigned int i = 0; i < DMA_TEST_PAGES; i++)
		ClearPageReserved(page + i);
}

/* Before 7.3, device memory is where the CPU has it, whatever windows a bus has. */
void dma_test_skip_untranslated(struct dma_test *t, phys_addr_t phys)
{
	unsigned long attrs = DMA_ATTR_MMIO | DMA_ATTR_NO_WARN;
	dma_addr_t addr;

	if (!t->dev->dma_range_map)
		return;
	phys = ALIGN_DOWN(phys, PAGE_SIZE);
	addr = dma_map_phys(t->dev, phys, PAGE_SIZE, DMA_BIDIRECTIONAL, attrs);
	if (dma_mapping_error(t->dev, addr))
		return;
	dma_unmap_phys(t->dev, addr, PAGE_SIZE, DMA_BIDIRECTIONAL, attrs);
	if (addr == phys)
		kunit_skip(t->test, "dma_map_phys() knows no windows for device memory");
}

void dma_test_add(struct dma_test *t, u64 offset, u64 len, unsigned int flags)
{
	struct phyr_range range = {
		.phys = t->pool->phys + offset,
		.len = len,
		.flags = flags,
	};

	KUNIT_ASSERT_LE(t->test, offset + len, POOL_BYTES);
	if (flags & PHYR_PINNED)
		phyr_pool_pin(&range);
	if (flags & PHYR_MMIO) {
		reserve_pages(t, offset, len);
		dma_test_skip_untranslated(t, range.phys);
	}
	KUNIT_ASSERT_EQ(t->test, 0,
			phyr_append_range(&t->list, &range, GFP_KERNEL));
	phyr_model_append(t->test, t->model, &range);
}

static void add_page(struct dma_test *t, unsigned int nr, unsigned int flags)
{
	dma_test_add(t, nr * PAGE_SIZE, PAGE_SIZE, flags);
}

static void fill_page(struct dma_test *t)
{
	add_page(t, 5, 0);
}

static void fill_odd_buffer(struct dma_test *t)
{
	dma_test_add(t, PAGE_SIZE + 123, 2 * PAGE_SIZE + 817, 0);
}

static void fill_one_byte(struct dma_test *t)
{
	dma_test_add(t, 3 * PAGE_SIZE - 1, 1, 0);
}

static void fill_long(struct dma_test *t)
{
	dma_test_add(t, 0, POOL_BYTES, 0);
}

static void fill_long_odd(struct dma_test *t)
{
	dma_test_add(t, 1001, POOL_BYTES - 2002, 0);
}

static void fill_backwards(struct dma_test *t)
{
	for (unsigned int i = DMA_TEST_PAGES; i--; )
		add_page(t, i, 0);
}

/* As many numbers below @nr, in random order. */
static void shuffle(struct dma_test *t, u8 *order, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++) {
		unsigned int j = below(t, i + 1);

		order[i] = order[j];
		order[j] = i;
	}
}

static void fill_shuffled(struct dma_test *t)
{
	u8 order[DMA_TEST_PAGES];

	shuffle(t, order, DMA_TEST_PAGES);
	for (unsigned int i = 0; i < DMA_TEST_PAGES; i++)
		add_page(t, order[i], 0);
}

#define RUN_PAGES	8
#define RUNS		(DMA_TEST_PAGES / RUN_PAGES)

static void fill_runs(struct dma_test *t)
{
	u8 order[RUNS];

	shuffle(t, order, RUNS);
	for (unsigned int i = 0; i < RUNS; i++)
		dma_test_add(t, order[i] * RUN_PAGES * PAGE_SIZE,
			     (1 + below(t, RUN_PAGES)) * PAGE_SIZE, 0);
}

/* A buffer that starts and ends inside a page, in pages that are scattered. */
static void fill_user_buffer(struct dma_test *t)
{
	dma_test_add(t, 9 * PAGE_SIZE + 3000, PAGE_SIZE - 3000, 0);
	for (unsigned int i = 20; i < 60; i += 3)
		add_page(t, i, 0);
	dma_test_add(t, 2 * PAGE_SIZE, 77, 0);
}

/* As few as a mapping has room for in itself. */
static void fill_two_ranges(struct dma_test *t)
{
	dma_test_add(t, 9 * PAGE_SIZE + 3000, PAGE_SIZE - 3000, 0);
	add_page(t, 4, 0);
}

/* Each kind of boundary: after a whole page and inside one, on either side. */
static void fill_odd_seams(struct dma_test *t)
{
	add_page(t, 7, 0);
	dma_test_add(t, 100, 5000, 0);
	dma_test_add(t, 3 * PAGE_SIZE, 3 * PAGE_SIZE + 40, 0);
	add_page(t, 12, 0);
	add_page(t, 14, 0);
	dma_test_add(t, 20 * PAGE_SIZE + 512, 512, 0);
	dma_test_add(t, 20 * PAGE_SIZE, 512, 0);
	dma_test_add(t, 30 * PAGE_SIZE + 9, PAGE_SIZE - 9, 0);
	add_page(t, 40, 0);
	dma_test_add(t, 50 * PAGE_SIZE, 1, 0);
	dma_test_add(t, 51 * PAGE_SIZE + 1, 2, 0);
}

static void fill_kinds(struct dma_test *t)
{
	for (unsigned int i = 0; i < 60; i++)
		add_page(t, (i * 7) % 61, i % 5 < 2 ? PHYR_MMIO : 0);
}

/* Neighbours in memory, but not of one kind. */
static void fill_adjacent_kinds(struct dma_test *t)
{
	for (unsigned int i = 0; i < 12; i++)
		add_page(t, i, i % 2 ? PHYR_MMIO : 0);
}

static void fill_odd_kinds(struct dma_test *t)
{
	dma_test_add(t, 77, 1000, PHYR_MMIO);
	dma_test_add(t, 1077, 1000, 0);
	dma_test_add(t, 4 * PAGE_SIZE + 5, 9000, 0);
	dma_test_add(t, 8 * PAGE_SIZE, 700, PHYR_MMIO);
	add_page(t, 10, 0);
}

static void fill_two_bytes(struct dma_test *t)
{
	dma_test_add(t, PAGE_SIZE - 1, 2, 0);
}

static void fill_mmio(struct dma_test *t)
{
	for (unsigned int i = 0; i < 40; i += 2)
		add_page(t, i, PHYR_MMIO);
}

static void fill_pinned(struct dma_test *t)
{
	for (unsigned int i = 0; i < 50; i++)
		add_page(t, (i * 3) % 53, i % 4 ? PHYR_PINNED : 0);
}

static const struct dma_list dma_lists[] = {
	{ "page", fill_page },
	{ "odd buffer", fill_odd_buffer },
	{ "one byte", fill_one_byte },
	{ "two bytes of two pages", fill_two_bytes },
	{ "two ranges", fill_two_ranges },
	{ "long", fill_long },
	{ "long odd", fill_long_odd },
	{ "backwards", fill_backwards },
	{ "shuffled", fill_shuffled },
	{ "runs", fill_runs },
	{ "user buffer", fill_user_buffer },
	{ "odd seams", fill_odd_seams },
	{ "kinds", fill_kinds, true },
	{ "adjacent kinds", fill_adjacent_kinds, true },
	{ "odd kinds", fill_odd_kinds, true, true },
	{ "mmio", fill_mmio, true },
	{ "pinned", fill_pinned },
};

void dma_test_fill(struct dma_test *t, const char *name)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(dma_lists); i++) {
		if (!strcmp(dma_lists[i].name, name)) {
			dma_lists[i].fill(t);
			return;
		}
	}
	KUNIT_FAIL_AND_ABORT(t->test, "no list named %s", name);
}

void dma_test_empty(struct dma_test *t)
{
	phyr_destroy(&t->list);
	t->model->nr = 0;
	t->model->bytes = 0;
}

/* Parts of the pool in random order, with gaps between most of them. */
#define SLOT_BYTES	(4 * PAGE_SIZE)
#define SLOTS		(POOL_BYTES / SLOT_BYTES)

static void add_random(struct dma_test *t, unsigned int slot, bool whole_pages,
		       bool kinds)
{
	static const unsigned int flags[] = { 0, 0, PHYR_MMIO, PHYR_PINNED };
	u32 start = below(t, SLOT_BYTES);
	u32 len = 1 + below(t, SLOT_BYTES - start);

	if (whole_pages) {
		start = ALIGN_DOWN(start, PAGE_SIZE);
		len = ALIGN(len, PAGE_SIZE);
	}
	dma_test_add(t, slot * SLOT_BYTES + start, len,
		     kinds ? flags[below(t, ARRAY_SIZE(flags))] : 0);
}

void dma_test_fill_random(struct dma_test *t)
{
	unsigned int nr = 1 + below(t, SLOTS);
	bool whole_pages = below(t, 2);
	bool kinds = below(t, 2);
	u8 order[SLOTS];

	dma_test_empty(t);
	shuffle(t, order, SLOTS);
	for (unsigned int i = 0; i < nr; i++)
		add_random(t, order[i], whole_pages || below(t, 2), kinds);
}

/* --- parameters --- */

/* Device memory is never bounced. */
static bool can_map(enum phyr_test_way way, bool mmio, bool odd_mmio)
{
	return !(way == PHYR_TEST_BOUNCE && mmio) &&
	       !(way == PHYR_TEST_UNTRUSTED && odd_mmio);
}

/* Each list for each device that there is and that @want is true for. */
static const void *next_case(const struct dma_case *last, char *desc,
			     bool (*want)(enum phyr_test_way way))
{
	static struct dma_case all[PHYR_TEST_NR_WAYS * ARRAY_SIZE(dma_lists)];

	for (size_t i = last ? last - all + 1 : 0; i < ARRAY_SIZE(all); i++) {
		const struct dma_list *list = &dma_lists[i % ARRAY_SIZE(dma_lists)];
		enum phyr_test_way way = i / ARRAY_SIZE(dma_lists);

		if (!want(way) || !can_map(way, list->mmio, list->odd_mmio))
			continue;
		snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s: %s",
			 phyr_test_way_name(way), list->name);
		all[i] = (struct dma_case){ way, list };
		return &all[i];
	}
	return NULL;
}

/* Each device that @want is true for. */
static const void *next_way(const enum phyr_test_way *last, char *desc,
			    bool (*want)(enum phyr_test_way way))
{
	static enum phyr_test_way ways[PHYR_TEST_NR_WAYS];

	for (int i = last ? last - ways + 1 : 0; i < PHYR_TEST_NR_WAYS; i++) {
		if (!want(i))
			continue;
		strscpy(desc, phyr_test_way_name(i), KUNIT_PARAM_DESC_SIZE);
		ways[i] = i;
		return &ways[i];
	}
	return NULL;
}

static bool any(enum phyr_test_way way)
{
	return true;
}

static bool is_there(enum phyr_test_way way)
{
	return phyr_test_device(way);
}

static bool is_test_iommu(enum phyr_test_way way)
{
	return way == PHYR_TEST_IOMMU;
}

static bool is_iommu(enum phyr_test_way way)
{
	return is_test_iommu(way) || way == PHYR_TEST_PCI ||
	       way == PHYR_TEST_UNTRUSTED;
}

/* Can a mapping be made fail by dma_test_fail_map()? */
static bool can_fail(enum phyr_test_way way)
{
	return is_test_iommu(way) || way == PHYR_TEST_OPS;
}

/* Each list for each device that this machine has. */
const void *dma_case_gen_params(struct kunit *test, const void *prev,
				char *desc)
{
	return next_case(prev, desc, is_there);
}

const void *dma_iommu_case_gen_params(struct kunit *test, const void *prev,
				      char *desc)
{
	return next_case(prev, desc, is_test_iommu);
}

const void *dma_failing_case_gen_params(struct kunit *test, const void *prev,
					char *desc)
{
	return next_case(prev, desc, can_fail);
}

/* Each device; those that this machine doesn't have are skipped. */
const void *dma_way_gen_params(struct kunit *test, const void *prev,
			       char *desc)
{
	return next_way(prev, desc, any);
}

const void *dma_iommu_way_gen_params(struct kunit *test, const void *prev,
				     char *desc)
{
	return next_way(prev, desc, is_iommu);
}

/* --- begin and end of a test --- */

static void free_vmalloc(void *addr)
{
	vfree(addr);
}

static void *test_vmalloc(struct kunit *test, size_t size)
{
	void *addr = vzalloc(size);

	KUNIT_ASSERT_NOT_NULL(test, addr);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, free_vmalloc, addr));
	return addr;
}

static long used_slots(const struct device *dev)
{
#if defined(CONFIG_SWIOTLB) && defined(CONFIG_DEBUG_FS)
	if (dev->dma_io_tlb_mem)
		return atomic_long_read(&dev->dma_io_tlb_mem->total_used);
#endif
	return 0;
}

/* The bounce buffers that are in use now aren't of what is tested. */
void dma_test_count_slots(struct dma_test *t)
{
	t->slots = used_slots(t->dev);
}

/* A test of an empty list, with random bytes in the memory to list. */
struct dma_test *dma_test_new(struct kunit *test, enum phyr_test_way way)
{
	struct dma_test *t;

	if (!phyr_test_device(way))
		kunit_skip(test, "no such device here");

	t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, t);
	t->test = test;
	t->way = way;
	t->dev = phyr_test_device(way);
	t->pool = phyr_pool_new(test, DMA_TEST_PAGES);
	t->model = phyr_model_new(test, MAX_RANGES);
	t->image = test_vmalloc(test, POOL_BYTES);
	t->seen = test_vmalloc(test, POOL_BYTES);
	t->room = dma_test_has_iommu(t) ? phyr_test_iova_room(t->dev) : 0;
	dma_test_count_slots(t);
	t->warned = test_taint(TAINT_WARN);
	prandom_seed_state(&t->rnd, 2023);
	dma_test_scramble(t);
	test->priv = t;
	return t;
}

void dma_test_unlimit(void *data)
{
	struct device *dev = data;

	dev->bus_dma_limit = 0;
	dev->dma_range_map = NULL;
#ifdef CONFIG_SWIOTLB
	swiotlb_dev_init(dev);
#endif
}

/* A device without bounce buffers that ends at @limit pages of the pool. */
struct dma_test *dma_test_limited(struct kunit *test, unsigned int limit)
{
	struct dma_test *t = dma_test_new(test, PHYR_TEST_IDENTITY);

	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action(test, dma_test_unlimit, t->dev));
	t->dev->bus_dma_limit = t->pool->phys + limit * PAGE_SIZE - 1;
#ifdef CONFIG_SWIOTLB
	t->dev->dma_io_tlb_mem = NULL;
#endif
	return t;
}

struct dma_test *dma_test_of_case(struct kunit *test)
{
	const struct dma_case *c = test->param_value;
	struct dma_test *t = dma_test_new(test, c->way);

	c->list->fill(t);
	return t;
}

struct dma_test *dma_test_of_way(struct kunit *test)
{
	return dma_test_new(test, *(const enum phyr_test_way *)test->param_value);
}

/*
 * A queue of the IOMMU keeps freed IOVA for 10 ms.  Then a cache has it, of the CPU
 * that looked after the queue: with several, the next mapping may not find it.
 */
void dma_test_wait_for_iova(const struct dma_test *t)
{
	if (!dma_test_has_iommu(t))
		return;
	if (num_online_cpus() > 1)
		kunit_skip(t->test, "takes memory for IOVA");
	msleep(50);
}

/* IOVA may be freed with a delay. */
static bool iova_room_is_back(struct dma_test *t)
{
	for (unsigned int tries = 0; tries < 50; tries++) {
		if (phyr_test_iova_room(t->dev) == t->room)
			return true;
		msleep(20);
	}
	return false;
}

static void check_idle(struct dma_test *t)
{
	struct phyr_test_iommu_state *iommu = phyr_test_iommu_state(t->dev);
	struct phyr_test_ops_state *ops = phyr_test_ops_state();

	if (iommu) {
		KUNIT_EXPECT_EQ(t->test, 0, iommu->mapped);
		iommu->fail_map = 0;
	}
	if (dma_test_has_iommu(t))
		KUNIT_EXPECT_TRUE(t->test, iova_room_is_back(t));

	KUNIT_EXPECT_EQ(t->test, 0, ops->live);
	KUNIT_EXPECT_EQ(t->test, 0, ops->errors);
	*ops = (struct phyr_test_ops_state){ .live = ops->live };
}

/* The exit() of all suites: nothing may be left behind by any test. */
void dma_test_exit(struct kunit *test)
{
	struct dma_test *t = test->priv;

	if (!t)
		return;
	phyr_test_fail_end();
	phyr_dma_release(&t->dma);
	phyr_dma_unmap(&t->dma);
	dma_test_empty(t);
	unreserve_pages(t);
	phyr_pool_check(test, t->pool, t->model);
	check_idle(t);
	if (!t->warned && test_taint(TAINT_WARN))
		KUNIT_FAIL(test, "the kernel warned, see the log");
}

/* --- mapping --- */

bool dma_test_has_iommu(const struct dma_test *t)
{
	return use_dma_iommu(t->dev);
}

static bool has_mmio(const struct dma_test *t, bool odd)
{
	for (size_t i = 0; i < t->model->nr; i++) {
		struct phyr_range *range = &t->model->ranges[i];

		if (range->flags & PHYR_MMIO &&
		    (!odd || !PAGE_ALIGNED(range->phys | range->len)))
			return true;
	}
	return false;
}

/* Only a random list may be one that its device can't have. */
bool dma_test_can_map(const struct dma_test *t)
{
	return can_map(t->way, has_mmio(t, false), has_mmio(t, true));
}

int dma_test_try_map(struct dma_test *t, enum dma_data_direction dir)
{
	return phyr_dma_map(&t->dma, t->dev, &t->list, dir,
			    DMA_ATTR_WEAK_ORDERING, GFP_KERNEL);
}

void dma_test_map(struct dma_test *t, enum dma_data_direction dir)
{
	KUNIT_ASSERT_EQ(t->test, 0, dma_test_try_map(t, dir));
	dma_test_check_ranges(t);
}

/* Let the @nth mapping of a physically contiguous range from now on fail. */
void dma_test_fail_map(struct dma_test *t, unsigned int nth)
{
	struct phyr_test_iommu_state *iommu = phyr_test_iommu_state(t->dev);

	if (iommu)
		iommu->fail_map = nth;
	else
		phyr_test_ops_state()->fail_map = nth;
}

/* --- what is in memory --- */

/* The CPU writes to all of the memory, listed or not. */
void dma_test_scramble(struct dma_test *t)
{
	prandom_bytes_state(&t->rnd, t->image, POOL_BYTES);
	memcpy(t->pool->addr, t->image, POOL_BYTES);
}

static u64 in_pool(const struct dma_test *t, const struct phyr_range *range)
{
	return range->phys - t->pool->phys;
}

/* Let @seen be what the device writes to the list, and expect it there. */
void dma_test_plan_dev_scramble(struct dma_test *t)
{
	u8 *at = t->seen;

	prandom_bytes_state(&t->rnd, t->seen, t->model->bytes);
	for (size_t i = 0; i < t->model->nr; i++) {
		const struct phyr_range *r = &t->model->ranges[i];

		memcpy(t->image + in_pool(t, r), at, r->len);
		at += r->len;
	}
}

/* The device writes to all of the list and nothing else. */
void dma_test_dev_scramble(struct dma_test *t)
{
	struct dma_range range;
	u8 *at = t->seen;

	dma_test_plan_dev_scramble(t);
	phyr_dma_for_each_range(&t->dma, range) {
		KUNIT_ASSERT_EQ(t->test, 0,
				phyr_test_dev_write(t->dev, range.addr, at,
						    range.len));
		at += range.len;
	}
}

/* What the device saw in the list is what should be there. */
void dma_test_check_seen(struct dma_test *t)
{
	u8 *at = t->seen;

	for (size_t i = 0; i < t->model->nr; i++) {
		const struct phyr_range *r = &t->model->ranges[i];

		KUNIT_ASSERT_TRUE_MSG(t->test,
				      !memcmp(t->image + in_pool(t, r), at,
					      r->len),
				      "range %zu reads wrong", i);
		at += r->len;
	}
}

/* The device reads from all of the list what should be there. */
void dma_test_check_dev(struct dma_test *t)
{
	struct dma_range range;
	u8 *at = t->seen;

	phyr_dma_for_each_range(&t->dma, range) {
		KUNIT_ASSERT_EQ(t->test, 0,
				phyr_test_dev_read(t->dev, range.addr, at,
						   range.len));
		at += range.len;
	}
	dma_test_check_seen(t);
}

/* All of the memory is as it should be, what isn't listed included. */
void dma_test_check_cpu(struct dma_test *t)
{
	for (size_t i = 0; i < DMA_TEST_PAGES; i++)
		KUNIT_ASSERT_TRUE_MSG(t->test,
				      !memcmp(t->pool->addr + i * PAGE_SIZE,
					      t->image + i * PAGE_SIZE,
					      PAGE_SIZE),
				      "page %zu is wrong", i);
}

/* --- what a mapping is like --- */

/* All addresses can be computed, or there are none. */
bool dma_test_stores_nothing(const struct dma_test *t)
{
	const struct phyr_dma_part *part = &t->dma.first;

	return !t->dma.parts && !part->nr && !part->marks;
}

/* All that is stored is in the mapping itself. */
bool dma_test_has_no_memory(const struct dma_test *t)
{
	const struct phyr_dma_part *part = &t->dma.first;

	return !t->dma.parts && !part->array && (part->nr || !part->marks);
}

void dma_test_check_ranges(struct dma_test *t)
{
	struct dma_range range;
	u64 bytes = 0, nr = 0;

	KUNIT_ASSERT_TRUE(t->test, phyr_dma_mapped(&t->dma));
	phyr_dma_for_each_range(&t->dma, range) {
		KUNIT_ASSERT_GT(t->test, range.len, 0);
		bytes += range.len;
		nr++;
	}
	KUNIT_ASSERT_EQ(t->test, bytes, t->model->bytes);
	KUNIT_ASSERT_EQ(t->test, nr, phyr_dma_nr_ranges(&t->dma));
	phyr_model_check(t->test, t->model, &t->list);
}

/* Nothing is left of a mapping, and the list is as it was. */
void dma_test_check_unmapped(struct dma_test *t)
{
	struct phyr_test_iommu_state *iommu = phyr_test_iommu_state(t->dev);
	struct dma_range range;

	KUNIT_ASSERT_FALSE(t->test, phyr_dma_mapped(&t->dma));
	KUNIT_ASSERT_EQ(t->test, 0, phyr_dma_nr_ranges(&t->dma));
	phyr_dma_for_each_range(&t->dma, range)
		KUNIT_FAIL_AND_ABORT(t->test, "a range without a mapping");
	if (iommu)
		KUNIT_ASSERT_EQ(t->test, 0, iommu->mapped);
	KUNIT_ASSERT_EQ(t->test, 0, phyr_test_ops_state()->live);
	KUNIT_ASSERT_EQ(t->test, t->slots, used_slots(t->dev));
	KUNIT_ASSERT_TRUE(t->test, dma_test_stores_nothing(t));
	if (!t->dma.size)
		KUNIT_ASSERT_NULL(t->test, memchr_inv(&t->dma, 0, sizeof(t->dma)));
	phyr_model_check(t->test, t->model, &t->list);
}
