/* SPDX-License-Identifier: ISC */

/*
 * What test_sandbox.c does in confined children: system calls that must end
 * them (probes.c), and work that must go well (paths.c).
 */

#ifndef CONFINED_H
#define CONFINED_H

#include <stddef.h>

enum role {
	ROLE_FILTER,
	ROLE_PARENT,
	ROLE_RELOAD,	/* a parent with a configuration file */
	ROLE_PATHS	/* ... that looks for symbolic links */
};

/* A system call that must end the process. */
struct probe {
	const char	*name;
	long		 nr;
	long		 arg[5];
};

/*
 * Something a filter does.  Exits non-zero on its own if it goes wrong;
 * status is what is expected: 0, or a signal's number below zero.
 */
struct path {
	const char	*name;
	void		(*fn)(void);
	int		 status;
};

/* The i-th, NULL beyond the last. */
const struct probe	*probe_get(enum role, size_t);
const struct path	*path_get(size_t);

/* What must be there before the parent, and before a filter, is confined. */
void			 path_sockets(void);
void			 path_prepare(void);

/* What a parent does; arg is a struct sockaddr_un. */
void			 work_parent(const void *);
void			 work_reload(const void *);
void			 work_paths(const void *);

#endif /* CONFINED_H */
