/* SPDX-License-Identifier: ISC */

/*
 * The comment above a learned configuration: what the log was, who asked,
 * each operation with its evidence, and what is missing below and why.
 * Words of clients stand in it; they are printable, and never at the end of
 * a line, where a backslash would continue it.
 */

#include "../proxyd/learn.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH		76

/* Words in lines of comment. */
struct flow {
	FILE	*f;
	size_t	 col;
	char	 last;		/* byte of the last word */
};

static void
flow_word(struct flow *fl, const char *word)
{
	size_t	 len = strlen(word) + 1;

	if (fl->col + len > WIDTH && fl->last != '\\') {
		fputs("\n#  ", fl->f);
		fl->col = 3;
	}
	fprintf(fl->f, " %s", word);
	fl->col += len;
	fl->last = word[len - 2];
}

static void
flow_text(struct flow *fl, char *text)
{
	char	*word;

	while ((word = strsep(&text, " ")) != NULL)
		if (*word != '\0')
			flow_word(fl, word);
	fputc('\n', fl->f);
}

/* What somebody gets by these grants who means ill. */
static void
note_warnings(const struct config *conf, FILE *f)
{
	struct flow	 fl = { f, 0, 0 };
	char		*text;
	size_t		 i;

	for (i = 0; i < conf->nwarnings; i++) {
		if (i == 0)
			fputs("#\n", f);
		if ((text = strdup(conf->warnings[i])) == NULL)
			continue;
		fl.col = (size_t)fprintf(f, "# WARNING");
		flow_text(&fl, text);
		free(text);
	}
}

static void
note_clients(const struct learn *ln, FILE *f)
{
	struct flow	 fl = { f, 0, 0 };
	char		 word[LEARN_WHO + 32];
	size_t		 i;

	if (ln->nclients == 0)
		return;
	fl.col = (size_t)fprintf(f, "# Clients, with their requests:");
	for (i = 0; i < ln->nclients; i++) {
		snprintf(word, sizeof(word), "%s %" PRIu64 "%s", ln->who[i],
		    ln->asked[i], i + 1 < ln->nclients ? "," : "");
		flow_word(&fl, word);
	}
	if (ln->lost_clients)
		flow_word(&fl, "and others");
	fputc('\n', f);
}

static void
note_log(const struct learn *ln, FILE *f)
{
	fprintf(f, "# Learned by proxyd -n -l from %" PRIu64 " lines, of "
	    "which %" PRIu64 " were not requests.\n", ln->lines, ln->skipped);
	if (ln->from[0] != '\0')
		fprintf(f, "# From %s to %s.\n", ln->from, ln->to);
	fprintf(f, "# Requests: %" PRIu64 " passed, %" PRIu64 " refused; "
	    "audit lines: %" PRIu64 ".\n", ln->kinds[LEARN_PASSED],
	    ln->kinds[LEARN_REFUSED], ln->kinds[LEARN_AUDITED]);
}

/* Why all, or how many. */
static void
note_names(const struct learn_op *op, char *buf, size_t size)
{
	buf[0] = '\0';
	if (op->nnames != 0)
		snprintf(buf, size, "%zu name%s", op->nnames,
		    op->nnames == 1 ? "" : "s");
	else if (op->whole != NULL)
		snprintf(buf, size, "%s", op->whole);
}

static void
note_ops(const struct learn *ln, FILE *f)
{
	const struct endpoint	*ep;
	const struct learn_op	*op;
	char			 who[256], names[64];
	size_t			 i, n = 0;

	for (i = 0; (ep = endpoint_get(i)) != NULL; i++) {
		op = &ln->op[i];
		if (op->seen.lines == 0)
			continue;
		if (n++ == 0)
			fprintf(f, "#\n# %-26s %7s %7s  %-12s %s\n",
			    "operation", "lines", "first", "of", "by");
		note_names(op, names, sizeof(names));
		learn_clients(ln, &op->seen, who, sizeof(who));
		fprintf(f, "# %-26s %7" PRIu64 " %7" PRIu64 "  %-12s %s\n",
		    ep->name, op->seen.lines, op->seen.first, names, who);
	}
	if (n == 0)
		fputs("#\n# No request was seen that could be granted.\n", f);
}

static void
note_denied(const struct learn *ln, FILE *f, bool policy, const char *head)
{
	char	 evidence[400];
	size_t	 i, n = 0;

	for (i = 0; i < ln->ndenied; i++) {
		if (ln->denied[i].policy != policy)
			continue;
		if (n++ == 0)
			fputs(head, f);
		learn_evidence(ln, &ln->denied[i].seen, evidence,
		    sizeof(evidence));
		fprintf(f, "#   %s:\n#     \"%s\"\n", evidence,
		    ln->denied[i].text);
	}
}

static void
note_lost(const struct learn *ln, FILE *f)
{
	if (ln->lost_denied != 0)
		fprintf(f, "#   and %" PRIu64 " more lines of other "
		    "refusals.\n", ln->lost_denied);
	if (ln->lost_allows != 0)
		fprintf(f, "#\n# INCOMPLETE: more than %d different "
		    "allowances; those of %" PRIu64 " lines\n# are missing.\n",
		    LEARN_ALLOWS, ln->lost_allows);
}

/* Bodies that passed before, or that nobody has looked at yet. */
static void
note_bodies(const struct learn *ln, FILE *f)
{
	const struct learn_op	*op;
	int			 n;

	if ((n = endpoint_byname("containers/create")) == -1)
		return;
	op = &ln->op[n];
	if (op->seen.lines == 0 || (op->passed != 0 &&
	    op->passed <= op->images))
		return;
	fputs("#\n"
	    "# Containers were asked for whose contents the log does not tell: "
	    "the request\n"
	    "# was refused before its body was read, or what it takes was "
	    "allowed already.\n"
	    "# To have all of it in the log, let the requests pass a profile "
	    "with nothing\n"
	    "# in it but \"mode audit\", and learn from that.\n", f);
}

void
learn_notes(const struct learn *ln, const struct config *conf, FILE *f)
{
	note_log(ln, f);
	note_clients(ln, f);
	note_ops(ln, f);
	note_denied(ln, f, false, "#\n# Not granted:\n");
	note_denied(ln, f, true, "#\n"
	    "# Not granted, since an environment does not say by which "
	    "statement of a file\n# (let it pass a profile with "
	    "\"mode audit\", and learn from that):\n");
	note_lost(ln, f);
	note_bodies(ln, f);
	note_warnings(conf, f);
	fputc('\n', f);
}
