/* SPDX-License-Identifier: ISC */

/*
 * Look-ups before a verdict: the container that a request is about, and the
 * container that asks.  While one is under way the request waits unread; it
 * is judged anew when the answer is there.  Those that guard.c asks for come
 * behind the verdict, and the request waits as it is.
 */

#ifndef LOOKUP_H
#define LOOKUP_H

#include <stdbool.h>
#include <stddef.h>

#include "../filter/http.h"
#include "../filter/policy.h"

struct client;
struct iovec;
struct imsg_checked;

enum lookup_stage {
	LOOK_IDLE,
	LOOK_PEER,		/* the parent: which container asks? */
	LOOK_ASKER,		/* the engine: what is it? */
	LOOK_EXEC,		/* whose is this exec? */
	LOOK_TARGET,		/* the container meant */
	/* from here on for guard.c */
	LOOK_VOLUME,		/* a volume that is mounted */
	LOOK_NETWORK,		/* the one of a path */
	LOOK_PATHS		/* the parent: is a link on the way? */
};

/* Belongs to one connection; made when it is first needed. */
struct lookup;

/*
 * Begin one for what the rules need.  arg is the path's argument, of an exec
 * or of a container.  0: under way; -1: refused, answered and logged.
 */
int	 lookup_start(struct client *, enum need, bool exec,
	    const char *arg, size_t len);
/*
 * For guard.c: of a volume, of a network, or of the paths of a PATHS message.
 * 0: under way; -1: it cannot be asked.
 */
int	 lookup_named(struct client *, enum lookup_stage, const char *);
int	 lookup_paths(struct client *, const struct iovec *, int);
/* Is one under way? */
bool	 lookup_busy(const struct client *);
/* Does this id belong to the look-up of the client? */
bool	 lookup_owns(const struct client *, uint32_t id);
/* Fill in what is known. */
void	 lookup_facts(const struct client *, struct facts *);
/* Did the last one fail?  Then the status and the reason. */
bool	 lookup_failed(const struct client *, int *, const char **);
/* The full id of the container meant, NULL if it is not known. */
const char *lookup_target(const struct client *);
/* What is known of it, NULL as above. */
const struct container *lookup_container(const struct client *);
/* Was it looked for and not found? */
bool	 lookup_missing(const struct client *);

/* Answers to it. */
void	 lookup_data(struct client *, const uint8_t *, size_t);
void	 lookup_end(struct client *);
void	 lookup_refused(struct client *, int status, const char *reason);
void	 lookup_peer(struct client *, const char *id, size_t);
void	 lookup_checked(struct client *, const struct imsg_checked *);
void	 lookup_timeout(struct client *);

/* The request is over: forget what it was about, keep who asked. */
void	 lookup_forget(struct client *);
void	 lookup_free(struct client *);

/* container.c: what the engine says, as JSON.  0, or -1: not that. */
int	 container_parse(struct container *, const char *, size_t,
	    bool mounts);
int	 container_of_exec(char id[65], const char *, size_t);
/* Of a network; both are malloc()ed. */
int	 network_parse(char **id, char **name, const char *, size_t);
void	 container_clear(struct container *);
/* Is it a full id? */
bool	 container_id_ok(const char *, size_t);

#endif /* LOOKUP_H */
