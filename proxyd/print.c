/* SPDX-License-Identifier: ISC */

/*
 * The policy in force as proxyd.conf text, whatever it was read from: what
 * "proxyd -nv" shows, and the way from an environment to a file.  A comment
 * behind a line says where it comes from; without the comments, the text
 * that is read and printed again is the same.
 */

#include "../proxyd/print.h"

#include <netinet/in.h>

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bsd/string.h>

static void
print_unix(struct out *o, const struct listener *l)
{
	out_string(o, l->path);
	if (l->owner != (uid_t)-1)
		out_text(o, " owner %u", (unsigned int)l->owner);
	if (l->group != (gid_t)-1)
		out_text(o, " group %u", (unsigned int)l->group);
	out_text(o, " mode %04o", (unsigned int)l->mode);
}

static void
print_tcp(struct out *o, const struct listener *l)
{
	char	 host[NI_MAXHOST], port[NI_MAXSERV];

	if (getnameinfo((const struct sockaddr *)&l->addr, l->addrlen, host,
	    sizeof(host), port, sizeof(port),
	    NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
		o->failed = true;
		return;
	}
	/* Dual stack is what no address says. */
	if (strcmp(host, "::") == 0 && !l->v6only)
		strlcpy(host, "any", sizeof(host));
	/* The interface of a link-local address follows a "%". */
	if (strchr(host, '%') != NULL)
		out_string(o, host);
	else
		out_text(o, "%s", host);
	out_text(o, " port %s", port);
}

static void
print_listener(struct out *o, const struct listener *l)
{
	out_text(o, l->metrics ? "metrics on " : "listen on ");
	if (l->kind == LISTEN_UNIX)
		print_unix(o, l);
	else
		print_tcp(o, l);
	print_conds(o, &l->from);
	if (!l->metrics) {
		item_string(o, "", l->profile->name);
		out_list(o, " profile ");
	}
	out_end(o, l->origin);
}

static void
print_option(struct out *o, const char *name, const char *value)
{
	out_text(o, "set %s ", name);
	out_string(o, value);
	out_end(o, NULL);
}

static const char *
log_word(const struct config *conf)
{
	switch (conf->log) {
	case LOG_WHICH_ALL:
		break;
	case LOG_WHICH_BLOCK:
		return ("block");
	case LOG_WHICH_NONE:
		return ("none");
	}
	/* Requests that pass are logged at level info. */
	return (conf->loglevel >= LOG_LVL_INFO ? "all" : "block");
}

static void
print_options(struct out *o, const struct config *conf,
    const struct config *base)
{
	print_option(o, "socket", conf->socket);
	if (strcmp(conf->user, base->user) != 0)
		print_option(o, "user", conf->user);
	if (strcmp(conf->chroot, base->chroot) != 0)
		print_option(o, "chroot", conf->chroot);
	if (conf->control == NULL) {
		out_text(o, "set control none");
		out_end(o, NULL);
	} else if (conf->control_set)
		print_option(o, "control", conf->control);
	if (conf->facility != base->facility) {
		out_text(o, "set syslog %s",
		    conf_facility_name(conf->facility));
		out_end(o, NULL);
	}
	out_text(o, "set log %s", log_word(conf));
	out_end(o, NULL);
	if (conf->log_json) {
		out_text(o, "set log format json");
		out_end(o, NULL);
	}
	if (conf->log_to != LOG_TO_DEFAULT) {
		out_text(o, "set log to %s", conf_log_to_name(conf->log_to));
		out_end(o, NULL);
	}
	if (conf->bind_check) {
		out_text(o, "set bind-check yes");
		out_end(o, NULL);
	}
	print_limits(o, "set ", &conf->limits, &base->limits);
	out_end(o, NULL);
}

static void
print_profile(struct out *o, const struct config *conf,
    const struct profile *p)
{
	const struct allow	*a;

	out_text(o, "profile ");
	out_string(o, p->name);
	out_text(o, " {");
	out_end(o, p->origin);
	if (p->audit) {
		out_text(o, "\tmode audit");
		out_end(o, NULL);
	}
	print_limits(o, "\t", &p->limits, &conf->limits);
	print_rules(o, p);
	if (!TAILQ_EMPTY(&p->allows))
		out_end(o, NULL);
	TAILQ_FOREACH(a, &p->allows, entry)
		print_allow(o, a);
	out_text(o, "}");
	out_end(o, NULL);
	out_end(o, NULL);
}

/* The profile that every configuration begins with and a file leaves be. */
static bool
profile_blank(const struct config *conf, const struct profile *p)
{
	const struct listener	*l;

	TAILQ_FOREACH(l, &conf->listeners, entry)
		if (l->profile == p)
			return (false);
	return (p->name[0] == '\0' && TAILQ_EMPTY(&p->rules) &&
	    TAILQ_EMPTY(&p->allows));
}

static void
print_config(struct out *o, const struct config *conf,
    const struct config *base)
{
	const struct listener	*l;
	const struct profile	*p;

	o->indent = "\t    ";
	print_options(o, conf, base);
	TAILQ_FOREACH(p, &conf->profiles, entry)
		if (!profile_blank(conf, p))
			print_profile(o, conf, p);
	o->indent = "    ";
	TAILQ_FOREACH(l, &conf->listeners, entry)
		print_listener(o, l);
}

int
print_write(int fd, const char *buf, size_t len)
{
	ssize_t	 n;

	while (len > 0) {
		n = write(fd, buf, len);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return (-1);
		buf += n;
		len -= (size_t)n;
	}
	return (0);
}

int
conf_print(const struct config *conf, int fd)
{
	struct out	 o = { .indent = "" };
	struct config	*base;
	char		*text = NULL;
	size_t		 len = 0;
	int		 r = -1;

	if ((base = conf_new()) == NULL)
		return (-1);
	if ((o.f = open_memstream(&text, &len)) != NULL) {
		print_config(&o, conf, base);
		if (o.failed)
			errno = ENOMEM;
		if (fclose(o.f) == 0 && !o.failed)
			r = print_write(fd, text, len);
	}
	free(text);
	conf_free(base);
	return (r);
}

void
conf_print_rule(FILE *f, const struct rule *r)
{
	struct out	 o = { .f = f, .indent = "" };

	print_rule(&o, r);
	if (o.failed)
		fatalx("out of memory");
}

void
conf_print_allow(FILE *f, const struct allow *a)
{
	struct out	 o = { .f = f, .indent = "" };

	print_allow(&o, a);
	if (o.failed)
		fatalx("out of memory");
}
