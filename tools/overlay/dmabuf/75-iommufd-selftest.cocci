// SPDX-License-Identifier: GPL-2.0-only
//
// iommufd's test of itself: its exporter has a list, of the pages of its memory from the
// last to the first, and sees that it is given back whenever it was revoked.
//
// Files: drivers/iommu/iommufd/iommufd_private.h
// Files: drivers/iommu/iommufd/selftest.c
// Gone: dma_buf_iommufd_map|virt_to_phys.priv->memory|priv->length

@no_private@
@@
-iommufd_test_dma_buf_iommufd_map(...)
-{ ... }

@not_declared@
@@
-int iommufd_test_dma_buf_iommufd_map(struct dma_buf_attachment *attachment, struct phys_vec *phys);

@header@
@@
 #include <linux/dma-buf.h>
+#include <linux/dma-buf-phyr.h>

@has@
@@
 struct iommufd_test_dma_buf {
 	...
-	size_t length;
+	struct phyr list;
+	unsigned int users;
 	...
 };

@gone@
identifier f = {
	iommufd_test_dma_buf_attach, iommufd_test_dma_buf_detach,
	iommufd_test_dma_buf_map, iommufd_test_dma_buf_unmap
};
@@
-f(...) { ... }

@own@
identifier a, d, m, u;
symbol iommufd_test_dmabuf_ops;
@@
+static const struct phyr *iommufd_test_dma_buf_map(struct dma_buf *dmabuf,
+						   unsigned long *attrs)
+{
+	struct iommufd_test_dma_buf *priv = dmabuf->priv;
+
+	dma_resv_assert_held(dmabuf->resv);
+	if (priv->revoked)
+		return ERR_PTR(-ENODEV);
+	priv->users++;
+	return &priv->list;
+}
+
+static void iommufd_test_dma_buf_unmap(struct dma_buf *dmabuf)
+{
+	struct iommufd_test_dma_buf *priv = dmabuf->priv;
+
+	priv->users--;
+}
+
+static const struct dma_buf_phyr_ops iommufd_test_phyr_ops = {
+	.map_phyr = iommufd_test_dma_buf_map,
+	.unmap_phyr = iommufd_test_dma_buf_unmap,
+	.memory = DMA_BUF_PHYR_REVOCABLE,
+};
+
 struct dma_buf_ops iommufd_test_dmabuf_ops = {
-	.attach = a,
-	.detach = d,
-	.map_dma_buf = m,
+	.attach = dma_buf_phyr_attach,
+	.map_dma_buf = dma_buf_phyr_map_sgt,
+	.phyr = &iommufd_test_phyr_ops,
 	...,
-	.unmap_dma_buf = u,
+	.unmap_dma_buf = dma_buf_phyr_unmap_sgt,
 };

@release@
expression priv;
@@
 iommufd_test_dma_buf_release(...)
 {
 	...
+	phyr_destroy(&priv->list);
 	kfree(priv->memory);
 	...
 }

@where@
@@
 iommufd_test_dmabuf_get(...)
 {
 	DEFINE_DMA_BUF_EXPORT_INFO(exp_info);
+	size_t at;
 	...
 }

@list@
symbol at, rc, err_free;
expression priv, len;
@@
-	priv->length = len;
 	priv->memory = kzalloc(len, GFP_KERNEL);
 	if (!priv->memory) { ... }
+	at = len;
+	while (at) {
+		at -= PAGE_SIZE;
+		rc = phyr_append_kernel(&priv->list, priv->memory + at,
+					PAGE_SIZE, GFP_KERNEL);
+		if (rc)
+			goto err_free;
+	}

// The test program waits for the descriptor.
@descriptor@
symbol rc;
expression buf, flags;
@@
 	rc = dma_buf_fd(buf, flags);
 	if (rc < 0) { ... }
-	return 0;
+	return rc;

@fail@
expression priv;
@@
 err_free:
+	phyr_destroy(&priv->list);
 	kfree(priv->memory);

@revoke@
expression dmabuf;
identifier priv;
@@
 iommufd_test_dmabuf_revoke(...)
 {
 	...
 	priv = dmabuf->priv;
 	...
 	dma_buf_invalidate_mappings(dmabuf);
+	WARN_ON(priv->users);
 	...
 }
