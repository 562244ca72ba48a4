/* SPDX-License-Identifier: ISC */

/*
 * The parser: by recursive descent over a copy of the text that ends in NULs,
 * which no rule takes, so that nothing looks for the end.  It is stricter
 * than RFC 8259 demands where two readers could differ: a key twice, a NUL,
 * an integer that does not fit.
 */

#include "json.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PADDING	8	/* NULs behind the text, cf. js_unquote() */

struct parser {
	struct arena	*arena;
	char		*base;
	char		*p;
	unsigned int	 depth;		/* levels that are left */
	enum js_fault	 fault;
	const char	*at;		/* where */
};

static bool	 parse_value(struct parser *, struct js *);

static bool
parse_fail(struct parser *ps, enum js_fault fault, const char *at)
{
	ps->fault = fault;
	ps->at = at;
	return (false);
}

static bool
parse_syntax(struct parser *ps)
{
	return (parse_fail(ps, JS_FAULT_SYNTAX, ps->p));
}

static inline char
parse_blank(struct parser *ps)
{
	while (*ps->p == ' ' || *ps->p == '\n' || *ps->p == '\r' ||
	    *ps->p == '\t')
		ps->p++;
	return (*ps->p);
}

static bool
parse_word(struct parser *ps, const char *word, struct js *v,
    enum js_type type)
{
	size_t	 n = strlen(word);

	if (strncmp(ps->p, word, n) != 0)
		return (parse_syntax(ps));
	ps->p += n;
	v->type = type;
	return (true);
}

static char *
skip_digits(char *p)
{
	while (*p >= '0' && *p <= '9')
		p++;
	return (p);
}

/* The end of the number at p, NULL: it is none. */
static char *
skip_number(char *p, bool *real)
{
	char	*q;

	if (*p == '-')
		p++;
	q = *p == '0' ? p + 1 : skip_digits(p);
	if (q == p || (*q >= '0' && *q <= '9'))
		return (NULL);
	*real = *q == '.' || *q == 'e' || *q == 'E';
	if (*q == '.') {
		p = q + 1;
		if ((q = skip_digits(p)) == p)
			return (NULL);
	}
	if (*q == 'e' || *q == 'E') {
		p = q + 1;
		if (*p == '+' || *p == '-')
			p++;
		if ((q = skip_digits(p)) == p)
			return (NULL);
	}
	return (q);
}

/* A real number stays the text that it is; only its range is looked at. */
static bool
parse_number(struct parser *ps, struct js *v)
{
	char	*start = ps->p, *end;
	bool	 real;
	double	 d = 0;

	if ((end = skip_number(start, &real)) == NULL)
		return (parse_syntax(ps));
	ps->p = end;
	errno = 0;
	if (real) {
		d = strtod(start, NULL);
		v->type = JS_REAL;
		v->text = start;
		v->len = (uint32_t)(end - start);
	} else {
		v->type = JS_INT;
		v->num = strtoll(start, NULL, 10);
		v->len = *start == '-' && v->num == 0;
	}
	if (errno == ERANGE && (!real || d == HUGE_VAL || d == -HUGE_VAL))
		return (parse_fail(ps, JS_FAULT_RANGE, start));
	return (true);
}

/* At the quotation mark. */
static bool
parse_text(struct parser *ps, const char **text, uint32_t *len, bool *plain)
{
	char	*start = ps->p + 1, *end, *bad;

	if (*ps->p != '"')
		return (parse_syntax(ps));
	if ((end = js_unquote(start, len, plain, &bad)) == NULL)
		return (parse_fail(ps, JS_FAULT_SYNTAX, bad));
	*text = start;
	ps->p = end;
	return (true);
}

static struct js *
parse_node(struct parser *ps)
{
	struct js	*v;

	if ((v = js_new(ps->arena, JS_NULL)) == NULL)
		(void)parse_fail(ps, JS_FAULT_MEMORY, ps->p);
	return (v);
}

/* Behind a member: true if another one follows, the end is eaten. */
static bool
parse_more(struct parser *ps, char close)
{
	char	 c = parse_blank(ps);

	if (c != ',' && c != close)
		return (parse_syntax(ps));
	ps->p++;
	return (c == ',');
}

static bool
parse_array(struct parser *ps, struct js *v)
{
	struct js	*member;

	v->type = JS_ARRAY;
	if (parse_blank(ps) == ']') {
		ps->p++;
		return (true);
	}
	do {
		if ((member = parse_node(ps)) == NULL ||
		    !parse_value(ps, member))
			return (false);
		js_append(v, member);
	} while (parse_more(ps, ']'));
	return (ps->fault == JS_FAULT_NONE);
}

static bool
parse_member(struct parser *ps, struct js *v)
{
	(void)parse_blank(ps);
	if (!parse_text(ps, &v->key, &v->keylen, &v->keyplain))
		return (false);
	v->hash = js_hash(v->key, v->keylen);
	if (parse_blank(ps) != ':')
		return (parse_syntax(ps));
	ps->p++;
	return (parse_value(ps, v));
}

static bool
parse_object(struct parser *ps, struct js *v)
{
	struct js	*member;

	v->type = JS_OBJECT;
	if (parse_blank(ps) == '}') {
		ps->p++;
		return (true);
	}
	do {
		if ((member = parse_node(ps)) == NULL ||
		    !parse_member(ps, member))
			return (false);
		js_append(v, member);
	} while (parse_more(ps, '}'));
	if (ps->fault != JS_FAULT_NONE)
		return (false);
	if ((member = js_twice(ps->arena, v)) != NULL)
		return (parse_fail(ps, JS_FAULT_TWICE, member->key));
	if (ps->arena->failed)
		return (parse_fail(ps, JS_FAULT_MEMORY, ps->p));
	return (true);
}

static bool
parse_nested(struct parser *ps, struct js *v)
{
	bool	 ok;

	if (ps->depth == 0)
		return (parse_fail(ps, JS_FAULT_DEPTH, ps->p));
	ps->depth--;
	ok = *ps->p++ == '{' ? parse_object(ps, v) : parse_array(ps, v);
	ps->depth++;
	return (ok);
}

static bool
parse_value(struct parser *ps, struct js *v)
{
	switch (parse_blank(ps)) {
	case '"':
		v->type = JS_STRING;
		return (parse_text(ps, &v->text, &v->len, &v->plain));
	case '{':
	case '[':
		return (parse_nested(ps, v));
	case 't':
		return (parse_word(ps, "true", v, JS_TRUE));
	case 'f':
		return (parse_word(ps, "false", v, JS_FALSE));
	case 'n':
		return (parse_word(ps, "null", v, JS_NULL));
	default:
		return (parse_number(ps, v));
	}
}

/* Lines and characters are counted in the client's text, which is whole. */
static void
parse_place(const char *text, size_t at, struct js_error *error)
{
	size_t	 i;

	error->line = error->column = 1;
	for (i = 0; i < at; i++) {
		if (text[i] == '\n') {
			error->line++;
			error->column = 1;
		} else if (((unsigned char)text[i] & 0xc0) != 0x80)
			error->column++;
	}
}

static struct js *
parse_whole(struct parser *ps, size_t len)
{
	struct js	*root;
	char		 c = parse_blank(ps);

	if (c != '{' && c != '[') {
		(void)parse_syntax(ps);
		return (NULL);
	}
	if ((root = parse_node(ps)) == NULL || !parse_value(ps, root))
		return (NULL);
	(void)parse_blank(ps);
	if (ps->p == ps->base + len)
		return (root);
	(void)parse_syntax(ps);
	return (NULL);
}

struct js *
js_parse(struct arena *a, const char *text, size_t len, unsigned int depth,
    struct js_error *error)
{
	struct parser	 ps = { .arena = a, .depth = depth };
	struct js	*root;

	memset(error, 0, sizeof(*error));
	error->fault = JS_FAULT_MEMORY;
	if (len > UINT32_MAX - PADDING)
		a->failed = true;
	if (a->failed || (ps.base = arena_alloc(a, len + PADDING)) == NULL)
		return (NULL);
	if (len != 0)
		memcpy(ps.base, text, len);
	memset(ps.base + len, 0, PADDING);
	ps.p = ps.base;
	root = parse_whole(&ps, len);
	error->fault = ps.fault;
	if (root == NULL)
		parse_place(text, (size_t)(ps.at - ps.base), error);
	return (root);
}
