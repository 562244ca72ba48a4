/* SPDX-License-Identifier: ISC */

/*
 * A daemon that answers as dockerd does and costs next to nothing, so that
 * what is measured is the proxy: one thread, epoll, answers prepared once.
 * Listens on every address given.  Knows a ping, a list of 4 KiB, a create,
 * an image of any size ("/images/len-N/get", "/images/chunk-N/get"), an
 * upload, an upgraded connection that echoes, and events: silent, or with a
 * time stamp every N milliseconds ("/events?since=N").  "/bench/streams"
 * says how many event streams are open.
 */

#include "../bench/bench.h"

#include <sys/epoll.h>
#include <sys/queue.h>

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EVENTS		256
#define LIST_LEN	4096
#define CHUNK_LEN	32768U		/* dockerd's io.Copy */
#define CHUNKS		8U

#define COMMON	"Api-Version: 1.41\r\nDocker-Experimental: false\r\n" \
	"Ostype: linux\r\nServer: Docker/20.10.24 (linux)\r\n" \
	"Date: Sat, 01 Jan 2022 00:00:00 GMT\r\n"

enum mode {
	MODE_REQUEST,		/* heads, and bodies to forget */
	MODE_UPLOAD,		/* a body to count */
	MODE_SEND,		/* an answer of many bytes */
	MODE_EVENTS,
	MODE_ECHO
};

struct conn {
	TAILQ_ENTRY(conn) entry;	/* while it ticks */
	enum mode	 mode;
	int		 fd;
	bool		 writing;	/* EPOLLOUT is on */
	bool		 close;		/* after the answer */
	bool		 chunked;
	struct body	 body;		/* of the request */
	const char	*answer;	/* for when the body is over */
	size_t		 answerlen;
	uint64_t	 left;		/* to send, framing included */
	size_t		 off;		/* in the pattern */
	uint64_t	 every, next;	/* ns */
	size_t		 npart;
	char		*part;		/* an incomplete head */
};

static TAILQ_HEAD(, conn) ticking = TAILQ_HEAD_INITIALIZER(ticking);
static char		 buf[IO_SIZE];
static char		 plain[CHUNKS * CHUNK_LEN];
static char		 chunked[CHUNKS * (6 + CHUNK_LEN + 2)];
static char		 ping[512], list[LIST_LEN + 512], create[512];
static size_t		 pinglen, listlen, createlen;
static unsigned int	 nstreams;
static int		 epfd;

static void	 conn_close(struct conn *);
static void	 conn_say(struct conn *, const char *, size_t);
static void	 conn_read(struct conn *);
static ssize_t	 conn_request(struct conn *, const char *, size_t);
static void	 conn_route(struct conn *, const char *, const struct head *);
static void	 conn_body_over(struct conn *);
static void	 conn_send(struct conn *);

static size_t
prepare(char *dst, size_t size, const char *status, const char *body)
{
	int	 n;

	n = snprintf(dst, size, "HTTP/1.1 %s\r\n" COMMON
	    "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
	    status, strlen(body), body);
	if (n < 0 || (size_t)n >= size)
		errx(1, "answer too long");
	return ((size_t)n);
}

static void
prepare_all(void)
{
	static char	 text[LIST_LEN + 1];
	size_t		 i;
	char		*p;

	memset(text, 'x', LIST_LEN);
	memcpy(text, "[{\"Id\":\"", 8);
	memcpy(text + LIST_LEN - 4, "\"}]\n", 4);
	pinglen = prepare(ping, sizeof(ping), "200 OK", "OK");
	listlen = prepare(list, sizeof(list), "200 OK", text);
	createlen = prepare(create, sizeof(create), "201 Created",
	    "{\"Id\":\"e90e34656806e90e34656806e90e34656806e90e34656806e90e"
	    "34656806abcd\",\"Warnings\":[]}\n");
	memset(plain, 'd', sizeof(plain));
	for (i = 0; i < CHUNKS; i++) {
		p = chunked + i * (sizeof(chunked) / CHUNKS);
		memcpy(p, "8000\r\n", 6);
		memset(p + 6, 'd', CHUNK_LEN);
		memcpy(p + 6 + CHUNK_LEN, "\r\n", 2);
	}
}

static void
conn_interest(struct conn *c, uint32_t events, int op)
{
	struct epoll_event	 ev = { .events = events };

	ev.data.ptr = c;
	if (epoll_ctl(epfd, op, c->fd, &ev) == -1)
		err(1, "epoll_ctl");
}

static void
conn_new(int listener)
{
	struct conn	*c;
	int		 fd;

	while ((fd = accept4(listener, NULL, NULL,
	    SOCK_NONBLOCK | SOCK_CLOEXEC)) != -1) {
		if ((c = calloc(1, sizeof(*c))) == NULL)
			err(1, "calloc");
		c->fd = fd;
		conn_interest(c, EPOLLIN, EPOLL_CTL_ADD);
	}
}

static void
conn_close(struct conn *c)
{
	if (c->mode == MODE_EVENTS) {
		nstreams--;
		if (c->every != 0)
			TAILQ_REMOVE(&ticking, c, entry);
	}
	close(c->fd);
	free(c->part);
	c->fd = -1;		/* freed by the loop */
}

/* Short answers always fit into the socket's buffer. */
static void
conn_say(struct conn *c, const char *text, size_t len)
{
	if (send(c->fd, text, len, MSG_NOSIGNAL) != (ssize_t)len)
		conn_close(c);
}

static void
conn_read(struct conn *c)
{
	size_t	 len, off = 0;
	ssize_t	 n;

	memcpy(buf, c->part == NULL ? "" : c->part, c->npart);
	n = recv(c->fd, buf + c->npart, sizeof(buf) - c->npart, 0);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		conn_close(c);
		return;
	}
	if (c->mode == MODE_ECHO) {
		conn_say(c, buf, (size_t)n);
		return;
	}
	len = c->npart + (size_t)n;
	free(c->part);
	c->part = NULL;
	c->npart = 0;
	while (off < len && c->fd != -1) {
		n = conn_request(c, buf + off, len - off);
		if (n == -1) {
			conn_close(c);
			return;
		}
		if (n == 0)
			break;
		off += (size_t)n;
	}
	if (off < len && c->fd != -1) {
		if ((c->part = malloc(len - off)) == NULL)
			err(1, "malloc");
		c->npart = len - off;
		memcpy(c->part, buf + off, c->npart);
	}
}

/* Bytes consumed of a head or a body, 0: more are needed. */
static ssize_t
conn_request(struct conn *c, const char *data, size_t len)
{
	struct head	 head;
	size_t		 n;
	ssize_t		 used;

	if (c->answer == NULL && c->mode == MODE_REQUEST) {
		if ((n = head_parse(&head, data, len, false)) == 0)
			return (len > HEAD_MAX ? -1 : 0);
		c->close = head.close;
		c->body = head.body;
		conn_route(c, data, &head);
		if (c->fd != -1 && c->body.done && (c->answer != NULL ||
		    c->mode == MODE_UPLOAD))
			conn_body_over(c);
		return ((ssize_t)n);
	}
	if (c->answer == NULL && c->mode != MODE_UPLOAD)
		return ((ssize_t)len);	/* nobody asked */
	used = body_eat(&c->body, data, len);
	if (used > 0 && c->body.done)
		conn_body_over(c);
	return (used);
}

static void
conn_body_over(struct conn *c)
{
	char	 text[64], answer[512];
	size_t	 len;

	if (c->mode == MODE_UPLOAD) {
		snprintf(text, sizeof(text), "{\"stream\":\"received=%llu;\"}",
		    (unsigned long long)c->body.data);
		len = prepare(answer, sizeof(answer), "200 OK", text);
		c->mode = MODE_REQUEST;
		conn_say(c, answer, len);
	} else {
		conn_say(c, c->answer, c->answerlen);
		c->answer = NULL;
	}
	if (c->close && c->fd != -1)
		conn_close(c);
}

static void
start_events(struct conn *c, const char *path)
{
	static const char	 head[] = "HTTP/1.1 200 OK\r\n" COMMON
		"Content-Type: application/json\r\n"
		"Transfer-Encoding: chunked\r\n\r\n";
	const char		*since;

	c->mode = MODE_EVENTS;
	nstreams++;
	since = memmem(path, 256, "since=", 6);
	if (since != NULL) {
		c->every = strtoull(since + 6, NULL, 10) * 1000000;
		c->next = now_ns() + c->every;
		TAILQ_INSERT_TAIL(&ticking, c, entry);
	}
	conn_say(c, head, sizeof(head) - 1);
}

static void
start_send(struct conn *c, const char *size)
{
	char		 head[512];
	uint64_t	 len;
	int		 n;

	c->chunked = strncmp(size, "chunk-", 6) == 0;
	len = strtoull(size + (c->chunked ? 6 : 4), NULL, 10);
	c->left = c->chunked ? len / CHUNK_LEN * (CHUNK_LEN + 8) : len;
	c->off = 0;
	if (c->chunked)
		n = snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\n" COMMON
		    "Content-Type: application/x-tar\r\n"
		    "Transfer-Encoding: chunked\r\n%s\r\n",
		    c->close ? "Connection: close\r\n" : "");
	else
		n = snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\n" COMMON
		    "Content-Type: application/x-tar\r\n"
		    "Content-Length: %llu\r\n%s\r\n", (unsigned long long)len,
		    c->close ? "Connection: close\r\n" : "");
	conn_say(c, head, (size_t)n);
	if (c->fd == -1)
		return;
	c->mode = MODE_SEND;
	conn_send(c);
}

static void
answer_later(struct conn *c, const char *answer, size_t len)
{
	c->answer = answer;
	c->answerlen = len;
}

static void
conn_route(struct conn *c, const char *data, const struct head *head)
{
	static const char	 upgraded[] = "HTTP/1.1 101 UPGRADED\r\n"
		"Content-Type: application/vnd.docker.raw-stream\r\n"
		"Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n";
	static const char	 missing[] = "HTTP/1.1 404 Not Found\r\n"
		"Content-Length: 0\r\n\r\n";
	static char		 text[512];
	char			 count[32];
	const char		*path = strchr(data, ' ') + 1;

	if (strncmp(path, "/v1.", 4) == 0)
		path = strchr(path + 4, '/');
	if (strncmp(path, "/_ping ", 7) == 0)
		answer_later(c, ping, pinglen);
	else if (strncmp(path, "/containers/json", 16) == 0)
		answer_later(c, list, listlen);
	else if (strncmp(path, "/containers/create", 18) == 0)
		answer_later(c, create, createlen);
	else if (strncmp(path, "/images/load", 12) == 0)
		c->mode = MODE_UPLOAD;
	else if (strncmp(path, "/images/", 8) == 0)
		start_send(c, path + 8);
	else if (strncmp(path, "/events", 7) == 0)
		start_events(c, path);
	else if (head->upgrade) {
		c->mode = MODE_ECHO;
		conn_say(c, upgraded, sizeof(upgraded) - 1);
	} else if (strncmp(path, "/bench/streams", 14) == 0) {
		snprintf(count, sizeof(count), "%u", nstreams);
		answer_later(c, text, prepare(text, sizeof(text), "200 OK",
		    count));
	} else
		answer_later(c, missing, sizeof(missing) - 1);
}

/* As much of the pattern as the socket takes, 16 MiB at most. */
static void
conn_send(struct conn *c)
{
	const char	*pattern = c->chunked ? chunked : plain;
	size_t		 size = c->chunked ? sizeof(chunked) : sizeof(plain);
	size_t		 n;
	ssize_t		 sent = 0;
	int		 turns;

	for (turns = 0; c->left > 0 && turns < 64; turns++) {
		n = size - c->off < c->left ? size - c->off : (size_t)c->left;
		sent = send(c->fd, pattern + c->off, n, MSG_NOSIGNAL);
		if (sent == -1)
			break;
		c->left -= (uint64_t)sent;
		c->off = (c->off + (size_t)sent) % size;
	}
	if (sent == -1 && errno != EAGAIN) {
		conn_close(c);
		return;
	}
	if ((c->left > 0) != c->writing) {
		c->writing = c->left > 0;
		conn_interest(c, c->writing ? EPOLLIN | EPOLLOUT : EPOLLIN,
		    EPOLL_CTL_MOD);
	}
	if (c->left > 0)
		return;
	c->mode = MODE_REQUEST;
	if (c->chunked)
		conn_say(c, "0\r\n\r\n", 5);
	if (c->close && c->fd != -1)
		conn_close(c);
}

/* Write what is due; ms until the next is, -1: nothing ticks. */
static int
tick(void)
{
	struct conn	*c, *next;
	uint64_t	 now, soonest = UINT64_MAX;
	char		 chunk[64];
	int		 n;

	for (c = TAILQ_FIRST(&ticking); c != NULL; c = next) {
		next = TAILQ_NEXT(c, entry);
		now = now_ns();
		if (now >= c->next) {
			c->next += c->every;
			n = snprintf(chunk, sizeof(chunk), "16\r\nT%020llu\n"
			    "\r\n", (unsigned long long)now_ns());
			conn_say(c, chunk, (size_t)n);
			if (c->fd == -1) {
				free(c);
				continue;
			}
		}
		if (c->next < soonest)
			soonest = c->next;
	}
	if (soonest == UINT64_MAX)
		return (-1);
	now = now_ns();
	return (soonest <= now ? 0 : (int)((soonest - now) / 1000000) + 1);
}

static void
serve(void)
{
	struct epoll_event	 ev[EVENTS];
	struct conn		*c;
	int			 i, n;

	for (;;) {
		n = epoll_wait(epfd, ev, EVENTS, tick());
		for (i = 0; i < n; i++) {
			if ((ev[i].data.u64 & 1) != 0) {
				conn_new((int)(ev[i].data.u64 >> 1));
				continue;
			}
			c = ev[i].data.ptr;
			if ((ev[i].events & ~(uint32_t)EPOLLOUT) != 0)
				conn_read(c);
			if (c->fd != -1 && (ev[i].events & EPOLLOUT) != 0)
				conn_send(c);
			if (c->fd == -1)
				free(c);
		}
	}
}

int
main(int argc, char **argv)
{
	struct epoll_event	 ev = { .events = EPOLLIN };
	struct target		 t;
	int			 i, fd;

	if (argc < 2)
		errx(1, "usage: stubd address ...");
	raise_nofile();
	prepare_all();
	if ((epfd = epoll_create1(EPOLL_CLOEXEC)) == -1)
		err(1, "epoll_create1");
	for (i = 1; i < argc; i++) {
		target_parse(&t, argv[i]);
		fd = target_listen(&t);
		/* A listener is told from a connection by the lowest bit. */
		ev.data.u64 = (uint64_t)fd << 1 | 1;
		if (epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &ev) == -1)
			err(1, "epoll_ctl");
	}
	serve();
}
