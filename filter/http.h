/* SPDX-License-Identifier: ISC */

/*
 * HTTP/1.x heads and chunked bodies (RFC 9110, RFC 9112), strictly.
 * Pure functions: bytes in, struct out, no I/O and no allocation; results
 * point into the caller's buffer and live as long as it does.
 */

#ifndef HTTP_H
#define HTTP_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../proxyd/endpoint.h"

#define HTTP_HEADERS_MAX	100

/* A piece of the caller's buffer; base may be NULL when len is 0. */
struct slice {
	const char	*base;
	size_t		 len;
};

struct http_header {
	struct slice	 name;
	struct slice	 value;		/* without surrounding blanks */
};

/* Results of the parsers that are not a byte count. */
#define HTTP_INCOMPLETE	0	/* more bytes are needed */
#define HTTP_BAD	(-1)	/* refuse with .status and .reason */

struct http_request {
	enum method	 method;
	struct slice	 method_text;
	struct slice	 target;	/* origin-form: path and query */
	unsigned int	 minor;		/* HTTP/1.minor: 0 or 1 */
	size_t		 nheaders;
	struct http_header headers[HTTP_HEADERS_MAX];
	/* framing, RFC 9112 section 6 */
	bool		 chunked;
	bool		 has_length;
	uint64_t	 length;
	bool		 keepalive;	/* RFC 9112 section 9.3 */
	bool		 expect_continue;
	bool		 upgrade;	/* Upgrade: present */
	struct slice	 upgrade_text;
	struct slice	 content_type;
	/* of a refusal */
	int		 status;	/* 400, 414, 417, 431, 501, 505 */
	const char	*reason;	/* static text */
};

/*
 * Parse a request head.  n > 0: bytes of the head, its empty line included;
 * HTTP_INCOMPLETE; HTTP_BAD.  Looks at no byte twice when called again with
 * more bytes and *seen kept between the calls (start with 0).
 */
int	 http_request_parse(struct http_request *, const char *, size_t,
	    size_t *seen);

struct http_response {
	int		 status;
	unsigned int	 minor;
	struct slice	 reason_text;
	size_t		 nheaders;
	struct http_header headers[HTTP_HEADERS_MAX];
	bool		 chunked;
	bool		 has_length;
	uint64_t	 length;
	bool		 keepalive;
	bool		 upgrade;	/* an Upgrade header is there */
};

/*
 * Parse the engine's answer head; it is trusted more than a client but not
 * blindly: a head that is not HTTP/1.x or has ambiguous framing is HTTP_BAD.
 */
int	 http_response_parse(struct http_response *, const char *, size_t,
	    size_t *seen);

/*
 * Has the answer a body?  RFC 9112 section 6.3; head: the request was HEAD.
 * 1xx, 204, 304 and answers to HEAD have none.
 */
bool	 http_response_has_body(const struct http_response *, bool head);

/* Case-insensitive comparison of a slice with a literal. */
bool	 slice_is(const struct slice *, const char *);

/* First header of that name, NULL if there is none. */
const struct http_header *http_header_find(const struct http_header *, size_t,
	    const char *);

/*
 * Chunked transfer coding, RFC 9112 section 7.1.  Start with a zeroed
 * struct; what a client must not send is refused (bare LF, extensions
 * longer than a line, more than 16 hex digits).
 */
struct http_chunk {
	int		 state;
	uint64_t	 left;		/* of the current chunk */
	size_t		 line;		/* bytes of the current line */
	size_t		 trailer;	/* bytes of all trailer lines */
	unsigned int	 digits;	/* of the size that is being read */
	unsigned int	 width;		/* of the last size, digits */
	bool		 done;		/* the last chunk and trailer are in */
};

/*
 * Decode up to len bytes at buf.  Returns the bytes consumed, or HTTP_BAD;
 * the next run of data found, if any, is given in data/datalen (one run a
 * call: call again with the rest until all is consumed or done is true).
 */
ssize_t	 http_chunk_decode(struct http_chunk *, const char *, size_t,
	    const char **, size_t *);

/* Data of the current chunk that is still to come, bytes. */
uint64_t http_chunk_pending(const struct http_chunk *);

/*
 * Bytes up to the data of the next chunk, if its size has as many digits as
 * the last and no extension; 0: no telling.
 */
uint64_t http_chunk_ahead(const struct http_chunk *);

/* len of the pending bytes, at most all, were taken without being looked at. */
void	 http_chunk_skip(struct http_chunk *, uint64_t len);

#endif /* HTTP_H */
