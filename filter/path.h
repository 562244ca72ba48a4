/* SPDX-License-Identifier: ISC */

/*
 * The request target: one percent-decoding, ambiguity refused, the version
 * prefix stripped, the query split.  Pure: writes into the caller's struct,
 * no I/O, no allocation.
 */

#ifndef PATH_H
#define PATH_H

#include <stddef.h>
#include <stdint.h>

#include "../filter/http.h"

#define PATH_DECODED_MAX	4096	/* bytes of a decoded path */
#define QUERY_PAIRS_MAX		64
#define QUERY_DECODED_MAX	(32 * 1024)	/* all values of a query */

struct query_pair {
	const char	*name;		/* NUL-terminated, decoded */
	size_t		 namelen;
	const char	*value;		/* NUL-terminated, decoded */
	size_t		 valuelen;
};

struct path {
	char		 text[PATH_DECODED_MAX + 1]; /* decoded, no version */
	size_t		 len;
	unsigned int	 minor;		/* of /v1.NN, 0: none given */
	uint32_t	 libpod;	/* of /vX.Y.Z/libpod, 0: none given */
	size_t		 npairs;
	struct query_pair pairs[QUERY_PAIRS_MAX];
	char		 qbuf[QUERY_DECODED_MAX];
	/* of a refusal */
	int		 status;	/* 400, 404, 414 */
	const char	*reason;	/* lives as long as the struct */
};

/*
 * Parse an origin-form target.  0; -1 with status and reason: "//", dot
 * segments (encoded or not), an encoded slash, percent or NUL, control
 * bytes, a version that is not /v1.N with N in [min, max], a bad escape, a
 * ";" in the query, too many pairs.  "+" in the query is a blank (moby reads
 * it so).
 *
 * Podman's own API has versions of its own: before /libpod/, and only there,
 * stands /vX.Y.Z with three plain numbers (LIBPOD_VERSION()) or nothing.
 *
 * An escape in the path that stands for an unreserved byte (RFC 3986 section
 * 2.3) is refused: fixed segments and versions consist of these only, so
 * none of them has a second spelling.
 *
 * An encoded slash (%2F) is refused everywhere but in the argument of
 * /images/, /distribution/ and /plugins/, and of /images/, /manifests/ and
 * /artifacts/ below /libpod, whose names may have slashes.
 */
int	 path_parse(struct path *, const struct slice *target,
	    unsigned int min, unsigned int max);

#endif /* PATH_H */
