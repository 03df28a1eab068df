// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a list should hold, in a plain array, and real pages to list.
 */

#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/pfn.h>

#include "phyr_model.h"

struct phyr_model *phyr_model_new(struct kunit *test, size_t room)
{
	struct phyr_model *model = kunit_kzalloc(test, sizeof(*model),
						 GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, model);
	model->ranges = kunit_kcalloc(test, room, sizeof(*model->ranges),
				      GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, model->ranges);
	model->room = room;
	return model;
}

static bool model_merges(const struct phyr_range *a, const struct phyr_range *b)
{
	if (a->flags != b->flags || a->provider != b->provider)
		return false;
	if (phyr_range_end(a) != b->phys || b->phys < a->phys)
		return false;
	/* Both own a reference on a page that they share. */
	if ((a->flags & PHYR_PINNED) && !PAGE_ALIGNED(b->phys))
		return false;
	return a->len + b->len <= PHYR_RANGE_MAX;
}

void phyr_model_append(struct kunit *test, struct phyr_model *model,
		       const struct phyr_range *range)
{
	struct phyr_range *last = &model->ranges[model->nr - 1];

	model->bytes += range->len;
	if (model->nr && model_merges(last, range)) {
		last->len += range->len;
		return;
	}
	KUNIT_ASSERT_LT(test, model->nr, model->room);
	model->ranges[model->nr++] = *range;
}

void phyr_model_truncate(struct phyr_model *model, u64 len)
{
	while (model->bytes > len) {
		struct phyr_range *last = &model->ranges[model->nr - 1];
		u64 cut = min(last->len, model->bytes - len);

		model->bytes -= cut;
		last->len -= cut;
		if (!last->len)
			model->nr--;
	}
}

/* The rest of the range that holds the byte at @pos. */
struct phyr_range phyr_model_at(const struct phyr_model *model, u64 pos)
{
	const struct phyr_range *range = model->ranges;
	struct phyr_range rest;

	while (pos >= range->len)
		pos -= range++->len;

	rest = *range;
	rest.phys += pos;
	rest.len -= pos;
	return rest;
}

/* What is said of plain ranges has to be so. */
static bool is_single(const struct phyr *phyr)
{
	const struct phyr_plain *plain = phyr_plain_ranges(phyr);

	for (unsigned int i = 0; i < phyr->nr_plain; i++) {
		if (plain[i].len != PAGE_SIZE || offset_in_page(plain[i].phys))
			return false;
	}
	return true;
}

static void model_check_summaries(struct kunit *test,
				  const struct phyr_model *model,
				  const struct phyr *phyr)
{
	struct phyr_summary sum = phyr_summary(phyr);
	phys_addr_t lowest = -1, highest = 0;
	unsigned int flags = 0;
	bool mixed = false;
	u64 seams = 0;

	for (size_t i = 0; i < model->nr; i++) {
		const struct phyr_range *range = &model->ranges[i];

		lowest = min(lowest, range->phys);
		highest = max(highest, phyr_range_end(range) - 1);
		flags |= range->flags;
		if (!i)
			continue;
		seams |= phyr_range_end(range - 1) | range->phys;
		mixed |= range->flags != range[-1].flags ||
			 range->provider != range[-1].provider;
	}

	KUNIT_ASSERT_EQ(test, phyr_flags(phyr), flags);
	KUNIT_ASSERT_EQ(test, phyr_is_mixed(phyr), mixed);
	KUNIT_ASSERT_EQ(test, sum.seams & -sum.seams, seams & -seams);
	if (!model->nr)
		return;
	KUNIT_ASSERT_EQ(test, sum.lowest, lowest);
	KUNIT_ASSERT_EQ(test, sum.highest, highest);
}

void phyr_model_check(struct kunit *test, const struct phyr_model *model,
		      const struct phyr *phyr)
{
	struct phyr_range range;
	size_t i = 0;

	KUNIT_ASSERT_EQ(test, phyr_nr_ranges(phyr), model->nr);
	KUNIT_ASSERT_EQ(test, phyr_bytes(phyr), model->bytes);
	KUNIT_ASSERT_EQ(test, phyr_empty(phyr), !model->nr);
	KUNIT_ASSERT_TRUE(test, !phyr->single || is_single(phyr));
	KUNIT_ASSERT_LE(test, phyr->nr_plain, phyr->max_plain ?: PHYR_FEW);

	phyr_for_each_range(phyr, range) {
		KUNIT_ASSERT_LT(test, i, model->nr);
		KUNIT_ASSERT_EQ(test, range.phys, model->ranges[i].phys);
		KUNIT_ASSERT_EQ(test, range.len, model->ranges[i].len);
		KUNIT_ASSERT_EQ(test, range.flags, model->ranges[i].flags);
		KUNIT_ASSERT_PTR_EQ(test, range.provider,
				    model->ranges[i].provider);
		i++;
	}
	KUNIT_ASSERT_EQ(test, i, model->nr);

	model_check_summaries(test, model, phyr);
}

static void pool_free(void *data)
{
	struct phyr_pool *pool = data;

	free_pages_exact(pool->addr, pool->nr * PAGE_SIZE);
}

struct phyr_pool *phyr_pool_new(struct kunit *test, unsigned long nr)
{
	struct phyr_pool *pool = kunit_kzalloc(test, sizeof(*pool), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, pool);
	pool->nr = nr;
	pool->addr = alloc_pages_exact(nr * PAGE_SIZE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, pool->addr);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, pool_free, pool));
	pool->phys = virt_to_phys(pool->addr);
	return pool;
}

static void pool_add_refs(const struct phyr_range *range, int refs)
{
	unsigned long pfn = PHYS_PFN(range->phys);
	unsigned long end = PHYS_PFN(phyr_range_end(range) - 1);

	for (; pfn <= end; pfn++)
		page_ref_add(pfn_to_page(pfn), refs);
}

/* For pages of order 0 this is all that a pin is. */
void phyr_pool_pin(const struct phyr_range *range)
{
	pool_add_refs(range, GUP_PIN_COUNTING_BIAS);
}

void phyr_pool_unpin(const struct phyr_range *range)
{
	pool_add_refs(range, -GUP_PIN_COUNTING_BIAS);
}

unsigned int phyr_page_pins(struct page *page)
{
	struct folio *folio = page_folio(page);

	if (folio_has_pincount(folio))
		return atomic_read(&folio->_pincount);
	return folio_ref_count(folio) / GUP_PIN_COUNTING_BIAS;
}

/* Take the model's pins away, see that none is left, and put them back. */
void phyr_pool_check(struct kunit *test, const struct phyr_pool *pool,
		     const struct phyr_model *model)
{
	struct page *page = virt_to_page(pool->addr);
	unsigned long wrong = 0;

	for (size_t i = 0; i < model->nr; i++)
		if (model->ranges[i].flags & PHYR_PINNED)
			phyr_pool_unpin(&model->ranges[i]);

	for (unsigned long i = 0; i < pool->nr; i++)
		wrong += page_ref_count(page + i) != 1;

	for (size_t i = 0; i < model->nr; i++)
		if (model->ranges[i].flags & PHYR_PINNED)
			phyr_pool_pin(&model->ranges[i]);

	KUNIT_ASSERT_EQ_MSG(test, wrong, 0, "pages with wrong pin counts");
}

/* --- pages in an address space --- */

struct mapped_pages {
	struct page	**pages;
	size_t		nr;
};

static int mapped_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct mapped_pages *mapped = file->private_data;

	for (size_t i = 0; i < mapped->nr; i++) {
		int ret = vm_insert_page(vma, vma->vm_start + i * PAGE_SIZE,
					 mapped->pages[i]);

		if (ret)
			return ret;
	}
	return 0;
}

static const struct file_operations mapped_fops = {
	.mmap = mapped_mmap,
};

static void put_file(void *file)
{
	fput(file);
}

/* Until the test ends. */
struct file *phyr_test_file(struct kunit *test, const struct file_operations *fops,
			    void *data)
{
	struct file *file = anon_inode_getfile("phyr", fops, data, O_RDWR);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, put_file, file));
	return file;
}

/* Map @pages in turn, and one page more that is a hole.  Returns where. */
unsigned long phyr_map_pages(struct kunit *test, struct page **pages, size_t nr)
{
	struct mapped_pages *mapped = kunit_kzalloc(test, sizeof(*mapped), GFP_KERNEL);
	unsigned long addr;

	KUNIT_ASSERT_NOT_NULL(test, mapped);
	mapped->pages = pages;
	mapped->nr = nr;
	addr = kunit_vm_mmap(test, phyr_test_file(test, &mapped_fops, mapped), 0,
			     (nr + 1) * PAGE_SIZE,
			     PROT_READ | PROT_WRITE, MAP_SHARED, 0);
	KUNIT_ASSERT_NE(test, addr, 0);
	KUNIT_ASSERT_LT(test, addr, TASK_SIZE);
	return addr;
}
