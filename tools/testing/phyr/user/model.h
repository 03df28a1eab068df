/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PHYR_USER_MODEL_H
#define _PHYR_USER_MODEL_H
/*
 * What a list should hold, in a plain array.
 */

#include <linux/phyr.h>

#define MODEL_ROOM	8192

/* Summaries of all entries before this one, and where it is in the list. */
struct model_entry {
	struct phyr_range	range;
	u64			pos;
	u64			seams;
	phys_addr_t		lowest;
	phys_addr_t		highest;
	unsigned int		seen;
	bool			mixed;
};

struct model {
	size_t			nr;
	struct model_entry	entries[MODEL_ROOM];
};

/* Would @b have become a part of @a, had it been appended after it? */
bool model_merges(const struct phyr_range *a, const struct phyr_range *b);

/* What undoes appends, and how much was allocated before. */
struct model_mark {
	size_t			heap;	/* that the list uses */
	size_t			nr;
	struct model_entry	last;
};

struct model_mark model_save(const struct model *model);
void model_restore(struct model *model, const struct model_mark *mark);

u64 model_bytes(const struct model *model);
int model_append(struct model *model, const struct phyr_range *range);
void model_truncate(struct model *model, u64 len);

/* The rest of the range that holds the byte at @pos. */
struct phyr_range model_at(const struct model *model, u64 pos);

void model_check_range(const struct phyr_range *range,
		       const struct phyr_range *want);
void model_check_summaries(const struct model *model, const struct phyr *phyr);
void model_check(const struct model *model, const struct phyr *phyr);

static inline u64 range_end(const struct phyr_range *range)
{
	return (u64)range->phys + range->len;
}

#endif /* _PHYR_USER_MODEL_H */
