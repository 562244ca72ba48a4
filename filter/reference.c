/* SPDX-License-Identifier: ISC */

/*
 * References to images: what the engine makes of them, and the ways to write
 * the same one.  A policy is compared with each of these, so that it does not
 * matter in which of them either was written.
 */

#include "../filter/reference.h"

#include <stdio.h>
#include <string.h>

#include <bsd/string.h>

#define HUB	"docker.io/"
#define HUB_OLD	"index.docker.io/"
#define LIBRARY	"library/"

bool
name_is_id(const char *s)
{
	if (strncmp(s, "sha256:", 7) == 0)
		s += 7;
	return (s[strspn(s, "0123456789abcdef")] == '\0');
}

static int
copy(char *dst, size_t size, const char *s, size_t len)
{
	if (len >= size)
		return (-1);
	memcpy(dst, s, len);
	dst[len] = '\0';
	return (0);
}

/*
 * The first component is a domain if it could not be a path: it has a dot, a
 * colon or an upper-case letter, or is localhost.
 */
static bool
has_domain(const char *s, size_t len)
{
	const char	*slash = memchr(s, '/', len);
	size_t		 i, n;

	if (slash == NULL)
		return (false);
	n = (size_t)(slash - s);
	for (i = 0; i < n; i++)
		if (s[i] == '.' || s[i] == ':' ||
		    (s[i] >= 'A' && s[i] <= 'Z'))
			return (true);
	return (n == strlen("localhost") && memcmp(s, "localhost", n) == 0);
}

static bool
begins(const char **s, size_t *len, const char *with)
{
	size_t	 n = strlen(with);

	if (*len < n || memcmp(*s, with, n) != 0)
		return (false);
	*s += n;
	*len -= n;
	return (true);
}

/* A name with its domain. */
static int
name_put(struct reference *r, const char *s, size_t len)
{
	const char	*library = LIBRARY;

	if (len == 0)
		return (-1);
	if (!begins(&s, &len, HUB) && !begins(&s, &len, HUB_OLD) &&
	    has_domain(s, len))
		return (copy(r->name, sizeof(r->name), s, len));
	if (len == 0)
		return (-1);
	if (memchr(s, '/', len) != NULL)
		library = "";
	return ((size_t)snprintf(r->name, sizeof(r->name), "%s%s%.*s", HUB,
	    library, (int)len, s) < sizeof(r->name) ? 0 : -1);
}

int
reference_parse(struct reference *r, const char *s, size_t len)
{
	const char	*at, *slash, *colon;

	memset(r, 0, sizeof(*r));
	if ((at = memchr(s, '@', len)) != NULL) {
		if (copy(r->digest, sizeof(r->digest), at + 1,
		    len - (size_t)(at - s) - 1) == -1)
			return (-1);
		len = (size_t)(at - s);
	}
	slash = memrchr(s, '/', len);
	colon = memrchr(s, ':', len);
	if (colon != NULL && (slash == NULL || slash < colon)) {
		if (copy(r->tag, sizeof(r->tag), colon + 1,
		    len - (size_t)(colon - s) - 1) == -1)
			return (-1);
		len = (size_t)(colon - s);
	}
	return (name_put(r, s, len));
}

int
reference_retag(struct reference *r, const char *s, size_t len)
{
	if (len == 0)
		return (0);
	if (memchr(s, ':', len) == NULL)
		return (copy(r->tag, sizeof(r->tag), s, len));
	r->tag[0] = '\0';
	return (copy(r->digest, sizeof(r->digest), s, len));
}

void
reference_default(struct reference *r, const char *tag)
{
	if (r->tag[0] == '\0' && r->digest[0] == '\0')
		(void)strlcpy(r->tag, tag, sizeof(r->tag));
}

/* "caddy" for docker.io/library/caddy */
static const char *
familiar(const char *name)
{
	size_t	 n = strlen(HUB);

	if (strncmp(name, HUB, n) != 0)
		return (name);
	name += n;
	n = strlen(LIBRARY);
	if (strncmp(name, LIBRARY, n) == 0 && strchr(name + n, '/') == NULL)
		name += n;
	return (name);
}

/* Of one name: the way without what can be left out, and the way with it. */
static bool
spell_one(const struct reference *r, const char *name, bool whole, char *buf,
    size_t size)
{
	bool	 tag = r->tag[0] != '\0', digest = r->digest[0] != '\0';
	int	 n;

	if (!whole && !digest && strcmp(r->tag, "latest") != 0)
		return (false);
	if (whole && !tag)
		return (false);
	tag = tag && whole;
	n = snprintf(buf, size, "%s%s%s%s%s", name, tag ? ":" : "",
	    tag ? r->tag : "", digest ? "@" : "", r->digest);
	return (n > 0 && (size_t)n < size);
}

bool
reference_spell(const struct reference *r, unsigned int idx, char *buf,
    size_t size)
{
	const char	*names[] = { familiar(r->name), r->name };
	unsigned int	 i, seen = 0;

	for (i = 0; i < 4; i++) {
		if (i >= 2 && names[0] == names[1])
			break;
		if (spell_one(r, names[i / 2], i % 2 == 1, buf, size) &&
		    seen++ == idx)
			return (true);
	}
	return (false);
}
