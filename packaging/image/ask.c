/* SPDX-License-Identifier: ISC */

/*
 * One request to this container, as wget(1) would make it, within a time.
 * Nobody else can be asked: the socket is bound to the address first that it
 * is to connect to.
 */

#include "check.h"

#include <sys/socket.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SECONDS		10
#define HEAD_MAX	8192
#define BODY_MAX	(1024 * 1024)

/* Milliseconds that are left. */
static int
left(const struct probe *p)
{
	struct timespec	 now;
	long		 ms;

	clock_gettime(CLOCK_MONOTONIC, &now);
	ms = (p->end.tv_sec - now.tv_sec) * 1000 +
	    (p->end.tv_nsec - now.tv_nsec) / 1000000;
	return (ms > 0 ? (int)ms : 0);
}

static void
begin(struct probe *p)
{
	clock_gettime(CLOCK_MONOTONIC, &p->end);
	p->end.tv_sec += p->seconds != 0 ? p->seconds : SECONDS;
}

static bool
ready(const struct probe *p, int fd, short what)
{
	struct pollfd	 pfd = { .fd = fd, .events = what };

	if (poll(&pfd, 1, left(p)) == 1)
		return (true);
	errno = ETIMEDOUT;
	return (false);
}

/*
 * Connect to one address.  A socket can be bound to those of this container
 * only, so whoever is asked is in here.
 */
static int
connect_to(const struct probe *p, struct sockaddr *sa, socklen_t len)
{
	struct sockaddr_in	*sin = (struct sockaddr_in *)(void *)sa;
	struct sockaddr_in6	*sin6 = (struct sockaddr_in6 *)(void *)sa;
	socklen_t		 errlen = sizeof(int);
	int			 fd, error = 0;

	fd = socket(sa->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0);
	if (fd == -1 || bind(fd, sa, len) == -1)
		goto fail;
	if (sa->sa_family == AF_INET)
		sin->sin_port = htons(p->port);
	else
		sin6->sin6_port = htons(p->port);
	if (connect(fd, sa, len) == 0)
		return (fd);
	if (errno != EINPROGRESS || !ready(p, fd, POLLOUT) ||
	    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &errlen) == -1)
		goto fail;
	if (error == 0)
		return (fd);
	errno = error;
fail:
	error = errno;
	if (fd != -1)
		close(fd);
	errno = error;
	return (-1);
}

/* localhost may be served by one of the two protocols only. */
static int
connect_host(const struct probe *p)
{
	struct sockaddr_in	 sin = { .sin_family = AF_INET };
	struct sockaddr_in6	 sin6 = { .sin6_family = AF_INET6 };
	const char		*host = p->host;
	bool			 local = strcmp(host, "localhost") == 0;
	int			 fd = -1, error;

	errno = EADDRNOTAVAIL;
	if (inet_pton(AF_INET, local ? "127.0.0.1" : host, &sin.sin_addr) == 1)
		fd = connect_to(p, (struct sockaddr *)&sin, sizeof(sin));
	if (fd != -1 || (!local && strchr(host, ':') == NULL))
		return (fd);
	error = errno;
	if (inet_pton(AF_INET6, local ? "::1" : host, &sin6.sin6_addr) == 1)
		fd = connect_to(p, (struct sockaddr *)&sin6, sizeof(sin6));
	if (fd == -1 && local)
		errno = error;
	return (fd);
}

static ssize_t
receive(const struct probe *p, int fd, char *buf, size_t size)
{
	if (!ready(p, fd, POLLIN))
		return (-1);
	return (recv(fd, buf, size, 0));
}

/* The answer's head, which ends at *body; -1, or how much was read. */
static ssize_t
receive_head(const struct probe *p, int fd, char *buf, char **body)
{
	size_t	 have = 0;
	ssize_t	 n;

	for (;;) {
		if ((n = receive(p, fd, buf + have, HEAD_MAX - have)) <= 0) {
			if (n == 0)
				errno = ECONNRESET;
			return (-1);
		}
		have += (size_t)n;
		buf[have] = '\0';
		if ((*body = strstr(buf, "\r\n\r\n")) != NULL)
			break;
		if (have == HEAD_MAX) {
			errno = EMSGSIZE;
			return (-1);
		}
	}
	*body += 4;
	return ((ssize_t)have);
}

/* All of the body, so that the server has somebody to write to. */
static bool
receive_body(const struct probe *p, int fd, char *buf, const char *body,
    ssize_t have)
{
	size_t	 total = 0, n = (size_t)(have - (body - buf));

	for (;;) {
		if (p->show && n > 0)
			(void)fwrite(body, 1, n, stdout);
		total += n;
		if ((have = receive(p, fd, buf, HEAD_MAX)) <= 0)
			break;
		if (total > BODY_MAX) {
			errno = EMSGSIZE;
			return (false);
		}
		body = buf;
		n = (size_t)have;
	}
	return (have == 0 && fflush(stdout) == 0);
}

static int
network(const struct probe *p, int fd)
{
	if (!p->quiet)
		fprintf(stderr, "wget: %s port %u: %s\n", p->host,
		    (unsigned int)p->port, strerror(errno));
	if (fd != -1)
		close(fd);
	return (EXIT_NETWORK);
}

/*
 * GET for --spider too: not every operation has its HEAD.  HTTP/1.0, for an
 * answer without chunks.
 */
int
ask(struct probe *p)
{
	char	 buf[HEAD_MAX + 1], *body, *line;
	ssize_t	 have;
	int	 fd, len;

	begin(p);
	if ((fd = connect_host(p)) == -1)
		return (network(p, -1));
	len = snprintf(buf, sizeof(buf), "GET %s HTTP/1.0\r\nHost: %s:%u\r\n"
	    "User-Agent: proxyd-check\r\n\r\n", p->path, p->host,
	    (unsigned int)p->port);
	if (send(fd, buf, (size_t)len, MSG_NOSIGNAL) != len ||
	    (have = receive_head(p, fd, buf, &body)) == -1)
		return (network(p, fd));
	if (strncmp(buf, "HTTP/1.", 7) != 0 || strncmp(buf + 8, " 2", 2) != 0) {
		line = buf + strcspn(buf, "\r\n");
		*line = '\0';
		if (!p->quiet)
			fprintf(stderr, "wget: server returned error: %s\n",
			    buf);
		close(fd);
		return (EXIT_SERVER);
	}
	if (!receive_body(p, fd, buf, body, have))
		return (network(p, fd));
	close(fd);
	return (0);
}

int
ask_connect(struct probe *p)
{
	int	 fd;

	begin(p);
	if ((fd = connect_host(p)) == -1)
		return (EXIT_NETWORK);
	close(fd);
	return (0);
}
