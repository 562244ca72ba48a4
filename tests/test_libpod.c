/* SPDX-License-Identifier: ISC */

/*
 * Every operation of podman's own API under a profile that says "pass" and
 * nothing else: what has a body, or a path, a host or another container in
 * its query, does not pass by that alone.  The exceptions stand here by name.
 */

#include "../filter/query.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../filter/query_value.h"
#include "test.h"

static struct profile	*plain;
static struct path	 path;
static struct peer	 peer;
static struct facts	 facts = { .path = &path, .peer = &peer };

/* A body, and it passes. */
static const char *const	 bodies[] = {
	"libpod/containers/attach",	/* raw, behind the engine's 101 */
	"libpod/exec/create",		/* judged by its schema */
	"libpod/exec/start",		/* the same */
	"libpod/images/load",		/* as images/load: any content */
	NULL
};

/* No body, and yet more than a name can be asked for. */
static const char *const	 powers[] = {
	"libpod/containers/mount", "libpod/containers/checkpoint",
	"libpod/images/pull", "libpod/images/push", "libpod/images/scp",
	"libpod/local/build", "libpod/local/images/load",
	"libpod/manifests/push", "libpod/artifacts/local/add",
	"libpod/artifacts/pull", "libpod/artifacts/push",
	"libpod/quadlets/remove", "libpod/quadlets/remove/all",
	NULL
};

/*
 * What reaches beyond the object that the path names: files and commands of
 * the host, hosts of the client's choice, other containers.
 */
static const char *const	 keys[] = {
	"all", "caCertFile", "depend", "destination", "driver", "driveropts",
	"export", "file", "import", "kubeConfig", "localcontextdir", "path",
	"recursive", "remote", "showsecret", "tlsVerify", "url", "volume", NULL
};

/* Where such a key is of that object, or of a whole list. */
static const char *const	 harmless[] = {
	"libpod/containers/archive/head path",	/* in the container */
	"libpod/containers/archive/get path",
	"libpod/containers/list all", "libpod/containers/stats/all all",
	"libpod/images/list all", "libpod/images/prune all",
	"libpod/images/remove/all all", "libpod/pods/stats all",
	"libpod/system/prune all", "libpod/secrets/remove all",
	"libpod/artifacts/remove/all all", NULL
};

static bool
in(const char *s, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strcmp(s, *list) == 0)
			return (true);
	return (false);
}

static bool
passes(size_t op)
{
	const struct rule	*r;
	enum need		 need;

	facts.op = op;
	facts.method = endpoint_get(op)->method;
	r = policy_decide(plain, &facts, &need);
	return (need == NEED_NOTHING && r != NULL &&
	    r->action == ACTION_PASS);
}

static void
bodies_and_powers(void)
{
	const struct endpoint	*ep;
	size_t			 op, n = 0, open = 0;

	for (op = 0; (ep = endpoint_get(op)) != NULL; op++) {
		if (!endpoint_is_libpod(ep))
			continue;
		n++;
		if (ep->body == EPB_NONE && !in(ep->name, powers))
			continue;
		if (passes(op)) {
			open++;
			CHECK(in(ep->name, bodies));
			CHECK(ep->schema != SCHEMA_UNJUDGED);
		} else
			CHECK((ep->flags & EPF_UNJUDGED) != 0);
		if (passes(op) != in(ep->name, bodies))
			printf("\t%s\n", ep->name);
	}
	CHECK_INT(n, endpoint_libpod_count());
	CHECK_INT(open, sizeof(bodies) / sizeof(bodies[0]) - 1);
}

/* The query "key=value". */
static int
judge(const struct endpoint *ep, const struct profile *p, const char *key,
    const char *value)
{
	static struct query_out	 out;
	char			 text[256];
	struct slice		 target = { text, 0 };

	target.len = (size_t)snprintf(text, sizeof(text), "/libpod/x?%s=%s",
	    key, value);
	if (path_parse(&path, &target, API_MINOR_MIN, API_MINOR_MAX) == -1)
		return (-2);
	return (query_judge(ep, p, &facts, &out) == 0 ? 0 : out.status);
}

static void
values(void)
{
	const struct endpoint	*ep;
	struct query_key	 key;
	char			 name[96];
	size_t			 op, i, tried = 0;

	for (op = 0; (ep = endpoint_get(op)) != NULL; op++) {
		if (!endpoint_is_libpod(ep) || !passes(op))
			continue;
		for (i = 0; endpoint_query(ep, i, &key) == 0; i++) {
			(void)snprintf(name, sizeof(name), "%s %s", ep->name,
			    key.name);
			if (!in(key.name, keys) || in(name, harmless))
				continue;
			tried++;
			CHECK_INT(judge(ep, plain, key.name, "true"), 403);
			if (!key.danger && !key.judged)
				printf("\t%s\n", name);
		}
	}
	CHECK(tried > 5);
}

/* Other containers than the one in the path: restart?all=1 means them all. */
static void
others(void)
{
	static const struct {
		const char	*op, *key;
	} rows[] = {
		{ "libpod/containers/restart", "all" },
		{ "libpod/containers/stop", "all" },
		{ "libpod/containers/start", "recursive" },
		{ "libpod/containers/remove", "depend" },
	};
	static const char *const	 yes[] = {
		"1", "true", "T", "True", "TRUE", "on", "yes", "x", NULL
	};
	const struct endpoint		*ep;
	struct profile			*p;
	size_t				 i, n;

	if ((p = profile_new("u")) == NULL ||
	    conf_allow(p, ALLOW_UNJUDGED, "", "") == NULL)
		abort();
	CHECK_INT(profile_compile(p), 0);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ep = endpoint_get((size_t)endpoint_byname(rows[i].op));
		CHECK_INT(judge(ep, plain, rows[i].key, ""), 0);
		CHECK_INT(judge(ep, plain, rows[i].key, "0"), 0);
		CHECK_INT(judge(ep, plain, rows[i].key, "false"), 0);
		for (n = 0; yes[n] != NULL; n++) {
			CHECK_INT(judge(ep, plain, rows[i].key, yes[n]), 403);
			CHECK_INT(judge(ep, p, rows[i].key, yes[n]), 0);
		}
	}
	profile_free(p);
}

int
main(void)
{
	struct rule	*r;
	size_t		 op;

	if ((plain = profile_new("plain")) == NULL ||
	    (r = conf_rule(plain, ACTION_PASS, "1", NULL)) == NULL)
		abort();
	for (op = 0; op < endpoint_count(); op++)
		opset_add(&r->ops, op);
	if (profile_compile(plain) == -1)
		abort();
	RUN(bodies_and_powers);
	RUN(values);
	RUN(others);
	profile_free(plain);
	return (test_done());
}
