/* SPDX-License-Identifier: ISC */

/*
 * Fields of HostConfig whose text decides: capabilities, security options,
 * sysctls, runtime and the like.  Each lets pass what stays in the
 * container and asks for an allowance for the rest.
 */

#include "schema.h"
#include "hostconfig.h"

#include <string.h>
#include <strings.h>

#include <bsd/string.h>

#define CAP_BYTES	64

static bool	 cap_upper(const char *, char *, size_t);

/*
 * ASCII only: the daemon upper-cases by Unicode, so that a long s or a
 * dotless i makes SYS_ADMIN as well.
 */
static bool
cap_upper(const char *s, char *dst, size_t size)
{
	size_t	 i;

	for (i = 0; s[i] != '\0' && i + 1 < size; i++) {
		if (s[i] >= 'a' && s[i] <= 'z')
			dst[i] = (char)(s[i] - ('a' - 'A'));
		else if ((s[i] >= 'A' && s[i] <= 'Z') || s[i] == '_' ||
		    (s[i] >= '0' && s[i] <= '9'))
			dst[i] = s[i];
		else
			return (false);
	}
	dst[i] = '\0';
	return (i > 0 && s[i] == '\0');
}

/* In upper case and without its prefix, into dst of CAP_BYTES. */
static int
cap_canonical(struct judge *j, const char *s, char *dst)
{
	char	 buf[CAP_BYTES] = "";
	char	*bare = buf;

	if (!cap_upper(s, buf, sizeof(buf)))
		return (judge_bad(j, "must be the name of a capability"));
	if (strncmp(bare, "CAP_", 4) == 0)
		bare += 4;
	if (*bare == '\0' || strncmp(bare, "CAP_", 4) == 0)
		return (judge_bad(j, "must be the name of a capability"));
	(void)strlcpy(dst, bare, CAP_BYTES);
	return (0);
}

int
check_cap_add(struct judge *j, const char *key, struct js *v)
{
	char	 cap[CAP_BYTES];

	if (cap_canonical(j, v->text, cap) == -1)
		return (-1);
	if (!judge_privileged(j) && !allow_has(j, ALLOW_CAPABILITY, cap) &&
	    judge_forbid(j, "capability", cap, "capability %s", cap) == -1)
		return (-1);
	set_string(j, v, cap);
	return (0);
}

int
check_cap_drop(struct judge *j, const char *key, struct js *v)
{
	char	 cap[CAP_BYTES];

	if (cap_canonical(j, v->text, cap) == -1)
		return (-1);
	set_string(j, v, cap);
	return (0);
}

int
check_privileged(struct judge *j, const char *key, struct js *v)
{
	if (!js_is(v, JS_TRUE) || judge_privileged(j))
		return (0);
	return (judge_forbid(j, NULL, NULL, "privileged mode"));
}

/* An inline seccomp profile is JSON text: its value is not repeated. */
int
check_security(struct judge *j, const char *key, struct js *v)
{
	static const char *const	 tighter[] = {
		"no-new-privileges", "no-new-privileges=true",
		"no-new-privileges:true", NULL
	};
	const char			*s = v->text;

	if (text_in(s, tighter) || judge_privileged(j) ||
	    allow_has(j, ALLOW_SECURITY, s))
		return (0);
	return (judge_forbid(j, strlen(s) < 64 ? "security" : NULL, s,
	    "security option %.*s", (int)strcspn(s, "{"), s));
}

/*
 * What is namespaced, under its canonical name: the runtime takes
 * net/ipv4/ip_forward for net.ipv4.ip_forward.
 */
int
check_sysctl(struct judge *j, const char *key, struct js *v)
{
	static const char *const	 own[] = {
		"net.*", "kernel.shm*", "kernel.msg*", "kernel.sem",
		"fs.mqueue.*"
	};
	size_t				 i;
	char				*p;

	if (strlcpy(j->key, key, sizeof(j->key)) >= sizeof(j->key) ||
	    (strchr(key, '/') != NULL && strchr(key, '.') != NULL))
		return (judge_bad(j, "must be the name of a sysctl"));
	for (p = j->key; *p != '\0'; p++)
		if (*p == '/')
			*p = '.';
	if (!text_name(j->key) || strstr(j->key, "..") != NULL)
		return (judge_bad(j, "must be the name of a sysctl"));
	if (check_line(j, key, v) == -1)
		return (-1);
	for (i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (glob_match(own[i], j->key))
			return (0);
	if (judge_privileged(j) || allow_pattern(j, ALLOW_SYSCTL, j->key))
		return (0);
	return (judge_forbid(j, "sysctl", j->key, "sysctl %.128s", j->key));
}

int
check_storage(struct judge *j, const char *key, struct js *v)
{
	if (strcmp(key, "size") != 0 && !judge_privileged(j) &&
	    judge_forbid(j, "field", NULL, "storage option %.64s", key) == -1)
		return (-1);
	return (check_word(j, key, v));
}

int
check_runtime(struct judge *j, const char *key, struct js *v)
{
	const char	*s = v->text;

	if (s[0] == '\0')
		return (0);
	if (check_word(j, key, v) == -1)
		return (-1);
	if (judge_privileged(j) ||
	    allow_has(j, ALLOW_RUNTIME, s))
		return (0);
	return (judge_forbid(j, "runtime", s, "runtime %.64s", s));
}

int
check_isolation(struct judge *j, const char *key, struct js *v)
{
	static const char *const	 own[] = { "", "default", NULL };

	if (text_in(v->text, own))
		return (0);
	return (judge_unprivileged(j) == -1 ? -1 : check_word(j, key, v));
}

int
check_restart(struct judge *j, const char *key, struct js *v)
{
	static const char *const	 names[] = {
		"", "no", "always", "on-failure", "unless-stopped", NULL
	};

	if (text_in(v->text, names))
		return (0);
	return (judge_bad(j, "must be one of no, always, on-failure, "
	    "unless-stopped"));
}

/* It makes the named volumes of Binds, so it is a plugin's way in. */
int
check_hc_volume_driver(struct judge *j, const char *key, struct js *v)
{
	static const char *const	 local[] = { "", "local", NULL };

	if (text_in(v->text, local))
		return (0);
	return (judge_unprivileged(j) == -1 ? -1 : check_word(j, key, v));
}

/* host-gateway is the host's own address. */
int
check_extra_host(struct judge *j, const char *key, struct js *v)
{
	static const char	 gateway[] = "host-gateway";
	const char		*s = v->text;
	size_t			 n = strlen(s);

	if (check_word(j, key, v) == -1)
		return (-1);
	if (n >= sizeof(gateway) - 1 && strcasecmp(s + n -
	    (sizeof(gateway) - 1), gateway) == 0 && !judge_privileged(j))
		return (judge_forbid(j, "field", NULL, "host-gateway"));
	return (0);
}

int
check_oom_score(struct judge *j, const char *key, struct js *v)
{
	return (v->num < 0 ? judge_unprivileged(j) : 0);
}
