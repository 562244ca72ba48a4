/* SPDX-License-Identifier: ISC */

/*
 * Refusals of bodies, from two sides.  The statement that one names is put
 * into a file: with what parse.y makes of it the same body passes, or is
 * refused for something else, until it passes.  And in audit one judgement
 * tells all of them, and the request stays as it came.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "test.h"

#include "../filter/trace.h"
#include "body_cases.h"
#include "body_fixture.h"

#define STEPS	8	/* statements that one body may need */

static const struct body_table *const	 tables[] = {
	&body_hostconfig, &body_storage, &body_config, &body_endpoints,
	&body_exec, &body_update, &body_network, &body_network_name,
	&body_connect, &body_volume, &body_swarm_join, &body_grants,
	&body_limits, &body_grants_exec, &body_grants_update,
	&body_grants_volume, &body_grants_network, &body_grants_endpoint,
	&body_held
};

/* What no statement allows, and says so in other words. */
static const char *const	 final[] = {
	"is not known",			/* a name that no file can have */
	"reaches the host beyond",	/* mounts that have no path */
	": require ", "would lift", "changed together",
	"is above the limit"		/* what no file can say */
};

/* The statement at the end of a reason, without what follows. */
static bool
need_of(const char *reason, char *need, size_t size)
{
	static const char *const	 begin[] = { "(allow ", "(limit " };
	const char			*p, *last = NULL;
	size_t				 i;

	for (i = 0; i < 2; i++)
		for (p = reason; (p = strstr(p, begin[i])) != NULL; p++)
			last = p + 1;
	if (last == NULL || (p = strstr(last, " would")) == NULL)
		return (false);
	(void)snprintf(need, size, "%.*s", (int)(p - last), last);
	return (true);
}

static struct config *
load(const char *need)
{
	char		 name[] = "/tmp/proxyd-needs.XXXXXX";
	struct config	*conf;
	FILE		*f;
	int		 fd;

	if ((fd = mkstemp(name)) == -1 || (f = fdopen(fd, "w")) == NULL)
		abort();
	fprintf(f, "profile \"t\" {\n\t%s\n}\n"
	    "listen on 127.0.0.1 port 2375 profile \"t\"\n", need);
	fclose(f);
	conf = parse_config(name, NULL);
	unlink(name);
	return (conf);
}

/* What the statements made. */
static void
remove_added(struct fixture *fx)
{
	struct allow	*a;

	while ((a = TAILQ_FIRST(&fx->profile.allows)) != NULL) {
		TAILQ_REMOVE(&fx->profile.allows, a, entry);
		if (a < fx->allow || a >= fx->allow + fx->n)
			allow_free(a);
	}
}

/* What the statement makes, before what the profile has. */
static void
add(struct profile *to, struct config *conf)
{
	struct profile	*from = conf_profile_find(conf, "t");
	struct allow	*a;

	while ((a = TAILQ_FIRST(&from->allows)) != NULL) {
		TAILQ_REMOVE(&from->allows, a, entry);
		TAILQ_INSERT_HEAD(&to->allows, a, entry);
		to->privileged = to->privileged || a->kind == ALLOW_PRIVILEGED;
		to->unjudged = to->unjudged || a->kind == ALLOW_UNJUDGED;
	}
}

static bool
is_final(const char *reason)
{
	size_t	 i;

	for (i = 0; i < sizeof(final) / sizeof(final[0]); i++)
		if (strstr(reason, final[i]) != NULL)
			return (true);
	return (false);
}

/* 1: a step further, 0: no further, -1: wrong. */
static int
step(const struct body_table *t, const char *in, struct fixture *fx,
    char *last, size_t lastlen, bool first)
{
	struct body_result	 res;
	struct config		*conf;
	char			 need[512];
	int			 ret;

	ret = body_judge(t->schema, &fx->profile, fx->minor, in, strlen(in),
	    &res);
	free(res.json);
	if (ret == 0 || res.status != 403)
		return (0);
	if (!first && strcmp(last, res.reason) == 0)
		return (-1);
	(void)snprintf(last, lastlen, "%s", res.reason);
	if (!need_of(res.reason, need, sizeof(need)))
		return (is_final(res.reason) ? 0 : -1);
	if ((conf = load(need)) == NULL)
		return (-1);
	add(&fx->profile, conf);
	conf_free(conf);
	return (1);
}

static unsigned int	 needs_tried;

static void
need_run(const struct body_table *t, const struct body_case *c)
{
	struct fixture	 fx;
	char		 in[TEXT_MAX], last[1024] = "";
	int		 i, ret = 1;

	fixture_open(&fx, c->allows);
	fx.profile.fromenv = false;
	quoted(in, t->head, c->in, t->tail);
	for (i = 0; i < STEPS && ret == 1; i++) {
		ret = step(t, in, &fx, last, sizeof(last), i == 0);
		if (ret == 1)
			needs_tried++;
	}
	CHECK_INT(ret, 0);
	if (ret != 0)
		printf("\t%s, %s: %s\n\tsaid: %s\n", t->name, c->allows, in,
		    last);
	remove_added(&fx);
	fixture_close(&fx);
}

static void
needs(void)
{
	const struct body_table	*t;
	size_t			 i, n;

	for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		t = tables[i];
		for (n = 0; n < t->ncases; n++)
			if (t->cases[n].status == 403)
				need_run(t, &t->cases[n]);
	}
	CHECK(needs_tried > 200);
}

/* A row of test_audit: what is told, in this order. */
struct audit_case {
	const char	*allows;
	enum schema	 schema;
	const char	*in;
	const char	*out;		/* NULL: the same */
	const char	*told[10];
};

static const struct audit_case	 audits[] = {
{ "conf", SCHEMA_CONTAINER_CREATE,
    "{'Image':'i','HostConfig':{'Binds':['/etc//x:/e','/y:/z:ro'],"
    "'NetworkMode':'host','PortBindings':{'80/tcp':[{'HostPort':'80'}]},"
    "'CapAdd':['cap_sys_admin'],'GroupAdd':['9'],'Privileged':true,"
    "'Sysctls':{'vm.x':'1'},'NewThing':{'a':1}}}",
    "{'Image':'i','HostConfig':{'Binds':['/etc/x:/e','/y:/z:ro'],"
    "'NetworkMode':'host','PortBindings':{'80/tcp':[{'HostPort':'80'}]},"
    "'CapAdd':['SYS_ADMIN'],'GroupAdd':['9'],'Privileged':true,"
    "'Sysctls':{'vm.x':'1'},'NewThing':{'a':1}}}",
    { "(allow image \"i\" would)",
    "(allow field \"HostConfig.NewThing\" would)",
    "(allow bind \"/etc/x\" would)", "(allow bind \"/y\" read-only would)",
    "(allow host \"network\" would)", "(allow publish \"80\" would)",
    "(allow capability \"SYS_ADMIN\" would)",
    "(allow field \"HostConfig.GroupAdd\" would)",
    "(allow privileged would)", "(allow sysctl \"vm.x\" would)" } },
{ "conf image=* require=read-only limit=memory:100:50 limit=pids:9 label=a=b",
    SCHEMA_CONTAINER_CREATE, "{'HostConfig':{'Memory':200}}",
    "{'Labels':{'a':'b'},'HostConfig':{'Memory':200}}",
    { "ReadonlyRootfs must be true", "(limit memory 200 would)" } },
{ "conf require=non-root require=drop-capabilities", SCHEMA_EXEC_CREATE,
    "{'User':'0','Privileged':true}", NULL,
    { "(allow privileged would)", "User must be", "Privileged must be" } },
{ "conf api=44 require=read-only limit=memory:100:50 limit=shm:9 label=a=b",
    SCHEMA_SERVICE, "{'TaskTemplate':{'ContainerSpec':{},'Resources':{"
    "'Limits':{'MemoryBytes':200}}}}", "{'Labels':{'a':'b'},'TaskTemplate':{"
    "'ContainerSpec':{'Labels':{'a':'b'}},'Resources':{'Limits':{"
    "'MemoryBytes':200}}}}",
    { "ReadOnly must be true", "(limit memory 200 would)",
    "limit shm at p.conf:7" } },
{ "conf limit=pids:9 limit=cpus:500", SCHEMA_CONTAINER_UPDATE,
    "{'CpuQuota':-1,'PidsLimit':-1}", NULL,
    { "PidsLimit -1 would lift", "CpuQuota -1 would lift" } },
{ "conf", SCHEMA_PLUGIN_SET, "['x']", NULL, { "allow unjudged" } },
{ "conf", SCHEMA_CONTAINER_CREATE, "{'HostConfig':{'Mounts':[{'Type':'image',"
    "'Source':'i','Target':'/t'},{'Type':'tmpfs','Target':'/proc'}],"
    "'LogConfig':{'Type':'gelf','Config':{'a':'b','c':'d'}}}}",
    "{'HostConfig':{'LogConfig':{'Type':'gelf','Config':{'a':'b','c':'d'}},"
    "'Mounts':[{'Type':'image','Source':'i','Target':'/t'},"
    "{'Type':'tmpfs','Target':'/proc'}]}}",
    { "(allow log-driver \"gelf\" would)", "(allow log-driver \"gelf\" would)",
    "(allow log-driver \"gelf\" would)", "(allow privileged would)",
    "(allow privileged would)" } },
{ "conf", SCHEMA_VOLUME_CREATE, "{'Name':'v','Driver':'local','DriverOpts':"
    "{'type':'nfs','o':'addr=x','device':':/x'}}", NULL,
    { "(allow volume \"v\" would)", "(allow privileged would)" } },
};

struct told {
	char		 why[10][256];
	size_t		 n;
};

static void
audit_told(void *arg, const char *why)
{
	struct told	*told = arg;

	CHECK(strncmp(why, "Forbidden - ", 12) == 0);
	if (told->n < 10)
		(void)snprintf(told->why[told->n], sizeof(told->why[0]), "%s",
		    why);
	told->n++;
}

static int
audit_judge(const char *allows, enum schema schema, const char *in,
    struct told *told, struct body_result *res)
{
	struct fixture	 fx;
	int		 ret;

	memset(told, 0, sizeof(*told));
	fixture_open(&fx, allows);
	trace_audit(audit_told, told);
	ret = body_judge(schema, &fx.profile, fx.minor, in, strlen(in), res);
	trace_audit(NULL, NULL);
	fixture_close(&fx);
	return (ret);
}

static void
audited(void)
{
	const struct audit_case	*c;
	struct body_result	 res;
	struct told		 told;
	char			 in[TEXT_MAX], out[TEXT_MAX];
	size_t			 i, n;

	for (i = 0; i < sizeof(audits) / sizeof(audits[0]); i++) {
		c = &audits[i];
		quoted(in, "", c->in, "");
		quoted(out, "", c->out == NULL ? c->in : c->out, "");
		CHECK_INT(audit_judge(c->allows, c->schema, in, &told, &res),
		    0);
		CHECK_INT(res.status, 0);
		CHECK(res.json != NULL);
		if (res.json != NULL)
			CHECK_STR(res.json, out);
		free(res.json);
		for (n = 0; n < 10 && c->told[n] != NULL; n++)
			if (strstr(told.why[n], c->told[n]) == NULL) {
				printf("\t%s: \"%s\" is not in \"%s\"\n", in,
				    c->told[n], told.why[n]);
				CHECK(false);
			}
		CHECK_INT(told.n, n);
	}
}

/* Malformed is malformed, and the end of an audit is its end. */
static void
audit_bounds(void)
{
	static const char *const	 bad[] = {
		"{\"Cmd\":\"x\"}", "{\"HostConfig\":{\"CapAdd\":[\"\"]}}",
		"{\"Privileged\":true}", "{\"HostConfig\":{\"binds\":[]}}",
		"{\"X\":{\"a\":1,\"A\":1}}", "{\"X\":1,\"x\":1}", "[]",
		"{\"HostConfig\":{\"Sysctls\":{\"vm.x\":\"a\\nb\"}}}",
		"{\"HostConfig\":{\"LogConfig\":{\"Type\":\"a b\"}}}"
	};
	struct body_result		 res;
	struct told			 told;
	struct fixture			 fx;
	size_t				 i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CHECK_INT(audit_judge("conf", SCHEMA_CONTAINER_CREATE, bad[i],
		    &told, &res), -1);
		CHECK_INT(res.status, 400);
		CHECK(res.json == NULL);
	}
	fixture_open(&fx, "conf");
	CHECK_INT(body_judge(SCHEMA_CONTAINER_CREATE, &fx.profile, 0,
	    "{\"Image\":\"i\"}", 13, &res), -1);
	CHECK_INT(res.status, 403);
	CHECK(!trace_audited());
	fixture_close(&fx);
}

int
main(void)
{
	body_init();
	RUN(needs);
	RUN(audited);
	RUN(audit_bounds);
	return (test_done());
}
