/* SPDX-License-Identifier: GPL-2.0-only */
#include <linux/limits.h>
#include "../../../../../include/linux/memremap-special.h"
