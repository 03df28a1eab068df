// SPDX-License-Identifier: GPL-2.0-only
/*
 * Streaming mapping of physical-range lists: each range is mapped when the
 * driver asks for it, and unmapped when the driver hands it back.  Only IOVA is
 * mapped and unmapped as a whole.
 */

#include <linux/dma-mapping.h>
#include <linux/export.h>

#include "phyr_map.h"

/* A stream has one part, and so its list must be of one kind. */
static int phyr_dma_stream_check(const struct phyr_dma_stream *stream,
				 const struct phyr *phyr,
				 enum dma_data_direction dir,
				 unsigned long attrs)
{
	int ret = phyr_dma_check(&stream->dma, phyr, dir, attrs);

	if (!ret && phyr_is_mixed(phyr) && phyr_flags(phyr) & PHYR_MMIO)
		return -EOPNOTSUPP;
	return ret;
}

static int phyr_dma_stream_prepare(struct phyr_dma_stream *stream, gfp_t gfp)
{
	struct phyr_dma *dma = &stream->dma;
	struct phyr_dma_part *part = &dma->first;
	struct phyr_dma_span span;
	int ret = 0;

	phyr_dma_whole_span(dma->phyr, &span);
	phyr_dma_choose(dma, part, &span);
	if (part->mode == PHYR_DMA_RANGES)
		dma->max_len = phyr_dma_max_len(dma->dev);
	if (part->mode != PHYR_DMA_IOVA)
		return 0;

	ret = phyr_dma_map_iova(dma, part, &stream->cpu, span.len, gfp);
	if (ret)
		phyr_dma_unmap_iova(dma, part);
	return ret;
}

/**
 * phyr_dma_stream_start() - Start to map a list for a device
 * @stream: Stream to set up; what is in it doesn't matter.
 * @dev: Device to map for.
 * @phyr: List of one kind of memory, which must not change until the last
 *	phyr_dma_stream_next().
 * @dir: Direction of the transfers.
 * @attrs: DMA_ATTR_* flags.
 * @gfp: For page tables of an IOMMU.  They come from the atomic reserves if
 *	@dev isn't coherent, or isn't trusted, or if ranges are mapped one by
 *	one.
 *
 * Behind an IOMMU, all of the list is mapped here if its boundaries allow for a
 * single window of IOVA.  phyr_dma_stream_next() yields the addresses.
 *
 * Context: As @gfp allows.
 * Return: 0, or a negative errno with nothing mapped: -EOPNOTSUPP if @phyr has
 * device memory along with memory of another kind, for which phyr_dma_map() has
 * to be used; else as phyr_dma_map().
 */
int phyr_dma_stream_start(struct phyr_dma_stream *stream, struct device *dev,
			  const struct phyr *phyr, enum dma_data_direction dir,
			  unsigned long attrs, gfp_t gfp)
{
	int ret;

	*stream = (struct phyr_dma_stream){ .dma.dev = dev };
	ret = phyr_dma_stream_check(stream, phyr, dir, attrs);
	if (!ret) {
		stream->dma.phyr = phyr;
		stream->dma.dir = dir;
		stream->dma.attrs = attrs;
		stream->cpu = phyr_start(phyr);
		stream->left = phyr_bytes(phyr);
		ret = phyr_dma_stream_prepare(stream, gfp);
	}
	if (ret)
		*stream = (struct phyr_dma_stream){ };
	return ret;
}
EXPORT_SYMBOL_GPL(phyr_dma_stream_start);

static int phyr_dma_stream_map(struct phyr_dma_stream *stream)
{
	const struct phyr_dma *dma = &stream->dma;
	phys_addr_t phys;

	stream->range.len = phyr_dma_piece(dma, &stream->cpu, stream->left,
					   &phys);
	return phyr_dma_map_phys(dma, phys, stream->range.len,
				 phyr_dma_part_attrs(dma, &dma->first),
				 &stream->range.addr);
}

static void phyr_dma_stream_compute(struct phyr_dma_stream *stream)
{
	phys_addr_t phys;

	stream->range.len = phyrs_piece(&stream->cpu, stream->left, &phys);
	stream->range.addr = phys + stream->dma.first.delta;
}

/**
 * phyr_dma_stream_next() - Map the next range
 * @stream: Stream, after phyr_dma_stream_start().
 *
 * Give the range in @stream to the device and, when the device is done with it,
 * unchanged to phyr_dma_stream_put().  A device that can't take a range that
 * long may be given it in parts.
 *
 * Context: Any.
 * Return: %true if there is a range.  %false at the end or, if the error in
 * @stream isn't zero, because a range could not be mapped: -ERANGE if the
 * device can't address it, -ENOMEM if dma_map_phys() failed, which may work
 * later.  The ranges before it have to be put then.
 */
bool phyr_dma_stream_next(struct phyr_dma_stream *stream)
{
	const struct phyr_dma_part *part = &stream->dma.first;

	if (stream->error || !stream->left)
		return false;

	switch (part->mode) {
	case PHYR_DMA_IOVA:
		stream->range.addr = part->addr;
		stream->range.len = part->len;
		break;
	case PHYR_DMA_RANGES:
		stream->error = phyr_dma_stream_map(stream);
		break;
	default:
		phyr_dma_stream_compute(stream);
		break;
	}
	if (stream->error)
		return false;
	stream->left -= stream->range.len;
	return true;
}
EXPORT_SYMBOL_GPL(phyr_dma_stream_next);

/**
 * phyr_dma_stream_need_put() - Do ranges have to be put?
 * @stream: Stream, after the last phyr_dma_stream_next().
 *
 * If not, the driver needn't keep addresses for phyr_dma_stream_put().  This
 * isn't known before the last range is mapped, because that one may be bounced.
 *
 * Context: Any.
 * Return: %false if phyr_dma_stream_put() has nothing to do.
 */
bool phyr_dma_stream_need_put(const struct phyr_dma_stream *stream)
{
	return stream->dma.first.mode == PHYR_DMA_RANGES &&
	       phyr_dma_must_unmap(stream->dma.dev);
}
EXPORT_SYMBOL_GPL(phyr_dma_stream_need_put);

/**
 * phyr_dma_stream_put() - Hand a range back
 * @stream: Stream.
 * @addr: DMA address of a range that phyr_dma_stream_next() yielded.
 * @len: Its length in bytes.
 *
 * Call it when the device is done with the range; the order doesn't matter.
 *
 * Context: Any.
 */
void phyr_dma_stream_put(struct phyr_dma_stream *stream, dma_addr_t addr,
			 size_t len)
{
	const struct phyr_dma *dma = &stream->dma;

	if (phyr_dma_stream_need_put(stream))
		dma_unmap_phys(dma->dev, addr, len, dma->dir,
			       phyr_dma_part_attrs(dma, &dma->first));
}
EXPORT_SYMBOL_GPL(phyr_dma_stream_put);

/**
 * phyr_dma_stream_end() - End a stream
 * @stream: Stream, of which all ranges were put.  Nothing happens if it is all
 *	zeroes, as after phyr_dma_stream_start() failed.
 *
 * The memory belongs to the CPU again, and @stream is all zeroes.
 *
 * Context: Any.
 */
void phyr_dma_stream_end(struct phyr_dma_stream *stream)
{
	struct phyr_dma *dma = &stream->dma;

	if (dma->first.mode == PHYR_DMA_IOVA)
		phyr_dma_unmap_iova(dma, &dma->first);
	*stream = (struct phyr_dma_stream){ };
}
EXPORT_SYMBOL_GPL(phyr_dma_stream_end);
