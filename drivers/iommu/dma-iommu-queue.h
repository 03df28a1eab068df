/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dma_iova_destroy() for IOVA with something linked, which may leave the flush of
 * the IOTLB to a queue.
 *
 * Part of dma-iommu.c.
 */

/* Does memory have to be given to the device, or back to the CPU? */
static bool dma_iova_must_sync(struct device *dev, unsigned long attrs)
{
	return !dev_is_dma_coherent(dev) &&
	       !(attrs & (DMA_ATTR_SKIP_CPU_SYNC | DMA_ATTR_MMIO));
}

/* Does unlinking have to look at each granule? */
static bool dma_iova_unlink_is_slow(struct device *dev,
				    const struct dma_iova_state *state,
				    unsigned long attrs)
{
	return (state->__size & DMA_IOVA_USE_SWIOTLB) ||
	       dma_iova_must_sync(dev, attrs);
}

/*
 * Unlink what is linked and free all of the IOVA.  In lazy mode ordinary memory may
 * stay within the device's reach for a while, as after dma_unmap_phys().  Device
 * memory must not: it may go away.
 */
static void dma_iova_destroy_linked(struct device *dev,
				    struct dma_iova_state *state,
				    size_t mapped_len,
				    enum dma_data_direction dir,
				    unsigned long attrs)
{
	struct iommu_domain *domain = iommu_get_dma_domain(dev);
	struct iommu_dma_cookie *cookie = domain->iova_cookie;
	struct iova_domain *iovad = &cookie->iovad;
	size_t pad = iova_offset(iovad, state->addr);
	size_t size = iova_align(iovad, dma_iova_size(state) + pad);
	size_t mapped = iova_align(iovad, mapped_len + pad);
	dma_addr_t addr = state->addr - pad;
	struct iommu_iotlb_gather gather __uninitialized;

	if (dma_iova_unlink_is_slow(dev, state, attrs))
		iommu_dma_iova_unlink_range_slow(dev, state->addr, mapped_len,
						 dir, attrs);

	iommu_iotlb_gather_init(&gather);
	gather.queued = !(attrs & DMA_ATTR_MMIO) &&
			READ_ONCE(cookie->fq_domain);
	WARN_ON(iommu_unmap_fast(domain, addr, mapped, &gather) != mapped);
	if (!gather.queued)
		iommu_iotlb_sync(domain, &gather);
	iommu_dma_free_iova(domain, addr, size, &gather);
}
