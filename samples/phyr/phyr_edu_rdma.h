/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
#ifndef _PHYR_EDU_RDMA_H
#define _PHYR_EDU_RDMA_H

#include <linux/types.h>
#include <rdma/ib_user_ioctl_cmds.h>

/* As much as the device reads or writes in one go. */
#define PHYR_EDU_RDMA_MAX	4095

/* Methods of memory regions, beside those that every RDMA device has. */
enum phyr_edu_mr_methods {
	PHYR_EDU_METHOD_MR_QUERY = (1U << UVERBS_ID_NS_SHIFT),
	PHYR_EDU_METHOD_MR_READ,
	PHYR_EDU_METHOD_MR_WRITE,
	PHYR_EDU_METHOD_MR_INVALIDATE,
};

enum phyr_edu_mr_query_attrs {
	PHYR_EDU_ATTR_QUERY_MR_HANDLE = (1U << UVERBS_ID_NS_SHIFT),
	PHYR_EDU_ATTR_QUERY_MR_RESP,	/* struct phyr_edu_mr_info */
};

/* What the device was told. */
struct phyr_edu_mr_info {
	__aligned_u64 page_size;
	__aligned_u64 nr_blocks;
	__aligned_u64 first_block;	/* its DMA address, for CAP_SYS_RAWIO */
	__u32 mapped;			/* no: the exporter took the memory back */
	__u32 reserved;
};

/* The device reads the region; or the CPU does, for comparison. */
enum phyr_edu_mr_read_attrs {
	PHYR_EDU_ATTR_READ_MR_HANDLE = (1U << UVERBS_ID_NS_SHIFT),
	PHYR_EDU_ATTR_READ_MR_OFFSET,	/* __u64, from the region's start */
	PHYR_EDU_ATTR_READ_MR_BY_CPU,	/* __u32 */
	PHYR_EDU_ATTR_READ_MR_DATA,
};

enum phyr_edu_mr_write_attrs {
	PHYR_EDU_ATTR_WRITE_MR_HANDLE = (1U << UVERBS_ID_NS_SHIFT),
	PHYR_EDU_ATTR_WRITE_MR_OFFSET,	/* __u64, from the region's start */
	PHYR_EDU_ATTR_WRITE_MR_DATA,
};

/* All importers of the region's DMABUF are told that it moves. */
enum phyr_edu_mr_invalidate_attrs {
	PHYR_EDU_ATTR_INVALIDATE_MR_HANDLE = (1U << UVERBS_ID_NS_SHIFT),
};

#endif /* _PHYR_EDU_RDMA_H */
