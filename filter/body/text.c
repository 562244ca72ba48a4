/* SPDX-License-Identifier: ISC */

/*
 * Plain text: the checks for fields of which only the characters matter, and
 * small helpers on JSON strings.  NUL cannot occur (the parser refuses it),
 * so C strings are whole.
 */

#include "schema.h"

#include <string.h>

static bool	 text_bytes(const char *, unsigned char);

static bool
text_bytes(const char *s, unsigned char low)
{
	const unsigned char	*p;

	for (p = (const unsigned char *)s; *p != '\0'; p++)
		if (*p < low || *p == 0x7f)
			return (false);
	return (true);
}

/* No control character: a newline in a name ends up in resolv.conf. */
bool
text_ok(const char *s)
{
	return (text_bytes(s, ' '));
}

/* Is s one of a list that ends in NULL? */
bool
text_in(const char *s, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strcmp(s, *list) == 0)
			return (true);
	return (false);
}

/*
 * The grammar of names of containers and volumes; of networks too, where the
 * daemon itself takes anything, "container:x" included.
 */
bool
text_name(const char *s)
{
	static const char	 alnum[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	size_t			 n;

	if (*s == '\0' || strchr(alnum, *s) == NULL)
		return (false);
	while (*s != '\0') {
		n = strspn(s, alnum);
		n += strspn(s + n, "_.-");
		if (n == 0)
			return (false);
		s += n;
	}
	return (true);
}

/* Replace the value by the string, unless it is that already. */
int
set_string(struct judge *j, json_t **v, const char *s)
{
	json_t	*value;

	if (strcmp(json_string_value(*v), s) == 0)
		return (0);
	if ((value = json_string(s)) == NULL)
		return (judge_nomem(j));
	json_decref(*v);
	*v = value;
	return (0);
}

/* The string of a rebuilt object's member, "" if it has none. */
const char *
get_string(const json_t *obj, const char *key)
{
	const char	*s;

	s = json_string_value(json_object_get(obj, key));
	return (s == NULL ? "" : s);
}

/* Text of the container's own: environment, commands, labels. */
int
check_any(struct judge *j, const char *key, json_t **v)
{
	return (0);
}

int
check_line(struct judge *j, const char *key, json_t **v)
{
	if (!text_ok(json_string_value(*v)))
		return (judge_bad(j, "has a control character in it"));
	return (0);
}

int
check_word(struct judge *j, const char *key, json_t **v)
{
	if (!text_bytes(json_string_value(*v), ' ' + 1))
		return (judge_bad(j, "has a blank or control character in "
		    "it"));
	return (0);
}

/* Name or id of a container, as in a path of the API. */
int
check_container(struct judge *j, const char *key, json_t **v)
{
	const char	*s = json_string_value(*v);

	if (!text_name(s[0] == '/' ? s + 1 : s))
		return (judge_bad(j, "must be the name or id of a container"));
	return (0);
}

/* Where something is mounted in the container. */
int
check_target(struct judge *j, const char *key, json_t **v)
{
	const char	*s = json_string_value(*v);

	if (!text_ok(s) || s[0] != '/')
		return (judge_bad(j, "must be an absolute path without "
		    "control characters"));
	return (0);
}

int
check_target_key(struct judge *j, const char *key, json_t **v)
{
	if (key[0] != '/')
		return (judge_bad(j, "must be named by an absolute path"));
	return (0);
}
