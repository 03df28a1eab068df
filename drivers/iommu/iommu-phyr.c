// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mapping of physical-range lists into IOMMU domains.
 */

#include <kunit/visibility.h>
#include <linux/bitops.h>
#include <linux/export.h>
#include <linux/iommu.h>
#include <linux/iommu-vecs.h>
#include <linux/overflow.h>
#include <linux/phyr_iommu.h>
#include <linux/sched.h>

/* Ranges that are read from the list and mapped at a time. */
#define PHYR_IOMMU_BATCH	64

/* Where and how to map: the next range goes to @iova + @mapped. */
struct phyr_iommu_place {
	struct iommu_domain	*domain;
	unsigned long		iova;
	size_t			mapped;
	unsigned long		boundary;	/* smallest page - 1 */
	int			prot;
	gfp_t			gfp;
};

static unsigned long phyr_iommu_boundary(const struct iommu_domain *domain)
{
	return BIT(__ffs(domain->pgsize_bitmap)) - 1;
}

/* Device memory isn't cached, so there is no cache to be coherent with. */
static int phyr_iommu_prot(const struct phyr_range *range, int prot)
{
	if (range->flags & PHYR_MMIO)
		return (prot & ~IOMMU_CACHE) | IOMMU_MMIO;
	return prot;
}

static int phyr_iommu_map_vecs(struct phyr_iommu_place *to,
			       const struct phys_vec *vec, unsigned int nr,
			       int prot)
{
	return iommu_map_vecs_nosync(to->domain, to->iova + to->mapped, vec, nr,
				     prot, to->gfp, &to->mapped);
}

/* Limit @vec to @len bytes, and subtract from @len what that uses. */
static unsigned int phyr_iommu_cut(struct phys_vec *vec, unsigned int nr,
				   u64 *len)
{
	unsigned int used;

	for (used = 0; used < nr && *len; used++) {
		vec[used].len = min(vec[used].len, *len);
		*len -= vec[used].len;
	}
	return used;
}

static bool phyr_iommu_aligned(const struct phyr_iommu_place *to,
			       const struct phys_vec *vec, unsigned int nr)
{
	phys_addr_t bits = 0;

	while (nr--) {
		bits |= vec->paddr | vec->len;
		vec++;
	}
	return !(bits & to->boundary);
}

/* If the last range ends inside an IOMMU page, all of that page is mapped. */
static int phyr_iommu_map_rest(struct phyr_iommu_place *to,
			       struct phyr_state *ps, u64 len)
{
	struct phys_vec vec[PHYR_IOMMU_BATCH] __uninitialized;
	unsigned int nr;
	int ret = 0;

	while (len && !ret &&
	       (nr = phyrs_next_vecs(ps, vec, ARRAY_SIZE(vec)))) {
		nr = phyr_iommu_cut(vec, nr, &len);
		if (!len)
			vec[nr - 1].len = ALIGN(vec[nr - 1].len,
						to->boundary + 1);
		if (!phyr_iommu_aligned(to, vec, nr))
			return -EINVAL;
		ret = phyr_iommu_map_vecs(to, vec, nr,
					  phyr_iommu_prot(&ps->range, to->prot));
		if (gfpflags_allow_blocking(to->gfp))
			cond_resched();
	}
	return ret ?: len ? -ERANGE : 0;
}

/*
 * The first range may start @pad bytes into an IOMMU page: all of that page is
 * mapped.  It is mapped by itself, without an array, because often it is the
 * only one.
 */
static int phyr_iommu_map_ranges(struct phyr_iommu_place *to,
				 struct phyr_state *ps, u64 len, size_t pad)
{
	struct phys_vec first;
	int ret;

	first.len = phyrs_piece(ps, len, &first.paddr);
	if (!first.len)
		return -ERANGE;
	len -= first.len;
	first.paddr -= pad;
	first.len += pad;
	if (!len)
		first.len = ALIGN(first.len, to->boundary + 1);
	if (!phyr_iommu_aligned(to, &first, 1))
		return -EINVAL;

	ret = phyr_iommu_map_vecs(to, &first, 1,
				  phyr_iommu_prot(&ps->range, to->prot));
	return ret ?: len ? phyr_iommu_map_rest(to, ps, len) : 0;
}

/**
 * phyrs_iommu_map_nosync() - Map what comes next in a list, without syncing
 * @ps: State, before the first range to map.
 * @domain: Domain to map into.
 * @iova: Where to map the first byte: at the same offset into an IOMMU page.
 * @len: Length in bytes, not zero.
 * @prot: IOMMU_READ and so on.
 * @gfp: For page tables.
 *
 * The first range may start and the last one may end inside one of the smallest
 * IOMMU pages: all of that page is mapped.  The caller syncs with
 * iommu_sync_map() and unmaps with iommu_unmap().  Afterwards @ps may be
 * further than @len bytes, so the caller has to set it before using it again.
 *
 * Context: As @gfp allows.
 * Return: 0, or a negative errno with nothing mapped: as phyr_iommu_map().
 */
int phyrs_iommu_map_nosync(struct phyr_state *ps, struct iommu_domain *domain,
			   unsigned long iova, u64 len, int prot, gfp_t gfp)
{
	unsigned long boundary = phyr_iommu_boundary(domain), last;
	size_t pad = iova & boundary;
	struct phyr_iommu_place to = {
		.domain = domain,
		.iova = iova - pad,
		.boundary = boundary,
		.prot = prot,
		.gfp = gfp,
	};
	int ret;

	if (overflows_type(len, size_t) ||
	    check_add_overflow(iova, len - 1, &last))
		return -ERANGE;

	ret = phyr_iommu_map_ranges(&to, ps, len, pad);
	if (ret && to.mapped)
		iommu_unmap(domain, to.iova, to.mapped);
	return ret;
}
EXPORT_SYMBOL_IF_KUNIT(phyrs_iommu_map_nosync);

/**
 * phyr_iommu_map() - Map a part of a list into an IOMMU domain
 * @domain: Domain to map into.
 * @iova: Where to map, a multiple of the smallest IOMMU page.
 * @phyr: List that must not change while it is mapped.
 * @pos: Position of the first byte in @phyr, in bytes.
 * @len: Length in bytes, a multiple of the smallest IOMMU page.
 * @prot: IOMMU_READ and so on.  Device memory gets IOMMU_MMIO in addition, and
 *	no IOMMU_CACHE.
 * @gfp: For page tables.
 *
 * The IOVA is one range from @iova on, whatever is in the list.  IOMMU pages
 * larger than the smallest are used where IOVA and physical addresses agree
 * modulo their size.  It isn't checked whether devices in @domain can reach
 * peer-to-peer memory in the list through the host bridge: the caller has to.
 *
 * iommu_unmap() undoes it, all at once or in parts.
 *
 * Context: As @gfp allows.
 * Return: 0, or a negative errno with nothing mapped:
 *
 * * %-EINVAL - @len is zero; or @iova, @len, the first address or a boundary
 *   between ranges isn't a multiple of the smallest IOMMU page.
 * * %-ERANGE - @pos and @len are not inside @phyr, or the IOVA wraps around.
 * * %-ENOMEM - Out of memory for page tables.
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
