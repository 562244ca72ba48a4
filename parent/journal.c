/* SPDX-License-Identifier: ISC */

/*
 * systemd's journal by its own protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL):
 * one datagram an entry, one line a field.  No value has a line end in it, so
 * the form with a length is not needed.
 */

#include <sys/socket.h>
#include <sys/un.h>

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include <bsd/string.h>

#include "../parent/logging.h"
#include "../proxyd/log.h"

#define JOURNAL		"/run/systemd/journal/socket"
#define ENTRY_MAX	32768
#define SNDBUF		(1024 * 1024)

/* An entry being made: a field that finds no room is left out. */
static struct {
	char		 buf[ENTRY_MAX];
	size_t		 len;
} entry;

static int		 journal = -1;
static unsigned int	 lost;

static void	 entry_field(const char *, const char *, const char *, size_t);
static void	 entry_number(const char *, const char *, uint64_t);
static int	 entry_send(void);
static void	 entry_note(void);

int
journal_open(void)
{
	const struct sockaddr_un	 sun = { AF_UNIX, JOURNAL };
	const int			 size = SNDBUF;
	int				 fd, save;

	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return (-1);
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	if (connect(fd, (const struct sockaddr *)&sun, sizeof(sun)) == -1) {
		save = errno;
		close(fd);
		errno = save;
		return (-1);
	}
	if (journal != -1)
		close(journal);
	journal = fd;
	return (0);
}

static void
entry_field(const char *prefix, const char *name, const char *text, size_t len)
{
	size_t	 head = strlen(prefix) + strlen(name) + 1, room;
	char	*p = entry.buf + entry.len;

	room = sizeof(entry.buf) - entry.len;
	if (room < head + len + 2)
		return;
	for (; *prefix != '\0'; prefix++)
		*p++ = *prefix;
	for (; *name != '\0'; name++)
		*p++ = (char)toupper((unsigned char)*name);
	*p++ = '=';
	if (!log_printable(text, len)) {
		log_vis(p, room - head - 1, text, len);
		len = strlen(p);
	} else
		memcpy(p, text, len);
	p[len] = '\n';
	entry.len = (size_t)(p + len + 1 - entry.buf);
}

static void
entry_number(const char *prefix, const char *name, uint64_t n)
{
	char	 text[24];
	int	 len;

	len = snprintf(text, sizeof(text), "%llu", (unsigned long long)n);
	entry_field(prefix, name, text, (size_t)len);
}

/* journald was started anew: its socket is another. */
static int
entry_send(void)
{
	if (send(journal, entry.buf, entry.len, MSG_NOSIGNAL) != -1)
		return (0);
	if (errno != ECONNREFUSED && errno != ENOTCONN && errno != EPIPE &&
	    errno != ECONNRESET)
		return (-1);
	return (journal_open() == 0 && send(journal, entry.buf, entry.len,
	    MSG_NOSIGNAL) != -1 ? 0 : -1);
}

static void
entry_begin(int priority, const char *line, size_t len)
{
	entry.len = 0;
	entry_field("", "MESSAGE", line, len);
	entry_number("", "PRIORITY", (uint64_t)priority);
	entry_field("", "SYSLOG_IDENTIFIER", "proxyd", 6);
}

/* It takes entries again: say what is missing. */
static void
entry_note(void)
{
	char	 text[64];
	int	 n;

	n = snprintf(text, sizeof(text), "%u log lines lost", lost);
	entry_begin(LOG_WARNING, text, (size_t)n);
	if (entry_send() == 0)
		lost = 0;
}

void
journal_send(int priority, const char *line, size_t len,
    const struct log_field *f, size_t n)
{
	size_t	 i;

	if (lost != 0)
		entry_note();
	entry_begin(priority, line, len);
	for (i = 0; i < n; i++)
		if (f[i].text == NULL)
			entry_number("PROXYD_", f[i].name, f[i].num);
		else
			entry_field("PROXYD_", f[i].name, f[i].text, f[i].len);
	if (entry_send() == -1) {
		lost++;
		log_missed();
	}
}
