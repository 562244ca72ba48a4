/* SPDX-License-Identifier: ISC */

/*
 * One request on one connection: its head is parsed, the path matched with
 * the endpoint table, the policy asked.  What passes goes on to upload.c
 * (its body) and ask.c (the parent); what does not is answered here.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../filter/count.h"
#include "../filter/filter.h"
#include "../filter/policy.h"
#include "../filter/record.h"

static struct exchange *exchange_new(struct client *);
static void	 exchange_bad(struct client *, int, const char *);
static void	 exchange_judge(struct client *);
static int	 exchange_admit(struct client *);
static int	 exchange_head_as_get(struct filter *, struct ep_match *);
static bool	 exchange_args_ok(const struct endpoint *,
		    const struct ep_match *);
static int	 exchange_route(struct client *, struct ep_match *);
static int	 exchange_upgrade(struct client *);

uint64_t
filter_usec(void)
{
	struct timespec	 ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000);
}

static struct exchange *
exchange_new(struct client *c)
{
	struct filter	*f = c->filter;
	struct exchange	*x;

	if ((x = TAILQ_FIRST(&f->freelist)) != NULL)
		TAILQ_REMOVE(&f->freelist, x, entry);
	else if ((x = malloc(sizeof(*x))) == NULL)
		return (NULL);
	memset(x, 0, offsetof(struct exchange, path));
	x->pathlen = 0;
	x->trace[0] = '\0';
	x->sentlen = 0;
	x->start = filter_usec();
	x->serial = ++f->serial;
	x->namelen = reqid_print(x->name, f->process, x->serial);
	x->profile = profile_ref(f->profile);
	x->pipe = -1;
	x->http = 1;
	x->method = METHOD_OTHER;
	c->x = x;
	return (x);
}

void
exchange_free(struct client *c)
{
	struct exchange	*x = c->x;

	conf_settle(c);
	upload_stop(x);
	buf_free(&x->ahead);
	free(x->items);
	free(x->held);
	guard_free(x);
	target_free(x);
	profile_free(x->profile);
	if (!lookup_busy(c))
		lookup_forget(c);
	c->x = NULL;
	TAILQ_INSERT_HEAD(&c->filter->freelist, x, entry);
}

size_t
exchange_head(struct client *c, const char *data, size_t len)
{
	struct filter		*f = c->filter;
	struct http_request	*rq = &f->http;
	struct exchange		*x;
	int			 n;

	if (c->seen == 0)
		c->deadline = f->now + f->limits.header_secs;
	n = http_request_parse(rq, data, len, &c->seen);
	if (n == HTTP_INCOMPLETE && len < f->limits.head)
		return (0);
	c->seen = 0;
	if ((x = exchange_new(c)) == NULL) {
		client_free(c);
		return (0);
	}
	if (n == HTTP_BAD) {
		exchange_bad(c, rq->status, rq->reason);
		return (len);
	}
	if (n == HTTP_INCOMPLETE || (size_t)n > f->limits.head) {
		exchange_bad(c, 431, "request head too long");
		return (len);
	}
	x->method = rq->method;
	x->http = (uint8_t)rq->minor;
	x->keepalive = rq->keepalive;
	x->wants_upgrade = rq->upgrade;
	x->unread = rq->chunked || (rq->has_length && rq->length > 0);
	x->pathlen = rq->target.len < sizeof(x->path) ? rq->target.len :
	    sizeof(x->path);
	memcpy(x->path, rq->target.base, x->pathlen);
	if (f->records)
		record_head(c);
	c->deadline = 0;
	exchange_judge(c);
	if (lookup_busy(c) && c->x == NULL)
		return (0);	/* until then it stays unread */
	if (c->eof && !c->dead)
		client_half(c);
	return ((size_t)n);
}

/* Not HTTP that we could go on with. */
static void
exchange_bad(struct client *c, int status, const char *reason)
{
	c->x->keepalive = false;
	reply_error(c, status, reason, true);
}

/* The rules need to know more first.  0: behind the body; -1: it waits. */
static int
exchange_lookup(struct client *c, enum need need,
    const struct ep_match *match)
{
	struct exchange	*x = c->x;
	bool		 exec = x->ep->args == ARG_EXEC;
	const char	*name = match->arg[0];
	size_t		 len = match->arglen[0];

	if (need == NEED_TARGET && (x->ep->flags & EPF_CT_BODY) != 0) {
		if (target_wait(c) == 0)
			return (0);
		exchange_refuse(c, 503, "out of memory");
		return (-1);
	}
	if (need == NEED_TARGET && (x->ep->flags & EPF_CT_QUERY) != 0 &&
	    ((name = target_query(c, &len)) == NULL ||
	    !endpoint_arg_ok(ARG_CONTAINER, name, len)))
		exchange_refuse(c, 400, "container: one name or id of a "
		    "container is expected");
	else if (need == NEED_TARGET && !endpoint_has_container(x->ep))
		exchange_refuse(c, 403, "Forbidden - this operation is about "
		    "no container");
	else if (lookup_start(c, need, exec, name, len) == -1)
		exchange_refuse(c, 503, "too much under way");
	else
		exchange_free(c);
	return (-1);
}

int
exchange_rules(struct client *c, struct facts *facts, enum need *need)
{
	struct exchange	*x = c->x;
	const char	*reason;
	int		 status;

	if (lookup_failed(c, &status, &reason)) {
		exchange_refuse(c, status, reason);
		return (-1);
	}
	memset(facts, 0, sizeof(*facts));
	facts->op = x->op;
	facts->method = x->method;
	facts->path = &c->filter->path;
	facts->peer = &c->peer;
	lookup_facts(c, facts);
	x->rule = policy_decide(x->profile, facts, need);
	return (0);
}

static bool
exchange_blocked(const struct exchange *x)
{
	return (x->rule == NULL || x->rule->action != ACTION_PASS);
}

int
exchange_verdict(struct client *c)
{
	struct filter	*f = c->filter;
	struct exchange	*x = c->x;

	count_rules(f, x);
	x->audited = x->profile->audit || (x->rule != NULL && x->rule->audit);
	if (!exchange_blocked(x))
		return (0);
	policy_message(x->ep, x->rule, f->why, sizeof(f->why));
	if (x->audited && profile_grantable(x->profile, x->ep))
		return (0);
	exchange_refuse(c, 403, f->why);
	return (-1);
}

int
exchange_found(struct client *c, const char *name, size_t len)
{
	struct filter	*f = c->filter;
	struct exchange	*x = c->x;

	if (exchange_blocked(x)) {
		policy_message(x->ep, x->rule, f->why, sizeof(f->why));
		access_audit(c, f->why);
	}
	if (!lookup_missing(c))
		return (0);
	snprintf(f->why, sizeof(f->why), "No such %s: %.*s",
	    x->ep->args == ARG_EXEC ? "exec instance" : "container",
	    (int)len, name);
	exchange_refuse(c, 404, f->why);
	return (-1);
}

/*
 * What the rules say.  The container that they were asked about is the one
 * that the engine gets, by its full id.  -1: refused, or it waits.
 */
static int
exchange_decide(struct client *c, struct ep_match *match, struct facts *facts)
{
	struct exchange	*x = c->x;
	enum need	 need;
	const char	*name = match->arg[0];
	size_t		 len = match->arglen[0];

	if (exchange_rules(c, facts, &need) == -1)
		return (-1);
	if (need != NEED_NOTHING)
		return (exchange_lookup(c, need, match));
	if (exchange_verdict(c) == -1)
		return (-1);
	if (guard_wants(c) && facts->target_known == KNOWN_NOT)
		return (exchange_lookup(c, NEED_TARGET, match));
	if (lookup_missing(c) && (x->ep->flags & EPF_CT_QUERY) != 0)
		name = target_query(c, &len);
	if (exchange_found(c, name, len) == -1)
		return (-1);
	if (lookup_target(c) != NULL && x->ep->args == ARG_CONTAINER) {
		match->arg[0] = lookup_target(c);
		match->arglen[0] = strlen(match->arg[0]);
	}
	return (0);
}

static void
exchange_judge(struct client *c)
{
	struct filter	*f = c->filter;
	struct exchange	*x = c->x;
	struct ep_match	 match;
	struct facts	 facts;
	const char	*reason;
	int		 status;
	bool		 passed;

	if (exchange_admit(c) == -1)
		return;
	if (f->metrics) {
		metrics_request(c);
		return;
	}
	if (exchange_route(c, &match) == -1 ||
	    exchange_decide(c, &match, &facts) == -1)
		return;
	access_audit_begin(c);
	passed = query_judge(x->ep, x->profile, &facts, &f->query) == 0;
	access_audit_end();
	if (!passed) {
		exchange_refuse(c, f->query.status, f->query.reason);
		return;
	}
	target_pin(c);
	if (exchange_upgrade(c) == -1)
		return;
	if (ask_items(c, &match, &status, &reason) == -1) {
		exchange_refuse(c, status, reason);
		return;
	}
	if (upload_begin(c) == -1)
		return;
	if (x->bmode == BM_NONE)
		ask_judged(c, NULL, 0);
}

/*
 * A connection outlives the configuration that it was accepted under; what
 * that one let in may have to go with the next request.
 */
static int
exchange_admit(struct client *c)
{
	const char	*why;

	if (c->filter->retired)
		why = "Forbidden - this address is not served any more";
	else if (!client_admitted(c))
		why = "Forbidden - not a client of this listener any more";
	else
		return (0);
	c->x->keepalive = false;
	exchange_refuse(c, 403, why);
	return (-1);
}

/*
 * RFC 9110 section 9.3.2: HEAD is GET without the body.  moby has it on two
 * routes only, so elsewhere the engine is asked with GET.
 */
static int
exchange_head_as_get(struct filter *f, struct ep_match *match)
{
	const struct endpoint	*ep;
	int			 op;

	op = endpoint_match(METHOD_GET, f->path.text, f->path.len, match);
	if (op < 0)
		return (op);
	ep = endpoint_get((size_t)op);
	return (ep->upgrade == UPGRADE_NONE ? op : -2);
}

/* The parent checks the same, and would end us for asking. */
static bool
exchange_args_ok(const struct endpoint *ep, const struct ep_match *match)
{
	size_t	 i;

	for (i = 0; i < match->nargs; i++)
		if (!endpoint_arg_ok(endpoint_arg_kind(ep, i), match->arg[i],
		    match->arglen[i]))
			return (false);
	return (true);
}

/* Which row of the endpoint table? */
static int
exchange_route(struct client *c, struct ep_match *match)
{
	struct filter	*f = c->filter;
	struct exchange	*x = c->x;
	int		 op;

	if (path_parse(&f->path, &f->http.target, API_MINOR_MIN,
	    API_MINOR_MAX) == -1) {
		exchange_refuse(c, f->path.status, f->path.reason);
		return (-1);
	}
	op = endpoint_match(x->method, f->path.text, f->path.len, match);
	if (op == -2 && x->method == METHOD_HEAD)
		op = exchange_head_as_get(f, match);
	if (op < 0) {
		snprintf(f->why, sizeof(f->why), op == -2 ?
		    "Forbidden - %.16s is not a method of %.300s" :
		    "Forbidden - %.16s %.300s is not an operation of the "
		    "Docker API", method_name(x->method), f->path.text);
		exchange_refuse(c, 403, f->why);
		return (-1);
	}
	if (endpoint_get((size_t)op)->upgrade != UPGRADE_NONE)
		x->keepalive = false;
	if (!exchange_args_ok(endpoint_get((size_t)op), match)) {
		snprintf(f->why, sizeof(f->why), "%.300s: not a name or id "
		    "that this operation takes", f->path.text);
		exchange_refuse(c, 400, f->why);
		return (-1);
	}
	x->op = (uint16_t)op;
	x->minor = (uint8_t)f->path.minor;
	x->libpod = f->path.libpod;
	x->ep = endpoint_get((size_t)op);
	if (!endpoint_in_version(x->ep, x->minor)) {
		snprintf(f->why, sizeof(f->why), "Forbidden - %s is not part "
		    "of this API version", x->ep->name);
		exchange_refuse(c, 403, f->why);
		return (-1);
	}
	return (0);
}

/*
 * The parent asks for the operation's own token whatever the client said.  A
 * client that did not ask gets 200 instead of 101 where Docker knows such
 * clients (attach, exec), and nothing elsewhere.
 */
static int
exchange_upgrade(struct client *c)
{
	struct exchange	*x = c->x;

	if (x->ep->upgrade == UPGRADE_NONE)
		return (0);
	x->swap = !x->wants_upgrade;
	if (!x->swap)
		return (0);
	if (x->ep->upgrade == UPGRADE_H2C)
		exchange_refuse(c, 400, "this operation needs Upgrade: h2c");
	else if (x->ep->upgrade == UPGRADE_WEBSOCKET)
		exchange_refuse(c, 400,
		    "this operation needs Upgrade: websocket");
	else
		return (0);
	return (-1);
}

/*
 * The body of a refused request is read and forgotten when it is small, so
 * that the connection can go on; otherwise the connection ends.
 */
void
exchange_refuse(struct client *c, int status, const char *reason)
{
	struct http_request	*rq = &c->filter->http;
	struct exchange		*x = c->x;
	/* What came behind a refused upgrade is no request. */
	bool			 shut = x->wants_upgrade;

	if (x->unread) {
		if (rq->expect_continue || rq->length > SWALLOW_MAX)
			shut = true;
		else {
			x->bmode = BM_SWALLOW;
			x->bchunked = rq->chunked;
			x->bleft = rq->length;
		}
	}
	reply_error(c, status, reason, shut);
}

void
exchange_done(struct client *c)
{
	struct filter	*f = c->filter;
	struct exchange	*x = c->x;
	bool		 shut = !x->keepalive || f->draining;

	if (!x->logged)
		access_log(c, NULL);
	if (x->bmode == BM_PIPE || x->bmode == BM_COLLECT) {
		shut = true;
		x->reusable = false;
	}
	if (x->id != 0) {
		channel_release(f, x->id, false, x->reusable);
		x->id = 0;
	}
	x->amode = AM_DONE;
	if (x->bmode == BM_SWALLOW && !shut) {
		c->deadline = f->now + x->profile->limits.body_secs;
		return;
	}
	exchange_free(c);
	if (shut) {
		client_close(c);
		return;
	}
	c->deadline = f->limits.idle_secs == 0 ? 0 :
	    f->now + f->limits.idle_secs;
	if (!c->eof)
		client_reading(c, true);
	client_process(c);
}

void
exchange_timeout(struct client *c)
{
	if (c->x == NULL) {
		if (exchange_new(c) == NULL) {
			client_free(c);
			return;
		}
		exchange_bad(c, 408, "request head did not become complete");
		return;
	}
	if (c->x->bmode == BM_COLLECT)
		exchange_bad(c, 408, "request body did not become complete");
	else if (c->x->id != 0 && c->x->amode == AM_HEAD &&
	    c->x->bmode == BM_NONE && !c->eof)
		answer_silent(c);
	else
		client_free(c);
}
