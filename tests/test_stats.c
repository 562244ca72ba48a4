/* SPDX-License-Identifier: ISC */

/*
 * What is counted: that sums miss no number, that every name is there once,
 * and the words of proxyctl's commands in full and in part.
 */

#include "../proxyd/stats.h"

#include <stdlib.h>

#include "../ctl/ctl.h"
#include "../tests/test.h"

#define N	(sizeof(struct counts) / sizeof(uint64_t))

static void
test_add(void)
{
	uint64_t	*a = calloc(N, sizeof(*a)), *b = calloc(N, sizeof(*b));
	size_t		 i, wrong = 0;

	if (a == NULL || b == NULL)
		abort();
	for (i = 0; i < N; i++) {
		a[i] = i;
		b[i] = 1000000 * i + 1;
	}
	stats_add((struct counts *)a, (const struct counts *)b);
	for (i = 0; i < N; i++)
		wrong += a[i] != 1000001 * i + 1 || b[i] != 1000000 * i + 1;
	CHECK_INT(wrong, 0);
	free(a);
	free(b);
}

/* Labels of metrics: no byte that would take a backslash, and no other. */
static void
check_names(const char *const *names, size_t n, bool label)
{
	size_t	 i, j;

	for (i = 0; i < n; i++) {
		CHECK(names[i] != NULL && *names[i] != '\0');
		if (names[i] == NULL)
			continue;
		if (label)
			CHECK(names[i][strspn(names[i],
			    "abcdefghijklmnopqrstuvwxyz")] == '\0');
		for (j = 0; j < i; j++)
			CHECK(strcmp(names[i], names[j]) != 0);
	}
}

static void
test_names(void)
{
	const char	*names[64];
	int		 i;

	for (i = 0; i < VERDICT_MAX; i++)
		names[i] = verdict_name(i);
	check_names(names, VERDICT_MAX, true);
	for (i = 0; i < REFUSAL_MAX; i++)
		names[i] = stats_refusal_name(i);
	check_names(names, REFUSAL_MAX, true);
	for (i = 0; i < KIND_MAX; i++)
		names[i] = stats_kind_name(i);
	check_names(names, KIND_MAX, true);
	for (i = 0; i < ENGINE_MAX; i++)
		names[i] = stats_engine_name((unsigned int)i);
	check_names(names, ENGINE_MAX, false);
	CHECK_STR(stats_engine_name(ENGINE_MAX), "?");
	CHECK_STR(stats_engine_name(UINT32_MAX), "?");
}

static void
test_bounds(void)
{
	static const uint32_t	 bounds[] = STATS_BOUNDS;
	size_t			 i;

	CHECK_INT(sizeof(bounds) / sizeof(bounds[0]), STATS_BUCKETS - 1);
	for (i = 1; i < STATS_BUCKETS - 1; i++)
		CHECK(bounds[i] > bounds[i - 1]);
}

static int
parse(const char *a, const char *b, const char *c, struct ctl_request *rq)
{
	char	*argv[4] = { NULL };
	int	 argc = 0, i, r;

	if (a != NULL)
		argv[argc++] = strdup(a);
	if (b != NULL)
		argv[argc++] = strdup(b);
	if (c != NULL)
		argv[argc++] = strdup(c);
	memset(rq, 0, sizeof(*rq));
	r = parse_command(argc, argv, rq);
	for (i = 0; i < argc; i++)
		free(argv[i]);
	return (r);
}

static void
test_commands(void)
{
	static const struct {
		const char	*word[3];
		int		 command;	/* -1: none */
	} t[] = {
		{ { "status" }, CTL_SHOW_STATUS },
		{ { "st" }, CTL_SHOW_STATUS },
		{ { "s" }, -1 },
		{ { "sh", "st" }, -1 },
		{ { "sh", "sta" }, CTL_SHOW_STATUS },
		{ { "show", "streams" }, CTL_SHOW_STREAMS },
		{ { "sh", "r" }, CTL_SHOW_RULES },
		{ { "show", "co" }, CTL_SHOW_COUNTERS },
		{ { "show", "cl" }, CTL_SHOW_CLIENTS },
		{ { "show", "c" }, -1 },
		{ { "show", "clientsx" }, -1 },
		{ { "l", "v" }, CTL_LOG_VERBOSE },
		{ { "log", "brief" }, CTL_LOG_BRIEF },
		{ { "r" }, CTL_RELOAD },
		{ { "c" }, CTL_CHECK },
		{ { "check", "x" }, -1 },
		{ { "k", "s", "42" }, CTL_KILL },
		{ { "kill", "stream" }, -1 },
		{ { "kill", "stream", "0" }, -1 },
		{ { "kill", "stream", "+1" }, -1 },
		{ { "kill", "stream", " 1" }, -1 },
		{ { "kill", "stream", "1x" }, -1 },
		{ { "kill", "stream", "18446744073709551616" }, -1 },
		{ { "" }, -1 },
		{ { NULL }, -1 }
	};
	struct ctl_request	 rq;
	size_t			 i;
	int			 r;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		r = parse(t[i].word[0], t[i].word[1], t[i].word[2], &rq);
		CHECK_INT(r == 0 ? (int)rq.command : -1, t[i].command);
		if (t[i].command == CTL_KILL)
			CHECK_INT(rq.arg, 42);
	}
}

int
main(void)
{
	/* What is wrong is said there, which is of no interest here. */
	if (freopen("/dev/null", "w", stderr) == NULL)
		abort();
	RUN(test_add);
	RUN(test_names);
	RUN(test_bounds);
	RUN(test_commands);
	return (test_done());
}
