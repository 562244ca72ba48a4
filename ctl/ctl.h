/* SPDX-License-Identifier: ISC */

/*
 * proxyctl(8): one request to proxyd, and its answer for people.
 */

#ifndef CTL_H
#define CTL_H

#include <stdbool.h>
#include <stdint.h>

#include "../imsg/imsg.h"
#include "../proxyd/control.h"
#include "../proxyd/stats.h"

/* parse.c */

/*
 * The words of the command line, each of which may be abbreviated as long as
 * it is the only one.  0, or -1 with what is wrong on standard error.
 */
int	 parse_command(int, char *const [], struct ctl_request *);

/* show.c */

/*
 * Print one record.  0, or -1: it is none of those that answer the command,
 * or of another size.
 */
int	 show_record(enum ctl_command, const struct imsg *);
/* What no record said: "nothing". */
void	 show_end(enum ctl_command);

#endif /* CTL_H */
