/* SPDX-License-Identifier: ISC */

/*
 * Rules, allowances and verdicts: the last match wins, quick ends, nothing
 * lets pass what no section grants or what nobody has judged, and the client
 * is told what would.
 */

#include "../filter/policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../tests/test.h"

static struct profile *
make(void)
{
	struct profile	*p;

	if ((p = profile_new("test")) == NULL)
		abort();
	return (p);
}

static struct rule *
add(struct profile *p, enum action action, const char *pattern,
    const char *origin, const char *hint)
{
	const struct endpoint	*ep;
	struct rule		*r;
	size_t			 op;

	if ((r = conf_rule(p, action, origin, hint)) == NULL)
		abort();
	for (op = 0; (ep = endpoint_get(op)) != NULL; op++)
		if (endpoint_named(ep, pattern))
			opset_add(&r->ops, op);
	return (r);
}

static const struct rule *
decide(const struct profile *p, const char *name)
{
	struct facts	 facts = { .method = METHOD_GET };
	enum need	 need;

	facts.op = (size_t)endpoint_byname(name);
	return (policy_decide(p, &facts, &need));
}

static int
passes(const struct profile *p, const char *name)
{
	const struct rule	*r;

	r = decide(p, name);
	return (r != NULL && r->action == ACTION_PASS);
}

static void
test_empty(void)
{
	struct profile	*p;
	struct facts	 facts = { .method = METHOD_GET };
	enum need	 need;
	struct opset	 set;
	size_t		 i;

	p = make();
	profile_compile(p);
	for (i = 0; i < endpoint_count(); i++) {
		facts.op = i;
		CHECK(policy_decide(p, &facts, &need) == NULL);
	}
	facts.op = endpoint_count();
	CHECK(policy_decide(p, &facts, &need) == NULL);
	facts.op = (size_t)-1;
	CHECK(policy_decide(p, &facts, &need) == NULL);
	profile_ceiling(p, &set);
	for (i = 0; i < EP_MAX / 64; i++)
		CHECK(set.bits[i] == 0);
	profile_free(p);
}

static void
test_last_match(void)
{
	struct profile	*p;

	p = make();
	add(p, ACTION_PASS, "containers", "1", NULL);
	add(p, ACTION_BLOCK, "containers/start", "2", NULL);
	add(p, ACTION_BLOCK, "containers/attach", "3", NULL);
	add(p, ACTION_PASS, "containers/attach/ws", "4", NULL);
	profile_compile(p);
	CHECK(passes(p, "containers/list"));
	CHECK(!passes(p, "containers/start"));
	CHECK_STR(decide(p, "containers/start")->origin, "2");
	CHECK(!passes(p, "containers/attach"));
	CHECK(passes(p, "containers/attach/ws"));
	CHECK_STR(decide(p, "containers/attach/ws")->origin, "4");
	CHECK(decide(p, "images/list") == NULL);
	/* compiled again it is the same */
	profile_compile(p);
	CHECK_STR(decide(p, "containers/start")->origin, "2");
	profile_free(p);
}

static void
test_quick(void)
{
	struct profile	*p;

	p = make();
	add(p, ACTION_BLOCK, "images/push", "1", NULL)->quick = true;
	add(p, ACTION_PASS, "images", "2", NULL);
	add(p, ACTION_PASS, "volumes", "3", NULL)->quick = true;
	add(p, ACTION_BLOCK, "any", "4", NULL);
	add(p, ACTION_PASS, "images/list", "5", NULL);
	profile_compile(p);
	CHECK_STR(decide(p, "images/push")->origin, "1");
	CHECK_STR(decide(p, "images/tag")->origin, "4");
	CHECK_STR(decide(p, "images/list")->origin, "5");
	CHECK(passes(p, "volumes/remove"));
	profile_free(p);
}

static void
test_never(void)
{
	static const char *const never[] = {
		"debug/vars", "debug/pprof", "debug/pprof/cmdline",
		"debug/pprof/profile", "debug/pprof/symbol",
		"debug/pprof/trace", "debug/pprof/name", "options"
	};
	struct profile	*p;
	struct opset	 set;
	size_t		 i;

	p = make();
	add(p, ACTION_PASS, "any", "1", NULL)->quick = true;
	if (conf_allow(p, ALLOW_PRIVILEGED, "", "t") == NULL ||
	    conf_allow(p, ALLOW_UNJUDGED, "", "t") == NULL)
		abort();
	profile_compile(p);
	profile_ceiling(p, &set);
	for (i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
		CHECK(!passes(p, never[i]));
		CHECK(!opset_has(&set, (size_t)endpoint_byname(never[i])));
	}
	CHECK(passes(p, "plugins/create"));
	profile_free(p);
}

static void
test_unjudged(void)
{
	static const char *const rows[] = {
		"containers/checkpoints/create",
		"containers/checkpoints/remove", "plugins/pull",
		"plugins/create", "plugins/enable", "plugins/upgrade",
		"plugins/set", "swarm/init", "swarm/join", "nodes/update"
	};
	static const char *const judged[] = {
		"containers/create", "containers/start", "containers/attach",
		"containers/archive/put", "exec/create", "exec/start",
		"networks/create", "volumes/create", "build/create",
		"services/create", "services/update", "swarm/update",
		"session", "grpc"
	};
	const struct endpoint	*ep;
	struct profile		*p;
	size_t			 i, n = 0;

	for (i = 0; (ep = endpoint_get(i)) != NULL; i++)
		n += (ep->flags & EPF_UNJUDGED) != 0 &&
		    !endpoint_is_libpod(ep);
	CHECK_INT((int)n, (int)(sizeof(rows) / sizeof(rows[0])));
	p = make();
	add(p, ACTION_PASS, "any", "1", NULL);
	if (conf_allow(p, ALLOW_PRIVILEGED, "", "t") == NULL)
		abort();
	profile_compile(p);
	CHECK(p->privileged && !p->unjudged);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		CHECK(!passes(p, rows[i]));
	for (i = 0; i < sizeof(judged) / sizeof(judged[0]); i++)
		CHECK(passes(p, judged[i]));
	for (i = 0; (ep = endpoint_get(i)) != NULL; i++)
		if (endpoint_is_libpod(ep))
			CHECK_INT(passes(p, ep->name),
			    (ep->flags & EPF_UNJUDGED) == 0);
	if (conf_allow(p, ALLOW_UNJUDGED, "", "t") == NULL)
		abort();
	profile_compile(p);
	CHECK(p->unjudged);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		CHECK(passes(p, rows[i]));
	profile_free(p);
}

static void
test_ceiling(void)
{
	struct profile	*p;
	struct opset	 set;
	size_t		 i;

	p = make();
	add(p, ACTION_PASS, "any", "1", NULL);
	add(p, ACTION_BLOCK, "exec", "2", NULL);
	profile_compile(p);
	profile_ceiling(p, &set);
	for (i = 0; i < endpoint_count(); i++)
		CHECK_INT(opset_has(&set, i),
		    passes(p, endpoint_get(i)->name));
	CHECK(!opset_has(&set, (size_t)endpoint_byname("exec/start")));
	CHECK(opset_has(&set, (size_t)endpoint_byname("containers/create")));
	CHECK(!opset_has(&set, endpoint_count()));
	CHECK(!opset_has(&set, EP_MAX));
	profile_free(p);
}

/* An inspect of proxyd's own may be asked for where one can be needed. */
static void
test_lookups(void)
{
	static const struct {
		const char	*pass;
		bool		 target;	/* a condition on it */
		const char	*own;		/* what looks it up */
	} rows[] = {
		{ "networks/connect", false, "networks/inspect" },
		{ "networks/disconnect", false, NULL },
		{ "networks/connect", true, "containers/inspect" },
		{ "commit", true, "containers/inspect" },
		{ "commit", false, NULL },
		{ "containers/create", false, "volumes/inspect" },
		{ "services/update", false, "volumes/inspect" },
		{ "version", false, NULL },
	};
	struct profile	*p;
	struct rule	*r;
	struct opset	 set;
	size_t		 i, op, n;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		p = make();
		r = add(p, ACTION_PASS, rows[i].pass, "1", NULL);
		if (rows[i].target)
			CHECK(cond_add(&r->conds, COND_TARGET, 0, NULL,
			    "web") != NULL);
		CHECK_INT(profile_compile(p), 0);
		profile_ceiling(p, &set);
		for (op = n = 0; op < endpoint_count(); op++)
			n += opset_has(&set, op);
		CHECK(opset_has(&set, (size_t)endpoint_byname(rows[i].pass)));
		if (rows[i].own == NULL)
			CHECK_INT(n, 1);
		else
			CHECK(opset_has(&set, (size_t)endpoint_byname(
			    rows[i].own)));
		profile_free(p);
	}
}

static void
test_message(void)
{
	const struct endpoint	*ep;
	struct profile		*p;
	const struct rule	*r;
	char			 buf[128];
	size_t			 n;

	p = make();
	r = add(p, ACTION_BLOCK, "containers", "POST=0", "POST=1 would");
	ep = endpoint_get((size_t)endpoint_byname("containers/start"));
	n = policy_message(ep, r, buf, sizeof(buf));
	CHECK_STR(buf,
	    "Forbidden - containers/start is not allowed (POST=1 would)");
	CHECK_INT((int)n, (int)strlen(buf));
	r = add(p, ACTION_BLOCK, "any", "1", NULL);
	policy_message(ep, r, buf, sizeof(buf));
	CHECK_STR(buf, "Forbidden - containers/start is not allowed");
	policy_message(ep, NULL, buf, sizeof(buf));
	CHECK_STR(buf, "Forbidden - containers/start is not allowed");
	ep = endpoint_get((size_t)endpoint_byname("swarm/init"));
	policy_message(ep, NULL, buf, sizeof(buf));
	CHECK_STR(buf, "Forbidden - swarm/init is not allowed "
	    "(it is not judged yet)");
	policy_message(NULL, NULL, buf, sizeof(buf));
	CHECK_STR(buf, "Forbidden - the operation is not allowed");
	n = policy_message(ep, NULL, buf, 10);
	CHECK_STR(buf, "Forbidden");
	CHECK_INT((int)n, 9);
	n = policy_message(ep, NULL, buf, 1);
	CHECK_STR(buf, "");
	CHECK_INT((int)n, 0);
	CHECK_INT((int)policy_message(ep, NULL, NULL, 0), 0);
	profile_free(p);
}

int
main(void)
{
	RUN(test_empty);
	RUN(test_last_match);
	RUN(test_quick);
	RUN(test_never);
	RUN(test_unjudged);
	RUN(test_ceiling);
	RUN(test_lookups);
	RUN(test_message);
	return (test_done());
}
