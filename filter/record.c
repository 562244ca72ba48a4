/* SPDX-License-Identifier: ISC */

/*
 * What became of a request, for a log that programs read: the same as in its
 * line, in numbers and texts of their own.  The parent gives them names and
 * makes them safe.
 */

#include "../filter/record.h"

#include <string.h>

#include "../filter/filter.h"
#include "../filter/trace.h"

#define REASON_LOGGED	1024
#define RULE_LOGGED	512
#define LABEL_LOGGED	256
#define LINE_LOGGED	2400

static void	 record_add(struct imsg_access *, struct iovec *,
		    enum access_text, const char *, size_t, size_t);
static void	 record_client(const struct client *, struct imsg_access *,
		    struct iovec *);
static void	 record_rule(const struct exchange *, struct imsg_access *,
		    struct iovec *);

/* A name that is safe wherever it is printed, or nothing. */
static bool
sent_ok(const char *s, size_t len)
{
	static const char	 also[] = "-_.:/+=@";
	size_t			 i;

	for (i = 0; i < len; i++)
		if (!((s[i] >= '0' && s[i] <= '9') ||
		    (s[i] >= 'a' && s[i] <= 'z') ||
		    (s[i] >= 'A' && s[i] <= 'Z') ||
		    memchr(also, s[i], sizeof(also) - 1) != NULL))
			return (false);
	return (len > 0);
}

void
record_head(struct client *c)
{
	const struct http_request	*rq = &c->filter->http;
	const struct http_header	*h;
	struct exchange			*x = c->x;

	h = http_header_find(rq->headers, rq->nheaders, REQID_HEADER);
	if (h == NULL || h->value.len > sizeof(x->sent) ||
	    !sent_ok(h->value.base, h->value.len))
		return;
	x->sentlen = h->value.len;
	memcpy(x->sent, h->value.base, x->sentlen);
}

static void
record_add(struct imsg_access *a, struct iovec *iov, enum access_text which,
    const char *text, size_t len, size_t max)
{
	if (len > max)
		len = max;
	a->len[which] = (uint16_t)len;
	iov[which].iov_base = (void *)(uintptr_t)text;
	iov[which].iov_len = len;
}

static void
record_client(const struct client *c, struct imsg_access *a,
    struct iovec *iov)
{
	struct facts	 facts;

	a->cred = c->peer.cred;
	a->uid = c->peer.uid;
	a->pid = c->peer.pid;
	record_add(a, iov, ACCESS_CLIENT, c->name, strlen(c->name),
	    sizeof(c->name));
	lookup_facts(c, &facts);
	if (facts.asker_known == KNOWN_YES)
		record_add(a, iov, ACCESS_CONTAINER, facts.asker->id,
		    strlen(facts.asker->id), 64);
}

static void
record_rule(const struct exchange *x, struct imsg_access *a,
    struct iovec *iov)
{
	const char	*text = x->rule == NULL ? "default" : x->rule->origin;

	record_add(a, iov, ACCESS_RULE, text, strlen(text), RULE_LOGGED);
	if (x->rule != NULL && (text = x->rule->label) != NULL)
		record_add(a, iov, ACCESS_LABEL, text, strlen(text),
		    LABEL_LOGGED);
}

/* Without the query; one that was cut ends in dots. */
static size_t
record_path(const struct exchange *x, char path[PATH_LOGGED + 3])
{
	const char	*query = memchr(x->path, '?', x->pathlen);
	size_t		 n = x->pathlen;

	if (query != NULL)
		n = (size_t)(query - x->path);
	memcpy(path, x->path, n);
	if (n < PATH_LOGGED)
		return (n);
	memcpy(path + n, "...", 3);
	return (n + 3);
}

void
record_send(struct client *c, enum verdict verdict, int priority,
    const char *why, const char *line, size_t len)
{
	struct exchange		*x = c->x;
	struct imsg_access	 a;
	struct iovec		 iov[1 + ACCESS_MAX];
	const char		*field = trace_field();
	char			 path[PATH_LOGGED + 3];

	memset(&a, 0, sizeof(a));
	memset(iov, 0, sizeof(iov));
	a.serial = x->serial;
	a.sent = x->down;
	a.received = x->up;
	a.usec = filter_usec() - x->start;
	a.priority = (uint32_t)priority;
	a.status = (uint16_t)x->status;
	a.op = x->ep == NULL ? 0 : (uint16_t)(x->op + 1);
	a.method = (uint8_t)x->method;
	a.verdict = (uint8_t)verdict;
	iov[0].iov_base = &a;
	iov[0].iov_len = sizeof(a);
	record_client(c, &a, iov + 1);
	record_add(&a, iov + 1, ACCESS_PATH, path, record_path(x, path),
	    sizeof(path));
	record_rule(x, &a, iov + 1);
	if (why != NULL) {
		record_add(&a, iov + 1, ACCESS_REASON, why, strlen(why),
		    REASON_LOGGED);
		record_add(&a, iov + 1, ACCESS_FIELD, field, strlen(field),
		    256);
	}
	record_add(&a, iov + 1, ACCESS_TRACE, x->trace, strlen(x->trace),
	    TRACE_ID_LEN);
	record_add(&a, iov + 1, ACCESS_SENT, x->sent, x->sentlen,
	    sizeof(x->sent));
	record_add(&a, iov + 1, ACCESS_LINE, line, len, LINE_LOGGED);
	channel_record(c->filter, iov, 1 + ACCESS_MAX, priority);
}
