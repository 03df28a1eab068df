// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes and reads a disk past the page cache, from and to memory of many shapes.
 *
 *	nvme_io verify DISK PREFIX	each shape is written and read back
 *	nvme_io peer DISK FILE		the same for a device's memory, of sysfs
 *	nvme_io read DISK WHAT		what is to be measured
 *	nvme_io check DISK		every byte that was written, for the host
 *
 * Prints rows of fields, separated by tabs.
 */

#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#define PAGE		4096UL
#define HUGE		0x200000UL
#define POOL_PAGES	4096
#define MAX_PIECES	512
/* Each shape has its own part of the disk. */
#define PART		0x100000UL
#define READS		512

/* Pages that are neighbours by their address only; as many others in huge pages. */
static unsigned char *scattered, *huge;

/* Parts of memory that one request reads or writes. */
struct layout {
	struct iovec	piece[MAX_PIECES];
	int		nr;
	size_t		bytes;
};

static uint64_t rnd_state;
static unsigned int next_page;

static uint64_t rnd(void)
{
	rnd_state += 0x9e3779b97f4a7c15;
	uint64_t x = rnd_state;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
	return x ^ (x >> 31);
}

/* --- memory --- */

static void shuffle(unsigned int *order, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++)
		order[i] = i;
	for (unsigned int i = nr; i > 1; i--) {
		unsigned int j = rnd() % i, other = order[j];

		order[j] = order[i - 1];
		order[i - 1] = other;
	}
}

static unsigned char *map(size_t len)
{
	unsigned char *p = mmap(NULL, len + HUGE, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		err(1, "mmap");
	return (unsigned char *)(((uintptr_t)p + HUGE - 1) & ~(HUGE - 1));
}

static void make_memory(void)
{
	static unsigned int order[POOL_PAGES];

	scattered = map(POOL_PAGES * PAGE);
	huge = map(2 * HUGE);
	madvise(scattered, POOL_PAGES * PAGE, MADV_NOHUGEPAGE);
	madvise(huge, 2 * HUGE, MADV_HUGEPAGE);
	shuffle(order, POOL_PAGES);
	for (unsigned int i = 0; i < POOL_PAGES; i++)
		scattered[order[i] * PAGE] = 1;
	memset(huge, 1, 2 * HUGE);
}

/* How many physical ranges the pages from @p on are. */
static unsigned int count_ranges(const unsigned char *p, unsigned int pages)
{
	int fd = open("/proc/self/pagemap", O_RDONLY);
	uint64_t entry, last = 0;
	unsigned int nr = 0;

	for (unsigned int i = 0; i < pages; i++) {
		off_t at = ((uintptr_t)p / PAGE + i) * sizeof(entry);

		if (pread(fd, &entry, sizeof(entry), at) != sizeof(entry))
			err(1, "pagemap");
		entry &= (1ULL << 55) - 1;
		nr += !i || entry != last + 1;
		last = entry;
	}
	close(fd);
	return nr;
}

/* --- shapes --- */

static void add(struct layout *l, unsigned char *p, size_t len)
{
	if (l->nr == MAX_PIECES)
		errx(1, "too many pieces");
	l->piece[l->nr++] = (struct iovec){ p, len };
	l->bytes += len;
}

/* The next pages that no other piece is in. */
static unsigned char *take(unsigned int nr)
{
	unsigned char *p = scattered + next_page * PAGE;

	next_page += nr;
	if (next_page > POOL_PAGES)
		errx(1, "too many pages");
	return p;
}

/* Whole pages, which are neighbours by their addresses. */
static void pages(struct layout *l, unsigned int nr)
{
	add(l, take(nr), nr * PAGE);
}

static void one_page(struct layout *l) { pages(l, 1); }
static void two_pages(struct layout *l) { pages(l, 2); }
static void pages_31(struct layout *l) { pages(l, 31); }
static void pages_32(struct layout *l) { pages(l, 32); }
static void pages_33(struct layout *l) { pages(l, 33); }
static void pages_65(struct layout *l) { pages(l, 65); }
static void pages_256(struct layout *l) { pages(l, 256); }

/* Each page before the one that it is behind in memory. */
static void backwards(struct layout *l)
{
	unsigned char *p = take(127);

	for (unsigned int i = 127; i; i--)
		add(l, p + (i - 1) * PAGE, PAGE);
}

/* One range. */
static void huge_page(struct layout *l)
{
	add(l, huge + PAGE, PART);
}

/* Ranges of all lengths. */
static void mixed(struct layout *l)
{
	for (unsigned int i = 1; i <= 16; i++) {
		pages(l, i);
		add(l, huge + i * 32 * PAGE, (17 - i) / 2 * PAGE + PAGE);
	}
}

/* Begins and ends inside a page: the device's addresses have no gap. */
static void head_and_tail(struct layout *l)
{
	add(l, take(1) + 512, PAGE - 512);
	pages(l, 60);
	add(l, take(1), 512);
}

static void small_head(struct layout *l)
{
	add(l, take(1) + PAGE - 1024, 1024);
	pages(l, 3);
	add(l, take(1), PAGE - 1024);
}

/* Parts of pages: there would be gaps. */
static void gaps(struct layout *l)
{
	for (unsigned int i = 0; i < 60; i++)
		add(l, take(1) + 512, 2048);
}

static void small_pieces(struct layout *l)
{
	for (unsigned int i = 0; i < 32; i++)
		add(l, take(1) + 8 * i, 512);
}

static const struct shape {
	const char	*name;
	void		(*make)(struct layout *l);
} shapes[] = {
	{ "one-page", one_page },
	{ "two-pages", two_pages },
	{ "31-pages", pages_31 },
	{ "32-pages", pages_32 },
	{ "33-pages", pages_33 },
	{ "65-pages", pages_65 },
	{ "backwards", backwards },
	{ "256-pages", pages_256 },
	{ "huge-page", huge_page },
	{ "mixed", mixed },
	{ "head-and-tail", head_and_tail },
	{ "small-head", small_head },
	{ "gaps", gaps },
	{ "small-pieces", small_pieces },
};

/* --- bytes --- */

/* Each word of the disk is to have a value of its own. */
static uint64_t word_at(uint64_t pos)
{
	rnd_state = pos;
	return rnd();
}

static void fill(const struct layout *l, uint64_t pos)
{
	for (int i = 0; i < l->nr; i++) {
		for (size_t j = 0; j < l->piece[i].iov_len; j += 8, pos += 8) {
			uint64_t word = word_at(pos);

			memcpy((char *)l->piece[i].iov_base + j, &word, 8);
		}
	}
}

static size_t wrong_in(const void *p, size_t len, uint64_t pos)
{
	size_t wrong = 0;

	for (size_t j = 0; j < len; j += 8) {
		uint64_t word = word_at(pos + j);

		for (unsigned int k = 0; k < 8; k++)
			wrong += ((const char *)p)[j + k] != ((char *)&word)[k];
	}
	return wrong;
}

static size_t count_wrong(const struct layout *l, uint64_t pos)
{
	size_t wrong = 0;

	for (int i = 0; i < l->nr; i++) {
		wrong += wrong_in(l->piece[i].iov_base, l->piece[i].iov_len, pos);
		pos += l->piece[i].iov_len;
	}
	return wrong;
}

/* What no piece covers keeps what it is poisoned with. */
static void poison(void)
{
	memset(scattered, 0xa5, POOL_PAGES * PAGE);
	memset(huge, 0xa5, 2 * HUGE);
}

static size_t count_spoilt(const struct layout *l)
{
	size_t spoilt = 0;

	for (int i = 0; i < l->nr; i++)
		memset(l->piece[i].iov_base, 0xa5, l->piece[i].iov_len);
	for (size_t i = 0; i < POOL_PAGES * PAGE; i++)
		spoilt += scattered[i] != 0xa5;
	for (size_t i = 0; i < 2 * HUGE; i++)
		spoilt += huge[i] != 0xa5;
	return spoilt;
}

/* --- verify --- */

static int open_disk(const char *path)
{
	int fd = open(path, O_RDWR | O_DIRECT);

	if (fd < 0)
		err(1, "%s", path);
	return fd;
}

static size_t write_then_read(int fd, const struct shape *shape, off_t pos,
			      size_t *bytes)
{
	struct layout from = { }, to = { };
	size_t wrong;

	next_page = 0;
	shape->make(&from);
	shape->make(&to);
	*bytes = from.bytes;

	fill(&from, pos);
	if (pwritev(fd, from.piece, from.nr, pos) != (ssize_t)from.bytes)
		err(1, "%s: writing", shape->name);
	poison();
	if (preadv(fd, to.piece, to.nr, pos) != (ssize_t)to.bytes)
		err(1, "%s: reading", shape->name);
	wrong = count_wrong(&to, pos);
	return wrong + count_spoilt(&to);
}

static int verify_shapes(const char *disk, const char *prefix)
{
	int fd = open_disk(disk);

	make_memory();
	for (size_t i = 0; i < ARRAY_SIZE(shapes); i++) {
		size_t bytes, wrong;

		wrong = write_then_read(fd, &shapes[i], i * PART, &bytes);
		printf("verify\t%s/%s\t%zu\t%zu\n", prefix, shapes[i].name,
		       bytes, wrong);
	}
	return 0;
}

/* Parts of memory of another device, which comes in the order asked for. */
static int verify_peer(const char *disk, const char *path)
{
	int fd = open_disk(disk), memory = open(path, O_RDWR);
	const off_t pos = ARRAY_SIZE(shapes) * PART;
	struct layout l = { };
	unsigned char *p;

	if (memory < 0)
		err(1, "%s", path);
	p = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
	if (p == MAP_FAILED)
		err(1, "%s", path);
	for (unsigned int i = 0; i < 16; i++)
		add(&l, p + (31 - 2 * i) * PAGE, PAGE);

	fill(&l, pos);
	if (pwritev(fd, l.piece, l.nr, pos) != (ssize_t)l.bytes)
		err(1, "writing from %s", path);
	memset(p, 0xa5, 64 * PAGE);
	if (preadv(fd, l.piece, l.nr, pos) != (ssize_t)l.bytes)
		err(1, "reading to %s", path);
	printf("verify\tpeer/16-pages\t%zu\t%zu\n", l.bytes,
	       count_wrong(&l, pos));
	return 0;
}

/* Of each shape's part what it wrote, as the host sees it. */
static int check_file(const char *path)
{
	static unsigned char bytes[PART];
	int fd = open(path, O_RDONLY);
	size_t wrong = 0, all = 0;

	make_memory();
	for (size_t i = 0; i < ARRAY_SIZE(shapes); i++) {
		struct layout l = { };

		next_page = 0;
		shapes[i].make(&l);
		if (pread(fd, bytes, l.bytes, i * PART) != (ssize_t)l.bytes)
			err(1, "%s", path);
		wrong += wrong_in(bytes, l.bytes, i * PART);
		all += l.bytes;
	}
	printf("verify\thost/all\t%zu\t%zu\n", all, wrong);
	return 0;
}

/* --- measure --- */

static int read_disk(const char *disk, const char *what)
{
	int fd = open_disk(disk);
	size_t wrong = 0;
	unsigned char *p;

	make_memory();
	p = scattered + 1024 * PAGE;
	fill(&(struct layout){ { { p, PART } }, 1, PART }, 0);
	if (pwrite(fd, p, PART, 0) != PART)
		err(1, "writing");
	for (unsigned int i = 0; i < READS; i++) {
		memset(p, 0xa5, PART);
		if (pread(fd, p, PART, 0) != PART)
			err(1, "reading");
		wrong += memcmp(p, &(uint64_t){ word_at(0) }, 8) != 0;
	}
	wrong += wrong_in(p, PART, 0);
	printf("read\t%s\t%u\t%u\t%zu\n", what, READS,
	       count_ranges(p, PART / PAGE), wrong);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "verify"))
		return verify_shapes(argv[2], argv[3]);
	if (argc == 4 && !strcmp(argv[1], "peer"))
		return verify_peer(argv[2], argv[3]);
	if (argc == 4 && !strcmp(argv[1], "read"))
		return read_disk(argv[2], argv[3]);
	if (argc == 3 && !strcmp(argv[1], "check"))
		return check_file(argv[2]);
	errx(2, "usage: nvme_io verify|peer|read|check DISK ...");
}
