/* SPDX-License-Identifier: ISC */

/*
 * Request bodies: the tables of body_*.c against body_judge(), and what no
 * table shows: versions, names of fields, memory that runs out.  Each body
 * that passes is judged once more and has to come out the same.
 */

#include <sys/queue.h>

#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>
#include <jansson.h>

#include "test.h"

#include "../filter/body/body.h"
#include "../filter/body/schema.h"
#include "body_cases.h"
#include "body_fixture.h"

/* What was forwarded passes again, unchanged. */
static void
check_again(enum schema schema, const struct fixture *fx,
    const struct body_result *res)
{
	struct body_result	 again;

	if (res->json == NULL)
		return;
	CHECK_INT(res->len, strlen(res->json));
	CHECK_INT(body_judge(schema, &fx->profile, fx->minor, res->json,
	    res->len, &again), 0);
	CHECK_STR(again.json, res->json);
	free(again.json);
}

static void
case_passes(const struct body_table *t, const struct body_case *c,
    const struct fixture *fx, const char *in, struct body_result *res)
{
	char	 want[TEXT_MAX];

	quoted(want, t->head, c->want == NULL ? c->in : c->want, t->tail);
	if (want[0] == '\0')
		CHECK(res->json == NULL && res->len == 0);
	else
		CHECK_STR(res->json, want);
	check_again(t->schema, fx, res);
}

static void
case_run(const struct body_table *t, const struct body_case *c)
{
	struct body_result	 res;
	struct fixture		 fx;
	unsigned int		 before = test_bad;
	char			 in[TEXT_MAX];
	int			 ret;

	fixture_open(&fx, c->allows);
	quoted(in, t->head, c->in, t->tail);
	ret = body_judge(t->schema, &fx.profile, fx.minor, in, strlen(in),
	    &res);
	CHECK_INT(ret, c->status == 0 ? 0 : -1);
	CHECK_INT(res.status, c->status);
	if (ret == 0)
		case_passes(t, c, &fx, in, &res);
	else {
		CHECK(res.json == NULL && res.len == 0);
		CHECK(strstr(res.reason, c->want) != NULL);
		CHECK((strncmp(res.reason, "Forbidden - ", 12) == 0) ==
		    (res.status == 403));
	}
	if (test_bad != before)
		printf("\t%s, %s: %s\n\tsaid: %s\n", t->name, c->allows, in,
		    res.reason);
	free(res.json);
	fixture_close(&fx);
}

static void
run_table(const struct body_table *t)
{
	unsigned int	 before;
	size_t		 i;

	test_current = t->name;
	for (i = 0; i < t->ncases; i++) {
		before = test_bad;
		case_run(t, &t->cases[i]);
		if (test_bad == before)
			test_passed++;
		else
			test_failed++;
	}
}

/* What a body means without what proxyd leaves out on purpose. */
static void
strip(json_t *v)
{
	static const char *const	 gone[] = {
		"ContainerIDFile", "DNSNames", "name", "Container", "hijack",
		"stdin", "DiskQuota", "LxcConf", "PortSpecs"
	};
	const char			*key;
	json_t				*value;
	void				*tmp;
	size_t				 i;

	if (json_is_object(v) && json_object_get(v, "Force") == NULL &&
	    json_object_get(v, "EndpointConfig") == NULL)
		for (i = 0; i < sizeof(gone) / sizeof(gone[0]); i++)
			(void)json_object_del(v, gone[i]);
	json_object_foreach_safe(v, tmp, key, value) {
		if (json_is_null(value))
			(void)json_object_del(v, key);
		else
			strip(value);
	}
	json_array_foreach(v, i, value)
		strip(value);
}

static void
clients(void)
{
	struct body_result	 res;
	struct fixture		 fx;
	json_t			*have, *want;
	size_t			 i;
	char			 in[TEXT_MAX];

	fixture_open(&fx, "env bind=/workspace");
	for (i = 0; i < body_nclients; i++) {
		quoted(in, "", body_clients[i].in, "");
		if (body_judge(body_clients[i].schema, &fx.profile, 0, in,
		    strlen(in), &res) != 0)
			printf("%s: %s\n", body_clients[i].name, res.reason);
		CHECK(res.json != NULL);
		if (res.json == NULL)
			continue;
		have = json_loads(res.json, 0, NULL);
		want = json_loads(in, 0, NULL);
		strip(want);
		(void)json_object_del(want, "VolumesFrom");
		CHECK(json_equal(have, want));
		json_decref(have);
		json_decref(want);
		check_again(body_clients[i].schema, &fx, &res);
		free(res.json);
	}
	fixture_close(&fx);
}

static int
judge(const char *allows, unsigned int minor, enum schema schema,
    const char *text, struct body_result *res)
{
	struct fixture	 fx;
	char		 in[TEXT_MAX];
	int		 ret;

	fixture_open(&fx, allows);
	quoted(in, "", text, "");
	ret = body_judge(schema, &fx.profile, minor, in, strlen(in), res);
	fixture_close(&fx);
	return (ret);
}

/* Fields newer than the request's API: nothing of them, or a refusal. */
static void
versions(void)
{
	static const char	 on[] = "{'HostConfig':{'Mounts':[{'Type':"
	    "'tmpfs','Target':'/t','BindOptions':{'CreateMountpoint':true}}]}}";
	static const char	 off[] = "{'NetworkingConfig':"
	    "{'EndpointsConfig':{'n':{'GwPriority':0}}}}";
	struct body_result	 res;

	CHECK_INT(judge("env", 41, SCHEMA_CONTAINER_CREATE, on, &res), -1);
	CHECK_INT(res.status, 400);
	CHECK_STR(res.field,
	    "HostConfig.Mounts[0].BindOptions.CreateMountpoint");
	CHECK_STR(res.reason, "HostConfig.Mounts[0].BindOptions."
	    "CreateMountpoint is part of the API since 1.42, not of 1.41");
	CHECK_INT(judge("env", 42, SCHEMA_CONTAINER_CREATE, on, &res), 0);
	free(res.json);
	CHECK_INT(judge("env", 41, SCHEMA_CONTAINER_CREATE, off, &res), 0);
	CHECK_STR(res.json,
	    "{\"NetworkingConfig\":{\"EndpointsConfig\":{\"n\":{}}}}");
	free(res.json);
}

/* The ranges of other objects than a container's. */
static void
ranges(void)
{
	static const struct {
		enum schema	 schema;
		const char	*in;
		unsigned int	 since;
	} t[] = {
		{ SCHEMA_SERVICE, "{'RollbackConfig':{'Parallelism':1}}", 28 },
		{ SCHEMA_SERVICE, "{'Mode':{'GlobalJob':{'x':1}}}", 41 },
		{ SCHEMA_SERVICE, "{'TaskTemplate':{'ContainerSpec':"
		    "{'CapabilityAdd':['NET_RAW']}}}", 41 },
		{ SCHEMA_SERVICE, "{'TaskTemplate':{'ContainerSpec':"
		    "{'OomScoreAdj':1}}}", 46 },
		{ SCHEMA_SERVICE, "{'TaskTemplate':{'ContainerSpec':"
		    "{'Privileges':{'NoNewPrivileges':true}}}}", 44 },
		{ SCHEMA_SECRET, "{'Templating':{'Name':'golang'}}", 37 },
		{ SCHEMA_SWARM_INIT, "{'DataPathPort':1}", 40 },
		{ SCHEMA_SWARM_UPDATE, "{'CAConfig':{'ForceRotate':1}}", 30 },
		{ SCHEMA_VOLUME_UPDATE, "{'Spec':{'Group':'g'}}", 42 },
	};
	struct body_result	 res;
	char			 want[64];
	size_t			 i;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		CHECK_INT(judge("env priv unjudged", t[i].since - 1,
		    t[i].schema, t[i].in, &res), -1);
		(void)snprintf(want, sizeof(want), "since 1.%u, not of 1.%u",
		    t[i].since, t[i].since - 1);
		CHECK(strstr(res.reason, want) != NULL);
		/* what is in a job is the next thing to be refused */
		(void)judge("env priv unjudged", t[i].since, t[i].schema,
		    t[i].in, &res);
		CHECK(strstr(res.reason, "is part of the API") == NULL);
		free(res.json);
	}
}

static void
fields(void)
{
	struct body_result	 res;

	CHECK_INT(judge("env", 0, SCHEMA_CONTAINER_CREATE,
	    "{'HostConfig':{'Binds':['v:/a','/etc:/b']}}", &res), -1);
	CHECK_STR(res.field, "HostConfig.Binds[1]");
	CHECK_INT(judge("env", 0, SCHEMA_CONTAINER_CREATE, "{'Cmd':'x'}",
	    &res), -1);
	CHECK_STR(res.field, "Cmd");
	CHECK_STR(res.reason, "Cmd must be an array of strings");
	CHECK_INT(judge("env", 0, SCHEMA_CONTAINER_CREATE, "[]", &res), -1);
	CHECK_STR(res.field, "");
}

/* Values of the environment are nobody's business. */
static void
secrets(void)
{
	struct body_result	 res;

	CHECK_INT(judge("env", 0, SCHEMA_CONTAINER_CREATE,
	    "{'Env':['A=hunter2',{'B':'hunter2'}],'Labels':{}}", &res), -1);
	CHECK(strstr(res.reason, "hunter2") == NULL);
	CHECK_STR(res.field, "Env[1]");
	CHECK_INT(judge("env", 0, SCHEMA_CONTAINER_CREATE,
	    "{'Env':['A=hunter2'],'Env':[]}", &res), -1);
	CHECK(strstr(res.reason, "hunter2") == NULL);
	CHECK_INT(judge("env", 0, SCHEMA_CONTAINER_CREATE,
	    "{'Env':['A=hunter2' hunter2", &res), -1);
	CHECK(strstr(res.reason, "hunter2") == NULL);
	CHECK_INT(judge("env", 0, SCHEMA_CONTAINER_CREATE,
	    "{'HostConfig':{'SecurityOpt':['seccomp={hunter2}']}}", &res), -1);
	CHECK(strstr(res.reason, "hunter2") == NULL);
}

/* A key of any length and any bytes leaves the reason whole UTF-8. */
static void
long_names(void)
{
	struct body_result	 res;
	json_t			*v;
	size_t			 i, pad;
	char			 text[4096];

	for (pad = 0; pad < 4; pad++) {
		(void)strlcpy(text, "{'HostConfig':{'xxxx", sizeof(text));
		text[strlen(text) - pad] = '\0';
		for (i = 0; i < 500; i++)
			(void)strlcat(text, "\xe2\x82\xac", sizeof(text));
		(void)strlcat(text, "':1}}", sizeof(text));
		CHECK_INT(judge("env", 0, SCHEMA_CONTAINER_CREATE, text,
		    &res), -1);
		CHECK_INT(res.status, 403);
		v = json_string(res.reason);
		CHECK(v != NULL);
		json_decref(v);
		v = json_string(res.field);
		CHECK(v != NULL);
		json_decref(v);
	}
}

/* A body that names every path of memory: the walk, a map, a bind. */
static const char	 much[] = "{'Image':'i','Labels':{'a':'b','c':null},"
    "'ExposedPorts':{'80':{}},'HostConfig':{'Binds':['/workspace//x:/x'],"
    "'CapDrop':['cap_chown'],'PortBindings':{'80':null,'81':[{'HostIp':"
    "'0::1'}]},'Sysctls':{'net/a':'1'},'Mounts':[{'Type':'bind','Source':"
    "'/workspace//','Target':'/t'},{'Type':'volume','Target':'/v',"
    "'VolumeOptions':{'DriverConfig':{'Options':{'type':'none','o':'bind',"
    "'device':'/workspace//'}}}},{'Type':'tmpfs','Target':'/u',"
    "'TmpfsOptions':{'Options':[['ro']]}}]},"
    "'NetworkingConfig':{'EndpointsConfig':{'n':null}}}";

/*
 * At whichever byte of the arena memory ends: a refusal that says so, of a
 * body that passes otherwise.
 */
static void
no_memory(void)
{
	struct body_result	 res;
	struct fixture		 fx;
	size_t			 max, told = 0;
	char			 in[TEXT_MAX];
	int			 ret = -1;

	fixture_open(&fx, "env bind=/workspace");
	quoted(in, "", much, "");
	for (max = 0; ret == -1 && max < BODY_MEMORY; max += 4) {
		body_memory(max);
		ret = body_judge(SCHEMA_CONTAINER_CREATE, &fx.profile, 0, in,
		    strlen(in), &res);
		if (ret == 0)
			break;
		CHECK_INT(res.status, 503);
		CHECK_STR(res.reason, "out of memory");
		CHECK(res.json == NULL && res.len == 0);
		told++;
	}
	body_memory(BODY_MEMORY);
	CHECK_INT(ret, 0);
	CHECK(told > 500);
	CHECK(res.json != NULL && strstr(res.json, "/workspace/x:/x") != NULL);
	free(res.json);
	fixture_close(&fx);
}

/* Nor does malloc(3) have to give what the arena asks for. */
static bool	 malloc_counts;
static size_t	 malloc_left;

void	*__real_malloc(size_t);
void	*__wrap_malloc(size_t);

void *
__wrap_malloc(size_t size)
{
	if (malloc_counts && malloc_left-- == 0)
		return (NULL);
	return (__real_malloc(size));
}

static void
no_malloc(void)
{
	struct body_result	 res;
	struct fixture		 fx;
	size_t			 n;
	char			 in[TEXT_MAX];
	int			 ret = -1;

	fixture_open(&fx, "env bind=/workspace");
	quoted(in, "", much, "");
	for (n = 0; ret == -1 && n < 10000; n++) {
		malloc_counts = true;
		malloc_left = n;
		ret = body_judge(SCHEMA_CONTAINER_CREATE, &fx.profile, 0, in,
		    strlen(in), &res);
		malloc_counts = false;
		if (ret == -1)
			CHECK_INT(res.status, 503);
	}
	CHECK_INT(ret, 0);
	/* At least the text that comes out is asked for. */
	CHECK(n > 1);
	free(res.json);
	fixture_close(&fx);
}

static void
globs(void)
{
	CHECK(glob_match("*", "abc"));
	CHECK(glob_match("a*c", "abc"));
	CHECK(glob_match("a*b*c", "axbxbc"));
	CHECK(glob_match("*/x", "a/x"));
	CHECK(glob_match("", ""));
	CHECK(!glob_match("*", "a/b"));
	CHECK(!glob_match("a*c", "ab/c"));
	CHECK(!glob_match("a", "ab"));
	CHECK(!glob_match("ab", "a"));
	CHECK(!glob_match("*/x", "a/b/x"));
}

static void
cleaning(void)
{
	char	 out[64];

	CHECK_INT(path_clean("/a/../../b/./c//", out, sizeof(out)), 0);
	CHECK_STR(out, "/b/c");
	CHECK_INT(path_clean("/..", out, sizeof(out)), 0);
	CHECK_STR(out, "/");
	CHECK_INT(path_clean("/a/..b/...", out, sizeof(out)), 0);
	CHECK_STR(out, "/a/..b/...");
	CHECK_INT(path_clean("/abcdef", out, 7), -1);
	CHECK_INT(path_clean("/abcdef", out, 8), 0);
	CHECK_STR(out, "/abcdef");
}

static const struct body_table *const	 tables[] = {
	&body_hostconfig, &body_storage, &body_config, &body_parse,
	&body_endpoints, &body_exec, &body_exec_start, &body_update,
	&body_commit, &body_network, &body_network_name, &body_connect,
	&body_disconnect, &body_volume, &body_nothing, &body_grants,
	&body_limits, &body_grants_exec, &body_grants_update,
	&body_grants_volume, &body_grants_network, &body_grants_endpoint,
	&body_auth,
	&body_checkpoint, &body_copy, &body_volume_update, &body_secret,
	&body_config_spec, &body_swarm_init, &body_swarm_join,
	&body_swarm_update, &body_swarm_unlock, &body_node,
	&body_plugin_pull, &body_plugin_set, &body_service, &body_task,
	&body_spec, &body_service_docker, &body_held
};

int
main(void)
{
	size_t	 i;

	body_init();
	for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		run_table(tables[i]);
	RUN(clients);
	RUN(versions);
	RUN(ranges);
	RUN(fields);
	RUN(secrets);
	RUN(long_names);
	RUN(no_memory);
	RUN(no_malloc);
	RUN(globs);
	RUN(cleaning);
	return (test_done());
}
