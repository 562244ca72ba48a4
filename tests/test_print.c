/* SPDX-License-Identifier: ISC */

/*
 * What proxyd -nv prints is a configuration file, and the same policy: each
 * form of each statement as text, and then random configurations, environments
 * and the files of tests/conf printed, read and printed again.
 */

#include "../proxyd/proxyd.h"

#include <sys/mman.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "../proxyd/parse.h"
#include "../tests/random_conf.h"
#include "../tests/test.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

#define RANDOM_CONFS	2500

static char	 err[256];
static char	 said[512];	/* by the parser, the last line */

static void
listen_to(int priority, const char *line, size_t len)
{
	(void)snprintf(said, sizeof(said), "%s", line);
}

static struct config *
must_new(void)
{
	struct config	*conf;

	if ((conf = conf_new()) == NULL)
		abort();
	return (conf);
}

/* The text; the caller frees it. */
static char *
printed(const struct config *conf)
{
	char	*buf;
	ssize_t	 n;
	off_t	 len;
	int	 fd;

	if ((fd = memfd_create("print", 0)) == -1)
		abort();
	CHECK_INT(conf_print(conf, fd), 0);
	if ((len = lseek(fd, 0, SEEK_END)) == -1 ||
	    (buf = malloc((size_t)len + 1)) == NULL ||
	    (n = pread(fd, buf, (size_t)len, 0)) != len)
		abort();
	buf[n] = '\0';
	close(fd);
	return (buf);
}

/* Take away comments, blanks before them, and lines that are empty then. */
static void
strip(char *s)
{
	char	*out = s, *line = s;
	bool	 quoted = false;

	for (; *s != '\0'; s++) {
		if (*s == '"')
			quoted = !quoted;
		if (quoted && *s == '\\')
			*out++ = *s++;
		else if (!quoted && *s == '#')
			s += strcspn(s, "\n");
		if (*s == '\n') {
			while (out > line && (out[-1] == ' ' ||
			    out[-1] == '\t'))
				out--;
			if (out == line)
				continue;
			line = out + 1;
		}
		*out++ = *s;
	}
	*out = '\0';
}

static void
expect_rule(struct config *conf, const char *want)
{
	char	*text = printed(conf), *begin, *end;

	begin = strstr(text, "{\n");
	end = begin == NULL ? NULL : strstr(begin, "\n}");
	if (begin == NULL || end == NULL)
		abort();
	end[1] = '\0';
	CHECK_STR(begin + 2, want);
	free(text);
	conf_free(conf);
}

static struct rule *
rule_on(struct config *conf, const char *op)
{
	struct rule	*r;

	if ((r = conf_rule(conf->profile, ACTION_PASS, "f:1", NULL)) == NULL)
		abort();
	if (op != NULL)
		opset_add(&r->ops, (size_t)endpoint_byname(op));
	return (r);
}

static struct cond *
cond(struct conds *conds, enum cond_kind kind, unsigned int group,
    const char *key, const char *text, bool negated)
{
	struct cond	*c;

	if ((c = cond_add(conds, kind, group, key, text)) == NULL)
		abort();
	c->negated = negated;
	return (c);
}

static void
address(struct conds *conds, unsigned int group, const char *addr,
    unsigned int bits)
{
	struct cond	*c = cond(conds, COND_ADDR, group, NULL, NULL, false);

	c->family = strchr(addr, ':') != NULL ? 6 : 4;
	c->bits = (uint8_t)bits;
	if (inet_pton(c->family == 6 ? AF_INET6 : AF_INET, addr,
	    c->addr) != 1)
		abort();
}

static void
test_rule_words(void)
{
	struct config	*conf = must_new();
	struct rule	*r;

	r = rule_on(conf, "version");
	r->log = r->quick = r->audit = true;
	r->label = strdup("a \"b\"");
	r = rule_on(conf, "containers/archive/get");
	r->methods = 1U << METHOD_GET | 1U << METHOD_PUT;
	r = rule_on(conf, "containers/remove");
	r->action = ACTION_BLOCK;
	r->methods = 1U << METHOD_DELETE;
	(void)rule_on(conf, NULL);
	expect_rule(conf,
	    "\tpass log quick read on version mode audit \\\n"
	    "\t    label \"a \\\"b\\\"\"\t\t\t# f:1\n"
	    "\tpass method { GET, PUT } on containers/archive/get # f:1\n"
	    "\tblock method DELETE on containers/remove # f:1\n"
	    "\t# nothing to match: pass\t\t# f:1\n");
}

/* "any" with an access, and the operations that have a container. */
static void
test_rule_any(void)
{
	const struct endpoint	*ep;
	struct config		*conf = must_new();
	struct rule		*all, *reads, *aim;
	size_t			 op;

	all = rule_on(conf, NULL);
	reads = rule_on(conf, NULL);
	aim = rule_on(conf, NULL);
	for (op = 0; (ep = endpoint_get(op)) != NULL; op++) {
		opset_add(&all->ops, op);
		if ((ep->flags & EPF_WRITE) == 0)
			opset_add(&reads->ops, op);
		if (strncmp(ep->name, "containers/", 11) == 0 &&
		    (ep->args == ARG_CONTAINER || ep->args == ARG_EXEC))
			opset_add(&aim->ops, op);
	}
	cond(&aim->conds, COND_TARGET, 0, NULL, "web-*", false);
	cond(&aim->conds, COND_TARGET_LABEL, 0, "a", "b=\"c", true);
	expect_rule(conf,
	    "\tpass on any\t\t\t\t# f:1\n"
	    "\tpass read on any\t\t\t# f:1\n"
	    "\tpass on containers \\\n"
	    "\t    container { \"web-*\", ! label \"a=b=\\\"c\" } # f:1\n");
}

static void
test_rule_conds(void)
{
	struct config	*conf = must_new();
	struct conds	*c = &rule_on(conf, "containers/kill")->conds;

	cond(c, COND_PATH, 0, NULL, "/x*", false);
	cond(c, COND_QUERY, 1, "signal", "HUP", true);
	cond(c, COND_QUERY, 1, "signal", "INT", true);
	cond(c, COND_QUERY, 2, "signal", "*", false);
	cond(c, COND_QUERY_GIVEN, 3, "signal", NULL, false);
	cond(c, COND_QUERY_GIVEN, 4, "signal", NULL, true);
	address(c, 5, "10.0.0.0", 8);
	address(c, 5, "192.168.1.1", 32);
	address(c, 5, "fd00::", 8);
	address(c, 6, "::1", 128);
	cond(c, COND_UID, 7, NULL, "root", false);
	cond(c, COND_UID, 7, NULL, NULL, true)->num = 4000000000U;
	cond(c, COND_GID, 7, NULL, "x y", true);
	cond(c, COND_GID, 7, NULL, NULL, false)->num = 5;
	cond(c, COND_ASKER, 8, NULL, "ci", false);
	cond(c, COND_ASKER_LABEL, 8, "k", "", true);
	expect_rule(conf,
	    "\tpass write on containers/kill path \"/x*\" \\\n"
	    "\t    query \"signal\" not in { \"HUP\", \"INT\" } \\\n"
	    "\t    query \"signal\" in \"*\" query \"signal\" given \\\n"
	    "\t    query \"signal\" absent \\\n"
	    "\t    from { 10.0.0.0/8, 192.168.1.1, fd00::/8 } \\\n"
	    "\t    from ::1 from { user \"root\", \\\n"
	    "\t    ! uid 4000000000, ! group \"x y\", gid 5 } \\\n"
	    "\t    from { container \"ci\", ! label \"k=\" } # f:1\n");
}

static void
test_allows(void)
{
	static const struct {
		enum allow_kind	 kind;
		const char	*text;
		uint64_t	 num;
		uint64_t	 dflt;
		const char	*want;
	} t[] = {
		{ ALLOW_FIELD, "A.B", 0, 0, "allow field \"A.B\"" },
		{ ALLOW_SYSCTL, "net.*", 0, 0, "allow sysctl \"net.*\"" },
		{ ALLOW_LOGDRIVER, "syslog", 0, 0,
		    "allow log-driver syslog" },
		{ ALLOW_LOGDRIVER, "a b", 0, 0, "allow log-driver \"a b\"" },
		{ ALLOW_PUBLISH, "*", 0, 0, "allow publish any" },
		{ ALLOW_PUBLISH, "8000-8100", 0, 0,
		    "allow publish \"8000-8100\"" },
		{ ALLOW_ULIMIT, "nofile", 0, 0, "allow ulimit nofile" },
		{ ALLOW_NETWORK, "any", 0, 0, "allow network \"any\"" },
		{ ALLOW_SECRET, "tls-*", 0, 0, "allow secret \"tls-*\"" },
		{ ALLOW_SECRET, "*", 0, 0, "allow secret any" },
		{ ALLOW_CONFIG, "site", 0, 0, "allow config \"site\"" },
		{ ALLOW_ARCHIVE, "*", 0, 0, "allow archive any" },
		{ ALLOW_ARCHIVE, "device", 0, 0, "allow archive device" },
		{ REQUIRE, "non-root", 0, 0, "require non-root" },
		{ ADD_LABEL, "a=b c", 0, 0, "set label \"a=b c\"" },
		{ LIMIT, "memory", 4ULL << 30, 1ULL << 20,
		    "limit memory 4G default 1M" },
		{ LIMIT, "swap", 1025, 1025, "limit swap 1025" },
		{ LIMIT, "shm", 64 << 10, 64 << 10, "limit shm 64K" },
		{ LIMIT, "pids", 2048, 2048, "limit pids 2048" },
		{ LIMIT, "cpus", 1500, 250, "limit cpus 1.5 default 0.25" },
		{ LIMIT, "cpus", 2000, 2000, "limit cpus 2" },
		{ LIMIT, "cpus", 10001, 10001, "limit cpus 10.001" },
		{ LIMIT, "ulimit-nofile", 1024, 512,
		    "limit ulimit-nofile 1024 default 512" },
	};
	struct config	*conf;
	struct allow	*a;
	char		*text, want[128];
	size_t		 i;

	for (i = 0; i < N(t); i++) {
		conf = must_new();
		a = conf_allow(conf->profile, t[i].kind, t[i].text, "f:1");
		if (a == NULL)
			abort();
		a->num = t[i].num;
		a->dflt = t[i].dflt;
		text = printed(conf);
		strip(text);
		(void)snprintf(want, sizeof(want), "{\n\t%s\n}\n", t[i].want);
		if (strstr(text, want) == NULL)
			CHECK_STR(text, want);
		free(text);
		conf_free(conf);
	}
}

static void
test_options(void)
{
	struct config	*conf = must_new();
	struct profile	*p;
	char		*text;

	conf->facility = LOG_LOCAL3;
	conf->log = LOG_WHICH_NONE;
	conf->limits.clients = 64;
	conf->limits.body = 2 << 20;
	conf->limits.idle_secs = 0;
	if ((p = conf_profile(conf, "a")) == NULL ||
	    (p->origin = strdup("f:3")) == NULL ||
	    conf_profile(conf, "b") == NULL)
		abort();
	p->audit = true;
	p->limits.head = 5000;
	p->limits.header_secs = 90;
	p->limits.idle_secs = 7200;
	p->limits.body_secs = 86400;
	p->limits.answer_secs = 0;
	text = printed(conf);
	CHECK_STR(text,
	    "set socket \"/var/run/docker.sock\"\n"
	    "set syslog local3\n"
	    "set log none\n"
	    "set limit { clients 64, body 2M }\n"
	    "set timeout idle 0\n"
	    "\n"
	    "profile \"a\" {\t\t\t\t\t# f:3\n"
	    "\tmode audit\n"
	    "\tlimit head 5000\n"
	    "\ttimeout { header 90, idle 2h, body 1d, answer 0 }\n"
	    "}\n"
	    "\n"
	    "profile \"b\" {\n"
	    "}\n"
	    "\n");
	free(text);
	conf->log = LOG_WHICH_BLOCK;
	conf->bind_check = true;
	conf->facility = LOG_DAEMON;
	text = printed(conf);
	CHECK(strstr(text, "\nset bind-check yes\n") != NULL);
	CHECK(strstr(text, "\nset log block\n") != NULL);
	CHECK(strstr(text, "syslog") == NULL);
	free(text);
	conf_free(conf);
}

static void
test_listeners(void)
{
	struct config	*conf = must_new();
	struct listener	*l;
	char		*text, *at;

	if (conf_listen(conf, "unix:///r \"s", false, err, sizeof(err)) ==
	    -1 || conf_listen(conf, "tcp://:1", false, err, sizeof(err)) ==
	    -1)
		abort();
	l = TAILQ_FIRST(&conf->listeners);
	cond(&l->from, COND_UID, 0, NULL, NULL, false)->num = 7;
	cond(&l->from, COND_GID, 0, NULL, "adm", false);
	l = TAILQ_NEXT(l, entry);
	l->origin = strdup("f:9");
	address(&l->from, 0, "10.0.0.0", 8);
	address(&l->from, 0, "172.16.0.0", 12);
	address(&l->from, 0, "192.168.0.0", 16);
	text = printed(conf);
	if ((at = strstr(text, "listen on")) == NULL)
		abort();
	CHECK_STR(at,
	    "listen on \"/r \\\"s\" mode 0660 from { uid 7, "
	    "group \"adm\" } \\\n"
	    "    profile \"\"\n"
	    "listen on any port 1 from { 10.0.0.0/8, 172.16.0.0/12, \\\n"
	    "    192.168.0.0/16 } profile \"\"\t\t\t# f:9\n");
	free(text);
	conf_free(conf);
}

/* A file may be named as it likes: its comment is one line. */
static void
test_comment(void)
{
	struct config	*conf = must_new();
	struct rule	*r = rule_on(conf, "version");

	free(r->origin);
	r->origin = strdup("a\nb\\\n:1");
	expect_rule(conf, "\tpass read on version\t\t\t# a?b\\?:1\n");
}

static size_t
rule_number(const struct profile *p, const struct rule *want)
{
	const struct rule	*r;
	size_t			 n = 1;

	TAILQ_FOREACH(r, &p->rules, entry) {
		if (r == want)
			return (n);
		n++;
	}
	return (0);
}

/* For each operation the same rules, by number, in the same order. */
static void
same_decisions(const struct profile *a, const struct profile *b)
{
	const struct rule	*const *ra, *const *rb;
	struct opset		 ca, cb;
	size_t			 op;

	profile_ceiling(a, &ca);
	profile_ceiling(b, &cb);
	CHECK(memcmp(&ca, &cb, sizeof(ca)) == 0);
	CHECK(a->privileged == b->privileged && a->unjudged == b->unjudged);
	CHECK(a->audit == b->audit && a->log == b->log);
	CHECK(a->asks_target == b->asks_target);
	CHECK(a->asks_asker == b->asks_asker);
	CHECK(memcmp(&a->limits, &b->limits, sizeof(a->limits)) == 0);
	for (op = 0; op < endpoint_count(); op++) {
		ra = a->decide[op];
		rb = b->decide[op];
		CHECK((ra == NULL) == (rb == NULL));
		if (ra == NULL || rb == NULL)
			continue;
		while (*ra != NULL && *rb != NULL &&
		    rule_number(a, *ra) == rule_number(b, *rb)) {
			ra++;
			rb++;
		}
		CHECK(*ra == NULL && *rb == NULL);
	}
}

static void
same_conds(const struct conds *a, const struct conds *b)
{
	const struct cond	*ca = TAILQ_FIRST(a), *cb = TAILQ_FIRST(b);
	const struct cond	*na, *nb;

	for (; ca != NULL && cb != NULL; ca = na, cb = nb) {
		CHECK(ca->kind == cb->kind && ca->negated == cb->negated);
		CHECK(ca->family == cb->family && ca->bits == cb->bits);
		CHECK(memcmp(ca->addr, cb->addr, sizeof(ca->addr)) == 0);
		CHECK_INT(ca->num, cb->num);
		CHECK_STR(ca->key, cb->key);
		CHECK_STR(ca->text, cb->text);
		na = TAILQ_NEXT(ca, entry);
		nb = TAILQ_NEXT(cb, entry);
		CHECK((na != NULL && na->group == ca->group) ==
		    (nb != NULL && nb->group == cb->group));
	}
	CHECK(ca == NULL && cb == NULL);
}

static void
same_profile(const struct profile *a, const struct profile *b)
{
	const struct rule	*ra = TAILQ_FIRST(&a->rules);
	const struct rule	*rb = TAILQ_FIRST(&b->rules);
	const struct allow	*aa = TAILQ_FIRST(&a->allows);
	const struct allow	*ab = TAILQ_FIRST(&b->allows);

	CHECK_STR(a->name, b->name);
	for (; ra != NULL && rb != NULL; ra = TAILQ_NEXT(ra, entry),
	    rb = TAILQ_NEXT(rb, entry)) {
		CHECK(ra->action == rb->action && ra->quick == rb->quick);
		CHECK(ra->log == rb->log && ra->audit == rb->audit);
		CHECK_INT(ra->methods, rb->methods);
		CHECK(memcmp(&ra->ops, &rb->ops, sizeof(ra->ops)) == 0);
		CHECK((ra->label == NULL) == (rb->label == NULL));
		if (ra->label != NULL && rb->label != NULL)
			CHECK_STR(ra->label, rb->label);
		same_conds(&ra->conds, &rb->conds);
	}
	CHECK(ra == NULL && rb == NULL);
	for (; aa != NULL && ab != NULL; aa = TAILQ_NEXT(aa, entry),
	    ab = TAILQ_NEXT(ab, entry)) {
		CHECK_INT(aa->kind, ab->kind);
		CHECK_STR(aa->text, ab->text);
		CHECK(aa->num == ab->num && aa->dflt == ab->dflt);
	}
	CHECK(aa == NULL && ab == NULL);
}

static void
same_listeners(const struct config *a, const struct config *b)
{
	const struct listener	*la = TAILQ_FIRST(&a->listeners);
	const struct listener	*lb = TAILQ_FIRST(&b->listeners);

	for (; la != NULL && lb != NULL; la = TAILQ_NEXT(la, entry),
	    lb = TAILQ_NEXT(lb, entry)) {
		CHECK(la->kind == lb->kind && la->v6only == lb->v6only);
		CHECK(la->owner == lb->owner && la->group == lb->group);
		CHECK_INT(la->mode, lb->mode);
		CHECK(la->addrlen == lb->addrlen &&
		    memcmp(&la->addr, &lb->addr, la->addrlen) == 0);
		if (la->path != NULL)
			CHECK_STR(la->path, lb->path);
		CHECK_STR(la->profile->name, lb->profile->name);
		same_conds(&la->from, &lb->from);
	}
	CHECK(la == NULL && lb == NULL);
}

/* Read what is printed of it; NULL is a failure that was noted. */
static struct config *
again(const struct config *conf, char **text)
{
	struct config	*back;

	*text = printed(conf);
	back = parse_memory("printed", *text, strlen(*text), NULL, NULL);
	CHECK(back != NULL);
	if (back == NULL)
		printf("%s\n%s\n", said, *text);
	return (back);
}

/* Print, read, print: the same text but for the comments. */
static void
round_trip(const struct config *conf, bool same_rules)
{
	const struct profile	*a, *b;
	struct config		*back;
	char			*first, *second;

	if ((back = again(conf, &first)) == NULL) {
		free(first);
		return;
	}
	second = printed(back);
	strip(first);
	strip(second);
	CHECK_STR(second, first);
	free(first);
	free(second);
	CHECK_STR(back->socket, conf->socket);
	CHECK_STR(back->user, conf->user);
	CHECK_STR(back->chroot, conf->chroot);
	CHECK_INT(back->facility, conf->facility);
	CHECK(memcmp(&back->limits, &conf->limits,
	    sizeof(conf->limits)) == 0);
	same_listeners(conf, back);
	a = TAILQ_FIRST(&conf->profiles);
	b = TAILQ_FIRST(&back->profiles);
	for (; same_rules && a != NULL && b != NULL;
	    a = TAILQ_NEXT(a, entry), b = TAILQ_NEXT(b, entry)) {
		same_profile(a, b);
		same_decisions(a, b);
	}
	if (same_rules)
		CHECK(a == NULL && b == NULL);
	conf_free(back);
}

static void
test_round_random(void)
{
	static char	 name[32];
	struct config	*conf;
	unsigned int	 i, bad = test_bad;

	for (i = 0; i < RANDOM_CONFS && test_bad == bad; i++) {
		(void)snprintf(name, sizeof(name), "random_conf(%u)", i);
		test_current = name;
		conf = random_conf(i);
		round_trip(conf, true);
		conf_free(conf);
	}
}

/* What passes and what does not, for each operation. */
static void
same_verdicts(const struct profile *a, const struct profile *b)
{
	const struct rule	*ra, *rb;
	size_t			 op;

	for (op = 0; op < endpoint_count(); op++) {
		ra = profile_first(a, op);
		rb = profile_first(b, op);
		CHECK_INT(ra != NULL && ra->action == ACTION_PASS,
		    rb != NULL && rb->action == ACTION_PASS);
	}
}

/* Rules that only repeat the built-in block are not printed of these. */
static void
test_round_env(void)
{
	static const char *const	 names[] = {
		"POST", "CONTAINERS", "EXEC", "IMAGES", "BUILD", "NETWORKS",
		"VOLUMES", "PLUGINS", "SWARM", "EVENTS", "ALLOW_PRIVILEGED",
		"ALLOW_LOGS", "ALLOW_START", "ALLOW_RESTARTS", "ALLOW_ARCHIVE"
	};
	struct config			*conf, *back;
	char				 vars[N(names)][32], *env[N(names) + 1];
	char				*text;
	unsigned int			 i, k;

	for (i = 0; i < 1U << N(names); i += 61) {
		for (k = 0; k < N(names); k++) {
			(void)snprintf(vars[k], sizeof(vars[k]), "%s=%u",
			    names[k], i >> k & 1);
			env[k] = vars[k];
		}
		env[k] = NULL;
		conf = env_config(env, err, sizeof(err));
		if (conf == NULL)
			abort();
		round_trip(conf, false);
		if ((back = again(conf, &text)) != NULL)
			same_verdicts(conf->profile,
			    TAILQ_FIRST(&back->profiles));
		free(text);
		conf_free(back);
		conf_free(conf);
	}
}

/* What is written in another way than it is printed. */
static void
test_round_written(void)
{
	static const char	 text[] =
	    "home = \"/srv/a \\\"b\\\"\"\n"
	    "table <near> { 10.0.0.0/8 fd00::/8 }\n"
	    "table <all> { <near>, 192.168.0.1\n}\n"
	    "set limit { clients 64\n body 2M }\n"
	    "profile \"a\" {\n"
	    "\tlimit { memory 4096M default 1024K, pids 0100, cpus 1.50 }\n"
	    "\ttimeout idle 120m\n"
	    "\tpass\n"
	    "\tpass read on { ping version } from ! <all>\n"
	    "\tblock log quick method { POST PUT } \\\n"
	    "\t    from { user root, uid 0, ! gid 5 }\n"
	    "\tblock on containers container { label \"a=b\" ! x }\n"
	    "\tpass on containers/kill query signal in { HUP, INT } \\\n"
	    "\t    query signal given mode audit label $home\n"
	    "\tallow image any\n"
	    "\tallow bind { $home, \"/x/../y//\" } read-only\n"
	    "\tallow capability { CAP_NET_RAW, chown }\n"
	    "\tset label { \"a=b\", \"c=d e\" }\n"
	    "}\n"
	    "listen on any port 1 from <all> profile \"a\" # all\n"
	    "listen on \"/run/../s\" group root owner 0 profile a\n";
	struct config		*conf;

	conf = parse_memory("written", text, strlen(text), NULL, NULL);
	CHECK(conf != NULL);
	if (conf != NULL)
		round_trip(conf, true);
	conf_free(conf);
}

/* Files that are refused are the subject of others; min of them are not. */
static void
round_files(const char *pattern, size_t min)
{
	struct config	*conf;
	glob_t		 g = { .gl_pathc = 0 };
	size_t		 i, read = 0;

	CHECK_INT(glob(pattern, 0, NULL, &g), 0);
	for (i = 0; i < g.gl_pathc; i++) {
		test_current = g.gl_pathv[i];
		conf = parse_file(g.gl_pathv[i], NULL, "presets");
		if (conf == NULL)
			continue;
		round_trip(conf, true);
		conf_free(conf);
		read++;
	}
	test_current = pattern;
	CHECK(read >= min);
	globfree(&g);
}

static void
test_round_examples(void)
{
	round_files("examples/*.conf", 2);
}

/* Each in a profile of its own. */
static void
test_round_presets(void)
{
	struct config	*conf;
	char		 text[512], *name;
	glob_t		 g = { .gl_pathc = 0 };
	size_t		 i;
	int		 n;

	CHECK_INT(glob("presets/*.conf", 0, NULL, &g), 0);
	for (i = 0; i < g.gl_pathc; i++) {
		test_current = g.gl_pathv[i];
		name = g.gl_pathv[i] + strlen("presets/");
		n = snprintf(text, sizeof(text), "profile \"p\" {\n"
		    "\tpreset \"%.*s\"\n\tallow image any\n}\n"
		    "listen on any port 1 profile \"p\"\n",
		    (int)(strlen(name) - strlen(".conf")), name);
		conf = parse_memory("preset", text, (size_t)n, NULL,
		    "presets");
		CHECK(conf != NULL);
		if (conf != NULL)
			round_trip(conf, true);
		conf_free(conf);
	}
	globfree(&g);
}

/* The golden files of the grammar, from where they include each other. */
static void
test_round_files(void)
{
	CHECK_INT(chdir("tests/conf"), 0);
	round_files("*.in", 20);
}

int
main(void)
{
	log_init("test_print", 1, listen_to);
	RUN(test_rule_words);
	RUN(test_rule_any);
	RUN(test_rule_conds);
	RUN(test_allows);
	RUN(test_options);
	RUN(test_listeners);
	RUN(test_comment);
	RUN(test_round_random);
	RUN(test_round_env);
	RUN(test_round_written);
	RUN(test_round_examples);
	RUN(test_round_presets);
	RUN(test_round_files);
	return (test_done());
}
