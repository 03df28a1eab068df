/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
#ifndef _RDMA_IB_UMEM_PHYR_H
#define _RDMA_IB_UMEM_PHYR_H
/*
 * User memory in physical-range lists: what rdma/ib_umem.h and its users need.
 */

#include <linux/phyr_dma.h>

struct ib_umem;
struct page;

#ifdef CONFIG_INFINIBAND_USER_MEM

int ib_umem_pin(struct ib_umem *umem, unsigned int gup_flags);
void ib_umem_unpin(struct ib_umem *umem, bool make_dirty);

struct page *ib_umem_first_page(const struct ib_umem *umem);
dma_addr_t ib_umem_first_page_dma(const struct ib_umem *umem);
void ib_umem_start_blocks(struct ib_umem *umem, struct phyr_dma_state *ds);

/**
 * ib_umem_next_block() - Go to the next aligned block of a umem
 * @ds: State, from ib_umem_start_blocks().
 * @size: Size of a block in bytes: a power of 2.
 * @addr: Set to the DMA address of the block, a multiple of @size.
 *
 * Context: Any.
 * Return: %false at the end of the umem.
 */
static inline bool ib_umem_next_block(struct phyr_dma_state *ds, u64 size,
				      dma_addr_t *addr)
{
	return phyr_dmas_next_block(ds, size, addr);
}

#else

static inline struct page *ib_umem_first_page(const struct ib_umem *umem)
{
	return NULL;
}

static inline dma_addr_t ib_umem_first_page_dma(const struct ib_umem *umem)
{
	return 0;
}

static inline void ib_umem_start_blocks(struct ib_umem *umem,
					struct phyr_dma_state *ds)
{
}

static inline bool ib_umem_next_block(struct phyr_dma_state *ds, u64 size,
				      dma_addr_t *addr)
{
	return false;
}

#endif /* CONFIG_INFINIBAND_USER_MEM */
#endif /* _RDMA_IB_UMEM_PHYR_H */
