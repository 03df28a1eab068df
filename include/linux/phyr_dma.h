/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _LINUX_PHYR_DMA_H
#define _LINUX_PHYR_DMA_H
/*
 * Mapping of a physical-range list for DMA.
 *
 * See Documentation/core-api/phyr.rst.
 */

#include <linux/dma-mapping.h>
#include <linux/phyr.h>

/* How a part of a list is mapped. */
enum phyr_dma_mode {
	PHYR_DMA_IDENTITY,	/* physical address plus a constant */
	PHYR_DMA_BUS,		/* the same, to a peer behind the same switch */
	PHYR_DMA_IOVA,		/* one window of IOVA */
	PHYR_DMA_RANGES,	/* dma_map_phys() for each range */
};

/*
 * Neighbouring ranges that are mapped in the same way.  A list of one kind of
 * memory is a single part.
 */
struct phyr_dma_part {
	u64			len;	/* bytes of the list */
	union {
		u64		delta;	/* from physical to DMA address */
		dma_addr_t	addr;	/* in @window */
	};
	struct dma_iova_state	window;
	enum phyr_dma_mode	mode;
	bool			mmio;
	bool			reserved;	/* @window outlives the part */
};

/**
 * struct phyr_dma_range - One range of DMA addresses
 * @addr: Address to give to the device.
 * @len: Length in bytes.
 */
struct phyr_dma_range {
	dma_addr_t	addr;
	u64		len;
};

/**
 * struct phyr_dma - A list that is mapped for a device
 *
 * Embedded by the caller; all zeroes is unmapped.  It carries everything that
 * unmapping needs.  The mapping of a list of one range needs no memory but
 * this.
 */
struct phyr_dma {
	/* private: use the functions below */
	struct device		*dev;
	const struct phyr	*phyr;
	struct phyr		ranges;	/* DMA addresses of PHYR_DMA_RANGES */
	struct phyr_dma_part	*parts;	/* &@first or an array */
	unsigned int		nr_parts;
	enum dma_data_direction	dir;
	unsigned long		attrs;
	u64			max_len; /* of a single dma_map_phys() */
	u64			reserved; /* bytes, by phyr_dma_reserve() */
	struct dma_iova_state	window;	/* by phyr_dma_reserve() */
	struct phyr_dma_part	first;
};

/**
 * define PHYR_DMA_INIT - Initialiser of an unmapped &struct phyr_dma
 */
#define PHYR_DMA_INIT		{ }

/**
 * phyr_dma_init() - Make a mapping unmapped without undoing anything
 * @dma: Mapping to initialise.
 *
 * Context: Any.
 */
static inline void phyr_dma_init(struct phyr_dma *dma)
{
	*dma = (struct phyr_dma)PHYR_DMA_INIT;
}

int phyr_dma_map(struct phyr_dma *dma, struct device *dev,
		 const struct phyr *phyr, enum dma_data_direction dir,
		 unsigned long attrs, gfp_t gfp);
void phyr_dma_unmap(struct phyr_dma *dma);

int phyr_dma_reserve(struct phyr_dma *dma, struct device *dev, u64 size);
int phyr_dma_link(struct phyr_dma *dma, const struct phyr *phyr,
		  enum dma_data_direction dir, unsigned long attrs, gfp_t gfp);
void phyr_dma_unlink(struct phyr_dma *dma);
void phyr_dma_release(struct phyr_dma *dma);

void phyr_dma_sync_for_cpu(const struct phyr_dma *dma);
void phyr_dma_sync_for_device(const struct phyr_dma *dma);

u64 phyr_dma_nr_ranges(const struct phyr_dma *dma);
const char *phyr_dma_mode_name(const struct phyr_dma *dma);

/**
 * phyr_dma_mapped() - Is a list mapped?
 * @dma: Mapping.
 *
 * Context: Any.
 * Return: %true between a successful phyr_dma_map() or phyr_dma_link() and the
 * call that undoes it.
 */
static inline bool phyr_dma_mapped(const struct phyr_dma *dma)
{
	return dma->phyr;
}

/**
 * struct phyr_dma_state - Position in a mapped list
 *
 * Any number of them may walk the same mapping.
 */
struct phyr_dma_state {
	/* private: */
	const struct phyr_dma	*dma;
	unsigned int		part;	/* index of the next one */
	u64			pos;	/* of the next one in the list */
	u64			seen;	/* where @cpu is */
	u64			left;	/* bytes of the current part */
	struct phyr_state	cpu;
	struct phyr_state	ranges;
	struct phyr_dma_range	range;
};

/**
 * phyr_dma_start() - The state before the first range of a mapping
 * @dma: Mapping.
 *
 * Context: Any.
 * Return: The state.  There is no range in a @dma that isn't mapped.
 */
static inline struct phyr_dma_state phyr_dma_start(const struct phyr_dma *dma)
{
	return (struct phyr_dma_state) {
		.dma = dma,
		.ranges = phyr_start(&dma->ranges),
	};
}

/**
 * PHYR_DMA_STATE() - Declare a state before the first range of a mapping
 * @name: Name of the variable.
 * @dma: Mapping.
 */
#define PHYR_DMA_STATE(name, dma)					\
	struct phyr_dma_state name = phyr_dma_start(dma)

const struct phyr_dma_range *phyr_dmas_next(struct phyr_dma_state *ds);

/**
 * phyr_dma_for_each_range() - Walk the DMA addresses of a mapping
 * @dma: Mapping.
 * @range: A pointer to const &struct phyr_dma_range, valid within the loop's body.
 *
 * Neighbours that are mapped in the same way and adjacent are one range, however
 * long; a driver whose hardware has a limit on the length of a segment has to
 * split them.
 */
#define phyr_dma_for_each_range(dma, range)				\
	for (struct phyr_dma_state __ds = phyr_dma_start(dma);		\
	     ((range) = phyr_dmas_next(&__ds));)

#endif /* _LINUX_PHYR_DMA_H */
