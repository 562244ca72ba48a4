/* SPDX-License-Identifier: ISC */

/*
 * What a body mentions by name, and an existing volume as the engine
 * describes it (moby api/types/volume, Volume).  "POST /volumes/create" of an
 * existing name, and every mount of one, gives the options that it was made
 * with; so they are judged as those of a DriverConfig are.
 */

#include "body.h"
#include "schema.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <bsd/string.h>

#define FORBIDDEN	"Forbidden - "

static struct arena	 volume_arena;

static int
judge_named(struct judge *j, struct named *list, const char *name,
    const char *what)
{
	if (list == NULL || named_add(list, name) == 0)
		return (0);
	if (errno == ENOSPC)
		return (judge_bad(j, "is one too many: no more than %d %s "
		    "are looked up for a request", NAMED_MAX, what));
	return (judge_nomem(j));
}

int
judge_volume(struct judge *j, const char *name)
{
	return (judge_named(j, j->volumes, name, "volumes"));
}

/* Some allowance for binds covers the path; mode is not looked at. */
static bool
path_in_tree(const struct profile *profile, const char *path, bool ro_too)
{
	const struct allow	*a;
	char			 tree[BODY_PATH];

	TAILQ_FOREACH(a, &profile->allows, entry)
		if ((a->kind == ALLOW_BIND ||
		    (ro_too && a->kind == ALLOW_BIND_RO)) &&
		    a->text[0] == '/' &&
		    path_clean(a->text, tree, sizeof(tree)) == 0 &&
		    path_under(tree, path))
			return (true);
	return (false);
}

/*
 * Where all of the host may be mounted in the same way it does not matter
 * where a link leads to.
 */
static bool
path_checked(const struct profile *profile, const char *path, bool ro)
{
	return (profile->bind_check && path_in_tree(profile, path, true) &&
	    !path_in_tree(profile, "/", ro));
}

/* A clean path that is allowed. */
int
judge_path(struct judge *j, const char *path, bool ro)
{
	if (!path_checked(j->profile, path, ro))
		return (0);
	return (judge_named(j, j->paths, path, "paths of the host"));
}

/* "Forbidden - volume v: bind mount of /etc is not allowed ..." */
static void
volume_reason(struct body_result *res, const char *name)
{
	char		 text[sizeof(res->reason)];
	const char	*rest = res->reason;

	if (res->status == 503)
		return;
	if (strncmp(rest, FORBIDDEN, strlen(FORBIDDEN)) == 0)
		rest += strlen(FORBIDDEN);
	(void)strlcpy(text, rest, sizeof(text));
	(void)strlcpy(res->reason, FORBIDDEN "volume ", sizeof(res->reason));
	(void)strlcat(res->reason, name, sizeof(res->reason));
	(void)strlcat(res->reason, ": ", sizeof(res->reason));
	(void)strlcat(res->reason, text, sizeof(res->reason));
	res->status = 403;
}

/* Parsed, and about that volume; NULL: neither. */
static struct js *
volume_parse(struct arena *a, const char *name, const char *in, size_t len)
{
	struct js_error	 error;
	struct js	*v, *opts;

	if (len == 0)
		return (NULL);
	v = js_parse(a, in, len, BODY_DEPTH, &error);
	if (!js_is(v, JS_OBJECT) || strcmp(js_get_string(v, "Name"),
	    name) != 0 || !js_is(js_get(v, "Driver"), JS_STRING))
		return (NULL);
	opts = js_get(v, "Options");
	if (opts != NULL && opts->type != JS_NULL && opts->type != JS_OBJECT)
		return (NULL);
	return (v);
}

static int
volume_judge(struct judge *j, const char *name, const char *in, size_t len)
{
	static const char *const	 local[] = { "", "local", NULL };
	const char			*driver;
	struct js			*v, *opts, *option;

	if ((v = volume_parse(j->arena, name, in, len)) == NULL)
		return (judge_bad(j, "is not described by the engine as a "
		    "volume"));
	driver = js_get_string(v, "Driver");
	if (!text_in(driver, local) && !judge_privileged(j))
		return (judge_forbid(j, NULL, NULL, "volume driver %.128s",
		    driver));
	opts = js_get(v, "Options");
	if (!js_is(opts, JS_OBJECT))
		return (0);
	JS_FOREACH(option, opts)
		if (!js_is(option, JS_STRING))
			return (judge_bad(j, "has an option that is no text"));
	return (volume_options(j, driver, opts));
}

int
body_existing(const struct profile *profile, const char *name, const char *in,
    size_t len, struct named *paths, struct body_result *res)
{
	struct judge	 j;
	int		 ret;

	memset(res, 0, sizeof(*res));
	memset(&j, 0, sizeof(j));
	j.profile = profile;
	j.res = res;
	j.arena = &volume_arena;
	j.paths = paths;
	(void)judge_push(&j, "it");
	arena_reset(&volume_arena, BODY_MEMORY);
	ret = volume_judge(&j, name, in, len);
	if (volume_arena.failed)
		ret = judge_nomem(&j);
	arena_reset(&volume_arena, 0);
	if (ret == -1)
		volume_reason(res, name);
	return (ret);
}

int
body_path(const struct profile *profile, const char *path, bool ro,
    struct named *paths)
{
	char	 clean[BODY_PATH];

	if (path_clean(path, clean, sizeof(clean)) == -1) {
		errno = ENAMETOOLONG;
		return (-1);
	}
	return (path_checked(profile, clean, ro) ? named_add(paths, clean) :
	    0);
}

/* The path that a volume of the local driver binds. */
static const char *
volume_device(const struct js *v)
{
	const struct js	*opts = js_get(v, "Options");

	if (!js_is(opts, JS_OBJECT) ||
	    strcmp(js_get_string(v, "Driver"), "local") != 0)
		return ("");
	return (js_get_string(opts, "device"));
}

int
body_existing_path(const struct profile *profile, const char *name,
    const char *in, size_t len, struct named *paths)
{
	struct js	*v;
	const char	*device;
	int		 ret = 0;

	arena_reset(&volume_arena, BODY_MEMORY);
	errno = EPROTO;
	if ((v = volume_parse(&volume_arena, name, in, len)) == NULL)
		ret = -1;
	else if ((device = volume_device(v))[0] == '/')
		ret = body_path(profile, device, false, paths);
	arena_reset(&volume_arena, 0);
	return (ret);
}
