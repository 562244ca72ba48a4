/* SPDX-License-Identifier: ISC */

/*
 * Identity, resource limits, capabilities and landlock(7) of both processes;
 * the system calls are in seccomp.c.  The filter gives up everything for
 * good and proves it; the parent keeps what confining the next filter takes.
 * The capability calls are made directly, so that libcap is not needed.
 */

#include "sandbox.h"

#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <linux/capability.h>

#include <bsd/string.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "users.h"

/* What confining a filter takes, and reaching a socket that is not root's. */
#define CAPS_CONFINE	(CAP_BIT(CAP_SETUID) | CAP_BIT(CAP_SETGID) | \
			    CAP_BIT(CAP_SYS_CHROOT) | CAP_BIT(CAP_SETPCAP))
#define CAPS_REACH	CAP_BIT(CAP_DAC_OVERRIDE)
/* Opening a listener that a reload adds, or changing its owner. */
#define CAPS_RELOAD	(CAP_BIT(CAP_NET_BIND_SERVICE) | CAP_BIT(CAP_CHOWN))
/* Directories that root may enter only because it is root. */
#define CAPS_PATHS	CAP_BIT(CAP_DAC_READ_SEARCH)
#define CAP_BIT(cap)	((uint64_t)1 << (cap))

/* The rights by ABI; the header of Linux 6.1 knows the first three only. */
#define LL_FS_ABI1	(((uint64_t)1 << 13) - 1)
#define LL_FS_REFER	((uint64_t)1 << 13)	/* ABI 2 */
#define LL_FS_TRUNCATE	((uint64_t)1 << 14)	/* ABI 3 */
#define LL_NET_TCP	((uint64_t)3)		/* ABI 4: bind, connect */
#define LL_FS_IOCTL_DEV	((uint64_t)1 << 15)	/* ABI 5 */
#define LL_SCOPE_ALL	((uint64_t)3)		/* ABI 6: abstract, signals */
#define LL_VERSION	1U			/* flag: tell the ABI */

/* As in landlock(7) from ABI 6 on; an older kernel takes a shorter one. */
struct ll_ruleset {
	uint64_t	fs;
	uint64_t	net;
	uint64_t	scoped;
};

static void	 limit(int, rlim_t, const char *);
static rlim_t	 limit_nofile(rlim_t, bool);
static bool	 dir_is_empty(int);
static void	 bound_caps(uint64_t);
static void	 caps_missing(uint64_t) __attribute__((noreturn));
static uint64_t	 get_caps(void);
static void	 set_caps(uint64_t, uint64_t);
static void	 check_ids(const struct sandbox_user *);
static void	 bind_process(pid_t);
static bool	 reachable(const char *);
static size_t	 ll_rights(long, struct ll_ruleset *);

int
sandbox_lookup(const char *name, struct sandbox_user *user, int *fellback)
{
	*fellback = 0;
	if (users_find(name, &user->uid, &user->gid) == -1) {
		*fellback = 1;
		if (users_find("nobody", &user->uid, &user->gid) == -1)
			return (-1);
	}
	return (user->uid == 0 || user->gid == 0 ? -1 : 0);
}

/* By descriptor, so that what was checked is what becomes the root. */
void
sandbox_chroot(const char *dir)
{
	struct stat	 st;
	int		 fd;

	fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1)
		fatal("chroot directory %s", dir);
	if (fstat(fd, &st) == -1)
		fatal("chroot directory %s", dir);
	if (st.st_uid != 0 || (st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		fatalx("chroot directory %s: must belong to root and be "
		    "writable by nobody else", dir);
	if (!dir_is_empty(fd))
		fatalx("chroot directory %s: must be empty", dir);
	if (fchdir(fd) == -1 || chroot(".") == -1 || chdir("/") == -1)
		fatal("chroot %s", dir);
	(void)close(fd);
}

static bool
dir_is_empty(int fd)
{
	struct dirent	*de;
	DIR		*dir;
	bool		 empty = true;
	int		 copy;

	copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (copy == -1 || (dir = fdopendir(copy)) == NULL)
		fatal("chroot directory");
	while (empty && (de = readdir(dir)) != NULL)
		empty = strcmp(de->d_name, ".") == 0 ||
		    strcmp(de->d_name, "..") == 0;
	(void)closedir(dir);
	return (empty);
}

/*
 * The filter logs through the parent, so it never makes a file longer.
 * SIGXFSZ is ignored all the same: standard error may be a file (-d).
 */
rlim_t
sandbox_limits_filter(rlim_t nofile)
{
	(void)signal(SIGXFSZ, SIG_IGN);
	limit(RLIMIT_CORE, 0, "core");
	limit(RLIMIT_MEMLOCK, 0, "memlock");
	if (!sandbox_skipped()) {
		limit(RLIMIT_NPROC, 0, "nproc");
		limit(RLIMIT_FSIZE, 0, "fsize");
	}
	return (limit_nofile(nofile, true));
}

/*
 * No RLIMIT_NPROC: the kernel does not count root's processes.  FSIZE stays
 * when the log goes to a file.
 */
rlim_t
sandbox_limits_parent(rlim_t nofile)
{
	struct stat	 st;

	(void)signal(SIGXFSZ, SIG_IGN);
	limit(RLIMIT_CORE, 0, "core");
	limit(RLIMIT_MEMLOCK, 0, "memlock");
	if (!sandbox_skipped() &&
	    (fstat(STDERR_FILENO, &st) == -1 || !S_ISREG(st.st_mode)))
		limit(RLIMIT_FSIZE, 0, "fsize");
	return (limit_nofile(nofile, false));
}

static void
limit(int what, rlim_t max, const char *name)
{
	struct rlimit	 rl;

	rl.rlim_cur = rl.rlim_max = max;
	if (setrlimit(what, &rl) == -1)
		fatal("setrlimit %s", name);
}

/* forgood: lower the hard limit too.  Returns what holds now. */
static rlim_t
limit_nofile(rlim_t want, bool forgood)
{
	struct rlimit	 rl;

	if (getrlimit(RLIMIT_NOFILE, &rl) == -1)
		fatal("getrlimit nofile");
	rl.rlim_cur = want < rl.rlim_max ? want : rl.rlim_max;
	if (forgood)
		rl.rlim_max = rl.rlim_cur;
	if (setrlimit(RLIMIT_NOFILE, &rl) == -1)
		fatal("setrlimit nofile");
	return (rl.rlim_cur);
}

/*
 * The bounding set first, which needs CAP_SETPCAP; the dumpable flag and the
 * parent-death signal last, since setresuid(2) resets both.
 */
void
sandbox_drop(const struct sandbox_user *user, pid_t parent)
{
	if (user->uid == 0 || user->gid == 0)
		fatalx("the filter must not run as root");
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == -1)
		fatal("ambient capabilities");
	bound_caps(0);
	if (setgroups(1, &user->gid) == -1)
		fatal("setgroups");
	if (setresgid(user->gid, user->gid, user->gid) == -1)
		fatal("setresgid %u", (unsigned int)user->gid);
	if (setresuid(user->uid, user->uid, user->uid) == -1)
		fatal("setresuid %u", (unsigned int)user->uid);
	set_caps(0, 0);
	check_ids(user);
	bind_process(parent);
}

void
sandbox_user(pid_t parent)
{
	if (getuid() == 0 || geteuid() == 0)
		fatalx("root has to be given up, not kept");
	set_caps(0, 0);
	bind_process(parent);
}

/* parent 0: nobody's death ends us. */
static void
bind_process(pid_t parent)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		fatal("no_new_privs");
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == -1)
		fatal("dumpable");
	if (parent == 0)
		return;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == -1)
		fatal("parent-death signal");
	/* A parent that died before the line above sends no signal. */
	if (getppid() != parent)
		fatalx("the parent is gone");
}

/* Every identity is the user's, and there is no way back. */
static void
check_ids(const struct sandbox_user *user)
{
	gid_t	 eg, groups[2], rg, sg;
	uid_t	 eu, ru, su;

	if (getresuid(&ru, &eu, &su) == -1 || ru != user->uid ||
	    eu != user->uid || su != user->uid)
		fatalx("uid was not dropped");
	if (getresgid(&rg, &eg, &sg) == -1 || rg != user->gid ||
	    eg != user->gid || sg != user->gid)
		fatalx("gid was not dropped");
	if (getgroups(2, groups) != 1 || groups[0] != user->gid)
		fatalx("groups were not dropped");
	if (setresuid(0, 0, 0) != -1 || seteuid(0) != -1)
		fatalx("uid 0 can be had again");
	if (setresgid(0, 0, 0) != -1 || setegid(0) != -1)
		fatalx("gid 0 can be had again");
	if (get_caps() != 0 || prctl(PR_CAPBSET_READ, CAP_SETUID) != 0)
		fatalx("capabilities were not dropped");
}

/*
 * Listeners are open by now: binding low ports and changing owners is over,
 * unless there is a configuration file, which may name others on a reload.
 * CAP_DAC_OVERRIDE stays only where connect(2) to the engine's socket fails
 * without it: the socket is another user's (rootless engines, OrbStack).
 * CAP_KILL does not: see sandbox_end().
 */
void
sandbox_parent_caps(const char *engine, unsigned int what)
{
	uint64_t	 have = get_caps(), keep = CAPS_CONFINE;

	if ((have & CAPS_CONFINE) != CAPS_CONFINE)
		caps_missing(have);
	if ((what & SANDBOX_RELOAD) != 0)
		keep |= have & CAPS_RELOAD;
	if ((what & SANDBOX_PATHS) != 0)
		keep |= have & CAPS_PATHS;
	set_caps(have, CAPS_CONFINE);
	if (!reachable(engine))
		keep |= have & CAPS_REACH;
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == -1)
		fatal("ambient capabilities");
	bound_caps(keep);
	set_caps(keep, keep);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		fatal("no_new_privs");
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == -1)
		fatal("dumpable");
}

static void
caps_missing(uint64_t have)
{
	static const struct {
		int		 cap;
		const char	*name;
	} needs[] = {
		{ CAP_SETUID, " SETUID" }, { CAP_SETGID, " SETGID" },
		{ CAP_SYS_CHROOT, " SYS_CHROOT" }, { CAP_SETPCAP, " SETPCAP" }
	};
	char	 names[64] = "";
	size_t	 i;

	for (i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
		if ((have & CAP_BIT(needs[i].cap)) == 0)
			strlcat(names, needs[i].name, sizeof(names));
	fatalx("confining a filter needs the capabilities SETUID, SETGID, "
	    "SYS_CHROOT and SETPCAP; missing:%s", names);
}

/*
 * May connect(2) succeed with the effective set as it is?  A socket that is
 * not there yet counts as reachable.  faccessat2(2) directly: the emulation
 * in the C library takes root's word for it.
 */
static bool
reachable(const char *path)
{
	struct stat	 st;

	if (syscall(SYS_faccessat2, AT_FDCWD, path, W_OK, AT_EACCESS) == 0)
		return (true);
	if (errno == EACCES)
		return (false);
	/* ENOSYS before Linux 5.8, EPERM in old container profiles. */
	if (errno != ENOSYS && errno != EPERM)
		return (true);
	if (stat(path, &st) == -1)
		return (errno != EACCES);
	return (st.st_uid == 0 && (st.st_mode & S_IWUSR) != 0);
}

/*
 * A signal to another user's process needs CAP_KILL or that user's id; the
 * second is had for one call.  Effective capabilities go and come back with
 * the id.  pid must be a child not waited for, or the number may be reused.
 */
int
sandbox_end(pid_t pid, const struct sandbox_user *user)
{
	int	 error, ret;

	if (seteuid(user->uid) == -1)
		return (-1);
	ret = kill(pid, SIGKILL);
	error = errno;
	if (seteuid(0) == -1)
		fatal("seteuid 0");
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	errno = error;
	return (ret);
}

/* Keep no more than these in the bounding set. */
static void
bound_caps(uint64_t keep)
{
	int	 cap, has;

	for (cap = 0; cap < 64; cap++) {
		/* EINVAL: beyond the kernel's last. */
		if ((has = prctl(PR_CAPBSET_READ, cap)) == -1)
			break;
		if (has == 0 || (keep & CAP_BIT(cap)) != 0)
			continue;
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == -1)
			fatal("capability bounding set");
	}
}

/* The permitted set. */
static uint64_t
get_caps(void)
{
	struct __user_cap_header_struct	 hdr;
	struct __user_cap_data_struct	 data[_LINUX_CAPABILITY_U32S_3];

	memset(&hdr, 0, sizeof(hdr));
	hdr.version = _LINUX_CAPABILITY_VERSION_3;
	if (syscall(SYS_capget, &hdr, data) == -1)
		fatal("capget");
	return ((uint64_t)data[1].permitted << 32 | data[0].permitted);
}

static void
set_caps(uint64_t permitted, uint64_t effective)
{
	struct __user_cap_header_struct	 hdr;
	struct __user_cap_data_struct	 data[_LINUX_CAPABILITY_U32S_3];

	memset(&hdr, 0, sizeof(hdr));
	memset(data, 0, sizeof(data));
	hdr.version = _LINUX_CAPABILITY_VERSION_3;
	data[0].permitted = (uint32_t)permitted;
	data[1].permitted = (uint32_t)(permitted >> 32);
	data[0].effective = (uint32_t)effective;
	data[1].effective = (uint32_t)(effective >> 32);
	if (syscall(SYS_capset, &hdr, data) == -1)
		fatal("capset");
}

/*
 * No rule is added, so every right the kernel knows of is refused.  A kernel
 * without landlock, or a container that forbids the question, is the one
 * lack that is put up with: seccomp refuses the same calls.
 */
int
sandbox_landlock(void)
{
	struct ll_ruleset	 rules;
	size_t			 size;
	long			 abi;
	int			 fd;

	abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LL_VERSION);
	if (abi == -1) {
		if (errno == ENOSYS || errno == EOPNOTSUPP || errno == EPERM)
			return (-1);
		fatal("landlock");
	}
	size = ll_rights(abi, &rules);
	fd = (int)syscall(SYS_landlock_create_ruleset, &rules, size, 0);
	if (fd == -1)
		fatal("landlock_create_ruleset");
	if (syscall(SYS_landlock_restrict_self, fd, 0) == -1)
		fatal("landlock_restrict_self");
	(void)close(fd);
	return (0);
}

/* All rights of that ABI; returns the size of the structure it takes. */
static size_t
ll_rights(long abi, struct ll_ruleset *rules)
{
	memset(rules, 0, sizeof(*rules));
	rules->fs = LL_FS_ABI1;
	if (abi >= 2)
		rules->fs |= LL_FS_REFER;
	if (abi >= 3)
		rules->fs |= LL_FS_TRUNCATE;
	if (abi >= 5)
		rules->fs |= LL_FS_IOCTL_DEV;
	if (abi >= 6)
		rules->scoped = LL_SCOPE_ALL;
	if (abi < 4)
		return (offsetof(struct ll_ruleset, net));
	rules->net = LL_NET_TCP;
	return (abi < 6 ? offsetof(struct ll_ruleset, scoped) : sizeof(*rules));
}
