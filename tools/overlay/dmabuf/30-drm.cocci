// SPDX-License-Identifier: GPL-2.0-only
//
// GEM objects that can list their pages are exported by that list.
//
// Files: drivers/gpu/drm/drm_prime.c

@header@
@@
 #include <drm/drm_gem.h>
+#include <drm/drm_gem_phyr.h>

@export@
identifier obj;
@@
 drm_gem_prime_export(struct drm_gem_object *obj, ...)
 {
 	...
+	if (obj->funcs->get_phyr)
+		exp_info.ops = &drm_gem_prime_phyr_ops;
 	return drm_gem_dmabuf_export(...);
 }

@ours@
identifier dma_buf;
@@
-dma_buf->ops == &drm_gem_prime_dmabuf_ops
+dma_buf->ops == &drm_gem_prime_dmabuf_ops || dma_buf->ops == &drm_gem_prime_phyr_ops
