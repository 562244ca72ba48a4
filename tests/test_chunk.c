/* SPDX-License-Identifier: ISC */

/*
 * Chunked bodies: what they decode to, where they end, and what is refused.
 * Each row is decoded whole, byte by byte and cut in two at every byte.
 */

#include "../filter/http.h"

#include <stdlib.h>

#include "test.h"

struct row {
	const char	*bytes;
	size_t		 len;
	const char	*want;		/* data "|" number of bytes left */
};

#define R(bytes, want)	{ bytes, sizeof(bytes) - 1, want }
#define NROWS(rows)	(sizeof(rows) / sizeof((rows)[0]))

#define X16	"xxxxxxxxxxxxxxxx"
#define X64	X16 X16 X16 X16
#define X256	X64 X64 X64 X64
#define X1K	X256 X256 X256 X256
#define T1K	"a:" X256 X256 X256 X64 X64 X64 X16 X16 X16 "xxxxxxxxxxxx\r\n"
#define END	"0\r\n\r\n"

static const struct row rows[] = {
	R(END, "|0"),
	R("3\r\nabc\r\n" END, "abc|0"),
	R("3\r\nabc\r\n2\r\nde\r\n" END, "abcde|0"),
	R("1\r\n\r\r\n1\r\n\n\r\n" END, "\r\n|0"),
	R("A\r\n0123456789\r\n" END, "0123456789|0"),
	R("a\r\n0123456789\r\n" END, "0123456789|0"),
	R("0000000000000003\r\nabc\r\n" END, "abc|0"),
	R("3\r\nabc\r\n000\r\n\r\n", "abc|0"),
	R(END "GET / HTTP/1.1\r\n", "|16"),
	R(END "3\r\nabc\r\n", "|8"),
	R("3\r\n0\r\n\r\n" END, "0\r\n|0"),
	R("5\r\n" END "\r\n" END, END "|0"),
	/* extensions and trailers are dropped */
	R("3;a=b;c=\"d e\"\r\nabc\r\n0;x\r\n\r\n", "abc|0"),
	R("3;\r\nabc\r\n" END, "abc|0"),
	R("3; a\t=b \r\nabc\r\n" END, "abc|0"),
	R("3;\xff\r\nabc\r\n" END, "abc|0"),
	R("3;" X256 X256 X256 "\r\nabc\r\n" END, "abc|0"),
	R("1;" X256 X256 X256 "\r\na\r\n1;" X256 X256 X256 "\r\nb\r\n" END,
	    "ab|0"),
	R("0\r\nA: b\r\nContent-Length: 5\r\n\r\n", "|0"),
	R("0\r\nA:\r\nB: \xc3\xa9 \t\r\n\r\nx", "|1"),
	R("0\r\n" T1K T1K T1K T1K T1K T1K "\r\n", "|0"),
	/* not yet */
	R("", "more:"),
	R("0", "more:"),
	R("0\r\n", "more:"),
	R("0\r\n\r", "more:"),
	R("0\r\nA: b\r\n", "more:"),
	R("3\r\nab", "more:ab"),
	R("3\r\nabc", "more:abc"),
	R("3\r\nabc\r", "more:abc"),
	R("3\r\nabc\r\n", "more:abc"),
	R("7fffffffffffffff\r\nabc", "more:abc"),
	/* sizes */
	R("\r\n" END, "bad"),
	R(" 3\r\nabc\r\n" END, "bad"),
	R("\t3\r\nabc\r\n" END, "bad"),
	R("3 \r\nabc\r\n" END, "bad"),
	R("3\t;a\r\nabc\r\n" END, "bad"),
	R("+3\r\nabc\r\n" END, "bad"),
	R("-3\r\nabc\r\n" END, "bad"),
	R("0x3\r\nabc\r\n" END, "bad"),
	R("3_\r\nabc\r\n" END, "bad"),
	R("g\r\n", "bad"),
	R(";a\r\n", "bad"),
	R("3\0\r\nabc\r\n", "bad"),
	R("00000000000000003\r\nabc\r\n" END, "bad"),
	R("00000000000000000\r\n\r\n", "bad"),
	R("8000000000000000\r\nabc", "bad"),
	R("ffffffffffffffff\r\nabc", "bad"),
	R("10000000000000003\r\nabc\r\n" END, "bad"),
	/* ends of lines */
	R("3\nabc\r\n" END, "bad"),
	R("3\rabc\r\n" END, "bad"),
	R("3\r\rabc\r\n" END, "bad"),
	R("3;a\nabc\r\n" END, "bad"),
	R("3;a\nb\r\nabc\r\n" END, "bad"),
	R("3;a\rb\r\nabc\r\n" END, "bad"),
	R("3;a\0\r\nabc\r\n" END, "bad"),
	R("3;a\x7f\r\nabc\r\n" END, "bad"),
	R("3\r\nabc\n" END, "bad"),
	R("3\r\nabc" END, "bad"),
	R("3\r\nabcd\r\n" END, "bad"),
	R("3\r\nabc\rX" END, "bad"),
	R("3\r\nab\r\n" END, "bad"),
	R("0\n\r\n", "bad"),
	R("0\r\n\n", "bad"),
	R("0\r\n\rX", "bad"),
	R("0\n\n", "bad"),
	/* trailers */
	R("0\r\n a: b\r\n\r\n", "bad"),
	R("0\r\na: b\r\n c\r\n\r\n", "bad"),
	R("0\r\na : b\r\n\r\n", "bad"),
	R("0\r\n: b\r\n\r\n", "bad"),
	R("0\r\nab\r\n\r\n", "bad"),
	R("0\r\na: b\n\r\n", "bad"),
	R("0\r\na: b\rc\r\n\r\n", "bad"),
	R("0\r\na: \0\r\n\r\n", "bad"),
	R("0\r\nGET / HTTP/1.1\r\n\r\n", "bad"),
	/* sizes without end */
	R("3;" X1K "x\r\nabc\r\n" END, "bad"),
	R("0;" X1K X1K, "bad"),
	R("0\r\n" T1K T1K T1K T1K T1K T1K T1K T1K T1K "\r\n", "bad"),
	R("0\r\na:" X1K X1K X1K X1K X1K X1K X1K X1K, "bad"),
};

static char data[16384];
static size_t ndata;

/* Decode a piece of its own block; consumed bytes, or HTTP_BAD. */
static ssize_t
piece(struct http_chunk *c, const char *bytes, size_t len)
{
	const char *run;
	size_t runlen, done = 0;
	ssize_t n = 0;
	char *buf;

	buf = malloc(len > 0 ? len : 1);
	if (buf == NULL)
		return (HTTP_BAD);
	memcpy(buf, bytes, len);
	while (done < len && !c->done) {
		n = http_chunk_decode(c, buf + done, len - done, &run,
		    &runlen);
		if (n == HTTP_BAD)
			break;
		CHECK(n > 0 && (size_t)n <= len - done);
		if (n <= 0)
			break;
		CHECK(runlen == 0 || (run >= buf + done &&
		    run + runlen == buf + done + n));
		memcpy(data + ndata, run != NULL ? run : "", runlen);
		ndata += runlen;
		done += (size_t)n;
	}
	free(buf);
	return (n == HTTP_BAD ? HTTP_BAD : (ssize_t)done);
}

/*
 * Decode a row in pieces: first bytes, then step at a time.  What comes of
 * it as text.
 */
static const char *
decode(const struct row *row, size_t first, size_t step)
{
	static char text[sizeof(data) + 32];
	struct http_chunk c;
	size_t i, len = first;
	ssize_t n;

	memset(&c, 0, sizeof(c));
	ndata = 0;
	for (i = 0; i < row->len && !c.done; i += (size_t)n, len = step) {
		if (len > row->len - i)
			len = row->len - i;
		n = piece(&c, row->bytes + i, len);
		if (n == HTTP_BAD) {
			/* And it stays so. */
			CHECK_INT(piece(&c, END, sizeof(END) - 1), HTTP_BAD);
			return ("bad");
		}
		CHECK(c.done || (size_t)n == len);
		if (n == 0 && len > 0)
			return ("stuck");
	}
	if (c.done)
		snprintf(text, sizeof(text), "%.*s|%zu", (int)ndata, data,
		    row->len - i);
	else
		snprintf(text, sizeof(text), "more:%.*s", (int)ndata, data);
	return (text);
}

static void
test_whole(void)
{
	size_t i;

	for (i = 0; i < NROWS(rows); i++) {
		test_current = rows[i].bytes;
		CHECK_STR(decode(&rows[i], rows[i].len, 1), rows[i].want);
	}
}

static void
test_bytes(void)
{
	size_t i;

	for (i = 0; i < NROWS(rows); i++) {
		test_current = rows[i].bytes;
		CHECK_STR(decode(&rows[i], 1, 1), rows[i].want);
	}
}

static void
test_split(void)
{
	size_t i, k;

	for (i = 0; i < NROWS(rows); i++) {
		test_current = rows[i].bytes;
		for (k = 1; k < rows[i].len; k++)
			CHECK_STR(decode(&rows[i], k, rows[i].len),
			    rows[i].want);
	}
}

/* After the end nothing is consumed: it belongs to the next request. */
static void
test_done_stays(void)
{
	struct http_chunk c;
	const char *run;
	size_t runlen;

	memset(&c, 0, sizeof(c));
	CHECK_INT(http_chunk_decode(&c, END "GET", 8, &run, &runlen), 5);
	CHECK(c.done && run == NULL && runlen == 0);
	CHECK_INT(http_chunk_decode(&c, "GET", 3, &run, &runlen), 0);
	CHECK(c.done);
}

/* A run of data is handed out as one, behind the line of its size. */
static void
test_one_run(void)
{
	static const char buf[] = "5\r\nabcde\r\n" END;
	struct http_chunk c;
	const char *run;
	size_t runlen;

	memset(&c, 0, sizeof(c));
	CHECK_INT(http_chunk_decode(&c, buf, sizeof(buf) - 1, &run, &runlen),
	    8);
	CHECK(run == buf + 3 && runlen == 5);
	CHECK_INT(http_chunk_decode(&c, buf + 8, sizeof(buf) - 9, &run,
	    &runlen), 7);
	CHECK(c.done && run == NULL);
}

/* How much may be read without a byte of the next chunk's data. */
static void
test_ahead(void)
{
	static const char buf[] = "0005\r\nabcde\r\n0003\r\n";
	static const unsigned int want[] = { 13, 12, 11, 10, 9, 8, 7, 6, 5, 4,
	    3, 2, 1 };
	struct http_chunk c;
	const char *run;
	size_t runlen, i;

	memset(&c, 0, sizeof(c));
	CHECK_INT(http_chunk_ahead(&c), 0);
	CHECK_INT(http_chunk_decode(&c, buf, 6, &run, &runlen), 6);
	for (i = 0; i < NROWS(want); i++) {
		CHECK_INT(http_chunk_ahead(&c), want[i]);
		CHECK_INT(http_chunk_decode(&c, buf + 6 + i, 1, &run,
		    &runlen), 1);
	}
	/* 3 bytes of data, CRLF, four digits, CRLF */
	CHECK_INT(http_chunk_ahead(&c), 11);
	http_chunk_skip(&c, 3);
	CHECK_INT(http_chunk_decode(&c, "\r\n12345", 7, &run, &runlen), 7);
	CHECK_INT(http_chunk_ahead(&c), 0);
	CHECK_INT(http_chunk_decode(&c, ";", 1, &run, &runlen), 1);
	CHECK_INT(http_chunk_ahead(&c), 0);
}

int
main(void)
{
	RUN(test_whole);
	RUN(test_bytes);
	RUN(test_split);
	RUN(test_done_stays);
	RUN(test_one_run);
	RUN(test_ahead);
	printf("%zu bodies\n", NROWS(rows));
	return (test_done());
}
