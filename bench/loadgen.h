/* SPDX-License-Identifier: ISC */

/*
 * The load generator: its options and its modes.  Each mode puts what it
 * measured into struct result; loadgen.c prints that as one JSON object.
 */

#ifndef LOADGEN_H
#define LOADGEN_H

#include "../bench/bench.h"

struct options {
	struct target	 target;
	const char	*path;
	const char	*post;		/* request body, NULL: GET */
	unsigned int	 conns;
	uint64_t	 count;		/* requests, round trips, chunks */
	uint64_t	 size;		/* bytes up */
	double		 secs;		/* 0: until count is reached */
	double		 warm;		/* not counted */
	bool		 fresh;		/* a connection for each request */
	bool		 chunked;	/* upload framing */
};

struct result {
	struct hist	 hist;		/* ns */
	uint64_t	 done;
	uint64_t	 errors;
	uint64_t	 bytes;
	double		 secs;
};

/* load_request.c: requests and answers, as fast as they come. */
void	 load_requests(const struct options *, struct result *);
/* load_stream.c: one stream at a time, down, up, and there and back. */
void	 load_down(const struct options *, struct result *);
void	 load_up(const struct options *, struct result *);
void	 load_echo(const struct options *, struct result *);
/* load_hold.c: many streams at once, silent or with time stamps. */
void	 load_idle(const struct options *, struct result *);
void	 load_delay(const struct options *, struct result *);

/* A GET of o->path into buf; its length. */
size_t	 request_get(const struct options *, char *, size_t);

#endif /* LOADGEN_H */
