/* SPDX-License-Identifier: ISC */

/*
 * What the engine says of a container, an exec or a network, as far as rules
 * ask: id, name and labels, and what it mounts (moby api/types,
 * ContainerJSON, ContainerExecInspect and NetworkResource).
 */

#include "../filter/lookup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../filter/body/json.h"

#define ID_LEN	64
#define DEPTH	64	/* an inspect has less than ten levels */
#define ANSWER_MEMORY	(256U * 1024 * 1024)

bool
container_id_ok(const char *s, size_t len)
{
	size_t	 i;

	if (len != ID_LEN)
		return (false);
	for (i = 0; i < len; i++)
		if (strchr("0123456789abcdef", s[i]) == NULL || s[i] == '\0')
			return (false);
	return (true);
}

static void
mounts_free(struct mounts *m)
{
	if (m == NULL)
		return;
	named_free(&m->volumes);
	named_free(&m->binds);
	named_free(&m->binds_ro);
	free(m);
}

void
container_clear(struct container *ct)
{
	size_t	 i;

	for (i = 0; i < ct->nlabels; i++)
		free(ct->labels[i]);
	free(ct->labels);
	free(ct->name);
	mounts_free(ct->mounts);
	memset(ct, 0, sizeof(*ct));
}

/* A member that is an id. */
static int
member_id(const struct js *v, const char *key, char id[65])
{
	const struct js	*s = js_get(v, key);

	if (!js_is(s, JS_STRING) || !container_id_ok(s->text, s->len))
		return (-1);
	memcpy(id, s->text, ID_LEN + 1);
	return (0);
}

/*
 * A name with a "=" in it, which the engine takes, is left out: no rule can
 * mean it, and it would read as a label of a shorter name.
 */
static int
labels_parse(struct container *ct, const struct js *labels)
{
	const struct js	*v;

	if (!js_is(labels, JS_OBJECT) || labels->len == 0)
		return (0);
	ct->labels = calloc(labels->len, sizeof(*ct->labels));
	if (ct->labels == NULL)
		return (-1);
	JS_FOREACH(v, labels) {
		if (v->type != JS_STRING || strchr(v->key, '=') != NULL)
			continue;
		if (asprintf(&ct->labels[ct->nlabels], "%s=%s", v->key,
		    v->text) == -1)
			return (-1);
		ct->nlabels++;
	}
	return (0);
}

/* moby api/types, MountPoint: what it says is what a start mounts. */
static int
mount_parse(struct mounts *m, const struct js *v)
{
	const char	*type = js_get_string(v, "Type");
	struct named	*list;

	if (strcmp(type, "bind") == 0) {
		list = js_is(js_get(v, "RW"), JS_FALSE) ? &m->binds_ro :
		    &m->binds;
		return (named_add(list, js_get_string(v, "Source")));
	}
	if (strcmp(type, "volume") == 0 &&
	    strcmp(js_get_string(v, "Driver"), "local") == 0)
		return (named_add(&m->volumes, js_get_string(v, "Name")));
	return (0);
}

static int
mounts_parse(struct container *ct, const struct js *mounts)
{
	const struct js	*v;

	if ((ct->mounts = calloc(1, sizeof(*ct->mounts))) == NULL)
		return (-1);
	if (!js_is(mounts, JS_ARRAY))
		return (0);
	JS_FOREACH(v, mounts)
		if (mount_parse(ct->mounts, v) == -1)
			ct->mounts->more = true;
	return (0);
}

/* The arena is the caller's to free, whatever comes of it. */
static struct js *
answer_parse(struct arena *a, const char *text, size_t len)
{
	struct js_error	 error;

	memset(a, 0, sizeof(*a));
	arena_reset(a, ANSWER_MEMORY);
	return (js_parse(a, text, len, DEPTH, &error));
}

int
container_parse(struct container *ct, const char *text, size_t len,
    bool mounts)
{
	const struct js	*name, *v;
	struct arena	 a;
	int		 r = -1;

	memset(ct, 0, sizeof(*ct));
	v = answer_parse(&a, text, len);
	name = js_get(v, "Name");
	if (js_is(name, JS_STRING) && member_id(v, "Id", ct->id) == 0) {
		ct->name = strdup(name->text + (*name->text == '/'));
		if (ct->name != NULL)
			r = labels_parse(ct, js_get(js_get(v, "Config"),
			    "Labels"));
	}
	if (r == 0 && mounts)
		r = mounts_parse(ct, js_get(v, "Mounts"));
	arena_free(&a);
	if (r == -1)
		container_clear(ct);
	return (r);
}

/* The id of a network of a swarm is none of 64 digits. */
int
network_parse(char **id, char **name, const char *text, size_t len)
{
	const struct js	*v;
	const char	*s;
	struct arena	 a;

	*id = *name = NULL;
	v = answer_parse(&a, text, len);
	s = js_get_string(v, "Id");
	if (endpoint_arg_ok(ARG_NETWORK, s, strlen(s)) &&
	    js_get_string(v, "Name")[0] != '\0') {
		*id = strdup(s);
		*name = strdup(js_get_string(v, "Name"));
	}
	arena_free(&a);
	if (*id != NULL && *name != NULL)
		return (0);
	free(*id);
	free(*name);
	*id = *name = NULL;
	return (-1);
}

int
container_of_exec(char id[65], const char *text, size_t len)
{
	struct arena	 a;
	int		 r;

	r = member_id(answer_parse(&a, text, len), "ContainerID", id);
	arena_free(&a);
	return (r);
}
