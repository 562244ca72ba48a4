/* SPDX-License-Identifier: ISC */

/*
 * Archives of images, for images/load: the names that they give must be those
 * that "allow image" has.  They stand in files that may come last, so the
 * archive goes on but for its end, without which no engine loads anything
 * (moby image/tarexport unpacks all of it first; containerd and podman make
 * names when they have read it).  Which file an engine reads for a name must
 * be beyond doubt: no link, no second one, no way there through a link.
 */

#include "../filter/archive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

#include "../filter/body/body.h"
#include "../filter/trace.h"

#define FILE_MAX	(4U * 1024 * 1024)	/* of what has names */

bool
archive_names_images(const struct profile *profile)
{
	const struct allow	*a;
	bool			 some = false;

	if (profile->privileged || profile->unjudged)
		return (false);
	TAILQ_FOREACH(a, &profile->allows, entry)
		if (a->kind == ALLOW_IMAGE) {
			if (strcmp(a->text, "*") == 0)
				return (false);
			some = true;
		}
	return (some);
}

/* What the names are in could not be told any more. */
static enum tar_verdict
doubt(struct archive *a, const struct tar_entry *e, const char *why)
{
	char	 vis[128];

	a->status = 403;
	(void)snprintf(a->why, sizeof(a->why), "Forbidden - the archive "
	    "cannot be judged: %s: %s (allow image any would pass it "
	    "unjudged)", log_vis(vis, sizeof(vis), e->name, strlen(e->name)),
	    why);
	a->blind = trace_forbid("archive", a->why);
	return (a->blind ? TAR_PASSED : TAR_REFUSED);
}

static enum tar_verdict
image_file(struct archive *a, const struct tar_entry *e, int file)
{
	if (e->type != TAR_FILE)
		return (doubt(a, e, "it must be a file"));
	if ((a->hadfiles & 1U << file) != 0)
		return (doubt(a, e, "it is there twice"));
	if (e->size > FILE_MAX)
		return (doubt(a, e, "it is too long"));
	a->hadfiles |= 1U << file;
	a->file = file;
	a->textlen = 0;
	if ((a->text = malloc((size_t)e->size + 1)) == NULL) {
		a->status = 503;
		(void)strlcpy(a->why, "out of memory", sizeof(a->why));
		return (TAR_REFUSED);
	}
	return (TAR_SHOWN);
}

enum tar_verdict
archive_image_entry(void *arg, const struct tar_entry *e)
{
	struct archive	*a = arg;
	int		 file;

	if (a->blind)
		return (TAR_PASSED);
	if (tar_path_clean(e->name, a->name) != 0)
		return (doubt(a, e, "the name must be relative and without "
		    "\"..\""));
	if (tar_set_part(&a->links, a->name, false) != 0)
		return (doubt(a, e, "it lies below a symbolic link of the "
		    "same archive"));
	if ((file = body_images_file(a->name)) != -1)
		return (image_file(a, e, file));
	/* link(2) follows nothing: a hard link to a symbolic one is another. */
	if ((e->type == TAR_SYMLINK || e->type == TAR_LINK) &&
	    tar_set_add(&a->links, a->name, strlen(a->name)) == -1)
		return (doubt(a, e, "one link more than can be kept in mind"));
	return (TAR_PASSED);
}

enum tar_verdict
archive_image_data(void *arg, const uint8_t *data, size_t len)
{
	static struct body_result	 res;
	struct archive			*a = arg;
	int				 ret;

	if (len != 0) {
		memcpy(a->text + a->textlen, data, len);
		a->textlen += len;
		return (TAR_PASSED);
	}
	ret = body_images(a->profile, a->file, a->text, a->textlen, &res);
	free(a->text);
	a->text = NULL;
	if (ret == 0)
		return (TAR_PASSED);
	a->status = res.status;
	(void)strlcpy(a->why, res.reason, sizeof(a->why));
	return (TAR_REFUSED);
}
