// SPDX-License-Identifier: GPL-2.0-only
//
// virtio-gpu: objects that are shmem are exported by their list.  Those in the device's
// own memory, which no device but its kind may reach, are exported as before.
//
// Files: drivers/gpu/drm/virtio/virtgpu_prime.c

@header@
@@
 #include <drm/drm_prime.h>
+#include <drm/drm_gem_phyr.h>

@shmem@
identifier vram;
@@
 struct virtio_dma_buf_ops vram = { ... };
+
+static const struct virtio_dma_buf_ops virtgpu_shmem_dmabuf_ops = {
+	.ops = {
+		.attach = virtio_dma_buf_attach,
+		.detach = drm_gem_map_detach,
+		.map_dma_buf = dma_buf_phyr_map_sgt,
+		.unmap_dma_buf = dma_buf_phyr_unmap_sgt,
+		.begin_cpu_access = dma_buf_phyr_begin_cpu_access,
+		.end_cpu_access = dma_buf_phyr_end_cpu_access,
+		.release = drm_gem_dmabuf_release,
+		.mmap = drm_gem_dmabuf_mmap,
+		.vmap = drm_gem_dmabuf_vmap,
+		.vunmap = drm_gem_dmabuf_vunmap,
+		.phyr = &drm_gem_phyr_ops,
+	},
+	.device_attach = drm_gem_map_attach,
+	.get_uuid = virtgpu_virtio_get_uuid,
+};

@export@
identifier bo, obj;
@@
 virtgpu_gem_prime_export(...)
 {
 	...
 	struct virtio_gpu_object *bo = gem_to_virtio_gpu_obj(obj);
 	...
-	exp_info.ops = &virtgpu_dmabuf_ops.ops;
+	exp_info.ops = &virtgpu_shmem_dmabuf_ops.ops;
+	if (virtio_gpu_is_vram(bo))
+		exp_info.ops = &virtgpu_dmabuf_ops.ops;
 	...
 }

@ours@
identifier buf;
@@
-buf->ops == &virtgpu_dmabuf_ops.ops
+buf->ops == &virtgpu_shmem_dmabuf_ops.ops || buf->ops == &virtgpu_dmabuf_ops.ops

// Pages are no longer what is mapped here.
@only_vram@
identifier attach, bo, dir;
@@
 virtgpu_gem_map_dma_buf(struct dma_buf_attachment *attach,
			 enum dma_data_direction dir)
 {
 	...
-	if (virtio_gpu_is_vram(bo))
-		return virtio_gpu_vram_map_dma_buf(bo, attach->dev, dir);
-	return drm_gem_map_dma_buf(attach, dir);
+	return virtio_gpu_vram_map_dma_buf(bo, attach->dev, dir);
 }

@only_vram_unmap@
identifier attach, bo, obj, sgt, dir;
@@
 virtgpu_gem_unmap_dma_buf(struct dma_buf_attachment *attach,
			   struct sg_table *sgt, enum dma_data_direction dir)
 {
-	struct drm_gem_object *obj = ...;
-	struct virtio_gpu_object *bo = ...;
-	if (virtio_gpu_is_vram(bo)) {
-		virtio_gpu_vram_unmap_dma_buf(attach->dev, sgt, dir);
-		return;
-	}
-	drm_gem_unmap_dma_buf(attach, sgt, dir);
+	virtio_gpu_vram_unmap_dma_buf(attach->dev, sgt, dir);
 }
