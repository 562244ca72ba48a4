/* SPDX-License-Identifier: ISC */

/*
 * JSON objects for the log, put together without printf(3), since there is
 * one for each request.  Only ASCII is written: a terminal that a line is
 * looked at on, and every reader of JSON, sees the same.
 */

#include "../parent/object.h"

#include <string.h>

#define ESCAPE_MAX	12		/* of one character: two \uXXXX */

static bool	 object_room(struct object *, const char *, size_t);
static size_t	 utf8_take(const unsigned char *, size_t, uint32_t *);
static size_t	 escape(char [ESCAPE_MAX], uint32_t);
static char	*escape_unit(char *, uint32_t);
static size_t	 text_escape(char *, size_t, const unsigned char *, size_t);

void
object_begin(struct object *o, char *buf, size_t size)
{
	o->buf = buf;
	o->size = size - 2;	/* the end and a NUL */
	o->buf[0] = '{';
	o->len = 1;
	o->cut = false;
}

/* Comma, name and colon of a member whose value takes up to max bytes. */
static bool
object_room(struct object *o, const char *name, size_t max)
{
	size_t	 len = strlen(name);

	if (o->size - o->len < len + max + 4) {
		o->cut = true;
		return (false);
	}
	if (o->len > 1)
		o->buf[o->len++] = ',';
	o->buf[o->len++] = '"';
	memcpy(o->buf + o->len, name, len);
	o->len += len;
	o->buf[o->len++] = '"';
	o->buf[o->len++] = ':';
	return (true);
}

/*
 * The character at s, and how many bytes it has, by the table of RFC 3629
 * section 4: nothing overlong, no surrogate, nothing above U+10FFFF.  What is
 * none is U+FFFD, one for each byte.
 */
static size_t
utf8_take(const unsigned char *s, size_t len, uint32_t *c)
{
	static const uint32_t	 least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t			 i, n;

	*c = s[0];
	if (s[0] < 0x80)
		return (1);
	n = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
	*c = s[0] & (0xffU >> (n + 1));
	for (i = 1; i < n && i < len && (s[i] & 0xc0) == 0x80; i++)
		*c = *c << 6 | (s[i] & 0x3f);
	if (s[0] >= 0xc0 && s[0] < 0xf8 && i == n && *c >= least[n] &&
	    *c <= 0x10ffff && (*c < 0xd800 || *c > 0xdfff))
		return (n);
	*c = 0xfffd;
	return (1);
}

static char *
escape_unit(char *p, uint32_t unit)
{
	static const char	 hex[] = "0123456789abcdef";
	int			 shift;

	*p++ = '\\';
	*p++ = 'u';
	for (shift = 12; shift >= 0; shift -= 4)
		*p++ = hex[unit >> shift & 15];
	return (p);
}

/* RFC 8259 section 7. */
static size_t
escape(char enc[ESCAPE_MAX], uint32_t c)
{
	char	*p = enc;

	if (c >= ' ' && c <= '~') {
		if (c == '"' || c == '\\')
			*p++ = '\\';
		*p++ = (char)c;
	} else if (c == '\n' || c == '\t') {
		*p++ = '\\';
		*p++ = c == '\n' ? 'n' : 't';
	} else if (c <= 0xffff)
		p = escape_unit(p, c);
	else {
		c -= 0x10000;
		p = escape_unit(p, 0xd800 | c >> 10);
		p = escape_unit(p, 0xdc00 | (c & 0x3ff));
	}
	return ((size_t)(p - enc));
}

/* As much as fits into max bytes, and dots if that is not all. */
static size_t
text_escape(char *dst, size_t max, const unsigned char *s, size_t len)
{
	char		 enc[ESCAPE_MAX];
	uint32_t	 c;
	size_t		 i, n, pos = 0, cut = 0;

	for (i = 0; i < len;) {
		if (s[i] >= ' ' && s[i] <= '~' && s[i] != '"' &&
		    s[i] != '\\' && pos + 3 < max) {
			dst[pos++] = (char)s[i++];
			cut = pos;
			continue;
		}
		i += utf8_take(s + i, len - i, &c);
		n = escape(enc, c);
		if (pos + n > max) {
			pos = max - cut < 3 ? max : cut + 3;
			memset(dst + cut, '.', pos - cut);
			break;
		}
		memcpy(dst + pos, enc, n);
		pos += n;
		/* The last place between two characters with room for dots. */
		if (pos + 3 <= max)
			cut = pos;
	}
	return (pos);
}

void
object_text(struct object *o, const char *name, const char *text, size_t len,
    size_t max)
{
	/* Most are shorter, and a text grows sixfold at most. */
	if (len <= max / 6)
		max = len * 6;
	if (!object_room(o, name, max + 2))
		return;
	o->buf[o->len++] = '"';
	o->len += text_escape(o->buf + o->len, max,
	    (const unsigned char *)text, len);
	o->buf[o->len++] = '"';
}

void
object_number(struct object *o, const char *name, uint64_t n)
{
	char	 digits[20];
	size_t	 at = sizeof(digits), len;

	do {
		digits[--at] = (char)('0' + n % 10);
		n /= 10;
	} while (n != 0);
	len = sizeof(digits) - at;
	if (!object_room(o, name, len))
		return;
	memcpy(o->buf + o->len, digits + at, len);
	o->len += len;
}

size_t
object_end(struct object *o)
{
	o->buf[o->len++] = '}';
	o->buf[o->len] = '\0';
	return (o->len);
}
