/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pinning into ranges of pages instead of an array.  A part of gup.c, whose walks
 * and rules serve both: with FOLL_RANGES, what they hand on as an array of pages
 * is a struct gup_ranges.
 *
 * Callers with an array pay nothing for that.  What walks page tables in the fast
 * way is compiled twice, once for an array and once for ranges: it is in line in
 * both of its callers, and they know whether FOLL_RANGES is set.
 */

#include <linux/gup_ranges.h>

/* --- what gup.c has further down --- */

#ifdef CONFIG_GUP_RANGES
static __always_inline unsigned long gup_fast(unsigned long start,
					      unsigned long end,
					      unsigned int gup_flags,
					      struct page **pages);
#ifdef CONFIG_HAVE_GUP_FAST
static __always_inline bool gup_fast_folio_allowed(struct folio *folio,
						   unsigned int flags);
static __always_inline int gup_fast_pte_range(pmd_t pmd, pmd_t *pmdp,
					      unsigned long addr,
					      unsigned long end,
					      unsigned int flags,
					      struct page **pages, int *nr);
static __always_inline int gup_fast_pmd_leaf(pmd_t orig, pmd_t *pmdp,
					     unsigned long addr,
					     unsigned long end,
					     unsigned int flags,
					     struct page **pages, int *nr);
static __always_inline int gup_fast_pud_leaf(pud_t orig, pud_t *pudp,
					     unsigned long addr,
					     unsigned long end,
					     unsigned int flags,
					     struct page **pages, int *nr);
static __always_inline int gup_fast_pmd_range(pud_t *pudp, pud_t pud,
					      unsigned long addr,
					      unsigned long end,
					      unsigned int flags,
					      struct page **pages, int *nr);
static __always_inline int gup_fast_pud_range(p4d_t *p4dp, p4d_t p4d,
					      unsigned long addr,
					      unsigned long end,
					      unsigned int flags,
					      struct page **pages, int *nr);
static __always_inline int gup_fast_p4d_range(pgd_t *pgdp, pgd_t pgd,
					      unsigned long addr,
					      unsigned long end,
					      unsigned int flags,
					      struct page **pages, int *nr);
static __always_inline void gup_fast_pgd_range(unsigned long addr,
					       unsigned long end,
					       unsigned int flags,
					       struct page **pages, int *nr);
#endif /* CONFIG_HAVE_GUP_FAST */
#endif /* CONFIG_GUP_RANGES */
#ifdef CONFIG_HAVE_GUP_FAST
static __always_inline struct folio *try_grab_folio_fast(struct page *page,
							 int refs,
							 unsigned int flags);
#endif
static long check_and_migrate_movable_folios(unsigned long nr_folios,
					     struct folio **folios);

/* --- what is counted --- */

/* Add the pages of one node that were counted to its statistics. */
static __always_inline void gup_tell_count(struct gup_count *count,
					   enum node_stat_item item)
{
	if (count->nr_pages)
		mod_node_page_state(NODE_DATA(count->nid), item,
				    count->nr_pages);
	count->nr_pages = 0;
}

static __always_inline void gup_count_pages(struct gup_count *count,
					    const struct folio *folio, int nr,
					    enum node_stat_item item)
{
	if (unlikely(count->nid != folio_nid(folio))) {
		gup_tell_count(count, item);
		count->nid = folio_nid(folio);
	}
	count->nr_pages += nr;
}

/* --- what is found --- */

static inline struct gup_ranges *gup_ranges_of(struct page **pages)
{
	return (struct gup_ranges *)pages;
}

/* The two entries of a range of several pages. */
static __always_inline void gup_write_long(struct gup_ranges *found,
					   struct page **next,
					   struct page *page, unsigned long nr)
{
	next[0] = (struct page *)((unsigned long)page + GUP_RANGE_LONG);
	next[1] = (struct page *)nr;
	found->nr_long++;
}

/* The fast way's.  Returns whether there is room for more. */
static __always_inline bool gup_add_range(struct gup_ranges *found,
					  struct page *page, unsigned long nr)
{
	/* Compilers can't know that what is stored isn't @found->next. */
	struct page **next = found->next;

	if (nr > 1) {
		gup_write_long(found, next, page, nr);
		next += 2;
	} else {
		*next++ = page;
	}
	found->next = next;
	return next <= found->last;
}

#ifdef CONFIG_HAVE_GUP_FAST
/* For arrays it stays a function of its own. */
static noinline struct folio *gup_grab_for_array(struct page *page, int refs,
						 unsigned int flags)
{
	return try_grab_folio_fast(page, refs, flags & ~FOLL_RANGES);
}

/*
 * What try_grab_folio_fast() doesn't count for ranges: that is done once for all.  Zero
 * pages aren't pinned.
 */
static __always_inline void gup_fast_count(struct page **pages,
					   const struct folio *folio, int refs,
					   unsigned int flags)
{
	if (flags & FOLL_RANGES && !is_zero_folio(folio))
		gup_count_pages(&gup_ranges_of(pages)->count, folio, refs,
				NR_FOLL_PIN_ACQUIRED);
}

/* Add what was pinned in the fast way: 0 to stop, as it is full. */
static __always_inline int gup_fast_add_range(struct page **pages, int *nr,
					      struct page *page, int refs)
{
	*nr += refs;
	return gup_add_range(gup_ranges_of(pages), page, refs);
}

/*
 * The same of what an entry of a higher page table maps.  The page tables may change
 * meanwhile: @writable is of the entry that was pinned.
 */
static __always_inline int gup_fast_add_leaf(bool writable,
					     struct page **pages, int *nr,
					     struct folio *folio,
					     struct page *page, int refs,
					     unsigned int flags)
{
	if (!writable && gup_must_unshare(NULL, flags, &folio->page)) {
		gup_put_folio(folio, refs, flags);
		return 0;
	}
	folio_set_referenced(folio);
	return gup_fast_add_range(pages, nr, page, refs);
}

/* So many pages are enough with interrupts off, if each takes a look at its entry. */
#define GUP_FAST_PTES		4096

/*
 * How many of the entries from @ptep on map pages of the folio in turn, and may be
 * pinned like the first one, of which @pte is a copy?
 *
 * The first one's page is pinned already, and what unmaps another page of the folio
 * then looks whether the folio is pinned, and sees it.  So there is no need to read
 * these entries again after they are pinned.  On arm64, one of a contiguous block is
 * read for those after it as well: they are changed in this order.
 */
static __always_inline int gup_fast_count_ptes(struct folio *folio,
					       struct page *page, pte_t *ptep,
					       pte_t pte, int max,
					       unsigned int flags)
{
	/*
	 * On x86, an entry of a shadow stack is one that can't be written and is dirty.
	 * The batch doesn't look at the latter: none of these counts as writable.
	 */
	bool writable = pte_write(pte_mkclean(pte));
	int nr, i;

	/* Entries that can't be read at once need more care. */
	if (IS_ENABLED(CONFIG_GUP_GET_PXX_LOW_HIGH))
		return 1;
	nr = folio_pte_batch_flags(folio, NULL, ptep, &pte, max,
				   FPB_RESPECT_WRITE);
	for (i = 1; i < nr && !writable; i++)
		if (gup_must_unshare(NULL, flags, page + i))
			return i;
	return nr;
}

/*
 * Pin those pages as well.  How many are it with the first one?  Not in line, so that
 * single pages find more registers.
 */
static noinline int gup_fast_grab_ptes(struct folio *folio, struct page *page,
				       pte_t *ptep, pte_t pte, int max,
				       unsigned int flags)
{
	int nr = gup_fast_count_ptes(folio, page, ptep, pte, max, flags);

	if (nr > 1 && try_grab_folio(folio, nr - 1, flags))
		return 1;
	return nr;
}

/*
 * Add a page and those of its folio that the next entries map.  *@ptep and *@addr
 * become those of the last one.
 */
static __always_inline int gup_fast_add_ptes(struct page **pages, int *nr,
					     struct folio *folio,
					     struct page *page, pte_t **ptep,
					     pte_t pte, unsigned long *addr,
					     unsigned long end,
					     unsigned int flags)
{
	int refs;

	if (!folio_test_large(folio) || *addr + PAGE_SIZE == end)
		return gup_fast_add_range(pages, nr, page, 1);

	refs = gup_fast_grab_ptes(folio, page, *ptep, pte,
				  (end - *addr) >> PAGE_SHIFT, flags);
	*ptep += refs - 1;
	*addr += (refs - 1) * PAGE_SIZE;
	return gup_fast_add_range(pages, nr, page, refs) && *nr < GUP_FAST_PTES;
}
#endif /* CONFIG_HAVE_GUP_FAST */

/* Pin @nr pages more of what the last range is in.  Returns how many. */
static unsigned int gup_add_more(struct gup_ranges *found, struct folio *folio,
				 unsigned long nr)
{
	nr = min(nr, found->nr_wanted);
	if (!nr || try_grab_folio(folio, nr, FOLL_PIN))
		return 0;
	found->nr_more = nr;
	return nr;
}

/*
 * The slow way's: add @nr pages, which are pinned, at @next.  It is asked for no more
 * pages than there is room for if each is a range.  So if these are the last, @mask is
 * that of what the page table's entry maps, and the rest of it is pinned as well.
 */
static void __maybe_unused
gup_add_faulted(struct gup_ranges *found, struct page **next,
		struct vm_area_struct *vma, struct page *page,
		unsigned long addr, unsigned int nr, unsigned long mask)
{
	unsigned long mapped = 1 + (~(addr >> PAGE_SHIFT) & mask);
	unsigned int i;

	if (mapped > nr)
		nr += gup_add_more(found, page_folio(page), mapped - nr);
	gup_write_long(found, next, page, nr);
	for (i = 0; i < nr; i++) {
		flush_anon_page(vma, page + i, addr + i * PAGE_SIZE);
		flush_dcache_page(page + i);
	}
}

/* --- what is not kept --- */

/* Unpin all but the first @keep pages. */
static void gup_put_ranges(const struct gup_ranges *found, unsigned long keep)
{
	unsigned long nr, skip;
	struct page *page;
	unsigned int i = 0;

	while ((page = gup_next_range(found, &i, &nr))) {
		skip = min(keep, nr);
		keep -= skip;
		if (nr > skip)
			gup_put_folio(page_folio(page), nr - skip, FOLL_PIN);
	}
}

static void gup_forget_ranges(struct gup_ranges *found)
{
	found->nr_long = 0;
	found->count = (struct gup_count) { };
	found->next = found->entries;
}

/* If there was a fork meanwhile, it may share what was pinned. */
static int gup_fast_keep_ranges(struct page **pages, int nr_pinned, bool retry)
{
	struct gup_ranges *found = gup_ranges_of(pages);
	struct page *page;
	unsigned long nr;
	unsigned int i = 0;

	gup_tell_count(&found->count, NR_FOLL_PIN_ACQUIRED);
	if (retry) {
		gup_put_ranges(found, 0);
		gup_forget_ranges(found);
		return 0;
	}
	if (IS_ENABLED(CONFIG_DEBUG_VM))
		while ((page = gup_next_range(found, &i, &nr)))
			sanity_check_pinned_pages(&page, 1);
	return nr_pinned;
}

/*
 * Put one folio for each range where the ranges are, and drop all pins but one of
 * each.  No range takes less than a folio.
 */
static unsigned int gup_ranges_to_folios(struct gup_ranges *found)
{
	struct folio **folios = (struct folio **)found->entries;
	unsigned int nr_folios = 0;
	struct page *page;
	unsigned long nr;
	unsigned int i = 0;

	while ((page = gup_next_range(found, &i, &nr))) {
		struct folio *folio = page_folio(page);

		if (nr > 1)
			gup_put_folio(folio, nr - 1, FOLL_PIN);
		folios[nr_folios++] = folio;
	}
	return nr_folios;
}

static bool gup_ranges_pinnable(const struct gup_ranges *found)
{
	struct page *page;
	unsigned long nr;
	unsigned int i = 0;

	while ((page = gup_next_range(found, &i, &nr)))
		if (!folio_is_longterm_pinnable(page_folio(page)))
			return false;
	return true;
}

/* Are all of them where they may stay?  After 0 they are pinned, else none is. */
static long gup_check_ranges(struct page **pages)
{
	struct gup_ranges *found = gup_ranges_of(pages);
	struct folio **folios = (struct folio **)found->entries;
	unsigned int nr_folios;
	long ret;

	if (gup_ranges_pinnable(found))
		return 0;

	nr_folios = gup_ranges_to_folios(found);
	gup_forget_ranges(found);
	found->nr_more = 0;
	ret = check_and_migrate_movable_folios(nr_folios, folios);
	if (ret)
		return ret;
	/* They may stay where they are meanwhile, but have too few pins now. */
	unpin_folios(folios, nr_folios);
	return -EAGAIN;
}
