/* SPDX-License-Identifier: ISC */

/*
 * One line for each request.  A line for a refusal is logged at every level;
 * what a client chose is made printable; headers, query values and bodies,
 * where credentials are, do not appear.
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "../filter/filter.h"

static void	 access_path(const struct exchange *, char *, size_t);

/* The path without its query, printable. */
static void
access_path(const struct exchange *x, char *dst, size_t size)
{
	const char	*query;
	size_t		 len = x->pathlen;

	if ((query = memchr(x->path, '?', len)) != NULL)
		len = (size_t)(query - x->path);
	log_vis(dst, size, x->path, len);
	if (len == sizeof(x->path) && strlen(dst) + 4 < size)
		memcpy(dst + strlen(dst), "...", 4);
}

void
access_log(struct client *c, const char *reason)
{
	struct exchange	*x = c->x;
	const char	*rule = x->rule == NULL ? "default" : x->rule->origin;
	/* static: gcc would zero them for every request */
	static char	 path[PATH_LOGGED * 4 + 8], why[1024], line[2400];
	bool		 refused = reason != NULL && x->status < 500;
	uint64_t	 us;
	int		 n;

	if (x->logged)
		return;
	x->logged = true;
	if (!refused && reason == NULL && log_getlevel() < LOG_LVL_INFO)
		return;
	access_path(x, path, sizeof(path));
	us = filter_usec() - x->start;
	if (reason == NULL)
		n = snprintf(line, sizeof(line), "%s %s %s %s %d %" PRIu64
		    "B %" PRIu64 ".%" PRIu64 "ms rule %s", c->peer,
		    x->ep == NULL ? "-" : x->ep->name, method_name(x->method),
		    path, x->status, x->down, us / 1000, us / 100 % 10, rule);
	else {
		log_vis(why, sizeof(why), reason, strlen(reason));
		n = snprintf(line, sizeof(line), "%s %s %s %s %d rule %s: %s%s",
		    c->peer, x->ep == NULL ? "-" : x->ep->name,
		    method_name(x->method), path, x->status, rule,
		    x->status < 500 && strncmp(why, "Forbidden", 9) != 0 ?
		    "Forbidden - " : "", why);
	}
	if (n < 0)
		return;
	if ((size_t)n >= sizeof(line))
		n = sizeof(line) - 1;
	if (refused)
		channel_log(LOG_NOTICE, line, (size_t)n);
	else
		channel_log(reason == NULL ? LOG_INFO : LOG_WARNING, line,
		    (size_t)n);
}
