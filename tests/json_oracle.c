/* SPDX-License-Identifier: ISC */

/*
 * The comparison of two JSON parsers: verdict, value, and the printed text.
 * Texts with reals are compared by value alone, since jansson prints a
 * number as it holds it and we print it as it came.
 */

#include "json_oracle.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#define ORACLE_MEMORY	((size_t)1 << 30)

static bool	 same(const struct js *, const json_t *);

static bool	 have_real;

static bool
same_text(const char *a, size_t alen, const char *b, size_t blen)
{
	return (alen == blen && memcmp(a, b, alen) == 0 && a[alen] == '\0');
}

static bool
same_array(const struct js *v, const json_t *o)
{
	const struct js	*m;
	size_t		 i = 0;

	if (v->type != JS_ARRAY || v->len != json_array_size(o))
		return (false);
	JS_FOREACH(m, v)
		if (!same(m, json_array_get(o, i++)))
			return (false);
	return (i == v->len);
}

/* In the same order, too: jansson keeps that of the text. */
static bool
same_object(const struct js *v, json_t *o)
{
	const struct js	*m = v->first;
	const char	*key;
	json_t		*value;

	if (v->type != JS_OBJECT || v->len != json_object_size(o))
		return (false);
	json_object_foreach(o, key, value) {
		if (m == NULL || !same_text(m->key, m->keylen, key,
		    strlen(key)) || !same(m, value))
			return (false);
		m = m->next;
	}
	return (m == NULL);
}

static bool
same(const struct js *v, const json_t *o)
{
	switch (json_typeof(o)) {
	case JSON_NULL:
		return (v->type == JS_NULL);
	case JSON_TRUE:
		return (v->type == JS_TRUE);
	case JSON_FALSE:
		return (v->type == JS_FALSE);
	case JSON_INTEGER:
		return (v->type == JS_INT &&
		    v->num == json_integer_value(o));
	case JSON_REAL:
		have_real = true;
		return (v->type == JS_REAL && strtod(v->text, NULL) ==
		    json_real_value(o));
	case JSON_STRING:
		return (v->type == JS_STRING && same_text(v->text, v->len,
		    json_string_value(o), json_string_length(o)));
	case JSON_ARRAY:
		return (same_array(v, o));
	case JSON_OBJECT:
		return (same_object(v, (json_t *)(uintptr_t)o));
	}
	return (false);
}

static const char *
differs_printed(const struct js *v, const json_t *o, size_t len)
{
	const char	*what = NULL;
	char		*ours, *theirs;
	json_t		*again;
	size_t		 n;

	/* a hint that is too small has to do as well */
	ours = js_print(v, len / 2, &n);
	theirs = json_dumps(o, JSON_COMPACT);
	again = ours == NULL ? NULL : json_loadb(ours, n,
	    JSON_REJECT_DUPLICATES, NULL);
	if (ours == NULL || strlen(ours) != n)
		what = "is not printed";
	else if (again == NULL || !json_equal(again, o))
		what = "is printed as another value";
	else if (!have_real && (theirs == NULL || strcmp(ours, theirs) != 0))
		what = "is printed in another way";
	json_decref(again);
	free(ours);
	free(theirs);
	return (what);
}

const char *
oracle_differs(const char *text, size_t len, enum js_fault *fault)
{
	static struct arena	 arena;
	struct js_error		 error;
	const struct js		*v;
	const char		*what = NULL;
	json_t			*o;

	arena_reset(&arena, ORACLE_MEMORY);
	v = js_parse(&arena, text, len, ORACLE_DEPTH, &error);
	o = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	*fault = error.fault;
	have_real = false;
	/* jansson 2.14 overlooks a NUL behind a number ("[1\0]") */
	if (o != NULL && memchr(text, '\0', len) != NULL) {
		json_decref(o);
		o = NULL;
	}
	if ((v == NULL) != (error.fault != JS_FAULT_NONE))
		what = "has a verdict and no fault, or the other way";
	else if ((v == NULL) != (o == NULL))
		what = v == NULL ? "is refused" : "is taken";
	else if (v != NULL)
		what = !same(v, o) ? "is another value" :
		    differs_printed(v, o, len);
	json_decref(o);
	arena_reset(&arena, 0);
	return (what);
}

enum js_fault
oracle_fault(const char *text, size_t len)
{
	enum js_fault	 fault = JS_FAULT_SYNTAX;
	json_error_t	 error;
	json_t		*o;

	memset(&error, 0, sizeof(error));
	if ((o = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error)) !=
	    NULL)
		fault = JS_FAULT_NONE;
	else if (json_error_code(&error) == json_error_duplicate_key)
		fault = JS_FAULT_TWICE;
	else if (json_error_code(&error) == json_error_numeric_overflow)
		fault = JS_FAULT_RANGE;
	else if (json_error_code(&error) == json_error_stack_overflow)
		fault = JS_FAULT_DEPTH;
	json_decref(o);
	return (fault);
}
