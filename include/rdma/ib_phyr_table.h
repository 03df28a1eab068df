/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _RDMA_IB_PHYR_TABLE_H
#define _RDMA_IB_PHYR_TABLE_H
/*
 * Tables for memory regions of RDMA devices, for users of ib_map_mr_sg().
 *
 * A memory region is made of pages, so that a device's limits for segments say nothing
 * here: ranges are cut where an entry of a scatterlist couldn't be longer.
 */

#include <linux/phyr_table.h>
#include <linux/scatterlist.h>
#include <linux/sizes.h>
#include <rdma/ib_verbs.h>

/* Go to the next range, or part of one; false at the end of the walk. */
static inline bool ib_phyr_table_next_segment(struct phyr_dma_state *ds,
					      struct phyr_segment *segment)
{
	struct dma_range range;

	if (!phyr_dma_mapped(ds->dma) ||
	    !phyr_dmas_next_segment(ds, &range, SZ_2G, U64_MAX))
		return false;
	segment->addr = range.addr;
	segment->len = range.len;
	return true;
}

/**
 * ib_phyr_table_for_each_segment_nr() - Walk the first ranges of a memory region
 * @table: Table.
 * @segment: A &struct phyr_segment, set to each range in turn, or to a part of one.
 * @nr: The most to walk.
 * @i: Set to the index.
 */
#define ib_phyr_table_for_each_segment_nr(table, segment, nr, i)	\
	for (struct phyr_table_walk __w = phyr_table_start(table);	\
	     ((i) = __w.next++) < (nr) &&				\
	     ib_phyr_table_next_segment(&__w.ds, &(segment));)

/* A software device takes what the CPU's addresses are. */
static inline int ib_phyr_table_map_virt(struct ib_device *dev,
					 struct phyr_table *table)
{
	struct sg_table sgt;
	int ret;

	ret = phyr_to_sgtable(&table->list, &sgt, UINT_MAX, GFP_KERNEL);
	if (ret)
		return ret;
	ib_dma_virt_map_sg(dev, sgt.sgl, sgt.nents);
	ret = phyr_dma_import_sgtable(&table->dma, &dev->dev, &sgt, 0,
				      phyr_bytes(&table->list), GFP_KERNEL);
	sg_free_table(&sgt);
	return ret;
}

/**
 * ib_phyr_table_map_nr() - Map a table for an RDMA device, and count its ranges
 * @dev: Device.
 * @table: Table, not mapped.
 * @dir: Direction of the transfers.
 *
 * In place of ib_dma_map_sg().  Undone by phyr_table_unmap().
 *
 * Context: Process, may sleep.
 * Return: The number of ranges, or 0 with nothing mapped.
 */
static inline unsigned int ib_phyr_table_map_nr(struct ib_device *dev,
						struct phyr_table *table,
						enum dma_data_direction dir)
{
	struct phyr_segment segment;
	unsigned int nr;
	int ret;

	if (ib_uses_virt_dma(dev))
		ret = ib_phyr_table_map_virt(dev, table);
	else
		ret = phyr_table_map(dev->dma_device, table, dir, 0);
	if (ret)
		return 0;
	ib_phyr_table_for_each_segment_nr(table, segment, UINT_MAX, nr)
		;
	return nr;
}

/**
 * ib_phyr_table_map_mr() - Have a memory region be a table's memory
 * @mr: Memory region.
 * @table: Table that is mapped for the region's device.
 * @nr: How many ranges of it, as ib_phyr_table_map_nr() returned.
 * @offset: As for ib_map_mr_sg().
 * @page_size: Size of the region's pages.
 *
 * In place of ib_map_mr_sg(), which drivers of devices implement for scatterlists only:
 * one is made for the call.
 *
 * Context: Process, may sleep.
 * Return: How many ranges are in the region, or a negative errno.
 */
static inline int ib_phyr_table_map_mr(struct ib_mr *mr,
				       const struct phyr_table *table,
				       unsigned int nr, unsigned int *offset,
				       unsigned int page_size)
{
	struct phyr_segment segment;
	struct scatterlist *sgl;
	unsigned int i;
	int ret;

	if (!nr)
		return -EINVAL;
	sgl = kvmalloc_objs(*sgl, nr);
	if (!sgl)
		return -ENOMEM;
	sg_init_table(sgl, nr);
	ib_phyr_table_for_each_segment_nr(table, segment, nr, i) {
		sg_dma_address(&sgl[i]) = segment.addr;
		sg_dma_len(&sgl[i]) = segment.len;
	}
	ret = ib_map_mr_sg(mr, sgl, nr, offset, page_size);
	kvfree(sgl);
	return ret;
}

#endif /* _RDMA_IB_PHYR_TABLE_H */
