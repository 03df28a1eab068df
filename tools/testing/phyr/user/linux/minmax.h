/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PHYR_USER_MINMAX_H
#define _PHYR_USER_MINMAX_H
/* The kernel's own, as those of tools/ don't take mixed types. */

#include <linux/kernel.h>

#undef clamp
#undef max
#undef max_t
#undef min
#undef min_t
#include "../../../../../include/linux/minmax.h"

#endif /* _PHYR_USER_MINMAX_H */
