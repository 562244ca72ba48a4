/* SPDX-License-Identifier: ISC */

/*
 * "proxyctl check": is every address served, and does the engine answer a
 * ping within some seconds?  The request is a constant, and of the answer the
 * first bytes are compared with another.
 */

#include <sys/socket.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "../parent/control.h"

#define ANSWER_SECS	5

static const char	 ping[] = "GET /_ping HTTP/1.1\r\nHost: docker\r\n"
			    "Connection: close\r\n\r\n";
static const char	 pong[] = "HTTP/1.1 200";

static bool	 check_serving(const struct parent *);
static void	 check_over(struct control *, enum ctl_result);
static void	 check_event(int, short, void *);

static bool
check_serving(const struct parent *parent)
{
	const struct filter	*f;

	TAILQ_FOREACH(f, &parent->filters, entry)
		if (!f->retired && f->state != FILTER_RUN)
			return (false);
	return (parent->drain == 0);
}

static enum ctl_result
check_error(int error)
{
	switch (stats_error(error)) {
	case ENGINE_MISSING:
		return (RESULT_MISSING);
	case ENGINE_REFUSED:
		return (RESULT_REFUSED);
	case ENGINE_DENIED:
		return (RESULT_DENIED);
	case ENGINE_BUSY:
		return (RESULT_SILENT);
	case ENGINE_UP:
	case ENGINE_SILENT:
	case ENGINE_STRANGE:
	case ENGINE_ERROR:
	case ENGINE_MAX:
		break;
	}
	return (RESULT_ERROR);
}

void
check_start(struct control *c)
{
	struct parent	*parent = c->parent;
	struct timeval	 wait = { ANSWER_SECS, 0 };

	if (!check_serving(parent)) {
		control_end(c, RESULT_UNSERVED);
		return;
	}
	if ((c->probe = docker_probe(parent)) == -1) {
		control_end(c, check_error(errno));
		return;
	}
	event_assign(&c->pev, parent->base, c->probe, EV_READ | EV_PERSIST,
	    check_event, c);
	event_add(&c->pev, &wait);
	if (send(c->probe, ping, sizeof(ping) - 1, MSG_NOSIGNAL |
	    MSG_DONTWAIT) != (ssize_t)sizeof(ping) - 1)
		check_over(c, RESULT_STRANGE);
}

void
check_stop(struct control *c)
{
	if (c->probe == -1)
		return;
	event_del(&c->pev);
	close(c->probe);
	c->probe = -1;
}

static void
check_over(struct control *c, enum ctl_result result)
{
	check_stop(c);
	control_end(c, result);
	control_wake(c);
}

static void
check_event(int fd, short what, void *arg)
{
	struct control	*c = arg;
	ssize_t		 n;

	if ((what & EV_TIMEOUT) != 0) {
		check_over(c, RESULT_SILENT);
		return;
	}
	n = recv(fd, c->heard + c->nheard, sizeof(pong) - 1 - c->nheard,
	    MSG_DONTWAIT);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0)
		c->nheard += (size_t)n;
	if (n > 0 && c->nheard < sizeof(pong) - 1)
		return;
	check_over(c, c->nheard == sizeof(pong) - 1 &&
	    memcmp(c->heard, pong, c->nheard) == 0 ? RESULT_OK :
	    RESULT_STRANGE);
}
