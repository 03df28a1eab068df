/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _RDMA_PIN_H
#define _RDMA_PIN_H
/*
 * Asks lib/phyr/tests/phyr_pin_test.c to pin memory in the ways to compare.
 */

#include <sys/ioctl.h>

#include "../../../../lib/phyr/tests/phyr_pin_test.h"
#include "rdma_memory.h"

static inline int open_pin(void)
{
	return open_file("/sys/kernel/debug/phyr_pin");
}

/*
 * What differs the first time may be what the first of both had faulted in, made its own
 * or active: what differs counts if it still does after that.  Where the list is first,
 * the array finds the same in any case.
 */
static inline void compare_request(int fd, struct phyr_pin_request *req)
{
	uint32_t first;

	fail_unless(!ioctl(fd, PHYR_PIN_COMPARE, req), "PHYR_PIN_COMPARE");
	first = req->first_differences;
	req->list_first = 0;
	while (req->differences && !req->killed && req->rounds++ < 6)
		fail_unless(!ioctl(fd, PHYR_PIN_COMPARE, req), "PHYR_PIN_COMPARE");
	req->differences += first;
}

#endif /* _RDMA_PIN_H */
