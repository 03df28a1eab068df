// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit test of drivers that use scatterlists, and of the same drivers converted: for
 * each device, both write the same descriptors and move the same bytes.
 */

#include <linux/dmaengine.h>
#include <linux/memblock.h>
#include <linux/phyr_table.h>
#include <linux/scatterlist.h>
#include <linux/vmalloc.h>

#include "idiom.h"
#include "phyr_dma_test.h"

#define VMALLOC_PAGES	6
#define FIRST_OFFSET	123

#define MAX_IDIOMS	64

#define IDIOM_ENTRY(name) \
	extern const struct idiom idiom_written_##name, idiom_converted_##name
#include "list.h"
#undef IDIOM_ENTRY

/**
 * struct idiom_case - A driver for a device
 * @name: The driver's.
 * @versions: As written, and converted.
 * @way: How the device reaches memory.
 */
struct idiom_case {
	const char		*name;
	const struct idiom	*versions[2];
	enum phyr_test_way	way;
};

static struct idiom_case idioms[MAX_IDIOMS];
static unsigned int nr_idioms;

static void add(const char *name, const struct idiom *written,
		const struct idiom *converted)
{
	if (WARN_ON(nr_idioms == MAX_IDIOMS))
		return;
	idioms[nr_idioms++] = (struct idiom_case){
		.name = name,
		.versions = { written, converted },
	};
}

#define IDIOM_ENTRY(name) \
	add(#name, &idiom_written_##name, &idiom_converted_##name)

static int idioms_suite_init(struct kunit_suite *suite)
{
	nr_idioms = 0;
#include "list.h"
	return phyr_test_devices_add(suite);
}

/**
 * struct idiom_test - What a version of a driver runs in, and what it did
 * @test: The test.
 * @t: Memory, and the device.
 * @idiom: The driver.
 * @env: What it is given.
 * @device: The DMA controller.
 * @chan: Its channel.
 * @seen: Bytes that the device reads, or writes.
 * @bytes: The length of all descriptors.
 * @ranges: How many they are, where neighbours count as one.
 * @done: Whether the device's work was done.
 */
struct idiom_test {
	struct kunit		*test;
	struct dma_test		*t;
	const struct idiom	*idiom;
	struct idiom_env	env;
	struct dma_device	device;
	struct dma_chan		chan;
	u8			*seen;
	u64			bytes;
	unsigned int		ranges;
	bool			done;
};

/* The DMA controller takes what there is, and does nothing with it. */
static struct dma_async_tx_descriptor *
prep_slave_sg(struct dma_chan *chan, struct scatterlist *sgl, unsigned int len,
	      enum dma_transfer_direction dir, unsigned long flags, void *context)
{
	static struct dma_async_tx_descriptor desc;
	struct idiom_env *env = chan->private;
	struct scatterlist *sg;
	unsigned int i;

	for_each_sg(sgl, sg, len, i)
		idiom_desc(env, sg_dma_address(sg), sg_dma_len(sg));
	return &desc;
}

/* That of every other device takes what isn't a scatterlist, too. */
static struct dma_async_tx_descriptor *
prep_vecs(struct dma_chan *chan, const struct dma_vec *vecs, size_t nents,
	  enum dma_transfer_direction dir, unsigned long flags)
{
	static struct dma_async_tx_descriptor desc;

	for (size_t i = 0; i < nents; i++)
		idiom_desc(chan->private, vecs[i].addr, vecs[i].len);
	return &desc;
}

/* Runs of pages that are neighbours, last ones first. */
static void set_pages(struct idiom_test *it)
{
	struct page *page = virt_to_page(it->t->pool->addr);

	it->env.nr_pages = IDIOM_PAGES;
	for (unsigned int i = 0; i < IDIOM_PAGES; i++)
		it->env.pages[i] = page + (IDIOM_PAGES - 1 - i) / 3 * 5 + i % 3;
	it->env.size = IDIOM_PAGES * PAGE_SIZE;
	if (it->idiom->buffer == IDIOM_BUFFER_PAGES) {
		it->env.offset = FIRST_OFFSET;
		it->env.size -= 500;
	}
}

static void free_vmalloc(void *addr)
{
	vfree(addr);
}

/* Both versions have the same, so that it is as scattered for both. */
static void set_vmalloc(struct idiom_test *it, struct idiom_test *other)
{
	it->env.size = VMALLOC_PAGES * PAGE_SIZE;
	it->env.vmalloc = other ? other->env.vmalloc : vmalloc(it->env.size);
	KUNIT_ASSERT_NOT_NULL(it->test, it->env.vmalloc);
	if (!other)
		KUNIT_ASSERT_EQ(it->test, 0,
				kunit_add_action_or_reset(it->test, free_vmalloc,
							  it->env.vmalloc));
	prandom_bytes_state(&it->t->rnd, it->env.vmalloc, it->env.size);
}

static void set_buffer(struct idiom_test *it, struct idiom_test *other)
{
	struct idiom_env *env = &it->env;

	switch (it->idiom->buffer) {
	case IDIOM_BUFFER_PAGES:
	case IDIOM_BUFFER_WHOLE_PAGES:
		set_pages(it);
		return;
	case IDIOM_BUFFER_LINEAR:
		env->size = PAGE_SIZE - FIRST_OFFSET;
		env->linear = it->t->pool->addr + 7 * PAGE_SIZE + FIRST_OFFSET;
		return;
	case IDIOM_BUFFER_VMALLOC:
	case IDIOM_BUFFER_OWN:
		set_vmalloc(it, other);
		return;
	}
}

/* The next piece of what the driver mapped, as the CPU sees it; NULL at its end. */
static u8 *cpu_piece(struct idiom_test *it, size_t pos, size_t *len)
{
	struct idiom_env *env = &it->env;

	if (it->idiom->buffer == IDIOM_BUFFER_OWN) {
		for (unsigned int i = 0; i < env->nr_own; i++) {
			*len = env->own_len[i] - pos;
			if (pos < env->own_len[i])
				return env->own[i] + pos;
			pos -= env->own_len[i];
		}
		return NULL;
	}
	if (pos >= env->size)
		return NULL;
	*len = env->size - pos;
	if (env->linear)
		return env->linear + pos;
	if (env->vmalloc)
		return env->vmalloc + pos;
	pos += env->offset;
	*len = min(*len, PAGE_SIZE - offset_in_page(pos));
	return page_address(env->pages[pos >> PAGE_SHIFT]) + offset_in_page(pos);
}

/* Is what the CPU sees what the device saw? */
static void check_cpu(struct idiom_test *it)
{
	size_t pos = 0, len;
	u8 *piece;

	while ((piece = cpu_piece(it, pos, &len))) {
		KUNIT_ASSERT_LE(it->test, pos + len, it->bytes);
		KUNIT_ASSERT_TRUE_MSG(it->test, !memcmp(piece, it->seen + pos, len),
				      "wrong from byte %zu on", pos);
		pos += len;
	}
	KUNIT_EXPECT_EQ(it->test, pos, it->bytes);
}

static void check_descs(struct idiom_test *it)
{
	struct idiom_env *env = &it->env;
	u64 end = 0;

	it->bytes = 0;
	it->ranges = 0;
	for (unsigned int i = 0; i < env->nr_descs; i++) {
		const struct idiom_desc *desc = &env->descs[i];

		KUNIT_ASSERT_NE(it->test, desc->len, 0);
		it->ranges += !i || desc->addr != end;
		it->bytes += desc->len;
		end = desc->addr + desc->len;
	}
	KUNIT_ASSERT_LE(it->test, it->bytes, DMA_TEST_PAGES * PAGE_SIZE);
}

/* The device reads what is there, and writes other bytes. */
static void device_works(struct idiom_env *env)
{
	struct idiom_test *it = container_of(env, struct idiom_test, env);
	u8 *at = it->seen;

	check_descs(it);
	for (unsigned int i = 0; i < env->nr_descs; i++) {
		KUNIT_ASSERT_EQ(it->test, 0,
				phyr_test_dev_read(env->dev, env->descs[i].addr,
						   at, env->descs[i].len));
		at += env->descs[i].len;
	}
	check_cpu(it);

	prandom_bytes_state(&it->t->rnd, it->seen, it->bytes);
	at = it->seen;
	for (unsigned int i = 0; i < env->nr_descs; i++) {
		KUNIT_ASSERT_EQ(it->test, 0,
				phyr_test_dev_write(env->dev, env->descs[i].addr,
						    at, env->descs[i].len));
		at += env->descs[i].len;
	}
	it->done = true;
}

static void run(struct idiom_test *it)
{
	if (it->idiom->whole) {
		KUNIT_ASSERT_EQ(it->test, 0,
				it->idiom->whole(&it->env, device_works));
	} else {
		KUNIT_ASSERT_EQ(it->test, 0, it->idiom->start(&it->env));
		device_works(&it->env);
		if (it->idiom->for_cpu) {
			it->idiom->for_cpu(&it->env);
			check_cpu(it);
		}
		it->idiom->stop(&it->env);
	}
	KUNIT_ASSERT_TRUE(it->test, it->done);
	check_cpu(it);
}

static struct idiom_test *idiom_test_new(struct kunit *test, unsigned int version,
					 struct idiom_test *other)
{
	struct idiom_test *it = kunit_kzalloc(test, sizeof(*it), GFP_KERNEL);
	const struct idiom_case *c = test->param_value;

	KUNIT_ASSERT_NOT_NULL(test, it);
	it->test = test;
	it->t = test->priv;
	it->idiom = c->versions[version];
	it->seen = it->t->seen;
	it->env.dev = it->t->dev;
	it->env.chan = &it->chan;
	it->chan.device = &it->device;
	it->chan.private = &it->env;
	it->device.dev = it->t->dev;
	it->device.device_prep_slave_sg = prep_slave_sg;
	if (c->way & 1)
		it->device.device_prep_peripheral_dma_vec = prep_vecs;
	set_buffer(it, other);
	return it;
}

/* Bounce buffers are neighbours by accident only. */
static bool addresses_count(enum phyr_test_way way)
{
	return way != PHYR_TEST_BOUNCE && way != PHYR_TEST_UNTRUSTED;
}

/* The range that starts with a descriptor and has its neighbours; what comes after. */
static unsigned int merge(const struct idiom_env *env, unsigned int i,
			  struct idiom_desc *range)
{
	*range = env->descs[i++];
	while (i < env->nr_descs && env->descs[i].addr == range->addr + range->len)
		range->len += env->descs[i++].len;
	return i;
}

static void same_ranges(struct kunit *test, const struct idiom_env *a,
			const struct idiom_env *b)
{
	struct idiom_desc x, y;
	unsigned int i = 0, j = 0;

	while (i < a->nr_descs && j < b->nr_descs) {
		i = merge(a, i, &x);
		j = merge(b, j, &y);
		KUNIT_EXPECT_EQ(test, x.addr, y.addr);
		KUNIT_EXPECT_EQ(test, x.len, y.len);
	}
	KUNIT_EXPECT_EQ(test, i, a->nr_descs);
	KUNIT_EXPECT_EQ(test, j, b->nr_descs);
}

/* Neighbours may have become one, so there are at most as many ranges. */
static void at_most(struct kunit *test, const struct idiom_test *converted,
		    const struct idiom_test *written)
{
	if (addresses_count(written->t->way))
		KUNIT_EXPECT_LE(test, converted->ranges, written->ranges);
	KUNIT_EXPECT_LE(test, converted->env.nr_descs, written->env.nr_descs);
}

/* Pages that an idiom allocates are others each time, and may be neighbours or not. */
static void same(struct kunit *test)
{
	struct idiom_test *written = idiom_test_new(test, 0, NULL);
	struct idiom_test *converted = idiom_test_new(test, 1, written);
	enum phyr_test_way way = written->t->way;

	run(written);
	run(converted);
	KUNIT_EXPECT_EQ(test, written->bytes, converted->bytes);
	if (written->idiom->buffer == IDIOM_BUFFER_OWN)
		return;
	if (!written->idiom->apart)
		at_most(test, converted, written);
	if (way <= PHYR_TEST_OFFSET)
		same_ranges(test, &written->env, &converted->env);
}

/* What a driver holds in place of what, in bytes: a list and its mapping for a device. */
struct held {
	unsigned int	nr;
	unsigned int	most;	/* tenths of the scatterlist's */
};

/* Up to 256 ranges are an array, which is packed only in longer lists. */
static const struct held held[] = {
	{ 1, 34 }, { 4, 18 }, { 8, 12 }, { 64, 3 }, { 1024, 2 },
};

/* Pages of which no two are neighbours, anywhere in memory; none is touched. */
static struct page **scattered(struct kunit *test, unsigned int nr)
{
	struct page **pages = kunit_kmalloc_array(test, nr, sizeof(*pages),
						  GFP_KERNEL);
	struct dma_test *t = test->priv;
	unsigned long pfn, last = 0;

	KUNIT_ASSERT_NOT_NULL(test, pages);
	for (unsigned int i = 0; i < nr; last = pfn) {
		pfn = prandom_u32_state(&t->rnd) % max_low_pfn;
		if (!pfn_valid(pfn) || pfn == last + 1)
			continue;
		pages[i++] = pfn_to_page(pfn);
	}
	return pages;
}

/* Entries are allocated by the page, the last of which points to the next such page. */
static size_t sg_bytes(const struct sg_table *sgt)
{
	size_t bytes = sizeof(*sgt);
	unsigned int nr = sgt->orig_nents;

	for (; nr > SG_MAX_SINGLE_ALLOC; nr -= SG_MAX_SINGLE_ALLOC - 1)
		bytes += SG_MAX_SINGLE_ALLOC * sizeof(struct scatterlist);
	return bytes + kmalloc_size_roundup(nr * sizeof(struct scatterlist));
}

static size_t held_by_sg(struct kunit *test, struct page **pages,
			 unsigned int nr)
{
	struct dma_test *t = test->priv;
	struct sg_table sgt;
	size_t bytes;

	KUNIT_ASSERT_EQ(test, 0,
			sg_alloc_table_from_pages(&sgt, pages, nr, 0,
						  nr * PAGE_SIZE, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, 0,
			dma_map_sgtable(t->dev, &sgt, DMA_BIDIRECTIONAL,
					DMA_ATTR_SKIP_CPU_SYNC));
	bytes = sg_bytes(&sgt);
	dma_unmap_sgtable(t->dev, &sgt, DMA_BIDIRECTIONAL,
			  DMA_ATTR_SKIP_CPU_SYNC);
	sg_free_table(&sgt);
	return bytes;
}

/* For this device, addresses are computed. */
static size_t held_by_table(struct kunit *test, struct page **pages,
			    unsigned int nr)
{
	struct dma_test *t = test->priv;
	struct phyr_table table;
	size_t bytes;

	KUNIT_ASSERT_EQ(test, 0,
			phyr_table_from_pages(&table, pages, nr, 0,
					      nr * PAGE_SIZE, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, 0,
			phyr_table_map(t->dev, &table, DMA_BIDIRECTIONAL,
				       DMA_ATTR_SKIP_CPU_SYNC));
	KUNIT_EXPECT_EQ(test, nr, phyr_nr_ranges(&table.list));
	KUNIT_EXPECT_NULL(test, table.dma.parts);
	KUNIT_EXPECT_EQ(test, 0, table.dma.first.nr);
	bytes = sizeof(table) + phyr_memory_used(&table.list);
	phyr_table_unmap(&table);
	phyr_table_destroy(&table);
	return bytes;
}

static void held_bytes(struct kunit *test)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(held); i++) {
		unsigned int nr = held[i].nr;
		struct page **pages = scattered(test, nr);
		size_t ours = held_by_table(test, pages, nr);
		size_t theirs = held_by_sg(test, pages, nr);

		/* Read by conversion/conversion. */
		kunit_info(test, "bytes/%u %zu of %zu", nr, ours,
			   theirs);
		KUNIT_EXPECT_LE(test, ours * 10, theirs * held[i].most);
	}
}

static const void *next_case(struct kunit *test, const void *prev, char *desc)
{
	static struct idiom_case all[PHYR_TEST_NR_WAYS * MAX_IDIOMS];
	const struct idiom_case *last = prev;

	for (size_t i = last ? last - all + 1 : 0; i < nr_idioms * PHYR_TEST_NR_WAYS; i++) {
		enum phyr_test_way way = i / nr_idioms;

		/* The operations of one are none for scatterlists. */
		if (!phyr_test_device(way) || way == PHYR_TEST_OPS)
			continue;
		all[i] = idioms[i % nr_idioms];
		all[i].way = way;
		snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s: %s",
			 phyr_test_way_name(way), all[i].name);
		return &all[i];
	}
	return NULL;
}

static int idiom_init(struct kunit *test)
{
	const struct idiom_case *c = test->param_value;

	dma_test_new(test, c ? c->way : PHYR_TEST_IDENTITY);
	return 0;
}

static struct kunit_case phyr_idioms_cases[] = {
	KUNIT_CASE_PARAM(same, next_case),
	KUNIT_CASE(held_bytes),
	{ }
};

static struct kunit_suite phyr_idioms_suite = {
	.name		= "phyr_idioms",
	.suite_init	= idioms_suite_init,
	.suite_exit	= phyr_test_devices_del,
	.init		= idiom_init,
	.exit		= dma_test_exit,
	.test_cases	= phyr_idioms_cases,
};

kunit_test_suite(phyr_idioms_suite);
