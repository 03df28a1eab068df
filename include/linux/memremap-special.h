/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _LINUX_MEMREMAP_SPECIAL_H
#define _LINUX_MEMREMAP_SPECIAL_H
/*
 * Pages of devices that can't be taken for ordinary memory by who lists memory by its
 * address.
 */

#include <linux/memremap.h>

/* Has there ever been such a page?  While there wasn't, no page has to be looked at. */
extern bool memremap_special;

/* Memory of peers has a provider, and what is private to a device has no address. */
static inline bool pgmap_is_special(const struct dev_pagemap *pgmap)
{
	return pgmap->type == MEMORY_DEVICE_PRIVATE ||
	       pgmap->type == MEMORY_DEVICE_PCI_P2PDMA;
}

#endif /* _LINUX_MEMREMAP_SPECIAL_H */
