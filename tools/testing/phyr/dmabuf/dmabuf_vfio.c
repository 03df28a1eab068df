// SPDX-License-Identifier: GPL-2.0-only
/*
 * VFIO's DMABUFs, of one or more ranges of a device's memory: the BAR of an
 * ivshmem-plain, which is bound to vfio-pci.
 *
 *	dmabuf_move vfio MODE		cells as of the other exporters
 *	dmabuf_move vfio-refused MODE	what must be refused
 *	dmabuf_move vfio-figures MODE	what mapping a big BAR takes
 *	dmabuf_move vfio-revoke MODE NR	takes the memory away while it is used
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
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/pci_regs.h>
#include <linux/vfio.h>

#include "../../../../samples/phyr/phyr_edu.h"
#include "dmabuf_move.h"

#define MEMORY_BAR	2
#define RANGES_MAX	64

static struct {
	char		name[NAME_LEN];	/* as the kernel has it */
	int		container;
	int		group;
	int		device;
	uint64_t	bar;		/* where it is in the device's file */
	uint64_t	config;
	uint64_t	size;		/* of the BAR */
} vfio;

/* --- the device that has the memory ------------------------------------------- */

static unsigned int read_number(const char *device, const char *what)
{
	unsigned int number = 0;
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), DEVICES "/%s/%s", device, what);
	file = fopen(path, "r");
	if (!file || fscanf(file, "%x", &number) != 1)
		err(1, "%s", path);
	fclose(file);
	return number;
}

void find_device(char *name, unsigned int vendor, unsigned int device)
{
	struct dirent *entry;
	DIR *dir = opendir(DEVICES);

	while (dir && (entry = readdir(dir))) {
		if (*entry->d_name == '.' ||
		    read_number(entry->d_name, "vendor") != vendor ||
		    read_number(entry->d_name, "device") != device)
			continue;
		snprintf(name, NAME_LEN, "%s", entry->d_name);
		closedir(dir);
		return;
	}
	errx(1, "no device %04x:%04x", vendor, device);
}

/* Without an IOMMU the group has another name. */
static int open_group(const char *device, bool *noiommu)
{
	char path[512], link[512] = "";
	const char *number;
	int fd;

	snprintf(path, sizeof(path), DEVICES "/%s/iommu_group", device);
	if (readlink(path, link, sizeof(link) - 1) < 0)
		err(1, "%s", path);
	number = strrchr(link, '/') + 1;
	snprintf(path, sizeof(path), "/dev/vfio/noiommu-%s", number);
	*noiommu = !access(path, F_OK);
	if (!*noiommu)
		snprintf(path, sizeof(path), "/dev/vfio/%s", number);
	fd = open(path, O_RDWR);
	if (fd < 0)
		err(1, "%s", path);
	return fd;
}

uint64_t vfio_region(int device, unsigned int index, uint64_t *size)
{
	struct vfio_region_info info = {
		.argsz = sizeof(info),
		.index = index,
	};

	if (ioctl(device, VFIO_DEVICE_GET_REGION_INFO, &info))
		err(1, "asking where a BAR is");
	if (size)
		*size = info.size;
	return info.offset;
}

static void open_vfio_device(void)
{
	vfio.device = ioctl(vfio.group, VFIO_GROUP_GET_DEVICE_FD, vfio.name);
	if (vfio.device < 0)
		err(1, "VFIO of %s", vfio.name);
	vfio.bar = vfio_region(vfio.device,
			       VFIO_PCI_BAR0_REGION_INDEX + MEMORY_BAR,
			       &vfio.size);
	vfio.config = vfio_region(vfio.device, VFIO_PCI_CONFIG_REGION_INDEX,
				  NULL);
}

void open_vfio(void)
{
	bool noiommu;

	find_device(vfio.name, 0x1af4, 0x1110);
	vfio.container = open("/dev/vfio/vfio", O_RDWR);
	vfio.group = open_group(vfio.name, &noiommu);
	if (ioctl(vfio.group, VFIO_GROUP_SET_CONTAINER, &vfio.container) ||
	    ioctl(vfio.container, VFIO_SET_IOMMU,
		  noiommu ? VFIO_NOIOMMU_IOMMU : VFIO_TYPE1v2_IOMMU))
		err(1, "VFIO's container");
	open_vfio_device();
}

/* While it may not be accessed, its DMABUFs are revoked. */
void set_memory(bool on)
{
	uint64_t at = vfio.config + PCI_COMMAND;
	uint16_t command;

	if (pread(vfio.device, &command, 2, at) != 2)
		err(1, "reading the command register");
	command &= ~PCI_COMMAND_MEMORY;
	if (on)
		command |= PCI_COMMAND_MEMORY;
	if (pwrite(vfio.device, &command, 2, at) != 2)
		err(1, "writing the command register");
}

/* --- exporting ------------------------------------------------------------------- */

struct range {
	uint64_t	offset;
	uint64_t	len;
};

/* What VFIO_DEVICE_FEATURE takes: not all headers have it. */
struct request {
	uint32_t	size;
	uint32_t	feature;
	uint32_t	region;
	uint32_t	open_flags;
	uint32_t	flags;
	uint32_t	nr;
	struct range	ranges[RANGES_MAX];
};

#define GET_DMABUF	(VFIO_DEVICE_FEATURE_GET | 11)

static int export_ranges(const struct range *ranges, unsigned int nr)
{
	struct request arg = {
		.size = offsetof(struct request, ranges) +
			nr * sizeof(*ranges),
		.feature = GET_DMABUF,
		.region = VFIO_PCI_BAR0_REGION_INDEX + MEMORY_BAR,
		.open_flags = O_RDWR | O_CLOEXEC,
		.nr = nr,
	};

	memcpy(arg.ranges, ranges, nr * sizeof(*ranges));
	return ioctl(vfio.device, VFIO_DEVICE_FEATURE, &arg);
}

/* Neighbours of a DMABUF aren't neighbours in the BAR, and one is far away. */
static struct range nth_range(const struct exporter *exporter, unsigned int n)
{
	uint64_t len = exporter->len / exporter->flags;

	if (n == 1)
		return (struct range) { vfio.size - len, len };
	return (struct range) {
		.offset = MIB + (n * 37 + 11) % RANGES_MAX * len,
		.len = len,
	};
}

static int export_vfio(const struct exporter *exporter)
{
	struct range ranges[RANGES_MAX];

	for (unsigned int i = 0; i < exporter->flags; i++)
		ranges[i] = nth_range(exporter, i);
	return export_ranges(ranges, exporter->flags);
}

/* The same ranges, in the same order. */
static void *map_vfio(const struct exporter *exporter)
{
	char *mem = map_memory(exporter->len), *at = mem;

	for (unsigned int i = 0; i < exporter->flags; i++) {
		struct range range = nth_range(exporter, i);

		if (mmap(at, range.len, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_FIXED, vfio.device,
			 vfio.bar + range.offset) == MAP_FAILED)
			return MAP_FAILED;
		at += range.len;
	}
	return mem;
}

/* The BAR is a file of the host, who compares it with what a device wrote. */
void tell_host(const struct exporter *exporter, const unsigned char *written)
{
	FILE *host = fopen("/dev/ttyS2", "w");

	for (unsigned int i = 0; host && i < exporter->flags; i++) {
		struct range range = nth_range(exporter, i);

		printf("host\t%llu\t%llu\n", (unsigned long long)range.offset,
		       (unsigned long long)range.len);
		fwrite(written, range.len, 1, host);
		written += range.len;
	}
	if (!host || fclose(host))
		err(1, "telling the host");
}

const struct exporter vfio_exporters[NR_VFIO_EXPORTERS] = {
	{ "vfio-1", 256 * KIB, export_vfio, NULL, 1, map_vfio },
	{ "vfio-3", 192 * KIB, export_vfio, NULL, 3, map_vfio },
	{ "vfio-64", 256 * KIB, export_vfio, NULL, 64, map_vfio },
};

/* Three pages: copying them is done in one go. */
const struct exporter vfio_small = {
	"vfio-small", 3 * PAGE, export_vfio, NULL, 3, map_vfio
};

int vfio_cells(const char *mode)
{
	open_device();
	open_vfio();
	for (size_t i = 0; i < NR_VFIO_EXPORTERS; i++)
		run_cell(&vfio_exporters[i], mode, "mapping", 0);
	return 0;
}

/* --- what must be refused ----------------------------------------------------------- */

static void refuse_ranges(const char *what, uint64_t offset, uint64_t len)
{
	const struct range range = { offset, len };

	refuse(what, EINVAL, export_ranges(&range, 1));
}

/* The importer's own memory is where it is in any mode. */
static void refuse_copy(const char *what, int error, int buffer)
{
	size_t len = vfio_exporters[0].len;
	int own = pin(map_memory(len), len, PHYR_EDU_WRITE);

	errno = -copy(buffer, own, len);
	refuse(what, error, errno ? -1 : 0);
	close(own);
}

int vfio_refused(const char *mode)
{
	int dmabuf, buffer;

	open_device();
	open_vfio();
	dmabuf = export_vfio(&vfio_exporters[0]);
	if (dmabuf < 0)
		err(1, "exporting");
	if (!strcmp(mode, "unreachable")) {
		refuse("vfio-out-of-reach", EREMOTEIO,
		       import_dmabuf(dmabuf, PHYR_EDU_WRITE));
		return 0;
	}
	buffer = import_dmabuf(dmabuf, PHYR_EDU_WRITE);
	if (buffer < 0)
		err(1, "importing");
	if (!strcmp(mode, "bounce")) {
		refuse_copy("vfio-bounced", ERANGE, buffer);
		return 0;
	}
	refuse("vfio-table", EOPNOTSUPP, import_dmabuf(dmabuf, PHYR_EDU_TABLE));
	refuse("vfio-no-ranges", EINVAL, export_ranges(NULL, 0));
	refuse_ranges("vfio-odd-offset", MIB + 1, PAGE);
	refuse_ranges("vfio-odd-length", MIB, PAGE + 1);
	refuse_ranges("vfio-past-the-bar", vfio.size - PAGE, 2 * PAGE);
	set_memory(false);
	refuse("vfio-revoked", ENODEV, import_dmabuf(dmabuf, PHYR_EDU_WRITE));
	refuse_copy("vfio-copy-revoked", ENODEV, buffer);
	set_memory(true);
	return 0;
}

/* --- what mapping takes ---------------------------------------------------------------- */

static unsigned long long iommu_bytes(void)
{
	unsigned long long pages = 0;
	char line[128];
	FILE *file;

	/* Adds up what processors have counted. */
	write_to("/proc/sys/vm/stat_refresh", "1");
	file = fopen("/proc/vmstat", "r");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "nr_iommu_pages %llu", &pages) == 1)
			break;
	fclose(file);
	return pages * PAGE;
}

static void figure(const char *name, const char *mode, uint64_t offset, uint64_t len)
{
	const struct range range = { offset, len };
	int dmabuf = export_ranges(&range, 1);

	if (dmabuf < 0)
		err(1, "exporting %s", name);
	for (int table = 0; table < 2; table++) {
		unsigned long long before = iommu_bytes();

		tell("peer", dmabuf, table, 1);
		printf("bar\t%s\t%s\t%s\t%u\t%llu\t%llu\n", name, mode,
		       table ? "table" : "mapping", held_ranges(),
		       iommu_bytes() - before, (unsigned long long)len);
		fflush(stdout);
		drop();
	}
	close(dmabuf);
}

/* The first is for what is allocated once and for all. */
int vfio_figures(const char *mode)
{
	open_importer();
	open_vfio();
	if (vfio.size < 17 * GIB)
		errx(1, "a BAR of %llu bytes", (unsigned long long)vfio.size);
	figure("small", mode, MIB, MIB);
	figure("all", mode, 0, vfio.size);
	figure("16g-off-1m", mode, MIB, 16 * GIB);
	return 0;
}

/* --- taking it away --------------------------------------------------------------------- */

static atomic_bool unbound;

static void *take_driver(void *unused)
{
	write_to("/sys/bus/pci/drivers/vfio-pci/unbind", vfio.name);
	unbound = true;
	return unused;
}

/* Signaled when the device is wanted back. */
static int request_event(void)
{
	struct {
		struct vfio_irq_set	set;
		int32_t			fd;
	} arg = {
		.set = {
			.argsz = sizeof(arg),
			.flags = VFIO_IRQ_SET_DATA_EVENTFD |
				 VFIO_IRQ_SET_ACTION_TRIGGER,
			.index = VFIO_PCI_REQ_IRQ_INDEX,
			.count = 1,
		},
		.fd = eventfd(0, EFD_CLOEXEC),
	};

	if (arg.fd < 0 || ioctl(vfio.device, VFIO_DEVICE_SET_IRQS, &arg))
		err(1, "to be asked for the device");
	return arg.fd;
}

/* The driver asks who has the device open to close it, and waits until that is done. */
static void unbind_vfio(void)
{
	int request = request_event();
	pthread_t thread;
	uint64_t nr;

	unbound = false;
	if (pthread_create(&thread, NULL, take_driver, NULL))
		errx(1, "no thread");
	if (read(request, &nr, sizeof(nr)) != sizeof(nr))
		err(1, "waiting to be asked for the device");
	if (unbound)
		errx(1, "%s went while it was open", vfio.name);
	close(vfio.device);
	pthread_join(thread, NULL);
	close(request);
	close(vfio.group);
	close(vfio.container);
}

static void bind_vfio(void)
{
	write_to("/sys/bus/pci/drivers/vfio-pci/bind", vfio.name);
	open_vfio();
}

static void reset_vfio(void)
{
	if (ioctl(vfio.device, VFIO_DEVICE_RESET))
		err(1, "resetting");
}

/* After a reset it is back at once, but what was mapped isn't. */
void take_away(enum revocation how, struct buffer *buffer)
{
	/* What a process has mapped would keep the device open. */
	if (how == BY_CLOSE || how == BY_UNBINDING)
		munmap(buffer->mem, buffer->len);
	switch (how) {
	case BY_COMMAND:
		set_memory(false);
		break;
	case BY_RESET:
		reset_vfio();
		break;
	case BY_CLOSE:
		close(vfio.device);
		break;
	default:
		unbind_vfio();
	}
}

/* The buffers of a device that was closed don't come back. */
void bring_back(enum revocation how, struct buffer *buffer)
{
	if (how == BY_COMMAND || how == BY_RESET) {
		set_memory(true);
		return;
	}
	if (how == BY_CLOSE)
		open_vfio_device();
	else
		bind_vfio();
	close(buffer->dmabuf);
	buffer->dmabuf = export_vfio(&vfio_small);
	buffer->mem = map_vfio(&vfio_small);
	if (buffer->dmabuf < 0 || buffer->mem == MAP_FAILED)
		err(1, "exporting and mapping again");
}

/* --- revocation ------------------------------------------------------------------------- */

/*
 * A thread copies all the time, to the memory and back, and knows what must have come
 * back.
 */
static struct {
	pthread_t	thread;
	pthread_mutex_t	lock;		/* of @buffer */
	int		buffer;
	int		out;
	int		in;
	unsigned char	*out_mem;
	unsigned char	*in_mem;
	atomic_bool	end;
	atomic_uint	epoch;		/* odd while the memory is away */
	atomic_ulong	copies;
	atomic_ulong	refused;
	atomic_ulong	late;
	atomic_ulong	errors;
} load = { .lock = PTHREAD_MUTEX_INITIALIZER };

static int load_copy(int dst, int src)
{
	unsigned int epoch = load.epoch;
	int ret = copy(dst, src, vfio_small.len);

	if (!ret) {
		load.copies++;
		load.late += epoch % 2 && epoch == load.epoch;
	} else if (ret == -ENODEV) {
		load.refused++;
	} else {
		load.errors++;
		errno = -ret;
		warn("copying");
	}
	return ret;
}

/* What is copied while the device is reset is all ones, or none. */
static void load_once(void)
{
	fill(load.out_mem, vfio_small.len);
	if (load_copy(load.buffer, load.out) ||
	    load_copy(load.in, load.buffer))
		return;
	if (differing(load.in_mem, load.out_mem, vfio_small.len)) {
		load.late++;
		warnx("wrong bytes came back");
	}
}

static void *run_load(void *unused)
{
	while (!load.end) {
		pthread_mutex_lock(&load.lock);
		load_once();
		pthread_mutex_unlock(&load.lock);
		/* Others want the lock, too. */
		usleep(1000);
	}
	return unused;
}

static void start_load(void)
{
	load.out_mem = map_memory(vfio_small.len);
	load.in_mem = map_memory(vfio_small.len);
	load.out = pin(load.out_mem, vfio_small.len, 0);
	load.in = pin(load.in_mem, vfio_small.len, PHYR_EDU_WRITE);
	if (pthread_create(&load.thread, NULL, run_load, NULL))
		errx(1, "no thread");
}

/* Bits 12 to 51 of an IOMMU's entry are an address. */
static bool maps_memory(const char *line, uint64_t start)
{
	const char *entry = strrchr(line, '\t');
	uint64_t addr;

	if (!strchr(line, '|') || !entry)
		return false;
	addr = strtoull(entry, NULL, 16) & 0xffffffffff000ULL;
	return addr >= start && addr - start < vfio.size;
}

/* How many pages of the memory the device can still reach through its IOMMU. */
unsigned long left_mapped(const char *device, uint64_t start)
{
	char path[512], line[256];
	unsigned long nr = 0;
	FILE *file;

	snprintf(path, sizeof(path),
		 "/sys/kernel/debug/iommu/intel/%s/domain_translation_struct",
		 device);
	file = fopen(path, "r");
	if (!file)
		return 0;
	while (fgets(line, sizeof(line), file))
		nr += maps_memory(line, start);
	fclose(file);
	return nr;
}

uint64_t bar_start(void)
{
	char path[512], line[128];
	uint64_t start = 0;
	FILE *file;

	snprintf(path, sizeof(path), DEVICES "/%s/resource", vfio.name);
	file = fopen(path, "r");
	for (int i = 0; file && i <= MEMORY_BAR; i++)
		if (fgets(line, sizeof(line), file))
			start = strtoull(line, NULL, 16);
	if (!start)
		err(1, "%s", path);
	fclose(file);
	return start;
}

static unsigned long reached, left, again, under_load;

/* The memory is away, and has to stay out of reach. */
static void check_away(int dmabuf, uint64_t start)
{
	load.epoch++;
	for (int i = 0; i < 4; i++) {
		reached += edu_runs();
		usleep(30000);
	}
	left += held_ranges() + left_mapped(edu_name, start);
	left += import_dmabuf(dmabuf, PHYR_EDU_WRITE) >= 0 || errno != ENODEV;
	load.epoch++;
}

static void import_small(int dmabuf)
{
	pthread_mutex_lock(&load.lock);
	close(load.buffer);
	load.buffer = import_dmabuf(dmabuf, PHYR_EDU_WRITE);
	if (load.buffer < 0)
		err(1, "importing");
	pthread_mutex_unlock(&load.lock);
}

/* The first copy to end may have begun before. */
static void check_again(int dmabuf, int table)
{
	unsigned long copies = load.copies;

	tell("peer", dmabuf, table, 1);
	for (int i = 0; i < 2000 && load.copies < copies + 2; i++)
		usleep(5000);
	again += held_ranges() && load.copies >= copies + 2;
}

static void revoke_one(enum revocation how, struct buffer *buffer, uint64_t start)
{
	take_away(how, buffer);
	if (how == BY_RESET)
		left += held_ranges();
	else
		check_away(buffer->dmabuf, start);
	if (how == BY_CLOSE || how == BY_UNBINDING)
		drop();
	bring_back(how, buffer);
	if (how == BY_CLOSE || how == BY_UNBINDING)
		import_small(buffer->dmabuf);
}

/* One more attachment is mapped without copying anything. */
int vfio_revoke(const char *mode, int nr)
{
	struct buffer buffer;

	open_importer();
	open_device();
	open_vfio();
	map_edu_of_driver();
	load.buffer = -1;
	open_buffer(&buffer, &vfio_small);
	import_small(buffer.dmabuf);
	start_load();
	for (int i = 0; i < nr; i++) {
		check_again(buffer.dmabuf, i / NR_REVOCATIONS % 2);
		under_load += wait_until(edu_runs);
		revoke_one(i % NR_REVOCATIONS, &buffer, bar_start());
	}
	check_again(buffer.dmabuf, 0);
	load.end = true;
	pthread_join(load.thread, NULL);
	drop();
	printf("revoke\t%s\t%d\t%lu\t%lu\t%lu\t%lu\t%lu\t%lu\t%lu\n", mode, nr,
	       reached + load.late, left, again - 1, under_load, load.copies,
	       load.refused, load.errors);
	return 0;
}
