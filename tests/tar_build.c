/* SPDX-License-Identifier: ISC */

/*
 * A writer of archives that can also write wrong ones: each field of a header
 * goes in as the words say, and only the checksum is computed.
 */

#include "../tests/tar_build.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK	512
#define TEXT	8192

/* One word, taken apart. */
struct word {
	char	 type;
	char	 name[TEXT];
	char	 target[TEXT];
	char	 prefix[160];
	char	 size[64];
	char	 form[8];
	char	 pax[TEXT];
	char	 global[TEXT];
	size_t	 paxlen;
	size_t	 globallen;
	unsigned int mode;
	size_t	 contents;
	char	 data[TEXT];
	size_t	 datalen;
	int	 longname;
	int	 longlink;
	int	 missing;
	int	 wrong;
};

static void
add(struct tar_built *t, const void *data, size_t len)
{
	if (len > sizeof(t->bytes) - t->len)
		abort();
	memcpy(t->bytes + t->len, data, len);
	t->len += len;
}

static void
add_block(struct tar_built *t, const void *data, size_t len)
{
	static const uint8_t	 zero[BLOCK];

	add(t, data, len);
	add(t, zero, -len & (BLOCK - 1));
}

/* %NN are bytes; the length, since NUL can be one. */
static size_t
plain(char *dst, const char *src, size_t len)
{
	unsigned int	 byte;
	size_t		 i, n = 0;

	for (i = 0; i < len; i++, n++) {
		if (src[i] == '%' && i + 2 < len &&
		    sscanf(src + i + 1, "%2x", &byte) == 1) {
			dst[n] = (char)byte;
			i += 2;
		} else
			dst[n] = src[i];
	}
	dst[n] = '\0';
	return (n);
}

/* "25 key=value\n", whose length counts itself. */
static size_t
record(char *dst, const char *src, size_t len)
{
	char	 text[TEXT], head[16];
	size_t	 n = plain(text, src, len), total = n + 3, digits = 1;

	while ((size_t)snprintf(head, sizeof(head), "%zu", total + digits - 1)
	    != digits)
		digits++;
	total += digits - 1;
	(void)snprintf(dst, TEXT, "%zu ", total);
	memcpy(dst + digits + 1, text, n);
	dst[total - 1] = '\n';
	return (total);
}

static void
checksum(uint8_t *b, int wrong)
{
	unsigned int	 sum = (unsigned int)wrong;
	size_t		 i;
	char		 text[8];

	memset(b + 148, ' ', 8);
	for (i = 0; i < BLOCK; i++)
		sum += b[i];
	(void)snprintf(text, sizeof(text), "%06o", sum);
	memcpy(b + 148, text, 7);
}

static void
form(uint8_t *b, const char *name)
{
	if (strcmp(name, "gnu") == 0)
		memcpy(b + 257, "ustar  ", 8);
	else if (strcmp(name, "bad") == 0)
		memcpy(b + 257, "uStar", 6);
	else if (strcmp(name, "v7") != 0)
		memcpy(b + 257, "ustar\0" "00", 8);
	if (strcmp(name, "star") == 0)
		memcpy(b + 508, "tar", 4);
}

static void
header(struct tar_built *t, const struct word *w, char type,
    const char *name, const char *link, size_t size)
{
	uint8_t	 b[BLOCK];
	char	 text[32];
	size_t	 i;

	memset(b, 0, sizeof(b));
	memcpy(b, name, strnlen(name, 100));
	(void)snprintf(text, sizeof(text), "%07o", w->mode);
	memcpy(b + 100, text, strnlen(text, 8));
	(void)snprintf(text, sizeof(text), "%011zo", size);
	memcpy(b + 124, text, 11);
	if (w->size[0] != '\0' && type == w->type) {
		memset(b + 124, 0, 12);
		for (i = 0; w->size[i] != '\0' && i < 12; i++)
			b[124 + i] = (uint8_t)(w->size[i] == '~' ? '\0' :
			    w->size[i]);
	}
	b[156] = (uint8_t)(type == 'f' ? '0' : type == 'v' ? '\0' : type);
	memcpy(b + 157, link, strnlen(link, 100));
	form(b, w->form);
	memcpy(b + 345, w->prefix, strnlen(w->prefix, 155));
	checksum(b, w->wrong);
	add(t, b, sizeof(b));
}

/* A value up to ";" or the blank. */
static size_t
value(char *dst, size_t size, const char *src)
{
	size_t	 len = strcspn(src, "; ");

	if (len >= size)
		abort();
	(void)plain(dst, src, len);
	return (len);
}

static const char *
option(struct word *w, const char *s)
{
	const char	*v = s[1] == '=' ? s + 2 : s + 1;
	char		 text[32];
	size_t		 len = strcspn(v, "; ");

	switch (*s) {
	case 't': (void)value(w->target, sizeof(w->target), v); break;
	case 'p': (void)value(w->prefix, sizeof(w->prefix), v); break;
	case 's': (void)value(w->size, sizeof(w->size), v); break;
	case 'f': (void)value(w->form, sizeof(w->form), v); break;
	case 'm':
	case 'n':
		(void)value(text, sizeof(text), v);
		if (*s == 'm')
			w->mode = (unsigned int)strtoul(text, NULL, 8);
		else
			w->contents = strtoul(text, NULL, 10);
		break;
	case 'x': w->paxlen += record(w->pax + w->paxlen, v, len); break;
	case 'g': w->globallen += record(w->global + w->globallen, v, len);
		break;
	case 'd': w->contents = w->datalen = plain(w->data, v, len); break;
	case 'L': w->longname = 1; break;
	case 'K': w->longlink = 1; break;
	case 'z': w->missing = 1; break;
	case 'c': w->wrong = 1; break;
	default: abort();
	}
	return (v + len);
}

static void
contents(struct tar_built *t, size_t len)
{
	static uint8_t	 bytes[TAR_BUILT_MAX];

	memset(bytes, 'c', len);
	add_block(t, bytes, len);
}

static void
extended(struct tar_built *t, const struct word *w, char type,
    const char *data, size_t len)
{
	struct word	 plainword;

	memset(&plainword, 0, sizeof(plainword));
	memcpy(plainword.form, w->form, sizeof(w->form));
	plainword.mode = 0644;
	header(t, &plainword, type, "ext", "", len);
	add_block(t, data, len);
}

static const char *
entry(struct tar_built *t, const char *s)
{
	static struct word	 w;

	memset(&w, 0, sizeof(w));
	w.type = *s++;
	w.mode = w.type == '5' ? 0755 : 0644;
	s += value(w.name, sizeof(w.name), s);
	while (*s == ';')
		s = option(&w, s + 1);
	t->last = t->len;
	if (w.globallen != 0)
		extended(t, &w, 'g', w.global, w.globallen);
	if (w.paxlen != 0)
		extended(t, &w, 'x', w.pax, w.paxlen);
	if (w.longlink)
		extended(t, &w, 'K', w.target, strlen(w.target) + 1);
	if (w.longname)
		extended(t, &w, 'L', w.name, strlen(w.name) + 1);
	header(t, &w, w.type, w.name, w.target, w.contents);
	if (w.datalen != 0)
		add_block(t, w.data, w.datalen);
	else if (!w.missing)
		contents(t, w.contents);
	return (s);
}

static const char *
special(struct tar_built *t, const char *s)
{
	static uint8_t	 block[BLOCK];
	char		 text[TEXT];

	memset(block, *s == 'J' ? 'x' : 0, sizeof(block));
	if (strncmp(s, "CUT=", 4) == 0)
		t->len -= strtoul(s + 4, NULL, 10);
	else if (strncmp(s, "RAW=", 4) == 0)
		add(t, text, plain(text, s + 4, strcspn(s + 4, " ")));
	else {
		add(t, block, sizeof(block));
		if (*s == 'E')
			add(t, block, sizeof(block));
	}
	return (s + strcspn(s, " "));
}

void
tar_build(struct tar_built *t, const char *s)
{
	t->len = t->last = 0;
	for (s += strspn(s, " "); *s != '\0'; s += strspn(s, " "))
		s = isupper((unsigned char)s[0]) && isupper((unsigned char)
		    s[1]) ? special(t, s) : entry(t, s);
}
