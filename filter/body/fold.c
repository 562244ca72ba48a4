/* SPDX-License-Identifier: ISC */

/*
 * Keys as Go's decoder sees them.  encoding/json takes a key for a struct
 * field if both are equal under simple Unicode case folding; of the letters
 * outside ASCII only U+017F (long s) and U+212A (Kelvin sign) fold into it.
 * Two keys that fold to one name are merged by the daemon, so they are
 * refused here.
 */

#include "schema.h"

#include <string.h>

/* Write the folded key, which is never longer, to dst; its length. */
size_t
fold_key(const char *key, char *dst, size_t size)
{
	const unsigned char	*s = (const unsigned char *)key;
	size_t			 n = 0;

	while (*s != '\0' && n + 1 < size) {
		if (s[0] == 0xc5 && s[1] == 0xbf) {
			dst[n++] = 's';
			s += 2;
		} else if (s[0] == 0xe2 && s[1] == 0x84 && s[2] == 0xaa) {
			dst[n++] = 'k';
			s += 3;
		} else {
			dst[n++] = (char)(*s >= 'A' && *s <= 'Z' ?
			    *s + ('a' - 'A') : *s);
			s++;
		}
	}
	dst[n] = '\0';
	return (n);
}

/* Does the client's key fold to the known one (of less than 64 bytes)? */
bool
fold_equal(const char *key, const char *known)
{
	char	 a[256], b[64];

	/* A longer one cannot: folding shrinks a letter to a third at most. */
	if (strlen(key) >= sizeof(a))
		return (false);
	(void)fold_key(key, a, sizeof(a));
	(void)fold_key(known, b, sizeof(b));
	return (strcmp(a, b) == 0);
}

/* Where "allow field" passed an object whole, its keys are as they came. */
struct js *
fold_get(const struct js *object, const char *key)
{
	struct js	*v;

	if (js_is(object, JS_OBJECT))
		JS_FOREACH(v, object)
			if (fold_equal(v->key, key))
				return (v);
	return (NULL);
}

/*
 * No two keys of the object may fold to one name.  Their folded forms make
 * an object of their own, for what is asked of it is the same.
 */
int
fold_unique(struct judge *j, const struct js *obj)
{
	struct js	*folded, *key, *v;
	char		*text;

	if ((folded = js_new(j->arena, JS_OBJECT)) == NULL)
		return (judge_nomem(j));
	JS_FOREACH(v, obj) {
		if ((key = js_new(j->arena, JS_NULL)) == NULL ||
		    (text = arena_alloc(j->arena, v->keylen + 1)) == NULL)
			return (judge_nomem(j));
		key->keylen = (uint32_t)fold_key(v->key, text, v->keylen + 1);
		key->key = text;
		key->hash = js_hash(text, key->keylen);
		key->tag = v->key;
		js_put(folded, key);
	}
	if ((key = js_twice(j->arena, folded)) == NULL)
		return (0);
	return (judge_bad(j, "has two keys that mean \"%s\"",
	    (const char *)key->tag));
}

/*
 * Nor may those of any object in it.  Where the schema is known the walk asks
 * that of structs alone, for in a map (labels) two spellings are two entries
 * to Go as well.
 */
int
fold_check(struct judge *j, const struct js *v)
{
	const struct js	*member;

	if (v->type != JS_OBJECT && v->type != JS_ARRAY)
		return (0);
	if (v->type == JS_OBJECT && fold_unique(j, v) == -1)
		return (-1);
	JS_FOREACH(member, v)
		if (fold_check(j, member) == -1)
			return (-1);
	return (0);
}
