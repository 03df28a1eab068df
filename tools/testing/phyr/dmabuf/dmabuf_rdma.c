// SPDX-License-Identifier: GPL-2.0-only
/*
 * DMABUFs as memory regions of edu, which is an RDMA device: it reads and writes them by
 * nothing but the addresses that the RDMA core told it.
 *
 *	dmabuf_move rdma MODE		a line for each exporter
 *	dmabuf_move rdma-vfio MODE	the same of a peer's memory, and what is refused
 *	dmabuf_move rdma-unreachable MODE	what is refused of a peer that is out of reach
 *	dmabuf_move rdma-revoke MODE NR	takes a peer's memory away
 */

#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../rdma/rdma_verbs.h"
#include "dmabuf_move.h"

/* What the driver does with a DMABUF that it is given, as its parameter has it. */
enum kind {
	PINNED,
	DYNAMIC,
	REVOCABLE
};

static const char *const importers[] = { "region", "region-dynamic", "region-revocable" };

static struct device edu;

static int reg_slice(enum kind kind, int dmabuf, uint64_t start, uint64_t len)
{
	const char number[] = { '0' + kind, '\0' };

	write_to("/sys/module/phyr_edu_rdma/parameters/dmabuf", number);
	return reg_dmabuf(&edu, dmabuf, start, len, start, ACCESS);
}

static int reg_buffer(enum kind kind, const struct buffer *buffer)
{
	int region = reg_slice(kind, buffer->dmabuf, 0, buffer->len);

	if (region < 0) {
		errno = -region;
		err(1, "registering a DMABUF");
	}
	return region;
}

/* --- cells ---------------------------------------------------------------------- */

/* As much as the device does in one go, most of which lies across pages. */
static size_t piece_at(const struct buffer *buffer, size_t at)
{
	size_t left = buffer->len - at;

	return left < PHYR_EDU_RDMA_MAX ? left : PHYR_EDU_RDMA_MAX;
}

static void read_all(struct buffer *buffer, int region)
{
	for (size_t at = 0; at < buffer->len && !buffer->error;
	     at += PHYR_EDU_RDMA_MAX)
		buffer->error = edu_read(&edu, region, at, 0, buffer->mirror + at,
					 piece_at(buffer, at));
	compare(buffer, 0, buffer->len);
}

static void write_all(struct buffer *buffer, int region)
{
	fill(buffer->mirror, buffer->len);
	for (size_t at = 0; at < buffer->len && !buffer->error;
	     at += PHYR_EDU_RDMA_MAX)
		buffer->error = edu_write(&edu, region, at, buffer->mirror + at,
					  piece_at(buffer, at));
	compare(buffer, 0, buffer->len);
}

static void move_all(struct buffer *buffer, int region)
{
	read_all(buffer, region);
	cpu_writes(buffer);
	read_all(buffer, region);
	write_all(buffer, region);
}

static void run_one(const struct exporter *exporter, const char *mode, enum kind kind)
{
	struct buffer buffer;
	int region = -1;

	open_buffer(&buffer, exporter);
	cpu_writes(&buffer);
	if (!buffer.error)
		region = reg_slice(kind, buffer.dmabuf, 0, buffer.len);
	if (region >= 0) {
		move_all(&buffer, region);
		dereg_mr(&edu, region);
	} else if (!buffer.error) {
		buffer.error = region;
	}
	print_cell(exporter, mode, importers[kind], "rdma",
		   exporter->map ? exporter->flags : 0, &buffer);
	close_buffer(&buffer);
}

int rdma_cells(const struct exporter *exporters, size_t nr, const char *mode)
{
	edu = open_rdma("edu0");
	for (size_t i = 0; i < nr; i++) {
		run_one(&exporters[i], mode, PINNED);
		run_one(&exporters[i], mode, DYNAMIC);
	}
	return 0;
}

/* --- a peer's memory ---------------------------------------------------------------- */

static void refuse_region(const char *what, int error, int region)
{
	if (region >= 0)
		dereg_mr(&edu, region);
	errno = -region;
	refuse(what, error, region < 0 ? -1 : 0);
}

int rdma_vfio_cells(const char *mode)
{
	const struct exporter *exporter = &vfio_exporters[0];
	int dmabuf;

	edu = open_rdma("edu0");
	open_vfio();
	for (size_t i = 0; i < NR_VFIO_EXPORTERS; i++) {
		run_one(&vfio_exporters[i], mode, DYNAMIC);
		run_one(&vfio_exporters[i], mode, REVOCABLE);
	}
	dmabuf = exporter->export(exporter);
	refuse_region("region-pinned", EOPNOTSUPP,
		      reg_slice(PINNED, dmabuf, 0, exporter->len));
	refuse_region("region-past-the-end", EINVAL,
		      reg_slice(REVOCABLE, dmabuf, PAGE, exporter->len));
	set_memory(false);
	refuse_region("region-revoked", ENODEV,
		      reg_slice(REVOCABLE, dmabuf, 0, exporter->len));
	set_memory(true);
	return 0;
}

int rdma_unreachable(void)
{
	const struct exporter *exporter = &vfio_exporters[0];

	edu = open_rdma("edu0");
	open_vfio();
	refuse_region("region-out-of-reach", EREMOTEIO,
		      reg_slice(REVOCABLE, exporter->export(exporter), 0,
				exporter->len));
	return 0;
}

/* --- revocation ------------------------------------------------------------------------ */

static unsigned long reached, left, again, told, under_load, late;

/* Has the device write all the time, and knows what must be there. */
static struct {
	struct buffer	*buffer;
	int		region;
	atomic_bool	end;
	atomic_bool	away;
	unsigned long	writes;
	unsigned long	refused;
	unsigned long	errors;
} writer;

static void write_once(size_t at)
{
	unsigned char data[PHYR_EDU_RDMA_MAX];
	bool away = writer.away;
	int error;

	fill(data, sizeof(data));
	error = edu_write(&edu, writer.region, at, data, sizeof(data));
	writer.refused += error == -ENODEV;
	writer.errors += error && error != -ENODEV;
	if (error)
		return;
	memcpy(writer.buffer->mirror + at, data, sizeof(data));
	writer.writes++;
	late += away;
}

static void *write_on(void *unused)
{
	for (size_t at = 0; !writer.end; at = (at + PAGE) % writer.buffer->len)
		write_once(at);
	return unused;
}

/* By addresses that the device had, and behind the back of its driver, which has none. */
static void write_stale(const struct buffer *buffer, uint64_t iova)
{
	for (size_t at = 0; at < buffer->len; at += PAGE)
		edu_write_iova(iova + at);
}

/* In pages' order, as the region begins with a page. */
static uint64_t iova_of(int region)
{
	struct phyr_edu_mr_info info = edu_query(&edu, region);

	if (!info.mapped)
		errx(1, "a region isn't mapped");
	return info.first_block;
}

static bool reads_well(const struct buffer *buffer, int region)
{
	unsigned char data[PHYR_EDU_RDMA_MAX];

	return !edu_read(&edu, region, 1, 0, data, sizeof(data)) &&
	       !memcmp(data, buffer->mem + 1, sizeof(data));
}

/* Only regions that move are there again if the memory is; others never are. */
static void check_again(enum revocation how, enum kind kind, struct buffer *buffer)
{
	bool comes_back = kind == DYNAMIC && (how == BY_COMMAND || how == BY_RESET);
	int region;

	if (reads_well(buffer, writer.region) != comes_back)
		errx(1, "a region is there that was revoked, or isn't that moved");
	region = reg_buffer(kind, buffer);
	again += reads_well(buffer, region);
	dereg_mr(&edu, region);
}

/* A region that moves is mapped again as soon as the memory is back, as after a reset. */
static bool stays_away(enum revocation how, enum kind kind)
{
	return how != BY_RESET || kind == REVOCABLE;
}

static void check_away(enum revocation how, enum kind kind)
{
	unsigned long refused = writer.refused;

	if (!stays_away(how, kind))
		return;
	writer.away = true;
	left += left_mapped(edu_name, bar_start());
	left += edu_query(&edu, writer.region).mapped;
	/* Or it is late. */
	for (int i = 0; i < 2000 && writer.refused < refused + 3; i++)
		usleep(5000);
}

static pthread_t start_writer(struct buffer *buffer, enum kind kind)
{
	pthread_t thread;

	open_buffer(buffer, &vfio_small);
	cpu_writes(buffer);
	memcpy(buffer->mirror, buffer->mem, buffer->len);
	writer.buffer = buffer;
	writer.region = reg_buffer(kind, buffer);
	writer.end = false;
	writer.away = false;
	if (pthread_create(&thread, NULL, write_on, NULL))
		errx(1, "no thread");
	return thread;
}

static void revoke_one(enum revocation how, enum kind kind)
{
	bool stale = stays_away(how, kind);
	struct buffer buffer;
	pthread_t thread = start_writer(&buffer, kind);
	uint64_t iova = iova_of(writer.region);

	expect_faults();
	under_load += wait_until(edu_runs_to_host);
	take_away(how, &buffer);
	check_away(how, kind);
	writer.end = true;
	pthread_join(thread, NULL);
	if (stale)
		write_stale(&buffer, iova);
	bring_back(how, &buffer);
	told += expect_no_faults() == stale;
	reached += differing(buffer.mem, buffer.mirror, buffer.len);
	check_again(how, kind, &buffer);
	dereg_mr(&edu, writer.region);
	close_buffer(&buffer);
}

int rdma_revoke(const char *mode, int nr)
{
	edu = open_rdma("edu0");
	open_vfio();
	map_edu_of_driver();
	for (int i = 0; i < nr; i++)
		revoke_one(i % NR_REVOCATIONS,
			   i / NR_REVOCATIONS % 2 ? DYNAMIC : REVOCABLE);
	printf("rdma-revoke\t%s\t%d\t%lu\t%lu\t%lu\t%lu\t%lu\t%lu\t%lu\t%lu\n", mode,
	       nr, reached + late, left, again, told, under_load, writer.writes,
	       writer.refused, writer.errors);
	return 0;
}
