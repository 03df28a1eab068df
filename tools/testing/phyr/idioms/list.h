/* SPDX-License-Identifier: GPL-2.0-only */
/* IDIOM_ENTRY() of each driver of this folder. */

IDIOM_ENTRY(from_pages);
IDIOM_ENTRY(from_pages_embedded);
IDIOM_ENTRY(from_pages_segment);
IDIOM_ENTRY(from_pages_on_stack);
IDIOM_ENTRY(map_sg_count);
IDIOM_ENTRY(along_loop);
IDIOM_ENTRY(array_member);
IDIOM_ENTRY(array_allocated);
IDIOM_ENTRY(one_entry);
IDIOM_ENTRY(first_only);
IDIOM_ENTRY(pages_allocated);
IDIOM_ENTRY(sync);
IDIOM_ENTRY(table_returned);
IDIOM_ENTRY(table_array);
IDIOM_ENTRY(table_by_reference);
IDIOM_ENTRY(mapped_again);
IDIOM_ENTRY(error_paths);
IDIOM_ENTRY(short_list);
IDIOM_ENTRY(walk_some);
IDIOM_ENTRY(walk_dma_pages);
IDIOM_ENTRY(walk_by_next);
IDIOM_ENTRY(walk_cpu_pages);
IDIOM_ENTRY(total_length);
IDIOM_ENTRY(nested_walk);
IDIOM_ENTRY(resumed);
IDIOM_ENTRY(pages_freed);
IDIOM_ENTRY(walk_cpu);
IDIOM_ENTRY(copy);
IDIOM_ENTRY(zero);
IDIOM_ENTRY(list_passed);
IDIOM_ENTRY(one_entry_passed);
IDIOM_ENTRY(one_entry_on_stack);
IDIOM_ENTRY(coherent);
IDIOM_ENTRY(array_carved);
IDIOM_ENTRY(gem);
