/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PHYR_USER_VMALLOC_H
#define _PHYR_USER_VMALLOC_H

#include <linux/slab.h>

static inline void *__vmalloc(size_t size, gfp_t gfp)
{
	return kmalloc(size, gfp);
}

static inline bool is_vmalloc_addr(const void *addr)
{
	return false;
}

static inline void kvfree_atomic(const void *addr)
{
	kfree(addr);
}

#endif /* _PHYR_USER_VMALLOC_H */
