// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of physical-range lists: pinned memory of a memfd.
 */

#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/shmem_fs.h>
#include <linux/sizes.h>
#include <linux/vmalloc.h>

#include "../pin.h"
#include "phyr_model.h"

MODULE_IMPORT_NS("EXPORTED_FOR_KUNIT_TESTING");

/* More than two batches of phyr_pin_memfd(), and an end inside a page. */
#define PAGES		1030
#define FILE_BYTES	(PAGES * PAGE_SIZE - 100)

struct memfd_test {
	struct phyr	phyr;
	struct file	*file;
	u8		*buf;
	struct page	*pages[PAGES];	/* of the file, in order */
};

static u8 pattern(unsigned long i)
{
	return i * 13 + i / PAGE_SIZE * 7;
}

static void put_file(void *file)
{
	fput(file);
}

static void free_buf(void *buf)
{
	vfree(buf);
}

static struct file *new_file(struct kunit *test, loff_t size)
{
	struct file *file = shmem_file_setup("phyr", size, EMPTY_VMA_FLAGS);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, put_file, file));
	return file;
}

/* Write the file in no order, so that its pages are in none. */
static void fill_file(struct kunit *test)
{
	struct memfd_test *t = test->priv;
	unsigned long index = 0;

	for (size_t i = 0; i < PAGES; i++) {
		struct page *page =
			shmem_read_mapping_page(t->file->f_mapping, index);

		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, page);
		for (size_t k = 0; k < PAGE_SIZE; k++)
			t->buf[k] = pattern(index * PAGE_SIZE + k);
		memcpy_to_page(page, 0, t->buf, PAGE_SIZE);
		set_page_dirty(page);
		put_page(page);
		t->pages[index] = page;
		index = (index + 367) % PAGES;
	}
}

static int memfd_init(struct kunit *test)
{
	struct memfd_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	test->priv = t;
	t->buf = vmalloc(PAGES * PAGE_SIZE);
	KUNIT_ASSERT_NOT_NULL(test, t->buf);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, free_buf, t->buf));
	t->file = new_file(test, FILE_BYTES);
	fill_file(test);
	return 0;
}

static void memfd_exit(struct kunit *test)
{
	struct memfd_test *t = test->priv;

	phyr_test_fail_end();
	if (t)
		phyr_destroy(&t->phyr);
}

static int pin(struct memfd_test *t, loff_t start, u64 len)
{
	return phyr_pin_memfd(&t->phyr, t->file, start, len, GFP_KERNEL);
}

/* Each of @nr pages from @first on is pinned @pins times, and no other. */
static void expect_pins(struct kunit *test, size_t first, size_t nr,
			unsigned int pins)
{
	struct memfd_test *t = test->priv;
	unsigned int wrong = 0;

	for (size_t i = 0; i < PAGES; i++) {
		unsigned int want = i >= first && i < first + nr ? pins : 0;

		/* Pins of a large folio are those of all its pages. */
		if (!PageCompound(t->pages[i]))
			wrong += phyr_page_pins(t->pages[i]) != want;
	}
	KUNIT_EXPECT_EQ_MSG(test, wrong, 0, "pages with wrong pin counts");
}

/* The list is @len bytes of the file, from @start on. */
static void expect_content(struct kunit *test, size_t start, size_t len)
{
	struct memfd_test *t = test->priv;
	size_t i = start / PAGE_SIZE;
	unsigned int wrong = 0;
	struct page *page;

	KUNIT_ASSERT_EQ(test, phyr_bytes(&t->phyr), len);
	KUNIT_ASSERT_EQ(test, len,
			phyr_copy_to_buffer(&t->phyr, t->buf, len, 0));
	for (size_t k = 0; k < len; k++)
		wrong += t->buf[k] != pattern(start + k);
	KUNIT_EXPECT_EQ_MSG(test, wrong, 0, "wrong bytes");

	phyr_for_each_page(&t->phyr, page)
		KUNIT_ASSERT_PTR_EQ(test, page, t->pages[i++]);
	KUNIT_EXPECT_EQ(test, i, DIV_ROUND_UP(start + len, PAGE_SIZE));
}

struct memfd_shape {
	const char	*name;
	loff_t		start;
	size_t		len;
};

static const struct memfd_shape memfd_shapes[] = {
	{ "byte", 0, 1 },
	{ "last byte of a page", PAGE_SIZE - 1, 1 },
	{ "inside a page", 3 * PAGE_SIZE + 100, 50 },
	{ "page", PAGE_SIZE, PAGE_SIZE },
	{ "two bytes of two pages", PAGE_SIZE - 1, 2 },
	{ "offset and short tail", 3 * PAGE_SIZE + 17, 5 * PAGE_SIZE },
	{ "batch", 0, 512 * PAGE_SIZE },
	{ "batch and byte", 0, 512 * PAGE_SIZE + 1 },
	{ "batch with offset, and byte", 1, 512 * PAGE_SIZE },
	{ "two batches and more", 4 * PAGE_SIZE - 1, 1025 * PAGE_SIZE },
	{ "last byte", FILE_BYTES - 1, 1 },
	{ "all", 0, FILE_BYTES },
};

KUNIT_ARRAY_PARAM_DESC(memfd_shape, memfd_shapes, name);

static void memfd_pin_and_unpin(struct kunit *test)
{
	const struct memfd_shape *shape = test->param_value;
	size_t end = DIV_ROUND_UP(shape->start + shape->len, PAGE_SIZE);
	size_t first = shape->start / PAGE_SIZE;
	struct memfd_test *t = test->priv;

	expect_pins(test, 0, 0, 0);
	KUNIT_ASSERT_EQ(test, 0, pin(t, shape->start, shape->len));
	expect_content(test, shape->start, shape->len);
	expect_pins(test, first, end - first, 1);
	phyr_destroy_dirty(&t->phyr, true);
	expect_pins(test, 0, 0, 0);
	KUNIT_EXPECT_TRUE(test, phyr_empty(&t->phyr));
}

/* A page that two calls share is pinned for each. */
static void memfd_pin_goes_on(struct kunit *test)
{
	struct memfd_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, 0, pin(t, 10, PAGE_SIZE));
	KUNIT_ASSERT_EQ(test, 0, pin(t, 10 + PAGE_SIZE, 2 * PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, phyr_page_pins(t->pages[0]), 1);
	KUNIT_EXPECT_EQ(test, phyr_page_pins(t->pages[1]), 2);
	KUNIT_EXPECT_EQ(test, phyr_page_pins(t->pages[3]), 1);
	phyr_truncate(&t->phyr, PAGE_SIZE);
	expect_pins(test, 0, 2, 1);
	expect_content(test, 10, PAGE_SIZE);
	phyr_destroy(&t->phyr);
	expect_pins(test, 0, 0, 0);
}

/* Memory is made for them, and it is the file's. */
static void memfd_holes(struct kunit *test)
{
	struct file *file = new_file(test, 9 * PAGE_SIZE);
	struct memfd_test *t = test->priv;
	struct page *page;
	size_t i = 2;

	if (!IS_ENABLED(CONFIG_MEMFD_CREATE))
		kunit_skip(test, "needs MEMFD_CREATE");

	KUNIT_ASSERT_EQ(test, 0,
			phyr_pin_memfd(&t->phyr, file, 2 * PAGE_SIZE + 1,
				       6 * PAGE_SIZE, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, 6 * PAGE_SIZE,
			phyr_copy_to_buffer(&t->phyr, t->buf, 9 * PAGE_SIZE, 0));
	KUNIT_EXPECT_TRUE(test, mem_is_zero(t->buf, 6 * PAGE_SIZE));

	phyr_for_each_page(&t->phyr, page) {
		struct page *own = shmem_read_mapping_page(file->f_mapping, i);

		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, own);
		KUNIT_EXPECT_PTR_EQ(test, page, own);
		put_page(own);
		i++;
	}
	KUNIT_EXPECT_EQ(test, i, 9);
}

/* A failing call on a list with room for more, and on an empty one. */
static void expect_failure(struct kunit *test, int err, struct file *file,
			   loff_t start, u64 len)
{
	struct memfd_test *t = test->priv;
	size_t used;

	KUNIT_ASSERT_EQ(test, 0, pin(t, 5, 3 * PAGE_SIZE - 5));
	KUNIT_ASSERT_EQ(test, 0, phyr_reserve(&t->phyr, 50, GFP_KERNEL));
	used = phyr_memory_used(&t->phyr);
	KUNIT_EXPECT_EQ(test, err, phyr_pin_memfd(&t->phyr, file, start, len,
						  GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, used, phyr_memory_used(&t->phyr));
	expect_content(test, 5, 3 * PAGE_SIZE - 5);
	expect_pins(test, 0, 3, 1);
	phyr_destroy(&t->phyr);

	KUNIT_EXPECT_EQ(test, err, phyr_pin_memfd(&t->phyr, file, start, len,
						  GFP_KERNEL));
	KUNIT_EXPECT_TRUE(test, mem_is_zero(&t->phyr, sizeof(t->phyr)));
	expect_pins(test, 0, 0, 0);
}

static void memfd_bad_arguments(struct kunit *test)
{
	static const struct file_operations fops;
	struct memfd_test *t = test->priv;
	struct file *other = anon_inode_getfile("phyr", &fops, NULL, O_RDWR);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, other);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, put_file, other));

	expect_failure(test, -EINVAL, NULL, 0, 1);
	expect_failure(test, -EINVAL, other, 0, 1);
	expect_failure(test, -EINVAL, t->file, 0, 0);
	expect_failure(test, -EINVAL, t->file, -1, 1);
	expect_failure(test, -EINVAL, t->file, -1, 2);
	expect_failure(test, -EINVAL, t->file, S64_MIN, 0);
	expect_failure(test, -EINVAL, t->file, S64_MIN, 1);
	expect_failure(test, -EINVAL, t->file, 0, FILE_BYTES + 1);
	expect_failure(test, -EINVAL, t->file, FILE_BYTES, 1);
	expect_failure(test, -EINVAL, t->file, 1, FILE_BYTES);
	expect_failure(test, -EINVAL, t->file, 1, S64_MAX);
	expect_failure(test, -EINVAL, t->file, 2, S64_MAX);
	expect_failure(test, -EINVAL, t->file, S64_MAX, 2);
	expect_failure(test, -EINVAL, t->file, 0, U64_MAX);
	expect_failure(test, -EINVAL, t->file, 7, U64_MAX);
}

static void memfd_allocation_failures(struct kunit *test)
{
	const size_t len = FILE_BYTES - 300;
	struct memfd_test *t = test->priv;
	unsigned int left, nth;
	size_t used;
	int ret;

	KUNIT_ASSERT_EQ(test, 0, pin(t, 5, 3 * PAGE_SIZE - 5));
	used = phyr_memory_used(&t->phyr);
	for (nth = 1; ; nth++) {
		phyr_test_fail_nth(test, nth);
		ret = phyr_pin_memfd(&t->phyr, t->file, 100, len,
				     PHYR_TEST_GFP);
		left = phyr_test_fail_end();
		if (!ret)
			break;
		KUNIT_ASSERT_EQ(test, -ENOMEM, ret);
		KUNIT_ASSERT_EQ(test, left, 0);
		KUNIT_ASSERT_LE(test, phyr_memory_used(&t->phyr),
				used + PHYR_TEST_KEPT);
		expect_content(test, 5, 3 * PAGE_SIZE - 5);
		expect_pins(test, 0, 3, 1);
	}
	/* The array of folios, and chunks. */
	KUNIT_EXPECT_GE(test, nth, 3);
	KUNIT_EXPECT_EQ(test, phyr_bytes(&t->phyr), 3 * PAGE_SIZE - 5 + len);
	phyr_destroy_dirty(&t->phyr, false);
	expect_pins(test, 0, 0, 0);
}

static void memfd_killed(struct kunit *test)
{
	struct memfd_test *t = test->priv;
	int ret;

	sigaddset(&current->pending.signal, SIGKILL);
	set_thread_flag(TIF_SIGPENDING);
	ret = pin(t, 0, FILE_BYTES);
	sigdelset(&current->pending.signal, SIGKILL);
	clear_thread_flag(TIF_SIGPENDING);

	KUNIT_EXPECT_EQ(test, -EINTR, ret);
	KUNIT_EXPECT_TRUE(test, phyr_empty(&t->phyr));
	expect_pins(test, 0, 0, 0);
}

static void put_folio(void *folio)
{
	folio_put(folio);
}

static struct folio *large_folio(struct kunit *test)
{
	struct folio *folio = folio_alloc(GFP_KERNEL | __GFP_COMP, 3);

	KUNIT_ASSERT_NOT_NULL(test, folio);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, put_folio, folio));
	return folio;
}

/* As memfd_pin_folios() leaves it: pinned once. */
static void pin_folio(struct folio *folio)
{
	folio_ref_inc(folio);
	atomic_inc(&folio->_pincount);
}

/* Where no file has large folios: each page of the part gets its pin. */
static void memfd_large_folio(struct kunit *test)
{
	static const struct {
		size_t		offset;
		size_t		len;
		unsigned int	pages;
	} parts[] = {
		{ 0, 8 * PAGE_SIZE, 8 }, { 0, 1, 1 }, { PAGE_SIZE - 1, 2, 2 },
		{ 3 * PAGE_SIZE, PAGE_SIZE, 1 }, { 1, 7 * PAGE_SIZE, 8 },
		{ 2 * PAGE_SIZE + 5, 5 * PAGE_SIZE - 5, 5 },
	};
	struct folio *folio = large_folio(test);
	struct memfd_test *t = test->priv;

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		pin_folio(folio);
		KUNIT_ASSERT_EQ(test, 0,
				phyr_append_pinned_folio(&t->phyr, folio,
							 parts[i].offset,
							 parts[i].len,
							 GFP_KERNEL));
		KUNIT_EXPECT_EQ(test, phyr_bytes(&t->phyr), parts[i].len);
		KUNIT_EXPECT_EQ(test, phyr_page_pins(folio_page(folio, 0)),
				parts[i].pages);
		phyr_destroy_dirty(&t->phyr, false);
		KUNIT_EXPECT_EQ(test, phyr_page_pins(folio_page(folio, 0)), 0);
		KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
	}
}

/* No room for a second range: all the pins go, the one handed in as well. */
static void memfd_large_folio_fails(struct kunit *test)
{
	struct folio *folio = large_folio(test);
	struct memfd_test *t = test->priv;
	int ret;

	KUNIT_ASSERT_EQ(test, 0, phyr_append(&t->phyr, SZ_1M, 1, GFP_KERNEL));
	pin_folio(folio);
	phyr_test_fail_nth(test, 1);
	ret = phyr_append_pinned_folio(&t->phyr, folio, 5, 4 * PAGE_SIZE,
				       PHYR_TEST_GFP);
	KUNIT_EXPECT_EQ(test, 0, phyr_test_fail_end());
	KUNIT_EXPECT_EQ(test, -ENOMEM, ret);
	KUNIT_EXPECT_EQ(test, phyr_page_pins(folio_page(folio, 0)), 0);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
}

static struct kunit_case memfd_cases[] = {
	KUNIT_CASE_PARAM(memfd_pin_and_unpin, memfd_shape_gen_params),
	KUNIT_CASE(memfd_pin_goes_on),
	KUNIT_CASE(memfd_holes),
	KUNIT_CASE(memfd_bad_arguments),
	KUNIT_CASE(memfd_allocation_failures),
	KUNIT_CASE(memfd_killed),
	KUNIT_CASE(memfd_large_folio),
	KUNIT_CASE(memfd_large_folio_fails),
	{ }
};

static struct kunit_suite memfd_suite = {
	.name = "phyr_memfd",
	.init = memfd_init,
	.exit = memfd_exit,
	.test_cases = memfd_cases,
};

kunit_test_suite(memfd_suite);
