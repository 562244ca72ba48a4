/* SPDX-License-Identifier: ISC */

/*
 * Rules as they are written against requests as they come: each set is
 * parsed as the body of a profile, each request goes through the path parser,
 * the endpoint table and policy_decide(), and has to be decided by the line
 * that the table says (0: the built-in block).
 */

#include <sys/stat.h>

#include <arpa/inet.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../filter/path.h"
#include "../filter/policy.h"
#include "../proxyd/proxyd.h"
#include "test.h"

#define LINES	12
#define ASKS	20

/*
 * who: an address, "uid N", "gid N", or NULL; about: the container meant,
 * "name k=v ...", or NULL; asker likewise; line: from 1.
 */
struct ask {
	const char	*request;
	const char	*who;
	const char	*about;
	const char	*asker;
	int		 line;
	char		 verdict;	/* 'p'ass, 'b'lock, '?': look up */
};

struct set {
	const char	*rules[LINES];
	struct ask	 ask[ASKS];
};

#include "rules.h"

/* The file that parse_config() reads; its first rule stands in line 2. */
static struct config *
load(const char *const *rules)
{
	char		 name[] = "/tmp/proxyd-rules.XXXXXX";
	struct config	*conf;
	FILE		*f;
	int		 fd, i;

	if ((fd = mkstemp(name)) == -1 || (f = fdopen(fd, "w")) == NULL)
		abort();
	fputs("profile \"t\" {\n", f);
	for (i = 0; i < LINES && rules[i] != NULL; i++)
		fprintf(f, "\t%s\n", rules[i]);
	fputs("}\nlisten on 127.0.0.1 port 2375 profile \"t\"\n", f);
	fclose(f);
	conf = parse_config(name, NULL);
	unlink(name);
	return (conf);
}

/* "name k=v ..." */
static enum known
describe(const char *text, struct container *ct)
{
	static char	 buf[256], *labels[8];
	char		*p;

	memset(ct, 0, sizeof(*ct));
	if (text == NULL)
		return (KNOWN_NOT);
	if (*text == '\0')
		return (KNOWN_NONE);
	if (*text == '?')
		return (KNOWN_UNSURE);
	snprintf(buf, sizeof(buf), "%s", text);
	ct->name = strtok_r(buf, " ", &p);
	ct->labels = labels;
	while (ct->nlabels < 8 && (labels[ct->nlabels] =
	    strtok_r(NULL, " ", &p)) != NULL)
		ct->nlabels++;
	return (KNOWN_YES);
}

static void
identify(const char *who, struct peer *peer)
{
	static uint32_t	 groups[2];

	memset(peer, 0, sizeof(*peer));
	if (who == NULL)
		return;
	if (strncmp(who, "uid ", 4) == 0 || strncmp(who, "gid ", 4) == 0) {
		peer->cred = true;
		peer->uid = 65000;
		groups[0] = 65000;
		groups[1] = (uint32_t)strtoul(who + 4, NULL, 10);
		peer->groups = groups;
		peer->ngroups = who[0] == 'g' ? 2 : 1;
		if (who[0] == 'u')
			peer->uid = groups[1];
	} else if (inet_pton(AF_INET, who, peer->addr) == 1)
		peer->family = 4;
	else if (inet_pton(AF_INET6, who, peer->addr) == 1)
		peer->family = 6;
	else
		abort();
}

static const struct rule *
decide(const struct profile *p, const struct ask *a, enum need *need)
{
	static struct path	 path;
	struct container	 about, asker;
	struct peer		 peer;
	struct facts		 facts;
	struct ep_match		 match;
	struct slice		 target;
	const char		*blank = strchr(a->request, ' ');
	int			 op;

	memset(&facts, 0, sizeof(facts));
	facts.method = method_parse(a->request,
	    (size_t)(blank - a->request));
	target.base = blank + 1;
	target.len = strlen(blank + 1);
	if (path_parse(&path, &target, API_MINOR_MIN, API_MINOR_MAX) == -1)
		abort();
	op = endpoint_match(facts.method, path.text, path.len, &match);
	if (op == -2 && facts.method == METHOD_HEAD)
		op = endpoint_match(METHOD_GET, path.text, path.len, &match);
	if (op < 0)
		abort();
	identify(a->who, &peer);
	facts.op = (size_t)op;
	facts.path = &path;
	facts.peer = &peer;
	facts.target = &about;
	facts.target_known = describe(a->about, &about);
	facts.asker = &asker;
	facts.asker_known = describe(a->asker, &asker);
	return (policy_decide(p, &facts, need));
}

/* "file:line", from the last colon on; the first rule is line 1. */
static int
line_of(const struct rule *r)
{
	const char	*colon;

	if (r == NULL || (colon = strrchr(r->origin, ':')) == NULL)
		return (0);
	return (atoi(colon + 1) - 1);
}

static void
ask_one(const struct profile *p, const struct ask *a)
{
	const struct rule	*r;
	enum need		 need;
	char			 verdict;

	r = decide(p, a, &need);
	verdict = need != NEED_NOTHING ? '?' :
	    r != NULL && r->action == ACTION_PASS ? 'p' : 'b';
	if (verdict == a->verdict && line_of(r) == a->line)
		return;
	test_bad++;
	printf("%s from %s about %s asker %s: %c by line %d, not %c by "
	    "line %d\n", a->request, a->who == NULL ? "-" : a->who,
	    a->about == NULL ? "-" : a->about,
	    a->asker == NULL ? "-" : a->asker, verdict, line_of(r),
	    a->verdict, a->line);
}

static void
test_rules(void)
{
	struct config	*conf;
	size_t		 i, n, asked = 0;

	for (i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		if ((conf = load(sets[i].rules)) == NULL) {
			printf("set %zu, \"%s\" does not parse\n", i,
			    sets[i].rules[0]);
			test_bad++;
			continue;
		}
		for (n = 0; n < ASKS && sets[i].ask[n].request != NULL; n++)
			ask_one(TAILQ_FIRST(&conf->profiles),
			    &sets[i].ask[n]);
		asked += n;
		conf_free(conf);
	}
	printf("%zu sets of rules, %zu requests\n", i, asked);
}

int
main(void)
{
	RUN(test_rules);
	return (test_done());
}
