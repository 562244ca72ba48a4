/* SPDX-License-Identifier: ISC */

/*
 * HTTP messages as the benchmark needs them: where a head ends, how the body
 * is framed, where that ends.  Written for speed on messages of our own
 * making; nothing here judges anything.
 */

#include "../bench/bench.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum chunk_state {
	CHUNK_SIZE,
	CHUNK_EXTENSION,
	CHUNK_DATA,
	CHUNK_DATA_END,
	CHUNK_TRAILER
};

static void	 head_line(struct head *, const char *, size_t);
static bool	 chunk_byte(struct body *, char);

/* The value of a header line, if it is that header. */
static const char *
header(const char *line, size_t len, const char *name)
{
	size_t	 n = strlen(name);

	if (len <= n || line[n] != ':' || strncasecmp(line, name, n) != 0)
		return (NULL);
	line += n + 1;
	while (*line == ' ')
		line++;
	return (line);
}

static void
head_line(struct head *h, const char *line, size_t len)
{
	const char	*value;

	switch (line[0] | 0x20) {
	case 'c':
		if ((value = header(line, len, "content-length")) != NULL) {
			h->body.framing = FRAME_LENGTH;
			h->body.left = strtoull(value, NULL, 10);
		} else if ((value = header(line, len, "connection")) != NULL)
			h->close = strncasecmp(value, "close", 5) == 0;
		break;
	case 't':
		if (header(line, len, "transfer-encoding") != NULL)
			h->body.framing = FRAME_CHUNKED;
		break;
	case 'u':
		if (header(line, len, "upgrade") != NULL)
			h->upgrade = true;
		break;
	default:
		break;
	}
}

size_t
head_parse(struct head *h, const char *data, size_t len, bool answer)
{
	const char	*end, *line, *next;

	if ((end = memmem(data, len, "\r\n\r\n", 4)) == NULL)
		return (0);
	memset(h, 0, sizeof(*h));
	if (answer) {
		h->status = len > 12 ? (int)strtol(data + 9, NULL, 10) : 0;
		h->body.framing = FRAME_CLOSE;
	}
	line = memchr(data, '\n', (size_t)(end + 2 - data));
	for (line++; line < end; line = next + 1) {
		next = memchr(line, '\n', (size_t)(end + 2 - line));
		head_line(h, line, (size_t)(next - line));
	}
	if (h->status == 101 || h->status == 204 || h->status == 304)
		h->body.framing = FRAME_NONE;
	h->body.done = h->body.framing == FRAME_NONE ||
	    (h->body.framing == FRAME_LENGTH && h->body.left == 0);
	return ((size_t)(end + 4 - data));
}

/* A byte of the framing; false: malformed. */
static bool
chunk_byte(struct body *b, char c)
{
	switch ((enum chunk_state)b->state) {
	case CHUNK_SIZE:
	case CHUNK_EXTENSION:
		if (c == '\n')
			b->state = b->left == 0 ? CHUNK_TRAILER : CHUNK_DATA;
		else if (c == '\r' || c == ';' || b->state == CHUNK_EXTENSION)
			b->state = CHUNK_EXTENSION;
		else if (c >= '0' && c <= '9')
			b->left = b->left << 4 | (uint64_t)(c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			b->left = b->left << 4 | (uint64_t)((c | 0x20) - 'W');
		else
			return (false);
		return (true);
	case CHUNK_DATA_END:
		if (c == '\n') {
			b->state = CHUNK_SIZE;
			return (true);
		}
		return (c == '\r');
	case CHUNK_TRAILER:
		if (c == '\n')
			b->done = true;
		return (c == '\r' || c == '\n');
	case CHUNK_DATA:
		break;
	}
	return (false);
}

ssize_t
body_eat(struct body *b, const char *data, size_t len)
{
	size_t	 used = 0, n;

	if (b->framing == FRAME_CLOSE) {
		b->data += len;
		return ((ssize_t)len);
	}
	while (used < len && !b->done) {
		if (b->framing == FRAME_CHUNKED && b->state != CHUNK_DATA) {
			if (!chunk_byte(b, data[used++]))
				return (-1);
			continue;
		}
		n = len - used < b->left ? len - used : (size_t)b->left;
		used += n;
		b->data += n;
		b->left -= n;
		if (b->left == 0) {
			b->done = b->framing == FRAME_LENGTH;
			b->state = CHUNK_DATA_END;
		}
	}
	return ((ssize_t)used);
}
