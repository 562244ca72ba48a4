/* SPDX-License-Identifier: ISC */

/*
 * Request targets: each row is a target and what must come of it, as one
 * line of text: version, path, then the pairs of the query; or the status
 * and the reason of its refusal.
 */

#include "../filter/path.h"

#include <stdbool.h>
#include <stdlib.h>

#include "test.h"

#define MIN	24
#define MAX	51

struct row {
	const char	*target;
	size_t		 len;
	const char	*want;
};

#define R(target, want)	{ target, sizeof(target) - 1, want }
#define NROWS(rows)	(sizeof(rows) / sizeof((rows)[0]))

#define FORM	"400 the request target must be a path"
#define VERSION	"400 the API version is not one of /v1.24/ to /v1.51/"
#define LIBPOD	"400 /libpod/ has versions of its own, /vX.Y.Z"
#define ESCAPE	"400 a percent sign in the path begins no escape"
#define PRINT	"400 an escape in the path stands for no printable byte"
#define TWICE	"400 the path is encoded twice"
#define SLASH	"400 an encoded slash in the path"
#define NEEDED	"400 an escape in the path where none is needed"
#define BYTE	"400 the path has a byte it must not have"
#define SLASHES	"400 two slashes in the path"
#define DOTS	"400 a dot segment in the path"
#define QBYTE	"400 the query has a byte it must not have"
#define QESCAPE	"400 a bad escape in the query"

static const struct row rows[] = {
	R("/", "0 /"),
	R("/_ping", "0 /_ping"),
	R("/containers/json", "0 /containers/json"),
	R("/networks/", "0 /networks/"),
	R("/v1.24/networks/", "24 /networks/"),
	R("/v1.51/version", "51 /version"),
	R("/v1.41/", "41 /"),
	R("/version", "0 /version"),
	R("/volumes/v1.41", "0 /volumes/v1.41"),
	R("/v1.41/v1.41/version", "41 /v1.41/version"),
	R("/V1.41/version", "0 /V1.41/version"),
	R("/v/version", "0 /v/version"),
	R("/containers/a.b-c_d/start", "0 /containers/a.b-c_d/start"),
	R("/containers/.../json", "0 /containers/.../json"),
	R("/containers/.a/json", "0 /containers/.a/json"),
	R("/containers/..a/json", "0 /containers/..a/json"),
	R("/containers/a../json", "0 /containers/a../json"),
	R("/images/alpine:3@sha256:0a/json",
	    "0 /images/alpine:3@sha256:0a/json"),
	R("/images/x:5000/a/b/json", "0 /images/x:5000/a/b/json"),
	R("/networks/a+b;c", "0 /networks/a+b;c"),
	/* escapes that a client needs */
	R("/images/alpine%3A3%40sha256%3a0a/json",
	    "0 /images/alpine:3@sha256:0a/json"),
	R("/v1.41/images/x%3A5000%2Fa%2fb/json",
	    "41 /images/x:5000/a/b/json"),
	R("/distribution/a%2Fb/json", "0 /distribution/a/b/json"),
	R("/plugins/a%2Fb%3Alatest/enable", "0 /plugins/a/b:latest/enable"),
	R("/networks/a%20b", "0 /networks/a b"),
	R("/networks/a%3Fb%23c", "0 /networks/a?b#c"),
	/* V29: versions */
	R("/v1.41", VERSION),
	R("/v1.41?a", VERSION),
	R("/v1.23/version", VERSION),
	R("/v1.52/version", VERSION),
	R("/v1.41./containers/create", VERSION),
	R("/v1.41../containers/create", VERSION),
	R("/v01.41/containers/create", VERSION),
	R("/v1.041/containers/create", VERSION),
	R("/v1.41.0/containers/create", VERSION),
	R("/v1.41.0.0/containers/create", VERSION),
	R("/v1.40.99/containers/create", VERSION),
	R("/v1.41_ping", VERSION),
	R("/v1.4/version", VERSION),
	R("/v1.04/version", VERSION),
	R("/v1.141/version", VERSION),
	R("/v1/version", VERSION),
	R("/v1./version", VERSION),
	R("/v1..41/version", VERSION),
	R("/v.41/version", VERSION),
	R("/v./version", VERSION),
	R("/v0/version", VERSION),
	R("/v2/version", VERSION),
	R("/v2.41/version", VERSION),
	R("/v99.99/version", VERSION),
	R("/v1.4a/version", VERSION),
	R("/v1,41/version", VERSION),
	R("/v1%2e41/version", VERSION),
	R("/v1.4%31/version", VERSION),
	R("/v1.41%2Fversion", VERSION),
	R("/v%31.41/version", NEEDED),
	R("/%761.41/version", NEEDED),
	/* podman's own API and its versions */
	R("/libpod/info", "0 /libpod/info"),
	R("/v4.0.0/libpod/info", "4.0.0 /libpod/info"),
	R("/v4.3.1/libpod/containers/json?all=1",
	    "4.3.1 /libpod/containers/json all=1"),
	R("/v9.99.99/libpod/_ping", "9.99.99 /libpod/_ping"),
	R("/v5.0.0/libpod/", "5.0.0 /libpod/"),
	R("/v4.3.1/libpod/images/h%3A5%2Fa/json",
	    "4.3.1 /libpod/images/h:5/a/json"),
	R("/libpod/manifests/a%2Fb/json", "0 /libpod/manifests/a/b/json"),
	R("/v5.6.0/libpod/artifacts/a%2Fb/json",
	    "5.6.0 /libpod/artifacts/a/b/json"),
	R("/v4.3.1/libpod/volumes/a%2Fb/json", SLASH),
	R("/libpod/networks/a%2Fb", SLASH),
	R("/v4.3.1/libpod", VERSION),
	R("/v4.3.1/libpodx/info", VERSION),
	R("/v4.3.1/info", VERSION),
	R("/v4.3.1/containers/create", VERSION),
	R("/v4.3.1//libpod/info", VERSION),
	R("/v4.3.1/%6Cibpod/info", VERSION),
	R("/v4.3.1%2Flibpod/info", VERSION),
	R("/v4.3/libpod/info", VERSION),
	R("/v4/libpod/info", VERSION),
	R("/v4.3.1.0/libpod/info", VERSION),
	R("/v4.3.1-dev/libpod/info", VERSION),
	R("/v4.3.01/libpod/info", VERSION),
	R("/v4.03.1/libpod/info", VERSION),
	R("/v04.3.1/libpod/info", VERSION),
	R("/v4.100.0/libpod/info", VERSION),
	R("/v4.3.100/libpod/info", VERSION),
	R("/v4..1/libpod/info", VERSION),
	R("/v4.3./libpod/info", VERSION),
	R("/v.4.3/libpod/info", VERSION),
	R("/v3.4.4/libpod/info", VERSION),
	R("/v10.0.0/libpod/info", VERSION),
	R("/v1.40.0/libpod/info", VERSION),
	R("/v4.3.1/v4.3.1/libpod/info", VERSION),
	R("/v1.41/libpod/info", LIBPOD),
	R("/v1.41/libpod/containers/create", LIBPOD),
	/* V30: other spellings */
	R("/containers%2Fcreate", SLASH),
	R("/containers%2fcreate", SLASH),
	R("/containers/x%2fjson", SLASH),
	R("/images%2Fjson", SLASH),
	R("/imagesx/a%2Fb", SLASH),
	R("/networks/images/a%2Fb", SLASH),
	R("/volumes/a%2Fb", SLASH),
	R("/%63ontainers/create", NEEDED),
	R("/containers/%63reate", NEEDED),
	R("/%5Fping", NEEDED),
	R("/v1.41/containers/x/%61ttach/ws", NEEDED),
	R("/images/a%2Db/json", NEEDED),
	R("/containers/x/%2561ttach/ws", TWICE),
	R("/images/a%252Fb/json", TWICE),
	R("/containers/%/json", ESCAPE),
	R("/containers/%zz/json", ESCAPE),
	R("/containers/%4", ESCAPE),
	R("/containers/%", ESCAPE),
	R("/containers/%4g", ESCAPE),
	R("/containers/% 1", ESCAPE),
	R("/containers/%u0041", ESCAPE),
	R("/containers/x%00/json", PRINT),
	R("/containers/x%0a/json", PRINT),
	R("/containers/x%7f/json", PRINT),
	R("/containers/x%C3%A9/json", PRINT),
	R("/containers/x%C0%AF/json", PRINT),
	R("/containers/x\xc3\xa9/json", BYTE),
	R("/containers/x\0/json", BYTE),
	R("/containers/x\n/json", BYTE),
	R("/containers/x y/json", BYTE),
	R("/containers/x\x7f/json", BYTE),
	R("/_ping#x", BYTE),
	/* V31: paths that the daemon would clean */
	R("//containers/create", SLASHES),
	R("/containers//create", SLASHES),
	R("/v1.41//containers/create", SLASHES),
	R("//v1.41/version", SLASHES),
	R("//", SLASHES),
	R("/containers/create//", SLASHES),
	R("/images/%2Fa/json", SLASHES),
	R("/images/a%2F%2Fb/json", SLASHES),
	R("/images/a%2F/json", SLASHES),
	R("/.", DOTS),
	R("/..", DOTS),
	R("/./_ping", DOTS),
	R("/_ping/../containers/create", DOTS),
	R("/_ping/..", DOTS),
	R("/_ping/.", DOTS),
	R("/v1.41/../version", DOTS),
	R("/images/..%2Fcontainers/json", DOTS),
	R("/images/a%2F..%2F..%2Fcontainers/json", DOTS),
	R("/%2e/_ping", NEEDED),
	R("/_ping/%2e%2E/containers/create", NEEDED),
	R("/images/.%2e/containers/json", NEEDED),
	R("/version%2f..%2fcontainers/json", SLASH),
	/* V36, V57: other forms */
	R("", FORM),
	R("*", FORM),
	R("_ping", FORM),
	R("?a=b", FORM),
	R("http://x/_ping", FORM),
	R("unix://x/v1.41/exec", FORM),
	/* the query */
	R("/x?", "0 /x"),
	R("/x?a=b", "0 /x a=b"),
	R("/v1.41/x?a=b&c=d", "41 /x a=b c=d"),
	R("/x?a", "0 /x a="),
	R("/x?a=", "0 /x a="),
	R("/x?=b", "0 /x =b"),
	R("/x?=", "0 /x ="),
	R("/x?&&a=b&&", "0 /x a=b"),
	R("/x?&", "0 /x"),
	R("/x??a=b", "0 /x ?a=b"),
	R("/x?a=b=c", "0 /x a=b=c"),
	R("/x?a=1&a=2&A=3", "0 /x a=1 a=2 A=3"),
	R("/x?a=/../&b=//", "0 /x a=/../ b=//"),
	R("/x?from%49mage=%61", "0 /x fromImage=a"),
	R("/x?a%3Db=c%26d", "0 /x a=b=c&d"),
	R("/x?a+b=c+d%2Be", "0 /x a b=c d+e"),
	R("/x?a=%3B%25%2541", "0 /x a=;%%41"),
	R("/x?a=%0A%7F%C3%A9%FF", "0 /x a=\n\x7f\xc3\xa9\xff"),
	R("/x?f={\"a\":[\"b\"]}", "0 /x f={\"a\":[\"b\"]}"),
	R("/x?a=b;c=d", QBYTE),
	R("/x?;", QBYTE),
	R("/x?a;b=c", QBYTE),
	R("/x?a=b#c", QBYTE),
	R("/x?a=b c", QBYTE),
	R("/x?a=\xc3\xa9", QBYTE),
	R("/x?a=\0", QBYTE),
	R("/x?a\x7f=b", QBYTE),
	R("/x?a=%00", QESCAPE),
	R("/x?a%00=b", QESCAPE),
	R("/x?a=%", QESCAPE),
	R("/x?a=%4", QESCAPE),
	R("/x?a=%4&b=1", QESCAPE),
	R("/x?a=%zz", QESCAPE),
	R("/x?%=b", QESCAPE),
	R("/x?a%=b", QESCAPE),
};

/* What came of a target; the pairs with their lengths, not their NULs. */
static const char *
path_text(int n, const struct path *p)
{
	static char text[1024];
	size_t i, len;

	if (n == -1) {
		snprintf(text, sizeof(text), "%d %s", p->status, p->reason);
		return (text);
	}
	CHECK_INT(strlen(p->text), p->len);
	if (p->libpod != 0)
		snprintf(text, sizeof(text), "%u.%u.%u %s", p->libpod >> 16,
		    p->libpod >> 8 & 0xff, p->libpod & 0xff, p->text);
	else
		snprintf(text, sizeof(text), "%u %s", p->minor, p->text);
	for (i = 0; i < p->npairs; i++) {
		CHECK_INT(strlen(p->pairs[i].name), p->pairs[i].namelen);
		CHECK_INT(strlen(p->pairs[i].value), p->pairs[i].valuelen);
		len = strlen(text);
		snprintf(text + len, sizeof(text) - len, " %s=%s",
		    p->pairs[i].name, p->pairs[i].value);
	}
	return (text);
}

static struct path path;

/* Parse from a block of the target's size, into a struct full of old. */
static int
parse(const char *target, size_t len)
{
	struct slice s;
	char *buf;
	int n;

	buf = malloc(len > 0 ? len : 1);
	if (buf == NULL)
		return (-2);
	memcpy(buf, target, len);
	s.base = buf;
	s.len = len;
	memset(&path, 0xa5, sizeof(path));
	n = path_parse(&path, &s, MIN, MAX);
	free(buf);
	return (n);
}

static void
test_targets(void)
{
	size_t i;
	int n;

	for (i = 0; i < NROWS(rows); i++) {
		test_current = rows[i].target;
		n = parse(rows[i].target, rows[i].len);
		CHECK_STR(path_text(n, &path), rows[i].want);
	}
}

/* Every version of the range, and none beside it. */
static void
test_versions(void)
{
	char target[32];
	unsigned int minor;
	int len;

	for (minor = 0; minor < 200; minor++) {
		len = snprintf(target, sizeof(target), "/v1.%u/info", minor);
		if (minor < MIN || minor > MAX) {
			CHECK_INT(parse(target, (size_t)len), -1);
			continue;
		}
		CHECK_INT(parse(target, (size_t)len), 0);
		CHECK_INT(path.minor, minor);
		CHECK_STR(path.text, "/info");
	}
}

/* Two digits without a leading zero, even if the range would have it. */
static void
test_low_versions(void)
{
	static const char nine[] = "/v1.09/info", ten[] = "/v1.10/info";
	struct slice s = { nine, sizeof(nine) - 1 };

	CHECK_INT(path_parse(&path, &s, 0, 99), -1);
	s.base = ten;
	CHECK_INT(path_parse(&path, &s, 0, 99), 0);
	CHECK_INT(path.minor, 10);
}

/* Every byte as an escape: only what is neither fixed nor odd may pass. */
static void
test_escapes(void)
{
	static const char want[] = " !\"#$&'()*+,:;<=>?@[\\]^`{|}";
	char target[32];
	int byte, len;
	bool ok;

	for (byte = 0; byte < 256; byte++) {
		len = snprintf(target, sizeof(target), "/networks/a%%%02x",
		    byte);
		ok = byte != 0 && strchr(want, byte) != NULL;
		CHECK_INT(parse(target, (size_t)len), ok ? 0 : -1);
		if (ok)
			CHECK_INT(path.text[path.len - 1], byte);
	}
}

/* head and n times what. */
static int
repeat(const char *head, const char *what, size_t n)
{
	static char target[128 * 1024];
	size_t headlen = strlen(head), len = strlen(what), i;

	memcpy(target, head, headlen);
	for (i = 0; i < n; i++)
		memcpy(target + headlen + i * len, what, len);
	return (parse(target, headlen + n * len));
}

static void
test_limits(void)
{
	CHECK_INT(repeat("/", "a", PATH_DECODED_MAX - 1), 0);
	CHECK_INT(path.len, PATH_DECODED_MAX);
	CHECK_INT(repeat("/", "a", PATH_DECODED_MAX), -1);
	CHECK_INT(path.status, 414);
	CHECK_INT(repeat("/", "%20", PATH_DECODED_MAX - 1), 0);
	CHECK_INT(repeat("/", "%20", PATH_DECODED_MAX), -1);
	CHECK_INT(path.status, 414);
	CHECK_INT(repeat("/?", "a&", QUERY_PAIRS_MAX), 0);
	CHECK_INT(path.npairs, QUERY_PAIRS_MAX);
	CHECK_INT(repeat("/?", "a&", QUERY_PAIRS_MAX + 1), -1);
	CHECK_INT(path.status, 400);
	/* "a" and its NUL, the value and its NUL */
	CHECK_INT(repeat("/?a=", "b", QUERY_DECODED_MAX - 3), 0);
	CHECK_INT(path.pairs[0].valuelen, QUERY_DECODED_MAX - 3);
	CHECK_INT(repeat("/?a=", "b", QUERY_DECODED_MAX - 2), -1);
	CHECK_INT(path.status, 414);
	CHECK_INT(repeat("/?a=", "%41", QUERY_DECODED_MAX - 3), 0);
	CHECK_INT(repeat("/?a=", "%41", QUERY_DECODED_MAX - 2), -1);
	/* no room for the NUL of the value */
	CHECK_INT(repeat("/?", "a", QUERY_DECODED_MAX - 2), 0);
	CHECK_INT(repeat("/?", "a", QUERY_DECODED_MAX - 1), -1);
	CHECK_INT(path.status, 414);
	CHECK_INT(repeat("/?", "a", QUERY_DECODED_MAX), -1);
}

int
main(void)
{
	RUN(test_targets);
	RUN(test_versions);
	RUN(test_low_versions);
	RUN(test_escapes);
	RUN(test_limits);
	printf("%zu targets\n", NROWS(rows));
	return (test_done());
}
