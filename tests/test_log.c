/* SPDX-License-Identifier: ISC */

/*
 * The log: what a line looks like on standard error, when it is written,
 * what the levels hold back, what a sink is given, and that no byte of a
 * client can make a second line or reach a terminal as a control.
 */

#include "../proxyd/log.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <syslog.h>
#include <unistd.h>

#include "../parent/logging.h"
#include "test.h"

static struct {
	unsigned int	 lines;
	int		 priority;
	size_t		 len;
	char		 text[16384];
} got;

static void
sink(int priority, const char *line, size_t len)
{
	got.lines++;
	got.priority = priority;
	got.len = len;
	snprintf(got.text, sizeof(got.text), "%s", line);
}

/* Standard error is a pipe, or a socket, from here to stderr_end(). */
static int	 saved_err = -1, readend = -1;

static void
stderr_begin(bool sock)
{
	int	 p[2];

	(void)fflush(stderr);
	CHECK((saved_err = dup(STDERR_FILENO)) != -1);
	if (sock)
		CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
		    p) == 0);
	else
		CHECK(pipe2(p, O_CLOEXEC) == 0);
	CHECK(fcntl(p[0], F_SETFL, O_NONBLOCK) == 0);
	CHECK(dup2(p[1], STDERR_FILENO) == STDERR_FILENO);
	(void)close(p[1]);
	readend = p[0];
}

/* What stands in the pipe; the buffer is the next call's. */
static const char *
stderr_read(void)
{
	static char	 buf[524288];
	ssize_t		 n;
	size_t		 len = 0;

	while ((n = read(readend, buf + len, sizeof(buf) - 1 - len)) > 0)
		len += (size_t)n;
	buf[len] = '\0';
	return (buf);
}

static void
stderr_end(void)
{
	log_flush();
	log_setwriter(NULL);
	CHECK(dup2(saved_err, STDERR_FILENO) == STDERR_FILENO);
	(void)close(saved_err);
	(void)close(readend);
}

/* "dddd-dd-ddTdd:dd:ddZ proxyd: " and then exactly text. */
static bool
line_is(const char *line, const char *text)
{
	static const char	 form[] = "dddd-dd-ddTdd:dd:ddZ proxyd: ";
	size_t			 i;

	for (i = 0; i < sizeof(form) - 1; i++)
		if (form[i] == 'd' && i < 20 ? line[i] < '0' || line[i] > '9' :
		    line[i] != form[i])
			return (false);
	return (strcmp(line + i, text) == 0);
}

static void
test_stderr_form(void)
{
	stderr_begin(false);
	log_init("proxyd", 1, NULL);
	log_setlevel(LOG_LVL_INFO);
	log_warnx("listener %d: closed", 3);
	CHECK(line_is(stderr_read(), "listener 3: closed\n"));
	errno = ENOENT;
	log_warn("open %s", "x");
	CHECK_INT(errno, ENOENT);
	CHECK(line_is(stderr_read(), "open x: No such file or directory\n"));
	stderr_end();
}

/* Notices wait for the flush, warnings take them along, in order. */
static void
test_stderr_gathers(void)
{
	const char	*text;

	stderr_begin(false);
	log_init("proxyd", 1, NULL);
	log_notice("one");
	CHECK_STR(stderr_read(), "");
	log_flush();
	CHECK(line_is(stderr_read(), "one\n"));
	log_info("two");
	log_warnx("three");
	text = stderr_read();
	CHECK(strstr(text, ": two\n") != NULL);
	CHECK(strstr(text, ": three\n") > strstr(text, ": two\n"));
	log_line(LOG_INFO, "four", 4);
	CHECK_STR(stderr_read(), "");
	log_line(LOG_WARNING, "five and more", 4);
	text = stderr_read();
	CHECK(strstr(text, ": five\n") != NULL);
	stderr_end();
}

/*
 * A reader that stands still: the log does not block, though standard error
 * does, and says what went.
 */
static void
full(bool sock)
{
	static const char	 word[] = "0123456789";
	const char		*text;
	int			 i;

	stderr_begin(sock);
	log_init("proxyd", 1, NULL);
	stderr_open();
	(void)alarm(20);	/* it did block */
	for (i = 0; i < 10000; i++)
		log_notice("%s%s%s %d", word, word, word, i);
	(void)alarm(0);
	CHECK((fcntl(STDERR_FILENO, F_GETFL) & O_NONBLOCK) == 0);
	text = stderr_read();
	CHECK(strstr(text, word) != NULL && strstr(text, "lost") == NULL);
	log_flush();
	log_warnx("after");
	text = stderr_read();
	CHECK(strstr(text, " log lines lost\n") != NULL);
	CHECK(strstr(text, ": after\n") != NULL);
	CHECK(text[strlen(text) - 1] == '\n');
	stderr_end();
}

static void
test_stderr_full(void)
{
	full(false);
	full(true);
}

/* Where it cannot be opened once more: here for want of /proc. */
static void
test_stderr_shared(void)
{
	int	 status;
	pid_t	 pid;

	if (geteuid() != 0)
		return;
	(void)fflush(stdout);
	if ((pid = fork()) == 0) {
		CHECK(chroot("/usr") == 0 && chdir("/") == 0);
		CHECK(access("/proc", F_OK) == -1);
		test_bad = 0;
		full(false);
		(void)fflush(stdout);
		_exit(test_bad != 0);
	}
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* A file may have so many bytes, here and now. */
static void
file_limit(rlim_t max)
{
	struct rlimit	 rl;

	CHECK(getrlimit(RLIMIT_FSIZE, &rl) == 0);
	rl.rlim_cur = max < rl.rlim_max ? max : rl.rlim_max;
	CHECK(setrlimit(RLIMIT_FSIZE, &rl) == 0);
}

/* As many as were logged, each of them whole or counted. */
static void
lines_or_lost(char *text, unsigned int want)
{
	char		*line, *last;
	unsigned int	 told = 0, lost = 0, n;

	for (line = strtok_r(text, "\n", &last); line != NULL;
	    line = strtok_r(NULL, "\n", &last)) {
		if (strstr(line, " log lines lost") != NULL) {
			CHECK(sscanf(line, "%*s proxyd: %u", &n) == 1);
			lost += n;
			continue;
		}
		CHECK(line_is(line, "0123456789"));
		told++;
	}
	CHECK(told > 0 && lost > 0);
	CHECK_INT(told + lost, want);
}

/* A full disk, for a time: no line is glued to half of another. */
static void
test_disk_full(void)
{
	static char	 text[16384];
	unsigned long	 before = log_lost();
	ssize_t		 n;
	int		 fd, i, round;

	(void)fflush(stderr);
	CHECK((fd = memfd_create("log", MFD_CLOEXEC)) != -1);
	CHECK((saved_err = dup(STDERR_FILENO)) != -1);
	CHECK(dup2(fd, STDERR_FILENO) == STDERR_FILENO);
	log_init("proxyd", 1, NULL);
	(void)signal(SIGXFSZ, SIG_IGN);
	file_limit(100);	/* two lines, and half of one */
	for (round = 0; round < 3; round++) {
		for (i = 0; i < 10; i++)
			log_notice("0123456789");
		log_flush();
	}
	CHECK(log_waiting() > 0 && log_waiting() < 40);
	CHECK_INT(log_lost() - before, 27);
	file_limit(RLIM_INFINITY);
	log_flush();
	log_notice("0123456789");
	log_flush();
	CHECK_INT(log_waiting(), 0);
	(void)signal(SIGXFSZ, SIG_DFL);
	CHECK(dup2(saved_err, STDERR_FILENO) == STDERR_FILENO);
	CHECK((n = pread(fd, text, sizeof(text) - 1, 0)) > 0);
	text[n] = '\0';
	lines_or_lost(text, 31);
	(void)close(saved_err);
	(void)close(fd);
}

static void
test_levels(void)
{
	static const unsigned int	 want[] = { 0, 2, 3, 4, 5 };
	unsigned int			 level;

	log_init("proxyd", 1, sink);
	for (level = LOG_LVL_ERROR; level <= LOG_LVL_DEBUG; level++) {
		log_setlevel((enum log_level)level);
		CHECK_INT(log_getlevel(), level);
		got.lines = 0;
		errno = EIO;
		log_warn("a");
		log_warnx("b");
		log_notice("c");
		log_info("d");
		log_debug("e");
		CHECK_INT(got.lines, want[level]);
		/* refusals at every level */
		log_line(LOG_NOTICE, "refused", 7);
		CHECK_INT(got.lines, want[level] + 1);
	}
	log_setlevel(LOG_LVL_INFO);
}

static void
test_sink(void)
{
	log_init("filter", 0, sink);
	log_notice("%s", "text");
	CHECK_INT(got.priority, LOG_NOTICE);
	CHECK_STR(got.text, "text");
	CHECK_INT(got.len, 4);
	log_info("x");
	CHECK_INT(got.priority, LOG_INFO);
	log_warnx("x");
	CHECK_INT(got.priority, LOG_WARNING);
	log_line(LOG_ERR, "abcdef", 3);
	CHECK_INT(got.priority, LOG_ERR);
	CHECK_STR(got.text, "abc");
}

/* Whatever gets past log_vis() is one line all the same. */
static void
test_control_bytes(void)
{
	log_init("filter", 0, sink);
	log_notice("a\nb\033[2Jc\rd\177");
	CHECK_STR(got.text, "a?b?[2Jc?d?");
	log_line(LOG_INFO, "a\0b", 3);
	CHECK_STR(got.text, "a?b");
}

static void
test_long_line(void)
{
	static char	 text[20000];

	memset(text, 'x', sizeof(text) - 1);
	log_init("filter", 0, sink);
	log_notice("%s", text);
	CHECK(got.len > 8000 && got.len < sizeof(text));
	CHECK_INT(strlen(got.text), got.len);
	errno = EIO;
	log_warn("%s", text);
	CHECK_INT(strlen(got.text), got.len);
	log_line(LOG_INFO, text, sizeof(text) - 1);
	CHECK_INT(strlen(got.text), got.len);
}

/* fatal() writes at any level, exits 1 and runs nothing of atexit(3). */
static void
on_exit_never(void)
{
	static const char	 text[] = "atexit\n";

	if (write(STDERR_FILENO, text, sizeof(text) - 1) == -1)
		abort();
}

static void
test_fatal(void)
{
	int	 status;
	pid_t	 pid;

	stderr_begin(false);
	log_init("proxyd", 1, NULL);
	(void)fflush(stdout);
	if ((pid = fork()) == 0) {
		log_setlevel(LOG_LVL_ERROR);
		(void)atexit(on_exit_never);
		errno = EPERM;
		fatal("chroot");
	}
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 1);
	CHECK(line_is(stderr_read(), "chroot: Operation not permitted\n"));
	if ((pid = fork()) == 0)
		fatalx("no listener");
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 1);
	CHECK(line_is(stderr_read(), "no listener\n"));
	stderr_end();
}

static const char *
vis(const char *src, size_t len)
{
	static char	 buf[256];

	return (log_vis(buf, sizeof(buf), src, len));
}

static void
test_vis(void)
{
	CHECK_STR(vis("/containers/json?all=1", 22), "/containers/json?all=1");
	CHECK_STR(vis("a b", 3), "a b");
	CHECK_STR(vis("a\nb", 3), "a\\nb");
	CHECK_STR(vis("\r\t\a\b\v\f", 6), "\\r\\t\\a\\b\\v\\f");
	CHECK_STR(vis("\\", 1), "\\\\");
	CHECK_STR(vis("a\0b", 3), "a\\000b");
	CHECK_STR(vis("\033[2J", 4), "\\033[2J");
	CHECK_STR(vis("\177", 1), "\\177");
	CHECK_STR(vis("\303\244\377", 3), "\\303\\244\\377");
	CHECK_STR(vis("", 0), "");
}

/* Every byte: printable ASCII only, and no two read alike. */
static void
test_vis_all(void)
{
	char		 seen[256][8], c;
	const char	*p;
	int		 i, j;

	for (i = 0; i < 256; i++) {
		c = (char)i;
		(void)log_vis(seen[i], sizeof(seen[i]), &c, 1);
		for (p = seen[i]; *p != '\0'; p++)
			CHECK(*p >= ' ' && *p <= '~');
		CHECK(p > seen[i]);
		for (j = 0; j < i; j++)
			CHECK(strcmp(seen[i], seen[j]) != 0);
	}
}

/* All sizes: terminated, inside the bounds, no escape cut in two. */
static void
test_vis_truncation(void)
{
	static const char	 whole[] = "ab\\n\\001cd";
	char			 buf[16];
	size_t			 len, size;

	for (size = 0; size < sizeof(buf); size++) {
		memset(buf, '#', sizeof(buf));
		CHECK(log_vis(buf, size, "ab\n\001cd", 6) == buf);
		CHECK(buf[size] == '#');
		if (size == 0)
			continue;
		len = strlen(buf);
		CHECK(len < size);
		if (size > sizeof(whole) - 1) {
			CHECK_STR(buf, whole);
			continue;
		}
		if (size > 3) {
			CHECK(strcmp(buf + len - 3, "...") == 0);
			buf[len - 3] = '\0';
			CHECK(strncmp(buf, whole, len - 3) == 0);
			CHECK(len - 3 == 0 || len - 3 == 1 || len - 3 == 2 ||
			    len - 3 == 4 || len - 3 == 8 || len - 3 == 9);
		}
	}
}

int
main(void)
{
	RUN(test_stderr_form);
	RUN(test_stderr_gathers);
	RUN(test_stderr_full);
	RUN(test_stderr_shared);
	RUN(test_disk_full);
	RUN(test_levels);
	RUN(test_sink);
	RUN(test_control_bytes);
	RUN(test_long_line);
	RUN(test_fatal);
	RUN(test_vis);
	RUN(test_vis_all);
	RUN(test_vis_truncation);
	return (test_done());
}
