/* SPDX-License-Identifier: ISC */

/*
 * The life of one request on this side: a connection is found, the printed
 * head leaves, answer bytes are handed on unread, and the id ends.  The only
 * bytes of the engine that are looked at are the first twelve of an answer
 * to an upgrade, compared with "HTTP/1.1 101".
 */

#include <sys/socket.h>
#include <sys/uio.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../parent/parent.h"

#define REPLAY_MAX	2048	/* a longer head is not repeated */

static const char switching[] = "HTTP/1.1 101";

static struct request *request_new(struct filter *, uint32_t);
static int	 request_slot(struct filter *, uint32_t);
static bool	 request_barred(struct request *, const struct asked *,
		    unsigned int);
static void	 request_attach(struct request *, struct conn *);
static void	 request_keep(struct request *, const struct iovec *);
static void	 request_forget(struct request *);
static void	 request_lost(struct request *, enum end_reason);
static bool	 request_replay(struct request *);
static void	 request_wait(struct request *, bool);
static void	 request_close(struct request *);
static void	 request_magic(struct request *, const uint8_t *, size_t);
static bool	 request_lockstep(const struct request *);
static void	 request_unreached(struct request *, int);

/* Make sure that slot[slot] exists. */
static int
request_slot(struct filter *f, uint32_t slot)
{
	struct request	**p;
	size_t		 n = f->nslots == 0 ? 64 : f->nslots;

	if (slot < f->nslots)
		return (0);
	while (n <= slot)
		n *= 2;
	if ((p = reallocarray(f->slots, n, sizeof(*p))) == NULL)
		return (-1);
	memset(p + f->nslots, 0, (n - f->nslots) * sizeof(*p));
	f->slots = p;
	f->nslots = n;
	return (0);
}

struct request *
request_find(struct filter *f, uint32_t id)
{
	uint32_t	 slot = REQUEST_SLOT(id);

	if (slot >= f->nslots || f->slots[slot] == NULL ||
	    f->slots[slot]->id != id)
		return (NULL);
	return (f->slots[slot]);
}

static struct request *
request_new(struct filter *f, uint32_t id)
{
	struct request	*req;

	if (request_slot(f, REQUEST_SLOT(id)) == -1)
		return (NULL);
	if ((req = TAILQ_FIRST(&f->parent->freereqs)) != NULL)
		TAILQ_REMOVE(&f->parent->freereqs, req, entry);
	else if ((req = malloc(sizeof(*req))) == NULL)
		return (NULL);
	memset(req, 0, sizeof(*req));
	req->filter = f;
	req->id = id;
	req->body.fd = -1;
	req->number = ++f->parent->number;
	req->began = req->moved = f->parent->ticks;
	f->slots[REQUEST_SLOT(id)] = req;
	TAILQ_INSERT_TAIL(&f->reqs, req, entry);
	if (++f->nreqs > f->peak)
		f->peak = f->nreqs;
	return (req);
}

void
request_free(struct request *req, bool keep)
{
	struct filter	*f = req->filter;
	struct conn	*c = req->conn;

	if (keep && c != NULL && req->poolable && req->answered &&
	    req->out.len == 0) {
		req->conn = NULL;
		docker_put(c);
	}
	request_close(req);
	free(req->out.data);
	request_forget(req);
	f->slots[REQUEST_SLOT(req->id)] = NULL;
	TAILQ_REMOVE(&f->reqs, req, entry);
	f->nreqs--;
	TAILQ_INSERT_HEAD(&f->parent->freereqs, req, entry);
}

/* Refused, whatever it asks for? */
static bool
request_barred(struct request *req, const struct asked *asked,
    unsigned int nfds)
{
	if (asked->late)
		request_refuse(req, REFUSED_POLICY, EACCES);
	else if (req->filter->parent->drain != 0)
		request_refuse(req, REFUSED_SHUTDOWN, EMFILE);
	else if (!request_fds(req, nfds))
		request_refuse(req, REFUSED_LIMIT, EMFILE);
	else
		return (false);
	return (true);
}

/*
 * Takes bodyfd.  0, or -1 with a static reason when the filter broke the
 * protocol; whatever else goes wrong is answered with REFUSED or END.
 */
int
request_start(struct filter *f, uint32_t id, const struct asked *asked,
    int bodyfd, const char **why)
{
	struct request	*req;
	struct conn	*c;
	struct iovec	 iov[2];
	ssize_t		 n;
	bool		 again;

	*why = "request id zero, or its slot in use";
	if (id == 0 || (REQUEST_SLOT(id) < f->nslots &&
	    f->slots[REQUEST_SLOT(id)] != NULL)) {
		if (bodyfd != -1)
			close(bodyfd);
		return (-1);
	}
	if ((req = request_new(f, id)) == NULL)
		fatal("request");
	req->body.fd = bodyfd;
	if (request_barred(req, asked, bodyfd == -1 ? 1 : 2))
		return (0);
	f->parent->calm = 0;
	req->ep = asked->ep;
	req->serial = asked->rq.serial;
	req->body.kind = asked->rq.body;
	req->body.left = asked->rq.body_len;
	req->upgrade = req->ep->upgrade != UPGRADE_NONE;
	req->poolable = !req->upgrade && (req->ep->flags & EPF_BULK) == 0 &&
	    bodyfd == -1;
	n = head_print(asked, (char *)f->parent->scratch,
	    sizeof(f->parent->scratch));
	*why = "request head too long";
	if (n == -1) {
		request_free(req, false);
		return (-1);
	}
	iov[0].iov_base = f->parent->scratch;
	iov[0].iov_len = (size_t)n;
	iov[1].iov_base = (void *)(uintptr_t)asked->body;
	iov[1].iov_len = asked->rq.body == BODY_INLINE ?
	    (size_t)asked->rq.body_len : 0;

	again = req->ep->method == METHOD_GET || req->ep->method == METHOD_HEAD;
	c = docker_get(f, req->poolable, !again);
	if (c == NULL && errno != EAGAIN) {
		request_unreached(req, errno);
		return (0);
	}
	if (c == NULL) {
		if (f->nwaiting >= WAITING_MAX ||
		    request_queue(req, iov[0].iov_base, iov[0].iov_len) == -1 ||
		    request_queue(req, iov[1].iov_base, iov[1].iov_len) == -1)
			request_refuse(req, REFUSED_LIMIT, ENOMEM);
		else
			request_wait(req, true);
		return (0);
	}
	request_attach(req, c);
	if (again && c->reused)
		request_keep(req, iov);
	if (request_send(req, iov, 2) == -1)
		body_close(req);	/* reading from it tells the rest */
	else if (req->body.fd != -1)
		body_start(req);
	return (0);
}

static void
request_attach(struct request *req, struct conn *c)
{
	request_wait(req, false);
	c->req = req;
	req->conn = c;
	docker_read(c, true);
}

static void
request_wait(struct request *req, bool on)
{
	if (req->waiting == on)
		return;
	req->waiting = on;
	if (on) {
		req->filter->nwaiting++;
		req->filter->parent->waiting++;
	} else {
		req->filter->nwaiting--;
		req->filter->parent->waiting--;
	}
}

/* Remember the head of a GET in case the pooled connection just died. */
static void
request_keep(struct request *req, const struct iovec *iov)
{
	struct parent	*parent = req->filter->parent;

	if (iov->iov_len > REPLAY_MAX)
		return;
	if (parent->nreplays > 0)
		req->replay = parent->replays[--parent->nreplays];
	else if ((req->replay = malloc(REPLAY_MAX)) == NULL)
		return;
	memcpy(req->replay, iov->iov_base, iov->iov_len);
	req->replaylen = iov->iov_len;
}

/* An answer came, or never will: the head is not needed again. */
static void
request_forget(struct request *req)
{
	struct parent	*parent = req->filter->parent;
	const size_t	 max = sizeof(parent->replays) /
			    sizeof(parent->replays[0]);

	if (req->replay == NULL)
		return;
	if (parent->nreplays < max)
		parent->replays[parent->nreplays++] = req->replay;
	else
		free(req->replay);
	req->replay = NULL;
}

/* A connection could not be had at once: try again, within bounds. */
bool
request_connected(struct request *req)
{
	struct conn	*c;

	if ((c = docker_get(req->filter, false, false)) == NULL) {
		if (errno == EAGAIN)
			return (false);
		request_unreached(req, errno);
		return (true);
	}
	request_attach(req, c);
	if (req->body.fd != -1)
		body_start(req);
	request_writable(req);
	return (true);
}

bool
request_fds(struct request *req, unsigned int n)
{
	struct filter	*f = req->filter;

	if (f->nfds + n > f->maxfds)
		return (false);
	f->nfds += n;
	req->nfds += n;
	return (true);
}

void
request_tick(struct request *req)
{
	if (req->waiting && ++req->wait > CONNECT_TICKS) {
		request_unreached(req, EAGAIN);
		return;
	}
	/* The pipe ended, and the filter never said that this was right. */
	if (req->body.fd != -1 && req->body.eof != 0 &&
	    ++req->body.eof > 2) {
		request_end(req, END_BODY);
		return;
	}
	if (req->pump != NULL)
		pump_tick(req);
}

/*
 * One message at a time, acknowledged before the next is read: nothing can
 * be under way when the filter hands the client over.
 */
static bool
request_lockstep(const struct request *req)
{
	return (req->upgrade || (req->ep->flags & EPF_BULK) != 0);
}

void
request_readable(struct request *req)
{
	struct filter	*f = req->filter;
	size_t		 room = DATA_WINDOW - req->inflight;
	ssize_t		 n;

	if (imsgbuf_queuelen(&f->ib) > QUEUE_HIGH) {
		docker_read(req->conn, false);
		f->starved = true;
		return;
	}
	if (room > DATA_MAX)
		room = DATA_MAX;
	n = recv(req->conn->fd, f->parent->scratch, room, MSG_DONTWAIT);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		request_lost(req, n == 0 ? END_EOF : END_ERROR);
		return;
	}
	req->down += (uint64_t)n;
	req->moved = f->parent->ticks;
	if (!req->answered) {
		req->answered = true;
		request_forget(req);
	}
	request_magic(req, f->parent->scratch, (size_t)n);
	filter_send(f, IMSG_DATA, req->id, -1, f->parent->scratch, (size_t)n);
	req->inflight += (uint32_t)n;
	if (req->inflight >= DATA_WINDOW || request_lockstep(req))
		docker_read(req->conn, false);
}

static void
request_magic(struct request *req, const uint8_t *data, size_t len)
{
	const unsigned int	 whole = sizeof(switching) - 1;

	while (req->upgrade && req->magic < whole && len-- > 0) {
		if (*data++ != (uint8_t)switching[req->magic++])
			req->magic = whole + 1;
	}
	req->upgraded = req->magic == whole;
}

void
request_credit(struct request *req, uint32_t bytes)
{
	req->inflight -= bytes;
	if (req->conn != NULL && req->pump == NULL &&
	    req->inflight < (request_lockstep(req) ? 1 : DATA_WINDOW))
		docker_read(req->conn, true);
}

/* The connection is gone.  A GET on a pooled one is asked once more. */
static void
request_lost(struct request *req, enum end_reason reason)
{
	if (!req->answered && request_replay(req))
		return;
	request_end(req, reason);
}

static bool
request_replay(struct request *req)
{
	struct iovec	 iov;
	struct conn	*c;
	bool		 ok;

	if (req->replay == NULL)
		return (false);
	docker_close(req->conn);
	req->conn = NULL;
	free(req->out.data);
	memset(&req->out, 0, sizeof(req->out));
	if ((c = docker_get(req->filter, false, false)) == NULL) {
		if (errno == EAGAIN && request_queue(req, req->replay,
		    req->replaylen) == 0) {
			request_forget(req);
			request_wait(req, true);
			return (true);
		}
		request_unreached(req, errno);
		return (true);
	}
	request_attach(req, c);
	iov.iov_base = req->replay;
	iov.iov_len = req->replaylen;
	ok = request_send(req, &iov, 1) == 0;
	request_forget(req);
	return (ok);
}

void
request_end(struct request *req, enum end_reason reason)
{
	struct imsg_end	 end;

	memset(&end, 0, sizeof(end));
	end.reason = reason;
	if (req->pump != NULL) {
		end.up = req->pump->up.total;
		end.down = req->pump->down.total;
	}
	filter_send(req->filter, IMSG_END, req->id, -1, &end, sizeof(end));
	request_close(req);
}

/* Nothing of it is left but the id, until the filter gives that back. */
static void
request_close(struct request *req)
{
	req->ended = true;
	req->filter->nfds -= req->nfds;
	req->nfds = 0;
	request_wait(req, false);
	pump_free(req);
	body_close(req);
	if (req->conn != NULL) {
		docker_close(req->conn);
		req->conn = NULL;
	}
}

/* There is no way to the engine, for that errno. */
static void
request_unreached(struct request *req, int error)
{
	request_refuse(req, refusal_of(error), error);
}

void
request_refuse(struct request *req, enum refusal reason, int error)
{
	struct imsg_refused	 refused;

	refused.reason = reason;
	refused.error = (uint32_t)error;
	filter_send(req->filter, IMSG_REFUSED, req->id, -1, &refused,
	    sizeof(refused));
	request_close(req);
}
