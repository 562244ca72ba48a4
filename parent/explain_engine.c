/* SPDX-License-Identifier: ISC */

/*
 * What stands in place of the engine: connections that record.  Nothing of
 * them is parsed: the struct request at their other end knows when all of
 * what it has to say is there.  Only look-ups are answered, from -c; the
 * request that is explained needs no answer.
 */

#include "../parent/explain.h"

#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int	 engine_connect(struct parent *);
static void	 engine_readable(int, short, void *);
static void	 engine_writable(int, short, void *);
static int	 engine_drain(struct engine *);
static void	 engine_lookup(struct engine *);

void
explain_engines(struct explain *ex)
{
	struct event_base	*base = ex->parent->base;
	struct engine		*e;
	size_t			 i;
	int			 sv[2];

	for (i = 0; i < ENGINES_MAX; i++) {
		e = &ex->engines[i];
		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC |
		    SOCK_NONBLOCK, 0, sv) == -1)
			fatal("socketpair");
		e->ex = ex;
		e->fd = sv[0];
		e->spare = sv[1];
		e->given = -1;
		event_assign(&e->rev, base, sv[0], EV_READ | EV_PERSIST,
		    engine_readable, e);
		event_assign(&e->wev, base, sv[0], EV_WRITE, engine_writable,
		    e);
	}
	ex->parent->engine = engine_connect;
}

/* In place of connect(2). */
static int
engine_connect(struct parent *parent)
{
	struct explain	*ex = parent->explain;
	struct engine	*e;
	size_t		 i;

	for (i = 0; i < ENGINES_MAX; i++) {
		e = &ex->engines[i];
		if (e->given != -1)
			continue;
		e->given = e->spare;
		event_add(&e->rev, NULL);
		return (e->given);
	}
	errno = EMFILE;
	return (-1);
}

/* The request of that connection, if it has left as a whole. */
static struct request *
engine_request(const struct engine *e)
{
	struct request	*req;

	TAILQ_FOREACH(req, &e->ex->filter->reqs, entry)
		if (req->conn != NULL && req->conn->fd == e->given &&
		    req->out.len == 0 && req->body.fd == -1)
			return (req);
	return (NULL);
}

bool
explain_arrived(struct explain *ex)
{
	struct engine	*e;
	size_t		 i;

	for (i = 0; i < ENGINES_MAX; i++) {
		e = &ex->engines[i];
		if (e->given == -1 || engine_request(e) == NULL ||
		    engine_drain(e) == -1 || e->in.len == 0)
			continue;
		if (!ex->passed) {
			engine_lookup(e);
			continue;
		}
		ex->request = e->in;
		memset(&e->in, 0, sizeof(e->in));
		return (true);
	}
	return (false);
}

/* Everything that is there. -1: it was closed. */
static int
engine_drain(struct engine *e)
{
	char	 buf[65536], *p;
	ssize_t	 n;

	while ((n = recv(e->fd, buf, sizeof(buf), 0)) > 0) {
		if ((p = realloc(e->in.data, e->in.len + (size_t)n)) == NULL)
			fatal("request");
		memcpy(p + e->in.len, buf, (size_t)n);
		e->in.data = p;
		e->in.len += (size_t)n;
	}
	return (n == -1 && errno == EAGAIN ? 0 : -1);
}

static void
engine_readable(int fd, short what, void *arg)
{
	struct engine	*e = arg;

	if (engine_drain(e) == -1)
		event_del(&e->rev);
}

static void
engine_writable(int fd, short what, void *arg)
{
	struct engine	*e = arg;
	ssize_t		 n;

	n = send(fd, e->out.data + e->off, e->out.len - e->off, MSG_NOSIGNAL);
	if (n > 0)
		e->off += (size_t)n;
	if (e->off < e->out.len && (n != -1 || errno == EAGAIN)) {
		event_add(&e->wev, NULL);
		return;
	}
	free(e->out.data);
	memset(&e->out, 0, sizeof(e->out));
	e->off = 0;
}

/*
 * "GET /containers/NAME/json HTTP/1.1": as head.c printed it, and names need
 * no encoding.
 */
static void
engine_name(const struct engine *e, char *name, size_t size)
{
	const char	*p = e->in.data, *end, *last = NULL;
	size_t		 n;

	if ((end = memmem(p, e->in.len, "/json ", 6)) == NULL)
		end = p;
	for (n = (size_t)(end - p); n > 0 && p[n - 1] != '/'; n--)
		last = &p[n - 1];
	n = last == NULL ? 0 : (size_t)(end - last);
	if (n >= size)
		n = size - 1;
	memcpy(name, last == NULL ? p : last, n);
	name[n] = '\0';
}

/* "GET /volumes/NAME HTTP/1.1", by its first segment. */
static bool
engine_of(const struct engine *e, const char *head, char *name, size_t size)
{
	const char	*p = e->in.data;
	size_t		 n = strlen(head);

	if (e->in.len <= n || memcmp(p, head, n) != 0)
		return (false);
	snprintf(name, size, "%.*s", (int)strcspn(p + n, " "), p + n);
	return (true);
}

static void
engine_found(FILE *f, const char *text, size_t len)
{
	fprintf(f, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	    "Content-Length: %zu\r\n\r\n", len);
	fwrite(text, 1, len, f);
}

static void
engine_missing(FILE *f)
{
	fprintf(f, "HTTP/1.1 404 Not Found\r\nContent-Type: "
	    "application/json\r\nContent-Length: 16\r\n\r\n"
	    "{\"message\":\"no\"}");
}

/* A container or an exec, out of the file of -c. */
static void
engine_inspect(struct explain *ex, FILE *f, const char *name)
{
	struct piece	 object;

	if (inspect_find(&ex->inspect, name, &object) == 0) {
		engine_found(f, object.base, object.len);
		fprintf(ex->lines, "lookup\t%s: found in %s\n", name,
		    ex->opt->inspect);
		return;
	}
	engine_missing(f);
	fprintf(ex->lines, "lookup\t%s: %s\n", name, ex->opt->inspect == NULL ?
	    "not known without -c" : "not found in what -c names");
}

/* Nothing but inspects is asked before a verdict; -c has containers only. */
static void
engine_lookup(struct engine *e)
{
	struct explain	*ex = e->ex;
	char		 name[600], text[1300];
	FILE		*f;
	int		 n;

	if ((f = open_memstream(&e->out.data, &e->out.len)) == NULL)
		fatal("look-up");
	if (engine_of(e, "GET /volumes/", name, sizeof(name))) {
		engine_missing(f);
		fprintf(ex->lines, "lookup\tvolume %s: taken for one that is "
		    "not there yet\n", name);
	} else if (engine_of(e, "GET /networks/", name, sizeof(name))) {
		n = snprintf(text, sizeof(text), "{\"Name\":\"%s\","
		    "\"Id\":\"%s\"}", name, name);
		engine_found(f, text, (size_t)n);
		fprintf(ex->lines, "lookup\tnetwork %s: taken for its name\n",
		    name);
	} else {
		engine_name(e, name, sizeof(name));
		engine_inspect(ex, f, name);
	}
	if (fclose(f) == EOF)
		fatal("look-up");
	free(e->in.data);
	memset(&e->in, 0, sizeof(e->in));
	engine_writable(e->fd, EV_WRITE, e);
}
