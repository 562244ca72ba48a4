/* SPDX-License-Identifier: ISC */

/*
 * The verdict on an operation and the sentence that tells a client why.  The
 * rules were put in order by profile_compile(): the first whose conditions
 * hold decides.
 */

#include "../filter/policy.h"

#include <stdio.h>
#include <string.h>

#include "../filter/glob.h"

/* Does a condition hold?  "Unknown" asks for a look-up. */
enum truth {
	NO,
	YES,
	UNKNOWN
};

/*
 * moby takes the name of a container, and most paths, with and without a
 * slash in front.  What must not be is not, in either spelling.
 */
static bool
value_matches(const struct cond *c, const char *value, bool either)
{
	if (c->kind == COND_QUERY_GIVEN || glob_match(c->text, value))
		return (true);
	return (either && *value == '/' && glob_match(c->text, value + 1));
}

/*
 * A key may come more than once.  A rule that passes wants all of its values
 * to match and none to match what is negated; one that blocks is content
 * with any that does, or that does not.
 */
static enum truth
query_holds(const struct cond *c, enum action action,
    const struct path *path)
{
	size_t	 i, given = 0, matched = 0;
	bool	 any = (action == ACTION_BLOCK) != c->negated;

	for (i = 0; i < path->npairs; i++) {
		if (strcmp(path->pairs[i].name, c->key) != 0)
			continue;
		given++;
		if (value_matches(c, path->pairs[i].value, any))
			matched++;
	}
	if (any)
		return (matched != 0 ? YES : NO);
	return (given != 0 && matched == given ? YES : NO);
}

static enum truth
addr_holds(const struct cond *c, const struct peer *peer)
{
	size_t	 whole = c->bits / 8, rest = c->bits % 8;

	if (peer->family != c->family ||
	    memcmp(peer->addr, c->addr, whole) != 0)
		return (NO);
	if (rest == 0)
		return (YES);
	return (((peer->addr[whole] ^ c->addr[whole]) >> (8 - rest)) == 0 ?
	    YES : NO);
}

static enum truth
group_holds(const struct cond *c, const struct peer *peer)
{
	uint32_t	 i;

	if (peer->cred)
		for (i = 0; i < peer->ngroups; i++)
			if (peer->groups[i] == c->num)
				return (YES);
	return (NO);
}

/*
 * A label without a value is "key=".  Of a container that cannot be told
 * whatever speaks against the request is true.
 */
static enum truth
container_holds(const struct cond *c, enum action action, enum known known,
    const struct container *ct)
{
	const char	*label;
	size_t		 i, n = strlen(c->key);

	if (known == KNOWN_NOT)
		return (UNKNOWN);
	if (known == KNOWN_NONE)
		return (NO);
	if (known == KNOWN_UNSURE)
		return ((action == ACTION_BLOCK) != c->negated ? YES : NO);
	if (c->kind == COND_TARGET || c->kind == COND_ASKER)
		return (glob_match(c->text, ct->name) ? YES : NO);
	for (i = 0; i < ct->nlabels; i++) {
		label = ct->labels[i];
		if (strncmp(label, c->key, n) == 0 && label[n] == '=' &&
		    glob_match(c->text, label + n + 1))
			return (YES);
	}
	return (NO);
}

static enum truth
cond_holds(const struct cond *c, enum action action, const struct facts *f)
{
	switch (c->kind) {
	case COND_PATH:
		if (f->path == NULL)
			return (UNKNOWN);
		return (glob_match(c->text, f->path->text) ? YES : NO);
	case COND_QUERY:
	case COND_QUERY_GIVEN:
		if (f->path == NULL)
			return (UNKNOWN);
		return (query_holds(c, action, f->path));
	case COND_ADDR:
		return (addr_holds(c, f->peer));
	case COND_UID:
		return (f->peer->cred && f->peer->uid == c->num ? YES : NO);
	case COND_GID:
		return (group_holds(c, f->peer));
	case COND_ASKER:
	case COND_ASKER_LABEL:
		return (container_holds(c, action, f->asker_known, f->asker));
	case COND_TARGET:
	case COND_TARGET_LABEL:
		return (container_holds(c, action, f->target_known,
		    f->target));
	case COND_KIND_MAX:
		break;
	}
	return (NO);
}

/*
 * One clause, from *c on; *c is then the first condition behind it.  A
 * negated condition that is not known yet may still turn it down.
 */
static enum truth
clause_holds(const struct cond **cp, enum action action,
    const struct facts *f)
{
	const struct cond	*c = *cp;
	unsigned int		 group = c->group;
	enum truth		 t, plain = NO;
	bool			 any = false, refused = false, open = false;

	for (; c != NULL && c->group == group; c = TAILQ_NEXT(c, entry)) {
		t = cond_holds(c, action, f);
		if (c->negated) {
			refused = refused || t == YES;
			open = open || t == UNKNOWN;
			continue;
		}
		any = true;
		if (t == YES || (t == UNKNOWN && plain == NO))
			plain = t;
	}
	*cp = c;
	if (refused || (any && plain == NO))
		return (NO);
	return (open || (any && plain == UNKNOWN) ? UNKNOWN : YES);
}

static enum truth
conds_hold(const struct conds *conds, enum action action,
    const struct facts *f)
{
	const struct cond	*c = TAILQ_FIRST(conds);
	enum truth		 t, all = YES;

	while (c != NULL) {
		if ((t = clause_holds(&c, action, f)) == NO)
			return (NO);
		if (t == UNKNOWN)
			all = UNKNOWN;
	}
	return (all);
}

/* Which look-up comes first is of no consequence: both may be needed. */
static enum need
conds_need(const struct conds *conds, const struct facts *f)
{
	const struct cond	*c;

	TAILQ_FOREACH(c, conds, entry)
		if ((c->kind == COND_ASKER || c->kind == COND_ASKER_LABEL) &&
		    f->asker_known == KNOWN_NOT)
			return (NEED_ASKER);
	return (NEED_TARGET);
}

const struct rule *
policy_decide(const struct profile *profile, const struct facts *facts,
    enum need *need)
{
	const struct rule	*const *r;
	enum truth		 t;

	*need = NEED_NOTHING;
	if (facts->op >= endpoint_count())
		return (NULL);
	r = profile->decide[facts->op];
	for (; r != NULL && *r != NULL; r++) {
		if ((*r)->methods != 0 &&
		    ((*r)->methods & 1U << facts->method) == 0)
			continue;
		t = conds_hold(&(*r)->conds, (*r)->action, facts);
		if (t == YES)
			return (*r);
		if (t == UNKNOWN) {
			*need = conds_need(&(*r)->conds, facts);
			return (NULL);
		}
	}
	return (NULL);
}

const struct rule *
policy_passes_too(const struct profile *profile, const struct facts *facts,
    size_t op)
{
	const struct endpoint	*ep = endpoint_get(op);
	const struct rule	*const *r;
	struct facts		 too = *facts;
	enum truth		 t;

	if (ep == NULL)
		return (NULL);
	too.op = op;
	too.method = ep->method;
	too.path = NULL;
	for (r = profile->decide[op]; r != NULL && *r != NULL; r++) {
		if ((*r)->methods != 0 &&
		    ((*r)->methods & 1U << too.method) == 0)
			continue;
		t = conds_hold(&(*r)->conds, (*r)->action, &too);
		if (t == YES || (t == UNKNOWN && (*r)->action == ACTION_BLOCK))
			return ((*r)->action == ACTION_PASS ? *r : NULL);
	}
	return (NULL);
}

bool
policy_admits(const struct conds *conds, const struct peer *peer)
{
	struct facts	 facts;

	memset(&facts, 0, sizeof(facts));
	facts.peer = peer;
	return (conds_hold(conds, ACTION_PASS, &facts) != NO);
}

size_t
policy_message(const struct endpoint *ep, const struct rule *rule, char *buf,
    size_t size)
{
	const char	*name = "the operation", *hint = NULL;
	int		 n;

	if (size == 0)
		return (0);
	if (rule != NULL)
		hint = rule->hint;
	if (ep != NULL) {
		name = ep->name;
		/* The rules passed it and profile_compile() did not. */
		if (rule == NULL && ep->flags & EPF_UNJUDGED)
			hint = "it is not judged yet";
	}
	if (hint != NULL)
		n = snprintf(buf, size, "Forbidden - %s is not allowed (%s)",
		    name, hint);
	else
		n = snprintf(buf, size, "Forbidden - %s is not allowed", name);
	if (n < 0) {
		buf[0] = '\0';
		return (0);
	}
	return ((size_t)n < size ? (size_t)n : size - 1);
}
