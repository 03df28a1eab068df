// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tells which memory a program registers for RDMA: preloaded, it writes one
 * line for each region to the file $RDMA_PAGES,
 *
 *	pages PAGES LARGE HUGE
 *
 * how many pages there are, and how many of them belong to transparent huge
 * pages (or large folios) and to hugetlb.
 */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <infiniband/verbs.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#undef ibv_reg_mr

#define PAGE_SHIFT	12
#define PFN_MASK	((1ULL << 55) - 1)
/* Bits of what the kernel says of a page. */
#define KPF_HUGE	17
#define KPF_THP		22

static uint64_t entry(int file, uint64_t index)
{
	uint64_t value = 0;

	if (pread(file, &value, sizeof(value), index * sizeof(value)) < 0)
		return 0;
	return value;
}

/* Of long regions, a few hundred pages tell enough. */
static void count(uint64_t first, uint64_t last, unsigned long counts[3])
{
	int map = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	int flags = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
	uint64_t step = (last - first) / 256 + 1;
	uint64_t page;

	/* An ordinary user isn't told: all counts as small. */
	if (map < 0 || (flags < 0 && errno != EACCES))
		abort();
	for (page = first; page <= last; page += step) {
		uint64_t flag = entry(flags, entry(map, page) & PFN_MASK);

		counts[0]++;
		counts[1] += flag >> KPF_THP & 1;
		counts[2] += flag >> KPF_HUGE & 1;
	}
	close(flags);
	close(map);
}

static void report(uintptr_t start, size_t length)
{
	const char *name = getenv("RDMA_PAGES");
	unsigned long counts[3] = {};
	int file;

	if (!name || !length)
		return;
	count(start >> PAGE_SHIFT, (start + length - 1) >> PAGE_SHIFT, counts);
	file = open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	dprintf(file, "pages %lu %lu %lu\n", counts[0], counts[1], counts[2]);
	close(file);
}

static void *next_symbol(const char *name, const char *version)
{
	void *symbol = dlvsym(RTLD_NEXT, name, version);

	if (!symbol)
		abort();
	return symbol;
}

struct ibv_mr *ibv_reg_mr(struct ibv_pd *pd, void *addr, size_t length, int access)
{
	struct ibv_mr *(*next)(struct ibv_pd *pd, void *addr, size_t length, int access);
	struct ibv_mr *mr;

	next = next_symbol("ibv_reg_mr", "IBVERBS_1.1");
	mr = next(pd, addr, length, access);
	if (mr)
		report((uintptr_t)addr, length);
	return mr;
}

/* What ibv_reg_mr() is where the compiler doesn't know the access flags. */
struct ibv_mr *ibv_reg_mr_iova2(struct ibv_pd *pd, void *addr, size_t length, uint64_t iova,
				unsigned int access)
{
	struct ibv_mr *(*next)(struct ibv_pd *pd, void *addr, size_t length, uint64_t iova,
			       unsigned int access);
	struct ibv_mr *mr;

	next = next_symbol("ibv_reg_mr_iova2", "IBVERBS_1.8");
	mr = next(pd, addr, length, iova, access);
	if (mr)
		report((uintptr_t)addr, length);
	return mr;
}
