/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What spatch is to take for nothing, as it removes no attribute of a field along
 * with the field.
 */
#define __counted_by(member)
