/* SPDX-License-Identifier: ISC */

/*
 * What a filter may ask for, across reloads.  A request is judged once, and
 * its body may be on its way for long; so what the policy before granted may
 * be asked for until the filter confirms the new one.  A filter that never
 * does gains nothing: an honest one has given up on any body by the end of
 * its time, and what is asked for later is refused.  Pure.
 */

#include <string.h>

#include "../parent/parent.h"

/* For the new policy to be in force, and the filter's clock of seconds. */
#define GRANT_SLACK	(START_SECS + 2)

static void	 grant_policy(struct grant *, const struct profile *);

void
grant_set(struct grant *g, const struct profile *p)
{
	memset(g, 0, sizeof(*g));
	grant_policy(g, p);
	g->any = g->now;
	g->any_unjudged = g->unjudged;
	g->any_peer = g->peer;
}

static void
grant_policy(struct grant *g, const struct profile *p)
{
	memset(&g->now, 0, sizeof(g->now));
	g->unjudged = g->peer = false;
	if (p == NULL)
		return;
	profile_ceiling(p, &g->now);
	g->unjudged = p->unjudged || profile_audits(p);
	g->peer = p->asks_asker;
	g->secs = p->limits.body_secs;
}

void
grant_change(struct grant *g, const struct profile *p, time_t now)
{
	time_t	 until = now + (time_t)g->secs + GRANT_SLACK;
	size_t	 i;

	for (i = 0; i < EP_MAX; i++)
		if (opset_has(&g->now, i) && g->until[i] < until)
			g->until[i] = until;
	if (g->unjudged && g->until_unjudged < until)
		g->until_unjudged = until;
	if (g->peer && g->until_peer < until)
		g->until_peer = until;
	grant_policy(g, p);
	for (i = 0; i < sizeof(g->any.bits) / sizeof(g->any.bits[0]); i++)
		g->any.bits[i] |= g->now.bits[i];
	g->any_unjudged = g->any_unjudged || g->unjudged;
	g->any_peer = g->any_peer || g->peer;
	g->changing = true;
}

void
grant_settle(struct grant *g)
{
	g->any = g->now;
	g->any_unjudged = g->unjudged;
	g->any_peer = g->peer;
	memset(g->until, 0, sizeof(g->until));
	g->until_unjudged = g->until_peer = 0;
	g->changing = false;
}

int
grant_check(const struct grant *g, time_t now, const struct imsg *imsg,
    struct asked *asked, const char **why)
{
	asked->late = false;
	if (ceiling_check(&g->now, g->unjudged, imsg->data, imsg->len,
	    imsg->marked, asked, why) == 0)
		return (0);
	if (!g->changing || ceiling_check(&g->any, g->any_unjudged,
	    imsg->data, imsg->len, imsg->marked, asked, why) == -1)
		return (-1);
	/* Which of the two was it that the policy of now does not grant? */
	if (!opset_has(&g->now, asked->rq.op) &&
	    now >= g->until[asked->rq.op])
		asked->late = true;
	if (now >= g->until_unjudged && ceiling_check(&g->any, g->unjudged,
	    imsg->data, imsg->len, imsg->marked, asked, why) == -1)
		asked->late = true;
	return (0);
}

int
grant_peer(const struct grant *g, time_t now, bool *late)
{
	*late = !g->peer && now >= g->until_peer;
	return (g->any_peer ? 0 : -1);
}
