/* SPDX-License-Identifier: ISC */

/*
 * How a body is refused: status, reason and field.  Every refusal of
 * filter/body goes through here, so that the word Forbidden, the hint at what
 * would allow it and the cleaning of the client's own words are in one place.
 */

#include "schema.h"

#include "../trace.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <bsd/string.h>

static size_t	 text_sequence(const char *);
static void	 judge_hint(struct judge *, const char *, const char *, char *,
		    size_t);

size_t
judge_push(struct judge *j, const char *fmt, ...)
{
	size_t	 old = j->pathlen;
	va_list	 ap;

	va_start(ap, fmt);
	(void)vsnprintf(j->path + old, sizeof(j->path) - old, fmt, ap);
	va_end(ap);
	j->pathlen += strlen(j->path + old);
	return (old);
}

/* Add to the path; what is too long is cut. */
static void
path_add(struct judge *j, const char *s, size_t len)
{
	size_t	 room = sizeof(j->path) - 1 - j->pathlen;

	if (len > room)
		len = room;
	memcpy(j->path + j->pathlen, s, len);
	j->pathlen += len;
	j->path[j->pathlen] = '\0';
}

/* ".key", or "key" at the top. */
size_t
judge_push_key(struct judge *j, const char *key)
{
	size_t	 old = j->pathlen;

	if (old != 0)
		path_add(j, ".", 1);
	path_add(j, key, strlen(key));
	return (old);
}

size_t
judge_enter(struct judge *j, const char *key)
{
	if (j->depth < sizeof(j->names) / sizeof(j->names[0]))
		j->names[j->depth] = key;
	j->depth++;
	return (judge_push_key(j, key));
}

void
judge_leave(struct judge *j, size_t old)
{
	j->depth--;
	judge_pop(j, old);
}

/* "[name]", of a map */
size_t
judge_push_entry(struct judge *j, const char *name)
{
	size_t	 old = j->pathlen;

	path_add(j, "[", 1);
	path_add(j, name, strlen(name));
	path_add(j, "]", 1);
	return (old);
}

/* "[0]", of an array */
size_t
judge_push_index(struct judge *j, size_t i)
{
	char	 text[24];
	size_t	 at = sizeof(text), old = j->pathlen;

	text[--at] = ']';
	do {
		text[--at] = (char)('0' + i % 10);
		i /= 10;
	} while (i != 0);
	text[--at] = '[';
	path_add(j, text + at, sizeof(text) - at);
	return (old);
}

void
judge_pop(struct judge *j, size_t old)
{
	j->path[old] = '\0';
	j->pathlen = old;
}

/* How many bytes the UTF-8 sequence at s has; 0: it is cut, or begins none. */
static size_t
text_sequence(const char *s)
{
	unsigned char	 c = (unsigned char)s[0];
	size_t		 i, n;

	n = c < 0x80 ? 1 : c < 0xc0 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	for (i = 1; i < n; i++)
		if (((unsigned char)s[i] & 0xc0) != 0x80)
			return (0);
	return (n);
}

/*
 * Make text that holds the client's words fit to be sent and logged: no
 * control character, and no part of a sequence that the end of some buffer
 * on the way cut in two.
 */
static void
text_close(char *s)
{
	size_t	 n;

	for (; *s != '\0'; s += n) {
		n = text_sequence(s);
		if (n == 0 || (unsigned char)*s < 0x20 || *s == 0x7f) {
			*s = '?';
			n = 1;
		}
	}
}

/* In audit what the policy refuses is told, and passes. */
static int
judge_done(struct judge *j, int status)
{
	struct body_result	*res = j->res;

	res->status = status;
	(void)strlcpy(res->field, j->path, sizeof(res->field));
	text_close(res->field);
	text_close(res->reason);
	if (status != 403)
		trace_refuse(res->field, res->reason);
	else if (trace_forbid(res->field, res->reason)) {
		res->status = 0;
		res->field[0] = res->reason[0] = '\0';
		return (0);
	}
	return (-1);
}

/* Not acceptable to anybody: "HostConfig.CapAdd must be ...". */
int
judge_bad(struct judge *j, const char *fmt, ...)
{
	char	 text[512];
	va_list	 ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	(void)snprintf(j->res->reason, sizeof(j->res->reason), "%s %s",
	    j->path[0] == '\0' ? "the body" : j->path, text);
	return (judge_done(j, 400));
}

/*
 * A string as proxyd.conf has it; -1: it does not fit.  Half of one would
 * be taken for another value.
 */
int
judge_quote(char *dst, size_t size, const char *s)
{
	size_t	 n = 0;

	dst[n++] = '"';
	for (; *s != '\0'; s++) {
		if (n + 4 > size)
			return (-1);
		if (*s == '"' || *s == '\\')
			dst[n++] = '\\';
		dst[n++] = *s;
	}
	dst[n++] = '"';
	dst[n] = '\0';
	return (0);
}

/*
 * What would allow it: the environment knows one switch, the file many.  For
 * the file it is a statement as it stands there: "proxyd -n -l" takes it.
 */
static void
judge_hint(struct judge *j, const char *word, const char *value, char *buf,
    size_t size)
{
	char	 quoted[400], field[BODY_FIELD];

	if (j->profile->fromenv) {
		(void)strlcpy(buf, "ALLOW_PRIVILEGED=1", size);
		return;
	}
	if (word != NULL && value == NULL && strcmp(word, "field") == 0) {
		field_name(j, NULL, field, sizeof(field));
		value = field;
	}
	if (word == NULL)
		(void)strlcpy(buf, "allow privileged", size);
	else if (value != NULL && strcmp(word, "publish") == 0 &&
	    strcmp(value, "*") == 0)
		(void)snprintf(buf, size, "allow %s any", word);
	else if (value == NULL ||
	    judge_quote(quoted, sizeof(quoted), value) == -1)
		(void)snprintf(buf, size, "allow %s", word);
	else
		(void)snprintf(buf, size, "allow %s %s", word, quoted);
}

/* Against the policy: the text says what is not allowed, we say what would. */
int
judge_forbid(struct judge *j, const char *word, const char *value,
    const char *fmt, ...)
{
	char	 text[512], hint[472];
	va_list	 ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	judge_hint(j, word, value, hint, sizeof(hint));
	(void)snprintf(j->res->reason, sizeof(j->res->reason),
	    "Forbidden - %s is not allowed (%s would)", text, hint);
	return (judge_done(j, 403));
}

/* Against the policy, in the caller's own words. */
int
judge_say(struct judge *j, const char *fmt, ...)
{
	char	 text[960];
	va_list	 ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	(void)snprintf(j->res->reason, sizeof(j->res->reason),
	    "Forbidden - %s", text);
	return (judge_done(j, 403));
}

int
judge_nomem(struct judge *j)
{
	(void)strlcpy(j->res->reason, "out of memory",
	    sizeof(j->res->reason));
	return (judge_done(j, 503));
}

/* The field itself takes allow privileged; 0 if that stands. */
int
judge_unprivileged(struct judge *j)
{
	if (judge_privileged(j))
		return (0);
	return (judge_forbid(j, "field", NULL, "%s", j->path));
}
