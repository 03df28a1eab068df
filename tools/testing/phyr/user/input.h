/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PHYR_USER_INPUT_H
#define _PHYR_USER_INPUT_H
/*
 * The bytes that a fuzzer made up, taken from the front; after the end there
 * are zeroes.
 */

#include <linux/types.h>

struct input {
	const u8	*data;
	size_t		left;
	/* What may still be done, in ranges or so: an input takes no ages. */
	long		work;
};

extern struct input input;

static inline u64 take(unsigned int bytes)
{
	u64 value = 0;

	for (; bytes && input.left; bytes--, input.left--)
		value = value << 8 | *input.data++;
	return value;
}

/* A number less than @limit. */
static inline unsigned int take_below(unsigned int limit)
{
	return take(limit > 256 ? 2 : 1) % limit;
}

/* -8 to 7 */
static inline int take_little(void)
{
	return (int)take_below(16) - 8;
}

#endif /* _PHYR_USER_INPUT_H */
