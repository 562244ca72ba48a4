/* SPDX-License-Identifier: ISC */

/*
 * Patterns as proxyd.conf has them: '*' stands for any text without a slash,
 * everything else for itself.  Pure.
 */

#ifndef GLOB_H
#define GLOB_H

#include <stdbool.h>

/* Does the pattern match the whole string? */
bool	 glob_match(const char *pat, const char *s);

#endif /* GLOB_H */
