/* SPDX-License-Identifier: ISC */

/*
 * The configuration in memory: defaults, listeners from text, and the text
 * that print.c makes of it, compared line by line for the environments that
 * show each of its forms.
 */

#include "../proxyd/proxyd.h"

#include <sys/mman.h>

#include <netinet/in.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../tests/test.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

static char	 err[256];

static struct config *
must_new(void)
{
	struct config	*conf;

	if ((conf = conf_new()) == NULL)
		abort();
	return (conf);
}

static void
test_defaults(void)
{
	struct config	*conf;
	struct listener	*l;

	conf = must_new();
	CHECK_STR(conf->socket, "/var/run/docker.sock");
	CHECK_STR(conf->user, "_proxyd");
	CHECK_STR(conf->chroot, "/var/empty");
	CHECK_INT(conf->loglevel, LOG_LVL_INFO);
	CHECK(TAILQ_EMPTY(&conf->listeners));
	CHECK(TAILQ_EMPTY(&conf->profile->rules));
	CHECK(!conf->profile->fromenv);
	CHECK_INT(conf_listen(conf, "unix:///a", false, err, sizeof(err)), 0);
	l = TAILQ_FIRST(&conf->listeners);
	CHECK_INT(l->profile->limits.clients, 16384);
	CHECK_INT(l->profile->limits.head, 64 * 1024);
	CHECK_INT(l->profile->limits.body, 1024 * 1024);
	CHECK_INT(l->profile->limits.header_secs, 30);
	CHECK_INT(l->profile->limits.idle_secs, 600);
	CHECK_INT(l->profile->limits.body_secs, 300);
	CHECK_INT(l->fd, -1);
	CHECK_INT(l->id, 1);
	CHECK_INT(l->mode, 0660);
	CHECK(l->owner == (uid_t)-1 && l->group == (gid_t)-1);
	CHECK(l->profile == conf->profile);
	conf_free(conf);
	conf_free(NULL);
	profile_free(NULL);
}

static void
test_copies(void)
{
	struct config	*conf;
	struct rule	*r;
	char		 origin[] = "X=1", hint[] = "X=2 would";

	conf = must_new();
	r = conf_rule(conf->profile, ACTION_PASS, origin, hint);
	CHECK(r != NULL);
	if (r == NULL)
		return;
	origin[0] = hint[0] = 'Y';
	CHECK_STR(r->origin, "X=1");
	CHECK_STR(r->hint, "X=2 would");
	CHECK(!r->quick);
	r = conf_rule(conf->profile, ACTION_BLOCK, "Z", NULL);
	CHECK(r != NULL && r->hint == NULL);
	CHECK(TAILQ_LAST(&conf->profile->rules, rules) == r);
	CHECK_INT(conf_warn(conf, "%s %d", "a", 1), 0);
	CHECK_INT(conf_warn(conf, "b"), 0);
	CHECK_INT((int)conf->nwarnings, 2);
	CHECK_STR(conf->warnings[0], "a 1");
	CHECK_STR(conf->warnings[1], "b");
	conf_free(conf);
}

static void
test_listen_tcp(void)
{
	static const struct {
		const char	*text;
		bool		 noipv6;
		int		 family;
		int		 port;
		bool		 v6only;
	} t[] = {
		{ "tcp://127.0.0.1:2375", false, AF_INET, 2375, false },
		{ "tcp://0.0.0.0:1", false, AF_INET, 1, false },
		{ "tcp://:2375", false, AF_INET6, 2375, false },
		{ "tcp://:2375", true, AF_INET, 2375, false },
		{ "tcp://[::1]:65535", false, AF_INET6, 65535, false },
		{ "tcp://[::]:2375", false, AF_INET6, 2375, true },
		{ "tcp://127.0.0.1:2375", true, AF_INET, 2375, false },
		{ "tcp://localhost:2375", false, AF_INET, 2375, false },
	};
	const struct sockaddr_in	*sin;
	struct config			*conf;
	struct listener			*l;
	size_t				 i;

	for (i = 0; i < N(t); i++) {
		test_current = t[i].text;
		conf = must_new();
		CHECK_INT(conf_listen(conf, t[i].text, t[i].noipv6, err,
		    sizeof(err)), 0);
		l = TAILQ_FIRST(&conf->listeners);
		if (l != NULL) {
			/* the port stands at the same place in both */
			sin = (const struct sockaddr_in *)&l->addr;
			CHECK_INT(l->kind, LISTEN_TCP);
			CHECK_INT(l->addr.ss_family, t[i].family);
			CHECK_INT(ntohs(sin->sin_port), t[i].port);
			CHECK_INT(l->v6only, t[i].v6only);
			CHECK_STR(l->text, t[i].text);
			CHECK(l->addrlen > 0 && l->path == NULL);
		}
		conf_free(conf);
	}
}

static void
test_listen_bad(void)
{
	static const struct {
		const char	*text;
		bool		 noipv6;
		const char	*want;
	} t[] = {
		{ "", false, "tcp://host:port" },
		{ "2375", false, "tcp://host:port" },
		{ ":2375", false, "unix:///path" },
		{ "http://h:1", false, "unix:///path" },
		{ "TCP://h:1", false, "unix:///path" },
		{ "tcp://", false, "tcp://[::1]:port" },
		{ "tcp://127.0.0.1", false, "tcp://[::1]:port" },
		{ "tcp://::1:2375", false, "tcp://[::1]:port" },
		{ "tcp://[::1]", false, "tcp://[::1]:port" },
		{ "tcp://[]:1", false, "tcp://[::1]:port" },
		{ "tcp://127.0.0.1:", false, "number from 1 to 65535" },
		{ "tcp://127.0.0.1:0", false, "number from 1 to 65535" },
		{ "tcp://127.0.0.1:65536", false, "number from 1 to 65535" },
		{ "tcp://127.0.0.1:+1", false, "number from 1 to 65535" },
		{ "tcp://127.0.0.1: 1", false, "number from 1 to 65535" },
		{ "tcp://127.0.0.1:80x", false, "number from 1 to 65535" },
		{ "tcp://127.0.0.1:http", false, "number from 1 to 65535" },
		{ "tcp://[::1]:1", true, "IPv6 is disabled" },
		{ "tcp://example.com:1", false, "an address is expected" },
		{ "tcp://127.1:1", false, "an address is expected" },
		{ "unix://x", false, "absolute" },
		{ "unix://", false, "absolute" },
		{ "unix:///", false, "absolute" },
		{ "unix:///0123456789012345678901234567890123456789012345678"
		    "901234567890123456789012345678901234567890123456789012345"
		    "6789", false, "shorter than 108" },
	};
	struct config	*conf;
	size_t		 i;

	for (i = 0; i < N(t); i++) {
		test_current = t[i].text;
		conf = must_new();
		err[0] = '\0';
		CHECK_INT(conf_listen(conf, t[i].text, t[i].noipv6, err,
		    sizeof(err)), -1);
		if (strstr(err, t[i].want) == NULL)
			printf("%s\n", err);
		CHECK(strstr(err, t[i].want) != NULL);
		CHECK(strncmp(err, t[i].text, strlen(t[i].text)) == 0);
		CHECK(TAILQ_EMPTY(&conf->listeners));
		conf_free(conf);
	}
}

static void
test_listen_ids(void)
{
	struct config	*conf;
	struct listener	*l;
	unsigned int	 id = 1;

	conf = must_new();
	CHECK_INT(conf_listen(conf, "unix:///a", false, err, sizeof(err)), 0);
	CHECK_INT(conf_listen(conf, "bad", false, err, sizeof(err)), -1);
	CHECK_INT(conf_listen(conf, "tcp://127.0.0.1:1", false, err,
	    sizeof(err)), 0);
	CHECK_INT(conf_listen(conf, "unix:///b", false, err, sizeof(err)), 0);
	TAILQ_FOREACH(l, &conf->listeners, entry)
		CHECK_INT(l->id, id++);
	CHECK_INT(id, 4);
	CHECK_STR(TAILQ_FIRST(&conf->listeners)->path, "/a");
	conf_free(conf);
}

static char *
printed(const struct config *conf)
{
	static char	 buf[16 * 1024];
	ssize_t		 n;
	int		 fd;

	if ((fd = memfd_create("print", 0)) == -1)
		abort();
	CHECK_INT(conf_print(conf, fd), 0);
	n = pread(fd, buf, sizeof(buf) - 1, 0);
	buf[n > 0 ? n : 0] = '\0';
	close(fd);
	return (buf);
}

static void
check_print(const char *const *vars, const char *want)
{
	struct config	*conf;
	char		*env[16];
	size_t		 n;

	for (n = 0; vars[n] != NULL && n < N(env) - 1; n++)
		if ((env[n] = strdup(vars[n])) == NULL)
			abort();
	env[n] = NULL;
	conf = env_config(env, err, sizeof(err));
	CHECK(conf != NULL);
	if (conf != NULL)
		CHECK_STR(printed(conf), want);
	conf_free(conf);
	while (n > 0)
		free(env[--n]);
}

static void
test_print_default(void)
{
	static const char *const vars[] = { NULL };

	check_print(vars,
	    "set socket \"/var/run/docker.sock\"\n"
	    "set log all\n"
	    "\n"
	    "profile \"environment\" {\n"
	    "\tblock on any\t\t\t\t# built in\n"
	    "\tpass read on ping\t\t\t# PING=1\n"
	    "\tpass read on version\t\t\t# VERSION=1\n"
	    "\tpass read on events\t\t\t# EVENTS=1\n"
	    "\t# blocked: INFO=0 SYSTEM=0 AUTH=0 CONTAINERS=0 EXEC=0"
	    " IMAGES=0\n"
	    "\t# BUILD=0 COMMIT=0 SESSION=0 GRPC=0 DISTRIBUTION=0"
	    " NETWORKS=0\n"
	    "\t# VOLUMES=0 SWARM=0 NODES=0 SERVICES=0 TASKS=0 SECRETS=0"
	    " CONFIGS=0\n"
	    "\t# PLUGINS=0 LIBPOD_*=0\n"
	    "\n"
	    "\tallow image any\t\t\t\t# built in\n"
	    "\tallow volume any\t\t\t# built in\n"
	    "\tallow network any\t\t\t# built in\n"
	    "}\n"
	    "\n"
	    "listen on 127.0.0.1 port 2375 profile \"environment\"\n");
}

static void
test_print_full(void)
{
	static const char *const vars[] = {
		"POST=1", "CONTAINERS=1", "PLUGINS=1", "ALLOW_LOGS=0",
		"ALLOW_EXEC=1", "EVENTS=0", "PING=0", "VERSION=0",
		"WORKSPACE_ROOT=/w \"x\\", "LOG_LEVEL=warning",
		"SOCKET_PATH=/s", "ALLOW_RESTARTS=1", "PROXYD_LISTEN=tcp://:1 "
		"tcp://[::]:2 tcp://[::1]:3 unix:///u", NULL
	};

	check_print(vars,
	    "set socket \"/s\"\n"
	    "set log block\n"
	    "\n"
	    "profile \"environment\" {\n"
	    "\tblock on any\t\t\t\t# built in\n"
	    "\tpass read on containers\t\t\t# CONTAINERS=1\n"
	    "\tpass read on plugins\t\t\t# PLUGINS=1\n"
	    "\tpass write on { containers, plugins }\t# POST=1\n"
	    "\tblock on containers/logs\t\t# ALLOW_LOGS=0\n"
	    "\tblock on { containers/archive, containers/copy }"
	    " # ALLOW_ARCHIVE=0\n"
	    "\tblock on containers/export\t\t# ALLOW_EXPORT=0\n"
	    "\tblock write on { containers/checkpoints, \\\n"
	    "\t    plugins/pull, plugins/create, plugins/enable, \\\n"
	    "\t    plugins/upgrade, plugins/set }\t# ALLOW_PRIVILEGED=0\n"
	    "\tpass write on { containers/stop, \\\n"
	    "\t    containers/restart, containers/kill }"
	    " # ALLOW_RESTARTS=1\n"
	    "\tpass on exec\t\t\t\t# ALLOW_EXEC=1\n"
	    "\t# blocked: PING=0 VERSION=0 EVENTS=0 INFO=0 SYSTEM=0 AUTH=0"
	    " EXEC=0\n"
	    "\t# IMAGES=0 BUILD=0 COMMIT=0 SESSION=0 GRPC=0 DISTRIBUTION=0\n"
	    "\t# NETWORKS=0 VOLUMES=0 SWARM=0 NODES=0 SERVICES=0 TASKS=0"
	    " SECRETS=0\n"
	    "\t# CONFIGS=0 LIBPOD_*=0\n"
	    "\n"
	    "\tallow image any\t\t\t\t# built in\n"
	    "\tallow volume any\t\t\t# built in\n"
	    "\tallow network any\t\t\t# built in\n"
	    "\tallow bind \"/w \\\"x\\\\\"\t\t\t# WORKSPACE_ROOT\n"
	    "}\n"
	    "\n"
	    "listen on any port 1 profile \"environment\"\n"
	    "listen on :: port 2 profile \"environment\"\n"
	    "listen on ::1 port 3 profile \"environment\"\n"
	    "listen on \"/u\" mode 0660 profile \"environment\"\n");
}

/* What no environment makes: other allowances, owners, quick, no comment. */
static void
test_print_rest(void)
{
	static const struct {
		enum allow_kind	 kind;
		const char	*text;
		const char	*want;
	} t[] = {
		{ ALLOW_PRIVILEGED, "", "\tallow privileged\t" },
		{ ALLOW_UNJUDGED, "", "\tallow unjudged\t" },
		{ ALLOW_BIND_RO, "/r", "\tallow bind \"/r\" read-only\t" },
		{ ALLOW_IMAGE, "a/*", "\tallow image \"a/*\"\t" },
		{ ALLOW_CAPABILITY, "NET_RAW",
		    "\tallow capability NET_RAW\t" },
		{ ALLOW_DEVICE, "/dev/kvm", "\tallow device \"/dev/kvm\"\t" },
		{ ALLOW_HOST, "pid", "\tallow host pid\t" },
		{ ALLOW_SECURITY, "a=b", "\tallow security \"a=b\"\t" },
		{ ALLOW_RUNTIME, "runsc", "\tallow runtime \"runsc\"\t" },
	};
	struct config	*conf;
	struct listener	*l;
	struct rule	*r;
	size_t		 i;
	char		*text;

	conf = must_new();
	for (i = 0; i < N(t); i++)
		CHECK(conf_allow(conf->profile, t[i].kind, t[i].text,
		    "f:1") != NULL);
	if ((r = conf_rule(conf->profile, ACTION_BLOCK, "f:2", NULL)) == NULL)
		abort();
	opset_add(&r->ops, (size_t)endpoint_byname("exec/start"));
	r->quick = true;
	CHECK_INT(conf_listen(conf, "unix:///u", false, err, sizeof(err)), 0);
	l = TAILQ_FIRST(&conf->listeners);
	l->owner = 7;
	l->group = 8;
	l->mode = 0600;
	free(conf->user);
	free(conf->chroot);
	conf->user = strdup("u");
	conf->chroot = strdup("/c");
	text = printed(conf);
	for (i = 0; i < N(t); i++)
		CHECK(strstr(text, t[i].want) != NULL);
	CHECK(strstr(text, "\tblock quick on exec/start\t\t# f:2\n") != NULL);
	CHECK(strstr(text, "listen on \"/u\" owner 7 group 8 mode 0600 "
	    "profile \"\"\n") != NULL);
	CHECK(strstr(text, "set user \"u\"\nset chroot \"/c\"\n") != NULL);
	conf_free(conf);
}

static void
test_print_error(void)
{
	struct config	*conf;

	conf = must_new();
	errno = 0;
	CHECK_INT(conf_print(conf, -1), -1);
	CHECK_INT(errno, EBADF);
	conf_free(conf);
}

int
main(void)
{
	RUN(test_defaults);
	RUN(test_copies);
	RUN(test_listen_tcp);
	RUN(test_listen_bad);
	RUN(test_listen_ids);
	RUN(test_print_default);
	RUN(test_print_full);
	RUN(test_print_rest);
	RUN(test_print_error);
	return (test_done());
}
