/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What spatch is to take for nothing, as it removes no attribute of a field along
 * with the field, and what it takes for no function.
 */
#define __counted_by(member)
#define UVERBS_HANDLER(name)	name
