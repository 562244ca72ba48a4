/* SPDX-License-Identifier: ISC */

/*
 * What can be told only when all of a configuration was read: which profile
 * a listener means, limits that "set" gives to all profiles, two listeners on
 * one address, and grants that do not say what they grant.
 */

#include "../proxyd/parse.h"

#include <netinet/in.h>

#include <stdlib.h>
#include <string.h>

static void
finish_limits(struct parse *ps)
{
	const struct profile_own	*own;
	struct limits			*l;

	for (own = ps->owns; own != NULL; own = own->next) {
		l = &own->profile->limits;
		*l = ps->conf->limits;
		own->profile->log = ps->conf->log;
		own->profile->bind_check = ps->conf->bind_check;
		if (own->mask & OWN_CLIENTS)
			l->clients = own->limits.clients;
		if (own->mask & OWN_HEAD)
			l->head = own->limits.head;
		if (own->mask & OWN_BODY)
			l->body = own->limits.body;
		if (own->mask & OWN_HEADER_SECS)
			l->header_secs = own->limits.header_secs;
		if (own->mask & OWN_IDLE_SECS)
			l->idle_secs = own->limits.idle_secs;
		if (own->mask & OWN_BODY_SECS)
			l->body_secs = own->limits.body_secs;
		if (own->mask & OWN_ANSWER_SECS)
			l->answer_secs = own->limits.answer_secs;
	}
}

/* The profile of conf_new() is nobody's. */
static struct profile *
profile_named(const struct parse *ps, const char *name)
{
	const struct profile_own	*own;

	for (own = ps->owns; own != NULL; own = own->next)
		if (strcmp(own->profile->name, name) == 0)
			return (own->profile);
	return (NULL);
}

static void
profile_unknown(struct parse *ps, const struct word *w)
{
	const struct profile_own	*own;
	const char			**list, *near;
	size_t				 n = 0;

	for (own = ps->owns; own != NULL; own = own->next)
		n++;
	list = parse_alloc(ps, (n + 1) * sizeof(*list));
	for (n = 0, own = ps->owns; own != NULL; own = own->next)
		list[n++] = shown(ps, own->profile->name);
	if ((near = nearest(w->s, list)) != NULL)
		parse_error(ps, w->loc, "no profile \"%s\": is \"%s\" meant?",
		    shown(ps, w->s), near);
	else
		parse_error(ps, w->loc, "no profile \"%s\"",
		    shown(ps, w->s));
}

/* Uses are listed from the last; errors are better in the other order. */
static void
finish_uses(struct parse *ps, const struct listen_use *use)
{
	if (use == NULL)
		return;
	finish_uses(ps, use->next);
	if (use->profile == NULL)
		return;
	use->l->profile = profile_named(ps, use->profile->s);
	if (use->l->profile == NULL)
		profile_unknown(ps, use->profile);
}

/* Does any serve clients of the engine? */
static bool
finish_serves(const struct listen_use *use)
{
	while (use != NULL && use->profile == NULL)
		use = use->next;
	return (use != NULL);
}

static uint16_t
tcp_port(const struct listener *l)
{
	if (l->addr.ss_family == AF_INET6)
		return (((const struct sockaddr_in6 *)&l->addr)->sin6_port);
	return (((const struct sockaddr_in *)&l->addr)->sin_port);
}

/* Does it take every address of the family? */
static bool
tcp_takes(const struct listener *l, sa_family_t family)
{
	const struct sockaddr_in6	*sin6;
	const struct sockaddr_in	*sin;

	if (l->addr.ss_family == AF_INET6) {
		sin6 = (const struct sockaddr_in6 *)&l->addr;
		return (IN6_IS_ADDR_UNSPECIFIED(&sin6->sin6_addr) &&
		    (family == AF_INET6 || !l->v6only));
	}
	sin = (const struct sockaddr_in *)&l->addr;
	return (family == AF_INET && sin->sin_addr.s_addr == INADDR_ANY);
}

static bool
listen_clash(const struct listener *a, const struct listener *b)
{
	if (a->kind != b->kind)
		return (false);
	if (a->kind == LISTEN_UNIX)
		return (strcmp(a->path, b->path) == 0);
	if (tcp_port(a) != tcp_port(b))
		return (false);
	if (tcp_takes(a, b->addr.ss_family) || tcp_takes(b, a->addr.ss_family))
		return (true);
	return (a->addrlen == b->addrlen &&
	    memcmp(&a->addr, &b->addr, a->addrlen) == 0);
}

static void
finish_clashes(struct parse *ps, const struct listen_use *uses)
{
	const struct listener	*l;

	if (uses == NULL)
		return;
	finish_clashes(ps, uses->next);
	TAILQ_FOREACH(l, &ps->conf->listeners, entry) {
		if (l == uses->l)
			return;
		if (listen_clash(l, uses->l)) {
			parse_error(ps, uses->loc, "listens where %s does "
			    "already", l->origin);
			return;
		}
	}
}

/* The place of the first rule that can pass the operation, or NULL. */
static const char *
passes(const struct profile *p, size_t op)
{
	const struct rule	*const *r;

	for (r = p->decide[op]; r != NULL && *r != NULL; r++)
		if ((*r)->action == ACTION_PASS)
			return ((*r)->origin);
	return (NULL);
}

static void
finish_create(struct parse *ps, const struct profile_own *own)
{
	const struct allow	*a;
	const char		*where;
	int			 op;

	if (own == NULL)
		return;
	finish_create(ps, own->next);
	if ((op = endpoint_byname("containers/create")) == -1 ||
	    (where = passes(own->profile, (size_t)op)) == NULL)
		return;
	TAILQ_FOREACH(a, &own->profile->allows, entry)
		if (a->kind == ALLOW_IMAGE || a->kind == ALLOW_PRIVILEGED)
			return;
	parse_error(ps, own->loc, "profile \"%s\" passes containers/create "
	    "(%s) without \"allow image\": name the images, or \"any\"",
	    shown(ps, own->profile->name), where);
}

/* Without the profile that conf_new() made for the environment. */
static void
drop_profile(struct config *conf)
{
	TAILQ_REMOVE(&conf->profiles, conf->profile, entry);
	profile_free(conf->profile);
	conf->profile = NULL;
}

void
conf_finish(struct parse *ps)
{
	const struct loc	 end = { ps->top, ps->top->line };

	/* After a syntax error what is missing may well be there. */
	if (ps->errors != 0)
		return;
	finish_limits(ps);
	if (ps->conf->metrics != NULL)
		ps->conf->metrics->limits.header_secs =
		    ps->conf->limits.header_secs;
	finish_uses(ps, ps->uses);
	if (!finish_serves(ps->uses))
		parse_error(ps, end, "nothing is listened on: \"listen on "
		    "ADDRESS port NUMBER profile NAME\" is expected");
	if (ps->errors != 0)
		return;
	finish_clashes(ps, ps->uses);
	drop_profile(ps->conf);
	if (conf_compile(ps->conf) == -1)
		parse_nomem();
	finish_create(ps, ps->owns);
}
