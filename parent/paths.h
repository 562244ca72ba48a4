/* SPDX-License-Identifier: ISC */

/*
 * "set bind-check": whether symbolic links are on the way to what a container
 * would mount.  The kernel resolves, by openat2(2), and nothing else does.
 */

#ifndef PATHS_H
#define PATHS_H

#include <stdbool.h>
#include <stddef.h>

struct config;
struct profile;

/*
 * Before the confinement: end with a message if the kernel cannot check, and
 * warn of what is allowed and not there.
 */
void	 paths_init(const struct config *);
/*
 * Are this many paths there, each with its NUL, absolute and in their
 * canonical form?  Pure.
 */
bool	 paths_ok(const char *, size_t len, size_t n);
/*
 * The tree that is allowed and holds the path, malloc()ed, and at *rest what
 * follows in the path, relative.  NULL: there is none (errno EPERM).  Pure.
 */
char	*paths_tree(const struct profile *, const char *path,
	    const char **rest);
/*
 * 0: no component below the tree is a symbolic link, as far as they are
 * there; or an errno: EPERM, nothing that is allowed, and the file system
 * was not asked; ENOENT, the tree is not there; ELOOP, a link.
 */
int	 paths_check(const struct profile *, const char *path);

#endif /* PATHS_H */
