// SPDX-License-Identifier: GPL-2.0-only
/*
 * What importing a DMABUF takes, for the device edu, which does nothing with it.
 *
 * Written to phyr_dmabuf_times in debugfs, "time FD TABLE" has the buffer attached,
 * mapped, unmapped and detached, and reading gives the shortest times of both in
 * nanoseconds, and the number of ranges of what is held.  "hold FD TABLE NUMBER"
 * attaches and maps it so many times, and "drop" undoes that.  "peer FD TABLE NUMBER"
 * does it as a device that takes memory of others, and gives it back when it is revoked.
 * "region FD MIB NUMBER" has the RDMA core pin so much of it for the device so many times.
 */

#include <linux/debugfs.h>
#include <linux/dma-buf-phyr.h>
#include <linux/dma-resv.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/uaccess.h>
#include <rdma/ib_umem.h>
#include <rdma/ib_verbs.h>

#define ROUNDS		5
#define HELD_MAX	16384
#define REGIONS_MAX	8

struct import {
	struct dma_buf_attachment	*attach;
	struct sg_table			*sgt;
	const struct phyr_dma		*dma;
};

static struct pci_dev *edu;
static struct dentry *file;
static struct import held[HELD_MAX];
static unsigned int nr_held;
static struct ib_device *rdma_edu;
static struct ib_umem_dmabuf *regions[REGIONS_MAX];
static unsigned int nr_regions;
static u64 map_ns, unmap_ns;

static void unmap_import(struct import *import)
{
	if (import->sgt)
		dma_buf_unmap_attachment(import->attach, import->sgt,
					 DMA_BIDIRECTIONAL);
	if (import->dma)
		dma_buf_unmap_dma(import->attach, import->dma);
	import->sgt = NULL;
	import->dma = NULL;
}

/* The reservation lock is held. */
static void give_back(struct dma_buf_attachment *attach)
{
	unmap_import(attach->importer_priv);
}

static const struct dma_buf_attach_ops peer_ops = {
	.allow_peer2peer	= true,
	.invalidate_mappings	= give_back,
};

static int start_import(struct import *import, struct dma_buf *dmabuf, bool table,
			bool peer)
{
	*import = (struct import) {
		.attach = dma_buf_mapping_attach(dmabuf, table ?
						 DMA_BUF_MAPPING_SGT :
						 DMA_BUF_MAPPING_DMA,
						 &edu->dev,
						 peer ? &peer_ops : NULL,
						 import),
	};
	if (IS_ERR(import->attach))
		return PTR_ERR(import->attach);
	if (table)
		import->sgt = dma_buf_map_attachment_unlocked(import->attach,
							      DMA_BIDIRECTIONAL);
	else
		import->dma = dma_buf_map_dma_unlocked(import->attach,
						       DMA_BIDIRECTIONAL);
	if (!IS_ERR(import->sgt) && !IS_ERR(import->dma))
		return 0;
	dma_buf_detach(dmabuf, import->attach);
	return table ? PTR_ERR(import->sgt) : PTR_ERR(import->dma);
}

static void end_import(struct import *import)
{
	struct dma_buf *dmabuf = import->attach->dmabuf;

	dma_resv_lock(dmabuf->resv, NULL);
	unmap_import(import);
	dma_resv_unlock(dmabuf->resv);
	dma_buf_detach(dmabuf, import->attach);
}

static unsigned int import_ranges(const struct import *import)
{
	if (import->sgt)
		return import->sgt->nents;
	return import->dma ? phyr_dma_nr_ranges(import->dma) : 0;
}

static int time_import(struct dma_buf *dmabuf, bool table)
{
	map_ns = U64_MAX;
	unmap_ns = U64_MAX;
	for (int i = 0; i < ROUNDS; i++) {
		u64 start = ktime_get_ns(), mapped;
		struct import import;
		int err = start_import(&import, dmabuf, table, false);

		if (err)
			return err;
		mapped = ktime_get_ns();
		map_ns = min(map_ns, mapped - start);
		end_import(&import);
		unmap_ns = min(unmap_ns, ktime_get_ns() - mapped);
	}
	return 0;
}

static void drop_imports(void)
{
	while (nr_held) {
		struct dma_buf *dmabuf = held[--nr_held].attach->dmabuf;

		end_import(&held[nr_held]);
		dma_buf_put(dmabuf);
	}
}

static int hold_imports(struct dma_buf *dmabuf, bool table, bool peer,
			unsigned int nr)
{
	drop_imports();
	while (nr_held < min(nr, HELD_MAX)) {
		int err = start_import(&held[nr_held], dmabuf, table, peer);

		if (err)
			return err;
		get_dma_buf(dmabuf);
		nr_held++;
	}
	return 0;
}

static void drop_regions(void)
{
	while (nr_regions)
		ib_umem_release(&regions[--nr_regions]->umem);
}

static int hold_regions(int fd, size_t len, unsigned int nr)
{
	struct ib_umem_dmabuf *region;

	if (!rdma_edu)
		return -ENODEV;
	drop_regions();
	while (nr_regions < min(nr, REGIONS_MAX)) {
		region = ib_umem_dmabuf_get_pinned(rdma_edu, 0, len, fd,
						   IB_ACCESS_LOCAL_WRITE);
		if (IS_ERR(region))
			return PTR_ERR(region);
		regions[nr_regions++] = region;
	}
	return 0;
}

/* edu is an RDMA device if that driver is bound to it. */
static int rdma_add(struct ib_device *ibdev)
{
	if (ibdev->dma_device == &edu->dev)
		rdma_edu = ibdev;
	return 0;
}

static void rdma_remove(struct ib_device *ibdev, void *data)
{
	if (ibdev == rdma_edu) {
		drop_regions();
		rdma_edu = NULL;
	}
}

static struct ib_client rdma_client = {
	.name		= KBUILD_MODNAME,
	.add		= rdma_add,
	.remove		= rdma_remove,
	.no_kverbs_req	= true,
};

static int run(const char *line)
{
	unsigned int table, nr = 0;
	struct dma_buf *dmabuf;
	char what[8];
	int fd, ret;

	if (sscanf(line, "%7s %d %u %u", what, &fd, &table, &nr) < 3) {
		drop_imports();
		drop_regions();
		return 0;
	}
	if (*what == 'r')
		return hold_regions(fd, (size_t)table << 20, nr);
	dmabuf = dma_buf_get(fd);
	if (IS_ERR(dmabuf))
		return PTR_ERR(dmabuf);
	ret = nr ? hold_imports(dmabuf, table, *what == 'p', nr) :
		   time_import(dmabuf, table);
	dma_buf_put(dmabuf);
	return ret;
}

static ssize_t times_write(struct file *file, const char __user *user,
			   size_t len, loff_t *pos)
{
	char line[64] = "";
	int err;

	if (len >= sizeof(line) || copy_from_user(line, user, len))
		return -EINVAL;
	err = run(line);
	return err ?: len;
}

static ssize_t times_read(struct file *file, char __user *user, size_t len,
			  loff_t *pos)
{
	char line[64];
	int nr = scnprintf(line, sizeof(line), "%llu %llu %u\n", map_ns, unmap_ns,
			   nr_held ? import_ranges(&held[0]) : 0);

	return simple_read_from_buffer(user, len, pos, line, nr);
}

static const struct file_operations times_fops = {
	.owner	= THIS_MODULE,
	.read	= times_read,
	.write	= times_write,
};

static int __init phyr_dmabuf_times_init(void)
{
	int err;

	edu = pci_get_device(0x1234, 0x11e8, NULL);
	if (!edu)
		return -ENODEV;
	err = dma_set_mask_and_coherent(&edu->dev, DMA_BIT_MASK(48)) ?:
	      ib_register_client(&rdma_client);
	if (err) {
		pci_dev_put(edu);
		return err;
	}
	/*
	 * As most drivers that import do.  Another driver's limit may be set still, and
	 * it needs that if it is there.
	 */
	if (!edu->dev.driver)
		dma_set_max_seg_size(&edu->dev, UINT_MAX);
	file = debugfs_create_file("phyr_dmabuf_times", 0600, NULL, NULL,
				   &times_fops);
	return 0;
}
module_init(phyr_dmabuf_times_init);

static void __exit phyr_dmabuf_times_exit(void)
{
	debugfs_remove(file);
	drop_imports();
	ib_unregister_client(&rdma_client);
	pci_dev_put(edu);
}
module_exit(phyr_dmabuf_times_exit);

MODULE_IMPORT_NS("DMA_BUF");
MODULE_DESCRIPTION("Times of importing DMABUFs");
MODULE_LICENSE("GPL");
