/* SPDX-License-Identifier: ISC */

/*
 * What request and response heads have in common: the classes of bytes,
 * the end of a head, header lines, and the fields that say how a message is
 * framed.  Private to http*.c and chunk.c.
 */

#ifndef HTTP_HEAD_H
#define HTTP_HEAD_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../filter/http.h"

/* Classes of bytes; a byte may be in several. */
#define HEAD_TOKEN	0x01	/* RFC 9110 5.6.2: tchar */
#define HEAD_VALUE	0x02	/* RFC 9110 5.5: field-vchar, SP, HTAB */
#define HEAD_TARGET	0x04	/* visible ASCII but "#", RFC 9112 3.2 */
#define HEAD_HOST	0x08	/* RFC 3986 3.2.2 and 3.2.3: host and port */

/* The fields that somebody here reads. */
#define FIELD_HOST	0x01
#define FIELD_LENGTH	0x02
#define FIELD_CODING	0x04
#define FIELD_CONNECTION 0x08
#define FIELD_UPGRADE	0x10
#define FIELD_EXPECT	0x20
#define FIELD_TYPE	0x40

struct head {
	unsigned int	 wanted;	/* FIELD_* to look at */
	unsigned int	 seen;		/* FIELD_* that were there */
	uint64_t	 length;
	struct slice	 upgrade;
	struct slice	 content_type;
	bool		 close;		/* of Connection: */
	bool		 keep;
	/* of a refusal */
	int		 status;
	const char	*reason;
};

/* Is the byte of that class? */
bool	 head_is(char, unsigned int);

/* How many of the bytes before end are of that class. */
size_t	 head_span(const char *, const char *, unsigned int);

/*
 * Bytes up to and with the empty line; HTTP_INCOMPLETE; HTTP_BAD if a line
 * does not end in CRLF.  seen is kept up to date for the next call.
 */
int	 head_end(const char *, size_t, size_t *);

/*
 * Parse the header lines that begin at pos, the empty line at end included.
 * Returns how many there were, or -1 with status and reason.
 */
ssize_t	 head_fields(struct head *, struct http_header *, const char *,
	    const char *);

/* RFC 9112 section 9.3, for HTTP/1.minor. */
bool	 head_keepalive(const struct head *, unsigned int);

#endif /* HTTP_HEAD_H */
