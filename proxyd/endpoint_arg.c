/* SPDX-License-Identifier: ISC */

/*
 * The grammars of path arguments, narrower than the engine's where that costs
 * no client anything: a name has no slash, no control byte and no meaning of
 * its own ("container:x" is a legal network name for moby).  Both processes
 * ask here, the filter to answer 400, the parent to distrust the filter.
 * References follow distribution/reference/regexp.go.
 */

#include "../proxyd/endpoint.h"

#include <string.h>

#define WORD_MAX	512	/* bytes of a name; moby has no limit */
#define EXEC_ID_LEN	64
#define REF_NAME_MAX	255	/* of a reference, without tag and digest */
#define REF_TAG_MAX	128
#define REF_HEX_MIN	32	/* digits of a digest */
#define REF_HEX_MAX	128

static bool
is_lower(char c)
{
	return ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'));
}

static bool
is_alnum(char c)
{
	return (is_lower(c) || (c >= 'A' && c <= 'Z'));
}

static bool
is_xdigit(char c)
{
	return ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
	    (c >= 'A' && c <= 'F'));
}

/* [a-zA-Z0-9][a-zA-Z0-9_.-]*, the first byte also out of more. */
static bool
word_ok(const char *s, size_t len, const char *more)
{
	size_t	 i;

	if (len == 0 || len > WORD_MAX || s[0] == '\0')
		return (false);
	if (!is_alnum(s[0]) && strchr(more, s[0]) == NULL)
		return (false);
	for (i = 1; i < len; i++)
		if (!is_alnum(s[i]) && s[i] != '_' && s[i] != '.' &&
		    s[i] != '-')
			return (false);
	return (true);
}

static bool
exec_ok(const char *s, size_t len)
{
	size_t	 i;

	if (len != EXEC_ID_LEN)
		return (false);
	for (i = 0; i < len; i++)
		if (!is_xdigit(s[i]) || (s[i] >= 'A' && s[i] <= 'F'))
			return (false);
	return (true);
}

static bool
tag_ok(const char *s, size_t len)
{
	return (len <= REF_TAG_MAX && word_ok(s, len, "_"));
}

/* algorithm ":" hex; the algorithm may be a compound, "sha256+b64". */
static bool
digest_ok(const char *s, size_t len)
{
	const char	*colon;
	size_t		 i, hex;

	if ((colon = memchr(s, ':', len)) == NULL || colon == s)
		return (false);
	for (i = 0; s + i < colon; i++)
		if (!is_alnum(s[i]) && (i == 0 || s[i] == '\0' ||
		    strchr("+._-", s[i]) == NULL))
			return (false);
	hex = len - i - 1;
	if (hex < REF_HEX_MIN || hex > REF_HEX_MAX)
		return (false);
	for (i++; i < len; i++)
		if (!is_xdigit(s[i]))
			return (false);
	return (true);
}

/* [a-z0-9]+ joined by ".", "_", "__" or any number of "-". */
static bool
component_ok(const char *s, size_t len)
{
	size_t	 i = 0, start;

	if (len == 0 || !is_lower(s[0]) || !is_lower(s[len - 1]))
		return (false);
	while (i < len) {
		if (is_lower(s[i])) {
			i++;
			continue;
		}
		start = i;
		if (s[i] == '-')
			while (s[i] == '-')
				i++;
		else if (s[i] == '_' || s[i] == '.')
			i += s[i] == '_' && s[i + 1] == '_' ? 2 : 1;
		if (i == start || !is_lower(s[i]))
			return (false);
	}
	return (true);
}

/* Labels of letters, digits and inner "-", joined by "."; returns its end. */
static size_t
host_len(const char *s, size_t len)
{
	size_t	 i;
	char	 prev = '.';

	for (i = 0; i < len && s[i] != ':'; i++) {
		if (s[i] == '.' ? !is_alnum(prev) :
		    s[i] == '-' ? prev == '.' : !is_alnum(s[i]))
			return (0);
		prev = s[i];
	}
	return (is_alnum(prev) ? i : 0);
}

/* "[" IPv6 "]"; returns its end. */
static size_t
bracket_len(const char *s, size_t len)
{
	size_t	 i;

	for (i = 1; i < len && (is_xdigit(s[i]) || s[i] == ':'); i++)
		;
	return (i > 1 && i < len && s[i] == ']' ? i + 1 : 0);
}

/* A host name or address, with or without ":port". */
static bool
domain_ok(const char *s, size_t len)
{
	size_t	 i, port;

	if (len == 0)
		return (false);
	i = s[0] == '[' ? bracket_len(s, len) : host_len(s, len);
	if (i == 0)
		return (false);
	if (i == len)
		return (true);
	if (s[i] != ':')
		return (false);
	for (port = ++i; i < len; i++)
		if (s[i] < '0' || s[i] > '9')
			return (false);
	return (i > port);
}

/* splitDockerDomain(): is a first component a host or part of the path? */
static bool
domain_like(const char *s, size_t len)
{
	size_t	 i;

	if (len == strlen("localhost") && memcmp(s, "localhost", len) == 0)
		return (true);
	for (i = 0; i < len; i++)
		if (s[i] == '.' || s[i] == ':' || (s[i] >= 'A' && s[i] <= 'Z'))
			return (true);
	return (false);
}

static bool
name_ok(const char *s, size_t len)
{
	const char	*slash;
	size_t		 n;

	if (len == 0 || len > REF_NAME_MAX)
		return (false);
	slash = memchr(s, '/', len);
	if (slash != NULL && domain_like(s, (size_t)(slash - s))) {
		n = (size_t)(slash - s);
		if (!domain_ok(s, n))
			return (false);
		s += n + 1;
		len -= n + 1;
	}
	for (;;) {
		slash = memchr(s, '/', len);
		n = slash != NULL ? (size_t)(slash - s) : len;
		if (!component_ok(s, n))
			return (false);
		if (slash == NULL)
			return (true);
		s += n + 1;
		len -= n + 1;
	}
}

/* name [":" tag] ["@" digest]; an image ID and its prefix are names, too. */
static bool
reference_ok(const char *s, size_t len)
{
	const char	*p;
	size_t		 n;

	if ((p = memchr(s, '@', len)) != NULL) {
		n = (size_t)(p - s);
		if (!digest_ok(p + 1, len - n - 1))
			return (false);
		len = n;
	}
	for (n = len; n > 0 && s[n - 1] != '/' && s[n - 1] != ':'; n--)
		;
	if (n > 0 && s[n - 1] == ':') {
		if (!tag_ok(s + n, len - n))
			return (false);
		len = n - 1;
	}
	return (name_ok(s, len));
}

static bool
text_ok(const char *s, size_t len)
{
	size_t	 i;

	for (i = 0; i < len; i++)
		if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f)
			return (false);
	return (len > 0);
}

bool
endpoint_arg_ok(enum ep_arg kind, const char *s, size_t len)
{
	switch (kind) {
	case ARG_NONE:
		return (len == 0);
	case ARG_CONTAINER:
	case ARG_VOLUME:
	case ARG_ID:
	case ARG_WORD:
		return (word_ok(s, len, ""));
	case ARG_NETWORK:
		return (word_ok(s, len, "_"));
	case ARG_EXEC:
		return (exec_ok(s, len));
	case ARG_IMAGE:
	case ARG_PLUGIN:
		return (reference_ok(s, len));
	case ARG_ANY:
		return (text_ok(s, len));
	}
	return (false);
}

bool
endpoint_text_ok(const char *text, size_t len, bool eightbit)
{
	unsigned char	 c;
	size_t		 i;

	for (i = 0; i < len; i++) {
		c = (unsigned char)text[i];
		if (c < 0x20 || c == 0x7f || (c >= 0x80 && !eightbit))
			return (false);
	}
	return (true);
}
