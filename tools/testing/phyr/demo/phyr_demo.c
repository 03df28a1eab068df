// SPDX-License-Identifier: GPL-2.0-only
/*
 * Has the sample driver's device copy a process's memory, of every kind, and the
 * driver's own, and compares what arrives.  Runs in the demo's guest.
 *
 *	phyr_demo rows MODE	one line for each kind of memory
 *	phyr_demo dmabuf	memory of a DMABUF heap
 *	phyr_demo errors	bad input
 *	phyr_demo kill		a process killed while its memory is copied
 *	phyr_demo unbind	the device goes while memory is pinned
 */

#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/dma-buf.h>
#include <linux/dma-heap.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../../../samples/phyr/phyr_edu.h"

#define KIB		1024UL
#define MIB		(1024 * KIB)
#define PAGE		(4 * KIB)
#define HUGE		(2 * MIB)
#define UNTOUCHED	0xa5

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static int edu;

/* --- the device ---------------------------------------------------------- */

static int pin(void *addr, size_t len, unsigned int flags)
{
	struct phyr_edu_pin arg = {
		.addr = (uintptr_t)addr,
		.len = len,
		.flags = flags,
	};

	return ioctl(edu, PHYR_EDU_PIN, &arg);
}

/* Memory of the driver's own. */
static int alloc(__u64 len)
{
	return ioctl(edu, PHYR_EDU_ALLOC, &len);
}

static int copy(int dst, size_t dst_offset, int src, size_t src_offset,
		size_t len)
{
	struct phyr_edu_copy arg = {
		.dst_fd = dst,
		.src_fd = src,
		.dst_offset = dst_offset,
		.src_offset = src_offset,
		.len = len,
	};

	return ioctl(edu, PHYR_EDU_COPY, &arg);
}

static struct phyr_edu_info describe(int fd)
{
	struct phyr_edu_info info;

	if (ioctl(fd, PHYR_EDU_INFO, &info))
		err(1, "describing a buffer");
	return info;
}

static void open_device(void)
{
	edu = open("/dev/phyr_edu", O_RDWR | O_CLOEXEC);
	if (edu < 0)
		err(1, "/dev/phyr_edu");
}

/* --- memory -------------------------------------------------------------- */

struct kind {
	const char	*name;
	size_t		room;	/* mapped */
	size_t		offset;	/* of the buffer in it */
	size_t		len;
	void		*(*map)(size_t room);	/* or NULL: the driver's */
};

static void *map_anonymous(size_t room, int flags)
{
	void *mem = mmap(NULL, room, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);

	if (mem == MAP_FAILED)
		err(1, "mapping %zu bytes", room);
	return mem;
}

/* Touching the pages in a random order scatters them in physical memory. */
static void touch_in_disorder(unsigned char *mem, size_t room)
{
	size_t nr = room / PAGE, order[nr];

	for (size_t i = 0; i < nr; i++) {
		size_t j = (size_t)rand() % (i + 1);

		order[i] = order[j];
		order[j] = i;
	}
	for (size_t i = 0; i < nr; i++)
		mem[order[i] * PAGE] = 1;
}

static void *map_small(size_t room)
{
	void *mem = map_anonymous(room, 0);

	if (madvise(mem, room, MADV_NOHUGEPAGE))
		err(1, "MADV_NOHUGEPAGE");
	touch_in_disorder(mem, room);
	return mem;
}

/* Never unmapped: the padding for the alignment goes with the process. */
static void *map_thp(size_t room)
{
	char *mem = map_anonymous(room + HUGE, 0);

	mem += -(uintptr_t)mem % HUGE;
	if (madvise(mem, room, MADV_HUGEPAGE))
		err(1, "MADV_HUGEPAGE");
	return mem;
}

static void *map_hugetlb(size_t room)
{
	return map_anonymous(room, MAP_HUGETLB);
}

static void *map_memfd(size_t room)
{
	int fd = memfd_create("phyr_demo", MFD_CLOEXEC);
	void *mem;

	if (fd < 0 || ftruncate(fd, room))
		err(1, "memfd");
	mem = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (mem == MAP_FAILED)
		err(1, "mapping a memfd");
	close(fd);
	return mem;
}

static void *map_driver(size_t room, int *fd)
{
	void *mem;

	*fd = alloc(room);
	if (*fd < 0)
		err(1, "memory of the driver");
	mem = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
	if (mem == MAP_FAILED)
		err(1, "mapping memory of the driver");
	return mem;
}

static const struct kind kinds[] = {
	{ "4k pages",		MIB / 2,	0,	MIB / 2, map_small },
	{ "huge pages",		HUGE,		0,	HUGE,	map_thp },
	{ "hugetlb",		HUGE,		0,	HUGE,	map_hugetlb },
	{ "memfd",		MIB / 2,	0,	MIB / 2, map_memfd },
	{ "one page",		PAGE,		0,	PAGE,	map_small },
	{ "odd buffer",		320 * KIB,	1233,	300001,	map_small },
	{ "the driver's",	MIB / 2,	0,	MIB / 2, NULL },
};

/* --- rows ---------------------------------------------------------------- */

static __u64 next_random(__u64 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void fill(void *mem, size_t len, __u64 seed)
{
	__u64 *words = mem;

	for (size_t i = 0; i < len / sizeof(*words); i++)
		words[i] = next_random(&seed);
}

static bool all_are(const unsigned char *mem, size_t len, unsigned char byte)
{
	for (size_t i = 0; i < len; i++)
		if (mem[i] != byte)
			return false;
	return true;
}

static bool arrived(const struct kind *kind, const unsigned char *dst,
		    const unsigned char *src)
{
	size_t end = kind->offset + kind->len;

	return !memcmp(dst + kind->offset, src + kind->offset, kind->len) &&
	       all_are(dst, kind->offset, UNTOUCHED) &&
	       all_are(dst + end, kind->room - end, UNTOUCHED);
}

/* Is the device given the addresses that the mode is about? */
static bool mapped_as_told(const char *mode, const struct phyr_edu_info *info)
{
	bool same = info->dma_addr == info->phys;

	return same == !strcmp(mode, "passthrough");
}

static bool large_enough(const struct kind *kind,
			 const struct phyr_edu_info *info)
{
	bool huge = kind->map == map_thp || kind->map == map_hugetlb;

	return info->pages == (kind->offset % PAGE + kind->len + PAGE - 1) / PAGE &&
	       (!huge || info->ranges <= kind->len / HUGE);
}

static bool expected(const char *mode, const struct kind *kind, int fd)
{
	struct phyr_edu_info info = describe(fd);

	return mapped_as_told(mode, &info) && large_enough(kind, &info);
}

static void print_row(const char *mode, const struct kind *kind, int fd,
		      bool verified)
{
	struct phyr_edu_info info = describe(fd);

	printf("row\t%s\t%s\t%llu\t%llu\t%llu\t%llu\t%llu\t%s\t%#llx\t%#llx\t%s\n",
	       kind->name, mode, info.pages, info.ranges, info.list_bytes,
	       info.sg_bytes, info.dma_ranges, info.mode, info.phys,
	       info.dma_addr, verified ? "yes" : "no");
	fflush(stdout);
}

static void *map_kind(const struct kind *kind, int *fd)
{
	return kind->map ? kind->map(kind->room) : map_driver(kind->room, fd);
}

static bool do_row(const char *mode, const struct kind *kind, __u64 seed)
{
	unsigned char *src, *dst;
	int in, out;
	bool ok;

	src = map_kind(kind, &in);
	dst = map_kind(kind, &out);
	fill(src, kind->room, seed);
	memset(dst, UNTOUCHED, kind->room);
	if (kind->map) {
		in = pin(src + kind->offset, kind->len, 0);
		out = pin(dst + kind->offset, kind->len, PHYR_EDU_WRITE);
	}
	if (in < 0 || out < 0)
		err(1, "pinning %s", kind->name);

	if (copy(out, 0, in, 0, kind->len))
		err(1, "copying %s", kind->name);
	ok = arrived(kind, dst, src) && expected(mode, kind, in) &&
	     expected(mode, kind, out);
	print_row(mode, kind, in, ok);
	close(in);
	close(out);
	ok = ok && arrived(kind, dst, src);
	munmap(src, kind->room);
	munmap(dst, kind->room);
	return ok;
}

static int rows(const char *mode)
{
	bool ok = true;

	open_device();
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		ok &= do_row(mode, &kinds[i], 0x9e3779b97f4a7c15 + i);
	return !ok;
}

/* --- checks -------------------------------------------------------------- */

static int failures;

static void expect(const char *what, int error, int ret)
{
	int got = ret < 0 ? errno : 0;

	if (got != error) {
		fprintf(stderr, "phyr_demo: %s: %s instead of %s\n", what,
			strerror(got), strerror(error));
		failures++;
	}
}

static void check(const char *what, bool ok)
{
	if (!ok) {
		fprintf(stderr, "phyr_demo: %s\n", what);
		failures++;
	}
}

/* --- DMABUFs ------------------------------------------------------------- */

static int heap_buffer(size_t len)
{
	struct dma_heap_allocation_data arg = {
		.len = len,
		.fd_flags = O_RDWR | O_CLOEXEC,
	};
	int heap = open("/dev/dma_heap/system", O_RDWR | O_CLOEXEC);

	if (heap < 0 || ioctl(heap, DMA_HEAP_IOCTL_ALLOC, &arg))
		err(1, "memory of a heap");
	close(heap);
	return arg.fd;
}

static int import(int fd, unsigned int flags)
{
	struct phyr_edu_import arg = { .fd = fd, .flags = flags };

	return ioctl(edu, PHYR_EDU_IMPORT, &arg);
}

static void cpu_access(int fd, __u64 flags)
{
	struct dma_buf_sync arg = { .flags = flags };

	if (ioctl(fd, DMA_BUF_IOCTL_SYNC, &arg))
		err(1, "DMA_BUF_IOCTL_SYNC");
}

static bool same_in_heap(int fd, const void *mem, const void *other, size_t len)
{
	bool same;

	cpu_access(fd, DMA_BUF_SYNC_START | DMA_BUF_SYNC_READ);
	same = !memcmp(mem, other, len);
	cpu_access(fd, DMA_BUF_SYNC_END | DMA_BUF_SYNC_READ);
	return same;
}

/* There and back, all of it and an odd part. */
static void copy_dmabuf(int fd, char *heap, size_t len)
{
	char *src = map_small(len), *dst = map_small(len);
	int rd = pin(src, len, 0), wr = pin(dst, len, PHYR_EDU_WRITE);
	int buf = import(fd, PHYR_EDU_WRITE);

	expect("attaching a DMABUF", 0, buf);
	check("wrong number of pages", describe(buf).pages == len / PAGE);
	fill(src, len, 7);
	expect("copy to a DMABUF", 0, copy(buf, 0, rd, 0, len));
	check("wrong bytes in a DMABUF", same_in_heap(fd, heap, src, len));
	expect("copy to a part", 0, copy(buf, 5001, rd, 77, 9000));
	check("wrong bytes in a part",
	      same_in_heap(fd, heap, src, 5001) &&
	      same_in_heap(fd, heap + 5001, src + 77, 9000) &&
	      same_in_heap(fd, heap + 14001, src + 14001, len - 14001));

	cpu_access(fd, DMA_BUF_SYNC_START | DMA_BUF_SYNC_WRITE);
	fill(heap, len, 8);
	cpu_access(fd, DMA_BUF_SYNC_END | DMA_BUF_SYNC_WRITE);
	expect("copy from a DMABUF", 0, copy(wr, 0, buf, 0, len));
	check("wrong bytes from a DMABUF", same_in_heap(fd, heap, dst, len));
	close(buf);
	close(rd);
	close(wr);
}

static void bad_dmabufs(int fd, size_t len)
{
	int wr = import(fd, PHYR_EDU_WRITE), rd = import(fd, 0);

	expect("attaching no descriptor", EBADF, import(-1, 0));
	expect("attaching what is no DMABUF", EINVAL, import(edu, 0));
	expect("attaching with an unknown flag", EINVAL, import(fd, 4));
	expect("attaching with nothing to read", EFAULT,
	       ioctl(edu, PHYR_EDU_IMPORT, 1));
	expect("two DMABUFs", EINVAL, copy(wr, 0, rd, 0, 1));
	expect("DMABUF not for writing", EACCES, copy(rd, 0, wr, 0, 1));
	expect("past the DMABUF's end", EINVAL, copy(wr, len, rd, 0, 1));
	check("a DMABUF was mapped through the driver",
	      mmap(NULL, PAGE, PROT_READ, MAP_SHARED, wr, 0) == MAP_FAILED);
	close(wr);
	close(rd);
}

/* Shorter than the longest bounce buffer, which stock's exporters need. */
static int dmabuf(void)
{
	size_t len = 192 * KIB;
	int fd = heap_buffer(len);
	char *heap = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (heap == MAP_FAILED)
		err(1, "mapping memory of a heap");
	open_device();
	copy_dmabuf(fd, heap, len);
	bad_dmabufs(fd, len);
	munmap(heap, len);
	close(fd);
	return failures != 0;
}

/* --- bad input ----------------------------------------------------------- */

static void bad_pins(char *mem, size_t len)
{
	struct phyr_edu_pin arg = { .addr = (uintptr_t)mem, .len = len };

	expect("no length", EINVAL, pin(mem, 0, 0));
	expect("more than the driver takes", EINVAL, pin(mem, 1UL << 40, 0));
	expect("length that wraps", EINVAL, pin(mem, -PAGE, 0));
	expect("unknown flag", EINVAL, pin(mem, len, 2));
	arg.reserved = 1;
	expect("reserved field", EINVAL, ioctl(edu, PHYR_EDU_PIN, &arg));
	expect("past the mapping", EFAULT, pin(mem, len + PAGE, 0));
	expect("no memory there", EFAULT, pin(NULL, len, 0));
	expect("argument not readable", EFAULT, ioctl(edu, PHYR_EDU_PIN, 1));
	expect("unknown ioctl", ENOTTY, ioctl(edu, PHYR_EDU_INFO, &arg));
}

static void bad_allocations(void)
{
	int fd = alloc(PAGE + 1);

	expect("no memory asked for", EINVAL, alloc(0));
	expect("more memory than the driver gives", EINVAL, alloc(1UL << 40));
	expect("length not readable", EFAULT, ioctl(edu, PHYR_EDU_ALLOC, 1));
	expect("a page and a byte", 0, fd);
	check("wrong number of pages", describe(fd).pages == 2);
	check("memory past the end was mapped",
	      mmap(NULL, 3 * PAGE, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED);
	close(fd);
}

static void map_pinned(int fd)
{
	void *mem = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);

	check("pinned memory was mapped", mem == MAP_FAILED && errno == ENODEV);
}

static void read_only_pins(void)
{
	char *mem = map_small(PAGE);
	int fd;

	if (mprotect(mem, PAGE, PROT_READ))
		err(1, "mprotect");
	expect("read-only memory", EFAULT, pin(mem, PAGE, PHYR_EDU_WRITE));
	fd = pin(mem, PAGE, 0);
	expect("read-only memory for reading", 0, fd);
	close(fd);
	munmap(mem, PAGE);
}

static void bad_descriptors(int rd, int wr, size_t len)
{
	expect("no source", EBADF, copy(wr, 0, -1, 0, len));
	expect("no destination", EBADF, copy(9999, 0, rd, 0, len));
	expect("foreign source", EINVAL, copy(wr, 0, STDIN_FILENO, 0, len));
	expect("foreign destination", EINVAL, copy(edu, 0, rd, 0, len));
	expect("destination not for writing", EACCES, copy(rd, 0, wr, 0, len));
	expect("unknown ioctl of a buffer", ENOTTY, ioctl(rd, PHYR_EDU_COPY, 0));
	expect("result not writable", EFAULT, ioctl(rd, PHYR_EDU_INFO, 1));
}

static void bad_copies(int rd, int wr, size_t len)
{
	expect("nothing to copy", EINVAL, copy(wr, 0, rd, 0, 0));
	expect("longer than it is", EINVAL, copy(wr, 0, rd, 0, len + 1));
	expect("source past its end", EINVAL, copy(wr, 0, rd, 1, len));
	expect("destination past its end", EINVAL, copy(wr, 1, rd, 0, len));
	expect("offset that wraps", EINVAL, copy(wr, -1UL, rd, 0, 2));
	expect("length that wraps", EINVAL, copy(wr, 1, rd, 0, -1UL));
	expect("offset at the end", EINVAL, copy(wr, len, rd, 0, 1));
}

/* What the last copy of all may do, it does: one byte, at both ends. */
static void good_copy(int rd, int wr, char *src, char *dst, size_t len)
{
	src[0] = 'x';
	dst[len - 1] = 0;
	expect("one byte", 0, copy(wr, len - 1, rd, 0, 1));
	check("the last byte didn't arrive", dst[len - 1] == 'x');
}

/* Root may pin whatever it wants: a process without the capability may not. */
static void locked_limit(char *mem, size_t len)
{
	struct rlimit limit = { .rlim_cur = len / 2, .rlim_max = len / 2 };
	int status;

	if (!fork()) {
		if (setrlimit(RLIMIT_MEMLOCK, &limit) || setuid(65534))
			err(1, "becoming nobody");
		expect("more than the limit", ENOMEM, pin(mem, len, 0));
		expect("no more than the limit", 0, pin(mem, len / 2, 0));
		expect("one page too many", ENOMEM, pin(mem, 1, 0));
		exit(failures);
	}
	wait(&status);
	failures += WEXITSTATUS(status);
}

static int errors(void)
{
	size_t len = 16 * PAGE;
	char *src = map_small(len), *dst = map_small(len);
	int rd, wr;

	/* Nothing may follow the memory, for what reaches past it to fail. */
	map_anonymous(PAGE, 0);
	munmap(src + len - PAGE, PAGE);
	len -= PAGE;

	open_device();
	bad_pins(src, len);
	bad_allocations();
	read_only_pins();
	rd = pin(src, len, 0);
	wr = pin(dst, len, PHYR_EDU_WRITE);
	map_pinned(rd);
	bad_descriptors(rd, wr, len);
	bad_copies(rd, wr, len);
	good_copy(rd, wr, src, dst, len);
	locked_limit(dst, 8 * PAGE);
	return failures;
}

/* --- processes and devices that go --------------------------------------- */

static long counter(const char *name)
{
	char line[128];
	FILE *file;
	long value;

	/* Folds the processors' counts into the ones that are shown. */
	file = fopen("/proc/sys/vm/stat_refresh", "r");
	if (!file || fread(line, 1, 1, file) > 1 || fclose(file))
		err(1, "stat_refresh");

	file = fopen("/proc/vmstat", "r");
	while (file && fgets(line, sizeof(line), file)) {
		size_t len = strlen(name);

		if (!strncmp(line, name, len) && line[len] == ' ') {
			value = atol(line + len);
			fclose(file);
			return value;
		}
	}
	err(1, "%s in /proc/vmstat", name);
}

static long pinned(void)
{
	return counter("nr_foll_pin_acquired") - counter("nr_foll_pin_released");
}

static void copy_forever(int ready)
{
	int rd = pin(map_small(MIB), MIB, 0);
	int wr = pin(map_small(MIB), MIB, PHYR_EDU_WRITE);

	if (write(ready, "", 1) != 1)
		err(1, "pipe");
	while (!copy(wr, 0, rd, 0, MIB))
		;
	err(1, "copying until killed");
}

static int kill_while_copying(void)
{
	int ready[2], status;
	pid_t child;
	char byte;

	open_device();
	if (pipe(ready))
		err(1, "pipe");
	child = fork();
	if (!child)
		copy_forever(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		err(1, "pipe");
	usleep(2500000);

	check("not all is pinned", pinned() == 2 * MIB / PAGE);
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	check("not killed while copying", WIFSIGNALED(status));
	check("memory of a dead process stays pinned", !pinned());
	return failures;
}

static int lose_device(void)
{
	size_t len = 16 * PAGE;
	struct phyr_edu_info info;
	unsigned char *own;
	int rd, wr, fd;

	open_device();
	own = map_driver(len, &fd);
	close(fd);
	rd = pin(map_small(len), len, 0);
	wr = pin(map_small(len), len, PHYR_EDU_WRITE);
	if (system("cd /sys/bus/pci/drivers/phyr_edu && echo 0000:* >unbind"))
		err(1, "unbinding the driver");

	check("memory stays pinned without the device", !pinned());
	expect("buffer without device", ENODEV, ioctl(rd, PHYR_EDU_INFO, &info));
	expect("copy without device", ENODEV, copy(wr, 0, rd, 0, len));
	expect("pin without device", ENODEV, pin(&len, sizeof(len), 0));
	expect("memory without device", ENODEV, alloc(len));
	memset(own, UNTOUCHED, len);
	check("the driver's memory went with the device",
	      all_are(own, len, UNTOUCHED));
	munmap(own, len);
	return failures;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "rows") && argc > 2)
		return rows(argv[2]);
	if (!strcmp(what, "dmabuf"))
		return dmabuf();
	if (!strcmp(what, "errors"))
		return errors();
	if (!strcmp(what, "kill"))
		return kill_while_copying();
	if (!strcmp(what, "unbind"))
		return lose_device();
	fputs("usage: phyr_demo rows MODE | dmabuf | errors | kill | unbind\n", stderr);
	return 2;
}
