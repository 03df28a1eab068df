/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PHYR_IDIOM_GEM_H
#define _PHYR_IDIOM_GEM_H
/*
 * As much of DRM as a driver sees that exports an object's pages, so that it needs no
 * DRM: either operation is there, and whoever maps the object calls the one it has.
 */

#include <linux/err.h>
#include <linux/phyr_dma.h>
#include <linux/scatterlist.h>

#include "idiom.h"

struct drm_device {
	struct device	*dev;
};

struct drm_gem_object;

struct drm_gem_object_funcs {
	struct sg_table	*(*get_sg_table)(struct drm_gem_object *obj);
	int		(*get_phyr)(struct drm_gem_object *obj,
				    struct phyr *phyr);
};

struct drm_gem_object {
	struct drm_device			*dev;
	const struct drm_gem_object_funcs	*funcs;
	size_t					size;
	/* What a device has mapped. */
	struct sg_table				*sgt;
	struct phyr				list;
	struct phyr_dma				dma;
};

static inline struct sg_table *
drm_prime_pages_to_sg(struct drm_device *dev, struct page **pages,
		      unsigned int nr_pages)
{
	struct sg_table *sgt = kzalloc_obj(*sgt);
	int ret;

	if (!sgt)
		return ERR_PTR(-ENOMEM);
	ret = sg_alloc_table_from_pages(sgt, pages, nr_pages, 0,
					(size_t)nr_pages << PAGE_SHIFT,
					GFP_KERNEL);
	if (ret) {
		kfree(sgt);
		return ERR_PTR(ret);
	}
	return sgt;
}

static inline int gem_map_phyr(struct drm_gem_object *obj,
			       struct idiom_env *env)
{
	struct dma_range range;
	int ret = obj->funcs->get_phyr(obj, &obj->list);

	if (ret)
		return ret;
	ret = phyr_dma_map(&obj->dma, env->dev, &obj->list, DMA_BIDIRECTIONAL,
			   0, GFP_KERNEL);
	if (ret) {
		phyr_destroy(&obj->list);
		return ret;
	}
	phyr_dma_for_each_range(&obj->dma, range)
		idiom_desc(env, range.addr, range.len);
	return 0;
}

/* Map an object for a device, as whoever imports it does. */
static inline int gem_map(struct drm_gem_object *obj, struct idiom_env *env)
{
	struct scatterlist *sg;
	unsigned int i;
	int ret;

	if (obj->funcs->get_phyr)
		return gem_map_phyr(obj, env);
	obj->sgt = obj->funcs->get_sg_table(obj);
	if (IS_ERR(obj->sgt))
		return PTR_ERR(obj->sgt);
	ret = dma_map_sgtable(env->dev, obj->sgt, DMA_BIDIRECTIONAL, 0);
	if (ret) {
		sg_free_table(obj->sgt);
		kfree(obj->sgt);
		return ret;
	}
	for_each_sgtable_dma_sg(obj->sgt, sg, i)
		idiom_desc(env, sg_dma_address(sg), sg_dma_len(sg));
	return 0;
}

static inline void gem_unmap(struct drm_gem_object *obj)
{
	struct device *dev = obj->dev->dev;

	if (obj->funcs->get_phyr) {
		phyr_dma_unmap(&obj->dma);
		phyr_destroy(&obj->list);
		return;
	}
	dma_unmap_sgtable(dev, obj->sgt, DMA_BIDIRECTIONAL, 0);
	sg_free_table(obj->sgt);
	kfree(obj->sgt);
}

#endif /* _PHYR_IDIOM_GEM_H */
