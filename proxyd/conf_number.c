/* SPDX-License-Identifier: ISC */

/*
 * Numbers of proxyd.conf with their units, and the statements that are made
 * of them: "limit" and "timeout", for all profiles or in one.
 */

#include "../proxyd/parse.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define KB		1024ULL
#define CLIENTS_MAX	65536
#define HEAD_MIN	1024
#define HEAD_MAX	65536	/* what the filter gathers */
#define BODY_MIN	1024
#define BODY_MAX	(64 * KB * KB)
#define BYTES_MAX	(1ULL << 60)
#define SECS_MAX	(30ULL * 24 * 3600)
#define MILLI_MAX	100000000ULL
#define COUNT_MAX	(1ULL << 40)

static const struct {
	const char	*name;
	unsigned int	 own;		/* OWN_* */
	uint64_t	 min;
	size_t		 at;		/* of the member of struct limits */
} timeouts[] = {
	{ "header", OWN_HEADER_SECS, 1, offsetof(struct limits, header_secs) },
	{ "idle", OWN_IDLE_SECS, 0, offsetof(struct limits, idle_secs) },
	{ "body", OWN_BODY_SECS, 1, offsetof(struct limits, body_secs) },
	{ "answer", OWN_ANSWER_SECS, 0, offsetof(struct limits, answer_secs) }
};
#define NTIMEOUTS	(sizeof(timeouts) / sizeof(timeouts[0]))

static const char *const ulimits[] = {
	"core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue",
	"nice", "nofile", "nproc", "rss", "rtprio", "rttime", "sigpending",
	"stack", NULL
};

bool
ulimit_known(const char *name)
{
	size_t	 i;

	for (i = 0; ulimits[i] != NULL; i++)
		if (strcmp(ulimits[i], name) == 0)
			return (true);
	return (false);
}

/* Digits and a unit of units, which stand for a factor each; -1: no number. */
static int
number_parse(const char *s, const char *units, const uint64_t *factors,
    uint64_t *num)
{
	const char	*unit;
	uint64_t	 n = 0;

	if (*s < '0' || *s > '9')
		return (-1);
	for (; *s >= '0' && *s <= '9'; s++)
		if (__builtin_mul_overflow(n, 10, &n) ||
		    __builtin_add_overflow(n, (uint64_t)(*s - '0'), &n))
			n = UINT64_MAX / 10;
	if (*s != '\0') {
		if ((unit = strchr(units, *s)) == NULL || s[1] != '\0')
			return (-1);
		if (__builtin_mul_overflow(n, factors[unit - units], &n))
			n = UINT64_MAX;
	}
	*num = n;
	return (0);
}

static int
number_range(struct parse *ps, const struct word *w, const char *what,
    uint64_t min, uint64_t max, uint64_t num)
{
	if (num >= min && num <= max)
		return (0);
	parse_error(ps, w->loc, "%s %s: a number from %llu to %llu is "
	    "expected", what, shown(ps, w->s), (unsigned long long)min,
	    (unsigned long long)max);
	return (-1);
}

int
number_count(struct parse *ps, const struct word *w, const char *what,
    uint64_t min, uint64_t max, uint64_t *num)
{
	if (number_parse(w->s, "", NULL, num) == -1) {
		parse_error(ps, w->loc, "%s \"%s\": a number is expected",
		    what, shown(ps, w->s));
		return (-1);
	}
	return (number_range(ps, w, what, min, max, *num));
}

int
number_bytes(struct parse *ps, const struct word *w, const char *what,
    uint64_t min, uint64_t max, uint64_t *num)
{
	static const uint64_t	 factors[] = { KB, KB * KB, KB * KB * KB };

	if (number_parse(w->s, "KMG", factors, num) == -1) {
		parse_error(ps, w->loc, "%s \"%s\": a number of bytes is "
		    "expected, as 4096, 64K, 512M or 2G", what,
		    shown(ps, w->s));
		return (-1);
	}
	return (number_range(ps, w, what, min, max, *num));
}

int
number_secs(struct parse *ps, const struct word *w, const char *what,
    uint64_t min, uint64_t max, uint64_t *num)
{
	static const uint64_t	 factors[] = { 1, 60, 3600, 86400 };

	if (number_parse(w->s, "smhd", factors, num) == -1) {
		parse_error(ps, w->loc, "%s \"%s\": a time is expected, as "
		    "30, 30s, 5m, 1h or 2d", what, shown(ps, w->s));
		return (-1);
	}
	return (number_range(ps, w, what, min, max, *num));
}

int
number_milli(struct parse *ps, const struct word *w, const char *what,
    uint64_t *num)
{
	const char	*dot;
	uint64_t	 unit = 1000;
	size_t		 i, len = strlen(w->s);

	*num = 0;
	dot = strchr(w->s, '.');
	for (i = 0; i < len; i++) {
		if (w->s + i == dot && i > 0 && i + 1 < len)
			continue;
		if (w->s[i] < '0' || w->s[i] > '9' || *num > MILLI_MAX ||
		    unit == 1)
			break;
		if (dot != NULL && w->s + i > dot)
			unit /= 10;
		*num = *num * 10 + (uint64_t)(w->s[i] - '0');
	}
	*num *= unit;
	if (i == len && len > 0 && *num > 0 && *num <= MILLI_MAX)
		return (0);
	parse_error(ps, w->loc, "%s \"%s\": a number of processors is "
	    "expected, as 2 or 1.5", what, shown(ps, w->s));
	return (-1);
}

/* Where the number of a profile, or of all of them, goes. */
static struct limits *
limits_of(struct parse *ps, unsigned int mask)
{
	if (ps->own == NULL)
		return (&ps->conf->limits);
	ps->own->mask |= mask;
	return (&ps->own->limits);
}

static int
limit_bytes(struct parse *ps, const struct setting *s, uint64_t *num,
    uint64_t *dflt)
{
	if (number_bytes(ps, s->num, s->name->s, 1, BYTES_MAX, num) == -1)
		return (-1);
	*dflt = *num;
	return (s->dflt == NULL ? 0 : number_bytes(ps, s->dflt, s->name->s,
	    1, BYTES_MAX, dflt));
}

static int
limit_count(struct parse *ps, const struct setting *s, uint64_t min,
    uint64_t *num, uint64_t *dflt)
{
	if (number_count(ps, s->num, s->name->s, min, COUNT_MAX, num) == -1)
		return (-1);
	*dflt = *num;
	return (s->dflt == NULL ? 0 : number_count(ps, s->dflt, s->name->s,
	    min, COUNT_MAX, dflt));
}

static int
limit_milli(struct parse *ps, const struct setting *s, uint64_t *num,
    uint64_t *dflt)
{
	if (number_milli(ps, s->num, s->name->s, num) == -1)
		return (-1);
	*dflt = *num;
	return (s->dflt == NULL ? 0 : number_milli(ps, s->dflt, s->name->s,
	    dflt));
}

static void
limit_unknown(struct parse *ps, const struct word *name)
{
	parse_error(ps, name->loc, "no limit \"%s\": %s expected",
	    shown(ps, name->s), ps->own == NULL ?
	    "clients, head or body is" : "clients, head, body, memory, swap, "
	    "pids, cpus, shm or ulimit-NAME (as ulimit-nofile) is");
}

/* What a container may have at most. */
static void
limit_container(struct parse *ps, const struct setting *s)
{
	static const char	 prefix[] = "ulimit-";
	const char		*name = s->name->s;
	uint64_t		 num, dflt;
	int			 r;

	if (strcmp(name, "memory") == 0 || strcmp(name, "swap") == 0 ||
	    strcmp(name, "shm") == 0)
		r = limit_bytes(ps, s, &num, &dflt);
	else if (strcmp(name, "pids") == 0)
		r = limit_count(ps, s, 1, &num, &dflt);
	else if (strcmp(name, "cpus") == 0)
		r = limit_milli(ps, s, &num, &dflt);
	else if (strncmp(name, prefix, strlen(prefix)) == 0 &&
	    ulimit_known(name + strlen(prefix)))
		r = limit_count(ps, s, 0, &num, &dflt);
	else {
		limit_unknown(ps, s->name);
		return;
	}
	if (r == -1)
		return;
	if (dflt > num)
		parse_error(ps, s->dflt->loc, "%s: the default is more than "
		    "the limit", name);
	else
		allow_limit(ps, s->name->loc, name, num, dflt);
}

/* Only what a container may have can be given to those that do not say. */
static bool
no_default(struct parse *ps, const struct setting *s)
{
	if (s->dflt == NULL)
		return (true);
	parse_error(ps, s->dflt->loc, "%s takes no default",
	    shown(ps, s->name->s));
	return (false);
}

void
conf_limit(struct parse *ps, const struct settings *list)
{
	const struct setting	*s;
	uint64_t		 n;

	for (s = list->first; s != NULL; s = s->next) {
		if (strcmp(s->name->s, "clients") == 0) {
			if (no_default(ps, s) && number_count(ps, s->num,
			    "clients", 1, CLIENTS_MAX, &n) == 0)
				limits_of(ps, OWN_CLIENTS)->clients =
				    (uint32_t)n;
		} else if (strcmp(s->name->s, "head") == 0) {
			if (no_default(ps, s) && number_bytes(ps, s->num,
			    "head", HEAD_MIN, HEAD_MAX, &n) == 0)
				limits_of(ps, OWN_HEAD)->head = (uint32_t)n;
		} else if (strcmp(s->name->s, "body") == 0) {
			if (no_default(ps, s) && number_bytes(ps, s->num,
			    "body", BODY_MIN, BODY_MAX, &n) == 0)
				limits_of(ps, OWN_BODY)->body = (uint32_t)n;
		} else if (ps->own != NULL)
			limit_container(ps, s);
		else
			limit_unknown(ps, s->name);
	}
}

void
conf_timeout(struct parse *ps, const struct settings *list)
{
	const struct setting	*s;
	const char		*name;
	uint64_t		 n;
	size_t			 i;

	for (s = list->first; s != NULL; s = s->next) {
		name = s->name->s;
		for (i = 0; i < NTIMEOUTS; i++)
			if (strcmp(name, timeouts[i].name) == 0)
				break;
		if (i == NTIMEOUTS) {
			parse_error(ps, s->name->loc, "no timeout \"%s\": "
			    "header, idle, body or answer is expected",
			    shown(ps, name));
			continue;
		}
		if (!no_default(ps, s) || number_secs(ps, s->num, name,
		    timeouts[i].min, SECS_MAX, &n) == -1)
			continue;
		*(uint32_t *)((char *)limits_of(ps, timeouts[i].own) +
		    timeouts[i].at) = (uint32_t)n;
	}
}
