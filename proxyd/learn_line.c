/* SPDX-License-Identifier: ISC */

/*
 * One line of the log, taken apart, be it text or JSON (learn_object.c).
 * What stands before the client is not looked at but for a time: syslog,
 * journal and container engines each put something else there.  From the
 * client on, every field is checked, and the first place where a line could
 * begin is the only one that is tried: what follows holds text that the
 * client chose.
 */

#include "../proxyd/learn.h"

#include <ctype.h>
#include <string.h>

#include <bsd/string.h>

#define API_PREFIX	"/v1."

/* Text of which words are taken off. */
struct cursor {
	const char	*p;
	const char	*end;
};

struct word {
	const char	*s;
	size_t		 len;
};

static int	 path_read(const struct word *, struct learn_line *);

static bool
word_is(const struct word *w, const char *s)
{
	return (strlen(s) == w->len && memcmp(w->s, s, w->len) == 0);
}

/* Up to the next blank, which is skipped; nothing may be left of it. */
static struct word
word_next(struct cursor *c)
{
	struct word	 w = { c->p, 0 };

	while (c->p < c->end && *c->p != ' ')
		c->p++;
	w.len = (size_t)(c->p - w.s);
	if (c->p < c->end)
		c->p++;
	return (w);
}

/* Length of the leading bytes out of a set. */
static size_t
span(const struct word *w, size_t at, const char *set)
{
	size_t	 i;

	for (i = at; i < w->len && w->s[i] != '\0' &&
	    strchr(set, w->s[i]) != NULL; i++)
		;
	return (i - at);
}

static bool
number_from(const struct word *w, size_t at)
{
	return (at < w->len && span(w, at, "0123456789") == w->len - at);
}

static void
who_set(struct learn_line *l, const char *s, size_t len)
{
	if (len >= sizeof(l->who))
		len = sizeof(l->who) - 1;
	memcpy(l->who, s, len);
	l->who[len] = '\0';
}

/* "10.0.0.1:5555", "[::1]:5", "uid=1000,pid=77" or "unix". */
static bool
client_read(const struct word *w, struct learn_line *l)
{
	size_t	 n;

	if (word_is(w, "unix")) {
		who_set(l, w->s, w->len);
		return (true);
	}
	if (w->len > 4 && memcmp(w->s, "uid=", 4) == 0) {
		n = 4 + span(w, 4, "0123456789");
		who_set(l, w->s, n);
		return (n > 4 && w->len - n > 5 &&
		    memcmp(w->s + n, ",pid=", 5) == 0 &&
		    number_from(w, n + 5));
	}
	if (w->len > 1 && w->s[0] == '[') {
		n = 1 + span(w, 1, "0123456789abcdef:.");
		who_set(l, w->s + 1, n - 1);
		return (n > 1 && w->len - n > 2 &&
		    memcmp(w->s + n, "]:", 2) == 0 && number_from(w, n + 2));
	}
	n = span(w, 0, "0123456789.");
	who_set(l, w->s, n);
	return (n > 6 && n < w->len && w->s[n] == ':' &&
	    number_from(w, n + 1));
}

bool
learn_client(const char *s, size_t len, struct learn_line *l)
{
	const struct word	 w = { s, len };

	return (client_read(&w, l));
}

bool
learn_op(const char *s, size_t len, struct learn_line *l)
{
	char	 name[64];

	l->op = -1;
	if (len == 0 || len >= sizeof(name))
		return (false);
	memcpy(name, s, len);
	name[len] = '\0';
	l->op = endpoint_byname(name);
	return (l->op != -1);
}

static bool
op_read(const struct word *w, struct learn_line *l)
{
	l->op = -1;
	return (word_is(w, "-") || learn_op(w->s, w->len, l));
}

bool
learn_method(const char *s, size_t len, struct learn_line *l)
{
	const struct word	 w = { s, len };

	l->method = method_parse(s, len);
	return (l->method != METHOD_OTHER ||
	    word_is(&w, method_name(METHOD_OTHER)));
}

/* "client operation METHOD" */
static bool
head_read(struct cursor *c, struct learn_line *l)
{
	struct word	 w;

	w = word_next(c);
	if (!client_read(&w, l))
		return (false);
	w = word_next(c);
	if (!op_read(&w, l))
		return (false);
	w = word_next(c);
	return (learn_method(w.s, w.len, l));
}

/*
 * Another program's line is not ours, even if it repeats one: behind a
 * "name:" the last one has to be proxyd's.
 */
static bool
tag_ok(const char *line, const char *at)
{
	struct cursor	 c = { line, at };
	struct word	 w = { line, 0 };
	bool		 tagged = false;

	while (c.p < c.end) {
		w = word_next(&c);
		tagged = tagged || (w.len > 0 && w.s[w.len - 1] == ':');
	}
	return (!tagged || (w.len > 6 && memcmp(w.s, "proxyd", 6) == 0 &&
	    w.s[w.len - 1] == ':'));
}

/* Where in the word "01:02:03" stands, or -1. */
static ssize_t
clock_at(const struct word *w)
{
	static const char	 form[] = "00:00:00";
	size_t			 i, n;

	for (i = 0; i + 8 <= w->len; i++) {
		for (n = 0; n < 8; n++)
			if (form[n] == ':' ? w->s[i + n] != ':' :
			    !isdigit((unsigned char)w->s[i + n]))
				break;
		if (n == 8)
			return ((ssize_t)i);
	}
	return (-1);
}

/* The first time before the client, with "Nov 22" if that is before it. */
static void
when_read(const char *line, const char *at, struct learn_line *l)
{
	struct cursor	 c = { line, at };
	struct word	 w, last = { line, 0 }, before = last;
	const char	*from;
	ssize_t		 n;
	size_t		 len;

	l->when[0] = '\0';
	while (c.p < c.end) {
		w = word_next(&c);
		if (w.len == 0)
			continue;
		if ((n = clock_at(&w)) == -1) {
			before = last;
			last = w;
			continue;
		}
		from = n == 0 && before.len == 3 ? before.s : w.s;
		len = (size_t)(w.s + w.len - from);
		if (len < sizeof(l->when) && log_printable(from, len)) {
			memcpy(l->when, from, len);
			l->when[len] = '\0';
		}
		return;
	}
}

/* Undo log_vis(); the length, or -1 if it did not make this. */
static ssize_t
unvis(const char *s, size_t len, char *dst, size_t size)
{
	static const char	 from[] = "abtnvfr\\";
	static const char	 to[] = "\a\b\t\n\v\f\r\\";
	const char		*p;
	size_t			 i, n = 0;

	for (i = 0; i < len; i++, n++) {
		if (n + 1 >= size || s[i] < ' ' || s[i] > '~')
			return (-1);
		dst[n] = s[i];
		if (s[i] != '\\')
			continue;
		if (++i == len)
			return (-1);
		if ((p = strchr(from, s[i])) != NULL && s[i] != '\0')
			dst[n] = to[p - from];
		else if (i + 2 < len && s[i] >= '0' && s[i] <= '3' &&
		    s[i + 1] >= '0' && s[i + 1] <= '7' &&
		    s[i + 2] >= '0' && s[i + 2] <= '7') {
			dst[n] = (char)((s[i] - '0') << 6 |
			    (s[i + 1] - '0') << 3 | (s[i + 2] - '0'));
			i += 2;
		} else
			return (-1);
	}
	dst[n] = '\0';
	return ((ssize_t)n);
}

static int
hex(char c)
{
	static const char	 digits[] = "0123456789abcdef";
	const char		*p;

	c = (char)tolower((unsigned char)c);
	p = c == '\0' ? NULL : strchr(digits, c);
	return (p == NULL ? -1 : (int)(p - digits));
}

/* In place, once, as the filter did (path.c). */
static int
percent_decode(char *s)
{
	char	*d = s;

	for (; *s != '\0'; s++) {
		if (*s != '%') {
			*d++ = *s;
			continue;
		}
		if (hex(s[1]) == -1 || hex(s[2]) == -1)
			return (-1);
		*d = (char)(hex(s[1]) << 4 | hex(s[2]));
		if (*d++ == '\0')
			return (-1);
		s += 2;
	}
	*d = '\0';
	return (0);
}

/* Take off "/v1.45", or "/v4.3.1" before podman's own. */
static void
version_strip(char *path)
{
	size_t	 n = sizeof(API_PREFIX) - 1, digits;
	char	*own;

	own = strstr(path, "/libpod/");
	if (own != NULL && path[1] == 'v' && own == path + 2 +
	    strspn(path + 2, "0123456789.")) {
		memmove(path, own, strlen(own) + 1);
		return;
	}
	if (strncmp(path, API_PREFIX, n) != 0)
		return;
	digits = strspn(path + n, "0123456789");
	if (digits != 0 && path[n + digits] == '/')
		memmove(path, path + n + digits,
		    strlen(path + n + digits) + 1);
}

/*
 * The path has to lead to the operation that the line names, unless its end
 * was cut off.  One that leads nowhere is only shown.
 */
int
learn_path(struct learn_line *l, size_t n)
{
	struct ep_match	 m;

	l->cut = n > 192 && strcmp(l->path + n - 3, "...") == 0;
	if (l->op == -1 || l->cut)
		return (0);
	if (percent_decode(l->path) == -1 || strpbrk(l->path, "?%") != NULL)
		return (-1);	/* as no rule may, cf. path_possible() */
	version_strip(l->path);
	return (endpoint_match(l->method, l->path, strlen(l->path), &m) ==
	    l->op ? 0 : -1);
}

static int
path_read(const struct word *w, struct learn_line *l)
{
	ssize_t		 n;

	if (w->len >= sizeof(l->shown))
		return (-1);
	memcpy(l->shown, w->s, w->len);
	l->shown[w->len] = '\0';
	n = unvis(w->s, w->len, l->path, sizeof(l->path));
	return (n == -1 ? -1 : learn_path(l, (size_t)n));
}

/* "id 9f3c61d20b7a-1f rule", or "rule" as before there were ids. */
static bool
rule_word(struct cursor *c)
{
	struct word	 w = word_next(c);

	if (word_is(&w, "id")) {
		w = word_next(c);
		if (w.len == 0 ||
		    span(&w, 0, "0123456789abcdef-") != w.len)
			return (false);
		w = word_next(c);
	}
	return (word_is(&w, "rule"));
}

/*
 * "rule ORIGIN: reason", in which the reason is what counts.  An origin is
 * the name of a file, or what an operator calls a rule: were there a ": " in
 * it, "Forbidden" still tells where the reason begins.
 */
static int
reason_read(struct cursor *c, struct learn_line *l)
{
	static const char	 forbidden[] = ": Forbidden - ";
	const char		*p;
	size_t			 n = sizeof(forbidden) - 1;

	if (!rule_word(c))
		return (-1);
	p = memmem(c->p, (size_t)(c->end - c->p), forbidden, n);
	if (p == NULL) {
		n = 2;
		p = memmem(c->p, (size_t)(c->end - c->p), ": ", n);
	}
	if (p == NULL || p == c->p)
		return (-1);
	c->p = p + n;
	return (unvis(c->p, (size_t)(c->end - c->p), l->reason,
	    sizeof(l->reason)) == -1 ? -1 : 0);
}

/* "1042B 3.1ms id ID rule ORIGIN" behind the status of what passed. */
static bool
passed_read(struct cursor c)
{
	struct word	 w = word_next(&c);
	size_t		 n;

	n = span(&w, 0, "0123456789");
	if (n == 0 || w.len != n + 1 || w.s[n] != 'B')
		return (false);
	w = word_next(&c);
	n = span(&w, 0, "0123456789.");
	if (n == 0 || w.len != n + 2 || memcmp(w.s + n, "ms", 2) != 0)
		return (false);
	return (rule_word(&c) && c.p < c.end);
}

/* What follows the path. */
static int
verdict_read(struct cursor *c, struct learn_line *l)
{
	struct word	 w = word_next(c);

	l->reason[0] = '\0';
	l->status = 0;
	if (word_is(&w, "audit")) {
		l->kind = LEARN_AUDITED;
		return (reason_read(c, l));
	}
	if (w.len != 3 || !number_from(&w, 0))
		return (-1);
	l->status = (w.s[0] - '0') * 100 + (w.s[1] - '0') * 10 +
	    (w.s[2] - '0');
	if (passed_read(*c)) {
		l->kind = LEARN_PASSED;
		return (0);
	}
	l->kind = LEARN_REFUSED;
	return (reason_read(c, l));
}

int
learn_line(const char *line, size_t len, struct learn_line *l)
{
	struct cursor	 c = { line, line + len }, try;
	struct word	 w;
	const char	*at;

	for (;;) {
		if (c.p >= c.end)
			return (-1);
		at = c.p;
		try = c;
		/* Before a client, nobody but us has put one there. */
		if (*at == '{')
			return (tag_ok(line, at) ? learn_object(at,
			    (size_t)(c.end - at), l) : -1);
		if (head_read(&try, l))
			break;
		(void)word_next(&c);
	}
	if (!tag_ok(line, at))
		return (-1);
	when_read(line, at, l);
	w = word_next(&try);
	if (path_read(&w, l) == -1)
		return (-1);
	return (verdict_read(&try, l));
}
