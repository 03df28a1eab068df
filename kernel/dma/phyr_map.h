/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KERNEL_DMA_PHYR_MAP_H
#define _KERNEL_DMA_PHYR_MAP_H
/*
 * What the files of the mapper share.
 */

#include <linux/phyr_dma.h>

static inline struct phyr_dma_part *phyr_dma_parts(const struct phyr_dma *dma)
{
	return dma->parts ?: (struct phyr_dma_part *)&dma->first;
}

#endif /* _KERNEL_DMA_PHYR_MAP_H */
