// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the benchmark makes lists of.  All that is random comes from one seed, so
 * that each run sees the same.
 */

#include <linux/ctype.h>
#include <linux/init.h>
#include <linux/kernel_read_file.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/prandom.h>
#include <linux/sizes.h>
#include <linux/types.h>
#include <linux/vmalloc.h>

/* It relies on what is included before. */
#include <linux/initrd.h>

#include "phyr_bench.h"

/* Where the initial RAM disk has traces, as tools/testing/phyr/bench packs it. */
#define BENCH_TRACE_FOLDER	"/phyr/"

/* Of generated traces, as of the real ones: a buffer, in how much memory. */
#define BENCH_TRACE_PAGES	(SZ_4G / PAGE_SIZE)
#define BENCH_TRACE_SPAN	(SZ_8G / PAGE_SIZE)

KUNIT_DEFINE_ACTION_WRAPPER(vfree_action, vfree, const void *);

static void *vmalloc_array_for(struct kunit *test, size_t nr, size_t size)
{
	void *array = vmalloc_array(nr, size);

	KUNIT_ASSERT_NOT_NULL(test, array);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, vfree_action, array));
	return array;
}

static struct bench_input *new_input(struct kunit *test, const char *name)
{
	struct bench_input *in = kunit_kzalloc(test, sizeof(*in), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, in);
	strscpy(in->name, name);
	return in;
}

static struct bench_input *new_pages(struct kunit *test, const char *name,
				     size_t nr)
{
	struct bench_input *in = new_input(test, name);

	in->pages = vmalloc_array_for(test, nr, sizeof(*in->pages));
	in->nr = nr;
	in->bytes = (u64)nr << PAGE_SHIFT;
	return in;
}

static struct bench_input *new_vecs(struct kunit *test, const char *name,
				    size_t nr)
{
	struct bench_input *in = new_input(test, name);

	in->vecs = vmalloc_array_for(test, nr, sizeof(*in->vecs));
	in->nr = nr;
	return in;
}

static void add_vec(struct bench_input *in, size_t i, phys_addr_t phys,
		    size_t len)
{
	in->vecs[i] = (struct phys_vec){ .paddr = phys, .len = len };
	in->bytes += len;
}

/* Fisher-Yates. */
static void shuffle(struct page **pages, size_t nr)
{
	struct rnd_state rnd;

	prandom_seed_state(&rnd, 1);
	for (size_t i = nr - 1; i > 0; i--)
		swap(pages[i], pages[prandom_u32_state(&rnd) % (i + 1)]);
}

/* @nr pages from @pfn on, in no order. */
struct bench_input *bench_shuffled(struct kunit *test, const char *name,
				   unsigned long pfn, size_t nr)
{
	struct bench_input *in = new_pages(test, name, nr);

	for (size_t i = 0; i < nr; i++)
		in->pages[i] = pfn_to_page(pfn + i);
	shuffle(in->pages, nr);
	return in;
}

/* @nr huge pages, each of @pages, none next to the one before it. */
struct bench_input *bench_huge(struct kunit *test, const char *name,
			       size_t nr, size_t pages)
{
	struct bench_input *in = new_pages(test, name, nr * pages);

	for (size_t i = 0; i < in->nr; i++)
		in->pages[i] = pfn_to_page(BENCH_PFN + i + i / pages * pages);
	return in;
}

/* 1 GiB of huge pages of 2 MiB, from 4 KiB after the start of the first. */
struct bench_input *bench_huge_offset(struct kunit *test, const char *name)
{
	const size_t nr = SZ_1G / SZ_2M;
	struct bench_input *in = new_vecs(test, name, nr + 1);

	add_vec(in, 0, SZ_4G + SZ_4K, SZ_2M - SZ_4K);
	for (size_t i = 1; i < nr; i++)
		add_vec(in, i, SZ_4G + i * 2 * SZ_2M, SZ_2M);
	add_vec(in, nr, SZ_4G + nr * 2 * SZ_2M, SZ_4K);
	return in;
}

/* Parts of pages, none of which starts or ends where a page does. */
struct bench_input *bench_odd(struct kunit *test, const char *name)
{
	const size_t nr = SZ_1G / PAGE_SIZE;
	struct bench_input *in = new_vecs(test, name, nr);
	struct rnd_state rnd;

	prandom_seed_state(&rnd, 1);
	for (size_t i = 0; i < nr; i++) {
		phys_addr_t page = SZ_4G + prandom_u32_state(&rnd) % nr *
					   PAGE_SIZE;

		add_vec(in, i, page + 1 + prandom_u32_state(&rnd) % 1024,
			1024 + prandom_u32_state(&rnd) % 2047);
	}
	return in;
}

static void free_pages_of(void *data)
{
	struct bench_input *in = data;

	for (size_t i = 0; i < in->nr && in->pages[i]; i++)
		__free_page(in->pages[i]);
}

/* Pages that are really there, and a buffer to copy them to. */
struct bench_input *bench_real(struct kunit *test, const char *name)
{
	const size_t nr = SZ_16M / PAGE_SIZE;
	struct bench_input *in = new_pages(test, name, nr);

	in->buffer = vmalloc_array_for(test, nr, PAGE_SIZE);
	memset(in->buffer, 0, in->bytes);
	memset(in->pages, 0, nr * sizeof(*in->pages));
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, free_pages_of, in));
	for (size_t i = 0; i < nr; i++) {
		in->pages[i] = alloc_page(GFP_KERNEL | __GFP_ZERO);
		KUNIT_ASSERT_NOT_NULL(test, in->pages[i]);
	}
	shuffle(in->pages, nr);
	return in;
}

/* --- traces --- */

/* How many of 1,000 ranges have a length from @min on and less than @max. */
struct bench_share {
	unsigned int	ranges;
	unsigned int	min;
	unsigned int	max;
};

/*
 * What a trace looks like: ranges of multiples of @unit pages, and how many of
 * 1,000 are next to the one before them, further down.
 */
struct bench_trace {
	const char		*name;
	unsigned int		unit;
	unsigned int		near;
	struct bench_share	shares[3];
};

static const struct bench_trace traces[] = {
	{ "fragmented-4k", 1, 730, {{ 914, 1, 2 }, { 78, 2, 25 }, { 8, 25, 500 }} },
	{ "thp", 512, 0, {{ 370, 1, 2 }, { 577, 2, 3 }, { 53, 3, 32 }} },
};

static size_t random_length(struct rnd_state *rnd,
			    const struct bench_trace *trace)
{
	const struct bench_share *share = trace->shares;
	unsigned int nr = prandom_u32_state(rnd) % 1000;

	for (; nr >= share->ranges; share++)
		nr -= share->ranges;
	return share->min + prandom_u32_state(rnd) % (share->max - share->min);
}

static unsigned long random_pfn(struct rnd_state *rnd,
				const struct bench_trace *trace,
				unsigned long pfn, size_t len)
{
	bool near = prandom_u32_state(rnd) % 1000 < trace->near;

	if (near && pfn > BENCH_PFN + 2 * len)
		return pfn - len - 1 - prandom_u32_state(rnd) % 8;
	return BENCH_PFN + prandom_u32_state(rnd) % BENCH_TRACE_SPAN;
}

static void generate_trace(struct bench_input *in,
			   const struct bench_trace *trace)
{
	unsigned long pfn = BENCH_PFN;
	struct rnd_state rnd;

	prandom_seed_state(&rnd, 1);
	for (size_t i = 0; i < in->nr; ) {
		size_t len = random_length(&rnd, trace) * trace->unit;

		pfn = ALIGN_DOWN(random_pfn(&rnd, trace, pfn, len),
				 trace->unit);
		for (size_t j = 0; j < len && i < in->nr; j++)
			in->pages[i++] = pfn_to_page(pfn + j);
	}
}

static const struct bench_trace *find_trace(const char *name)
{
	const struct bench_trace *trace = traces;

	while (strcmp(trace->name, name))
		trace++;
	return trace;
}

/* @nr pages as in the trace of that name, wherever it is run. */
struct bench_input *bench_like(struct kunit *test, const char *name, size_t nr)
{
	struct bench_input *in = new_pages(test, name, nr);

	in->generated = true;
	generate_trace(in, find_trace(name));
	return in;
}

/*
 * The same for @nr ranges, which may be too many to have all their pages in an
 * array.  None is adjacent to the one before it.
 */
struct bench_input *bench_ranges_like(struct kunit *test, const char *name,
				      size_t nr)
{
	const struct bench_trace *trace = find_trace(name);
	struct bench_input *in = new_vecs(test, name, nr);
	unsigned long pfn = BENCH_PFN, end = 0;
	struct rnd_state rnd;

	prandom_seed_state(&rnd, 1);
	for (size_t i = 0; i < nr; i++) {
		size_t len = random_length(&rnd, trace) * trace->unit;

		pfn = ALIGN_DOWN(random_pfn(&rnd, trace, pfn, len),
				 trace->unit);
		if (pfn == end)
			pfn += trace->unit;
		add_vec(in, i, PFN_PHYS(pfn), len << PAGE_SHIFT);
		end = pfn + len;
	}
	return in;
}

/* The next decimal number, or false at the end. */
static bool read_number(const char **text, const char *end, unsigned long *nr)
{
	while (*text < end && !isdigit(**text))
		(*text)++;
	if (*text == end)
		return false;
	for (*nr = 0; *text < end && isdigit(**text); (*text)++)
		*nr = *nr * 10 + (**text - '0');
	return true;
}

/* Count the pages of a trace, and write them to @pages unless that is NULL. */
static size_t parse_trace(const char *text, size_t len, struct page **pages)
{
	const char *end = text + len;
	unsigned long pfn, nr;
	size_t total = 0;

	while (read_number(&text, end, &pfn) && read_number(&text, end, &nr)) {
		for (unsigned long i = 0; pages && i < nr; i++)
			pages[total + i] = pfn_to_page(pfn + i);
		total += nr;
	}
	return total;
}

static struct bench_input *load_trace(struct kunit *test, const char *name,
				      const char *path)
{
	struct bench_input *in;
	void *text = NULL;
	ssize_t len;

	wait_for_initramfs();
	len = kernel_read_file_from_path_initns(path, 0, &text, INT_MAX, NULL,
						READING_UNKNOWN);
	if (len == -ENOENT)
		return NULL;
	KUNIT_ASSERT_GT(test, len, 0);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, vfree_action, text));

	in = new_pages(test, name, parse_trace(text, len, NULL));
	KUNIT_ASSERT_GT(test, in->nr, 0);
	parse_trace(text, len, in->pages);
	return in;
}

/* Real pages if there is a trace of that name, else some of the same kind. */
struct bench_input *bench_trace(struct kunit *test, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), BENCH_TRACE_FOLDER "%s.runs", name);
	return load_trace(test, name, path) ?:
	       bench_like(test, name, BENCH_TRACE_PAGES);
}

/* --- reading --- */

/* The range from element @i on, and the element after it. */
size_t bench_next_range(const struct bench_input *in, size_t i,
			struct phys_vec *range)
{
	unsigned long pfn;
	size_t nr = 1;

	if (in->vecs) {
		*range = in->vecs[i];
		return i + 1;
	}

	pfn = page_to_pfn(in->pages[i]);
	while (i + nr < in->nr && page_to_pfn(in->pages[i + nr]) == pfn + nr)
		nr++;
	range->paddr = PFN_PHYS(pfn);
	range->len = nr << PAGE_SHIFT;
	return i + nr;
}

size_t bench_count_ranges(const struct bench_input *in)
{
	struct phys_vec range;
	size_t nr = 0;

	if (in->vecs)
		return in->nr;
	for (size_t i = 0; i < in->nr; nr++)
		i = bench_next_range(in, i, &range);
	return nr;
}

/* The first @nr ranges of @in, which has as many, and which it shares. */
struct bench_input bench_first(const struct bench_input *in, size_t nr)
{
	struct bench_input first = *in;
	struct phys_vec range;

	first.bytes = 0;
	for (first.nr = 0; nr && first.nr < in->nr; nr--) {
		first.nr = bench_next_range(in, first.nr, &range);
		first.bytes += range.len;
	}
	return first;
}
