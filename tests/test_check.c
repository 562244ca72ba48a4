/* SPDX-License-Identifier: ISC */

/*
 * What "proxyd -n" says: each warning once for what deserves it, with the
 * line that it comes from, and nothing where nothing is wrong.
 */

#include "../proxyd/proxyd.h"

#include <arpa/inet.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../tests/test.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

static char	 err[256];
static char	 said[512];	/* the last error */

static void
listen_to(int priority, const char *line, size_t len)
{
	(void)snprintf(said, sizeof(said), "%s", line);
}

static struct config *
must_new(void)
{
	struct config	*conf;

	if ((conf = conf_new()) == NULL)
		abort();
	return (conf);
}

static struct rule *
rule_on(struct profile *p, enum action action, const char *origin,
    const char *ops)
{
	const struct endpoint	*ep;
	struct rule		*r;
	char			 list[256], *rest = list, *word;
	size_t			 op;

	if ((r = conf_rule(p, action, origin, NULL)) == NULL)
		abort();
	(void)snprintf(list, sizeof(list), "%s", ops);
	while ((word = strsep(&rest, " ")) != NULL)
		for (op = 0; (ep = endpoint_get(op)) != NULL; op++)
			if (endpoint_named(ep, word))
				opset_add(&r->ops, op);
	return (r);
}

static struct rule *
pass(struct config *conf, const char *origin, const char *ops)
{
	return (rule_on(conf->profile, ACTION_PASS, origin, ops));
}

static struct rule *
block(struct config *conf, const char *origin, const char *ops)
{
	return (rule_on(conf->profile, ACTION_BLOCK, origin, ops));
}

static void
allow(struct config *conf, enum allow_kind kind, const char *text,
    const char *origin)
{
	if (conf_allow(conf->profile, kind, text, origin) == NULL)
		abort();
}

static struct cond *
cond(struct rule *r, enum cond_kind kind, unsigned int group,
    const char *text)
{
	struct cond	*c;

	if ((c = cond_add(&r->conds, kind, group, NULL, text)) == NULL)
		abort();
	return (c);
}

static void
listens(struct config *conf, const char *text)
{
	if (conf_listen(conf, text, false, err, sizeof(err)) == -1)
		abort();
}

/*
 * Check, compare what was said with the list, ended by NULL: each begins and
 * ends as the line of the list around its "...".  Frees the configuration.
 */
static void
expect_errors(struct config *conf, int errors, const char *const *want)
{
	const char	*dots, *have;
	size_t		 i, n;

	if (conf_compile(conf) == -1)
		abort();
	CHECK_INT(conf_check(conf), errors);
	for (i = 0; want[i] != NULL && i < conf->nwarnings; i++) {
		have = conf->warnings[i];
		if ((dots = strstr(want[i], "...")) == NULL) {
			CHECK_STR(have, want[i]);
			continue;
		}
		n = strlen(dots + 3);
		if (strncmp(have, want[i], (size_t)(dots - want[i])) != 0 ||
		    strlen(have) < n ||
		    strcmp(have + strlen(have) - n, dots + 3) != 0)
			CHECK_STR(have, want[i]);
	}
	for (n = i; n < conf->nwarnings; n++)
		CHECK_STR(conf->warnings[n], "no further warning");
	CHECK(want[i] == NULL);
	conf_free(conf);
}

#define EXPECT(conf, ...)						\
	expect_errors((conf), 0, (const char *const []){ __VA_ARGS__ })

static void
test_quiet(void)
{
	struct config	*conf;
	struct rule	*r;

	EXPECT(must_new(), NULL);

	conf = must_new();
	pass(conf, "f:1", "ping version events containers/list");
	r = pass(conf, "f:2", "containers/restart containers/logs");
	cond(r, COND_TARGET, 0, "web-*");
	block(conf, "f:3", "events");
	pass(conf, "f:4", "containers/create images/create");
	allow(conf, ALLOW_IMAGE, "a/*", "f:5");
	allow(conf, ALLOW_VOLUME, "*", "f:6");
	allow(conf, ALLOW_NETWORK, "n", "f:7");
	allow(conf, ALLOW_BIND_RO, "/etc/localtime", "f:8");
	allow(conf, ALLOW_BIND_RO, "/srv", "f:8");
	allow(conf, ALLOW_CAPABILITY, "NET_BIND_SERVICE", "f:9");
	allow(conf, ALLOW_CAPABILITY, "SYS_PTRACE", "f:9");
	allow(conf, ALLOW_DEVICE, "/dev/kvm", "f:10");
	allow(conf, ALLOW_SECURITY, "no-new-privileges:true", "f:11");
	allow(conf, ALLOW_LOGDRIVER, "journald", "f:12");
	allow(conf, ALLOW_FIELD, "HostConfig.StorageOpt", "f:13");
	allow(conf, ALLOW_SYSCTL, "net.*", "f:14");
	allow(conf, REQUIRE, "non-root", "f:15");
	allow(conf, ADD_LABEL, "a=b", "f:16");
	listens(conf, "unix:///s");
	listens(conf, "tcp://127.0.0.1:1");
	EXPECT(conf, NULL);
}

static void
test_shadow(void)
{
	struct config	*conf;

	conf = must_new();
	block(conf, "f:1", "exec/inspect containers/logs containers/top");
	pass(conf, "f:2", "exec/inspect");
	pass(conf, "f:3", "containers/logs containers/top");
	pass(conf, "f:4", "containers/logs containers/top");
	pass(conf, "f:5", "containers/logs");
	EXPECT(conf,
	    "f:1: this rule never decides: f:4, f:5, f:2 decide all that it "
	    "names",
	    "f:3: this rule never decides: f:4, f:5 decide all that it names",
	    NULL);

	/* what is left of it is enough */
	conf = must_new();
	block(conf, "f:1", "containers/logs containers/top");
	pass(conf, "f:2", "containers/logs");
	EXPECT(conf, NULL);
}

static void
test_shadow_quick(void)
{
	struct config	*conf;
	struct rule	*r;

	conf = must_new();
	block(conf, "f:1", "any")->quick = true;
	pass(conf, "f:2", "version");
	EXPECT(conf,
	    "f:2: this rule never decides: f:1 decides all that it names",
	    NULL);

	/* a condition, or a method, leaves something for others */
	conf = must_new();
	pass(conf, "f:1", "version");
	r = block(conf, "f:2", "any");
	cond(r, COND_PATH, 0, "/v*");
	block(conf, "f:3", "any")->methods = 1U << METHOD_POST;
	EXPECT(conf, NULL);
}

static void
test_empty(void)
{
	struct config	*conf;

	conf = must_new();
	if (conf_rule(conf->profile, ACTION_PASS, "f:1", NULL) == NULL)
		abort();
	pass(conf, "f:2", "debug");
	pass(conf, "f:3", "swarm/init");
	pass(conf, "f:4", "plugins/pull plugins/set");
	pass(conf, "f:5", "swarm/init ping");
	block(conf, "f:6", "debug");
	EXPECT(conf,
	    "f:1: this rule names no operation",
	    "f:2: this rule passes nothing: no profile passes debug/vars, "
	    "debug/pprof, debug/pprof/cmdline, debug/pprof/profile, ...",
	    "f:3: this rule passes nothing: without \"allow unjudged\" "
	    "swarm/init stays blocked",
	    "f:4: this rule passes nothing: without \"allow unjudged\" "
	    "plugins/pull, plugins/set stay blocked",
	    NULL);
}

static void
test_conditions(void)
{
	struct config	*conf;
	struct rule	*r;

	conf = must_new();
	r = pass(conf, "f:1", "containers/restart containers/list");
	cond(r, COND_TARGET, 0, "w");
	r = pass(conf, "f:2", "version");
	cond(r, COND_UID, 0, NULL);
	cond(r, COND_ASKER, 0, "x");
	r = pass(conf, "f:3", "version");
	cond(r, COND_UID, 0, NULL)->negated = true;
	r = pass(conf, "f:4", "version");
	cond(r, COND_ADDR, 0, NULL);
	cond(r, COND_GID, 0, NULL);
	listens(conf, "tcp://127.0.0.1:1");
	EXPECT(conf,
	    "f:1: containers/list is about no container, so the condition "
	    "on it says nothing there",
	    "f:2: this rule never matches: clients of a TCP port have no "
	    "uid, gid or container that could be known",
	    NULL);

	conf = must_new();
	r = pass(conf, "f:1", "version");
	cond(r, COND_PATH, 0, "*");
	cond(r, COND_ADDR, 1, NULL);
	listens(conf, "unix:///s");
	EXPECT(conf, "f:1: this rule never matches: clients of a unix socket "
	    "have no address", NULL);

	conf = must_new();
	r = pass(conf, "f:1", "version");
	cond(r, COND_ADDR, 1, NULL);
	listens(conf, "unix:///s");
	listens(conf, "tcp://127.0.0.1:1");
	EXPECT(conf, NULL);
}

static void
test_unused(void)
{
	struct config	*conf;
	struct profile	*p;

	conf = must_new();
	if ((p = conf_profile(conf, "b")) == NULL ||
	    (p->origin = strdup("f:7")) == NULL)
		abort();
	listens(conf, "unix:///s");
	EXPECT(conf, "f:7: no listener has profile \"b\"", NULL);

	conf = must_new();
	conf->profile->audit = true;
	if ((conf->profile->origin = strdup("f:1")) == NULL)
		abort();
	listens(conf, "unix:///s");
	EXPECT(conf, "f:1: mode audit: nothing is refused...", NULL);
}

static void
test_exposed(void)
{
	static const struct {
		const char	*listen;
		bool		 open;
	} t[] = {
		{ "tcp://0.0.0.0:1", true },
		{ "tcp://:1", true },
		{ "tcp://[::]:1", true },
		{ "tcp://10.0.0.1:1", true },
		{ "tcp://127.1.2.3:1", false },
		{ "tcp://[::1]:1", false },
		{ "tcp://[::ffff:127.0.0.1]:1", false },
		{ "tcp://[::ffff:10.0.0.1]:1", true },
		{ "unix:///s", false },
	};
	struct config	*conf;
	struct listener	*l;
	size_t		 i;

	for (i = 0; i < N(t); i++) {
		test_current = t[i].listen;
		conf = must_new();
		pass(conf, "f:1", "containers/restart");
		listens(conf, t[i].listen);
		l = TAILQ_FIRST(&conf->listeners);
		if ((l->origin = strdup("f:2")) == NULL)
			abort();
		EXPECT(conf, t[i].open ? "f:2: whoever reaches this port may "
		    "write, with containers/restart for one (f:1): \"from\" "
		    "would say who may" : NULL, NULL);
	}
}

static void
test_exposed_not(void)
{
	struct config	*conf;
	struct rule	*r;

	/* by the listener */
	conf = must_new();
	pass(conf, "f:1", "containers/restart");
	listens(conf, "tcp://:1");
	if (cond_add(&TAILQ_FIRST(&conf->listeners)->from, COND_ADDR, 0, NULL,
	    NULL) == NULL)
		abort();
	EXPECT(conf, NULL);

	/* by the rule, or by one that blocks others */
	conf = must_new();
	cond(pass(conf, "f:1", "containers/restart"), COND_ADDR, 0, NULL);
	pass(conf, "f:2", "containers/stop");
	r = block(conf, "f:3", "containers/stop");
	cond(r, COND_ADDR, 0, NULL)->negated = true;
	pass(conf, "f:4", "version");
	listens(conf, "tcp://:1");
	EXPECT(conf, NULL);

	/* no origin in an environment */
	conf = must_new();
	pass(conf, "POST=1", "containers/restart");
	listens(conf, "tcp://:1");
	EXPECT(conf, "tcp://:1: whoever reaches...keeps others out", NULL);
}

static void
test_image(void)
{
	static const char *const	 nothing[] = { NULL };
	struct config			*conf;

	conf = must_new();
	pass(conf, "f:1", "containers/create");
	said[0] = '\0';
	expect_errors(conf, 1, nothing);
	CHECK_STR(said, "f:1: profile \"\" passes containers/create and has "
	    "no \"allow image\" to say which images may run");

	conf = must_new();
	pass(conf, "f:1", "containers/create");
	block(conf, "f:2", "containers/create");
	expect_errors(conf, 0, (const char *const []){
	    "f:1: this rule never...", NULL });

	conf = must_new();
	pass(conf, "f:1", "containers/create");
	allow(conf, ALLOW_IMAGE, "*", "f:2");
	EXPECT(conf, NULL);

	/* what is privileged may run any image */
	conf = must_new();
	pass(conf, "f:1", "containers/create");
	allow(conf, ALLOW_PRIVILEGED, "", "f:2");
	EXPECT(conf, "f:2: allow privileged: ...", NULL);
}

static void
test_binds(void)
{
	static const struct {
		const char	*path;
		const char	*rw;
		const char	*ro;
	} t[] = {
		{ "/", "every file of the host, /etc/shadow included",
		    "/etc/shadow and all keys included" },
		{ "/etc", "/etc/shadow", "keys" },
		{ "/etc/cron.d", "trusts", NULL },
		{ "/etcetera", "symbolic link", NULL },
		{ "/var/run/docker.sock", "own socket", "own socket" },
		{ "/run/docker.sock", "own socket", "own socket" },
		{ "/run", "systemd", "systemd" },
		{ "/run/user/1000/agent", "symbolic link", NULL },
		{ "/proc", "core_pattern", NULL },
		{ "/sys/fs/cgroup", "release_agent", NULL },
		{ "/dev", "device nodes", NULL },
		{ "/boot", "next start", NULL },
		{ "/root", "authorized_keys", "keys of root" },
		{ "/home", "authorized_keys", "every user" },
		{ "/home/a", "authorized_keys", NULL },
		{ "/home/a/src", "symbolic link", NULL },
		{ "/var/lib/docker", "how the engine", "secrets" },
		{ "/var/lib/docker/volumes", "how the engine", NULL },
		{ "/var/lib", "root on the host", "secrets" },
		{ "/var", "root on the host", "secrets" },
		{ "/usr/local", "programs", NULL },
		{ "/srv", "symbolic link", NULL },
		{ "/opt/s.sock", "own socket", "own socket" },
	};
	const char	*want;
	struct config	*conf;
	size_t		 i;
	int		 ro;

	for (i = 0; i < N(t); i++)
		for (ro = 0; ro < 2; ro++) {
			test_current = t[i].path;
			conf = must_new();
			free(conf->socket);
			conf->socket = strdup("/opt/s.sock");
			pass(conf, "f:1", "containers/create");
			allow(conf, ALLOW_IMAGE, "*", "f:2");
			allow(conf, ro ? ALLOW_BIND_RO : ALLOW_BIND,
			    t[i].path, "f:3");
			CHECK_INT(conf_compile(conf), 0);
			CHECK_INT(conf_check(conf), 0);
			want = ro ? t[i].ro : t[i].rw;
			CHECK_INT((int)conf->nwarnings, want != NULL);
			if (want != NULL && conf->nwarnings > 0 &&
			    (strstr(conf->warnings[0], want) == NULL ||
			    strncmp(conf->warnings[0], "f:3: allow bind",
			    strlen("f:3: allow bind")) != 0))
				CHECK_STR(conf->warnings[0], want);
			conf_free(conf);
		}
}

static void
test_binds_links(void)
{
	struct config	*conf;

	conf = must_new();
	pass(conf, "f:1", "containers/create");
	allow(conf, ALLOW_IMAGE, "*", "f:2");
	allow(conf, ALLOW_BIND_RO, "/a", "f:3");
	allow(conf, ALLOW_BIND, "/b", "f:4");
	allow(conf, ALLOW_BIND, "/c", "f:5");
	EXPECT(conf, "f:4: allow bind \"/b\" (and 1 more): ...", NULL);

	/* "set bind-check" leaves a moment only */
	conf = must_new();
	conf->bind_check = true;
	pass(conf, "f:1", "containers/create");
	allow(conf, ALLOW_IMAGE, "*", "f:2");
	allow(conf, ALLOW_BIND, "/b", "f:4");
	EXPECT(conf, "f:4: allow bind \"/b\": a container that writes there "
	    "can leave a symbolic link, and with \"set bind-check\" it is "
	    "refused, but ...", NULL);

	/* to who has all, links give nothing */
	conf = must_new();
	pass(conf, "f:1", "containers/create");
	allow(conf, ALLOW_IMAGE, "*", "f:2");
	allow(conf, ALLOW_BIND, "/b", "f:4");
	allow(conf, ALLOW_BIND, "/", "f:5");
	EXPECT(conf, "f:5: allow bind \"/\": ...", NULL);

	/* and to who may not create containers, neither does anything */
	conf = must_new();
	pass(conf, "f:1", "images/create");
	allow(conf, ALLOW_BIND, "/", "f:5");
	allow(conf, ALLOW_CAPABILITY, "ALL", "f:5");
	allow(conf, ALLOW_PRIVILEGED, "", "f:5");
	allow(conf, ALLOW_FIELD, "HostConfig.Binds", "f:5");
	EXPECT(conf, NULL);
}

static void
test_allows(void)
{
	static const struct {
		enum allow_kind	 kind;
		const char	*text;
		const char	*want;
	} t[] = {
		{ ALLOW_PRIVILEGED, "", "allow privileged: ...root there" },
		{ ALLOW_UNJUDGED, "",
		    "allow unjudged: ...swarm, checkpoints)" },
		{ ALLOW_CAPABILITY, "ALL", "allow capability ALL: ..." },
		{ ALLOW_CAPABILITY, "SYS_ADMIN", "allow capability ..." },
		{ ALLOW_CAPABILITY, "SYS_MODULE", "allow capability ..." },
		{ ALLOW_CAPABILITY, "DAC_READ_SEARCH", "allow capability ..." },
		{ ALLOW_CAPABILITY, "CHOWN", NULL },
		{ ALLOW_DEVICE, "/dev/sda1", "allow device /dev/sda1: ..." },
		{ ALLOW_DEVICE, "/dev/mem", "allow device /dev/mem: ..." },
		{ ALLOW_DEVICE, "/dev/mapper/a-b", "allow device ..." },
		{ ALLOW_DEVICE, "/dev/dri/card0", NULL },
		{ ALLOW_HOST, "pid", "allow host pid: sees..." },
		{ ALLOW_HOST, "network", "allow host network: reaches..." },
		{ ALLOW_HOST, "uts", NULL },
		{ ALLOW_SECURITY, "seccomp=unconfined", "allow security ..." },
		{ ALLOW_SECURITY, "apparmor:unconfined", "allow security ..." },
		{ ALLOW_SECURITY, "label=disable", "allow security ..." },
		{ ALLOW_SECURITY, "no-new-privileges=false",
		    "allow security ..." },
		{ ALLOW_RUNTIME, "runsc", "allow runtime runsc: ..." },
		{ ALLOW_LOGDRIVER, "syslog", "allow log-driver syslog: ..." },
		{ ALLOW_LOGDRIVER, "local", NULL },
		{ ALLOW_FIELD, "HostConfig.GroupAdd", "allow field ..." },
		{ ALLOW_FIELD, "HostConfig.VolumesFrom", "allow field ..." },
		{ ALLOW_FIELD, "HostConfig.Cgroup", "allow field ..." },
		{ ALLOW_FIELD, "HostConfig.DeviceCgroupRules",
		    "allow field ..." },
		{ ALLOW_FIELD, "HostConfig.MaskedPaths", "allow field ..." },
		{ ALLOW_FIELD, "HostConfig.ReadonlyPaths[]",
		    "allow field ..." },
		{ ALLOW_FIELD, "HostConfig.Mounts[].VolumeOptions."
		    "DriverConfig", "allow field ..." },
		{ ALLOW_FIELD, "HostConfig.*", "allow field ..." },
		{ ALLOW_FIELD, "Privileged", "allow field ..." },
		{ ALLOW_FIELD, "HostConfig.Mounts[].VolumeOptions.NoCopy",
		    NULL },
		{ ALLOW_PUBLISH, "*", NULL },
		{ ALLOW_ULIMIT, "nofile", NULL },
	};
	struct config	*conf;
	char		 want[128];
	size_t		 i;

	for (i = 0; i < N(t); i++) {
		test_current = t[i].text;
		conf = must_new();
		pass(conf, "f:1", "containers/create");
		allow(conf, ALLOW_IMAGE, "*", "f:2");
		allow(conf, t[i].kind, t[i].text, "f:3");
		if (t[i].want != NULL)
			(void)snprintf(want, sizeof(want), "f:3: %s",
			    t[i].want);
		EXPECT(conf, t[i].want != NULL ? want : NULL, NULL);
	}
}

static void
test_allows_together(void)
{
	struct config	*conf;

	conf = must_new();
	pass(conf, "f:1", "containers/create");
	allow(conf, ALLOW_IMAGE, "*", "f:2");
	allow(conf, ALLOW_HOST, "pid", "f:3");
	allow(conf, ALLOW_HOST, "network", "f:4");
	allow(conf, ALLOW_CAPABILITY, "SYS_PTRACE", "f:5");
	allow(conf, ALLOW_CAPABILITY, "NET_ADMIN", "f:6");
	EXPECT(conf, "f:3: allow host pid: ...", "f:4: allow host network...",
	    "f:5: allow capability SYS_PTRACE: with \"allow host pid\" ...",
	    "f:6: allow capability NET_ADMIN: with \"allow host network\" ...",
	    NULL);

	/* archives concern who may unpack them */
	conf = must_new();
	allow(conf, ALLOW_ARCHIVE, "*", "f:1");
	EXPECT(conf, NULL);
	conf = must_new();
	pass(conf, "f:1", "containers/archive/put");
	allow(conf, ALLOW_ARCHIVE, "*", "f:2");
	allow(conf, ALLOW_ARCHIVE, "device", "f:3");
	allow(conf, ALLOW_ARCHIVE, "link", "f:4");
	allow(conf, ALLOW_ARCHIVE, "setuid", "f:5");
	allow(conf, ALLOW_ARCHIVE, "name", "f:6");
	EXPECT(conf, "f:2: allow archive any: archives are unpacked unread...",
	    "f:3: allow archive device: a disk...",
	    "f:4: allow archive link: a link...",
	    "f:5: allow archive setuid: a program...",
	    "f:1: containers/archive/put: a way into...", NULL);

	/* a volume or an exec is enough for a field */
	conf = must_new();
	pass(conf, "f:1", "volumes/create");
	allow(conf, ALLOW_FIELD, "DriverOpts", "f:2");
	EXPECT(conf, "f:2: allow field DriverOpts: ...", NULL);
}

static void
test_reach(void)
{
	struct config	*conf;
	struct rule	*r;

	conf = must_new();
	pass(conf, "f:1", "exec containers/attach");
	pass(conf, "f:2", "containers/archive containers/export");
	pass(conf, "f:3", "session grpc swarm/inspect");
	EXPECT(conf,
	    "f:1: exec/create, containers/attach, containers/attach/ws: a "
	    "way into...",
	    "f:2: containers/archive/put: a way into...",
	    "f:2: containers/archive/get, containers/export: every file...",
	    "f:3: session, grpc: a tunnel...",
	    "f:3: swarm/inspect: the keys...", NULL);

	conf = must_new();
	r = pass(conf, "f:1", "exec containers/attach containers/export");
	cond(r, COND_TARGET_LABEL, 0, "v");
	EXPECT(conf, NULL);

	conf = must_new();
	pass(conf, "f:1", "plugins services swarm/init containers/checkpoints");
	allow(conf, ALLOW_UNJUDGED, "", "f:2");
	EXPECT(conf, "f:2: allow unjudged...",
	    "f:1: containers/checkpoints/create, "
	    "containers/checkpoints/remove: any directory...",
	    "f:1: plugins/create, plugins/pull, plugins/upgrade, plugins/set, "
	    "plugins/enable: a plugin...",
	    "f:1: services/create, services/update: any service...",
	    "f:1: swarm/init: the host goes...", NULL);
}

static void
test_reach_images(void)
{
	struct config	*conf;

	conf = must_new();
	pass(conf, "f:1", "containers/create images/load");
	allow(conf, ALLOW_IMAGE, "a", "f:2");
	EXPECT(conf, "f:1: images/load: gives any content...(f:2), so "
	    "\"allow image\" proves nothing", NULL);

	conf = must_new();
	pass(conf, "f:1", "containers/create images/load");
	allow(conf, ALLOW_IMAGE, "*", "f:2");
	EXPECT(conf, NULL);

	conf = must_new();
	pass(conf, "f:1", "build/create");
	allow(conf, ALLOW_HOST, "network", "f:2");
	EXPECT(conf, "f:1: build/create: with \"allow host network\" (f:2)...",
	    NULL);
}

/* A preset in two profiles is one thing to say. */
static void
test_once(void)
{
	struct config	*conf;
	struct profile	*p;

	conf = must_new();
	if ((p = conf_profile(conf, "b")) == NULL)
		abort();
	pass(conf, "preset x:1", "exec");
	rule_on(p, ACTION_PASS, "preset x:1", "exec");
	EXPECT(conf, "preset x:1: exec/create: ...", NULL);
}

/* What the environment says of its switches is not said again. */
static void
test_env(void)
{
	static const struct {
		const char	*vars[8];
		const char	*want[4];
	} t[] = {
		{ { NULL }, { NULL } },
		{ { "CONTAINERS=1", NULL }, { NULL } },
		{ { "CONTAINERS=1", "POST=1", "ALLOW_PRIVILEGED=1", NULL },
		    { "ALLOW_PRIVILEGED=1: ...",
		    "POST=1: containers/attach, containers/attach/ws: ...",
		    NULL } },
		{ { "ALLOW_CREATE=1", "DOCKER_MOUNT_VALIDATION=off", NULL },
		    { "DOCKER_MOUNT_VALIDATION=off: ...", NULL } },
		{ { "ALLOW_CREATE=1", "WORKSPACE_ROOT=/w", NULL },
		    { "WORKSPACE_ROOT: allow bind \"/w\": ...", NULL } },
		{ { "POST=1", "GRPC=1", NULL }, { "GRPC=1: ...", NULL } },
		{ { "ALLOW_EXEC=1", NULL }, { "ALLOW_EXEC=1: exec/create: ...",
		    NULL } },
	};
	struct config	*conf;
	char		*vars[8];
	size_t		 i, n;

	for (i = 0; i < N(t); i++) {
		test_current = t[i].vars[0];
		for (n = 0; t[i].vars[n] != NULL; n++)
			if ((vars[n] = strdup(t[i].vars[n])) == NULL)
				abort();
		vars[n] = NULL;
		conf = env_config(vars, err, sizeof(err));
		CHECK(conf != NULL);
		if (conf != NULL)
			expect_errors(conf, 0, t[i].want);
		while (n > 0)
			free(vars[--n]);
	}
}

int
main(void)
{
	log_init("test_check", 1, listen_to);
	RUN(test_quiet);
	RUN(test_shadow);
	RUN(test_shadow_quick);
	RUN(test_empty);
	RUN(test_conditions);
	RUN(test_unused);
	RUN(test_exposed);
	RUN(test_exposed_not);
	RUN(test_image);
	RUN(test_binds);
	RUN(test_binds_links);
	RUN(test_allows);
	RUN(test_allows_together);
	RUN(test_reach);
	RUN(test_reach_images);
	RUN(test_once);
	RUN(test_env);
	return (test_done());
}
