/* SPDX-License-Identifier: ISC */

/*
 * Profiles and their rules: which operations the words mean, and the
 * conditions on the request and on the container that it is about.
 */

#include "../proxyd/parse.h"

#include <stdlib.h>
#include <string.h>

static const char *const methods[] = {
	"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", NULL
};

void
profile_begin(struct parse *ps, struct loc loc, const struct word *name)
{
	struct profile_own	*own = parse_alloc(ps, sizeof(*own));
	struct profile		*p;

	(void)item_count(ps, loc);
	if (name->s[0] == '\0')
		parse_error(ps, name->loc, "a profile needs a name");
	p = conf_profile_find(ps->conf, name->s);
	if (p != NULL && p != ps->conf->profile)
		parse_error(ps, name->loc, "a second profile \"%s\", the "
		    "first is at %s", shown(ps, name->s), p->origin);
	if ((p = conf_profile(ps->conf, name->s)) == NULL ||
	    (p->origin = strdup(parse_origin(ps, loc))) == NULL)
		parse_nomem();
	own->profile = p;
	own->loc = loc;
	own->next = ps->owns;
	ps->owns = ps->own = own;
	ps->block = 1;
}

void
profile_end(struct parse *ps)
{
	ps->own = NULL;
	ps->block = 0;
}

void
rule_begin(struct parse *ps, struct loc loc, enum action action)
{
	(void)item_count(ps, loc);
	ps->rule = conf_rule(ps->own->profile, action, parse_origin(ps, loc),
	    NULL);
	if (ps->rule == NULL)
		parse_nomem();
	ps->access = NULL;
	ps->ops = NULL;
	ps->group = 0;
}

void
rule_methods(struct parse *ps, const struct words *list)
{
	const struct word	*w;
	enum method		 m;

	for (w = list->first; w != NULL; w = w->next) {
		m = method_parse(w->s, strlen(w->s));
		if (m == METHOD_OTHER)
			parse_error(ps, w->loc, "no method \"%s\": %s is "
			    "expected", shown(ps, w->s),
			    list_text(ps, methods));
		else
			ps->rule->methods |= (uint32_t)1 << m;
	}
}

static bool
listed(const char *const *list, size_t n, const char *s)
{
	while (n-- > 0)
		if (strcmp(list[n], s) == 0)
			return (true);
	return (false);
}

/* The groups, each once; names of operations too, if all is set. */
static void
names_of(struct parse *ps, const char **list, size_t max, bool all)
{
	const struct endpoint	*ep;
	const char		*group;
	size_t			 i, n = 0;

	for (i = 0; (ep = endpoint_get(i)) != NULL && n + 2 < max; i++) {
		if ((ep->flags & EPF_NEVER) != 0)
			continue;
		group = parse_strdup(ps, ep->name, strcspn(ep->name, "/"));
		if (!listed(list, n, group))
			list[n++] = group;
		if (all && strchr(ep->name, '/') != NULL)
			list[n++] = ep->name;
	}
	list[n] = NULL;
}

static void
op_unknown(struct parse *ps, const struct word *w)
{
	const char	*list[2 * EP_MAX], *near;
	size_t		 n = sizeof(list) / sizeof(list[0]);

	names_of(ps, list, n, true);
	if ((near = nearest(w->s, list)) != NULL) {
		parse_error(ps, w->loc, "no operation \"%s\": is \"%s\" "
		    "meant?", shown(ps, w->s), near);
		return;
	}
	names_of(ps, list, n, false);
	parse_error(ps, w->loc, "no operation \"%s\": one of these is "
	    "expected, or what lies below: %s", shown(ps, w->s),
	    list_text(ps, list));
}

static bool
op_access(const char *access, const struct endpoint *ep)
{
	return (access == NULL ||
	    (*access == 'w') == ((ep->flags & EPF_WRITE) != 0));
}

/* Add what one word means. */
static void
ops_word(struct parse *ps, const struct word *w)
{
	const struct endpoint	*ep;
	struct rule		*r = ps->rule;
	size_t			 op, named = 0, never = 0;

	for (op = 0; (ep = endpoint_get(op)) != NULL; op++) {
		if (!endpoint_named(ep, w->s))
			continue;
		named++;
		never += (ep->flags & EPF_NEVER) != 0;
		if (op_access(ps->access, ep))
			opset_add(&r->ops, op);
	}
	if (named == 0)
		op_unknown(ps, w);
	else if (never == named && r->action == ACTION_PASS)
		parse_error(ps, w->loc, "\"%s\" is never passed",
		    shown(ps, w->s));
}

static bool
ops_empty(const struct opset *set)
{
	size_t	 i;

	for (i = 0; i < sizeof(set->bits) / sizeof(set->bits[0]); i++)
		if (set->bits[i] != 0)
			return (false);
	return (true);
}

static bool
ops_method(const struct rule *r)
{
	const struct endpoint	*ep;
	size_t			 op;

	for (op = 0; (ep = endpoint_get(op)) != NULL; op++)
		if (opset_has(&r->ops, op) &&
		    (r->methods >> ep->method & 1) != 0)
			return (true);
	return (false);
}

void
rule_ops(struct parse *ps, struct loc loc)
{
	const struct word	*w, any = { NULL, "any", loc };
	unsigned int		 errors = ps->errors;

	if (ps->ops == NULL)
		ops_word(ps, &any);
	else
		for (w = ps->ops->first; w != NULL; w = w->next)
			ops_word(ps, w);
	if (ps->errors != errors)
		return;
	if (ops_empty(&ps->rule->ops))
		parse_error(ps, loc, "no operation of this rule is one to "
		    "%s", ps->access);
	else if (ps->rule->methods != 0 && !ops_method(ps->rule))
		parse_error(ps, loc, "no operation of this rule has such a "
		    "method");
}

/* What never matches would be a block that blocks nothing. */
static bool
path_possible(struct parse *ps, const struct word *w)
{
	if (strchr(w->s, '%') != NULL)
		parse_error(ps, w->loc, "path \"%s\": \"%%\" is in no path, "
		    "they are compared decoded", shown(ps, w->s));
	else if (strchr(w->s, '?') != NULL)
		parse_error(ps, w->loc, "path \"%s\": \"?\" is in no path, "
		    "and only \"*\" stands for something else",
		    shown(ps, w->s));
	else
		return (true);
	return (false);
}

void
rule_path(struct parse *ps, const struct words *list)
{
	const struct word	*w;
	size_t			 digits;

	for (w = list->first; w != NULL; w = w->next) {
		if (w->s[0] != '/' && w->s[0] != '*') {
			parse_error(ps, w->loc, "path \"%s\": a pattern that "
			    "begins with \"/\" is expected", shown(ps, w->s));
			continue;
		}
		if (!path_possible(ps, w))
			continue;
		digits = strspn(w->s, "/v0123456789.");
		if (strncmp(w->s, "/v1.", 4) == 0 && w->s[digits - 1] == '/')
			parse_error(ps, w->loc, "path \"%s\": the version is "
			    "not part of the path here", shown(ps, w->s));
		else
			peer_add(ps, COND_PATH, w->loc, NULL, w->s, false);
	}
}

static bool
key_known(const struct rule *r, const char *key)
{
	const struct endpoint	*ep;
	size_t			 op;

	for (op = 0; (ep = endpoint_get(op)) != NULL; op++)
		if (opset_has(&r->ops, op) && ep->query != NULL &&
		    endpoint_query_find(ep, key, strlen(key)) != -1)
			return (true);
	return (false);
}

void
rule_query(struct parse *ps, const struct word *key, const struct words *list,
    bool neg)
{
	const struct word	*w;

	if (!ops_empty(&ps->rule->ops) && !key_known(ps->rule, key->s))
		parse_error(ps, key->loc, "no operation of this rule has a "
		    "query key \"%s\"", shown(ps, key->s));
	else if (list == NULL)
		peer_add(ps, COND_QUERY_GIVEN, key->loc, key->s, NULL, neg);
	else
		for (w = list->first; w != NULL; w = w->next)
			peer_add(ps, COND_QUERY, w->loc, key->s, w->s, neg);
}

/*
 * "containers" means those operations on one container here; a word that
 * means none would be a condition that never holds.
 */
void
rule_targets(struct parse *ps)
{
	const struct endpoint	*ep;
	const struct word	*w;
	size_t			 op;

	for (w = ps->ops == NULL ? NULL : ps->ops->first; w != NULL;
	    w = w->next) {
		for (op = 0; (ep = endpoint_get(op)) != NULL; op++)
			if (endpoint_named(ep, w->s) &&
			    endpoint_has_container(ep))
				break;
		if (ep == NULL)
			parse_error(ps, w->loc, "\"%s\" is not about one "
			    "container: operations below containers/{id} or "
			    "exec, commit, networks/connect or "
			    "networks/disconnect are expected before "
			    "\"container\"", shown(ps, w->s));
	}
	for (op = 0; (ep = endpoint_get(op)) != NULL; op++)
		if (!endpoint_has_container(ep))
			opset_del(&ps->rule->ops, op);
}

void
rule_target(struct parse *ps, enum cond_kind kind, const struct word *w,
    bool neg)
{
	const char	*key = NULL, *text = w->s;

	if (kind == COND_TARGET_LABEL &&
	    label_split(ps, w, &key, &text) == -1)
		return;
	if (kind == COND_TARGET && (text = container_name(ps, w)) == NULL)
		return;
	peer_add(ps, kind, w->loc, key, text, neg);
}

void
rule_end(struct parse *ps, const struct word *label, bool audit)
{
	ps->rule->audit = audit;
	if (label != NULL && (ps->rule->label = strdup(label->s)) == NULL)
		parse_nomem();
	ps->rule = NULL;
}
