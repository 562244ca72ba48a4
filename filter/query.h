/* SPDX-License-Identifier: ISC */

/*
 * The query of a request against its row of the endpoint table: which keys
 * pass, which are dropped, which values are judged.  Pure.  The facts are
 * those of policy_decide(): a key may ask for what another operation gives.
 */

#ifndef QUERY_H
#define QUERY_H

#include <stdbool.h>
#include <stddef.h>

#include "../filter/path.h"
#include "../filter/policy.h"
#include "../proxyd/proxyd.h"

struct query_out {
	size_t		 n;
	struct {
		unsigned int	 key;	/* number in the row */
		const char	*value;	/* of the path's buffer */
		size_t		 len;
	}		 item[QUERY_PAIRS_MAX];
	/* of a refusal */
	int		 status;	/* 400 or 403 */
	char		 reason[512];	/* as the client sees it */
	char		 field[64];	/* the key */
};

/*
 * 0: out holds what goes to the engine, in the client's order.  -1: refused
 * with status, reason and field: a single-valued key given twice (400), a
 * key that reaches the host without "allow privileged" (403), a value that
 * the row's judge refuses (403).  Unknown keys are dropped.  While
 * trace_audit() has an auditor a 403 is told to it and is none.
 */
int	 query_judge(const struct endpoint *, const struct profile *,
	    const struct facts *, struct query_out *);

#endif /* QUERY_H */
