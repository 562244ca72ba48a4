/* SPDX-License-Identifier: ISC */

/*
 * What was seen, as the struct config that parse.y would have made.  Where a
 * file has the line of a rule, here is the evidence for it; conf_print()
 * puts that behind the line.
 */

#include "../proxyd/learn.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

#define SHOWN_CLIENTS	3
#define ITEMS_MAX	(EP_MAX + LEARN_ALLOWS + 8)

/* Evidence for the rules, then for the allowances, in their order. */
struct build {
	const struct learn	*ln;
	struct config		*conf;
	struct profile		*p;
	size_t			 n;
	char			*evidence[ITEMS_MAX];
};

void
learn_clients(const struct learn *ln, const struct learn_seen *s, char *buf,
    size_t size)
{
	size_t	 i, n = 0;

	buf[0] = '\0';
	for (i = 0; i < ln->nclients; i++) {
		if ((s->clients >> i & 1) == 0 || n++ >= SHOWN_CLIENTS)
			continue;
		(void)strlcat(buf, n == 1 ? "" : ", ", size);
		(void)strlcat(buf, ln->who[i], size);
	}
	if (n > SHOWN_CLIENTS || s->others)
		(void)strlcat(buf, n == 0 ? "others" : ", others", size);
}

void
learn_evidence(const struct learn *ln, const struct learn_seen *s, char *buf,
    size_t size)
{
	char	 who[256];

	learn_clients(ln, s, who, sizeof(who));
	snprintf(buf, size, "%" PRIu64 " line%s, %s%" PRIu64 "%s%s, %s",
	    s->lines, s->lines == 1 ? "" : "s", s->lines == 1 ? "" : "first ",
	    s->first, s->when[0] == '\0' ? "" : " at ", s->when, who);
}

static void
seen_merge(struct learn_seen *sum, const struct learn_seen *s)
{
	if (sum->lines == 0 || s->first < sum->first) {
		sum->first = s->first;
		strlcpy(sum->when, s->when, sizeof(sum->when));
	}
	sum->lines += s->lines;
	sum->clients |= s->clients;
	sum->others = sum->others || s->others;
}

/*
 * Names of the table lie below others: "ping/head" is "ping", by another
 * method.  Who may do the one may do the other, and a file cannot tell them
 * apart without more words.
 */
static void
set_forms(struct opset *set, const struct endpoint *ep)
{
	const struct endpoint	*other;
	size_t			 i;

	for (i = 0; (other = endpoint_get(i)) != NULL; i++)
		if (endpoint_named(other, ep->name))
			opset_add(set, i);
}

/*
 * Keep the evidence for the line to come.  Its origin is only a number for
 * now, by which conf_check() speaks of it; NULL: no memory.
 */
static const char *
item_new(struct build *b, const struct learn_seen *s, const char *note)
{
	static char	 number[32];
	char		 text[512], evidence[400];

	if (b->n == ITEMS_MAX)
		return (NULL);
	learn_evidence(b->ln, s, evidence, sizeof(evidence));
	snprintf(text, sizeof(text), "%s%s", note, evidence);
	if ((b->evidence[b->n] = strdup(text)) == NULL)
		return (NULL);
	b->n++;
	snprintf(number, sizeof(number), "[%zu]", b->n);
	return (number);
}

static struct rule *
rule_new(struct build *b, const struct learn_seen *s)
{
	const char	*number = item_new(b, s, "");

	return (number == NULL ? NULL :
	    conf_rule(b->p, ACTION_PASS, number, NULL));
}

/* One rule for each of these, so that its warning means nothing else. */
static bool
op_apart(const struct endpoint *ep)
{
	return ((ep->flags & EPF_UNJUDGED) != 0 ||
	    strcmp(ep->name, "grpc") == 0);
}

/* Operations that are granted whole, but for the dangerous ones. */
static int
rule_whole(struct build *b, bool write)
{
	const struct endpoint	*ep;
	const struct learn_op	*op;
	struct opset		 set;
	struct learn_seen	 sum;
	struct rule		*r;
	size_t			 i;

	memset(&set, 0, sizeof(set));
	memset(&sum, 0, sizeof(sum));
	for (i = 0; (ep = endpoint_get(i)) != NULL; i++) {
		op = &b->ln->op[i];
		if (op->seen.lines == 0 || op->nnames != 0 ||
		    ((ep->flags & EPF_WRITE) != 0) != write ||
		    op_apart(ep))
			continue;
		set_forms(&set, ep);
		seen_merge(&sum, &op->seen);
	}
	if (sum.lines == 0)
		return (0);
	if ((r = rule_new(b, &sum)) == NULL)
		return (-1);
	r->ops = set;
	return (0);
}

static int
rule_path(struct rule *r, const char *path)
{
	struct cond	*c;

	TAILQ_FOREACH(c, &r->conds, entry)
		if (strcmp(c->text, path) == 0)
			return (0);
	return (cond_add(&r->conds, COND_PATH, 0, NULL, path) == NULL ? -1 : 0);
}

/* Bytes of the row's path before its first argument. */
static size_t
stem_len(const struct endpoint *ep)
{
	return (strcspn(ep->path, "{"));
}

/* What follows the argument is one more segment. */
static bool
tail_short(const struct endpoint *ep)
{
	const char	*tail = ep->path + stem_len(ep);

	return (strncmp(tail, "{}/", 3) == 0 && tail[3] != '\0' &&
	    strpbrk(tail + 3, "/{") == NULL);
}

/* Are two operations granted for the same names, so that one rule will do? */
static bool
op_alike(const struct learn *ln, size_t a, size_t b)
{
	const struct endpoint	*x = endpoint_get(a), *y = endpoint_get(b);
	const struct learn_op	*p = &ln->op[a], *q = &ln->op[b];
	size_t			 i;

	if (p->nnames != q->nnames || stem_len(x) != stem_len(y) ||
	    strncmp(x->path, y->path, stem_len(x)) != 0 ||
	    ((x->flags ^ y->flags) & EPF_WRITE) != 0 ||
	    tail_short(x) != tail_short(y) ||
	    op_apart(x) || op_apart(y))
		return (false);
	for (i = 0; i < p->nnames; i++)
		if (strcmp(p->name[i].arg, q->name[i].arg) != 0)
			return (false);
	return (true);
}

/*
 * The paths of one operation of a rule.  Where the rule has several, what
 * follows the name is one of them already: "*" will do for it.
 */
static int
rule_names(struct rule *r, const struct endpoint *ep,
    const struct learn_op *op, bool several)
{
	char	 path[LEARN_TEXT * 2];
	size_t	 i;

	for (i = 0; i < op->nnames; i++) {
		if (several && tail_short(ep))
			snprintf(path, sizeof(path), "%.*s%s/*",
			    (int)stem_len(ep), ep->path, op->name[i].arg);
		else
			strlcpy(path, op->name[i].path, sizeof(path));
		if (rule_path(r, path) == -1)
			return (-1);
	}
	return (0);
}

/* The row and all that are granted for the same names. */
static int
rule_narrow(struct build *b, size_t first, struct opset *done)
{
	const struct learn	*ln = b->ln;
	const struct endpoint	*ep;
	struct opset		 set;
	struct learn_seen	 sum;
	struct rule		*r;
	size_t			 i, n = 0;

	memset(&set, 0, sizeof(set));
	memset(&sum, 0, sizeof(sum));
	for (i = first; (ep = endpoint_get(i)) != NULL; i++) {
		if (opset_has(done, i) || (i != first &&
		    !op_alike(ln, first, i)))
			continue;
		opset_add(done, i);
		opset_add(&set, i);
		seen_merge(&sum, &ln->op[i].seen);
		n++;
	}
	if ((r = rule_new(b, &sum)) == NULL)
		return (-1);
	for (i = first; (ep = endpoint_get(i)) != NULL; i++) {
		if (!opset_has(&set, i))
			continue;
		set_forms(&r->ops, ep);
		if (rule_names(r, ep, &ln->op[i], n > 1) == -1)
			return (-1);
	}
	return (0);
}

static int
make_rules(struct build *b)
{
	const struct learn_op	*op;
	const struct endpoint	*ep;
	struct opset		 done;
	size_t			 i;

	memset(&done, 0, sizeof(done));
	if (rule_whole(b, false) == -1 || rule_whole(b, true) == -1)
		return (-1);
	for (i = 0; (ep = endpoint_get(i)) != NULL; i++) {
		op = &b->ln->op[i];
		if (op->seen.lines != 0 && !opset_has(&done, i) &&
		    (op->nnames != 0 || op_apart(ep)) &&
		    rule_narrow(b, i, &done) == -1)
			return (-1);
	}
	return (0);
}

/* A path that is also mounted for writing. */
static bool
allow_covered(const struct learn *ln, const struct learn_allow *a)
{
	size_t	 i;

	if (a->kind != ALLOW_BIND_RO)
		return (false);
	for (i = 0; i < ln->nallows; i++)
		if (ln->allow[i].kind == ALLOW_BIND &&
		    strcmp(ln->allow[i].text, a->text) == 0)
			return (true);
	return (false);
}

static int
make_allow(struct build *b, enum allow_kind kind, const char *text,
    const struct learn_seen *s, const char *note)
{
	const char	*number = item_new(b, s, note);

	return (number == NULL || conf_allow(b->p, kind, text, number) == NULL ?
	    -1 : 0);
}

/*
 * Every container has an image; one that passed without a line that names it
 * was allowed when the log was written, by what the log does not say.
 */
static int
make_images(struct build *b)
{
	const struct learn	*ln = b->ln;
	const struct learn_op	*create;
	size_t			 i;
	int			 n;

	if ((n = endpoint_byname("containers/create")) == -1)
		return (0);
	create = &ln->op[n];
	for (i = 0; i < ln->nallows; i++)
		if (ln->allow[i].kind == ALLOW_IMAGE)
			break;
	if (create->seen.lines == 0 || (i < ln->nallows &&
	    create->passed <= create->images))
		return (0);
	return (make_allow(b, ALLOW_IMAGE, "*", &create->seen,
	    "WARNING, the log does not name them; "));
}

static int
make_allows(struct build *b)
{
	const struct learn_allow	*a;
	size_t				 i;

	if (make_images(b) == -1)
		return (-1);
	for (i = 0; i < b->ln->nallows; i++) {
		a = &b->ln->allow[i];
		if (!allow_covered(b->ln, a) && make_allow(b, a->kind,
		    a->text, &a->seen, "") == -1)
			return (-1);
	}
	return (0);
}

static int
make_listener(struct config *conf)
{
	static const char	 where[] = "unix:///run/proxyd/proxyd.sock";
	struct listener		*l;
	char			 err[256];

	if (conf_listen(conf, where, false, err, sizeof(err)) == -1)
		return (-1);
	l = TAILQ_LAST(&conf->listeners, listeners);
	l->origin = strdup("the log does not say where: change it");
	return (l->origin == NULL ? -1 : 0);
}

/* The number gives way to the evidence, unless a warning goes by it. */
static int
item_done(const struct build *b, size_t i, char **origin)
{
	const struct config	*conf = b->conf;
	char			*text;
	size_t			 w, n = strlen(*origin);

	for (w = 0; w < conf->nwarnings; w++)
		if (strncmp(conf->warnings[w], *origin, n) == 0)
			break;
	if (asprintf(&text, "%s%s%s%s", w < conf->nwarnings ? "WARNING " : "",
	    w < conf->nwarnings ? *origin : "",
	    w < conf->nwarnings ? "; " : "", b->evidence[i]) == -1)
		return (-1);
	free(*origin);
	*origin = text;
	return (0);
}

static int
items_done(struct build *b)
{
	struct rule	*r;
	struct allow	*a;
	size_t		 i = 0;

	TAILQ_FOREACH(r, &b->p->rules, entry)
		if (item_done(b, i++, &r->origin) == -1)
			return (-1);
	TAILQ_FOREACH(a, &b->p->allows, entry)
		if (item_done(b, i++, &a->origin) == -1)
			return (-1);
	return (0);
}

/* The profile is the one that every configuration begins with. */
static int
make_profile(struct build *b)
{
	char	*name;

	if ((name = strdup("learned")) == NULL)
		return (-1);
	free(b->p->name);
	b->p->name = name;
	if (make_rules(b) == -1 || make_allows(b) == -1 ||
	    make_listener(b->conf) == -1 || conf_compile(b->conf) == -1 ||
	    conf_check(b->conf) != 0)
		return (-1);
	return (items_done(b));
}

struct config *
learn_config(const struct learn *ln)
{
	struct build	*b;
	struct config	*conf = NULL;
	int		 r = -1;

	if (ln->nomem || (b = calloc(1, sizeof(*b))) == NULL)
		return (NULL);
	b->ln = ln;
	if ((conf = b->conf = conf_new()) != NULL) {
		b->p = conf->profile;
		r = make_profile(b);
	}
	while (b->n > 0)
		free(b->evidence[--b->n]);
	free(b);
	if (r == -1) {
		conf_free(conf);
		return (NULL);
	}
	return (conf);
}
