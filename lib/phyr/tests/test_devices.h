/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PHYR_TEST_DEVICES_H
#define _PHYR_TEST_DEVICES_H
/*
 * Devices that reach memory in every way that there is, and memory as they see
 * it.
 */

#include <linux/types.h>

struct device;
struct edu;
struct kunit_suite;

enum phyr_test_way {
	PHYR_TEST_IDENTITY,	/* DMA addresses are physical addresses */
	PHYR_TEST_OFFSET,	/* at a constant distance */
	PHYR_TEST_REGIONS,	/* at several distances */
	PHYR_TEST_BOUNCE,	/* everything through bounce buffers */
	PHYR_TEST_OPS,		/* dma_map_ops of its own */
	PHYR_TEST_IOMMU,	/* the test IOMMU */
	PHYR_TEST_PCI,		/* a PCI device behind this machine's IOMMU */
	PHYR_TEST_UNTRUSTED,	/* the same; parts of pages are bounced */
	PHYR_TEST_NR_WAYS,
};

#define PHYR_TEST_OFFSET_DELTA	0x100000000000ULL
#define PHYR_TEST_OPS_MAX	(16 * PAGE_SIZE)

/**
 * struct phyr_test_ops_state - What a test sees and sets of %PHYR_TEST_OPS
 * @live: Number of mappings.
 * @maps: Number of calls to map.
 * @synced: Bytes that were synced, for the CPU or the device.
 * @errors: Calls that don't fit any mapping: wrong address, length, direction
 *	or attributes.
 * @fail_map: Let this call to map fail, counted from 1 for the next, and all that
 *	come after it; 0 for none.
 * @gap: Distance between the DMA addresses of two mappings made in turn.
 * @marks: If set, as many bytes as a test has memory to list: how often each
 *	of its bytes was synced.
 * @marks_phys: Where that memory starts.
 */
struct phyr_test_ops_state {
	unsigned int	live;
	unsigned long	maps;
	u64		synced;
	unsigned int	errors;
	unsigned int	fail_map;
	unsigned int	gap;
	u8		*marks;
	phys_addr_t	marks_phys;
};

int phyr_test_devices_add(struct kunit_suite *suite);
void phyr_test_devices_del(struct kunit_suite *suite);

const char *phyr_test_way_name(enum phyr_test_way way);
struct device *phyr_test_device(enum phyr_test_way way);
void phyr_test_split_regions(phys_addr_t phys);
void phyr_test_set_coherent(struct device *dev, bool coherent);
struct edu *phyr_test_edu(struct device *dev);
struct phyr_test_ops_state *phyr_test_ops_state(void);
unsigned int phyr_test_iova_room(struct device *dev);

int phyr_test_dev_read(struct device *dev, dma_addr_t addr, void *buf,
		       size_t len);
int phyr_test_dev_write(struct device *dev, dma_addr_t addr, const void *buf,
			size_t len);

#endif /* _PHYR_TEST_DEVICES_H */
