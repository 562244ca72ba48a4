/* SPDX-License-Identifier: ISC */

/*
 * What the engine says of a container or of an exec, as far as rules ask:
 * id, name and labels (moby api/types, ContainerJSON and
 * ContainerExecInspect).
 */

#include "../filter/lookup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#define ID_LEN	64

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

void
container_clear(struct container *ct)
{
	size_t	 i;

	for (i = 0; i < ct->nlabels; i++)
		free(ct->labels[i]);
	free(ct->labels);
	free(ct->name);
	memset(ct, 0, sizeof(*ct));
}

/* A member that is an id. */
static int
member_id(const json_t *v, const char *key, char id[65])
{
	const json_t	*s = json_object_get(v, key);

	if (!json_is_string(s) || !container_id_ok(json_string_value(s),
	    json_string_length(s)))
		return (-1);
	memcpy(id, json_string_value(s), ID_LEN + 1);
	return (0);
}

static int
labels_parse(struct container *ct, json_t *labels)
{
	const char	*key;
	json_t		*v;

	if (!json_is_object(labels) || json_object_size(labels) == 0)
		return (0);
	ct->labels = calloc(json_object_size(labels), sizeof(*ct->labels));
	if (ct->labels == NULL)
		return (-1);
	json_object_foreach(labels, key, v) {
		if (!json_is_string(v))
			continue;
		if (asprintf(&ct->labels[ct->nlabels], "%s=%s", key,
		    json_string_value(v)) == -1)
			return (-1);
		ct->nlabels++;
	}
	return (0);
}

int
container_parse(struct container *ct, const char *text, size_t len)
{
	const char	*name;
	json_t		*v;
	int		 r = -1;

	memset(ct, 0, sizeof(*ct));
	if ((v = json_loadb(text, len, 0, NULL)) == NULL)
		return (-1);
	name = json_string_value(json_object_get(v, "Name"));
	if (name != NULL && member_id(v, "Id", ct->id) == 0) {
		ct->name = strdup(name + (*name == '/'));
		if (ct->name != NULL)
			r = labels_parse(ct, json_object_get(
			    json_object_get(v, "Config"), "Labels"));
	}
	json_decref(v);
	if (r == -1)
		container_clear(ct);
	return (r);
}

int
container_of_exec(char id[65], const char *text, size_t len)
{
	json_t	*v;
	int	 r;

	if ((v = json_loadb(text, len, 0, NULL)) == NULL)
		return (-1);
	r = member_id(v, "ContainerID", id);
	json_decref(v);
	return (r);
}
