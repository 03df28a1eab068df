// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mapping of physical-range lists into IOMMU domains.
 */

#include <linux/bitops.h>
#include <linux/export.h>
#include <linux/iommu.h>
#include <linux/overflow.h>
#include <linux/phyr_iommu.h>

/* Ranges that are read from the list at a time. */
#define PHYR_IOMMU_BATCH	32

/* Where the next range goes. */
struct phyr_iommu_place {
	struct iommu_domain	*domain;
	unsigned long		start;
	unsigned long		iova;
	unsigned long		boundary;	/* the smallest IOMMU page, less one */
};

static unsigned long phyr_iommu_boundary(const struct iommu_domain *domain)
{
	return BIT(__ffs(domain->pgsize_bitmap)) - 1;
}

/*
 * Only the first range may start and only the last one may end inside an IOMMU
 * page, all of which is mapped then.
 */
static inline int phyr_iommu_map_vec(struct phyr_iommu_place *to,
				     phys_addr_t phys, size_t len, int prot,
				     gfp_t gfp)
{
	unsigned long pad = to->iova & to->boundary;
	int ret;

	if ((to->iova ^ phys) & to->boundary || (pad && to->iova != to->start))
		return -EINVAL;

	ret = iommu_map_nosync(to->domain, to->iova - pad, phys - pad,
			       ALIGN(len + pad, to->boundary + 1), prot, gfp);
	if (!ret)
		to->iova += len;
	return ret;
}

/* Device memory isn't cached. */
static int phyr_iommu_prot(const struct phyr_range *range, int prot)
{
	if (range->flags & PHYR_MMIO)
		return (prot & ~IOMMU_CACHE) | IOMMU_MMIO;
	return prot;
}

static int phyr_iommu_map_ranges(struct phyr_iommu_place *to,
				 struct phyr_state *ps, u64 len, int prot,
				 gfp_t gfp)
{
	struct phys_vec vec[PHYR_IOMMU_BATCH];
	unsigned int nr;
	int ret = 0;

	while (len && (nr = phyrs_next_vecs(ps, vec, ARRAY_SIZE(vec)))) {
		int kind = phyr_iommu_prot(&ps->range, prot);

		for (unsigned int i = 0; i < nr && len; i++) {
			size_t size = min(len, vec[i].len);

			ret = phyr_iommu_map_vec(to, vec[i].paddr, size, kind,
						 gfp);
			if (ret)
				return ret;
			len -= size;
		}
	}
	return len ? -ERANGE : 0;
}

static void phyr_iommu_undo(const struct phyr_iommu_place *to)
{
	unsigned long start = ALIGN_DOWN(to->start, to->boundary + 1);

	if (to->iova != to->start)
		iommu_unmap(to->domain, start,
			    ALIGN(to->iova, to->boundary + 1) - start);
}

/**
 * phyrs_iommu_map_nosync() - Map what comes next in a list, without syncing
 * @ps: State, before the first range to map.
 * @domain: Domain to map into.
 * @iova: Where; with the offset into an IOMMU page of the first byte.
 * @len: Length in bytes, not zero.
 * @prot: IOMMU_READ and so on.
 * @gfp: For page tables.
 *
 * The first range may start and the last one may end inside one of the smallest
 * IOMMU pages: all of that page is mapped.  The caller syncs with
 * iommu_sync_map() and unmaps with iommu_unmap(), and sets @ps anew if it wants
 * to go on.
 *
 * Context: As @gfp allows.
 * Return: 0, or a negative errno with nothing mapped: as phyr_iommu_map().
 */
int phyrs_iommu_map_nosync(struct phyr_state *ps, struct iommu_domain *domain,
			   unsigned long iova, u64 len, int prot, gfp_t gfp)
{
	struct phyr_iommu_place to = {
		.domain = domain,
		.start = iova,
		.iova = iova,
		.boundary = phyr_iommu_boundary(domain),
	};
	unsigned long last;
	int ret;

	if (overflows_type(len, size_t) ||
	    check_add_overflow(iova, len - 1, &last))
		return -ERANGE;

	/* What page tables can't be, iommu_map_nosync() would warn of. */
	gfp &= ~(__GFP_COMP | __GFP_DMA | __GFP_DMA32 | __GFP_HIGHMEM);
	ret = phyr_iommu_map_ranges(&to, ps, len, prot, gfp);
	if (ret)
		phyr_iommu_undo(&to);
	return ret;
}
EXPORT_SYMBOL_GPL(phyrs_iommu_map_nosync);

/**
 * phyr_iommu_map() - Map a part of a list into an IOMMU domain
 * @domain: Domain to map into.
 * @iova: Where to map, a multiple of the smallest IOMMU page.
 * @phyr: List, that must stay as it is while it is mapped.
 * @pos: Position of the first byte in @phyr, in bytes.
 * @len: Length in bytes, a multiple of the smallest IOMMU page.
 * @prot: IOMMU_READ and so on.  Device memory gets IOMMU_MMIO in addition, and
 *	no IOMMU_CACHE.
 * @gfp: For page tables.
 *
 * The IOVA is one range from @iova on, whatever is in the list.  IOMMU pages
 * larger than the smallest are used where IOVA and physical addresses agree
 * modulo their size.  The caller knows that the devices in @domain may reach
 * what is peer-to-peer memory in the list, by way of the host bridge.
 *
 * iommu_unmap() undoes it, all at once or in parts.
 *
 * Context: As @gfp allows.
 * Return: 0, or a negative errno with nothing mapped:
 *
 * * -EINVAL	- @len is zero, or @iova, @len or a boundary between ranges isn't
 *		  a multiple of the smallest IOMMU page.
 * * -ERANGE	- @pos and @len are not inside @phyr, or @iova and @len wrap around.
 * * -ENOMEM	- Out of memory for page tables.
 * * Others from iommu_map().
 */
int phyr_iommu_map(struct iommu_domain *domain, unsigned long iova,
		   const struct phyr *phyr, u64 pos, u64 len, int prot,
		   gfp_t gfp)
{
	PHYR_STATE(ps, phyr);
	int ret;

	if (!len || (iova | len) & phyr_iommu_boundary(domain))
		return -EINVAL;
	if (pos > phyr_bytes(phyr) || len > phyr_bytes(phyr) - pos)
		return -ERANGE;

	phyrs_seek(&ps, pos);
	ret = phyrs_iommu_map_nosync(&ps, domain, iova, len, prot, gfp);
	if (ret)
		return ret;

	ret = iommu_sync_map(domain, iova, len);
	if (ret)
		iommu_unmap(domain, iova, len);
	return ret;
}
EXPORT_SYMBOL_GPL(phyr_iommu_map);
