/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's makes the code of events, of which there is none here. */
