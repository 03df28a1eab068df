/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef __PHYR_PIN_H
#define __PHYR_PIN_H
/*
 * What all ways of pinning memory need.
 */

#include "internal.h"

/* Drop the pins of all that was appended since @before, and undo that. */
void phyr_undo_pins(struct phyr *phyr, const struct phyr_before *before);

/* Between two batches: -EINTR if the process is being killed. */
int phyr_pin_pause(void);

#if IS_ENABLED(CONFIG_KUNIT)
int phyr_append_pinned_folio(struct phyr *phyr, struct folio *folio,
			     size_t offset, size_t len, gfp_t gfp);
#endif

#endif /* __PHYR_PIN_H */
