/* SPDX-License-Identifier: ISC */

/*
 * A tree as compact text: no white space, members in their order, escapes
 * where RFC 8259 (7) demands them and nowhere else.  A string that came
 * without an escape goes out without a look at it.
 */

#include "json.h"

#include <stdlib.h>
#include <string.h>

#define OUT_MIN		64
#define ESCAPE_MAX	6	/* "\u001F" */
#define INT_MAX_TEXT	20	/* of 64 bits, with its sign */

struct out {
	char	*buf;
	size_t	 len;
	size_t	 size;
};

static bool	 print_value(struct out *, const struct js *);

static bool
out_grow(struct out *o, size_t n)
{
	size_t	 size = o->size;
	char	*buf;

	while (n > size - o->len) {
		if (size > SIZE_MAX / 2)
			return (false);
		size *= 2;
	}
	if ((buf = realloc(o->buf, size)) == NULL)
		return (false);
	o->buf = buf;
	o->size = size;
	return (true);
}

/* Room for n bytes more. */
static inline bool
out_room(struct out *o, size_t n)
{
	return (n <= o->size - o->len || out_grow(o, n));
}

static inline bool
out_text(struct out *o, const char *s, size_t n)
{
	if (!out_room(o, n))
		return (false);
	memcpy(o->buf + o->len, s, n);
	o->len += n;
	return (true);
}

static inline bool
out_char(struct out *o, char c)
{
	if (!out_room(o, 1))
		return (false);
	o->buf[o->len++] = c;
	return (true);
}

/* One byte of a string; what it takes is at most ESCAPE_MAX. */
static size_t
escape_put(char *dst, char c)
{
	static const char	 hex[] = "0123456789ABCDEF";
	static const char	 values[] = "\"\\\b\f\n\r\t";
	static const char	 names[] = "\"\\bfnrt";
	const char		*p;

	if ((unsigned char)c >= 0x20 && c != '"' && c != '\\') {
		dst[0] = c;
		return (1);
	}
	dst[0] = '\\';
	if (c != '\0' && (p = strchr(values, c)) != NULL) {
		dst[1] = names[p - values];
		return (2);
	}
	memcpy(dst + 1, "u00", 3);
	dst[4] = hex[(unsigned char)c >> 4];
	dst[5] = hex[c & 0x0f];
	return (ESCAPE_MAX);
}

static bool
print_text(struct out *o, const char *s, size_t n, bool plain)
{
	size_t	 i;

	if (n > (SIZE_MAX - 2) / ESCAPE_MAX ||
	    !out_room(o, 2 + (plain ? n : n * ESCAPE_MAX)))
		return (false);
	o->buf[o->len++] = '"';
	if (plain) {
		memcpy(o->buf + o->len, s, n);
		o->len += n;
	} else
		for (i = 0; i < n; i++)
			o->len += escape_put(o->buf + o->len, s[i]);
	o->buf[o->len++] = '"';
	return (true);
}

static bool
print_int(struct out *o, int64_t num)
{
	char		 text[INT_MAX_TEXT];
	size_t		 at = sizeof(text);
	uint64_t	 n = num < 0 ? 0 - (uint64_t)num : (uint64_t)num;

	do {
		text[--at] = (char)('0' + n % 10);
		n /= 10;
	} while (n != 0);
	if (num < 0)
		text[--at] = '-';
	return (out_text(o, text + at, sizeof(text) - at));
}

static bool
print_members(struct out *o, const struct js *v, bool keys)
{
	const struct js	*m;

	JS_FOREACH(m, v) {
		if (m != v->first && !out_char(o, ','))
			return (false);
		if (keys && (!print_text(o, m->key, m->keylen, m->keyplain) ||
		    !out_char(o, ':')))
			return (false);
		if (!print_value(o, m))
			return (false);
	}
	return (true);
}

static bool
print_value(struct out *o, const struct js *v)
{
	switch (v->type) {
	case JS_NULL:
		return (out_text(o, "null", 4));
	case JS_FALSE:
		return (out_text(o, "false", 5));
	case JS_TRUE:
		return (out_text(o, "true", 4));
	case JS_INT:
		return (print_int(o, v->num));
	case JS_REAL:
		return (out_text(o, v->text, v->len));
	case JS_STRING:
		return (print_text(o, v->text, v->len, v->plain));
	case JS_ARRAY:
		return (out_char(o, '[') && print_members(o, v, false) &&
		    out_char(o, ']'));
	case JS_OBJECT:
		return (out_char(o, '{') && print_members(o, v, true) &&
		    out_char(o, '}'));
	}
	return (false);
}

char *
js_print(const struct js *v, size_t hint, size_t *len)
{
	struct out	 o = { .size = hint < OUT_MIN ? OUT_MIN : hint };

	if ((o.buf = malloc(o.size)) == NULL)
		return (NULL);
	if (!print_value(&o, v) || !out_char(&o, '\0')) {
		free(o.buf);
		return (NULL);
	}
	*len = o.len - 1;
	return (o.buf);
}
