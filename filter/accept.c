/* SPDX-License-Identifier: ISC */

/*
 * New connections, in batches, and what their clients are called in the log.
 */

#include <sys/socket.h>

#include <netinet/in.h>
#include <arpa/inet.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static void
identify_tcp(struct client *c, const struct sockaddr_storage *ss)
{
	const struct sockaddr_in6	*in6;
	const struct sockaddr_in	*in;
	struct peer			*peer = &c->peer;
	char				 addr[INET6_ADDRSTRLEN] = "?";
	in_port_t			 port;

	if (ss->ss_family == AF_INET) {
		in = (const struct sockaddr_in *)ss;
		peer->family = 4;
		port = in->sin_port;
		memcpy(peer->addr, &in->sin_addr, 4);
	} else {
		in6 = (const struct sockaddr_in6 *)ss;
		port = in6->sin6_port;
		if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr)) {
			peer->family = 4;
			memcpy(peer->addr, &in6->sin6_addr.s6_addr[12], 4);
		} else {
			peer->family = 6;
			memcpy(peer->addr, &in6->sin6_addr, 16);
		}
	}
	inet_ntop(peer->family == 4 ? AF_INET : AF_INET6, peer->addr, addr,
	    sizeof(addr));
	snprintf(c->name, sizeof(c->name), peer->family == 4 ? "%s:%u" :
	    "[%s]:%u", addr, ntohs(port));
}

/* The groups that the process had when it connected, unix(7). */
static int
identify_groups(struct client *c, gid_t gid)
{
	struct peer	*peer = &c->peer;
	socklen_t	 len = 0;
	uint32_t	*groups;

	_Static_assert(sizeof(gid_t) == sizeof(*groups), "gid_t");
	/* Empty, or how many bytes it takes. */
	if (getsockopt(c->fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &len) == -1 &&
	    errno != ERANGE)
		len = 0;
	if ((groups = malloc(sizeof(*groups) + len)) == NULL)
		return (-1);
	groups[0] = gid;
	if (len != 0 && getsockopt(c->fd, SOL_SOCKET, SO_PEERGROUPS,
	    groups + 1, &len) == -1)
		len = 0;
	peer->groups = groups;
	peer->ngroups = 1 + (uint32_t)(len / sizeof(*groups));
	return (0);
}

static int
identify_unix(struct client *c)
{
	struct ucred	 cred;
	socklen_t	 len = sizeof(cred);

	if (getsockopt(c->fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) == -1) {
		snprintf(c->name, sizeof(c->name), "unix");
		return (0);
	}
	c->peer.uid = cred.uid;
	c->peer.pid = (uint32_t)cred.pid;
	c->peer.cred = true;
	snprintf(c->name, sizeof(c->name), "uid=%u,pid=%d", cred.uid,
	    (int)cred.pid);
	return (identify_groups(c, cred.gid));
}

int
client_identify(struct client *c, const struct sockaddr_storage *ss)
{
	if (ss == NULL)
		return (explained_identify(c));
	if (ss->ss_family != AF_INET && ss->ss_family != AF_INET6)
		return (identify_unix(c));
	identify_tcp(c, ss);
	return (0);
}

/* Asked again when another configuration is in force. */
bool
client_admitted(struct client *c)
{
	struct filter	*f = c->filter;

	if (c->admitted == f->generation)
		return (true);
	if (!TAILQ_EMPTY(&f->from) && !policy_admits(&f->from, &c->peer))
		return (false);
	c->admitted = f->generation;
	return (true);
}

/* Whoever else connects is not even read from. */
bool
client_welcome(struct client *c)
{
	if (client_admitted(c))
		return (true);
	if (c->filter->explain)
		explained_block(NULL, 0, "connection refused: not a client "
		    "of this listener");
	log_notice("%s connection refused: not a client of this listener",
	    c->name);
	return (false);
}
