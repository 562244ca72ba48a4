/* SPDX-License-Identifier: ISC */

/*
 * One line for each request, and one for each refusal that "mode audit" lets
 * pass.  What a client chose is made printable; headers, query values and
 * bodies, where credentials are, do not appear.
 */

#include <string.h>
#include <syslog.h>

#include "../filter/count.h"
#include "../filter/filter.h"
#include "../filter/record.h"
#include "../filter/text.h"
#include "../filter/trace.h"

#define AUDIT_MAX	100	/* lines of one request */

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

/* client operation METHOD path, as every line begins. */
static void
access_head(struct text *t, const struct client *c)
{
	const struct exchange	*x = c->x;
	static char		 path[PATH_LOGGED * 4 + 8];

	access_path(x, path, sizeof(path));
	text_str(t, c->name);
	text_str(t, " ");
	text_str(t, x->ep == NULL ? "-" : x->ep->name);
	text_str(t, " ");
	text_str(t, method_name(x->method));
	text_str(t, " ");
	text_str(t, path);
	text_str(t, " ");
}

static void
access_rule(struct text *t, const struct exchange *x)
{
	text_str(t, "id ");
	text_add(t, x->name, x->namelen);
	text_str(t, " rule ");
	text_str(t, x->rule == NULL ? "default" : x->rule->origin);
	if (x->rule != NULL && x->rule->label != NULL) {
		text_str(t, " (");
		text_str(t, x->rule->label);
		text_str(t, ")");
	}
}

static void
access_refused(struct text *t, const struct exchange *x, const char *reason)
{
	static char	 why[1024];

	log_vis(why, sizeof(why), reason, strlen(reason));
	access_rule(t, x);
	text_str(t, ": ");
	if (x->status < 500 && x->status != 404 &&
	    strncmp(why, "Forbidden", 9) != 0)
		text_str(t, "Forbidden - ");
	text_str(t, why);
}

static void
access_passed(struct text *t, const struct exchange *x)
{
	uint64_t	 us = filter_usec() - x->start;

	text_num(t, x->down, 1);
	text_str(t, "B ");
	text_num(t, us / 1000, 1);
	text_str(t, ".");
	text_num(t, us / 100 % 10, 1);
	text_str(t, "ms ");
	access_rule(t, x);
}

/* Does this request get a line?  What a rule says goes before "set log". */
static bool
access_wanted(const struct exchange *x, bool refused)
{
	if ((x->rule != NULL && x->rule->log) ||
	    log_getlevel() == LOG_LVL_DEBUG)
		return (true);
	if (x->profile->log == LOG_WHICH_NONE)
		return (false);
	return (refused || (x->profile->log == LOG_WHICH_ALL &&
	    log_getlevel() >= LOG_LVL_INFO));
}

/* As a line, or as a record, or both. */
static void
access_send(struct client *c, enum verdict verdict, int priority,
    const char *reason, const struct text *t)
{
	if (c->filter->records)
		record_send(c, verdict, priority, reason, t->buf, t->len);
	else
		channel_log(priority, t->buf, t->len);
}

static void
access_line(struct text *t, struct client *c, const char *reason)
{
	access_head(t, c);
	text_num(t, (uint64_t)c->x->status, 1);
	text_str(t, " ");
	if (reason == NULL)
		access_passed(t, c->x);
	else
		access_refused(t, c->x, reason);
}

/* What is neither refused nor passed: the engine, or we, could not. */
static enum verdict
access_verdict(const struct exchange *x, const char *reason)
{
	if (reason == NULL)
		return (VERDICT_PASS);
	return (verdict_answered(x->status));
}

/* The buffers are static: gcc would zero them for every request. */
void
access_log(struct client *c, const char *reason)
{
	static char	 line[2400];
	struct exchange	*x = c->x;
	struct text	 t;
	int		 priority;

	if (x->logged)
		return;
	x->logged = true;
	count_request(c, reason != NULL);
	if (c->filter->explain) {
		if (reason != NULL)
			explained_block(x, x->status, reason);
		return;
	}
	if (!access_wanted(x, reason != NULL)) {
		if (reason != NULL)
			(void)trace_field();	/* is not another's */
		return;
	}
	text_init(&t, line, sizeof(line));
	if (c->filter->lines)
		access_line(&t, c, reason);
	if (reason == NULL)
		priority = x->rule != NULL && x->rule->log ? LOG_NOTICE :
		    LOG_INFO;
	else
		priority = x->status < 500 ? LOG_NOTICE : LOG_WARNING;
	access_send(c, access_verdict(x, reason), priority, reason, &t);
}

void
access_audit(struct client *c, const char *reason)
{
	static char	 line[2400];
	struct text	 t;

	c->x->spared = true;
	c->filter->page->counts.audited++;
	if (c->filter->explain) {
		explained_audit(reason);
		return;
	}
	text_init(&t, line, sizeof(line));
	if (c->filter->lines) {
		access_head(&t, c);
		text_str(&t, "audit ");
		access_refused(&t, c->x, reason);
	}
	access_send(c, VERDICT_AUDIT, LOG_NOTICE, reason, &t);
}

/* A body can hold a million things that are not allowed. */
static void
access_audit_one(void *arg, const char *reason)
{
	struct client	*c = arg;

	if (c->x->audits < AUDIT_MAX)
		access_audit(c, reason);
	else if (c->x->audits == AUDIT_MAX)
		access_audit(c, "more of this request is not logged");
	else
		return;
	c->x->audits++;
}

void
access_audit_begin(struct client *c)
{
	if (c->x->audited)
		trace_audit(access_audit_one, c);
}

void
access_audit_end(void)
{
	trace_audit(NULL, NULL);
}
