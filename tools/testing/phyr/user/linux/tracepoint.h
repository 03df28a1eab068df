/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PHYR_USER_TRACEPOINT_H
#define _PHYR_USER_TRACEPOINT_H
/* Events are always on, and go nowhere. */

#define TP_PROTO(args...)	args
#define TP_ARGS(args...)	args

#define DECLARE_EVENT_CLASS(...)

#define DEFINE_EVENT(template, name, proto, ...)			\
	struct template;						\
									\
	static inline void trace_##name(proto)				\
	{								\
	}								\
									\
	static inline bool trace_##name##_enabled(void)			\
	{								\
		return true;						\
	}

#define TRACE_EVENT(name, proto, ...)					\
	DEFINE_EVENT(none, name, TP_PROTO(proto))

#endif /* _PHYR_USER_TRACEPOINT_H */
