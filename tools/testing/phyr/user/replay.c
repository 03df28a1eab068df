// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs the fuzzing target on the files named, for tools that have no use for a
 * fuzzer around it.
 */

#include <stdio.h>

#include "fuzz.h"

static int replay(const char *name)
{
	static u8 data[65536];
	FILE *file = fopen(name, "r");
	size_t size;

	if (!file) {
		perror(name);
		return 1;
	}
	size = fread(data, 1, sizeof(data), file);
	fclose(file);
	fuzz_input(data, size);
	return 0;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (replay(argv[i]))
			return 1;
	printf("%d inputs\n", argc - 1);
	return 0;
}
