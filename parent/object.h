/* SPDX-License-Identifier: ISC */

/*
 * One flat JSON object (RFC 8259) in one line of ASCII, whatever bytes its
 * texts are of.  A member is there whole or not at all, and the object always
 * has its end.  Pure; nothing here reads JSON.
 */

#ifndef OBJECT_H
#define OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct object {
	char	*buf;
	size_t	 size;
	size_t	 len;
	bool	 cut;		/* a member found no room */
};

/* Bytes, at least 3; they are the caller's. */
void	 object_begin(struct object *, char *, size_t);
/*
 * Names are ours, and need no escape.  The text is UTF-8: what is not stands
 * as U+FFFD, what is not printable ASCII as \uXXXX.  One that takes more than
 * max bytes ends in "...".
 */
void	 object_text(struct object *, const char *name, const char *text,
	    size_t len, size_t max);
void	 object_number(struct object *, const char *name, uint64_t);
/* Close it; its length.  A NUL follows. */
size_t	 object_end(struct object *);

#endif /* OBJECT_H */
