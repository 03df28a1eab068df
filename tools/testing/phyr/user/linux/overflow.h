/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's own, as those of tools/ don't take mixed types. */
#include <linux/limits.h>
#include "../../../../../include/linux/overflow.h"
