// SPDX-License-Identifier: GPL-2.0-only
//
// io_uring's receiving without copies: an area is a mapping, of a DMABUF or of a list of
// the program's pages.  What is synced is a part of it: behind an IOMMU a part can be of
// several ranges of memory.
//
// Files: io_uring/zcrx.h
// Files: io_uring/zcrx.c
// Gone: sg_table|scatterlist|sgt|sg_dma|dma_sync_single

@header@
@@
-#include <linux/dma-buf.h>
+#include <linux/dma-buf-phyr.h>

@has@
@@
 struct io_zcrx_mem {
 	...
-	struct sg_table page_sg_table;
+	struct phyr page_list;
+	struct phyr_dma page_dma;
 	...
-	struct sg_table *sgt;
+	const struct phyr_dma *dma;
 	...
 };

@length@
identifier mem, sg, i, total;
expression len;
statement sum;
iterator name for_each_sgtable_dma_sg;
@@
-for_each_sgtable_dma_sg(mem->sgt, sg, i)
-	sum
-
-if (total != len)
+if (phyr_dma_bytes(mem->sgt) != len)
 { ... }

@no_total@
identifier length.total;
@@
-unsigned long total = 0;

@no_entry@
identifier length.sg, length.i;
@@
 io_import_dmabuf(...)
 {
 	...
-	struct scatterlist *sg;
 	...
-	int i;
 	...
 }

@table@
identifier f, sgt;
expression area_sgt;
@@
 f(...)
 {
 	...
-	struct sg_table *sgt = area_sgt;
 	...
 }

@walk@
identifier table.f, table.sgt, sg, i;
expression table.area_sgt;
statement loop;
iterator name for_each_sgtable_dma_sg, phyr_dma_for_each_range;
@@
 f(...)
 {
 	<...
-	for_each_sgtable_dma_sg(sgt, sg, i)
+	phyr_dma_for_each_range(area_sgt, range)
 		loop
 	...>
 }

@range_addr@
expression sg;
@@
-sg_dma_address(sg)
+range.addr

@lowest_bit@
expression sg;
@@
-__ffs(sg_dma_len(sg))
+__ffs64(range.len)

@range_len@
expression sg;
@@
-sg_dma_len(sg)
+range.len

@entry@
identifier walk.sg;
@@
-struct scatterlist *sg;
+struct dma_range range;

@index@
identifier table.f, walk.i;
@@
 f(...)
 {
 	...
-	unsigned i;
 	...
 }

@attachment@
expression dmabuf, dev;
@@
-dma_buf_attach(dmabuf, dev)
+dma_buf_mapping_attach(dmabuf, DMA_BUF_MAPPING_DMA, dev, NULL, NULL)

@map@
expression attach, dir;
@@
-dma_buf_map_attachment_unlocked(attach, dir)
+dma_buf_map_dma_unlocked(attach, dir)

@unmap@
expression attach, sgt, dir;
@@
-dma_buf_unmap_attachment_unlocked(attach, sgt, dir)
+dma_buf_unmap_dma_unlocked(attach, sgt)

@fill@
expression mem, pages, nr, len, gfp;
@@
-sg_alloc_table_from_pages(&mem->page_sg_table, pages, nr, 0, len, gfp)
+phyr_append_pages(&mem->page_list, pages, nr, 0, len, gfp)

@map_pages@
expression mem, dev, dir, attrs;
@@
-dma_map_sgtable(dev, &mem->page_sg_table, dir, attrs)
+phyr_dma_map(&mem->page_dma, dev, &mem->page_list, dir, attrs, GFP_KERNEL_ACCOUNT)

@fail@
identifier mapped;
expression mem, dev, dir, attrs;
@@
-if (mapped)
-	dma_unmap_sgtable(dev, &mem->page_sg_table, dir, attrs);
-sg_free_table(&mem->page_sg_table);
+phyr_dma_unmap(&mem->page_dma);
+phyr_destroy(&mem->page_list);

@is_mapped@
identifier fail.mapped;
symbol true;
@@
-mapped = true;

@was_mapped@
identifier fail.mapped;
symbol false;
@@
-bool mapped = false;

@unmap_pages@
expression area, dev, dir, attrs;
@@
-dma_unmap_sgtable(dev, &area->mem.page_sg_table, dir, attrs)
+phyr_dma_unmap(&area->mem.page_dma)

@own@
expression mem;
@@
-mem->sgt = &mem->page_sg_table;
+mem->dma = &mem->page_dma;

@free@
expression mem;
@@
-sg_free_table(mem->sgt);
+phyr_destroy(&mem->page_list);

@sync@
identifier pp, dev, addr, niov_size, i, netmems;
typedef u64;
@@
-addr = page_pool_get_dma_addr_netmem(netmems[i]);
-__dma_sync_single_for_device(dev, addr + pp->p.offset, niov_size, pp->p.dma_dir);
+struct net_iov *niov = netmem_to_net_iov(netmems[i]);
+u64 pos = (u64)net_iov_idx(niov) * niov_size;
+
+phyr_dma_sync_slice_for_device(io_zcrx_iov_to_area(niov)->mem.dma, pos, niov_size);

@no_addr@
identifier sync.addr;
typedef dma_addr_t;
@@
-dma_addr_t addr;

@area@
expression mem;
@@
-mem.sgt
+mem.dma

@mapping@
expression mem;
@@
-mem->sgt
+mem->dma
