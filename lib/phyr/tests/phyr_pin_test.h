/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef __PHYR_PIN_TEST_H
#define __PHYR_PIN_TEST_H
/*
 * What a program asks the file phyr_pin of debugfs for: to pin its memory, and to
 * unpin it again.
 */

#include <linux/ioctl.h>
#include <linux/types.h>

enum phyr_pin_how {
	PHYR_PIN_GUP,		/* into an array of pages */
	PHYR_PIN_GUP_SG,	/* and from there into a scatterlist */
	PHYR_PIN_LIST,		/* into a list */
	PHYR_PIN_MEMFD,		/* a file's, into an array of folios */
	PHYR_PIN_MEMFD_LIST,	/* a file's, into a list */
	PHYR_PIN_NR
};

struct phyr_pin_request {
	__u64	addr;		/* in a file: from its start on */
	__u64	len;
	__u32	how;
	__u32	gup_flags;
	__u32	rounds;
	__s32	fd;		/* the file */
	__u32	pid;		/* of the process whose memory it is, or 0 */
	__u32	killed;		/* in a comparison: have the program killed first */
	__u32	list_first;	/* in a comparison: a list finds it as the program left it */
	__u32	first_differences; /* answer: of that */
	__u64	ns;		/* answer: what all rounds took */
	__u64	pages;		/* answer: pinned at a time */
	__u64	differences;	/* answer to a comparison */
	__s32	gup_ret;	/* and what it is of */
	__s32	list_ret;
};

/* How long does it take? */
#define PHYR_PIN_TIME		_IOWR('P', 1, struct phyr_pin_request)

/* Does a list get the same pages and pins as an array does? */
#define PHYR_PIN_COMPARE	_IOWR('P', 2, struct phyr_pin_request)

/* Does a list hold the same pages as an array, both pinned at a time? */
#define PHYR_PIN_BOTH		_IOWR('P', 3, struct phyr_pin_request)

#endif /* __PHYR_PIN_TEST_H */
