/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef __PHYR_ALLOC_H
#define __PHYR_ALLOC_H
/*
 * What tests replace to have no memory.
 */

#include <linux/gfp_types.h>

#if IS_ENABLED(CONFIG_KUNIT)
struct folio *phyr_alloc_folio(gfp_t gfp, unsigned int order);
#endif

#endif /* __PHYR_ALLOC_H */
