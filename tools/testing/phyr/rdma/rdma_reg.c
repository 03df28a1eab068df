// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registers memory of all kinds with an RDMA device, for "make rdma":
 *
 *   rdma_reg verify	lets the device phyr_edu_rdma read and write what it was
 *			given, and compares with what this program sees
 *   rdma_reg errors	what bad requests are answered with
 *   rdma_reg time	how long registering and deregistering take
 *   rdma_reg held	how much memory the kernel holds for what is registered
 *   rdma_reg killed	kills 1,000 processes that register and deregister: what
 *			they had pinned is for the caller to look for
 *
 * The device's name follows, then the kinds of memory, or none for all.  Rows
 * of fields separated by tabs go to standard output.
 */

#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/dma-heap.h>
#include <linux/udmabuf.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "rdma_memory.h"
#include "rdma_verbs.h"

#define ROUNDS		7
#define PARAMETERS	"/sys/module/phyr_edu_rdma/parameters/"

/* --- memory -------------------------------------------------------------- */

/*
 * More address space than there is memory: the same pages again and again.
 * Stock rxe has an array for all of a region that kmalloc() has to give, and
 * warns when that is more than for 1 GiB.
 */
static size_t wide_size = 8 * GIB;

static struct memory make_wide(size_t size)
{
	int fd = new_memfd(size), again = wide_size / size, i;
	struct memory part = map_memory(size, MAP_SHARED, fd), mem;

	touch_shuffled(&part);
	munmap(part.map, size);
	mem = map_memory(again * size, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	for (i = 0; i < again; i++)
		fail_unless(mmap(mem.map + i * size, size,
				 PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_FIXED | MAP_POPULATE, fd,
				 0) != MAP_FAILED, "mmap");
	close(fd);
	return mem;
}

static struct memory make_udmabuf(size_t size)
{
	struct udmabuf_create request = { .size = size };
	int fd = open("/dev/udmabuf", O_RDWR);
	struct memory mem;

	fail_unless(fd >= 0, "/dev/udmabuf");
	request.memfd = new_memfd(size);
	mem = map_memory(size, MAP_SHARED, request.memfd);
	touch_shuffled(&mem);
	fail_unless(!fcntl(request.memfd, F_ADD_SEALS, F_SEAL_SHRINK),
		    "F_ADD_SEALS");
	mem.dmabuf = ioctl(fd, UDMABUF_CREATE, &request);
	fail_unless(mem.dmabuf >= 0, "UDMABUF_CREATE");
	close(request.memfd);
	close(fd);
	return mem;
}

static struct memory make_heap(size_t size)
{
	struct dma_heap_allocation_data request = {
		.len = size, .fd_flags = O_RDWR | O_CLOEXEC,
	};
	int fd = open("/dev/dma_heap/system", O_RDWR);
	struct memory mem;

	fail_unless(fd >= 0, "/dev/dma_heap/system");
	fail_unless(!ioctl(fd, DMA_HEAP_IOCTL_ALLOC, &request),
		    "DMA_HEAP_IOCTL_ALLOC");
	close(fd);
	mem = map_memory(size, MAP_SHARED, request.fd);
	mem.dmabuf = request.fd;
	touch(&mem);
	return mem;
}

static struct memory make_odd(size_t size)
{
	return cut(make_thp(size), 5 * PAGE + 100, 9 * PAGE + 77);
}

static struct memory make_udmabuf_slice(size_t size)
{
	return cut(make_udmabuf(size), size / 4 + 3 * PAGE, size / 4 + PAGE);
}

static struct memory make_heap_slice(size_t size)
{
	return cut(make_heap(size), size / 4 + 3 * PAGE, size / 4 + PAGE);
}

/* What depends on how memory is fragmented comes first: it isn't yet. */
static const struct kind {
	const char	*name;
	struct memory	(*make)(size_t size);
	bool		dmabuf;
	bool		slow;		/* few rounds, and not to be verified */
} kinds[] = {
	{ .name = "heap", .make = make_heap, .dmabuf = true },
	{ .name = "heap-slice", .make = make_heap_slice, .dmabuf = true },
	{ .name = "udmabuf", .make = make_udmabuf, .dmabuf = true },
	{ .name = "udmabuf-slice", .make = make_udmabuf_slice, .dmabuf = true },
	{ .name = "4k", .make = make_scattered },
	{ .name = "contiguous", .make = make_contiguous },
	{ .name = "thp", .make = make_thp },
	{ .name = "odd", .make = make_odd },
	{ .name = "hugetlb-2m", .make = make_huge2m },
	{ .name = "hugetlb-1g", .make = make_huge1g },
	{ .name = "memfd", .make = make_memfd },
	{ .name = "page", .make = make_page },
	{ .name = "wide", .make = make_wide, .slow = true },
};

/* --- registering --------------------------------------------------------- */

/* The device sees memory at @iova and the next bytes, alike within a page. */
static int try_reg(const struct device *dev, const struct memory *mem,
		   uint64_t iova)
{
	if (mem->dmabuf < 0)
		return reg_mr(dev, mem->start, mem->size, iova, ACCESS);
	return reg_dmabuf(dev, mem->dmabuf, mem->offset, mem->size, iova, ACCESS);
}

static int reg_at(const struct device *dev, const struct memory *mem,
		  uint64_t iova)
{
	int handle = try_reg(dev, mem, iova);

	if (handle < 0) {
		errno = -handle;
		err(1, "registering %zu bytes at %#llx", mem->size,
		    (unsigned long long)iova);
	}
	return handle;
}

static uint64_t natural_iova(const struct memory *mem)
{
	return mem->dmabuf < 0 ? (uintptr_t)mem->start : mem->offset;
}

/* --- verify -------------------------------------------------------------- */

#define SAMPLE		32	/* bytes */
#define SAMPLED_BLOCKS	24
#define SAMPLED_EDGES	16
#define SAMPLED_WRITES	4

struct tally {
	unsigned int	blocks;
	unsigned int	reads;
	unsigned int	writes;
	unsigned int	mismatches;
};

/* No two places look the same; where memory is huge, around pages' edges. */
static void fill(const struct memory *mem)
{
	unsigned char *byte = mem->map;
	size_t i;

	for (i = 0; i + 8 <= mem->map_size; i += 8) {
		if (i % PAGE == 2 * SAMPLE && mem->map_size > 64 * MIB)
			i += PAGE - 4 * SAMPLE;
		memcpy(byte + i, &(uint64_t){ (i + 1) * 0x9e3779b97f4a7c15 }, 8);
	}
}

static void mismatch(const struct memory *mem, const char *what, uint64_t at,
		     int error, struct tally *tally)
{
	if (tally->mismatches++ < 5)
		warnx("%s of byte %llu of %zu: %s", what,
		      (unsigned long long)at, mem->size,
		      error ? strerror(-error) : "not what is there");
}

/* By the device, and by the CPU where the kernel has pages. */
static void check_read(const struct device *dev, const struct memory *mem,
		       int handle, uint64_t at, size_t len, struct tally *tally)
{
	unsigned char data[4 * SAMPLE];
	int by_cpu, error;

	for (by_cpu = 0; by_cpu <= (mem->dmabuf < 0); by_cpu++) {
		memset(data, 0x55, sizeof(data));
		error = edu_read(dev, handle, at, by_cpu, data, len);
		if (error || memcmp(data, mem->start + at, len))
			mismatch(mem, by_cpu ? "copy" : "read", at, error, tally);
		tally->reads += !by_cpu;
	}
}

static void check_write(const struct device *dev, const struct memory *mem,
			int handle, uint64_t at, size_t len, struct tally *tally)
{
	unsigned char data[SAMPLE];
	size_t i;
	int error;

	for (i = 0; i < len; i++)
		data[i] = ~mem->start[at + i];
	error = edu_write(dev, handle, at, data, len);
	if (error || memcmp(data, mem->start + at, len))
		mismatch(mem, "write", at, error, tally);
	tally->writes++;
}

/* The first and the last bytes of a block that lie in the region. */
static void check_block(const struct device *dev, const struct memory *mem,
			int handle, uint64_t start, uint64_t end, bool write,
			struct tally *tally)
{
	size_t len = end - start < SAMPLE ? end - start : SAMPLE;

	if (write) {
		check_write(dev, mem, handle, start, len, tally);
		check_write(dev, mem, handle, end - len, len, tally);
	}
	check_read(dev, mem, handle, start, len, tally);
	check_read(dev, mem, handle, end - len, len, tally);
	tally->blocks++;
}

static void check_blocks(const struct device *dev, const struct memory *mem,
			 int handle, uint64_t iova, struct tally *tally)
{
	struct phyr_edu_mr_info info = edu_query(dev, handle);
	uint64_t size = info.page_size, nr, i, block, start, end, samples;

	nr = (iova + mem->size - 1) / size - iova / size + 1;
	if (nr != info.nr_blocks)
		mismatch(mem, "number of blocks", 0, 0, tally);
	samples = nr < SAMPLED_BLOCKS ? nr : SAMPLED_BLOCKS;
	for (i = 0; i < samples; i++) {
		block = samples > 1 ? i * (nr - 1) / (samples - 1) : 0;
		start = block ? (iova / size + block) * size - iova : 0;
		end = (iova / size + block + 1) * size - iova;
		check_block(dev, mem, handle, start,
			    end < mem->size ? end : mem->size,
			    i < SAMPLED_WRITES, tally);
	}
}

/* Blocks hold many pages: both sides of where two of them meet. */
static void check_edges(const struct device *dev, const struct memory *mem,
			int handle, struct tally *tally)
{
	size_t first = -(uintptr_t)mem->start & (PAGE - 1), at;
	int i;

	if (mem->size < first + 3 * PAGE)
		return;
	for (i = 0; i < SAMPLED_EDGES; i++) {
		at = first + PAGE +
		     random_below((mem->size - first) / PAGE - 2) * PAGE;
		check_read(dev, mem, handle, at - SAMPLE, 2 * SAMPLE, tally);
	}
}

static void verify_region(const struct device *dev, const struct kind *kind,
			  const char *how, const struct memory *mem, uint64_t iova)
{
	struct phyr_edu_mr_info info;
	struct tally tally = { 0 };
	int handle;

	handle = reg_at(dev, mem, iova);
	info = edu_query(dev, handle);
	check_blocks(dev, mem, handle, iova, &tally);
	check_edges(dev, mem, handle, &tally);
	dereg_mr(dev, handle);
	printf("verify\t%s\t%s\t%zu\t%llu\t%llu\t%u\t%u\t%u\t%u\n", kind->name,
	       how, mem->size, (unsigned long long)info.page_size,
	       (unsigned long long)info.nr_blocks, tally.blocks, tally.reads,
	       tally.writes, tally.mismatches);
	fflush(stdout);
}

/* What a region is for the device depends on where it sees it. */
static void verify_memory(const struct device *dev, const struct kind *kind,
			  const char *how, const struct memory *mem)
{
	uint64_t iova = natural_iova(mem);
	char what[64];

	verify_region(dev, kind, how, mem, iova);
	snprintf(what, sizeof(what), "%s, at 0", how);
	verify_region(dev, kind, what, mem, iova % PAGE);
	snprintf(what, sizeof(what), "%s, high", how);
	verify_region(dev, kind, what, mem, (1ULL << 46) + 7 * 16 * PAGE + iova % PAGE);
	snprintf(what, sizeof(what), "%s, 4 KiB blocks", how);
	write_file(PARAMETERS "page_sizes", "4096");
	verify_region(dev, kind, what, mem, iova);
	write_file(PARAMETERS "page_sizes", "0x40211000");
}

/*
 * The memory moves: the device still reads the right bytes.  Or it is taken
 * away: the device reads none.
 */
static void verify_invalidate(const struct device *dev, const struct kind *kind,
			      const struct memory *mem, bool moves)
{
	uint64_t iova = natural_iova(mem);
	int handle = reg_at(dev, mem, iova), error;
	struct tally tally = { 0 };
	unsigned char byte;

	if (edu_invalidate(dev, handle) || edu_query(dev, handle).mapped)
		mismatch(mem, "invalidation", 0, 0, &tally);
	if (moves) {
		check_read(dev, mem, handle, 0, 1, &tally);
		check_blocks(dev, mem, handle, iova, &tally);
	} else {
		error = edu_read(dev, handle, 0, 0, &byte, 1);
		if (error != -ENODEV)
			mismatch(mem, "revocation", 0, error, &tally);
	}
	dereg_mr(dev, handle);
	printf("verify\t%s\t%s\t%zu\t0\t0\t%u\t%u\t%u\t%u\n", kind->name,
	       moves ? "moved" : "revoked", mem->size, tally.blocks,
	       tally.reads, tally.writes, tally.mismatches);
}

static void verify_dmabuf(const struct device *dev, const struct kind *kind,
			  const struct memory *mem)
{
	verify_memory(dev, kind, "pinned", mem);
	write_file(PARAMETERS "dmabuf", "1");
	verify_memory(dev, kind, "dynamic", mem);
	verify_invalidate(dev, kind, mem, true);
	write_file(PARAMETERS "dmabuf", "2");
	verify_memory(dev, kind, "revocable", mem);
	verify_invalidate(dev, kind, mem, false);
	write_file(PARAMETERS "dmabuf", "0");
}

static void verify(const struct device *dev, const struct kind *kind)
{
	struct memory mem, part;

	if (kind->slow)
		return;
	mem = kind->make(16 * MIB);
	fill(&mem);
	if (kind->dmabuf) {
		verify_dmabuf(dev, kind, &mem);
	} else {
		verify_memory(dev, kind, "whole", &mem);
		part = cut(mem, 1111, 777);
		verify_memory(dev, kind, "part", &part);
	}
	free_memory(&mem);
}

/* --- errors -------------------------------------------------------------- */

static void print_error(const struct device *dev, const char *what, int ret)
{
	printf("error\t%s\t%s\t%s\n", dev->name, what,
	       ret < 0 ? strerrorname_np(-ret) : "none");
	if (ret >= 0)
		dereg_mr(dev, ret);
}

static void dmabuf_errors(const struct device *dev)
{
	struct memory mem = make_heap(4 * PAGE);

	print_error(dev, "not a descriptor", reg_dmabuf(dev, -1, 0, PAGE, 0, ACCESS));
	print_error(dev, "not a DMABUF", reg_dmabuf(dev, 0, 0, PAGE, 0, ACCESS));
	print_error(dev, "no bytes of it",
		    reg_dmabuf(dev, mem.dmabuf, 0, 0, 0, ACCESS));
	print_error(dev, "more than it has",
		    reg_dmabuf(dev, mem.dmabuf, PAGE, 4 * PAGE, PAGE, ACCESS));
	print_error(dev, "around the end of numbers",
		    reg_dmabuf(dev, mem.dmabuf, PAGE, -PAGE, PAGE, ACCESS));
	print_error(dev, "its last byte",
		    reg_dmabuf(dev, mem.dmabuf, 4 * PAGE - 1, 1, PAGE - 1, ACCESS));
	free_memory(&mem);
}

static void errors(const struct device *dev)
{
	struct memory mem = make_contiguous(4 * PAGE);
	unsigned char *start = mem.start;

	print_error(dev, "no bytes", reg_mr(dev, start, 0, 0, ACCESS));
	print_error(dev, "one byte", reg_mr(dev, start, 1, 0, ACCESS));
	/* The kernel warns where siw allocates for that, before it is checked. */
	if (strncmp(dev->name, "siw", 3))
		print_error(dev, "past the end of numbers",
			    reg_mr(dev, start, -PAGE, 0, ACCESS));
	print_error(dev, "to the end of numbers",
		    reg_mr(dev, (void *)-PAGE, PAGE, 0, ACCESS));
	munmap(start + 2 * PAGE, PAGE);
	print_error(dev, "a hole", reg_mr(dev, start, 4 * PAGE, 0, ACCESS));
	mprotect(start, PAGE, PROT_READ);
	print_error(dev, "write to what is read-only",
		    reg_mr(dev, start, 2 * PAGE, 0, ACCESS));
	print_error(dev, "read what is read-only",
		    reg_mr(dev, start, 2 * PAGE, 0, IB_UVERBS_ACCESS_REMOTE_READ));
	print_error(dev, "remote write without local",
		    reg_mr(dev, start, PAGE, 0, IB_UVERBS_ACCESS_REMOTE_WRITE));
	free_memory(&mem);
	if (is_edu(dev))
		dmabuf_errors(dev);
}

/* --- layout -------------------------------------------------------------- */

/*
 * How many ranges of neighbouring pages there are, by what the kernel tells the
 * superuser: kernels can be compared if they gave the same.  Pages of which it
 * tells nothing, as those of a heap, count one by one.
 */
static size_t nr_ranges(const struct memory *mem)
{
	int fd = open("/proc/self/pagemap", O_RDONLY);
	size_t nr = 0, page, end;
	uint64_t entry, last = 0;

	fail_unless(fd >= 0, "/proc/self/pagemap");
	end = ((uintptr_t)mem->start + mem->size + PAGE - 1) / PAGE;
	for (page = (uintptr_t)mem->start / PAGE; page < end; page++) {
		fail_unless(pread(fd, &entry, 8, page * 8) == 8, "pagemap");
		entry &= (1ULL << 55) - 1;
		nr += entry != last + 1;
		last = entry;
	}
	close(fd);
	return nr;
}

/* --- time ---------------------------------------------------------------- */

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(uint64_t *)a, y = *(uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void print_times(const char *what, const struct device *dev,
			const struct kind *kind, size_t pages, size_t ranges,
			uint64_t *times, int rounds)
{
	qsort(times, rounds, sizeof(*times), compare);
	printf("%s\t%s\t%s\t%zu\t%zu\t%llu\t%llu\t%llu\t%d\n", what,
	       dev->name, kind->name, pages, ranges,
	       (unsigned long long)times[rounds / 2],
	       (unsigned long long)times[0],
	       (unsigned long long)times[rounds - 1], rounds);
	fflush(stdout);
}

/* What the memory before left in pieces shouldn't make a difference. */
static struct memory make_memory(const struct kind *kind)
{
	write_file("/proc/sys/vm/compact_memory", "1");
	return kind->make(128 * MIB);
}

static size_t nr_pages(const struct memory *mem)
{
	return (mem->offset % PAGE + mem->size + PAGE - 1) / PAGE;
}

/*
 * In a guest whose clock counts instructions that is what these are.  A first
 * round is for caches of the kernel's allocators; what is freed late has a rest
 * for it.
 */
static void measure_time(const struct device *dev, const struct kind *kind)
{
	int rounds = kind->slow ? 1 : ROUNDS, round, handle;
	uint64_t reg[ROUNDS], dereg[ROUNDS], begin;
	struct memory mem = make_memory(kind);
	size_t pages = nr_pages(&mem), ranges = nr_ranges(&mem);

	for (round = kind->slow ? 0 : -1; round < rounds; round++) {
		usleep(50000);
		begin = now();
		handle = reg_at(dev, &mem, natural_iova(&mem));
		if (round >= 0)
			reg[round] = now() - begin;
		usleep(50000);
		begin = now();
		dereg_mr(dev, handle);
		if (round >= 0)
			dereg[round] = now() - begin;
	}
	print_times("register", dev, kind, pages, ranges, reg, rounds);
	print_times("deregister", dev, kind, pages, ranges, dereg, rounds);
	free_memory(&mem);
}

/* --- held ---------------------------------------------------------------- */

/*
 * Pages that nobody has, by the count that is right at any time: the free
 * lists' and those that each processor keeps ready.  Lists of memory come from
 * slabs, from pages of their own and from vmalloc; a count of each would miss
 * one or count it twice.
 */
static size_t free_pages(void)
{
	size_t total = 0, value;
	char line[256];
	FILE *file;

	/* Folds what processors have counted and not yet added up. */
	write_file("/proc/sys/vm/stat_refresh", "1");
	file = fopen("/proc/zoneinfo", "r");
	fail_unless(file, "/proc/zoneinfo");
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, " nr_free_pages %zu", &value) == 1 ||
		    sscanf(line, " count: %zu", &value) == 1)
			total += value;
	fclose(file);
	return total;
}

/*
 * The same memory registered again and again, until what the kernel takes for
 * other things in the meantime is nothing beside it: half a million pages, of
 * which a stray hundred would be a byte for each.  One registration before
 * that leaves the slabs as they are in the middle of such a series.
 */
#define HELD_PAGES	((size_t)1 << 19)
#define HELD_MAX	1024

static void measure_held(const struct device *dev, const struct kind *kind)
{
	struct memory mem = make_memory(kind);
	size_t pages = nr_pages(&mem), nr, i, before, after;
	int handles[HELD_MAX];

	nr = (HELD_PAGES + pages - 1) / pages;
	if (nr > HELD_MAX)
		nr = HELD_MAX;
	dereg_mr(dev, reg_at(dev, &mem, natural_iova(&mem)));
	sleep(1);
	before = free_pages();
	for (i = 0; i < nr; i++)
		handles[i] = reg_at(dev, &mem, natural_iova(&mem));
	sleep(1);
	after = free_pages();
	for (i = 0; i < nr; i++)
		dereg_mr(dev, handles[i]);
	printf("held\t%s\t%s\t%zu\t%zd\n", dev->name, kind->name, nr * pages,
	       (ssize_t)(before - after) * (ssize_t)PAGE);
	fflush(stdout);
	free_memory(&mem);
}

/* --- killed -------------------------------------------------------------- */

enum { STARTING, REGISTERING, DEREGISTERING, NR_DOINGS };

/* By a context of its own, which goes with the process. */
static void register_forever(const char *name, const struct memory *mem,
			     int *doing)
{
	struct device dev = open_rdma(name);
	int handle;

	for (;;) {
		__atomic_store_n(doing, REGISTERING, __ATOMIC_RELAXED);
		handle = reg_at(&dev, mem, natural_iova(mem));
		__atomic_store_n(doing, DEREGISTERING, __ATOMIC_RELAXED);
		dereg_mr(&dev, handle);
	}
}

/* Returns in what it was.  The memory is this process's as well: copied, or shared. */
static int kill_one(const struct device *dev, const struct memory *mem,
		    int *doing)
{
	int status;
	pid_t pid;

	*doing = STARTING;
	pid = fork();
	fail_unless(pid >= 0, "fork");
	if (!pid)
		register_forever(dev->name, mem, doing);
	while (__atomic_load_n(doing, __ATOMIC_RELAXED) == STARTING)
		usleep(100);
	usleep(random_below(10000));
	fail_unless(!kill(pid, SIGKILL), "kill");
	fail_unless(waitpid(pid, &status, 0) == pid, "waitpid");
	if (!WIFSIGNALED(status))
		errx(1, "a process ended before it was killed");
	return __atomic_load_n(doing, __ATOMIC_RELAXED);
}

static void kill_many(const struct device *dev)
{
	struct memory mems[] = {
		make_scattered(8 * MIB), make_thp(8 * MIB),
		make_huge2m(8 * MIB), make_memfd(8 * MIB),
	};
	struct memory shared = map_memory(PAGE, MAP_SHARED | MAP_ANONYMOUS, -1);
	int counts[NR_DOINGS] = { 0 }, i;

	for (i = 0; i < 1000; i++)
		counts[kill_one(dev, &mems[i % ARRAY_SIZE(mems)],
				(int *)shared.start)]++;
	printf("killed\t%s\t%d\t%d\n", dev->name, counts[REGISTERING],
	       counts[DEREGISTERING]);
}

/* --- start --------------------------------------------------------------- */

static bool wanted(const struct kind *kind, char **names)
{
	if (!*names)
		return true;
	for (; *names; names++)
		if (!strcmp(*names, kind->name))
			return true;
	return false;
}

static void each_kind(const struct device *dev, char **names,
		      void (*run)(const struct device *, const struct kind *))
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (wanted(&kinds[i], names) &&
		    (!kinds[i].dmabuf || is_edu(dev)))
			run(dev, &kinds[i]);
}

int main(int argc, char **argv)
{
	struct device dev;

	if (argc < 3)
		errx(1, "usage: rdma_reg verify|errors|time|held|killed DEVICE [KIND...]");
	dev = open_rdma(argv[2]);
	if (!strncmp(dev.name, "rxe", 3))
		wide_size = GIB;
	if (!strcmp(argv[1], "verify"))
		each_kind(&dev, argv + 3, verify);
	else if (!strcmp(argv[1], "time"))
		each_kind(&dev, argv + 3, measure_time);
	else if (!strcmp(argv[1], "held"))
		each_kind(&dev, argv + 3, measure_held);
	else if (!strcmp(argv[1], "killed"))
		kill_many(&dev);
	else
		errors(&dev);
	return 0;
}
