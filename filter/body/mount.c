/* SPDX-License-Identifier: ISC */

/*
 * HostConfig.Mounts, in the order of moby api/types/mount: each field by its
 * row, then the whole by its type, since Source means something else in each.
 */

#include "schema.h"
#include "tables.h"

#include <string.h>

static int	 mount_bind(struct judge *, struct js *);
static int	 mount_volume(struct judge *, struct js *);
static int	 mount_tmpfs(struct judge *, struct js *);
static int	 mount_reaching(struct judge *, struct js *);

static const struct mount_type {
	const char	*name;
	int		(*judge)(struct judge *, struct js *);
} mount_types[] = {
	{ "bind",	mount_bind },
	{ "volume",	mount_volume },
	{ "tmpfs",	mount_tmpfs },
	{ "image",	mount_reaching },	/* of any image, 1.48 */
	{ "cluster",	mount_reaching },	/* a CSI volume, 1.42 */
	{ "npipe",	mount_reaching }
};

static int
check_propagation(struct judge *j, const char *key, struct js *v)
{
	static const char *const	 own[] = {
		"", "private", "rprivate", NULL
	};
	static const char *const	 shared[] = {
		"shared", "rshared", "slave", "rslave", NULL
	};
	const char			*s = v->text;

	if (text_in(s, own))
		return (0);
	if (!text_in(s, shared))
		return (judge_bad(j, "must be a mount propagation"));
	if (judge_privileged(j))
		return (0);
	return (judge_forbid(j, "field", NULL, "mount propagation %s", s));
}

/* The daemon opens it below the volume; none of it may point elsewhere. */
static int
check_subpath(struct judge *j, const char *key, struct js *v)
{
	const char	*s = v->text;
	size_t		 n;

	if (s[0] == '/' || !text_ok(s))
		return (judge_bad(j, "must be a relative path"));
	for (; *s != '\0'; s += n, s += strspn(s, "/")) {
		n = strcspn(s, "/");
		if (n == 2 && strncmp(s, "..", 2) == 0)
			return (judge_bad(j, "must not have .. in it"));
	}
	return (0);
}

/*
 * CreateMountpoint (which compose sets) makes a missing directory under an
 * allowed path, as an entry of Binds always does.
 */
static const struct field bind_fields[] = {
	{ "Propagation", FT_STRING, 0, check_propagation, NULL, 0, 0 },
	{ "NonRecursive", FT_BOOL, 0, NULL, NULL, 40, 0 },
	{ "CreateMountpoint", FT_BOOL, 0, NULL, NULL, 42, 0 },
	{ "ReadOnlyNonRecursive", FT_BOOL, 0, NULL, NULL, 44, 0 },
	{ "ReadOnlyForceRecursive", FT_BOOL, 0, NULL, NULL, 44, 0 },
	{ .type = FT_END }
};

static const struct field volume_fields[] = {
	{ "NoCopy", FT_BOOL, 0, NULL, NULL, 0, 0 },
	{ "Labels", FT_MAP, 0, check_any, NULL, 0, 0 },
	{ "Subpath", FT_STRING, 0, check_subpath, NULL, 45, 0 },
	{ "DriverConfig", FT_OBJECT, 0, check_driver_config,
	    driver_config_fields, 0, 0 },
	{ .type = FT_END }
};

static const struct field image_fields[] = {
	{ "Subpath", FT_STRING, 0, check_subpath, NULL, 0, 0 },
	{ .type = FT_END }
};

static const struct field tmpfs_fields[] = {
	{ "SizeBytes", FT_UINT, 0, NULL, NULL, 0, 0 },
	{ "Mode", FT_UINT32, 0, NULL, NULL, 0, 0 },
	{ "Options", FT_LISTS, 0, check_tmpfs_list, NULL, 46, 0 },
	{ .type = FT_END }
};

static const struct field no_fields[] = {
	{ .type = FT_END }
};

const struct field mount_fields[] = {
	{ "Type", FT_STRING, 0, NULL, NULL, 0, 0 },
	{ "Source", FT_STRING, 0, NULL, NULL, 0, 0 },
	{ "Target", FT_STRING, 0, check_target, NULL, 0, 0 },
	{ "ReadOnly", FT_BOOL, 0, NULL, NULL, 0, 0 },
	{ "Consistency", FT_STRING, 0, check_word, NULL, 0, 0 },
	{ "BindOptions", FT_OBJECT, 0, NULL, bind_fields, 0, 0 },
	{ "VolumeOptions", FT_OBJECT, 0, NULL, volume_fields, 0, 0 },
	{ "ImageOptions", FT_OBJECT, F_PRIV, NULL, image_fields, 0, 0 },
	{ "TmpfsOptions", FT_OBJECT, 0, NULL, tmpfs_fields, 0, 0 },
	{ "ClusterOptions", FT_OBJECT, F_PRIV, NULL, no_fields, 0, 0 },
	{ .type = FT_END }
};

static int
mount_bind(struct judge *j, struct js *mount)
{
	struct js	*source = js_get(mount, "Source");
	char		 clean[BODY_PATH];

	if (bind_judge(j, js_get_string(mount, "Source"),
	    js_is(js_get(mount, "ReadOnly"), JS_TRUE), clean,
	    sizeof(clean)) == -1)
		return (-1);
	set_string(j, source, clean);
	return (0);
}

/* Without a name it is a new, anonymous volume. */
static int
mount_volume(struct judge *j, struct js *mount)
{
	const char	*name = js_get_string(mount, "Source");

	if (name[0] == '\0')
		return (0);
	return (volume_name(j, name) == -1 ? -1 : judge_volume(j, name));
}

static int
mount_tmpfs(struct judge *j, struct js *mount)
{
	char	 target[BODY_PATH];

	if (js_get_string(mount, "Source")[0] != '\0')
		return (judge_bad(j, "of a tmpfs must have no Source"));
	if (path_clean(js_get_string(mount, "Target"), target,
	    sizeof(target)) == -1)
		return (judge_bad(j, "must have an absolute Target"));
	return (tmpfs_target(j, target, NULL));
}

static int
mount_reaching(struct judge *j, struct js *mount)
{
	if (judge_privileged(j))
		return (0);
	return (judge_forbid(j, NULL, NULL, "mount of type %s",
	    js_get_string(mount, "Type")));
}

int
check_mount(struct judge *j, const char *key, struct js *v)
{
	const char	*type = js_get_string(v, "Type");
	size_t		 i;

	for (i = 0; i < sizeof(mount_types) / sizeof(mount_types[0]); i++)
		if (strcmp(type, mount_types[i].name) == 0)
			return (mount_types[i].judge(j, v));
	return (judge_bad(j, "must have one of the types bind, volume, "
	    "tmpfs"));
}
