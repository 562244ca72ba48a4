/* SPDX-License-Identifier: ISC */

/*
 * One stream at a time with blocking calls: a large answer, a large request
 * body, and round trips over an upgraded connection.
 */

#include "../bench/loadgen.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHUNK_LEN	32768U		/* as the Docker CLI's io.Copy */
#define ECHO_LEN	64U

static char	 buf[IO_SIZE];

static int	 answer_head(int, struct head *, size_t *, size_t *);
static bool	 finished(const struct options *, const struct result *,
		    uint64_t);
static bool	 down_once(const struct options *, struct result *);
static bool	 up_body(const struct options *, int);
static uint64_t	 received(int, size_t, size_t);
static bool	 up_once(const struct options *, struct result *);

/* Read until the head is there; what follows it is at buf + *off. */
static int
answer_head(int fd, struct head *head, size_t *off, size_t *len)
{
	ssize_t	 n;

	for (*len = 0; *len < HEAD_MAX; ) {
		n = recv(fd, buf + *len, sizeof(buf) - *len, 0);
		if (n <= 0)
			return (-1);
		*len += (size_t)n;
		if ((*off = head_parse(head, buf, *len, true)) != 0)
			return (0);
	}
	return (-1);
}

/* With seconds: until they are over; else count times, once by default. */
static bool
finished(const struct options *o, const struct result *r, uint64_t begin)
{
	if (o->secs != 0)
		return (now_ns() - begin >= (uint64_t)(o->secs * 1e9));
	return (r->done + r->errors >= (o->count == 0 ? 1 : o->count));
}

static bool
down_once(const struct options *o, struct result *r)
{
	struct head	 head;
	char		 request[HEAD_MAX];
	size_t		 len, off;
	ssize_t		 n;
	int		 fd;

	if ((fd = target_connect(&o->target)) == -1)
		err(1, "connect");
	len = request_get(o, request, sizeof(request));
	if (write_all(fd, request, len) == -1 ||
	    answer_head(fd, &head, &off, &len) == -1 || head.status != 200) {
		close(fd);
		return (false);
	}
	n = body_eat(&head.body, buf + off, len - off);
	while (n != -1 && !head.body.done) {
		if ((n = recv(fd, buf, sizeof(buf), 0)) <= 0)
			break;
		n = body_eat(&head.body, buf, (size_t)n);
	}
	close(fd);
	r->bytes += head.body.data;
	return (head.body.done ||
	    (n == 0 && head.body.framing == FRAME_CLOSE));
}

void
load_down(const struct options *o, struct result *r)
{
	uint64_t	 begin = now_ns(), start;

	while (!finished(o, r, begin)) {
		start = now_ns();
		if (!down_once(o, r)) {
			r->errors++;
			continue;
		}
		r->done++;
		hist_add(&r->hist, now_ns() - start);
	}
	r->secs = (double)(now_ns() - begin) / 1e9;
}

static bool
up_body(const struct options *o, int fd)
{
	static char	 frame[8 + CHUNK_LEN + 2];
	uint64_t	 left;
	size_t		 n;

	memset(buf, 'u', sizeof(buf));
	if (!o->chunked) {
		for (left = o->size; left > 0; left -= n) {
			n = left < sizeof(buf) ? (size_t)left : sizeof(buf);
			if (write_all(fd, buf, n) == -1)
				return (false);
		}
		return (true);
	}
	memset(frame, 'u', sizeof(frame));
	memcpy(frame, "008000\r\n", 8);
	memcpy(frame + 8 + CHUNK_LEN, "\r\n", 2);
	for (left = o->size / CHUNK_LEN; left > 0; left--)
		if (write_all(fd, frame, sizeof(frame)) == -1)
			return (false);
	return (write_all(fd, "0\r\n\r\n", 5) == 0);
}

/* The stub says how many bytes came: "received=N;". */
static uint64_t
received(int fd, size_t off, size_t len)
{
	const char	*count;
	ssize_t		 n;

	while (memchr(buf + off, ';', len - off) == NULL) {
		n = recv(fd, buf + len, HEAD_MAX, 0);
		if (n <= 0 || len > 2 * HEAD_MAX)
			return (0);
		len += (size_t)n;
	}
	count = memchr(buf + off, '=', len - off);
	return (count == NULL ? 0 : strtoull(count + 1, NULL, 10));
}

static bool
up_once(const struct options *o, struct result *r)
{
	struct head	 head;
	char		 request[HEAD_MAX], framing[64];
	size_t		 len, off;
	int		 fd, n;
	bool		 ok;

	if ((fd = target_connect(&o->target)) == -1)
		err(1, "connect");
	snprintf(framing, sizeof(framing), o->chunked ?
	    "Transfer-Encoding: chunked" : "Content-Length: %llu",
	    (unsigned long long)o->size);
	n = snprintf(request, sizeof(request), "POST %s HTTP/1.1\r\n"
	    "Host: docker\r\nContent-Type: application/x-tar\r\n%s\r\n\r\n",
	    o->path, framing);
	ok = write_all(fd, request, (size_t)n) == 0 && up_body(o, fd) &&
	    answer_head(fd, &head, &off, &len) == 0 && head.status == 200;
	if (ok)
		ok = received(fd, off, len) == o->size;
	close(fd);
	if (ok)
		r->bytes += o->size;
	return (ok);
}

void
load_up(const struct options *o, struct result *r)
{
	uint64_t	 begin = now_ns(), start;

	while (!finished(o, r, begin)) {
		start = now_ns();
		if (!up_once(o, r)) {
			r->errors++;
			continue;
		}
		r->done++;
		hist_add(&r->hist, now_ns() - start);
	}
	r->secs = (double)(now_ns() - begin) / 1e9;
}

void
load_echo(const struct options *o, struct result *r)
{
	static const char	 message[ECHO_LEN] = "echo";
	struct head		 head;
	char			 request[HEAD_MAX];
	uint64_t		 begin, start;
	size_t			 off, len;
	int			 fd, n;

	if ((fd = target_connect(&o->target)) == -1)
		err(1, "connect");
	n = snprintf(request, sizeof(request), "POST %s HTTP/1.1\r\n"
	    "Host: docker\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n"
	    "Content-Length: 0\r\n\r\n", o->path);
	if (write_all(fd, request, (size_t)n) == -1 ||
	    answer_head(fd, &head, &off, &len) == -1 || head.status != 101) {
		r->errors++;
		close(fd);
		return;
	}
	for (begin = now_ns(); !finished(o, r, begin); r->done++) {
		start = now_ns();
		if (write_all(fd, message, ECHO_LEN) == -1 ||
		    recv(fd, buf, ECHO_LEN, MSG_WAITALL) != ECHO_LEN) {
			r->errors++;
			break;
		}
		hist_add(&r->hist, now_ns() - start);
	}
	r->secs = (double)(now_ns() - begin) / 1e9;
	close(fd);
}
