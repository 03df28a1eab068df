// SPDX-License-Identifier: GPL-2.0-only
/*
 * GEM objects whose memory is exported as a physical-range list.
 *
 * An object's pages stay while it is pinned, which it is for as long as a device is
 * attached.  In between they may go, and so the list is there only while somebody has
 * it mapped; then, there is one for all.
 */

#include <linux/dma-resv.h>
#include <linux/export.h>
#include <linux/slab.h>

#include <drm/drm_gem_phyr.h>
#include <drm/drm_prime.h>

/* An object's list, under the reservation lock. */
struct drm_gem_phyr {
	struct phyr		list;
	unsigned int		users;
};

static struct drm_gem_phyr *drm_gem_new_phyr(struct drm_gem_object *obj)
{
	struct drm_gem_phyr *phyr;
	int ret;

	if (!obj->funcs->get_phyr)
		return ERR_PTR(-EOPNOTSUPP);
	phyr = kzalloc_obj(*phyr);
	if (!phyr)
		return ERR_PTR(-ENOMEM);

	ret = obj->funcs->get_phyr(obj, &phyr->list);
	if (ret) {
		phyr_destroy(&phyr->list);
		kfree(phyr);
		return ERR_PTR(ret);
	}
	phyr_trim(&phyr->list, GFP_KERNEL);
	return phyr;
}

/* Nothing is said about syncing: what a device got to see may be a copy. */
static const struct phyr *drm_gem_map_phyr(struct dma_buf *dmabuf,
					   unsigned long *attrs)
{
	struct drm_gem_object *obj = dmabuf->priv;
	struct drm_gem_phyr *phyr = obj->phyr;

	dma_resv_assert_held(dmabuf->resv);
	if (!phyr) {
		phyr = drm_gem_new_phyr(obj);
		if (IS_ERR(phyr))
			return ERR_CAST(phyr);
		obj->phyr = phyr;
	}
	phyr->users++;
	return &phyr->list;
}

static void drm_gem_unmap_phyr(struct dma_buf *dmabuf)
{
	struct drm_gem_object *obj = dmabuf->priv;
	struct drm_gem_phyr *phyr = obj->phyr;

	dma_resv_assert_held(dmabuf->resv);
	if (--phyr->users)
		return;
	obj->phyr = NULL;
	phyr_destroy(&phyr->list);
	kfree(phyr);
}

const struct dma_buf_phyr_ops drm_gem_phyr_ops = {
	.map_phyr = drm_gem_map_phyr,
	.unmap_phyr = drm_gem_unmap_phyr,
	.memory = DMA_BUF_PHYR_PINNED,
};
EXPORT_SYMBOL_GPL(drm_gem_phyr_ops);

const struct dma_buf_ops drm_gem_prime_phyr_ops = {
	.attach = drm_gem_map_attach,
	.detach = drm_gem_map_detach,
	.map_dma_buf = dma_buf_phyr_map_sgt,
	.unmap_dma_buf = dma_buf_phyr_unmap_sgt,
	.begin_cpu_access = dma_buf_phyr_begin_cpu_access,
	.end_cpu_access = dma_buf_phyr_end_cpu_access,
	.release = drm_gem_dmabuf_release,
	.mmap = drm_gem_dmabuf_mmap,
	.vmap = drm_gem_dmabuf_vmap,
	.vunmap = drm_gem_dmabuf_vunmap,
	.phyr = &drm_gem_phyr_ops,
};
