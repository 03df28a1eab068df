// SPDX-License-Identifier: GPL-2.0-only
/*
 * Has each allocation fail in turn of importing a DMABUF, that is of attaching and
 * mapping it, and counts what is left behind.
 *
 *	dmabuf_move faults MODE ROUNDS
 */

#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../../../../samples/phyr/phyr_edu.h"
#include "dmabuf_move.h"

#define FAILSLAB	"/sys/kernel/debug/failslab/"

/* A leak shows in each series of rounds; what caches keep for later doesn't. */
#define SERIES		4

#define CACHES_MAX	512

struct cache {
	char		name[64];
	long		objects;
	long		growth;		/* in each series, at least */
};

static struct cache caches[CACHES_MAX];
static size_t nr_caches;

static struct cache *find_cache(const char *name)
{
	for (size_t i = 0; i < nr_caches; i++)
		if (!strcmp(caches[i].name, name))
			return &caches[i];
	if (nr_caches == CACHES_MAX)
		errx(1, "more than %d caches", CACHES_MAX);
	snprintf(caches[nr_caches].name, sizeof(caches[0].name), "%s", name);
	caches[nr_caches].growth = -1;
	return &caches[nr_caches++];
}

static void count_objects(bool compare)
{
	FILE *file = fopen("/proc/slabinfo", "r");
	char line[512], name[64];
	long objects;

	if (!file)
		err(1, "/proc/slabinfo");
	while (fgets(line, sizeof(line), file)) {
		struct cache *cache;
		long growth;

		if (sscanf(line, "%63s %ld", name, &objects) != 2)
			continue;
		cache = find_cache(name);
		growth = objects - cache->objects;
		cache->objects = objects;
		if (compare && (cache->growth < 0 || growth < cache->growth))
			cache->growth = growth > 0 ? growth : 0;
	}
	fclose(file);
}

/* Whether there was an allocation left to fail. */
static bool fail_nth(int nth_file, int nth, int dmabuf,
		     const struct importer *importer)
{
	char number[16];
	long what;
	int left;

	snprintf(number, sizeof(number), "%d", nth);
	if (pwrite(nth_file, number, strlen(number), 0) < 0)
		err(1, "/proc/thread-self/fail-nth");
	what = importer->import(dmabuf);
	memset(number, 0, sizeof(number));
	if (pread(nth_file, number, sizeof(number) - 1, 0) < 0)
		err(1, "/proc/thread-self/fail-nth");
	left = atoi(number);
	if (pwrite(nth_file, "0", 1, 0) < 0)
		err(1, "/proc/thread-self/fail-nth");
	if (what >= 0)
		importer->drop(what);
	else if (left)
		errx(1, "%s: fails by itself", importer->name);
	return !left;
}

static int fail_each(int nth_file, int dmabuf, const struct importer *importer)
{
	int nth = 1;

	while (fail_nth(nth_file, nth, dmabuf, importer))
		nth++;
	return nth - 1;
}

void fail_all(const struct exporter *exporter, const char *mode,
	      const struct importer *importer, int rounds)
{
	int nth_file = open("/proc/thread-self/fail-nth", O_RDWR);
	int dmabuf = exporter->export(exporter), nr = 0;
	long leaked = 0;

	if (nth_file < 0 || dmabuf < 0)
		err(1, "fail-nth or %s", exporter->name);
	nr_caches = 0;
	for (int series = 0; series <= SERIES; series++) {
		for (int i = 0; i < rounds; i++)
			nr = fail_each(nth_file, dmabuf, importer);
		count_objects(series);
	}
	for (size_t i = 0; i < nr_caches; i++)
		leaked += (caches[i].growth + rounds / 2) / rounds;
	printf("faults\t%s\t%s\t%s\t%d\t%ld\n", exporter->name, mode,
	       importer->name, nr, leaked);
	fflush(stdout);
	close(nth_file);
	close(dmabuf);
}

static long import_and_map(int dmabuf, unsigned int flags)
{
	struct phyr_edu_info info;
	int buffer = import_dmabuf(dmabuf, flags | PHYR_EDU_WRITE);

	if (buffer >= 0)
		ioctl(buffer, PHYR_EDU_INFO, &info);
	return buffer;
}

static long import_mapping(int dmabuf)
{
	return import_and_map(dmabuf, 0);
}

static long import_table(int dmabuf)
{
	return import_and_map(dmabuf, PHYR_EDU_TABLE);
}

static void drop_buffer(long buffer)
{
	close(buffer);
}

/* Allocations that may sleep are spared unless one asks. */
void spare_none(void)
{
	write_to(FAILSLAB "ignore-gfp-wait", "N");
	write_to(FAILSLAB "verbose", "0");
}

int faults(const struct exporter *exporters, size_t nr, const char *mode, int rounds)
{
	static const struct importer mapping = {
		"mapping", import_mapping, drop_buffer
	};
	static const struct importer table = {
		"table", import_table, drop_buffer
	};

	spare_none();
	open_device();
	for (size_t i = 0; i < nr; i++) {
		fail_all(&exporters[i], mode, &mapping, rounds);
		fail_all(&exporters[i], mode, &table, rounds);
	}
	return 0;
}
