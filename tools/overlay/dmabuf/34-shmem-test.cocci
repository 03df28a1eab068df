// SPDX-License-Identifier: GPL-2.0-only
//
// The GEM shmem tests' device says that it takes all of a buffer as one segment, which is
// mapped for it.  A device that says nothing takes 64 KiB, and DMA debugging reports it.
//
// Files: drivers/gpu/drm/tests/drm_gem_shmem_test.c

@limit@
symbol ret, dev, test;
@@
 drm_gem_shmem_test_init(...)
 {
 	...
 	ret = dma_set_mask(dev, DMA_BIT_MASK(64));
 	KUNIT_ASSERT_EQ(test, ret, 0);
+	dev->dma_parms = devm_kzalloc(dev, sizeof(*dev->dma_parms), GFP_KERNEL);
+	KUNIT_ASSERT_NOT_NULL(test, dev->dma_parms);
+	dma_set_max_seg_size(dev, TEST_SIZE);
 	...
 }
