/* SPDX-License-Identifier: ISC */

/*
 * Does the profile's set of allowances have it?  Names that can be confused
 * with an id (the daemon takes any unique prefix of one) match no pattern,
 * only "*" and themselves.  A field that is allowed as such is named by the
 * tables' words alone, whatever the entries of a map are called.
 */

#include "schema.h"

#include "../trace.h"

#include <stdio.h>
#include <string.h>

#include <bsd/string.h>

#define NAME_BYTES	512

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

/* Could the daemon take it for the beginning of an id? */
static bool
name_is_id(const char *s)
{
	if (strncmp(s, "sha256:", 7) == 0)
		s += 7;
	return (s[strspn(s, "0123456789abcdef")] == '\0');
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

/* Leave out what the daemon would put in: docker.io/, library/. */
static const char *
image_familiar(const char *ref)
{
	static const char *const	 hubs[] = {
		"docker.io/", "index.docker.io/"
	};
	size_t				 i, n;

	for (i = 0; i < sizeof(hubs) / sizeof(hubs[0]); i++) {
		n = strlen(hubs[i]);
		if (strncmp(ref, hubs[i], n) == 0) {
			ref += n;
			break;
		}
	}
	if (strncmp(ref, "library/", 8) == 0 && strchr(ref + 8, '/') == NULL)
		ref += 8;
	return (ref);
}

static bool
image_tagged(const char *ref)
{
	const char	*last = strrchr(ref, '/');

	return (strpbrk(last == NULL ? ref : last, ":@") != NULL);
}

/*
 * Images are compared as people write them, once as given and once with the
 * tag that the daemon adds.
 */
bool
allow_image(const struct judge *j, const char *ref)
{
	char	 latest[NAME_BYTES];
	bool	 id = name_is_id(ref);

	if (allow_match(j, ALLOW_IMAGE, ref, id) ||
	    allow_match(j, ALLOW_IMAGE, image_familiar(ref), id))
		return (true);
	if (id || image_tagged(ref))
		return (false);
	if ((size_t)snprintf(latest, sizeof(latest), "%s:latest",
	    image_familiar(ref)) >= sizeof(latest))
		return (false);
	return (allow_match(j, ALLOW_IMAGE, latest, false));
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
