/* SPDX-License-Identifier: ISC */

/*
 * Objects of docker-inspect(1) in the file of -c: one, or an array of them.
 * The file is the administrator's, like the configuration; it is not parsed
 * here but cut at its brackets, and what is cut out goes to the filter, as
 * an engine's answer would.
 */

#include "../parent/explain.h"

#include <string.h>

/* Behind the string that begins at p; end if it does not end. */
static const char *
skip_string(const char *p, const char *end)
{
	for (p++; p < end && *p != '"'; p++)
		if (*p == '\\' && p + 1 < end)
			p++;
	return (p < end ? p + 1 : end);
}

/* Behind the bracket that closes the one at p. */
static const char *
skip_value(const char *p, const char *end)
{
	size_t	 depth = 0;

	while (p < end) {
		if (*p == '"') {
			p = skip_string(p, end);
			continue;
		}
		if (*p == '{' || *p == '[')
			depth++;
		else if ((*p == '}' || *p == ']') && --depth == 0)
			return (p + 1);
		p++;
	}
	return (end);
}

static const char *
skip_blank(const char *p, const char *end)
{
	while (p < end && strchr(" \t\r\n:", *p) != NULL && *p != '\0')
		p++;
	return (p);
}

static bool
slot_is(const struct piece *s, const char *text)
{
	return (s->len == strlen(text) && memcmp(s->base, text, s->len) == 0);
}

/* The string at *p, which is then behind it. */
static struct piece
take_string(const char **p, const char *end)
{
	struct piece	 s = { *p + 1, 0 };

	*p = skip_string(*p, end);
	if (*p > s.base)
		s.len = (size_t)(*p - 1 - s.base);
	return (s);
}

/* Of the object itself, not of what is in it. */
int
inspect_member(const struct piece *object, const char *key,
    struct piece *value)
{
	const char	*p = object->base + 1, *end = p + object->len - 1;
	struct piece	 name;

	while (p < end) {
		if (*p == '{' || *p == '[') {
			p = skip_value(p, end);
			continue;
		}
		if (*p != '"') {
			p++;
			continue;
		}
		name = take_string(&p, end);
		p = skip_blank(p, end);
		if (p == end || *p != '"')
			continue;
		*value = take_string(&p, end);
		if (slot_is(&name, key))
			return (0);
	}
	return (-1);
}

/* The name is given with a slash; an id may be shortened. */
static bool
object_matches(const struct piece *object, const char *name)
{
	struct piece	 v;
	size_t		 n = strlen(name);

	if (inspect_member(object, "Name", &v) == 0 && v.len > 0 &&
	    v.base[0] == '/') {
		v.base++;
		v.len--;
		if (slot_is(&v, name))
			return (true);
	}
	if (inspect_member(object, "Id", &v) == -1 &&
	    inspect_member(object, "ID", &v) == -1)
		return (false);
	return (v.len >= n && memcmp(v.base, name, n) == 0);
}

int
inspect_find(const struct bytes *b, const char *name, struct piece *object)
{
	const char	*p = b->data, *end;

	if (p == NULL || *name == '\0')
		return (-1);
	for (end = p + b->len; p < end; p++) {
		if (*p != '{')
			continue;
		object->base = p;
		p = skip_value(p, end);
		object->len = (size_t)(p - object->base);
		if (object_matches(object, name))
			return (0);
		p--;
	}
	return (-1);
}
