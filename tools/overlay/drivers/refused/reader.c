// SPDX-License-Identifier: GPL-2.0-only
// refused: 12: the structure that table is in is in none of the files
/* A file that only looks at a list of others, whose struct it has from a header. */

#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

struct pinning;

static dma_addr_t pinning_addr(struct pinning *pinning)
{
	return pinning->table.sgl->dma_address;
}
