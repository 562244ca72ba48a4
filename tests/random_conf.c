/* SPDX-License-Identifier: ISC */

/*
 * Everything is drawn from one xorshift generator.  Texts are chosen to hurt:
 * quotes, backslashes, comment signs, braces, keywords, bytes above 127.
 * What parse.y would refuse is not made, since this is about what it says.
 */

#include "../tests/random_conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#define N(a)	(sizeof(a) / sizeof((a)[0]))

static uint64_t	 state;

/* Marsaglia, Xorshift RNGs (2003). */
static uint64_t
draw(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (state);
}

static size_t
upto(size_t n)
{
	return (draw() % n);
}

static bool
one_in(size_t n)
{
	return (upto(n) == 0);
}

static void *
must(void *p)
{
	if (p == NULL)
		abort();
	return (p);
}

static const char *
text(void)
{
	static const char *const	 parts[] = {
		"a", "web", "-", "*", "\"", "\\", "#", "{", "}", " ", ",",
		"any", "label", "$x", "=", "!", "<t>", "\303\251", "10", "?",
		"'", "a b", "\\\"", "//", ":", "read-only", "[", "~", "%"
	};
	static char			 buf[4][256];
	static unsigned int		 turn;
	char				*s = buf[turn++ % N(buf)];
	size_t				 n, len = 0;

	for (n = upto(one_in(20) ? 40 : 4) + 1; n > 0; n--)
		len += (size_t)snprintf(s + len, sizeof(buf[0]) - len, "%s",
		    parts[upto(N(parts))]);
	return (s);
}

/* An absolute path that needs no cleaning. */
static const char *
path(void)
{
	static const char *const	 parts[] = {
		"/srv", "/a b", "/x\"y", "/c\\", "/#", "/home", "/..a", "/*"
	};
	static char			 s[256];
	size_t				 n, len = 0;

	for (n = upto(3) + 1; n > 0; n--)
		len += (size_t)snprintf(s + len, sizeof(s) - len, "%s",
		    parts[upto(N(parts))]);
	return (s);
}

/* The name of an operation or of what it lies below. */
static void
word(bool never, char *buf, size_t size)
{
	const struct endpoint	*ep;
	char			*slash;

	do
		ep = endpoint_get(upto(endpoint_count()));
	while (!never && (ep->flags & EPF_NEVER) != 0);
	(void)snprintf(buf, size, "%s", one_in(12) ? "any" : ep->name);
	while ((slash = strrchr(buf, '/')) != NULL && one_in(2))
		*slash = '\0';
}

static bool
ops_empty(const struct opset *set)
{
	static const struct opset	 empty;

	return (memcmp(set, &empty, sizeof(empty)) == 0);
}

/* Operations by words; access 1: read, 2: write. */
static void
rule_ops(struct rule *r)
{
	const struct endpoint	*ep;
	char			 name[64];
	size_t			 op, n, access = upto(3);

	for (n = upto(one_in(4) ? 12 : 3) + 1; n > 0 ||
	    ops_empty(&r->ops); n = n > 0 ? n - 1 : 0) {
		word(r->action == ACTION_BLOCK, name, sizeof(name));
		for (op = 0; (ep = endpoint_get(op)) != NULL; op++)
			if (endpoint_named(ep, name) && (access == 0 ||
			    (access == 2) == ((ep->flags & EPF_WRITE) != 0)))
				opset_add(&r->ops, op);
	}
	if (access != 0 || !one_in(3))
		return;
	do
		op = upto(endpoint_count());
	while (!opset_has(&r->ops, op));
	r->methods = 1U << endpoint_get(op)->method |
	    (one_in(2) ? 1U << METHOD_GET : 0);
}

static struct cond *
cond(struct conds *conds, enum cond_kind kind, unsigned int group,
    const char *key, const char *value)
{
	return (must(cond_add(conds, kind, group, key, value)));
}

static void
address(struct cond *c)
{
	size_t	 i, max;

	c->family = one_in(2) ? 4 : 6;
	max = c->family == 4 ? 32 : 128;
	c->bits = (uint8_t)(one_in(2) ? max : upto(max + 1));
	for (i = 0; i < c->bits; i++)
		if (one_in(3))
			c->addr[i / 8] |= (uint8_t)(0x80 >> (i % 8));
}

static const char *
container(void)
{
	static const char *const	 names[] = {
		"db", "web-*", "*", "A.b_c", "0"
	};

	return (names[upto(N(names))]);
}

static const char *
label_key(void)
{
	static const char *const	 keys[] = {
		"a", "com.example.x", "k\"", "#", "a b"
	};

	return (keys[upto(N(keys))]);
}

static void
clause_from(struct conds *conds, unsigned int group, bool ids, bool addrs,
    bool containers)
{
	struct cond	*c;
	size_t		 n;

	for (n = upto(6) + 1; n > 0; n--) {
		if (addrs && (!ids || one_in(2)))
			address(c = cond(conds, COND_ADDR, group, NULL, NULL));
		else if (containers && one_in(3))
			c = one_in(2) ? cond(conds, COND_ASKER, group, NULL,
			    container()) : cond(conds, COND_ASKER_LABEL, group,
			    label_key(), text());
		else {
			c = cond(conds, one_in(2) ? COND_UID : COND_GID,
			    group, NULL, one_in(4) ? "root" : NULL);
			if (c->text[0] == '\0')
				c->num = (uint32_t)upto(UINT32_MAX - 1);
		}
		c->negated = one_in(4);
	}
}

static bool
of_container(const struct endpoint *ep)
{
	return (ep->args == ARG_CONTAINER || ep->args == ARG_EXEC);
}

/* A clause about the container meant leaves no other operations. */
static void
clause_target(struct rule *r, unsigned int group)
{
	struct opset	 left = r->ops;
	struct cond	*c;
	size_t		 op, n;
	bool		 method = r->methods == 0;

	for (op = 0; op < endpoint_count(); op++)
		if (!of_container(endpoint_get(op)))
			opset_del(&left, op);
		else if (opset_has(&left, op) &&
		    r->methods >> endpoint_get(op)->method & 1)
			method = true;
	if (ops_empty(&left) || !method)
		return;
	r->ops = left;
	for (n = upto(3) + 1; n > 0; n--) {
		c = one_in(2) ? cond(&r->conds, COND_TARGET, group, NULL,
		    container()) : cond(&r->conds, COND_TARGET_LABEL, group,
		    label_key(), text());
		c->negated = one_in(4);
	}
}

/* A key of any of the operations, if they have one. */
static void
clause_query(struct rule *r, unsigned int group)
{
	struct query_key	 key;
	struct cond		*c;
	size_t			 op, i, n, found = 0;
	char			 name[sizeof(key.name)] = "";
	bool			 given = one_in(3), not = one_in(2);

	for (op = 0; op < endpoint_count(); op++)
		for (i = 0; opset_has(&r->ops, op) &&
		    endpoint_get(op)->query != NULL &&
		    endpoint_query(endpoint_get(op), i, &key) == 0; i++)
			if (upto(++found) == 0)
				memcpy(name, key.name, sizeof(name));
	if (found == 0)
		return;
	for (n = given ? 1 : upto(4) + 1; n > 0; n--) {
		c = cond(&r->conds, given ? COND_QUERY_GIVEN : COND_QUERY,
		    group, name, given ? NULL : text());
		c->negated = not;
	}
}

static void
clause_path(struct rule *r, unsigned int group)
{
	static const char *const	 paths[] = {
		"/containers/*/json", "*", "/a b\"c", "/v2/#", "*\\"
	};
	size_t				 n;

	for (n = upto(3) + 1; n > 0; n--)
		cond(&r->conds, COND_PATH, group, NULL,
		    paths[upto(N(paths))]);
}

static void
random_rule(struct profile *p, unsigned int line)
{
	struct rule	*r;
	char		 origin[32];
	unsigned int	 group;

	(void)snprintf(origin, sizeof(origin), "random #%u:%u", line, line);
	r = must(conf_rule(p, one_in(2) ? ACTION_PASS : ACTION_BLOCK, origin,
	    NULL));
	r->log = one_in(4);
	r->quick = one_in(5);
	r->audit = one_in(8);
	rule_ops(r);
	/* The words are chosen before the conditions. */
	if (one_in(4))
		clause_target(r, 0);
	for (group = 1; group < 4 && one_in(2); group++)
		switch (upto(3)) {
		case 0:
			clause_path(r, group);
			break;
		case 1:
			clause_query(r, group);
			break;
		default:
			clause_from(&r->conds, group, true, true, true);
			break;
		}
	if (one_in(4))
		r->label = must(strdup(text()));
}

static const char *
allow_text(enum allow_kind kind)
{
	static const char *const	 choice[ALLOW_KIND_MAX][4] = {
		[ALLOW_CAPABILITY] = { "ALL", "NET_RAW", "CHOWN", "BPF" },
		[ALLOW_DEVICE] = { "/dev/kvm", "/dev/a b", "a.b/c=d", "/d" },
		[ALLOW_HOST] = { "pid", "network", "ipc", "userns" },
		[ALLOW_FIELD] = { "HostConfig.GroupAdd", "A", "B.C.D", "E" },
		[ALLOW_LOGDRIVER] = { "syslog", "any", "a b/c", "local:1" },
		[ALLOW_PUBLISH] = { "*", "80", "8000-8100", "65535" },
		[ALLOW_ULIMIT] = { "nofile", "core", "nproc", "stack" },
		[ALLOW_ARCHIVE] = { "*", "device", "link", "setuid" },
		[REQUIRE] = { "non-root", "read-only", "no-new-privileges",
		    "drop-capabilities" },
		[ADD_LABEL] = { "a=b", "c=", "d=e=f", "x y=\"z\\" },
	};

	if (kind == ALLOW_BIND || kind == ALLOW_BIND_RO)
		return (path());
	if (choice[kind][0] != NULL)
		return (choice[kind][upto(4)]);
	if (kind == ALLOW_PRIVILEGED || kind == ALLOW_UNJUDGED)
		return ("");
	return (one_in(3) ? "*" : text());
}

/* Each of them once. */
static void
random_limits(struct profile *p)
{
	static const char *const	 names[] = {
		"memory", "swap", "shm", "cpus", "pids", "ulimit-nofile",
		"ulimit-core"
	};
	struct allow			*a;
	size_t				 i;

	for (i = 0; i < N(names); i++) {
		if (!one_in(5))
			continue;
		a = must(conf_allow(p, LIMIT, names[i], "random:limit"));
		a->num = 1 + upto(one_in(2) ? 100000 : 64);
		if (i < 3 && one_in(2))
			a->num *= one_in(2) ? 1024 : 1024 * 1024 * 1024;
		if (i == 3 && one_in(2))
			a->num *= 1000;
		a->dflt = one_in(2) ? a->num : 1 + upto(a->num);
	}
}

static void
random_bounds(struct limits *l)
{
	if (one_in(4))
		l->clients = (uint32_t)upto(65536) + 1;
	if (one_in(4))
		l->head = (uint32_t)(one_in(2) ? 1024 * (1 + upto(64)) :
		    1024 + upto(60000));
	if (one_in(4))
		l->body = (uint32_t)(one_in(2) ? 1024 * 1024 *
		    (1 + upto(64)) : 1024 + upto(100000));
	if (one_in(4))
		l->header_secs = (uint32_t)upto(5000) + 1;
	if (one_in(4))
		l->idle_secs = (uint32_t)(upto(30) * 3600);
	if (one_in(4))
		l->body_secs = (uint32_t)(upto(100) + 1) * 60;
	if (one_in(4))
		l->answer_secs = (uint32_t)upto(100) * 60;
}

static void
random_profile(struct config *conf, unsigned int number)
{
	struct profile	*p;
	char		 name[512];
	size_t		 i, n;

	(void)snprintf(name, sizeof(name), "%s %u", text(), number);
	p = must(conf_profile(conf, name));
	p->origin = must(strdup("random:profile"));
	p->audit = one_in(10);
	random_bounds(&p->limits);
	for (i = 0, n = upto(one_in(10) ? 60 : 9); i < n; i++)
		random_rule(p, (unsigned int)i);
	must(conf_allow(p, ALLOW_IMAGE, allow_text(ALLOW_IMAGE), "random"));
	for (n = upto(12); n > 0; n--) {
		/* LIMIT follows, each name once */
		i = upto(ALLOW_KIND_MAX);
		if (i != LIMIT)
			must(conf_allow(p, (enum allow_kind)i,
			    allow_text((enum allow_kind)i), "random:allow"));
	}
	random_limits(p);
}

static struct profile *
any_profile(struct config *conf, size_t n)
{
	struct profile	*p;

	p = TAILQ_FIRST(&conf->profiles);
	for (n = upto(n); n > 0; n--)
		p = TAILQ_NEXT(p, entry);
	return (p);
}

static void
random_listener(struct config *conf, size_t nprofiles, unsigned int port,
    bool metrics)
{
	static const char *const	 places[][2] = {
		{ "tcp://:", "" }, { "tcp://127.0.0.1:", "" },
		{ "tcp://[::]:", "" }, { "tcp://[::1]:", "" },
		{ "tcp://0.0.0.0:", "" }, { "tcp://[fd00::a:1]:", "" },
		{ "unix:///run/a \"", "\".sock" }, { "unix:///run/", "\\" },
		{ "unix:///#", "" }
	};
	const char *const		*at = places[upto(N(places))];
	struct listener			*l;
	char				 buf[128], err[256];
	bool				 uds;

	(void)snprintf(buf, sizeof(buf), "%s%u%s", at[0], port, at[1]);
	if (conf_listen(conf, buf, false, err, sizeof(err)) == -1)
		abort();
	l = TAILQ_LAST(&conf->listeners, listeners);
	l->profile = any_profile(conf, nprofiles);
	if (metrics && conf_metrics(conf, l) == -1)
		abort();
	l->origin = must(strdup("random:listen"));
	uds = l->kind == LISTEN_UNIX;
	if (uds && one_in(2))
		l->owner = (uid_t)upto(70000);
	if (uds && one_in(2))
		l->group = (gid_t)upto(70000);
	if (uds && one_in(2))
		l->mode = (mode_t)upto(01000);
	if (one_in(2))
		clause_from(&l->from, 0, uds, !uds, false);
}

static void
replace(char **s, const char *with)
{
	free(*s);
	*s = must(strdup(with));
}

struct config *
random_conf(unsigned int number)
{
	static const int	 facilities[] = {
		LOG_DAEMON, LOG_AUTH, LOG_LOCAL0, LOG_LOCAL7, LOG_USER
	};
	struct config		*conf = must(conf_new());
	size_t			 i, nprofiles, n;

	state = 88172645463325252ULL + number * 0x9e3779b97f4a7c15ULL;
	for (i = 0; i < 8; i++)
		(void)draw();
	TAILQ_REMOVE(&conf->profiles, conf->profile, entry);
	profile_free(conf->profile);
	conf->profile = NULL;
	if (one_in(3))
		replace(&conf->socket, path());
	if (one_in(3))
		replace(&conf->user, "no#body");
	if (one_in(3))
		replace(&conf->chroot, path());
	if ((conf->control_set = one_in(3)))
		replace(&conf->control, path());
	if (conf->control_set && one_in(3)) {
		free(conf->control);
		conf->control = NULL;
	}
	conf->facility = facilities[upto(N(facilities))];
	conf->log = (enum log_which)upto(LOG_WHICH_NONE + 1);
	conf->log_json = one_in(3);
	conf->log_to = (enum log_to)upto(LOG_TO_MAX);
	conf->bind_check = one_in(2);
	random_bounds(&conf->limits);
	nprofiles = upto(3) + 1;
	for (i = 0; i < nprofiles; i++)
		random_profile(conf, (unsigned int)i);
	for (i = 0, n = upto(4) + 1; i < n; i++)
		random_listener(conf, nprofiles, (unsigned int)(1000 + i),
		    i > 0 && one_in(3));
	if (conf_compile(conf) == -1)
		abort();
	return (conf);
}
