/* SPDX-License-Identifier: ISC */

/*
 * References to images as the engine understands them (moby
 * distribution/reference, ParseNormalizedNamed): domain, path, tag and
 * digest, with what it adds where they are left out.  Pure.
 */

#ifndef REFERENCE_H
#define REFERENCE_H

#include <stdbool.h>
#include <stddef.h>

#define REFERENCE_NAME	300	/* bytes of "docker.io/library/caddy" */
#define REFERENCE_TAG	132
#define REFERENCE_DIGEST 264
#define REFERENCE_TEXT	(REFERENCE_NAME + REFERENCE_TAG + REFERENCE_DIGEST)

struct reference {
	char	 name[REFERENCE_NAME];		/* with its domain */
	char	 tag[REFERENCE_TAG];		/* "" if there is none */
	char	 digest[REFERENCE_DIGEST];	/* "sha256:..." or "" */
};

/*
 * Take the text apart; its grammar is checked elsewhere.  -1: a part is too
 * long, or there is no name.
 */
int	 reference_parse(struct reference *, const char *, size_t);

/*
 * A tag that stands beside it: takes the place of its own.  With a colon it
 * is a digest, which takes the place of both.  -1: too long.
 */
int	 reference_retag(struct reference *, const char *, size_t);

/* Without a tag and a digest: this tag ("latest", "*" for all). */
void	 reference_default(struct reference *, const char *tag);

/*
 * The idx-th way to write it, the shortest first: without docker.io/library
 * and without; without "latest" and with it; a digest without its tag and
 * with it.  false: there are no more.
 */
bool	 reference_spell(const struct reference *, unsigned int idx, char *,
	    size_t);

/* Could the engine take the name for the beginning of an id? */
bool	 name_is_id(const char *);

#endif /* REFERENCE_H */
