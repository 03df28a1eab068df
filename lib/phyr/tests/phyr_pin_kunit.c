// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of physical-range lists: pinned user memory.
 */

#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>
#include <linux/shmem_fs.h>
#include <linux/sizes.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "phyr_model.h"

MODULE_IMPORT_NS("EXPORTED_FOR_KUNIT_TESTING");

/* More than two batches of phyr_pin_user(). */
#define PAGES		1101

struct pin_test {
	struct phyr	phyr;
	unsigned long	addr;
	u8		*buf;
	struct page	*pages[PAGES];	/* mapped at @addr, in order */
};

static u8 pattern(unsigned long i)
{
	return i * 13 + i / PAGE_SIZE * 7;
}

static unsigned long map_memory(struct kunit *test, size_t size)
{
	unsigned long addr = kunit_vm_mmap(test, NULL, 0, size,
					   PROT_READ | PROT_WRITE,
					   MAP_ANONYMOUS | MAP_PRIVATE, 0);

	KUNIT_ASSERT_NE(test, addr, 0);
	KUNIT_ASSERT_LT(test, addr, TASK_SIZE);
	return addr;
}

/* User memory whose pages are in no order. */
static void fill_memory(struct kunit *test)
{
	struct pin_test *t = test->priv;
	unsigned long page = 0;

	for (size_t i = 0; i < PAGES; i++) {
		for (size_t k = 0; k < PAGE_SIZE; k++)
			t->buf[k] = pattern(page * PAGE_SIZE + k);
		KUNIT_ASSERT_EQ(test, 0,
				copy_to_user((void __user *)t->addr +
					     page * PAGE_SIZE, t->buf,
					     PAGE_SIZE));
		page = (page + 364) % PAGES;
	}
}

/* The pages stay where they are while they are mapped. */
static void look_up_pages(struct kunit *test)
{
	struct pin_test *t = test->priv;

	for (size_t i = 0; i < PAGES; i++) {
		KUNIT_ASSERT_EQ(test, 1,
				get_user_pages_fast(t->addr + i * PAGE_SIZE, 1,
						    FOLL_WRITE, &t->pages[i]));
		put_page(t->pages[i]);
	}
}

static void free_buf(void *buf)
{
	vfree(buf);
}

static int pin_init(struct kunit *test)
{
	struct pin_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	test->priv = t;
	t->buf = vmalloc(PAGES * PAGE_SIZE);
	KUNIT_ASSERT_NOT_NULL(test, t->buf);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, free_buf, t->buf));
	KUNIT_ASSERT_EQ(test, 0, kunit_attach_mm());
	mm_flags_set(MMF_DISABLE_THP_COMPLETELY, current->mm);
	t->addr = map_memory(test, PAGES * PAGE_SIZE);
	fill_memory(test);
	look_up_pages(test);
	return 0;
}

static void pin_exit(struct kunit *test)
{
	struct pin_test *t = test->priv;

	phyr_test_fail_end();
	if (t)
		phyr_destroy(&t->phyr);
}

/* Each of @nr pages from @first on is pinned @pins times, and no other. */
static void expect_pins(struct kunit *test, size_t first, size_t nr,
			unsigned int pins)
{
	struct pin_test *t = test->priv;
	unsigned int wrong = 0;

	for (size_t i = 0; i < PAGES; i++) {
		unsigned int want = i >= first && i < first + nr ? pins : 0;

		if (t->pages[i])
			wrong += phyr_page_pins(t->pages[i]) != want;
	}
	KUNIT_EXPECT_EQ_MSG(test, wrong, 0, "pages with wrong pin counts");
}

static int pin(struct pin_test *t, size_t offset, size_t len)
{
	return phyr_pin_user(&t->phyr, t->addr + offset, len, FOLL_WRITE,
			     GFP_KERNEL);
}

/* The list is @len bytes of the user's memory, from @offset on. */
static void expect_content(struct kunit *test, size_t offset, size_t len)
{
	struct pin_test *t = test->priv;
	size_t i = offset / PAGE_SIZE;
	unsigned int wrong = 0;
	struct page *page;

	KUNIT_ASSERT_EQ(test, phyr_bytes(&t->phyr), len);
	KUNIT_ASSERT_EQ(test, len,
			phyr_copy_to_buffer(&t->phyr, t->buf, len, 0));
	for (size_t k = 0; k < len; k++)
		wrong += t->buf[k] != pattern(offset + k);
	KUNIT_EXPECT_EQ_MSG(test, wrong, 0, "wrong bytes");

	phyr_for_each_page(&t->phyr, page)
		KUNIT_ASSERT_PTR_EQ(test, page, t->pages[i++]);
	KUNIT_EXPECT_EQ(test, i, DIV_ROUND_UP(offset + len, PAGE_SIZE));
}

struct pin_shape {
	const char	*name;
	size_t		offset;
	size_t		len;
};

static const struct pin_shape pin_shapes[] = {
	{ "byte", 0, 1 },
	{ "last byte of a page", PAGE_SIZE - 1, 1 },
	{ "inside a page", 100, 50 },
	{ "page", 0, PAGE_SIZE },
	{ "two bytes of two pages", PAGE_SIZE - 1, 2 },
	{ "offset", 7, 3 * PAGE_SIZE - 7 },
	{ "short tail", PAGE_SIZE, 3 * PAGE_SIZE + 9 },
	{ "offset and short tail", 3 * PAGE_SIZE + 17, 5 * PAGE_SIZE },
	{ "few", 0, 15 * PAGE_SIZE },
	{ "few with offset", PAGE_SIZE - 1, 15 * PAGE_SIZE },
	{ "few with offset, and byte", PAGE_SIZE - 1, 15 * PAGE_SIZE + 1 },
	{ "batch", 0, 512 * PAGE_SIZE },
	{ "batch and byte", 0, 512 * PAGE_SIZE + 1 },
	{ "batch with offset", 1, 512 * PAGE_SIZE - 1 },
	{ "batch with offset, and byte", 1, 512 * PAGE_SIZE },
	{ "two batches less a byte", 4, 1024 * PAGE_SIZE - 5 },
	{ "two batches and more", 4095, 1030 * PAGE_SIZE },
	{ "all", 0, PAGES * PAGE_SIZE },
};

KUNIT_ARRAY_PARAM_DESC(pin_shape, pin_shapes, name);

static void pin_and_unpin(struct kunit *test)
{
	const struct pin_shape *shape = test->param_value;
	size_t end = DIV_ROUND_UP(shape->offset + shape->len, PAGE_SIZE);
	size_t first = shape->offset / PAGE_SIZE;
	struct pin_test *t = test->priv;

	expect_pins(test, 0, 0, 0);
	KUNIT_ASSERT_EQ(test, 0, pin(t, shape->offset, shape->len));
	expect_content(test, shape->offset, shape->len);
	expect_pins(test, first, end - first, 1);
	phyr_destroy_dirty(&t->phyr, false);
	expect_pins(test, 0, 0, 0);
	KUNIT_EXPECT_TRUE(test, phyr_empty(&t->phyr));

	/* phyr_destroy() unpins as well. */
	KUNIT_ASSERT_EQ(test, 0, pin(t, shape->offset, shape->len));
	expect_pins(test, first, end - first, 1);
	phyr_destroy(&t->phyr);
	expect_pins(test, 0, 0, 0);
}

/* One buffer, pinned in two calls: once for each range that a page is in. */
static void pin_goes_on(struct kunit *test)
{
	const size_t len = PAGE_SIZE + 904;
	struct pin_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, 0, pin(t, 10, len));
	KUNIT_ASSERT_EQ(test, 0, pin(t, 10 + len, 3 * PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, phyr_page_pins(t->pages[0]), 1);
	KUNIT_EXPECT_EQ(test, phyr_page_pins(t->pages[1]), 2);
	KUNIT_EXPECT_EQ(test, phyr_page_pins(t->pages[2]), 1);
	phyr_truncate(&t->phyr, len);
	expect_pins(test, 0, 2, 1);
	expect_content(test, 10, len);
	phyr_destroy(&t->phyr);
	expect_pins(test, 0, 0, 0);
}

static void pin_twice(struct kunit *test)
{
	struct pin_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, 0, pin(t, 0, 40 * PAGE_SIZE));
	KUNIT_ASSERT_EQ(test, 0, pin(t, 0, 40 * PAGE_SIZE));
	expect_pins(test, 0, 40, 2);
	phyr_truncate(&t->phyr, 40 * PAGE_SIZE);
	expect_pins(test, 0, 40, 1);
	phyr_truncate(&t->phyr, 7 * PAGE_SIZE + 1);
	expect_pins(test, 0, 8, 1);
	phyr_destroy_dirty(&t->phyr, false);
	expect_pins(test, 0, 0, 0);
}

/* A list of 3 pages and room for more, and a failing call on top of it. */
static void expect_failure(struct kunit *test, int err, unsigned long addr,
			   size_t len, unsigned int gup_flags)
{
	struct pin_test *t = test->priv;
	size_t used;

	KUNIT_ASSERT_EQ(test, 0, pin(t, 5, 3 * PAGE_SIZE - 5));
	KUNIT_ASSERT_EQ(test, 0, phyr_reserve(&t->phyr, 50, GFP_KERNEL));
	used = phyr_memory_used(&t->phyr);
	KUNIT_EXPECT_EQ(test, err, phyr_pin_user(&t->phyr, addr, len, gup_flags,
						 GFP_KERNEL));
	/* An array of plain ranges may have grown. */
	KUNIT_EXPECT_LE(test, phyr_memory_used(&t->phyr), used + SZ_4K);
	expect_content(test, 5, 3 * PAGE_SIZE - 5);
	expect_pins(test, 0, 3, 1);
	phyr_destroy(&t->phyr);
	expect_pins(test, 0, 0, 0);

	/* Also where there was no list yet. */
	KUNIT_EXPECT_EQ(test, err, phyr_pin_user(&t->phyr, addr, len, gup_flags,
						 GFP_KERNEL));
	KUNIT_EXPECT_TRUE(test, mem_is_zero(&t->phyr, sizeof(t->phyr)));
	expect_pins(test, 0, 0, 0);
}

static void bad_arguments(struct kunit *test)
{
	struct pin_test *t = test->priv;

	expect_failure(test, -EINVAL, t->addr, 0, FOLL_WRITE);
	expect_failure(test, -EOVERFLOW, t->addr, SIZE_MAX, FOLL_WRITE);
	expect_failure(test, -EOVERFLOW, ULONG_MAX, 2, FOLL_WRITE);
	expect_failure(test, -EINVAL, t->addr, PAGE_SIZE,
		       FOLL_WRITE | FOLL_PCI_P2PDMA);
}

static void bad_addresses(struct kunit *test)
{
	struct pin_test *t = test->priv;

	expect_failure(test, -EFAULT, 0, PAGE_SIZE, FOLL_WRITE);
	expect_failure(test, -EFAULT, t->addr, (PAGES + 1) * PAGE_SIZE,
		       FOLL_WRITE);
	expect_failure(test, -EFAULT, t->addr + 1, PAGES * PAGE_SIZE,
		       FOLL_WRITE);
	expect_failure(test, -EFAULT, TASK_SIZE - 2 * PAGE_SIZE, PAGE_SIZE,
		       FOLL_WRITE);
	/* Only the last page is past it where the kernel has addresses of its own. */
	if (TASK_SIZE < -PAGE_SIZE)
		expect_failure(test, -EFAULT, TASK_SIZE, PAGE_SIZE, FOLL_WRITE);
}

#define LOW_END		SZ_16M

static void expect_no_low_pins(struct kunit *test)
{
	struct page *page;

	for (unsigned long addr = 0; addr < LOW_END; addr += PAGE_SIZE) {
		KUNIT_ASSERT_EQ(test, 1, get_user_pages_fast(addr, 1, FOLL_WRITE,
							     &page));
		KUNIT_EXPECT_EQ(test, phyr_page_pins(page), 0);
		put_page(page);
	}
}

/* As many pages as there are addresses, of which more than a batch are there. */
static void from_zero(struct kunit *test)
{
	unsigned long addr = vm_mmap(NULL, 0, LOW_END, PROT_READ | PROT_WRITE,
				     MAP_ANONYMOUS | MAP_PRIVATE | MAP_FIXED, 0);

	if (addr)
		kunit_skip(test, "nothing can be mapped at 0");
	for (addr = 0; addr < LOW_END; addr += PAGE_SIZE)
		KUNIT_ASSERT_EQ(test, 0, clear_user((void __user *)addr, 1));
	expect_failure(test, -EFAULT, 0, SIZE_MAX, FOLL_WRITE);
	expect_failure(test, -EFAULT, 1, SIZE_MAX, FOLL_WRITE);
	expect_no_low_pins(test);
	KUNIT_EXPECT_EQ(test, 0, vm_munmap(0, LOW_END));
}

/* Whichever batch the hole is in. */
static void hole(struct kunit *test)
{
	static const unsigned int holes[] = { 1100, 1024, 1023, 700, 512, 511,
					      100 };
	struct pin_test *t = test->priv;

	for (size_t i = 0; i < ARRAY_SIZE(holes); i++) {
		unsigned long at = t->addr + holes[i] * PAGE_SIZE;

		get_page(t->pages[holes[i]]);
		KUNIT_ASSERT_EQ(test, 0, vm_munmap(at, PAGE_SIZE));
		expect_failure(test, -EFAULT, t->addr, PAGES * PAGE_SIZE,
			       FOLL_WRITE);
		put_page(t->pages[holes[i]]);
		t->pages[holes[i]] = NULL;
		if (holes[i] > 100)
			continue;
		/* What lies before it can be pinned. */
		KUNIT_EXPECT_EQ(test, 0, pin(t, 3, 100 * PAGE_SIZE - 3));
		expect_content(test, 3, 100 * PAGE_SIZE - 3);
	}
}

static void read_only_mapping(struct kunit *test)
{
	struct pin_test *t = test->priv;
	unsigned long addr = kunit_vm_mmap(test, NULL, 0, 8 * PAGE_SIZE,
					   PROT_READ,
					   MAP_ANONYMOUS | MAP_PRIVATE, 0);

	KUNIT_ASSERT_NE(test, addr, 0);
	expect_failure(test, -EFAULT, addr, 8 * PAGE_SIZE, FOLL_WRITE);
	expect_failure(test, -EFAULT, addr + 5 * PAGE_SIZE + 1, 1, FOLL_WRITE);

	KUNIT_ASSERT_EQ(test, 0, phyr_pin_user(&t->phyr, addr, 8 * PAGE_SIZE, 0,
					       GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, 8 * PAGE_SIZE,
			phyr_copy_to_buffer(&t->phyr, t->buf, 9 * PAGE_SIZE, 0));
	KUNIT_EXPECT_TRUE(test, mem_is_zero(t->buf, 8 * PAGE_SIZE));
}

static void allocation_failures(struct kunit *test)
{
	const size_t len = PAGES * PAGE_SIZE - 200;
	struct pin_test *t = test->priv;
	unsigned int left, nth;
	size_t used;
	int ret;

	KUNIT_ASSERT_EQ(test, 0, pin(t, 5, 3 * PAGE_SIZE - 5));
	used = phyr_memory_used(&t->phyr);
	for (nth = 1; ; nth++) {
		phyr_test_fail_nth(test, nth);
		ret = phyr_pin_user(&t->phyr, t->addr + 100, len, FOLL_WRITE,
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
	/* The array of pages, and chunks in each of the batches. */
	KUNIT_EXPECT_GE(test, nth, 5);
	KUNIT_EXPECT_EQ(test, phyr_bytes(&t->phyr), 3 * PAGE_SIZE - 5 + len);
	phyr_destroy_dirty(&t->phyr, true);
	expect_pins(test, 0, 0, 0);
}

/* What a killed process does: it pins no more. */
static void killed(struct kunit *test)
{
	struct pin_test *t = test->priv;
	int ret;

	sigaddset(&current->pending.signal, SIGKILL);
	set_thread_flag(TIF_SIGPENDING);
	ret = pin(t, 0, PAGES * PAGE_SIZE);
	sigdelset(&current->pending.signal, SIGKILL);
	clear_thread_flag(TIF_SIGPENDING);

	KUNIT_EXPECT_EQ(test, -EINTR, ret);
	KUNIT_EXPECT_TRUE(test, phyr_empty(&t->phyr));
	expect_pins(test, 0, 0, 0);
}

/* Memory whose pages come from here, one of which has the process killed. */
static unsigned long deadly_page;

static vm_fault_t deadly_fault(struct vm_fault *vmf)
{
	vmf->page = alloc_page(GFP_KERNEL);
	if (!vmf->page)
		return VM_FAULT_OOM;
	if (vmf->pgoff == deadly_page) {
		sigaddset(&current->pending.signal, SIGKILL);
		set_thread_flag(TIF_SIGPENDING);
	}
	return 0;
}

static const struct vm_operations_struct deadly_ops = {
	.fault = deadly_fault,
};

static int deadly_mmap(struct file *file, struct vm_area_struct *vma)
{
	vma->vm_ops = &deadly_ops;
	return 0;
}

static const struct file_operations deadly_fops = {
	.mmap = deadly_mmap,
};

static void put_file(void *file)
{
	fput(file);
}

static unsigned long map_deadly(struct kunit *test, unsigned long pages)
{
	struct file *file = anon_inode_getfile("[phyr_deadly]", &deadly_fops,
					       NULL, O_RDWR);
	unsigned long addr;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, put_file, file));
	addr = kunit_vm_mmap(test, file, 0, pages * PAGE_SIZE,
			     PROT_READ | PROT_WRITE, MAP_PRIVATE, 0);
	KUNIT_ASSERT_NE(test, addr, 0);
	return addr;
}

/* Killed while the first batch is pinned, when all others could be at once. */
static void killed_halfway(struct kunit *test)
{
	unsigned long addr = map_deadly(test, PAGES);
	struct pin_test *t = test->priv;
	struct page *page;
	int ret;

	for (size_t i = 512; i < PAGES; i++)
		KUNIT_ASSERT_EQ(test, 0,
				put_user(1, (u8 __user *)(addr + i * PAGE_SIZE)));
	deadly_page = 511;
	ret = phyr_pin_user(&t->phyr, addr, PAGES * PAGE_SIZE, FOLL_WRITE,
			    GFP_KERNEL);
	sigdelset(&current->pending.signal, SIGKILL);
	clear_thread_flag(TIF_SIGPENDING);
	deadly_page = ULONG_MAX;

	KUNIT_EXPECT_EQ(test, -EINTR, ret);
	KUNIT_EXPECT_TRUE(test, phyr_empty(&t->phyr));
	for (size_t i = 0; i < PAGES; i++) {
		KUNIT_ASSERT_EQ(test, 1,
				get_user_pages_fast(addr + i * PAGE_SIZE, 1, 0,
						    &page));
		KUNIT_EXPECT_EQ(test, phyr_page_pins(page), 0);
		put_page(page);
	}
}

static void clean_all(struct pin_test *t)
{
	for (size_t i = 0; i < PAGES; i++)
		folio_test_clear_dirty(page_folio(t->pages[i]));
}

static size_t nr_dirty(struct pin_test *t)
{
	size_t nr = 0;

	for (size_t i = 0; i < PAGES; i++)
		nr += folio_test_dirty(page_folio(t->pages[i]));
	return nr;
}

static void unpin_marks_dirty(struct kunit *test)
{
	struct pin_test *t = test->priv;

	clean_all(t);
	KUNIT_ASSERT_EQ(test, 0, pin(t, 9, 600 * PAGE_SIZE));
	clean_all(t);
	phyr_destroy_dirty(&t->phyr, false);
	KUNIT_EXPECT_EQ(test, nr_dirty(t), 0);

	KUNIT_ASSERT_EQ(test, 0, pin(t, 9, 600 * PAGE_SIZE));
	clean_all(t);
	phyr_destroy_dirty(&t->phyr, true);
	KUNIT_EXPECT_EQ(test, nr_dirty(t), 601);
	KUNIT_EXPECT_TRUE(test, PageDirty(t->pages[600]));
	KUNIT_EXPECT_FALSE(test, PageDirty(t->pages[601]));
}

/* @nr pages from @first on are dirty, and no others: then clean them. */
static void expect_dirty(struct kunit *test, size_t first, size_t nr)
{
	struct pin_test *t = test->priv;

	KUNIT_EXPECT_EQ(test, nr_dirty(t), nr);
	for (size_t i = first; i < first + nr; i++)
		KUNIT_EXPECT_TRUE(test, PageDirty(t->pages[i]));
	clean_all(t);
}

static void mark_dirty(struct kunit *test)
{
	struct pin_test *t = test->priv;
	const u64 len = 600 * PAGE_SIZE;

	KUNIT_ASSERT_EQ(test, 0, pin(t, 9, len));
	clean_all(t);
	KUNIT_EXPECT_EQ(test, 0, phyr_mark_dirty(&t->phyr, 0, 0));
	expect_dirty(test, 0, 0);
	KUNIT_EXPECT_EQ(test, 0, phyr_mark_dirty(&t->phyr, 0, 1));
	expect_dirty(test, 0, 1);
	KUNIT_EXPECT_EQ(test, 0, phyr_mark_dirty(&t->phyr, PAGE_SIZE - 10, 2));
	expect_dirty(test, 0, 2);
	KUNIT_EXPECT_EQ(test, 0, phyr_mark_dirty(&t->phyr, 300 * PAGE_SIZE - 9,
						 7 * PAGE_SIZE));
	expect_dirty(test, 300, 7);
	KUNIT_EXPECT_EQ(test, 0, phyr_mark_dirty(&t->phyr, len - 1, 1));
	expect_dirty(test, 600, 1);
	KUNIT_EXPECT_EQ(test, 0, phyr_mark_dirty(&t->phyr, len, 0));
	KUNIT_EXPECT_EQ(test, 0, phyr_mark_dirty(&t->phyr, 0, len));
	expect_dirty(test, 0, 601);

	/* What isn't in the list, and what comes after. */
	KUNIT_EXPECT_EQ(test, -ERANGE, phyr_mark_dirty(&t->phyr, len, 1));
	KUNIT_EXPECT_EQ(test, -ERANGE, phyr_mark_dirty(&t->phyr, len + 1, 0));
	KUNIT_EXPECT_EQ(test, -ERANGE, phyr_mark_dirty(&t->phyr, 1, len));
	KUNIT_EXPECT_EQ(test, -ERANGE, phyr_mark_dirty(&t->phyr, 1, U64_MAX));
	phyr_destroy(&t->phyr);
	expect_dirty(test, 0, 0);
}

/* Only pinned pages are for the list to mark. */
static void mark_dirty_mixed(struct kunit *test)
{
	struct phyr_pool *pool = phyr_pool_new(test, 2);
	struct pin_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, 0, phyr_append(&t->phyr, pool->phys, PAGE_SIZE,
					     GFP_KERNEL));
	KUNIT_ASSERT_EQ(test, 0, pin(t, 0, PAGE_SIZE));
	KUNIT_ASSERT_EQ(test, 0, phyr_append_mmio(&t->phyr, SZ_1M, PAGE_SIZE,
						  NULL, GFP_KERNEL));
	KUNIT_ASSERT_EQ(test, 0, pin(t, PAGE_SIZE, PAGE_SIZE));
	clean_all(t);
	KUNIT_EXPECT_EQ(test, 0, phyr_mark_dirty(&t->phyr, 0,
						 phyr_bytes(&t->phyr)));
	expect_dirty(test, 0, 2);
	KUNIT_EXPECT_FALSE(test, PageDirty(virt_to_page(pool->addr)));
}

/* Unpinning leaves alone what the list doesn't own. */
static void unpin_mixed(struct kunit *test)
{
	struct phyr_pool *pool = phyr_pool_new(test, 4);
	struct phyr_model *empty = phyr_model_new(test, 1);
	struct pin_test *t = test->priv;

	for (unsigned int i = 0; i < 30; i++) {
		KUNIT_ASSERT_EQ(test, 0, pin(t, i * PAGE_SIZE, PAGE_SIZE));
		KUNIT_ASSERT_EQ(test, 0, phyr_append(&t->phyr, pool->phys,
						     4 * PAGE_SIZE, GFP_KERNEL));
		KUNIT_ASSERT_EQ(test, 0, phyr_append_mmio(&t->phyr, SZ_1M,
							  SZ_4K, NULL,
							  GFP_KERNEL));
	}
	expect_pins(test, 0, 30, 1);
	phyr_pool_check(test, pool, empty);
	phyr_destroy_dirty(&t->phyr, true);
	expect_pins(test, 0, 0, 0);
	phyr_pool_check(test, pool, empty);
}

/* Two pages, mapped four times each: neighbours of themselves and each other. */
static unsigned long map_again_and_again(struct kunit *test)
{
	static const u8 order[] = { 0, 0, 1, 1, 0, 1, 0, 1 };
	struct file *file = shmem_file_setup("phyr", 2 * PAGE_SIZE,
					     EMPTY_VMA_FLAGS);
	unsigned long addr;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, put_file, file));
	addr = map_memory(test, sizeof(order) * PAGE_SIZE);
	for (size_t i = 0; i < sizeof(order); i++) {
		unsigned long at = addr + i * PAGE_SIZE;

		KUNIT_ASSERT_EQ(test, at,
				vm_mmap(file, at, PAGE_SIZE,
					PROT_READ | PROT_WRITE,
					MAP_SHARED | MAP_FIXED,
					order[i] * PAGE_SIZE));
	}
	return addr;
}

static void same_page_in_succession(struct kunit *test)
{
	unsigned long addr = map_again_and_again(test);
	struct pin_test *t = test->priv;
	struct page *pages[8], *page;
	size_t i = 0;

	KUNIT_ASSERT_EQ(test, 8, get_user_pages_fast(addr, 8, FOLL_WRITE,
						     pages));
	KUNIT_ASSERT_PTR_EQ(test, pages[0], pages[1]);
	KUNIT_ASSERT_PTR_EQ(test, pages[2], pages[3]);
	KUNIT_EXPECT_EQ(test, 0, phyr_pin_user(&t->phyr, addr + 1,
					       8 * PAGE_SIZE - 2, FOLL_WRITE,
					       GFP_KERNEL));
	phyr_for_each_page(&t->phyr, page)
		KUNIT_EXPECT_PTR_EQ(test, page, pages[i++]);
	KUNIT_EXPECT_EQ(test, i, 8);
	KUNIT_EXPECT_EQ(test, phyr_page_pins(pages[0]) + phyr_page_pins(pages[2]), 8);
	phyr_destroy_dirty(&t->phyr, true);
	KUNIT_EXPECT_EQ(test, phyr_page_pins(pages[0]) + phyr_page_pins(pages[2]), 0);
	for (i = 0; i < 8; i++)
		put_page(pages[i]);
}

#ifdef CONFIG_TRANSPARENT_HUGEPAGE
static unsigned long map_huge_pages(struct kunit *test, size_t size)
{
	struct mm_struct *mm = current->mm;
	unsigned long addr;

	mm_flags_clear(MMF_DISABLE_THP_COMPLETELY, mm);
	addr = map_memory(test, size);
	mmap_write_lock(mm);
	vm_flags_set(find_vma(mm, addr), VM_HUGEPAGE);
	mmap_write_unlock(mm);

	for (size_t i = 0; i < size; i += PAGE_SIZE)
		KUNIT_ASSERT_EQ(test, 0,
				put_user(i / PAGE_SIZE,
					 (u8 __user *)(addr + i)));
	return addr;
}

/* A folio that is in the list as a whole. */
static struct page *find_huge_page(const struct phyr *phyr)
{
	struct phyr_folio part;

	phyr_for_each_folio(phyr, part)
		if (part.len == HPAGE_PMD_SIZE)
			return folio_page(part.folio, 0);
	return NULL;
}

static void huge_pages(struct kunit *test)
{
	const size_t size = 3 * HPAGE_PMD_SIZE, len = size - 3 * PAGE_SIZE;
	unsigned long addr = map_huge_pages(test, size);
	struct pin_test *t = test->priv;
	struct page *page;

	KUNIT_ASSERT_EQ(test, 0,
			phyr_pin_user(&t->phyr, addr + PAGE_SIZE, len,
				      FOLL_WRITE, GFP_KERNEL));
	for (size_t i = 0; i < len; i += PAGE_SIZE) {
		KUNIT_ASSERT_EQ(test, 1, phyr_copy_to_buffer(&t->phyr, t->buf,
							     1, i));
		KUNIT_ASSERT_EQ(test, t->buf[0], (u8)(i / PAGE_SIZE + 1));
	}

	page = find_huge_page(&t->phyr);
	if (!page)
		kunit_skip(test, "no huge page was free");
	KUNIT_EXPECT_EQ(test, phyr_page_pins(page), HPAGE_PMD_NR);
	phyr_truncate(&t->phyr, 1);
	KUNIT_EXPECT_EQ(test, phyr_page_pins(page), 0);
}
#else
static void huge_pages(struct kunit *test)
{
	kunit_skip(test, "needs TRANSPARENT_HUGEPAGE");
}
#endif

static struct kunit_case pin_cases[] = {
	KUNIT_CASE_PARAM(pin_and_unpin, pin_shape_gen_params),
	KUNIT_CASE(pin_goes_on),
	KUNIT_CASE(pin_twice),
	KUNIT_CASE(bad_arguments),
	KUNIT_CASE(bad_addresses),
	KUNIT_CASE(from_zero),
	KUNIT_CASE(hole),
	KUNIT_CASE(read_only_mapping),
	KUNIT_CASE(allocation_failures),
	KUNIT_CASE(killed),
	KUNIT_CASE(killed_halfway),
	KUNIT_CASE(unpin_marks_dirty),
	KUNIT_CASE(mark_dirty),
	KUNIT_CASE(mark_dirty_mixed),
	KUNIT_CASE(unpin_mixed),
	KUNIT_CASE(same_page_in_succession),
	KUNIT_CASE(huge_pages),
	{ }
};

static struct kunit_suite pin_suite = {
	.name = "phyr_pin",
	.init = pin_init,
	.exit = pin_exit,
	.test_cases = pin_cases,
};

kunit_test_suite(pin_suite);
