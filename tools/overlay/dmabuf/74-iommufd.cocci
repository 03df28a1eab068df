// SPDX-License-Identifier: GPL-2.0-only
//
// iommufd: has the core map a DMABUF's memory into its domains, of any number of ranges and
// of any exporter that has a list.  It sees no addresses, so that batches are of pinned
// memory only, as they were before it took DMABUFs.
//
// Files: drivers/iommu/iommufd/io_pagetable.h
// Files: drivers/iommu/iommufd/pages.c
// Gone: phys_vec|vfio_pci|BATCH_MMIO|batch_kind|BATCH_CPU|->kind|pfn_reader_dmabuf|DMA_SHARED_BUFFER|dmabuf\.phys|dynamic_attach

@header@
@@
-#include <linux/dma-buf.h>
+#include <linux/dma-buf-phyr.h>

@no_vfio@
@@
-#include <linux/vfio_pci_core.h>

@built@
@@
-IS_ENABLED(CONFIG_DMA_SHARED_BUFFER)
+IS_ENABLED(CONFIG_DMABUF_PHYR)

@has@
@@
 struct iopt_pages_dmabuf {
 	...
-	struct phys_vec phys;
+	/* NULL if there is none any more, as it was revoked */
+	const struct dma_buf_mapping *held;
 	...
 };

@is_revoked@
identifier pages;
@@
-	return pages->dmabuf.phys.len == 0;
+	return !pages->dmabuf.held;

// --- batches are of memory that has pages ---

@no_kind@
@@
-enum batch_kind { ... };

@one_kind@
@@
 struct pfn_batch {
 	...
-	enum batch_kind kind;
 };

@clear_kind@
identifier batch;
@@
 batch_clear(...)
 {
 	...
-	batch->kind = 0;
 }

@add@
identifier batch, pfn, nr, kind;
@@
 batch_add_pfn_num(struct pfn_batch *batch, unsigned long pfn, u32 nr
-		  , enum batch_kind kind
 		  )
 {
 	...
-	if (batch->kind != kind) { ... }
 	...
 }

@adds@
expression list[3] args;
@@
 batch_add_pfn_num(args
-		  , BATCH_CPU_MEMORY
 		  )

@to_domain@
identifier batch;
@@
 batch_to_domain(...)
 {
 	...
-	if (batch->kind == BATCH_MMIO) { ... }
 	...
 }

@no_reader@
@@
-struct pfn_reader_dmabuf { ... };

@no_reading@
identifier f = { pfn_reader_dmabuf_init, pfn_reader_fill_dmabuf };
@@
-f(...) { ... }

@reader@
@@
 struct pfn_reader {
 	...
-	union {
-		struct pfn_reader_user user;
-		struct pfn_reader_dmabuf dmabuf;
-	};
+	struct pfn_reader_user user;
 };

@read@
expression pfns;
@@
-	if (iopt_is_dmabuf(pfns->pages))
-		return pfn_reader_fill_dmabuf(...);

@init@
expression pfns, pages;
@@
-	if (iopt_is_dmabuf(pages))
-		pfn_reader_dmabuf_init(...);
-	else
 		pfn_reader_user_init(&pfns->user, pages);

@pins@
expression pages;
@@
 pfn_reader_release_pins(...)
 {
 	...
-	if (iopt_is_dmabuf(pages))
-		return;
 	...
 }

@destroy@
expression pfns;
@@
-	if (!iopt_is_dmabuf(pfns->pages))
 		pfn_reader_user_destroy(&pfns->user, pfns->pages);

// --- domains are filled by the core ---

@fill_one@
identifier area, domain;
@@
 iopt_area_fill_domain(struct iopt_area *area, struct iommu_domain *domain)
 {
 	...
-	if (iopt_dmabuf_revoked(area->pages))
-		return 0;
+	if (iopt_is_dmabuf(area->pages))
+		return iopt_dmabuf_fill_domain(area, area->pages, domain);
 	...
 }

@fill_all@
symbol out_untrack;
identifier area, pages, rc;
@@
 iopt_area_fill_domains(struct iopt_area *area, struct iopt_pages *pages)
 {
 	...
 	if (iopt_is_dmabuf(pages)) {
 		rc = iopt_dmabuf_track_all_domains(area, pages);
 		if (rc)
 			goto out_unlock;
+		rc = iopt_dmabuf_fill_domains(area, pages);
+		if (rc)
+			goto out_untrack;
 	}
-	if (!iopt_dmabuf_revoked(pages))
+	if (!iopt_is_dmabuf(pages))
 	{ ... }
 	...
 }

// --- what is held ---

@revoke@
identifier pages;
@@
 iopt_revoke_notify(struct dma_buf_attachment *attach)
 {
 	...
-	pages->dmabuf.phys.len = 0;
+	dma_buf_drop_memory(attach, pages->dmabuf.held);
+	pages->dmabuf.held = NULL;
 }

@no_private@
@@
-sym_vfio_pci_dma_buf_iommufd_map(...) { ... }

@hold@
identifier attach, rc, pages;
expression buf, device, ops;
@@
 iopt_map_dmabuf(...)
 {
+	const struct dma_buf_mapping *held;
 	...
-	attach = dma_buf_dynamic_attach(buf, device, ops, pages);
+	attach = dma_buf_mapping_attach(buf, DMA_BUF_MAPPING_IOMMU, device,
+					ops, pages);
 	...
-	rc = sym_vfio_pci_dma_buf_iommufd_map(...);
+	held = dma_buf_hold_memory(attach);
+	rc = PTR_ERR_OR_ZERO(held);
 	if (rc)
 		goto err_unpin;
+	pages->dmabuf.held = held;
 	...
 }

@drop@
expression pages;
@@
 iopt_release_pages(...)
 {
 	<...
+	if (pages->dmabuf.held)
+		dma_buf_drop_memory(pages->dmabuf.attach, pages->dmabuf.held);
+	/* It is told of revocation until it is detached */
+	pages->dmabuf.held = NULL;
 	dma_buf_unpin(pages->dmabuf.attach);
 	...>
 }
