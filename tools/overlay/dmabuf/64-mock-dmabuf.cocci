// SPDX-License-Identifier: GPL-2.0-only
//
// i915's selftests: pages of their own, in a list.
//
// Files: drivers/gpu/drm/i915/gem/selftests/mock_dmabuf.h
// Files: drivers/gpu/drm/i915/gem/selftests/mock_dmabuf.c
// Gone: sg_|->pages|npages;

@header depends on file in "drivers/gpu/drm/i915/gem/selftests/mock_dmabuf.h"@
@@
 #include <linux/dma-buf.h>
+#include <linux/dma-buf-phyr.h>

@has@
@@
 struct mock_dmabuf {
-	int npages;
-	struct page *pages[];
+	struct phyr list;
 };

@gone@
identifier f = {
	mock_map_dma_buf, mock_unmap_dma_buf, mock_dmabuf_release, mock_dmabuf_vmap,
	mock_dmabuf_vunmap, mock_dmabuf
};
@@
-f(...) { ... }

@own@
identifier m, u, r, v, w;
@@
+static const struct phyr *mock_dmabuf_list(struct dma_buf *dma_buf,
+					   unsigned long *attrs)
+{
+	return &to_mock(dma_buf)->list;
+}
+
+static const struct dma_buf_phyr_ops mock_phyr_ops = {
+	.map_phyr = mock_dmabuf_list,
+	.memory = DMA_BUF_PHYR_STATIC,
+};
+
+static void mock_dmabuf_release(struct dma_buf *dma_buf)
+{
+	struct mock_dmabuf *mock = to_mock(dma_buf);
+
+	phyr_free_pages(&mock->list);
+	kfree(mock);
+}
+
 struct dma_buf_ops mock_dmabuf_ops = {
-	.map_dma_buf = m,
-	.unmap_dma_buf = u,
+	.map_dma_buf = dma_buf_phyr_map_sgt,
+	.unmap_dma_buf = dma_buf_phyr_unmap_sgt,
+	.begin_cpu_access = dma_buf_phyr_begin_cpu_access,
+	.end_cpu_access = dma_buf_phyr_end_cpu_access,
+	.phyr = &mock_phyr_ops,
-	.vmap = v,
-	.vunmap = w,
+	.vmap = dma_buf_phyr_vmap,
+	.vunmap = dma_buf_phyr_vunmap,
 };
+
+static struct dma_buf *mock_dmabuf(int npages)
+{
+	DEFINE_DMA_BUF_EXPORT_INFO(exp_info);
+	struct mock_dmabuf *mock = kzalloc_obj(*mock);
+	struct dma_buf *dmabuf;
+	int err;
+
+	if (!mock)
+		return ERR_PTR(-ENOMEM);
+	err = phyr_alloc_pages(&mock->list, npages * PAGE_SIZE, 0, GFP_KERNEL);
+	if (err)
+		goto err_free;
+
+	exp_info.ops = &mock_dmabuf_ops;
+	exp_info.size = npages * PAGE_SIZE;
+	exp_info.flags = O_CLOEXEC;
+	exp_info.priv = mock;
+	dmabuf = dma_buf_export(&exp_info);
+	if (!IS_ERR(dmabuf))
+		return dmabuf;
+
+	err = PTR_ERR(dmabuf);
+	phyr_free_pages(&mock->list);
+err_free:
+	kfree(mock);
+	return ERR_PTR(err);
+}
