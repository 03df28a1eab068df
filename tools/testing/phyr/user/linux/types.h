/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PHYR_USER_TYPES_H
#define _PHYR_USER_TYPES_H

#include_next <linux/types.h>
#include <sys/types.h>

struct phys_vec {
	phys_addr_t	paddr;
	size_t		len;
};

#endif /* _PHYR_USER_TYPES_H */
