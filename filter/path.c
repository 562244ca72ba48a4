/* SPDX-License-Identifier: ISC */

/*
 * The request target.  A path is decoded once and must then be the only
 * spelling of itself: what dockerd would fold, redirect or decode again is
 * refused, because the operation is chosen by this text and the parent
 * prints it anew.
 */

#include "../filter/path.h"
#include "../proxyd/endpoint.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define LIBPOD	"/libpod/"

static int
refuse(struct path *p, int status, const char *reason)
{
	p->status = status;
	p->reason = reason;
	return (-1);
}

static bool
is_digit(char c)
{
	return (c >= '0' && c <= '9');
}

static bool
is_alpha(char c)
{
	return ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'));
}

/* RFC 3986 section 2.3. */
static bool
is_unreserved(char c)
{
	return (is_alpha(c) || is_digit(c) || c == '-' || c == '.' ||
	    c == '_' || c == '~');
}

/* A byte that may stand in a target as it is: visible ASCII. */
static bool
is_visible(char c)
{
	return (c > 0x20 && c < 0x7f && c != '#');
}

static int
hex_digit(char c)
{
	if (is_digit(c))
		return (c - '0');
	if (c >= 'a' && c <= 'f')
		return (c - 'a' + 10);
	if (c >= 'A' && c <= 'F')
		return (c - 'A' + 10);
	return (-1);
}

/* The byte that "%XY" at s stands for, -1 if it is no escape. */
static int
escape(const char *s, size_t len)
{
	int hi, lo;

	if (len < 3)
		return (-1);
	hi = hex_digit(s[1]);
	lo = hex_digit(s[2]);
	return (hi == -1 || lo == -1 ? -1 : hi << 4 | lo);
}

/* Fixed segments have no second spelling, so this is the only one. */
static bool
is_libpod(const char *s, size_t len)
{
	return (len >= strlen(LIBPOD) && memcmp(s, LIBPOD,
	    strlen(LIBPOD)) == 0);
}

/* A number of one or two digits that begins with no zero; its length or 0. */
static size_t
version_part(const char *s, size_t len, uint32_t *n)
{
	size_t i;

	*n = 0;
	for (i = 0; i < len && i < 2 && is_digit(s[i]); i++)
		*n = *n * 10 + (uint32_t)(s[i] - '0');
	return (i == 2 && s[0] == '0' ? 0 : i);
}

/*
 * The length of "/vX.Y.Z" before "/libpod/", 0 if that is not what stands
 * there.  Podman itself takes any [0-9][0-9A-Za-z.-]* and routes by it.
 */
static size_t
libpod_version(const struct slice *raw, uint32_t *version)
{
	uint32_t part[3], v;
	size_t i, len, n = 2;

	for (i = 0; i < 3; i++) {
		len = version_part(raw->base + n, raw->len - n, &part[i]);
		n += len;
		if (len == 0 || n == raw->len || raw->base[n] !=
		    (i < 2 ? '.' : '/'))
			return (0);
		n += i < 2;
	}
	v = LIBPOD_VERSION(part[0], part[1], part[2]);
	if (!is_libpod(raw->base + n, raw->len - n) ||
	    !endpoint_libpod_version_ok(v))
		return (0);
	*version = v;
	return (n);
}

/*
 * Strip "/v1.NN", which dockerd also takes as /v01.41, /v1.041, /v1.41.0 and
 * more, some of which compare as an older version than they look.  The text
 * of a refusal has the range in it: qbuf is free then, and lives as long.
 */
static int
path_version(struct path *p, struct slice *raw, unsigned int min,
    unsigned int max)
{
	const char *s = raw->base;
	unsigned int minor = 0;
	size_t n;

	if (raw->len < 3 || s[1] != 'v' || !(is_digit(s[2]) || s[2] == '.'))
		return (0);
	if ((n = libpod_version(raw, &p->libpod)) != 0) {
		raw->base += n;
		raw->len -= n;
		return (0);
	}
	if (raw->len >= 7 && memcmp(s, "/v1.", 4) == 0 && s[4] != '0' &&
	    is_digit(s[4]) && is_digit(s[5]) && s[6] == '/')
		minor = (unsigned int)(s[4] - '0') * 10 +
		    (unsigned int)(s[5] - '0');
	if (minor < min || minor > max || minor == 0) {
		(void)snprintf(p->qbuf, sizeof(p->qbuf),
		    "the API version is not one of /v1.%u/ to /v1.%u/", min,
		    max);
		return (refuse(p, 400, p->qbuf));
	}
	p->minor = minor;
	raw->base += 6;
	raw->len -= 6;
	if (is_libpod(raw->base, raw->len))
		return (refuse(p, 400, "/libpod/ has versions of its own, "
		    "/vX.Y.Z"));
	return (0);
}

/*
 * May an encoded slash stand in the path?  Only if its argument is a
 * reference, which may have slashes; the prefix itself has no escapes.
 */
static bool
has_reference(const struct slice *raw)
{
	static const char *const prefixes[] = {
		"/images/", "/distribution/", "/plugins/",
		"/libpod/images/", "/libpod/manifests/", "/libpod/artifacts/"
	};
	size_t i, len;

	for (i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		len = strlen(prefixes[i]);
		if (raw->len > len &&
		    memcmp(raw->base, prefixes[i], len) == 0)
			return (true);
	}
	return (false);
}

/*
 * May an escape stand for that byte?  NULL, or why not.
 *
 * Fixed segments consist of unreserved bytes, which RFC 3986 section
 * 6.2.2.2 wants never encoded and no client encodes: refusing these escapes
 * refuses every other spelling of a segment, of a dot and of the version.
 */
static const char *
escape_refused(int byte, bool slash)
{
	if (byte == -1)
		return ("a percent sign in the path begins no escape");
	if (byte < 0x20 || byte >= 0x7f)
		return ("an escape in the path stands for no printable byte");
	if (byte == '%')
		return ("the path is encoded twice");
	if (byte == '/' && !slash)
		return ("an encoded slash in the path");
	if (is_unreserved((char)byte))
		return ("an escape in the path where none is needed");
	return (NULL);
}

/* Decode the path into text. */
static int
path_decode(struct path *p, const struct slice *raw)
{
	const char *reason;
	size_t i;
	bool slash;
	int byte;

	slash = has_reference(raw);
	for (i = 0; i < raw->len; i++) {
		if (p->len == PATH_DECODED_MAX)
			return (refuse(p, 414, "the path is too long"));
		byte = raw->base[i];
		if (byte == '%') {
			byte = escape(raw->base + i, raw->len - i);
			reason = escape_refused(byte, slash);
			if (reason != NULL)
				return (refuse(p, 400, reason));
			i += 2;
		} else if (!is_visible((char)byte))
			return (refuse(p, 400,
			    "the path has a byte it must not have"));
		p->text[p->len++] = (char)byte;
	}
	p->text[p->len] = '\0';
	return (0);
}

/*
 * No empty and no dot segment, which dockerd answers with a redirect to the
 * path without.  A slash at the end stays: /networks/ is a route.
 */
static int
path_canonical(struct path *p)
{
	const char *s, *slash;
	size_t n;

	for (s = p->text; s != NULL; s = slash) {
		slash = strchr(++s, '/');
		n = slash != NULL ? (size_t)(slash - s) : strlen(s);
		if (n == 0 && slash != NULL)
			return (refuse(p, 400, "two slashes in the path"));
		if ((n == 1 && s[0] == '.') ||
		    (n == 2 && s[0] == '.' && s[1] == '.'))
			return (refuse(p, 400, "a dot segment in the path"));
	}
	return (0);
}

/*
 * Decode a name or a value of the query behind what is in qbuf already, and
 * terminate it.  "+" is a blank, as in Go's url.ParseQuery.
 */
static int
query_decode(struct path *p, size_t *used, const struct slice *raw,
    const char **out, size_t *outlen)
{
	size_t i, start = *used;
	int byte;

	for (i = 0; i < raw->len; i++) {
		byte = raw->base[i];
		if (!is_visible((char)byte) || byte == ';')
			return (refuse(p, 400,
			    "the query has a byte it must not have"));
		if (byte == '%') {
			byte = escape(raw->base + i, raw->len - i);
			i += 2;
		} else if (byte == '+')
			byte = ' ';
		if (byte <= 0)
			return (refuse(p, 400, "a bad escape in the query"));
		if (*used == sizeof(p->qbuf))
			return (refuse(p, 414, "the query is too long"));
		p->qbuf[(*used)++] = (char)byte;
	}
	if (*used == sizeof(p->qbuf))
		return (refuse(p, 414, "the query is too long"));
	*out = &p->qbuf[start];
	*outlen = *used - start;
	p->qbuf[(*used)++] = '\0';
	return (0);
}

/* One "name=value"; without "=" the value is empty. */
static int
query_pair(struct path *p, size_t *used, const struct slice *raw)
{
	struct slice name = *raw, value = { "", 0 };
	struct query_pair *pair;
	const char *eq;

	if (p->npairs == QUERY_PAIRS_MAX)
		return (refuse(p, 400, "too many query parameters"));
	eq = memchr(raw->base, '=', raw->len);
	if (eq != NULL) {
		name.len = (size_t)(eq - raw->base);
		value.base = eq + 1;
		value.len = raw->len - name.len - 1;
	}
	pair = &p->pairs[p->npairs];
	if (query_decode(p, used, &name, &pair->name, &pair->namelen) == -1 ||
	    query_decode(p, used, &value, &pair->value, &pair->valuelen) == -1)
		return (-1);
	p->npairs++;
	return (0);
}

static int
query_split(struct path *p, const char *s, const char *end)
{
	struct slice pair;
	const char *amp;
	size_t used = 0;

	for (; s < end; s = amp + 1) {
		amp = memchr(s, '&', (size_t)(end - s));
		if (amp == NULL)
			amp = end;
		pair.base = s;
		pair.len = (size_t)(amp - s);
		if (pair.len > 0 && query_pair(p, &used, &pair) == -1)
			return (-1);
	}
	return (0);
}

int
path_parse(struct path *p, const struct slice *target, unsigned int min,
    unsigned int max)
{
	struct slice raw = *target;
	const char *question;

	p->len = 0;
	p->text[0] = '\0';
	p->minor = 0;
	p->libpod = 0;
	p->npairs = 0;
	p->status = 0;
	p->reason = NULL;
	if (raw.len == 0 || raw.base[0] != '/')
		return (refuse(p, 400, "the request target must be a path"));
	question = memchr(raw.base, '?', raw.len);
	if (question != NULL)
		raw.len = (size_t)(question - raw.base);
	if (path_version(p, &raw, min, max) == -1 ||
	    path_decode(p, &raw) == -1 || path_canonical(p) == -1)
		return (-1);
	if (question == NULL)
		return (0);
	return (query_split(p, question + 1, target->base + target->len));
}
