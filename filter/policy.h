/* SPDX-License-Identifier: ISC */

/*
 * Rules against facts: may this request pass, and which rule says so?  Pure.
 */

#ifndef POLICY_H
#define POLICY_H

#include <stdbool.h>
#include <stddef.h>

#include "../proxyd/proxyd.h"

/* What is known of a request when it is judged. */
struct facts {
	size_t		op;		/* row of the endpoint table */
};

/*
 * The rule that decides; NULL: the built-in block.  The rule belongs to the
 * profile.
 */
const struct rule *policy_decide(const struct profile *,
	    const struct facts *);

/*
 * The message for a refused request, "Forbidden - ... is not allowed (X
 * would)"; always terminated, returns its length.
 */
size_t	 policy_message(const struct endpoint *, const struct rule *,
	    char *, size_t);

#endif /* POLICY_H */
