/* SPDX-License-Identifier: ISC */

/*
 * "limit ulimit-NAME" and "allow ulimit": resource limits of a container's
 * processes.  Names are ASCII in any case of letters; the daemon upper-cases
 * them by Unicode, so that a long s would make "stack" as well.
 */

#include "held.h"

#include "../trace.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <bsd/string.h>

#define ULIMIT_BYTES	32

static const char	 ulimit_prefix[] = "ulimit-";

/* Ulimits[].Name, in lower case. */
int
check_ulimit_name(struct judge *j, const char *key, struct js *v)
{
	char	 name[ULIMIT_BYTES];
	size_t	 i;

	if (strlcpy(name, v->text, sizeof(name)) >= sizeof(name))
		return (judge_bad(j, "must be the name of a limit"));
	for (i = 0; name[i] != '\0'; i++) {
		if (name[i] >= 'A' && name[i] <= 'Z')
			name[i] = (char)(name[i] + ('a' - 'A'));
		if (name[i] < 'a' || name[i] > 'z')
			return (judge_bad(j, "must be the name of a limit"));
	}
	set_string(j, v, name);
	return (0);
}

/* The name that a statement is about; NULL: of none. */
static const char *
ulimit_name(const struct allow *a)
{
	if (a->kind != LIMIT || strncmp(a->text, ulimit_prefix,
	    sizeof(ulimit_prefix) - 1) != 0)
		return (NULL);
	return (a->text + sizeof(ulimit_prefix) - 1);
}

bool
ulimit_meant(const struct allow *a)
{
	return (ulimit_name(a) != NULL);
}

static bool
ulimit_free(const struct judge *j, const char *name)
{
	return (allow_has(j, ALLOW_ULIMIT, name));
}

/* -1 is no limit: what a request gets that does not say is put there. */
static void
ulimit_lower(struct js *ulimit, uint64_t dflt)
{
	struct js	*hard = js_get(ulimit, "Hard");
	struct js	*soft = js_get(ulimit, "Soft");
	bool		 lowered = js_is(hard, JS_INT) && hard->num < 0;

	if (lowered)
		js_become_int(hard, (int64_t)dflt);
	if (js_is(soft, JS_INT) && (soft->num < 0 ||
	    (lowered && soft->num > hard->num)))
		js_become_int(soft, js_is(hard, JS_INT) ? hard->num :
		    (int64_t)dflt);
}

static void
ulimit_add(struct judge *j, const struct allow *a, struct js *list,
    const char *name, const char *where)
{
	struct js	*ulimit = js_new(j->arena, JS_OBJECT);
	uint64_t	 num = a->dflt;
	char		 field[64];

	js_set(j->arena, ulimit, "Name", js_string(j->arena, name));
	js_set(j->arena, ulimit, "Hard", js_int(j->arena, (int64_t)num));
	js_set(j->arena, ulimit, "Soft", js_int(j->arena, (int64_t)num));
	js_append(list, ulimit);
	(void)snprintf(field, sizeof(field), "%s.Ulimits", where);
	trace_allow(field, name, a);
}

static void
ulimit_supply_one(struct judge *j, const struct allow *a, const char *name,
    struct js *list, const char *where)
{
	struct js	*ulimit;
	bool		 given = false;

	JS_FOREACH(ulimit, list) {
		if (ulimit->type != JS_OBJECT ||
		    strcasecmp(js_get_string(ulimit, "Name"), name) != 0)
			continue;
		given = true;
		if (!ulimit_free(j, name))
			ulimit_lower(ulimit, a->dflt);
	}
	if (!given)
		ulimit_add(j, a, list, name, where);
}

/* Into HostConfig, or what it is elsewhere, as the client sent it. */
void
ulimit_supply(struct judge *j, struct js *hc, const char *where)
{
	const struct allow	*a;
	const char		*name;
	struct js		*list;

	TAILQ_FOREACH(a, &j->profile->allows, entry) {
		if ((name = ulimit_name(a)) == NULL)
			continue;
		list = js_get(hc, "Ulimits");
		if (list == NULL || list->type == JS_NULL) {
			js_set(j->arena, hc, "Ulimits",
			    js_new(j->arena, JS_ARRAY));
			list = js_get(hc, "Ulimits");
		}
		if (js_is(list, JS_ARRAY))
			ulimit_supply_one(j, a, name, list, where);
	}
}

static bool
ulimit_above(const struct js *ulimit, const char *key, uint64_t most)
{
	const struct js	*n = js_get(ulimit, key);

	return (js_is(n, JS_INT) && (n->num < 0 || (uint64_t)n->num > most));
}

static int
ulimit_judge_one(struct judge *j, const struct allow *a, const char *name,
    const struct js *ulimit)
{
	const char	*key;

	if (ulimit->type != JS_OBJECT ||
	    strcasecmp(js_get_string(ulimit, "Name"), name) != 0)
		return (0);
	if (ulimit_above(ulimit, "Hard", a->num))
		key = "Hard";
	else if (ulimit_above(ulimit, "Soft", a->num))
		key = "Soft";
	else
		return (0);
	if (ulimit_free(j, name))
		return (0);
	return (judge_say(j, "%s %s %" PRId64 " is above the limit of %"
	    PRIu64 " at %s (allow ulimit \"%s\" would)", j->path, name,
	    js_get(ulimit, key)->num, a->num, a->origin, name));
}

static int
ulimit_judge_list(struct judge *j, const struct allow *a, const char *name,
    const struct js *list)
{
	const struct js	*ulimit;
	size_t		 old, i = 0;
	int		 ret = 0;

	for (ulimit = list->first; ulimit != NULL && ret == 0;
	    ulimit = ulimit->next) {
		old = judge_push_index(j, i++);
		ret = ulimit_judge_one(j, a, name, ulimit);
		judge_pop(j, old);
	}
	return (ret);
}

int
ulimit_judge(struct judge *j, const struct js *v)
{
	const struct allow	*a;
	const struct js		*list = js_get(v, "Ulimits");
	const char		*name;
	size_t			 old;
	int			 ret = 0;

	if (!js_is(list, JS_ARRAY))
		return (0);
	old = judge_push_key(j, "Ulimits");
	TAILQ_FOREACH(a, &j->profile->allows, entry)
		if (ret == 0 && (name = ulimit_name(a)) != NULL)
			ret = ulimit_judge_list(j, a, name, list);
	judge_pop(j, old);
	return (ret);
}
