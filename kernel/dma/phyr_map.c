// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mapping of physical-range lists for DMA, in parts: each is of one kind of
 * memory, and mapped in one way.  DMA addresses are stored only if they can't
 * be computed.  What was mapped range by range is unmapped by walking the list
 * again, in the same pieces, so that no lengths have to be stored.
 */

#include <linux/cc_platform.h>
#include <linux/dma-direct.h>
#include <linux/dma-map-ops.h>
#include <linux/export.h>
#include <linux/iommu-dma.h>
#include <linux/iommu.h>
#include <linux/log2.h>
#include <linux/pci-p2pdma.h>
#include <linux/phyr_dma.h>
#include <linux/phyr_iommu.h>
#include <linux/slab.h>
#include <trace/events/phyr.h>

#include "phyr_map.h"

static_assert(sizeof(dma_addr_t) <= sizeof(phys_addr_t),
	      "DMA addresses are stored in a list of physical addresses");

/* kvrealloc() may use vmalloc(), which must not be called in interrupts. */
static struct phyr_dma_part *phyr_dma_grow_parts(struct phyr_dma *dma,
						 size_t nr, gfp_t gfp)
{
	size_t bytes = array_size(nr, sizeof(*dma->parts));

	if (gfpflags_allow_blocking(gfp))
		return kvrealloc(dma->parts, bytes, gfp);
	return krealloc(dma->parts, bytes, gfp);
}

/* A single part is in @dma itself; more are in an array, doubled when full. */
static struct phyr_dma_part *phyr_dma_add_part(struct phyr_dma *dma, gfp_t gfp)
{
	unsigned int nr = dma->nr_parts;
	struct phyr_dma_part *parts;

	if (nr && is_power_of_2(nr)) {
		parts = phyr_dma_grow_parts(dma, 2 * nr, gfp);
		if (!parts)
			return NULL;
		if (!dma->parts)
			parts[0] = dma->first;
		dma->parts = parts;
	}

	parts = &phyr_dma_parts(dma)[dma->nr_parts++];
	*parts = (struct phyr_dma_part){ };
	return parts;
}

static bool phyr_dma_is_direct(struct device *dev)
{
	return !use_dma_iommu(dev) && !get_dma_ops(dev);
}

/*
 * Do DMA addresses differ from physical ones by the same constant all the way
 * from @lowest to @highest?  With an architecture's own phys_to_dma(), nobody
 * knows.
 */
static bool phyr_dma_one_bus_region(struct device *dev, phys_addr_t lowest,
				    phys_addr_t highest)
{
	const struct bus_dma_region *map = dev->dma_range_map;

	if (IS_ENABLED(CONFIG_ARCH_HAS_PHYS_TO_DMA))
		return false;
	if (!map)
		return true;

	for (; map->size; map++) {
		if (lowest >= map->cpu_start &&
		    highest - map->cpu_start < map->size)
			return true;
	}
	return false;
}

/* Do all @size bytes at @phys have DMA addresses that the device can reach? */
static bool phyr_dma_in_mask(struct device *dev, phys_addr_t phys, u64 size)
{
	dma_addr_t addr = phys_to_dma(dev, phys);
	u64 end = (u64)addr + (size - 1);

	return addr != DMA_MAPPING_ERROR && end >= addr &&
	       end <= min_not_zero(*dev->dma_mask, dev->bus_dma_limit);
}

/*
 * Would dma_map_phys() do no more for page memory in the device's reach than
 * compute its address?  Not with debugging code, which wants to see each
 * mapping.
 */
static bool phyr_dma_is_passive(const struct phyr_dma *dma)
{
	struct device *dev = dma->dev;

	if (IS_ENABLED(CONFIG_DMA_API_DEBUG) || IS_ENABLED(CONFIG_KMSAN))
		return false;
	if (!dev_is_dma_coherent(dev) &&
	    (!(dma->attrs & DMA_ATTR_SKIP_CPU_SYNC) ||
	     IS_ENABLED(CONFIG_DMA_BOUNCE_UNALIGNED_KMALLOC)))
		return false;
	return phyr_dma_is_direct(dev) && !is_swiotlb_force_bounce(dev) &&
	       !force_dma_unencrypted(dev) &&
	       !(dma->attrs & DMA_ATTR_CC_SHARED);
}

static bool phyr_dma_is_identity(const struct phyr_dma *dma,
				 const struct phyr_dma_span *span)
{
	struct device *dev = dma->dev;

	return !(span->first.flags & PHYR_MMIO) && phyr_dma_is_passive(dma) &&
	       phyr_dma_one_bus_region(dev, span->lowest, span->highest) &&
	       phyr_dma_in_mask(dev, span->lowest, 1) &&
	       phyr_dma_in_mask(dev, span->highest, 1);
}

static void phyr_dma_map_identity(const struct phyr_dma *dma,
				  struct phyr_dma_part *part,
				  const struct phyr_dma_span *span)
{
	part->mode = PHYR_DMA_IDENTITY;
	part->delta = phys_to_dma(dma->dev, span->lowest) - span->lowest;
	part->len = span->len;
}

static bool phyr_dma_is_bus(const struct phyr_dma *dma,
			    const struct phyr_dma_span *span)
{
	struct p2pdma_provider *provider = span->first.provider;

	return provider && pci_p2pdma_map_type(provider, dma->dev) ==
			   PCI_P2PDMA_MAP_BUS_ADDR;
}

static void phyr_dma_map_bus(struct phyr_dma_part *part,
			     const struct phyr_dma_span *span)
{
	part->mode = PHYR_DMA_BUS;
	part->delta = pci_p2pdma_bus_addr_map(span->first.provider, 0);
	part->len = span->len;
}

static u64 phyr_dma_granule(struct device *dev)
{
	return dma_get_merge_boundary(dev) + 1;
}

#ifdef CONFIG_IOMMU_DMA
static u64 phyr_dma_page_sizes(struct device *dev)
{
	return iommu_get_dma_domain(dev)->pgsize_bitmap;
}
#else
static u64 phyr_dma_page_sizes(struct device *dev)
{
	return 0;
}
#endif

/*
 * The IOMMU can use pages of a size only where IOVA and physical address agree
 * modulo that size.  Find the sizes for which one choice of IOVA achieves that
 * for all of @span.  The granule, the smallest page, is always among them.
 */
static u64 phyr_dma_alignments(u64 sizes, u64 granule,
			       const struct phyr_dma_span *span)
{
	sizes &= GENMASK_ULL(ilog2(span->len), 0);
	if (span->seams)
		sizes &= GENMASK_ULL(__ffs64(span->seams), 0);
	return sizes | granule;
}

/* Does @span, of at least @size bytes, hold an aligned block of @size bytes? */
static bool phyr_dma_has_page(const struct phyr_dma_span *span, u64 size)
{
	u64 before = -(u64)span->first.phys & (size - 1);

	return span->len - size >= before;
}

/* Choose IOVA that agrees with @span modulo @align, if the window has room. */
static bool phyr_dma_place(struct phyr_dma_part *part,
			   const struct phyr_dma_span *span, u64 align)
{
	u64 pad = (span->first.phys - part->window.addr) & (align - 1);

	if (pad + span->len > dma_iova_size(&part->window))
		return false;
	part->addr = part->window.addr + pad;
	return true;
}

static bool phyr_dma_alloc_window(struct device *dev,
				  struct phyr_dma_part *part,
				  const struct phyr_dma_span *span, u64 align)
{
	u64 size = span->len + (span->first.phys & (align - 1));

	if (size > min(SIZE_MAX, PHYR_BYTES_MAX) ||
	    !dma_iova_try_alloc(dev, &part->window, 0, size))
		return false;
	if (phyr_dma_place(part, span, align))
		return true;
	dma_iova_free(dev, &part->window);
	return false;
}

static bool phyr_dma_is_untrusted(struct device *dev)
{
	return dev_is_pci(dev) && to_pci_dev(dev)->untrusted;
}

/*
 * dma_iova_link() bounces parts of IOMMU pages for devices that aren't trusted,
 * and small buffers that may share a cache line.  A list that starts inside a
 * page needs a bounce buffer with that offset, but swiotlb keeps only the bits
 * in min_align_mask.  Is any other bit set, so that the start would move?
 */
static bool phyr_dma_moves_head(const struct phyr_dma *dma,
				const struct phyr_dma_span *span)
{
	struct device *dev = dma->dev;
	size_t size = min(span->first.len, SIZE_MAX);
	u64 offset;

	if (span->first.flags & PHYR_MMIO ||
	    !(phyr_dma_is_untrusted(dev) ||
	      dma_kmalloc_needs_bounce(dev, size, dma->dir)))
		return false;
	offset = span->first.phys & (phyr_dma_granule(dev) - 1);
	return offset & ~(u64)dma_get_min_align_mask(dev);
}

/*
 * Find IOVA for @span.  There is none if ranges meet inside a granule, because
 * they can't share an IOMMU page.  The reserved window is only used for a span
 * that is the whole list, so that no two spans need it.
 */
static bool phyr_dma_find_iova(const struct phyr_dma *dma,
			       struct phyr_dma_part *part,
			       const struct phyr_dma_span *span)
{
	u64 granule = phyr_dma_granule(dma->dev);
	u64 sizes;

	if (span->seams & (granule - 1))
		return false;
	sizes = phyr_dma_alignments(phyr_dma_page_sizes(dma->dev), granule,
				    span);

	part->reserved = dma->window.__size &&
			 span->len == phyr_bytes(dma->phyr);
	if (part->reserved)
		part->window = dma->window;

	for (u64 align; sizes; sizes &= ~align) {
		align = BIT_ULL(ilog2(sizes));
		if (align > granule && !phyr_dma_has_page(span, align))
			continue;
		if (part->reserved ?
		    phyr_dma_place(part, span, align) :
		    phyr_dma_alloc_window(dma->dev, part, span, align))
			return true;
	}
	return false;
}

/* The window without its padding, for dma_iova_link() and the like. */
static struct dma_iova_state phyr_dma_iova(const struct phyr_dma_part *part)
{
	return (struct dma_iova_state) {
		.addr = part->addr,
		.__size = part->len |
			  (part->window.__size & DMA_IOVA_USE_SWIOTLB),
	};
}

#ifdef CONFIG_IOMMU_DMA
static int phyr_dma_prot(const struct phyr_dma *dma)
{
	int prot = IOMMU_CACHE;

	if (dma->attrs & DMA_ATTR_PRIVILEGED)
		prot |= IOMMU_PRIV;
	if (dma->dir != DMA_FROM_DEVICE)
		prot |= IOMMU_READ;
	if (dma->dir != DMA_TO_DEVICE)
		prot |= IOMMU_WRITE;
	return prot;
}

/*
 * This is all that dma_iova_link() does for a coherent device that is trusted.
 * It isn't called because it always allocates page tables with GFP_ATOMIC:
 * those of a long list would use up the reserves.
 */
static int phyr_dma_link_coherent(const struct phyr_dma *dma,
				  struct phyr_dma_part *part,
				  struct phyr_state *ps, u64 len, gfp_t gfp)
{
	int ret;

	ret = phyrs_iommu_map_nosync(ps, iommu_get_dma_domain(dma->dev),
				     part->addr, len, phyr_dma_prot(dma), gfp);
	if (!ret)
		part->len = len;
	return ret;
}
#else
static int phyr_dma_link_coherent(const struct phyr_dma *dma,
				  struct phyr_dma_part *part,
				  struct phyr_state *ps, u64 len, gfp_t gfp)
{
	return -EOPNOTSUPP;
}
#endif

/* A list may have millions of ranges: let other tasks run meanwhile. */
static void phyr_dma_resched(gfp_t gfp)
{
	if (gfpflags_allow_blocking(gfp))
		cond_resched();
}

static int phyr_dma_link_each(const struct phyr_dma *dma,
			      struct phyr_dma_part *part,
			      struct phyr_state *ps, u64 len, gfp_t gfp)
{
	unsigned long attrs = phyr_dma_part_attrs(dma, part);
	struct dma_iova_state iova = phyr_dma_iova(part);
	int ret = 0;

	while (part->len < len && !ret) {
		phys_addr_t phys;
		size_t size;

		size = phyrs_piece(ps, len - part->len, &phys);
		ret = dma_iova_link(dma->dev, &iova, phys, part->len, size,
				    dma->dir, attrs);
		if (!ret)
			part->len += size;
		phyr_dma_resched(gfp);
	}
	part->window.__size |= iova.__size & DMA_IOVA_USE_SWIOTLB;
	return ret;
}

/* Can memory be mapped without bounce buffers and cache maintenance? */
static bool phyr_dma_is_in_place(struct device *dev)
{
	return dev_is_dma_coherent(dev) && !phyr_dma_is_untrusted(dev);
}

int phyr_dma_map_iova(const struct phyr_dma *dma, struct phyr_dma_part *part,
		      struct phyr_state *ps, u64 len, gfp_t gfp)
{
	struct dma_iova_state iova = phyr_dma_iova(part);
	struct device *dev = dma->dev;
	int ret;

	if (phyr_dma_is_in_place(dev))
		ret = phyr_dma_link_coherent(dma, part, ps, len, gfp);
	else
		ret = phyr_dma_link_each(dma, part, ps, len, gfp);
	return ret ?: dma_iova_sync(dev, &iova, 0, len);
}

/*
 * Can iommu_dma_unmap_phys() unmap and free all of the window?  In lazy mode it
 * leaves the flush of the IOTLB to a queue, while dma_iova_unlink() waits for
 * it.  Device memory has to wait: it may go away as soon as it is unmapped.
 */
static bool phyr_dma_window_is_plain(const struct phyr_dma *dma,
				     const struct phyr_dma_part *part)
{
	return use_dma_iommu(dma->dev) && dev_is_dma_coherent(dma->dev) &&
	       !part->mmio && !part->reserved &&
	       part->len == part->window.__size;
}

void phyr_dma_unmap_iova(const struct phyr_dma *dma,
			 struct phyr_dma_part *part)
{
	struct dma_iova_state iova = phyr_dma_iova(part);
	unsigned long attrs = phyr_dma_part_attrs(dma, part);

	/* DMA_ATTR_MMIO just avoids looking up the physical address. */
	if (phyr_dma_window_is_plain(dma, part)) {
		iommu_dma_unmap_phys(dma->dev, part->addr, part->len, dma->dir,
				     attrs | DMA_ATTR_MMIO);
		return;
	}

	/* dma_iova_destroy() would unlink the padding, which isn't linked. */
	if (part->len)
		dma_iova_unlink(dma->dev, &iova, 0, part->len, dma->dir, attrs);
	if (!part->reserved)
		dma_iova_free(dma->dev, &part->window);
}

/*
 * dma_map_phys() warns about memory out of the device's reach, so check before:
 * here that is only an error to return.  With memory encryption, device memory
 * may have another DMA address than phys_to_dma() says: leave it to
 * dma_map_phys().
 */
static bool phyr_dma_can_reach(struct device *dev, phys_addr_t phys,
			       size_t size, unsigned long attrs)
{
	bool mmio = attrs & DMA_ATTR_MMIO;

	if (!phyr_dma_is_direct(dev))
		return true;
	if (!mmio)
		return phyr_dma_in_mask(dev, phys, size) ||
		       (is_swiotlb_active(dev) &&
			!(attrs & DMA_ATTR_REQUIRE_COHERENT));
	return !is_swiotlb_force_bounce(dev) &&
	       (cc_platform_has(CC_ATTR_MEM_ENCRYPT) ||
		phyr_dma_in_mask(dev, phys, size));
}

int phyr_dma_map_phys(const struct phyr_dma *dma, phys_addr_t phys, size_t size,
		      unsigned long attrs, dma_addr_t *addr)
{
	if (!phyr_dma_can_reach(dma->dev, phys, size, attrs))
		return -ERANGE;

	*addr = dma_map_phys(dma->dev, phys, size, dma->dir, attrs);
	return dma_mapping_error(dma->dev, *addr);
}

static int phyr_dma_map_one(struct phyr_dma *dma, phys_addr_t phys, size_t size,
			    unsigned long attrs, gfp_t gfp)
{
	dma_addr_t addr;
	int ret;

	ret = phyr_dma_map_phys(dma, phys, size, attrs, &addr);
	if (ret)
		return ret;

	ret = phyr_append(&dma->ranges, addr, size, gfp);
	if (ret)
		dma_unmap_phys(dma->dev, addr, size, dma->dir, attrs);
	return ret;
}

/*
 * The most that dma_map_phys() can bounce at a time.  dma_max_mapping_size()
 * isn't used for direct mapping, because there it may go over all RAM.
 */
u64 phyr_dma_max_len(struct device *dev)
{
	u64 max = SIZE_MAX;

	if (!phyr_dma_is_direct(dev))
		max = dma_max_mapping_size(dev);
	else if (is_swiotlb_active(dev))
		max = swiotlb_max_mapping_size(dev);
	return max < PAGE_SIZE ? max : ALIGN_DOWN(max, PAGE_SIZE);
}

/*
 * The next piece for dma_map_phys().  Unmapping and syncing go by the same
 * pieces.  A long range is cut at page boundaries: a piece that started inside
 * a page would be bounced for a device that isn't trusted.
 */
size_t phyr_dma_piece(const struct phyr_dma *dma, struct phyr_state *ps,
		      u64 left, phys_addr_t *phys)
{
	u64 max = dma->max_len;

	if (phyrs_load(ps) && max >= PAGE_SIZE)
		max -= ps->range.phys & (PAGE_SIZE - 1);
	return phyrs_piece(ps, min(left, max), phys);
}

static int phyr_dma_map_ranges(struct phyr_dma *dma, struct phyr_dma_part *part,
			       struct phyr_state *ps, u64 len, gfp_t gfp)
{
	unsigned long attrs = phyr_dma_part_attrs(dma, part);

	if (!dma->max_len)
		dma->max_len = phyr_dma_max_len(dma->dev);

	while (part->len < len) {
		phys_addr_t phys;
		size_t size;
		int ret;

		size = phyr_dma_piece(dma, ps, len - part->len, &phys);
		ret = phyr_dma_map_one(dma, phys, size, attrs, gfp);
		if (ret)
			return ret;
		part->len += size;
		phyr_dma_resched(gfp);
	}
	return 0;
}

static void phyr_dma_unmap_ranges(struct phyr_dma *dma,
				  const struct phyr_dma_part *part,
				  struct phyr_state *cpu,
				  struct phyr_state *ranges)
{
	unsigned long attrs = phyr_dma_part_attrs(dma, part);

	for (u64 left = part->len; left; ) {
		phys_addr_t phys, addr;
		size_t size;

		size = phyr_dma_piece(dma, cpu, left, &phys);
		phyrs_piece(ranges, size, &addr);
		dma_unmap_phys(dma->dev, addr, size, dma->dir, attrs);
		left -= size;
	}
}

/* Decide how to map @span, and find IOVA for it if it needs any. */
void phyr_dma_choose(const struct phyr_dma *dma, struct phyr_dma_part *part,
		     const struct phyr_dma_span *span)
{
	if (phyr_dma_is_identity(dma, span)) {
		phyr_dma_map_identity(dma, part, span);
		return;
	}
	if (phyr_dma_is_bus(dma, span)) {
		phyr_dma_map_bus(part, span);
		return;
	}

	part->mmio = span->first.flags & PHYR_MMIO;
	if (use_dma_iommu(dma->dev) && !phyr_dma_moves_head(dma, span) &&
	    phyr_dma_find_iova(dma, part, span))
		part->mode = PHYR_DMA_IOVA;
	else
		part->mode = PHYR_DMA_RANGES;
}

static int phyr_dma_map_span(struct phyr_dma *dma, struct phyr_state *ps,
			     const struct phyr_dma_span *span, gfp_t gfp)
{
	struct phyr_dma_part *part = phyr_dma_add_part(dma, gfp);

	if (!part)
		return -ENOMEM;

	phyr_dma_choose(dma, part, span);
	switch (part->mode) {
	case PHYR_DMA_IOVA:
		return phyr_dma_map_iova(dma, part, ps, span->len, gfp);
	case PHYR_DMA_RANGES:
		return phyr_dma_map_ranges(dma, part, ps, span->len, gfp);
	default:
		return 0;
	}
}

/* Is the list known to be a single span, without a look at every range? */
static bool phyr_dma_is_uniform(const struct phyr_dma *dma)
{
	const struct phyr *phyr = dma->phyr;

	if (phyr_is_mixed(phyr) && phyr_flags(phyr) & PHYR_MMIO)
		return false;
	return !use_dma_iommu(dma->dev) ||
	       !(phyr_summary(phyr).seams & dma_get_merge_boundary(dma->dev));
}

static struct phyr_range phyr_dma_first_range(const struct phyr *phyr)
{
	PHYR_STATE(ps, phyr);
	struct phyr_range range;

	phyrs_next(&ps, &range);
	return range;
}

void phyr_dma_whole_span(const struct phyr *phyr, struct phyr_dma_span *span)
{
	struct phyr_summary sum = phyr_summary(phyr);

	*span = (struct phyr_dma_span) {
		.first = phyr_dma_first_range(phyr),
		.len = phyr_bytes(phyr),
		.seams = sum.seams,
		.lowest = sum.lowest,
		.highest = sum.highest,
	};
}

static bool phyr_dma_same_kind(const struct phyr_range *a,
			       const struct phyr_range *b)
{
	return (a->flags & PHYR_MMIO) == (b->flags & PHYR_MMIO) &&
	       a->provider == b->provider;
}

/* Describe the span that starts at @ps, and move @ps to its end. */
static bool phyr_dma_next_span(const struct phyr_dma *dma,
			       struct phyr_state *ps,
			       struct phyr_dma_span *span)
{
	u64 boundary = use_dma_iommu(dma->dev) ?
		dma_get_merge_boundary(dma->dev) : 0;
	struct phyr_state before = *ps;
	struct phyr_range range;
	u64 end = 0;

	*span = (struct phyr_dma_span){ };
	while (phyrs_next(ps, &range)) {
		phys_addr_t highest = range.phys + (range.len - 1);
		u64 seam;

		if (!span->len) {
			span->first = range;
			span->lowest = range.phys;
		} else {
			seam = end | range.phys;
			if (!phyr_dma_same_kind(&span->first, &range) ||
			    seam & boundary) {
				*ps = before;
				return true;
			}
			span->seams |= seam;
		}
		span->lowest = min(span->lowest, range.phys);
		span->highest = max(span->highest, highest);
		span->len += range.len;
		end = (u64)range.phys + range.len;
		before = *ps;
	}
	return span->len;
}

static int phyr_dma_map_whole(struct phyr_dma *dma, gfp_t gfp)
{
	PHYR_STATE(start, dma->phyr);
	struct phyr_dma_span span __uninitialized;

	phyr_dma_whole_span(dma->phyr, &span);
	return phyr_dma_map_span(dma, &start, &span, gfp);
}

/*
 * A single range of a page or less, such as a doorbell record, gains nothing
 * from well-chosen IOVA, so iommu_dma_map_phys() will do.  Not dma_map_phys():
 * DMA debugging would expect dma_unmap_phys(), which isn't called either.
 */
static bool phyr_dma_is_small(const struct phyr_dma *dma)
{
	const struct phyr *phyr = dma->phyr;

	return phyr_nr_ranges(phyr) == 1 && phyr_bytes(phyr) <= PAGE_SIZE &&
	       !(phyr_flags(phyr) & PHYR_MMIO) && !dma->reserved &&
	       use_dma_iommu(dma->dev) && phyr_dma_is_in_place(dma->dev);
}

static int phyr_dma_map_small(struct phyr_dma *dma)
{
	struct phyr_range range = phyr_dma_first_range(dma->phyr);
	dma_addr_t addr;

	addr = iommu_dma_map_phys(dma->dev, range.phys, range.len, dma->dir,
				  dma->attrs);
	if (addr == DMA_MAPPING_ERROR)
		return -ENOMEM;

	dma->first = (struct phyr_dma_part) {
		.mode = PHYR_DMA_IOVA,
		.addr = addr,
		.len = range.len,
		.window = { .addr = addr, .__size = range.len },
	};
	dma->nr_parts = 1;
	return 0;
}

static int phyr_dma_map_spans(struct phyr_dma *dma, gfp_t gfp)
{
	PHYR_STATE(start, dma->phyr);
	struct phyr_state end = start;
	struct phyr_dma_span span;
	int ret = 0;

	while (!ret && phyr_dma_next_span(dma, &end, &span)) {
		ret = phyr_dma_map_span(dma, &start, &span, gfp);
		start = end;
	}
	return ret;
}

static int phyr_dma_check_p2p(struct device *dev, const struct phyr *phyr)
{
	struct p2pdma_provider *provider = NULL;
	struct phyr_range range;

	if (!(phyr_flags(phyr) & PHYR_MMIO))
		return 0;

	phyr_for_each_range(phyr, range) {
		if (range.provider == provider || !range.provider)
			continue;
		provider = range.provider;
		switch (pci_p2pdma_map_type(provider, dev)) {
		case PCI_P2PDMA_MAP_BUS_ADDR:
		case PCI_P2PDMA_MAP_THRU_HOST_BRIDGE:
			break;
		default:
			return -EREMOTEIO;
		}
	}
	return 0;
}

/*
 * Not every way of mapping looks at @attrs, so refuse here what dma_map_phys()
 * refuses.  DMA_ATTR_MMIO is set for each part by the kind of its memory.
 */
static int phyr_dma_check_attrs(struct device *dev, unsigned long attrs)
{
	if (attrs & DMA_ATTR_MMIO)
		return -EINVAL;
	if (attrs & DMA_ATTR_REQUIRE_COHERENT && !dev_is_dma_coherent(dev))
		return -EOPNOTSUPP;
	if (attrs & DMA_ATTR_CC_SHARED && !phyr_dma_is_direct(dev))
		return -EOPNOTSUPP;
	return 0;
}

int phyr_dma_check(const struct phyr_dma *dma, const struct phyr *phyr,
		   enum dma_data_direction dir, unsigned long attrs)
{
	int ret;

	if (phyr_dma_mapped(dma))
		return -EBUSY;
	if (!dma->dev || !dma->dev->dma_mask || phyr_empty(phyr) ||
	    !valid_dma_direction(dir))
		return -EINVAL;
	if (dma->reserved && phyr_bytes(phyr) > dma->reserved)
		return -ENOSPC;

	ret = phyr_dma_check_attrs(dma->dev, attrs);
	return ret ?: phyr_dma_check_p2p(dma->dev, phyr);
}

/*
 * A walk over all parts.  Not every part needs the addresses in the list, so
 * @cpu is only moved when it is needed.
 */
struct phyr_dma_cursor {
	struct phyr_state	cpu;
	struct phyr_state	ranges;
	u64			pos;	/* of the current part in the list */
	u64			seen;	/* where @cpu is */
};

static struct phyr_dma_cursor phyr_dma_cursor_start(const struct phyr_dma *dma)
{
	return (struct phyr_dma_cursor) {
		.cpu = phyr_start(dma->phyr),
		.ranges = phyr_start(&dma->ranges),
	};
}

/* Move @cpu to the start of @part, all of which the caller has to walk. */
static void phyr_dma_cursor_enter(struct phyr_dma_cursor *cur,
				  const struct phyr_dma_part *part)
{
	if (cur->seen != cur->pos)
		phyrs_seek(&cur->cpu, cur->pos);
	cur->seen = cur->pos + part->len;
}

/* Without CONFIG_DMA_NEED_SYNC, dma_need_unmap() is false even for an IOMMU. */
bool phyr_dma_must_unmap(struct device *dev)
{
	return use_dma_iommu(dev) || dma_need_unmap(dev);
}

static void phyr_dma_unmap_part(struct phyr_dma *dma,
				struct phyr_dma_part *part,
				struct phyr_dma_cursor *cur)
{
	switch (part->mode) {
	case PHYR_DMA_IDENTITY:
	case PHYR_DMA_BUS:
		break;
	case PHYR_DMA_IOVA:
		phyr_dma_unmap_iova(dma, part);
		break;
	case PHYR_DMA_RANGES:
		if (!phyr_dma_must_unmap(dma->dev))
			break;
		phyr_dma_cursor_enter(cur, part);
		phyr_dma_unmap_ranges(dma, part, &cur->cpu, &cur->ranges);
		break;
	}
	cur->pos += part->len;
}

static void phyr_dma_unmap_parts(struct phyr_dma *dma)
{
	struct phyr_dma_cursor cur = phyr_dma_cursor_start(dma);

	for (unsigned int i = 0; i < dma->nr_parts; i++)
		phyr_dma_unmap_part(dma, &phyr_dma_parts(dma)[i], &cur);
}

/*
 * Unmap what is mapped: after an error that isn't all of the list.  A single
 * window, the usual case behind an IOMMU, takes no walk.
 */
static void phyr_dma_undo(struct phyr_dma *dma)
{
	if (dma->nr_parts == 1 && dma->first.mode == PHYR_DMA_IOVA)
		phyr_dma_unmap_iova(dma, &dma->first);
	else if (!phyr_dma_is_imported(dma))
		phyr_dma_unmap_parts(dma);

	if (!phyr_empty(&dma->ranges))
		phyr_destroy_atomic(&dma->ranges);
	if (dma->parts)
		kvfree_atomic(dma->parts);
	dma->parts = NULL;
	dma->nr_parts = 0;
	dma->phyr = NULL;
}

static int phyr_dma_link_checked(struct phyr_dma *dma, const struct phyr *phyr,
				 enum dma_data_direction dir,
				 unsigned long attrs, gfp_t gfp)
{
	int ret;

	dma->phyr = phyr;
	dma->dir = dir;
	dma->attrs = attrs;
	dma->max_len = 0;

	if (phyr_dma_is_small(dma))
		ret = phyr_dma_map_small(dma);
	else if (phyr_dma_is_uniform(dma))
		ret = phyr_dma_map_whole(dma, gfp);
	else
		ret = phyr_dma_map_spans(dma, gfp);
	if (ret)
		phyr_dma_undo(dma);
	return ret;
}

/*
 * Counting the ranges may take a walk, so don't unless the event is enabled.
 * After -EBUSY, @dma holds another mapping, which isn't what the event is
 * about.
 */
static void phyr_dma_trace_map(const struct phyr_dma *dma,
			       const struct phyr *phyr, int error)
{
	if (trace_phyr_dma_map_enabled() && dma->dev && error != -EBUSY)
		trace_phyr_dma_map(phyr, dev_name(dma->dev),
				   phyr_dma_nr_ranges(dma),
				   phyr_dma_mode_name(dma), error);
}

/**
 * phyr_dma_link() - Map a list with what was reserved for it
 * @dma: Mapping, after phyr_dma_reserve().
 * @phyr: List that must not change while it is mapped.
 * @dir: Direction of the transfers.
 * @attrs: DMA_ATTR_* flags.
 * @gfp: For the mapping's own memory, and for page tables of an IOMMU.  Those
 *	come from the atomic reserves if @dev isn't coherent, or isn't trusted.
 *
 * The reserved IOVA is used for a list of one kind of memory whose inner
 * boundaries are multiples of the smallest IOMMU page.  Any other list is
 * mapped as phyr_dma_map() does it, and so is one that starts inside such a
 * page and has to be bounced there.
 *
 * Context: As @gfp allows.
 * Return: 0, or a negative errno with nothing mapped: -EINVAL without a
 * reservation, -ENOSPC if the list is longer than what was reserved, else as
 * phyr_dma_map().
 */
int phyr_dma_link(struct phyr_dma *dma, const struct phyr *phyr,
		  enum dma_data_direction dir, unsigned long attrs, gfp_t gfp)
{
	int ret;

	ret = phyr_dma_check(dma, phyr, dir, attrs);
	if (!ret)
		ret = phyr_dma_link_checked(dma, phyr, dir, attrs, gfp);
	phyr_dma_trace_map(dma, phyr, ret);
	return ret;
}
EXPORT_SYMBOL_GPL(phyr_dma_link);

/**
 * phyr_dma_unlink() - Unmap a list and keep what was reserved
 * @dma: Mapping.  Nothing happens if no list is mapped.
 *
 * Another list can be linked afterwards.
 *
 * Context: Any.
 */
void phyr_dma_unlink(struct phyr_dma *dma)
{
	if (!phyr_dma_mapped(dma))
		return;

	trace_phyr_dma_unmap(dma->phyr, dev_name(dma->dev));
	phyr_dma_undo(dma);
}
EXPORT_SYMBOL_GPL(phyr_dma_unlink);

/*
 * The padding lets a list start at any offset into a large IOMMU page, so that
 * such pages can be used.  It is limited to PMD_SIZE, in order to save IOVA.
 */
static bool phyr_dma_reserve_iova(struct phyr_dma *dma, struct device *dev,
				  u64 size)
{
	u64 sizes = phyr_dma_page_sizes(dev) &
		    GENMASK_ULL(ilog2(min(size, PMD_SIZE)), 0);
	u64 pad = max(sizes ? BIT_ULL(ilog2(sizes)) : 0, PAGE_SIZE);

	return size <= min(SIZE_MAX, PHYR_BYTES_MAX) - pad &&
	       dma_iova_try_alloc(dev, &dma->window, 0, size + pad);
}

/**
 * phyr_dma_reserve() - Reserve IOVA for lists that are mapped later
 * @dma: Mapping, all zeroes.
 * @dev: Device to map for.
 * @size: Length of the longest list, in bytes.
 *
 * For drivers that map and unmap often: the IOVA is allocated once, for the
 * worst case.  A device that isn't behind an IOMMU needs none, and nothing is
 * allocated for it.
 *
 * Context: Any.
 * Return: 0, or a negative errno with @dma as it was: -EBUSY if @dma is in use,
 * -EINVAL if @size is zero or @dev can't do DMA, -ENOMEM if not enough IOVA is
 * free.
 */
int phyr_dma_reserve(struct phyr_dma *dma, struct device *dev, u64 size)
{
	if (dma->dev)
		return -EBUSY;
	if (!size || !dev->dma_mask)
		return -EINVAL;
	if (use_dma_iommu(dev) && !phyr_dma_reserve_iova(dma, dev, size))
		return -ENOMEM;
	dma->dev = dev;
	dma->reserved = size;
	return 0;
}
EXPORT_SYMBOL_GPL(phyr_dma_reserve);

/**
 * phyr_dma_release() - Give back what phyr_dma_reserve() reserved
 * @dma: Mapping.  Nothing happens if it is all zeroes.
 *
 * Unmaps a list that is still linked.
 *
 * Context: Any.
 */
void phyr_dma_release(struct phyr_dma *dma)
{
	phyr_dma_unlink(dma);
	if (dma_use_iova(&dma->window))
		dma_iova_free(dma->dev, &dma->window);
	phyr_dma_init(dma);
}
EXPORT_SYMBOL_GPL(phyr_dma_release);

/**
 * phyr_dma_map() - Map a list for a device
 * @dma: Mapping to set up, all zeroes.
 * @dev: Device to map for.
 * @phyr: List that must not change while it is mapped.
 * @dir: Direction of the transfers.
 * @attrs: DMA_ATTR_* flags.
 * @gfp: For the mapping's own memory, and for page tables of an IOMMU.  Those
 *	come from the atomic reserves if @dev isn't coherent, or isn't trusted,
 *	or if all that is mapped is page memory in one range no longer than a
 *	page.
 *
 * Afterwards the memory belongs to the device, as after dma_map_sgtable().
 * phyr_dma_for_each_range() yields the addresses for the device.  The list can
 * be mapped for any number of devices at a time.
 *
 * Context: As @gfp allows.
 * Return: 0, or a negative errno with nothing mapped:
 *
 * * -EBUSY	- @dma is in use: mapped, or reserved.
 * * -EINVAL	- @phyr is empty, @dir is no direction, or @dev can't do DMA.
 * * -EINVAL	- @attrs has %DMA_ATTR_MMIO, which follows from the list.
 * * -EOPNOTSUPP	- @dev doesn't support @attrs.
 * * -EREMOTEIO	- @dev can't reach the peer-to-peer memory in @phyr.
 * * -ERANGE	- @dev can't address memory in @phyr, and it can't be bounced.
 * * -ENOMEM	- Out of memory, IOVA or bounce buffers: may work later.  Any
 *		  failure of dma_map_phys() too, which doesn't tell why.
 * * Others from dma_iova_link(), as -EPERM if it would bounce device memory.
 */
int phyr_dma_map(struct phyr_dma *dma, struct device *dev,
		 const struct phyr *phyr, enum dma_data_direction dir,
		 unsigned long attrs, gfp_t gfp)
{
	int ret;

	if (dma->dev)
		return -EBUSY;

	dma->dev = dev;
	ret = phyr_dma_link(dma, phyr, dir, attrs, gfp);
	if (ret)
		phyr_dma_release(dma);
	return ret;
}
EXPORT_SYMBOL_GPL(phyr_dma_map);

/**
 * phyr_dma_unmap() - Undo phyr_dma_map() or phyr_dma_import_sgtable()
 * @dma: Mapping.  Nothing happens if it is all zeroes.
 *
 * The memory belongs to the CPU again, unless it was imported, and @dma is all
 * zeroes.  An IOMMU in lazy mode may keep page memory within the device's
 * reach, and the IOVA in use, for a while, as after dma_unmap_sgtable().
 *
 * Context: Any.
 */
void phyr_dma_unmap(struct phyr_dma *dma)
{
	phyr_dma_release(dma);
}
EXPORT_SYMBOL_GPL(phyr_dma_unmap);

static void phyr_dma_sync_piece(const struct phyr_dma *dma, dma_addr_t addr,
				size_t size, bool for_cpu)
{
	if (for_cpu)
		dma_sync_single_for_cpu(dma->dev, addr, size, dma->dir);
	else
		dma_sync_single_for_device(dma->dev, addr, size, dma->dir);
}

/*
 * Not dma_sync_single_*(): DMA debugging would complain about IOVA that
 * dma_map_phys() didn't map.
 */
static void phyr_dma_sync_linked(const struct phyr_dma *dma, dma_addr_t addr,
				 size_t size, bool for_cpu)
{
	if (!use_dma_iommu(dma->dev))
		return;
	if (for_cpu)
		iommu_dma_sync_single_for_cpu(dma->dev, addr, size, dma->dir);
	else
		iommu_dma_sync_single_for_device(dma->dev, addr, size, dma->dir);
}

/*
 * iommu_dma_sync_single_*() take what is contiguous in physical memory.
 * Granules that are bounced have a buffer each, so go granule by granule if
 * there are any.
 */
static void phyr_dma_sync_iova(const struct phyr_dma *dma,
			       const struct phyr_dma_part *part,
			       struct phyr_state *cpu, bool for_cpu)
{
	u64 granule = phyr_dma_granule(dma->dev);
	u64 max = SIZE_MAX;

	for (u64 done = 0; done < part->len; ) {
		dma_addr_t addr = part->addr + done;
		phys_addr_t phys;
		size_t size;

		if (part->window.__size & DMA_IOVA_USE_SWIOTLB)
			max = granule - (addr & (granule - 1));
		size = phyrs_piece(cpu, min(part->len - done, max), &phys);
		phyr_dma_sync_linked(dma, addr, size, for_cpu);
		done += size;
	}
}

static void phyr_dma_sync_ranges(const struct phyr_dma *dma,
				 const struct phyr_dma_part *part,
				 struct phyr_dma_cursor *cur, bool for_cpu)
{
	for (u64 left = part->len; left; ) {
		phys_addr_t phys, addr;
		size_t size;

		size = phyr_dma_piece(dma, &cur->cpu, left, &phys);
		phyrs_piece(&cur->ranges, size, &addr);
		if (!part->mmio)
			phyr_dma_sync_piece(dma, addr, size, for_cpu);
		left -= size;
	}
}

static void phyr_dma_sync_identity(const struct phyr_dma *dma,
				   const struct phyr_dma_part *part,
				   struct phyr_state *cpu, bool for_cpu)
{
	for (u64 left = part->len; left; ) {
		phys_addr_t phys;
		size_t size = phyrs_piece(cpu, min(left, SIZE_MAX), &phys);

		phyr_dma_sync_piece(dma, phys + part->delta, size, for_cpu);
		left -= size;
	}
}

static void phyr_dma_sync_part(const struct phyr_dma *dma,
			       const struct phyr_dma_part *part,
			       struct phyr_dma_cursor *cur, bool for_cpu)
{
	phyr_dma_cursor_enter(cur, part);
	switch (part->mode) {
	case PHYR_DMA_IDENTITY:
		phyr_dma_sync_identity(dma, part, &cur->cpu, for_cpu);
		break;
	case PHYR_DMA_IOVA:
		phyr_dma_sync_iova(dma, part, &cur->cpu, for_cpu);
		break;
	case PHYR_DMA_RANGES:
		phyr_dma_sync_ranges(dma, part, cur, for_cpu);
		break;
	case PHYR_DMA_BUS:
		break;
	}
}

/*
 * Device memory is never cached.  But if its addresses are stored the cursor
 * has to pass them, to get to those of later parts.
 */
static bool phyr_dma_part_needs_sync(const struct phyr_dma *dma,
				     const struct phyr_dma_part *part)
{
	switch (part->mode) {
	case PHYR_DMA_IDENTITY:
		return !dev_is_dma_coherent(dma->dev);
	case PHYR_DMA_IOVA:
		return !part->mmio;
	case PHYR_DMA_RANGES:
		return true;
	default:
		return false;
	}
}

static void phyr_dma_sync(const struct phyr_dma *dma, bool for_cpu)
{
	struct phyr_dma_cursor cur;

	if (!phyr_dma_mapped(dma) || phyr_dma_is_imported(dma) ||
	    !dma_dev_need_sync(dma->dev))
		return;

	cur = phyr_dma_cursor_start(dma);
	for (unsigned int i = 0; i < dma->nr_parts; i++) {
		const struct phyr_dma_part *part = &phyr_dma_parts(dma)[i];

		if (phyr_dma_part_needs_sync(dma, part))
			phyr_dma_sync_part(dma, part, &cur, for_cpu);
		cur.pos += part->len;
	}
}

/**
 * phyr_dma_sync_for_cpu() - Let the CPU see what the device wrote
 * @dma: Mapping.
 *
 * The memory stays mapped and belongs to the CPU until it is given back by
 * phyr_dma_sync_for_device().
 *
 * Context: Any.
 */
void phyr_dma_sync_for_cpu(const struct phyr_dma *dma)
{
	phyr_dma_sync(dma, true);
}
EXPORT_SYMBOL_GPL(phyr_dma_sync_for_cpu);

/**
 * phyr_dma_sync_for_device() - Let the device see what the CPU wrote
 * @dma: Mapping.
 *
 * Context: Any.
 */
void phyr_dma_sync_for_device(const struct phyr_dma *dma)
{
	phyr_dma_sync(dma, false);
}
EXPORT_SYMBOL_GPL(phyr_dma_sync_for_device);
