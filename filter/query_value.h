/* SPDX-License-Identifier: ISC */

/*
 * The judges of single query values; query.c calls them, nobody else.
 */

#ifndef QUERY_VALUE_H
#define QUERY_VALUE_H

#include "../filter/query.h"

struct query_ctx {
	const struct endpoint	*ep;
	const struct profile	*profile;
	const struct facts	*facts;
	struct query_out	*out;
};

/* A judge may shorten it ("/name" to "name"), never write into it. */
struct query_value {
	const char	*s;
	size_t		 len;
};

/* Judge the value of a "?" key; -1: out says why.  Empty values pass. */
int		 query_value_judge(const struct query_ctx *, const char *key,
		    struct query_value *);
/* Is there a judge for this key of this row?  A row without one refuses. */
bool		 query_value_known(const struct endpoint *, const char *);

/* query_json.c: a judge of values that are JSON */
int		 query_json_judge(const struct query_ctx *, const char *key,
		    struct query_value *);

/* query_image.c: images that the row is about; 0 for rows without. */
int		 query_image_judge(const struct query_ctx *);

/* query.c: passes under "allow unjudged"; 0, or -1 */
int		 query_unjudged(const struct query_ctx *, const char *key,
		    const struct query_value *);

/* -1; or 0, if the policy refuses and that is audited. */
int		 query_refuse(struct query_out *, int, const char *,
		    const char *, ...) __attribute__((format(printf, 4, 5)));
#define QUERY_FIELD	80
/* "query key", as a request is explained. */
void		 query_field(char *, size_t, const char *key);
const char	*query_hint_privileged(const struct profile *);

#endif /* QUERY_VALUE_H */
