// SPDX-License-Identifier: GPL-2.0-only
/*
 * Physical-range list: totals over all lists, in debugfs.
 *
 * A list that grows on one CPU may be freed on another, so that only the sums
 * over all CPUs mean something.
 */

#include <asm/local64.h>
#include <kunit/visibility.h>
#include <linux/debugfs.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/percpu.h>

#include "internal.h"

struct phyr_totals {
	local64_t	total[PHYR_NR_TOTALS];
};

static DEFINE_PER_CPU(struct phyr_totals, phyr_totals);

void phyr_account(const struct phyr *phyr, u64 nr, u64 bytes)
{
	struct phyr_totals *cpu = get_cpu_ptr(&phyr_totals);

	local64_add(!phyr_empty(phyr) - !!nr, &cpu->total[PHYR_TOTAL_LISTS]);
	local64_add(phyr_nr_ranges(phyr) - nr, &cpu->total[PHYR_TOTAL_RANGES]);
	local64_add(phyr_bytes(phyr) - bytes, &cpu->total[PHYR_TOTAL_BYTES]);
	put_cpu_ptr(&phyr_totals);
}

void phyr_account_memory(ssize_t bytes)
{
	struct phyr_totals *cpu = get_cpu_ptr(&phyr_totals);

	local64_add(bytes, &cpu->total[PHYR_TOTAL_MEMORY]);
	put_cpu_ptr(&phyr_totals);
}

VISIBLE_IF_KUNIT s64 phyr_total(enum phyr_total which)
{
	s64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += local64_read(&per_cpu(phyr_totals, cpu).total[which]);
	return sum;
}
EXPORT_SYMBOL_IF_KUNIT(phyr_total);

static int phyr_total_get(void *which, u64 *val)
{
	/* What is freed meanwhile may be seen before what was allocated. */
	*val = max(phyr_total((unsigned long)which), 0);
	return 0;
}

DEFINE_DEBUGFS_ATTRIBUTE(phyr_total_fops, phyr_total_get, NULL, "%llu\n");

static int __init phyr_stats_init(void)
{
	static const char * const names[PHYR_NR_TOTALS] = {
		[PHYR_TOTAL_LISTS]	= "lists",
		[PHYR_TOTAL_RANGES]	= "ranges",
		[PHYR_TOTAL_BYTES]	= "bytes",
		[PHYR_TOTAL_MEMORY]	= "memory_used",
	};
	struct dentry *dir = debugfs_create_dir("phyr", NULL);

	for (unsigned long i = 0; i < PHYR_NR_TOTALS; i++)
		debugfs_create_file_unsafe(names[i], 0444, dir, (void *)i,
					   &phyr_total_fops);
	return 0;
}
fs_initcall(phyr_stats_init);
