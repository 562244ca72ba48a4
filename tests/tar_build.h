/* SPDX-License-Identifier: ISC */

/*
 * Archives from a line of text, for tests.  Words are separated by blanks,
 * and a word is an entry: one letter or digit, its type as in the header, and
 * a name; then options, each after a semicolon.
 *
 *	t=target  m=0755  n=3 (bytes of contents)  d=text (contents)
 *	x=key=value (a pax record
 *	before it, several make one header)  g=key=value (the same, global)
 *	L, K (name, target in a GNU header of their own)
 *	s=text (the size as it stands)  z (contents are not there)  p=prefix
 *	f=v7, gnu, ustar, star, bad (form of the header)  c (wrong checksum)
 *
 * "f" stands for the type '0', "v" for NUL.  %NN in names and values is a
 * byte.  Words in capitals are no entries: ZERO an empty block, END two of
 * them, JUNK a block of "x", CUT=n takes n bytes off the end, RAW=text these
 * bytes.
 */

#ifndef TAR_BUILD_H
#define TAR_BUILD_H

#include <stddef.h>
#include <stdint.h>

#define TAR_BUILT_MAX	(96 * 1024)

struct tar_built {
	uint8_t	 bytes[TAR_BUILT_MAX];
	size_t	 len;
	size_t	 last;		/* where the last entry begins, with all of
				   its extended headers */
};

/* Aborts on what it does not understand. */
void	 tar_build(struct tar_built *, const char *);

#endif /* TAR_BUILD_H */
