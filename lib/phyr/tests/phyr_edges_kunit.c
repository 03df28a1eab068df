// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of physical-range lists: pinning, listing by iterators and by kernel
 * addresses at the edges.
 */

#include <linux/bvec.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/folio_queue.h>
#include <linux/fs.h>
#include <linux/gup_ranges.h>
#include <linux/hash.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include <linux/vmalloc.h>
#include <linux/vmstat.h>
#include <linux/xarray.h>

#include "../stats.h"
#include "phyr_model.h"

MODULE_IMPORT_NS("EXPORTED_FOR_KUNIT_TESTING");

#define PAGES	1300

struct edges_test {
	struct phyr	phyr;
	struct page	*folio;			/* of 16 pages */
	struct page	*single;
	struct page	*pages[PAGES];		/* mapped at @addr */
	size_t		nr_pages;
	unsigned long	addr;
	long		out;			/* pins before */
	s64		before[PHYR_NR_TOTALS];
};

/* With what processors have not added to it yet. */
static long node_stat(enum node_stat_item item)
{
	long nr = global_node_page_state_pages(item);

#ifdef CONFIG_SMP
	int cpu;

	for_each_online_cpu(cpu)
		nr += per_cpu_ptr(first_online_pgdat()->per_cpu_nodestats,
				  cpu)->vm_node_stat_diff[item];
#endif
	return nr;
}

/* Pins that nobody has dropped. */
static long pins_out(void)
{
	return node_stat(NR_FOLL_PIN_ACQUIRED) - node_stat(NR_FOLL_PIN_RELEASED);
}

static void put_pages_of(void *arg)
{
	struct edges_test *t = arg;

	if (t->folio)
		put_page(t->folio);
	if (t->single)
		put_page(t->single);
}

static int edges_init(struct kunit *test)
{
	struct edges_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	test->priv = t;
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, put_pages_of, t));
	t->folio = alloc_pages(GFP_KERNEL | __GFP_COMP, 4);
	t->single = alloc_page(GFP_KERNEL);
	KUNIT_ASSERT_TRUE(test, t->folio && t->single);
	KUNIT_ASSERT_EQ(test, 0, kunit_attach_mm());
	t->out = pins_out();
	for (unsigned int i = 0; i < PHYR_NR_TOTALS; i++)
		t->before[i] = phyr_total(i);
	return 0;
}

static void edges_exit(struct kunit *test)
{
	struct edges_test *t = test->priv;

	phyr_test_fail_end();
	if (!t)
		return;
	phyr_destroy(&t->phyr);
	KUNIT_EXPECT_EQ(test, pins_out(), t->out);
	for (unsigned int i = 0; i < PHYR_NR_TOTALS; i++)
		KUNIT_EXPECT_EQ_MSG(test, phyr_total(i), t->before[i],
				    "total %u", i);
}

static void map_pages(struct kunit *test)
{
	struct edges_test *t = test->priv;

	t->addr = phyr_map_pages(test, t->pages, t->nr_pages);
}

/* The folio's pages in order, @times over, with a single page in between. */
static void map_folio(struct kunit *test, unsigned int times)
{
	struct edges_test *t = test->priv;

	t->nr_pages = 0;
	while (times--) {
		for (unsigned int i = 0; i < 16; i++)
			t->pages[t->nr_pages++] = t->folio + i;
		if (times)
			t->pages[t->nr_pages++] = t->single;
	}
	map_pages(test);
}

static unsigned long map_anon(struct kunit *test, size_t size, int prot)
{
	unsigned long addr = kunit_vm_mmap(test, NULL, 0, size, prot,
					   MAP_ANONYMOUS | MAP_PRIVATE, 0);

	KUNIT_ASSERT_NE(test, addr, 0);
	KUNIT_ASSERT_LT(test, addr, TASK_SIZE);
	return addr;
}

static void save(const struct phyr *phyr, struct phyr_range *ranges, size_t *nr)
{
	struct phyr_range range;

	*nr = 0;
	phyr_for_each_range(phyr, range)
		ranges[(*nr)++] = range;
}

static void expect_same(struct kunit *test, const struct phyr *phyr,
			const struct phyr_range *ranges, size_t nr)
{
	struct phyr_range range;
	size_t i = 0;
	u64 bytes = 0;

	phyr_for_each_range(phyr, range) {
		KUNIT_ASSERT_LT(test, i, nr);
		KUNIT_EXPECT_EQ(test, range.phys, ranges[i].phys);
		KUNIT_EXPECT_EQ(test, range.len, ranges[i].len);
		KUNIT_EXPECT_EQ(test, range.flags, ranges[i].flags);
		bytes += range.len;
		i++;
	}
	KUNIT_EXPECT_EQ(test, i, nr);
	KUNIT_EXPECT_EQ(test, bytes, phyr_bytes(phyr));
	KUNIT_EXPECT_EQ(test, nr, phyr_nr_ranges(phyr));
}

static int pin(struct edges_test *t, size_t first, size_t nr, gfp_t gfp)
{
	return phyr_pin_user(&t->phyr, t->addr + first * PAGE_SIZE,
			     nr * PAGE_SIZE, FOLL_WRITE, gfp);
}

/* --- what the list held already --- */

/* The newest range goes on in what fails: it must be cut where it was. */
static void undo_inside_a_range(struct kunit *test)
{
	struct edges_test *t = test->priv;
	struct phyr_range ranges[8];
	size_t nr;

	map_folio(test, 1);
	for (size_t head = 1; head < 16; head++) {
		long out = pins_out();

		KUNIT_ASSERT_EQ(test, 0, pin(t, 0, head, GFP_KERNEL));
		save(&t->phyr, ranges, &nr);
		KUNIT_EXPECT_EQ(test, -EFAULT, pin(t, head, 17 - head, GFP_KERNEL));
		expect_same(test, &t->phyr, ranges, nr);
		KUNIT_EXPECT_EQ(test, phyr_page_pins(t->folio), head);
		KUNIT_EXPECT_EQ(test, pins_out() - out, head);
		phyr_destroy_dirty(&t->phyr, true);
		KUNIT_EXPECT_EQ(test, phyr_page_pins(t->folio), 0);
		KUNIT_EXPECT_EQ(test, pins_out(), out);
	}
}

/* Pages that two calls share, and the second fails. */
static void undo_inside_a_page(struct kunit *test)
{
	struct edges_test *t = test->priv;
	struct phyr_range ranges[8];
	size_t nr;

	map_folio(test, 1);
	for (size_t cut = 1; cut < 3 * PAGE_SIZE; cut += PAGE_SIZE / 4 - 1) {
		KUNIT_ASSERT_EQ(test, 0, phyr_pin_user(&t->phyr, t->addr, cut,
						       FOLL_WRITE, GFP_KERNEL));
		save(&t->phyr, ranges, &nr);
		KUNIT_EXPECT_EQ(test, -EFAULT,
				phyr_pin_user(&t->phyr, t->addr + cut,
					      16 * PAGE_SIZE, FOLL_WRITE,
					      GFP_KERNEL));
		expect_same(test, &t->phyr, ranges, nr);
		KUNIT_EXPECT_EQ(test, phyr_page_pins(t->folio), PFN_UP(cut));
		KUNIT_EXPECT_EQ(test, 0,
				phyr_pin_user(&t->phyr, t->addr + cut, 10,
					      FOLL_WRITE, GFP_KERNEL));
		phyr_destroy(&t->phyr);
		KUNIT_EXPECT_EQ(test, phyr_page_pins(t->folio), 0);
	}
}

/* Every allocation fails once, on top of every kind of list. */
static void make_before(struct kunit *test, unsigned int kind)
{
	struct edges_test *t = test->priv;

	switch (kind) {
	case 1:
		KUNIT_ASSERT_EQ(test, 0, pin(t, 0, 3, GFP_KERNEL));
		break;
	case 2:
		KUNIT_ASSERT_EQ(test, 0, phyr_append_mmio(&t->phyr, SZ_1M, SZ_4K,
							  NULL, GFP_KERNEL));
		break;
	case 3:
		KUNIT_ASSERT_EQ(test, 0, pin(t, 1, 200, GFP_KERNEL));
		break;
	case 4:
		KUNIT_ASSERT_EQ(test, 0, pin(t, 1, 200, GFP_KERNEL));
		KUNIT_ASSERT_EQ(test, 0, phyr_append_mmio(&t->phyr, SZ_1M, SZ_4K,
							  NULL, GFP_KERNEL));
		break;
	case 5:
		KUNIT_ASSERT_EQ(test, 0, phyr_reserve(&t->phyr, 10, GFP_KERNEL));
		break;
	case 6:
		KUNIT_ASSERT_EQ(test, 0, phyr_reserve(&t->phyr, 600, GFP_KERNEL));
		break;
	case 7:
		KUNIT_ASSERT_EQ(test, 0, pin(t, 0, 1, GFP_KERNEL));
		KUNIT_ASSERT_EQ(test, 0, pin(t, 3, 1, GFP_KERNEL));
		KUNIT_ASSERT_EQ(test, 0, pin(t, 0, 1, GFP_KERNEL));
		break;
	}
}

static void fail_everywhere(struct kunit *test)
{
	struct edges_test *t = test->priv;
	struct phyr_range *ranges = kunit_kcalloc(test, 2 * PAGES,
						  sizeof(*ranges), GFP_KERNEL);
	static const size_t lens[] = { 1, 2, 5, 17, 31, 32, 40, 300, 700 };

	KUNIT_ASSERT_NOT_NULL(test, ranges);
	t->nr_pages = 0;
	for (unsigned int i = 0; i < PAGES; i++)
		t->pages[t->nr_pages++] = i % 3 == 2 ? t->single :
					  t->folio + i * 5 % 16;
	map_pages(test);
	for (unsigned int kind = 0; kind < 8; kind++) {
		for (size_t l = 0; l < ARRAY_SIZE(lens); l++) {
			for (unsigned int nth = 1; nth < 50; nth++) {
				long out = pins_out();
				unsigned int left, flags;
				long mine;
				size_t nr;
				int ret;

				make_before(test, kind);
				mine = pins_out();
				save(&t->phyr, ranges, &nr);
				flags = phyr_flags(&t->phyr);
				phyr_test_fail_nth(test, nth);
				ret = pin(t, 2, lens[l], PHYR_TEST_GFP);
				left = phyr_test_fail_end();
				if (ret) {
					KUNIT_ASSERT_EQ(test, ret, -ENOMEM);
					expect_same(test, &t->phyr, ranges, nr);
					KUNIT_ASSERT_EQ(test, flags, phyr_flags(&t->phyr));
					KUNIT_ASSERT_EQ(test, pins_out(), mine);
				} else {
					KUNIT_ASSERT_EQ(test, pins_out(), mine + lens[l]);
				}
				phyr_destroy(&t->phyr);
				KUNIT_ASSERT_EQ(test, pins_out(), out);
				if (!ret && left)
					break;
			}
		}
	}
}

/* And every place of a hole. */
static void holes_everywhere(struct kunit *test)
{
	struct edges_test *t = test->priv;
	struct phyr_range *ranges = kunit_kcalloc(test, 2 * PAGES,
						  sizeof(*ranges), GFP_KERNEL);
	static const size_t lens[] = { 0, 1, 2, 5, 17, 30, 31, 32, 40, 300, 511,
				       512, 513, 700 };

	KUNIT_ASSERT_NOT_NULL(test, ranges);
	t->nr_pages = 0;
	for (unsigned int i = 0; i < PAGES; i++)
		t->pages[t->nr_pages++] = i % 7 == 2 ? t->single : t->folio + i % 16;
	map_pages(test);
	for (unsigned int kind = 0; kind < 8; kind++) {
		for (size_t l = 0; l < ARRAY_SIZE(lens); l++) {
			long out = pins_out(), mine;
			size_t nr;

			make_before(test, kind);
			mine = pins_out();
			save(&t->phyr, ranges, &nr);
			KUNIT_ASSERT_EQ(test, -EFAULT,
					pin(t, PAGES - lens[l], lens[l] + 1, GFP_KERNEL));
			expect_same(test, &t->phyr, ranges, nr);
			KUNIT_ASSERT_EQ(test, pins_out(), mine);
			/* The list can be used as before. */
			KUNIT_ASSERT_EQ(test, 0, pin(t, 5, 40, GFP_KERNEL));
			KUNIT_ASSERT_EQ(test, pins_out(), mine + 40);
			phyr_truncate(&t->phyr, phyr_bytes(&t->phyr) - 40 * PAGE_SIZE);
			expect_same(test, &t->phyr, ranges, nr);
			phyr_destroy(&t->phyr);
			KUNIT_ASSERT_EQ(test, pins_out(), out);
		}
	}
}

/* A list that is nearly as long as can be. */
static void too_long(struct kunit *test)
{
	struct edges_test *t = test->priv;
	u64 left = PHYR_BYTES_MAX - 3 * PAGE_SIZE;

	map_folio(test, 3);
	for (u64 len; left; left -= len) {
		len = min(left, PHYR_RANGE_MAX);
		if (phyr_append_mmio(&t->phyr, 0, len, NULL, GFP_KERNEL))
			kunit_skip(test, "no list is that long");
	}
	KUNIT_EXPECT_EQ(test, -ERANGE, pin(t, 0, 4, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, -ERANGE, pin(t, 0, 40, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, pins_out(), t->out);
	KUNIT_EXPECT_EQ(test, 0, pin(t, 15, 3, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, -ERANGE, pin(t, 0, 1, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, pins_out(), t->out + 3);
}

/* --- the same errno as from GUP --- */

static int pin_by_gup(unsigned long addr, size_t len, unsigned int gup_flags)
{
	unsigned long nr = PFN_UP(offset_in_page(addr) + len), done = 0;
	struct page *pages[16];

	/* What a driver of scatterlists does: all that is left is asked for. */
	while (done < nr) {
		long ret = pin_user_pages_fast((addr & PAGE_MASK) + done * PAGE_SIZE,
					       min(nr - done, 16), gup_flags, pages);

		if (ret <= 0)
			return ret ?: -EFAULT;
		unpin_user_pages(pages, ret);
		done += ret;
	}
	return 0;
}

static int pin_once_by_gup(unsigned long addr, size_t len, unsigned int gup_flags)
{
	unsigned long nr = PFN_UP(offset_in_page(addr) + len);
	struct page **pages = kvcalloc(min(nr, SZ_64K), sizeof(*pages), GFP_KERNEL);
	long ret;

	if (!pages)
		return -ENOMEM;
	ret = pin_user_pages_fast(addr & PAGE_MASK, nr, gup_flags, pages);
	if (ret > 0)
		unpin_user_pages(pages, ret);
	kvfree(pages);
	return ret < 0 ? ret : ret < nr ? -EFAULT : 0;
}

static void errnos(struct kunit *test)
{
	unsigned long ok = map_anon(test, 16 * PAGE_SIZE, PROT_READ | PROT_WRITE);
	unsigned long ro = map_anon(test, 16 * PAGE_SIZE, PROT_READ);
	unsigned long none = map_anon(test, 16 * PAGE_SIZE, PROT_NONE);
	const struct { unsigned long addr; size_t len; } in[] = {
		{ ok, 1 }, { ok + 1, 16 * PAGE_SIZE - 1 }, { ok, 16 * PAGE_SIZE + 1 },
		{ ro, 1 }, { ro + 4095, 2 }, { none, 1 }, { none + 15 * PAGE_SIZE, 1 },
		{ 0, 1 }, { 1, PAGE_SIZE }, { -1UL, 1 }, { -PAGE_SIZE, PAGE_SIZE },
		{ -PAGE_SIZE, 1 }, { -2 * PAGE_SIZE, PAGE_SIZE },
		{ -2 * PAGE_SIZE, 2 * PAGE_SIZE }, { -SZ_128M, SZ_128M },
		{ -SZ_128M - PAGE_SIZE, SZ_128M },
		{ -SZ_256M, SZ_256M }, { -SZ_256M + 1, SZ_256M - 1 },
		{ TASK_SIZE, PAGE_SIZE }, { TASK_SIZE - PAGE_SIZE, PAGE_SIZE + 1 },
		{ TASK_SIZE - 1, 1 }, { TASK_SIZE, 1 }, { TASK_SIZE - PAGE_SIZE, 1 },
		{ 1UL << (BITS_PER_LONG - 1), 1 },
	};
	static const unsigned int flags[] = {
		0, FOLL_WRITE, FOLL_WRITE | FOLL_FORCE, FOLL_FORCE, FOLL_NOFAULT,
		FOLL_WRITE | FOLL_NOFAULT, FOLL_HONOR_NUMA_FAULT,
	};
	struct edges_test *t = test->priv;

	for (size_t i = 0; i < ARRAY_SIZE(in); i++) {
		for (size_t f = 0; f < ARRAY_SIZE(flags); f++) {
			unsigned int gup_flags = flags[f] | FOLL_LONGTERM;
			int want = pin_once_by_gup(in[i].addr, in[i].len, gup_flags);
			int got;

			got = phyr_pin_user(&t->phyr, in[i].addr, in[i].len,
					    flags[f], GFP_KERNEL);
			KUNIT_EXPECT_EQ_MSG(test, want, got,
					    "%lx+%zx flags %x", in[i].addr,
					    in[i].len, flags[f]);
			phyr_destroy(&t->phyr);
			KUNIT_EXPECT_EQ(test, pins_out(), t->out);
		}
	}
	KUNIT_EXPECT_EQ(test, 0, pin_by_gup(ok, 16 * PAGE_SIZE, FOLL_LONGTERM));
}

static void remote_errnos(struct kunit *test)
{
	unsigned long ok = map_anon(test, 16 * PAGE_SIZE, PROT_READ | PROT_WRITE);
	const struct { unsigned long addr; size_t len; } in[] = {
		{ ok, 1 }, { ok + 1, 16 * PAGE_SIZE - 1 }, { ok, 16 * PAGE_SIZE + 1 },
		{ 0, 1 }, { -1UL, 1 }, { -PAGE_SIZE, PAGE_SIZE },
		{ -SZ_256M, SZ_256M }, { TASK_SIZE, 1 }, { TASK_SIZE - PAGE_SIZE, 1 },
		{ ok, SIZE_MAX }, { ok, -ok }, { 1, SIZE_MAX },
	};
	struct edges_test *t = test->priv;

	for (size_t i = 0; i < ARRAY_SIZE(in); i++) {
		KUNIT_EXPECT_EQ_MSG(test, i < 2 ? 0 : -EFAULT,
				    phyr_pin_remote(&t->phyr, current->mm, in[i].addr,
						    in[i].len, FOLL_WRITE, GFP_KERNEL),
				    "%lx+%zx", in[i].addr, in[i].len);
		phyr_destroy(&t->phyr);
		KUNIT_EXPECT_EQ(test, pins_out(), t->out);
	}
	KUNIT_EXPECT_EQ(test, -EINVAL, phyr_pin_remote(&t->phyr, current->mm, ok, 0,
						       0, GFP_KERNEL));
}

/* A process that is gone has no memory. */
static void remote_of_the_dead(struct kunit *test)
{
	struct edges_test *t = test->priv;
	struct mm_struct *mm = mm_alloc();

	KUNIT_ASSERT_NOT_NULL(test, mm);
	mmgrab(mm);
	mmput(mm);
	KUNIT_EXPECT_EQ(test, -EFAULT, phyr_pin_remote(&t->phyr, mm, SZ_1M, PAGE_SIZE,
						       FOLL_WRITE, GFP_KERNEL));
	mmdrop(mm);
}

/* Nothing but SIGKILL keeps memory from being pinned. */
static void other_signals(struct kunit *test)
{
	struct edges_test *t = test->priv;
	int ret;

	t->addr = map_anon(test, 600 * PAGE_SIZE, PROT_READ | PROT_WRITE);
	sigaddset(&current->pending.signal, SIGUSR1);
	set_thread_flag(TIF_SIGPENDING);
	ret = pin(t, 0, 600, GFP_KERNEL);
	sigdelset(&current->pending.signal, SIGUSR1);
	clear_thread_flag(TIF_SIGPENDING);
	KUNIT_EXPECT_EQ(test, 0, ret);
	KUNIT_EXPECT_EQ(test, pins_out(), t->out + 600);
}

/* A mapping without pages, in the middle. */
static int pfn_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct edges_test *t = file->private_data;

	return remap_pfn_range(vma, vma->vm_start, page_to_pfn(t->folio),
			       vma->vm_end - vma->vm_start, vma->vm_page_prot);
}

static const struct file_operations pfn_fops = {
	.mmap = pfn_mmap,
};

static void pfn_maps(struct kunit *test)
{
	unsigned long addr = map_anon(test, 1200 * PAGE_SIZE, PROT_READ | PROT_WRITE);
	struct edges_test *t = test->priv;
	struct file *file = phyr_test_file(test, &pfn_fops, t);
	unsigned int at[] = { 1199, 1100, 512, 511, 33, 31, 3, 0 };

	for (size_t i = 0; i < ARRAY_SIZE(at); i++) {
		unsigned long page = addr + at[i] * PAGE_SIZE;

		KUNIT_ASSERT_EQ(test, page,
				vm_mmap(file, page, PAGE_SIZE, PROT_READ | PROT_WRITE,
					MAP_SHARED | MAP_FIXED, 0));
		KUNIT_EXPECT_EQ(test, -EFAULT,
				phyr_pin_user(&t->phyr, addr + 1, 1200 * PAGE_SIZE - 1,
					      FOLL_WRITE, GFP_KERNEL));
		KUNIT_EXPECT_TRUE(test, phyr_empty(&t->phyr));
		KUNIT_EXPECT_EQ(test, pins_out(), t->out);
	}
	KUNIT_EXPECT_EQ(test, 1, page_ref_count(t->folio));
}

/* --- beside GUP, on large folios --- */

/* Of 512 pages each: others have too few to cut, or are larger than memory. */
#ifdef CONFIG_TRANSPARENT_HUGEPAGE
static void need_huge(struct kunit *test)
{
	if (!has_transparent_hugepage() || HPAGE_PMD_NR != 512)
		kunit_skip(test, "needs huge pages of 512 pages");
}

static unsigned long map_huge(struct kunit *test, size_t size)
{
	unsigned long addr = map_anon(test, size + HPAGE_PMD_SIZE, PROT_READ | PROT_WRITE);

	addr = ALIGN(addr, HPAGE_PMD_SIZE);
	mm_flags_clear(MMF_DISABLE_THP_COMPLETELY, current->mm);
	mmap_write_lock(current->mm);
	vm_flags_set(find_vma(current->mm, addr), VM_HUGEPAGE);
	mmap_write_unlock(current->mm);
	for (size_t i = 0; i < size; i += PAGE_SIZE)
		KUNIT_ASSERT_EQ(test, 0, put_user(1, (u8 __user *)(addr + i)));
	return addr;
}

/* The same result, pages and counts as from GUP. */
static void beside_gup(struct kunit *test, unsigned long addr, size_t nr,
		       unsigned int gup_flags)
{
	struct page **pages = kvcalloc(nr, sizeof(*pages), GFP_KERNEL), *page;
	u32 *pins = kvcalloc(nr, sizeof(*pins), GFP_KERNEL);
	struct edges_test *t = test->priv;
	unsigned long done = 0, i = 0;
	long out = pins_out();
	int want = 0, got;

	KUNIT_ASSERT_TRUE(test, pages && pins);
	while (done < nr && !want) {
		long ret = pin_user_pages_fast(addr + done * PAGE_SIZE, nr - done,
					       gup_flags | FOLL_LONGTERM, pages + done);

		if (ret > 0)
			done += ret;
		else
			want = ret ?: -EFAULT;
	}
	for (i = 0; i < done; i++)
		pins[i] = phyr_page_pins(pages[i]);
	unpin_user_pages(pages, done);
	got = phyr_pin_user(&t->phyr, addr, nr * PAGE_SIZE, gup_flags, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, want, got);
	i = 0;
	if (!got && !want) {
		phyr_for_each_page(&t->phyr, page) {
			KUNIT_ASSERT_LT(test, i, done);
			KUNIT_ASSERT_PTR_EQ(test, page, pages[i]);
			KUNIT_ASSERT_EQ(test, phyr_page_pins(page), pins[i]);
			i++;
		}
		KUNIT_EXPECT_EQ(test, i, nr);
		KUNIT_EXPECT_EQ(test, pins_out(), out + nr);
	}
	phyr_destroy(&t->phyr);
	KUNIT_EXPECT_EQ(test, pins_out(), out);
	kvfree(pages);
	kvfree(pins);
}

/* All parts of what is mapped there, near the edges that it has. */
static void parts_beside_gup(struct kunit *test, unsigned long addr, size_t nr,
			     const unsigned int *edges, size_t nr_edges)
{
	for (size_t a = 0; a < nr_edges; a++) {
		for (size_t b = a; b < nr_edges; b++) {
			for (int d = -2; d < 3; d++) {
				long first = (long)edges[a] + d;
				long last = (long)edges[b] - d / 2 + 1;

				if (first < 0 || last <= first || last > nr)
					continue;
				beside_gup(test, addr + first * PAGE_SIZE, last - first, 0);
				beside_gup(test, addr + first * PAGE_SIZE, last - first,
					   FOLL_WRITE);
			}
		}
	}
}

/* Another page there. */
static void map_again(struct kunit *test, unsigned long addr)
{
	KUNIT_ASSERT_EQ(test, addr,
			vm_mmap(NULL, addr, PAGE_SIZE, PROT_READ | PROT_WRITE,
				MAP_ANONYMOUS | MAP_PRIVATE | MAP_FIXED, 0));
}

static void huge_partly_unmapped(struct kunit *test)
{
	static const unsigned int edges[] = { 0, 1, 100, 101, 300, 320, 511, 512, 700,
					      1023, 1024, 1500 };
	const size_t nr = 3 * HPAGE_PMD_NR;
	unsigned long addr;

	need_huge(test);
	addr = map_huge(test, nr * PAGE_SIZE);
	parts_beside_gup(test, addr, nr, edges, ARRAY_SIZE(edges));
	/* Another page in the middle of the first folio. */
	map_again(test, addr + 100 * PAGE_SIZE);
	KUNIT_ASSERT_EQ(test, 0, put_user(1, (u8 __user *)(addr + 100 * PAGE_SIZE)));
	parts_beside_gup(test, addr, nr, edges, ARRAY_SIZE(edges));
	/* A part to be read only. */
	KUNIT_ASSERT_EQ(test, addr + 700 * PAGE_SIZE,
			vm_mmap(NULL, addr + 700 * PAGE_SIZE, PAGE_SIZE, PROT_READ,
				MAP_ANONYMOUS | MAP_PRIVATE | MAP_FIXED, 0));
	parts_beside_gup(test, addr, nr, edges, ARRAY_SIZE(edges));
	/* And a hole. */
	KUNIT_ASSERT_EQ(test, 0, vm_munmap(addr + 300 * PAGE_SIZE, 20 * PAGE_SIZE));
	parts_beside_gup(test, addr, nr, edges, ARRAY_SIZE(edges));
}

/* In the slow way, which is another process's, by a huge page's entry. */
static void huge_by_remote(struct kunit *test)
{
	struct edges_test *t = test->priv;
	unsigned long addr;

	need_huge(test);
	addr = map_huge(test, 2 * HPAGE_PMD_SIZE);
	for (unsigned int i = 0; i < 2 * HPAGE_PMD_NR; i += 97) {
		for (unsigned int nr = 1; nr <= 2 * HPAGE_PMD_NR - i; nr += nr) {
			struct page *page, *mapped;
			unsigned long at = addr + i * PAGE_SIZE;

			KUNIT_ASSERT_EQ(test, 0, phyr_pin_remote(&t->phyr, current->mm, at,
								 nr * PAGE_SIZE, FOLL_WRITE,
								 GFP_KERNEL));
			KUNIT_ASSERT_EQ(test, pins_out(), t->out + nr);
			phyr_for_each_page(&t->phyr, page) {
				KUNIT_ASSERT_EQ(test, 1, get_user_pages_fast(at, 1, 0, &mapped));
				put_page(mapped);
				KUNIT_ASSERT_PTR_EQ(test, page, mapped);
				at += PAGE_SIZE;
			}
			phyr_destroy(&t->phyr);
			KUNIT_ASSERT_EQ(test, pins_out(), t->out);
		}
	}
}

/* On top of a THP that is in the list in part. */
static void undo_inside_huge(struct kunit *test)
{
	struct edges_test *t = test->priv;
	struct phyr_range ranges[8];
	size_t nr;

	need_huge(test);
	t->addr = map_huge(test, 2 * HPAGE_PMD_SIZE);
	KUNIT_ASSERT_EQ(test, 0, vm_munmap(t->addr + HPAGE_PMD_SIZE, PAGE_SIZE));
	for (unsigned int head = 1; head < HPAGE_PMD_NR; head += 37) {
		long out = pins_out();

		KUNIT_ASSERT_EQ(test, 0, pin(t, 0, head, GFP_KERNEL));
		save(&t->phyr, ranges, &nr);
		KUNIT_EXPECT_EQ(test, -EFAULT,
				pin(t, head, HPAGE_PMD_NR + 1 - head, GFP_KERNEL));
		expect_same(test, &t->phyr, ranges, nr);
		KUNIT_EXPECT_EQ(test, pins_out() - out, head);
		for (unsigned int nth = 1; nth < 10; nth++) {
			int ret;

			phyr_test_fail_nth(test, nth);
			ret = pin(t, head / 2, HPAGE_PMD_NR - head / 2, PHYR_TEST_GFP);
			phyr_test_fail_end();
			if (!ret)
				break;
			KUNIT_ASSERT_EQ(test, -ENOMEM, ret);
			expect_same(test, &t->phyr, ranges, nr);
			KUNIT_EXPECT_EQ(test, pins_out() - out, head);
		}
		phyr_destroy_dirty(&t->phyr, true);
		KUNIT_EXPECT_EQ(test, pins_out(), out);
	}
}
#else
static void huge_partly_unmapped(struct kunit *test)
{
	kunit_skip(test, "needs TRANSPARENT_HUGEPAGE");
}

static void huge_by_remote(struct kunit *test)
{
	kunit_skip(test, "needs TRANSPARENT_HUGEPAGE");
}

static void undo_inside_huge(struct kunit *test)
{
	kunit_skip(test, "needs TRANSPARENT_HUGEPAGE");
}
#endif

/* --- shared with a child --- */

struct fork_child {
	struct completion	stop;
	struct completion	gone;
};

static int child_waits(void *arg)
{
	struct fork_child *child = arg;

	wait_for_completion(&child->stop);
	complete(&child->gone);
	do_exit(0);
	return 0;
}

static void fork_child(struct kunit *test, struct fork_child *child)
{
	struct kernel_clone_args args = {
		.fn = child_waits,
		.fn_arg = child,
	};

	init_completion(&child->stop);
	init_completion(&child->gone);
	KUNIT_ASSERT_GT(test, kernel_clone(&args), 0);
}

static void end_child(struct fork_child *child)
{
	complete(&child->stop);
	wait_for_completion(&child->gone);
}

static void expect_exclusive(struct kunit *test, const struct phyr *phyr)
{
	unsigned int shared = 0;
	struct page *page;

	phyr_for_each_page(phyr, page)
		shared += folio_test_anon(page_folio(page)) && !PageAnonExclusive(page);
	KUNIT_EXPECT_EQ(test, shared, 0);
}

/* The list's pages are those that are mapped, and nobody else's. */
static void expect_mapped(struct kunit *test, const struct phyr *phyr, unsigned long addr)
{
	unsigned int wrong = 0;
	struct page *page, *mapped;

	phyr_for_each_page(phyr, page) {
		KUNIT_ASSERT_EQ(test, 1, get_user_pages_fast(addr, 1, 0, &mapped));
		wrong += page != mapped;
		put_page(mapped);
		addr += PAGE_SIZE;
	}
	KUNIT_EXPECT_EQ(test, wrong, 0);
}

static void pin_beside_child(struct kunit *test, unsigned long addr, size_t nr,
			     unsigned int gup_flags, unsigned int stride)
{
	struct edges_test *t = test->priv;
	struct fork_child child, more;
	long out = pins_out();

	fork_child(test, &child);
	for (size_t i = 0; stride && i < nr; i += stride)
		KUNIT_ASSERT_EQ(test, 0, put_user(2, (u8 __user *)(addr + i * PAGE_SIZE)));
	KUNIT_ASSERT_EQ(test, 0, phyr_pin_user(&t->phyr, addr, nr * PAGE_SIZE, gup_flags,
					       GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, pins_out(), out + nr);
	expect_exclusive(test, &t->phyr);
	expect_mapped(test, &t->phyr, addr);
	end_child(&child);

	/* What is pinned isn't shared with the next one. */
	fork_child(test, &more);
	expect_exclusive(test, &t->phyr);
	for (size_t i = 0; i < nr; i += 3)
		KUNIT_ASSERT_EQ(test, 0, put_user(3, (u8 __user *)(addr + i * PAGE_SIZE)));
	expect_mapped(test, &t->phyr, addr);
	phyr_destroy_dirty(&t->phyr, gup_flags & FOLL_WRITE);
	end_child(&more);
	KUNIT_EXPECT_EQ(test, pins_out(), out);
}

/* Of a large folio that was shared, some pages are exclusive again, and read only. */
static void partly_exclusive(struct kunit *test)
{
#ifdef CONFIG_TRANSPARENT_HUGEPAGE
	static const unsigned int strides[] = { 2, 3, 17, 100 };
	struct edges_test *t = test->priv;
	struct fork_child child;
	struct page *page;

	need_huge(test);
	for (size_t i = 0; i < ARRAY_SIZE(strides); i++) {
		unsigned long addr = map_huge(test, HPAGE_PMD_SIZE);

		KUNIT_ASSERT_EQ(test, 0, vm_munmap(addr + 500 * PAGE_SIZE, PAGE_SIZE));
		fork_child(test, &child);
		end_child(&child);
		msleep(50);
		for (size_t k = 0; k < 500; k += strides[i]) {
			KUNIT_ASSERT_EQ(test, 1, pin_user_pages_fast(addr + k * PAGE_SIZE, 1,
								     FOLL_LONGTERM, &page));
			unpin_user_page(page);
		}
		KUNIT_ASSERT_EQ(test, 0, phyr_pin_user(&t->phyr, addr, 500 * PAGE_SIZE, 0,
						       GFP_KERNEL));
		expect_exclusive(test, &t->phyr);
		expect_mapped(test, &t->phyr, addr);
		phyr_destroy(&t->phyr);
	}
#else
	kunit_skip(test, "needs TRANSPARENT_HUGEPAGE");
#endif
}

static void forked(struct kunit *test)
{
	static const unsigned int strides[] = { 0, 1, 2, 5, 64, 300 };
	unsigned long addr = map_anon(test, 600 * PAGE_SIZE, PROT_READ | PROT_WRITE);

	if (IS_ENABLED(CONFIG_UML))
		kunit_skip(test, "forks of kernel threads");
	for (size_t i = 0; i < 600; i++)
		KUNIT_ASSERT_EQ(test, 0, put_user(1, (u8 __user *)(addr + i * PAGE_SIZE)));
	for (size_t i = 0; i < ARRAY_SIZE(strides); i++) {
		pin_beside_child(test, addr, 600, 0, strides[i]);
		pin_beside_child(test, addr + PAGE_SIZE, 20, FOLL_WRITE, strides[i]);
	}
#ifdef CONFIG_TRANSPARENT_HUGEPAGE
	for (size_t i = 0; i < ARRAY_SIZE(strides) && HPAGE_PMD_NR == 512; i++) {
		for (unsigned int how = 0; how < 4; how++) {
			addr = map_huge(test, 2 * HPAGE_PMD_SIZE);
			/* By PTEs, of which one is replaced. */
			if (how & 1)
				map_again(test, addr + 40 * PAGE_SIZE);
			pin_beside_child(test, addr, 2 * HPAGE_PMD_NR,
					 how & 2 ? FOLL_WRITE : 0, strides[i]);
			pin_beside_child(test, addr + 7 * PAGE_SIZE, HPAGE_PMD_NR,
					 how & 2 ? FOLL_WRITE : 0, strides[i]);
		}
	}
#endif
}

/* --- the array of ranges --- */

#define CANARY	((struct page *)0x5aUL)

/* Pin all by arrays of @max entries: nothing is written after them. */
static void expect_no_overflow(struct kunit *test, unsigned int max, bool remote,
			       unsigned int gup_flags)
{
	struct edges_test *t = test->priv;
	struct page *entries[20], *page;
	struct gup_ranges found = { .entries = entries, .max = max };
	unsigned long done = 0, nr;
	unsigned int i;
	long ret;

	while (done < t->nr_pages) {
		unsigned long start = t->addr + done * PAGE_SIZE;

		for (i = 0; i < ARRAY_SIZE(entries); i++)
			entries[i] = CANARY;
		ret = remote ? pin_user_ranges_remote(current->mm, start,
						      t->nr_pages - done, gup_flags,
						      &found) :
			       pin_user_ranges_fast(start, t->nr_pages - done,
						    gup_flags, &found);
		KUNIT_ASSERT_GT(test, ret, 0);
		KUNIT_ASSERT_LE(test, gup_ranges_nr(&found), max);
		for (i = max; i < ARRAY_SIZE(entries); i++)
			KUNIT_ASSERT_PTR_EQ(test, entries[i], CANARY);
		i = 0;
		while ((page = gup_next_range(&found, &i, &nr)))
			for (unsigned long k = 0; k < nr; k++)
				KUNIT_ASSERT_PTR_EQ(test, page + k, t->pages[done++]);
		unpin_user_ranges(&found, 0);
	}
	KUNIT_EXPECT_EQ(test, done, t->nr_pages);
	KUNIT_EXPECT_EQ(test, pins_out(), t->out);
}

/* Singles and pairs, of which some come where the array has one entry left. */
static void array_of_ranges(struct kunit *test)
{
	struct edges_test *t = test->priv;

	t->nr_pages = 0;
	for (unsigned int i = 0; i < 400; i++) {
		if (hash_32(i, 1)) {
			t->pages[t->nr_pages++] = t->single;
		} else {
			t->pages[t->nr_pages++] = t->folio + i % 15;
			t->pages[t->nr_pages++] = t->folio + i % 15 + 1;
		}
	}
	map_pages(test);
	for (unsigned int max = 2; max < 20; max++) {
		/* What may be written of a file isn't pinned in the fast way. */
		expect_no_overflow(test, max, false, FOLL_LONGTERM);
		expect_no_overflow(test, max, false, FOLL_LONGTERM | FOLL_WRITE);
		expect_no_overflow(test, max, true, FOLL_LONGTERM | FOLL_WRITE);
	}
}

/* Keep some of what was pinned, whole ranges or not. */
static void unpin_but_some(struct kunit *test)
{
	struct edges_test *t = test->priv;
	struct page *entries[64];
	struct gup_ranges found = { .entries = entries, .max = 64 };

	map_folio(test, 2);
	for (unsigned int keep = 0; keep <= 33; keep++) {
		unsigned int folio = keep - (keep > 16), single = keep > 16;

		KUNIT_ASSERT_EQ(test, 33, pin_user_ranges_fast(t->addr, 33, FOLL_LONGTERM,
							       &found) ?: -1);
		unpin_user_ranges(&found, keep);
		KUNIT_EXPECT_EQ(test, phyr_page_pins(t->folio), folio);
		KUNIT_EXPECT_EQ(test, phyr_page_pins(t->single), single);
		KUNIT_EXPECT_EQ(test, pins_out(), t->out + keep);
		for (unsigned int i = 0; i < keep; i++)
			unpin_user_page(t->pages[i]);
		KUNIT_ASSERT_EQ(test, pins_out(), t->out);
	}
}

/* --- iterators --- */

static void expect_iter(struct kunit *test, struct iov_iter *iter, size_t max,
			ssize_t want)
{
	struct edges_test *t = test->priv;
	struct iov_iter copy = *iter;
	size_t count = iov_iter_count(iter);
	u8 *a, *b;

	KUNIT_ASSERT_EQ(test, want, phyr_pin_iter(&t->phyr, iter, max, GFP_KERNEL));
	if (want <= 0) {
		KUNIT_EXPECT_TRUE(test, phyr_empty(&t->phyr));
		KUNIT_EXPECT_EQ(test, count, iov_iter_count(iter));
		return;
	}
	KUNIT_EXPECT_EQ(test, count - want, iov_iter_count(iter));
	KUNIT_ASSERT_EQ(test, want, phyr_bytes(&t->phyr));
	a = kunit_kmalloc(test, want, GFP_KERNEL);
	b = kunit_kmalloc(test, want, GFP_KERNEL);
	KUNIT_ASSERT_EQ(test, want, copy_from_iter(a, want, &copy));
	KUNIT_ASSERT_EQ(test, want, phyr_copy_to_buffer(&t->phyr, b, want, 0));
	KUNIT_EXPECT_MEMEQ(test, a, b, want);
	phyr_destroy(&t->phyr);
}

KUNIT_DEFINE_ACTION_WRAPPER(vfree_action, vfree, const void *);

static u8 *new_vmem(struct kunit *test, size_t size)
{
	u8 *mem = vmalloc(size);

	KUNIT_ASSERT_NOT_NULL(test, mem);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, vfree_action, mem));
	for (size_t i = 0; i < size; i++)
		mem[i] = i * 7 + i / PAGE_SIZE;
	return mem;
}

/* Bit @i of @shape: segment @i is empty. */
static void bvecs_of_shapes(struct kunit *test, bool two)
{
	u8 *mem = new_vmem(test, 8 * PAGE_SIZE);
	struct bio_vec bvec[6];
	struct iov_iter iter;

	for (unsigned int shape = 0; shape < 64; shape++) {
		if (((shape & 3) == 3) != two)
			continue;
		for (unsigned int kind = 0; kind < 4; kind++) {
			size_t len = 0;

			for (unsigned int i = 0; i < 6; i++) {
				unsigned int off = kind & 1 ? 0 : 100 * i;
				unsigned int n = kind & 2 ? PAGE_SIZE - off : 300;

				if (shape & BIT(i))
					n = 0;
				bvec_set_page(&bvec[i], vmalloc_to_page(mem + i * PAGE_SIZE),
					      n, off);
				len += n;
			}
			iov_iter_bvec(&iter, ITER_SOURCE, bvec, 6, len);
			if (len)
				expect_iter(test, &iter, SIZE_MAX, len);
			iov_iter_bvec(&iter, ITER_SOURCE, bvec, 6, len);
			if (len)
				expect_iter(test, &iter, 1, 1);
		}
	}
}

static void empty_bvecs(struct kunit *test)
{
	bvecs_of_shapes(test, false);
}

/* iov_iter_extract_pages() takes nothing then, but goes on. */
static void two_empty_bvecs(struct kunit *test)
{
	bvecs_of_shapes(test, true);
}

static void empty_segments(struct kunit *test)
{
	unsigned long addr = map_anon(test, 8 * PAGE_SIZE, PROT_READ | PROT_WRITE);
	u8 *mem = new_vmem(test, 8 * PAGE_SIZE);
	struct iovec iov[6];
	struct kvec kvec[6];
	struct iov_iter iter;

	KUNIT_ASSERT_EQ(test, 0, copy_to_user((void __user *)addr, mem, 8 * PAGE_SIZE));
	for (unsigned int shape = 0; shape < 64; shape++) {
		for (size_t max = 1; max < 4 * PAGE_SIZE; max += max) {
			size_t len = 0;

			for (unsigned int i = 0; i < 6; i++) {
				size_t n = shape & BIT(i) ? 0 : PAGE_SIZE + 30;

				/* An empty one may be anywhere. */
				iov[i].iov_base = n ? (void __user *)addr + i * PAGE_SIZE + i
						    : (void __user *)-1;
				iov[i].iov_len = n;
				kvec[i].iov_base = n ? mem + i * PAGE_SIZE + i : ERR_PTR(-EIO);
				kvec[i].iov_len = n;
				len += n;
			}
			iov_iter_init(&iter, ITER_SOURCE, iov, 6, len);
			expect_iter(test, &iter, max, min(max, len));
			expect_iter(test, &iter, SIZE_MAX, len - min(max, len));
			iov_iter_kvec(&iter, ITER_SOURCE, kvec, 6, len);
			expect_iter(test, &iter, max, min(max, len));
			expect_iter(test, &iter, SIZE_MAX, len - min(max, len));
		}
	}
}

/* bio_vecs of several pages, from an offset that may be in any of them. */
static void long_bvecs(struct kunit *test)
{
	struct edges_test *t = test->priv;
	struct bio_vec bvec[3];
	struct iov_iter iter;
	size_t len;

	for (size_t i = 0; i < 16 * PAGE_SIZE; i++)
		((u8 *)page_address(t->folio))[i] = i * 3 + i / PAGE_SIZE;
	bvec_set_page(&bvec[0], t->folio, 5 * PAGE_SIZE - 11, 11);
	bvec_set_page(&bvec[1], t->folio + 7, 2 * PAGE_SIZE + 5, 3 * PAGE_SIZE + 9);
	bvec_set_page(&bvec[2], t->folio + 1, 1, PAGE_SIZE - 1);
	len = bvec[0].bv_len + bvec[1].bv_len + 1;
	for (size_t skip = 0; skip < len; skip += 511) {
		iov_iter_bvec(&iter, ITER_SOURCE, bvec, 3, len);
		iov_iter_advance(&iter, skip);
		expect_iter(test, &iter, 3000, min(3000, len - skip));
		expect_iter(test, &iter, SIZE_MAX, iov_iter_count(&iter));
	}
}

/* Large folios in an xarray and in a queue; holes. */
static void large_folios(struct kunit *test)
{
	struct edges_test *t = test->priv;
	struct folio_queue *queue = kunit_kzalloc(test, sizeof(*queue), GFP_KERNEL);
	struct folio_queue *next = kunit_kzalloc(test, sizeof(*next), GFP_KERNEL);
	struct iov_iter iter;
	size_t len = 34 * PAGE_SIZE;
	struct xarray xa;

	for (size_t i = 0; i < 16 * PAGE_SIZE; i++)
		((u8 *)page_address(t->folio))[i] = i * 3 + i / PAGE_SIZE;
	folioq_init(queue, 0);
	folioq_init(next, 0);
	folioq_append(queue, page_folio(t->folio));
	folioq_append(queue, page_folio(t->single));
	for (unsigned int i = 2; i < folioq_nr_slots(queue); i++) {
		folioq_append(queue, page_folio(t->single));
		len += PAGE_SIZE;
	}
	len -= PAGE_SIZE;
	folioq_append(next, page_folio(t->folio));
	queue->next = next;
	next->prev = queue;
	for (size_t skip = 0; skip < len; skip += 1777) {
		iov_iter_folio_queue(&iter, ITER_SOURCE, queue, 0, 0, len);
		iov_iter_advance(&iter, skip);
		expect_iter(test, &iter, 5000, min(5000, len - skip));
		expect_iter(test, &iter, SIZE_MAX, iov_iter_count(&iter));
	}

	xa_init(&xa);
	for (unsigned int i = 0; i < 8; i++)
		KUNIT_ASSERT_EQ(test, 0, xa_err(xa_store(&xa, i, t->single, GFP_KERNEL)));
	/* None at 8. */
	KUNIT_ASSERT_EQ(test, 0, xa_err(xa_store(&xa, 9, t->single, GFP_KERNEL)));
	for (size_t start = 0; start < 9 * PAGE_SIZE; start += 999) {
		iov_iter_xarray(&iter, ITER_SOURCE, &xa, start, 10 * PAGE_SIZE - start);
		expect_iter(test, &iter, SIZE_MAX, -EFAULT);
		KUNIT_EXPECT_EQ(test, iov_iter_count(&iter), 10 * PAGE_SIZE - start);
	}
	xa_destroy(&xa);
}

/* Killed between two segments. */
static void killed_in_iter(struct kunit *test)
{
	unsigned long addr = map_anon(test, 8 * PAGE_SIZE, PROT_READ | PROT_WRITE);
	struct edges_test *t = test->priv;
	struct iov_iter iter;
	ssize_t ret;

	iov_iter_ubuf(&iter, ITER_DEST, (void __user *)addr, 8 * PAGE_SIZE);
	sigaddset(&current->pending.signal, SIGKILL);
	set_thread_flag(TIF_SIGPENDING);
	ret = phyr_pin_iter(&t->phyr, &iter, SIZE_MAX, GFP_KERNEL);
	sigdelset(&current->pending.signal, SIGKILL);
	clear_thread_flag(TIF_SIGPENDING);
	KUNIT_EXPECT_EQ(test, -EINTR, ret);
	KUNIT_EXPECT_EQ(test, iov_iter_count(&iter), 8 * PAGE_SIZE);
}

/* A list that has something already, and a segment that isn't there. */
static void iter_on_top(struct kunit *test)
{
	unsigned long addr = map_anon(test, 40 * PAGE_SIZE, PROT_READ | PROT_WRITE);
	struct edges_test *t = test->priv;
	static struct phyr_range ranges[64];
	struct iovec iov[4] = {
		{ (void __user *)addr + 100, 50 },
		{ (void __user *)addr + 150, 35 * PAGE_SIZE },
		{ (void __user *)addr + 1, 1 },
		{ (void __user *)1, 1 },
	};
	struct iov_iter iter;
	size_t nr;
	long mine;

	KUNIT_ASSERT_EQ(test, 0, phyr_pin_user(&t->phyr, addr, 100, 0, GFP_KERNEL));
	save(&t->phyr, ranges, &nr);
	mine = pins_out();
	iov_iter_init(&iter, ITER_DEST, iov, 4, 50 + 35 * PAGE_SIZE + 2);
	KUNIT_EXPECT_EQ(test, -EFAULT, phyr_pin_iter(&t->phyr, &iter, SIZE_MAX, GFP_KERNEL));
	expect_same(test, &t->phyr, ranges, nr);
	KUNIT_EXPECT_EQ(test, pins_out(), mine);
	KUNIT_EXPECT_EQ(test, 50 + 35 * PAGE_SIZE + 1,
			phyr_pin_iter(&t->phyr, &iter, 50 + 35 * PAGE_SIZE + 1, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, pins_out(), mine + 1 + 36 + 1);
}

/* --- kernel addresses --- */

static void expect_refused(struct kunit *test, const void *addr, size_t len,
			   const char *what)
{
	struct edges_test *t = test->priv;

	KUNIT_EXPECT_EQ_MSG(test, -EINVAL,
			    phyr_append_kernel(&t->phyr, addr, len, GFP_KERNEL),
			    "%s", what);
	KUNIT_EXPECT_TRUE(test, phyr_empty(&t->phyr));
	phyr_destroy(&t->phyr);
}

static void kernel_pointers(struct kunit *test)
{
	u8 *mem = new_vmem(test, 4 * PAGE_SIZE), *freed = vmalloc(PAGE_SIZE);
	struct edges_test *t = test->priv;
	u8 *linear = page_address(t->folio);

	vfree(freed);
	expect_refused(test, ERR_PTR(-ENOMEM), 1, "error");
	expect_refused(test, ERR_PTR(-1), 1, "error");
	expect_refused(test, ERR_PTR(-MAX_ERRNO), 8, "error");
	expect_refused(test, (void *)1, 1, "1");
	expect_refused(test, (void *)17, 1, "17");
	expect_refused(test, NULL, 1, "NULL");
	expect_refused(test, ZERO_SIZE_PTR, 0, "nothing");
	expect_refused(test, ZERO_SIZE_PTR, 1, "empty");
	expect_refused(test, linear, SIZE_MAX, "wraps");
	expect_refused(test, linear, -(unsigned long)linear, "to the end");
	expect_refused(test, mem, SIZE_MAX, "wraps");
	expect_refused(test, mem, -(unsigned long)mem, "to the end");
	expect_refused(test, mem + 4 * PAGE_SIZE - 1, 2, "into the guard page");
	expect_refused(test, mem - 1, 2, "before");
	expect_refused(test, freed, 1, "freed");
}

/* What was merged with the list's last range is undone. */
static void undo_kernel(struct kunit *test)
{
	u8 *mem = new_vmem(test, 40 * PAGE_SIZE);
	struct edges_test *t = test->priv;
	static struct phyr_range ranges[64];
	size_t nr;

	KUNIT_ASSERT_EQ(test, 0, phyr_append_kernel(&t->phyr, mem, PAGE_SIZE + 50, GFP_KERNEL));
	save(&t->phyr, ranges, &nr);
	KUNIT_EXPECT_EQ(test, -EINVAL, phyr_append_kernel(&t->phyr, mem + PAGE_SIZE + 50,
							  39 * PAGE_SIZE, GFP_KERNEL));
	expect_same(test, &t->phyr, ranges, nr);
	for (unsigned int nth = 1; nth < 20; nth++) {
		int ret;

		phyr_test_fail_nth(test, nth);
		ret = phyr_append_kernel(&t->phyr, mem + PAGE_SIZE + 50,
					 38 * PAGE_SIZE, PHYR_TEST_GFP);
		phyr_test_fail_end();
		if (!ret)
			break;
		KUNIT_ASSERT_EQ(test, -ENOMEM, ret);
		expect_same(test, &t->phyr, ranges, nr);
	}
}

/* Some of the stack is as bad as all of it. */
static void into_the_stack(struct kunit *test)
{
	u8 *stack = task_stack_page(current);

	expect_refused(test, stack, THREAD_SIZE, "all of the stack");
	expect_refused(test, stack + THREAD_SIZE - 1, 1, "last byte");
	if (is_vmalloc_addr(stack) || !virt_addr_valid(stack - 1))
		kunit_skip(test, "nothing is before the stack");
	expect_refused(test, stack - 1, 2, "from before the stack");
	expect_refused(test, stack - PAGE_SIZE, PAGE_SIZE + THREAD_SIZE, "around the stack");
}

/* Memory that isn't there is refused by an address: by an iterator as well? */
static void kvec_past_the_end(struct kunit *test)
{
	u8 *mem = new_vmem(test, 2 * PAGE_SIZE);
	struct kvec kvec = { mem, 2 * PAGE_SIZE + 1 };
	struct edges_test *t = test->priv;
	struct iov_iter iter;

	iov_iter_kvec(&iter, ITER_SOURCE, &kvec, 1, kvec.iov_len);
	KUNIT_EXPECT_LT(test, phyr_pin_iter(&t->phyr, &iter, SIZE_MAX, GFP_KERNEL), 0);
	KUNIT_EXPECT_TRUE(test, phyr_empty(&t->phyr));
}

static void mapped_and_percpu(struct kunit *test)
{
	struct edges_test *t = test->priv;
	struct page *pages[4] = { t->single, t->folio + 3, t->folio + 4, t->single };
	u8 __percpu *percpu = __alloc_percpu(100, 8);
	u8 *mem = vm_map_ram(pages, 4, NUMA_NO_NODE);
	struct phyr_range range;
	u8 buf[100];

	KUNIT_ASSERT_TRUE(test, mem && percpu);
	KUNIT_EXPECT_EQ(test, 0, phyr_append_kernel(&t->phyr, mem + 5, 4 * PAGE_SIZE - 6,
						    GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, 3, phyr_nr_ranges(&t->phyr));
	phyr_for_each_range(&t->phyr, range)
		KUNIT_EXPECT_EQ(test, 0, range.flags);
	phyr_destroy(&t->phyr);
	memset(this_cpu_ptr(percpu), 0x5c, 100);
	KUNIT_EXPECT_EQ(test, 0, phyr_append_kernel(&t->phyr, this_cpu_ptr(percpu), 100,
						    GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, 100, phyr_copy_to_buffer(&t->phyr, buf, 100, 0));
	KUNIT_EXPECT_EQ(test, buf[99], 0x5c);
	phyr_destroy(&t->phyr);
	vm_unmap_ram(mem, 4);
	free_percpu(percpu);
}

static struct kunit_case edges_cases[] = {
	KUNIT_CASE(undo_inside_a_range),
	KUNIT_CASE(undo_inside_a_page),
	KUNIT_CASE(fail_everywhere),
	KUNIT_CASE(holes_everywhere),
	KUNIT_CASE(too_long),
	KUNIT_CASE(errnos),
	KUNIT_CASE(remote_errnos),
	KUNIT_CASE(remote_of_the_dead),
	KUNIT_CASE(other_signals),
	KUNIT_CASE(pfn_maps),
	KUNIT_CASE_SLOW(forked),
	KUNIT_CASE_SLOW(partly_exclusive),
	KUNIT_CASE(array_of_ranges),
	KUNIT_CASE(unpin_but_some),
	KUNIT_CASE(huge_partly_unmapped),
	KUNIT_CASE(huge_by_remote),
	KUNIT_CASE(undo_inside_huge),
	KUNIT_CASE(empty_bvecs),
	KUNIT_CASE(two_empty_bvecs),
	KUNIT_CASE(empty_segments),
	KUNIT_CASE(long_bvecs),
	KUNIT_CASE(large_folios),
	KUNIT_CASE(killed_in_iter),
	KUNIT_CASE(iter_on_top),
	KUNIT_CASE(kernel_pointers),
	KUNIT_CASE(undo_kernel),
	KUNIT_CASE(into_the_stack),
	KUNIT_CASE(kvec_past_the_end),
	KUNIT_CASE(mapped_and_percpu),
	{ }
};

static struct kunit_suite edges_suite = {
	.name = "phyr_edges",
	.init = edges_init,
	.exit = edges_exit,
	.test_cases = edges_cases,
};

kunit_test_suite(edges_suite);
