// SPDX-License-Identifier: GPL-2.0-only
/*
 * Test driver: an RDMA device whose hardware is QEMU's PCI device "edu".
 *
 * The software devices, rxe and siw, map no memory.  This one does, as hardware
 * would: it takes memory through the RDMA core, writes a list of the DMA
 * addresses of its blocks, and lets the device read and write regions by
 * nothing but that list.  There are no queues: a program asks for each access
 * by a method of its own, see phyr_edu_rdma.h.
 *
 * No list of memory is named here, so that the same source is built with and
 * without the conversion of the RDMA core.
 */

#include <linux/capability.h>
#include <linux/dma-buf.h>
#include <linux/dma-resv.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <rdma/ib_umem.h>
#include <rdma/ib_verbs.h>
#include <rdma/iter.h>

#define UVERBS_MODULE_NAME phyr_edu
#include <rdma/uverbs_named_ioctl.h>

#include "edu.h"
#include "phyr_edu_rdma.h"

static unsigned int dma_bits = 28;
module_param(dma_bits, uint, 0444);
MODULE_PARM_DESC(dma_bits, "Width of the device's addresses, as in QEMU's dma_mask= (28)");

static unsigned long page_sizes = SZ_4K | SZ_64K | SZ_2M | SZ_1G;
module_param(page_sizes, ulong, 0644);
MODULE_PARM_DESC(page_sizes, "Block sizes that regions registered from now on can have (bitmap)");

enum { DMABUF_PINNED, DMABUF_DYNAMIC, DMABUF_REVOCABLE };

static unsigned int dmabuf;
module_param(dmabuf, uint, 0644);
MODULE_PARM_DESC(dmabuf, "DMABUFs registered from now on are pinned (0), may move (1), or may be revoked (2)");

struct edu_rdma {
	struct ib_device	ibdev;
	struct edu		hw;
	struct mutex		engine;		/* one access at a time */
	void			*scratch;	/* EDU_LOCAL_SIZE bytes */
	dma_addr_t		scratch_dma;
	atomic_t		last_key;
};

/* Where a DMABUF may go away, @mapped and what it says are under its lock. */
struct edu_mr {
	struct ib_mr		ibmr;
	struct ib_umem		*umem;
	u64			iova;
	unsigned int		shift;		/* of the size of a block */
	size_t			nr_blocks;
	__le64			*blocks;
	bool			mapped;
};

struct edu_pd {
	struct ib_pd		ibpd;
};

struct edu_ucontext {
	struct ib_ucontext	ibucontext;
};

static struct edu_rdma *to_edu(struct ib_device *ibdev)
{
	return container_of(ibdev, struct edu_rdma, ibdev);
}

static struct edu_mr *to_mr(struct ib_mr *ibmr)
{
	return container_of(ibmr, struct edu_mr, ibmr);
}

/* --- the hardware's list of blocks --------------------------------------- */

static int edu_mr_alloc_blocks(struct edu_mr *mr, unsigned long pgsz)
{
	mr->shift = __ffs(pgsz);
	mr->nr_blocks = ib_umem_num_dma_blocks(mr->umem, pgsz);
	mr->blocks = kvmalloc_objs(*mr->blocks, mr->nr_blocks);
	return mr->blocks ? 0 : -ENOMEM;
}

static int edu_mr_fill_blocks(struct edu_mr *mr)
{
	struct ib_block_iter biter;
	size_t i = 0;

	rdma_umem_for_each_dma_block(mr->umem, &biter, BIT(mr->shift)) {
		if (WARN_ON_ONCE(i == mr->nr_blocks))
			return -EIO;
		mr->blocks[i++] =
			cpu_to_le64(rdma_block_iter_dma_address(&biter));
	}
	return WARN_ON_ONCE(i != mr->nr_blocks) ? -EIO : 0;
}

static void edu_mr_unmap(struct edu_mr *mr)
{
	kvfree(mr->blocks);
	mr->blocks = NULL;
	mr->nr_blocks = 0;
	mr->mapped = false;
}

static int edu_mr_map(struct edu_mr *mr)
{
	unsigned long pgsz;
	int err;

	pgsz = ib_umem_find_best_pgsz(mr->umem, page_sizes, mr->iova);
	if (!pgsz)
		return -EINVAL;
	err = edu_mr_alloc_blocks(mr, pgsz);
	if (!err)
		err = edu_mr_fill_blocks(mr);
	if (err)
		edu_mr_unmap(mr);
	else
		mr->mapped = true;
	return err;
}

/* --- memory regions ------------------------------------------------------ */

static struct edu_mr *edu_mr_new(struct ib_pd *pd, u64 iova)
{
	struct edu_rdma *edu = to_edu(pd->device);
	struct edu_mr *mr = kzalloc_obj(*mr);

	if (!mr)
		return ERR_PTR(-ENOMEM);
	mr->iova = iova;
	mr->ibmr.lkey = atomic_inc_return(&edu->last_key);
	mr->ibmr.rkey = mr->ibmr.lkey;
	return mr;
}

/* The memory is released first: that can call edu_mr_revoke() still. */
static void edu_mr_free(struct edu_mr *mr)
{
	ib_umem_release(mr->umem);
	edu_mr_unmap(mr);
	kfree(mr);
}

static struct ib_mr *edu_mr_registered(struct edu_mr *mr, int err)
{
	if (!err)
		return &mr->ibmr;
	edu_mr_free(mr);
	return ERR_PTR(err);
}

static struct ib_mr *edu_reg_user_mr(struct ib_pd *pd, u64 start, u64 length,
				     u64 iova, int access, struct ib_dmah *dmah,
				     struct ib_udata *udata)
{
	struct edu_mr *mr;
	int err;

	if (dmah)
		return ERR_PTR(-EOPNOTSUPP);
	mr = edu_mr_new(pd, iova);
	if (IS_ERR(mr))
		return ERR_CAST(mr);
	mr->umem = ib_umem_get_va(pd->device, start, length, access);
	err = PTR_ERR_OR_ZERO(mr->umem);
	if (!err)
		err = edu_mr_map(mr);
	return edu_mr_registered(mr, err);
}

static int edu_dereg_mr(struct ib_mr *ibmr, struct ib_udata *udata)
{
	edu_mr_free(to_mr(ibmr));
	return 0;
}

/* --- DMABUF -------------------------------------------------------------- */

static struct dma_resv *edu_mr_resv(struct edu_mr *mr)
{
	return to_ib_umem_dmabuf(mr->umem)->attach->dmabuf->resv;
}

/* The exporter moves the memory: the next access maps it anew. */
static void edu_mr_moved(struct dma_buf_attachment *attach)
{
	struct ib_umem_dmabuf *umem = attach->importer_priv;

	if (umem->private)
		edu_mr_unmap(umem->private);
	ib_umem_dmabuf_unmap_pages(umem);
}

static const struct dma_buf_attach_ops edu_dynamic_ops = {
	.allow_peer2peer	= true,
	.invalidate_mappings	= edu_mr_moved,
};

static void edu_mr_revoke(void *mr)
{
	edu_mr_unmap(mr);
}

static struct ib_umem_dmabuf *
edu_get_unlocked(unsigned int kind, struct ib_device *ibdev, u64 start,
		 u64 length, int fd, int access)
{
	switch (kind) {
	case DMABUF_PINNED:
		return ib_umem_dmabuf_get_pinned(ibdev, start, length, fd,
						 access);
	case DMABUF_DYNAMIC:
		return ib_umem_dmabuf_get(ibdev, start, length, fd, access,
					  &edu_dynamic_ops);
	default:
		return ERR_PTR(-EOPNOTSUPP);
	}
}

static int edu_mr_get_dmabuf_and_lock(struct edu_mr *mr, struct ib_device *ibdev,
				      u64 start, u64 length, int fd, int access)
{
	unsigned int kind = READ_ONCE(dmabuf);
	struct ib_umem_dmabuf *umem;

	if (kind == DMABUF_REVOCABLE)
		umem = ib_umem_dmabuf_get_pinned_revocable_and_lock(ibdev, start,
								    length, fd,
								    access);
	else
		umem = edu_get_unlocked(kind, ibdev, start, length, fd, access);
	if (IS_ERR(umem))
		return PTR_ERR(umem);
	mr->umem = &umem->umem;
	if (kind == DMABUF_REVOCABLE)
		ib_umem_dmabuf_set_revoke_locked(umem, edu_mr_revoke, mr);
	else
		dma_resv_lock(edu_mr_resv(mr), NULL);
	return 0;
}

static bool edu_dmabuf_dynamic(struct ib_umem_dmabuf *umem)
{
	return umem->attach->importer_ops == &edu_dynamic_ops;
}

static int edu_mr_map_dmabuf(struct edu_mr *mr)
{
	struct ib_umem_dmabuf *umem = to_ib_umem_dmabuf(mr->umem);
	int err;

	if (edu_dmabuf_dynamic(umem)) {
		umem->private = mr;
		err = ib_umem_dmabuf_map_pages(umem);
		if (err)
			return err;
	}
	return edu_mr_map(mr);
}

static struct ib_mr *edu_reg_user_mr_dmabuf(struct ib_pd *pd, u64 start,
					    u64 length, u64 iova, int fd,
					    int access, struct ib_dmah *dmah,
					    struct uverbs_attr_bundle *attrs)
{
	struct edu_mr *mr;
	int err;

	if (dmah)
		return ERR_PTR(-EOPNOTSUPP);
	mr = edu_mr_new(pd, iova);
	if (IS_ERR(mr))
		return ERR_CAST(mr);
	err = edu_mr_get_dmabuf_and_lock(mr, pd->device, start, length, fd,
					 access);
	if (!err) {
		err = edu_mr_map_dmabuf(mr);
		dma_resv_unlock(edu_mr_resv(mr));
	}
	return edu_mr_registered(mr, err);
}

/* --- access by the device ------------------------------------------------ */

/* From or to the device's own memory, where it begins at zero. */
static int edu_mr_transfer(struct edu_rdma *edu, struct edu_mr *mr, u64 offset,
			   u32 len, bool write)
{
	u64 mask = BIT_ULL(mr->shift) - 1;
	u64 piece, virt, addr;
	int err = 0;
	u32 done;

	for (done = 0; done < len && !err; done += piece) {
		virt = mr->iova + offset + done;
		piece = min_t(u64, len - done, mask + 1 - (virt & mask));
		addr = le64_to_cpu(mr->blocks[(virt >> mr->shift) -
					      (mr->iova >> mr->shift)]);
		addr += virt & mask;
		err = write ? edu_store(&edu->hw, addr, done, piece) :
			      edu_fetch(&edu->hw, addr, done, piece);
	}
	return err;
}

static int edu_mr_map_again(struct edu_mr *mr)
{
	if (mr->mapped)
		return 0;
	if (!mr->umem->is_dmabuf || !edu_dmabuf_dynamic(to_ib_umem_dmabuf(mr->umem)))
		return -ENODEV;
	return edu_mr_map_dmabuf(mr);
}

/* Nobody takes a DMABUF's memory away while it is locked. */
static int edu_mr_access(struct edu_rdma *edu, struct edu_mr *mr, u64 offset,
			 u32 len, bool write)
{
	int err;

	if (mr->umem->is_dmabuf)
		dma_resv_lock(edu_mr_resv(mr), NULL);
	err = edu_mr_map_again(mr);
	if (!err)
		err = edu_mr_transfer(edu, mr, offset, len, write);
	if (mr->umem->is_dmabuf)
		dma_resv_unlock(edu_mr_resv(mr));
	return err;
}

/* To @edu's scratch memory. */
static int edu_mr_read(struct edu_rdma *edu, struct edu_mr *mr, u64 offset,
		       u32 len)
{
	int err = edu_mr_access(edu, mr, offset, len, false);

	return err ?: edu_store(&edu->hw, edu->scratch_dma, 0, len);
}

static int edu_mr_write(struct edu_rdma *edu, struct edu_mr *mr, u64 offset,
			u32 len)
{
	int err = edu_fetch(&edu->hw, edu->scratch_dma, 0, len);

	return err ?: edu_mr_access(edu, mr, offset, len, true);
}

static int edu_mr_check(struct edu_mr *mr, u64 offset, int len)
{
	if (len < 0)
		return len;
	if (!len || len > EDU_LOCAL_SIZE || offset > mr->umem->length ||
	    len > mr->umem->length - offset)
		return -EINVAL;
	return 0;
}

static int edu_lock(struct edu_rdma *edu)
{
	if (mutex_lock_killable(&edu->engine))
		return -EINTR;
	if (!READ_ONCE(edu->hw.gone))
		return 0;
	mutex_unlock(&edu->engine);
	return -EIO;
}

/* --- methods ------------------------------------------------------------- */

static int UVERBS_HANDLER(PHYR_EDU_METHOD_MR_READ)(struct uverbs_attr_bundle *attrs)
{
	struct edu_mr *mr = to_mr(uverbs_attr_get_obj(attrs,
						      PHYR_EDU_ATTR_READ_MR_HANDLE));
	int len = uverbs_attr_get_len(attrs, PHYR_EDU_ATTR_READ_MR_DATA);
	struct edu_rdma *edu = to_edu(mr->ibmr.device);
	u32 by_cpu;
	u64 offset;
	int err;

	err = uverbs_copy_from(&offset, attrs, PHYR_EDU_ATTR_READ_MR_OFFSET) ?:
	      uverbs_copy_from(&by_cpu, attrs, PHYR_EDU_ATTR_READ_MR_BY_CPU) ?:
	      edu_mr_check(mr, offset, len) ?: edu_lock(edu);
	if (err)
		return err;
	if (by_cpu)
		err = ib_umem_copy_from(edu->scratch, mr->umem, offset, len);
	else
		err = edu_mr_read(edu, mr, offset, len);
	if (!err)
		err = uverbs_copy_to(attrs, PHYR_EDU_ATTR_READ_MR_DATA,
				     edu->scratch, len);
	mutex_unlock(&edu->engine);
	return err;
}

static int UVERBS_HANDLER(PHYR_EDU_METHOD_MR_WRITE)(struct uverbs_attr_bundle *attrs)
{
	struct edu_mr *mr = to_mr(uverbs_attr_get_obj(attrs,
						      PHYR_EDU_ATTR_WRITE_MR_HANDLE));
	int len = uverbs_attr_get_len(attrs, PHYR_EDU_ATTR_WRITE_MR_DATA);
	struct edu_rdma *edu = to_edu(mr->ibmr.device);
	u64 offset;
	int err;

	if (!mr->umem->writable)
		return -EACCES;
	err = uverbs_copy_from(&offset, attrs, PHYR_EDU_ATTR_WRITE_MR_OFFSET) ?:
	      edu_mr_check(mr, offset, len) ?: edu_lock(edu);
	if (err)
		return err;
	err = _uverbs_copy_from(edu->scratch, attrs,
				PHYR_EDU_ATTR_WRITE_MR_DATA, EDU_LOCAL_SIZE);
	if (!err)
		err = edu_mr_write(edu, mr, offset, len);
	mutex_unlock(&edu->engine);
	return err;
}

static int UVERBS_HANDLER(PHYR_EDU_METHOD_MR_QUERY)(struct uverbs_attr_bundle *attrs)
{
	struct edu_mr *mr = to_mr(uverbs_attr_get_obj(attrs,
						      PHYR_EDU_ATTR_QUERY_MR_HANDLE));
	struct phyr_edu_mr_info info = { };

	if (mr->umem->is_dmabuf)
		dma_resv_lock(edu_mr_resv(mr), NULL);
	info.mapped = mr->mapped;
	info.page_size = BIT_ULL(mr->shift);
	info.nr_blocks = mr->nr_blocks;
	if (mr->mapped && capable(CAP_SYS_RAWIO))
		info.first_block = le64_to_cpu(mr->blocks[0]);
	if (mr->umem->is_dmabuf)
		dma_resv_unlock(edu_mr_resv(mr));
	return uverbs_copy_to(attrs, PHYR_EDU_ATTR_QUERY_MR_RESP, &info,
			      sizeof(info));
}

/* Stands for an exporter that needs its memory back: few can be made to. */
static int UVERBS_HANDLER(PHYR_EDU_METHOD_MR_INVALIDATE)(struct uverbs_attr_bundle *attrs)
{
	struct edu_mr *mr = to_mr(uverbs_attr_get_obj(attrs,
						      PHYR_EDU_ATTR_INVALIDATE_MR_HANDLE));
	struct ib_umem_dmabuf *umem = to_ib_umem_dmabuf(mr->umem);

	if (!mr->umem->is_dmabuf ||
	    !umem->attach->importer_ops->invalidate_mappings)
		return -EOPNOTSUPP;
	dma_resv_lock(edu_mr_resv(mr), NULL);
	dma_buf_invalidate_mappings(umem->attach->dmabuf);
	dma_resv_unlock(edu_mr_resv(mr));
	return 0;
}

#define EDU_ATTR_MR(id)							\
	UVERBS_ATTR_IDR(id, UVERBS_OBJECT_MR, UVERBS_ACCESS_READ, UA_MANDATORY)

#define EDU_DATA_SIZE	UVERBS_ATTR_SIZE(1, EDU_LOCAL_SIZE)

DECLARE_UVERBS_NAMED_METHOD(PHYR_EDU_METHOD_MR_QUERY,
			    EDU_ATTR_MR(PHYR_EDU_ATTR_QUERY_MR_HANDLE),
			    UVERBS_ATTR_PTR_OUT(PHYR_EDU_ATTR_QUERY_MR_RESP,
						UVERBS_ATTR_TYPE(struct phyr_edu_mr_info),
						UA_MANDATORY));

DECLARE_UVERBS_NAMED_METHOD(PHYR_EDU_METHOD_MR_READ,
			    EDU_ATTR_MR(PHYR_EDU_ATTR_READ_MR_HANDLE),
			    UVERBS_ATTR_PTR_IN(PHYR_EDU_ATTR_READ_MR_OFFSET,
					       UVERBS_ATTR_TYPE(u64),
					       UA_MANDATORY),
			    UVERBS_ATTR_PTR_IN(PHYR_EDU_ATTR_READ_MR_BY_CPU,
					       UVERBS_ATTR_TYPE(u32),
					       UA_MANDATORY),
			    UVERBS_ATTR_PTR_OUT(PHYR_EDU_ATTR_READ_MR_DATA,
						EDU_DATA_SIZE, UA_MANDATORY));

DECLARE_UVERBS_NAMED_METHOD(PHYR_EDU_METHOD_MR_WRITE,
			    EDU_ATTR_MR(PHYR_EDU_ATTR_WRITE_MR_HANDLE),
			    UVERBS_ATTR_PTR_IN(PHYR_EDU_ATTR_WRITE_MR_OFFSET,
					       UVERBS_ATTR_TYPE(u64),
					       UA_MANDATORY),
			    UVERBS_ATTR_PTR_IN(PHYR_EDU_ATTR_WRITE_MR_DATA,
					       EDU_DATA_SIZE, UA_MANDATORY));

DECLARE_UVERBS_NAMED_METHOD(PHYR_EDU_METHOD_MR_INVALIDATE,
			    EDU_ATTR_MR(PHYR_EDU_ATTR_INVALIDATE_MR_HANDLE));

ADD_UVERBS_METHODS(edu_mr_methods, UVERBS_OBJECT_MR,
		   &UVERBS_METHOD(PHYR_EDU_METHOD_MR_QUERY),
		   &UVERBS_METHOD(PHYR_EDU_METHOD_MR_READ),
		   &UVERBS_METHOD(PHYR_EDU_METHOD_MR_WRITE),
		   &UVERBS_METHOD(PHYR_EDU_METHOD_MR_INVALIDATE));

static const struct uapi_definition edu_uapi_defs[] = {
	UAPI_DEF_CHAIN_OBJ_TREE(UVERBS_OBJECT_MR, &edu_mr_methods),
	{ }
};

/* --- what the RDMA core wants of any device ------------------------------ */

static int edu_query_device(struct ib_device *ibdev, struct ib_device_attr *attr,
			    struct ib_udata *udata)
{
	attr->max_mr_size = U64_MAX;
	attr->page_size_cap = page_sizes;
	attr->max_mr = INT_MAX;
	attr->max_pd = INT_MAX;
	return 0;
}

static int edu_query_port(struct ib_device *ibdev, u32 port,
			  struct ib_port_attr *attr)
{
	attr->state = IB_PORT_ACTIVE;
	attr->phys_state = IB_PORT_PHYS_STATE_LINK_UP;
	attr->gid_tbl_len = 1;
	attr->active_speed = IB_SPEED_SDR;
	attr->active_width = IB_WIDTH_1X;
	attr->max_mtu = IB_MTU_4096;
	attr->active_mtu = IB_MTU_4096;
	return 0;
}

static int edu_get_port_immutable(struct ib_device *ibdev, u32 port,
				  struct ib_port_immutable *immutable)
{
	immutable->gid_tbl_len = 1;
	return 0;
}

static int edu_query_gid(struct ib_device *ibdev, u32 port, int index,
			 union ib_gid *gid)
{
	memset(gid, 0, sizeof(*gid));
	return 0;
}

static int edu_alloc_ucontext(struct ib_ucontext *context, struct ib_udata *udata)
{
	return 0;
}

static void edu_dealloc_ucontext(struct ib_ucontext *context)
{
}

static int edu_alloc_pd(struct ib_pd *pd, struct ib_udata *udata)
{
	return 0;
}

static int edu_dealloc_pd(struct ib_pd *pd, struct ib_udata *udata)
{
	return 0;
}

/* Programs may keep their descriptors when the device goes. */
static void edu_disassociate_ucontext(struct ib_ucontext *context)
{
}

static const struct ib_device_ops edu_rdma_ops = {
	.owner			= THIS_MODULE,
	.driver_id		= RDMA_DRIVER_UNKNOWN,
	.uverbs_abi_ver		= 1,

	.alloc_pd		= edu_alloc_pd,
	.alloc_ucontext		= edu_alloc_ucontext,
	.dealloc_pd		= edu_dealloc_pd,
	.dealloc_ucontext	= edu_dealloc_ucontext,
	.dereg_mr		= edu_dereg_mr,
	.disassociate_ucontext	= edu_disassociate_ucontext,
	.get_port_immutable	= edu_get_port_immutable,
	.query_device		= edu_query_device,
	.query_gid		= edu_query_gid,
	.query_port		= edu_query_port,
	.reg_user_mr		= edu_reg_user_mr,
	.reg_user_mr_dmabuf	= edu_reg_user_mr_dmabuf,

	INIT_RDMA_OBJ_SIZE(ib_pd, edu_pd, ibpd),
	INIT_RDMA_OBJ_SIZE(ib_ucontext, edu_ucontext, ibucontext),
};

/* --- the PCI device ------------------------------------------------------ */

static void edu_rdma_free(void *edu)
{
	ib_dealloc_device(&((struct edu_rdma *)edu)->ibdev);
}

static struct edu_rdma *edu_rdma_new(struct pci_dev *pdev)
{
	struct edu_rdma *edu = ib_alloc_device(edu_rdma, ibdev);
	int err;

	if (!edu)
		return ERR_PTR(-ENOMEM);
	err = devm_add_action_or_reset(&pdev->dev, edu_rdma_free, edu);
	if (err)
		return ERR_PTR(err);
	mutex_init(&edu->engine);
	edu->ibdev.node_type = RDMA_NODE_UNSPECIFIED;
	edu->ibdev.phys_port_cnt = 1;
	edu->ibdev.num_comp_vectors = 1;
	edu->ibdev.dev.parent = &pdev->dev;
	edu->ibdev.driver_def = edu_uapi_defs;
	ib_set_device_ops(&edu->ibdev, &edu_rdma_ops);
	return edu;
}

static int edu_rdma_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct edu_rdma *edu = edu_rdma_new(pdev);
	int err;

	if (IS_ERR(edu))
		return PTR_ERR(edu);
	pci_set_drvdata(pdev, edu);
	err = edu_start(&edu->hw, pdev, dma_bits);
	if (err)
		return err;
	edu->scratch = dmam_alloc_coherent(&pdev->dev, EDU_LOCAL_SIZE,
					   &edu->scratch_dma, GFP_KERNEL);
	if (!edu->scratch)
		return -ENOMEM;
	return ib_register_device(&edu->ibdev, "edu%d", &pdev->dev);
}

static void edu_rdma_remove(struct pci_dev *pdev)
{
	struct edu_rdma *edu = pci_get_drvdata(pdev);

	ib_unregister_device(&edu->ibdev);
}

static const struct pci_device_id edu_rdma_ids[] = {
	{ PCI_DEVICE(EDU_VENDOR, EDU_DEVICE) },
	{ }
};
MODULE_DEVICE_TABLE(pci, edu_rdma_ids);

static struct pci_driver edu_rdma_driver = {
	.name		= KBUILD_MODNAME,
	.id_table	= edu_rdma_ids,
	.probe		= edu_rdma_probe,
	.remove		= edu_rdma_remove,
};
module_pci_driver(edu_rdma_driver);

MODULE_IMPORT_NS("DMA_BUF");
MODULE_DESCRIPTION("Test of RDMA memory registration: regions in the hands of QEMU's edu");
MODULE_LICENSE("GPL");
