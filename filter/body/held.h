/* SPDX-License-Identifier: ISC */

/*
 * Pieces of "require", "limit" and "set label" that containers and services
 * share: the fields have other names and places, what is demanded is the same.
 */

#ifndef HELD_H
#define HELD_H

#include "schema.h"

/* require.c; key is put behind the path that the walk is in */
int	 require_refuse(struct judge *, const struct allow *, const char *key,
	    const char *what);
/* "User" of the object; 0 or -1. */
int	 require_user(struct judge *, const struct allow *, const struct js *);
/* Is there ALL in a list of capabilities? */
bool	 require_has_all(const struct js *);
/* Into "Labels" of the object; where is its path, with a dot behind it. */
void	 label_put(struct judge *, struct js *, const char *where);

/* limit.c; where is the path of the object */

/* The statement that counts, NULL: none. */
const struct allow *limit_find(const struct judge *, const char *name);
/* num, where the key is not there or asks for no limit. */
void	 limit_put(struct judge *, const struct allow *, struct js *object,
	    const char *where, const char *key, uint64_t num);
/* Not more than the limit; lift: not none either. 0 or -1. */
int	 limit_number(struct judge *, const struct allow *, const struct js *,
	    const char *key, bool lift);
/* The same of a number of processors in 10^-9. */
int	 limit_nano(struct judge *, const struct allow *, const struct js *,
	    const char *key);

/* ulimit.c: into Ulimits of the object, and what is there; as above */
void	 ulimit_supply(struct judge *, struct js *, const char *where);
int	 ulimit_judge(struct judge *, const struct js *);
/* Is the statement about one? */
bool	 ulimit_meant(const struct allow *);

#endif /* HELD_H */
