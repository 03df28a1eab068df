/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _RDMA_VERBS_H
#define _RDMA_VERBS_H
/*
 * The kernel's verbs without libibverbs, which would need a provider for
 * phyr_edu_rdma.
 */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <rdma/ib_user_ioctl_cmds.h>
#include <rdma/ib_user_ioctl_verbs.h>
#include <rdma/ib_user_verbs.h>
#include <rdma/rdma_user_ioctl_cmds.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../../../../samples/phyr/phyr_edu_rdma.h"
#include "../guest/open_by_name.h"

#define ACCESS (IB_UVERBS_ACCESS_LOCAL_WRITE | IB_UVERBS_ACCESS_REMOTE_WRITE | \
		IB_UVERBS_ACCESS_REMOTE_READ)

struct device {
	const char	*name;
	int		fd;
	uint32_t	pd;
};

static inline bool is_edu(const struct device *dev)
{
	return !strncmp(dev->name, "edu", 3);
}

/*
 * The size of a request or answer, with room for what drivers have beside: siw
 * wants 8 bytes, others don't mind.
 */
#define DRIVER_DATA	8

static inline int command(int fd, uint32_t number, void *request, size_t size,
			  size_t answer_size)
{
	struct {
		struct ib_uverbs_cmd_hdr hdr;
		char data[128];
	} cmd = { 0 };

	cmd.hdr.command = number;
	cmd.hdr.in_words = (sizeof(cmd.hdr) + size) / 4;
	cmd.hdr.out_words = answer_size / 4;
	memcpy(cmd.data, request, size);
	return write(fd, &cmd, sizeof(cmd.hdr) + size) < 0 ? -errno : 0;
}

static inline void get_context(struct device *dev)
{
	struct {
		struct ib_uverbs_get_context_resp core;
		char driver[DRIVER_DATA];
	} answer;
	struct ib_uverbs_get_context request = { .response = (uintptr_t)&answer };

	errno = -command(dev->fd, IB_USER_VERBS_CMD_GET_CONTEXT, &request,
			 sizeof(request), sizeof(answer));
	if (errno)
		err(1, "GET_CONTEXT");
}

static inline void alloc_pd(struct device *dev)
{
	struct ib_uverbs_alloc_pd_resp answer;
	struct ib_uverbs_alloc_pd request = { .response = (uintptr_t)&answer };

	errno = -command(dev->fd, IB_USER_VERBS_CMD_ALLOC_PD, &request,
			 sizeof(request), sizeof(answer));
	if (errno)
		err(1, "ALLOC_PD");
	dev->pd = answer.pd_handle;
}

/* Return: the region's handle, or an error number. */
static inline int reg_mr(const struct device *dev, const void *start,
			 size_t size, uint64_t iova, uint32_t access)
{
	struct {
		struct ib_uverbs_reg_mr_resp core;
		char driver[DRIVER_DATA];
	} answer;
	struct {
		struct ib_uverbs_reg_mr core;
		char driver[DRIVER_DATA];
	} request = { .core = {
		.response = (uintptr_t)&answer, .start = (uintptr_t)start,
		.length = size, .hca_va = iova, .pd_handle = dev->pd,
		.access_flags = access,
	} };
	int ret;

	ret = command(dev->fd, IB_USER_VERBS_CMD_REG_MR, &request,
		      sizeof(request), sizeof(answer));
	return ret ?: (int)answer.core.mr_handle;
}

static inline void dereg_mr(const struct device *dev, int handle)
{
	struct ib_uverbs_dereg_mr request = { .mr_handle = handle };

	errno = -command(dev->fd, IB_USER_VERBS_CMD_DEREG_MR, &request,
			 sizeof(request), 0);
	if (errno)
		err(1, "DEREG_MR");
}

/* Calls of methods by ioctl, attribute by attribute. */
struct call {
	struct ib_uverbs_ioctl_hdr	hdr;
	struct ib_uverbs_attr		attrs[10];
};

static inline struct call new_call(uint16_t method)
{
	return (struct call){ .hdr = {
		.object_id = UVERBS_OBJECT_MR, .method_id = method,
		.driver_id = RDMA_DRIVER_UNKNOWN,
	} };
}

static inline struct ib_uverbs_attr *add(struct call *call, uint16_t id,
					 uint64_t data, size_t len)
{
	struct ib_uverbs_attr *attr = &call->attrs[call->hdr.num_attrs++];

	attr->attr_id = id;
	attr->len = len;
	attr->flags = UVERBS_ATTR_F_MANDATORY;
	attr->data = data;
	return attr;
}

/* Up to 8 bytes are passed as such. */
static inline void add_in(struct call *call, uint16_t id, const void *data,
			  size_t len)
{
	uint64_t value = (uintptr_t)data;

	if (len <= sizeof(value)) {
		value = 0;
		memcpy(&value, data, len);
	}
	add(call, id, value, len);
}

static inline int invoke(const struct device *dev, struct call *call)
{
	call->hdr.length = sizeof(call->hdr) +
			   call->hdr.num_attrs * sizeof(call->attrs[0]);
	return ioctl(dev->fd, RDMA_VERBS_IOCTL, call) ? -errno : 0;
}

static inline int reg_dmabuf(const struct device *dev, int fd, uint64_t offset,
			     uint64_t size, uint64_t iova, uint32_t access)
{
	struct call call = new_call(UVERBS_METHOD_REG_DMABUF_MR);
	struct ib_uverbs_attr *handle;
	uint32_t keys[2];
	int ret;

	handle = add(&call, UVERBS_ATTR_REG_DMABUF_MR_HANDLE, 0, 0);
	add(&call, UVERBS_ATTR_REG_DMABUF_MR_PD_HANDLE, dev->pd, 0);
	add(&call, UVERBS_ATTR_REG_DMABUF_MR_OFFSET, offset, 8);
	add(&call, UVERBS_ATTR_REG_DMABUF_MR_LENGTH, size, 8);
	add(&call, UVERBS_ATTR_REG_DMABUF_MR_IOVA, iova, 8);
	add(&call, UVERBS_ATTR_REG_DMABUF_MR_FD, (uint32_t)fd, 4);
	add(&call, UVERBS_ATTR_REG_DMABUF_MR_ACCESS_FLAGS, access, 4);
	add(&call, UVERBS_ATTR_REG_DMABUF_MR_RESP_LKEY, (uintptr_t)&keys[0], 4);
	add(&call, UVERBS_ATTR_REG_DMABUF_MR_RESP_RKEY, (uintptr_t)&keys[1], 4);
	ret = invoke(dev, &call);
	return ret ?: (int)handle->data;
}

static inline struct phyr_edu_mr_info edu_query(const struct device *dev,
						int handle)
{
	struct call call = new_call(PHYR_EDU_METHOD_MR_QUERY);
	struct phyr_edu_mr_info info;

	add(&call, PHYR_EDU_ATTR_QUERY_MR_HANDLE, handle, 0);
	add(&call, PHYR_EDU_ATTR_QUERY_MR_RESP, (uintptr_t)&info, sizeof(info));
	errno = -invoke(dev, &call);
	if (errno)
		err(1, "MR_QUERY");
	return info;
}

static inline int edu_read(const struct device *dev, int handle,
			   uint64_t offset, uint32_t by_cpu, void *data,
			   size_t len)
{
	struct call call = new_call(PHYR_EDU_METHOD_MR_READ);

	add(&call, PHYR_EDU_ATTR_READ_MR_HANDLE, handle, 0);
	add(&call, PHYR_EDU_ATTR_READ_MR_OFFSET, offset, 8);
	add(&call, PHYR_EDU_ATTR_READ_MR_BY_CPU, by_cpu, 4);
	add(&call, PHYR_EDU_ATTR_READ_MR_DATA, (uintptr_t)data, len);
	return invoke(dev, &call);
}

static inline int edu_write(const struct device *dev, int handle,
			    uint64_t offset, const void *data, size_t len)
{
	struct call call = new_call(PHYR_EDU_METHOD_MR_WRITE);

	add(&call, PHYR_EDU_ATTR_WRITE_MR_HANDLE, handle, 0);
	add(&call, PHYR_EDU_ATTR_WRITE_MR_OFFSET, offset, 8);
	add_in(&call, PHYR_EDU_ATTR_WRITE_MR_DATA, data, len);
	return invoke(dev, &call);
}

static inline int edu_invalidate(const struct device *dev, int handle)
{
	struct call call = new_call(PHYR_EDU_METHOD_MR_INVALIDATE);

	add(&call, PHYR_EDU_ATTR_INVALIDATE_MR_HANDLE, handle, 0);
	return invoke(dev, &call);
}

static inline struct device open_rdma(const char *name)
{
	struct device dev = { .name = name };

	/* The device's file has a number that is not the device's. */
	dev.fd = open_by_name("/sys/class/infiniband_verbs/uverbs%d/ibdev",
			      "/dev/infiniband/uverbs%d", name);
	get_context(&dev);
	alloc_pd(&dev);
	return dev;
}

#endif /* _RDMA_VERBS_H */
