/* SPDX-License-Identifier: ISC */

/*
 * A stub Docker Engine: one thread, one unix socket, enough of the API to try
 * proxyd without an engine, and the counterpart of the regression tests.
 * With -r it records, connection by connection, every byte that arrived; with
 * -s a script makes it late, silent, wrong or interrupted.  A client is not
 * judged here: what proxyd lets through is what shows in the record.
 */

#include "stub.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <bsd/string.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

struct stub {
	int			 ep;
	int			 lfd;
	FILE			*log;
	const char		*record;
	const char		*script;
	unsigned int		 nconns;
	struct conn		**conns;	/* by fd */
	size_t			 size;
};

static volatile sig_atomic_t	 quit;

static void
on_signal(int sig)
{
	quit = sig;
}

/* The record's diary: who came and went, and when. */
static void
note(struct stub *s, const struct conn *c, const char *what)
{
	if (s->log == NULL)
		return;
	fprintf(s->log, "%llu %s %u\n", (unsigned long long)now(), what,
	    c->num);
	fflush(s->log);
}

static void
conn_free(struct stub *s, struct conn *c)
{
	note(s, c, "close");
	s->conns[c->fd] = NULL;
	close(c->fd);
	if (c->record != -1)
		close(c->record);
	free(c->out);
	free(c);
}

static void
request_header(struct conn *c, char *line)
{
	char	*value;

	if ((value = strchr(line, ':')) == NULL)
		return;
	*value++ = '\0';
	value += strspn(value, " ");
	if (strcasecmp(line, "Content-Length") == 0)
		c->left = strtoull(value, NULL, 10);
	else if (strcasecmp(line, "Transfer-Encoding") == 0)
		c->chunked = true;
	else if (strcasecmp(line, "Upgrade") == 0)
		c->upgrade = true;
	else if (strcasecmp(line, "Connection") == 0 &&
	    strcasecmp(value, "close") == 0)
		c->keep = false;
}

/* Take a request head off the input; false: not all of it is here. */
static bool
request_head(struct stub *s, struct conn *c)
{
	char	*end, *last, *line, *method, *path, *query;
	size_t	 n;

	if ((end = memmem(c->in, c->inlen, "\r\n\r\n", 4)) == NULL)
		return (false);
	*end = '\0';
	n = (size_t)(end - c->in) + 4;
	c->keep = true;
	c->left = c->made = c->sent = c->due = 0;
	c->chunked = c->upgrade = c->begun = c->done = false;
	c->ck = CK_SIZE;
	c->bodylen = 0;
	line = strtok_r(c->in, "\r\n", &last);
	for (end = strtok_r(NULL, "\r\n", &last); end != NULL;
	    end = strtok_r(NULL, "\r\n", &last))
		request_header(c, end);
	method = strtok_r(line ? line : c->in, " ", &last);
	path = strtok_r(NULL, " ", &last);
	if (method == NULL || path == NULL)
		method = path = c->in + n - 4;	/* empty: nothing fits */
	if (strncmp(path, "/v1.", 4) == 0 &&
	    strchr(path + 4, '/') != NULL)
		path = strchr(path + 4, '/');
	if ((query = strchr(path, '?')) != NULL)
		*query++ = '\0';
	c->headonly = strcmp(method, "HEAD") == 0;
	canned_find(method, path, query ? query : "", &c->plan);
	if (s->script != NULL)
		script_find(s->script, method, path, &c->plan);
	c->inlen -= n;
	memmove(c->in, c->in + n, c->inlen);
	c->head = true;
	c->whole = !c->chunked && c->left == 0;
	if (c->plan.delay != 0)
		c->due = now() + c->plan.delay * MS;
	note(s, c, "request");
	return (true);
}

/* One byte of a chunked body's framing. */
static void
chunk_byte(struct conn *c, char ch)
{
	const char	*hex = "0123456789abcdef", *digit;

	if (ch != '\n') {
		digit = strchr(hex, ch | 0x20);
		if (c->ck == CK_SIZE && digit != NULL && ch >= '0')
			c->left = c->left * 16 + (uint64_t)(digit - hex);
		if (ch != '\r')
			c->line++;
		return;
	}
	if (c->ck == CK_SIZE)
		c->ck = c->left != 0 ? CK_DATA : CK_TRAILER;
	else if (c->ck == CK_END)
		c->ck = CK_SIZE;
	else if (c->line == 0)
		c->whole = true;
	c->line = 0;
}

/* Take body bytes off the input. */
static void
request_body(struct conn *c)
{
	size_t	 keep, n, pos = 0;

	while (pos < c->inlen && !c->whole) {
		if (c->chunked && c->ck != CK_DATA) {
			chunk_byte(c, c->in[pos++]);
			continue;
		}
		n = c->inlen - pos;
		if (n > c->left)
			n = c->left;
		keep = BODY_KEEP - c->bodylen < n ? BODY_KEEP - c->bodylen : n;
		memcpy(c->body + c->bodylen, c->in + pos, keep);
		c->bodylen += keep;
		pos += n;
		if ((c->left -= n) == 0) {
			c->ck = CK_END;
			c->whole = !c->chunked;
		}
	}
	c->body[c->bodylen] = '\0';
	c->inlen -= pos;
	memmove(c->in, c->in + pos, c->inlen);
}

/* Read what is there; false: the connection is gone. */
static bool
conn_read(struct conn *c)
{
	ssize_t	 n;

	while (!c->eof && c->inlen < sizeof(c->in)) {
		n = read(c->fd, c->in + c->inlen, sizeof(c->in) - c->inlen);
		if (n == -1)
			return (errno == EAGAIN || errno == EINTR);
		if (n == 0) {
			c->eof = true;
			break;
		}
		if (c->record != -1 &&
		    write(c->record, c->in + c->inlen, (size_t)n) != n)
			err(1, "record");
		c->inlen += (size_t)n;
		if (n < 4096)
			break;
	}
	return (true);
}

static bool
conn_write(struct conn *c)
{
	uint64_t	 left;
	ssize_t		 n;
	size_t		 len;

	while (c->outoff < c->outlen) {
		len = c->outlen - c->outoff;
		if (c->plan.cut != 0) {
			left = c->plan.cut - c->sent;
			if (left == 0)
				return (false);
			len = left < len ? left : len;
		}
		n = send(c->fd, c->out + c->outoff, len, MSG_NOSIGNAL);
		if (n == -1)
			return (errno == EAGAIN || errno == EINTR);
		c->outoff += (size_t)n;
		c->sent += (uint64_t)n;
	}
	return (c->plan.cut == 0 || c->sent != c->plan.cut);
}

/* Go on as far as possible; false: the connection is over. */
static bool
conn_step(struct stub *s, struct conn *c)
{
	for (;;) {
		if (!c->head && !request_head(s, c))
			return (!c->eof && c->inlen < sizeof(c->in));
		if (!c->whole && !c->plan.noread)
			request_body(c);
		if (c->due != 0 && now() >= c->due)
			c->due = 0;
		if (!c->begun && c->due == 0 && (c->whole || c->plan.early))
			answer_begin(c);
		if (c->begun && c->due == 0)
			answer_more(c);
		if (c->begun && c->plan.kind == KIND_ECHO && !c->done) {
			put(c, c->in, c->inlen);
			c->inlen = 0;
		}
		if (!conn_write(c))
			return (false);
		if (c->outoff < c->outlen)
			return (true);
		if (c->eof)	/* as dockerd: half-closed is gone */
			return (false);
		if (c->done && !c->keep && (c->whole || c->plan.close))
			return (false);
		if (c->begun && !c->done && c->due == 0 &&
		    (c->plan.kind == KIND_TICK || c->plan.kind == KIND_SIZE))
			continue;
		if (!c->done || !c->whole)
			return (true);
		c->head = false;
	}
}

static void
conn_events(struct stub *s, struct conn *c)
{
	struct epoll_event	 ev = { .data.fd = c->fd };

	if (!c->eof && c->inlen < sizeof(c->in) &&
	    !(c->head && !c->whole && c->plan.noread))
		ev.events |= EPOLLIN;
	if (c->outoff < c->outlen)
		ev.events |= EPOLLOUT;
	if (ev.events != c->events &&
	    epoll_ctl(s->ep, EPOLL_CTL_MOD, c->fd, &ev) == -1)
		err(1, "epoll_ctl");
	c->events = ev.events;
}

static void
conn_serve(struct stub *s, struct conn *c, uint32_t events)
{
	if ((events & EPOLLERR) || (events & (EPOLLIN | EPOLLHUP) &&
	    !conn_read(c)) || !conn_step(s, c)) {
		conn_free(s, c);
		return;
	}
	conn_events(s, c);
}

static void
conn_accept(struct stub *s)
{
	struct epoll_event	 ev = { .events = EPOLLIN };
	struct conn		*c;
	char			 path[4096];
	int			 fd;

	fd = accept4(s->lfd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd == -1)
		return;
	if ((size_t)fd >= s->size) {
		s->conns = realloc(s->conns,
		    ((size_t)fd + 1) * sizeof(*s->conns));
		if (s->conns == NULL)
			err(1, NULL);
		memset(s->conns + s->size, 0,
		    ((size_t)fd + 1 - s->size) * sizeof(*s->conns));
		s->size = (size_t)fd + 1;
	}
	if ((c = calloc(1, sizeof(*c))) == NULL)
		err(1, NULL);
	c->fd = fd;
	c->num = s->nconns++;
	c->events = EPOLLIN;
	c->record = -1;
	if (s->record != NULL) {
		snprintf(path, sizeof(path), "%s/conn-%05u.bin", s->record,
		    c->num);
		c->record = open(path, O_WRONLY | O_CREAT | O_APPEND |
		    O_CLOEXEC, 0600);
	}
	s->conns[fd] = c;
	note(s, c, "open");
	ev.data.fd = fd;
	if (epoll_ctl(s->ep, EPOLL_CTL_ADD, fd, &ev) == -1)
		err(1, "epoll_ctl");
}

/* Whose time has come, and how long may the loop sleep (ms)? */
static int
timers(struct stub *s)
{
	struct conn	*c;
	uint64_t	 first = 0, t;
	size_t		 i;

	for (i = 0; i < s->size; i++) {
		if ((c = s->conns[i]) == NULL || c->due == 0)
			continue;
		t = now();
		if (c->due <= t) {
			conn_serve(s, c, 0);
			if ((c = s->conns[i]) == NULL || c->due == 0)
				continue;
		}
		if (first == 0 || c->due < first)
			first = c->due;
	}
	if (first == 0)
		return (-1);
	t = now();
	return (first <= t ? 0 : (int)((first - t) / MS) + 1);
}

static void
stub_listen(struct stub *s, const char *path)
{
	struct sockaddr_un	 sun = { .sun_family = AF_UNIX };
	struct epoll_event	 ev = { .events = EPOLLIN };

	if (strlcpy(sun.sun_path, path, sizeof(sun.sun_path)) >=
	    sizeof(sun.sun_path))
		errx(1, "%s: too long", path);
	unlink(path);
	s->lfd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0);
	if (s->lfd == -1 || bind(s->lfd, (struct sockaddr *)&sun,
	    sizeof(sun)) == -1 || listen(s->lfd, 4096) == -1)
		err(1, "%s", path);
	if ((s->ep = epoll_create1(EPOLL_CLOEXEC)) == -1)
		err(1, "epoll");
	ev.data.fd = s->lfd;
	if (epoll_ctl(s->ep, EPOLL_CTL_ADD, s->lfd, &ev) == -1)
		err(1, "epoll_ctl");
}

static void
stub_loop(struct stub *s)
{
	struct epoll_event	 ev[64];
	int			 i, n;

	while (!quit) {
		n = epoll_wait(s->ep, ev, 64, timers(s));
		for (i = 0; i < n; i++) {
			if (ev[i].data.fd == s->lfd)
				conn_accept(s);
			else if (s->conns[ev[i].data.fd] != NULL)
				conn_serve(s, s->conns[ev[i].data.fd],
				    ev[i].events);
		}
	}
}

int
main(int argc, char *argv[])
{
	struct stub	 s = { .lfd = -1 };
	char		 path[4096];
	size_t		 i;
	int		 ch;

	while ((ch = getopt(argc, argv, "r:s:")) != -1) {
		if (ch == 'r')
			s.record = optarg;
		else if (ch == 's')
			s.script = optarg;
		else
			argc = 0;
	}
	if (argc - optind != 1) {
		fprintf(stderr, "usage: stub-engine [-r directory] "
		    "[-s script] socket\n");
		return (1);
	}
	signal(SIGTERM, on_signal);
	signal(SIGINT, on_signal);
	if (s.record != NULL) {
		snprintf(path, sizeof(path), "%s/diary", s.record);
		if ((s.log = fopen(path, "ae")) == NULL)
			err(1, "%s", path);
	}
	stub_listen(&s, argv[optind]);
	stub_loop(&s);
	unlink(argv[optind]);
	for (i = 0; i < s.size; i++)
		if (s.conns[i] != NULL)
			conn_free(&s, s.conns[i]);
	free(s.conns);
	return (0);
}
