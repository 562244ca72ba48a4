/* SPDX-License-Identifier: ISC */

/*
 * The policy in force as proxyd.conf text, whatever it was read from: what
 * "proxyd -nv" shows, and the way from an environment to a file.  A comment
 * behind a line says where it comes from.  Lines of an environment that only
 * repeat the built-in block are gathered in one comment, so that what is
 * open can be seen at a glance.
 */

#include "../proxyd/proxyd.h"

#include <netinet/in.h>

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bsd/string.h>

#define COMMENT_COL	48	/* where trailing comments stand */
#define LINE_COL	58	/* where a list is broken */
#define IDLE_COL	76	/* where the comment of idle rules is broken */
#define TAB		8
#define WORDS_MAX	EP_MAX
#define WORD_MAX	64

enum access {
	ACCESS_ANY,
	ACCESS_READ,
	ACCESS_WRITE
};

struct words {
	size_t	 n;
	char	 word[WORDS_MAX][WORD_MAX];
};

static bool
access_has(enum access access, const struct endpoint *ep)
{
	switch (access) {
	case ACCESS_ANY:
		return (true);
	case ACCESS_READ:
		return ((ep->flags & EPF_WRITE) == 0);
	case ACCESS_WRITE:
		return ((ep->flags & EPF_WRITE) != 0);
	}
	return (false);
}

/* Are all rows that the name and the access mean in the set? */
static bool
name_fits(const struct opset *set, enum access access, const char *name)
{
	const struct endpoint	*ep;
	size_t			 op;

	for (op = 0; (ep = endpoint_get(op)) != NULL; op++)
		if (endpoint_named(ep, name) && access_has(access, ep) &&
		    !opset_has(set, op))
			return (false);
	return (true);
}

/* The shortest name of a row that means nothing outside the set. */
static void
name_shortest(const struct opset *set, enum access access,
    const struct endpoint *ep, char *buf, size_t size)
{
	size_t	 len;

	for (len = strcspn(ep->name, "/"); ep->name[len] != '\0';
	    len += 1 + strcspn(ep->name + len + 1, "/")) {
		if (len >= size)
			break;
		memcpy(buf, ep->name, len);
		buf[len] = '\0';
		if (name_fits(set, access, buf))
			return;
	}
	strlcpy(buf, ep->name, size);
}

/* Name the set; -1 if it holds a row that the access excludes. */
static int
words_make(struct words *w, const struct opset *set, enum access access)
{
	const struct endpoint	*ep, *other;
	struct opset		 left = *set;
	size_t			 op, i;

	w->n = 0;
	for (op = 0; (ep = endpoint_get(op)) != NULL; op++) {
		if (!opset_has(set, op))
			continue;
		if (!access_has(access, ep))
			return (-1);
		if (!opset_has(&left, op))
			continue;
		name_shortest(set, access, ep, w->word[w->n], WORD_MAX);
		for (i = 0; (other = endpoint_get(i)) != NULL; i++)
			if (endpoint_named(other, w->word[w->n]))
				opset_del(&left, i);
		w->n++;
	}
	return (0);
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
	enum access			 found = ACCESS_ANY;
	struct words			 w;
	size_t				 i;

	order = r->action == ACTION_PASS ? pass : block;
	best->n = 0;
	for (i = 0; i < 3; i++) {
		if (words_make(&w, &r->ops, order[i]) == -1 || w.n == 0 ||
		    (best->n != 0 && w.n >= best->n))
			continue;
		*best = w;
		found = order[i];
	}
	return (found);
}

static size_t
text_col(const char *s, size_t col)
{
	for (; *s != '\0'; s++)
		col = *s == '\t' ? col + TAB - col % TAB :
		    *s == '\n' ? 0 : col + 1;
	return (col);
}

/* Fill up with tabs and put the comment there. */
static void
print_comment(FILE *f, size_t col, const char *comment)
{
	if (col >= COMMENT_COL)
		fputc(' ', f);
	while (col < COMMENT_COL) {
		fputc('\t', f);
		col += TAB - col % TAB;
	}
	fprintf(f, "# %s\n", comment);
}

/* One word, or "{ a, b }" broken into lines; returns the column. */
static size_t
print_list(FILE *f, size_t col, size_t n, char (*word)[WORD_MAX])
{
	size_t	 i, len;

	if (n == 1)
		return (col + (size_t)fprintf(f, "%s", word[0]));
	col += (size_t)fprintf(f, "{ ");
	for (i = 0; i < n; i++) {
		len = strlen(word[i]) + 2;
		if (col + len > LINE_COL) {
			fprintf(f, "\\\n\t    ");
			col = TAB + 4;
		}
		col += (size_t)fprintf(f, "%s%s", word[i],
		    i + 1 < n ? ", " : " ");
	}
	return (col + (size_t)fprintf(f, "}"));
}

static void
print_rule(FILE *f, const struct rule *r)
{
	static const char *const names[] = { "", " read", " write" };
	struct words		 w;
	char			 head[64];
	enum access		 access;
	size_t			 op, all = endpoint_count();

	for (op = 0; op < all && opset_has(&r->ops, op); op++)
		;
	access = words_best(&w, r);
	if (op == all) {
		access = ACCESS_ANY;
		strlcpy(w.word[0], "any", WORD_MAX);
		w.n = 1;
	}
	if (w.n == 0)
		return;
	snprintf(head, sizeof(head), "\t%s%s%s on ",
	    r->action == ACTION_PASS ? "pass" : "block",
	    r->quick ? " quick" : "", names[access]);
	fputs(head, f);
	print_comment(f, print_list(f, text_col(head, 0), w.n, w.word),
	    r->origin);
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
print_idle(FILE *f, const struct profile *p)
{
	const struct rule	*r;
	struct opset		 open;
	const char		*last = "";
	size_t			 col = 0, len;

	memset(&open, 0, sizeof(open));
	TAILQ_FOREACH(r, &p->rules, entry) {
		if (!rule_idle(p, r, &open)) {
			open_apply(&open, r);
			continue;
		}
		if (strcmp(last, r->origin) == 0)
			continue;
		last = r->origin;
		len = strlen(last) + 1;
		if (col == 0)
			col = TAB + (size_t)fprintf(f, "\t# blocked:") - 1;
		else if (col + len > IDLE_COL)
			col = TAB + (size_t)fprintf(f, "\n\t#") - 2;
		fprintf(f, " %s", last);
		col += len;
	}
	if (col != 0)
		fputc('\n', f);
}

static void
print_rules(FILE *f, const struct profile *p)
{
	const struct rule	*r;
	struct opset		 open;

	memset(&open, 0, sizeof(open));
	TAILQ_FOREACH(r, &p->rules, entry) {
		if (rule_idle(p, r, &open))
			continue;
		print_rule(f, r);
		open_apply(&open, r);
	}
	print_idle(f, p);
}

static size_t
print_string(FILE *f, const char *s)
{
	size_t	 col = 2;

	fputc('"', f);
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\') {
			fputc('\\', f);
			col++;
		}
		fputc(*s, f);
		col++;
	}
	fputc('"', f);
	return (col);
}

static void
print_allow(FILE *f, const struct allow *a)
{
	static const struct {
		const char	*word;
		bool		 quote;
		bool		 any;	/* "*" is written any */
	} kinds[ALLOW_KIND_MAX] = {
		[ALLOW_PRIVILEGED] = { "privileged", false, false },
		[ALLOW_UNJUDGED] = { "unjudged", false, false },
		[ALLOW_BIND] = { "bind ", true, false },
		[ALLOW_BIND_RO] = { "bind ", true, false },
		[ALLOW_IMAGE] = { "image ", true, true },
		[ALLOW_VOLUME] = { "volume ", true, true },
		[ALLOW_NETWORK] = { "network ", true, true },
		[ALLOW_CAPABILITY] = { "capability ", false, false },
		[ALLOW_DEVICE] = { "device ", true, false },
		[ALLOW_HOST] = { "host ", false, false },
		[ALLOW_SECURITY] = { "security ", true, false },
		[ALLOW_RUNTIME] = { "runtime ", true, false },
	};
	size_t	 col;

	fprintf(f, "\tallow %s", kinds[a->kind].word);
	col = TAB + strlen("allow ") + strlen(kinds[a->kind].word);
	if (kinds[a->kind].any && strcmp(a->text, "*") == 0)
		col += (size_t)fprintf(f, "any");
	else if (kinds[a->kind].quote)
		col += print_string(f, a->text);
	else
		col += (size_t)fprintf(f, "%s", a->text);
	if (a->kind == ALLOW_BIND_RO)
		col += (size_t)fprintf(f, " read-only");
	print_comment(f, col, a->origin);
}

static void
print_listener(FILE *f, const struct listener *l)
{
	char	 host[NI_MAXHOST], port[NI_MAXSERV];

	fputs("listen on ", f);
	if (l->kind == LISTEN_UNIX) {
		print_string(f, l->path);
		if (l->owner != (uid_t)-1)
			fprintf(f, " owner %u", (unsigned int)l->owner);
		if (l->group != (gid_t)-1)
			fprintf(f, " group %u", (unsigned int)l->group);
		fprintf(f, " mode %04o", (unsigned int)l->mode);
	} else if (getnameinfo((const struct sockaddr *)&l->addr, l->addrlen,
	    host, sizeof(host), port, sizeof(port),
	    NI_NUMERICHOST | NI_NUMERICSERV) == 0) {
		/* Dual stack is what no address says. */
		if (strcmp(host, "::") == 0 && !l->v6only)
			strlcpy(host, "any", sizeof(host));
		fprintf(f, "%s port %s", host, port);
	}
	fputs(" profile ", f);
	print_string(f, l->profile->name);
	fputc('\n', f);
}

static void
print_options(FILE *f, const struct config *conf)
{
	fputs("set socket ", f);
	print_string(f, conf->socket);
	fputc('\n', f);
	if (strcmp(conf->user, PROXYD_USER) != 0) {
		fputs("set user ", f);
		print_string(f, conf->user);
		fputc('\n', f);
	}
	if (strcmp(conf->chroot, PROXYD_CHROOT) != 0) {
		fputs("set chroot ", f);
		print_string(f, conf->chroot);
		fputc('\n', f);
	}
	/* Requests that pass are logged at level info. */
	fprintf(f, "set log %s\n\n", conf->loglevel >= LOG_LVL_INFO ?
	    "all" : "block");
}

static int
write_all(int fd, const char *buf, size_t len)
{
	ssize_t	 n;

	while (len > 0) {
		n = write(fd, buf, len);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return (-1);
		buf += n;
		len -= (size_t)n;
	}
	return (0);
}

int
conf_print(const struct config *conf, int fd)
{
	const struct listener	*l;
	const struct allow	*a;
	FILE			*f;
	char			*text = NULL;
	size_t			 len = 0;
	int			 r;

	if ((f = open_memstream(&text, &len)) == NULL)
		return (-1);
	print_options(f, conf);
	fputs("profile ", f);
	print_string(f, conf->profile->name);
	fputs(" {\n", f);
	print_rules(f, conf->profile);
	if (!TAILQ_EMPTY(&conf->profile->allows))
		fputc('\n', f);
	TAILQ_FOREACH(a, &conf->profile->allows, entry)
		print_allow(f, a);
	fputs("}\n\n", f);
	TAILQ_FOREACH(l, &conf->listeners, entry)
		print_listener(f, l);
	if (fclose(f) == EOF) {
		free(text);
		return (-1);
	}
	r = write_all(fd, text, len);
	free(text);
	return (r);
}
