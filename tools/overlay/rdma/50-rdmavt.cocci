// SPDX-License-Identifier: GPL-2.0-only
//
// rdmavt keeps kernel addresses of all pages, which it takes from the list.
//
// Files: drivers/infiniband/sw/rdmavt/mr.c
// Gone: sgt_append|sg_iter

@walk@
expression umem;
identifier iter;
iterator name for_each_sgtable_page, phyr_for_each_page;
@@
-	struct sg_page_iter iter;
+	struct page *page;
 	...
-	for_each_sgtable_page(&umem->sgt_append.sgt, &iter, 0)
+	phyr_for_each_page(&umem->phyr, page)
 	{
 	<...
-	sg_page_iter_page(&iter)
+	page
 	...>
 	}
