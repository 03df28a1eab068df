/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PHYR_USER_LIMITS_H
#define _PHYR_USER_LIMITS_H

/* The C library's limits come first, and where both define one, they stay. */
#include <limits.h>
#include <stdint.h>

#define PHYS_ADDR_MAX	(~(phys_addr_t)0)
#define U32_MAX		UINT32_MAX
#define S64_MAX		INT64_MAX
#define U64_MAX		UINT64_MAX

#endif /* _PHYR_USER_LIMITS_H */
