/* SPDX-License-Identifier: ISC */

/*
 * What the parent lets a filter ask for, and what it prints then: each check
 * of parent/ceiling.c refuses one crooked request, and the heads of
 * parent/head.c are compared byte by byte.
 */

#include "../parent/parent.h"

#include <string.h>

#include "test.h"

/* A REQUEST being put together. */
struct ask {
	struct imsg_request	 rq;
	uint8_t			 items[REQUEST_TEXT_MAX * 2];
	size_t			 len;
	const char		*body;
};

static struct ask	 ask;
static struct opset	 all;
static char		 head[HEAD_MAX + 1];

static void
begin(const char *op, unsigned int minor)
{
	memset(&ask, 0, sizeof(ask));
	ask.rq.op = (uint16_t)endpoint_byname(op);
	ask.rq.minor = (uint8_t)minor;
	memset(&all, 0xff, sizeof(all));
}

static void
item(enum item_kind kind, unsigned int idx, const char *text, size_t len)
{
	struct imsg_item	 it;

	it.kind = (uint8_t)kind;
	it.index = (uint8_t)idx;
	it.len = (uint16_t)len;
	memcpy(ask.items + ask.len, &it, sizeof(it));
	memcpy(ask.items + ask.len + sizeof(it), text, len);
	ask.len += sizeof(it) + len;
	ask.rq.nitems++;
}

static void
arg(const char *text)
{
	item(ITEM_ARG, ask.rq.nitems, text, strlen(text));
}

static void
query(const char *key, const char *text)
{
	const struct endpoint	*ep = endpoint_get(ask.rq.op);

	item(ITEM_QUERY, (unsigned int)endpoint_query_find(ep, key,
	    strlen(key)), text, strlen(text));
}

static void
body(enum body_kind kind, const char *text, uint64_t len)
{
	ask.rq.body = (uint8_t)kind;
	ask.rq.body_len = len;
	ask.body = text;
}

/* The reason of the refusal, or NULL; what passes is printed into head. */
static const char *
verdict(bool unjudged, bool hasfd)
{
	static uint8_t	 msg[sizeof(ask)];
	struct asked	 asked;
	const char	*why = NULL;
	size_t		 len;
	ssize_t		 n;

	ask.rq.items_len = (uint16_t)ask.len;
	memcpy(msg, &ask.rq, sizeof(ask.rq));
	len = sizeof(ask.rq);
	memcpy(msg + len, ask.items, ask.len);
	len += ask.len;
	if (ask.body != NULL) {
		memcpy(msg + len, ask.body, strlen(ask.body));
		len += strlen(ask.body);
	}
	if (ceiling_check(&all, unjudged, msg, len, hasfd, &asked, &why) == -1)
		return (why);
	n = head_print(&asked, head, sizeof(head) - 1);
	CHECK(n > 0);
	head[n > 0 ? n : 0] = '\0';
	return (NULL);
}

static void
prints_plain_get(void)
{
	begin("ping", 0);
	CHECK(verdict(false, false) == NULL);
	CHECK_STR(head, "GET /_ping HTTP/1.1\r\nHost: docker\r\n\r\n");
}

static void
prints_arguments_encoded(void)
{
	begin("images/inspect", 41);
	arg("localhost:5000/a/b:1.0");
	CHECK(verdict(false, false) == NULL);
	CHECK_STR(head, "GET /v1.41/images/localhost:5000/a/b:1.0/json "
	    "HTTP/1.1\r\nHost: docker\r\n\r\n");
	begin("containers/list", 41);
	query("filters", "{\"name\":[\"a b&c=d#\"]}");
	query("all", "1");
	CHECK(verdict(false, false) == NULL);
	CHECK_STR(head, "GET /v1.41/containers/json?filters="
	    "%7B%22name%22:%5B%22a%20b%26c%3Dd%23%22%5D%7D&all=1 HTTP/1.1\r\n"
	    "Host: docker\r\n\r\n");
}

static void
prints_body_framing(void)
{
	begin("containers/create", 41);
	body(BODY_INLINE, "{}", 2);
	CHECK(verdict(false, false) == NULL);
	CHECK_STR(head, "POST /v1.41/containers/create HTTP/1.1\r\n"
	    "Host: docker\r\nContent-Type: application/json\r\n"
	    "Content-Length: 2\r\n\r\n");
	begin("images/load", 41);
	body(BODY_CHUNKED, NULL, 0);
	CHECK(verdict(false, true) == NULL);
	CHECK_STR(head, "POST /v1.41/images/load HTTP/1.1\r\n"
	    "Host: docker\r\nContent-Type: application/x-tar\r\n"
	    "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n");
	begin("images/load", 41);
	body(BODY_LENGTH, NULL, 1234567890123ULL);
	CHECK(verdict(false, true) == NULL);
	CHECK(strstr(head, "\r\nContent-Length: 1234567890123\r\n") != NULL);
}

static void
prints_upgrade_token_of_its_own(void)
{
	begin("containers/attach", 41);
	arg("web");
	CHECK(verdict(false, false) == NULL);
	CHECK_STR(head, "POST /v1.41/containers/web/attach HTTP/1.1\r\n"
	    "Host: docker\r\nContent-Length: 0\r\nConnection: Upgrade\r\n"
	    "Upgrade: tcp\r\n\r\n");
	begin("session", 41);
	CHECK(verdict(false, false) == NULL);
	CHECK(strstr(head, "Upgrade: h2c\r\n") != NULL);
}

static void
refuses_what_is_above_the_ceiling(void)
{
	begin("containers/create", 41);
	body(BODY_INLINE, "{}", 2);
	opset_del(&all, ask.rq.op);
	CHECK_STR(verdict(false, false), "operation above the ceiling");
	begin("ping", 0);
	ask.rq.op = (uint16_t)endpoint_count();
	CHECK_STR(verdict(false, false), "operation not in the table");
	begin("ping", 23);
	CHECK_STR(verdict(false, false), "operation not in that API version");
	begin("ping", 100);
	CHECK_STR(verdict(false, false), "operation not in that API version");
}

static void
prints_podmans_own_version(void)
{
	begin("libpod/images/inspect", 0);
	ask.rq.libpod = LIBPOD_VERSION(4, 3, 1);
	arg("h:5/a b");
	CHECK_STR(verdict(false, false), "argument out of its grammar");
	begin("libpod/images/inspect", 0);
	ask.rq.libpod = LIBPOD_VERSION(4, 3, 1);
	arg("h:5/a/b");
	CHECK(verdict(false, false) == NULL);
	CHECK_STR(head, "GET /v4.3.1/libpod/images/h:5/a/b/json HTTP/1.1\r\n"
	    "Host: docker\r\n\r\n");
	begin("libpod/manifests/push", 0);
	arg("a/b");
	arg("h:5/c");
	CHECK(verdict(true, false) == NULL);
	CHECK(strstr(head, "POST /libpod/manifests/a/b/registry/h:5/c ") ==
	    head);
	begin("libpod/play/kube", 0);
	body(BODY_CHUNKED, NULL, 0);
	CHECK(verdict(true, true) == NULL);
	CHECK(strstr(head, "Content-Type: application/yaml\r\n") != NULL);
}

static void
refuses_the_other_apis_version(void)
{
	static const uint32_t	 bad[] = {
		LIBPOD_VERSION(3, 4, 4), LIBPOD_VERSION(10, 0, 0),
		LIBPOD_VERSION(4, 100, 0), LIBPOD_VERSION(4, 0, 100),
		1, UINT32_MAX
	};
	size_t			 i;

	begin("libpod/info", 41);
	CHECK_STR(verdict(false, false), "version of another API");
	begin("info", 0);
	ask.rq.libpod = LIBPOD_VERSION(4, 3, 1);
	CHECK_STR(verdict(false, false), "version of another API");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		begin("libpod/info", 0);
		ask.rq.libpod = bad[i];
		CHECK_STR(verdict(false, false), "version of another API");
	}
}

static void
refuses_dangerous_keys_unless_unjudged(void)
{
	begin("containers/start", 41);
	arg("web");
	query("checkpoint-dir", "/etc");
	CHECK_STR(verdict(false, false), "query key above the ceiling");
	CHECK(verdict(true, false) == NULL);
}

static void
refuses_bodies_that_do_not_fit(void)
{
	begin("ping", 0);
	body(BODY_INLINE, "x", 1);
	CHECK_STR(verdict(false, false),
	    "kind of body not of this operation");
	begin("containers/create", 41);
	body(BODY_INLINE, "{}", 3);
	CHECK_STR(verdict(false, false), "inline body of another length");
	begin("containers/create", 41);
	body(BODY_NONE, "GET / HTTP/1.1\r\n\r\n", 0);
	CHECK_STR(verdict(false, false), "bytes behind the items");
	begin("containers/create", 41);
	body(BODY_CHUNKED, NULL, 0);
	CHECK_STR(verdict(false, true),
	    "kind of body not of this operation");
	begin("images/load", 41);
	body(BODY_LENGTH, NULL, 5);
	CHECK_STR(verdict(false, false),
	    "body pipe missing or not expected");
	begin("images/load", 41);
	CHECK_STR(verdict(false, true), "body pipe missing or not expected");
	begin("images/load", 41);
	body(BODY_CHUNKED, NULL, 7);
	CHECK_STR(verdict(false, true), "length of a body that has none");
	begin("images/load", 41);
	ask.rq.body = 9;
	CHECK_STR(verdict(false, false), "unknown kind of body");
}

static void
refuses_wild_strings(void)
{
	begin("containers/inspect", 41);
	arg("web/../x");
	CHECK_STR(verdict(false, false), "argument out of its grammar");
	begin("containers/inspect", 41);
	arg("web HTTP/1.1\r\nX: y");
	CHECK_STR(verdict(false, false), "argument out of its grammar");
	begin("containers/list", 41);
	query("all", "1\r\nX: y");
	CHECK_STR(verdict(false, false), "control byte in a query value");
	begin("images/create", 41);
	item(ITEM_HEADER, HDR_REGISTRY_AUTH, "a\r\nX: y", 7);
	CHECK_STR(verdict(false, false), "byte not allowed in a header");
	begin("ping", 0);
	item(ITEM_HEADER, HDR_TRACEPARENT, "00-x", 4);
	CHECK_STR(verdict(false, false), "byte not allowed in a header");
	begin("ping", 0);
	item(ITEM_HEADER, HDR_TRACESTATE, "a=1", 3);
	CHECK(verdict(false, false) == NULL);
	item(ITEM_HEADER, HDR_TRACESTATE, "a=1", 3);
	CHECK_STR(verdict(false, false), "header given twice");
	begin("ping", 0);
	item(ITEM_HEADER, HDR_REGISTRY_AUTH, "abc", 3);
	CHECK_STR(verdict(false, false), "header not of this operation");
	begin("ping", 0);
	item(ITEM_HEADER, HDR_MAX, "abc", 3);
	CHECK_STR(verdict(false, false), "header not of this operation");
}

static void
refuses_crooked_items(void)
{
	begin("containers/inspect", 41);
	CHECK_STR(verdict(false, false), "too few arguments");
	begin("containers/inspect", 41);
	arg("web");
	arg("db");
	CHECK_STR(verdict(false, false), "too many arguments");
	begin("containers/inspect", 41);
	item(ITEM_ARG, 1, "web", 3);
	CHECK_STR(verdict(false, false), "arguments out of order");
	begin("ping", 0);
	item(3, 0, "x", 1);
	CHECK_STR(verdict(false, false), "unknown kind of item");
	begin("containers/list", 41);
	query("all", "1");
	query("all", "0");
	CHECK_STR(verdict(false, false), "query key given twice");
	begin("containers/list", 41);
	item(ITEM_QUERY, 31, "x", 1);
	CHECK_STR(verdict(false, false), "unknown query key");
	begin("containers/list", 41);
	item(ITEM_QUERY, 200, "x", 1);
	CHECK_STR(verdict(false, false), "unknown query key");
	begin("containers/list", 41);
	query("all", "1");
	ask.rq.nitems = 2;
	CHECK_STR(verdict(false, false), "item cut short");
	begin("containers/list", 41);
	query("all", "1");
	ask.rq.nitems = 0;
	CHECK_STR(verdict(false, false), "bytes behind the last item");
	begin("containers/list", 41);
	query("all", "1");
	ask.items[2] = 200;
	CHECK_STR(verdict(false, false), "item longer than the items");
}

static void
refuses_short_messages(void)
{
	uint8_t		 bytes[sizeof(struct imsg_request)];
	struct asked	 asked;
	const char	*why;

	memset(bytes, 0, sizeof(bytes));
	memset(&all, 0xff, sizeof(all));
	CHECK_INT(ceiling_check(&all, false, bytes, sizeof(bytes) - 1, false,
	    &asked, &why), -1);
	CHECK_STR(why, "request too short");
	memset(bytes + 6, 0xff, 2);
	CHECK_INT(ceiling_check(&all, false, bytes, sizeof(bytes), false,
	    &asked, &why), -1);
	CHECK_STR(why, "items longer than the message");
	begin("containers/list", 41);
	query("filters", "x");
	ask.len = REQUEST_TEXT_MAX + 1;
	CHECK_STR(verdict(false, false), "items longer than they may be");
}

/* The most that can be asked for fits when every byte is encoded. */
static void
prints_the_longest_request(void)
{
	static char	 text[REQUEST_TEXT_MAX - 4];

	memset(text, '"', sizeof(text));
	begin("containers/list", 41);
	item(ITEM_QUERY, (unsigned int)endpoint_query_find(
	    endpoint_get(ask.rq.op), "filters", 7), text, sizeof(text));
	CHECK(verdict(false, false) == NULL);
	CHECK(strlen(head) > sizeof(text) * 3);
}

int
main(void)
{
	RUN(prints_plain_get);
	RUN(prints_arguments_encoded);
	RUN(prints_body_framing);
	RUN(prints_upgrade_token_of_its_own);
	RUN(prints_the_longest_request);
	RUN(refuses_what_is_above_the_ceiling);
	RUN(prints_podmans_own_version);
	RUN(refuses_the_other_apis_version);
	RUN(refuses_dangerous_keys_unless_unjudged);
	RUN(refuses_bodies_that_do_not_fit);
	RUN(refuses_wild_strings);
	RUN(refuses_crooked_items);
	RUN(refuses_short_messages);
	return (test_done());
}
