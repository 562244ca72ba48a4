/* SPDX-License-Identifier: ISC */

/*
 * The log of a running daemon: as text or as JSON objects, to standard error,
 * to syslog(3) or to the journal with its fields.  proxyd/log.h makes lines;
 * here they get a form and a place.
 */

#ifndef LOGGING_H
#define LOGGING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ACCESS_TEXT_MAX	6144	/* of a record, all texts together */

struct config;
struct filter;

/* A member of the object, and with PROXYD_ in front a field of the journal. */
struct log_field {
	const char	*name;		/* in lower case */
	const char	*text;		/* any bytes; NULL: a number */
	size_t		 len;
	size_t		 max;		/* bytes of it at most in an object */
	uint64_t	 num;
};

/* From here on lines have the form that is configured. */
void	 logging_begin(const struct config *);
/*
 * From here on they go where they are to go; not in the foreground: standard
 * error is gone.  Ends with a message if there is no way.
 */
void	 logging_open(const struct config *, bool foreground);
/* What filters shall send, of enum hello_flag. */
uint32_t logging_flags(void);
/* A line about something; the fields are left out where it is text only. */
void	 logging_record(int priority, const char *line, size_t len,
	    const struct log_field *, size_t n);

/* A line of a filter, about nothing in particular. */
void	 logging_filter(const struct filter *, int priority, const char *,
	    size_t len);

/* journal.c */

/* Connect; 0, or -1 with errno. */
int	 journal_open(void);
/* One entry.  What the journal does not take at once is counted as lost. */
void	 journal_send(int priority, const char *line, size_t len,
	    const struct log_field *, size_t n);

/* stderr.c */

/*
 * Lines for standard error do not wait for its reader from here on, and its
 * flags stay as they are.
 */
void	 stderr_open(void);

/* access.c */

/* IMSG_ACCESS. 0, or -1 with a static reason. */
struct imsg;
int	 access_record(struct filter *, struct imsg *, const char **why);

#endif /* LOGGING_H */
