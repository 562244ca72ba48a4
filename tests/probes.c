/* SPDX-License-Identifier: ISC */

/*
 * The system calls that must end a confined process, as data: number and
 * arguments.  Most would do nothing where they were let through; the test
 * only asks whether the process is there afterwards.
 */

#include "confined.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>

#define NPROBES(table)	(sizeof(table) / sizeof((table)[0]))
#define PTR(p)	((long)(uintptr_t)(p))

static const struct probe probes_filter[] = {
	{ "openat", SYS_openat, { AT_FDCWD, PTR("/"), O_RDONLY } },
	{ "socket unix", SYS_socket, { AF_UNIX, SOCK_STREAM } },
	{ "socket inet", SYS_socket, { AF_INET, SOCK_STREAM } },
	{ "socketpair", SYS_socketpair, { AF_UNIX, SOCK_STREAM } },
	{ "connect", SYS_connect, { 0 } },
	{ "bind", SYS_bind, { 0 } },
	{ "listen", SYS_listen, { 0 } },
	{ "accept", SYS_accept, { 0 } },
	{ "accept4 blocking", SYS_accept4, { 0, 0, 0, SOCK_CLOEXEC } },
	{ "sendto addressed", SYS_sendto, { 0, 0, 0, 0, 16 } },
	{ "sendmsg fastopen", SYS_sendmsg, { 0, 0, MSG_FASTOPEN } },
	{ "setsockopt other", SYS_setsockopt, { 0, SOL_SOCKET, SO_REUSEADDR } },
	{ "getsockopt level", SYS_getsockopt, { 0, 41, SO_ERROR } },
	{ "execve", SYS_execve, { PTR("/bin/true") } },
	{ "execveat", SYS_execveat, { 3, PTR(""), 0, 0, AT_EMPTY_PATH } },
	{ "clone", SYS_clone, { SIGCHLD } },
	{ "clone3", SYS_clone3, { 0 } },
	{ "ptrace", SYS_ptrace, { PTRACE_TRACEME } },
	{ "process_vm_readv", SYS_process_vm_readv, { 0 } },
	{ "kill", SYS_kill, { 0, 0 } },
	{ "tgkill parent", SYS_tgkill, { 1, 1, 0 } },
	{ "pidfd_open", SYS_pidfd_open, { 1 } },
	{ "getppid", SYS_getppid, { 0 } },
	{ "mmap exec", SYS_mmap, { 0, 4096, PROT_READ | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1 } },
	{ "mmap shared", SYS_mmap, { 0, 4096, PROT_READ,
	    MAP_SHARED | MAP_ANONYMOUS, -1 } },
	{ "mprotect exec", SYS_mprotect, { 0, 4096, PROT_EXEC } },
	{ "newfstatat", SYS_newfstatat, { AT_FDCWD, PTR("/") } },
	{ "memfd_create", SYS_memfd_create, { PTR("x") } },
	{ "io_uring_setup", SYS_io_uring_setup, { 1 } },
	{ "bpf", SYS_bpf, { 0 } },
	{ "userfaultfd", SYS_userfaultfd, { 0 } },
	{ "perf_event_open", SYS_perf_event_open, { 0 } },
	{ "keyctl", SYS_keyctl, { 0 } },
	{ "unshare", SYS_unshare, { CLONE_NEWUSER } },
	{ "mount", SYS_mount, { 0 } },
	{ "chroot", SYS_chroot, { PTR("/") } },
	{ "setresuid", SYS_setresuid, { 0, 0, 0 } },
	{ "prctl", SYS_prctl, { PR_SET_DUMPABLE, 1 } },
	{ "prlimit64", SYS_prlimit64, { 0 } },
	{ "ioctl", SYS_ioctl, { 0, 0x5412 } },	/* TIOCSTI */
	{ "fcntl setown", SYS_fcntl, { 0, F_SETOWN, 1 } },
	{ "fcntl dupfd", SYS_fcntl, { 0, F_DUPFD, 0 } },
	{ "fcntl blocking", SYS_fcntl, { 3, F_SETFL, O_RDWR } },
	{ "dup", SYS_dup, { 0 } },
	{ "no such call", 1023, { 0 } },
#ifdef __x86_64__
	{ "x32 getpid", SYS_getpid | 0x40000000, { 0 } },
	{ "x32 openat", SYS_openat | 0x40000000, { 0 } },
#endif
};

/* Of a parent whose listeners are open for good. */
static const struct probe probes_listening[] = {
	{ "socket inet", SYS_socket, { AF_INET, SOCK_STREAM } },
	{ "socket inet6", SYS_socket, { AF_INET6, SOCK_STREAM } },
	{ "bind", SYS_bind, { 0 } },
	{ "listen", SYS_listen, { 0 } },
	{ "fchmodat", SYS_fchmodat, { AT_FDCWD, PTR("/nonexistent/x"), 0777 } },
	{ "renameat2", SYS_renameat2, { AT_FDCWD, PTR("/nonexistent/x") } },
};

/* Of any parent. */
static const struct probe probes_parent[] = {
	{ "socket udp", SYS_socket, { AF_INET, SOCK_DGRAM } },
	{ "socket raw", SYS_socket, { AF_INET6, SOCK_RAW } },
	{ "socket netlink", SYS_socket, { AF_NETLINK, SOCK_RAW } },
	{ "socket vsock", SYS_socket, { AF_VSOCK, SOCK_STREAM } },
	{ "ptrace", SYS_ptrace, { PTRACE_TRACEME } },
	{ "process_vm_readv", SYS_process_vm_readv, { 0 } },
	{ "pidfd_getfd", SYS_pidfd_getfd, { 0 } },
	{ "kill term", SYS_kill, { 1, SIGTERM } },
	{ "open to write", SYS_openat, { AT_FDCWD, PTR("/dev/null"),
	    O_WRONLY } },
	{ "openat2", SYS_openat2, { AT_FDCWD, PTR("/"), 0, 0 } },
	{ "open to create", SYS_openat, { AT_FDCWD, PTR("/nonexistent/x"),
	    O_RDONLY | O_CREAT, 0600 } },
	{ "execve", SYS_execve, { PTR("/bin/true") } },
	{ "execveat path", SYS_execveat, { AT_FDCWD, PTR("/bin/true"), 0, 0,
	    0 } },
	{ "clone newuser", SYS_clone, { CLONE_NEWUSER | SIGCHLD } },
	{ "unshare", SYS_unshare, { CLONE_NEWNS } },
	{ "setns", SYS_setns, { 0 } },
	{ "mount", SYS_mount, { 0 } },
	{ "pivot_root", SYS_pivot_root, { 0 } },
	{ "mmap rwx", SYS_mmap, { 0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1 } },
	{ "mprotect rwx", SYS_mprotect, { 0, 4096,
	    PROT_READ | PROT_WRITE | PROT_EXEC } },
	{ "memfd_create", SYS_memfd_create, { PTR("x") } },
	{ "io_uring_setup", SYS_io_uring_setup, { 1 } },
	{ "bpf", SYS_bpf, { 0 } },
	{ "init_module", SYS_init_module, { 0 } },
	{ "renameat2 exchange", SYS_renameat2, { AT_FDCWD,
	    PTR("/nonexistent/x"), AT_FDCWD, PTR("/nonexistent/y"),
	    RENAME_EXCHANGE } },
	{ "linkat", SYS_linkat, { AT_FDCWD, PTR("/nonexistent/x") } },
	{ "mkdirat", SYS_mkdirat, { AT_FDCWD, PTR("/nonexistent/x") } },
	{ "prctl securebits", SYS_prctl, { PR_SET_SECUREBITS, 0 } },
	{ "prlimit64 other", SYS_prlimit64, { 1 } },
	{ "no such call", 1023, { 0 } },
#ifdef __x86_64__
	{ "x32 getpid", SYS_getpid | 0x40000000, { 0 } },
#endif
};

const struct probe *
probe_get(enum role role, size_t i)
{
	if (role == ROLE_FILTER)
		return (i < NPROBES(probes_filter) ? &probes_filter[i] : NULL);
	if (role == ROLE_PARENT) {
		if (i < NPROBES(probes_listening))
			return (&probes_listening[i]);
		i -= NPROBES(probes_listening);
	}
	return (i < NPROBES(probes_parent) ? &probes_parent[i] : NULL);
}
