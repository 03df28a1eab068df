// SPDX-License-Identifier: GPL-2.0-only
//
// RDMA: a doorbell or the like that a process shares is a list of one range.
//
// Files: drivers/infiniband/core/uverbs.h
// Files: drivers/infiniband/core/uverbs_std_types_dmabuf.c
// Gone: sg_table|phys_vec_to_sgt|dma-buf-mapping|priv->(phys_vec|provider)

@header@
@@
-#include <linux/dma-buf-mapping.h>
+#include <linux/dma-buf-phyr.h>

@declared depends on file in "drivers/infiniband/core/uverbs.h"@
@@
 #include <linux/kref.h>
+#include <linux/phyr.h>

@has@
@@
 struct ib_uverbs_dmabuf_file {
 	...
-	struct phys_vec phys_vec;
-	struct p2pdma_provider *provider;
+	struct phyr list;
 	...
 };

@gone@
identifier f = { uverbs_dmabuf_attach, uverbs_dmabuf_map, uverbs_dmabuf_unmap };
@@
-f(...) { ... }

@own@
identifier a, m, u;
@@
+static const struct phyr *uverbs_dmabuf_map(struct dma_buf *dmabuf,
+					    unsigned long *attrs)
+{
+	struct ib_uverbs_dmabuf_file *priv = dmabuf->priv;
+
+	dma_resv_assert_held(dmabuf->resv);
+	if (priv->revoked)
+		return ERR_PTR(-ENODEV);
+	kref_get(&priv->kref);
+	return &priv->list;
+}
+
+static void uverbs_dmabuf_unmap(struct dma_buf *dmabuf)
+{
+	struct ib_uverbs_dmabuf_file *priv = dmabuf->priv;
+
+	kref_put(&priv->kref, ib_uverbs_dmabuf_done);
+}
+
+static const struct dma_buf_phyr_ops uverbs_dmabuf_phyr_ops = {
+	.map_phyr = uverbs_dmabuf_map,
+	.unmap_phyr = uverbs_dmabuf_unmap,
+	.memory = DMA_BUF_PHYR_REVOCABLE,
+};
+
 struct dma_buf_ops uverbs_dmabuf_ops = {
-	.attach = a,
-	.map_dma_buf = m,
-	.unmap_dma_buf = u,
+	.attach = dma_buf_phyr_attach,
+	.map_dma_buf = dma_buf_phyr_map_sgt,
+	.unmap_dma_buf = dma_buf_phyr_unmap_sgt,
+	.phyr = &uverbs_dmabuf_phyr_ops,
 };

@list@
@@
+static int uverbs_dmabuf_list(struct ib_uverbs_dmabuf_file *file,
+			      struct ib_device *ib_dev,
+			      struct rdma_user_mmap_entry *entry)
+{
+	struct p2pdma_provider *provider;
+	struct phys_vec vec;
+	int ret;
+
+	ret = ib_dev->ops.mmap_get_pfns(entry, &vec, &provider);
+	if (ret)
+		return ret;
+	return phyr_append_phys_vec(&file->list, &vec, 1, PHYR_MMIO, provider,
+				    GFP_KERNEL);
+}
+
 static int UVERBS_METHOD_DMABUF_ALLOC(...) { ... }

@append@
expression file, ib_dev, entry;
@@
-ib_dev->ops.mmap_get_pfns(entry, &file->phys_vec, &file->provider)
+uverbs_dmabuf_list(file, ib_dev, entry)

@size@
expression file;
@@
-	exp_info.size = file->phys_vec.len;
+	exp_info.size = phyr_bytes(&file->list);

@fail@
expression entry;
symbol err;
@@
 err:
+	phyr_destroy(&uverbs_dmabuf->list);
 	rdma_user_mmap_entry_put(entry);

@release@
expression file;
@@
 	file->dmabuf = NULL;
 	mutex_unlock(&file->dmabuf_release_lock);
+	phyr_destroy(&file->list);
