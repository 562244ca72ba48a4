/* SPDX-License-Identifier: ISC */

/*
 * The limit: a relay from TCP to a unix socket that looks at nothing.  One
 * connection to the daemon for each client, splice(2) through a pipe in both
 * directions.  What a proxy costs above this is what reading HTTP costs.
 */

#include "../bench/bench.h"

#include <sys/epoll.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define EVENTS	256

/* One direction. */
struct way {
	int	 pipe[2];
	size_t	 inpipe;
	bool	 eof;
};

struct pair;

struct side {
	struct pair	*pair;
	int		 fd;
	uint32_t	 events;	/* as epoll has them */
	struct way	 out;		/* from here to the other side */
};

struct pair {
	struct side	 side[2];
	bool		 dead;
	struct pair	*next;
};

static struct target	 daemon_at;
static struct pair	*graveyard;
static int		 epfd;

static void
interest(struct side *s, uint32_t events)
{
	struct epoll_event	 ev = { .events = events };

	if (s->events == events)
		return;
	ev.data.ptr = s;
	if (epoll_ctl(epfd, s->events == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD,
	    s->fd, &ev) == -1)
		err(1, "epoll_ctl");
	s->events = events;
}

static void
pair_free(struct pair *p)
{
	int	 i;

	if (p->dead)
		return;
	for (i = 0; i < 2; i++) {
		close(p->side[i].fd);
		close(p->side[i].out.pipe[0]);
		close(p->side[i].out.pipe[1]);
	}
	p->dead = true;
	p->next = graveyard;
	graveyard = p;
}

static void
pair_new(int fd)
{
	struct pair	*p;
	int		 i;

	if ((p = calloc(1, sizeof(*p))) == NULL)
		err(1, "calloc");
	p->side[0].fd = fd;
	p->side[1].fd = target_connect(&daemon_at);
	if (p->side[1].fd == -1)
		err(1, "connect");
	nonblock(p->side[1].fd);
	for (i = 0; i < 2; i++) {
		p->side[i].pair = p;
		if (pipe2(p->side[i].out.pipe, O_NONBLOCK | O_CLOEXEC) == -1)
			err(1, "pipe2");
		(void)fcntl(p->side[i].out.pipe[1], F_SETPIPE_SZ, IO_SIZE);
		interest(&p->side[i], EPOLLIN | EPOLLERR);
	}
}

/* What one side gave, to the other; false: over. */
static bool
move(struct side *from, struct side *to)
{
	struct way	*w = &from->out;
	ssize_t		 n;

	if (w->inpipe == 0 && !w->eof) {
		n = splice(from->fd, NULL, w->pipe[1], NULL, IO_SIZE,
		    SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
		if (n == -1)
			return (errno == EAGAIN);
		w->eof = n == 0;
		w->inpipe = (size_t)n;
	}
	if (w->inpipe > 0) {
		n = splice(w->pipe[0], NULL, to->fd, NULL, w->inpipe,
		    SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
		if (n == -1 && errno != EAGAIN)
			return (false);
		if (n > 0)
			w->inpipe -= (size_t)n;
	}
	if (w->eof && w->inpipe == 0) {
		/* The daemon closes a connection when it is done with it. */
		if (to->out.eof || from == &from->pair->side[1])
			return (false);
		(void)shutdown(to->fd, SHUT_WR);
	}
	return (true);
}

static void
ready(struct side *s, uint32_t events)
{
	struct pair	*p = s->pair;
	struct side	*o = s == &p->side[0] ? &p->side[1] : &p->side[0];
	bool		 ok = true;

	if (p->dead)
		return;
	if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
		ok = move(s, o);
	if (ok && (events & EPOLLOUT) != 0)
		ok = move(o, s);
	if (!ok) {
		pair_free(p);
		return;
	}
	interest(s, (s->out.inpipe == 0 && !s->out.eof ? EPOLLIN : 0) |
	    (o->out.inpipe != 0 ? EPOLLOUT : 0) | EPOLLERR);
	interest(o, (o->out.inpipe == 0 && !o->out.eof ? EPOLLIN : 0) |
	    (s->out.inpipe != 0 ? EPOLLOUT : 0) | EPOLLERR);
}

static void
accept_all(int listener)
{
	int	 fd;

	while ((fd = accept4(listener, NULL, NULL,
	    SOCK_NONBLOCK | SOCK_CLOEXEC)) != -1)
		pair_new(fd);
}

int
main(int argc, char **argv)
{
	struct epoll_event	 ev[EVENTS];
	struct target		 t;
	struct pair		*p;
	int			 listener, i, n;

	if (argc != 3)
		errx(1, "usage: relay listen daemon");
	raise_nofile();
	target_parse(&t, argv[1]);
	target_parse(&daemon_at, argv[2]);
	listener = target_listen(&t);
	if ((epfd = epoll_create1(EPOLL_CLOEXEC)) == -1)
		err(1, "epoll_create1");
	ev[0].events = EPOLLIN;
	ev[0].data.ptr = NULL;
	if (epoll_ctl(epfd, EPOLL_CTL_ADD, listener, &ev[0]) == -1)
		err(1, "epoll_ctl");
	for (;;) {
		n = epoll_wait(epfd, ev, EVENTS, -1);
		for (i = 0; i < n; i++) {
			if (ev[i].data.ptr == NULL)
				accept_all(listener);
			else
				ready(ev[i].data.ptr, ev[i].events);
		}
		while ((p = graveyard) != NULL) {
			graveyard = p->next;
			free(p);
		}
	}
}
