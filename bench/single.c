/* SPDX-License-Identifier: ISC */

/*
 * The same work in one process: reads a request with proxyd's own parsers,
 * finds its operation, asks a policy, prints a new head, keeps a pool of
 * connections to the daemon, parses the answer's head, logs a line.  What
 * proxyd costs above this is the separation.  Only GET, and only answers
 * with a length: it is a yardstick, not a proxy.
 */

#include "../bench/bench.h"

#include <sys/epoll.h>

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../filter/http.h"
#include "../filter/path.h"
#include "../proxyd/endpoint.h"
#include "../proxyd/log.h"

#define EVENTS		256
#define POOL_MAX	1024
#define PART_MAX	4096

enum kind {
	KIND_CLIENT,
	KIND_DAEMON
};

struct peer {
	enum kind	 kind;
	int		 fd;
	bool		 dead;
	struct peer	*other;		/* of a request under way */
	struct peer	*next;		/* in the pool, or dead */
	/* of a client */
	uint64_t	 start, down;
	uint64_t	 left;		/* of the answer's body */
	const struct endpoint *ep;
	bool		 keepalive;
	bool		 inbody;
	int		 status;
	char		 path[128];
	size_t		 npart;
	char		*part;		/* an incomplete head */
};

static struct target	 daemon_at;
static struct peer	*pool, *graveyard;
static unsigned int	 npool;
static int		 epfd;
static char		 buf[65536], out[65536], lines[65536];
static size_t		 nlines;
static pid_t		 self;
static uint8_t		 granted[EP_MAX];

static struct peer *
peer_new(enum kind kind, int fd)
{
	struct epoll_event	 ev = { .events = EPOLLIN };
	struct peer		*p;

	if ((p = calloc(1, sizeof(*p))) == NULL)
		err(1, "calloc");
	p->kind = kind;
	p->fd = fd;
	ev.data.ptr = p;
	if (epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &ev) == -1)
		err(1, "epoll_ctl");
	return (p);
}

static void
peer_free(struct peer *p)
{
	struct peer	*other = p->other;

	if (p->dead)
		return;
	close(p->fd);
	free(p->part);
	p->part = NULL;
	p->dead = true;
	p->next = graveyard;
	graveyard = p;
	if (other != NULL) {
		other->other = NULL;
		peer_free(other);
	}
}

static void
log_out(void)
{
	if (nlines > 0 && write(STDERR_FILENO, lines, nlines) == -1)
		err(1, "log");
	nlines = 0;
}

static void
log_request(const struct peer *c)
{
	if (nlines > sizeof(lines) - 512)
		log_out();
	nlines += (size_t)snprintf(lines + nlines, 512,
	    "single[%d]: info: 127.0.0.1 %s GET %s %d %lluB %.1fms\n",
	    self, c->ep->name, c->path, c->status,
	    (unsigned long long)c->down,
	    (double)(now_ns() - c->start) / 1e6);
}

static struct peer *
pool_get(void)
{
	struct peer	*d;
	int		 fd;

	if ((d = pool) != NULL) {
		pool = d->next;
		npool--;
		return (d);
	}
	if ((fd = target_connect(&daemon_at)) == -1)
		return (NULL);
	nonblock(fd);
	return (peer_new(KIND_DAEMON, fd));
}

static void
pool_put(struct peer *d)
{
	d->other = NULL;
	if (npool == POOL_MAX) {
		peer_free(d);
		return;
	}
	d->next = pool;
	pool = d;
	npool++;
}

static void
refuse(struct peer *c, const char *status)
{
	int	 n;

	n = snprintf(out, sizeof(out), "HTTP/1.1 %s\r\nContent-Length: 0\r\n"
	    "Connection: close\r\n\r\n", status);
	if (send(c->fd, out, (size_t)n, MSG_NOSIGNAL) == -1)
		warn("send");
	peer_free(c);
}

/* A whole head: route, judge, print, send. */
static void
request(struct peer *c, const struct http_request *rq)
{
	static struct path	 path;
	struct ep_match		 match;
	struct peer		*d;
	size_t			 len;
	int			 op, n;

	c->start = now_ns();
	c->keepalive = rq->keepalive;
	len = rq->target.len < sizeof(c->path) - 1 ? rq->target.len :
	    sizeof(c->path) - 1;
	log_vis(c->path, sizeof(c->path), rq->target.base, len);
	if (path_parse(&path, &rq->target, API_MINOR_MIN,
	    API_MINOR_MAX) == -1 ||
	    (op = endpoint_match(rq->method, path.text, path.len,
	    &match)) < 0 || !granted[op] || rq->method != METHOD_GET) {
		refuse(c, "403 Forbidden");
		return;
	}
	c->ep = endpoint_get((size_t)op);
	if ((d = pool_get()) == NULL) {
		refuse(c, "502 Bad Gateway");
		return;
	}
	c->other = d;
	d->other = c;
	c->inbody = false;
	n = path.minor == 0 ? snprintf(out, sizeof(out), "%s %s",
	    method_name(rq->method), path.text) :
	    snprintf(out, sizeof(out), "%s /v1.%u%s",
	    method_name(rq->method), path.minor, path.text);
	n += snprintf(out + n, sizeof(out) - (size_t)n, " HTTP/1.1\r\n"
	    "Host: docker\r\n\r\n");
	if (send(d->fd, out, (size_t)n, MSG_NOSIGNAL) != n)
		peer_free(c);
}

static void
client_read(struct peer *c)
{
	struct http_request	 rq;
	size_t			 seen = 0, len;
	ssize_t			 n;
	int			 used;

	memcpy(buf, c->part == NULL ? "" : c->part, c->npart);
	n = recv(c->fd, buf + c->npart, sizeof(buf) - c->npart, 0);
	if (n == -1 && errno == EAGAIN)
		return;
	if (n <= 0) {
		peer_free(c);
		return;
	}
	len = c->npart + (size_t)n;
	used = http_request_parse(&rq, buf, len, &seen);
	if (used == HTTP_BAD || (used == 0 && len > PART_MAX)) {
		refuse(c, "400 Bad Request");
		return;
	}
	if (used == HTTP_INCOMPLETE) {
		if ((c->part = realloc(c->part, len)) == NULL)
			err(1, "realloc");
		memcpy(c->part, buf, len);
		c->npart = len;
		return;
	}
	free(c->part);
	c->part = NULL;
	c->npart = 0;
	request(c, &rq);
}

static void
answered(struct peer *c)
{
	log_request(c);
	pool_put(c->other);
	c->other = NULL;
	if (!c->keepalive)
		peer_free(c);
}

/* Into out: the answer's head as we would have written it. */
static int
answer_head(struct peer *c, const struct http_response *res)
{
	const struct http_header	*h;
	size_t				 i;
	int				 n;

	n = snprintf(out, sizeof(out), "HTTP/1.1 %d %.*s\r\n", res->status,
	    (int)res->reason_text.len, res->reason_text.base);
	for (i = 0; i < res->nheaders; i++) {
		h = &res->headers[i];
		if (slice_is(&h->name, "Connection"))
			continue;
		n += snprintf(out + n, 1024, "%.*s: %.*s\r\n",
		    (int)h->name.len, h->name.base, (int)h->value.len,
		    h->value.base);
		if (n > (int)sizeof(out) - 2048)
			return (-1);
	}
	n += snprintf(out + n, 64, "%s\r\n",
	    c->keepalive ? "" : "Connection: close\r\n");
	c->status = res->status;
	c->left = res->length;
	c->inbody = true;
	return (n);
}

static void
daemon_read(struct peer *d)
{
	struct http_response	 res;
	struct peer		*c = d->other;
	size_t			 seen = 0, used = 0, body;
	ssize_t			 n;
	int			 head = 0;

	n = recv(d->fd, buf, sizeof(buf) - 8192, 0);
	if (n == -1 && errno == EAGAIN)
		return;
	if (c == NULL || n <= 0) {
		peer_free(d);
		return;
	}
	if (!c->inbody) {
		head = http_response_parse(&res, buf, (size_t)n, &seen);
		if (head <= 0 || !res.has_length) {
			peer_free(d);
			return;
		}
		used = (size_t)head;
		head = answer_head(c, &res);
	}
	body = (size_t)n - used;
	if (head < 0 || body > c->left || (size_t)head + body > sizeof(out)) {
		peer_free(d);
		return;
	}
	memcpy(out + head, buf + used, body);
	c->left -= body;
	c->down += body;
	if (send(c->fd, out, (size_t)head + body, MSG_NOSIGNAL) !=
	    (ssize_t)((size_t)head + body))
		peer_free(d);
	else if (c->left == 0)
		answered(c);
}

/* A connection that waits in the pool and was closed by the daemon. */
static void
pool_drop(struct peer *d)
{
	struct peer	**p;

	for (p = &pool; *p != NULL; p = &(*p)->next) {
		if (*p != d)
			continue;
		*p = d->next;
		npool--;
		break;
	}
	peer_free(d);
}

static void
serve(int listener)
{
	struct epoll_event	 ev[EVENTS];
	struct peer		*p;
	int			 i, n, fd;

	for (;;) {
		n = epoll_wait(epfd, ev, EVENTS, -1);
		for (i = 0; i < n; i++) {
			if ((p = ev[i].data.ptr) == NULL) {
				while ((fd = accept4(listener, NULL, NULL,
				    SOCK_NONBLOCK | SOCK_CLOEXEC)) != -1)
					(void)peer_new(KIND_CLIENT, fd);
			} else if (p->dead)
				continue;
			else if (p->kind == KIND_CLIENT)
				client_read(p);
			else if (p->other == NULL)
				pool_drop(p);
			else
				daemon_read(p);
		}
		log_out();
		while ((p = graveyard) != NULL) {
			graveyard = p->next;
			free(p);
		}
	}
}

int
main(int argc, char **argv)
{
	struct epoll_event	 ev = { .events = EPOLLIN };
	struct target		 t;
	size_t			 i;
	int			 listener;

	if (argc != 3)
		errx(1, "usage: single listen daemon");
	self = getpid();
	raise_nofile();
	for (i = 0; i < endpoint_count(); i++)
		granted[i] = (endpoint_get(i)->flags & EPF_WRITE) == 0;
	target_parse(&t, argv[1]);
	target_parse(&daemon_at, argv[2]);
	listener = target_listen(&t);
	if ((epfd = epoll_create1(EPOLL_CLOEXEC)) == -1)
		err(1, "epoll_create1");
	if (epoll_ctl(epfd, EPOLL_CTL_ADD, listener, &ev) == -1)
		err(1, "epoll_ctl");
	serve(listener);
}
