/* SPDX-License-Identifier: ISC */

/*
 * Request bodies.  JSON is collected, within its limit, and judged whole; a
 * stream goes to the parent through a pipe, with the client's framing taken
 * off.  A pipe that is full stops the reading from that client.
 */

#include <sys/ioctl.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../filter/filter.h"

#define UPLOAD_SPLICE	(256U * 1024)
#define RUNS_MAX	32	/* chunks written at once */
#define UPLOAD_WORTH	(8U * 1024)	/* a splice(2) of its own */

static size_t	 upload_run(struct client *, const char *, size_t);
static size_t	 upload_chunks(struct client *, const char *, size_t);
static void	 upload_wait(struct client *);
static void	 upload_moved(struct client *, uint64_t);
static uint64_t	 upload_blind(const struct client *);
static void	 upload_bad(struct client *);
static bool	 upload_take(struct client *, const struct iovec *, int);
static bool	 upload_forward(struct client *, const struct iovec *, int,
		    size_t);
static bool	 upload_keep(struct client *, const struct iovec *, int,
		    size_t);
static void	 upload_whole(struct client *);
static void	 upload_flush(struct client *);
static void	 upload_writable(int, short, void *);

int
upload_pipe(struct client *c)
{
	struct exchange	*x = c->x;
	int		 fds[2];

	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) == -1)
		return (-1);
	x->pipe = fds[1];
	event_assign(&x->pev, c->filter->base, x->pipe, EV_WRITE,
	    upload_writable, c);
	return (fds[0]);
}

void
upload_stop(struct exchange *x)
{
	buf_free(&x->collect);
	upload_unwatch(x);
	if (x->pipe == -1)
		return;
	event_del(&x->pev);
	close(x->pipe);
	x->pipe = -1;
}

size_t
upload_data(struct client *c, const char *data, size_t len)
{
	struct exchange	*x = c->x;

	if (x->bmode == BM_PIPE && x->collect.len != 0) {
		upload_wait(c);
		return (0);
	}
	/* What is collected has one deadline for all of it. */
	if (x->bmode == BM_PIPE)
		c->deadline = c->filter->now + x->profile->limits.body_secs;
	return (x->bchunked ? upload_chunks(c, data, len) :
	    upload_run(c, data, len));
}

/* A body with a length. */
static size_t
upload_run(struct client *c, const char *data, size_t len)
{
	struct exchange	*x = c->x;
	struct iovec	 iov;

	if (len > x->bleft)
		len = (size_t)x->bleft;
	x->bleft -= len;
	if (x->bmode == BM_COLLECT && x->bleft == 0 && x->collect.len == 0) {
		/* All of it at once: judged where it lies. */
		x->bmode = BM_NONE;
		x->up += len;
		ask_judged(c, data, len);
		return (len);
	}
	iov.iov_base = (void *)(uintptr_t)data;
	iov.iov_len = len;
	if (upload_take(c, &iov, 1) && x->bleft == 0)
		upload_whole(c);
	return (len);
}

/* As many chunks as came, so that the pipe is written to once. */
static size_t
upload_chunks(struct client *c, const char *data, size_t len)
{
	struct exchange	*x = c->x;
	struct iovec	 iov[RUNS_MAX];
	const char	*run;
	size_t		 runlen, used = 0;
	uint64_t	 size;
	ssize_t		 n;
	int		 niov = 0;

	while (used < len && !x->bchunk.done && niov < RUNS_MAX) {
		n = http_chunk_decode(&x->bchunk, data + used, len - used,
		    &run, &runlen);
		if (n == HTTP_BAD) {
			upload_bad(c);
			return (len);
		}
		used += (size_t)n;
		if (runlen > 0) {
			iov[niov].iov_base = (void *)(uintptr_t)run;
			iov[niov++].iov_len = runlen;
		}
	}
	/* No data: the line of a chunk is on its way, in pieces. */
	size = http_chunk_pending(&x->bchunk);
	if (niov != 0)
		size += iov[niov - 1].iov_len;
	if (size != 0)
		x->blarge = size >= UPLOAD_WORTH;
	if ((niov == 0 || upload_take(c, iov, niov)) && x->bchunk.done)
		upload_whole(c);
	return (used);
}

static void
upload_bad(struct client *c)
{
	c->x->keepalive = false;
	if (c->x->bmode == BM_COLLECT)
		reply_error(c, 400, "chunked body malformed", true);
	else
		client_free(c);
}

/* Body bytes, bare. False: the exchange took another turn. */
static bool
upload_take(struct client *c, const struct iovec *iov, int niov)
{
	struct exchange	*x = c->x;
	const char	*why;
	size_t		 len = 0;
	int		 i, status;

	for (i = 0; i < niov; i++)
		len += iov[i].iov_len;
	x->up += len;
	if (x->bmode == BM_PIPE)
		return (x->archive != NULL ? upload_judged(c, iov, niov) :
		    upload_forward(c, iov, niov, len));
	if (x->bmode == BM_SWALLOW) {
		if (x->up <= SWALLOW_MAX)
			return (true);
		exchange_free(c);
		client_close(c);
		return (false);
	}
	if (x->collect.len + len > x->cmax) {
		why = upload_too_long(x->ep, &status);
		reply_error(c, status, why, true);
		return (false);
	}
	return (upload_keep(c, iov, niov, 0));
}

/* Into the pipe; what it does not take is kept, and reading stops. */
static bool
upload_forward(struct client *c, const struct iovec *iov, int niov, size_t len)
{
	struct exchange	*x = c->x;
	ssize_t		 n;

	n = writev(x->pipe, iov, niov);
	if (n == -1 && errno != EAGAIN && errno != EINTR) {
		/* The parent closed it; its answer tells why. */
		x->keepalive = false;
		n = (ssize_t)len;
	}
	if (!upload_keep(c, iov, niov, n == -1 ? 0 : (size_t)n))
		return (false);
	if (x->collect.len != 0) {
		upload_wait(c);
		event_add(&x->pev, NULL);
	}
	return (true);
}

bool
upload_pass(struct client *c, const struct iovec *iov, int niov)
{
	size_t	 len = 0;
	int	 i;

	if (c->x->collect.len != 0)
		return (upload_keep(c, iov, niov, 0));
	for (i = 0; i < niov; i++)
		len += iov[i].iov_len;
	return (len == 0 || upload_forward(c, iov, niov, len));
}

/* For the pipe, which is the engine's pace and not the client's fault. */
static void
upload_wait(struct client *c)
{
	client_reading(c, false);
	c->deadline = 0;
}

bool
upload_complete(const struct exchange *x)
{
	if (x->bmode == BM_NONE)
		return (true);
	return (x->bchunked ? x->bchunk.done : x->bleft == 0);
}

/* Everything but the first skip bytes. */
static bool
upload_keep(struct client *c, const struct iovec *iov, int niov, size_t skip)
{
	size_t	 off;
	int	 i;

	for (i = 0; i < niov; i++) {
		off = skip < iov[i].iov_len ? skip : iov[i].iov_len;
		skip -= off;
		if (buf_add(&c->x->collect, (char *)iov[i].iov_base + off,
		    iov[i].iov_len - off) == -1) {
			client_free(c);
			return (false);
		}
	}
	return (true);
}

/* The last byte is here. */
static void
upload_whole(struct client *c)
{
	struct exchange	*x = c->x;
	struct buf	 body = x->collect;

	switch (x->bmode) {
	case BM_SWALLOW:
		x->bmode = BM_NONE;
		exchange_done(c);
		break;
	case BM_COLLECT:
		x->bmode = BM_NONE;
		memset(&x->collect, 0, sizeof(x->collect));
		ask_judged(c, (const char *)body.data + body.off, body.len);
		buf_free(&body);
		break;
	case BM_PIPE:
		if (x->archive != NULL && !upload_judged_end(c))
			break;
		if (x->collect.len == 0)
			upload_flush(c);
		break;
	case BM_NONE:
		break;
	}
}

/* The pipe took everything there is; was that the end? */
static void
upload_flush(struct client *c)
{
	struct exchange	*x = c->x;
	struct filter	*f = c->filter;

	if (x->bchunked ? !x->bchunk.done : x->bleft != 0) {
		client_reading(c, true);
		client_process(c);
		return;
	}
	x->bmode = BM_NONE;
	c->deadline = 0;
	if (x->bchunked) {
		/* Before the pipe ends, so that its end is right. */
		if (channel_send(f, IMSG_BODYEND, x->id, -1, NULL, 0,
		    false) == -1) {
			client_free(c);
			return;
		}
		channel_flush(f);
	}
	upload_stop(x);
	client_reading(c, true);
	client_process(c);
}

static void
upload_writable(int fd, short what, void *arg)
{
	struct client	*c = arg;
	struct exchange	*x = c->x;
	ssize_t		 n;

	if (x->collect.len != 0) {
		n = write(fd, x->collect.data + x->collect.off,
		    x->collect.len);
		if (n == -1 && errno != EAGAIN && errno != EINTR) {
			x->keepalive = false;
			n = (ssize_t)x->collect.len;
		}
		if (n > 0)
			buf_drop(&x->collect, (size_t)n);
		if (x->collect.len != 0) {
			event_add(&x->pev, NULL);
			return;
		}
	}
	if (x->bmode == BM_PIPE)
		upload_flush(c);
}

/*
 * How many bytes of the body come next, with nothing between them that must
 * be looked at; few are not worth a system call of their own.
 */
static uint64_t
upload_blind(const struct client *c)
{
	const struct exchange	*x = c->x;
	uint64_t		 n;

	if (x->bmode != BM_PIPE || c->in.len != 0 || x->collect.len != 0)
		return (0);
	n = x->bchunked ? http_chunk_pending(&x->bchunk) : x->bleft;
	if (x->archive != NULL && n > archive_blind(x->archive))
		n = archive_blind(x->archive);
	return (n < UPLOAD_WORTH && (x->bchunked || x->archive != NULL) ?
	    0 : n);
}

/* Among large chunks: up to the next one's data, which is for splice(2). */
size_t
upload_room(const struct client *c)
{
	const struct exchange	*x = c->x;
	uint64_t		 n;

	if (x->bmode != BM_PIPE || !x->blarge)
		return (SCRATCH_SIZE);
	n = http_chunk_ahead(&x->bchunk);
	return (n == 0 || n > SCRATCH_SIZE ? SCRATCH_SIZE : (size_t)n);
}

bool
upload_goes_on(const struct client *c)
{
	const struct exchange	*x = c->x;

	return (!c->dead && c->reading && x != NULL && x->bmode == BM_PIPE &&
	    x->bchunked && x->collect.len == 0);
}

ssize_t
upload_splice(struct client *c)
{
	struct exchange	*x = c->x;
	uint64_t	 len = upload_blind(c);
	ssize_t		 n;
	int		 queued = 0;

	if (len == 0)
		return (-1);
	if (len > UPLOAD_SPLICE)
		len = UPLOAD_SPLICE;
	n = splice(c->fd, NULL, x->pipe, NULL, (size_t)len,
	    SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
	if (n > 0) {
		upload_moved(c, (uint64_t)n);
		return ((uint64_t)n < len ? 0 : n);
	}
	if (n == 0)
		client_free(c);		/* it went before its body was whole */
	else if (errno == EPIPE) {
		/* The parent closed it; its answer tells why. */
		x->keepalive = false;
		upload_wait(c);
	} else if (errno != EAGAIN && errno != EINTR)
		client_free(c);
	else if (ioctl(c->fd, FIONREAD, &queued) == 0 && queued > 0) {
		upload_wait(c);
		event_add(&x->pev, NULL);
	} else
		return (-1);	/* urgent data: recv(2) gets past it */
	return (0);
}

static void
upload_moved(struct client *c, uint64_t n)
{
	struct exchange	*x = c->x;

	x->up += n;
	c->deadline = c->filter->now + x->profile->limits.body_secs;
	if (x->archive != NULL)
		archive_skip(x->archive, n);
	if (x->bchunked) {
		http_chunk_skip(&x->bchunk, n);
		return;
	}
	x->bleft -= n;
	if (x->bleft == 0)
		upload_whole(c);
}
