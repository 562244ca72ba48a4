/* SPDX-License-Identifier: ISC */

/*
 * Client connections: their begin, what is read from them, their end.  What
 * a request says is for exchange.c; here only bytes move.  A connection between
 * requests owns nothing but this struct.
 */

#include <sys/socket.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../filter/count.h"
#include "../filter/filter.h"

#define TURN_MAX	(256U * 1024)	/* of one client's input at once */

static uint64_t	 client_since(const struct filter *);
static bool	 client_waits(const struct client *);
static void	 client_readable(int, short, void *);
static size_t	 client_read(struct client *);
static void	 client_input(struct client *, const uint8_t *, size_t);
static void	 client_ended(struct client *);
static bool	 client_gone(const struct client *);
static void	 client_settle(struct client *);
static void	 client_look(struct client *);
static size_t	 client_consume(struct client *, const uint8_t *, size_t);
static size_t	 client_room(const struct client *);

/* Different for each, so that a list of them can be gone on with. */
static uint64_t
client_since(const struct filter *f)
{
	const struct client	*last = TAILQ_LAST(&f->clients, clients);
	uint64_t		 now = filter_usec();

	return (last != NULL && last->since >= now ? last->since + 1 : now);
}

void
client_new(struct filter *f, int fd, const struct sockaddr_storage *ss)
{
	struct client	*c;
	const int	 on = 1;

	if ((c = calloc(1, sizeof(*c))) == NULL) {
		close(fd);
		return;
	}
	c->filter = f;
	c->fd = fd;
	c->since = client_since(f);
	if (client_identify(c, ss) == -1 || !client_welcome(c)) {
		f->page->counts.denied++;
		close(fd);
		free(c->peer.groups);
		free(c);
		return;
	}
	if (f->kind == LISTEN_TCP) {
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on,
		    sizeof(on));
		(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on,
		    sizeof(on));
	}
	event_assign(&c->rev, f->base, fd, EV_READ | EV_PERSIST,
	    client_readable, c);
	event_assign(&c->wev, f->base, fd, EV_WRITE, client_writable, c);
	c->deadline = f->now + f->limits.header_secs;
	TAILQ_INSERT_TAIL(&f->clients, c, entry);
	f->nclients++;
	f->page->counts.accepted++;
	count_clients(f);
	client_reading(c, true);
}

void
client_free(struct client *c)
{
	struct filter	*f = c->filter;

	if (c->dead)
		return;
	c->dead = true;
	lookup_free(c);
	conf_settle(c);
	if (c->x != NULL) {
		if (c->x->id != 0)
			channel_release(f, c->x->id, true, false);
		c->x->id = 0;
		if (c->x->ep != NULL && !c->x->logged)
			access_log(c, NULL);
		exchange_free(c);
	}
	if (c->fd != -1) {
		event_del(&c->rev);
		event_del(&c->wev);
		close(c->fd);
	}
	buf_free(&c->in);
	buf_free(&c->out);
	TAILQ_REMOVE(&f->clients, c, entry);
	TAILQ_INSERT_TAIL(&f->graveyard, c, entry);
	f->nclients--;
	count_clients(f);
	if (!f->accepting && !f->draining && f->listenfd != -1) {
		event_add(&f->lev, NULL);
		f->accepting = true;
	}
}

void
client_bury(struct filter *f)
{
	struct client	*c;

	while ((c = TAILQ_FIRST(&f->graveyard)) != NULL) {
		TAILQ_REMOVE(&f->graveyard, c, entry);
		free(c->peer.groups);
		free(c);
	}
}

void
client_reading(struct client *c, bool on)
{
	if (c->reading == on)
		return;
	c->reading = on;
	if (on)
		event_add(&c->rev, NULL);
	else
		event_del(&c->rev);
}

/* How much may still wait in c->in. */
static size_t
client_room(const struct client *c)
{
	size_t	 max = c->x == NULL ? c->filter->limits.head : EARLY_MAX;

	if (max > EARLY_MAX)
		max = EARLY_MAX;
	return (c->in.len >= max ? 0 : max - c->in.len);
}

/* What comes now is for later: an answer is on its way out. */
static bool
client_waits(const struct client *c)
{
	if (c->x == NULL)
		return (c->out.len != 0 || lookup_busy(c));
	return (c->x->bmode == BM_NONE);
}

static void
client_readable(int fd, short what, void *arg)
{
	struct client	*c = arg;
	struct filter	*f = c->filter;
	size_t		 turn = 0, n;

	f->turn++;
	if (c->x != NULL && c->x->bmode != BM_NONE)
		f->gathered = GATHER_MAX;	/* takes long: nobody waits */
	do {
		n = client_read(c);
		turn += n;
	} while (n != 0 && turn < TURN_MAX && upload_goes_on(c));
}

/* Read once.  Bytes taken; 0: or there is no more to be done now. */
static size_t
client_read(struct client *c)
{
	struct filter	*f = c->filter;
	size_t		 room = EARLY_MAX;	/* may become early bytes */
	ssize_t		 n;

	if (c->x != NULL && c->x->bmode != BM_NONE) {
		if ((n = upload_splice(c)) != -1)
			return ((size_t)n);
		room = upload_room(c);
	}
	if (!c->linger && client_waits(c)) {
		room = client_room(c);
		if (room == 0) {
			client_reading(c, false);
			return (0);
		}
	}
	n = recv(c->fd, f->scratch, room, MSG_DONTWAIT);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return (0);
	if (n == -1)
		client_free(c);
	else if (n == 0)
		client_ended(c);
	else if (!c->linger)
		client_input(c, f->scratch, (size_t)n);
	else if (f->now < c->until)
		c->deadline = f->now + LINGER_SECS;
	return (n > 0 && (size_t)n == room ? room : 0);
}

/*
 * The client says no more.  Between requests that is the end, and an endless
 * stream has lost its reader.  A finite answer may still be wanted: the
 * engine is not told (moby cancels on half-close), but it must not keep
 * silent for long.
 */
static void
client_ended(struct client *c)
{
	struct exchange	*x = c->x;

	c->eof = true;
	if (c->linger || client_gone(c) ||
	    (x == NULL && c->out.len == 0 && !lookup_busy(c)) ||
	    (x != NULL && !upload_complete(x))) {
		client_free(c);
		return;
	}
	client_reading(c, false);
	client_half(c);
	client_settle(c);
}

/* The client says no more, and a request of it is under way. */
void
client_half(struct client *c)
{
	const struct exchange	*x = c->x;

	if (x == NULL || x->ep == NULL || x->ep->upgrade != UPGRADE_NONE)
		return;
	if ((x->ep->flags & EPF_STREAM) != 0)
		client_free(c);
	else
		c->deadline = c->filter->now + HALF_SECS;
}

/*
 * It says no more: close after its last request, when nothing waits to be
 * looked at, and in the middle of one that had to wait for others.
 */
static void
client_settle(struct client *c)
{
	if (c->dead || c->consuming || !c->eof || lookup_busy(c))
		return;
	if (c->x != NULL) {
		if (c->in.len == 0 && c->out.len == 0 &&
		    !upload_complete(c->x))
			client_free(c);
	} else if (c->out.len == 0 || c->in.len == 0)
		client_close(c);
}

/* Closed both ways?  A unix socket tells at once, TCP when it is reset. */
static bool
client_gone(const struct client *c)
{
	struct pollfd	 pfd = { .fd = c->fd };

	return (poll(&pfd, 1, 0) == 1 &&
	    (pfd.revents & (POLLHUP | POLLERR)) != 0);
}

static void
client_input(struct client *c, const uint8_t *data, size_t len)
{
	size_t	 n;

	if (c->in.len != 0) {
		if (buf_add(&c->in, data, len) == -1)
			client_free(c);
		else
			client_process(c);
		return;
	}
	n = client_consume(c, data, len);
	if (n < len && !c->dead && buf_add(&c->in, data + n, len - n) == -1)
		client_free(c);
}

void
client_process(struct client *c)
{
	size_t	 n;

	if (c->consuming)
		return;
	if (c->in.len == 0) {
		client_settle(c);
		return;
	}
	n = client_consume(c, c->in.data + c->in.off, c->in.len);
	if (n > 0 && !c->dead && c->in.len != 0)
		buf_drop(&c->in, n);
	client_settle(c);
}

/* Requests and their bodies, as far as they can be taken now. */
static size_t
client_consume(struct client *c, const uint8_t *data, size_t len)
{
	size_t	 n, used = 0;

	c->consuming = true;
	while (used < len && !c->closing && !c->dead) {
		if (c->x == NULL && (c->out.len != 0 || lookup_busy(c)))
			break;		/* its answers come first */
		if (c->x == NULL)
			n = exchange_head(c, (const char *)data + used,
			    len - used);
		else if (c->x->bmode != BM_NONE)
			n = upload_data(c, (const char *)data + used,
			    len - used);
		else
			break;		/* an answer is under way */
		if (n == 0)
			break;
		used += n;
	}
	c->consuming = false;
	return (c->closing ? len : used);
}

/*
 * RFC 9112 section 9.6: closing with unread input could reset what the
 * client has not read yet, so its input is discarded until it closes.
 */
void
client_close(struct client *c)
{
	c->closing = true;
	if (c->out.len != 0) {
		if (c->deadline == 0)
			c->deadline = c->filter->now + LINGER_MAX;
		return;
	}
	if (c->eof || c->linger || c->fd == -1) {
		client_free(c);
		return;
	}
	c->linger = true;
	c->deadline = c->filter->now + LINGER_SECS;
	c->until = c->filter->now + LINGER_MAX;
	buf_free(&c->in);
	(void)shutdown(c->fd, SHUT_WR);
	client_reading(c, true);
}

/* Nobody reads from it now: has it gone in the meantime? */
static void
client_look(struct client *c)
{
	struct pollfd	 pfd = { .fd = c->fd, .events = POLLRDHUP };

	if (poll(&pfd, 1, 0) != 1)
		return;
	if ((pfd.revents & (POLLHUP | POLLERR)) != 0)
		client_free(c);
	else if (!c->eof && c->x != NULL && c->x->bmode == BM_NONE)
		client_ended(c);
}

void
client_tick(struct filter *f)
{
	struct client	*c, *next;

	for (c = TAILQ_FIRST(&f->clients); c != NULL; c = next) {
		next = TAILQ_NEXT(c, entry);
		if (c->x != NULL)
			count_bytes(c);
		if (!c->reading && c->fd != -1)
			client_look(c);
		if (c->dead || c->deadline == 0 || f->now < c->deadline)
			continue;
		if (lookup_busy(c))
			lookup_timeout(c);
		else if (c->closing || c->linger || (c->x == NULL &&
		    c->in.len == 0))
			client_free(c);
		else
			exchange_timeout(c);
	}
	if (!f->accepting && !f->draining && f->listenfd != -1 &&
	    f->nclients < f->maxclients) {
		event_add(&f->lev, NULL);
		f->accepting = true;
	}
}
