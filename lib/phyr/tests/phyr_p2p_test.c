// SPDX-License-Identifier: GPL-2.0-only
/*
 * Peer-to-peer DMA by physical-range lists, for real: QEMU's "edu" reads and writes
 * the BAR of an "ivshmem-plain", the memory buffer of an NVMe controller, and system
 * memory, over lists that have them in any order.
 *
 * What has to be in each memory is known to the byte, and all of it is compared, not
 * only what a list has.  tools/testing/phyr/p2p boots the machines for it; results
 * are read from debugfs, a row a line.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bvec.h>
#include <linux/cleanup.h>
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/iommu.h>
#include <linux/module.h>
#include <linux/pci-p2pdma.h>
#include <linux/phyr_dma.h>
#include <linux/prandom.h>
#include <linux/seq_file.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "edu.h"

#define IVSHMEM_VENDOR		0x1af4
#define IVSHMEM_DEVICE		0x1110

/* Where both peers have their memory. */
#define PEER_BAR		2

/* Of each memory as much is used, in slots of which a range takes one. */
#define POOL_SIZE		SZ_512K
#define NR_SLOTS		(POOL_SIZE / PAGE_SIZE)
#define MAX_RANGES		64

enum { BAR, CMB, RAM, NR_POOLS };

static const char * const pool_names[NR_POOLS] = { "bar", "cmb", "ram" };

struct p2p_pool {
	struct pci_dev		*pdev;
	void __iomem		*mem;		/* NULL: not there */
	phys_addr_t		phys;
	struct p2pdma_provider	*provider;	/* where there are no pages */
	u8			*expected;	/* what has to be in it */
};

struct p2p_edu {
	struct edu		hw;
	void			*buf;		/* of EDU_LOCAL_SIZE bytes */
	dma_addr_t		addr;
};

/* What drivers take away when they go, under @p2p_lock. */
static DEFINE_MUTEX(p2p_lock);
static struct p2p_pool pools[NR_POOLS];
static struct p2p_edu *p2p_edu;

static struct rnd_state rnd;

/* --- lists ----------------------------------------------------------------- */

enum p2p_cut {
	PAGES,		/* a page each, far from each other */
	RUN,		/* pages, each after the one before */
	ODD,		/* parts of a page */
	BYTES,		/* a few bytes */
};

static const char * const cut_names[] = {
	[PAGES] = "pages", [RUN] = "run", [ODD] = "odd", [BYTES] = "bytes",
};

/* Ranges of the memories in @order, again and again. */
struct p2p_shape {
	u8		order[4];
	u8		nr_order;
	u8		nr;
	enum p2p_cut	cut;
};

static const struct p2p_shape shapes[] = {
	{ { RAM }, 1, 1, PAGES },
	{ { RAM }, 1, 64, ODD },
	{ { BAR }, 1, 1, PAGES },
	{ { BAR }, 1, 1, ODD },
	{ { BAR }, 1, 16, RUN },
	{ { BAR }, 1, 64, PAGES },
	{ { BAR }, 1, 64, ODD },
	{ { CMB }, 1, 1, PAGES },
	{ { CMB }, 1, 1, ODD },
	{ { CMB }, 1, 16, RUN },
	{ { CMB }, 1, 64, PAGES },
	{ { CMB }, 1, 64, ODD },
	{ { BAR, CMB }, 2, 2, PAGES },
	{ { CMB, BAR }, 2, 2, PAGES },
	{ { BAR, CMB }, 2, 64, PAGES },
	{ { BAR, RAM }, 2, 2, PAGES },
	{ { RAM, BAR }, 2, 2, PAGES },
	{ { RAM, BAR }, 2, 63, ODD },
	{ { CMB, RAM }, 2, 2, PAGES },
	{ { RAM, CMB }, 2, 2, PAGES },
	{ { CMB, RAM }, 2, 33, ODD },
	{ { BAR, RAM, CMB }, 3, 3, PAGES },
	{ { CMB, RAM, BAR }, 3, 3, PAGES },
	{ { RAM, BAR, CMB }, 3, 16, PAGES },
	{ { BAR, CMB, RAM }, 3, 64, PAGES },
	{ { CMB, BAR, RAM }, 3, 64, ODD },
	{ { RAM, CMB, BAR }, 3, 63, BYTES },
	{ { RAM, BAR, RAM, CMB }, 4, 64, RUN },
};

struct p2p_range {
	struct p2p_pool	*pool;
	u32		offset;
	u32		len;
};

struct p2p_list {
	struct phyr		list;
	struct phyr_dma		dma;
	unsigned int		nr;
	struct p2p_range	ranges[MAX_RANGES];
};

/* No two ranges of a list share a slot: they take every 37th of them, or all. */
static void p2p_cut_range(const struct p2p_shape *shape, unsigned int nth,
			  struct p2p_range *range)
{
	u32 slot = (shape->cut == RUN ? nth : 37 * nth + 5) % NR_SLOTS;

	range->offset = slot * PAGE_SIZE;
	range->len = PAGE_SIZE;
	if (shape->cut == ODD || shape->cut == BYTES) {
		range->offset += 1 + prandom_u32_state(&rnd) % 1500;
		range->len = 1 + prandom_u32_state(&rnd) %
				 (shape->cut == ODD ? 2500 : 7);
	}
}

/* Every way to append a page, one after the other: each has to find out whose it is. */
static int p2p_append_page(struct phyr *list, struct page *page,
			   unsigned int offset, unsigned int len)
{
	static unsigned int nth;
	struct bio_vec bvec;

	switch (nth++ % 3) {
	case 0:
		return phyr_append_pages(list, &page, 1, offset, len, GFP_KERNEL);
	case 1:
		offset += folio_page_idx(page_folio(page), page) * PAGE_SIZE;
		return phyr_append_folio(list, page_folio(page), offset, len,
					 GFP_KERNEL);
	default:
		bvec_set_page(&bvec, page, len, offset);
		return phyr_append_bvecs(list, &bvec, 1, GFP_KERNEL);
	}
}

/* Pages know whose they are, and other device memory has a provider. */
static int p2p_append(struct phyr *list, const struct p2p_range *range)
{
	const struct p2p_pool *pool = range->pool;
	phys_addr_t phys = pool->phys + range->offset;

	if (!pool->mem)
		return -ENODEV;
	if (pool->provider)
		return phyr_append_mmio(list, phys, range->len, pool->provider,
					GFP_KERNEL);
	return p2p_append_page(list, pfn_to_page(PHYS_PFN(phys)),
			       offset_in_page(phys), range->len);
}

static void p2p_free(struct p2p_list *l)
{
	if (IS_ERR_OR_NULL(l))
		return;
	phyr_dma_unmap(&l->dma);
	phyr_destroy(&l->list);
	kvfree(l);
}

DEFINE_FREE(p2p_list, struct p2p_list *, p2p_free(_T))

static struct p2p_list *p2p_new(const struct p2p_shape *shape)
{
	struct p2p_list *l __free(p2p_list) = kvzalloc_obj(*l);
	unsigned int used[NR_POOLS] = { };
	int err;

	if (!l)
		return ERR_PTR(-ENOMEM);
	for (l->nr = 0; l->nr < shape->nr; l->nr++) {
		u8 pool = shape->order[l->nr % shape->nr_order];
		struct p2p_range *range = &l->ranges[l->nr];

		range->pool = &pools[pool];
		p2p_cut_range(shape, used[pool]++, range);
		err = p2p_append(&l->list, range);
		if (err)
			return ERR_PTR(err);
	}
	return_ptr(l);
}

/* In one step, or in two for a device that reads. */
static int p2p_map(struct p2p_list *l, enum dma_data_direction dir)
{
	struct device *dev;
	int err;

	if (!p2p_edu)
		return -ENODEV;
	dev = &p2p_edu->hw.pdev->dev;
	if (dir != DMA_TO_DEVICE)
		return phyr_dma_map(&l->dma, dev, &l->list, dir, 0, GFP_KERNEL);

	err = phyr_dma_reserve(&l->dma, dev, phyr_bytes(&l->list));
	if (err)
		return err;
	err = phyr_dma_link(&l->dma, &l->list, dir, 0, GFP_KERNEL);
	if (err)
		phyr_dma_release(&l->dma);
	return err;
}

/* --- transfers ------------------------------------------------------------- */

/* From the CPU to a piece of a mapping, by way of the device. */
static int p2p_store(dma_addr_t addr, const u8 *data, u64 len)
{
	int err;

	memcpy(p2p_edu->buf, data, len);
	err = edu_fetch(&p2p_edu->hw, p2p_edu->addr, 0, len);
	return err ?: edu_store(&p2p_edu->hw, addr, 0, len);
}

/* And back, over what the CPU's buffer had before. */
static int p2p_fetch(dma_addr_t addr, u8 *data, u64 len)
{
	int err;

	memcpy(p2p_edu->buf, data, len);
	err = edu_fetch(&p2p_edu->hw, addr, 0, len) ?:
	      edu_store(&p2p_edu->hw, p2p_edu->addr, 0, len);
	memcpy(data, p2p_edu->buf, len);
	return err;
}

/* All of a list, from @data or to it. */
static int p2p_move(struct p2p_list *l, u8 *data, bool store)
{
	PHYR_DMA_STATE(ds, &l->dma);
	dma_addr_t addr;
	u64 len, done = 0;
	int err = 0;

	while (!err && (len = phyr_dmas_piece(&ds, EDU_LOCAL_SIZE, &addr))) {
		err = store ? p2p_store(addr, data + done, len) :
			      p2p_fetch(addr, data + done, len);
		done += len;
	}
	if (!err && done != phyr_bytes(&l->list))
		err = -EIO;
	return err;
}

/* --- what has to be where -------------------------------------------------- */

static u64 p2p_differences(const u8 *a, const u8 *b, size_t len)
{
	u64 nr = 0;

	while (len--)
		nr += *a++ != *b++;
	return nr;
}

/* The bytes of all memories that aren't what they should be. */
static u64 p2p_bytes_wrong(void)
{
	u8 *page __free(kfree) = kmalloc(PAGE_SIZE, GFP_KERNEL);
	u64 wrong = 0;

	if (!page)
		return U64_MAX;
	for (unsigned int i = 0; i < NR_POOLS; i++) {
		const struct p2p_pool *pool = &pools[i];

		for (size_t at = 0; pool->mem && at < POOL_SIZE; at += PAGE_SIZE) {
			memcpy_fromio(page, pool->mem + at, PAGE_SIZE);
			wrong += p2p_differences(page, pool->expected + at,
						 PAGE_SIZE);
		}
	}
	return wrong;
}

/* @data is what all ranges have to have, one after the other. */
static void p2p_expect(const struct p2p_list *l, const u8 *data)
{
	for (unsigned int i = 0; i < l->nr; i++) {
		const struct p2p_range *range = &l->ranges[i];

		memcpy(range->pool->expected + range->offset, data, range->len);
		data += range->len;
	}
}

static void p2p_write(const struct p2p_list *l, const u8 *data)
{
	for (unsigned int i = 0; i < l->nr; i++) {
		const struct p2p_range *range = &l->ranges[i];

		memcpy_toio(range->pool->mem + range->offset, data, range->len);
		data += range->len;
	}
	/* Device memory may be written through buffers of the CPU. */
	wmb();
}

struct p2p_result {
	int		err;
	u64		wrong;		/* bytes */
	const char	*mode;
	u64		dma_ranges;
	bool		bus;
	bool		left;		/* something of a mapping */
};

/* The device writes, and the CPU compares all there is. */
static void p2p_device_writes(struct p2p_list *l, u8 *data,
			      struct p2p_result *result)
{
	prandom_bytes_state(&rnd, data, phyr_bytes(&l->list));
	result->err = p2p_move(l, data, true);
	phyr_dma_sync_for_cpu(&l->dma);
	p2p_expect(l, data);
	result->wrong += p2p_bytes_wrong();
}

/* The CPU writes, the device reads and writes to system memory. */
static void p2p_cpu_writes(struct p2p_list *l, u8 *data, struct p2p_result *result)
{
	u8 *seen __free(kvfree) = kvmalloc(phyr_bytes(&l->list), GFP_KERNEL);
	u64 bytes = phyr_bytes(&l->list);

	if (!seen) {
		result->err = -ENOMEM;
		return;
	}
	prandom_bytes_state(&rnd, data, bytes);
	p2p_expect(l, data);
	p2p_write(l, data);
	phyr_dma_sync_for_device(&l->dma);
	/* What isn't read is wrong. */
	for (u64 i = 0; i < bytes; i++)
		seen[i] = ~data[i];
	result->err = p2p_move(l, seen, false);
	result->wrong += p2p_differences(data, seen, bytes) + p2p_bytes_wrong();
}

/* --- cells ----------------------------------------------------------------- */

/* Is every range of a peer at its bus address, whatever else is mapped how? */
static bool p2p_is_bus(const struct p2p_list *l)
{
	PHYR_DMA_STATE(ds, &l->dma);
	unsigned int peers = 0;

	for (unsigned int i = 0; i < l->nr; i++) {
		const struct p2p_range *range = &l->ranges[i];
		dma_addr_t addr, bus;
		u64 len;

		len = phyr_dmas_piece(&ds, range->len, &addr);
		if (!range->pool->pdev)
			continue;
		peers++;
		bus = pci_bus_address(range->pool->pdev, PEER_BAR) +
		      (range->pool->phys + range->offset -
		       pci_resource_start(range->pool->pdev, PEER_BAR));
		if (len != range->len || addr != bus)
			return false;
	}
	return peers;
}

static void p2p_show_shape(struct seq_file *m, const struct p2p_shape *shape)
{
	seq_puts(m, "cell\t");
	for (unsigned int i = 0; i < shape->nr_order; i++)
		seq_printf(m, "%s%s", i ? "+" : "", pool_names[shape->order[i]]);
	seq_printf(m, "\t%u\t%s", shape->nr, cut_names[shape->cut]);
}

/* Each direction is a mapping of its own, which doesn't allow for the other one. */
static void p2p_one_way(struct p2p_list *l, enum dma_data_direction dir, u8 *data,
			struct p2p_result *result)
{
	result->err = p2p_map(l, dir);
	if (!result->err) {
		result->mode = phyr_dma_mode_name(&l->dma);
		result->dma_ranges = phyr_dma_nr_ranges(&l->dma);
		result->bus = p2p_is_bus(l);
		if (data && dir == DMA_FROM_DEVICE)
			p2p_device_writes(l, data, result);
		else if (data)
			p2p_cpu_writes(l, data, result);
		phyr_dma_unmap(&l->dma);
	}
	if (memchr_inv(&l->dma, 0, sizeof(l->dma)))
		result->left = true;
}

/* Without @move, the addresses are all that there is to see. */
static void p2p_cell(struct seq_file *m, const struct p2p_shape *shape, bool move)
{
	struct p2p_result result = { .mode = "none" };
	struct p2p_list *l __free(p2p_list) = p2p_new(shape);
	u8 *data __free(kvfree) = NULL;

	result.err = PTR_ERR_OR_ZERO(l);
	if (!result.err && move) {
		data = kvmalloc(phyr_bytes(&l->list), GFP_KERNEL);
		if (!data)
			result.err = -ENOMEM;
	}
	if (!result.err)
		p2p_one_way(l, DMA_FROM_DEVICE, data, &result);
	if (!result.err || result.err == -EREMOTEIO)
		p2p_one_way(l, DMA_TO_DEVICE, data, &result);
	p2p_show_shape(m, shape);
	seq_printf(m, "\t%s\t%llu\t%d\t%d\t%llu\t%llu\t%d\n", result.mode,
		   result.dma_ranges, result.bus, result.err,
		   data && !result.err ? phyr_bytes(&l->list) : 0, result.wrong,
		   result.left);
}

static int p2p_cells_show(struct seq_file *m, void *unused)
{
	guard(mutex)(&p2p_lock);
	for (unsigned int i = 0; i < ARRAY_SIZE(shapes); i++)
		p2p_cell(m, &shapes[i], true);
	return 0;
}

/* Where QEMU has no way for the bytes, the addresses are to be had. */
static int p2p_addresses_show(struct seq_file *m, void *unused)
{
	guard(mutex)(&p2p_lock);
	for (unsigned int i = 0; i < ARRAY_SIZE(shapes); i++)
		p2p_cell(m, &shapes[i], false);
	return 0;
}

/* --- memory of peers ------------------------------------------------------- */

/* From now on, @pool has what it happens to have. */
static int p2p_pool_start(struct p2p_pool *pool, void __iomem *mem,
			  phys_addr_t phys)
{
	pool->expected = kvmalloc(POOL_SIZE, GFP_KERNEL);
	if (!pool->expected)
		return -ENOMEM;
	memcpy_fromio(pool->expected, mem, POOL_SIZE);
	pool->phys = phys;
	pool->mem = mem;
	return 0;
}

static void p2p_pool_stop(struct p2p_pool *pool)
{
	kvfree(pool->expected);
	pci_dev_put(pool->pdev);
	*pool = (struct p2p_pool){ };
}

static int p2p_get_ram(void)
{
	void *mem = alloc_pages_exact(POOL_SIZE, GFP_KERNEL | __GFP_ZERO);
	int err;

	if (!mem)
		return -ENOMEM;
	err = p2p_pool_start(&pools[RAM], (void __force __iomem *)mem,
			     virt_to_phys(mem));
	if (err)
		free_pages_exact(mem, POOL_SIZE);
	return err;
}

static void p2p_put_ram(void)
{
	free_pages_exact((void __force *)pools[RAM].mem, POOL_SIZE);
	p2p_pool_stop(&pools[RAM]);
}

/* The controller's driver has made pages of its buffer, and gives some away. */
static int p2p_get_cmb(void)
{
	struct p2p_pool *pool = &pools[CMB];
	void *mem = NULL;
	int err;

	pool->pdev = pci_get_class(PCI_CLASS_STORAGE_EXPRESS, NULL);
	if (pool->pdev)
		mem = pci_alloc_p2pmem(pool->pdev, POOL_SIZE);
	if (!mem) {
		p2p_pool_stop(pool);
		return -ENODEV;
	}
	err = p2p_pool_start(pool, (void __force __iomem *)mem,
			     page_to_phys(virt_to_page(mem)));
	if (err) {
		pci_free_p2pmem(pool->pdev, mem, POOL_SIZE);
		p2p_pool_stop(pool);
	}
	return err;
}

static void p2p_put_cmb(void)
{
	struct p2p_pool *pool = &pools[CMB];

	if (pool->mem)
		pci_free_p2pmem(pool->pdev, (void __force *)pool->mem, POOL_SIZE);
	p2p_pool_stop(pool);
}

/* --- drivers --------------------------------------------------------------- */

/* A list that is mapped when drivers go, which is theirs to see to. */
static struct p2p_list *p2p_held;

static void p2p_revoke(void)
{
	lockdep_assert_held(&p2p_lock);
	if (p2p_held)
		phyr_dma_unmap(&p2p_held->dma);
}

static int p2p_peer_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct p2p_pool *pool = &pools[BAR];
	void __iomem *mem;
	int err;

	err = pcim_enable_device(pdev);
	if (err)
		return err;
	if (pci_resource_len(pdev, PEER_BAR) < POOL_SIZE)
		return -ENODEV;
	err = pcim_p2pdma_init(pdev);
	if (err)
		return err;
	mem = pcim_iomap_region(pdev, PEER_BAR, KBUILD_MODNAME);
	if (IS_ERR(mem))
		return PTR_ERR(mem);

	guard(mutex)(&p2p_lock);
	if (pool->mem)
		return -EBUSY;
	err = p2p_pool_start(pool, mem, pci_resource_start(pdev, PEER_BAR));
	if (err)
		return err;
	pool->pdev = pci_dev_get(pdev);
	pool->provider = pcim_p2pdma_provider(pdev, PEER_BAR);
	return 0;
}

/* After this the provider is gone: nobody may map by it, or be mapped. */
static void p2p_peer_remove(struct pci_dev *pdev)
{
	guard(mutex)(&p2p_lock);
	p2p_revoke();
	p2p_pool_stop(&pools[BAR]);
}

static const struct pci_device_id p2p_peer_ids[] = {
	{ PCI_DEVICE(IVSHMEM_VENDOR, IVSHMEM_DEVICE) },
	{ }
};

static struct pci_driver p2p_peer_driver = {
	.name		= "phyr_p2p_peer",
	.id_table	= p2p_peer_ids,
	.probe		= p2p_peer_probe,
	.remove		= p2p_peer_remove,
};

static int p2p_edu_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct p2p_edu *edu;
	int err;

	edu = devm_kzalloc(&pdev->dev, sizeof(*edu), GFP_KERNEL);
	if (!edu)
		return -ENOMEM;
	err = edu_start(&edu->hw, pdev, 48);
	if (err)
		return err;
	edu->buf = dmam_alloc_coherent(&pdev->dev, EDU_LOCAL_SIZE, &edu->addr,
				       GFP_KERNEL);
	if (!edu->buf)
		return -ENOMEM;
	guard(mutex)(&p2p_lock);
	if (p2p_edu)
		return -EBUSY;
	p2p_edu = edu;
	return 0;
}

static void p2p_edu_remove(struct pci_dev *pdev)
{
	guard(mutex)(&p2p_lock);
	p2p_revoke();
	p2p_edu = NULL;
}

static const struct pci_device_id p2p_edu_ids[] = {
	{ PCI_DEVICE(EDU_VENDOR, EDU_DEVICE) },
	{ }
};

static struct pci_driver p2p_edu_driver = {
	.name		= "phyr_p2p_edu",
	.id_table	= p2p_edu_ids,
	.probe		= p2p_edu_probe,
	.remove		= p2p_edu_remove,
};

/* --- drivers that go while lists exist ------------------------------------- */

static unsigned int p2p_failures;

static bool p2p_check(bool holds, int line, const char *what)
{
	if (!holds) {
		pr_err("FAILED: line %d: %s\n", line, what);
		p2p_failures++;
	}
	return holds;
}

#define EXPECT(condition)	p2p_check(condition, __LINE__, #condition)

static const struct p2p_shape held_shapes[] = {
	[BAR] = { { BAR, RAM }, 2, 8, PAGES },
	[CMB] = { { CMB, RAM }, 2, 8, PAGES },
};

/* An address that the device was given, for p2p_reaches(). */
static dma_addr_t p2p_first_addr(const struct p2p_list *l)
{
	PHYR_DMA_STATE(ds, &l->dma);
	struct dma_range range;

	return phyr_dmas_next(&ds, &range) ? range.addr : DMA_MAPPING_ERROR;
}

/* Does the IOMMU, if there is one, still let the device there? */
static bool p2p_reaches(dma_addr_t addr)
{
	struct iommu_domain *domain = NULL;

	if (p2p_edu)
		domain = iommu_get_domain_for_dev(&p2p_edu->hw.pdev->dev);
	if (!domain || domain->type == IOMMU_DOMAIN_IDENTITY)
		return false;
	return iommu_iova_to_phys(domain, addr);
}

static struct p2p_list *p2p_new_mapped(unsigned int pool)
{
	struct p2p_list *l __free(p2p_list) = p2p_new(&held_shapes[pool]);
	int err;

	if (IS_ERR(l))
		return_ptr(l);
	err = p2p_map(l, DMA_BIDIRECTIONAL);
	if (err)
		return ERR_PTR(err);
	return_ptr(l);
}

static bool p2p_hold(unsigned int pool)
{
	struct p2p_list *l;

	guard(mutex)(&p2p_lock);
	l = p2p_new_mapped(pool);
	if (IS_ERR(l))
		return false;
	p2p_held = l;
	return true;
}

static void p2p_drop(void)
{
	guard(mutex)(&p2p_lock);
	p2p_free(p2p_held);
	p2p_held = NULL;
}

static int p2p_refused(unsigned int pool)
{
	guard(mutex)(&p2p_lock);
	struct p2p_list *l __free(p2p_list) = p2p_new_mapped(pool);

	return PTR_ERR_OR_ZERO(l);
}

/* Without a look at the provider: a walk, a copy and a part of a dead list. */
static bool p2p_can_be_walked(struct p2p_list *l)
{
	struct phyr copy = PHYR_INIT;
	struct phyr_range range;
	u64 bytes = 0;
	bool good;

	phyr_for_each_range(&l->list, range)
		bytes += range.len;
	good = bytes == phyr_bytes(&l->list) &&
	       !phyr_clone(&copy, &l->list, GFP_KERNEL) &&
	       phyr_nr_ranges(&copy) == phyr_nr_ranges(&l->list);
	phyr_truncate(&copy, PAGE_SIZE);
	phyr_destroy(&copy);
	return good;
}

static void p2p_expect_again(struct pci_dev *pdev, unsigned int pool)
{
	EXPECT(device_attach(&pdev->dev) == 1);
	if (!pools[CMB].mem) {
		guard(mutex)(&p2p_lock);
		EXPECT(!p2p_get_cmb());
	}
	EXPECT(!p2p_refused(pool));
	pci_dev_put(pdev);
}

/*
 * The peer's driver unmaps all that there is, and whoever asks for more is told
 * that it's gone.  Lists of its memory may live on, and mean nothing.
 */
static void p2p_peer_goes(void)
{
	struct pci_dev *pdev = pci_dev_get(pools[BAR].pdev);
	dma_addr_t addr;

	if (EXPECT(p2p_hold(BAR))) {
		addr = p2p_first_addr(p2p_held);
		device_release_driver(&pdev->dev);
		EXPECT(!phyr_dma_mapped(&p2p_held->dma));
		EXPECT(!p2p_reaches(addr));
		EXPECT(p2p_refused(BAR) == -ENODEV);
		EXPECT(p2p_can_be_walked(p2p_held));
		p2p_drop();
	}
	p2p_expect_again(pdev, BAR);
}

static void p2p_unmap_late(struct p2p_list *l, struct pci_dev *pdev)
{
	dma_addr_t addr = p2p_first_addr(l);

	device_release_driver(&pdev->dev);
	phyr_dma_sync_for_cpu(&l->dma);
	phyr_dma_sync_for_device(&l->dma);
	phyr_dma_unmap(&l->dma);
	EXPECT(!p2p_reaches(addr));
	EXPECT(p2p_can_be_walked(l));
	p2p_free(l);
}

/*
 * A mapping that is undone late, against the rules: that doesn't ask the provider
 * any more, either.
 */
static void p2p_peer_goes_first(void)
{
	struct pci_dev *pdev = pci_dev_get(pools[BAR].pdev);
	struct p2p_list *l;

	scoped_guard(mutex, &p2p_lock)
		l = p2p_new_mapped(BAR);
	if (EXPECT(!IS_ERR(l)))
		p2p_unmap_late(l, pdev);
	p2p_expect_again(pdev, BAR);
}

/* The device that maps goes: what it has mapped has to be undone before. */
static void p2p_client_goes(void)
{
	struct pci_dev *pdev = pci_dev_get(p2p_edu->hw.pdev);

	if (EXPECT(p2p_hold(BAR))) {
		device_release_driver(&pdev->dev);
		EXPECT(!phyr_dma_mapped(&p2p_held->dma));
		EXPECT(p2p_refused(BAR) == -ENODEV);
		p2p_drop();
	}
	p2p_expect_again(pdev, BAR);
}

struct p2p_unbind {
	struct work_struct	work;
	struct completion	done;
	struct pci_dev		*pdev;
};

static void p2p_unbind(struct work_struct *work)
{
	struct p2p_unbind *unbind = container_of(work, struct p2p_unbind, work);

	device_release_driver(&unbind->pdev->dev);
	complete(&unbind->done);
}

/* Until the last one gives its pages back, all goes on as before. */
static void p2p_expect_waiting(struct p2p_unbind *unbind)
{
	msleep(1000);
	EXPECT(!completion_done(&unbind->done));
	EXPECT(phyr_dma_mapped(&p2p_held->dma));
	EXPECT(!p2p_refused(CMB));
	p2p_drop();
	msleep(1000);
	EXPECT(!completion_done(&unbind->done));
	scoped_guard(mutex, &p2p_lock)
		p2p_put_cmb();
	EXPECT(wait_for_completion_timeout(&unbind->done, 30 * HZ));
}

/*
 * Where there are pages, the removal of their driver waits for who has them, and
 * the provider with it.
 */
static void p2p_pages_go(void)
{
	struct p2p_unbind unbind = { .pdev = pci_dev_get(pools[CMB].pdev) };

	INIT_WORK_ONSTACK(&unbind.work, p2p_unbind);
	init_completion(&unbind.done);
	if (EXPECT(p2p_hold(CMB))) {
		queue_work(system_dfl_wq, &unbind.work);
		p2p_expect_waiting(&unbind);
		flush_work(&unbind.work);
		EXPECT(p2p_refused(CMB) == -ENODEV);
	}
	destroy_work_on_stack(&unbind.work);
	p2p_expect_again(unbind.pdev, CMB);
}

static const struct {
	const char	*name;
	void		(*run)(void);
} p2p_unbinds[] = {
	{ "peer", p2p_peer_goes },
	{ "peer-first", p2p_peer_goes_first },
	{ "client", p2p_client_goes },
	{ "pages", p2p_pages_go },
};

static int p2p_unbind_show(struct seq_file *m, void *unused)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(p2p_unbinds); i++) {
		p2p_failures = 0;
		p2p_unbinds[i].run();
		seq_printf(m, "unbind\t%s\t%s\n", p2p_unbinds[i].name,
			   p2p_failures ? "no" : "yes");
	}
	return 0;
}

/* --- debugfs --------------------------------------------------------------- */

static struct dentry *p2p_dir;

/* Reading does the work: there has to be room for all rows at once. */
static int p2p_open(struct inode *inode, struct file *file)
{
	return single_open_size(file, inode->i_private, NULL, SZ_64K);
}

static const struct file_operations p2p_fops = {
	.owner		= THIS_MODULE,
	.open		= p2p_open,
	.read		= seq_read,
	.llseek		= seq_lseek,
	.release	= single_release,
};

/* What the host has to find in its file. */
static ssize_t p2p_bar_read(struct file *file, char __user *buf, size_t len,
			    loff_t *pos)
{
	guard(mutex)(&p2p_lock);
	if (!pools[BAR].expected)
		return -ENODEV;
	return simple_read_from_buffer(buf, len, pos, pools[BAR].expected,
				       POOL_SIZE);
}

static const struct file_operations p2p_bar_fops = {
	.owner	= THIS_MODULE,
	.open	= simple_open,
	.read	= p2p_bar_read,
};

static void p2p_add_files(void)
{
	p2p_dir = debugfs_create_dir("phyr_p2p", NULL);
	debugfs_create_file("cells", 0400, p2p_dir, p2p_cells_show, &p2p_fops);
	debugfs_create_file("addresses", 0400, p2p_dir, p2p_addresses_show,
			    &p2p_fops);
	debugfs_create_file("unbind", 0400, p2p_dir, p2p_unbind_show, &p2p_fops);
	debugfs_create_file("bar", 0400, p2p_dir, NULL, &p2p_bar_fops);
}

/* --- all ------------------------------------------------------------------- */

static int __init p2p_init(void)
{
	int err;

	prandom_seed_state(&rnd, 1);
	err = p2p_get_ram();
	if (err)
		return err;
	err = p2p_get_cmb();
	if (err)
		goto put_ram;
	err = pci_register_driver(&p2p_peer_driver);
	if (err)
		goto put_cmb;
	err = pci_register_driver(&p2p_edu_driver);
	if (err)
		goto unregister_peer;
	p2p_add_files();
	return 0;

unregister_peer:
	pci_unregister_driver(&p2p_peer_driver);
put_cmb:
	p2p_put_cmb();
put_ram:
	p2p_put_ram();
	return err;
}
module_init(p2p_init);

static void __exit p2p_exit(void)
{
	debugfs_remove(p2p_dir);
	pci_unregister_driver(&p2p_edu_driver);
	pci_unregister_driver(&p2p_peer_driver);
	p2p_put_cmb();
	p2p_put_ram();
}
module_exit(p2p_exit);

MODULE_DESCRIPTION("Test of physical-range lists: peer-to-peer DMA by QEMU's edu");
MODULE_IMPORT_NS("EXPORTED_FOR_KUNIT_TESTING");
MODULE_LICENSE("GPL");
