/* SPDX-License-Identifier: ISC */

/*
 * The arena: chunks of growing size, filled from the front.  After a large
 * body only one chunk of at most ARENA_KEEP stays.  Under a sanitizer each
 * allocation is a chunk, so that a step over its end is seen.
 */

#include "arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ALIGN	sizeof(uint64_t)

#ifdef PROXYD_SANITIZE
#define CHUNK_MIN	0
#else
#define CHUNK_MIN	(16U * 1024)
#endif

struct arena_chunk {
	struct arena_chunk	*older;
	size_t			 size;
	uint64_t		 data[];
};

static bool
arena_grow(struct arena *a, size_t n)
{
	struct arena_chunk	*c;
	size_t			 size = CHUNK_MIN;

	if (CHUNK_MIN != 0 && a->chunk != NULL)
		size = a->chunk->size * 2;
	if (size < n)
		size = n;
	if (size > SIZE_MAX - sizeof(*c) ||
	    (c = malloc(sizeof(*c) + size)) == NULL)
		return (false);
	c->older = a->chunk;
	c->size = size;
	a->chunk = c;
	a->next = (char *)c->data;
	a->room = size;
	return (true);
}

void *
arena_alloc(struct arena *a, size_t n)
{
	void	*p;

	/* What does not fit is refused before it is rounded up. */
	if (n > a->left)
		goto fail;
	a->left -= n;
	n = (n + ALIGN - 1) & ~(ALIGN - 1);
	if (n > a->room && !arena_grow(a, n))
		goto fail;
	p = a->next;
	a->next += n;
	a->room -= n;
	return (p);
fail:
	a->failed = true;
	return (NULL);
}

char *
arena_copy(struct arena *a, const char *s, size_t len)
{
	char	*p;

	if ((p = arena_alloc(a, len + 1)) == NULL)
		return (NULL);
	memcpy(p, s, len);
	p[len] = '\0';
	return (p);
}

void
arena_reset(struct arena *a, size_t max)
{
	struct arena_chunk	*c, *older, *keep = NULL;

	for (c = a->chunk; c != NULL; c = older) {
		older = c->older;
		if (CHUNK_MIN != 0 && keep == NULL && c->size <= ARENA_KEEP)
			keep = c;
		else
			free(c);
	}
	memset(a, 0, sizeof(*a));
	/* The rounding up stays within size_t. */
	a->left = max < SIZE_MAX / 2 ? max : SIZE_MAX / 2;
	if ((a->chunk = keep) == NULL)
		return;
	keep->older = NULL;
	a->next = (char *)keep->data;
	a->room = keep->size;
}

void
arena_free(struct arena *a)
{
	arena_reset(a, 0);
	free(a->chunk);
	memset(a, 0, sizeof(*a));
}
