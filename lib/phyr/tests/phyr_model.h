/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PHYR_MODEL_H
#define _PHYR_MODEL_H
/*
 * What a list should hold, in a plain array, and real pages to list.
 */

#include <kunit/test.h>
#include <linux/math64.h>
#include <linux/phyr.h>
#include <linux/sizes.h>

/* May memory be above 4 GiB? */
#define WIDE_PHYS	(sizeof(phys_addr_t) == sizeof(u64))

struct file_operations;

struct phyr_model {
	struct phyr_range	*ranges;
	size_t			nr;
	size_t			room;
	u64			bytes;
};

/*
 * Adjacent pages of order 0.  The tests pin them by hand, so that a list may
 * own references on them.
 */
struct phyr_pool {
	void			*addr;
	phys_addr_t		phys;
	unsigned long		nr;
};

struct phyr_model *phyr_model_new(struct kunit *test, size_t room);
void phyr_model_append(struct kunit *test, struct phyr_model *model,
		       const struct phyr_range *range);
void phyr_model_truncate(struct phyr_model *model, u64 len);
struct phyr_range phyr_model_at(const struct phyr_model *model, u64 pos);
void phyr_model_check(struct kunit *test, const struct phyr_model *model,
		      const struct phyr *phyr);

struct phyr_pool *phyr_pool_new(struct kunit *test, unsigned long nr);
void phyr_pool_pin(const struct phyr_range *range);
void phyr_pool_unpin(const struct phyr_range *range);
void phyr_pool_check(struct kunit *test, const struct phyr_pool *pool,
		     const struct phyr_model *model);

unsigned int phyr_page_pins(struct page *page);
struct file *phyr_test_file(struct kunit *test, const struct file_operations *fops,
			    void *data);
unsigned long phyr_map_pages(struct kunit *test, struct page **pages, size_t nr);

#define PHYR_TEST_GFP	(GFP_NOWAIT | __GFP_NOWARN)

/*
 * A list that had memory may keep some more where an append to it fails: the
 * largest array of plain ranges, and an index and a chunk.
 */
#define PHYR_TEST_KEPT		(SZ_512 + 2 * SZ_4K)

/* Not dereferenced by the list, only compared. */
static inline struct p2pdma_provider *phyr_test_provider(unsigned int nr)
{
	return (struct p2pdma_provider *)(0x1000UL * (nr + 1));
}

/* The compiler's own needs a function that 32-bit kernels don't have. */
static inline u64 phyr_test_rem(u64 dividend, u64 divisor)
{
	u64 rem;

	div64_u64_rem(dividend, divisor, &rem);
	return rem;
}

static inline u64 phyr_range_end(const struct phyr_range *range)
{
	return (u64)range->phys + range->len;
}

/*
 * Fail the @nth slab allocation of this task that may not sleep; 0 for none.
 */
static inline void phyr_test_fail_nth(struct kunit *test, unsigned int nth)
{
#ifdef CONFIG_FAILSLAB
	WRITE_ONCE(current->fail_nth, nth);
#else
	if (nth)
		kunit_skip(test, "needs FAILSLAB");
#endif
}

/* What is left of @nth: zero where the allocation was made, and has failed. */
static inline unsigned int phyr_test_fail_end(void)
{
	unsigned int left = 0;

#ifdef CONFIG_FAILSLAB
	left = READ_ONCE(current->fail_nth);
	WRITE_ONCE(current->fail_nth, 0);
#endif
	return left;
}

#endif /* _PHYR_MODEL_H */
