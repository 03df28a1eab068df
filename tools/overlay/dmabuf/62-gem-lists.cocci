// SPDX-License-Identifier: GPL-2.0-only
//
// What a driver's objects have in place of shmem's pages.
//
// Files: drivers/gpu/drm/i915/gem/i915_gem_object.c drivers/gpu/drm/i915/gem/i915_gem_dmabuf.c
// Files: drivers/gpu/drm/i915/gem/i915_gem_dmabuf.h
// Files: drivers/gpu/drm/msm/msm_gem.c drivers/gpu/drm/msm/msm_gem_prime.c
// Files: drivers/gpu/drm/msm/msm_drv.h drivers/gpu/drm/panthor/panthor_gem.c
// Gone: msm_gem_prime_get_sg_table|panthor_gem_get_sg_table

// --- panthor ----------------------------------------------------------------------------

@panthor@
@@
+static int panthor_gem_get_phyr(struct drm_gem_object *obj, struct phyr *list)
+{
+	struct panthor_gem_object *bo = to_panthor_bo(obj);
+
+	drm_WARN_ON_ONCE(obj->dev, drm_gem_is_imported(obj));
+	drm_WARN_ON_ONCE(obj->dev, !bo->backing.pages);
+	drm_WARN_ON_ONCE(obj->dev, !refcount_read(&bo->backing.pin_count));
+
+	return phyr_append_pages(list, bo->backing.pages,
+				 obj->size >> PAGE_SHIFT, 0, obj->size,
+				 GFP_KERNEL);
+}
+
 static int panthor_gem_vmap_locked(...) { ... }

@no_panthor@
@@
-panthor_gem_get_sg_table(...) { ... }

@panthor_funcs@
identifier funcs;
@@
 struct drm_gem_object_funcs funcs = {
-	.get_sg_table = panthor_gem_get_sg_table,
+	.get_phyr = panthor_gem_get_phyr,
 };

// --- msm ----------------------------------------------------------------------------------

@msm@
@@
+int msm_gem_prime_get_phyr(struct drm_gem_object *obj, struct phyr *list)
+{
+	struct msm_gem_object *msm_obj = to_msm_bo(obj);
+
+	if (msm_obj->flags & MSM_BO_NO_SHARE)
+		return -EINVAL;
+
+	if (WARN_ON(!msm_obj->pages))	/* pinned when it was attached */
+		return -ENOMEM;
+
+	return phyr_append_pages(list, msm_obj->pages, obj->size >> PAGE_SHIFT,
+				 0, obj->size, GFP_KERNEL);
+}
+
 int msm_gem_prime_vmap(...) { ... }

@no_msm@
@@
-msm_gem_prime_get_sg_table(...) { ... }

@msm_declared@
@@
-struct sg_table *msm_gem_prime_get_sg_table(...);
+int msm_gem_prime_get_phyr(struct drm_gem_object *obj, struct phyr *list);

@msm_funcs@
identifier funcs;
@@
 struct drm_gem_object_funcs funcs = {
-	.get_sg_table = msm_gem_prime_get_sg_table,
+	.get_phyr = msm_gem_prime_get_phyr,
 };

// --- i915 ---------------------------------------------------------------------------------

// The pages of an object are in a table of i915's.
@i915@
@@
+int i915_gem_prime_get_phyr(struct drm_gem_object *gem_obj, struct phyr *list)
+{
+	struct drm_i915_gem_object *obj = to_intel_bo(gem_obj);
+
+	return phyr_append_sgtable(list, obj->mm.pages, GFP_KERNEL);
+}
+
 struct dma_buf *i915_gem_prime_export(...) { ... }

@i915_declared@
@@
+int i915_gem_prime_get_phyr(struct drm_gem_object *gem_obj, struct phyr *list);
 struct dma_buf *i915_gem_prime_export(...);

@i915_funcs@
identifier funcs;
@@
 struct drm_gem_object_funcs funcs = {
 	.export = i915_gem_prime_export,
+	.get_phyr = i915_gem_prime_get_phyr,
 };
