/* SPDX-License-Identifier: ISC */

/*
 * Nodes: making, changing, linking and finding them.  Names of one object
 * are told apart by a keyed hash, since the client chooses them and how many
 * there are.
 */

#include "json.h"

#include <string.h>

#define FEW	16	/* members that are compared with each other */

static uint64_t	 js_secret[2] = {
	0x9e3779b97f4a7c15ULL, 0xd6e8feb86659fd93ULL
};

void
js_seed(uint64_t a, uint64_t b)
{
	js_secret[0] = a;
	js_secret[1] = b | 1;
}

/*
 * Both halves of the product: every bit of the input meets every bit of the
 * secret, so that no difference of two keys cancels out by itself.
 */
static uint64_t
js_mix(uint64_t a, uint64_t b)
{
#ifdef __SIZEOF_INT128__
	unsigned __int128	 p = (unsigned __int128)a * b;

	return ((uint64_t)p ^ (uint64_t)(p >> 64));
#else
	uint64_t		 al = (uint32_t)a, ah = a >> 32;
	uint64_t		 bl = (uint32_t)b, bh = b >> 32;
	uint64_t		 mid = ah * bl + (al * bl >> 32);
	uint64_t		 top = al * bh + (uint32_t)mid;

	return ((a * b) ^ (ah * bh + (mid >> 32) + (top >> 32)));
#endif
}

static inline uint64_t
js_load(const char *s)
{
	uint32_t	 w;

	memcpy(&w, s, sizeof(w));
	return (w);
}

/* Less than eight bytes, each of which is in it. */
static inline uint64_t
js_tail(const char *s, size_t len)
{
	const unsigned char	*u = (const unsigned char *)s;

	if (len >= 4)
		return (js_load(s) | js_load(s + len - 4) << 32);
	if (len == 0)
		return (0);
	return ((uint64_t)u[0] << 16 | (uint64_t)u[len / 2] << 8 |
	    u[len - 1]);
}

uint32_t
js_hash(const char *s, size_t len)
{
	uint64_t	 h = js_secret[0] ^ len, w;

	for (; len >= sizeof(w); s += sizeof(w), len -= sizeof(w)) {
		memcpy(&w, s, sizeof(w));
		h = js_mix(h ^ w, js_secret[1]);
	}
	h = js_mix(h ^ js_tail(s, len), js_secret[1]);
	return ((uint32_t)(h ^ h >> 32));
}

struct js *
js_new(struct arena *a, enum js_type type)
{
	struct js	*v;

	if ((v = arena_alloc(a, sizeof(*v))) == NULL)
		return (NULL);
	memset(v, 0, sizeof(*v));
	v->type = type;
	return (v);
}

struct js *
js_bool(struct arena *a, bool on)
{
	return (js_new(a, on ? JS_TRUE : JS_FALSE));
}

struct js *
js_int(struct arena *a, int64_t num)
{
	struct js	*v;

	if ((v = js_new(a, JS_INT)) != NULL)
		v->num = num;
	return (v);
}

struct js *
js_string(struct arena *a, const char *s)
{
	struct js	*v;

	if ((v = js_new(a, JS_NULL)) != NULL)
		js_become_string(a, v, s);
	return (v);
}

void
js_become(struct js *v, enum js_type type)
{
	v->type = type;
	v->plain = false;
	v->len = 0;
	v->num = 0;
	v->first = v->last = NULL;
	if (type == JS_STRING)
		v->text = "";
}

void
js_become_string(struct arena *a, struct js *v, const char *s)
{
	size_t	 len = strlen(s);
	char	*copy;

	if ((copy = arena_copy(a, s, len)) == NULL)
		return;
	js_become(v, JS_STRING);
	v->text = copy;
	v->len = (uint32_t)len;
}

void
js_become_int(struct js *v, int64_t num)
{
	js_become(v, JS_INT);
	v->num = num;
}

void
js_rename(struct arena *a, struct js *v, const char *key)
{
	size_t	 len = strlen(key);
	char	*copy;

	if (v == NULL || (copy = arena_copy(a, key, len)) == NULL)
		return;
	v->key = copy;
	v->keylen = (uint32_t)len;
	v->keyplain = false;
	v->hash = js_hash(copy, len);
}

void
js_append(struct js *parent, struct js *v)
{
	if (parent == NULL || v == NULL)
		return;
	v->next = NULL;
	if (parent->first == NULL)
		parent->first = v;
	else
		parent->last->next = v;
	parent->last = v;
	parent->len++;
}

void
js_put(struct js *object, struct js *v)
{
	js_append(object, v);
}

/* The old member becomes what the new one is; its place stays. */
static void
js_replace(struct js *old, const struct js *v)
{
	old->type = v->type;
	old->plain = v->plain;
	old->len = v->len;
	old->last = v->last;
	old->num = v->num;	/* the widest of the union: all of it */
}

void
js_set(struct arena *a, struct js *object, const char *key, struct js *v)
{
	struct js	*old;

	if (object == NULL || v == NULL)
		return;
	if ((old = js_get(object, key)) != NULL) {
		js_replace(old, v);
		return;
	}
	js_rename(a, v, key);
	if (v->key != NULL)
		js_append(object, v);
}

struct js *
js_take(struct js *parent)
{
	struct js	*first = parent->first;

	parent->first = parent->last = NULL;
	parent->len = 0;
	return (first);
}

struct js *
js_get(const struct js *object, const char *key)
{
	struct js	*v;
	size_t		 len = strlen(key);

	if (!js_is(object, JS_OBJECT))
		return (NULL);
	JS_FOREACH(v, object)
		if (v->keylen == len && memcmp(v->key, key, len) == 0)
			return (v);
	return (NULL);
}

const char *
js_get_string(const struct js *object, const char *key)
{
	const struct js	*v = js_get(object, key);

	return (js_is(v, JS_STRING) ? v->text : "");
}

static bool
js_same(const struct js *a, const struct js *b)
{
	return (a->hash == b->hash && a->keylen == b->keylen &&
	    memcmp(a->key, b->key, a->keylen) == 0);
}

/* Of few members each is compared with those before it. */
static struct js *
js_twice_few(const struct js *object)
{
	struct js	*v, *w;

	JS_FOREACH(v, object)
		for (w = object->first; w != v; w = w->next)
			if (js_same(v, w))
				return (v);
	return (NULL);
}

/* Of many in a table, at least half of which is empty. */
static struct js *
js_twice_many(struct arena *a, const struct js *object)
{
	struct js	*v, **table;
	size_t		 at, size = FEW;

	while (size < (size_t)object->len * 2)
		size *= 2;
	if ((table = arena_alloc(a, size * sizeof(*table))) == NULL)
		return (NULL);
	memset(table, 0, size * sizeof(*table));
	JS_FOREACH(v, object) {
		at = v->hash & (size - 1);
		for (; table[at] != NULL; at = (at + 1) & (size - 1))
			if (js_same(table[at], v))
				return (v);
		table[at] = v;
	}
	return (NULL);
}

struct js *
js_twice(struct arena *a, const struct js *object)
{
	return (object->len <= FEW ? js_twice_few(object) :
	    js_twice_many(a, object));
}

bool
js_is_minus_zero(const struct js *v)
{
	return (v->type == JS_INT && v->num == 0 && v->len != 0);
}

bool
js_is_empty(const struct js *v)
{
	switch (v->type) {
	case JS_NULL:
	case JS_FALSE:
		return (true);
	case JS_INT:
		return (v->num == 0);
	case JS_STRING:
	case JS_ARRAY:
	case JS_OBJECT:
		return (v->len == 0);
	case JS_TRUE:
	case JS_REAL:
		break;
	}
	return (false);
}
