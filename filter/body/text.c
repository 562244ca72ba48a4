/* SPDX-License-Identifier: ISC */

/*
 * Plain text: the checks for fields of which only the characters matter, and
 * a small helper on JSON strings.  NUL cannot occur (the parser refuses it),
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
void
set_string(struct judge *j, struct js *v, const char *s)
{
	if (strcmp(v->text, s) != 0)
		js_become_string(j->arena, v, s);
}

/* Text of the container's own: environment, commands, labels. */
int
check_any(struct judge *j, const char *key, struct js *v)
{
	return (0);
}

int
check_line(struct judge *j, const char *key, struct js *v)
{
	if (!text_ok(v->text))
		return (judge_bad(j, "has a control character in it"));
	return (0);
}

int
check_word(struct judge *j, const char *key, struct js *v)
{
	if (!text_bytes(v->text, ' ' + 1))
		return (judge_bad(j, "has a blank or control character in "
		    "it"));
	return (0);
}

/* Name or id of a container, as in a path of the API. */
int
check_container(struct judge *j, const char *key, struct js *v)
{
	const char	*s = v->text;

	if (!text_name(s[0] == '/' ? s + 1 : s))
		return (judge_bad(j, "must be the name or id of a container"));
	return (0);
}

/* Where something is mounted in the container. */
int
check_target(struct judge *j, const char *key, struct js *v)
{
	const char	*s = v->text;

	if (!text_ok(s) || s[0] != '/')
		return (judge_bad(j, "must be an absolute path without "
		    "control characters"));
	return (0);
}

int
check_target_key(struct judge *j, const char *key, struct js *v)
{
	if (key[0] != '/')
		return (judge_bad(j, "must be named by an absolute path"));
	return (0);
}
