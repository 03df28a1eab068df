// SPDX-License-Identifier: GPL-2.0-only
/*
 * DMABUFs in the address space of a device that is a program's: edu, which is bound to
 * vfio-pci, copies from and to their IOVA, which iommufd mapped.
 *
 *	dmabuf_move iommufd MODE	a line for each exporter, and what is refused
 *	dmabuf_move iommufd-faults MODE ROUNDS	has allocations fail
 *	dmabuf_move iommufd-revoke MODE NR	takes a peer's memory away
 */

#define _GNU_SOURCE
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/dma-buf.h>
#include <linux/iommufd.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>

#include "dmabuf_move.h"

/* What vfio.h of some hosts doesn't have. */
struct bind {
	uint32_t	size;
	uint32_t	flags;
	int32_t		iommufd;
	uint32_t	id;
};

struct attach {
	uint32_t	size;
	uint32_t	flags;
	uint32_t	id;
	uint32_t	pasid;
};

#define BIND_IOMMUFD	_IO(VFIO_TYPE, VFIO_BASE + 18)
#define ATTACH_IOMMUFD	_IO(VFIO_TYPE, VFIO_BASE + 19)
#define DETACH_IOMMUFD	_IO(VFIO_TYPE, VFIO_BASE + 20)

static int iommufd;
static uint32_t ioas;
static uint32_t edu_id;

/* --- the device --------------------------------------------------------------- */

static int edu;

static int open_cdev(const char *device)
{
	char path[512 + NAME_LEN];
	struct dirent *entry;
	int fd = -1;
	DIR *dir;

	snprintf(path, sizeof(path), DEVICES "/%s/vfio-dev", device);
	dir = opendir(path);
	while (fd < 0 && dir && (entry = readdir(dir))) {
		if (*entry->d_name == '.')
			continue;
		snprintf(path, sizeof(path), "/dev/vfio/devices/%s",
			 entry->d_name);
		fd = open(path, O_RDWR | O_CLOEXEC);
	}
	if (fd < 0)
		err(1, "%s", path);
	closedir(dir);
	return fd;
}

/* Those with memory that is mapped have a domain from now on. */
static void attach_to(uint32_t space)
{
	struct attach arg = { .size = 12, .id = space };

	if (ioctl(edu, ATTACH_IOMMUFD, &arg))
		err(1, "attaching the device");
}

static void attach_device(void)
{
	attach_to(ioas);
}

static void detach_device(void)
{
	struct attach arg = { .size = 8 };

	if (ioctl(edu, DETACH_IOMMUFD, &arg))
		err(1, "detaching the device");
}

static void be_bus_master(void)
{
	uint64_t at = vfio_region(edu, VFIO_PCI_CONFIG_REGION_INDEX, NULL) +
		      PCI_COMMAND;
	uint16_t command;

	if (pread(edu, &command, 2, at) != 2)
		err(1, "reading the command register");
	command |= PCI_COMMAND_MASTER | PCI_COMMAND_MEMORY;
	if (pwrite(edu, &command, 2, at) != 2)
		err(1, "writing the command register");
}

static uint32_t new_space(void)
{
	struct iommu_ioas_alloc alloc = { .size = sizeof(alloc) };

	if (ioctl(iommufd, IOMMU_IOAS_ALLOC, &alloc))
		err(1, "adding an address space");
	return alloc.out_ioas_id;
}

static void open_edu(void)
{
	struct bind bind = { .size = sizeof(bind) };
	uint64_t bar;

	iommufd = open("/dev/iommu", O_RDWR | O_CLOEXEC);
	if (iommufd < 0)
		err(1, "/dev/iommu");
	ioas = new_space();
	find_edu();
	edu = open_cdev(edu_name);
	bind.iommufd = iommufd;
	if (ioctl(edu, BIND_IOMMUFD, &bind))
		err(1, "binding the device");
	edu_id = bind.id;
	attach_device();
	be_bus_master();
	bar = vfio_region(edu, VFIO_PCI_BAR0_REGION_INDEX, NULL);
	map_edu(edu, bar);
}

/* --- its address space -------------------------------------------------------------- */

#define HOW	(IOMMU_IOAS_MAP_WRITEABLE | IOMMU_IOAS_MAP_READABLE)

/* Zero for an error: no IOVA is. */
static uint64_t map_dmabuf(int dmabuf, uint64_t start, uint64_t len)
{
	struct iommu_ioas_map_file arg = {
		.size = sizeof(arg),
		.flags = HOW,
		.ioas_id = ioas,
		.fd = dmabuf,
		.start = start,
		.length = len,
	};

	return ioctl(iommufd, IOMMU_IOAS_MAP_FILE, &arg) ? 0 : arg.iova;
}

static uint64_t map_own(void *mem, uint64_t len)
{
	struct iommu_ioas_map arg = {
		.size = sizeof(arg),
		.flags = HOW,
		.ioas_id = ioas,
		.user_va = (uintptr_t)mem,
		.length = len,
	};

	if (ioctl(iommufd, IOMMU_IOAS_MAP, &arg))
		err(1, "mapping memory of a program");
	return arg.iova;
}

static void unmap_from(uint32_t space, uint64_t iova, uint64_t len)
{
	struct iommu_ioas_unmap arg = {
		.size = sizeof(arg),
		.ioas_id = space,
		.iova = iova,
		.length = len,
	};

	if (ioctl(iommufd, IOMMU_IOAS_UNMAP, &arg) || arg.length != len)
		err(1, "unmapping");
}

static void unmap(uint64_t iova, uint64_t len)
{
	unmap_from(ioas, iova, len);
}

/* What is mapped already, without its DMABUF. */
static uint64_t copy_to(uint32_t space, uint64_t iova, uint64_t len)
{
	struct iommu_ioas_copy arg = {
		.size = sizeof(arg),
		.flags = HOW,
		.dst_ioas_id = space,
		.src_ioas_id = ioas,
		.length = len,
		.src_iova = iova,
	};

	return ioctl(iommufd, IOMMU_IOAS_COPY, &arg) ? 0 : arg.dst_iova;
}

/* --- cells ------------------------------------------------------------------------------ */

struct cell {
	struct buffer	buffer;
	uint64_t	iova;
	uint64_t	own;		/* the mirror's */
};

/* What is in the middle has an IOVA of its own. */
static void read_part(struct cell *cell)
{
	size_t start = 3 * PAGE, len = cell->buffer.len / 4 + PAGE;
	uint64_t iova = map_dmabuf(cell->buffer.dmabuf, start, len);

	if (!iova)
		err(1, "mapping a part");
	edu_copy_iova(cell->own + start, iova, len);
	compare(&cell->buffer, start, len);
	unmap(iova, len);
}

/* Domains get memory when it is mapped, and when a device comes. */
static void move_all(struct cell *cell)
{
	struct buffer *buffer = &cell->buffer;

	edu_copy_iova(cell->own, cell->iova, buffer->len);
	compare(buffer, 0, buffer->len);
	cpu_writes(buffer);
	read_part(cell);
	detach_device();
	attach_device();
	fill(buffer->mirror, buffer->len);
	edu_copy_iova(cell->iova, cell->own, buffer->len);
	compare(buffer, 0, buffer->len);
}

static void open_cell(struct cell *cell, const struct exporter *exporter)
{
	open_buffer(&cell->buffer, exporter);
	if (cell->buffer.error)
		errx(1, "%s can't be exported", exporter->name);
	cell->own = map_own(cell->buffer.mirror, cell->buffer.len);
}

static void close_cell(struct cell *cell)
{
	unmap(cell->own, cell->buffer.len);
	close_buffer(&cell->buffer);
}

static void run_one(const struct exporter *exporter, const char *mode)
{
	struct cell cell = { };

	open_cell(&cell, exporter);
	cpu_writes(&cell.buffer);
	cell.iova = map_dmabuf(cell.buffer.dmabuf, 0, cell.buffer.len);
	if (cell.iova) {
		move_all(&cell);
		unmap(cell.iova, cell.buffer.len);
	} else {
		cell.buffer.error = -errno;
	}
	print_cell(exporter, mode, "iommufd", "iommufd",
		   exporter->map ? exporter->flags : 0, &cell.buffer);
	close_cell(&cell);
}

static void refuse_map(const char *what, int error, int dmabuf, uint64_t start,
		       uint64_t len)
{
	refuse(what, error, map_dmabuf(dmabuf, start, len) ? dup(dmabuf) : -1);
}

/* By the IOMMU's smallest pages. */
static void be_small(void)
{
	struct iommu_option arg = {
		.size = sizeof(arg),
		.option_id = IOMMU_OPTION_HUGE_PAGES,
		.op = IOMMU_OPTION_OP_SET,
		.object_id = ioas,
		.val64 = 0,
	};

	if (ioctl(iommufd, IOMMU_OPTION, &arg))
		err(1, "doing without large pages");
}

static void run_all(const struct exporter *exporters, size_t nr, const char *mode)
{
	for (size_t i = 0; i < nr; i++)
		run_one(&exporters[i], mode);
}

int iommufd_cells(const struct exporter *exporters, size_t nr, const char *mode)
{
	int dmabuf;

	open_edu();
	open_vfio();
	run_all(exporters, nr, mode);
	run_all(vfio_exporters, NR_VFIO_EXPORTERS, mode);
	be_small();
	run_all(vfio_exporters, NR_VFIO_EXPORTERS, "iommu-small");

	dmabuf = exporters[0].export(&exporters[0]);
	refuse_map("iommufd-past-the-end", EINVAL, dmabuf, PAGE, exporters[0].len);
	refuse_map("iommufd-nothing", EINVAL, dmabuf, 0, 0);
	refuse_map("iommufd-no-dmabuf", EBADF, -1, 0, PAGE);
	close(dmabuf);
	return 0;
}

/* --- failures -------------------------------------------------------------------------- */

#define FAIL_PAGES	"/sys/kernel/debug/fail_page_alloc/"
#define FAIL_IOMMUFD	"/sys/kernel/debug/fail_iommufd/"	/* what isn't allocating */
#define AREA		(3 * PAGE)

/* Where each of the domains needs a page table, and has nothing left by failures. */
static long import_area(int dmabuf)
{
	static uint64_t iova = 8 * GIB;
	struct iommu_ioas_map_file arg = {
		.size = sizeof(arg),
		.flags = HOW | IOMMU_IOAS_MAP_FIXED_IOVA,
		.ioas_id = ioas,
		.fd = dmabuf,
		.length = AREA,
		.iova = iova,
	};

	if (!ioctl(iommufd, IOMMU_IOAS_MAP_FILE, &arg)) {
		iova += 2 * MIB;
		return arg.iova;
	}
	if (errno == EADDRINUSE)
		err(1, "mapping where it failed before");
	return -1;
}

static void drop_area(long iova)
{
	unmap(iova, AREA);
}

/* A domain, for a device to be attached to later, with all that is in the space. */
static long add_domain(int unused)
{
	struct iommu_hwpt_alloc arg = {
		.size = sizeof(arg),
		.dev_id = edu_id,
		.pt_id = ioas,
	};

	(void)unused;
	return ioctl(iommufd, IOMMU_HWPT_ALLOC, &arg) ? -1 : (long)arg.out_hwpt_id;
}

static void drop_domain(long domain)
{
	struct iommu_destroy arg = { .size = sizeof(arg), .id = domain };

	if (ioctl(iommufd, IOMMU_DESTROY, &arg))
		err(1, "dropping a domain");
}

/* With page tables, of two domains, and what there is now is as it was. */
int iommufd_faults(const struct exporter *exporters, const char *mode, int rounds)
{
	static const struct importer area = {
		"iommufd", import_area, drop_area
	};
	static const struct importer domain = {
		"iommufd-domain", add_domain, drop_domain
	};
	long second;
	int dmabuf;

	spare_none();
	write_to(FAIL_PAGES "ignore-gfp-wait", "N");
	write_to(FAIL_PAGES "min-order", "0");
	write_to(FAIL_PAGES "verbose", "0");
	write_to(FAIL_IOMMUFD "verbose", "0");
	open_edu();
	open_vfio();
	second = add_domain(0);
	if (second < 0)
		err(1, "adding a domain");
	fail_all(&exporters[0], mode, &area, rounds);
	fail_all(&vfio_small, mode, &area, rounds);
	drop_domain(second);

	dmabuf = vfio_small.export(&vfio_small);
	if (!map_dmabuf(dmabuf, 0, vfio_small.len))
		err(1, "mapping a peer's memory");
	fail_all(&vfio_small, mode, &domain, rounds);
	run_one(&vfio_exporters[1], "iommu-faults");
	return 0;
}

/* --- revocation --------------------------------------------------------------------------- */

static unsigned long reached, left, again, told, in_flight;

static void open_revocable(struct cell *cell)
{
	struct buffer *buffer = &cell->buffer;

	open_cell(cell, &vfio_small);
	cpu_writes(buffer);
	memcpy(buffer->mirror, buffer->mem, buffer->len);
	cell->iova = map_dmabuf(buffer->dmabuf, 0, buffer->len);
	if (!cell->iova)
		err(1, "mapping a peer's memory");
	if (left_mapped(edu_name, bar_start()) != buffer->len / PAGE)
		errx(1, "the IOMMU doesn't map a peer's memory");
}

/* A write that was begun before, and one to each page. */
static void check_revoked(const struct cell *cell, bool away)
{
	const struct buffer *buffer = &cell->buffer;

	in_flight += edu_runs();
	left += left_mapped(edu_name, bar_start());
	if (away)
		left += map_dmabuf(buffer->dmabuf, 0, buffer->len) ||
			errno != ENODEV;
	edu_finish();
	for (size_t at = 0; at < buffer->len; at += PAGE)
		edu_write_iova(cell->iova + at);
}

static void check_again(struct cell *cell)
{
	struct buffer *buffer = &cell->buffer;
	uint64_t iova = map_dmabuf(buffer->dmabuf, 0, buffer->len);

	if (!iova)
		err(1, "mapping again");
	cpu_writes(buffer);
	edu_copy_iova(cell->own, iova, buffer->len);
	compare(buffer, 0, buffer->len);
	again += !buffer->wrong;
	unmap(iova, buffer->len);
}

static void revoke_one(enum revocation how)
{
	struct cell cell = { };
	struct buffer *buffer = &cell.buffer;

	open_revocable(&cell);
	expect_faults();
	edu_start(cell.iova, EDU_MEMORY, EDU_TO_HOST);
	take_away(how, buffer);
	check_revoked(&cell, how != BY_RESET);
	bring_back(how, buffer);
	told += expect_no_faults();
	reached += differing(buffer->mem, buffer->mirror, buffer->len);
	left += left_mapped(edu_name, bar_start());
	check_again(&cell);
	unmap(cell.iova, buffer->len);
	close_cell(&cell);
}

/*
 * Somebody maps all the time, copies that to another space, has a device come and go in
 * both, and adds domains.
 */
static struct {
	uint32_t	other;
	atomic_bool	end;
	atomic_ulong	mapped;
	atomic_ulong	refused;
	atomic_ulong	copied;
	atomic_ulong	domains;
	atomic_ulong	errors;
} racer;

static void count_refusal(void)
{
	racer.refused += errno == ENODEV;
	racer.errors += errno != ENODEV;
}

static void race_domain(void)
{
	long domain = add_domain(0);

	if (domain < 0) {
		count_refusal();
		return;
	}
	racer.domains++;
	drop_domain(domain);
}

static void race_copy(uint64_t iova)
{
	uint64_t copy = copy_to(racer.other, iova, vfio_small.len);

	if (!copy) {
		count_refusal();
		return;
	}
	racer.copied++;
	detach_device();
	attach_to(racer.other);
	race_domain();
	detach_device();
	attach_device();
	unmap_from(racer.other, copy, vfio_small.len);
}

static void race_once(int dmabuf)
{
	uint64_t iova = map_dmabuf(dmabuf, 0, vfio_small.len);

	if (!iova) {
		count_refusal();
		return;
	}
	racer.mapped++;
	race_copy(iova);
	unmap(iova, vfio_small.len);
}

static void *race(void *dmabuf)
{
	while (!racer.end)
		race_once(*(int *)dmabuf);
	return NULL;
}

static void revoke_in_race(int nr)
{
	int dmabuf = vfio_small.export(&vfio_small);
	pthread_t thread;

	racer.other = new_space();
	if (dmabuf < 0 || pthread_create(&thread, NULL, race, &dmabuf))
		err(1, "racing");
	while (nr--) {
		usleep(1000 + rand() % 10000);
		set_memory(false);
		left += left_mapped(edu_name, bar_start());
		usleep(1000 + rand() % 10000);
		left += left_mapped(edu_name, bar_start());
		set_memory(true);
	}
	racer.end = true;
	pthread_join(thread, NULL);
	close(dmabuf);
}

/* How often it was taken away, and what each time has to show, or must not. */
int iommufd_revoke(const char *mode, int nr)
{
	open_edu();
	open_vfio();
	for (int i = 0; i < nr; i++)
		revoke_one(i % NR_REVOCATIONS);
	revoke_in_race(10 * nr);
	printf("iommufd-revoke\t%s\t%d\t%lu\t%lu\t%lu\t%lu\t%lu\t%lu\t%lu\t%lu\t%lu\t%lu\n",
	       mode, nr, reached, left, again, told, in_flight, racer.mapped,
	       racer.refused, racer.errors, racer.copied, racer.domains);
	return 0;
}
