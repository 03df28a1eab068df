// SPDX-License-Identifier: GPL-2.0-only
/*
 * Physical-range list: appending what others have listed in their way.
 */

#include <kunit/visibility.h>
#include <linux/bvec.h>
#include <linux/export.h>
#include <linux/folio_batch.h>
#include <linux/kasan.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/scatterlist.h>
#include <linux/sched/task_stack.h>
#include <linux/vmalloc.h>
#include <linux/xarray.h>

#include "internal.h"

static int phyr_append_whole(struct phyr *phyr, struct folio *folio, gfp_t gfp)
{
	/* A batch from a lookup can hold shadow entries as well. */
	if (xa_is_value(folio))
		return -EINVAL;
	return phyr_append_part(phyr, folio_page(folio, 0), 0,
				folio_size(folio), gfp);
}

/**
 * phyr_append_folio_batch() - Append the folios of a batch
 * @phyr: List.
 * @batch: Folios to append as a whole, from the first to the last.
 * @gfp: For the list's own memory.
 *
 * The list takes no references: the batch's are still the caller's to drop, and
 * the folios must outlive the list.
 *
 * Context: As @gfp allows.
 * Return: 0, or a negative errno with the list as it was: -EINVAL if there is
 * something in @batch that is no folio, -EOPNOTSUPP if a folio is private to a
 * device, else as phyr_append_range().
 */
int phyr_append_folio_batch(struct phyr *phyr, const struct folio_batch *batch,
			    gfp_t gfp)
{
	struct phyr_before before = phyr_before(phyr);
	u64 old_nr = phyr_nr_ranges(phyr);
	int ret = 0;

	for (unsigned int i = 0; i < folio_batch_count(batch) && !ret; i++)
		ret = phyr_append_whole(phyr, batch->folios[i], gfp);
	if (ret)
		phyr_undo(phyr, &before);
	phyr_account(phyr, old_nr, before.bytes);
	return ret;
}
EXPORT_SYMBOL_IF_KUNIT(phyr_append_folio_batch);

/**
 * phyr_append_bvecs() - Append an array of bio_vecs
 * @phyr: List.
 * @bvecs: Array, each element within one or more adjacent pages.
 * @nr: Number of elements of @bvecs.
 * @gfp: For the list's own memory.
 *
 * The list keeps neither the array nor references to the pages: they must
 * outlive it.
 *
 * Context: As @gfp allows.
 * Return: 0, or a negative errno with the list as it was: -EINVAL if an element
 * is empty or has no page, -EOPNOTSUPP if its page is private to a device,
 * else as phyr_append_range().
 */
int phyr_append_bvecs(struct phyr *phyr, const struct bio_vec *bvecs, size_t nr,
		      gfp_t gfp)
{
	struct phyr_before before = phyr_before(phyr);
	u64 old_nr = phyr_nr_ranges(phyr);
	int ret = 0;

	for (size_t i = 0; i < nr && !ret; i++)
		ret = phyr_append_part(phyr, bvecs[i].bv_page,
				       bvecs[i].bv_offset, bvecs[i].bv_len,
				       gfp);
	if (ret)
		phyr_undo(phyr, &before);
	phyr_account(phyr, old_nr, before.bytes);
	return ret;
}
EXPORT_SYMBOL_IF_KUNIT(phyr_append_bvecs);

/**
 * phyr_append_sgtable() - Append the memory of a scatterlist
 * @phyr: List.
 * @sgt: Scatterlist, mapped for a device or not.
 * @gfp: For the list's own memory.
 *
 * Appends what the CPU sees; DMA addresses in @sgt are not looked at.  The list
 * keeps neither the table nor references to its pages: they must outlive it.
 *
 * Context: As @gfp allows.
 * Return: 0, or a negative errno with the list as it was: -EINVAL if an entry
 * is empty or has no page, -EOPNOTSUPP if its page is private to a device,
 * else as phyr_append_range().
 */
int phyr_append_sgtable(struct phyr *phyr, const struct sg_table *sgt,
			gfp_t gfp)
{
	struct scatterlist *sg;
	struct phyr_before before = phyr_before(phyr);
	u64 old_nr = phyr_nr_ranges(phyr);
	unsigned int i;
	int ret = 0;

	for_each_sgtable_sg(sgt, sg, i) {
		ret = phyr_append_part(phyr, sg_page(sg), sg->offset,
				       sg->length, gfp);
		if (ret) {
			phyr_undo(phyr, &before);
			break;
		}
	}
	phyr_account(phyr, old_nr, before.bytes);
	return ret;
}
EXPORT_SYMBOL_GPL(phyr_append_sgtable);

/* I/O memory and coherent memory are not for others, where it can be told. */
static bool phyr_may_list_area(const void *addr)
{
	const struct vm_struct *area = find_vm_area(addr);

	return !area || !(area->flags & (VM_IOREMAP | VM_DMA_COHERENT));
}

static int phyr_append_mapped(struct phyr *phyr, const void *addr, size_t len,
			      gfp_t gfp)
{
	int ret = phyr_may_list_area(addr) ? 0 : -EINVAL;

	for (size_t piece; len && !ret; len -= piece, addr += piece) {
		unsigned int offset = offset_in_page(addr);

		piece = min(len, PAGE_SIZE - offset);
		ret = phyr_append_part(phyr, vmalloc_to_page(addr), offset,
				       piece, gfp);
	}
	return ret;
}

static int phyr_append_linear(struct phyr *phyr, const void *addr, size_t len,
			      gfp_t gfp)
{
	if (!virt_addr_valid(addr) || !virt_addr_valid(addr + len - 1))
		return -EINVAL;
	return phyr_append_part(phyr, virt_to_page(addr), offset_in_page(addr),
				len, gfp);
}

/* Is any of it on the current process's stack? */
static bool phyr_on_stack(const void *first, const void *last)
{
	const void *stack = task_stack_page(current);

	return kasan_reset_tag(first) < stack + THREAD_SIZE &&
	       kasan_reset_tag(last) >= stack;
}

/**
 * phyr_append_kernel() - Append memory by its kernel address
 * @phyr: List.
 * @addr: Address of the first byte, of kmalloc(), vmalloc(), a module or the like.
 * @len: Length in bytes.
 * @gfp: For the list's own memory.
 *
 * The list takes no references: the memory must outlive it.  The stack and memory
 * of dma_alloc_coherent() are not for lists, and refused as far as they can be told
 * from other memory: the current process's stack, and what has an address of its
 * own.
 *
 * Context: As @gfp allows, but not in an interrupt.
 * Return: 0, or a negative errno with the list as it was: -EINVAL if @len is zero,
 * wraps around, or there is no such memory at its start or end or, of vmalloc(), in
 * between; else as phyr_append_range().
 */
int phyr_append_kernel(struct phyr *phyr, const void *addr, size_t len,
		       gfp_t gfp)
{
	struct phyr_before before = phyr_before(phyr);
	u64 old_nr = phyr_nr_ranges(phyr);
	unsigned long last;
	int ret;

	if (!len || ZERO_OR_NULL_PTR(addr) ||
	    check_add_overflow((unsigned long)addr, len - 1, &last) ||
	    phyr_on_stack(addr, (void *)last))
		return -EINVAL;
	if (is_vmalloc_or_module_addr(addr))
		ret = phyr_append_mapped(phyr, addr, len, gfp);
	else
		ret = phyr_append_linear(phyr, addr, len, gfp);
	if (ret)
		phyr_undo(phyr, &before);
	phyr_account(phyr, old_nr, before.bytes);
	return ret;
}
EXPORT_SYMBOL_GPL(phyr_append_kernel);
