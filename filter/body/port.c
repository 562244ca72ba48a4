/* SPDX-License-Identifier: ISC */

/*
 * Ports: "80/tcp" as key of ExposedPorts and PortBindings, HostIp and
 * HostPort.  Each is parsed and written anew, so that "80", "80/TCP" and
 * "080/tcp" cannot be three things to three readers.  What of the host is
 * published has to be allowed by the file; the environment knows no such
 * list and lets it pass.
 */

#include "schema.h"

#include "../trace.h"

#include <sys/socket.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <bsd/string.h>

#define PORT_MAX	65535

static bool	 port_number(const char **, unsigned int *);

/* Decimal digits at *s, which is moved behind them. */
static bool
port_number(const char **s, unsigned int *port)
{
	const char	*p = *s;
	unsigned int	 n = 0;

	while (*p >= '0' && *p <= '9') {
		n = n * 10 + (unsigned int)(*p++ - '0');
		if (n > PORT_MAX)
			return (false);
	}
	if (p == *s)
		return (false);
	*s = p;
	*port = n;
	return (true);
}

/* "80" or "80-89" at *s, which is moved behind it. */
static bool
port_bounds(const char **s, unsigned int *low, unsigned int *high)
{
	if (!port_number(s, low))
		return (false);
	*high = *low;
	if (**s != '-')
		return (true);
	(*s)++;
	return (port_number(s, high) && *high >= *low);
}

/* The same, written to buf: of "80-80" the short form is made, too. */
static bool
port_range(const char **s, char *buf, size_t size)
{
	unsigned int	 low, high;

	if (!port_bounds(s, &low, &high))
		return (false);
	if (low == high)
		(void)snprintf(buf, size, "%u", low);
	else
		(void)snprintf(buf, size, "%u-%u", low, high);
	return (true);
}

static const char *
port_proto(const char *s)
{
	static const char *const	 protos[] = {
		"tcp", "udp", "sctp", NULL
	};
	size_t				 i;

	if (*s == '\0')
		return ("tcp");
	if (*s != '/')
		return (NULL);
	for (i = 0; protos[i] != NULL; i++)
		if (strcasecmp(s + 1, protos[i]) == 0)
			return (protos[i]);
	return (NULL);
}

/* The canonical form of a port key; with range "80-89/tcp" is one, too. */
static int
port_key(struct judge *j, const char *key, bool range, char *buf, size_t size)
{
	const char	*s = key, *proto;
	char		 ports[16];

	if (!port_range(&s, ports, sizeof(ports)) ||
	    (proto = port_proto(s)) == NULL ||
	    (!range && strchr(ports, '-') != NULL))
		return (judge_bad(j, "must be named by PORT/tcp, PORT/udp or "
		    "PORT/sctp"));
	(void)snprintf(buf, size, "%s/%s", ports, proto);
	return (0);
}

/* An entry of Config.ExposedPorts. */
int
check_expose(struct judge *j, const char *key, struct js *v)
{
	return (port_key(j, key, true, j->key, sizeof(j->key)));
}

/* Do the ports of one allowance hold all of these?  0: one of any. */
static bool
publish_match(const char *text, unsigned int low, unsigned int high)
{
	unsigned int	 from, to;

	if (strcmp(text, "*") == 0)
		return (true);
	if (!port_bounds(&text, &from, &to))
		return (false);
	return (low != 0 && from <= low && high <= to);
}

/* A port or range of the host; empty, or 0: that which the engine chooses. */
int
publish_judge(struct judge *j, const char *ports)
{
	const struct allow	*a;
	const char		*s = ports;
	unsigned int		 low, high;

	if (!port_bounds(&s, &low, &high))
		low = high = 0;
	TAILQ_FOREACH(a, &j->profile->allows, entry)
		if (a->kind == ALLOW_PUBLISH &&
		    publish_match(a->text, low, high)) {
			trace_allow(j->path, ports, a);
			return (0);
		}
	if (low == 0)
		return (judge_forbid(j, "publish", "*",
		    "publishing a port that the engine chooses"));
	return (judge_forbid(j, "publish", ports, "publishing port %s",
	    ports));
}

/*
 * An entry of HostConfig.PortBindings.  One without bindings is published as
 * well, at a port that the engine chooses.
 */
int
check_port(struct judge *j, const char *key, struct js *v)
{
	const struct js	*binding;
	size_t		 old, i = 0;
	int		 ret = 0;

	if (port_key(j, key, false, j->key, sizeof(j->key)) == -1)
		return (-1);
	if (j->profile->fromenv || judge_privileged(j))
		return (0);
	if (v->first == NULL)
		return (publish_judge(j, ""));
	for (binding = v->first; binding != NULL && ret == 0;
	    binding = binding->next) {
		old = judge_push_index(j, i++);
		ret = publish_judge(j, js_get_string(binding, "HostPort"));
		judge_pop(j, old);
	}
	return (ret);
}

/* All that the image exposes, at ports that the engine chooses. */
int
check_publish_all(struct judge *j, const char *key, struct js *v)
{
	if (!js_is(v, JS_TRUE) || judge_privileged(j) ||
	    allow_has(j, ALLOW_PUBLISH, "*"))
		return (0);
	return (judge_forbid(j, "publish", "*", "%s", j->path));
}

int
check_host_ip(struct judge *j, const char *key, struct js *v)
{
	const char	*s = v->text;
	unsigned char	 addr[sizeof(struct in6_addr)];
	char		 text[INET6_ADDRSTRLEN];
	int		 af;

	if (s[0] == '\0')
		return (0);
	af = strchr(s, ':') == NULL ? AF_INET : AF_INET6;
	if (inet_pton(af, s, addr) != 1 ||
	    inet_ntop(af, addr, text, sizeof(text)) == NULL)
		return (judge_bad(j, "must be an IP address"));
	set_string(j, v, text);
	return (0);
}

int
check_host_port(struct judge *j, const char *key, struct js *v)
{
	const char	*s = v->text;
	char		 text[16];

	if (s[0] == '\0')
		return (0);
	if (!port_range(&s, text, sizeof(text)) || *s != '\0')
		return (judge_bad(j, "must be PORT or PORT-PORT"));
	set_string(j, v, text);
	return (0);
}
