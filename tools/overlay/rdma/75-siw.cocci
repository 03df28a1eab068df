// SPDX-License-Identifier: GPL-2.0-only
//
// siw: the pages of a user's memory are looked up in its umem's list: see
// siw_umem.h.
//
// Files: drivers/infiniband/sw/siw/siw.h drivers/infiniband/sw/siw/siw_mem.h
// Files: drivers/infiniband/sw/siw/siw_mem.c
// Files: drivers/infiniband/sw/siw/siw_qp_rx.c
// Files: drivers/infiniband/sw/siw/siw_qp_tx.c
// Gone: page_chunk|num_chunks|num_pages|sgt_append|sg_page_iter

// --- what there is of a user's memory ------------------------------------------

@header@
@@
 #include "iwarp.h"
+#include "siw_umem.h"

@old_umem@
@@
-struct siw_umem { ... };

@old_chunk@
@@
-struct siw_page_chunk { ... };

// --- setting it up -------------------------------------------------------------

@allocate@
expression umem;
symbol num_pages, num_chunks;
@@
 siw_umem_get(...)
 {
 	...
-	num_pages = ...;
-	num_chunks = ...;
-	umem = kzalloc_flex(...);
+	umem = kzalloc_obj(*umem);
 	...
 }

@fill@
identifier umem, base, sgt, i;
@@
 	umem->base_mem = base;
-	umem->num_pages = ...;
-	umem->num_chunks = ...;
+	ib_umem_cursor_init(&umem->cursor, base);
-	sgt = &base->sgt_append.sgt;
-	__sg_page_iter_start(...);
-	for (i = 0; ...; i++) { ... }
-	if (num_pages) { ... }
 	return umem;

@release@
identifier umem, i;
@@
 siw_umem_release(struct siw_umem *umem)
 {
 	...
-	for (i = 0; ...; i++)
-		kfree(umem->page_chunk[i].plist);
 	...
 }

@count@
type T;
@@
 siw_umem_release(...)
 {
 	...
-	T num_chunks = ...;
 	...
 }

@locals@
identifier f = { siw_umem_get, siw_umem_release };
identifier unused = { num_pages, num_chunks, i, sgt, sg_iter };
type T;
@@
 f(...)
 {
 	<...
-	T unused;
 	...>
 }

// --- looking pages up ----------------------------------------------------------

@lookup@
@@
-siw_get_upage(...) { ... }

// A walk goes over all that is received, or sent, in one call.
@receive@
expression list es;
@@
 siw_rx_umem(...)
 {
+	struct ib_umem_walk walk = {};
 	...
 	while (...) {
 		...
 		siw_get_upage(es
+		, &walk
 		)
 		...
 	}
+	ib_umem_walk_end(&walk);
 	...
 }

@send_page@
parameter list ps;
expression list es;
@@
 siw_get_page(ps
+	, struct ib_umem_walk *walk
 	)
 {
 	<...
 	siw_get_upage(es
+	, walk
 	)
 	...>
 }

@send@
identifier f;
@@
 f(...)
 {
+	struct ib_umem_walk walk = {};
 	<+...
 	siw_get_page(...)
 	...+>
 }

@send_pages@
expression list es;
@@
 	siw_get_page(es
+	, &walk
 	)

// It need not end where something failed.
@sent_short@
symbol bytes;
@@
 siw_try_1seg(...)
 {
 	...
+	ib_umem_walk_end(&walk);
 	return (int)bytes;
 }

@sent_long@
identifier data_len;
@@
 siw_tx_hdt(...)
 {
 	...
 	while (data_len) { ... }
+	ib_umem_walk_end(&walk);
 	...
 }
