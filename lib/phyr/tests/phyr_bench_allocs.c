// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts all allocations that a task makes, wherever in the kernel.
 */

#include <linux/preempt.h>
#include <linux/slab.h>
#include <trace/events/kmem.h>

#include "phyr_bench.h"

static void count(struct bench_allocs *allocs, size_t bytes)
{
	if (current != allocs->task || !in_task())
		return;
	allocs->nr++;
	allocs->bytes += bytes;
}

static void count_kmalloc(void *allocs, unsigned long ip, const void *ptr,
			  size_t asked, size_t bytes, gfp_t gfp, int node)
{
	count(allocs, bytes);
}

static void count_object(void *allocs, unsigned long ip, const void *ptr,
			 struct kmem_cache *cache, gfp_t gfp, int node)
{
	count(allocs, kmem_cache_size(cache));
}

static void count_page(void *allocs, struct page *page, unsigned int order,
		       gfp_t gfp, int migratetype)
{
	count(allocs, PAGE_SIZE << order);
}

/* Count from here on.  bench_allocs_stop() has to follow in any case. */
int bench_allocs_start(struct bench_allocs *allocs)
{
	int ret;

	*allocs = (struct bench_allocs){ .task = current };
	ret = register_trace_kmalloc(count_kmalloc, allocs);
	ret = ret ?: register_trace_kmem_cache_alloc(count_object, allocs);
	ret = ret ?: register_trace_mm_page_alloc(count_page, allocs);
	allocs->nr = 0;
	allocs->bytes = 0;
	return ret;
}

void bench_allocs_stop(struct bench_allocs *allocs)
{
	unregister_trace_kmalloc(count_kmalloc, allocs);
	unregister_trace_kmem_cache_alloc(count_object, allocs);
	unregister_trace_mm_page_alloc(count_page, allocs);
	tracepoint_synchronize_unregister();
}
