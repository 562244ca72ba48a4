/* SPDX-License-Identifier: ISC */

/*
 * "proxyctl check": is every address served, and does the engine answer a
 * ping within some seconds?  The request is a constant, and of the answer the
 * first bytes are compared with another.
 */

#include <sys/socket.h>

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../parent/control.h"

#define ANSWER_MSECS	5000

static const char	 ping[] = "GET /_ping HTTP/1.1\r\nHost: docker\r\n"
			    "Connection: close\r\n\r\n";
static const char	 pong[] = "HTTP/1.1 200";

static bool	 check_serving(const struct parent *);
static uint64_t	 check_now(void);
static void	 check_wait(struct control *);
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

static uint64_t
check_now(void)
{
	struct timespec	 ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000);
}

/* Each byte of the answer does not start the time anew. */
static void
check_wait(struct control *c)
{
	const uint64_t	 now = check_now();
	const uint64_t	 left = c->due > now ? c->due - now : 0;
	struct timeval	 wait;

	wait.tv_sec = (time_t)(left / 1000);
	wait.tv_usec = (suseconds_t)(left % 1000 * 1000);
	event_add(&c->pev, &wait);
}

void
check_start(struct control *c)
{
	struct parent	*parent = c->parent;

	if (!check_serving(parent)) {
		control_end(c, RESULT_UNSERVED);
		return;
	}
	if ((c->probe = docker_probe(parent)) == -1) {
		control_end(c, check_error(errno));
		return;
	}
	event_assign(&c->pev, parent->base, c->probe, EV_READ, check_event,
	    c);
	c->due = check_now() + ANSWER_MSECS;
	check_wait(c);
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
	if (n > 0)
		c->nheard += (size_t)n;
	if ((n > 0 && c->nheard < sizeof(pong) - 1) ||
	    (n == -1 && (errno == EAGAIN || errno == EINTR))) {
		check_wait(c);
		return;
	}
	check_over(c, c->nheard == sizeof(pong) - 1 &&
	    memcmp(c->heard, pong, c->nheard) == 0 ? RESULT_OK :
	    RESULT_STRANGE);
}
