// SPDX-License-Identifier: GPL-2.0-only
/*
 * Physical-range list: reading, writing and printing by the CPU.
 */

#include <kunit/visibility.h>
#include <linux/export.h>
#include <linux/highmem.h>
#include <linux/pci-p2pdma.h>
#include <linux/seq_file.h>

#include "internal.h"

static ssize_t phyr_copy(const struct phyr *phyr, void *buf, size_t len,
			 u64 skip, bool to_buffer)
{
	PHYR_STATE(ps, phyr);
	size_t done = 0, bytes;
	phys_addr_t phys;

	if (phyrs_seek(&ps, skip))
		return -ERANGE;

	while (done < len && (bytes = phyrs_page_piece(&ps, len - done, &phys))) {
		struct page *page;

		if (ps.range.flags & PHYR_MMIO)
			return done ?: -EOPNOTSUPP;
		page = pfn_to_page(PHYS_PFN(phys));
		if (to_buffer)
			memcpy_from_page(buf + done, page, offset_in_page(phys),
					 bytes);
		else
			memcpy_to_page(page, offset_in_page(phys), buf + done,
				       bytes);
		done += bytes;
	}
	return done;
}

/**
 * phyr_copy_to_buffer() - Copy from the listed memory to a buffer
 * @phyr: List.
 * @buf: Buffer to write.
 * @len: Its length in bytes, at most %SSIZE_MAX.
 * @skip: Position in the list to start from, in bytes.
 *
 * Context: Any.
 * Return: The number of bytes copied, which is less than @len where the list
 * ends or device memory starts, or a negative errno: -ERANGE if @skip is not
 * before the end of the list, -EOPNOTSUPP if there is device memory there.
 */
ssize_t phyr_copy_to_buffer(const struct phyr *phyr, void *buf, size_t len,
			    u64 skip)
{
	return phyr_copy(phyr, buf, len, skip, true);
}
EXPORT_SYMBOL_GPL(phyr_copy_to_buffer);

/**
 * phyr_copy_from_buffer() - Copy from a buffer to the listed memory
 * @phyr: List.
 * @buf: Buffer to read.
 * @len: Its length in bytes, at most %SSIZE_MAX.
 * @skip: Position in the list to start from, in bytes.
 *
 * Context: Any.
 * Return: As phyr_copy_to_buffer().
 */
ssize_t phyr_copy_from_buffer(const struct phyr *phyr, const void *buf,
			      size_t len, u64 skip)
{
	return phyr_copy(phyr, (void *)buf, len, skip, false);
}
EXPORT_SYMBOL_GPL(phyr_copy_from_buffer);

static bool phyrs_only_pages(struct phyr_state ps, u64 len)
{
	phys_addr_t phys;

	for (; len; len -= phyrs_piece(&ps, len, &phys)) {
		if (!phyrs_load(&ps) || ps.range.flags & PHYR_MMIO)
			return false;
	}
	return true;
}

int phyr_find_pages(const struct phyr *phyr, u64 pos, u64 len,
		    struct phyr_state *ps)
{
	*ps = phyr_start(phyr);
	if (pos > phyr_bytes(phyr) || len > phyr_bytes(phyr) - pos)
		return -ERANGE;
	if (!len)
		return 0;

	phyrs_seek(ps, pos);
	if (phyr_flags(phyr) & PHYR_MMIO && !phyrs_only_pages(*ps, len))
		return -EOPNOTSUPP;
	return 0;
}

/**
 * phyr_zero() - Fill a part of the listed memory with zeroes
 * @phyr: List.
 * @pos: Position of the part in the list, in bytes.
 * @len: Length of the part, in bytes.
 *
 * Context: Any.
 * Return: 0, or a negative errno with nothing written: -ERANGE if the part isn't
 * inside the list, -EOPNOTSUPP if there is device memory in it.
 */
int phyr_zero(const struct phyr *phyr, u64 pos, u64 len)
{
	struct phyr_state ps;
	int ret;

	ret = phyr_find_pages(phyr, pos, len, &ps);
	if (ret)
		return ret;

	while (len) {
		phys_addr_t phys;
		u64 bytes = phyrs_page_piece(&ps, len, &phys);

		memzero_page(pfn_to_page(PHYS_PFN(phys)), offset_in_page(phys),
			     bytes);
		len -= bytes;
	}
	return 0;
}
EXPORT_SYMBOL_GPL(phyr_zero);

static const char *phyr_kind_name(const struct phyr_range *range)
{
	if (range->provider)
		return "p2p ";
	if (range->flags & PHYR_MMIO)
		return "mmio";
	return range->flags & PHYR_PINNED ? "pinned" : "memory";
}

/**
 * phyr_seq_show() - Print a list, one range a line
 * @m: File to print to.
 * @phyr: List, unchanged meanwhile.
 *
 * A line holds the first and the last physical address, the length in bytes,
 * and the kind: memory, pinned, mmio, or p2p with the name of the provider's
 * device.  Physical addresses are nothing to show to everybody.
 *
 * Context: Any.
 */
void phyr_seq_show(struct seq_file *m, const struct phyr *phyr)
{
	struct phyr_range range;

	phyr_for_each_range(phyr, range) {
		phys_addr_t end = range.phys + (range.len - 1);

		seq_printf(m, "%pa-%pa %llu %s%s\n", &range.phys, &end,
			   range.len, phyr_kind_name(&range),
			   range.provider ?
			   dev_name(range.provider->owner) : "");
	}
}
EXPORT_SYMBOL_IF_KUNIT(phyr_seq_show);
