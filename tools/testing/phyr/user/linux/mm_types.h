/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PHYR_USER_MM_TYPES_H
#define _PHYR_USER_MM_TYPES_H

#define pgprot_t	struct pgprot

struct pgprot {
	unsigned long	pgprot;
};

#endif /* _PHYR_USER_MM_TYPES_H */
