// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * User memory in physical-range lists.
 *
 * A umem's list is the pages that hold what the user registered, from the first
 * byte of the first page to the last byte of the last one.  Its mapping is of
 * all of that; the memory of a DMABUF has neither here, but is a part of the mapping
 * that the DMABUF core has.
 */

#include <linux/export.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <rdma/ib_umem.h>
#include <rdma/ib_umem_odp.h>
#include <rdma/ib_verbs.h>

/**
 * ib_umem_pin() - Pin the memory of a umem and map it for its device
 * @umem: User memory, of the current process, with its device, address, length
 *	and DMA attributes set, and nothing pinned.
 * @gup_flags: As for phyr_pin_user().
 *
 * The umem owns the pins until ib_umem_unpin().  Accounting is up to the caller.
 *
 * Context: Process context.  May sleep, takes the mmap_lock.
 * Return: 0, or a negative errno with nothing pinned and nothing mapped: -EIO if
 * the device can't use the memory, else as phyr_pin_user() or phyr_dma_map().
 */
int ib_umem_pin(struct ib_umem *umem, unsigned int gup_flags)
{
	unsigned long start = umem->address & PAGE_MASK;
	int ret;

	ret = phyr_pin_user(&umem->phyr, start,
			    ib_umem_num_pages(umem) << PAGE_SHIFT, gup_flags,
			    GFP_KERNEL);
	if (ret)
		return ret;

	phyr_trim(&umem->phyr, GFP_KERNEL);
	if (ib_uses_virt_dma(umem->ibdev))
		return 0;

	ret = phyr_dma_map(&umem->dma, umem->ibdev->dma_device, &umem->phyr,
			   DMA_BIDIRECTIONAL, umem->dma_attrs, GFP_KERNEL);
	if (!ret)
		return 0;

	phyr_destroy_dirty(&umem->phyr, false);
	/* User space has always seen that for memory that a device can't use. */
	return ret == -ERANGE || ret == -EOPNOTSUPP ? -EIO : ret;
}

/**
 * ib_umem_unpin() - Undo ib_umem_pin()
 * @umem: User memory.  Nothing happens if nothing is pinned.
 * @make_dirty: Whether a device may have written to the memory.
 *
 * Context: Process context.  May sleep.
 */
void ib_umem_unpin(struct ib_umem *umem, bool make_dirty)
{
	phyr_dma_unmap(&umem->dma);
	phyr_destroy_dirty(&umem->phyr, make_dirty);
}

/*
 * The mapping that a umem is in, and where it starts there.  That of a DMABUF is its
 * own, and not there before it is mapped.
 */
static const struct phyr_dma *ib_umem_dma(const struct ib_umem *umem, u64 *pos)
{
	const struct ib_umem_dmabuf *umem_dmabuf;

	*pos = offset_in_page(umem->address);
	if (!umem->is_dmabuf)
		return &umem->dma;
	umem_dmabuf = container_of_const(umem, struct ib_umem_dmabuf, umem);
	*pos = umem->address;
	return umem_dmabuf->dma ?: &umem->dma;
}

/**
 * ib_umem_first_page() - The page that a umem starts in
 * @umem: User memory of a process.
 *
 * Context: Any.
 * Return: The page, or NULL if it is a DMABUF's.
 */
struct page *ib_umem_first_page(const struct ib_umem *umem)
{
	PHYR_STATE(ps, &umem->phyr);

	return phyrs_next_page(&ps);
}
EXPORT_SYMBOL(ib_umem_first_page);

/**
 * ib_umem_first_page_dma() - Where the page that a umem starts in is mapped
 * @umem: User memory.
 *
 * Context: Any.
 * Return: The DMA address of the page's first byte, or 0 if the umem isn't mapped,
 * as that of a software device.
 */
dma_addr_t ib_umem_first_page_dma(const struct ib_umem *umem)
{
	struct phyr_dma_state ds;
	dma_addr_t addr = 0;
	u64 pos;

	ds.dma = ib_umem_dma(umem, &pos);
	if (!phyr_dmas_seek(&ds, pos & PAGE_MASK))
		phyr_dmas_piece(&ds, PAGE_SIZE, &addr);
	return addr;
}
EXPORT_SYMBOL(ib_umem_first_page_dma);

/**
 * ib_umem_start_blocks() - Go before the first block of a umem
 * @umem: User memory.
 * @ds: State to set, for ib_umem_next_block().
 *
 * Behind rdma_umem_for_each_dma_block(), which drivers use.  There is no block in
 * a umem that isn't mapped.
 *
 * Context: Any.
 */
void ib_umem_start_blocks(struct ib_umem *umem, struct phyr_dma_state *ds)
{
	u64 pos;

	ds->dma = ib_umem_dma(umem, &pos);
	if (phyr_dmas_slice(ds, pos, umem->length))
		*ds = phyr_dma_start(&umem->dma);
}
EXPORT_SYMBOL(ib_umem_start_blocks);

/**
 * ib_umem_find_best_pgsz() - The best page size for a hardware's list of pages
 * @umem: User memory.
 * @pgsz_bitmap: The sizes that the hardware has: powers of 2, ORed together.
 * @virt: The address of the first byte as the hardware will see it, in bytes.
 *
 * For hardware that takes one page size for a memory region.  @virt becomes the
 * umem's IOVA.
 *
 * Context: Any.
 * Return: The largest size with which the region is fewest pages, in bytes.  0 if
 * none fits, which can't happen with %PAGE_SIZE or smaller in @pgsz_bitmap, or if
 * the region's end wraps.
 */
unsigned long ib_umem_find_best_pgsz(struct ib_umem *umem,
				     unsigned long pgsz_bitmap, u64 virt)
{
	const struct phyr_dma *dma;
	u64 last, pos;

	umem->iova = virt;
	if (umem->is_odp)
		return pgsz_bitmap & BIT(to_ib_umem_odp(umem)->page_shift);
	if (check_add_overflow(virt, umem->length - 1, &last))
		return 0;
	dma = ib_umem_dma(umem, &pos);
	return phyr_dma_slice_block_size(dma, pos, umem->length, pgsz_bitmap,
					 virt);
}
EXPORT_SYMBOL(ib_umem_find_best_pgsz);
