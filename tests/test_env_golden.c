/* SPDX-License-Identifier: ISC */

/*
 * Every switch of the environment is turned on alone, on with POST, and off
 * with all others on; what passes then, and what a client is told of the
 * rest, stands in tests/env-verdicts.txt, to be read by people.  The test
 * makes that text again and compares; with -w it writes it anew.
 */

#include "../proxyd/proxyd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

#include "../tests/test.h"

#define GOLDEN		"tests/env-verdicts.txt"
#include "../tests/env_conf.h"

/* One line: the variables, then what passes. */
static void
golden_pass(FILE *f, const char *vars, const char *shown)
{
	const struct endpoint	*ep;
	struct config		*conf;
	size_t			 op;

	conf = conf_must(vars);
	fprintf(f, "%s:", shown);
	for (op = 0; (ep = endpoint_get(op)) != NULL; op++)
		if (passes(conf, op))
			fprintf(f, " %s", ep->name);
	fputc('\n', f);
	conf_free(conf);
}

/* A line for each operation that is blocked: who says so, what would help. */
static void
golden_block(FILE *f, const char *vars)
{
	const struct endpoint	*ep;
	const struct rule	*r;
	struct config		*conf;
	size_t			 op;

	conf = conf_must(vars);
	fprintf(f, "\nblocked under \"%s\"\n", vars);
	for (op = 0; (ep = endpoint_get(op)) != NULL; op++) {
		r = profile_first(conf->profile, op);
		if (passes(conf, op))
			continue;
		fprintf(f, "%s: %s: %s\n", ep->name,
		    r != NULL ? r->origin : "-",
		    r != NULL && r->hint != NULL ? r->hint : "-");
	}
	conf_free(conf);
}

/* Every switch on, but one. */
static void
all_but(char *buf, size_t size, const char *name)
{
	size_t	 i;

	buf[0] = '\0';
	for (i = 0; i < N(sections) + N(others); i++) {
		const char *var = i < N(sections) ? sections[i] :
		    others[i - N(sections)];

		strlcat(buf, var, size);
		strlcat(buf, strcmp(var, name) == 0 ? "=0 " : "=1 ", size);
	}
}

static void
golden_switch(FILE *f, const char *name)
{
	char	 vars[2048], shown[128];

	snprintf(vars, sizeof(vars), "%s=1", name);
	golden_pass(f, vars, vars);
	if (strcmp(name, "POST") != 0) {
		snprintf(vars, sizeof(vars), "POST=1 %s=1", name);
		golden_pass(f, vars, vars);
	}
	snprintf(vars, sizeof(vars), "CONTAINERS=1 %s=0", name);
	if (strncmp(name, "ALLOW_", 6) == 0)
		golden_pass(f, vars, vars);
	snprintf(vars, sizeof(vars), "%s=0", name);
	golden_pass(f, vars, vars);
	all_but(vars, sizeof(vars), name);
	snprintf(shown, sizeof(shown), "all but %s", name);
	golden_pass(f, vars, shown);
}

static char *
golden_make(void)
{
	static const char *const blocks[] = {
		"", "POST=1", "CONTAINERS=1", "CONTAINERS=1 POST=1",
		"PLUGINS=1", "PLUGINS=1 POST=1", "ALLOW_PRIVILEGED=1",
		"CONTAINERS=1 ALLOW_LOGS=0", "ALLOW_LOGS=0"
	};
	FILE	*f;
	char	*text = NULL, vars[2048];
	size_t	 len = 0, i;

	if ((f = open_memstream(&text, &len)) == NULL)
		abort();
	golden_pass(f, "", "nothing");
	all_but(vars, sizeof(vars), "");
	golden_pass(f, vars, "all");
	for (i = 0; i < N(sections); i++)
		golden_switch(f, sections[i]);
	for (i = 0; i < N(others); i++)
		golden_switch(f, others[i]);
	for (i = 0; i < N(blocks); i++)
		golden_block(f, blocks[i]);
	if (fclose(f) == EOF)
		abort();
	return (text);
}

static void
test_golden(void)
{
	FILE	*f;
	char	*text, *rest, *want, *have = NULL;
	size_t	 size = 0, n = 0;
	ssize_t	 len;

	rest = text = golden_make();
	f = fopen(GOLDEN, "r");
	CHECK(f != NULL);
	while (f != NULL && (len = getline(&have, &size, f)) != -1) {
		have[strcspn(have, "\n")] = '\0';
		n++;
		want = strsep(&rest, "\n");
		if (want == NULL || strcmp(have, want) != 0) {
			printf(GOLDEN ":%zu:\n  file %s\n  now  %s\n", n,
			    have, want == NULL ? "(end)" : want);
			CHECK(want != NULL && strcmp(have, want) == 0);
			break;
		}
	}
	CHECK(n > 200);
	CHECK(f == NULL || !feof(f) || (rest != NULL && *rest == '\0'));
	if (f != NULL)
		fclose(f);
	free(have);
	free(text);
}

static int
golden_write(void)
{
	FILE	*f;
	char	*text;
	int	 r;

	if ((f = fopen(GOLDEN, "w")) == NULL)
		return (1);
	text = golden_make();
	r = fputs(text, f) == EOF;
	free(text);
	return (fclose(f) == EOF || r);
}

int
main(int argc, char *argv[])
{
	if (argc == 2 && strcmp(argv[1], "-w") == 0)
		return (golden_write());
	RUN(test_golden);
	return (test_done());
}
