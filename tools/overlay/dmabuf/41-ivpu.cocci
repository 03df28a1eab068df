// SPDX-License-Identifier: GPL-2.0-only
//
// ivpu: memory of a process is pinned in a list, of which each device has a mapping of
// its own.  With one table for all, the last one to map it overwrote what the others
// had.
//
// Files: drivers/accel/ivpu/ivpu_gem_userptr.c

@no_header@
@@
-#include <linux/scatterlist.h>

@gone@
identifier f = { ivpu_gem_userptr_dmabuf_release, ivpu_create_userptr_dmabuf };
@@
-f(...) { ... }

@own@
identifier f;
@@
+static const struct phyr *
+ivpu_gem_userptr_dmabuf_list(struct dma_buf *dma_buf, unsigned long *attrs)
+{
+	/* It may be read-only: nothing is to be copied back from bounce buffers. */
+	*attrs = DMA_ATTR_SKIP_CPU_SYNC;
+	return dma_buf->priv;
+}
+
+static const struct dma_buf_phyr_ops ivpu_gem_userptr_phyr_ops = {
+	.map_phyr = ivpu_gem_userptr_dmabuf_list,
+	.memory = DMA_BUF_PHYR_STATIC,
+};
+
+static void ivpu_gem_userptr_unpin(struct phyr *list)
+{
+	phyr_destroy(list);
+	kfree(list);
+}
+
+static void ivpu_gem_userptr_dmabuf_release(struct dma_buf *dma_buf)
+{
+	ivpu_gem_userptr_unpin(dma_buf->priv);
+}
+
 struct dma_buf_ops ivpu_gem_userptr_dmabuf_ops = {
 	.release = f,
+	.phyr = &ivpu_gem_userptr_phyr_ops,
 };

// What the process may only read, the device mustn't write.
@create@
@@
+static struct phyr *ivpu_gem_userptr_pin(unsigned long addr, size_t size,
+					 u32 flags)
+{
+	unsigned int write = flags & DRM_IVPU_BO_READ_ONLY ? 0 : FOLL_WRITE;
+	struct phyr *list = kzalloc_obj(*list);
+	int ret;
+
+	if (!list)
+		return ERR_PTR(-ENOMEM);
+	ret = phyr_pin_user(list, addr, size, write, GFP_KERNEL);
+	if (ret) {
+		kfree(list);
+		return ERR_PTR(ret);
+	}
+	phyr_trim(list, GFP_KERNEL);
+	return list;
+}
+
+static struct dma_buf *ivpu_gem_userptr_export(struct ivpu_device *vdev,
+					       unsigned long addr, size_t size,
+					       u32 flags)
+{
+	DEFINE_DMA_BUF_EXPORT_INFO(info);
+	struct phyr *list = ivpu_gem_userptr_pin(addr, size, flags);
+	struct dma_buf *dma_buf;
+
+	if (IS_ERR(list)) {
+		ivpu_dbg(vdev, IOCTL, "Failed to pin user pages: %pe\n", list);
+		return ERR_CAST(list);
+	}
+	info.exp_name = "ivpu_userptr_dmabuf";
+	info.ops = &ivpu_gem_userptr_dmabuf_ops;
+	info.size = size;
+	info.flags = O_RDWR | O_CLOEXEC;
+	info.priv = list;
+	dma_buf = dma_buf_export(&info);
+	if (IS_ERR(dma_buf)) {
+		ivpu_dbg(vdev, IOCTL, "Failed to export user pages: %pe\n",
+			 dma_buf);
+		ivpu_gem_userptr_unpin(list);
+	}
+	return dma_buf;
+}
+
static struct ivpu_bo *ivpu_bo_create_from_userptr(...) { ... }

@call@
expression vdev, user_ptr, size, flags;
@@
-ivpu_create_userptr_dmabuf(vdev, user_ptr, size, flags)
+ivpu_gem_userptr_export(vdev, (unsigned long)user_ptr, size, flags)
