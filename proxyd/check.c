/* SPDX-License-Identifier: ISC */

/*
 * What is allowed by the grammar and yet probably not meant: "proxyd -n"
 * says it, with the line that it comes from and with what somebody gets who
 * means ill.  The whole is looked at here, and the listeners.
 */

#include "../proxyd/check.h"

#include <netinet/in.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

void
check_warn(struct check *c, const char *origin, const char *fmt, ...)
{
	struct config	*conf = c->conf;
	va_list		 ap;
	char		*text, *line = NULL;
	size_t		 i;
	int		 n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n == -1) {
		c->nomem = true;
		return;
	}
	if (asprintf(&line, "%s: %s", origin, text) == -1) {
		free(text);
		c->nomem = true;
		return;
	}
	free(text);
	for (i = 0; i < conf->nwarnings; i++)
		if (strcmp(conf->warnings[i], line) == 0)
			break;
	if (i == conf->nwarnings && conf_warn(conf, "%s", line) == -1)
		c->nomem = true;
	free(line);
}

void
check_name(char *buf, size_t size, const char *name)
{
	if (buf[0] != '\0')
		strlcat(buf, ", ", size);
	strlcat(buf, name, size);
}

static bool
rule_aims(const struct rule *r)
{
	const struct cond	*c;

	TAILQ_FOREACH(c, &r->conds, entry)
		if (c->kind == COND_TARGET || c->kind == COND_TARGET_LABEL)
			return (true);
	return (false);
}

const struct rule *
check_passes(const struct profile *p, const char *name, bool anywhere)
{
	const struct rule	*const *r;
	int			 op;

	if ((op = endpoint_byname(name)) == -1)
		return (NULL);
	for (r = p->decide[op]; r != NULL && *r != NULL; r++)
		if (((*r)->action == ACTION_PASS || ((*r)->audit &&
		    profile_grantable(p, endpoint_get((size_t)op)))) &&
		    !(anywhere && rule_aims(*r)))
			return (*r);
	return (NULL);
}

static bool
cond_of_peer(const struct cond *c)
{
	return (c->kind == COND_ADDR || c->kind == COND_UID ||
	    c->kind == COND_GID || c->kind == COND_ASKER ||
	    c->kind == COND_ASKER_LABEL);
}

/*
 * The rule that passes the operation whoever asks, or NULL.  A block that
 * looks at the client shows that somebody has thought of it.
 */
static const struct rule *
passes_anybody(const struct profile *p, size_t op)
{
	const struct rule	*const *r;
	const struct cond	*c;

	for (r = p->decide[op]; r != NULL && *r != NULL; r++) {
		TAILQ_FOREACH(c, &(*r)->conds, entry)
			if (cond_of_peer(c))
				break;
		if (c == NULL && (*r)->action == ACTION_PASS)
			return (*r);
		if (c != NULL && (*r)->action == ACTION_BLOCK)
			return (NULL);
	}
	return (NULL);
}

static bool
listener_loopback(const struct listener *l)
{
	struct sockaddr_in	 sin;
	struct sockaddr_in6	 sin6;

	if (l->addr.ss_family == AF_INET) {
		memcpy(&sin, &l->addr, sizeof(sin));
		return (ntohl(sin.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET);
	}
	memcpy(&sin6, &l->addr, sizeof(sin6));
	return (IN6_IS_ADDR_LOOPBACK(&sin6.sin6_addr) ||
	    (IN6_IS_ADDR_V4MAPPED(&sin6.sin6_addr) &&
	    sin6.sin6_addr.s6_addr[12] == IN_LOOPBACKNET));
}

static void
check_listener(struct check *c, const struct listener *l)
{
	const struct endpoint	*ep;
	const struct rule	*r = NULL;
	size_t			 op;

	if (l->kind != LISTEN_TCP || listener_loopback(l) ||
	    !TAILQ_EMPTY(&l->from))
		return;
	for (op = 0; (ep = endpoint_get(op)) != NULL; op++)
		if ((ep->flags & EPF_WRITE) != 0 &&
		    (r = passes_anybody(l->profile, op)) != NULL)
			break;
	if (r == NULL)
		return;
	check_warn(c, l->origin != NULL ? l->origin : l->text, "whoever "
	    "reaches this port may write, with %s for one (%s): %s", ep->name,
	    r->origin, l->origin != NULL ? "\"from\" would say who may" :
	    "nothing but the network keeps others out");
}

static bool
profile_used(const struct config *conf, const struct profile *p)
{
	const struct listener	*l;

	TAILQ_FOREACH(l, &conf->listeners, entry)
		if (l->profile == p)
			return (true);
	return (false);
}

/* A list of images is what makes the rest of a policy mean something. */
static void
check_images(struct check *c)
{
	const struct allow	*a;
	const struct rule	*r;

	TAILQ_FOREACH(a, &c->p->allows, entry)
		if (a->kind == ALLOW_IMAGE || a->kind == ALLOW_PRIVILEGED)
			return;
	if ((r = check_passes(c->p, "containers/create", false)) == NULL)
		return;
	log_warnx("%s: profile \"%s\" passes containers/create and has no "
	    "\"allow image\" to say which images may run", r->origin,
	    c->p->name);
	c->errors++;
}

static void
check_profile(struct check *c)
{
	const struct profile	*p = c->p;

	if (p->origin != NULL && !profile_used(c->conf, p))
		check_warn(c, p->origin, "no listener has profile \"%s\"",
		    p->name);
	if (p->audit)
		check_warn(c, p->origin != NULL ? p->origin : p->name,
		    "mode audit: nothing is refused, so whoever may connect "
		    "is root on the host");
	check_images(c);
	if (!p->fromenv)
		check_rules(c);
	check_allows(c);
	check_binds(c);
	check_reach(c);
}

int
conf_check(struct config *conf)
{
	struct check		 c = { .conf = conf };
	const struct listener	*l;

	TAILQ_FOREACH(c.p, &conf->profiles, entry)
		check_profile(&c);
	TAILQ_FOREACH(l, &conf->listeners, entry)
		check_listener(&c, l);
	if (c.nomem) {
		log_warnx("out of memory");
		c.errors++;
	}
	return (c.errors);
}
