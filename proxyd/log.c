/* SPDX-License-Identifier: ISC */

/*
 * Logging to standard error, to syslog(3), or to a function of the caller.
 * Lines for standard error are gathered and written by log_flush(), which
 * the event loop calls; warnings and worse do not wait.  Text is formatted
 * with snprintf(3) and written with write(2): stdio streams call newfstatat(2)
 * when first used, which ends a process under seccomp.
 */

#include "log.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#define LINE_BYTES	8192	/* of one message */
#define NAME_BYTES	64	/* of the program's name */
#define GATHER_BYTES	32768	/* lines waiting for standard error */
#define STAMP_BYTES	32	/* "2026-11-21T22:05:32Z" and more */
#define FINISH_TRIES	8	/* of the last lines, for a reader that reads */
#define FINISH_MSECS	250	/* ... each */

static struct {
	const char	*name;
	log_sink	*sink;
	log_sink	*tee;
	log_writer	*writer;	/* NULL: write(2) */
	enum log_level	 level;
	int		 facility;
	int		 to_syslog;
	bool		 torn;		/* buf starts within a line */
	bool		 failing;	/* and not for a full pipe */
	unsigned int	 lost;		/* lines that found no room anywhere */
	unsigned long	 lost_ever;
	size_t		 len;		/* of buf */
	char		 buf[GATHER_BYTES];
	char		 line[LINE_BYTES];	/* being made */
} out = {
	.name = "proxyd",
	.level = LOG_LVL_INFO,
	.facility = LOG_DAEMON
};

static int	 fatal_status = 1;

static void	 emit(int, const char *, size_t);
static void	 emit_stderr(int, const char *, const char *, size_t);
static void	 drop(size_t);
static void	 flush(int);
static int	 gather(const char *, const char *, size_t);
static void	 note_lost(void);
static const char *prefix(void);
static void	 vlog(int, int, const char *, va_list)
		    __attribute__((format(printf, 3, 0)));
static size_t	 vis_byte(char [5], unsigned char);

void
log_init(const char *name, int debug, log_sink *sink)
{
	log_flush();
	out.name = name;
	out.sink = sink;
	out.to_syslog = (sink == NULL && !debug);
	/* Opened now: under seccomp, or in a chroot, it would be too late. */
	if (out.to_syslog) {
		tzset();
		openlog(name, LOG_PID | LOG_NDELAY, out.facility);
	}
}

void
log_setsink(log_sink *sink)
{
	out.sink = sink;
}

void
log_setwriter(log_writer *writer)
{
	out.writer = writer;
}

void
log_setstatus(int status)
{
	fatal_status = status;
}

void
log_setlevel(enum log_level level)
{
	out.level = level;
}

void
log_setfacility(int facility)
{
	out.facility = facility;
}

enum log_level
log_getlevel(void)
{
	return (out.level);
}

void
log_warn(const char *fmt, ...)
{
	va_list	 ap;

	if (out.level < LOG_LVL_WARNING)
		return;
	va_start(ap, fmt);
	vlog(LOG_WARNING, errno, fmt, ap);
	va_end(ap);
}

void
log_warnx(const char *fmt, ...)
{
	va_list	 ap;

	if (out.level < LOG_LVL_WARNING)
		return;
	va_start(ap, fmt);
	vlog(LOG_WARNING, 0, fmt, ap);
	va_end(ap);
}

void
log_notice(const char *fmt, ...)
{
	va_list	 ap;

	if (out.level < LOG_LVL_NOTICE)
		return;
	va_start(ap, fmt);
	vlog(LOG_NOTICE, 0, fmt, ap);
	va_end(ap);
}

void
log_info(const char *fmt, ...)
{
	va_list	 ap;

	if (out.level < LOG_LVL_INFO)
		return;
	va_start(ap, fmt);
	vlog(LOG_INFO, 0, fmt, ap);
	va_end(ap);
}

void
log_debug(const char *fmt, ...)
{
	va_list	 ap;

	if (out.level < LOG_LVL_DEBUG)
		return;
	va_start(ap, fmt);
	vlog(LOG_DEBUG, 0, fmt, ap);
	va_end(ap);
}

void
log_line(int priority, const char *line, size_t len)
{
	int	 saved = errno;

	emit(priority, line, len);
	errno = saved;
}

void
log_finished(int priority, const char *line, size_t len)
{
	if (out.to_syslog)
		syslog(priority, "%s", line);
	else
		emit_stderr(priority, "", line, len);
}

/*
 * _exit(2): a fatal() between fork(2) and execveat(2) must not run what the
 * parent registered with atexit(3).
 */
void
fatal(const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	vlog(LOG_CRIT, errno, fmt, ap);
	va_end(ap);
	log_finish();
	_exit(fatal_status);
}

void
fatalx(const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	vlog(LOG_CRIT, 0, fmt, ap);
	va_end(ap);
	log_finish();
	_exit(fatal_status);
}

void
log_flush(void)
{
	flush(0);
	note_lost();
}

void
log_finish(void)
{
	int	 i;

	for (i = 0; i <= FINISH_TRIES && out.len > 0; i++)
		flush(i == 0 ? 0 : FINISH_MSECS);
}

size_t
log_waiting(void)
{
	return (out.len);
}

void
log_tee(log_sink *tee)
{
	out.tee = tee;
}

unsigned long
log_lost(void)
{
	return (out.lost_ever);
}

void
log_missed(void)
{
	out.lost_ever++;
}

char *
log_vis(char *dst, size_t dstsize, const char *src, size_t srclen)
{
	static const char dots[] = "...";
	char	 enc[5];
	size_t	 cut = 0, i, n, pos = 0;

	if (dstsize == 0)
		return (dst);
	for (i = 0; i < srclen; i++) {
		n = vis_byte(enc, (unsigned char)src[i]);
		if (pos + n >= dstsize)
			break;
		memcpy(dst + pos, enc, n);
		pos += n;
		/* The last place between two bytes where the dots fit. */
		if (pos + sizeof(dots) <= dstsize)
			cut = pos;
	}
	if (i < srclen) {
		n = dstsize - 1 - cut;
		if (n > sizeof(dots) - 1)
			n = sizeof(dots) - 1;
		memcpy(dst + cut, dots, n);
		pos = cut + n;
	}
	dst[pos] = '\0';
	return (dst);
}

bool
log_printable(const char *text, size_t len)
{
	size_t	 i;

	for (i = 0; i < len; i++)
		if (text[i] < ' ' || text[i] > '~')
			return (false);
	return (true);
}

/* What a full pipe does not take stays; any other error drops lines. */
static void
flush(int msecs)
{
	const char	*p;
	ssize_t		 n;
	size_t		 done = 0;
	int		 saved = errno;

	while (done < out.len) {
		p = out.buf + done;
		n = out.writer == NULL ?
		    write(STDERR_FILENO, p, out.len - done) :
		    out.writer(p, out.len - done, msecs);
		msecs = 0;
		if (n > 0) {
			done += (size_t)n;
			out.torn = (out.buf[done - 1] != '\n');
			out.failing = false;
		} else if (n == -1 && errno == EAGAIN)
			break;
		else if (n != -1 || errno != EINTR) {
			drop(done);
			break;
		}
	}
	out.len -= done;
	memmove(out.buf, out.buf + done, out.len);
	errno = saved;
}

/*
 * Whole lines go, and are counted.  On a disk that is full for now the rest
 * of one that is half written stays: the next would be glued to it.
 */
static void
drop(size_t done)
{
	char	*p = out.buf + done, *end = out.buf + out.len;
	bool	 full = errno == ENOSPC || errno == EDQUOT || errno == EFBIG;

	if (out.torn && full)
		p = (char *)memchr(p, '\n', (size_t)(end - p)) + 1;
	else
		out.torn = false;
	out.len = (size_t)(p - out.buf);
	out.failing = true;
	for (; p < end; p++)
		if (*p == '\n') {
			out.lost++;
			out.lost_ever++;
		}
}

/*
 * One byte as vis(3) has it with VIS_CSTYLE and VIS_OCTAL.  Not strnvis(3)
 * itself, since VIS_SAFE lets BEL, BS and CR through and isgraph(3) depends
 * on the locale: each of the two could rewrite a line on a terminal.
 */
static size_t
vis_byte(char enc[5], unsigned char c)
{
	static const char from[] = "\a\b\t\n\v\f\r\\", to[] = "abtnvfr\\";
	const char	*p;

	if (c >= ' ' && c <= '~' && c != '\\') {
		enc[0] = (char)c;
		return (1);
	}
	p = c == '\0' ? NULL : strchr(from, c);
	if (p != NULL) {
		enc[0] = '\\';
		enc[1] = to[p - from];
		return (2);
	}
	enc[0] = '\\';
	enc[1] = (char)('0' + (c >> 6));
	enc[2] = (char)('0' + (c >> 3 & 7));
	enc[3] = (char)('0' + (c & 7));
	return (4);
}

/* error: errno to append, 0 for none. */
static void
vlog(int priority, int error, const char *fmt, va_list ap)
{
	char	 line[LINE_BYTES];
	size_t	 len;
	int	 n, saved = errno;

	n = vsnprintf(line, sizeof(line), fmt, ap);
	len = n < 0 ? 0 : (size_t)n;
	if (len >= sizeof(line))
		len = sizeof(line) - 1;
	if (error != 0 && len < sizeof(line) - 1) {
		n = snprintf(line + len, sizeof(line) - len, ": %s",
		    strerror(error));
		if (n > 0)
			len += (size_t)n;
		if (len >= sizeof(line))
			len = sizeof(line) - 1;
	}
	emit(priority, line, len);
	errno = saved;
}

/*
 * The one way out.  A control byte that came this far would make two lines
 * of one, or play with the terminal of whoever reads: it becomes '?'.
 */
static void
emit(int priority, const char *text, size_t len)
{
	size_t	 i;

	if (len >= sizeof(out.line))
		len = sizeof(out.line) - 1;
	for (i = 0; i < len; i++)
		out.line[i] = ((unsigned char)text[i] < ' ' ||
		    text[i] == 0x7f) ? '?' : text[i];
	out.line[len] = '\0';
	if (out.tee != NULL)
		out.tee(priority, out.line, len);
	if (out.sink != NULL)
		out.sink(priority, out.line, len);
	else if (out.to_syslog)
		syslog(priority, "%s", out.line);
	else
		emit_stderr(priority, prefix(), out.line, len);
}

/* The line is kept, or counted, before there is another one. */
static void
emit_stderr(int priority, const char *head, const char *line, size_t len)
{
	if (gather(head, line, len) == -1) {
		out.lost++;
		out.lost_ever++;
	} else
		note_lost();
	if (priority <= LOG_WARNING)
		log_flush();
}

/* Add a line to the buffer; -1 when there is no room even after a flush. */
static int
gather(const char *head, const char *line, size_t len)
{
	size_t		 n = strlen(head), need = n + len + 1;

	if (need > sizeof(out.buf) - out.len)
		log_flush();
	if (need > sizeof(out.buf) - out.len)
		return (-1);
	memcpy(out.buf + out.len, head, n);
	memcpy(out.buf + out.len + n, line, len);
	out.len += need;
	out.buf[out.len - 1] = '\n';
	return (0);
}

/* Time and name, made anew only once a second. */
static const char *
prefix(void)
{
	static char	 text[STAMP_BYTES + NAME_BYTES];
	static time_t	 made = -1;
	static const char *name;
	time_t		 now = time(NULL);
	struct tm	 tm;
	size_t		 n = 0;

	if (now == made && out.name == name)
		return (text);
	if (gmtime_r(&now, &tm) != NULL)
		n = strftime(text, STAMP_BYTES, "%Y-%m-%dT%H:%M:%SZ", &tm);
	snprintf(text + n, sizeof(text) - n, " %.*s: ", NAME_BYTES - 4,
	    out.name);
	made = now;
	name = out.name;
	return (text);
}

/* Once there is room again, say what is missing. */
static void
note_lost(void)
{
	char		 text[64];
	unsigned int	 lost = out.lost;
	int		 n;

	if (lost == 0 || out.failing || out.len > sizeof(out.buf) / 2)
		return;
	out.lost = 0;		/* comes back here */
	n = snprintf(text, sizeof(text), "%u log lines lost", lost);
	emit(LOG_WARNING, text, (size_t)n);
}
