/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PHYR_USER_HIGHMEM_H
#define _PHYR_USER_HIGHMEM_H

#include <linux/mm.h>

void memcpy_from_page(char *to, struct page *page, size_t offset, size_t len);
void memcpy_to_page(struct page *page, size_t offset, const char *from,
		    size_t len);
void memzero_page(struct page *page, size_t offset, size_t len);

#endif /* _PHYR_USER_HIGHMEM_H */
