/* SPDX-License-Identifier: ISC */

/*
 * The stub engine's answers: heads, bodies in each framing, generated ones of
 * any size, lines at an even pace, a file's bytes as they are, and the echo
 * of a hijacked connection.  An answer is made in pieces, as the connection
 * takes them.
 */

#include "stub.h"

#include <bsd/string.h>

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define OUT_MARK	(256 * 1024)	/* enough queued for now */
#define PIECE_MAX	65536		/* bytes of one piece */
#define PERIOD		251		/* of the pattern 0, 1, ... 250 */

uint64_t
now(void)
{
	struct timespec	 ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((uint64_t)ts.tv_sec * 1000 * MS + (uint64_t)ts.tv_nsec);
}

void
put(struct conn *c, const void *data, size_t len)
{
	if (c->outoff == c->outlen)
		c->outoff = c->outlen = 0;
	if (c->outsize - c->outlen < len) {
		c->outsize = (c->outlen + len) * 2;
		if ((c->out = realloc(c->out, c->outsize)) == NULL)
			err(1, NULL);
	}
	memcpy(c->out + c->outlen, data, len);
	c->outlen += len;
}

/* A piece of the body in the answer's framing. */
static void
put_piece(struct conn *c, const void *data, size_t len)
{
	char	 line[32];

	if (c->headonly || len == 0)
		return;
	if (c->plan.framing == FRAME_CHUNKED) {
		snprintf(line, sizeof(line), "%zx\r\n", len);
		put(c, line, strlen(line));
	}
	put(c, data, len);
	if (c->plan.framing == FRAME_CHUNKED)
		put(c, "\r\n", 2);
}

static void
answer_end(struct conn *c)
{
	if (c->plan.framing == FRAME_CHUNKED && !c->headonly)
		put(c, "0\r\n\r\n", 5);
	c->done = true;
}

static const char *
reason(int status)
{
	static const struct {
		int		 status;
		const char	*text;
	} texts[] = {
		{ 101, "UPGRADED" }, { 200, "OK" }, { 201, "Created" },
		{ 204, "No Content" }, { 304, "Not Modified" },
		{ 400, "Bad Request" }, { 404, "Not Found" },
		{ 409, "Conflict" }, { 500, "Internal Server Error" },
	};
	size_t	 i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].status == status)
			return (texts[i].text);
	return ("Status");
}

static void
answer_head(struct conn *c)
{
	struct plan	*p = &c->plan;
	char		 head[1024], frame[64] = "";
	uint64_t	 len;
	int		 n;

	len = p->kind == KIND_SIZE ? p->size : p->text ? strlen(p->text) : 0;
	if (p->status == 204 || p->status == 304)
		p->framing = FRAME_LENGTH;
	else if (p->framing == FRAME_LENGTH)
		snprintf(frame, sizeof(frame), "Content-Length: %llu\r\n",
		    (unsigned long long)len);
	else if (p->framing == FRAME_CHUNKED)
		strlcpy(frame, "Transfer-Encoding: chunked\r\n",
		    sizeof(frame));
	if (p->framing == FRAME_CLOSE || p->close)
		c->keep = false;
	n = snprintf(head, sizeof(head), "HTTP/1.1 %d %s\r\n"
	    "Api-Version: 1.41\r\nDocker-Experimental: false\r\n"
	    "Ostype: linux\r\nServer: Docker/20.10.24 (linux)\r\n"
	    "%s%s%s%s%s\r\n", p->status, reason(p->status),
	    p->type ? "Content-Type: " : "", p->type ? p->type : "",
	    p->type ? "\r\n" : "", frame,
	    c->keep ? "" : "Connection: close\r\n");
	put(c, head, (size_t)n);
	if (p->status == 204 || p->status == 304)
		c->headonly = true;
}

static void
answer_raw(struct conn *c)
{
	char	 buf[4096];
	ssize_t	 n;
	int	 fd;

	if ((fd = open(c->plan.raw, O_RDONLY | O_CLOEXEC)) == -1)
		err(1, "%s", c->plan.raw);
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		put(c, buf, (size_t)n);
	close(fd);
	c->done = true;
	if (c->plan.close)
		c->keep = false;
}

/* Hijacked: the engine drops what came along with the request. */
static void
answer_echo(struct conn *c)
{
	char	 head[256];

	if (strstr(c->body, "\"Detach\":true") != NULL) {
		c->plan.kind = KIND_TEXT;
		c->plan.framing = FRAME_LENGTH;
		c->plan.text = "";
		answer_head(c);
		c->done = true;
		return;
	}
	if (c->upgrade)
		snprintf(head, sizeof(head), "HTTP/1.1 101 UPGRADED\r\n"
		    "Content-Type: application/vnd.docker.raw-stream\r\n"
		    "Connection: Upgrade\r\nUpgrade: %s\r\n\r\n",
		    c->plan.text);
	else
		strlcpy(head, "HTTP/1.1 200 OK\r\n"
		    "Content-Type: application/vnd.docker.raw-stream\r\n\r\n",
		    sizeof(head));
	put(c, head, strlen(head));
	c->inlen = 0;
}

void
answer_begin(struct conn *c)
{
	struct plan	*p = &c->plan;

	c->begun = true;
	switch (p->kind) {
	case KIND_RAW:
		answer_raw(c);
		return;
	case KIND_ECHO:
		answer_echo(c);
		return;
	case KIND_HANG:
		return;
	case KIND_TEXT:
		answer_head(c);
		put_piece(c, p->text, strlen(p->text));
		answer_end(c);
		return;
	case KIND_SIZE:
	case KIND_TICK:
		answer_head(c);
		if (c->headonly)
			c->done = true;
		else if (p->kind == KIND_TICK && p->interval != 0)
			c->due = now() + p->interval * MS;	/* silence */
		return;
	}
}

/* One line that says when it was written, framed if it is a log. */
static void
answer_tick(struct conn *c)
{
	struct plan	*p = &c->plan;
	char		 line[512];
	int		 n;

	n = snprintf(line + 8, sizeof(line) - 8, "{\"status\":\"start\","
	    "\"id\":\"%s\",\"Type\":\"container\",\"Action\":\"start\","
	    "\"Actor\":{\"ID\":\"%s\",\"Attributes\":{\"name\":\"web\"}},"
	    "\"time\":%lld,\"monotonic\":%llu}\n", CANNED_ID, CANNED_ID,
	    (long long)time(NULL), (unsigned long long)now());
	memset(line, 0, 8);
	line[0] = 1;
	line[6] = (char)(n >> 8);
	line[7] = (char)n;
	if (p->frames)
		put_piece(c, line, (size_t)n + 8);
	else
		put_piece(c, line + 8, (size_t)n);
	if (++c->made == p->count)
		answer_end(c);
}

void
answer_more(struct conn *c)
{
	static char	 bytes[PIECE_MAX + PERIOD];
	struct plan	*p = &c->plan;
	size_t		 i, n;

	if (bytes[1] != p->pattern)
		for (i = 0; i < sizeof(bytes); i++)
			bytes[i] = p->pattern ? (char)(i % PERIOD) : '\0';

	while (!c->done && c->outlen - c->outoff < OUT_MARK) {
		if (p->kind == KIND_TICK) {
			answer_tick(c);
		} else if (p->kind == KIND_SIZE) {
			n = p->chunk < PIECE_MAX ? p->chunk : PIECE_MAX;
			if (n > p->size - c->made)
				n = p->size - c->made;
			put_piece(c, bytes + c->made % PERIOD, n);
			if ((c->made += n) == p->size)
				answer_end(c);
		} else
			return;
		if (p->interval != 0) {
			c->due = now() + p->interval * MS;
			return;
		}
	}
}
