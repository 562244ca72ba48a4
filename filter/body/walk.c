/* SPDX-License-Identifier: ISC */

/*
 * The walk: one pass over a value and its table that judges and rebuilds at
 * once, in the tree that the parser made.  The members of an object are taken
 * off first; only what a row of the table let pass is put back, in the order
 * of the table.  null means absent and is left out.
 */

#include "schema.h"

#include <inttypes.h>
#include <string.h>

/* Judge a value of one type; it is rebuilt where it is. */
typedef int walk_fn(struct judge *, const struct field *, struct js *);

static walk_fn	 walk_value;

/*
 * Nothing, of the right type, where it is left out: the engine would say what
 * is wrong with another one, and cannot.
 */
static int
walk_empty(struct judge *j, const struct field *f, struct js *v)
{
	return (v->type == JS_NULL ? 0 : walk_value(j, f, v));
}

/* Only such a name can stand behind "allow field". */
static bool
key_plain(const char *key)
{
	static const char	 chars[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

	return (key[0] != '\0' && key[strspn(key, chars)] == '\0');
}

/* A key that nobody knows: what it means to the engine is its own affair. */
static int
key_strange(struct judge *j, const char *key, struct js *value)
{
	static const struct field	 asis = { .type = FT_ASIS };
	char				 name[BODY_FIELD];

	value->tag = &asis;
	if (allow_field(j, key))
		return (0);
	field_name(j, key, name, sizeof(name));
	if (j->profile->fromenv || !key_plain(key) ||
	    strlen(name) + 1 >= sizeof(name))
		return (judge_say(j, "field %s is not known", j->path));
	return (judge_say(j, "field %s is not known (allow field \"%s\" "
	    "would)", j->path, name));
}

/*
 * Up to Docker 26 a create body without HostConfig is read as if it were one
 * (runconfig/config.go, getHostConfig), so such keys must not stand outside.
 * Empty ones do (dockerode's run() has "VolumesFrom": []) and are left out.
 */
static int
key_elsewhere(struct judge *j, const struct field *table, const char *key,
    struct js *value)
{
	const struct field	*f, *found;

	for (f = table; f->type != FT_END; f++) {
		if (f->type != FT_ELSEWHERE)
			continue;
		if ((found = field_like(f->sub, key)) == NULL)
			continue;
		if (js_is_empty(value) && strcmp(found->key, key) == 0)
			return (walk_empty(j, found, value));
		return (judge_bad(j, "belongs in %s, spelt %s", f->key,
		    found->key));
	}
	return (key_strange(j, key, value));
}

/* A key that is not in the table; it is left out unless it gets a tag. */
static int
key_unknown(struct judge *j, const struct field *table, const char *key,
    struct js *value)
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
 * Every key must be a row, exactly spelt; the member is marked with it.  The
 * parser refused a key that stands twice, so two can fold to one name only
 * where the table has both, or none.
 */
static int
walk_keys(struct judge *j, const struct field *table, const struct js *v)
{
	const struct field	*f;
	struct rows		 rows;
	struct js		*m;
	bool			 alias = false;

	rows_open(&rows, table);
	JS_FOREACH(m, v) {
		m->tag = f = rows_find(&rows, m->key);
		m->rank = rows.rank;
		if (f != NULL)
			alias = alias || (f->flags & F_ALIAS) != 0;
		else if (key_unknown(j, table, m->key, m) == -1)
			return (-1);
		else {
			alias = true;
			m->rank = UINT16_MAX;
		}
	}
	return (alias ? fold_unique(j, v) : 0);
}

/*
 * Take all members off, in the order of their rows, which is mostly that in
 * which they came.  Of these there are at most as many as the table has; what
 * has no row comes behind them.
 */
static struct js *
members_take(struct js *v)
{
	struct js	*first = NULL, *last = NULL, **at, *m, *next;

	for (m = js_take(v); m != NULL; m = next) {
		next = m->next;
		if (m->tag == NULL)
			continue;
		at = last == NULL || m->rank < last->rank ? &first :
		    &last->next;
		while (*at != NULL && (*at)->rank < m->rank)
			at = &(*at)->next;
		m->next = *at;
		*at = m;
		if (m->next == NULL)
			last = m;
	}
	return (first);
}

/* May a row be used at all?  1: it may, 0: leave it out, -1: refused. */
static int
field_usable(struct judge *j, const struct field *f, struct js *v)
{
	bool	 empty = js_is_empty(v);

	if (f->type == FT_DROP)
		return (0);
	if (!empty && (f->flags & F_GONE))
		return (judge_bad(j, "must be empty or absent"));
	if (f->flags & (F_GONE | F_DROP))
		return (walk_value(j, f, v));
	if (j->minor != 0 && (j->minor < f->api_min ||
	    (f->api_max != 0 && j->minor > f->api_max))) {
		if (empty)
			return (walk_empty(j, f, v));
		return (judge_bad(j, "is part of the API %s 1.%u, not of 1.%u",
		    j->minor < f->api_min ? "since" : "up to",
		    j->minor < f->api_min ? f->api_min : f->api_max,
		    j->minor));
	}
	if (((f->flags & F_PRIV) && !empty) || (f->flags & F_PRIV_SET))
		return (judge_unprivileged(j) == -1 ? -1 : 1);
	return (1);
}

/* Judge a field, and put it back if it passes. */
static int
member_judge(struct judge *j, const struct field *f, struct js *object,
    struct js *m)
{
	int	 ret;

	if (f->type == FT_ASIS || (f->type != FT_DROP &&
	    (f->flags & (F_GONE | F_DROP)) == 0 && allow_field(j, NULL)))
		ret = fold_check(j, m);
	else if ((ret = field_usable(j, f, m)) == 1)
		ret = walk_value(j, f, m);
	else
		return (ret);
	if (ret == 0)
		js_put(object, m);
	return (ret);
}

/* A member that was taken off. */
static int
walk_member(struct judge *j, struct js *object, struct js *m)
{
	size_t	 old;
	int	 ret;

	if (m->type == JS_NULL)
		return (0);
	old = judge_enter(j, m->key);
	ret = member_judge(j, m->tag, object, m);
	judge_leave(j, old);
	return (ret);
}

int
walk_object(struct judge *j, const struct field *table, struct js *v)
{
	struct js	*m, *next;

	if (v->type != JS_OBJECT)
		return (judge_bad(j, "must be an object"));
	if (walk_keys(j, table, v) == -1)
		return (-1);
	for (m = members_take(v); m != NULL; m = next) {
		next = m->next;
		if (walk_member(j, v, m) == -1)
			return (-1);
	}
	return (0);
}

/* The row's check, or that of plain text if it has none. */
static int
walk_check(struct judge *j, const struct field *f, const char *key,
    struct js *v)
{
	if (f->check != NULL)
		return (f->check(j, key, v));
	return (v->type == JS_STRING ? check_line(j, key, v) : 0);
}

static int
walk_bool(struct judge *j, const struct field *f, struct js *v)
{
	if (!js_is_bool(v))
		return (judge_bad(j, "must be true or false"));
	return (walk_check(j, f, NULL, v));
}

/* Beyond 64 bits the parser has refused the text already. */
static int
walk_int(struct judge *j, const struct field *f, struct js *v)
{
	if (v->type != JS_INT)
		return (judge_bad(j, "must be an integer"));
	return (walk_check(j, f, NULL, v));
}

/* Go reads no sign into these, not even that of -0, and nothing beyond. */
static int
walk_uint(struct judge *j, const struct field *f, struct js *v)
{
	if (v->type == JS_INT && (v->num < 0 || js_is_minus_zero(v)))
		return (judge_bad(j, "must not be negative"));
	if (v->type == JS_INT && ((f->type == FT_UINT16 &&
	    v->num > UINT16_MAX) || (f->type == FT_UINT32 &&
	    v->num > UINT32_MAX)))
		return (judge_bad(j, "must be at most %" PRIu32, f->type ==
		    FT_UINT16 ? UINT16_MAX : UINT32_MAX));
	return (walk_int(j, f, v));
}

static int
walk_number(struct judge *j, const struct field *f, struct js *v)
{
	if (v->type != JS_INT && v->type != JS_REAL)
		return (judge_bad(j, "must be a number"));
	return (walk_check(j, f, NULL, v));
}

static int
walk_string(struct judge *j, const struct field *f, struct js *v)
{
	if (v->type != JS_STRING)
		return (judge_bad(j, "must be a string"));
	return (walk_check(j, f, NULL, v));
}

/*
 * Each element by fn.  A null in an array is refused: Go leaves what an
 * earlier value had put there.
 */
static int
walk_array(struct judge *j, const struct field *f, walk_fn *fn,
    const char *what, struct js *v)
{
	struct js	*m;
	size_t		 old, i = 0;
	int		 ret = 0;

	if (v->type != JS_ARRAY)
		return (judge_bad(j, "must be an array of %s", what));
	for (m = v->first; m != NULL && ret == 0; m = m->next) {
		old = judge_push_index(j, i++);
		ret = m->type == JS_NULL ? judge_bad(j, "must not be null") :
		    fn(j, f, m);
		judge_pop(j, old);
	}
	return (ret);
}

/* An element that should be text says so of the whole array. */
static int
walk_strings(struct judge *j, const struct field *f, struct js *v)
{
	return (walk_array(j, f, walk_string, "strings", v));
}

/* The elements of the outer array are looked at as a whole by the check. */
static int
walk_list(struct judge *j, const struct field *f, struct js *v)
{
	static const struct field	 plain = { .type = FT_STRINGS };

	return (walk_strings(j, &plain, v) == -1 ? -1 :
	    walk_check(j, f, NULL, v));
}

static int
walk_lists(struct judge *j, const struct field *f, struct js *v)
{
	return (walk_array(j, f, walk_list, "arrays of strings", v));
}

static int
walk_pair(struct judge *j, const struct field *f, struct js *v)
{
	static const struct field	 plain = { .type = FT_UINT };

	if (v->type != JS_ARRAY || v->len != 2)
		return (judge_bad(j, "must be an array of two integers"));
	return (walk_array(j, &plain, walk_uint, "integers", v));
}

static int
walk_struct(struct judge *j, const struct field *f, struct js *v)
{
	return (walk_object(j, f->sub, v) == -1 ? -1 :
	    walk_check(j, f, NULL, v));
}

static int
walk_structs(struct judge *j, const struct field *f, struct js *v)
{
	return (walk_array(j, f, walk_struct, "objects", v));
}

/*
 * The entry of a map: the check sees its name, and may put the canonical one
 * into j->key.  The client's is kept for entries_twice().
 */
static int
map_entry(struct judge *j, const struct field *f, walk_fn *fn, struct js *v)
{
	if (!text_ok(v->key))
		return (judge_bad(j, "has a control character in its name"));
	if (fn(j, f, v) == -1)
		return (-1);
	j->key[0] = '\0';
	if (walk_check(j, f, v->key, v) == -1)
		return (-1);
	v->tag = NULL;
	if (j->key[0] != '\0' && strcmp(j->key, v->key) != 0) {
		v->tag = v->key;
		js_rename(j->arena, v, j->key);
	}
	return (0);
}

/* Have two entries come to the same name? */
static int
entries_twice(struct judge *j, const struct js *v)
{
	const struct js	*m;
	size_t		 old;

	if ((m = js_twice(j->arena, v)) == NULL)
		return (0);
	old = judge_push_entry(j, m->tag == NULL ? m->key : m->tag);
	(void)judge_bad(j, "is there twice, as %s", m->key);
	judge_pop(j, old);
	return (-1);
}

static int
walk_entries(struct judge *j, const struct field *f, walk_fn *fn,
    struct js *v)
{
	struct js	*m;
	size_t		 old;
	int		 ret = 0;
	bool		 renamed = false;

	if (v->type != JS_OBJECT)
		return (judge_bad(j, "must be an object"));
	for (m = v->first; m != NULL && ret == 0; m = m->next) {
		old = judge_push_entry(j, m->key);
		ret = map_entry(j, f, fn, m);
		judge_pop(j, old);
		renamed = renamed || m->tag != NULL;
	}
	return (ret == 0 && renamed ? entries_twice(j, v) : ret);
}

/* In a map null is not absence: the entry is there, and empty, to Go. */
static int
entry_text(struct judge *j, const struct field *f, struct js *v)
{
	static const struct field	 plain = {
		.type = FT_STRING, .check = check_any
	};

	if (v->type == JS_NULL)
		js_become(v, JS_STRING);
	return (walk_string(j, &plain, v));
}

static int
entry_struct(struct judge *j, const struct field *f, struct js *v)
{
	static const struct field	 none[] = { { .type = FT_END } };

	if (v->type == JS_NULL)
		js_become(v, JS_OBJECT);
	return (walk_object(j, f->sub == NULL ? none : f->sub, v));
}

static int
entry_structs(struct judge *j, const struct field *f, struct js *v)
{
	struct field	 plain = { .type = FT_OBJECTS, .check = check_any };

	plain.sub = f->sub;
	if (v->type == JS_NULL)
		js_become(v, JS_ARRAY);
	return (walk_structs(j, &plain, v));
}

static int
walk_map(struct judge *j, const struct field *f, struct js *v)
{
	return (walk_entries(j, f, entry_text, v));
}

static int
walk_objmap(struct judge *j, const struct field *f, struct js *v)
{
	return (walk_entries(j, f, entry_struct, v));
}

static int
walk_ports(struct judge *j, const struct field *f, struct js *v)
{
	return (walk_entries(j, f, entry_structs, v));
}

static int
walk_value(struct judge *j, const struct field *f, struct js *v)
{
	static walk_fn *const	 walkers[FT_MAX] = {
		[FT_BOOL] = walk_bool,
		[FT_INT] = walk_int,
		[FT_UINT] = walk_uint,
		[FT_UINT16] = walk_uint,
		[FT_UINT32] = walk_uint,
		[FT_NUMBER] = walk_number,
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
	return (walkers[f->type](j, f, v));
}
