// SPDX-License-Identifier: GPL-2.0-only
/*
 * An IOMMU in software, for tests of mapping and to time it.
 *
 * generic_pt maintains the page tables.  Its map and unmap functions are called
 * through a copy of their table, so that a test can count calls and bytes, and
 * let a call fail.
 */

#include <linux/bitfield.h>
#include <linux/device.h>
#include <linux/generic_pt/iommu.h>
#include <linux/generic_pt/iommu_vecs.h>
#include <linux/io.h>
#include <linux/iommu.h>
#include <linux/platform_device.h>
#include <linux/property.h>
#include <linux/slab.h>

#include "dma-iommu.h"
#include "iommu-pages.h"
#include "test_iommu.h"

struct test_domain {
	union {
		struct iommu_domain		domain;
		struct pt_iommu_amdv1		amdv1;
	};
	const struct pt_iommu_ops		*pt_ops;
	struct pt_iommu_ops			counting_ops;
	struct phyr_test_iommu_state		state;
	spinlock_t				top_lock; /* of the page tables */
};

PT_IOMMU_CHECK_DOMAIN(struct test_domain, amdv1.iommu, domain);

static struct platform_device *test_hw;
static struct iommu_device test_iommu;

static struct test_domain *to_test_domain(struct iommu_domain *domain)
{
	return container_of(domain, struct test_domain, domain);
}

static struct test_domain *pt_to_test_domain(struct pt_iommu *table)
{
	return container_of(table, struct test_domain, amdv1.iommu);
}

/* The state of a domain that is known to be one of this IOMMU. */
struct phyr_test_iommu_state *
phyr_test_domain_state(struct iommu_domain *domain)
{
	return &to_test_domain(domain)->state;
}

/* --- page tables --- */

static int test_map_range(struct pt_iommu *table, dma_addr_t iova,
			  phys_addr_t phys, dma_addr_t len, unsigned int prot,
			  gfp_t gfp, size_t *mapped)
{
	struct test_domain *td = pt_to_test_domain(table);
	size_t before = *mapped;
	int ret;

	td->state.maps++;
	td->state.prot = prot;
	td->state.gfp = gfp;
	if (td->state.fail_map && !--td->state.fail_map)
		return -ENOMEM;

	ret = td->pt_ops->map_range(table, iova, phys, len, prot, gfp, mapped);
	td->state.mapped += *mapped - before;
	return ret;
}

/* As many calls as there are ranges, of which one may fail. */
static int test_map_vecs(struct pt_iommu *table,
			 const struct pt_iommu_vecs *vecs, size_t *mapped)
{
	struct test_domain *td = pt_to_test_domain(table);
	struct pt_iommu_vecs some = *vecs;
	size_t before = *mapped;
	int ret = 0;

	td->state.prot = vecs->prot;
	td->state.gfp = vecs->gfp;
	if (td->state.fail_map && td->state.fail_map <= vecs->nr) {
		some.nr = td->state.fail_map - 1;
		td->state.fail_map = 0;
		td->state.maps++;
		ret = -ENOMEM;
	} else if (td->state.fail_map) {
		td->state.fail_map -= vecs->nr;
	}

	td->state.maps += some.nr;
	if (some.nr)
		ret = td->pt_ops->map_vecs(table, &some, mapped) ?: ret;
	td->state.mapped += *mapped - before;
	return ret;
}

static size_t test_unmap_range(struct pt_iommu *table, dma_addr_t iova,
			       dma_addr_t len,
			       struct iommu_iotlb_gather *gather)
{
	struct test_domain *td = pt_to_test_domain(table);
	size_t unmapped;

	unmapped = td->pt_ops->unmap_range(table, iova, len, gather);
	td->state.mapped -= unmapped;
	return unmapped;
}

/* There is no hardware that has to learn of a new top table. */
static void test_change_top(struct pt_iommu *table, phys_addr_t top,
			    unsigned int level)
{
}

static spinlock_t *test_get_top_lock(struct pt_iommu *table)
{
	return &pt_to_test_domain(table)->top_lock;
}

static const struct pt_iommu_driver_ops test_driver_ops = {
	.change_top	= test_change_top,
	.get_top_lock	= test_get_top_lock,
};

/* --- domain --- */

static int test_attach_dev(struct iommu_domain *domain, struct device *dev,
			   struct iommu_domain *old)
{
	return 0;
}

static int test_iotlb_sync_map(struct iommu_domain *domain, unsigned long iova,
			       size_t size)
{
	struct phyr_test_iommu_state *state = phyr_test_domain_state(domain);

	state->syncs++;
	if (state->fail_sync && !--state->fail_sync)
		return -EIO;
	return 0;
}

static void test_iotlb_sync(struct iommu_domain *domain,
			    struct iommu_iotlb_gather *gather)
{
	to_test_domain(domain)->state.flushes++;
	iommu_put_pages_list(&gather->freelist);
}

static void test_flush_iotlb_all(struct iommu_domain *domain)
{
	to_test_domain(domain)->state.flushes++;
}

static void test_domain_free(struct iommu_domain *domain)
{
	struct test_domain *td = to_test_domain(domain);

	WARN_ON(td->state.mapped);
	pt_iommu_deinit(&td->amdv1.iommu);
	kfree(td);
}

static const struct iommu_domain_ops test_domain_ops = {
	IOMMU_PT_DOMAIN_OPS(amdv1),
	.attach_dev		= test_attach_dev,
	.iotlb_sync_map		= test_iotlb_sync_map,
	.iotlb_sync		= test_iotlb_sync,
	.flush_iotlb_all	= test_flush_iotlb_all,
	.free			= test_domain_free,
};

static void test_domain_count_calls(struct test_domain *td)
{
	td->pt_ops = td->amdv1.iommu.ops;
	td->counting_ops = *td->pt_ops;
	td->counting_ops.map_range = test_map_range;
	td->counting_ops.map_vecs = test_map_vecs;
	td->counting_ops.unmap_range = test_unmap_range;
	td->amdv1.iommu.ops = &td->counting_ops;
}

static struct iommu_domain *test_domain_alloc(struct device *dev)
{
	static const struct pt_iommu_amdv1_cfg cfg = {
		.common.features = BIT(PT_FEAT_DYNAMIC_TOP) |
				   BIT(PT_FEAT_AMDV1_ENCRYPT_TABLES) |
				   BIT(PT_FEAT_AMDV1_FORCE_COHERENCE),
		.common.hw_max_vasz_lg2 = 48,
		.common.hw_max_oasz_lg2 = 51,
		.starting_level = 2,
	};
	struct test_domain *td = kzalloc_obj(*td);
	int ret;

	if (!td)
		return ERR_PTR(-ENOMEM);

	spin_lock_init(&td->top_lock);
	td->amdv1.iommu.nid = NUMA_NO_NODE;
	td->amdv1.iommu.driver_ops = &test_driver_ops;
	ret = pt_iommu_amdv1_init(&td->amdv1, &cfg, GFP_KERNEL);
	if (ret) {
		kfree(td);
		return ERR_PTR(ret);
	}
	test_domain_count_calls(td);
	td->domain.ops = &test_domain_ops;
	return &td->domain;
}

/* --- device --- */

static bool test_capable(struct device *dev, enum iommu_cap cap)
{
	return cap == IOMMU_CAP_CACHE_COHERENCY;
}

static int test_def_domain_type(struct device *dev)
{
	return IOMMU_DOMAIN_DMA;
}

/* Only devices that phyr_test_iommu_claim() was called for get here. */
static struct iommu_device *test_probe_device(struct device *dev)
{
	return &test_iommu;
}

static const struct iommu_ops test_iommu_ops = {
	.capable		= test_capable,
	.def_domain_type	= test_def_domain_type,
	.device_group		= generic_device_group,
	.domain_alloc_paging	= test_domain_alloc,
	.probe_device		= test_probe_device,
	.default_domain_ops	= &test_domain_ops,
	.owner			= THIS_MODULE,
};

static int test_iommu_register_ops(void)
{
	int ret;

	ret = iommu_device_sysfs_add(&test_iommu, &test_hw->dev, NULL,
				     "phyr-test-iommu");
	if (ret)
		return ret;

	ret = iommu_device_register(&test_iommu, &test_iommu_ops,
				    &test_hw->dev);
	if (ret)
		iommu_device_sysfs_remove(&test_iommu);
	return ret;
}

/* Its node is what makes this IOMMU the one of its devices, if there are more. */
static struct platform_device *test_hw_add(void)
{
	static const struct property_entry properties[] = {
		PROPERTY_ENTRY_BOOL("phyr,test"),
		{ }
	};
	const struct platform_device_info info = {
		.name		= "phyr-test-iommu",
		.id		= PLATFORM_DEVID_NONE,
		.properties	= properties,
	};

	return platform_device_register_full(&info);
}

int phyr_test_iommu_register(void)
{
	int ret;

	test_hw = test_hw_add();
	if (IS_ERR(test_hw))
		return PTR_ERR(test_hw);

	ret = test_iommu_register_ops();
	if (ret)
		platform_device_unregister(test_hw);
	return ret;
}

/* All devices behind it are gone by now. */
void phyr_test_iommu_unregister(void)
{
	iommu_device_unregister(&test_iommu);
	iommu_device_sysfs_remove(&test_iommu);
	platform_device_unregister(test_hw);
}

/* Put a device behind the IOMMU, before device_add() and after registering. */
int phyr_test_iommu_claim(struct device *dev)
{
	guard(mutex)(&iommu_probe_device_lock);

	return iommu_fwspec_init(dev, dev_fwnode(&test_hw->dev));
}

/* The state of a device's domain, or NULL if another IOMMU or none is there. */
struct phyr_test_iommu_state *phyr_test_iommu_state(struct device *dev)
{
	struct iommu_domain *domain = iommu_get_domain_for_dev(dev);

	if (!domain || domain->ops != &test_domain_ops)
		return NULL;
	return phyr_test_domain_state(domain);
}

/* From now on, for those who measure time; there is no state any more then. */
void phyr_test_iommu_dont_count(struct device *dev)
{
	struct test_domain *td = to_test_domain(iommu_get_domain_for_dev(dev));

	td->amdv1.iommu.ops = td->pt_ops;
}

/* From now on the device's domain has a flush queue. */
int phyr_test_iommu_be_lazy(struct device *dev)
{
	return iommu_dma_init_fq(iommu_get_domain_for_dev(dev));
}

/* --- page table entries --- */

#define AMDV1_PRESENT		BIT_ULL(0)
#define AMDV1_NEXT_LEVEL	GENMASK_ULL(11, 9)
#define AMDV1_NEXT_LEAF		0
#define AMDV1_NEXT_SIZED_LEAF	7
#define AMDV1_ADDR		GENMASK_ULL(51, 12)

static unsigned int amdv1_shift(unsigned int level)
{
	return 12 + 9 * level;
}

/* A leaf's size is where its entry says so, else that of its level. */
static u64 amdv1_leaf_size(u64 entry, unsigned int level)
{
	if (FIELD_GET(AMDV1_NEXT_LEVEL, entry) != AMDV1_NEXT_SIZED_LEAF)
		return BIT_ULL(amdv1_shift(level));
	return BIT_ULL(13 + __ffs64(~FIELD_GET(AMDV1_ADDR, entry)));
}

static bool amdv1_is_leaf(u64 entry, unsigned int level)
{
	u64 next = FIELD_GET(AMDV1_NEXT_LEVEL, entry);

	return !level || next == AMDV1_NEXT_LEAF ||
	       next == AMDV1_NEXT_SIZED_LEAF;
}

/* The size of the IOMMU page that @addr is in, or zero if there is none. */
static u64 test_leaf_size(struct test_domain *td, dma_addr_t addr)
{
	struct pt_iommu_amdv1_hw_info info;
	unsigned int level;
	u64 *table, entry;

	pt_iommu_amdv1_hw_info(&td->amdv1, &info);
	table = phys_to_virt(info.host_pt_root);
	for (level = info.mode - 1;; level--) {
		if (addr >> amdv1_shift(level) >= 512 && level == info.mode - 1)
			return 0;
		entry = table[(addr >> amdv1_shift(level)) & 511];
		if (!(entry & AMDV1_PRESENT))
			return 0;
		if (amdv1_is_leaf(entry, level))
			return amdv1_leaf_size(entry, level);
		table = phys_to_virt(entry & AMDV1_ADDR);
	}
}

/* How many IOMMU pages map a range, or zero if not all of it is mapped. */
unsigned long phyr_test_domain_leaves(struct iommu_domain *domain,
				      dma_addr_t addr, u64 len)
{
	dma_addr_t end = addr + len;
	unsigned long nr = 0;

	while (addr < end) {
		u64 size = test_leaf_size(to_test_domain(domain), addr);

		if (!size)
			return 0;
		addr = ALIGN_DOWN(addr, size) + size;
		nr++;
	}
	return nr;
}

unsigned long phyr_test_iommu_leaves(struct device *dev, dma_addr_t addr,
				     u64 len)
{
	return phyr_test_domain_leaves(iommu_get_domain_for_dev(dev), addr, len);
}
