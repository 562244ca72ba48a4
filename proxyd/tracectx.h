/* SPDX-License-Identifier: ISC */

/*
 * W3C Trace Context, level 1 (Recommendation of 23 November 2021): the two
 * headers by which one request is followed through several programs.  The
 * filter takes them from a client and writes them anew; the parent checks
 * that nothing else is in their place.  Pure.
 */

#ifndef TRACECTX_H
#define TRACECTX_H

#include <stdbool.h>
#include <stddef.h>

#define TRACEPARENT_LEN	55		/* of version 00 */
#define TRACESTATE_MAX	512		/* as many as must be passed on */
#define TRACE_ID_AT	3		/* in a traceparent ... */
#define TRACE_ID_LEN	32		/* ... hexadecimal digits */

/*
 * A received traceparent as version 00, of which a later one is a superset
 * (section 3.2.4), with no flag but "sampled".  False: it is malformed, and a
 * trace begins anew behind us.
 */
bool	 tracectx_parent(const char *, size_t, char [TRACEPARENT_LEN]);
/* Is it one that tracectx_parent() has written? */
bool	 tracectx_parent_ok(const char *, size_t);

/*
 * A received tracestate without its blanks and empty members; its length, 0:
 * malformed, too long, or nothing in it.
 */
size_t	 tracectx_state(const char *, size_t, char [TRACESTATE_MAX]);
/* Is it one that tracectx_state() has written? */
bool	 tracectx_state_ok(const char *, size_t);

#endif /* TRACECTX_H */
