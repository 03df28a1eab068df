/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
#ifndef _SIW_UMEM_H
#define _SIW_UMEM_H
/*
 * User memory that is registered as source or target of RDMA operations.
 */

#include <linux/types.h>
#include <rdma/ib_umem_cursor.h>

struct ib_umem;
struct page;

struct siw_umem {
	struct ib_umem		*base_mem;
	struct ib_umem_cursor	cursor;
	u64			fp_addr;	/* of the first page */
};

/**
 * siw_get_upage() - The page at an address in user memory
 * @umem: The memory.
 * @addr: User virtual address.
 * @walk: The access: zeroes at first, and ib_umem_walk_end() is called in the
 *	end if it succeeds.  It may be of several memories, one after another.
 *
 * Context: Any.
 * Return: The page, or NULL if @addr is not in one of @umem.
 */
static inline struct page *siw_get_upage(struct siw_umem *umem, u64 addr,
					 struct ib_umem_walk *walk)
{
	return ib_umem_walk_page(walk, &umem->cursor, addr - umem->fp_addr);
}

#endif /* _SIW_UMEM_H */
