// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registers memory for RDMA, of every kind and size, has the device write to it
 * and read from it, and looks at what is pinned.  Runs in the guest of "make
 * rdma", and connects to itself by ADDRESS, which says which device it is.
 *
 *	rdma_mr sizes ADDRESS KIND ROUNDS SIZE...	register and deregister
 *	rdma_mr loop ADDRESS KIND			the same until killed
 *	rdma_mr fork ADDRESS				what children may do
 *	rdma_mr memlock ADDRESS				RLIMIT_MEMLOCK is kept
 *
 * KIND is 4k, thp or hugetlb, and SIZE is in bytes, or with K, M or G.
 */

#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <pthread.h>
#include <rdma/rdma_cma.h>
#include <rdma/rdma_verbs.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define KIB		1024UL
#define MIB		(1024 * KIB)
#define GIB		(1024 * MIB)
#define PAGE		(4 * KIB)
#define HUGE		(2 * MIB)
#define WINDOW		(64 * KIB)
#define PORT		"7471"

#define ACCESS	(IBV_ACCESS_LOCAL_WRITE | IBV_ACCESS_REMOTE_WRITE | IBV_ACCESS_REMOTE_READ)

/* --- a connection to ourselves ------------------------------------------- */

struct pair {
	struct rdma_cm_id *listener;
	struct rdma_cm_id *active;
	struct rdma_cm_id *passive;
	struct ibv_mr *window;
	unsigned char *bytes;
};

static struct rdma_cm_id *endpoint(const char *address, int flags)
{
	struct rdma_addrinfo hints = { .ai_flags = flags, .ai_port_space = RDMA_PS_TCP };
	struct ibv_qp_init_attr attr = {
		.qp_type = IBV_QPT_RC,
		.sq_sig_all = 1,
		.cap = { .max_send_wr = 4, .max_recv_wr = 4,
			 .max_send_sge = 1, .max_recv_sge = 1 },
	};
	struct rdma_addrinfo *info;
	struct rdma_cm_id *id;

	if (rdma_getaddrinfo(address, PORT, &hints, &info))
		err(1, "rdma_getaddrinfo %s", address);
	if (rdma_create_ep(&id, info, NULL, &attr))
		err(1, "rdma_create_ep %s", address);
	rdma_freeaddrinfo(info);
	return id;
}

static void *answer(void *arg)
{
	struct pair *pair = arg;

	if (rdma_get_request(pair->listener, &pair->passive))
		err(1, "rdma_get_request");
	if (rdma_accept(pair->passive, NULL))
		err(1, "rdma_accept");
	return NULL;
}

static void connect_pair(struct pair *pair, const char *address)
{
	pthread_t thread;

	pair->listener = endpoint(address, RAI_PASSIVE);
	if (rdma_listen(pair->listener, 1))
		err(1, "rdma_listen");
	errno = pthread_create(&thread, NULL, answer, pair);
	if (errno)
		err(1, "pthread_create");
	pair->active = endpoint(address, 0);
	if (rdma_connect(pair->active, NULL))
		err(1, "rdma_connect");
	pthread_join(thread, NULL);

	pair->bytes = aligned_alloc(PAGE, WINDOW);
	if (!pair->bytes)
		err(1, "aligned_alloc");
	pair->window = ibv_reg_mr(pair->active->pd, pair->bytes, WINDOW, ACCESS);
	if (!pair->window)
		err(1, "registering %lu bytes", WINDOW);
}

static void disconnect_pair(struct pair *pair)
{
	ibv_dereg_mr(pair->window);
	rdma_destroy_ep(pair->passive);
	rdma_destroy_ep(pair->active);
	rdma_destroy_ep(pair->listener);
	free(pair->bytes);
}

static void complete(struct pair *pair, const char *what)
{
	struct ibv_wc wc;

	if (rdma_get_send_comp(pair->active, &wc) < 1)
		err(1, "waiting for the %s", what);
	if (wc.status)
		errx(1, "%s: %s", what, ibv_wc_status_str(wc.status));
}

/* --- what is pinned ------------------------------------------------------ */

static unsigned long field(const char *file, const char *name)
{
	FILE *lines = fopen(file, "r");
	unsigned long value = 0;
	char format[64], line[256];

	if (!lines)
		err(1, "%s", file);
	snprintf(format, sizeof(format), "%s %%lu", name);
	while (fgets(line, sizeof(line), lines))
		if (sscanf(line, format, &value) == 1)
			break;
	fclose(lines);
	return value;
}

/* Pages that we account for. */
static unsigned long accounted(void)
{
	return field("/proc/self/status", "VmPin:") * KIB / PAGE;
}

/* Pages that are pinned, whoever they belong to. */
static unsigned long pinned(void)
{
	field("/proc/sys/vm/stat_refresh", "");
	return field("/proc/vmstat", "nr_foll_pin_acquired") -
	       field("/proc/vmstat", "nr_foll_pin_released");
}

/*
 * A process that was killed may take a while to go, and a device to let go of
 * what it wrote to a moment ago.
 */
static void expect_pages(unsigned long (*count)(void), unsigned long pages, const char *when)
{
	unsigned long have = count();
	int tries;

	for (tries = 0; have != pages && tries < 500; tries++) {
		usleep(10000);
		have = count();
	}
	if (have != pages)
		errx(1, "%lu pages are %s, not %lu, %s", have,
		     count == pinned ? "pinned" : "accounted for", pages, when);
}

/* --- regions ------------------------------------------------------------- */

struct region {
	unsigned char *map;
	size_t mapped;
	unsigned char *start;
	size_t size;
	struct ibv_mr *mr;
};

static unsigned long pages_of(const struct region *region)
{
	uintptr_t start = (uintptr_t)region->start;

	return (start + region->size - 1) / PAGE - start / PAGE + 1;
}

/* Odd sizes start close to the end of a page. */
static void map_region(struct region *region, const char *kind, size_t size)
{
	size_t into = size % PAGE ? PAGE - 3 : 0;
	int flags = MAP_PRIVATE | MAP_ANONYMOUS;

	if (!strcmp(kind, "hugetlb"))
		flags |= MAP_HUGETLB;
	region->mapped = (into + size + HUGE - 1) / HUGE * HUGE;
	region->map = mmap(NULL, region->mapped, PROT_READ | PROT_WRITE, flags, -1, 0);
	if (region->map == MAP_FAILED)
		err(1, "mapping %zu bytes of %s", region->mapped, kind);
	if (strcmp(kind, "hugetlb"))
		madvise(region->map, region->mapped,
			strcmp(kind, "thp") ? MADV_NOHUGEPAGE : MADV_HUGEPAGE);
	region->start = region->map + into;
	region->size = size;
}

static void register_region(struct pair *pair, struct region *region)
{
	unsigned long before = accounted();

	region->mr = ibv_reg_mr(pair->active->pd, region->start, region->size, ACCESS);
	if (!region->mr)
		err(1, "registering %zu bytes", region->size);
	if (accounted() - before != pages_of(region))
		errx(1, "%zu bytes are accounted for as %lu pages, not %lu",
		     region->size, accounted() - before, pages_of(region));
}

static void deregister_region(struct region *region)
{
	unsigned long before = accounted();

	if (ibv_dereg_mr(region->mr))
		err(1, "deregistering %zu bytes", region->size);
	expect_pages(accounted, before - pages_of(region), "once a region is deregistered");
}

static void unmap_region(struct region *region)
{
	munmap(region->map, region->mapped);
}

/* --- data ---------------------------------------------------------------- */

static void fill(unsigned char *bytes, size_t size)
{
	while (size--)
		*bytes++ = rand() >> 8;
}

static void compare(const unsigned char *bytes, struct region *region, size_t at,
		    size_t size, const char *what)
{
	if (memcmp(bytes, region->start + at, size))
		errx(1, "%s of %zu bytes at %zu of %zu: they differ",
		     what, size, at, region->size);
}

static void check_window(struct pair *pair, struct region *region, size_t at, size_t size)
{
	uint64_t remote = (uintptr_t)region->start + at;
	unsigned char written[WINDOW];

	fill(written, size);
	memcpy(pair->bytes, written, size);
	if (rdma_post_write(pair->active, NULL, pair->bytes, size, pair->window, 0,
			    remote, region->mr->rkey))
		err(1, "rdma_post_write");
	complete(pair, "write");
	/* A write is complete when it was sent, but it goes before a read. */
	if (rdma_post_read(pair->active, NULL, pair->bytes, size, pair->window, 0,
			   remote, region->mr->rkey))
		err(1, "rdma_post_read");
	complete(pair, "read");
	compare(written, region, at, size, "write");

	fill(region->start + at, size);
	if (rdma_post_read(pair->active, NULL, pair->bytes, size, pair->window, 0,
			   remote, region->mr->rkey))
		err(1, "rdma_post_read");
	complete(pair, "read");
	compare(pair->bytes, region, at, size, "read");
}

/* The start, the end, and two places in between. */
static void check_data(struct pair *pair, struct region *region)
{
	size_t size = region->size < WINDOW ? region->size : WINDOW;
	size_t rest = region->size - size;

	check_window(pair, region, 0, size);
	if (!rest)
		return;
	check_window(pair, region, rest, size);
	check_window(pair, region, rest / 2, size);
	check_window(pair, region, random() % rest, size);
}

/* --- commands ------------------------------------------------------------ */

static size_t parse_size(const char *word)
{
	static const char units[] = "KMG";
	const char *unit;
	char *end;
	size_t size = strtoul(word, &end, 0);

	unit = *end ? strchr(units, *end) : NULL;
	return unit ? size << (10 * (unit - units + 1)) : size;
}

static void run_sizes(struct pair *pair, const char *kind, int rounds, char **sizes)
{
	struct region region;
	int round;

	for (; *sizes; sizes++) {
		map_region(&region, kind, parse_size(*sizes));
		for (round = 0; round < rounds; round++) {
			register_region(pair, &region);
			if (!round || round == rounds - 1)
				check_data(pair, &region);
			deregister_region(&region);
		}
		unmap_region(&region);
	}
}

static void run_loop(struct pair *pair, const char *kind)
{
	struct region region;

	map_region(&region, kind, 16 * MIB);
	for (;;) {
		region.size = 1 + random() % (16 * MIB);
		register_region(pair, &region);
		check_data(pair, &region);
		deregister_region(&region);
	}
}

static pid_t spawn(void)
{
	pid_t child = fork();

	if (child < 0)
		err(1, "fork");
	return child;
}

/* Children share neither memory nor accounts: that they go is no matter. */
static void fork_and_exit(struct pair *pair)
{
	struct region region;
	pid_t child;

	map_region(&region, "4k", 4 * MIB);
	register_region(pair, &region);
	fill(region.start, WINDOW);
	child = spawn();
	if (!child) {
		memset(region.start, 0, region.size);
		_exit(accounted() != 0);
	}
	check_data(pair, &region);
	if (waitpid(child, &(int){ 0 }, 0) != child)
		err(1, "waitpid");
	check_data(pair, &region);
	deregister_region(&region);
	unmap_region(&region);
}

/* Its registrations last as long as anyone has the device open for it. */
static void register_and_die(const char *address, int hold, int ready)
{
	struct pair pair = {};
	struct region region;
	char byte = 0;

	connect_pair(&pair, address);
	map_region(&region, "4k", 4 * MIB);
	register_region(&pair, &region);
	if (!spawn()) {
		if (read(hold, &byte, 1) < 0)
			err(1, "read");
		_exit(0);
	}
	if (write(ready, &byte, 1) != 1)
		err(1, "write");
	pause();
}

static void orphan_holds(const char *address)
{
	int hold[2], ready[2];
	pid_t child;
	char byte;

	if (pipe(hold) || pipe(ready))
		err(1, "pipe");
	child = spawn();
	if (!child) {
		close(hold[1]);
		register_and_die(address, hold[0], ready[1]);
	}
	if (read(ready[0], &byte, 1) != 1)
		err(1, "read");
	kill(child, SIGKILL);
	if (waitpid(child, NULL, 0) != child)
		err(1, "waitpid");
	expect_pages(pinned, (4 * MIB + WINDOW) / PAGE, "while a child has the device open");
	close(hold[1]);
	expect_pages(pinned, 0, "when nobody has the device open");
}

static void run_fork(const char *address)
{
	struct pair pair = {};

	expect_pages(pinned, 0, "before all");
	orphan_holds(address);
	connect_pair(&pair, address);
	fork_and_exit(&pair);
	disconnect_pair(&pair);
	expect_pages(pinned, 0, "after all");
}

/* As an ordinary user; what connect_pair() registered counts, too. */
static void run_memlock(struct pair *pair)
{
	struct rlimit limit = { 4 * MIB, 4 * MIB };
	struct region region;

	if (setrlimit(RLIMIT_MEMLOCK, &limit))
		err(1, "setrlimit");
	map_region(&region, "4k", 4 * MIB);
	if (ibv_reg_mr(pair->active->pd, region.start, region.size, ACCESS))
		errx(1, "more than RLIMIT_MEMLOCK was registered");
	if (errno != ENOMEM)
		err(1, "more than RLIMIT_MEMLOCK is refused, but not with ENOMEM");
	if (accounted() != WINDOW / PAGE)
		errx(1, "what was refused is accounted for: %lu pages", accounted());
	region.size -= WINDOW;
	register_region(pair, &region);
	deregister_region(&region);
	unmap_region(&region);
}

int main(int argc, char **argv)
{
	struct pair pair = {};

	if (argc < 3)
		errx(2, "usage: rdma_mr sizes|loop|fork|memlock ADDRESS ...");
	if (!strcmp(argv[1], "fork")) {
		run_fork(argv[2]);
		return 0;
	}
	connect_pair(&pair, argv[2]);
	if (!strcmp(argv[1], "sizes") && argc > 5)
		run_sizes(&pair, argv[3], atoi(argv[4]), argv + 5);
	else if (!strcmp(argv[1], "loop") && argc > 3)
		run_loop(&pair, argv[3]);
	else if (!strcmp(argv[1], "memlock"))
		run_memlock(&pair);
	else
		errx(2, "no such command: %s", argv[1]);
	disconnect_pair(&pair);
	expect_pages(accounted, 0, "after all");
	return 0;
}
