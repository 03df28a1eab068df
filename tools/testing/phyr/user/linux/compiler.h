/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PHYR_USER_COMPILER_H
#define _PHYR_USER_COMPILER_H
/* What the kernel's own headers need besides. */

#include_next <linux/compiler.h>

#define auto			__auto_type
#define __uninitialized
#define __cleanup(func)		__attribute__((__cleanup__(func)))
#define __UNIQUE_ID(name)	__PASTE(name, __COUNTER__)

#define is_signed_type(type)	((type)(-1) < (type)1)
#define is_unsigned_type(type)	(!is_signed_type(type))
#define statically_true(x)	(__builtin_constant_p(x) && (x))

/* The undefined-behaviour sanitizer looks at it. */
#if __has_attribute(__counted_by__)
#define __counted_by(member)	__attribute__((__counted_by__(member)))
#else
#define __counted_by(member)
#endif

#endif /* _PHYR_USER_COMPILER_H */
