/* SPDX-License-Identifier: ISC */

/*
 * The environment as configuration, for compose files that were written for
 * another proxy: the settings (socket, log, listeners, mounts) are read here,
 * the switches and the rules they stand for in env_policy.c.  A value that is
 * not understood ends the start, since a switch that is silently off or on is
 * the worst of both.
 */

#include "../proxyd/env.h"

#include <sys/un.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <bsd/string.h>

#ifndef LISTEN_DEFAULT
#define LISTEN_DEFAULT	"tcp://127.0.0.1:2375"
#endif
#define UNIX_SCHEME	"unix://"
#define BLANKS		" \t\r\n"

static const struct {
	const char	*name;
	enum log_level	 level;
} levels[] = {
	{ "debug", LOG_LVL_DEBUG },
	{ "info", LOG_LVL_INFO },
	{ "notice", LOG_LVL_NOTICE },
	{ "warning", LOG_LVL_WARNING },
	{ "error", LOG_LVL_ERROR },
	/* HAProxy's, which compose files of other images may hold. */
	{ "err", LOG_LVL_ERROR },
	{ "crit", LOG_LVL_ERROR },
	{ "alert", LOG_LVL_ERROR },
	{ "emerg", LOG_LVL_ERROR },
};

static const char *const settings[] = {
	"ALLOWED_MOUNT_PATHS", "DISABLE_IPV6", "DOCKER_MOUNT_VALIDATION",
	"LOG_LEVEL", "PROXYD_CONTROL", "PROXYD_LISTEN", "PROXYD_LOG_FORMAT",
	"PROXYD_LOG_TO", "PROXYD_METRICS", "SOCKET_PATH", "WORKSPACE_ROOT"
};

/* What begins so is meant for us. */
static const char *const prefixes[] = {
	"ALLOW_", "ALLOWED_", "DOCKER_MOUNT_", "LIBPOD_", "PROXYD_"
};

int
env_fail(struct env *env, const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	vsnprintf(env->err, env->errlen, fmt, ap);
	va_end(ap);
	return (-1);
}

static int
env_nomem(struct env *env)
{
	return (env_fail(env, "out of memory"));
}

const char *
env_get(const struct env *env, const char *name)
{
	char *const	*v;
	size_t		 len = strlen(name);

	for (v = env->vars; *v != NULL; v++)
		if (strncmp(*v, name, len) == 0 && (*v)[len] == '=')
			return (*v + len + 1);
	return (NULL);
}

static int
text_bool(const char *s, bool *val)
{
	static const char *const on[] = { "1", "true", "yes", "on" };
	static const char *const off[] = { "0", "false", "no", "off", "" };
	size_t			 i;

	for (i = 0; i < sizeof(on) / sizeof(on[0]); i++)
		if (strcasecmp(s, on[i]) == 0) {
			*val = true;
			return (0);
		}
	for (i = 0; i < sizeof(off) / sizeof(off[0]); i++)
		if (strcasecmp(s, off[i]) == 0) {
			*val = false;
			return (0);
		}
	return (-1);
}

int
env_bool(struct env *env, const char *name, bool unset, bool *val)
{
	const char	*s;

	*val = unset;
	if ((s = env_get(env, name)) == NULL || text_bool(s, val) == 0)
		return (0);
	return (env_fail(env, "%s=%s: not a switch: 1, true, yes and on turn "
	    "it on, 0, false, no, off and nothing turn it off", name, s));
}

static int
env_loglevel(struct env *env)
{
	const char	*s;
	size_t		 i;

	if ((s = env_get(env, "LOG_LEVEL")) == NULL || *s == '\0')
		return (0);
	for (i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		if (strcasecmp(s, levels[i].name) == 0) {
			env->conf->loglevel = levels[i].level;
			return (0);
		}
	return (env_fail(env, "LOG_LEVEL=%s: not one of debug, info, notice, "
	    "warning, error", s));
}

/* How lines look, and where they go. */
static int
env_log(struct env *env)
{
	const char	*s;

	s = env_get(env, "PROXYD_LOG_FORMAT");
	if (s != NULL && *s != '\0' && conf_log_format(env->conf, s) == -1)
		return (env_fail(env, "PROXYD_LOG_FORMAT=%s: not one of text, "
		    "json", s));
	s = env_get(env, "PROXYD_LOG_TO");
	if (s != NULL && *s != '\0' && conf_log_to(env->conf, s) == -1)
		return (env_fail(env, "PROXYD_LOG_TO=%s: not one of stderr, "
		    "syslog, journal", s));
	return (0);
}

static int
env_socket(struct env *env)
{
	struct sockaddr_un	 sun;
	const char		*s;
	char			*path;

	if ((s = env_get(env, "SOCKET_PATH")) == NULL || *s == '\0')
		return (0);
	if (strncmp(s, UNIX_SCHEME, strlen(UNIX_SCHEME)) == 0)
		s += strlen(UNIX_SCHEME);
	if (s[0] != '/' || strlen(s) >= sizeof(sun.sun_path))
		return (env_fail(env, "SOCKET_PATH=%s: not an absolute path "
		    "shorter than %zu bytes", s, sizeof(sun.sun_path)));
	if ((path = strdup(s)) == NULL)
		return (env_nomem(env));
	free(env->conf->socket);
	env->conf->socket = path;
	return (0);
}

static int
env_control(struct env *env)
{
	struct sockaddr_un	 sun;
	struct config		*conf = env->conf;
	const char		*s;
	char			*path = NULL;

	if ((s = env_get(env, "PROXYD_CONTROL")) == NULL || *s == '\0')
		return (0);
	if (strcasecmp(s, "none") != 0) {
		if (s[0] != '/' || strlen(s) >= sizeof(sun.sun_path) - 11)
			return (env_fail(env, "PROXYD_CONTROL=%s: not none, "
			    "nor an absolute path shorter than %zu bytes", s,
			    sizeof(sun.sun_path) - 11));
		if ((path = strdup(s)) == NULL)
			return (env_nomem(env));
	}
	free(conf->control);
	conf->control = path;
	conf->control_set = true;
	return (0);
}

/* The last listener is one for metrics. */
static int
env_metrics(struct env *env)
{
	struct listener	*l;

	l = TAILQ_LAST(&env->conf->listeners, listeners);
	return (conf_metrics(env->conf, l) == -1 ? env_nomem(env) : 0);
}

/* Addresses with blanks between them. */
static int
env_addresses(struct env *env, const char *name, const char *s, bool metrics)
{
	char	*copy, *rest, *word, why[256];
	bool	 noipv6;
	int	 r = 0;

	if (env_bool(env, "DISABLE_IPV6", false, &noipv6) == -1)
		return (-1);
	if ((copy = strdup(s)) == NULL)
		return (env_nomem(env));
	rest = copy;
	while (r == 0 && (word = strsep(&rest, BLANKS)) != NULL) {
		if (*word == '\0')
			continue;
		if (conf_listen(env->conf, word, noipv6, why,
		    sizeof(why)) == -1)
			r = env_fail(env, "%s: %s", name, why);
		else if (metrics)
			r = env_metrics(env);
	}
	free(copy);
	return (r);
}

static int
env_listen(struct env *env)
{
	const char	*s;

	s = env_get(env, "PROXYD_LISTEN");
	if (s == NULL || s[strspn(s, BLANKS)] == '\0')
		s = LISTEN_DEFAULT;
	if (env_addresses(env, "PROXYD_LISTEN", s, false) == -1)
		return (-1);
	s = env_get(env, "PROXYD_METRICS");
	return (s == NULL ? 0 : env_addresses(env, "PROXYD_METRICS", s, true));
}

/* Allow one path of a variable; the text is changed. */
static int
mount_path(struct env *env, const char *name, char *path)
{
	size_t	 i;

	if (path[0] != '/')
		return (env_fail(env, "%s: \"%s\" is not an absolute path",
		    name, path));
	for (i = 0; path[i] != '\0'; i++)
		if ((unsigned char)path[i] < 0x20 || path[i] == 0x7f)
			return (env_fail(env, "%s: a path has a control byte",
			    name));
	conf_path_clean(path);
	if (conf_allow(env->conf->profile, ALLOW_BIND, path, name) == NULL)
		return (env_nomem(env));
	if (strcmp(path, "/") == 0 && conf_warn(env->conf, "%s: any path of "
	    "the host may be mounted into containers", name) == -1)
		return (env_nomem(env));
	return (0);
}

/* A list separated by any byte of seps ("" for a single path). */
static int
mount_paths(struct env *env, const char *name, const char *seps)
{
	const char	*s;
	char		*copy, *rest, *word;
	int		 r = 0;

	if ((s = env_get(env, name)) == NULL)
		return (0);
	if ((rest = copy = strdup(s)) == NULL)
		return (env_nomem(env));
	while (r == 0 && (word = strsep(&rest, seps)) != NULL)
		if (*word != '\0')
			r = mount_path(env, name, word);
	free(copy);
	return (r);
}

static int
env_mounts(struct env *env)
{
	static const char	 var[] = "DOCKER_MOUNT_VALIDATION";
	const char		*s;
	bool			 check = true;

	if (mount_paths(env, "WORKSPACE_ROOT", "") == -1 ||
	    mount_paths(env, "ALLOWED_MOUNT_PATHS", ":") == -1)
		return (-1);
	/* Unlike other switches it is on by itself, so empty is not off. */
	s = env_get(env, var);
	if (s != NULL && *s != '\0' &&
	    env_bool(env, var, true, &check) == -1)
		return (-1);
	if (check)
		return (0);
	if (conf_allow(env->conf->profile, ALLOW_BIND, "/",
	    "DOCKER_MOUNT_VALIDATION=off") == NULL ||
	    conf_warn(env->conf, "DOCKER_MOUNT_VALIDATION=off: any path of "
	    "the host may be mounted into containers, which is root on the "
	    "host") == -1)
		return (env_nomem(env));
	return (0);
}

static bool
env_known(const char *name)
{
	size_t	 i;

	for (i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		if (strcmp(settings[i], name) == 0)
			return (true);
	return (env_is_switch(name));
}

/* The name that was meant: one "S" more or less; NULL if none is near. */
static const char *
env_meant(const char *name, char *buf, size_t size)
{
	size_t	 len = strlcpy(buf, name, size);

	if (len == 0 || len + 1 >= size)
		return (NULL);
	strlcat(buf, "S", size);
	if (env_known(buf))
		return (buf);
	buf[len] = '\0';
	if (buf[len - 1] == 'S') {
		buf[len - 1] = '\0';
		if (env_known(buf))
			return (buf);
	}
	return (NULL);
}

/* Say so if the variable was probably meant for us and is not known. */
static int
warn_unknown(struct env *env, const char *name, const char *value)
{
	char		 buf[64];
	const char	*meant;
	size_t		 i;
	bool		 val;

	if (env_known(name))
		return (0);
	meant = env_meant(name, buf, sizeof(buf));
	/* IMAGE=debian:12 is somebody else's, IMAGE=1 is not. */
	if (meant != NULL && text_bool(value, &val) == 0)
		return (conf_warn(env->conf, "%s is not a variable of proxyd "
		    "and changes nothing: is %s meant?", name, meant));
	for (i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
			return (conf_warn(env->conf, "%s is not a variable "
			    "of proxyd and changes nothing", name));
	return (0);
}

static int
env_unknown(struct env *env)
{
	char *const	*v;
	const char	*eq;
	char		 name[64];
	size_t		 len;

	for (v = env->vars; *v != NULL; v++) {
		if ((eq = strchr(*v, '=')) == NULL)
			continue;
		len = (size_t)(eq - *v);
		if (len >= sizeof(name))
			continue;
		memcpy(name, *v, len);
		name[len] = '\0';
		if (warn_unknown(env, name, eq + 1) == -1)
			return (env_nomem(env));
	}
	return (0);
}

size_t
env_names_set(char *const *vars, char *names, size_t size)
{
	char	 name[64];
	size_t	 len, n = 0;

	names[0] = '\0';
	for (; *vars != NULL; vars++) {
		len = strcspn(*vars, "=");
		if (len >= sizeof(name) || (*vars)[len] == '\0')
			continue;
		memcpy(name, *vars, len);
		name[len] = '\0';
		if (!env_known(name))
			continue;
		if (n++ > 0)
			strlcat(names, " ", size);
		strlcat(names, name, size);
	}
	return (n);
}

/* Without a configuration file there is no list of names to hold against. */
static int
env_objects(struct env *env)
{
	static const enum allow_kind	 kinds[] = {
		ALLOW_IMAGE, ALLOW_VOLUME, ALLOW_NETWORK
	};
	size_t				 i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (conf_allow(env->conf->profile, kinds[i], "*",
		    "built in") == NULL)
			return (env_nomem(env));
	return (0);
}

struct config *
env_config(char *const *vars, char *err, size_t errlen)
{
	struct env	 env = { .vars = vars, .err = err, .errlen = errlen };
	char		*name;

	if ((env.conf = conf_new()) == NULL ||
	    (name = strdup("environment")) == NULL) {
		env_nomem(&env);
		goto fail;
	}
	free(env.conf->profile->name);
	env.conf->profile->name = name;
	env.conf->profile->fromenv = true;
	if (env_switches(&env) == -1 || env_rules(&env) == -1 ||
	    env_objects(&env) == -1 || env_mounts(&env) == -1 ||
	    env_loglevel(&env) == -1 || env_log(&env) == -1 ||
	    env_socket(&env) == -1 || env_control(&env) == -1 ||
	    env_listen(&env) == -1 || env_unknown(&env) == -1)
		goto fail;
	if (conf_compile(env.conf) == -1) {
		env_nomem(&env);
		goto fail;
	}
	return (env.conf);
fail:
	conf_free(env.conf);
	return (NULL);
}
