// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of physical-range lists: page tables of the CPU.
 */

#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/module.h>
#include <linux/pgtable.h>
#include <linux/sizes.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "phyr_model.h"

MODULE_IMPORT_NS("EXPORTED_FOR_KUNIT_TESTING");

#define POOL_PAGES	16
#define POOL_BYTES	(POOL_PAGES * PAGE_SIZE)

struct map_test {
	struct phyr		phyr;
	struct phyr_pool	*pool;
	u8			*flat;	/* the bytes of the list, in order */
	u8			*buf;
	int			mmap_ret;
};

static int map_init(struct kunit *test)
{
	struct map_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	u8 *bytes;

	KUNIT_ASSERT_NOT_NULL(test, t);
	test->priv = t;
	t->pool = phyr_pool_new(test, POOL_PAGES);
	t->flat = kunit_kzalloc(test, 4 * POOL_BYTES, GFP_KERNEL);
	t->buf = kunit_kzalloc(test, POOL_BYTES, GFP_KERNEL);
	KUNIT_ASSERT_TRUE(test, t->flat && t->buf);

	bytes = t->pool->addr;
	for (size_t i = 0; i < POOL_BYTES; i++)
		bytes[i] = i * 31 + i / PAGE_SIZE + 1;
	return 0;
}

static void map_exit(struct kunit *test)
{
	struct map_test *t = test->priv;

	if (t)
		phyr_destroy(&t->phyr);
}

/* Memory that is there, whatever it is said to be. */
static void append(struct kunit *test, size_t offset, size_t len,
		   unsigned int flags)
{
	struct map_test *t = test->priv;
	const struct phyr_range range = {
		.phys = t->pool->phys + offset,
		.len = len,
		.flags = flags,
	};

	memcpy(t->flat + phyr_bytes(&t->phyr), t->pool->addr + offset, len);
	KUNIT_ASSERT_EQ(test, 0,
			phyr_append_range(&t->phyr, &range, GFP_KERNEL));
}

static void restart(struct kunit *test)
{
	struct map_test *t = test->priv;

	phyr_destroy(&t->phyr);
}

/* The memory of the list, without the list's help: some isn't for the CPU. */
static void gather(struct map_test *t)
{
	struct phyr_range range;
	u8 *to = t->buf;

	phyr_for_each_range(&t->phyr, range) {
		memcpy(to, t->pool->addr + (range.phys - t->pool->phys),
		       range.len);
		to += range.len;
	}
}

static void expect_vmap(struct kunit *test)
{
	struct map_test *t = test->priv;
	u64 bytes = phyr_bytes(&t->phyr);
	u8 *addr = phyr_vmap(&t->phyr, PAGE_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, addr);
	KUNIT_EXPECT_TRUE(test, is_vmalloc_addr(addr));
	KUNIT_EXPECT_MEMEQ(test, addr, t->flat, bytes);

	/* It is the memory, not a copy. */
	for (u64 i = 0; i < bytes; i++)
		addr[i] = ~t->flat[i];
	gather(t);
	for (u64 i = 0; i < bytes; i++) {
		KUNIT_ASSERT_EQ(test, t->buf[i], (u8)~t->flat[i]);
		addr[i] = t->flat[i];
	}
	phyr_vunmap(addr);
	KUNIT_EXPECT_NULL(test, find_vm_area(PTR_ALIGN_DOWN(addr, PAGE_SIZE)));
}

static void vmap_pages(struct kunit *test)
{
	append(test, 3 * PAGE_SIZE, PAGE_SIZE, 0);
	expect_vmap(test);
	append(test, 2 * PAGE_SIZE, PAGE_SIZE, 0);
	append(test, 5 * PAGE_SIZE, 3 * PAGE_SIZE, 0);
	append(test, PAGE_SIZE, 77, 0);
	expect_vmap(test);

	restart(test);
	append(test, 9, 1, 0);
	expect_vmap(test);
	restart(test);
	append(test, 3 * PAGE_SIZE - 1, PAGE_SIZE + 2, 0);
	expect_vmap(test);
	restart(test);
	append(test, 7 * PAGE_SIZE + 100, PAGE_SIZE - 100, 0);
	append(test, 4 * PAGE_SIZE, 2 * PAGE_SIZE, 0);
	append(test, PAGE_SIZE, 1, 0);
	expect_vmap(test);
}

static void vmap_pinned(struct kunit *test)
{
	struct map_test *t = test->priv;
	const struct phyr_range range = {
		.phys = t->pool->phys,
		.len = PAGE_SIZE,
		.flags = PHYR_PINNED,
	};

	phyr_pool_pin(&range);
	append(test, 0, PAGE_SIZE, PHYR_PINNED);
	append(test, 3 * PAGE_SIZE, PAGE_SIZE, 0);
	expect_vmap(test);
}

static void vmap_mmio(struct kunit *test)
{
	append(test, 3 * PAGE_SIZE, PAGE_SIZE, PHYR_MMIO);
	expect_vmap(test);
	append(test, 2 * PAGE_SIZE, PAGE_SIZE, PHYR_MMIO);
	append(test, 5 * PAGE_SIZE, 3 * PAGE_SIZE, PHYR_MMIO);
	append(test, PAGE_SIZE, 77, PHYR_MMIO);
	expect_vmap(test);

	restart(test);
	append(test, 2 * PAGE_SIZE - 1, 1, PHYR_MMIO);
	append(test, 4 * PAGE_SIZE, 2 * PAGE_SIZE + 1, PHYR_MMIO);
	expect_vmap(test);
	restart(test);
	append(test, 8, 16, PHYR_MMIO);
	expect_vmap(test);
	restart(test);
	append(test, 3 * PAGE_SIZE - 1, 2, PHYR_MMIO);
	expect_vmap(test);
}

static void expect_no_vmap(struct kunit *test, int err)
{
	struct map_test *t = test->priv;
	void *addr = phyr_vmap(&t->phyr, PAGE_KERNEL);

	KUNIT_EXPECT_EQ(test, err, PTR_ERR_OR_ZERO(addr));
	if (!IS_ERR(addr))
		phyr_vunmap(addr);
	restart(test);
}

static void vmap_refused(struct kunit *test)
{
	static const unsigned int kinds[] = { 0, PHYR_MMIO };

	expect_no_vmap(test, -EINVAL);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		/* The first one ends, or the second one starts, off the page. */
		append(test, 0, PAGE_SIZE - 1, kinds[i]);
		append(test, 3 * PAGE_SIZE, PAGE_SIZE, kinds[i]);
		expect_no_vmap(test, -EINVAL);
		append(test, 0, PAGE_SIZE, kinds[i]);
		append(test, 3 * PAGE_SIZE + 1, PAGE_SIZE - 1, kinds[i]);
		expect_no_vmap(test, -EINVAL);

		append(test, 0, PAGE_SIZE, kinds[i]);
		append(test, PAGE_SIZE, PAGE_SIZE, kinds[!i]);
		expect_no_vmap(test, -EOPNOTSUPP);
	}
	phyr_vunmap(NULL);
}

static void vmap_too_large(struct kunit *test)
{
	struct map_test *t = test->priv;
	u64 most = round_down(min_t(u64, PHYR_RANGE_MAX, PHYS_ADDR_MAX),
			      PAGE_SIZE) - SZ_64K;

	for (unsigned int i = 0; i < 2; i++) {
		const struct phyr_range range = {
			.phys = SZ_4K,
			.len = most,
			.flags = i ? PHYR_MMIO : 0,
		};

		KUNIT_ASSERT_EQ(test, 0,
				phyr_append_range(&t->phyr, &range, GFP_KERNEL));
		expect_no_vmap(test, -ENOMEM);
	}

	/* More than there is, but not more than there is room for. */
	KUNIT_ASSERT_EQ(test, 0, phyr_append(&t->phyr, 0,
					     (u64)(totalram_pages() + 1) <<
					     PAGE_SHIFT, GFP_KERNEL));
	expect_no_vmap(test, -ENOMEM);
}

static int map_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct map_test *t = file->private_data;

	t->mmap_ret = phyr_mmap(&t->phyr, vma);
	return t->mmap_ret;
}

static const struct file_operations map_fops = {
	.mmap = map_mmap,
};

static void put_file(void *file)
{
	fput(file);
}

static struct file *new_file(struct kunit *test, int flags)
{
	struct file *file = anon_inode_getfile("phyr", &map_fops, test->priv,
					       flags);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, put_file, file));
	KUNIT_ASSERT_EQ(test, 0, kunit_attach_mm());
	return file;
}

static unsigned long do_mmap_list(struct file *file, size_t pgoff,
				  size_t nr_pages, unsigned long flags)
{
	unsigned long prot = PROT_READ;

	if (flags & MAP_SHARED && file->f_mode & FMODE_WRITE)
		prot |= PROT_WRITE;
	return vm_mmap(file, 0, nr_pages << PAGE_SHIFT, prot, flags,
		       pgoff << PAGE_SHIFT);
}

static unsigned long pfn_at(unsigned long addr)
{
	struct follow_pfnmap_args args = { .address = addr };
	struct mm_struct *mm = current->mm;
	unsigned long pfn = 0;

	mmap_read_lock(mm);
	args.vma = vma_lookup(mm, addr);
	if (args.vma && !follow_pfnmap_start(&args)) {
		pfn = args.pfn;
		follow_pfnmap_end(&args);
	}
	mmap_read_unlock(mm);
	return pfn;
}

/* All of the list from page @pgoff on, for @nr_pages. */
static void expect_mmap(struct kunit *test, struct file *file, size_t pgoff,
			size_t nr_pages)
{
	unsigned long addr = do_mmap_list(file, pgoff, nr_pages, MAP_SHARED);
	struct map_test *t = test->priv;
	unsigned long pfn;
	size_t i = 0;

	KUNIT_ASSERT_LT(test, addr, TASK_SIZE);
	phyr_for_each_pfn(&t->phyr, pfn) {
		if (i >= pgoff && i < pgoff + nr_pages)
			KUNIT_ASSERT_EQ(test, pfn,
					pfn_at(addr + (i - pgoff) * PAGE_SIZE));
		i++;
	}
	KUNIT_EXPECT_EQ(test, 0, vm_munmap(addr, nr_pages * PAGE_SIZE));
}

static void mmap_pages(struct kunit *test)
{
	struct file *file = new_file(test, O_RDWR);
	struct map_test *t = test->priv;
	unsigned long addr;
	u8 byte = 0x5a;

	append(test, 3 * PAGE_SIZE, PAGE_SIZE, 0);
	append(test, 5 * PAGE_SIZE, 3 * PAGE_SIZE, 0);
	append(test, PAGE_SIZE, PAGE_SIZE, 0);
	for (size_t pgoff = 0; pgoff < 5; pgoff++) {
		for (size_t nr = 1; nr <= 5 - pgoff; nr++)
			expect_mmap(test, file, pgoff, nr);
	}

	addr = do_mmap_list(file, 1, 4, MAP_SHARED);
	KUNIT_ASSERT_LT(test, addr, TASK_SIZE);
	KUNIT_EXPECT_EQ(test, 0, copy_from_user(t->buf, (void __user *)addr,
						4 * PAGE_SIZE));
	KUNIT_EXPECT_MEMEQ(test, t->buf, t->flat + PAGE_SIZE, 4 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, 0, copy_to_user((void __user *)addr + 7, &byte, 1));
	KUNIT_EXPECT_EQ(test, 1, phyr_copy_to_buffer(&t->phyr, t->buf, 1,
						     PAGE_SIZE + 7));
	KUNIT_EXPECT_EQ(test, t->buf[0], byte);
	KUNIT_EXPECT_EQ(test, 0, vm_munmap(addr, 4 * PAGE_SIZE));
}

static void mmap_mmio(struct kunit *test)
{
	struct file *file = new_file(test, O_RDWR);

	append(test, 3 * PAGE_SIZE, PAGE_SIZE, PHYR_MMIO);
	append(test, 5 * PAGE_SIZE, 3 * PAGE_SIZE, 0);
	append(test, PAGE_SIZE, PAGE_SIZE, PHYR_MMIO);
	expect_mmap(test, file, 0, 5);
	expect_mmap(test, file, 2, 3);
}

/* Only what is mapped has to be whole pages. */
static void mmap_between_odd_ends(struct kunit *test)
{
	struct file *file = new_file(test, O_RDWR);

	append(test, PAGE_SIZE, 2 * PAGE_SIZE, 0);
	append(test, 7 * PAGE_SIZE, PAGE_SIZE, 0);
	append(test, 0, 80, 0);
	expect_mmap(test, file, 0, 3);
	expect_mmap(test, file, 2, 1);
}

static void mmap_read_only(struct kunit *test)
{
	append(test, 2 * PAGE_SIZE, 3 * PAGE_SIZE, 0);
	expect_mmap(test, new_file(test, O_RDONLY), 0, 3);
}

static void expect_no_mmap(struct kunit *test, struct file *file, size_t pgoff,
			   size_t nr_pages, unsigned long flags)
{
	struct map_test *t = test->priv;
	unsigned long addr;

	t->mmap_ret = 0;
	addr = do_mmap_list(file, pgoff, nr_pages, flags);
	KUNIT_EXPECT_EQ(test, -EINVAL, (long)addr);
	KUNIT_EXPECT_EQ(test, -EINVAL, t->mmap_ret);
}

static void mmap_refused(struct kunit *test)
{
	struct file *file = new_file(test, O_RDWR);

	expect_no_mmap(test, file, 0, 1, MAP_SHARED);
	append(test, 2 * PAGE_SIZE, 3 * PAGE_SIZE, 0);
	expect_no_mmap(test, file, 0, 4, MAP_SHARED);
	expect_no_mmap(test, file, 1, 3, MAP_SHARED);
	expect_no_mmap(test, file, 3, 1, MAP_SHARED);
	expect_no_mmap(test, file, ULONG_MAX >> PAGE_SHIFT >> 1, 1, MAP_SHARED);
	expect_no_mmap(test, file, 0, 3, MAP_PRIVATE);

	/* The last page isn't all there. */
	append(test, 0, PAGE_SIZE - 1, 0);
	expect_no_mmap(test, file, 0, 4, MAP_SHARED);
	expect_no_mmap(test, file, 3, 1, MAP_SHARED);
	expect_mmap(test, file, 0, 3);

	/* Nor does the first one start where it should. */
	restart(test);
	append(test, 1, 2 * PAGE_SIZE, 0);
	expect_no_mmap(test, file, 0, 1, MAP_SHARED);
	expect_no_mmap(test, file, 0, 2, MAP_SHARED);
	expect_no_mmap(test, file, 1, 1, MAP_SHARED);

	/* Two halves make no page. */
	restart(test);
	append(test, 0, PAGE_SIZE / 2, 0);
	append(test, 3 * PAGE_SIZE, PAGE_SIZE / 2, 0);
	expect_no_mmap(test, file, 0, 1, MAP_SHARED);
}

/* The position in bytes would be zero. */
static void mmap_wraps(struct kunit *test)
{
	struct vm_area_struct vma = {
		.vm_end = PAGE_SIZE,
		.vm_pgoff = 1UL << (BITS_PER_LONG - PAGE_SHIFT),
	};
	struct map_test *t = test->priv;

	append(test, 0, PAGE_SIZE, 0);
	KUNIT_EXPECT_EQ(test, -EINVAL, phyr_mmap(&t->phyr, &vma));
}

static struct kunit_case map_cases[] = {
	KUNIT_CASE(vmap_pages),
	KUNIT_CASE(vmap_pinned),
	KUNIT_CASE(vmap_mmio),
	KUNIT_CASE(vmap_refused),
	KUNIT_CASE(vmap_too_large),
	KUNIT_CASE(mmap_pages),
	KUNIT_CASE(mmap_mmio),
	KUNIT_CASE(mmap_between_odd_ends),
	KUNIT_CASE(mmap_read_only),
	KUNIT_CASE(mmap_refused),
	KUNIT_CASE(mmap_wraps),
	{ }
};

static struct kunit_suite map_suite = {
	.name = "phyr_map",
	.init = map_init,
	.exit = map_exit,
	.test_cases = map_cases,
};

kunit_test_suite(map_suite);
