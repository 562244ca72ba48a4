/* SPDX-License-Identifier: ISC */

/*
 * Lines of the log taken apart, statements found in reasons, and whole logs:
 * each tests/learn/NAME.log makes NAME.conf, byte by byte, and that is read
 * by the parser.  With -w the files are written anew.
 */

#include "../proxyd/learn.h"

#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bsd/string.h>

#include "../proxyd/parse.h"
#include "../tests/test.h"

#define TEXT_BYTES	(256 * 1024)

static bool	 rewrite;

struct line_case {
	const char	*line;
	int		 kind;		/* -1: not a line of ours */
	const char	*op;
	const char	*who;
	const char	*path;
	const char	*when;
};

#define JSON	"{\"time\":\"t\",\"type\":\"request\",\"client\":\"unix\","
#define PASSED	",\"verdict\":\"pass\",\"rule\":\"p:3\",\"status\":200}"
#define OK	" 200 5B 0.1ms rule p.conf:3"
#define LIST	"containers/list GET /v1.45/containers/json"

static const struct line_case lines[] = {
	{ "uid=7,pid=9 " LIST OK, LEARN_PASSED, "containers/list", "uid=7",
	    "/containers/json", "" },
	{ "10.0.0.1:5555 " LIST OK, LEARN_PASSED, "containers/list",
	    "10.0.0.1", "/containers/json", "" },
	{ "[fe80::1]:5 " LIST OK, LEARN_PASSED, "containers/list", "fe80::1",
	    "/containers/json", "" },
	{ "unix " LIST OK, LEARN_PASSED, "containers/list", "unix",
	    "/containers/json", "" },
	/* standard error, syslog, journal, docker logs -t, compose */
	{ "2026-11-21T22:05:32Z proxyd: unix " LIST OK, LEARN_PASSED,
	    "containers/list", "unix", "/containers/json",
	    "2026-11-21T22:05:32Z" },
	{ "Nov 21 22:05:32 host proxyd[17]: unix " LIST OK, LEARN_PASSED,
	    "containers/list", "unix", "/containers/json",
	    "Nov 21 22:05:32" },
	{ "Nov  1 22:05:32 host proxyd[17]: unix " LIST OK, LEARN_PASSED,
	    "containers/list", "unix", "/containers/json",
	    "Nov  1 22:05:32" },
	{ "2026-11-21T22:05:32.123456789Z 2026-11-21T22:05:31Z proxyd: unix "
	    LIST OK, LEARN_PASSED, "containers/list", "unix",
	    "/containers/json", "2026-11-21T22:05:32.123456789Z" },
	{ "proxyd-1  | 2026-11-21T22:05:32Z proxyd: unix " LIST OK,
	    LEARN_PASSED, "containers/list", "unix", "/containers/json",
	    "2026-11-21T22:05:32Z" },
	{ "unix images/inspect GET /v1.45/images/ghcr.io%2Fa%2fb:1/json" OK,
	    LEARN_PASSED, "images/inspect", "unix",
	    "/images/ghcr.io/a/b:1/json", "" },
	{ "unix info GET /info 200 5B 0.1ms rule p.conf:3 (a label)",
	    LEARN_PASSED, "info", "unix", "/info", "" },
	{ "unix info GET /info 403 rule default: Forbidden - info is not "
	    "allowed", LEARN_REFUSED, "info", "unix", "/info", "" },
	{ "unix info GET /info 200 5B 0.1ms id 0f9a-1 rule p.conf:3",
	    LEARN_PASSED, "info", "unix", "/info", "" },
	{ "unix info GET /info 403 id 0f9a-1 rule default: Forbidden - no",
	    LEARN_REFUSED, "info", "unix", "/info", "" },
	{ "unix info GET /info audit id 0f9a-1 rule default: Forbidden - no",
	    LEARN_AUDITED, "info", "unix", "/info", "" },
	{ "unix info GET /info 403 id x rule default: Forbidden - no", -1,
	    NULL, NULL, NULL, NULL },
	{ "unix info GET /info 403 id  rule default: Forbidden - no", -1,
	    NULL, NULL, NULL, NULL },
	{ "unix info GET /info 403 id 0f9a-1 role default: Forbidden - no",
	    -1, NULL, NULL, NULL, NULL },
	{ "unix info GET /info audit rule a: b (c: d): Forbidden - info is "
	    "not allowed", LEARN_AUDITED, "info", "unix", "/info", "" },
	{ "unix - GET /x\\033[31m 404 rule default: no such operation",
	    LEARN_REFUSED, NULL, "unix", "/x\033[31m", "" },
	{ "unix - ?  400 rule default: the request is not HTTP",
	    LEARN_REFUSED, NULL, "unix", "", "" },
	/* the same in JSON */
	{ JSON "\"method\":\"GET\",\"operation\":\"info\",\"path\":"
	    "\"/v1.45/info\"" PASSED, LEARN_PASSED, "info", "unix", "/info",
	    "t" },
	{ "Nov  1 22:05:32 host proxyd[17]: " JSON "\"method\":\"GET\","
	    "\"operation\":\"info\",\"path\":\"/info\"" PASSED, LEARN_PASSED,
	    "info", "unix", "/info", "t" },
	{ JSON "\"method\":\"?\",\"verdict\":\"block\",\"status\":400,"
	    "\"reason\":\"no\"}", LEARN_REFUSED, NULL, "unix", "", "t" },
	{ JSON "\"method\":\"GET\",\"path\":\"/\\u00e4\\ud83d\\udc33\\\"\","
	    "\"verdict\":\"error\",\"status\":404,\"reason\":\"no\"}",
	    LEARN_REFUSED, NULL, "unix", "/\303\244\360\237\220\263\"", "t" },
	{ JSON "\"method\":\"GET\",\"path\":\"/\\ud83d\",\"verdict\":"
	    "\"error\",\"status\":404,\"reason\":\"no\"}", -1, NULL, NULL,
	    NULL, NULL },
	{ JSON "\"method\":\"GET\",\"operation\":\"info\",\"path\":"
	    "\"/version\"" PASSED, -1, NULL, NULL, NULL, NULL },
	{ JSON "\"method\":\"GET\",\"operation\":\"info\",\"path\":"
	    "\"/info\",\"more\":[1]" PASSED, -1, NULL, NULL, NULL, NULL },
	{ JSON "\"method\":\"GET\",\"method\":\"GET\",\"operation\":"
	    "\"info\",\"path\":\"/info\"" PASSED, -1, NULL, NULL, NULL,
	    NULL },
	{ JSON "\"method\":\"GET\",\"operation\":\"info\",\"path\":"
	    "\"/info\",\"more\":007" PASSED, -1, NULL, NULL, NULL, NULL },
	{ "sshd[1]: " JSON "\"method\":\"GET\",\"operation\":\"info\","
	    "\"path\":\"/info\"" PASSED, -1, NULL, NULL, NULL, NULL },
	{ JSON "\"method\":\"GET\",\"operation\":\"info\",\"path\":"
	    "\"/info\",\"verdict\":\"pass\"}", -1, NULL, NULL, NULL, NULL },
	{ "{", -1, NULL, NULL, NULL, NULL },
	{ "{}", -1, NULL, NULL, NULL, NULL },
	/* text in which a client wrote JSON is text */
	{ "unix - GET /{ 404 rule default: no {\"type\":\"request\"}",
	    LEARN_REFUSED, NULL, "unix", "/{", "" },
	/* other lines, and what a client could make of one */
	{ "", -1, NULL, NULL, NULL, NULL },
	{ "proxyd: configuration OK", -1, NULL, NULL, NULL, NULL },
	{ "unix " LIST, -1, NULL, NULL, NULL, NULL },
	{ "unix " LIST " 200", -1, NULL, NULL, NULL, NULL },
	{ "unix " LIST " 200 5 0.1ms rule x", -1, NULL, NULL, NULL, NULL },
	{ "unix " LIST " 20x 5B 0.1ms rule x", -1, NULL, NULL, NULL, NULL },
	{ "unix  " LIST OK, -1, NULL, NULL, NULL, NULL },
	{ "uid=,pid=9 " LIST OK, -1, NULL, NULL, NULL, NULL },
	{ "uid=1,pid= " LIST OK, -1, NULL, NULL, NULL, NULL },
	{ "10.0.0.1: " LIST OK, -1, NULL, NULL, NULL, NULL },
	{ "unix info GET /version" OK, -1, NULL, NULL, NULL, NULL },
	{ "unix info POST /info" OK, -1, NULL, NULL, NULL, NULL },
	{ "unix nothing GET /info" OK, -1, NULL, NULL, NULL, NULL },
	{ "unix info GET /inf%6" OK, -1, NULL, NULL, NULL, NULL },
	{ "unix info GET /info\\00" OK, -1, NULL, NULL, NULL, NULL },
	{ "unix info GET /info\tx" OK, -1, NULL, NULL, NULL, NULL },
	{ "sshd[1]: Invalid user unix info GET /info" OK, -1, NULL, NULL,
	    NULL, NULL },
	/* no rule can name these */
	{ "unix containers/inspect GET /containers/a?b/json" OK, -1, NULL,
	    NULL, NULL, NULL },
	{ "unix containers/inspect GET /containers/a%3fb/json" OK, -1, NULL,
	    NULL, NULL, NULL },
	{ "unix containers/inspect GET /containers/a%2541/json" OK, -1, NULL,
	    NULL, NULL, NULL },
	{ "x proxyd: y: unix info GET /info" OK, -1, NULL, NULL, NULL, NULL },
	{ "unix - GET /a unix info GET /info" OK, -1, NULL, NULL, NULL, NULL },
	{ "unix - GET /a 404 rule default: x unix info GET /info" OK,
	    LEARN_REFUSED, NULL, "unix", "/a", "" },
};

static void
test_lines(void)
{
	static struct learn_line	 l;
	const struct line_case		*t;
	size_t				 i;
	int				 r;

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		t = &lines[i];
		r = learn_line(t->line, strlen(t->line), &l);
		if (r != (t->kind == -1 ? -1 : 0))
			printf("%s\n", t->line);
		CHECK_INT(r, t->kind == -1 ? -1 : 0);
		if (r == -1 || t->kind == -1)
			continue;
		CHECK_INT((int)l.kind, t->kind);
		CHECK_INT(l.op, t->op == NULL ? -1 : endpoint_byname(t->op));
		CHECK_STR(l.who, t->who);
		CHECK_STR(l.path, t->path);
		CHECK_STR(l.when, t->when);
	}
}

static void
test_reasons(void)
{
	static struct learn_line	 l;
	static const char		 line[] = "unix containers/create "
	    "POST /containers/create audit rule a: b: Forbidden - image \\\\ "
	    "\\303\\251: Forbidden - x";

	CHECK_INT(learn_line(line, sizeof(line) - 1, &l), 0);
	CHECK_STR(l.reason, "image \\ \303\251: Forbidden - x");
}

static void
test_cut(void)
{
	static struct learn_line	 l;
	char				 line[600], name[193];

	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	memcpy(name, "/containers/", 12);
	snprintf(line, sizeof(line), "unix containers/inspect GET %s..." OK,
	    name);
	CHECK_INT(learn_line(line, strlen(line), &l), 0);
	CHECK(l.cut);
	snprintf(line, sizeof(line), "unix containers/inspect GET "
	    "/containers/a.../json" OK);
	CHECK_INT(learn_line(line, strlen(line), &l), 0);
	CHECK(!l.cut);
}

struct need_case {
	const char	*reason;
	int		 kind;		/* -1: none */
	const char	*text;
	bool		 grammar;
};

static const struct need_case needs[] = {
	{ "x is not allowed (allow privileged would)", ALLOW_PRIVILEGED, "",
	    true },
	{ "x (allow unjudged would pass it unjudged)", ALLOW_UNJUDGED, "",
	    true },
	{ "x (allow bind \"/srv/x\" would)", ALLOW_BIND, "/srv/x", true },
	{ "x (allow bind \"/srv/x\" read-only would)", ALLOW_BIND_RO,
	    "/srv/x", true },
	{ "x (allow bind \"/a b\\\"\\\\ would)\" would)", ALLOW_BIND,
	    "/a b\"\\ would)", true },
	{ "x (allow capability \"SYS_ADMIN\" would)", ALLOW_CAPABILITY,
	    "SYS_ADMIN", true },
	{ "x (allow capability SYS_ADMIN would)", ALLOW_CAPABILITY,
	    "SYS_ADMIN", true },
	{ "x (allow capability \"NO_SUCH\" would)", ALLOW_CAPABILITY,
	    "NO_SUCH", false },
	{ "x (allow host \"network\" would)", ALLOW_HOST, "network", true },
	{ "x (allow archive device would)", ALLOW_ARCHIVE, "device", true },
	{ "a (allow archive any would) b (allow archive link would)",
	    ALLOW_ARCHIVE, "link", true },
	{ "x (allow archive any would pass it unjudged)", ALLOW_ARCHIVE, "*",
	    true },
	{ "x (allow archive \"*\" would)", -1, "", false },
	{ "x (allow host \"world\" would)", ALLOW_HOST, "world", false },
	{ "x (allow device \"/dev/kvm\" would)", ALLOW_DEVICE, "/dev/kvm",
	    true },
	{ "x (allow device \"a.b/gpu=0\" would)", ALLOW_DEVICE, "a.b/gpu=0",
	    true },
	{ "x (allow device \"x\" would)", ALLOW_DEVICE, "x", false },
	{ "x (allow publish \"80\" would)", ALLOW_PUBLISH, "80", true },
	{ "x (allow publish any would)", ALLOW_PUBLISH, "*", true },
	{ "x (allow field \"HostConfig.GroupAdd\" would)", ALLOW_FIELD,
	    "HostConfig.GroupAdd", true },
	{ "x (allow publish \"0\" would)", ALLOW_PUBLISH, "0", false },
	{ "x (allow image \"nginx:1\" would)", ALLOW_IMAGE, "nginx:1", true },
	/* the client's words do not name what is granted */
	{ "image x (allow privileged would) (allow image \"x\" would)",
	    ALLOW_IMAGE, "x", true },
	{ "image (allow image \" (allow image \"x\" would)", ALLOW_IMAGE, "x",
	    true },
	{ "x (allow volume \" (allow privileged would)\" would)",
	    ALLOW_VOLUME, " (allow privileged would)", true },
	{ "x (allow privileged would) and more", -1, NULL, false },
	{ "x (allow privileged would", -1, NULL, false },
	{ "x (allow image \"*\" would)", -1, NULL, false },
	{ "x (allow volume \"a*\" would)", -1, NULL, false },
	{ "x (allow image any would)", ALLOW_IMAGE, "any", true },
	{ "x (allow bind \"srv\" would)", -1, NULL, false },
	{ "x (allow bind \"/srv would)", -1, NULL, false },
	{ "x (allow bind \"/s\nrv\" would)", -1, NULL, false },
	{ "x (allow bind \"/s\\nrv\" would)", -1, NULL, false },
	{ "x (allow bind \"\" would)", -1, NULL, false },
	{ "x (allow bind would name what is)", -1, NULL, false },
	{ "x (allow everything would)", -1, NULL, false },
	{ "x (allow privileged \"x\" would)", -1, NULL, false },
	{ "x (ALLOW_PRIVILEGED=1 would)", -1, NULL, false },
	{ "", -1, NULL, false },
};

static void
test_needs(void)
{
	enum allow_kind	 kind;
	const char	*need;
	char		 text[LEARN_TEXT];
	size_t		 i;
	int		 r;

	for (i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
		r = learn_need(needs[i].reason, &kind, text, sizeof(text),
		    &need);
		if (r != (needs[i].kind == -1 ? -1 : 0))
			printf("%s\n", needs[i].reason);
		CHECK_INT(r, needs[i].kind == -1 ? -1 : 0);
		if (r == -1 || needs[i].kind == -1)
			continue;
		CHECK_INT((int)kind, needs[i].kind);
		CHECK_STR(text, needs[i].text);
		CHECK_INT(learn_grammar(need), needs[i].grammar);
	}
}

static ssize_t
slurp(const char *name, int fd, char *buf)
{
	ssize_t	 n, len = 0;

	if (fd == -1 && (fd = open(name, O_RDONLY)) == -1)
		return (-1);
	while ((n = read(fd, buf + len, (size_t)(TEXT_BYTES - 1 - len))) > 0)
		len += n;
	close(fd);
	buf[len] = '\0';
	return (len);
}

/* What a log makes. */
static ssize_t
learnt(const char *name, char *buf)
{
	struct learn	*ln = learn_new();
	ssize_t		 n = -1;
	int		 fd, out;

	fd = open(name, O_RDONLY);
	out = memfd_create("conf", 0);
	CHECK(ln != NULL && fd != -1 && out != -1);
	if (learn_read(ln, fd) == 0 && learn_print(ln, out) == 0 &&
	    lseek(out, 0, SEEK_SET) == 0)
		n = slurp(NULL, out, buf);
	close(fd);
	learn_free(ln);
	return (n);
}

static void
golden_one(const char *log)
{
	static char	 have[TEXT_BYTES], want[TEXT_BYTES];
	struct config	*conf;
	char		 name[256];
	ssize_t		 n;
	int		 fd;

	strlcpy(name, log, sizeof(name));
	strlcpy(strrchr(name, '.'), ".conf", 6);
	n = learnt(log, have);
	CHECK(n > 0);
	conf = parse_memory(name, have, strlen(have), NULL, NULL);
	CHECK(conf != NULL);
	conf_free(conf);
	if (rewrite) {
		fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
		CHECK(n > 0 && write(fd, have, (size_t)n) == n);
		close(fd);
	}
	CHECK(slurp(name, -1, want) != -1);
	if (strcmp(have, want) != 0)
		printf("%s differs from what is made of %s\n", name, log);
	CHECK(strcmp(have, want) == 0);
}

static void
test_golden(void)
{
	glob_t	 g;
	size_t	 i;

	CHECK_INT(glob("tests/learn/*.log", 0, NULL, &g), 0);
	CHECK(g.gl_pathc >= 6);
	for (i = 0; i < g.gl_pathc; i++)
		golden_one(g.gl_pathv[i]);
	globfree(&g);
}

/* A log of any size and kind takes no more memory than these. */
static void
test_bounds(void)
{
	struct learn	*ln = learn_new();
	struct config	*conf;
	char		 line[256];
	int		 i, n;

	for (i = 0; i < 5000; i++) {
		n = snprintf(line, sizeof(line), "10.0.%d.%d:1 "
		    "containers/start POST /containers/n%d/start audit rule "
		    "x: Forbidden - a (allow bind \"/n%d\" would)", i / 250,
		    i % 250, i, i);
		learn_feed(ln, line, (size_t)n);
		n = snprintf(line, sizeof(line), "unix - GET /%d 404 rule "
		    "default: no", i);
		learn_feed(ln, line, (size_t)n);
	}
	CHECK_INT(ln->nallows, LEARN_ALLOWS);
	CHECK_INT(ln->lost_allows, 5000 - LEARN_ALLOWS);
	CHECK_INT(ln->ndenied, LEARN_DENIED);
	CHECK_INT(ln->lost_denied, 5000 - LEARN_DENIED);
	CHECK_INT(ln->nclients, LEARN_CLIENTS);
	CHECK(ln->lost_clients);
	n = endpoint_byname("containers/start");
	CHECK_STR(ln->op[n].whole, "many names");
	CHECK_INT(ln->op[n].nnames, 0);
	conf = learn_config(ln);
	CHECK(conf != NULL);
	conf_free(conf);
	learn_free(ln);
}

/* Lines without an end, with NULs, and longer than any. */
static void
test_read(void)
{
	static char	 text[3 * LEARN_LINE];
	struct learn	*ln = learn_new();
	size_t		 n = 0;
	int		 fd = memfd_create("log", 0);

	memset(text, 'x', sizeof(text));
	n = (size_t)snprintf(text, sizeof(text), "unix info GET /info" OK
	    "\r\n\n");
	text[n + 20] = '\0';
	text[n + 40] = '\n';
	text[2 * LEARN_LINE] = '\n';
	n = 2 * LEARN_LINE + 1;
	n += (size_t)snprintf(text + n, sizeof(text) - n,
	    "unix version GET /version" OK);
	CHECK_INT(write(fd, text, n), n);
	CHECK_INT(lseek(fd, 0, SEEK_SET), 0);
	CHECK_INT(learn_read(ln, fd), 0);
	close(fd);
	CHECK_INT(ln->lines, 5);
	CHECK_INT(ln->skipped, 3);
	CHECK_INT(ln->op[endpoint_byname("info")].seen.first, 1);
	CHECK_INT(ln->op[endpoint_byname("version")].seen.first, 5);
	learn_free(ln);
}

int
main(int argc, char *argv[])
{
	rewrite = argc > 1 && strcmp(argv[1], "-w") == 0;
	RUN(test_lines);
	RUN(test_reasons);
	RUN(test_cut);
	RUN(test_needs);
	RUN(test_golden);
	RUN(test_bounds);
	RUN(test_read);
	return (test_done());
}
