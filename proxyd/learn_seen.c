/* SPDX-License-Identifier: ISC */

/*
 * What was seen so far.  However long the log is, and whatever its clients
 * made up, this stays small: an operation keeps a few names and is granted
 * whole when there are more, and every other list has an end, of which the
 * output speaks.
 */

#include "../proxyd/learn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

#define ID_HEX		12	/* digits; the CLI shows so many */
#define ID_SWARM	25	/* letters and digits */

struct learn *
learn_new(void)
{
	return (calloc(1, sizeof(struct learn)));
}

static void
names_free(struct learn_op *op)
{
	while (op->nnames > 0) {
		op->nnames--;
		free(op->name[op->nnames].arg);
		free(op->name[op->nnames].path);
	}
}

void
learn_free(struct learn *ln)
{
	size_t	 i;

	if (ln == NULL)
		return;
	for (i = 0; i < EP_MAX; i++)
		names_free(&ln->op[i]);
	for (i = 0; i < ln->nallows; i++)
		free(ln->allow[i].text);
	for (i = 0; i < ln->ndenied; i++)
		free(ln->denied[i].text);
	free(ln);
}

/* The number of the client; LEARN_CLIENTS: there were too many before it. */
static size_t
client_find(struct learn *ln, const char *who)
{
	size_t	 i;

	for (i = 0; i < ln->nclients; i++)
		if (strcmp(ln->who[i], who) == 0)
			return (i);
	if (i == LEARN_CLIENTS) {
		ln->lost_clients = true;
		return (i);
	}
	strlcpy(ln->who[i], who, sizeof(ln->who[i]));
	ln->nclients++;
	return (i);
}

static void
seen_add(struct learn *ln, struct learn_seen *s, const struct learn_line *l)
{
	size_t	 n = client_find(ln, l->who);

	if (s->lines++ == 0) {
		s->first = ln->lines;
		strlcpy(s->when, l->when, sizeof(s->when));
	}
	if (n == LEARN_CLIENTS)
		s->others = true;
	else
		s->clients |= (uint32_t)1 << n;
}

static bool
all_of(const char *s, size_t len, const char *set)
{
	size_t	 i;

	for (i = 0; i < len; i++)
		if (s[i] == '\0' || strchr(set, s[i]) == NULL)
			return (false);
	return (len > 0);
}

/*
 * An argument as a pattern.  Ids are made anew with each object, so the ones
 * seen will not be asked for again: "*" stands for them.
 */
static void
arg_pattern(enum ep_arg kind, const char *s, size_t len, char *buf,
    size_t size)
{
	static const char	 digest[] = "sha256:";
	static const char	 hex[] = "0123456789abcdef";
	const char		*d;
	size_t			 n;

	if (kind == ARG_EXEC || (len >= ID_HEX && all_of(s, len, hex)) ||
	    (kind == ARG_ID && len == ID_SWARM && all_of(s, len,
	    "0123456789abcdefghijklmnopqrstuvwxyz"))) {
		strlcpy(buf, "*", size);
		return;
	}
	d = memmem(s, len, digest, sizeof(digest) - 1);
	n = d == NULL ? len : (size_t)(d - s) + sizeof(digest) - 1;
	if (n < len && all_of(s + n, len - n, hex))
		snprintf(buf, size, "%.*s*", (int)n, s);
	else
		snprintf(buf, size, "%.*s", (int)len, s);
}

/* The row's path with patterns for its arguments. */
static void
path_pattern(const struct endpoint *ep, char arg[][LEARN_TEXT], char *buf,
    size_t size)
{
	const char	*p = ep->path, *brace;
	size_t		 i;

	buf[0] = '\0';
	for (i = 0; (brace = strchr(p, '{')) != NULL; i++, p = brace + 2) {
		(void)strlcat(buf, p, strlen(buf) + (size_t)(brace - p) + 1 <
		    size ? strlen(buf) + (size_t)(brace - p) + 1 : size);
		(void)strlcat(buf, arg[i], size);
	}
	(void)strlcat(buf, p, size);
}

static void
op_whole(struct learn_op *op, const char *why)
{
	op->whole = why;
	names_free(op);
}

/* Add the name, sorted by argument. */
static void
name_add(struct learn *ln, struct learn_op *op, const char *arg,
    const char *path)
{
	struct learn_name	*n = op->name;
	size_t			 i;

	for (i = 0; i < op->nnames && strcmp(n[i].arg, arg) < 0; i++)
		;
	if (i < op->nnames && strcmp(n[i].arg, arg) == 0)
		return;
	if (op->nnames == LEARN_NAMES) {
		op_whole(op, "many names");
		return;
	}
	memmove(&n[i + 1], &n[i], (op->nnames - i) * sizeof(n[0]));
	memset(&n[i], 0, sizeof(n[i]));
	op->nnames++;
	n[i].arg = strdup(arg);
	n[i].path = strdup(path);
	if (n[i].arg == NULL || n[i].path == NULL) {
		/* Whole is no answer here: the caller gives up. */
		ln->nomem = true;
		op_whole(op, "no memory");
	}
}

/* Which of the operation's paths was it? */
static void
op_name(struct learn *ln, const struct endpoint *ep, struct learn_op *op,
    const struct learn_line *l)
{
	static char	 arg[EP_ARGS_MAX][LEARN_TEXT];
	char		 path[LEARN_TEXT * 2];
	struct ep_match	 m;
	size_t		 i;

	if (l->cut) {
		op_whole(op, "a path was cut");
		return;
	}
	(void)endpoint_match(l->method, l->path, strlen(l->path), &m);
	for (i = 0; i < m.nargs; i++) {
		if (memchr(m.arg[i], '*', m.arglen[i]) != NULL ||
		    !log_printable(m.arg[i], m.arglen[i])) {
			op_whole(op, "odd names");
			return;
		}
		arg_pattern(endpoint_arg_kind(ep, i), m.arg[i], m.arglen[i],
		    arg[i], sizeof(arg[i]));
	}
	if (m.nargs == 1 && strcmp(arg[0], "*") == 0 &&
	    ep->args != ARG_IMAGE && ep->args != ARG_PLUGIN) {
		op_whole(op, "ids");
		return;
	}
	path_pattern(ep, arg, path, sizeof(path));
	name_add(ln, op, m.nargs == 1 ? arg[0] : path, path);
}

/* Where the allowance stands, or would stand. */
static size_t
allow_find(const struct learn *ln, enum allow_kind kind, const char *text,
    bool *found)
{
	const struct learn_allow	*a = ln->allow;
	size_t				 low = 0, high = ln->nallows, mid;
	int				 cmp;

	*found = false;
	while (low < high && !*found) {
		mid = (low + high) / 2;
		cmp = a[mid].kind != kind ? (a[mid].kind < kind ? -1 : 1) :
		    strcmp(a[mid].text, text);
		*found = cmp == 0;
		if (cmp < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return (*found ? high : low);
}

/* False: the grammar has no such statement as need. */
static bool
allow_add(struct learn *ln, enum allow_kind kind, const char *text,
    const char *need, const struct learn_line *l)
{
	struct learn_allow	*a = ln->allow;
	char			*copy;
	size_t			 at;
	bool			 found;

	at = allow_find(ln, kind, text, &found);
	if (!found && need != NULL && !learn_grammar(need))
		return (false);
	if (!found && ln->nallows == LEARN_ALLOWS) {
		ln->lost_allows++;
		return (true);
	}
	if (!found) {
		if ((copy = strdup(text)) == NULL) {
			ln->nomem = true;
			return (true);
		}
		memmove(&a[at + 1], &a[at], (ln->nallows - at) * sizeof(a[0]));
		memset(&a[at], 0, sizeof(a[at]));
		a[at].kind = kind;
		a[at].text = copy;
		ln->nallows++;
	}
	seen_add(ln, &a[at].seen, l);
	return (true);
}

/*
 * The audit lines of a request stand before the one that tells that it
 * passed.  That one may be missing, so the first of them counts for it.
 */
static void
op_count(struct learn *ln, struct learn_op *op, const struct learn_line *l)
{
	if (l->kind == LEARN_AUDITED) {
		if (op->early != 0)
			return;
		op->early++;
	} else if (op->early != 0) {
		op->early--;
		op->passed += l->kind == LEARN_PASSED;
		return;
	}
	seen_add(ln, &op->seen, l);
	op->passed += l->kind == LEARN_PASSED;
}

static void
op_add(struct learn *ln, const struct learn_line *l)
{
	const struct endpoint	*ep = endpoint_get((size_t)l->op);
	struct learn_op		*op = &ln->op[l->op];

	op_count(ln, op, l);
	if (ep->args != ARG_NONE && op->whole == NULL)
		op_name(ln, ep, op, l);
	if (ep->flags & EPF_UNJUDGED)
		(void)allow_add(ln, ALLOW_UNJUDGED, "", NULL, l);
}

static void
denied_add(struct learn *ln, const struct learn_line *l, bool policy)
{
	char	 why[200], text[512];
	size_t	 i;

	log_vis(why, sizeof(why), l->reason, strlen(l->reason));
	snprintf(text, sizeof(text), "%s %.120s%s: %.180s",
	    method_name(l->method), l->shown,
	    strlen(l->shown) > 120 ? "..." : "", why);
	for (i = 0; i < ln->ndenied; i++)
		if (strcmp(ln->denied[i].text, text) == 0)
			break;
	if (i == LEARN_DENIED) {
		ln->lost_denied++;
		return;
	}
	if (i == ln->ndenied) {
		if ((ln->denied[i].text = strdup(text)) == NULL) {
			ln->nomem = true;
			return;
		}
		ln->ndenied++;
	}
	ln->denied[i].policy = policy;
	seen_add(ln, &ln->denied[i].seen, l);
}

/* "containers/start is not allowed": the operation, and nothing else. */
static bool
reason_is_op(const struct learn_line *l, const struct endpoint *ep)
{
	static const char	 not[] = " is not allowed";
	size_t			 n = strlen(ep->name);

	return (strncmp(l->reason, ep->name, n) == 0 &&
	    strncmp(l->reason + n, not, sizeof(not) - 1) == 0 &&
	    strchr(" ", l->reason[n + sizeof(not) - 1]) != NULL);
}

/*
 * A switch of the environment is named, or what to name in one: the request
 * could pass, but the log does not say by which statement of a file.
 */
static bool
reason_is_env(const struct learn_line *l)
{
	size_t	 n = strlen(l->reason);

	return (n > 9 && (strcmp(l->reason + n - 9, "=1 would)") == 0 ||
	    strstr(l->reason, "ALLOWED_MOUNT_PATHS") != NULL));
}

/* A verdict on policy. */
static void
judge(struct learn *ln, const struct learn_line *l)
{
	const struct endpoint	*ep = endpoint_get((size_t)l->op);
	enum allow_kind		 kind;
	const char		*need;
	char			 text[LEARN_TEXT];

	if (reason_is_op(l, ep)) {
		op_add(ln, l);
		return;
	}
	if (learn_need(l->reason, &kind, text, sizeof(text), &need) == 0 &&
	    allow_add(ln, kind, text, need, l)) {
		op_add(ln, l);
		if (l->kind == LEARN_AUDITED && kind == ALLOW_IMAGE)
			ln->op[l->op].images++;
		return;
	}
	denied_add(ln, l, reason_is_env(l));
	if (l->kind == LEARN_AUDITED || reason_is_env(l))
		op_add(ln, l);
}

static void
count(struct learn *ln, const struct learn_line *l)
{
	size_t	 n = client_find(ln, l->who);

	ln->kinds[l->kind]++;
	if (l->kind != LEARN_AUDITED && n < LEARN_CLIENTS)
		ln->asked[n]++;
	if (l->when[0] == '\0')
		return;
	if (ln->from[0] == '\0')
		strlcpy(ln->from, l->when, sizeof(ln->from));
	strlcpy(ln->to, l->when, sizeof(ln->to));
}

void
learn_skip(struct learn *ln)
{
	ln->lines++;
	ln->skipped++;
}

void
learn_feed(struct learn *ln, const char *line, size_t len)
{
	static struct learn_line	 l;
	const struct endpoint		*ep;

	if (len > LEARN_LINE || learn_line(line, len, &l) == -1) {
		learn_skip(ln);
		return;
	}
	ln->lines++;
	count(ln, &l);
	ep = l.op == -1 ? NULL : endpoint_get((size_t)l.op);
	if (ep == NULL || ep->flags & EPF_NEVER)
		denied_add(ln, &l, false);
	else if (l.kind == LEARN_PASSED)
		op_add(ln, &l);
	else if (l.kind == LEARN_AUDITED || l.status == 403)
		judge(ln, &l);
	else if (l.status == 502 || l.status == 504)
		/* It passed, and the engine was away. */
		op_add(ln, &l);
	else
		denied_add(ln, &l, false);
}
