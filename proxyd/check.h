/* SPDX-License-Identifier: ISC */

/*
 * What the files of conf_check() share: the profile that is looked at, the
 * way to say something about it, and who passes an operation.
 */

#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "../proxyd/proxyd.h"

#define CHECK_NAMES	512	/* a list in a message, cut beyond */

struct check {
	struct config		*conf;
	const struct profile	*p;
	int			 errors;
	bool			 nomem;
};

/* check.c */

/*
 * "origin: ...", once: what two profiles have from one preset is not said
 * again.
 */
void			 check_warn(struct check *, const char *origin,
			    const char *, ...)
			    __attribute__((format(printf, 3, 4)));
/* A word of a list in size bytes, behind ", " unless it is the first. */
void			 check_name(char *, size_t, const char *);
/*
 * The strongest rule that may pass the operation, or NULL; anywhere: one
 * that does not look at the container meant.
 */
const struct rule	*check_passes(const struct profile *, const char *,
			    bool anywhere);

/* check_rule.c: rules that cannot decide, conditions that cannot hold */
void			 check_rules(struct check *);

/* check_allow.c, check_bind.c: allowances that amount to root */
void			 check_allows(struct check *);
void			 check_binds(struct check *);

/* check_reach.c: operations that reach further than one's own containers */
void			 check_reach(struct check *);

#endif /* CHECK_H */
