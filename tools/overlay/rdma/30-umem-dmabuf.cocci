// SPDX-License-Identifier: GPL-2.0-only
//
// The memory of a DMABUF is a part of what the DMABUF core maps for the device.
//
// Files: include/rdma/ib_umem.h drivers/infiniband/core/umem_dmabuf.c drivers/infiniband/hw/mlx5/mr.c
// Gone: first_sg|last_sg|umem_dmabuf->sgt|dma_buf_map_attachment

@@ @@
 struct ib_umem_dmabuf {
 	...
-	struct sg_table *sgt;
+	const struct phyr_dma *dma;
 	...
 };

@depends on file in "drivers/infiniband/core/umem_dmabuf.c"@
@@
-#include <linux/dma-buf.h>
+#include <linux/dma-buf-phyr.h>

// With the check before it goes the comment between the two.
@no_trimming@
identifier umem_dmabuf, sgt, sg, i, start, end;
iterator name for_each_sgtable_dma_sg;
@@
-	sgt = dma_buf_map_attachment(umem_dmabuf->attach,
-				     DMA_BIDIRECTIONAL);
-	if (IS_ERR(sgt))
-		return PTR_ERR(sgt);
-	start = ...;
-	end = ...;
-	for_each_sgtable_dma_sg(sgt, sg, i) {
-		...
-	}
-	umem_dmabuf->umem.sgt_append.sgt.sgl = ...;
-	umem_dmabuf->umem.sgt_append.sgt.nents = ...;
-	umem_dmabuf->sgt = sgt;
+	dma = dma_buf_map_dma(umem_dmabuf->attach, DMA_BIDIRECTIONAL);
+	if (IS_ERR(dma))
+		return PTR_ERR(dma);
+	umem_dmabuf->dma = dma;

@depends on no_trimming@ identifier no_trimming.sgt; @@
-	struct sg_table *sgt;
+	const struct phyr_dma *dma;

@@ identifier no_trimming.sg; @@
-	struct scatterlist *sg;

@@ identifier no_trimming.start; @@
-	unsigned long start;
 	... when != start

@@ identifier no_trimming.end; @@
-	unsigned long end;
 	... when != end

@@ symbol cur; @@
-	unsigned long cur = 0;

@@ symbol nmap; @@
-	unsigned int nmap = 0;

@@ identifier no_trimming.i; @@
-	int i;

@nothing_to_restore@
expression umem_dmabuf;
@@
-	if (umem_dmabuf->first_sg) {
-		...
-	}
-	if (umem_dmabuf->last_sg) {
-		...
-	}

@@
expression umem_dmabuf;
@@
-	dma_buf_unmap_attachment(umem_dmabuf->attach, umem_dmabuf->sgt,
-				 DMA_BIDIRECTIONAL);
+	dma_buf_unmap_dma(umem_dmabuf->attach, umem_dmabuf->dma);

@@
struct ib_umem_dmabuf *umem_dmabuf;
@@
-umem_dmabuf->sgt
+umem_dmabuf->dma

@@
struct ib_umem_dmabuf *umem_dmabuf;
expression dmabuf, dev, ops, priv;
@@
-umem_dmabuf->attach = dma_buf_dynamic_attach(dmabuf, dev, ops, priv);
+umem_dmabuf->attach = dma_buf_mapping_attach(dmabuf, DMA_BUF_MAPPING_DMA,
+					     dev, ops, priv);
