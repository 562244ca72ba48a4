/* SPDX-License-Identifier: ISC */

/*
 * Names as they stand in an archive, by their text alone: the engine cleans
 * them the same way (moby pkg/archive, Unpack: filepath.Clean and Join).
 */

#include "../filter/tar_path.h"

#include <string.h>

/* The next component at *s, past slashes; 0: there is none. */
static size_t
component(const char **s)
{
	*s += strspn(*s, "/");
	return (strcspn(*s, "/"));
}

static bool
is_dots(const char *s, size_t len, size_t dots)
{
	return (len == dots && memcmp(s, "..", dots) == 0);
}

/* Without its last component. */
static size_t
parent(const char *dst, size_t len)
{
	while (len > 0 && dst[len - 1] != '/')
		len--;
	return (len > 0 ? len - 1 : 0);
}

unsigned int
tar_path_clean(const char *name, char *dst)
{
	unsigned int	 had = name[0] == '/' ? TAR_PATH_ABSOLUTE : 0;
	size_t		 n, len = 0;

	for (; (n = component(&name)) != 0; name += n) {
		if (is_dots(name, n, 1))
			continue;
		if (is_dots(name, n, 2)) {
			had |= TAR_PATH_UP;
			len = parent(dst, len);
			continue;
		}
		if (len > 0)
			dst[len++] = '/';
		memmove(dst + len, name, n);
		len += n;
	}
	dst[len] = '\0';
	return (had);
}

size_t
tar_path_depth(const char *clean)
{
	size_t	 n, depth = 0;

	for (; (n = component(&clean)) != 0; clean += n)
		depth++;
	return (depth);
}

bool
tar_path_inside(const char *clean, const char *target)
{
	size_t	 n, up = 0, depth = tar_path_depth(clean);
	bool	 down = false;

	if (target[0] == '/')
		return (false);
	for (; (n = component(&target)) != 0; target += n) {
		if (is_dots(target, n, 1))
			continue;
		if (!is_dots(target, n, 2))
			down = true;
		else if (down || ++up >= depth)
			return (false);
	}
	return (true);
}
