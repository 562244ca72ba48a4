/* SPDX-License-Identifier: ISC */

/*
 * Keys as Go's decoder sees them.  encoding/json takes a key for a struct
 * field if both are equal under simple Unicode case folding; of the letters
 * outside ASCII only U+017F (long s) and U+212A (Kelvin sign) fold into it.
 * Two keys that fold to one name are merged by the daemon, so they are
 * refused here.
 */

#include "schema.h"

#include <stdlib.h>
#include <string.h>

static int	 fold_members(struct judge *, json_t *, bool, unsigned int);
static int	 fold_level(struct judge *, json_t *, bool, unsigned int);

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

/* The row of exactly that name. */
const struct field *
field_find(const struct field *table, const char *key)
{
	const struct field	*f, *found;

	for (f = table; f->type != FT_END; f++) {
		if (f->type == FT_ELSEWHERE)
			continue;
		if (f->type == FT_EMBED) {
			if ((found = field_find(f->sub, key)) != NULL)
				return (found);
		} else if (f->key[0] == key[0] && strcmp(f->key, key) == 0)
			return (f);
	}
	return (NULL);
}

/* The row that Go's decoder would take the key for. */
const struct field *
field_like(const struct field *table, const char *key)
{
	const struct field	*f, *found;

	for (f = table; f->type != FT_END; f++) {
		if (f->type == FT_ELSEWHERE)
			continue;
		if (f->type == FT_EMBED) {
			if ((found = field_like(f->sub, key)) != NULL)
				return (found);
		} else if (fold_equal(key, f->key))
			return (f);
	}
	return (NULL);
}

/* Add a folded key to the set of those seen: 0, 1 if there, -1: no memory. */
static int
fold_seen(json_t *seen, const char *key)
{
	char	*folded;
	size_t	 size = strlen(key) + 1;
	int	 ret = 0;

	if ((folded = malloc(size)) == NULL)
		return (-1);
	(void)fold_key(key, folded, size);
	if (json_object_get(seen, folded) != NULL)
		ret = 1;
	else if (json_object_set_new(seen, folded, json_true()) == -1)
		ret = -1;
	free(folded);
	return (ret);
}

/*
 * No two keys of the object may fold to one name.  A set rather than a
 * comparison of pairs: the client chooses how many there are.
 */
int
fold_unique(struct judge *j, json_t *obj)
{
	const char	*key;
	json_t		*seen, *value;
	int		 found = 0;

	if ((seen = json_object()) == NULL)
		return (judge_nomem(j));
	json_object_foreach(obj, key, value) {
		if ((found = fold_seen(seen, key)) != 0)
			break;
	}
	json_decref(seen);
	if (found == -1)
		return (judge_nomem(j));
	if (found == 1)
		return (judge_bad(j, "has two keys that mean \"%s\"", key));
	return (0);
}

static int
fold_members(struct judge *j, json_t *v, bool deep, unsigned int depth)
{
	const char	*key;
	json_t		*value;
	size_t		 i;

	json_object_foreach(v, key, value) {
		if (fold_level(j, value, deep, depth) == -1)
			return (-1);
	}
	json_array_foreach(v, i, value) {
		if (fold_level(j, value, deep, depth) == -1)
			return (-1);
	}
	return (0);
}

static int
fold_level(struct judge *j, json_t *v, bool deep, unsigned int depth)
{
	if (!json_is_object(v) && !json_is_array(v))
		return (0);
	if (depth > BODY_DEPTH)
		return (judge_bad(j, "is nested deeper than %d levels",
		    BODY_DEPTH));
	if (deep && json_is_object(v) && fold_unique(j, v) == -1)
		return (-1);
	return (fold_members(j, v, deep, depth + 1));
}

/*
 * Bound the nesting.  Deep: nor may any object in it have keys that fold to
 * one name.  Where the schema is known the walk asks that of structs alone,
 * for in a map (labels) two spellings are two entries to Go as well.
 */
int
fold_check(struct judge *j, json_t *v, bool deep)
{
	return (fold_level(j, v, deep, 1));
}
