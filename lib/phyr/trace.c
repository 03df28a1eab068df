// SPDX-License-Identifier: GPL-2.0-only
/*
 * Physical-range list: tracepoints, of the list and of its mapping.
 */

#define CREATE_TRACE_POINTS
#include <trace/events/phyr.h>

EXPORT_TRACEPOINT_SYMBOL_GPL(phyr_pin);
EXPORT_TRACEPOINT_SYMBOL_GPL(phyr_pin_memfd);
EXPORT_TRACEPOINT_SYMBOL_GPL(phyr_unpin);
#ifdef CONFIG_PHYR_DMA
EXPORT_TRACEPOINT_SYMBOL_GPL(phyr_dma_map);
EXPORT_TRACEPOINT_SYMBOL_GPL(phyr_dma_unmap);
#endif
