// SPDX-License-Identifier: GPL-2.0-only
//
// vivid and vimc say that they take a whole frame as one segment, as coherent memory is
// one.  A device that says nothing takes 64 KiB, and DMA debugging reports who imports a
// frame.
//
// Files: drivers/media/test-drivers/vivid/vivid-core.c
// Files: drivers/media/test-drivers/vimc/vimc-core.c

@limit@
symbol pdev;
expression mask;
@@
-dma_coerce_mask_and_coherent(&pdev->dev, mask);
+{
+	dma_coerce_mask_and_coherent(&pdev->dev, mask);
+	dma_set_max_seg_size(&pdev->dev, UINT_MAX);
+}
