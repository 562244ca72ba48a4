/* SPDX-License-Identifier: ISC */

/*
 * Request heads: what is taken, what it means, and why the rest is refused.
 */

#include "../filter/http.h"

#include "heads.h"

#define G	"GET /_ping HTTP/1.1\r\n"
#define P	"POST /build HTTP/1.1\r\nHost: x\r\n"
#define H	"Host: x\r\n"

#define NOTHTTP	"400 this is not an HTTP request"
#define CRLF	"400 a line does not end in CRLF"
#define LINE	"400 the request line is malformed"
#define TARGET	"400 the request target is malformed"
#define FORM	"400 the request target must be a path"
#define FOLD	"400 a header is folded over two lines"
#define NAME	"400 a header name is empty or has a byte it must not have"
#define VALUE	"400 a header value has a control byte"
#define LENGTH	"400 Content-Length is no length"
#define LENGTHS	"400 two Content-Length headers"
#define BOTH	"400 both Content-Length and Transfer-Encoding"
#define CODING	"501 the only transfer coding is chunked"
#define CODINGS	"400 two Transfer-Encoding headers"
#define HOST	"400 the Host header is malformed"
#define NOHOST	"400 no Host header"
#define HOSTS	"400 two Host headers"
#define VERSION	"505 only HTTP/1.0 and HTTP/1.1"
#define EXPECT	"417 the only expectation is 100-continue"
#define TRAILER	"400 a trailer that would frame the body"

/* method target minor; k: kept alive; c, l: framing; e: 100; u; t; headers */
static const struct row requests[] = {
	/* request line */
	R(G H E, "GET /_ping 1.1 k h1"),
	R("HEAD /_ping HTTP/1.1\r\n" H E, "HEAD /_ping 1.1 k h1"),
	R("DELETE /x?a=%20&b HTTP/1.1\r\n" H E, "DELETE /x?a=%20&b 1.1 k h1"),
	R("PUT / HTTP/1.1\r\n" H E, "PUT / 1.1 k h1"),
	R("GET /x?f={\"a\":[\"b\"]} HTTP/1.1\r\n" H E,
	    "GET /x?f={\"a\":[\"b\"]} 1.1 k h1"),
	R("OPTIONS /x HTTP/1.1\r\n" H E, "OPTIONS /x 1.1 k h1"),
	R("get /x HTTP/1.1\r\n" H E, "get(other) /x 1.1 k h1"),
	R("Get /x HTTP/1.1\r\n" H E, "Get(other) /x 1.1 k h1"),
	R("TRACE /x HTTP/1.1\r\n" H E, "TRACE(other) /x 1.1 k h1"),
	R("GETT /x HTTP/1.1\r\n" H E, "GETT(other) /x 1.1 k h1"),
	R("GE /x HTTP/1.1\r\n" H E, "GE(other) /x 1.1 k h1"),
	R("\r\n" G H E, NOTHTTP),
	R("\n" G H E, NOTHTTP),
	R(" " G H E, NOTHTTP),
	R("\t" G H E, NOTHTTP),
	R("\0" G H E, NOTHTTP),
	R("\x16\x03\x01\x02", NOTHTTP),
	R("G\0T /x HTTP/1.1\r\n" H E, LINE),
	R("G(T /x HTTP/1.1\r\n" H E, LINE),
	R("GET\t/x HTTP/1.1\r\n" H E, LINE),
	R("GET\r\n" H E, LINE),
	R("GET \r\n" H E, TARGET),
	R("GET  /x HTTP/1.1\r\n" H E, TARGET),
	R("GET /x  HTTP/1.1\r\n" H E, LINE),
	R("GET /x\tHTTP/1.1\r\n" H E, TARGET),
	R("GET /x HTTP/1.1 \r\n" H E, LINE),
	R("GET /x HTTP/1.1\t\r\n" H E, LINE),
	R("GET /a b HTTP/1.1\r\n" H E, LINE),
	R("GET /x\r\n" H E, TARGET),
	R("GET /x \r\n" H E, LINE),
	R("GET /x\rHTTP/1.1\r\n" H E, TARGET),
	R("GET /x HTTP/1.1\r\r\n" H E, LINE),
	R("GET /x\0 HTTP/1.1\r\n" H E, TARGET),
	R("GET /x\x7f HTTP/1.1\r\n" H E, TARGET),
	R("GET /x\x01 HTTP/1.1\r\n" H E, TARGET),
	R("GET /\xc3\xa9 HTTP/1.1\r\n" H E, TARGET),
	R("GET /x#y HTTP/1.1\r\n" H E, TARGET),
	R("GET #y HTTP/1.1\r\n" H E, TARGET),
	R("GET http://x/_ping HTTP/1.1\r\n" H E, FORM),
	R("POST unix://x/v1.41/exec HTTP/1.1\r\n" H E, FORM),
	R("GET file:///etc HTTP/1.1\r\n" H E, FORM),
	R("POST http://containers/v1.41/exec HTTP/1.1\r\n" H E, FORM),
	R("CONNECT x:80 HTTP/1.1\r\n" H E, FORM),
	R("OPTIONS * HTTP/1.1\r\n" H E, FORM),
	R("GET x HTTP/1.1\r\n" H E, FORM),
	R("GET ?x HTTP/1.1\r\n" H E, FORM),
	R("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", VERSION),
	R("GET /x HTTP/1.2\r\n" H E, VERSION),
	R("GET /x HTTP/2.0\r\n" H E, VERSION),
	R("GET /x HTTP/0.9\r\n" H E, VERSION),
	R("GET /x HTTP/3.1\r\n" H E, VERSION),
	R("GET /x HTTP/2\r\n" H E, LINE),
	R("GET /x http/1.1\r\n" H E, LINE),
	R("GET /x HTTP/1.01\r\n" H E, LINE),
	R("GET /x HTTP/01.1\r\n" H E, LINE),
	R("GET /x HTTP/1,1\r\n" H E, LINE),
	R("GET /x HTTPS/1.1\r\n" H E, LINE),
	R("GET /_ping HTTP/1.1\n" H E, CRLF),
	R("GET /_ping HTTP/1.1\n\n", CRLF),
	/* header lines */
	R(G H "A:\r\n" E, "GET /_ping 1.1 k h2"),
	R(G H "a_b: \t c d \t\r\n" E, "GET /_ping 1.1 k h2 last=c d"),
	R(G H "X: \xff\x80\r\n" E, "GET /_ping 1.1 k h2 last=\xff\x80"),
	R(G H "X: :a:\r\n" E, "GET /_ping 1.1 k h2 last=:a:"),
	R(G "Host: x\n" E, CRLF),
	R(G H "A: b\r\n\n", CRLF),
	R(G H "A: b\n\r\n", CRLF),
	R(G H "A: b\rC: d\r\n" E, VALUE),
	R(G H "A: b\r\r\n" E, VALUE),
	R(G H "A: b\0c\r\n" E, VALUE),
	R(G H "A: b\x7f\r\n" E, VALUE),
	R(G H "A: b\x0b\r\n" E, VALUE),
	R(G H "A: b\r\n c\r\n" E, FOLD),
	R(G H "A: b\r\n\tc\r\n" E, FOLD),
	R(G H " \r\n" E, FOLD),
	R(G " " H E, FOLD),
	R(G H "A : b\r\n" E, NAME),
	R(G H "A\t: b\r\n" E, NAME),
	R(G H ": b\r\n" E, NAME),
	R(G H "A\r\n" E, NAME),
	R(G H "A B: c\r\n" E, NAME),
	R(G H "A\xe9: c\r\n" E, NAME),
	R(G H "A\0: c\r\n" E, NAME),
	R(G H "(A): c\r\n" E, NAME),
	R(G H "\r: c\r\n" E, NAME),
	/* Host */
	R(G "Host:\r\n" E, "GET /_ping 1.1 k h1"),
	R(G "hOST: [::1]:2375\r\n" E, "GET /_ping 1.1 k h1"),
	R(G "Host: %2Fvar%2Frun%2Fdocker.sock\r\n" E, "GET /_ping 1.1 k h1"),
	R("GET / HTTP/1.0\r\n" E, "GET / 1.0 h0"),
	R(G E, NOHOST),
	R(G "Hostt: x\r\n" E, NOHOST),
	R(G H H E, HOSTS),
	R(G H "HOST: y\r\n" E, HOSTS),
	R("GET / HTTP/1.0\r\n" H H E, HOSTS),
	R(G "Host: a b\r\n" E, HOST),
	R(G "Host: a@b\r\n" E, HOST),
	R(G "Host: /var/run\r\n" E, HOST),
	R(G "Host: \xc3\xa9\r\n" E, HOST),
	/* Content-Length */
	R(P "Content-Length: 12\r\n" E, "POST /build 1.1 k l12 h2"),
	R(P "content-length:\t0 \r\n" E, "POST /build 1.1 k l0 h2"),
	R(P "Content-Length: 9223372036854775807\r\n" E,
	    "POST /build 1.1 k l9223372036854775807 h2"),
	R(P "Content-Length: 9223372036854775808\r\n" E, LENGTH),
	R(P "Content-Length: 18446744073709551617\r\n" E, LENGTH),
	R(P "Content-Length: 99999999999999999999999\r\n" E, LENGTH),
	R(P "Content-Length:\r\n" E, LENGTH),
	R(P "Content-Length: +1\r\n" E, LENGTH),
	R(P "Content-Length: -1\r\n" E, LENGTH),
	R(P "Content-Length: 0x1\r\n" E, LENGTH),
	R(P "Content-Length: 1_0\r\n" E, LENGTH),
	R(P "Content-Length: 1 0\r\n" E, LENGTH),
	R(P "Content-Length: 27, 27\r\n" E, LENGTH),
	R(P "Content-Length: 27\r\nContent-Length: 27\r\n" E, LENGTHS),
	R(P "Content-Length: 27\r\nContent-length: 3\r\n" E, LENGTHS),
	/* Transfer-Encoding */
	R(P "Transfer-Encoding: chunked\r\n" E, "POST /build 1.1 k c h2"),
	R(P "transfer-encoding:\t ChuNked \r\n" E, "POST /build 1.1 k c h2"),
	R(P "Transfer-Encoding: identity\r\n" E, CODING),
	R(P "Transfer-Encoding: gzip, chunked\r\n" E, CODING),
	R(P "Transfer-Encoding: identity, chunked\r\n" E, CODING),
	R(P "Transfer-Encoding: chunked, chunked\r\n" E, CODING),
	R(P "Transfer-Encoding: chunked;q=1\r\n" E, CODING),
	R(P "Transfer-Encoding: ,chunked\r\n" E, CODING),
	R(P "Transfer-Encoding:\r\n" E, CODING),
	R(P "Transfer-Encoding: \x0b" "chunked\r\n" E, VALUE),
	R(P "Transfer-Encoding : chunked\r\n" E, NAME),
	R(P "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n" E,
	    CODINGS),
	R(P "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n" E,
	    CODINGS),
	R(P "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n" E, BOTH),
	R(P "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n" E, BOTH),
	R(P "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n" E, BOTH),
	R("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n" E,
	    "400 Transfer-Encoding in HTTP/1.0"),
	/* Trailer: any field but those that frame the body */
	R(P "Transfer-Encoding: chunked\r\nTrailer: X-Length\r\n" E,
	    "POST /build 1.1 k c h3"),
	R(P "Transfer-Encoding: chunked\r\nTrailer: content-length\r\n" E,
	    TRAILER),
	R(P "Trailer: X,\tTransfer-Encoding\r\nTransfer-Encoding: chunked\r\n"
	    E, TRAILER),
	R(P "Transfer-Encoding: chunked\r\nTrailer: X\r\nTrailer: Trailer\r\n"
	    E, TRAILER),
	R(P "Trailer: Content-Length\r\nContent-Length: 3\r\n" E,
	    "POST /build 1.1 k l3 h3"),

	/* Expect */
	R(P "Expect: 100-Continue\r\nContent-Length: 3\r\n" E,
	    "POST /build 1.1 k l3 e h3"),
	R(P "Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n" E,
	    "POST /build 1.1 k c e h3"),
	R(P "Expect: 100-continue\r\nContent-Length: 0\r\n" E,
	    "POST /build 1.1 k l0 h3"),
	R(P "Expect: 100-continue\r\n" E, "POST /build 1.1 k h2"),
	R("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n" E,
	    "POST / 1.0 l1 h2"),
	R(P "Expect: 200-ok\r\n" E, EXPECT),
	R(P "Expect:\r\n" E, EXPECT),
	R(P "Expect: 100-continue\r\nExpect: 100-continue\r\n" E,
	    "400 two Expect headers"),
	/* Connection and Upgrade */
	R(G H "Connection: close\r\n" E, "GET /_ping 1.1 h2"),
	R(G H "Connection: a , CLOSE ,, b\r\n" E, "GET /_ping 1.1 h2"),
	R(G H "Connection: close\r\nConnection: keep-alive\r\n" E,
	    "GET /_ping 1.1 h3"),
	R(G H "Connection: closed, not-close\r\n" E, "GET /_ping 1.1 k h2"),
	R(G H "Connection: ,\t,\r\n" E, "GET /_ping 1.1 k h2"),
	R("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n" E, "GET / 1.0 k h1"),
	R("GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n" E,
	    "GET / 1.0 h1"),
	R(P "Connection: Upgrade\r\nUpgrade: tcp\r\n" E,
	    "POST /build 1.1 k u(tcp) h3"),
	R(P "Upgrade:\r\n" E, "POST /build 1.1 k u() h2"),
	R(P "Upgrade: tcp\r\nUpgrade: h2c\r\n" E,
	    "POST /build 1.1 k u(tcp) h3"),
	R("POST / HTTP/1.0\r\nUpgrade: tcp\r\n" E, "POST / 1.0 h1"),
	/* Content-Type */
	R(P "Content-Type: application/json; a=b\r\n" E,
	    "POST /build 1.1 k t(application/json; a=b) h2"),
	R(P "Content-Type: a/b\r\nContent-type: c/d\r\n" E,
	    "400 two Content-Type headers"),
	R(P "Content-Type:\r\nContent-type: c/d\r\n" E,
	    "400 two Content-Type headers"),
	/* not yet */
	R("", "more"),
	R("G", "more"),
	R(G, "more"),
	R(G H "\r", "more"),
};

static const char *
request_text(int n, const struct http_request *r)
{
	static const struct slice close = { ")", 1 };

	if (n == HTTP_INCOMPLETE)
		return ("more");
	text[0] = '\0';
	if (n == HTTP_BAD) {
		snprintf(text, sizeof(text), "%d %s", r->status, r->reason);
		return (text);
	}
	add("", &r->method_text);
	add(r->method == METHOD_OTHER ? "(other) " : " ", &r->target);
	add(r->minor == 1 ? " 1.1" : " 1.0", NULL);
	add_common(r->keepalive, r->chunked, r->has_length, r->length);
	if (r->expect_continue)
		add(" e", NULL);
	if (r->upgrade) {
		add(" u(", &r->upgrade_text);
		add("", &close);
	}
	if (r->content_type.base != NULL) {
		add(" t(", &r->content_type);
		add("", &close);
	}
	add_count(r->nheaders);
	if (r->nheaders == 2 && r->headers[1].name.len <= 3 &&
	    r->headers[1].value.len > 0)
		add(" last=", &r->headers[1].value);
	return (text);
}

static const char *
parse(const struct row *row, size_t len, size_t *seen, int *n)
{
	static struct http_request req;
	const char *have;
	char *buf;

	buf = exact(row, len);
	if (buf == NULL)
		return (NULL);
	memset(&req, 0xa5, sizeof(req));
	*n = http_request_parse(&req, buf, len, seen);
	have = request_text(*n, &req);
	free(buf);
	return (have);
}

static void
test_requests(void)
{
	size_t i;

	for (i = 0; i < NROWS(requests); i++)
		row_check(&requests[i], parse);
}

/* What was seen once is not looked at again. */
static void
test_seen(void)
{
	char buf[] = G H "A: b\r\n" E;
	struct http_request r;
	size_t seen = 0;

	CHECK_INT(http_request_parse(&r, buf, 20, &seen), HTTP_INCOMPLETE);
	CHECK_INT(seen, 20);
	buf[5] = '\n';
	CHECK_INT(http_request_parse(&r, buf, 30, &seen), HTTP_INCOMPLETE);
	CHECK_INT(seen, 30);
}

/* Two requests in one buffer: the first ends where the second begins. */
static void
test_pipeline(void)
{
	static const char buf[] = G H E "GET /2 HTTP/1.1\r\n" H E;
	struct http_request r;
	size_t seen = 0;
	int n;

	n = http_request_parse(&r, buf, sizeof(buf) - 1, &seen);
	CHECK_INT(n, sizeof(G H E) - 1);
	CHECK_INT(seen, 0);
	CHECK_INT(http_request_parse(&r, buf + n, sizeof(buf) - 1 - (size_t)n,
	    &seen), sizeof(buf) - 1 - (size_t)n);
	CHECK(slice_is(&r.target, "/2"));
}

/* n headers behind Host. */
static int
many(struct http_request *r, size_t n)
{
	static char buf[8192];
	size_t len = sizeof(G H) - 1, seen = 0;

	memcpy(buf, G H, len);
	for (; n > 0; n--, len += 6)
		memcpy(buf + len, "a: b\r\n", 6);
	memcpy(buf + len, E, 2);
	return (http_request_parse(r, buf, len + 2, &seen));
}

static void
test_many_headers(void)
{
	struct http_request r;

	CHECK(many(&r, HTTP_HEADERS_MAX - 1) > 0);
	CHECK_INT(r.nheaders, HTTP_HEADERS_MAX);
	CHECK_INT(many(&r, HTTP_HEADERS_MAX), HTTP_BAD);
	CHECK_INT(r.status, 431);
}

static void
test_find(void)
{
	static const char buf[] = G H "X-A: 1\r\nx-a: 2\r\nX-AB: 3\r\n" E;
	const struct http_header *h;
	struct http_request r;
	struct slice empty = { NULL, 0 };
	size_t seen = 0;

	CHECK(http_request_parse(&r, buf, sizeof(buf) - 1, &seen) > 0);
	h = http_header_find(r.headers, r.nheaders, "x-A");
	CHECK(h != NULL && slice_is(&h->value, "1"));
	h = http_header_find(r.headers, r.nheaders, "X-ab");
	CHECK(h != NULL && slice_is(&h->value, "3"));
	CHECK(http_header_find(r.headers, r.nheaders, "X-") == NULL);
	CHECK(http_header_find(r.headers, r.nheaders, "") == NULL);
	CHECK(slice_is(&empty, "") && !slice_is(&empty, "a"));
}

int
main(void)
{
	RUN(test_requests);
	RUN(test_seen);
	RUN(test_pipeline);
	RUN(test_many_headers);
	RUN(test_find);
	printf("%zu heads\n", NROWS(requests));
	return (test_done());
}
