/* SPDX-License-Identifier: ISC */

/*
 * The configuration in memory: making, filling and freeing it.  Both
 * processes use this file, the parent with what it read, the filter with
 * what the parent sent.  Profiles and rules are in profile.c.
 */

#include "../proxyd/proxyd.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include <bsd/stdlib.h>

#define CLIENTS_MAX	16384
#define HEAD_MAX	(64 * 1024)	/* X-Registry-Config is large */
#define BODY_MAX	(1024 * 1024)
#define HEADER_SECS	30
#define IDLE_SECS	600
#define BODY_SECS	300
#define ANSWER_SECS	300

static const struct limits limits_default = {
	.clients = CLIENTS_MAX,
	.head = HEAD_MAX,
	.body = BODY_MAX,
	.header_secs = HEADER_SECS,
	.idle_secs = IDLE_SECS,
	.body_secs = BODY_SECS,
	.answer_secs = ANSWER_SECS,
};

static const struct {
	const char	*name;
	int		 facility;
} facilities[] = {
	{ "daemon", LOG_DAEMON }, { "auth", LOG_AUTH },
	{ "authpriv", LOG_AUTHPRIV }, { "cron", LOG_CRON },
	{ "ftp", LOG_FTP }, { "lpr", LOG_LPR }, { "mail", LOG_MAIL },
	{ "news", LOG_NEWS }, { "syslog", LOG_SYSLOG }, { "user", LOG_USER },
	{ "uucp", LOG_UUCP }, { "local0", LOG_LOCAL0 },
	{ "local1", LOG_LOCAL1 }, { "local2", LOG_LOCAL2 },
	{ "local3", LOG_LOCAL3 }, { "local4", LOG_LOCAL4 },
	{ "local5", LOG_LOCAL5 }, { "local6", LOG_LOCAL6 },
	{ "local7", LOG_LOCAL7 },
};

int
conf_facility(const char *name)
{
	size_t	 i;

	for (i = 0; i < sizeof(facilities) / sizeof(facilities[0]); i++)
		if (strcmp(facilities[i].name, name) == 0)
			return (facilities[i].facility);
	return (-1);
}

const char *
conf_facility_name(int facility)
{
	size_t	 i;

	for (i = 0; i < sizeof(facilities) / sizeof(facilities[0]); i++)
		if (facilities[i].facility == facility)
			return (facilities[i].name);
	return ("daemon");
}

static const char *const log_tos[LOG_TO_MAX] = {
	[LOG_TO_STDERR] = "stderr",
	[LOG_TO_SYSLOG] = "syslog",
	[LOG_TO_JOURNAL] = "journal",
};

int
conf_log_format(struct config *conf, const char *word)
{
	conf->log_json = strcmp(word, "json") == 0;
	return (conf->log_json || strcmp(word, "text") == 0 ? 0 : -1);
}

int
conf_log_to(struct config *conf, const char *word)
{
	int	 i;

	for (i = LOG_TO_STDERR; i < LOG_TO_MAX; i++)
		if (strcmp(word, log_tos[i]) == 0) {
			conf->log_to = (enum log_to)i;
			return (0);
		}
	return (-1);
}

const char *
conf_log_to_name(enum log_to to)
{
	return (log_tos[to]);
}

struct config *
conf_new(void)
{
	struct config	*conf;

	if ((conf = calloc(1, sizeof(*conf))) == NULL)
		return (NULL);
	TAILQ_INIT(&conf->listeners);
	TAILQ_INIT(&conf->profiles);
	conf->loglevel = LOG_LVL_INFO;
	conf->facility = LOG_DAEMON;
	conf->limits = limits_default;
	conf->socket = strdup(PROXYD_SOCKET);
	conf->user = strdup(PROXYD_USER);
	conf->chroot = strdup(PROXYD_CHROOT);
	conf->control = strdup(PROXYD_CONTROL);
	conf->profile = conf_profile(conf, "");
	if (conf->socket == NULL || conf->user == NULL ||
	    conf->chroot == NULL || conf->control == NULL ||
	    conf->profile == NULL) {
		conf_free(conf);
		return (NULL);
	}
	return (conf);
}

void
conf_free(struct config *conf)
{
	struct listener	*l;
	struct profile	*p;
	size_t		 i;

	if (conf == NULL)
		return;
	while ((l = TAILQ_FIRST(&conf->listeners)) != NULL) {
		TAILQ_REMOVE(&conf->listeners, l, entry);
		listener_free(l);
	}
	while ((p = TAILQ_FIRST(&conf->profiles)) != NULL) {
		TAILQ_REMOVE(&conf->profiles, p, entry);
		profile_free(p);
	}
	profile_free(conf->metrics);
	for (i = 0; i < conf->nwarnings; i++)
		free(conf->warnings[i]);
	free(conf->warnings);
	free(conf->file);
	free(conf->socket);
	free(conf->user);
	free(conf->chroot);
	free(conf->control);
	free(conf);
}

struct profile *
conf_profile(struct config *conf, const char *name)
{
	struct profile	*p;

	if ((p = profile_new(name)) == NULL)
		return (NULL);
	p->limits = conf->limits;
	p->log = conf->log;
	p->bind_check = conf->bind_check;
	TAILQ_INSERT_TAIL(&conf->profiles, p, entry);
	return (p);
}

struct profile *
conf_profile_find(struct config *conf, const char *name)
{
	struct profile	*p;

	TAILQ_FOREACH(p, &conf->profiles, entry)
		if (strcmp(p->name, name) == 0)
			return (p);
	return (NULL);
}

int
conf_compile(struct config *conf)
{
	struct profile	*p;

	TAILQ_FOREACH(p, &conf->profiles, entry)
		if (profile_compile(p) == -1)
			return (-1);
	return (conf->metrics == NULL ? 0 : profile_compile(conf->metrics));
}

int
conf_warn(struct config *conf, const char *fmt, ...)
{
	char	**list, *line;
	va_list	  ap;
	int	  n;

	va_start(ap, fmt);
	n = vasprintf(&line, fmt, ap);
	va_end(ap);
	if (n == -1)
		return (-1);
	list = reallocarray(conf->warnings, conf->nwarnings + 1,
	    sizeof(*list));
	if (list == NULL) {
		free(line);
		return (-1);
	}
	list[conf->nwarnings++] = line;
	conf->warnings = list;
	return (0);
}

void
conf_path_clean(char *path)
{
	char	*in = path, *out = path, *end;
	size_t	 len;

	while (*in != '\0') {
		in += strspn(in, "/");
		len = strcspn(in, "/");
		end = in + len;
		if (len == 2 && in[0] == '.' && in[1] == '.') {
			while (out > path && *--out != '/')
				;
		} else if (len > 0 && !(len == 1 && in[0] == '.')) {
			*out++ = '/';
			memmove(out, in, len);
			out += len;
		}
		in = end;
	}
	if (out == path)
		*out++ = '/';
	*out = '\0';
}
