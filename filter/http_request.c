/* SPDX-License-Identifier: ISC */

/*
 * Request heads, RFC 9112 section 3: the request line and what the fields
 * mean together.  Everything that is ambiguous, or that no Docker client
 * sends, is refused with a status and a reason.
 */

#include "../filter/http.h"

#include <string.h>

#include "../filter/http_head.h"

#define VERSION_LEN	10	/* "HTTP/1.1" and CRLF */

static int
refuse(struct http_request *r, int status, const char *reason)
{
	r->status = status;
	r->reason = reason;
	return (HTTP_BAD);
}

static bool
is_digit(char c)
{
	return (c >= '0' && c <= '9');
}

/*
 * HTTP-version and the end of the line.  HTTP/1.2 and up, which Go takes for
 * 1.1, and the preface of HTTP/2 are refused.
 */
static int
request_version(struct http_request *r, const char *p, const char *end)
{
	if (end - p < VERSION_LEN || memcmp(p, "HTTP/", 5) != 0 ||
	    !is_digit(p[5]) || p[6] != '.' || !is_digit(p[7]) ||
	    p[8] != '\r' || p[9] != '\n')
		return (refuse(r, 400, "the request line is malformed"));
	if (p[5] != '1' || p[7] > '1')
		return (refuse(r, 505, "only HTTP/1.0 and HTTP/1.1"));
	r->minor = (unsigned int)(p[7] - '0');
	return (0);
}

/*
 * method SP request-target SP HTTP-version CRLF; pos moves behind it.
 *
 * Only origin-form: dockerd takes an absolute-form of any scheme and drops
 * the authority, so that unix://x/containers/create is a create.
 */
static int
request_line(struct http_request *r, const char **pos, const char *end)
{
	const char *p = *pos;
	size_t n;

	n = head_span(p, end, HEAD_TOKEN);
	if (n == 0 || p + n == end || p[n] != ' ')
		return (refuse(r, 400, "the request line is malformed"));
	r->method = method_parse(p, n);
	r->method_text.base = p;
	r->method_text.len = n;
	p += n + 1;
	n = head_span(p, end, HEAD_TARGET);
	if (n == 0 || p + n == end || p[n] != ' ')
		return (refuse(r, 400, "the request target is malformed"));
	r->target.base = p;
	r->target.len = n;
	p += n + 1;
	if (request_version(r, p, end) != 0)
		return (HTTP_BAD);
	if (r->target.base[0] != '/')
		return (refuse(r, 400, "the request target must be a path"));
	*pos = p + VERSION_LEN;
	return (0);
}

/* Is it in a list of tokens (RFC 9110 section 5.6.1)? */
static bool
list_has(const struct slice *list, const char *token)
{
	const char *p = list->base, *end = list->base + list->len;
	struct slice one;

	while (p < end) {
		if (!head_is(*p, HEAD_TOKEN)) {
			p++;
			continue;
		}
		one.base = p;
		one.len = head_span(p, end, HEAD_TOKEN);
		if (slice_is(&one, token))
			return (true);
		p += one.len;
	}
	return (false);
}

/*
 * RFC 9110 section 6.5.1: no field that frames the body stands behind it.
 * Go's server refuses a request that announces one (transfer.go, fixTrailer).
 */
static bool
trailer_frames(const struct http_request *r)
{
	const struct http_header *h;
	size_t i;

	for (i = 0; i < r->nheaders; i++) {
		h = &r->headers[i];
		if (slice_is(&h->name, "Trailer") &&
		    (list_has(&h->value, "Content-Length") ||
		    list_has(&h->value, "Transfer-Encoding") ||
		    list_has(&h->value, "Trailer")))
			return (true);
	}
	return (false);
}

/* What the fields mean for this version; RFC 9110 10.1.1 and 7.8 for 1.0. */
static int
request_meaning(struct http_request *r, const struct head *h)
{
	if (r->minor >= 1 && (h->seen & FIELD_HOST) == 0)
		return (refuse(r, 400, "no Host header"));
	if (r->minor == 0 && h->seen & FIELD_CODING)
		return (refuse(r, 400, "Transfer-Encoding in HTTP/1.0"));
	r->chunked = (h->seen & FIELD_CODING) != 0;
	if (r->chunked && trailer_frames(r))
		return (refuse(r, 400, "a trailer that would frame the body"));
	r->has_length = (h->seen & FIELD_LENGTH) != 0;
	r->length = h->length;
	r->keepalive = head_keepalive(h, r->minor);
	r->expect_continue = r->minor >= 1 && h->seen & FIELD_EXPECT &&
	    (r->chunked || r->length > 0);
	r->upgrade = r->minor >= 1 && h->seen & FIELD_UPGRADE;
	r->upgrade_text = h->upgrade;
	r->content_type = h->content_type;
	return (0);
}

int
http_request_parse(struct http_request *r, const char *buf, size_t len,
    size_t *seen)
{
	struct head h;
	const char *p = buf;
	ssize_t nfields;
	int n;

	/*
	 * TLS, a blank line before the request and the like need not wait
	 * for the end of a head that will not come.
	 */
	if (*seen == 0 && len > 0 && !head_is(buf[0], HEAD_TOKEN))
		return (refuse(r, 400, "this is not an HTTP request"));
	n = head_end(buf, len, seen);
	if (n == HTTP_BAD)
		return (refuse(r, 400, "a line does not end in CRLF"));
	if (n == HTTP_INCOMPLETE)
		return (HTTP_INCOMPLETE);
	if (request_line(r, &p, buf + n) != 0)
		return (HTTP_BAD);
	memset(&h, 0, sizeof(h));
	h.wanted = FIELD_HOST | FIELD_LENGTH | FIELD_CODING |
	    FIELD_CONNECTION | FIELD_UPGRADE | FIELD_EXPECT | FIELD_TYPE;
	nfields = head_fields(&h, r->headers, p, buf + n);
	if (nfields == -1)
		return (refuse(r, h.status, h.reason));
	r->nheaders = (size_t)nfields;
	if (request_meaning(r, &h) != 0)
		return (HTTP_BAD);
	r->status = 0;
	r->reason = NULL;
	return (n);
}
