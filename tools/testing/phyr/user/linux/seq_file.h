/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PHYR_USER_SEQ_FILE_H
#define _PHYR_USER_SEQ_FILE_H

/* The kernel's formats aren't known here: lines are only counted. */
struct seq_file {
	unsigned long	lines;
};

static inline void seq_printf(struct seq_file *m, const char *fmt, ...)
{
	m->lines++;
}

#endif /* _PHYR_USER_SEQ_FILE_H */
