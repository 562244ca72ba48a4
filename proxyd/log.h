/* SPDX-License-Identifier: ISC */

/*
 * Logging.  log_init() chooses the sink once: standard error (-d), syslog, or
 * in the filter a function that hands the line to the parent.  Nothing here
 * uses stdio streams, so it works under seccomp.
 */

#ifndef LOG_H
#define LOG_H

#include <sys/types.h>

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* How much is logged; refusals are logged at every level. */
enum log_level {
	LOG_LVL_ERROR,
	LOG_LVL_WARNING,
	LOG_LVL_NOTICE,
	LOG_LVL_INFO,
	LOG_LVL_DEBUG
};

/* Takes one finished line (no newline, NUL-terminated); must not log. */
typedef void log_sink(int priority, const char *line, size_t len);
/*
 * Writes for standard error as write(2) does.  If nothing can be written now
 * it waits for so many milliseconds at most; then -1 with EAGAIN.
 */
typedef ssize_t log_writer(const char *, size_t, int msecs);

/*
 * debug: to standard error, else to syslog(3) under the given name.
 * A sink, if not NULL, takes precedence (the filter's way).
 */
void	 log_init(const char *name, int debug, log_sink *);
/* The same place as before, but lines go to the sink first; NULL: to none. */
void	 log_setsink(log_sink *);
/* Lines for standard error go through it; NULL: to write(2), which waits. */
void	 log_setwriter(log_writer *);
void	 log_setlevel(enum log_level);
enum log_level log_getlevel(void);
/* Of syslog(3), for the next log_init(); daemon unless said otherwise. */
void	 log_setfacility(int);

/* errno appended: "what: why: No such file". */
void	 log_warn(const char *, ...) __attribute__((format(printf, 1, 2)));
void	 log_warnx(const char *, ...) __attribute__((format(printf, 1, 2)));
void	 log_notice(const char *, ...) __attribute__((format(printf, 1, 2)));
void	 log_info(const char *, ...) __attribute__((format(printf, 1, 2)));
void	 log_debug(const char *, ...) __attribute__((format(printf, 1, 2)));
/* A finished line at a syslog priority, whatever the level (refusals). */
void	 log_line(int, const char *, size_t);
/*
 * What a sink made of a line, for the place that log_init() chose: whole, and
 * nothing is put in front of it.
 */
void	 log_finished(int, const char *, size_t);
/* Start-up and broken protocol between our own processes only. */
void	 fatal(const char *, ...)
	    __attribute__((format(printf, 1, 2), noreturn));
void	 fatalx(const char *, ...)
	    __attribute__((format(printf, 1, 2), noreturn));
/* The exit status of both from now on; 1 at the start. */
void	 log_setstatus(int);
/* Write out lines that were gathered for standard error. */
void	 log_flush(void);
/* The same at the end: a slow reader is waited for, two seconds at most. */
void	 log_finish(void);
/* How many bytes of them there are. */
size_t	 log_waiting(void);
/* Show each line to another, too, from now on; NULL: no more. */
void	 log_tee(log_sink *);
/* Lines that were lost since the start: buffer or disk were full. */
unsigned long log_lost(void);
/* One more, which did not reach another place. */
void	 log_missed(void);

/*
 * Make untrusted bytes safe to log (vis(3), C style).  dst is always
 * terminated; what does not fit is cut and ends in "...".  Returns dst.
 */
char	*log_vis(char *dst, size_t dstsize, const char *src, size_t srclen);

/* Nothing but printable ASCII, blanks included: log_vis() is not needed. */
bool	 log_printable(const char *, size_t);

#endif /* LOG_H */
