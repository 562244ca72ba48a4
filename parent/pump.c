/* SPDX-License-Identifier: ISC */

/*
 * Streams that the filter handed over: an upgraded connection (both ways),
 * or the rest of a large answer (one way).  Bytes are moved blindly.  What
 * comes in small pieces is copied through one buffer of the process; what
 * comes in bulk is spliced through a pipe, and so is what the other side
 * does not take at once: a stream at rest owns neither buffer nor pipe.
 */

#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../parent/parent.h"

/* Fits into the smallest pipe: two pages beyond pipe-user-pages-soft. */
#define COPY_MAX	(8U * 1024)
#define LINGER_TICKS	3
#define CALM_TURNS	64	/* turns without a small request */
#define SPLICE_MIN	(16U * 1024)

static bool	 pump_is_stream(int);
static int	 pipe_get(struct parent *, int[2]);
static void	 pipe_put(struct parent *, int[2], size_t);
static void	 flow_init(struct flow *, struct request *, int, int);
static void	 flow_free(struct flow *);
static void	 flow_event(int, short, void *);
static size_t	 flow_turn(const struct flow *);
static int	 flow_run(struct flow *);
static int	 flow_fill(struct flow *);
static void	 flow_count(struct flow *, uint64_t);
static int	 flow_copy(struct flow *);
static int	 flow_splice(struct flow *);
static int	 flow_drain(struct flow *);
static int	 flow_mute(struct flow *);
static void	 flow_eof(struct flow *);
static bool	 pump_over(const struct request *);

int
pump_start(struct request *req, int client, const void *early, size_t len)
{
	struct pump	*p;
	bool		 ok = true;

	/*
	 * splice(2) asks the file, not its own flag, whether a socket may
	 * block; a filter cannot take the flag away again (seccomp.c).
	 */
	if (!pump_is_stream(client) || req->conn == NULL ||
	    !request_fds(req, FDS_PUMP) ||
	    fcntl(client, F_SETFL, O_RDWR | O_NONBLOCK) == -1 ||
	    (p = calloc(1, sizeof(*p))) == NULL) {
		close(client);
		return (-1);
	}
	req->pump = p;
	p->client = client;
	p->upgraded = req->upgraded;
	docker_read(req->conn, false);
	flow_init(&p->down, req, req->conn->fd, client);
	flow_init(&p->up, req, client, req->conn->fd);
	p->down.bulk = !p->upgraded;
	if (p->upgraded && len > 0)
		ok = request_write(req, early, len) == 0;
	p->up.total = len;
	/* Without an upgrade the client has nothing to say any more. */
	p->up.discard = !p->upgraded;
	event_add(&p->down.rev, NULL);
	if (req->out.len == 0)
		event_add(&p->up.rev, NULL);
	return (ok ? 0 : -1);
}

/* A filter may hand over anything; only a stream socket is of use. */
static bool
pump_is_stream(int fd)
{
	socklen_t	 len = sizeof(int);
	int		 type;

	return (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 &&
	    type == SOCK_STREAM);
}

void
pump_free(struct request *req)
{
	struct pump	*p = req->pump;

	if (p == NULL)
		return;
	flow_free(&p->up);
	flow_free(&p->down);
	close(p->client);
	free(p);
	req->pump = NULL;
}

/* Early bytes that the engine did not take at once have left by now. */
void
pump_writable(struct request *req)
{
	struct pump	*p = req->pump;

	if (req->out.len == 0 && !p->up.done)
		event_add(&p->up.rev, NULL);
}

void
pump_tick(struct request *req)
{
	struct pump	*p = req->pump;

	if (p->down.done && ++p->linger > LINGER_TICKS)
		request_end(req, END_EOF);
}

/* Spare pipes are kept, so that a stream in motion makes no system call. */
static int
pipe_get(struct parent *parent, int fds[2])
{
	if (parent->npipes > 0) {
		memcpy(fds, parent->pipes[--parent->npipes], sizeof(int[2]));
		return (0);
	}
	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) == -1) {
		fds[0] = fds[1] = -1;
		return (-1);
	}
	(void)fcntl(fds[1], F_SETPIPE_SZ, PIPE_SIZE);
	return (0);
}

static void
pipe_put(struct parent *parent, int fds[2], size_t inpipe)
{
	const size_t	 max = sizeof(parent->pipes) / sizeof(parent->pipes[0]);

	if (fds[0] == -1)
		return;
	if (inpipe == 0 && parent->npipes < max)
		memcpy(parent->pipes[parent->npipes++], fds, sizeof(int[2]));
	else {
		close(fds[0]);
		close(fds[1]);
	}
	fds[0] = fds[1] = -1;
}

static void
flow_init(struct flow *fl, struct request *req, int from, int to)
{
	struct event_base	*base = req->filter->parent->base;

	fl->req = req;
	fl->from = from;
	fl->to = to;
	fl->pipe[0] = fl->pipe[1] = -1;
	event_assign(&fl->rev, base, from, EV_READ | EV_PERSIST, flow_event,
	    fl);
	event_assign(&fl->wev, base, to, EV_WRITE, flow_event, fl);
}

static void
flow_free(struct flow *fl)
{
	event_del(&fl->rev);
	event_del(&fl->wev);
	pipe_put(fl->req->filter->parent, fl->pipe, fl->inpipe);
}

static void
flow_event(int fd, short what, void *arg)
{
	struct flow	*fl = arg;
	struct request	*req = fl->req;

	req->filter->parent->gathered = GATHER_MAX;
	if (flow_run(fl) == -1)
		request_end(req, END_ERROR);
	else if (pump_over(req))
		request_end(req, END_EOF);
}

/*
 * How much one stream may move before it is the others' turn: little while
 * small requests come and go, much when there are only streams.
 */
static size_t
flow_turn(const struct flow *fl)
{
	struct parent	*parent = fl->req->filter->parent;

	if (parent->calm < CALM_TURNS) {
		parent->calm++;
		return (SPLICE_MIN);
	}
	return (SPLICE_MAX);
}

/* One turn. -1: the stream broke. */
static int
flow_run(struct flow *fl)
{
	uint64_t	 until = fl->total + flow_turn(fl);
	int		 r;

	for (;;) {
		if (fl->inpipe != 0) {
			if ((r = flow_drain(fl)) != 1)
				return (r);
		}
		if (fl->eof) {
			flow_eof(fl);
			return (0);
		}
		/* Only with an empty pipe: no event would come for the rest. */
		if (fl->total >= until)
			return (0);
		if ((r = flow_fill(fl)) != 1)
			return (r);
	}
}

/* 1: go on; 0: nothing to do now; -1: broken. */
static int
flow_fill(struct flow *fl)
{
	int	 r;

	r = fl->bulk && !fl->discard ? flow_splice(fl) : flow_copy(fl);
	if (r == 1 && fl->inpipe == 0 && !fl->eof && !fl->bulk)
		return (0);	/* a small piece: that was all */
	return (r);
}

static void
flow_count(struct flow *fl, uint64_t n)
{
	struct request	*req = fl->req;
	struct parent	*parent = req->filter->parent;

	fl->total += n;
	req->moved = parent->ticks;
	if (fl == &req->pump->up)
		parent->total.counts.up += n;
	else
		parent->total.counts.down += n;
}

static int
flow_copy(struct flow *fl)
{
	struct parent	*parent = fl->req->filter->parent;
	uint8_t		*buf = parent->scratch;
	ssize_t		 n, sent, kept;

	n = recv(fl->from, buf, COPY_MAX, MSG_DONTWAIT);
	if (n == -1)
		return (errno == EAGAIN || errno == EINTR ? 0 : -1);
	if (n == 0)
		fl->eof = true;
	if (n == 0 || fl->discard)
		return (1);
	flow_count(fl, (uint64_t)n);
	fl->bulk = n == COPY_MAX;
	sent = send(fl->to, buf, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (sent == -1 && errno != EAGAIN && errno != EINTR)
		return (flow_mute(fl));
	if (sent == -1)
		sent = 0;
	if (sent == n)
		return (1);
	/* The rest waits in a pipe; what is in it is never lost sight of. */
	if (pipe_get(parent, fl->pipe) == -1)
		return (-1);
	n -= sent;
	kept = write(fl->pipe[1], buf + sent, (size_t)n);
	fl->inpipe = kept > 0 ? (size_t)kept : 0;
	return (kept == n ? 1 : -1);
}

static int
flow_splice(struct flow *fl)
{
	ssize_t	 n;

	if (fl->pipe[0] == -1 &&
	    pipe_get(fl->req->filter->parent, fl->pipe) == -1)
		return (-1);
	n = splice(fl->from, NULL, fl->pipe[1], NULL,
	    fl->req->filter->parent->calm < CALM_TURNS ? SPLICE_MIN :
	    SPLICE_MAX, SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
	if (n > 0) {
		fl->inpipe = (size_t)n;
		flow_count(fl, (uint64_t)n);
		if ((size_t)n < COPY_MAX / 4)
			fl->bulk = false;
		return (1);
	}
	pipe_put(fl->req->filter->parent, fl->pipe, 0);
	if (n == -1) {
		/* Or urgent data, which recv(2) gets past. */
		fl->bulk = false;
		return (errno == EAGAIN || errno == EINTR ? 0 : -1);
	}
	fl->eof = true;
	return (1);
}

/* 1: the pipe is empty again; 0: wait for the reader; -1: broken. */
static int
flow_drain(struct flow *fl)
{
	ssize_t	 n;

	while (fl->inpipe > 0) {
		n = splice(fl->pipe[0], NULL, fl->to, NULL, fl->inpipe,
		    SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
		if (n > 0) {
			fl->inpipe -= (size_t)n;
			continue;
		}
		if (n == -1 && (errno == EAGAIN || errno == EINTR)) {
			event_del(&fl->rev);
			event_add(&fl->wev, NULL);
			return (0);
		}
		return (flow_mute(fl));
	}
	if (!fl->bulk)
		pipe_put(fl->req->filter->parent, fl->pipe, 0);
	event_add(&fl->rev, NULL);
	return (1);
}

/*
 * The reader has gone.  When that is the engine, what it said last is still
 * on its way to the client: only this direction ends.
 */
static int
flow_mute(struct flow *fl)
{
	if (fl == &fl->req->pump->down)
		return (-1);
	pipe_put(fl->req->filter->parent, fl->pipe, fl->inpipe);
	fl->inpipe = 0;
	fl->discard = true;
	fl->bulk = false;
	event_add(&fl->rev, NULL);
	return (1);
}

/*
 * One side will say no more.  On an upgraded stream the other is told so and
 * may go on; the end of the engine's side is the end of the stream, once the
 * client has closed too or some seconds have passed (closing at once could
 * reset what it has not read yet).
 */
static void
flow_eof(struct flow *fl)
{
	struct pump	*p = fl->req->pump;

	event_del(&fl->rev);
	event_del(&fl->wev);
	fl->done = true;
	if (fl == &p->down) {
		(void)shutdown(p->client, SHUT_WR);
		p->up.discard = true;
		p->up.bulk = false;
	} else if (p->upgraded && !fl->discard)
		(void)shutdown(fl->req->conn->fd, SHUT_WR);
}

/*
 * Without an upgrade a client that closed its side of an endless stream has
 * gone; of a finite one it may still want the rest.
 */
static bool
pump_over(const struct request *req)
{
	const struct pump	*p = req->pump;

	if (p->down.done)
		return (p->up.done);
	return (!p->upgraded && p->up.done &&
	    (req->ep->flags & EPF_STREAM) != 0);
}
