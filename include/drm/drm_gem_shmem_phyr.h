/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DRM_GEM_SHMEM_PHYR_H
#define _DRM_GEM_SHMEM_PHYR_H
/*
 * Pages of shmem GEM objects in a physical-range list.
 */

#include <drm/drm_gem_phyr.h>
#include <drm/drm_gem_shmem_helper.h>

/**
 * drm_gem_shmem_object_get_phyr() - List a shmem GEM object's pages
 * @obj: Object, not an imported one, pinned.
 * @list: List to append to.
 *
 * To be the &drm_gem_object_funcs.get_phyr of drivers.
 *
 * Context: Process context, with the reservation lock held.
 * Return: 0, or a negative errno as phyr_append_pages().
 */
static inline int drm_gem_shmem_object_get_phyr(struct drm_gem_object *obj,
						struct phyr *list)
{
	return phyr_append_pages(list, to_drm_gem_shmem_obj(obj)->pages,
				 obj->size >> PAGE_SHIFT, 0, obj->size,
				 GFP_KERNEL);
}

#endif /* _DRM_GEM_SHMEM_PHYR_H */
