/* SPDX-License-Identifier: ISC */

/*
 * The switches of the environment: their names, what each is unless it is
 * set, and which operations the gates and grants name.  Which operations a
 * section has stands in the endpoint table.
 */

#include "../proxyd/env.h"

#include <string.h>

/* The sections, as Tecnativa's and linuxserver's images name them. */
const struct env_section env_sections[ENV_SECTIONS] = {
	{ "PING", true },
	{ "VERSION", true },
	{ "EVENTS", true },
	{ "INFO", false },
	{ "SYSTEM", false },
	{ "AUTH", false },
	{ "CONTAINERS", false },
	{ "EXEC", false },
	{ "IMAGES", false },
	{ "BUILD", false },
	{ "COMMIT", false },
	{ "SESSION", false },
	{ "GRPC", false },
	{ "DISTRIBUTION", false },
	{ "NETWORKS", false },
	{ "VOLUMES", false },
	{ "SWARM", false },
	{ "NODES", false },
	{ "SERVICES", false },
	{ "TASKS", false },
	{ "SECRETS", false },
	{ "CONFIGS", false },
	{ "PLUGINS", false },
	/*
	 * Podman's own, as linuxserver's has them; BUILD, COMMIT, ARTIFACTS
	 * and QUADLETS are routes that its image has no section for.
	 */
	{ "LIBPOD_PING", true },
	{ "LIBPOD_VERSION", true },
	{ "LIBPOD_EVENTS", false },
	{ "LIBPOD_INFO", false },
	{ "LIBPOD_SYSTEM", false },
	{ "LIBPOD_CONTAINERS", false },
	{ "LIBPOD_EXEC", false },
	{ "LIBPOD_IMAGES", false },
	{ "LIBPOD_BUILD", false },
	{ "LIBPOD_COMMIT", false },
	{ "LIBPOD_GENERATE", false },
	{ "LIBPOD_PLAY", false },
	{ "LIBPOD_MANIFESTS", false },
	{ "LIBPOD_NETWORKS", false },
	{ "LIBPOD_PODS", false },
	{ "LIBPOD_VOLUMES", false },
	{ "LIBPOD_SECRETS", false },
	{ "LIBPOD_ARTIFACTS", false },
	{ "LIBPOD_QUADLETS", false },
};

/* What CONTAINERS=1, or podman's, passes only if the gate is open, too. */
const struct env_gate env_gates[ENV_GATES] = {
	{ "ALLOW_LOGS", "containers/logs libpod/containers/logs", true },
	{ "ALLOW_TOP",
	    "containers/top libpod/containers/top libpod/pods/top", true },
	{ "ALLOW_CHANGES",
	    "containers/changes libpod/containers/changes", true },
	{ "ALLOW_ARCHIVE",
	    "containers/archive containers/copy libpod/containers/archive",
	    false },
	{ "ALLOW_EXPORT", "containers/export libpod/containers/export", false },
};

#define L_RESTARTS	"libpod/containers/stop libpod/containers/restart " \
			"libpod/containers/kill"
#define P_RESTARTS	"libpod/pods/stop libpod/pods/restart libpod/pods/kill"

/* The one that a hint names comes before the broader one. */
const struct env_grant env_grants[ENV_GRANTS] = {
	{ "ALLOW_START",
	    "containers/start libpod/containers/start libpod/pods/start" },
	{ "ALLOW_STOP",
	    "containers/stop libpod/containers/stop libpod/pods/stop" },
	{ "ALLOW_KILL",
	    "containers/kill libpod/containers/kill libpod/pods/kill" },
	{ "ALLOW_RESTARTS",
	    "containers/stop containers/restart containers/kill " L_RESTARTS
	    " " P_RESTARTS },
	{ "ALLOW_PAUSE",
	    "containers/pause libpod/containers/pause libpod/pods/pause" },
	{ "ALLOW_UNPAUSE", "containers/unpause libpod/containers/unpause "
	    "libpod/pods/unpause" },
	{ "ALLOW_CREATE", "containers/create" },
	{ "ALLOW_DELETE", "containers/remove libpod/containers/remove" },
	{ "ALLOW_EXEC", "exec" },
	{ "ALLOW_PRUNE", "containers/prune libpod/containers/prune" },
	/* linuxserver's old names */
	{ "LIBPOD_ALLOW_START", "libpod/containers/start" },
	{ "LIBPOD_ALLOW_STOP", "libpod/containers/stop" },
	{ "LIBPOD_ALLOW_RESTARTS", L_RESTARTS },
	{ "LIBPOD_ALLOW_PAUSE", "libpod/containers/pause" },
	{ "LIBPOD_ALLOW_UNPAUSE", "libpod/containers/unpause" },
	{ "LIBPOD_ALLOW_POD_START", "libpod/pods/start" },
	{ "LIBPOD_ALLOW_POD_STOP", "libpod/pods/stop" },
	{ "LIBPOD_ALLOW_POD_RESTARTS", P_RESTARTS },
	{ "LIBPOD_ALLOW_POD_PAUSE", "libpod/pods/pause" },
	{ "LIBPOD_ALLOW_POD_UNPAUSE", "libpod/pods/unpause" },
};

bool
env_is_switch(const char *name)
{
	size_t	 i;

	if (strcmp(name, "POST") == 0 || strcmp(name, "ALLOW_PRIVILEGED") == 0)
		return (true);
	for (i = 0; i < ENV_SECTIONS; i++)
		if (strcmp(name, env_sections[i].name) == 0)
			return (true);
	for (i = 0; i < ENV_GATES; i++)
		if (strcmp(name, env_gates[i].name) == 0)
			return (true);
	for (i = 0; i < ENV_GRANTS; i++)
		if (strcmp(name, env_grants[i].name) == 0)
			return (true);
	return (false);
}

bool
env_of_podman(const char *name)
{
	return (strncmp(name, "LIBPOD_", strlen("LIBPOD_")) == 0);
}

int
env_switches(struct env *env)
{
	char *const	*v;
	size_t		 i;

	for (v = env->vars; *v != NULL; v++)
		env->podman = env->podman || env_of_podman(*v);
	for (i = 0; i < ENV_SECTIONS; i++)
		if (env_bool(env, env_sections[i].name, env_sections[i].on &&
		    (env->podman || !env_of_podman(env_sections[i].name)),
		    &env->section[i]) == -1)
			return (-1);
	for (i = 0; i < ENV_GATES; i++)
		if (env_bool(env, env_gates[i].name, env_gates[i].open,
		    &env->gate[i]) == -1)
			return (-1);
	for (i = 0; i < ENV_GRANTS; i++)
		if (env_bool(env, env_grants[i].name, false,
		    &env->grant[i]) == -1)
			return (-1);
	if (env_bool(env, "POST", false, &env->post) == -1)
		return (-1);
	return (env_bool(env, "ALLOW_PRIVILEGED", false, &env->privileged));
}
