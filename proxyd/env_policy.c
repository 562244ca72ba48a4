/* SPDX-License-Identifier: ISC */

/*
 * The rules that the switches of the environment stand for.  The order of
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

#define N(table)	(sizeof(table) / sizeof((table)[0]))

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

	for (i = 0; ep->env != NULL && i < N(env_sections); i++)
		if (strcmp(ep->env, env_sections[i].name) == 0)
			return ((int)i);
	return (-1);
}

static int
gate_of(const struct endpoint *ep)
{
	size_t	 i;

	for (i = 0; i < N(env_gates); i++)
		if (in_list(ep, env_gates[i].ops))
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
		missing[n++] = env_sections[s].name;
	if (ep->flags & EPF_WRITE && !env->post)
		missing[n++] = "POST";
	if (g != -1 && !env->gate[g])
		missing[n++] = env_gates[g].name;
	if (ep->flags & (EPF_UNJUDGED | EPF_FLEET) && !env->privileged)
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
	for (i = 0; i < N(env_grants); i++)
		if (in_list(ep, env_grants[i].ops) &&
		    (env->podman || !endpoint_is_libpod(ep))) {
			strlcat(buf, ", or ", size);
			strlcat(buf, env_grants[i].name, size);
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
	snprintf(origin, sizeof(origin), "%s=%d", env_sections[s].name,
	    env->section[s]);
	if (env->section[s])
		return (add_rule(env, ACTION_PASS, &set, origin, NULL));
	return (add_block(env, &set, origin));
}

/* Whoever has set no LIBPOD_ variable has no podman, most of the time. */
static int
rules_nopodman(struct env *env)
{
	const struct endpoint	*ep;
	struct opset		 set;
	size_t			 op;

	memset(&set, 0, sizeof(set));
	for (op = 0; (ep = endpoint_get(op)) != NULL; op++)
		if (endpoint_is_libpod(ep))
			opset_add(&set, op);
	return (add_block(env, &set, "LIBPOD_*=0"));
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
	snprintf(origin, sizeof(origin), "%s=0", env_gates[g].name);
	return (add_block(env, &set, origin));
}

/*
 * What is not judged passes only where everything may, and so does what
 * starts containers on other hosts, whose paths the variables do not know.
 */
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
		if (ep->flags & (EPF_UNJUDGED | EPF_FLEET) && env->post &&
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
		if (in_list(ep, env_grants[g].ops) &&
		    (env->podman || !endpoint_is_libpod(ep)))
			opset_add(&set, op);
	snprintf(origin, sizeof(origin), "%s=1", env_grants[g].name);
	return (add_rule(env, ACTION_PASS, &set, origin, NULL));
}

/* A tunnel is announced only if POST lets it be opened. */
static int
warn_tunnel(struct env *env, const char *name)
{
	size_t	 s;

	for (s = 0; s < N(env_sections); s++)
		if (strcmp(env_sections[s].name, name) == 0)
			break;
	if (!env->post || s == N(env_sections) || !env->section[s])
		return (0);
	return (conf_warn(env->conf, "%s=1: BuildKit's requests pass through "
	    "a tunnel that is not judged: they run code on the build network "
	    "and may ask for the host's", name));
}

/* Is a section on whose operations the gate narrows? */
static bool
gate_matters(const struct env *env, size_t g)
{
	const struct endpoint	*ep;
	size_t			 op;
	int			 s;

	for (op = 0; (ep = endpoint_get(op)) != NULL; op++)
		if (gate_of(ep) == (int)g && (s = section_of(ep)) != -1 &&
		    env->section[s])
			return (true);
	return (false);
}

static int
rules_warn(struct env *env)
{
	const char	*s;
	size_t		 g;

	if (env->privileged && conf_warn(env->conf, "ALLOW_PRIVILEGED=1: "
	    "containers may get every right over the host, and requests that "
	    "are not judged yet pass as they are") == -1)
		return (env_fail(env, "out of memory"));
	if (warn_tunnel(env, "SESSION") == -1 ||
	    warn_tunnel(env, "GRPC") == -1)
		return (env_fail(env, "out of memory"));
	for (g = 0; g < N(env_gates); g++) {
		s = env_get(env, env_gates[g].name);
		if (s == NULL || !env->gate[g] || gate_matters(env, g))
			continue;
		if (conf_warn(env->conf, "%s=%s changes nothing without "
		    "CONTAINERS=1", env_gates[g].name, s) == -1)
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
	for (i = 0; i < N(env_sections); i++)
		if ((env->podman || !env_of_podman(env_sections[i].name)) &&
		    rules_section(env, i) == -1)
			return (-1);
	if (!env->podman && rules_nopodman(env) == -1)
		return (-1);
	if (rules_post(env) == -1)
		return (-1);
	for (i = 0; i < N(env_gates); i++)
		if (rules_gate(env, i) == -1)
			return (-1);
	if (rules_unjudged(env) == -1)
		return (-1);
	for (i = 0; i < N(env_grants); i++)
		if (rules_grant(env, i) == -1)
			return (-1);
	return (rules_warn(env));
}
