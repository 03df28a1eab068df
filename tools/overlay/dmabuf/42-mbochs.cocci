// SPDX-License-Identifier: GPL-2.0-only
//
// mbochs: an exported framebuffer has a list of its pages, and no array, which was never
// freed.
//
// Files: samples/vfio-mdev/mbochs.c

@has@
@@
 struct mbochs_dmabuf {
 	...
-	struct page **pages;
+	struct phyr list;
 	...
 };

@gone@
identifier f = { mbochs_dmabuf_vm_fault, mbochs_mmap_dmabuf };
@@
-f(...) { ... }

@no_faults@
@@
-static const struct vm_operations_struct mbochs_dmabuf_vm_ops = { ... };

@core@
identifier f;
@@
 struct dma_buf_ops mbochs_dmabuf_ops = {
-	.mmap = f,
+	.mmap = dma_buf_phyr_mmap,
 };

// The pages are the device's, with a reference for each buffer that they are in.
@add@
identifier mdev_state, mode;
iterator name phyr_for_each_page;
@@
+static int mbochs_dmabuf_add(struct mbochs_dmabuf *dmabuf, struct page *page)
+{
+	int ret = phyr_append(&dmabuf->list, page_to_phys(page), PAGE_SIZE,
+			      GFP_KERNEL);
+
+	if (ret)
+		put_page(page);
+	return ret;
+}
+
 static struct mbochs_dmabuf *mbochs_dmabuf_alloc(struct mdev_state *mdev_state, ...)
 { ... }

@put@
identifier at, dir;
iterator name phyr_for_each_page;
@@
+static void mbochs_dmabuf_free(struct mbochs_dmabuf *dmabuf)
+{
+	struct page *page;
+
+	phyr_for_each_page(&dmabuf->list, page)
+		put_page(page);
+	phyr_destroy(&dmabuf->list);
+	kfree(dmabuf);
+}
+
 static struct sg_table *mbochs_map_dmabuf(struct dma_buf_attachment *at, ...)
 { ... }

// Until it goes it can be exported again.
@release@
identifier dmabuf, pg;
@@
-	for (pg = 0; pg < dmabuf->pagecount; pg++)
-		put_page(dmabuf->pages[pg]);
-

@free@
identifier f = { mbochs_release_dmabuf, mbochs_close_device }, dmabuf;
@@
 f(...)
 {
 	<...
-	kfree(dmabuf);
+	mbochs_dmabuf_free(dmabuf);
 	...>
 }

@no_number@
@@
 mbochs_release_dmabuf(...)
 {
 	...
-	pgoff_t pg;
 	...
 }

@no_array@
symbol dmabuf;
statement S;
@@
-	dmabuf->pages = kcalloc(...);
-	if (!dmabuf->pages) S

@append@
identifier dmabuf, pg;
expression list es;
symbol err_free_pages;
@@
-	dmabuf->pages[pg] = __mbochs_get_page(es);
-	if (!dmabuf->pages[pg])
+	page = __mbochs_get_page(es);
+	if (!page || mbochs_dmabuf_add(dmabuf, page))
 		goto err_free_pages;

@page@
@@
 mbochs_dmabuf_alloc(...)
 {
 	struct mbochs_dmabuf *dmabuf;
+	struct page *page;
 	...
 }

@fail@
identifier dmabuf, pg;
@@
-	while (pg > 0)
-		put_page(dmabuf->pages[--pg]);
-	kfree(dmabuf->pages);
+	mbochs_dmabuf_free(dmabuf);

@no_label@
@@
-err_free_dmabuf:
-	kfree(...);

@whole_pages@
identifier dmabuf;
@@
-	exp_info.size = dmabuf->mode.size;
+	exp_info.size = phyr_bytes(&dmabuf->list);
