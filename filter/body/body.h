/* SPDX-License-Identifier: ISC */

/*
 * Request bodies: parsed once, judged against a closed schema and the
 * profile's allowances, rebuilt.  What reaches the engine is the rebuilt
 * text, never the client's.  Pure: no I/O.  Not for two threads: what a body
 * needs lies in one arena, of which up to 64 KiB are kept for the next.
 */

#ifndef BODY_H
#define BODY_H

#include <stddef.h>

#include "../../proxyd/proxyd.h"
#include "named.h"

struct body_result {
	char	*json;		/* rebuilt, malloc()ed, the caller's */
	size_t	 len;
	/* of a refusal */
	int	 status;	/* 400: wrong for anybody; 403: policy; 503 */
	char	 reason[1024];	/* as the client sees it */
	char	 field[256];	/* "HostConfig.Binds[0]" */
};

#define BODY_MEMORY	(256U * 1024 * 1024)

/* Draw the secret of the hash of keys; once per process, unconfined. */
void	 body_init(void);

/* How much judging one body may take, beyond which it is a 503. */
void	 body_memory(size_t);

/*
 * Judge len bytes at in for the schema, under the profile, for API 1.minor
 * (0: none given).  0: result->json is what to send (an absent optional body
 * gives "{}" or, where the engine takes none, a NULL json with len 0).
 * -1: refused, result->json is NULL.  -1 with status 503: no memory.
 * While trace_audit() has an auditor a 403 is told to it, the judging goes
 * on, and of what the profile supplies only labels are put in.
 */
int	 body_judge(enum schema, const struct profile *, unsigned int minor,
	    const char *in, size_t len, struct body_result *);

/*
 * What the last body that passed mentions, into empty lists that are the
 * caller's to free: volumes that it mounts, and, if the profile has them
 * checked, paths of the host, cleaned.
 */
void	 body_named(struct named *volumes, struct named *paths);

/*
 * The next body names this container, by its full id and whatever it says;
 * NULL, as at the start: the one that it says.  Only for schemas with
 * "Container"; the text is not copied.
 */
void	 body_container_is(const char *id);

/* container.c */

/*
 * What a body names as "Container", before it is judged.  0: result->json is
 * the name, malloc()ed, without the slash that may stand in front; -1: as
 * body_judge().
 */
int	 body_container(const char *in, size_t len, struct body_result *);

/* network.c */

/*
 * Judge a network that is named in a path: name is what the engine calls it,
 * or NULL as long as nobody asked.  0; 1: it has to be looked up, since the
 * text could be an id; -1: as body_judge().
 */
int	 body_joins(const struct profile *, const char *text,
	    const char *name, struct body_result *);

/* existing.c */

/*
 * Judge an existing volume by the engine's description of it, as if a mount
 * had it as its DriverConfig; paths is added to.  0, or -1 as above.
 */
int	 body_existing(const struct profile *, const char *name, const char *in,
	    size_t len, struct named *paths, struct body_result *);

/*
 * Only add to paths what the profile has checked, of a volume in use.  0;
 * -1: not a description of that volume (EPROTO), or as named_add().
 */
int	 body_existing_path(const struct profile *, const char *name,
	    const char *in, size_t len, struct named *paths);

/*
 * Add the path of a bind to paths, cleaned, if the profile has it checked
 * for links.  0, or -1 as named_add(), or ENAMETOOLONG.
 */
int	 body_path(const struct profile *, const char *path, bool ro,
	    struct named *paths);

/* images.c */

/* The number of a file that gives images their names; -1: it does not. */
int	 body_images_file(const char *);
/* Judge the names in it; -1 as body_judge(). */
int	 body_images(const struct profile *, int file, const char *in,
	    size_t len, struct body_result *);

#endif /* BODY_H */
