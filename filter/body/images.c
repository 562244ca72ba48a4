/* SPDX-License-Identifier: ISC */

/*
 * The names that an archive of images gives them, in the three files that an
 * engine looks for: manifest.json (moby image/tarexport, manifestItem),
 * repositories (the same, legacyLoad) and index.json (OCI image-spec,
 * annotations; containerd core/images/archive).  Nothing is rebuilt: the file
 * goes on as it is, so that what is not a name must only not look like one to
 * a reader that folds keys.
 */

#include "body.h"
#include "schema.h"

#include <stdio.h>
#include <string.h>

#include <bsd/string.h>

#include "../../proxyd/endpoint.h"

#define NAME_MAX_SHOWN	200

typedef int	 names_fn(struct judge *, const struct js *);

static struct arena	 images_arena;

/*
 * The member with a name that every reader finds: exactly spelt, or none
 * that folds to it.
 */
static int
member(struct judge *j, const struct js *obj, const char *name,
    const struct js **v)
{
	const struct js	*m;

	*v = NULL;
	if (fold_unique(j, obj) == -1)
		return (-1);
	JS_FOREACH(m, obj) {
		if (!fold_equal(m->key, name))
			continue;
		if (strcmp(m->key, name) != 0)
			return (judge_bad(j, "has a key that must be spelt %s",
			    name));
		*v = m->type == JS_NULL ? NULL : m;
	}
	return (0);
}

static int
judge_ref(struct judge *j, const char *ref)
{
	if (!endpoint_arg_ok(ARG_IMAGE, ref, strlen(ref)))
		return (judge_bad(j, "gives a name that is no image "
		    "reference"));
	if (allow_image(j, ref))
		return (0);
	return (judge_forbid(j, "image", ref, "a load of %.*s",
	    NAME_MAX_SHOWN, ref));
}

/* [{"RepoTags": ["", ...]}, ...] */
static int
names_manifest(struct judge *j, const struct js *root)
{
	const struct js	*item, *tags, *tag;

	if (root->type != JS_ARRAY)
		return (judge_bad(j, "must be an array of objects"));
	JS_FOREACH(item, root) {
		if (item->type != JS_OBJECT)
			return (judge_bad(j, "must be an array of objects"));
		if (member(j, item, "RepoTags", &tags) == -1)
			return (-1);
		if (tags == NULL)
			continue;
		if (tags->type != JS_ARRAY)
			return (judge_bad(j, "has RepoTags that are no array"));
		JS_FOREACH(tag, tags)
			if (tag->type != JS_STRING)
				return (judge_bad(j, "has a tag that is no "
				    "string"));
			else if (judge_ref(j, tag->text) == -1)
				return (-1);
	}
	return (0);
}

/* {"name": {"tag": "id", ...}, ...} */
static int
names_repositories(struct judge *j, const struct js *root)
{
	const struct js	*repo, *tag;
	char		 ref[1024];

	if (root->type != JS_OBJECT)
		return (judge_bad(j, "must be an object"));
	JS_FOREACH(repo, root) {
		if (repo->type != JS_OBJECT)
			return (judge_bad(j, "must be an object of objects"));
		JS_FOREACH(tag, repo) {
			if ((size_t)snprintf(ref, sizeof(ref), "%s:%s",
			    repo->key, tag->key) >= sizeof(ref))
				return (judge_bad(j, "gives too long a name"));
			if (judge_ref(j, ref) == -1)
				return (-1);
		}
	}
	return (0);
}

static bool
is_tag_of(const char *name, const char *ref)
{
	const char	*slash = strrchr(name, '/'), *tag;

	tag = strchr(slash == NULL ? name : slash, ':');
	return (tag != NULL && strcmp(tag + 1, ref) == 0);
}

/*
 * containerd and podman take containerd's annotation before that of OCI,
 * where "docker save" has the bare tag of the same name.  Any other word there
 * is a name to podman before 4.0.
 */
static int
names_annotations(struct judge *j, const struct js *notes)
{
	const char	*name, *ref;

	name = js_get_string(notes, "io.containerd.image.name");
	ref = js_get_string(notes, "org.opencontainers.image.ref.name");
	if (*name != '\0' && judge_ref(j, name) == -1)
		return (-1);
	if (*ref == '\0' || (*name != '\0' && is_tag_of(name, ref)))
		return (0);
	return (judge_ref(j, ref));
}

/* {"manifests": [{"annotations": {"": "", ...}}, ...]} */
static int
names_index(struct judge *j, const struct js *root)
{
	const struct js	*list, *item, *notes;

	if (root->type != JS_OBJECT)
		return (judge_bad(j, "must be an object"));
	if (member(j, root, "manifests", &list) == -1)
		return (-1);
	if (list == NULL)
		return (0);
	if (list->type != JS_ARRAY)
		return (judge_bad(j, "has manifests that are no array"));
	JS_FOREACH(item, list) {
		if (item->type != JS_OBJECT)
			return (judge_bad(j, "has a manifest that is no "
			    "object"));
		if (member(j, item, "annotations", &notes) == -1)
			return (-1);
		if (notes == NULL)
			continue;
		if (notes->type != JS_OBJECT)
			return (judge_bad(j, "has annotations that are no "
			    "object"));
		if (names_annotations(j, notes) == -1)
			return (-1);
	}
	return (0);
}

static const struct {
	const char	*file;
	names_fn	*fn;
} files[] = {
	{ "manifest.json", names_manifest },
	{ "repositories", names_repositories },
	{ "index.json", names_index },
};

int
body_images_file(const char *name)
{
	size_t	 i;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (strcmp(files[i].file, name) == 0)
			return ((int)i);
	return (-1);
}

int
body_images(const struct profile *profile, int file, const char *in,
    size_t len, struct body_result *res)
{
	struct js_error	 error;
	struct judge	 j;
	struct js	*root;
	int		 ret;

	memset(res, 0, sizeof(*res));
	memset(&j, 0, sizeof(j));
	j.profile = profile;
	j.res = res;
	j.arena = &images_arena;
	(void)judge_push(&j, "%s", files[file].file);
	arena_reset(&images_arena, BODY_MEMORY);
	root = js_parse(&images_arena, in, len, BODY_DEPTH, &error);
	ret = root == NULL ? judge_bad(&j, "is not valid JSON, or has a key "
	    "twice") : files[file].fn(&j, root);
	if (images_arena.failed)
		ret = judge_nomem(&j);
	arena_reset(&images_arena, 0);
	return (ret);
}
