/* SPDX-License-Identifier: ISC */

/*
 * The switches of the environment and the rules they stand for.  The order of
 * the rules is that of the sentence "everything is blocked; a section passes
 * its reads, POST its writes; a gate takes some of them back; ALLOW_X passes
 * exactly its operation", so the last match is the right one.  A block rule
 * knows what would pass the request, and the client is told.
 */

#include "../proxyd/env.h"

#include <stdio.h>
#include <string.h>

#include <bsd/string.h>

#define HINT_MAX	192

/* The sections, as Tecnativa's and linuxserver's images name them. */
static const struct {
	const char	*name;
	bool		 on;		/* unless it is set */
} sections[] = {
	{ "PING", true },
	{ "VERSION", true },
	{ "EVENTS", true },
	{ "INFO", false },
	{ "SYSTEM", false },
	{ "AUTH", false },
	{ "CONTAINERS", false },
	{ "EXEC", false },
	{ "IMAGES", false },
	{ "BUILD", false },
	{ "COMMIT", false },
	{ "SESSION", false },
	{ "GRPC", false },
	{ "DISTRIBUTION", false },
	{ "NETWORKS", false },
	{ "VOLUMES", false },
	{ "SWARM", false },
	{ "NODES", false },
	{ "SERVICES", false },
	{ "TASKS", false },
	{ "SECRETS", false },
	{ "CONFIGS", false },
	{ "PLUGINS", false },
};

/* What CONTAINERS=1 passes only if the gate is open, too. */
static const struct {
	const char	*name;
	const char	*ops;
	bool		 open;
} gates[] = {
	{ "ALLOW_LOGS", "containers/logs", true },
	{ "ALLOW_TOP", "containers/top", true },
	{ "ALLOW_CHANGES", "containers/changes", true },
	{ "ALLOW_ARCHIVE", "containers/archive containers/copy", false },
	{ "ALLOW_EXPORT", "containers/export", false },
};

/* The one that a hint names comes before the broader one. */
static const struct {
	const char	*name;
	const char	*ops;
} grants[] = {
	{ "ALLOW_START", "containers/start" },
	{ "ALLOW_STOP", "containers/stop" },
	{ "ALLOW_KILL", "containers/kill" },
	{ "ALLOW_RESTARTS",
	    "containers/stop containers/restart containers/kill" },
	{ "ALLOW_PAUSE", "containers/pause" },
	{ "ALLOW_UNPAUSE", "containers/unpause" },
	{ "ALLOW_CREATE", "containers/create" },
	{ "ALLOW_DELETE", "containers/remove" },
	{ "ALLOW_EXEC", "exec" },
	{ "ALLOW_PRUNE", "containers/prune" },
};

#define N(table)	(sizeof(table) / sizeof((table)[0]))

_Static_assert(N(sections) == ENV_SECTIONS, "struct env");
_Static_assert(N(gates) == ENV_GATES, "struct env");
_Static_assert(N(grants) == ENV_GRANTS, "struct env");

bool
env_is_switch(const char *name)
{
	size_t	 i;

	if (strcmp(name, "POST") == 0 || strcmp(name, "ALLOW_PRIVILEGED") == 0)
		return (true);
	for (i = 0; i < N(sections); i++)
		if (strcmp(name, sections[i].name) == 0)
			return (true);
	for (i = 0; i < N(gates); i++)
		if (strcmp(name, gates[i].name) == 0)
			return (true);
	for (i = 0; i < N(grants); i++)
		if (strcmp(name, grants[i].name) == 0)
			return (true);
	return (false);
}

int
env_switches(struct env *env)
{
	size_t	 i;

	for (i = 0; i < N(sections); i++)
		if (env_bool(env, sections[i].name, sections[i].on,
		    &env->section[i]) == -1)
			return (-1);
	for (i = 0; i < N(gates); i++)
		if (env_bool(env, gates[i].name, gates[i].open,
		    &env->gate[i]) == -1)
			return (-1);
	for (i = 0; i < N(grants); i++)
		if (env_bool(env, grants[i].name, false,
		    &env->grant[i]) == -1)
			return (-1);
	if (env_bool(env, "POST", false, &env->post) == -1)
		return (-1);
	return (env_bool(env, "ALLOW_PRIVILEGED", false, &env->privileged));
}

/* Is the row named in a list separated by blanks? */
static bool
in_list(const struct endpoint *ep, const char *list)
{
	char	 word[64];
	size_t	 len;

	for (; *list != '\0'; list += len + strspn(list + len, " ")) {
		len = strcspn(list, " ");
		if (len < sizeof(word)) {
			memcpy(word, list, len);
			word[len] = '\0';
			if (endpoint_named(ep, word))
				return (true);
		}
	}
	return (false);
}

/* The number of the row's section, -1 if no section has it. */
static int
section_of(const struct endpoint *ep)
{
	size_t	 i;

	for (i = 0; ep->env != NULL && i < N(sections); i++)
		if (strcmp(ep->env, sections[i].name) == 0)
			return ((int)i);
	return (-1);
}

static int
gate_of(const struct endpoint *ep)
{
	size_t	 i;

	for (i = 0; i < N(gates); i++)
		if (in_list(ep, gates[i].ops))
			return ((int)i);
	return (-1);
}

/*
 * "POST=1 would", "CONTAINERS=1 and POST=1 would, or ALLOW_START=1": what
 * would pass the row, as things are.  NULL if nothing does.
 */
static const char *
hint(const struct env *env, const struct endpoint *ep, char *buf, size_t size)
{
	const char	*missing[4];
	size_t		 n = 0, i;
	int		 s, g;

	if ((s = section_of(ep)) == -1)
		return (NULL);
	g = gate_of(ep);
	if (!env->section[s])
		missing[n++] = sections[s].name;
	if (ep->flags & EPF_WRITE && !env->post)
		missing[n++] = "POST";
	if (g != -1 && !env->gate[g])
		missing[n++] = gates[g].name;
	if (ep->flags & EPF_UNJUDGED && !env->privileged)
		missing[n++] = "ALLOW_PRIVILEGED";
	strlcpy(buf, ep->flags & EPF_UNJUDGED ? "not judged yet: " : "", size);
	for (i = 0; i < n; i++) {
		if (i > 0)
			strlcat(buf, i + 1 < n ? ", " : " and ", size);
		strlcat(buf, missing[i], size);
		strlcat(buf, "=1", size);
	}
	strlcat(buf, " would", size);
	if (ep->flags & EPF_UNJUDGED)
		strlcat(buf, " pass it unjudged", size);
	for (i = 0; i < N(grants); i++)
		if (in_list(ep, grants[i].ops)) {
			strlcat(buf, ", or ", size);
			strlcat(buf, grants[i].name, size);
			strlcat(buf, "=1", size);
			break;
		}
	return (buf);
}

static int
add_rule(struct env *env, enum action action, const struct opset *set,
    const char *origin, const char *why)
{
	static const struct opset	 empty;
	struct rule			*r;

	if (memcmp(set, &empty, sizeof(empty)) == 0)
		return (0);
	r = conf_rule(env->conf->profile, action, origin, why);
	if (r == NULL)
		return (env_fail(env, "out of memory"));
	r->ops = *set;
	return (0);
}

/* Block a set: one rule for all its rows with the same hint. */
static int
add_block(struct env *env, struct opset *set, const char *origin)
{
	const struct endpoint	*ep;
	struct opset		 same;
	char			 first[HINT_MAX], other[HINT_MAX];
	size_t			 op, next;

	for (op = 0; (ep = endpoint_get(op)) != NULL; op++) {
		if (!opset_has(set, op))
			continue;
		memset(&same, 0, sizeof(same));
		hint(env, ep, first, sizeof(first));
		for (next = op; (ep = endpoint_get(next)) != NULL; next++) {
			if (!opset_has(set, next))
				continue;
			hint(env, ep, other, sizeof(other));
			if (strcmp(first, other) != 0)
				continue;
			opset_add(&same, next);
			opset_del(set, next);
		}
		if (add_rule(env, ACTION_BLOCK, &same, origin, first) == -1)
			return (-1);
	}
	return (0);
}

static int
rules_builtin(struct env *env)
{
	struct opset	 set;
	size_t		 op;

	memset(&set, 0, sizeof(set));
	for (op = 0; op < endpoint_count(); op++)
		opset_add(&set, op);
	return (add_rule(env, ACTION_BLOCK, &set, "built in", NULL));
}

/* A section that is on passes its reads; one that is off says so. */
static int
rules_section(struct env *env, size_t s)
{
	const struct endpoint	*ep;
	struct opset		 set;
	char			 origin[32];
	size_t			 op;

	memset(&set, 0, sizeof(set));
	for (op = 0; (ep = endpoint_get(op)) != NULL; op++)
		if (section_of(ep) == (int)s &&
		    (!env->section[s] || (ep->flags & EPF_WRITE) == 0))
			opset_add(&set, op);
	snprintf(origin, sizeof(origin), "%s=%d", sections[s].name,
	    env->section[s]);
	if (env->section[s])
		return (add_rule(env, ACTION_PASS, &set, origin, NULL));
	return (add_block(env, &set, origin));
}

/* POST opens the writes of the sections that are on. */
static int
rules_post(struct env *env)
{
	const struct endpoint	*ep;
	struct opset		 set;
	size_t			 op;
	int			 s;

	memset(&set, 0, sizeof(set));
	for (op = 0; (ep = endpoint_get(op)) != NULL; op++)
		if ((s = section_of(ep)) != -1 && env->section[s] &&
		    ep->flags & EPF_WRITE)
			opset_add(&set, op);
	if (env->post)
		return (add_rule(env, ACTION_PASS, &set, "POST=1", NULL));
	return (add_block(env, &set, "POST=0"));
}

/* A gate that is closed takes back what CONTAINERS=1 passed. */
static int
rules_gate(struct env *env, size_t g)
{
	const struct endpoint	*ep;
	struct opset		 set;
	char			 origin[32];
	size_t			 op;
	int			 s;

	if (env->gate[g])
		return (0);
	memset(&set, 0, sizeof(set));
	for (op = 0; (ep = endpoint_get(op)) != NULL; op++)
		if (gate_of(ep) == (int)g && (s = section_of(ep)) != -1 &&
		    env->section[s])
			opset_add(&set, op);
	snprintf(origin, sizeof(origin), "%s=0", gates[g].name);
	return (add_block(env, &set, origin));
}

/* What is not judged yet passes only where everything may. */
static int
rules_unjudged(struct env *env)
{
	const struct endpoint	*ep;
	struct opset		 set;
	size_t			 op;
	int			 s;

	if (env->privileged) {
		if (conf_allow(env->conf->profile, ALLOW_PRIVILEGED, "",
		    "ALLOW_PRIVILEGED=1") == NULL ||
		    conf_allow(env->conf->profile, ALLOW_UNJUDGED, "",
		    "ALLOW_PRIVILEGED=1") == NULL)
			return (env_fail(env, "out of memory"));
		return (0);
	}
	memset(&set, 0, sizeof(set));
	for (op = 0; (ep = endpoint_get(op)) != NULL; op++)
		if (ep->flags & EPF_UNJUDGED && env->post &&
		    (s = section_of(ep)) != -1 && env->section[s])
			opset_add(&set, op);
	return (add_block(env, &set, "ALLOW_PRIVILEGED=0"));
}

static int
rules_grant(struct env *env, size_t g)
{
	const struct endpoint	*ep;
	struct opset		 set;
	char			 origin[32];
	size_t			 op;

	if (!env->grant[g])
		return (0);
	memset(&set, 0, sizeof(set));
	for (op = 0; (ep = endpoint_get(op)) != NULL; op++)
		if (in_list(ep, grants[g].ops))
			opset_add(&set, op);
	snprintf(origin, sizeof(origin), "%s=1", grants[g].name);
	return (add_rule(env, ACTION_PASS, &set, origin, NULL));
}

/* A tunnel is announced only if POST lets it be opened. */
static int
warn_tunnel(struct env *env, const char *name)
{
	size_t	 s;

	for (s = 0; s < N(sections); s++)
		if (strcmp(sections[s].name, name) == 0)
			break;
	if (!env->post || s == N(sections) || !env->section[s])
		return (0);
	return (conf_warn(env->conf, "%s=1: BuildKit's requests pass through "
	    "a tunnel that is not judged: they run code on the build network "
	    "and may ask for the host's", name));
}

static int
rules_warn(struct env *env)
{
	const char	*s;
	size_t		 g;
	int		 c;

	if (env->privileged && conf_warn(env->conf, "ALLOW_PRIVILEGED=1: "
	    "containers may get every right over the host, and requests that "
	    "are not judged yet pass as they are") == -1)
		return (env_fail(env, "out of memory"));
	if (warn_tunnel(env, "SESSION") == -1 ||
	    warn_tunnel(env, "GRPC") == -1)
		return (env_fail(env, "out of memory"));
	for (g = 0; g < N(gates); g++) {
		s = env_get(env, gates[g].name);
		c = section_of(endpoint_get(
		    (size_t)endpoint_byname("containers/list")));
		if (s == NULL || !env->gate[g] || env->section[c])
			continue;
		if (conf_warn(env->conf, "%s=%s changes nothing without "
		    "CONTAINERS=1", gates[g].name, s) == -1)
			return (env_fail(env, "out of memory"));
	}
	return (0);
}

int
env_rules(struct env *env)
{
	size_t	 i;

	if (rules_builtin(env) == -1)
		return (-1);
	for (i = 0; i < N(sections); i++)
		if (rules_section(env, i) == -1)
			return (-1);
	if (rules_post(env) == -1)
		return (-1);
	for (i = 0; i < N(gates); i++)
		if (rules_gate(env, i) == -1)
			return (-1);
	if (rules_unjudged(env) == -1)
		return (-1);
	for (i = 0; i < N(grants); i++)
		if (rules_grant(env, i) == -1)
			return (-1);
	return (rules_warn(env));
}
