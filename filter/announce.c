/* SPDX-License-Identifier: ISC */

/*
 * The request body that a head announces: may it be there, of that type, of
 * that length, and what becomes of it?
 */

#include <string.h>
#include <strings.h>

#include "../filter/filter.h"

#define TRIVIAL_MAX	64	/* body of an operation that takes none */
#define DROPPED_MAX	4096	/* the same, as JSON: it is ignored */
#define EXPLAINED_MAX	(64U * 1024 * 1024)	/* an archive of "-n -t" */

static bool	 is_type(const struct slice *, const char *);
static bool	 json_type(const struct slice *);
static const char *upload_check(const struct endpoint *,
		    const struct http_request *, int *);
static bool	 upload_streams(const struct filter *, const struct exchange *);
static size_t	 upload_max(const struct filter *, struct exchange *);

/* Media type before any parameter, in any case. */
static bool
is_type(const struct slice *s, const char *type)
{
	size_t	 len = strlen(type);

	return (s->len >= len && strncasecmp(s->base, type, len) == 0 &&
	    (s->len == len || s->base[len] == ';' || s->base[len] == ' '));
}

/* application/json, UTF-8 if it says anything: what is forwarded is that. */
static bool
json_type(const struct slice *s)
{
	const size_t	 len = sizeof("application/json") - 1;
	struct slice	 rest;

	if (!is_type(s, "application/json"))
		return (false);
	rest.base = s->base + len;
	rest.len = s->len - len;
	while (rest.len > 0 && (*rest.base == ';' || *rest.base == ' ')) {
		rest.base++;
		rest.len--;
	}
	return (rest.len == 0 || slice_is(&rest, "charset=utf-8"));
}

/* NULL, or why a body like this is refused. */
static const char *
upload_check(const struct endpoint *ep, const struct http_request *rq,
    int *status)
{
	const struct http_header	*h;

	*status = 415;
	/* moby lets form parameters override the query (ParseForm). */
	if (is_type(&rq->content_type, "application/x-www-form-urlencoded") ||
	    is_type(&rq->content_type, "multipart/form-data"))
		return ("Forbidden - form bodies are not accepted, "
		    "parameters belong into the query");
	if (ep->body != EPB_JSON && ep->body != EPB_JSON_OPT)
		return (NULL);
	/* Podman's own clients give no type, and its own API asks for none. */
	if (!json_type(&rq->content_type) &&
	    (rq->content_type.len != 0 || !endpoint_is_libpod(ep)))
		return ("the body must be application/json");
	h = http_header_find(rq->headers, rq->nheaders, "Content-Encoding");
	if (h != NULL && !slice_is(&h->value, "identity"))
		return ("the body must not be encoded");
	return (NULL);
}

/* A tar body; images/create takes one only when it imports. */
static bool
upload_streams(const struct filter *f, const struct exchange *x)
{
	int	 key;
	size_t	 i;

	if (x->ep->body != EPB_TAR)
		return (false);
	if ((key = endpoint_query_find(x->ep, "fromSrc", 7)) == -1)
		return (true);
	for (i = 0; i < f->query.n; i++)
		if (f->query.item[i].key == (unsigned int)key)
			return (true);
	return (false);
}

/*
 * How much is collected.  dockerode repeats its options as JSON in the body
 * of every POST; moby ignores them, and they are dropped here.  Not so on
 * start, where old engines took a HostConfig: there a body is refused.
 */
static size_t
upload_max(const struct filter *f, struct exchange *x)
{
	const struct endpoint	*ep = x->ep;

	if (ep->body == EPB_JSON || ep->body == EPB_JSON_OPT)
		return (x->profile->limits.body);
	if (x->archive != NULL)
		return (EXPLAINED_MAX);
	x->bdrop = (ep->flags & EPF_NOBODY) == 0 &&
	    json_type(&f->http.content_type);
	return (x->bdrop ? DROPPED_MAX : TRIVIAL_MAX);
}

const char *
upload_too_long(const struct endpoint *ep, int *status)
{
	if (ep->body != EPB_NONE) {
		*status = 413;
		return ("the body is larger than this listener accepts");
	}
	*status = 400;
	return ("this operation takes no request body");
}

int
upload_begin(struct client *c)
{
	struct filter		*f = c->filter;
	struct http_request	*rq = &f->http;
	struct exchange		*x = c->x;
	const char		*why;
	int			 status;

	if (!x->unread)
		return (0);
	if ((why = upload_check(x->ep, rq, &status)) != NULL)
		goto refuse;
	if (upload_watch(c) == -1) {
		status = 503;
		why = "out of memory";
		goto refuse;
	}
	if (upload_streams(f, x) && x->archive == NULL) {
		x->unread = false;
		x->bmode = BM_PIPE;
		ask_stream(c, rq->chunked ? BODY_CHUNKED : BODY_LENGTH,
		    rq->length);
		if (c->dead || x != c->x || x->id == 0)
			return (-1);
	} else {
		x->cmax = upload_max(f, x);
		why = upload_too_long(x->ep, &status);
		if (rq->length > x->cmax && (x->archive == NULL || f->explain))
			goto refuse;
		if (ask_keep(c) == -1) {
			client_free(c);
			return (-1);
		}
		x->unread = false;
		/* An explained archive is judged before the verdict. */
		x->bmode = x->archive == NULL || f->explain ? BM_COLLECT :
		    BM_PIPE;
	}
	x->bchunked = rq->chunked;
	x->bleft = rq->length;
	c->deadline = f->now + x->profile->limits.body_secs;
	if (rq->expect_continue && reply_continue(c) == -1)
		return (-1);
	return (0);
refuse:
	exchange_refuse(c, status, why);
	return (-1);
}
