/* SPDX-License-Identifier: ISC */

/*
 * A request body on its way from the filter's pipe to the engine.  Either
 * exactly as many bytes as the head promised, or chunks whose sizes are
 * written here (RFC 9112 section 7.1): nothing a filter puts into the pipe
 * can become a second request.  The last chunk is written only after
 * BODYEND, so a body that was cut short never looks complete.
 */

#include <sys/ioctl.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../parent/parent.h"

static void	 body_readable(int, short, void *);
static int	 body_next_chunk(struct request *);
static void	 body_eof(struct request *);

void
body_start(struct request *req)
{
	struct body	*b = &req->body;

	event_assign(&b->ev, req->filter->parent->base, b->fd,
	    EV_READ | EV_PERSIST, body_readable, req);
	(void)fcntl(b->fd, F_SETPIPE_SZ, PIPE_SIZE);
	if (b->kind == BODY_CHUNKED)
		b->left = 0;
	body_run(req);
}

void
body_close(struct request *req)
{
	struct body	*b = &req->body;

	if (b->fd == -1)
		return;
	if (event_initialized(&b->ev))
		event_del(&b->ev);
	close(b->fd);
	b->fd = -1;
}

void
body_end(struct request *req)
{
	req->body.end = true;
	if (req->body.fd != -1 && req->body.eof != 0)
		body_eof(req);
}

static void
body_readable(int fd, short what, void *arg)
{
	struct request	*req = arg;

	req->filter->parent->gathered = GATHER_MAX;
	if (req->conn != NULL)
		body_run(req);
}

/* Move what is there; wait for the pipe or for the engine. */
void
body_run(struct request *req)
{
	struct body	*b = &req->body;
	size_t		 budget = SPLICE_MAX;
	ssize_t		 n;
	int		 queued;

	while (budget > 0) {
		if (req->out.len != 0) {
			event_del(&b->ev);
			return;		/* request_writable() comes back */
		}
		if (b->left == 0) {
			if (b->kind == BODY_LENGTH) {
				body_close(req);
				return;
			}
			if (body_next_chunk(req) != 1)
				return;
			continue;
		}
		n = splice(b->fd, NULL, req->conn->fd, NULL,
		    b->left < budget ? (size_t)b->left : budget,
		    SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
		if (n == 0) {
			request_end(req, END_BODY);
			return;
		}
		if (n == -1) {
			if (errno != EAGAIN && errno != EINTR) {
				/* It reads no more; its answer tells why. */
				body_close(req);
				return;
			}
			queued = 0;
			if (ioctl(b->fd, FIONREAD, &queued) == 0 &&
			    queued > 0) {
				event_del(&b->ev);
				event_add(&req->conn->wev, NULL);
			} else
				event_add(&b->ev, NULL);
			return;
		}
		b->left -= (uint64_t)n;
		req->up += (uint64_t)n;
		req->moved = req->filter->parent->ticks;
		budget -= (size_t)n;
	}
	event_add(&b->ev, NULL);
}

/* 1: a chunk was begun; 0: wait; -1: over, one way or the other. */
static int
body_next_chunk(struct request *req)
{
	struct body	*b = &req->body;
	struct pollfd	 pfd = { .fd = b->fd, .events = POLLIN };
	char		 line[32];
	int		 queued = 0, len;

	if (ioctl(b->fd, FIONREAD, &queued) == -1) {
		request_end(req, END_ERROR);
		return (-1);
	}
	if (queued == 0) {
		if (poll(&pfd, 1, 0) == 1 && (pfd.revents & POLLIN) == 0) {
			body_eof(req);
			return (-1);
		}
		event_add(&b->ev, NULL);
		return (0);
	}
	len = snprintf(line, sizeof(line), "%s%x\r\n",
	    b->started ? "\r\n" : "", (unsigned int)queued);
	b->started = true;
	b->left = (uint64_t)queued;
	if (request_write(req, line, (size_t)len) == -1) {
		body_close(req);
		return (-1);
	}
	return (1);
}

static void
body_eof(struct request *req)
{
	struct body	*b = &req->body;
	const char	*last = b->started ? "\r\n0\r\n\r\n" : "0\r\n\r\n";

	if (!b->end) {
		event_del(&b->ev);
		b->eof = 1;	/* request_tick() waits for BODYEND */
		return;
	}
	body_close(req);
	(void)request_write(req, last, strlen(last));
}
