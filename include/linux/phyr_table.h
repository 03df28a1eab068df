/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _LINUX_PHYR_TABLE_H
#define _LINUX_PHYR_TABLE_H
/*
 * A physical-range list and its mapping for one device in one object, for drivers
 * that had a struct sg_table or an array of struct scatterlist.
 *
 * The functions have the order of arguments of what scripts/coccinelle/sg_to_phyr.cocci
 * replaces by them.  See Documentation/core-api/phyr-conversion.rst.
 */

#include <linux/dma-mapping.h>
#include <linux/err.h>
#include <linux/phyr_dma.h>
#include <linux/slab.h>

/**
 * struct phyr_table - A list and its mapping for one device
 * @list: The memory.
 * @dma: Its mapping.
 *
 * Embedded by its owner.  All zeroes means empty.  It must not be moved while it is
 * mapped, as @dma refers to @list.
 */
struct phyr_table {
	struct phyr	list;
	/* An append that fails leaves its errno in the place of the device. */
	struct phyr_dma	dma;
};

/**
 * struct phyr_segment - What a device takes by one descriptor
 * @addr: DMA address.
 * @len: Length in bytes, at most dma_get_max_seg_size().
 */
struct phyr_segment {
	dma_addr_t	addr;
	unsigned int	len;
};

/**
 * define PHYR_TABLE_INIT - Initialiser of an empty &struct phyr_table
 */
#define PHYR_TABLE_INIT		{ }

/**
 * phyr_table_init() - Initialise a table as empty
 * @table: Table, of which nothing that it held before is freed.
 *
 * Context: Any.
 */
static inline void phyr_table_init(struct phyr_table *table)
{
	*table = (struct phyr_table)PHYR_TABLE_INIT;
}

/**
 * phyr_table_destroy() - Empty a table
 * @table: Table, not mapped.  Nothing happens if it is all zeroes.
 *
 * The pages are their owner's, as after sg_free_table().  None is ever pinned by the
 * table, so that nothing here sleeps.
 *
 * Context: Any.
 */
static inline void phyr_table_destroy(struct phyr_table *table)
{
	WARN_ON_ONCE(!IS_ERR_OR_NULL(table->dma.dev));
	phyr_destroy_atomic(&table->list);
	phyr_dma_init(&table->dma);
}

/**
 * phyr_table_from_pages() - Make a table of a buffer in pages
 * @table: Table, of which nothing that it held before is freed.
 * @pages: The buffer's pages.
 * @nr_pages: How many there are.
 * @offset: Where the buffer starts in the first page, in bytes.
 * @size: Length of the buffer in bytes.
 * @gfp: For the list's own memory.
 *
 * In place of sg_alloc_table_from_pages().  The pages stay their owner's.
 *
 * Context: As @gfp allows.
 * Return: 0, or with the table empty: -EINVAL if the buffer isn't in these pages or
 * has no length, -ENOMEM.
 */
static inline int __must_check
phyr_table_from_pages(struct phyr_table *table, struct page **pages,
		      unsigned int nr_pages, unsigned int offset,
		      unsigned long size, gfp_t gfp)
{
	int ret;

	phyr_table_init(table);
	ret = phyr_append_pages(&table->list, pages, nr_pages, offset, size,
				gfp);
	if (!ret)
		phyr_pack(&table->list, gfp);
	return ret;
}

/**
 * phyr_table_reserve() - Make an empty table with room for a number of entries
 * @table: Table, of which nothing that it held before is freed.
 * @nr: How often phyr_table_add() may be called.
 * @gfp: For the list's own memory.
 *
 * In place of sg_alloc_table().
 *
 * Context: As @gfp allows.
 * Return: 0, or with the table empty: -EINVAL if @nr is zero, -ENOMEM.
 */
static inline int __must_check phyr_table_reserve(struct phyr_table *table,
						  unsigned int nr, gfp_t gfp)
{
	phyr_table_init(table);
	return nr ? phyr_reserve(&table->list, nr, gfp) : -EINVAL;
}

/**
 * phyr_table_add() - Append a part of a page, or of several, to a table
 * @table: Table, not mapped.
 * @page: The first page.
 * @len: Length in bytes, not zero.
 * @offset: Where the part starts, in bytes from the start of @page.
 *
 * In place of sg_set_page() for one entry after the other.  What phyr_table_reserve()
 * made room for can't fail.  If something else does, the table can't be mapped any
 * more: phyr_table_map() returns the errno.
 *
 * Context: Any.
 */
static inline void phyr_table_add(struct phyr_table *table, struct page *page,
				  unsigned int len, unsigned int offset)
{
	int ret = phyr_append(&table->list, page_to_phys(page) + offset, len,
			      GFP_NOWAIT);

	if (ret && !table->dma.dev)
		table->dma.dev = ERR_PTR(ret);
}

/**
 * phyr_table_set() - Set an entry of a table
 * @table: Table, not mapped.
 * @i: Index of the entry: 0 for the first, which empties the table before, and one more
 *	for each that comes after.
 * @page: The first page.
 * @len: Length in bytes, not zero.
 * @offset: Where the part starts, in bytes from the start of @page.
 *
 * In place of sg_set_page() for an array's entries, if they are set in their order.
 * What phyr_table_new() or phyr_table_reserve() made room for stays, however often the
 * table is filled.
 *
 * Context: Any.
 */
static inline void phyr_table_set(struct phyr_table *table, unsigned int i,
				  struct page *page, unsigned int len,
				  unsigned int offset)
{
	if (!i) {
		WARN_ON_ONCE(!IS_ERR_OR_NULL(table->dma.dev));
		phyr_clear(&table->list);
		phyr_dma_init(&table->dma);
	}
	phyr_table_add(table, page, len, offset);
}

/**
 * phyr_table_page() - The page at a position
 * @table: Table.
 * @pos: Position in bytes.
 *
 * Context: Any.
 * Return: The page, or NULL if @pos is not in the table.
 */
static inline struct page *phyr_table_page(const struct phyr_table *table,
					   u64 pos)
{
	struct phyr_range range;

	if (phyr_at(&table->list, pos, &range))
		return NULL;
	return pfn_to_page(PHYS_PFN(range.phys));
}

/**
 * phyr_table_new() - Allocate an empty table with room for a number of entries
 * @nr: How often phyr_table_set() may be called, not zero.
 * @gfp: For the table and the list's own memory.
 *
 * In place of kmalloc_objs() of an array.  Free the table by phyr_table_free().
 *
 * Context: As @gfp allows.
 * Return: The table, or NULL for want of memory.
 */
static inline struct phyr_table *phyr_table_new(unsigned int nr, gfp_t gfp)
{
	struct phyr_table *table = kzalloc_obj(*table, gfp);

	if (table && phyr_reserve(&table->list, nr, gfp)) {
		kfree(table);
		return NULL;
	}
	return table;
}

/**
 * phyr_table_free() - Free a table that phyr_table_new() or kzalloc_obj() allocated
 * @table: Table, not mapped, or NULL.
 *
 * Context: Any.
 */
static inline void phyr_table_free(struct phyr_table *table)
{
	if (table)
		phyr_table_destroy(table);
	kfree(table);
}

/**
 * phyr_table_alloc() - Allocate a table and its pages
 * @len: How much memory, in bytes, not zero.
 * @gfp: For the pages, the table and the list; a zone is that of the pages.
 * @nr_pages: Set to the number of pages.
 *
 * In place of sgl_alloc().  Free the table by phyr_table_free_pages().
 *
 * Context: Process, may sleep, whatever @gfp is.
 * Return: The table, or NULL for want of memory.
 */
static inline struct phyr_table *phyr_table_alloc(u64 len, gfp_t gfp,
						  unsigned int *nr_pages)
{
	struct phyr_table *table = kzalloc_obj(*table, gfp & ~GFP_ZONEMASK);

	if (!table)
		return NULL;
	if (phyr_alloc_pages(&table->list, len, 0, gfp)) {
		kfree(table);
		return NULL;
	}
	*nr_pages = PHYS_PFN(PAGE_ALIGN(len));
	return table;
}

/**
 * phyr_table_free_pages() - Free a table that was allocated with its pages
 * @table: What phyr_table_alloc() returned, not mapped, or NULL.
 *
 * In place of sgl_free().
 *
 * Context: Process.
 */
static inline void phyr_table_free_pages(struct phyr_table *table)
{
	if (table)
		phyr_free_pages(&table->list);
	kfree(table);
}

/**
 * phyr_table_map() - Map a table for a device
 * @dev: Device.
 * @table: Table, not mapped.
 * @dir: Direction of the transfers.
 * @attrs: DMA_ATTR_* flags.
 *
 * In place of dma_map_sgtable().  The memory belongs to the device until
 * phyr_table_unmap().
 *
 * Context: Process, may sleep.
 * Return: 0, or with nothing mapped: what phyr_dma_map() returns, -EBUSY for a table
 * that is mapped among it, or the errno of an append that failed.
 */
static inline int __must_check phyr_table_map(struct device *dev,
					      struct phyr_table *table,
					      enum dma_data_direction dir,
					      unsigned long attrs)
{
	if (IS_ERR(table->dma.dev))
		return PTR_ERR(table->dma.dev);
	return phyr_dma_map(&table->dma, dev, &table->list, dir, attrs,
			    GFP_KERNEL);
}

/**
 * phyr_table_nr_segments() - How many segments does the device get?
 * @table: Table.
 *
 * In place of @nents of &struct sg_table.  Takes a walk.
 *
 * Context: Any.
 * Return: How often the body of phyr_table_for_each_segment() runs.
 */
static inline unsigned int
phyr_table_nr_segments(const struct phyr_table *table)
{
	return phyr_dma_nr_segments(&table->dma);
}

/**
 * phyr_table_map_nr() - Map a table for a device and count its segments
 * @dev: Device.
 * @table: Table, not mapped.
 * @dir: Direction of the transfers.
 * @attrs: DMA_ATTR_* flags.
 *
 * In place of dma_map_sg_attrs() and dma_map_sg().
 *
 * Context: Process, may sleep.
 * Return: The number of segments, or 0 with nothing mapped.
 */
static inline unsigned int
phyr_table_map_nr(struct device *dev, struct phyr_table *table,
		  enum dma_data_direction dir, unsigned long attrs)
{
	if (phyr_table_map(dev, table, dir, attrs))
		return 0;
	return phyr_table_nr_segments(table);
}

/**
 * phyr_table_unmap() - Undo phyr_table_map() or phyr_table_map_nr()
 * @table: Table.  Nothing happens if it isn't mapped.
 *
 * In place of dma_unmap_sgtable() and dma_unmap_sg().  The memory belongs to the CPU
 * again, and can be mapped again.
 *
 * Context: Any.
 */
static inline void phyr_table_unmap(struct phyr_table *table)
{
	if (!IS_ERR(table->dma.dev))
		phyr_dma_unmap(&table->dma);
}

/**
 * phyr_table_map_once() - Map a table that is emptied when it isn't mapped any more
 * @dev: Device.
 * @table: Table, not mapped.
 * @dir: Direction of the transfers.
 * @attrs: DMA_ATTR_* flags.
 *
 * In place of dma_map_sg() of an array that is filled anew each time, and which
 * nothing frees.
 *
 * Context: Process, may sleep.
 * Return: The number of segments, or 0 with nothing mapped and the table empty.
 */
static inline unsigned int phyr_table_map_once(struct device *dev,
					       struct phyr_table *table,
					       enum dma_data_direction dir,
					       unsigned long attrs)
{
	unsigned int nr = phyr_table_map_nr(dev, table, dir, attrs);

	if (!nr)
		phyr_table_destroy(table);
	return nr;
}

/**
 * phyr_table_unmap_once() - Undo phyr_table_map_once()
 * @table: Table.  Nothing happens if it is all zeroes.
 *
 * In place of dma_unmap_sg().  The memory belongs to the CPU again, and the table is
 * empty.
 *
 * Context: Any.
 */
static inline void phyr_table_unmap_once(struct phyr_table *table)
{
	phyr_table_unmap(table);
	phyr_table_destroy(table);
}

/**
 * phyr_table_first_addr() - Where does a mapped table start for the device?
 * @table: Table.
 *
 * In place of sg_dma_address() of a table's first entry.
 *
 * Context: Any.
 * Return: DMA address, or %DMA_MAPPING_ERROR if nothing is mapped.
 */
static inline dma_addr_t phyr_table_first_addr(const struct phyr_table *table)
{
	struct dma_range range;

	phyr_dma_for_each_range(&table->dma, range)
		return range.addr;
	return DMA_MAPPING_ERROR;
}

/**
 * phyr_table_first_range() - Start a walk over what the CPU sees, with the first range
 * @table: Table.
 * @ps: Set to the state after that range, for phyrs_next().
 *
 * For loops that go to the next entry at their end, by sg_next().
 *
 * Context: Any.
 * Return: The first range, which has no length if @table is empty.
 */
static inline struct phyr_range
phyr_table_first_range(const struct phyr_table *table, struct phyr_state *ps)
{
	struct phyr_range range = {};

	*ps = phyr_start(&table->list);
	phyrs_next(ps, &range);
	return range;
}

/* A walk, and the index of what comes next in it. */
struct phyr_table_walk {
	struct phyr_dma_state	ds;
	unsigned int		next;
};

struct phyr_table_cpu_walk {
	struct phyr_state	ps;
	unsigned int		next;
};

static inline struct phyr_table_walk
phyr_table_start(const struct phyr_table *table)
{
	return (struct phyr_table_walk){ phyr_dma_start(&table->dma) };
}

static inline struct phyr_table_cpu_walk
phyr_table_cpu_start(const struct phyr_table *table)
{
	return (struct phyr_table_cpu_walk){ phyr_start(&table->list) };
}

/* Go to the next segment; false at the end of the walk. */
static inline bool phyr_table_next_segment(struct phyr_dma_state *ds,
					   struct phyr_segment *segment)
{
	struct dma_range range;

	if (!phyr_dmas_next_device_segment(ds, &range))
		return false;
	segment->addr = range.addr;
	segment->len = range.len;
	return true;
}

/* Not every loop looks at its index: compilers warn unless it is an argument. */
static inline bool phyr_table_at(unsigned int i)
{
	return true;
}

/**
 * phyr_table_for_each_segment() - Walk what the device gets
 * @table: Table.
 * @segment: A &struct phyr_segment, set to each segment in turn.
 * @i: Set to the segment's index; to the number of segments after the last.
 *
 * In place of for_each_sgtable_dma_sg().  A table that isn't mapped has no segments.
 */
#define phyr_table_for_each_segment(table, segment, i)			\
	for (struct phyr_table_walk __w = phyr_table_start(table);	\
	     phyr_table_at((i) = __w.next++) &&				\
	     phyr_table_next_segment(&__w.ds, &(segment));)

/**
 * phyr_table_for_each_segment_nr() - Walk the first segments that the device gets
 * @table: Table.
 * @segment: A &struct phyr_segment, set to each segment in turn.
 * @nr: The most segments to walk.
 * @i: Set to the segment's index.
 *
 * In place of for_each_sg() over DMA addresses.
 */
#define phyr_table_for_each_segment_nr(table, segment, nr, i)		\
	for (struct phyr_table_walk __w = phyr_table_start(table);	\
	     ((i) = __w.next++) < (nr) &&				\
	     phyr_table_next_segment(&__w.ds, &(segment));)

/**
 * phyr_table_for_each_range() - Walk what the CPU sees
 * @table: Table.
 * @range: A &struct phyr_range, set to each range in turn.
 * @i: Set to the range's index; to the number of ranges after the last.
 *
 * In place of for_each_sgtable_sg().  Neighbours are one range, however long, even if
 * they were set one by one.
 */
#define phyr_table_for_each_range(table, range, i)			\
	for (struct phyr_table_cpu_walk __w = phyr_table_cpu_start(table); \
	     phyr_table_at((i) = __w.next++) &&				\
	     phyrs_next(&__w.ps, &(range));)

/**
 * phyr_table_for_each_page() - Walk the pages of a table
 * @table: Table.
 * @page: A pointer, set to each page in turn.
 * @i: Set to the page's index; to the number of pages after the last.
 *
 * In place of for_each_sgtable_sg() where each entry was a page.
 */
#define phyr_table_for_each_page(table, page, i)			\
	for (struct phyr_table_cpu_walk __w = phyr_table_cpu_start(table); \
	     phyr_table_at((i) = __w.next++) &&				\
	     ((page) = phyrs_next_page(&__w.ps));)

#endif /* _LINUX_PHYR_TABLE_H */
