/* SPDX-License-Identifier: ISC */

/*
 * What the programs of the benchmark share: addresses, a clock, just enough
 * HTTP for messages that we wrote ourselves, and a histogram of latencies.
 * None of it is part of proxyd.
 */

#ifndef BENCH_H
#define BENCH_H

#include <sys/types.h>
#include <sys/socket.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IO_SIZE		(256U * 1024)	/* of one read or write in bulk */
#define HEAD_MAX	4096U

struct target {
	struct sockaddr_storage	 ss;
	socklen_t		 len;
};

/* "tcp:127.0.0.1:2375" or "unix:/path"; exits on anything else. */
void	 target_parse(struct target *, const char *);
/* A connected, blocking socket, TCP_NODELAY; -1 with errno. */
int	 target_connect(const struct target *);
/* A listening, non-blocking socket; exits when that fails. */
int	 target_listen(const struct target *);

void	 nonblock(int);
/* As many descriptors as the hard limit gives. */
void	 raise_nofile(void);
/* CLOCK_MONOTONIC in nanoseconds. */
uint64_t now_ns(void);
/* A blocking write of everything; -1 with errno. */
int	 write_all(int, const void *, size_t);

enum framing {
	FRAME_NONE,
	FRAME_LENGTH,
	FRAME_CHUNKED,
	FRAME_CLOSE
};

/* A message body on its way: what is left of it. */
struct body {
	enum framing	 framing;
	uint64_t	 left;		/* of the length, or of the chunk */
	uint64_t	 data;		/* bytes seen, without the framing */
	int		 state;
	bool		 done;
};

struct head {
	int		 status;	/* of an answer */
	bool		 close;		/* Connection: close */
	bool		 upgrade;
	struct body	 body;
};

/* Bytes of a complete head, 0: more are needed.  answer: not a request. */
size_t	 head_parse(struct head *, const char *, size_t, bool answer);
/* Bytes that belong to the body, framing included; -1: malformed. */
ssize_t	 body_eat(struct body *, const char *, size_t);

/*
 * Logarithmic, 64 steps to a power of two: a value is right to 1.6 %, from
 * a nanosecond to hours, in fixed memory.
 */
#define HIST_STEPS	64
#define HIST_SIZE	(60 * HIST_STEPS)

struct hist {
	uint64_t	 n;
	uint64_t	 max;
	double		 sum;
	uint32_t	 bucket[HIST_SIZE];
};

void	 hist_add(struct hist *, uint64_t);
/* The value below which this share of all lies (0.5: the median). */
uint64_t hist_quantile(const struct hist *, double);

#endif /* BENCH_H */
