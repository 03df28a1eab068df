// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sample driver: QEMU's PCI device "edu" copies user memory by DMA.
 *
 * A program gets two buffers through /dev/phyr_edu, of its own memory, which is
 * pinned, of the driver's, or a DMABUF, and has the device copy from one to the other.
 * How a buffer comes to its DMA addresses is between phyr_edu_charge() and
 * phyr_edu_free_buffer(), how they reach the hardware before that, in the ring that
 * phyr_edu_refill() fills; the rest is what any driver needs.
 */

#include <linux/anon_inodes.h>
#include <linux/dma-buf-phyr.h>
#include <linux/dma-resv.h>
#include <linux/file.h>
#include <linux/kref.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/phyr_dma.h>
#include <linux/scatterlist.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "edu.h"
#include "phyr_edu.h"

/* A transfer takes 100 ms, so more than this would take hours. */
#define EDU_BUFFER_MAX		SZ_1G

/* Transfers that the device is told ahead, a power of two. */
#define EDU_RING_SIZE		16

static unsigned int dma_bits = 28;
module_param(dma_bits, uint, 0444);
MODULE_PARM_DESC(dma_bits, "Width of the device's addresses, as in QEMU's dma_mask= (28)");

/* One transfer between memory and the device's own. */
struct phyr_edu_desc {
	dma_addr_t		addr;
	u32			offset;	/* in the device's memory */
	u32			len;
	bool			store;	/* to @addr, else from there */
};

/*
 * Other hardware reads its ring from coherent memory.  This one knows only a single
 * descriptor, its registers: the driver gives it the next when one is done.
 */
struct phyr_edu_ring {
	struct phyr_edu_desc	descs[EDU_RING_SIZE];
	unsigned int		head;	/* descriptors ever written */
	unsigned int		tail;	/* of them, those that are done */
};

struct phyr_edu {
	struct kref		kref;
	struct edu		hw;
	struct miscdevice	misc;
	struct mutex		engine;	/* held while buffers are copied */
	struct phyr_edu_ring	ring;	/* of @engine */
	struct mutex		lock;	/* of what follows, inside @engine */
	struct list_head	buffers;
};

struct phyr_edu_buffer {
	struct phyr_edu		*edu;
	struct list_head	node;
	struct mm_struct	*mm;	/* to which pinned pages are charged */
	bool			write;
	bool			own;	/* allocated by the driver */
	struct phyr		list;
	struct phyr_dma		dma;
	struct dma_buf_attachment *attach;	/* of a DMABUF: there is no list */
	const struct phyr_dma	*map;	/* @dma, or what the exporter's memory has */
	struct sg_table		*sgt;	/* if that was asked for, it is in @dma */
};

static void phyr_edu_free(struct kref *kref)
{
	kfree(container_of(kref, struct phyr_edu, kref));
}

static void phyr_edu_put(struct phyr_edu *edu)
{
	kref_put(&edu->kref, phyr_edu_free);
}

/* --- transfers ----------------------------------------------------------- */

/* A copy under way: what descriptors were not yet made of. */
struct phyr_edu_job {
	struct phyr_dma_state	src;
	struct phyr_dma_state	dst;
	u32			filled;	/* bytes of the device's memory */
	u32			drained;	/* of them, those stored since */
};

/* Drain the device's memory in as many pieces as the destination takes. */
static bool phyr_edu_next_store(struct phyr_edu *edu, struct phyr_edu_job *job,
				struct phyr_edu_desc *desc)
{
	struct dma_range segment;

	if (!phyr_dmas_next_segment(&job->dst, &segment,
				    job->filled - job->drained,
				    dma_get_seg_boundary(&edu->hw.pdev->dev)))
		return false;
	*desc = (struct phyr_edu_desc) {
		.addr = segment.addr,
		.offset = job->drained,
		.len = segment.len,
		.store = true,
	};
	job->drained += segment.len;
	return true;
}

/* Fill it with a segment: what the device's limits allow is what it has room for. */
static bool phyr_edu_next_fetch(struct phyr_edu_job *job,
				struct phyr_edu_desc *desc)
{
	struct dma_range segment;

	if (!phyr_dmas_next_device_segment(&job->src, &segment))
		return false;
	*desc = (struct phyr_edu_desc) {
		.addr = segment.addr,
		.len = segment.len,
	};
	job->filled = segment.len;
	job->drained = 0;
	return true;
}

static bool phyr_edu_next_desc(struct phyr_edu *edu, struct phyr_edu_job *job,
			       struct phyr_edu_desc *desc)
{
	if (job->drained < job->filled)
		return phyr_edu_next_store(edu, job, desc);
	return phyr_edu_next_fetch(job, desc);
}

/*
 * Write as many descriptors as there is room for.  The walks stay where they are
 * when there is none, and go on from there the next time.
 */
static void phyr_edu_refill(struct phyr_edu *edu, struct phyr_edu_job *job)
{
	struct phyr_edu_ring *ring = &edu->ring;

	while (ring->head - ring->tail < EDU_RING_SIZE &&
	       phyr_edu_next_desc(edu, job,
				  &ring->descs[ring->head % EDU_RING_SIZE]))
		ring->head++;
}

static int phyr_edu_transfer(struct phyr_edu *edu,
			     const struct phyr_edu_desc *desc)
{
	if (READ_ONCE(edu->hw.gone))
		return -ENODEV;
	if (fatal_signal_pending(current))
		return -EINTR;
	if (desc->store)
		return edu_store(&edu->hw, desc->addr, desc->offset, desc->len);
	return edu_fetch(&edu->hw, desc->addr, desc->offset, desc->len);
}

static int phyr_edu_copy_bytes(struct phyr_edu *edu, struct phyr_edu_job *job)
{
	struct phyr_edu_ring *ring = &edu->ring;
	int err = 0;

	/* A copy that failed may have left some. */
	ring->tail = ring->head;
	phyr_edu_refill(edu, job);
	while (!err && ring->tail != ring->head) {
		err = phyr_edu_transfer(edu, &ring->descs[ring->tail %
							  EDU_RING_SIZE]);
		ring->tail++;
		phyr_edu_refill(edu, job);
	}
	return err;
}

/*
 * The destination goes to the device too: where it is bounced, all of it comes
 * back, and not only what the device wrote.  What may have been written, whether the
 * copy went well or not, is dirty, and no other page of the buffer.
 */
static int phyr_edu_copy(struct phyr_edu *edu, struct phyr_edu_buffer *dst,
			 struct phyr_edu_buffer *src,
			 const struct phyr_edu_copy *arg)
{
	struct phyr_edu_job job = {
		.src = phyr_dma_start(src->map),
		.dst = phyr_dma_start(dst->map),
	};
	int err;

	err = phyr_dmas_slice(&job.src, arg->src_offset, arg->len) ?:
	      phyr_dmas_slice(&job.dst, arg->dst_offset, arg->len);
	if (err)
		return err;

	phyr_dma_sync_slice_for_device(dst->map, arg->dst_offset, arg->len);
	phyr_dma_sync_slice_for_device(src->map, arg->src_offset, arg->len);
	err = phyr_edu_copy_bytes(edu, &job);
	phyr_dma_sync_slice_for_cpu(src->map, arg->src_offset, arg->len);
	phyr_dma_sync_slice_for_cpu(dst->map, arg->dst_offset, arg->len);
	phyr_mark_dirty(&dst->list, arg->dst_offset, arg->len);
	return err;
}

/* --- buffers ------------------------------------------------------------- */

static int phyr_edu_charge(struct phyr_edu_buffer *buf, u64 nr_pages)
{
	u64 limit = rlimit(RLIMIT_MEMLOCK) >> PAGE_SHIFT;
	struct mm_struct *mm = current->mm;

	if (atomic64_add_return(nr_pages, &mm->pinned_vm) > limit &&
	    !capable(CAP_IPC_LOCK)) {
		atomic64_sub(nr_pages, &mm->pinned_vm);
		return -ENOMEM;
	}
	mmgrab(mm);
	buf->mm = mm;
	return 0;
}

static void phyr_edu_uncharge(struct phyr_edu_buffer *buf, u64 nr_pages)
{
	atomic64_sub(nr_pages, &buf->mm->pinned_vm);
	mmdrop(buf->mm);
	buf->mm = NULL;
}

static int phyr_edu_pin_memory(struct phyr_edu_buffer *buf, u64 addr, u64 len)
{
	u64 nr_pages = PFN_UP(offset_in_page(addr) + len);
	int err;

	err = phyr_edu_charge(buf, nr_pages);
	if (err)
		return err;
	err = phyr_pin_user(&buf->list, addr, len,
			    buf->write ? FOLL_WRITE : 0, GFP_KERNEL_ACCOUNT);
	if (err)
		phyr_edu_uncharge(buf, nr_pages);
	else
		phyr_trim(&buf->list, GFP_KERNEL_ACCOUNT);
	return err;
}

/* What the device wrote was marked dirty when it did. */
static void phyr_edu_unpin_memory(struct phyr_edu_buffer *buf)
{
	u64 nr_pages = phyr_nr_pages(&buf->list);

	phyr_destroy(&buf->list);
	phyr_edu_uncharge(buf, nr_pages);
}

/* Programs see the memory: it must not show what was in it before. */
static int phyr_edu_alloc_memory(struct phyr_edu_buffer *buf, u64 len)
{
	int err;

	err = phyr_alloc_pages(&buf->list, PAGE_ALIGN(len), get_order(SZ_2M),
			       GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	if (!err)
		phyr_trim(&buf->list, GFP_KERNEL_ACCOUNT);
	return err;
}

/*
 * The mapping lives as long as the buffer, while the memory goes to and fro
 * between CPU and device: copying does the syncing.
 */
static int phyr_edu_map_memory(struct phyr_edu_buffer *buf)
{
	struct phyr_edu *edu = buf->edu;
	int err;

	guard(mutex)(&edu->lock);
	if (edu->hw.gone)
		return -ENODEV;
	err = phyr_dma_map(&buf->dma, &edu->hw.pdev->dev, &buf->list,
			   buf->write ? DMA_BIDIRECTIONAL : DMA_TO_DEVICE,
			   DMA_ATTR_SKIP_CPU_SYNC, GFP_KERNEL);
	if (err)
		return err;
	list_add(&buf->node, &edu->buffers);
	buf->map = &buf->dma;
	return 0;
}

/* --- DMABUFs -------------------------------------------------------------- */

/*
 * A DMABUF is mapped only while its reservation lock is held.  Whoever moves or
 * revokes the memory has to hold that too, and so finds nothing mapped.
 */
static void phyr_edu_invalidate(struct dma_buf_attachment *attach)
{
}

static const struct dma_buf_attach_ops phyr_edu_attach_ops = {
	.allow_peer2peer	= true,
	.invalidate_mappings	= phyr_edu_invalidate,
};

/*
 * As drivers did before there were mappings: a table is kept for as long as the buffer.
 * The memory must stay for that long.
 */
static int phyr_edu_map_table(struct phyr_edu_buffer *buf)
{
	struct dma_buf_attachment *attach = buf->attach;
	struct sg_table *sgt;
	int err;

	sgt = dma_buf_map_attachment_unlocked(attach, DMA_BIDIRECTIONAL);
	if (IS_ERR(sgt))
		return PTR_ERR(sgt);
	err = phyr_dma_import_sgtable(&buf->dma, attach->dev, sgt, 0,
				      attach->dmabuf->size, GFP_KERNEL);
	if (err) {
		dma_buf_unmap_attachment_unlocked(attach, sgt,
						  DMA_BIDIRECTIONAL);
		return err;
	}
	buf->sgt = sgt;
	buf->map = &buf->dma;
	list_add(&buf->node, &buf->edu->buffers);
	return 0;
}

static void phyr_edu_unmap_table(struct phyr_edu_buffer *buf)
{
	dma_buf_unmap_attachment_unlocked(buf->attach, buf->sgt,
					  DMA_BIDIRECTIONAL);
	buf->sgt = NULL;
}

static int phyr_edu_attach(struct phyr_edu_buffer *buf, int fd, bool table)
{
	struct device *dev = &buf->edu->hw.pdev->dev;
	struct dma_buf_attachment *attach;
	struct dma_buf *dmabuf;

	guard(mutex)(&buf->edu->lock);
	if (buf->edu->hw.gone)
		return -ENODEV;
	dmabuf = dma_buf_get(fd);
	if (IS_ERR(dmabuf))
		return PTR_ERR(dmabuf);
	if (table)
		attach = dma_buf_attach(dmabuf, dev);
	else
		attach = dma_buf_mapping_attach(dmabuf, DMA_BUF_MAPPING_DMA,
						dev, &phyr_edu_attach_ops, buf);
	if (IS_ERR(attach)) {
		dma_buf_put(dmabuf);
		return PTR_ERR(attach);
	}
	/* It may be detached when the device is gone. */
	get_device(dev);
	buf->attach = attach;
	return table ? phyr_edu_map_table(buf) : 0;
}

static void phyr_edu_detach(struct phyr_edu_buffer *buf)
{
	struct dma_buf *dmabuf = buf->attach->dmabuf;
	struct device *dev = buf->attach->dev;

	dma_buf_detach(dmabuf, buf->attach);
	dma_buf_put(dmabuf);
	put_device(dev);
}

static void phyr_edu_end_access(struct phyr_edu_buffer *buf)
{
	if (!buf->attach || buf->sgt)
		return;
	dma_buf_unmap_dma(buf->attach, buf->map);
	buf->map = NULL;
	dma_resv_unlock(buf->attach->dmabuf->resv);
}

/* Others may still be moving the memory, or using it, as their fences tell. */
static int phyr_edu_wait(struct phyr_edu_buffer *buf)
{
	long ret = dma_resv_wait_timeout(buf->attach->dmabuf->resv,
					 dma_resv_usage_rw(buf->write), true,
					 MAX_SCHEDULE_TIMEOUT);

	return min(ret, 0L);
}

static int phyr_edu_begin_access(struct phyr_edu_buffer *buf)
{
	const struct phyr_dma *map;
	int err;

	if (!buf->attach || buf->sgt)
		return 0;
	err = dma_resv_lock_interruptible(buf->attach->dmabuf->resv, NULL);
	if (err)
		return err;
	map = dma_buf_map_dma(buf->attach, buf->write ? DMA_BIDIRECTIONAL :
							DMA_TO_DEVICE);
	if (IS_ERR(map)) {
		dma_resv_unlock(buf->attach->dmabuf->resv);
		return PTR_ERR(map);
	}
	buf->map = map;
	err = phyr_edu_wait(buf);
	if (err)
		phyr_edu_end_access(buf);
	return err;
}

/* The device has no part in the buffer any more, and so no page needs to stay. */
static void phyr_edu_unmap_buffer(struct phyr_edu_buffer *buf)
{
	lockdep_assert_held(&buf->edu->lock);
	phyr_dma_unmap(&buf->dma);
	if (buf->sgt)
		phyr_edu_unmap_table(buf);
	list_del_init(&buf->node);
	if (buf->mm)
		phyr_edu_unpin_memory(buf);
}

/*
 * It's off the list if it was never mapped, or the device was removed.  No program
 * can have memory of the driver's mapped by now: that would hold the file open.
 */
static void phyr_edu_free_buffer(struct phyr_edu_buffer *buf)
{
	scoped_guard(mutex, &buf->edu->lock) {
		if (!list_empty(&buf->node))
			phyr_edu_unmap_buffer(buf);
	}
	if (buf->attach)
		phyr_edu_detach(buf);
	else if (buf->mm)
		phyr_edu_unpin_memory(buf);
	else
		phyr_free_pages(&buf->list);
	phyr_edu_put(buf->edu);
	kfree(buf);
}

static int phyr_edu_buffer_release(struct inode *inode, struct file *file)
{
	phyr_edu_free_buffer(file->private_data);
	return 0;
}

/* The driver's memory, that is: a program has its own mapped already. */
static int phyr_edu_buffer_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct phyr_edu_buffer *buf = file->private_data;

	return buf->own ? phyr_mmap(&buf->list, vma) : -ENODEV;
}

/* As much as sg_alloc_table() takes; each page but the last has a link. */
static u64 phyr_edu_sg_bytes(u64 entries)
{
	u64 links = 0;

	if (entries > SG_MAX_SINGLE_ALLOC)
		links = (entries - 2) / (SG_MAX_SINGLE_ALLOC - 1);
	return sizeof(struct sg_table) +
	       (entries + links) * sizeof(struct scatterlist);
}

static void phyr_edu_describe(struct phyr_edu_buffer *buf,
			      struct phyr_edu_info *info)
{
	PHYR_STATE(cpu, &buf->list);
	PHYR_DMA_STATE(dma, buf->map);
	u64 nr = phyr_nr_ranges(&buf->list);
	dma_addr_t addr = 0;

	info->pages = phyr_nr_pages(&buf->list);
	if (buf->attach)
		info->pages = buf->attach->dmabuf->size >> PAGE_SHIFT;
	info->ranges = nr;
	info->list_bytes = sizeof(buf->list) + phyr_memory_used(&buf->list);
	info->sg_bytes = phyr_edu_sg_bytes(nr);
	info->dma_ranges = phyr_dma_nr_ranges(buf->map);
	if (capable(CAP_SYS_ADMIN)) {
		if (phyrs_load(&cpu))
			info->phys = cpu.range.phys;
		phyr_dmas_piece(&dma, 1, &addr);
		info->dma_addr = addr;
	}
	strscpy(info->mode, phyr_dma_mode_name(buf->map));
}

/* Whoever removes the device waits for the lock, and then leaves no mapping. */
static int phyr_edu_ask(struct phyr_edu_buffer *buf, struct phyr_edu_info *info)
{
	int err;

	guard(mutex)(&buf->edu->lock);
	if (buf->edu->hw.gone || (!buf->attach && list_empty(&buf->node)))
		return -ENODEV;
	err = phyr_edu_begin_access(buf);
	if (err)
		return err;
	phyr_edu_describe(buf, info);
	phyr_edu_end_access(buf);
	return 0;
}

static long phyr_edu_buffer_ioctl(struct file *file, unsigned int cmd,
				  unsigned long arg)
{
	struct phyr_edu_buffer *buf = file->private_data;
	struct phyr_edu_info info = { };
	int err;

	if (cmd != PHYR_EDU_INFO)
		return -ENOTTY;
	err = phyr_edu_ask(buf, &info);
	if (err)
		return err;
	if (copy_to_user((void __user *)arg, &info, sizeof(info)))
		return -EFAULT;
	return 0;
}

static const struct file_operations phyr_edu_buffer_fops = {
	.owner		= THIS_MODULE,
	.release	= phyr_edu_buffer_release,
	.mmap		= phyr_edu_buffer_mmap,
	.unlocked_ioctl	= phyr_edu_buffer_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
};

/* --- the character device ------------------------------------------------ */

static struct phyr_edu_buffer *phyr_edu_new_buffer(struct phyr_edu *edu)
{
	struct phyr_edu_buffer *buf = kzalloc_obj(*buf);

	if (buf) {
		INIT_LIST_HEAD(&buf->node);
		kref_get(&edu->kref);
		buf->edu = edu;
	}
	return buf;
}

static int phyr_edu_open_file(struct phyr_edu_buffer *buf)
{
	return anon_inode_getfd("[phyr_edu]", &phyr_edu_buffer_fops, buf,
				O_RDWR | O_CLOEXEC);
}

/*
 * Pinning can take as long as a user likes: it's not for holding a lock, as mapping
 * does.  Once there is a descriptor, the buffer is no longer ours.
 */
static int phyr_edu_open_buffer(struct phyr_edu_buffer *buf)
{
	return phyr_edu_map_memory(buf) ?: phyr_edu_open_file(buf);
}

static bool phyr_edu_pin_valid(const struct phyr_edu_pin *arg)
{
	return arg->len && arg->len <= EDU_BUFFER_MAX &&
	       arg->addr <= ULONG_MAX - arg->len &&
	       !(arg->flags & ~PHYR_EDU_WRITE) && !arg->reserved;
}

static long phyr_edu_ioctl_pin(struct phyr_edu *edu, void __user *user)
{
	struct phyr_edu_buffer *buf;
	struct phyr_edu_pin arg;
	int ret;

	if (copy_from_user(&arg, user, sizeof(arg)))
		return -EFAULT;
	if (!phyr_edu_pin_valid(&arg))
		return -EINVAL;

	buf = phyr_edu_new_buffer(edu);
	if (!buf)
		return -ENOMEM;
	buf->write = arg.flags & PHYR_EDU_WRITE;
	ret = phyr_edu_pin_memory(buf, arg.addr, arg.len) ?:
	      phyr_edu_open_buffer(buf);
	if (ret < 0)
		phyr_edu_free_buffer(buf);
	return ret;
}

static long phyr_edu_ioctl_alloc(struct phyr_edu *edu, void __user *user)
{
	struct phyr_edu_buffer *buf;
	u64 len;
	int ret;

	if (copy_from_user(&len, user, sizeof(len)))
		return -EFAULT;
	if (!len || len > EDU_BUFFER_MAX)
		return -EINVAL;

	buf = phyr_edu_new_buffer(edu);
	if (!buf)
		return -ENOMEM;
	buf->write = true;
	buf->own = true;
	ret = phyr_edu_alloc_memory(buf, len) ?: phyr_edu_open_buffer(buf);
	if (ret < 0)
		phyr_edu_free_buffer(buf);
	return ret;
}

static long phyr_edu_ioctl_import(struct phyr_edu *edu, void __user *user)
{
	struct phyr_edu_buffer *buf;
	struct phyr_edu_import arg;
	int ret;

	if (copy_from_user(&arg, user, sizeof(arg)))
		return -EFAULT;
	if (arg.flags & ~(PHYR_EDU_WRITE | PHYR_EDU_TABLE))
		return -EINVAL;

	buf = phyr_edu_new_buffer(edu);
	if (!buf)
		return -ENOMEM;
	buf->write = arg.flags & PHYR_EDU_WRITE;
	ret = phyr_edu_attach(buf, arg.fd, arg.flags & PHYR_EDU_TABLE) ?:
	      phyr_edu_open_file(buf);
	if (ret < 0)
		phyr_edu_free_buffer(buf);
	return ret;
}

static struct phyr_edu_buffer *phyr_edu_buffer_of(struct phyr_edu *edu,
						  struct file *file)
{
	struct phyr_edu_buffer *buf;

	if (!file)
		return ERR_PTR(-EBADF);
	if (file->f_op != &phyr_edu_buffer_fops)
		return ERR_PTR(-EINVAL);
	buf = file->private_data;
	return buf->edu == edu ? buf : ERR_PTR(-EINVAL);
}

static bool phyr_edu_inside(struct phyr_edu_buffer *buf, u64 offset, u64 len)
{
	u64 size = buf->attach ? buf->attach->dmabuf->size :
				 phyr_bytes(&buf->list);

	return len && offset <= size && len <= size - offset;
}

static int phyr_edu_check_copy(struct phyr_edu_buffer *dst,
			       struct phyr_edu_buffer *src,
			       const struct phyr_edu_copy *arg)
{
	if (dst->edu->hw.gone)
		return -ENODEV;
	if (!dst->write)
		return -EACCES;
	if (!phyr_edu_inside(dst, arg->dst_offset, arg->len) ||
	    !phyr_edu_inside(src, arg->src_offset, arg->len))
		return -EINVAL;
	return dst->attach && src->attach ? -EINVAL : 0;
}

/* Two reservation locks would need more care than this sample takes. */
static int phyr_edu_copy_part(struct phyr_edu *edu, struct phyr_edu_buffer *dst,
			      struct phyr_edu_buffer *src,
			      const struct phyr_edu_copy *arg)
{
	struct phyr_edu_buffer *dmabuf = dst->attach ? dst : src;
	int err;

	err = phyr_edu_begin_access(dmabuf);
	if (err)
		return err;
	err = phyr_edu_copy(edu, dst, src, arg);
	phyr_edu_end_access(dmabuf);
	return err;
}

/*
 * Who revokes memory of a DMABUF, or wants to use it, waits for its reservation lock,
 * and this device is slow: a second for each part.
 */
#define PHYR_EDU_PART		SZ_16K

static int phyr_edu_access_and_copy(struct phyr_edu *edu,
				    struct phyr_edu_buffer *dst,
				    struct phyr_edu_buffer *src,
				    struct phyr_edu_copy arg)
{
	bool whole = !dst->attach && !src->attach;
	u64 left = arg.len;
	int err;

	do {
		arg.len = whole ? left : min_t(u64, left, PHYR_EDU_PART);
		err = phyr_edu_copy_part(edu, dst, src, &arg);
		arg.src_offset += arg.len;
		arg.dst_offset += arg.len;
		left -= arg.len;
	} while (!err && left);
	return err;
}

static long phyr_edu_ioctl_copy(struct phyr_edu *edu, void __user *user)
{
	struct phyr_edu_buffer *dst, *src;
	struct phyr_edu_copy arg;
	int err;

	if (copy_from_user(&arg, user, sizeof(arg)))
		return -EFAULT;

	CLASS(fd, dst_fd)(arg.dst_fd);
	CLASS(fd, src_fd)(arg.src_fd);
	dst = phyr_edu_buffer_of(edu, fd_file(dst_fd));
	if (IS_ERR(dst))
		return PTR_ERR(dst);
	src = phyr_edu_buffer_of(edu, fd_file(src_fd));
	if (IS_ERR(src))
		return PTR_ERR(src);

	if (mutex_lock_killable(&edu->engine))
		return -EINTR;
	err = phyr_edu_check_copy(dst, src, &arg);
	if (!err)
		err = phyr_edu_access_and_copy(edu, dst, src, arg);
	mutex_unlock(&edu->engine);
	return err;
}

static long phyr_edu_ioctl(struct file *file, unsigned int cmd,
			   unsigned long arg)
{
	void __user *user = (void __user *)arg;

	switch (cmd) {
	case PHYR_EDU_PIN:
		return phyr_edu_ioctl_pin(file->private_data, user);
	case PHYR_EDU_ALLOC:
		return phyr_edu_ioctl_alloc(file->private_data, user);
	case PHYR_EDU_IMPORT:
		return phyr_edu_ioctl_import(file->private_data, user);
	case PHYR_EDU_COPY:
		return phyr_edu_ioctl_copy(file->private_data, user);
	default:
		return -ENOTTY;
	}
}

static int phyr_edu_open(struct inode *inode, struct file *file)
{
	struct phyr_edu *edu = container_of(file->private_data,
					    struct phyr_edu, misc);

	kref_get(&edu->kref);
	file->private_data = edu;
	return 0;
}

static int phyr_edu_release(struct inode *inode, struct file *file)
{
	phyr_edu_put(file->private_data);
	return 0;
}

static const struct file_operations phyr_edu_fops = {
	.owner		= THIS_MODULE,
	.open		= phyr_edu_open,
	.release	= phyr_edu_release,
	.unlocked_ioctl	= phyr_edu_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
};

/* --- the PCI device ------------------------------------------------------ */

static void phyr_edu_put_action(void *edu)
{
	phyr_edu_put(edu);
}

static struct phyr_edu *phyr_edu_new(struct pci_dev *pdev)
{
	struct phyr_edu *edu = kzalloc_obj(*edu);
	int err;

	if (!edu)
		return ERR_PTR(-ENOMEM);
	kref_init(&edu->kref);
	mutex_init(&edu->engine);
	mutex_init(&edu->lock);
	INIT_LIST_HEAD(&edu->buffers);
	edu->misc.minor = MISC_DYNAMIC_MINOR;
	edu->misc.name = "phyr_edu";
	edu->misc.fops = &phyr_edu_fops;
	edu->misc.parent = &pdev->dev;
	err = devm_add_action_or_reset(&pdev->dev, phyr_edu_put_action, edu);
	return err ? ERR_PTR(err) : edu;
}

static int phyr_edu_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct phyr_edu *edu = phyr_edu_new(pdev);
	int err;

	if (IS_ERR(edu))
		return PTR_ERR(edu);
	pci_set_drvdata(pdev, edu);
	err = edu_start(&edu->hw, pdev, dma_bits);
	if (err)
		return err;
	dma_set_max_seg_size(&pdev->dev, EDU_LOCAL_SIZE);
	return misc_register(&edu->misc);
}

/* Programs may keep their descriptors, but the device no longer its mappings. */
static void phyr_edu_remove(struct pci_dev *pdev)
{
	struct phyr_edu *edu = pci_get_drvdata(pdev);
	struct phyr_edu_buffer *buf, *next;

	misc_deregister(&edu->misc);
	WRITE_ONCE(edu->hw.gone, true);
	guard(mutex)(&edu->engine);
	guard(mutex)(&edu->lock);
	list_for_each_entry_safe(buf, next, &edu->buffers, node)
		phyr_edu_unmap_buffer(buf);
}

static const struct pci_device_id phyr_edu_ids[] = {
	{ PCI_DEVICE(EDU_VENDOR, EDU_DEVICE) },
	{ }
};
MODULE_DEVICE_TABLE(pci, phyr_edu_ids);

static struct pci_driver phyr_edu_driver = {
	.name		= KBUILD_MODNAME,
	.id_table	= phyr_edu_ids,
	.probe		= phyr_edu_probe,
	.remove		= phyr_edu_remove,
};
module_pci_driver(phyr_edu_driver);

MODULE_DESCRIPTION("Sample of physical-range lists: DMA of user memory by QEMU's edu");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS("DMA_BUF");
