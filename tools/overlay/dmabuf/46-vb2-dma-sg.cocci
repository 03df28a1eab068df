// SPDX-License-Identifier: GPL-2.0-only
//
// videobuf2-dma-sg: a buffer that is exported has a list of its pages.  The drivers
// that are its owners go on reading a table, which is synced with the others' mappings.
//
// Files: drivers/media/common/videobuf2/videobuf2-dma-sg.c

@header@
@@
+#include <linux/dma-buf-phyr.h>
 #include <linux/module.h>

@has@
@@
 struct vb2_dma_sg_buf {
 	...
 	struct sg_table *dma_sgt;
+	struct phyr list;	/* once exported */
 	...
 };

@had@
@@
-struct vb2_dma_sg_attachment { ... };

@release@
identifier buf, sgt;
@@
 vb2_dma_sg_put(...)
 {
 	...
 	if (refcount_dec_and_test(&buf->refcount)) {
 		...
 		sg_free_table(buf->dma_sgt);
+		phyr_destroy(&buf->list);
 		...
 	}
 }

@begin@
@@
 vb2_dma_sg_dmabuf_ops_begin_cpu_access(struct dma_buf *dbuf,
					enum dma_data_direction direction)
 {
 	...
-	return 0;
+	return dma_buf_phyr_begin_cpu_access(dbuf, direction);
 }

@end@
@@
 vb2_dma_sg_dmabuf_ops_end_cpu_access(struct dma_buf *dbuf,
				      enum dma_data_direction direction)
 {
 	...
-	return 0;
+	return dma_buf_phyr_end_cpu_access(dbuf, direction);
 }

@own@
identifier f;
@@
+static const struct phyr *vb2_dma_sg_dmabuf_list(struct dma_buf *dbuf,
+						 unsigned long *attrs)
+{
+	struct vb2_dma_sg_buf *buf = dbuf->priv;
+
+	return &buf->list;
+}
+
+static const struct dma_buf_phyr_ops vb2_dma_sg_phyr_ops = {
+	.map_phyr = vb2_dma_sg_dmabuf_list,
+	.memory = DMA_BUF_PHYR_STATIC,
+};
+
 struct dma_buf_ops vb2_dma_sg_dmabuf_ops = {
 	.release = f,
+	.phyr = &vb2_dma_sg_phyr_ops,
 };

@list@
identifier vb;
@@
+/* A buffer can be exported several times; the queue's lock is held. */
+static int vb2_dma_sg_list_pages(struct vb2_dma_sg_buf *buf)
+{
+	int ret;
+
+	if (!phyr_empty(&buf->list))
+		return 0;
+	ret = phyr_append_pages(&buf->list, buf->pages, buf->num_pages, 0,
+				buf->size, GFP_KERNEL);
+	if (!ret)
+		phyr_trim(&buf->list, GFP_KERNEL);
+	return ret;
+}
+
 static struct dma_buf *vb2_dma_sg_get_dmabuf(struct vb2_buffer *vb, ...) { ... }

@export@
identifier dbuf, buf, exp_info;
@@
 vb2_dma_sg_get_dmabuf(..., void *buf_priv, ...)
 {
 	<...
-	if (WARN_ON(!buf->dma_sgt))
+	if (WARN_ON(!buf->dma_sgt) || vb2_dma_sg_list_pages(buf))
 		return NULL;
 	...>
 }
