/* SPDX-License-Identifier: ISC */

/*
 * JSON inside of query values.  moby unmarshals each as a whole, where a key
 * that stands twice, or in another case, is merged as in a body; so each is
 * parsed by the same strict parser and held against its shape.  What passes
 * is forwarded as it came: a text without ambiguities has one meaning.
 */

#include "../filter/query_value.h"

#include <stdbool.h>
#include <string.h>

#include "../filter/body/json.h"

#define JSON_LEVELS	4
#define JSON_MEMORY	(4U * 1024 * 1024)

typedef bool	 shape_fn(const struct js *);

/* A struct's fields, as Go's decoder knows them. */
struct member {
	const char	*key;
	shape_fn	*fn;
};

static shape_fn	 is_filters, is_args, is_labels, is_names, is_ulimits,
		 is_outputs, is_platform;

/* What each key has, and how it is called in a refusal. */
static const struct shape {
	const char	*key;
	shape_fn	*fn;
	const char	*what;
} shapes[] = {
	{ "buildargs", is_args, "an object of strings" },
	{ "cachefrom", is_names, "a list of strings" },
	{ "filters", is_filters, "an object of lists, or of sets, of "
	    "strings" },
	{ "labels", is_labels, "an object of strings" },
	{ "outputs", is_outputs, "a list of objects with Type and Attrs" },
	{ "platform", is_platform, "a platform as linux/amd64 or OCI has "
	    "it" },
	{ "platforms", is_platform, "a platform as linux/amd64 or OCI has "
	    "it" },
	{ "ulimits", is_ulimits, "a list of objects with Name, Hard and "
	    "Soft" },
};

static bool
is_text(const struct js *v)
{
	return (v->type == JS_STRING);
}

/* Of a build argument: take that of the daemon's environment. */
static bool
is_text_or_null(const struct js *v)
{
	return (v->type == JS_STRING || v->type == JS_NULL);
}

static bool
is_int(const struct js *v)
{
	return (v->type == JS_INT);
}

static bool
all(const struct js *v, enum js_type type, shape_fn *fn)
{
	const struct js	*m;

	if (v->type != type)
		return (false);
	JS_FOREACH(m, v)
		if (!fn(m))
			return (false);
	return (true);
}

static bool
is_struct(const struct js *v, const struct member *members)
{
	const struct member	*f;
	const struct js		*m;

	if (v->type != JS_OBJECT)
		return (false);
	JS_FOREACH(m, v) {
		for (f = members; f->key != NULL; f++)
			if (strcmp(f->key, m->key) == 0)
				break;
		if (f->key == NULL || !f->fn(m))
			return (false);
	}
	return (true);
}

/* {"label": ["a=b"]}, and {"label": {"a=b": true}} since API 1.22 */
static bool
is_filter(const struct js *v)
{
	const struct js	*m;

	if (v->type != JS_OBJECT)
		return (all(v, JS_ARRAY, is_text));
	JS_FOREACH(m, v)
		if (!js_is_bool(m))
			return (false);
	return (true);
}

/* Names differ from engine to engine: "label!", "is-official", "until". */
static bool
is_filters(const struct js *v)
{
	static const char	 chars[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.!";
	const struct js		*m;

	if (!all(v, JS_OBJECT, is_filter))
		return (false);
	JS_FOREACH(m, v)
		if (m->keylen == 0 || m->key[strspn(m->key, chars)] != '\0')
			return (false);
	return (true);
}

static bool
is_args(const struct js *v)
{
	return (all(v, JS_OBJECT, is_text_or_null));
}

static bool
is_labels(const struct js *v)
{
	return (all(v, JS_OBJECT, is_text));
}

static bool
is_names(const struct js *v)
{
	return (all(v, JS_ARRAY, is_text));
}

static bool
is_ulimit(const struct js *v)
{
	static const struct member	 members[] = {
		{ "Name", is_text }, { "Hard", is_int }, { "Soft", is_int },
		{ NULL, NULL }
	};

	return (is_struct(v, members));
}

static bool
is_ulimits(const struct js *v)
{
	return (all(v, JS_ARRAY, is_ulimit));
}

static bool
is_output(const struct js *v)
{
	static const struct member	 members[] = {
		{ "Type", is_text }, { "Attrs", is_labels }, { NULL, NULL }
	};

	return (is_struct(v, members));
}

static bool
is_outputs(const struct js *v)
{
	return (all(v, JS_ARRAY, is_output));
}

/* OCI image-spec, "platform" of an index. */
static bool
is_platform(const struct js *v)
{
	static const struct member	 members[] = {
		{ "architecture", is_text }, { "os", is_text },
		{ "os.version", is_text }, { "os.features", is_names },
		{ "variant", is_text }, { NULL, NULL }
	};

	return (is_struct(v, members));
}

/* "linux/arm64/v8", or with a version "windows(10.0.17763)/amd64" */
static bool
platform_plain(const struct query_value *v)
{
	static const char	 chars[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./()+";
	size_t			 i;

	for (i = 0; i < v->len; i++)
		if (strchr(chars, v->s[i]) == NULL)
			return (false);
	return (true);
}

static bool
shape_holds(const struct shape *shape, const struct query_value *v)
{
	static struct arena	 arena;
	struct js_error		 error;
	struct js		*root;
	bool			 ok;

	/* clients have Go's nil for what is not given */
	if (v->len == 4 && memcmp(v->s, "null", 4) == 0)
		return (true);
	if (shape->fn == is_platform && platform_plain(v))
		return (true);
	arena_reset(&arena, JSON_MEMORY);
	root = js_parse(&arena, v->s, v->len, JSON_LEVELS, &error);
	ok = root != NULL && shape->fn(root);
	arena_reset(&arena, 0);
	return (ok);
}

int
query_json_judge(const struct query_ctx *ctx, const char *key,
    struct query_value *v)
{
	size_t	 i;

	for (i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		if (strcmp(shapes[i].key, key) == 0)
			break;
	if (i < sizeof(shapes) / sizeof(shapes[0]) &&
	    shape_holds(&shapes[i], v))
		return (0);
	return (query_refuse(ctx->out, 400, key, "%s is not %s", key,
	    i < sizeof(shapes) / sizeof(shapes[0]) ? shapes[i].what :
	    "known"));
}
