// SPDX-License-Identifier: GPL-2.0-only
//
// What a umem covers of a DMABUF is taken out of the exporter's table, which stays
// as it is.
//
// Files: drivers/infiniband/core/umem_dmabuf.c
// Gone: first_sg|last_sg|sgt_append

// With the check before it goes the comment between the two.
@no_trimming@
identifier umem_dmabuf, sgt, sg, i, start, end;
iterator name for_each_sgtable_dma_sg;
@@
-	if (IS_ERR(sgt))
-		return PTR_ERR(sgt);
-	start = ...;
-	end = ...;
-	for_each_sgtable_dma_sg(sgt, sg, i) {
-		...
-	}
-	umem_dmabuf->umem.sgt_append.sgt.sgl = ...;
-	umem_dmabuf->umem.sgt_append.sgt.nents = ...;

@import depends on no_trimming@
identifier umem_dmabuf, sgt;
symbol ret;
@@
+	if (IS_ERR(sgt))
+		return PTR_ERR(sgt);
+	ret = ib_umem_dmabuf_import(umem_dmabuf, sgt);
+	if (ret) {
+		dma_buf_unmap_attachment(umem_dmabuf->attach, sgt,
+					 DMA_BIDIRECTIONAL);
+		return ret;
+	}
 	umem_dmabuf->sgt = sgt;

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

@forget@
identifier umem_dmabuf;
@@
 ib_umem_dmabuf_unmap_pages(struct ib_umem_dmabuf *umem_dmabuf)
 {
 	...
+	phyr_dma_unmap(&umem_dmabuf->umem.dma);
 	dma_buf_unmap_attachment(...);
 	...
 }
