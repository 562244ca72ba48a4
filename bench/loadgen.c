/* SPDX-License-Identifier: ISC */

/*
 * A load generator for what Docker's clients do: small requests on kept and
 * on new connections, bodies, streams in both directions, hijacked round
 * trips, streams that are open and silent.  One thread, so that it takes one
 * core at most; the result is one JSON object on standard output.
 */

#include "../bench/loadgen.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
	const char	*name;
	void		(*run)(const struct options *, struct result *);
} modes[] = {
	{ "requests", load_requests },
	{ "down", load_down },
	{ "up", load_up },
	{ "echo", load_echo },
	{ "idle", load_idle },
	{ "delay", load_delay },
};

static void
usage(void)
{
	fprintf(stderr, "usage: loadgen [-CK] [-b body] [-c connections] "
	    "[-d seconds] [-n count]\n\t[-p path] [-s bytes] [-w seconds] "
	    "target mode\n");
	exit(1);
}

size_t
request_get(const struct options *o, char *buf, size_t size)
{
	int	 n;

	n = snprintf(buf, size, "GET %s HTTP/1.1\r\nHost: docker\r\n"
	    "User-Agent: Docker-Client/20.10.24 (linux)\r\n%s\r\n", o->path,
	    o->fresh ? "Connection: close\r\n" : "");
	if (n < 0 || (size_t)n >= size)
		errx(1, "path too long");
	return ((size_t)n);
}

static double
usec(uint64_t ns)
{
	return ((double)ns / 1000);
}

static void
report(const char *mode, const struct options *o, const struct result *r)
{
	const struct hist	*h = &r->hist;
	double			 secs = r->secs > 0 ? r->secs : 1e-9;

	printf("{\"mode\": \"%s\", \"connections\": %u, \"seconds\": %.6f, "
	    "\"done\": %llu, \"errors\": %llu, \"bytes\": %llu, "
	    "\"rps\": %.1f, \"mibs\": %.2f, ", mode, o->conns, r->secs,
	    (unsigned long long)r->done, (unsigned long long)r->errors,
	    (unsigned long long)r->bytes, (double)r->done / secs,
	    (double)r->bytes / 1048576 / secs);
	printf("\"p50\": %.2f, \"p90\": %.2f, \"p99\": %.2f, "
	    "\"p999\": %.2f, \"max\": %.2f, \"mean\": %.2f}\n",
	    usec(hist_quantile(h, 0.5)), usec(hist_quantile(h, 0.9)),
	    usec(hist_quantile(h, 0.99)), usec(hist_quantile(h, 0.999)),
	    usec(h->max), h->n == 0 ? 0 : h->sum / (double)h->n / 1000);
}

int
main(int argc, char **argv)
{
	struct options	 o = { .path = "/_ping", .conns = 1 };
	struct result	*r;
	size_t		 i;
	int		 ch;

	while ((ch = getopt(argc, argv, "CKb:c:d:n:p:s:w:")) != -1) {
		switch (ch) {
		case 'C': o.chunked = true; break;
		case 'K': o.fresh = true; break;
		case 'b': o.post = optarg; break;
		case 'c':
			o.conns = (unsigned int)strtoul(optarg, NULL, 10);
			break;
		case 'd': o.secs = strtod(optarg, NULL); break;
		case 'n': o.count = strtoull(optarg, NULL, 10); break;
		case 'p': o.path = optarg; break;
		case 's': o.size = strtoull(optarg, NULL, 10); break;
		case 'w': o.warm = strtod(optarg, NULL); break;
		default: usage();
		}
	}
	if (argc - optind != 2 || o.conns == 0)
		usage();
	target_parse(&o.target, argv[optind]);
	raise_nofile();
	if ((r = calloc(1, sizeof(*r))) == NULL)
		err(1, "calloc");
	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (strcmp(argv[optind + 1], modes[i].name) != 0)
			continue;
		modes[i].run(&o, r);
		report(modes[i].name, &o, r);
		return (0);
	}
	usage();
}
