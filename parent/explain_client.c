/* SPDX-License-Identifier: ISC */

/*
 * The client of an explained request: who it is supposed to be, and what it
 * sends.  The request line and the headers leave as they were typed, since
 * what is wrong with them is for the filter to find.
 */

#include "../parent/explain.h"

#include <sys/socket.h>
#include <sys/stat.h>

#include <netinet/in.h>
#include <arpa/inet.h>

#include <bsd/string.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define FILE_BYTES	(16U * 1024 * 1024)

static void	 client_readable(int, short, void *);
static void	 client_writable(int, short, void *);

/* A number of 32 bits, but not the one that stands for none. */
static int
number(const char *s, uint32_t *n)
{
	unsigned long long	 v;
	char			*end;

	if (*s < '0' || *s > '9')
		return (-1);
	errno = 0;
	v = strtoull(s, &end, 10);
	if (*end != '\0' || errno != 0 || v >= UINT32_MAX)
		return (-1);
	*n = (uint32_t)v;
	return (0);
}

/* "uid=1000,gid=1000,gid=27,container=web" */
static int
peer_cred(struct explain *ex, const char *text)
{
	char	 buf[sizeof(ex->who)], *next = buf, *word;
	bool	 uid = false;

	if (strlen(text) >= sizeof(buf))
		return (-1);
	memcpy(buf, text, strlen(text) + 1);
	while ((word = strsep(&next, ",")) != NULL) {
		if (strncmp(word, "uid=", 4) == 0 && !uid &&
		    number(word + 4, &ex->peer.uid) == 0)
			uid = true;
		else if (strncmp(word, "gid=", 4) == 0 &&
		    ex->peer.ngroups < GROUPS_MAX && number(word + 4,
		    &ex->groups[ex->peer.ngroups]) == 0)
			ex->peer.ngroups++;
		else if (strncmp(word, "container=", 10) == 0 &&
		    strlen(word + 10) < sizeof(ex->asker))
			(void)strlcpy(ex->asker, word + 10,
			    sizeof(ex->asker));
		else
			return (-1);
	}
	ex->peer.cred = 1;
	return (uid ? 0 : -1);
}

void
explain_assume(struct explain *ex, const struct listener *l)
{
	gid_t	 groups[GROUPS_MAX - 1];
	int	 i, n;

	ex->assumed = true;
	if (l->kind == LISTEN_TCP) {
		ex->peer.family = 4;
		inet_pton(AF_INET, "127.0.0.1", ex->peer.addr);
		snprintf(ex->who, sizeof(ex->who), "127.0.0.1");
		return;
	}
	ex->peer.cred = 1;
	ex->peer.uid = getuid();
	ex->groups[ex->peer.ngroups++] = getgid();
	n = getgroups(GROUPS_MAX - 1, groups);
	for (i = 0; i < n; i++)
		ex->groups[ex->peer.ngroups++] = groups[i];
	snprintf(ex->who, sizeof(ex->who), "uid=%u,gid=%u", ex->peer.uid,
	    ex->groups[0]);
}

int
explain_peer(struct explain *ex, char *err, size_t errlen)
{
	const char	*text = ex->opt->client;

	if (text == NULL)
		return (0);
	snprintf(ex->who, sizeof(ex->who), "%s", text);
	if (inet_pton(AF_INET, text, ex->peer.addr) == 1)
		ex->peer.family = 4;
	else if (inet_pton(AF_INET6, text, ex->peer.addr) == 1)
		ex->peer.family = 6;
	else if (peer_cred(ex, text) == -1) {
		snprintf(err, errlen, "-s %s: neither an address nor "
		    "uid=NUMBER[,gid=NUMBER...][,container=NAME]", text);
		return (-1);
	}
	return (0);
}

int
explain_read(const char *path, struct bytes *b, char *err, size_t errlen)
{
	ssize_t	 n = -1;
	int	 fd = STDIN_FILENO, save;

	if (strcmp(path, "-") != 0)
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if ((b->data = malloc(FILE_BYTES + 1)) != NULL && fd != -1)
		while ((n = read(fd, b->data + b->len,
		    FILE_BYTES + 1 - b->len)) > 0)
			b->len += (size_t)n;
	save = errno;
	if (fd > STDIN_FILENO)
		close(fd);
	if (n == -1)
		snprintf(err, errlen, "%s: %s", path, strerror(save));
	else if (b->len > FILE_BYTES)
		snprintf(err, errlen, "%s: longer than %u MB", path,
		    FILE_BYTES >> 20);
	else
		return (0);
	free(b->data);
	b->data = NULL;
	b->len = 0;
	return (-1);
}

static bool
line_ok(const char *s)
{
	return (s[strcspn(s, "\r\n")] == '\0');
}

/* Was a header of that name given? */
static bool
header_given(const struct explain_options *opt, const char *name)
{
	size_t	 i, n = strlen(name);

	for (i = 0; i < opt->nheaders; i++)
		if (strncasecmp(opt->headers[i], name, n) == 0 &&
		    opt->headers[i][n] == ':')
			return (true);
	return (false);
}

static int
compose_check(const struct explain_options *opt, char *err, size_t errlen)
{
	size_t	 i;

	if (!line_ok(opt->request) || strchr(opt->request, ' ') == NULL) {
		snprintf(err, errlen, "-t: \"METHOD /path\" is wanted, on one "
		    "line");
		return (-1);
	}
	for (i = 0; i < opt->nheaders; i++) {
		if (line_ok(opt->headers[i]) &&
		    strchr(opt->headers[i], ':') != NULL)
			continue;
		snprintf(err, errlen, "-H: \"Name: value\" is wanted, on one "
		    "line");
		return (-1);
	}
	return (0);
}

int
explain_compose(struct explain *ex, char *err, size_t errlen)
{
	const struct explain_options	*opt = ex->opt;
	struct bytes			 body = { NULL, 0 };
	size_t				 i;
	FILE				*f;

	if (compose_check(opt, err, errlen) == -1 || (opt->body != NULL &&
	    explain_read(opt->body, &body, err, errlen) == -1))
		return (-1);
	if ((f = open_memstream(&ex->out.data, &ex->out.len)) == NULL)
		fatal("request");
	fprintf(f, "%s HTTP/1.1\r\n", opt->request);
	if (!header_given(opt, "Host"))
		fprintf(f, "Host: docker\r\n");
	for (i = 0; i < opt->nheaders; i++)
		fprintf(f, "%s\r\n", opt->headers[i]);
	if (opt->body != NULL && !header_given(opt, "Content-Type"))
		fprintf(f, "Content-Type: application/json\r\n");
	if (opt->body != NULL && !header_given(opt, "Content-Length") &&
	    !header_given(opt, "Transfer-Encoding"))
		fprintf(f, "Content-Length: %zu\r\n", body.len);
	fprintf(f, "\r\n");
	if (body.len != 0)
		fwrite(body.data, 1, body.len, f);
	free(body.data);
	if (fclose(f) == EOF)
		fatal("request");
	return (0);
}

void
explain_connect(struct explain *ex)
{
	struct event_base	*base = ex->parent->base;
	int			 sv[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
	    sv) == -1)
		fatal("socketpair");
	ex->client = sv[0];
	ex->clientend = sv[1];
	event_assign(&ex->crev, base, sv[0], EV_READ | EV_PERSIST,
	    client_readable, ex);
	event_assign(&ex->cwev, base, sv[0], EV_WRITE | EV_PERSIST,
	    client_writable, ex);
	event_add(&ex->crev, NULL);
	event_add(&ex->cwev, NULL);
}

/* What the client is told is known from the verdict. */
static void
client_readable(int fd, short what, void *arg)
{
	struct explain	*ex = arg;
	char		 buf[4096];
	ssize_t		 n;

	n = recv(fd, buf, sizeof(buf), 0);
	if (n > 0 || (n == -1 && (errno == EAGAIN || errno == EINTR)))
		return;
	ex->closed = true;
	event_del(&ex->crev);
	event_del(&ex->cwev);
}

static void
client_writable(int fd, short what, void *arg)
{
	struct explain	*ex = arg;
	ssize_t		 n;

	n = send(fd, ex->out.data + ex->off, ex->out.len - ex->off,
	    MSG_NOSIGNAL);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0)
		ex->off += (size_t)n;
	/* It reads no more: it has said why, or will. */
	if (n == -1 || ex->off == ex->out.len)
		event_del(&ex->cwev);
}
