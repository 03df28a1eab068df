// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices that reach memory in every way that there is, and memory as they see
 * it.
 */

#include <kunit/test.h>
#include <linux/dma-direct.h>
#include <linux/dma-map-ops.h>
#include <linux/iommu.h>
#include <linux/iommu-dma.h>
#include <linux/pci.h>
#include <linux/platform_device.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/swiotlb.h>

#include "edu.h"
#include "test_devices.h"
#include "test_iommu.h"

static struct device *test_devices[PHYR_TEST_NR_WAYS];

/* --- dma_map_ops --- */

/* DMA addresses are given out in turn, whatever the physical addresses are. */
#define TEST_OPS_BASE		0x200000000000ULL
#define TEST_OPS_MAPPINGS	2048

struct test_mapping {
	dma_addr_t		addr;
	phys_addr_t		phys;
	size_t			len;
	enum dma_data_direction	dir;
	unsigned long		attrs;
};

static struct phyr_test_ops_state ops_state;
static struct test_mapping ops_mappings[TEST_OPS_MAPPINGS];
static dma_addr_t ops_next = TEST_OPS_BASE;

/* The mapping that holds all of a range of DMA addresses. */
static struct test_mapping *ops_find(dma_addr_t addr, size_t len)
{
	for (unsigned int i = 0; i < ops_state.live; i++) {
		struct test_mapping *m = &ops_mappings[i];

		if (addr >= m->addr && addr - m->addr < m->len &&
		    len <= m->len - (addr - m->addr))
			return m;
	}
	return NULL;
}

static dma_addr_t ops_map_phys(struct device *dev, phys_addr_t phys,
			       size_t len, enum dma_data_direction dir,
			       unsigned long attrs)
{
	struct test_mapping mapping = {
		.addr = ops_next,
		.phys = phys,
		.len = len,
		.dir = dir,
		.attrs = attrs,
	};

	ops_state.maps++;
	ops_state.errors += len > PHYR_TEST_OPS_MAX;
	if (ops_state.live == TEST_OPS_MAPPINGS ||
	    ops_state.fail_map == 1)
		return DMA_MAPPING_ERROR;
	ops_state.fail_map -= !!ops_state.fail_map;

	ops_mappings[ops_state.live++] = mapping;
	ops_next += len + ops_state.gap;
	return mapping.addr;
}

static void ops_unmap_phys(struct device *dev, dma_addr_t addr, size_t len,
			   enum dma_data_direction dir, unsigned long attrs)
{
	struct test_mapping *m = ops_find(addr, len);

	attrs &= ~DMA_ATTR_SKIP_CPU_SYNC;
	if (!m || m->addr != addr || m->len != len || m->dir != dir ||
	    (m->attrs & ~DMA_ATTR_SKIP_CPU_SYNC) != attrs) {
		ops_state.errors++;
		return;
	}

	*m = ops_mappings[--ops_state.live];
	if (!ops_state.live)
		ops_next = TEST_OPS_BASE;
}

static void ops_mark(phys_addr_t phys, size_t len)
{
	u8 *mark = ops_state.marks + (phys - ops_state.marks_phys);

	while (len--)
		++*mark++;
}

static void ops_sync(struct device *dev, dma_addr_t addr, size_t len,
		     enum dma_data_direction dir)
{
	struct test_mapping *m = ops_find(addr, len);

	/* What is mapped for both directions may be synced for one, as a DMABUF is. */
	if (!m || (m->dir != dir && m->dir != DMA_BIDIRECTIONAL) ||
	    m->attrs & DMA_ATTR_MMIO)
		ops_state.errors++;
	else if (ops_state.marks)
		ops_mark(m->phys + (addr - m->addr), len);
	ops_state.synced += len;
}

static size_t ops_max_mapping_size(struct device *dev)
{
	return PHYR_TEST_OPS_MAX;
}

static const struct dma_map_ops test_dma_ops = {
	.map_phys		= ops_map_phys,
	.unmap_phys		= ops_unmap_phys,
	.sync_single_for_cpu	= ops_sync,
	.sync_single_for_device	= ops_sync,
	.max_mapping_size	= ops_max_mapping_size,
};

struct phyr_test_ops_state *phyr_test_ops_state(void)
{
	return &ops_state;
}

/* --- each device's way to memory --- */

static int set_map(struct device *dev, const struct bus_dma_region *map,
		   size_t size)
{
	dev->dma_range_map = kmemdup(map, size, GFP_KERNEL);
	return dev->dma_range_map ? 0 : -ENOMEM;
}

static int setup_offset(struct device *dev)
{
	static const struct bus_dma_region map[] = {
		{ 0, PHYR_TEST_OFFSET_DELTA, BIT_ULL(46) },
		{ },
	};

	return set_map(dev, map, sizeof(map));
}

static int setup_regions(struct device *dev)
{
	static const struct bus_dma_region map[] = {
		{ 0, SZ_2M, SZ_1M },
		{ SZ_1M, 2 * PHYR_TEST_OFFSET_DELTA + SZ_1M,
		  BIT_ULL(46) - SZ_1M },
		{ },
	};

	return set_map(dev, map, sizeof(map));
}

/* Let the second distance begin at @phys: nothing may be mapped. */
void phyr_test_split_regions(phys_addr_t phys)
{
	struct bus_dma_region *map =
		(void *)test_devices[PHYR_TEST_REGIONS]->dma_range_map;

	map[0].size = phys;
	map[1].cpu_start = phys;
	map[1].dma_start = 2 * PHYR_TEST_OFFSET_DELTA + phys;
	map[1].size = BIT_ULL(46) - phys;
}

/* Setting the mask has the need for syncing found out anew: nothing may be mapped. */
void phyr_test_set_coherent(struct device *dev, bool coherent)
{
#ifdef CONFIG_ARCH_HAS_SYNC_DMA_FOR_DEVICE
	if (dev_is_dma_coherent(dev) == coherent)
		return;
	if (coherent)
		dev_set_dma_coherent(dev);
	else
		dev_clear_dma_coherent(dev);
	WARN_ON(dma_set_mask(dev, dma_get_mask(dev)));
#endif
}

/*
 * A copy of the system's bounce buffers, except that nothing gets past them.
 * Both share the slots and their locks; a dynamic pool can't be shared.
 */
static int setup_bounce(struct device *dev)
{
#ifdef CONFIG_SWIOTLB
	static struct io_tlb_mem mem;
	int ret;

	if (IS_ENABLED(CONFIG_SWIOTLB_DYNAMIC))
		return -EOPNOTSUPP;

	ret = swiotlb_init_late(SZ_4M, GFP_KERNEL, NULL);
	if (ret)
		return ret;
	if (!is_swiotlb_allocated())
		return -EOPNOTSUPP;

	mem = *dev->dma_io_tlb_mem;
	mem.force_bounce = true;
	dev->dma_io_tlb_mem = &mem;
	return 0;
#else
	return -EOPNOTSUPP;
#endif
}

static int setup_ops(struct device *dev)
{
	set_dma_ops(dev, &test_dma_ops);
	return 0;
}

static const struct test_way {
	const char	*name;
	int		(*setup)(struct device *dev);
	bool		platform;
} test_ways[PHYR_TEST_NR_WAYS] = {
	[PHYR_TEST_IDENTITY]	= { "identity", NULL, true },
	[PHYR_TEST_OFFSET]	= { "offset", setup_offset, true },
	[PHYR_TEST_REGIONS]	= { "regions", setup_regions, true },
	[PHYR_TEST_BOUNCE]	= { "bounce", setup_bounce, true },
	[PHYR_TEST_OPS]		= { "dma_map_ops", setup_ops, true },
	[PHYR_TEST_IOMMU]	= { "iommu", phyr_test_iommu_claim, true },
	[PHYR_TEST_PCI]		= { "pci" },
	[PHYR_TEST_UNTRUSTED]	= { "untrusted pci" },
};

const char *phyr_test_way_name(enum phyr_test_way way)
{
	return test_ways[way].name;
}

/* --- platform devices --- */

/* A driver has to be bound for a device to get its IOMMU domain. */
static int test_probe(struct platform_device *pdev)
{
	return dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(48));
}

static struct platform_driver test_driver = {
	.probe		= test_probe,
	.driver		= {
		.name		= "phyr-test",
		.probe_type	= PROBE_FORCE_SYNCHRONOUS,
	},
};

static int test_device_setup(struct platform_device *pdev,
			     const struct test_way *way)
{
	int ret = 0;

	/* What firmware tells of most devices. */
	arch_setup_dma_ops(&pdev->dev, true);
	if (way->setup)
		ret = way->setup(&pdev->dev);
	return ret ?: platform_device_add(pdev);
}

/* A way that this kernel doesn't have is no error: there is no device then. */
static int add_platform_device(enum phyr_test_way way)
{
	struct platform_device *pdev = platform_device_alloc("phyr-test", way);
	bool iommu = way == PHYR_TEST_IOMMU;
	int ret;

	if (!pdev)
		return -ENOMEM;

	ret = test_device_setup(pdev, &test_ways[way]);
	if (ret) {
		platform_device_put(pdev);
		return ret == -EOPNOTSUPP ? 0 : ret;
	}
	test_devices[way] = &pdev->dev;
	if (!device_is_bound(&pdev->dev) || use_dma_iommu(&pdev->dev) != iommu)
		return -ENODEV;
	return 0;
}

/* --- PCI devices --- */

/* The first device that QEMU has is trusted, the second isn't. */
static int test_pci_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	enum phyr_test_way way = PHYR_TEST_PCI;
	struct edu *edu;
	int ret;

	if (test_devices[way])
		way = PHYR_TEST_UNTRUSTED;
	if (test_devices[way] || !use_dma_iommu(&pdev->dev))
		return -ENODEV;

	edu = devm_kzalloc(&pdev->dev, sizeof(*edu), GFP_KERNEL);
	if (!edu)
		return -ENOMEM;
	ret = edu_start(edu, pdev, 48);
	if (ret)
		return ret;
	pci_set_drvdata(pdev, edu);
	/* The limits are those of a device that says nothing. */
	dma_set_max_seg_size(&pdev->dev, 0);

	pdev->untrusted = way == PHYR_TEST_UNTRUSTED;
	test_devices[way] = &pdev->dev;
	return 0;
}

static void test_pci_remove(struct pci_dev *pdev)
{
	enum phyr_test_way way = PHYR_TEST_PCI;

	if (test_devices[way] != &pdev->dev)
		way = PHYR_TEST_UNTRUSTED;
	test_devices[way] = NULL;
	pdev->untrusted = false;
}

/* Most tests only need a device that can do DMA, and ask its IOMMU. */
static const struct pci_device_id test_pci_ids[] = {
	{ PCI_DEVICE(EDU_VENDOR, EDU_DEVICE) },
	{ }
};

static struct pci_driver test_pci_driver = {
	.name		= "phyr-test",
	.id_table	= test_pci_ids,
	.probe		= test_pci_probe,
	.remove		= test_pci_remove,
	.driver		= {
		.probe_type	= PROBE_FORCE_SYNCHRONOUS,
	},
};

/* --- all devices --- */

/* What phyr_test_devices_add() got done. */
static bool iommu_registered, driver_registered, pci_registered;

static int register_iommu_and_drivers(void)
{
	int ret;

	ret = phyr_test_iommu_register();
	iommu_registered = !ret;
	if (ret)
		return ret;

	ret = platform_driver_register(&test_driver);
	driver_registered = !ret;
	if (ret)
		return ret;

	ret = pci_register_driver(&test_pci_driver);
	pci_registered = !ret;
	return ret;
}

/* DMA debugging is to report what a suite leaves mapped for a platform device. */
static void watch_platform_devices(void)
{
	static bool done;

	if (!done)
		dma_debug_add_bus(&platform_bus_type);
	done = true;
}

/* For suite_init(); phyr_test_devices_del() has to follow in any case. */
int phyr_test_devices_add(struct kunit_suite *suite)
{
	int ret = register_iommu_and_drivers();

	watch_platform_devices();

	for (int way = 0; way < PHYR_TEST_NR_WAYS && !ret; way++)
		if (test_ways[way].platform)
			ret = add_platform_device(way);
	return ret;
}

static void del_platform_devices(void)
{
	for (int way = 0; way < PHYR_TEST_NR_WAYS; way++) {
		struct device *dev = test_devices[way];

		if (!dev || !test_ways[way].platform)
			continue;
		platform_device_unregister(to_platform_device(dev));
		test_devices[way] = NULL;
	}
}

void phyr_test_devices_del(struct kunit_suite *suite)
{
	del_platform_devices();
	if (pci_registered)
		pci_unregister_driver(&test_pci_driver);
	if (driver_registered)
		platform_driver_unregister(&test_driver);
	if (iommu_registered)
		phyr_test_iommu_unregister();
	pci_registered = false;
	driver_registered = false;
	iommu_registered = false;
}

/* NULL if this machine has no such device. */
struct device *phyr_test_device(enum phyr_test_way way)
{
	return test_devices[way];
}

/* What lets the device of %PHYR_TEST_PCI or %PHYR_TEST_UNTRUSTED do DMA. */
struct edu *phyr_test_edu(struct device *dev)
{
	return dev_get_drvdata(dev);
}

/* --- memory as the device sees it --- */

/*
 * Where the device finds the byte at @addr, or 0 for nowhere: no test maps that
 * page.  *len is cut to the bytes that follow in the same mapping.
 */
static phys_addr_t ops_to_phys(dma_addr_t addr, size_t *len)
{
	struct test_mapping *m = ops_find(addr, 1);

	if (!m)
		return 0;
	*len = min(*len, m->addr + m->len - addr);
	return m->phys + (addr - m->addr);
}

static phys_addr_t dev_to_phys(struct device *dev, dma_addr_t addr, size_t *len)
{
	if (get_dma_ops(dev) == &test_dma_ops)
		return ops_to_phys(addr, len);

	*len = min(*len, PAGE_SIZE - offset_in_page(addr));
	if (use_dma_iommu(dev))
		return iommu_iova_to_phys(iommu_get_dma_domain(dev), addr);
	return dma_to_phys(dev, addr);
}

/* The same for the CPU: *len bytes may be used at the address returned. */
static void *dev_to_virt(struct device *dev, dma_addr_t addr, size_t *len)
{
	phys_addr_t phys = dev_to_phys(dev, addr, len);

	if (!phys || !pfn_valid(PHYS_PFN(phys)))
		return NULL;
	*len = min(*len, PAGE_SIZE - offset_in_page(phys));
	return phys_to_virt(phys);
}

/* Read as the device does: -EFAULT where there is nothing to read. */
int phyr_test_dev_read(struct device *dev, dma_addr_t addr, void *buf,
		       size_t len)
{
	while (len) {
		size_t n = len;
		void *from = dev_to_virt(dev, addr, &n);

		if (!from)
			return -EFAULT;
		memcpy(buf, from, n);
		addr += n;
		buf += n;
		len -= n;
	}
	return 0;
}

/* Write as the device does: -EFAULT where there is nothing to write. */
int phyr_test_dev_write(struct device *dev, dma_addr_t addr, const void *buf,
			size_t len)
{
	while (len) {
		size_t n = len;
		void *to = dev_to_virt(dev, addr, &n);

		if (!to)
			return -EFAULT;
		memcpy(to, buf, n);
		addr += n;
		buf += n;
		len -= n;
	}
	return 0;
}

/* --- IOVA space --- */

#define TEST_WINDOW	SZ_1M
#define TEST_WINDOWS	64

/*
 * How many windows fit below 64 MiB: where something is left allocated there,
 * there are fewer.  Those that were freed to the IOVA caches don't count, since
 * the caches are emptied before an allocation fails.
 */
unsigned int phyr_test_iova_room(struct device *dev)
{
	static struct dma_iova_state windows[TEST_WINDOWS];
	u64 mask = *dev->dma_mask;
	unsigned int nr = 0;

	*dev->dma_mask = TEST_WINDOWS * TEST_WINDOW - 1;
	while (nr < TEST_WINDOWS &&
	       dma_iova_try_alloc(dev, &windows[nr], 0, TEST_WINDOW))
		nr++;
	*dev->dma_mask = mask;

	for (unsigned int i = 0; i < nr; i++)
		dma_iova_free(dev, &windows[i]);
	return nr;
}
