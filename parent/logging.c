/* SPDX-License-Identifier: ISC */

/*
 * The form and the place of the log.  Text to standard error or to syslog(3)
 * is what proxyd/log.c does by itself; for anything else it hands its lines
 * to us.  Requests come from the filters as records then (access.c), and not
 * as lines.
 */

#include "../parent/logging.h"

#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

#include "../parent/object.h"
#include "../parent/parent.h"

#define OBJECT_MAX	7936	/* a line that proxyd -n -l reads is < 8192 */
#define MSG_MAX		6144
#define STAMP_MAX	40

static struct {
	bool	 json;
	bool	 journal;
} how;

static void	 on_line(int, const char *, size_t);
static size_t	 stamp(char [STAMP_MAX]);
static const char *level_name(int);
static size_t	 object_line(char *, size_t, int, const char *, size_t,
		    const struct log_field *, size_t);

void
logging_begin(const struct config *conf)
{
	how.json = conf->log_json;
	log_setsink(how.json ? on_line : NULL);
}

void
logging_open(const struct config *conf, bool foreground)
{
	enum log_to	 to = conf->log_to;

	if (to == LOG_TO_DEFAULT)
		to = foreground ? LOG_TO_STDERR : LOG_TO_SYSLOG;
	if (to == LOG_TO_JOURNAL) {
		if (journal_open() == -1)
			fatal("set log to journal");
		how.journal = true;
	}
	log_init("proxyd", to == LOG_TO_STDERR, NULL);
	if (to == LOG_TO_STDERR)
		stderr_open();
	log_setsink(how.json || how.journal ? on_line : NULL);
}

uint32_t
logging_flags(void)
{
	return (how.json ? HELLO_RECORDS : how.journal ?
	    HELLO_RECORDS | HELLO_LINES : 0);
}

static void
on_line(int priority, const char *line, size_t len)
{
	logging_record(priority, line, len, NULL, 0);
}

/* RFC 3339, UTC, microseconds; what does not change in a second is kept. */
static size_t
stamp(char buf[STAMP_MAX])
{
	static char	 text[STAMP_MAX];
	static time_t	 made = -1;
	static size_t	 len;
	struct timespec	 ts;
	struct tm	 tm;
	long		 us;
	int		 i;

	clock_gettime(CLOCK_REALTIME, &ts);
	if (ts.tv_sec != made && gmtime_r(&ts.tv_sec, &tm) != NULL) {
		len = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S.", &tm);
		made = ts.tv_sec;
	}
	memcpy(buf, text, len);
	for (us = ts.tv_nsec / 1000, i = 5; i >= 0; i--, us /= 10)
		buf[len + (size_t)i] = (char)('0' + us % 10);
	buf[len + 6] = 'Z';
	return (len + 7);
}

static const char *
level_name(int priority)
{
	static const char *const	 names[] = {
		[LOG_EMERG] = "critical",
		[LOG_ALERT] = "critical",
		[LOG_CRIT] = "critical",
		[LOG_ERR] = "error",
		[LOG_WARNING] = "warning",
		[LOG_NOTICE] = "notice",
		[LOG_INFO] = "info",
		[LOG_DEBUG] = "debug",
	};

	return (names[LOG_PRI(priority)]);
}

/* One object; a line is its "msg", if there is one. */
static size_t
object_line(char *buf, size_t size, int priority, const char *line,
    size_t len, const struct log_field *f, size_t n)
{
	const char	*level = level_name(priority);
	struct object	 o;
	char		 when[STAMP_MAX];
	size_t		 i;

	object_begin(&o, buf, size);
	object_text(&o, "time", when, stamp(when), STAMP_MAX * 6);
	object_text(&o, "level", level, strlen(level), 60);
	if (line != NULL) {
		object_text(&o, "type", "message", 7, 60);
		object_text(&o, "msg", line, len, MSG_MAX);
	}
	for (i = 0; i < n; i++)
		if (f[i].text == NULL)
			object_number(&o, f[i].name, f[i].num);
		else
			object_text(&o, f[i].name, f[i].text, f[i].len,
			    f[i].max);
	return (object_end(&o));
}

void
logging_record(int priority, const char *line, size_t len,
    const struct log_field *f, size_t n)
{
	static char	 object[OBJECT_MAX];

	if (how.json) {
		len = object_line(object, sizeof(object), priority, line, len,
		    f, n);
		line = object;
	}
	if (how.journal)
		journal_send(priority, line, len, f, n);
	else
		log_finished(priority, line, len);
}

void
logging_filter(const struct filter *f, int priority, const char *line,
    size_t len)
{
	const char		*name = f->listener->text;
	struct log_field	 about = { "listener", name, strlen(name),
				     512, 0 };

	if (how.json || how.journal)
		logging_record(priority, line, len, &about, 1);
	else
		log_line(priority, line, len);
}
