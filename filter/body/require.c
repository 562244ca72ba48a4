/* SPDX-License-Identifier: ISC */

/*
 * "require" and "set label": what a container that is created must have, what
 * a command in one must, and what is put on all that is created.
 */

#include "held.h"

#include "../trace.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

int
require_refuse(struct judge *j, const struct allow *a, const char *key,
    const char *what)
{
	size_t	 old = judge_push_key(j, key);
	int	 ret;

	ret = judge_say(j, "%s %s: require %s at %s", j->path, what, a->text,
	    a->origin);
	judge_pop(j, old);
	return (ret);
}

/*
 * "user", "uid", either with ":group".  The engine takes digits for a uid,
 * with a sign too, and what stands before the colon may be missing: then it
 * is root.  What uid a name has is up to the image.
 */
static bool
user_is_root(const char *user)
{
	size_t	 n = strcspn(user, ":");
	size_t	 sign = user[0] == '+' || user[0] == '-';

	if (n == 0 || (n == 4 && strncmp(user, "root", 4) == 0))
		return (true);
	return (n > sign && sign + strspn(user + sign, "0") == n);
}

int
require_user(struct judge *j, const struct allow *a, const struct js *root)
{
	if (!user_is_root(js_get_string(root, "User")))
		return (0);
	return (require_refuse(j, a, "User",
	    "must be a user other than root"));
}

/* The last of them counts, as with the daemon. */
static int
require_privileges(struct judge *j, const struct allow *a,
    const struct js *hc)
{
	static const char	 word[] = "no-new-privileges";
	const struct js		*list, *v;
	const char		*s = "false";

	if (js_is(list = js_get(hc, "SecurityOpt"), JS_ARRAY))
		JS_FOREACH(v, list)
			if (v->type == JS_STRING &&
			    strncmp(v->text, word, sizeof(word) - 1) == 0)
				s = v->text + sizeof(word) - 1;
	if (strcmp(s, "") == 0 || strcmp(s, "=true") == 0 ||
	    strcmp(s, ":true") == 0)
		return (0);
	return (require_refuse(j, a, "HostConfig.SecurityOpt",
	    "must have no-new-privileges"));
}

static int
require_readonly(struct judge *j, const struct allow *a, const struct js *hc)
{
	if (js_is(js_get(hc, "ReadonlyRootfs"), JS_TRUE))
		return (0);
	return (require_refuse(j, a, "HostConfig.ReadonlyRootfs",
	    "must be true"));
}

bool
require_has_all(const struct js *list)
{
	const struct js	*v;

	if (js_is(list, JS_ARRAY))
		JS_FOREACH(v, list)
			if (v->type == JS_STRING &&
			    strcasecmp(v->text, "ALL") == 0)
				return (true);
	return (false);
}

/* Neither in privileged mode nor beside an added ALL are any dropped. */
static int
require_drop(struct judge *j, const struct allow *a, const struct js *hc)
{
	if (js_is(fold_get(hc, "Privileged"), JS_TRUE))
		return (require_refuse(j, a, "HostConfig.Privileged",
		    "must be false"));
	if (require_has_all(fold_get(hc, "CapAdd")))
		return (require_refuse(j, a, "HostConfig.CapAdd",
		    "must not have ALL"));
	if (require_has_all(js_get(hc, "CapDrop")))
		return (0);
	return (require_refuse(j, a, "HostConfig.CapDrop", "must have ALL"));
}

/* The body of containers/create; the walk is there. */
int
require_create(struct judge *j, const struct js *root)
{
	static const struct js	 none = { .type = JS_OBJECT };
	const struct allow	*a;
	const struct js		*hc = js_get(root, "HostConfig");
	int			 ret = 0;

	if (!js_is(hc, JS_OBJECT))
		hc = &none;
	TAILQ_FOREACH(a, &j->profile->allows, entry) {
		if (a->kind != REQUIRE)
			continue;
		if (strcmp(a->text, "non-root") == 0)
			ret = require_user(j, a, root);
		else if (strcmp(a->text, "no-new-privileges") == 0)
			ret = require_privileges(j, a, hc);
		else if (strcmp(a->text, "read-only") == 0)
			ret = require_readonly(j, a, hc);
		else
			ret = require_drop(j, a, hc);
		if (ret == -1)
			break;
	}
	return (ret);
}

/*
 * Of exec/create.  Without a user a command runs as the container does; the
 * rest is the container's as well.
 */
int
check_exec_create(struct judge *j, const char *key, struct js *root)
{
	const struct allow	*a;
	int			 ret = 0;

	TAILQ_FOREACH(a, &j->profile->allows, entry) {
		if (a->kind != REQUIRE)
			continue;
		if (strcmp(a->text, "non-root") == 0 &&
		    js_get_string(root, "User")[0] != '\0')
			ret = require_user(j, a, root);
		else if (strcmp(a->text, "drop-capabilities") == 0 &&
		    js_is(fold_get(root, "Privileged"), JS_TRUE))
			ret = require_refuse(j, a, "Privileged",
			    "must be false");
		if (ret == -1)
			break;
	}
	return (ret);
}

/* Into a body as the client sent it: the policy's value is the one. */
void
label_supply(struct judge *j, struct js *root)
{
	label_put(j, root, "");
}

void
label_put(struct judge *j, struct js *root, const char *where)
{
	const struct allow	*a;
	struct js		*labels;
	const char		*key;
	char			 field[64];
	size_t			 n;

	(void)snprintf(field, sizeof(field), "%sLabels", where);
	TAILQ_FOREACH(a, &j->profile->allows, entry) {
		if (a->kind != ADD_LABEL)
			continue;
		labels = js_get(root, "Labels");
		if (labels == NULL || labels->type == JS_NULL) {
			js_set(j->arena, root, "Labels",
			    js_new(j->arena, JS_OBJECT));
			labels = js_get(root, "Labels");
		}
		n = strcspn(a->text, "=");
		key = arena_copy(j->arena, a->text, n);
		if (!js_is(labels, JS_OBJECT) || key == NULL)
			continue;
		js_set(j->arena, labels, key, js_string(j->arena,
		    a->text + n + (a->text[n] == '=')));
		trace_allow(field, a->text, a);
	}
}
