/* SPDX-License-Identifier: ISC */

/*
 * The configuration in memory: making, filling, compiling and freeing it.
 * Both processes use this file, the parent with what it read, the filter with
 * what the parent sent.  Nothing is decided here but the order of rules: the
 * last one that names an operation wins, and "quick" ends the search.
 */

#include "../proxyd/proxyd.h"

#include <sys/un.h>

#include <netinet/in.h>

#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/stdlib.h>
#include <bsd/string.h>

#define CLIENTS_MAX	16384
#define HEAD_MAX	(64 * 1024)	/* X-Registry-Config is large */
#define BODY_MAX	(1024 * 1024)
#define HEADER_SECS	30
#define IDLE_SECS	600
#define BODY_SECS	300
#define UNIX_MODE	0660
#define PORT_MAX	65535
#define HOST_MAX	256

static const struct limits limits_default = {
	.clients = CLIENTS_MAX,
	.head = HEAD_MAX,
	.body = BODY_MAX,
	.header_secs = HEADER_SECS,
	.idle_secs = IDLE_SECS,
	.body_secs = BODY_SECS,
};

static void	 rule_free(struct rule *);
static void	 allow_free(struct allow *);
static void	 listener_free(struct listener *);

struct config *
conf_new(void)
{
	struct config	*conf;

	if ((conf = calloc(1, sizeof(*conf))) == NULL)
		return (NULL);
	TAILQ_INIT(&conf->listeners);
	conf->loglevel = LOG_LVL_INFO;
	conf->socket = strdup(PROXYD_SOCKET);
	conf->user = strdup(PROXYD_USER);
	conf->chroot = strdup(PROXYD_CHROOT);
	conf->profile = profile_new("");
	if (conf->socket == NULL || conf->user == NULL ||
	    conf->chroot == NULL || conf->profile == NULL) {
		conf_free(conf);
		return (NULL);
	}
	return (conf);
}

static void
listener_free(struct listener *l)
{
	free(l->text);
	free(l->path);
	free(l);
}

void
conf_free(struct config *conf)
{
	struct listener	*l;
	size_t		 i;

	if (conf == NULL)
		return;
	while ((l = TAILQ_FIRST(&conf->listeners)) != NULL) {
		TAILQ_REMOVE(&conf->listeners, l, entry);
		listener_free(l);
	}
	for (i = 0; i < conf->nwarnings; i++)
		free(conf->warnings[i]);
	free(conf->warnings);
	profile_free(conf->profile);
	free(conf->socket);
	free(conf->user);
	free(conf->chroot);
	free(conf);
}

struct profile *
profile_new(const char *name)
{
	struct profile	*p;

	if ((p = calloc(1, sizeof(*p))) == NULL)
		return (NULL);
	TAILQ_INIT(&p->rules);
	TAILQ_INIT(&p->allows);
	if ((p->name = strdup(name)) == NULL) {
		free(p);
		return (NULL);
	}
	return (p);
}

static void
rule_free(struct rule *r)
{
	free(r->origin);
	free(r->hint);
	free(r);
}

static void
allow_free(struct allow *a)
{
	free(a->text);
	free(a->origin);
	free(a);
}

void
profile_free(struct profile *p)
{
	struct rule	*r;
	struct allow	*a;

	if (p == NULL)
		return;
	while ((r = TAILQ_FIRST(&p->rules)) != NULL) {
		TAILQ_REMOVE(&p->rules, r, entry);
		rule_free(r);
	}
	while ((a = TAILQ_FIRST(&p->allows)) != NULL) {
		TAILQ_REMOVE(&p->allows, a, entry);
		allow_free(a);
	}
	free(p->name);
	free(p);
}

struct rule *
conf_rule(struct profile *p, enum action action, const char *origin,
    const char *hint)
{
	struct rule	*r;

	if ((r = calloc(1, sizeof(*r))) == NULL)
		return (NULL);
	r->action = action;
	r->origin = strdup(origin);
	if (hint != NULL)
		r->hint = strdup(hint);
	if (r->origin == NULL || (hint != NULL && r->hint == NULL)) {
		rule_free(r);
		return (NULL);
	}
	TAILQ_INSERT_TAIL(&p->rules, r, entry);
	return (r);
}

int
conf_allow(struct profile *p, enum allow_kind kind, const char *text,
    const char *origin)
{
	struct allow	*a;

	if ((a = calloc(1, sizeof(*a))) == NULL)
		return (-1);
	a->kind = kind;
	a->text = strdup(text);
	a->origin = strdup(origin);
	if (a->text == NULL || a->origin == NULL) {
		allow_free(a);
		return (-1);
	}
	TAILQ_INSERT_TAIL(&p->allows, a, entry);
	return (0);
}

int
conf_warn(struct config *conf, const char *fmt, ...)
{
	char	**list, *line;
	va_list	  ap;
	int	  n;

	va_start(ap, fmt);
	n = vasprintf(&line, fmt, ap);
	va_end(ap);
	if (n == -1)
		return (-1);
	list = reallocarray(conf->warnings, conf->nwarnings + 1,
	    sizeof(*list));
	if (list == NULL) {
		free(line);
		return (-1);
	}
	list[conf->nwarnings++] = line;
	conf->warnings = list;
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
 * Numbers first: a name is looked up only if it is one.  IPv4 is preferred,
 * so that tcp://localhost is where clients look for it.
 */
static int
resolve(const char *host, const char *port, bool noipv6,
    struct addrinfo **res)
{
	struct addrinfo	 hints;
	int		 e;

	memset(&hints, 0, sizeof(hints));
	hints.ai_socktype = SOCK_STREAM;
	hints.ai_family = noipv6 ? AF_INET : AF_UNSPEC;
	hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV | AI_NUMERICHOST;
	e = getaddrinfo(host, port, &hints, res);
	if (e != EAI_NONAME && e != EAI_ADDRFAMILY)
		return (e);
	hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
	hints.ai_family = AF_INET;
	e = getaddrinfo(host, port, &hints, res);
	if (e == 0 || noipv6)
		return (e);
	hints.ai_family = AF_INET6;
	return (getaddrinfo(host, port, &hints, res));
}

static int
listen_tcp(struct listener *l, const char *spec, bool noipv6, char *err,
    size_t errlen)
{
	char			 host[HOST_MAX];
	const char		*port, *numerr;
	struct addrinfo		*res;
	const struct sockaddr_in6 *sin6;
	int			 e;
	bool			 any;

	if (split_hostport(spec, host, sizeof(host), &port) == -1) {
		snprintf(err, errlen, "%s: not tcp://host:port, tcp://:port "
		    "or tcp://[::1]:port", l->text);
		return (-1);
	}
	strtonum(port, 1, PORT_MAX, &numerr);
	if (numerr != NULL || port[strspn(port, "0123456789")] != '\0') {
		snprintf(err, errlen, "%s: the port must be a number from 1 "
		    "to %d", l->text, PORT_MAX);
		return (-1);
	}
	any = host[0] == '\0';
	e = resolve(any ? (noipv6 ? "0.0.0.0" : "::") : host, port, noipv6,
	    &res);
	if (e != 0) {
		snprintf(err, errlen, "%s: %s%s", l->text, gai_strerror(e),
		    noipv6 ? " (IPv6 is disabled)" : "");
		return (-1);
	}
	l->kind = LISTEN_TCP;
	memcpy(&l->addr, res->ai_addr, res->ai_addrlen);
	l->addrlen = res->ai_addrlen;
	freeaddrinfo(res);
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
		listener_free(l);
		return (-1);
	}
	last = TAILQ_LAST(&conf->listeners, listeners);
	l->id = last != NULL ? last->id + 1 : 1;
	l->owner = (uid_t)-1;
	l->group = (gid_t)-1;
	l->mode = UNIX_MODE;
	l->profile = conf->profile;
	l->limits = limits_default;
	l->fd = -1;
	TAILQ_INSERT_TAIL(&conf->listeners, l, entry);
	return (0);
}

/*
 * Whatever the rules say, an operation that no section grants stays blocked,
 * and one that is not judged yet passes only under "allow unjudged".
 */
static bool
row_grantable(const struct profile *p, const struct endpoint *ep)
{
	if (ep->flags & EPF_NEVER)
		return (false);
	return ((ep->flags & EPF_UNJUDGED) == 0 || p->unjudged);
}

void
profile_compile(struct profile *p)
{
	const struct rule	*r;
	const struct allow	*a;
	struct opset		 done;
	size_t			 op, n = endpoint_count();

	p->privileged = p->unjudged = false;
	TAILQ_FOREACH(a, &p->allows, entry) {
		if (a->kind == ALLOW_PRIVILEGED)
			p->privileged = true;
		if (a->kind == ALLOW_UNJUDGED)
			p->unjudged = true;
	}
	memset(&done, 0, sizeof(done));
	memset(p->decide, 0, sizeof(p->decide));
	TAILQ_FOREACH(r, &p->rules, entry)
		for (op = 0; op < n; op++) {
			if (!opset_has(&r->ops, op) || opset_has(&done, op))
				continue;
			p->decide[op] = r;
			if (r->quick)
				opset_add(&done, op);
		}
	for (op = 0; op < n; op++)
		if (p->decide[op] != NULL &&
		    p->decide[op]->action == ACTION_PASS &&
		    !row_grantable(p, endpoint_get(op)))
			p->decide[op] = NULL;
}

void
profile_ceiling(const struct profile *p, struct opset *set)
{
	size_t	 op;

	memset(set, 0, sizeof(*set));
	for (op = 0; op < endpoint_count(); op++)
		if (p->decide[op] != NULL &&
		    p->decide[op]->action == ACTION_PASS)
			opset_add(set, op);
}
