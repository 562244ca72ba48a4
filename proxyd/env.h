/* SPDX-License-Identifier: ISC */

/*
 * What env.c and env_policy.c share: the switches that were read, and the
 * few functions that read one.
 */

#ifndef ENV_H
#define ENV_H

#include "../proxyd/proxyd.h"

#define ENV_SECTIONS	23
#define ENV_GATES	5
#define ENV_GRANTS	10

struct env {
	char *const	*vars;
	struct config	*conf;
	char		*err;
	size_t		 errlen;
	/* the switches */
	bool		 section[ENV_SECTIONS];
	bool		 gate[ENV_GATES];	/* narrow CONTAINERS=1 */
	bool		 grant[ENV_GRANTS];	/* pass whatever POST says */
	bool		 post;
	bool		 privileged;
};

/* The value of a variable, NULL if it is not set. */
const char	*env_get(const struct env *, const char *);
/* A switch; -1 with a message if its value is neither on nor off. */
int		 env_bool(struct env *, const char *, bool unset, bool *);
/* -1 with a message. */
int		 env_fail(struct env *, const char *, ...)
		    __attribute__((format(printf, 2, 3)));

/* env_policy.c: read the switches, make the rules; -1 with a message. */
int		 env_switches(struct env *);
int		 env_rules(struct env *);
/* Is it the name of a switch? */
bool		 env_is_switch(const char *);

#endif /* ENV_H */
