// SPDX-License-Identifier: GPL-2.0-only
//
// virtio-gpu: what is imported is a mapping, of which the host gets an entry for each range.
// Only devices with blobs and without 3D import.
//
// Files: drivers/gpu/drm/virtio/virtgpu_drv.h
// Files: drivers/gpu/drm/virtio/virtgpu_plane.c
// Files: drivers/gpu/drm/virtio/virtgpu_prime.c
// Gone: bo->sgt|dynamic_attach|for_each_sgtable

@has@
@@
 struct virtio_gpu_object {
 	...
-	struct sg_table *sgt;
+	const struct phyr_dma *dma;
 	...
 };

@attachment@
expression dmabuf, dev, ops, priv;
@@
-dma_buf_dynamic_attach(dmabuf, dev, ops, priv)
+dma_buf_mapping_attach(dmabuf, DMA_BUF_MAPPING_DMA, dev, ops, priv)

@entries@
identifier ents;
@@
+/* An entry's length has 32 bits. */
+static int virtgpu_dma_buf_entries(const struct phyr_dma *dma,
+				   struct virtio_gpu_mem_entry **ents,
+				   unsigned int *nents)
+{
+	struct phyr_dma_state ds = phyr_dma_start(dma);
+	struct virtio_gpu_mem_entry *entry;
+	struct dma_range range;
+
+	*nents = 0;
+	while (phyr_dmas_next_segment(&ds, &range, U32_MAX, U64_MAX))
+		*nents += 1;
+	entry = kvmalloc_objs(*entry, *nents);
+	*ents = entry;
+	if (!entry)
+		return -ENOMEM;
+	ds = phyr_dma_start(dma);
+	while (phyr_dmas_next_segment(&ds, &range, U32_MAX, U64_MAX))
+		*entry++ = (struct virtio_gpu_mem_entry) {
+			.addr = cpu_to_le64(range.addr),
+			.length = cpu_to_le32(range.len),
+		};
+	return 0;
+}
+
 int virtgpu_dma_buf_import_sgt(struct virtio_gpu_mem_entry **ents, ...) { ... }

@import@
identifier sgt, ents, nents, sl, i;
expression attach, dir, object;
statement entry, none;
iterator name for_each_sgtable_dma_sg;
@@
-sgt = dma_buf_map_attachment(attach, dir);
+dma = dma_buf_map_dma(attach, dir);
-if (IS_ERR(sgt))
-	return PTR_ERR(sgt);
+if (IS_ERR(dma))
+	return PTR_ERR(dma);

- *ents = kvmalloc_objs(struct virtio_gpu_mem_entry, sgt->nents);
-if (!(*ents)) none
-
- *nents = sgt->nents;
-for_each_sgtable_dma_sg(sgt, sl, i) entry
-
-object->sgt = sgt;
-return 0;
+ret = virtgpu_dma_buf_entries(dma, ents, nents);
+if (ret)
+	dma_buf_unmap_dma(attach, dma);
+else
+	object->dma = dma;
+return ret;

@import_entry@
identifier import.sl, import.i;
@@
 virtgpu_dma_buf_import_sgt(...)
 {
 	...
-	struct scatterlist *sl;
 	...
-	long i;
 	...
 }

@import_table@
identifier import.sgt;
@@
 virtgpu_dma_buf_import_sgt(...)
 {
 	...
-	struct sg_table *sgt;
+	const struct phyr_dma *dma;
 	...
 }

@unmap@
expression attach, object, dir;
@@
-dma_buf_unmap_attachment(attach, object->sgt, dir)
+dma_buf_unmap_dma(attach, object->dma)

@resubmit@
identifier ents, sl, i;
expression object;
statement none, entry;
iterator name for_each_sgtable_dma_sg;
@@
-ents = kvmalloc_objs(struct virtio_gpu_mem_entry, object->sgt->nents);
-if (!ents)
+if (virtgpu_dma_buf_entries(object->dma, &ents, &nents))
 	none
-
-for_each_sgtable_dma_sg(object->sgt, sl, i) entry

@resubmit_locals@
identifier resubmit.sl, resubmit.i;
@@
 virtgpu_dma_buf_obj_resubmit(...)
 {
 	...
-	struct scatterlist *sl;
-	int i;
+	unsigned int nents;
 	...
 }

@nents@
expression object;
@@
-object->sgt->nents
+nents

@mapping@
struct virtio_gpu_object *object;
@@
-object->sgt
+object->dma
