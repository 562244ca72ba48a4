/* SPDX-License-Identifier: ISC */

/*
 * The "listen" statement: where, for whom, under which profile; and "metrics",
 * which is the same without a profile.
 */

#include "../proxyd/parse.h"

#include <sys/un.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEEN_OWNER	0x01
#define SEEN_GROUP	0x02
#define SEEN_MODE	0x04
#define SEEN_FROM	0x08

#define MODE_MAX	0777

/* A listener of that text, or after a message one that is never opened. */
static void
listen_new(struct parse *ps, struct loc loc, const char *text)
{
	struct listener	*l;
	char		 err[512];

	(void)item_count(ps, loc);
	ps->listen_seen = 0;
	ps->group = 0;
	if (conf_listen(ps->conf, text, false, err, sizeof(err)) == -1) {
		parse_error(ps, loc, "%s", err);
		if (conf_listen(ps->conf, "unix:///-", false, err,
		    sizeof(err)) == -1)
			parse_nomem();
	}
	l = TAILQ_LAST(&ps->conf->listeners, listeners);
	if ((l->origin = strdup(parse_origin(ps, loc))) == NULL)
		parse_nomem();
	ps->listen = l;
	ps->listen_loc = loc;
}

void
listen_tcp(struct parse *ps, struct loc loc, const struct word *address,
    const struct word *port)
{
	char		 text[INET6_ADDRSTRLEN + 32];
	struct prefix	 p;
	uint64_t	 num;

	memset(&p, 0, sizeof(p));
	if (address != NULL && (strchr(address->s, '/') != NULL ||
	    prefix_parse(address->s, &p) == -1)) {
		parse_error(ps, address->loc, "listen on \"%s\": an address "
		    "is expected, as 127.0.0.1 or ::1, or any",
		    shown(ps, address->s));
		address = NULL;
	}
	if (number_count(ps, port, "port", 1, UINT16_MAX, &num) == -1)
		num = 1;
	if (address == NULL)
		snprintf(text, sizeof(text), "tcp://:%u", (unsigned int)num);
	else if (p.family == 6)
		snprintf(text, sizeof(text), "tcp://[%s]:%u", address->s,
		    (unsigned int)num);
	else
		snprintf(text, sizeof(text), "tcp://%s:%u", address->s,
		    (unsigned int)num);
	listen_new(ps, loc, text);
}

void
listen_path(struct parse *ps, struct loc loc, const struct word *w)
{
	char		 text[TEXT_MAX + 16];
	const char	*path = NULL;

	if (w->s[0] != '/')
		parse_error(ps, w->loc, "listen on \"%s\": the absolute path "
		    "of a socket, or an address and \"port\", is expected",
		    shown(ps, w->s));
	else
		path = path_absolute(ps, w, "listen on");
	snprintf(text, sizeof(text), "unix://%s", path == NULL ? "/-" : path);
	listen_new(ps, loc, text);
}

/* Each once, and what belongs to a file only with a path. */
static bool
listen_once(struct parse *ps, struct loc loc, unsigned int seen,
    const char *what)
{
	if ((ps->listen_seen & seen) != 0) {
		parse_error(ps, loc, "a second \"%s\"", what);
		return (false);
	}
	ps->listen_seen |= seen;
	if (seen != SEEN_FROM && ps->listen->kind != LISTEN_UNIX) {
		parse_error(ps, loc, "\"%s\" belongs to a unix socket",
		    what);
		return (false);
	}
	return (true);
}

void
listen_owner(struct parse *ps, const struct word *w)
{
	if (listen_once(ps, w->loc, SEEN_OWNER, "owner") &&
	    user_find(w->s, &ps->listen->owner) == -1)
		parse_error(ps, w->loc, "no user \"%s\"", shown(ps, w->s));
}

void
listen_group(struct parse *ps, const struct word *w)
{
	if (listen_once(ps, w->loc, SEEN_GROUP, "group") &&
	    group_find(w->s, &ps->listen->group) == -1)
		parse_error(ps, w->loc, "no group \"%s\"", shown(ps, w->s));
}

void
listen_mode(struct parse *ps, const struct word *w)
{
	const char	*s;
	mode_t		 mode = 0;

	if (!listen_once(ps, w->loc, SEEN_MODE, "mode"))
		return;
	for (s = w->s; *s >= '0' && *s <= '7' && mode <= MODE_MAX; s++)
		mode = mode * 8 + (mode_t)(*s - '0');
	if (s == w->s || *s != '\0' || mode > MODE_MAX)
		parse_error(ps, w->loc, "mode \"%s\": an octal number from 0 "
		    "to 0777 is expected", shown(ps, w->s));
	else
		ps->listen->mode = mode;
}

void
listen_from(struct parse *ps, struct loc loc)
{
	(void)listen_once(ps, loc, SEEN_FROM, "from");
}

void
listen_metrics(struct parse *ps)
{
	if (conf_metrics(ps->conf, ps->listen) == -1)
		parse_nomem();
	listen_end(ps, NULL);
}

void
listen_end(struct parse *ps, const struct word *profile)
{
	struct listen_use	*use = parse_alloc(ps, sizeof(*use));

	use->l = ps->listen;
	use->profile = profile;
	use->loc = ps->listen_loc;
	use->next = ps->uses;
	ps->uses = use;
	ps->listen = NULL;
}
