/* SPDX-License-Identifier: ISC */

/*
 * One header block of a tar archive: POSIX.1-1988 ustar, the old V7 form, and
 * GNU's.  Go's reader (archive/tar, reader.go and strconv.go) is followed
 * where it is strict, and left where it guesses: a number in two parts, a
 * prefix in a GNU header, star's trailer that makes another prefix.
 */

#include "../filter/tar.h"

#include <string.h>

/* Where the fields stand. */
enum {
	AT_NAME = 0, AT_MODE = 100, AT_SIZE = 124, AT_SUM = 148,
	AT_TYPE = 156, AT_LINK = 157, AT_MAGIC = 257, AT_PREFIX = 345,
	AT_SPARSE = 369, AT_TRAILER = 508
};

enum {
	NAME_LEN = 100, MODE_LEN = 8, SIZE_LEN = 12, SUM_LEN = 8,
	PREFIX_LEN = 155, TIME_LEN = 12
};

#define MODE_MAX	0177777		/* with the bits of a type */

enum form {
	FORM_V7,
	FORM_USTAR,
	FORM_GNU,
	FORM_UNKNOWN
};

/* moby pkg/archive, DetectCompression: looked for in the first ten bytes. */
const char *
tar_compressed(const uint8_t *p, size_t len)
{
	static const struct {
		const char	*name;
		size_t		 len;
		uint8_t		 magic[6];
	} kinds[] = {
		{ "gzip", 3, { 0x1f, 0x8b, 0x08 } },
		{ "bzip2", 3, { 'B', 'Z', 'h' } },
		{ "xz", 6, { 0xfd, '7', 'z', 'X', 'Z', 0x00 } },
		{ "zstd", 4, { 0x28, 0xb5, 0x2f, 0xfd } },
	};
	size_t	 i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (len >= kinds[i].len &&
		    memcmp(p, kinds[i].magic, kinds[i].len) == 0)
			return (kinds[i].name);
	/* RFC 8878 section 3.1.2: frames that are skipped. */
	if (len >= 4 && (p[0] & 0xf0) == 0x50 && p[1] == 0x2a &&
	    p[2] == 0x4d && p[3] == 0x18)
		return ("zstd");
	return (NULL);
}

static bool
zero(const uint8_t *p, size_t len)
{
	size_t	 i;

	for (i = 0; i < len; i++)
		if (p[i] != 0)
			return (false);
	return (true);
}

bool
tar_head_empty(const uint8_t *block)
{
	return (zero(block, TAR_BLOCK));
}

/* GNU's base-256, of what is not negative. */
static int
number_binary(const uint8_t *p, size_t len, uint64_t *n)
{
	size_t	 i;

	if (p[0] != 0x80)
		return (-1);
	for (*n = 0, i = 1; i < len; i++) {
		if (*n > (uint64_t)INT64_MAX >> 8)
			return (-1);
		*n = *n << 8 | p[i];
	}
	return (0);
}

/* Blanks, octal digits, then blanks and NULs up to the end of the field. */
static int
number(const uint8_t *p, size_t len, uint64_t *n)
{
	size_t	 i = 0;

	if ((p[0] & 0x80) != 0)
		return (number_binary(p, len, n));
	while (i < len && p[i] == ' ')
		i++;
	for (*n = 0; i < len && p[i] >= '0' && p[i] <= '7'; i++)
		*n = *n << 3 | (uint64_t)(p[i] - '0');
	for (; i < len; i++)
		if (p[i] != ' ' && p[i] != '\0')
			return (-1);
	return (0);
}

/* The sum of all bytes, those of the sum itself taken for blanks. */
static bool
sum_ok(const uint8_t *block)
{
	uint64_t	 want, sum = 0;
	size_t		 i;

	if (number(block + AT_SUM, SUM_LEN, &want) == -1)
		return (false);
	for (i = 0; i < TAR_BLOCK; i++)
		sum += i >= AT_SUM && i < AT_SUM + SUM_LEN ? ' ' : block[i];
	return (sum == want);
}

/*
 * V7 has no magic and no prefix.  In a GNU header Go takes what is no time
 * for a prefix after all; there, times are numbers, and the rest is empty:
 * it belongs to sparse files.
 */
static enum form
form_of(const uint8_t *block)
{
	const uint8_t	*magic = block + AT_MAGIC;
	uint64_t	 n;

	if (memcmp(magic, "ustar\0" "00", 8) == 0 ||
	    memcmp(magic, "ustar\0\0", 8) == 0)
		return (memcmp(block + AT_TRAILER, "tar", 4) == 0 ?
		    FORM_UNKNOWN : FORM_USTAR);
	if (memcmp(magic, "ustar  ", 8) == 0)
		return (number(block + AT_PREFIX, TIME_LEN, &n) == 0 &&
		    number(block + AT_PREFIX + TIME_LEN, TIME_LEN, &n) == 0 &&
		    zero(block + AT_SPARSE, TAR_BLOCK - AT_SPARSE) ?
		    FORM_GNU : FORM_UNKNOWN);
	return (zero(magic, 8) && zero(block + AT_PREFIX, TAR_BLOCK -
	    AT_PREFIX) ? FORM_V7 : FORM_UNKNOWN);
}

/* Up to its NUL, or all of the field; with room for a NUL of ours. */
static size_t
text(char *dst, const uint8_t *p, size_t len)
{
	size_t	 n = strnlen((const char *)p, len);

	memcpy(dst, p, n);
	dst[n] = '\0';
	return (n);
}

const char *
tar_head_parse(const uint8_t *block, struct tar_head *h)
{
	enum form	 form;
	uint64_t	 mode;
	size_t		 n = 0;

	if (!sum_ok(block))
		return ("the checksum of a header is wrong");
	if ((form = form_of(block)) == FORM_UNKNOWN)
		return ("a header is neither ustar, GNU nor V7");
	if (number(block + AT_SIZE, SIZE_LEN, &h->size) == -1)
		return ("a size is not a number");
	if (number(block + AT_MODE, MODE_LEN, &mode) == -1 || mode > MODE_MAX)
		return ("a mode is not a number");
	h->mode = (uint32_t)mode;
	h->type = (char)block[AT_TYPE];
	if (form == FORM_USTAR && block[AT_PREFIX] != '\0') {
		n = text(h->name, block + AT_PREFIX, PREFIX_LEN);
		h->name[n++] = '/';
	}
	(void)text(h->name + n, block + AT_NAME, NAME_LEN);
	(void)text(h->link, block + AT_LINK, NAME_LEN);
	return (NULL);
}
