/* SPDX-License-Identifier: ISC */

/*
 * Sockets that a service manager opened, sd_listen_fds(3): from descriptor 3
 * on, LISTEN_FDS of them, for the process LISTEN_PID.  A listener takes the
 * one that is bound to its address.  The originals stay open here, so that a
 * listener that a reload removes can come back with a later one.
 */

#include "service.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <netinet/in.h>

#include <bsd/stdlib.h>
#include <bsd/string.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FDS_START	3	/* SD_LISTEN_FDS_START */
#define FDS_MAX		64
#define TEXT_MAX	256

struct passed {
	int			 fd;
	struct sockaddr_storage	 addr;
	socklen_t		 addrlen;
	int			 v6only;
	char			 text[TEXT_MAX];	/* for messages */
};

static struct passed	 passed[FDS_MAX];
static int		 npassed;

static int	 passed_get(struct passed *, const char *);
static void	 passed_text(struct passed *, const char *);
static bool	 passed_is(const struct passed *, const struct listener *);
static bool	 same_path(const struct passed *, const char *);
static bool	 same_address(const struct passed *, const struct listener *);

int
activate_open(char *err, size_t errlen)
{
	const char	*pid = getenv("LISTEN_PID"), *n = getenv("LISTEN_FDS"),
			*env = getenv("LISTEN_FDNAMES"), *why;
	char		*names = NULL, *next, *name;
	int		 count, i;

	if (pid == NULL || n == NULL ||
	    strtol(pid, NULL, 10) != (long)getpid())
		return (0);
	count = (int)strtonum(n, 0, FDS_MAX, &why);
	if (why != NULL) {
		snprintf(err, errlen, "LISTEN_FDS=%s: %s", n, why);
		return (-1);
	}
	if (env != NULL && (names = strdup(env)) == NULL)
		fatal("LISTEN_FDNAMES");
	next = names;
	for (i = 0; i < count; i++) {
		passed[i].fd = FDS_START + i;
		if ((name = strsep(&next, ":")) == NULL)
			name = (char[]){ "unknown" };
		if (passed_get(&passed[i], name) == -1) {
			snprintf(err, errlen, "%s, passed by the service "
			    "manager: %s", passed[i].text, strerror(errno));
			free(names);
			return (-1);
		}
		npassed++;
	}
	free(names);
	return (0);
}

/* Filters turn to other clients when nobody waits: it must not block. */
static int
passed_get(struct passed *p, const char *name)
{
	int		 flags, type = 0, listening = 0;
	socklen_t	 len = sizeof(int);

	passed_text(p, name);
	if ((flags = fcntl(p->fd, F_GETFL)) == -1 ||
	    fcntl(p->fd, F_SETFL, flags | O_NONBLOCK) == -1 ||
	    fcntl(p->fd, F_SETFD, FD_CLOEXEC) == -1 ||
	    getsockopt(p->fd, SOL_SOCKET, SO_TYPE, &type, &len) == -1 ||
	    getsockopt(p->fd, SOL_SOCKET, SO_ACCEPTCONN, &listening,
	    &len) == -1)
		return (-1);
	if (type != SOCK_STREAM || !listening) {
		errno = EOPNOTSUPP;	/* Accept=yes, or ListenDatagram= */
		return (-1);
	}
	p->addrlen = sizeof(p->addr);
	if (getsockname(p->fd, (struct sockaddr *)&p->addr, &p->addrlen) == -1)
		return (-1);
	if (p->addr.ss_family == AF_INET6 && getsockopt(p->fd, IPPROTO_IPV6,
	    IPV6_V6ONLY, &p->v6only, &len) == -1)
		return (-1);
	passed_text(p, name);
	return (0);
}

/* "socket 3 (proxyd.socket) at tcp://[::]:2375" */
static void
passed_text(struct passed *p, const char *name)
{
	const struct sockaddr_un *sun = (const void *)&p->addr;
	const bool	 v6 = p->addr.ss_family == AF_INET6;
	char		 host[64], port[16], at[160] = "";

	if (p->addrlen != 0 && p->addr.ss_family == AF_UNIX)
		snprintf(at, sizeof(at), " at unix://%.108s",
		    sun->sun_path[0] == '\0' ? "@" : sun->sun_path);
	else if (p->addrlen != 0 && getnameinfo((const void *)&p->addr,
	    p->addrlen, host, sizeof(host), port, sizeof(port),
	    NI_NUMERICHOST | NI_NUMERICSERV) == 0)
		snprintf(at, sizeof(at), " at tcp://%s%s%s:%s%s",
		    v6 ? "[" : "", host, v6 ? "]" : "", port,
		    p->v6only ? " (IPv6 only)" : "");
	snprintf(p->text, sizeof(p->text), "socket %d (%.40s)%s", p->fd, name,
	    at);
}

int
activate_take(const struct listener *l)
{
	int	 i;

	for (i = 0; i < npassed; i++)
		if (passed_is(&passed[i], l))
			return (fcntl(passed[i].fd, F_DUPFD_CLOEXEC, 0));
	errno = 0;
	return (-1);
}

/* Nobody would ever answer at what is left over. */
int
activate_check(const struct config *conf, char *err, size_t errlen)
{
	const struct listener	*l;
	int			 i;

	for (i = 0; i < npassed; i++) {
		TAILQ_FOREACH(l, &conf->listeners, entry)
			if (passed_is(&passed[i], l))
				break;
		if (l != NULL)
			continue;
		snprintf(err, errlen, "%s was passed by the service manager, "
		    "and no listener has that address", passed[i].text);
		return (-1);
	}
	return (0);
}

static bool
passed_is(const struct passed *p, const struct listener *l)
{
	if (l->kind == LISTEN_UNIX)
		return (p->addr.ss_family == AF_UNIX && same_path(p, l->path));
	return (same_address(p, l));
}

/* By another name as well: /var/run is /run. */
static bool
same_path(const struct passed *p, const char *path)
{
	const struct sockaddr_un *sun = (const void *)&p->addr;
	struct stat	 a, b;
	char		 own[sizeof(sun->sun_path) + 1];

	(void)strlcpy(own, sun->sun_path, sizeof(own));
	if (*own == '\0')
		return (false);
	if (strcmp(own, path) == 0)
		return (true);
	return (stat(own, &a) == 0 && stat(path, &b) == 0 &&
	    S_ISSOCK(a.st_mode) && a.st_dev == b.st_dev &&
	    a.st_ino == b.st_ino);
}

/* One for IPv6 only is not one for both, and the other way round. */
static bool
same_address(const struct passed *p, const struct listener *l)
{
	const struct sockaddr_in *a4 = (const void *)&p->addr,
	    *b4 = (const void *)&l->addr;
	const struct sockaddr_in6 *a6 = (const void *)&p->addr,
	    *b6 = (const void *)&l->addr;

	if (p->addr.ss_family != l->addr.ss_family)
		return (false);
	if (p->addr.ss_family == AF_INET)
		return (a4->sin_port == b4->sin_port &&
		    a4->sin_addr.s_addr == b4->sin_addr.s_addr);
	if (p->addr.ss_family != AF_INET6)
		return (false);
	if (IN6_IS_ADDR_UNSPECIFIED(&a6->sin6_addr) &&
	    (p->v6only != 0) != l->v6only)
		return (false);
	return (a6->sin6_port == b6->sin6_port &&
	    a6->sin6_scope_id == b6->sin6_scope_id &&
	    IN6_ARE_ADDR_EQUAL(&a6->sin6_addr, &b6->sin6_addr));
}
