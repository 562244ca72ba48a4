/* SPDX-License-Identifier: ISC */

/*
 * Any bytes as a request body.  The first byte chooses the schema and, by its
 * highest bit, audit; the second the profile and the API version.  What passes
 * has to pass again and come out the same, and holds nothing that the profile
 * does not grant, and all that it demands; in audit nothing is a 403.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <jansson.h>

#include "../../filter/body/body.h"
#include "../../filter/trace.h"

int	 LLVMFuzzerInitialize(int *, char ***);
int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define MUST(cond) do {							\
	if (!(cond))							\
		abort();						\
} while (0)

#define PROFILES	5
#define DEMANDING	4	/* the one of a file with limits */

static struct profile	 profiles[PROFILES];

static struct allow *
grant(struct profile *p, enum allow_kind kind, const char *text)
{
	static char	 origin[] = "p.conf:1";
	struct allow	*a;

	MUST((a = calloc(1, sizeof(*a))) != NULL);
	a->kind = kind;
	MUST((a->text = strdup(text)) != NULL);
	a->origin = origin;
	TAILQ_INSERT_TAIL(&p->allows, a, entry);
	return (a);
}

static void
limit(struct profile *p, const char *text, uint64_t num)
{
	struct allow	*a = grant(p, LIMIT, text);

	a->num = num;
	a->dflt = num / 2;
}

static void
demand(struct profile *p)
{
	grant(p, ALLOW_IMAGE, "*");
	grant(p, ALLOW_FIELD, "HostConfig.NewThing");
	grant(p, ALLOW_FIELD, "HostConfig.GroupAdd");
	grant(p, ALLOW_PUBLISH, "8000-8100");
	grant(p, REQUIRE, "non-root");
	grant(p, ADD_LABEL, "owner=ci");
	limit(p, "memory", 100);
	limit(p, "swap", 200);
	limit(p, "pids", 10);
	limit(p, "cpus", 1000);
	limit(p, "shm", 64);
	limit(p, "ulimit-nofile", 32);
}

/*
 * Nothing; the environment's defaults; a path; everything but paths; what a
 * file can demand.
 */
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
		if (i == DEMANDING)
			demand(p);
		if (i == 0 || i == DEMANDING)
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
	MUST(p == &profiles[2] || p == &profiles[3]);
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
check_number(const json_t *hc, const char *key, json_int_t most)
{
	const json_t	*v = json_object_get(hc, key);

	MUST(json_is_integer(v) && json_integer_value(v) > 0 &&
	    json_integer_value(v) <= most);
}

/* What a container cannot be without. */
static void
check_demanded(const json_t *root)
{
	const json_t	*hc = json_object_get(root, "HostConfig"), *v;
	const char	*s = json_string_value(json_object_get(root, "User"));
	size_t		 i;
	bool		 nofile = false;

	MUST(s != NULL && s[0] != '\0' && strcmp(s, "0") != 0 &&
	    strcmp(s, "root") != 0 && s[0] != ':');
	s = json_string_value(json_object_get(json_object_get(root, "Labels"),
	    "owner"));
	MUST(s != NULL && strcmp(s, "ci") == 0);
	check_number(hc, "Memory", 100);
	check_number(hc, "MemorySwap", 200);
	check_number(hc, "PidsLimit", 10);
	check_number(hc, "ShmSize", 64);
	v = json_object_get(hc, "CpuQuota");
	MUST(v == NULL || json_integer_value(v) >= 0);
	if (v == NULL || json_integer_value(v) == 0)
		check_number(hc, "NanoCpus", 1000000000);
	json_array_foreach(json_object_get(hc, "Ulimits"), i, v) {
		s = json_string_value(json_object_get(v, "Name"));
		if (s == NULL || strcasecmp(s, "nofile") != 0)
			continue;
		nofile = true;
		MUST(json_integer_value(json_object_get(v, "Hard")) <= 32);
		MUST(json_integer_value(json_object_get(v, "Soft")) <= 32);
	}
	MUST(nofile);
}

static void
check_modes(const struct profile *p, const json_t *hc)
{
	static const char *const	 modes[] = {
		"PidMode", "NetworkMode", "IpcMode", "UTSMode", "UsernsMode",
		"CgroupnsMode"
	};
	static const char *const	 none[] = {
		"GroupAdd", "CapAdd", "Devices", "VolumesFrom", "Links",
		"DeviceCgroupRules", "DeviceRequests"
	};
	const char			*s;
	size_t				 i;

	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		s = json_string_value(json_object_get(hc, modes[i]));
		MUST(s == NULL || (strcmp(s, "host") != 0 &&
		    strncmp(s, "container:", 10) != 0));
	}
	for (i = p == &profiles[DEMANDING]; i < sizeof(none) /
	    sizeof(none[0]); i++)
		MUST(json_array_size(json_object_get(hc, none[i])) == 0);
	MUST(json_object_get(hc, "ReadonlyPaths") == NULL);
	MUST(json_object_get(hc, "MaskedPaths") == NULL);
}

/* A service: its mounts, and nothing that a node would make one of. */
static void
check_service(const struct profile *p, const json_t *root)
{
	const json_t	*task = json_object_get(root, "TaskTemplate");
	const json_t	*spec = json_object_get(task, "ContainerSpec");
	const json_t	*mounts = json_object_get(spec, "Mounts");
	char		*text;

	MUST(json_object_get(task, "PluginSpec") == NULL);
	MUST(json_object_get(task, "NetworkAttachmentSpec") == NULL);
	check_mounts(p, spec);
	if (mounts != NULL) {
		MUST((text = json_dumps(mounts, 0)) != NULL);
		MUST(strstr(text, "{{") == NULL);
		free(text);
	}
	if (p->privileged)
		return;
	MUST(json_array_size(json_object_get(spec, "Secrets")) == 0);
	MUST(json_array_size(json_object_get(spec, "Configs")) == 0);
	MUST(json_array_size(json_object_get(spec, "CapabilityAdd")) == 0);
	MUST(json_array_size(json_object_get(spec, "Groups")) == 0);
}

/*
 * The key of a boolean cannot stand in the output by chance: the values of
 * maps are strings, and quotation marks in those are escaped.
 */
static void
check_granted(const struct profile *p, enum schema schema, const char *json)
{
	json_t	*root, *hc;

	MUST(p->privileged || strstr(json, "\"Privileged\":true") == NULL);
	MUST((root = json_loads(json, JSON_REJECT_DUPLICATES, NULL)) != NULL);
	hc = json_object_get(root, "HostConfig");
	check_mounts(p, hc);
	if (!p->privileged)
		check_modes(p, hc);
	if (p == &profiles[DEMANDING] && schema == SCHEMA_CONTAINER_CREATE)
		check_demanded(root);
	if (schema == SCHEMA_SERVICE)
		check_service(p, root);
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

static void
told(void *arg, const char *why)
{
	MUST(arg == NULL && strncmp(why, "Forbidden - ", 12) == 0);
}

/* In audit it is 400 or 503 that refuses. */
static void
check_audited(enum schema schema, const struct profile *p, unsigned int minor,
    const char *in, size_t len)
{
	struct body_result	 res, again;

	trace_audit(told, NULL);
	if (body_judge(schema, p, minor, in, len, &res) == -1)
		MUST(res.status == 400);
	else if (res.json != NULL) {
		MUST(body_judge(schema, p, minor, res.json, res.len, &again) ==
		    0);
		MUST(strcmp(res.json, again.json) == 0);
		free(again.json);
		free(res.json);
	}
	trace_audit(NULL, NULL);
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
	schema = (enum schema)((data[0] & 0x7f) % SCHEMA_UNJUDGED);
	p = &profiles[data[1] % PROFILES];
	minor = data[1] < 64 ? 0 : data[1] / PROFILES;
	if ((data[0] & 0x80) != 0) {
		check_audited(schema, p, minor, (const char *)data + 2,
		    size - 2);
		return (0);
	}
	ret = body_judge(schema, p, minor, (const char *)data + 2, size - 2,
	    &res);
	if (ret != 0) {
		check_refused(&res, ret);
		return (0);
	}
	if (res.json == NULL)
		return (0);
	MUST(strlen(res.json) == res.len);
	/* those are arrays of what a client agreed to */
	if (schema != SCHEMA_PLUGIN_PULL && schema != SCHEMA_PLUGIN_SET)
		check_granted(p, schema, res.json);
	MUST(body_judge(schema, p, minor, res.json, res.len, &again) == 0);
	MUST(strcmp(res.json, again.json) == 0);
	free(again.json);
	free(res.json);
	return (0);
}
