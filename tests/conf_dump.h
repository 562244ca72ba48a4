/* SPDX-License-Identifier: ISC */

/*
 * A configuration in memory as plain lines, one for each thing that is not
 * as conf_new() made it: what the golden files of tests/conf hold.  Not
 * proxyd.conf's own form, so that a fault common to parser and printer shows.
 */

#ifndef CONF_DUMP_H
#define CONF_DUMP_H

#include <stdio.h>

#include "../proxyd/proxyd.h"

void	 conf_dump(FILE *, const struct config *);

#endif /* CONF_DUMP_H */
