// SPDX-License-Identifier: GPL-2.0-only
//
// The system heap: a buffer's pages are in one list, and what an attachment needs is
// the core's.
//
// Files: drivers/dma-buf/heaps/system_heap.c
// Gone: \blru\b|->heap\b

@no_header@
@@
-#include <linux/scatterlist.h>

@has_no_attachments@
@@
 struct system_heap_buffer {
-	struct dma_heap *heap;
-	struct list_head attachments;
-	struct mutex lock;
 	...
 };

@has@
@@
 struct system_heap_buffer {
 	...
-	struct sg_table sg_table;
-	int vmap_cnt;
-	void *vaddr;
+	struct phyr list;
 	...
 };

@had@
@@
-struct dma_heap_attachment { ... };

// --- what attachments have no use for ------------------------------------------------

@gone@
identifier f = {
	dup_sg_table, system_heap_mmap, system_heap_do_vmap, system_heap_vmap,
	system_heap_vunmap, system_heap_dma_buf_release
};
@@
-f(...) { ... }

@access@
identifier f = {
	system_heap_dma_buf_begin_cpu_access, system_heap_dma_buf_end_cpu_access
};
@@
-f(...) { ... }

// --- what is the exporter's ----------------------------------------------------------

// Pages that can't be encrypted again must not be used by others, and stay away.
@own@
iterator name phyr_for_each_folio;
identifier a, b, m, v, w;
@@
+static const struct phyr *system_heap_list(struct dma_buf *dmabuf,
+					   unsigned long *attrs)
+{
+	struct system_heap_buffer *buffer = dmabuf->priv;
+
+	if (cc_shared_buffer(buffer))
+		*attrs = DMA_ATTR_CC_SHARED;
+	return &buffer->list;
+}
+
+static const struct dma_buf_phyr_ops system_heap_phyr_ops = {
+	.map_phyr = system_heap_list,
+	.memory = DMA_BUF_PHYR_STATIC,
+};
+
+static void system_heap_free(struct system_heap_buffer *buffer)
+{
+	struct phyr_folio part;
+
+	phyr_for_each_folio(&buffer->list, part) {
+		if (cc_shared_buffer(buffer) &&
+		    system_heap_set_page_encrypted(&part.folio->page))
+			continue;
+		folio_put(part.folio);
+	}
+	phyr_destroy(&buffer->list);
+}
+
+static void system_heap_dma_buf_release(struct dma_buf *dmabuf)
+{
+	struct system_heap_buffer *buffer = dmabuf->priv;
+
+	system_heap_free(buffer);
+	kfree(buffer);
+}
+
 struct dma_buf_ops system_heap_buf_ops = {
-	.begin_cpu_access = a,
-	.end_cpu_access = b,
-	.mmap = m,
-	.vmap = v,
-	.vunmap = w,
+	.mmap = dma_buf_phyr_mmap,
+	.vmap = dma_buf_phyr_vmap,
+	.vunmap = dma_buf_phyr_vunmap,
+	.phyr = &system_heap_phyr_ops,
 };

// --- allocating pages ----------------------------------------------------------------

@start@
identifier buffer, heap;
@@
-	INIT_LIST_HEAD(&buffer->attachments);
-	mutex_init(&buffer->lock);
-	buffer->heap = heap;

@empty@
identifier i, size_remaining;
@@
-	INIT_LIST_HEAD(...);
-	i = 0;
 	while (size_remaining > 0) { ... }

@append@
identifier page;
symbol free_buffer;
@@
-	list_add_tail(&page->lru, ...);
+	if (system_heap_add(buffer, page))
+		goto free_buffer;

@count@
identifier i, max_order;
@@
 	max_order = ...;
-	i++;

@trim@
identifier table, i, sg;
iterator name list_for_each_entry_safe;
@@
-	table = ...;
-	if (sg_alloc_table(table, i, ...))
-		goto free_buffer;
-	sg = ...;
-	list_for_each_entry_safe(...) { ... }
+	phyr_trim(&buffer->list, GFP_KERNEL);

@decrypt@
iterator name for_each_sgtable_sg, phyr_for_each_folio;
identifier table, sg, i;
@@
-	for_each_sgtable_sg(table, sg, i)
+	phyr_for_each_folio(&buffer->list, part)
 	{
 		ret =
-		    system_heap_set_page_decrypted(sg_page(sg));
+		    system_heap_set_page_decrypted(&part.folio->page);
 		...
 	}

@fail@
iterator name for_each_sgtable_sg;
identifier table, sg, i;
@@
-	for_each_sgtable_sg(table, sg, i) { ... }
-	sg_free_table(table);
+	system_heap_free(buffer);

@fail_early@
iterator name list_for_each_entry_safe;
@@
-	list_for_each_entry_safe(...)
-		__free_pages(...);
+	phyr_free_pages(&buffer->list);

// Merged with those before it, if it is next to them.
@add@
@@
+static int system_heap_add(struct system_heap_buffer *buffer, struct page *page)
+{
+	int ret = phyr_append(&buffer->list, page_to_phys(page), page_size(page),
+			      GFP_KERNEL);
+
+	if (ret)
+		__free_pages(page, compound_order(page));
+	return ret;
+}
+
static struct dma_buf *system_heap_allocate(...)
{ ... }

@part@
@@
 system_heap_allocate(...)
 {
 	...
-	struct scatterlist *sg;
+	struct phyr_folio part;
 	...
 }

@no_table@
@@
-	struct sg_table *table;

@no_list@
@@
-	struct list_head pages;

@no_next@
@@
-	struct page *tmp_page;

@no_number@
@@
 system_heap_allocate(...)
 {
 	... when any
-	int i;
 	... when any
 }
