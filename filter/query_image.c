/* SPDX-License-Identifier: ISC */

/*
 * Images in paths and queries: pulled, pushed, tagged, built, imported and
 * made of containers.  Each is put together as moby does (daemon/server/
 * router/image, httputils.RepoTagReference), and then needs the same
 * allowance as the image of a container: who could give an allowed name to
 * any content would need none.
 */

#include "../filter/query_value.h"

#include <stdio.h>
#include <string.h>

#include "../filter/glob.h"
#include "../filter/reference.h"
#include "../filter/trace.h"

typedef int	 row_fn(const struct query_ctx *);

static row_fn	 row_build, row_commit, row_create, row_push, row_tag;

static const struct {
	const char	*row;
	row_fn		*fn;
} rows[] = {
	{ "build/create", row_build },
	{ "commit", row_commit },
	{ "images/create", row_create },
	{ "images/push", row_push },
	{ "images/tag", row_tag },
	{ "libpod/commit", row_commit },
	{ "libpod/images/tag", row_tag },
};

/* The first value of that key, as the engine takes it; NULL: none, or "". */
static const struct query_pair *
value_of(const struct query_ctx *ctx, const char *key)
{
	const struct query_pair	*pair;
	size_t			 i;

	for (i = 0; i < ctx->facts->path->npairs; i++) {
		pair = &ctx->facts->path->pairs[i];
		if (strcmp(pair->name, key) == 0)
			return (pair->valuelen == 0 ? NULL : pair);
	}
	return (NULL);
}

static bool
text_allowed(const struct query_ctx *ctx, const char *key, const char *text,
    bool id)
{
	const struct allow	*a;
	char			 field[QUERY_FIELD];

	TAILQ_FOREACH(a, &ctx->profile->allows, entry) {
		if (a->kind != ALLOW_IMAGE || (strcmp(a->text, "*") != 0 &&
		    strcmp(a->text, text) != 0 &&
		    (id || !glob_match(a->text, text))))
			continue;
		query_field(field, sizeof(field), key);
		trace_allow(field, text, a);
		return (true);
	}
	return (false);
}

/* For "proxyd -n -l", a statement of the file at the end. */
static int
image_refuse(const struct query_ctx *ctx, const char *key, const char *what,
    const char *text)
{
	return (query_refuse(ctx->out, 403, key, "Forbidden - %s %.180s is "
	    "not allowed (allow image \"%.200s\" would)", what, text, text));
}

static int
image_judge(const struct query_ctx *ctx, const char *key, const char *what,
    const struct reference *r)
{
	char		 text[REFERENCE_TEXT], field[QUERY_FIELD];
	unsigned int	 i;

	if (ctx->profile->privileged) {
		query_field(field, sizeof(field), key);
		trace_kind(ctx->profile, ALLOW_PRIVILEGED, field, "");
		return (0);
	}
	for (i = 0; reference_spell(r, i, text, sizeof(text)); i++)
		if (text_allowed(ctx, key, text, false))
			return (0);
	/* as people write it, with its tag */
	(void)reference_spell(r, strcmp(r->tag, "latest") == 0, text,
	    sizeof(text));
	return (image_refuse(ctx, key, what, text));
}

static int
too_long(const struct query_ctx *ctx, const char *key)
{
	return (query_refuse(ctx->out, 400, key, "%s is too long a reference",
	    key));
}

/* A name in the query and, unless NULL, the tag that stands beside it. */
static int
pair_judge(const struct query_ctx *ctx, const struct query_pair *name,
    const struct query_pair *tag, const char *dflt, const char *what)
{
	struct reference	 r;

	if (reference_parse(&r, name->value, name->valuelen) == -1 ||
	    (tag != NULL &&
	    reference_retag(&r, tag->value, tag->valuelen) == -1))
		return (too_long(ctx, name->name));
	reference_default(&r, dflt);
	return (image_judge(ctx, name->name, what, &r));
}

/* Between the first "/images/" and the last segment. */
static void
path_image(const struct query_ctx *ctx, const char **s, size_t *len)
{
	const char	*text = ctx->facts->path->text;
	const char	*end = strrchr(text, '/');

	*s = text + strlen(endpoint_is_libpod(ctx->ep) ? "/libpod/images/" :
	    "/images/");
	*len = end > *s ? (size_t)(end - *s) : 0;
}

/* Without a tag all of the repository is pulled. */
static int
row_create(const struct query_ctx *ctx)
{
	const struct query_pair	*tag = value_of(ctx, "tag"), *pair;

	if ((pair = value_of(ctx, "fromImage")) != NULL)
		return (pair_judge(ctx, pair, tag, "*", "a pull of"));
	if ((pair = value_of(ctx, "repo")) != NULL)
		return (pair_judge(ctx, pair, tag, "latest",
		    "an import as"));
	return (0);
}

static int
row_commit(const struct query_ctx *ctx)
{
	const struct query_pair	*pair = value_of(ctx, "repo");

	return (pair == NULL ? 0 : pair_judge(ctx, pair, value_of(ctx, "tag"),
	    "latest", "a commit as"));
}

static int
row_build(const struct query_ctx *ctx)
{
	const struct query_pair	*pair;
	size_t			 i;

	for (i = 0; i < ctx->facts->path->npairs; i++) {
		pair = &ctx->facts->path->pairs[i];
		if (strcmp(pair->name, "t") == 0 && pair->valuelen != 0 &&
		    pair_judge(ctx, pair, NULL, "latest",
		    "a build of") == -1)
			return (-1);
	}
	return (0);
}

/* Without a tag all of the repository is pushed. */
static int
row_push(const struct query_ctx *ctx)
{
	const struct query_pair	*tag = value_of(ctx, "tag");
	struct reference	 r;
	const char		*s;
	size_t			 len;

	path_image(ctx, &s, &len);
	if (reference_parse(&r, s, len) == -1 || (tag != NULL &&
	    reference_retag(&r, tag->value, tag->valuelen) == -1))
		return (too_long(ctx, "image"));
	reference_default(&r, "*");
	return (image_judge(ctx, "image", "a push of", &r));
}

/* Any local image, by its name or id, and the name that it is to have. */
static int
row_tag(const struct query_ctx *ctx)
{
	const struct query_pair	*repo = value_of(ctx, "repo");
	struct reference	 r;
	char			 id[REFERENCE_NAME];
	const char		*s;
	size_t			 len;

	path_image(ctx, &s, &len);
	if (len >= sizeof(id))
		return (too_long(ctx, "image"));
	(void)snprintf(id, sizeof(id), "%.*s", (int)len, s);
	if (name_is_id(id)) {
		if (!ctx->profile->privileged &&
		    !text_allowed(ctx, "image", id, true) &&
		    image_refuse(ctx, "image", "a tag for", id) == -1)
			return (-1);
	} else {
		if (reference_parse(&r, s, len) == -1)
			return (too_long(ctx, "image"));
		reference_default(&r, "latest");
		if (image_judge(ctx, "image", "a tag for", &r) == -1)
			return (-1);
	}
	return (repo == NULL ? 0 : pair_judge(ctx, repo, value_of(ctx, "tag"),
	    "latest", "a tag as"));
}

/* After all values were judged by themselves: their grammar is right. */
int
query_image_judge(const struct query_ctx *ctx)
{
	size_t	 i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].row, ctx->ep->name) == 0)
			return (rows[i].fn(ctx));
	return (0);
}
