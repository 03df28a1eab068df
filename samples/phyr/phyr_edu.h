/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
#ifndef _PHYR_EDU_H
#define _PHYR_EDU_H

#include <linux/const.h>
#include <linux/ioctl.h>
#include <linux/types.h>

/* The device will write the memory, not only read it. */
#define PHYR_EDU_WRITE		_BITUL(0)

/*
 * On /dev/phyr_edu: pin the caller's memory and map it for the device.  The
 * result is the descriptor of a buffer; the memory stays pinned until its last
 * copy is closed.
 */
struct phyr_edu_pin {
	__u64	addr;
	__u64	len;
	__u32	flags;
	__u32	reserved;	/* zero */
};

/*
 * On /dev/phyr_edu: allocate memory of that many bytes, filled up to whole pages,
 * and map it for the device.  The result is the descriptor of a buffer, by which
 * the program can mmap() the memory.
 */
#define PHYR_EDU_ALLOC	_IOW('e', 0xd3, __u64)

/* Have the DMABUF's exporter give a scatterlist, which stays mapped. */
#define PHYR_EDU_TABLE		_BITUL(1)

/*
 * On /dev/phyr_edu: attach a DMABUF.  The result is the descriptor of a buffer, which
 * is mapped for the device while it copies, or is asked about.
 */
struct phyr_edu_import {
	__s32	fd;
	__u32	flags;
};

/*
 * On /dev/phyr_edu: have the device copy from one buffer to another, of which at most
 * one may be a DMABUF.  The program leaves both alone meanwhile.
 */
struct phyr_edu_copy {
	__s32	dst_fd;
	__s32	src_fd;
	__u64	dst_offset;
	__u64	src_offset;
	__u64	len;
};

/* On a buffer: what it looks like to the CPU and to the device. */
struct phyr_edu_info {
	__u64	pages;
	__u64	ranges;		/* of the list, which a DMABUF doesn't show */
	__u64	list_bytes;
	__u64	sg_bytes;	/* what an sg_table of as many entries takes */
	__u64	dma_ranges;
	/* Of the first byte, for CAP_SYS_ADMIN; zero for others: */
	__u64	phys;
	__u64	dma_addr;
	char	mode[32];
};

#define PHYR_EDU_PIN	_IOW('e', 0xd0, struct phyr_edu_pin)
#define PHYR_EDU_COPY	_IOW('e', 0xd1, struct phyr_edu_copy)
#define PHYR_EDU_INFO	_IOR('e', 0xd2, struct phyr_edu_info)
#define PHYR_EDU_IMPORT	_IOW('e', 0xd4, struct phyr_edu_import)

#endif /* _PHYR_EDU_H */
