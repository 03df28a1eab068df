/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PHYR_IDIOM_H
#define _PHYR_IDIOM_H
/*
 * What the small drivers of this folder are given, and what they give: each uses
 * scatterlists in one of the ways that drivers do.  They are built twice, as they are
 * written and as scripts/coccinelle/sg_to_phyr.cocci converts them.
 */

#include <linux/dma-mapping.h>
#include <linux/slab.h>
#include <linux/string.h>

#define IDIOM_PAGES	24
#define IDIOM_MAX_DESCS	64

struct dma_chan;

/**
 * struct idiom_desc - What a driver writes to its device's descriptor
 * @addr: DMA address.
 * @len: Length in bytes.
 */
struct idiom_desc {
	u64	addr;
	u64	len;
};

/**
 * struct idiom_env - What a driver runs in
 * @dev: Its device.
 * @chan: A channel of a DMA controller, which writes what it gets to @descs.
 * @pages: The pages of a buffer: some of them neighbours, and not in their order.
 * @nr_pages: How many they are.
 * @offset: Where the buffer starts in the first page.
 * @size: The buffer's length in bytes.
 * @linear: The buffer of a driver that has just one, of @size bytes.
 * @vmalloc: That of a driver that has it from vmalloc(), likewise.
 * @priv: The driver's own.
 * @descs: The descriptors.
 * @nr_descs: How many they are.
 * @own: The memory that the driver allocated, if it did: what it tells by
 *	idiom_memory(), in the order of the descriptors.
 * @own_len: The lengths of that.
 * @nr_own: How many there are.
 */
struct idiom_env {
	struct device		*dev;
	struct dma_chan		*chan;
	struct page		*pages[IDIOM_PAGES];
	unsigned int		nr_pages;
	unsigned int		offset;
	size_t			size;
	u8			*linear;
	u8			*vmalloc;
	void			*priv;
	struct idiom_desc	descs[IDIOM_MAX_DESCS];
	unsigned int		nr_descs;
	void			*own[IDIOM_MAX_DESCS];
	size_t			own_len[IDIOM_MAX_DESCS];
	unsigned int		nr_own;
};

/* Which of the buffers a driver maps. */
enum idiom_buffer {
	IDIOM_BUFFER_PAGES,
	IDIOM_BUFFER_WHOLE_PAGES,
	IDIOM_BUFFER_LINEAR,
	IDIOM_BUFFER_VMALLOC,
	IDIOM_BUFFER_OWN,
};

/**
 * struct idiom - A driver
 * @start: Map, and write the descriptors.  Returns 0 or an errno.
 * @whole: In place of @start and @stop, of what is never mapped longer than a
 *	function's call: map, write the descriptors, call @done, and unmap.
 * @for_cpu: Let the CPU see what the device wrote, while it stays mapped, or NULL.
 * @stop: Unmap.
 * @buffer: What it maps.
 * @apart: Whether its entries stay apart, whatever an IOMMU makes of a scatterlist's.
 */
struct idiom {
	int			(*start)(struct idiom_env *env);
	int			(*whole)(struct idiom_env *env,
					 void (*done)(struct idiom_env *env));
	void			(*for_cpu)(struct idiom_env *env);
	void			(*stop)(struct idiom_env *env);
	enum idiom_buffer	buffer;
	bool			apart;
};

/* Write a descriptor. */
static inline void idiom_desc(struct idiom_env *env, u64 addr, u64 len)
{
	if (WARN_ON_ONCE(env->nr_descs == IDIOM_MAX_DESCS))
		return;
	env->descs[env->nr_descs].addr = addr;
	env->descs[env->nr_descs].len = len;
	env->nr_descs++;
}

/* Tell of memory that the driver allocated. */
static inline void idiom_memory(struct idiom_env *env, void *addr, size_t len)
{
	if (WARN_ON_ONCE(env->nr_own == IDIOM_MAX_DESCS))
		return;
	env->own[env->nr_own] = addr;
	env->own_len[env->nr_own++] = len;
}

/* How each driver is called: the Makefile defines its symbol. */
#ifdef IDIOM_SYMBOL
extern const struct idiom IDIOM_SYMBOL;
#define IDIOM	const struct idiom IDIOM_SYMBOL
#endif

#endif /* _PHYR_IDIOM_H */
