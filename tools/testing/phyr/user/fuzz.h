/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PHYR_USER_FUZZ_H
#define _PHYR_USER_FUZZ_H

#include "model.h"

/* A list and what it should be like. */
struct list {
	struct phyr	phyr;
	struct model	model;
};

/* What the fuzzer calls, by a name that the Makefile knows. */
int fuzz_input(const u8 *data, size_t size);

void list_check(struct list *list);

/* Go over a list in whatever ways the input says. */
void op_walk(struct list *list);

#endif /* _PHYR_USER_FUZZ_H */
