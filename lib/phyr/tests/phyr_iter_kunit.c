// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of physical-range lists: memory given by an iterator, or by its kernel
 * address.
 */

#include <linux/bvec.h>
#include <linux/folio_queue.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/module.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include <linux/vmalloc.h>
#include <linux/xarray.h>

#include "phyr_model.h"

MODULE_IMPORT_NS("EXPORTED_FOR_KUNIT_TESTING");

#define PAGES		40	/* more than are looked up at a time */
#define BYTES		(PAGES * PAGE_SIZE)
#define SEGMENTS	5

struct iter_test {
	struct phyr		phyr;
	unsigned long		addr;	/* of user memory, mapped */
	u8			*mem;	/* the kernel's own, by vmalloc() */
	u8			*want;
	u8			*got;
	struct xarray		xa;
	struct folio_queue	queue;
	struct iovec		iov[SEGMENTS];
	struct kvec		kvec[SEGMENTS];
	struct bio_vec		bvec[SEGMENTS];
};

/* Odd ones, an empty one, and one that is longer than what is looked up at a time. */
static const struct { size_t offset, len; } segments[SEGMENTS] = {
	{ 17, 1000 },
	{ 3 * PAGE_SIZE, 0 },
	{ 4 * PAGE_SIZE, 2 * PAGE_SIZE },
	{ 8 * PAGE_SIZE + 5, 25 * PAGE_SIZE + 100 },
	{ 39 * PAGE_SIZE - 1, 2 },
};

static size_t all_segments(void)
{
	size_t len = 0;

	for (unsigned int i = 0; i < SEGMENTS; i++)
		len += segments[i].len;
	return len;
}

/* --- iterators of all kinds ------------------------------------------------- */

static void make_ubuf(struct iter_test *t, struct iov_iter *iter, int direction)
{
	iov_iter_ubuf(iter, direction, (void __user *)t->addr + 7, BYTES - 9);
}

static void make_iovec(struct iter_test *t, struct iov_iter *iter, int direction)
{
	for (unsigned int i = 0; i < SEGMENTS; i++) {
		t->iov[i].iov_base = (void __user *)t->addr + segments[i].offset;
		t->iov[i].iov_len = segments[i].len;
	}
	iov_iter_init(iter, direction, t->iov, SEGMENTS, all_segments());
}

static void make_kvec(struct iter_test *t, struct iov_iter *iter, int direction)
{
	for (unsigned int i = 0; i < SEGMENTS; i++) {
		t->kvec[i].iov_base = t->mem + segments[i].offset;
		t->kvec[i].iov_len = segments[i].len;
	}
	iov_iter_kvec(iter, direction, t->kvec, SEGMENTS, all_segments());
}

/* Its memory isn't one piece: each segment is in one page. */
static void make_bvec(struct iter_test *t, struct iov_iter *iter, int direction)
{
	size_t len = 0;

	for (unsigned int i = 0; i < SEGMENTS; i++) {
		unsigned int offset = segments[i].offset % 100;
		unsigned int piece = min(segments[i].len, PAGE_SIZE - offset);

		bvec_set_page(&t->bvec[i],
			      vmalloc_to_page(t->mem + segments[i].offset),
			      piece, offset);
		len += piece;
	}
	iov_iter_bvec(iter, direction, t->bvec, SEGMENTS, len);
}

static void make_xarray(struct iter_test *t, struct iov_iter *iter, int direction)
{
	iov_iter_xarray(iter, direction, &t->xa, PAGE_SIZE + 9, BYTES - 2 * PAGE_SIZE);
}

static void make_folioq(struct iter_test *t, struct iov_iter *iter, int direction)
{
	iov_iter_folio_queue(iter, direction, &t->queue, 0, 11,
			     folioq_nr_slots(&t->queue) * PAGE_SIZE - 30);
}

struct iter_kind {
	const char	*name;
	void		(*make)(struct iter_test *t, struct iov_iter *iter,
				int direction);
	bool		user;
};

static const struct iter_kind iter_kinds[] = {
	{ "ubuf", make_ubuf, true },
	{ "iovec", make_iovec, true },
	{ "kvec", make_kvec },
	{ "bvec", make_bvec },
	{ "xarray", make_xarray },
	{ "folioq", make_folioq },
};

KUNIT_ARRAY_PARAM_DESC(iter_kind, iter_kinds, name);

/* --- set-up --------------------------------------------------------------- */

static void free_mem(void *mem)
{
	vfree(mem);
}

static u8 *new_mem(struct kunit *test)
{
	u8 *mem = vmalloc(BYTES);

	KUNIT_ASSERT_NOT_NULL(test, mem);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, free_mem, mem));
	return mem;
}

static void destroy_xa(void *xa)
{
	xa_destroy(xa);
}

static void fill_xarray(struct kunit *test)
{
	struct iter_test *t = test->priv;

	xa_init(&t->xa);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, destroy_xa, &t->xa));
	for (unsigned int i = 0; i < PAGES; i++) {
		struct page *page = vmalloc_to_page(t->mem + i * PAGE_SIZE);

		KUNIT_ASSERT_EQ(test, 0, xa_err(xa_store(&t->xa, i, page,
							 GFP_KERNEL)));
	}
}

static void fill_folioq(struct iter_test *t)
{
	folioq_init(&t->queue, 0);
	for (unsigned int i = 0; i < folioq_nr_slots(&t->queue); i++)
		folioq_append(&t->queue,
			      page_folio(vmalloc_to_page(t->mem + i * PAGE_SIZE)));
}

static int iter_init(struct kunit *test)
{
	struct iter_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	test->priv = t;
	t->mem = new_mem(test);
	t->want = new_mem(test);
	t->got = new_mem(test);
	for (size_t i = 0; i < BYTES; i++)
		t->mem[i] = i * 13 + i / PAGE_SIZE * 7;
	fill_xarray(test);
	fill_folioq(t);
	KUNIT_ASSERT_EQ(test, 0, kunit_attach_mm());
	mm_flags_set(MMF_DISABLE_THP_COMPLETELY, current->mm);
	t->addr = kunit_vm_mmap(test, NULL, 0, BYTES, PROT_READ | PROT_WRITE,
				MAP_ANONYMOUS | MAP_PRIVATE, 0);
	KUNIT_ASSERT_NE(test, t->addr, 0);
	KUNIT_ASSERT_LT(test, t->addr, TASK_SIZE);
	KUNIT_ASSERT_EQ(test, 0, copy_to_user((void __user *)t->addr, t->mem,
					      BYTES));
	return 0;
}

static void iter_exit(struct kunit *test)
{
	struct iter_test *t = test->priv;

	phyr_test_fail_end();
	if (t)
		phyr_destroy(&t->phyr);
}

static unsigned int all_pins(struct kunit *test)
{
	struct iter_test *t = test->priv;
	unsigned int pins = 0;
	struct page *page;

	for (unsigned int i = 0; i < PAGES; i++) {
		KUNIT_ASSERT_EQ(test, 1,
				get_user_pages_fast(t->addr + i * PAGE_SIZE, 1,
						    FOLL_WRITE, &page));
		put_page(page);
		pins += phyr_page_pins(page);
	}
	return pins;
}

static void expect_nothing(struct kunit *test, const struct iov_iter *iter,
			   const struct iov_iter *before)
{
	struct iter_test *t = test->priv;

	KUNIT_EXPECT_TRUE(test, phyr_empty(&t->phyr));
	KUNIT_EXPECT_EQ(test, all_pins(test), 0);
	KUNIT_EXPECT_MEMEQ(test, iter, before, sizeof(*iter));
}

/* --- iterators ------------------------------------------------------------- */

/* The list has what a copy would have read, and so has what is left to be read. */
static void expect_taken(struct kunit *test, struct iov_iter *iter, size_t max)
{
	struct iter_test *t = test->priv;
	struct iov_iter copy = *iter;
	size_t len = min(max, iov_iter_count(iter));

	KUNIT_ASSERT_EQ(test, len, copy_from_iter(t->want, len, &copy));
	KUNIT_ASSERT_EQ(test, len,
			phyr_pin_iter(&t->phyr, iter, max, GFP_KERNEL));
	KUNIT_ASSERT_EQ(test, len, phyr_bytes(&t->phyr));
	KUNIT_ASSERT_EQ(test, len ?: -ERANGE,
			phyr_copy_to_buffer(&t->phyr, t->got, len, 0));
	KUNIT_EXPECT_MEMEQ(test, t->want, t->got, len);

	KUNIT_ASSERT_EQ(test, iov_iter_count(&copy), iov_iter_count(iter));
	len = iov_iter_count(&copy);
	KUNIT_ASSERT_EQ(test, len, copy_from_iter(t->want, len, &copy));
	copy = *iter;
	KUNIT_ASSERT_EQ(test, len, copy_from_iter(t->got, len, &copy));
	KUNIT_EXPECT_MEMEQ(test, t->want, t->got, len);
}

static void iterators(struct kunit *test)
{
	static const size_t lens[] = { 0, 1, 900, 1000, 1001, PAGE_SIZE,
				       3 * PAGE_SIZE + 50, SIZE_MAX };
	const struct iter_kind *kind = test->param_value;
	struct iter_test *t = test->priv;
	struct iov_iter iter;

	for (unsigned int i = 0; i < ARRAY_SIZE(lens); i++) {
		kind->make(t, &iter, ITER_SOURCE);
		expect_taken(test, &iter, lens[i]);
		phyr_destroy(&t->phyr);
		/* And what comes after that. */
		expect_taken(test, &iter, 2 * PAGE_SIZE);
		KUNIT_EXPECT_EQ(test, phyr_flags(&t->phyr),
				kind->user && !phyr_empty(&t->phyr) ?
				PHYR_PINNED : 0);
		phyr_destroy(&t->phyr);
		KUNIT_EXPECT_EQ(test, all_pins(test), 0);
	}
}

/* Wherever memory runs out, nothing was taken. */
static void iterator_allocation_failures(struct kunit *test)
{
	const struct iter_kind *kind = test->param_value;
	struct iter_test *t = test->priv;
	struct iov_iter iter, before;
	unsigned int nth = 0, left;
	ssize_t ret;

	do {
		kind->make(t, &iter, ITER_SOURCE);
		before = iter;
		phyr_test_fail_nth(test, ++nth);
		ret = phyr_pin_iter(&t->phyr, &iter, SIZE_MAX, GFP_NOWAIT);
		left = phyr_test_fail_end();
		if (ret > 0)
			break;
		KUNIT_ASSERT_EQ(test, -ENOMEM, ret);
		expect_nothing(test, &iter, &before);
	} while (nth < 100);
	KUNIT_EXPECT_GT(test, left, 0);
}

/* Memory to be read only is no destination. */
static void iterator_directions(struct kunit *test)
{
	struct iter_test *t = test->priv;
	struct iov_iter iter, before;
	unsigned long addr;

	addr = kunit_vm_mmap(test, NULL, 0, PAGE_SIZE, PROT_READ,
			     MAP_ANONYMOUS | MAP_PRIVATE, 0);
	iov_iter_ubuf(&iter, ITER_DEST, (void __user *)addr, PAGE_SIZE);
	before = iter;
	KUNIT_EXPECT_EQ(test, -EFAULT,
			phyr_pin_iter(&t->phyr, &iter, SIZE_MAX, GFP_KERNEL));
	expect_nothing(test, &iter, &before);

	make_iovec(t, &iter, ITER_DEST);
	KUNIT_EXPECT_EQ(test, all_segments(),
			phyr_pin_iter(&t->phyr, &iter, SIZE_MAX, GFP_KERNEL));
}

/* One segment isn't there, or mustn't be faulted in. */
static void iterator_holes(struct kunit *test)
{
	struct iter_test *t = test->priv;
	struct iov_iter iter, before;

	make_iovec(t, &iter, ITER_SOURCE);
	t->iov[3].iov_base = NULL;
	before = iter;
	KUNIT_EXPECT_EQ(test, -EFAULT,
			phyr_pin_iter(&t->phyr, &iter, SIZE_MAX, GFP_KERNEL));
	expect_nothing(test, &iter, &before);

	make_iovec(t, &iter, ITER_SOURCE);
	t->iov[3].iov_base = (void __user *)
		kunit_vm_mmap(test, NULL, 0, BYTES, PROT_READ | PROT_WRITE,
			      MAP_ANONYMOUS | MAP_PRIVATE, 0);
	iter.nofault = true;
	before = iter;
	KUNIT_EXPECT_EQ(test, -EFAULT,
			phyr_pin_iter(&t->phyr, &iter, SIZE_MAX, GFP_KERNEL));
	expect_nothing(test, &iter, &before);

	iov_iter_discard(&iter, ITER_DEST, PAGE_SIZE);
	before = iter;
	KUNIT_EXPECT_EQ(test, -EFAULT,
			phyr_pin_iter(&t->phyr, &iter, SIZE_MAX, GFP_KERNEL));
	expect_nothing(test, &iter, &before);
}

/* --- kernel addresses ------------------------------------------------------ */

static u8 module_memory[3 * PAGE_SIZE];

static void expect_listed(struct kunit *test, u8 *mem, size_t len)
{
	struct iter_test *t = test->priv;

	for (size_t i = 0; i < len; i++)
		mem[i] = i * 7;
	KUNIT_ASSERT_EQ(test, 0,
			phyr_append_kernel(&t->phyr, mem, len, GFP_KERNEL));
	KUNIT_ASSERT_EQ(test, len, phyr_bytes(&t->phyr));
	KUNIT_ASSERT_EQ(test, len,
			phyr_copy_to_buffer(&t->phyr, t->got, len, 0));
	KUNIT_EXPECT_MEMEQ(test, mem, t->got, len);
	phyr_destroy(&t->phyr);
}

static void kernel_addresses(struct kunit *test)
{
	struct iter_test *t = test->priv;
	u8 *mem = kunit_kmalloc(test, 3 * PAGE_SIZE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, mem);
	expect_listed(test, mem, 3 * PAGE_SIZE);
	expect_listed(test, mem + 5, 2 * PAGE_SIZE + 1);
	KUNIT_ASSERT_EQ(test, 0, phyr_append_kernel(&t->phyr, mem, 3 * PAGE_SIZE,
						    GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, phyr_nr_ranges(&t->phyr), 1);
	phyr_destroy(&t->phyr);

	expect_listed(test, t->mem, BYTES);
	expect_listed(test, t->mem + 5, 7 * PAGE_SIZE + 1);
	expect_listed(test, t->mem + BYTES - 1, 1);
	/* Built in, it isn't in the part of memory that all architectures list. */
	if (is_vmalloc_or_module_addr(module_memory) ||
	    virt_addr_valid(&module_memory[0]))
		expect_listed(test, module_memory + 3, 2 * PAGE_SIZE);
}

static void expect_refused(struct kunit *test, const void *addr, size_t len)
{
	struct iter_test *t = test->priv;

	KUNIT_EXPECT_EQ(test, -EINVAL,
			phyr_append_kernel(&t->phyr, addr, len, GFP_KERNEL));
	KUNIT_EXPECT_TRUE(test, phyr_empty(&t->phyr));
}

static void vunmap_mem(void *mem)
{
	vunmap(mem);
}

/* What looks like coherent memory that has an address of its own. */
static void *map_as_coherent(struct kunit *test)
{
	struct iter_test *t = test->priv;
	struct page *page = vmalloc_to_page(t->mem);
	void *mem;

	if (!IS_ENABLED(CONFIG_MMU))
		return NULL;
	mem = vmap(&page, 1, VM_MAP | VM_DMA_COHERENT, PAGE_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, mem);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, vunmap_mem, mem));
	return mem;
}

static void bad_kernel_addresses(struct kunit *test)
{
	struct iter_test *t = test->priv;
	u8 on_stack[8];

	OPTIMIZER_HIDE_VAR(t);
	expect_refused(test, t->mem, 0);
	expect_refused(test, on_stack, sizeof(on_stack));
	expect_refused(test, NULL, PAGE_SIZE);
	/* Elsewhere it may be an address of the kernel's, too. */
	if (IS_ENABLED(CONFIG_ARCH_HAS_NON_OVERLAPPING_ADDRESS_SPACE))
		expect_refused(test, (void *)t->addr, PAGE_SIZE);
	/* The page after the last one isn't mapped. */
	expect_refused(test, t->mem, BYTES + 1);
	expect_refused(test, t->mem + BYTES, 1);
	expect_refused(test, map_as_coherent(test), PAGE_SIZE);
}

static struct kunit_case iter_cases[] = {
	KUNIT_CASE_PARAM(iterators, iter_kind_gen_params),
	KUNIT_CASE_PARAM(iterator_allocation_failures, iter_kind_gen_params),
	KUNIT_CASE(iterator_directions),
	KUNIT_CASE(iterator_holes),
	KUNIT_CASE(kernel_addresses),
	KUNIT_CASE(bad_kernel_addresses),
	{ }
};

static struct kunit_suite iter_suite = {
	.name = "phyr_iter",
	.init = iter_init,
	.exit = iter_exit,
	.test_cases = iter_cases,
};

kunit_test_suite(iter_suite);
