/* SPDX-License-Identifier: ISC */

/*
 * Archives that are unpacked into a container, and archives of images, judged
 * entry by entry while they stream.  Pure but for memory; filter/upload.c
 * moves the bytes.
 */

#ifndef ARCHIVE_H
#define ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../filter/tar.h"
#include "../filter/tar_path.h"
#include "../proxyd/proxyd.h"

#define ARCHIVE_WHY	1024	/* bytes of a reason */

struct archive {
	const struct profile *profile;
	struct tar	 tar;
	struct tar_set	 links;		/* symbolic ones, by clean name */
	struct tar_set	 files;		/* what a hard link may lead to */
	bool		 more;		/* files than are kept in mind */
	bool		 blind;		/* audited: nothing is read any more */
	char		 name[TAR_NAME_MAX];	/* the entry's, clean */
	char		 target[TAR_NAME_MAX];	/* a hard link's, clean */
	/* of images only */
	bool		 images;
	unsigned int	 hadfiles;	/* 1 << body_images_file() */
	int		 file;		/* the one that text is of */
	char		*text;		/* or NULL */
	size_t		 textlen;
	int		 status;	/* of a refusal */
	char		 why[ARCHIVE_WHY];
};

/* Once per process, before it is confined. */
void	 archive_init(void);
/* Is the body of this row judged under this profile? */
bool	 archive_wanted(const struct endpoint *, const struct profile *);
/* A judge, which is the caller's; NULL: no memory. */
struct archive *archive_new(const struct endpoint *, const struct profile *);
/* NULL is fine. */
void	 archive_free(struct archive *);
/*
 * The next bytes.  tar.settled says how many of all may go to the engine.
 * -1: refused, for status and why.
 */
int	 archive_feed(struct archive *, const uint8_t *, size_t);
/* No more come; -1: refused. */
int	 archive_finish(struct archive *);
/* As tar_blind() and tar_skip(). */
uint64_t archive_blind(const struct archive *);
void	 archive_skip(struct archive *, uint64_t);

/* archive_image.c: for archive.c */

/* Does the profile say which names images may have? */
bool	 archive_names_images(const struct profile *);
tar_entry_fn	 archive_image_entry;
tar_data_fn	 archive_image_data;

#endif /* ARCHIVE_H */
