/* SPDX-License-Identifier: ISC */

/*
 * Macros: names that stand for one word each.  Their values are not read as
 * text again, so they can neither change the syntax nor grow.
 */

#include "../proxyd/parse.h"

#include <string.h>

const struct macro *
macro_find(const struct parse *ps, const char *name)
{
	const struct macro	*m;

	for (m = ps->macros; m != NULL; m = m->next)
		if (strcmp(m->name, name) == 0)
			return (m);
	return (NULL);
}

static bool
is_name(char c)
{
	return ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_');
}

size_t
macro_length(const char *s)
{
	size_t	 n = 0;

	if (s[0] >= '0' && s[0] <= '9')
		return (0);
	while (is_name(s[n]) || (n > 0 && s[n] == '-'))
		n++;
	return (n);
}

void
macro_set(struct parse *ps, struct loc loc, const char *name,
    const char *value, bool fixed)
{
	struct macro	*m;

	if (name[0] == '\0' || name[macro_length(name)] != '\0') {
		parse_error(ps, loc, "\"%s\" is not the name of a macro: a "
		    "letter, then letters, digits, \"-\" and \"_\" are "
		    "expected", shown(ps, name));
		return;
	}
	for (m = ps->macros; m != NULL; m = m->next)
		if (strcmp(m->name, name) == 0)
			break;
	/* What is in a preset is what the macro is by default. */
	if (m != NULL && !fixed && (m->fixed ||
	    (loc.src != NULL && loc.src->preset != NULL)))
		return;
	if (m == NULL) {
		if (!item_count(ps, loc))
			return;
		m = parse_alloc(ps, sizeof(*m));
		m->name = parse_strdup(ps, name, strlen(name));
		m->next = ps->macros;
		ps->macros = m;
	}
	m->value = parse_strdup(ps, value, strlen(value));
	m->fixed = fixed;
}

void
macro_defs(struct parse *ps, char *const *defs)
{
	const struct loc	 none = { NULL, 0 };
	const char		*eq;

	for (; defs != NULL && *defs != NULL; defs++) {
		if ((eq = strchr(*defs, '=')) == NULL ||
		    strlen(eq + 1) > TEXT_MAX) {
			parse_error(ps, none, "-D %.64s: name=value is "
			    "expected", *defs);
			continue;
		}
		macro_set(ps, none, parse_strdup(ps, *defs,
		    (size_t)(eq - *defs)), eq + 1, true);
	}
}
