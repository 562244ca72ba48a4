/* SPDX-License-Identifier: ISC */

/*
 * Rules as proxyd.conf text.  A rule holds rows of the endpoint table, and
 * here they get back the fewest names that mean them and nothing else.
 * Rules of an environment that only repeat the built-in block are gathered
 * in one comment, so that what is open can be seen at a glance.
 */

#include "../proxyd/print.h"

#include <string.h>

#include <bsd/string.h>

#define IDLE_COL	76	/* where the comment of idle rules is broken */
#define WORDS_MAX	EP_MAX
#define WORD_MAX	64

enum access {
	ACCESS_ANY,
	ACCESS_READ,
	ACCESS_WRITE
};

/* Which of the rows that a name means the rule takes. */
struct taken {
	enum access	 access;
	bool		 target;	/* those about one container */
};

struct words {
	size_t	 n;
	char	 word[WORDS_MAX][WORD_MAX];
};

static bool
taken_has(const struct taken *taken, const struct endpoint *ep)
{
	if (taken->target && !endpoint_has_container(ep))
		return (false);
	switch (taken->access) {
	case ACCESS_ANY:
		return (true);
	case ACCESS_READ:
		return ((ep->flags & EPF_WRITE) == 0);
	case ACCESS_WRITE:
		return ((ep->flags & EPF_WRITE) != 0);
	}
	return (false);
}

/* Are all rows that the name means, as far as they are taken, in the set? */
static bool
name_fits(const struct opset *set, const struct taken *taken,
    const char *name)
{
	const struct endpoint	*ep;
	size_t			 op;

	for (op = 0; (ep = endpoint_get(op)) != NULL; op++)
		if (endpoint_named(ep, name) && taken_has(taken, ep) &&
		    !opset_has(set, op))
			return (false);
	return (true);
}

/* The shortest name of a row that means nothing outside the set. */
static void
name_shortest(const struct opset *set, const struct taken *taken,
    const struct endpoint *ep, char *buf, size_t size)
{
	size_t	 len;

	strlcpy(buf, "any", size);
	if (name_fits(set, taken, buf))
		return;
	for (len = strcspn(ep->name, "/"); ep->name[len] != '\0';
	    len += 1 + strcspn(ep->name + len + 1, "/")) {
		if (len >= size)
			break;
		memcpy(buf, ep->name, len);
		buf[len] = '\0';
		if (name_fits(set, taken, buf))
			return;
	}
	strlcpy(buf, ep->name, size);
}

/* Name the set; -1 if it holds a row that is not taken. */
static int
words_make(struct words *w, const struct opset *set,
    const struct taken *taken)
{
	const struct endpoint	*ep, *other;
	struct opset		 left = *set;
	size_t			 op, i;

	w->n = 0;
	for (op = 0; (ep = endpoint_get(op)) != NULL; op++) {
		if (!opset_has(set, op))
			continue;
		if (!taken_has(taken, ep))
			return (-1);
		if (!opset_has(&left, op))
			continue;
		name_shortest(set, taken, ep, w->word[w->n], WORD_MAX);
		for (i = 0; (other = endpoint_get(i)) != NULL; i++)
			if (endpoint_named(other, w->word[w->n]))
				opset_del(&left, i);
		w->n++;
	}
	return (0);
}

/* Only rows about one container can be compared with one. */
static bool
aims(const struct rule *r)
{
	const struct cond	*c;

	TAILQ_FOREACH(c, &r->conds, entry)
		if (c->kind == COND_TARGET || c->kind == COND_TARGET_LABEL)
			return (true);
	return (false);
}

/* The access that takes the fewest words; a pass says read or write. */
static enum access
words_best(struct words *best, const struct rule *r)
{
	static const enum access	 pass[] = {
		ACCESS_READ, ACCESS_WRITE, ACCESS_ANY
	};
	static const enum access	 block[] = {
		ACCESS_ANY, ACCESS_READ, ACCESS_WRITE
	};
	const enum access		*order;
	struct taken			 taken = { .target = aims(r) };
	enum access			 found = ACCESS_ANY;
	struct opset			 set = r->ops;
	struct words			 w;
	size_t				 i;

	for (i = 0; i < endpoint_count(); i++)
		if (taken.target && !endpoint_has_container(endpoint_get(i)))
			opset_del(&set, i);
	order = r->action == ACTION_PASS ? pass : block;
	best->n = 0;
	for (i = 0; i < 3; i++) {
		/* A rule says read, write, or methods. */
		if (r->methods != 0 && order[i] != ACCESS_ANY)
			continue;
		taken.access = order[i];
		if (words_make(&w, &set, &taken) == -1 || w.n == 0 ||
		    (best->n != 0 && w.n >= best->n))
			continue;
		*best = w;
		found = order[i];
	}
	return (found);
}

static void
print_methods(struct out *o, uint32_t methods)
{
	unsigned int	 m;

	for (m = METHOD_GET; m < METHOD_OTHER; m++)
		if (methods & 1U << m)
			item_add(o, "%s", method_name((enum method)m));
	if (o->nitems != 0)
		out_list(o, " method ");
}

void
print_rule(struct out *o, const struct rule *r)
{
	static const char *const names[] = { "", " read", " write" };
	struct words		 w;
	enum access		 access;
	size_t			 i;

	access = words_best(&w, r);
	out_text(o, "\t%s%s%s%s%s", w.n == 0 ? "# nothing to match: " : "",
	    r->action == ACTION_PASS ? "pass" : "block",
	    r->log ? " log" : "", r->quick ? " quick" : "", names[access]);
	if (w.n == 0) {
		out_end(o, r->origin);
		return;
	}
	print_methods(o, r->methods);
	out_text(o, " on ");
	for (i = 0; i < w.n; i++)
		item_add(o, "%s", w.word[i]);
	out_list(o, "");
	print_conds(o, &r->conds);
	if (r->audit) {
		item_add(o, "audit");
		out_list(o, " mode ");
	}
	if (r->label != NULL) {
		item_string(o, "", r->label);
		out_list(o, " label ");
	}
	out_end(o, r->origin);
}

/* Does the rule block only what nothing passes anyway? */
static bool
rule_idle(const struct profile *p, const struct rule *r,
    const struct opset *open)
{
	size_t	 i;

	if (!p->fromenv || r->action != ACTION_BLOCK || r->quick ||
	    r == TAILQ_FIRST(&p->rules))
		return (false);
	for (i = 0; i < EP_MAX / 64; i++)
		if ((r->ops.bits[i] & open->bits[i]) != 0)
			return (false);
	return (true);
}

static void
open_apply(struct opset *open, const struct rule *r)
{
	size_t	 i;

	for (i = 0; i < EP_MAX / 64; i++)
		if (r->action == ACTION_PASS)
			open->bits[i] |= r->ops.bits[i];
		else
			open->bits[i] &= ~r->ops.bits[i];
}

/* The origins of the idle rules, each once, in lines. */
static void
print_idle(struct out *o, const struct profile *p)
{
	const struct rule	*r;
	struct opset		 open;
	const char		*last = "";

	memset(&open, 0, sizeof(open));
	TAILQ_FOREACH(r, &p->rules, entry) {
		if (!rule_idle(p, r, &open)) {
			open_apply(&open, r);
			continue;
		}
		if (strcmp(last, r->origin) == 0)
			continue;
		last = r->origin;
		if (o->col == 0)
			out_text(o, "\t# blocked:");
		else if (o->col + strlen(last) + 1 > IDLE_COL) {
			out_end(o, NULL);
			out_text(o, "\t#");
		}
		out_text(o, " %s", last);
	}
	if (o->col != 0)
		out_end(o, NULL);
}

void
print_rules(struct out *o, const struct profile *p)
{
	const struct rule	*r;
	struct opset		 open;

	memset(&open, 0, sizeof(open));
	TAILQ_FOREACH(r, &p->rules, entry) {
		if (rule_idle(p, r, &open))
			continue;
		print_rule(o, r);
		open_apply(&open, r);
	}
	print_idle(o, p);
}
