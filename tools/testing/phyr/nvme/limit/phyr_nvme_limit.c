// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lets requests of a disk be of 1 MiB.
 *
 * Behind an IOMMU the NVMe driver asks for requests of no more than what is cached of
 * IOVA, 32 pages.  The limits are chosen when the controller is found, and no user can
 * raise them.
 */

#include <linux/blkdev.h>
#include <linux/module.h>

static char *disk;
module_param(disk, charp, 0);
MODULE_PARM_DESC(disk, "The disk's path");

static int __init phyr_nvme_limit_init(void)
{
	struct file *file = bdev_file_open_by_path(disk, BLK_OPEN_READ, NULL,
						   NULL);
	struct queue_limits lim;
	struct request_queue *q;
	int err;

	if (IS_ERR(file))
		return PTR_ERR(file);
	q = bdev_get_queue(file_bdev(file));
	lim = queue_limits_start_update(q);
	lim.max_hw_sectors = SZ_1M >> SECTOR_SHIFT;
	lim.max_segments = SZ_1M / SZ_4K;
	err = queue_limits_commit_update_frozen(q, &lim);
	bdev_fput(file);
	return err;
}
module_init(phyr_nvme_limit_init);

static void __exit phyr_nvme_limit_exit(void)
{
}
module_exit(phyr_nvme_limit_exit);

MODULE_DESCRIPTION("Requests of 1 MiB for the NVMe driver behind an IOMMU");
MODULE_LICENSE("GPL");
