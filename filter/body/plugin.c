/* SPDX-License-Identifier: ISC */

/*
 * POST /plugins/pull, upgrade and set.  A plugin gets the mounts, devices and
 * capabilities that its own config.json asks for; the privileges of a body
 * are what the client has agreed to, so they say nothing of what it will
 * have, and settings change its mounts and devices.  All of it is root on the
 * host and passes unjudged only; the shape is judged here.
 */

#include "schema.h"
#include "tables.h"

/* moby api/types/plugin/plugin_responses.go: Privilege */
static const struct field privilege_fields[] = {
	{ "Name", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ "Description", FT_STRING, 0, NULL, NULL, 0, 0 },
	{ "Value", FT_STRINGS, 0, NULL, NULL, 0, 0 },
	{ .type = FT_END }
};

/* [{"Name": "network", "Description": "", "Value": ["host"]}, ...] */
int
check_privileges(struct judge *j, const char *key, struct js *v)
{
	struct js	*m;
	size_t		 old, i = 0;
	int		 ret = 0;

	if (v->type != JS_ARRAY)
		return (judge_bad(j, "must be an array of objects"));
	for (m = v->first; m != NULL && ret == 0; m = m->next) {
		old = judge_push_index(j, i++);
		ret = walk_object(j, privilege_fields, m);
		judge_pop(j, old);
	}
	return (ret);
}

/* ["DEBUG=1", "mymount.source=/srv", ...] */
int
check_settings(struct judge *j, const char *key, struct js *v)
{
	struct js	*m;
	size_t		 old, i = 0;
	int		 ret = 0;

	if (v->type != JS_ARRAY)
		return (judge_bad(j, "must be an array of strings"));
	for (m = v->first; m != NULL && ret == 0; m = m->next) {
		old = judge_push_index(j, i++);
		ret = m->type == JS_STRING ? check_line(j, key, m) :
		    judge_bad(j, "must be a string");
		judge_pop(j, old);
	}
	return (ret);
}
