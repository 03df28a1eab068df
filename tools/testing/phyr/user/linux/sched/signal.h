/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PHYR_USER_SIGNAL_H
#define _PHYR_USER_SIGNAL_H

#include <linux/sched.h>

/* There is a signal when it was looked for that often; never for 0. */
extern unsigned int user_signal_after;

static inline bool fatal_signal_pending(struct task_struct *task)
{
	return user_signal_after && !--user_signal_after;
}

#endif /* _PHYR_USER_SIGNAL_H */
