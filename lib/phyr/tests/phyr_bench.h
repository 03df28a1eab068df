/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PHYR_BENCH_H
#define _PHYR_BENCH_H
/*
 * What the files of the benchmark share: inputs to make lists of, and lists of
 * all kinds with one set of functions.
 */

#include <kunit/test.h>
#include <linux/phyr_dma.h>
#include <linux/scatterlist.h>
#include <linux/xarray.h>

/* Pages in each call that appends, as when pinning. */
#define BENCH_BATCH	512

/* Nothing touches the pages, so that they need not exist. */
#define BENCH_PFN	PHYS_PFN(SZ_4G)

/* Calls in a sample of what doesn't go through the list. */
#define BENCH_CALLS	4096

/**
 * struct bench_input - What to make lists of
 * @name: For the log.
 * @pages: Pages in the order of the buffer, or NULL.
 * @vecs: Ranges in that order, if there are no @pages.
 * @nr: Number of elements of whichever it is.
 * @bytes: How much memory all of them are.
 * @buffer: As much memory to copy to, if the pages are real, else NULL.
 * @generated: Stands in for a trace that isn't there.
 */
struct bench_input {
	char		name[24];
	struct page	**pages;
	struct phys_vec	*vecs;
	size_t		nr;
	u64		bytes;
	void		*buffer;
	bool		generated;
};

struct bench_input *bench_shuffled(struct kunit *test, const char *name,
				   unsigned long pfn, size_t nr);
struct bench_input *bench_trace(struct kunit *test, const char *name);
struct bench_input *bench_like(struct kunit *test, const char *name, size_t nr);
struct bench_input *bench_ranges_like(struct kunit *test, const char *name,
				      size_t nr);
struct bench_input *bench_huge(struct kunit *test, const char *name,
			       size_t nr, size_t pages);
struct bench_input *bench_huge_offset(struct kunit *test, const char *name);
struct bench_input *bench_odd(struct kunit *test, const char *name);
struct bench_input *bench_real(struct kunit *test, const char *name);
size_t bench_next_range(const struct bench_input *in, size_t i,
			struct phys_vec *range);
size_t bench_count_ranges(const struct bench_input *in);
struct bench_input bench_first(const struct bench_input *in, size_t nr);

/* What can be done with a list of any kind. */
enum bench_fn {
	BENCH_BUILD,
	BENCH_WALK,
	BENCH_WALK_BATCH,
	BENCH_WALK_PAGES,
	BENCH_SEEK,
	BENCH_COPY,
	BENCH_MAP,
	BENCH_WALK_DMA,
	BENCH_UNMAP,
	BENCH_REMAP,
	BENCH_FREE,
	BENCH_NR_FNS,
};

/**
 * struct bench_list - A list of any kind
 * @in: What it is made of.
 * @dev: Device to map it for.
 * @positions: Where to seek to, in bytes.
 * @calls: How many of them, and how often to map and unmap.
 */
struct bench_list {
	/* private: the list itself, first, to be in as few cache lines as it can be */
	union {
		struct {
			struct phyr	phyr;
			struct phyr_dma	dma;
		};
		struct sg_append_table	sg;
		struct {
			union {
				struct phys_vec	*vecs;
				struct bio_vec	*bvecs;
				struct page	**pages;
			};
			size_t		nr;
		};
		struct xarray		xa;
	};
	/* public: */
	const struct bench_input	*in;
	struct device			*dev;
	const u64			*positions;
	unsigned int			calls;
} ____cacheline_aligned;

/**
 * struct bench_peer - A kind of list
 * @name: For the log.
 * @linear: A call of %BENCH_SEEK or %BENCH_REMAP goes through the list.
 * @only_pages: Can't hold ranges that aren't whole pages.
 * @bytes: How much memory a list takes, all counted.
 * @fns: What can be done, or NULL.  Each returns what all peers agree on: bytes,
 *	or a sum of addresses.
 */
struct bench_peer {
	const char	*name;
	bool		linear;
	bool		only_pages;
	u64		(*bytes)(const struct bench_list *l);
	u64		(*fns[BENCH_NR_FNS])(struct bench_list *l);
};

/* Where the kinds of lists are that are looked for by themselves. */
enum { BENCH_PHYR, BENCH_SG_TABLE = 2, BENCH_XARRAY = 6 };

extern const struct bench_peer bench_peers[];
extern const unsigned int bench_nr_peers;

/**
 * struct bench_allocs - Allocations that a task makes
 * @task: The task.
 * @nr: Number of allocations so far.
 * @bytes: Their size.
 */
struct bench_allocs {
	struct task_struct	*task;
	unsigned long		nr;
	u64			bytes;
};

int bench_devices_add(struct kunit_suite *suite);

int bench_allocs_start(struct bench_allocs *allocs);
void bench_allocs_stop(struct bench_allocs *allocs);

#endif /* _PHYR_BENCH_H */
