/* SPDX-License-Identifier: ISC */

/*
 * Confinement from inside: children take the whole order of a filter, or of
 * the parent, and then do what they must not (SIGSYS ends them) and what
 * they must be able to do.  A new filter is also started by a confined
 * parent, since it inherits that one's list.  Needs root.
 */

#include "../proxyd/sandbox.h"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <bsd/string.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "../proxyd/log.h"
#include "confined.h"
#include "test.h"

#define ESCAPED	42	/* exit status: the probe came back */
#define NOFILE	256

static struct sandbox_user user;
static char	 rootdir[] = "/tmp/test_sandbox.XXXXXX";
static int	 selffd;

static void
quiet(int priority, const char *line, size_t len)
{
}

/* The whole order of filter/main.c. */
static void
confine_filter(pid_t parent)
{
	log_init("test", 1, quiet);
	path_prepare();
	sandbox_chroot(rootdir);
	(void)sandbox_limits_filter(NOFILE);
	sandbox_drop(&user, parent);
	(void)sandbox_landlock();
	sandbox_seccomp_filter();
}

static void
confine_parent(enum role role)
{
	static const unsigned int	 what[] = {
		[ROLE_RELOAD] = SANDBOX_RELOAD,
		[ROLE_PATHS] = SANDBOX_RELOAD | SANDBOX_PATHS
	};

	log_init("test", 1, quiet);
	(void)sandbox_limits_parent(NOFILE);
	sandbox_parent_caps("/nonexistent", what[role]);
	sandbox_seccomp_parent(what[role]);
}

/* Run fn confined in a child; returns what wait(2) says. */
static int
inside(enum role role, void (*fn)(const void *), const void *arg)
{
	pid_t	 parent = getpid(), pid;
	int	 status;

	(void)fflush(stdout);
	if ((pid = fork()) == -1)
		return (-1);
	if (pid == 0) {
		path_sockets();
		if (role == ROLE_FILTER)
			confine_filter(parent);
		else
			confine_parent(role);
		fn(arg);
		_exit(0);
	}
	if (waitpid(pid, &status, 0) == -1)
		return (-1);
	return (status);
}

static int
exited(int status)
{
	return (WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status));
}

static void
run_probe(const void *arg)
{
	const struct probe	*p = arg;

	(void)syscall(p->nr, p->arg[0], p->arg[1], p->arg[2], p->arg[3],
	    p->arg[4], 0);
	_exit(ESCAPED);
}

/* Each probe counts as a test. */
static void
probe_all(enum role role)
{
	const struct probe	*p;
	unsigned int		 before;
	size_t			 i;

	for (i = 0; (p = probe_get(role, i)) != NULL; i++) {
		before = test_bad;
		test_current = p->name;
		CHECK_INT(exited(inside(role, run_probe, p)), -SIGSYS);
		if (test_bad == before)
			test_passed++;
		else {
			test_failed++;
			printf("FAIL %s %s\n", role == ROLE_FILTER ?
			    "filter" : role == ROLE_PARENT ? "parent" :
			    "reload", p->name);
		}
	}
}

static void
run_path(const void *arg)
{
	const struct path	*p = arg;

	p->fn();
}

/* Each code path of the filter lives; abort(3) says what it is. */
static void
test_filter_paths(void)
{
	const struct path	*p;
	size_t			 i;

	for (i = 0; (p = path_get(i)) != NULL; i++) {
		test_current = p->name;
		CHECK_INT(exited(inside(ROLE_FILTER, run_path, p)), p->status);
	}
}

/* Does a line of /proc/pid/status read so? */
static bool
status_has(pid_t pid, const char *line)
{
	char	 buf[4096], path[64];
	ssize_t	 n;
	int	 fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	if ((fd = open(path, O_RDONLY)) == -1)
		return (false);
	n = read(fd, buf, sizeof(buf) - 1);
	(void)close(fd);
	buf[n < 0 ? 0 : n] = '\0';
	return (strstr(buf, line) != NULL);
}

/* A confined child that waits until fd 0 of the pair is closed. */
static pid_t
held(enum role role, int hold[2])
{
	pid_t	 parent = getpid(), pid;
	char	 c = 0;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, hold) == -1 ||
	    (pid = fork()) == -1)
		return (-1);
	if (pid == 0) {
		(void)close(hold[0]);
		if (role == ROLE_FILTER)
			confine_filter(parent);
		else
			confine_parent(role);
		if (write(hold[1], &c, 1) != 1 || read(hold[1], &c, 1) != 0)
			_exit(1);
		_exit(0);
	}
	(void)close(hold[1]);
	if (read(hold[0], &c, 1) != 1)
		printf("%s: the child did not come up\n", test_current);
	return (pid);
}

static void
test_filter_identity(void)
{
	char		 line[80], path[64];
	struct stat	 st;
	int		 hold[2], u = (int)user.uid, g = (int)user.gid;
	pid_t		 pid = held(ROLE_FILTER, hold);

	snprintf(line, sizeof(line), "\nUid:\t%d\t%d\t%d\t%d\n", u, u, u, u);
	CHECK(status_has(pid, line));
	snprintf(line, sizeof(line), "\nGid:\t%d\t%d\t%d\t%d\n", g, g, g, g);
	CHECK(status_has(pid, line));
	snprintf(line, sizeof(line), "\nGroups:\t%d \n", g);
	CHECK(status_has(pid, line));
	CHECK(status_has(pid, "\nCapInh:\t0000000000000000\n"));
	CHECK(status_has(pid, "\nCapPrm:\t0000000000000000\n"));
	CHECK(status_has(pid, "\nCapEff:\t0000000000000000\n"));
	CHECK(status_has(pid, "\nCapBnd:\t0000000000000000\n"));
	CHECK(status_has(pid, "\nCapAmb:\t0000000000000000\n"));
	CHECK(status_has(pid, "\nNoNewPrivs:\t1\n"));
	CHECK(status_has(pid, sandbox_skipped() ? "\nSeccomp:\t0\n" :
	    "\nSeccomp:\t2\n"));
	snprintf(path, sizeof(path), "/proc/%d/environ", (int)pid);
	CHECK(stat(path, &st) == 0 && st.st_uid == 0);
	(void)close(hold[0]);
	CHECK(waitpid(pid, NULL, 0) == pid);
}

/* CHOWN 0, SETGID 6, SETUID 7, SETPCAP 8, NET_BIND_SERVICE 10, CHROOT 18 */
static void
test_reload_identity(void)
{
	int	 hold[2];
	pid_t	 pid = held(ROLE_RELOAD, hold);

	CHECK(status_has(pid, "\nCapPrm:\t00000000000405c1\n"));
	CHECK(status_has(pid, "\nCapEff:\t00000000000405c1\n"));
	CHECK(status_has(pid, "\nCapBnd:\t00000000000405c1\n"));
	CHECK(status_has(pid, "\nNoNewPrivs:\t1\n"));
	(void)close(hold[0]);
	CHECK(waitpid(pid, NULL, 0) == pid);
}

/* Those, and DAC_READ_SEARCH 2; another's directory can be entered. */
static void
test_paths_work(void)
{
	char	 outer[64], inner[80];
	int	 hold[2];
	pid_t	 pid = held(ROLE_PATHS, hold);

	CHECK(status_has(pid, "\nCapEff:\t00000000000405c5\n"));
	CHECK(status_has(pid, "\nCapBnd:\t00000000000405c5\n"));
	(void)close(hold[0]);
	CHECK(waitpid(pid, NULL, 0) == pid);
	snprintf(outer, sizeof(outer), "%s.paths", rootdir);
	snprintf(inner, sizeof(inner), "%s/in", outer);
	CHECK(mkdir(outer, 0700) == 0 && mkdir(inner, 0755) == 0 &&
	    chown(inner, user.uid, user.gid) == 0 &&
	    chown(outer, user.uid, user.gid) == 0);
	CHECK_INT(exited(inside(ROLE_PATHS, work_paths, inner)), 0);
	CHECK_INT(exited(inside(ROLE_RELOAD, work_paths, inner)),
	    sandbox_skipped() ? 1 : -SIGSYS);
	CHECK(rmdir(inner) == 0 && rmdir(outer) == 0);
}

static void
test_parent_identity(void)
{
	int	 hold[2];
	pid_t	 pid = held(ROLE_PARENT, hold);

	/* SETGID 6, SETUID 7, SETPCAP 8, SYS_CHROOT 18 */
	CHECK(status_has(pid, "\nCapPrm:\t00000000000401c0\n"));
	CHECK(status_has(pid, "\nCapEff:\t00000000000401c0\n"));
	CHECK(status_has(pid, "\nCapBnd:\t00000000000401c0\n"));
	CHECK(status_has(pid, "\nCapAmb:\t0000000000000000\n"));
	CHECK(status_has(pid, "\nNoNewPrivs:\t1\n"));
	(void)close(hold[0]);
	CHECK(waitpid(pid, NULL, 0) == pid);
}

static void
test_reload_work(void)
{
	struct sockaddr_un	 sun;

	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s.sock", rootdir);
	(void)unlink(sun.sun_path);
	CHECK_INT(exited(inside(ROLE_RELOAD, work_reload, &sun)), 0);
	CHECK(unlink(sun.sun_path) == 0);
}

static void
start_filter(const void *arg)
{
	char	 arg0[] = "test_sandbox", arg1[] = "--filter";
	char	*argv[] = { arg0, arg1, rootdir, NULL }, *envp[] = { NULL };
	int	 status;
	pid_t	 pid;

	if ((pid = fork()) == 0) {
		(void)fexecve(selffd, argv, envp);
		_exit(ESCAPED);
	}
	if (waitpid(pid, &status, 0) != pid)
		_exit(ESCAPED);
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
}

/* The loader, the confinement and every path, under both lists at once. */
static void
test_filter_from_parent(void)
{
	CHECK_INT(exited(inside(ROLE_PARENT, start_filter, NULL)), 0);
	CHECK_INT(exited(inside(ROLE_RELOAD, start_filter, NULL)), 0);
}

static int
main_filter(void)
{
	const struct path	*p;
	size_t			 i;

	confine_filter(getppid());
	for (i = 0; (p = path_get(i)) != NULL; i++)
		if (p->status == 0)
			p->fn();
	return (0);
}

static void
end_child(const void *arg)
{
	_exit(sandbox_end(*(const pid_t *)arg, &user) == 0 ? 0 : ESCAPED);
}

/* Without CAP_KILL the parent ends a filter that does not listen. */
static void
test_parent_end(void)
{
	int	 hold[2], status = 0;
	pid_t	 pid = held(ROLE_FILTER, hold);

	CHECK_INT(exited(inside(ROLE_PARENT, end_child, &pid)), 0);
	(void)close(hold[0]);
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK_INT(exited(status), -SIGKILL);
}

/* A listener at path, owned by uid and for nobody else. */
static int
listener(struct sockaddr_un *sun, uid_t uid)
{
	int	 fd;

	memset(sun, 0, sizeof(*sun));
	sun->sun_family = AF_UNIX;
	snprintf(sun->sun_path, sizeof(sun->sun_path), "%s.sock", rootdir);
	(void)unlink(sun->sun_path);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (bind(fd, (struct sockaddr *)sun, sizeof(*sun)) == -1 ||
	    listen(fd, 5) == -1 || chown(sun->sun_path, uid, (gid_t)-1) == -1 ||
	    chmod(sun->sun_path, 0600) == -1)
		printf("%s: no listener\n", test_current);
	return (fd);
}

static void
test_parent_work(void)
{
	struct sockaddr_un	 sun;
	int			 fd = listener(&sun, 0);

	CHECK_INT(exited(inside(ROLE_PARENT, work_parent, &sun)), 0);
	(void)close(fd);
}

/* Exits 1 if CAP_DAC_OVERRIDE stayed, 0 if not, 2 if connect(2) fails. */
static int
reach(uid_t owner)
{
	struct sockaddr_un	 sun;
	int			 fd = listener(&sun, owner), s, status = -1;
	pid_t			 pid;

	if ((pid = fork()) == 0) {
		log_init("test", 1, quiet);
		sandbox_parent_caps(sun.sun_path, false);
		s = socket(AF_UNIX, SOCK_STREAM, 0);
		if (connect(s, (struct sockaddr *)&sun, sizeof(sun)) == -1)
			_exit(2);
		_exit(prctl(PR_CAPBSET_READ, 1 /* CAP_DAC_OVERRIDE */) == 1);
	}
	CHECK(waitpid(pid, &status, 0) == pid);
	(void)close(fd);
	(void)unlink(sun.sun_path);
	return (exited(status));
}

static void
test_parent_reach(void)
{
	CHECK_INT(reach(0), 0);
	CHECK_INT(reach(user.uid), 1);
}

/*
 * When the parent is killed the filter goes too, though its channel stays
 * open: somebody else has a copy of the other end.
 */
static void
test_filter_follows(void)
{
	struct pollfd	 pfd;
	int		 keep[2], tell[2];
	pid_t		 middle, parent;
	char		 c;

	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, keep) == 0);
	CHECK(pipe2(tell, O_CLOEXEC) == 0);
	if ((middle = fork()) == 0) {
		parent = getpid();
		if (fork() == 0) {
			(void)close(keep[0]);
			confine_filter(parent);
			_exit(write(tell[1], "x", 1) == 1 &&
			    read(keep[1], &c, 1) == 1);
		}
		(void)close(tell[1]);
		(void)pause();
		_exit(0);
	}
	(void)close(tell[1]);
	CHECK(read(tell[0], &c, 1) == 1);
	CHECK(kill(middle, SIGKILL) == 0);
	CHECK(waitpid(middle, NULL, 0) == middle);
	memset(&pfd, 0, sizeof(pfd));
	pfd.fd = tell[0];
	CHECK(poll(&pfd, 1, 5000) == 1 && (pfd.revents & POLLHUP) != 0);
	(void)close(tell[0]);
	(void)close(keep[0]);
	(void)close(keep[1]);
}

int
main(int argc, char **argv)
{
	int	 fellback;

	if (geteuid() != 0) {
		printf("SKIP confinement: needs root\n"
		    "0 passed, 0 failed, 1 skipped\n");
		return (0);
	}
	if (sandbox_lookup("nobody", &user, &fellback) == -1)
		return (1);
	if (argc == 3 && strcmp(argv[1], "--filter") == 0) {
		strlcpy(rootdir, argv[2], sizeof(rootdir));
		return (main_filter());
	}
	if (mkdtemp(rootdir) == NULL || chmod(rootdir, 0555) == -1 ||
	    (selffd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC)) == -1)
		return (1);
	RUN(test_filter_identity);
	RUN(test_parent_identity);
	RUN(test_reload_identity);
	RUN(test_filter_paths);
	RUN(test_filter_from_parent);
	RUN(test_filter_follows);
	RUN(test_parent_work);
	RUN(test_reload_work);
	RUN(test_paths_work);
	RUN(test_parent_end);
	RUN(test_parent_reach);
	if (!sandbox_skipped()) {
		probe_all(ROLE_FILTER);
		probe_all(ROLE_PARENT);
		probe_all(ROLE_RELOAD);
	} else
		printf("SKIP forbidden calls: seccomp is off in this build\n");
	(void)rmdir(rootdir);
	return (test_done());
}
