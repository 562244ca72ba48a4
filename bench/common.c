/* SPDX-License-Identifier: ISC */

/*
 * Sockets, clock and histogram of the benchmark's programs.  Every failure
 * that makes a measurement worthless ends the program.
 */

#include "../bench/bench.h"

#include <sys/resource.h>
#include <sys/un.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <arpa/inet.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BACKLOG		4096

void
target_parse(struct target *t, const char *text)
{
	struct sockaddr_un	*sun = (struct sockaddr_un *)&t->ss;
	struct sockaddr_in	*sin = (struct sockaddr_in *)&t->ss;
	const char		*port;
	char			 host[64];

	memset(t, 0, sizeof(*t));
	if (strncmp(text, "unix:", 5) == 0) {
		text += 5;
		if (strlen(text) >= sizeof(sun->sun_path))
			errx(1, "%s: path too long", text);
		sun->sun_family = AF_UNIX;
		memcpy(sun->sun_path, text, strlen(text) + 1);
		t->len = sizeof(*sun);
		return;
	}
	if (strncmp(text, "tcp:", 4) != 0 ||
	    (port = strrchr(text + 4, ':')) == NULL ||
	    (size_t)(port - text - 4) >= sizeof(host))
		errx(1, "%s: neither unix:/path nor tcp:address:port", text);
	memcpy(host, text + 4, (size_t)(port - text - 4));
	host[port - text - 4] = '\0';
	sin->sin_family = AF_INET;
	sin->sin_port = htons((uint16_t)strtoul(port + 1, NULL, 10));
	if (inet_pton(AF_INET, host, &sin->sin_addr) != 1)
		errx(1, "%s: no IPv4 address", host);
	t->len = sizeof(*sin);
}

static void
nodelay(int fd, const struct target *t)
{
	const int	 on = 1;

	if (t->ss.ss_family == AF_INET)
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on,
		    sizeof(on));
}

int
target_connect(const struct target *t)
{
	int	 fd, save;

	fd = socket(t->ss.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return (-1);
	if (connect(fd, (const struct sockaddr *)&t->ss, t->len) == -1) {
		save = errno;
		close(fd);
		errno = save;
		return (-1);
	}
	nodelay(fd, t);
	return (fd);
}

int
target_listen(const struct target *t)
{
	const struct sockaddr_un	*sun;
	const int			 on = 1;
	int				 fd;

	fd = socket(t->ss.ss_family, SOCK_STREAM | SOCK_NONBLOCK |
	    SOCK_CLOEXEC, 0);
	if (fd == -1)
		err(1, "socket");
	if (t->ss.ss_family == AF_UNIX) {
		sun = (const struct sockaddr_un *)&t->ss;
		(void)unlink(sun->sun_path);
	} else
		(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on,
		    sizeof(on));
	if (bind(fd, (const struct sockaddr *)&t->ss, t->len) == -1)
		err(1, "bind");
	if (listen(fd, BACKLOG) == -1)
		err(1, "listen");
	nodelay(fd, t);		/* accepted sockets inherit it */
	return (fd);
}

void
nonblock(int fd)
{
	int	 flags = fcntl(fd, F_GETFL);

	if (flags == -1 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) == -1)
		err(1, "fcntl");
}

void
raise_nofile(void)
{
	struct rlimit	 rl;

	if (getrlimit(RLIMIT_NOFILE, &rl) == -1)
		err(1, "getrlimit");
	rl.rlim_cur = rl.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &rl) == -1)
		err(1, "setrlimit");
}

uint64_t
now_ns(void)
{
	struct timespec	 ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((uint64_t)ts.tv_sec * 1000000000U + (uint64_t)ts.tv_nsec);
}

int
write_all(int fd, const void *data, size_t len)
{
	const char	*p = data;
	ssize_t		 n;

	while (len > 0) {
		n = send(fd, p, len, MSG_NOSIGNAL);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return (-1);
		p += n;
		len -= (size_t)n;
	}
	return (0);
}

static size_t
hist_index(uint64_t value)
{
	unsigned int	 top;

	if (value < HIST_STEPS)
		return (value);
	top = 63U - (unsigned int)__builtin_clzll(value);
	return ((size_t)(top - 5) * HIST_STEPS +
	    ((value >> (top - 6)) & (HIST_STEPS - 1)));
}

static uint64_t
hist_value(size_t i)
{
	size_t	 top = i / HIST_STEPS + 5;

	if (i < HIST_STEPS)
		return (i);
	return (((uint64_t)HIST_STEPS + i % HIST_STEPS) << (top - 6));
}

void
hist_add(struct hist *h, uint64_t value)
{
	size_t	 i = hist_index(value);

	h->bucket[i < HIST_SIZE ? i : HIST_SIZE - 1]++;
	h->n++;
	h->sum += (double)value;
	if (value > h->max)
		h->max = value;
}

uint64_t
hist_quantile(const struct hist *h, double q)
{
	uint64_t	 want = (uint64_t)((double)h->n * q), seen = 0;
	size_t		 i;

	if (h->n == 0)
		return (0);
	for (i = 0; i < HIST_SIZE; i++) {
		seen += h->bucket[i];
		if (seen > want)
			return (hist_value(i));
	}
	return (h->max);
}
