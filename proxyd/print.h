/* SPDX-License-Identifier: ISC */

/*
 * What the files of conf_print() share: text that knows its column, lists
 * that are broken into lines, strings as the lexer of proxyd.conf takes
 * them.
 */

#ifndef PRINT_H
#define PRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "../proxyd/proxyd.h"

struct out {
	FILE		 *f;
	size_t		  col;
	const char	 *indent;	/* of a continued line */
	char		**item;		/* of the list to come */
	size_t		  nitems;
	bool		  failed;	/* no memory */
};

/* print_text.c */

/* Text without a newline in its arguments. */
void	 out_text(struct out *, const char *, ...)
	    __attribute__((format(printf, 2, 3)));
/* In quotes. */
void	 out_string(struct out *, const char *);
/* End the line; comment may be NULL. */
void	 out_end(struct out *, const char *comment);
/* A string in quotes that the caller frees, NULL and failed: no memory. */
char	*out_quoted(struct out *, const char *);
/* One more for out_list(). */
void	 item_add(struct out *, const char *, ...)
	    __attribute__((format(printf, 2, 3)));
/* The same, in quotes behind prefix. */
void	 item_string(struct out *, const char *prefix, const char *);
/*
 * head and the items, as one or "{ a, b }", and forget them.  A head that
 * begins with a blank may go to a new line.
 */
void	 out_list(struct out *, const char *head);
/* May the word stand without quotes? */
bool	 word_bare(const char *);
/* "64K", "1h", "1.5": the shortest that is exact. */
void	 print_bytes(char *, size_t, uint64_t);
void	 print_time(char *, size_t, uint64_t);
void	 print_milli(char *, size_t, uint64_t);

/* print.c: all of it to a descriptor; -1 with errno. */
int	 print_write(int fd, const char *, size_t);

/* print_cond.c: the clauses, each behind a blank. */
void	 print_conds(struct out *, const struct conds *);

/* print_rule.c */
void	 print_rule(struct out *, const struct rule *);
void	 print_rules(struct out *, const struct profile *);

/* print_allow.c */
void	 print_allow(struct out *, const struct allow *);
/* "limit { ... }" and "timeout { ... }" where l is not as base. */
void	 print_limits(struct out *, const char *head, const struct limits *l,
	    const struct limits *base);

#endif /* PRINT_H */
