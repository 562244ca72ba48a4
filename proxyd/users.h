/* SPDX-License-Identifier: ISC */

/*
 * Names of users and groups, from /etc/passwd and /etc/group and nowhere
 * else.
 */

#ifndef USERS_H
#define USERS_H

#include <sys/types.h>

/* The ids of a user: 0, or -1 if there is none of that name. */
int	 users_find(const char *name, uid_t *, gid_t *);

/* The id of a group: 0, or -1 if there is none of that name. */
int	 users_group(const char *name, gid_t *);

#endif
