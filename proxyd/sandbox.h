/* SPDX-License-Identifier: ISC */

/*
 * Confinement of both processes.  The order of the calls is that of
 * the filter's main(): identity, chroot, limits, capabilities, landlock,
 * seccomp.  Every function ends the process with fatal() when a mechanism
 * that must hold cannot be had; landlock alone may be missing.
 */

#ifndef SANDBOX_H
#define SANDBOX_H

#include <sys/types.h>
#include <sys/resource.h>

#include <stdbool.h>

/* Who the filter becomes; looked up before chroot(2). */
struct sandbox_user {
	uid_t	uid;
	gid_t	gid;
};

/*
 * The user of that name in /etc/passwd; when there is none, falls back to
 * "nobody" (logged once by the caller).  0, or -1 when neither exists or one
 * of the ids is 0.
 */
int	 sandbox_lookup(const char *name, struct sandbox_user *, int *fellback);

/* chroot(2) to dir, which must be root's, not writable by others, empty. */
void	 sandbox_chroot(const char *dir);

/*
 * Resource limits of the filter: no core, no new process, no file growth,
 * no locked memory, nofile descriptors (clamped to the hard limit).
 * Returns the number of descriptors that may really be open.
 */
rlim_t	 sandbox_limits_filter(rlim_t nofile);
rlim_t	 sandbox_limits_parent(rlim_t nofile);

/*
 * Give up root for good: bounding set, supplementary groups, all ids, all
 * capabilities; asserts that there is no way back.  Then dumpable 0 and
 * PDEATHSIG SIGKILL; parent is compared with getppid(2) afterwards.
 */
void	 sandbox_drop(const struct sandbox_user *, pid_t parent);

/* What the parent does besides, as a set. */
#define SANDBOX_RELOAD	0x01	/* open other listeners */
#define SANDBOX_PATHS	0x02	/* look for symbolic links anywhere */

/*
 * Both processes of "proxyd -n -t" where nobody is root: no_new_privs, no
 * capability, dumpable 0, and with a parent PDEATHSIG as above.  Refuses to
 * run as root, who has more to give up.
 */
void	 sandbox_user(pid_t parent);

/*
 * Parent, once listeners are open: keep only what confining a new filter
 * takes, and CAP_DAC_OVERRIDE if the engine's socket (its path) cannot be
 * reached without; no_new_privs.  For SANDBOX_RELOAD also NET_BIND_SERVICE
 * and CHOWN, for SANDBOX_PATHS DAC_READ_SEARCH, as far as they are there.
 */
void	 sandbox_parent_caps(const char *engine, unsigned int);

/*
 * Parent: SIGKILL to a child that runs as user, for one that does not leave
 * when its channel is closed.  0, or -1 with errno.
 */
int	 sandbox_end(pid_t, const struct sandbox_user *);

/*
 * landlock(7) with every right handled and none granted (filter).
 * 0: enforced; -1: the kernel has none (the caller says so once).
 */
int	 sandbox_landlock(void);

/* seccomp(2), default KILL_PROCESS.  Nothing can be opened afterwards. */
void	 sandbox_seccomp_filter(void);
void	 sandbox_seccomp_parent(unsigned int);

/* Is this a sanitizer build, where seccomp and the limits must be skipped? */
int	 sandbox_skipped(void);

#endif /* SANDBOX_H */
