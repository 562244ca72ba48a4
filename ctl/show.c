/* SPDX-License-Identifier: ISC */

/*
 * Records as lines with columns.  Names and paths were chosen by clients, and
 * numbers may come from a filter that lies: text is made printable as in the
 * log, and cut.
 */

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../ctl/ctl.h"
#include "../proxyd/log.h"

#define SHOWN_MAX	1024

static struct {
	char		 listener[sizeof(((struct ctl_filter *)0)->listener) *
			    4 + 1];
	bool		 titled;	/* the line above the columns */
} show;

static const char *shown(char *, size_t, const char *, size_t);
static const char *age(char *, size_t, uint64_t);
static const char *bytes(char *, size_t, uint64_t);
static const char *op_name(unsigned int);
static void	 show_status(const struct ctl_status *);
static void	 show_totals(const struct stats_total *);
static void	 show_counters(const struct stats_total *);
static void	 show_filter(enum ctl_command, const struct ctl_filter *);
static void	 show_client(const struct ctl_client *);
static void	 show_stream(const struct ctl_client *);
static void	 show_rule(const struct ctl_rule *);
static void	 show_text(const struct ctl_text *);

/* Up to the first NUL, printable. */
static const char *
shown(char *buf, size_t size, const char *text, size_t len)
{
	len = strnlen(text, len);
	return (log_vis(buf, size, text, len));
}

/* As ps(1) has it: [days-]hours:minutes:seconds. */
static const char *
age(char *buf, size_t size, uint64_t secs)
{
	const uint64_t	 days = secs / 86400;
	int		 n = 0;

	if (days > 99999)
		return ("?");
	if (days != 0)
		n = snprintf(buf, size, "%" PRIu64 "-", days);
	if (n >= 0 && (size_t)n < size)
		snprintf(buf + n, size - (size_t)n, "%02u:%02u:%02u",
		    (unsigned int)(secs / 3600 % 24),
		    (unsigned int)(secs / 60 % 60),
		    (unsigned int)(secs % 60));
	return (buf);
}

static const char *
bytes(char *buf, size_t size, uint64_t n)
{
	static const char	 units[] = "BKMGTPE";
	unsigned int		 u = 0;
	uint64_t		 part = 0;

	for (; n >= 1024 && u < sizeof(units) - 2; u++) {
		part = n % 1024;
		n /= 1024;
	}
	if (u == 0 || n >= 100)
		snprintf(buf, size, "%" PRIu64 "%c", n, units[u]);
	else
		snprintf(buf, size, "%" PRIu64 ".%u%c", n,
		    (unsigned int)(part * 10 / 1024), units[u]);
	return (buf);
}

static const char *
op_name(unsigned int op)
{
	const struct endpoint	*ep;

	if (op == 0 || (ep = endpoint_get(op - 1)) == NULL)
		return ("-");
	return (ep->name);
}

static void
show_status(const struct ctl_status *st)
{
	char	 version[256], file[SHOWN_MAX], sock[SHOWN_MAX];

	printf("proxyd %s, pid %u%s%s\n", shown(version, sizeof(version),
	    st->version, sizeof(st->version)), st->pid,
	    st->reloading ? ", reloading" : "",
	    st->stopping ? ", stopping" : "");
	(void)shown(file, sizeof(file), st->file, sizeof(st->file));
	printf("%-16s%s\n", "configuration", *file == '\0' ?
	    "the environment" : file);
	printf("%-16s%s\n", "engine", shown(sock, sizeof(sock), st->socket,
	    sizeof(st->socket)));
	printf("%-16s%s\n", "log", st->verbose ? "verbose" : "brief");
}

static void
show_totals(const struct stats_total *t)
{
	uint64_t	 sum[VERDICT_MAX] = { 0 };
	char		 buf[64];
	size_t		 op, v;

	for (op = 0; op < STATS_OPS; op++)
		for (v = 0; v < VERDICT_MAX; v++)
			sum[v] += t->counts.request[op][v];
	printf("%-16s%s\n", "up", age(buf, sizeof(buf), t->uptime));
	printf("%-16s%" PRIu64 ", %" PRIu64 " reloads, %" PRIu64
	    " refused\n", "generation", t->generation, t->reloads,
	    t->reload_errors);
	printf("%-16s%s, %" PRIu64 " connects, %" PRIu64 " failed\n",
	    "engine is", stats_engine_name((unsigned int)t->engine),
	    t->connects, t->connect_errors);
	printf("%-16s%" PRIu64 " of %" PRIu64 "\n", "descriptors", t->fds,
	    t->maxfds);
	printf("%-16s%" PRIu64 " now, %" PRIu64 " came, %" PRIu64
	    " refused\n", "clients", t->clients, t->counts.accepted,
	    t->counts.denied);
	printf("%-16s%" PRIu64 " under way, %" PRIu64 " of them streams\n",
	    "requests", t->requests, t->streams);
	printf("%-16s%" PRIu64 " pass, %" PRIu64 " block, %" PRIu64
	    " audit, %" PRIu64 " error\n", "so far", sum[VERDICT_PASS],
	    sum[VERDICT_BLOCK], sum[VERDICT_AUDIT], sum[VERDICT_ERROR]);
	printf("%-16s%" PRIu64 " of %" PRIu64 " serve, %" PRIu64
	    " restarts\n", "filters", t->serving, t->listeners, t->restarts);
}

static void
show_number(const char *name, const char *what, uint64_t n)
{
	printf("%-24s%-16s%12" PRIu64 "\n", name, what, n);
}

static void
show_durations(const struct stats_total *t)
{
	uint64_t	 n;
	int		 i, kind;

	for (kind = 0; kind < KIND_MAX; kind++) {
		for (i = 0, n = 0; i < STATS_BUCKETS; i++)
			n += t->counts.bucket[kind][i];
		show_number("answered", stats_kind_name(kind), n);
		show_number("mean usec", stats_kind_name(kind),
		    n == 0 ? 0 : t->counts.usecs[kind] / n);
	}
}

static void
show_counters(const struct stats_total *t)
{
	size_t	 op;
	int	 i;

	for (op = 0; op < STATS_OPS; op++)
		for (i = 0; i < VERDICT_MAX; i++)
			if (t->counts.request[op][i] != 0)
				show_number(op == STATS_NO_OP ? "none" :
				    op_name((unsigned int)op + 1),
				    verdict_name(i),
				    t->counts.request[op][i]);
	for (i = 0; i < REFUSAL_MAX; i++)
		show_number("refused", stats_refusal_name(i),
		    t->counts.refusal[i]);
	show_durations(t);
	show_number("audited", "", t->counts.audited);
	show_number("bytes", "up", t->counts.up);
	show_number("bytes", "down", t->counts.down);
	show_number("connections", "accepted", t->counts.accepted);
	show_number("connections", "refused", t->counts.denied);
	show_number("engine", "connects", t->connects);
	show_number("engine", "failed", t->connect_errors);
	show_number("filters", "restarts", t->restarts);
	show_number("log lines", "lost", t->counts.lost);
}

static void
show_filter(enum ctl_command command, const struct ctl_filter *f)
{
	(void)shown(show.listener, sizeof(show.listener), f->listener,
	    sizeof(f->listener));
	if (command == CTL_SHOW_RULES && !f->metrics && !f->retired)
		printf("%s\n", show.listener);
	if (command != CTL_SHOW_STATUS)
		return;
	if (!show.titled)
		printf("%-40s %-8s %7s %8s %7s %7s %7s\n", "LISTENER",
		    "STATE", "PID", "RESTARTS", "CLIENTS", "REQUEST",
		    "STREAMS");
	show.titled = true;
	printf("%-40s %-8s %7u %8u %7u %7u %7u\n", show.listener,
	    f->retired ? "leaving" : !f->serving ? "down" :
	    f->metrics ? "metrics" : "serving", f->pid, f->restarts,
	    f->clients, f->requests, f->streams);
}

static void
show_client(const struct ctl_client *c)
{
	static const char *const	 states[CLIENT_STATES] = {
		[CLIENT_IDLE] = "idle",
		[CLIENT_BODY] = "body",
		[CLIENT_WAITS] = "waits",
		[CLIENT_ANSWER] = "answer",
		[CLIENT_STREAM] = "stream",
		[CLIENT_CLOSING] = "closing"
	};
	char	 name[SHOWN_MAX], path[SHOWN_MAX], old[32], up[32], down[32];

	if (!show.titled)
		printf("%-24s %-8s %11s %7s %7s %-24s %s\n", "CLIENT",
		    "STATE", "AGE", "UP", "DOWN", "OPERATION",
		    "LISTENER PATH");
	show.titled = true;
	printf("%-24s %-8s %11s %7s %7s %-24s %s %s\n", shown(name,
	    sizeof(name), c->name, sizeof(c->name)),
	    c->state < CLIENT_STATES ? states[c->state] : "?",
	    age(old, sizeof(old), c->age), bytes(up, sizeof(up), c->up),
	    bytes(down, sizeof(down), c->down), op_name(c->op),
	    show.listener, shown(path, sizeof(path), c->path,
	    sizeof(c->path)));
}

static void
show_stream(const struct ctl_client *c)
{
	char	 name[SHOWN_MAX], path[SHOWN_MAX], id[SHOWN_MAX], old[32],
		 idle[32], up[32], down[32];

	if (!show.titled)
		printf("%7s %-24s %11s %11s %7s %7s %-24s %s\n", "ID",
		    "CLIENT", "AGE", "IDLE", "UP", "DOWN", "OPERATION",
		    "LISTENER PATH REQUEST");
	show.titled = true;
	(void)shown(name, sizeof(name), c->name, sizeof(c->name));
	printf("%7" PRIu64 " %-24s %11s %11s %7s %7s %-24s %s %s %s\n", c->id,
	    *name == '\0' ? "?" : name, age(old, sizeof(old), c->age),
	    age(idle, sizeof(idle), c->idle), bytes(up, sizeof(up), c->up),
	    bytes(down, sizeof(down), c->down), op_name(c->op),
	    show.listener, shown(path, sizeof(path), c->path,
	    sizeof(c->path)), shown(id, sizeof(id), c->request,
	    sizeof(c->request)));
}

static void
show_rule(const struct ctl_rule *r)
{
	char	 origin[SHOWN_MAX], text[sizeof(r->text) * 4 + 1];

	printf("  %s\n", shown(text, sizeof(text), r->text,
	    sizeof(r->text)));
	(void)shown(origin, sizeof(origin), r->origin, sizeof(r->origin));
	if (r->counted)
		printf("    [ %s  Evaluations: %-10" PRIu64 " Matches: %-10"
		    PRIu64 " ]\n", origin, r->evaluated, r->matched);
	else
		printf("    [ %s  not counted ]\n", origin);
}

static void
show_text(const struct ctl_text *t)
{
	char	 text[sizeof(t->text) * 4 + 1];

	fprintf(stderr, "%s\n", shown(text, sizeof(text), t->text,
	    sizeof(t->text)));
}

/* The record, if it has the size of one. */
static bool
record(const struct imsg *imsg, void *rec, size_t size)
{
	return (imsg_get_data(imsg, rec, size) == 0);
}

int
show_record(enum ctl_command command, const struct imsg *imsg)
{
	static union {
		struct ctl_status	 status;
		struct stats_total	 total;
		struct ctl_filter	 filter;
		struct ctl_client	 client;
		struct ctl_rule		 rule;
		struct ctl_text		 text;
	}				 u;
	uint32_t			 type = imsg_get_type(imsg);

	if (type == CTL_STATUS && record(imsg, &u, sizeof(u.status)))
		show_status(&u.status);
	else if (type == CTL_TOTAL && record(imsg, &u, sizeof(u.total)))
		command == CTL_SHOW_STATUS ? show_totals(&u.total) :
		    show_counters(&u.total);
	else if (type == CTL_FILTER && record(imsg, &u, sizeof(u.filter)))
		show_filter(command, &u.filter);
	else if (type == CTL_CLIENT && record(imsg, &u, sizeof(u.client)))
		command == CTL_SHOW_STREAMS ? show_stream(&u.client) :
		    show_client(&u.client);
	else if (type == CTL_RULE && record(imsg, &u, sizeof(u.rule)))
		show_rule(&u.rule);
	else if (type == CTL_TEXT && record(imsg, &u, sizeof(u.text)))
		show_text(&u.text);
	else
		return (-1);
	return (0);
}

void
show_end(enum ctl_command command)
{
	if ((command == CTL_SHOW_CLIENTS || command == CTL_SHOW_STREAMS) &&
	    !show.titled)
		printf("no %s\n", command == CTL_SHOW_CLIENTS ? "clients" :
		    "streams");
}
