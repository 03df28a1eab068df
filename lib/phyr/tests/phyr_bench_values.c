// SPDX-License-Identifier: GPL-2.0-only
/*
 * What there is to know of physical-range lists besides how they compare over
 * time: what they allocate, how well the IOMMU maps them, and a terabyte.
 */

#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/prandom.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/vmstat.h>

#include "phyr_bench.h"
#include "test_devices.h"
#include "test_iommu.h"

/* Entries of a long list, as in time against length. */
#define BENCH_LONG	SZ_4M

static u64 call(const struct bench_peer *peer, enum bench_fn fn,
		struct bench_list *l)
{
	return peer->fns[fn](l);
}

/* One sample, of @nr units. */
static void print_value(const char *name, const char *who, const char *unit,
			u64 nr, u64 value)
{
	pr_info("phyr_bench: %s %s %s %llu %llu\n", name, who, unit, nr, value);
}

/* Let a scatterlist have one segment, however long, as a phyr has. */
int bench_devices_add(struct kunit_suite *suite)
{
	int ret = phyr_test_devices_add(suite);

	for (int way = 0; way < PHYR_TEST_NR_WAYS && !ret; way++) {
		struct device *dev = phyr_test_device(way);

		if (dev)
			dma_set_max_seg_size(dev, UINT_MAX);
	}
	if (!ret)
		phyr_test_iommu_dont_count(phyr_test_device(PHYR_TEST_IOMMU));
	return ret;
}

/* --- pages of the IOMMU --- */

static u64 phyr_leaves(struct bench_list *l)
{
	struct dma_range range;
	u64 nr = 0;

	phyr_dma_for_each_range(&l->dma, range)
		nr += phyr_test_iommu_leaves(l->dev, range.addr, range.len);
	return nr;
}

static u64 sg_leaves(struct bench_list *l)
{
	struct scatterlist *sg;
	unsigned int i;
	u64 nr = 0;

	for_each_sgtable_dma_sg(&l->sg.sgt, sg, i)
		nr += phyr_test_iommu_leaves(l->dev, sg_dma_address(sg),
					     sg_dma_len(sg));
	return nr;
}

static void count_leaves(struct kunit *test, const struct bench_input *in,
			 const struct bench_peer *peer,
			 u64 (*count)(struct bench_list *l))
{
	struct bench_list l = {
		.in = in,
		.dev = phyr_test_device(PHYR_TEST_IOMMU),
	};

	KUNIT_ASSERT_EQ(test, call(peer, BENCH_BUILD, &l), SZ_1G);
	KUNIT_ASSERT_EQ(test, call(peer, BENCH_MAP, &l), SZ_1G);
	print_value("iommu_leaves/offset-huge-1g", peer->name, "leaves", 1,
		    count(&l));
	call(peer, BENCH_UNMAP, &l);
	call(peer, BENCH_FREE, &l);
}

/* For huge pages that aren't entered where they start. */
static void iommu_leaves(struct kunit *test)
{
	struct bench_input *in = bench_huge_offset(test, "offset-huge-1g");

	count_leaves(test, in, &bench_peers[BENCH_PHYR], phyr_leaves);
	count_leaves(test, in, &bench_peers[BENCH_SG_TABLE], sg_leaves);
}

/* --- allocations --- */

/* Is what counts allocations able to? */
static void check_counting(struct kunit *test)
{
	struct bench_allocs allocs;

	KUNIT_ASSERT_EQ(test, bench_allocs_start(&allocs), 0);
	kfree(kmalloc(100, GFP_KERNEL));
	__free_page(alloc_page(GFP_KERNEL));
	bench_allocs_stop(&allocs);
	KUNIT_EXPECT_GE(test, allocs.nr, 2);
	KUNIT_EXPECT_GE(test, allocs.bytes, 100 + PAGE_SIZE);
}

/*
 * To list and to map one range.  It was done before with the same device, so
 * that what the IOMMU's code keeps for the next mapping is there.
 */
static u64 count_allocs(struct kunit *test, const struct bench_input *in,
			const struct bench_peer *peer, struct device *dev)
{
	struct bench_list l = { .in = in, .dev = dev };
	struct bench_allocs allocs;

	for (unsigned int i = 0; i < 2; i++) {
		KUNIT_ASSERT_EQ(test, bench_allocs_start(&allocs), 0);
		KUNIT_EXPECT_EQ(test, call(peer, BENCH_BUILD, &l), in->bytes);
		KUNIT_EXPECT_EQ(test, call(peer, BENCH_MAP, &l), in->bytes);
		bench_allocs_stop(&allocs);
		call(peer, BENCH_UNMAP, &l);
		call(peer, BENCH_FREE, &l);
	}
	return allocs.nr;
}

/* The device with operations of its own has none for scatterlists. */
static void allocs(struct kunit *test)
{
	static const struct {
		const char		*name;
		enum phyr_test_way	way;
		unsigned int		peer;
	} rows[] = {
		{ "one-range", PHYR_TEST_IDENTITY, BENCH_PHYR },
		{ "one-range", PHYR_TEST_IDENTITY, BENCH_SG_TABLE },
		{ "one-range-ops", PHYR_TEST_OPS, BENCH_PHYR },
		{ "one-range-iova", PHYR_TEST_IOMMU, BENCH_PHYR },
		{ "one-range-iova", PHYR_TEST_IOMMU, BENCH_SG_TABLE },
	};
	struct bench_input *in = bench_shuffled(test, "", BENCH_PFN, 1);

	check_counting(test);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct bench_peer *peer = &bench_peers[rows[i].peer];
		struct device *dev = phyr_test_device(rows[i].way);

		pr_info("phyr_bench: allocations/%s %s allocations 1 %llu\n",
			rows[i].name, peer->name,
			count_allocs(test, in, peer, dev));
	}
}

static void identity_stores_nothing(struct kunit *test)
{
	struct bench_list l = {
		.in = bench_shuffled(test, "2^22", BENCH_PFN, BENCH_LONG),
		.dev = phyr_test_device(PHYR_TEST_IDENTITY),
	};
	const struct bench_peer *phyr = &bench_peers[BENCH_PHYR];
	struct bench_allocs allocs;

	KUNIT_ASSERT_EQ(test, call(phyr, BENCH_BUILD, &l), l.in->bytes);
	KUNIT_ASSERT_EQ(test, bench_allocs_start(&allocs), 0);
	KUNIT_EXPECT_EQ(test, call(phyr, BENCH_MAP, &l), l.in->bytes);
	bench_allocs_stop(&allocs);
	KUNIT_EXPECT_STREQ(test, phyr_dma_mode_name(&l.dma), "identity");
	print_value("bytes/phyr_dma", "phyr", "bytes", 1, sizeof(struct phyr_dma));
	print_value("map_identity/bytes_stored", phyr->name, "bytes", 1,
		    allocs.bytes);
	call(phyr, BENCH_UNMAP, &l);
	call(phyr, BENCH_FREE, &l);
}

/* What only seeking needs, and the list could do without: where chunks start. */
static u64 seek_bytes(const struct phyr *phyr)
{
	return phyr->index->max * sizeof_field(struct phyr_chunk, start);
}

static void seek_overhead(struct kunit *test)
{
	struct bench_list l = {
		.in = bench_shuffled(test, "2^22", BENCH_PFN, BENCH_LONG),
	};
	const struct bench_peer *phyr = &bench_peers[BENCH_PHYR];
	u64 bytes;

	KUNIT_ASSERT_EQ(test, call(phyr, BENCH_BUILD, &l), l.in->bytes);
	bytes = phyr->bytes(&l);
	print_value("seek/overhead", phyr->name, "share", bytes,
		    seek_bytes(&l.phyr));
	call(phyr, BENCH_FREE, &l);
}

/* Page after page, with one state: what positions that come in order cost. */
static void seek_sequential(struct kunit *test)
{
	struct bench_list l = {
		.in = bench_shuffled(test, "2^22", BENCH_PFN, BENCH_LONG),
	};
	const struct bench_peer *phyr = &bench_peers[BENCH_PHYR];
	u64 start, sum = 0;

	KUNIT_ASSERT_EQ(test, call(phyr, BENCH_BUILD, &l), l.in->bytes);
	for (unsigned int round = 0; round < 5; round++) {
		PHYR_STATE(ps, &l.phyr);

		start = ktime_get_ns();
		for (u64 pos = 0; !phyrs_seek(&ps, pos); pos += PAGE_SIZE)
			sum += ps.range.phys;
		start = ktime_get_ns() - start;
	}
	print_value("seek/sequential", phyr->name, "ns/call", l.in->nr, start);
	KUNIT_EXPECT_NE(test, sum, 0);
	call(phyr, BENCH_FREE, &l);
}

/* --- seeking in lists that were joined --- */

#define JOINED_LISTS	1000
#define JOINED_RANGES	1000
#define JOINED_ROUNDS	16

/* Rounds of one and the other, as others may have the processor meanwhile. */
struct joined {
	struct bench_list	lists[2];
	u64			ns[2][JOINED_ROUNDS];
	u64			positions[BENCH_CALLS];
};

/* What is in the one is appended to the other, a part at a time. */
static int join_parts(struct phyr *joined, const struct phyr *from)
{
	const u64 len = JOINED_RANGES * PAGE_SIZE;
	int ret = 0;

	for (u64 pos = 0; pos < phyr_bytes(from) && !ret; pos += len) {
		struct phyr part = PHYR_INIT;

		ret = phyr_append_slice(&part, from, pos, len, GFP_KERNEL);
		ret = ret ?: phyr_join(joined, &part, GFP_KERNEL);
		phyr_destroy(&part);
	}
	return ret;
}

static void seek_round(struct kunit *test, struct joined *j, unsigned int round)
{
	u64 sums[2];

	for (int i = 0; i < 2; i++) {
		u64 start = ktime_get_ns();

		sums[i] = call(&bench_peers[BENCH_PHYR], BENCH_SEEK,
			       &j->lists[i]);
		j->ns[i][round] = ktime_get_ns() - start;
	}
	KUNIT_EXPECT_EQ(test, sums[0], sums[1]);
}

static void print_joined(const struct joined *j)
{
	static const char * const names[] = { "one-list", "phyr" };

	for (int i = 0; i < 2; i++) {
		char line[JOINED_ROUNDS * 21 + 1];
		size_t len = 0;

		for (int k = 0; k < JOINED_ROUNDS; k++)
			len += scnprintf(line + len, sizeof(line) - len,
					 " %llu", j->ns[i][k]);
		pr_info("phyr_bench: seek/joined %s ns/call %u%s\n", names[i],
			BENCH_CALLS, line);
	}
}

/* To random positions, in many short lists joined to one and in one. */
static void seek_joined(struct kunit *test)
{
	const u32 nr = JOINED_LISTS * JOINED_RANGES;
	struct bench_input *in = bench_shuffled(test, "joined", BENCH_PFN, nr);
	struct joined *j = kunit_kzalloc(test, sizeof(*j), GFP_KERNEL);
	struct rnd_state rnd;

	KUNIT_ASSERT_NOT_NULL(test, j);
	prandom_seed_state(&rnd, 1);
	for (int i = 0; i < BENCH_CALLS; i++)
		j->positions[i] = prandom_u32_state(&rnd) % nr * (u64)PAGE_SIZE;
	for (int i = 0; i < 2; i++) {
		j->lists[i].in = in;
		j->lists[i].positions = j->positions;
		j->lists[i].calls = BENCH_CALLS;
	}

	KUNIT_EXPECT_EQ(test, in->bytes, call(&bench_peers[BENCH_PHYR],
					      BENCH_BUILD, &j->lists[0]));
	KUNIT_EXPECT_EQ(test, 0, join_parts(&j->lists[1].phyr,
					    &j->lists[0].phyr));
	KUNIT_EXPECT_EQ(test, in->bytes, phyr_bytes(&j->lists[1].phyr));
	for (int i = 0; i < JOINED_ROUNDS; i++)
		seek_round(test, j, i);
	print_joined(j);
	for (int i = 0; i < 2; i++)
		call(&bench_peers[BENCH_PHYR], BENCH_FREE, &j->lists[i]);
}

/* --- memory --- */

/* Each length up to the first is printed, and of those to the second the worst. */
#define BYTES_EACH	16
#define BYTES_MAX	600

struct list_bytes {
	size_t	nr;
	u64	phyr;
	u64	sg;
};

static u64 measure_bytes(struct kunit *test, const struct bench_input *in,
			 const struct bench_peer *peer)
{
	struct bench_list l = { .in = in };
	u64 bytes;

	KUNIT_EXPECT_EQ(test, call(peer, BENCH_BUILD, &l), in->bytes);
	bytes = peer->bytes(&l);
	call(peer, BENCH_FREE, &l);
	return bytes;
}

static void print_bytes(const struct bench_input *in, const struct list_bytes *b)
{
	char name[48];

	if (b->nr == 1)
		snprintf(name, sizeof(name), "bytes/%sone-range", in->name);
	else
		snprintf(name, sizeof(name), "bytes/%s%zu-ranges", in->name,
			 b->nr);
	print_value(name, "phyr", "bytes", 1, b->phyr);
	print_value(name, "sg_table", "bytes", 1, b->sg);
}

static void bytes_of(struct kunit *test, const struct bench_input *in)
{
	struct list_bytes worst = { .sg = 1 };

	for (size_t nr = 1; nr <= BYTES_MAX; nr++) {
		const struct bench_input first = bench_first(in, nr);
		struct list_bytes b = { .nr = nr };

		b.phyr = measure_bytes(test, &first, &bench_peers[BENCH_PHYR]);
		b.sg = measure_bytes(test, &first,
				     &bench_peers[BENCH_SG_TABLE]);
		if (nr <= BYTES_EACH)
			print_bytes(in, &b);
		else if (b.phyr * worst.sg > worst.phyr * b.sg)
			worst = b;
	}
	print_bytes(in, &worst);
}

/* Of short lists, all of which count, with what is around their entries. */
static void bytes(struct kunit *test)
{
	struct bench_input *in = bench_shuffled(test, "", BENCH_PFN, SZ_256K);

	bytes_of(test, in);
	in = bench_ranges_like(test, "thp", BYTES_MAX);
	strscpy(in->name, "thp-");
	bytes_of(test, in);
	in = bench_odd(test, "odd-");
	bytes_of(test, in);
}

/* --- a terabyte --- */

#define TERA_PAGES_LOG2	28
#define TERA_PAGES	BIT(TERA_PAGES_LOG2)

/* Memory for the list and some more. */
#define TERA_MEMORY	(SZ_1G + SZ_512M)

/* One to one, so that no page comes twice, with neighbours far apart. */
static unsigned long tera_pfn(u32 i)
{
	i = i * 0x9e3779b1 & (TERA_PAGES - 1);
	i ^= i >> (TERA_PAGES_LOG2 / 2);
	i = i * 0x85ebca6b & (TERA_PAGES - 1);
	return BENCH_PFN + i;
}

static u64 tera_build(struct kunit *test, struct phyr *phyr)
{
	struct page **pages = kunit_kmalloc_array(test, BENCH_BATCH,
						  sizeof(*pages), GFP_KERNEL);
	u64 ns = 0, start;
	int ret = 0;

	KUNIT_ASSERT_NOT_NULL(test, pages);
	for (u32 i = 0; i < TERA_PAGES && !ret; i += BENCH_BATCH) {
		for (u32 j = 0; j < BENCH_BATCH; j++)
			pages[j] = pfn_to_page(tera_pfn(i + j));
		start = ktime_get_ns();
		ret = phyr_append_pages(phyr, pages, BENCH_BATCH, 0,
					BENCH_BATCH * PAGE_SIZE, GFP_KERNEL);
		ns += ktime_get_ns() - start;
		cond_resched();
	}
	KUNIT_EXPECT_EQ(test, ret, 0);
	return ns;
}

static void tera_walk(struct kunit *test, struct bench_list *l)
{
	u64 start = ktime_get_ns(), bytes;

	bytes = call(&bench_peers[BENCH_PHYR], BENCH_WALK_BATCH, l);
	print_value("walk_batch/1t", "phyr", "ns/entry",
		    phyr_nr_ranges(&l->phyr), ktime_get_ns() - start);
	KUNIT_EXPECT_EQ(test, bytes, SZ_1T);
}

static void tera_seek(struct kunit *test, struct bench_list *l)
{
	u64 *positions = kunit_kmalloc_array(test, BENCH_CALLS,
					     sizeof(*positions), GFP_KERNEL);
	u64 start, sum = 0, expected = 0;
	struct rnd_state rnd;

	KUNIT_ASSERT_NOT_NULL(test, positions);
	prandom_seed_state(&rnd, 1);
	for (size_t i = 0; i < BENCH_CALLS; i++) {
		u32 page = prandom_u32_state(&rnd) & (TERA_PAGES - 1);

		positions[i] = ((u64)page << PAGE_SHIFT) + i;
		expected += ((u64)tera_pfn(page) << PAGE_SHIFT) + i;
	}

	l->positions = positions;
	l->calls = BENCH_CALLS;
	start = ktime_get_ns();
	sum = call(&bench_peers[BENCH_PHYR], BENCH_SEEK, l);
	print_value("seek/1t", "phyr", "ns/call", BENCH_CALLS,
		    ktime_get_ns() - start);
	KUNIT_EXPECT_EQ(test, sum, expected);
}

/* What is gone from the free memory: a list can't say less than it takes. */
static void scale_1t(struct kunit *test)
{
	struct bench_list l = { };
	unsigned long before = global_zone_page_state(NR_FREE_PAGES);
	u64 ns, gone;

	if (PFN_PHYS(before) < TERA_MEMORY) {
		pr_info("phyr_bench: skipped scale/1t needs %u MiB of free memory\n",
			TERA_MEMORY / SZ_1M);
		kunit_skip(test, "too little memory");
	}

	ns = tera_build(test, &l.phyr);
	gone = PFN_PHYS(before - global_zone_page_state(NR_FREE_PAGES));
	KUNIT_EXPECT_EQ(test, phyr_bytes(&l.phyr), SZ_1T);
	print_value("scale/1t", "phyr", "GiB", SZ_1G,
		    max(gone, bench_peers[BENCH_PHYR].bytes(&l)));
	print_value("build/1t", "phyr", "ns/page", TERA_PAGES, ns);
	tera_walk(test, &l);
	tera_seek(test, &l);
	call(&bench_peers[BENCH_PHYR], BENCH_FREE, &l);
}

static struct kunit_case values_cases[] = {
	KUNIT_CASE(iommu_leaves),
	KUNIT_CASE(allocs),
	KUNIT_CASE_SLOW(identity_stores_nothing),
	KUNIT_CASE_SLOW(seek_overhead),
	KUNIT_CASE_SLOW(seek_sequential),
	KUNIT_CASE_SLOW(seek_joined),
	KUNIT_CASE_SLOW(bytes),
	KUNIT_CASE_SLOW(scale_1t),
	{ }
};

static struct kunit_suite values_suite = {
	.name = "phyr_bench_values",
	.suite_init = bench_devices_add,
	.suite_exit = phyr_test_devices_del,
	.test_cases = values_cases,
};

kunit_test_suite(values_suite);
