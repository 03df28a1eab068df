/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mapping of many ranges by one walk of the page table for each of its leaves.
 *
 * Part of iommu_pt.h, for every format.  Ranges that need nothing but entries in
 * a table of the lowest level are written there one after another.  All else, a
 * table that has to be allocated too, is left to map_range().
 */

#include <linux/generic_pt/iommu_vecs.h>

/* The next range to map, and how much is mapped. */
struct pt_iommu_map_vecs_args {
	const struct phys_vec *vec;
	struct pt_write_attrs attrs;
	size_t mapped;
};

/* Fill the entries of a range, which lies in one table of the lowest level. */
static __always_inline int
map_vecs_leaf(struct pt_state *pts, struct pt_iommu_map_vecs_args *map)
{
	const struct phys_vec *vec = map->vec;
	pt_oaddr_t oa = vec->paddr;
	unsigned int start_index;
	int ret = 0;

	_pt_iter_first(pts);
	start_index = pts->index;
	for (; pts->index < pts->end_index; pts->index++) {
		if (oa - vec->paddr == vec->len)
			oa = (++vec)->paddr;
		if (pt_load_entry_raw(pts) != PT_ENTRY_EMPTY) {
			ret = -EADDRINUSE;
			break;
		}
		pt_install_leaf_entry(pts, oa, PAGE_SHIFT, &map->attrs);
		oa += PAGE_SIZE;
	}
	flush_writes_range(pts, start_index, pts->index);
	map->mapped += (size_t)(pts->index - start_index) << PAGE_SHIFT;
	return ret;
}

static __always_inline int __do_map_vecs(struct pt_range *range, void *arg,
					 unsigned int level,
					 struct pt_table_p *table,
					 pt_level_fn_t descend_fn)
{
	struct pt_state pts = pt_init(range, level, table);

	if (pts.level == 0)
		return map_vecs_leaf(&pts, arg);
	if (pt_load_single_entry(&pts) != PT_ENTRY_TABLE)
		return -EAGAIN;

	/* Whoever installed the table may not have flushed the entry yet. */
	if (pts_feature(&pts, PT_FEAT_DMA_INCOHERENT) &&
	    !pt_test_sw_bit_acquire(&pts, SW_BIT_CACHE_FLUSH_DONE))
		flush_writes_item(&pts);
	return pt_descend(&pts, arg, descend_fn);
}

PT_MAKE_LEVELS(__map_vecs, __do_map_vecs);

/* Is @vec made of the smallest pages, and none larger would do? */
static bool vec_is_small(struct pt_iommu *iommu_table,
			 const struct phys_vec *vec)
{
	struct pt_common *common = common_from_iommu(iommu_table);
	pt_vaddr_t larger = iommu_table->domain.pgsize_bitmap & PAGE_MASK << 1;

	if ((vec->paddr | vec->len) & ~PAGE_MASK || !vec->len)
		return false;
	if (larger && vec->len >= (larger & -larger))
		return false;
	return common->max_oasz_lg2 == PT_VADDR_MAX_LG2 ||
	       !oalog2_div(vec->paddr + (vec->len - 1), common->max_oasz_lg2);
}

/* How many bytes of IOVA are left in the lowest table that @iova is in. */
static size_t leaf_table_room(struct pt_common *common, dma_addr_t iova)
{
	struct pt_range range = pt_top_range(common);
	struct pt_state pts = pt_init(&range, 0, NULL);
	unsigned int lg2 = pt_table_oa_lg2sz(&pts);

	if (iova & ~PAGE_MASK)
		return 0;
	return log2_to_int(lg2) - log2_mod((pt_vaddr_t)iova, lg2);
}

/*
 * Map as many ranges as one walk can.  -EAGAIN if that is none, because of the
 * first range or of the tables that there are.
 */
static int map_small_vecs(struct pt_iommu *iommu_table, dma_addr_t iova,
			  const struct phys_vec *end,
			  struct pt_iommu_map_vecs_args *map)
{
	struct pt_common *common = common_from_iommu(iommu_table);
	size_t room = leaf_table_room(common, iova), bytes = 0;
	const struct phys_vec *vec = map->vec;
	struct pt_range range;
	int ret;

	for (; vec != end && vec->len <= room - bytes; vec++) {
		if (!vec_is_small(iommu_table, vec))
			break;
		bytes += vec->len;
	}
	if (!bytes)
		return -EAGAIN;

	ret = make_range_no_check(common, &range, iova, (dma_addr_t)bytes);
	if (ret)
		return ret;
	if (pt_check_range(&range))
		return -EAGAIN;

	ret = pt_walk_range(&range, __map_vecs, map);
	if (!ret)
		map->vec = vec;
	return ret;
}

static int NS(map_vecs)(struct pt_iommu *iommu_table,
			const struct pt_iommu_vecs *vecs, size_t *mapped)
{
	struct pt_common *common = common_from_iommu(iommu_table);
	bool small = pt_has_system_page_size(common) &&
		     iommu_table->domain.pgsize_bitmap & PAGE_SIZE &&
		     vecs->prot & (IOMMU_READ | IOMMU_WRITE);
	const struct phys_vec *end = vecs->vec + vecs->nr;
	struct pt_iommu_map_vecs_args map = { .vec = vecs->vec };
	int ret;

	map.attrs.gfp = vecs->gfp;
	ret = pt_iommu_set_prot(common, &map.attrs, vecs->prot);
	while (!ret && map.vec != end) {
		dma_addr_t iova = vecs->iova + map.mapped;

		ret = small ? map_small_vecs(iommu_table, iova, end, &map) :
			      -EAGAIN;
		if (ret == -EAGAIN) {
			ret = NS(map_range)(iommu_table, iova, map.vec->paddr,
					    map.vec->len, vecs->prot, vecs->gfp,
					    &map.mapped);
			map.vec++;
		}
	}
	*mapped += map.mapped;
	return ret;
}
