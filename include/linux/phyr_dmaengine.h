/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _LINUX_PHYR_DMAENGINE_H
#define _LINUX_PHYR_DMAENGINE_H
/*
 * Tables for DMA controllers, whose drivers take arrays of addresses and lengths, or
 * scatterlists.
 */

#include <linux/dmaengine.h>
#include <linux/phyr_table.h>
#include <linux/scatterlist.h>

static inline struct dma_async_tx_descriptor *
phyr_table_prep_vecs(struct dma_chan *chan, const struct phyr_table *table,
		     unsigned int nr, enum dma_transfer_direction dir,
		     unsigned long flags)
{
	struct dma_vec *vecs = kmalloc_objs(*vecs, nr, GFP_NOWAIT);
	struct dma_async_tx_descriptor *tx;
	struct phyr_segment segment;
	unsigned int i;

	if (!vecs)
		return NULL;
	phyr_table_for_each_segment_nr(table, segment, nr, i) {
		vecs[i].addr = segment.addr;
		vecs[i].len = segment.len;
	}
	tx = dmaengine_prep_peripheral_dma_vec(chan, vecs, nr, dir, flags);
	kfree(vecs);
	return tx;
}

static inline struct dma_async_tx_descriptor *
phyr_table_prep_sg(struct dma_chan *chan, const struct phyr_table *table,
		   unsigned int nr, enum dma_transfer_direction dir,
		   unsigned long flags)
{
	struct scatterlist *sgl = kmalloc_objs(*sgl, nr, GFP_NOWAIT);
	struct dma_async_tx_descriptor *tx;
	struct phyr_segment segment;
	unsigned int i;

	if (!sgl)
		return NULL;
	sg_init_table(sgl, nr);
	phyr_table_for_each_segment_nr(table, segment, nr, i) {
		sg_dma_address(&sgl[i]) = segment.addr;
		sg_dma_len(&sgl[i]) = segment.len;
	}
	tx = dmaengine_prep_slave_sg(chan, sgl, nr, dir, flags);
	kfree(sgl);
	return tx;
}

/**
 * phyr_table_prep_slave() - Prepare a transfer of a table's memory by a DMA controller
 * @chan: Channel of the controller.
 * @table: Table that is mapped for the controller's device.
 * @dir: Direction of the transfer.
 * @flags: DMA_PREP_* and DMA_CTRL_* flags.
 *
 * In place of dmaengine_prep_slave_sg().  What the controller's driver is given is
 * gone when this returns, as it is after dmaengine_prep_slave_single(), which this
 * comes to where there is one segment only.  imx-dma, rz-dmac, uniphier-mdmac and qdma
 * read their caller's scatterlist later, and can't be given either.
 *
 * Context: Any.  For several segments an array is allocated, by GFP_NOWAIT.
 * Return: The transfer, or NULL if the controller can't do it or memory is short.
 */
static inline struct dma_async_tx_descriptor *
phyr_table_prep_slave(struct dma_chan *chan, const struct phyr_table *table,
		      enum dma_transfer_direction dir, unsigned long flags)
{
	unsigned int nr = phyr_table_nr_segments(table);

	if (!nr)
		return NULL;
	if (nr == 1)
		return dmaengine_prep_slave_single(chan,
						   phyr_table_first_addr(table),
						   phyr_bytes(&table->list),
						   dir, flags);
	if (chan->device->device_prep_peripheral_dma_vec)
		return phyr_table_prep_vecs(chan, table, nr, dir, flags);
	return phyr_table_prep_sg(chan, table, nr, dir, flags);
}

#endif /* _LINUX_PHYR_DMAENGINE_H */
