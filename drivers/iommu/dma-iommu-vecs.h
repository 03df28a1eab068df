/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Linking of many physical ranges into IOVA by one call, and unlinking them.
 *
 * Part of dma-iommu.c.
 */

#include <linux/dma-iova-vecs.h>
#include <linux/generic_pt/iommu.h>
#include <linux/iommu-vecs.h>

/* Ranges that are padded to whole granules and mapped at a time. */
#define DMA_IOVA_BATCH	32

/* What to link, and where. */
struct dma_iova_vecs {
	struct device		*dev;
	struct dma_iova_state	*state;
	struct iommu_domain	*domain;
	struct iova_domain	*iovad;
	const struct phys_vec	*vecs;
	unsigned int		nr;
	dma_addr_t		addr;	/* of the first range */
	dma_addr_t		end;	/* of the last one */
	enum dma_data_direction	dir;
	unsigned long		attrs;
	gfp_t			gfp;
};

static __always_inline void
dma_iova_vecs_init(struct dma_iova_vecs *v, struct device *dev,
		   struct iommu_domain *domain, const struct phys_vec *vecs,
		   unsigned int nr, enum dma_data_direction dir,
		   unsigned long attrs)
{
	v->dev = dev;
	v->domain = domain;
	v->iovad = &domain->iova_cookie->iovad;
	v->vecs = vecs;
	v->nr = nr;
	v->dir = dir;
	v->attrs = attrs;
}

/* Is there a range, of whatever length, that has to be bounced? */
static bool dma_iova_may_bounce(struct device *dev, enum dma_data_direction dir)
{
	return IS_ENABLED(CONFIG_SWIOTLB) &&
	       (dev_is_untrusted(dev) || !dma_kmalloc_safe(dev, dir));
}

static struct phys_vec dma_iova_padded(struct iova_domain *iovad,
				       const struct phys_vec *vec)
{
	size_t pad = iova_offset(iovad, vec->paddr);

	return (struct phys_vec) {
		.paddr = vec->paddr - pad,
		.len = iova_align(iovad, vec->len + pad),
	};
}

static int dma_iova_check_attrs(const struct dma_iova_vecs *v)
{
	if (!(v->attrs & DMA_ATTR_REQUIRE_COHERENT))
		return 0;
	if (WARN_ON_ONCE(v->state->__size & DMA_IOVA_USE_SWIOTLB))
		return -EOPNOTSUPP;
	return dev_is_dma_coherent(v->dev) ? 0 : -EOPNOTSUPP;
}

/*
 * Find out where the ranges end.  *@odd gets bits below the granule if any
 * boundary isn't a multiple of it.
 */
static __always_inline int
dma_iova_place_vecs(struct dma_iova_vecs *v, phys_addr_t *odd)
{
	u64 mask = v->iovad->granule - 1, start = v->addr & ~mask;
	u64 room = v->state->addr + (u64)dma_iova_size(v->state);
	phys_addr_t bits = 0;
	u64 end = 0;

	if (v->addr > room)
		return -ERANGE;
	room -= v->addr;

	for (unsigned int i = 0; i < v->nr; i++) {
		size_t len = v->vecs[i].len;

		if (!len)
			return -EINVAL;
		if (len > room - end)
			return -ERANGE;
		bits |= v->vecs[i].paddr | len;
		end += len;
	}
	*odd = bits & mask;
	v->end = v->addr + end;
	if (!*odd || v->nr == 1)
		return 0;
	/* With what is between them in their granules, they need more. */
	v->end = start + dma_iova_vecs_end(0, v->vecs, v->nr, mask + 1);
	return v->end - v->addr > room ? -ERANGE : 0;
}

static void dma_iova_sync_for_device(const struct dma_iova_vecs *v)
{
	for (unsigned int i = 0; i < v->nr; i++)
		arch_sync_dma_for_device(v->vecs[i].paddr, v->vecs[i].len,
					 v->dir);
}

/*
 * Give ranges back to the CPU, and free their bounce buffers.  This has to be done
 * range by range, because what is between them in their granules is somebody
 * else's memory.
 */
static void dma_iova_sync_for_cpu(const struct dma_iova_vecs *v)
{
	dma_addr_t addr = v->addr;

	for (unsigned int i = 0; i < v->nr; i++) {
		const struct phys_vec *vec = &v->vecs[i];

		if (i)
			addr = dma_iova_next_addr(addr, vec->paddr,
						  v->iovad->granule);
		iommu_dma_iova_unlink_range_slow(v->dev, addr, vec->len, v->dir,
						 v->attrs);
		addr += vec->len;
	}
}

/* Unlink ranges, of which nothing is left to be given to the CPU afterwards. */
static void dma_iova_unlink_synced(const struct dma_iova_vecs *v)
{
	struct dma_iova_state iova = {
		.addr = v->addr,
		.__size = v->end - v->addr,
	};

	if (dma_iova_unlink_is_slow(v->dev, v->state, v->attrs))
		dma_iova_sync_for_cpu(v);
	dma_iova_unlink(v->dev, &iova, 0, iova.__size, v->dir,
			v->attrs | DMA_ATTR_SKIP_CPU_SYNC);
}

/* Map whole granules one by one: many drivers can't do better. */
static int dma_iova_map_each(const struct dma_iova_vecs *v, dma_addr_t addr,
			     int prot, size_t *mapped)
{
	for (unsigned int i = 0; i < v->nr; i++) {
		struct phys_vec padded = dma_iova_padded(v->iovad, &v->vecs[i]);
		int ret = iommu_map_nosync(v->domain, addr + *mapped,
					   padded.paddr, padded.len, prot,
					   v->gfp);

		if (ret)
			return ret;
		*mapped += padded.len;
	}
	return 0;
}

/* Map whole granules, next to each other: there is nothing between the ranges. */
static noinline_for_stack int
dma_iova_map_padded(const struct dma_iova_vecs *v, dma_addr_t addr, int prot,
		    size_t *mapped)
{
	struct phys_vec padded[DMA_IOVA_BATCH] __uninitialized;
	int ret = 0;

	for (unsigned int i = 0, nr; i < v->nr && !ret; i += nr) {
		nr = min(v->nr - i, ARRAY_SIZE(padded));
		for (unsigned int j = 0; j < nr; j++)
			padded[j] = dma_iova_padded(v->iovad, &v->vecs[i + j]);
		ret = iommu_map_vecs_nosync(v->domain, addr + *mapped, padded,
					    nr, prot, v->gfp, mapped);
	}
	return ret;
}

/* Link a range that needs no bounce buffer. */
static __always_inline int
dma_iova_link_single(struct device *dev, struct iommu_domain *domain,
		     struct iova_domain *iovad, dma_addr_t addr,
		     const struct phys_vec *vec, enum dma_data_direction dir,
		     unsigned long attrs, gfp_t gfp)
{
	struct phys_vec padded = dma_iova_padded(iovad, vec);
	int prot = dma_info_to_prot(dir, dev_is_dma_coherent(dev), attrs);

	if (dma_iova_must_sync(dev, attrs))
		arch_sync_dma_for_device(vec->paddr, vec->len, dir);
	return iommu_map_nosync(domain, addr - iova_offset(iovad, addr),
				padded.paddr, padded.len, prot, gfp);
}

/* Link ranges that need no bounce buffers. */
static int dma_iova_link_in_place(const struct dma_iova_vecs *v, bool odd)
{
	dma_addr_t addr = v->addr - iova_offset(v->iovad, v->addr);
	int prot = dma_info_to_prot(v->dir, dev_is_dma_coherent(v->dev),
				    v->attrs);
	size_t mapped = 0;
	int ret;

	if (dma_iova_must_sync(v->dev, v->attrs))
		dma_iova_sync_for_device(v);
	if (!iommupt_from_domain(v->domain))
		ret = dma_iova_map_each(v, addr, prot, &mapped);
	else if (odd)
		ret = dma_iova_map_padded(v, addr, prot, &mapped);
	else
		ret = iommu_map_vecs_nosync(v->domain, addr, v->vecs, v->nr,
					    prot, v->gfp, &mapped);
	if (ret && mapped)
		iommu_unmap(v->domain, addr, mapped);
	return ret;
}

/*
 * A range that starts inside a granule needs a bounce buffer with that offset, but
 * swiotlb keeps only the bits in min_align_mask.
 */
static int dma_iova_link_bounced(const struct dma_iova_vecs *v, dma_addr_t addr,
				 const struct phys_vec *vec)
{
	u64 offset = iova_offset(v->iovad, vec->paddr);

	if (v->attrs & (DMA_ATTR_MMIO | DMA_ATTR_REQUIRE_COHERENT))
		return -EPERM;
	if (offset & ~(u64)dma_get_min_align_mask(v->dev))
		return -EOPNOTSUPP;
	return iommu_dma_iova_link_swiotlb(v->dev, v->state, vec->paddr,
					   addr - v->state->addr, vec->len,
					   v->dir, v->attrs);
}

/* Device memory doesn't share cache lines, which is why short ranges are bounced. */
static bool dma_iova_must_bounce(const struct dma_iova_vecs *v,
				 const struct phys_vec *vec)
{
	return iova_unaligned(v->iovad, vec->paddr, vec->len) &&
	       dev_use_swiotlb(v->dev, vec->len, v->dir) &&
	       (!(v->attrs & DMA_ATTR_MMIO) || dev_is_untrusted(v->dev));
}

static int dma_iova_link_one(const struct dma_iova_vecs *v, dma_addr_t addr,
			     const struct phys_vec *vec)
{
	if (dma_iova_must_bounce(v, vec))
		return dma_iova_link_bounced(v, addr, vec);
	return dma_iova_link_single(v->dev, v->domain, v->iovad, addr, vec,
				    v->dir, v->attrs, v->gfp);
}

/* Undo the first ranges; what they hold has not been written by any device. */
static void dma_iova_undo(const struct dma_iova_vecs *v, unsigned int nr,
			  dma_addr_t end)
{
	struct dma_iova_vecs some = *v;

	if (!nr)
		return;
	some.nr = nr;
	some.end = end;
	some.attrs |= DMA_ATTR_SKIP_CPU_SYNC;
	dma_iova_unlink_synced(&some);
}

/* Link range by range, as any of them may have to be bounced. */
static int dma_iova_link_each(const struct dma_iova_vecs *v)
{
	u64 bounced = v->state->__size & DMA_IOVA_USE_SWIOTLB;
	dma_addr_t addr = v->addr, end = addr;

	for (unsigned int i = 0; i < v->nr; i++) {
		const struct phys_vec *vec = &v->vecs[i];
		int ret;

		if (i)
			addr = dma_iova_next_addr(end, vec->paddr,
						  v->iovad->granule);
		ret = dma_iova_link_one(v, addr, vec);
		if (ret) {
			dma_iova_undo(v, i, end);
			v->state->__size = dma_iova_size(v->state) | bounced;
			return ret;
		}
		end = addr + vec->len;
	}
	return 0;
}

static int dma_iova_link_any(const struct dma_iova_vecs *v, bool odd)
{
	if (odd && dma_iova_may_bounce(v->dev, v->dir))
		return dma_iova_link_each(v);
	return dma_iova_link_in_place(v, odd);
}

/**
 * dma_iova_link_vecs() - Link many physical ranges
 * @dev: Device that @state is for.
 * @state: IOVA, of dma_iova_try_alloc().
 * @offset: Where the ranges that were linked before end, in bytes from
 *	@state->addr; zero if there are none.
 * @vecs: Ranges of the same kind of memory, in bytes.
 * @nr: Number of ranges.
 * @linked: Set to the bytes of IOVA from @offset on that were linked, including what
 *	is between ranges in their granules; zero after an error.
 * @dir: Direction of the transfers.
 * @attrs: DMA_ATTR_* flags; %DMA_ATTR_MMIO if the ranges are device memory.
 * @gfp: For page tables; those of bounced ranges are allocated with %GFP_ATOMIC.
 *
 * Does what dma_iova_link() does for one range, with these differences.  The page
 * table is walked once for each of its lowest tables, where it is the generic one,
 * as with VT-d, AMD and RISC-V; any other driver, as those of SMMUv3 and
 * virtio-iommu, is called for each range, as for each entry of a scatterlist.
 * Boundaries between ranges may be anything: see dma_iova_first_addr() and
 * dma_iova_next_addr() for where the ranges are.  To go on with more ranges, add
 * *@linked to @offset.
 *
 * The caller makes all that was linked known to the IOMMU with dma_iova_sync().
 * The memory has to stay until it is unlinked, by one of
 *
 * * dma_iova_destroy() or dma_iova_unlink() for all ranges together, if all
 *   boundaries between them are multiples of the granule, or if
 *   dma_iova_can_unlink_whole() says so;
 * * dma_iova_unlink_vecs() and then dma_iova_free().
 *
 * Context: As @gfp allows.
 * Return: 0, or a negative errno with nothing of @vecs linked:
 *
 * * %-EINVAL - A range is empty.
 * * %-ERANGE - @state has not enough room; or the page tables can't express a
 *   physical address.
 * * %-ENOMEM - Out of memory for page tables, or of bounce buffers.
 * * %-EPERM - A range would have to be bounced that must not be, because of
 *   %DMA_ATTR_REQUIRE_COHERENT, or of %DMA_ATTR_MMIO for a device that
 *   isn't trusted.
 * * %-EOPNOTSUPP - A range to bounce starts inside a granule, at an offset that
 *   bounce buffers don't keep: see dma_set_min_align_mask().
 *   dma_map_phys() can map it.
 * * %-EOPNOTSUPP - %DMA_ATTR_REQUIRE_COHERENT, and @dev isn't coherent.
 * * %-EADDRINUSE - Something is linked there.
 * * Others from the IOMMU driver.
 */
int dma_iova_link_vecs(struct device *dev, struct dma_iova_state *state,
		       size_t offset, const struct phys_vec *vecs,
		       unsigned int nr, size_t *linked,
		       enum dma_data_direction dir, unsigned long attrs,
		       gfp_t gfp)
{
	struct dma_iova_vecs v __uninitialized;
	phys_addr_t odd;
	int ret;

	*linked = 0;
	if (!nr)
		return 0;
	dma_iova_vecs_init(&v, dev, iommu_get_dma_domain(dev), vecs, nr, dir,
			   attrs);
	v.state = state;
	v.gfp = iommu_map_gfp(gfp);
	v.addr = dma_iova_first_addr(state, offset, vecs->paddr,
				     v.iovad->granule);
	ret = dma_iova_check_attrs(&v) ?: dma_iova_place_vecs(&v, &odd) ?:
	      dma_iova_link_any(&v, odd);
	if (!ret)
		*linked = v.end - (state->addr + offset);
	return ret;
}
EXPORT_SYMBOL_GPL(dma_iova_link_vecs);

/*
 * What ranges take of IOVA, if that can be expressed, and whether a boundary isn't a
 * multiple of the granule.
 */
static __always_inline bool dma_iova_vecs_size(const struct phys_vec *vecs,
					       unsigned int nr, u64 granule,
					       size_t *size, bool *odd)
{
	u64 bits = 0, end = 0;

	for (unsigned int i = 0; i < nr; i++) {
		bits |= vecs[i].paddr | vecs[i].len;
		end = dma_iova_next_addr(end, vecs[i].paddr, granule) +
		      vecs[i].len;
	}
	end -= vecs->paddr & (granule - 1);
	*size = end;
	*odd = bits & (granule - 1);
	return *size == end;
}

/* Link ranges that all of the IOVA was allocated for. */
static noinline int
dma_iova_link_all(struct device *dev, struct iommu_domain *domain,
		  struct dma_iova_state *state, const struct phys_vec *vecs,
		  unsigned int nr, bool odd, enum dma_data_direction dir,
		  unsigned long attrs, gfp_t gfp)
{
	struct dma_iova_vecs v __uninitialized;

	dma_iova_vecs_init(&v, dev, domain, vecs, nr, dir, attrs);
	v.state = state;
	v.gfp = gfp;
	v.addr = state->addr;
	v.end = v.addr + dma_iova_size(state);
	return dma_iova_check_attrs(&v) ?: dma_iova_link_any(&v, odd);
}

/* dma_iova_sync(), for who has looked all of it up already. */
static __always_inline int
dma_iova_sync_all(struct device *dev, struct iommu_domain *domain,
		  struct iova_domain *iovad, const struct dma_iova_state *state,
		  size_t size)
{
	size_t pad = iova_offset(iovad, state->addr);

	if (!dev_is_dma_coherent(dev))
		arch_sync_dma_flush();
	return iommu_sync_map(domain, state->addr - pad,
			      iova_align(iovad, size + pad));
}

/**
 * dma_iova_map_vecs() - Allocate IOVA for physical ranges and link them
 * @dev: Device, one that use_dma_iommu() is true of.
 * @state: Set to the IOVA, as if by dma_iova_try_alloc().
 * @vecs: Ranges of the same kind of memory, in bytes, none of them empty.
 * @nr: Number of ranges, not zero.
 * @dir: Direction of the transfers.
 * @attrs: DMA_ATTR_* flags; %DMA_ATTR_MMIO if the ranges are device memory.
 * @gfp: For page tables; those of bounced ranges are allocated with %GFP_ATOMIC.
 *
 * dma_iova_try_alloc(), dma_iova_link_vecs() and dma_iova_sync() in one, for ranges
 * that are all at hand: lists are short more often than not, and then the three would
 * spend more on finding the same things out than on the page table.  What
 * dma_iova_link_vecs() says of unlinking holds here, too.
 *
 * Context: As @gfp allows.
 * Return: 0, or a negative errno with no IOVA allocated: -EOPNOTSUPP also if there is
 * none, the others as of dma_iova_link_vecs().
 */
int dma_iova_map_vecs(struct device *dev, struct dma_iova_state *state,
		      const struct phys_vec *vecs, unsigned int nr,
		      enum dma_data_direction dir, unsigned long attrs,
		      gfp_t gfp)
{
	struct iommu_domain *domain = iommu_get_dma_domain(dev);
	struct iova_domain *iovad = &domain->iova_cookie->iovad;
	phys_addr_t phase = vecs->paddr;
	size_t size;
	bool odd;
	int ret;

	if (nr > 1)
		phase = dma_iova_phase(vecs, vecs[1].paddr);
	if (!dma_iova_vecs_size(vecs, nr, iovad->granule, &size, &odd) ||
	    !dma_iova_try_alloc(dev, state, phase, size))
		return -EOPNOTSUPP;
	gfp = iommu_map_gfp(gfp);
	/* Most mappings are of one range, and nothing rare. */
	if (nr == 1 && !(attrs & DMA_ATTR_REQUIRE_COHERENT) &&
	    !(odd && dma_iova_may_bounce(dev, dir)))
		ret = dma_iova_link_single(dev, domain, iovad, state->addr,
					   vecs, dir, attrs, gfp);
	else
		ret = dma_iova_link_all(dev, domain, state, vecs, nr, odd, dir,
					attrs, gfp);
	if (ret)
		goto out_free;
	ret = dma_iova_sync_all(dev, domain, iovad, state, size);
	if (!ret)
		return 0;
	dma_iova_unlink_vecs(dev, state, 0, vecs, nr, dir,
			     attrs | DMA_ATTR_SKIP_CPU_SYNC);
out_free:
	dma_iova_free(dev, state);
	return ret;
}
EXPORT_SYMBOL_GPL(dma_iova_map_vecs);

/**
 * dma_iova_unlink_vecs() - Undo dma_iova_link_vecs()
 * @dev: Device that @state is for.
 * @state: IOVA.
 * @offset: As for dma_iova_link_vecs().
 * @vecs: The same ranges, or the first or last of them: then @offset is where
 *	the ranges before those end.
 * @nr: Number of ranges.
 * @dir: Direction of the transfers, as before.
 * @attrs: DMA_ATTR_* flags, as before, maybe with %DMA_ATTR_SKIP_CPU_SYNC.
 *
 * The memory belongs to the CPU again, and the device can't reach it any more.
 * The IOVA stays allocated.
 *
 * Context: Any.
 * Return: The bytes of IOVA from @offset on that the ranges took.
 */
size_t dma_iova_unlink_vecs(struct device *dev, struct dma_iova_state *state,
			    size_t offset, const struct phys_vec *vecs,
			    unsigned int nr, enum dma_data_direction dir,
			    unsigned long attrs)
{
	struct dma_iova_vecs v __uninitialized;
	phys_addr_t odd;

	if (!nr)
		return 0;
	dma_iova_vecs_init(&v, dev, iommu_get_dma_domain(dev), vecs, nr, dir,
			   attrs);
	v.state = state;
	v.addr = dma_iova_first_addr(state, offset, vecs->paddr,
				     v.iovad->granule);
	if (WARN_ON_ONCE(dma_iova_place_vecs(&v, &odd)))
		return 0;

	dma_iova_unlink_synced(&v);
	return v.end - (state->addr + offset);
}
EXPORT_SYMBOL_GPL(dma_iova_unlink_vecs);

/**
 * dma_iova_can_unlink_whole() - Can ranges be unlinked without naming them?
 * @dev: Device that @state is for.
 * @state: IOVA.
 * @attrs: DMA_ATTR_* flags that ranges were linked with.
 *
 * Where ranges don't end at multiples of the granule there is somebody else's
 * memory between them.  That must not be given to the CPU, as dma_iova_unlink()
 * and dma_iova_destroy() would do for a device that isn't coherent, or if there
 * are bounce buffers.
 *
 * Context: Any.
 * Return: Whether dma_iova_unlink() and dma_iova_destroy() may be called for many
 * ranges at a time, whatever their boundaries are.
 */
bool dma_iova_can_unlink_whole(struct device *dev,
			       const struct dma_iova_state *state,
			       unsigned long attrs)
{
	return !dma_iova_unlink_is_slow(dev, state, attrs);
}
EXPORT_SYMBOL_GPL(dma_iova_can_unlink_whole);

/* Bounced are the parts of a range that are in its first or last granule. */
static void dma_iova_sync_vec(const struct dma_iova_vecs *v, dma_addr_t addr,
			      size_t len,
			      void (*sync)(struct device *dev, dma_addr_t addr,
					   size_t size,
					   enum dma_data_direction dir))
{
	size_t head = min(len, -addr & iova_mask(v->iovad));
	size_t tail = iova_offset(v->iovad, len - head);

	if (head)
		sync(v->dev, addr, head, v->dir);
	if (len - head > tail)
		sync(v->dev, addr + head, len - head - tail, v->dir);
	if (tail)
		sync(v->dev, addr + (len - tail), tail, v->dir);
}

static void dma_iova_sync_bounced(const struct dma_iova_vecs *v,
				  void (*sync)(struct device *dev,
					       dma_addr_t addr, size_t size,
					       enum dma_data_direction dir))
{
	dma_addr_t addr = v->addr;

	for (unsigned int i = 0; i < v->nr; i++) {
		if (i)
			addr = dma_iova_next_addr(addr, v->vecs[i].paddr,
						  v->iovad->granule);
		dma_iova_sync_vec(v, addr, v->vecs[i].len, sync);
		addr += v->vecs[i].len;
	}
}

/**
 * dma_iova_sync_vecs() - Pass what was linked between the CPU and the device
 * @dev: Device that @state is for.
 * @state: IOVA.
 * @addr: DMA address of the first range.
 * @vecs: Ranges of ordinary memory that dma_iova_link_vecs() linked next to each
 *	other.  The first may lack its start, and the last one its end.
 * @nr: Number of ranges.
 * @dir: Direction of the transfers, as before.
 * @for_cpu: %true to let the CPU see what the device wrote: then the memory is the
 *	CPU's until a call with %false, which lets the device see what the CPU wrote.
 *
 * For ranges of one IOVA what dma_sync_single_for_cpu() and
 * dma_sync_single_for_device() are for a single one.
 *
 * Context: Any.
 */
void dma_iova_sync_vecs(struct device *dev, const struct dma_iova_state *state,
			dma_addr_t addr, const struct phys_vec *vecs,
			unsigned int nr, enum dma_data_direction dir,
			bool for_cpu)
{
	struct dma_iova_vecs v __uninitialized;

	dma_iova_vecs_init(&v, dev, iommu_get_dma_domain(dev), vecs, nr, dir, 0);
	v.addr = addr;
	if (state->__size & DMA_IOVA_USE_SWIOTLB) {
		dma_iova_sync_bounced(&v, for_cpu ?
					  iommu_dma_sync_single_for_cpu :
					  iommu_dma_sync_single_for_device);
		return;
	}
	if (dev_is_dma_coherent(dev))
		return;
	if (for_cpu) {
		for (unsigned int i = 0; i < nr; i++)
			arch_sync_dma_for_cpu(vecs[i].paddr, vecs[i].len, dir);
	} else {
		dma_iova_sync_for_device(&v);
	}
	arch_sync_dma_flush();
}
EXPORT_SYMBOL_GPL(dma_iova_sync_vecs);
