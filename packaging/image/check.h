/* SPDX-License-Identifier: ISC */

/*
 * The check in the container image: what is asked, and who understands what
 * of the words of a health check.
 */

#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>
#include <time.h>

/* GNU wget's exit status. */
#define EXIT_USAGE	2
#define EXIT_NETWORK	4
#define EXIT_SERVER	8

struct probe {
	char		 host[64];	/* localhost or a number */
	char		 path[1024];
	unsigned short	 port;
	long		 seconds;	/* for all of it; 0: the default */
	bool		 quiet;
	bool		 show;		/* the body, on standard output */
	struct timespec	 end;
};

/* check.c: say what was not understood, and what is; EXIT_USAGE. */
int	 bad(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* words.c: digits and nothing else, at most max. */
bool	 number(const char *s, long max, long *num);

/* words.c: the programs that are stood in for; their exit status. */
int	 run_wget(int argc, char *argv[]);
int	 run_nc(int argc, char *argv[]);

/* ask.c: the request, or only the connection; the exit status of wget. */
int	 ask(struct probe *);
int	 ask_connect(struct probe *);

#endif
