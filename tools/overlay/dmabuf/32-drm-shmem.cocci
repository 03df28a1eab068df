// SPDX-License-Identifier: GPL-2.0-only
//
// Drivers whose objects are shmem list their pages, where they gave a table.
//
// Files: drivers/gpu/drm/drm_gem_shmem_helper.c drivers/gpu/drm/lima/lima_gem.c
// Files: drivers/gpu/drm/v3d/v3d_bo.c drivers/gpu/drm/virtio/virtgpu_object.c
// Files: drivers/gpu/drm/imagination/pvr_gem.c drivers/gpu/drm/panfrost/panfrost_gem.c
// Files: drivers/accel/amdxdna/amdxdna_gem.c drivers/accel/ivpu/ivpu_gem.c
// Files: drivers/accel/rocket/rocket_gem.c

@lists@
identifier funcs;
@@
 struct drm_gem_object_funcs funcs = {
 	.get_sg_table = drm_gem_shmem_object_get_sg_table,
+	.get_phyr = drm_gem_shmem_object_get_phyr,
 };
