/* SPDX-License-Identifier: ISC */

/*
 * What env.c, env_switch.c and env_policy.c share: the switches that were
 * read, and the few functions that read one.
 */

#ifndef ENV_H
#define ENV_H

#include "../proxyd/proxyd.h"

#define ENV_SECTIONS	42
#define ENV_GATES	5
#define ENV_GRANTS	20

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
	bool		 podman;	/* a LIBPOD_ variable is set */
	bool		 privileged;
};

/* The value of a variable, NULL if it is not set. */
const char	*env_get(const struct env *, const char *);
/* A switch; -1 with a message if its value is neither on nor off. */
int		 env_bool(struct env *, const char *, bool unset, bool *);
/* -1 with a message. */
int		 env_fail(struct env *, const char *, ...)
		    __attribute__((format(printf, 2, 3)));

/* A part of the API; its rows name it in their column env. */
struct env_section {
	const char	*name;
	bool		 on;		/* unless it is set */
};

/* What CONTAINERS=1, or podman's, passes only if the gate is open, too. */
struct env_gate {
	const char	*name;
	const char	*ops;		/* separated by blanks */
	bool		 open;		/* unless it is set */
};

/* Passes its operations, whatever the sections and POST say. */
struct env_grant {
	const char	*name;
	const char	*ops;
};

extern const struct env_section	 env_sections[ENV_SECTIONS];
extern const struct env_gate	 env_gates[ENV_GATES];
extern const struct env_grant	 env_grants[ENV_GRANTS];

/* env_switch.c: read the switches; -1 with a message. */
int		 env_switches(struct env *);
/* Is it the name of a switch? */
bool		 env_is_switch(const char *);
/* Is the variable about podman's own API? */
bool		 env_of_podman(const char *);

/* env_policy.c: make the rules; -1 with a message. */
int		 env_rules(struct env *);

#endif /* ENV_H */
