/* SPDX-License-Identifier: ISC */

/*
 * Memory that is given back all at once.  What is made of one request body
 * lies in one arena; a process has one and uses it again, so that no request
 * of ordinary size asks malloc(3) for anything.
 */

#ifndef ARENA_H
#define ARENA_H

#include <stdbool.h>
#include <stddef.h>

#define ARENA_KEEP	(64U * 1024)	/* stays after arena_reset() */

struct arena_chunk;

struct arena {
	struct arena_chunk	*chunk;		/* newest first */
	char			*next;		/* free bytes of it */
	size_t			 room;
	size_t			 left;		/* of what may be handed out */
	bool			 failed;	/* sticks until arena_reset() */
};

/*
 * Begin anew, with at most max bytes to hand out; all earlier ones end.  The
 * first time the arena is all zero.
 */
void	 arena_reset(struct arena *, size_t max);

/* Nothing is kept. */
void	 arena_free(struct arena *);

/*
 * Bytes aligned for any pointer or integer, not cleared, the arena's own.
 * NULL if there are none: then failed is set as well, so that who builds a
 * tree may go on and ask once at the end.
 */
void	*arena_alloc(struct arena *, size_t);

/* A copy with a NUL after it; NULL as above. */
char	*arena_copy(struct arena *, const char *, size_t);

#endif /* ARENA_H */
