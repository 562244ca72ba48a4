/* SPDX-License-Identifier: ISC */

/*
 * The namespaces of a container: its own, the host's, or another
 * container's.  Only "host", exactly so, is the host's; the daemons differ
 * about "Host", so no value passes that is not known.
 */

#include "schema.h"
#include "hostconfig.h"

#include <string.h>

static int	 mode_judge(struct judge *, struct js *, const char *,
		    const char *const *);

/* Kind is the word of "allow host"; own lists what needs no allowance. */
static int
mode_judge(struct judge *j, struct js *v, const char *kind,
    const char *const *own)
{
	const char	*s = v->text;

	if (text_in(s, own))
		return (0);
	if (check_word(j, NULL, v) == -1)
		return (-1);
	if (judge_privileged(j))
		return (0);
	if (strcmp(s, "host") == 0) {
		if (allow_has(j, ALLOW_HOST, kind))
			return (0);
		return (judge_forbid(j, "host", kind,
		    "the %s namespace of the host", kind));
	}
	if (strncmp(s, "container:", 10) == 0)
		return (judge_forbid(j, "field", NULL,
		    "the %s namespace of another container", kind));
	return (judge_forbid(j, "field", NULL, "%s %.64s", j->path, s));
}

static const char *const	 mode_empty[] = { "", NULL };

int
check_pidmode(struct judge *j, const char *key, struct js *v)
{
	return (mode_judge(j, v, "pid", mode_empty));
}

/* A shareable one waits for others to join it: by rule only. */
int
check_ipcmode(struct judge *j, const char *key, struct js *v)
{
	static const char *const	 own[] = {
		"", "none", "private", NULL
	};

	if (strcmp(v->text, "shareable") == 0)
		return (judge_privileged(j) ||
		    allow_has(j, ALLOW_HOST, "ipc") ? 0 :
		    judge_forbid(j, "host", "ipc", "%s shareable", j->path));
	return (mode_judge(j, v, "ipc", own));
}

int
check_utsmode(struct judge *j, const char *key, struct js *v)
{
	return (mode_judge(j, v, "uts", mode_empty));
}

int
check_usernsmode(struct judge *j, const char *key, struct js *v)
{
	return (mode_judge(j, v, "userns", mode_empty));
}

int
check_cgroupns(struct judge *j, const char *key, struct js *v)
{
	static const char *const	 own[] = { "", "private", NULL };

	return (mode_judge(j, v, "cgroup", own));
}
