/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DRM_GEM_PHYR_H
#define _DRM_GEM_PHYR_H
/*
 * GEM objects whose memory is exported as a physical-range list.
 */

#include <linux/dma-buf-phyr.h>

#include <drm/drm_gem.h>

/*
 * For &dma_buf_ops.phyr of drivers whose objects have &drm_gem_object_funcs.get_phyr,
 * if the buffer's private data is the object.
 */
extern const struct dma_buf_phyr_ops drm_gem_phyr_ops;

/* What drm_gem_prime_export() has for such objects. */
extern const struct dma_buf_ops drm_gem_prime_phyr_ops;

#endif /* _DRM_GEM_PHYR_H */
