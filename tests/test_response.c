/* SPDX-License-Identifier: ISC */

/*
 * Response heads, those that dockerd sends and those that would let one
 * answer run into the next.
 */

#include "../filter/http.h"

#include "heads.h"

#define OK	"HTTP/1.1 200 OK\r\n"

/* status minor reason; k, c, l as above; u: Upgrade; b: has a body; headers */
static const struct row responses[] = {
	R(OK E, "200 1.1 OK k b h0"),
	R(OK "Content-Type: application/vnd.docker.raw-stream\r\n" E,
	    "200 1.1 OK k b h1"),
	R("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n" E,
	    "101 1.1 UPGRADED k u h2"),
	R("HTTP/1.1 101 UPGRADED\r\n" E "\n\0raw", "101 1.1 UPGRADED k h0"),
	R("HTTP/1.1 404 Not Found\r\n" E "No such container: nope\r\n",
	    "404 1.1 Not Found k b h0"),
	R("HTTP/1.1 400 Bad Request\r\n" E "not websocket protocol",
	    "400 1.1 Bad Request k b h0"),
	R("HTTP/1.1 100 Continue\r\n" E, "100 1.1 Continue k h0"),
	R("HTTP/1.1 204 No Content\r\n" E, "204 1.1 No Content k h0"),
	R("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n" E,
	    "304 1.1 Not Modified k l5 h1"),
	R("HTTP/1.1 200\r\n" E, "200 1.1  k b h0"),
	R("HTTP/1.1 200 \r\n" E, "200 1.1  k b h0"),
	R("HTTP/1.1 499 \xc3\xa9\r\n" E, "499 1.1 \xc3\xa9 k b h0"),
	R("HTTP/1.0 200 OK\r\n" E, "200 1.0 OK b h0"),
	R("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n" E,
	    "200 1.0 OK k b h1"),
	R(OK "Connection: close\r\nContent-Length: 0\r\n" E,
	    "200 1.1 OK l0 b h2"),
	R(OK "Transfer-Encoding: chunked\r\n" E, "200 1.1 OK k c b h1"),
	R(OK "Content-Type: a\r\nContent-Type: b\r\nHost: x\r\n"
	    "Host: y\r\nExpect: no\r\n" E, "200 1.1 OK k b h5"),
	R(OK "Content-Length: 1\r\nContent-Length: 1\r\n" E, "bad"),
	R(OK "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n" E, "bad"),
	R(OK "Transfer-Encoding: gzip, chunked\r\n" E, "bad"),
	R(OK "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n" E,
	    "bad"),
	R("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n" E, "bad"),
	R(OK "Content-Length: -1\r\n" E, "bad"),
	R(OK "A : b\r\n" E, "bad"),
	R(OK "A: b\r\n c\r\n" E, "bad"),
	R(OK "A: b\0\r\n" E, "bad"),
	R("HTTP/1.1 200 OK\nA: b\n\n", "bad"),
	R("HTTP/1.1 200 O\x01K\r\n" E, "bad"),
	R("HTTP/1.1 20 OK\r\n" E, "bad"),
	R("HTTP/1.1 2000 OK\r\n" E, "bad"),
	R("HTTP/1.1 099 OK\r\n" E, "bad"),
	R("HTTP/1.1 600 OK\r\n" E, "bad"),
	R("HTTP/1.1 2x0 OK\r\n" E, "bad"),
	R("HTTP/1.1  200 OK\r\n" E, "bad"),
	R("HTTP/1.2 200 OK\r\n" E, "bad"),
	R("HTTP/2.0 200 OK\r\n" E, "bad"),
	R("HTTP/1.1\r\n" E, "bad"),
	R("http/1.1 200 OK\r\n" E, "bad"),
	R("ICY 200 OK\r\n", "bad"),
	R("\x15\x03\x01", "bad"),
	R("\r\n" OK E, "bad"),
	R("", "more"),
	R("HTTP", "more"),
	R(OK, "more"),
	R(OK "A: b\r\n\r", "more"),
};

static const char *
response_text(int n, const struct http_response *r)
{
	if (n == HTTP_INCOMPLETE)
		return ("more");
	if (n == HTTP_BAD)
		return ("bad");
	snprintf(text, sizeof(text), "%d 1.%u ", r->status, r->minor);
	add("", &r->reason_text);
	add_common(r->keepalive, r->chunked, r->has_length, r->length);
	if (r->upgrade)
		add(" u", NULL);
	if (http_response_has_body(r, false))
		add(" b", NULL);
	add_count(r->nheaders);
	return (text);
}

static const char *
parse(const struct row *row, size_t len, size_t *seen, int *n)
{
	static struct http_response res;
	const char *have;
	char *buf;

	buf = exact(row, len);
	if (buf == NULL)
		return (NULL);
	memset(&res, 0xa5, sizeof(res));
	*n = http_response_parse(&res, buf, len, seen);
	have = response_text(*n, &res);
	free(buf);
	return (have);
}

static void
test_responses(void)
{
	size_t i;

	for (i = 0; i < NROWS(responses); i++)
		row_check(&responses[i], parse);
}

/* RFC 9112 section 6.3: no body, whatever the fields say. */
static void
test_has_body(void)
{
	struct http_response r = { .status = 200, .has_length = true };

	CHECK(http_response_has_body(&r, false));
	CHECK(!http_response_has_body(&r, true));
	r.status = 204;
	CHECK(!http_response_has_body(&r, false));
	r.status = 304;
	CHECK(!http_response_has_body(&r, false));
	r.status = 101;
	CHECK(!http_response_has_body(&r, false));
	r.status = 500;
	CHECK(http_response_has_body(&r, false));
}

int
main(void)
{
	RUN(test_responses);
	RUN(test_has_body);
	printf("%zu heads\n", NROWS(responses));
	return (test_done());
}
