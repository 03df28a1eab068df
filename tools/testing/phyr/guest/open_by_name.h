/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _OPEN_BY_NAME_H
#define _OPEN_BY_NAME_H
/* For programs in guests: files of devices, whose numbers say nothing. */

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define MOST_DEVICES	32

/*
 * Open the device whose name is in a file: of the formats of both paths, each has its
 * number in it.
 */
static inline int open_by_name(const char *name_path, const char *device_path,
			       const char *name)
{
	char path[96], found[64];
	FILE *file;
	int i, fd;

	for (i = 0; i < MOST_DEVICES; i++) {
		snprintf(path, sizeof(path), name_path, i);
		file = fopen(path, "r");
		if (!file)
			continue;
		if (fscanf(file, "%63s", found) != 1)
			found[0] = '\0';
		fclose(file);
		if (strcmp(found, name))
			continue;
		snprintf(path, sizeof(path), device_path, i);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0)
			err(1, "%s", path);
		return fd;
	}
	errx(1, "no device %s", name);
}

#endif /* _OPEN_BY_NAME_H */
