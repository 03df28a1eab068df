// SPDX-License-Identifier: GPL-2.0-only
/* Pages of a GEM object that is exported, as drm/loongson has. */

#include "gem.h"

struct gem_bo {
	struct drm_gem_object	base;
	struct drm_device	drm;
	struct page		**pages;
	unsigned int		nr_pages;
};

static struct sg_table *gem_bo_get_sg_table(struct drm_gem_object *obj)
{
	struct gem_bo *bo = container_of(obj, struct gem_bo, base);

	if (!bo->pages)
		return ERR_PTR(-ENOMEM);

	return drm_prime_pages_to_sg(obj->dev, bo->pages, bo->nr_pages);
}

static const struct drm_gem_object_funcs gem_bo_funcs = {
	.get_sg_table = gem_bo_get_sg_table,
};

static int gem_start(struct idiom_env *env)
{
	struct gem_bo *bo = kzalloc_obj(*bo);
	int ret;

	if (!bo)
		return -ENOMEM;
	bo->drm.dev = env->dev;
	bo->base.dev = &bo->drm;
	bo->base.funcs = &gem_bo_funcs;
	bo->base.size = env->size;
	bo->pages = env->pages;
	bo->nr_pages = env->nr_pages;
	ret = gem_map(&bo->base, env);
	if (ret) {
		kfree(bo);
		return ret;
	}
	env->priv = bo;
	return 0;
}

static void gem_stop(struct idiom_env *env)
{
	struct gem_bo *bo = env->priv;

	gem_unmap(&bo->base);
	kfree(bo);
}

IDIOM = {
	.start		= gem_start,
	.stop		= gem_stop,
	.buffer		= IDIOM_BUFFER_WHOLE_PAGES,
};
