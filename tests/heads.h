/* SPDX-License-Identifier: ISC */

/*
 * Shared by the tests of request and response heads: a row is a head and
 * what must come of it, as one line of text; it is parsed at once and byte
 * by byte.  Heads are copied to blocks of their exact size, for ASan to see
 * a byte too far.
 */

#ifndef TESTS_HEADS_H
#define TESTS_HEADS_H

#include <stdlib.h>

#include "../filter/http.h"
#include "test.h"

struct row {
	const char	*bytes;
	size_t		 len;
	const char	*want;
};

#define R(bytes, want)	{ bytes, sizeof(bytes) - 1, want }
#define NROWS(rows)	(sizeof(rows) / sizeof((rows)[0]))

#define E	"\r\n"

static char text[1024];

static void
add(const char *what, const struct slice *s)
{
	size_t n = strlen(text);

	snprintf(text + n, sizeof(text) - n, "%s%.*s", what,
	    s != NULL ? (int)s->len : 0, s != NULL ? s->base : "");
}

/* Framing and headers, which both sorts of heads have. */
static void
add_common(bool keepalive, bool chunked, bool has_length, uint64_t length)
{
	size_t n;

	if (keepalive)
		add(" k", NULL);
	if (chunked)
		add(" c", NULL);
	n = strlen(text);
	if (has_length)
		snprintf(text + n, sizeof(text) - n, " l%llu",
		    (unsigned long long)length);
}

static void
add_count(size_t nheaders)
{
	size_t n = strlen(text);

	snprintf(text + n, sizeof(text) - n, " h%zu", nheaders);
}

/* The head alone in a block of its size; NULL reads as a failure. */
static char *
exact(const struct row *row, size_t len)
{
	char *buf;

	buf = malloc(len > 0 ? len : 1);
	if (buf != NULL)
		memcpy(buf, row->bytes, len);
	return (buf);
}

/* A row at once, then byte by byte: it must come to the same. */
static void
row_check(const struct row *row, const char *(*parse)(const struct row *,
    size_t, size_t *, int *))
{
	const char *have;
	size_t k, seen = 0;
	int n, whole;

	test_current = row->bytes;
	CHECK_STR(parse(row, row->len, &seen, &whole), row->want);
	seen = 0;
	for (k = 0; k <= row->len; k++) {
		have = parse(row, k, &seen, &n);
		if (n == HTTP_INCOMPLETE)
			continue;
		CHECK_STR(have, row->want);
		CHECK_INT(n, whole);
		if (n > 0)
			CHECK_INT(k, n);
		break;
	}
	CHECK(k <= row->len || whole == HTTP_INCOMPLETE);
}

#endif /* TESTS_HEADS_H */
