/* SPDX-License-Identifier: ISC */

/*
 * What an entry of an archive may be.  The engine unpacks as root, within the
 * container's root directory and into whatever is mounted there: so links
 * that lead out of the archive, devices and set-user-id programs in a
 * directory of the host are the client's way to the host (moby pkg/archive,
 * createTarFile).  A link that stays below where the archive is unpacked
 * cannot leave it, unless another link is on the way.
 */

#include "../filter/archive.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/stdlib.h>

#include "../filter/trace.h"

#define NAME_SHOWN	144	/* bytes of a client's name in a reason */
#define MODE_SETUID	04000
#define MODE_SETGID	02000

/* What takes an allowance, by its word in "allow archive". */
static const char	 device[] = "device", links[] = "link",
			 names[] = "name", setuid_[] = "setuid";

static tar_entry_fn	 archive_entry;

/* "allow archive word", or "any". */
static const struct allow *
archive_allow(const struct profile *profile, const char *word)
{
	const struct allow	*a;

	TAILQ_FOREACH(a, &profile->allows, entry)
		if (a->kind == ALLOW_ARCHIVE && strcmp(a->text, word) == 0)
			return (a);
	return (NULL);
}

void
archive_init(void)
{
	uint64_t	 secret[2];

	arc4random_buf(secret, sizeof(secret));
	tar_set_seed(secret[0], secret[1]);
}

bool
archive_wanted(const struct endpoint *ep, const struct profile *profile)
{
	const struct allow	*a;

	if ((ep->flags & EPF_IMAGES) != 0)
		return (archive_names_images(profile));
	if ((ep->flags & EPF_ENTRIES) == 0)
		return (false);
	if ((a = archive_allow(profile, "*")) != NULL) {
		trace_allow("archive", "", a);
		return (false);
	}
	if (profile->unjudged)
		trace_kind(profile, ALLOW_UNJUDGED, "archive", "");
	return (!profile->unjudged);
}

struct archive *
archive_new(const struct endpoint *ep, const struct profile *profile)
{
	struct archive	*a;

	if ((a = calloc(1, sizeof(*a))) == NULL)
		return (NULL);
	a->profile = profile;
	a->images = (ep->flags & EPF_IMAGES) != 0;
	if (a->images)
		tar_init(&a->tar, archive_image_entry, archive_image_data, a);
	else
		tar_init(&a->tar, archive_entry, NULL, a);
	a->tar.hold_end = a->images;
	return (a);
}

void
archive_free(struct archive *a)
{
	if (a == NULL)
		return;
	tar_free(&a->tar);
	tar_set_free(&a->links);
	tar_set_free(&a->files);
	free(a->text);
	free(a);
}

/*
 * By policy.  0: the profile allows it, or that it does not is audited.  The
 * text says what it is, and ends where "is not allowed" goes on.
 */
static int __attribute__((format(printf, 4, 5)))
archive_forbid(struct archive *a, const char *word, const char *name,
    const char *fmt, ...)
{
	const struct allow	*allow;
	char			 text[2 * NAME_SHOWN + 150];
	va_list			 ap;

	if ((allow = archive_allow(a->profile, word)) != NULL) {
		trace_allow("archive", name, allow);
		return (0);
	}
	if (a->profile->privileged) {
		trace_kind(a->profile, ALLOW_PRIVILEGED, "archive", name);
		return (0);
	}
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (a->profile->fromenv)
		(void)snprintf(a->why, sizeof(a->why), "Forbidden - %s is not "
		    "allowed (ALLOW_PRIVILEGED=1 would)", text);
	else
		(void)snprintf(a->why, sizeof(a->why), "Forbidden - %s is not "
		    "allowed (allow archive %s would)", text, word);
	a->status = 403;
	return (trace_forbid("archive", a->why) ? 0 : -1);
}

/* A client's name, fit to be printed. */
static const char *
shown(char *buf, const char *name)
{
	return (log_vis(buf, NAME_SHOWN, name, strlen(name)));
}

static int
judge_device(struct archive *a, const struct tar_entry *e)
{
	char	 vis[NAME_SHOWN];

	return (archive_forbid(a, device, e->name, "%s %s in the archive",
	    e->type == TAR_CHAR ? "character device" :
	    e->type == TAR_BLOCKDEV ? "block device" : "named pipe",
	    shown(vis, e->name)));
}

/* Directories hand on their group at most, links have no mode. */
static int
judge_mode(struct archive *a, const struct tar_entry *e)
{
	char	 vis[NAME_SHOWN], attr[NAME_SHOWN];

	if (e->xattr != NULL && archive_forbid(a, setuid_, e->name,
	    "extended attribute %s of %s in the archive",
	    shown(attr, e->xattr), shown(vis, e->name)) == -1)
		return (-1);
	if (e->type == TAR_DIR || e->type == TAR_SYMLINK ||
	    (e->mode & (MODE_SETUID | MODE_SETGID)) == 0)
		return (0);
	return (archive_forbid(a, setuid_, e->name,
	    "set-%s-id mode of %s in the archive",
	    (e->mode & MODE_SETUID) != 0 ? "user" : "group",
	    shown(vis, e->name)));
}

static int
judge_name(struct archive *a, const struct tar_entry *e)
{
	char	 vis[NAME_SHOWN];

	/* The root itself can only be a directory. */
	if (tar_path_clean(e->name, a->name) == 0 &&
	    (a->name[0] != '\0' || e->type == TAR_DIR))
		return (0);
	return (archive_forbid(a, names, e->name, "the name %s in the "
	    "archive, which must be relative and without \"..\",",
	    shown(vis, e->name)));
}

/* It would land wherever that link leads to. */
static int
judge_way(struct archive *a, const struct tar_entry *e)
{
	char	 vis[NAME_SHOWN], link[NAME_SHOWN];
	size_t	 n;

	if ((n = tar_set_part(&a->links, a->name, false)) == 0)
		return (0);
	return (archive_forbid(a, links, e->name, "%s, which lies below %s, a "
	    "symbolic link of the same archive,", shown(vis, e->name),
	    log_vis(link, sizeof(link), a->name, n)));
}

static int
judge_symlink(struct archive *a, const struct tar_entry *e)
{
	char	 vis[NAME_SHOWN], to[NAME_SHOWN];

	if (!tar_path_inside(a->name, e->link) &&
	    archive_forbid(a, links, e->name, "the symbolic link %s to %s, "
	    "which can lead out of the archive,", shown(vis, e->name),
	    shown(to, e->link)) == -1)
		return (-1);
	if (tar_set_add(&a->links, a->name, strlen(a->name)) == 0)
		return (0);
	return (archive_forbid(a, links, e->name, "the symbolic link %s, one "
	    "more than can be kept in mind,", shown(vis, e->name)));
}

/*
 * A link to a symbolic link is that one at another place, from where it leads
 * elsewhere; and what was not in the archive may be anything.
 */
static int
judge_link(struct archive *a, const struct tar_entry *e)
{
	char	 vis[NAME_SHOWN], to[NAME_SHOWN];

	if (tar_path_clean(e->link, a->target) == 0 &&
	    tar_set_part(&a->links, a->target, true) == 0 &&
	    tar_set_has(&a->files, a->target, strlen(a->target)))
		return (0);
	return (archive_forbid(a, links, e->name, "the hard link %s to %s, "
	    "which is not a file before it in the archive%s,",
	    shown(vis, e->name), shown(to, e->link),
	    a->more ? " that could be kept in mind" : ""));
}

/* What is a file, a hard link to it included, may be linked to. */
static void
archive_remember(struct archive *a)
{
	if (tar_set_add(&a->files, a->name, strlen(a->name)) == -1)
		a->more = true;
}

static int
judge_type(struct archive *a, const struct tar_entry *e)
{
	switch (e->type) {
	case TAR_CHAR:
	case TAR_BLOCKDEV:
	case TAR_FIFO:
		return (judge_device(a, e));
	case TAR_SYMLINK:
		return (judge_symlink(a, e));
	case TAR_LINK:
		if (judge_link(a, e) == -1)
			return (-1);
		break;
	case TAR_FILE:
		break;
	case TAR_DIR:
		return (0);
	}
	archive_remember(a);
	return (0);
}

static enum tar_verdict
archive_entry(void *arg, const struct tar_entry *e)
{
	struct archive	*a = arg;

	if (judge_name(a, e) == -1 || judge_way(a, e) == -1 ||
	    judge_type(a, e) == -1 || judge_mode(a, e) == -1)
		return (TAR_REFUSED);
	return (TAR_PASSED);
}

/*
 * It cannot be read, or only in two ways: what it holds is not known.  0:
 * that is audited, and the rest passes unread.
 */
static int
archive_fault(struct archive *a)
{
	char	 vis[sizeof(a->tar.fault)], name[NAME_SHOWN];

	if (a->tar.nomem) {
		a->status = 503;
		(void)snprintf(a->why, sizeof(a->why), "out of memory");
		return (-1);
	}
	a->status = 403;
	(void)shown(name, tar_name(&a->tar));
	(void)snprintf(a->why, sizeof(a->why), "Forbidden - the archive "
	    "cannot be judged: %s%s%s (%s would pass it unjudged)",
	    name, name[0] == '\0' ? "" : ": ",
	    log_vis(vis, sizeof(vis), a->tar.fault, strlen(a->tar.fault)),
	    a->profile->fromenv ? "ALLOW_PRIVILEGED=1" : a->images ?
	    "allow image any" : "allow archive any");
	a->blind = trace_forbid("archive", a->why);
	return (a->blind ? 0 : -1);
}

int
archive_feed(struct archive *a, const uint8_t *data, size_t len)
{
	if (a->blind)
		a->tar.fed += len;
	else if (tar_feed(&a->tar, data, len) == 0 && !a->blind)
		return (0);
	else if (a->blind)
		;		/* an entry was, and that is audited */
	else if (a->tar.fault[0] == '\0' || archive_fault(a) == -1)
		return (-1);
	a->tar.settled = a->tar.fed;
	return (0);
}

int
archive_finish(struct archive *a)
{
	if (a->blind || tar_finish(&a->tar) == 0)
		return (0);
	if (archive_fault(a) == -1)
		return (-1);
	a->tar.settled = a->tar.fed;
	return (0);
}

uint64_t
archive_blind(const struct archive *a)
{
	return (a->blind ? UINT64_MAX : tar_blind(&a->tar));
}

void
archive_skip(struct archive *a, uint64_t len)
{
	if (!a->blind)
		tar_skip(&a->tar, len);
	else
		a->tar.settled = a->tar.fed += len;
}
