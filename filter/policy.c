/* SPDX-License-Identifier: ISC */

/*
 * The verdict on an operation and the sentence that tells a client why.  The
 * rules were put in order by profile_compile(); here one is only looked up.
 */

#include "../filter/policy.h"

#include <stdio.h>

const struct rule *
policy_decide(const struct profile *profile, const struct facts *facts)
{
	if (facts->op >= endpoint_count())
		return (NULL);
	return (profile->decide[facts->op]);
}

size_t
policy_message(const struct endpoint *ep, const struct rule *rule, char *buf,
    size_t size)
{
	const char	*name = "the operation", *hint = NULL;
	int		 n;

	if (size == 0)
		return (0);
	if (rule != NULL)
		hint = rule->hint;
	if (ep != NULL) {
		name = ep->name;
		/* The rules passed it and profile_compile() did not. */
		if (rule == NULL && ep->flags & EPF_UNJUDGED)
			hint = "it is not judged yet";
	}
	if (hint != NULL)
		n = snprintf(buf, size, "Forbidden - %s is not allowed (%s)",
		    name, hint);
	else
		n = snprintf(buf, size, "Forbidden - %s is not allowed", name);
	if (n < 0) {
		buf[0] = '\0';
		return (0);
	}
	return ((size_t)n < size ? (size_t)n : size - 1);
}
