// SPDX-License-Identifier: GPL-2.0-only
/*
 * Gets a DMABUF of every exporter there is, has the sample driver's device import it,
 * write it and read it, and compares all bytes.  Runs in the guests of "make dmabuf".
 *
 *	dmabuf_move cells MODE	a line for each exporter and kind of importer
 *	dmabuf_move refused MODE	what must be refused
 *	dmabuf_move times MODE MIB	what attaching and mapping takes
 *	dmabuf_move growth MODE	and how that depends on the length
 *	dmabuf_move bounce-times MODE	what importing takes where all is bounced
 *	dmabuf_move regions MODE	what a region of RDMA memory takes
 *
 * and more, see dmabuf_faults.c, dmabuf_vfio.c, dmabuf_iommufd.c, dmabuf_rdma.c and
 * dmabuf_video.c.
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
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <drm/drm.h>
#include <drm/drm_mode.h>
#include <linux/dma-buf.h>
#include <linux/dma-heap.h>
#include <linux/udmabuf.h>

#include "../../../../samples/phyr/phyr_edu.h"
#include "dmabuf_move.h"

#define HUGE		(2 * MIB)

static int edu;

/* --- exporters ------------------------------------------------------------ */

void write_to(const char *path, const char *what)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, what, strlen(what)) < 0)
		err(1, "%s", path);
	close(fd);
}

/* What was free before a buffer's list was made, but for its own pages. */
static long long free_before;
static bool measuring;
static int measured_memfd = -1;

/* The sum of all numbers that a file gives by that name. */
static long long sum_of(const char *path, const char *format)
{
	long long sum = 0, one;
	char line[128];
	FILE *file;

	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, format, &one) == 1)
			sum += one;
	if (file)
		fclose(file);
	return sum;
}

/* In bytes, of which there are never few.  Processors keep some, which counts as used. */
static long long free_memory_now(void)
{
	write_to("/proc/sys/vm/compact_memory", "1");
	return sum_of("/proc/meminfo", "MemFree: %lld") * 1024 +
	       sum_of("/proc/zoneinfo", " count: %lld") * PAGE;
}

/* What was freed before may take a moment to be seen as free. */
static long long free_memory(void)
{
	long long before, now = free_memory_now();

	do {
		usleep(50 * 1000);
		before = now;
		now = free_memory_now();
	} while (now > before);
	return now;
}

/* Pages that are there are those that are pinned: in what order they came says much. */
static void touch_in_disorder(char *mem, size_t len)
{
	size_t nr = len / PAGE;

	for (size_t i = 0, at = 0; i < nr; i++) {
		mem[at * PAGE] = 1;
		at = (at + 0x9e5) % nr;
	}
}

static int export_memfd(const struct exporter *exporter)
{
	struct udmabuf_create arg = { .size = exporter->len };
	int memfd, fd, device;
	char *mem;

	write_to("/sys/kernel/mm/transparent_hugepage/shmem_enabled",
		 exporter->from);
	memfd = memfd_create("dmabuf_move",
			     MFD_ALLOW_SEALING | exporter->flags);
	if (memfd < 0 || ftruncate(memfd, exporter->len) ||
	    fcntl(memfd, F_ADD_SEALS, F_SEAL_SHRINK))
		err(1, "memfd for %s", exporter->name);
	mem = mmap(NULL, exporter->len, PROT_READ | PROT_WRITE, MAP_SHARED,
		   memfd, 0);
	if (mem == MAP_FAILED)
		err(1, "mapping a memfd");
	touch_in_disorder(mem, exporter->len);
	munmap(mem, exporter->len);

	device = open("/dev/udmabuf", O_RDWR);
	arg.memfd = memfd;
	if (measuring)
		free_before = free_memory();
	fd = ioctl(device, UDMABUF_CREATE, &arg);
	close(device);
	/* What it takes to find the pages of a file would be freed, and counted. */
	if (measuring)
		measured_memfd = memfd;
	else
		close(memfd);
	return fd;
}

static int export_heap(const struct exporter *exporter)
{
	struct dma_heap_allocation_data arg = {
		.len = exporter->len,
		.fd_flags = O_RDWR | O_CLOEXEC,
	};
	int heap = open(exporter->from, O_RDONLY);
	int ret;

	if (measuring)
		free_before = free_memory() - exporter->len;
	ret = heap < 0 ? -1 : ioctl(heap, DMA_HEAP_IOCTL_ALLOC, &arg);
	close(heap);
	return ret < 0 ? ret : (int)arg.fd;
}

static int open_card(const char *driver)
{
	for (int i = 0; i < 16; i++) {
		char path[32], name[32] = "";
		struct drm_version version = {
			.name = name,
			.name_len = sizeof(name) - 1,
		};
		int fd;

		snprintf(path, sizeof(path), "/dev/dri/card%d", i);
		fd = open(path, O_RDWR);
		if (fd < 0)
			continue;
		if (!ioctl(fd, DRM_IOCTL_VERSION, &version) &&
		    !strcmp(name, driver))
			return fd;
		close(fd);
	}
	return -1;
}

static int export_card(const struct exporter *exporter)
{
	struct drm_mode_create_dumb dumb = {
		.width = 256,
		.height = exporter->len / 1024,
		.bpp = 32,
	};
	struct drm_prime_handle prime = { .flags = DRM_CLOEXEC | DRM_RDWR };
	int card = open_card(exporter->from);
	int ret = -1;

	if (card < 0)
		return -1;
	if (!ioctl(card, DRM_IOCTL_MODE_CREATE_DUMB, &dumb)) {
		prime.handle = dumb.handle;
		ret = ioctl(card, DRM_IOCTL_PRIME_HANDLE_TO_FD, &prime);
	}
	close(card);
	return ret < 0 ? ret : prime.fd;
}

static const struct exporter exporters[] = {
	{ "udmabuf-4k", 256 * KIB, export_memfd, "never", 0, NULL },
	{ "udmabuf-thp", HUGE, export_memfd, "always", 0, NULL },
	{ "udmabuf-hugetlb", HUGE, export_memfd, "never", MFD_HUGETLB, NULL },
	{ "system-heap", 256 * KIB, export_heap, "/dev/dma_heap/system", 0, NULL },
	{ "cma-heap", 256 * KIB, export_heap, "/dev/dma_heap/default_cma_region", 0, NULL },
	{ "vgem", 256 * KIB, export_card, "vgem", 0, NULL },
	{ "vkms", 256 * KIB, export_card, "vkms", 0, NULL },
	{ "bochs", 256 * KIB, export_card, "bochs-drm", 0, NULL },
	{ "virtio-gpu", 256 * KIB, export_card, "virtio_gpu", 0, NULL },
};

/* --- the device ------------------------------------------------------------- */

int import_dmabuf(int fd, unsigned int flags)
{
	struct phyr_edu_import arg = { .fd = fd, .flags = flags };

	return ioctl(edu, PHYR_EDU_IMPORT, &arg);
}

int pin(void *addr, size_t len, unsigned int flags)
{
	struct phyr_edu_pin arg = {
		.addr = (uintptr_t)addr,
		.len = len,
		.flags = flags,
	};
	int fd = ioctl(edu, PHYR_EDU_PIN, &arg);

	if (fd < 0)
		err(1, "pinning");
	return fd;
}

int copy(int dst, int src, size_t len)
{
	struct phyr_edu_copy arg = {
		.dst_fd = dst,
		.src_fd = src,
		.len = len,
	};

	return ioctl(edu, PHYR_EDU_COPY, &arg) ? -errno : 0;
}

void open_device(void)
{
	edu = open("/dev/phyr_edu", O_RDWR | O_CLOEXEC);
	if (edu < 0)
		err(1, "/dev/phyr_edu");
}

/* --- memory -------------------------------------------------------------------- */

void *map_memory(size_t len)
{
	void *mem = mmap(NULL, len, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (mem == MAP_FAILED)
		err(1, "memory");
	return mem;
}

void fill(unsigned char *mem, size_t len)
{
	for (size_t i = 0; i < len; i++)
		mem[i] = rand() >> 8;
}

size_t differing(const unsigned char *a, const unsigned char *b, size_t len)
{
	size_t nr = 0;

	for (size_t i = 0; i < len; i++)
		nr += a[i] != b[i];
	return nr;
}

/* --- buffers --------------------------------------------------------------------- */

void open_buffer(struct buffer *buffer, const struct exporter *exporter)
{
	*buffer = (struct buffer) { .len = exporter->len };
	buffer->dmabuf = exporter->export(exporter);
	if (buffer->dmabuf < 0) {
		buffer->error = -errno;
		warn("exporting %s", exporter->name);
		return;
	}
	if (exporter->map)
		buffer->mem = exporter->map(exporter);
	else
		buffer->mem = mmap(NULL, buffer->len, PROT_READ | PROT_WRITE,
				   MAP_SHARED, buffer->dmabuf, 0);
	if (buffer->mem == MAP_FAILED)
		err(1, "mapping %s", exporter->name);
	buffer->mirror = map_memory(buffer->len);
}

void close_buffer(struct buffer *buffer)
{
	close(buffer->dmabuf);
	munmap(buffer->mem, buffer->len);
	munmap(buffer->mirror, buffer->len);
}

/* After an error nothing more is done with a buffer. */
static int access_begin(struct buffer *buffer, unsigned int how)
{
	struct dma_buf_sync sync = { .flags = DMA_BUF_SYNC_START | how };

	if (!buffer->error && ioctl(buffer->dmabuf, DMA_BUF_IOCTL_SYNC, &sync))
		buffer->error = -errno;
	return buffer->error;
}

static void access_end(int fd, unsigned int how)
{
	struct dma_buf_sync sync = { .flags = DMA_BUF_SYNC_END | how };

	if (ioctl(fd, DMA_BUF_IOCTL_SYNC, &sync))
		err(1, "DMA_BUF_SYNC_END");
}

void cpu_writes(struct buffer *buffer)
{
	if (access_begin(buffer, DMA_BUF_SYNC_WRITE))
		return;
	fill(buffer->mem, buffer->len);
	access_end(buffer->dmabuf, DMA_BUF_SYNC_WRITE);
}

/* What has been moved, one way or the other. */
void compare(struct buffer *buffer, size_t start, size_t len)
{
	if (access_begin(buffer, DMA_BUF_SYNC_READ))
		return;
	buffer->wrong += differing(buffer->mem + start, buffer->mirror + start,
				   len);
	buffer->moved += len;
	access_end(buffer->dmabuf, DMA_BUF_SYNC_READ);
}

/* The last that all do is to have the device write what the mirror has. */
void print_cell(const struct exporter *exporter, const char *mode,
		const char *importer, const char *by, unsigned long long ranges,
		const struct buffer *buffer)
{
	printf("cell\t%s\t%s\t%s\t%s\t%llu\t%zu\t%zu\t%d\n", exporter->name,
	       mode, importer, by, ranges, buffer->moved, buffer->wrong,
	       buffer->error);
	if (exporter->map && !buffer->error)
		tell_host(exporter, buffer->mirror);
	fflush(stdout);
}

/* --- cells ----------------------------------------------------------------------- */

struct cell {
	struct buffer	buffer;
	int		import;		/* descriptors */
	int		own;
};

static void device_moves(struct cell *cell, int dst, int src)
{
	struct buffer *buffer = &cell->buffer;

	if (!buffer->error)
		buffer->error = copy(dst, src, buffer->len);
	compare(buffer, 0, buffer->len);
}

/* What the CPU wrote before and after mapping, and what the device writes. */
static void move_all(struct cell *cell)
{
	device_moves(cell, cell->own, cell->import);
	cpu_writes(&cell->buffer);
	device_moves(cell, cell->own, cell->import);
	fill(cell->buffer.mirror, cell->buffer.len);
	device_moves(cell, cell->import, cell->own);
}

/* What can't be mapped has no mode, and what copying said is printed. */
static struct phyr_edu_info describe(const struct cell *cell)
{
	struct phyr_edu_info info = { .mode = "-" };

	if (cell->import >= 0 && ioctl(cell->import, PHYR_EDU_INFO, &info) &&
	    !cell->buffer.error)
		err(1, "describing a buffer");
	return info;
}

static void import_and_move(struct cell *cell, unsigned int flags)
{
	struct buffer *buffer = &cell->buffer;

	cell->own = pin(buffer->mirror, buffer->len, PHYR_EDU_WRITE);
	cpu_writes(buffer);
	if (!buffer->error) {
		cell->import = import_dmabuf(buffer->dmabuf,
					     flags | PHYR_EDU_WRITE);
		if (cell->import < 0)
			buffer->error = -errno;
	}
	move_all(cell);
}

void run_cell(const struct exporter *exporter, const char *mode,
	      const char *importer, unsigned int flags)
{
	struct cell cell = { .import = -1, .own = -1 };
	struct phyr_edu_info info;

	open_buffer(&cell.buffer, exporter);
	if (!cell.buffer.error)
		import_and_move(&cell, flags);
	info = describe(&cell);
	print_cell(exporter, mode, importer, info.mode, info.dma_ranges,
		   &cell.buffer);
	close(cell.import);
	close(cell.own);
	close_buffer(&cell.buffer);
}

static int cells(const char *mode)
{
	open_device();
	for (size_t i = 0; i < ARRAY_SIZE(exporters); i++) {
		run_cell(&exporters[i], mode, "mapping", 0);
		run_cell(&exporters[i], mode, "table", PHYR_EDU_TABLE);
	}
	return 0;
}

/* --- what must be refused ------------------------------------------------------------ */

void refuse(const char *what, int error, int ret)
{
	int got = ret < 0 ? errno : 0;

	printf("refused\t%s\t%d\t%d\n", what, error, got);
	if (ret >= 0)
		close(ret);
}

static int refused(void)
{
	struct phyr_edu_copy arg = { .len = PAGE };
	int dmabuf, memory, buffer;

	open_device();
	dmabuf = exporters[0].export(&exporters[0]);
	memory = memfd_create("no DMABUF", 0);
	refuse("no-descriptor", EBADF, import_dmabuf(-1, 0));
	refuse("no-dmabuf", EINVAL, import_dmabuf(memory, 0));
	refuse("unknown-flag", EINVAL, import_dmabuf(dmabuf, 1 << 7));

	buffer = import_dmabuf(dmabuf, 0);
	arg.dst_fd = buffer;
	arg.src_fd = buffer;
	refuse("write-to-read-only", EACCES, ioctl(edu, PHYR_EDU_COPY, &arg));
	close(buffer);
	buffer = import_dmabuf(dmabuf, PHYR_EDU_WRITE);
	arg.dst_fd = buffer;
	arg.src_fd = buffer;
	arg.src_offset = exporters[0].len;
	refuse("past-the-end", EINVAL, ioctl(edu, PHYR_EDU_COPY, &arg));
	arg.src_offset = exporters[0].len - PAGE + 1;
	refuse("over-the-end", EINVAL, ioctl(edu, PHYR_EDU_COPY, &arg));
	return 0;
}

/* --- what importing takes ---------------------------------------------------------------- */

static int importer;

void open_importer(void)
{
	importer = open("/sys/kernel/debug/phyr_dmabuf_times", O_RDWR);
	if (importer < 0)
		err(1, "phyr_dmabuf_times");
}

void tell(const char *what, int dmabuf, int table, int nr)
{
	char line[64];
	int len = snprintf(line, sizeof(line), "%s %d %d %d", what, dmabuf,
			   table, nr);

	if (write(importer, line, len) != len)
		err(1, "%s", line);
}

void drop(void)
{
	if (write(importer, "drop", 4) != 4)
		err(1, "dropping");
}

/* How the device sees what is held. */
unsigned int held_ranges(void)
{
	unsigned int nr = 0;
	char line[64] = "";

	if (pread(importer, line, sizeof(line) - 1, 0) < 0 ||
	    sscanf(line, "%*u %*u %u", &nr) != 1)
		err(1, "reading what is held");
	return nr;
}

static void time_import(const struct exporter *exporter, const char *mode,
			int dmabuf, int table)
{
	unsigned long long map, unmap;
	char line[64] = "";

	tell("time", dmabuf, table, 0);
	if (pread(importer, line, sizeof(line) - 1, 0) < 0)
		err(1, "reading times");
	if (sscanf(line, "%llu %llu", &map, &unmap) != 2)
		errx(1, "no times");
	printf("time\t%s\t%s\t%s\t%llu\t%llu\n", exporter->name, mode,
	       table ? "table" : "mapping", map, unmap);
	fflush(stdout);
}

/*
 * What is held for one importer and for @many, with what the exporter has itself, but
 * not the buffer's own pages.
 */
static void measure(const struct exporter *exporter, const char *mode, int table,
		    int many)
{
	long long one, all;
	int dmabuf;

	measuring = true;
	dmabuf = exporter->export(exporter);
	if (dmabuf < 0)
		err(1, "exporting %s", exporter->name);
	tell("hold", dmabuf, table, 1);
	one = free_before - free_memory();
	tell("hold", dmabuf, table, many);
	all = free_before - free_memory();
	printf("bytes\t%s\t%s\t%s\t%lld\t%lld\n", exporter->name, mode,
	       table ? "table" : "mapping", one, all);
	drop();
	time_import(exporter, mode, dmabuf, table);
	close(dmabuf);
	close(measured_memfd);
	measured_memfd = -1;
}

/* So many that what else is allocated or freed meanwhile counts for nothing. */
#define ATTACHMENTS	16384

static void measure_attachments(const char *mode, int dmabuf)
{
	long long before;

	for (int table = 0; table < 2; table++) {
		before = free_memory();
		tell("hold", dmabuf, table, ATTACHMENTS);
		printf("attachment\t%s\t%s\t%.1f\n", mode,
		       table ? "table" : "mapping",
		       (double)(before - free_memory()) / ATTACHMENTS);
		fflush(stdout);
		drop();
	}
}

/* What takes more for a long buffer than for a short one shows. */
static const struct exporter sizes[] = {
	{ "udmabuf-1m", MIB, export_memfd, "never", 0, NULL },
	{ "udmabuf-4g", 4 * GIB, export_memfd, "never", 0, NULL },
};

/* Attaching and mapping takes as long as it takes, whatever the length. */
static int growth(const char *mode)
{
	open_importer();
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		int dmabuf = sizes[i].export(&sizes[i]);

		if (dmabuf < 0)
			err(1, "exporting %s", sizes[i].name);
		time_import(&sizes[i], mode, dmabuf, 0);
		if (!i)
			measure_attachments(mode, dmabuf);
		close(dmabuf);
	}
	return 0;
}

/* The more, the less counts what else is allocated; a stock kernel has a table of each. */
#define REGIONS		8

/* What a memory region takes, of a short and of a long buffer. */
static int regions(const char *mode)
{
	open_importer();
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		int dmabuf = sizes[i].export(&sizes[i]);
		long long before;

		if (dmabuf < 0)
			err(1, "exporting %s", sizes[i].name);
		before = free_memory();
		tell("region", dmabuf, sizes[i].len / MIB, REGIONS);
		printf("region\t%s\t%s\t%zu\t%lld\n", sizes[i].name, mode,
		       sizes[i].len, (before - free_memory()) / REGIONS);
		fflush(stdout);
		drop();
		close(dmabuf);
	}
	return 0;
}

/* Importers of a heap's buffer, for each of the eight that others have. */
#define HEAP_TIMES	64

static int times(const char *mode, size_t mib)
{
	const struct exporter big[] = {
		{ "udmabuf-4k", mib * MIB, export_memfd, "never", 0, NULL },
		{ "system-heap", mib * MIB, export_heap,
		  "/dev/dma_heap/system", 0, NULL },
	};

	open_importer();
	/* What is allocated once and for all. */
	for (size_t i = 0; i < 2; i++) {
		struct exporter small = big[i];
		int dmabuf;

		small.len = MIB;
		dmabuf = small.export(&small);
		tell("hold", dmabuf, 1, 8);
		tell("hold", dmabuf, 0, 8);
		drop();
		close(dmabuf);
	}
	for (size_t i = 0; i < ARRAY_SIZE(big); i++) {
		/*
		 * Tables of a heap's few chunks are lost in the noise, unless many.
		 * Behind an IOMMU so many would take all memory for page tables.
		 */
		bool lost = big[i].export == export_heap && !strcmp(mode, "identity");
		int many = lost ? 8 * HEAP_TIMES : 8;

		measure(&big[i], mode, 0, many);
		measure(&big[i], mode, 1, many);
	}
	return 0;
}

/* So much that bounce buffers hold it more than once. */
static int bounce_times(const char *mode)
{
	const struct exporter some = {
		"udmabuf-4k", 8 * MIB, export_memfd, "never", 0, NULL
	};
	int dmabuf;

	open_importer();
	dmabuf = some.export(&some);
	if (dmabuf < 0)
		err(1, "exporting %s", some.name);
	for (int table = 0; table < 2; table++)
		time_import(&some, mode, dmabuf, table);
	close(dmabuf);
	return 0;
}

/* What is done to another device's memory, or by other drivers of edu; -1 if unknown. */
static int run_other(const char *what, const char *mode, int nr)
{
	if (!strcmp(what, "vfio"))
		return vfio_cells(mode);
	if (!strcmp(what, "vfio-refused"))
		return vfio_refused(mode);
	if (!strcmp(what, "vfio-figures"))
		return vfio_figures(mode);
	if (!strcmp(what, "vfio-revoke") && nr)
		return vfio_revoke(mode, nr);
	if (!strcmp(what, "iommufd"))
		return iommufd_cells(exporters, ARRAY_SIZE(exporters), mode);
	if (!strcmp(what, "iommufd-faults") && nr)
		return iommufd_faults(exporters, mode, nr);
	if (!strcmp(what, "iommufd-revoke") && nr)
		return iommufd_revoke(mode, nr);
	if (!strcmp(what, "rdma"))
		return rdma_cells(exporters, ARRAY_SIZE(exporters), mode);
	if (!strcmp(what, "rdma-vfio"))
		return rdma_vfio_cells(mode);
	if (!strcmp(what, "rdma-unreachable"))
		return rdma_unreachable();
	if (!strcmp(what, "rdma-revoke") && nr)
		return rdma_revoke(mode, nr);
	return -1;
}

static int run(const char *what, const char *mode, int nr)
{
	if (!strcmp(what, "cells"))
		return cells(mode);
	if (!strcmp(what, "refused"))
		return refused();
	if (!strcmp(what, "faults") && nr)
		return faults(exporters, ARRAY_SIZE(exporters), mode, nr);
	if (!strcmp(what, "times") && nr)
		return times(mode, nr);
	if (!strcmp(what, "regions"))
		return regions(mode);
	if (!strcmp(what, "growth"))
		return growth(mode);
	if (!strcmp(what, "bounce-times"))
		return bounce_times(mode);
	if (!strcmp(what, "video"))
		return video_imports(exporters, ARRAY_SIZE(exporters));
	return run_other(what, mode, nr);
}

int main(int argc, char **argv)
{
	int ret = -1;

	if (argc > 2)
		ret = run(argv[1], argv[2], argc > 3 ? atoi(argv[3]) : 0);
	if (ret >= 0)
		return ret;
	fputs("usage: dmabuf_move WHAT MODE [NR]\n", stderr);
	return 2;
}
