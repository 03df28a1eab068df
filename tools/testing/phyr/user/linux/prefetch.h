/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PHYR_USER_PREFETCH_H
#define _PHYR_USER_PREFETCH_H

#define prefetch(x)	__builtin_prefetch(x)

#endif /* _PHYR_USER_PREFETCH_H */
