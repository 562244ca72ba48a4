/* SPDX-License-Identifier: ISC */

/*
 * Allowances, requirements and labels: what may stand behind each keyword,
 * brought to the form in which bodies are judged.
 */

#include "../proxyd/parse.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include <bsd/stdlib.h>

static const char *const hosts[] = {
	"cgroup", "ipc", "network", "pid", "userns", "uts", NULL
};

static const char *const archives[] = {
	"any", "device", "link", "name", "setuid", NULL
};

static const char *const requires[] = {
	"no-new-privileges", "non-root", "read-only", "drop-capabilities",
	NULL
};

/* capabilities(7), and what stands for all of them. */
static const char *const capabilities[] = {
	"ALL", "AUDIT_CONTROL", "AUDIT_READ", "AUDIT_WRITE", "BLOCK_SUSPEND",
	"BPF", "CHECKPOINT_RESTORE", "CHOWN", "DAC_OVERRIDE",
	"DAC_READ_SEARCH", "FOWNER", "FSETID", "IPC_LOCK", "IPC_OWNER",
	"KILL", "LEASE", "LINUX_IMMUTABLE", "MAC_ADMIN", "MAC_OVERRIDE",
	"MKNOD", "NET_ADMIN", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_RAW",
	"PERFMON", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYSLOG",
	"SYS_ADMIN", "SYS_BOOT", "SYS_CHROOT", "SYS_MODULE", "SYS_NICE",
	"SYS_PACCT", "SYS_PTRACE", "SYS_RAWIO", "SYS_RESOURCE", "SYS_TIME",
	"SYS_TTY_CONFIG", "WAKE_ALARM", NULL
};

static const char *
one_of(const char *s, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strcmp(s, *list) == 0)
			return (*list);
	return (NULL);
}

static const char *
allow_listed(struct parse *ps, const struct word *w, const char *what,
    const char *const *list)
{
	if (one_of(w->s, list) == NULL)
		parse_error(ps, w->loc, "%s \"%s\": %s is expected", what,
		    shown(ps, w->s), list_text(ps, list));
	return (w->s);
}

/* As the engine takes them: in any case of letters, with CAP_ or without. */
static const char *
allow_capability(struct parse *ps, const struct word *w)
{
	char		*cap = parse_strdup(ps, w->s, strlen(w->s));
	const char	*near;
	size_t		 i;

	for (i = 0; cap[i] != '\0'; i++)
		cap[i] = (char)toupper((unsigned char)cap[i]);
	if (strncmp(cap, "CAP_", 4) == 0)
		cap += 4;
	if (one_of(cap, capabilities) != NULL)
		return (cap);
	near = nearest(cap, capabilities);
	if (near != NULL)
		parse_error(ps, w->loc, "no capability \"%s\": is \"%s\" "
		    "meant?", shown(ps, w->s), near);
	else
		parse_error(ps, w->loc, "no capability \"%s\": one of "
		    "capabilities(7) is expected, as NET_BIND_SERVICE",
		    shown(ps, w->s));
	return (cap);
}

static const char *
allow_field(struct parse *ps, const struct word *w)
{
	size_t	 i;
	bool	 ok = w->s[0] != '\0';

	for (i = 0; w->s[i] != '\0'; i++)
		if (!isalnum((unsigned char)w->s[i]) && (w->s[i] != '.' ||
		    i == 0 || w->s[i - 1] == '.' || w->s[i + 1] == '\0'))
			ok = false;
	if (!ok)
		parse_error(ps, w->loc, "field \"%s\": the name of a key is "
		    "expected, as HostConfig.GroupAdd", shown(ps, w->s));
	return (w->s);
}

/* One port, or two with "-" between. */
static const char *
allow_publish(struct parse *ps, const struct word *w)
{
	char		*low, *high;
	const char	*e1, *e2 = NULL;
	long long	 from, to;

	if (strcmp(w->s, "*") == 0)
		return (w->s);
	low = parse_strdup(ps, w->s, strlen(w->s));
	if ((high = strchr(low, '-')) != NULL)
		*high++ = '\0';
	from = to = strtonum(low, 1, UINT16_MAX, &e1);
	if (high != NULL)
		to = strtonum(high, 1, UINT16_MAX, &e2);
	if (e1 != NULL || e2 != NULL || from > to ||
	    w->s[strspn(w->s, "0123456789-")] != '\0')
		parse_error(ps, w->loc, "publish \"%s\": a port of the host "
		    "from 1 to 65535 is expected, or a range, as "
		    "\"8000-8100\"", shown(ps, w->s));
	return (w->s);
}

static const char *
allow_device(struct parse *ps, const struct word *w)
{
	if (w->s[0] != '/' && strchr(w->s, '=') == NULL)
		parse_error(ps, w->loc, "device \"%s\": an absolute path, or "
		    "\"vendor/class=name\", is expected", shown(ps, w->s));
	return (w->s[0] == '/' ? path_absolute(ps, w, "device") : w->s);
}

static const char *
allow_text(struct parse *ps, const struct word *w)
{
	if (w->s[0] == '\0')
		parse_error(ps, w->loc, "\"\" allows nothing");
	return (w->s);
}

/* The text as it is stored; NULL, or another text, after a message. */
static const char *
allow_check(struct parse *ps, enum allow_kind kind, const struct word *w)
{
	const char	*key, *value;

	switch (kind) {
	case ALLOW_PRIVILEGED:
	case ALLOW_UNJUDGED:
		return ("");
	case ALLOW_BIND:
	case ALLOW_BIND_RO:
		return (path_absolute(ps, w, "bind"));
	case ALLOW_CAPABILITY:
		return (allow_capability(ps, w));
	case ALLOW_DEVICE:
		return (allow_device(ps, w));
	case ALLOW_HOST:
		return (allow_listed(ps, w, "host", hosts));
	case ALLOW_ARCHIVE:
		return (strcmp(allow_listed(ps, w, "archive", archives),
		    "any") == 0 ? "*" : w->s);
	case ALLOW_FIELD:
		return (allow_field(ps, w));
	case ALLOW_PUBLISH:
		return (allow_publish(ps, w));
	case ALLOW_ULIMIT:
		if (!ulimit_known(w->s))
			parse_error(ps, w->loc, "no ulimit \"%s\": one of "
			    "getrlimit(2) is expected, as nofile",
			    shown(ps, w->s));
		return (w->s);
	case REQUIRE:
		return (allow_listed(ps, w, "require", requires));
	case ADD_LABEL:
		return (label_split(ps, w, &key, &value) == -1 ? NULL : w->s);
	case ALLOW_IMAGE:
	case ALLOW_VOLUME:
	case ALLOW_NETWORK:
	case ALLOW_SECURITY:
	case ALLOW_RUNTIME:
	case ALLOW_SYSCTL:
	case ALLOW_LOGDRIVER:
	case ALLOW_SECRET:
	case ALLOW_CONFIG:
	case LIMIT:
	case ALLOW_KIND_MAX:
		break;
	}
	return (allow_text(ps, w));
}

void
allow_words(struct parse *ps, struct loc loc, enum allow_kind kind,
    const struct words *list)
{
	const struct word	*w, none = { NULL, "", loc };
	const char		*text;

	for (w = list == NULL ? &none : list->first; w != NULL; w = w->next) {
		text = allow_check(ps, kind, w);
		if (text != NULL && item_count(ps, w->loc) &&
		    conf_allow(ps->own->profile, kind, text,
		    parse_origin(ps, w->loc)) == NULL)
			parse_nomem();
	}
}

void
allow_limit(struct parse *ps, struct loc loc, const char *name, uint64_t num,
    uint64_t dflt)
{
	struct profile	*p = ps->own->profile;
	struct allow	*a;

	/* A line behind a preset changes what the preset says. */
	TAILQ_FOREACH(a, &p->allows, entry)
		if (a->kind == LIMIT && strcmp(a->text, name) == 0)
			break;
	if (a != NULL) {
		TAILQ_REMOVE(&p->allows, a, entry);
		allow_free(a);
	}
	if (!item_count(ps, loc))
		return;
	a = conf_allow(p, LIMIT, name, parse_origin(ps, loc));
	if (a == NULL)
		parse_nomem();
	a->num = num;
	a->dflt = dflt;
}
