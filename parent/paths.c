/* SPDX-License-Identifier: ISC */

/*
 * "set bind-check": is a symbolic link on the way to a path that is to be
 * mounted?  The filter has no file system, so it asks; it learns of nothing
 * outside of the trees that the profile of its listener allows.  The tree
 * itself is the administrator's, who may have links in it; a link below could
 * have been left there by a container.
 */

#include "../parent/paths.h"
#include "../parent/parent.h"

#include <sys/syscall.h>

#include <linux/openat2.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int	 paths_open(int, const char *, uint64_t);
static bool	 path_ok(const char *, size_t);
static bool	 path_below(const char *, const char *);

/* Nothing is read or written by such a descriptor, open(2). */
static int
paths_open(int dirfd, const char *path, uint64_t resolve)
{
	struct open_how	 how;

	memset(&how, 0, sizeof(how));
	how.flags = O_PATH | O_CLOEXEC;
	how.resolve = resolve;
	return ((int)syscall(SYS_openat2, dirfd, path, &how, sizeof(how)));
}

void
paths_init(const struct config *conf)
{
	const struct profile	*p;
	const struct allow	*a;
	int			 fd;

	if (!conf->bind_check)
		return;
	if ((fd = paths_open(AT_FDCWD, "/", RESOLVE_NO_SYMLINKS)) == -1)
		fatal("set bind-check: openat2");
	close(fd);
	TAILQ_FOREACH(p, &conf->profiles, entry)
		TAILQ_FOREACH(a, &p->allows, entry)
			if ((a->kind == ALLOW_BIND ||
			    a->kind == ALLOW_BIND_RO) &&
			    access(a->text, F_OK) == -1)
				log_warn("allow bind \"%s\": mounts of it are "
				    "refused (set bind-check)", a->text);
}

/* Absolute, and path.Clean() would not change it. */
static bool
path_ok(const char *path, size_t len)
{
	const char	*p;
	size_t		 n;

	if (path[0] != '/' || len >= PATH_MAX)
		return (false);
	if (len == 1)
		return (true);
	for (p = path; *p == '/'; p += n) {
		p++;
		n = strcspn(p, "/");
		if (n == 0 || (n == 1 && p[0] == '.') ||
		    (n == 2 && p[0] == '.' && p[1] == '.'))
			return (false);
	}
	return (true);
}

bool
paths_ok(const char *text, size_t len, size_t n)
{
	const char	*end;
	size_t		 i;

	if (n == 0 || n > PATHS_MAX)
		return (false);
	for (i = 0; i < n; i++) {
		if ((end = memchr(text, '\0', len)) == NULL ||
		    !path_ok(text, (size_t)(end - text)))
			return (false);
		len -= (size_t)(end - text) + 1;
		text = end + 1;
	}
	return (len == 0);
}

/* Is it the tree, or below? */
static bool
path_below(const char *tree, const char *path)
{
	size_t	 n = strlen(tree);

	if (n == 1)
		return (true);
	return (strncmp(tree, path, n) == 0 &&
	    (path[n] == '/' || path[n] == '\0'));
}

/*
 * Of several, one that may be written counts before one that may not, and
 * the outermost of those: whoever mounts that can replace all below, another
 * tree of the list included.
 */
char *
paths_tree(const struct profile *p, const char *path, const char **rest)
{
	const struct allow	*a;
	enum allow_kind		 kind = ALLOW_BIND_RO;
	char			*tree, *best = NULL;

	errno = EPERM;
	if (p == NULL)
		return (NULL);
	TAILQ_FOREACH(a, &p->allows, entry) {
		if ((a->kind != ALLOW_BIND && a->kind != ALLOW_BIND_RO) ||
		    a->text[0] != '/')
			continue;
		if ((tree = strdup(a->text)) == NULL)
			fatal("path");
		conf_path_clean(tree);
		if (!path_below(tree, path) || (best != NULL &&
		    (a->kind == kind ? strlen(tree) >= strlen(best) :
		    a->kind == ALLOW_BIND_RO))) {
			free(tree);
			continue;
		}
		free(best);
		best = tree;
		kind = a->kind;
	}
	if (best == NULL)
		return (NULL);
	*rest = path + (best[1] == '\0' ? 0 : strlen(best));
	*rest += strspn(*rest, "/");
	return (best);
}

/* What is not there the daemon makes, in the directory that was found. */
int
paths_check(const struct profile *p, const char *path)
{
	const char	*rest;
	char		*tree;
	int		 dirfd, error = 0, fd;

	if ((tree = paths_tree(p, path, &rest)) == NULL)
		return (errno);
	dirfd = open(tree, O_PATH | O_CLOEXEC);
	free(tree);
	if (dirfd == -1)
		return (errno);
	if (*rest != '\0') {
		fd = paths_open(dirfd, rest, RESOLVE_NO_SYMLINKS |
		    RESOLVE_NO_MAGICLINKS);
		if (fd == -1 && errno != ENOENT)
			error = errno;
		else if (fd != -1)
			close(fd);
	}
	close(dirfd);
	return (error);
}
