/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _LINUX_PHYR_ENTRY_H
#define _LINUX_PHYR_ENTRY_H
/*
 * Pieces of memory that have to stay apart for their device, each mapped by itself: for
 * drivers whose scatterlist was no list of memory, but an array of blocks.  Neighbours
 * never become one, neither in a list nor by an IOMMU.
 *
 * The functions have the order of arguments of what scripts/coccinelle/sg_to_phyr.cocci
 * replaces by them, and members the names that drivers know.  See
 * Documentation/core-api/phyr-conversion.rst.
 */

#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

/**
 * struct phyr_entry - A piece of memory that is mapped by itself
 * @page: The first page, or NULL if nothing was set.
 * @addr: DMA address, while it is mapped, or of coherent memory.
 * @length: Length in bytes, for the CPU and for the device.
 * @offset: Where the piece starts, in bytes from the start of @page.
 * @last: Whether no entry comes after this one.
 */
struct phyr_entry {
	struct page	*page;
	dma_addr_t	addr;
	unsigned int	length;
	unsigned int	offset : 31;
	unsigned int	last : 1;
};

/**
 * struct phyr_entries - An array of entries
 * @sgl: The array, or NULL.
 * @nents: As many as there are, until the driver sets how many it has mapped.
 * @orig_nents: How many there are.
 */
struct phyr_entries {
	struct phyr_entry	*sgl;
	unsigned int		nents;
	unsigned int		orig_nents;
};

/**
 * phyr_entry_init() - Initialise an array of entries as empty
 * @entries: The first one.
 * @nr: How many there are, not zero.
 *
 * In place of sg_init_table().
 *
 * Context: Any.
 */
static inline void phyr_entry_init(struct phyr_entry *entries, unsigned int nr)
{
	memset(entries, 0, nr * sizeof(*entries));
	entries[nr - 1].last = true;
}

/**
 * phyr_entry_set() - Set an entry's memory
 * @entry: Entry, whose DMA address stays.
 * @page: The first page.
 * @len: Length in bytes.
 * @offset: Where the piece starts, in bytes from the start of @page.
 *
 * In place of sg_set_page() and sg_set_buf().
 *
 * Context: Any.
 */
static inline void phyr_entry_set(struct phyr_entry *entry, struct page *page,
				  unsigned int len, unsigned int offset)
{
	entry->page = page;
	entry->length = len;
	entry->offset = offset;
}

/**
 * phyr_entry_next() - The entry after another
 * @entry: Entry.
 *
 * In place of sg_next().
 *
 * Context: Any.
 * Return: The next entry, or NULL after the last.
 */
static inline struct phyr_entry *phyr_entry_next(struct phyr_entry *entry)
{
	return entry->last ? NULL : entry + 1;
}

/**
 * phyr_entry_virt() - Where does the CPU see an entry?
 * @entry: Entry, not of highmem.
 *
 * In place of sg_virt().
 *
 * Context: Any.
 * Return: The address.
 */
static inline void *phyr_entry_virt(const struct phyr_entry *entry)
{
	return page_address(entry->page) + entry->offset;
}

/**
 * phyr_entry_unmap() - Undo phyr_entry_map()
 * @dev: Device.
 * @entries: The first one.
 * @nr: How many were mapped.
 * @dir: Direction of the transfers, as they were mapped for.
 *
 * In place of dma_unmap_sg().  Nothing happens to entries after phyr_entry_map() failed.
 *
 * Context: Any.
 */
static inline void phyr_entry_unmap(struct device *dev,
				    struct phyr_entry *entries, unsigned int nr,
				    enum dma_data_direction dir)
{
	for (unsigned int i = 0; i < nr; i++) {
		if (entries[i].addr != DMA_MAPPING_ERROR)
			dma_unmap_page(dev, entries[i].addr, entries[i].length,
				       dir);
	}
}

/**
 * phyr_entry_map() - Map entries for a device, each by itself
 * @dev: Device.
 * @entries: The first one.
 * @nr: How many to map.
 * @dir: Direction of the transfers.
 *
 * In place of dma_map_sg(), whose entries the device needs one by one.
 *
 * Context: Any.
 * Return: @nr, or 0 with nothing mapped.
 */
static inline unsigned int phyr_entry_map(struct device *dev,
					  struct phyr_entry *entries,
					  unsigned int nr,
					  enum dma_data_direction dir)
{
	for (unsigned int i = 0; i < nr; i++) {
		struct phyr_entry *entry = &entries[i];

		entry->addr = dma_map_page(dev, entry->page, entry->offset,
					   entry->length, dir);
		if (dma_mapping_error(dev, entry->addr)) {
			phyr_entry_unmap(dev, entries, i, dir);
			goto failed;
		}
	}
	return nr;

failed:
	for (unsigned int i = 0; i < nr; i++)
		entries[i].addr = DMA_MAPPING_ERROR;
	return 0;
}

/**
 * phyr_entries_alloc() - Allocate an array of entries, all of them empty
 * @entries: Set to the array; nothing that it held before is freed.
 * @nr: How many.
 * @gfp: For the array, one that may sleep.
 *
 * In place of sg_alloc_table().
 *
 * Context: Process, may sleep.
 * Return: 0, or with @entries empty: -EINVAL if @nr is zero, -ENOMEM.
 */
static inline int __must_check phyr_entries_alloc(struct phyr_entries *entries,
						  unsigned int nr, gfp_t gfp)
{
	*entries = (struct phyr_entries){};
	if (!nr)
		return -EINVAL;
	entries->sgl = kvmalloc_objs(*entries->sgl, nr, gfp);
	if (!entries->sgl)
		return -ENOMEM;
	phyr_entry_init(entries->sgl, nr);
	entries->nents = nr;
	entries->orig_nents = nr;
	return 0;
}

/**
 * phyr_entries_free() - Free what phyr_entries_alloc() allocated
 * @entries: Entries, not mapped, or empty.
 *
 * The pages are their owner's, as after sg_free_table().
 *
 * Context: Any.
 */
static inline void phyr_entries_free(struct phyr_entries *entries)
{
	kvfree_atomic(entries->sgl);
	entries->sgl = NULL;
	entries->orig_nents = 0;
}

/* A walk, and the index of what comes next in it. */
struct phyr_entry_walk {
	struct phyr_entry	*at;
	unsigned int		next;
};

/* Go on, and count; after the last, there is nothing. */
static inline unsigned int phyr_entry_step(struct phyr_entry_walk *walk,
					   struct phyr_entry **entry)
{
	if (walk->next)
		walk->at = phyr_entry_next(walk->at);
	*entry = walk->at;
	return walk->next++;
}

/**
 * phyr_for_each_entry() - Walk entries
 * @entries: The first one.
 * @entry: A pointer, set to each in turn.
 * @nr: How many.
 * @i: Set to the entry's index; to @nr after the last.
 *
 * In place of for_each_sg(), for bodies that leave @entry and @i as they are.
 */
#define phyr_for_each_entry(entries, entry, nr, i)			\
	for (struct phyr_entry_walk __w = { entries };			\
	     ((i) = phyr_entry_step(&__w, &(entry))) < (nr);)

#endif /* _LINUX_PHYR_ENTRY_H */
