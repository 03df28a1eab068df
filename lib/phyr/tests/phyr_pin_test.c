// SPDX-License-Identifier: GPL-2.0-only
/*
 * Physical-range list: pins the memory of a program as it asks, in turn by lists
 * and by what there was before.
 */

#include <linux/cleanup.h>
#include <linux/debugfs.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/init.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/phyr.h>
#include <linux/scatterlist.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/swap.h>
#include <linux/uaccess.h>

#include "../../../mm/gup_test.h"
#include "phyr_pin_test.h"

/* What the drivers of scatterlists pin at a time. */
#define BATCH	(PAGE_SIZE / sizeof(struct page *))

/* What a request needs before its time is taken. */
struct pin_test {
	struct phyr_pin_request	*req;
	unsigned long		start;
	unsigned long		nr_pages;
	unsigned int		gup_flags;
	struct file		*file;
	struct mm_struct	*mm;		/* of another process, or NULL */
	struct page		**pages;	/* or folios */
	unsigned long		done;		/* pages that were pinned */
};

static long pin_some(struct pin_test *t, unsigned long done)
{
	unsigned long start = t->start + done * PAGE_SIZE;
	int locked = 1;
	long nr;

	if (!t->mm)
		return pin_user_pages_fast(start, t->nr_pages - done,
					   t->gup_flags, t->pages + done);
	mmap_read_lock(t->mm);
	nr = pin_user_pages_remote(t->mm, start, t->nr_pages - done,
				   t->gup_flags, t->pages + done, &locked);
	if (locked)
		mmap_read_unlock(t->mm);
	return nr;
}

/* Pin all into the array.  After a failure nothing is pinned, and some were. */
static int pin_pages(struct pin_test *t)
{
	t->done = 0;
	while (t->done < t->nr_pages) {
		long nr = pin_some(t, t->done);

		if (nr <= 0) {
			unpin_user_pages(t->pages, t->done);
			return nr ?: -EFAULT;
		}
		t->done += nr;
	}
	return 0;
}

static int gup_round(struct pin_test *t)
{
	int ret = pin_pages(t);

	if (!ret)
		unpin_user_pages(t->pages, t->nr_pages);
	return ret;
}

static void free_sg(struct sg_append_table *append)
{
	struct scatterlist *sg;
	unsigned int i;

	for_each_sgtable_sg(&append->sgt, sg, i)
		unpin_user_page_range_dirty_lock(sg_page(sg),
						 sg->length >> PAGE_SHIFT, false);
	sg_free_append_table(append);
}

static int pin_sg(struct pin_test *t, struct sg_append_table *append)
{
	unsigned int max_segment = ALIGN_DOWN(UINT_MAX, PAGE_SIZE);
	unsigned long done = 0;
	int nr, ret;

	while (done < t->nr_pages) {
		cond_resched();
		nr = pin_user_pages_fast(t->start + done * PAGE_SIZE,
					 min(t->nr_pages - done, BATCH),
					 t->gup_flags, t->pages);
		if (nr <= 0)
			return nr ?: -EFAULT;
		done += nr;
		ret = sg_alloc_append_table_from_pages(append, t->pages, nr, 0,
						       (size_t)nr << PAGE_SHIFT,
						       max_segment,
						       t->nr_pages - done,
						       GFP_KERNEL);
		if (ret) {
			unpin_user_pages(t->pages, nr);
			return ret;
		}
	}
	return 0;
}

static int gup_sg_round(struct pin_test *t)
{
	struct sg_append_table append = { };
	int ret = pin_sg(t, &append);

	free_sg(&append);
	return ret;
}

/* By the address space of the program: of another, where it gave that one's number. */
static int list_pin_part(struct pin_test *t, struct phyr *phyr, size_t len)
{
	if (!t->mm)
		return phyr_pin_user(phyr, t->req->addr, len, t->gup_flags,
				     GFP_KERNEL);
	return phyr_pin_remote(phyr, t->mm, t->req->addr, len, t->gup_flags,
			       GFP_KERNEL);
}

static int list_pin(struct pin_test *t, struct phyr *phyr)
{
	return list_pin_part(t, phyr, t->req->len);
}

static int list_round(struct pin_test *t)
{
	struct phyr phyr = PHYR_INIT;
	int ret = list_pin(t, &phyr);

	phyr_destroy(&phyr);
	return ret;
}

static int memfd_round(struct pin_test *t)
{
	struct folio **folios = (struct folio **)t->pages;
	pgoff_t offset;
	long nr = memfd_pin_folios(t->file, t->req->addr,
				   t->req->addr + t->req->len - 1, folios,
				   t->nr_pages, &offset);

	if (nr < 0)
		return nr;
	unpin_folios(folios, nr);
	return 0;
}

static int memfd_list_round(struct pin_test *t)
{
	struct phyr phyr = PHYR_INIT;
	int ret = phyr_pin_memfd(&phyr, t->file, t->req->addr, t->req->len,
				 GFP_KERNEL);

	phyr_destroy(&phyr);
	return ret;
}

static int (*const pin_rounds[PHYR_PIN_NR])(struct pin_test *t) = {
	[PHYR_PIN_GUP]		= gup_round,
	[PHYR_PIN_GUP_SG]	= gup_sg_round,
	[PHYR_PIN_LIST]		= list_round,
	[PHYR_PIN_MEMFD]	= memfd_round,
	[PHYR_PIN_MEMFD_LIST]	= memfd_list_round,
};

static int time_rounds(struct pin_test *t)
{
	ktime_t begin = ktime_get();

	for (unsigned int i = 0; i < t->req->rounds; i++) {
		int ret = pin_rounds[t->req->how](t);

		if (ret)
			return ret;
	}
	t->req->ns = ktime_to_ns(ktime_sub(ktime_get(), begin));
	return 0;
}

/* --- comparison --- */

/* How often a page's folio is used and pinned, in one number. */
static u64 page_pins(struct page *page)
{
	struct folio *folio = page_folio(page);
	u64 pins = folio_ref_count(folio);

	if (folio_has_pincount(folio))
		pins |= (u64)atomic_read(&folio->_pincount) << 32;
	return pins;
}

static void read_pins(struct page **pages, unsigned long nr, u64 *pins)
{
	for (unsigned long i = 0; i < nr; i++)
		pins[i] = page_pins(pages[i]);
}

static u64 count_changes(struct page **pages, unsigned long nr, const u64 *pins)
{
	u64 changes = 0;

	for (unsigned long i = 0; i < nr; i++)
		changes += page_pins(pages[i]) != pins[i];
	return changes;
}

static u64 compare_pages(struct pin_test *t, const struct phyr *phyr)
{
	unsigned long i = 0;
	struct page *page;
	u64 wrong = 0;

	phyr_for_each_page(phyr, page)
		wrong += i >= t->nr_pages || page != t->pages[i++];
	return wrong + (i != t->nr_pages) + (phyr_bytes(phyr) != t->req->len);
}

/* What is charged to the owner of the memory: neither way does that. */
static u64 charged(const struct pin_test *t)
{
	struct mm_struct *mm = t->mm ?: current->mm;

	return atomic64_read(&mm->pinned_vm) + READ_ONCE(mm->locked_vm);
}

/*
 * Pin what can't be on top of a list of other memory, and of the first page if that can
 * be pinned: it stays as it was, and so do the pages that were pinned on the way.
 */
static u64 compare_failure(struct pin_test *t, u64 *pins)
{
	struct phyr_pin_request *req = t->req;
	unsigned long nr = t->done;
	struct phyr phyr = PHYR_INIT;
	u64 wrong, bytes, ranges;

	wrong = phyr_append(&phyr, page_to_phys(ZERO_PAGE(0)), PAGE_SIZE,
			    GFP_KERNEL) != 0;
	if (nr && !req->killed)
		wrong += list_pin_part(t, &phyr, 1) != 0;
	bytes = phyr_bytes(&phyr);
	ranges = phyr_nr_ranges(&phyr);
	read_pins(t->pages, nr, pins);

	wrong += list_pin(t, &phyr) != req->list_ret;
	wrong += phyr_bytes(&phyr) != bytes || phyr_nr_ranges(&phyr) != ranges;
	wrong += count_changes(t->pages, nr, pins);
	phyr_destroy(&phyr);
	return wrong;
}

/* How often a page is pinned: references also come and go otherwise. */
static u64 page_pincount(struct page *page)
{
	struct folio *folio = page_folio(page);

	return folio_has_pincount(folio) ? atomic_read(&folio->_pincount) :
		folio_ref_count(folio) / GUP_PIN_COUNTING_BIAS;
}

/*
 * The list first: it faults pages in, has them shared no more, and moves them to where
 * they may stay.  The array gets the same ones then, and pins them as often.
 */
static u64 compare_list_first(struct pin_test *t, u64 *pins)
{
	struct phyr phyr = PHYR_INIT;
	int list_ret = list_pin(t, &phyr), gup_ret = pin_pages(t);
	u64 wrong = list_ret != gup_ret;
	unsigned long i;

	if (!list_ret && !gup_ret) {
		wrong += compare_pages(t, &phyr);
		for (i = 0; i < t->nr_pages; i++)
			pins[i] = page_pincount(t->pages[i]);
		phyr_destroy(&phyr);
		for (i = 0; i < t->nr_pages; i++)
			wrong += pins[i] != 2 * page_pincount(t->pages[i]);
	}
	if (!gup_ret)
		unpin_user_pages(t->pages, t->nr_pages);
	phyr_destroy(&phyr);
	return wrong;
}

/*
 * What was pinned once is there, and stays where it is: it is pinned then by one and
 * by the other.  A page in @t->pages that was unpinned is the program's still.
 */
static u64 compare_pins(struct pin_test *t, u64 *pins, u64 *free)
{
	struct phyr_pin_request *req = t->req;
	struct phyr phyr = PHYR_INIT;
	u64 wrong = 0, charge = charged(t);

	req->gup_ret = pin_pages(t);
	if (!req->gup_ret) {
		read_pins(t->pages, t->nr_pages, pins);
		unpin_user_pages(t->pages, t->nr_pages);
	}
	read_pins(t->pages, t->done, free);
	req->list_ret = list_pin(t, &phyr);
	wrong += req->list_ret != req->gup_ret;
	if (!req->list_ret && !req->gup_ret) {
		wrong += compare_pages(t, &phyr);
		wrong += count_changes(t->pages, t->nr_pages, pins);
	}
	wrong += req->list_ret && !phyr_empty(&phyr);
	phyr_destroy(&phyr);
	if (!req->list_ret == !req->gup_ret)
		wrong += count_changes(t->pages, t->done, free);
	if (req->list_ret && req->gup_ret)
		wrong += compare_failure(t, pins);
	return wrong + (charged(t) != charge);
}

static int compare(struct pin_test *t)
{
	u64 *pins __free(kvfree) = kvcalloc(t->nr_pages, sizeof(*pins), GFP_KERNEL);
	u64 *free __free(kvfree) = kvcalloc(t->nr_pages, sizeof(*free), GFP_KERNEL);
	if (!pins || !free)
		return -ENOMEM;

	/* Processors hold references to pages that are to become active. */
	if (t->req->rounds > 1)
		lru_add_drain_all();
	if (t->req->killed)
		send_sig(SIGKILL, current, 1);
	if (t->req->list_first)
		t->req->first_differences = compare_list_first(t, pins);
	t->req->differences = compare_pins(t, pins, free);
	return 0;
}

/*
 * The same pages by both at a time: whatever happens to the memory, those of the list
 * stay where they are, unless the program gives them up.
 */
static int compare_both(struct pin_test *t)
{
	struct phyr_pin_request *req = t->req;
	struct phyr phyr = PHYR_INIT;

	req->differences = 0;
	req->gup_ret = 0;
	req->list_ret = list_pin(t, &phyr);
	if (req->list_ret)
		return 0;
	req->gup_ret = pin_pages(t);
	if (!req->gup_ret) {
		req->differences = compare_pages(t, &phyr);
		unpin_user_pages(t->pages, t->nr_pages);
	}
	phyr_destroy(&phyr);
	return 0;
}

/* --- requests --- */

static struct mm_struct *other_mm(pid_t pid)
{
	struct task_struct *task __free(put_task) = find_get_task_by_vpid(pid);

	return task ? get_task_mm(task) : NULL;
}

static int pin_by(unsigned int cmd, struct pin_test *t)
{
	switch (cmd) {
	case PHYR_PIN_TIME:
		return time_rounds(t);
	case PHYR_PIN_COMPARE:
		return compare(t);
	case PHYR_PIN_BOTH:
		return compare_both(t);
	default:
		return -ENOTTY;
	}
}

static int pin_request(unsigned int cmd, struct phyr_pin_request *req)
{
	struct pin_test t = { .req = req };
	int ret;

	if (!req->len || req->how >= PHYR_PIN_NR)
		return -EINVAL;
	t.start = req->addr & PAGE_MASK;
	t.nr_pages = PFN_UP(offset_in_page(req->addr) + req->len);
	t.gup_flags = req->gup_flags | FOLL_LONGTERM;
	req->pages = t.nr_pages;

	struct page **pages __free(kvfree) =
		kvcalloc(max(t.nr_pages, BATCH), sizeof(*pages), GFP_KERNEL);
	struct file *file __free(fput) = fget(req->fd);
	if (!pages)
		return -ENOMEM;
	t.pages = pages;
	t.file = file;

	if (req->pid) {
		t.mm = other_mm(req->pid);
		if (!t.mm)
			return -ESRCH;
	}
	ret = pin_by(cmd, &t);
	if (t.mm)
		mmput(t.mm);
	return ret;
}

/* --- the kernel's own tests --- */

/*
 * Those that pin memory by the file gup_test, and look at what they pinned, do it by a
 * list where they are given this file for that one.
 */
struct pin_file {
	struct mutex	lock;	/* of the list */
	struct phyr	phyr;
};

static int longterm_start(struct phyr *phyr, const void __user *arg)
{
	struct pin_longterm_test args;
	unsigned int gup_flags = 0;

	if (copy_from_user(&args, arg, sizeof(args)))
		return -EFAULT;
	if (!phyr_empty(phyr))
		return -EINVAL;
	if (args.flags & PIN_LONGTERM_TEST_FLAG_USE_WRITE)
		gup_flags |= FOLL_WRITE;
	if (args.flags & PIN_LONGTERM_TEST_FLAG_USE_FAST)
		return phyr_pin_user(phyr, args.addr, args.size, gup_flags,
				     GFP_KERNEL);
	return phyr_pin_remote(phyr, current->mm, args.addr, args.size,
			       gup_flags, GFP_KERNEL);
}

static int longterm_read(const struct phyr *phyr, const void __user *arg)
{
	struct page *page;
	u64 addr;

	if (copy_from_user(&addr, arg, sizeof(addr)))
		return -EFAULT;
	phyr_for_each_page(phyr, page) {
		void *from = kmap_local_page(page);
		unsigned long left = copy_to_user(u64_to_user_ptr(addr), from,
						  PAGE_SIZE);

		kunmap_local(from);
		if (left)
			return -EFAULT;
		addr += PAGE_SIZE;
	}
	return 0;
}

static int longterm_ioctl(struct pin_file *pin, unsigned int cmd,
			  void __user *arg)
{
	guard(mutex)(&pin->lock);

	if (cmd == PIN_LONGTERM_TEST_START)
		return longterm_start(&pin->phyr, arg);
	if (cmd == PIN_LONGTERM_TEST_READ)
		return longterm_read(&pin->phyr, arg);
	phyr_destroy(&pin->phyr);
	return 0;
}

/* --- the file --- */

static int request_ioctl(unsigned int cmd, void __user *arg)
{
	struct phyr_pin_request req;
	int ret;

	if (copy_from_user(&req, arg, sizeof(req)))
		return -EFAULT;
	ret = pin_request(cmd, &req);
	if (copy_to_user(arg, &req, sizeof(req)))
		return -EFAULT;
	return ret;
}

static long pin_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case PIN_LONGTERM_TEST_START:
	case PIN_LONGTERM_TEST_STOP:
	case PIN_LONGTERM_TEST_READ:
		return longterm_ioctl(file->private_data, cmd, (void __user *)arg);
	default:
		return request_ioctl(cmd, (void __user *)arg);
	}
}

static int pin_open(struct inode *inode, struct file *file)
{
	struct pin_file *pin = kzalloc_obj(*pin);

	if (!pin)
		return -ENOMEM;
	mutex_init(&pin->lock);
	file->private_data = pin;
	return nonseekable_open(inode, file);
}

static int pin_release(struct inode *inode, struct file *file)
{
	struct pin_file *pin = file->private_data;

	phyr_destroy(&pin->phyr);
	kfree(pin);
	return 0;
}

static const struct file_operations pin_fops = {
	.open		= pin_open,
	.release	= pin_release,
	.unlocked_ioctl	= pin_ioctl,
};

static int __init pin_test_init(void)
{
	debugfs_create_file_unsafe("phyr_pin", 0600, NULL, NULL, &pin_fops);
	return 0;
}
device_initcall(pin_test_init);
