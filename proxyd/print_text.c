/* SPDX-License-Identifier: ISC */

/*
 * The pieces that proxyd.conf text is made of: words, quoted strings,
 * numbers with a unit, lists, and the comment at the end of a line.  Lists
 * are collected first, so that one knows where a line must be broken.
 */

#include "../proxyd/print.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/stdlib.h>

#define COMMENT_COL	48	/* where trailing comments stand */
#define LINE_COL	58	/* where a list is broken */
#define TAB		8

static size_t
text_col(const char *s, size_t col)
{
	for (; *s != '\0'; s++)
		col = *s == '\t' ? col + TAB - col % TAB : col + 1;
	return (col);
}

static void
out_put(struct out *o, const char *s)
{
	fputs(s, o->f);
	o->col = text_col(s, o->col);
}

void
out_text(struct out *o, const char *fmt, ...)
{
	va_list	 ap;
	char	*s;
	int	 n;

	va_start(ap, fmt);
	n = vasprintf(&s, fmt, ap);
	va_end(ap);
	if (n == -1) {
		o->failed = true;
		return;
	}
	out_put(o, s);
	free(s);
}

char *
out_quoted(struct out *o, const char *s)
{
	char	*buf, *p;

	if ((p = buf = reallocarray(NULL, strlen(s) + 2, 2)) == NULL) {
		o->failed = true;
		return (NULL);
	}
	*p++ = '"';
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			*p++ = '\\';
		*p++ = *s;
	}
	*p++ = '"';
	*p = '\0';
	return (buf);
}

void
out_string(struct out *o, const char *s)
{
	char	*quoted;

	if ((quoted = out_quoted(o, s)) != NULL)
		out_put(o, quoted);
	free(quoted);
}

/* A file may be named as it likes; its comment stays on one line. */
static void
comment_put(FILE *f, const char *s)
{
	fputs("# ", f);
	for (; *s != '\0'; s++)
		fputc(iscntrl((unsigned char)*s) ? '?' : *s, f);
}

void
out_end(struct out *o, const char *comment)
{
	if (comment != NULL) {
		if (o->col >= COMMENT_COL)
			fputc(' ', o->f);
		while (o->col < COMMENT_COL)
			out_put(o, "\t");
		comment_put(o->f, comment);
	}
	fputc('\n', o->f);
	o->col = 0;
}

static void
item_take(struct out *o, char *s)
{
	char	**list;

	list = reallocarray(o->item, o->nitems + 1, sizeof(*list));
	if (list == NULL) {
		o->failed = true;
		free(s);
		return;
	}
	o->item = list;
	o->item[o->nitems++] = s;
}

void
item_add(struct out *o, const char *fmt, ...)
{
	va_list	 ap;
	char	*s;
	int	 n;

	va_start(ap, fmt);
	n = vasprintf(&s, fmt, ap);
	va_end(ap);
	if (n == -1)
		o->failed = true;
	else
		item_take(o, s);
}

void
item_string(struct out *o, const char *prefix, const char *s)
{
	char	*quoted;

	if ((quoted = out_quoted(o, s)) != NULL)
		item_add(o, "%s%s", prefix, quoted);
	free(quoted);
}

static void
out_break(struct out *o)
{
	fputs("\\\n", o->f);
	o->col = 0;
	out_put(o, o->indent);
}

static void
items_free(struct out *o)
{
	while (o->nitems > 0)
		free(o->item[--o->nitems]);
	free(o->item);
	o->item = NULL;
}

/* Does it all fit, or at least its beginning where it is a list? */
static bool
head_fits(const struct out *o, const char *head)
{
	size_t	 i, len = strlen(head) + 4;

	for (i = 0; i < o->nitems && i < 2; i++)
		len += strlen(o->item[i]);
	return (o->col + len <= LINE_COL);
}

void
out_list(struct out *o, const char *head)
{
	size_t	 i;

	if (*head == ' ' && !head_fits(o, head)) {
		out_put(o, " ");
		out_break(o);
		head++;
	}
	out_put(o, head);
	if (o->nitems != 1)
		out_put(o, "{ ");
	for (i = 0; i < o->nitems; i++) {
		if (o->nitems != 1 &&
		    o->col + strlen(o->item[i]) + 2 > LINE_COL)
			out_break(o);
		out_put(o, o->item[i]);
		if (o->nitems != 1)
			out_put(o, i + 1 < o->nitems ? ", " : " ");
	}
	if (o->nitems != 1)
		out_put(o, "}");
	items_free(o);
}

bool
word_bare(const char *s)
{
	const char	*p;

	if (!isalpha((unsigned char)*s) && *s != '_')
		return (false);
	for (p = s; *p != '\0'; p++)
		if (!isalnum((unsigned char)*p) &&
		    strchr("_/.-:*", *p) == NULL)
			return (false);
	return (true);
}

struct unit {
	uint64_t	 size;
	const char	*name;
};

/* In the largest of the units that leaves nothing over. */
static void
number_unit(char *buf, size_t len, uint64_t n, const struct unit *unit)
{
	while (unit->size != 1 && (n == 0 || n % unit->size != 0))
		unit++;
	snprintf(buf, len, "%" PRIu64 "%s", n / unit->size, unit->name);
}

void
print_bytes(char *buf, size_t len, uint64_t n)
{
	static const struct unit	 units[] = {
		{ 1U << 30, "G" }, { 1U << 20, "M" }, { 1U << 10, "K" },
		{ 1, "" }
	};

	number_unit(buf, len, n, units);
}

void
print_time(char *buf, size_t len, uint64_t n)
{
	static const struct unit	 units[] = {
		{ 86400, "d" }, { 3600, "h" }, { 60, "m" }, { 1, "" }
	};

	number_unit(buf, len, n, units);
}

void
print_milli(char *buf, size_t len, uint64_t n)
{
	int	 end;

	end = snprintf(buf, len, "%" PRIu64 ".%03u", n / 1000,
	    (unsigned int)(n % 1000));
	if (end <= 0 || (size_t)end >= len)
		return;
	while (buf[end - 1] == '0')
		buf[--end] = '\0';
	if (buf[end - 1] == '.')
		buf[end - 1] = '\0';
}
