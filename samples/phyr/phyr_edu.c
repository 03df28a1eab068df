// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sample driver: QEMU's PCI device "edu" copies user memory by DMA.
 *
 * A program pins two buffers through /dev/phyr_edu and has the device copy
 * from one to the other.  How a buffer comes to its DMA addresses is in
 * phyr_edu_fill_buffer() and what it calls, how they reach the hardware in
 * phyr_edu_copy_bytes(); the rest is what any driver needs.
 */

#include <linux/anon_inodes.h>
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

static unsigned int dma_bits = 28;
module_param(dma_bits, uint, 0444);
MODULE_PARM_DESC(dma_bits, "Width of the device's addresses, as in QEMU's dma_mask= (28)");

struct phyr_edu {
	struct kref		kref;
	struct edu		hw;
	struct miscdevice	misc;
	struct mutex		engine;	/* held while buffers are copied */
	struct mutex		lock;	/* of what follows, inside @engine */
	struct list_head	buffers;
};

struct phyr_edu_buffer {
	struct phyr_edu		*edu;
	struct list_head	node;
	struct mm_struct	*mm;	/* to which the pages are accounted */
	u64			nr_pages;
	bool			write;
	struct phyr		list;
	struct phyr_dma		dma;
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

static int phyr_edu_copy_piece(struct phyr_edu *edu, dma_addr_t dst,
			       dma_addr_t src, u64 len)
{
	int err;

	if (READ_ONCE(edu->hw.gone))
		return -ENODEV;
	if (fatal_signal_pending(current))
		return -EINTR;
	err = edu_fetch(&edu->hw, src, 0, len);
	if (err)
		return err;
	return edu_store(&edu->hw, dst, 0, len);
}

/* One piece of the destination, and as many of the source as that takes. */
static int phyr_edu_fill_piece(struct phyr_edu *edu, dma_addr_t dst, u64 len,
			       struct phyr_dma_state *src)
{
	dma_addr_t from;
	u64 piece;
	int err = 0;

	for (; len && !err; len -= piece, dst += piece) {
		piece = phyr_dmas_piece(src, len, &from);
		if (WARN_ON_ONCE(!piece))
			return -EIO;
		err = phyr_edu_copy_piece(edu, dst, from, piece);
	}
	return err;
}

static int phyr_edu_copy_bytes(struct phyr_edu *edu, struct phyr_dma_state *dst,
			       struct phyr_dma_state *src)
{
	dma_addr_t to;
	u64 piece;
	int err = 0;

	while (!err && (piece = phyr_dmas_piece(dst, EDU_LOCAL_SIZE, &to)))
		err = phyr_edu_fill_piece(edu, to, piece, src);
	return err;
}

/*
 * The destination goes to the device too: where it is bounced, all of it comes
 * back, and not only what the device wrote.
 */
static int phyr_edu_copy(struct phyr_edu *edu, struct phyr_edu_buffer *dst,
			 struct phyr_edu_buffer *src,
			 const struct phyr_edu_copy *arg)
{
	PHYR_DMA_STATE(to, &dst->dma);
	PHYR_DMA_STATE(from, &src->dma);
	int err;

	err = phyr_dmas_slice(&to, arg->dst_offset, arg->len) ?:
	      phyr_dmas_slice(&from, arg->src_offset, arg->len);
	if (err)
		return arg->len ? err : 0;

	phyr_dma_sync_slice_for_device(&dst->dma, arg->dst_offset, arg->len);
	phyr_dma_sync_slice_for_device(&src->dma, arg->src_offset, arg->len);
	err = phyr_edu_copy_bytes(edu, &to, &from);
	phyr_dma_sync_slice_for_cpu(&src->dma, arg->src_offset, arg->len);
	phyr_dma_sync_slice_for_cpu(&dst->dma, arg->dst_offset, arg->len);
	return err;
}

/* --- buffers ------------------------------------------------------------- */

static int phyr_edu_account(struct phyr_edu_buffer *buf)
{
	u64 limit = rlimit(RLIMIT_MEMLOCK) >> PAGE_SHIFT;
	struct mm_struct *mm = current->mm;

	if (atomic64_add_return(buf->nr_pages, &mm->pinned_vm) > limit &&
	    !capable(CAP_IPC_LOCK)) {
		atomic64_sub(buf->nr_pages, &mm->pinned_vm);
		return -ENOMEM;
	}
	mmgrab(mm);
	buf->mm = mm;
	return 0;
}

static void phyr_edu_unaccount(struct phyr_edu_buffer *buf)
{
	atomic64_sub(buf->nr_pages, &buf->mm->pinned_vm);
	mmdrop(buf->mm);
}

static int phyr_edu_pin_memory(struct phyr_edu_buffer *buf, u64 addr, u64 len)
{
	int err;

	err = phyr_edu_account(buf);
	if (err)
		return err;
	err = phyr_pin_user(&buf->list, addr, len,
			    buf->write ? FOLL_WRITE : 0, GFP_KERNEL_ACCOUNT);
	if (err)
		phyr_edu_unaccount(buf);
	else
		phyr_trim(&buf->list, GFP_KERNEL_ACCOUNT);
	return err;
}

static void phyr_edu_unpin_memory(struct phyr_edu_buffer *buf)
{
	phyr_destroy_dirty(&buf->list, buf->write);
	phyr_edu_unaccount(buf);
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
	if (!err)
		list_add(&buf->node, &edu->buffers);
	return err;
}

/* Pinning can take as long as a user likes: it's not for holding a lock. */
static int phyr_edu_fill_buffer(struct phyr_edu_buffer *buf, u64 addr, u64 len)
{
	int err;

	err = phyr_edu_pin_memory(buf, addr, len);
	if (err)
		return err;
	err = phyr_edu_map_memory(buf);
	if (err)
		phyr_edu_unpin_memory(buf);
	return err;
}

static void phyr_edu_empty_buffer(struct phyr_edu_buffer *buf)
{
	lockdep_assert_held(&buf->edu->lock);
	phyr_dma_unmap(&buf->dma);
	phyr_edu_unpin_memory(buf);
	list_del_init(&buf->node);
}

/* It's off the list if the device was removed before. */
static void phyr_edu_free_buffer(struct phyr_edu_buffer *buf)
{
	scoped_guard(mutex, &buf->edu->lock) {
		if (!list_empty(&buf->node))
			phyr_edu_empty_buffer(buf);
	}
	phyr_edu_put(buf->edu);
	kfree(buf);
}

static int phyr_edu_buffer_release(struct inode *inode, struct file *file)
{
	phyr_edu_free_buffer(file->private_data);
	return 0;
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
	PHYR_DMA_STATE(dma, &buf->dma);
	u64 nr = phyr_nr_ranges(&buf->list);
	dma_addr_t addr = 0;

	info->pages = buf->nr_pages;
	info->ranges = nr;
	info->list_bytes = sizeof(buf->list) + phyr_memory_used(&buf->list);
	info->sg_bytes = phyr_edu_sg_bytes(nr);
	info->dma_ranges = phyr_dma_nr_ranges(&buf->dma);
	if (capable(CAP_SYS_ADMIN)) {
		phyrs_load(&cpu);
		info->phys = cpu.range.phys;
		phyr_dmas_piece(&dma, 1, &addr);
		info->dma_addr = addr;
	}
	strscpy(info->mode, phyr_dma_mode_name(&buf->dma));
}

static long phyr_edu_buffer_ioctl(struct file *file, unsigned int cmd,
				  unsigned long arg)
{
	struct phyr_edu_buffer *buf = file->private_data;
	struct phyr_edu_info info = { };

	if (cmd != PHYR_EDU_INFO)
		return -ENOTTY;
	scoped_guard(mutex, &buf->edu->lock) {
		if (list_empty(&buf->node))
			return -ENODEV;
		phyr_edu_describe(buf, &info);
	}
	if (copy_to_user((void __user *)arg, &info, sizeof(info)))
		return -EFAULT;
	return 0;
}

static const struct file_operations phyr_edu_buffer_fops = {
	.owner		= THIS_MODULE,
	.release	= phyr_edu_buffer_release,
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

static bool phyr_edu_pin_valid(const struct phyr_edu_pin *arg)
{
	return arg->len && arg->len <= EDU_BUFFER_MAX &&
	       arg->addr <= ULONG_MAX - arg->len &&
	       !(arg->flags & ~PHYR_EDU_WRITE) && !arg->reserved;
}

/* Once there is a descriptor, the buffer is no longer ours. */
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
	buf->nr_pages = PFN_UP(offset_in_page(arg.addr) + arg.len);
	ret = phyr_edu_fill_buffer(buf, arg.addr, arg.len);
	if (!ret)
		ret = anon_inode_getfd("[phyr_edu]", &phyr_edu_buffer_fops,
				       buf, O_RDWR | O_CLOEXEC);
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
	u64 size = phyr_bytes(&buf->list);

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
	return 0;
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
		err = phyr_edu_copy(edu, dst, src, &arg);
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
	return misc_register(&edu->misc);
}

/* Programs may keep their descriptors, but no longer their mappings. */
static void phyr_edu_remove(struct pci_dev *pdev)
{
	struct phyr_edu *edu = pci_get_drvdata(pdev);
	struct phyr_edu_buffer *buf, *next;

	misc_deregister(&edu->misc);
	WRITE_ONCE(edu->hw.gone, true);
	guard(mutex)(&edu->engine);
	guard(mutex)(&edu->lock);
	list_for_each_entry_safe(buf, next, &edu->buffers, node)
		phyr_edu_empty_buffer(buf);
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
