/* SPDX-License-Identifier: ISC */

/*
 * What becomes of a request, for a log that programs read.
 */

#ifndef RECORD_H
#define RECORD_H

#include <stddef.h>

#include "../proxyd/proto.h"

struct client;

/* What its log has besides what the exchange keeps anyway. */
void	 record_head(struct client *);
/*
 * Why is NULL if it passed.  The line, of len bytes, goes along if the
 * parent wants it.
 */
void	 record_send(struct client *, enum verdict, int priority,
	    const char *why, const char *line, size_t len);

#endif /* RECORD_H */
