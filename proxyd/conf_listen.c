/* SPDX-License-Identifier: ISC */

/*
 * Listeners as they are written, "tcp://host:port" and "unix:///path": the
 * form that the environment knows, and what proxyd.conf is brought to.
 */

#include "../proxyd/proxyd.h"

#include <sys/un.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/stdlib.h>
#include <bsd/string.h>

#define UNIX_MODE	0660
#define PORT_MAX	65535
#define HOST_MAX	256
#define METRICS_CLIENTS	64	/* a scraper, and a few more */

void
listener_free(struct listener *l)
{
	conds_free(&l->from);
	free(l->text);
	free(l->origin);
	free(l->path);
	free(l);
}

int
conf_metrics(struct config *conf, struct listener *l)
{
	if (conf->metrics == NULL) {
		if ((conf->metrics = profile_new("metrics")) == NULL)
			return (-1);
		conf->metrics->log = LOG_WHICH_NONE;
	}
	conf->metrics->limits = conf->limits;
	conf->metrics->limits.clients = METRICS_CLIENTS;
	l->metrics = true;
	l->profile = conf->metrics;
	return (0);
}

static int
listen_unix(struct listener *l, const char *path, char *err, size_t errlen)
{
	struct sockaddr_un	 sun;

	if (path[0] != '/' || path[1] == '\0') {
		snprintf(err, errlen, "%s: the path of a unix socket must be "
		    "absolute, as in unix:///run/proxyd.sock", l->text);
		return (-1);
	}
	if (strlen(path) >= sizeof(sun.sun_path)) {
		snprintf(err, errlen, "%s: the path of a unix socket must "
		    "be shorter than %zu bytes", l->text,
		    sizeof(sun.sun_path));
		return (-1);
	}
	l->kind = LISTEN_UNIX;
	if ((l->path = strdup(path)) == NULL) {
		strlcpy(err, "out of memory", errlen);
		return (-1);
	}
	return (0);
}

/* Split "host:port", "[v6]:port" or ":port"; port points into spec. */
static int
split_hostport(const char *spec, char *host, size_t hostlen,
    const char **port)
{
	const char	*colon;
	size_t		 len;

	if ((colon = strrchr(spec, ':')) == NULL)
		return (-1);
	*port = colon + 1;
	len = (size_t)(colon - spec);
	if (spec[0] == '[') {
		if (len < 3 || spec[len - 1] != ']')
			return (-1);
		spec++;
		len -= 2;
	} else if (memchr(spec, ':', len) != NULL)
		return (-1);
	if (len >= hostlen)
		return (-1);
	memcpy(host, spec, len);
	host[len] = '\0';
	return (0);
}

/*
 * A number: nobody has to be asked for it.  localhost is IPv4's, where
 * clients look for it first.
 */
static int
address(struct listener *l, const char *host, unsigned int port, bool noipv6)
{
	struct sockaddr_in	*sin = (struct sockaddr_in *)&l->addr;
	struct sockaddr_in6	*sin6 = (struct sockaddr_in6 *)&l->addr;

	if (strcmp(host, "localhost") == 0)
		host = "127.0.0.1";
	if (inet_pton(AF_INET, host, &sin->sin_addr) == 1) {
		sin->sin_family = AF_INET;
		sin->sin_port = htons((uint16_t)port);
		l->addrlen = sizeof(*sin);
		return (0);
	}
	if (noipv6 || inet_pton(AF_INET6, host, &sin6->sin6_addr) != 1)
		return (-1);
	sin6->sin6_family = AF_INET6;
	sin6->sin6_port = htons((uint16_t)port);
	l->addrlen = sizeof(*sin6);
	return (0);
}

static int
listen_tcp(struct listener *l, const char *spec, bool noipv6, char *err,
    size_t errlen)
{
	char			 host[HOST_MAX];
	const char		*port, *numerr;
	const struct sockaddr_in6 *sin6;
	unsigned int		 num;
	bool			 any;

	if (split_hostport(spec, host, sizeof(host), &port) == -1) {
		snprintf(err, errlen, "%s: not tcp://host:port, tcp://:port "
		    "or tcp://[::1]:port", l->text);
		return (-1);
	}
	num = (unsigned int)strtonum(port, 1, PORT_MAX, &numerr);
	if (numerr != NULL || port[strspn(port, "0123456789")] != '\0') {
		snprintf(err, errlen, "%s: the port must be a number from 1 "
		    "to %d", l->text, PORT_MAX);
		return (-1);
	}
	any = host[0] == '\0';
	if (address(l, any ? (noipv6 ? "0.0.0.0" : "::") : host, num,
	    noipv6) == -1) {
		snprintf(err, errlen, "%s: an address is expected, as "
		    "127.0.0.1 or [::1], or localhost%s", l->text,
		    noipv6 ? " (IPv6 is disabled)" : "");
		return (-1);
	}
	l->kind = LISTEN_TCP;
	sin6 = (const struct sockaddr_in6 *)&l->addr;
	l->v6only = !any && l->addr.ss_family == AF_INET6 &&
	    IN6_IS_ADDR_UNSPECIFIED(&sin6->sin6_addr);
	return (0);
}

int
conf_listen(struct config *conf, const char *text, bool noipv6, char *err,
    size_t errlen)
{
	static const char	 tcp[] = "tcp://", uds[] = "unix://";
	struct listener		*l, *last;
	int			 r = -1;

	l = calloc(1, sizeof(*l));
	if (l == NULL || (l->text = strdup(text)) == NULL) {
		free(l);
		strlcpy(err, "out of memory", errlen);
		return (-1);
	}
	if (strncmp(text, tcp, sizeof(tcp) - 1) == 0)
		r = listen_tcp(l, text + sizeof(tcp) - 1, noipv6, err,
		    errlen);
	else if (strncmp(text, uds, sizeof(uds) - 1) == 0)
		r = listen_unix(l, text + sizeof(uds) - 1, err, errlen);
	else
		snprintf(err, errlen, "%s: not tcp://host:port, tcp://:port "
		    "or unix:///path", text);
	if (r == -1) {
		TAILQ_INIT(&l->from);
		listener_free(l);
		return (-1);
	}
	last = TAILQ_LAST(&conf->listeners, listeners);
	l->id = last != NULL ? last->id + 1 : 1;
	TAILQ_INIT(&l->from);
	l->owner = (uid_t)-1;
	l->group = (gid_t)-1;
	l->mode = UNIX_MODE;
	l->profile = conf->profile;
	l->fd = -1;
	TAILQ_INSERT_TAIL(&conf->listeners, l, entry);
	return (0);
}
