/* SPDX-License-Identifier: ISC */

/*
 * The explanation as text: a word, a tab, and what it is, one line each;
 * then the request, behind "| ".  Nothing is written before all of it is
 * known.
 */

#include "../parent/explain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VALUE_MAX	256	/* shown of a value */

static const struct rule *
rule_by_number(const struct profile *p, uint32_t n)
{
	const struct rule	*r;

	TAILQ_FOREACH(r, &p->rules, entry)
		if (--n == 0)
			return (r);
	return (NULL);
}

static const struct allow *
allow_by_number(const struct profile *p, uint32_t n)
{
	const struct allow	*a;

	TAILQ_FOREACH(a, &p->allows, entry)
		if (--n == 0)
			return (a);
	return (NULL);
}

/*
 * What conf_print_rule() and conf_print_allow() print, in one line: blanks,
 * also where a line was broken, are one; the comment says the origin, which
 * stands elsewhere.
 */
static void
squeeze(char *text, const char *origin)
{
	size_t	 n = strlen(text), len = strlen(origin) + 3;
	char	*src = text, *dst = text;

	if (n >= len && strncmp(text + n - len, "# ", 2) == 0 &&
	    strncmp(text + n - len + 2, origin, len - 3) == 0)
		text[n - len] = '\0';
	for (; *src != '\0'; src++) {
		if (*src == '\\' && src[1] == '\n')
			continue;
		if (*src != ' ' && *src != '\t' && *src != '\n')
			*dst++ = *src;
		else if (dst > text && dst[-1] != ' ')
			*dst++ = ' ';
	}
	if (dst > text && dst[-1] == ' ')
		dst--;
	*dst = '\0';
}

/* malloc()ed; either a rule or an allowance. */
static char *
line_of(const struct rule *r, const struct allow *a)
{
	char	*text = NULL;
	size_t	 len = 0;
	FILE	*f;

	if ((f = open_memstream(&text, &len)) == NULL)
		fatal("memory");
	if (r != NULL)
		conf_print_rule(f, r);
	else
		conf_print_allow(f, a);
	if (fclose(f) == EOF)
		fatal("memory");
	squeeze(text, r != NULL ? r->origin : a->origin);
	return (text);
}

static void
print_by(FILE *f, const struct rule *r, const struct allow *a)
{
	char	*line;

	if (r == NULL && a == NULL)
		return;
	line = line_of(r, a);
	fprintf(f, ": %s (%s)", line, r != NULL ? r->origin : a->origin);
	free(line);
}

/* The rule that decided on the operation. */
static void
print_rule(FILE *f, const struct rule *r)
{
	char	*line;

	if (r == NULL) {
		fprintf(f, "rule\tdefault block\n");
		return;
	}
	line = line_of(r, NULL);
	fprintf(f, "rule\t%s %s\n", r->origin, line);
	free(line);
}

void
explain_field(struct explain *ex, const struct imsg_trace *msg,
    const char *field, const char *text)
{
	const struct profile	*p = ex->profile;
	char			 name[1024], value[4 * VALUE_MAX];
	size_t			 len = strlen(text);

	if (msg->kind == TRACE_AUDIT) {
		log_vis(value, sizeof(value), text, len);
		fprintf(ex->lines, "audit\t%s\n", value);
		return;
	}
	log_vis(name, sizeof(name), field, strlen(field));
	fprintf(ex->lines, "field\t%s", *name == '\0' ? "(body)" : name);
	if (msg->kind == TRACE_REFUSED) {
		fprintf(ex->lines, ": refused\n");
		return;
	}
	log_vis(value, sizeof(value), text, len < VALUE_MAX ? len : VALUE_MAX);
	if (*value != '\0')
		fprintf(ex->lines, msg->kind == TRACE_RULED ? " (%s)" :
		    " \"%s\"", value);
	if (msg->kind == TRACE_RULED)
		print_by(ex->lines, rule_by_number(p, msg->num), NULL);
	else
		print_by(ex->lines, NULL, allow_by_number(p, msg->num));
	fputc('\n', ex->lines);
}

/*
 * What a file's rules would have to say, where they are all that blocks it
 * (policy_message()); the answer names what an environment would.
 */
static void
print_would(FILE *f, const struct explain *ex, const struct rule *r,
    const struct endpoint *ep)
{
	char	 rules[256];

	if (ep == NULL || (r != NULL && r->action == ACTION_PASS) ||
	    ex->profile->fromenv)
		return;
	snprintf(rules, sizeof(rules), "Forbidden - %s is not allowed",
	    ep->name);
	if (strcmp(rules, ex->why) == 0)
		fprintf(f, "would\tpass on %s\n", ep->name);
}

static void
print_block(FILE *f, const struct explain *ex, const struct rule *r,
    const struct endpoint *ep)
{
	char	 why[4096];

	log_vis(why, sizeof(why), ex->why, strlen(ex->why));
	if (ex->verdict.status == 0)
		fprintf(f, "answer\tnone, %s\n", why);
	else
		fprintf(f, "answer\t%u %s\n", ex->verdict.status, why);
	print_would(f, ex, r, ep);
}

/* Each line behind "| ", its bytes as they are. */
static void
print_request(FILE *f, const struct bytes *b)
{
	const char	*p = b->data, *end = p + b->len, *nl;
	size_t		 n;

	fprintf(f, "request\t%zu bytes\n", b->len);
	while (p < end) {
		nl = memchr(p, '\n', (size_t)(end - p));
		n = (size_t)((nl == NULL ? end : nl + 1) - p);
		fputs("| ", f);
		fwrite(p, 1, n, f);
		if (nl == NULL)
			fputc('\n', f);
		p += n;
	}
}

static void
print_all(FILE *f, const struct explain *ex)
{
	const struct endpoint	*ep = NULL;
	const struct rule	*r;

	r = rule_by_number(ex->profile, ex->verdict.num);
	if (ex->verdict.op != 0)
		ep = endpoint_get(ex->verdict.op - 1U);
	fprintf(f, "verdict\t%s\n", ex->passed ? "pass" :
	    explain_failed(ex) ? "none" : "block");
	fprintf(f, "profile\t%s\n", ex->profile->name);
	fprintf(f, "listener\t%s\n", ex->filter->listener->text);
	fprintf(f, "client\t%s%s\n", ex->who, ex->assumed ? " (assumed)" : "");
	if (ep != NULL) {
		fprintf(f, "operation\t%s\n", ep->name);
		print_rule(f, r);
	}
	fputs(ex->text.data, f);
	if (ex->passed)
		print_request(f, &ex->request);
	else
		print_block(f, ex, r, ep);
}

int
explain_print(struct explain *ex)
{
	struct bytes	 b = { NULL, 0 };
	size_t		 off = 0;
	ssize_t		 n;
	FILE		*f;

	if (fclose(ex->lines) == EOF ||
	    (f = open_memstream(&b.data, &b.len)) == NULL)
		return (-1);
	print_all(f, ex);
	if (fclose(f) == EOF)
		return (-1);
	for (; off < b.len; off += (size_t)n)
		if ((n = write(STDOUT_FILENO, b.data + off,
		    b.len - off)) == -1) {
			if (errno != EINTR)
				return (-1);
			n = 0;
		}
	free(b.data);
	return (0);
}
