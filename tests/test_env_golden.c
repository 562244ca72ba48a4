/* SPDX-License-Identifier: ISC */

/*
 * All methods, on all routes, under all switches of the environment: what
 * opens each operation and what closes it, what the methods lead to that a
 * route was not made for, and what a client is told.  It stands in
 * tests/env-verdicts.txt, to be read by people.  The test makes that text
 * again and compares; with -w it writes it anew.  regress/26-exhaustive.py
 * compares a running proxyd with it.
 */

#include "../proxyd/proxyd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

#include "../tests/test.h"

#define GOLDEN		"tests/env-verdicts.txt"
#include "../tests/env_conf.h"

#define SETS_MAX	400
#define SET_SWITCHES	4
#define SWITCHES	(N(sections) + N(others))
#define VARS_BYTES	2048
/* Podman's own API is there once a variable of it is set. */
#define PODMAN		"LIBPOD_SYSTEM=0"

/* Some switches that are on together, and what passes then. */
struct set {
	const char	*name[SET_SWITCHES];
	size_t		 n;
	bool		 pass[EP_MAX];
};

static struct set	 sets[SETS_MAX];
static size_t		 nsets;
/* All switches on but one: what passes then. */
static bool		 all_but[SWITCHES][EP_MAX];

static const char header[] =
    "# What the switches of the environment open and close.  A line is an\n"
    "# operation: method and path, its name, the smallest sets of switches\n"
    "# that pass it (\"always\": none is needed), and behind \"but\" those\n"
    "# that block it when they are off and all others are on.  What is below\n"
    "# /libpod/ passes only if some LIBPOD_ variable is set, to 0 or 1.\n"
    "# HEAD is GET without the body where it has no row of its own.\n"
    "# Made by tests/test_env_golden -w.\n";

static const char *
switch_name(size_t i)
{
	return (i < N(sections) ? sections[i] : others[i - N(sections)]);
}

static void
pass_of(const char *vars, bool *pass)
{
	struct config	*conf;
	size_t		 op;

	conf = conf_must(vars);
	for (op = 0; op < endpoint_count(); op++)
		pass[op] = passes(conf, op);
	conf_free(conf);
}

/* One more set; NULL ends its names. */
static void
set_add(const char *a, const char *b, const char *c, const char *d)
{
	const char	*names[SET_SWITCHES] = { a, b, c, d };
	struct set	*set = &sets[nsets++];
	char		 vars[VARS_BYTES] = "";
	size_t		 i;

	if (nsets > SETS_MAX)
		abort();
	for (i = 0; i < SET_SWITCHES && names[i] != NULL; i++) {
		set->name[set->n++] = names[i];
		strlcat(vars, names[i], sizeof(vars));
		strlcat(vars, "=1 ", sizeof(vars));
	}
	strlcat(vars, PODMAN, sizeof(vars));
	pass_of(vars, set->pass);
}

/* Smaller sets before larger ones. */
static void
sets_make(void)
{
	static const char *const of_gates[] = {
		"CONTAINERS", "LIBPOD_CONTAINERS", "LIBPOD_PODS"
	};
	static const char *const gates[] = {
		"ALLOW_LOGS", "ALLOW_TOP", "ALLOW_CHANGES", "ALLOW_ARCHIVE",
		"ALLOW_EXPORT"
	};
	size_t	 i, k;

	set_add(NULL, NULL, NULL, NULL);
	for (i = 0; i < SWITCHES; i++)
		set_add(switch_name(i), NULL, NULL, NULL);
	for (i = 0; i < SWITCHES; i++)
		set_add(switch_name(i), "POST", NULL, NULL);
	for (i = 0; i < N(of_gates); i++)
		for (k = 0; k < N(gates); k++)
			set_add(of_gates[i], gates[k], NULL, NULL);
	for (i = 0; i < SWITCHES; i++)
		set_add(switch_name(i), "POST", "ALLOW_PRIVILEGED", NULL);
	for (i = 0; i < N(of_gates); i++)
		for (k = 0; k < N(gates); k++) {
			set_add(of_gates[i], "POST", gates[k], NULL);
			set_add(of_gates[i], "POST", gates[k],
			    "ALLOW_PRIVILEGED");
		}
}

static void
all_but_vars(char *buf, size_t size, const char *name)
{
	size_t	 i;

	buf[0] = '\0';
	for (i = 0; i < SWITCHES; i++) {
		strlcat(buf, switch_name(i), size);
		strlcat(buf, strcmp(switch_name(i), name) == 0 ? "=0 " : "=1 ",
		    size);
	}
}

static void
all_but_make(void)
{
	char	 vars[VARS_BYTES];
	size_t	 i;

	for (i = 0; i < SWITCHES; i++) {
		all_but_vars(vars, sizeof(vars), switch_name(i));
		pass_of(vars, all_but[i]);
	}
}

static bool
set_holds(const struct set *set, const char *name)
{
	size_t	 i;

	for (i = 0; i < set->n; i++)
		if (strcmp(set->name[i], name) == 0)
			return (true);
	return (false);
}

/* Does a smaller set, of the same switches, pass the operation? */
static bool
set_needless(const struct set *set, size_t op)
{
	const struct set	*s;
	size_t			 i;

	for (s = sets; s < set; s++) {
		for (i = 0; i < s->n && set_holds(set, s->name[i]); i++)
			;
		if (i == s->n && s->pass[op])
			return (true);
	}
	return (false);
}

static void
write_row(FILE *f, const struct endpoint *ep, size_t op)
{
	const struct set	*set;
	const char		*sep = " ";
	size_t			 i;

	fprintf(f, "%-7s %-42s %-30s", method_name((enum method)ep->method),
	    ep->path, ep->name);
	for (set = sets; set < sets + nsets; set++) {
		if (!set->pass[op] || set_needless(set, op))
			continue;
		fprintf(f, "%s%s", sep, set->n == 0 ? "always" : set->name[0]);
		for (i = 1; i < set->n; i++)
			fprintf(f, "+%s", set->name[i]);
		sep = ", ";
	}
	if (strcmp(sep, " ") == 0)
		fputs(" never", f);
	for (i = 0, sep = "; but "; i < SWITCHES; i++)
		if (ep->env != NULL && !all_but[i][op]) {
			fprintf(f, "%s%s", sep, switch_name(i));
			sep = ", ";
		}
	fputc('\n', f);
}

/* A path of the row, with the same word for each argument. */
static void
row_path(const struct endpoint *ep, char *buf, size_t size)
{
	const char	*p = ep->path, *hole;

	for (buf[0] = '\0'; (hole = strstr(p, "{}")) != NULL; p = hole + 2) {
		strlcat(buf, p, strlen(buf) + (size_t)(hole - p) + 1);
		strlcat(buf, "x", size);
	}
	strlcat(buf, p, size);
}

/* What the method is on the row's path, if no row of that path has it. */
static int
method_else(const struct endpoint *ep, enum method method)
{
	struct ep_match	 m;
	char		 path[128];
	int		 op;

	row_path(ep, path, sizeof(path));
	op = endpoint_match(method, path, strlen(path), &m);
	if (method == METHOD_OPTIONS || method == METHOD_OTHER) {
		CHECK_INT(op, method == METHOD_OTHER ? -2 :
		    endpoint_byname("options"));
		return (-1);
	}
	if (op >= 0 && strcmp(endpoint_get((size_t)op)->path, ep->path) == 0)
		return (-1);
	return (op);
}

/* Has an earlier row the same path? */
static bool
path_again(size_t op)
{
	size_t	 i;

	for (i = 0; i < op; i++)
		if (strcmp(endpoint_get(i)->path, endpoint_get(op)->path) == 0)
			return (true);
	return (false);
}

/* The paths of other operations that a row takes with its method, too. */
static void
write_method(FILE *f, const struct endpoint *row, size_t want)
{
	const struct endpoint	*ep;
	size_t			 op, n = 0;

	for (op = 0; (ep = endpoint_get(op)) != NULL; op++) {
		if (ep->args == ARG_ANY || path_again(op) ||
		    method_else(ep, (enum method)row->method) != (int)want)
			continue;
		if (n++ == 0)
			fprintf(f, "%s %s:", method_name(
			    (enum method)row->method), row->name);
		fprintf(f, " %s", ep->path);
	}
	if (n > 0)
		fputc('\n', f);
}

static void
write_methods(FILE *f)
{
	const struct endpoint	*ep;
	size_t			 op;

	fputs("\n# Methods on the paths of other operations, and what they are "
	    "there, since\n# the path is a name to them.  What is not here is "
	    "no operation.\n", f);
	for (op = 0; (ep = endpoint_get(op)) != NULL; op++) {
		if (ep->args == ARG_ANY)
			continue;
		method_else(ep, METHOD_OTHER);
		method_else(ep, METHOD_OPTIONS);
		write_method(f, ep, op);
	}
}

/* What is blocked, under what the client is told of it. */
static void
write_told(FILE *f, const char *vars)
{
	const struct endpoint	*ep;
	const struct rule	*r, *other;
	struct config		*conf;
	bool			 done[EP_MAX] = { false };
	size_t			 op, i;

	conf = conf_must(vars);
	fprintf(f, "\n# Blocked, and told, under \"%s\"\n", vars);
	for (op = 0; op < endpoint_count(); op++) {
		if (passes(conf, op) || done[op])
			continue;
		r = profile_first(conf->profile, op);
		fprintf(f, "%s (%s):", r->origin,
		    r->hint != NULL ? r->hint : "no hint");
		for (i = op; (ep = endpoint_get(i)) != NULL; i++) {
			other = profile_first(conf->profile, i);
			if (passes(conf, i) || strcmp(other->origin,
			    r->origin) != 0 || (r->hint == NULL) !=
			    (other->hint == NULL) || (r->hint != NULL &&
			    strcmp(r->hint, other->hint) != 0))
				continue;
			done[i] = true;
			fprintf(f, " %s", ep->name);
		}
		fputc('\n', f);
	}
	conf_free(conf);
}

static char *
golden_make(void)
{
	static const char *const told[] = {
		"", "CONTAINERS=1 POST=1", "ALLOW_PRIVILEGED=1",
		"CONTAINERS=1 ALLOW_LOGS=0", "LIBPOD_CONTAINERS=1 POST=1"
	};
	const struct endpoint	*ep;
	FILE			*f;
	char			*text = NULL;
	size_t			 len = 0, i;

	if ((f = open_memstream(&text, &len)) == NULL)
		abort();
	nsets = 0;
	memset(sets, 0, sizeof(sets));
	sets_make();
	all_but_make();
	fputs(header, f);
	for (i = 0; (ep = endpoint_get(i)) != NULL; i++)
		write_row(f, ep, i);
	write_methods(f);
	for (i = 0; i < N(told); i++)
		write_told(f, told[i]);
	if (fclose(f) == EOF)
		abort();
	return (text);
}

/* Without a variable of its own nothing of podman's passes, all others on. */
static void
test_no_podman(void)
{
	const struct endpoint	*ep;
	char			 vars[VARS_BYTES] = "", podman[VARS_BYTES];
	bool			 pass[EP_MAX], with[EP_MAX];
	size_t			 i;

	for (i = 0; i < SWITCHES; i++)
		if (strncmp(switch_name(i), "LIBPOD_", 7) != 0) {
			strlcat(vars, switch_name(i), sizeof(vars));
			strlcat(vars, "=1 ", sizeof(vars));
		}
	pass_of(vars, pass);
	snprintf(podman, sizeof(podman), "%s %s", vars, PODMAN);
	pass_of(podman, with);
	for (i = 0; (ep = endpoint_get(i)) != NULL; i++) {
		test_current = ep->name;
		if (endpoint_is_libpod(ep))
			CHECK(!pass[i]);
		else
			CHECK_INT(pass[i], with[i]);
	}
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
	RUN(test_no_podman);
	return (test_done());
}
