/* SPDX-License-Identifier: ISC */

/*
 * New connections, in batches, and what their clients are called in the log.
 */

#include <sys/socket.h>

#include <netinet/in.h>
#include <arpa/inet.h>

#include <errno.h>
#include <stdio.h>

#include "../filter/filter.h"

#define ACCEPT_BATCH	64

void
client_accept(int fd, short what, void *arg)
{
	struct sockaddr_storage	 ss;
	struct filter		*f = arg;
	socklen_t		 len;
	int			 s, i;

	for (i = 0; i < ACCEPT_BATCH; i++) {
		if (f->nclients >= f->maxclients)
			break;
		len = sizeof(ss);
		s = accept4(fd, (struct sockaddr *)&ss, &len,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (s != -1) {
			client_new(f, s, &ss);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
		    errno == ENOMEM)
			break;
		if (errno != ECONNABORTED && errno != EINTR)
			return;
	}
	if (i == ACCEPT_BATCH)
		return;
	/* Full: the tick, or a client that leaves, opens again. */
	event_del(&f->lev);
	f->accepting = false;
}

void
client_name(struct client *c, const struct sockaddr_storage *ss)
{
	const struct sockaddr_in6	*in6;
	const struct sockaddr_in	*in;
	struct ucred			 cred;
	socklen_t			 len = sizeof(cred);
	char				 addr[INET6_ADDRSTRLEN] = "?";
	bool				 mapped;

	if (ss->ss_family == AF_INET) {
		in = (const struct sockaddr_in *)ss;
		inet_ntop(AF_INET, &in->sin_addr, addr, sizeof(addr));
		snprintf(c->peer, sizeof(c->peer), "%s:%u", addr,
		    ntohs(in->sin_port));
	} else if (ss->ss_family == AF_INET6) {
		in6 = (const struct sockaddr_in6 *)ss;
		mapped = IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr);
		if (mapped)
			inet_ntop(AF_INET, &in6->sin6_addr.s6_addr[12], addr,
			    sizeof(addr));
		else
			inet_ntop(AF_INET6, &in6->sin6_addr, addr,
			    sizeof(addr));
		snprintf(c->peer, sizeof(c->peer), mapped ? "%s:%u" :
		    "[%s]:%u", addr, ntohs(in6->sin6_port));
	} else if (getsockopt(c->fd, SOL_SOCKET, SO_PEERCRED, &cred,
	    &len) == 0)
		snprintf(c->peer, sizeof(c->peer), "uid=%u,pid=%d",
		    cred.uid, (int)cred.pid);
	else
		snprintf(c->peer, sizeof(c->peer), "unix");
}
