// SPDX-License-Identifier: GPL-2.0-only
//
// Pinning, mapping, copying and the best page size of a umem are calls of phyr,
// most of them by way of umem_phyr.c.
//
// Files: drivers/infiniband/core/umem.c
// Gone: sgt_append|page_list|cur_base|scatterlist

@@ @@
-#define RESCHED_LOOP_CNT_THRESHOLD 0x1000

@release@
identifier dev, umem, dirty, make_dirty, sg, i;
iterator name for_each_sgtable_sg;
@@
 __ib_umem_release(struct ib_device *dev, struct ib_umem *umem, int dirty)
 {
 	bool make_dirty = ...;
-	struct scatterlist *sg;
-	unsigned int i;

-	if (dirty)
-		ib_dma_unmap_sgtable_attrs(...);
-
-	for_each_sgtable_sg(...) {
-		...
-	}
-
-	sg_free_append_table(&umem->sgt_append);
+	ib_umem_unpin(umem, make_dirty);
 }

@best_page_size@
@@
-unsigned long ib_umem_find_best_pgsz(...)
-{
-	...
-}

@@
declarer name EXPORT_SYMBOL;
@@
-EXPORT_SYMBOL(ib_umem_find_best_pgsz);

@flags@
identifier gup_flags;
symbol page_list;
@@
 pin_user_pages_fast(..., gup_flags, page_list)

@pin_and_map@
identifier device, npages, umem, flags.gup_flags, ret;
@@
-	while (npages) {
-		...
-	}
-
-	ret = ib_dma_map_sgtable_attrs(device, &umem->sgt_append.sgt, ...);
+	ret = ib_umem_pin(umem, gup_flags);

@no_array@
symbol page_list, umem_kfree, cur_base, pinned;
@@
-	page_list = ...;
-	if (!page_list) {
-		...
-	}
@@ @@
(
-	kfree(page_list);
|
-	free_page((unsigned long) page_list);
)
-umem_kfree:
@@ @@
-	struct page **page_list;
@@ @@
-	cur_base = ...;
@@ @@
-	unsigned long cur_base;
@@ @@
-	int pinned;

@copy@
expression umem, dst, length, skip;
@@
-sg_pcopy_to_buffer(umem->sgt_append.sgt.sgl, umem->sgt_append.sgt.orig_nents, dst, length, skip)
+phyr_copy_to_buffer(&umem->phyr, dst, length, skip)
