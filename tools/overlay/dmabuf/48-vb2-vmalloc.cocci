// SPDX-License-Identifier: GPL-2.0-only
//
// videobuf2-vmalloc: a buffer that is exported has a list of its pages.
//
// Files: drivers/media/common/videobuf2/videobuf2-vmalloc.c

@header@
@@
+#include <linux/dma-buf-phyr.h>
 #include <linux/io.h>

@has@
@@
 struct vb2_vmalloc_buf {
 	...
 	struct dma_buf *dbuf;
+	struct phyr list;	/* once exported */
 };

@had@
@@
-struct vb2_vmalloc_attachment { ... };

@release@
identifier buf;
@@
+	phyr_destroy(&buf->list);
 	vfree(buf->vaddr);

@own@
identifier f;
@@
+static const struct phyr *vb2_vmalloc_dmabuf_list(struct dma_buf *dbuf,
+						  unsigned long *attrs)
+{
+	struct vb2_vmalloc_buf *buf = dbuf->priv;
+
+	return &buf->list;
+}
+
+static const struct dma_buf_phyr_ops vb2_vmalloc_phyr_ops = {
+	.map_phyr = vb2_vmalloc_dmabuf_list,
+	.memory = DMA_BUF_PHYR_STATIC,
+};
+
 struct dma_buf_ops vb2_vmalloc_dmabuf_ops = {
 	.release = f,
+	.phyr = &vb2_vmalloc_phyr_ops,
 };

@list@
identifier vb;
@@
+/* A buffer can be exported several times; the queue's lock is held. */
+static int vb2_vmalloc_list_pages(struct vb2_vmalloc_buf *buf)
+{
+	int ret;
+
+	if (!phyr_empty(&buf->list))
+		return 0;
+	ret = phyr_append_kernel(&buf->list, buf->vaddr, PAGE_ALIGN(buf->size),
+				 GFP_KERNEL);
+	phyr_trim(&buf->list, GFP_KERNEL);
+	return ret;
+}
+
 static struct dma_buf *vb2_vmalloc_get_dmabuf(struct vb2_buffer *vb, ...) { ... }

@export@
identifier buf;
@@
 vb2_vmalloc_get_dmabuf(..., void *buf_priv, ...)
 {
 	<...
-	if (WARN_ON(!buf->vaddr))
+	if (WARN_ON(!buf->vaddr) || vb2_vmalloc_list_pages(buf))
 		return NULL;
 	...>
 }
