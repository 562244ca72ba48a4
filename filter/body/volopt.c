/* SPDX-License-Identifier: ISC */

/*
 * Options of the local volume driver, which are the arguments of mount(2)
 * (moby volume/local/local_unix.go): a volume made with them can be a bind of
 * any path, an overlay over /etc or a disk of the host.  Paths in them obey
 * the list for binds, whatever else is allowed.
 */

#include "schema.h"

#include <string.h>

#include <bsd/string.h>

#define VOLOPT_BYTES	2048	/* of the o= option */

/* The o= option, read once. */
struct volopt {
	char	 text[VOLOPT_BYTES];
	bool	 bind;		/* MS_BIND: the device is a path */
	bool	 ro;
	bool	 other;		/* more than a plain bind has */
};

static const char *const	 volopt_bind[] = { "", "none", "bind", NULL };
/* No path of the host is named as device by these. */
static const char *const	 volopt_far[] = {
	"tmpfs", "overlay", "nfs", "nfs4", "cifs", "smb3", NULL
};
static const char *const	 volopt_disk[] = {
	"ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "vfat", "exfat",
	"ntfs", "iso9660", "udf", "squashfs", "erofs", NULL
};

static int	 volopt_read(struct judge *, const char *, struct volopt *);

static int
volopt_read(struct judge *j, const char *o, struct volopt *vo)
{
	static const char *const	 plain[] = {
		"", "nosuid", "nodev", "noexec", "private", "rprivate",
		NULL
	};
	char				 buf[VOLOPT_BYTES], *next = buf, *word;

	memset(vo, 0, sizeof(*vo));
	if (strlcpy(vo->text, o, sizeof(vo->text)) >= sizeof(vo->text))
		return (judge_bad(j, "has too long an option o"));
	/* The kernel's way to hide a comma or colon from us. */
	if (strchr(vo->text, '\\') != NULL)
		return (judge_bad(j, "has a backslash in its option o"));
	memcpy(buf, vo->text, sizeof(buf));
	while ((word = strsep(&next, ",")) != NULL) {
		if (strcmp(word, "bind") == 0 || strcmp(word, "rbind") == 0)
			vo->bind = true;
		else if (strcmp(word, "ro") == 0)
			vo->ro = true;
		else if (strcmp(word, "rw") == 0)
			vo->ro = false;		/* the last one counts */
		else if (!text_in(word, plain))
			vo->other = true;
	}
	return (0);
}

/* The device is a path: judge it, and put its clean form in its place. */
static int
volopt_device(struct judge *j, struct js *opts, bool ro)
{
	struct js	*device = js_get(opts, "device");
	char		 clean[BODY_PATH];
	size_t		 old;
	int		 ret;

	old = judge_push(j, "[device]");
	ret = bind_judge(j, js_get_string(opts, "device"), ro, clean,
	    sizeof(clean));
	judge_pop(j, old);
	if (ret == 0)
		set_string(j, device, clean);
	return (ret);
}

/* "lowerdir=/a:/b" */
static int
volopt_dirs(struct judge *j, char *list)
{
	char	 clean[BODY_PATH], *dir;

	while ((dir = strsep(&list, ":")) != NULL)
		if (dir[0] != '\0' &&
		    bind_judge(j, dir, false, clean, sizeof(clean)) == -1)
			return (-1);
	return (0);
}

/* Paths inside o=: those of an overlay, and whatever begins like one. */
static int
volopt_paths(struct judge *j, struct volopt *vo)
{
	char	*next = vo->text, *word, *value;
	size_t	 old;
	int	 ret = 0;

	old = judge_push(j, "[o]");
	while (ret == 0 && (word = strsep(&next, ",")) != NULL) {
		if ((value = strchr(word, '=')) == NULL)
			continue;
		*value++ = '\0';
		if (strncmp(word, "lowerdir", 8) == 0 ||
		    strncmp(word, "upperdir", 8) == 0 ||
		    strncmp(word, "workdir", 7) == 0 ||
		    strncmp(word, "datadir", 7) == 0 || value[0] == '/')
			ret = volopt_dirs(j, value);
	}
	judge_pop(j, old);
	return (ret);
}

/* With allow privileged: everything, but only the host's paths on the list. */
static int
volopt_privileged(struct judge *j, struct js *opts, struct volopt *vo)
{
	const char	*type = js_get_string(opts, "type");

	if (bind_everything(j))
		return (0);
	if (vo->bind || text_in(type, volopt_bind) ||
	    text_in(type, volopt_disk)) {
		if (volopt_device(j, opts, vo->ro && !vo->other) == -1)
			return (-1);
	} else if (!text_in(type, volopt_far))
		return (judge_say(j, "volume of type %.64s is not allowed: it "
		    "reaches the host beyond the paths that may be mounted",
		    type));
	return (volopt_paths(j, vo));
}

static int
volopt_known(struct judge *j, struct js *opts)
{
	static const char *const	 known[] = {
		"type", "o", "device", "size", NULL
	};
	const struct js			*option;

	JS_FOREACH(option, opts)
		if (!text_in(option->key, known))
			return (judge_bad(j, "has an option that the local "
			    "driver does not know"));
	return (0);
}

/*
 * The options of a volume of this driver; a clean device is put into them.
 * Other drivers' options are theirs: those take allow privileged by name.
 */
int
volume_options(struct judge *j, const char *driver, struct js *opts)
{
	const char	*type, *device, *o;
	struct volopt	 vo;

	if (opts == NULL || (driver[0] != '\0' &&
	    strcmp(driver, "local") != 0))
		return (0);
	if (volopt_known(j, opts) == -1)
		return (-1);
	type = js_get_string(opts, "type");
	device = js_get_string(opts, "device");
	o = js_get_string(opts, "o");
	if (type[0] == '\0' && device[0] == '\0' && o[0] == '\0')
		return (0);
	if (volopt_read(j, o, &vo) == -1)
		return (-1);
	if (text_in(type, volopt_bind) && vo.bind && !vo.other)
		return (volopt_device(j, opts, vo.ro));
	if (!judge_privileged(j))
		return (judge_forbid(j, NULL, NULL, "volume with driver "
		    "options (type %.64s)", type[0] == '\0' ? "none" : type));
	return (volopt_privileged(j, opts, &vo));
}
