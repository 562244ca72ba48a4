/* SPDX-License-Identifier: ISC */

/*
 * Matching names, references and paths against the patterns of proxyd.conf.
 */

#include "../filter/glob.h"

#include <stddef.h>

/*
 * '*' stands for any text without a slash: "caddy:2*" must not cover
 * "caddy:2/evil", which is an image of a registry named caddy.
 */
bool
glob_match(const char *pat, const char *s)
{
	const char	*star = NULL, *from = NULL;

	while (*s != '\0') {
		if (*pat == '*') {
			star = pat++;
			from = s;
		} else if (*pat == *s) {
			pat++;
			s++;
		} else if (star != NULL && *from != '/') {
			pat = star + 1;
			s = ++from;
		} else
			return (false);
	}
	while (*pat == '*')
		pat++;
	return (*pat == '\0');
}
