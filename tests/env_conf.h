/* SPDX-License-Identifier: ISC */

/*
 * What the tests of the environment share: every variable that switches
 * something, and a configuration made of "A=1 B=2".
 */

#ifndef ENV_CONF_H
#define ENV_CONF_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../proxyd/proxyd.h"

#define VARS_MAX	128

static const char *const sections[] = {
	"AUTH", "BUILD", "COMMIT", "CONFIGS", "CONTAINERS", "DISTRIBUTION",
	"EVENTS", "EXEC", "GRPC", "IMAGES", "INFO", "NETWORKS", "NODES",
	"PING", "PLUGINS", "SECRETS", "SERVICES", "SESSION", "SWARM",
	"SYSTEM", "TASKS", "VERSION", "VOLUMES",
	"LIBPOD_PING", "LIBPOD_VERSION", "LIBPOD_EVENTS", "LIBPOD_INFO",
	"LIBPOD_SYSTEM", "LIBPOD_CONTAINERS", "LIBPOD_EXEC",
	"LIBPOD_IMAGES", "LIBPOD_BUILD", "LIBPOD_COMMIT", "LIBPOD_GENERATE",
	"LIBPOD_PLAY", "LIBPOD_MANIFESTS", "LIBPOD_NETWORKS", "LIBPOD_PODS",
	"LIBPOD_VOLUMES", "LIBPOD_SECRETS", "LIBPOD_ARTIFACTS",
	"LIBPOD_QUADLETS"
};
static const char *const others[] = {
	"POST", "ALLOW_START", "ALLOW_STOP", "ALLOW_RESTARTS", "ALLOW_PAUSE",
	"ALLOW_UNPAUSE", "ALLOW_KILL", "ALLOW_CREATE", "ALLOW_DELETE",
	"ALLOW_EXEC", "ALLOW_PRUNE", "ALLOW_LOGS", "ALLOW_TOP",
	"ALLOW_CHANGES", "ALLOW_ARCHIVE", "ALLOW_EXPORT", "ALLOW_PRIVILEGED",
	"LIBPOD_ALLOW_START", "LIBPOD_ALLOW_STOP", "LIBPOD_ALLOW_RESTARTS",
	"LIBPOD_ALLOW_PAUSE", "LIBPOD_ALLOW_UNPAUSE",
	"LIBPOD_ALLOW_POD_START", "LIBPOD_ALLOW_POD_STOP",
	"LIBPOD_ALLOW_POD_RESTARTS", "LIBPOD_ALLOW_POD_PAUSE",
	"LIBPOD_ALLOW_POD_UNPAUSE"
};

#define N(a)	(sizeof(a) / sizeof((a)[0]))

static char	 err[512];

/* The configuration of "A=1 B=2"; a value cannot have a blank here. */
static struct config *
conf_of(const char *vars)
{
	struct config	*conf;
	char		*copy, *rest, *word, *env[VARS_MAX];
	size_t		 n = 0;

	if ((rest = copy = strdup(vars)) == NULL)
		abort();
	while ((word = strsep(&rest, " ")) != NULL)
		if (*word != '\0' && n < VARS_MAX - 1)
			env[n++] = word;
	env[n] = NULL;
	err[0] = '\0';
	conf = env_config(env, err, sizeof(err));
	free(copy);
	return (conf);
}

static struct config *
conf_must(const char *vars)
{
	struct config	*conf;

	if ((conf = conf_of(vars)) == NULL) {
		printf("%s: %s\n", vars, err);
		abort();
	}
	return (conf);
}

static bool
passes(const struct config *conf, size_t op)
{
	const struct rule	*r = profile_first(conf->profile, op);

	return (r != NULL && r->action == ACTION_PASS);
}

#endif /* ENV_CONF_H */
