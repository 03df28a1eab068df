// SPDX-License-Identifier: GPL-2.0-only
//
// VFIO: ranges of BARs are in a list, which the core maps in any order and number.  It
// refuses importers that can't give it back, or can't reach it.
//
// Files: drivers/vfio/pci/vfio_pci_dmabuf.c
// Files: include/linux/vfio_pci_core.h
// Gone: iommufd_map|sg_table|phys_vec_to_sgt|priv->(phys_vec|nr_ranges|provider)|dma-buf-mapping

@header@
@@
-#include <linux/dma-buf-mapping.h>
+#include <linux/dma-buf-phyr.h>

@has@
@@
 struct vfio_pci_dma_buf {
 	...
 	size_t size;
-	struct phys_vec *phys_vec;
-	struct p2pdma_provider *provider;
-	u32 nr_ranges;
+	struct phyr list;
 	...
 };

@gone@
identifier f = {
	vfio_pci_dma_buf_attach, vfio_pci_dma_buf_map, vfio_pci_dma_buf_unmap
};
@@
-f(...) { ... }

@own@
identifier a, m, u;
@@
+static const struct phyr *vfio_pci_dma_buf_map(struct dma_buf *dmabuf,
+					       unsigned long *attrs)
+{
+	struct vfio_pci_dma_buf *priv = dmabuf->priv;
+
+	dma_resv_assert_held(dmabuf->resv);
+	if (priv->revoked)
+		return ERR_PTR(-ENODEV);
+	kref_get(&priv->kref);
+	return &priv->list;
+}
+
+static void vfio_pci_dma_buf_unmap(struct dma_buf *dmabuf)
+{
+	struct vfio_pci_dma_buf *priv = dmabuf->priv;
+
+	kref_put(&priv->kref, vfio_pci_dma_buf_done);
+}
+
+static const struct dma_buf_phyr_ops vfio_pci_dmabuf_phyr_ops = {
+	.map_phyr = vfio_pci_dma_buf_map,
+	.unmap_phyr = vfio_pci_dma_buf_unmap,
+	.memory = DMA_BUF_PHYR_REVOCABLE,
+};
+
 struct dma_buf_ops vfio_pci_dmabuf_ops = {
-	.attach = a,
-	.map_dma_buf = m,
-	.unmap_dma_buf = u,
+	.attach = dma_buf_phyr_attach,
+	.map_dma_buf = dma_buf_phyr_map_sgt,
+	.unmap_dma_buf = dma_buf_phyr_unmap_sgt,
+	.phyr = &vfio_pci_dmabuf_phyr_ops,
 };

@release@
expression priv;
@@
-	kfree(priv->phys_vec);
+	phyr_destroy(&priv->list);

// What iommufd called.
@private@
@@
-vfio_pci_dma_buf_iommufd_map(...) { ... }

@exported@
declarer name EXPORT_SYMBOL_FOR_MODULES;
@@
-EXPORT_SYMBOL_FOR_MODULES(vfio_pci_dma_buf_iommufd_map, "iommufd");

@declared@
@@
-int vfio_pci_dma_buf_iommufd_map(struct dma_buf_attachment *attachment, struct phys_vec *phys);

@list@
@@
+static int vfio_pci_dma_buf_list(struct vfio_pci_core_device *vdev,
+				 struct vfio_pci_dma_buf *priv,
+				 unsigned int region_index,
+				 struct vfio_region_dma_range *dma_ranges,
+				 size_t nr_ranges)
+{
+	struct p2pdma_provider *provider;
+	struct phys_vec *vecs;
+	int ret;
+
+	vecs = kzalloc_objs(*vecs, nr_ranges);
+	if (!vecs)
+		return -ENOMEM;
+	ret = vdev->pci_ops->get_dmabuf_phys(vdev, &provider, region_index,
+					     vecs, dma_ranges, nr_ranges);
+	if (!ret)
+		ret = phyr_append_phys_vec(&priv->list, vecs, nr_ranges,
+					   PHYR_MMIO, provider, GFP_KERNEL);
+	kfree(vecs);
+	return ret;
+}
+
 int vfio_pci_core_feature_dma_buf(...) { ... }

@no_array@
identifier priv;
@@
-	priv->phys_vec = ...;
-	if (!priv->phys_vec) { ... }

@no_number@
identifier priv;
@@
-	priv->nr_ranges = ...;

@append@
identifier priv, vdev, get_dma_buf, dma_ranges;
@@
-	ret = vdev->pci_ops->get_dmabuf_phys(vdev, &priv->provider, get_dma_buf.region_index, priv->phys_vec, dma_ranges, priv->nr_ranges);
+	ret = vfio_pci_dma_buf_list(vdev, priv, get_dma_buf.region_index,
+				    dma_ranges, get_dma_buf.nr_ranges);

@no_label@
@@
-err_free_priv:
 	kfree(...);
