// SPDX-License-Identifier: GPL-2.0-only
/*
 * Has memory pinned that can't be, by GUP and by lists: both say so in the same way,
 * and leave all as it was.  A table of such memory, and of some beside it that can be,
 * with the errno that GUP is known to give; phyr_pin_test.c compares both.
 *
 *   rdma_errno FOLDER	a line for each row of the table and way to come across it;
 *			FOLDER is of a file system that has to be told what is written
 */

#define _GNU_SOURCE
#include <errno.h>
#include <glob.h>
#include <linux/memfd.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "rdma_pin.h"

/* The kernel's, of include/linux/mm_types.h. */
#define FOLL_WRITE	0x1
#define FOLL_FORCE	0x8
#define FOLL_NOFAULT	0x20

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL	102
#endif

#define HUGE		(2 * MIB)
/* Where the memory in question is: huge and small pages are before and after it. */
#define BAD		(2 * HUGE)
#define ALL		(4 * HUGE)

static const char *folder;

static void touch_all(unsigned char *at)
{
	size_t i;

	for (i = 0; i < HUGE; i += PAGE)
		at[i] = 1;
}

/* --- memory -------------------------------------------------------------- */

static void untouched(unsigned char *at)
{
	map_at(at, HUGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

static void hole(unsigned char *at)
{
	munmap(at, HUGE);
}

static void protected(unsigned char *at)
{
	untouched(at);
	touch_all(at);
	mprotect(at, HUGE, PROT_NONE);
}

static void read_only(unsigned char *at)
{
	untouched(at);
	touch_all(at);
	mprotect(at, HUGE, PROT_READ);
}

static void guarded(unsigned char *at)
{
	untouched(at);
	touch_all(at);
	fail_unless(!madvise(at, HUGE, MADV_GUARD_INSTALL), "MADV_GUARD_INSTALL");
}

static void shared(unsigned char *at)
{
	int fd = new_memfd(HUGE);

	map_at(at, HUGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	close(fd);
}

static void shared_read_only(unsigned char *at)
{
	int fd = new_memfd(HUGE), other;
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	other = open(path, O_RDONLY);
	fail_unless(other >= 0, path);
	map_at(at, HUGE, PROT_READ, MAP_SHARED, other);
	close(other);
	close(fd);
}

static void past_end(unsigned char *at)
{
	int fd = new_memfd(0);

	map_at(at, HUGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	close(fd);
}

static void secret(unsigned char *at)
{
	int fd = syscall(SYS_memfd_secret, 0);

	fail_unless(fd >= 0 && !ftruncate(fd, HUGE), "memfd_secret");
	map_at(at, HUGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	touch_all(at);
	close(fd);
}

static void no_huge_pages(unsigned char *at)
{
	map_at(at, HUGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS |
	       MAP_HUGETLB | MAP_NORESERVE | (21 << MAP_HUGE_SHIFT), -1);
}

static void on_disk(unsigned char *at, int flags)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/rdma_errno", folder);
	fd = open(path, O_RDWR | O_CREAT, 0600);
	fail_unless(fd >= 0 && !ftruncate(fd, HUGE), path);
	map_at(at, HUGE, PROT_READ | PROT_WRITE, flags, fd);
	close(fd);
}

static void disk_shared(unsigned char *at)
{
	on_disk(at, MAP_SHARED);
}

static void disk_private(unsigned char *at)
{
	on_disk(at, MAP_PRIVATE);
}

/* The registers of any device: too few for all of the place. */
static void device(unsigned char *at)
{
	bool mapped = false;
	glob_t found;
	size_t i;
	int fd;

	hole(at);
	fail_unless(!glob("/sys/bus/pci/devices/*/resource[0-9]", 0, NULL, &found),
		    "glob");
	for (i = 0; i < found.gl_pathc && !mapped; i++) {
		fd = open(found.gl_pathv[i], O_RDWR);
		mapped = fd >= 0 &&
			 mmap(at, PAGE, PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_FIXED, fd, 0) == at;
		close(fd);
	}
	fail_unless(mapped, "PCI resources");
	globfree(&found);
}

/* --- the table ----------------------------------------------------------- */

/* What GUP says of the memory at BAD, and of what comes before it as well. */
static const struct row {
	const char	*name;
	void		(*make)(unsigned char *at);
	uint32_t	gup_flags;
	int		err;
} rows[] = {
	{ "untouched",			untouched,	FOLL_WRITE, 0 },
	{ "untouched-read",		untouched,	0, 0 },
	{ "untouched-no-fault",		untouched,	FOLL_WRITE | FOLL_NOFAULT, EFAULT },
	{ "hole",			hole,		FOLL_WRITE, EFAULT },
	{ "hole-read",			hole,		0, EFAULT },
	{ "hole-forced",		hole,		FOLL_WRITE | FOLL_FORCE, EFAULT },
	{ "protected",			protected,	FOLL_WRITE, EFAULT },
	{ "protected-read",		protected,	0, EFAULT },
	{ "protected-forced-read",	protected,	FOLL_FORCE, 0 },
	{ "read-only",			read_only,	FOLL_WRITE, EFAULT },
	{ "read-only-read",		read_only,	0, 0 },
	{ "read-only-forced",		read_only,	FOLL_WRITE | FOLL_FORCE, 0 },
	{ "guarded",			guarded,	FOLL_WRITE, EFAULT },
	{ "guarded-read",		guarded,	0, EFAULT },
	{ "shared",			shared,		FOLL_WRITE, 0 },
	{ "shared-read-only",		shared_read_only, FOLL_WRITE, EFAULT },
	{ "shared-read-only-forced",	shared_read_only, FOLL_WRITE | FOLL_FORCE, EFAULT },
	{ "past-end",			past_end,	FOLL_WRITE, EFAULT },
	{ "past-end-read",		past_end,	0, EFAULT },
	{ "secret",			secret,		FOLL_WRITE, EFAULT },
	{ "secret-read",		secret,		0, EFAULT },
	{ "no-huge-pages",		no_huge_pages,	FOLL_WRITE, EFAULT },
	{ "disk-shared",		disk_shared,	FOLL_WRITE, EFAULT },
	{ "disk-shared-read",		disk_shared,	0, 0 },
	{ "disk-private",		disk_private,	FOLL_WRITE, 0 },
	{ "device",			device,		FOLL_WRITE, EFAULT },
	{ "device-read",		device,		0, EFAULT },
};

/* How it comes across that memory. */
static const struct way {
	const char	*name;
	size_t		from;
	size_t		to;
} ways[] = {
	{ "alone",	BAD,			BAD + 1 },
	{ "two-pages",	BAD - 1,		BAD + 1 },
	{ "few",	BAD - 5 * PAGE - 7,	BAD + PAGE },
	{ "many",	BAD - 200 * PAGE,	BAD + 3 },
	{ "huge",	100,			BAD + PAGE },
	{ "first",	BAD,			ALL },
};

/* Nothing of these is memory of a program. */
static const struct address {
	const char	*name;
	uint64_t	addr;
	uint64_t	len;
	int		err;		/* by pin_user_pages_fast() */
	int		remote_err;
} addresses[] = {
	{ "null",	0, 1, EFAULT, EFAULT },
	{ "end-of-user", 0x7fffffffe000, PAGE, EFAULT, EFAULT },
	{ "past-user",	0x7fffffffe000, 3 * PAGE, EFAULT, EFAULT },
	{ "hole-of-addresses", (uint64_t)1 << 60, PAGE, EFAULT, EFAULT },
	{ "kernel",	0xffff888000000000, PAGE, EFAULT, EFAULT },
	{ "last-page",	-PAGE, PAGE - 1, EOVERFLOW, EFAULT },
	{ "last-pages",	-256 * MIB, 256 * MIB, EOVERFLOW, EFAULT },
	{ "wraps",	-PAGE, PAGE + 1, EOVERFLOW, EFAULT },
	{ "wraps-far",	-PAGE, 64 * MIB, EOVERFLOW, EFAULT },
};

/* --- comparison ---------------------------------------------------------- */

static int pin_fd;
static unsigned char *space;

static struct phyr_pin_request make_request(uint64_t addr, uint64_t len,
					    uint32_t gup_flags, pid_t pid)
{
	return (struct phyr_pin_request){
		.addr = addr, .len = len, .fd = -1, .gup_flags = gup_flags,
		.how = PHYR_PIN_LIST, .rounds = 1, .pid = pid,
	};
}

static void tell(const char *name, const char *way, const struct phyr_pin_request *req,
		 int err)
{
	printf("errno\t%s\t%s%s\t%d\t%d\t%d\t%llu\n", name, way,
	       req->pid ? "-remote" : "", err, -req->gup_ret, -req->list_ret,
	       (unsigned long long)req->differences);
	fflush(stdout);
}

/* Memory before and after the place, of several kinds, and at the same address. */
static void make_space(void)
{
	size_t i;

	if (!space)
		space = anonymous(ALL, MADV_NORMAL).start;
	for (i = 0; i < ALL; i += HUGE)
		untouched(space + i);
	madvise(space, HUGE, MADV_HUGEPAGE);
	madvise(space + HUGE, ALL - HUGE, MADV_NOHUGEPAGE);
	touch_all(space);
	touch_all(space + HUGE);
	touch_all(space + BAD + HUGE);
}

static void compare_way(const struct row *row, const struct way *way, pid_t pid,
			bool list_first)
{
	struct phyr_pin_request req;

	make_space();
	row->make(space + BAD);
	req = make_request((uintptr_t)space + way->from, way->to - way->from,
			   row->gup_flags, pid);
	req.list_first = list_first;
	compare_request(pin_fd, &req);
	tell(row->name, way->name, &req, row->err);
}

static void compare_row(const struct row *row)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		compare_way(row, &ways[i], 0, false);
		compare_way(row, &ways[i], 0, true);
		compare_way(row, &ways[i], getpid(), false);
		compare_way(row, &ways[i], getpid(), true);
	}
}

static void compare_address(const struct address *address)
{
	struct phyr_pin_request req;

	req = make_request(address->addr, address->len, FOLL_WRITE, 0);
	compare_request(pin_fd, &req);
	tell(address->name, "address", &req, address->err);
	req = make_request(address->addr, address->len, FOLL_WRITE, getpid());
	compare_request(pin_fd, &req);
	tell(address->name, "address", &req, address->remote_err);
}

/* The answer is in memory that is left when who asked is killed. */
static void compare_killed(bool remote)
{
	struct phyr_pin_request *req = (void *)map_memory(PAGE, MAP_SHARED |
							  MAP_ANONYMOUS, -1).start;
	int status;
	pid_t pid;

	make_space();
	untouched(space + BAD);
	pid = fork();
	fail_unless(pid >= 0, "fork");
	if (!pid) {
		*req = make_request((uintptr_t)space + BAD, HUGE, FOLL_WRITE,
				    remote ? getpid() : 0);
		req->killed = 1;
		compare_request(pin_fd, req);
		_exit(0);
	}
	fail_unless(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status),
		    "not killed");
	tell("killed", "untouched", req, EINTR);
}

/* Neither way charges anybody: there is nothing to be short of. */
static void compare_limit(void)
{
	static const struct row row = { "no-locked-memory", untouched, FOLL_WRITE, 0 };
	const struct rlimit none = { 0, 0 };

	fail_unless(!setrlimit(RLIMIT_MEMLOCK, &none), "setrlimit");
	compare_row(&row);
}

int main(int argc, char **argv)
{
	size_t i;

	if (argc != 2)
		errx(1, "usage: rdma_errno FOLDER");
	folder = argv[1];
	pin_fd = open_pin();
	write_file("/proc/sys/vm/nr_hugepages", "0");
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		compare_row(&rows[i]);
	for (i = 0; i < ARRAY_SIZE(addresses); i++)
		compare_address(&addresses[i]);
	compare_killed(false);
	compare_killed(true);
	compare_limit();
	write_file("/proc/sys/vm/nr_hugepages", "72");
	return 0;
}
