/* SPDX-License-Identifier: ISC */

/*
 * Options of a tmpfs, of HostConfig.Tmpfs ("size=1m,mode=700") and of
 * Mounts[].TmpfsOptions.Options ([["size", "1m"]]).  The daemon mounts with
 * nosuid, nodev and noexec; exec, suid and dev take that back.
 */

#include "schema.h"

#include <string.h>

#include <bsd/string.h>

static bool	 tmpfs_safe(const char *);

static bool
tmpfs_safe(const char *word)
{
	static const char *const	 flags[] = {
		"", "ro", "rw", "noexec", "nosuid", "nodev", NULL
	};
	static const char *const	 valued[] = {
		"size=", "mode=", "uid=", "gid="
	};
	size_t				 i;

	if (text_in(word, flags))
		return (true);
	for (i = 0; i < sizeof(valued) / sizeof(valued[0]); i++)
		if (strncmp(word, valued[i], strlen(valued[i])) == 0)
			return (true);
	return (false);
}

static int
tmpfs_refuse(struct judge *j, const char *word)
{
	return (judge_forbid(j, "field", NULL, "tmpfs option %.64s", word));
}

/*
 * Not over what the engine masks; dir is clean and absolute.  The word is
 * what would allow it.
 */
int
tmpfs_target(struct judge *j, const char *dir, const char *word)
{
	if (judge_privileged(j))
		return (0);
	if (path_under("/proc", dir) || path_under("/sys", dir) ||
	    strcmp(dir, "/dev") == 0)
		return (judge_forbid(j, word, NULL, "tmpfs on %.128s", dir));
	return (0);
}

/* An entry of HostConfig.Tmpfs. */
int
check_tmpfs(struct judge *j, const char *key, struct js *v)
{
	char	 target[BODY_PATH], text[1024], *next = text, *word;

	if (key[0] != '/' || path_clean(key, target, sizeof(target)) == -1)
		return (judge_bad(j, "must be named by an absolute path"));
	if (check_word(j, key, v) == -1)
		return (-1);
	if (strlcpy(text, v->text, sizeof(text)) >= sizeof(text))
		return (judge_bad(j, "is too long"));
	if (judge_privileged(j))
		return (0);
	if (tmpfs_target(j, target, "field") == -1)
		return (-1);
	while ((word = strsep(&next, ",")) != NULL)
		if (!tmpfs_safe(word) && tmpfs_refuse(j, word) == -1)
			return (-1);
	return (0);
}

/* An option of TmpfsOptions: ["noexec"] or ["size", "1m"]. */
int
check_tmpfs_list(struct judge *j, const char *key, struct js *v)
{
	const char	*name, *value;
	char		 word[128];

	if (v->len < 1 || v->len > 2)
		return (judge_bad(j, "must be one or two strings"));
	name = v->first->text;
	value = v->len == 1 ? NULL : v->last->text;
	if (strlcpy(word, name, sizeof(word)) >= sizeof(word) ||
	    (value != NULL && strlcat(word, "=", sizeof(word)) >=
	    sizeof(word)) || strpbrk(name, ",=") != NULL ||
	    (value != NULL && strchr(value, ',') != NULL))
		return (judge_bad(j, "is not an option and its value"));
	if (judge_privileged(j) || tmpfs_safe(word))
		return (0);
	return (tmpfs_refuse(j, word));
}
