/* SPDX-License-Identifier: GPL-2.0-only */
/* IDIOM_ENTRY() of each driver of this folder. */

IDIOM_ENTRY(from_pages)
IDIOM_ENTRY(from_pages_embedded)
IDIOM_ENTRY(from_pages_segment)
IDIOM_ENTRY(from_pages_on_stack)
IDIOM_ENTRY(map_sg_count)
IDIOM_ENTRY(along_loop)
IDIOM_ENTRY(array_member)
IDIOM_ENTRY(array_allocated)
IDIOM_ENTRY(one_entry)
IDIOM_ENTRY(first_only)
IDIOM_ENTRY(pages_allocated)
IDIOM_ENTRY(sync)
