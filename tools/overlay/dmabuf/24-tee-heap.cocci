// SPDX-License-Identifier: GPL-2.0-only
//
// Protected memory: a pool fills a list, which is the buffer's.  The CPU can't reach it,
// and so there is nothing to sync.
//
// Files: include/linux/tee_core.h drivers/tee/tee_heap.c drivers/tee/optee/protmem.c

@no_header depends on file in "drivers/tee/tee_heap.c"@
@@
-#include <linux/scatterlist.h>

@header depends on file in "drivers/tee/optee"@
@@
 #include <linux/genalloc.h>
+#include <linux/phyr.h>

@declared depends on file in "include"@
@@
 #include <linux/uuid.h>
+
+struct phyr;

@has@
@@
 struct tee_heap_buffer {
 	...
-	struct sg_table table;
+	struct phyr list;
 };

@had@
@@
-struct tee_heap_attachment { ... };

@copy@
@@
-copy_sg_table(...) { ... }

@table@
expression buf;
@@
-buf->table
+buf->list

@operations@
@@
 struct tee_protmem_pool_ops {
-	int (*alloc)(...);
-	void (*free)(...);
-	int (*update_shm)(...);
+	int (*alloc)(struct tee_protmem_pool *pool, struct phyr *list,
+		     size_t size, size_t *offs);
+	void (*free)(struct tee_protmem_pool *pool, struct phyr *list);
+	int (*update_shm)(struct tee_protmem_pool *pool, struct phyr *list,
+			  size_t offs, struct tee_shm *shm,
+			  struct tee_shm **parent_shm);
 	...
 };

@own@
identifier f;
@@
+static const struct phyr *tee_heap_list(struct dma_buf *dmabuf,
+					unsigned long *attrs)
+{
+	struct tee_heap_buffer *buf = dmabuf->priv;
+
+	*attrs = DMA_ATTR_SKIP_CPU_SYNC;
+	return &buf->list;
+}
+
+static const struct dma_buf_phyr_ops tee_heap_phyr_ops = {
+	.map_phyr = tee_heap_list,
+	.memory = DMA_BUF_PHYR_STATIC,
+};
+
 struct dma_buf_ops tee_heap_buf_ops = {
 	.release = f,
+	.phyr = &tee_heap_phyr_ops,
 };

@interface@
identifier f = {
	protmem_pool_op_static_alloc, protmem_pool_op_static_free,
	protmem_pool_op_static_update_shm, protmem_pool_op_dyn_alloc,
	protmem_pool_op_dyn_free, protmem_pool_op_dyn_update_shm
};
identifier sgt, pool;
@@
 f(struct tee_protmem_pool *pool,
-	struct sg_table *sgt
+	struct phyr *list
 	, ...)
 { ... }

@append@
expression size, sgt, pa, rc;
statement S;
@@
-	rc = sg_alloc_table(sgt, 1, GFP_KERNEL);
+	rc = phyr_append(list, pa, size, GFP_KERNEL);
 	if (rc) S
-	sg_set_page(sgt->sgl, phys_to_page(pa), size, 0);

@give_back@
expression pool;
identifier sg, sgt, i;
iterator name for_each_sgtable_sg, phyr_for_each_range;
@@
-	struct scatterlist *sg;
-	int i;
+	struct phyr_range range;
 	...
-	for_each_sgtable_sg(sgt, sg, i)
-		gen_pool_free(pool, sg_phys(sg), sg->length);
-	sg_free_table(sgt);
+	phyr_for_each_range(list, range)
+		gen_pool_free(pool, range.phys, range.len);
+	phyr_destroy(list);
