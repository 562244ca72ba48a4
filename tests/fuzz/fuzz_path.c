/* SPDX-License-Identifier: ISC */

/*
 * Any bytes as a request target.  A path that is taken is the only spelling
 * of itself: printed again with what must be encoded encoded, it is taken
 * and comes to the same.
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../filter/path.h"
#include "../../proxyd/endpoint.h"

#define MIN	24
#define MAX	51

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define MUST(cond) do {							\
	if (!(cond))							\
		abort();						\
} while (0)

static void
check_path(const struct path *p)
{
	size_t i;

	MUST(p->len > 0 && p->len <= PATH_DECODED_MAX);
	MUST(p->text[0] == '/' && strlen(p->text) == p->len);
	MUST(strstr(p->text, "//") == NULL && strstr(p->text, "/./") == NULL);
	MUST(strstr(p->text, "/../") == NULL);
	MUST(p->len < 2 || strcmp(p->text + p->len - 2, "/.") != 0);
	MUST(p->len < 3 || strcmp(p->text + p->len - 3, "/..") != 0);
	MUST(strchr(p->text, '%') == NULL);
	MUST(p->minor == 0 || (p->minor >= MIN && p->minor <= MAX));
	MUST(p->libpod == 0 || (p->minor == 0 &&
	    endpoint_libpod_version_ok(p->libpod) &&
	    strncmp(p->text, "/libpod/", 8) == 0));
	for (i = 0; i < p->len; i++)
		MUST(p->text[i] >= 0x20 && p->text[i] < 0x7f);
}

static void
check_query(const struct path *p)
{
	const struct query_pair *pair;
	size_t i;

	MUST(p->npairs <= QUERY_PAIRS_MAX);
	for (i = 0; i < p->npairs; i++) {
		pair = &p->pairs[i];
		MUST(strlen(pair->name) == pair->namelen);
		MUST(strlen(pair->value) == pair->valuelen);
		MUST(pair->name >= p->qbuf && pair->value + pair->valuelen <
		    p->qbuf + sizeof(p->qbuf));
	}
}

static size_t
encode(char *out, const char *s, size_t len, const char *keep)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t i, n = 0;

	for (i = 0; i < len; i++) {
		if ((s[i] >= 'a' && s[i] <= 'z') ||
		    (s[i] >= 'A' && s[i] <= 'Z') ||
		    (s[i] >= '0' && s[i] <= '9') ||
		    strchr(keep, s[i]) != NULL)
			out[n++] = s[i];
		else {
			out[n++] = '%';
			out[n++] = hex[(unsigned char)s[i] >> 4];
			out[n++] = hex[s[i] & 15];
		}
	}
	return (n);
}

/* Print what was understood as a target again. */
static size_t
print(char *out, const struct path *p)
{
	size_t i, n = 0;

	if (p->minor != 0)
		n = (size_t)snprintf(out, 8, "/v1.%u", p->minor);
	if (p->libpod != 0)
		n = (size_t)snprintf(out, 16, "/v%u.%u.%u", p->libpod >> 16,
		    p->libpod >> 8 & 0xff, p->libpod & 0xff);
	n += encode(out + n, p->text, p->len, "/-._~");
	for (i = 0; i < p->npairs; i++) {
		out[n++] = i == 0 ? '?' : '&';
		n += encode(out + n, p->pairs[i].name, p->pairs[i].namelen,
		    "-._~");
		out[n++] = '=';
		n += encode(out + n, p->pairs[i].value, p->pairs[i].valuelen,
		    "-._~");
	}
	return (n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static char again[3 * (PATH_DECODED_MAX + QUERY_DECODED_MAX) + 256];
	static struct path p, q;
	struct slice target = { (const char *)bytes, size };
	size_t i;

	if (path_parse(&p, &target, MIN, MAX) == -1) {
		MUST(p.status == 400 || p.status == 414);
		MUST(p.reason != NULL);
		return (0);
	}
	check_path(&p);
	check_query(&p);
	target.base = again;
	target.len = print(again, &p);
	MUST(path_parse(&q, &target, MIN, MAX) == 0);
	MUST(q.minor == p.minor && strcmp(q.text, p.text) == 0);
	MUST(q.libpod == p.libpod);
	MUST(q.npairs == p.npairs);
	for (i = 0; i < p.npairs; i++)
		MUST(strcmp(q.pairs[i].name, p.pairs[i].name) == 0 &&
		    strcmp(q.pairs[i].value, p.pairs[i].value) == 0);
	return (0);
}
