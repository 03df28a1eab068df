// SPDX-License-Identifier: GPL-2.0-only
/*
 * Times physical-range lists and their peers side by side.
 *
 * Prints samples as they are, a line for what was done to lists of one kind:
 *
 *	phyr_bench: build/shuffled-1g sg_table ns/page 262144 1834410 1815322 ...
 *
 * name, kind of list, unit, how many units a sample is, and a sample for each
 * round.  tools/testing/phyr/bench makes a table of them.
 */

#include <kunit/test.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/prandom.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "phyr_bench.h"
#include "test_devices.h"

/* As many kinds of lists as there are at most. */
#define BENCH_PEERS_MAX		7

/* Two for each, after one that warms up and isn't counted. */
#define BENCH_ROUNDS		(1 + 2 * BENCH_PEERS_MAX)

/*
 * Short lists are measured several at a time, made of so many pages or ranges, and
 * a few ranges are walked several times.
 */
#define BENCH_ELEMENTS		SZ_16K

/* The longest list of those that differ in length. */
#define BENCH_ORDER_MAX		22

static char *inputs;
module_param(inputs, charp, 0);
MODULE_PARM_DESC(inputs, "What to make lists of, separated by commas, instead of all");

/* What to do with lists of an input; everything is built, walked and freed. */
#define BENCH_DO_PAGES		BIT(0)
#define BENCH_DO_SEEK		BIT(1)
#define BENCH_DO_COPY		BIT(2)
#define BENCH_DO_IOVA		BIT(3)
#define BENCH_DO_IDENTITY	BIT(4)
#define BENCH_DO_RANGES		BIT(5)
#define BENCH_DO_CPU		(BENCH_DO_PAGES | BENCH_DO_SEEK)

enum bench_unit { PER_PAGE, PER_ENTRY, PER_CALL, BENCH_NR_UNITS };

static const char * const unit_names[] = { "ns/page", "ns/entry", "ns/call" };

/**
 * struct bench_op - What is timed
 * @name: For the log.
 * @fn: What is done to each list.
 * @unit: What it is counted in.
 * @needs: Which inputs it is done with, or zero for all.
 * @way: The device that lists are mapped for.
 * @again: Can be done again and again, once for each entry.
 */
struct bench_op {
	const char		*name;
	enum bench_fn		fn;
	enum bench_unit		unit;
	unsigned int		needs;
	enum phyr_test_way	way;
	bool			again;
};

static const struct bench_op ops[] = {
	{ "build", BENCH_BUILD, PER_PAGE },
	{ "walk_state", BENCH_WALK, PER_ENTRY, .again = true },
	{ "walk_batch", BENCH_WALK_BATCH, PER_ENTRY, .again = true },
	{ "walk_pages", BENCH_WALK_PAGES, PER_PAGE, BENCH_DO_PAGES },
	{ "seek", BENCH_SEEK, PER_CALL, BENCH_DO_SEEK },
	{ "copy", BENCH_COPY, PER_PAGE, BENCH_DO_COPY },
	{ "map_iova", BENCH_MAP, PER_ENTRY, BENCH_DO_IOVA, PHYR_TEST_IOMMU },
	{ "unmap_iova", BENCH_UNMAP, PER_ENTRY, BENCH_DO_IOVA,
	  PHYR_TEST_IOMMU },
	{ "map_ranges", BENCH_MAP, PER_ENTRY, BENCH_DO_RANGES,
	  PHYR_TEST_REGIONS },
	{ "walk_ranges", BENCH_WALK_DMA, PER_ENTRY, BENCH_DO_RANGES,
	  PHYR_TEST_REGIONS },
	{ "unmap_ranges", BENCH_UNMAP, PER_ENTRY, BENCH_DO_RANGES,
	  PHYR_TEST_REGIONS },
	/* In constant time: too short to be timed once, or by half. */
	{ "map_identity", BENCH_REMAP, PER_CALL, BENCH_DO_IDENTITY,
	  PHYR_TEST_IDENTITY },
	{ "free", BENCH_FREE, PER_ENTRY },
};

/**
 * struct bench - Lists of all kinds of one input
 * @test: The test that it belongs to.
 * @in: The input.
 * @does: BENCH_DO_* flags.
 * @copies: Number of lists of each kind.
 * @entries: Number of ranges in each, adjacent ones merged.
 * @lists: The lists of each kind.
 * @positions: Where to seek to.
 * @ns: A sample for each operation, kind of list and round.
 */
struct bench {
	struct kunit		*test;
	struct bench_input	*in;
	unsigned int		does;
	size_t			copies;
	size_t			entries;
	struct bench_list	*lists[BENCH_PEERS_MAX];
	u64			positions[BENCH_CALLS];
	u64			ns[ARRAY_SIZE(ops)][BENCH_PEERS_MAX][BENCH_ROUNDS];
};

static bool can_do(const struct bench *b, const struct bench_op *op,
		   const struct bench_peer *peer)
{
	if (peer->only_pages && !b->in->pages)
		return false;
	return peer->fns[op->fn] && (op->needs & b->does) == op->needs;
}

/* --- one operation on lists of one kind --- */

static void prepare(struct bench *b, const struct bench_op *op,
		    const struct bench_peer *peer, struct bench_list *lists)
{
	unsigned int calls = BENCH_CALLS / b->copies ?: 1;

	if (peer->linear)
		calls = clamp(SZ_1M / (b->entries * b->copies), 4, calls);
	for (size_t i = 0; i < b->copies; i++) {
		lists[i].in = b->in;
		lists[i].dev = phyr_test_device(op->way);
		lists[i].positions = b->positions;
		lists[i].calls = calls;
	}
}

/*
 * How often each list is gone through.  Some kinds have an entry for each page, and
 * there are enough of those.
 */
static u64 repeats(const struct bench *b, const struct bench_op *op,
		   const struct bench_peer *peer)
{
	u64 entries = peer->only_pages ? b->in->nr : b->entries;

	return op->again ? DIV_ROUND_UP_ULL(BENCH_ELEMENTS,
					    entries * b->copies) : 1;
}

static u64 run_once(struct bench *b, const struct bench_op *op,
		    const struct bench_peer *peer)
{
	struct bench_list *lists = b->lists[peer - bench_peers];
	u64 sum = 0;

	for (size_t i = 0; i < b->copies; i++)
		sum += peer->fns[op->fn](&lists[i]);
	return sum;
}

static u64 run(struct bench *b, const struct bench_op *op,
	       const struct bench_peer *peer, unsigned int round)
{
	u64 nr = repeats(b, op, peer), start, sum = 0;

	prepare(b, op, peer, b->lists[peer - bench_peers]);
	start = ktime_get_ns();
	while (nr--)
		sum = run_once(b, op, peer);
	b->ns[op - ops][peer - bench_peers][round] = ktime_get_ns() - start;
	return sum;
}

/* All do the same.  Seeking is checked elsewhere, for it isn't done as often. */
static void check_sum(struct bench *b, const struct bench_op *op,
		      const struct bench_peer *peer, u64 sum, u64 *expected)
{
	if (op->fn == BENCH_SEEK)
		return;
	if (!*expected)
		*expected = sum;
	KUNIT_EXPECT_EQ_MSG(b->test, sum, *expected, "%s by %s", op->name,
			    peer->name);
}

/*
 * Each kind of list is the first in two rounds, and the other way round in the
 * second: of any two, each comes before the other as often.
 */
static const struct bench_peer *peer_in_turn(unsigned int round, unsigned int i)
{
	unsigned int first = round ? (round - 1) / 2 : 0;

	if (round & 1)
		return &bench_peers[(first + i) % bench_nr_peers];
	return &bench_peers[(first + bench_nr_peers - 1 - i) % bench_nr_peers];
}

static void run_op(struct bench *b, const struct bench_op *op,
		   unsigned int round)
{
	u64 expected = 0;

	for (unsigned int i = 0; i < bench_nr_peers; i++) {
		const struct bench_peer *peer = peer_in_turn(round, i);

		if (can_do(b, op, peer))
			check_sum(b, op, peer, run(b, op, peer, round),
				  &expected);
		cond_resched();
	}
}

/* --- the rounds --- */

static void check_entries(struct bench *b)
{
	struct phyr *phyr = &b->lists[0][0].phyr;

	KUNIT_EXPECT_EQ(b->test, phyr_nr_ranges(phyr), b->entries);
	KUNIT_EXPECT_EQ(b->test, phyr_bytes(phyr), b->in->bytes);
}

static void check_seek(struct bench *b)
{
	u64 expected = 0;

	for (unsigned int i = 0; i < bench_nr_peers; i++) {
		const struct bench_peer *peer = &bench_peers[i];
		struct bench_list *l = b->lists[i];
		u64 sum;

		if (!peer->fns[BENCH_SEEK] ||
		    (peer->only_pages && !b->in->pages))
			continue;
		l->calls = 4;
		sum = peer->fns[BENCH_SEEK](l);
		expected = expected ?: sum;
		KUNIT_EXPECT_EQ_MSG(b->test, sum, expected, "%s", peer->name);
	}
}

static void print_bytes(struct bench *b)
{
	for (unsigned int i = 0; i < bench_nr_peers; i++) {
		const struct bench_peer *peer = &bench_peers[i];
		u64 bytes;

		if (peer->only_pages && !b->in->pages)
			continue;
		bytes = peer->bytes(b->lists[i]);
		pr_info("phyr_bench: bytes_per_entry/%s %s bytes %zu %llu\n",
			b->in->name, peer->name, b->entries, bytes);
		pr_info("phyr_bench: bytes_per_page/%s %s bytes %llu %llu\n",
			b->in->name, peer->name,
			max(b->in->bytes >> PAGE_SHIFT, 1), bytes);
	}
}

static void check_built(struct bench *b)
{
	check_entries(b);
	check_seek(b);
	print_bytes(b);
}

static u64 units_of(const struct bench *b, const struct bench_op *op,
		    const struct bench_peer *peer)
{
	const struct bench_list *l = &b->lists[peer - bench_peers][0];
	const u64 units[BENCH_NR_UNITS] = {
		[PER_PAGE]	= DIV_ROUND_UP_ULL(b->in->bytes, PAGE_SIZE),
		[PER_ENTRY]	= b->entries,
		[PER_CALL]	= l->calls,
	};

	return units[op->unit] * b->copies * repeats(b, op, peer);
}

static void print_samples(struct bench *b, const struct bench_op *op,
			  const struct bench_peer *peer)
{
	const u64 *ns = b->ns[op - ops][peer - bench_peers];
	char line[BENCH_ROUNDS * 21 + 1];
	size_t len = 0;

	for (unsigned int i = 1; i < BENCH_ROUNDS; i++)
		len += scnprintf(line + len, sizeof(line) - len, " %llu",
				 ns[i]);
	prepare(b, op, peer, b->lists[peer - bench_peers]);
	pr_info("phyr_bench: %s/%s %s %s %llu%s\n", op->name, b->in->name,
		peer->name, unit_names[op->unit], units_of(b, op, peer), line);
}

static void print_all(struct bench *b)
{
	if (b->in->generated)
		pr_info("phyr_bench: generated %s\n", b->in->name);
	for (size_t i = 0; i < ARRAY_SIZE(ops); i++) {
		for (unsigned int j = 0; j < bench_nr_peers; j++) {
			if (can_do(b, &ops[i], &bench_peers[j]))
				print_samples(b, &ops[i], &bench_peers[j]);
		}
	}
}

static void pick_positions(struct bench *b)
{
	u64 pages = b->in->bytes >> PAGE_SHIFT;
	struct rnd_state rnd;

	prandom_seed_state(&rnd, 1);
	for (size_t i = 0; i < BENCH_CALLS; i++)
		b->positions[i] =
			(pages * prandom_u32_state(&rnd) >> 32 << PAGE_SHIFT) +
			offset_in_page(prandom_u32_state(&rnd));
}

KUNIT_DEFINE_ACTION_WRAPPER(kvfree_action, kvfree, const void *);

static void *zalloc_for(struct kunit *test, size_t nr, size_t size)
{
	void *array = kvcalloc(nr, size, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, array);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, kvfree_action, array));
	return array;
}

static struct bench *bench_new(struct kunit *test, struct bench_input *in,
			       unsigned int does)
{
	struct bench *b = zalloc_for(test, 1, sizeof(*b));

	KUNIT_ASSERT_LE(test, bench_nr_peers, BENCH_PEERS_MAX);
	b->test = test;
	b->in = in;
	b->does = does;
	b->entries = bench_count_ranges(in);
	b->copies = DIV_ROUND_UP(BENCH_ELEMENTS, in->nr);
	for (unsigned int i = 0; i < bench_nr_peers; i++)
		b->lists[i] = zalloc_for(test, b->copies, sizeof(*b->lists[i]));
	pick_positions(b);
	return b;
}

/* Is it among the names that were given, or weren't any? */
static bool wanted(const char *name)
{
	size_t len = strlen(name);

	for (const char *at = inputs; at; at = strchr(at, ',')) {
		at += *at == ',';
		if (!strncmp(at, name, len) && (!at[len] || at[len] == ','))
			return true;
	}
	return !inputs;
}

static void run_input(struct kunit *test, struct bench_input *in,
		      unsigned int does)
{
	struct bench *b;

	if (!wanted(in->name))
		return;
	b = bench_new(test, in, does);
	for (unsigned int round = 0; round < BENCH_ROUNDS; round++) {
		for (size_t i = 0; i < ARRAY_SIZE(ops); i++) {
			run_op(b, &ops[i], round);
			if (!round && ops[i].fn == BENCH_BUILD)
				check_built(b);
		}
	}
	print_all(b);
}

/* --- what is measured with that --- */

static void traces(struct kunit *test)
{
	run_input(test, bench_trace(test, "fragmented-4k"),
		  BENCH_DO_CPU | BENCH_DO_IOVA);
	run_input(test, bench_trace(test, "thp"),
		  BENCH_DO_CPU | BENCH_DO_IOVA);
}

static void shuffled_1g(struct kunit *test)
{
	const size_t nr = SZ_1G / PAGE_SIZE;

	run_input(test, bench_shuffled(test, "shuffled-1g", BENCH_PFN, nr),
		  BENCH_DO_CPU | BENCH_DO_IOVA | BENCH_DO_IDENTITY);
	/* The device doesn't see all of it at the same distance. */
	run_input(test, bench_shuffled(test, "shuffled-low-1g", 0, nr),
		  BENCH_DO_RANGES);
}

static void huge_pages(struct kunit *test)
{
	run_input(test, bench_huge(test, "huge-2m", SZ_1G / SZ_2M,
				   SZ_2M / PAGE_SIZE),
		  BENCH_DO_CPU | BENCH_DO_IOVA);
	run_input(test, bench_huge(test, "huge-1g", 4, SZ_1G / PAGE_SIZE),
		  BENCH_DO_CPU | BENCH_DO_IOVA);
}

static void odd_offsets(struct kunit *test)
{
	run_input(test, bench_odd(test, "odd-offsets"),
		  BENCH_DO_CPU | BENCH_DO_IOVA);
}

static void copies(struct kunit *test)
{
	run_input(test, bench_real(test, "copy-16m"), BENCH_DO_COPY);
}

/* Time against length. */
static void lengths(struct kunit *test)
{
	struct bench_input *in = bench_shuffled(test, "", BENCH_PFN,
						BIT(BENCH_ORDER_MAX));

	for (unsigned int i = 0; i <= BENCH_ORDER_MAX; i++) {
		snprintf(in->name, sizeof(in->name), "2^%u", i);
		in->nr = BIT(i);
		in->bytes = (u64)in->nr << PAGE_SHIFT;
		run_input(test, in, BENCH_DO_CPU | BENCH_DO_IOVA |
				    BENCH_DO_IDENTITY);
	}
}

static struct kunit_case bench_cases[] = {
	KUNIT_CASE_SLOW(traces),
	KUNIT_CASE_SLOW(shuffled_1g),
	KUNIT_CASE_SLOW(huge_pages),
	KUNIT_CASE_SLOW(odd_offsets),
	KUNIT_CASE_SLOW(copies),
	KUNIT_CASE_SLOW(lengths),
	{ }
};

static struct kunit_suite bench_suite = {
	.name = "phyr_bench",
	.suite_init = bench_devices_add,
	.suite_exit = phyr_test_devices_del,
	.test_cases = bench_cases,
};

kunit_test_suite(bench_suite);

MODULE_DESCRIPTION("Benchmarks of physical-range lists");
MODULE_LICENSE("GPL");
