// SPDX-License-Identifier: GPL-2.0-only
//
// Memory of processes is pinned in the list that is exported, with no array in between.
//
// Files: drivers/accel/amdxdna/amdxdna_ubuf.c

@has@
@@
 struct amdxdna_ubuf_priv {
-	struct page **pages;
+	struct phyr list;
 	...
 };

@release@
expression ubuf;
@@
-	unpin_user_pages(ubuf->pages, ...);
-	kvfree(ubuf->pages);
+	phyr_destroy(&ubuf->list);

@no_array@
identifier ubuf;
@@
-	ubuf->pages = ...;
-	if (!ubuf->pages) { ... }

@pin@
identifier va_ent, ubuf, npages, i, ret;
symbol destroy_pages;
@@
-	npages = va_ent[i].len >> PAGE_SHIFT;
-	ret = pin_user_pages_fast(..., &ubuf->pages[...]);
-	if (ret >= 0) { ... } else { ... }
+	if (!va_ent[i].len)
+		continue;
+	ret = phyr_pin_user(&ubuf->list, va_ent[i].vaddr, va_ent[i].len,
+			    FOLL_WRITE, GFP_KERNEL);
+	if (ret) {
+		XDNA_ERR(xdna, "Failed to pin pages ret %d", ret);
+		goto destroy_pages;
+	}

@trim@
identifier ubuf;
@@
+	phyr_trim(&ubuf->list, GFP_KERNEL);
 	exp_info.ops = &amdxdna_ubuf_dmabuf_ops;
 	exp_info.priv = ubuf;

@unpin@
identifier ubuf;
@@
-	if (start)
-		unpin_user_pages(...);
-	kvfree(ubuf->pages);
+	phyr_destroy(&ubuf->list);

@no_npages@
@@
-	u32 npages;

@no_start@
@@
-	u32 start = 0;
