/* SPDX-License-Identifier: ISC */

/*
 * What the parent knows by itself, for proxyctl(8): its state, the filters,
 * the sums of what is counted, and the rules with how often they decided.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bsd/string.h>

#include "../parent/control.h"
#include "../proxyd/print.h"

#define RULES_ONCE	32	/* told of in one step */

static void	 send_total(struct control *);
static void	 send_filter(struct control *, const struct filter *);
static void	 send_rule(struct control *, const struct filter *,
		    const struct rule *);
static void	 rule_text(const struct rule *, char *, size_t);
static struct filter *show_filter(struct control *);

static void
send_total(struct control *c)
{
	struct stats_total	 total;

	stats_sum(c->parent, &total);
	control_send(c, CTL_TOTAL, &total, sizeof(total));
}

static void
send_filter(struct control *c, const struct filter *f)
{
	const struct request	*req;
	struct ctl_filter	 rec;

	memset(&rec, 0, sizeof(rec));
	rec.pid = f->pid == -1 ? 0 : (uint32_t)f->pid;
	rec.serving = f->state == FILTER_RUN;
	rec.retired = f->retired;
	rec.metrics = f->listener->metrics;
	rec.restarts = f->nrestarts;
	if (f->page != NULL && f->state == FILTER_RUN)
		rec.clients = f->page->map->clients;
	rec.requests = (uint32_t)f->nreqs;
	TAILQ_FOREACH(req, &f->reqs, entry)
		rec.streams += stats_stream(req);
	(void)strlcpy(rec.listener, f->listener->text, sizeof(rec.listener));
	control_send(c, CTL_FILTER, &rec, sizeof(rec));
}

/* By the id of its listener, since a list goes on after a reload. */
struct filter *
show_next(struct control *c)
{
	struct filter	*f, *best = NULL;

	TAILQ_FOREACH(f, &c->parent->filters, entry)
		if (f->listener->id > c->listener && (best == NULL ||
		    f->listener->id < best->listener->id))
			best = f;
	if (best == NULL)
		return (NULL);
	c->listener = best->listener->id;
	c->rule = 0;
	c->after = 0;
	c->nclients = 0;
	c->waited = 0;
	send_filter(c, best);
	return (best);
}

enum step
show_status(struct control *c)
{
	const struct parent	*parent = c->parent;
	const struct config	*conf = parent->conf;
	struct ctl_status	 rec;

	if (c->listener == 0) {
		memset(&rec, 0, sizeof(rec));
		rec.pid = (uint32_t)getpid();
		rec.verbose = log_getlevel() == LOG_LVL_DEBUG;
		rec.reloading = parent->reloading;
		rec.stopping = parent->drain != 0;
		(void)strlcpy(rec.version, PROXYD_VERSION,
		    sizeof(rec.version));
		(void)strlcpy(rec.file, conf->file == NULL ? "" : conf->file,
		    sizeof(rec.file));
		(void)strlcpy(rec.socket, conf->socket, sizeof(rec.socket));
		control_send(c, CTL_STATUS, &rec, sizeof(rec));
		send_total(c);
	}
	return (show_next(c) == NULL ? STEP_DONE : STEP_MORE);
}

enum step
show_counters(struct control *c)
{
	send_total(c);
	return (STEP_DONE);
}

/* One that is still there, and not on its way out. */
static struct filter *
show_filter(struct control *c)
{
	struct filter	*f;

	TAILQ_FOREACH(f, &c->parent->filters, entry)
		if (f->listener->id == c->listener && !f->retired)
			return (f);
	return (NULL);
}

enum step
show_rules(struct control *c)
{
	struct filter		*f = show_filter(c);
	const struct rule	*r;
	unsigned int		 n = 0;

	if (f == NULL)
		return (show_next(c) == NULL ? STEP_DONE : STEP_MORE);
	TAILQ_FOREACH(r, &f->listener->profile->rules, entry) {
		if (r->num < c->rule)
			continue;
		if (n++ == RULES_ONCE)
			return (STEP_MORE);
		send_rule(c, f, r);
		c->rule = r->num + 1;
	}
	return (show_next(c) == NULL ? STEP_DONE : STEP_MORE);
}

/* Counted under the policy in force, or not at all. */
static void
send_rule(struct control *c, const struct filter *f, const struct rule *r)
{
	struct ctl_rule	 rec;

	memset(&rec, 0, sizeof(rec));
	(void)strlcpy(rec.origin, r->origin, sizeof(rec.origin));
	rule_text(r, rec.text, sizeof(rec.text));
	if (f->page != NULL && r->num < STATS_RULES &&
	    f->page->map->generation == f->parent->generation) {
		rec.counted = 1;
		rec.evaluated = f->page->map->rule[r->num].evaluated;
		rec.matched = f->page->map->rule[r->num].matched;
	}
	control_send(c, CTL_RULE, &rec, sizeof(rec));
}

/* As proxyd -nv prints it, in one line and without its comment. */
static void
rule_text(const struct rule *r, char *dst, size_t size)
{
	struct rule	 bare = *r;
	char		*text = NULL, *line, *rest;
	size_t		 len = 0, n;
	FILE		*f;

	*dst = '\0';
	bare.origin = NULL;
	if ((f = open_memstream(&text, &len)) == NULL)
		return;
	conf_print_rule(f, &bare);
	if (fclose(f) != 0) {
		free(text);
		return;
	}
	rest = text;
	while ((line = strsep(&rest, "\n")) != NULL) {
		line += strspn(line, " \t");
		/* It goes on in the next. */
		n = strlen(line);
		if (n >= 2 && strcmp(line + n - 2, " \\") == 0)
			line[n - 2] = '\0';
		if (*dst != '\0' && *line != '\0')
			(void)strlcat(dst, " ", size);
		(void)strlcat(dst, line, size);
	}
	free(text);
}
