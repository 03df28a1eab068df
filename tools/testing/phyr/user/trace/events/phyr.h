/* SPDX-License-Identifier: GPL-2.0-only */
#include "../../../../../../include/trace/events/phyr.h"
