/* SPDX-License-Identifier: ISC */

/*
 * Asking the parent.  The request is taken apart into numbers of the
 * endpoint table and plain strings; a judged body is the text that the
 * schema rebuilt.  Nothing the client sent travels as it was.
 */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../filter/body/body.h"
#include "../filter/filter.h"
#include "../proxyd/tracectx.h"

#define STATE_RECEIVED	1024	/* of a tracestate, with its blanks */

/* An item list being written. */
struct items {
	uint8_t		*buf;
	size_t		 size;
	size_t		 len;
	unsigned int	 n;
	bool		 full;
};

static void	 item_add(struct items *, enum item_kind, unsigned int,
		    const char *, size_t);
static void	 items_headers(struct items *, struct exchange *,
		    const struct http_request *);
static void	 items_trace(struct items *, struct exchange *,
		    const struct http_request *);
static bool	 body_trivial(const char *, size_t);
static time_t	 ask_deadline(const struct client *);
static void	 ask_send(struct client *, enum body_kind, const void *, size_t,
		    uint64_t, int);

static void
item_add(struct items *it, enum item_kind kind, unsigned int idx,
    const char *text, size_t len)
{
	struct imsg_item	 item;

	if (len > UINT16_MAX || it->len + sizeof(item) + len > it->size) {
		it->full = true;
		return;
	}
	item.kind = (uint8_t)kind;
	item.index = (uint8_t)idx;
	item.len = (uint16_t)len;
	memcpy(it->buf + it->len, &item, sizeof(item));
	it->len += sizeof(item);
	memcpy(it->buf + it->len, text, len);
	it->len += len;
	it->n++;
}

int
ask_items(struct client *c, const struct ep_match *match, int *status,
    const char **reason)
{
	struct filter		*f = c->filter;
	struct exchange		*x = c->x;
	struct imsg_request	 rq;
	struct items		 it;
	size_t			 i;

	memset(&it, 0, sizeof(it));
	it.buf = f->head + sizeof(rq);
	it.size = REQUEST_TEXT_MAX;
	for (i = 0; i < match->nargs; i++)
		item_add(&it, ITEM_ARG, (unsigned int)i, match->arg[i],
		    match->arglen[i]);
	*status = 400;
	*reason = "control byte in a query value";
	for (i = 0; i < f->query.n; i++) {
		if (!endpoint_text_ok(f->query.item[i].value,
		    f->query.item[i].len, true))
			return (-1);
		item_add(&it, ITEM_QUERY, f->query.item[i].key,
		    f->query.item[i].value, f->query.item[i].len);
	}
	items_headers(&it, x, &f->http);
	*status = 431;
	*reason = "path, query and headers are too long together";
	if (it.full)
		return (-1);
	memset(&rq, 0, sizeof(rq));
	rq.op = x->op;
	rq.minor = x->minor;
	rq.libpod = x->libpod;
	rq.serial = x->serial;
	rq.nitems = (uint16_t)it.n;
	rq.items_len = (uint16_t)it.len;
	memcpy(f->head, &rq, sizeof(rq));
	x->itemslen = sizeof(rq) + it.len;
	return (0);
}

/* Only headers that the engine reads on this row, and only clean ones. */
static void
items_headers(struct items *it, struct exchange *x,
    const struct http_request *rq)
{
	const struct http_header	*h;
	uint32_t			 seen = 0;
	size_t				 i;
	int				 idx;
	bool				 traced = false;

	for (i = 0; i < rq->nheaders; i++) {
		h = &rq->headers[i];
		idx = req_header_find(h->name.base, h->name.len);
		if (idx == -1 ||
		    !req_header_wanted(x->ep, (enum req_header)idx))
			continue;
		if (idx == HDR_TRACEPARENT || idx == HDR_TRACESTATE) {
			traced = true;
			continue;
		}
		if (h->value.len == 0 || !endpoint_text_ok(h->value.base,
		    h->value.len, false) || ((seen & 1U << idx) != 0 &&
		    idx != HDR_SESSION_METHOD))
			continue;
		seen |= 1U << idx;
		item_add(it, ITEM_HEADER, (unsigned int)idx, h->value.base,
		    h->value.len);
	}
	if (traced)
		items_trace(it, x, rq);
}

/* The one header of that name; NULL: there is none, or more than one. */
static const struct slice *
header_single(const struct http_request *rq, const char *name)
{
	const struct slice	*found = NULL;
	size_t			 i;

	for (i = 0; i < rq->nheaders; i++) {
		if (!slice_is(&rq->headers[i].name, name))
			continue;
		if (found != NULL)
			return (NULL);
		found = &rq->headers[i].value;
	}
	return (found);
}

/* All of that name as one list, RFC 9110 section 5.3; -1: it is too long. */
static ssize_t
header_joined(const struct http_request *rq, const char *name, char *buf,
    size_t size)
{
	const struct slice	*s;
	size_t			 i, len = 0;

	for (i = 0; i < rq->nheaders; i++) {
		s = &rq->headers[i].value;
		if (!slice_is(&rq->headers[i].name, name))
			continue;
		if (s->len >= size - len)
			return (-1);
		memcpy(buf + len, s->base, s->len);
		len += s->len;
		buf[len++] = ',';
	}
	return ((ssize_t)len);
}

/*
 * W3C Trace Context: what is malformed is dropped and not refused, and
 * without the parent there is no state.
 */
static void
items_trace(struct items *it, struct exchange *x,
    const struct http_request *rq)
{
	const struct slice	*s;
	char			 parent[TRACEPARENT_LEN];
	char			 state[TRACESTATE_MAX], all[STATE_RECEIVED];
	ssize_t			 n;
	size_t			 len;

	s = header_single(rq, req_header_name(HDR_TRACEPARENT));
	if (s == NULL || !tracectx_parent(s->base, s->len, parent))
		return;
	memcpy(x->trace, parent + TRACE_ID_AT, TRACE_ID_LEN);
	x->trace[TRACE_ID_LEN] = '\0';
	item_add(it, ITEM_HEADER, HDR_TRACEPARENT, parent, sizeof(parent));
	n = header_joined(rq, req_header_name(HDR_TRACESTATE), all,
	    sizeof(all));
	if (n > 0 && (len = tracectx_state(all, (size_t)n, state)) != 0)
		item_add(it, ITEM_HEADER, HDR_TRACESTATE, state, len);
}

uint32_t
ask_lookup(struct client *c, const char *name, const char *arg, size_t len)
{
	struct filter		*f = c->filter;
	struct imsg_request	 rq;
	struct items		 it;
	struct iovec		 iov[2];
	uint32_t		 id;
	int			 op;

	if ((op = endpoint_byname(name)) == -1 ||
	    !endpoint_arg_ok(endpoint_get((size_t)op)->args, arg, len) ||
	    (id = channel_id(f, c)) == 0)
		return (0);
	memset(&it, 0, sizeof(it));
	it.buf = f->head;
	it.size = REQUEST_TEXT_MAX;
	item_add(&it, ITEM_ARG, 0, arg, len);
	memset(&rq, 0, sizeof(rq));
	rq.op = (uint16_t)op;
	rq.nitems = (uint16_t)it.n;
	rq.items_len = (uint16_t)it.len;
	rq.body = BODY_NONE;
	iov[0].iov_base = &rq;
	iov[0].iov_len = sizeof(rq);
	iov[1].iov_base = it.buf;
	iov[1].iov_len = it.len;
	if (channel_send(f, IMSG_REQUEST, id, -1, iov, 2, false) == 0)
		return (id);
	channel_forget(f, id);
	return (0);
}

int
ask_keep(struct client *c)
{
	struct exchange	*x = c->x;

	if ((x->items = malloc(x->itemslen)) == NULL)
		return (-1);
	memcpy(x->items, c->filter->head, x->itemslen);
	return (0);
}

/* ask_items() put the arguments in front. */
char *
ask_argument(const struct client *c)
{
	const struct exchange	*x = c->x;
	const uint8_t		*p = x->items != NULL ? x->items :
				    c->filter->head;
	struct imsg_item	 item;

	p += sizeof(struct imsg_request);
	memcpy(&item, p, sizeof(item));
	return (strndup((const char *)p + sizeof(item), item.len));
}

int
ask_rename(struct client *c, const char *text)
{
	struct exchange		*x = c->x;
	struct imsg_request	 rq;
	struct imsg_item	 item;
	size_t			 head = sizeof(rq) + sizeof(item), rest;
	size_t			 len = strlen(text);
	uint8_t			*items;

	memcpy(&rq, x->items, sizeof(rq));
	memcpy(&item, x->items + sizeof(rq), sizeof(item));
	rest = x->itemslen - head - item.len;
	if (head + len + rest - sizeof(rq) > REQUEST_TEXT_MAX ||
	    (items = malloc(head + len + rest)) == NULL)
		return (-1);
	memcpy(items + head + len, x->items + head + item.len, rest);
	memcpy(items + head, text, len);
	item.len = (uint16_t)len;
	rq.items_len = (uint16_t)(head + len + rest - sizeof(rq));
	memcpy(items, &rq, sizeof(rq));
	memcpy(items + sizeof(rq), &item, sizeof(item));
	free(x->items);
	x->items = items;
	x->itemslen = head + len + rest;
	return (0);
}

/* Some clients send an empty object where moby wants nothing. */
static bool
body_trivial(const char *body, size_t len)
{
	while (len > 0 && (*body == ' ' || *body == '\n' || *body == '\r' ||
	    *body == '\t')) {
		body++;
		len--;
	}
	while (len > 0 && (body[len - 1] == ' ' || body[len - 1] == '\n' ||
	    body[len - 1] == '\r' || body[len - 1] == '\t'))
		len--;
	return (len == 0 || (len == 2 && memcmp(body, "{}", 2) == 0) ||
	    (len == 4 && memcmp(body, "null", 4) == 0));
}

void
ask_judged(struct client *c, const char *body, size_t len)
{
	struct exchange		*x = c->x;
	struct body_result	 res;
	int			 ret;

	if (x->archive != NULL) {
		upload_explained(c, body, len);
		return;
	}
	if (x->ep->body != EPB_JSON && x->ep->body != EPB_JSON_OPT) {
		if (!x->bdrop && !body_trivial(body, len))
			exchange_refuse(c, 400,
			    "this operation takes no request body");
		else if (!guard_start(c))
			ask_go(c);
		return;
	}
	if (x->late != NULL) {
		target_body(c, body, len);
		return;
	}
	memset(&res, 0, sizeof(res));
	if ((x->ep->flags & EPF_CT_BODY) != 0)
		body_container_is(lookup_target(c));
	access_audit_begin(c);
	ret = body_judge(x->ep->schema, x->profile, x->minor, body, len, &res);
	access_audit_end();
	if (ret == -1) {
		exchange_refuse(c, res.status, res.reason);
		return;
	}
	x->held = res.json;
	x->heldlen = res.len;
	if (!guard_body(c))
		ask_go(c);
}

void
ask_go(struct client *c)
{
	struct exchange	*x = c->x;
	char		*json = x->held;
	size_t		 len = x->heldlen;
	int		 fd;

	x->held = NULL;
	if (json == NULL)
		ask_send(c, BODY_NONE, NULL, 0, 0, -1);
	else if (len <= BODY_INLINE_MAX)
		ask_send(c, BODY_INLINE, json, len, len, -1);
	else if (buf_add(&x->collect, json, len) == -1 ||
	    (fd = upload_pipe(c)) == -1)
		reply_error(c, 503, "no memory or descriptor for the body",
		    false);
	else {
		x->bmode = BM_PIPE;
		x->bchunked = false;
		x->bleft = 0;
		event_add(&x->pev, NULL);
		ask_send(c, BODY_LENGTH, NULL, 0, len, fd);
	}
	free(json);
}

void
ask_stream(struct client *c, enum body_kind kind, uint64_t len)
{
	int	 fd;

	if ((fd = upload_pipe(c)) == -1)
		reply_error(c, 503, "no descriptor for the request body",
		    true);
	else
		ask_send(c, kind, NULL, 0, len, fd);
}

/*
 * How long the engine may be silent.  What writes, streams or is large takes
 * the time that it takes; and what was written is done, whoever waits for it.
 */
static time_t
ask_deadline(const struct client *c)
{
	const struct exchange	*x = c->x;
	uint32_t		 secs = x->profile->limits.answer_secs;

	if (secs == 0 || x->ep->upgrade != UPGRADE_NONE ||
	    (x->ep->flags & (EPF_WRITE | EPF_STREAM | EPF_BULK)) != 0)
		return (0);
	return (c->filter->now + secs);
}

static void
ask_send(struct client *c, enum body_kind kind, const void *body, size_t len,
    uint64_t total, int fd)
{
	struct filter		*f = c->filter;
	struct exchange		*x = c->x;
	struct imsg_request	 rq;
	struct iovec		 iov[2];
	uint8_t			*items = x->items == NULL ? f->head : x->items;

	memcpy(&rq, items, sizeof(rq));
	rq.body = (uint8_t)kind;
	rq.body_len = total;
	memcpy(items, &rq, sizeof(rq));
	iov[0].iov_base = items;
	iov[0].iov_len = x->itemslen;
	iov[1].iov_base = (void *)(uintptr_t)body;
	iov[1].iov_len = len;
	if ((x->id = channel_id(f, c)) == 0) {
		if (fd != -1)
			close(fd);
		reply_error(c, 503, "too many requests at once", true);
		return;
	}
	if (f->explain)
		explained_pass(x);
	if (channel_send(f, IMSG_REQUEST, x->id, fd, iov, 2, false) == -1) {
		/* The parent never heard of it: only the slot is given back. */
		channel_forget(f, x->id);
		x->id = 0;
		reply_error(c, 503, "too much under way", true);
		return;
	}
	conf_settle(c);
	free(x->items);
	x->items = NULL;
	c->deadline = ask_deadline(c);
}
