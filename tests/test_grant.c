/* SPDX-License-Identifier: ISC */

/*
 * What a filter may ask for while a policy takes the place of another: both
 * until it confirms, the new one afterwards, and never for longer than a
 * body may take.
 */

#include "../parent/parent.h"

#include <string.h>

#include "test.h"

#define SECS	300	/* that a body may take */
#define LONG	400	/* a policy is out of force for good by then */

/* What became of a REQUEST. */
enum fate {
	PASSES,
	LATE,
	BREAKS
};

static struct grant	 g;

/* A policy that passes these operations, NULL-terminated. */
static struct profile *
policy(const char *const *names, bool unjudged)
{
	struct profile	*p = profile_new("");
	struct rule	*r = conf_rule(p, ACTION_PASS, "", NULL);

	for (; *names != NULL; names++)
		opset_add(&r->ops, (size_t)endpoint_byname(*names));
	if (unjudged)
		conf_allow(p, ALLOW_UNJUDGED, "", "");
	p->limits.body_secs = SECS;
	CHECK_INT(profile_compile(p), 0);
	return (p);
}

static void
change(const char *a, const char *b, bool unjudged, time_t now)
{
	const char	*names[] = { a, b, NULL };
	struct profile	*p = policy(names, unjudged);

	if (now == 0)
		grant_set(&g, p);
	else
		grant_change(&g, p, now);
	profile_free(p);
}

static enum fate
ask_item(const char *op, const char *key, time_t now)
{
	static uint8_t		 msg[256];
	struct imsg_request	 rq;
	struct imsg_item	 item;
	struct imsg		 imsg;
	struct asked		 asked;
	const char		*why;

	memset(&rq, 0, sizeof(rq));
	memset(&imsg, 0, sizeof(imsg));
	rq.op = (uint16_t)endpoint_byname(op);
	if (key != NULL) {
		memset(&item, 0, sizeof(item));
		item.kind = ITEM_QUERY;
		item.index = (uint8_t)endpoint_query_find(
		    endpoint_get(rq.op), key, strlen(key));
		rq.nitems = 1;
		rq.items_len = sizeof(item);
		memcpy(msg + sizeof(rq), &item, sizeof(item));
	}
	memcpy(msg, &rq, sizeof(rq));
	imsg.data = msg;
	imsg.len = sizeof(rq) + rq.items_len;
	if (grant_check(&g, now, &imsg, &asked, &why) == -1)
		return (BREAKS);
	return (asked.late ? LATE : PASSES);
}

static enum fate
ask(const char *op, time_t now)
{
	return (ask_item(op, NULL, now));
}

static void
first_policy_alone(void)
{
	change("ping", NULL, false, 0);
	CHECK_INT(ask("ping", 1000), PASSES);
	CHECK_INT(ask("info", 1000), BREAKS);
}

static void
both_until_confirmed(void)
{
	change("ping", "info", false, 0);
	change("ping", "version", false, 1000);
	CHECK_INT(ask("ping", 1001), PASSES);
	CHECK_INT(ask("info", 1001), PASSES);
	CHECK_INT(ask("version", 1001), PASSES);
	CHECK_INT(ask("events", 1001), BREAKS);
	grant_settle(&g);
	CHECK_INT(ask("ping", 1002), PASSES);
	CHECK_INT(ask("info", 1002), BREAKS);
	CHECK_INT(ask("version", 1002), PASSES);
}

static void
old_rights_expire(void)
{
	change("ping", "info", false, 0);
	change("ping", NULL, false, 1000);
	CHECK_INT(ask("info", 1000 + SECS), PASSES);
	CHECK_INT(ask("info", 1000 + LONG), LATE);
	CHECK_INT(ask("ping", 1000 + LONG), PASSES);
	CHECK_INT(ask("events", 1000 + LONG), BREAKS);
	grant_settle(&g);
	CHECK_INT(ask("info", 1000 + LONG), BREAKS);
}

/* Reloads that follow each other do not keep an old right alive. */
static void
reloads_do_not_prolong(void)
{
	time_t	 t;

	change("ping", "info", false, 0);
	for (t = 1000; t < 1000 + LONG; t += 10)
		change("ping", t / 10 % 2 == 0 ? "version" : "events", false,
		    t);
	CHECK_INT(ask("info", 1000 + LONG), LATE);
	CHECK_INT(ask("version", 1000 + LONG), PASSES);
	CHECK_INT(ask("events", 1000 + LONG), PASSES);
}

/* Taken away, given back and taken away again: it counts from the last. */
static void
given_back(void)
{
	change("info", NULL, false, 0);
	change("ping", NULL, false, 1000);
	change("info", NULL, false, 1200);
	CHECK_INT(ask("info", 1200 + LONG), PASSES);
	change("ping", NULL, false, 2000);
	CHECK_INT(ask("info", 2000 + SECS), PASSES);
	CHECK_INT(ask("info", 2000 + LONG), LATE);
}

static void
unjudged_keys_too(void)
{
	change("build/create", NULL, true, 0);
	CHECK_INT(ask_item("build/create", "cgroupparent", 1), PASSES);
	change("build/create", NULL, false, 1000);
	CHECK_INT(ask_item("build/create", "cgroupparent", 1001), PASSES);
	CHECK_INT(ask_item("build/create", "cgroupparent", 1000 + LONG),
	    LATE);
	grant_settle(&g);
	CHECK_INT(ask_item("build/create", "cgroupparent", 1001), BREAKS);
}

/* A listener that was removed. */
static void
no_policy_at_all(void)
{
	change("ping", NULL, false, 0);
	grant_change(&g, NULL, 1000);
	CHECK_INT(ask("ping", 1000 + SECS), PASSES);
	CHECK_INT(ask("ping", 1000 + LONG), LATE);
	CHECK_INT(ask("info", 1001), BREAKS);
}

/* Rules on the container that asks: so is the parent. */
static void
peers_too(void)
{
	const char	*names[] = { "ping", NULL };
	struct profile	*with = policy(names, false);
	bool		 late;

	change("ping", NULL, false, 0);
	CHECK_INT(grant_peer(&g, 1, &late), -1);
	with->asks_asker = true;
	grant_set(&g, with);
	CHECK(grant_peer(&g, 1, &late) == 0 && !late);
	change("ping", NULL, false, 1000);
	CHECK(grant_peer(&g, 1000 + SECS, &late) == 0 && !late);
	CHECK(grant_peer(&g, 1000 + LONG, &late) == 0 && late);
	grant_settle(&g);
	CHECK_INT(grant_peer(&g, 1001, &late), -1);
	profile_free(with);
}

int
main(void)
{
	RUN(first_policy_alone);
	RUN(both_until_confirmed);
	RUN(old_rights_expire);
	RUN(reloads_do_not_prolong);
	RUN(given_back);
	RUN(unjudged_keys_too);
	RUN(no_policy_at_all);
	RUN(peers_too);
	return (test_done());
}
