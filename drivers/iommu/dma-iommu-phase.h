/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Allocation of IOVA that agrees with the memory modulo a large IOMMU page, as
 * only then can such pages map it.
 *
 * Part of dma-iommu.c.
 */

/* The largest IOMMU page for which there is one in the memory, or zero. */
static u64 iommu_dma_largest_page(const struct iommu_domain *domain,
				  phys_addr_t phys, size_t size)
{
	u64 sizes = domain->pgsize_bitmap & GENMASK_ULL(ilog2(size), 0);

	while (sizes) {
		u64 page = BIT_ULL(ilog2(sizes));

		if ((-(u64)phys & (page - 1)) <= size - page)
			return page;
		sizes ^= page;
	}
	return 0;
}

/* Whatever iommu_dma_alloc_iova() would keep below, and where it looks first. */
static u64 iommu_dma_first_limit(const struct iommu_domain *domain,
				 struct device *dev)
{
	u64 limit = min_not_zero(dma_get_mask(dev), dev->bus_dma_limit);

	if (domain->geometry.force_aperture)
		limit = min_t(u64, limit, domain->geometry.aperture_end);
	if (dev->iommu->pci_32bit_workaround)
		limit = min(limit, DMA_BIT_MASK(32));
	return limit;
}

/*
 * What is aligned by its size never crosses a segment boundary unless it is longer
 * than a segment.  See that this stays so.
 */
static bool iommu_dma_crosses(struct device *dev, dma_addr_t addr, size_t size)
{
	u64 boundary = dma_get_seg_boundary(dev);

	return size - 1 <= boundary && (addr & boundary) + (size - 1) > boundary;
}

/* If there is room only across a segment boundary, look once more below it. */
static dma_addr_t iommu_dma_place_phase(struct device *dev, size_t size,
					u64 phase, u64 page)
{
	struct iommu_domain *domain = iommu_get_dma_domain(dev);
	struct iova_domain *iovad = &domain->iova_cookie->iovad;
	u64 limit = iommu_dma_first_limit(domain, dev);
	unsigned long shift = iova_shift(iovad), iova;

	for (unsigned int tries = 2; tries; tries--) {
		dma_addr_t addr;

		iova = alloc_iova_phase(iovad, size >> shift, limit >> shift,
					phase >> shift, (page - 1) >> shift);
		addr = (dma_addr_t)iova << shift;
		if (!addr || !iommu_dma_crosses(dev, addr, size))
			return addr;
		free_iova_fast(iovad, iova, size >> shift);
		limit = addr | dma_get_seg_boundary(dev);
	}
	return 0;
}

/*
 * Allocate @size bytes of IOVA for @phys, both multiples of the granule.  Zero if
 * iommu_dma_alloc_iova() will do, as it aligns by the size, or if there is no room.
 */
static dma_addr_t iommu_dma_alloc_phase(struct device *dev, phys_addr_t phys,
					size_t size)
{
	u64 page = iommu_dma_largest_page(iommu_get_dma_domain(dev), phys, size);

	if (!page || !(phys & (page - 1)))
		return 0;
	return iommu_dma_place_phase(dev, size, phys & (page - 1), page);
}

static noinline bool
dma_iova_alloc_phase(struct device *dev, struct dma_iova_state *state,
		     phys_addr_t phys, size_t size)
{
	struct iommu_domain *domain = iommu_get_dma_domain(dev);
	struct iova_domain *iovad = &domain->iova_cookie->iovad;
	size_t iova_off = iova_offset(iovad, phys);
	dma_addr_t addr;

	addr = iommu_dma_alloc_phase(dev, phys - iova_off,
				     iova_align(iovad, size + iova_off));
	if (!addr)
		return false;

	state->addr = addr + iova_off;
	state->__size = size;
	return true;
}

/* The longest that comes from a cache: in granules it is always the same. */
static size_t iommu_dma_cached_size(struct device *dev)
{
	size_t size = iova_rcache_range();
	struct iova_domain *iovad;

	if (PAGE_SIZE == SZ_4K)
		return size;
	iovad = &iommu_get_dma_domain(dev)->iova_cookie->iovad;
	return size >> PAGE_SHIFT << iova_shift(iovad);
}

/*
 * Small sizes come from a cache, where they are aligned by their size.  That is right
 * for long memory too that is aligned likewise.
 */
static bool dma_iova_try_phase(struct device *dev, struct dma_iova_state *state,
			       phys_addr_t phys, size_t size)
{
	return size > PAGE_SIZE && phys & (rounddown_pow_of_two(size) - 1) &&
	       size > iommu_dma_cached_size(dev) &&
	       dma_iova_alloc_phase(dev, state, phys, size);
}
