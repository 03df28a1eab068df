/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What those call who pin into ranges of pages, and unpin them.  A part of gup.c.
 */

#ifdef CONFIG_GUP_RANGES
/* The flags of gup_fast_fallback(), but those that are not for pins. */
#define PIN_RANGES_FLAGS	(FOLL_WRITE | FOLL_LONGTERM | FOLL_FORCE | \
				 FOLL_NOFAULT | FOLL_HONOR_NUMA_FAULT)

/* How many pages at a time: their bytes have to be an int, as on 32 bits. */
#define PIN_RANGES_MAX		((unsigned long)INT_MAX >> PAGE_SHIFT)

/* As many pages as have room in any case, and what else the last one's entry maps. */
static long pin_ranges_slow(struct mm_struct *mm, unsigned long start,
			    unsigned long nr_pages, unsigned int gup_flags,
			    struct gup_ranges *found)
{
	unsigned long nr = min(nr_pages, found->max);
	int locked = 0;
	long ret;

	gup_forget_ranges(found);
	found->nr_wanted = nr_pages - nr;
	found->nr_more = 0;
	ret = __gup_longterm_locked(mm, start, nr, (struct page **)found, &locked,
				    gup_flags | FOLL_TOUCH | FOLL_UNLOCKABLE |
				    FOLL_RANGES);
	return ret > 0 ? ret + found->nr_more : ret;
}

/**
 * pin_user_ranges_fast() - pin_user_pages_fast() into ranges of pages
 * @start: Address in user space.
 * @nr_pages: How many pages to pin, not 0.
 * @gup_flags: %FOLL_WRITE, %FOLL_LONGTERM, %FOLL_FORCE, %FOLL_NOFAULT and
 *	%FOLL_HONOR_NUMA_FAULT, no others.
 * @found: Set to what was pinned, in the order of addresses.
 *
 * Pages of a folio that are mapped next to each other are pinned at once.  Fewer
 * pages than asked for may be pinned: for want of room in @found, as some are to be
 * faulted in, or so that others may run.  The next call goes on.
 *
 * Each page has a pin then, to be dropped by unpin_user_vecs() or any other
 * function that does it by pages.
 *
 * Context: Process context.  May sleep, takes the mmap_lock.
 * Return: The number of pages, or a negative errno with nothing pinned, as from
 * pin_user_pages_fast(); -EOPNOTSUPP without an MMU.
 */
long pin_user_ranges_fast(unsigned long start, unsigned long nr_pages,
			  unsigned int gup_flags, struct gup_ranges *found)
{
	struct page **pages = (struct page **)found;
	unsigned long end, nr_pinned;

	if (!IS_ENABLED(CONFIG_MMU))
		return -EOPNOTSUPP;
	/* What is_valid_gup_args() refuses is none of these. */
	if (WARN_ON_ONCE(gup_flags & ~PIN_RANGES_FLAGS))
		return -EINVAL;
	gup_flags |= FOLL_PIN;

	mm_set_has_pinned_flag(current->mm);
	might_lock_read(&current->mm->mmap_lock);

	nr_pages = min(nr_pages, PIN_RANGES_MAX);
	start = untagged_addr(start) & PAGE_MASK;
	if (check_add_overflow(start, nr_pages << PAGE_SHIFT, &end))
		return -EOVERFLOW;
	if (end > TASK_SIZE_MAX)
		return -EFAULT;

	gup_forget_ranges(found);
	/* As many entries as pages are enough: to look for more would be in vain. */
	found->last = found->entries + min(found->max - 2, nr_pages - 1);
	nr_pinned = gup_fast(start, end, gup_flags | FOLL_RANGES, pages);
	if (nr_pinned)
		return nr_pinned;
	/* What comes after so few may go fast again. */
	return pin_ranges_slow(current->mm, start, nr_pages, gup_flags, found);
}

/**
 * pin_user_ranges_remote() - pin_user_pages_remote() into ranges of pages
 * @mm: Whose address space it is, with a reference that keeps it.
 * @start: Address in that user space.
 * @nr_pages: How many pages to pin, not 0.
 * @gup_flags: As for pin_user_ranges_fast().
 * @found: Set to what was pinned, in the order of addresses.
 *
 * As pin_user_ranges_fast() in all else.
 *
 * Context: Process context.  May sleep, takes @mm's mmap_lock.
 * Return: The number of pages, or a negative errno with nothing pinned, as from
 * pin_user_pages_remote(); -EOPNOTSUPP without an MMU.
 */
long pin_user_ranges_remote(struct mm_struct *mm, unsigned long start,
			    unsigned long nr_pages, unsigned int gup_flags,
			    struct gup_ranges *found)
{
	if (!IS_ENABLED(CONFIG_MMU))
		return -EOPNOTSUPP;
	if (WARN_ON_ONCE(gup_flags & ~PIN_RANGES_FLAGS))
		return -EINVAL;

	return pin_ranges_slow(mm, start, min(nr_pages, PIN_RANGES_MAX),
			       gup_flags | FOLL_PIN | FOLL_REMOTE, found);
}

/**
 * unpin_user_ranges() - Unpin what pin_user_ranges_fast() pinned
 * @found: Ranges.  They are not to be used afterwards.
 * @keep: How many pages stay pinned, from the start.
 *
 * For those who can't keep it: no page is marked dirty.
 *
 * Context: Any.
 */
void unpin_user_ranges(const struct gup_ranges *found, unsigned long keep)
{
	gup_put_ranges(found, keep);
}

/* Pages after which others may run. */
#define UNPIN_BATCH		32768UL

struct gup_unpin {
	struct gup_count	count;
	unsigned long		nr_long;	/* since others could run */
};

/*
 * What gup_put_folio() does, but that pins are counted for many folios at once.  Zero
 * pages have none, and are not large.
 */
static __always_inline void gup_unpin_large(struct gup_unpin *unpin,
					    struct folio *folio, int refs)
{
	gup_count_pages(&unpin->count, folio, refs, NR_FOLL_PIN_RELEASED);
	if (folio_has_pincount(folio))
		atomic_sub(refs, &folio->_pincount);
	else
		refs *= GUP_PIN_COUNTING_BIAS;
	folio_put_refs(folio, refs);
}

static __always_inline void gup_unpin_small(struct gup_unpin *unpin,
					    struct folio *folio,
					    unsigned long pfn)
{
	if (is_zero_pfn(pfn))
		return;
	gup_count_pages(&unpin->count, folio, 1, NR_FOLL_PIN_RELEASED);
	folio_put_refs(folio, GUP_PIN_COUNTING_BIAS);
}

static noinline void gup_mark_dirty(struct folio *folio)
{
	folio_lock(folio);
	folio_mark_dirty(folio);
	folio_unlock(folio);
}

/* Up to @nr pages from @pfn on, of one folio.  Returns how many. */
static __always_inline unsigned long gup_unpin_part(struct gup_unpin *unpin,
						    unsigned long pfn,
						    unsigned long nr,
						    bool make_dirty)
{
	struct page *page = pfn_to_page(pfn);
	struct folio *folio = page_folio(page);

	sanity_check_pinned_pages(&page, 1);
	if (make_dirty && !folio_test_dirty(folio))
		gup_mark_dirty(folio);
	if (!folio_test_large(folio)) {
		gup_unpin_small(unpin, folio, pfn);
		return 1;
	}
	nr = min(nr, folio_large_nr_pages(folio) - folio_page_idx(folio, page));
	gup_unpin_large(unpin, folio, nr);
	return nr;
}

static noinline void gup_unpin_long(struct gup_unpin *unpin, unsigned long pfn,
				    unsigned long end, bool make_dirty)
{
	while (pfn < end) {
		unsigned long nr = gup_unpin_part(unpin, pfn, end - pfn,
						  make_dirty);

		pfn += nr;
		unpin->nr_long += nr;
		if (unpin->nr_long >= UNPIN_BATCH) {
			unpin->nr_long = 0;
			cond_resched();
		}
	}
}

/* Go on, with what was counted so far. */
static noinline void gup_unpin_rest(struct gup_count count, unsigned long pfn,
				    unsigned long end, bool make_dirty)
{
	struct gup_unpin unpin = { .count = count };

	gup_unpin_long(&unpin, pfn, end, make_dirty);
	gup_tell_count(&unpin.count, NR_FOLL_PIN_RELEASED);
}

/* What is in one folio, as short ranges are, needs nothing in memory. */
static __always_inline void gup_unpin_one(const struct phys_vec *vec,
					  bool make_dirty)
{
	unsigned long pfn = PHYS_PFN(vec->paddr);
	unsigned long end = PFN_UP((u64)vec->paddr + vec->len);
	struct gup_unpin unpin = { };

	pfn += gup_unpin_part(&unpin, pfn, end - pfn, make_dirty);
	if (unlikely(pfn < end))
		gup_unpin_rest(unpin.count, pfn, end, make_dirty);
	else
		gup_tell_count(&unpin.count, NR_FOLL_PIN_RELEASED);
}

static __always_inline void gup_tell_counts(struct gup_count *count,
					    struct gup_count *more)
{
	if (likely(more->nid == count->nid)) {
		count->nr_pages += more->nr_pages;
		more->nr_pages = 0;
	}
	gup_tell_count(count, NR_FOLL_PIN_RELEASED);
	gup_tell_count(more, NR_FOLL_PIN_RELEASED);
}

static noinline void gup_unpin_many(const struct phys_vec *vecs,
				    unsigned int nr, bool make_dirty)
{
	const struct phys_vec *stop = vecs + nr;
	struct gup_unpin unpin = { }, more = { };

	for (; vecs < stop; vecs++) {
		unsigned long pfn = PHYS_PFN(vecs->paddr);
		unsigned long end = PFN_UP((u64)vecs->paddr + vecs->len);

		/* The first folio of each is counted in registers. */
		pfn += gup_unpin_part(&unpin, pfn, end - pfn, make_dirty);
		if (unlikely(pfn < end))
			gup_unpin_long(&more, pfn, end, make_dirty);
	}
	gup_tell_counts(&unpin.count, &more.count);
	cond_resched();
}

/**
 * unpin_user_vecs() - Unpin and maybe mark dirty the pages of many ranges
 * @vecs: Physical ranges, in which each page is pinned once.
 * @nr: How many.
 * @make_dirty: Whether the pages were written.
 *
 * What unpin_user_page_range_dirty_lock() does, in one step for each folio.
 *
 * Context: May sleep.  Takes the folio lock of pages that get dirty.
 */
void unpin_user_vecs(const struct phys_vec *vecs, unsigned int nr,
		     bool make_dirty)
{
	/* A single one is short, or has let others run. */
	if (nr == 1)
		gup_unpin_one(vecs, make_dirty);
	else
		gup_unpin_many(vecs, nr, make_dirty);
}

#endif /* CONFIG_GUP_RANGES */
