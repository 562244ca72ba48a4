/* SPDX-License-Identifier: ISC */

/*
 * Which capabilities there are, and what else may stand in a statement, is
 * known to parse.y alone.  It is asked before something is granted, so that
 * no client can make a configuration that is not read again.
 */

#include "../proxyd/learn.h"

#include <string.h>

#include "../proxyd/parse.h"

/* It is not the operator's error. */
static void
silent(int priority, const char *line, size_t len)
{
}

bool
learn_grammar(const char *need)
{
	static const char	 would[] = " would";
	struct config		*conf;
	const char		*end = need, *p;
	char			 text[LEARN_TEXT + 128];

	for (p = need; (p = strstr(p, would)) != NULL; p++)
		end = p;
	if (end == need || strchr(need, '\n') != NULL ||
	    (size_t)snprintf(text, sizeof(text), "profile \"p\" {\n\t%.*s\n"
	    "}\nlisten on \"/p\" profile \"p\"\n", (int)(end - need),
	    need) >= sizeof(text))
		return (false);
	log_init("proxyd", 1, silent);
	conf = parse_memory("need", text, strlen(text), NULL, NULL);
	log_init("proxyd", 1, NULL);
	conf_free(conf);
	return (conf != NULL);
}
