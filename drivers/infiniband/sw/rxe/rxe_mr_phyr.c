// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Where the memory of an MR is.
 *
 * A user's MR has nothing but the list of its umem.  A fast MR has a table like
 * that of hardware: it is filled where nothing can be allocated, and a peer may
 * still be writing by it then, which a list would not survive.
 */

#include <linux/libnvdimm.h>

#include "rxe.h"
#include "rxe_loc.h"
#include "rxe_mr_phyr.h"

/* Memory may be promised to persist only if all of it does. */
static int rxe_mr_check_persistent(struct rxe_mr *mr, phys_addr_t phys, u64 len)
{
	if (!(mr->access & IB_ACCESS_FLUSH_PERSISTENT))
		return 0;
	if (region_intersects(phys, len, IORESOURCE_MEM,
			      IORES_DESC_PERSISTENT_MEMORY) == REGION_INTERSECTS)
		return 0;

	rxe_dbg_mr(mr, "Page can't be persistent\n");
	return -EINVAL;
}

/**
 * rxe_mr_set_umem() - Give a user's MR its memory
 * @mr: MR, with its access rights.
 * @umem: The memory.  It is the caller's until this succeeds.
 *
 * Context: Process context.
 * Return: 0, or a negative errno with @mr as it was: -EINVAL if the MR has to be
 * flushed to persistent memory and some of @umem isn't, -EOPNOTSUPP in a kernel
 * that has no umems.
 */
int rxe_mr_set_umem(struct rxe_mr *mr, struct ib_umem *umem)
{
	struct phyr_range range;
	int err;

	if (!IS_ENABLED(CONFIG_INFINIBAND_USER_MEM))
		return -EOPNOTSUPP;

	phyr_for_each_range(&umem->phyr, range) {
		err = rxe_mr_check_persistent(mr, range.phys, range.len);
		if (err)
			return err;
	}

	mr->umem = umem;
	ib_umem_cursor_init(&mr->pages.cursor, umem);
	return 0;
}

/**
 * rxe_mr_alloc_pages() - Allocate the page table of a fast MR
 * @mr: MR, whose rxe_mr_cleanup() frees the table.
 * @max_pages: How many pages of the MR, of whatever size, it is to hold.
 *
 * Context: Process context.
 * Return: 0 or -ENOMEM.
 */
int rxe_mr_alloc_pages(struct rxe_mr *mr, int max_pages)
{
	mr->pages.table = kcalloc(max_pages, sizeof(u64), GFP_KERNEL);
	if (!mr->pages.table)
		return -ENOMEM;

	mr->pages.max = max_pages;
	return 0;
}

/**
 * rxe_mr_set_page() - Append a page to a fast MR
 * @ibmr: MR.
 * @dma_addr: DMA address of a page of the size that @ibmr has: a kernel address.
 *
 * Context: Any.
 * Return: 0, or a negative errno with the MR as it was: -ENOMEM if its table is
 * full, -EINVAL if it has to be flushed to persistent memory and the page isn't.
 */
int rxe_mr_set_page(struct ib_mr *ibmr, u64 dma_addr)
{
	struct rxe_mr *mr = to_rmr(ibmr);
	int err;

	if (unlikely(mr->pages.nr >= mr->pages.max))
		return -ENOMEM;

	err = rxe_mr_check_persistent(mr, virt_to_phys(ib_virt_dma_to_ptr(dma_addr)),
				      mr_page_size(mr));
	if (err)
		return err;

	mr->pages.table[mr->pages.nr++] = dma_addr;
	return 0;
}

static struct rxe_mr_piece rxe_mr_user_piece(struct rxe_mr *mr, u64 pos,
					     struct ib_umem_walk *walk)
{
	return (struct rxe_mr_piece) {
		.page = ib_umem_walk_page(walk, &mr->pages.cursor, pos),
		.offset = offset_in_page(pos),
		.len = PAGE_SIZE - offset_in_page(pos),
	};
}

/*
 * Its pages and those of the system may differ in size.  A late peer may be here
 * while the MR gets pages of another size.
 */
static struct rxe_mr_piece rxe_mr_fast_piece(struct rxe_mr *mr, u64 pos)
{
	u64 mask = READ_ONCE(mr->page_mask);
	u64 index = pos >> __ffs64(mask), offset = pos & ~mask, addr;

	if (index >= mr->pages.nr)
		return (struct rxe_mr_piece){ };

	addr = mr->pages.table[index] + offset;
	return (struct rxe_mr_piece) {
		.page = ib_virt_dma_to_page(addr),
		.offset = offset_in_page(addr),
		.len = min(PAGE_SIZE - offset_in_page(addr),
			   ~mask + 1 - offset),
	};
}

/**
 * rxe_mr_piece_at() - The memory at an IOVA, up to the end of its page
 * @mr: A user's MR that is pinned, or a fast MR.
 * @iova: Address that mr_check_range() has let pass.
 * @walk: The access: zeroes at first, and with one that succeeded
 *	ib_umem_walk_end() is called in the end.
 *
 * Context: Any.
 * Return: The memory.  It has no page if @mr has none there.
 */
struct rxe_mr_piece rxe_mr_piece_at(struct rxe_mr *mr, u64 iova,
				    struct ib_umem_walk *walk)
{
	u64 pos = iova - (mr->ibmr.iova & mr->page_mask);

	if (mr->ibmr.type == IB_MR_TYPE_USER)
		return rxe_mr_user_piece(mr, pos, walk);
	return rxe_mr_fast_piece(mr, pos);
}
