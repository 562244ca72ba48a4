/* SPDX-License-Identifier: ISC */

/*
 * The container that a body is about: networks/connect and disconnect name it
 * as "Container".  It is taken out before the rest is judged, since rules may
 * ask about it, and the full id that the engine gave is put in its place.
 */

#include "schema.h"
#include "tables.h"

#include <stdlib.h>
#include <string.h>

static const char	 container_key[] = "Container";

static struct arena	 container_arena;

/* The grammar of one in a path: a slash in front is moby's own. */
static int
container_take(struct judge *j, const char *in, size_t len)
{
	struct js_error	 error;
	struct js	*root, *v;
	const char	*name;

	root = js_parse(j->arena, in, len, BODY_DEPTH, &error);
	if (root == NULL)
		return (body_parse_error(j, &error));
	if (root->type != JS_OBJECT)
		return (judge_bad(j, "must be an object"));
	(void)judge_push_key(j, container_key);
	v = js_get(root, container_key);
	if (v == NULL || v->type == JS_NULL)
		return (judge_bad(j, "must be given"));
	if (v->type != JS_STRING)
		return (judge_bad(j, "must be a string"));
	name = v->text + (v->text[0] == '/');
	if (!endpoint_arg_ok(ARG_CONTAINER, name, strlen(name)))
		return (judge_bad(j, "must be the name or id of a container"));
	if ((j->res->json = strdup(name)) == NULL)
		return (judge_nomem(j));
	j->res->len = strlen(name);
	return (0);
}

int
body_container(const char *in, size_t len, struct body_result *res)
{
	struct judge	 j;
	int		 ret;

	memset(res, 0, sizeof(*res));
	memset(&j, 0, sizeof(j));
	j.res = res;
	j.arena = &container_arena;
	arena_reset(&container_arena, BODY_MEMORY);
	ret = container_take(&j, in, len);
	if (container_arena.failed && ret == -1)
		(void)judge_nomem(&j);
	arena_reset(&container_arena, 0);
	return (ret);
}

/* Whatever let "Container" pass: the engine gets the one that was judged. */
int
check_container_of(struct judge *j, const char *key, struct js *root)
{
	if (j->container != NULL)
		js_set(j->arena, root, container_key,
		    js_string(j->arena, j->container));
	return (0);
}
