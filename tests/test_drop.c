/* SPDX-License-Identifier: ISC */

/*
 * The mechanisms of proxyd/sandbox.c one at a time: the checks on the new
 * root, the ids, the limits, landlock without the seccomp that hides it.
 * test_sandbox.c has them all together.  Needs root.
 */

#include "../proxyd/sandbox.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <netinet/in.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "../proxyd/log.h"
#include "test.h"

#define ESCAPED	42	/* exit status: it went on */
#define NOFILE	256

static struct sandbox_user user;
static char	 rootdir[] = "/tmp/test_drop.XXXXXX";
static char	 badpath[64];

static void
quiet(int priority, const char *line, size_t len)
{
}

static int
exited(int status)
{
	return (WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status));
}

/* Exit status of a child that only changes its root to dir. */
static int
try_chroot(const char *dir)
{
	int	 status = -1;
	pid_t	 pid;

	if ((pid = fork()) == 0) {
		log_init("test", 1, quiet);
		sandbox_chroot(dir);
		_exit(access("/etc", F_OK) == -1 ? 0 : ESCAPED);
	}
	CHECK(waitpid(pid, &status, 0) == pid);
	return (exited(status));
}

static void
test_chroot(void)
{
	char	 inner[80];

	CHECK_INT(try_chroot(rootdir), 0);
	CHECK_INT(try_chroot("/nonexistent"), 1);
	CHECK_INT(try_chroot("/dev/null"), 1);
	CHECK_INT(try_chroot("/etc"), 1);
	CHECK(symlink(rootdir, badpath) == 0);
	CHECK_INT(try_chroot(badpath), 1);
	CHECK(unlink(badpath) == 0 && mkdir(badpath, 0755) == 0);
	CHECK_INT(try_chroot(badpath), 0);
	CHECK(chmod(badpath, 0775) == 0);
	CHECK_INT(try_chroot(badpath), 1);
	CHECK(chmod(badpath, 0755) == 0 &&
	    chown(badpath, user.uid, user.gid) == 0);
	CHECK_INT(try_chroot(badpath), 1);
	CHECK(chown(badpath, 0, 0) == 0);
	snprintf(inner, sizeof(inner), "%s/x", badpath);
	CHECK(mkdir(inner, 0755) == 0);
	CHECK_INT(try_chroot(badpath), 1);
	CHECK(rmdir(inner) == 0 && rmdir(badpath) == 0);
}

/* Exit status of a child that drops to uid with that idea of its parent. */
static int
try_drop(uid_t uid, pid_t parent)
{
	struct sandbox_user	 who = { .uid = uid, .gid = user.gid };
	int			 status = -1;
	pid_t			 pid;

	if ((pid = fork()) == 0) {
		log_init("test", 1, quiet);
		sandbox_drop(&who, parent);
		_exit(0);
	}
	CHECK(waitpid(pid, &status, 0) == pid);
	return (exited(status));
}

static void
test_drop(void)
{
	CHECK_INT(try_drop(user.uid, getpid()), 0);
	CHECK_INT(try_drop(user.uid, getppid()), 1);
	CHECK_INT(try_drop(0, getpid()), 1);
}

static bool
limited(int what, rlim_t cur, rlim_t max)
{
	struct rlimit	 rl;

	return (getrlimit(what, &rl) == 0 && rl.rlim_cur == cur &&
	    rl.rlim_max == max);
}

static void
test_limits(void)
{
	rlim_t	 off = sandbox_skipped() ? RLIM_INFINITY : 0;
	int	 status = -1;
	pid_t	 pid;

	if ((pid = fork()) == 0) {
		if (sandbox_limits_filter(NOFILE) != NOFILE)
			_exit(1);
		if (!limited(RLIMIT_CORE, 0, 0) ||
		    !limited(RLIMIT_MEMLOCK, 0, 0) ||
		    !limited(RLIMIT_NOFILE, NOFILE, NOFILE))
			_exit(2);
		if (off == 0 && (!limited(RLIMIT_NPROC, 0, 0) ||
		    !limited(RLIMIT_FSIZE, 0, 0)))
			_exit(3);
		/* more than the hard limit is not to be had */
		_exit(sandbox_limits_filter(2 * NOFILE) == NOFILE ? 0 : 4);
	}
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK_INT(exited(status), 0);
}

/* Landlock alone: what seccomp would not even let it ask for. */
static void
try_landlock(void)
{
	struct sockaddr_in	 sin;
	int			 fd = open("/", O_PATH | O_DIRECTORY), s;

	if (sandbox_landlock() == -1)
		_exit(77);
	if (openat(fd, ".", O_RDONLY) != -1 || errno != EACCES)
		_exit(1);
	if (open("/dev/null", O_WRONLY) != -1 || errno != EACCES)
		_exit(2);
	if (syscall(SYS_landlock_create_ruleset, NULL, 0, 1) < 4)
		_exit(0);
	memset(&sin, 0, sizeof(sin));
	sin.sin_family = AF_INET;
	sin.sin_port = htons(9);
	s = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(s, (struct sockaddr *)&sin, sizeof(sin)) != -1 ||
	    errno != EACCES)
		_exit(3);
	_exit(0);
}

static void
test_landlock(void)
{
	int	 status = -1;
	pid_t	 pid;

	if ((pid = fork()) == 0) {
		log_init("test", 1, quiet);
		sandbox_drop(&user, getppid());
		try_landlock();
	}
	CHECK(waitpid(pid, &status, 0) == pid);
	if (exited(status) == 77)
		printf("SKIP landlock: this kernel has none\n");
	else
		CHECK_INT(exited(status), 0);
}

static void
test_lookup(void)
{
	struct sandbox_user	 who;
	int			 fellback = -1;

	CHECK_INT(sandbox_lookup("nobody", &who, &fellback), 0);
	CHECK_INT(fellback, 0);
	CHECK(who.uid == user.uid && who.gid == user.gid);
	CHECK_INT(sandbox_lookup("no such user", &who, &fellback), 0);
	CHECK_INT(fellback, 1);
	CHECK_INT(sandbox_lookup("root", &who, &fellback), -1);
}

int
main(void)
{
	int	 fellback;

	if (geteuid() != 0) {
		printf("SKIP confinement: needs root\n"
		    "0 passed, 0 failed, 1 skipped\n");
		return (0);
	}
	if (sandbox_lookup("nobody", &user, &fellback) == -1 ||
	    mkdtemp(rootdir) == NULL || chmod(rootdir, 0555) == -1)
		return (1);
	snprintf(badpath, sizeof(badpath), "%s.bad", rootdir);
	RUN(test_lookup);
	RUN(test_chroot);
	RUN(test_drop);
	RUN(test_limits);
	RUN(test_landlock);
	(void)rmdir(rootdir);
	return (test_done());
}
