// SPDX-License-Identifier: GPL-2.0-only
/*
 * DMABUFs without scatterlists.
 *
 * An exporter gives a physical-range list, an importer asks for a mapping, and
 * only the code here sees both.  Whoever knows nothing of either gets what it
 * always got: an importer a scatterlist, made of a mapping; and an importer of a
 * mapping from an exporter of scatterlists one that is made of a scatterlist.
 */

#include <linux/dma-buf-phyr.h>
#include <linux/dma-map-ops.h>
#include <linux/dma-resv.h>
#include <linux/export.h>
#include <linux/highmem.h>
#include <linux/iommu-dma.h>
#include <linux/pci-p2pdma.h>
#include <linux/phyr_iommu.h>
#include <linux/sizes.h>
#include <linux/slab.h>

/*
 * What an importer has mapped.  All of an attachment's are on its list, under the
 * reservation lock.
 */
struct dma_buf_mapping {
	struct phyr_dma		dma;
	struct dma_buf_mapping	*next;
	enum dma_data_direction	dir;
	union {
		struct sg_table	sgt;	/* for an importer of one, else empty */
		struct sg_table	*imported;	/* from an exporter of one */
		const struct phyr *held;	/* for IOMMU domains, without @dma */
	};
};

/* Attachments are to be small: what this takes is what allocating it takes. */
static_assert(sizeof(struct dma_buf_mapping) <= 128);

static const struct dma_buf_phyr_ops *phyr_ops(const struct dma_buf *dmabuf)
{
	return dmabuf->ops->phyr;
}

/* --- the exporter's list --- */

static void dma_buf_put_list(struct dma_buf *dmabuf)
{
	if (phyr_ops(dmabuf)->unmap_phyr)
		phyr_ops(dmabuf)->unmap_phyr(dmabuf);
}

/* Of a long list this takes no walk, so that it can be done whenever the list is got. */
static int dma_buf_check_list(const struct dma_buf *dmabuf,
			      const struct phyr *list)
{
	struct phyr_range first;

	if (phyr_at(list, 0, &first))
		return -EINVAL;
	if (offset_in_page(first.phys | phyr_summary(list).seams |
			   phyr_bytes(list)))
		return -EINVAL;
	return phyr_bytes(list) == dmabuf->size ? 0 : -ERANGE;
}

/* Until dma_buf_put_list(). */
static const struct phyr *dma_buf_get_list(struct dma_buf *dmabuf,
					   unsigned long *attrs)
{
	const struct phyr *list;
	int ret;

	*attrs = 0;
	list = phyr_ops(dmabuf)->map_phyr(dmabuf, attrs);
	if (IS_ERR(list))
		return list;
	ret = dma_buf_check_list(dmabuf, list);
	if (!ret)
		return list;
	dma_buf_put_list(dmabuf);
	return ERR_PTR(ret);
}

/* What an importer must be able to, whatever its device is. */
static int dma_buf_check_importer(struct dma_buf_attachment *attach,
				  const struct phyr *list)
{
	if (phyr_ops(attach->dmabuf)->memory == DMA_BUF_PHYR_REVOCABLE &&
	    !dma_buf_attach_revocable(attach))
		return -EOPNOTSUPP;
	if (phyr_flags(list) & PHYR_MMIO && !attach->peer2peer)
		return -EOPNOTSUPP;
	return 0;
}

/* Can the importer's device reach its peers?  One that can't do DMA needn't. */
static int dma_buf_check_peers(struct device *dev, const struct phyr *list)
{
	struct p2pdma_provider *provider = NULL;
	struct phyr_range range;

	if (!dev->dma_mask || !(phyr_flags(list) & PHYR_MMIO))
		return 0;
	phyr_for_each_range(list, range) {
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

/**
 * dma_buf_phyr_attach() - Refuse who can't use the memory
 * @dmabuf: Buffer of an exporter with &dma_buf_ops.phyr.
 * @attach: Its attachment.
 *
 * To be the &dma_buf_ops.attach of exporters of memory that is revocable or a
 * device's, or to be called by it.  Other memory suits every importer.
 *
 * Context: Process context.  Takes the reservation lock.
 * Return: 0, or a negative errno:
 *
 * * %-EOPNOTSUPP - The memory is revocable, and the importer has no
 *		   &dma_buf_attach_ops.invalidate_mappings; or it is a device's and
 *		   &dma_buf_attach_ops.allow_peer2peer isn't set.
 * * %-EREMOTEIO - The importer's device can't reach that of the memory.
 * * %-ENODEV - The memory was revoked.
 * * Others from &dma_buf_phyr_ops.map_phyr, and those of dma_buf_map_dma() about
 *   the list.
 */
int dma_buf_phyr_attach(struct dma_buf *dmabuf,
			struct dma_buf_attachment *attach)
{
	const struct phyr *list;
	unsigned long attrs;
	int ret;

	dma_resv_lock(dmabuf->resv, NULL);
	list = dma_buf_get_list(dmabuf, &attrs);
	ret = PTR_ERR_OR_ZERO(list);
	if (!ret) {
		ret = dma_buf_check_importer(attach, list) ?:
		      dma_buf_check_peers(attach->dev, list);
		dma_buf_put_list(dmabuf);
	}
	dma_resv_unlock(dmabuf->resv);
	return ret;
}
EXPORT_SYMBOL_NS_GPL(dma_buf_phyr_attach, "DMA_BUF");

/* --- mappings --- */

/*
 * The CPU may write to what a device only writes to, and a bounce buffer or a cache has
 * to learn of that.  Behind an IOMMU whole pages aren't bounced, and it can keep a
 * device from reading.
 */
static enum dma_data_direction dma_buf_dir(struct device *dev,
					   enum dma_data_direction dir)
{
	if (dir == DMA_FROM_DEVICE &&
	    (!use_dma_iommu(dev) || !dev_is_dma_coherent(dev)))
		return DMA_BIDIRECTIONAL;
	return dir;
}

static int dma_buf_map_list(struct dma_buf_attachment *attach,
			    struct dma_buf_mapping *mapping)
{
	const struct phyr *list;
	unsigned long attrs;
	int ret;

	list = dma_buf_get_list(attach->dmabuf, &attrs);
	if (IS_ERR(list))
		return PTR_ERR(list);
	ret = dma_buf_check_importer(attach, list) ?:
	      phyr_dma_map(&mapping->dma, attach->dev, list,
			   dma_buf_dir(attach->dev, mapping->dir), attrs,
			   GFP_KERNEL);
	if (ret)
		dma_buf_put_list(attach->dmabuf);
	return ret;
}

static void dma_buf_unmap_list(struct dma_buf_attachment *attach,
			       struct dma_buf_mapping *mapping)
{
	/* The exporter must leave alone what is mapped. */
	WARN_ON_ONCE(phyr_dma_bytes(&mapping->dma) != attach->dmabuf->size);
	phyr_dma_unmap(&mapping->dma);
	dma_buf_put_list(attach->dmabuf);
}

static void dma_buf_add_mapping(struct dma_buf_attachment *attach,
				struct dma_buf_mapping *mapping)
{
	mapping->next = attach->mappings;
	attach->mappings = mapping;
}

/* A mapping that isn't there may be freed memory: look at those that are. */
static bool dma_buf_del_mapping(struct dma_buf_attachment *attach,
				const struct dma_buf_mapping *mapping)
{
	struct dma_buf_mapping **at = &attach->mappings;

	while (*at && *at != mapping)
		at = &(*at)->next;
	if (WARN_ON_ONCE(!*at))
		return false;
	*at = mapping->next;
	return true;
}

/* --- importers of scatterlists --- */

/*
 * A limit that the importer's driver set is kept, but entries are whole pages.  Where
 * there is none, a scatterlist is cut nowhere: some importers take only one entry.
 */
static size_t dma_buf_max_segment(const struct device *dev)
{
	const struct device_dma_parameters *limits = dev->dma_parms;

	if (limits && limits->max_segment_size)
		return max(limits->max_segment_size, PAGE_SIZE);
	return round_down(UINT_MAX, PAGE_SIZE);
}

/*
 * Add to a table what the device sees of a range, from @sg on.  Returns the entry
 * after that; or an error if there is more than fits, or if an entry has one length
 * for the device and the CPU, and they differ.
 */
static struct scatterlist *dma_buf_add_range(struct sg_table *sgt,
					     struct scatterlist *sg,
					     struct dma_range range, size_t max,
					     u64 boundary)
{
	while (range.len) {
		u64 len = phyr_dma_segment_len(&range, max, boundary);

		if (!sg)
			return ERR_PTR(-EOPNOTSUPP);
		if (!IS_ENABLED(CONFIG_NEED_SG_DMA_LENGTH) && sg->length &&
		    sg->length != len)
			return ERR_PTR(-EOPNOTSUPP);
		sg_dma_address(sg) = range.addr;
		sg_dma_len(sg) = len;
		sgt->nents++;
		sg = sg_next(sg);
		range.addr += len;
		range.len -= len;
	}
	return sg;
}

/* How the device sees the buffer.  False if the table isn't made for that. */
static bool dma_buf_fill_table(struct sg_table *sgt, const struct phyr_dma *dma,
			       size_t max)
{
	u64 boundary = dma_get_seg_boundary(dma->dev);
	struct scatterlist *sg = sgt->sgl;
	struct dma_range range;

	sgt->nents = 0;
	phyr_dma_for_each_range(dma, range) {
		sg = dma_buf_add_range(sgt, sg, range, max, boundary);
		if (IS_ERR(sg))
			return false;
	}
	return true;
}

/* Bounce buffers, and what was mapped range by range, come in pieces of this at most. */
#define DMA_BUF_PIECE		SZ_256K

/*
 * A table with pages needs at least as many entries for the CPU as for the device.
 * Most often it has them, and entries of a page each are always enough.
 */
static int dma_buf_table_with_pages(struct dma_buf_mapping *mapping, size_t limit)
{
	size_t max = limit;

	while (max >= PAGE_SIZE) {
		int ret = phyr_to_sgtable(mapping->dma.phyr, &mapping->sgt, max,
					  GFP_KERNEL);

		if (ret)
			return ret;
		if (!IS_ENABLED(CONFIG_NEED_SG_DMA_LENGTH))
			limit = max;
		if (dma_buf_fill_table(&mapping->sgt, &mapping->dma, limit))
			return 0;
		sg_free_table(&mapping->sgt);
		max = min(round_down(max / 2, PAGE_SIZE), DMA_BUF_PIECE);
	}
	return -EOPNOTSUPP;
}

/* A table without pages has no entries for the CPU. */
static int dma_buf_table_without_pages(struct dma_buf_mapping *mapping, size_t max)
{
	u64 boundary = dma_get_seg_boundary(mapping->dma.dev);
	struct phyr_dma_state ds = phyr_dma_start(&mapping->dma);
	struct dma_range segment;
	unsigned int nr = 0;
	int ret;

	while (phyr_dmas_next_segment(&ds, &segment, max, boundary))
		if (!++nr)
			return -ERANGE;
	ret = sg_alloc_table(&mapping->sgt, nr, GFP_KERNEL);
	if (ret)
		return ret;
	dma_buf_fill_table(&mapping->sgt, &mapping->dma, max);
	mapping->sgt.orig_nents = 0;
	return 0;
}

/* Some importers look at pages, which they don't find when they are debugged either. */
static int dma_buf_make_table(struct dma_buf_attachment *attach,
			      struct dma_buf_mapping *mapping)
{
	size_t max = dma_buf_max_segment(attach->dev);
	int ret = -EOPNOTSUPP;

	if (!IS_ENABLED(CONFIG_DMABUF_DEBUG))
		ret = dma_buf_table_with_pages(mapping, max);
	return ret == -EOPNOTSUPP ? dma_buf_table_without_pages(mapping, max) : ret;
}

static void dma_buf_free_table(struct sg_table *sgt)
{
	if (!sgt->orig_nents)
		sgt->orig_nents = sgt->nents;
	sg_free_table(sgt);
}

/**
 * dma_buf_phyr_map_sgt() - Map the exporter's list for an importer of a scatterlist
 * @attach: Attachment.
 * @dir: Direction of the transfers.
 *
 * To be the &dma_buf_ops.map_dma_buf of exporters with &dma_buf_ops.phyr.  The table
 * has pages if the memory has, unless CONFIG_DMABUF_DEBUG is set.  Without pages its
 * &sg_table.orig_nents is zero.
 *
 * Context: Process context, with the reservation lock held.  May sleep.
 * Return: The table, to be undone by dma_buf_phyr_unmap_sgt(), or an ERR_PTR() as
 * from dma_buf_map_dma().
 */
struct sg_table *dma_buf_phyr_map_sgt(struct dma_buf_attachment *attach,
				      enum dma_data_direction dir)
{
	struct dma_buf_mapping *mapping;
	int ret;

	if (WARN_ON_ONCE(attach->map_type != DMA_BUF_MAPPING_SGT))
		return ERR_PTR(-EINVAL);
	mapping = kzalloc_obj(*mapping);
	if (!mapping)
		return ERR_PTR(-ENOMEM);
	mapping->dir = dir;
	ret = dma_buf_map_list(attach, mapping);
	if (ret)
		goto free;
	ret = dma_buf_make_table(attach, mapping);
	if (ret)
		goto unmap;
	dma_buf_add_mapping(attach, mapping);
	return &mapping->sgt;
unmap:
	dma_buf_unmap_list(attach, mapping);
free:
	kfree(mapping);
	return ERR_PTR(ret);
}
EXPORT_SYMBOL_NS_GPL(dma_buf_phyr_map_sgt, "DMA_BUF");

/**
 * dma_buf_phyr_unmap_sgt() - Undo dma_buf_phyr_map_sgt()
 * @attach: Attachment.
 * @sgt: Table that it returned.
 * @dir: Direction that it was called with.
 *
 * To be the &dma_buf_ops.unmap_dma_buf of exporters with &dma_buf_ops.phyr.
 *
 * Context: Process context, with the reservation lock held.  May sleep.
 */
void dma_buf_phyr_unmap_sgt(struct dma_buf_attachment *attach,
			    struct sg_table *sgt, enum dma_data_direction dir)
{
	struct dma_buf_mapping *mapping =
		container_of(sgt, struct dma_buf_mapping, sgt);

	if (!dma_buf_del_mapping(attach, mapping))
		return;
	dma_buf_free_table(sgt);
	dma_buf_unmap_list(attach, mapping);
	kfree(mapping);
}
EXPORT_SYMBOL_NS_GPL(dma_buf_phyr_unmap_sgt, "DMA_BUF");

/* --- importers of mappings --- */

/**
 * dma_buf_mapping_attach() - Attach an importer that says what it wants
 * @dmabuf: Buffer.
 * @type: What the importer wants.
 * @dev: Its device.
 * @importer_ops: As for dma_buf_dynamic_attach().
 * @importer_priv: As for dma_buf_dynamic_attach().
 *
 * Whether the importer can have that is settled here.
 *
 * Context: Process context.  Takes the reservation lock.
 * Return: The attachment, to be undone by dma_buf_detach(), or an ERR_PTR() as from
 * dma_buf_dynamic_attach(); -EOPNOTSUPP if @type is %DMA_BUF_MAPPING_IOMMU and the
 * exporter has no list.
 */
struct dma_buf_attachment *
dma_buf_mapping_attach(struct dma_buf *dmabuf, enum dma_buf_mapping_type type,
		       struct device *dev,
		       const struct dma_buf_attach_ops *importer_ops,
		       void *importer_priv)
{
	struct dma_buf_attachment *attach;

	if (type == DMA_BUF_MAPPING_IOMMU && !phyr_ops(dmabuf))
		return ERR_PTR(-EOPNOTSUPP);
	attach = dma_buf_dynamic_attach(dmabuf, dev, importer_ops,
					importer_priv);
	if (!IS_ERR(attach))
		attach->map_type = type;
	return attach;
}
EXPORT_SYMBOL_NS_GPL(dma_buf_mapping_attach, "DMA_BUF");

/* Importers that aren't told of moves have the memory pinned instead. */
static bool dma_buf_pins_on_map(const struct dma_buf_attachment *attach)
{
	return !attach->importer_ops && attach->dmabuf->ops->pin;
}

static void dma_buf_unmap_phyr(struct dma_buf_attachment *attach,
			       struct dma_buf_mapping *mapping)
{
	dma_buf_unmap_list(attach, mapping);
	if (dma_buf_pins_on_map(attach))
		attach->dmabuf->ops->unpin(attach);
}

/* And don't wait themselves until the memory has been moved to where it is. */
static int dma_buf_wait_for_moves(const struct dma_buf *dmabuf)
{
	long ret = dma_resv_wait_timeout(dmabuf->resv, DMA_RESV_USAGE_KERNEL,
					 true, MAX_SCHEDULE_TIMEOUT);

	return min(ret, 0L);
}

static int dma_buf_map_phyr(struct dma_buf_attachment *attach,
			    struct dma_buf_mapping *mapping)
{
	int ret = 0;

	if (dma_buf_pins_on_map(attach))
		ret = attach->dmabuf->ops->pin(attach);
	if (ret)
		return ret;
	ret = dma_buf_map_list(attach, mapping);
	if (ret) {
		if (dma_buf_pins_on_map(attach))
			attach->dmabuf->ops->unpin(attach);
		return ret;
	}
	if (!attach->importer_ops)
		ret = dma_buf_wait_for_moves(attach->dmabuf);
	if (ret)
		dma_buf_unmap_phyr(attach, mapping);
	return ret;
}

/* The exporter has only a scatterlist to give. */
static int dma_buf_import_sgt(struct dma_buf_attachment *attach,
			      struct dma_buf_mapping *mapping)
{
	struct sg_table *sgt = dma_buf_map_attachment(attach, mapping->dir);
	int ret;

	if (IS_ERR(sgt))
		return PTR_ERR(sgt);
	ret = phyr_dma_import_sgtable(&mapping->dma, attach->dev, sgt, 0,
				      attach->dmabuf->size, GFP_KERNEL);
	if (ret)
		dma_buf_unmap_attachment(attach, sgt, mapping->dir);
	else
		mapping->imported = sgt;
	return ret;
}

static void dma_buf_forget_sgt(struct dma_buf_attachment *attach,
			       struct dma_buf_mapping *mapping)
{
	phyr_dma_unmap(&mapping->dma);
	dma_buf_unmap_attachment(attach, mapping->imported, mapping->dir);
}

/**
 * dma_buf_map_dma() - Map a buffer for the importer's device
 * @attach: Attachment, from dma_buf_mapping_attach() with %DMA_BUF_MAPPING_DMA.
 * @dir: Direction of the transfers.
 *
 * The addresses are to be had by phyr_dma_for_each_range() and the like, and are good
 * until dma_buf_unmap_dma().  Until then the memory stays, unless it is revoked: then
 * &dma_buf_attach_ops.invalidate_mappings is called.  The rules about fences are
 * those of dma_buf_map_attachment().  The CPU may access the memory between
 * dma_buf_begin_cpu_access() and dma_buf_end_cpu_access(), and never through the
 * mapping.  As it may write, too, %DMA_FROM_DEVICE is mapped as %DMA_BIDIRECTIONAL
 * unless a coherent device is behind an IOMMU.
 *
 * Context: Process context, with the reservation lock held.  May sleep.
 * Return: The mapping, or an ERR_PTR() with nothing mapped:
 *
 * * %-EINVAL - @attach or @dir is for something else; or the exporter's list is
 *   empty or not of whole pages.
 * * %-ERANGE - The exporter's list isn't as long as the buffer, its table is
 *   shorter, or the device can't address the memory.
 * * %-EOPNOTSUPP - As from dma_buf_phyr_attach(): the exporter should have refused
 *   @attach.
 * * %-ENODEV - The memory was revoked.
 * * %-ERESTARTSYS - The importer isn't told of moves, and a signal came while one
 *   was waited for.
 * * %-ENOMEM - Out of memory, IOVA or bounce buffers.
 * * Others from the exporter, or from phyr_dma_map().
 */
const struct phyr_dma *dma_buf_map_dma(struct dma_buf_attachment *attach,
				       enum dma_data_direction dir)
{
	struct dma_buf_mapping *mapping;
	int ret;

	dma_resv_assert_held(attach->dmabuf->resv);
	if (WARN_ON_ONCE(attach->map_type != DMA_BUF_MAPPING_DMA) ||
	    !valid_dma_direction(dir))
		return ERR_PTR(-EINVAL);

	mapping = kzalloc_obj(*mapping);
	if (!mapping)
		return ERR_PTR(-ENOMEM);
	mapping->dir = dir;
	if (phyr_ops(attach->dmabuf))
		ret = dma_buf_map_phyr(attach, mapping);
	else
		ret = dma_buf_import_sgt(attach, mapping);
	if (ret) {
		kfree(mapping);
		return ERR_PTR(ret);
	}
	dma_buf_add_mapping(attach, mapping);
	return &mapping->dma;
}
EXPORT_SYMBOL_NS_GPL(dma_buf_map_dma, "DMA_BUF");

/**
 * dma_buf_unmap_dma() - Undo dma_buf_map_dma()
 * @attach: Attachment.
 * @dma: What it returned.
 *
 * Context: Process context, with the reservation lock held.  May sleep.
 */
void dma_buf_unmap_dma(struct dma_buf_attachment *attach,
		       const struct phyr_dma *dma)
{
	struct dma_buf_mapping *mapping =
		container_of(dma, struct dma_buf_mapping, dma);

	dma_resv_assert_held(attach->dmabuf->resv);
	if (!dma_buf_del_mapping(attach, mapping))
		return;
	if (phyr_ops(attach->dmabuf))
		dma_buf_unmap_phyr(attach, mapping);
	else
		dma_buf_forget_sgt(attach, mapping);
	kfree(mapping);
}
EXPORT_SYMBOL_NS_GPL(dma_buf_unmap_dma, "DMA_BUF");

/**
 * dma_buf_map_dma_unlocked() - Map a buffer for the importer's device
 * @attach: Attachment, as for dma_buf_map_dma().
 * @dir: Direction of the transfers.
 *
 * Context: Process context.  Takes the reservation lock.
 * Return: As dma_buf_map_dma().
 */
const struct phyr_dma *
dma_buf_map_dma_unlocked(struct dma_buf_attachment *attach,
			 enum dma_data_direction dir)
{
	const struct phyr_dma *dma;

	dma_resv_lock(attach->dmabuf->resv, NULL);
	dma = dma_buf_map_dma(attach, dir);
	dma_resv_unlock(attach->dmabuf->resv);
	return dma;
}
EXPORT_SYMBOL_NS_GPL(dma_buf_map_dma_unlocked, "DMA_BUF");

/**
 * dma_buf_unmap_dma_unlocked() - Undo dma_buf_map_dma()
 * @attach: Attachment.
 * @dma: What it returned.
 *
 * Context: Process context.  Takes the reservation lock.
 */
void dma_buf_unmap_dma_unlocked(struct dma_buf_attachment *attach,
				const struct phyr_dma *dma)
{
	dma_resv_lock(attach->dmabuf->resv, NULL);
	dma_buf_unmap_dma(attach, dma);
	dma_resv_unlock(attach->dmabuf->resv);
}
EXPORT_SYMBOL_NS_GPL(dma_buf_unmap_dma_unlocked, "DMA_BUF");

/* --- importers into IOMMU domains --- */

static int dma_buf_hold_list(struct dma_buf_attachment *attach,
			     struct dma_buf_mapping *mapping)
{
	unsigned long attrs;
	int ret;

	mapping->held = dma_buf_get_list(attach->dmabuf, &attrs);
	if (IS_ERR(mapping->held))
		return PTR_ERR(mapping->held);
	ret = dma_buf_check_importer(attach, mapping->held);
	/* What is shared with the host has another address there. */
	if (!ret && attrs & DMA_ATTR_CC_SHARED)
		ret = -EOPNOTSUPP;
	if (!ret)
		ret = dma_buf_wait_for_moves(attach->dmabuf);
	if (ret)
		dma_buf_put_list(attach->dmabuf);
	return ret;
}

/**
 * dma_buf_hold_memory() - Keep a buffer's memory where it is for IOMMU domains
 * @attach: Attachment, from dma_buf_mapping_attach() with %DMA_BUF_MAPPING_IOMMU.
 *
 * From now on dma_buf_map_iommu() may map the memory, whenever its caller likes and
 * without the reservation lock: the exporter's list stays as it is until it is given
 * back by dma_buf_drop_memory().  If the exporter revokes the memory,
 * &dma_buf_attach_ops.invalidate_mappings is called, which has to unmap it from all
 * domains and then to give it back.  As it is called with the reservation lock held,
 * what the importer maps under has to be a lock of its own that is taken inside of
 * that one.
 *
 * Context: Process context, with the reservation lock held.  May sleep.
 * Return: What to map by, or an ERR_PTR(): -EINVAL if @attach is for something else,
 * -EOPNOTSUPP if the memory is shared with the host of a confidential guest, or as
 * from dma_buf_map_dma().
 */
const struct dma_buf_mapping *
dma_buf_hold_memory(struct dma_buf_attachment *attach)
{
	struct dma_buf_mapping *mapping;
	int ret;

	dma_resv_assert_held(attach->dmabuf->resv);
	if (WARN_ON_ONCE(attach->map_type != DMA_BUF_MAPPING_IOMMU))
		return ERR_PTR(-EINVAL);
	mapping = kzalloc_obj(*mapping);
	if (!mapping)
		return ERR_PTR(-ENOMEM);
	ret = dma_buf_hold_list(attach, mapping);
	if (ret) {
		kfree(mapping);
		return ERR_PTR(ret);
	}
	dma_buf_add_mapping(attach, mapping);
	return mapping;
}
EXPORT_SYMBOL_FOR_MODULES(dma_buf_hold_memory, "iommufd");

/**
 * dma_buf_drop_memory() - Undo dma_buf_hold_memory()
 * @attach: Attachment.
 * @held: What it returned, of which nothing is mapped any more.
 *
 * Context: Process context, with the reservation lock held.  May sleep.
 */
void dma_buf_drop_memory(struct dma_buf_attachment *attach,
			 const struct dma_buf_mapping *held)
{
	dma_resv_assert_held(attach->dmabuf->resv);
	if (!dma_buf_del_mapping(attach, held))
		return;
	/* The exporter must leave alone what may be mapped. */
	WARN_ON_ONCE(phyr_bytes(held->held) != attach->dmabuf->size);
	dma_buf_put_list(attach->dmabuf);
	kfree(held);
}
EXPORT_SYMBOL_FOR_MODULES(dma_buf_drop_memory, "iommufd");

/**
 * dma_buf_map_iommu() - Map a part of a buffer into an IOMMU domain
 * @held: From dma_buf_hold_memory().
 * @domain: Domain of the importer's.
 * @iova: Where to map, a multiple of the smallest IOMMU page.
 * @pos: Position of the first byte in the buffer.
 * @len: Length in bytes, a multiple of the smallest IOMMU page.
 * @prot: IOMMU_READ and so on, as for phyr_iommu_map().
 * @gfp: For page tables.
 *
 * iommu_unmap() undoes it.  Domains may have devices that can't reach the memory of
 * a peer, and get more at any time: that isn't checked.  As the devices of domains
 * have to be coherent, CPU access needs no syncing.
 *
 * Context: As @gfp allows.  The caller makes sure that @held isn't given back.
 * Return: 0, or a negative errno with nothing mapped, as phyr_iommu_map().
 */
int dma_buf_map_iommu(const struct dma_buf_mapping *held,
		      struct iommu_domain *domain, unsigned long iova, u64 pos,
		      u64 len, int prot, gfp_t gfp)
{
	if (!IS_ENABLED(CONFIG_PHYR_IOMMU))
		return -EOPNOTSUPP;
	return phyr_iommu_map(domain, iova, held->held, pos, len, prot, gfp);
}
EXPORT_SYMBOL_FOR_MODULES(dma_buf_map_iommu, "iommufd");

/* --- access by the CPU --- */

static void dma_buf_sync_vmap(const struct dma_buf *dmabuf, bool for_cpu)
{
	const struct iosys_map *map = &dmabuf->vmap_ptr;

	if (!dmabuf->vmapping_counter || map->is_iomem)
		return;
	if (for_cpu)
		invalidate_kernel_vmap_range(map->vaddr, dmabuf->size);
	else
		flush_kernel_vmap_range(map->vaddr, dmabuf->size);
}

/*
 * Bounce buffers are written to only if the CPU wrote to the memory: what a device
 * wrote to them in the meantime would be lost.
 */
static void dma_buf_sync_mapping(const struct dma_buf_mapping *mapping, bool for_cpu,
				 enum dma_data_direction dir)
{
	struct phyr_dma dma = mapping->dma;

	if (!for_cpu && dma.dir == DMA_BIDIRECTIONAL)
		dma.dir = dir;
	phyr_dma_sync_slice(&dma, 0, phyr_dma_bytes(&dma), for_cpu);
}

static void dma_buf_sync_mappings(struct dma_buf *dmabuf, bool for_cpu,
				  enum dma_data_direction dir)
{
	struct dma_buf_attachment *attach;
	struct dma_buf_mapping *mapping;

	dma_resv_lock(dmabuf->resv, NULL);
	dma_buf_sync_vmap(dmabuf, for_cpu);
	list_for_each_entry(attach, &dmabuf->attachments, node) {
		for (mapping = attach->mappings; mapping; mapping = mapping->next)
			dma_buf_sync_mapping(mapping, for_cpu, dir);
	}
	dma_resv_unlock(dmabuf->resv);
}

/**
 * dma_buf_phyr_begin_cpu_access() - Let the CPU see what devices wrote
 * @dmabuf: Buffer of an exporter with &dma_buf_ops.phyr.
 * @dir: How the CPU accesses it.
 *
 * To be the &dma_buf_ops.begin_cpu_access of such exporters: all importers' mappings
 * are synced, after the fences that the access has to wait for.
 *
 * Context: Process context.  Takes the reservation lock.
 * Return: 0, or -ERESTARTSYS if a signal came while fences were waited for.
 */
int dma_buf_phyr_begin_cpu_access(struct dma_buf *dmabuf,
				  enum dma_data_direction dir)
{
	bool write = dir == DMA_BIDIRECTIONAL || dir == DMA_TO_DEVICE;
	long ret;

	ret = dma_resv_wait_timeout(dmabuf->resv, dma_resv_usage_rw(write),
				    true, MAX_SCHEDULE_TIMEOUT);
	if (ret < 0)
		return ret;
	dma_buf_sync_mappings(dmabuf, true, dir);
	return 0;
}
EXPORT_SYMBOL_NS_GPL(dma_buf_phyr_begin_cpu_access, "DMA_BUF");

/**
 * dma_buf_phyr_end_cpu_access() - Let devices see what the CPU wrote
 * @dmabuf: Buffer of an exporter with &dma_buf_ops.phyr.
 * @dir: How the CPU accessed it.
 *
 * To be the &dma_buf_ops.end_cpu_access of such exporters.
 *
 * Context: Process context.  Takes the reservation lock.
 * Return: 0.
 */
int dma_buf_phyr_end_cpu_access(struct dma_buf *dmabuf,
				enum dma_data_direction dir)
{
	dma_buf_sync_mappings(dmabuf, false, dir);
	return 0;
}
EXPORT_SYMBOL_NS_GPL(dma_buf_phyr_end_cpu_access, "DMA_BUF");

/* What a device sees unencrypted, the CPU has to see so too. */
static pgprot_t dma_buf_prot(pgprot_t prot, unsigned long attrs)
{
	return attrs & DMA_ATTR_CC_SHARED ? pgprot_decrypted(prot) : prot;
}

/**
 * dma_buf_phyr_mmap() - Map an exporter's list into a process
 * @dmabuf: Buffer of an exporter of %DMA_BUF_PHYR_STATIC memory.
 * @vma: Where to map.
 *
 * To be the &dma_buf_ops.mmap of such exporters.  How a device's memory is cached only
 * they know: they call phyr_mmap() themselves.
 *
 * Context: Process context, with the mmap_lock held.  Takes the reservation lock.
 * Return: 0, or a negative errno: -EOPNOTSUPP if the memory isn't static or some of it
 * is a device's, else as phyr_mmap() or from the exporter.
 */
int dma_buf_phyr_mmap(struct dma_buf *dmabuf, struct vm_area_struct *vma)
{
	const struct phyr *list;
	unsigned long attrs;
	int ret;

	if (phyr_ops(dmabuf)->memory != DMA_BUF_PHYR_STATIC)
		return -EOPNOTSUPP;
	dma_resv_lock(dmabuf->resv, NULL);
	list = dma_buf_get_list(dmabuf, &attrs);
	ret = PTR_ERR_OR_ZERO(list);
	if (!ret) {
		vma->vm_page_prot = dma_buf_prot(vma->vm_page_prot, attrs);
		ret = phyr_flags(list) & PHYR_MMIO ? -EOPNOTSUPP :
						     phyr_mmap(list, vma);
		dma_buf_put_list(dmabuf);
	}
	dma_resv_unlock(dmabuf->resv);
	return ret;
}
EXPORT_SYMBOL_NS_GPL(dma_buf_phyr_mmap, "DMA_BUF");

/**
 * dma_buf_phyr_vmap() - Map an exporter's list into the kernel
 * @dmabuf: Buffer of an exporter with &dma_buf_ops.phyr.
 * @map: Set to where it is.
 *
 * To be the &dma_buf_ops.vmap of exporters of page memory.  They don't get
 * &dma_buf_phyr_ops.unmap_phyr before dma_buf_phyr_vunmap().
 *
 * Context: Process context, with the reservation lock held.  May sleep.
 * Return: 0, or a negative errno: -EOPNOTSUPP if there is device memory in the list,
 * else as phyr_vmap() or from the exporter.
 */
int dma_buf_phyr_vmap(struct dma_buf *dmabuf, struct iosys_map *map)
{
	const struct phyr *list;
	void *addr = ERR_PTR(-EOPNOTSUPP);
	unsigned long attrs;

	list = dma_buf_get_list(dmabuf, &attrs);
	if (IS_ERR(list))
		return PTR_ERR(list);
	if (!(phyr_flags(list) & PHYR_MMIO))
		addr = phyr_vmap(list, dma_buf_prot(PAGE_KERNEL, attrs));
	if (IS_ERR(addr)) {
		dma_buf_put_list(dmabuf);
		return PTR_ERR(addr);
	}
	iosys_map_set_vaddr(map, addr);
	return 0;
}
EXPORT_SYMBOL_NS_GPL(dma_buf_phyr_vmap, "DMA_BUF");

/**
 * dma_buf_phyr_vunmap() - Undo dma_buf_phyr_vmap()
 * @dmabuf: Buffer.
 * @map: Where it is.
 *
 * Context: Process context, with the reservation lock held.  May sleep.
 */
void dma_buf_phyr_vunmap(struct dma_buf *dmabuf, struct iosys_map *map)
{
	phyr_vunmap(map->vaddr);
	dma_buf_put_list(dmabuf);
}
EXPORT_SYMBOL_NS_GPL(dma_buf_phyr_vunmap, "DMA_BUF");
