/* SPDX-License-Identifier: ISC */

/*
 * The head of an answer as the client sees it: the engine's, without the
 * headers that belong to a connection, and with our own of these.
 */

#include "../filter/filter.h"
#include "../filter/text.h"

static void	 head_headers(const struct client *, struct text *);
static bool	 head_skips(const struct exchange *, const struct slice *);

/* Headers of the connection are ours; the others are the engine's. */
static bool
head_skips(const struct exchange *x, const struct slice *name)
{
	if (x->amode == AM_TUNNEL && !x->swap)
		return (name->len == sizeof(REQID_HEADER) - 1 &&
		    slice_is(name, REQID_HEADER));
	/* By length: most headers are compared with nothing. */
	switch (name->len) {
	case 2:
		return (slice_is(name, "TE"));
	case 7:
		return (slice_is(name, "Trailer") || slice_is(name, "Upgrade"));
	case 10:
		return (slice_is(name, "Connection") ||
		    slice_is(name, "Keep-Alive"));
	case 12:
		return (slice_is(name, REQID_HEADER));
	case 14:
		return ((x->amode == AM_CHUNKED || x->amode == AM_CLOSE) &&
		    slice_is(name, "Content-Length"));
	case 16:
		return (slice_is(name, "Proxy-Connection"));
	case 17:
		return (slice_is(name, "Transfer-Encoding"));
	default:
		return (false);
	}
}

static void
head_headers(const struct client *c, struct text *t)
{
	const struct http_response	*an = &c->filter->answer;
	const struct http_header	*h;
	size_t				 i;

	for (i = 0; i < an->nheaders; i++) {
		h = &an->headers[i];
		if (head_skips(c->x, &h->name))
			continue;
		text_add(t, h->name.base, h->name.len);
		text_add(t, ": ", 2);
		text_add(t, h->value.base, h->value.len);
		text_add(t, "\r\n", 2);
	}
}

int
answer_head(struct client *c, char *buf, size_t size, bool whole)
{
	struct http_response	*an = &c->filter->answer;
	struct exchange		*x = c->x;
	struct text		 t;

	/* What the parent may pump to its end cannot be kept alive. */
	if ((x->ep->flags & EPF_BULK) != 0 && !whole)
		x->keepalive = false;
	text_init(&t, buf, size);
	text_str(&t, "HTTP/1.1 ");
	if (x->amode == AM_TUNNEL && x->swap)
		text_str(&t, "200 OK");
	else {
		text_num(&t, (uint64_t)an->status, 3);
		text_str(&t, " ");
		text_add(&t, an->reason_text.base, an->reason_text.len);
	}
	text_str(&t, "\r\n");
	head_headers(c, &t);
	text_str(&t, REQID_HEADER ": ");
	text_add(&t, x->name, x->namelen);
	text_str(&t, "\r\n");
	if (x->amode == AM_CHUNKED && !x->dechunk)
		text_str(&t, "Transfer-Encoding: chunked\r\n");
	if (x->amode != AM_TUNNEL)
		text_str(&t, reply_connection(x));
	text_str(&t, "\r\n");
	return (text_cut(&t) ? -1 : (int)t.len);
}
