// SPDX-License-Identifier: GPL-2.0-only
//
// A umem is a list of pages and a mapping of it; a walk by blocks is one over the
// mapping.
//
// Files: include/rdma/ib_umem.h include/rdma/iter.h
// Gone: struct sg_append_table|sgt_append|first_sg

@depends on file in "include/rdma/ib_umem.h"@
@@
 #include <linux/scatterlist.h>
+#include <rdma/ib_umem_phyr.h>

@@ @@
 struct ib_umem {
 	...
-	struct sg_append_table sgt_append;
+	struct phyr phyr;
+	struct phyr_dma dma;
 };

@@ @@
 struct ib_umem_dmabuf {
 	...
-	struct scatterlist *first_sg;
-	struct scatterlist *last_sg;
-	unsigned long first_sg_offset;
-	unsigned long last_sg_trim;
 	...
 };

@@
expression umem;
@@
-sg_dma_address(umem->sgt_append.sgt.sgl)
+ib_umem_first_page_dma(umem)

@@ @@
 struct ib_block_iter {
 	...
+	struct phyr_dma_state __ds;
 	dma_addr_t __dma_addr;
 	...
 };

@@
identifier biter, umem, pgsz;
@@
 __rdma_umem_block_iter_start(struct ib_block_iter *biter,
			      struct ib_umem *umem, unsigned long pgsz)
 {
-	__rdma_block_iter_start(biter, ...);
-	biter->__sg_advance = ...;
+	ib_umem_start_blocks(umem, &biter->__ds);
+	biter->__pg_bit = __fls(pgsz);
 	...
 }

@@
identifier biter;
@@
 __rdma_umem_block_iter_next(struct ib_block_iter *biter)
 {
 	return
-	__rdma_block_iter_next(biter)
+	ib_umem_next_block(&biter->__ds, BIT_ULL(biter->__pg_bit),
+			   &biter->__dma_addr)
 	&& ...;
 }
