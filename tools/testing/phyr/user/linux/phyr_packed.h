/* SPDX-License-Identifier: GPL-2.0-only */
#include <linux/limits.h>
#include "../../../../../include/linux/phyr_packed.h"
