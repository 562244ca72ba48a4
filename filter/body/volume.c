/* SPDX-License-Identifier: ISC */

/*
 * Volumes: their names, POST /volumes/create and the DriverConfig of a mount,
 * which makes a volume just as well.
 */

#include "schema.h"
#include "tables.h"

/* A volume by name; the empty name is a new, anonymous one. */
int
volume_name(struct judge *j, const char *name)
{
	if (!text_name(name))
		return (judge_bad(j, "must be an absolute path or the name of "
		    "a volume"));
	if (judge_privileged(j) ||
	    allow_named(j, ALLOW_VOLUME, name))
		return (0);
	return (judge_forbid(j, "volume", name, "volume %.128s", name));
}

static int
check_volume_name(struct judge *j, const char *key, struct js *v)
{
	const char	*name = v->text;

	return (name[0] == '\0' ? 0 : volume_name(j, name));
}

/* Another driver is a plugin, which is root. */
static int
check_volume_driver(struct judge *j, const char *key, struct js *v)
{
	static const char *const	 local[] = { "", "local", NULL };

	if (text_in(v->text, local))
		return (0);
	if (!judge_privileged(j) && judge_forbid(j, "field", NULL,
	    "volume driver %.128s", v->text) == -1)
		return (-1);
	return (check_word(j, key, v));
}

/*
 * Volume of API 1.24 on.  ClusterVolumeSpec is a whole CSI volume, and is
 * known only not to be there.
 */
const struct field volume_create_fields[] = {
	{ "Name", FT_STRING, 0, check_volume_name, NULL, 0, 0 },
	{ "Driver", FT_STRING, 0, check_volume_driver, NULL, 0, 0 },
	{ "DriverOpts", FT_MAP, 0, check_line, NULL, 0, 0 },
	{ "Labels", FT_MAP, 0, check_any, NULL, 0, 0 },
	{ "ClusterVolumeSpec", FT_OBJECT, F_GONE, NULL, NULL, 0, 0 },
	/* of dockerode */
	{ "abortSignal", FT_DROP, 0, NULL, NULL, 0, 0 },
	{ .type = FT_END }
};

int
check_volume_create(struct judge *j, const char *key, struct js *v)
{
	size_t	 old;
	int	 ret;

	old = judge_push(j, "DriverOpts");
	ret = volume_options(j, js_get_string(v, "Driver"),
	    js_get(v, "DriverOpts"));
	judge_pop(j, old);
	return (ret);
}

/* Mount.VolumeOptions.DriverConfig */
const struct field driver_config_fields[] = {
	{ "Name", FT_STRING, 0, check_volume_driver, NULL, 0, 0 },
	{ "Options", FT_MAP, 0, check_line, NULL, 0, 0 },
	{ .type = FT_END }
};

int
check_driver_config(struct judge *j, const char *key, struct js *v)
{
	size_t	 old;
	int	 ret;

	old = judge_push(j, ".Options");
	ret = volume_options(j, js_get_string(v, "Name"),
	    js_get(v, "Options"));
	judge_pop(j, old);
	return (ret);
}
