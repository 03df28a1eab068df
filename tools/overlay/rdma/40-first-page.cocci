// SPDX-License-Identifier: GPL-2.0-only
//
// Drivers that look at the first entry of a umem's table want its first page.
//
// Files: drivers/infiniband/hw/erdma/erdma_verbs.c
// Files: drivers/infiniband/hw/hns/hns_roce_db.c
// Files: drivers/infiniband/hw/irdma/verbs.c
// Files: drivers/infiniband/hw/mlx4/doorbell.c
// Files: drivers/infiniband/hw/mlx5/doorbell.c
// Files: drivers/infiniband/hw/qedr/verbs.c
// Gone: sgt_append

@variable@
identifier sg;
expression umem;
@@
-	struct scatterlist *sg;
 	...
-	sg = umem->sgt_append.sgt.sgl;
 	<...
-	sg_dma_address(sg)
+	ib_umem_first_page_dma(umem)
 	...>

@@
expression umem;
@@
(
-sg_dma_address(umem->sgt_append.sgt.sgl)
+ib_umem_first_page_dma(umem)
|
-sg_virt(umem->sgt_append.sgt.sgl)
+page_address(ib_umem_first_page(umem))
|
-sg_page(umem->sgt_append.sgt.sgl)
+ib_umem_first_page(umem)
)
