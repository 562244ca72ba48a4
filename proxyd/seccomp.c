/* SPDX-License-Identifier: ISC */

/*
 * The system calls of the filter and of the parent, side by side.  What is
 * not listed ends the process (SIGSYS).
 *
 * A filter is started by a parent that is confined already, and inherits the
 * parent's list: both apply to it.  So the parent's list is made of three
 * tables: what a confined filter may do (its whole list), what the parent's
 * own loop does, and what a new filter does until it is confined.  With a
 * configuration file there is a fourth: what opening other listeners takes.
 */

#include "sandbox.h"

#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

#ifdef PROXYD_SANITIZE
#define SKIPPED	1
#else
#define SKIPPED	0
#endif

/* glibc 2.41 maps the state of its vDSO getrandom with it (Linux 6.11). */
#define PROXYD_MAP_DROPPABLE	0x08
/* aarch64: glibc marks executable segments. */
#define PROXYD_PROT_BTI		0x10
/* musl sets it with every F_SETFL: x86-64 and aarch64. */
#define PROXYD_O_LARGEFILE	(0100000 | 0400000)
/* Of one pipe, bytes: /proc/sys/fs/pipe-max-size as the kernel has it. */
#define PIPE_SIZE_MAX		(1024 * 1024)

#define ARGS_MAX	3
#define SELF		UINT64_MAX	/* datum: our own pid */

/* A call, and what its arguments must be: all of args hold. */
struct call {
	int			 nr;
	unsigned int		 nargs;
	struct scmp_arg_cmp	 args[ARGS_MAX];
};

#define ANY(name)	{ SCMP_SYS(name), 0, { { 0, 0, 0, 0 } } }
#define ARG1(name, a)	{ SCMP_SYS(name), 1, { a } }
#define ARG2(name, a, b) { SCMP_SYS(name), 2, { a, b } }
/* Argument n is exactly v; has no bit outside v; has no bit of v. */
#define IS(n, v)	{ n, SCMP_CMP_EQ, (v), 0 }
#define WITHIN(n, v)	{ n, SCMP_CMP_MASKED_EQ, ~(uint64_t)(v), 0 }
#define WITHOUT(n, v)	{ n, SCMP_CMP_MASKED_EQ, (uint64_t)(v), 0 }
/* Argument n has all bits of v, and besides them only some of w. */
#define KEEPS(n, v, w)	{ n, SCMP_CMP_MASKED_EQ, ~(uint64_t)(w), (v) }
#define ATMOST(n, v)	{ n, SCMP_CMP_LE, (v), 0 }

static const struct call calls_filter[] = {
	/* the event loop */
	ANY(epoll_wait), ANY(epoll_pwait), ANY(epoll_pwait2), ANY(epoll_ctl),
	ANY(poll), ANY(ppoll), ANY(clock_gettime), ANY(gettimeofday),
	ANY(time), ANY(restart_syscall),
	/* clients, the channel, body pipes */
	ANY(read), ANY(readv), ANY(recvmsg), ANY(recvfrom),
	ANY(write), ANY(writev), ANY(splice), ANY(shutdown), ANY(close),
	ANY(getsockname), ANY(getpeername),
	/*
	 * MSG_FASTOPEN is a connect(2) of its own, which landlock does not
	 * see before Linux 6.16.
	 */
	ARG1(sendmsg, WITHOUT(2, MSG_FASTOPEN)),
	ARG2(sendto, WITHOUT(3, MSG_FASTOPEN), IS(4, 0)),
	ARG1(accept4, IS(3, SOCK_NONBLOCK | SOCK_CLOEXEC)),
	ARG1(pipe2, IS(1, O_NONBLOCK | O_CLOEXEC)),
	ARG1(ioctl, IS(1, FIONREAD)),
	ARG1(fcntl, IS(1, F_GETFL)),
	/*
	 * O_NONBLOCK may not be taken away: the parent shares these files,
	 * and would sleep where the filter wants it to.
	 */
	ARG2(fcntl, IS(1, F_SETFL), KEEPS(2, O_NONBLOCK,
	    O_RDWR | PROXYD_O_LARGEFILE)),
	ARG1(fcntl, IS(1, F_GETFD)), ARG1(fcntl, IS(1, F_DUPFD_CLOEXEC)),
	ARG2(fcntl, IS(1, F_SETFD), IS(2, FD_CLOEXEC)),
	ARG2(fcntl, IS(1, F_SETPIPE_SZ), ATMOST(2, PIPE_SIZE_MAX)),
	/* Level and name in one rule: two rules would be "or". */
	ARG2(getsockopt, IS(1, SOL_SOCKET), IS(2, SO_ERROR)),
	ARG2(getsockopt, IS(1, SOL_SOCKET), IS(2, SO_PEERCRED)),
	ARG2(getsockopt, IS(1, SOL_SOCKET), IS(2, SO_PEERGROUPS)),
	ARG2(setsockopt, IS(1, IPPROTO_TCP), IS(2, TCP_NODELAY)),
	ARG2(setsockopt, IS(1, SOL_SOCKET), IS(2, SO_KEEPALIVE)),
	/* memory; MADV_FREE is musl's, sysinfo qsort(3)'s in glibc 2.36 */
	ANY(brk), ANY(munmap), ANY(mremap), ANY(sysinfo),
	ARG2(mmap, WITHIN(2, PROT_READ | PROT_WRITE),
	    WITHIN(3, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE |
	    MAP_STACK | PROXYD_MAP_DROPPABLE)),
	ARG1(mprotect, WITHIN(2, PROT_READ | PROT_WRITE)),
	ARG1(madvise, IS(2, MADV_DONTNEED)),
	ARG1(madvise, IS(2, MADV_FREE)),
	/* signals, locks, randomness, the end */
	ANY(rt_sigreturn), ANY(rt_sigprocmask), ANY(rt_sigaction), ANY(futex),
	ANY(getrandom), ANY(getpid), ANY(gettid), ANY(exit), ANY(exit_group),
	/* abort(3) under its own name; otherwise it would look like SIGSYS */
	ARG1(tgkill, IS(0, SELF)),
	ARG1(tkill, IS(0, SELF))
};

static const struct call calls_parent[] = {
	/* connections to the engine and to syslog, nothing else */
	ARG2(socket, IS(0, AF_UNIX),
	    WITHIN(1, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC)),
	ARG2(socket, IS(0, AF_UNIX),
	    WITHIN(1, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC)),
	ANY(connect),
	/* clients taken over, pipes */
	ANY(getsockopt), ANY(fcntl), ANY(tee), ANY(pidfd_open),
	ARG1(setsockopt, IS(1, SOL_SOCKET)),
	ARG1(setsockopt, IS(1, IPPROTO_TCP)),
	ARG1(pipe2, WITHIN(1, O_NONBLOCK | O_CLOEXEC)),
	/* the engine's socket, files read anew, listeners removed at the end */
	ARG1(openat, WITHOUT(2, O_ACCMODE | O_CREAT | O_TRUNC)),
	ARG1(open, WITHOUT(1, O_ACCMODE | O_CREAT | O_TRUNC)),
	ANY(newfstatat), ANY(fstat), ANY(stat), ANY(lstat), ANY(statx),
	ANY(lseek), ANY(unlink), ARG1(unlinkat, IS(2, 0)),
	/* a new filter: channel, fork(2) without namespaces, exec by fd */
	ARG2(socketpair, IS(0, AF_UNIX),
	    WITHIN(1, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC)),
	ARG1(clone, WITHOUT(0, CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS |
	    CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)),
	ANY(fork), ANY(vfork), ANY(wait4), ANY(waitid),
	ARG1(execveat, IS(4, AT_EMPTY_PATH)),
	ARG1(kill, IS(1, SIGKILL)),
	/* abort(3), here and in a filter, whatever its pid */
	ARG1(tgkill, IS(2, SIGABRT)),
	ARG1(tkill, IS(1, SIGABRT))
};

/* Listeners that a reload adds, or gives to another owner. */
static const struct call calls_reload[] = {
	ARG2(socket, IS(0, AF_INET),
	    WITHIN(1, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC)),
	ARG2(socket, IS(0, AF_INET6),
	    WITHIN(1, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC)),
	ARG2(setsockopt, IS(1, IPPROTO_IPV6), IS(2, IPV6_V6ONLY)),
	ANY(bind), ANY(listen), ANY(umask),
	ANY(chmod), ANY(fchmodat), ANY(chown), ANY(lchown), ANY(fchownat),
	ANY(rename), ANY(renameat), ARG1(renameat2, IS(4, 0))
};

/* From execveat(2) to the filter's own list. */
static const struct call calls_start[] = {
	/* descriptors 0 to 3 and no others */
	ANY(dup), ANY(dup2), ANY(dup3), ANY(close_range), ANY(getdents64),
	/* the loader and the C library; nothing writable and executable */
	ANY(access), ANY(faccessat), ANY(faccessat2), ANY(pread64),
	ANY(readlink), ANY(readlinkat), ANY(arch_prctl), ANY(set_tid_address),
	ANY(set_robust_list), ANY(rseq), ANY(uname),
	ARG1(mmap, WITHIN(2, PROT_READ | PROT_WRITE)),
	ARG1(mmap, WITHIN(2, PROT_READ | PROT_EXEC)),
	ARG1(mprotect, WITHIN(2, PROT_READ | PROT_EXEC | PROXYD_PROT_BTI)),
	ARG1(prlimit64, IS(0, 0)), ANY(getrlimit), ANY(setrlimit),
	/* libevent */
	ANY(epoll_create1), ANY(epoll_create), ANY(eventfd2), ANY(clock_getres),
	/* sandbox_chroot() to sandbox_seccomp_filter() */
	ANY(chdir), ANY(fchdir), ANY(chroot), ANY(capget), ANY(capset),
	ANY(setgroups), ANY(setresgid), ANY(setresuid), ANY(getgroups),
	ANY(getresuid), ANY(getresgid), ANY(getuid), ANY(geteuid), ANY(getgid),
	ANY(getegid), ANY(getppid), ANY(seccomp),
	ANY(landlock_create_ruleset), ANY(landlock_restrict_self),
	ARG1(prctl, IS(0, PR_CAPBSET_READ)),
	ARG1(prctl, IS(0, PR_CAPBSET_DROP)),
	ARG1(prctl, IS(0, PR_CAP_AMBIENT)),
	ARG1(prctl, IS(0, PR_SET_DUMPABLE)),
	ARG1(prctl, IS(0, PR_SET_PDEATHSIG)),
	ARG1(prctl, IS(0, PR_SET_NO_NEW_PRIVS)),
	ARG1(prctl, IS(0, PR_SET_SECCOMP)),
	ARG1(prctl, IS(0, PR_SET_NAME))
};

/* Of the loader too, in C libraries newer than our libseccomp may be. */
static const char *const names_start[] = {
	"mseal"
};

/*
 * How it opens is in memory, where seccomp does not look.  Before libseccomp
 * 2.5 there is no such name.
 */
static const char *const names_paths[] = {
	"openat2"
};

#define NCALLS(table)	(sizeof(table) / sizeof((table)[0]))

static scmp_filter_ctx	 list_new(void);
static void		 list_add(scmp_filter_ctx, const struct call *, size_t);
static void		 list_names(scmp_filter_ctx, const char *const *,
			    size_t);
static void		 list_load(scmp_filter_ctx);

void
sandbox_seccomp_filter(void)
{
	scmp_filter_ctx	 ctx;

	if (sandbox_skipped())
		return;
	ctx = list_new();
	list_add(ctx, calls_filter, NCALLS(calls_filter));
	list_load(ctx);
}

/*
 * clone3(2) hides its flags behind a pointer, so it does not exist here: the
 * C library falls back to clone(2).
 */
void
sandbox_seccomp_parent(unsigned int what)
{
	scmp_filter_ctx	 ctx;

	if (sandbox_skipped())
		return;
	ctx = list_new();
	list_add(ctx, calls_filter, NCALLS(calls_filter));
	list_add(ctx, calls_parent, NCALLS(calls_parent));
	list_add(ctx, calls_start, NCALLS(calls_start));
	if ((what & SANDBOX_RELOAD) != 0)
		list_add(ctx, calls_reload, NCALLS(calls_reload));
	if ((what & SANDBOX_PATHS) != 0)
		list_names(ctx, names_paths, NCALLS(names_paths));
	list_names(ctx, names_start, NCALLS(names_start));
	if (seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3),
	    0) != 0)
		fatalx("seccomp: clone3");
	list_load(ctx);
}

int
sandbox_skipped(void)
{
	return (SKIPPED);
}

/*
 * A foreign architecture is as good as an attack; libseccomp's default for
 * it ends a thread only.
 */
static scmp_filter_ctx
list_new(void)
{
	scmp_filter_ctx	 ctx;

	if ((ctx = seccomp_init(SCMP_ACT_KILL_PROCESS)) == NULL)
		fatalx("seccomp_init");
	if (seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH,
	    SCMP_ACT_KILL_PROCESS) != 0)
		fatalx("seccomp: architecture");
	return (ctx);
}

static void
list_add(scmp_filter_ctx ctx, const struct call *calls, size_t n)
{
	struct scmp_arg_cmp	 args[ARGS_MAX];
	size_t			 i, j;
	int			 rc;

	for (i = 0; i < n; i++) {
		/* A number below zero: not a call of this architecture. */
		if (calls[i].nr < 0)
			continue;
		memcpy(args, calls[i].args, sizeof(args));
		for (j = 0; j < calls[i].nargs; j++)
			if (args[j].op == SCMP_CMP_EQ &&
			    args[j].datum_a == SELF)
				args[j].datum_a = (scmp_datum_t)getpid();
		rc = seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, calls[i].nr,
		    calls[i].nargs, args);
		if (rc != 0 && rc != -EEXIST)
			fatalx("seccomp: call %d: %s", calls[i].nr,
			    strerror(-rc));
	}
}

/* Calls by name: left out where libseccomp does not know it. */
static void
list_names(scmp_filter_ctx ctx, const char *const *names, size_t n)
{
	struct call	 call;
	size_t		 i;

	memset(&call, 0, sizeof(call));
	for (i = 0; i < n; i++) {
		call.nr = seccomp_syscall_resolve_name(names[i]);
		list_add(ctx, &call, 1);
	}
}

/*
 * The calls of every request that have an argument to look at come first;
 * those without one the kernel remembers (Linux 5.11).  Only a hint.
 */
static void
list_order(scmp_filter_ctx ctx)
{
	static const int	 often[] = { SCMP_SYS(sendmsg),
	    SCMP_SYS(sendto), SCMP_SYS(accept4), SCMP_SYS(socket) };
	uint8_t			 priority = UINT8_MAX;
	size_t			 i;

	for (i = 0; i < sizeof(often) / sizeof(often[0]); i++)
		(void)seccomp_syscall_priority(ctx, often[i], priority--);
}

static void
list_load(scmp_filter_ctx ctx)
{
	int	 rc;

	list_order(ctx);
	if ((rc = seccomp_load(ctx)) != 0)
		fatalx("seccomp_load: %s", strerror(-rc));
	seccomp_release(ctx);
}
