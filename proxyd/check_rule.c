/* SPDX-License-Identifier: ISC */

/*
 * Rules that are there and do nothing: no operation is left for them, others
 * decide all that they name, or a condition cannot hold.  What decides is
 * taken from profile_compile(), so that this is about what happens and not
 * about what looks suspicious.
 */

#include "../proxyd/check.h"

#include <stdio.h>
#include <string.h>

static bool
rule_listed(const struct profile *p, const struct rule *rule)
{
	const struct rule	*const *r;
	size_t			 op;

	for (op = 0; op < endpoint_count(); op++)
		for (r = p->decide[op]; r != NULL && *r != NULL; r++)
			if (*r == rule)
				return (true);
	return (false);
}

/* The rule that ends the search for an operation; NULL: none does. */
static const struct rule *
rule_last(const struct profile *p, size_t op)
{
	const struct rule	*const *r = p->decide[op];

	if (r == NULL)
		return (NULL);
	while (r[1] != NULL)
		r++;
	return (*r);
}

/* Has somebody else already been named in the list? */
static bool
origin_seen(const char *list, const char *origin)
{
	const char	*p = list;
	size_t		 n = strlen(origin);

	while ((p = strstr(p, origin)) != NULL) {
		if ((p == list || p[-1] == ' ') &&
		    (p[n] == ',' || p[n] == '\0'))
			return (true);
		p += n;
	}
	return (false);
}

/* Who decides instead, for each operation that the rule could have had. */
static void
check_shadow(struct check *c, const struct rule *r)
{
	const struct rule	*last;
	char			 by[CHECK_NAMES] = "";
	size_t			 op;

	for (op = 0; op < endpoint_count(); op++) {
		if (!opset_has(&r->ops, op) ||
		    (last = rule_last(c->p, op)) == NULL)
			continue;
		if (!origin_seen(by, last->origin))
			check_name(by, sizeof(by), last->origin);
	}
	check_warn(c, r->origin, "this rule never decides: %s %s all that it "
	    "names", by, strchr(by, ',') != NULL ? "decide" : "decides");
}

/* No operation at all, or none that a rule may pass. */
static bool
check_empty(struct check *c, const struct rule *r)
{
	const struct endpoint	*ep;
	char			 names[CHECK_NAMES] = "";
	bool			 never = true;
	size_t			 op, n = 0;

	for (op = 0; (ep = endpoint_get(op)) != NULL; op++) {
		if (!opset_has(&r->ops, op))
			continue;
		if (r->action == ACTION_BLOCK || profile_grantable(c->p, ep))
			return (false);
		never = never && (ep->flags & EPF_NEVER) != 0;
		if (n++ < 4)
			check_name(names, sizeof(names), ep->name);
		else if (n == 5)
			check_name(names, sizeof(names), "...");
	}
	if (n == 0)
		check_warn(c, r->origin, "this rule names no operation");
	else if (never)
		check_warn(c, r->origin, "this rule passes nothing: no "
		    "profile passes %s", names);
	else
		check_warn(c, r->origin, "this rule passes nothing: without "
		    "\"allow unjudged\" %s %s blocked", names,
		    n == 1 ? "stays" : "stay");
	return (true);
}

static void
check_target(struct check *c, const struct rule *r)
{
	const struct endpoint	*ep;
	const struct cond	*cond;
	size_t			 op;

	TAILQ_FOREACH(cond, &r->conds, entry)
		if (cond->kind == COND_TARGET ||
		    cond->kind == COND_TARGET_LABEL)
			break;
	if (cond == NULL)
		return;
	for (op = 0; (ep = endpoint_get(op)) != NULL; op++)
		if (opset_has(&r->ops, op) && !endpoint_has_container(ep)) {
			check_warn(c, r->origin, "%s is about no container, "
			    "so the condition on it says nothing there",
			    ep->name);
			return;
		}
}

/* Is this known of clients of the kind? */
static bool
cond_known(const struct cond *c, enum listen_kind kind)
{
	switch (c->kind) {
	case COND_ADDR:
		return (kind == LISTEN_TCP);
	case COND_UID:
	case COND_GID:
	case COND_ASKER:
	case COND_ASKER_LABEL:
		return (kind == LISTEN_UNIX);
	case COND_PATH:
	case COND_QUERY:
	case COND_QUERY_GIVEN:
	case COND_TARGET:
	case COND_TARGET_LABEL:
	case COND_KIND_MAX:
		break;
	}
	return (true);
}

/* Can the clause of *cp hold with any listener? Then *cp is the next one. */
static bool
clause_possible(const struct cond **cp, bool tcp, bool unixes)
{
	const struct cond	*c = *cp;
	unsigned int		 group = c->group;
	bool			 plain = false, known = false;

	for (; c != NULL && c->group == group; c = TAILQ_NEXT(c, entry)) {
		if (c->negated)
			continue;
		plain = true;
		known = known || (tcp && cond_known(c, LISTEN_TCP)) ||
		    (unixes && cond_known(c, LISTEN_UNIX));
	}
	*cp = c;
	return (!plain || known);
}

static void
check_peer(struct check *c, const struct rule *r)
{
	const struct listener	*l;
	const struct cond	*cond = TAILQ_FIRST(&r->conds);
	bool			 tcp = false, unixes = false;

	TAILQ_FOREACH(l, &c->conf->listeners, entry)
		if (l->profile == c->p) {
			tcp = tcp || l->kind == LISTEN_TCP;
			unixes = unixes || l->kind == LISTEN_UNIX;
		}
	if (tcp == unixes)
		return;
	while (cond != NULL)
		if (!clause_possible(&cond, tcp, unixes)) {
			check_warn(c, r->origin, "this rule never matches: "
			    "clients of a %s", tcp ? "TCP port have no uid, "
			    "gid or container that could be known" :
			    "unix socket have no address");
			return;
		}
}

void
check_rules(struct check *c)
{
	const struct rule	*r;

	TAILQ_FOREACH(r, &c->p->rules, entry) {
		if (check_empty(c, r))
			continue;
		if (!rule_listed(c->p, r))
			check_shadow(c, r);
		check_target(c, r);
		check_peer(c, r);
	}
}
