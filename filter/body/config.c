/* SPDX-License-Identifier: ISC */

/*
 * The body of POST /containers/create: Config at top level, in the order of
 * moby api/types/container/config.go, with HostConfig and NetworkingConfig in
 * it.  POST /commit takes Config alone.  Most of Config is the container's
 * own business.
 */

#include "schema.h"
#include "tables.h"

#include "../trace.h"

#include <string.h>

static int	 check_mac(struct judge *, const char *, struct js *);

const struct field health_fields[] = {
	{ "Test", FT_STRINGS, 0, check_any, NULL, 0, 0 },
	{ "Interval", FT_INT, 0, NULL, NULL, 0, 0 },
	{ "Timeout", FT_INT, 0, NULL, NULL, 0, 0 },
	{ "StartPeriod", FT_INT, 0, NULL, NULL, 29, 0 },
	{ "StartInterval", FT_INT, 0, NULL, NULL, 44, 0 },
	{ "Retries", FT_INT, 0, NULL, NULL, 0, 0 },
	{ .type = FT_END }
};

static const struct field config_fields[] = {
	{ "Hostname", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ "Domainname", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ "User", FT_STRING, 0, NULL, NULL, 0, 0 },
	{ "AttachStdin", FT_BOOL, 0, NULL, NULL, 0, 0 },
	{ "AttachStdout", FT_BOOL, 0, NULL, NULL, 0, 0 },
	{ "AttachStderr", FT_BOOL, 0, NULL, NULL, 0, 0 },
	{ "ExposedPorts", FT_SET, 0, check_expose, NULL, 0, 0 },
	{ "Tty", FT_BOOL, 0, NULL, NULL, 0, 0 },
	{ "OpenStdin", FT_BOOL, 0, NULL, NULL, 0, 0 },
	{ "StdinOnce", FT_BOOL, 0, NULL, NULL, 0, 0 },
	{ "Env", FT_STRINGS, 0, check_any, NULL, 0, 0 },
	{ "Cmd", FT_STRINGS, 0, check_any, NULL, 0, 0 },
	{ "Healthcheck", FT_OBJECT, 0, NULL, health_fields, 0, 0 },
	{ "ArgsEscaped", FT_BOOL, 0, NULL, NULL, 0, 0 },
	{ "Image", FT_STRING, 0, check_image, NULL, 0, 0 },
	{ "Volumes", FT_SET, 0, check_target_key, NULL, 0, 0 },
	{ "WorkingDir", FT_STRING, 0, NULL, NULL, 0, 0 },
	{ "Entrypoint", FT_STRINGS, 0, check_any, NULL, 0, 0 },
	{ "NetworkDisabled", FT_BOOL, 0, NULL, NULL, 0, 0 },
	{ "MacAddress", FT_STRING, 0, check_mac, NULL, 0, 0 },
	{ "OnBuild", FT_STRINGS, 0, check_any, NULL, 0, 0 },
	{ "Labels", FT_MAP, 0, check_any, NULL, 0, 0 },
	{ "StopSignal", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ "StopTimeout", FT_INT, 0, NULL, NULL, 0, 0 },
	{ "Shell", FT_STRINGS, 0, check_any, NULL, 0, 0 },
	/* before API 1.24 */
	{ "PortSpecs", FT_STRINGS, F_GONE, NULL, NULL, 0, 0 },
	{ "Cpuset", FT_STRING, F_GONE, NULL, NULL, 0, 0 },
	{ .type = FT_END }
};

const struct field create_fields[] = {
	{ NULL, FT_EMBED, 0, NULL, config_fields, 0, 0 },
	{ "HostConfig", FT_OBJECT, 0, NULL, hostconfig_fields, 0, 0 },
	{ "NetworkingConfig", FT_OBJECT, 0, NULL, networking_fields, 0, 0 },
	{ "HostConfig", FT_ELSEWHERE, 0, NULL, hostconfig_fields, 0, 0 },
	/* dockerode and Portainer send the query once more in the body */
	{ "name", FT_DROP, 0, NULL, NULL, 0, 0 },
	{ "platform", FT_DROP, 0, NULL, NULL, 0, 0 },
	{ "authconfig", FT_DROP, 0, NULL, NULL, 0, 0 },
	{ "abortSignal", FT_DROP, 0, NULL, NULL, 0, 0 },
	{ .type = FT_END }
};

const struct field commit_fields[] = {
	{ NULL, FT_EMBED, 0, NULL, config_fields, 0, 0 },
	{ "HostConfig", FT_ELSEWHERE, 0, NULL, hostconfig_fields, 0, 0 },
	/* dockerode: the query once more */
	{ "container", FT_DROP, 0, NULL, NULL, 0, 0 },
	{ "repo", FT_DROP, 0, NULL, NULL, 0, 0 },
	{ "tag", FT_DROP, 0, NULL, NULL, 0, 0 },
	{ "comment", FT_DROP, 0, NULL, NULL, 0, 0 },
	{ "author", FT_DROP, 0, NULL, NULL, 0, 0 },
	{ "pause", FT_DROP, 0, NULL, NULL, 0, 0 },
	{ "changes", FT_DROP, 0, NULL, NULL, 0, 0 },
	{ "abortSignal", FT_DROP, 0, NULL, NULL, 0, 0 },
	{ .type = FT_END }
};

/* What the profile gives to a container.  In audit it keeps its limits. */
void
supply_create(struct judge *j, struct js *root)
{
	if (!trace_audited())
		limit_supply(j, root);
	label_supply(j, root);
}

int
check_create(struct judge *j, const char *key, struct js *root)
{
	size_t	 old;
	int	 ret;

	if (require_create(j, root) == -1)
		return (-1);
	old = judge_push_key(j, "HostConfig");
	ret = limit_judge(j, js_get(root, "HostConfig"), false);
	judge_pop(j, old);
	return (ret);
}

/* A chosen address can be that of another container. */
static int
check_mac(struct judge *j, const char *key, struct js *v)
{
	if (v->len == 0)
		return (0);
	return (judge_unprivileged(j) == -1 ? -1 : check_word(j, key, v));
}

/* A reference or an id: its characters here, its grammar at the daemon. */
int
check_image(struct judge *j, const char *key, struct js *v)
{
	static const char	 chars[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:/@-[]";
	const char		*s = v->text;

	if (s[strspn(s, chars)] != '\0' || strstr(s, "..") != NULL ||
	    strstr(s, "//") != NULL)
		return (judge_bad(j, "must be an image reference"));
	if (s[0] == '\0' || judge_privileged(j) ||
	    allow_image(j, s))
		return (0);
	return (judge_forbid(j, "image", s, "image %.256s", s));
}
