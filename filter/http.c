/* SPDX-License-Identifier: ISC */

/*
 * The grammar that request and response heads share (RFC 9110 section 5,
 * RFC 9112 sections 2, 5 and 6), read strictly: whatever two readers could
 * take differently is refused.  Only the fields that decide the framing are
 * understood here; the rest are name and value.
 */

#include "../filter/http.h"

#include <limits.h>
#include <string.h>
#include <strings.h>

#include "../filter/http_head.h"

#define TOK	(HEAD_TOKEN | HEAD_VALUE | HEAD_TARGET)
#define VIS	(HEAD_VALUE | HEAD_TARGET)
#define HOST	HEAD_HOST

static const uint8_t classes[256] = {
	['\t'] = HEAD_VALUE, [' '] = HEAD_VALUE,
	['!'] = TOK | HOST,
	['"'] = VIS,
	['#'] = HEAD_TOKEN | HEAD_VALUE,
	['$' ... '\''] = TOK | HOST,
	['(' ... ')'] = VIS | HOST,
	['*' ... '+'] = TOK | HOST,
	[','] = VIS | HOST,
	['-' ... '.'] = TOK | HOST,
	['/'] = VIS,
	['0' ... '9'] = TOK | HOST,
	[':' ... ';'] = VIS | HOST,
	['<'] = VIS,
	['='] = VIS | HOST,
	['>' ... '@'] = VIS,
	['A' ... 'Z'] = TOK | HOST,
	['['] = VIS | HOST,
	['\\'] = VIS,
	[']'] = VIS | HOST,
	['^'] = TOK,
	['_'] = TOK | HOST,
	['`'] = TOK,
	['a' ... 'z'] = TOK | HOST,
	['{'] = VIS,
	['|'] = TOK,
	['}'] = VIS,
	['~'] = TOK | HOST,
	[0x80 ... 0xff] = HEAD_VALUE	/* obs-text: data, nothing more */
};

static int	 head_refuse(struct head *, int, const char *);
static int	 field_host(struct head *, const struct slice *);
static int	 field_length(struct head *, const struct slice *);
static int	 field_coding(struct head *, const struct slice *);
static int	 field_connection(struct head *, const struct slice *);
static int	 field_upgrade(struct head *, const struct slice *);
static int	 field_expect(struct head *, const struct slice *);
static int	 field_type(struct head *, const struct slice *);

/*
 * The fields with a meaning here, found by the length of their names, which
 * all differ.  twice: why a second one is refused, NULL if it may be.
 */
static const struct field {
	const char	*name;
	unsigned int	 bit;
	const char	*twice;
	int		(*parse)(struct head *, const struct slice *);
} fields[] = {
	[4] = { "Host", FIELD_HOST, "two Host headers", field_host },
	[6] = { "Expect", FIELD_EXPECT, "two Expect headers", field_expect },
	[7] = { "Upgrade", FIELD_UPGRADE, NULL, field_upgrade },
	[10] = { "Connection", FIELD_CONNECTION, NULL, field_connection },
	[12] = { "Content-Type", FIELD_TYPE, "two Content-Type headers",
	    field_type },
	[14] = { "Content-Length", FIELD_LENGTH,
	    "two Content-Length headers", field_length },
	[17] = { "Transfer-Encoding", FIELD_CODING,
	    "two Transfer-Encoding headers", field_coding }
};

bool
head_is(char c, unsigned int class)
{
	return ((classes[(unsigned char)c] & class) != 0);
}

size_t
head_span(const char *p, const char *end, unsigned int class)
{
	const char *start = p;

	while (p < end && classes[(unsigned char)*p] & class)
		p++;
	return ((size_t)(p - start));
}

bool
slice_is(const struct slice *s, const char *literal)
{
	size_t len;

	len = strlen(literal);
	return (s->len == len &&
	    (len == 0 || strncasecmp(s->base, literal, len) == 0));
}

const struct http_header *
http_header_find(const struct http_header *h, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (slice_is(&h[i].name, name))
			return (&h[i]);
	return (NULL);
}

static int
head_refuse(struct head *h, int status, const char *reason)
{
	h->status = status;
	h->reason = reason;
	return (-1);
}

/*
 * Go's server takes a bare LF as the end of a line, others do not: refused.
 * Only LFs are looked for here, so a head that comes in pieces costs no more
 * than one that comes at once.
 */
int
head_end(const char *buf, size_t len, size_t *seen)
{
	const char *p, *lf;

	if (len > INT_MAX)
		len = INT_MAX;
	if (*seen >= len)
		return (HTTP_INCOMPLETE);
	for (p = buf + *seen; p < buf + len; p = lf + 1) {
		lf = memchr(p, '\n', (size_t)(buf + len - p));
		if (lf == NULL)
			break;
		if (lf == buf || lf[-1] != '\r') {
			*seen = 0;
			return (HTTP_BAD);
		}
		if (lf == buf + 1 || lf[-2] == '\n') {
			*seen = 0;
			return ((int)(lf + 1 - buf));
		}
	}
	*seen = len;
	return (HTTP_INCOMPLETE);
}

/*
 * One header line; pos moves behind its CRLF.  NULL, or why it is refused.
 */
static const char *
header_line(struct http_header *h, const char **pos, const char *end)
{
	const char *p = *pos;
	size_t n;

	n = head_span(p, end, HEAD_TOKEN);
	if (n == 0 && p < end && (*p == ' ' || *p == '\t'))
		return ("a header is folded over two lines");
	h->name.base = p;
	h->name.len = n;
	p += n;
	if (n == 0 || p == end || *p != ':')
		return ("a header name is empty or has a byte it must not "
		    "have");
	for (p++; p < end && (*p == ' ' || *p == '\t'); p++)
		continue;
	n = head_span(p, end, HEAD_VALUE);
	if (end - p - (ssize_t)n < 2 || p[n] != '\r' || p[n + 1] != '\n')
		return ("a header value has a control byte");
	*pos = p + n + 2;
	while (n > 0 && (p[n - 1] == ' ' || p[n - 1] == '\t'))
		n--;
	h->value.base = p;
	h->value.len = n;
	return (NULL);
}

/* Look at a header if it is one of those that are understood. */
static int
head_field(struct head *h, const struct http_header *hdr)
{
	const struct field *f;

	if (hdr->name.len >= sizeof(fields) / sizeof(fields[0]))
		return (0);
	f = &fields[hdr->name.len];
	if ((f->bit & h->wanted) == 0 ||
	    strncasecmp(hdr->name.base, f->name, hdr->name.len) != 0)
		return (0);
	if (h->seen & f->bit && f->twice != NULL)
		return (head_refuse(h, 400, f->twice));
	h->seen |= f->bit;
	return (f->parse(h, &hdr->value));
}

ssize_t
head_fields(struct head *h, struct http_header *headers, const char *p,
    const char *end)
{
	const char *reason;
	size_t n = 0;

	/* The caller ends at an empty line: two bytes are always left. */
	while (end - p > 2) {
		if (n == HTTP_HEADERS_MAX)
			return (head_refuse(h, 431, "too many headers"));
		reason = header_line(&headers[n], &p, end);
		if (reason != NULL)
			return (head_refuse(h, 400, reason));
		if (head_field(h, &headers[n]) == -1)
			return (-1);
		n++;
	}
	if (h->seen & FIELD_LENGTH && h->seen & FIELD_CODING)
		return (head_refuse(h, 400,
		    "both Content-Length and Transfer-Encoding"));
	return ((ssize_t)n);
}

bool
head_keepalive(const struct head *h, unsigned int minor)
{
	if (h->close)
		return (false);
	return (minor >= 1 || h->keep);
}

/*
 * An empty Host is fine: docker(1) up to 28 sends one on hijacks.  Else the
 * bytes that Go's server takes, so that nothing is let in that it refuses.
 */
static int
field_host(struct head *h, const struct slice *value)
{
	const char *end;

	end = value->base + value->len;
	if (head_span(value->base, end, HEAD_HOST) != value->len)
		return (head_refuse(h, 400, "the Host header is malformed"));
	return (0);
}

/* RFC 9110 section 8.6, without its list form; at most 2^63 - 1, as Go. */
static int
field_length(struct head *h, const struct slice *value)
{
	uint64_t digit;
	size_t i;

	h->length = 0;
	for (i = 0; i < value->len; i++) {
		if (value->base[i] < '0' || value->base[i] > '9')
			break;
		digit = (uint64_t)(value->base[i] - '0');
		if (h->length > ((uint64_t)INT64_MAX - digit) / 10)
			break;
		h->length = h->length * 10 + digit;
	}
	if (value->len == 0 || i < value->len)
		return (head_refuse(h, 400, "Content-Length is no length"));
	return (0);
}

/*
 * RFC 9112 section 6.1.  "identity" is no coding any more, and a list that
 * ends in chunked would hide a body from whoever does not undo the rest.
 */
static int
field_coding(struct head *h, const struct slice *value)
{
	if (!slice_is(value, "chunked"))
		return (head_refuse(h, 501,
		    "the only transfer coding is chunked"));
	return (0);
}

/* RFC 9110 section 7.6.1: a list of tokens; others than these mean nothing. */
static int
field_connection(struct head *h, const struct slice *value)
{
	const char *p = value->base, *end = value->base + value->len;
	struct slice token;

	while (p < end) {
		if (*p == ',' || *p == ' ' || *p == '\t') {
			p++;
			continue;
		}
		token.base = p;
		while (p < end && *p != ',')
			p++;
		token.len = (size_t)(p - token.base);
		while (token.base[token.len - 1] == ' ' ||
		    token.base[token.len - 1] == '\t')
			token.len--;
		if (slice_is(&token, "close"))
			h->close = true;
		else if (slice_is(&token, "keep-alive"))
			h->keep = true;
	}
	return (0);
}

/* Any token will do, none too: moby's hijack asks only for the header. */
static int
field_upgrade(struct head *h, const struct slice *value)
{
	if (h->upgrade.base == NULL)
		h->upgrade = *value;
	return (0);
}

/* RFC 9110 section 10.1.1: there is one expectation. */
static int
field_expect(struct head *h, const struct slice *value)
{
	if (!slice_is(value, "100-continue"))
		return (head_refuse(h, 417,
		    "the only expectation is 100-continue"));
	return (0);
}

static int
field_type(struct head *h, const struct slice *value)
{
	h->content_type = *value;
	return (0);
}
