/* SPDX-License-Identifier: ISC */

/*
 * The words behind wget and nc, as health checks have them.  An option that
 * is not known is an error, as is anything that would write a file or ask
 * somebody outside of this container.
 */

#include "check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECONDS_MAX	3600
#define TRIES_MAX	1000

bool
number(const char *s, long max, long *num)
{
	char	*end;

	if (*s < '0' || *s > '9')
		return (false);
	errno = 0;
	*num = strtol(s, &end, 10);
	return (*end == '\0' && errno == 0 && *num <= max);
}

/* Of this container: localhost, or a number. */
static bool
host_set(struct probe *p, const char *s, size_t len)
{
	struct in6_addr	 addr;

	if (len >= sizeof(p->host))
		return (false);
	memcpy(p->host, s, len);
	p->host[len] = '\0';
	return (strcmp(p->host, "localhost") == 0 ||
	    inet_pton(AF_INET, p->host, &addr) == 1 ||
	    inet_pton(AF_INET6, p->host, &addr) == 1);
}

static bool
port_set(struct probe *p, const char *s, size_t len)
{
	char	 buf[8];
	long	 num;

	if (len == 0 || len >= sizeof(buf))
		return (false);
	memcpy(buf, s, len);
	buf[len] = '\0';
	if (!number(buf, 65535, &num) || num == 0)
		return (false);
	p->port = (unsigned short)num;
	return (true);
}

static bool
url_set(struct probe *p, const char *s)
{
	const char	*end, *colon;

	if (strncmp(s, "http://", 7) == 0)
		s += 7;
	end = s + strcspn(s, "/?#");
	if (snprintf(p->path, sizeof(p->path), "%s%.*s",
	    *end == '/' ? "" : "/", (int)strcspn(end, "#"), end) >=
	    (int)sizeof(p->path))
		return (false);
	for (colon = p->path; *colon != '\0'; colon++)
		if (*colon <= ' ' || *colon > '~')
			return (false);
	if (*s == '[') {
		if ((colon = memchr(s, ']', (size_t)(end - s))) == NULL ||
		    !host_set(p, s + 1, (size_t)(colon - s - 1)))
			return (false);
		colon++;
	} else {
		if ((colon = memchr(s, ':', (size_t)(end - s))) == NULL)
			colon = end;
		if (!host_set(p, s, (size_t)(colon - s)))
			return (false);
	}
	p->port = 80;
	return (colon == end ||
	    (*colon == ':' && port_set(p, colon + 1,
	    (size_t)(end - colon - 1))));
}

/* Where the body goes: nowhere, or to standard output. */
static bool
output_set(struct probe *p, const char *s)
{
	p->show = strcmp(s, "-") == 0 || strcmp(s, "/dev/stdout") == 0;
	return (p->show || strcmp(s, "/dev/null") == 0);
}

/* Long options that take a value, or the letters that mean the same. */
static bool
option_value(struct probe *p, int letter, const char *value)
{
	long	 num;

	switch (letter) {
	case 'O':
		return (output_set(p, value));
	case 'T':
		return (number(value, SECONDS_MAX, &p->seconds));
	default:
		/* -t: it is asked once, the engine asks again */
		return (number(value, TRIES_MAX, &num));
	}
}

static const struct option {
	const char	*name;
	int		 letter;
} options[] = {
	{ "output-document", 'O' }, { "timeout", 'T' }, { "tries", 't' },
	{ "quiet", 'q' }, { "no-verbose", 'n' }, { "spider", 's' },
	{ "no-check-certificate", 'n' }, { "no-proxy", 'n' },
	{ "server-response", 'n' }, { NULL, 0 }
};

/* --name, --name=value, --name value; the arguments used, 0 if unknown. */
static int
option_long(struct probe *p, const char *arg, const char *next)
{
	const struct option	*o;
	size_t			 len = strcspn(arg, "=");

	for (o = options; o->name != NULL; o++)
		if (strlen(o->name) == len && strncmp(o->name, arg, len) == 0)
			break;
	if (o->name == NULL)
		return (0);
	if (strchr("OTt", o->letter) == NULL) {
		p->quiet = p->quiet || o->letter == 'q';
		return (arg[len] == '\0' ? 1 : 0);
	}
	if (arg[len] == '=')
		return (option_value(p, o->letter, arg + len + 1) ? 1 : 0);
	return (next != NULL && option_value(p, o->letter, next) ? 2 : 0);
}

/* -q, -qO-, -qO -, -T5, -nv, -S; as option_long(). */
static int
option_short(struct probe *p, const char *arg, const char *next)
{
	for (; *arg != '\0'; arg++) {
		if (strchr("OTt", *arg) != NULL) {
			if (arg[1] != '\0')
				return (option_value(p, *arg, arg + 1));
			return (next != NULL && option_value(p, *arg, next) ?
			    2 : 0);
		}
		if (*arg == 'n' && arg[1] == 'v')
			arg++;
		else if (*arg == 'q')
			p->quiet = true;
		else if (*arg != 's' && *arg != 'S')
			return (0);
	}
	return (1);
}

int
run_wget(int argc, char *argv[])
{
	struct probe	 p = { .seconds = 0 };
	const char	*url = NULL;
	int		 i, used;

	for (i = 1; i < argc; i += used) {
		used = 1;
		if (strncmp(argv[i], "--", 2) == 0)
			used = option_long(&p, argv[i] + 2,
			    i + 1 < argc ? argv[i + 1] : NULL);
		else if (argv[i][0] == '-' && argv[i][1] != '\0')
			used = option_short(&p, argv[i] + 1,
			    i + 1 < argc ? argv[i + 1] : NULL);
		else if (url == NULL)
			url = argv[i];
		else
			used = 0;
		if (used == 0)
			return (bad("wget: %s: not understood", argv[i]));
	}
	if (url == NULL)
		return (bad("wget: no URL"));
	if (!url_set(&p, url))
		return (bad("wget: %s: not http:// and an address of this "
		    "container", url));
	return (ask(&p));
}

int
run_nc(int argc, char *argv[])
{
	struct probe	 p = { .quiet = true };
	bool		 zero = false;
	int		 i;

	for (i = 1; i < argc && argv[i][0] == '-'; i++) {
		if (strcmp(argv[i], "-w") == 0 && i + 1 < argc &&
		    number(argv[i + 1], SECONDS_MAX, &p.seconds))
			i++;
		else if (argv[i][strspn(argv[i], "-zv")] == '\0')
			zero = zero || strchr(argv[i], 'z') != NULL;
		else
			return (bad("nc: %s: not understood", argv[i]));
	}
	if (!zero || argc - i != 2 || !host_set(&p, argv[i],
	    strlen(argv[i])) || !port_set(&p, argv[i + 1],
	    strlen(argv[i + 1])))
		return (bad("nc: not -z, an address of this container, and a "
		    "port"));
	return (ask_connect(&p) == 0 ? 0 : 1);
}
