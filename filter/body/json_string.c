/* SPDX-License-Identifier: ISC */

/*
 * Strings of JSON, decoded where they are: what an escape stands for is never
 * longer than the escape.  Invalid UTF-8, control characters, lone surrogates
 * and NUL, escaped or not, make a string invalid (RFC 8259, 7 and 8.1; RFC
 * 3629).
 */

#include "json.h"

#include <string.h>

#define ONES	0x0101010101010101ULL
#define HIGHS	0x8080808080808080ULL

static size_t	 utf8_put(char *, uint32_t);

/* Which bytes of the word are zero?  Wrong only above one that is. */
#define ZEROS(w)	(((w) - ONES) & ~(w) & HIGHS)

/* Is there any byte that needs a look: '"', '\\', control, beyond ASCII? */
static inline bool
word_special(uint64_t w)
{
	return (((w & HIGHS) | ZEROS(w ^ ONES * '"') |
	    ZEROS(w ^ ONES * '\\') | ZEROS(w & ONES * 0xe0)) != 0);
}

/* Past everything that stands for itself. */
static inline char *
skip_plain(char *s)
{
	uint64_t	 w;

	/* the NULs at the end of the buffer are special */
	for (;;) {
		memcpy(&w, s, sizeof(w));
		if (word_special(w))
			break;
		s += sizeof(w);
	}
	while ((unsigned char)*s >= 0x20 && (unsigned char)*s < 0x80 &&
	    *s != '"' && *s != '\\')
		s++;
	return (s);
}

/* Bytes of the valid sequence at s, which begins beyond ASCII; 0: none. */
static size_t
utf8_sequence(const char *text)
{
	const unsigned char	*s = (const unsigned char *)text;
	unsigned int		 low = 0x80, high = 0xbf;
	size_t			 i, n;

	n = s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 :
	    s[0] < 0xf5 ? 4 : 0;
	if (s[0] == 0xe0)
		low = 0xa0;		/* shorter in two bytes */
	else if (s[0] == 0xed)
		high = 0x9f;		/* surrogates above */
	else if (s[0] == 0xf0)
		low = 0x90;
	else if (s[0] == 0xf4)
		high = 0x8f;		/* beyond U+10FFFF */
	for (i = 1; i < n; i++) {
		if (s[i] < low || s[i] > high)
			return (0);
		low = 0x80;
		high = 0xbf;
	}
	return (n);
}

static size_t
utf8_put(char *dst, uint32_t c)
{
	if (c < 0x80) {
		dst[0] = (char)c;
		return (1);
	}
	if (c < 0x800) {
		dst[0] = (char)(0xc0 | c >> 6);
		dst[1] = (char)(0x80 | (c & 0x3f));
		return (2);
	}
	if (c < 0x10000) {
		dst[0] = (char)(0xe0 | c >> 12);
		dst[1] = (char)(0x80 | (c >> 6 & 0x3f));
		dst[2] = (char)(0x80 | (c & 0x3f));
		return (3);
	}
	dst[0] = (char)(0xf0 | c >> 18);
	dst[1] = (char)(0x80 | (c >> 12 & 0x3f));
	dst[2] = (char)(0x80 | (c >> 6 & 0x3f));
	dst[3] = (char)(0x80 | (c & 0x3f));
	return (4);
}

/* Four hexadecimal digits behind "\u" at s. */
static bool
hex4(const char *s, uint32_t *value)
{
	int	 i;
	char	 c;

	if (s[0] != '\\' || s[1] != 'u')
		return (false);
	*value = 0;
	for (i = 2; i < 6; i++) {
		c = s[i];
		if (c >= '0' && c <= '9')
			*value = *value << 4 | (uint32_t)(c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			*value = *value << 4 | (uint32_t)((c | 0x20) - 'a' +
			    10);
		else
			return (false);
	}
	return (true);
}

/* "\u0041", or a pair for one beyond U+FFFF; its bytes, 0: not valid. */
static size_t
escape_unicode(const char *s, uint32_t *value)
{
	uint32_t	 low;

	if (!hex4(s, value) || *value == 0 ||
	    (*value >= 0xdc00 && *value < 0xe000))
		return (0);
	if (*value < 0xd800 || *value >= 0xe000)
		return (6);
	if (!hex4(s + 6, &low) || low < 0xdc00 || low >= 0xe000)
		return (0);
	*value = 0x10000 + ((*value - 0xd800) << 10 | (low - 0xdc00));
	return (12);
}

/* The escape at s, which begins with a backslash; its bytes, 0: not valid. */
static size_t
escape(const char *s, uint32_t *value)
{
	static const char	 names[] = "\"\\/bfnrt";
	static const char	 values[] = "\"\\/\b\f\n\r\t";
	const char		*p;

	if (s[1] == 'u')
		return (escape_unicode(s, value));
	if (s[1] == '\0' || (p = strchr(names, s[1])) == NULL)
		return (0);
	*value = (unsigned char)values[p - names];
	return (2);
}

/* From the first escape on, copied together; the closing mark, or NULL. */
static char *
unescape(char *s, char **end, char **bad)
{
	char		*dst = s;
	uint32_t	 c;
	size_t		 n;

	while (*s != '"') {
		if (*s == '\\') {
			n = escape(s, &c);
			if (n != 0)
				dst += utf8_put(dst, c);
		} else {
			n = (unsigned char)*s < 0x20 ? 0 :
			    (unsigned char)*s < 0x80 ? 1 : utf8_sequence(s);
			memmove(dst, s, n);
			dst += n;
		}
		if (n == 0) {
			*bad = s;
			return (NULL);
		}
		s += n;
	}
	*end = dst;
	return (s);
}

char *
js_unquote(char *s, uint32_t *len, bool *plain, char **bad)
{
	char	*p = s, *end;
	size_t	 n;

	while ((unsigned char)*(p = skip_plain(p)) >= 0x80) {
		if ((n = utf8_sequence(p)) == 0)
			break;
		p += n;
	}
	end = p;
	*plain = *p == '"';
	if (*p == '\\' && (p = unescape(p, &end, bad)) == NULL)
		return (NULL);
	if (*p != '"') {
		*bad = p;
		return (NULL);
	}
	*len = (uint32_t)(end - s);
	*end = '\0';
	return (p + 1);
}
