/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PHYR_USER_MEMREMAP_H
#define _PHYR_USER_MEMREMAP_H
/*
 * As in a kernel without memory of devices.
 */

#include <linux/mm.h>

enum { MEMORY_DEVICE_PRIVATE = 1, MEMORY_DEVICE_PCI_P2PDMA };

struct dev_pagemap {
	int	type;
};

static inline struct dev_pagemap *get_dev_pagemap(unsigned long pfn)
{
	return NULL;
}

static inline void put_dev_pagemap(struct dev_pagemap *pgmap)
{
}

static inline bool is_zone_device_page(const struct page *page)
{
	return false;
}

static inline bool is_device_private_page(const struct page *page)
{
	return false;
}

static inline bool is_pci_p2pdma_page(const struct page *page)
{
	return false;
}

#endif /* _PHYR_USER_MEMREMAP_H */
