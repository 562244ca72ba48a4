/* SPDX-License-Identifier: ISC */

/*
 * Configurations at random, the same for a number every time: whatever the
 * grammar of proxyd.conf can say, made through the functions that parse.y
 * itself calls.
 */

#ifndef RANDOM_CONF_H
#define RANDOM_CONF_H

#include "../proxyd/proxyd.h"

/* Compiled; the caller frees it. */
struct config	*random_conf(unsigned int number);

#endif /* RANDOM_CONF_H */
