// SPDX-License-Identifier: GPL-2.0-only
/*
 * The loops whose time matters, on a list and on a scatterlist of the same
 * pages, for callgrind to count their instructions.
 */

#include <stdio.h>
#include <stdlib.h>
#include <linux/pfn.h>
#include <linux/scatterlist.h>
#include <valgrind/callgrind.h>

#include "kernel.h"

#define PAGES		(SZ_1G / PAGE_SIZE)
#define BATCH		512	/* pages per append */
#define VECS		64
#define SEEKS		256

struct page *vmemmap = (struct page *)0xffffea0000000000UL;

static struct page *pages[PAGES];
static u64 positions[SEEKS];
static struct phyr phyr;
static struct sg_append_table sg;
/* Of what a loop saw: it can't be left out, and must be the same for both. */
static u64 sum;

static u32 next_random(void)
{
	static u64 state = 1;

	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return state >> 33;
}

/* Each page once, in no order. */
static void shuffle(void)
{
	for (size_t i = 0; i < PAGES; i++) {
		size_t other = next_random() % (i + 1);

		pages[i] = pages[other];
		pages[other] = pfn_to_page(0x100000 + i);
	}
	for (size_t i = 0; i < SEEKS; i++)
		positions[i] = next_random() % SZ_1G;
}

static void build_phyr(void)
{
	int ret = 0;

	for (size_t i = 0; i < PAGES && !ret; i += BATCH)
		ret = phyr_append_pages(&phyr, pages + i, BATCH, 0,
					BATCH * PAGE_SIZE, GFP_KERNEL);
	check(!ret);
}

static void build_sg(void)
{
	int ret = 0;

	for (size_t i = 0; i < PAGES && !ret; i += BATCH)
		ret = sg_alloc_append_table_from_pages(&sg, pages + i, BATCH, 0,
						       BATCH * PAGE_SIZE,
						       UINT_MAX,
						       PAGES - i - BATCH,
						       GFP_KERNEL);
	check(!ret);
}

static void walk_phyr(void)
{
	const struct phyr_range *range;

	phyr_for_each_range(&phyr, range)
		sum += range->phys ^ range->len;
}

static void walk_sg(void)
{
	struct scatterlist *entry;
	unsigned int i;

	for_each_sgtable_sg(&sg.sgt, entry, i)
		sum += sg_phys(entry) ^ entry->length;
}

static void batch_phyr(void)
{
	struct phyr_state ps = phyr_start(&phyr);
	struct phys_vec vec[VECS];
	unsigned int nr;

	while ((nr = phyrs_next_vecs(&ps, vec, VECS)))
		for (unsigned int i = 0; i < nr; i++)
			sum += vec[i].paddr ^ vec[i].len;
}

static void pages_phyr(void)
{
	unsigned long pfn;

	phyr_for_each_pfn(&phyr, pfn)
		sum += pfn;
}

static void pages_sg(void)
{
	struct sg_page_iter iter;

	for_each_sgtable_page(&sg.sgt, &iter, 0)
		sum += page_to_pfn(sg_page_iter_page(&iter));
}

static void seek_phyr(void)
{
	struct phyr_state ps = phyr_start(&phyr);

	for (size_t i = 0; i < SEEKS; i++) {
		phys_addr_t phys;

		check(!phyrs_seek(&ps, positions[i]));
		check(phyrs_piece(&ps, 1, &phys));
		sum += phys;
	}
}

/* There is no way but to walk there. */
static void seek_sg(void)
{
	for (size_t i = 0; i < SEEKS; i++) {
		struct scatterlist *entry = sg.sgt.sgl;
		u64 pos = positions[i];

		for (; pos >= entry->length; entry = sg_next(entry))
			pos -= entry->length;
		sum += sg_phys(entry) + pos;
	}
}

static u64 count_one(const char *name, size_t nr, const char *whose,
		     void (*loop)(void))
{
	char dump[64];

	snprintf(dump, sizeof(dump), "%s %zu %s", name, nr, whose);
	sum = 0;
	CALLGRIND_ZERO_STATS;
	CALLGRIND_TOGGLE_COLLECT;
	loop();
	CALLGRIND_TOGGLE_COLLECT;
	CALLGRIND_DUMP_STATS_AT(dump);
	return sum;
}

static void count(const char *name, size_t nr, void (*phyr_loop)(void),
		  void (*sg_loop)(void))
{
	u64 seen = count_one(name, nr, "phyr", phyr_loop);

	check(seen == count_one(name, nr, "sg_table", sg_loop));
}

int main(void)
{
	shuffle();
	count("build", PAGES, build_phyr, build_sg);
	count("walk_state", PAGES, walk_phyr, walk_sg);
	count("walk_batch", PAGES, batch_phyr, walk_sg);
	count("walk_pages", PAGES, pages_phyr, pages_sg);
	count("seek", SEEKS, seek_phyr, seek_sg);
	phyr_destroy(&phyr);
	sg_free_append_table(&sg);
	return 0;
}
