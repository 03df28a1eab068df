// SPDX-License-Identifier: GPL-2.0-only
/*
 * Physical-range list: mapping a list into page tables of the CPU.
 */

#include <linux/err.h>
#include <linux/export.h>
#include <linux/io.h>
#include <linux/kmsan.h>
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "internal.h"

static bool phyr_all_mmio(const struct phyr *phyr)
{
	struct phyr_range range;

	phyr_for_each_range(phyr, range) {
		if (!(range.flags & PHYR_MMIO))
			return false;
	}
	return true;
}

static void *phyr_vmap_pages(const struct phyr *phyr, unsigned long nr,
			     pgprot_t prot)
{
	struct page **pages, *page;
	size_t i = 0;
	void *addr;

	if (nr > min(totalram_pages(), INT_MAX / sizeof(*pages)))
		return NULL;
	pages = kvmalloc_array(nr, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		return NULL;

	phyr_for_each_page(phyr, page)
		pages[i++] = page;
	addr = vmap(pages, nr, VM_MAP, prot);
	kvfree(pages);
	return addr;
}

static void *phyr_vmap_mmio(const struct phyr *phyr, unsigned long size,
			    pgprot_t prot)
{
	struct vm_struct *area = get_vm_area(size, VM_IOREMAP);
	struct phyr_range range;
	unsigned long addr;

	if (!area)
		return NULL;

	addr = (unsigned long)area->addr;
	phyr_for_each_range(phyr, range) {
		phys_addr_t phys = ALIGN_DOWN(range.phys, PAGE_SIZE);
		unsigned long end = addr + PAGE_ALIGN(range.phys + range.len -
						      phys);

		if (vmap_page_range(addr, end, phys, pgprot_decrypted(prot))) {
			phyr_vunmap(area->addr);
			return NULL;
		}
		addr = end;
	}
	return area->addr;
}

/**
 * phyr_vmap() - Map the listed memory into the kernel's address space
 * @phyr: List: all page memory or all device memory, in which every range but
 *	the first starts at a page and every range but the last ends at one.
 * @prot: Protection: %PAGE_KERNEL for page memory, and for device memory
 *	what suits it, as pgprot_noncached(%PAGE_KERNEL) would.
 *
 * The mapping is in one piece and holds no reference on the memory: the list
 * or its owner has to keep it until phyr_vunmap().  The list itself may change.
 * Device memory has to be accessed through it as through any other I/O memory,
 * after a cast to void __iomem.
 *
 * Context: Process context.  May sleep.
 * Return: The address of the list's first byte, or an ERR_PTR(): -EINVAL if the
 * list is empty or has a boundary inside a page, -EOPNOTSUPP if it has memory of
 * both kinds or there is no MMU, -ENOMEM if there is no memory or no room in the
 * address space.
 */
void *phyr_vmap(const struct phyr *phyr, pgprot_t prot)
{
	struct phyr_range first;
	unsigned int offset;
	void *addr;
	u64 size;

	if (phyr_at(phyr, 0, &first) || offset_in_page(phyr_summary(phyr).seams))
		return ERR_PTR(-EINVAL);
	if (!IS_ENABLED(CONFIG_MMU))
		return ERR_PTR(-EOPNOTSUPP);

	offset = offset_in_page(first.phys);
	size = PAGE_ALIGN(phyr_bytes(phyr) + offset);
	if (size > VMALLOC_TOTAL)
		return ERR_PTR(-ENOMEM);

	if (!(phyr_flags(phyr) & PHYR_MMIO))
		addr = phyr_vmap_pages(phyr, size >> PAGE_SHIFT, prot);
	else if (phyr_all_mmio(phyr))
		addr = phyr_vmap_mmio(phyr, size, prot);
	else
		return ERR_PTR(-EOPNOTSUPP);
	return addr ? addr + offset : ERR_PTR(-ENOMEM);
}
EXPORT_SYMBOL_GPL(phyr_vmap);

/**
 * phyr_vunmap() - Undo phyr_vmap()
 * @addr: What phyr_vmap() returned, or NULL.
 *
 * Context: Process context.  May sleep.
 */
void phyr_vunmap(void *addr)
{
	struct vm_struct *area = NULL;

	if (IS_ENABLED(CONFIG_MMU))
		area = find_vm_area(PTR_ALIGN_DOWN(addr, PAGE_SIZE));
	if (!area)
		return;
	if (area->flags & VM_IOREMAP)
		kmsan_iounmap_page_range((unsigned long)area->addr,
					 (unsigned long)area->addr +
					 get_vm_area_size(area));
	vunmap(area->addr);
}
EXPORT_SYMBOL_GPL(phyr_vunmap);

/* Is the list whole pages for @len bytes from @pos on? */
static bool phyr_whole_pages_at(const struct phyr *phyr, u64 pos, u64 len)
{
	PHYR_STATE(ps, phyr);
	phys_addr_t phys;

	if (phyrs_seek(&ps, pos))
		return false;

	while (len) {
		u64 bytes = phyrs_piece(&ps, len, &phys);

		if (!bytes || offset_in_page(phys | bytes))
			return false;
		len -= bytes;
	}
	return true;
}

static int phyr_insert(struct vm_area_struct *vma, unsigned long addr,
		       phys_addr_t phys, unsigned long len, unsigned int flags)
{
	unsigned long pfn = PHYS_PFN(phys);

	if (flags & PHYR_MMIO)
		return io_remap_pfn_range(vma, addr, pfn, len,
					  vma->vm_page_prot);
	return remap_pfn_range(vma, addr, pfn, len, vma->vm_page_prot);
}

/**
 * phyr_mmap() - Map the listed memory into a process
 * @phyr: List, of whole pages where it is mapped.
 * @vma: Area to fill, in which nothing is mapped yet.  Its vm_pgoff is the
 *	position in the list, in pages.
 *
 * For the mmap() of who owns the list; set @vma's vm_page_prot for device memory
 * before.  On x86 a range that isn't all of @vma is cached as it is already, see
 * remap_pfn_range().  The process can reach the memory until it unmaps it: the list or its
 * owner has to keep it as long, which an open file does, or to take the
 * mappings away, with unmap_mapping_range().
 *
 * Context: Process context, with the mmap_lock held for writing, as in mmap().
 * Return: 0, or a negative errno: -EINVAL if @vma isn't within the list or is a
 * private mapping that can be written, or there are not whole pages; then
 * nothing is mapped.  -ENOMEM, or -EINVAL for a range that is cached in several ways;
 * then some may be mapped, and @vma must not be used any more, as it isn't once
 * mmap() has failed.
 */
int phyr_mmap(const struct phyr *phyr, struct vm_area_struct *vma)
{
	PHYR_STATE(ps, phyr);
	u64 pos = (u64)vma->vm_pgoff << PAGE_SHIFT;
	unsigned long addr = vma->vm_start;

	if ((vma->vm_flags & (VM_SHARED | VM_MAYWRITE)) == VM_MAYWRITE ||
	    vma->vm_pgoff > phyr_bytes(phyr) >> PAGE_SHIFT ||
	    !phyr_whole_pages_at(phyr, pos, vma->vm_end - addr))
		return -EINVAL;

	phyrs_seek(&ps, pos);
	while (addr < vma->vm_end) {
		phys_addr_t phys;
		unsigned long len = phyrs_piece(&ps, vma->vm_end - addr, &phys);
		int ret = phyr_insert(vma, addr, phys, len, ps.range.flags);

		if (ret)
			return ret;
		addr += len;
	}
	return 0;
}
EXPORT_SYMBOL_GPL(phyr_mmap);
