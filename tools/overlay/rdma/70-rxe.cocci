// SPDX-License-Identifier: GPL-2.0-only
//
// rxe: the pages of a user's MR are looked up in its umem's list, and those of a
// fast MR in a table of addresses: see rxe_mr_phyr.c.
//
// Files: drivers/infiniband/sw/rxe/rxe_mr.c drivers/infiniband/sw/rxe/rxe_verbs.h
// Gone: page_info|max_allowed_buf|nbuf|mr_iova_to|sgt_append

// --- what an MR has ------------------------------------------------------------

@header@
@@
 #include "rxe_hw_counters.h"
+#include "rxe_mr_phyr.h"

@entry@
@@
-struct rxe_mr_page { ... };

@fields@
typedef u32;
@@
 struct rxe_mr {
 	...
 	struct ib_umem *umem;
+	struct rxe_mr_pages pages;
 	...
-	u32 num_buf;
-	u32 max_allowed_buf;
-	u32 nbuf;
-	struct rxe_mr_page *page_info;
 };

// --- setting it up -------------------------------------------------------------

// Nothing is allocated for a user's MR, so that there is less to undo.
@user@
identifier mr, umem, err;
symbol err1, err2;
@@
 rxe_mr_init_user(...)
 {
 	<...
-	err = alloc_mr_page_info(mr, ...);
-	if (err)
-		goto err2;
-	err = rxe_mr_fill_pages_from_sgt(mr, &umem->sgt_append.sgt);
+	err = rxe_mr_set_umem(mr, umem);
 	if (err)
 		goto err1;
-	mr->umem = umem;
 	...>
 }

@undo@
@@
-	free_mr_page_info(...);
-err2:
 	ib_umem_release(...);

@fast@
@@
 rxe_mr_init_fast(...)
 {
 	...
-	alloc_mr_page_info
+	rxe_mr_alloc_pages
 	(...)
 	...
 }

// A page of the MR is one entry of the table, however large it is: there is
// nothing to allocate here.
@map@
identifier mr;
symbol rxe_set_page, rxe_mr_set_page;
@@
 rxe_map_mr_sg(...)
 {
 	...
-	if (mr_page_size(mr) > PAGE_SIZE) { ... }
 	...
-	mr->nbuf = 0;
+	mr->pages.nr = 0;
 	<...
-	rxe_set_page
+	rxe_mr_set_page
 	...>
 }

@cleanup@
expression mr;
@@
 rxe_mr_cleanup(...)
 {
 	...
-	if (mr->ibmr.type != IB_MR_TYPE_DMA)
-		free_mr_page_info(mr);
+	kfree(mr->pages.table);
 }

// --- looking pages up ----------------------------------------------------------

// Copying and flushing go over any number of pages.
@several@
identifier f = { rxe_mr_copy_xarray, rxe_mr_flush_pmem_iova };
identifier index, info, page_offset, mr, iova, length;
@@
 f(...)
 {
+	struct ib_umem_walk walk = {};
 	...
 	while (...) {
-		unsigned long index = rxe_mr_iova_to_index(mr, iova);
-		struct rxe_mr_page *info = &mr->page_info[index];
-		unsigned int page_offset = rxe_mr_iova_to_page_offset(mr, iova);
+		struct rxe_mr_piece piece = rxe_mr_piece_at(mr, iova, &walk);
 		<...
(
-		page_offset += info->offset;
|
-		min_t(unsigned int, length, PAGE_SIZE - page_offset)
+		min(length, piece.len)
|
-		info->page
+		piece.page
|
-		page_offset
+		piece.offset
)
 		...>
 	}
+	ib_umem_walk_end(&walk);
 	return 0;
 }

// Atomic operations touch one.
@one@
identifier index, info, page_offset, mr, iova, err, page;
statement S;
@@
 {
 	...
-	unsigned long index;
 	int err;
-	struct rxe_mr_page *info;
+	struct ib_umem_walk walk = {};
+	struct rxe_mr_piece piece;
 	...
-	page_offset = rxe_mr_iova_to_page_offset(mr, iova);
-	index = rxe_mr_iova_to_index(mr, iova);
-	info = &mr->page_info[index];
-	if (!info->page)
+	piece = rxe_mr_piece_at(mr, iova, &walk);
+	if (!piece.page)
 		S
-	page_offset += info->offset;
-	page = info->page;
+	ib_umem_walk_end(&walk);
+	page_offset = piece.offset;
+	page = piece.page;
 }

// --- what is left over ---------------------------------------------------------

@unused@
identifier f = {
	__alloc_mr_page_info, alloc_mr_page_info, free_mr_page_info,
	is_pmem_page, rxe_mr_fill_pages_from_sgt, rxe_mr_iova_to_index,
	rxe_mr_iova_to_page_offset, rxe_set_page
};
@@
-f(...) { ... }
