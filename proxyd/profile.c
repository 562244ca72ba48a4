/* SPDX-License-Identifier: ISC */

/*
 * Profiles: rules, their conditions, and allowances.  profile_compile()
 * brings the rules into the order in which they decide, for each operation:
 * the last that matches wins, and "quick" ends the search.
 */

#include "../proxyd/proxyd.h"

#include <stdlib.h>
#include <string.h>

static void	 rule_free(struct rule *);

struct profile *
profile_new(const char *name)
{
	struct profile	*p;

	if ((p = calloc(1, sizeof(*p))) == NULL)
		return (NULL);
	TAILQ_INIT(&p->rules);
	TAILQ_INIT(&p->allows);
	p->refs = 1;
	if ((p->name = strdup(name)) == NULL) {
		free(p);
		return (NULL);
	}
	return (p);
}

struct profile *
profile_ref(struct profile *p)
{
	p->refs++;
	return (p);
}

void
conds_free(struct conds *conds)
{
	struct cond	*c;

	while ((c = TAILQ_FIRST(conds)) != NULL) {
		TAILQ_REMOVE(conds, c, entry);
		free(c->key);
		free(c->text);
		free(c);
	}
}

static void
rule_free(struct rule *r)
{
	conds_free(&r->conds);
	free(r->origin);
	free(r->hint);
	free(r->label);
	free(r);
}

void
allow_free(struct allow *a)
{
	free(a->text);
	free(a->origin);
	free(a);
}

void
profile_free(struct profile *p)
{
	struct rule	*r;
	struct allow	*a;

	if (p == NULL || --p->refs != 0)
		return;
	while ((r = TAILQ_FIRST(&p->rules)) != NULL) {
		TAILQ_REMOVE(&p->rules, r, entry);
		rule_free(r);
	}
	while ((a = TAILQ_FIRST(&p->allows)) != NULL) {
		TAILQ_REMOVE(&p->allows, a, entry);
		allow_free(a);
	}
	free(p->table);
	free(p->name);
	free(p->origin);
	free(p);
}

struct rule *
conf_rule(struct profile *p, enum action action, const char *origin,
    const char *hint)
{
	struct rule	*r;

	if ((r = calloc(1, sizeof(*r))) == NULL)
		return (NULL);
	TAILQ_INIT(&r->conds);
	r->action = action;
	r->origin = strdup(origin);
	if (hint != NULL)
		r->hint = strdup(hint);
	if (r->origin == NULL || (hint != NULL && r->hint == NULL)) {
		rule_free(r);
		return (NULL);
	}
	TAILQ_INSERT_TAIL(&p->rules, r, entry);
	return (r);
}

struct allow *
conf_allow(struct profile *p, enum allow_kind kind, const char *text,
    const char *origin)
{
	struct allow	*a;

	if ((a = calloc(1, sizeof(*a))) == NULL)
		return (NULL);
	a->kind = kind;
	a->text = strdup(text);
	a->origin = strdup(origin);
	if (a->text == NULL || a->origin == NULL) {
		allow_free(a);
		return (NULL);
	}
	TAILQ_INSERT_TAIL(&p->allows, a, entry);
	return (a);
}

struct cond *
cond_add(struct conds *conds, enum cond_kind kind, unsigned int group,
    const char *key, const char *text)
{
	struct cond	*c;

	if ((c = calloc(1, sizeof(*c))) == NULL)
		return (NULL);
	c->kind = kind;
	c->group = group;
	c->key = strdup(key == NULL ? "" : key);
	c->text = strdup(text == NULL ? "" : text);
	if (c->key == NULL || c->text == NULL) {
		free(c->key);
		free(c->text);
		free(c);
		return (NULL);
	}
	TAILQ_INSERT_TAIL(conds, c, entry);
	return (c);
}

/*
 * Whatever the rules say, an operation that no section grants stays blocked,
 * and one that is not judged yet passes only under "allow unjudged".
 */
bool
profile_grantable(const struct profile *p, const struct endpoint *ep)
{
	if (ep->flags & EPF_NEVER)
		return (false);
	return ((ep->flags & EPF_UNJUDGED) == 0 || p->unjudged || p->audit);
}

bool
profile_audits(const struct profile *p)
{
	const struct rule	*r;

	TAILQ_FOREACH(r, &p->rules, entry)
		if (r->audit)
			return (true);
	return (p->audit);
}

static void
compile_flags(struct profile *p)
{
	const struct rule	*r;
	const struct allow	*a;
	const struct cond	*c;

	p->privileged = p->unjudged = false;
	p->asks_target = p->asks_asker = false;
	TAILQ_FOREACH(a, &p->allows, entry) {
		if (a->kind == ALLOW_PRIVILEGED)
			p->privileged = true;
		if (a->kind == ALLOW_UNJUDGED)
			p->unjudged = true;
	}
	TAILQ_FOREACH(r, &p->rules, entry)
		TAILQ_FOREACH(c, &r->conds, entry) {
			if (c->kind == COND_TARGET ||
			    c->kind == COND_TARGET_LABEL)
				p->asks_target = true;
			if (c->kind == COND_ASKER ||
			    c->kind == COND_ASKER_LABEL)
				p->asks_asker = true;
		}
}

static bool
rule_decides(const struct rule *r)
{
	return (TAILQ_EMPTY(&r->conds) && r->methods == 0);
}

/* A rule that passes what cannot be granted is as if it were not there. */
static bool
rule_counts(const struct profile *p, const struct rule *r, size_t op)
{
	return (opset_has(&r->ops, op) && (r->action == ACTION_BLOCK ||
	    profile_grantable(p, endpoint_get(op))));
}

/*
 * The rules of one operation in the order in which they decide: those with
 * "quick" from the first to the last, then the others from the last to the
 * first.  What stands behind a rule without conditions never decides.
 */
static size_t
compile_op(const struct profile *p, size_t op, const struct rule **out)
{
	const struct rule	*r;
	size_t			 n = 0;

	TAILQ_FOREACH(r, &p->rules, entry) {
		if (!r->quick || !rule_counts(p, r, op))
			continue;
		out[n++] = r;
		if (rule_decides(r))
			return (n);
	}
	TAILQ_FOREACH_REVERSE(r, &p->rules, rules, entry) {
		if (r->quick || !rule_counts(p, r, op))
			continue;
		out[n++] = r;
		if (rule_decides(r))
			break;
	}
	return (n);
}

int
profile_compile(struct profile *p)
{
	const struct rule	**one;
	struct rule		*r;
	size_t			 op, n, found, total = 0;
	uint32_t		 rules = 0;
	size_t			 ops = endpoint_count();

	compile_flags(p);
	TAILQ_FOREACH(r, &p->rules, entry)
		r->num = rules++;
	if ((one = calloc(rules + 1, sizeof(*one))) == NULL)
		return (-1);
	for (op = 0; op < ops; op++)
		total += compile_op(p, op, one) + 1;
	free(p->table);
	memset(p->decide, 0, sizeof(p->decide));
	p->table = calloc(total, sizeof(*p->table));
	free(one);
	if (p->table == NULL)
		return (-1);
	for (op = 0, n = 0; op < ops; op++) {
		found = compile_op(p, op, p->table + n);
		if (found != 0)
			p->decide[op] = p->table + n;
		n += found;
		p->table[n++] = NULL;
	}
	return (0);
}

static bool
ceiling_has(const struct opset *set, const char *name)
{
	int	 op = endpoint_byname(name);

	return (op != -1 && opset_has(set, (size_t)op));
}

static void
ceiling_add(struct opset *set, const char *name)
{
	int	 op;

	if ((op = endpoint_byname(name)) != -1)
		opset_add(set, (size_t)op);
}

/*
 * What the conditions of its rules are looked up with, the volumes that a
 * body mounts by name, the network that a container joins, and what one
 * mounts that is to start.
 */
static void
ceiling_lookups(const struct profile *p, struct opset *set)
{
	bool	 starts;

	starts = p->bind_check && (ceiling_has(set, "containers/start") ||
	    ceiling_has(set, "containers/restart"));
	if (starts || ceiling_has(set, "containers/create") ||
	    ceiling_has(set, "services/create") ||
	    ceiling_has(set, "services/update"))
		ceiling_add(set, "volumes/inspect");
	if (ceiling_has(set, "networks/connect"))
		ceiling_add(set, "networks/inspect");
	if (starts || p->asks_target || p->asks_asker)
		ceiling_add(set, "containers/inspect");
	if (p->asks_target)
		ceiling_add(set, "exec/inspect");
}

void
profile_ceiling(const struct profile *p, struct opset *set)
{
	const struct rule	*const *r;
	size_t			 op;

	memset(set, 0, sizeof(*set));
	for (op = 0; op < endpoint_count(); op++) {
		if (p->audit && profile_grantable(p, endpoint_get(op)))
			opset_add(set, op);
		for (r = p->decide[op]; r != NULL && *r != NULL; r++)
			if ((*r)->action == ACTION_PASS || ((*r)->audit &&
			    profile_grantable(p, endpoint_get(op))))
				opset_add(set, op);
	}
	ceiling_lookups(p, set);
}
