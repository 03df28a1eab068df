// SPDX-License-Identifier: GPL-2.0-only
/*
 * All kinds of lists that the benchmark compares: how each is built, walked,
 * searched, copied from and mapped in the usual way.
 */

#include <linux/bvec.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uio.h>

#include "phyr_bench.h"

/* Where a sum goes that nobody looks at, for the compiler not to leave it out. */
static u64 bench_unused;

static u64 bench_result(u64 result, u64 unused)
{
	WRITE_ONCE(bench_unused, unused);
	return result;
}

/* Add up what a kind of list finds at all positions. */
static __always_inline u64
seek_all(struct bench_list *l,
	 phys_addr_t (*find)(const struct bench_list *l, u64 pos))
{
	u64 sum = 0;

	for (unsigned int i = 0; i < l->calls; i++)
		sum += find(l, l->positions[i]);
	return sum;
}

/* --- phyr --- */

static int phyr_build_pages(struct phyr *phyr, const struct bench_input *in)
{
	int ret = 0;

	for (size_t i = 0; i < in->nr && !ret; i += BENCH_BATCH) {
		size_t nr = min(in->nr - i, BENCH_BATCH);

		ret = phyr_append_pages(phyr, in->pages + i, nr, 0,
					(u64)nr << PAGE_SHIFT, GFP_KERNEL);
	}
	return ret;
}

static int phyr_build_vecs(struct phyr *phyr, const struct bench_input *in)
{
	int ret = 0;

	for (size_t i = 0; i < in->nr && !ret; i += BENCH_BATCH)
		ret = phyr_append_phys_vec(phyr, in->vecs + i,
					   min(in->nr - i, BENCH_BATCH), 0,
					   NULL, GFP_KERNEL);
	return ret;
}

static u64 phyr_build(struct bench_list *l)
{
	phyr_init(&l->phyr);
	if (l->in->pages ? phyr_build_pages(&l->phyr, l->in) :
			   phyr_build_vecs(&l->phyr, l->in))
		return 0;
	phyr_trim(&l->phyr, GFP_KERNEL);
	return phyr_bytes(&l->phyr);
}

static u64 phyr_list_bytes(const struct bench_list *l)
{
	return phyr_memory_used(&l->phyr) + sizeof(l->phyr);
}

static u64 phyr_walk(struct bench_list *l)
{
	struct phyr_range range;
	u64 len = 0, phys = 0;

	phyr_for_each_range(&l->phyr, range) {
		phys += range.phys;
		len += range.len;
	}
	return bench_result(len, phys);
}

struct vec_sum {
	u64	len;
	u64	phys;
};

static __always_inline void phyr_add_vecs(const struct phys_vec *vecs,
					  unsigned int nr, void *arg)
{
	struct vec_sum *sum = arg;
	u64 len = sum->len, phys = sum->phys;

	for (unsigned int i = 0; i < nr; i++) {
		phys += vecs[i].paddr;
		len += vecs[i].len;
	}
	*sum = (struct vec_sum){ len, phys };
}

static u64 phyr_walk_batch(struct bench_list *l)
{
	struct vec_sum sum = { };

	phyr_visit(&l->phyr, phyr_add_vecs, &sum);
	return bench_result(sum.len, sum.phys);
}

static u64 phyr_walk_pages(struct bench_list *l)
{
	unsigned long pfn;
	u64 sum = 0;

	phyr_for_each_pfn(&l->phyr, pfn)
		sum += pfn;
	return sum;
}

static phys_addr_t phyr_find(const struct bench_list *l, u64 pos)
{
	struct phyr_range range;

	return phyr_at(&l->phyr, pos, &range) ? 0 : range.phys;
}

static u64 phyr_seek(struct bench_list *l)
{
	return seek_all(l, phyr_find);
}

static u64 phyr_copy(struct bench_list *l)
{
	return phyr_copy_to_buffer(&l->phyr, l->in->buffer, l->in->bytes, 0);
}

static u64 phyr_map(struct bench_list *l)
{
	if (phyr_dma_map(&l->dma, l->dev, &l->phyr, DMA_BIDIRECTIONAL, 0,
			 GFP_KERNEL))
		return 0;
	return l->in->bytes;
}

static u64 phyr_walk_dma(struct bench_list *l)
{
	struct dma_range range;
	u64 len = 0, addr = 0;

	phyr_dma_for_each_range(&l->dma, range) {
		addr += range.addr;
		len += range.len;
	}
	return bench_result(len, addr);
}

static u64 phyr_unmap(struct bench_list *l)
{
	phyr_dma_unmap(&l->dma);
	return 0;
}

static u64 phyr_remap(struct bench_list *l)
{
	for (unsigned int i = 0; i < l->calls; i++) {
		if (!phyr_map(l))
			return 0;
		phyr_unmap(l);
	}
	return l->in->bytes;
}

static u64 phyr_free(struct bench_list *l)
{
	phyr_destroy(&l->phyr);
	return 0;
}

/* --- scatterlist --- */

static u64 sg_append_build(struct bench_list *l)
{
	const struct bench_input *in = l->in;
	int ret = 0;

	l->sg = (struct sg_append_table){ };
	for (size_t i = 0; i < in->nr && !ret; i += BENCH_BATCH) {
		size_t nr = min(in->nr - i, BENCH_BATCH);

		ret = sg_alloc_append_table_from_pages(&l->sg, in->pages + i,
						       nr, 0, nr << PAGE_SHIFT,
						       UINT_MAX,
						       in->nr - i - nr,
						       GFP_KERNEL);
	}
	return ret ? 0 : in->bytes;
}

static u64 sg_append_free(struct bench_list *l)
{
	sg_free_append_table(&l->sg);
	return 0;
}

static int sg_build_vecs(struct sg_table *table, const struct bench_input *in)
{
	int ret = sg_alloc_table(table, in->nr, GFP_KERNEL);
	struct scatterlist *sg = table->sgl;

	for (size_t i = 0; i < in->nr && !ret; i++, sg = sg_next(sg))
		sg_set_page(sg, phys_to_page(in->vecs[i].paddr),
			    in->vecs[i].len,
			    offset_in_page(in->vecs[i].paddr));
	return ret;
}

static u64 sg_build(struct bench_list *l)
{
	struct sg_table *table = &l->sg.sgt;
	const struct bench_input *in = l->in;
	int ret;

	l->sg = (struct sg_append_table){ };
	if (in->pages)
		ret = sg_alloc_table_from_pages(table, in->pages, in->nr, 0,
						in->bytes, GFP_KERNEL);
	else
		ret = sg_build_vecs(table, in);
	return ret ? 0 : in->bytes;
}

static u64 sg_free(struct bench_list *l)
{
	sg_free_table(&l->sg.sgt);
	return 0;
}

static size_t sg_array_bytes(size_t nr)
{
	return kmalloc_size_roundup(nr * sizeof(struct scatterlist));
}

/* Entries to use, entries that link to the next array, and the head. */
static u64 sg_table_bytes(const struct sg_table *table)
{
	size_t left = table->orig_nents, nr = 0;
	u64 bytes = sizeof(*table);

	for (struct scatterlist *sg = table->sgl; !sg_is_last(sg); ) {
		nr++;
		if (sg_is_chain(sg)) {
			bytes += sg_array_bytes(nr);
			nr = 0;
			sg = sg_chain_ptr(sg);
		} else {
			left--;
			sg++;
		}
	}
	return bytes + sg_array_bytes(nr + left);
}

static u64 sg_bytes(const struct bench_list *l)
{
	return sg_table_bytes(&l->sg.sgt);
}

static u64 sg_walk(struct bench_list *l)
{
	struct scatterlist *sg;
	u64 len = 0, phys = 0;
	unsigned int i;

	for_each_sgtable_sg(&l->sg.sgt, sg, i) {
		phys += sg_phys(sg);
		len += sg->length;
	}
	return bench_result(len, phys);
}

static u64 sg_walk_pages(struct bench_list *l)
{
	struct sg_page_iter iter;
	u64 sum = 0;

	for_each_sgtable_page(&l->sg.sgt, &iter, 0)
		sum += page_to_pfn(sg_page_iter_page(&iter));
	return sum;
}

static phys_addr_t sg_find(const struct bench_list *l, u64 pos)
{
	struct scatterlist *sg = l->sg.sgt.sgl;

	for (; pos >= sg->length; sg = sg_next(sg))
		pos -= sg->length;
	return sg_phys(sg) + pos;
}

static u64 sg_seek(struct bench_list *l)
{
	return seek_all(l, sg_find);
}

static u64 sg_copy(struct bench_list *l)
{
	return sg_pcopy_to_buffer(l->sg.sgt.sgl, l->sg.sgt.orig_nents,
				  l->in->buffer, l->in->bytes, 0);
}

static u64 sg_map(struct bench_list *l)
{
	if (dma_map_sgtable(l->dev, &l->sg.sgt, DMA_BIDIRECTIONAL, 0))
		return 0;
	return l->in->bytes;
}

static u64 sg_walk_dma(struct bench_list *l)
{
	struct scatterlist *sg;
	u64 len = 0, addr = 0;
	unsigned int i;

	for_each_sgtable_dma_sg(&l->sg.sgt, sg, i) {
		addr += sg_dma_address(sg);
		len += sg_dma_len(sg);
	}
	return bench_result(len, addr);
}

static u64 sg_unmap(struct bench_list *l)
{
	dma_unmap_sgtable(l->dev, &l->sg.sgt, DMA_BIDIRECTIONAL, 0);
	return 0;
}

static u64 sg_remap(struct bench_list *l)
{
	for (unsigned int i = 0; i < l->calls; i++) {
		if (!sg_map(l))
			return 0;
		sg_unmap(l);
	}
	return l->in->bytes;
}

/* --- arrays of ranges: they can't grow cheaply, so count first --- */

static u64 phys_vec_build(struct bench_list *l)
{
	const struct bench_input *in = l->in;
	u64 bytes = 0;

	l->nr = bench_count_ranges(in);
	l->vecs = kvmalloc_array(l->nr, sizeof(*l->vecs), GFP_KERNEL);
	if (!l->vecs)
		return 0;

	for (size_t i = 0, n = 0; i < in->nr; n++) {
		i = bench_next_range(in, i, &l->vecs[n]);
		bytes += l->vecs[n].len;
	}
	return bytes;
}

static u64 phys_vec_bytes(const struct bench_list *l)
{
	return l->nr * sizeof(*l->vecs) + sizeof(l->vecs) + sizeof(l->nr);
}

static u64 phys_vec_walk(struct bench_list *l)
{
	u64 len = 0, phys = 0;

	for (size_t i = 0; i < l->nr; i++) {
		phys += l->vecs[i].paddr;
		len += l->vecs[i].len;
	}
	return bench_result(len, phys);
}

static u64 phys_vec_walk_pages(struct bench_list *l)
{
	u64 sum = 0;

	for (size_t i = 0; i < l->nr; i++) {
		const struct phys_vec *vec = &l->vecs[i];
		unsigned long end = PFN_UP(vec->paddr + vec->len);

		for (unsigned long pfn = PFN_DOWN(vec->paddr); pfn < end; pfn++)
			sum += pfn;
	}
	return sum;
}

static phys_addr_t phys_vec_find(const struct bench_list *l, u64 pos)
{
	const struct phys_vec *vec = l->vecs;

	for (; pos >= vec->len; vec++)
		pos -= vec->len;
	return vec->paddr + pos;
}

static u64 phys_vec_seek(struct bench_list *l)
{
	return seek_all(l, phys_vec_find);
}

static u64 phys_vec_copy(struct bench_list *l)
{
	void *to = l->in->buffer;

	for (size_t i = 0; i < l->nr; i++) {
		memcpy(to, phys_to_virt(l->vecs[i].paddr), l->vecs[i].len);
		to += l->vecs[i].len;
	}
	return to - l->in->buffer;
}

static u64 array_free(struct bench_list *l)
{
	kvfree(l->vecs);
	return 0;
}

static u64 bio_vec_build(struct bench_list *l)
{
	const struct bench_input *in = l->in;
	struct phys_vec range;
	u64 bytes = 0;

	l->nr = bench_count_ranges(in);
	l->bvecs = kvmalloc_array(l->nr, sizeof(*l->bvecs), GFP_KERNEL);
	if (!l->bvecs)
		return 0;

	for (size_t i = 0, n = 0; i < in->nr; n++) {
		i = bench_next_range(in, i, &range);
		bvec_set_page(&l->bvecs[n], phys_to_page(range.paddr),
			      range.len, offset_in_page(range.paddr));
		bytes += range.len;
	}
	return bytes;
}

static u64 bio_vec_bytes(const struct bench_list *l)
{
	return l->nr * sizeof(*l->bvecs) + sizeof(l->bvecs) + sizeof(l->nr);
}

static u64 bio_vec_walk(struct bench_list *l)
{
	u64 len = 0, phys = 0;

	for (size_t i = 0; i < l->nr; i++) {
		phys += bvec_phys(&l->bvecs[i]);
		len += l->bvecs[i].bv_len;
	}
	return bench_result(len, phys);
}

static u64 bio_vec_walk_pages(struct bench_list *l)
{
	u64 sum = 0;

	for (size_t i = 0; i < l->nr; i++) {
		const struct bio_vec *bvec = &l->bvecs[i];
		struct page *page = bvec->bv_page;

		for (unsigned int n = PFN_UP(bvec->bv_offset + bvec->bv_len);
		     n; n--)
			sum += page_to_pfn(page++);
	}
	return sum;
}

static phys_addr_t bio_vec_find(const struct bench_list *l, u64 pos)
{
	const struct bio_vec *bvec = l->bvecs;

	for (; pos >= bvec->bv_len; bvec++)
		pos -= bvec->bv_len;
	return bvec_phys(bvec) + pos;
}

static u64 bio_vec_seek(struct bench_list *l)
{
	return seek_all(l, bio_vec_find);
}

static u64 bio_vec_copy(struct bench_list *l)
{
	struct iov_iter iter;

	iov_iter_bvec(&iter, ITER_SOURCE, l->bvecs, l->nr, l->in->bytes);
	return copy_from_iter(l->in->buffer, l->in->bytes, &iter);
}

/* --- an array of pages --- */

static u64 pages_build(struct bench_list *l)
{
	l->nr = l->in->nr;
	l->pages = kvmalloc_array(l->nr, sizeof(*l->pages), GFP_KERNEL);
	if (!l->pages)
		return 0;
	for (size_t i = 0; i < l->nr; i += BENCH_BATCH)
		memcpy(l->pages + i, l->in->pages + i,
		       min(l->nr - i, BENCH_BATCH) * sizeof(*l->pages));
	return (u64)l->nr << PAGE_SHIFT;
}

static u64 pages_bytes(const struct bench_list *l)
{
	return l->nr * sizeof(*l->pages) + sizeof(l->pages) + sizeof(l->nr);
}

static u64 pages_walk(struct bench_list *l)
{
	u64 len = 0, phys = 0;

	for (size_t i = 0; i < l->nr; i++) {
		phys += page_to_phys(l->pages[i]);
		len += PAGE_SIZE;
	}
	return bench_result(len, phys);
}

static u64 pages_walk_pages(struct bench_list *l)
{
	u64 sum = 0;

	for (size_t i = 0; i < l->nr; i++)
		sum += page_to_pfn(l->pages[i]);
	return sum;
}

static phys_addr_t pages_find(const struct bench_list *l, u64 pos)
{
	return page_to_phys(l->pages[pos >> PAGE_SHIFT]) + offset_in_page(pos);
}

static u64 pages_seek(struct bench_list *l)
{
	return seek_all(l, pages_find);
}

static u64 pages_copy(struct bench_list *l)
{
	for (size_t i = 0; i < l->nr; i++)
		memcpy_from_page(l->in->buffer + (i << PAGE_SHIFT),
				 l->pages[i], 0, PAGE_SIZE);
	return (u64)l->nr << PAGE_SHIFT;
}

/* --- an xarray of page frame numbers, by index --- */

static u64 xarray_build(struct bench_list *l)
{
	xa_init(&l->xa);
	for (size_t i = 0; i < l->in->nr; i++) {
		void *pfn = xa_mk_value(page_to_pfn(l->in->pages[i]));

		if (xa_is_err(xa_store(&l->xa, i, pfn, GFP_KERNEL)))
			return 0;
	}
	return l->in->bytes;
}

/* A single entry has no node. */
static u64 xarray_bytes(const struct bench_list *l)
{
	size_t nodes = 0;

	for (size_t nr = l->in->nr; nr > 1; nodes += nr)
		nr = DIV_ROUND_UP(nr, XA_CHUNK_SIZE);
	return nodes * sizeof(struct xa_node) + sizeof(l->xa);
}

static u64 xarray_walk(struct bench_list *l)
{
	u64 len = 0, phys = 0;
	unsigned long i;
	void *pfn;

	xa_for_each(&l->xa, i, pfn) {
		phys += PFN_PHYS(xa_to_value(pfn));
		len += PAGE_SIZE;
	}
	return bench_result(len, phys);
}

/* The fastest way there is. */
static u64 xarray_walk_pages(struct bench_list *l)
{
	XA_STATE(xas, &l->xa, 0);
	u64 sum = 0;
	void *pfn;

	rcu_read_lock();
	xas_for_each(&xas, pfn, ULONG_MAX)
		sum += xa_to_value(pfn);
	rcu_read_unlock();
	return sum;
}

static phys_addr_t xarray_find(const struct bench_list *l, u64 pos)
{
	void *pfn = xa_load((struct xarray *)&l->xa, pos >> PAGE_SHIFT);

	return PFN_PHYS(xa_to_value(pfn)) + offset_in_page(pos);
}

static u64 xarray_seek(struct bench_list *l)
{
	return seek_all(l, xarray_find);
}

static u64 xarray_free(struct bench_list *l)
{
	xa_destroy(&l->xa);
	return 0;
}

/* Lists may be all that there is. */
#define IF_DMA(fn)	(IS_ENABLED(CONFIG_PHYR_DMA) ? (fn) : NULL)

/*
 * The first is the one that all others are compared to.  Once it is built, a table
 * that can grow is a table as all others.
 */
const struct bench_peer bench_peers[] = {
	{
		.name	= "phyr",
		.bytes	= phyr_list_bytes,
		.fns	= {
			[BENCH_BUILD]		= phyr_build,
			[BENCH_WALK]		= phyr_walk,
			[BENCH_WALK_BATCH]	= phyr_walk_batch,
			[BENCH_WALK_PAGES]	= phyr_walk_pages,
			[BENCH_SEEK]		= phyr_seek,
			[BENCH_COPY]		= phyr_copy,
			[BENCH_MAP]		= IF_DMA(phyr_map),
			[BENCH_WALK_DMA]	= IF_DMA(phyr_walk_dma),
			[BENCH_UNMAP]		= IF_DMA(phyr_unmap),
			[BENCH_REMAP]		= IF_DMA(phyr_remap),
			[BENCH_FREE]		= phyr_free,
		},
	}, {
		.name	= "sg_append_table",
		.only_pages = true,
		.bytes	= sg_bytes,
		.fns	= {
			[BENCH_BUILD]		= sg_append_build,
			[BENCH_FREE]		= sg_append_free,
		},
	}, {
		.name	= "sg_table",
		.linear	= true,
		.bytes	= sg_bytes,
		.fns	= {
			[BENCH_BUILD]		= sg_build,
			[BENCH_WALK]		= sg_walk,
			[BENCH_WALK_BATCH]	= sg_walk,
			[BENCH_WALK_PAGES]	= sg_walk_pages,
			[BENCH_SEEK]		= sg_seek,
			[BENCH_COPY]		= sg_copy,
			[BENCH_MAP]		= IF_DMA(sg_map),
			[BENCH_WALK_DMA]	= IF_DMA(sg_walk_dma),
			[BENCH_UNMAP]		= IF_DMA(sg_unmap),
			[BENCH_REMAP]		= IF_DMA(sg_remap),
			[BENCH_FREE]		= sg_free,
		},
	}, {
		.name	= "phys_vec[]",
		.linear	= true,
		.bytes	= phys_vec_bytes,
		.fns	= {
			[BENCH_BUILD]		= phys_vec_build,
			[BENCH_WALK]		= phys_vec_walk,
			[BENCH_WALK_BATCH]	= phys_vec_walk,
			[BENCH_WALK_PAGES]	= phys_vec_walk_pages,
			[BENCH_SEEK]		= phys_vec_seek,
			[BENCH_COPY]		= phys_vec_copy,
			[BENCH_FREE]		= array_free,
		},
	}, {
		.name	= "bio_vec[]",
		.linear	= true,
		.bytes	= bio_vec_bytes,
		.fns	= {
			[BENCH_BUILD]		= bio_vec_build,
			[BENCH_WALK]		= bio_vec_walk,
			[BENCH_WALK_BATCH]	= bio_vec_walk,
			[BENCH_WALK_PAGES]	= bio_vec_walk_pages,
			[BENCH_SEEK]		= bio_vec_seek,
			[BENCH_COPY]		= bio_vec_copy,
			[BENCH_FREE]		= array_free,
		},
	}, {
		.name	= "page*[]",
		.only_pages = true,
		.bytes	= pages_bytes,
		.fns	= {
			[BENCH_BUILD]		= pages_build,
			[BENCH_WALK]		= pages_walk,
			[BENCH_WALK_BATCH]	= pages_walk,
			[BENCH_WALK_PAGES]	= pages_walk_pages,
			[BENCH_SEEK]		= pages_seek,
			[BENCH_COPY]		= pages_copy,
			[BENCH_FREE]		= array_free,
		},
	}, {
		.name	= "xarray",
		.only_pages = true,
		.bytes	= xarray_bytes,
		.fns	= {
			[BENCH_BUILD]		= xarray_build,
			[BENCH_WALK]		= xarray_walk,
			[BENCH_WALK_BATCH]	= xarray_walk,
			[BENCH_WALK_PAGES]	= xarray_walk_pages,
			[BENCH_SEEK]		= xarray_seek,
			[BENCH_FREE]		= xarray_free,
		},
	},
};

const unsigned int bench_nr_peers = ARRAY_SIZE(bench_peers);
