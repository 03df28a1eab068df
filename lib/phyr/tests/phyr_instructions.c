// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts the instructions that physical-range lists and scatterlists take.
 *
 * The time stamp counter has to count instructions, as that of QEMU does with
 * -icount shift=0.  Prints a line for each count, which
 * tools/testing/phyr/bench/instructions makes a table of:
 *
 *	phyr_instructions: build/shuffled-64 sg_table entry 512 5403
 *
 * name, kind of list, unit, how many units, and how many instructions.
 */

#include <kunit/test.h>
#include <linux/dma-mapping.h>
#include <linux/irqflags.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/prandom.h>
#include <linux/string.h>
#include <linux/timex.h>

#include "phyr_bench.h"
#include "test_devices.h"

/* A list of so many pages or ranges or less is built and freed several times. */
#define COUNT_SHORT		SZ_16K
#define COUNT_ROUNDS		8

/* Where a scatterlist has to be walked to reach one, few have to do. */
#define COUNT_SEEKS		64

/* Walking more pages than these says nothing new, and takes a minute. */
#define COUNT_PAGES_MAX		SZ_2M

/* Ranges of which each page is in an array: more would take gigabytes. */
#define COUNT_THP_BY_PAGES	1024

static char *only;
module_param(only, charp, 0);
MODULE_PARM_DESC(only, "What to count, separated by commas, instead of all");

static unsigned int longest = SZ_256K;
module_param(longest, uint, 0);
MODULE_PARM_DESC(longest, "The most ranges in a list");

enum count_unit { PER_ENTRY, PER_PAGE, PER_CALL };

static const char * const unit_names[] = { "entry", "page", "call" };

static const struct {
	const char	*name;
	enum bench_fn	fn;
	enum count_unit	unit;
	enum phyr_test_way way;
	bool		split;	/* memory at two distances from the device */
	bool		noncoherent;
} ops[] = {
	{ "build", BENCH_BUILD, PER_ENTRY },
	{ "walk_state", BENCH_WALK, PER_ENTRY },
	{ "walk_batch", BENCH_WALK_BATCH, PER_ENTRY },
	{ "walk_pages", BENCH_WALK_PAGES, PER_PAGE },
	{ "seek", BENCH_SEEK, PER_CALL },
	{ "map_identity", BENCH_MAP, PER_CALL, PHYR_TEST_IDENTITY },
	{ "unmap_identity", BENCH_UNMAP, PER_CALL, PHYR_TEST_IDENTITY },
	{ "map_iova", BENCH_MAP, PER_ENTRY, PHYR_TEST_IOMMU },
	{ "unmap_iova", BENCH_UNMAP, PER_ENTRY, PHYR_TEST_IOMMU },
	{ "map_pci", BENCH_MAP, PER_ENTRY, PHYR_TEST_PCI },
	{ "unmap_pci", BENCH_UNMAP, PER_ENTRY, PHYR_TEST_PCI },
	{ "map_offset", BENCH_MAP, PER_ENTRY, PHYR_TEST_REGIONS },
	{ "walk_offset", BENCH_WALK_DMA, PER_ENTRY, PHYR_TEST_REGIONS },
	{ "unmap_offset", BENCH_UNMAP, PER_ENTRY, PHYR_TEST_REGIONS },
	{ "map_ranges", BENCH_MAP, PER_ENTRY, PHYR_TEST_REGIONS, true },
	{ "walk_ranges", BENCH_WALK_DMA, PER_ENTRY, PHYR_TEST_REGIONS, true },
	{ "unmap_ranges", BENCH_UNMAP, PER_ENTRY, PHYR_TEST_REGIONS, true },
	{ "map_bounce", BENCH_MAP, PER_ENTRY, PHYR_TEST_BOUNCE },
	{ "walk_bounce", BENCH_WALK_DMA, PER_ENTRY, PHYR_TEST_BOUNCE },
	{ "unmap_bounce", BENCH_UNMAP, PER_ENTRY, PHYR_TEST_BOUNCE },
#ifdef CONFIG_ARCH_HAS_SYNC_DMA_FOR_DEVICE
	{ "map_noncoherent", BENCH_MAP, PER_ENTRY, PHYR_TEST_IDENTITY,
	  .noncoherent = true },
	{ "walk_noncoherent", BENCH_WALK_DMA, PER_ENTRY, PHYR_TEST_IDENTITY,
	  .noncoherent = true },
	{ "unmap_noncoherent", BENCH_UNMAP, PER_ENTRY, PHYR_TEST_IDENTITY,
	  .noncoherent = true },
#endif
	{ "free", BENCH_FREE, PER_ENTRY },
};

#define COUNT_NR_OPS	ARRAY_SIZE(ops)

static const unsigned int lengths[] = {
	1, 2, 4, 8, 16, 64, SZ_1K, SZ_256K,
};

/**
 * struct counts - What was counted of one kind of list
 * @instructions: Of each operation.
 * @results: What each operation found, to compare.
 * @rounds: How many times each was done.
 */
struct counts {
	u64		instructions[COUNT_NR_OPS];
	u64		results[COUNT_NR_OPS];
	unsigned int	rounds;
};

/* --- one call --- */

static u64 do_nothing(struct bench_list *l)
{
	return 0;
}

/* Two instructions for each of @l->calls. */
static u64 do_loop(struct bench_list *l)
{
	unsigned long nr = l->calls;

#ifdef CONFIG_ARM64
	asm volatile("1:	subs	%0, %0, #1\n"
		     "	b.ne	1b" : "+r" (nr) : : "cc");
#else
	asm volatile("1:	dec	%0\n"
		     "	jnz	1b" : "+r" (nr));
#endif
	return 0;
}

/* Nothing else may run meanwhile.  The compiler mustn't know what is called. */
static noinline u64 count_call(u64 (*fn)(struct bench_list *l),
			       struct bench_list *l, u64 *result)
{
	unsigned long flags;
	u64 start, end;

	OPTIMIZER_HIDE_VAR(fn);
	local_irq_save(flags);
	start = get_cycles();
	*result = fn(l);
	end = get_cycles();
	local_irq_restore(flags);
	return end - start;
}

/* All but what it takes to call something and to read the counter. */
static u64 count(u64 (*fn)(struct bench_list *l), struct bench_list *l,
		 u64 *result)
{
	u64 unused;

	return count_call(fn, l, result) - count_call(do_nothing, l, &unused);
}

/* --- all operations on one kind of list --- */

static bool wanted(size_t op)
{
	const char *name = ops[op].name, *found = only;
	size_t len = strlen(name);

	if (!only)
		return true;
	while ((found = strstr(found, name)) &&
	       found[len] && found[len] != ',')
		found += len;
	return found;
}

static u64 pages_of(const struct bench_input *in)
{
	return DIV_ROUND_UP_ULL(in->bytes, PAGE_SIZE);
}

static bool is_mapping(size_t op)
{
	return ops[op].fn == BENCH_MAP || ops[op].fn == BENCH_UNMAP ||
	       ops[op].fn == BENCH_WALK_DMA;
}

/* Only what is real can be copied or flushed, and it is there for nothing else. */
static bool can_map(const struct bench_input *in, size_t op)
{
	bool touched = ops[op].way == PHYR_TEST_BOUNCE || ops[op].noncoherent;

	return touched == !!in->buffer;
}

static bool can_count(const struct bench_peer *peer,
		      const struct bench_input *in, size_t op)
{
	enum bench_fn fn = ops[op].fn;

	if (peer == &bench_peers[BENCH_XARRAY] && fn != BENCH_SEEK)
		return false;
	if (fn == BENCH_WALK_PAGES && pages_of(in) > COUNT_PAGES_MAX)
		return false;
	if (is_mapping(op) && !can_map(in, op))
		return false;
	return peer->fns[fn] && wanted(op);
}

/* What isn't counted has to be done nevertheless, if something else needs it. */
static bool must_do(const struct bench_peer *peer,
		    const struct bench_input *in, size_t op)
{
	if (is_mapping(op) && !can_map(in, op))
		return false;
	switch (ops[op].fn) {
	case BENCH_BUILD:
	case BENCH_FREE:
	case BENCH_MAP:
	case BENCH_UNMAP:
		return peer->fns[ops[op].fn];
	default:
		return can_count(peer, in, op);
	}
}

/*
 * Addresses have to be stored where the device finds some of the memory elsewhere:
 * here what is above half of it.
 */
static phys_addr_t find_split(const struct bench_input *in)
{
	phys_addr_t lowest = PHYS_ADDR_MAX, highest = 0, split;
	struct phys_vec range;

	for (size_t i = 0; i < in->nr;) {
		i = bench_next_range(in, i, &range);
		lowest = min(lowest, range.paddr);
		highest = max(highest, range.paddr);
	}
	split = highest;
	for (size_t i = 0; i < in->nr;) {
		i = bench_next_range(in, i, &range);
		if (range.paddr > lowest + (highest - lowest) / 2)
			split = min(split, range.paddr);
	}
	return split & PAGE_MASK;
}

/* What mapping allocates is no part of what the list does: lists are built for each. */
static void do_ops(const struct bench_peer *peer, struct bench_list *l,
		   struct counts *c, bool mapping)
{
	phys_addr_t split = find_split(l->in);

	for (size_t i = 0; i < COUNT_NR_OPS; i++) {
		u64 instructions;

		if (!must_do(peer, l->in, i) || (is_mapping(i) && !mapping))
			continue;
		if (ops[i].fn == BENCH_MAP)
			phyr_test_split_regions(ops[i].split ? split : SZ_1M);
		l->dev = phyr_test_device(ops[i].way);
		if (is_mapping(i) && !l->dev)
			continue;
		if (ops[i].fn == BENCH_MAP)
			phyr_test_set_coherent(l->dev, !ops[i].noncoherent);
		instructions = count(peer->fns[ops[i].fn], l, &c->results[i]);
		if (is_mapping(i) == mapping)
			c->instructions[i] += instructions;
		cond_resched();
	}
}

static void do_round(const struct bench_peer *peer, struct bench_list *l,
		     struct counts *c)
{
	do_ops(peer, l, c, false);
	do_ops(peer, l, c, true);
	c->rounds++;
}

/* A mapping that fails, such as of more than there is IOVA for, isn't compared. */
static bool was_mapped(const struct counts *c, size_t op)
{
	while (ops[op].fn != BENCH_MAP)
		op--;
	return c->results[op];
}

/* A first round, that isn't counted, has the allocator get its memory. */
static void do_rounds(const struct bench_peer *peer, struct bench_list *l,
		      struct counts *c)
{
	unsigned int rounds = l->in->nr <= COUNT_SHORT ? COUNT_ROUNDS : 1;

	do_round(peer, l, c);
	*c = (struct counts){ };
	while (c->rounds < rounds)
		do_round(peer, l, c);
}

static void print_counts(const struct bench_peer *peer,
			 const struct bench_list *l, const char *length,
			 const struct counts *c)
{
	const u64 units[] = {
		[PER_ENTRY]	= bench_count_ranges(l->in),
		[PER_PAGE]	= pages_of(l->in),
		[PER_CALL]	= l->calls,
	};

	for (size_t i = 0; i < COUNT_NR_OPS; i++) {
		if (can_count(peer, l->in, i) &&
		    (!is_mapping(i) || was_mapped(c, i)))
			pr_info("phyr_instructions: %s/%s-%s %s %s %llu %llu\n",
				ops[i].name, l->in->name, length, peer->name,
				unit_names[ops[i].unit],
				units[ops[i].unit] * c->rounds,
				c->instructions[i]);
	}
}

/* --- all kinds of lists --- */

static void check_results(struct kunit *test, const struct counts *phyr,
			  const struct counts *peer)
{
	for (size_t i = 0; i < COUNT_NR_OPS; i++) {
		if (phyr->results[i] && peer->results[i])
			KUNIT_EXPECT_EQ_MSG(test, phyr->results[i],
					    peer->results[i], "%s",
					    ops[i].name);
	}
}

static void count_peers(struct kunit *test, const struct bench_input *in,
			const u64 *positions, const char *length)
{
	static const unsigned int peers[] = {
		BENCH_PHYR, BENCH_SG_TABLE, BENCH_XARRAY,
	};
	struct counts c[ARRAY_SIZE(peers)] = { };

	for (size_t i = 0; i < ARRAY_SIZE(peers); i++) {
		const struct bench_peer *peer = &bench_peers[peers[i]];
		struct bench_list l = {
			.in = in,
			.positions = positions,
			.calls = COUNT_SEEKS,
		};

		if (peer->only_pages && !in->pages)
			continue;
		do_rounds(peer, &l, &c[i]);
		print_counts(peer, &l, length, &c[i]);
		check_results(test, &c[0], &c[i]);
	}
}

/* The first @nr ranges of @in: long lists are called by their logarithm. */
static void count_length(struct kunit *test, const struct bench_input *in,
			 size_t nr)
{
	const struct bench_input first = bench_first(in, nr);
	u64 positions[COUNT_SEEKS];
	struct rnd_state rnd;
	char length[16];

	prandom_seed_state(&rnd, 1);
	for (size_t i = 0; i < COUNT_SEEKS; i++)
		positions[i] = mul_u64_u32_shr(first.bytes,
					       prandom_u32_state(&rnd), 32);
	if (nr < SZ_1K)
		snprintf(length, sizeof(length), "%zu", nr);
	else
		snprintf(length, sizeof(length), "2^%u", ilog2(nr));
	count_peers(test, &first, positions, length);
}

/* Those of more than @min ranges and no more than @max. */
static void count_lengths(struct kunit *test, const struct bench_input *in,
			  unsigned int min, unsigned int max)
{
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		if (lengths[i] > min && lengths[i] <= min(max, longest))
			count_length(test, in, lengths[i]);
	}
}

/* --- what is counted with that --- */

/* One unit has to be one instruction. */
static void calibrate(struct kunit *test)
{
	struct bench_list l = { .calls = 1000 };
	u64 unused, few, many;

	few = count(do_loop, &l, &unused);
	l.calls = 3000;
	many = count(do_loop, &l, &unused);
	KUNIT_ASSERT_EQ(test, many - few, 4000);
	KUNIT_ASSERT_GE(test, few, 2000);
	KUNIT_ASSERT_LE(test, few, 2004);
}

static void shuffled(struct kunit *test)
{
	count_lengths(test, bench_shuffled(test, "shuffled", BENCH_PFN, SZ_256K),
		      0, SZ_256K);
}

/*
 * Huge pages, some of them adjacent, page by page as they are pinned, as long as
 * the pages fit into an array, and then as ranges.
 */
static void thp(struct kunit *test)
{
	const size_t pages = COUNT_THP_BY_PAGES * 3 * (SZ_2M / PAGE_SIZE);

	count_lengths(test, bench_like(test, "thp", pages), 0,
		      COUNT_THP_BY_PAGES);
	if (longest > COUNT_THP_BY_PAGES)
		count_lengths(test, bench_ranges_like(test, "thp", SZ_256K),
			      COUNT_THP_BY_PAGES, SZ_256K);
}

static void odd(struct kunit *test)
{
	count_lengths(test, bench_odd(test, "odd"), 0, SZ_256K);
}

/* Pages that are there, which bounce buffers are copied from. */
static void real(struct kunit *test)
{
	const size_t nr = 64;
	void *memory = kunit_kzalloc(test, nr * PAGE_SIZE, GFP_KERNEL);
	struct bench_input *in;

	KUNIT_ASSERT_NOT_NULL(test, memory);
	in = bench_shuffled(test, "real", page_to_pfn(virt_to_page(memory)), nr);
	in->buffer = memory;
	count_lengths(test, in, 0, nr);
}

/*
 * An entry of a scatterlist must not be longer than a segment: the lengths of segments
 * wrap at 4 GiB then, and what is mapped is not unmapped.
 */
static int instructions_init(struct kunit_suite *suite)
{
	struct device *pci;
	int ret = phyr_test_devices_add(suite);

	if (ret)
		return ret;
	dma_set_max_seg_size(phyr_test_device(PHYR_TEST_IOMMU), SZ_2G);
	pci = phyr_test_device(PHYR_TEST_PCI);
	if (pci)
		dma_set_max_seg_size(pci, SZ_2G);
	return 0;
}

static struct kunit_case instructions_cases[] = {
	KUNIT_CASE(calibrate),
	KUNIT_CASE_SLOW(shuffled),
	KUNIT_CASE_SLOW(thp),
	KUNIT_CASE_SLOW(odd),
	KUNIT_CASE(real),
	{ }
};

static struct kunit_suite instructions_suite = {
	.name = "phyr_instructions",
	.suite_init = instructions_init,
	.suite_exit = phyr_test_devices_del,
	.test_cases = instructions_cases,
};

kunit_test_suite(instructions_suite);
