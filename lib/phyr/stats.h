/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef __PHYR_STATS_H
#define __PHYR_STATS_H
/*
 * Totals over all lists, if there is a debugfs to see them in.
 */

#include <linux/phyr.h>

enum phyr_total {
	PHYR_TOTAL_LISTS,	/* that aren't empty */
	PHYR_TOTAL_RANGES,
	PHYR_TOTAL_BYTES,	/* described */
	PHYR_TOTAL_MEMORY,	/* bytes that lists use */
	PHYR_NR_TOTALS
};

#ifdef CONFIG_PHYR_DEBUGFS
/*
 * A public function has changed a list that had @nr ranges and @bytes bytes
 * when it was called.
 */
void phyr_account(const struct phyr *phyr, u64 nr, u64 bytes);

/* @bytes bytes were allocated or, if that is negative, freed. */
void phyr_account_memory(ssize_t bytes);

#if IS_ENABLED(CONFIG_KUNIT)
s64 phyr_total(enum phyr_total which);
#endif
#else
static inline void phyr_account(const struct phyr *phyr, u64 nr, u64 bytes)
{
}

static inline void phyr_account_memory(ssize_t bytes)
{
}
#endif

#endif /* __PHYR_STATS_H */
