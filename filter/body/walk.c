/* SPDX-License-Identifier: ISC */

/*
 * The walk: one pass over a value and its table that judges and rebuilds at
 * once.  Nothing gets into the new value but by a row of the table, in the
 * order of the table; null means absent and is left out.
 */

#include "schema.h"

#include <string.h>

/* How a type is rebuilt: a new reference in *out, or -1. */
typedef int walk_fn(struct judge *, const struct field *, json_t *,
    json_t **);

static int	 walk_value(struct judge *, const struct field *, json_t *,
		    json_t **);
static int	 walk_fields(struct judge *, const struct field *, json_t *,
		    json_t *);

/* Nothing is asked for: what clients send for fields they do not use. */
static bool
value_is_empty(const json_t *v)
{
	return (json_is_null(v) || json_is_false(v) ||
	    (json_is_integer(v) && json_integer_value(v) == 0) ||
	    (json_is_string(v) && json_string_length(v) == 0) ||
	    (json_is_array(v) && json_array_size(v) == 0) ||
	    (json_is_object(v) && json_object_size(v) == 0));
}

/*
 * Up to Docker 26 a create body without HostConfig is read as if it were one
 * (runconfig/config.go, getHostConfig), so such keys must not stand outside.
 * Empty ones do (dockerode's run() has "VolumesFrom": []) and are left out.
 */
static int
key_elsewhere(struct judge *j, const struct field *table, const char *key,
    const json_t *value)
{
	const struct field	*f, *found;

	for (f = table; f->type != FT_END; f++) {
		if (f->type != FT_ELSEWHERE)
			continue;
		if ((found = field_like(f->sub, key)) == NULL)
			continue;
		if (value_is_empty(value) && strcmp(found->key, key) == 0)
			return (0);
		return (judge_bad(j, "belongs in %s, spelt %s", f->key,
		    found->key));
	}
	return (judge_say(j, "field %s is not known", j->path));
}

/* A key that is not in the table. */
static int
key_unknown(struct judge *j, const struct field *table, const char *key,
    const json_t *value)
{
	const struct field	*like;
	size_t			 old = judge_push_key(j, key);
	int			 ret;

	if ((like = field_like(table, key)) != NULL)
		ret = judge_bad(j, "must be spelt %s", like->key);
	else
		ret = key_elsewhere(j, table, key, value);
	judge_pop(j, old);
	return (ret);
}

/*
 * Every key must be a row, exactly spelt.  jansson refused a key that stands
 * twice, so two can fold to one name only where the table has both.
 */
static int
walk_keys(struct judge *j, const struct field *table, json_t *in)
{
	const struct field	*f;
	const char		*key;
	json_t			*value;
	bool			 alias = false;

	json_object_foreach(in, key, value) {
		if ((f = field_find(table, key)) != NULL)
			alias = alias || (f->flags & F_ALIAS) != 0;
		else if (key_unknown(j, table, key, value) == -1)
			return (-1);
	}
	return (alias ? fold_unique(j, in) : 0);
}

/* Judge an object by its table; a new one in *out. */
int
walk_object(struct judge *j, const struct field *table, json_t *in,
    json_t **out)
{
	*out = NULL;
	if (!json_is_object(in))
		return (judge_bad(j, "must be an object"));
	if (walk_keys(j, table, in) == -1)
		return (-1);
	if ((*out = json_object()) == NULL)
		return (judge_nomem(j));
	if (walk_fields(j, table, in, *out) == -1) {
		json_decref(*out);
		*out = NULL;
		return (-1);
	}
	return (0);
}

/* May a row be used at all?  1: it may, 0: leave it out, -1: refused. */
static int
field_usable(struct judge *j, const struct field *f, const json_t *in)
{
	bool	 empty = value_is_empty(in);

	if (f->type == FT_DROP || (f->type == FT_GONE && empty))
		return (0);
	if (f->type == FT_GONE)
		return (judge_bad(j, "must be empty or absent"));
	if (j->minor != 0 && (j->minor < f->api_min ||
	    (f->api_max != 0 && j->minor > f->api_max))) {
		if (empty)
			return (0);
		return (judge_bad(j, "is part of the API %s 1.%u, not of 1.%u",
		    j->minor < f->api_min ? "since" : "up to",
		    j->minor < f->api_min ? f->api_min : f->api_max,
		    j->minor));
	}
	if (((f->flags & F_PRIV) && !empty) || (f->flags & F_PRIV_SET))
		return (judge_unprivileged(j) == -1 ? -1 : 1);
	return (1);
}

static int
walk_field(struct judge *j, const struct field *f, json_t *in, json_t *out)
{
	json_t	*value = NULL;
	int	 ret;

	if ((ret = field_usable(j, f, in)) != 1)
		return (ret);
	if (walk_value(j, f, in, &value) == -1)
		return (-1);
	if (json_object_set_new(out, f->key, value) == -1)
		return (judge_nomem(j));
	return (0);
}

static int
walk_fields(struct judge *j, const struct field *table, json_t *in,
    json_t *out)
{
	const struct field	*f;
	json_t			*value;
	size_t			 old;
	int			 ret = 0;

	for (f = table; f->type != FT_END && ret == 0; f++) {
		if (f->type == FT_ELSEWHERE)
			continue;
		if (f->type == FT_EMBED) {
			ret = walk_fields(j, f->sub, in, out);
			continue;
		}
		value = json_object_get(in, f->key);
		if (value == NULL || json_is_null(value))
			continue;
		old = judge_push_key(j, f->key);
		ret = walk_field(j, f, value, out);
		judge_pop(j, old);
	}
	return (ret);
}

/* The row's check, or that of plain text if it has none. */
static int
walk_check(struct judge *j, const struct field *f, const char *key,
    json_t **value)
{
	if (f->check != NULL)
		return (f->check(j, key, value));
	if (json_is_string(*value))
		return (check_line(j, key, value));
	return (0);
}

/* Check the value in *out; it is given up if it does not pass. */
static int
walk_checked(struct judge *j, const struct field *f, const char *key,
    json_t **out)
{
	if (walk_check(j, f, key, out) == 0)
		return (0);
	json_decref(*out);
	*out = NULL;
	return (-1);
}

static int
walk_bool(struct judge *j, const struct field *f, json_t *in, json_t **out)
{
	if (!json_is_boolean(in))
		return (judge_bad(j, "must be true or false"));
	*out = json_incref(in);
	return (walk_checked(j, f, NULL, out));
}

/* Beyond 64 bits jansson has refused the text already. */
static int
walk_int(struct judge *j, const struct field *f, json_t *in, json_t **out)
{
	if (!json_is_integer(in))
		return (judge_bad(j, "must be an integer"));
	if (f->type == FT_UINT && json_integer_value(in) < 0)
		return (judge_bad(j, "must not be negative"));
	*out = json_incref(in);
	return (walk_checked(j, f, NULL, out));
}

static int
walk_string(struct judge *j, const struct field *f, json_t *in, json_t **out)
{
	if (!json_is_string(in))
		return (judge_bad(j, "must be a string"));
	*out = json_incref(in);
	return (walk_checked(j, f, NULL, out));
}

/*
 * One element of an array: rebuilt by fn and appended.  A null in an array is
 * refused: Go leaves what an earlier value had put there.
 */
static int
walk_element(struct judge *j, const struct field *f, walk_fn *fn, json_t *in,
    json_t *out)
{
	json_t	*value = NULL;

	if (json_is_null(in))
		return (judge_bad(j, "must not be null"));
	if (fn(j, f, in, &value) == -1)
		return (-1);
	if (json_array_append_new(out, value) == -1)
		return (judge_nomem(j));
	return (0);
}

static int
walk_array(struct judge *j, const struct field *f, walk_fn *fn,
    const char *what, json_t *in, json_t **out)
{
	json_t	*value;
	size_t	 i, old;
	int	 ret = 0;

	if (!json_is_array(in))
		return (judge_bad(j, "must be an array of %s", what));
	if ((*out = json_array()) == NULL)
		return (judge_nomem(j));
	for (i = 0; i < json_array_size(in) && ret == 0; i++) {
		value = json_array_get(in, i);
		old = judge_push(j, "[%zu]", i);
		ret = walk_element(j, f, fn, value, *out);
		judge_pop(j, old);
	}
	if (ret == -1) {
		json_decref(*out);
		*out = NULL;
	}
	return (ret);
}

/* An element that should be text says so of the whole array. */
static int
walk_strings(struct judge *j, const struct field *f, json_t *in,
    json_t **out)
{
	return (walk_array(j, f, walk_string, "strings", in, out));
}

/* The elements of the outer array are looked at as a whole by the check. */
static int
walk_list(struct judge *j, const struct field *f, json_t *in, json_t **out)
{
	static const struct field	 plain = { .type = FT_STRINGS };

	if (walk_strings(j, &plain, in, out) == -1)
		return (-1);
	return (walk_checked(j, f, NULL, out));
}

static int
walk_lists(struct judge *j, const struct field *f, json_t *in, json_t **out)
{
	return (walk_array(j, f, walk_list, "arrays of strings", in, out));
}

static int
walk_pair(struct judge *j, const struct field *f, json_t *in, json_t **out)
{
	static const struct field	 plain = { .type = FT_UINT };

	if (!json_is_array(in) || json_array_size(in) != 2)
		return (judge_bad(j, "must be an array of two integers"));
	return (walk_array(j, &plain, walk_int, "integers", in, out));
}

static int
walk_struct(struct judge *j, const struct field *f, json_t *in, json_t **out)
{
	if (walk_object(j, f->sub, in, out) == -1)
		return (-1);
	return (walk_checked(j, f, NULL, out));
}

static int
walk_structs(struct judge *j, const struct field *f, json_t *in,
    json_t **out)
{
	return (walk_array(j, f, walk_struct, "objects", in, out));
}

/*
 * The entry of a map: the check sees its name, and may put the canonical one
 * into j->key.
 */
static int
map_entry(struct judge *j, const struct field *f, walk_fn *fn,
    const char *key, json_t *in, json_t *out)
{
	json_t	*value = NULL;

	if (!text_ok(key))
		return (judge_bad(j, "has a control character in its name"));
	if (fn(j, f, in, &value) == -1)
		return (-1);
	j->key[0] = '\0';
	if (walk_checked(j, f, key, &value) == -1)
		return (-1);
	if (j->key[0] != '\0')
		key = j->key;
	if (json_object_get(out, key) != NULL) {
		json_decref(value);
		return (judge_bad(j, "is there twice, as %s", key));
	}
	if (json_object_set_new(out, key, value) == -1)
		return (judge_nomem(j));
	return (0);
}

static int
walk_entries(struct judge *j, const struct field *f, walk_fn *fn,
    json_t *in, json_t **out)
{
	const char	*key;
	json_t		*value;
	size_t		 old;
	int		 ret = 0;

	if (!json_is_object(in))
		return (judge_bad(j, "must be an object"));
	if ((*out = json_object()) == NULL)
		return (judge_nomem(j));
	json_object_foreach(in, key, value) {
		old = judge_push(j, "[%s]", key);
		ret = map_entry(j, f, fn, key, value, *out);
		judge_pop(j, old);
		if (ret == -1)
			break;
	}
	if (ret == -1) {
		json_decref(*out);
		*out = NULL;
	}
	return (ret);
}

/* In a map null is not absence: the entry is there, and empty, to Go. */
static int
entry_text(struct judge *j, const struct field *f, json_t *in, json_t **out)
{
	static const struct field	 plain = {
		.type = FT_STRING, .check = check_any
	};

	if (!json_is_null(in))
		return (walk_string(j, &plain, in, out));
	if ((*out = json_string("")) == NULL)
		return (judge_nomem(j));
	return (0);
}

static int
entry_struct(struct judge *j, const struct field *f, json_t *in,
    json_t **out)
{
	static const struct field	 none[] = { { .type = FT_END } };

	if (!json_is_null(in))
		return (walk_object(j, f->sub == NULL ? none : f->sub, in,
		    out));
	if ((*out = json_object()) == NULL)
		return (judge_nomem(j));
	return (0);
}

static int
entry_structs(struct judge *j, const struct field *f, json_t *in,
    json_t **out)
{
	struct field	 plain = { .type = FT_OBJECTS, .check = check_any };

	plain.sub = f->sub;
	if (!json_is_null(in))
		return (walk_structs(j, &plain, in, out));
	if ((*out = json_array()) == NULL)
		return (judge_nomem(j));
	return (0);
}

static int
walk_map(struct judge *j, const struct field *f, json_t *in, json_t **out)
{
	return (walk_entries(j, f, entry_text, in, out));
}

static int
walk_objmap(struct judge *j, const struct field *f, json_t *in, json_t **out)
{
	return (walk_entries(j, f, entry_struct, in, out));
}

static int
walk_ports(struct judge *j, const struct field *f, json_t *in, json_t **out)
{
	return (walk_entries(j, f, entry_structs, in, out));
}

static int
walk_value(struct judge *j, const struct field *f, json_t *in, json_t **out)
{
	static walk_fn *const	 walkers[FT_MAX] = {
		[FT_BOOL] = walk_bool,
		[FT_INT] = walk_int,
		[FT_UINT] = walk_int,
		[FT_STRING] = walk_string,
		[FT_STRINGS] = walk_strings,
		[FT_LISTS] = walk_lists,
		[FT_PAIR] = walk_pair,
		[FT_OBJECT] = walk_struct,
		[FT_OBJECTS] = walk_structs,
		[FT_MAP] = walk_map,
		[FT_SET] = walk_objmap,
		[FT_OBJMAP] = walk_objmap,
		[FT_PORTS] = walk_ports,
	};

	/* the others never have a value of their own */
	if (walkers[f->type] == NULL)
		return (judge_bad(j, "must be absent"));
	return (walkers[f->type](j, f, in, out));
}
