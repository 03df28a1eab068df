// SPDX-License-Identifier: GPL-2.0-only
//
// Drivers with operations of their own for exported GEM objects: mapping is the core's,
// and so is syncing what others have mapped.
//
// Files: drivers/gpu/drm/msm/msm_gem_prime.c drivers/accel/amdxdna/amdxdna_gem.c
// Files: drivers/gpu/drm/panfrost/panfrost_gem.c drivers/gpu/drm/panthor/panthor_gem.c
// Files: drivers/gpu/drm/i915/gem/i915_gem_dmabuf.c
// Gone: drm_gem_(un)?map_dma_buf|attach->priv

@header@
@@
 #include <linux/dma-buf.h>
+#include <drm/drm_gem_phyr.h>

@exporter@
identifier ops, map, unmap;
@@
 struct dma_buf_ops ops = {
-	.map_dma_buf = map,
-	.unmap_dma_buf = unmap,
+	.map_dma_buf = dma_buf_phyr_map_sgt,
+	.unmap_dma_buf = dma_buf_phyr_unmap_sgt,
+	.phyr = &drm_gem_phyr_ops,
 };

@no_map@ identifier exporter.map; @@
-map(...) { ... }
@no_unmap@ identifier exporter.unmap; @@
-unmap(...) { ... }

// --- what the device itself has mapped is synced by its driver ------------------------

@begins@
identifier exporter.ops, f;
@@
 struct dma_buf_ops ops = {
 	.begin_cpu_access = f,
 };

@ends@
identifier exporter.ops, f;
@@
 struct dma_buf_ops ops = {
 	.end_cpu_access = f,
 };

@no_walk@
identifier f = {
	panfrost_gem_prime_begin_cpu_access, panfrost_gem_prime_end_cpu_access,
	panthor_gem_prime_begin_cpu_access, panthor_gem_prime_end_cpu_access
};
identifier attach;
iterator name list_for_each_entry;
@@
 f(...)
 {
 	...
-	struct dma_buf_attachment *attach;
 	...
-	list_for_each_entry(attach, ...) { ... }
 	...
 }

@begin@
identifier begins.f, buf, dir;
expression ret;
@@
 f(struct dma_buf *buf, enum dma_data_direction dir)
 {
 	...
(
-	return 0;
+	return dma_buf_phyr_begin_cpu_access(buf, dir);
|
-	return ret;
+	return ret ?: dma_buf_phyr_begin_cpu_access(buf, dir);
)
 }

@end@
identifier ends.f, buf, dir;
expression ret;
@@
 f(struct dma_buf *buf, enum dma_data_direction dir)
 {
 	...
(
-	return 0;
+	return dma_buf_phyr_end_cpu_access(buf, dir);
|
-	return ret;
+	return ret ?: dma_buf_phyr_end_cpu_access(buf, dir);
)
 }

@access depends on !begins@
identifier exporter.ops, f;
@@
 struct dma_buf_ops ops = {
+	.begin_cpu_access = dma_buf_phyr_begin_cpu_access,
+	.end_cpu_access = dma_buf_phyr_end_cpu_access,
 	.release = f,
 };
