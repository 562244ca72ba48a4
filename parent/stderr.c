/* SPDX-License-Identifier: ISC */

/*
 * Standard error of a daemon that must not wait for who reads it.  It is
 * mostly a blocking pipe or socket of a service manager or a container
 * engine.  O_NONBLOCK belongs to the open file, which others share: so a pipe
 * or a terminal is opened once more, and a socket asked with each call.
 */

#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include "../parent/logging.h"
#include "../proxyd/log.h"

#define STDERR_PATH	"/proc/self/fd/2"

static int	 fd = STDERR_FILENO;

static ssize_t	 write_opened(const char *, size_t, int);
static ssize_t	 write_shared(const char *, size_t, int);
static ssize_t	 write_socket(const char *, size_t, int);
static int	 writable(int);

void
stderr_open(void)
{
	struct stat	 st;
	int		 own;

	fd = STDERR_FILENO;
	if (fstat(STDERR_FILENO, &st) == -1)
		return;
	if (S_ISSOCK(st.st_mode))
		log_setwriter(write_socket);
	if (!S_ISFIFO(st.st_mode) && !S_ISCHR(st.st_mode))
		return;
	own = open(STDERR_PATH, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (own != -1)
		fd = own;
	log_setwriter(own != -1 ? write_opened : write_shared);
}

static ssize_t
write_opened(const char *buf, size_t len, int msecs)
{
	if (msecs != 0)
		(void)writable(msecs);
	return (write(fd, buf, len));
}

/*
 * It could not be opened: no /proc, or it belongs to another user.  A pipe
 * that is writable takes PIPE_BUF bytes at once (pipe(7)).
 */
static ssize_t
write_shared(const char *buf, size_t len, int msecs)
{
	if (!writable(msecs)) {
		errno = EAGAIN;
		return (-1);
	}
	return (write(fd, buf, len < PIPE_BUF ? len : PIPE_BUF));
}

static ssize_t
write_socket(const char *buf, size_t len, int msecs)
{
	if (msecs != 0)
		(void)writable(msecs);
	return (send(fd, buf, len, MSG_DONTWAIT | MSG_NOSIGNAL));
}

/* For an error, too: write(2) tells which. */
static int
writable(int msecs)
{
	struct pollfd	 pfd = { fd, POLLOUT, 0 };

	return (poll(&pfd, 1, msecs) > 0);
}
