/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _RDMA_MEMORY_H
#define _RDMA_MEMORY_H
/*
 * Memory of all kinds, for programs that have it pinned.
 */

#include <err.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define PAGE		((size_t)4096)
#define MIB		((size_t)1 << 20)
#define GIB		((size_t)1 << 30)

static inline void fail_unless(bool good, const char *what)
{
	if (!good)
		err(1, "%s", what);
}

static inline int open_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	fail_unless(fd >= 0, path);
	return fd;
}

static inline void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	fail_unless(fd >= 0 && write(fd, text, strlen(text)) > 0, path);
	close(fd);
}

/* The same numbers in each run, so that kernels can be compared. */
static uint64_t random_state = 0x9e3779b97f4a7c15;

static inline uint64_t random_below(uint64_t limit)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state % limit;
}

/* --- memory -------------------------------------------------------------- */

/* What is registered, as this program sees it. */
struct memory {
	unsigned char	*map;		/* what was mapped, and all of it */
	size_t		map_size;
	unsigned char	*start;
	size_t		size;
	int		dmabuf;		/* its descriptor, or -1 */
	uint64_t	offset;		/* in the DMABUF */
};

static inline struct memory map_memory(size_t size, int flags, int fd)
{
	struct memory mem = { .map_size = size, .size = size, .dmabuf = -1 };

	mem.map = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       flags | MAP_NORESERVE, fd, 0);
	fail_unless(mem.map != MAP_FAILED, "mmap");
	mem.start = mem.map;
	return mem;
}

/* In place of what is mapped there. */
static inline unsigned char *map_at(void *at, size_t size, int prot, int flags, int fd)
{
	unsigned char *map = mmap(at, size, prot, flags | MAP_FIXED, fd, 0);

	fail_unless(map != MAP_FAILED, "mmap");
	return map;
}

static inline void touch(const struct memory *mem)
{
	size_t i;

	for (i = 0; i < mem->size; i += PAGE)
		mem->start[i] = 1;
}

/* What the system gives in turn won't be neighbours then. */
static inline void touch_shuffled(const struct memory *mem)
{
	size_t nr = mem->size / PAGE, i, other;
	uint32_t *order, swap;

	order = malloc(nr * sizeof(*order));
	fail_unless(order, "malloc");
	for (i = 0; i < nr; i++)
		order[i] = i;
	for (i = nr; i > 1; i--) {
		other = random_below(i);
		swap = order[i - 1];
		order[i - 1] = order[other];
		order[other] = swap;
	}
	for (i = 0; i < nr; i++)
		mem->start[order[i] * PAGE] = 1;
	free(order);
}

static inline struct memory anonymous(size_t size, int advice)
{
	size_t align = 2 * MIB;
	struct memory mem;

	mem = map_memory(size + align, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	mem.start += -(uintptr_t)mem.map & (align - 1);
	mem.size = size;
	fail_unless(!madvise(mem.start, size, advice), "madvise");
	return mem;
}

static inline struct memory make_scattered(size_t size)
{
	struct memory mem = anonymous(size, MADV_NOHUGEPAGE);

	touch_shuffled(&mem);
	return mem;
}

static inline struct memory make_contiguous(size_t size)
{
	struct memory mem = anonymous(size, MADV_NOHUGEPAGE);

	touch(&mem);
	return mem;
}

static inline size_t huge_bytes(void)
{
	FILE *file = fopen("/proc/self/smaps_rollup", "r");
	size_t kib = 0;
	char line[256];

	fail_unless(file, "/proc/self/smaps_rollup");
	while (fgets(line, sizeof(line), file))
		sscanf(line, "AnonHugePages: %zu kB", &kib);
	fclose(file);
	return kib << 10;
}

static inline struct memory make_thp(size_t size)
{
	struct memory mem = anonymous(size, MADV_HUGEPAGE);

	touch(&mem);
	if (huge_bytes() < size)
		errx(1, "only %zu of %zu bytes are huge pages", huge_bytes(), size);
	return mem;
}

static inline struct memory hugetlb(size_t size, unsigned int shift)
{
	struct memory mem;

	mem = map_memory(size, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB |
			 (int)(shift << MAP_HUGE_SHIFT), -1);
	touch(&mem);
	return mem;
}

static inline struct memory make_huge2m(size_t size)
{
	return hugetlb(size, 21);
}

static inline struct memory make_huge1g(size_t size)
{
	(void)size;
	return hugetlb(GIB, 30);
}

static inline int new_memfd(size_t size)
{
	int fd = memfd_create("rdma_reg", MFD_ALLOW_SEALING);

	fail_unless(fd >= 0, "memfd_create");
	fail_unless(!ftruncate(fd, size), "ftruncate");
	return fd;
}

static inline struct memory make_memfd(size_t size)
{
	int fd = new_memfd(size);
	struct memory mem = map_memory(size, MAP_SHARED, fd);

	close(fd);
	touch(&mem);
	return mem;
}

/* One page of many: what a registration costs at the least. */
static inline struct memory make_page(size_t size)
{
	(void)size;
	return make_contiguous(PAGE);
}

static inline void free_memory(const struct memory *mem)
{
	munmap(mem->map, mem->map_size);
	if (mem->dmabuf >= 0)
		close(mem->dmabuf);
}

/* Leaves out @head bytes at the start, and @tail at the end. */
static inline struct memory cut(struct memory mem, size_t head, size_t tail)
{
	mem.start += head;
	mem.offset += head;
	mem.size -= head + tail;
	return mem;
}

#endif /* _RDMA_MEMORY_H */
