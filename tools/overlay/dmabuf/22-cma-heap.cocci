// SPDX-License-Identifier: GPL-2.0-only
//
// The CMA heap: a buffer's memory is one range, for which no array of pages is needed.
//
// Files: drivers/dma-buf/heaps/cma_heap.c
// Gone: vm_ops

@no_header@
@@
-#include <linux/scatterlist.h>

@has@
@@
 struct cma_heap_buffer {
 	...
-	struct list_head attachments;
-	struct mutex lock;
 	unsigned long len;
	...
-	struct page **pages;
+	struct phyr list;
 	pgoff_t pagecount;
-	int vmap_cnt;
-	void *vaddr;
 };

@had@
@@
-struct dma_heap_attachment { ... };

// --- in processes and in the kernel ---------------------------------------------

@core@
identifier f, g, h;
@@
 struct dma_buf_ops cma_heap_buf_ops = {
-	.mmap = f,
-	.vmap = g,
-	.vunmap = h,
+	.mmap = dma_buf_phyr_mmap,
+	.vmap = dma_buf_phyr_vmap,
+	.vunmap = dma_buf_phyr_vunmap,
 };

@no_faults@
@@
-static const struct vm_operations_struct dma_heap_vm_ops = { ... };

@gone@
identifier f = {
	cma_heap_vm_fault, cma_heap_mmap, cma_heap_do_vmap, cma_heap_vmap,
	cma_heap_vunmap
};
@@
-f(...) { ... }

// --- the list ---------------------------------------------------------------------

@release@
expression buffer;
@@
-	if (buffer->vmap_cnt > 0) { ... }
-	kfree(buffer->pages);
+	phyr_destroy(&buffer->list);

@start@
identifier buffer;
@@
-	INIT_LIST_HEAD(&buffer->attachments);
-	mutex_init(&buffer->lock);

@append@
identifier pg, pagecount, buffer, cma_pages;
symbol free_cma, ret;
@@
-	buffer->pages = ...;
-	if (!buffer->pages) { ... }
-	for (pg = 0; pg < pagecount; pg++)
-		buffer->pages[pg] = ...;
+	ret = phyr_append(&buffer->list, page_to_phys(cma_pages), buffer->len,
+			  GFP_KERNEL);
+	if (ret)
+		goto free_cma;
 	buffer->cma_pages = cma_pages;

@fail@
identifier buffer;
@@
-	kfree(buffer->pages);
+	phyr_destroy(&buffer->list);

@no_number@
@@
-	pgoff_t pg;
