/* SPDX-License-Identifier: GPL-2.0-only */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM phyr

#if !defined(_TRACE_PHYR_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_PHYR_H

#include <linux/phyr.h>
#include <linux/tracepoint.h>
#ifdef CONFIG_PHYR_DMA
#include <linux/phyr_dma.h>
#endif

/*
 * A call that pins memory and appends it.  @addr is where the memory starts for
 * who asked: an address in user space, or a position in a file.  @ranges is how
 * many the list got, which is none if there was an error.
 */
DECLARE_EVENT_CLASS(phyr_pin_class,
		    TP_PROTO(const struct phyr *phyr, u64 addr, u64 bytes,
			     u64 ranges, int error),
		    TP_ARGS(phyr, addr, bytes, ranges, error),
		    TP_STRUCT__entry(__field(const void *, phyr)
				     __field(u64, addr)
				     __field(u64, bytes)
				     __field(u64, ranges)
				     __field(int, error)),
		    TP_fast_assign(__entry->phyr = phyr;
				   __entry->addr = addr;
				   __entry->bytes = bytes;
				   __entry->ranges = ranges;
				   __entry->error = error;),
		    TP_printk("phyr=%p addr=0x%llx bytes=%llu ranges=%llu error=%d",
			      __entry->phyr, __entry->addr, __entry->bytes,
			      __entry->ranges, __entry->error)
);

DEFINE_EVENT(phyr_pin_class, phyr_pin,
	     TP_PROTO(const struct phyr *phyr, u64 addr, u64 bytes, u64 ranges,
		      int error),
	     TP_ARGS(phyr, addr, bytes, ranges, error)
);

DEFINE_EVENT(phyr_pin_class, phyr_pin_memfd,
	     TP_PROTO(const struct phyr *phyr, u64 addr, u64 bytes, u64 ranges,
		      int error),
	     TP_ARGS(phyr, addr, bytes, ranges, error)
);

/*
 * Pins that were dropped: of all of a list or, when it is truncated or a call
 * that pins fails, of its end.
 */
TRACE_EVENT(phyr_unpin,
	    TP_PROTO(const struct phyr *phyr, u64 pages, u64 ranges, bool dirty),
	    TP_ARGS(phyr, pages, ranges, dirty),
	    TP_STRUCT__entry(__field(const void *, phyr)
			     __field(u64, pages)
			     __field(u64, ranges)
			     __field(bool, dirty)),
	    TP_fast_assign(__entry->phyr = phyr;
			   __entry->pages = pages;
			   __entry->ranges = ranges;
			   __entry->dirty = dirty;),
	    TP_printk("phyr=%p pages=%llu ranges=%llu dirty=%d",
		      __entry->phyr, __entry->pages, __entry->ranges,
		      __entry->dirty)
);

#ifdef CONFIG_PHYR_DMA
/*
 * A list that was mapped for a device, or should have been: then @dma has none.
 * @ranges is how many ranges of DMA addresses the device sees, to count which may
 * take a walk.
 */
TRACE_EVENT(phyr_dma_map,
	    TP_PROTO(const struct phyr_dma *dma, const struct phyr *phyr,
		     int error),
	    TP_ARGS(dma, phyr, error),
	    TP_STRUCT__entry(__field(const void *, phyr)
			     __string(device, dev_name(dma->dev))
			     __field(u64, bytes)
			     __field(u64, ranges)
			     __string(mode, phyr_dma_mode_name(dma))
			     __field(int, error)),
	    TP_fast_assign(__entry->phyr = phyr;
			   __assign_str(device);
			   __entry->bytes = phyr_bytes(phyr);
			   __entry->ranges = phyr_dma_nr_ranges(dma);
			   __assign_str(mode);
			   __entry->error = error;),
	    TP_printk("phyr=%p device=%s bytes=%llu ranges=%llu mode=%s error=%d",
		      __entry->phyr, __get_str(device), __entry->bytes,
		      __entry->ranges, __get_str(mode), __entry->error)
);

TRACE_EVENT(phyr_dma_unmap,
	    TP_PROTO(const struct phyr_dma *dma),
	    TP_ARGS(dma),
	    TP_STRUCT__entry(__field(const void *, phyr)
			     __string(device, dev_name(dma->dev))
			     __field(u64, bytes)),
	    TP_fast_assign(__entry->phyr = dma->phyr;
			   __assign_str(device);
			   __entry->bytes = phyr_dma_bytes(dma);),
	    TP_printk("phyr=%p device=%s bytes=%llu", __entry->phyr,
		      __get_str(device), __entry->bytes)
);
#endif /* CONFIG_PHYR_DMA */

#endif /* _TRACE_PHYR_H */

/* This part must be outside protection */
#include <trace/define_trace.h>
