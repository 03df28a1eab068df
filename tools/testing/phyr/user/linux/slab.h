/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PHYR_USER_SLAB_H
#define _PHYR_USER_SLAB_H

#include <linux/cleanup.h>
#include <linux/gfp_types.h>
#include <linux/overflow.h>
#include <linux/types.h>

void *kmalloc(size_t size, gfp_t gfp);
void kfree(const void *addr);
size_t kmalloc_size_roundup(size_t size);
size_t ksize(const void *addr);

static inline bool gfpflags_allow_blocking(gfp_t gfp)
{
	return gfp & __GFP_DIRECT_RECLAIM;
}

static inline void *kmalloc_array(size_t nr, size_t size, gfp_t gfp)
{
	return kmalloc(array_size(nr, size), gfp);
}

DEFINE_FREE(kfree, void *, if (_T) kfree(_T))

#endif /* _PHYR_USER_SLAB_H */
