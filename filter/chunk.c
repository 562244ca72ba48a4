/* SPDX-License-Identifier: ISC */

/*
 * The chunked transfer coding, RFC 9112 section 7.1, as a machine that may
 * be stopped and resumed at any byte.  Data is handed out where it lies;
 * extensions and trailers are checked and dropped.  Older dockerds take a
 * bare LF, blanks and data without its CRLF: each of these hides bytes from
 * one reader or the other, so here they are refused.
 */

#include "../filter/http.h"

#include <string.h>

#include "../filter/http_head.h"

#define CHUNK_DIGITS_MAX 16	/* of a chunk size */
#define CHUNK_LINE_MAX	1024	/* bytes of a size and its extensions */
#define TRAILER_MAX	8192	/* bytes of all trailer lines */

enum chunk_state {
	CHUNK_SIZE,		/* what a zeroed struct starts with */
	CHUNK_EXT,
	CHUNK_SIZE_LF,
	CHUNK_DATA,
	CHUNK_DATA_CR,
	CHUNK_DATA_LF,
	CHUNK_TRAILER,		/* at the begin of a line */
	CHUNK_TRAILER_NAME,
	CHUNK_TRAILER_VALUE,
	CHUNK_TRAILER_LF,
	CHUNK_END_LF,
	CHUNK_BAD		/* for good */
};

/* -1: not a hex digit. */
static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return (c - '0');
	if (c >= 'a' && c <= 'f')
		return (c - 'a' + 10);
	if (c >= 'A' && c <= 'F')
		return (c - 'A' + 10);
	return (-1);
}

/* What stands where one byte alone is right. */
static enum chunk_state
expect(char have, char want, enum chunk_state next)
{
	return (have == want ? next : CHUNK_BAD);
}

/*
 * A byte of the size; what may follow the digits is an extension or the end
 * of the line.  Sizes end at 2^63 - 1, so that sums of a few stay sane.
 */
static enum chunk_state
size_byte(struct http_chunk *c, char byte)
{
	int digit;

	digit = hex_digit(byte);
	if (digit != -1) {
		if (++c->digits > CHUNK_DIGITS_MAX ||
		    c->left > (uint64_t)INT64_MAX >> 4)
			return (CHUNK_BAD);
		c->left = c->left << 4 | (uint64_t)digit;
		return (CHUNK_SIZE);
	}
	if (c->digits == 0)
		return (CHUNK_BAD);
	if (byte == ';')
		return (CHUNK_EXT);
	return (expect(byte, '\r', CHUNK_SIZE_LF));
}

/* The line of the size is over: data, or after a size of 0 the trailer. */
static enum chunk_state
size_end(struct http_chunk *c, char byte)
{
	c->width = c->digits;
	c->digits = 0;
	c->line = 0;
	return (expect(byte, '\n', c->left == 0 ? CHUNK_TRAILER : CHUNK_DATA));
}

/* Bytes of one class up to the byte that ends them. */
static enum chunk_state
run_byte(const struct http_chunk *c, char byte, unsigned int class, char stop,
    enum chunk_state next)
{
	if (byte == stop)
		return (next);
	return (head_is(byte, class) ? (enum chunk_state)c->state : CHUNK_BAD);
}

/* The first byte of a trailer line, or the CR of the empty one. */
static enum chunk_state
trailer_begin(char byte)
{
	if (byte == '\r')
		return (CHUNK_END_LF);
	return (head_is(byte, HEAD_TOKEN) ? CHUNK_TRAILER_NAME : CHUNK_BAD);
}

/* The state after one byte that is not data. */
static enum chunk_state
chunk_byte(struct http_chunk *c, char byte)
{
	switch ((enum chunk_state)c->state) {
	case CHUNK_SIZE:
		return (size_byte(c, byte));
	case CHUNK_EXT:
		if (++c->line > CHUNK_LINE_MAX)
			return (CHUNK_BAD);
		return (run_byte(c, byte, HEAD_VALUE, '\r', CHUNK_SIZE_LF));
	case CHUNK_SIZE_LF:
		return (size_end(c, byte));
	case CHUNK_DATA_CR:
		return (expect(byte, '\r', CHUNK_DATA_LF));
	case CHUNK_DATA_LF:
		return (expect(byte, '\n', CHUNK_SIZE));
	case CHUNK_TRAILER:
		return (trailer_begin(byte));
	case CHUNK_TRAILER_NAME:
		return (run_byte(c, byte, HEAD_TOKEN, ':',
		    CHUNK_TRAILER_VALUE));
	case CHUNK_TRAILER_VALUE:
		return (run_byte(c, byte, HEAD_VALUE, '\r',
		    CHUNK_TRAILER_LF));
	case CHUNK_TRAILER_LF:
		return (expect(byte, '\n', CHUNK_TRAILER));
	case CHUNK_END_LF:
		c->done = byte == '\n';
		return (expect(byte, '\n', CHUNK_END_LF));
	case CHUNK_DATA:
	case CHUNK_BAD:
		break;
	}
	return (CHUNK_BAD);
}

/* Hand out what there is of the current chunk. */
static size_t
chunk_data(struct http_chunk *c, const char *buf, size_t len,
    const char **data, size_t *datalen)
{
	if (len > c->left)
		len = (size_t)c->left;
	*data = buf;
	*datalen = len;
	c->left -= len;
	if (c->left == 0)
		c->state = CHUNK_DATA_CR;
	return (len);
}

ssize_t
http_chunk_decode(struct http_chunk *c, const char *buf, size_t len,
    const char **data, size_t *datalen)
{
	size_t i = 0;

	*data = NULL;
	*datalen = 0;
	while (i < len && !c->done) {
		if (c->state == CHUNK_DATA)
			return ((ssize_t)(i + chunk_data(c, buf + i, len - i,
			    data, datalen)));
		if (c->state >= CHUNK_TRAILER && ++c->trailer > TRAILER_MAX)
			c->state = CHUNK_BAD;
		c->state = (int)chunk_byte(c, buf[i++]);
		if (c->state == CHUNK_BAD)
			return (HTTP_BAD);
	}
	return ((ssize_t)i);
}

uint64_t
http_chunk_pending(const struct http_chunk *c)
{
	return (c->state == CHUNK_DATA ? c->left : 0);
}

uint64_t
http_chunk_ahead(const struct http_chunk *c)
{
	const unsigned int	 line = c->width + 2;	/* CRLF */

	if (c->width == 0)
		return (0);
	switch ((enum chunk_state)c->state) {
	case CHUNK_DATA:
		return (c->left + 2 + line);
	case CHUNK_DATA_CR:
		return (2 + line);
	case CHUNK_DATA_LF:
		return (1 + line);
	case CHUNK_SIZE:
		return (c->digits <= c->width ? line - c->digits : 0);
	case CHUNK_SIZE_LF:
		return (1);
	case CHUNK_EXT:
	case CHUNK_TRAILER:
	case CHUNK_TRAILER_NAME:
	case CHUNK_TRAILER_VALUE:
	case CHUNK_TRAILER_LF:
	case CHUNK_END_LF:
	case CHUNK_BAD:
		break;
	}
	return (0);
}

void
http_chunk_skip(struct http_chunk *c, uint64_t len)
{
	c->left -= len;
	if (c->left == 0)
		c->state = CHUNK_DATA_CR;
}
