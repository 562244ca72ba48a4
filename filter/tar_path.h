/* SPDX-License-Identifier: ISC */

/*
 * Names in an archive: their one form, and sets of them.  A set keeps 64 bits
 * of each name, keyed so that nobody can make two names meet.
 */

#ifndef TAR_PATH_H
#define TAR_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Names in a set; what would be one more is told. */
#define TAR_SET_MAX	(128U * 1024)

#define TAR_PATH_ABSOLUTE 0x1	/* begins with a slash */
#define TAR_PATH_UP	0x2	/* has a component ".." */

struct tar_set {
	uint64_t	*slot;		/* 0: free */
	size_t		 size;		/* a power of two, or 0 */
	size_t		 n;
};

/* tar_path.c */

/*
 * Resolve ".", ".." and empty components as if the archive's root were that
 * of the file system, into dst, which has room for the name and is "" for the
 * root itself.  Returns what of TAR_PATH_* there was.
 */
unsigned int tar_path_clean(const char *name, char *dst);
/* How many components it has. */
size_t	 tar_path_depth(const char *clean);
/*
 * Does the target of a symbolic link with this clean name stay in the
 * archive, as long as no other link is on the way there?  It may go up, but
 * first, and not above the root.
 */
bool	 tar_path_inside(const char *clean, const char *target);

/* tar_set.c */

/* Make the names' 64 bits unforeseeable; once per process. */
void	 tar_set_seed(uint64_t, uint64_t);
/* 0, or -1: it is full, or there is no memory. */
int	 tar_set_add(struct tar_set *, const char *, size_t);
bool	 tar_set_has(const struct tar_set *, const char *, size_t);
/*
 * The length of the shortest part of a clean name that is in the set: the
 * name itself only if whole is given; 0: none is.
 */
size_t	 tar_set_part(const struct tar_set *, const char *, bool whole);
void	 tar_set_free(struct tar_set *);

#endif /* TAR_PATH_H */
