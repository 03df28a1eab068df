/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PHYR_USER_SCHED_H
#define _PHYR_USER_SCHED_H

struct task_struct;

#define current		((struct task_struct *)NULL)

static inline void cond_resched(void)
{
}

static inline void might_sleep(void)
{
}

#endif /* _PHYR_USER_SCHED_H */
