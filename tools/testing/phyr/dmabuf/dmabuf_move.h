/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DMABUF_MOVE_H
#define _DMABUF_MOVE_H
/* What the parts of dmabuf_move have in common: see dmabuf_move.c. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KIB		1024UL
#define MIB		(1024 * KIB)
#define GIB		(1024 * MIB)
#define PAGE		(4 * KIB)

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

struct exporter {
	const char	*name;
	size_t		len;
	int		(*export)(const struct exporter *exporter);
	const char	*from;
	unsigned int	flags;		/* of memfd_create(), or how many ranges */
	/* if the DMABUF itself can't be mapped */
	void		*(*map)(const struct exporter *exporter);
};

/* The sample driver's device. */
void open_device(void);
int import_dmabuf(int fd, unsigned int flags);
int pin(void *addr, size_t len, unsigned int flags);
int copy(int dst, int src, size_t len);

/* A DMABUF, and a program's memory that a device has it from, or brings it to. */
struct buffer {
	int		dmabuf;
	unsigned char	*mem;		/* the DMABUF's */
	unsigned char	*mirror;
	size_t		len;
	size_t		moved;
	size_t		wrong;
	int		error;
};

void open_buffer(struct buffer *buffer, const struct exporter *exporter);
void close_buffer(struct buffer *buffer);
void cpu_writes(struct buffer *buffer);
void compare(struct buffer *buffer, size_t start, size_t len);
void print_cell(const struct exporter *exporter, const char *mode,
		const char *importer, const char *by, unsigned long long ranges,
		const struct buffer *buffer);

void run_cell(const struct exporter *exporter, const char *mode,
	      const char *importer, unsigned int flags);
void refuse(const char *what, int error, int ret);

/* phyr_dmabuf_times, a module in debugfs. */
void open_importer(void);
void tell(const char *what, int dmabuf, int table, int nr);
void drop(void);
unsigned int held_ranges(void);

void *map_memory(size_t len);
void fill(unsigned char *mem, size_t len);
size_t differing(const unsigned char *a, const unsigned char *b, size_t len);
void write_to(const char *path, const char *what);

/* Something to do with a DMABUF whose allocations are to fail, and how to undo it. */
struct importer {
	const char	*name;
	long		(*import)(int dmabuf);	/* negative if it failed */
	void		(*drop)(long what);
};

void spare_none(void);
void fail_all(const struct exporter *exporter, const char *mode,
	      const struct importer *importer, int rounds);
int faults(const struct exporter *exporters, size_t nr, const char *mode, int rounds);

/* Devices, and the one that has memory for others. */
#define DEVICES			"/sys/bus/pci/devices"
#define NAME_LEN		256	/* as long as any in a folder */
#define NR_VFIO_EXPORTERS	3

extern const struct exporter vfio_exporters[NR_VFIO_EXPORTERS];
extern const struct exporter vfio_small;

/* edu's registers, and what it has of memory to copy from and to, a piece at a time. */
#define EDU_MEMORY	0x40000
#define EDU_PIECE	(2 * KIB)
#define EDU_TO_HOST	2

extern char edu_name[NAME_LEN];

void find_edu(void);
void map_edu(int fd, uint64_t at);
void map_edu_of_driver(void);
bool edu_runs(void);
bool edu_runs_to_host(void);
bool wait_until(bool (*condition)(void));
void edu_start(uint64_t dst, uint64_t src, unsigned int how);
void edu_finish(void);
void edu_write_iova(uint64_t iova);
void edu_copy_iova(uint64_t dst, uint64_t src, size_t len);
void expect_faults(void);
bool expect_no_faults(void);

void find_device(char *name, unsigned int vendor, unsigned int device);
uint64_t vfio_region(int device, unsigned int index, uint64_t *size);
void open_vfio(void);
void set_memory(bool on);
uint64_t bar_start(void);
unsigned long left_mapped(const char *device, uint64_t start);

/* Ways to take a device's memory from who imported it. */
enum revocation {
	BY_COMMAND,
	BY_RESET,
	BY_CLOSE,
	BY_UNBINDING,
	NR_REVOCATIONS
};

void take_away(enum revocation how, struct buffer *buffer);
void bring_back(enum revocation how, struct buffer *buffer);

void tell_host(const struct exporter *exporter, const unsigned char *written);
int vfio_cells(const char *mode);
int vfio_refused(const char *mode);
int vfio_figures(const char *mode);
int vfio_revoke(const char *mode, int nr);

int iommufd_cells(const struct exporter *exporters, size_t nr, const char *mode);
int iommufd_faults(const struct exporter *exporters, const char *mode, int rounds);
int iommufd_revoke(const char *mode, int nr);

int rdma_cells(const struct exporter *exporters, size_t nr, const char *mode);
int rdma_vfio_cells(const char *mode);
int rdma_unreachable(void);
int rdma_revoke(const char *mode, int nr);

int video_imports(const struct exporter *exporters, size_t nr);

#endif /* _DMABUF_MOVE_H */
