/* SPDX-License-Identifier: ISC */

/*
 * Paths of the host: cleaned as the daemon cleans them (path.Clean, by the
 * letter and not by what is on the disk), then compared component by
 * component with what the profile allows.  The cleaned path is what is
 * forwarded.  Symbolic links are resolved by the daemon at start and cannot
 * be seen from here: who can see them is asked afterwards (existing.c).
 */

#include "schema.h"

#include "../trace.h"

#include <stdio.h>
#include <string.h>

#include <bsd/string.h>

#define BIND_PARTS	3	/* source, target, options */

/* Below these lies the host itself; an allowance of a parent is not meant. */
static const char *const	 bind_trees[] = {
	"/proc", "/sys", "/dev", "/run", "/var/run", "/var/lib/docker", NULL
};
static const char *const	 bind_sockets[] = {
	"docker.sock", "podman.sock", "containerd.sock", NULL
};

static int	 clean_part(const char *, size_t, char *, size_t, size_t *);
static bool	 bind_names(const char *, const char *);

/* One component onto the path in dst, of *len bytes and without a NUL. */
static int
clean_part(const char *part, size_t n, char *dst, size_t size, size_t *len)
{
	if (n == 0 || (n == 1 && part[0] == '.'))
		return (0);
	if (n == 2 && part[0] == '.' && part[1] == '.') {
		while (*len > 0 && dst[--*len] != '/')
			;
		return (0);
	}
	if (*len + 1 + n >= size)
		return (-1);
	dst[(*len)++] = '/';
	memcpy(dst + *len, part, n);
	*len += n;
	return (0);
}

/* Clean an absolute path into dst; -1 if it does not fit. */
int
path_clean(const char *src, char *dst, size_t size)
{
	size_t	 n, len = 0;

	while (*src != '\0') {
		n = strcspn(src, "/");
		if (clean_part(src, n, dst, size, &len) == -1)
			return (-1);
		src += n;
		src += strspn(src, "/");
	}
	if (len == 0)
		dst[len++] = '/';
	dst[len] = '\0';
	return (0);
}

/* Is the path the tree itself or below it?  Both are clean. */
bool
path_under(const char *tree, const char *path)
{
	size_t	 n = strlen(tree);

	if (strcmp(tree, "/") == 0)
		return (true);
	return (strncmp(tree, path, n) == 0 &&
	    (path[n] == '/' || path[n] == '\0'));
}

/*
 * The allowed tree covers the path; is it also meant?  What reaches into the
 * host's own trees has to be allowed there, a daemon's socket by its name.
 */
static bool
bind_names(const char *tree, const char *path)
{
	const char	*base = strrchr(path, '/') + 1;
	size_t		 i;

	if (strcmp(tree, "/") == 0 || strcmp(tree, path) == 0)
		return (true);
	if (text_in(base, bind_sockets))
		return (false);
	for (i = 0; bind_trees[i] != NULL; i++)
		if (path_under(bind_trees[i], path) &&
		    !path_under(bind_trees[i], tree))
			return (false);
	return (true);
}

/* A clean path against the allowances of one kind. */
static bool
bind_allowed(const struct judge *j, enum allow_kind kind, const char *path,
    bool *hidden)
{
	const struct allow	*a;
	char			 tree[BODY_PATH];

	TAILQ_FOREACH(a, &j->profile->allows, entry) {
		if (a->kind != kind || a->text[0] != '/' ||
		    path_clean(a->text, tree, sizeof(tree)) == -1 ||
		    !path_under(tree, path))
			continue;
		if (bind_names(tree, path)) {
			trace_allow(j->path, path, a);
			return (true);
		}
		*hidden = true;
	}
	return (false);
}

/* May every path of the host be mounted? */
bool
bind_everything(const struct judge *j)
{
	bool	 hidden = false;

	return (bind_allowed(j, ALLOW_BIND, "/", &hidden));
}

/* "only /a, /b" */
static void
bind_list(const struct profile *profile, char *buf, size_t size)
{
	const struct allow	*a;
	bool			 first = true;

	buf[0] = '\0';
	TAILQ_FOREACH(a, &profile->allows, entry) {
		if (a->kind != ALLOW_BIND && a->kind != ALLOW_BIND_RO)
			continue;
		(void)strlcat(buf, first ? "only " : ", ", size);
		(void)strlcat(buf, a->text, size);
		if (a->kind == ALLOW_BIND_RO)
			(void)strlcat(buf, " (read-only)", size);
		first = false;
	}
}

/* In the words of the environment, which names directories. */
static int
bind_refuse_env(struct judge *j, const char *path, const char *list)
{
	if (list[0] != '\0')
		return (judge_say(j, "bind mount of %.256s is not allowed: "
		    "%s", path, list));
	return (judge_say(j, "bind mount of %.256s is not allowed "
	    "(WORKSPACE_ROOT or ALLOWED_MOUNT_PATHS would name what is)",
	    path));
}

/* In the words of the file: the smallest statement that takes this mount. */
static int
bind_refuse(struct judge *j, const char *path, bool ro, bool hidden)
{
	char	 list[640], quoted[400];

	(void)strlcpy(list, "it must be named itself", sizeof(list));
	if (!hidden)
		bind_list(j->profile, list, sizeof(list));
	if (j->profile->fromenv)
		return (bind_refuse_env(j, path, list));
	if (judge_quote(quoted, sizeof(quoted), path) == -1)
		return (judge_say(j, "bind mount of %.256s is not allowed "
		    "(allow bind would name what is)", path));
	return (judge_say(j, "bind mount of %.256s is not allowed%s%.200s "
	    "(allow bind %s%s would)", path, list[0] == '\0' ? "" : ": ",
	    list, quoted, ro ? " read-only" : ""));
}

/* It is allowed, but not writable. */
static int
bind_refuse_write(struct judge *j, const char *path)
{
	char	 quoted[400];

	if (j->profile->fromenv ||
	    judge_quote(quoted, sizeof(quoted), path) == -1)
		return (judge_say(j, "bind mount of %.256s is not allowed but "
		    "read-only (\":ro\")", path));
	return (judge_say(j, "bind mount of %.256s is not allowed but "
	    "read-only, \":ro\" (allow bind %s would)", path, quoted));
}

/*
 * May this path of the host be mounted, read-only or not?  Its clean form in
 * clean.  No allowance but those for binds counts here.
 */
int
bind_judge(struct judge *j, const char *path, bool ro, char *clean,
    size_t size)
{
	bool	 hidden = false;

	if (path[0] != '/')
		return (judge_bad(j, "must be an absolute path"));
	if (!text_ok(path))
		return (judge_bad(j, "has a control character in its path"));
	if (path_clean(path, clean, size) == -1)
		return (judge_bad(j, "has too long a path"));
	if (bind_allowed(j, ALLOW_BIND, clean, &hidden))
		return (judge_path(j, clean, ro));
	if (!bind_allowed(j, ALLOW_BIND_RO, clean, &hidden))
		return (bind_refuse(j, clean, ro, hidden));
	if (!ro)
		return (bind_refuse_write(j, clean));
	return (judge_path(j, clean, ro));
}

/* Options of a bind: 0, and what they say of writing; -1: refused. */
static int
bind_option(struct judge *j, const char *word, bool *ro, bool *rw)
{
	static const char *const	 safe[] = {
		"private", "rprivate", "nocopy", "copy", "cached",
		"delegated", "consistent", "default", NULL
	};
	static const char *const	 reach[] = {
		"shared", "rshared", "slave", "rslave", "z", "Z", NULL
	};

	if (strcmp(word, "ro") == 0)
		*ro = true;
	else if (strcmp(word, "rw") == 0)
		*rw = true;
	else if (text_in(word, reach)) {
		if (!judge_privileged(j))
			return (judge_forbid(j, NULL, NULL,
			    "mount option %s", word));
	} else if (!text_in(word, safe))
		return (judge_bad(j, "has an unknown mount option"));
	return (0);
}

static int
bind_options(struct judge *j, const char *opts, bool *ro)
{
	char	 buf[256], *next = buf, *word;
	bool	 rw = false;

	*ro = false;
	if (opts == NULL)
		return (0);
	if (strlcpy(buf, opts, sizeof(buf)) >= sizeof(buf))
		return (judge_bad(j, "has too many mount options"));
	while ((word = strsep(&next, ",")) != NULL)
		if (bind_option(j, word, ro, &rw) == -1)
			return (-1);
	if (*ro && rw)
		return (judge_bad(j, "is both ro and rw"));
	return (0);
}

/* Cut "source:target:options" at the colons, 1 to BIND_PARTS parts. */
static int
bind_split(struct judge *j, char *text, char **part)
{
	char	*next = text;
	int	 n = 0;

	while (next != NULL) {
		if (n == BIND_PARTS)
			return (judge_bad(j, "has too many colons"));
		part[n] = strsep(&next, ":");
		if (part[n][0] == '\0')
			return (judge_bad(j, "must be "
			    "source:target[:options]"));
		n++;
	}
	return (n);
}

/* The source in its canonical form, in clean: a host path or a volume. */
static int
bind_source(struct judge *j, const char *src, bool ro, char *clean,
    size_t size)
{
	if (src[0] == '/')
		return (bind_judge(j, src, ro, clean, size));
	if (volume_name(j, src) == -1)
		return (-1);
	if (strlcpy(clean, src, size) >= size)
		return (judge_bad(j, "has too long a name"));
	return (judge_volume(j, src));
}

/* An element of HostConfig.Binds; one path alone is an anonymous volume. */
int
check_bind(struct judge *j, const char *key, struct js *v)
{
	char	 text[2 * BODY_PATH], out[3 * BODY_PATH], clean[BODY_PATH];
	char	*part[BIND_PARTS] = { text, text, NULL };
	bool	 ro;
	int	 n;

	if (strlcpy(text, v->text, sizeof(text)) >= sizeof(text))
		return (judge_bad(j, "is too long"));
	if (!text_ok(text))
		return (judge_bad(j, "has a control character in it"));
	if ((n = bind_split(j, text, part)) == -1)
		return (-1);
	if (part[n > 1 ? 1 : 0][0] != '/')
		return (judge_bad(j, "must have an absolute path as target"));
	if (n == 1)
		return (0);
	if (bind_options(j, part[2], &ro) == -1 ||
	    bind_source(j, part[0], ro, clean, sizeof(clean)) == -1)
		return (-1);
	(void)snprintf(out, sizeof(out), "%s:%s%s%s", clean, part[1],
	    n == 3 ? ":" : "", n == 3 ? part[2] : "");
	set_string(j, v, out);
	return (0);
}
