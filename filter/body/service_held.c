/* SPDX-License-Identifier: ISC */

/*
 * "require", "limit" and "set label" for the containers of a service: which
 * field of TaskTemplate says what HostConfig says of a container, and since
 * when (moby api/types/swarm; older engines drop what they do not know, and
 * newer ones what the version in the path does not have: router/swarm
 * helpers.go, adjustForAPIVersion).  What no field says holds for no service,
 * so the profile has none then.
 */

#include "held.h"
#include "tables.h"

#include "../trace.h"

#include <string.h>

#define SPEC		"TaskTemplate.ContainerSpec"
#define LIMITS		"TaskTemplate.Resources.Limits"
#define ALWAYS		0	/* as old as services */
#define NANO		1000000	/* NanoCPUs in one 1/1000 */

/* What one statement gives to a task, and how it judges the rebuilt one. */
typedef void put_fn(struct judge *, const struct allow *, struct js *);
typedef int hold_fn(struct judge *, const struct allow *, const struct js *);

static put_fn	 put_memory, put_pids, put_cpus;
static hold_fn	 hold_user, hold_privileges, hold_readonly, hold_drop,
		 hold_memory, hold_pids, hold_cpus, hold_ulimits;

static const struct held {
	const char	*name;		/* of the statement */
	enum allow_kind	 kind;
	uint8_t		 since;		/* API 1.N */
	put_fn		*put;
	hold_fn		*hold;
} helds[] = {
	{ "non-root", REQUIRE, ALWAYS, NULL, hold_user },
	{ "no-new-privileges", REQUIRE, 44, NULL, hold_privileges },
	{ "read-only", REQUIRE, 28, NULL, hold_readonly },
	{ "drop-capabilities", REQUIRE, 41, NULL, hold_drop },
	{ "memory", LIMIT, ALWAYS, put_memory, hold_memory },
	{ "cpus", LIMIT, ALWAYS, put_cpus, hold_cpus },
	{ "pids", LIMIT, 41, put_pids, hold_pids }
	/* shm and swap: nothing that all engines with services have */
};

static const struct held	 held_ulimits = {
	"ulimit-", LIMIT, 41, NULL, hold_ulimits
};

/* NULL: there is no field for it. */
static const struct held *
held_find(const struct allow *a)
{
	size_t	 i;

	for (i = 0; i < sizeof(helds) / sizeof(helds[0]); i++)
		if (helds[i].kind == a->kind &&
		    strcmp(helds[i].name, a->text) == 0)
			return (&helds[i]);
	return (ulimit_meant(a) ? &held_ulimits : NULL);
}

/* Without a version in the path nobody knows which one the engine has. */
static bool
held_known(const struct judge *j, const struct held *h)
{
	return (h != NULL && (h->since == ALWAYS || j->minor >= h->since));
}

/* An object in another one, made if it is not there; NULL: it is no object. */
static struct js *
child(struct judge *j, struct js *v, const char *key)
{
	struct js	*c = js_get(v, key);

	if (c == NULL || c->type == JS_NULL) {
		js_set(j->arena, v, key, js_new(j->arena, JS_OBJECT));
		c = js_get(v, key);
	}
	return (js_is(c, JS_OBJECT) ? c : NULL);
}

static void
put_limit(struct judge *j, const struct allow *a, struct js *task,
    const char *key, uint64_t num)
{
	struct js	*resources = child(j, task, "Resources"), *limits;

	if (resources != NULL && (limits = child(j, resources,
	    "Limits")) != NULL)
		limit_put(j, a, limits, LIMITS, key, num);
}

static void
put_memory(struct judge *j, const struct allow *a, struct js *task)
{
	put_limit(j, a, task, "MemoryBytes", a->dflt);
}

static void
put_cpus(struct judge *j, const struct allow *a, struct js *task)
{
	put_limit(j, a, task, "NanoCPUs", a->dflt * NANO);
}

static void
put_pids(struct judge *j, const struct allow *a, struct js *task)
{
	put_limit(j, a, task, "Pids", a->dflt);
}

/* Into a body as the client sent it.  In audit it keeps its limits. */
void
service_supply(struct judge *j, struct js *root)
{
	const struct allow	*a;
	const struct held	*h;
	struct js		*task = js_get(root, "TaskTemplate");
	struct js		*spec = js_get(task, "ContainerSpec");

	label_put(j, root, "");
	if (!js_is(spec, JS_OBJECT))
		return;
	label_put(j, spec, SPEC ".");
	if (trace_audited())
		return;
	TAILQ_FOREACH(a, &j->profile->allows, entry)
		if (a->kind == LIMIT && limit_find(j, a->text) == a &&
		    held_known(j, h = held_find(a)) && h->put != NULL)
			h->put(j, a, task);
	if (held_known(j, &held_ulimits))
		ulimit_supply(j, spec, SPEC);
}

static const struct js *
spec_of(const struct js *task)
{
	return (js_get(task, "ContainerSpec"));
}

static int
hold_user(struct judge *j, const struct allow *a, const struct js *task)
{
	size_t	 old = judge_push_key(j, SPEC);
	int	 ret = require_user(j, a, spec_of(task));

	judge_pop(j, old);
	return (ret);
}

static int
hold_privileges(struct judge *j, const struct allow *a, const struct js *task)
{
	if (js_is(js_get(js_get(spec_of(task), "Privileges"),
	    "NoNewPrivileges"), JS_TRUE))
		return (0);
	return (require_refuse(j, a, SPEC ".Privileges.NoNewPrivileges",
	    "must be true"));
}

static int
hold_readonly(struct judge *j, const struct allow *a, const struct js *task)
{
	if (js_is(js_get(spec_of(task), "ReadOnly"), JS_TRUE))
		return (0);
	return (require_refuse(j, a, SPEC ".ReadOnly", "must be true"));
}

static int
hold_drop(struct judge *j, const struct allow *a, const struct js *task)
{
	if (require_has_all(fold_get(spec_of(task), "CapabilityAdd")))
		return (require_refuse(j, a, SPEC ".CapabilityAdd",
		    "must not have ALL"));
	if (require_has_all(js_get(spec_of(task), "CapabilityDrop")))
		return (0);
	return (require_refuse(j, a, SPEC ".CapabilityDrop",
	    "must have ALL"));
}

/* One number of Resources, in the group of that name. */
static int
hold_number(struct judge *j, const struct allow *a, const struct js *task,
    const char *group, const char *key)
{
	const struct js	*v = fold_get(js_get(task, "Resources"), group);
	size_t		 old = judge_push_key(j, "TaskTemplate.Resources");
	int		 ret;

	(void)judge_push_key(j, group);
	if (strcmp(a->text, "cpus") == 0)
		ret = limit_nano(j, a, v, key);
	else
		ret = limit_number(j, a, v, key, false);
	judge_pop(j, old);
	return (ret);
}

static int
hold_memory(struct judge *j, const struct allow *a, const struct js *task)
{
	if (hold_number(j, a, task, "Limits", "MemoryBytes") == -1)
		return (-1);
	return (hold_number(j, a, task, "Reservations", "MemoryBytes"));
}

static int
hold_cpus(struct judge *j, const struct allow *a, const struct js *task)
{
	return (hold_number(j, a, task, "Limits", "NanoCPUs"));
}

static int
hold_pids(struct judge *j, const struct allow *a, const struct js *task)
{
	return (hold_number(j, a, task, "Limits", "Pids"));
}

/* All of them at once, with the first. */
static int
hold_ulimits(struct judge *j, const struct allow *a, const struct js *task)
{
	const struct allow	*first;
	size_t			 old;
	int			 ret;

	TAILQ_FOREACH(first, &j->profile->allows, entry)
		if (ulimit_meant(first))
			break;
	if (a != first)
		return (0);
	old = judge_push_key(j, SPEC);
	ret = ulimit_judge(j, spec_of(task));
	judge_pop(j, old);
	return (ret);
}

/* Neither judged nor given: the service would do as it likes. */
static int
held_refuse(struct judge *j, const struct allow *a, const struct held *h)
{
	const char	*word = a->kind == LIMIT ? "limit" : "require";

	if (j->profile->unjudged) {
		trace_kind(j->profile, ALLOW_UNJUDGED, "TaskTemplate", "");
		return (0);
	}
	if (h == NULL)
		return (judge_say(j, "a service is not held to %s %s at %s, "
		    "for which it has no field (allow unjudged would)", word,
		    a->text, a->origin));
	return (judge_say(j, "a service is held to %s %s at %s only with the "
	    "API 1.%u or later in the path (allow unjudged would)", word,
	    a->text, a->origin, h->since));
}

int
check_service(struct judge *j, const char *key, struct js *root)
{
	const struct allow	*a;
	const struct held	*h;
	const struct js		*task = js_get(root, "TaskTemplate");
	int			 ret = 0;

	TAILQ_FOREACH(a, &j->profile->allows, entry) {
		if (a->kind != REQUIRE && (a->kind != LIMIT ||
		    limit_find(j, a->text) != a))
			continue;
		h = held_find(a);
		ret = held_known(j, h) ? h->hold(j, a, task) :
		    held_refuse(j, a, h);
		if (ret == -1)
			break;
	}
	return (ret);
}
