/* SPDX-License-Identifier: ISC */

/*
 * Commands, in the manner of bgpctl(8): a table of words for each state, and
 * a prefix that fits one of them only is as good as the word.
 */

#include "ctl.h"

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind {
	WORD_END,		/* of a table */
	WORD_TABLE,		/* another word follows */
	WORD_DONE,
	WORD_NUMBER		/* a number follows, and that is all */
};

struct word {
	const char		*name;
	enum kind		 kind;
	enum ctl_command	 command;
	const struct word	*next;
};

static const struct word words_show[] = {
	{ "clients", WORD_DONE, CTL_SHOW_CLIENTS, NULL },
	{ "counters", WORD_DONE, CTL_SHOW_COUNTERS, NULL },
	{ "rules", WORD_DONE, CTL_SHOW_RULES, NULL },
	{ "status", WORD_DONE, CTL_SHOW_STATUS, NULL },
	{ "streams", WORD_DONE, CTL_SHOW_STREAMS, NULL },
	{ NULL, WORD_END, 0, NULL }
};

static const struct word words_log[] = {
	{ "brief", WORD_DONE, CTL_LOG_BRIEF, NULL },
	{ "verbose", WORD_DONE, CTL_LOG_VERBOSE, NULL },
	{ NULL, WORD_END, 0, NULL }
};

static const struct word words_kill[] = {
	{ "stream", WORD_NUMBER, CTL_KILL, NULL },
	{ NULL, WORD_END, 0, NULL }
};

static const struct word words_main[] = {
	{ "check", WORD_DONE, CTL_CHECK, NULL },
	{ "kill", WORD_TABLE, 0, words_kill },
	{ "log", WORD_TABLE, 0, words_log },
	{ "reload", WORD_DONE, CTL_RELOAD, NULL },
	{ "show", WORD_TABLE, 0, words_show },
	{ "status", WORD_DONE, CTL_SHOW_STATUS, NULL },
	{ NULL, WORD_END, 0, NULL }
};

static const struct word *word_find(const struct word *, const char *);
static void	 words_print(const struct word *);
static int	 parse_number(const char *, uint64_t *);

/* NULL: none, or more than one. */
static const struct word *
word_find(const struct word *table, const char *s)
{
	const struct word	*found = NULL;

	for (; table->name != NULL; table++) {
		if (strcmp(table->name, s) == 0)
			return (table);
		if (strncmp(table->name, s, strlen(s)) != 0)
			continue;
		if (found != NULL)
			return (NULL);
		found = table;
	}
	return (found);
}

static void
words_print(const struct word *table)
{
	fprintf(stderr, "valid commands:\n");
	for (; table->name != NULL; table++)
		fprintf(stderr, "  %s%s\n", table->name,
		    table->kind == WORD_NUMBER ? " id" :
		    table->kind == WORD_TABLE ? " ..." : "");
}

static int
parse_number(const char *s, uint64_t *num)
{
	char	*end;

	errno = 0;
	*num = strtoull(s, &end, 10);
	if (*s < '0' || *s > '9' || *end != '\0' || errno != 0 || *num == 0) {
		warnx("%s: not the id of a stream, as \"show streams\" tells",
		    s);
		return (-1);
	}
	return (0);
}

int
parse_command(int argc, char *const argv[], struct ctl_request *rq)
{
	const struct word	*table = words_main, *w;

	for (; argc > 0; argc--, argv++) {
		if ((w = word_find(table, *argv)) == NULL) {
			warnx("%s: unknown, or one of several", *argv);
			words_print(table);
			return (-1);
		}
		rq->command = w->command;
		if (w->kind == WORD_TABLE) {
			table = w->next;
			continue;
		}
		if (w->kind == WORD_NUMBER) {
			if (argc == 2)
				return (parse_number(argv[1], &rq->arg));
			warnx("an id is expected behind %s", w->name);
			return (-1);
		}
		if (argc == 1)
			return (0);
		warnx("%s: nothing is expected behind %s", argv[1], w->name);
		return (-1);
	}
	words_print(table);
	return (-1);
}
