/* SPDX-License-Identifier: ISC */

/*
 * Does the profile's set of allowances have it?  Names that can be confused
 * with an id (the daemon takes any unique prefix of one) match no pattern,
 * only "*" and themselves.  A field that is allowed as such is named by the
 * tables' words alone, whatever the entries of a map are called.
 */

#include "schema.h"

#include "../reference.h"
#include "../trace.h"

#include <string.h>

#include <bsd/string.h>

/* Does "allow privileged" stand?  To be asked where a value needs it. */
bool
judge_privileged(const struct judge *j)
{
	if (!j->profile->privileged)
		return (false);
	trace_kind(j->profile, ALLOW_PRIVILEGED, j->path, "");
	return (true);
}

/* Is exactly this text allowed? */
bool
allow_has(const struct judge *j, enum allow_kind kind, const char *text)
{
	const struct allow	*a;

	TAILQ_FOREACH(a, &j->profile->allows, entry)
		if (a->kind == kind && strcmp(a->text, text) == 0) {
			/* "network" is not the value, which is "host". */
			trace_allow(j->path, kind == ALLOW_HOST ? "" : text, a);
			return (true);
		}
	return (false);
}

static bool
allow_match(const struct judge *j, enum allow_kind kind, const char *name,
    bool id)
{
	const struct allow	*a;

	TAILQ_FOREACH(a, &j->profile->allows, entry) {
		if (a->kind == kind && (strcmp(a->text, "*") == 0 ||
		    strcmp(a->text, name) == 0 ||
		    (!id && glob_match(a->text, name)))) {
			trace_allow(j->path, name, a);
			return (true);
		}
	}
	return (false);
}

/* Is this volume or network allowed by name or pattern? */
bool
allow_named(const struct judge *j, enum allow_kind kind, const char *name)
{
	return (allow_match(j, kind, name, name_is_id(name)));
}

/* By pattern, of what has no ids. */
bool
allow_pattern(const struct judge *j, enum allow_kind kind, const char *name)
{
	return (allow_match(j, kind, name, false));
}

/*
 * Images are compared as given, and in every way that the same one can be
 * written in.
 */
bool
allow_image(const struct judge *j, const char *ref)
{
	struct reference	 r;
	char			 text[REFERENCE_TEXT];
	unsigned int		 i;
	bool			 id = name_is_id(ref);

	if (allow_match(j, ALLOW_IMAGE, ref, id))
		return (true);
	if (id || reference_parse(&r, ref, strlen(ref)) == -1)
		return (false);
	reference_default(&r, "latest");
	for (i = 0; reference_spell(&r, i, text, sizeof(text)); i++)
		if (allow_match(j, ALLOW_IMAGE, text, false))
			return (true);
	return (false);
}

/* "HostConfig.LogConfig.Config"; what is too long is cut. */
void
field_name(const struct judge *j, const char *key, char *buf, size_t size)
{
	unsigned int	 i;

	buf[0] = '\0';
	for (i = 0; i < j->depth; i++) {
		if (i > 0)
			(void)strlcat(buf, ".", size);
		(void)strlcat(buf, j->names[i], size);
	}
	if (key != NULL) {
		if (j->depth > 0)
			(void)strlcat(buf, ".", size);
		(void)strlcat(buf, key, size);
	}
}

bool
allow_field(const struct judge *j, const char *key)
{
	char	 name[BODY_FIELD];

	if (!j->fields)
		return (false);
	/* "A.B" as one key must not pass for B of A. */
	if (key != NULL && (strchr(key, '.') != NULL ||
	    strlen(key) >= sizeof(name)))
		return (false);
	field_name(j, key, name, sizeof(name));
	return (strlen(name) + 1 < sizeof(name) &&
	    allow_has(j, ALLOW_FIELD, name));
}
