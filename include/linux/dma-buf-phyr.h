/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _LINUX_DMA_BUF_PHYR_H
#define _LINUX_DMA_BUF_PHYR_H
/*
 * DMABUFs without scatterlists: exporters have one physical-range list, and
 * importers get a mapping for their device.
 *
 * See Documentation/driver-api/dma-buf-phyr.rst.
 */

#include <linux/dma-buf.h>
#include <linux/phyr_dma.h>

struct iommu_domain;

/**
 * enum dma_buf_phyr_memory - How long an exporter's memory stays where it is
 * @DMA_BUF_PHYR_STATIC: For the life of the buffer.
 * @DMA_BUF_PHYR_PINNED: While somebody has the list, from
 *	&dma_buf_phyr_ops.map_phyr to &dma_buf_phyr_ops.unmap_phyr.
 * @DMA_BUF_PHYR_REVOCABLE: Until the exporter calls dma_buf_invalidate_mappings()
 *	and has waited for all who have the list.  Importers that can't give it back
 *	are refused when they attach.
 */
enum dma_buf_phyr_memory {
	DMA_BUF_PHYR_STATIC,
	DMA_BUF_PHYR_PINNED,
	DMA_BUF_PHYR_REVOCABLE,
};

/**
 * struct dma_buf_phyr_ops - What an exporter of a physical-range list does
 *
 * Such an exporter maps nothing: &dma_buf_ops.phyr points to these, and
 * &dma_buf_ops.map_dma_buf and &dma_buf_ops.unmap_dma_buf are
 * dma_buf_phyr_map_sgt() and dma_buf_phyr_unmap_sgt().
 */
struct dma_buf_phyr_ops {
	/**
	 * @map_phyr: Give the buffer's list to the core.
	 *
	 * The list has to be &dma_buf.size bytes of whole pages, and to stay as it is
	 * until the matching @unmap_phyr: any number of importers may have it at a
	 * time.  It belongs to the exporter, who most often has it in a structure of
	 * its own and returns its address.
	 *
	 * DMA_ATTR_* flags for all mappings of the list can be set in @attrs, which
	 * is zero before.
	 *
	 * Called with the reservation lock held.  Returns the list, or an ERR_PTR():
	 * -ENODEV if the memory was revoked.
	 */
	const struct phyr *(*map_phyr)(struct dma_buf *dmabuf,
				       unsigned long *attrs);

	/**
	 * @unmap_phyr: [optional] One who had the list has no use for it any more.
	 *
	 * Called with the reservation lock held.
	 */
	void (*unmap_phyr)(struct dma_buf *dmabuf);

	/** @memory: How long the memory stays where it is. */
	enum dma_buf_phyr_memory memory;
};

/**
 * enum dma_buf_mapping_type - What an importer gets
 * @DMA_BUF_MAPPING_SGT: A scatterlist, from dma_buf_map_attachment().  This is what
 *	dma_buf_attach() and dma_buf_dynamic_attach() are for.
 * @DMA_BUF_MAPPING_DMA: A mapping for its device, from dma_buf_map_dma().
 * @DMA_BUF_MAPPING_IOMMU: The memory in IOMMU domains that it manages, by
 *	dma_buf_map_iommu().  Only iommufd does so, and only exporters of a list can
 *	give that.
 */
enum dma_buf_mapping_type {
	DMA_BUF_MAPPING_SGT,
	DMA_BUF_MAPPING_DMA,
	DMA_BUF_MAPPING_IOMMU,
};

/* For struct dma_buf_ops of exporters. */
#ifdef CONFIG_DMABUF_PHYR
int dma_buf_phyr_attach(struct dma_buf *dmabuf,
			struct dma_buf_attachment *attach);
struct sg_table *dma_buf_phyr_map_sgt(struct dma_buf_attachment *attach,
				      enum dma_data_direction dir);
void dma_buf_phyr_unmap_sgt(struct dma_buf_attachment *attach,
			    struct sg_table *sgt, enum dma_data_direction dir);
int dma_buf_phyr_begin_cpu_access(struct dma_buf *dmabuf,
				  enum dma_data_direction dir);
int dma_buf_phyr_end_cpu_access(struct dma_buf *dmabuf,
				enum dma_data_direction dir);
int dma_buf_phyr_mmap(struct dma_buf *dmabuf, struct vm_area_struct *vma);
int dma_buf_phyr_vmap(struct dma_buf *dmabuf, struct iosys_map *map);
void dma_buf_phyr_vunmap(struct dma_buf *dmabuf, struct iosys_map *map);
#else
/* No device can attach where there is no DMA, but some exporters are built there. */
static inline int dma_buf_phyr_attach(struct dma_buf *dmabuf,
				      struct dma_buf_attachment *attach)
{
	return -ENODEV;
}

static inline struct sg_table *
dma_buf_phyr_map_sgt(struct dma_buf_attachment *attach,
		     enum dma_data_direction dir)
{
	return ERR_PTR(-ENODEV);
}

static inline void dma_buf_phyr_unmap_sgt(struct dma_buf_attachment *attach,
					  struct sg_table *sgt,
					  enum dma_data_direction dir)
{
}

static inline int dma_buf_phyr_begin_cpu_access(struct dma_buf *dmabuf,
						enum dma_data_direction dir)
{
	return 0;
}

static inline int dma_buf_phyr_end_cpu_access(struct dma_buf *dmabuf,
					      enum dma_data_direction dir)
{
	return 0;
}
#endif /* CONFIG_DMABUF_PHYR */

/* For importers. */
struct dma_buf_attachment *
dma_buf_mapping_attach(struct dma_buf *dmabuf, enum dma_buf_mapping_type type,
		       struct device *dev,
		       const struct dma_buf_attach_ops *importer_ops,
		       void *importer_priv);
const struct phyr_dma *dma_buf_map_dma(struct dma_buf_attachment *attach,
				       enum dma_data_direction dir);
void dma_buf_unmap_dma(struct dma_buf_attachment *attach,
		       const struct phyr_dma *dma);
const struct phyr_dma *
dma_buf_map_dma_unlocked(struct dma_buf_attachment *attach,
			 enum dma_data_direction dir);
void dma_buf_unmap_dma_unlocked(struct dma_buf_attachment *attach,
				const struct phyr_dma *dma);

/* For iommufd. */
const struct dma_buf_mapping *
dma_buf_hold_memory(struct dma_buf_attachment *attach);
void dma_buf_drop_memory(struct dma_buf_attachment *attach,
			 const struct dma_buf_mapping *held);
int __must_check dma_buf_map_iommu(const struct dma_buf_mapping *held,
				   struct iommu_domain *domain,
				   unsigned long iova, u64 pos, u64 len,
				   int prot, gfp_t gfp);

#endif /* _LINUX_DMA_BUF_PHYR_H */
