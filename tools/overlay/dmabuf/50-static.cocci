// SPDX-License-Identifier: GPL-2.0-only
//
// Exporters of memory that stays where it is have one list for a buffer's life, called
// "list" in the structure that is the buffer's private data.  Attaching, mapping and
// syncing is the core's.  Who needs more has operations of its own already.
//
// Files: drivers/dma-buf/udmabuf.c
// Files: drivers/dma-buf/heaps/system_heap.c drivers/dma-buf/heaps/cma_heap.c
// Files: drivers/tee/tee_heap.c drivers/accel/amdxdna/amdxdna_ubuf.c
// Files: drivers/accel/ivpu/ivpu_gem_userptr.c samples/vfio-mdev/mbochs.c
// Files: drivers/xen/gntdev-dmabuf.c drivers/media/common/videobuf2/videobuf2-dma-sg.c
// Files: drivers/media/common/videobuf2/videobuf2-vmalloc.c
// Gone: dma_map_sgtable\(at|dma_buf_ops_map

@header@
@@
 #include <linux/dma-buf.h>
+#include <linux/dma-buf-phyr.h>

@exporter@
identifier ops, map, unmap, free;
@@
 struct dma_buf_ops ops = {
 	.map_dma_buf = map,
 	.unmap_dma_buf = unmap,
 	.release = free,
 };

// --- what is the core's ------------------------------------------------------------

@attach@
identifier exporter.ops, f;
@@
 struct dma_buf_ops ops = {
-	.attach = f,
 };

@detach@
identifier exporter.ops, f;
@@
 struct dma_buf_ops ops = {
-	.detach = f,
 };

// Unless something else has to be synced, too.
@kept@
identifier f, buf, dir;
@@
 f(struct dma_buf *buf, enum dma_data_direction dir)
 {
 	<+...
 	dma_buf_phyr_begin_cpu_access(buf, dir)
 	...+>
 }

@begin depends on !kept@
identifier exporter.ops, f;
@@
 struct dma_buf_ops ops = {
-	.begin_cpu_access = f,
 };

@end depends on !kept@
identifier exporter.ops, f;
@@
 struct dma_buf_ops ops = {
-	.end_cpu_access = f,
 };

@no_map@ identifier exporter.map; @@
-map(...) { ... }
@no_unmap@ identifier exporter.unmap; @@
-unmap(...) { ... }
@no_attach@ identifier attach.f; @@
-f(...) { ... }
@no_detach@ identifier detach.f; @@
-f(...) { ... }
@no_begin@ identifier begin.f; @@
-f(...) { ... }
@no_end@ identifier end.f; @@
-f(...) { ... }

// --- what is the exporter's ----------------------------------------------------------

@mapping@
identifier exporter.ops, exporter.map, exporter.unmap;
@@
 struct dma_buf_ops ops = {
-	.map_dma_buf = map,
-	.unmap_dma_buf = unmap,
+	.map_dma_buf = dma_buf_phyr_map_sgt,
+	.unmap_dma_buf = dma_buf_phyr_unmap_sgt,
 };

// The CPU can't reach protected memory, and must not write what is only to be read.
@access depends on !kept && !(file in "drivers/tee") &&
	!(file in "drivers/accel/ivpu")@
identifier exporter.ops, exporter.free;
@@
 struct dma_buf_ops ops = {
+	.begin_cpu_access = dma_buf_phyr_begin_cpu_access,
+	.end_cpu_access = dma_buf_phyr_end_cpu_access,
 	.release = free,
 };

@given@
identifier exporter.ops, its;
@@
 struct dma_buf_ops ops = {
 	.phyr = &its,
 };

@private@
identifier exporter.free, buf, own;
type T;
@@
 free(struct dma_buf *buf)
 {
 	...
 	T *own = buf->priv;
 	...
 }

@own depends on !given@
identifier exporter.ops, exporter.free;
type private.T;
fresh identifier get = ops ## "_list";
fresh identifier its = ops ## "_phyr";
@@
+static const struct phyr *get(struct dma_buf *dmabuf, unsigned long *attrs)
+{
+	T *own = dmabuf->priv;
+
+	return &own->list;
+}
+
+static const struct dma_buf_phyr_ops its = {
+	.map_phyr = get,
+	.memory = DMA_BUF_PHYR_STATIC,
+};
+
 struct dma_buf_ops ops = {
 	.release = free,
+	.phyr = &its,
 };
