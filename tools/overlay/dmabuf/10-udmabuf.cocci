// SPDX-License-Identifier: GPL-2.0-only
//
// udmabuf: the pages of memfds are pinned in one list, which is all that a buffer
// has.
//
// Files: drivers/dma-buf/udmabuf.c
// Gone: folio|pagecount

@buffer@
@@
-struct udmabuf { ... };
+struct udmabuf {
+	struct phyr list;
+};

// --- in processes and in the kernel ---------------------------------------------

@core@
identifier f, g, h;
@@
 struct dma_buf_ops udmabuf_ops = {
-	.mmap = f,
-	.vmap = g,
-	.vunmap = h,
+	.mmap = dma_buf_phyr_mmap,
+	.vmap = dma_buf_phyr_vmap,
+	.vunmap = dma_buf_phyr_vunmap,
 };

@no_faults@
@@
-static const struct vm_operations_struct udmabuf_vm_ops = { ... };

// --- the list ---------------------------------------------------------------------

@release@
identifier ubuf, dev;
@@
 release_udmabuf(...)
 {
 	...
-	struct device *dev = ...;
+
-	if (ubuf->sg) { ... }
-	deinit_udmabuf(ubuf);
+	phyr_destroy(&ubuf->list);
 	...
 }

@pin@
expression ubuf, memfd, start, size, folios;
@@
-udmabuf_pin_folios(ubuf, memfd, start, size, folios)
+phyr_pin_memfd(&ubuf->list, memfd, start, size, GFP_KERNEL)

@unpin@
expression ubuf;
@@
-deinit_udmabuf(ubuf);
+phyr_destroy(&ubuf->list);

@no_arrays@
symbol err;
identifier ubuf, ret;
@@
 udmabuf_create(...)
 {
 	<...
(
-	unsigned long max_nr_folios = 0;
|
-	struct folio **folios = NULL;
|
-	max_nr_folios = max_t(...);
|
-	ret = init_udmabuf(ubuf, ...);
-	if (ret)
-		goto err;
-	folios = ...;
-	if (!folios) { ... }
|
-	kvfree(folios);
)
 	...>
 }

// --- exporting it -------------------------------------------------------------------

@export@
identifier ubuf, device;
@@
 export_udmabuf(struct udmabuf *ubuf
-	, struct miscdevice *device
 	)
 {
 	...
-	ubuf->device = device;
 	...
-	exp_info.size = ...;
+	exp_info.size = phyr_bytes(&ubuf->list);
 	...
 }

@create@
identifier device, ubuf;
@@
 udmabuf_create(
-	struct miscdevice *device,
 	...)
 {
 	...
+	phyr_trim(&ubuf->list, GFP_KERNEL);
 	dmabuf = export_udmabuf(ubuf
-		, device
 		);
 	...
 }

@call@
expression e;
expression list es;
@@
 udmabuf_create(
-	e,
 	es)

@no_device@
identifier ret;
@@
-	ret = dma_coerce_mask_and_coherent(...);
-	if (ret < 0) { ... }

@gone@
identifier f = {
	udmabuf_vm_fault, mmap_udmabuf, vmap_udmabuf, vunmap_udmabuf, get_sg_table,
	put_sg_table, unpin_all_folios, init_udmabuf, deinit_udmabuf,
	udmabuf_pin_folios
};
@@
-f(...) { ... }
