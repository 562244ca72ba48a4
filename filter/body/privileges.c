/* SPDX-License-Identifier: ISC */

/*
 * Privileges of a service's containers, in the order of moby
 * api/types/swarm/container.go.  What they say is what HostConfig says by
 * SecurityOpt, so the same allowances decide.
 */

#include "schema.h"
#include "hostconfig.h"
#include "tables.h"

#include <string.h>

static int	 check_seccomp(struct judge *, const char *, struct js *);
static int	 check_apparmor(struct judge *, const char *, struct js *);

static const struct field credential_fields[] = {
	{ "Config", FT_STRING, 0, NULL, NULL, 40, 0 },
	{ "File", FT_STRING, 0, NULL, NULL, 0, 0 },
	{ "Registry", FT_STRING, 0, NULL, NULL, 0, 0 },
	{ .type = FT_END }
};

static const struct field selinux_fields[] = {
	{ "Disable", FT_BOOL, 0, NULL, NULL, 0, 0 },
	{ "User", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ "Role", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ "Type", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ "Level", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ .type = FT_END }
};

static const struct field seccomp_fields[] = {
	{ "Mode", FT_STRING, 0, check_seccomp, NULL, 0, 0 },
	{ "Profile", FT_STRING, F_PRIV, check_word, NULL, 0, 0 },
	{ .type = FT_END }
};

static const struct field apparmor_fields[] = {
	{ "Mode", FT_STRING, 0, check_apparmor, NULL, 0, 0 },
	{ .type = FT_END }
};

/* Clients send a whole SELinuxContext that says nothing: Portainer. */
static bool
selinux_silent(const struct js *v)
{
	const struct js	*m;

	JS_FOREACH(m, v)
		if (!js_is_empty(m))
			return (false);
	return (true);
}

static int
check_selinux(struct judge *j, const char *key, struct js *v)
{
	return (selinux_silent(v) ? 0 : judge_unprivileged(j));
}

const struct field privileges_fields[] = {
	{ "CredentialSpec", FT_OBJECT, F_PRIV, NULL, credential_fields, 0, 0 },
	{ "SELinuxContext", FT_OBJECT, 0, check_selinux, selinux_fields,
	    0, 0 },
	{ "Seccomp", FT_OBJECT, 0, NULL, seccomp_fields, 44, 0 },
	{ "AppArmor", FT_OBJECT, 0, NULL, apparmor_fields, 44, 0 },
	{ "NoNewPrivileges", FT_BOOL, 0, NULL, NULL, 44, 0 },
	{ .type = FT_END }
};

/* The option that would say the same of a container. */
static int
option_judge(struct judge *j, const char *option)
{
	struct js	*v = js_string(j->arena, option);

	return (v == NULL ? judge_nomem(j) : check_security(j, NULL, v));
}

static int
check_seccomp(struct judge *j, const char *key, struct js *v)
{
	static const char *const	 own[] = { "", "default", NULL };

	if (text_in(v->text, own))
		return (0);
	if (strcmp(v->text, "unconfined") == 0)
		return (option_judge(j, "seccomp=unconfined"));
	return (judge_unprivileged(j) == -1 ? -1 : check_word(j, key, v));
}

static int
check_apparmor(struct judge *j, const char *key, struct js *v)
{
	static const char *const	 own[] = { "", "default", NULL };

	if (text_in(v->text, own))
		return (0);
	if (strcmp(v->text, "disabled") == 0)
		return (option_judge(j, "apparmor=unconfined"));
	return (judge_unprivileged(j) == -1 ? -1 : check_word(j, key, v));
}
