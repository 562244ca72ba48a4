/* SPDX-License-Identifier: ISC */

/*
 * Any bytes as a request body.  The first byte chooses the schema, the second
 * the profile and the API version.  What passes has to pass again and come
 * out the same, and holds nothing that the profile does not grant.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "../../filter/body/body.h"

int	 LLVMFuzzerInitialize(int *, char ***);
int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define MUST(cond) do {							\
	if (!(cond))							\
		abort();						\
} while (0)

#define PROFILES	4

static struct profile	 profiles[PROFILES];

static void
grant(struct profile *p, enum allow_kind kind, const char *text)
{
	struct allow	*a;

	MUST((a = calloc(1, sizeof(*a))) != NULL);
	a->kind = kind;
	MUST((a->text = strdup(text)) != NULL);
	TAILQ_INSERT_TAIL(&p->allows, a, entry);
}

/* Nothing; the environment's defaults; a path; everything but paths. */
int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct profile	*p;
	size_t		 i;

	body_init();
	for (i = 0; i < PROFILES; i++) {
		p = &profiles[i];
		TAILQ_INIT(&p->rules);
		TAILQ_INIT(&p->allows);
		if (i == 0)
			continue;
		p->fromenv = true;
		grant(p, ALLOW_IMAGE, "*");
		grant(p, ALLOW_VOLUME, "*");
		grant(p, ALLOW_NETWORK, "*");
		if (i > 1)
			grant(p, ALLOW_BIND, "/workspace");
		if (i > 2)
			grant(p, ALLOW_BIND_RO, "/etc/ssl");
	}
	profiles[3].privileged = profiles[3].unjudged = true;
	return (0);
}

/* A path of the host that passed is clean and below what is granted. */
static void
check_path(const struct profile *p, const char *text)
{
	char	 path[4096];
	size_t	 n = strcspn(text, ":");

	MUST(n < sizeof(path));
	memcpy(path, text, n);
	path[n] = '\0';
	MUST(strstr(path, "/../") == NULL && strstr(path, "//") == NULL);
	MUST(p != &profiles[0] && p != &profiles[1]);
	if (strncmp(path, "/workspace", 10) == 0)
		MUST(path[10] == '/' || path[10] == '\0');
	else
		MUST(p == &profiles[3] && strncmp(path, "/etc/ssl", 8) == 0);
}

static void
check_mounts(const struct profile *p, const json_t *hc)
{
	const char	*s;
	json_t		*v;
	size_t		 i;

	json_array_foreach(json_object_get(hc, "Binds"), i, v) {
		s = json_string_value(v);
		if (s[0] == '/' && strchr(s, ':') != NULL)
			check_path(p, s);
	}
	json_array_foreach(json_object_get(hc, "Mounts"), i, v) {
		s = json_string_value(json_object_get(v, "Type"));
		MUST(s != NULL);
		if (strcmp(s, "bind") == 0)
			check_path(p, json_string_value(
			    json_object_get(v, "Source")));
	}
}

static void
check_modes(const json_t *hc)
{
	static const char *const	 modes[] = {
		"PidMode", "NetworkMode", "IpcMode", "UTSMode", "UsernsMode",
		"CgroupnsMode"
	};
	static const char *const	 none[] = {
		"CapAdd", "Devices", "VolumesFrom", "Links", "GroupAdd",
		"DeviceCgroupRules", "DeviceRequests"
	};
	const char			*s;
	size_t				 i;

	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		s = json_string_value(json_object_get(hc, modes[i]));
		MUST(s == NULL || (strcmp(s, "host") != 0 &&
		    strncmp(s, "container:", 10) != 0));
	}
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		MUST(json_array_size(json_object_get(hc, none[i])) == 0);
	MUST(json_object_get(hc, "ReadonlyPaths") == NULL);
	MUST(json_object_get(hc, "MaskedPaths") == NULL);
}

/*
 * The key of a boolean cannot stand in the output by chance: the values of
 * maps are strings, and quotation marks in those are escaped.
 */
static void
check_granted(const struct profile *p, const char *json)
{
	json_t	*root, *hc;

	MUST(p->privileged || strstr(json, "\"Privileged\":true") == NULL);
	MUST((root = json_loads(json, JSON_REJECT_DUPLICATES, NULL)) != NULL);
	hc = json_object_get(root, "HostConfig");
	check_mounts(p, hc);
	if (!p->privileged)
		check_modes(hc);
	json_decref(root);
}

static void
check_refused(const struct body_result *res, int ret)
{
	MUST(ret == -1 && res->json == NULL && res->len == 0);
	MUST(res->status == 400 || res->status == 403);
	MUST(res->reason[0] != '\0');
	MUST(memchr(res->reason, '\0', sizeof(res->reason)) != NULL);
	MUST(memchr(res->field, '\0', sizeof(res->field)) != NULL);
	MUST((res->status == 403) == (strstr(res->reason, "Forbidden") ==
	    res->reason));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct body_result	 res, again;
	const struct profile	*p;
	enum schema		 schema;
	unsigned int		 minor;
	int			 ret;

	if (size < 2)
		return (0);
	schema = (enum schema)(data[0] % SCHEMA_MAX);
	p = &profiles[data[1] % PROFILES];
	minor = data[1] < 64 ? 0 : data[1] / PROFILES;
	ret = body_judge(schema, p, minor, (const char *)data + 2, size - 2,
	    &res);
	if (ret != 0) {
		check_refused(&res, ret);
		return (0);
	}
	if (res.json == NULL)
		return (0);
	MUST(strlen(res.json) == res.len);
	if (schema != SCHEMA_ANY && schema != SCHEMA_UNJUDGED)
		check_granted(p, res.json);
	MUST(body_judge(schema, p, minor, res.json, res.len, &again) == 0);
	MUST(strcmp(res.json, again.json) == 0);
	free(again.json);
	free(res.json);
	return (0);
}
