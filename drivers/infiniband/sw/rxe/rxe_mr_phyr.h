/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
#ifndef RXE_MR_PHYR_H
#define RXE_MR_PHYR_H
/*
 * Where the memory of an MR is.
 */

#include <linux/types.h>
#include <rdma/ib_umem_cursor.h>

struct ib_mr;
struct ib_umem;
struct page;
struct rxe_mr;

/* The pages of an MR. */
struct rxe_mr_pages {
	struct ib_umem_cursor	cursor;	/* of a user's MR, in its umem */
	u64			*table;	/* of a fast MR: their DMA addresses */
	u32			nr;	/* in @table, each of ibmr.page_size */
	u32			max;
};

/* Memory of an MR, within one page. */
struct rxe_mr_piece {
	struct page	*page;
	unsigned int	offset;	/* in @page, in bytes */
	unsigned int	len;	/* in bytes */
};

int rxe_mr_set_umem(struct rxe_mr *mr, struct ib_umem *umem);
int rxe_mr_alloc_pages(struct rxe_mr *mr, int max_pages);
int rxe_mr_set_page(struct ib_mr *ibmr, u64 dma_addr);
struct rxe_mr_piece rxe_mr_piece_at(struct rxe_mr *mr, u64 iova,
				    struct ib_umem_walk *walk);

#endif /* RXE_MR_PHYR_H */
