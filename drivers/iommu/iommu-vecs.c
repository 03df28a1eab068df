// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mapping of many physical ranges into an IOMMU domain by one call.
 */

#include <linux/export.h>
#include <linux/generic_pt/iommu.h>
#include <linux/generic_pt/iommu_vecs.h>
#include <linux/iommu.h>
#include <linux/iommu-vecs.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <trace/events/iommu.h>

#include "iommu-priv.h"

#if IS_ENABLED(CONFIG_IOMMU_PT)
/* Trace and count each range, like iommu_map_nosync() does for one. */
static void tell_mapped(struct iommu_domain *domain,
			const struct pt_iommu_vecs *to, size_t mapped)
{
	const struct phys_vec *vec = to->vec;

	for (size_t pos = 0; pos < mapped; vec++) {
		size_t len = min(vec->len, mapped - pos);

		trace_map(to->iova + pos, vec->paddr, len);
		iommu_debug_map(domain, vec->paddr, len);
		pos += len;
	}
}

static int map_vecs(struct iommu_domain *domain, const struct pt_iommu_vecs *to,
		    size_t *mapped)
{
	struct pt_iommu *pt = iommupt_from_domain(domain);
	size_t done = 0;
	int ret;

	might_sleep_if(gfpflags_allow_blocking(to->gfp));
	ret = pt->ops->map_vecs(pt, to, &done);
	if (trace_map_enabled() || IS_ENABLED(CONFIG_IOMMU_DEBUG_PAGEALLOC))
		tell_mapped(domain, to, done);
	*mapped += done;
	return ret;
}
#else
static int map_vecs(struct iommu_domain *domain, const struct pt_iommu_vecs *to,
		    size_t *mapped)
{
	return -EOPNOTSUPP;
}
#endif

/**
 * iommu_map_vecs_nosync() - Map many ranges next to each other, without syncing
 * @domain: Domain to map into.
 * @iova: Where to map the first range.
 * @vecs: Ranges.  Their addresses and lengths, and @iova, are multiples of the
 *	smallest IOMMU page.
 * @nr: Number of ranges.
 * @prot: IOMMU_READ and so on.
 * @gfp: For page tables.  Flags that choose a zone are ignored.
 * @mapped: The number of bytes that were mapped is added to this.
 *
 * A domain on the generic page table is walked once for each of its lowest
 * tables, any other one for each range.  The caller makes all of it known to the
 * IOMMU with iommu_sync_map().
 *
 * Context: As @gfp allows.
 * Return: 0, or a negative errno with the ranges before that one mapped, and
 * maybe a part of it: the caller has to unmap what was added to *@mapped.
 *
 * * %-ENOMEM - Out of memory for page tables.
 * * %-ERANGE - A range can't be expressed by the page tables.
 * * %-EADDRINUSE - Something is mapped there.
 * * Others from iommu_map().
 */
int iommu_map_vecs_nosync(struct iommu_domain *domain, unsigned long iova,
			  const struct phys_vec *vecs, unsigned int nr,
			  int prot, gfp_t gfp, size_t *mapped)
{
	/* Long ranges have little in common of what is walked. */
	size_t each = nr > 1 && iommupt_from_domain(domain) ? SZ_64K : 0;
	struct pt_iommu_vecs rest __uninitialized;

	gfp = iommu_map_gfp(gfp);
	for (; nr && vecs->len >= each; nr--, vecs++) {
		int ret = iommu_map_nosync(domain, iova, vecs->paddr,
					   vecs->len, prot, gfp);

		if (ret)
			return ret;
		iova += vecs->len;
		*mapped += vecs->len;
	}
	if (!nr)
		return 0;
	rest = (struct pt_iommu_vecs) {
		.iova = iova,
		.vec = vecs,
		.nr = nr,
		.prot = prot,
		.gfp = gfp,
	};
	return map_vecs(domain, &rest, mapped);
}
EXPORT_SYMBOL_GPL(iommu_map_vecs_nosync);
