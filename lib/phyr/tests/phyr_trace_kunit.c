// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of physical-range lists: tracepoints.
 */

#include <linux/file.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/module.h>
#include <linux/shmem_fs.h>
#include <trace/events/phyr.h>

#include "phyr_model.h"

MODULE_IMPORT_NS("EXPORTED_FOR_KUNIT_TESTING");

#define PAGES	600

/* What the probes saw last, and how often. */
struct trace_test {
	struct phyr		phyr;
	unsigned long		addr;
	unsigned int		pins;
	unsigned int		unpins;
	const struct phyr	*seen;
	u64			seen_addr;
	u64			bytes;
	u64			pages;
	u64			ranges;
	bool			dirty;
	int			error;
};

static void probe_pin(void *data, const struct phyr *phyr, u64 addr, u64 bytes,
		      u64 ranges, int error)
{
	struct trace_test *t = data;

	t->pins++;
	t->seen = phyr;
	t->seen_addr = addr;
	t->bytes = bytes;
	t->ranges = ranges;
	t->error = error;
}

static void probe_unpin(void *data, const struct phyr *phyr, u64 pages,
			u64 ranges, bool dirty)
{
	struct trace_test *t = data;

	t->unpins++;
	t->seen = phyr;
	t->pages = pages;
	t->ranges = ranges;
	t->dirty = dirty;
}

static void remove_probes(void *data)
{
	unregister_trace_phyr_pin(probe_pin, data);
	unregister_trace_phyr_pin_memfd(probe_pin, data);
	unregister_trace_phyr_unpin(probe_unpin, data);
	tracepoint_synchronize_unregister();
}

static int probes_init(struct kunit *test)
{
	struct trace_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	test->priv = t;
	KUNIT_ASSERT_EQ(test, 0, kunit_attach_mm());
	t->addr = kunit_vm_mmap(test, NULL, 0, PAGES * PAGE_SIZE,
				PROT_READ | PROT_WRITE,
				MAP_ANONYMOUS | MAP_PRIVATE, 0);
	KUNIT_ASSERT_NE(test, t->addr, 0);

	KUNIT_ASSERT_EQ(test, 0, register_trace_phyr_pin(probe_pin, t));
	KUNIT_ASSERT_EQ(test, 0, register_trace_phyr_pin_memfd(probe_pin, t));
	KUNIT_ASSERT_EQ(test, 0, register_trace_phyr_unpin(probe_unpin, t));
	return kunit_add_action_or_reset(test, remove_probes, t);
}

static void probes_exit(struct kunit *test)
{
	struct trace_test *t = test->priv;

	if (t)
		phyr_destroy(&t->phyr);
}

static int pin(struct trace_test *t, size_t offset, size_t len)
{
	return phyr_pin_user(&t->phyr, t->addr + offset, len, FOLL_WRITE,
			     GFP_KERNEL);
}

static void expect_pin(struct kunit *test, size_t offset, size_t len,
		       u64 ranges, int error)
{
	struct trace_test *t = test->priv;

	KUNIT_EXPECT_EQ(test, t->pins, 1);
	KUNIT_EXPECT_PTR_EQ(test, t->seen, &t->phyr);
	KUNIT_EXPECT_EQ(test, t->seen_addr, t->addr + offset);
	KUNIT_EXPECT_EQ(test, t->bytes, len);
	KUNIT_EXPECT_EQ(test, t->ranges, ranges);
	KUNIT_EXPECT_EQ(test, t->error, error);
	t->pins = 0;
}

static void expect_unpin(struct kunit *test, u64 pages, u64 ranges, bool dirty)
{
	struct trace_test *t = test->priv;

	KUNIT_EXPECT_EQ(test, t->unpins, 1);
	KUNIT_EXPECT_PTR_EQ(test, t->seen, &t->phyr);
	KUNIT_EXPECT_EQ(test, t->pages, pages);
	KUNIT_EXPECT_EQ(test, t->ranges, ranges);
	KUNIT_EXPECT_EQ(test, t->dirty, dirty);
	t->unpins = 0;
}

static void trace_pin_and_unpin(struct kunit *test)
{
	struct trace_test *t = test->priv;
	u64 first, all;

	KUNIT_ASSERT_EQ(test, 0, pin(t, 5, 20 * PAGE_SIZE));
	first = phyr_nr_ranges(&t->phyr);
	expect_pin(test, 5, 20 * PAGE_SIZE, first, 0);
	KUNIT_ASSERT_EQ(test, 0, pin(t, 0, 2 * PAGE_SIZE));
	all = phyr_nr_ranges(&t->phyr);
	expect_pin(test, 0, 2 * PAGE_SIZE, all - first, 0);
	KUNIT_EXPECT_EQ(test, t->unpins, 0);

	phyr_destroy_dirty(&t->phyr, true);
	expect_unpin(test, 23, all, true);
	KUNIT_EXPECT_EQ(test, t->pins, 0);
}

/* What is dropped, not what is left. */
static void trace_truncate(struct kunit *test)
{
	struct trace_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, 0, phyr_append(&t->phyr, SZ_1M, 10, GFP_KERNEL));
	KUNIT_ASSERT_EQ(test, 0, pin(t, 0, PAGE_SIZE));
	KUNIT_ASSERT_EQ(test, 0, pin(t, 0, PAGE_SIZE));
	phyr_truncate(&t->phyr, 10 + PAGE_SIZE);
	expect_unpin(test, 1, 1, false);
	phyr_truncate(&t->phyr, 10 + PAGE_SIZE / 2);
	KUNIT_EXPECT_EQ(test, t->unpins, 0);
	phyr_destroy(&t->phyr);
	expect_unpin(test, 1, 1, false);
}

/* The second batch has the hole; the first is undone. */
static void trace_failed_pin(struct kunit *test)
{
	struct trace_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, 0, vm_munmap(t->addr + 550 * PAGE_SIZE,
					   PAGE_SIZE));
	KUNIT_ASSERT_EQ(test, 0, pin(t, 0, 3 * PAGE_SIZE));
	t->pins = 0;
	KUNIT_EXPECT_EQ(test, -EFAULT, pin(t, PAGE_SIZE, 590 * PAGE_SIZE));
	expect_pin(test, PAGE_SIZE, 590 * PAGE_SIZE, 0, -EFAULT);
	KUNIT_EXPECT_EQ(test, t->unpins, 1);
	KUNIT_EXPECT_GE(test, t->pages, 512);
	t->unpins = 0;

	/* Nothing was pinned, and nothing is unpinned. */
	KUNIT_EXPECT_EQ(test, -EFAULT, pin(t, 550 * PAGE_SIZE, PAGE_SIZE));
	expect_pin(test, 550 * PAGE_SIZE, PAGE_SIZE, 0, -EFAULT);
	KUNIT_EXPECT_EQ(test, t->unpins, 0);
}

static void put_file(void *file)
{
	fput(file);
}

static void trace_memfd(struct kunit *test)
{
	struct file *file = shmem_file_setup("phyr", SZ_1M, EMPTY_VMA_FLAGS);
	struct trace_test *t = test->priv;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, put_file, file));
	if (phyr_pin_memfd(&t->phyr, file, 77, 3 * PAGE_SIZE, GFP_KERNEL))
		kunit_skip(test, "needs MEMFD_CREATE");
	t->addr = 0;
	expect_pin(test, 77, 3 * PAGE_SIZE, phyr_nr_ranges(&t->phyr), 0);

	KUNIT_EXPECT_EQ(test, -EINVAL,
			phyr_pin_memfd(&t->phyr, file, SZ_1M, 1, GFP_KERNEL));
	expect_pin(test, SZ_1M, 1, 0, -EINVAL);
}

static void trace_no_pins(struct kunit *test)
{
	struct trace_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, 0, phyr_append(&t->phyr, SZ_1M, 10, GFP_KERNEL));
	phyr_destroy_dirty(&t->phyr, false);
	KUNIT_EXPECT_EQ(test, t->pins + t->unpins, 0);
}

static struct kunit_case trace_cases[] = {
	KUNIT_CASE(trace_pin_and_unpin),
	KUNIT_CASE(trace_truncate),
	KUNIT_CASE(trace_failed_pin),
	KUNIT_CASE(trace_memfd),
	KUNIT_CASE(trace_no_pins),
	{ }
};

static struct kunit_suite trace_suite = {
	.name = "phyr_trace",
	.init = probes_init,
	.exit = probes_exit,
	.test_cases = trace_cases,
};

kunit_test_suite(trace_suite);
