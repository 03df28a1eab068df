/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _LINUX_PHYR_H
#define _LINUX_PHYR_H
/*
 * Physical-range list: a caller-owned list of physical address ranges.
 *
 * See Documentation/core-api/phyr.rst for how to use it, and
 * include/linux/phyr_dma.h for giving a list to a device.
 */

#include <linux/bits.h>
#include <linux/gfp_types.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/pfn.h>
#include <linux/phyr_packed.h>
#include <linux/types.h>

struct bio_vec;
struct file;
struct folio;
struct folio_batch;
struct iov_iter;
struct mm_struct;
struct p2pdma_provider;
struct page;
struct seq_file;
struct sg_table;
struct vm_area_struct;

/**
 * define PHYR_MMIO - The range is device memory, not page memory
 *
 * It has no struct page, no kernel mapping, and must not be touched by the
 * CPU through the list.  &phyr_range.provider says which PCI function may
 * share it with its peers; without one the owner of the list vouches for the
 * device being able to reach it.
 */
#define PHYR_MMIO		BIT(0)

/**
 * define PHYR_PINNED - The list owns one FOLL_PIN reference on every page
 *
 * The references are dropped by phyr_destroy(), phyr_destroy_dirty() and
 * phyr_truncate().
 */
#define PHYR_PINNED		BIT(1)

/* The longest single range, in bytes. */
#define PHYR_RANGE_MAX		GENMASK_ULL(59, 0)

/* The longest list, in bytes. */
#define PHYR_BYTES_MAX		((u64)S64_MAX)

/* Of a walk that goes on to the end of the list. */
#define PHYR_NO_STOP		U64_MAX

/**
 * struct phyr_range - One physically contiguous range of one kind of memory
 * @phys: Physical address of its first byte.
 * @len: Length in bytes, never zero.
 * @provider: The provider of peer-to-peer memory, else NULL.  Needs %PHYR_MMIO.
 * @flags: %PHYR_MMIO and %PHYR_PINNED; zero for page memory that the list does
 *	not own.
 *
 * @provider and @flags together are the range's kind: only neighbours of the
 * same kind merge.
 */
struct phyr_range {
	phys_addr_t		phys;
	u64			len;
	struct p2pdma_provider	*provider;
	unsigned int		flags;
};

/**
 * struct phyr - A list of physical ranges
 *
 * Embedded in its owner, who serialises all changes: there is no lock inside.
 * Any number of readers may walk a list that nobody changes.  All zeroes is an
 * empty list.  A list of two ranges needs no memory but this.
 */
struct phyr {
	/* private: use the functions below */
	u64			bytes;
	/* The newest ranges are plain; those before them are packed in chunks. */
	struct phyr_index	*index;
	unsigned long		kind;	/* of the plain ranges, see phyr_kind() */
	u16			nr_plain;
	u16			max_plain;	/* in an array, or 0: in @few */
	bool			single;		/* plain ranges are a page each */
	union {
		struct phyr_plain	few[PHYR_FEW];	/* one, if there are chunks */
		struct {
			struct phyr_plain	unused;
			u64			nr_packed;	/* if there are */
			struct phyr_plain	*plain;	/* the array */
		};
	};
};

/**
 * define PHYR_INIT - Initialiser of an empty list
 */
#define PHYR_INIT		{ }

/**
 * phyr_init() - Make a list empty without freeing anything
 * @phyr: List to initialise.
 *
 * Context: Any.
 */
static inline void phyr_init(struct phyr *phyr)
{
	/* One by one: compilers have strings of zeroes stored, which is slower. */
	phyr->bytes = 0;
	phyr->index = NULL;
	phyr->kind = 0;
	phyr->nr_plain = 0;
	phyr->max_plain = 0;
	phyr->single = false;
	phyr->few[0].phys = 0;
	phyr->few[0].len = 0;
	phyr->few[1].phys = 0;
	phyr->few[1].len = 0;
}

/**
 * phyr_empty() - Does the list describe no memory?
 * @phyr: List.
 *
 * Context: Any.
 * Return: %true if there is no range in @phyr.
 */
static inline bool phyr_empty(const struct phyr *phyr)
{
	return !phyr->bytes;
}

/**
 * phyr_bytes() - How much memory does the list describe?
 * @phyr: List.
 *
 * Context: Any.
 * Return: The sum of the lengths of all ranges, in bytes.
 */
static inline u64 phyr_bytes(const struct phyr *phyr)
{
	return phyr->bytes;
}

/**
 * phyr_nr_ranges() - How many ranges are in the list?
 * @phyr: List.
 *
 * Neighbours of the same kind that are adjacent in physical memory count as
 * one, unless they were longer than %PHYR_RANGE_MAX together when they met, or are
 * %PHYR_PINNED and meet inside a page, which has a pin of each then.
 *
 * Context: Any.
 * Return: The number of ranges.
 */
static inline u64 phyr_nr_ranges(const struct phyr *phyr)
{
	if (phyr->index && phyr->index->nr)
		return phyr->nr_packed + phyr->nr_plain;
	return phyr->nr_plain;
}

static inline struct phyr_plain *phyr_plain_ranges(const struct phyr *phyr)
{
	return phyr->max_plain ? phyr->plain : (struct phyr_plain *)phyr->few;
}

/**
 * phyr_flags() - What kinds of memory are in the list?
 * @phyr: List.
 *
 * Context: Any.
 * Return: The flags of all ranges, ORed together.
 */
static inline unsigned int phyr_flags(const struct phyr *phyr)
{
	return (phyr->kind & (PHYR_MMIO | PHYR_PINNED)) |
	       (phyr->index ? phyr->index->flags : 0);
}

/* Are there ranges of more than one kind? */
static inline bool phyr_is_mixed(const struct phyr *phyr)
{
	const struct phyr_index *index = phyr->index;

	return index && index->bytes &&
	       (index->mixed || index->chunks[0].kind != phyr->kind);
}

/* How long is the last range of a list that isn't empty? */
static inline u64 phyr_newest_len(const struct phyr *phyr)
{
	return phyr_plain_ranges(phyr)[phyr->nr_plain - 1].len;
}

struct phyr_summary phyr_summary(const struct phyr *phyr);

int __must_check phyr_append_range(struct phyr *phyr,
				   const struct phyr_range *range, gfp_t gfp);
int __must_check phyr_append_phys_vec(struct phyr *phyr,
				      const struct phys_vec *vec, size_t nr,
				      unsigned int flags,
				      struct p2pdma_provider *provider,
				      gfp_t gfp);
int __must_check phyr_append_pages(struct phyr *phyr, struct page **pages,
				   unsigned long nr_pages, unsigned int offset,
				   u64 size, gfp_t gfp);
int __must_check phyr_append_folio(struct phyr *phyr, struct folio *folio,
				   size_t offset, size_t len, gfp_t gfp);
int __must_check phyr_append_folio_batch(struct phyr *phyr,
					 const struct folio_batch *batch,
					 gfp_t gfp);
int __must_check phyr_append_bvecs(struct phyr *phyr,
				   const struct bio_vec *bvecs, size_t nr,
				   gfp_t gfp);
int __must_check phyr_append_sgtable(struct phyr *phyr,
				     const struct sg_table *sgt, gfp_t gfp);
int __must_check phyr_append_kernel(struct phyr *phyr, const void *addr,
				    size_t len, gfp_t gfp);
int __must_check phyr_pin_user(struct phyr *phyr, unsigned long addr,
			       size_t len, unsigned int gup_flags, gfp_t gfp);
int __must_check phyr_pin_remote(struct phyr *phyr, struct mm_struct *mm,
				 unsigned long addr, size_t len,
				 unsigned int gup_flags, gfp_t gfp);
ssize_t __must_check phyr_pin_iter(struct phyr *phyr, struct iov_iter *iter,
				   size_t max, gfp_t gfp);
int __must_check phyr_pin_memfd(struct phyr *phyr, struct file *file,
				loff_t start, u64 len, gfp_t gfp);
int __must_check phyr_alloc_pages(struct phyr *phyr, u64 len,
				  unsigned int max_order, gfp_t gfp);
void phyr_free_pages(struct phyr *phyr);
int phyr_mark_dirty(const struct phyr *phyr, u64 pos, u64 len);
void phyr_destroy(struct phyr *phyr);
void phyr_destroy_dirty(struct phyr *phyr, bool make_dirty);
void phyr_destroy_atomic(struct phyr *phyr);
void phyr_clear(struct phyr *phyr);
void phyr_truncate(struct phyr *phyr, u64 len);
int __must_check phyr_append_slice(struct phyr *phyr, const struct phyr *from,
				   u64 pos, u64 len, gfp_t gfp);
int __must_check phyr_join(struct phyr *phyr, struct phyr *other, gfp_t gfp);
int __must_check phyr_split(struct phyr *phyr, u64 pos, struct phyr *rest,
			    gfp_t gfp);
u64 phyr_best_block_size(const struct phyr *phyr, u64 sizes, u64 virt);
int __must_check phyr_reserve(struct phyr *phyr, u64 nr, gfp_t gfp);
void __phyr_trim(struct phyr *phyr, bool pack, gfp_t gfp);
size_t phyr_memory_used(const struct phyr *phyr);
u64 phyr_nr_pages(const struct phyr *phyr);
ssize_t phyr_copy_to_buffer(const struct phyr *phyr, void *buf, size_t len,
			    u64 skip);
ssize_t phyr_copy_from_buffer(const struct phyr *phyr, const void *buf,
			      size_t len, u64 skip);
int phyr_zero(const struct phyr *phyr, u64 pos, u64 len);
void *phyr_vmap(const struct phyr *phyr, pgprot_t prot);
void phyr_vunmap(void *addr);
int __must_check phyr_mmap(const struct phyr *phyr, struct vm_area_struct *vma);
struct bio_vec *phyr_iov_iter(const struct phyr *phyr, u64 pos, size_t len,
			      unsigned int direction, struct iov_iter *iter,
			      gfp_t gfp);
int __must_check phyr_to_sgtable(const struct phyr *phyr, struct sg_table *sgt,
				 unsigned int max_segment, gfp_t gfp);
void phyr_seq_show(struct seq_file *m, const struct phyr *phyr);

/**
 * phyr_append() - Append page memory
 * @phyr: List.
 * @phys: Physical address of the first byte.
 * @len: Length in bytes.
 * @gfp: For the list's own memory.
 *
 * The list takes no reference: the memory must outlive it.  For memory of devices,
 * with or without pages, there is phyr_append_mmio().
 *
 * Context: As @gfp allows.
 * Return: As phyr_append_range().
 */
static inline int __must_check phyr_append(struct phyr *phyr, phys_addr_t phys,
					   u64 len, gfp_t gfp)
{
	const struct phyr_range range = { .phys = phys, .len = len };

	return phyr_append_range(phyr, &range, gfp);
}

/**
 * phyr_trim() - Give back what a finished list does not use
 * @phyr: List.
 * @gfp: For the list's own memory: trimming copies what doesn't fill its place to
 *	one that fits.
 *
 * Does what it can: without memory for the copy the list stays larger.  More
 * can be appended later.
 *
 * Context: As @gfp allows.
 */
static inline void phyr_trim(struct phyr *phyr, gfp_t gfp)
{
	if (phyr->index || phyr->nr_plain < phyr->max_plain)
		__phyr_trim(phyr, false, gfp);
}

/**
 * phyr_pack() - Have a finished list take as little memory as it can
 * @phyr: List.
 * @gfp: For the list's own memory.
 *
 * phyr_trim() for lists of some dozens or hundreds of ranges that are held for long:
 * it leaves them an array, 16 bytes a range, and this packs that, into mostly four.
 * Walking, mapping and destroying the list takes more instructions then.
 *
 * Context: As @gfp allows.
 */
static inline void phyr_pack(struct phyr *phyr, gfp_t gfp)
{
	__phyr_trim(phyr, true, gfp);
}

/**
 * phyr_clone() - Append a whole list
 * @phyr: List to append to, most often an empty one.
 * @from: List to copy, another than @phyr.
 * @gfp: For the list's own memory.
 *
 * The copy owns no pins: memory that is %PHYR_PINNED in @from has to stay so
 * for as long as the copy is used, and is plain page memory in @phyr.
 *
 * Context: As @gfp allows.
 * Return: As phyr_append_slice().
 */
static inline int __must_check phyr_clone(struct phyr *phyr,
					  const struct phyr *from, gfp_t gfp)
{
	return phyr_append_slice(phyr, from, 0, from->bytes, gfp);
}

/**
 * phyr_append_mmio() - Append device memory
 * @phyr: List.
 * @phys: Physical address of the first byte, as the CPU sees it.
 * @len: Length in bytes.
 * @provider: The provider from pcim_p2pdma_provider() for peer-to-peer memory,
 *	or NULL for a resource that the caller knows the device to reach.
 * @gfp: For the list's own memory.
 *
 * Context: As @gfp allows.
 * Return: As phyr_append_range().
 */
static inline int __must_check
phyr_append_mmio(struct phyr *phyr, phys_addr_t phys, u64 len,
		 struct p2pdma_provider *provider, gfp_t gfp)
{
	const struct phyr_range range = {
		.phys = phys,
		.len = len,
		.provider = provider,
		.flags = PHYR_MMIO,
	};

	return phyr_append_range(phyr, &range, gfp);
}

/* A kind in a word: the provider, in whose lowest bits there is room for flags. */
static inline unsigned long phyr_kind(const struct phyr_range *range)
{
	return (unsigned long)range->provider | range->flags;
}

static inline void phyr_set_kind(struct phyr_range *range, unsigned long kind)
{
	range->flags = kind & (PHYR_MMIO | PHYR_PINNED);
	range->provider = (void *)(kind & ~(PHYR_MMIO | PHYR_PINNED));
}

/**
 * struct phyr_state - Position in a list
 * @range: What is left of the current range, after phyrs_seek() or phyrs_piece().
 *	Its length is zero if that is nothing, its kind that of what was read last.
 *
 * The advanced API: a walk that can be paused, copied, moved with phyrs_seek()
 * and taken in pieces.  It holds no reference and allocates nothing; any
 * change of the list makes it invalid.
 */
struct phyr_state {
	struct phyr_range		range;
	/* private: */
	const struct phyr		*phyr;
	const struct phyr_chunk		*chunk;	/* NULL in plain ranges */
	const void			*at;	/* entry or plain range, to be read */
	unsigned long			kind;
	u64				pos;	/* of what is read next */
	u64				stop;	/* of the walk */
	int				left;	/* to be read of these */
};

static __always_inline void phyrs_enter(struct phyr_state *ps,
					const struct phyr_chunk *chunk)
{
	ps->chunk = chunk;
	ps->at = chunk->entries;
	ps->left = chunk->nr;
	ps->kind = chunk->kind;
}

static __always_inline void phyrs_enter_plain(struct phyr_state *ps)
{
	ps->chunk = NULL;
	ps->at = phyr_plain_ranges(ps->phyr);
	ps->left = ps->phyr->nr_plain;
	ps->kind = ps->phyr->kind;
}

static __always_inline void phyrs_next_chunk(struct phyr_state *ps)
{
	/* Not worth registers all through the loop. */
	const struct phyr_index *index = READ_ONCE(ps->phyr->index);

	if (ps->chunk + 1 < index->chunks + index->nr)
		phyrs_enter(ps, ps->chunk + 1);
	else
		phyrs_enter_plain(ps);
}

/**
 * phyr_start() - The state before the first range of a list
 * @phyr: List.
 *
 * Context: Any.
 * Return: The state.
 */
static __always_inline struct phyr_state phyr_start(const struct phyr *phyr)
{
	struct phyr_state ps __uninitialized;

	ps.range.len = 0;
	ps.phyr = phyr;
	ps.pos = 0;
	ps.stop = PHYR_NO_STOP;
	/* Most lists are short. */
	if (unlikely(phyr->index))
		phyrs_enter(&ps, phyr->index->chunks);
	else
		phyrs_enter_plain(&ps);
	return ps;
}

struct phyr_state phyr_start_slice(const struct phyr *phyr, u64 pos, u64 len);

/**
 * PHYR_STATE() - Declare a state before the first range of a list
 * @name: Name of the variable.
 * @phyr: List.
 */
#define PHYR_STATE(name, phyr)	struct phyr_state name = phyr_start(phyr)

unsigned int phyrs_next_vecs(struct phyr_state *ps, struct phys_vec *vec,
			     unsigned int max);
int phyrs_seek(struct phyr_state *ps, u64 pos);
int phyrs_slice(struct phyr_state *ps, u64 pos, u64 len);

/* Read what is next in the list; false at its end. */
static __always_inline bool phyrs_read(struct phyr_state *ps,
				       phys_addr_t *phys, u64 *len)
{
	const struct phyr_plain *plain;

	while (unlikely(--ps->left < 0)) {
		if (!ps->chunk) {
			ps->left = 0;
			return false;
		}
		phyrs_next_chunk(ps);
	}
	if (ps->chunk) {
		ps->at = phyr_unpack(ps->chunk, ps->chunk->form, ps->at, phys,
				     len);
		return true;
	}
	plain = ps->at;
	*phys = plain->phys;
	*len = plain->len;
	ps->at = plain + 1;
	return true;
}

/* phyrs_next() where nothing is left in @ps->range. */
static __always_inline bool phyrs_next_whole(struct phyr_state *ps,
					     struct phyr_range *range)
{
	phys_addr_t phys;
	u64 len;

	if (!phyrs_read(ps, &phys, &len))
		return false;
	ps->pos += len;
	/* Where a walk has no end but the list's, compilers leave this out. */
	if (unlikely(ps->pos > ps->stop)) {
		len -= ps->pos - ps->stop;
		ps->pos = ps->stop;
		if (!len)
			return false;
	}
	range->phys = phys;
	range->len = len;
	phyr_set_kind(range, ps->kind);
	return true;
}

/**
 * phyrs_next() - Go to the next range
 * @ps: State.
 * @range: Set to the range, or to what phyrs_piece() or phyrs_seek() left of it.
 *
 * In line, so that a compiler can keep all of a loop's state in registers.
 *
 * Context: Any.
 * Return: %false at the end of the list or slice, with nothing in @range that
 * means anything.
 */
static __always_inline bool phyrs_next(struct phyr_state *ps,
				       struct phyr_range *range)
{
	if (ps->range.len) {
		*range = ps->range;
		ps->range.len = 0;
		return true;
	}
	return phyrs_next_whole(ps, range);
}

/**
 * phyrs_tell() - Where is a state in its list?
 * @ps: State.
 *
 * Context: Any.
 * Return: The position of the byte that phyrs_piece() takes next, in bytes.
 */
static inline u64 phyrs_tell(const struct phyr_state *ps)
{
	return ps->pos - ps->range.len;
}

bool phyrs_load(struct phyr_state *ps);

/**
 * phyrs_piece() - Take the next bytes of a list
 * @ps: State.
 * @max: The most bytes to take, not zero.
 * @phys: Set to the physical address of the first byte taken.
 *
 * A piece never crosses from one range to the next.  The kind of the memory is
 * in @ps->range.
 *
 * Context: Any.
 * Return: The number of bytes taken, or zero at the end of the list.
 */
static inline u64 phyrs_piece(struct phyr_state *ps, u64 max,
			      phys_addr_t *phys)
{
	u64 len;

	if (!ps->range.len && !phyrs_load(ps))
		return 0;

	len = min(max, ps->range.len);
	*phys = ps->range.phys;
	ps->range.phys += len;
	ps->range.len -= len;
	return len;
}

/* All ranges, if they are an array, or NULL. */
static __always_inline const struct phys_vec *
phyr_array(const struct phyr *phyr)
{
	/* Plain ranges have the form of vectors, but where a length has 32 bits. */
	if (phyr->index || sizeof(size_t) != sizeof(u64))
		return NULL;
	return (const struct phys_vec *)phyr_plain_ranges(phyr);
}

void phyr_visit_packed(const struct phyr *phyr,
		       void (*fn)(const struct phys_vec *vecs, unsigned int nr,
				  void *arg), void *arg);

/**
 * phyr_visit() - Have a function called for all ranges, many at a time
 * @phyr: List.
 * @fn: Function to call with an array of ranges, which may be the list's own, with
 *	its length, and with @arg.  A range too long for &phys_vec.len comes in pieces,
 *	of which all but the last end with a page.
 * @arg: For @fn.
 *
 * In line, so that a compiler can make @fn a part of its caller.
 *
 * Context: As @fn allows.
 */
static __always_inline void
phyr_visit(const struct phyr *phyr,
	   void (*fn)(const struct phys_vec *vecs, unsigned int nr, void *arg),
	   void *arg)
{
	const struct phys_vec *vecs = phyr_array(phyr);

	if (!vecs)
		phyr_visit_packed(phyr, fn, arg);
	else if (phyr->nr_plain)
		fn(vecs, phyr->nr_plain, arg);
}

/*
 * The plain range that holds the byte at *@pos, which is counted from the first one's
 * start, and then from its.
 */
static __always_inline const struct phyr_plain *
phyr_find_plain(const struct phyr *phyr, u64 *pos)
{
	const struct phyr_plain *plain = phyr_plain_ranges(phyr);

	if (*pos < plain->len)
		return plain;
	if (phyr->single) {
		plain += *pos >> PAGE_SHIFT;
		*pos &= PAGE_SIZE - 1;
		return plain;
	}
	do {
		*pos -= plain->len;
		plain++;
	} while (*pos >= plain->len);
	return plain;
}

static __always_inline void phyr_at_plain(const struct phyr *phyr, u64 pos,
					  struct phyr_range *range)
{
	const struct phyr_plain *plain = phyr_find_plain(phyr, &pos);

	range->phys = plain->phys + pos;
	range->len = plain->len - pos;
	phyr_set_kind(range, phyr->kind);
}

int phyr_look_up(const struct phyr *phyr, u64 pos, struct phyr_range *range);

/**
 * phyr_at() - What is at a position?
 * @phyr: List.
 * @pos: Position in the list, in bytes.
 * @range: Set to the rest of the range that @pos is in.
 *
 * O(log n).
 *
 * Context: Any.
 * Return: 0, or -ERANGE if @pos is not inside the list.
 */
static __always_inline int phyr_at(const struct phyr *phyr, u64 pos,
				   struct phyr_range *range)
{
	if (phyr->index)
		return phyr_look_up(phyr, pos, range);
	if (pos >= phyr->bytes)
		return -ERANGE;
	phyr_at_plain(phyr, pos, range);
	return 0;
}

/**
 * struct phyr_folio - A part of a folio
 * @folio: The folio.
 * @offset: Offset of the part in it, in bytes.
 * @len: Length of the part, in bytes.
 */
struct phyr_folio {
	struct folio	*folio;
	size_t		offset;
	size_t		len;
};

bool phyrs_next_block(struct phyr_state *ps, u64 size, phys_addr_t *block);
struct page *phyrs_next_page(struct phyr_state *ps);
bool phyrs_next_folio(struct phyr_state *ps, struct phyr_folio *part);

/**
 * phyrs_next_pfn() - Go to the next page, by page frame number
 * @ps: State.
 * @pfn: Set to the page's frame number.
 *
 * Context: Any.
 * Return: %false at the end of the list.
 */
static __always_inline bool phyrs_next_pfn(struct phyr_state *ps,
					   unsigned long *pfn)
{
	u64 len;

	if (!ps->range.len && !phyrs_next(ps, &ps->range))
		return false;
	*pfn = PHYS_PFN(ps->range.phys);
	len = min(ps->range.len, PAGE_SIZE - (ps->range.phys & ~PAGE_MASK));
	ps->range.phys += len;
	ps->range.len -= len;
	return true;
}

/**
 * phyr_for_each_range() - Walk all ranges of a list
 * @phyr: List, unchanged during the walk.
 * @range: A &struct phyr_range, set to each range in turn.
 */
#define phyr_for_each_range(phyr, range)				\
	for (struct phyr_state __ps = phyr_start(phyr);			\
	     phyrs_next(&__ps, &(range));)

/**
 * phyr_for_each_slice_range() - Walk a part of a list
 * @phyr: List, unchanged during the walk.
 * @pos: Where the part starts in the list, in bytes.
 * @len: Its length in bytes.
 * @range: A &struct phyr_range, set to each range in turn.
 *
 * The first and the last range are cut to what is in the part.  The body never
 * runs for a part that is empty or not inside the list.
 */
#define phyr_for_each_slice_range(phyr, pos, len, range)		\
	for (struct phyr_state __ps = phyr_start_slice(phyr, pos, len);	\
	     phyrs_next(&__ps, &(range));)

/**
 * phyr_for_each_block() - Walk all aligned blocks of a list
 * @phyr: List, unchanged during the walk.
 * @size: Size and alignment of the blocks in bytes, a power of two.
 * @block: A phys_addr_t, set to the address of the start of each block.
 *
 * Every block that a range touches comes once for that range.  With a size from
 * phyr_best_block_size() the blocks hold the list's memory in order, and
 * nothing else but before its first and after its last byte.
 */
#define phyr_for_each_block(phyr, size, block)				\
	for (struct phyr_state __ps = phyr_start(phyr);			\
	     phyrs_next_block(&__ps, size, &(block));)

/**
 * phyr_for_each_pfn() - Walk all pages of a list by page frame number
 * @phyr: List, unchanged during the walk.
 * @pfn: An unsigned long, set to each page frame number in turn.
 *
 * Every page that a range touches comes once for that range, wholly or partly
 * in it.
 */
#define phyr_for_each_pfn(phyr, pfn)					\
	for (struct phyr_state __ps = phyr_start(phyr);			\
	     phyrs_next_pfn(&__ps, &(pfn));)

/**
 * phyr_for_each_page() - Walk all pages of a list of page memory
 * @phyr: List, unchanged during the walk, without %PHYR_MMIO ranges.
 * @page: A &struct page pointer.
 */
#define phyr_for_each_page(phyr, page)					\
	for (struct phyr_state __ps = phyr_start(phyr);			\
	     ((page) = phyrs_next_page(&__ps));)

/**
 * phyr_for_each_folio() - Walk all folios of a list of page memory
 * @phyr: List, unchanged during the walk, without %PHYR_MMIO ranges.
 * @part: A &struct phyr_folio, set to the part of each folio that is listed.
 */
#define phyr_for_each_folio(phyr, part)					\
	for (struct phyr_state __ps = phyr_start(phyr);			\
	     phyrs_next_folio(&__ps, &(part));)

#endif /* _LINUX_PHYR_H */
