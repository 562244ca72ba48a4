/* SPDX-License-Identifier: ISC */

/*
 * Response heads, RFC 9112 section 4, as dockerd and podman send them: with
 * or without a reason, hijacked answers without any framing.  Two ways to
 * read where the body ends are refused, so that an answer never runs into
 * the next one.
 */

#include "../filter/http.h"

#include <string.h>

#include "../filter/http_head.h"

#define STATUS_LEN	12	/* "HTTP/1.1 200" */

/*
 * The status line; pos moves behind its CRLF.  The blank that ends it when
 * there is no reason is often forgotten (RFC 9112 section 4: SHOULD).
 */
static int
status_line(struct http_response *r, const char **pos, const char *end)
{
	const char *p = *pos;
	size_t n;

	if (end - p < STATUS_LEN + 2 || memcmp(p, "HTTP/1.", 7) != 0 ||
	    (p[7] != '0' && p[7] != '1') || p[8] != ' ' ||
	    p[9] < '1' || p[9] > '5' || p[10] < '0' || p[10] > '9' ||
	    p[11] < '0' || p[11] > '9')
		return (-1);
	r->minor = (unsigned int)(p[7] - '0');
	r->status = (p[9] - '0') * 100 + (p[10] - '0') * 10 + (p[11] - '0');
	p += STATUS_LEN;
	if (*p != ' ' && *p != '\r')
		return (-1);
	if (*p == ' ')
		p++;
	n = head_span(p, end, HEAD_VALUE);
	r->reason_text.base = p;
	r->reason_text.len = n;
	p += n;
	if (end - p < 2 || p[0] != '\r' || p[1] != '\n')
		return (-1);
	*pos = p + 2;
	return (0);
}

int
http_response_parse(struct http_response *r, const char *buf, size_t len,
    size_t *seen)
{
	struct head h;
	const char *p = buf;
	ssize_t nfields;
	int n;

	if (len == 0)
		return (HTTP_INCOMPLETE);
	if (*seen < 7 && memcmp(buf, "HTTP/1.", len < 7 ? len : 7) != 0)
		return (HTTP_BAD);
	n = head_end(buf, len, seen);
	if (n <= 0)
		return (n);
	if (status_line(r, &p, buf + n) == -1)
		return (HTTP_BAD);
	memset(&h, 0, sizeof(h));
	h.wanted = FIELD_LENGTH | FIELD_CODING | FIELD_CONNECTION |
	    FIELD_UPGRADE;
	nfields = head_fields(&h, r->headers, p, buf + n);
	if (nfields == -1 || (r->minor == 0 && h.seen & FIELD_CODING))
		return (HTTP_BAD);
	r->nheaders = (size_t)nfields;
	r->chunked = (h.seen & FIELD_CODING) != 0;
	r->has_length = (h.seen & FIELD_LENGTH) != 0;
	r->length = h.length;
	r->keepalive = head_keepalive(&h, r->minor);
	r->upgrade = (h.seen & FIELD_UPGRADE) != 0;
	return (n);
}

bool
http_response_has_body(const struct http_response *r, bool head)
{
	return (!head && r->status >= 200 && r->status != 204 &&
	    r->status != 304);
}
