/* SPDX-License-Identifier: ISC */

/*
 * Requests and answers: each of c connections has one request under way at
 * any time (closed loop).  The latency of a request is from its first byte
 * written, or from connect(2) where each has its own connection, to the last
 * byte of its answer.
 */

#include "../bench/loadgen.h"

#include <sys/epoll.h>

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EVENTS	256

struct conn {
	struct body	 body;
	uint64_t	 start;
	size_t		 nhead;		/* of an incomplete head */
	int		 fd;
	bool		 inbody;
	bool		 close;
	bool		 bad;
	char		 head[HEAD_MAX];
};

struct load {
	const struct options	*o;
	struct result		*r;
	char			*request;
	size_t			 len;
	char			 buf[IO_SIZE];
	uint64_t		 counted;	/* from here on */
	uint64_t		 sent;
	unsigned int		 open;
	int			 epfd;
	bool			 stop;
};

static void	 conn_open(struct load *, struct conn *);
static void	 conn_close(struct load *, struct conn *);
static void	 conn_send(struct load *, struct conn *);
static void	 conn_read(struct load *, struct conn *);
static bool	 conn_take(struct load *, struct conn *, size_t);
static void	 conn_answered(struct load *, struct conn *);
static void	 request_print(struct load *);

static void
conn_open(struct load *l, struct conn *c)
{
	struct epoll_event	 ev = { .events = EPOLLIN };

	c->start = now_ns();
	if ((c->fd = target_connect(&l->o->target)) == -1)
		err(1, "connect");
	nonblock(c->fd);
	ev.data.ptr = c;
	if (epoll_ctl(l->epfd, EPOLL_CTL_ADD, c->fd, &ev) == -1)
		err(1, "epoll_ctl");
	l->open++;
	c->close = c->bad = c->inbody = false;
	c->nhead = 0;
}

static void
conn_close(struct load *l, struct conn *c)
{
	close(c->fd);
	c->fd = -1;
	l->open--;
}

static void
conn_send(struct load *l, struct conn *c)
{
	if (l->stop || (l->o->count != 0 && l->sent == l->o->count)) {
		conn_close(l, c);
		return;
	}
	l->sent++;
	if (!l->o->fresh)
		c->start = now_ns();
	if (send(c->fd, l->request, l->len, MSG_NOSIGNAL) !=
	    (ssize_t)l->len) {
		l->r->errors++;
		conn_close(l, c);
	}
}

static void
conn_read(struct load *l, struct conn *c)
{
	ssize_t	 n;

	memcpy(l->buf, c->head, c->nhead);
	n = recv(c->fd, l->buf + c->nhead, sizeof(l->buf) - c->nhead, 0);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0 && conn_take(l, c, c->nhead + (size_t)n))
		return;
	l->r->errors++;
	conn_close(l, c);
	if (!l->stop) {
		conn_open(l, c);
		conn_send(l, c);
	}
}

/* What is in buf; false: not an answer. */
static bool
conn_take(struct load *l, struct conn *c, size_t len)
{
	struct head	 head;
	size_t		 used = 0;
	ssize_t		 n;

	if (!c->inbody) {
		used = head_parse(&head, l->buf, len, true);
		if (used == 0) {
			if (len > sizeof(c->head))
				return (false);
			memcpy(c->head, l->buf, len);
			c->nhead = len;
			return (true);
		}
		c->nhead = 0;
		c->body = head.body;
		c->close = head.close;
		c->bad = head.status / 100 != 2;
		c->inbody = true;
	}
	n = body_eat(&c->body, l->buf + used, len - used);
	if (n == -1 || used + (size_t)n != len)
		return (false);
	l->r->bytes += len;
	if (c->body.done)
		conn_answered(l, c);
	return (true);
}

static void
conn_answered(struct load *l, struct conn *c)
{
	uint64_t	 now = now_ns();

	if (c->bad)
		l->r->errors++;
	else if (now >= l->counted && !l->stop) {
		hist_add(&l->r->hist, now - c->start);
		l->r->done++;
	}
	c->inbody = false;
	if (l->o->fresh || c->close) {
		conn_close(l, c);
		if (l->stop)
			return;
		conn_open(l, c);
	}
	conn_send(l, c);
}

static void
request_print(struct load *l)
{
	const char	*body = l->o->post;
	size_t		 size;
	int		 n;

	size = HEAD_MAX + (body == NULL ? 0 : strlen(body));
	if ((l->request = malloc(size)) == NULL)
		err(1, "malloc");
	if (body == NULL) {
		l->len = request_get(l->o, l->request, size);
		return;
	}
	n = snprintf(l->request, size, "POST %s HTTP/1.1\r\nHost: docker\r\n"
	    "User-Agent: Docker-Client/20.10.24 (linux)\r\n"
	    "Content-Type: application/json\r\nContent-Length: %zu\r\n%s\r\n%s",
	    l->o->path, strlen(body),
	    l->o->fresh ? "Connection: close\r\n" : "", body);
	if (n < 0 || (size_t)n >= size)
		errx(1, "request too long");
	l->len = (size_t)n;
}

void
load_requests(const struct options *o, struct result *r)
{
	struct epoll_event	 ev[EVENTS];
	struct conn		*conns;
	struct load		*l;
	uint64_t		 begin, end;
	unsigned int		 i;
	int			 n, k;

	if ((l = calloc(1, sizeof(*l))) == NULL ||
	    (conns = calloc(o->conns, sizeof(*conns))) == NULL)
		err(1, "calloc");
	l->o = o;
	l->r = r;
	request_print(l);
	if ((l->epfd = epoll_create1(EPOLL_CLOEXEC)) == -1)
		err(1, "epoll_create1");
	begin = now_ns();
	l->counted = begin + (uint64_t)(o->warm * 1e9);
	end = o->secs == 0 ? UINT64_MAX :
	    l->counted + (uint64_t)(o->secs * 1e9);
	for (i = 0; i < o->conns; i++) {
		conn_open(l, &conns[i]);
		conn_send(l, &conns[i]);
	}
	while (l->open > 0) {
		n = epoll_wait(l->epfd, ev, EVENTS, 1000);
		for (k = 0; k < n; k++)
			conn_read(l, ev[k].data.ptr);
		if (now_ns() < end)
			continue;
		if (!l->stop)
			r->secs = (double)(now_ns() - l->counted) / 1e9;
		l->stop = true;
		if (n == 0 || now_ns() > end + 3000000000U)
			break;		/* some never answered */
	}
	if (!l->stop)
		r->secs = (double)(now_ns() - l->counted) / 1e9;
	r->errors += l->open;
}
