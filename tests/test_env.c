/* SPDX-License-Identifier: ISC */

/*
 * The environment as configuration: how a switch is spelt, what each promises,
 * the settings, the mounts, the warnings.  What every switch passes is
 * compared with a text in test_env_golden.c.
 */

#include "../proxyd/proxyd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

#include "../tests/test.h"
#include "../tests/env_conf.h"

static int
passes_name(const char *vars, const char *name)
{
	struct config	*conf;
	int		 r;

	conf = conf_must(vars);
	r = passes(conf, (size_t)endpoint_byname(name));
	conf_free(conf);
	return (r);
}

static void
test_bool(void)
{
	static const struct {
		const char	*value;
		int		 want;	/* -1: refused */
	} t[] = {
		{ "1", 1 }, { "true", 1 }, { "yes", 1 }, { "on", 1 },
		{ "TRUE", 1 }, { "Yes", 1 }, { "oN", 1 },
		{ "0", 0 }, { "false", 0 }, { "no", 0 }, { "off", 0 },
		{ "", 0 }, { "FALSE", 0 }, { "No", 0 }, { "OFF", 0 },
		{ "2", -1 }, { "01", -1 }, { "-1", -1 }, { "1abc", -1 },
		{ "y", -1 }, { "enabled", -1 }, { "\"1\"", -1 },
		{ "truee", -1 }, { "1\t", -1 },
	};
	struct config	*conf;
	char		 vars[64];
	size_t		 i;

	for (i = 0; i < N(t); i++) {
		snprintf(vars, sizeof(vars), "INFO=%s", t[i].value);
		conf = conf_of(vars);
		test_current = t[i].value;
		CHECK_INT(conf == NULL, t[i].want == -1);
		if (conf != NULL)
			CHECK_INT(passes(conf, (size_t)
			    endpoint_byname("info")), t[i].want);
		else
			CHECK(strncmp(err, vars, strlen(vars)) == 0 &&
			    strstr(err, "true") != NULL);
		conf_free(conf);
	}
}

/* A bad value of any switch ends the start and names it. */
static void
test_bool_everywhere(void)
{
	static const char *const more[] = {
		"DISABLE_IPV6", "DOCKER_MOUNT_VALIDATION"
	};
	const char	*name;
	char		 vars[64];
	size_t		 i, all = N(sections) + N(others);

	for (i = 0; i < all + N(more); i++) {
		name = i < N(sections) ? sections[i] : i < all ?
		    others[i - N(sections)] : more[i - all];
		snprintf(vars, sizeof(vars), "%s=maybe", name);
		test_current = name;
		CHECK(conf_of(vars) == NULL);
		CHECK(strncmp(err, name, strlen(name)) == 0);
	}
}

/* The promises of the documentation, apart from the golden file. */
static void
test_promises(void)
{
	static const struct {
		const char	*vars;
		const char	*name;
		int		 want;
	} t[] = {
		{ "", "ping", 1 },
		{ "", "ping/head", 1 },
		{ "", "version", 1 },
		{ "", "events", 1 },
		{ "", "info", 0 },
		{ "PING=0", "ping/head", 0 },
		{ "CONTAINERS=1", "containers/list", 1 },
		{ "CONTAINERS=1", "containers/wait", 1 },
		{ "CONTAINERS=1", "containers/attach/ws", 0 },
		{ "CONTAINERS=1", "containers/logs", 1 },
		{ "CONTAINERS=1", "containers/export", 0 },
		{ "CONTAINERS=1", "containers/archive/get", 0 },
		{ "CONTAINERS=1", "containers/archive/head", 0 },
		{ "CONTAINERS=1", "containers/copy", 0 },
		{ "CONTAINERS=1 ALLOW_ARCHIVE=1", "containers/archive/get", 1 },
		{ "CONTAINERS=1 ALLOW_ARCHIVE=1", "containers/archive/put", 0 },
		{ "CONTAINERS=1 ALLOW_ARCHIVE=1 POST=1",
		    "containers/archive/put", 1 },
		{ "CONTAINERS=1 POST=1", "containers/archive/put", 0 },
		{ "ALLOW_ARCHIVE=1", "containers/archive/get", 0 },
		{ "ALLOW_LOGS=1", "containers/logs", 0 },
		{ "CONTAINERS=1 ALLOW_LOGS=0", "containers/logs", 0 },
		{ "CONTAINERS=1 POST=1", "exec/create", 0 },
		{ "EXEC=1 POST=1", "exec/create", 1 },
		{ "EXEC=1", "exec/create", 0 },
		{ "EXEC=1", "exec/inspect", 1 },
		{ "ALLOW_EXEC=1", "exec/create", 1 },
		{ "ALLOW_EXEC=1", "exec/start", 1 },
		{ "ALLOW_START=1", "containers/start", 1 },
		{ "ALLOW_START=1", "containers/stop", 0 },
		{ "ALLOW_START=1", "containers/list", 0 },
		{ "ALLOW_RESTARTS=1", "containers/stop", 1 },
		{ "ALLOW_RESTARTS=1", "containers/restart", 1 },
		{ "ALLOW_RESTARTS=1", "containers/kill", 1 },
		{ "ALLOW_STOP=1", "containers/kill", 0 },
		{ "ALLOW_DELETE=1", "containers/remove", 1 },
		{ "ALLOW_PRUNE=1", "containers/prune", 1 },
		{ "ALLOW_PRUNE=1", "images/prune", 0 },
		{ "POST=1 SESSION=1", "session", 1 },
		{ "SESSION=1", "session", 0 },
		{ "POST=1 GRPC=1", "grpc", 1 },
		{ "", "libpod/ping", 0 },
		{ "LIBPOD_INFO=1", "libpod/ping", 1 },
		{ "LIBPOD_INFO=0", "libpod/version", 1 },
		{ "CONTAINERS=1 POST=1", "libpod/containers/list", 0 },
		{ "LIBPOD_CONTAINERS=1 POST=1", "containers/list", 0 },
		{ "LIBPOD_CONTAINERS=1", "libpod/containers/list", 1 },
		{ "LIBPOD_CONTAINERS=1", "libpod/containers/start", 0 },
		{ "LIBPOD_CONTAINERS=1", "libpod/containers/healthcheck", 0 },
		{ "LIBPOD_CONTAINERS=1", "libpod/containers/archive/get", 0 },
		{ "LIBPOD_CONTAINERS=1 ALLOW_LOGS=0", "libpod/containers/logs",
		    0 },
		{ "LIBPOD_CONTAINERS=1 POST=1", "libpod/containers/start", 1 },
		{ "LIBPOD_CONTAINERS=1 POST=1", "libpod/containers/create", 0 },
		{ "LIBPOD_PLAY=1 POST=1", "libpod/play/kube", 0 },
		{ "LIBPOD_PLAY=1 POST=1 ALLOW_PRIVILEGED=1",
		    "libpod/play/kube", 1 },
		{ "LIBPOD_PODS=1 POST=1", "libpod/pods/create", 0 },
		{ "ALLOW_START=1", "libpod/pods/start", 0 },
		{ "ALLOW_START=1 LIBPOD_PODS=0", "libpod/pods/start", 1 },
		{ "ALLOW_EXEC=1", "libpod/exec/create", 0 },
		{ "LIBPOD_EXEC=1", "libpod/exec/create", 0 },
		{ "LIBPOD_EXEC=1 POST=1", "libpod/exec/create", 1 },
		{ "LIBPOD_EXEC=1 POST=1", "libpod/exec/remove", 0 },
		{ "ALLOW_CREATE=1", "libpod/containers/create", 0 },
		{ "LIBPOD_ALLOW_START=1", "libpod/containers/start", 1 },
		{ "LIBPOD_ALLOW_START=1", "containers/start", 0 },
		{ "LIBPOD_ALLOW_POD_STOP=1", "libpod/pods/stop", 1 },
		{ "POST=1 PLUGINS=1", "plugins/pull", 0 },
		{ "POST=1 PLUGINS=1", "plugins/disable", 1 },
		{ "POST=1 PLUGINS=1 ALLOW_PRIVILEGED=1", "plugins/pull", 1 },
		{ "POST=1 ALLOW_PRIVILEGED=1", "plugins/pull", 0 },
		{ "SYSTEM=1", "df", 1 },
		{ "SYSTEM=1", "info", 0 },
	};
	size_t	 i;

	for (i = 0; i < N(t); i++) {
		if (passes_name(t[i].vars, t[i].name) != t[i].want)
			printf("%s: %s\n", t[i].vars, t[i].name);
		CHECK_INT(passes_name(t[i].vars, t[i].name), t[i].want);
	}
}

static bool
allowed(const struct config *conf, enum allow_kind kind, const char *text)
{
	const struct allow	*a;

	TAILQ_FOREACH(a, &conf->profile->allows, entry)
		if (a->kind == kind && strcmp(a->text, text) == 0)
			return (true);
	return (false);
}

static size_t
count_kind(const struct config *conf, enum allow_kind kind)
{
	const struct allow	*a;
	size_t			 n = 0;

	TAILQ_FOREACH(a, &conf->profile->allows, entry)
		n += a->kind == kind;
	return (n);
}

static void
test_mounts(void)
{
	static const struct {
		const char	*vars;
		int		 n;	/* binds; -1: refused */
		const char	*has;
	} t[] = {
		{ "", 0, NULL },
		{ "WORKSPACE_ROOT=", 0, NULL },
		{ "WORKSPACE_ROOT=/workspace", 1, "/workspace" },
		{ "WORKSPACE_ROOT=/workspace/", 1, "/workspace" },
		{ "WORKSPACE_ROOT=//a/./b//c/../d/", 1, "/a/b/d" },
		{ "WORKSPACE_ROOT=/../..", 1, "/" },
		{ "WORKSPACE_ROOT=/a/..b/...", 1, "/a/..b/..." },
		{ "WORKSPACE_ROOT=/a:/b", 1, "/a:/b" },
		{ "WORKSPACE_ROOT=workspace", -1, "WORKSPACE_ROOT" },
		{ "WORKSPACE_ROOT=./x", -1, "absolute" },
		{ "WORKSPACE_ROOT=/a\nb", -1, "control" },
		{ "ALLOWED_MOUNT_PATHS=/a:/b/c", 2, "/b/c" },
		{ "ALLOWED_MOUNT_PATHS=:/a::/b:", 2, "/b" },
		{ "ALLOWED_MOUNT_PATHS=/a:b", -1, "ALLOWED_MOUNT_PATHS" },
		{ "WORKSPACE_ROOT=/w ALLOWED_MOUNT_PATHS=/a:/b", 3, "/w" },
		{ "DOCKER_MOUNT_VALIDATION=off", 1, "/" },
		{ "DOCKER_MOUNT_VALIDATION=false", 1, "/" },
		{ "DOCKER_MOUNT_VALIDATION=on", 0, NULL },
		{ "DOCKER_MOUNT_VALIDATION=", 0, NULL },
	};
	struct config	*conf;
	size_t		 i;

	for (i = 0; i < N(t); i++) {
		conf = conf_of(t[i].vars);
		test_current = t[i].vars;
		CHECK_INT(conf == NULL, t[i].n == -1);
		if (conf == NULL)
			CHECK(strstr(err, t[i].has) != NULL);
		else {
			CHECK_INT((int)count_kind(conf, ALLOW_BIND), t[i].n);
			if (t[i].has != NULL)
				CHECK(allowed(conf, ALLOW_BIND, t[i].has));
		}
		conf_free(conf);
	}
}

static void
test_allows(void)
{
	struct config	*conf;

	conf = conf_must("");
	CHECK(conf->profile->fromenv);
	CHECK(!conf->profile->privileged && !conf->profile->unjudged);
	CHECK(allowed(conf, ALLOW_IMAGE, "*"));
	CHECK(allowed(conf, ALLOW_VOLUME, "*"));
	CHECK(allowed(conf, ALLOW_NETWORK, "*"));
	CHECK_INT((int)conf->nwarnings, 0);
	conf_free(conf);
	conf = conf_must("ALLOW_PRIVILEGED=1");
	CHECK(conf->profile->privileged && conf->profile->unjudged);
	CHECK_INT((int)count_kind(conf, ALLOW_BIND), 0);
	conf_free(conf);
}

static void
test_settings(void)
{
	static const struct {
		const char	*vars;
		const char	*socket;	/* NULL: refused */
		enum log_level	 level;
	} t[] = {
		{ "", "/var/run/docker.sock", LOG_LVL_INFO },
		{ "TZ=UTC BIND_CONFIG=x", "/var/run/docker.sock",
		    LOG_LVL_INFO },
		{ "SOCKET_PATH=/x.sock", "/x.sock", LOG_LVL_INFO },
		{ "SOCKET_PATH=unix:///x.sock", "/x.sock", LOG_LVL_INFO },
		{ "SOCKET_PATH=", "/var/run/docker.sock", LOG_LVL_INFO },
		{ "SOCKET_PATH=x.sock", NULL, 0 },
		{ "SOCKET_PATH=tcp://h:1", NULL, 0 },
		{ "SOCKET_PATH=unix://x", NULL, 0 },
		{ "LOG_LEVEL=", "/var/run/docker.sock", LOG_LVL_INFO },
		{ "LOG_LEVEL=debug", "/var/run/docker.sock", LOG_LVL_DEBUG },
		{ "LOG_LEVEL=INFO", "/var/run/docker.sock", LOG_LVL_INFO },
		{ "LOG_LEVEL=notice", "/var/run/docker.sock",
		    LOG_LVL_NOTICE },
		{ "LOG_LEVEL=warning", "/var/run/docker.sock",
		    LOG_LVL_WARNING },
		{ "LOG_LEVEL=error", "/var/run/docker.sock", LOG_LVL_ERROR },
		{ "LOG_LEVEL=err", "/var/run/docker.sock", LOG_LVL_ERROR },
		{ "LOG_LEVEL=emerg", "/var/run/docker.sock", LOG_LVL_ERROR },
		{ "LOG_LEVEL=warn", NULL, 0 },
		{ "LOG_LEVEL=7", NULL, 0 },
	};
	struct config	*conf;
	size_t		 i;

	for (i = 0; i < N(t); i++) {
		conf = conf_of(t[i].vars);
		test_current = t[i].vars;
		CHECK_INT(conf == NULL, t[i].socket == NULL);
		if (conf != NULL) {
			CHECK_STR(conf->socket, t[i].socket);
			CHECK_INT(conf->loglevel, t[i].level);
			CHECK_INT((int)conf->nwarnings, 0);
		} else
			CHECK(strncmp(err, t[i].vars,
			    strcspn(t[i].vars, "=")) == 0);
		conf_free(conf);
	}
}

static void
test_log(void)
{
	static const struct {
		const char	*vars;
		int		 json;		/* -1: an error */
		enum log_to	 to;
	} t[] = {
		{ "PROXYD_LOG_FORMAT=", 0, LOG_TO_DEFAULT },
		{ "PROXYD_LOG_FORMAT=text", 0, LOG_TO_DEFAULT },
		{ "PROXYD_LOG_FORMAT=json", 1, LOG_TO_DEFAULT },
		{ "PROXYD_LOG_FORMAT=JSON", -1, LOG_TO_DEFAULT },
		{ "PROXYD_LOG_TO=", 0, LOG_TO_DEFAULT },
		{ "PROXYD_LOG_TO=stderr", 0, LOG_TO_STDERR },
		{ "PROXYD_LOG_TO=syslog", 0, LOG_TO_SYSLOG },
		{ "PROXYD_LOG_TO=journal PROXYD_LOG_FORMAT=json", 1,
		    LOG_TO_JOURNAL },
		{ "PROXYD_LOG_TO=journald", -1, LOG_TO_DEFAULT },
	};
	struct config	*conf;
	size_t		 i;

	for (i = 0; i < N(t); i++) {
		conf = conf_of(t[i].vars);
		test_current = t[i].vars;
		CHECK_INT(conf == NULL, t[i].json == -1);
		if (conf != NULL) {
			CHECK_INT(conf->log_json, t[i].json);
			CHECK_INT((int)conf->log_to, (int)t[i].to);
		} else
			CHECK(strncmp(err, t[i].vars,
			    strcspn(t[i].vars, "=")) == 0);
		conf_free(conf);
	}
}

static void
test_warnings(void)
{
	static const struct {
		const char	*vars;
		const char	*want;	/* NULL: none */
	} t[] = {
		{ "ALLOW_PRIVILEGED=1", "ALLOW_PRIVILEGED=1: " },
		{ "ALLOW_PRIVILEGED=0", NULL },
		{ "POST=1 GRPC=1", "GRPC=1: " },
		{ "POST=1 SESSION=1", "SESSION=1: " },
		{ "SESSION=1", NULL },
		{ "DOCKER_MOUNT_VALIDATION=0", "any path" },
		{ "WORKSPACE_ROOT=/", "any path" },
		{ "LIBPOD_PODS=1 LIBPOD_PING=1", NULL },
		{ "LIBPOD_PODZ=1", "LIBPOD_PODZ is not a variable" },
		{ "LIBPOD_POD=1", "is LIBPOD_PODS meant?" },
		{ "ALLOW_STRAT=1", "ALLOW_STRAT is not a variable" },
		{ "PROXYD_LISTENS=x", "PROXYD_LISTENS is not a variable" },
		{ "CONTAINER=1", "is CONTAINERS meant?" },
		{ "POSTS=true", "is POST meant?" },
		{ "IMAGE=debian:12", NULL },
		{ "ALLOWED_MOUNT_PATH=/x", "ALLOWED_MOUNT_PATH is not" },
		{ "PATH=/bin HOME=/ USER=x novalue", NULL },
		{ "ALLOW_LOGS=1", "without CONTAINERS=1" },
		{ "ALLOW_LOGS=1 CONTAINERS=1", NULL },
		{ "ALLOW_LOGS=1 LIBPOD_CONTAINERS=1", NULL },
		{ "ALLOW_LOGS=1 LIBPOD_PODS=1", "without CONTAINERS=1" },
		{ "ALLOW_LOGS=0", NULL },
	};
	struct config	*conf;
	size_t		 i;

	for (i = 0; i < N(t); i++) {
		conf = conf_must(t[i].vars);
		test_current = t[i].vars;
		CHECK_INT((int)conf->nwarnings, t[i].want != NULL);
		if (t[i].want != NULL && conf->nwarnings > 0)
			CHECK(strstr(conf->warnings[0], t[i].want) != NULL);
		conf_free(conf);
	}
}

static void
test_listen(void)
{
	static char	 var[] = "PROXYD_LISTEN= tcp://127.0.0.1:1\t"
			    "unix:///run/x.sock ";
	char *const	 two[] = { var, NULL };
	struct config	*conf;
	struct listener	*l;

	conf = conf_must("");
	l = TAILQ_FIRST(&conf->listeners);
	CHECK_STR(l->text, "tcp://127.0.0.1:2375");
	CHECK(l->profile == conf->profile);
	CHECK(TAILQ_NEXT(l, entry) == NULL);
	conf_free(conf);
	conf = env_config(two, err, sizeof(err));
	CHECK(conf != NULL);
	if (conf == NULL)
		return;
	l = TAILQ_FIRST(&conf->listeners);
	CHECK_STR(l->text, "tcp://127.0.0.1:1");
	l = TAILQ_NEXT(l, entry);
	CHECK(l != NULL && l->id == 2 && l->kind == LISTEN_UNIX);
	conf_free(conf);
	conf = conf_must("PROXYD_LISTEN=tcp://:2375 DISABLE_IPV6=1");
	CHECK_INT(TAILQ_FIRST(&conf->listeners)->addr.ss_family, AF_INET);
	conf_free(conf);
	conf = conf_must("PROXYD_METRICS=tcp://:9323");
	l = TAILQ_FIRST(&conf->listeners);
	CHECK(!l->metrics);
	l = TAILQ_NEXT(l, entry);
	CHECK_STR(l->text, "tcp://:9323");
	CHECK(l->metrics && l->profile == conf->metrics);
	conf_free(conf);
	conf = conf_must("");
	CHECK_STR(conf->control, PROXYD_CONTROL);
	CHECK(!conf->control_set);
	conf_free(conf);
	conf = conf_must("PROXYD_CONTROL=/a/b");
	CHECK_STR(conf->control, "/a/b");
	CHECK(conf->control_set);
	conf_free(conf);
	conf = conf_must("PROXYD_CONTROL=none");
	CHECK(conf->control == NULL);
	conf_free(conf);
	CHECK(conf_of("PROXYD_CONTROL=a/b") == NULL);
	CHECK(conf_of("PROXYD_METRICS=9323") == NULL);
	CHECK(strncmp(err, "PROXYD_METRICS: 9323: ", 22) == 0);
	CHECK(conf_of("PROXYD_LISTEN=2375") == NULL);
	CHECK(strncmp(err, "PROXYD_LISTEN: 2375: ", 21) == 0);
}

int
main(void)
{
	RUN(test_bool);
	RUN(test_bool_everywhere);
	RUN(test_promises);
	RUN(test_mounts);
	RUN(test_allows);
	RUN(test_settings);
	RUN(test_log);
	RUN(test_warnings);
	RUN(test_listen);
	return (test_done());
}
