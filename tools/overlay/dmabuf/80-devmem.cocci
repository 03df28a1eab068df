// SPDX-License-Identifier: GPL-2.0-only
//
// TCP of device memory: a binding has a mapping, whose ranges become chunks of its pool.
//
// Files: net/core/devmem.h
// Files: net/core/devmem.c
// Gone: sg_table|struct scatterlist|->sgt|sg_dma

@header@
@@
-#include <linux/dma-buf.h>
+#include <linux/dma-buf-phyr.h>

@has@
@@
 struct net_devmem_dmabuf_binding {
 	...
-	struct sg_table *sgt;
+	const struct phyr_dma *dma;
 	...
 };

@attachment@
expression dmabuf, dev;
@@
-dma_buf_attach(dmabuf, dev)
+dma_buf_mapping_attach(dmabuf, DMA_BUF_MAPPING_DMA, dev, NULL, NULL)

@map@
expression attach, dir;
@@
-dma_buf_map_attachment_unlocked(attach, dir)
+dma_buf_map_dma_unlocked(attach, dir)

@unmap@
expression attach, sgt, dir;
@@
-dma_buf_unmap_attachment_unlocked(attach, sgt, dir)
+dma_buf_unmap_dma_unlocked(attach, sgt)

@walk@
identifier sg, i;
expression sgt;
statement loop;
iterator name for_each_sgtable_dma_sg, phyr_dma_for_each_range;
@@
-for_each_sgtable_dma_sg(sgt, sg, i)
+phyr_dma_for_each_range(sgt, range)
 loop

@range_addr@
expression sg;
@@
-sg_dma_address(sg)
+range.addr

@range_len@
expression sg;
@@
-sg_dma_len(sg)
+range.len

@entry@
identifier walk.sg;
@@
-struct scatterlist *sg;
+struct dma_range range;

@index@
identifier walk.i;
@@
-unsigned int i;

@mapping@
expression binding;
@@
-binding->sgt
+binding->dma
