/* SPDX-License-Identifier: ISC */

/*
 * Connections to the engine's socket.  Each filter has a pool of its own:
 * what one listener's clients left on a connection is never seen by another
 * listener's.  An idle connection stays registered for reading; the only
 * thing that can arrive there is its end.
 */

#include <sys/socket.h>
#include <sys/un.h>

#include <bsd/string.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../parent/parent.h"

static struct conn *docker_connect(struct filter *);
static int	 docker_socket(const char *);
static bool	 docker_alive(const struct conn *);
static void	 docker_readable(int, short, void *);
static void	 docker_writable(int, short, void *);

struct conn *
docker_get(struct filter *f, bool pooled, bool probe)
{
	struct conn	*c;

	while (pooled && (c = TAILQ_FIRST(&f->idle)) != NULL) {
		TAILQ_REMOVE(&f->idle, c, entry);
		f->nidle--;
		if (probe && !docker_alive(c)) {
			docker_close(c);
			continue;
		}
		c->reused = true;
		return (c);
	}
	return (docker_connect(f));
}

static struct conn *
docker_connect(struct filter *f)
{
	struct conn	*c;
	int		 save;

	if ((c = calloc(1, sizeof(*c))) == NULL)
		return (NULL);
	c->filter = f;
	if ((c->fd = docker_probe(f->parent)) == -1) {
		save = errno;
		free(c);
		errno = save;
		return (NULL);
	}
	event_assign(&c->rev, f->parent->base, c->fd, EV_READ | EV_PERSIST,
	    docker_readable, c);
	event_assign(&c->wev, f->parent->base, c->fd, EV_WRITE,
	    docker_writable, c);
	return (c);
}

int
docker_probe(struct parent *parent)
{
	int	 fd, save;

	fd = parent->engine == NULL ? docker_socket(parent->conf->socket) :
	    parent->engine(parent);
	save = errno;
	stats_engine(parent, fd == -1 ? save : 0);
	errno = save;
	return (fd);
}

static int
docker_socket(const char *path)
{
	struct sockaddr_un	 sun;
	int			 fd, save;

	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	if (strlcpy(sun.sun_path, path, sizeof(sun.sun_path)) >=
	    sizeof(sun.sun_path)) {
		errno = ENAMETOOLONG;
		return (-1);
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	/* A unix socket connects at once, or says EAGAIN: its queue is full. */
	if (fd == -1 || connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == 0)
		return (fd);
	save = errno;
	close(fd);
	errno = save;
	return (-1);
}

/* Nothing may be there to read before we asked for anything. */
static bool
docker_alive(const struct conn *c)
{
	char	 byte;

	return (recv(c->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == -1 &&
	    errno == EAGAIN);
}

void
docker_put(struct conn *c)
{
	struct filter	*f = c->filter;

	if (f->nidle >= (f->peak > IDLE_MAX ? f->peak : IDLE_MAX)) {
		docker_close(c);
		return;
	}
	c->req = NULL;
	c->idle = 0;
	event_del(&c->wev);
	docker_read(c, true);
	TAILQ_INSERT_HEAD(&f->idle, c, entry);
	f->nidle++;
}

/* The caller has taken it from the pool, or out of its request. */
void
docker_close(struct conn *c)
{
	event_del(&c->rev);
	event_del(&c->wev);
	close(c->fd);
	free(c);
}

void
docker_read(struct conn *c, bool on)
{
	if (c->reading == on)
		return;
	c->reading = on;
	if (on)
		event_add(&c->rev, NULL);
	else
		event_del(&c->rev);
}

void
docker_tick(struct filter *f)
{
	struct conn	*c, *next;

	/* As many as were at work lately may be kept; that is forgotten. */
	f->peak -= (f->peak + 7) / 8;
	if (f->peak < f->nreqs)
		f->peak = f->nreqs;

	for (c = TAILQ_FIRST(&f->idle); c != NULL; c = next) {
		next = TAILQ_NEXT(c, entry);
		if (++c->idle < IDLE_TICKS)
			continue;
		TAILQ_REMOVE(&f->idle, c, entry);
		f->nidle--;
		docker_close(c);
	}
}

static void
docker_readable(int fd, short what, void *arg)
{
	struct conn	*c = arg;

	c->filter->parent->turn++;
	if (c->req != NULL) {
		request_readable(c->req);
		return;
	}
	/* Idle: the engine closed it, or sent what nobody asked for. */
	TAILQ_REMOVE(&c->filter->idle, c, entry);
	c->filter->nidle--;
	docker_close(c);
}

static void
docker_writable(int fd, short what, void *arg)
{
	struct conn	*c = arg;

	if (c->req != NULL)
		request_writable(c->req);
}
