/* SPDX-License-Identifier: ISC */

/*
 * Names that a body mentions and that only the engine, or the file system,
 * knows the meaning of: volumes, and paths of the host.
 */

#ifndef NAMED_H
#define NAMED_H

#include <stdbool.h>
#include <stddef.h>

#define NAMED_MAX	64	/* of one request */

struct named {
	size_t	 n;
	char	*text[NAMED_MAX];	/* each once, malloc()ed */
};

/* Add a copy.  0, or -1: it is full (ENOSPC), or no memory (ENOMEM). */
int	 named_add(struct named *, const char *);
/* Give the first one away, to be freed; NULL: there is none. */
char	*named_take(struct named *);
/* Copy all of the second to the first; -1 as above. */
int	 named_copy(struct named *, const struct named *);
void	 named_free(struct named *);

#endif /* NAMED_H */
