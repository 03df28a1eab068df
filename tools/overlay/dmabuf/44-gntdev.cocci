// SPDX-License-Identifier: GPL-2.0-only
//
// Xen's gntdev: the pages of an exported buffer are in a list, which is mapped for each
// device when it asks for it.
//
// Files: drivers/xen/gntdev-dmabuf.c

@has@
@@
 struct gntdev_dmabuf {
 	...
-	struct page **pages;
+	struct phyr list;
 };

@had@
@@
-struct gntdev_dmabuf_attachment { ... };

@table@
@@
-dmabuf_pages_to_sgt(...) { ... }

@release@
expression gntdev_dmabuf;
@@
 dmabuf_exp_release(...)
 {
 	...
+	phyr_destroy(&gntdev_dmabuf->list);
 	kfree(gntdev_dmabuf);
 }

@append@
identifier gntdev_dmabuf, args;
typedef u64;
@@
-	gntdev_dmabuf->pages = args->pages;
+	err = phyr_append_pages(&gntdev_dmabuf->list, args->pages, args->count,
+				0, (u64)args->count << PAGE_SHIFT, GFP_KERNEL);
+	if (err)
+		return err;

@errno@
symbol exp_info;
@@
 dmabuf_exp_from_pages(...)
 {
 	DEFINE_DMA_BUF_EXPORT_INFO(exp_info);
+	int err;
 	...
 }

@fail@
expression gntdev_dmabuf;
@@
-	if (IS_ERR(gntdev_dmabuf->dmabuf))
+	if (IS_ERR(gntdev_dmabuf->dmabuf)) {
+		phyr_destroy(&gntdev_dmabuf->list);
 		return PTR_ERR(gntdev_dmabuf->dmabuf);
+	}
