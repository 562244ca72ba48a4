/* SPDX-License-Identifier: ISC */

/*
 * The records of a pax header, "25 path=a/long/name...\n" each (POSIX.1-2001,
 * pax(1), "pax Extended Header").  A closed list of keys: what changes where
 * an entry goes, or how long it is, is taken, what no engine reads is let be,
 * and every other key is a fault, GNU's sparse files among them.
 */

#include "../filter/tar.h"

#include <stdio.h>
#include <string.h>

#include <bsd/string.h>

#define XATTR		"SCHILY.xattr."

enum key {
	KEY_NONE,
	KEY_PATH,
	KEY_LINKPATH,
	KEY_SIZE,
	KEY_XATTR,
	KEY_OTHER
};

/* A key, or with a dot at its end all keys that begin so. */
static const struct {
	const char	*name;
	enum key	 key;
} keys[] = {
	{ "path", KEY_PATH },
	{ "linkpath", KEY_LINKPATH },
	{ "size", KEY_SIZE },
	{ XATTR, KEY_XATTR },
	{ "uid", KEY_OTHER },
	{ "gid", KEY_OTHER },
	{ "uname", KEY_OTHER },
	{ "gname", KEY_OTHER },
	{ "mtime", KEY_OTHER },
	{ "atime", KEY_OTHER },
	{ "ctime", KEY_OTHER },
	{ "comment", KEY_OTHER },
	{ "charset", KEY_OTHER },
	{ "hdrcharset", KEY_OTHER },
	{ "SCHILY.acl.", KEY_OTHER },
	{ "SCHILY.dev", KEY_OTHER },
	{ "SCHILY.fflags", KEY_OTHER },
	{ "SCHILY.ino", KEY_OTHER },
	{ "SCHILY.nlink", KEY_OTHER },
	{ "LIBARCHIVE.", KEY_OTHER },
	{ "MSWINDOWS.", KEY_OTHER },
	{ "RHT.security.", KEY_OTHER },
};

struct record {
	const char	*key;		/* ends in NUL */
	size_t		 keylen;
	const char	*value;
	size_t		 len;
};

static enum key
key_find(const struct record *r)
{
	size_t	 i, n;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		n = strlen(keys[i].name);
		if (n <= r->keylen && memcmp(keys[i].name, r->key, n) == 0 &&
		    (n == r->keylen || keys[i].name[n - 1] == '.'))
			return (keys[i].key);
	}
	return (KEY_NONE);
}

/* Digits only, without a zero in front; -1: not that, or beyond max. */
static int
decimal(const char *s, size_t len, uint64_t max, uint64_t *n)
{
	size_t	 i;

	if (len == 0 || (s[0] == '0' && len > 1))
		return (-1);
	for (*n = 0, i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9' || *n > max / 10)
			return (-1);
		*n = *n * 10 + (uint64_t)(s[i] - '0');
		if (*n > max)
			return (-1);
	}
	return (0);
}

/* The record at *s: bytes of it, 0 if it is none. */
static size_t
record_take(char *s, size_t len, struct record *r)
{
	uint64_t	 n;
	char		*blank, *equal;

	if ((blank = memchr(s, ' ', len)) == NULL ||
	    decimal(s, (size_t)(blank - s), len, &n) == -1 ||
	    n < (uint64_t)(blank - s) + 2 || s[n - 1] != '\n')
		return (0);
	r->key = blank + 1;
	equal = memchr(r->key, '=', (size_t)(s + n - 1 - r->key));
	if (equal == NULL || equal == r->key)
		return (0);
	*equal = '\0';
	r->keylen = (size_t)(equal - r->key);
	r->value = equal + 1;
	r->len = (size_t)(s + n - 1 - r->value);
	return (strlen(r->key) == r->keylen ? (size_t)n : 0);
}

/* A name: once, not empty, without NUL, not too long. */
static const char *
take_name(char *dst, bool *had, const struct record *r)
{
	if (*had)
		return ("a pax header has a key twice");
	if (r->len == 0 || r->len >= TAR_NAME_MAX ||
	    memchr(r->value, '\0', r->len) != NULL)
		return ("a name in a pax header is empty, too long or has a "
		    "NUL");
	memcpy(dst, r->value, r->len);
	dst[r->len] = '\0';
	*had = true;
	return (NULL);
}

static const char *
take_size(struct tar_meta *m, const struct record *r)
{
	if (m->sized)
		return ("a pax header has a key twice");
	if (decimal(r->value, r->len, INT64_MAX, &m->size) == -1)
		return ("a size in a pax header is not a number");
	m->sized = true;
	return (NULL);
}

/*
 * What the engine sets as root: file capabilities, and what overlayfs trusts.
 * A Mac's own are of no namespace that Linux has.
 */
static const char *
take_xattr(struct tar_meta *m, const struct record *r)
{
	const char	*name = r->key + strlen(XATTR);

	if (m->xattr[0] == '\0' && strncmp(name, "user.", 5) != 0 &&
	    strncmp(name, "com.apple.", 10) != 0)
		(void)strlcpy(m->xattr, *name == '\0' ? "?" : name,
		    sizeof(m->xattr));
	return (NULL);
}

static const char *
record_judge(const struct record *r, bool global, struct tar_meta *m)
{
	static char	 why[128];
	enum key	 key = key_find(r);

	if (key == KEY_NONE) {
		(void)snprintf(why, sizeof(why), "the key %.64s of a pax "
		    "header is not known", r->key);
		return (why);
	}
	if (key == KEY_OTHER)
		return (NULL);
	/* Go forgets them, pax(1) applies them to all that follows. */
	if (global) {
		(void)snprintf(why, sizeof(why), "the key %.64s is in a "
		    "global pax header", r->key);
		return (why);
	}
	if (key == KEY_PATH)
		return (take_name(m->name, &m->named, r));
	if (key == KEY_LINKPATH)
		return (take_name(m->link, &m->linked, r));
	return (key == KEY_SIZE ? take_size(m, r) : take_xattr(m, r));
}

const char *
tar_pax_parse(char *s, size_t len, bool global, struct tar_meta *m)
{
	struct record	 r;
	const char	*why;
	size_t		 n;

	while (len > 0) {
		if ((n = record_take(s, len, &r)) == 0)
			return ("a record of a pax header is malformed");
		if ((why = record_judge(&r, global, m)) != NULL)
			return (why);
		s += n;
		len -= n;
	}
	return (NULL);
}
