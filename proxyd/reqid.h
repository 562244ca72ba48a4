/* SPDX-License-Identifier: ISC */

/*
 * The id of a request, "9f3c61d20b7a-1f": which process it came to, and the
 * how manieth there it was.  The parent makes up the first part for each
 * filter that it starts, so no two have the same, and no filter can speak of
 * another's requests.  It stands in the answer's head and in the log.
 */

#ifndef REQID_H
#define REQID_H

#include <stddef.h>
#include <stdint.h>

#define REQID_HEADER	"X-Request-Id"
#define REQID_DIGITS	12		/* of the first part */
#define REQID_MAX	32		/* bytes, with the NUL */

/* Hexadecimal, at least width digits, backwards from end; where it begins. */
static inline char *
reqid_hex(char *end, uint64_t n, int width)
{
	static const char	 hex[] = "0123456789abcdef";

	do {
		*--end = hex[n & 15];
		n >>= 4;
	} while (--width > 0 || n != 0);
	return (end);
}

/* Print it; its length. */
static inline size_t
reqid_print(char buf[REQID_MAX], uint64_t process, uint64_t serial)
{
	char	 text[REQID_MAX], *end = text + sizeof(text), *p;
	size_t	 len;

	p = reqid_hex(end, serial, 1);
	*--p = '-';
	p = reqid_hex(p, process & ((1ULL << 4 * REQID_DIGITS) - 1),
	    REQID_DIGITS);
	len = (size_t)(end - p);
	__builtin_memcpy(buf, p, len);
	buf[len] = '\0';
	return (len);
}

#endif /* REQID_H */
