/* SPDX-License-Identifier: ISC */

/*
 * The grammars of path arguments: names, exec ids, image references with
 * everything distribution/reference takes, and what neither side may let
 * through.
 */

#include "../proxyd/endpoint.h"

#include <stdio.h>
#include <string.h>

#include "../tests/test.h"

#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void
test_args(void)
{
	static const struct {
		enum ep_arg	 kind;
		const char	*s;
		bool		 ok;
	} t[] = {
		{ ARG_CONTAINER, "a", true },
		{ ARG_CONTAINER, "0web_1.x-y", true },
		{ ARG_CONTAINER, HEX64, true },
		{ ARG_CONTAINER, "", false },
		{ ARG_CONTAINER, "_a", false },
		{ ARG_CONTAINER, ".", false },
		{ ARG_CONTAINER, "..", false },
		{ ARG_CONTAINER, "-a", false },
		{ ARG_CONTAINER, "a/b", false },
		{ ARG_CONTAINER, "a b", false },
		{ ARG_CONTAINER, "a%2f", false },
		{ ARG_CONTAINER, "a\n", false },
		{ ARG_CONTAINER, "caf\xc3\xa9", false },
		{ ARG_NETWORK, "my_net", true },
		{ ARG_NETWORK, "_default", true },
		{ ARG_NETWORK, "container:x", false },
		{ ARG_NETWORK, "host ", false },
		{ ARG_NETWORK, "", false },
		{ ARG_VOLUME, "data-1", true },
		{ ARG_VOLUME, "/etc", false },
		{ ARG_VOLUME, "v:ro", false },
		{ ARG_ID, "x1y2", true },
		{ ARG_ID, "a/b", false },
		{ ARG_WORD, "heap", true },
		{ ARG_WORD, "../x", false },
		{ ARG_EXEC, HEX64, true },
		{ ARG_EXEC, "abc", false },
		{ ARG_EXEC, HEX64 "0", false },
		{ ARG_EXEC, "0123456789ABCDEF0123456789abcdef0123456789abcdef"
		    "0123456789abcdef", false },
		{ ARG_NONE, "", true },
		{ ARG_NONE, "x", false },
		{ ARG_ANY, "/x y", true },
		{ ARG_ANY, "/x\n", false },
		{ ARG_ANY, "/x\x7f", false },
	};
	size_t	 i;
	bool	 ok;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		ok = endpoint_arg_ok(t[i].kind, t[i].s, strlen(t[i].s));
		if (ok != t[i].ok)
			printf("argument \"%s\"\n", t[i].s);
		CHECK_INT(ok, t[i].ok);
	}
	CHECK(!endpoint_arg_ok(ARG_CONTAINER, "a\0b", 3));
	CHECK(!endpoint_arg_ok(ARG_NETWORK, "\0", 1));
}

static void
test_references(void)
{
	static const struct {
		const char	*s;
		bool		 ok;
	} t[] = {
		{ "debian", true },
		{ "debian:12", true },
		{ "c87", true },
		{ HEX64, true },
		{ "sha256:" HEX64, true },
		{ "debian@sha256:" HEX64, true },
		{ "debian:12@sha256:" HEX64, true },
		{ "library/debian", true },
		{ "localhost/x", true },
		{ "localhost:5000/x", true },
		{ "localhost:5000", true },
		{ "Registry/x", true },
		{ "ghcr.io/a/b/c:v1.2_3-rc", true },
		{ "a.b-c.d:80/x", true },
		{ "[2001:db8::1]:5000/x", true },
		{ "a__b", true },
		{ "a--b", true },
		{ "a-b_c.d", true },
		{ "x:_tag", true },
		{ "", false },
		{ "/a", false },
		{ "a/", false },
		{ "a//b", false },
		{ ".", false },
		{ "..", false },
		{ "a/../b", false },
		{ "a/./b", false },
		{ "Debian", false },
		{ "a/B", false },
		{ "a..b", false },
		{ "a___b", false },
		{ "a-", false },
		{ "-a", false },
		{ "a_-b", false },
		{ "a:", false },
		{ "a:b:c", false },
		{ ":5000/x", false },
		{ "host:/x", false },
		{ "host:5x/x", false },
		{ "a.-b/x", false },
		{ "-h.x/y", false },
		{ "h.x-/y", false },
		{ "h..x/y", false },
		{ "[::1/x", false },
		{ "[]:5/x", false },
		{ "[::1]x/y", false },
		{ "http://h/x", false },
		{ "a b", false },
		{ "a\n", false },
		{ "a@sha256", false },
		{ "a@sha256:abc", false },
		{ "a@:" HEX64, false },
		{ "a@sha256:" HEX64 "g", false },
		{ "a@sha256:" HEX64 "@x", false },
		{ "@sha256:" HEX64, false },
		{ "a:-tag", false },
		{ "a?x=1", false },
		{ "caf\xc3\xa9", false },
	};
	size_t	 i;
	bool	 ok;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		ok = endpoint_arg_ok(ARG_IMAGE, t[i].s, strlen(t[i].s));
		if (ok != t[i].ok)
			printf("reference \"%s\"\n", t[i].s);
		CHECK_INT(ok, t[i].ok);
		CHECK_INT(endpoint_arg_ok(ARG_PLUGIN, t[i].s,
		    strlen(t[i].s)), t[i].ok);
	}
}

static void
test_bounds(void)
{
	char	 buf[1024];

	memset(buf, 'a', sizeof(buf));
	CHECK(endpoint_arg_ok(ARG_CONTAINER, buf, 300));
	CHECK(!endpoint_arg_ok(ARG_CONTAINER, buf, sizeof(buf)));
	CHECK(endpoint_arg_ok(ARG_IMAGE, buf, 255));
	CHECK(!endpoint_arg_ok(ARG_IMAGE, buf, 256));
	buf[1] = ':';
	CHECK(endpoint_arg_ok(ARG_IMAGE, buf, 2 + 128));
	CHECK(!endpoint_arg_ok(ARG_IMAGE, buf, 2 + 129));
}

int
main(void)
{
	RUN(test_args);
	RUN(test_references);
	RUN(test_bounds);
	return (test_done());
}
