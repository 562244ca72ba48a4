/* SPDX-License-Identifier: ISC */

/*
 * What is learned passes what was logged, and not its neighbours: logs of
 * random requests, the configuration printed and read again, and the very
 * code that judges asked about each request of the table.
 */

#include "../proxyd/learn.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bsd/string.h>

#include "../filter/policy.h"
#include "../proxyd/parse.h"
#include "../tests/test.h"

#define ROUNDS		400
#define REQUESTS	24
#define TEXT_BYTES	(256 * 1024)

#define HEX16	"0123456789abcdef"
#define HEX64	HEX16 HEX16 HEX16 HEX16

struct request {
	size_t	 op;
	char	 path[512];
};

static uint64_t	 seed;

static unsigned int
dice(unsigned int n)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return ((unsigned int)(seed >> 33) % n);
}

/* A legal argument; fresh: one that no log has. */
static const char *
name_of(enum ep_arg kind, bool fresh)
{
	static const char *const	 names[] = {
		"web", "db-1", "web_2", "deadbeef"
	};
	static const char *const	 images[] = {
		"nginx", "ghcr.io/x/y:1.2", "nginx:1", "registry:5000/a",
		"r/x@sha256:" HEX64
	};

	if (kind == ARG_EXEC)
		return (HEX64);
	if (kind == ARG_IMAGE || kind == ARG_PLUGIN)
		return (fresh ? "evil/nginx" : images[dice(5)]);
	if (fresh)
		return ("web-3");
	/* An id now and then. */
	return (dice(12) == 0 ? "0123456789ab" : names[dice(4)]);
}

static void
request_make(struct request *rq, size_t op, bool fresh)
{
	const struct endpoint	*ep = endpoint_get(op);
	const char		*p = ep->path, *brace;

	rq->op = op;
	rq->path[0] = '\0';
	for (; (brace = strchr(p, '{')) != NULL; p = brace + 2) {
		strlcat(rq->path, p, strlen(rq->path) +
		    (size_t)(brace - p) + 1);
		strlcat(rq->path, name_of((enum ep_arg)ep->args, fresh),
		    sizeof(rq->path));
	}
	strlcat(rq->path, p, sizeof(rq->path));
}

static void
request_log(struct learn *ln, const struct request *rq)
{
	const struct endpoint	*ep = endpoint_get(rq->op);
	char			 head[700], line[900];
	int			 n;

	snprintf(head, sizeof(head), "proxyd: uid=%u,pid=1 %s %s %s%s",
	    dice(4), ep->name, method_name((enum method)ep->method),
	    dice(2) == 0 ? "/v1.45" : "", rq->path);
	switch (dice(3)) {
	case 0:
		n = snprintf(line, sizeof(line), "%s 200 1B 0.1ms rule x:1",
		    head);
		break;
	case 1:
		n = snprintf(line, sizeof(line), "%s 403 rule default: "
		    "Forbidden - %s is not allowed", head, ep->name);
		break;
	default:
		n = snprintf(line, sizeof(line), "%s audit rule default: "
		    "Forbidden - %s is not allowed", head, ep->name);
	}
	learn_feed(ln, line, (size_t)n);
}

/* Printed and read again. */
static struct config *
again(const struct learn *ln)
{
	static char	 text[TEXT_BYTES];
	struct config	*conf = NULL;
	ssize_t		 n = -1;
	int		 fd = memfd_create("conf", 0);

	if (learn_print(ln, fd) == 0 && lseek(fd, 0, SEEK_SET) == 0)
		n = read(fd, text, sizeof(text));
	if (n > 0 && (size_t)n < sizeof(text))
		conf = parse_memory("learned", text, (size_t)n, NULL, NULL);
	if (conf == NULL && n > 0)
		printf("%.*s", (int)n, text);
	close(fd);
	return (conf);
}

static bool
passes(const struct config *conf, const struct request *rq)
{
	static struct path	 path;
	static struct peer	 peer;
	const struct rule	*r;
	struct facts		 facts;
	enum need		 need;

	strlcpy(path.text, rq->path, sizeof(path.text));
	path.len = strlen(path.text);
	memset(&facts, 0, sizeof(facts));
	facts.op = rq->op;
	facts.method = (enum method)endpoint_get(rq->op)->method;
	facts.path = &path;
	facts.peer = &peer;
	r = policy_decide(conf_profile_find((struct config *)(uintptr_t)conf,
	    "learned"), &facts, &need);
	return (r != NULL && r->action == ACTION_PASS);
}

/*
 * Another form of something that was asked for: "ping/head" of "ping".  One
 * that was asked for itself is meant only by what is granted whole.
 */
static bool
form_of(const struct learn *ln, size_t op)
{
	bool			 asked = ln->op[op].seen.lines != 0;
	const struct endpoint	*ep;
	size_t			 i;

	for (i = 0; (ep = endpoint_get(i)) != NULL; i++)
		if (ln->op[i].seen.lines != 0 && i != op &&
		    (!asked || ln->op[i].nnames == 0) &&
		    endpoint_named(endpoint_get(op), ep->name))
			return (true);
	return (false);
}

static void
neighbours(const struct learn *ln, const struct config *conf)
{
	struct request		 rq;
	const struct endpoint	*ep;
	size_t			 i;

	for (i = 0; (ep = endpoint_get(i)) != NULL; i++) {
		request_make(&rq, i, true);
		if (form_of(ln, i))
			continue;
		if (ln->op[i].seen.lines != 0 && ln->op[i].nnames == 0 &&
		    (ep->flags & EPF_NEVER) == 0)
			continue;
		if (passes(conf, &rq))
			printf("%s %s passes\n", ep->name, rq.path);
		CHECK(!passes(conf, &rq));
	}
}

static void
test_same(void)
{
	static struct request	 rq[REQUESTS];
	struct learn		*ln;
	struct config		*conf;
	size_t			 round, i, n;

	for (round = 0; round < ROUNDS; round++) {
		seed = round;
		ln = learn_new();
		n = 1 + dice(REQUESTS);
		for (i = 0; i < n; i++) {
			request_make(&rq[i], dice((unsigned int)
			    endpoint_count()), false);
			request_log(ln, &rq[i]);
		}
		CHECK_INT(ln->skipped, 0);
		conf = again(ln);
		CHECK(conf != NULL);
		for (i = 0; conf != NULL && i < n; i++)
			CHECK_INT(passes(conf, &rq[i]),
			    (endpoint_get(rq[i].op)->flags & EPF_NEVER) == 0);
		if (conf != NULL)
			neighbours(ln, conf);
		conf_free(conf);
		learn_free(ln);
	}
}

/* All operations at once are all operations, in few words. */
static void
test_all(void)
{
	struct learn	*ln = learn_new();
	struct config	*conf;
	struct request	 rq;
	size_t		 i;

	for (i = 0; i < endpoint_count(); i++) {
		request_make(&rq, i, false);
		request_log(ln, &rq);
	}
	conf = again(ln);
	CHECK(conf != NULL);
	if (conf != NULL)
		neighbours(ln, conf);
	conf_free(conf);
	learn_free(ln);
}

int
main(void)
{
	RUN(test_same);
	RUN(test_all);
	return (test_done());
}
