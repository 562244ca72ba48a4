/* SPDX-License-Identifier: ISC */

/*
 * Lists of words while a configuration is read, and words in messages: made
 * printable, and held against what would have been right.
 */

#include "../proxyd/parse.h"

#include <stdlib.h>
#include <string.h>

#define NEAR_MAX	48	/* longer words are not compared */

struct word *
word_new(struct parse *ps, const char *s, struct loc loc)
{
	struct word	*w = parse_alloc(ps, sizeof(*w));

	w->s = parse_strdup(ps, s, strlen(s));
	w->loc = loc;
	return (w);
}

struct words *
words_add(struct parse *ps, struct words *list, struct word *w)
{
	if (list == NULL) {
		list = parse_alloc(ps, sizeof(*list));
		list->last = &list->first;
	}
	*list->last = w;
	list->last = &w->next;
	return (list);
}

struct setting *
setting_new(struct parse *ps, const struct word *name, const struct word *num,
    const struct word *dflt)
{
	struct setting	*s = parse_alloc(ps, sizeof(*s));

	s->name = name;
	s->num = num;
	s->dflt = dflt;
	return (s);
}

struct settings *
settings_add(struct parse *ps, struct settings *list, struct setting *s)
{
	if (list == NULL) {
		list = parse_alloc(ps, sizeof(*list));
		list->last = &list->first;
	}
	*list->last = s;
	list->last = &s->next;
	return (list);
}

const char *
shown(struct parse *ps, const char *s)
{
	char	 buf[256];

	log_vis(buf, sizeof(buf), s, strlen(s));
	return (parse_strdup(ps, buf, strlen(buf)));
}

bool
item_count(struct parse *ps, struct loc loc)
{
	if (ps->items < ITEMS_MAX) {
		ps->items++;
		return (true);
	}
	if (ps->items++ == ITEMS_MAX) {
		parse_error(ps, loc, "more than %u rules, conditions, "
		    "allowances and the like", ITEMS_MAX);
		ps->stop = true;
	}
	return (false);
}

const char *
list_text(struct parse *ps, const char *const *list)
{
	const char	*sep;
	size_t		 i, len = 1;
	char		*text;

	for (i = 0; list[i] != NULL; i++)
		len += strlen(list[i]) + strlen(" or ");
	text = parse_alloc(ps, len);
	for (i = 0; list[i] != NULL; i++) {
		sep = i == 0 ? "" : list[i + 1] == NULL ? " or " : ", ";
		strncat(text, sep, len - strlen(text) - 1);
		strncat(text, list[i], len - strlen(text) - 1);
	}
	return (text);
}

/* How many letters must be changed, added, left out (Levenshtein). */
static size_t
distance(const char *a, const char *b)
{
	size_t	 row[NEAR_MAX + 1], i, j, diag, old, best;
	size_t	 la = strlen(a), lb = strlen(b);

	if (la > NEAR_MAX || lb > NEAR_MAX)
		return (NEAR_MAX);
	for (j = 0; j <= lb; j++)
		row[j] = j;
	for (i = 1; i <= la; i++) {
		diag = row[0];
		row[0] = i;
		for (j = 1; j <= lb; j++) {
			old = row[j];
			best = diag + (a[i - 1] != b[j - 1]);
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
			diag = old;
		}
	}
	return (row[lb]);
}

const char *
nearest(const char *s, const char *const *list)
{
	const char	*found = NULL;
	size_t		 i, d, best = 4;

	/* A third of the letters may be wrong, three at most. */
	for (i = 0; list[i] != NULL; i++) {
		d = distance(s, list[i]);
		if (d < best && d * 3 <= strlen(list[i])) {
			best = d;
			found = list[i];
		}
	}
	return (found);
}
