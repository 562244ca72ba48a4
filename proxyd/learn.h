/* SPDX-License-Identifier: ISC */

/*
 * The smallest configuration that would have passed what a log recorded:
 * "proxyd -n -l access.log".  A line is read (learn_line.c, learn_object.c),
 * what would have allowed it is read out of its reason (learn_need.c, and
 * learn_grammar.c asks the parser whether it would take that), both are
 * remembered in bounded memory (learn_seen.c) and become a struct config whose
 * origins are the evidence (learn_conf.c), printed by conf_print() below a
 * comment on what could not be granted (learn_note.c).
 *
 * A log holds what clients chose.  Nothing of it is granted that the
 * endpoint table and the grammar of allowances do not know, and its text
 * never ends a line of the output.
 */

#ifndef LEARN_H
#define LEARN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "../proxyd/proxyd.h"

#define LEARN_LINE	8192	/* bytes; longer lines are skipped */
#define LEARN_TEXT	1100	/* of a reason, or of a path */
#define LEARN_WHEN	40
#define LEARN_WHO	64
#define LEARN_NAMES	16	/* of an operation; more: it is granted whole */
#define LEARN_ALLOWS	512
#define LEARN_CLIENTS	32
#define LEARN_DENIED	48	/* different refusals that are listed */

enum learn_kind {
	LEARN_PASSED,
	LEARN_REFUSED,
	LEARN_AUDITED		/* would have been refused, and passed */
};

/* One line, taken apart. */
struct learn_line {
	enum learn_kind	 kind;
	int		 op;		/* row, -1: none */
	enum method	 method;
	int		 status;	/* 0: of an audit */
	bool		 cut;		/* path: its end is missing */
	char		 path[LEARN_TEXT];	/* decoded, no version */
	char		 shown[LEARN_TEXT];	/* as it stands in the log */
	char		 reason[LEARN_TEXT];	/* without "Forbidden - " */
	char		 who[LEARN_WHO];	/* no port, no process */
	char		 when[LEARN_WHEN];	/* "" if there is no time */
};

/* Which lines speak for something. */
struct learn_seen {
	uint64_t	 lines;
	uint64_t	 first;		/* number of the first, from 1 */
	uint32_t	 clients;	/* bits; one beyond LEARN_CLIENTS: .. */
	bool		 others;	/* .. some more */
	char		 when[LEARN_WHEN];	/* of the first */
};

struct learn_name {
	char			*arg;	/* as a pattern */
	char			*path;	/* pattern of the whole path */
};

struct learn_op {
	struct learn_seen	 seen;
	const char		*whole;	/* why names do not narrow it */
	size_t			 nnames;
	struct learn_name	 name[LEARN_NAMES];	/* sorted by arg */
	uint64_t		 passed;
	uint64_t		 early;	/* audit lines counted for a request */
	uint64_t		 images;	/* audit lines that name one */
};

struct learn_allow {
	enum allow_kind		 kind;
	char			*text;
	struct learn_seen	 seen;
};

/* What is not granted. */
struct learn_denied {
	char			*text;
	bool			 policy;	/* one could, the log does not
						   say which */
	struct learn_seen	 seen;
};

struct learn {
	uint64_t		 lines;		/* all */
	uint64_t		 skipped;	/* of them, not requests */
	uint64_t		 kinds[3];	/* by enum learn_kind */
	char			 from[LEARN_WHEN];
	char			 to[LEARN_WHEN];
	struct learn_op		 op[EP_MAX];
	struct learn_allow	 allow[LEARN_ALLOWS];	/* sorted */
	size_t			 nallows;
	uint64_t		 lost_allows;	/* lines beyond */
	struct learn_denied	 denied[LEARN_DENIED];
	size_t			 ndenied;
	uint64_t		 lost_denied;
	char			 who[LEARN_CLIENTS][LEARN_WHO];
	uint64_t		 asked[LEARN_CLIENTS];	/* lines */
	size_t			 nclients;
	bool			 lost_clients;
	bool			 nomem;
};

/* learn.c */

/*
 * Read the log ("-": standard input) and write the configuration to standard
 * output.  Root opens the file and becomes PROXYD_USER before it reads.
 * Returns the exit status; errors were logged.
 */
int	 learn_main(const char *file);
/* All lines of a descriptor; -1 with errno. */
int	 learn_read(struct learn *, int fd);
/* Notes and configuration; -1 with errno. */
int	 learn_print(const struct learn *, int fd);

/* learn_line.c: pure */

/* Take a line of len bytes apart, without its newline; -1: not one of ours. */
int	 learn_line(const char *, size_t len, struct learn_line *);

/* Parts of a line, into it. */
bool	 learn_client(const char *, size_t, struct learn_line *);
bool	 learn_op(const char *, size_t, struct learn_line *);
bool	 learn_method(const char *, size_t, struct learn_line *);
/* Of path, which has len bytes and comes after them: decoded; 0, or -1. */
int	 learn_path(struct learn_line *, size_t len);

/* learn_object.c: pure */

/* The same of a line in JSON, from its brace on. */
int	 learn_object(const char *, size_t len, struct learn_line *);

/* learn_need.c: pure */

/*
 * The statement of "... (allow bind "/srv" would)" at the end of a reason.
 * 0, with its kind, its value in text, and where it begins in the reason;
 * -1: there is none that can be granted.
 */
int	 learn_need(const char *reason, enum allow_kind *, char *text,
	    size_t size, const char **need);

/* learn_grammar.c */

/* Does parse.y take the statement at need, which ends in " would"? */
bool	 learn_grammar(const char *need);

/* learn_seen.c */

/* NULL: no memory. */
struct learn *learn_new(void);
void	 learn_free(struct learn *);
/* One more line; sets nomem rather than to fail. */
void	 learn_feed(struct learn *, const char *, size_t len);
void	 learn_skip(struct learn *);

/* learn_conf.c */

/*
 * What was seen as a configuration that the caller frees; NULL: no memory.
 * Its warnings are those of conf_check(), each with the "[3]" of its line.
 */
struct config *learn_config(const struct learn *);
/* "uid=1000, 10.0.0.7, others" */
void	 learn_clients(const struct learn *, const struct learn_seen *,
	    char *, size_t);
/* "12 lines, first 3 at 2026-11-21T22:05:32Z, uid=1000" */
void	 learn_evidence(const struct learn *, const struct learn_seen *,
	    char *, size_t);

/* learn_note.c */

/* The comment at the top: numbers, clients, dangers, what is missing. */
void	 learn_notes(const struct learn *, const struct config *, FILE *);

#endif /* LEARN_H */
