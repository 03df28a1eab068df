// SPDX-License-Identifier: GPL-2.0-only
//
// vivid says that it takes a whole frame as one segment, as coherent memory is one.  A
// device that says nothing takes 64 KiB, and DMA debugging reports who imports a frame.
//
// Files: drivers/media/test-drivers/vivid/vivid-core.c

@limit@
symbol pdev;
expression mask;
@@
-dma_coerce_mask_and_coherent(&pdev->dev, mask);
+{
+	dma_coerce_mask_and_coherent(&pdev->dev, mask);
+	vb2_dma_contig_set_max_seg_size(&pdev->dev, UINT_MAX);
+}
