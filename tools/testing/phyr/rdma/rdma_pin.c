// SPDX-License-Identifier: GPL-2.0-only
/*
 * Has memory of all kinds pinned, for "make rdma":
 *
 *   rdma_pin time	how long it takes, by lists and by what there was before
 *   rdma_pin array	how long it takes into an array, by the kernel's own test
 *   rdma_pin compare N	whether lists get the same pages, in N random address spaces
 *   rdma_pin race S	for S seconds, pins while other threads change what is mapped:
 *			what stays there is the same to lists and arrays
 *
 * The first and the last two talk to phyr_pin_test.c.  Rows of fields separated by
 * tabs go to standard output.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <linux/memfd.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "rdma_pin.h"

#define THP		"/sys/kernel/mm/transparent_hugepage/"

/* The kernel's, of include/linux/mm_types.h. */
#define FOLL_WRITE	0x1
#define FOLL_FORCE	0x8
#define FOLL_NOFAULT	0x20
#define FOLL_LONGTERM	0x100

#define ROUNDS		5

/* --- memory -------------------------------------------------------------- */

/* Folios of 64 KiB, which page tables map page by page. */
static struct memory make_mthp(size_t size)
{
	struct memory mem;

	write_file(THP "hugepages-2048kB/enabled", "never");
	write_file(THP "hugepages-64kB/enabled", "always");
	mem = anonymous(size, MADV_HUGEPAGE);
	touch(&mem);
	write_file(THP "hugepages-64kB/enabled", "never");
	write_file(THP "hugepages-2048kB/enabled", "inherit");
	return mem;
}

/* Huge pages that are mapped page by page, for one of each was protected once. */
static struct memory make_split(size_t size)
{
	struct memory mem = make_thp(size);
	size_t i;

	for (i = 0; i < size; i += 2 * MIB) {
		fail_unless(!mprotect(mem.start + i, PAGE, PROT_READ), "mprotect");
		fail_unless(!mprotect(mem.start + i, PAGE,
				      PROT_READ | PROT_WRITE), "mprotect");
	}
	return mem;
}

static const struct kind {
	const char	*name;
	struct memory	(*make)(size_t size);
	size_t		size;
} kinds[] = {
	{ "scattered-4k", make_scattered, 128 * MIB },
	{ "contiguous-4k", make_contiguous, 128 * MIB },
	{ "mthp-64k", make_mthp, 128 * MIB },
	{ "thp", make_thp, 128 * MIB },
	{ "thp-by-pages", make_split, 128 * MIB },
	{ "hugetlb-2m", make_huge2m, 128 * MIB },
	{ "hugetlb-1g", make_huge1g, GIB },
	{ "memfd", make_memfd, 128 * MIB },
};

/* --- requests ------------------------------------------------------------ */

static int compare_ns(const void *a, const void *b)
{
	uint64_t x = *(uint64_t *)a, y = *(uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* --- time ---------------------------------------------------------------- */

static const char *const hows[] = {
	[PHYR_PIN_GUP] = "gup",
	[PHYR_PIN_GUP_SG] = "gup-sg",
	[PHYR_PIN_LIST] = "list",
	[PHYR_PIN_MEMFD] = "memfd",
	[PHYR_PIN_MEMFD_LIST] = "memfd-list",
};

/* A first time is for caches of the kernel's allocators. */
static void time_how(int fd, struct phyr_pin_request *req, const char *name)
{
	uint64_t ns[ROUNDS];
	int i;

	for (i = -1; i < ROUNDS; i++) {
		usleep(10000);
		fail_unless(!ioctl(fd, PHYR_PIN_TIME, req), hows[req->how]);
		if (i >= 0)
			ns[i] = req->ns;
	}
	qsort(ns, ROUNDS, sizeof(*ns), compare_ns);
	printf("time\t%s\t%llu\t%s\t%.1f\n", name, (unsigned long long)req->pages,
	       hows[req->how], (double)ns[ROUNDS / 2] / req->rounds);
	fflush(stdout);
}

static void time_length(int fd, const struct kind *kind,
			const struct memory *mem, size_t pages)
{
	struct phyr_pin_request req = {
		.addr = (uintptr_t)mem->start, .len = pages * PAGE, .fd = -1,
		.gup_flags = FOLL_WRITE,
		.rounds = pages < 1024 ? 2048 / pages : 1,
	};

	for (req.how = PHYR_PIN_GUP; req.how <= PHYR_PIN_LIST; req.how++)
		time_how(fd, &req, kind->name);
}

/* As if it were another process's: what goes fast can't be used for that. */
static void time_remote(int fd, const struct kind *kind,
			const struct memory *mem, size_t pages)
{
	struct phyr_pin_request req = {
		.addr = (uintptr_t)mem->start, .len = pages * PAGE, .fd = -1,
		.gup_flags = FOLL_WRITE, .pid = getpid(),
		.rounds = pages < 1024 ? 2048 / pages : 1,
	};
	char name[64];

	snprintf(name, sizeof(name), "remote-%s", kind->name);
	req.how = PHYR_PIN_GUP;
	time_how(fd, &req, name);
	req.how = PHYR_PIN_LIST;
	time_how(fd, &req, name);
}

static void time_kind(int fd, const struct kind *kind)
{
	static const size_t lengths[] = {
		1, 2, 3, 8, 15, 16, 17, 64, 511, 512, 513, 1024
	};
	struct memory mem = kind->make(kind->size);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lengths); i++)
		time_length(fd, kind, &mem, lengths[i]);
	time_length(fd, kind, &mem, kind->size / PAGE);
	time_remote(fd, kind, &mem, 1);
	time_remote(fd, kind, &mem, 512);
	time_remote(fd, kind, &mem, kind->size / PAGE);
	free_memory(&mem);
}

/* memfd_pin_folios() takes a file instead of addresses. */
static void time_memfd(int fd, const char *name, unsigned int flags)
{
	struct phyr_pin_request req = { .len = 128 * MIB, .rounds = 1 };
	struct memory mem;

	req.fd = memfd_create("rdma_pin", flags);
	fail_unless(req.fd >= 0 && !ftruncate(req.fd, req.len), "memfd_create");
	mem = map_memory(req.len, MAP_SHARED, req.fd);
	touch(&mem);
	for (req.how = PHYR_PIN_MEMFD; req.how < PHYR_PIN_NR; req.how++)
		time_how(fd, &req, name);
	req.addr = (uintptr_t)mem.start;
	req.gup_flags = FOLL_WRITE;
	for (req.how = PHYR_PIN_GUP; req.how <= PHYR_PIN_LIST; req.how++)
		time_how(fd, &req, name);
	free_memory(&mem);
	close(req.fd);
}

static void time_all(void)
{
	int fd = open_pin();
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		time_kind(fd, &kinds[i]);
	time_memfd(fd, "file-4k", 0);
	time_memfd(fd, "file-hugetlb-2m", MFD_HUGETLB | MFD_HUGE_2MB);
}

/* --- array --------------------------------------------------------------- */

/* The kernel's, of mm/gup_test.h. */
struct gup_test {
	uint64_t	get_usec;
	uint64_t	put_usec;
	uint64_t	addr;
	uint64_t	size;
	uint32_t	pages_per_call;
	uint32_t	gup_flags;
	uint32_t	test_flags;
	uint32_t	pages[8];
};

#define PIN_FAST	_IOWR('g', 2, struct gup_test)
#define PIN_SLOWLY	_IOWR('g', 3, struct gup_test)

static void array_calls(int fd, const struct kind *kind,
			const struct memory *mem, unsigned long cmd,
			uint32_t pages_per_call)
{
	uint64_t usec[ROUNDS];
	struct gup_test req;
	int i;

	for (i = -1; i < ROUNDS; i++) {
		req = (struct gup_test){
			.addr = (uintptr_t)mem->start, .size = mem->size,
			.pages_per_call = pages_per_call,
			.gup_flags = FOLL_WRITE | FOLL_LONGTERM,
		};
		usleep(10000);
		fail_unless(!ioctl(fd, cmd, &req), "gup_test");
		if (i >= 0)
			usec[i] = req.get_usec + req.put_usec;
	}
	qsort(usec, ROUNDS, sizeof(*usec), compare_ns);
	printf("array\t%s\t%u\t%s\t%llu\n", kind->name, pages_per_call,
	       cmd == PIN_FAST ? "fast" : "slow",
	       (unsigned long long)usec[ROUNDS / 2]);
	fflush(stdout);
}

static void array_all(void)
{
	int fd = open_file("/sys/kernel/debug/gup_test");
	struct memory mem;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		mem = kinds[i].make(kinds[i].size);
		array_calls(fd, &kinds[i], &mem, PIN_FAST, 512);
		array_calls(fd, &kinds[i], &mem, PIN_SLOWLY, 512);
		/* One by one takes long. */
		mem.size = 16 * MIB;
		array_calls(fd, &kinds[i], &mem, PIN_FAST, 1);
		mem.size = kinds[i].size;
		free_memory(&mem);
	}
}

/* --- random address spaces ----------------------------------------------- */

#define SPACE_PAGES	((size_t)6144)
#define SEGMENT_PAGES	1200

struct space {
	unsigned char	*start;
	size_t		pages;
	pid_t		child;
	int		wake;		/* what the child waits for */
};

static void touch_some(unsigned char *start, size_t size, unsigned int of, bool write)
{
	size_t i;

	for (i = 0; i < size; i += PAGE) {
		if (random_below(of))
			continue;
		if (write)
			__atomic_store_n(start + i, i, __ATOMIC_RELAXED);
		else
			(void)__atomic_load_n(start + i, __ATOMIC_RELAXED);
	}
}

static void map_anonymous(unsigned char *at, size_t size)
{
	static const int advice[] = { MADV_NOHUGEPAGE, MADV_HUGEPAGE, MADV_NORMAL };

	map_at(at, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	madvise(at, size, advice[random_below(3)]);
	touch_some(at, size, 1 + random_below(3), random_below(4));
}

static void map_file(unsigned char *at, size_t size, int flags)
{
	int fd = memfd_create("rdma_pin", 0);

	fail_unless(fd >= 0 && !ftruncate(fd, size - random_below(2) * PAGE),
		    "memfd_create");
	map_at(at, size, PROT_READ | PROT_WRITE, flags, fd);
	if (random_below(2))
		touch_some(at, size - PAGE, 1 + random_below(3), random_below(2));
	close(fd);
}

/* Of the disk that the programs are on: what writes to it has to be told to it. */
static void map_disk(unsigned char *at, size_t size)
{
	int fd = open("/proc/self/exe", O_RDONLY);

	fail_unless(fd >= 0, "/proc/self/exe");
	map_at(at, size, PROT_READ, random_below(2) ? MAP_SHARED : MAP_PRIVATE, fd);
	close(fd);
}

static void map_secret(unsigned char *at, size_t size)
{
	int fd = syscall(SYS_memfd_secret, 0);

	if (fd < 0)
		return;
	fail_unless(!ftruncate(fd, size), "memfd_secret");
	map_at(at, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	touch_some(at, size, 2, true);
	close(fd);
}

/* At the next boundary of huge pages. */
static void map_hugetlb(unsigned char *at, size_t size)
{
	unsigned char *start = at + (-(uintptr_t)at & (2 * MIB - 1));

	if (at + size < start + 2 * MIB)
		return;
	map_at(start, 2 * MIB, PROT_READ | PROT_WRITE,
	       MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_NORESERVE |
	       (21 << MAP_HUGE_SHIFT), -1);
	if (random_below(2))
		*start = 1;
}

static void map_segment(unsigned char *at, size_t size)
{
	switch (random_below(14)) {
	case 0:
		munmap(at, size);
		break;
	case 1:
		map_at(at, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
		break;
	case 2:
		map_file(at, size, MAP_SHARED);
		break;
	case 3:
		map_file(at, size, MAP_PRIVATE);
		break;
	case 4:
		map_disk(at, size);
		break;
	case 5:
		map_secret(at, size);
		break;
	case 6:
	case 7:
		map_hugetlb(at, size);
		break;
	case 8:
		map_anonymous(at, size);
		mprotect(at, size, PROT_READ);
		break;
	case 9:
		map_anonymous(at, size);
		mprotect(at + random_below(size / PAGE) * PAGE, PAGE, PROT_READ);
		break;
	case 10:
		map_anonymous(at, size);
		madvise(at + random_below(size / PAGE) * PAGE, PAGE, MADV_DONTNEED);
		break;
	default:
		map_anonymous(at, size);
	}
}

/* A copy of all that waits until it is not wanted any more. */
static void fork_space(struct space *space)
{
	int ends[2];
	char byte;

	fail_unless(!pipe(ends), "pipe");
	space->child = fork();
	fail_unless(space->child >= 0, "fork");
	if (!space->child) {
		close(ends[1]);
		while (read(ends[0], &byte, 1) > 0)
			;
		_exit(0);
	}
	close(ends[0]);
	space->wake = ends[1];
}

static void make_space(struct space *space)
{
	size_t page = 0, nr;
	bool mthp = random_below(2);

	write_file(THP "hugepages-64kB/enabled", mthp ? "always" : "never");
	write_file(THP "hugepages-2048kB/enabled",
		   mthp && random_below(2) ? "never" : "inherit");
	space->child = 0;
	space->pages = SPACE_PAGES;
	space->start = mmap(NULL, SPACE_PAGES * PAGE, PROT_NONE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	fail_unless(space->start != MAP_FAILED, "mmap");
	for (; page < SPACE_PAGES; page += nr) {
		nr = 1 + random_below(random_below(2) ? 16 : SEGMENT_PAGES);
		if (nr > SPACE_PAGES - page)
			nr = SPACE_PAGES - page;
		map_segment(space->start + page * PAGE, nr * PAGE);
	}
	if (!random_below(3))
		fork_space(space);
}

static void free_space(struct space *space)
{
	if (space->child) {
		close(space->wake);
		waitpid(space->child, NULL, 0);
	}
	munmap(space->start, SPACE_PAGES * PAGE);
}

struct tally {
	uint64_t	requests;
	uint64_t	pinned;
	uint64_t	pages;
	uint64_t	differences;
};

static struct phyr_pin_request random_request(const struct space *space)
{
	static const uint32_t flags[] = {
		0, FOLL_WRITE, FOLL_WRITE, FOLL_FORCE, FOLL_WRITE | FOLL_FORCE,
		FOLL_NOFAULT, FOLL_WRITE | FOLL_NOFAULT,
	};
	size_t bytes = space->pages * PAGE, from = random_below(bytes), len;

	len = 1 + random_below(random_below(2) ? 64 * PAGE : 2048 * PAGE);
	if (len > bytes - from)
		len = bytes - from;
	return (struct phyr_pin_request){
		.addr = (uintptr_t)space->start + from, .len = len, .fd = -1,
		.gup_flags = flags[random_below(ARRAY_SIZE(flags))],
		.how = PHYR_PIN_LIST, .rounds = 1,
		.pid = random_below(3) ? 0 : space->child,
		.list_first = random_below(2),
	};
}

static void compare_once(int fd, const struct space *space, struct tally *tally)
{
	struct phyr_pin_request req = random_request(space);

	compare_request(fd, &req);
	tally->requests++;
	tally->differences += req.differences;
	if (!req.list_ret) {
		tally->pinned++;
		tally->pages += req.pages;
	}
	if (req.differences)
		warnx("%llu differences: %llu bytes at page %zu, flags %#x: %d, with a list %d",
		      (unsigned long long)req.differences,
		      (unsigned long long)req.len,
		      (size_t)(req.addr - (uintptr_t)space->start) / PAGE,
		      req.gup_flags, req.gup_ret, req.list_ret);
}

static void compare_spaces(unsigned long spaces)
{
	struct tally tally = { 0 };
	int fd = open_pin(), i;
	struct space space;
	unsigned long k;

	for (k = 0; k < spaces; k++) {
		make_space(&space);
		for (i = 0; i < 8; i++)
			compare_once(fd, &space, &tally);
		free_space(&space);
	}
	printf("compare\t%lu\t%llu\t%llu\t%llu\t%llu\n", spaces,
	       (unsigned long long)tally.requests,
	       (unsigned long long)tally.pinned,
	       (unsigned long long)tally.pages,
	       (unsigned long long)tally.differences);
}

/* --- races --------------------------------------------------------------- */

/* Behind what is changed page by page there are huge pages of hugetlbfs. */
#define RACE_HUGE	4

static struct space raced;
static bool race_ends;

/*
 * Taken for writing, nobody takes memory out of the address space: what is pinned stays
 * there then, whatever else happens to it.
 */
static pthread_rwlock_t race_takes =
	PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;

struct change {
	uint64_t	random;
	unsigned char	*at;		/* up to 600 pages */
	size_t		size;
	unsigned char	*huge;		/* one huge page of hugetlbfs */
};

static void change_mapping(const struct change *change)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS;

	map_at(change->at, change->size, PROT_READ | PROT_WRITE, flags, -1);
}

/* Others may find a hole there for a while. */
static void change_hole(const struct change *change)
{
	munmap(change->at, change->size);
	sched_yield();
	change_mapping(change);
}

static void change_drop(const struct change *change)
{
	madvise(change->at, change->size, MADV_DONTNEED);
}

static void change_hugetlb(const struct change *change)
{
	if (change->random >> 40 & 1)
		madvise(change->huge, 2 * MIB, MADV_DONTNEED);
	else
		map_at(change->huge, 2 * MIB, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_NORESERVE |
		       (21 << MAP_HUGE_SHIFT), -1);
}

static void change_protection(const struct change *change)
{
	bool huge = !(change->random >> 40 & 3);
	unsigned char *at = huge ? change->huge : change->at;
	size_t size = huge ? 2 * MIB : change->size;

	mprotect(at, size, PROT_READ);
	mprotect(at, size, PROT_READ | PROT_WRITE);
}

/* With writes of the child, which is to get pages of its own. */
static void change_by_fork(const struct change *change)
{
	pid_t child = fork();

	if (!child) {
		madvise(change->at, change->size, 23 /* MADV_POPULATE_WRITE */);
		madvise(change->huge, 2 * MIB, 23 /* MADV_POPULATE_WRITE */);
		_exit(0);
	}
	if (child > 0)
		waitpid(child, NULL, 0);
}

static void change_advice(const struct change *change)
{
	static const int advice[] = {
		21 /* MADV_PAGEOUT */, 25 /* MADV_COLLAPSE */,
		25 /* MADV_COLLAPSE */, MADV_HUGEPAGE, MADV_NOHUGEPAGE,
		22 /* MADV_POPULATE_READ */, 23 /* MADV_POPULATE_WRITE */,
	};

	madvise(change->at, change->size,
		advice[(change->random >> 40) % ARRAY_SIZE(advice)]);
	if (change->random >> 43 & 1)
		madvise(change->huge, 2 * MIB, 23 /* MADV_POPULATE_WRITE */);
}

static void write_quietly(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	/* It fails where a page is pinned, as it should. */
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		errno = 0;
	close(fd);
}

/* Folios, not only what maps them.  The kernel warns of anonymous ones of order 1. */
static void change_folios(const struct change *change)
{
	static const int orders[] = { 0, 2, 3, 4 };
	char text[64];

	snprintf(text, sizeof(text), "%d,0x%lx,0x%lx,%d", getpid(),
		 (unsigned long)change->at,
		 (unsigned long)(change->at + change->size),
		 orders[(change->random >> 40) % ARRAY_SIZE(orders)]);
	write_quietly("/sys/kernel/debug/split_huge_pages", text);
}

/* All that can be moved is. */
static void change_places(const struct change *change)
{
	(void)change;
	write_quietly("/proc/sys/vm/compact_memory", "1");
}

static void (*const takes[])(const struct change *change) = {
	change_mapping, change_hole, change_drop, change_hugetlb,
};

static void (*const changes[])(const struct change *change) = {
	change_advice, change_advice, change_advice, change_advice,
	change_protection, change_by_fork, change_folios, change_places,
};

static void change_once(const struct change *change)
{
	if (change->random >> 60 < 4) {
		pthread_rwlock_rdlock(&race_takes);
		takes[(change->random >> 50) % ARRAY_SIZE(takes)](change);
		pthread_rwlock_unlock(&race_takes);
	} else {
		changes[(change->random >> 50) % ARRAY_SIZE(changes)](change);
	}
}

static void *change_space(void *seed)
{
	struct change change = { .random = (uintptr_t)seed };
	uint64_t random;
	size_t page, nr;

	while (!__atomic_load_n(&race_ends, __ATOMIC_RELAXED)) {
		random = change.random * 6364136223846793005 + 1442695040888963407;
		page = (random >> 33) % SPACE_PAGES;
		nr = 1 + (random >> 24) % 600;
		if (nr > SPACE_PAGES - page)
			nr = SPACE_PAGES - page;
		change.random = random;
		change.at = raced.start + page * PAGE;
		change.size = nr * PAGE;
		change.huge = raced.start + SPACE_PAGES * PAGE +
			      (random >> 20) % RACE_HUGE * 2 * MIB;
		change_once(&change);
	}
	return NULL;
}

static void make_raced(void)
{
	size_t i;

	write_file(THP "hugepages-64kB/enabled", "always");
	raced.pages = SPACE_PAGES + RACE_HUGE * 512;
	raced.start = anonymous(raced.pages * PAGE, MADV_NORMAL).start;
	/* By another way as well. */
	raced.child = getpid();
	for (i = 0; i < RACE_HUGE; i++)
		change_hugetlb(&(struct change){
			.huge = raced.start + SPACE_PAGES * PAGE + i * 2 * MIB,
		});
}

static void race_once(int fd, struct tally *tally)
{
	struct phyr_pin_request req = random_request(&raced);

	tally->requests++;
	tally->pinned += !ioctl(fd, PHYR_PIN_TIME, &req);
}

/* Not all is: what is protected for the moment can't be pinned by the second of them. */
static void race_both(int fd, struct tally *tally)
{
	struct phyr_pin_request req = random_request(&raced);

	pthread_rwlock_wrlock(&race_takes);
	fail_unless(!ioctl(fd, PHYR_PIN_BOTH, &req), "PHYR_PIN_BOTH");
	pthread_rwlock_unlock(&race_takes);
	tally->requests++;
	if (req.list_ret || req.gup_ret)
		return;
	tally->pinned++;
	tally->pages += req.pages;
	tally->differences += req.differences;
	if (req.differences)
		warnx("%llu differences in a race: %llu bytes at page %zu, flags %#x",
		      (unsigned long long)req.differences,
		      (unsigned long long)req.len,
		      (size_t)(req.addr - (uintptr_t)raced.start) / PAGE,
		      req.gup_flags);
}

static void tell_race(long seconds, const struct tally *once,
		      const struct tally *both)
{
	printf("race\t%ld\t%llu\t%llu\t%llu\t%llu\t%llu\t%llu\n", seconds,
	       (unsigned long long)once->requests,
	       (unsigned long long)once->pinned,
	       (unsigned long long)both->requests,
	       (unsigned long long)both->pinned,
	       (unsigned long long)both->pages,
	       (unsigned long long)both->differences);
}

static void race(time_t seconds)
{
	struct tally once = { 0 }, both = { 0 };
	time_t begin = time(NULL);
	pthread_t threads[3];
	int fd = open_pin();
	size_t i;

	make_raced();
	for (i = 0; i < ARRAY_SIZE(threads); i++)
		fail_unless(!pthread_create(&threads[i], NULL, change_space,
					    (void *)(i + 1)), "pthread_create");
	while (time(NULL) < begin + seconds) {
		race_once(fd, &once);
		race_both(fd, &both);
	}
	__atomic_store_n(&race_ends, true, __ATOMIC_RELAXED);
	for (i = 0; i < ARRAY_SIZE(threads); i++)
		pthread_join(threads[i], NULL);
	munmap(raced.start, raced.pages * PAGE);
	tell_race(time(NULL) - begin, &once, &both);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "time"))
		time_all();
	else if (!strcmp(what, "array"))
		array_all();
	else if (!strcmp(what, "compare") && argc > 2)
		compare_spaces(strtoul(argv[2], NULL, 10));
	else if (!strcmp(what, "race") && argc > 2)
		race(strtoul(argv[2], NULL, 10));
	else
		errx(1, "usage: rdma_pin time|array|compare SPACES|race SECONDS");
	return 0;
}
