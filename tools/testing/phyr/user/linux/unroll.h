/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PHYR_USER_UNROLL_H
#define _PHYR_USER_UNROLL_H

#define unrolled_count(n)

#endif /* _PHYR_USER_UNROLL_H */
