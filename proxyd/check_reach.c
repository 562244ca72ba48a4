/* SPDX-License-Identifier: ISC */

/*
 * Operations that reach further than to one's own containers: into those of
 * others, into the engine itself, or past what else the policy says.  They
 * are told together where one rule passes several.
 */

#include "../proxyd/check.h"

#include <string.h>

#include <bsd/string.h>

#define OPS_MAX	8	/* of one kind */

static const struct reach {
	const char	*ops[OPS_MAX];
	bool		 anywhere;	/* but with a condition on the
					   container */
	bool		 told;		/* by env_policy.c */
	const char	*gives;
} reaches[] = {
	{ { "exec/create", "containers/attach", "containers/attach/ws",
	    "containers/archive/put" }, true, false,
	    "a way into every container, not only into the client's own: one "
	    "that holds a path of the host or the engine's socket gives it "
	    "away; \"container\" in a rule says which" },
	{ { "containers/archive/get", "containers/export",
	    "containers/copy" }, true, false,
	    "every file of every container can be read, secrets and mounts "
	    "of the host included; \"container\" in a rule says which" },
	{ { "containers/checkpoints/create",
	    "containers/checkpoints/remove" }, false, true,
	    "any directory of the host is made and removed" },
	{ { "session", "grpc" }, false, true,
	    "a tunnel to BuildKit that is not judged: it runs code on the "
	    "build network, may ask for the host's and for what else the "
	    "engine entitles to" },
	{ { "plugins/create", "plugins/pull", "plugins/upgrade",
	    "plugins/set", "plugins/enable" }, false, true,
	    "a plugin has the mounts, devices and capabilities that it asks "
	    "for: root on the host" },
	{ { "services/create", "services/update" }, false, true,
	    "any service may be replaced, and what is allowed of this host "
	    "is had of every node" },
	{ { "swarm/init", "swarm/join", "nodes/update" }, false, true,
	    "the host goes to a manager of the client's choice, who starts "
	    "on it what he likes: root" },
	{ { "swarm/inspect", "swarm/unlockkey" }, false, false,
	    "the keys of the swarm: who joins as a manager is root on all "
	    "nodes" },
};

/* The operations of a kind that the rule passes. */
static void
names_of(const struct profile *p, const struct reach *reach,
    const struct rule *r, char *names, size_t size)
{
	size_t	 i;

	names[0] = '\0';
	for (i = 0; i < OPS_MAX && reach->ops[i] != NULL; i++)
		if (check_passes(p, reach->ops[i], reach->anywhere) == r)
			check_name(names, size, reach->ops[i]);
}

static void
check_kind(struct check *c, const struct reach *reach)
{
	const struct rule	*r[OPS_MAX];
	char			 names[CHECK_NAMES];
	size_t			 i, k;

	for (i = 0; i < OPS_MAX && reach->ops[i] != NULL; i++) {
		r[i] = check_passes(c->p, reach->ops[i], reach->anywhere);
		for (k = 0; k < i && r[k] != r[i]; k++)
			;
		if (r[i] == NULL || k < i)
			continue;
		names_of(c->p, reach, r[i], names, sizeof(names));
		check_warn(c, r[i]->origin, "%s: %s", names, reach->gives);
	}
}

/* A list of images means little to who may name an image as he likes. */
static void
check_load(struct check *c)
{
	const struct allow	*a;
	const struct rule	*r;

	TAILQ_FOREACH(a, &c->p->allows, entry)
		if (a->kind == ALLOW_IMAGE && strcmp(a->text, "*") != 0)
			break;
	if (a == NULL ||
	    check_passes(c->p, "containers/create", false) == NULL ||
	    (r = check_passes(c->p, "images/load", false)) == NULL)
		return;
	check_warn(c, r->origin, "images/load: gives any content the name of "
	    "an image that may run (%s), so \"allow image\" proves nothing",
	    a->origin);
}

/* What a build runs is in its context, which is not read. */
static void
check_build(struct check *c)
{
	const struct allow	*a;
	const struct rule	*r;

	if ((r = check_passes(c->p, "build/create", false)) == NULL)
		return;
	TAILQ_FOREACH(a, &c->p->allows, entry)
		if (a->kind == ALLOW_HOST && strcmp(a->text, "network") == 0)
			check_warn(c, r->origin, "build/create: with \"allow "
			    "host network\" (%s) every line of a Dockerfile "
			    "runs in the network of the host", a->origin);
}

void
check_reach(struct check *c)
{
	size_t	 i;

	for (i = 0; i < sizeof(reaches) / sizeof(reaches[0]); i++)
		if (!(c->p->fromenv && reaches[i].told))
			check_kind(c, &reaches[i]);
	check_load(c);
	check_build(c);
}
