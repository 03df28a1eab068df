// SPDX-License-Identifier: GPL-2.0-only
/*
 * The registers of edu: for a program whose device it is, or behind its driver's back.
 * And what the kernel tells when an IOMMU stops it.
 */

#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <unistd.h>

#include "dmabuf_move.h"

#define EDU_SRC		0x80
#define EDU_DST		0x88
#define EDU_LEN		0x90
#define EDU_COMMAND	0x98
#define EDU_RUN		1

char edu_name[NAME_LEN];

static char *regs;

void find_edu(void)
{
	find_device(edu_name, 0x1234, 0x11e8);
}

/* @at is where they begin in a file of all the device's. */
void map_edu(int fd, uint64_t at)
{
	regs = mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_SHARED, fd, at);
	if (regs == MAP_FAILED)
		err(1, "mapping the device's registers");
}

void map_edu_of_driver(void)
{
	char path[512];
	int fd;

	find_edu();
	snprintf(path, sizeof(path), DEVICES "/%s/resource0", edu_name);
	fd = open(path, O_RDWR | O_SYNC);
	if (fd < 0)
		err(1, "%s", path);
	map_edu(fd, 0);
	close(fd);
}

static void write_reg(unsigned int at, uint64_t value)
{
	__atomic_store_n((uint64_t *)(regs + at), value, __ATOMIC_RELEASE);
}

static uint64_t command(void)
{
	return __atomic_load_n((uint64_t *)(regs + EDU_COMMAND), __ATOMIC_ACQUIRE);
}

bool edu_runs(void)
{
	return command() & EDU_RUN;
}

bool edu_runs_to_host(void)
{
	return (command() & (EDU_RUN | EDU_TO_HOST)) == (EDU_RUN | EDU_TO_HOST);
}

bool wait_until(bool (*condition)(void))
{
	for (int i = 0; i < 2000 && !condition(); i++)
		usleep(5000);
	return condition();
}

/* The bytes move a tenth of a second later. */
void edu_start(uint64_t dst, uint64_t src, unsigned int how)
{
	write_reg(EDU_SRC, src);
	write_reg(EDU_DST, dst);
	write_reg(EDU_LEN, EDU_PIECE);
	write_reg(EDU_COMMAND, EDU_RUN | how);
}

void edu_finish(void)
{
	while (edu_runs())
		usleep(20 * 1000);
}

/* Some bytes of its own. */
void edu_write_iova(uint64_t iova)
{
	edu_start(iova, EDU_MEMORY, EDU_TO_HOST);
	edu_finish();
}

void edu_copy_iova(uint64_t dst, uint64_t src, size_t len)
{
	for (size_t at = 0; at < len; at += EDU_PIECE) {
		edu_start(EDU_MEMORY, src + at, 0);
		edu_finish();
		edu_write_iova(dst + at);
	}
}

/* --- faults ------------------------------------------------------------------------ */

#define KLOG_READ_CLEAR	4
#define KLOG_CLEAR	5

/*
 * What the kernel tells of the device's writes is right, and nothing to be seen on the
 * console, where it would be taken for trouble.  All else is.
 */
static bool read_log(void)
{
	static char log[256 * KIB];
	int len = klogctl(KLOG_READ_CLEAR, log, sizeof(log) - 1);
	bool faulted = false;

	log[len < 0 ? 0 : len] = '\0';
	for (char *line = strtok(log, "\n"); line; line = strtok(NULL, "\n")) {
		if (strstr(line, "DMAR: "))
			faulted |= !!strstr(line, "[DMA Write");
		else
			fprintf(stderr, "%s\n", line);
	}
	return faulted;
}

/* It tells of some within 5 seconds only, which pass at once here. */
void expect_faults(void)
{
	sleep(6);
	write_to("/proc/sys/kernel/printk", "1");
	klogctl(KLOG_CLEAR, NULL, 0);
}

/* Whether there were any. */
bool expect_no_faults(void)
{
	bool faulted;

	usleep(100 * 1000);
	faulted = read_log();
	write_to("/proc/sys/kernel/printk", "7");
	return faulted;
}
