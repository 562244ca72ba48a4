/* SPDX-License-Identifier: ISC */

/*
 * Many streams at once.  Idle: opened, their heads read, held until standard
 * input ends.  Delay: each chunk holds the time when the stub wrote it, and
 * what counts is how much later it arrives here.
 */

#include "../bench/loadgen.h"

#include <err.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BATCH		500U		/* opened before their heads are read */
#define HEAD_WAIT	3000		/* ms */

static char	 buf[65536];

static unsigned int	 open_some(const struct options *, struct pollfd *,
			    unsigned int);
static unsigned int	 await_heads(struct pollfd *, unsigned int);
static unsigned int	 hold(const struct options *, struct pollfd *);
static void		 stamps(struct result *, const char *, uint64_t);

static unsigned int
open_some(const struct options *o, struct pollfd *pfd, unsigned int want)
{
	char		 request[HEAD_MAX];
	unsigned int	 n;
	size_t		 len = request_get(o, request, sizeof(request));

	for (n = 0; n < want; n++) {
		pfd[n].fd = target_connect(&o->target);
		pfd[n].events = POLLIN;
		if (pfd[n].fd == -1)
			break;
		if (write_all(pfd[n].fd, request, len) == -1) {
			close(pfd[n].fd);
			break;
		}
	}
	return (n);
}

/* One head each; how many came. */
static unsigned int
await_heads(struct pollfd *pfd, unsigned int n)
{
	struct head	 head;
	unsigned int	 i, good = 0;
	ssize_t		 len;

	for (i = 0; i < n; i++) {
		if (poll(&pfd[i], 1, HEAD_WAIT) != 1)
			return (good);
		len = recv(pfd[i].fd, buf, sizeof(buf), 0);
		if (len <= 0 || head_parse(&head, buf, (size_t)len,
		    true) == 0 || head.status != 200)
			return (good);
		good++;
	}
	return (good);
}

/* Streams that answered, from the first on; stops at the first that fails. */
static unsigned int
hold(const struct options *o, struct pollfd *pfd)
{
	unsigned int	 have = 0, want, n, good;

	while (have < o->conns) {
		want = o->conns - have < BATCH ? o->conns - have : BATCH;
		n = open_some(o, pfd + have, want);
		good = await_heads(pfd + have, n);
		have += good;
		if (good < want)
			break;
	}
	return (have);
}

void
load_idle(const struct options *o, struct result *r)
{
	struct pollfd	*pfd;
	uint64_t	 begin = now_ns();

	if ((pfd = calloc(o->conns, sizeof(*pfd))) == NULL)
		err(1, "calloc");
	r->done = hold(o, pfd);
	r->errors = o->conns - r->done;
	printf("open %llu\n", (unsigned long long)r->done);
	fflush(stdout);
	while (read(STDIN_FILENO, buf, sizeof(buf)) > 0)
		continue;
	r->secs = (double)(now_ns() - begin) / 1e9;
}

/* "T<nanoseconds>\n", as often as it is in there. */
static void
stamps(struct result *r, const char *p, uint64_t now)
{
	while ((p = strchr(p, 'T')) != NULL) {
		hist_add(&r->hist, now - strtoull(++p, NULL, 10));
		r->done++;
	}
}

void
load_delay(const struct options *o, struct result *r)
{
	struct pollfd	*pfd;
	uint64_t	 begin = now_ns(), now;
	unsigned int	 i;
	ssize_t		 n;

	if ((pfd = calloc(o->conns, sizeof(*pfd))) == NULL)
		err(1, "calloc");
	if (hold(o, pfd) != o->conns)
		r->errors++;
	while (r->done < o->count && r->errors == 0) {
		if (poll(pfd, o->conns, HEAD_WAIT) <= 0)
			r->errors++;
		now = now_ns();
		for (i = 0; i < o->conns; i++) {
			if (pfd[i].revents == 0)
				continue;
			n = recv(pfd[i].fd, buf, sizeof(buf) - 1, 0);
			if (n <= 0) {
				r->errors++;
				continue;
			}
			buf[n] = '\0';
			stamps(r, buf, now);
		}
	}
	r->secs = (double)(now_ns() - begin) / 1e9;
}
