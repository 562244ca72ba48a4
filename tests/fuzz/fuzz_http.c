/* SPDX-License-Identifier: ISC */

/*
 * Any bytes as a request and as a response: whether they come at once or in
 * two pieces, the outcome is the same; and what is taken keeps the promises
 * that the rest of the filter relies on.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../filter/http.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define MUST(cond) do {							\
	if (!(cond))							\
		abort();						\
} while (0)

static void
check_slice(const struct slice *s, const char *buf, int n)
{
	size_t i;

	if (s->len == 0)
		return;
	MUST(s->base >= buf && s->base + s->len <= buf + n);
	for (i = 0; i < s->len; i++)
		MUST(s->base[i] != '\0' && s->base[i] != '\r' &&
		    s->base[i] != '\n');
}

static void
check_headers(const struct http_header *h, size_t nheaders, const char *buf,
    int n)
{
	size_t i;

	MUST(nheaders <= HTTP_HEADERS_MAX);
	for (i = 0; i < nheaders; i++) {
		MUST(h[i].name.len > 0);
		check_slice(&h[i].name, buf, n);
		check_slice(&h[i].value, buf, n);
	}
}

static void
check_request(const struct http_request *r, const char *buf, int n)
{
	MUST(memcmp(buf + n - 4, "\r\n\r\n", 4) == 0);
	MUST(r->target.len > 0 && r->target.base[0] == '/');
	MUST(r->minor <= 1);
	MUST(!(r->chunked && (r->has_length || r->minor == 0)));
	MUST(r->has_length || r->length == 0);
	MUST(r->length <= INT64_MAX);
	check_slice(&r->method_text, buf, n);
	check_slice(&r->target, buf, n);
	check_slice(&r->upgrade_text, buf, n);
	check_slice(&r->content_type, buf, n);
	check_headers(r->headers, r->nheaders, buf, n);
}

static void
check_response(const struct http_response *r, const char *buf, int n)
{
	MUST(memcmp(buf + n - 4, "\r\n\r\n", 4) == 0);
	MUST(r->status >= 100 && r->status <= 599 && r->minor <= 1);
	MUST(!(r->chunked && (r->has_length || r->minor == 0)));
	MUST(r->length <= INT64_MAX);
	check_slice(&r->reason_text, buf, n);
	check_headers(r->headers, r->nheaders, buf, n);
}

/* A refusal may come early, but nothing else may differ. */
static void
request(const char *buf, size_t len, size_t cut)
{
	static struct http_request whole, pieces;
	size_t seen = 0;
	int a, b;

	a = http_request_parse(&whole, buf, len, &seen);
	seen = 0;
	b = http_request_parse(&pieces, buf, cut, &seen);
	if (b == HTTP_INCOMPLETE)
		b = http_request_parse(&pieces, buf, len, &seen);
	MUST(a == b);
	if (a == HTTP_BAD) {
		MUST(whole.status >= 400 && whole.status <= 505);
		MUST(whole.reason == pieces.reason);
	} else if (a > 0) {
		MUST(whole.status == 0 && (size_t)a <= len);
		check_request(&whole, buf, a);
		MUST(whole.length == pieces.length &&
		    whole.nheaders == pieces.nheaders);
	}
}

static void
response(const char *buf, size_t len, size_t cut)
{
	static struct http_response whole, pieces;
	size_t seen = 0;
	int a, b;

	a = http_response_parse(&whole, buf, len, &seen);
	seen = 0;
	b = http_response_parse(&pieces, buf, cut, &seen);
	if (b == HTTP_INCOMPLETE)
		b = http_response_parse(&pieces, buf, len, &seen);
	MUST(a == b);
	if (a > 0) {
		MUST((size_t)a <= len);
		check_response(&whole, buf, a);
		MUST(whole.length == pieces.length &&
		    whole.nheaders == pieces.nheaders);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const char *buf = (const char *)bytes + 1;
	size_t len, cut;

	if (size < 1)
		return (0);
	len = size - 1;
	cut = len * bytes[0] / 255;
	request(buf, len, cut);
	response(buf, len, cut);
	return (0);
}
